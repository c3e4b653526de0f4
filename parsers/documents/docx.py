"""Word documents in XML: DOCX (transitional and strict), flat OPC and Word 2003 XML, by Word, WPS or a template engine.

The XML is read directly, as it is drawn: inserted revisions are text and deleted ones are not, a text box counts once,
counted labels (一、 （一） 1.) are written out, cells keep their grid columns and vertical merges.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module

from lxml import etree
from lxml.etree import _Element as Element

from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Block, Document, Grid, Text, Unread
from parsers.documents.numbering import NFC, ListLevel, Lists, after_label
from parsers.documents.package import Package
from parsers.documents.pictures import with_pictures
from parsers.documents.spans import Budget, Drawn, Item, Picture, cell_text, edge, table_blocks
from parsers.documents.symbols import symbol

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NAMESPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.microsoft.com/office/word/2003/wordml": "w",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://schemas.microsoft.com/office/2006/xmlPackage": "pkg",
    "http://purl.org/dc/elements/1.1/": "dc",
    "urn:schemas-microsoft-com:vml": "v",
    "http://schemas.microsoft.com/aml/2001/core": "aml",
}
DROPPED = frozenset(
    "w:del w:moveFrom w:instrText w:delText w:delInstrText w:rt w:pPr w:rPr w:tblPr w:tblGrid w:trPr w:tcPr w:sdtPr "
    "w:sdtEndPr w:tblPrEx w:sectPr w:ffData w:binData w:annotationRef w:footnoteRef w:endnoteRef".split()
)
CHARACTERS = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
DEEPEST = 100
"""Nesting of elements that a drawn document never reaches."""
NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Style:
    """What the reading needs of a style. ``level`` is the heading level (0: none, None: as its base)."""

    base: str = ""
    level: int | None = None
    number: str | None = None
    number_level: int | None = None
    hidden: bool | None = None


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Raises Unread: encrypted, damaged, too_large, unsafe, no_text."""
    if body.startswith(OLE_MAGIC):
        raise Unread("encrypted", "a password protects this document")
    parts = _flat_parts(body) if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else Package(body, limits)
    return _Reader(parts, limits).document()


class FlatParts:
    """The parts of a document that is one XML file (flat OPC): the same questions as to a Package."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.parts = parts
        self.damaged = False

    def names(self) -> list[str]:
        return list(self.parts)

    def get(self, name: str) -> bytes | None:
        return self.parts.get(name.lstrip("/").lower())


def _flat_parts(body: bytes) -> FlatParts:
    """Flat OPC and Word 2003 XML as parts. The latter keeps text, styles and lists in one tree: all parts at once."""
    root, _ = parse(body)
    if _short(root.tag) != "pkg:package":
        return FlatParts(dict.fromkeys(("word/document.xml", "word/styles.xml", "word/numbering.xml"), body))
    parts = {}
    for part in root:
        name = next((value for key, value in part.attrib.items() if _short(key) == "pkg:name"), "")
        data = next((child for child in part if _short(child.tag) == "pkg:xmlData"), None)
        if name and data is not None and len(data):
            parts[str(name).lstrip("/").lower()] = etree.tostring(data[0])
    return FlatParts(parts)


def parse(data: bytes) -> tuple[Element, bool]:
    """The root and whether the XML had to be repaired. No entities, no network, libxml2's own limits of depth and size.

    Raises Unread("damaged").
    """
    try:
        return etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        ), False
    except etree.XMLSyntaxError:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, recover=True)
        root = etree.fromstring(data, parser)
        if root is None:
            raise Unread("damaged", "the document's XML cannot be parsed") from None
        return root, True


_SHORT: dict[str, str] = {}


def _short(tag: object) -> str:
    """``{http://…/main}p`` -> ``w:p``; what belongs to no namespace of ours keeps a bare ``:`` in front."""
    if not isinstance(tag, str):
        return ""
    known = _SHORT.get(tag)
    if known is None:
        space, _, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
        known = f"{NAMESPACES.get(space, '')}:{name}"
        if len(_SHORT) < 5000:
            _SHORT[tag] = known
    return known


def _child(element: Element | None, name: str) -> Element | None:
    if element is not None:
        for child in element:
            if _short(child.tag) == name:
                return child
    return None


def _value(element: Element | None, name: str = "w:val", default: str = "") -> str:
    """An attribute by its short name; unprefixed ones are accepted, some writers drop the prefix."""
    if element is not None:
        for key, value in element.attrib.items():
            short = _short(key)
            if short == name or short == ":" + name.partition(":")[2]:
                return str(value)
    return default


def _number(text: str, default: int | None = None) -> int | None:
    try:
        return int(float(text)) if len(text) < 12 else default
    except ValueError:
        return default


def _is_on(element: Element | None) -> bool:
    return element is not None and _value(element, default="true").lower() not in {"0", "false", "off", "none"}


class _Reader:
    """One reading of one document."""

    def __init__(self, parts: Package | FlatParts, limits: Limits) -> None:
        self.parts = parts
        self.limits = limits
        self.budget = Budget(limits.cells)
        self.notes: list[str] = []
        self.tables = 0
        self.depth = 0
        self.chunks = 0
        self.fields: list[str] = []
        self.fields_balance = True
        self.indexes: dict[Element, int] = {}
        self.main = self._main_part()
        self.relations = self._relations(self.main)
        self.styles: dict[str, Style] = {}
        self.default_style = ""
        self.lists = Lists()

    # -- parts -------------------------------------------------------------------------------------------------------

    def _main_part(self) -> str:
        for kind, target in self._relations("").values():
            if kind.endswith("/officeDocument") and self.parts.get(target) is not None:
                return target
        for name in self.parts.names():
            if posixpath.basename(name) in {"document.xml", "document2.xml"}:
                return name
        raise Unread("damaged", "no main document part")

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (type, target part) of ``part``; of the package itself for an empty name."""
        folder, name = posixpath.split(part)
        data = self.parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        if data is None:
            return {}
        root, _ = parse(data)
        found = {}
        for relation in root:
            if relation.get("TargetMode") != "External":
                target = (relation.get("Target") or "").replace("\\", "/")
                joined = target if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                found[relation.get("Id") or ""] = (relation.get("Type") or "", joined)
        return found

    def _related(self, kind: str, default: str) -> Element | None:
        """The root of the part that stands in relation ``kind`` (``styles``) to the main part; None when missing."""
        names = [target for type_, target in self.relations.values() if type_.endswith("/" + kind)]
        data = next((found for name in (*names, default) if (found := self.parts.get(name))), None)
        if not data:
            return None
        try:
            return parse(data)[0]
        except Unread:
            self.notes.append(f"the part {kind} is damaged and was left out")
            return None

    # -- whole document ----------------------------------------------------------------------------------------------

    def document(self) -> Document:
        data = self.parts.get(self.main)
        if not data:
            raise Unread("damaged", "the main document part is empty")
        root, repaired = parse(data)
        if repaired:
            self.notes.append("the XML is damaged: what could be parsed was read")
        self._load_styles(self._related("styles", "word/styles.xml"))
        self._load_lists(self._related("numbering", "word/numbering.xml"))
        body = next((element for element in root.iter() if _short(element.tag) == "w:body"), None)
        if body is None:
            raise Unread("damaged", "no document body")
        self.indexes = {e: n for n, e in enumerate(root.iter(), 1) if _short(e.tag) == "w:p"}
        marks = [_value(e, "w:fldCharType") for e in root.iter("{*}fldChar")]
        self.fields_balance = marks.count("begin") == marks.count("end")
        blocks = with_pictures(list(self._blocks(body)), self._picture, self.limits, self.notes)
        self._note_parts("footnotes", "footnote")
        self._note_parts("endnotes", "endnote")
        if not any(block.rows if isinstance(block, Grid) else block.text.strip() for block in blocks):
            raise Unread("no_text", "no text and no picture that can be read")
        if self.parts.damaged:
            self.notes.append("the container is damaged: what could be unpacked was read")
        return Document(MEDIA_TYPE, tuple(blocks), self._title(root), tuple(dict.fromkeys(self.notes)))

    def _title(self, root: Element) -> str:
        core = next((name for kind, name in self._relations("").values() if kind.endswith("/core-properties")), "")
        data = self.parts.get(core or "docProps/core.xml")
        try:
            holder = parse(data)[0] if data else root
        except Unread:
            return ""
        for element in holder.iter():
            if _short(element.tag) == "dc:title" or (holder is root and str(element.tag).endswith("office}Title")):
                return (element.text or "").strip()
        return ""

    def _note_parts(self, kind: str, name: str) -> None:
        """Footnotes are no part of the running text; they are told to the person who checks."""
        root = self._related(kind, f"word/{kind}.xml")
        for element in () if root is None else root:
            if _short(element.tag) == f"w:{name}" and not _value(element, "w:type"):
                text = "".join(str(run.text or "") for run in element.iter() if _short(run.tag) == "w:t").strip()
                if text and len(self.notes) < 50:
                    self.notes.append(f"{name}: {text[:NOTE_LENGTH]}")

    # -- styles and lists --------------------------------------------------------------------------------------------

    def _load_styles(self, root: Element | None) -> None:
        holder = root if root is None or _short(root.tag) == "w:styles" else _child(root, "w:styles")
        for element in () if holder is None else holder:
            if _short(element.tag) != "w:style":
                continue
            name = _value(_child(element, "w:name")).lower()
            paragraph = _child(element, "w:pPr")
            number, number_level = self._list_of(paragraph)
            level = _number(_value(_child(paragraph, "w:outlineLvl")))
            hidden = _child(_child(element, "w:rPr"), "w:vanish")
            key = _value(element, "w:styleId")
            self.styles[key] = Style(
                base=_value(_child(element, "w:basedOn")),
                level=_heading(name) or (None if level is None else _rank(level)),
                number=number,
                number_level=number_level,
                hidden=None if hidden is None else _is_on(hidden),
            )
            if _value(element, "w:default") in {"1", "true", "on"} and _value(element, "w:type") == "paragraph":
                self.default_style = key

    def _list_of(self, properties: Element | None) -> tuple[str | None, int | None]:
        """(numId, level) of paragraph properties; Word 2003 XML calls it ``listPr``/``ilfo``."""
        holder = _child(properties, "w:numPr")
        if holder is None:
            holder = _child(properties, "w:listPr")
        number = _child(holder, "w:numId")
        if number is None:
            number = _child(holder, "w:ilfo")
        level = _number(_value(_child(holder, "w:ilvl")))
        return (None if number is None else _value(number)), level

    def _inherited(self, style: str, name: str) -> object:
        """The first value of attribute ``name`` that is set along the chain of bases."""
        seen: set[str] = set()
        while style in self.styles and style not in seen:
            seen.add(style)
            found: object = getattr(self.styles[style], name)
            if found is not None:
                return found
            style = self.styles[style].base
        return None

    def _load_lists(self, root: Element | None) -> None:
        if root is not None and _short(root.tag) not in {"w:numbering", "w:lists"}:
            root = _child(root, "w:lists")
        links: dict[str, str] = {}
        owners: dict[str, str] = {}
        for element in () if root is None else root:
            tag = _short(element.tag)
            if tag in {"w:abstractNum", "w:listDef"}:
                key = _value(element, "w:abstractNumId") or _value(element, "w:listDefId")
                self.lists.abstract[key] = dict(_levels(element))
                links[key] = _value(_child(element, "w:numStyleLink"))
                if style := _value(_child(element, "w:styleLink")):
                    owners[style] = key
            elif tag in {"w:num", "w:list"}:
                key = _value(element, "w:numId") or _value(element, "w:ilfo")
                owner = _child(element, "w:abstractNumId")
                self.lists.numbers[key] = _value(owner if owner is not None else _child(element, "w:ilst"))
                self._load_overrides(key, element)
        for number, owner_key in self.lists.numbers.items():
            linked = links.get(owner_key, "")
            if linked in owners:
                self.lists.numbers[number] = owners[linked]

    def _load_overrides(self, number: str, element: Element) -> None:
        for override in element:
            if _short(override.tag) != "w:lvlOverride":
                continue
            level = _number(_value(override, "w:ilvl"), 0) or 0
            for at, shown in _levels(override):
                self.lists.overrides[number, at] = shown
            start = _number(_value(_child(override, "w:startOverride")))
            if start is not None:
                self.lists.restarts[number, level] = start

    def _label(self, properties: Element | None, style: str) -> str:
        number, level = self._list_of(properties)
        if number is None:
            inherited = self._inherited(style, "number")
            number = inherited if isinstance(inherited, str) else None
        if level is None:
            inherited = self._inherited(style, "number_level")
            level = inherited if isinstance(inherited, int) else 0
        if not number or number == "0" or not 0 <= level <= 8:
            return ""
        return self.lists.label(number, level)

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _blocks(self, parent: Element) -> Iterator[Item]:
        """Blocks below ``parent``, wrappers (content controls, revisions, custom XML) seen through."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unread("damaged", "elements nested too deeply")
        joined = ""
        for element in parent:
            tag = _short(element.tag)
            if tag == "w:p":
                text, extra = self._paragraph(element)
                if _paragraph_mark_deleted(element):
                    joined += text
                else:
                    yield from self._text_blocks(element, joined + text)
                    joined = ""
                yield from extra
            elif tag == "w:tbl":
                yield from self._table(element)
            elif tag == "w:altChunk":
                yield from self._chunk(element)
            elif tag == "mc:AlternateContent":
                chosen = _alternative(element)
                if chosen is not None:
                    yield from self._blocks(chosen)
            elif tag == "w:sdt":
                yield from self._content_control(element)
            elif tag and tag not in DROPPED and not _is_deletion(element):
                yield from self._blocks(element)
        if joined:
            yield Text(joined, "")
        self.depth -= 1

    def _content_control(self, element: Element) -> Iterator[Item]:
        content = _child(element, "w:sdtContent")
        if content is None or self._is_placeholder(element):
            return
        gallery = _child(_child(_child(element, "w:sdtPr"), "w:docPartObj"), "w:docPartGallery")
        if _value(gallery) == "Table of Contents":
            self.notes.append("the table of contents was left out")
            return
        yield from self._blocks(content)

    def _is_placeholder(self, element: Element) -> bool:
        """A content control that still shows its prompt (单击此处输入文字) is empty."""
        return _is_on(_child(_child(element, "w:sdtPr"), "w:showingPlcHdr"))

    def _text_blocks(self, element: Element, text: str) -> Iterator[Text]:
        """A paragraph as one Text for each of its lines: authors end lines by hand where they mean a paragraph."""
        properties = _child(element, "w:pPr")
        style = _value(_child(properties, "w:pStyle")) or self.default_style
        outline = _number(_value(_child(properties, "w:outlineLvl")))
        inherited = self._inherited(style, "level")
        level = _rank(outline) if outline is not None else inherited if isinstance(inherited, int) else 0
        place = f"e{self.indexes.get(element, 0)}"
        for line in text.split("\n"):
            yield Text(line, place, level if line.strip() else 0)

    def _paragraph(self, element: Element) -> tuple[str, list[Item]]:
        """The text as drawn, its label in front, and what is anchored in it."""
        properties = _child(element, "w:pPr")
        style = _value(_child(properties, "w:pStyle")) or self.default_style
        pieces: list[str] = []
        extra: list[Item] = []
        self._runs(element, pieces, extra)
        while self.fields and self.fields[-1] == "code":  # a code never goes on in the next paragraph
            self.fields.pop()
        text = "".join(pieces)
        label = self._label(properties, style)
        return (after_label(label, text) if label else text), extra

    def _runs(self, parent: Element, pieces: list[str], extra: list[Item]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unread("damaged", "elements nested too deeply")
        for element in parent:
            tag = _short(element.tag)
            if tag == "w:r":
                if not self._is_hidden(element):
                    self._runs(element, pieces, extra)
                else:
                    self._runs_of_hidden(element)
            elif tag in {"w:t", "m:t"}:
                if not self._in_field_code():
                    pieces.append(element.text or "")
            elif tag in CHARACTERS:
                if not self._in_field_code():
                    pieces.append(CHARACTERS[tag])
            elif tag == "w:sym":
                pieces.append(_symbol(element))
            elif tag == "w:fldChar":
                self._field(_value(element, "w:fldCharType"))
            elif tag == "w:instrText":
                if self.fields and (element.text or "").strip().startswith("TOC "):
                    self.fields[-1] = "contents"
            elif tag == "w:txbxContent":
                extra.extend(self._blocks(element))
            elif tag == "mc:AlternateContent":
                chosen = _alternative(element)
                if chosen is not None:
                    self._runs(chosen, pieces, extra)
            elif tag in {"a:blip", "v:imagedata"}:
                picture = _value(element, "r:embed") or _value(element, "r:id")
                if picture in self.relations:
                    extra.append(Picture(self.relations[picture][1]))
            elif tag == "w:sdt":
                content = _child(element, "w:sdtContent")
                if content is not None and not self._is_placeholder(element):
                    self._runs(content, pieces, extra)
            elif tag and tag not in DROPPED and not _is_deletion(element):
                self._runs(element, pieces, extra)
        self.depth -= 1

    def _runs_of_hidden(self, run: Element) -> None:
        for element in run:
            if _short(element.tag) == "w:fldChar":
                self._field(_value(element, "w:fldCharType"))

    def _field(self, kind: str) -> None:
        """Fields nest; only their results are drawn. A table of contents repeats headings, so its result is not."""
        if not self.fields_balance:
            return
        if kind == "begin":
            self.fields.append("code")
        elif kind == "separate" and self.fields and self.fields[-1] == "code":
            self.fields[-1] = "result"
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _in_field_code(self) -> bool:
        return "code" in self.fields or "contents" in self.fields

    def _is_hidden(self, run: Element) -> bool:
        properties = _child(run, "w:rPr")
        if properties is None:
            return False
        style = ""
        for element in properties:
            tag = _short(element.tag)
            if tag == "w:vanish":
                return _is_on(element)
            if tag == "w:rStyle":
                style = _value(element)
        return bool(style) and self._inherited(style, "hidden") is True

    # -- tables ------------------------------------------------------------------------------------------------------

    def _table(self, element: Element) -> list[Item]:
        self.tables += 1
        number = self.tables
        edges = _grid_edges(element)
        rows: list[list[Drawn]] = []
        inner: list[list[Item]] = []
        for row in self._wrapped(element, "w:tr"):
            if not _row_is_drawn(row):
                continue
            drawn, contents = self._row(row, f"t{number}r{len(rows) + 1}", edges)
            rows.append(drawn)
            inner.extend(contents)
        return table_blocks(rows, inner, f"t{number}", self.budget)

    def _wrapped(self, parent: Element, name: str) -> Iterator[Element]:
        """Rows of a table or cells of a row, wrappers seen through."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unread("damaged", "elements nested too deeply")
        for element in parent:
            tag = _short(element.tag)
            if tag == name:
                yield element
            elif tag and tag not in DROPPED and tag not in {"w:p", "w:tbl", "w:tc"}:
                yield from self._wrapped(element, name)
        self.depth -= 1

    def _row(self, row: Element, place: str, edges: Sequence[int]) -> tuple[list[Drawn], list[list[Item]]]:
        properties = _child(row, "w:trPr")
        at = max(0, _number(_value(_child(properties, "w:gridBefore")), 0) or 0)
        drawn: list[Drawn] = []
        inner: list[list[Item]] = []
        for count, cell in enumerate(self._wrapped(row, "w:tc"), 1):
            own = _child(cell, "w:tcPr")
            if _child(own, "w:cellDel") is not None:
                continue
            span = max(1, _number(_value(_child(own, "w:gridSpan")), 1) or 1)
            if at + span > self.limits.cells:
                raise Unread("too_large", "a cell spans more columns than the limit of cells")
            blocks = list(self._blocks(cell))
            right = edge(edges, at + span)
            if drawn and _merge(own, "w:hMerge", "w:hmerge") == "continue":
                drawn[-1].right = right
            else:
                vertical = _merge(own, "w:vMerge", "w:vmerge")
                left = edge(edges, at)
                text = cell_text(blocks)
                drawn.append(
                    Drawn(text, f"{place}c{count}", left, right, vertical == "restart", vertical == "continue")
                )
                inner.append(blocks)
            at += span
        return drawn, inner

    # -- what stands in other parts ----------------------------------------------------------------------------------

    def _chunk(self, element: Element) -> list[Block]:
        """An embedded document of another format (HTML, RTF, DOCX). Its places are put behind ``a1:``."""
        _, name = self.relations.get(_value(element, "r:id"), ("", ""))
        data = self.parts.get(name) if name else None
        self.chunks += 1
        if data is None or self.limits.depth < 1:
            self.notes.append("an embedded document is missing or nested too deeply")
            return []
        documents = import_module("parsers.documents")
        smaller = replace(self.limits, depth=self.limits.depth - 1, cells=max(self.budget.slots, 1))
        found: Document = documents.read(data, limits=smaller)
        blocks = [relocated(block, f"a{self.chunks}:") for block in found.blocks]
        self.budget.spend(sum(len(row) for block in blocks if isinstance(block, Grid) for row in block.rows))
        self.notes.extend(found.notes)
        return blocks

    def _picture(self, picture: Picture) -> bytes:
        return self.parts.get(picture.source) or b""


def relocated(block: Block, prefix: str) -> Block:
    """The same block with every place behind ``prefix``; a spanned cell stays one object."""
    if isinstance(block, Text):
        return replace(block, place=prefix + block.place)
    moved = {id(cell): replace(cell, place=prefix + cell.place) for row in block.rows for cell in row if cell}
    rows = tuple(tuple(moved[id(cell)] if cell else None for cell in row) for row in block.rows)
    return Grid(rows, prefix + block.place)


def _heading(name: str) -> int:
    """``heading 2`` -> 2, ``title`` -> 1, anything else 0; a style's name is English in the file whatever the UI is."""
    if name == "title":
        return 1
    word, _, number = name.partition(" ")
    return int(number) if word == "heading" and number in set("123456789") else 0


def _rank(outline: int) -> int:
    """Outline level 0 is heading 1; 9 is body text."""
    return outline + 1 if 0 <= outline <= 8 else 0


def _levels(parent: Element) -> Iterator[tuple[int, ListLevel]]:
    for element in parent:
        if _short(element.tag) != "w:lvl":
            continue
        level = _number(_value(element, "w:ilvl"), 0) or 0
        holder = _child(element, "w:numFmt")
        if holder is None:  # w14 formats stand in an AlternateContent with a plain fallback
            fallback = _alternative(_child(element, "mc:AlternateContent"), prefer_fallback=True)
            holder = _child(fallback, "w:numFmt")
        code = _number(_value(_child(element, "w:nfc")))
        style = _value(holder, default=NFC.get(code or 0, "bullet") if code is not None else "decimal")
        text = _value(_child(element, "w:lvlText"))
        if style == "bullet":
            text = "".join("•" if 0xE000 <= ord(char) <= 0xF8FF else char for char in text)
        start = _number(_value(_child(element, "w:start")), 0)
        yield level, ListLevel(start or 0, style, text, _is_on(_child(element, "w:isLgl")))


def _alternative(element: Element | None, *, prefer_fallback: bool = False) -> Element | None:
    """The one branch of an mc:AlternateContent that is drawn: both say the same, for newer and older programs."""
    order = ("mc:Fallback", "mc:Choice") if prefer_fallback else ("mc:Choice", "mc:Fallback")
    return next((found for name in order if (found := _child(element, name)) is not None), None)


def _paragraph_mark_deleted(element: Element) -> bool:
    mark = _child(_child(element, "w:pPr"), "w:rPr")
    return _child(mark, "w:del") is not None or _child(mark, "w:moveFrom") is not None


def _is_deletion(element: Element) -> bool:
    """A deleted revision as Word 2003 XML writes it."""
    return _short(element.tag) == "aml:annotation" and _value(element, "w:type") == "Word.Deletion"


def _symbol(element: Element) -> str:
    code = _value(element, "w:char")
    return symbol(int(code, 16), _value(element, "w:font")) if _is_hex(code) else ""


def _is_hex(text: str) -> bool:
    return 0 < len(text) <= 6 and all(char in "0123456789abcdefABCDEF" for char in text)


def _row_is_drawn(row: Element) -> bool:
    """False for a row whose deletion is tracked, or that is hidden."""
    properties = _child(row, "w:trPr")
    return _child(properties, "w:del") is None and not _is_on(_child(properties, "w:hidden"))


def _merge(properties: Element | None, *names: str) -> str:
    """``restart``, ``continue`` (also when no value is given) or empty."""
    for name in names:
        found = _child(properties, name)
        if found is not None:
            return "restart" if _value(found) == "restart" else "continue"
    return ""


def _grid_edges(table: Element) -> list[int]:
    """Edges of the grid columns in twips; empty when a width is missing, so that columns are only counted."""
    edges = [0]
    grid = _child(table, "w:tblGrid")
    for column in () if grid is None else grid:
        if _short(column.tag) == "w:gridCol":
            width = _number(_value(column, "w:w"), 0) or 0
            if width <= 0:
                return []
            edges.append(edges[-1] + width)
    return edges if len(edges) > 1 else []
