"""Files inside ZIP, RAR and 7z. Nothing is written to disk; what would be dangerous to unpack is refused all the same,
because an archive that tries tricks is no source to trust."""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from parsers.documents import libarchive
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Member, Unread
from parsers.documents.package import check_ratio
from parsers.documents.sniff import sniff

ZIP = "application/zip"
ARCHIVES = frozenset({ZIP, "application/vnd.rar", "application/x-7z-compressed"})
JUNK = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
JUNK_STARTS = ("~$", "._")  # locks of open Office files, resource forks of macOS
DRIVE = re.compile(r"[A-Za-z]:")  # C:\temp\x.doc
LONGEST_NAME = 500
UNICODE_PATH = 0x7075
"""Extra field in which Info-ZIP and WinRAR keep the name in UTF-8 beside the local one."""
NAMELESS = "nameless"
AES = 99
CHUNK = 256 * 1024


@dataclass(slots=True)
class Spent:
    """What one archive has cost so far, with all archives in it."""

    limits: Limits
    packed: int
    members: int = 0
    unpacked: int = 0
    failed: list[tuple[str, Unread]] = field(default_factory=list)

    def member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise Unread("too_large", f"more than {self.limits.members} members")

    def data(self, size: int) -> None:
        self.unpacked += size
        check_ratio(self.packed, self.unpacked, self.limits)
        if self.unpacked > self.limits.unpacked:
            raise Unread("too_large", f"more than {self.limits.unpacked} bytes unpacked")

    def gather(self, chunks: Iterator[bytes]) -> bytes:
        parts = []
        for chunk in chunks:
            self.data(len(chunk))
            parts.append(chunk)
        return b"".join(parts)


def members(body: bytes, *, limits: Limits = DEFAULT) -> Iterator[Member]:
    """Files in the archive's order, archives in archives unfolded as ``inner.zip/name``, junk of systems left out.

    Raises Unread: ``unsafe`` (bomb, path trick, too deep), ``too_large``, ``encrypted``, ``damaged``, ``no_reader``.
    Where only some files cannot be unpacked, the others are given first and the error comes at the end.
    """
    spent = Spent(limits, len(body))
    yield from _unfolded(body, "", limits.depth, spent)
    if spent.failed:
        reasons = {refusal.reason for _, refusal in spent.failed}
        names = ", ".join(f"{name} ({refusal})" for name, refusal in spent.failed[:10])
        reason = reasons.pop() if len(reasons) == 1 else "damaged"
        raise Unread(reason, f"{len(spent.failed)} of {spent.members} members not unpacked: {names}")


def _unfolded(body: bytes, prefix: str, depth: int, spent: Spent) -> Iterator[Member]:
    media_type = sniff(body)
    if media_type not in ARCHIVES:
        raise Unread("unknown", media_type)
    if depth < 0:
        raise Unread("unsafe", "archives nested too deeply")
    for name, data in _zip(body, spent) if media_type == ZIP else _other(body, spent):
        if sniff(data) in ARCHIVES:
            yield from _unfolded(data, f"{prefix}{name}/", depth - 1, spent)
        else:
            yield Member(prefix + name, data)


def safe_name(name: str) -> str:
    """The name as it may be shown: ``/`` between folders, no controls, no marks that turn the writing direction.

    Raises Unread("unsafe") for one that leads out of a folder: absolute, with a drive letter, or with ``..``.
    """
    path = name.replace("\\", "/")
    if path.startswith("/") or DRIVE.match(path) or ".." in path.split("/"):
        raise Unread("unsafe", f"path {name[:100]!r}")
    shown = "".join(char for char in path if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return "/".join(part for part in shown.split("/") if part not in {"", "."})[-LONGEST_NAME:]


def _is_junk(name: str) -> bool:
    *folders, last = name.lower().split("/")
    return "__macosx" in folders or last in JUNK or last.startswith(JUNK_STARTS) or not last


# -- ZIP -------------------------------------------------------------------------------------------------------------


def _zip(body: bytes, spent: Spent) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(BytesIO(body))
        infos = archive.infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        NotImplementedError,
        UnicodeError,
        EOFError,
        struct.error,
    ) as error:
        split = body[:4] == b"PK\x07\x08" or "multi" in str(error).lower() or "disk" in str(error).lower()
        raise Unread("damaged", "part of a split archive" if split else f"ZIP directory: {error}") from None
    with archive:
        wanted = [(name, info) for info in infos if (name := _checked(info, spent))]
        _refuse_overlaps(infos, len(body))
        check_ratio(len(body), sum(info.file_size for info in infos), spent.limits)
        for name, info in wanted:
            try:
                yield name, _unzipped(archive, info, spent)
            except Unread as refusal:
                if refusal.reason in {"too_large", "unsafe"}:
                    raise
                spent.failed.append((name, refusal))


def _checked(info: zipfile.ZipInfo, spent: Spent) -> str:
    """The shown name of a file to unpack; empty for folders and junk."""
    spent.member()
    written = zip_name(info) or NAMELESS
    name = safe_name(written)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unread("unsafe", f"a symbolic link: {name}")
    if written.endswith(("/", "\\")) or _is_junk(name):
        return ""
    return name


def zip_name(info: zipfile.ZipInfo) -> str:
    """The name in the charset it was written in: Chinese programs write GBK where the format says cp437.

    The name stays as zipfile gives it when the file says UTF-8 (bit 11).
    """
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        content = extra[4 : 4 + size]
        if kind == UNICODE_PATH and content[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return content[5:].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return local_name(raw)


def local_name(raw: bytes) -> str:
    """A name of unknown charset: UTF-8 (macOS), else GB 18030, else the cp437 of the format."""
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _refuse_overlaps(infos: list[zipfile.ZipInfo], length: int) -> None:
    """Members that share packed bytes multiply what a small file unpacks to."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise Unread("unsafe", "members overlap")
        end = info.header_offset + 30 + info.compress_size
        if end > length + 30:
            raise Unread("damaged", "a member ends behind the file")


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, spent: Spent) -> bytes:
    if info.flag_bits & 1 or info.compress_type == AES:
        raise Unread("encrypted", "needs a password")
    try:
        with archive.open(info) as member:
            return spent.gather(iter(lambda: member.read(CHUNK), b""))
    except NotImplementedError as error:
        raise Unread("no_reader", str(error)) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        LookupError,
    ) as error:
        raise Unread("damaged", str(error)) from None


# -- RAR and 7z ------------------------------------------------------------------------------------------------------


def _other(body: bytes, spent: Spent) -> Iterator[tuple[str, bytes]]:
    with libarchive.Reader(body) as reader:
        for entry in reader.entries():
            spent.member()
            name = safe_name(entry.name or local_name(entry.raw_name))
            if entry.kind == libarchive.SYMLINK:
                raise Unread("unsafe", f"a symbolic link: {name}")
            if entry.kind == libarchive.DIRECTORY or _is_junk(name):
                continue
            if entry.encrypted:
                spent.failed.append((name, Unread("encrypted", "needs a password")))
                continue
            check_ratio(len(body), entry.size, spent.limits)
            try:
                data = spent.gather(reader.chunks())
            except Unread as refusal:
                if refusal.reason in {"too_large", "unsafe"}:
                    raise
                spent.failed.append((name, refusal))
                continue
            yield name, data
