"""robots.txt is obeyed for every request of a host, also by those that arrive while it is still being loaded.

Scrapy 2.14 to 2.19 let the third and later request through that waits for robots.txt; here all wait for one answer.

What the answer means (RFC 9309, section 2.3): 2xx is read; other 4xx allow all; a server that fails (5xx, 429, no
answer at all) allows nothing in this run, which ends as ``unreachable``. A home page sent instead of robots.txt
holds no rules and allows all. A host whose robots.txt stands behind a wall is ``blocked``.

Settings::

    ROBOTSTXT_OBEY = True
    ROBOTSTXT_USER_AGENT = "gongkai"
    CRAWL_DELAY_MAX = 30.0                # seconds: a longer Crawl-delay is kept to this, with a warning
    DOWNLOADER_MIDDLEWARES = {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawler.middlewares.robots.Robots": 100,
    }
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.outcomes import Disallowed, Refused, Unreachable, named

Fetch = Callable[[Request], Awaitable[Response]]
Rules = ProtegoRobotParser | Refused | None
"""What is known of a host: its rules, why it may not be asked, or None when everything is allowed."""

MAX_BYTES = 512 * 1024  # RFC 9309 asks readers to take at least 500 KiB
MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s{0,200}<", re.S)  # <!DOCTYPE html> where rules should stand
PRIORITY = 1_000_000


class Robots:
    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self.agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or "gongkai"
        self._rules: dict[str, Rules] = {}
        self._loading: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises Disallowed, or what became of robots.txt itself."""
        if request.meta.get("dont_obey_robotstxt") or urlparse_cached(request).scheme not in {"http", "https"}:
            return
        await self.require(request.url)

    async def require(self, url: str, fetch: Fetch | None = None) -> None:
        """Raises Refused unless ``url`` may be asked for. ``fetch`` loads robots.txt in place of the engine, for a
        caller who already holds the slot of the host."""
        rules = await self._known(url, fetch)
        if isinstance(rules, Refused):
            raise type(rules)(rules.reason)
        if rules is not None and not rules.allowed(url, self.agent):
            self.crawler.stats.inc_value("robotstxt/forbidden")
            raise Disallowed("robots.txt forbids it")

    async def _known(self, url: str, fetch: Fetch | None) -> Rules:
        parts = urlparse_cached(Request(url))
        place = f"{parts.scheme}://{parts.netloc.lower()}"
        async with self._loading.setdefault(place, asyncio.Lock()):
            if place not in self._rules:
                self._rules[place] = await self._load(Request(f"{place}/robots.txt"), fetch)
        return self._rules[place]

    async def _load(self, request: Request, fetch: Fetch | None) -> Rules:
        assert self.crawler.engine is not None
        asked = request.replace(
            priority=PRIORITY,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={"dont_obey_robotstxt": True, "robots": True},
        )
        self.crawler.stats.inc_value("robotstxt/request_count")
        try:
            response = await (fetch or self.crawler.engine.download_async)(asked)
        except Exception as error:
            refused = named(error)
            if refused is None:
                raise
            return self._refusal(refused)
        self.crawler.stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return await self._read(request, response)

    @staticmethod
    def _refusal(refused: Refused) -> Rules:
        """What a host is like that gave no robots.txt. A redirect to a page that is known already (``seen``), or bytes
        that nobody wanted, say that there are no rules."""
        if refused.outcome in {"seen", "skipped"}:
            return None
        return type(refused)(f"robots.txt: {refused.reason}")

    async def _read(self, request: Request, response: Response) -> Rules:
        if response.status >= 500 or response.status == 429:
            return Unreachable(f"robots.txt: status {response.status}")
        if response.status >= 300 or MARKUP.match(response.body):
            return None
        rules = ProtegoRobotParser(response.body[:MAX_BYTES], None)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=request
        )
        return rules
