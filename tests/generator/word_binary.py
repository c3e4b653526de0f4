"""Made-up reports as binary Word files, written from [MS-DOC] and [MS-CFB] by hand so that no office program is needed.

The messy ones have what years of editing leave: text in shuffled pieces of one and two bytes a character, deleted and
hidden runs, fields, counted headings, text boxes, merged cells in every notation, formatting kept in the Data stream.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.generator.layout import Slot
from tests.generator.report import MadeReport
from tests.generator.word import Line, Part, Table, parts, placed, split

SECTOR = 512
OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
FIB_PAIRS = 93
TEXT_AT = 1024
WIDTH = 900
"""Twips of a column."""

IN_TABLE = bytes.fromhex("162401")
ROW_END = bytes.fromhex("172401")
INNER_CELL = bytes.fromhex("4b2401")
INNER_ROW_END = bytes.fromhex("4c2401")
DELETED = bytes.fromhex("000801")
INSERTED = bytes.fromhex("010801")
HIDDEN = bytes.fromhex("3c0801")
SPECIAL = bytes.fromhex("550801")


def depth(level: int) -> bytes:
    return struct.pack("<HI", 0x6649, level)


def in_list(number: int, level: int) -> bytes:
    return struct.pack("<HBHH", 0x260A, level, 0x460B, number)


def row_definition(edges: Sequence[int], flags: Sequence[int]) -> bytes:
    """``sprmTDefTable``: edges in twips and the flags of every cell."""
    content = bytes([len(flags)]) + struct.pack(f"<{len(edges)}h", *edges)
    content += b"".join(struct.pack("<H18x", flag) for flag in flags)
    return struct.pack("<HH", 0xD608, len(content) + 1) + content


def vertical_merge(cell: int, flags: int) -> bytes:
    return struct.pack("<HBBB", 0xD62B, 2, cell, flags)


@dataclass
class DocFile:
    """Text and formatting of one document; ``build`` lays them out as streams."""

    rng: random.Random
    text: list[str] = field(default_factory=list)
    paragraphs: list[tuple[int, int, bytes]] = field(default_factory=list)
    """(end cp, style, modifiers)"""
    changes: list[tuple[int, int, bytes]] = field(default_factory=list)
    boxes: list[tuple[int, str]] = field(default_factory=list)
    """(anchor cp, text)"""
    data: bytes = b""
    messy: bool = False
    encrypted: bool = False
    footnotes: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    prls: list[bytes] = field(default_factory=list)
    piece_modifiers: dict[int, int] = field(default_factory=dict)
    """First cp of a piece -> what a fast save noted there (Prm)."""

    @property
    def cp(self) -> int:
        return len(self.text)

    def add(self, text: str, modifiers: bytes = b"") -> None:
        if modifiers and text:
            self.changes.append((self.cp, self.cp + _units(text), modifiers))
        for char in text:
            raw = char.encode("utf-16-le")
            self.text.extend(chr(struct.unpack_from("<H", raw, at)[0]) for at in range(0, len(raw), 2))

    def end(self, mark: str = "\r", modifiers: bytes = b"", style: int = 0) -> None:
        self.text.append(mark)
        if self.messy and len(modifiers) > 8 and self.rng.random() < 0.3:
            at = len(self.data)
            self.data += struct.pack("<H", len(modifiers)) + modifiers
            modifiers = struct.pack("<HI", self.rng.choice((0x6646, 0x646B)), at)
        self.paragraphs.append((self.cp, style, modifiers))

    def edited(self, text: str) -> None:
        """The text, with traces of editing around it in a messy document."""
        kind = self.rng.randrange(7) if self.messy else 9
        if kind == 0:
            self.add(str(self.rng.randint(1, 99)), DELETED)
            self.add(text, INSERTED)
        elif kind == 1:
            self.add("\x13", SPECIAL)
            self.add(" =SUM(ABOVE) ")
            self.add("\x14", SPECIAL)
            self.add(text)
            self.add("\x15", SPECIAL)
        elif kind == 2:
            self.add(text)
            self.add("88", HIDDEN)
        elif kind == 3:
            cut = self.rng.randint(0, len(text))
            self.add(text[:cut])
            self.add("77", DELETED)
            self.add(text[cut:])
        else:
            self.add(text)

    def build(self) -> bytes:
        main_length = self.cp
        footnotes_length, headers_length = self._subtext(self.footnotes), self._subtext(self.headers)
        boxes_at = self.cp
        box_ends = []
        for _, text in self.boxes:
            self.add(text)
            self.end()
            box_ends.append(self.cp - boxes_at)
        if self.boxes:  # one more paragraph closes the boxes' text
            self.end()
        lengths = (main_length, footnotes_length, headers_length, 0, 0, 0, self.cp - boxes_at)
        self.end()  # the last mark of the whole text
        pieces = self._pieces()
        stream, where = self._text_stream(pieces)
        table = b""
        pairs = [(0, 0)] * FIB_PAIRS

        def put(index: int, block: bytes) -> None:
            nonlocal table
            pairs[index] = (len(table), len(block))
            table += block + b"\0" * (-len(block) % 4)

        papx, papx_pages = self._papx_pages(pieces, where)
        chpx, chpx_pages = self._chpx_pages(pieces, where)
        first_page = len(stream) // SECTOR
        stream += b"".join(papx_pages) + b"".join(chpx_pages)
        put(1, _styles())
        put(13, _bin_table(papx, first_page))
        put(12, _bin_table(chpx, first_page + len(papx_pages)))
        put(33, self._clx(pieces, where))
        levels = [(37, "\0、"), (37, "（\1）"), (0, "\2.")]
        definition = _list_definition()
        put(73, definition + _list_levels(levels))
        pairs[73] = (pairs[73][0], len(definition))  # the levels stand behind it, uncounted
        put(74, struct.pack("<IiIIBBBB", 1, 7, 0, 0, 0, 0, 0, 0) + b"\xff" * 4)
        if self.boxes:
            put(40, _shapes([anchor for anchor, _ in self.boxes], main_length))
            put(56, _box_texts(box_ends, lengths[6]))
        header = self._header(pairs, lengths)
        stream = header + stream[len(header) :]
        streams = {"WordDocument": stream, "1Table": table}
        if self.data:
            streams["Data"] = self.data
        return compound_file(streams)

    def _subtext(self, texts: Sequence[str]) -> int:
        """Characters added for footnotes or headers."""
        first = self.cp
        for text in texts:
            self.add(text)
            self.end()
        return self.cp - first

    def _header(self, pairs: Sequence[tuple[int, int]], lengths: Sequence[int]) -> bytes:
        flags = 0x1200 | 0x1000 | (0x0100 if self.encrypted else 0)
        base = struct.pack("<HHHHHHHIBB", 0xA5EC, 193, 0, 0x0804, 0, flags, 0xBF, 0, 0, 0) + b"\0" * 12
        longs = [0] * 22
        longs[3:10] = lengths
        packed = base[:32] + struct.pack("<H", 14) + b"\0" * 28 + struct.pack("<H22I", 22, *longs)
        flat = [number for pair in pairs for number in pair]
        return packed + struct.pack(f"<H{2 * FIB_PAIRS}I", FIB_PAIRS, *flat) + b"\0\0"

    def _pieces(self) -> list[tuple[int, int, int]]:
        """(first cp, end cp, bytes a character) in text order."""
        if not self.messy:
            cuts = sorted({0, *self.piece_modifiers, self.cp})
            return [(first, end, 2) for first, end in pairwise(cuts)]
        found = []
        at = 0
        while at < self.cp:
            end = min(self.cp, at + self.rng.randint(1, 60))
            narrow = all(char < "\x80" for char in self.text[at:end])
            found.append((at, end, 1 if narrow else 2))
            at = end
        return found

    def _text_stream(self, pieces: Sequence[tuple[int, int, int]]) -> tuple[bytes, dict[int, int]]:
        """The stream up to the end of the text, and where each piece (by its first cp) stands."""
        stream = b"\0" * TEXT_AT
        where = {}
        order = list(pieces)
        if self.messy:
            self.rng.shuffle(order)
        for first, end, width in order:
            stream += b"\0" * (len(stream) & 1)
            where[first] = len(stream)
            text = "".join(self.text[first:end])
            stream += text.encode("cp1252") if width == 1 else text.encode("utf-16-le", "surrogatepass")
        return stream + b"\0" * (-len(stream) % SECTOR), where

    def _clx(self, pieces: Sequence[tuple[int, int, int]], where: dict[int, int]) -> bytes:
        cps = struct.pack(f"<{len(pieces) + 1}I", *(first for first, _, _ in pieces), self.cp)
        pcds = b"".join(
            struct.pack(
                "<HIH",
                0,
                where[first] if width == 2 else where[first] * 2 | 0x40000000,
                self.piece_modifiers.get(first, 0),
            )
            for first, _, width in pieces
        )
        prls = b"".join(b"\x01" + struct.pack("<H", len(prl)) + prl for prl in self.prls)
        return prls + b"\x02" + struct.pack("<I", len(cps + pcds)) + cps + pcds

    def _fc_runs(
        self, pieces: Sequence[tuple[int, int, int]], where: dict[int, int], runs: Sequence[tuple[int, int, bytes]]
    ) -> list[tuple[int, int, bytes]]:
        """Runs of cps as runs of file positions, sorted."""
        found = []
        for first, end, width in pieces:
            for start, stop, packed in runs:
                a, b = max(first, start), min(end, stop)
                if a < b:
                    found.append((where[first] + (a - first) * width, where[first] + (b - first) * width, packed))
        return sorted(found)

    def _papx_pages(
        self, pieces: Sequence[tuple[int, int, int]], where: dict[int, int]
    ) -> tuple[list[tuple[int, int]], list[bytes]]:
        runs = []
        at = 0
        for end, style, modifiers in self.paragraphs:
            runs.append((at, end, struct.pack("<H", style) + modifiers))
            at = end
        return _pages(self._fc_runs(pieces, where, runs), entry=13, pack=_papx)

    def _chpx_pages(
        self, pieces: Sequence[tuple[int, int, int]], where: dict[int, int]
    ) -> tuple[list[tuple[int, int]], list[bytes]]:
        runs = []
        at = 0
        for first, end, modifiers in sorted(self.changes):
            runs += [(at, first, b""), (first, end, modifiers)]
            at = end
        runs.append((at, self.cp, b""))
        return _pages(self._fc_runs(pieces, where, runs), entry=1, pack=lambda m: bytes([len(m)]) + m if m else b"")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _papx(packed: bytes) -> bytes:
    if len(packed) % 2:
        return bytes([(len(packed) + 1) // 2]) + packed
    return bytes([0, len(packed) // 2]) + packed


def _pages(
    runs: Sequence[tuple[int, int, bytes]], *, entry: int, pack: object
) -> tuple[list[tuple[int, int]], list[bytes]]:
    """Formatting pages of 512 bytes, filled from both ends, and the file positions each covers."""
    covers: list[tuple[int, int]] = []
    pages: list[bytes] = []
    waiting = list(runs)
    while waiting:
        page = bytearray(SECTOR)
        free, offsets, known = SECTOR - 2, [], {}
        taken: list[tuple[int, int, bytes]] = []
        while waiting and len(taken) < 100:
            start, _, modifiers = waiting[0]
            if taken and start != taken[-1][1]:
                break
            packed = pack(modifiers)  # type: ignore[operator]
            size = 0 if packed in known else len(packed) + (len(packed) & 1)
            if 4 * (len(taken) + 2) + entry * (len(taken) + 1) > free - size:
                break
            if packed and packed not in known:
                free = (free - len(packed)) & ~1
                page[free : free + len(packed)] = packed
                known[packed] = free
            offsets.append(known.get(packed, 0) // 2)
            taken.append(waiting.pop(0))
        fcs = [taken[0][0], *(end for _, end, _ in taken)]
        struct.pack_into(f"<{len(fcs)}I", page, 0, *fcs)
        for number, offset in enumerate(offsets):
            page[4 * len(fcs) + entry * number] = offset
        page[-1] = len(taken)
        covers.append((fcs[0], fcs[-1]))
        pages.append(bytes(page))
    return covers, pages


def _bin_table(covers: Sequence[tuple[int, int]], first_page: int) -> bytes:
    fcs = [start for start, _ in covers] + [covers[-1][1]]
    numbers = range(first_page, first_page + len(covers))
    return struct.pack(f"<{len(fcs)}I{len(covers)}I", *fcs, *numbers)


def _styles() -> bytes:
    """Normal and heading 1, and the style of the signs of footnotes."""
    stshi = struct.pack("<HHHHHHHHH", 3, 10, 1, 0x5B, 15, 0, 0, 0, 0)
    found = struct.pack("<H", len(stshi)) + stshi
    for identity, base, name in ((0, 0xFFF, "Normal"), (1, 0, "heading 1")):
        std = struct.pack("<HHHHH", identity, base << 4 | 1, 2, 0, 0)
        std += struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0"
        std += struct.pack("<HH", 2, identity) + struct.pack("<H", 0)
        found += struct.pack("<H", len(std)) + std + b"\0" * (len(std) & 1)
    name = "footnote reference"
    raised = struct.pack("<HB", 0x2A48, 1)
    std = struct.pack("<HHHHH", 38, 0xFFF << 4 | 2, 1, 0, 0) + struct.pack("<H", len(name))
    std += name.encode("utf-16-le") + b"\0\0" + struct.pack("<H", len(raised)) + raised
    return found + struct.pack("<H", len(std)) + std + b"\0" * (len(std) & 1)


def _list_definition() -> bytes:
    return struct.pack("<Hii18sBB", 1, 7, 0, b"\0" * 18, 0, 0)


def _list_levels(levels: Sequence[tuple[int, str]]) -> bytes:
    found = b""
    for level in range(9):
        code, text = levels[level] if level < len(levels) else (0, f"{chr(level)}.")
        places = bytes(at for at, char in enumerate(text, 1) if char < "\t").ljust(9, b"\0")
        found += struct.pack("<iBB9sBiIBBBB", 1, code, 0, places, 2, 0, 0, 0, 0, 0, 0)
        found += struct.pack("<H", len(text)) + text.encode("utf-16-le")
    return found


def _shapes(anchors: Sequence[int], end: int) -> bytes:
    packed = struct.pack(f"<{len(anchors) + 1}I", *anchors, end)
    return packed + b"".join(struct.pack("<I22x", 1025 + number) for number in range(len(anchors)))


def _box_texts(ends: Sequence[int], length: int) -> bytes:
    cps = [0, *ends, length]
    packed = struct.pack(f"<{len(cps)}I", *cps)
    return packed + b"".join(struct.pack("<IIHIII", 1, 0, 0, 0, 1025 + n, 0) for n in range(len(ends))) + b"\0" * 22


# -- compound file ---------------------------------------------------------------------------------------------------


def compound_file(streams: dict[str, bytes]) -> bytes:
    """An OLE container; every stream is padded to 4,096 bytes, so that no small-stream store is needed."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    directory_sectors = -(-(len(padded) + 1) // 4)
    data_sectors = sum(-(-len(data) // SECTOR) for data in padded.values())
    fat_sectors = 1
    while fat_sectors * 128 < fat_sectors + directory_sectors + data_sectors:
        fat_sectors += 1
    fat = [FAT_SECTOR] * fat_sectors + [*range(fat_sectors + 1, fat_sectors + directory_sectors), END]
    entries = []
    body = b""
    for data in padded.values():
        start = len(fat)
        count = -(-len(data) // SECTOR)
        fat += [*range(start + 1, start + count), END]
        entries.append((start, len(data)))
        body += data + b"\0" * (-len(data) % SECTOR)
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    header = OLE_START + b"\0" * 16 + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, fat_sectors, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(fat_sectors), *[FREE] * (109 - fat_sectors))
    directory = _entry("Root Entry", 5, 1, FREE, END, 0)
    for number, (name, (start, size)) in enumerate(zip(padded, entries, strict=True), 1):
        directory += _entry(name, 2, FREE, number + 1 if number < len(padded) else FREE, start, size)
    directory = directory.ljust(directory_sectors * SECTOR, b"\0")
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory + body


def _entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, FREE, right, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)


# -- reports ---------------------------------------------------------------------------------------------------------


def _table(file: DocFile, table: Table) -> None:
    for row in placed(table):
        edges, flags, sprms = [0], [], b""
        split = file.messy and file.rng.random() < 0.4
        for _, slot, begins in row:
            vertical = 0 if slot.row_span == 1 else 3 if begins else 1
            spans = slot.column_span if split else 1
            for part in range(spans):
                text = slot.text if begins and part == 0 else ""
                file.edited("\x0b".join(text) if _is_upright(file, slot, text) else text)
                file.end("\x07", IN_TABLE)
                edges.append(edges[-1] + WIDTH * slot.column_span // spans)
                horizontal = 0 if spans == 1 else 1 if part == 0 else 2
                if vertical and file.messy and file.rng.random() < 0.5:
                    flags.append(horizontal)
                    sprms += vertical_merge(len(flags) - 1, vertical)
                else:
                    flags.append(horizontal | vertical << 5)
        if file.messy:
            edges = [edges[0], *(edge + file.rng.randint(-25, 25) for edge in edges[1:-1]), edges[-1]]
        file.end("\x07", IN_TABLE + ROW_END + row_definition(edges, flags) + sprms)
        if file.messy and file.rng.random() < 0.05:
            _deleted_row(file)


def _is_upright(file: DocFile, slot: Slot, text: str) -> bool:
    return file.messy and slot.row_span > 5 and bool(text) and file.rng.random() < 0.5


def _deleted_row(file: DocFile) -> None:
    first = file.cp
    file.add("99")
    file.end("\x07", IN_TABLE)
    file.end("\x07", IN_TABLE + ROW_END + row_definition([0, WIDTH * 4], [0]))
    file.changes.append((first, file.cp, DELETED))


def doc_file(content: Sequence[Part], rng: random.Random, *, messy: bool) -> DocFile:
    file = DocFile(rng, messy=messy)
    counted = messy and rng.random() < 0.5
    for part in content:
        if isinstance(part, Table):
            _table(file, part)
            continue
        number, text = _counted(part) if counted else (b"", part.text)
        if part.level and not number and messy and rng.random() < 0.3:
            file.boxes.append((file.cp, text))
            file.add("\x08", SPECIAL)
            file.end()
            continue
        file.edited(text)
        file.end("\r", number, style=1 if part.level else 0)
    return file


def _counted(line: Line) -> tuple[bytes, str]:
    """(modifiers, text without its number) of a heading that the program counts."""
    text = line.text
    if len(text) > 1 and text[1] == "、" and text[0] in "一二三四五六":
        return in_list(1, 0), text[2:]
    if len(text) > 2 and text[0] == "（" and text[2] == "）" and text[1] in "一二三四五":
        return in_list(1, 1), text[3:]
    return b"", text


def write_doc(report: MadeReport, rng: random.Random) -> bytes:
    return doc_file(parts(report), rng, messy=False).build()


def write_doc_messy(report: MadeReport, rng: random.Random) -> bytes:
    return doc_file(parts(report), rng, messy=True).build()


def write_doc_split(report: MadeReport, rng: random.Random) -> bytes:
    return doc_file(split(parts(report), rng), rng, messy=False).build()


WRITERS = {"doc clean": write_doc, "doc messy": write_doc_messy, "doc split": write_doc_split}
