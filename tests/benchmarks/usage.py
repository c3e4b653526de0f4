"""CPU of a command with everything that it started, also of processes that outlived their parent for a moment."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: an orphan becomes our child, and its times are counted when it is waited for


@dataclass(slots=True)
class Usage:
    """CPU seconds, user and system; known when the block has ended."""

    seconds: float = 0.0


def spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


@contextmanager
def usage() -> Iterator[Usage]:
    """CPU of all processes that were started in the block and have ended after it; waits for each of them."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    found, before = Usage(), spent()
    yield found
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    found.seconds = spent() - before
