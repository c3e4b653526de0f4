"""Local statistics that no national form knows (mostly before 2014): read as label, unit and value."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.documents.model import Cell
from parsers.reports.form import local_headings
from parsers.reports.labels import normalise
from parsers.reports.lines import Line
from parsers.reports.model import Extra, Mark
from parsers.reports.reading import extra_of
from parsers.reports.statistics import UNITS
from parsers.reports.values import clean, is_blank, parse

MIN_ROWS = 3


def read_local(grids: Sequence[Sequence[Line]]) -> list[Extra]:
    """Rows of grids that are no table of the form: a label, perhaps a unit, and figures below their own headings."""
    return [extra for grid in grids for extra in _grid(grid)]


def _grid(lines: Sequence[Line]) -> list[Extra]:
    head = next((line for line in lines if _is_head(line)), None)
    codes, units = (_slots(head, "code"), _slots(head, "unit")) if head else (set(), set())
    found: list[Extra] = []
    rows = 0
    for line in lines:
        if line is head or not line.cells:
            continue
        extras = _row(line, head, codes, units)
        rows += bool(extras)
        found += extras
    return found if head is not None or rows >= MIN_ROWS else []


def _is_head(line: Line) -> bool:
    words = {normalise(cell.text) for cell in line.cells}
    return bool(words & local_headings()["label"]) and not any(
        parse(cell.text)[1] is Mark.NUMBER for cell in line.cells
    )


def _slots(head: Line, name: str) -> set[int]:
    return {
        start
        for start, cell in zip(head.starts, head.cells, strict=True)
        if normalise(cell.text) in local_headings()[name]
    }


def _row(line: Line, head: Line | None, codes: set[int], units: set[int]) -> list[Extra]:
    """A dash or a slash is a fact too, but only below a heading that makes it the value's."""
    label, unit = "", ""
    found: list[Extra] = []
    for start, cell in zip(line.starts, line.cells, strict=True):
        text = clean(cell.text).replace(" ", "")
        mark = parse(cell.text)[1]
        if start in codes or is_blank(cell.text):
            continue
        if text in UNITS:
            unit = text
        elif mark is Mark.TEXT and not found:
            label = f"{label} {cell.text}".strip()
        elif label and (mark is Mark.NUMBER or (head is not None and mark is not Mark.TEXT and start not in units)):
            found.append(extra_of(None, label, _heading(head, start), unit, cell))
    return found


def _heading(head: Line | None, slot: int) -> str:
    if head is None or slot >= len(head.slots):
        return ""
    cell: Cell | None = head.slots[slot]
    return cell.text if cell is not None else ""
