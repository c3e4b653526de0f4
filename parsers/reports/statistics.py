"""Table 1: the statistics of 2014 to 2018, columns 统计指标, 单位 and 统计数."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from parsers.documents.model import Cell
from parsers.reports.entries import refs_in
from parsers.reports.form import form
from parsers.reports.labels import normalise
from parsers.reports.lines import Line
from parsers.reports.model import Mark
from parsers.reports.reading import TableReading, extra_of, same, value_of
from parsers.reports.values import clean, in_other_money, is_blank, is_mark, parse

TABLE = form("2014").table(1)
MIN_ROWS = 8
# columns that the national table does not have
_LOCAL = frozenset(("代码", "编号", "本期实际", "本年累计"))
_OTHER_YEAR = re.compile(r"去年|上年|上一年|前一年|增减|同比|增长|累计")  # 上年数, 比上年增减
_THIS_YEAR = re.compile(r"本年|今年|当年|统计数|数量")  # 本年数, 本年度统计数
BACK = 12
UNITS = frozenset(row.unit for row in TABLE.rows if row.unit) | {"份", "宗", "起", "名", "期", "场", "元", "项"}
_ORDER = {row.key: n for n, row in enumerate(TABLE.rows)}
_GROUPS = {row.key for row in TABLE.rows if not row.columns}


@dataclass(slots=True)
class _Copy:
    cells: dict[str, Cell] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    extras: list[tuple[str, str, Cell]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    last: int = -1
    headed: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class _Segment:
    """A label with what stands behind it; ``keys`` are the rows it may name."""

    label: str
    keys: tuple[str, ...]
    unit: str
    cells: tuple[Cell, ...]


def read_1(lines: Sequence[Line]) -> list[TableReading | None]:
    copies = [_Copy()]
    for _, grid in groupby(lines, key=lambda line: line.grid):
        rows = []
        barred: frozenset[int] = frozenset()
        for line in grid:
            heads = [ref for cell in line.cells for ref in refs_in(cell, 1) if ref.kind in ("head", "column")]
            if heads and not _figures(line):
                copies[-1].headed = True
                copies[-1].local = any(normalise(cell.text) in _LOCAL for cell in line.cells)
                barred = _other_years(line)
            else:
                rows.append(list(_segments(line, barred)))
        for segment in _in_order(rows):
            copy = copies[-1]
            key = _scoped(segment.keys, copy.last)
            if key and key in copy.seen and copy.last - _ORDER[key] > BACK:
                copy = _Copy(headed=True)
                copies.append(copy)
            _take(copy, segment, key)
    return [_read(copy) for copy in copies]


def _in_order(rows: Sequence[Sequence[_Segment]]) -> Iterator[_Segment]:
    """Row by row, or panel by panel where a page prints two columns of rows side by side."""
    panels = max(map(len, rows), default=0)
    if panels > 1 and sum(len(row) > 1 for row in rows) * 2 >= len(rows):
        for n in range(panels):
            yield from (row[n] for row in rows if n < len(row))
    else:
        for row in rows:
            yield from row


def _figures(line: Line) -> bool:
    return any(parse(cell.text)[1] is Mark.NUMBER for cell in line.cells)


def _other_years(head: Line) -> frozenset[int]:
    """Slots of the columns that hold another year's figures or a difference, where one for this year stands beside."""
    named = [(start, normalise(cell.text)) for start, cell in zip(head.starts, head.cells, strict=True)]
    barred = frozenset(start for start, words in named if _OTHER_YEAR.search(words))
    return barred if any(_THIS_YEAR.search(words) for start, words in named if start not in barred) else frozenset()


def _segments(line: Line, barred: frozenset[int] = frozenset()) -> Iterator[_Segment]:
    """Each label of the line with its unit and the cells behind it, but none of the slots ``barred``."""
    label, unit = "", ""
    keys: tuple[str, ...] = ()
    cells: list[Cell] = []
    for start, cell in zip(line.starts, line.cells, strict=True):
        if start in barred:
            continue
        text = clean(cell.text).replace(" ", "")
        named = tuple(ref.key for ref in refs_in(cell, 1) if ref.kind in ("row", "group"))
        words = parse(cell.text)[1] is Mark.TEXT and text not in UNITS
        if named or (words and not text[0].isdigit()):
            if label:
                yield _Segment(label, keys, unit, tuple(cells))
            label, keys, unit, cells = cell.text, named, "", []
        elif label and text in UNITS and not unit:
            unit = text
        elif label:
            cells.append(cell)
    if label:
        yield _Segment(label, keys, unit, tuple(cells))


def _scoped(keys: Sequence[str], last: int) -> str:
    """Labels repeat (（三）其他情形数 twice): the next one in official order is meant."""
    if not keys:
        return ""
    later = [key for key in keys if _ORDER[key] > last]
    return min(later or keys, key=_ORDER.__getitem__)


def _take(copy: _Copy, segment: _Segment, key: str) -> None:
    label, unit, cells = segment.label, segment.unit, segment.cells
    # the unit of a group is written as a dash and stands in front of the place of a figure
    figures = [cell for cell in cells if not is_blank(cell.text)]
    if key:
        copy.last = _ORDER[key]
        copy.seen.add(key)
    if key in _GROUPS:
        return
    if not key:
        copy.extras += [(label, unit, cell) for cell in figures if is_mark(cell.text)][:1]
        return
    if len(figures) > 1 and not unit and parse(figures[0].text)[1] is Mark.DASH:
        figures = figures[1:]
    if len(figures) > 1:
        copy.notes.append(
            f"table 1, {TABLE.by_row[key].label}: not read, {len(figures)} figures where the form has one"
        )
        return
    cell = figures[0] if figures else (cells[-1] if cells else None)
    if cell is None:
        return
    row = TABLE.by_row[key]
    if row.unit == "万元" and parse(cell.text)[0] and (in_other_money(unit) or in_other_money(cell.text)):
        copy.notes.append(f"table 1, {row.label}: {cell.text} is not in 万元")
        copy.extras.append((label, "元", cell))
        return
    if key in copy.cells and not same([copy.cells[key]], [cell]):
        copy.notes.append(f"table 1, {TABLE.by_row[key].label}: stands twice with different figures, the first is kept")
        return
    copy.cells[key] = cell


def _read(copy: _Copy) -> TableReading | None:
    # a local table shares some labels with the national one
    if copy.local or len(copy.seen) < max(len(copy.extras), 3 if copy.headed else MIN_ROWS):
        return None
    reading = TableReading(1, "2014", notes=copy.notes, labels=len(copy.seen))
    if len(copy.seen) < MIN_ROWS:
        reading.refused = f"only {len(copy.seen)} of the form's rows are there"
        return reading
    for key in TABLE.by_row:
        if key in copy.cells:
            reading.values.append(value_of(1, key, "value", copy.cells[key]))
    reading.extras += [extra_of(1, label, "", unit, cell) for label, unit, cell in copy.extras]
    return reading
