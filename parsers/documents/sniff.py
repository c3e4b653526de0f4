"""What the bytes are, whatever the suffix or the header says. Only the start and the container's directory are read."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

import olefile

from parsers.documents.charset import decode, is_text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNKNOWN = "application/octet-stream"

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Founder", "application/x-ceb"),
    (b"CEBX", "application/x-ceb"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = (
    ("worddocument", "application/msword"),
    ("workbook", "application/vnd.ms-excel"),
    ("book", "application/vnd.ms-excel"),
    ("powerpoint document", "application/vnd.ms-powerpoint"),
    # an Office file behind a password keeps only its package; the Word reader says "encrypted"
    ("encryptedpackage", "application/msword"),
)
OFFICE = "application/vnd.openxmlformats-officedocument"
ZIP_PARTS = (
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", XLSX),
    ("ofd.xml", "application/ofd"),
    # known, though without a reader: their parts must not be taken for documents in an archive
    ("ppt/presentation.xml", OFFICE + ".presentationml.presentation"),
    ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
)
MAIN_PARTS = (
    (b"wordprocessingml.document.main", DOCX),
    (b"wordprocessingml.template.main", DOCX),
    (b"sheet.main", XLSX),
)
MAX_MEMBERS = 5_000
HEAD = 65_536
TOP = 4_096
BLANK = "\ufeff \t\r\n\f\x00"

LOCAL_NAME = re.compile(rb"PK\x03\x04.{22}(..)(..)", re.S)
# <table border=1> or </p>; tags that only a page has, so that <http://…> in a text is not one
TAG = re.compile(
    r"</?(?:html|head|body|meta|title|script|style|link|div|p|span|table|tbody|thead|tr|td|th|ul|ol|li|dl|dt|dd|a|img|font|center|"
    r"section|article|main|header|footer|nav|form|input|textarea|iframe|frameset|pre|br|hr|strong|b|em|u|h[1-6]|ucapcontent)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.I,
)
PAGE_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|div|p|frameset|ucapcontent)\b", re.I)
LINE_BREAK = re.compile(r"<br\s{0,9}/?>|</p>", re.I)
LEAD = re.compile(r"(?:\s|﻿|<\?[^>]{0,500}\?>|<!--.{0,5000}?-->|<!\[CDATA\[)+", re.S)
MHTML = re.compile(r"^content-type:\s*(?:multipart/(?:related|mixed|alternative)|text/html)\b", re.I | re.M)
HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]?\S")  # MIME-Version: 1.0
# «## 一、总体情况», «| --- | --- |», «**（二）依申请公开情况。**»
MARKDOWN = re.compile(
    r"^ {0,3}#{1,6}[ \t]+\S"
    r"|^[ \t]*\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+(?:[ \t]*:?-{3,}:?)?[ \t]*$"
    r"|\*\*[^*\s][^*\n]{0,200}\*\*",
    re.M,
)
JSON_START = re.compile(r"(?:[\w$.]{1,60}\s*\()?\s*[{\[]\s*[\"{\[]")  # callback({"content": …
ESCAPED_TAG = re.compile(r"(?:<|\\u003c|\\x3c|&lt;|%3c)\s*/?(?:p|div|table|tr|td|span|br|html)\b", re.I)


def sniff(body: bytes) -> str:
    """The media type by content: a key of READERS, one of ARCHIVES, ``application/x-ceb``, another known type that
    has no reader, or ``application/octet-stream``. Never raises."""
    for magic, media_type in MAGIC:
        if body.startswith(magic):
            return media_type
    if body.startswith(OLE):
        return _ole(body)
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(body)
    if _is_bmp(body):
        return "image/bmp"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    start = body[:HEAD].lstrip(b"\xef\xbb\xbf\x00 \t\r\n\f")
    if start.startswith(b"{\\rtf"):
        return "application/rtf"
    # readers of PDF accept junk before the header; servers put line breaks and tags there
    if b"%PDF-" in body[:1024] and not start.startswith(b"<"):
        return "application/pdf"
    return _text(body)


def _is_bmp(body: bytes) -> bool:
    return (
        body[:2] == b"BM"
        and body[6:10] == b"\0\0\0\0"
        and body[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")
    )


def _ole(body: bytes) -> str:
    """Word and Kingsoft Writer both keep a WordDocument stream, Excel and ET a Workbook; only the root counts, because
    a Word file holds the workbooks that were put into it."""
    try:
        with olefile.OleFileIO(BytesIO(body)) as ole:
            names = {entry[0].lower() for entry in ole.listdir(streams=True, storages=False) if len(entry) == 1}
    except Exception:
        # olefile raises whatever its struct and index errors are; a directory that is damaged still shows its names
        names = {name for name, _ in OLE_STREAMS if _utf_16_name(name, body)}
    for name, media_type in OLE_STREAMS:
        if name in names:
            return media_type
    return "application/x-ole-storage"


def _utf_16_name(name: str, body: bytes) -> bool:
    return any(
        spelt.encode("utf-16-le") + b"\0\0" in body
        for spelt in ("WordDocument", "Workbook", "Book", "EncryptedPackage")
        if spelt.lower() == name
    )


def _zip(body: bytes) -> str:
    names = _zip_names(body)
    for part, media_type in ZIP_PARTS:
        if part in names:
            return media_type
    if "[content_types].xml" in names:
        types = _member(body, names["[content_types].xml"])
        for mark, media_type in MAIN_PARTS:
            if mark in types:
                return media_type
        return OFFICE
    if "mimetype" in names and (own := _member(body, names["mimetype"])).startswith(b"application/vnd.oasis"):
        return own[:80].decode("ascii", "replace").strip()
    return "application/zip"


def _zip_names(body: bytes) -> dict[str, str]:
    """Lower-case member names with slashes -> names as stored; from the local headers when the directory is damaged."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            stored = archive.namelist()[:MAX_MEMBERS]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError, EOFError):
        stored = []
        for found in list(LOCAL_NAME.finditer(body))[:MAX_MEMBERS]:
            length = int.from_bytes(found[1], "little")
            stored.append(body[found.end() : found.end() + length].decode("utf-8", "replace"))
    return {name.replace("\\", "/").lstrip("/").lower(): name for name in stored}


def _member(body: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive, archive.open(name) as member:
            return member.read(HEAD * 4)
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, OSError, NotImplementedError, RuntimeError, EOFError):
        return b""


def _text(body: bytes) -> str:
    # most pages say what they are at once
    if _begins_as_page(decode(body[:TOP])[0]):
        return "text/html"
    text, _ = decode(body[: 4 * HEAD])
    if not text.strip() or not is_text(text):
        return UNKNOWN
    return _marked_up(text.lstrip(BLANK), text)


def _begins_as_page(text: str) -> bool:
    head = text.lstrip(BLANK)
    start = LEAD.match(head)
    return bool(PAGE_TAG.match(head, start.end() if start else 0)) and not head.startswith("<?xml") and is_text(text)


def _marked_up(head: str, text: str) -> str:
    if _is_mhtml(head):
        return "multipart/related"
    if head.startswith("<?xml") and (office := _office_xml(head)):
        return office
    if _is_html(head):
        return "text/html"
    if head.startswith("<?xml"):
        return "application/xml"
    return "text/markdown" if MARKDOWN.search(text) else "text/plain"


def _is_mhtml(head: str) -> bool:
    top = head[:4096]
    if not HEADER_LINE.match(top):
        return False
    headers = re.split(r"\r?\n\r?\n", top, maxsplit=1)[0]
    return bool(MHTML.search(headers)) and "mime-version:" in headers.lower()


def _office_xml(head: str) -> str:
    top = head[:8192]
    if "urn:schemas-microsoft-com:office:spreadsheet" in top and "<html" not in top.lower():
        return "application/vnd.ms-excel"
    if "schemas.microsoft.com/office/word/2003/wordml" in top or "schemas.microsoft.com/office/2006/xmlPackage" in top:
        return "application/msword"
    return ""


def _is_html(head: str) -> bool:
    """A page, a fragment of one, or data of a script that holds one. A text with a table in it stays a text."""
    if JSON_START.match(head):
        return bool(ESCAPED_TAG.search(head))
    start = LEAD.match(head)
    first = head[start.end() if start else 0 :]
    if PAGE_TAG.match(first) or TAG.match(first):
        return True
    if first.startswith("<") and PAGE_TAG.search(first):
        return True
    return len(PAGE_TAG.findall(head)) >= 2 or len(LINE_BREAK.findall(head)) >= 3
