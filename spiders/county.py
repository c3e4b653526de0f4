"""The spider ``county``: a portal's reports, found by a Survey; this module only turns its tasks into requests.

scrapy crawl county -a county=平罗县
scrapy crawl county -a province=宁夏 -a year=2024
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.items import Known
from crawler.portals import DEFAULT, Portal, Refused, load, select
from parsers.reports import divisions
from spiders.navigation import DEFAULT_LIMITS, Limits, Outcome, Output, Reply, Survey, Task

PRIORITY = {"page": 10, "list": 10, "document": 0, "part": 5, "file": 5}
"""Navigation before documents: what is found decides how much there is to do; files before articles, so that a report
is complete before the next begins."""

LONGEST_URL = 2000


class County(Spider):
    """Crawls the portals of the registry that its arguments name."""

    name = "county"
    limits = DEFAULT_LIMITS
    known: Mapping[str, Mapping[str, Known]] = {}
    """By county code and page address: documents that the archive holds. Whoever has the archive sets it when the
    spider is opened; what a list shows unchanged is then not asked for again."""

    def __init__(self, county: str = "", province: str = "", year: str = "", portals: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.portals, self.year = self._arguments(county, province, year, portals)
        self.named = bool(county or province)
        """Whether counties were asked for by name; of a whole registry only those that are due are visited."""
        for portal in self.portals:
            if portal.status == "unproved":
                self.logger.warning(
                    "%s %s: nothing has proved that %s is its portal%s; `scrapy crawl portals` may",
                    portal.code,
                    portal.name,
                    portal.url,
                    f" ({portal.remark})" if portal.remark else "",
                )
            if not portal.known:
                self.logger.warning(
                    "%s %s is not in the division list: its townships are learned from the portal",
                    portal.code,
                    portal.name,
                )

    @classmethod
    def check_arguments(
        cls, county: str = "", province: str = "", year: str = "", portals: str = "", **unknown: str
    ) -> tuple[list[Portal], int | None]:
        """The portals and the year that the arguments name. Raises Refused with what to change, also where there is
        nothing to do: every portal of the registry waits for its proof."""
        chosen, only = cls._arguments(county, province, year, portals, **unknown)
        if not chosen:
            raise Refused("no portal of the registry is proved yet: run `scrapy crawl portals`, or name a county")
        return chosen, only

    @staticmethod
    def _arguments(
        county: str = "", province: str = "", year: str = "", portals: str = "", **unknown: str
    ) -> tuple[list[Portal], int | None]:
        if unknown:
            raise Refused(f"county takes -a county=, province=, year= and portals=, not {', '.join(sorted(unknown))}")
        if year and not re.fullmatch(r"20[0-9]{2}", year):
            raise Refused(f"year is the year that is reported on, as in 2024, not {year!r}")
        return select(load(portals or DEFAULT), county=county, province=province), int(year) if year else None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> County:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.limits = Limits(
            pages=crawler.settings.getint("NAVIGATION_PAGES", DEFAULT_LIMITS.pages),
            renders=crawler.settings.getint("NAVIGATION_RENDERS", DEFAULT_LIMITS.renders),
        )
        return spider

    def recorded(self, folder: str, url: str) -> Request:
        """Where the crawl of a stored portal begins; its folder is named after the county's code."""
        county = divisions.county(folder[:6])
        survey = Survey(Portal(folder[:6], county.name if county else "", url), count=self._count)
        (request,) = self._given(survey, survey.begin())
        return request  # type: ignore[no-any-return]

    async def start(self) -> AsyncIterator[Any]:
        for portal in self.portals:
            known = self.known.get(portal.code, {})
            survey = Survey(portal, year=self.year, limits=self.limits, known=known, count=self._count)
            for request in self._given(survey, survey.begin()):
                yield request

    def answered(self, response: Response, survey: Survey, task: Task) -> Iterator[Any]:
        """An answer with a good status; 304 says that the archive holds the document as it is.

        @recorded 640221-page 640221-unchanged 640303-gone 640522-text
        @returns items 13 13
        """
        if response.status == 304:
            yield from self._given(survey, survey.unchanged(task))
            return
        yield from self._given(survey, survey.receive(task, _reply(response)))

    def failed(self, failure: Failure) -> Iterator[Any]:
        """Everything else; the exception names the outcome."""
        request: Request = failure.request  # type: ignore[attr-defined]
        survey, task = request.cb_kwargs["survey"], request.cb_kwargs["task"]
        outcome, reason = _failure(failure.value)
        yield from self._given(survey, survey.fail(task, outcome, reason))

    def _count(self, name: str) -> None:
        self.crawler.stats.inc_value(name)

    def _given(self, survey: Survey, outputs: list[Output]) -> Iterator[Any]:
        for one in outputs:
            if not isinstance(one, Task):
                yield one
            elif len(one.fetch.url) > LONGEST_URL:
                # a middleware of Scrapy would drop it without a word, and the survey would wait for ever
                yield from self._given(survey, survey.fail(one, "skipped", "the address is too long"))
            else:
                yield self._request(survey, one)

    def _request(self, survey: Survey, task: Task) -> Request:
        fetch = task.fetch
        headers = dict(fetch.headers)
        if task.referrer:
            headers["Referer"] = task.referrer
        meta: dict[str, Any] = {"render": True} if task.render else {}
        if task.purpose in ("document", "file"):
            meta["document"] = True
        if task.explore:
            meta["render_explore"] = {"within": task.within}
        return Request(
            fetch.url,
            method=fetch.method,
            headers=headers,
            body=fetch.body,
            callback=self.answered,
            errback=self.failed,
            cb_kwargs={"survey": survey, "task": task},
            meta=meta,
            priority=PRIORITY[task.purpose],
            # a survey asks for nothing twice; a filter that drops silently would leave it waiting for ever
            dont_filter=True,
        )


def _reply(response: Response) -> Reply:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    rendered = "browser" in response.flags or bool(response.meta.get("playwright"))
    kind = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
    pages = tuple(response.meta.get("rendered_pages") or ()) if rendered else ()
    return Reply(response.url, response.body, kind, response.status, "browser" if rendered else "http", headers, pages)


def _failure(error: BaseException | None) -> tuple[Outcome, str]:
    """The outcome of an exception: named by the middlewares, or an error status."""
    if isinstance(error, HttpError):
        status = error.response.status
        if status in (404, 410):
            return "gone", f"status {status}"
        return ("unreachable" if status >= 500 else "blocked"), f"status {status}"
    outcome = getattr(error, "outcome", None)
    if outcome in ("blocked", "disallowed", "unreachable", "skipped", "seen", "stopped"):
        return outcome, str(getattr(error, "reason", ""))
    return "unreachable", f"{type(error).__name__}: {error}"[:200]
