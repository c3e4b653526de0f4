"""Ink inside a cell or outside all tables -> lines to recognise. Blanks, dashes and slashes are told by their shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, Any]
Span = tuple[int, int]

USUAL_SIZE = 29.0  # pixels of 10.5-point type at 200 dpi
FAINT, FIRM = 0.25, 0.34  # of the page's usual darkness of ink: a stroke's edge, its middle
LEAST_AREA = 7  # pixels; dust is smaller
DUST = 5  # pixels of height and width that only a stop beside other ink may have
DOT = 9  # pixels of height and width of the largest stop
EDGE = 8  # pixels from a cell's border that remains of its lines may reach
LINE = 4  # pixels from a cell's border that its line itself may reach
AROUND = 1.45  # height of a line's picture, in type sizes
BESIDE = 0.35  # paper left and right of it
LEAN = 0.15  # of its height between a slash's upper and lower third; an upright 1 on a crooked page leans 0.05
DASH = 0.24  # type sizes; nothing else is so flat


@dataclass(frozen=True, slots=True)
class Strip:
    """A line to recognise, black on white. ``left`` to ``bottom`` is its ink, ``start`` and ``end`` the picture."""

    picture: Picture
    left: float
    top: float
    right: float
    bottom: float
    start: float
    end: float
    shape: str = ""
    """What its shape alone says: a dash or a slash, or nothing."""


def darkness_of(ink: Picture) -> float:
    """The usual darkness of ink on a page: of the darker half of all that is not paper."""
    written = ink[ink > 60]
    return float(np.percentile(written, 75)) if written.size > 500 else 200.0


def inside(
    ink: Picture, left: float, top: float, right: float, bottom: float, usual: float
) -> tuple[Picture, int, int]:
    """What is written within a cell's four lines, paper 0, and where that begins. Remains of the lines, which may lean
    and bend a little, are what hangs on the border and stays near it."""
    x0, x1 = max(0, round(left) + 1), min(ink.shape[1], round(right))
    y0, y1 = max(0, round(top) + 1), min(ink.shape[0], round(bottom))
    if x1 - x0 < 2 * EDGE or y1 - y0 < 2 * EDGE:
        return np.zeros((1, 1), np.uint8), x0, y0
    crop = ink[y0:y1, x0:x1]
    mask = (crop > FAINT * usual).astype(np.uint8)
    frame = mask.copy()
    frame[EDGE:-EDGE, EDGE:-EDGE] = 0
    _, labels = cv2.connectedComponents(frame, connectivity=8)
    touching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    ring = slice(EDGE - 1, -EDGE + 1)
    within = (labels[EDGE - 1, ring], labels[-EDGE, ring], labels[ring, EDGE - 1], labels[ring, -EDGE])
    deep = np.unique(np.concatenate(within))
    mask[np.isin(labels, touching[(touching > 0) & ~np.isin(touching, deep)])] = 0
    outer = np.ones_like(mask)
    outer[LINE:-LINE, LINE:-LINE] = 0
    mask[(outer > 0) & np.isin(labels, touching[touching > 0])] = 0  # a character that touches a line keeps the rest
    return _without_dust(crop, mask, usual), x0, y0


def _without_dust(crop: Picture, mask: Picture, usual: float) -> Picture:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return np.zeros_like(crop)
    firm = np.zeros(count, dtype=bool)
    firm[labels[(mask > 0) & (crop > FIRM * usual)]] = True
    keep = firm & (stats[:, 4] >= LEAST_AREA)
    keep[0] = False
    if not (keep & (stats[:, 2:4].max(axis=1) > DUST)).any():
        return np.zeros_like(crop)
    keep &= ~_stray(stats, keep)
    near = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    cleaned: Picture = np.where((near > 0) & ((mask > 0) | (crop < FAINT * usual)), crop, 0).astype(np.uint8)
    return cleaned


def _stray(stats: Picture, keep: Picture) -> Picture:
    """True for specks above, below or between the lines that a cell's larger shapes make, and for all beside a lone
    dash: no stop or dot is there."""
    tops, bottoms = stats[:, 1], stats[:, 1] + stats[:, 3]
    large = keep & (stats[:, 3] > DOT)
    small = keep & (stats[:, 2:4].max(axis=1) <= DOT)
    if not large.any():
        dash = keep & (stats[:, 2] >= 1.5 * stats[:, 3]) & (stats[:, 2] > DUST)
        return small & ~dash if dash.sum() == 1 else np.zeros(len(stats), dtype=bool)
    reach = stats[large, 3].max() // 5
    beside = (tops[:, None] < bottoms[large][None] + reach) & (bottoms[:, None] > tops[large][None] - reach)
    stray: Picture = small & ~beside.any(axis=1)
    return stray


def rows_of(ink: Picture, size: float) -> list[Span]:
    """First and last row of each line of text: characters are broken by white rows inside, lines are not closer than
    a character is high."""
    filled = np.nonzero((ink > 0).any(axis=1))[0]
    if not len(filled):
        return []
    breaks = np.nonzero(np.diff(filled) > 1)[0]
    starts = [int(filled[0]), *(int(filled[b + 1]) for b in breaks)]
    ends = [*(int(filled[b]) + 1 for b in breaks), int(filled[-1]) + 1]
    rows: list[Span] = []
    for start, end in zip(starts, ends, strict=True):
        if rows and (end - rows[-1][0] <= 1.15 * size or (start - rows[-1][1] <= 2 and end - rows[-1][0] < 1.5 * size)):
            rows[-1] = (rows[-1][0], end)
        else:
            rows.append((start, end))
    return rows


def size_of(heights: Sequence[int]) -> float:
    """Type size from the heights of lines: figures are lower than ideographs, two lines that touch are higher."""
    usable = sorted(h for h in heights if 12 <= h <= 70)
    return float(usable[int(0.6 * (len(usable) - 1))]) if len(usable) > 5 else USUAL_SIZE


def strip_of(ink: Picture, rows: Span, size: float, x: int, y: int, columns: Span | None = None) -> Strip | None:
    """The picture of one line; ``x``, ``y`` is where ``ink`` begins on the page."""
    top, bottom = rows
    band = ink[top:bottom] if columns is None else ink[top:bottom, columns[0] : columns[1]]
    shift = 0 if columns is None else columns[0]
    filled = np.nonzero((band > 0).any(axis=0))[0]
    if not len(filled):
        return None
    left, right = int(filled[0]), int(filled[-1]) + 1
    own = band[:, left:right]
    height = max(round(AROUND * max(size, 1.0)), round(1.2 * (bottom - top)))
    aside = round(BESIDE * size)
    picture = np.full((height, right - left + 2 * aside), 255, np.uint8)
    at = (height - (bottom - top)) // 2
    picture[at : at + bottom - top, aside : aside + right - left] = 255 - own
    return Strip(
        cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR),
        x + shift + left,
        y + top,
        x + shift + right,
        y + bottom,
        x + shift + left - aside,
        x + shift + right + aside,
        _shape(own, size),
    )


def _shape(own: Picture, size: float) -> str:
    """A dash or a slash by its shape; the net has seen too few of them to be trusted there."""
    dark = own > 0.5 * own.max()
    rows, columns = np.nonzero(dark.any(axis=1))[0], np.nonzero(dark.any(axis=0))[0]
    height, width = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    if height <= DASH * size and width >= max(1.4 * height, 0.15 * size) and own.shape[0] < 0.5 * size:
        return "-" if width < 0.62 * size else "—" if width < 1.3 * size else "——"
    if height < 0.5 * size or width > height or dark.sum(axis=1).max() > 0.3 * height:
        return ""
    places = [np.nonzero(row)[0] for row in dark[rows[0] : rows[-1] + 1]]
    third = max(1, height // 3)
    high, low = np.concatenate(places[:third]), np.concatenate(places[-third:])
    return "/" if high.mean() - low.mean() > LEAN * height else ""
