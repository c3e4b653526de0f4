"""Reports as files: the smallest valid document of each format."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping
from xml.sax.saxutils import escape

from tests.archetypes.bodies import html_file, report_lines
from tests.generator.layout import Layout, expand, layouts
from tests.generator.report import MadeReport

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def of(report: MadeReport, form: str) -> bytes:
    """``form`` is ``pdf``, ``docx``, ``ofd``, or ``doc`` and ``wps`` (HTML inside)."""
    return {"pdf": pdf, "docx": docx, "doc": html_file, "wps": html_file, "ofd": ofd}[form](report)


def pdf(report: MadeReport) -> bytes:
    """Text lines in a font of the standard Chinese collection, not embedded."""
    pages: list[list[str]] = [[]]
    for line in report_lines(report):
        for start in range(0, max(1, len(line)), 42):
            if len(pages[-1]) == 46:
                pages.append([])
            pages[-1].append(line[start : start + 42])
    objects: list[bytes] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (6 + 2 * n) for n in range(len(pages))), len(pages)),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 5 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 880/StemV 93>>",
    ]
    for n, lines in enumerate(pages):
        shown = b"".join(b"<%s> Tj T*\n" % line.encode("utf-16-be").hex().encode() for line in lines)
        stream = b"BT /F1 12 Tf 16 TL 45 790 Td\n" + shown + b"ET"
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (7 + 2 * n)
        )
        objects.append(b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream))
    return assemble(objects)


def assemble(objects: list[bytes]) -> bytes:
    """A PDF file of numbered objects, the first of which is the catalogue."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def docx(report: MadeReport) -> bytes:
    drawn = layouts(report)
    parts = [_paragraph(report.title), _paragraph(report.preamble)]
    for n, (heading, paragraphs) in enumerate(report.sections, 1):
        parts += [_paragraph(heading), *(_paragraph(p) for p in paragraphs)]
        if n in drawn:
            parts.append(_table(drawn[n]))
    parts += [_paragraph(line) for line in report.signature]
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}"><w:body>{"".join(parts)}</w:body></w:document>'
    members = {
        "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0" encoding="UTF-8"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": document,
    }
    return pack(members)


def pack(members: Mapping[str, str | bytes]) -> bytes:
    """A zip with a fixed date, so that the same content gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 20, 9, 30, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _table(layout: Layout) -> str:
    rows = []
    for row in expand(layout):
        cells, previous = [], None
        for slot, begins in row:
            if slot is previous:
                continue
            previous = slot
            merge = "" if slot.row_span == 1 else '<w:vMerge w:val="restart"/>' if begins else "<w:vMerge/>"
            span = f'<w:gridSpan w:val="{slot.column_span}"/>' if slot.column_span > 1 else ""
            text = slot.text if begins else ""
            cells.append(f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{_paragraph(text)}</w:tc>")
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def ofd(report: MadeReport) -> bytes:
    """Text lines as OFD text objects, one page per 46 lines."""
    lines = [line[start : start + 42] for line in report_lines(report) for start in range(0, max(1, len(line)), 42)]
    pages = [lines[start : start + 46] for start in range(0, len(lines), 46)]
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    members: dict[str, str | bytes] = {
        "OFD.xml": f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {space} DocType="OFD" Version="1.1"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{len(lines):032d}</ofd:DocID><ofd:Title>{escape(report.title)}</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<?xml version="1.0" encoding="UTF-8"?><ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9999'
        "</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>"
        + "".join(f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
    }
    for n, rows in enumerate(pages):
        objects = "".join(
            f'<ofd:TextObject ID="{100 * n + k + 100}" Boundary="20 {20 + 5.5 * k} 170 5.5" Font="1" Size="4"><ofd:TextCode X="0" '
            f'Y="4" DeltaX="g {max(1, len(line) - 1)} 4">{escape(line)}</ofd:TextCode></ofd:TextObject>'
            for k, line in enumerate(rows)
        )
        members[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
            f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {space}><ofd:Content><ofd:Layer ID="{n + 50}">{objects}</ofd:Layer>'
            "</ofd:Content></ofd:Page>"
        )
    return pack(members)


def png(seed: int, width: int = 240, height: int = 340) -> bytes:
    """A grey picture without readable text, as a page scan that nobody can read."""
    rng = random.Random(seed)
    rows = b"".join(b"\0" + bytes(rng.randrange(180, 256) for _ in range(width)) for _ in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def scanned(seed: int) -> bytes:
    """A PDF of one picture and no text."""
    width, height = 240, 340
    rng = random.Random(seed)
    pixels = zlib.compress(bytes(rng.randrange(180, 256) for _ in range(width * height)), 1)
    shown = b"q 595 0 0 842 0 0 cm /I Do Q"
    image = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (
        width,
        height,
    )
    return assemble(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>",
            image + b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(pixels), pixels),
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(shown), shown),
        ]
    )


def rar(members: list[tuple[str, bytes]]) -> bytes:
    """A RAR 4 archive whose members are stored, not packed: readable without the program that nobody may ship."""
    out = bytearray(b"Rar!\x1a\x07\x00")
    out += _block(0x73, 0, bytes(6))
    for name, content in members:
        raw = name.encode("gbk")
        # packed and unpacked size, host system (Windows), CRC-32, DOS time, version 2.0, method "store", name, attributes
        fields = struct.pack(
            "<IIBIIBBHI", len(content), len(content), 2, zlib.crc32(content), 0x5A344BC0, 20, 0x30, len(raw), 0x20
        )
        out += _block(0x74, 0x8000, fields + raw) + content
    return bytes(out + _block(0x7B, 0x4000, b""))


def _block(kind: int, flags: int, fields: bytes) -> bytes:
    """A block header: the low half of its own CRC-32, then type, flags, size."""
    head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head
