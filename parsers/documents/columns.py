"""Tables without rules: columns from the gaps between figures, rows from the lines that hold them.

Only what geometry proves becomes a table: figures below one another in at least two columns, or in one column beside
labels. Everything else stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from parsers.documents.glyphs import Glyph, Line, bounds, is_wide, line_of
from parsers.documents.ruled import Face, Sheet, Table, joined

GAP = 0.8  # type sizes between two columns
FIGURE_GAP = 0.45  # the same between two figures
BLOCK_GAP = 0.5  # type sizes between two lines of one label, at most
MOST_BESIDE = 20  # columns
MOST_BETWEEN = 6  # lines without figures between two that have some
# a figure or a mark that stands for one: 12  1,472  190.45  -11  /  —  无
FIGURE = re.compile(r"[+\-－]?[\d０-９][\d０-９.,，]*%?|[-—–－/／]{1,3}|无")
# 三、收到和处理政府信息公开申请情况   （一）主动公开
HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、|[（(][一二三四五六七八九十]{1,2}[）)]")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line between two wide gaps."""

    line: Line
    figure: bool
    beside_figures: bool


Row = list[Token]


def tables(sheets: Sequence[Sheet], pages: Sequence[Sequence[Line]]) -> list[tuple[list[Table], list[Line]]]:
    """For each page the tables among its lines, and the lines that are left."""
    split = [[_tokens(line) for line in lines] for lines in pages]
    body = _body_text([row[0].line for rows in split for row in rows if len(row) == 1])
    results = []
    for sheet, lines, rows in zip(sheets, pages, split, strict=True):
        found: list[Table] = []
        taken: set[int] = set()
        for first, last in _regions(rows, body):
            table = _table(sheet, rows[first : last + 1])
            if table:
                found.append(table)
                taken.update(range(first, last + 1))
        results.append((found, [line for i, line in enumerate(lines) if i not in taken]))
    return results


def _body_text(lines: Sequence[Line]) -> tuple[float, float]:
    """Left margin and width of the narrative: of its widest lines."""
    if not lines:
        return 0.0, 0.0
    width = max(line.width for line in lines)
    return min(line.left for line in lines if line.width > 0.8 * width), width


def _tokens(line: Line) -> Row:
    pieces: list[list[Glyph]] = [[line.glyphs[0]]]
    end = line.glyphs[0].right
    for glyph in line.glyphs[1:]:
        narrow = not is_wide(glyph.text) and not is_wide(pieces[-1][-1].text)
        if glyph.left - end > (FIGURE_GAP if narrow else GAP) * (glyph.bottom - glyph.top):
            pieces.append([])
        pieces[-1].append(glyph)
        end = max(end, glyph.right)
    parts = [line] if len(pieces) == 1 else [line_of(piece) for piece in pieces]
    figures = [FIGURE.fullmatch(part.text) is not None for part in parts]
    return [Token(part, figure, any(figures)) for part, figure in zip(parts, figures, strict=True)]


def _regions(rows: Sequence[Row], body: tuple[float, float]) -> list[tuple[int, int]]:
    """First and last line of each stretch that may be a table, with the wrapped labels at both ends."""
    regions: list[list[int]] = []
    for i, row in enumerate(rows):
        tabular = len(row) > 2 or (len(row) == 2 and row[1].figure)
        if not tabular:
            continue
        between = range(regions[-1][-1] + 1, i) if regions else range(0)
        if regions and len(between) <= MOST_BETWEEN and not any(_is_body(rows, j, body) for j in between):
            regions[-1].append(i)
        else:
            regions.append([i])
    found: list[tuple[int, int]] = []
    for members in regions:
        if _proves(rows, members):
            first, last = members[0], members[-1]
            floor = found[-1][1] + 1 if found else 0
            while first > floor and _wraps(rows[first - 1], rows[first]) and not _is_body(rows, first - 1, body):
                first -= 1
            while last + 1 < len(rows) and _wraps(rows[last], rows[last + 1]) and not _is_body(rows, last + 1, body):
                last += 1
            found.append((max(first, floor), last))
    return found


def _wraps(upper: Row, lower: Row) -> bool:
    """True when a line hangs on another: one of them has no figures, and hardly any room is between them."""
    if any(token.figure for token in upper) and any(token.figure for token in lower):
        return False
    size = upper[0].line.size
    return min(token.line.top for token in lower) - max(token.line.bottom for token in upper) < BLOCK_GAP * size


def _is_body(rows: Sequence[Row], i: int, body: tuple[float, float]) -> bool:
    """A line of the narrative: one piece that begins at its margin, or a long one or a heading indented by two.
    Nothing stands beside its upper or lower half, as figures do beside a label of two lines."""
    if len(rows[i]) > 1:
        return False
    line, (margin, width) = rows[i][0].line, body
    for other in (rows[i - 1] if i else [], rows[i + 1] if i + 1 < len(rows) else []):
        if any(
            t.line.top < line.bottom - 0.1 * line.size and line.top < t.line.bottom - 0.1 * line.size for t in other
        ):
            return False
    if abs(line.left - margin) < 0.5 * line.size and len(line.glyphs) > 1:
        return True
    indented = abs(line.left - margin - 2 * line.size) < 0.6 * line.size
    return indented and (line.width > 0.55 * width or HEADING.match(line.text) is not None)


def _proves(rows: Sequence[Row], members: list[int]) -> bool:
    figures = sum(token.figure for i in members for token in rows[i])
    wide = sum(len(rows[i]) > 2 for i in members)
    return figures > 3 or (len(members) > 2 and wide > 2)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in one cell: a figure, or a label or head with its wrapped lines."""

    tokens: tuple[Token, ...]
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> Piece:
        lines = [token.line for token in tokens]
        left, right = min([line.left for line in lines]), max([line.right for line in lines])
        return cls(tuple(tokens), left, lines[0].top, right, lines[-1].bottom)

    @property
    def height(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def figure(self) -> bool:
        return self.tokens[0].figure

    @property
    def text(self) -> str:
        return joined([token.line for token in self.tokens], self.right - self.left)


def _table(sheet: Sheet, rows: Sequence[Row]) -> Table | None:
    bands = _bands(rows)
    if not bands:
        return None
    words = [token for row in rows for token in row if not token.figure]
    labels = _blocks([token for token in words if token.line.right <= bands[0][0]])
    heads = _blocks([token for token in words if token.line.right > bands[0][0]])
    values = [Piece.of((token,)) for row in rows for token in row if token.figure]
    groups, labels = _groups(labels)
    anchors = _anchors([*values, *heads], labels)
    left, top, right, bottom = bounds([token.line.box for row in rows for token in row])
    stubs = [(min(p.left for p in column), max(p.right for p in column)) for column in (groups, labels) if column]
    xs = [left - 1, *_between([*(stubs or [(left, left)]), *bands]), max(right, bands[-1][1]) + 1]
    first = len(xs) - 1 - len(bands)
    ys = [top - 1, *((a + b) / 2 for a, b in pairwise(anchors)), bottom + 1]
    table = Table(sheet, xs, ys, [], [[-1] * (len(xs) - 1) for _ in anchors])
    by_row: list[list[Piece]] = [[] for _ in anchors]
    for piece in [*heads, *values]:
        by_row[_nearest(anchors, piece.height)].append(piece)
    active = set(range(len(bands)))
    fresh = True
    for number, pieces in enumerate(by_row):
        hits = [_overlapped(piece, bands) for piece in pieces]
        hit = {i for found in hits for i in found}
        if any(piece.figure for piece in pieces) or not pieces:
            fresh = True
        elif len(pieces) > 1 or any(_nearest(anchors, label.height) == number for label in labels):
            active = hit if fresh else active | hit
            fresh = False
        if fresh and not _room_for(pieces, active, bands):
            active = active | hit
        _lay(table, number, first, sorted(active if fresh else hit))
        for piece in sorted(pieces, key=lambda piece: piece.top):
            middle = (piece.left + piece.right) / 2
            _put(table, number, max(first, min(bisect_right(xs, middle), len(xs) - 1) - 1), piece)
    for column, pieces in enumerate([column for column in (groups, labels) if column]):
        for piece in pieces:
            _put(table, _nearest(anchors, piece.height), column, piece)
    return table


def _groups(labels: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Labels of groups of rows, which have labels of rows at their right, and those labels of rows."""
    groups = [
        piece
        for piece in labels
        if any(piece.right <= row.left and piece.top < row.bottom and row.top < piece.bottom for row in labels)
    ]
    return groups, [piece for piece in labels if piece not in groups]


def _room_for(pieces: Sequence[Piece], active: set[int], bands: Sequence[tuple[float, float]]) -> bool:
    """True when each figure of a row has one of the columns in use for itself."""
    starts = [bands[i][0] for i in sorted(active)[1:]]
    cells = [bisect_right(starts, piece.right) for piece in pieces if piece.figure]
    return len(cells) == len(set(cells))


def _overlapped(piece: Piece, bands: Sequence[tuple[float, float]]) -> list[int]:
    """The columns whose middles a piece stands over, or the nearest one."""
    found = [i for i, (left, right) in enumerate(bands) if piece.left < (left + right) / 2 < piece.right]
    middle = (piece.left + piece.right) / 2
    return found or [min(range(len(bands)), key=lambda i: abs(sum(bands[i]) / 2 - middle))]


def _lay(table: Table, row: int, first: int, columns: Sequence[int]) -> None:
    """Cells of a row: those of labels, then one for each column in use, wide enough to leave no hole."""
    width = len(table.xs) - 1
    starts = [*range(first + 1), *(first + column for column in columns[1:])]
    for start, stop in zip(starts, [*starts[1:], width], strict=True):
        box = (table.xs[start], table.ys[row], table.xs[stop], table.ys[row + 1])
        table.slots[row][start:stop] = [len(table.faces)] * (stop - start)
        table.faces.append(Face(row, start, 1, stop - start, box))


def _put(table: Table, row: int, column: int, piece: Piece) -> None:
    face = table.faces[table.slots[row][column]]
    face.text = f"{face.text} {piece.text}".strip()
    face.lines += [token.line for token in piece.tokens]


def _bands(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Left and right of each column: where figures stand below one another, or heads where a column has none."""
    figures = [token for row in rows for token in row if token.figure]
    heads = [token for row in rows if len(row) > 3 and not any(t.figure for t in row) for token in row[1:]]
    edge = min([token.line.left for token in figures], default=0.0)
    bands: list[tuple[float, float]] = []
    for token in sorted([*figures, *(head for head in heads if head.line.right > edge)], key=lambda t: t.line.left):
        left, right = token.line.left, token.line.right
        if bands and left < bands[-1][1]:
            bands[-1] = (bands[-1][0], max(bands[-1][1], right))
        else:
            bands.append((left, right))
    return bands


def _between(columns: Sequence[tuple[float, float]]) -> list[float]:
    return [(before[1] + after[0]) / 2 for before, after in pairwise(columns)]


def _blocks(tokens: Sequence[Token]) -> list[Piece]:
    """Lines that stand close below one another and overlap: one text, wrapped."""
    blocks: list[list[Token]] = []
    for token in sorted(tokens, key=lambda token: (token.line.top, token.line.left)):
        line = token.line
        for block in reversed(blocks[-MOST_BESIDE:]):
            last = block[-1].line
            close = -0.2 * line.size < line.top - last.bottom < BLOCK_GAP * line.size
            if close and any(other.beside_figures for other in block) and token.beside_figures:
                close = False  # two rows of figures, two labels
            if close and min(line.right, last.right) - max(line.left, last.left) > 0.3 * min(line.width, last.width):
                block.append(token)
                break
        else:
            blocks.append([token])
    return [Piece.of(block) for block in blocks]


def _anchors(values: Sequence[Piece], labels: Sequence[Piece]) -> list[float]:
    """Heights of the rows: of values and heads, and of labels beside which nothing stands."""
    size = median(token.line.size for piece in values for token in piece.tokens)
    anchors: list[float] = []
    for height in sorted(piece.height for piece in values):
        if not anchors or height - anchors[-1] > BLOCK_GAP * size:
            anchors.append(height)
    for piece in labels:
        if not any(piece.top <= anchor <= piece.bottom for anchor in anchors):
            anchors.append(piece.height)
    return sorted(anchors)


def _nearest(anchors: Sequence[float], height: float) -> int:
    return min(range(len(anchors)), key=lambda i: abs(anchors[i] - height))
