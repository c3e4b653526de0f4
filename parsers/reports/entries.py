"""Lines that belong to one table of the form, as entries: heads, and labels with the cells behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.documents.model import Cell
from parsers.reports.form import Ref, lookup
from parsers.reports.geometry import Reading
from parsers.reports.lines import Line
from parsers.reports.model import Mark
from parsers.reports.values import is_blank, is_mark, parse

_WORD = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """``refs`` of the last label; ``groups`` are keys of groups that stand before it in the line. ``names`` is the
    label's text. ``cells`` stand behind it. An entry without refs has an unknown label, or none at all."""

    refs: tuple[Ref, ...]
    name: str
    cells: Reading
    slot: int
    line: Line
    groups: tuple[str, ...] = ()

    @property
    def filled(self) -> bool:
        return any(not is_blank(cell.text) for cell in self.cells)

    @property
    def marked(self) -> bool:
        return any(is_mark(cell.text) for cell in self.cells)


def refs_in(cell: Cell, table: int) -> tuple[Ref, ...]:
    return tuple(ref for ref in lookup(cell.text) if ref.table == table)


def is_head(line: Line, table: int) -> bool:
    """A line of column labels: some label that can be nothing else, and no figures."""
    head = False
    for cell in line.cells:
        if is_mark(cell.text):
            return False
        kinds = {ref.kind for ref in refs_in(cell, table)}
        head = head or (bool(kinds) and kinds <= {"column", "head"})
        if "row" in kinds and "column" not in kinds and table != 4:
            return False
    return head


def entry(line: Line, table: int, width: int) -> Entry:
    """The line as one label and its cells. Behind the first label, labels count only in front of the first figure."""
    last, groups = -1, []
    refs: tuple[Ref, ...] = ()
    for n, cell in enumerate(line.cells):
        if is_mark(cell.text):
            if last >= 0:
                break
            # a serial number in front of the label
            continue
        found = tuple(ref for ref in refs_in(cell, table) if ref.kind in ("row", "group"))
        if found:
            groups += [ref.key for ref in refs]
            last, refs = n, found
    if any(ref.kind == "row" for ref in refs):
        while len(line.cells) - last - 1 > width and _goes_on(line.cells[last], line.cells[last + 1], refs):
            last += 1
    elif (unknown := _unknown(line.cells[last + 1 :], width)) is not None:
        groups += [ref.key for ref in refs]
        last, refs = last + 1 + unknown, ()
    return Entry(
        refs,
        line.cells[last].text if last >= 0 else "",
        line.cells[last + 1 :],
        line.starts[last] if last >= 0 else -1,
        line,
        tuple(groups),
    )


def _goes_on(label: Cell, cell: Cell, refs: tuple[Ref, ...]) -> bool:
    """The second half of a label in a cell of its own: 部分公开, （区分处理的…）."""
    return parse(cell.text)[1] is Mark.TEXT and lookup(label.text + cell.text)[: len(refs)] == refs


def _unknown(cells: Sequence[Cell], width: int) -> int | None:
    """Position of a label that nobody knows: the last words in front of at least ``width`` cells."""
    found = None
    for n, cell in enumerate(cells):
        mark = parse(cell.text)[1]
        if mark is Mark.TEXT and len(_WORD.findall(cell.text)) > 1:
            if len(cells) - n - 1 >= width:
                found = n
        elif mark is not Mark.BLANK:
            break
    return found
