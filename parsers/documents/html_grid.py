"""Tables of a page: ``<table>`` with whatever its spans say, and grids made of boxes.

Spans are wrong on many pages (0, huge, overlapping). A cell never covers a slot that another one holds, and columns
that no cell begins in are dropped; where a row still doesn't fit, its cells keep their order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from parsers.documents.model import Cell, Grid, Unread

Element = Any
WIDEST = 400
"""Columns a row may cover before its spans are taken for an error; the form has fifteen."""
NUMBER = re.compile(r"\s*(\d{1,5})")
FIGURE = re.compile(r"\s*(?:[-−－+]?[\d,，.０-９]{1,20}|[-—－/／×无]{1,2})?\s*")


@dataclass(slots=True)
class Budget:
    """Slots that all grids of a document may still use."""

    slots: int

    def spend(self, slots: int) -> None:
        self.slots -= slots
        if self.slots < 0:
            raise Unread("too_large", "more table cells than the limit")


@dataclass(slots=True)
class Drawn:
    """A cell element before its place in the grid is known. ``lines`` are its text as shown."""

    lines: list[str]
    place: str
    row_span: int = 1
    column_span: int = 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


@dataclass(slots=True)
class Group:
    """Rows of one row group: a span of rows ends with it, as browsers do it."""

    rows: list[list[Drawn]] = field(default_factory=list)


def span(value: str | None) -> int:
    """1 for what is no number, 0 (the rest of the group) as written; «2.0» and «2px» count as 2."""
    if value is None:
        return 1
    found = NUMBER.match(value)
    return int(found[1]) if found else 1


def rows_of(table: Element) -> Iterator[tuple[Element, list[Element]]]:
    """Row elements of this table, not of tables in its cells; cells without a row form one."""
    loose: list[Element] = []
    stack = [iter(table)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        if element.tag in ("td", "th"):
            loose.append(element)
            continue
        if element.tag == "tr":
            if loose:
                yield table, loose
                loose = []
            yield element, list(_cells(element))
        elif element.tag != "table" and isinstance(element.tag, str):
            stack.append(iter(element))
    if loose:
        yield table, loose


def _cells(row: Element) -> Iterator[Element]:
    """Cells of a row, also inside a form or another element that does not belong there."""
    stack = [iter(row)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in ("td", "th"):
            yield element
        elif element.tag not in ("table", "tr") and isinstance(element.tag, str):
            stack.append(iter(element))


def assemble(groups: Sequence[Group], place: str, budget: Budget) -> Grid:
    """Slots of all rows. Raises Unread ``too_large``."""
    slots: list[list[Cell | None]] = []
    for group in groups:
        slots += _placed(_by_columns(group.rows), budget)
    _trim(slots)
    return Grid(tuple(map(tuple, slots)), place)


def _placed(rows: Sequence[Sequence[Drawn]], budget: Budget) -> list[list[Cell | None]]:
    """A cell takes the next free slot and as many free ones to the right and below as its spans say."""
    slots: list[list[Cell | None]] = [[] for _ in rows]
    for r, row in enumerate(rows):
        c = 0
        line = slots[r]
        for drawn in row:
            while c < len(line) and line[c] is not None:
                c += 1
            width = height = 1
            if drawn.column_span > 1:
                wanted = min(drawn.column_span, WIDEST)
                while width < wanted and (c + width >= len(line) or line[c + width] is None):
                    width += 1
            if drawn.row_span != 1:
                wanted = min(drawn.row_span or len(rows), len(rows) - r)
                while height < wanted and not any(slots[r + height][c : c + width]):
                    height += 1
            budget.spend(width * height)
            cell = Cell(drawn.text, drawn.place, height, width)
            for below in slots[r : r + height]:
                if len(below) < c:
                    below.extend([None] * (c - len(below)))
                below[c : c + width] = [cell] * width
            c += width
    return slots


def _trim(slots: Sequence[list[Cell | None]]) -> None:
    """Drop columns at the right end in which no cell begins: a colspan was larger than the table."""
    begins = 0
    for row in slots:
        c = len(row)
        while c > begins and (row[c - 1] is None or (c > 1 and row[c - 1] is row[c - 2])):
            c -= 1
        begins = max(begins, c)
    clipped: dict[int, Cell] = {}
    for row in slots:
        if len(row) <= begins:
            continue
        last = row[begins - 1]
        del row[begins:]
        if last is not None:
            start = begins - 1
            while start and row[start - 1] is last:
                start -= 1
            narrow = clipped.setdefault(id(last), Cell(last.text, last.place, last.row_span, begins - start))
            row[start:] = [narrow] * (begins - start)


def _by_columns(rows: Sequence[list[Drawn]]) -> list[list[Drawn]]:
    """A row whose cells each hold a whole column, divided by line breaks, becomes as many rows.

    Only when at least two cells have three lines and more, all of figures, and the same number of them.
    """
    done: list[list[Drawn]] = []
    for row in rows:
        height = _stacked(row)
        if not height:
            done.append(row)
            continue
        for n in range(height):
            done.append(
                [Drawn([cell.lines[n] if n < len(cell.lines) else ""], cell.place, 1, cell.column_span) for cell in row]
            )
    return done


def _stacked(row: Sequence[Drawn]) -> int:
    tall = [cell for cell in row if len(cell.lines) >= 3]
    figures = [
        cell
        for cell in tall
        if all(FIGURE.fullmatch(line) for line in cell.lines) and any(line.strip() for line in cell.lines)
    ]
    if len(figures) < 2 or any(cell.row_span > 1 for cell in row):
        return 0
    heights = {len(cell.lines) for cell in figures}
    if len(heights) > 1 or any(len(cell.lines) > max(heights) for cell in row):
        return 0
    others = [cell for cell in tall if cell not in figures]
    return max(heights) if all(len(cell.lines) == max(heights) for cell in others) else 0


# ---- grids made of boxes

CELL_TAGS = frozenset({"div", "li", "dd", "dt", "p", "td", "th", "section", "ul", "dl"})
TEMPLATE = re.compile(r"grid-template-columns\s*:\s*([^;]{1,2000})", re.I)
REPEAT = re.compile(r"repeat\(\s*(\d{1,3})\s*,\s*([^()]{1,200}|minmax\([^()]{1,80}\))\)", re.I)
SPAN = {
    "column": re.compile(r"grid-column(?:-end)?\s*:[^;]{0,40}?span\s+(\d{1,3})", re.I),
    "row": re.compile(r"grid-row(?:-end)?\s*:[^;]{0,40}?span\s+(\d{1,3})", re.I),
}
LINES = {
    "column": re.compile(r"grid-column\s*:\s*(\d{1,3})\s*/\s*(\d{1,3})", re.I),
    "row": re.compile(r"grid-row\s*:\s*(\d{1,3})\s*/\s*(\d{1,3})", re.I),
}


def template_columns(style: str) -> int:
    """How many columns ``grid-template-columns`` names; 0 when it names none."""
    found = TEMPLATE.search(style)
    if not found:
        return 0
    text, repeated = found[1], 0
    for times, what in REPEAT.findall(text):
        repeated += int(times) * len(what.split())
    return repeated + len(REPEAT.sub(" ", text).split())


def box_span(element: Element, axis: str) -> int:
    """Span of a box in a grid, from its style or an attribute made for tables."""
    style = element.get("style") or ""
    if found := SPAN[axis].search(style):
        return max(1, int(found[1]))
    if found := LINES[axis].search(style):
        return max(1, int(found[2]) - int(found[1]))
    name = "colspan" if axis == "column" else "rowspan"
    return max(1, span(element.get(name) or element.get("data-" + name)))


def box_rows(element: Element, is_leaf: Callable[[Element], bool]) -> list[list[Element]] | None:
    """Rows of cells when an element is a grid of boxes without doubt, else None.

    Either its style names the columns of a grid, or it has at least three rows of boxes built alike: no text between
    the boxes, cells without boxes in them, and at least two rows with the same number (three or more) of cells.
    """
    children = [child for child in element if isinstance(child.tag, str)]
    if columns := template_columns(element.get("style") or ""):
        return _flowed(children, columns) if len(children) >= columns and all(map(is_leaf, children)) else None
    if len(children) < 2 or not _only_boxes(element, children):
        return None
    insides: list[list[Element]] = []
    for child in children:
        inside = [box for box in child if isinstance(box.tag, str)]
        if child.tag in ("tr", "table", "p") or not _only_boxes(child, inside):
            return None
        insides.append(inside)
    parted = _is_parted(insides)
    rows: list[list[Element]] = []
    for inside in insides:
        if not parted and inside and all(_is_row(box) for box in inside):
            rows += [[cell for cell in row if isinstance(cell.tag, str)] for row in inside]
        else:
            rows.append([cell for box in inside for cell in (_parts(box) if parted else [box])])
    return rows if _alike(rows, is_leaf) else None


def _parts(box: Element) -> list[Element]:
    """The cells of a part of a row (its labels, its figures), or the box itself when it is a cell."""
    inner = [cell for cell in box if isinstance(cell.tag, str)]
    return inner if inner and _only_boxes(box, inner) else [box]


def _is_parted(insides: Sequence[Sequence[Element]]) -> bool:
    """Whether the rows have parts: the same few boxes in each row, of which one has many cells and another has few."""
    lengths = Counter(len(inside) for inside in insides)
    number, times = lengths.most_common(1)[0]
    if not 2 <= number <= 4 or times * 5 < len(insides) * 4 or len(insides) < 3:
        return False
    alike = [inside for inside in insides if len(inside) == number]
    sizes = [Counter(len(inside[n]) for inside in alike).most_common(1)[0][0] for n in range(number)]
    return max(sizes) >= 3 and min(sizes) < max(sizes)


def _is_row(box: Element) -> bool:
    """A row of a group (head, body) of a grid: two boxes at least and no text of its own."""
    inner = [cell for cell in box if isinstance(cell.tag, str)]
    return len(inner) >= 2 and _only_boxes(box, inner)


def _only_boxes(element: Element, children: Sequence[Element]) -> bool:
    if (element.text or "").strip():
        return False
    return all(child.tag in CELL_TAGS and not (child.tail or "").strip() for child in children)


def _alike(rows: Sequence[Sequence[Element]], is_leaf: Callable[[Element], bool]) -> bool:
    if len(rows) < 3 or not all(row and all(is_leaf(cell) for cell in row) for row in rows):
        return False
    counts = [len(row) for row in rows]
    common = max(set(counts), key=counts.count)
    linked = sum(1 for row in rows for cell in row if next(cell.iter("a"), None) is not None)
    return (
        max(counts) >= 3
        and counts.count(common) >= 2
        and linked * 3 < sum(counts)
        and sum(n >= 2 for n in counts) * 3 >= 2 * len(counts)
    )


def _flowed(children: Sequence[Element], columns: int) -> list[list[Element]]:
    """Boxes of a CSS grid in rows: each goes to the next place where it fits. Bounded by the number of boxes."""
    rows: list[list[Element]] = [[]]
    taken: list[int] = [0]
    used = 0
    for child in children:
        width = min(box_span(child, "column"), columns)
        while used + width > columns - (taken[len(rows) - 1] if len(rows) <= len(taken) else 0) and (rows[-1] or used):
            rows.append([])
            used = 0
            if len(taken) < len(rows):
                taken.append(0)
            if taken[len(rows) - 1] >= columns and len(rows) < len(children) * 2:
                used = columns
                continue
        rows[-1].append(child)
        used += width
        for below in range(1, min(box_span(child, "row"), 200)):
            while len(taken) < len(rows) + below:
                taken.append(0)
            taken[len(rows) - 1 + below] += width
    return [row for row in rows if row]
