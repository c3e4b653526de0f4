"""Word documents in XML: DOCX (transitional and strict), flat OPC and Word 2003 XML, by Word, WPS or a template engine.

The XML is read directly, as it is drawn: inserted revisions are text and deleted ones are not, a text box counts once,
counted labels (一、 （一） 1.) are written out, cells keep their grid columns and vertical merges.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from lxml import etree

from parsers.documents.docx_styles import RAISED, Styles
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Block, Document, Grid, Text, Unread
from parsers.documents.numbering import after_label
from parsers.documents.ooxml import LONG, SHORT, Element, alternative, child, children, is_on, number, parse, value
from parsers.documents.package import Package
from parsers.documents.pictures import with_pictures
from parsers.documents.spans import Budget, Drawn, Item, Picture, cell_text, edge, relocated, table_blocks
from parsers.documents.symbols import noted, raised, symbol

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DROPPED = frozenset(
    "w:del w:moveFrom w:instrText w:delText w:delInstrText w:rt w:pPr w:rPr w:tblPr w:tblGrid w:trPr w:tcPr w:sdtPr "
    "w:sdtEndPr w:tblPrEx w:sectPr w:ffData w:binData w:annotationRef w:footnoteRef w:endnoteRef".split()
)
CHARACTERS = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
LEAST_RAISE = 4
"""Half points; a run is raised by hand where it is a note."""
DEEPEST = 100
"""Nesting of elements that a drawn document never reaches."""
NOTE_LENGTH = 300
LONGEST = 100_000
"""Characters of a paragraph, up to which deleted paragraph marks join it to the next."""


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
    if SHORT[root.tag] != "pkg:package":
        return FlatParts(dict.fromkeys(("word/document.xml", "word/styles.xml", "word/numbering.xml"), body))
    parts = {}
    for part in root:
        name = value(part, "pkg:name")
        data = child(part, "pkg:xmlData")
        if name and data is not None and len(data):
            parts[str(name).lstrip("/").lower()] = etree.tostring(data[0])
    return FlatParts(parts)


class Marks:
    """The few properties that change what is drawn, found in one pass over the tree: most paragraphs, runs and cells
    have none, and are then never asked."""

    TAGS = (
        "w:pStyle w:outlineLvl w:numPr w:listPr w:del w:moveFrom w:vanish w:rStyle w:strike w:dstrike w:vertAlign "
        "w:position w:gridSpan w:vMerge w:vmerge w:hMerge w:hmerge w:cellDel w:fldChar"
    ).split()

    def __init__(self, root: Element | None, *, white: bool = False) -> None:
        self.paragraphs: dict[Element, Element] = {}
        """Paragraph -> its properties."""
        self.runs: dict[Element, Element] = {}
        self.cells: dict[Element, dict[str, Element]] = {}
        """Cell -> its properties by name."""
        balance = 0
        tags = (*self.TAGS, "w:color") if white else self.TAGS
        for mark in () if root is None else root.iter(*(LONG[tag] for tag in tags)):
            holder = mark.getparent()
            kind = SHORT[holder.tag] if holder is not None else ""
            if SHORT[mark.tag] == "w:fldChar":
                balance += {"begin": 1, "end": -1}.get(value(mark, "w:fldCharType"), 0)
            elif kind == "w:pPr":
                self.paragraphs[holder.getparent()] = holder
            elif kind == "w:tcPr":
                self.cells.setdefault(holder.getparent(), {})[SHORT[mark.tag]] = mark
            elif kind == "w:rPr":
                owner = holder.getparent()
                if owner is not None and SHORT[owner.tag] == "w:pPr":
                    self.paragraphs[owner.getparent()] = owner
                else:
                    self.runs[owner] = holder
        self.fields_balance = balance == 0
        """Fields that begin are as many as those that end; else they cannot be followed."""


PLAIN: dict[str, Element] = {}


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
        self.paragraphs = 0
        self.marks = Marks(None)
        self.main = self._main_part()
        self.relations = self._relations(self.main)
        self.styles = Styles(None, None)

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
        try:
            root, _ = parse(data)
        except Unread:
            return {}  # parts are then found by their usual names
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
        self.styles = Styles(
            self._related("styles", "word/styles.xml"), self._related("numbering", "word/numbering.xml")
        )
        body = next(root.iter(LONG["w:body"]), None)
        if body is None:
            raise Unread("damaged", "no document body")
        self.marks = Marks(root, white=b"FFFFFF" in data)
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
        title = next(holder.iter(LONG["dc:title"], LONG["o:Title"]), None)
        return "" if title is None else (title.text or "").strip()

    def _note_parts(self, kind: str, name: str) -> None:
        """Footnotes are no part of the running text; they are told to the person who checks."""
        root = self._related(kind, f"word/{kind}.xml")
        for element in children(root):
            if SHORT[element.tag] == f"w:{name}" and not value(element, "w:type"):
                text = "".join(str(run.text or "") for run in element.iter() if SHORT[run.tag] == "w:t").strip()
                if text and len(self.notes) < 50:
                    self.notes.append(f"{name}: {text[:NOTE_LENGTH]}")

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _blocks(self, parent: Element) -> Iterator[Item]:
        """Blocks below ``parent``, wrappers (content controls, revisions, custom XML) seen through."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unread("damaged", "elements nested too deeply")
        joined = ""
        for element in parent:
            tag = SHORT[element.tag]
            if tag == "w:p":
                lines, extra, joined = self._paragraph(element, joined)
                yield from lines
                yield from extra
            elif tag == "w:tbl":
                yield from self._table(element)
            elif tag == "w:altChunk":
                yield from self._chunk(element)
            elif tag == "mc:AlternateContent":
                chosen = alternative(element)
                if chosen is not None:
                    yield from self._blocks(chosen)
            elif tag == "w:sdt":
                yield from self._content_control(element)
            elif tag and tag not in DROPPED and not _is_deletion(element):
                yield from self._blocks(element)
        if joined:
            yield Text(joined, f"e{self.paragraphs}")
        self.depth -= 1

    def _content_control(self, element: Element) -> Iterator[Item]:
        content = child(element, "w:sdtContent")
        if content is None or self._is_placeholder(element):
            return
        gallery = child(child(child(element, "w:sdtPr"), "w:docPartObj"), "w:docPartGallery")
        if value(gallery) == "Table of Contents":
            self.notes.append("the table of contents was left out")
            return
        yield from self._blocks(content)

    def _is_placeholder(self, element: Element) -> bool:
        """A content control that still shows its prompt (单击此处输入文字) is empty."""
        return is_on(child(child(element, "w:sdtPr"), "w:showingPlcHdr"))

    def _paragraph(self, element: Element, before: str) -> tuple[list[Text], list[Item], str]:
        """The lines as drawn (authors end them by hand where they mean a paragraph), what is anchored in them, and
        the text instead of lines when a deleted paragraph mark joins it to the next. ``before`` is such a text."""
        self.paragraphs += 1
        look = self.styles.look(self.marks.paragraphs.get(element))
        pieces: list[str] = []
        extra: list[Item] = []
        self._runs(element, pieces, extra)
        while self.fields and self.fields[-1] == "code":  # a code never goes on in the next paragraph
            self.fields.pop()
        text = noted("".join(pieces))
        if look.list_id:
            text = after_label(self.styles.lists.label(look.list_id, look.list_level), text)
        text = before + text
        if look.joined and len(text) < LONGEST:
            return [], extra, text
        place = f"e{self.paragraphs}"
        if "\n" not in text:
            return [Text(text, place, look.level if text.strip() else 0)], extra, ""
        return [Text(line, place, look.level if line.strip() else 0) for line in text.split("\n")], extra, ""

    def _runs(self, parent: Element, pieces: list[str], extra: list[Item]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unread("damaged", "elements nested too deeply")
        for element in parent:
            tag = SHORT[element.tag]
            if tag == "w:r":
                if not self._is_hidden(element):
                    before = len(pieces)
                    self._runs(element, pieces, extra)
                    if element in self.marks.runs and self._is_raised(element):
                        pieces[before:] = [raised("".join(pieces[before:]))]
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
                self._field(value(element, "w:fldCharType"))
            elif tag == "w:instrText":
                if self.fields and (element.text or "").strip().startswith("TOC "):
                    self.fields[-1] = "contents"
            elif tag in {"m:sup", "m:sub"}:
                before = len(pieces)
                self._runs(element, pieces, extra)
                pieces[before:] = [raised("".join(pieces[before:]))]
            elif tag == "w:txbxContent":
                extra.extend(self._blocks(element))
            elif tag == "mc:AlternateContent":
                chosen = alternative(element)
                if chosen is not None:
                    self._runs(chosen, pieces, extra)
            elif tag in {"a:blip", "v:imagedata"}:
                picture = value(element, "r:embed") or value(element, "r:id")
                if picture in self.relations:
                    extra.append(Picture(self.relations[picture][1]))
            elif tag == "w:sdt":
                content = child(element, "w:sdtContent")
                if content is not None and not self._is_placeholder(element):
                    self._runs(content, pieces, extra)
            elif tag and tag not in DROPPED and not _is_deletion(element):
                self._runs(element, pieces, extra)
        self.depth -= 1

    def _runs_of_hidden(self, run: Element) -> None:
        for element in run:
            if SHORT[element.tag] == "w:fldChar":
                self._field(value(element, "w:fldCharType"))

    def _field(self, kind: str) -> None:
        """Fields nest; only their results are drawn. A table of contents repeats headings, so its result is not."""
        if not self.marks.fields_balance:
            return
        if kind == "begin":
            if len(self.fields) >= DEEPEST:
                raise Unread("damaged", "fields nested too deeply")
            self.fields.append("code")
        elif kind == "separate" and self.fields and self.fields[-1] == "code":
            self.fields[-1] = "result"
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _in_field_code(self) -> bool:
        return "code" in self.fields or "contents" in self.fields

    def _is_hidden(self, run: Element) -> bool:
        properties = self.marks.runs.get(run)
        if properties is None:
            return False
        style, hidden = "", None
        for element in properties:
            tag = SHORT[element.tag]
            if tag == "w:vanish":
                hidden = is_on(element)
            elif tag in {"w:strike", "w:dstrike"} and is_on(element):
                return True  # as good as deleted
            elif tag == "w:rStyle":
                style = value(element)
        return hidden if hidden is not None else bool(style) and self.styles.is_hidden(style)

    def _is_raised(self, run: Element) -> bool:
        """Raised or lowered by its own properties or its style: 脚注引用 of Word and WPS is such a style. What is white
        may be unseen or stand on a dark ground: beside a figure it is none of its digits either."""
        said = {SHORT[element.tag]: value(element) for element in self.marks.runs[run]}
        if said.get("w:color") == "FFFFFF":
            return True
        if "w:vertAlign" in said:
            return said["w:vertAlign"] in RAISED
        if abs(number(said.get("w:position", ""), 0) or 0) >= LEAST_RAISE:
            return True
        return "w:rStyle" in said and self.styles.is_raised(said["w:rStyle"])

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
            tag = SHORT[element.tag]
            if tag == name:
                yield element
            elif tag and tag not in DROPPED and tag not in {"w:p", "w:tbl", "w:tc"}:
                yield from self._wrapped(element, name)
        self.depth -= 1

    def _row(self, row: Element, place: str, edges: Sequence[int]) -> tuple[list[Drawn], list[list[Item]]]:
        before = child(child(row, "w:trPr"), "w:gridBefore")
        at = 0 if before is None else max(0, number(value(before), 0) or 0)
        drawn: list[Drawn] = []
        inner: list[list[Item]] = []
        for count, cell in enumerate(self._wrapped(row, "w:tc"), 1):
            own = self.marks.cells.get(cell, PLAIN)
            if "w:cellDel" in own:
                continue
            span = max(1, number(value(own["w:gridSpan"]), 1) or 1) if "w:gridSpan" in own else 1
            if at + span > self.limits.cells:
                raise Unread("too_large", "a cell spans more columns than the limit of cells")
            items = list(self._blocks(cell))
            left, right = edge(edges, at), edge(edges, at + span)
            at += span
            if drawn and _merge(own, "w:hMerge", "w:hmerge") == "continue":
                drawn[-1].right = right
                continue
            vertical = _merge(own, "w:vMerge", "w:vmerge")
            name = f"{place}c{count}"
            drawn.append(Drawn(cell_text(items), name, left, right, vertical == "restart", vertical == "continue"))
            inner.append(items)
        return drawn, inner

    # -- what stands in other parts ----------------------------------------------------------------------------------

    def _chunk(self, element: Element) -> list[Block]:
        """An embedded document of another format (HTML, RTF, DOCX). Its places are put behind ``a1:``."""
        _, name = self.relations.get(value(element, "r:id"), ("", ""))
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


def _is_deletion(element: Element) -> bool:
    """A deleted revision as Word 2003 XML writes it."""
    return SHORT[element.tag] == "aml:annotation" and value(element, "w:type") == "Word.Deletion"


def _symbol(element: Element) -> str:
    code = value(element, "w:char")
    return symbol(int(code, 16), value(element, "w:font")) if _is_hex(code) else ""


def _is_hex(text: str) -> bool:
    return 0 < len(text) <= 6 and all(char in "0123456789abcdefABCDEF" for char in text)


def _row_is_drawn(row: Element) -> bool:
    """False for a row whose deletion is tracked, or that is hidden."""
    properties = child(row, "w:trPr")
    return child(properties, "w:del") is None and not is_on(child(properties, "w:hidden"))


def _merge(properties: Mapping[str, Element], *names: str) -> str:
    """``restart``, ``continue`` (also when no value is given) or empty."""
    for name in names:
        if name in properties:
            return "restart" if value(properties[name]) == "restart" else "continue"
    return ""


def _grid_edges(table: Element) -> list[int]:
    """Edges of the grid columns in twips; empty when a width is missing, so that columns are only counted."""
    edges = [0]
    for column in children(child(table, "w:tblGrid")):
        if SHORT[column.tag] == "w:gridCol":
            width = number(value(column, "w:w"), 0) or 0
            if width <= 0:
                return []
            edges.append(edges[-1] + width)
    return edges if len(edges) > 1 else []
