"""Writes down every answer: the memory that a later visit, or the same one after an interruption, begins from."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.asyncio import create_looping_call

from crawler.middlewares.revalidation import Revalidation
from crawler.store import Store

BATCH = 50
SECONDS = 2.0


class Visits:
    """Collects answers and commits them every few seconds. ``outcome`` is ``ok``, ``same`` (304) or ``status``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.rows: list[dict[str, Any]] = []
        self.clock = create_looping_call(self.flush)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Visits:
        visits = cls(crawler)
        crawler.signals.connect(visits.opened, signals.spider_opened)
        crawler.signals.connect(visits.received, signals.response_received)
        crawler.signals.connect(visits.closed, signals.engine_stopped)
        return visits

    def opened(self) -> None:
        revalidation = self.crawler.get_downloader_middleware(Revalidation)
        if revalidation is not None:
            revalidation.memory = Store.of(self.crawler).archive
        self.clock.start(SECONDS, now=False)

    def received(self, response: Response, request: Request) -> None:
        survey = (request.cb_kwargs or {}).get("survey")
        portal = getattr(survey, "portal", None)
        self.rows.append(
            {
                "url": response.url,
                "via": "browser" if "browser" in response.flags else "http",
                "county_code": getattr(portal, "code", None),
                "status": response.status,
                "etag": _header(response, b"ETag"),
                "last_modified": _header(response, b"Last-Modified"),
                "sha256": sha256(response.body).hexdigest(),
                "bytes": len(response.body),
                "seconds": request.meta.get("download_latency"),
                "outcome": {200: "ok", 304: "same"}.get(response.status, "status"),
            }
        )
        if len(self.rows) >= BATCH:
            self.flush()

    def flush(self) -> None:
        store = Store.of(self.crawler)
        if not self.rows or store.failure or store.closed:
            return
        rows, self.rows = self.rows, []
        try:
            store.archive.visited(rows)
        except sqlite3.Error as error:
            self.crawler.stats.inc_value("visits/lost", len(rows))
            store.failed(self.crawler, error)

    def closed(self) -> None:
        if self.clock.running:
            self.clock.stop()


def _header(response: Response, name: bytes) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""
