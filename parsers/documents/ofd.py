"""OFD (GB/T 33190-2016) -> blocks: a ZIP of XML pages that place every character and stroke in millimetres.

Text is Unicode in ``TextCode``, so fonts don't matter. Annotations and stamps are left out.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise

from lxml import etree

from parsers.documents.flow import blocks_of
from parsers.documents.glyphs import PLAIN, Glyph, is_wide
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Unread
from parsers.documents.package import Package
from parsers.documents.ruled import Sheet
from parsers.documents.strokes import Point, Segment, bar, bars_of, rules_of, without_struck

MEDIA_TYPE = "application/ofd"
POINTS = 72 / 25.4  # a millimetre
A4 = (0.0, 0.0, 210.0, 297.0)
DEEPEST = 4  # composite objects in composite objects
MOST_OBJECTS = 60_000
MOST = 1e7  # millimetres, of all numbers of a list together
MOST_POINTS = 20_000  # of one path
BIG = 7.0  # millimetres; watermarks are bigger than body text
SLANT = 0.05  # share of a quarter turn
# operators of abbreviated path data and how many numbers each takes
OPERANDS = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_PLAIN = r"(-?\d{1,6}(?:\.\d{1,9})?)"
STROKE = re.compile(rf"\s*M\s+{_PLAIN}\s+{_PLAIN}\s+L\s+{_PLAIN}\s+{_PLAIN}\s*")  # M 0 0 L 12.5 0
PATH_TOKEN = re.compile(r"[MSLQBAC]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")  # M 0 0 L 12.5 0 C

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Shared:
    """What the pages of one document use in common: parts by their identifiers."""

    area: Box = A4
    templates: dict[str, str] = field(default_factory=dict)
    composites: dict[str, etree._Element] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Canvas:
    """One page while it is collected, in points. ``images`` are (part name, box)."""

    glyphs: list[Glyph] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    images: list[tuple[str, Box]] = field(default_factory=list)
    objects: int = 0


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Blocks of all pages of all documents inside; ``charset`` means nothing here.

    Raises Unread: ``damaged``, ``encrypted``, ``too_large``, ``unsafe``, ``no_text``.
    """
    package = Package(body, limits)
    root = _xml(package, "OFD.xml")
    if root is None:
        raise Unread("damaged", "no OFD.xml")
    if any(name.endswith("encryptions.xml") for name in package.names()):
        raise Unread("encrypted", "Encryptions.xml")
    sheets: list[Sheet] = []
    scanned: list[int] = []
    lost = 0
    for doc_root in _all(root, "DocRoot"):
        name = _resolve("OFD.xml", doc_root.text)
        document = _xml(package, name)
        if document is None:
            lost += 1
            continue
        shared = _shared(package, name, document)
        for page in _all(document, "Page"):
            if len(sheets) >= limits.pages:
                raise Unread("too_large", f"more than {limits.pages} pages")
            content_name = _resolve(name, page.get("BaseLoc"))
            content = _xml(package, content_name)
            if content is None:
                lost += 1
                continue
            number = len(sheets) + 1
            sheet, canvas = _sheet(package, shared, content, number)
            if not sheet.glyphs and canvas.images:
                sheet = _recognised(package, canvas, sheet)
                scanned.append(number)
            sheets.append(sheet)
    if not sheets:
        raise Unread("damaged", "no page could be opened")
    blocks = blocks_of(sheets, limits)
    if not blocks:
        raise Unread("no_text", f"{len(sheets)} pages without text")
    notes = [f"{lost} pages or documents are missing in the container"] if lost else []
    if scanned:
        notes.append(f"{len(scanned)} pages recognised by OCR: {', '.join(map(str, scanned))}")
    title = next((e.text.strip() for e in _all(root, "Title") if e.text), "")
    return Document(MEDIA_TYPE, tuple(blocks), title, tuple(notes))


def _xml(package: Package, name: str) -> etree._Element | None:
    data = package.get(name)
    if not data:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Elements of a local name: producers write the namespace with and without a prefix, and two versions of it."""
    found: Iterator[etree._Element] = element.iter(f"{{*}}{name}")
    return found


def _first(element: etree._Element, name: str) -> etree._Element | None:
    return next(_all(element, name), None)


def _resolve(base: str, location: str | None) -> str:
    """``Pages/Page_0/Content.xml`` beside ``Doc_0/Document.xml``; a leading slash means the container's root."""
    location = (location or "").strip().replace("\\", "/")
    return posixpath.normpath(
        location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
    )


def _number(text: str | None, default: float) -> float:
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        return default
    return number if -MOST < number < MOST else default


def _numbers(text: str | None, count: int = 0) -> list[float]:
    """Finite numbers of a list; empty when there are fewer than ``count`` or one is none."""
    if not text:
        return []
    try:
        found = [float(word) for word in text.replace(",", " ").split()]
    except ValueError:
        return []
    return found if len(found) >= count and sum(map(abs, found)) < MOST else []  # never true of nan


def _box(text: str | None) -> Box | None:
    numbers = _numbers(text, 4)
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None


def _shared(package: Package, name: str, document: etree._Element) -> Shared:
    shared = Shared()
    for area in _all(document, "PageArea"):
        box = _first(area, "PhysicalBox")
        shared.area = (_box(box.text) if box is not None else None) or A4
        break
    for template in _all(document, "TemplatePage"):
        shared.templates[template.get("ID", "")] = _resolve(name, template.get("BaseLoc"))
    for kind in ("PublicRes", "DocumentRes"):
        for location in _all(document, kind):
            resource_name = _resolve(name, location.text)
            resource = _xml(package, resource_name)
            if resource is None:
                continue
            folder = posixpath.join(resource_name, "..", resource.get("BaseLoc") or ".", "x")
            for media in _all(resource, "MultiMedia"):
                file = _first(media, "MediaFile")
                if file is not None:
                    shared.media[media.get("ID", "")] = _resolve(posixpath.normpath(folder), file.text)
            for unit in _all(resource, "CompositeGraphicUnit"):
                shared.composites[unit.get("ID", "")] = unit
    return shared


def _sheet(package: Package, shared: Shared, content: etree._Element, number: int) -> tuple[Sheet, Canvas]:
    own = _first(content, "PhysicalBox")
    left, top, width, height = (_box(own.text) if own is not None else None) or shared.area
    canvas = Canvas()
    origin: Matrix = (POINTS, 0.0, 0.0, POINTS, -left * POINTS, -top * POINTS)
    for use in content.iterchildren("{*}Template"):
        template = _xml(package, shared.templates.get(use.get("TemplateID", ""), ""))
        if template is not None:
            _collect(canvas, shared, template, origin, 0)
    _collect(canvas, shared, content, origin, 0)
    across, down = rules_of(canvas.segments, width * POINTS, height * POINTS)
    glyphs, across = without_struck(canvas.glyphs, across)
    return Sheet(number, width * POINTS, height * POINTS, glyphs, across, down), canvas


def _collect(canvas: Canvas, shared: Shared, element: etree._Element, origin: Matrix, depth: int) -> None:
    for item in element.iter("{*}TextObject", "{*}PathObject", "{*}ImageObject", "{*}CompositeObject"):
        canvas.objects += 1
        if canvas.objects > MOST_OBJECTS:
            return
        if item.get("Visible") in ("false", "0"):
            continue
        box = _box(item.get("Boundary")) or (0.0, 0.0, 0.0, 0.0)
        matrix: Matrix = (*origin[:4], *_apply(origin, box[0], box[1]))
        own = item.get("CTM")
        if own and (ctm := _numbers(own, 6)):
            matrix = _times((ctm[0], ctm[1], ctm[2], ctm[3], ctm[4], ctm[5]), matrix)
        kind = item.tag.rpartition("}")[2]
        if kind == "TextObject":
            _text(canvas, item, matrix)
        elif kind == "PathObject":
            if not _thin(canvas, item, box, origin):
                _path(canvas, item, matrix)
        elif kind == "ImageObject":
            corner, end = _apply(origin, box[0], box[1]), _apply(origin, box[0] + box[2], box[1] + box[3])
            canvas.images.append((shared.media.get(item.get("ResourceID", ""), ""), (*corner, *end)))
        elif depth < DEEPEST:
            unit = shared.composites.get(item.get("ResourceID", ""))
            if unit is not None:
                _collect(canvas, shared, unit, matrix, depth + 1)


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _text(canvas: Canvas, item: etree._Element, matrix: Matrix) -> None:
    size = _number(item.get("Size"), 0.0)
    a, b, c, d, e, f = matrix
    quarter = 0.0 if b == 0 < a else math.atan2(b, a) / (math.pi / 2)
    if size <= 0 or abs(quarter - round(quarter)) > SLANT or (size > BIG and _see_through(item)):
        return
    stretch = item.get("HScale")
    full = size * _number(stretch, 1.0) if stretch else size
    above, below = 0.88 * size, 0.12 * size
    x = y = 0.0
    glyphs = canvas.glyphs
    made = tuple.__new__  # what a named tuple itself does, without the call between
    for code in item.iterchildren("{*}TextCode"):
        text = code.text or ""
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        steps = _deltas(code.get("DeltaX"), len(text)) if len(text) > 1 else []
        falls = _deltas(code.get("DeltaY"), len(text)) if len(text) > 1 else []
        placed = bool(steps or falls)
        for i, character in enumerate(text):
            width = full if is_wide(character) else full / 2
            step = steps[i] if i < len(steps) else 0.0
            plain = PLAIN[character]
            if plain:
                end, top, bottom = x + (step if 0 < step < width else width), y - above, y + below
                x0, y0, x1, y1 = (
                    a * x + c * top + e,
                    b * x + d * top + f,
                    a * end + c * bottom + e,
                    b * end + d * bottom + f,
                )
                if x0 > x1:
                    x0, x1 = x1, x0
                if y0 > y1:
                    y0, y1 = y1, y0
                glyphs.append(made(Glyph, (plain, x0, y0, x1, y1)))
            x += step if placed else width
            y += falls[i] if i < len(falls) else 0.0


def _see_through(item: etree._Element) -> bool:
    color = item.find("{*}FillColor")
    alphas = [item.get("Alpha"), color.get("Alpha") if color is not None else None]
    return any(_number(alpha, 255.0) < 128 for alpha in alphas)


def _deltas(text: str | None, most: int) -> list[float]:
    """Advances between characters: ``3.5 g 4 3.5 1.75`` repeats the fourth one four times."""
    if not text:
        return []
    words = text.split()
    found: list[float] = []
    i = 0
    while i < len(words) and len(found) < most:
        if words[i] in ("g", "G") and i + 2 < len(words):
            times, value = _numbers(words[i + 1], 1), _numbers(words[i + 2], 1)
            if not times or not value:
                return found
            found += value * min(max(int(times[0]), 0), most - len(found))
            i += 3
        else:
            value = _numbers(words[i], 1)
            if not value:
                return found
            found += value
            i += 1
    return found


def _thin(canvas: Canvas, item: etree._Element, box: Box, origin: Matrix) -> bool:
    """Take a filled area whose boundary is a bar for just that, whatever its outline is inside."""
    if item.get("Fill") not in ("true", "1") or item.get("Stroke") not in ("false", "0") or min(box[2:]) <= 0:
        return False
    (x0, y0), (x1, y1) = _apply(origin, box[0], box[1]), _apply(origin, box[0] + box[2], box[1] + box[3])
    found = bar(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    if found and not _is_white(item, filled=True):
        canvas.segments += found
    return bool(found)


def _path(canvas: Canvas, item: etree._Element, matrix: Matrix) -> None:
    data = item.find("{*}AbbreviatedData")
    stroked = item.get("Stroke") not in ("false", "0")
    filled = item.get("Fill") in ("true", "1")
    if data is None or not data.text or not (stroked or filled) or _is_white(item, filled=filled):
        return
    if not filled and (line := STROKE.fullmatch(data.text)):  # nearly all rules are drawn so
        x0, y0, x1, y1 = map(float, line.groups())
        canvas.segments.append((*_apply(matrix, x0, y0), *_apply(matrix, x1, y1)))
        return
    outlines = _outlines(data.text, matrix)
    if stroked:
        for points in outlines:
            canvas.segments += [(*a, *b) for a, b in pairwise(points)]
    if filled:
        canvas.segments += bars_of(outlines)


def _is_white(item: etree._Element, *, filled: bool) -> bool:
    if len(item) == 1:  # its outline; the search for a colour costs more than all else
        return False
    color = item.find("{*}FillColor" if filled else "{*}StrokeColor")
    value = _numbers(color.get("Value")) if color is not None else []
    return len(value) == 3 and min(value) >= 250


def _outlines(data: str, matrix: Matrix) -> list[list[Point]]:
    """Sub-paths as corner points in points. A curve starts a new one: its ends are joined by no rule."""
    outlines: list[list[Point]] = []
    start: Point | None = None
    operator, numbers = "", []
    tokens = PATH_TOKEN.findall(data)[:MOST_POINTS]
    for token in [*tokens, ""]:
        if token and token not in OPERANDS:
            numbers.append(float(token))
            if len(numbers) < OPERANDS.get(operator, 0) or not operator:
                continue
        if operator and len(numbers) == OPERANDS[operator]:
            if operator == "C":
                if start and outlines:
                    outlines[-1].append(start)
            else:
                corner = _apply(matrix, numbers[-2], numbers[-1])
                if operator == "L" and outlines:
                    outlines[-1].append(corner)
                else:
                    outlines.append([corner])
                    start = corner if operator in "MS" else start
            numbers = []
        if token in OPERANDS:
            operator, numbers = token, []
    return outlines


def _recognised(package: Package, canvas: Canvas, sheet: Sheet) -> Sheet:
    """The page's largest picture as OCR sees it, where it stands on the page."""
    name, box = max(canvas.images, key=lambda image: image[1][2] - image[1][0])
    data = package.get(name)
    if not data:
        return sheet
    ocr = import_module("parsers.documents.ocr")
    picture = import_module("parsers.documents.image").decode(data)
    scale = max(box[2] - box[0], 1.0) / picture.shape[1]
    seen: Sheet = ocr.sheet_of(picture, sheet.number, scale=scale)
    return seen
