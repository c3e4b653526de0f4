"""What one document may cost inside a reader. Time and memory of the whole process are bounded by the crawler."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``bytes`` of the body and of everything unpacked from it, ``pages``, ``cells`` of all grids together (spanned
    slots count), ``members`` of an archive, ``ratio`` of unpacked to packed bytes, ``depth`` of archives in archives.
    Passing one raises ``Unread("too_large")``, an impossible ratio or depth ``Unread("unsafe")``.
    """

    bytes: int = 64 * 1024**2
    unpacked: int = 256 * 1024**2
    pages: int = 200
    cells: int = 200_000
    members: int = 500
    ratio: int = 200
    depth: int = 2


DEFAULT = Limits()
