"""A picture of a page -> the page as it lay: light evened, seals lifted, turned and unbent into upright lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, Any]
Reals = np.ndarray[Any, Any]

ACROSS, DOWN = 1654, 2339  # pixels of an A4 page at 200 dpi; every page is brought near its type's size there
MOST_ENLARGED = 3.0
MOST_SIDE = 5_000  # pixels
SMALLEST_TYPE, USUAL_TYPE, LARGEST_TYPE = 21.0, 28.0, 37.0  # heights of ideographs: 8, 10.5 and 14 points
RED = 45  # how much redder than blue and green a seal is
LEAST_RED = 150  # brightness of a seal through red light; what is darker there is ink
LEAST_SEAL = 80  # pixels, width and height
STEEPEST = 14.0  # degrees that a page may be turned
LEAST_LINE = 0.06  # of the page's width; shorter strokes say little about its angle
STRAIGHT = 0.03  # degrees not worth turning for
LEAST_AROUND, LEAST_SHEET = 0.015, 0.25  # shares of a photo around the sheet, and of the sheet
DARKER = 0.8  # than the sheet is what lies around it
LEAST_WRITING = 12  # shapes like characters
COARSE = 8  # pixels between two places at which the bend of a page is kept
LOOKS = 2  # a bent page is straighter to measure once it is nearly straight
# Powers of the place across and along a line, each from -0.5 to 0.5 of the page, by which its angle may change
CURVES = ((0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1))
LEAST_CURVE, LARGEST_CURVE = 1.5, 60.0  # pixels by which a place is off
OUTLIERS = (0.03, 0.02, 0.015, 0.01, 0.007, 0.005, 0.004)  # slopes off by so much count half, look by look
STIFF = 0.02  # of paper, so that few lines do not bend it beyond them
LEAST_STROKES = 24  # for as many unknowns as CURVES has


@dataclass(frozen=True, slots=True)
class Upright:
    """``ink`` is darkness, 0 for paper to 255; ``scale`` is pixels of it for one of the picture; ``back`` maps its
    points, once they are moved by ``bent`` (pixels right and down for every eighth pixel), onto the picture."""

    ink: Picture
    scale: float
    back: Reals
    bent: Reals | None = None

    def origin(self, points: Reals) -> Reals:
        """Rows of (x, y) on the page to where they lie on the picture."""
        moved = points.astype(np.float64)
        if self.bent is not None:
            height, width = self.bent.shape[:2]
            columns = np.clip(np.rint(points[:, 0] / COARSE), 0, width - 1).astype(int)
            rows = np.clip(np.rint(points[:, 1] / COARSE), 0, height - 1).astype(int)
            moved = moved + self.bent[rows, columns]
        found: Reals = cv2.perspectiveTransform(moved[None], self.back)[0]
        return found


def upright(picture: Picture) -> Upright:
    """``picture`` has rows, columns and three colours (blue, green, red), or only grey ones."""
    height, width = picture.shape[:2]
    wanted = ACROSS if height >= width else DOWN
    scale = min(wanted / width, MOST_ENLARGED)
    whole = _without_seals(picture)
    grey = _resized(whole, scale)
    seen = ink = _even(grey)
    type_size = _type_size(ink)
    if type_size and not SMALLEST_TYPE < type_size < LARGEST_TYPE:  # a part of a page, or a screen
        scale = max(min(scale * USUAL_TYPE / type_size, MOST_ENLARGED, MOST_SIDE / max(height, width)), 0.1)
        grey = _resized(whole, scale)
        seen = ink = _even(grey)
    matrix: Reals = np.eye(3)
    for _ in range(LOOKS):
        more = _unbending(ink)
        if more is None:
            break
        matrix = more @ matrix
        ink = _seen_through(matrix, seen)
    table = _off_paper(grey, seen)
    if table is not None:
        seen[table] = 0
        ink = _seen_through(matrix, seen)
    bent = _curves(ink)
    if bent is not None:
        ink = _flattened(ink, bent)
    return Upright(ink, scale, np.diag([1 / scale, 1 / scale, 1.0]) @ np.linalg.inv(matrix), bent)


def _resized(grey: Picture, scale: float) -> Picture:
    if abs(scale - 1) < 0.02:
        return grey
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)


def _type_size(ink: Picture) -> float:
    """Height of ideographs in pixels: of shapes about as wide as high; 0 where there are too few."""
    firm = (ink > 0.4 * max(float(np.percentile(ink, 99)), 90.0)).astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(firm, connectivity=8)[2][1:]
    wide, high = stats[:, 2], stats[:, 3]
    shapes = high[(high > 6) & (high < 160) & (wide > 0.5 * high) & (wide < 1.8 * high)]
    return float(np.percentile(shapes, 75)) if len(shapes) > 40 else 0.0


def _seen_through(matrix: Reals, ink: Picture) -> Picture:
    return cv2.warpPerspective(ink, matrix, (ink.shape[1], ink.shape[0]), flags=cv2.INTER_LINEAR, borderValue=0)


def _off_paper(grey: Picture, ink: Picture) -> Picture | None:
    """True for each pixel of what a photo shows around the sheet; None for a scan, where the sheet is all. What is dark
    and written on is the sheet in a shadow: then only what is darker still lies beside it."""
    small = cv2.GaussianBlur(cv2.resize(grey, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA), (0, 0), 2)
    level, _ = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    off = _around(small, level, grey.shape)
    if off is not None and _is_written_on(ink, off):
        darker = small[small <= level].reshape(-1, 1)
        level, _ = cv2.threshold(darker, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        off = _around(small, level, grey.shape)
        if off is not None and _is_written_on(ink, off):
            return None
    return off


def _around(small: Picture, level: float, shape: tuple[int, ...]) -> Picture | None:
    """What lies outside the largest shape brighter than ``level``, on a picture of the size ``shape``."""
    bright = (small > level).astype(np.uint8)
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    outlines = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if not outlines:
        return None
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    sheet = cv2.fillConvexPoly(np.zeros_like(small), hull, 1)
    inner = cv2.erode(cv2.copyMakeBorder(sheet, 1, 1, 1, 1, cv2.BORDER_CONSTANT), np.ones((5, 5), np.uint8))[1:-1, 1:-1]
    around = sheet == 0
    share = float(around.mean())
    if not LEAST_AROUND < share < 1 - LEAST_SHEET or small[around].mean() > DARKER * small[sheet > 0].mean():
        return None
    off: Picture = cv2.resize(1 - inner, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    return off


def _is_written_on(ink: Picture, where: Picture) -> bool:
    """Shapes about as high and wide as characters; a table's wood or cloth has few of them."""
    dark = ((ink > 100) & where).astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(dark, connectivity=8)[2][1:]
    wide, high = stats[:, 2], stats[:, 3]
    shapes = (high > 0.4 * SMALLEST_TYPE) & (high < LARGEST_TYPE) & (wide > 0.4 * high) & (wide < 2 * high)
    return int(shapes.sum()) > LEAST_WRITING


def _without_seals(picture: Picture) -> Picture:
    """Grey, with large red shapes lifted off: seen through red light they are paper, and black stays black."""
    if picture.ndim == 2:
        return picture
    blue, green, red = cv2.split(picture[:, :, :3])
    grey: Picture = cv2.cvtColor(picture[:, :, :3], cv2.COLOR_BGR2GRAY)
    reddish = (cv2.subtract(red, cv2.max(blue, green)) > RED).astype(np.uint8)
    if cv2.countNonZero(reddish) < LEAST_SEAL:
        return grey
    near = cv2.dilate(reddish, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    for i in range(1, min(count, 200)):
        x, y, w, h = stats[i, :4]
        if w >= LEAST_SEAL and h >= LEAST_SEAL:
            spot = (slice(y, y + h), slice(x, x + w))
            seal = labels[spot] == i
            own = red[spot][seal & (reddish[spot] > 0)]
            paper = max(float(np.percentile(own, 30)), LEAST_RED) if own.size else 255.0
            lit = np.minimum(red[spot].astype(np.float32) * (255 / paper), 255).astype(np.uint8)
            grey[spot][seal] = lit[seal]
    return grey


def _even(grey: Picture) -> Picture:
    """Darkness against the paper around: shade, light from one side and grey paper go."""
    small = cv2.resize(grey, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 13)
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), 3), (grey.shape[1], grey.shape[0]))
    lit = cv2.divide(grey, np.maximum(paper, 40), scale=255)
    return cv2.bitwise_not(lit)


def _unbending(ink: Picture) -> Reals | None:
    """The homography that sets the page's lines upright, from how their angles change over the page; None when they
    already are."""
    lines = _strokes(ink)
    flat = lines[np.abs(lines[:, 3]) < STEEPEST] if len(lines) else lines
    steep = lines[np.abs(np.abs(lines[:, 3]) - 90) < STEEPEST] if len(lines) else lines
    height, width = ink.shape
    if flat[:, 2].sum() < width if len(flat) else True:
        turn = _text_angle(ink)
        across = down = (turn, 0.0)
    else:
        across = _trend(flat[:, 1] / height - 0.5, flat[:, 3], flat[:, 2])
        tilted = np.where(steep[:, 3] > 0, steep[:, 3] - 90, steep[:, 3] + 90) if len(steep) else steep
        enough = len(steep) > 3 and steep[:, 2].sum() > 0.5 * height
        down = _trend(steep[:, 0] / width - 0.5, tilted, steep[:, 2]) if enough else (across[0], 0.0)
    if max(map(abs, (*across, *down))) < STRAIGHT:
        return None
    return _homography(width, height, across, down)


def _curves(ink: Picture) -> Reals | None:
    """How far each place of a page that did not lie flat is off: its lines are measured stroke by stroke, and a smooth
    change of their angle is added up along them. None for a flat page, or one with too few lines to tell."""
    height, width = ink.shape
    lines = _strokes(ink)
    flat = lines[np.abs(lines[:, 3]) < STEEPEST]
    steep = lines[np.abs(np.abs(lines[:, 3]) - 90) < STEEPEST]
    steep = np.column_stack([steep[:, 1], steep[:, 0], steep[:, 2], 90 - steep[:, 3] % 180])
    down = _displaced(flat, width, height)
    right = _displaced(steep, height, width)
    largest = max(float(np.abs(down).max()), float(np.abs(right).max()))
    if not LEAST_CURVE < largest < LARGEST_CURVE:
        return None
    return np.stack([right.T, down], axis=2)


def _displaced(lines: Reals, width: int, height: int) -> Reals:
    """Pixels by which lines along the first axis are off across it, as rows of the second axis; 0 when too few lines
    were found. ``lines`` are rows of (place along, place across, length, degrees)."""
    places = np.zeros((height // COARSE + 1, width // COARSE + 1))
    if len(lines) < LEAST_STROKES or lines[:, 2].sum() < 2 * width:
        return places
    along, across = lines[:, 0] / width - 0.5, lines[:, 1] / height - 0.5
    slope = np.tan(np.radians(lines[:, 3]))
    terms = np.column_stack([along**i * across**j for i, j in CURVES])
    trust = lines[:, 2].copy()
    factors = np.zeros(len(CURVES))
    for strict in OUTLIERS:
        root = np.sqrt(trust)[:, None]
        held = np.vstack([terms * root, np.eye(len(CURVES)) * STIFF * math.sqrt(float(lines[:, 2].sum()))])
        wanted = np.concatenate([slope * root[:, 0], np.zeros(len(CURVES))])
        factors = np.linalg.lstsq(held, wanted, rcond=None)[0]
        trust = lines[:, 2] / (1 + ((slope - terms @ factors) / strict) ** 2)
    x = np.arange(places.shape[1]) * COARSE / width - 0.5
    y = np.arange(places.shape[0]) * COARSE / height - 0.5
    for factor, (i, j) in zip(factors, CURVES, strict=True):
        places += factor * width / (i + 1) * (x ** (i + 1))[None, :] * (y**j)[:, None]
    return places


def _flattened(ink: Picture, bent: Reals) -> Picture:
    height, width = ink.shape
    size = (bent.shape[1] * COARSE, bent.shape[0] * COARSE)
    whole = cv2.resize(bent.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)[:height, :width]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(ink, x + whole[:, :, 0], y + whole[:, :, 1], cv2.INTER_LINEAR, borderValue=0)


def _strokes(ink: Picture) -> Reals:
    """Long straight strokes as rows of (middle x, middle y, length, degrees) in pixels."""
    half = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(half)[0]
    if found is None:
        return np.zeros((0, 4))
    x0, y0, x1, y1 = (found.reshape(-1, 4) * 2).astype(np.float64).T
    length = np.hypot(x1 - x0, y1 - y0)
    angle = np.degrees(np.arctan2(y1 - y0, x1 - x0))
    angle = (angle + 90) % 180 - 90
    rows = np.stack([(x0 + x1) / 2, (y0 + y1) / 2, length, angle], axis=1)
    kept: Reals = rows[length > LEAST_LINE * ink.shape[1]]
    return kept


def _trend(places: Reals, angles: Reals, weights: Reals) -> tuple[float, float]:
    """Angle in the middle of the page and its change over the page, by least squares that forget outliers."""
    trust = weights.copy()
    middle = change = 0.0
    for _ in range(8):
        total = trust.sum() + 1e-9
        mean_place, mean_angle = (trust * places).sum() / total, (trust * angles).sum() / total
        spread = (trust * (places - mean_place) ** 2).sum() + 0.002 * total
        change = float((trust * (places - mean_place) * (angles - mean_angle)).sum() / spread)
        middle = float(mean_angle - change * mean_place)
        off = np.abs(angles - middle - change * places)
        trust = weights / (1 + (off / 0.15) ** 2)
    return middle, change


def _text_angle(ink: Picture) -> float:
    """Degrees by which lines of text are turned: where their rows stand apart most clearly."""
    small = cv2.resize(ink, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    best, step = 0.0, 1.0
    span = 5.0
    while step >= 0.05:
        angles = np.arange(best - span, best + span + step / 2, step)
        best = float(max(angles, key=lambda angle: _clearness(small, angle)))
        span, step = step, step / 4
    return best


def _clearness(small: Picture, angle: float) -> float:
    height, width = small.shape
    turned = cv2.warpAffine(small, cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1), (width, height))
    rows = turned.sum(axis=1, dtype=np.float64)
    return float(((rows[1:] - rows[:-1]) ** 2).sum())


def _homography(width: int, height: int, across: tuple[float, float], down: tuple[float, float]) -> Reals:
    """From four lines near the page's edges, at the angles found there, to a rectangle."""
    inner = 0.4

    def flat(side: float) -> tuple[float, float, float]:
        angle = math.radians(across[0] + across[1] * side)
        y = (0.5 + side) * height
        return math.sin(angle), -math.cos(angle), math.sin(angle) * width / 2 - math.cos(angle) * y

    def steep(side: float) -> tuple[float, float, float]:
        angle = math.radians(90 + down[0] + down[1] * side)
        x = (0.5 + side) * width
        return math.sin(angle), -math.cos(angle), math.sin(angle) * x - math.cos(angle) * height / 2

    corners, goals = [], []
    for y, x in ((-inner, -inner), (-inner, inner), (inner, inner), (inner, -inner)):
        (a, b, c), (d, e, f) = flat(y), steep(x)
        det = a * e - b * d
        corners.append(((c * e - b * f) / det, (a * f - c * d) / det))
        goals.append(((0.5 + x) * width, (0.5 + y) * height))
    matrix: Reals = cv2.getPerspectiveTransform(np.array(corners, np.float32), np.array(goals, np.float32))
    return matrix
