"""Archive -> Read: one class and one verb each, in this order. What is read is checked in the same write."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler import due
from crawler.items import ListRead, NoDocument, PortalRead, Sighting
from crawler.reading import NoReaders, Reader, ReadingRoom, is_member
from crawler.store import Store
from parsers.documents import sniff

log = logging.getLogger(__name__)


class Pipeline:
    """What both have in common: the store, and the rule that a refused write, or readers that cannot start, end the
    crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = Store.of(crawler)
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pipeline:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        if self.store.failure:
            raise DropItem("the store is closed after a failed write", log_level="DEBUG")
        try:
            await self.process(item)
        except (sqlite3.Error, NoReaders) as error:
            self.store.failed(self.crawler, error)
            raise DropItem(str(error)) from error
        return item

    async def process(self, item: Any) -> None:
        raise NotImplementedError


class Archive(Pipeline):
    """Keeps what was served, before anyone reads it."""

    async def process(self, item: Any) -> None:
        if isinstance(item, Sighting):
            self.store.archive.keep(item, sniff(item.body))
            self.stats.inc_value("documents/seen")
        elif isinstance(item, ListRead):
            self.store.archive.list_read(item)
            if not item.complete:
                log.warning("A list was not read to its end: %s (%s)", item.url, item.reason)
        elif isinstance(item, PortalRead):
            self.store.archive.portal_read(item, due.today(self.crawler.settings))
        elif isinstance(item, NoDocument):
            self.store.archive.no_document(item, due.today(self.crawler.settings))
            if item.outcome not in ("same", "seen"):
                log.info("No document (%s: %s): %s", item.outcome, item.reason, item.url)


class Read(Pipeline):
    """Reads what was kept, in worker processes, and stores what came of it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.room = ReadingRoom.from_settings(crawler.settings)
        self.reader: Reader | None = None

    async def open_spider(self) -> None:
        portals = getattr(self.crawler.spider, "portals", ())
        try:
            names = {portal.code: portal.name for portal in (*self.store.archive.registered(), *portals)}
            self.reader = Reader(self.store.archive, self.store.dataset, self.room, names, self.stats.inc_value)
            for code in sorted({*(portal.code for portal in portals), *self.store.archive.left_behind()}):
                await self.catch_up(self.reader, code)
        except (sqlite3.Error, NoReaders) as error:
            self.store.failed(self.crawler, error)

    async def catch_up(self, reader: Reader, county_code: str) -> None:
        """Reads what an interrupted run archived and did not come to read: its server may answer that nothing has
        changed, and then nobody would ever read it."""
        read = self.store.dataset.reading_keys(county_code)
        # a file inside an archive is read with the archive
        keys = [key for key in self.store.archive.sighting_keys(county_code) if not is_member(key[0])]
        if read.issuperset(keys):
            return
        for url, sha256 in keys:
            if (url, sha256) not in read:
                sighting = self.store.archive.sighting(county_code, url, sha256)
                await reader.read(sighting)
                self.stats.inc_value("documents/caught_up")
        await reader.read_series(county_code)

    def close_spider(self) -> None:
        self.room.close()

    async def process(self, item: Any) -> None:
        if self.reader is None:
            return
        if isinstance(item, Sighting):
            await self.reader.read(item)
        elif isinstance(item, PortalRead):
            await self.reader.read_series(item.county_code)
