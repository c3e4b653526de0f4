"""The spider ``portals``: builds the registry from the provincial portals downwards.

scrapy crawl portals
scrapy crawl portals -a province=宁夏
scrapy crawl portals -a portals=my_portals.csv -a above=my_portals_above.csv

Where to go is decided by an Exploration; this module only turns its tasks into requests. Pages that an interrupted run
has brought home already (``memory``) are read from the archive, not asked for again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Protocol

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.items import PortalFound, PortalPage
from crawler.portals import ABOVE, DEFAULT, Refused, Row, load_rows
from parsers.portals import Explored, Visit
from parsers.portals.model import Outcome
from parsers.reports import divisions
from spiders.exploration import Exploration, Limits, Output, Reply, Task

PRIORITY = {"home": 0, "guide": 10, "part": 20}
"""What decides how much there is to do goes first."""
LONGEST_URL = 2000


class Memory(Protocol):
    """Pages of a run that was interrupted, by the address that was asked for."""

    def page(self, url: str) -> PortalPage | None: ...


class Portals(Spider):
    """Finds and proves the portals of counties, and of the provinces and prefectures above them."""

    name = "portals"
    memory: Memory | None = None
    limits = Limits()

    def __init__(self, province: str = "", portals: str = "", above: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.registry, self.above = portals or str(DEFAULT), above or str(ABOVE)
        self.starts, self.registered = self.check_arguments(province, portals, above)
        self.exploration = self._explore()

    @classmethod
    def check_arguments(
        cls, province: str = "", portals: str = "", above: str = "", **unknown: str
    ) -> tuple[list[Row], list[Row]]:
        """Rows of the portals to start from and of the counties known. Raises Refused with what to change."""
        if unknown:
            raise Refused(f"portals takes -a province=, portals= and above=, not {', '.join(sorted(unknown))}")
        starts, registered = load_rows(above or ABOVE), load_rows(portals or DEFAULT, missing=True)
        if province:
            inside = {one.code for one in divisions.provinces_named(province)}
            if not inside:
                raise Refused(f"no province is called {province}")
            starts = [row for row in starts if row.code[:2] + "0000" in inside]
            registered = [row for row in registered if row.code[:2] + "0000" in inside]
        if not any(row.url for row in starts):
            raise Refused(f"{above or ABOVE}: no portal to start from" + (f" in {province}" if province else ""))
        return starts, registered

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Portals:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.limits = Limits(pages=crawler.settings.getint("PORTALS_PAGES", Limits().pages))
        spider.exploration = spider._explore()
        return spider

    def _explore(self) -> Exploration:
        return Exploration(
            [(row.code, row.url) for row in self.starts if row.url],
            [(row.code, row.url) for row in self.registered if row.url],
            limits=self.limits,
            count=self._count,
        )

    def _count(self, name: str) -> None:
        self.crawler.stats.inc_value(name)

    async def start(self) -> AsyncIterator[Any]:
        for one in self._given(self.exploration.begin()):
            yield one

    def answered(self, response: Response, task: Task) -> Iterator[Any]:
        kind = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        rendered = "browser" in response.flags or bool(response.meta.get("playwright"))
        page = PortalPage(
            code=task.code,
            purpose=task.purpose,
            asked=task.url,
            url=response.url,
            body=response.body,
            content_type=kind,
            status=response.status,
            via="browser" if rendered else "http",
        )
        yield page
        yield from self._given(self.exploration.receive(task, _reply(page)))

    def failed(self, failure: Failure) -> Iterator[Any]:
        outcome, reason = _failure(failure.value)
        if outcome is not None:  # None: the crawl is being stopped, nothing was learned
            task = failure.request.cb_kwargs["task"]  # type: ignore[attr-defined]
            yield from self._given(self.exploration.fail(task, outcome, reason))

    def _given(self, outputs: Iterable[Output]) -> Iterator[Any]:
        """Requests and items; what is remembered is answered at once, in a queue and not in a recursion."""
        queue = deque(outputs)
        while queue:
            one = queue.popleft()
            if isinstance(one, Visit | Explored):
                yield PortalFound(one, tuple(sorted(self.exploration.official)))
            elif len(one.url) > LONGEST_URL:
                # a middleware of Scrapy would drop it without a word, and the exploration would wait for ever
                queue.extend(self.exploration.fail(one, "skipped", "the address is too long"))
            elif self.memory is not None and not one.render and (page := self.memory.page(one.url)) is not None:
                self._count("portals/remembered")
                queue.extend(self.exploration.receive(one, _reply(page)))
            else:
                yield self._request(one)

    def _request(self, task: Task) -> Request:
        return Request(
            task.url,
            callback=self.answered,
            errback=self.failed,
            cb_kwargs={"task": task},
            headers={"Referer": task.referrer} if task.referrer else None,
            meta={"render": True} if task.render else {},
            priority=PRIORITY[task.purpose],
            # nothing is asked twice; a filter that drops silently would leave the exploration waiting for ever
            dont_filter=True,
        )


def _reply(page: PortalPage) -> Reply:
    return Reply(page.url, page.body, page.content_type, page.status)


def _failure(error: BaseException | None) -> tuple[Outcome | None, str]:
    """The outcome of an exception: named by the middlewares, or an error status."""
    if isinstance(error, HttpError):
        status = error.response.status
        if status in (404, 410):
            return "gone", f"status {status}"
        return ("unreachable" if status >= 500 else "blocked"), f"status {status}"
    outcome: Any = getattr(error, "outcome", "")
    reason = str(getattr(error, "reason", ""))
    if outcome == "stopped":
        return None, reason
    if outcome in ("blocked", "disallowed", "unreachable", "skipped"):
        return outcome, reason
    return "unreachable", f"{type(error).__name__}: {error}"[:200]
