"""The pieces of a table that has lost its grid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from parsers.documents.model import Cell
from parsers.reports.form import Ref


class Kind(Enum):
    LABEL = "label"
    MARK = "mark"  # a number, a dash, a slash or 无
    BLANK = "blank"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """``lines`` are the numbers of the lines it stands in. ``lossy``: in its line blank cells cannot be seen."""

    kind: Kind
    cell: Cell
    refs: tuple[Ref, ...]
    lines: tuple[int, ...]
    lossy: bool = False
