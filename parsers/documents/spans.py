"""Tables of word processors: rows of cells with two edges each and marks of vertical merging -> one Grid.

Word, WPS and RTF store no row spans. A cell says only where it begins and ends, and whether it goes on with the cell
above; the columns of a table are the distinct edges of all its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parsers.documents.model import Block, Cell, Grid, Text, Unread

STEP = 1000
"""Width in twips given to columns when a table states none that can be used."""
SLIVER = 60
"""Twips (1/1440 inch, so 1 mm). Edges dragged by hand differ by this much in rows that a reader sees as aligned."""


@dataclass(slots=True)
class Drawn:
    """One cell element. ``left`` and ``right`` are edges in twips; ``starts`` a vertical merge, or ``goes_on`` with the
    cell above (its own text is then not drawn)."""

    text: str
    place: str
    left: int
    right: int
    starts: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A place where a picture is drawn. ``source`` leads to its bytes; it becomes blocks only when the text lacks the
    tables."""

    source: str


Item = Block | Picture


@dataclass(slots=True)
class Budget:
    """Slots that all grids of one document may still use."""

    slots: int

    def spend(self, slots: int) -> None:
        self.slots -= slots
        if self.slots < 0:
            raise Unread("too_large", "more table cells than the limit")


@dataclass(slots=True)
class _Area:
    """A drawn cell while its extent grows."""

    drawn: Drawn
    row: int
    columns: int
    last_row: int


def table_blocks(
    rows: Sequence[Sequence[Drawn]], inner: Sequence[Sequence[Item]], place: str, budget: Budget
) -> list[Item]:
    """The grid of a table, then what stands in its cells besides text (tables, pictures). ``inner`` has the contents
    of every cell in order. A table that only arranges a page (a single cell, or cells around whole tables) becomes its
    contents."""
    nested: list[Item] = [item for items in inner for item in items if not isinstance(item, Text)]
    grids = any(isinstance(item, Grid) for item in nested)
    if sum(len(row) for row in rows) == 1 or (grids and _only_arranges(rows, inner)):
        return [item for items in inner for item in items]
    if not any(rows):
        return nested
    return [assemble(rows, place, budget), *nested]


def _only_arranges(rows: Sequence[Sequence[Drawn]], inner: Sequence[Sequence[Item]]) -> bool:
    """True when no row has anything beside a filled cell: then the cells are parts of a page, not of a table."""
    at = 0
    for row in rows:
        cells = inner[at : at + len(row)]
        at += len(row)
        if sum(any(not isinstance(item, Text) or item.text.strip() for item in items) for items in cells) > 1:
            return False
    return True


def cell_text(items: Sequence[Item]) -> str:
    """The lines of a cell, ends stripped."""
    return "\n".join(item.text for item in items if isinstance(item, Text)).strip()


def edge(edges: Sequence[int], column: int) -> int:
    """Position of a column line; those beyond the stated ones go on in equal steps."""
    if column < len(edges):
        return edges[column]
    last = max(len(edges) - 1, 0)
    return (edges[-1] if edges else 0) + (column - last) * STEP


def assemble(rows: Sequence[Sequence[Drawn]], place: str, budget: Budget) -> Grid:
    """Slots of ``rows`` on common columns. A cell that goes on with nothing is a cell of its own.

    Raises Unread("too_large").
    """
    rows = [[drawn for drawn in row if drawn.right > drawn.left or drawn.text] for row in rows]
    column = columns(rows)
    budget.spend(len(rows) * (len(set(column.values())) - 1 if column else 0))
    slots: list[list[_Area | None]] = []
    for number, row in enumerate(rows):
        above = slots[-1] if slots else []
        slots.append(_place_row(row, number, above, column))
    cells: dict[int, Cell] = {}
    return Grid(tuple(tuple(_cell(area, cells) for area in row) for row in slots), place)


def _place_row(
    row: Sequence[Drawn], number: int, above: Sequence[_Area | None], column: dict[int, int]
) -> list[_Area | None]:
    slots: list[_Area | None] = []
    for drawn in row:
        left, right = column[drawn.left], column[drawn.right]
        slots.extend([None] * (left - len(slots)))
        left = len(slots)
        right = max(right, left + 1)
        upper = above[left] if left < len(above) else None
        if drawn.goes_on and upper is not None and (upper.drawn.starts or upper.drawn.goes_on):
            upper.last_row = number
            area = upper
        else:
            area = _Area(drawn, number, right - left, number)
        slots.extend([area] * (right - left))
    return slots


def _cell(area: _Area | None, cells: dict[int, Cell]) -> Cell | None:
    if area is None:
        return None
    cell = cells.get(id(area))
    if cell is None:
        cell = Cell(area.drawn.text, area.drawn.place, area.last_row - area.row + 1, area.columns)
        cells[id(area)] = cell
    return cell


def columns(rows: Sequence[Sequence[Drawn]]) -> dict[int, int]:
    """Edge -> index of its column line. Edges within a sliver are one line, unless that would hide a cell."""
    edges = sorted({edge for row in rows for drawn in row for edge in (drawn.left, drawn.right)})
    lines: dict[int, int] = {}
    line, first = -1, 0
    for edge in edges:
        if line < 0 or edge - first > SLIVER:
            line, first = line + 1, edge
        lines[edge] = line
    if all(lines[drawn.left] < lines[drawn.right] for row in rows for drawn in row):
        return lines
    return {edge: index for index, edge in enumerate(edges)}
