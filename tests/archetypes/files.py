"""Reports as files, in the formats of real portals; the documents themselves come from the generator."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

from tests.archetypes.bodies import html_file
from tests.generator import archive, pages, word, word_binary
from tests.generator.report import MadeReport

PDF_MANNERS = ("browser", "form", "office", "office_cut", "word")
WHEN = (2025, 1, 20, 9, 30, 0)


def of(report: MadeReport, form: str) -> bytes:
    """``form`` is ``pdf docx ofd``, ``doc`` and ``wps`` (Word binary), or ``htm`` (a .doc that is HTML inside)."""
    rng = random.Random(report.title)
    if form == "pdf":
        return pages.pdf_of(report, pages.MANNERS[rng.choice(PDF_MANNERS)])
    if form == "ofd":
        return settled(pages.ofd_of(report, pages.MANNERS["office"]))
    if form == "docx":
        return settled(word.write_docx(report, rng))
    if form in {"doc", "wps"}:
        return word_binary.write_doc(report, rng)
    return html_file(report)


def settled(packed: bytes) -> bytes:
    """The same container with one date everywhere: a world built twice serves the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, WHEN), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def zip_of(members: list[tuple[str, bytes]]) -> bytes:
    """An archive with names in GBK and without the UTF-8 flag, as Windows packs it."""
    return archive.zip_gbk(dict(members))


def rar_of(members: list[tuple[str, bytes]]) -> bytes:
    """A RAR 4 archive whose members are stored: readable without the program that nobody may ship."""
    return archive.rar_4(dict(members))


def png(seed: int, width: int = 240, height: int = 340) -> bytes:
    """A grey picture without readable text, as a page scan that nobody can read."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    grey = _grey(seed, width * height)
    rows = b"".join(b"\0" + grey[start : start + width] for start in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def scanned(seed: int, width: int = 240, height: int = 340) -> bytes:
    """A PDF of one picture and no text."""
    pixels = zlib.compress(_grey(seed, width * height), 1)
    shown = b"q 595 0 0 842 0 0 cm /I Do Q"
    image = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray" % (width, height)
    image += b"/BitsPerComponent 8/Filter/FlateDecode/Length %d>>" % len(pixels)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>",
        image + b"\nstream\n%s\nendstream" % pixels,
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(shown), shown),
    ]
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _grey(seed: int, count: int) -> bytes:
    rng = random.Random(seed)
    return bytes(rng.randrange(180, 256) for _ in range(count))
