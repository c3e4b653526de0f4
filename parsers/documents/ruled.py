"""Rules and characters of a page -> tables: the faces of the arrangement that the rules make.

Producers draw the same table in many ways: long strokes (LibreOffice), two thin filled rectangles for each cell
(Chromium), corners as dots of their own (Word), frames as two nested rectangles. So every piece is first taken as a
stretch of an ideal line, stretches of one line are welded, lines that meet make a table, and what lies between them
is a cell. Nothing is expected of the number or the order of the pieces.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from parsers.documents.glyphs import Box, Glyph, Line, in_columns, is_wide, lines_of, place
from parsers.documents.model import Cell, Grid

Rule = tuple[float, float, float]
"""(position, start, end): a horizontal one is (y, left, right), a vertical one (x, top, bottom)."""

SAME_EDGE = 4.5  # no text fits between two edges so near: a double border
REACH = 3.0  # a gap that still counts as drawn through
MOST_RULES = 4_000  # after welding; a page with more is a drawing
MOST_MEETINGS = 400_000
KINSOKU = 2.2  # characters that may be missing at the end of a full line
STRAY = 0.1  # share of a table's side that shows it was meant to be ruled
COVERED = 0.5  # share of a slot's side that must be ruled


@dataclass(slots=True)
class Sheet:
    """One page as drawn. ``across`` are horizontal rules, ``down`` vertical ones.

    A page that was recognised has ``doubt``; ``back`` then maps a box onto the picture as it was served, and ``others``
    holds, for each figure that was looked at twice, the readings that were not ruled out.
    """

    number: int
    width: float
    height: float
    glyphs: list[Glyph]
    across: list[Rule]
    down: list[Rule]
    doubt: bool = False
    back: Callable[[Box], Box] | None = None
    others: dict[Glyph, tuple[str, ...]] = field(default_factory=dict)

    def place(self, box: Box) -> str:
        return place(self.number, self.back(box) if self.back else box)


@dataclass(slots=True)
class Face:
    """A cell of the arrangement: slots ``row`` to ``row + row_span``, its box and what is written in it."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box
    glyphs: list[Glyph] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    text: str = ""

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]


@dataclass(slots=True)
class Table:
    """A table on one page: ``slots[row][column]`` is an index into ``faces`` or -1 where nothing is drawn."""

    sheet: Sheet
    xs: list[float]
    ys: list[float]
    faces: list[Face]
    slots: list[list[int]]

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def grid(self) -> Grid:
        cells = [self._cell(face) for face in self.faces]
        rows = tuple(tuple(cells[i] if i >= 0 else None for i in row) for row in self.slots)
        return Grid(rows, self.sheet.place(self.box))

    def _cell(self, face: Face) -> Cell:
        sheet = self.sheet
        others: tuple[str, ...] = ()
        if sheet.doubt and face.text:
            seen_twice = sheet.others.get(face.glyphs[0]) if len(face.glyphs) == 1 else None
            others = (face.text,) if seen_twice is None else seen_twice
        return Cell(face.text, sheet.place(face.box), face.row_span, face.column_span, sheet.doubt, others)


def tables(sheet: Sheet) -> tuple[list[Table], list[Glyph]]:
    """Tables of a page from top to bottom, and the characters outside them."""
    found = arranged(sheet)
    outside = sheet.glyphs
    for table in found:
        outside = _fill(table, outside)
    kept = [table for table in found if any(face.glyphs for face in table.faces)]
    for table in kept:
        _drop_undrawn(table, sheet)
        _write(table)
    return sorted(kept, key=lambda t: t.ys[0]), outside


def arranged(sheet: Sheet) -> list[Table]:
    """The nets that a page's rules make, still empty, small ones first: a table in a cell comes before its frame."""
    across, down = weld(sheet.across), weld(sheet.down)
    if len(across) > MOST_RULES or len(down) > MOST_RULES or len(across) * len(down) > MOST_MEETINGS:
        return []
    found = [table for group in _groups(across, down) if (table := _arrange(sheet, *group)) and len(table.faces) > 1]
    return sorted(found, key=lambda t: (t.xs[-1] - t.xs[0]) * (t.ys[-1] - t.ys[0]))


def weld(rules: Sequence[Rule]) -> list[Rule]:
    """One rule for all stretches that lie on one line and touch. Dots that touch nothing are dropped."""
    welded: list[Rule] = []
    for line in _lines(sorted(rules)):
        line.sort(key=lambda rule: rule[1])
        position, start, end = line[0]
        total, count = position, 1
        for at, begin, stop in line[1:]:
            if begin <= end + REACH:
                end = max(end, stop)
                total, count = total + at, count + 1
            else:
                welded.append((total / count, start, end))
                start, end, total, count = begin, stop, at, 1
        welded.append((total / count, start, end))
    return [rule for rule in welded if rule[2] - rule[1] > SAME_EDGE]


def _lines(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Stretches by line: those within REACH of the first of them."""
    lines: list[list[Rule]] = []
    for rule in rules:
        if lines and rule[0] - lines[-1][0][0] <= REACH:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    return lines


def _groups(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Rules that meet, directly or through others."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, (y, left, right) in enumerate(across):
        for j, (x, top, bottom) in enumerate(down, len(across)):
            if left - REACH <= x <= right + REACH and top - REACH <= y <= bottom + REACH:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, rule in enumerate(across):
        groups.setdefault(root(i), ([], []))[0].append(rule)
    for j, rule in enumerate(down, len(across)):
        groups.setdefault(root(j), ([], []))[1].append(rule)
    return [group for group in groups.values() if group[0] and group[1] and len(group[0]) + len(group[1]) > 2]


def _edges(positions: list[float], ends: list[float]) -> list[float]:
    """Distinct edges; the outermost ends of the crossing rules close a table that is drawn open."""
    edges: list[float] = []
    for position in sorted(positions):
        if not edges or position - edges[-1] > SAME_EDGE:
            edges.append(position)
    if min(ends) < edges[0] - SAME_EDGE:
        edges.insert(0, min(ends))
    if max(ends) > edges[-1] + SAME_EDGE:
        edges.append(max(ends))
    return edges


def _arrange(sheet: Sheet, across: list[Rule], down: list[Rule]) -> Table | None:
    xs = _edges([x for x, _, _ in down], [end for _, left, right in across for end in (left, right)])
    ys = _edges([y for y, _, _ in across], [end for _, top, bottom in down for end in (top, bottom)])
    width, height = len(xs) - 1, len(ys) - 1
    if width < 1 or height < 1 or width * height > MOST_MEETINGS:
        return None
    below = _drawn(across, ys, xs)
    beside = _drawn(down, xs, ys)
    label = list(range(width * height))

    def root(i: int) -> int:
        while label[i] != i:
            label[i] = label[label[i]]
            i = label[i]
        return i

    for row in range(height):
        for column in range(width):
            i = row * width + column
            if column + 1 < width and not beside[column + 1][row]:
                label[root(i + 1)] = root(i)
            if row + 1 < height and not below[row + 1][column]:
                label[root(i + width)] = root(i)
    regions: dict[int, list[tuple[int, int]]] = {}
    for row in range(height):
        for column in range(width):
            regions.setdefault(root(row * width + column), []).append((row, column))
    table = Table(sheet, xs, ys, [], [[-1] * width for _ in range(height)])
    for region in regions.values():
        for row, column, row_span, column_span in _rectangles(region):
            box = (xs[column], ys[row], xs[column + column_span], ys[row + row_span])
            for r in range(row, row + row_span):
                table.slots[r][column : column + column_span] = [len(table.faces)] * column_span
            table.faces.append(Face(row, column, row_span, column_span, box))
    return table


def _drawn(rules: list[Rule], edges: list[float], ends: list[float]) -> list[list[bool]]:
    """``[edge][slot]``: is the side between ``ends[slot]`` and ``ends[slot + 1]`` ruled along this edge?"""
    covered = [[0.0] * (len(ends) - 1) for _ in edges]
    for position, start, end in rules:
        edge = bisect_right(edges, position)
        if edge == len(edges) or (edge and position - edges[edge - 1] <= edges[edge] - position):
            edge -= 1
        first = max(0, bisect_right(ends, start) - 1)
        for slot in range(first, len(ends) - 1):
            if ends[slot] >= end:
                break
            covered[edge][slot] += min(end, ends[slot + 1]) - max(start, ends[slot])
    lengths = [after - before for before, after in pairwise(ends)]
    return [[part > COVERED * length for part, length in zip(row, lengths, strict=True)] for row in covered]


def _rectangles(region: list[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """(row, column, row_span, column_span): the region itself, or its parts where a missing rule made it crooked."""
    if len(region) == 1:
        return [(*region[0], 1, 1)]
    rows = [r for r, _ in region]
    columns = [c for _, c in region]
    top, left = min(rows), min(columns)
    height, width = max(rows) - top + 1, max(columns) - left + 1
    if height * width == len(region):
        return [(top, left, height, width)]
    runs: dict[tuple[int, int], list[int]] = {}
    for row in sorted(set(rows)):
        members = sorted(c for r, c in region if r == row)
        start = before = members[0]
        for column in [*members[1:], -1]:
            if column != before + 1:
                runs.setdefault((start, before), []).append(row)
                start = column
            before = column
    parts: list[tuple[int, int, int, int]] = []
    for (start, end), held in runs.items():
        first = before = held[0]
        for row in [*held[1:], -1]:
            if row != before + 1:
                parts.append((first, start, before - first + 1, end - start + 1))
                first = row
            before = row
    return parts


def _fill(table: Table, glyphs: list[Glyph]) -> list[Glyph]:
    """Put each character into the cell that holds its middle; returns those outside the table."""
    xs, ys, slots, faces = table.xs, table.ys, table.slots, table.faces
    left, top, right, bottom = table.box
    outside = []
    for glyph in glyphs:
        x, y = (glyph[1] + glyph[3]) / 2, (glyph[2] + glyph[4]) / 2
        if left <= x < right and top <= y < bottom:
            faces[slots[bisect_right(ys, y) - 1][bisect_right(xs, x) - 1]].glyphs.append(glyph)
        else:
            outside.append(glyph)
    return outside


def _drop_undrawn(table: Table, sheet: Sheet) -> None:
    """A corner of the box that no rule encloses is no cell: a table narrower below than above leaves one."""
    left, top, right, bottom = table.box
    across, down = sheet.across, sheet.down
    sides = (
        _share(down, left, top, bottom),
        _share(across, top, left, right),
        _share(down, right, top, bottom),
        _share(across, bottom, left, right),
    )
    for face in table.faces:
        if face.glyphs:
            continue
        own = (face.box[0] == left, face.box[1] == top, face.box[2] == right, face.box[3] == bottom)
        open_sides = 0
        for side, (at_border, share) in enumerate(zip(own, sides, strict=True)):
            if at_border and share > STRAY:
                rules = across if side % 2 else down
                start, end = (face.box[0], face.box[2]) if side % 2 else (face.box[1], face.box[3])
                open_sides += _share(rules, face.box[side], start, end) < COVERED
        if open_sides > 1:
            for row in table.slots[face.row : face.row + face.row_span]:
                row[face.column : face.column + face.column_span] = [-1] * face.column_span


def _share(rules: list[Rule], position: float, start: float, end: float) -> float:
    drawn = sum(
        max(0.0, min(end, stop) - max(start, begin)) for at, begin, stop in rules if abs(at - position) <= SAME_EDGE
    )
    return drawn / max(end - start, 1e-6)


def _write(table: Table) -> None:
    """Text of each cell: lines that were only wrapped are joined, real breaks stay ``\\n``."""
    for face in table.faces:
        if not face.glyphs:
            continue
        if in_columns(face.glyphs):
            face.text = "".join(glyph.text for stack in _stacks(face.glyphs) for glyph in stack)
        else:
            face.lines = lines_of(face.glyphs)
    spare = min(
        (face.width - max(line.width for line in face.lines) for face in table.faces if face.lines), default=0.0
    )
    for face in table.faces:
        if face.lines:
            face.text = joined(face.lines, face.width - min(max(spare, 0.0), KINSOKU * face.lines[0].size))


def _stacks(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Columns of vertical writing from right to left, each from top to bottom."""
    stacks: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: -(g.left + g.right)):
        if stacks and stacks[-1][0].left + stacks[-1][0].right - glyph.left - glyph.right < glyph.bottom - glyph.top:
            stacks[-1].append(glyph)
        else:
            stacks.append([glyph])
    return [sorted(stack, key=lambda g: g.top) for stack in stacks]


def joined(lines: Sequence[Line], room: float) -> str:
    """One text of several lines. ``room`` is the width that text may take: a line was wrapped when the next
    character would not have fitted."""
    if not lines:
        return ""
    text = lines[0].text
    if len(lines) == 1:
        return text
    figures = all(line.text.replace(".", "").replace(",", "").isdigit() for line in lines)
    wrapped_evenly = all(len(line.text) == len(lines[0].text) for line in lines[:-1]) and len(lines[-1].text) <= len(
        lines[0].text
    )
    for before, after in pairwise(lines):
        first = after.glyphs[0]
        # signs that may not begin a line take a character with them
        wanted = first.right - first.left if figures else KINSOKU * after.size
        full = before.width + wanted > room + 0.5 or _is_stacked(before, after)
        if not full or (figures and not wrapped_evenly):
            text += "\n"
        elif not (is_wide(text[-1]) or is_wide(after.text[0]) or figures):
            text += " "
        text += after.text
    return text


def _is_stacked(before: Line, after: Line) -> bool:
    """One character above another: a label written downwards in a wide cell."""
    return len(before.glyphs) == len(after.glyphs) == 1 and is_wide(before.text) and is_wide(after.text)
