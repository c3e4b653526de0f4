"""What the readers of the single tables share: their result, and how chosen rows become values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.documents.model import Cell
from parsers.reports.entries import Entry
from parsers.reports.form import FormTable
from parsers.reports.geometry import Identity, Reading, Row, choose
from parsers.reports.model import Edition, Extra, Mark, Value
from parsers.reports.values import is_blank, parse


@dataclass(slots=True)
class TableReading:
    """One copy of one table. ``edition`` is None when its labels are those of two editions. ``labels`` counts the
    labels of the form that were found."""

    number: int
    edition: Edition | None
    values: list[Value] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: str = ""
    labels: int = 0

    def contents(self) -> set[tuple[str, str, int | float | None, Mark]]:
        return {(value.row, value.column, value.value, value.mark) for value in self.values}

    def figures(self) -> int:
        return sum(value.mark is not Mark.BLANK for value in self.values)


def value_of(table: int, row: str, column: str, cell: Cell) -> Value:
    value, mark = parse(cell.text, column == "items_change")
    return Value(table, row, column, value, mark, cell.text, cell.place, cell.doubt)


def extra_of(table: int | None, label: str, column: str, unit: str, cell: Cell) -> Extra:
    value, mark = parse(cell.text)
    return Extra(table, label, column, unit, value, mark, cell.text, cell.place)


def same(a: Sequence[Cell], b: Sequence[Cell]) -> bool:
    return [parse(cell.text) for cell in a] == [parse(cell.text) for cell in b]


def row_of(key: str, item: Entry, width: int, column: Reading | None = None, kind: str = "") -> Row:
    return Row(
        key,
        item.cells,
        width,
        item.slot,
        column,
        item.line.lossy,
        item.line.loose,
        item.line.cells[0].place if item.line.cells else "",
        kind,
    )


def settle(rows: Sequence[Row], identity: Identity, labels: FormTable, reading: TableReading) -> dict[str, Reading]:
    """The reading of each row that has one; refused rows become notes, and so do rows printed twice that differ."""
    settled: dict[str, Reading] = {}
    twice: set[str] = set()
    for chosen in choose(rows, identity):
        key = chosen.row.key
        label = labels.by_row[key].label if key in labels.by_row else key
        if chosen.cells is None:
            reading.notes.append(f"table {labels.number}, {label}: not read, {chosen.why}")
        elif key in settled and not same(settled[key], chosen.cells):
            if all(is_blank(cell.text) for cell in settled[key]):
                settled[key] = chosen.cells
            elif any(not is_blank(cell.text) for cell in chosen.cells):
                twice.add(key)
        else:
            settled.setdefault(key, chosen.cells)
    for key in twice:
        del settled[key]
        reading.notes.append(
            f"table {labels.number}, {labels.by_row[key].label}: not read, stands twice with different figures"
        )
    return settled


def by_column(item: Entry, slots: Sequence[int], *, trusted: bool = False) -> Reading | None:
    """The cells below the columns of a head, if each is a cell of its own behind the label; or one blank cell that is
    drawn over several columns. None in a grid whose spans are lost: there the head's columns mean nothing
    unless the caller knows better (``trusted``)."""
    if not (item.line.drawn or trusted):
        return None
    cells = [item.line.slots[slot] if slot < len(item.line.slots) else None for slot in slots]
    found = tuple(cell for cell in cells if cell is not None)
    if len(found) < len(slots):
        return None
    behind = {id(cell) for cell in item.cells}
    if len(behind) < len(slots) and all(is_blank(cell.text) for cell in found):
        return found
    if len({id(cell) for cell in found}) < len(slots) or not all(id(cell) in behind for cell in found):
        return None
    return found
