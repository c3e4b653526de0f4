"""What the readers need of PDFium, through its C interface.

The functions are bound a second time with plain addresses: a call then costs 0.4 microseconds instead of one, and a
page of a report takes thousands. Boxes are written into one buffer and taken out at once.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from parsers.documents.glyphs import PLAIN, Glyph, is_wide
from parsers.documents.ruled import Sheet
from parsers.documents.strokes import THIN, Segment, bar, bars_of, rules_of, without_struck

MOST_OBJECTS = 60_000
MOST_CHARACTERS = 60_000
MOST_SEGMENTS = 4_000
DEEPEST_FORM = 8
OPENING = "（〔【《〈「『“‘［｛"
WHITE = 249
BIG = 18.0  # points; watermarks are bigger than body text
INVISIBLE = 3  # text render mode of a recognised layer under a scan
UNMAPPED = 0.02  # share of characters without Unicode that makes a text layer useless

_V, _I, _F, _D = ctypes.c_void_p, ctypes.c_int, ctypes.c_float, ctypes.c_double
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _bind(name: str, result: Any, *arguments: Any) -> Any:
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(getattr(raw, name), _V).value or 0)


_count_chars = _bind("FPDFText_CountChars", _I, _V)
_get_text = _bind("FPDFText_GetText", _I, _V, _I, _I, _V)
_unicode = _bind("FPDFText_GetUnicode", ctypes.c_uint, _V, _I)
_unmapped = _bind("FPDFText_HasUnicodeMapError", _I, _V, _I)
_loose_box = _bind("FPDFText_GetLooseCharBox", _I, _V, _I, _V)
_text_object = _bind("FPDFText_GetTextObject", _V, _V, _I)
_font_size = _bind("FPDFText_GetFontSize", _D, _V, _I)
_char_matrix = _bind("FPDFText_GetMatrix", _I, _V, _I, _V)
_render_mode = _bind("FPDFTextObj_GetTextRenderMode", _I, _V)
_count_objects = _bind("FPDFPage_CountObjects", _I, _V)
_get_object = _bind("FPDFPage_GetObject", _V, _V, _I)
_count_in_form = _bind("FPDFFormObj_CountObjects", _I, _V)
_get_in_form = _bind("FPDFFormObj_GetObject", _V, _V, ctypes.c_ulong)
_type = _bind("FPDFPageObj_GetType", _I, _V)
_bounds = _bind("FPDFPageObj_GetBounds", _I, _V, _V, _V, _V, _V)
_matrix = _bind("FPDFPageObj_GetMatrix", _I, _V, _V)
_fill_color = _bind("FPDFPageObj_GetFillColor", _I, _V, _V, _V, _V, _V)
_stroke_color = _bind("FPDFPageObj_GetStrokeColor", _I, _V, _V, _V, _V, _V)
_stroke_width = _bind("FPDFPageObj_GetStrokeWidth", _I, _V, _V)
_draw_mode = _bind("FPDFPath_GetDrawMode", _I, _V, _V, _V)
_count_segments = _bind("FPDFPath_CountSegments", _I, _V)
_get_segment = _bind("FPDFPath_GetPathSegment", _V, _V, _I)
_segment_type = _bind("FPDFPathSegment_GetType", _I, _V)
_segment_point = _bind("FPDFPathSegment_GetPoint", _I, _V, _V, _V)
_segment_close = _bind("FPDFPathSegment_GetClose", _I, _V)
_crop_box = _bind("FPDFPage_GetCropBox", _I, _V, _V, _V, _V, _V)
_page_box = _bind("FPDF_GetPageBoundingBox", _I, _V, _V)


_PATH, _IMAGE, _FORM = raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM


class Frame(NamedTuple):
    """How page space becomes top-left space: the page's box, and quarter turns that set its text upright."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return y - self.bottom, x - self.left
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)


class Drawn(NamedTuple):
    """A page, and what speaks for reading its picture instead of its text: the share of characters without Unicode,
    of invisible ones, and of the page that images cover."""

    sheet: Sheet
    unmapped: float
    invisible: float
    images: float


class _Style(NamedTuple):
    """What the characters of one text object share. ``turns`` is -1 for what is no text of the page: watermarks.
    ``x``, ``y`` is the origin of its first character: in page space the baseline goes through it."""

    size: float
    turns: int
    invisible: bool
    unmapped: bool
    x: float
    y: float


Found = list[tuple[int, str, _Style]]
"""Characters as (index in the text page, text, style)."""


def draw(page: Any, number: int) -> Drawn:
    """One page as characters and rules. ``page`` is a raw page handle, ``number`` counts from 1."""
    handle = ctypes.cast(page, _V).value or 0
    segments, grounds, images = _segments(handle)
    text_page = raw.FPDFText_LoadPage(page)
    try:
        text_handle = ctypes.cast(text_page, _V).value or 0
        found = _characters(text_handle, grounds, images > 0)
        turns = Counter([style.turns for _, _, style in found]).most_common(1)
        frame = _frame(handle, turns[0][0] if turns else raw.FPDFPage_GetRotation(page))
        glyphs = _glyphs(text_handle, found, frame)
        if _is_cropped(handle):
            glyphs = _inside(glyphs, *frame.size)
    finally:
        raw.FPDFText_ClosePage(text_page)
    upright = [(*frame.point(x0, y0), *frame.point(x1, y1)) for x0, y0, x1, y1 in segments]
    across, down = rules_of(upright, *frame.size)
    glyphs, across = without_struck(glyphs, across)
    width, height = frame.size
    count = max(len(found), 1)
    unmapped = sum([style.unmapped for _, _, style in found]) / count
    invisible = sum([style.invisible for _, _, style in found]) / count
    return Drawn(Sheet(number, width, height, glyphs, across, down), unmapped, invisible, images / (width * height))


def _inside(glyphs: list[Glyph], width: float, height: float) -> list[Glyph]:
    """What is seen: halves of a sheet are often two pages that hold all of it, each cut to its own."""
    return [g for g in glyphs if 0 <= g[1] + g[3] <= 2 * width and 0 <= g[2] + g[4] <= 2 * height]


def _is_cropped(page: int) -> bool:
    box = (_F * 4)()
    at = ctypes.addressof(box)
    return bool(_crop_box(page, at, at + 4, at + 8, at + 12))


def _frame(page: int, turns: int) -> Frame:
    box = (_F * 4)()
    _page_box(page, ctypes.addressof(box))
    left, top, right, bottom = box
    width, height = max(abs(right - left), 1.0), max(abs(top - bottom), 1.0)
    return Frame(min(left, right), min(top, bottom), min(left, right) + width, min(top, bottom) + height, turns)


def _characters(page: int, grounds: list[Segment], over_images: bool) -> Found:
    """Characters in the order of the file. Blanks are left to geometry; figures that nobody sees are left out."""
    count = min(_count_chars(page), MOST_CHARACTERS)
    if count <= 0:
        return []
    owned: list[tuple[int, str, int]] = []
    firsts: dict[int, int] = {}
    figures: list[int] = []
    for i, text in enumerate(map(PLAIN.__getitem__, _texts(page, count))):
        if text and (owner := _text_object(page, i)):
            owned.append((i, text, owner))
            if owner not in firsts:
                firsts[owner] = i
                if "0" <= text <= "9":
                    figures.append(owner)
    styles = _styles(page, firsts, over_images)
    scratch = _Scratch()
    for owner in figures:
        if _is_unseen(owner, grounds, over_images, scratch):
            styles[owner] = styles[owner]._replace(turns=-1)
    return [(i, text, style) for i, text, owner in owned if (style := styles[owner]).turns >= 0]


def _texts(page: int, count: int) -> list[str]:
    """One string for each character: from one call where every character is one unit of UTF-16."""
    buffer = (ctypes.c_uint16 * (count + 1))()
    if _get_text(page, 0, count, ctypes.addressof(buffer)) == count + 1:
        texts = [chr(unit) for unit in buffer[:count]]
        if not any("\ud800" <= text < "\ue000" for text in texts):
            return texts
    return [chr(code) if (code := _unicode(page, i)) < 0x110000 else "\ufffd" for i in range(count)]


def _styles(page: int, firsts: dict[int, int], over_images: bool) -> dict[int, _Style]:
    """Style of each text object by its first character. Only big type is asked for a watermark's transparency, only
    type over images for being invisible."""
    buffer = (_F * (6 * len(firsts)))()
    at = ctypes.addressof(buffer)
    for n, i in enumerate(firsts.values()):
        _char_matrix(page, i, at + 24 * n)
    matrices = iter(buffer[:])
    styles = {}
    for (owner, i), a, b, c, d, x, y in zip(
        firsts.items(), matrices, matrices, matrices, matrices, matrices, matrices, strict=False
    ):
        size = abs(_font_size(page, i)) * (abs(d) if c == 0 else math.hypot(c, d))
        turns = 0 if b == 0 < a else _turns(a, b)
        if not 0.5 < size < 400 or (size > BIG and _see_through(owner)):
            turns = -1
        invisible = over_images and _render_mode(owner) == INVISIBLE
        styles[owner] = _Style(size, turns, invisible, _unmapped(page, i) == 1, x, y)
    return styles


def _is_unseen(item: int, grounds: list[Segment], over_images: bool, scratch: _Scratch) -> bool:
    """True for figures painted with nothing, or in white on white. On a dark ground white is seen, and what lies under
    a picture was recognised in it."""
    if not over_images and _render_mode(item) == INVISIBLE:
        return True
    if not _is_paper(item, _fill_color, scratch):
        return False
    at, floats = scratch.at, scratch.floats
    if over_images or not _bounds(item, at, at + 4, at + 8, at + 12):
        return False
    left, bottom, right, top = floats[:4]
    x, y = (left + right) / 2, (bottom + top) / 2
    return not any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in grounds)


def _turns(a: float, b: float) -> int:
    """Quarter turns of a text direction, -1 for a slanted one."""
    quarter = math.degrees(math.atan2(b, a)) / 90
    return round(quarter) % 4 if abs(quarter - round(quarter)) <= 0.05 else -1


def _see_through(item: int) -> bool:
    """True for a watermark's half transparent colour."""
    color = (ctypes.c_uint * 4)()
    at = ctypes.addressof(color)
    return bool(_fill_color(item, at, at + 4, at + 8, at + 12)) and color[3] < 128


def _glyphs(page: int, found: Found, frame: Frame) -> list[Glyph]:
    """Boxes as high as the type size around the baseline: a font's own ascent and descent say little."""
    glyphs = []
    buffer = (_F * (4 * len(found)))()
    at = ctypes.addressof(buffer)
    for n, (i, _, _) in enumerate(found):
        _loose_box(page, i, at + 16 * n)
    boxes = iter(buffer[:])
    upright, point = frame.turns, frame.point
    made = tuple.__new__  # what a named tuple itself does, without the call between
    for (_, text, style), x0, y0, x1, y1 in zip(found, boxes, boxes, boxes, boxes, strict=False):
        size, turns, _, unmapped, x, y = style
        if upright:
            (x0, y0), (x1, y1), (x, y) = point(x0, y0), point(x1, y1), point(x, y)
        else:
            x0, x1 = x0 - frame[0], x1 - frame[0]
            y0, y1, y = frame[3] - y0, frame[3] - y1, frame[3] - y
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        if x1 - x0 < 0.05 * size:
            x1 = x0 + size / 2
        if text >= "⺀" and x1 - x0 < 0.7 * size and is_wide(text):  # the ink of a sign, not the room it takes
            x0, x1 = (x1 - size, x1) if text in OPENING else (x0, x0 + size)
        if turns == upright and -0.75 * size < y - 0.38 * size - (y0 + y1) / 2 < 0.75 * size:
            y0, y1 = y - 0.88 * size, y + 0.12 * size
        glyphs.append(made(Glyph, ("\ufffd" if unmapped else text, x0, y0, x1, y1)))
    return glyphs


class _Scratch:
    """Memory that PDFium writes its answers into."""

    __slots__ = ("at", "colors", "floats", "memory", "modes")

    def __init__(self) -> None:
        self.memory = ctypes.create_string_buffer(64)
        self.at = ctypes.addressof(self.memory)
        self.floats = (_F * 6).from_buffer(self.memory)
        self.colors = (ctypes.c_uint * 4).from_buffer(self.memory)
        self.modes = (_I * 2).from_buffer(self.memory)


def _segments(page: int) -> tuple[list[Segment], list[Segment], float]:
    """Straight strokes and thin bars in page space, boxes of coloured areas, and the area that images cover."""
    segments: list[Segment] = []
    grounds: list[Segment] = []
    images = 0.0
    scratch = _Scratch()
    at, floats = scratch.at, scratch.floats
    for item, kind, matrix in _objects(page):
        if not _bounds(item, at, at + 4, at + 8, at + 12):
            continue
        left, bottom, right, top = floats[:4] if matrix is IDENTITY else _transformed(floats[:4], matrix)
        if right - left <= THIN and top - bottom <= THIN:
            continue  # a dot at a corner: the bars that meet there reach over it
        if kind == _PATH:
            found = _path(item, (left, bottom, right, top), matrix, scratch)
            segments += found
            wide = right - left > THIN and top - bottom > THIN
            if wide and not found and not _is_paper(item, _fill_color, scratch):
                grounds.append((left, bottom, right, top))
        else:
            images += (right - left) * (top - bottom)
            segments += bar(left, bottom, right, top)
    return segments, grounds, images


def _objects(page: int) -> Iterator[tuple[int, int, Matrix]]:
    """Paths and images of a page and of the forms in it, each with its type and the matrix of its form."""
    budget = MOST_OBJECTS
    waiting: list[tuple[int, Matrix, int]] = [(page, IDENTITY, 0)]
    while waiting:
        holder, matrix, depth = waiting.pop()
        count = _count_in_form(holder) if depth else _count_objects(holder)
        for i in range(max(0, min(count, budget))):
            item = _get_in_form(holder, i) if depth else _get_object(holder, i)
            if not item:
                continue
            kind = _type(item)
            if kind in (_PATH, _IMAGE):
                yield item, kind, matrix
            elif kind == _FORM and depth < DEEPEST_FORM:
                waiting.append((item, _times(_own_matrix(item), matrix), depth + 1))
        budget -= max(count, 0)


def _own_matrix(item: int) -> Matrix:
    buffer = (_F * 6)()
    if not _matrix(item, ctypes.addressof(buffer)):
        return IDENTITY
    a, b, c, d, e, f = buffer
    return a, b, c, d, e, f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _transformed(box: list[float], matrix: Matrix) -> tuple[float, float, float, float]:
    corners = [_apply(matrix, x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _path(item: int, box: Segment, matrix: Matrix, scratch: _Scratch) -> list[Segment]:
    if not _draw_mode(item, scratch.at, scratch.at + 4):
        return []
    fill, stroke = scratch.modes
    filled = fill != 0 and not _is_paper(item, _fill_color, scratch)
    stroked = stroke != 0 and not _is_paper(item, _stroke_color, scratch)
    if not filled and not stroked:
        return []
    left, bottom, right, top = box
    if right - left <= THIN or top - bottom <= THIN:
        return bar(left, bottom, right, top)
    count = _count_segments(item)
    if count > MOST_SEGMENTS or (not stroked and count <= 5):
        return []
    outlines = _outlines(item, count, _times(_own_matrix(item), matrix))
    found: list[Segment] = []
    if stroked and _stroke_is_thin(item):
        for points in outlines:
            found += [(*a, *b) for a, b in pairwise(points)]
    if filled:
        found += bars_of(outlines)
    return found


def _is_paper(item: int, color_of: Any, scratch: _Scratch) -> bool:
    """True for what nobody sees: white or wholly transparent."""
    at = scratch.at
    if not color_of(item, at, at + 4, at + 8, at + 12):
        return False
    red, green, blue, alpha = scratch.colors
    return (red > WHITE and green > WHITE and blue > WHITE) or alpha == 0


def _stroke_is_thin(item: int) -> bool:
    width = (_F * 1)()
    scale = math.hypot(*_own_matrix(item)[:2])
    return not _stroke_width(item, ctypes.addressof(width)) or width[0] * scale <= 2 * THIN


def _outlines(item: int, count: int, matrix: Matrix) -> list[list[tuple[float, float]]]:
    """Sub-paths as corner points in page space. A curve starts a new one: its ends are joined by no rule."""
    point = (_F * 2)()
    at = ctypes.addressof(point)
    outlines: list[list[tuple[float, float]]] = []
    start: tuple[float, float] | None = None
    for i in range(count):
        segment = _get_segment(item, i)
        if not segment or not _segment_point(segment, at, at + 4):
            continue
        kind = _segment_type(segment)
        corner = _apply(matrix, point[0], point[1])
        if kind == raw.FPDF_SEGMENT_LINETO and outlines:
            outlines[-1].append(corner)
        else:
            outlines.append([corner])
            if kind == raw.FPDF_SEGMENT_MOVETO:
                start = corner
        if _segment_close(segment) and start:
            outlines[-1].append(start)
    return outlines
