"""Ink -> ruling lines of tables, as clean and whole as if they had been drawn by a program.

Lines are sought twice. First as long ridges of darkness, which finds where the net's edges lie though faint pieces may
be missing; then each side of each slot of that net is looked at by itself, where much less evidence is enough.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from parsers.documents.ruled import MOST_MEETINGS, Rule, Sheet, Table, arranged, weld

Picture = np.ndarray[Any, Any]

# Pixels of a page at 200 dpi
LONG_ACROSS = 61  # two characters of body text: no stroke of writing is so long
LONG_DOWN = 39  # less than the lowest row
BESIDE = 5  # a line is darker than what lies so far beside it
RIDGE = 28  # darkness by which a side of a slot must be
ENOUGH = 36  # darkness by which every piece of a line counts as drawn
SHARE = 0.7  # of a long stretch that must be drawn
PIECE = 160  # long ridges are taken in pieces, because paper bends
THICKEST = 9
DRIFT = 4  # a line may leave its edge by so much
CHUNK = 90
WEAK = 0.35  # of the usual darkness of the table's lines is enough for a side of a slot
MOST_PIECES = 6_000
POINT = 72 / 200
# Points
LONGEST_STROKE = 27.0
TOUCH = 1.5
LEAST_WIDTH = 0.1  # of the page
LEAST_HEIGHT = 10.0


def find(ink: Picture) -> tuple[list[Rule], list[Rule]]:
    """Horizontal and vertical rules in points of 72 to the inch, every one whole from edge to edge."""
    across = _ridges(ink, LONG_ACROSS)
    down = _ridges(np.ascontiguousarray(ink.T), LONG_DOWN)
    if len(across) > MOST_PIECES or len(down) > MOST_PIECES:
        return [], []
    across, down = weld(_points(across)), weld(_points(down))
    if len(across) * len(down) > MOST_MEETINGS:
        return [], []
    across = [rule for rule in across if _is_line(rule, down)]
    down = [rule for rule in down if _is_line(rule, across)]
    height, width = ink.shape
    clean_across: list[Rule] = []
    clean_down: list[Rule] = []
    for table in arranged(Sheet(1, width * POINT, height * POINT, [], across, down)):
        left, top, right, bottom = table.box
        if right - left > LEAST_WIDTH * width * POINT and bottom - top > LEAST_HEIGHT:
            first, second = _proved(ink, table)
            clean_across += first
            clean_down += second
    return clean_across, clean_down


def _points(rules: list[Rule]) -> list[Rule]:
    return [(at * POINT, start * POINT, end * POINT) for at, start, end in rules]


def _is_line(rule: Rule, crossing: list[Rule]) -> bool:
    """A stroke of writing is short and ends in the open; a short line of a table ends at other lines."""
    at, start, end = rule
    if end - start > LONGEST_STROKE:
        return True
    met = [
        any(abs(other - edge) < TOUCH and first - TOUCH < at < last + TOUCH for other, first, last in crossing)
        for edge in (start, end)
    ]
    return all(met)


def _ridges(ink: Picture, long: int) -> list[Rule]:
    """Pieces of horizontal lines in pixels: thin, darker than what lies above and below, and long. All that is dark
    enough counts the same, so that a black stroke does not pass for a long line."""
    smooth = cv2.blur(ink, (5, 1))
    beside = np.zeros_like(smooth)
    beside[BESIDE:] = smooth[:-BESIDE]
    beside[:-BESIDE] = np.maximum(beside[:-BESIDE], smooth[BESIDE:])
    ridge = np.minimum(cv2.subtract(smooth, beside), ENOUGH)
    mask = (cv2.blur(ridge, (long, 1)) > SHARE * ENOUGH).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    wide, high = stats[:, 2], stats[:, 3]
    rules: list[Rule] = []
    for i in np.nonzero((wide >= long // 4) & (high <= np.maximum(THICKEST, wide // 12)))[0].tolist():
        x, y, w, h, _ = stats[i].tolist()
        if i == 0:
            continue
        part = labels[y : y + h, x : x + w] == i
        for start in range(0, w, PIECE):
            rules += _piece(ink, part[:, start : start + PIECE], x + start, y)
        if len(rules) > MOST_PIECES:
            break
    return rules


def _piece(ink: Picture, part: Picture, x: int, y: int) -> list[Rule]:
    """The stretch that is really dark: averaging along the line blurred its ends."""
    rows = np.nonzero(part)[0]
    if not len(rows):
        return []
    middle = y + float(rows.mean())
    top, bottom = max(0, round(middle) - 2), round(middle) + 3
    reach = LONG_ACROSS // 2
    first, last = max(0, x - reach), x + part.shape[1] + reach
    dark = ink[top:bottom, first:last].max(axis=0)
    own = dark[x - first : x - first + part.shape[1]]
    drawn = dark > 0.4 * np.median(own)
    begin, end = x - first, x - first + part.shape[1] - 1
    middle_at = (begin + end) // 2
    blank = ~drawn
    wide = np.nonzero(blank[:-2] & blank[1:-1] & blank[2:])[0].tolist()
    begin = max([g + 3 for g in wide if g < middle_at], default=0)
    end = min([g for g in wide if g > middle_at], default=len(drawn))
    return [(middle, float(first + begin), float(first + end))] if end > begin else []


def _proved(ink: Picture, table: Table) -> tuple[list[Rule], list[Rule]]:
    """The sides of a rough table's slots that the picture shows, in points."""
    xs = [x / POINT for x in table.xs]
    ys = [y / POINT for y in table.ys]
    turned = np.ascontiguousarray(ink.T)
    flat = [[_strength(ink, y, x0, x1) for x0, x1 in pairwise(xs)] for y in ys]
    steep = [[_strength(turned, x, y0, y1) for y0, y1 in pairwise(ys)] for x in xs]
    return _kept(flat, table.ys, table.xs), _kept(steep, table.xs, table.ys)


def _kept(strengths: list[list[float]], positions: list[float], ends: list[float]) -> list[Rule]:
    seen = [s for row in strengths for s in row if s > RIDGE]
    least = max(RIDGE * 0.6, WEAK * float(np.median(seen))) if seen else 255.0
    return [
        (position, ends[i], ends[i + 1])
        for position, row in zip(positions, strengths, strict=True)
        for i, strength in enumerate(row)
        if strength > least
    ]


def _strength(ink: Picture, at: float, start: float, end: float) -> float:
    """How dark a horizontal line runs near ``at`` all the way from ``start`` to ``end``, against its surroundings:
    of the weaker chunks along it, so that characters and dashes don't pass for a line."""
    first, last = round(start) + DRIFT, round(end) - DRIFT
    top, bottom = max(0, round(at) - DRIFT - BESIDE), min(ink.shape[0], round(at) + DRIFT + BESIDE + 1)
    if last - first < 6 or bottom - top < 2 * BESIDE:
        return 0.0
    strip = ink[top:bottom, max(0, first) : last].astype(np.float32)
    pieces = max(1, round(strip.shape[1] / CHUNK))
    found = []
    for chunk in np.array_split(strip, pieces, axis=1):
        rows = chunk.mean(axis=1)
        inner = rows[BESIDE:-BESIDE] if len(rows) > 2 * BESIDE + 1 else rows
        peak = int(inner.argmax()) + (BESIDE if len(rows) > 2 * BESIDE + 1 else 0)
        around = max(float(rows[max(0, peak - BESIDE)]), float(rows[min(len(rows) - 1, peak + BESIDE)]))
        columns = chunk[max(0, peak - 1) : peak + 2].max(axis=0)
        gaps = float((columns < 0.35 * np.percentile(columns, 75)).mean())
        found.append((float(rows[peak]) - around) * (1.0 if gaps < 0.25 else 0.3))
    found.sort()
    return found[len(found) // 5]
