"""Table 3: applications received and handled. Seven columns of applicants, rows by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Indel

from parsers.reports.entries import Entry, entry, is_head, refs_in
from parsers.reports.form import FormTable, form, lookup
from parsers.reports.geometry import Reading, last_is_sum
from parsers.reports.labels import normalise, without_brackets
from parsers.reports.lines import Line
from parsers.reports.model import Edition
from parsers.reports.reading import TableReading, by_column, extra_of, row_of, settle, value_of
from parsers.reports.values import is_blank

WIDTH = 7
MIN_ROWS = 8
"""A table with fewer of the form's 23 or 25 rows is another table, or only a scrap of this one."""
BACK = 3
"""A row so far above the last one begins a second copy of the table."""
LIKENESS = 0.72
MARGIN = 0.12

COLUMNS = tuple(column.key for column in form("2021").table(3).columns)
SUBS = ("other.not_corrected", "other.fee_unpaid", "other.other")
_LATEST = form("2021").table(3)
_ORDER = {row.key: n for n, row in enumerate(_LATEST.rows)}


@dataclass(slots=True)
class _Copy:
    """One copy of the table on its way: entries of rows by key, and the slots of the head's columns by grid."""

    rows: list[tuple[str, Entry]] = field(default_factory=list)
    unknown: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    slots: dict[int, tuple[int, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = COLUMNS
    last: int = -1
    group: str = ""


def read_3(lines: Sequence[Line]) -> list[TableReading | None]:
    """Every copy of the table in these lines; None where the labels are too few for one."""
    return [_read(copy) for copy in _copies(lines)]


def _copies(lines: Sequence[Line]) -> list[_Copy]:
    copies = [_Copy()]
    heads: dict[int, dict[str, tuple[int, int]]] = {}
    pending: Entry | None = None
    for line in lines:
        copy = copies[-1]
        if is_head(line, 3):
            _head(line, heads.setdefault(line.grid, {}), copy)
            continue
        item = entry(line, 3, WIDTH)
        item = _joined(pending, item) if pending is not None else item
        pending = None
        key = _key(item, copy)
        if key is None:
            if item.marked and item.name:
                copy.unknown.append(item)
            elif item.marked:
                copy.notes.append(f"table 3: a row of figures without a label at {line.cells[0].place}")
            elif item.name or item.cells:
                pending = item if not item.filled else None
            continue
        if copy.last - _ORDER[key] > BACK and any(known == key for known, _ in copy.rows):
            copies.append(_Copy(slots=copy.slots, order=copy.order))
            copy = copies[-1]
        copy.group = item.groups[-1] if item.groups else copy.group
        copy.last = _ORDER[key]
        if item.filled or key != "other" or len(item.cells) >= WIDTH:
            copy.rows.append((key, item))
        else:
            copy.group = "other"
        pending = item if not item.filled else None
    return copies


def _head(line: Line, columns: dict[str, tuple[int, int]], copy: _Copy) -> None:
    for start, cell in zip(line.starts, line.cells, strict=True):
        for ref in refs_in(cell, 3):
            if ref.kind == "column" and ref.key not in columns:
                columns[ref.key] = (start, line.grid)
    if len(columns) != WIDTH or line.grid in copy.slots:
        return
    slots = {key: columns[key][0] for key in COLUMNS}
    if len(set(slots.values())) == WIDTH:
        if line.drawn:
            copy.order = tuple(sorted(COLUMNS, key=slots.__getitem__))
        copy.slots[line.grid] = tuple(sorted(slots.values()))


def _joined(before: Entry, item: Entry) -> Entry:
    """A label over two rows, the figures in the second; or a label in one row, the figures alone in the next."""
    if not item.marked or item.refs:
        return item
    if not item.name:
        return replace(before, cells=item.cells, line=item.line) if before.refs else item
    refs = tuple(ref for ref in lookup(before.name + item.name) if ref.table == 3 and ref.kind == "row")
    return replace(item, refs=refs, groups=before.groups) if refs else item


def _key(item: Entry, copy: _Copy) -> str | None:
    """The row that a label means here. ``其他`` and ``总计`` are rows only where the form has them."""
    rows = [ref.key for ref in item.refs if ref.kind == "row"]
    if not rows:
        if item.refs:
            copy.group = item.refs[-1].key
            return None
        return _nearest(item, copy) if item.marked and item.name else None
    key = rows[0]
    if key == "other.other" and not _in_other(item, copy):
        return None
    if key == "outcomes_total" and (copy.last < _ORDER["granted"] or not item.cells):
        return None
    return key


def _in_other(item: Entry, copy: _Copy) -> bool:
    return "other" in item.groups or copy.group == "other" or copy.last in (_ORDER[SUBS[0]], _ORDER[SUBS[1]])


def _nearest(item: Entry, copy: _Copy) -> str | None:
    """A label with a slip of the pen: very like one label of the form, unlike all others, and in its place in the
    official order. Noted, because it is a judgement."""
    normal = without_brackets(normalise(item.name))
    if len(normal) < 5:
        return None
    likeness = sorted(
        (Indel.normalized_similarity(normal, without_brackets(normalise(row.label))), row.key)
        for row in _LATEST.by_row.values()
    )
    (second, _), (best, key) = likeness[-2:]
    fits = copy.last < _ORDER[key] <= copy.last + BACK or any(ref.key == key for ref in item.refs)
    if best < LIKENESS or best - second < MARGIN or not fits:
        return None
    copy.notes.append(f"table 3: {item.name!r} is read as {_LATEST.by_row[key].label!r}")
    return key


def _read(copy: _Copy) -> TableReading | None:
    keys = {key for key, _ in copy.rows}
    if len(keys) < 3:
        return None
    edition = _edition(copy)
    table = form(edition or "2021").table(3)
    reading = TableReading(3, edition, notes=copy.notes, labels=len(keys))
    if len(keys) < MIN_ROWS:
        reading.refused = f"only {len(keys)} of the form's rows are there"
        return reading
    rows = [(key, item) for key, item in copy.rows if key in table.by_row]
    shapes = [row_of(key, item, WIDTH, _column(item, copy), _kind(key)) for key, item in rows]
    settled = settle(shapes, last_is_sum, table, reading)
    # where blank cells vanish, rows without a full set of figures are left out one by one
    lossy = any(row.lossy for row in shapes)
    if not settled or (len(settled) * 2 < len(keys) and not lossy):
        reading.refused = f"only {len(settled)} of {len(keys)} rows fit the seven columns"
        return reading
    for key in table.by_row:
        if key in settled:
            cells = dict(zip(copy.order, settled[key], strict=True))
            reading.values += [value_of(3, key, column, cells[column]) for column in COLUMNS]
    _missing(table, keys, reading)
    _extras(copy, edition, reading)
    return reading


def _edition(copy: _Copy) -> Edition | None:
    """The three rows below （六）其他处理 make it 2021; figures of its own make it 2019."""
    keys = {key for key, _ in copy.rows}
    if keys & set(SUBS):
        return "2021"
    return "2019" if "other" in keys else None


def _column(item: Entry, copy: _Copy) -> Reading | None:
    slots = copy.slots.get(item.line.grid)
    if slots is None or len(item.cells) == WIDTH:
        return None
    return by_column(item, slots)


def _kind(key: str) -> str:
    """Rows whose label stands in the same column of the form: nested ones, the two first, the two behind them."""
    if "." in key and key != "other.other":
        return "nested"
    return {"received": "first", "carried_in": "first", "granted": "second", "partial": "second"}.get(key, key)


def _missing(table: FormTable, keys: set[str], reading: TableReading) -> None:
    for key, row in table.by_row.items():
        if key not in keys:
            reading.notes.append(f"table 3: the row {row.label} is not there")


def _extras(copy: _Copy, edition: Edition | None, reading: TableReading) -> None:
    """Rows that the form does not know, and groups of 2021 that have figures of their own."""
    strays = [(item.name, item) for item in copy.unknown]
    if edition == "2021":
        strays += [(item.name, item) for key, item in copy.rows if key == "other" and item.marked]
    for name, item in strays:
        cells = [cell for cell in item.cells if not is_blank(cell.text)]
        labels = [column.label for column in _LATEST.columns]
        known = cells if len(cells) != WIDTH else item.cells
        if len(cells) == WIDTH or len(item.cells) == WIDTH:
            known = tuple(item.cells) if len(item.cells) == WIDTH else tuple(cells)
            reading.extras += [extra_of(3, name, label, "件", cell) for label, cell in zip(labels, known, strict=True)]
        else:
            reading.extras += [extra_of(3, name, str(n), "件", cell) for n, cell in enumerate(cells, 1)]


def turned(lines: Sequence[Line]) -> list[Line]:
    """Lines of a table printed with its rows as columns, turned round; all others as they are."""
    out: list[Line] = []
    done: set[int] = set()
    for line in lines:
        if line.grid in done:
            continue
        rows = {ref.key for cell in line.cells for ref in refs_in(cell, 3) if ref.kind == "row"}
        if len(rows) < MIN_ROWS or line.grid < 0:
            out.append(line)
            continue
        done.add(line.grid)
        whole = [other for other in lines if other.grid == line.grid]
        out = [other for other in out if other.grid != line.grid]
        width = max(len(other.slots) for other in whole)
        for slot in range(width):
            cells = tuple(
                cell for other in whole if (cell := other.slots[slot] if slot < len(other.slots) else None) is not None
            )
            unique = tuple(cell for n, cell in enumerate(cells) if all(cell is not earlier for earlier in cells[:n]))
            out.append(Line(unique, tuple(range(len(unique))), unique, line.grid))
    return out
