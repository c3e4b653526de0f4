"""Characters with boxes -> lines of text: the part that PDF, OFD and OCR share.

All lengths are points (pixels for images), origin top left, y downwards.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

Box = tuple[float, float, float, float]

# A full-width character advances by its size, a figure by 0.5 to 0.64 of it; a blank adds 0.2 at least
FIGURE_ADVANCE = 0.66
WORD_GAP = 0.17
WIDE_GAP = 1.0
SAME_LINE = 0.45
PRINTED_OVER = 0.6  # of a figure's width: neighbours never share so much room
UNREADABLE = "\ufffd"
LOWERED = 0.08  # of the size before: how far at least a lowered figure reaches below it
RAISED = 0.8  # of the size before: notes are set in 0.5 to 0.7 of it

# Producers map glyphs to look-alikes: radicals (Chromium, iOS), forms for vertical writing, ligatures
_RADICALS = dict(
    zip(
        "⺁⺅⺌⺟⺠⺢⺣⺮⺷⺼⺾⻁⻄⻅⻆⻉⻋⻌⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻱⻳",
        "厂亻小母民氵灬竹羊肉艹虎西见角贝车辶长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟龟",
        strict=True,
    )
)
_UPRIGHT = dict(
    zip(
        "︐︑︒︓︔︕︖︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈︱︰",
        "，、。：；！？（）｛｝〔〕【】《》〈〉「」『』［］—：",
        strict=True,
    )
)
_COMPATIBLE = (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFADA), *range(0xFB00, 0xFB07))
VARIANTS: dict[int, str] = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in _COMPATIBLE},
    **{ord(variant): plain for variant, plain in {**_RADICALS, **_UPRIGHT}.items()},
    0x02: "-",  # PDFium's mark for a hyphen at a line's end
    0xFFFE: "-",
}


class Glyph(NamedTuple):
    """A character where it is drawn; the box is as high as the type size, whatever the font says."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Line:
    """Characters on one baseline, from left to right."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    glyphs: tuple[Glyph, ...]

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def box(self) -> Box:
        return self.left, self.top, self.right, self.bottom


class _Plain(dict[str, str]):
    """The character that a look-alike stands for; empty for blanks and controls, which geometry replaces."""

    def __missing__(self, character: str) -> str:
        code = ord(character)
        result = VARIANTS.get(code, character)
        if code not in VARIANTS and (character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Cs"}):
            result = ""
        self[character] = result
        return result


PLAIN: Mapping[str, str] = _Plain()


def is_wide(character: str) -> bool:
    """True for characters that advance by their whole size: ideographs and full-width signs."""
    return character >= "⺀" and not "\uff61" <= character <= "\uffdc"


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """Lines from top to bottom. Characters share a line when their middles differ by less than half a size."""
    ordered = sorted(glyphs, key=_middle)
    if ordered and ordered[0][2] == ordered[-1][2] and ordered[0][4] == ordered[-1][4]:
        return [line_of(ordered)]
    rows: list[list[Glyph]] = []
    middle = size = 0.0
    for glyph in ordered:
        own_middle, own_size = (glyph[2] + glyph[4]) / 2, glyph[4] - glyph[2]
        if rows and own_middle - middle <= SAME_LINE * max(size, own_size):
            rows[-1].append(glyph)
            if own_size > size * 1.2:
                middle, size = own_middle, own_size
        else:
            rows.append([glyph])
            middle, size = own_middle, own_size
    return [line_of(row) for row in rows]


def _middle(glyph: Glyph) -> float:
    return glyph[2] + glyph[4]


def _left(glyph: Glyph) -> float:
    return glyph[1]


def line_of(row: list[Glyph]) -> Line:
    row.sort(key=_left)
    before = row[0]
    kept = [before]
    text, left, top, right, bottom = before
    for glyph in row[1:]:
        own, own_left, own_top, own_right, own_bottom = glyph
        gap = own_left - before[3]
        if gap < 0 and own == before[0] and own_left - before[1] < 0.25 * (own_right - own_left):
            continue  # bold type imitated by printing twice
        if gap < 0 and own_left - before[1] < PRINTED_OVER * (own_right - own_left) and _are_figures(before, glyph):
            text += UNREADABLE  # one figure printed over another, or over one that a white box covers
        height, height_before = own_bottom - own_top, before[4] - before[2]
        if (height < RAISED * height_before and _is_note(before, glyph)) or (
            height_before < RAISED * height and _is_note(glyph, before)
        ):
            text += f"^{own}"  # a footnote behind a figure must not become its last digit
        else:
            text += f" {own}" if gap > WORD_GAP * (own_bottom - own_top) and _apart(before, glyph) else own
        top = own_top if own_top < top else top
        bottom = own_bottom if own_bottom > bottom else bottom
        right = own_right if own_right > right else right
        kept.append(glyph)
        before = glyph
    return Line(text, left, top, right, bottom, tuple(kept))


def _are_figures(before: Glyph, after: Glyph) -> bool:
    return before[0].isdecimal() and after[0].isdecimal() and before[4] > after[2] and after[4] > before[2]


def _is_note(figure: Glyph, small: Glyph) -> bool:
    """True for a small figure in the upper half beside a figure, or one that reaches below its line."""
    _, _, top, _, bottom = figure
    high = (small[2] + small[4]) / 2 < (top + bottom) / 2
    low = small[4] > bottom + LOWERED * (bottom - top)
    return (high or low) and figure[0].isdecimal() and small[0].isdecimal()


def _apart(before: Glyph, after: Glyph) -> bool:
    """True when a blank stands in the gap between two neighbours. Justified ideographs are no words."""
    size = max(before[4] - before[2], after[4] - after[2])
    gap = after[1] - before[3]
    if is_wide(before[0]) or is_wide(after[0]):
        return gap > WIDE_GAP * size
    if (before[0].isdigit() or before[0] in ".,") and (after[0].isdigit() or after[0] in ".,"):
        return after[1] - before[1] > FIGURE_ADVANCE * size
    return gap > WORD_GAP * size


def in_columns(glyphs: Sequence[Glyph]) -> bool:
    """True when characters, in the order of the file, run downwards in two or more columns: vertical writing."""
    if len(glyphs) < 4 or glyphs[0].top == glyphs[1].top:
        return False
    size = glyphs[0].bottom - glyphs[0].top
    if max(g.right for g in glyphs) - min(g.left for g in glyphs) < 1.6 * size:
        return False
    down = across = 0
    for before, after in pairwise(glyphs):
        size = after.bottom - after.top
        if abs(after.left - before.left) < 0.4 * size and 0.5 * size < after.top - before.top < 2 * size:
            down += 1
        elif abs(after.top - before.top) < 0.4 * size:
            across += 1
    return down > 2 and down > 2 * across


def bounds(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def place(page: int, box: Box) -> str:
    """``p2:72,510,90,522``: page, then left, top, right, bottom in whole points."""
    left, top, right, bottom = box
    return f"p{page}:{left:.0f},{top:.0f},{right:.0f},{bottom:.0f}"
