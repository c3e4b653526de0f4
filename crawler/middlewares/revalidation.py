"""Documents that are known are asked for with conditions, and an answer of 304 means: the same document, seen again.

Only requests with ``meta["document"] = True`` are conditional. Lists never are: a list must be read as it is now. The
callback of a document gets the response with status 304, no body, and ``response.meta["not_modified"]`` is the sha256
of the document that the archive holds.

Whoever holds the archive hands it over when the crawl opens::

    crawler.get_downloader_middleware(Revalidation).memory = archive      # anything with ``known(url)``

Settings: ``DOWNLOADER_MIDDLEWARES = {"crawler.middlewares.revalidation.Revalidation": 400}``
"""

from __future__ import annotations

from typing import Protocol, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response


class Known(Protocol):
    """The newest good answer of an address; an empty string where there was no such header."""

    @property
    def etag(self) -> str: ...
    @property
    def last_modified(self) -> str: ...
    @property
    def sha256(self) -> str: ...


class Memory(Protocol):
    def known(self, url: str) -> Known | None: ...


class Revalidation:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.memory: Memory | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Conditions belong to one address: those that a redirect or a retry has brought along are written anew."""
        request.meta.pop("not_modified", None)
        if request.meta.pop("conditional", False):
            request.headers.pop(b"If-None-Match", None)
            request.headers.pop(b"If-Modified-Since", None)
        if (
            self.memory is None
            or not request.meta.get("document")
            or request.method != "GET"
            or request.meta.get("render")
        ):
            return
        known = self.memory.known(request.url)
        if known is None or not known.sha256 or not (known.etag or known.last_modified):
            return
        if known.etag:
            request.headers[b"If-None-Match"] = known.etag
        if known.last_modified:
            request.headers[b"If-Modified-Since"] = known.last_modified
        request.meta["conditional"] = True
        request.meta["known_sha256"] = known.sha256
        allowed = request.meta.get("handle_httpstatus_list", getattr(self.crawler.spider, "handle_httpstatus_list", ()))
        request.meta["handle_httpstatus_list"] = sorted({*allowed, 304})

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status == 304 and request.meta.get("conditional"):
            request.meta["not_modified"] = request.meta["known_sha256"]
            self.crawler.stats.inc_value("revalidation/not_modified")
        return response
