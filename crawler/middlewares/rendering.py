"""Pages that exist only after JavaScript has run, opened in an ordinary browser by scrapy-playwright.

A request with ``meta["render"] = True`` (GET) is rendered; everything else never starts a browser. In and out:

=====================  =========================================================================================
``render_wait``        a selector to wait for (attached), beside the quiet that is always waited for
``render_explore``     find out by clicks what a list has on its further pages and where words without an address lead
                       (exploring.py): ``{"within": bool}``
``unlock``             set by challenge.py: what matters is the cookies, not the page
``rendered_pages``     out: list of bodies (bytes, UTF-8), one for each further picture of the page
``render_cookies``     out: the browser's cookies for the address, as Playwright gives them
=====================  =========================================================================================

The response holds the page as the browser has it, in UTF-8, with the flag ``browser``; it is not what the server sent.
When the address turns out to be a file, it is downloaded by plain HTTP instead.

A browser sends several requests for one page. They stay as polite as the rest: each obeys robots.txt, one at a time,
with the delay of the server between them; images, fonts, media and style sheets are not loaded, nor is anything from
foreign domains; what a sibling host on another server has to give is fetched by Scrapy, in the slot of that server.
Only what the browser itself follows as a redirect is not spaced.

Settings::

    RENDER_TIMEOUT = 40.0                 # seconds of work for one page, waiting for politeness not counted
    RENDER_CONCURRENCY = 2                # pages at once over all servers
    RENDER_CONTEXTS = 4                   # contexts kept open; each host has its own
    RENDER_CONTEXT_PAGES = 50             # pages until a context is renewed: one grows by 20 to 35 MB in 100 pages
    RENDER_BROWSER_PAGES = 400            # pages until the browser is renewed
    RENDER_REQUESTS_MAX = 80              # requests that one page may send
    RENDER_PAGE_BYTES = 16 * 1024**2
    CHROMIUM = ""                         # path of a browser; empty: crawler/browser.py finds one
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any
from weakref import WeakSet

from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as PageRequest
from playwright.async_api import Response as PageResponse
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError, DownloadTimeoutError
from scrapy.http import HtmlResponse, Request, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.browser import NoBrowser, find, launch_options
from crawler.middlewares.agent import user_agent
from crawler.middlewares.challenge import recognise
from crawler.middlewares.exploring import PREPARE, Explorer, Leave
from crawler.middlewares.outcomes import Refused, Skipped, Unreachable
from crawler.middlewares.politeness import PoliteDownloader, polite_downloader
from crawler.middlewares.robots import Robots
from parsers.listings.keys import base_domain

logger = logging.getLogger(__name__)
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

Plain = Callable[[Request], Awaitable[Response]]

NOT_LOADED = frozenset(
    {"image", "font", "media", "stylesheet", "ping", "manifest", "texttrack", "eventsource", "websocket"}
)
PAGE_TYPES = ("text/", "application/xhtml", "application/xml", "application/json")
QUIET_SECONDS = 0.5
ANSWER_SECONDS = 30.0
BODY_SECONDS = 3.0
"""How long a page that is given up waits for a body whose headers have come: its script may never let it end."""
UNLOCK_SECONDS = 8.0
"""How long a challenge may compute without asking the server for anything."""
CLOSE_SECONDS = 4.0
EXPLORING = 3.0
"""How much longer a page may take, and how many more requests it may send, when its words are tried one by one."""
REMEMBERED = 500
GONE = (
    "Target page, context or browser has been closed",
    "Connection closed",
    "Browser has been closed",
    "has crashed",
)


class Renderer:
    """The browser of one crawl. Nothing of it runs before the first render."""

    def __init__(self, crawler: Crawler, plain: Plain) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.plain = plain
        self.guarded: WeakSet[BrowserContext] = WeakSet()
        self.agent = user_agent(settings)
        self.budget = settings.getfloat("RENDER_TIMEOUT", 40.0)
        self.most_requests = settings.getint("RENDER_REQUESTS_MAX", 80)
        self.most_bytes = settings.getint("RENDER_PAGE_BYTES", 16 * 1024**2)
        self._most_contexts = settings.getint("RENDER_CONTEXTS", 4)
        self._context_pages = settings.getint("RENDER_CONTEXT_PAGES", 50)
        self._browser_pages = settings.getint("RENDER_BROWSER_PAGES", 400)
        self._free = asyncio.Semaphore(settings.getint("RENDER_CONCURRENCY", 2))
        self._starting = asyncio.Lock()
        self._handler: Any = None
        self._pages: OrderedDict[str, int] = OrderedDict()
        self._rendering: dict[str, int] = {}
        self._states: OrderedDict[str, Any] = OrderedDict()
        self._since_launch = 0

    async def render(self, request: Request) -> Response:
        """The page, or the file that the address turned out to be. Raises exceptions of Scrapy's kind, or Refused."""
        if request.method != "GET":
            return await self.plain(request)
        async with self._free:
            try:
                return await self._attempt(request)
            except PlaywrightError as error:
                if not any(mark in str(error) for mark in GONE):
                    raise _as_scrapy(error) from error
                logger.warning("The browser went away during %s; starting again", request.url)
                self.crawler.stats.inc_value("render/browser_lost")
                await self._drop()
            try:
                return await self._attempt(request)
            except PlaywrightError as error:
                raise _as_scrapy(error) from error

    async def _attempt(self, request: Request) -> Response:
        handler = await self._started()
        name = urlparse_cached(request).netloc.lower()
        self._rendering[name] = self._rendering.get(name, 0) + 1
        try:
            return await Visit(self, request, name).run(handler, self._states.get(name))
        finally:
            self._rendering[name] -= 1
            self._count(name)
            with suppress(PlaywrightError, AttributeError):
                await self._renew(handler)

    async def _started(self) -> Any:
        async with self._starting:
            if self._handler is None:
                try:
                    found = await asyncio.to_thread(find, self.crawler.settings.get("CHROMIUM"))
                except NoBrowser as error:
                    raise Unreachable(str(error)) from error
                logger.info("Rendering with %s", found.name)
                handler = ScrapyPlaywrightDownloadHandler(self.crawler)
                handler.config.launch_options = launch_options(found)
                handler.config.max_pages_per_context = 4
                handler.config.target_closed_max_retries = 0
                handler.process_request_headers = None  # the browser's own headers, with the context's user agent
                await handler._launch()
                self._handler = handler
            return self._handler

    def context_options(self, state: Any) -> dict[str, Any]:
        return {
            "user_agent": self.agent,
            "locale": "zh-CN",
            "ignore_https_errors": True,
            "service_workers": "block",
            "accept_downloads": False,
            "storage_state": state,
        }

    def _count(self, name: str) -> None:
        self._since_launch += 1
        self._pages[name] = self._pages.pop(name, 0) + 1
        self.crawler.stats.inc_value("render/pages")

    async def _renew(self, handler: Any) -> None:
        """Close contexts that have had their pages or that are too many; a host's cookies and storage are kept."""
        idle = [name for name in self._pages if not self._rendering.get(name)]
        surplus = len(self._pages) - self._most_contexts
        for name in idle:
            if self._pages[name] >= self._context_pages or surplus > 0:
                surplus -= 1
                await self._close_context(handler, name)
        if self._since_launch >= self._browser_pages and not any(self._rendering.values()):
            for name in list(self._pages):
                await self._close_context(handler, name)
            if hasattr(handler, "browser"):
                await handler.browser.close()
            self._since_launch = 0

    async def _close_context(self, handler: Any, name: str) -> None:
        self._pages.pop(name, None)
        wrapper = handler.context_wrappers.get(name)
        if wrapper is None:
            return
        self._states[name] = await wrapper.context.storage_state()
        while len(self._states) > REMEMBERED:
            self._states.popitem(last=False)
        await wrapper.context.close()

    async def _drop(self) -> None:
        """Forget a browser that is gone, and its driver, which may be gone too."""
        handler, self._handler = self._handler, None
        self._pages.clear()
        self._since_launch = 0
        if handler is not None:
            with suppress(Exception):
                await asyncio.wait_for(handler.close(), CLOSE_SECONDS)

    async def close(self) -> None:
        await self._drop()

    @property
    def downloader(self) -> PoliteDownloader:
        return polite_downloader(self.crawler)

    @property
    def robots(self) -> Robots | None:
        return self.crawler.get_downloader_middleware(Robots)

    async def fetch_robots(self, request: Request) -> Response:
        request.headers[b"User-Agent"] = self.agent
        return await self.plain(request)


class Visit:
    """One page from opening to closing, with every request that it sends."""

    def __init__(self, renderer: Renderer, request: Request, context: str) -> None:
        self.renderer = renderer
        self.request = request
        self.context = context
        self.group = renderer.downloader.get_slot_key(request)
        self.page: Page | None = None
        self.status = 0
        self.media_type = ""
        self.html: str | None = None
        self.url = request.url
        self.more: list[bytes] = []
        self.cookies: list[Any] = []
        self._turn = asyncio.Lock()
        self._open = 0
        self._sent = 0
        self._last = 0.0
        self._waited = 0.0
        self._over = False
        self._flying = False
        self._answering = False
        self._begun = monotonic()
        self._last_activity = 0.0
        self._explorer: Explorer | None = None
        self._budget = renderer.budget * (EXPLORING if request.meta.get("render_explore") else 1.0)
        self._most_requests = renderer.most_requests * (3 if request.meta.get("render_explore") else 1)

    async def run(self, handler: Any, state: Any) -> Response:
        shown = Request(
            self.request.url,
            meta={
                "playwright": True,
                "playwright_context": self.context,
                "playwright_context_kwargs": self.renderer.context_options(state),
                "playwright_page_init_callback": self.opened,
                "playwright_page_methods": [PageMethod(self.watch)],
                "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded", "timeout": 0, **self._referer()},
            },
        )
        task = asyncio.ensure_future(handler.download_request(shown))
        try:
            await self._within_budget(task)
        except RuntimeError as error:
            raise DownloadFailedError(str(error)) from error
        finally:
            self._over = True
            if not _is_gone(task):
                await self._landed()
                await self._take_cookies()
            await self._shut(task)
        if self._is_file() and self.request.meta.get("unlock"):
            return self._response("")
        if self._is_file() or self.html is None:
            return await self._as_file()
        return self._response(self.html)

    def _referer(self) -> dict[str, str]:
        referer = (self.request.headers.get(b"Referer") or b"").decode("latin-1")
        return {"referer": referer} if referer else {}

    async def _within_budget(self, task: asyncio.Future[Any]) -> None:
        """Wait for the page. Time spent waiting for politeness is not the page's fault, up to a bound."""
        while not task.done():
            await asyncio.wait({task}, timeout=0.25)
            if self._is_file():
                return
            spent = monotonic() - self._begun
            if spent - self._waited > self._budget or spent > 8 * self._budget:
                raise DownloadTimeoutError(f"The page was not ready in {self._budget:g} s of its own time")
        if not self._is_file():
            task.result()

    async def _shut(self, task: asyncio.Future[Any]) -> None:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
        if self.page is not None and not self.page.is_closed():
            with suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(self.page.close(), CLOSE_SECONDS)

    async def _landed(self) -> None:
        """Until the server is done with the request that is under way: the next one must not find it at work."""
        begun = monotonic()
        while self._flying and not self._is_file():
            if monotonic() - begun > (BODY_SECONDS if self._answering else ANSWER_SECONDS):
                return
            await asyncio.sleep(0.05)
            self._waited += 0.05

    async def _take_cookies(self) -> None:
        if self.page is not None:
            with suppress(PlaywrightError, TimeoutError):
                self.cookies = list(await asyncio.wait_for(self.page.context.cookies(self.request.url), CLOSE_SECONDS))

    def _is_file(self) -> bool:
        return bool(self.media_type) and not self.media_type.startswith(PAGE_TYPES)

    async def _as_file(self) -> Response:
        await self._pause()
        self.renderer.crawler.stats.inc_value("render/was_file")
        return await self.renderer.plain(self.request)

    def _response(self, html: str) -> Response:
        body = html.encode("utf-8", "replace")
        if len(body) > self.renderer.most_bytes:
            raise Skipped("larger than the limit when rendered")
        self.request.meta["rendered_pages"] = self.more
        self.request.meta["render_cookies"] = self.cookies
        self.request.meta.pop("download_latency", None)
        return HtmlResponse(
            self.url,
            status=self.status or 200,
            headers={"Content-Type": "text/html; charset=utf-8"},
            body=body,
            encoding="utf-8",
            flags=["browser"],
            request=self.request,
        )

    # --- the page's requests

    async def opened(self, page: Page, _: Request) -> None:
        """Called by scrapy-playwright before the address is opened."""
        self.page = page
        page.on("response", self._answered)
        page.on("popup", _close)
        await page.route("**", self.route)
        if page.context not in self.renderer.guarded:
            # a page that opens another window asks nothing through it: only pages that a visit opened have a route
            self.renderer.guarded.add(page.context)
            await page.context.route("**", _abort)
        if self.request.meta.get("render_explore"):
            await page.add_init_script(PREPARE)
        await page.context.add_cookies(self._sent_cookies())  # type: ignore[arg-type]

    def _sent_cookies(self) -> list[dict[str, str]]:
        """What plain HTTP would send, so that the browser goes on with the same session."""
        header = (self.request.headers.get(b"Cookie") or b"").decode("latin-1")
        pairs = (part.strip().partition("=") for part in header.split(";"))
        return [
            {"name": name, "value": value, "url": self.request.url} for name, equals, value in pairs if name and equals
        ]

    def _answered(self, response: PageResponse) -> None:
        with suppress(PlaywrightError):
            if self.page and response.request.is_navigation_request() and response.frame == self.page.main_frame:
                if 300 <= response.status < 400:
                    return
                self.status = response.status
                self.media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def route(self, route: Route) -> None:
        """Let one request of the page go, when its turn has come, or not at all."""
        self._open += 1
        try:
            if not self._wanted(route.request):
                await route.abort()
                return
            if self._explorer is not None and route.request.is_navigation_request() and route.request.method == "GET":
                # the page stays where it is, and the server is not asked: it is the address that is wanted
                self._explorer.leave = Leave(route.request.url)
                await route.fulfill(status=204, body="")
                return
            async with self._turn:
                await self._let_go(route)
        except PlaywrightError:
            pass  # the page has been closed or has moved on; nobody waits for this request
        finally:
            self._open -= 1
            self._last_activity = monotonic()

    def _wanted(self, request: PageRequest) -> bool:
        if request.resource_type in NOT_LOADED or not request.url.startswith(("http://", "https://")):
            return False
        host = urlparse_cached(Request(request.url)).hostname or ""
        return base_domain(host) == base_domain(urlparse_cached(self.request).hostname or "")

    async def _let_go(self, route: Route) -> None:
        self._sent += 1
        if self._over or self._sent > self._most_requests:
            await route.abort()
            return
        asked = Request(route.request.url)
        downloader = self.renderer.downloader
        try:
            await downloader.groups.learn(urlparse_cached(asked).hostname or "")
            if downloader.get_slot_key(asked) != self.group:
                await self._elsewhere(route)
                return
            # a gate in front of robots.txt is opened at robots.txt itself; its own scripts come before the rules
            if self.renderer.robots is not None and not self.request.meta.get("dont_obey_robotstxt"):
                await self.renderer.robots.require(asked.url, self.renderer.fetch_robots)
        except (Refused, CannotResolveHostError):
            await route.abort()
            return
        await self._pause()
        if self._over:
            await route.abort()
            return
        self._flying = True
        try:
            await route.continue_()
            await self._finished(route.request)
        finally:
            self._flying = False
            self._last = monotonic()

    async def _pause(self) -> None:
        """Keep the server's delay between the requests of a page; the slot has seen to the first."""
        wait = self._last + self.renderer.downloader.pace(self.group).delay - monotonic() if self._last else 0.0
        if wait > 0:
            self._waited += wait
            await asyncio.sleep(wait)

    async def _finished(self, request: PageRequest | None) -> None:
        """Until the server has nothing more to do for this request and what it redirects to."""
        for _ in range(10):
            if request is None:
                return
            with suppress(TimeoutError, PlaywrightError):
                self._answering = False
                response = await asyncio.wait_for(request.response(), ANSWER_SECONDS)
                self._answering = True
                if response is not None and not 300 <= response.status < 400:
                    await asyncio.wait_for(response.finished(), ANSWER_SECONDS)
            request = request.redirected_to

    async def _elsewhere(self, route: Route) -> None:
        """A sibling host on another server: Scrapy asks it, in that server's slot, and the page gets the answer."""
        request = route.request
        assert self.renderer.crawler.engine is not None
        if request.method != "GET" or request.is_navigation_request():
            await route.abort()
            return
        begun = monotonic()
        referer = {"Referer": self.request.url}
        asked = Request(request.url, headers=referer, dont_filter=True, meta={"document": False})
        try:
            response = await asyncio.wait_for(self.renderer.crawler.engine.download_async(asked), ANSWER_SECONDS)
        except Exception as error:
            logger.debug("%s for %s: %r", request.url, self.request.url, error)
            await route.abort()
            return
        finally:
            self._waited += monotonic() - begun
        media_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        allow = {"access-control-allow-origin": "*"}
        await route.fulfill(status=response.status, headers={"content-type": media_type, **allow}, body=response.body)

    # --- what is done on the page

    async def watch(self, page: Page) -> None:
        """Called by scrapy-playwright when the address has been opened."""
        await self._quiet()
        if self._is_file():
            return
        if selector := self.request.meta.get("render_wait"):
            with suppress(PlaywrightTimeout):
                await page.wait_for_selector(selector, state="attached", timeout=10_000)
        await self._unlocked(page)
        self.html = await _content(page)
        self.url = page.url
        if self.request.meta.get("render_explore"):
            await self._explore(page)
        self._over = True
        await self._landed()

    async def _quiet(self) -> None:
        """Until the page has sent nothing for a while; the budget of the visit bounds it."""
        since = monotonic()
        while self._open or monotonic() - max(since, self._last_activity) < QUIET_SECONDS:
            await asyncio.sleep(0.05)
            if monotonic() - self._begun - self._waited > self.renderer.budget / 2:
                return

    async def _unlocked(self, page: Page) -> None:
        """Until what the browser shows is no challenge any more; the first answer of one is 412 or 521 all the same."""
        begun = monotonic()
        while self._open or monotonic() - max(begun, self._last_activity) < UNLOCK_SECONDS:
            if monotonic() - self._begun - self._waited > self.renderer.budget * 0.75:
                return
            html = await _content(page)
            found = recognise(self.status or 200, html.encode("utf-8", "replace"), page.url)
            if found is None or found.human:
                return
            await asyncio.sleep(0.3)
            await self._quiet()

    async def _explore(self, page: Page) -> None:
        self._explorer = Explorer(
            page,
            within=bool(self.request.meta["render_explore"].get("within")),
            settled=self._settled,
            busy=lambda: self._open > 0,
            content=_content,
            over=lambda: monotonic() - self._begun - self._waited > self._budget * 0.8,
            most_bytes=self.renderer.most_bytes,
        )
        try:
            pictures = await self._explorer.run()
        finally:
            self._explorer = None
        if pictures:
            self.html = pictures[0]
            self.more = [picture.encode("utf-8", "replace") for picture in pictures[1:]]

    async def _settled(self) -> None:
        """Until the page has asked for nothing for a moment."""
        begun = monotonic()
        while self._open or monotonic() - self._last_activity < QUIET_SECONDS / 2:
            await asyncio.sleep(0.03)
            if monotonic() - begun > ANSWER_SECONDS:
                return


def _is_gone(task: asyncio.Future[Any]) -> bool:
    """Whether the browser went away under the page."""
    error = task.exception() if task.done() and not task.cancelled() else None
    return error is not None and any(mark in str(error) for mark in GONE)


async def _content(page: Page) -> str:
    """The page as it stands; asked again while it is on its way to another address."""
    for _ in range(20):
        try:
            return await page.content()
        except PlaywrightError as error:
            if any(mark in str(error) for mark in GONE):
                raise
            await asyncio.sleep(0.2)
    return await page.content()


async def _close(page: Page) -> None:
    with suppress(PlaywrightError):
        await page.close()


async def _abort(route: Route) -> None:
    with suppress(PlaywrightError):
        await route.abort()


def _as_scrapy(error: PlaywrightError) -> Exception:
    if isinstance(error, PlaywrightTimeout):
        return DownloadTimeoutError(error.message)
    return DownloadFailedError(error.message.splitlines()[0] if error.message else "the browser failed")
