"""Binary Word documents (Word 97 to 2003, Kingsoft WPS) read from their own streams, no office program needed.

A paragraph's properties say whether it is a cell, how deep, and where a row ends; the row's definition gives the edges
and merges of its cells. Deleted and hidden text, field codes, headers and footnotes are not part of the text.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import count

from parsers.documents import word97
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Grid, Text, Unread
from parsers.documents.numbering import after_label
from parsers.documents.office import as_docx
from parsers.documents.pictures import with_pictures
from parsers.documents.spans import Budget, Cut, Flow, Item, Picture
from parsers.documents.symbols import joined_surrogates, symbol
from parsers.documents.word97 import Modifier, Runs, WordFile

MEDIA_TYPE = "application/msword"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARAGRAPH_END = re.compile("[\r\x07\x0c]")  # paragraph mark, cell or row mark, page or section break
CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")  # \x13 begins a field, \x1e is a hyphen that does not break
FIELD_MARK = re.compile("([\x13\x14\x15])")
DRAWN_CONTROLS = {0x09: "\t", 0x0B: "\n", 0x0E: "\n", 0x1E: "-"} | {
    code: None for code in range(0x20) if code not in (0x09, 0x0A, 0x0B, 0x0E, 0x1E)
}
# record header of a picture in an Office drawing: 2 bytes of instance, type F01D (JPEG) to F029 (TIFF), length
BLIP = re.compile(rb"[\x1d\x1e\x1f\x29\x2a]\xf0")
PICTURE_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
MOST_PICTURES = 200
OLD_NOTE = "Word 6/95: tables were read as lines of text"
DEEPEST = 100
"""Fields within fields."""
LONGEST = 100_000
"""Characters of a paragraph, up to which deleted paragraph marks join it to the next."""
UNDRAWN = (word97.C_DELETED, word97.C_HIDDEN, word97.C_STRUCK, word97.C_STRUCK_TWICE)
"""What is struck out is as good as deleted."""
KEPT_MARKS = "\r\x07\x0c\x13\x14\x15"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What the modifiers of one paragraph say. ``depth`` 0 is outside tables. None means: as its style."""

    depth: int = 0
    row_end: bool = False
    cell_end: bool = False
    """In an inner table, where an ordinary paragraph mark ends a cell."""
    outline: int | None = None
    list_id: int | None = None
    list_level: int | None = None
    cut: Cut | None = None


PLAIN = Paragraph()


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Raises Unread: encrypted, damaged, too_large, no_text."""
    if not body.startswith(OLE_MAGIC):  # Word 2003 XML and flat OPC carry the same type
        found: Document = import_module("parsers.documents.docx").read(body, charset=charset, limits=limits)
        return found
    try:
        document = _read_streams(body, limits)
    except Unread as refusal:
        if refusal.reason == "damaged" and (through := _through_office(body, limits, "MS Word 97")):
            return through
        raise
    if OLD_NOTE in document.notes:
        return _through_office(body, limits, "MS Word 95") or document
    return document


def _through_office(body: bytes, limits: Limits, kind: str) -> Document | None:
    """What LibreOffice makes of it, where it is installed and makes anything of it."""
    converted = as_docx(body, kind)
    try:
        document = import_module("parsers.documents.docx").read(converted, limits=limits) if converted else None
    except Unread:
        return None
    return document and replace(document, media_type=MEDIA_TYPE, notes=(*document.notes, "read through LibreOffice"))


def _read_streams(body: bytes, limits: Limits) -> Document:
    try:
        word = word97.open_word(body)
        reader = _OldReader(word) if word.head.version < word97.WORD_97 else _Reader(word, limits)
        return reader.document()
    except (struct.error, IndexError, OverflowError) as error:
        raise Unread("damaged", f"Word structures: {error}") from None


class _Reader:
    """One reading of one document of Word 97 or later."""

    def __init__(self, word: WordFile, limits: Limits) -> None:
        self.word = word
        self.limits = limits
        self.budget = Budget(limits.cells)
        self.notes: list[str] = []
        self.pieces = word97.pieces(word)
        self.piece_cps = [piece.cp for piece in self.pieces]
        self.runs = word97.paragraph_runs(word)
        self.lists = word97.load_lists(word)
        self.styles = word97.load_styles(word)
        self.known: dict[tuple[int, int], Paragraph] = {}
        self.text, self.deleted_marks = self._drawn_text()
        self.tables = count(1)
        self.paragraphs = 0
        self.fields: list[str] = []
        self.boxes: list[tuple[int, int, int]] = []

    def document(self) -> Document:
        text, notes, headers, macros, remarks, endnotes, _ = self.word.head.lengths
        before_boxes = text + notes + headers + macros + remarks + endnotes
        for anchor, first, end in word97.boxes(self.word):
            self.boxes.append((anchor if anchor >= 0 else text, before_boxes + first, before_boxes + end))
        self.boxes.sort(reverse=True)
        items = self._items(0, text, with_boxes=True)
        if notes or endnotes:
            self.notes.append("footnotes were left out of the text")
        pictures: list[bytes] = []
        if not any(isinstance(item, Grid) for item in items):
            pictures = drawn_pictures(self.word.data + self.word.main)
            items.extend(Picture(str(number)) for number in range(len(pictures)))
        blocks = with_pictures(items, lambda picture: pictures[int(picture.source)], self.limits, self.notes)
        if not any(isinstance(block, Grid) or block.text.strip() for block in blocks):
            raise Unread("no_text", "no text and no picture that can be read")
        return Document(MEDIA_TYPE, tuple(blocks), self.word.title, tuple(dict.fromkeys(self.notes)))

    # -- characters --------------------------------------------------------------------------------------------------

    def _drawn_text(self) -> tuple[str, frozenset[int]]:
        """The text with undrawn characters as NUL, one for each cp, and the cps of deleted paragraph and row marks."""
        text = word97.text_of(self.word, self.pieces)
        runs = word97.character_runs(self.word)
        chars: list[str] = []
        deleted: set[int] = set()
        notes: list[tuple[int, int]] = []
        fonts: list[str] = []
        for first, end, modifiers in self._changes(runs):
            chars = chars or list(text)
            if word97.says(modifiers, word97.C_DELETED):
                deleted.update(_deleted_marks(chars, first, end))
            if any(word97.says(modifiers, code) for code in UNDRAWN):
                for cp in range(first, end):
                    if chars[cp] not in KEPT_MARKS:
                        chars[cp] = "\0"
            elif word97.is_raised(modifiers, self.styles):
                notes.append((first, end))
            elif operand := dict(modifiers).get(word97.C_SYMBOL):
                fonts = fonts or word97.fonts(self.word)
                font, code = struct.unpack_from("<HH", operand.ljust(4, b"\0"))
                drawn = symbol(code, fonts[font] if font < len(fonts) else "") or "\0"
                chars[first:end] = [drawn] * (end - first)
        for first, end in notes:  # beside a figure it is none of its digits
            inner, beside = "".join(chars[first:end]), "".join(chars[max(first - 1, 0) : first] + chars[end : end + 1])
            if inner.isdecimal() and any(map(str.isdecimal, beside)):
                chars[first:end] = ["^"] * (end - first)
        return ("".join(chars) if chars else text), frozenset(deleted)

    def _changes(self, runs: Runs) -> Iterator[tuple[int, int, Sequence[Modifier]]]:
        """(first cp, end cp, modifiers) of every stretch that is not simply drawn. What formatting pages say of one
        place more than once is broken: reading stops at four times the text."""
        left = 4 * sum(piece.end - piece.cp for piece in self.pieces) + 1000
        for piece in self.pieces:
            if piece.modifiers:
                yield piece.cp, piece.end, piece.modifiers
            last = piece.fc + (piece.end - piece.cp) * piece.width
            index = max(0, bisect_right(runs.starts, piece.fc) - 1)
            while index < len(runs.starts) and runs.starts[index] < last:
                start, stop = max(runs.starts[index], piece.fc), min(runs.ends[index], last)
                first = piece.cp + (start - piece.fc) // piece.width
                end = piece.cp + -(-(stop - piece.fc) // piece.width)
                if first < end:
                    left -= end - first
                    yield first, end, runs.values[index]
                left -= 1
                if left < 0:
                    raise Unread("damaged", "formatting pages overlap")
                index += 1

    # -- paragraphs --------------------------------------------------------------------------------------------------

    def _paragraph(self, cp: int) -> tuple[Paragraph, int]:
        """Properties at a paragraph's end mark, and its style."""
        index = bisect_right(self.piece_cps, cp) - 1
        if index < 0 or cp >= self.pieces[index].end:
            return PLAIN, 0
        piece = self.pieces[index]
        run = self.runs.at(piece.fc + (cp - piece.cp) * piece.width)
        modifiers = self.runs.values[run] if run >= 0 else ()
        key = (id(modifiers), index if piece.modifiers else -1)
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = paragraph_of((*modifiers, *piece.modifiers))
        return known, self.runs.styles[run] if run >= 0 else 0

    def _line(self, first: int, end: int) -> str:
        """Text from ``first`` up to ``end`` as drawn: results of fields, not their codes."""
        text = self.text[first:end]
        if not self.fields and not CONTROL.search(text):
            return text if text.isascii() else joined_surrogates(text)
        pieces: list[str] = []
        for part in FIELD_MARK.split(text):
            if part == "\x13":
                if len(self.fields) >= DEEPEST:
                    raise Unread("damaged", "fields nested too deeply")
                self.fields.append("code")
            elif part == "\x14":
                if self.fields and self.fields[-1] == "code":
                    self.fields[-1] = "result"
            elif part == "\x15":
                if self.fields:
                    self.fields.pop()
            elif self.fields and self.fields[-1] == "code" and part.lstrip("\0 ").startswith("TOC "):
                self.fields[-1] = "contents"
            elif "code" not in self.fields and "contents" not in self.fields:
                pieces.append(part)
        while self.fields and self.fields[-1] == "code":  # a code never goes on in the next paragraph
            self.fields.pop()
        return joined_surrogates("".join(pieces).translate(DRAWN_CONTROLS))

    def _label(self, paragraph: Paragraph, style: int) -> str:
        number, level = paragraph.list_id, paragraph.list_level
        if number is None:
            number = self.styles.inherited(style, "list_id")
        if level is None:
            level = self.styles.inherited(style, "list_level")
        return self.lists.label(str(number), level or 0) if number and 0 <= (level or 0) <= 8 else ""

    def _level(self, paragraph: Paragraph, style: int) -> int:
        outline = paragraph.outline
        if outline is None:
            outline = self.styles.inherited(style, "outline")
        return outline + 1 if outline is not None and 0 <= outline <= 8 else 0

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _items(self, first: int, end: int, *, with_boxes: bool = False) -> list[Item]:
        """Blocks between two cps."""
        flow = Flow(self.budget, self.tables)
        carried = ""
        end = min(end, len(self.text))
        for match in PARAGRAPH_END.finditer(self.text, first, end):
            paragraph, style = self._paragraph(match.start())
            line = carried + self._line(first, match.start())
            first, carried = match.end(), ""
            deleted = match.start() in self.deleted_marks
            joined = deleted and match[0] == "\r" and not paragraph.cell_end and not paragraph.row_end
            if joined and len(line) < LONGEST:
                carried = line
                continue
            flow.to_depth(paragraph.depth)
            if paragraph.row_end:
                flow.end_row(paragraph.cut or Cut(), deleted=deleted)
                continue
            flow.add(self._lines(line, paragraph, style))
            if with_boxes:
                flow.add(self._boxes_up_to(match.start()))
            if paragraph.cell_end or (match[0] == "\x07" and flow.depth == 1):
                flow.end_cell()
        rest = carried + self._line(first, end)
        flow.to_depth(0)
        if rest.strip():
            flow.add(self._lines(rest, PLAIN, 0))
        if with_boxes:
            flow.add(self._boxes_up_to(end))
        return flow.finish()

    def _lines(self, line: str, paragraph: Paragraph, style: int) -> list[Text]:
        self.paragraphs += 1
        if label := self._label(paragraph, style):
            line = after_label(label, line)
        level = self._level(paragraph, style)
        return [Text(text, f"e{self.paragraphs}", level if text.strip() else 0) for text in line.split("\n")]

    def _boxes_up_to(self, cp: int) -> list[Item]:
        """Text boxes anchored before ``cp`` that have not been told yet."""
        found: list[Item] = []
        while self.boxes and self.boxes[-1][0] <= cp:
            _, first, end = self.boxes.pop()
            outer, self.fields = self.fields, []
            found.extend(self._items(first, end))
            self.fields = outer
        return found


def _deleted_marks(chars: Sequence[str], first: int, end: int) -> Iterator[int]:
    """Marks of paragraphs and rows that a deleted stretch takes along. LibreOffice lets a stretch begin with the marks
    before it, which are not deleted: marks at its start count only when nothing follows them."""
    start = first
    while start < end and chars[start] in "\r\x07":
        start += 1
    return (cp for cp in range(first if start == end else start, end) if chars[cp] in "\r\x07")


def paragraph_of(modifiers: Sequence[Modifier]) -> Paragraph:
    """The last word of every modifier that the reading needs."""
    values = {code: int.from_bytes(operand[:4], "little") for code, operand in modifiers}
    depth = values.get(word97.P_DEPTH, 0) or 1 if values.get(word97.P_IN_TABLE) else 0
    row_end = bool(values.get(word97.P_ROW_END) or values.get(word97.P_INNER_ROW_END)) and depth > 0
    outline = values.get(word97.P_OUTLINE)
    return Paragraph(
        depth=depth,
        row_end=row_end,
        cell_end=bool(values.get(word97.P_INNER_CELL)) and depth > 1,
        outline=outline,
        list_id=values.get(word97.P_LIST),
        list_level=values.get(word97.P_LIST_LEVEL),
        cut=word97.row_edges(modifiers) if row_end else None,
    )


def drawn_pictures(stream: bytes) -> list[bytes]:
    """Pictures of Office drawings in a stream, in its order: JPEG, PNG and TIFF as they are."""
    found: list[bytes] = []
    at = 0
    while len(found) < MOST_PICTURES and (match := BLIP.search(stream, at)):
        at = match.end()
        size = int.from_bytes(stream[at : at + 4], "little")
        for head in (17, 33):  # one or two checksums of 16 bytes and a tag stand before the picture
            start = at + 4 + head
            if head < size <= len(stream) - at - 4 and stream.startswith(PICTURE_MAGIC, start):
                found.append(stream[start : at + 4 + size])
                at += 4 + size
                break
    return found


class _OldReader:
    """Word 6 and 95: only the text. Cells become lines of their own, because rows cannot be told apart for certain."""

    def __init__(self, word: WordFile) -> None:
        self.word = word

    def document(self) -> Document:
        text = self._text()
        lines: list[str] = []
        depth = 0
        for part in FIELD_MARK.split(text):
            if part == "\x13":
                depth += 1
            elif part == "\x14" or (part == "\x15" and depth):
                depth = max(0, depth - 1)
            elif part != "\x15" and not depth:
                lines.append(part)
        drawn = PARAGRAPH_END.sub("\n", "".join(lines)).translate(DRAWN_CONTROLS)
        if not drawn.strip():
            raise Unread("no_text", "no text")
        blocks = tuple(Text(line, f"e{number}") for number, line in enumerate(drawn.split("\n"), 1))
        return Document(MEDIA_TYPE, blocks, self.word.title, (OLD_NOTE,))

    def _text(self) -> str:
        head = self.word.head
        raw = b"".join(self._raw_pieces())[: head.lengths[0] * (2 if head.wide else 1)]
        return raw.decode("utf-16-le", "replace") if head.wide else raw.decode("gb18030", "replace")

    def _raw_pieces(self) -> Iterator[bytes]:
        head, main = self.word.head, self.word.main
        if not head.fast_saved:
            yield main[head.first : head.first + head.lengths[0] * (2 if head.wide else 1)]
            return
        for first, length in word97.old_pieces(self.word):
            yield main[first : first + length * (2 if head.wide else 1)]
