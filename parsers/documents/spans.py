"""Tables of word processors: rows of cells with two edges each and marks of vertical merging -> one Grid.

Word, WPS and RTF store no row spans. A cell says only where it begins and ends, and whether it goes on with the cell
above; the columns of a table are the distinct edges of all its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from parsers.documents.model import Block, Cell, Grid, Text, Unread

STEP = 1000
"""Width in twips given to columns when a table states none that can be used."""
SLIVER = 120
"""Twips (1/1440 inch, so 2 mm). Edges dragged by hand, and rows indented by the cell margin of 108, differ by this much
where a reader sees one line; no figure fits between such edges."""


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
class Cut:
    """How a table row is cut: ``edges`` in twips, one more than cells, and merge flags for each cell.

    ``horizontal``: 0 is alone; the first cell of a group and those that go on with it have two other values, of which
    writers disagree. ``vertical``: 0 is alone, 1 goes on with the cell above, 2 or 3 starts.
    """

    edges: list[int] = field(default_factory=list)
    horizontal: list[int] = field(default_factory=list)
    vertical: list[int] = field(default_factory=list)


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
    column = columns(rows)
    # a blank cell between edges of one line is no cell that a reader sees
    rows = [[drawn for drawn in row if column[drawn.right] > column[drawn.left] or drawn.text] for row in rows]
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
    """Edge -> index of its column line. Edges within a sliver are one line, unless that would hide a text."""
    edges = sorted({edge for row in rows for drawn in row for edge in (drawn.left, drawn.right)})
    lines: dict[int, int] = {}
    line, first = -1, 0
    for edge in edges:
        if line < 0 or edge - first > SLIVER:
            line, first = line + 1, edge
        lines[edge] = line
    if all(lines[drawn.left] < lines[drawn.right] or not drawn.text for row in rows for drawn in row):
        return lines
    return {edge: index for index, edge in enumerate(edges)}


def relocated(block: Block, prefix: str) -> Block:
    """The same block with every place behind ``prefix``; a spanned cell stays one object."""
    if isinstance(block, Text):
        return replace(block, place=prefix + block.place)
    moved = {id(cell): replace(cell, place=prefix + cell.place) for row in block.rows for cell in row if cell}
    rows = tuple(tuple(moved[id(cell)] if cell else None for cell in row) for row in block.rows)
    return Grid(rows, prefix + block.place)


@dataclass(slots=True)
class _OpenTable:
    """A table while its rows are gathered. ``items`` are of the cell that is not ended yet."""

    number: int
    rows: list[list[Drawn]] = field(default_factory=list)
    inner: list[list[Item]] = field(default_factory=list)
    cells: list[list[Item]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


class Flow:
    """Paragraphs that say how deep in tables they stand, and marks that end cells and rows -> blocks.

    ``numbers`` counts the tables of the whole document, whichever flow (body, text box) they stand in.
    """

    DEEPEST = 20

    def __init__(self, budget: Budget, numbers: Iterator[int]) -> None:
        self.budget = budget
        self.numbers = numbers
        self.done: list[Item] = []
        self.tables: list[_OpenTable] = []

    @property
    def depth(self) -> int:
        return len(self.tables)

    def to_depth(self, depth: int) -> None:
        """Opens or closes tables until ``depth`` of them are open."""
        while len(self.tables) > depth:
            table = self.tables.pop()
            if table.cells or table.items:  # the last row has no end mark
                table.cells.append(table.items)
                _end_row(table, Cut(), deleted=False)
            target = self.tables[-1].items if self.tables else self.done
            target.extend(table_blocks(table.rows, table.inner, f"t{table.number}", self.budget))
        while len(self.tables) < min(depth, self.DEEPEST):
            self.tables.append(_OpenTable(next(self.numbers)))

    def add(self, items: Sequence[Item]) -> None:
        (self.tables[-1].items if self.tables else self.done).extend(items)

    def end_cell(self) -> None:
        if self.tables:
            self.tables[-1].cells.append(self.tables[-1].items)
            self.tables[-1].items = []

    def end_row(self, cut: Cut, *, deleted: bool = False) -> None:
        """A row marked as deleted is left out when it has no drawn text."""
        if self.tables:
            _end_row(self.tables[-1], cut, deleted=deleted)

    def finish(self) -> list[Item]:
        self.to_depth(0)
        return self.done


def _end_row(table: _OpenTable, cut: Cut, *, deleted: bool) -> None:
    cells, table.cells, table.items = table.cells, [], []
    if not cells or (deleted and not any(map(cell_text, cells))):
        return
    place = f"t{table.number}r{len(table.rows) + 1}"
    row: list[Drawn] = []
    group = 0
    for number, items in enumerate(cells):
        left, right = edge(cut.edges, number), edge(cut.edges, number + 1)
        horizontal = cut.horizontal[number] if number < len(cut.horizontal) else 0
        if horizontal and group and horizontal != group:
            row[-1].right = right
            continue
        group = horizontal
        vertical = cut.vertical[number] if number < len(cut.vertical) else 0
        starts, goes_on = vertical >= 2, vertical == 1
        row.append(Drawn(cell_text(items), f"{place}c{number + 1}", left, right, starts, goes_on))
        table.inner.append(items)
    table.rows.append(row)
