"""Table 2: proactive disclosure. Blocks of rows, each below a head of its own; the head's labels tell the edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.documents.model import Cell
from parsers.reports.entries import Entry, entry, is_head, refs_in
from parsers.reports.form import FormRow, FormTable, form
from parsers.reports.geometry import Reading, no_identity
from parsers.reports.labels import normalise
from parsers.reports.lines import Line
from parsers.reports.model import Edition
from parsers.reports.reading import TableReading, by_column, extra_of, row_of, settle, value_of
from parsers.reports.values import in_other_money, is_blank, is_mark, parse

EDITIONS: tuple[Edition, ...] = ("2021", "2019")
MIN_LABELS = 4
MONEY = "amount_10k_yuan"
BACK = 2
_ORDER = {row.key: n for n, row in enumerate(form("2019").table(2).rows)}


@dataclass(frozen=True, slots=True)
class _Head:
    """``columns`` are the keys of the columns behind 信息内容, None for an unknown one; ``labels`` are their words."""

    columns: tuple[str | None, ...]
    labels: tuple[str, ...]
    slots: tuple[int, ...]
    grid: int
    first: int
    """The slot of 信息内容, -1 if it is not there."""


@dataclass(slots=True)
class _Copy:
    rows: list[tuple[str, Entry, _Head | None]] = field(default_factory=list)
    unknown: list[tuple[Entry, _Head | None]] = field(default_factory=list)
    heads: list[_Head] = field(default_factory=list)
    articles: set[str] = field(default_factory=set)
    last: int = -1


def read_2(lines: Sequence[Line]) -> list[TableReading | None]:
    return [_read(copy) for copy in _copies(lines)]


def _copies(lines: Sequence[Line]) -> list[_Copy]:
    copies = [_Copy()]
    head: _Head | None = None
    for line in lines:
        copy = copies[-1]
        if is_head(line, 2):
            head = _head(line, head if not copy.rows or copy.rows[-1][2] is not head else None)
            copy.heads.append(head)
            continue
        item = entry(line, 2, 1)
        rows = [ref.key for ref in item.refs if ref.kind == "row"]
        if not rows:
            groups = [ref.key for ref in item.refs]
            if groups and groups[0] in copy.articles and copy.last > _ORDER[groups[0]] + BACK:
                copies.append(_Copy())
                copy = copies[-1]
            if groups:
                copy.articles.add(groups[0])
                head = None
            elif item.marked and item.name:
                copy.unknown.append((item, head))
            continue
        key = rows[0]
        if copy.last - _ORDER[key] > BACK and any(known == key for known, _, _ in copy.rows):
            copies.append(_Copy())
            copy = copies[-1]
        copy.last = _ORDER[key]
        copy.rows.append((key, item, head))
    return copies


def _head(line: Line, above: _Head | None) -> _Head:
    """A head may be split over two lines (本年新 / 制作数量): the second line completes the first."""
    cells = [
        (start, cell)
        for start, cell in zip(line.starts, line.cells, strict=True)
        if not is_blank(cell.text) and not any(ref.kind == "head" for ref in refs_in(cell, 2))
    ]
    if above is not None and above.grid == line.grid and len(cells) == len(above.labels) and None in above.columns:
        joined = tuple(upper + cell.text for upper, (_, cell) in zip(above.labels, cells, strict=True))
        return _Head(tuple(_column(Cell(text, "")) for text in joined), joined, above.slots, line.grid, above.first)
    return _Head(
        tuple(_column(cell) for _, cell in cells),
        tuple(cell.text for _, cell in cells),
        tuple(start for start, _ in cells),
        line.grid,
        next(
            (
                start
                for start, cell in zip(line.starts, line.cells, strict=True)
                if any(ref.kind == "head" for ref in refs_in(cell, 2))
            ),
            -1,
        ),
    )


def _column(cell: Cell) -> str | None:
    keys = [ref.key for ref in refs_in(cell, 2) if ref.kind == "column"]
    return keys[0] if keys else None


def _read(copy: _Copy) -> TableReading | None:
    keys = {key for key, _, _ in copy.rows}
    named = {column for head in copy.heads for column in head.columns if column}
    if not keys or (len(keys) < MIN_LABELS and not (named or copy.articles)):
        return None
    reading = TableReading(2, None, labels=len(keys) + len(named) + len(copy.articles))
    edition = _edition(copy)
    if edition is None:
        reading.refused = "its heads are missing or of no known edition"
        return reading
    reading.edition = edition
    table = form(edition).table(2)
    _values(copy, table, reading)
    for item, head in copy.unknown:
        labels = head.labels if head else ()
        for n, cell in enumerate(cell for cell in item.cells if not is_blank(cell.text)):
            reading.extras.append(extra_of(2, item.name, labels[n] if n < len(labels) else "", "", cell))
    return reading


def _edition(copy: _Copy) -> Edition | None:
    """By the labels of the heads; where no head is left, by rows that only one edition has."""
    score = dict.fromkeys(EDITIONS, 0)
    own = {e: {c.key for c in form(e).table(2).columns} for e in EDITIONS}
    rows = {e: set(form(e).table(2).by_row) for e in EDITIONS}
    for edition, other in (EDITIONS, EDITIONS[::-1]):
        score[edition] += sum(
            2 for head in copy.heads for column in head.columns if column in own[edition] - own[other]
        )
        score[edition] += sum(1 for key, _, _ in copy.rows if key in rows[edition] - rows[other])
    if score["2021"] == score["2019"]:
        return _edition_by_width(copy) if not score["2021"] else None
    return max(EDITIONS, key=score.__getitem__)


def _edition_by_width(copy: _Copy) -> Edition | None:
    """行政许可 has one figure in 2021 and three in 2019."""
    widths = {
        sum(not is_blank(cell.text) for cell in item.cells)
        for key, item, _ in copy.rows
        if key in ("licensing", "penalties", "compulsory_measures")
    }
    if widths == {1}:
        return "2021"
    return "2019" if widths == {3} else None


def _values(copy: _Copy, table: FormTable, reading: TableReading) -> None:
    plans: dict[str, tuple[str, ...]] = {}
    yuan: set[str] = set()
    rows = []
    for key, item, head in copy.rows:
        if key not in table.by_row:
            reading.extras += [extra_of(2, item.name, "", "", cell) for cell in item.cells if is_mark(cell.text)]
            continue
        columns = _columns(table.by_row[key], head)
        if columns is None:
            reading.notes.append(f"table 2, {table.by_row[key].label}: not read, its head is of another edition")
            continue
        if key in plans and plans[key] != columns:
            continue
        plans[key] = columns
        if head is not None and any(map(in_other_money, head.labels)):
            yuan.add(key)
        column = _below(item, head, len(columns)) if head is not None else None
        rows.append(row_of(key, item, len(columns), column, table.by_row[key].parent))
    settled = settle(rows, no_identity, table, reading)
    found = len({row.key for row in rows})
    if not settled or (len(settled) * 2 < found and not any(row.lossy for row in rows)):
        reading.refused = f"only {len(settled)} of {found} rows fit their columns"
        return
    for key, row in table.by_row.items():
        if key not in plans:
            reading.notes.append(f"table 2: the row {row.label} is not there")
        elif key in settled:
            _emit(row, plans[key], settled[key], key in yuan, reading)


def _below(item: Entry, head: _Head, width: int) -> Reading | None:
    """The cells below the head's columns. Head and rows of this table have their labels in the same slot even where
    spans are lost, so the slots can be trusted if those labels do stand one below the other."""
    if len(head.slots) != width or head.grid != item.line.grid:
        return None
    return by_column(item, head.slots, trusted=item.slot == head.first)


def _emit(row: FormRow, columns: tuple[str, ...], cells: Reading, yuan: bool, reading: TableReading) -> None:
    """``yuan``: the head counts in 元. What is not in the form's 万元 is no value of the form: kept, never scaled."""
    placed = dict(zip(columns, cells, strict=True))
    cell = placed.get(MONEY)
    if cell is not None and parse(cell.text)[0] and (yuan or in_other_money(cell.text)):
        reading.notes.append(f"table 2, {row.label}: {cell.text} is not in 万元")
        reading.extras.append(extra_of(2, row.label, "", "元", placed.pop(MONEY)))
    reading.values += [value_of(2, row.key, key, placed[key]) for key in row.columns if key in placed]
    for label, cell in placed.items():
        if label not in row.columns and parse(cell.text)[0] is not None:
            reading.extras.append(extra_of(2, row.label, label, "", cell))


def _columns(row: FormRow, head: _Head | None) -> tuple[str, ...] | None:
    """The columns behind the label: as the head says, else as the form says. None if the head is of another edition."""
    if head is None or not any(head.columns):
        return row.columns
    known = [column for column in head.columns if column]
    if not set(known) <= set(row.columns):
        # a head left standing from the block above, because this block's own is lost
        return row.columns if not set(known) & set(row.columns) and len(row.columns) == 1 else None
    if len(head.columns) == len(row.columns):
        # 本年新 twice, its second line lost: what is known must stand where the form has it
        if len(known) < len(row.columns):
            fits = all(c is None or c == official for c, official in zip(head.columns, row.columns, strict=True))
            return row.columns if fits else None
        return tuple(known) if len(set(known)) == len(known) else None
    return tuple(c or normalise(label) for c, label in zip(head.columns, head.labels, strict=True))
