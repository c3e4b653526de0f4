"""Reading in worker processes with limits of time and memory, so that no document can stop a crawl.

``ReadingRoom`` is the pool, ``Reader`` what a crawl and ``scrapy reread`` do with a document that the archive holds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from multiprocessing import get_context
from pathlib import PurePosixPath
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from pebble import ProcessExpired, ProcessPool
from scrapy.settings import BaseSettings

from crawler import worker
from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.items import Sighting
from parsers import documents
from parsers.documents.limits import Limits
from parsers.documents.model import Member, Unread
from parsers.reading import Reading, reader_version
from parsers.reports.checks import evaluate
from parsers.reports.model import Context

log = logging.getLogger(__name__)

T = TypeVar("T")


class NoReaders(RuntimeError):
    """The processes that read cannot be started: nothing about a document, and nobody reads any."""


PRELOADED = ["crawler.worker", "parsers.reports.read", "parsers.documents.html", "parsers.documents.docx"]
"""What the reading processes have in common: loaded once, before the first of them is forked."""


def limits_of(settings: BaseSettings) -> Limits:
    """The limits of one document from the settings ``DOCUMENT_MAX_*``."""
    return Limits(
        bytes=settings.getint("DOCUMENT_MAX_BYTES"),
        unpacked=settings.getint("DOCUMENT_MAX_UNPACKED"),
        pages=settings.getint("DOCUMENT_MAX_PAGES"),
        cells=settings.getint("DOCUMENT_MAX_CELLS"),
        members=settings.getint("DOCUMENT_MAX_MEMBERS"),
    )


class ReadingRoom:
    """A pool of processes that read. ``seconds`` and ``megabytes`` bound one document and its process."""

    def __init__(self, *, workers: int, seconds: float, megabytes: int, limits: Limits) -> None:
        self.workers = workers
        self.seconds = seconds
        self.limits = limits
        # not forked from the crawl's process, whose threads and event loop a fork would copy half-way, but from a
        # server that has loaded the readers and nothing else; it starts with the first document
        context = get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self.pool = ProcessPool(max_workers=workers, context=context, initializer=worker.prepare, initargs=[megabytes])

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> ReadingRoom:
        return cls(
            workers=settings.getint("READ_WORKERS"),
            seconds=settings.getfloat("READ_TIMEOUT"),
            megabytes=settings.getint("READ_MEMORY_MB"),
            limits=limits_of(settings),
        )

    async def read(self, body: bytes, context: Context, charset: str = "") -> Reading:
        """Reads one document; what happens to the process is a reason, never an exception."""
        try:
            return await self._run(worker.read, body, context, charset, self.limits)
        except Unread as refusal:
            return Reading(documents.sniff(body), None, refusal.reason, refusal.detail)

    async def read_series(self, images: Sequence[bytes], context: Context) -> Reading:
        """Reads pictures that are the pages of one report."""
        try:
            return await self._run(worker.read_series, list(images), context, self.limits)
        except Unread as refusal:
            return Reading(documents.sniff(images[0]), None, refusal.reason, refusal.detail)

    async def unpack(self, body: bytes) -> list[Member]:
        """The files inside an archive. Raises Unread."""
        return await self._run(worker.unpack, body, self.limits)

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        began = monotonic()
        try:
            future = self.pool.schedule(function, args=list(arguments), timeout=self.seconds)
        except RuntimeError as error:
            raise NoReaders(f"no process that reads can be started: {error or type(error).__name__}") from error
        try:
            result: T = await asyncio.wrap_future(future)
        except FutureTimeoutError:
            if monotonic() - began < self.seconds:
                # the pool counts by the wall clock, which somebody has set forward
                return await self._run(function, *arguments)
            raise Unread("timeout", f"the reader was stopped after {self.seconds:g} s") from None
        except MemoryError:
            raise Unread("memory", "the reader passed its limit of memory") from None
        except ProcessExpired as error:
            raise Unread("crashed", f"the reader's process ended with code {error.exitcode}") from None
        return result

    def close(self) -> None:
        self.pool.stop()  # type: ignore[no-untyped-call]
        self.pool.join()


class Reader:
    """Reads documents that the archive holds and stores what came of it. ``names`` maps county codes to names,
    ``count`` takes the name of a stat. With ``again`` it reads what it has read before, too."""

    def __init__(
        self,
        archive: Archive,
        dataset: Dataset,
        room: ReadingRoom,
        names: Mapping[str, str],
        count: Callable[[str], None],
        *,
        again: bool = False,
    ) -> None:
        self.archive = archive
        self.dataset = dataset
        self.room = room
        self.names = names
        self.count = count
        self.again = again
        self.version = reader_version()

    async def read(self, sighting: Sighting) -> None:
        """Reads a document, or the files of an archive."""
        if self._is_read(sighting):
            self.count("documents/unchanged")
            return
        media_type = documents.sniff(sighting.body)
        if media_type in documents.ARCHIVES:
            await self._unpack(sighting)
        elif not (media_type.startswith("image/") and sighting.page_url not in {"", sighting.url}):
            # a picture on a page is one of a series: read_series
            told = charset(sighting.content_type)
            self._store(sighting, await self.room.read(sighting.body, self._context(sighting), told))

    async def read_series(self, county_code: str) -> None:
        """Reads reports that were pasted into pages as pictures: all pictures of a page together."""
        read = set() if self.again else self.dataset.reading_keys(county_code, self.version)
        for keys in self.archive.image_keys(county_code).values():
            if read.issuperset(keys):
                continue
            pictures = [self.archive.sighting(county_code, *key) for key in keys]
            first = pictures[0]
            reading = await self.room.read_series([picture.body for picture in pictures], self._context(first))
            self._store(first, reading)
            for picture in pictures[1:]:
                self.dataset.write_whole(picture, f"a page of the document at {first.url}", self.version)

    async def _unpack(self, sighting: Sighting) -> None:
        """Every file of an archive is a document of its own, at the address ``archive#name``."""
        try:
            members = await self.room.unpack(sighting.body)
        except Unread as refusal:
            self._store(sighting, Reading(documents.sniff(sighting.body), None, refusal.reason, refusal.detail))
            return
        self.count("documents/archives")
        for member in members:
            self.count("documents/inside")
            inner = member_sighting(sighting, member)
            self.archive.keep(inner, documents.sniff(inner.body))
            if not self._is_read(inner):
                self._store(inner, await self.room.read(inner.body, self._context(inner)))
        self.dataset.write_whole(sighting, f"an archive of {len(members)} files", self.version)

    def _is_read(self, sighting: Sighting) -> bool:
        return not self.again and self.dataset.seen_again(sighting, self.version)

    def _store(self, sighting: Sighting, reading: Reading) -> None:
        """Takes the identities of the form in what was read; a broken one is a finding, never a correction."""
        findings = evaluate(reading.report) if reading.report else ()
        self.dataset.write(sighting, reading, self.version, findings)
        for finding in findings:
            self.count(f"findings/{finding.status}")
        self.count("reports/held" if reading.report else f"documents/unread/{reading.reason}")
        if reading.report is None and reading.reason not in {"not_a_report", "foreign"}:
            log.warning("Unread (%s: %s): %s", reading.reason, reading.detail, shown(sighting.url))
        for note in reading.report.notes if reading.report else ():
            log.info("%s: %s", shown(sighting.url), note)

    def _context(self, sighting: Sighting) -> Context:
        return Context(
            county_code=sighting.county_code,
            county_name=self.names.get(sighting.county_code, ""),
            titles=sighting.titles,
            agency=sighting.agency,
            published=sighting.published,
            url=sighting.page_url or sighting.url,
        )


def shown(url: str) -> str:
    """An address as people read it: a file's as its path, not as ``file:///…%E5%B9%B3``."""
    return unquote(url.removeprefix("file://")) if url.startswith("file://") else url


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
        files=(),
    )


def is_member(url: str) -> bool:
    """Whether an address is of a file inside an archive: no server is ever asked for an address with a fragment."""
    return "#" in url
