"""Archived documents as harmless pages in which places can be pointed at. Runs in worker processes.

Nothing of a document is passed on as it is: a page is rebuilt from listed elements, attributes and styles, a PDF and a
picture become pixels, a text becomes lines, and everything else is drawn from what its reader found in it. Every cell
that the dataset took from the document gets an ``id`` (see ``anchor``): a link lights it up without a script.
"""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from lxml import etree

from parsers import documents
from parsers.documents.charset import decode
from parsers.documents.html import Page
from parsers.documents.html_grid import rows_of
from parsers.documents.limits import DEFAULT
from parsers.documents.model import Cell, Grid, Text, Unread

Element = Any
View = Literal["original", "read", "pages"]

KEPT = frozenset(
    "html body div p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote center br "
    "hr section article main header footer nav span b strong i em u sub sup small big font pre".split()
)
GONE = (
    "script style head title meta link base template object applet iframe frame frameset svg math canvas video audio "
    "map input select datalist noscript noframes"
).split()
"""Away with all that is in them. Elements that the parser does not know to be empty (embed, source) are not among them:
the rest of the page stands in them, so they only lose their tags, as everything does that is not kept."""
ATTRIBUTES = frozenset({"colspan", "rowspan", "align", "valign", "border", "cellpadding", "cellspacing"})
STYLES = frozenset(
    "text-align vertical-align font-weight font-style text-decoration text-indent white-space line-height "
    "border-collapse border border-top border-bottom border-left border-right padding display visibility".split()
)
STYLE_VALUE = re.compile(r"[\w\s.%#-]{1,60}", re.ASCII)  # «1px solid #000»; no brackets, so no url() and no var()
SPAN = re.compile(r"\d{1,4}%?")  # «3», «100%»
BOX = re.compile(r"p(\d{1,4}):(-?\d{1,6}),(-?\d{1,6}),(-?\d{1,6}),(-?\d{1,6})")  # «p2:72,510,90,522»
CELL = re.compile(r"t(\d{1,6})r(\d{1,6})c(\d{1,6})")  # «t3r5c4»
NODE = re.compile(r"e(\d{1,8})")  # «e120»
LINE = re.compile(r"l(\d{1,8})(?:f(\d{1,5}))?")  # «l40f3»
WHITE = re.compile(r"\s+")
DOTS = 110 / 72  # pixels a point: a page of A4 is 909 pixels wide
MOST_SIDE = 1800  # pixels of a picture as shown
MOST_LINES = 20_000
START = "start"
"""The ``id`` of the main text: a portal's menus stand above it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of the dataset: its place in the document, and its text there (None when only the place is known)."""

    place: str
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The inside of a page's body. ``view`` says what it shows, ``found`` how many of the spots have an ``id``."""

    view: View
    html: str
    found: int


def anchor(place: str) -> str:
    """The ``id`` of a place: ``p2:72,510,90,522`` -> ``p-p2-72-510-90-522``."""
    return "p-" + re.sub(r"[^A-Za-z0-9]", "-", place)


def show(body: bytes, spots: Sequence[Spot], view: str, charset: str = "") -> Shown:
    """The document as it looks, where that is possible and every spot stands there, else as its reader sees it.

    ``view`` is ``original`` or ``read``, ``charset`` what the server declared. Raises Unread, whatever is wrong with
    the document.
    """
    with _refusing():
        return _shown(body, spots, view, charset)


@contextmanager
def _refusing() -> Iterator[None]:
    """A defect of a reader is a reason why one document is not shown, not the end of the server's work."""
    try:
        yield
    except (Unread, MemoryError):
        raise
    except Exception as error:
        raise Unread("crashed", f"{type(error).__name__}: {error}"[:300]) from None


def _shown(body: bytes, spots: Sequence[Spot], view: str, charset: str) -> Shown:
    media_type = documents.sniff(body)
    if view != "read":
        if media_type == "text/html":
            shown = _page(body, spots, charset)
            if shown is not None:
                return shown
        elif media_type == "application/pdf" or media_type.startswith("image/"):
            return _pages(body, media_type, spots)
        elif media_type in {"text/plain", "text/markdown"}:
            return _lines(body, spots, charset)
    return _as_read(body, spots, charset)


# ---- pages of a portal


def _page(body: bytes, spots: Sequence[Spot], charset: str) -> Shown | None:
    """The page without everything that acts, or None when a spot does not stand where the dataset says."""
    text, _ = decode(body, charset)
    root = Page.parsed(text).root
    elements = _elements(root, spots)
    for spot, element in elements.items():
        if element is None or not _holds(element, spot.raw):
            return None
    _open(element for element in elements.values() if element is not None)
    if (main := _main(text, root)) is not None:
        elements[Spot(START)] = main
    own = dict.fromkeys(_defused(root, set(elements.values())), "")
    for spot, element in elements.items():
        _name(element, START if spot.place == START else anchor(spot.place), own)
    inside = next(root.iter("body"), root)
    inside.tag = "div"
    html = etree.tostring(inside, encoding="unicode", method="html", with_tail=False)
    return Shown("original", html, len(set(spots)))


def _main(text: str, root: Element) -> Element | None:
    """The element in which the reader finds the main text."""
    page = Page.parsed(text)
    best, _ = page.cleaned()
    return _at(list(root.iter("*")), page.numbers.get(best, 0)) if best is not None else None


def _elements(root: Element, spots: Sequence[Spot]) -> dict[Spot, Element | None]:
    """Elements by place, counted as the reader counts them: before anything is removed."""
    tables = list(root.iter("table"))
    every = list(root.iter("*"))
    rows: dict[int, list[list[Element]]] = {}
    found: dict[Spot, Element | None] = {}
    for spot in spots:
        found[spot] = None
        if cell := CELL.fullmatch(spot.place):
            t, r, c = map(int, cell.groups())
            if 0 < t <= len(tables):
                if t not in rows:
                    rows[t] = [cells for _, cells in rows_of(tables[t - 1])]
                found[spot] = _at(_at(rows[t], r), c)
        elif node := NODE.fullmatch(spot.place):
            found[spot] = _at(every, int(node[1]))
    return found


def _at(items: Any, number: int) -> Any:
    """The item counted from 1, or None."""
    return items[number - 1] if items is not None and 0 < number <= len(items) else None


def _holds(element: Element, raw: str | None) -> bool:
    """Whether a text stands in an element; white space does not count."""
    return raw is None or WHITE.sub("", raw) in WHITE.sub("", "".join(element.itertext()))


def _open(elements: Iterable[Element]) -> None:
    """What holds a spot is shown, even when the page waits for a script to show it."""
    for element in elements:
        for each in (element, *element.iterancestors()):
            if each.get("style"):
                each.set("style", re.sub(r"(?i)(display|visibility)\s*:[^;]*;?", "", each.get("style")))


def _defused(root: Element, needed: set[Element]) -> Iterator[Element]:
    """Takes everything away that is not listed, and yields the elements that remain."""
    for image in root.iter("img"):
        image.tag = "span"
        image.text = "▨ " + (image.get("alt") or "")[:80]
    etree.strip_elements(root, *GONE, with_tail=False)
    others = {e.tag for e in root.iter("*")} - KEPT
    for element in needed:
        if element is not None and element.tag in others:
            element.tag = "span"
    etree.strip_tags(root, *others)
    for element in root.iter("*"):
        style = _style(element.get("style") or "")
        kept = {name: value for name, value in element.attrib.items() if name in ATTRIBUTES and _plain_value(value)} | (
            {"style": style} if style else {}
        )
        element.attrib.clear()
        element.attrib.update(kept)
        yield element


def _plain_value(value: str) -> bool:
    return bool(SPAN.fullmatch(value)) or value.lower() in {"left", "right", "center", "top", "middle", "bottom"}


def _style(style: str) -> str:
    """The declarations that can only change how a text looks in its place."""
    kept = []
    for declaration in style[:2000].split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in STYLES and STYLE_VALUE.fullmatch(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept)


def _name(element: Element, name: str, own: Mapping[Element, str]) -> None:
    """Gives an element an id; a second id goes to an empty element inside it."""
    if element is None or element not in own:
        return
    if element.get("id") is None:
        element.set("id", name)
    elif element.get("id") != name:
        mark = etree.Element("span", id=name)
        mark.tail, element.text = element.text, None
        element.insert(0, mark)


# ---- PDF and pictures


def _pages(body: bytes, media_type: str, spots: Sequence[Spot]) -> Shown:
    """One picture a page, with a box over every spot. The pictures are asked for one by one (``picture``)."""
    sizes = _sizes(body, media_type)
    boxes: dict[int, list[str]] = {}
    for place in dict.fromkeys(spot.place for spot in spots):
        if (box := BOX.fullmatch(place)) and (size := _at(sizes, int(box[1]))):
            boxes.setdefault(int(box[1]), []).append(_box(place, [int(part) for part in box.groups()[1:]], size))
    parts = []
    for number, (width, height) in enumerate(sizes, 1):
        parts.append(
            f'<div class="page"><img src="page/{number}.png" alt="{number} / {len(sizes)}" loading="lazy" '
            f'width="{width:.0f}" height="{height:.0f}">{"".join(boxes.get(number, ()))}</div>'
        )
    return Shown("pages", "".join(parts), sum(map(len, boxes.values())))


def _box(place: str, box: Sequence[int], size: tuple[float, float]) -> str:
    left, top, right, bottom = box
    width, height = size
    across = f"left:{100 * (left - 1) / width:.2f}%;width:{100 * (right - left + 2) / width:.2f}%"
    down = f"top:{100 * (top - 1) / height:.2f}%;height:{100 * (bottom - top + 2) / height:.2f}%"
    return f'<span class="box" id="{anchor(place)}" style="{across};{down}"></span>'


def _sizes(body: bytes, media_type: str) -> list[tuple[float, float]]:
    """Width and height of each page in the units of places: points, or pixels of a picture."""
    if media_type != "application/pdf":
        return [picture.size for picture in _pictures(body)]
    from parsers.documents.pdf import opened

    with opened(body) as document:
        if len(document) > DEFAULT.pages:
            raise Unread("too_large", f"{len(document)} pages, the limit is {DEFAULT.pages}")
        sizes = []
        for number in range(len(document)):
            page = document[number]
            sizes.append(_turned(page.get_size(), _more_turns(page)))
            page.close()
        return sizes


def _turned(size: tuple[float, float], turns: int) -> tuple[float, float]:
    return (size[1], size[0]) if turns % 2 else size


def _more_turns(page: Any) -> int:
    """Quarter turns to the right, beyond those of the page itself, that set its text upright as the reader does."""
    import ctypes

    import pypdfium2.raw as raw

    from parsers.documents import pdfium

    own = int(raw.FPDFPage_GetRotation(page.raw))
    text_page = raw.FPDFText_LoadPage(page.raw)
    try:
        _, grounds, images = pdfium._segments(ctypes.cast(page.raw, ctypes.c_void_p).value or 0)
        found = pdfium._characters(ctypes.cast(text_page, ctypes.c_void_p).value or 0, grounds, images > 0)
    finally:
        raw.FPDFText_ClosePage(text_page)
    if not found:
        return 0
    most = Counter(style.turns for _, _, style in found).most_common(1)[0][0]
    return int(most - own) % 4


def picture(body: bytes, number: int) -> bytes:
    """A page as PNG. Raises Unread, ``no_text`` for a page that is not there."""
    with _refusing():
        return _png(body, number)


def _png(body: bytes, number: int) -> bytes:
    media_type = documents.sniff(body)
    if media_type == "application/pdf":
        image = _drawn(body, number)
    elif media_type.startswith("image/"):
        image = next((each for n, each in enumerate(_pictures(body), 1) if n == number), None)
    else:
        image = None
    if image is None:
        raise Unread("no_text", f"no page {number}")
    image.thumbnail((MOST_SIDE, MOST_SIDE * 2))
    stream = io.BytesIO()
    image.convert("RGB").quantize(64).save(stream, "PNG")
    return stream.getvalue()


def _drawn(body: bytes, number: int) -> Any:
    from parsers.documents.pdf import opened

    with opened(body) as document:
        if not 0 < number <= len(document):
            return None
        page = document[number - 1]
        longest = max(*page.get_size(), 1)
        turns = _more_turns(page)
        scale = min(DOTS, MOST_SIDE * 2 / longest)
        image = page.render(scale=scale, rotation=turns * 90, may_draw_forms=False).to_pil()
        page.close()
        return image


def _pictures(body: bytes) -> Iterator[Any]:
    """The pictures of a file that its reader counts as pages, turned as the camera says."""
    from PIL import Image, ImageOps, ImageSequence

    from parsers.documents.image import LEAST_SIDE, MOST_PIXELS

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(body))
            count = 1 if opened.format == "GIF" else min(getattr(opened, "n_frames", 1), DEFAULT.pages)
            for number, frame in enumerate(ImageSequence.Iterator(opened)):
                if number >= count:
                    return
                if frame.width * frame.height > MOST_PIXELS:
                    raise Unread("too_large", f"{frame.width} x {frame.height} pixels")
                if min(frame.width, frame.height) >= LEAST_SIDE:
                    yield ImageOps.exif_transpose(frame)
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unread("damaged", str(error)) from error


# ---- texts


def _lines(body: bytes, spots: Sequence[Spot], charset: str) -> Shown:
    """The lines with their numbers; a spot is its field of the line where that can be told, else the line."""
    from parsers.documents.text import LINE_END

    text, _ = decode(body, charset)
    wanted: dict[int, dict[str, Spot]] = {}
    for spot in spots:
        if line := LINE.match(spot.place):
            wanted.setdefault(int(line[1]), {}).setdefault(spot.place, spot)
    found = 0
    parts = ['<ol class="lines">']
    for number, line_text in enumerate(LINE_END.split(text)[:MOST_LINES], 1):
        here = list(wanted.get(number, {}).values())
        found += len(here)
        parts.append(f'<li><span class="no">{number}</span><span class="line">{_line(line_text, here)}</span></li>')
    parts.append("</ol>")
    return Shown("original", "".join(parts), found)


def _line(text: str, spots: Sequence[Spot]) -> str:
    """One line; the numbers of fields count what stands between tabs, so the text of a field must agree."""
    fields = text.split("\t")
    inside: dict[int, str] = {}
    whole: list[str] = []
    for spot in spots:
        number = LINE.match(spot.place)
        index = int(number[2]) - 1 if number and number[2] else -1
        is_field = 0 <= index < len(fields) and index not in inside
        if is_field and spot.raw is not None and fields[index].strip() == spot.raw.strip():
            inside[index] = anchor(spot.place)
        else:
            whole.append(anchor(spot.place))
    drawn = [
        f'<span class="field" id="{inside[n]}">{escape(field) or "&nbsp;"}</span>' if n in inside else escape(field)
        for n, field in enumerate(fields)
    ]
    html = "\t".join(drawn) or "&nbsp;"
    for name in whole:
        html = f'<span class="field" id="{name}">{html}</span>'
    return html


# ---- what the reader found, whatever the format


def _as_read(body: bytes, spots: Sequence[Spot], charset: str) -> Shown:
    """Texts and tables as the reader of this format found them."""
    document = documents.read(body, charset=charset)
    ids: set[str] = set()
    parts = [_grid(block, ids) if isinstance(block, Grid) else _text(block, ids) for block in document.blocks]
    return Shown("read", "".join(parts), sum(anchor(place) in ids for place in {spot.place for spot in spots}))


def _id(place: str, ids: set[str]) -> str:
    name = anchor(place)
    if name in ids:
        return ""
    ids.add(name)
    return f' id="{name}"'


def _text(block: Text, ids: set[str]) -> str:
    tag = f"h{min(6, block.level + 1)}" if block.level else "p"
    return f"<{tag}{_id(block.place, ids)}>{escape(block.text)}</{tag}>" if block.text.strip() else ""


def _grid(grid: Grid, ids: set[str]) -> str:
    rows = []
    for r, row in enumerate(grid.rows):
        cells = []
        for c, cell in enumerate(row):
            if cell is None:
                cells.append('<td class="none"></td>')
            elif not _covered(grid, r, c, cell):
                cells.append(_cell(grid, r, c, cell, ids))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table border="1">{"".join(rows)}</table>'


def _covered(grid: Grid, r: int, c: int, cell: Cell) -> bool:
    """Whether a slot belongs to a cell that was drawn already: to its left, or above it."""
    if c and grid.rows[r][c - 1] is cell:
        return True
    return r > 0 and c < len(grid.rows[r - 1]) and grid.rows[r - 1][c] is cell


def _cell(grid: Grid, r: int, c: int, cell: Cell, ids: set[str]) -> str:
    row = grid.rows[r]
    width = next((n for n in range(c, len(row)) if row[n] is not cell), len(row)) - c
    height = 1
    while r + height < len(grid.rows) and c < len(grid.rows[r + height]) and grid.rows[r + height][c] is cell:
        height += 1
    spans = (f' colspan="{width}"' if width > 1 else "") + (f' rowspan="{height}"' if height > 1 else "")
    doubt = ' class="doubt"' if cell.doubt else ""
    return f"<td{_id(cell.place, ids)}{spans}{doubt}>{escape(cell.text)}</td>"
