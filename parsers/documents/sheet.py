"""Workbooks: XLSX, binary XLS and Kingsoft's ET, and the XML workbooks of Excel 2003. Figures are as a reader of the
sheet sees them, not as the computer keeps them (0.5, not 0.50000000000000001; 75.2%, not 0.752)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.documents.content import SECTIONS
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Block, Cell, Document, Grid, Text, Unread
from parsers.documents.sniff import OLE, XLSX

LONG = 60
"""Characters of a lone cell above which it is a paragraph, not the caption of a table."""
SECTION = re.compile(r"\s*[一二三四五六七][、.．]")  # 二、主动公开政府信息情况
MOST_OVERHANG = 30
"""Columns that a merged area may reach beyond the last value: headings over blank columns do."""
BLANK_ROWS = 2
MOST_MERGED_ROWS = 200_000
"""Rows that all merged areas together may reach; an honest area reaches a few dozen."""
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384


@dataclass(slots=True)
class Sheet:
    """Texts by (row, column) from 0; ``merged`` are first row, first column, last row, last column."""

    name: str
    hidden: bool = False
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    blanks: Counter[int] = field(default_factory=Counter)
    """How many cells of a row are formatted but hold nothing."""


def local(name: object) -> str:
    """The name of an element or attribute without its name space: ``{…}row``, and ``r:id`` where the prefix is not
    declared."""
    return str(name).rpartition("}")[2].rpartition(":")[2]


@dataclass(slots=True)
class Store:
    """Cells of all sheets together may be so many. Raises Unread ``too_large``."""

    left: int

    def put(self, sheet: Sheet, row: int, column: int, text: str) -> None:
        if not (0 <= row < MOST_ROWS and 0 <= column < MOST_COLUMNS):
            return
        self.left -= 1
        if self.left < 0:
            raise Unread("too_large", "more cells than the limit")
        sheet.cells[row, column] = text


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Each sheet in turn: lone cells with text become Texts, the others grids. Places count rows and columns of the
    sheet, hidden ones too. Raises Unread: ``encrypted``, ``damaged``, ``no_text``, ``too_large``, ``unsafe``."""
    store = Store(limits.cells)
    if body.startswith(OLE):
        from parsers.documents import sheet_xls as reader
    elif body.startswith(b"PK"):
        from parsers.documents import sheet_xlsx as reader  # type: ignore[no-redef]
    else:
        from parsers.documents import sheet_xml as reader  # type: ignore[no-redef]
    sheets = reader.sheets(body, store, limits)
    blocks: list[Block] = []
    notes: list[str] = []
    shown = [sheet for sheet in sheets if not sheet.hidden] or sheets
    slots = limits.cells
    for number, sheet in enumerate(sheets, 1):
        if sheet not in shown:
            notes.append(f"sheet «{sheet.name}» is hidden and was not read")
            continue
        if sheet.hidden_rows or sheet.hidden_columns:
            hidden = f"{len(sheet.hidden_rows)} rows and {len(sheet.hidden_columns)} columns"
            notes.append(f"sheet «{sheet.name}»: {hidden} are hidden and were not read")
        page = _Page(sheet, number, slots)
        blocks += _blocks(page)
        slots = page.slots
    if not any(isinstance(block, Grid) or block.text for block in blocks):
        raise Unread("no_text", "no cell with a value")
    return Document(XLSX if body.startswith(b"PK") else "application/vnd.ms-excel", tuple(blocks), "", tuple(notes))


def _blocks(page: _Page) -> Iterator[Block]:
    table: list[int] = []
    previous = -1
    for row, filled in page.rows.items():
        lone = len(filled) == 1 and page.is_text(row)
        if lone or (table and not page.is_next(previous, row) and not page.areas.get(row)):
            yield from page.grid(page.with_blank_rows(table))
            table = []
        if lone:
            yield Text(page.text(row, filled[0]), page.place(row, filled[0]))
        else:
            table.append(row)
        previous = row
    yield from page.grid(page.with_blank_rows(table))


Area = tuple[int, int, int, int]


class _Page:
    """What is shown of a sheet: rows with a value -> columns with a value, and merged areas by the rows they reach.
    ``slots`` are those that its grids may still have."""

    def __init__(self, sheet: Sheet, number: int, slots: int) -> None:
        self.slots = slots
        self.sheet = sheet
        self.number = number
        self.rows: dict[int, list[int]] = {}
        for (row, column), text in sorted(sheet.cells.items()):
            if text.strip() and row not in sheet.hidden_rows and column not in sheet.hidden_columns:
                self.rows.setdefault(row, []).append(column)
        self.areas = self._areas()

    def _areas(self) -> dict[int, list[Area]]:
        """Areas are clipped to what is used, so that none costs more than it shows. A row of blank cells inside an
        area is a row of the table."""
        last = max((columns[-1] for columns in self.rows.values()), default=0)
        areas: dict[int, list[Area]] = {}
        numbers = list(self.rows)
        left_over = MOST_MERGED_ROWS
        for top, left, bottom, right in self.sheet.merged:
            reached = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
            left_over -= len(reached) + 1
            if left_over < 0:
                raise Unread("too_large", "merged areas over one another")
            area = (top, left, bottom, max(left, min(right, last + MOST_OVERHANG)))
            for row in reached:
                areas.setdefault(row, []).append(area)
        return areas

    def text(self, row: int, column: int) -> str:
        return self.sheet.cells.get((row, column), "").strip()

    def place(self, row: int, column: int) -> str:
        return f"t{self.number}r{row + 1}c{column + 1}"

    def is_next(self, previous: int, row: int) -> bool:
        """Whether only hidden rows stand between two rows."""
        return all(between in self.sheet.hidden_rows for between in range(previous + 1, row))

    def is_text(self, row: int) -> bool:
        """Whether the only value of a row is a paragraph or a heading, and not a row of a table whose other cells are
        blank."""
        text = self.text(row, self.rows[row][0])
        if any(area[0] < row for area in self.areas.get(row, ())):
            return False
        if len(text) > LONG:
            return True
        if SECTION.match(text):
            return bool(SECTIONS.search(text))
        if self.sheet.blanks[row] and not self._is_across(row):
            return False
        return not any(len(self.rows.get(near, ())) > 1 for near in (row - 1, row + 1))

    def _is_across(self, row: int) -> bool:
        """Whether the first cell is merged over all others of its row, as headings are."""
        column = self.rows[row][0]
        return any(area[0] == row and area[1] == column and area[3] > column + 1 for area in self.areas.get(row, ()))

    def with_blank_rows(self, rows: list[int]) -> list[int]:
        """The rows of a table and the blank rows drawn right below it: they may be its figures, all of them blank."""
        more = range(rows[-1] + 1, rows[-1] + 1 + BLANK_ROWS) if rows else ()
        return rows + [row for row in more if row not in self.rows and self.sheet.blanks[row] > 1]

    def grid(self, rows: list[int]) -> Iterator[Grid]:
        """One grid of these rows, from the first used column to the last."""
        if not rows:
            return
        sheet = self.sheet
        used = [column for row in rows for column in self.rows.get(row, ())]
        reach = [area[3] for row in rows for area in self.areas.get(row, ())]
        columns = [c for c in range(min(used), max([*used, *reach]) + 1) if c not in sheet.hidden_columns]
        self.slots -= len(rows) * len(columns)
        if self.slots < 0:  # before they take memory: one stray value far to the right makes every row so long
            raise Unread("too_large", "more cells than the limit")
        slots: list[list[Cell | None]] = [[None] * len(columns) for _ in rows]
        for area in sorted({area for row in rows for area in self.areas.get(row, ())}):
            self._merge(slots, area, rows, columns)
        for n, row in enumerate(rows):
            for c, column in enumerate(columns):
                if slots[n][c] is None:
                    slots[n][c] = Cell(self.text(row, column), self.place(row, column))
        yield Grid(tuple(map(tuple, slots)), f"t{self.number}r{rows[0] + 1}")

    def _merge(
        self, slots: list[list[Cell | None]], area: Area, row_numbers: list[int], column_numbers: list[int]
    ) -> None:
        """Put one cell into every slot of an area, if all are free; its text is that of the first cell."""
        top, left, bottom, right = area
        rows = range(bisect_left(row_numbers, top), bisect_right(row_numbers, bottom))
        columns = range(bisect_left(column_numbers, left), bisect_right(column_numbers, right))
        if not rows or not columns or any(slots[r][c] is not None for r in rows for c in columns):
            return
        cell = Cell(self.text(top, left), self.place(top, left), len(rows), len(columns))
        for r in rows:
            for c in columns:
                slots[r][c] = cell
