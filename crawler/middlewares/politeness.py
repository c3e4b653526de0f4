"""One request at a time for each server, at least a second after the last answer, and slower when the server suffers.

A server is an address: sub-sites, sibling hosts and counties on one platform share a slot when their names lead to the
same address (``POLITENESS_BY_ADDRESS``). The slot is worked out again for every request, so a redirect, a retry or a
render always waits in the slot of the host that it goes to, never of the one that it came from. What Scrapy would keep
in ``meta["download_slot"]`` is ignored on purpose.

Scrapy 2.14 to 2.19 ignore the limit of one request for each slot when its delay is 0, so a crawl with such a setting
does not start.

Settings::

    DOWNLOADER = "crawler.middlewares.politeness.PoliteDownloader"
    DOWNLOADER_MIDDLEWARES = {"crawler.middlewares.politeness.Politeness": 890}
    DOWNLOAD_DELAY = 1.0                  # seconds between the end of an answer and the next request; never 0
    DOWNLOAD_DELAY_JITTER = 0             # it would also shorten the delay
    CONCURRENT_REQUESTS_PER_DOMAIN = 1
    CONCURRENT_REQUESTS = 0               # no limit over all servers: the slots are the limit
    AUTOTHROTTLE_ENABLED = False          # the pace below takes its place
    POLITENESS_BY_ADDRESS = True
    TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"   # some hosts have only an IPv6 address
    SLOWDOWN_MAX = 60.0                   # seconds: the longest delay that slowing down leads to
    BACKOFF_START = 5.0                   # seconds of silence after a refusal, four times as long each further time
    BACKOFF_MAX = 120.0                   # seconds: the longest silence, also when Retry-After asks for more
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError, DownloadTimeoutError
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from crawler.middlewares.outcomes import Stopped

logger = logging.getLogger(__name__)

LOOKUP_SECONDS = 10.0
OVERLOADED = frozenset({429, 503})
FORBIDDEN = 403
FASTEST = 0.001


def polite_downloader(crawler: Crawler) -> PoliteDownloader:
    """The downloader of a running crawl. Raises TypeError when the setting DOWNLOADER names another."""
    downloader = crawler.engine.downloader if crawler.engine is not None else None
    if not isinstance(downloader, PoliteDownloader):
        raise TypeError("DOWNLOADER must be crawler.middlewares.politeness.PoliteDownloader")
    return downloader


@dataclass(slots=True)
class Pace:
    """How fast one server may be asked. Pure arithmetic; times are seconds of a monotonic clock.

    Refusals double the delay and bring a silence that grows fourfold; every good answer takes a tenth of the delay
    back. Latency counts when it has doubled against this server's own long average.
    """

    floor: float
    ceiling: float = 60.0
    backoff: float = 5.0
    backoff_max: float = 120.0
    delay: float = 0.0
    resume: float = 0.0
    strikes: int = 0
    recent: float = -1.0
    usual: float = -1.0

    def __post_init__(self) -> None:
        self.delay = max(self.delay, self.floor)

    def answered(self, latency: float | None) -> None:
        """A good answer that took ``latency`` seconds, when that is known."""
        self.strikes = max(0, self.strikes - 1)
        self.delay = max(self.floor, self.delay * 0.9)
        if latency is None:
            return
        if self.recent < 0:
            self.recent = self.usual = latency
        self.recent += 0.3 * (latency - self.recent)
        self.usual += 0.05 * (latency - self.usual)
        if self.recent > 2 * self.usual and self.recent > self.usual + 0.25:
            self.delay = min(max(self.ceiling, self.floor), max(self.delay, self.floor + self.recent - self.usual))

    def refused(self, now: float, retry_after: float | None = None, *, certain: bool = True) -> None:
        """A refusal. One that is not ``certain`` (a lone 403 can be a closed directory) brings no silence at first."""
        self.strikes += 1
        self.delay = min(max(self.ceiling, self.floor), self.delay * 2)
        pause = 0.0
        if certain or self.strikes > 1:
            pause = self.backoff * 4.0 ** min(self.strikes - 1, 8)
        self.resume = max(self.resume, now + min(max(pause, retry_after or 0.0), self.backoff_max))

    def failed(self) -> None:
        """No answer. The server may still be at work on it, or be away; a long silence would help neither."""
        self.delay = min(max(self.ceiling, self.floor), self.delay * 2)

    def at_least(self, floor: float) -> None:
        """robots.txt asks for this delay."""
        self.floor = max(self.floor, floor)
        self.delay = max(self.delay, self.floor)


class Groups:
    """Which host names are one server. A name without an address yet, or when ``by_address`` is off, is its own."""

    def __init__(self, by_address: bool) -> None:
        self.by_address = by_address
        self._group: dict[str, str] = {}
        self._of_address: dict[str, str] = {}
        self._looking: dict[str, asyncio.Task[bool]] = {}

    def group(self, host: str) -> str:
        return self._group.get(host, host)

    async def learn(self, host: str) -> None:
        """Look a name up once; all who ask meanwhile wait for the same answer. Raises CannotResolveHostError."""
        if not self.by_address or not host or host in self._group:
            return
        task = self._looking.get(host)
        if task is None:
            task = self._looking[host] = asyncio.ensure_future(self._look_up(host))
        if not await asyncio.shield(task):
            raise CannotResolveHostError(f"{host} has no address")

    async def _look_up(self, host: str) -> bool:
        try:
            found = await asyncio.wait_for(
                asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM), LOOKUP_SECONDS
            )
        except (OSError, UnicodeError, TimeoutError):
            return False
        finally:
            self._looking.pop(host, None)
        addresses = sorted({str(entry[4][0]) for entry in found})
        group = next((self._of_address[one] for one in addresses if one in self._of_address), addresses[0])
        for one in addresses:
            self._of_address.setdefault(one, group)
        self._group[host] = group
        return True


class Waiting:
    """The queue of a slot, best priority first: a slot that is asked once a second must not be first come first served.

    It has just what Scrapy's downloader uses of a deque.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, tuple[Request, Any]]] = []
        self._order = itertools.count()

    def append(self, waiting: tuple[Request, Any]) -> None:
        heapq.heappush(self._heap, (-waiting[0].priority, next(self._order), waiting))

    def popleft(self) -> tuple[Request, Any]:
        return heapq.heappop(self._heap)[2]

    def remove(self, unwanted: Callable[[Request], bool]) -> list[tuple[Request, Any]]:
        gone = [entry[2] for entry in sorted(self._heap, key=lambda entry: entry[:2]) if unwanted(entry[2][0])]
        self._heap = [entry for entry in self._heap if not unwanted(entry[2][0])]
        heapq.heapify(self._heap)
        return gone

    def __len__(self) -> int:
        return len(self._heap)


class PoliteDownloader(Downloader):
    """Scrapy's downloader with slots that are servers. Raises ValueError when the settings would be impolite."""

    def __init__(self, crawler: Crawler) -> None:
        require_polite(crawler.settings)
        self.groups = Groups(crawler.settings.getbool("POLITENESS_BY_ADDRESS", True))
        self.paces: dict[str, Pace] = {}
        super().__init__(crawler)

    def get_slot_key(self, request: Request) -> str:
        return self.groups.group((urlparse_cached(request).hostname or "").lower())

    def _get_slot(self, request: Request, spider: Spider | None = None) -> tuple[str, Slot]:
        key = self.get_slot_key(request)
        if key not in self.slots:
            super()._get_slot(request)
            self.slots[key].queue = Waiting()  # type: ignore[assignment]
        slot = self.slots[key]
        slot.concurrency, slot.jitter, slot.delay = 1, 0.0, self.pace(key).delay
        return key, slot

    def pace(self, key: str) -> Pace:
        if key not in self.paces:
            settings = self.settings
            own = self.per_slot_settings.get(key, {}).get("delay", 0.0)
            self.paces[key] = Pace(
                floor=max(settings.getfloat("DOWNLOAD_DELAY"), float(own)) if key else FASTEST,
                ceiling=settings.getfloat("SLOWDOWN_MAX", 60.0),
                backoff=settings.getfloat("BACKOFF_START", 5.0),
                backoff_max=settings.getfloat("BACKOFF_MAX", 120.0),
            )
        return self.paces[key]

    def _process_queue(self, slot: Slot) -> None:
        """A crawl that is being stopped ends what is under way, not what would wait for minutes to be sent."""
        engine_slot = getattr(self.crawler.engine, "_slot", None)
        if slot.queue and getattr(engine_slot, "closing", None) is not None:
            self.give_up(lambda _: True, Stopped("the crawl is being stopped"))
            return
        super()._process_queue(slot)

    def give_up(self, hopeless: Callable[[Request], bool], error: Exception) -> None:
        """End waiting requests at once: what stands in a slot would else take its turn, a second each, to fail."""
        for slot in list(self.slots.values()):
            queue: Any = slot.queue
            for _, waiting in queue.remove(hopeless):
                waiting.errback(Failure(error))  # type: ignore[no-untyped-call]

    def settle(self, request: Request) -> None:
        """Count the delay from now, the end of an answer: what the server sees is then never closer together."""
        key = self.get_slot_key(request)
        slot = self.slots.get(key)
        if slot is not None:
            pace = self.pace(key)
            slot.delay = pace.delay
            slot.lastseen = max(monotonic(), pace.resume - pace.delay)


def require_polite(settings: BaseSettings) -> None:
    """Raises ValueError, naming the setting, when two requests could reach a server at once."""
    slots = {"every host": {}} | settings.getdict("DOWNLOAD_SLOTS")
    for name, own in slots.items():
        delay = float(own.get("delay", settings.getfloat("DOWNLOAD_DELAY")))
        if not delay >= FASTEST:
            raise ValueError(
                f"DOWNLOAD_DELAY is {delay:g} for {name}: Scrapy then ignores the limit of one request at a time"
            )
        if int(own.get("concurrency", settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))) != 1:
            raise ValueError(
                f"CONCURRENT_REQUESTS_PER_DOMAIN must be 1 for {name}: one request at a time for each server"
            )
    if settings.getint("CONCURRENT_REQUESTS_PER_IP"):
        raise ValueError("CONCURRENT_REQUESTS_PER_IP must be 0: POLITENESS_BY_ADDRESS does its work")


class Politeness:
    """Looks names up before their slot is chosen, and sets the pace by what the server answers."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._warned: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.downloaded, signal=signals.response_downloaded)
        crawler.signals.connect(middleware.crawl_delay, signal=signals.robots_parsed)
        return middleware

    @property
    def downloader(self) -> PoliteDownloader:
        return polite_downloader(self.crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("proxy"):
            return  # the proxy looks names up; a host is then its name
        await self.downloader.groups.learn((urlparse_cached(request).hostname or "").lower())

    def downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        pace = self.downloader.pace(self.downloader.get_slot_key(request))
        if response.status in OVERLOADED or response.status == FORBIDDEN:
            pace.refused(monotonic(), retry_after(response), certain=response.status in OVERLOADED)
            self.crawler.stats.inc_value(f"politeness/slowed/{response.status}")
        else:
            pace.answered(None if "browser" in response.flags else request.meta.get("download_latency"))
        self.downloader.settle(request)

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, (DownloadTimeoutError, DownloadFailedError)):
            self.downloader.pace(self.downloader.get_slot_key(request)).failed()
            self.downloader.settle(request)
            self.crawler.stats.inc_value("politeness/slowed/failed")

    def crawl_delay(self, robotparser: Any, request: Request) -> None:
        """robots.txt of the host of ``request`` has been read; a delay that it states binds the whole server."""
        asked = robotparser.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"] or "gongkai")
        if not asked or not asked > 0:
            return
        limit = self.crawler.settings.getfloat("CRAWL_DELAY_MAX", 30.0)
        host = urlparse_cached(request).hostname or ""
        if asked > limit and host not in self._warned:
            self._warned.add(host)
            logger.warning("robots.txt of %s asks for %g s between requests; kept to %g s", host, asked, limit)
        self.downloader.pace(self.downloader.get_slot_key(request)).at_least(min(float(asked), limit))
        self.downloader.settle(request)


def retry_after(response: Response) -> float | None:
    """Seconds of a Retry-After header, given as a number or as a date; None without one or when it is nonsense."""
    raw = (response.headers.get(b"Retry-After") or b"").decode("latin-1").strip()
    if raw.isascii() and raw.isdigit():
        return float(raw[:9])
    try:
        return max(0.0, parsedate_to_datetime(raw).timestamp() - time())
    except (TypeError, ValueError, OverflowError):
        return None
