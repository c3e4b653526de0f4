"""Pictures of pages -> sheets of characters and rules, which then become blocks just as those of a PDF do.

The page is set upright, its ruling lines are found, and every cell between them is read by itself: an empty one by
having no ink, a figure over the alphabet of figures. What is read here is always in doubt; figures become certain only
where the report's own sums confirm them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from parsers.documents import ocr_cells, ocr_rules
from parsers.documents.glyphs import PLAIN, Box, Glyph
from parsers.documents.model import Unread
from parsers.documents.ocr_cells import Strip
from parsers.documents.ocr_page import Upright, upright
from parsers.documents.ocr_text import SURE, Line, recognise, width_of
from parsers.documents.ruled import Face, Sheet, arranged

Picture = np.ndarray[Any, Any]

POINT = ocr_rules.POINT
LARGEST_TITLE = 2.4  # type sizes
SHORT = 5.0  # type sizes of a piece outside tables that may be a figure
WORDS_APART = 1.4  # type sizes between two pieces that are recognised by themselves
MOST_WRITING = 250_000  # pixels of recognised width; a full page of small type has 60,000
POOR = 0.4  # share of lines that are words, below which a page may lie on its side or head
PLAIN_ENOUGH = 0.55  # no other way of laying it needs to be tried
SURE_WORD = 0.6
FEW_LINES = 8
SAMPLE = 40  # lines that tell which way a page lies
WORD = re.compile(r"[\u4e00-\u9fff]")
FEW_COLUMNS = 7  # edges of a table so narrow that its rows hold no sums

# characters that an open reading gives for figures and marks: O o l I 一 口 〇 . - / and so on
LIKE_FIGURES = re.compile(r"[+\d\s.,，。、:·\-—–_－一/／\\|丨Il!iOoQDCcZzSsBbGgqgTt?°口〇○无%'\"`~^*()<>\[\]]*")


@dataclass(slots=True)
class Spot:
    """Lines of one cell (``face``) or of the text outside tables (no face). ``alone``: no sum can speak for a figure
    here, because its table has too few columns; ``twice``: it was looked at again."""

    strips: list[Strip]
    face: Face | None = None
    alone: bool = False
    twice: bool = False
    lines: list[Line] = field(default_factory=list)


def sheet_of(picture: Picture, number: int, *, scale: float) -> Sheet:
    """One page. ``picture`` has rows, columns and colours (blue, green, red) or only grey; ``scale`` is the length of
    one of its pixels in the places that the document reports: points for a page of a PDF, 1 for a picture's own."""
    sheet, clear = _sheet(picture, number, scale, 0)
    if clear < POOR:
        tried: dict[float, int] = {}
        for quarters in (1, 3, 2):
            tried[_clearness(np.rot90(picture, quarters))] = quarters
            if max(tried) > PLAIN_ENOUGH:
                break
        if max(tried) > max(clear, POOR):
            sheet, _ = _sheet(picture, number, scale, tried[max(tried)])
    return sheet


def _sheet(picture: Picture, number: int, scale: float, quarters: int) -> tuple[Sheet, float]:
    """The page after so many quarter turns, and how clear its writing is."""
    page = upright(np.rot90(picture, quarters) if quarters else picture)
    ink = page.ink
    across, down = ocr_rules.find(ink)
    height, width = ink.shape
    back = _back(page, scale, quarters, picture.shape)
    sheet = Sheet(number, width * POINT, height * POINT, [], across, down, doubt=True, back=back)
    usual = ocr_cells.darkness_of(ink)
    nets = arranged(sheet)
    spots, rest = _cells([(face, len(net.xs) <= FEW_COLUMNS) for net in nets for face in net.faces], ink, usual)
    spots += _text(rest, usual)
    pictures = [strip.picture for spot in spots for strip in spot.strips if not strip.shape]
    if sum(map(width_of, pictures)) > MOST_WRITING:
        raise Unread("too_large", f"page {number} has more marks than a page can hold writing")
    readings = iter(recognise(pictures))
    for spot in spots:
        spot.lines = [Line.of(strip.shape) if strip.shape else next(readings) for strip in spot.strips]
    clear = _legible([line for spot in spots for line in spot.lines])
    if clear >= POOR or quarters:
        _look_again([spot for spot in spots if spot.face is not None])
    for spot in spots:
        _write(sheet, spot)
    return sheet, clear


def _legible(lines: Sequence[Line]) -> float:
    """Share of lines that are words, of all that are no figures; 1 where there are too few to tell."""
    words = [line.free for line in lines if not _is_figure(line)]
    if len(words) < FEW_LINES:
        return 1.0
    return sum(len(WORD.findall(word.text)) > 1 and word.sure > SURE_WORD for word in words) / len(words)


def _clearness(picture: Picture) -> float:
    """How clear a page's writing is, by some of its lines; 0 where there are too few."""
    ink = upright(picture).ink
    strips = [strip.picture for spot in _text(ink, ocr_cells.darkness_of(ink)) for strip in spot.strips]
    chosen = [strip for strip in strips if 1.5 < strip.shape[1] / strip.shape[0] < 12]
    chosen = chosen[:: max(1, len(chosen) // SAMPLE)][:SAMPLE]
    lines = recognise(chosen)
    return _legible(lines) if sum(not _is_figure(line) for line in lines) >= FEW_LINES else 0.0


def _back(page: Upright, scale: float, quarters: int, shape: tuple[int, ...]) -> Any:
    """From points of the upright page to places on the picture as it was served, which has rows and columns ``shape``
    and was turned to the left by ``quarters``."""
    height, width = shape[:2]

    def back(box: Box) -> Box:
        left, top, right, bottom = (edge / POINT for edge in box)
        moved = page.origin(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
        x, y = moved[:, 0], moved[:, 1]
        x, y = ((x, y), (width - y, x), (width - x, height - y), (y, height - x))[quarters]
        return float(x.min() * scale), float(y.min() * scale), float(x.max() * scale), float(y.max() * scale)

    return back


def _cells(faces: Sequence[tuple[Face, bool]], ink: Picture, usual: float) -> tuple[list[Spot], Picture]:
    """Lines of each cell that is not blank, and the page's ink without the tables."""
    rest = ink.copy()
    cleaned = []
    for face, alone in faces:
        left, top, right, bottom = (edge / POINT for edge in face.box)
        cleaned.append((face, alone, *ocr_cells.inside(ink, left, top, right, bottom, usual)))
        rest[max(0, round(top) - 6) : round(bottom) + 6, max(0, round(left) - 6) : round(right) + 6] = 0
    heights = [end - start for _, _, crop, _, _ in cleaned for start, end in ocr_cells.rows_of(crop, 1.0)]
    size = ocr_cells.size_of(heights)
    spots = []
    for face, alone, crop, x, y in cleaned:
        found = [ocr_cells.strip_of(crop, rows, size, x, y) for rows in ocr_cells.rows_of(crop, size)]
        spots.append(Spot([strip for strip in found if strip], face, alone))
    return spots, rest


def _text(ink: Picture, usual: float) -> list[Spot]:
    """Lines outside the tables, each piece between wide gaps by itself."""
    mask = (ink > ocr_cells.FAINT * usual).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    heights = stats[1:, 3]
    size = ocr_cells.size_of([h for h in heights.tolist() if h > 15])
    limit = LARGEST_TITLE * size
    writing = (
        (stats[:, 3] <= limit)
        & (stats[:, 2] <= 8 * size)
        & (stats[:, 4] >= ocr_cells.LEAST_AREA)
        & (stats[:, 0] > 0)
        & (stats[:, 1] > 0)
        & (stats[:, 0] + stats[:, 2] < ink.shape[1])
    )
    writing[0] = False
    page = np.where(writing[labels], ink, 0).astype(np.uint8)
    solid: Picture = np.any(page > ocr_cells.FIRM * usual, axis=1)
    spots = []
    for first, last in _bands(page, solid, size):
        band = page[first:last]
        for rows in ocr_cells.rows_of(band, size):
            for columns in _pieces(band[rows[0] : rows[1]], size):
                strip = ocr_cells.strip_of(band, rows, size, 0, first, columns)
                if strip and strip.bottom - strip.top > 0.12 * size and strip.right - strip.left > 0.12 * size:
                    spots.append(Spot([strip]))
    return spots


def _bands(page: Picture, solid: Picture, size: float) -> list[tuple[int, int]]:
    """Stretches of rows with ink, divided by white rows higher than the gaps inside characters."""
    filled = np.nonzero((page > 0).any(axis=1))[0]
    if not len(filled):
        return []
    breaks = np.nonzero(np.diff(filled) > 0.35 * size)[0]
    starts = [int(filled[0]), *(int(filled[b + 1]) for b in breaks)]
    ends = [*(int(filled[b]) + 1 for b in breaks), int(filled[-1]) + 1]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if solid[start:end].any()]


def _pieces(band: Picture, size: float) -> list[tuple[int, int]]:
    filled = np.nonzero((band > 0).any(axis=0))[0]
    if not len(filled):
        return []
    breaks = np.nonzero(np.diff(filled) > WORDS_APART * size)[0]
    starts = [int(filled[0]), *(int(filled[b + 1]) for b in breaks)]
    ends = [*(int(filled[b]) + 1 for b in breaks), int(filled[-1]) + 1]
    return list(zip(starts, ends, strict=True))


def _is_figure(line: Line) -> bool:
    return bool(line.figure.text) and LIKE_FIGURES.fullmatch(line.free.text) is not None


def _look_again(spots: Sequence[Spot]) -> None:
    """A second reading, from a smaller, softer picture, of each figure that is not sure or that nothing else can
    confirm; where the two don't agree, both stay open."""
    chosen = [
        spot
        for spot in spots
        if len(spot.lines) == 1
        and not spot.strips[0].shape
        and _is_figure(spot.lines[0])
        and (spot.alone or spot.lines[0].figure.sure < SURE)
    ]
    softer = [cv2.GaussianBlur(spot.strips[0].picture, (0, 0), 0.8)[2:-2] for spot in chosen]
    for spot, second in zip(chosen, recognise(softer), strict=True):
        spot.lines = [spot.lines[0].against(second)]
        spot.twice = True


def _write(sheet: Sheet, spot: Spot) -> None:
    for strip, line in zip(spot.strips, spot.lines, strict=True):
        short = len(spot.strips) == 1 and (spot.face is not None or strip.right - strip.left < SHORT * _size(strip))
        if short and (strip.shape or _is_figure(line)):
            box = (strip.left * POINT, strip.top * POINT, strip.right * POINT, strip.bottom * POINT)
            glyph = Glyph(strip.shape or line.figure.text, *box)
            sheet.glyphs.append(glyph)
            if spot.twice:
                sheet.others[glyph] = line.others
        else:
            sheet.glyphs += _glyphs(strip, line)


def _size(strip: Strip) -> float:
    """The page's type size, by which a line's picture was cut."""
    return (strip.left - strip.start) / ocr_cells.BESIDE


def _glyphs(strip: Strip, line: Line) -> list[Glyph]:
    """Characters of a line where the network saw them, each reaching to the middle between it and the next."""
    middle, size = (strip.top + strip.bottom) / 2, strip.bottom - strip.top
    usual = _size(strip)
    size = usual if size < 1.4 * usual else size  # a line of figures is lower, but not in smaller type
    seen = [
        (plain, strip.start + step * (strip.end - strip.start))
        for character, step in zip(line.free.text, line.free.steps, strict=True)
        if (plain := PLAIN[character])
    ]
    if not seen:
        return []
    edges = [strip.left, *((a + b) / 2 for (_, a), (_, b) in pairwise(seen)), strip.right]
    top, bottom = (middle - size / 2) * POINT, (middle + size / 2) * POINT
    return [
        Glyph(plain, left * POINT, top, max(right, left + 1) * POINT, bottom)
        for (plain, _), (left, right) in zip(seen, pairwise(edges), strict=True)
    ]
