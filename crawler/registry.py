"""Keeps what the search for portals looked at, and writes the registry when it ends.

Every page is committed to the archive as it comes (table ``portal_pages``): the sha256 in a row's ``page`` leads to the
bytes that prove it, and a search that was killed goes on from there. The judgement is made once, over all visits,
because a code that a second site carries proves neither. A search that is told to stop takes in what it has proved of
rows that had no proof, and nothing that speaks against a row: the next one goes on with the same pages.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler import due
from crawler.archive import Archive
from crawler.items import PortalFound, PortalPage
from crawler.portals import Refused, RowChange, load_rows, take_in, write_rows
from crawler.store import Store
from parsers.documents import sniff
from parsers.listings.keys import record_key
from parsers.portals import Explored, Finding, Visit, judge
from parsers.reports import divisions

log = logging.getLogger(__name__)

FRESH = timedelta(days=7)
"""Pages of an interrupted search that are older are asked for again."""


class LeftPages:
    """The pages that an interrupted search has brought home, read one at a time."""

    def __init__(self, archive: Archive, since: str) -> None:
        self.archive = archive
        self.keys = archive.pages_left(since)

    def page(self, url: str) -> PortalPage | None:
        key = self.keys.pop(url, None)
        return self.archive.portal_page(key) if key is not None else None


class Register:
    """The pipeline of the spider ``portals``; what other spiders yield passes through."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = Store.of(crawler)
        self.visits: dict[tuple[str, str], Visit] = {}
        self.explored: dict[str, Explored] = {}
        self.official: tuple[str, ...] = ("gov.cn",)
        self.complete = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        spider: Any = self.crawler.spider
        if hasattr(spider, "memory"):
            since = (due.today(self.crawler.settings) - FRESH).isoformat()
            spider.memory = LeftPages(self.store.archive, since)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, PortalPage):
            self._keep(item)
        elif isinstance(item, PortalFound):
            self.official = item.official
            if isinstance(item.found, Visit):
                self.visits[item.found.code, record_key(item.found.asked)] = item.found
            else:
                self.explored[item.found.code] = item.found
        return item

    def _keep(self, page: PortalPage) -> None:
        if self.store.failure:
            raise DropItem("the store is closed after a failed write", log_level="DEBUG")
        try:
            self.store.archive.keep_page(page, sniff(page.body))
        except sqlite3.Error as error:
            self.store.failed(self.crawler, error)
            raise DropItem(str(error)) from error
        self.crawler.stats.inc_value("portals/pages")

    def close_spider(self) -> None:
        spider: Any = self.crawler.spider
        if not hasattr(spider, "memory"):
            return
        self.complete = not spider.exploration.running
        # that nothing links a county is only known when everything was read
        findings = judge(self.visits.values(), self.explored.values() if self.complete else (), self.official)
        counties = {code: one for code, one in findings.items() if divisions.county(code) is not None}
        others = {code: one for code, one in findings.items() if code not in counties and one.status != "none"}
        changes = [*self._write(spider.registry, counties), *self._write(spider.above, others)]
        for name, count in Counter(one.status for one in counties.values()).items():
            self.crawler.stats.set_value(f"portals/counties/{name}", count)
        for one in changes:
            if one.kind in ("moved", "lost"):
                log.warning("The registry changed: %s %s is %s: %s", one.code, one.name, one.kind, one.remark)
        self.crawler.stats.set_value("portals/changes", [list(astuple(one)) for one in changes])

    def _write(self, path: str, findings: dict[str, Finding]) -> Iterable[RowChange]:
        """Takes findings into one file; where it cannot be written, into one of the same name in the data folder."""
        day = due.today(self.crawler.settings)
        try:
            before = load_rows(path, missing=True)
        except Refused as refusal:
            log.error("The registry was changed while the search ran, and cannot be read any more: %s", refusal)
            before = []
            path = str(self._elsewhere(path))
        if not self.complete:
            # what speaks against a row may stand on a page that was not reached: only proofs of what had none count
            settled = {row.code for row in before if row.status == "proved"}
            findings = {code: one for code, one in findings.items() if one.status == "proved" and code not in settled}
        rows, changes = take_in(before, findings, day)
        if rows == before:
            return changes
        try:
            write_rows(path, rows)
        except OSError as error:
            other = self._elsewhere(path)
            log.error("%s cannot be written (%s); the registry is in %s", path, error, other)
            write_rows(other, rows)
        return changes

    def _elsewhere(self, path: str) -> Path:
        return Path(self.crawler.settings["DATA_DIR"]) / f"new-{Path(path).name}"
