"""A wall clock that jumps, for a process whose PYTHONPATH leads here: what the file ``CLOCK_JUMP`` says is added to it.

The clock that only measures (``time.monotonic``) goes on as it is, as on a machine whose time somebody sets.
"""

import datetime
import os
import time
from datetime import datetime as _datetime
from pathlib import Path

_time = time.time
_jump = Path(os.environ["CLOCK_JUMP"])


def _now() -> float:
    return _time() + float(_jump.read_text(encoding="ascii"))


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime)


class _Jumping(_datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _datetime:  # type: ignore[override]
        return _datetime.fromtimestamp(_now(), tz)


time.time = _now
datetime.datetime = _Jumping  # type: ignore[misc]
