"""The download handler: plain HTTP always, old TLS where a host needs it, a browser where a request asks for it.

The browser and everything of Playwright is loaded at the first render: enabling scrapy-playwright's handler costs two
processes and 190 MB even when nothing is rendered.

Settings::

    DOWNLOAD_HANDLERS = {"http": "crawler.handlers.Transport", "https": "crawler.handlers.Transport"}
    CONNECT_TIMEOUT = 10.0                # seconds for the connection; DOWNLOAD_TIMEOUT is for all of it
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar, Self
from weakref import WeakKeyDictionary

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Request, Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.web.client import Agent

from crawler.middlewares.challenge import Challenges
from crawler.middlewares.politeness import polite_downloader
from crawler.middlewares.retry import Retry
from crawler.middlewares.tls import is_tls_failure, old_tls

if TYPE_CHECKING:
    from crawler.middlewares.rendering import Renderer

logger = logging.getLogger(__name__)


class _Agent(_ScrapyAgent):
    """Scrapy gives a connection as long as a whole download; a host that doesn't pick up would cost 30 s each time."""

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        limit = self._crawler.settings.getfloat("CONNECT_TIMEOUT", 10.0)
        return super()._get_agent(request, min(timeout, limit))


class PlainHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler with a shorter time limit for connections, that asks once when it is told once."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Twisted would ask again at once when a kept connection breaks, unseen by slots, delays and counts
        self._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        agent = _Agent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))


class Transport(BaseDownloadHandler):
    """One for both schemes of a crawl, so that there is one pool of connections and one browser."""

    lazy = False
    _of_crawler: ClassVar[WeakKeyDictionary[Crawler, Transport]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._modern = PlainHandler(crawler)
        self._old: PlainHandler | None = None
        self._old_hosts: set[str] = set()
        self._renderer: Renderer | None = None
        self._closed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls._of_crawler.get(crawler)
        if not isinstance(made, cls):
            made = cls._of_crawler[crawler] = cls(crawler)
        return made

    async def download_request(self, request: Request) -> Response:
        if (retry := self.crawler.get_downloader_middleware(Retry)) is not None:
            retry.before_sending(request)
        if (challenges := self.crawler.get_downloader_middleware(Challenges)) is not None:
            challenges.before_sending(request)
        try:
            if request.meta.get("render"):
                return await self.renderer().render(request)
            return await self.plain(request)
        finally:
            # before the slot is free again, also after a failure: its delay counts from the end
            polite_downloader(self.crawler).settle(request)

    async def plain(self, request: Request) -> Response:
        """Download without a browser."""
        place = urlparse_cached(request).netloc.lower()
        if place in self._old_hosts:
            return await self._with_old_tls(request)
        try:
            return await self._modern.download_request(request)
        except Exception as error:
            if urlparse_cached(request).scheme != "https" or not is_tls_failure(error):
                raise
            logger.debug("%s: trying old TLS after %r", place, error)
            response = await self._with_old_tls(request)
        self._old_hosts.add(place)
        logger.info("%s speaks only old TLS", place)
        self.crawler.stats.inc_value("transport/old_tls_hosts")
        return response

    async def _with_old_tls(self, request: Request) -> Response:
        if self._old is None:
            self._old = PlainHandler(self.crawler)
            self._old._contextFactory = old_tls()
        try:
            return await self._old.download_request(request)
        except Exception as error:
            if is_tls_failure(error):
                raise DownloadFailedError("no TLS of this server works") from error
            raise

    def renderer(self) -> Renderer:
        if self._renderer is None:
            from crawler.middlewares.rendering import Renderer

            self._renderer = Renderer(self.crawler, self.plain)
        return self._renderer

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._renderer is not None:
            await self._renderer.close()
        for handler in (self._modern, self._old):
            if handler is not None:
                await handler.close()
