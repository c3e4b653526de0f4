"""No bandwidth on what is no report: a download ends as soon as its headers or first bytes show what it is.

Video, sound and programs always end so. Archives end so unless the spider said that it expects a document
(``meta["document"] = True``): a report can come as a zip of nine townships, but a page that turns out to be an archive
is none. Pages and documents have size limits of their own. What was stopped reaches the errback as ``skipped``.

Settings::

    EXTENSIONS = {"crawler.middlewares.bandwidth.Bandwidth": 0}
    PAGE_MAX_BYTES = 16 * 1024**2
    DOWNLOAD_MAXSIZE = 64 * 1024**2       # bytes of any document, packed or unpacked
    DOWNLOAD_WARNSIZE = 0
"""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Request
from scrapy.http.headers import Headers

MEDIA_NAME = re.compile(
    r"\.(?:mp[234]|m4[av]|avi|wmv|wma|flv|f4v|mkv|mov|mpe?g|rm(?:vb)?|webm|wav|aac|ogg|3gp|m3u8|ts)$", re.I
)
PROGRAM_NAME = re.compile(r"\.(?:exe|msi|apk|ipa|dmg|iso|img|deb|rpm|cab|jar|dll)$", re.I)
ARCHIVE_NAME = re.compile(r"\.(?:zip|rar|7z|tar|t?gz|bz2|xz)$", re.I)
ARCHIVE_TYPE = re.compile(
    r"^application/(?:x-)?(?:zip|rar|vnd\.rar|7z-compressed|zip-compressed|rar-compressed|tar|gzip)\b", re.I
)
PROGRAM_TYPE = re.compile(
    r"^application/(?:x-msdownload|x-msi|vnd\.android|java-archive|x-iso9660|x-apple-diskimage)", re.I
)
PAGE_TYPE = re.compile(r"^(?:text/|application/(?:json|xml|xhtml|javascript|x-javascript|rss|atom))", re.I)
FILENAME = re.compile(r"filename\*?=[\"']?(?:[\w-]{1,20}'')?([^\"';]{1,300})", re.I)  # attachment; filename="a.zip"

MEDIA_MAGIC = (
    b"ID3",
    b"FLV\x01",
    b"\x1aE\xdf\xa3",
    b"0&\xb2u\x8ef\xcf\x11",
    b"OggS",
    b".RMF",
    b"\x00\x00\x01\xba",
    b"#EXTM3U",
)
PROGRAM_MAGIC = (b"MZ\x90\x00", b"\x7fELF", b"dex\n", b"\xca\xfe\xba\xbe")
ARCHIVE_MAGIC = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")  # not gzip: that is how pages travel
# a docx, xlsx or ofd is a zip too; its first member says so
OFFICE_MEMBER = re.compile(rb"\[Content_Types\]|_rels|word/|xl/|ppt/|docProps|mimetype|OFD\.xml|Doc_\d|META-INF", re.I)


class Unwanted(StopDownload):
    """Ends the download; ``reason`` becomes the reason of ``Skipped``."""

    def __init__(self, reason: str) -> None:
        super().__init__(fail=True)
        self.reason = reason


class Bandwidth:
    def __init__(self, crawler: Crawler) -> None:
        self.document_limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.page_limit = crawler.settings.getint("PAGE_MAX_BYTES", 16 * 1024**2)
        self._received: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self._limit: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.headers_received, signal=signals.headers_received)
        crawler.signals.connect(extension.bytes_received, signal=signals.bytes_received)
        return extension

    def headers_received(self, headers: Headers, body_length: object, request: Request, spider: Spider) -> None:
        media_type = (headers.get(b"Content-Type") or b"").decode("latin-1").strip().lower()
        expected = bool(request.meta.get("document"))
        self._stop(unwanted_by_header(media_type, file_name(request.url, headers), expected))
        limit = self.page_limit if PAGE_TYPE.match(media_type) and not expected else self.document_limit
        self._limit[request] = limit
        self._received[request] = 0
        if isinstance(body_length, int) and body_length > limit:
            self._stop(f"larger than the limit ({body_length} bytes)")

    def bytes_received(self, data: bytes, request: Request, spider: Spider) -> None:
        received = self._received.get(request, 0)
        if not received:
            self._stop(unwanted_by_bytes(data, bool(request.meta.get("document"))))
        self._received[request] = received + len(data)
        if received + len(data) > self._limit.get(request, self.document_limit):
            self._stop("larger than the limit")

    def _stop(self, reason: str) -> None:
        if reason:
            self.stats.inc_value("transport/stopped")
            raise Unwanted(reason)


def file_name(url: str, headers: Headers) -> str:
    """The name in Content-Disposition, else the last part of the path."""
    disposition = (headers.get(b"Content-Disposition") or b"").decode("latin-1")
    if found := FILENAME.search(disposition):
        return unquote(found[1], errors="replace").strip()
    return unquote(urlsplit(url).path.rpartition("/")[2], errors="replace")


def unwanted_by_header(media_type: str, name: str, expected: bool) -> str:
    """Why a download need not begin, or nothing. Names like ``list.ts`` say nothing of a page."""
    page = bool(PAGE_TYPE.match(media_type))
    if media_type.startswith(("video/", "audio/")) or (MEDIA_NAME.search(name) and not page):
        return "video or sound"
    if PROGRAM_TYPE.match(media_type) or (PROGRAM_NAME.search(name) and not page):
        return "a program"
    if not expected and not page and (ARCHIVE_TYPE.match(media_type) or ARCHIVE_NAME.search(name)):
        return "an archive that nobody called a report"
    return ""


def unwanted_by_bytes(start: bytes, expected: bool) -> str:
    """The same by the first bytes that came."""
    if (
        start.startswith(MEDIA_MAGIC)
        or start[4:8] == b"ftyp"
        or (start[:4] == b"RIFF" and start[8:12] in {b"AVI ", b"WAVE"})
    ):
        return "video or sound"
    if start.startswith(PROGRAM_MAGIC):
        return "a program"
    if expected:
        return ""
    if start.startswith(ARCHIVE_MAGIC) or (start.startswith(b"PK\x03\x04") and not OFFICE_MEMBER.search(start[:400])):
        return "an archive that nobody called a report"
    return ""
