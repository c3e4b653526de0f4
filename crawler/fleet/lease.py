"""A crawl that may ask its servers only as long as its job's lease runs, and knows what other workers have learned."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler import due
from crawler.archive import Answer, Archive
from crawler.fleet.memory import Memory, together, unpack
from crawler.fleet.state import Fleet, FleetDown
from crawler.handlers import Transport
from crawler.ledger import known_pages
from crawler.middlewares.outcomes import Stopped
from crawler.middlewares.politeness import polite_downloader
from crawler.middlewares.revalidation import Revalidation
from crawler.store import Store

log = logging.getLogger(__name__)

MARGIN = 0.2
"""Part of a lease in which nothing is sent any more: a request takes its time."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker tells the crawl that it starts; ``memories`` maps counties to files, ``parent`` is a process id."""

    job: str
    token: int
    redis: str
    lease: float
    folder: str
    registry: str
    counties: tuple[str, ...]
    places: tuple[str, ...]
    shard: str
    parent: int
    memories: Mapping[str, str]
    settings: Mapping[str, str]
    learned: str = ""
    """Whose documents the crawl relies on: ``640221:w2-0,w3-0;640522:w2-0``."""
    year: str = ""

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: str | Path) -> Order:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(**{**found, "counties": tuple(found["counties"]), "places": tuple(found["places"])})


class Lease:
    """Keeps a job in a thread of its own. ``left`` counts by the monotonic clock, which goes on while a process is
    stopped: whoever wakes up after the end knows it before anything is sent."""

    def __init__(self, fleet: Fleet, job: str, token: int, seconds: float) -> None:
        self.fleet = fleet
        self.job = job
        self.token = token
        self.seconds = seconds
        self.until = monotonic() + seconds * (1 - MARGIN)
        self.lost = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._told: Callable[[], None] = lambda: None

    def start(self, told: Callable[[], None]) -> None:
        """Renews from now on; ``told`` is called in the thread when the job is lost."""
        self._told = told
        self.renew()
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    @property
    def left(self) -> float:
        """Seconds in which a request may still be sent; 0 when the job is lost."""
        return 0.0 if self.lost else max(0.0, self.until - monotonic())

    def renew(self) -> None:
        asked = monotonic()
        try:
            reason = self.fleet.renew(self.job, self.token, self.seconds)
        except FleetDown as down:
            if not self.left:
                self.lost = self.lost or f"the lease ran out: {down.args[0]}"
            return
        if reason:
            self.lost = self.lost or reason
        else:
            self.until = asked + self.seconds * (1 - MARGIN)

    def _keep(self) -> None:
        while not self._ended.wait(self.seconds / 6):
            self.renew()
            if self.lost:
                self._told()
                return


def void(_: object) -> None:
    """Takes a result and drops it."""


class Leased:
    """Extension: the run has the number of the job's token, and ends when the job is lost."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.order = Order.read(crawler.settings["FLEET_ORDER"])
        fleet = Fleet(self.order.redis, timeout=max(1.0, self.order.lease / 6))
        self.lease = Lease(fleet, self.order.job, self.order.token, self.order.lease)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        Store.of(crawler).archive.number = made.order.token
        crawler.signals.connect(made.opened, signals.spider_opened)
        crawler.signals.connect(made.closed, signals.engine_stopped)
        return made

    def opened(self, spider: Spider) -> None:
        # texts of a spider are kept with its run
        spider.shard = self.order.shard  # type: ignore[attr-defined]
        spider.job = self.order.job  # type: ignore[attr-defined]
        spider.learned = self.order.learned  # type: ignore[attr-defined]
        store = Store.of(self.crawler)
        for code, memory in memories_of(self.order).items():
            store.archive.take_over(code, memory.state)
        loop = asyncio.get_running_loop()
        self.lease.start(lambda: void(loop.call_soon_threadsafe(self.end)))

    def end(self) -> None:
        log.critical("The crawl ends: %s. What was committed is kept.", self.lease.lost)
        polite_downloader(self.crawler).give_up(lambda _: True, Stopped("the job was given to another worker"))
        self.ending = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="lease_lost"))

    def closed(self) -> None:
        self.lease.stop()


class LeasedTransport(Transport):
    """Sends only while the lease runs; a server that the job did not name is taken for one request at a time."""

    async def download_request(self, request: Request) -> Response:
        leased = self.crawler.get_extension(Leased)
        assert leased is not None
        place = polite_downloader(self.crawler).get_slot_key(request)
        if place in leased.order.places:
            return await super().download_request(request)
        await self._rent(leased, place)
        try:
            return await super().download_request(request)
        finally:
            rest = polite_downloader(self.crawler).pace(place).delay
            await self._quietly(leased.lease.fleet.leave, leased.order.job, place, rest)

    async def plain(self, request: Request) -> Response:
        leased = self.crawler.get_extension(Leased)
        assert leased is not None
        if not leased.lease.left:
            raise Stopped("the job was given to another worker")
        return await super().plain(request)

    async def _rent(self, leased: Leased, place: str) -> None:
        lease, order = leased.lease, leased.order
        longest = self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT") + self.crawler.settings.getfloat("RENDER_TIMEOUT")
        while True:
            wait = await self._quietly(lease.fleet.rent, order.job, order.token, place, longest)
            if wait == 0:
                return
            if wait is None or wait < 0 or not lease.left:
                raise Stopped("the job was given to another worker, or Redis is away")
            await asyncio.sleep(min(wait, 1.0))

    async def _quietly(self, question: Callable[..., Any], *arguments: object) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(None, question, *arguments)
        except FleetDown as down:
            log.warning("%s", down.args[0])
            return None


def memories_of(order: Order) -> dict[str, Memory]:
    return {code: unpack(Path(path).read_bytes(), code) for code, path in order.memories.items()}


class Remembered:
    """Asks the archive for the conditions of an address, and the memory where the archive has none."""

    def __init__(self, archive: Archive, memories: Mapping[str, Memory]) -> None:
        self.archive = archive
        self.answers = {
            each.url: (each.checked, Answer(each.etag, each.last_modified, each.sha256))
            for memory in memories.values()
            for each in memory.documents.values()
        }

    def known(self, url: str) -> Answer | None:
        checked, answer = self.answers.get(url, ("", None))
        own = self.archive.known(url)
        if own is None or (answer is not None and checked > self.archive.answered(url)):
            return answer
        return own


class Taught:
    """Extension: gives the spider what the crawls of other shards have learned of its counties."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.order = Order.read(crawler.settings["FLEET_ORDER"])
        self.memories = memories_of(self.order)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.opened, signals.spider_opened)
        return made

    def opened(self, spider: Spider) -> None:
        store = Store.of(self.crawler)
        day: date = due.today(self.crawler.settings)
        known = dict(spider.known)  # type: ignore[attr-defined]
        for code, memory in self.memories.items():
            archive = store.archive
            published = together(archive.published(code), memory)
            settled = store.dataset.settled(code) | {url for url, each in memory.documents.items() if each.settled}
            lost = archive.visit_memory(code).lost
            known[code] = known_pages(published, settled, day, archive.waiting(code), lost)
        spider.known = known  # type: ignore[attr-defined]
        revalidation = self.crawler.get_downloader_middleware(Revalidation)
        if revalidation is not None:
            revalidation.memory = Remembered(store.archive, self.memories)
