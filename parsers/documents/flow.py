"""Pages with lines and tables -> blocks in reading order: running heads and page numbers go, paragraphs are joined,
a row that a page cut in two becomes one again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from parsers.documents import columns
from parsers.documents.glyphs import Line, bounds, is_wide, lines_of
from parsers.documents.limits import Limits
from parsers.documents.model import Block, Text, Unread
from parsers.documents.ruled import KINSOKU, Face, Sheet, Table, joined, tables

SAME_COLUMN = 4.0  # points by which edges may differ from page to page
SAME_SCANNED = 14.0  # the same for pages that were held or laid by hand
MARGIN = 0.125  # share of a page's height where heads, feet and page numbers stand
# - 3 -, — 12 —, 第3页, 第 3 页 共 9 页, 3/9, 3
PAGE_NUMBER = re.compile(r"[-—–―·\s]*第?\s*\d{1,3}\s*页?[-—–―·\s]*(?:[/／|,，]?\s*(?:共\s*)?\d{1,3}\s*页?\s*)?")
# an item's number: 一、 （七） (2) 3. 4． 5、 第二十条 ①
NUMBERED = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十\d]{1,3}[、.．]|第[一二三四五六七八九十]+[条项]|[①-⑳])"
)
FIGURE = re.compile(r"[\d.,，%+\-—–－/／无\s]*")


@dataclass(slots=True)
class Page:
    """A page taken apart: lines outside tables, and tables, both from top to bottom."""

    sheet: Sheet
    lines: list[Line]
    tables: list[Table]


def blocks_of(sheets: Sequence[Sheet], limits: Limits) -> list[Block]:
    """Blocks of all pages. Raises ``Unread("too_large")`` when the tables have more cells than allowed."""
    ruled = [tables(sheet) for sheet in sheets]
    unruled = columns.tables(sheets, [lines_of(outside) for _, outside in ruled])
    pages: list[Page] = []
    cells = 0
    for sheet, (found, _), (more, lines) in zip(sheets, ruled, unruled, strict=True):
        cells += sum(len(row) for table in (*found, *more) for row in table.slots)
        if cells > limits.cells:
            raise Unread("too_large", f"more than {limits.cells} cells")
        pages.append(Page(sheet, lines, sorted([*found, *more], key=_top)))
    _drop_running(pages)
    for before, after in pairwise(pages):
        _join_cut_row(before, after)
    return _paragraphs(pages)


def _drop_running(pages: list[Page]) -> None:
    """Take off page numbers, and heads and feet that other pages have at the same height."""
    marginal: list[list[Line]] = []
    for page in pages:
        height = page.sheet.height
        marginal.append(
            [line for line in page.lines if line.bottom < MARGIN * height or line.top > (1 - MARGIN) * height]
        )
    seen = Counter(key for lines in marginal for key in {_running_key(line) for line in lines})
    for page, lines in zip(pages, marginal, strict=True):
        running = {
            id(line)
            for line in lines
            if _outermost(line, page)
            and (PAGE_NUMBER.fullmatch(line.text) or 2 * seen[_running_key(line)] >= max(len(pages), 4))
        }
        page.lines = [line for line in page.lines if id(line) not in running]


def _running_key(line: Line) -> tuple[str, int]:
    """Text with its figures masked (page numbers, times) and height in steps of four points."""
    return re.sub(r"\d+", "#", line.text), round(line.top / 4)


def _outermost(line: Line, page: Page) -> bool:
    """True when no table and at most two other lines lie between a line and the page's edge."""
    if line.bottom < MARGIN * page.sheet.height:
        nearer = sum(other.top < line.top - 1 for other in page.lines)
        return nearer <= 2 and not any(table.ys[0] < line.top for table in page.tables)
    nearer = sum(other.top > line.top + 1 for other in page.lines)
    return nearer <= 2 and not any(table.ys[-1] > line.bottom for table in page.tables)


def _join_cut_row(before: Page, after: Page) -> None:
    """Join the last row of a page with the first of the next when they are one row.

    Rules along the cut prove nothing by themselves: Chromium draws none between two whole rows either, Word draws them
    through a row. So the texts decide: only one half may hold figures, and a label must go on in the middle.
    """
    if not before.tables or not after.tables:
        return
    upper, lower = before.tables[-1], after.tables[0]
    if any(line.top > upper.ys[-1] for line in before.lines) or any(line.bottom < lower.ys[0] for line in after.lines):
        return
    near = SAME_SCANNED if before.sheet.doubt else SAME_COLUMN
    if abs(upper.xs[0] - lower.xs[0]) > near or abs(upper.xs[-1] - lower.xs[-1]) > near:
        return
    first = _repeated_rows(upper, lower)
    if first >= len(lower.ys) - 1:
        return
    pairs = _same_columns(_row(upper, len(upper.ys) - 2), _row(lower, first), near)
    _carry_labels(pairs, upper, lower, first)
    leaves = [(a, b) for a, b in pairs if a.row_span == 1 and b.row_span == 1]
    if len(leaves) > 1 and _is_one_row(leaves):
        for a, b in leaves:
            a.lines, a.glyphs = [*a.lines, *b.lines], [*a.glyphs, *b.glyphs]
            if not a.text:
                a.box, a.text = (b.box, b.text) if b.text else (a.box, "")
            elif b.text:
                a.text = joined(a.lines, max(line.width for line in a.lines))
        _remove_row(lower, first)


def _row(table: Table, number: int) -> list[Face]:
    """Cells of a row from left to right, each once."""
    order = dict.fromkeys(i for i in table.slots[number] if i >= 0)
    return [table.faces[i] for i in order]


def _repeated_rows(upper: Table, lower: Table) -> int:
    """How many rows of the lower part only repeat the head of the upper."""
    count = 0
    for number in range(min(len(upper.ys), len(lower.ys)) - 1):
        texts = [face.text for face in _row(upper, number)]
        if texts != [face.text for face in _row(lower, number)] or not any(texts):
            break
        if all(FIGURE.fullmatch(text) for text in texts):
            break
        count += 1
    return count


def _same_columns(upper: list[Face], lower: list[Face], near: float) -> list[tuple[Face, Face]]:
    """Pairs of cells with the same left and right edges."""
    return [(a, b) for a in upper for b in lower if abs(a.box[0] - b.box[0]) <= 4 and abs(a.box[2] - b.box[2]) <= 4]


def _carry_labels(pairs: list[tuple[Face, Face]], upper: Table, lower: Table, first: int) -> None:
    """A label over several rows that a page cut: its second half says what the first says."""
    for a, b in pairs:
        if a.row_span == 1 and b.row_span == 1:
            continue
        if not a.text or FIGURE.fullmatch(a.text) or b.row != first:
            continue
        if b.row_span > 1 and not b.text:
            b.text = a.text
        elif b.text and b.row_span > 1 and not NUMBERED.match(b.text) and _full(a):
            a.text = b.text = a.text + b.text


def _full(face: Face) -> bool:
    """True when the last line of a cell leaves no room for another character. Of a stop at its end only the ink may
    have been measured, not the room it takes."""
    if not face.lines:
        return False
    last = face.lines[-1]
    spare = KINSOKU if last.text[-1].isalnum() else KINSOKU + 1
    return face.width - last.width < spare * last.size


def _is_one_row(leaves: list[tuple[Face, Face]]) -> bool:
    labels = [(a, b) for a, b in leaves if a.text and b.text]
    if any(FIGURE.fullmatch(a.text) or FIGURE.fullmatch(b.text) for a, b in labels):
        return False
    if len(labels) == 1:
        a, b = labels[0]
        return _full(a) and not NUMBERED.match(b.text)
    if labels:
        return False
    upper, lower = any(a.text for a, _ in leaves), any(b.text for _, b in leaves)
    return upper != lower and any(t and not FIGURE.fullmatch(t) for a, b in leaves for t in (a.text, b.text))


def _remove_row(table: Table, number: int) -> None:
    for face in table.faces:
        if face.row <= number < face.row + face.row_span:
            face.row_span -= 1
        elif face.row > number:
            face.row -= 1
    del table.slots[number], table.ys[number]


def _paragraphs(pages: list[Page]) -> list[Block]:
    """Texts and grids in reading order. A paragraph may go on over a page's end, never over a table."""
    body = [line for page in pages for line in page.lines]
    left, right = _measure(body)
    blocks: list[Block] = []
    held: list[tuple[Sheet, Line]] = []

    def close() -> None:
        if held:
            sheet = held[0][0]
            box = bounds([line.box for other, line in held if other is sheet])
            blocks.append(Text(_sentence([line for _, line in held]), sheet.place(box)))
            held.clear()

    for page in pages:
        items: list[Line | Table] = sorted([*page.lines, *page.tables], key=_top)
        for item in items:
            if isinstance(item, Table):
                close()
                if item.slots:
                    blocks.append(item.grid())
                continue
            if held and not _goes_on(held[-1], (page.sheet, item), left, right):
                close()
            held.append((page.sheet, item))
    close()
    return blocks


def _top(item: Line | Table) -> float:
    return item.top if isinstance(item, Line) else item.ys[0]


def _measure(lines: list[Line]) -> tuple[float, float]:
    """Left and right margin of the body text: the commonest beginning, and the end that many long lines reach."""
    if not lines:
        return 0.0, 0.0
    size = median(line.size for line in lines)
    widest = max(line.width for line in lines)
    long_lines = [line for line in lines if line.width > 0.8 * widest and line.size < 1.3 * size] or lines
    lefts = sorted(line.left for line in long_lines)
    return lefts[len(lefts) // 10], max(line.right for line in long_lines)


def _goes_on(before: tuple[Sheet, Line], after: tuple[Sheet, Line], left: float, right: float) -> bool:
    """True when a line continues the paragraph of the line before: that one was full, this one is not indented."""
    (sheet, upper), (next_sheet, lower) = before, after
    size = upper.size
    if abs(lower.size - size) > 0.15 * size:
        return False
    if next_sheet.number - sheet.number > 1 or (sheet is next_sheet and lower.top - upper.bottom > 1.6 * size):
        return False
    first = lower.glyphs[0]
    return lower.left < left + 1.2 * size and upper.right + (first.right - first.left) > right - 1.2 * size


def _sentence(lines: list[Line]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        latin = not (is_wide(text[-1]) or is_wide(line.text[0]))
        words = latin and (text[-1].isalpha() or line.text[0].isalpha())
        text += f" {line.text}" if words else line.text
    return text
