"""A document as one sequence of lines: rows of grids and lines of text, each as the cells that begin in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsers.documents.model import Cell, Document, Grid, Text

MAX_LINES = 50_000
SENTENCE = 40
"""A cell of a one-column grid that is longer than this is text in a frame, not a cell of a table."""


@dataclass(frozen=True, slots=True)
class Line:
    """``cells`` begin here, from left to right; ``starts`` are their slots; ``slots`` is the whole row as drawn.

    ``grid`` numbers the grid from 1, 0 for text. ``drawn`` says that the grid has spans, so its slots can be trusted.
    Rows rebuilt from text have negative numbers; they are ``loose`` (blank lines may be blank cells or nothing) or
    ``lossy`` (blank cells have vanished).
    """

    cells: tuple[Cell, ...]
    starts: tuple[int, ...] = ()
    slots: tuple[Cell | None, ...] = ()
    grid: int = 0
    drawn: bool = False
    level: int = 0
    loose: bool = False
    lossy: bool = False

    @property
    def text(self) -> str:
        return self.cells[0].text if self.cells else ""


def flatten(document: Document) -> tuple[Line, ...]:
    """Every line in reading order. Frames (grids of one column that hold sentences) become text."""
    lines: list[Line] = []
    grids = 0
    for block in document.blocks:
        if isinstance(block, Text):
            tabbed = int("\t" in block.text)
            grids += tabbed
            lines += text_lines(block.text, block.place, block.level, grids * tabbed)
        elif is_frame(block):
            lines += frame_lines(block)
        else:
            grids += 1
            lines += grid_lines(block, grids)
        if len(lines) > MAX_LINES:
            break
    return tuple(lines[:MAX_LINES])


def text_lines(text: str, place: str, level: int = 0, grid: int = 0) -> list[Line]:
    """One line each, blank ones kept. A line with tabs is a row whose spans are lost, of grid number ``grid``."""
    lines: list[Line] = []
    for part in text.split("\n"):
        if grid and "\t" in part:
            cells = tuple(Cell(field.strip(), f"{place}f{n}") for n, field in enumerate(part.split("\t"), 1))
            lines.append(Line(cells, tuple(range(len(cells))), cells, grid))
        else:
            lines.append(Line((Cell(part.strip(), place),), level=level))
    return lines


def is_frame(grid: Grid) -> bool:
    """A grid of one column: a layout table, or one cell a row. Either way its order is that of text."""
    cells = [{id(cell): cell for cell in row if cell is not None} for row in grid.rows]
    return all(len(row) <= 1 for row in cells)


def frame_lines(grid: Grid) -> Iterator[Line]:
    seen: set[int] = set()
    for row in grid.rows:
        for cell in row:
            if cell is not None and id(cell) not in seen:
                seen.add(id(cell))
                yield from text_lines(cell.text, cell.place)


def grid_lines(grid: Grid, number: int) -> Iterator[Line]:
    drawn = any(cell is not None and (cell.row_span > 1 or cell.column_span > 1) for row in grid.rows for cell in row)
    above: set[int] = set()
    for row in grid.rows:
        cells: list[Cell] = []
        starts: list[int] = []
        here: set[int] = set()
        for slot, cell in enumerate(row):
            if cell is None:
                continue
            identity = id(cell)
            if identity in here or (cell.row_span > 1 and identity in above):
                here.add(identity)
                continue
            here.add(identity)
            cells.append(cell)
            starts.append(slot)
        above = here
        yield Line(tuple(cells), tuple(starts), row, number, drawn)
