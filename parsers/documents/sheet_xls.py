"""Binary workbooks (BIFF8 of Excel 97 to 2003 and of ET, BIFF5 before): the records of cells, texts and formats.

Only what a sheet shows is read; the stream is walked once and every record is bounded by its own length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise

import olefile

from parsers.documents.limits import Limits
from parsers.documents.model import Unread
from parsers.documents.number_format import BUILT_IN, plain, shown
from parsers.documents.sheet import Sheet, Store
from parsers.documents.symbols import noted, raised

BOF, EOF, BOUNDSHEET, SST, CONTINUE, FILEPASS, FORMAT, XF, DATEMODE = (
    0x809,
    0x0A,
    0x85,
    0xFC,
    0x3C,
    0x2F,
    0x41E,
    0xE0,
    0x22,
)
FONT = 0x31
STRUCK = 8
"""In a font's flags."""
LABELSST, LABEL, NUMBER, RK, MULRK, FORMULA, STRING, BOOLERR = 0xFD, 0x204, 0x203, 0x27E, 0xBD, 0x06, 0x207, 0x205
RSTRING, MERGED, ROW, COLINFO, CODEPAGE, BLANK, MULBLANK = 0xD6, 0xE5, 0x208, 0x7D, 0x42, 0x201, 0xBE
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
BROKEN = (struct.error, IndexError, ValueError)
MOST_RECORDS = 3_000_000
MOST_TEXTS = 400_000
MOST_MERGED = 20_000


@dataclass(slots=True)
class Book:
    """What all sheets share."""

    texts: list[str] = field(default_factory=list)
    fonts: list[tuple[bool, bool]] = field(default_factory=list)
    """(struck out, raised or lowered)"""
    formats: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    bounds: list[tuple[int, str, bool]] = field(default_factory=list)
    since_1904: bool = False
    is_8: bool = True
    charset: str = "gb18030"

    def shown(self, value: float, style: int) -> str:
        number = self.styles[style] if style < len(self.styles) else 0
        code = self.formats.get(number) or BUILT_IN.get(number, "General")
        return shown(value, code, since_1904=self.since_1904)


def sheets(body: bytes, store: Store, limits: Limits) -> list[Sheet]:
    stream = _stream(body)
    book = Book()
    for kind, data, _, parts in _records(stream, 0):
        if kind == FILEPASS:
            raise Unread("encrypted", "the workbook has a password")
        try:
            _global(kind, data, parts, book)
        except BROKEN:
            continue
        if kind == EOF:
            break
    found: list[Sheet] = []
    for start, name, hidden in book.bounds:
        sheet = Sheet(name, hidden)
        _sheet(stream, start, sheet, book, store)
        found.append(sheet)
    if not found:
        raise Unread("damaged", "no sheet in it")
    return found


def _stream(body: bytes) -> bytes:
    try:
        with olefile.OleFileIO(BytesIO(body)) as ole:
            names = {entry[0].lower(): entry for entry in ole.listdir() if len(entry) == 1}
            for name in ("workbook", "book"):
                if name in names:
                    data: bytes = ole.openstream(names[name]).read()
                    return data
    except Exception as broken:
        # olefile lets struct, index and its own errors through
        raise Unread("damaged", f"compound file: {type(broken).__name__}") from broken
    raise Unread("damaged", "no workbook stream")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes, int, list[bytes]]]:
    """(type, data, position, data with that of its CONTINUE records apart)."""
    size = len(stream)
    for _ in range(MOST_RECORDS):
        if at + 4 > size:
            return
        kind, length = struct.unpack_from("<HH", stream, at)
        start = at
        data = stream[at + 4 : at + 4 + length]
        at += 4 + length
        parts = [data]
        if kind in (SST, FORMULA, LABEL, STRING):
            while at + 4 <= size and struct.unpack_from("<H", stream, at)[0] == CONTINUE:
                more = struct.unpack_from("<H", stream, at + 2)[0]
                parts.append(stream[at + 4 : at + 4 + more])
                at += 4 + more
        yield kind, data, start, parts


def _global(kind: int, data: bytes, parts: list[bytes], book: Book) -> None:
    if kind == BOF:
        book.is_8 = struct.unpack_from("<H", data)[0] == 0x600
    elif kind == CODEPAGE:
        book.charset = {936: "gb18030", 950: "big5", 1252: "cp1252", 10008: "gb18030"}.get(
            struct.unpack_from("<H", data)[0], "gb18030"
        )
    elif kind == BOUNDSHEET:
        start, state, sort = struct.unpack_from("<IBB", data)
        if sort == 0:
            name = _string(data, 6, 1, book)[0] if book.is_8 else data[7 : 7 + data[6]].decode(book.charset, "replace")
            book.bounds.append((start, name, bool(state & 3)))
    elif kind == SST:
        book.texts = _shared(parts, book.fonts)
    elif kind == FONT:
        _, flags, _, _, height = struct.unpack_from("<HHHHH", data)
        book.fonts.append((bool(flags & STRUCK), height in (1, 2)))
    elif kind == FORMAT or kind == 0x1E:
        number = struct.unpack_from("<H", data)[0]
        book.formats[number] = (
            _string(data, 2, 2, book)[0] if book.is_8 else data[3 : 3 + data[2]].decode(book.charset, "replace")
        )
    elif kind == XF:
        book.styles.append(struct.unpack_from("<H", data, 2)[0])
    elif kind == DATEMODE:
        book.since_1904 = struct.unpack_from("<H", data)[0] == 1


def _string(data: bytes, at: int, size: int, book: Book) -> tuple[str, int]:
    """A BIFF8 string whose length takes ``size`` bytes, and where it ends."""
    count = struct.unpack_from("<B" if size == 1 else "<H", data, at)[0]
    if not book.is_8:
        end = at + size + count
        return data[at + size : end].decode(book.charset, "replace"), end
    flags = data[at + size]
    at += size + 1
    runs = struct.unpack_from("<H", data, at)[0] if flags & 8 else 0
    at += 2 if flags & 8 else 0
    extra = struct.unpack_from("<I", data, at)[0] if flags & 4 else 0
    at += 4 if flags & 4 else 0
    end = at + count * (2 if flags & 1 else 1)
    text = data[at:end].decode("utf-16-le" if flags & 1 else "latin-1", "replace")
    return text, end + 4 * runs + extra


class _Parts:
    """Bytes of a record and of those that continue it. A text that goes on in the next one says its width again."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts, self.part, self.at = parts, 0, 0

    def take(self, count: int) -> bytes:
        out = bytearray()
        while len(out) < count:
            data = self.parts[self.part]
            if self.at >= len(data):
                self.part += 1
                self.at = 0
                if self.part >= len(self.parts):
                    raise ValueError("cut")
                continue
            piece = data[self.at : self.at + count - len(out)]
            out += piece
            self.at += len(piece)
        return bytes(out)

    def characters(self, count: int, wide: bool) -> str:
        out: list[str] = []
        while count:
            data = self.parts[self.part]
            if self.at >= len(data):
                self.part += 1
                self.at = 1
                if self.part >= len(self.parts):
                    raise ValueError("cut")
                wide = bool(self.parts[self.part][0] & 1)
                continue
            width = 2 if wide else 1
            number = max(1, min(count, (len(data) - self.at) // width))
            piece = data[self.at : self.at + number * width]
            out.append(piece.decode("utf-16-le" if wide else "latin-1", "replace"))
            self.at += number * width
            count -= number
        return "".join(out)


def _rich(text: str, runs: bytes, fonts: list[tuple[bool, bool]]) -> str:
    """A text whose fonts change within: struck out figures left out, raised ones kept apart. ``runs`` are places in
    the text, each with the number of its font; number 4 does not exist ([MS-XLS] 2.5.129)."""
    looks = [(at, number - (number > 4)) for at, number in struct.iter_unpack("<HH", runs)]
    if not any(number < len(fonts) and any(fonts[number]) for _, number in looks):
        return text
    pieces = [text[: looks[0][0]]]
    for (at, number), (end, _) in pairwise([*looks, (len(text), 0)]):
        struck, high = fonts[number] if number < len(fonts) else (False, False)
        pieces.append("" if struck else raised(text[at:end]) if high else text[at:end])
    return noted("".join(pieces))


def _shared(parts: list[bytes], fonts: list[tuple[bool, bool]]) -> list[str]:
    """Texts of the shared table, as far as they go when it is cut."""
    reader = _Parts(parts)
    texts: list[str] = []
    try:
        unique = struct.unpack("<II", reader.take(8))[1]
        for _ in range(min(unique, MOST_TEXTS)):
            count, flags = struct.unpack("<HB", reader.take(3))
            runs = struct.unpack("<H", reader.take(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", reader.take(4))[0] if flags & 4 else 0
            text = reader.characters(count, bool(flags & 1))
            texts.append(_rich(text, reader.take(4 * runs), fonts) if runs else text)
            reader.take(extra)
    except BROKEN:
        pass
    return texts


def _sheet(stream: bytes, start: int, sheet: Sheet, book: Book, store: Store) -> None:
    waiting: tuple[int, int] | None = None
    depth = 0
    for kind, data, _, _ in _records(stream, start):
        if kind == FILEPASS:
            raise Unread("encrypted", "the sheet has a password")
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth > 1:
            continue  # a chart inside the sheet has records of its own
        try:
            if kind == STRING and waiting:
                store.put(sheet, *waiting, _clean(_string(data, 0, 2, book)[0]))
                waiting = None
            elif kind == FORMULA:
                waiting = _formula(data, sheet, book, store)
            else:
                _record(kind, data, sheet, book, store)
        except BROKEN:
            continue


def _record(kind: int, data: bytes, sheet: Sheet, book: Book, store: Store) -> None:
    if kind == LABELSST:
        row, column, _, index = struct.unpack_from("<HHHI", data)
        store.put(sheet, row, column, _clean(book.texts[index]))
    elif kind in (LABEL, RSTRING):
        row, column, _ = struct.unpack_from("<HHH", data)
        store.put(sheet, row, column, _clean(_string(data, 6, 2, book)[0]))
    elif kind == NUMBER:
        row, column, style, value = struct.unpack_from("<HHHd", data)
        store.put(sheet, row, column, book.shown(value, style))
    elif kind == RK:
        row, column, style, packed = struct.unpack_from("<HHHi", data)
        store.put(sheet, row, column, book.shown(_rk(packed), style))
    elif kind == MULRK:
        row, first = struct.unpack_from("<HH", data)
        for n in range((len(data) - 6) // 6):
            style, packed = struct.unpack_from("<Hi", data, 4 + 6 * n)
            store.put(sheet, row, first + n, book.shown(_rk(packed), style))
    elif kind in (BLANK, MULBLANK):
        sheet.blanks[struct.unpack_from("<H", data)[0]] += 1 if kind == BLANK else (len(data) - 6) // 2
    elif kind == BOOLERR:
        row, column, _, value, is_error = struct.unpack_from("<HHHBB", data)
        store.put(sheet, row, column, ERRORS.get(value, "#N/A") if is_error else ("TRUE" if value else "FALSE"))
    elif kind == MERGED:
        for n in range(struct.unpack_from("<H", data)[0]):
            top, bottom, left, right = struct.unpack_from("<HHHH", data, 2 + 8 * n)
            if len(sheet.merged) < MOST_MERGED:
                sheet.merged.append((top, left, bottom, right))
    elif kind == ROW:
        row, flags = struct.unpack_from("<H", data)[0], struct.unpack_from("<H", data, 12)[0]
        if flags & 0x20:
            sheet.hidden_rows.add(row)
    elif kind == COLINFO:
        first, last, _, _, flags = struct.unpack_from("<HHHHH", data)
        if flags & 1:
            sheet.hidden_columns.update(range(first, min(last, 255) + 1))


def _formula(data: bytes, sheet: Sheet, book: Book, store: Store) -> tuple[int, int] | None:
    """The value that the formula had when the file was saved; a text follows in a record of its own."""
    row, column, style = struct.unpack_from("<HHH", data)
    if data[12:14] != b"\xff\xff":
        store.put(sheet, row, column, book.shown(struct.unpack_from("<d", data, 6)[0], style))
        return None
    kind, value = data[6], data[8]
    if kind == 0:
        return row, column
    if kind == 1:
        store.put(sheet, row, column, "TRUE" if value else "FALSE")
    elif kind == 2:
        store.put(sheet, row, column, ERRORS.get(value, "#N/A"))
    return None


def _rk(packed: int) -> float:
    """A number in 30 bits: an integer or the upper half of a float, either perhaps times a hundred."""
    upper = struct.pack("<Q", (packed & 0xFFFFFFFC) << 32)
    value = float(packed >> 2) if packed & 2 else struct.unpack("<d", upper)[0]
    return float(plain(value / 100)) if packed & 1 else value


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
