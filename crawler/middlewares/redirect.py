"""Redirects, with none that disappears.

Scrapy sends a redirected request through the filter of duplicates. A page that sets a cookie and redirects to itself is
then dropped without callback or errback, and so is a redirect to a page that was asked for before. Here the first is
followed (the cookie is what the server wanted to see), the second ends as ``seen``, and a loop as ``unreachable``.

Settings::

    DOWNLOADER_MIDDLEWARES = {
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        "crawler.middlewares.redirect.Redirect": 600,
        "crawler.middlewares.redirect.MetaRefresh": 580,
    }
    REDIRECT_MAX_TIMES = 5
"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawler.middlewares.outcomes import Refused, Seen, Unreachable


def followed(crawler: Crawler, request: Request, response: Response, redirected: Request) -> Request:
    """``redirected``, made to pass the filter. Raises Seen, or Unreachable for a circle without a cookie."""
    assert crawler.request_fingerprinter is not None
    fingerprint = crawler.request_fingerprinter.fingerprint
    target = fingerprint(redirected)
    been = [*request.meta.get("redirect_urls", []), request.url]
    circle = any(target == fingerprint(redirected.replace(url=url)) for url in been)
    if circle and not (b"Set-Cookie" in response.headers or request.meta.get("redirect_cookie")):
        raise Unreachable("redirects to itself")
    if b"Set-Cookie" in response.headers:
        redirected.meta["redirect_cookie"] = True
    if not circle and not request.dont_filter and _asked_before(crawler, redirected):
        raise Seen("redirects to a page that was asked for before")
    redirected.dont_filter = True
    return redirected


def _asked_before(crawler: Crawler, request: Request) -> bool:
    """Whether the scheduler's filter knows the request; from now on it does."""
    scheduler = getattr(crawler.engine, "scheduler", None)
    dupefilter = getattr(scheduler, "df", None)
    return bool(dupefilter is not None and dupefilter.request_seen(request))


class Redirect(RedirectMiddleware):
    """By status and Location."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            result = super().process_response(request, response)
        except IgnoreRequest as error:
            raise error if isinstance(error, Refused) else Unreachable("redirects without end") from error
        return followed(self.crawler, request, response, result) if isinstance(result, Request) else result


class MetaRefresh(MetaRefreshMiddleware):
    """By ``<meta http-equiv=refresh>``."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            result = super().process_response(request, response)
        except IgnoreRequest as error:
            raise error if isinstance(error, Refused) else Unreachable("redirects without end") from error
        return followed(self.crawler, request, response, result) if isinstance(result, Request) else result
