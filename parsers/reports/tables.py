"""The tables of the form in a document: found by their labels, read row by row, refused with a reason if they
do not fit.

Which edition a table follows is decided by its own labels, never by the year; one document may mix editions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parsers.reports.form import lookup
from parsers.reports.lines import Line
from parsers.reports.local import read_local
from parsers.reports.model import Extra, Table, Value
from parsers.reports.reading import TableReading
from parsers.reports.statistics import read_1
from parsers.reports.streams import long_rows, text_rows
from parsers.reports.table2 import read_2
from parsers.reports.table3 import read_3, turned
from parsers.reports.table4 import read_4
from parsers.reports.unfold import unfold
from parsers.reports.values import is_blank, is_mark

READERS = {1: read_1, 2: read_2, 3: read_3, 4: read_4}
GAP = 12
"""A grid without labels continues the table before it if no more lines of text than this stand between (a page cut)."""


@dataclass(frozen=True, slots=True)
class Tables:
    """``consumed`` are the numbers of the text lines that are cells of tables, ``cut`` the lines that keep only what
    stands before and behind a table in running text."""

    tables: tuple[Table, ...]
    values: tuple[Value, ...]
    extras: tuple[Extra, ...]
    notes: tuple[str, ...]
    consumed: frozenset[int]
    cut: dict[int, str] = field(default_factory=dict)
    labels: int = 0
    """How many labels of the form were found, for judging whether this is a report at all."""


def read_tables(lines: Sequence[Line]) -> Tables:
    rows, consumed = text_rows(lines)
    tagged = _tag([*_ordered(lines, rows)])
    readings, leftover = _readings(tagged)
    cut: dict[int, str] = {}
    missing = {2, 3, 4} - {reading.number for reading in readings if not reading.refused}
    if missing and not any(reading.number == 1 for reading in readings):
        found, cut = long_rows(lines, missing)
        if found:
            more, _ = _readings(_tag(found))
            got = {reading.number for reading in more}
            readings = [reading for reading in readings if reading.number not in got] + more
            if all(reading.refused for reading in more):
                cut = {}  # no figure was taken out of these lines: they stay part of the text
    return _compose(readings, read_local(leftover), frozenset(consumed), cut)


def _ordered(lines: Sequence[Line], rows: dict[int, list[Line]]) -> Iterable[Line]:
    """Grid rows as they stand, text lines only as the rows that were rebuilt from them, others as an empty mark."""
    for n, line in enumerate(lines):
        if n in rows:
            yield from rows[n]
        elif line.grid:
            yield from unfold(line)
        else:
            yield line


def _compose(readings: list[TableReading], local: list[Extra], consumed: frozenset[int], cut: dict[int, str]) -> Tables:
    best, notes = _one_each(readings)
    _settle_editions(best)
    for reading in best:
        notes += reading.notes
    return Tables(
        tuple(Table(reading.number, reading.edition or "2021", reading.refused) for reading in best),
        tuple(value for reading in best if not reading.refused for value in reading.values),
        (*(extra for reading in best for extra in reading.extras), *local),
        tuple(notes),
        consumed,
        cut,
        sum(reading.labels for reading in readings),
    )


def _one_each(readings: list[TableReading]) -> tuple[list[TableReading], list[str]]:
    """One reading for each table: pages for desktop and telephone print the same table twice."""
    notes: list[str] = []
    best: dict[int, TableReading] = {}
    for reading in readings:
        other = best.get(reading.number)
        if other is None:
            best[reading.number] = reading
            continue
        if not other.refused and not reading.refused and other.contents() != reading.contents():
            notes.append(f"table {reading.number} is printed twice with different figures; the fuller one is kept")
        if (not reading.refused, reading.figures()) > (not other.refused, other.figures()):
            best[reading.number] = reading
    return [best[number] for number in sorted(best)], notes


def _settle_editions(readings: list[TableReading]) -> None:
    """A table whose labels are the same in two editions follows its neighbours."""
    known = [reading.edition for reading in readings if reading.edition]
    for reading in readings:
        if not reading.edition:
            reading.edition = known[0] if known else "2021"


def _tag(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """Each line with the number of the table it belongs to, 0 for none. Rows without a label of their own belong to
    the table around them."""
    tagged: list[tuple[int, Line]] = []
    current, grid, since = 0, 0, 0
    for line in lines:
        if not line.grid:
            since += 1
            if since > GAP or len(line.text) > 60:
                current = 0
            continue
        if line.grid != grid and not (current and _continues(line, current)):
            current = 0
        grid, since = line.grid, 0
        current = _table_of(line, current)
        tagged.append((current, line))
    return tagged


def _continues(line: Line, table: int) -> bool:
    """A grid that begins without a strong label goes on with the table before it: its first row has figures or weak
    labels of that table."""
    weak = any(ref.table == table for cell in line.cells for ref in lookup(cell.text))
    return weak or sum(is_mark(cell.text) or is_blank(cell.text) for cell in line.cells) >= 5


def _table_of(line: Line, current: int) -> int:
    strong: Counter[int] = Counter()
    for cell in line.cells:
        tables = {ref.table for ref in lookup(cell.text)}
        if len(tables) == 1:
            strong.update(tables)
    if not strong:
        return current
    if strong[current] == max(strong.values()):
        return current
    return strong.most_common(1)[0][0]


def _readings(tagged: list[tuple[int, Line]]) -> tuple[list[TableReading], list[list[Line]]]:
    """Every copy of every table, and the grids that are no table of the form."""
    by_table: dict[int, list[Line]] = {}
    other: dict[int, list[Line]] = {}
    for table, line in tagged:
        (by_table if table else other).setdefault(table or line.grid, []).append(line)
    readings: list[TableReading] = []
    for table, lines in by_table.items():
        if table == 3:
            lines = turned(lines)
        found = [reading for reading in READERS[table](lines) if reading is not None]
        # a local table shares labels with the national one: its figures are kept under its own
        if not found or (table == 1 and all(reading.refused for reading in found)):
            for line in lines:
                other.setdefault(line.grid, []).append(line)
        readings += found
    return readings, [other[grid] for grid in sorted(other)]
