"""The structures inside a binary Word file ([MS-DOC]): header, piece table, formatting pages, property modifiers.

Word 97 to 2003, LibreOffice and Kingsoft Writer (WPS) write the same. Positions are of three kinds: a cp counts the
characters of the text, an fc the bytes of the WordDocument stream, an offset the bytes of any other structure.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

import olefile

from parsers.documents.model import Unread
from parsers.documents.numbering import NFC, ListLevel, Lists
from parsers.documents.spans import Cut

WORD_97 = 193
"""nFib from which the format is that of Word 97; Word 6 and 95 write 101 to 104."""
PAGE = 512
TITLE_STYLE = 62
"""Number of the built-in style Title; 1 to 9 are the headings."""
OPERAND = (1, 1, 2, 4, 2, 2, -1, 3)
"""Operand bytes by the three high bits of a property modifier; -1: the length stands before the operand."""

P_IN_TABLE, P_ROW_END, P_DEPTH = 0x2416, 0x2417, 0x6649
P_INNER_CELL, P_INNER_ROW_END = 0x244B, 0x244C
P_OUTLINE, P_LIST_LEVEL, P_LIST = 0x2640, 0x260A, 0x460B
P_HUGE, P_TABLE_PROPERTIES, P_TABS = 0x6646, 0x646B, 0xC615
T_DEFINE, T_MERGE, T_SPLIT, T_VERTICAL = 0xD608, 0x5624, 0x5625, 0xD62B
C_DELETED, C_HIDDEN, C_SYMBOL = 0x0800, 0x083C, 0x6A09
C_STRUCK, C_STRUCK_TWICE, C_RAISED = 0x0837, 0x2A53, 0x2A48
C_STYLE, C_LIFTED = 0x4A30, 0x4845
LEAST_LIFT = 4
"""Half points; text is raised by hand where it is a note."""
SHORT_MODIFIERS = {0x18: P_IN_TABLE, 0x19: P_ROW_END, 0x41: C_DELETED, 0x57: C_STRUCK, 0x5C: C_HIDDEN, 0x68: C_RAISED}
"""Property modifiers that fit into a piece itself (Prm0, [MS-DOC] 2.9.223): their number there -> the modifier."""

STSH, CHPX_PAGES, PAPX_PAGES, FONTS, CLX, SHAPES, BOX_TEXTS, LISTS, LIST_OVERRIDES = 1, 12, 13, 15, 33, 40, 56, 73, 74
"""Places in the header's table of (position, length)."""

Modifier = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Header:
    """The file information block. ``lengths`` are characters of: text, footnotes, headers, macros, annotations,
    endnotes, text boxes."""

    version: int
    lengths: tuple[int, ...]
    tables: tuple[tuple[int, int], ...]
    second_table_stream: bool
    fast_saved: bool
    first: int
    clx_word_6: tuple[int, int]
    wide: bool = False
    """Word 6 and 95 only: two bytes a character."""


def header(stream: bytes) -> Header:
    """Raises Unread: damaged, encrypted."""
    if len(stream) < 34:
        raise Unread("damaged", "the header is cut")
    magic, version = struct.unpack_from("<HH", stream, 0)
    flags = struct.unpack_from("<H", stream, 10)[0]
    if magic not in (0xA5EC, 0xA5DC, 0xA5DB):
        raise Unread("damaged", "not a Word text stream")
    if flags & 0x0100:
        raise Unread("encrypted", "a password protects this document")
    if version < WORD_97:
        first, last = struct.unpack_from("<II", stream, 24)
        length = struct.unpack_from("<I", stream, 52)[0] or max(0, last - first)
        clx = struct.unpack_from("<II", stream, 352)
        return Header(version, (length,), (), False, bool(flags & 4), first, clx, wide=bool(flags & 0x1000))
    words = struct.unpack_from("<H", stream, 32)[0]
    longs_at = 34 + 2 * words
    longs = struct.unpack_from("<H", stream, longs_at)[0]
    lengths = struct.unpack_from("<8I", stream, longs_at + 2 + 12)
    pairs_at = longs_at + 2 + 4 * longs
    pairs = min(struct.unpack_from("<H", stream, pairs_at)[0], 200)
    flat = struct.unpack_from(f"<{2 * pairs}I", stream, pairs_at + 2)
    text, notes, headers, macros, remarks, endnotes, boxes = lengths[:7]
    return Header(
        version,
        (text, notes, headers, macros, remarks, endnotes, boxes),
        tuple(zip(flat[::2], flat[1::2], strict=True)),
        bool(flags & 0x0200),
        bool(flags & 4),
        0,
        (0, 0),
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """Text from ``cp`` to ``end`` stands at ``fc``, one byte (cp1252) or two bytes (UTF-16) a character."""

    cp: int
    end: int
    fc: int
    width: int
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Runs:
    """Property modifiers by file position: from ``starts[i]`` up to ``ends[i]``. Pages are sorted by position."""

    starts: Sequence[int]
    ends: Sequence[int]
    values: Sequence[tuple[Modifier, ...]]
    styles: Sequence[int]

    def at(self, fc: int) -> int:
        """Index of the run that covers ``fc``, or -1."""
        index = bisect_right(self.starts, fc) - 1
        return index if index >= 0 and fc < self.ends[index] else -1


NO_RUNS = Runs((), (), (), ())


@dataclass(slots=True)
class WordFile:
    """The streams of one document and what is looked up in them."""

    main: bytes
    table: bytes
    data: bytes
    head: Header
    title: str = ""
    _parsed: dict[bytes, tuple[Modifier, ...]] = field(default_factory=dict)

    def block(self, index: int) -> bytes:
        """A structure of the table stream by its place in the header; empty when it is missing or out of bounds."""
        if index >= len(self.head.tables):
            return b""
        at, length = self.head.tables[index]
        return self.table[at : at + length] if at + length <= len(self.table) else b""

    def modifiers(self, packed: bytes) -> tuple[Modifier, ...]:
        """Parsed once for each distinct run of bytes: a table repeats the same ones."""
        known = self._parsed.get(packed)
        if known is None:
            known = self._parsed[packed] = tuple(self._expanded(packed, 0))
        return known

    def _expanded(self, packed: bytes, depth: int) -> Iterator[Modifier]:
        """Long runs of modifiers are kept in the Data stream, and only pointed at."""
        for code, operand in modifiers(packed):
            if code in (P_HUGE, P_TABLE_PROPERTIES) and depth < 2:
                at = int.from_bytes(operand, "little")
                if at + 2 <= len(self.data):
                    length = int.from_bytes(self.data[at : at + 2], "little")
                    yield from self._expanded(self.data[at + 2 : at + 2 + length], depth + 1)
            else:
                yield code, operand


def open_word(body: bytes) -> WordFile:
    """Raises Unread: damaged, encrypted."""
    try:
        with olefile.OleFileIO(BytesIO(body)) as ole:
            if ole.exists("EncryptedPackage"):
                raise Unread("encrypted", "a password protects this document")
            main = ole.openstream("WordDocument").read()
            head = header(main)
            name = "1Table" if head.second_table_stream else "0Table"
            table = ole.openstream(name).read() if head.version >= WORD_97 else main
            data = ole.openstream("Data").read() if ole.exists("Data") else b""
            title = _title(ole)
    except Unread:
        raise
    except Exception as error:  # olefile raises what its struct, index and seek errors are
        raise Unread("damaged", f"OLE container: {type(error).__name__}: {error}") from None
    return WordFile(main, table, data, head, title)


def _title(ole: olefile.OleFileIO) -> str:
    try:
        properties = ole.getproperties("\x05SummaryInformation") if ole.exists("\x05SummaryInformation") else {}
        title, page = properties.get(2) or b"", properties.get(1) or 936
        page = page & 0xFFFF  # a signed 16-bit number: 65001 is stored as -535
        return title.decode("utf-8" if page == 65001 else f"cp{page}").strip("\0 ") if isinstance(title, bytes) else ""
    except Exception:  # a broken property set is no reason not to read the text
        return ""


def modifiers(packed: bytes) -> Iterator[Modifier]:
    """(code, operand) of a run of property modifiers; ends quietly where the run is cut."""
    at = 0
    while at + 2 < len(packed):
        code = packed[at] | packed[at + 1] << 8
        at += 2
        size = OPERAND[code >> 13]
        if code == T_DEFINE:  # the only one with a two-byte length, which counts itself less one
            size = int.from_bytes(packed[at : at + 2], "little") - 1
            at += 2
        elif size < 0:
            size = packed[at]
            at += 1
            if code == P_TABS and size == 255:  # deleted and added tabs, each counted on its own
                deleted = packed[at] if at < len(packed) else 0
                added_at = at + 1 + 4 * deleted
                size = 2 + 4 * deleted + 3 * (packed[added_at] if added_at < len(packed) else 0)
        if size < 0:
            return
        yield code, packed[at : at + size]
        at += size


def says(found: Sequence[Modifier], code: int) -> bool:
    """The last word of a switch: 1 is on, 0 off; 0x80 is as the style and 0x81 its opposite, a style being off."""
    operand = next((operand for other, operand in reversed(found) if other == code), b"")
    return operand[:1] in (b"\x01", b"\x81")


def is_raised(found: Sequence[Modifier], styles: Styles) -> bool:
    """Raised or lowered by itself, by hand, or by a style of characters (脚注引用)."""
    values = dict(found)
    if C_RAISED in values:
        return values[C_RAISED][:1] in (b"\x01", b"\x02")
    if abs(int.from_bytes(values.get(C_LIFTED, b""), "little", signed=True)) >= LEAST_LIFT:
        return True
    return int.from_bytes(values.get(C_STYLE, b""), "little") in styles.raised


# -- pieces ----------------------------------------------------------------------------------------------------------


def pieces(word: WordFile) -> list[Piece]:
    """The piece table in text order. Raises Unread("damaged")."""
    packed = word.block(CLX)
    prls: list[bytes] = []
    at = 0
    while at + 5 <= len(packed) and packed[at] == 1:
        size = int.from_bytes(packed[at + 1 : at + 3], "little")
        prls.append(packed[at + 3 : at + 3 + size])
        at += 3 + size
    if at + 5 > len(packed) or packed[at] != 2:
        raise Unread("damaged", "the piece table is missing")
    size = int.from_bytes(packed[at + 1 : at + 5], "little")
    plc = packed[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    if count < 1:
        raise Unread("damaged", "the piece table is empty")
    cps = struct.unpack_from(f"<{count + 1}I", plc, 0)
    found: list[Piece] = []
    for index in range(count):
        _, fc, prm = struct.unpack_from("<HIH", plc, 4 * (count + 1) + 8 * index)
        width = 1 if fc & 0x40000000 else 2
        start = (fc & 0x3FFFFFFF) // 2 if width == 1 else fc & 0x3FFFFFFF
        end = min(cps[index + 1], cps[index] + max(0, len(word.main) - start) // width)
        if cps[index] > len(word.main):  # more characters than bytes: pieces that repeat each other
            break
        if end > cps[index] and (not found or cps[index] >= found[-1].end):
            found.append(Piece(cps[index], end, start, width, _piece_modifiers(word, prm, prls)))
    return found


def _piece_modifiers(word: WordFile, prm: int, prls: Sequence[bytes]) -> tuple[Modifier, ...]:
    """A fast save changes formatting in the piece instead of the pages."""
    if prm & 1:
        return word.modifiers(prls[prm >> 1]) if prm >> 1 < len(prls) else ()
    code = SHORT_MODIFIERS.get(prm >> 1 & 0x7F)
    return ((code, bytes([prm >> 8])),) if code and prm else ()


def text_of(word: WordFile, found: Sequence[Piece]) -> str:
    """The text of all pieces, one character for each cp: surrogates stay two, gaps between pieces are NUL."""
    parts: list[str] = []
    at = 0
    for piece in found:
        if piece.cp > at:
            parts.append("\0" * min(piece.cp - at, len(word.main)))
        raw = word.main[piece.fc : piece.fc + (piece.end - piece.cp) * piece.width]
        text = raw.decode("cp1252", "replace") if piece.width == 1 else raw.decode("utf-16-le", "surrogatepass")
        if len(text) != piece.end - piece.cp:
            text = "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))
        parts.append(text)
        at = piece.end
    return "".join(parts)


def old_pieces(word: WordFile) -> list[tuple[int, int]]:
    """(fc, characters) of the pieces of a fast-saved Word 6 or 95 file."""
    at, length = word.head.clx_word_6
    packed = word.main[at : at + length]
    at = 0
    while at + 3 <= len(packed) and packed[at] == 1:
        at += 3 + int.from_bytes(packed[at + 1 : at + 3], "little")
    plc = packed[at + 5 :]
    count = (len(plc) - 4) // 12
    if count < 1:
        raise Unread("damaged", "the piece table is missing")
    cps = struct.unpack_from(f"<{count + 1}I", plc, 0)
    if list(cps) != sorted(cps) or cps[-1] > len(word.main):
        raise Unread("damaged", "the piece table is out of order")
    return [
        (struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0], cps[index + 1] - cps[index])
        for index in range(count)
    ]


# -- formatting pages ------------------------------------------------------------------------------------------------


def paragraph_runs(word: WordFile) -> Runs:
    """Paragraph properties by file position, from the formatting pages that the header lists."""
    starts: list[int] = []
    ends: list[int] = []
    values: list[tuple[Modifier, ...]] = []
    styles: list[int] = []
    for page in _pages(word, PAPX_PAGES):
        count = page[PAGE - 1]
        if 4 * (count + 1) + 13 * count > PAGE - 1:
            continue
        fcs = struct.unpack_from(f"<{count + 1}I", page, 0)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + 13 * index]
            packed = _papx(page, at) if at else b""
            starts.append(fcs[index])
            ends.append(fcs[index + 1])
            styles.append(int.from_bytes(packed[:2], "little"))
            values.append(word.modifiers(packed[2:]) if len(packed) > 2 else ())
    return _sorted(starts, ends, values, styles)


def _papx(page: bytes, at: int) -> bytes:
    size = 2 * page[at] - 1
    if page[at] == 0 and at + 1 < PAGE:
        at, size = at + 1, 2 * page[at + 1]
    return page[at + 1 : at + 1 + size]


def character_runs(word: WordFile) -> Runs:
    """Character properties by file position; only runs that hide, delete, strike, raise or replace text are kept, and
    those that have a style."""
    starts: list[int] = []
    ends: list[int] = []
    values: list[tuple[Modifier, ...]] = []
    wanted = {C_DELETED, C_HIDDEN, C_SYMBOL, C_STRUCK, C_STRUCK_TWICE, C_RAISED, C_STYLE, C_LIFTED}
    for page in _pages(word, CHPX_PAGES):
        count = page[PAGE - 1]
        if 5 * count + 4 > PAGE - 1:
            continue
        fcs = struct.unpack_from(f"<{count + 1}I", page, 0)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + index]
            if not at or not page[at]:
                continue
            kept = tuple(m for m in word.modifiers(page[at + 1 : at + 1 + page[at]]) if m[0] in wanted)
            if kept:
                starts.append(fcs[index])
                ends.append(fcs[index + 1])
                values.append(kept)
    return _sorted(starts, ends, values, [0] * len(starts))


def _pages(word: WordFile, index: int) -> Iterator[bytes]:
    plc = word.block(index)
    count = (len(plc) - 4) // 8
    seen: set[int] = set()
    for number in range(max(0, count)):
        at = (int.from_bytes(plc[4 * (count + 1) + 4 * number :][:4], "little") & 0x3FFFFF) * PAGE
        page = word.main[at : at + PAGE]
        if len(page) == PAGE and at not in seen:
            seen.add(at)
            yield page


def _sorted(starts: list[int], ends: list[int], values: list[tuple[Modifier, ...]], styles: list[int]) -> Runs:
    order = sorted(range(len(starts)), key=starts.__getitem__)
    return Runs(
        [starts[i] for i in order], [ends[i] for i in order], [values[i] for i in order], [styles[i] for i in order]
    )


# -- table rows ------------------------------------------------------------------------------------------------------


def row_edges(found: Sequence[Modifier]) -> Cut | None:
    """The cut of a row from the modifiers of its end mark; None when they hold no definition."""
    cut: Cut | None = None
    for code, operand in found:
        if code == T_DEFINE:
            cut = _defined(operand)
        elif cut is not None and code == T_VERTICAL and len(operand) >= 2 and operand[0] < len(cut.vertical):
            cut.vertical[operand[0]] = operand[1] & 3
        elif cut is not None and code in (T_MERGE, T_SPLIT) and len(operand) >= 2:
            for cell in range(operand[0], min(operand[1], len(cut.horizontal))):
                cut.horizontal[cell] = 0 if code == T_SPLIT else 1 if cell == operand[0] else 2
    return cut


def _defined(operand: bytes) -> Cut | None:
    """``sprmTDefTable``: number of cells, their edges, 20 bytes for each cell of which the first two are flags."""
    count = operand[0] if operand else 0
    if count == 0 or len(operand) < 1 + 2 * (count + 1):
        return None
    edges = list(struct.unpack_from(f"<{count + 1}h", operand, 1))
    at = 1 + 2 * (count + 1)
    flags = [int.from_bytes(operand[at + 20 * cell :][:2], "little") for cell in range(count)]
    return Cut(edges, [flag & 3 for flag in flags], [flag >> 5 & 3 for flag in flags])


# -- styles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Style:
    base: int
    outline: int | None = None
    list_id: int | None = None
    list_level: int | None = None


@dataclass(frozen=True, slots=True)
class Styles:
    """Paragraph styles by number, and the numbers of the styles of characters that raise or lower."""

    by_number: dict[int, Style]
    raised: frozenset[int] = frozenset()

    def inherited(self, number: int, name: Literal["outline", "list_id", "list_level"]) -> int | None:
        """The first value that is set along the chain of bases."""
        for _ in range(20):
            style = self.by_number.get(number)
            if style is None:
                return None
            found: int | None = getattr(style, name)
            if found is not None:
                return found
            number = style.base
        return None


def load_styles(word: WordFile) -> Styles:
    """The style sheet (STSH, [MS-DOC] 2.9.271); what is cut or broken ends the reading there."""
    block = word.block(STSH)
    found: dict[int, Style] = {}
    raised: set[int] = set()
    try:
        header_size, count, base_size = struct.unpack_from("<HHH", block, 0)
        at = 2 + header_size
        for number in range(min(count, 4095)):
            size = struct.unpack_from("<H", block, at)[0]
            if size:
                style = _style(word, block[at + 2 : at + 2 + size], base_size)
                if style is not None:
                    found[number] = style
                elif _raises(word, block[at + 2 : at + 2 + size], base_size):
                    raised.add(number)
            at += 2 + size + (size & 1)
    except struct.error:
        pass  # levels and list numbers of later styles are not known; the text is
    return Styles(found, frozenset(raised))


def _style(word: WordFile, packed: bytes, base_size: int) -> Style | None:
    """One STD: numbers of style and base, the name, then the paragraph properties. None for other kinds of style."""
    kind, base, _ = struct.unpack_from("<HHH", packed, 0)
    if base & 0xF != 1:
        return None
    at = base_size
    at += 2 + 2 * struct.unpack_from("<H", packed, at)[0] + 2
    size = struct.unpack_from("<H", packed, at)[0]
    values = {code: int.from_bytes(op[:4], "little") for code, op in word.modifiers(packed[at + 4 : at + 2 + size])}
    identity = kind & 0xFFF
    outline = values.get(P_OUTLINE, identity - 1 if 1 <= identity <= 9 else 0 if identity == TITLE_STYLE else None)
    return Style(base >> 4, outline, values.get(P_LIST), values.get(P_LIST_LEVEL))


def _raises(word: WordFile, packed: bytes, base_size: int) -> bool:
    """Whether an STD is that of a style of characters which raises or lowers."""
    if int.from_bytes(packed[2:4], "little") & 0xF != 2:
        return False
    at = base_size
    at += 2 + 2 * struct.unpack_from("<H", packed, at)[0] + 2
    size = struct.unpack_from("<H", packed, at)[0]
    return dict(word.modifiers(packed[at + 2 : at + 2 + size])).get(C_RAISED, b"")[:1] in (b"\x01", b"\x02")


# -- lists -----------------------------------------------------------------------------------------------------------


def load_lists(word: WordFile) -> Lists:
    """List definitions (PlcfLst) and the lists that use them (PlfLfo); what is cut or broken ends the reading there."""
    lists = Lists()
    try:
        _load_definitions(word, lists)
        _load_overrides(word, lists)
    except (struct.error, IndexError):
        pass  # the labels read so far are right, and a missing label is visible in the text
    return lists


def _load_definitions(word: WordFile, lists: Lists) -> None:
    if len(word.head.tables) <= LISTS or not word.block(LISTS):
        return
    at = word.head.tables[LISTS][0]
    count = struct.unpack_from("<H", word.table, at)[0]
    levels_at = at + 2 + 28 * count
    for number in range(count):
        entry = at + 2 + 28 * number
        key = str(struct.unpack_from("<i", word.table, entry)[0])
        simple = word.table[entry + 26] & 1
        lists.abstract[key] = {}
        for level in range(1 if simple else 9):
            lists.abstract[key][level], levels_at = _level(word.table, levels_at)


def _level(table: bytes, at: int) -> tuple[ListLevel, int]:
    """One LVL structure and the offset behind it. A character below 9 in its text is the counter of that level."""
    start, code, flags = struct.unpack_from("<iBB", table, at)
    character_bytes, paragraph_bytes = table[at + 24], table[at + 25]
    at += 28 + character_bytes + paragraph_bytes
    length = struct.unpack_from("<H", table, at)[0]
    raw = table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    text = "".join(f"%{ord(char) + 1}" if char < "\t" else _bullet(char) for char in raw)
    return ListLevel(start, NFC.get(code, "decimal"), text, bool(flags & 4)), at + 2 + 2 * length


def _bullet(char: str) -> str:
    """Symbol fonts put their bullets into the private area."""
    return "•" if "\ue000" <= char <= "\uf8ff" else char


def _load_overrides(word: WordFile, lists: Lists) -> None:
    block = word.block(LIST_OVERRIDES)
    if len(block) < 4:
        return
    count = min(struct.unpack_from("<I", block, 0)[0], len(block) // 16)
    for number in range(count):
        lists.numbers[str(number + 1)] = str(struct.unpack_from("<i", block, 4 + 16 * number)[0])
    at = 4 + 16 * count
    for number in range(count):
        at += 4
        for _ in range(block[4 + 16 * number + 12]):
            start, flags = struct.unpack_from("<iI", block, at)
            at += 8
            level = flags & 0xF
            if flags & 0x20:
                lists.overrides[str(number + 1), level], at = _level(block, at)
            elif flags & 0x10:
                lists.restarts[str(number + 1), level] = start


def fonts(word: WordFile) -> list[str]:
    """Font names in order (SttbfFfn), for symbol characters."""
    block = word.block(FONTS)
    names: list[str] = []
    at = 4
    while at + 40 < len(block) and len(names) < 2000:
        size = block[at] + 1
        names.append(block[at + 40 : at + size].decode("utf-16-le", "replace").split("\0")[0])
        at += size
    return names


# -- text boxes ------------------------------------------------------------------------------------------------------


def boxes(word: WordFile) -> list[tuple[int, int, int]]:
    """(anchor cp or -1, first cp, end cp) of each text box; the latter two count from the start of the boxes' text."""
    texts = word.block(BOX_TEXTS)
    count = (len(texts) - 4) // 26
    if count < 1:
        return []
    cps = struct.unpack_from(f"<{count + 1}I", texts, 0)
    anchors = _anchors(word.block(SHAPES))
    found: list[tuple[int, int, int]] = []
    for index in range(count - 1):  # the last entry only ends the one before it
        shape = struct.unpack_from("<I", texts, 4 * (count + 1) + 22 * index + 14)[0]
        if cps[index + 1] > cps[index] and (not found or cps[index] >= found[-1][2]):
            found.append((anchors.get(shape, -1), cps[index], cps[index + 1]))
    return found


def _anchors(shapes: bytes) -> dict[int, int]:
    count = (len(shapes) - 4) // 30
    if count < 1:
        return {}
    cps = struct.unpack_from(f"<{count + 1}I", shapes, 0)
    return {struct.unpack_from("<I", shapes, 4 * (count + 1) + 26 * index)[0]: cps[index] for index in range(count)}
