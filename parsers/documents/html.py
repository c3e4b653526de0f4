"""HTML pages and fragments, however they were made: the main text in reading order, tables as grids.

The tree is cleaned first, in C where possible (scripts, what is hidden, inline elements); what remains is small enough
to be walked in Python. Nothing recurses, so that depth costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from lxml import etree

from parsers.documents import html_grid as grids
from parsers.documents.charset import decode
from parsers.documents.content import Weight, Weights, choose, drop_copies, is_chrome, weigh
from parsers.documents.drawn import Line, tables, unrolled
from parsers.documents.drawn import blocks as drawn_blocks
from parsers.documents.html_script import MARKUP, hidden_texts, script_texts
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Block, Document, Grid, Text, Unread
from parsers.documents.sniff import JSON_START
from parsers.documents.symbols import noted, raised

Element = Any

BLOCKS = frozenset(
    "html body div p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption pre xmp listing "
    "blockquote center section article main header footer nav aside form fieldset legend figure figcaption address "
    "details summary hr br frameset noframes ucapcontent ucaptitle".split()
)
INLINE = "span font b i u strong em o:p big small tt ins label code kbd q cite abbr dfn time mark bdo nobr wbr".split()
KEPT_INLINE = frozenset({"a", "sup"})
# embed is not among them: it holds nothing, but libxml2 does not know that it needs no end and puts the page inside it
DROPPED = (
    "script style head del s strike rt rp object applet iframe svg math button template noscript map audio video "
    "canvas colgroup col datalist link meta"
).split()
PARAGRAPHS = frozenset("p li h1 h2 h3 h4 h5 h6 dt dd".split())
LEVELS = {f"h{n}": n for n in range(1, 7)}
PREFORMATTED = frozenset({"pre", "xmp", "listing"})
HIDDEN = re.compile(
    r"(?:^|[;\s\"])(?:display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*(?:hidden|collapse)"
    r"|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:$|[;!])"
    r"|text-decoration(?:-line)?\s*:[\w\s-]*line-through)",  # struck out is what <s> says too
    re.I,
)
BOXED = re.compile(
    r"display\s*:\s*(?:block|flex|grid|table|list-item|inline-(?:block|flex|grid|table))|float\s*:\s*(?:left|right)",
    re.I,
)
HIGH = re.compile(r"vertical-align\s*:\s*su(?:per|b)\b|mso-text-raise\s*:\s*-?[1-9]", re.I)  # vertical-align:super
# color:#FFF, color: white; not background-color:#FFF
WHITE = re.compile(r"(?:^|[;\s\"])color\s*:\s*(?:white|#fff(?:fff)?)\b", re.I)
STYLED_WHITE = "//*[@style[contains(., 'hite') or contains(., 'HITE') or contains(., '#fff') or contains(., '#FFF')]]"
STYLED_HIGH = "//*[@style[contains(., 'ign') or contains(., 'IGN') or contains(., '-raise')]]"
CLASS_SELECTOR = re.compile(r"\w{0,20}\.([\w-]{1,80})")  # .cell
BRACE = re.compile(r"[{}]")
CANDIDATES = 12
"""Texts in scripts that are tried, the longest first."""
BARE_BOXES = 4
"""So many boxes without boxes in one parent are the cells of a table that lost its rows; empty ones are blank cells."""
MOST_TAGS = 500_000
FRAMED = 60
"""A text longer than this in a table of one column is text in a frame, not a cell."""
BLOCKS_OR_UNBOXED = BLOCKS | {"img", "input", "a", "select", "textarea", "style", "script"}
# contains() is done in C; one letter left out takes both «none» and «None»
LOOSE_TEXT = (
    "text() | *[not(self::td or self::th or self::caption)]/text()"
    " | *[self::tbody or self::thead or self::tfoot]/tr/text()"
)
STYLED_AWAY = (
    "//*[@hidden or @style[contains(., 'one') or contains(., 'ONE') or contains(., 'hid') or contains(., 'olla')"
    " or contains(., 'line-t') or contains(., 'LINE-T') or contains(., 'size:0') or contains(., 'size: 0')"
    " or contains(., 'SIZE: 0')]]"
)
PAGE_BREAK = re.compile(r"#\s?page_?break\s?#|_ueditor_page_break_tag_|\[!--empirenews\.page--\]|#page#", re.I)
SPACE = re.compile(r"[ \t\r\n\f]+")
GAPPED = re.compile(
    r"[^\s](?:\t|[ \xa0\u2001-\u2003\u3000]{2}|[\u2001\u2003\u3000])|^\s*(?:\t{2}|[\xa0\u2001-\u2003\u3000]{4})\s*$"
    r"|[│┃├└║╠|]"
)
SOURCE_BREAK = re.compile(r"[ \t]*[\r\n][ \t\r\n\f]*")
WIDE = "[⺀-〿㐀-䶿一-鿿豈-﫿︰-﹏＀-￯]"
BROKEN_LINE = re.compile(rf"(?<={WIDE})[ \t\r\f]*\n[ \t\r\n\f]*(?={WIDE})")
CONTROL = bytes([*range(9), 11, *range(14, 32), 127])
INLINE_TAG = re.compile(r"</?(?:font|span|b|i|u|strong|em|o:p|small|big|a|ins)\b[^<>]{0,5000}>", re.I)
TITLE_CUT = re.compile(r"\s*[_|｜»>]+\s*|\s+[-—–]+\s+|\s*--+\s*")  # «…年度报告_平罗县人民政府»
REPORT_TITLE = re.compile("(?:公开|公開).{0,12}(?:报告|年报|報告)")
# 平罗县陶乐镇2024年政府信息公开工作年度报告, 2012年度甘霖镇政府信息公开年报
TITLE_LINE = re.compile(r"[^。；：:]{0,60}20\d{2}\s?年[^。；：:]{0,40}公开[^。；：:]{0,12}(?:报告|年报)")
META_TITLE = ("articletitle", "title", "og:title", "dc.title")
PARSER_DEPTH = "Excessive depth"


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Raises Unread: ``no_text`` when nothing but pictures or scripts is there, ``too_large``, ``damaged``."""
    text, _ = decode(body, charset)
    page = Page.parsed(text)
    title = page.title()
    notes: list[str] = []
    best, weights = page.cleaned()
    shown = weights[best] if best is not None else Weight()
    if shown.marks < 2 and (hidden := page.in_scripts(shown.value)):
        page, best, weights = hidden
        notes.append("the text was kept in a script or a hidden field")
    if best is not None and (written := _written_markup(best)):
        page = Page.parsed(written)
        best, weights = page.cleaned()
        notes.append("the page shows its markup as text")
    if best is None or not weights[best].text + weights[best].links:
        raise Unread("no_text", f"{page.pictures} pictures" if page.pictures else "no text outside scripts")
    if drop_copies(best, weights):
        notes.append("the text stood twice in the page")
    flow = Flow(page, weights, grids.Budget(limits.cells), limits)
    found = flow.blocks(best)
    if once := _once(found):
        found = once
        notes.append("the text stood twice in the page")
    if not any(isinstance(block, Grid) or block.text for block in found):
        raise Unread("no_text", f"{page.pictures} pictures" if page.pictures else "no text")
    if page.shown_hidden:
        notes.append("the text was hidden until a script shows it")
    if pictures := sum(1 for _ in best.iter("img")):
        notes.append(f"{pictures} pictures inside the text")
    if lost := text.count("�"):
        notes.append(f"{lost} characters could not be decoded")
    return Document("text/html", tuple(found), title, tuple(notes))


def fragment(text: str, limits: Limits = DEFAULT) -> list[Block]:
    """Blocks of a piece of HTML, all of it: what a mail part or a Markdown text holds."""
    page = Page.parsed(text)
    best, weights = page.cleaned(everything=True)
    return Flow(page, weights, grids.Budget(limits.cells), limits).blocks(best) if best is not None else []


@dataclass(slots=True)
class Page:
    """A parsed page. ``numbers`` are the places of elements, taken before anything is removed."""

    source: str
    root: Element
    lowered: bytes
    """The source in small letters, for asking what occurs in it at all: bytes are searched fastest."""
    shown_hidden: bool = False
    pictures: int = 0
    numbers: dict[Element, int] = field(default_factory=dict)
    tables: dict[Element, int] = field(default_factory=dict)
    unseen: set[Element] = field(default_factory=set)
    classes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parsed(cls, text: str) -> Page:
        if text.startswith("<?xml") and "<![CDATA[" in text:
            text = text.replace("<![CDATA[", "").replace("]]>", "")
        if JSON_START.match(text.lstrip("﻿ \t\r\n")):
            text = "<script>" + text.replace("</", "<\\/") + "</script>"
        root = _tree(text)
        return cls(text, root, text.encode("utf-8", "replace").lower(), classes=_classes(root))

    def title(self) -> str:
        """The title by meta tags, else the best of the headings and the page's own title without the site's name."""
        metas = {
            str(m.get("name") or m.get("property") or "").lower(): m.get("content") or ""
            for m in self.root.iter("meta")
        }
        named = next((squeezed(metas[name]) for name in META_TITLE if squeezed(metas.get(name, ""))), "")
        if named and REPORT_TITLE.search(named):
            return named
        headings = [squeezed("".join(h.itertext())) for h in self.root.iter("ucaptitle", "h1", "h2")][:20]
        own = next((squeezed("".join(t.itertext())) for t in self.root.iter("title")), "")
        parts = [part for part in TITLE_CUT.split(own) if part]
        for title in (*headings, *parts):
            if REPORT_TITLE.search(title) and len(title) < 120:
                return title
        return self._title_line() or named or next((h for h in headings[:1] if h), "") or (parts[0] if parts else "")

    def _title_line(self) -> str:
        """A line that is the title of a report by its form, in an element that nothing marks as a heading."""
        for element in self.root.iter("td", "div", "p", "span", "strong", "b", "font", "center"):
            text = squeezed(element.text or "")
            if 8 < len(text) < 80 and TITLE_LINE.fullmatch(text) and next(element.iterancestors("a"), None) is None:
                return text
        return ""

    def cleaned(self, everything: bool = False) -> tuple[Element | None, Weights]:
        """The element of the main text and the weights; the tree is clean afterwards."""
        self._number()
        body = next(self.root.iter("body"), self.root)
        hidden = list(self._hidden())
        if hidden and not everything and _all_text_in(hidden, body):
            hidden, self.shown_hidden = [], True
        for element in hidden:
            self._hide(element)
        _fields_to_text(self.root)
        self.pictures = sum(1 for _ in body.iter("img"))
        etree.strip_elements(body, *DROPPED, with_tail=False)
        self._raise_notes(body)
        etree.strip_tags(body, *INLINE)
        etree.strip_tags(body, *({e.tag for e in body.iter("*")} - BLOCKS - KEPT_INLINE - {"img"}))
        weights = weigh(body)
        whole = weights[body]
        if not whole.text + whole.links:
            return None, weights
        return (body if everything else choose(body, weights)), weights

    def _number(self) -> None:
        """Places of elements; boxes of inline elements become blocks on the way."""
        if self.numbers:
            return
        self.numbers = dict(zip(self.root.iter("*"), count(1), strict=False))
        self.tables = dict(zip(self.root.iter("table"), count(1), strict=False))
        styled = "//*[contains(@style, 'display') or contains(@style, 'float')]"
        for element in self.root.xpath(styled) if b"display" in self.lowered or b"float" in self.lowered else ():
            style = element.get("style")
            if element.tag not in BLOCKS_OR_UNBOXED and BOXED.search(style) and not HIDDEN.search(style):
                element.tag = "div"
        if boxes := {name for name, what in self.classes.items() if what == "box"}:
            for element in self.root.xpath("//*[@class]"):
                if element.tag not in BLOCKS_OR_UNBOXED and boxes.intersection(element.get("class").split()):
                    element.tag = "div"
        _box_rows_of_spans(self.root)

    def _hidden(self) -> Iterator[Element]:
        may_hide = (
            b"none" in self.lowered
            or b"hid" in self.lowered
            or b"collapse" in self.lowered
            or b"line-through" in self.lowered
            or b"size:0" in self.lowered
            or b"size: 0" in self.lowered
        )
        for element in self.root.xpath(STYLED_AWAY) if may_hide else ():
            if element.get("hidden") is not None or HIDDEN.search(element.get("style") or ""):
                yield element
        if names := {name for name, what in self.classes.items() if what == "none"}:
            for element in self.root.xpath("//*[@class]"):
                if names.intersection(element.get("class").split()):
                    yield element

    def _raise_notes(self, body: Element) -> None:
        """Whatever sets a note above or below its line becomes a ``sup``; one with boxes inside was never closed. What
        is white may be unseen or stand on a dark ground: beside a figure it is none of its digits either."""
        marked = list(body.iter("sup", "sub"))
        if b"vertical-align" in self.lowered or b"mso-text-raise" in self.lowered:
            marked += [e for e in body.xpath(STYLED_HIGH) if HIGH.search(e.get("style"))]
        if b"white" in self.lowered or b"#fff" in self.lowered:
            marked += [e for e in body.xpath(STYLED_WHITE) if WHITE.search(e.get("style"))]
        if names := {name for name, what in self.classes.items() if what == "high"}:
            marked += [e for e in body.xpath("//*[@class]") if names.intersection(e.get("class").split())]
        for element in marked:
            if element.tag not in BLOCKS_OR_UNBOXED:
                element.tag = "span" if any(inner.tag in BLOCKS for inner in element.iterdescendants()) else "sup"

    def _hide(self, element: Element) -> None:
        """Cells and rows stay as elements, so that the places of the others stay true."""
        if element.tag in ("td", "th", "tr"):
            self.unseen.add(element)
        elif element.tag not in ("html", "body"):
            _remove(element)

    def in_scripts(self, least: float) -> tuple[Page, Element, Weights] | None:
        """The fullest text hidden in scripts or fields, cleaned, if it is fuller than what the page shows."""
        texts = {text for text in hidden_texts(_tree(self.source)) if text}
        if not texts and not MARKUP.search(self.source):
            texts = {text for text in script_texts(self.source) if text}
        best: tuple[Page, Element, Weights] | None = None
        for text in sorted(texts, key=lambda text: (-len(text), text))[:CANDIDATES]:
            page = Page.parsed(text if MARKUP.search(text) else f"<pre>{text}</pre>")
            element, weights = page.cleaned()
            if element is not None and weights[element].value > least * 1.2 + 50:
                best, least = (page, element, weights), weights[element].value
                if weights[element].sections >= 4 and weights[element].labels >= 4:
                    break
        return best


def _tree(text: str) -> Element:
    root, deep = _parse(text)
    if deep:
        root, deep = _parse(INLINE_TAG.sub("", text))
    if deep:
        raise Unread("damaged", "elements nested too deeply")
    if root is None:
        raise Unread("no_text", "no element in it")
    return root


def _parse(text: str) -> tuple[Element, bool]:
    if text.count("<") > MOST_TAGS:
        raise Unread("too_large", f"more than {MOST_TAGS} tags")
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace").translate(None, CONTROL), parser)
    except etree.ParserError:
        return None, False
    except etree.XMLSyntaxError:
        return None, any(PARSER_DEPTH in entry.message for entry in parser.error_log)
    return root, any(PARSER_DEPTH in entry.message for entry in parser.error_log)


def _classes(root: Element) -> dict[str, str]:
    """Class names that the page's own style sheet hides (``none``), makes boxes of (``box``) or raises (``high``)."""
    shown: dict[str, str] = {}
    for sheet in root.iter("style"):
        text = (sheet.text or "")[:200_000]
        if "display" not in text and "float" not in text and "vertical-align" not in text:
            continue
        for selectors, rule in _rules(text):
            what = "none" if HIDDEN.search(rule) else "box" if BOXED.search(rule) else ""
            what = what or ("high" if HIGH.search(rule) else "")
            for selector in selectors.split(",") if what else ():
                if found := CLASS_SELECTOR.fullmatch(selector.strip()):
                    shown[found[1]] = what
    return shown


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of the rules that always hold; those inside @media hold for another screen."""
    depth = 0
    start = opened = 0
    for brace in BRACE.finditer(sheet):
        if brace[0] == "{":
            depth += 1
            if depth == 1:
                opened = brace.end()
        elif depth:
            depth -= 1
            if depth == 0:
                if not sheet[start:opened].lstrip().startswith("@"):
                    yield sheet[start : opened - 1], sheet[opened : brace.start()]
                start = brace.end()


def _all_text_in(hidden: list[Element], body: Element) -> bool:
    """Whether nearly all of the page's text is hidden: then a script is to show it."""
    inside = sum(_size(element) for element in hidden)
    return inside > 300 and inside > 0.8 * _size(body)


def _size(element: Element) -> int:
    return sum(len(text.strip()) for e in element.iter() if e.tag not in DROPPED for text in (e.text or "",))


def _remove(element: Element) -> None:
    """Take an element out, but not the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _fields_to_text(root: Element) -> None:
    """What a form field shows becomes text."""
    for element in list(root.iter("input", "select", "textarea")):
        if element.tag == "input":
            kind = (element.get("type") or "text").strip().lower()
            shown = element.get("value") or "" if kind in ("text", "number", "tel", "url", "email", "date") else ""
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            shown = "".join("".join(o.itertext()) for o in chosen)
        else:
            shown = "".join(element.itertext())
        for child in list(element):
            element.remove(child)
        # markup in a field is no figure: it is read like the texts in scripts
        element.text = "" if MARKUP.search(shown) else shown.strip()
        element.tag = "span"


def _box_rows_of_spans(root: Element) -> None:
    """Spans that are the cells of rows of boxes (their style is in a sheet that we do not have) become boxes."""
    parents: dict[Element, list[Element]] = {}
    for row in root.xpath("//span[@class][position() = 3]/.."):
        if row.tag in ("div", "li") and not (row.text or "").strip() and all(_is_bare_span(span) for span in row):
            parents.setdefault(row.getparent(), []).append(row)
    for alike in parents.values():
        cells = [span for row in alike for span in row]
        figures = sum(1 for span in cells if grids.FIGURE.fullmatch("".join(span.itertext())))
        if len(alike) >= 3 and figures * 3 >= len(cells):
            for span in cells:
                span.tag = "div"


def _is_bare_span(element: Element) -> bool:
    return element.tag == "span" and element.get("class") is not None and not (element.tail or "").strip()


def _written_markup(element: Element) -> str:
    """The text of an element that is markup itself, escaped once too often; empty when it isn't."""
    text = "".join(element.itertext())
    tags = MARKUP.findall(text)
    return text if len(tags) >= 10 and sum(map(len, tags)) * 20 > len(text) else ""


def squeezed(text: str) -> str:
    return SPACE.sub(" ", text).strip()


def _collapsed(text: str) -> str:
    """Line breaks of the source are no text: nothing between two Chinese characters, else a space. Spaces stay as they
    were served, although a browser shows one for many: where cells stand in running text, two may be a blank cell."""
    if "\n" in text or "\r" in text:
        text = SOURCE_BREAK.sub(" ", BROKEN_LINE.sub("", text))
    if "\t" in text or "\f" in text:
        text = text.replace("\t", " ").replace("\f", " ")
    return noted(text).strip()


@dataclass(slots=True)
class Flow:
    """Walks a clean tree and leaves blocks."""

    page: Page
    weights: Weights
    budget: grids.Budget
    limits: Limits
    found: list[Block] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    gapped: dict[int, str] = field(default_factory=dict)
    """Paragraphs with wide gaps as they were written, by their number among the blocks."""
    bare_boxes: dict[Element, int] = field(default_factory=dict)

    def blocks(self, root: Element) -> list[Block]:
        self._walk(root)
        return list(self._with_drawn_rows())

    def _with_drawn_rows(self) -> Iterator[Block]:
        """Paragraphs that are rows, their cells held apart by tabs or wide spaces, become grids."""
        if len(self.gapped) < 3:
            yield from self.found
            return
        at = 0
        while at < len(self.found):
            end = at
            while end < len(self.found) and isinstance(self.found[end], Text):
                end += 1
            texts = [block for block in self.found[at:end] if isinstance(block, Text)]
            lines = [Line(self.gapped.get(n, text.text), text.place) for n, text in enumerate(texts, at)]
            done = 0
            for start, stop, grid in tables(lines, limits=self.limits, clean=_collapsed, fixed_width=False):
                yield from texts[done:start]
                yield grid
                done = stop
            yield from texts[done:]
            yield from self.found[end : end + 1]
            at = end + 1

    def _walk(self, root: Element) -> None:
        """Texts of an element in order. The stack holds (element, whether it was entered, blocks at its entry)."""
        stack: list[tuple[Element, int]] = [(root, -1)]
        owners = [root]
        while stack:
            element, entered = stack.pop()
            if entered >= 0:
                self._leave(element, entered, owners)
                if element is not root and element.tail:
                    self.parts.append(element.tail)
                continue
            if self._enter(element, element is root, owners):
                stack.append((element, len(self.found)))
                stack.extend((child, -1) for child in reversed(element))
            elif element is not root and element.tail:
                self.parts.append(element.tail)

    def _enter(self, element: Element, is_root: bool, owners: list[Element]) -> bool:
        """Whether the children are to be walked."""
        tag = element.tag
        if tag == "br":
            self._flush(owners[-1], forced=True)
            return False
        if tag == "a" or tag == "sup":
            self.parts.append(raised("".join(element.itertext())) if tag == "sup" else element.text or "")
            return bool(tag == "a")
        if tag == "img" or not isinstance(tag, str) or element in self.page.unseen:
            return False
        if not is_root and tag not in PARAGRAPHS and is_chrome(element, self.weights):
            self._flush(owners[-1])
            return False
        self._flush(owners[-1])
        if tag == "table" and not is_root:
            return self._table(element, owners)
        if tag in PREFORMATTED:
            self._preformatted(element)
            return False
        if tag in ("div", "ul", "ol", "section", "dl") and (rows := grids.box_rows(element, self._is_leaf)):
            self._boxes(element, rows)
            return False
        owners.append(element)
        if element.text:
            self.parts.append(element.text)
        return True

    def _leave(self, element: Element, blocks_before: int, owners: list[Element]) -> None:
        if element.tag in ("a", "sup"):
            return
        empty = len(self.found) == blocks_before and (element.tag in PARAGRAPHS or self._is_blank_box(element))
        self._flush(element, forced=empty)
        if owners and owners[-1] is element and len(owners) > 1:
            owners.pop()

    def _is_blank_box(self, element: Element) -> bool:
        """An empty box among many: a blank cell of a table that lost its rows."""
        if element.tag != "div" or len(element):
            return False
        parent = element.getparent()
        if parent is None:
            return False
        if parent not in self.bare_boxes:
            self.bare_boxes[parent] = sum(1 for child in parent if child.tag == "div" and not len(child))
        return self.bare_boxes[parent] >= BARE_BOXES

    def _flush(self, owner: Element, forced: bool = False) -> None:
        raw = "".join(self.parts)
        text = _collapsed(raw)
        self.parts.clear()
        if (text or forced) and not PAGE_BREAK.fullmatch(text):
            text = PAGE_BREAK.sub("", text) if "#" in text or "_" in text else text
            place, level = self._place(owner), LEVELS.get(owner.tag, 0)
            lines = unrolled(text)
            if len(lines) == 1 and GAPPED.search(raw):
                self.gapped[len(self.found)] = SOURCE_BREAK.sub(" ", raw).strip(" ")
            self.found += [Text(line, place, level) for line in lines]

    def _place(self, element: Element) -> str:
        return f"e{self.page.numbers.get(element, 1)}"

    def _preformatted(self, element: Element) -> None:
        text = "".join(_pre_text(element))
        place = self._place(element)
        lines = [Line(line, f"{place}l{n}") for n, line in enumerate(re.split(r"\r\n|[\r\n]", text.strip("\r\n")), 1)]
        self.found += drawn_blocks(lines, limits=self.limits)

    def _is_leaf(self, element: Element) -> bool:
        return all(
            child.tag in ("br", "a", "p", "sup") or (child.tag == "div" and not len(child))
            for child in element.iter()
            if child is not element
        )

    def _boxes(self, element: Element, rows: list[list[Element]]) -> None:
        drawn = [
            [
                grids.Drawn(
                    self._lines(box), self._place(box), grids.box_span(box, "row"), grids.box_span(box, "column")
                )
                for box in row
            ]
            for row in rows
        ]
        self.found.append(grids.assemble([grids.Group(drawn)], self._place(element), self.budget))

    # ---- tables

    def _table(self, table: Element, owners: list[Element]) -> bool:
        """Leave a grid for a table of data; a table that only lays out the page is walked like any other element."""
        if _is_layout(table, self.weights):
            owners.append(table)
            return True
        self._around(table)
        number = self.page.tables.get(table, 0)
        nested: list[Element] = []
        nests = sum(1 for _ in table.iter("table")) > 1
        groups: list[grids.Group] = []
        previous: Element = None
        for r, (row, cells) in enumerate(grids.rows_of(table), 1):
            home = row.getparent() if row is not table else table
            if not groups or home is not previous:
                groups.append(grids.Group())
                previous = home
            if row not in self.page.unseen:
                groups[-1].rows.append(self._row(cells, f"t{number}r{r}", nested if nests else None))
        # a foot stands before the body in old pages, but is shown below it
        grid = grids.assemble(groups, f"t{number}", self.budget)
        if grid.rows:
            self.found.append(grid)
        for inner in nested:
            self._walk_nested(inner)
        return False

    def _around(self, table: Element) -> None:
        """Text in a table but in no cell is shown above it."""
        for element in table.iter("caption"):
            if next(element.iterancestors("table"), None) is table:
                self._walk_nested(element)
        text = _collapsed("".join(table.xpath(LOOSE_TEXT)))
        if text:
            self.found.append(Text(text, self._place(table)))

    def _walk_nested(self, element: Element) -> None:
        inner = Flow(self.page, self.weights, self.budget, self.limits)
        if element.tag == "table":
            inner._table(element, [element])
        else:
            inner._walk(element)
        self.found += inner.found

    def _row(self, cells: list[Element], place: str, nested: list[Element] | None) -> list[grids.Drawn]:
        """Cells of a row. Tables in them are appended to ``nested``; None says that there are none."""
        row: list[grids.Drawn] = []
        for c, cell in enumerate(cells, 1):
            if cell in self.page.unseen:
                continue
            inner = next(cell.iter("table"), None) if nested is not None else None
            if inner is not None and (parts := self._unnested(cell, f"{place}c{c}")) is not None:
                row += parts
                continue
            if inner is not None and nested is not None:
                nested += [
                    t
                    for t in cell.iter("table")
                    if _cell_count(t) > 1 and next(t.iterancestors("table")) is _table_of(cell)
                ]
            row.append(
                grids.Drawn(
                    self._lines(cell),
                    f"{place}c{c}",
                    grids.span(cell.get("rowspan")),
                    max(1, grids.span(cell.get("colspan"))),
                )
            )
        return row

    def _unnested(self, cell: Element, place: str) -> list[grids.Drawn] | None:
        """Cells of a table of one row that is all that a cell holds."""
        inner = [child for child in cell if child.tag == "table"]
        if len(inner) != 1 or len(cell) != 1 or (cell.text or "").strip() or (inner[0].tail or "").strip():
            return None
        rows = list(grids.rows_of(inner[0]))
        if len(rows) != 1 or any(next(c.iter("table"), None) is not None for c in rows[0][1]):
            return None
        number = self.page.tables.get(inner[0], 0)
        height = grids.span(cell.get("rowspan"))
        return [
            grids.Drawn(self._lines(c), f"t{number}r1c{n}", height, max(1, grids.span(c.get("colspan"))))
            for n, c in enumerate(rows[0][1], 1)
        ]

    def _lines(self, cell: Element) -> list[str]:
        """Lines of a cell as shown, blank ones too."""
        if not len(cell):
            return [_collapsed(cell.text)] if cell.text else [""]
        if len(cell) == 1 and cell[0].tag == "p" and not len(cell[0]) and not (cell.text or "").strip():
            only = cell[0]
            if not (only.tail or "").strip():
                return [_collapsed(only.text)] if only.text else [""]
        return _cell_lines(cell)


def _cell_lines(cell: Element) -> list[str]:
    """Paragraphs and line breaks of a cell. Tables of more than one cell are left out: they are grids of their own."""
    lines: list[str] = []
    ended = False
    parts = [cell.text or ""]
    stack: list[tuple[Element, int]] = [(child, -1) for child in reversed(cell)]

    def flush(forced: bool = False) -> None:
        text = _collapsed("".join(parts))
        parts.clear()
        if text or forced:
            lines.append(text)

    while stack:
        element, entered = stack.pop()
        tag = element.tag
        if entered >= 0:
            if tag not in ("a", "sup"):
                flush(forced=tag in PARAGRAPHS and len(lines) == entered)
            parts.append(element.tail or "")
        elif tag == "br":
            flush(forced=True)
            parts.append(element.tail or "")
            # a browser shows no line behind the last break, but in a cell that holds a column it is a blank cell
            ended = element.getparent() is cell and element.getnext() is None
        elif tag in ("img", "sup") or (tag == "table" and _cell_count(element) > 1) or not isinstance(tag, str):
            parts.append(raised("".join(element.itertext())) if tag == "sup" else "")
            parts.append(element.tail or "")
        else:
            if tag != "a":
                flush()
            stack.append((element, len(lines)))
            parts.append(element.text or "")
            stack.extend((child, -1) for child in reversed(element))
    flush(forced=ended)
    return lines or [""]


def _pre_text(element: Element) -> Iterator[str]:
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            yield "\n" if node.tag == "br" else node.text or ""
        elif node is not element:
            yield node.tail or ""


def _table_of(cell: Element) -> Element:
    return next(cell.iterancestors("table"), None)


def _cell_count(table: Element) -> int:
    return sum(len(cells) for _, cells in grids.rows_of(table))


def _is_layout(table: Element, weights: Weights) -> bool:
    """A table that only arranges: one column of texts, or a cell that holds a table of the form or headings of the
    report, or nearly all text stands in cells with tables of their own."""
    nests = sum(1 for _ in table.iter("table")) > 1
    if not nests and weights.whole(table):
        return False
    rows = [row for _, row in grids.rows_of(table)]
    cells = [cell for row in rows for cell in row]
    framing = [cell for cell in cells if _holds_table(cell)]
    if max(map(len, rows), default=0) <= 1:
        return bool(framing) or any(len("".join(cell.itertext()).strip()) > FRAMED for cell in cells)
    if any(_is_article(cell, weights) for cell in cells):
        return True
    if any(weights[inner].labels >= 3 for cell in framing for inner in cell.iter("table")):
        return True
    inside = sum(weights[cell].text + weights[cell].links for cell in framing)
    return inside > 0.6 * (weights[table].text + weights[table].links) > 0


def _holds_table(cell: Element) -> bool:
    return any(_cell_count(table) > 1 for table in cell.iter("table"))


def _is_article(cell: Element, weights: Weights) -> bool:
    """Running text: long paragraphs, and headings of two sections at least or a table."""
    paragraphs = sum(1 for p in cell.iter("p", "br", "div", "h1", "h2", "h3", "h4"))
    return weights[cell].text > 300 and paragraphs >= 4 and weights[cell].sections >= 2


def _once(found: list[Block]) -> list[Block]:
    """The blocks of the first copy when a page shows its text twice, else an empty list.

    Two copies count as one only when all their letters and figures are the same: a page may hold two reports.
    """
    first = next((_bare(block) for block in found if isinstance(block, Text) and block.text), "")
    again = [n for n, block in enumerate(found) if isinstance(block, Text) and _bare(block).startswith(first)]
    if not first or len(again) < 2:
        return []
    texts = [_bare(block) for block in found]
    whole = "".join(texts)
    middle, odd = divmod(len(whole), 2)
    at = 0
    for n, text in enumerate(texts):
        if at == middle and n in again and not odd and len(whole) >= 400 and whole[:middle] == whole[middle:]:
            grids_a = sum(isinstance(block, Grid) for block in found[:n])
            grids_b = sum(isinstance(block, Grid) for block in found[n:])
            return found[:n] if grids_a >= grids_b else found[n:]
        at += len(text)
    return []


def _bare(block: Block) -> str:
    if isinstance(block, Text):
        return re.sub(r"\s", "", block.text)
    seen: set[int] = set()
    parts: list[str] = []
    for row in block.rows:
        for cell in row:
            if cell is not None and id(cell) not in seen:
                seen.add(id(cell))
                parts.append(cell.text)
    return re.sub(r"\s", "", "".join(parts))
