"""sqlite-utils without numpy and pandas.

It loads both where they are installed, only to know their types when it sees them; nothing here hands it any, and they
cost every process that stores anything half a second and 60 MB.
"""

from __future__ import annotations

import sys

HEAVY = ("numpy", "pandas")

_before = {name: sys.modules.get(name) for name in HEAVY}
for _name in HEAVY:
    if _before[_name] is None:
        sys.modules[_name] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database
    from sqlite_utils.db import Queryable
finally:
    for _name in HEAVY:
        if _before[_name] is None:
            del sys.modules[_name]

__all__ = ["Database", "Queryable"]
