"""Parts of a ZIP container (DOCX and its kin), with every size bounded and a damaged directory survived."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

from parsers.documents.limits import Limits
from parsers.documents.model import Unread

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
SMALL = 8 * 1024**2
"""Bytes below which no ratio is suspicious: the XML of an honest table packs 100 to 1."""
CHUNK = 64 * 1024


def check_ratio(packed: int, unpacked: int, limits: Limits) -> None:
    """Raises Unread("unsafe") for a size that only a bomb reaches."""
    if unpacked > SMALL and unpacked > limits.ratio * max(packed, 1):
        raise Unread("unsafe", f"{packed} bytes unpack to {unpacked}")


class Package:
    """Parts by name. Names are compared without case, ``\\`` read as ``/``, a leading ``/`` dropped."""

    def __init__(self, body: bytes, limits: Limits) -> None:
        self.limits = limits
        self.spent = 0
        self.damaged = False
        self._whole: zipfile.ZipFile | None = None
        self._names: dict[str, str] = {}
        self._rescued: dict[str, bytes] = {}
        try:
            self._whole = zipfile.ZipFile(BytesIO(body))
            names = self._whole.namelist()
        except (zipfile.BadZipFile, ValueError, struct.error, EOFError, OSError, NotImplementedError, OverflowError):
            self.damaged = True
            self._rescued = rescue(body, limits)
            names = list(self._rescued)
        for name in names:
            self._names.setdefault(plain(name), name)

    def names(self) -> list[str]:
        return list(self._names)

    def get(self, name: str) -> bytes | None:
        """The part, or None when there is none or its bytes are broken (then ``damaged`` is set)."""
        stored = self._names.get(plain(name))
        if stored is None:
            return None
        if self._whole is None:
            return self._rescued[stored]
        info = self._whole.getinfo(stored)
        if info.flag_bits & 1:
            raise Unread("encrypted", name)
        check_ratio(info.compress_size, info.file_size, self.limits)
        left = self.limits.unpacked - self.spent
        try:
            with self._whole.open(info) as part:
                data = part.read(left + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
            self.damaged = True
            return None
        if len(data) > left:
            raise Unread("too_large", f"parts of more than {self.limits.unpacked} bytes")
        self.spent += len(data)
        return data


def plain(name: str) -> str:
    """``\\word\\Document.xml`` -> ``word/document.xml``"""
    return name.replace("\\", "/").lstrip("/").lower()


def rescue(body: bytes, limits: Limits) -> dict[str, bytes]:
    """Parts found by their local headers, for a file whose directory at the end is lost. Cut parts are kept as far as
    they go. Raises Unread("damaged") when there are none."""
    parts: dict[str, bytes] = {}
    at, spent = body.find(b"PK\x03\x04"), 0
    while at >= 0 and at + LOCAL_HEADER.size <= len(body) and len(parts) < limits.members:
        _, _, flags, method, _, _, _, packed, _, name_length, extra = LOCAL_HEADER.unpack_from(body, at)
        start = at + LOCAL_HEADER.size + name_length + extra
        name = body[at + LOCAL_HEADER.size : at + LOCAL_HEADER.size + name_length].decode(
            "utf-8" if flags & 0x800 else "cp437", "replace"
        )
        if flags & 1:
            raise Unread("encrypted", name)
        data = _unpack(body, start, packed, method, limits.unpacked - spent, limits)
        spent += len(data)
        if data:
            parts.setdefault(name, data)
        at = body.find(b"PK\x03\x04", max(at + 4, min(start + packed, len(body)) if packed else start))
    if not parts:
        raise Unread("damaged", "not a readable ZIP container")
    return parts


def _unpack(body: bytes, start: int, packed: int, method: int, left: int, limits: Limits) -> bytes:
    if method == zipfile.ZIP_STORED:
        return body[start : start + min(packed, left)]
    if method != zipfile.ZIP_DEFLATED:
        return b""
    inflater = zlib.decompressobj(-15)
    data = bytearray()
    try:
        for at in range(start, len(body), CHUNK):
            data += inflater.decompress(body[at : at + CHUNK], left - len(data) + 1)
            if inflater.eof or len(data) > left:
                break
            check_ratio(at + CHUNK - start, len(data), limits)
    except zlib.error:
        pass  # what came before the broken byte is kept
    if len(data) > left:
        raise Unread("too_large", "parts of a damaged container")
    return bytes(data)
