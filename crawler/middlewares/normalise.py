"""What an answer is, by its bytes: the class of the response and the charset of its text. Bytes are never changed.

Portals serve attachments as text/html, pages as application/octet-stream, and GBK under ``charset=utf-8``. Whatever
the headers say, a PDF, an office file, an archive or an image comes as a plain ``Response``, and a page as
``HtmlResponse``.

``Fingerprints`` tells the filter of duplicates which requests are the same: without session ids, default ports and the
case of paths on servers that don't tell case apart (ASP and ASP.NET).

Settings::

    DOWNLOADER_MIDDLEWARES = {
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "crawler.middlewares.normalise.Unpacked": 590,
        "crawler.middlewares.normalise.Normalise": 585,
    }
    REQUEST_FINGERPRINTER_CLASS = "crawler.middlewares.normalise.Fingerprints"
"""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Request, Response, TextResponse
from scrapy.utils.request import RequestFingerprinter

from crawler.middlewares.outcomes import Skipped, Unreachable
from parsers.documents.charset import SAMPLE, decode

FILES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
    b"\x1f\x8b\x08",
    b"Founder",
    b"CEBX",
)
HEAD = 1024
# <!DOCTYPE html>, <html>, <script>, after a byte order mark, blanks, comments or an XML declaration
PAGE = re.compile(
    rb"^(?:\xef\xbb\xbf|\s|<!--.{0,800}?-->|<\?xml[^>]{0,200}\?>){0,20}"
    rb"<(?:!doctype\s+html|html|head|body|script|meta|title|link|style|div|table|ul|iframe|frameset|ucap)",
    re.I | re.S,
)
UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download", "text/plain"})
SESSION = re.compile(r";jsessionid=[^/?#;]*", re.I)  # /a/list.jsp;jsessionid=0A1B2C?page=2
IIS = re.compile(r"\.(?:aspx?|ashx|asmx)$", re.I)
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_file(body: bytes) -> bool:
    """Whether the first bytes are those of a document, an archive or an image; PDFs may have junk before the mark."""
    head = body[:HEAD]
    return head.startswith(FILES) or (b"%PDF-" in head and not head.lstrip().startswith(b"<"))


def is_page(body: bytes) -> bool:
    return bool(PAGE.match(body[: 4 * HEAD]))


def right_charset(body: bytes, used: str) -> str:
    """The charset that the bytes are in, when ``used`` is wrong for them; else nothing."""
    if body.isascii():
        return ""
    _, charset = decode(body[:SAMPLE])
    narrow = {"utf-8", "gb18030"}
    return charset if charset in narrow and _family(used) != charset else ""


def _family(charset: str) -> str:
    name = charset.lower().replace("_", "-")
    if name in {"utf8", "utf-8", "utf-8-sig"}:
        return "utf-8"
    return "gb18030" if name in {"gb2312", "gbk", "gb18030", "cp936", "x-gbk", "hz-gb-2312"} else name


class Unpacked(HttpCompressionMiddleware):
    """Scrapy's unpacking of gzip, deflate, br and zstd; what cannot be unpacked has an outcome."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise Skipped("larger than the limit when unpacked") from error
        except Exception as error:
            # each library has exceptions of its own; the bytes are damaged or are not what the header says
            raise Unreachable(f"the answer cannot be unpacked ({type(error).__name__})") from error


class Normalise:
    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if not response.body:
            return response
        if is_file(response.body):
            return self._as_file(response)
        declared = (response.headers.get(b"Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
        if not isinstance(response, HtmlResponse) and declared in UNTYPED and is_page(response.body):
            self.stats.inc_value("transport/page_by_content")
            response = response.replace(cls=HtmlResponse)
        if isinstance(response, TextResponse) and (charset := right_charset(response.body, response.encoding)):
            self.stats.inc_value(f"transport/charset_corrected/{charset}")
            return response.replace(encoding=charset)
        return response

    def _as_file(self, response: Response) -> Response:
        if not isinstance(response, TextResponse):
            return response
        self.stats.inc_value("transport/file_by_content")
        return Response(
            response.url,
            status=response.status,
            headers=response.headers,
            body=response.body,
            flags=response.flags,
            request=response.request,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )


def same_address(url: str) -> str:
    """An address for comparing: no session id, no default port, the path in lower case where the server is IIS."""
    parts = urlsplit(url)
    path = SESSION.sub("", parts.path)
    netloc = parts.netloc.removesuffix(DEFAULT_PORTS.get(parts.scheme, "\0"))
    return urlunsplit((parts.scheme, netloc, path.lower() if IIS.search(path) else path, parts.query, parts.fragment))


class Fingerprints:
    """Scrapy's fingerprint of the address for comparing."""

    def __init__(self, crawler: Crawler) -> None:
        self._scrapy = RequestFingerprinter(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def fingerprint(self, request: Request) -> bytes:
        address = same_address(request.url)
        return self._scrapy.fingerprint(request if address == request.url else request.replace(url=address))
