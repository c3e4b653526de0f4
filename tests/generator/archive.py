"""Archives as real programs write them, and as attackers do: ZIP, RAR 4 and 5 (stored), 7z (stored)."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

from tests.generator.html import clean
from tests.generator.report import MadeReport
from tests.generator.word import write_docx
from tests.generator.word_binary import write_doc

Files = Mapping[str, bytes]
RAR_4 = b"Rar!\x1a\x07\x00"
RAR_5 = b"Rar!\x1a\x07\x01\x00"
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"


def zip_gbk(files: Files) -> bytes:
    """As Chinese Windows programs write it: names in GBK, the UTF-8 flag off."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(files.items()):
            archive.writestr(_stand_in(number, name), data)
    body = stream.getvalue()
    for number, name in enumerate(files):
        body = body.replace(_stand_in(number, name).encode(), name.encode("gb18030"))
    return body


def _stand_in(number: int, name: str) -> str:
    """An ASCII name of the same length in bytes."""
    return f"{number:03d}".ljust(len(name.encode("gb18030")), "q")


def zip_utf_8(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def rar_4(files: Files, *, flags: int = 0, mode: int = 0o100644, main_flags: int = 0) -> bytes:
    """``flags`` are added to those of each file: 4 is encrypted, 1 and 2 are parts of a split file; of ``main_flags``
    0x80 says that even the names are encrypted."""
    body = RAR_4 + _block_4(0x73, main_flags, b"\0" * 6)
    for name, data in files.items():
        raw = name.encode("gb18030")
        head = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x5A21_0000, 29, 0x30, len(raw), mode
        )
        body += _block_4(0x74, 0x8000 | flags, head + raw) + data
    return body + _block_4(0x7B, 0x4000, b"")


def _block_4(kind: int, flags: int, content: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(content)) + content
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest


def rar_5(files: Files) -> bytes:
    body = RAR_5 + _block_5(_vint(1) + _vint(0) + _vint(0))
    for name, data in files.items():
        raw = name.encode()
        head = b"".join(
            (
                *map(_vint, (2, 2, len(data), 4, len(data), 0o100644)),
                struct.pack("<I", zlib.crc32(data)),
                *map(_vint, (0, 1, len(raw))),
                raw,
            )
        )
        body += _block_5(head) + data
    return body + _block_5(_vint(5) + _vint(0) + _vint(0))


def _block_5(head: bytes) -> bytes:
    sized = _vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _vint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def seven_zip(files: Files) -> bytes:
    """One folder for each file, method "copy"."""
    count = len(files)
    sizes = b"".join(_number(len(data)) for data in files.values())
    names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name in files)
    sums = b"".join(struct.pack("<I", zlib.crc32(data)) for data in files.values())
    modes = b"\x01\x00" + struct.pack("<I", 0x81A48020) * count
    header = b"".join(
        (
            b"\x01\x04",
            b"\x06" + _number(0) + _number(count) + b"\x09" + sizes + b"\x00",
            b"\x07\x0b" + _number(count) + b"\x00" + b"\x01\x01\x00" * count + b"\x0c" + sizes + b"\x00",
            b"\x08\x0a\x01" + sums + b"\x00",
            b"\x00",
            b"\x05" + _number(count) + b"\x11" + _number(len(names)) + names,
            b"\x15" + _number(len(modes)) + modes + b"\x00\x00",
        )
    )
    data = b"".join(files.values())
    start = struct.pack("<QQI", len(data), len(header), zlib.crc32(header))
    return SEVEN_ZIP + b"\0\4" + struct.pack("<I", zlib.crc32(start)) + start + data + header


def _number(value: int) -> bytes:
    if value < 0x80:
        return bytes([value])
    return b"\xc0" + struct.pack("<H", value) if value < 0x10000 else b"\xf0" + struct.pack("<I", value)


def overlapping_zip(copies: int, data: bytes) -> bytes:
    """One packed body that ``copies`` directory entries point at."""
    body = zip_utf_8({"a.txt": data})
    at = body.index(b"PK\x01\x02")
    end = body.index(b"PK\x05\x06")
    entry = body[at:end]
    directory = b"".join(entry.replace(b"a.txt", f"{n:05d}".encode()) for n in range(copies))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), at, 0)
    return body[:at] + directory + tail


PACKERS: dict[str, Callable[[Files], bytes]] = {
    "zip": zip_utf_8,
    "zip gbk": zip_gbk,
    "rar 4": rar_4,
    "rar 5": rar_5,
    "7z": seven_zip,
}


def _writer(pack: Callable[[Files], bytes]) -> Callable[[MadeReport, random.Random], bytes]:
    """A report among what else lies in such archives."""

    def write(report: MadeReport, rng: random.Random) -> bytes:
        suffix, inner = rng.choice((("docx", write_docx), ("doc", write_doc), ("html", clean)))
        files = {
            f"{report.agency}/{report.title}.{suffix}": inner(report, rng),
            "说明.txt": "各单位年度报告见文件夹，如有疑问请与办公室联系。".encode("gb18030"),
        }
        return pack(dict(rng.sample(list(files.items()), 2)))

    return write


WRITERS = {f"archive {name}": _writer(pack) for name, pack in PACKERS.items()}
