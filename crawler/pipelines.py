"""Archive -> Read -> Check: one class and one verb each, in this order."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.items import ListRead, PortalRead, Sighting
from crawler.reading import ReadingRoom
from crawler.store import Store
from parsers.documents import ARCHIVES, sniff
from parsers.documents.model import Member, Unread
from parsers.reading import Reading, reader_version
from parsers.reports.checks import evaluate
from parsers.reports.model import Context

log = logging.getLogger(__name__)


class Pipeline:
    """What the three have in common: the store, and the rule that a refused write ends the crawl."""

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
        except sqlite3.Error as error:
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
            self.store.archive.portal_read(item)


class Read(Pipeline):
    """Reads what was kept, in worker processes, and stores what came of it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.room = ReadingRoom.from_settings(crawler.settings)
        self.reader = reader_version()

    def close_spider(self) -> None:
        self.room.close()

    async def process(self, item: Any) -> None:
        if isinstance(item, Sighting):
            await self.read(item)

    async def read(self, sighting: Sighting) -> None:
        if self.store.dataset.seen_again(sighting, self.reader):
            self.stats.inc_value("documents/unchanged")
        elif sniff(sighting.body) in ARCHIVES:
            await self.unpack(sighting)
        else:
            reading = await self.room.read(sighting.body, self.context(sighting), charset(sighting.content_type))
            self.write(sighting, reading, sighting)

    async def unpack(self, sighting: Sighting) -> None:
        """Every file of an archive is a document of its own, at the address ``archive#name``."""
        try:
            members = await self.room.unpack(sighting.body)
        except Unread as refusal:
            self.write(sighting, Reading(sniff(sighting.body), None, refusal.reason, refusal.detail), sighting)
            return
        for member in members:
            inner = member_sighting(sighting, member)
            self.store.archive.keep(inner, sniff(inner.body))
            if not self.store.dataset.seen_again(inner, self.reader):
                self.write(inner, await self.room.read(inner.body, self.context(inner)), sighting)

    def context(self, sighting: Sighting) -> Context:
        portals = getattr(self.crawler.spider, "portals", ())
        names = {portal.code: portal.name for portal in portals}
        return context(sighting, names.get(sighting.county_code, ""))

    def write(self, sighting: Sighting, reading: Reading, item: Sighting) -> None:
        """Stores a reading of ``sighting``, which is ``item`` or a file inside it."""
        report_id = self.store.dataset.write(sighting, reading, self.reader)
        if report_id is not None and reading.report is not None:
            item.reports.append((report_id, reading.report))
        self.stats.inc_value("reports/held" if reading.report else f"documents/unread/{reading.reason}")
        if reading.report is None and reading.reason not in {"not_a_report", "foreign"}:
            log.warning("Unread (%s: %s): %s", reading.reason, reading.detail, sighting.url)
        for note in reading.report.notes if reading.report else ():
            log.info("%s: %s", sighting.url, note)


class Check(Pipeline):
    """Takes the identities of the form in what was read; a broken one is a finding, never a correction."""

    async def process(self, item: Any) -> None:
        for report_id, report in item.reports if isinstance(item, Sighting) else ():
            findings = evaluate(report)
            self.store.dataset.write_findings(report_id, findings)
            for finding in findings:
                self.stats.inc_value(f"findings/{finding.status}")


def context(sighting: Sighting, county_name: str) -> Context:
    """What is known of a document before it is read."""
    return Context(
        county_code=sighting.county_code,
        county_name=county_name,
        titles=sighting.titles,
        agency=sighting.agency,
        published=sighting.published,
        url=sighting.page_url or sighting.url,
    )


def charset(content_type: str) -> str:
    """``text/html; charset=gb2312`` -> ``gb2312``."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()
    return ""


def member_sighting(archive: Sighting, member: Member) -> Sighting:
    """A file inside an archive; its own name is its best title, the archive's titles follow."""
    return replace(
        archive,
        url=f"{archive.url}#{quote(member.name)}",
        body=member.body,
        content_type="",
        titles=(PurePosixPath(member.name).stem, *archive.titles),
        page_url=archive.page_url or archive.url,
        headers=(),
        sha256="",
        reports=[],
    )
