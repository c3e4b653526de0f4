"""Drawn paths -> rules: which strokes and thin areas are lines of a table. PDF and OFD share it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from parsers.documents.glyphs import Glyph
from parsers.documents.ruled import Rule

THIN = 3.0  # points; a filled area thinner than this is a rule
ALIGNED = 0.6  # points that a stroke may lean and still be a rule

FAR = 10.0  # half points around a stroke, in which the middles of all that it may strike out lie
OVERHANG = 0.7  # of the type size: so far at most a stroke reaches over the characters that it strikes out

Segment = tuple[float, float, float, float]
Point = tuple[float, float]


def bar(left: float, low: float, right: float, high: float) -> list[Segment]:
    """The middle line of a thin box; nothing for a box that is an area."""
    if high - low <= THIN:
        y = (low + high) / 2
        return [(left, y, right, y)]
    if right - left <= THIN:
        x = (left + right) / 2
        return [(x, low, x, high)]
    return []


def bars_of(outlines: Sequence[Sequence[Point]]) -> list[Segment]:
    """Thin filled outlines as bars, and the four sides of a frame that is painted as one box inside another."""
    boxes = []
    for points in outlines:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    found: list[Segment] = []
    for box in boxes:
        found += bar(*box)
    for outer, inner in pairwise(boxes):
        gaps = [abs(a - b) for a, b in zip(outer, inner, strict=True)]
        if max(gaps) <= THIN and inner[2] - inner[0] > THIN and inner[3] - inner[1] > THIN:
            left, low, right, high = ((a + b) / 2 for a, b in zip(outer, inner, strict=True))
            found += [
                (left, low, right, low),
                (left, high, right, high),
                (left, low, left, high),
                (right, low, right, high),
            ]
    return found


def rules_of(segments: Iterable[Segment], width: float, height: float) -> tuple[list[Rule], list[Rule]]:
    """Horizontal and vertical rules inside a page; other strokes are dropped."""
    across: list[Rule] = []
    down: list[Rule] = []
    for x0, y0, x1, y1 in segments:
        if -ALIGNED <= y1 - y0 <= ALIGNED:
            start, end = max(min(x0, x1), 0.0), min(max(x0, x1), width)
            if start < end and 0 <= y0 <= height:
                across.append(((y0 + y1) / 2, start, end))
        elif -ALIGNED <= x1 - x0 <= ALIGNED:
            start, end = max(min(y0, y1), 0.0), min(max(y0, y1), height)
            if start < end and 0 <= x0 <= width:
                down.append(((x0 + x1) / 2, start, end))
    return across, down


def without_struck(glyphs: list[Glyph], across: list[Rule]) -> tuple[list[Glyph], list[Rule]]:
    """Characters and horizontal rules without what is struck out: a stroke through the middle of characters that ends
    where they end is no rule of a table, and they are as good as deleted."""
    ordered = sorted((glyph[2] + glyph[4], n) for n, glyph in enumerate(glyphs))
    struck: set[int] = set()
    strokes: set[Rule] = set()
    near: dict[float, list[int]] = {}
    for rule in across:
        y, start, end = rule
        if y not in near:
            first, last = bisect_left(ordered, (2 * y - FAR, 0)), bisect_right(ordered, (2 * y + FAR, 0))
            near[y] = [n for _, n in ordered[first:last] if _crosses(y, glyphs[n])]
        hit = [n for n in near[y] if start <= (glyphs[n][1] + glyphs[n][3]) / 2 <= end]
        if hit and _is_as_long(start, end, [glyphs[n] for n in hit]):
            struck.update(hit)
            strokes.add(rule)
    if not struck:
        return glyphs, across
    return [g for n, g in enumerate(glyphs) if n not in struck], [rule for rule in across if rule not in strokes]


def _crosses(y: float, glyph: Glyph) -> bool:
    return abs(glyph[2] + glyph[4] - 2 * y) <= 0.4 * (glyph[4] - glyph[2])


def _is_as_long(start: float, end: float, struck: Sequence[Glyph]) -> bool:
    over = OVERHANG * (struck[0].bottom - struck[0].top)
    left, right = min(glyph.left for glyph in struck), max(glyph.right for glyph in struck)
    return left - start <= over and end - right <= over
