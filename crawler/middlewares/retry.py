"""When a request is asked again, in which scheme, and when a host counts as down.

A host that has never given an answer may cost ``HOST_DOWN_AFTER`` seconds in all, with every request, both schemes and
robots.txt together; then everything that waits for it ends at once as ``unreachable``. A host that had answered before
gets ``OUTAGE_AFTER``. An address that only works in the other scheme is asked there from then on (30 of 3,209 portals;
63 % of recorded addresses are http). A body that is cut short is fetched again; when two are the same byte for byte, it
is the length in the header that is wrong, and the body is taken.

A lone 403 is asked again once, since portals answer bursts with it; when the second answer is 403 too while other pages
of the host come, it means what it says, and is not asked again on that host.

Settings::

    DOWNLOADER_MIDDLEWARES = {
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "crawler.middlewares.retry.Retry": 595,   # before HttpCompression: half a gzip stream cannot be unpacked
    }
    RETRY_TIMES = 2
    RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]
    RETRY_GIVE_UP_LOG_LEVEL = "INFO"
    DOWNLOAD_TIMEOUT = 30                 # seconds; slow portals answer in 3 to 15
    DOWNLOAD_FAIL_ON_DATALOSS = False     # a body cut short is recognised here, with its bytes
    HOST_DOWN_AFTER = 55.0
    OUTAGE_AFTER = 120.0
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from time import monotonic
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from crawler.middlewares.outcomes import Refused, Unreachable, named
from crawler.middlewares.politeness import polite_downloader, retry_after

CONNECTION = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
    OSError,
)
OTHER_SCHEME = {"http": "https", "https": "http"}
SHORTEST = 5.0
"""Seconds that an attempt gets at least."""


@dataclass(slots=True)
class Host:
    """What this run has learned of one host and port."""

    answered: bool = False
    first_asked: float | None = None
    trouble_since: float | None = None
    troubles: int = 0
    down: Refused | None = None
    refusing: set[str] = field(default_factory=set)
    """Schemes in which no connection came about."""
    speaking: set[str] = field(default_factory=set)
    """Schemes in which it answered."""
    means_403: bool = False
    good: int = 0

    def trouble(self, now: float) -> float:
        """Count a failure; seconds since the first of them without a good answer in between, or since the first request
        to a host that has never answered."""
        self.troubles += 1
        if self.trouble_since is None:
            self.trouble_since = now
        return now - (self.trouble_since if self.answered or self.first_asked is None else self.first_asked)

    def well(self) -> None:
        self.trouble_since, self.troubles, self.good = None, 0, self.good + 1


def place(request: Request) -> str:
    """Host with its port, without the port that the scheme implies: both schemes of a host are one place."""
    parts = urlparse_cached(request)
    host = (parts.hostname or "").lower()
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"


def in_scheme(url: str, scheme: str) -> str:
    """The same address in the other scheme; a port that is the default of the old one goes, any other stays."""
    before, _, rest = url.partition("://")
    netloc, slash, tail = rest.partition("/")
    default = {"http": ":80", "https": ":443"}.get(before.lower(), "")
    return f"{scheme}://{netloc.removesuffix(default) if default else netloc}{slash}{tail}"


class Retry:
    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.times = settings.getint("RETRY_TIMES")
        self.statuses = {int(code) for code in settings.getlist("RETRY_HTTP_CODES")}
        self.timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self.down_after = settings.getfloat("HOST_DOWN_AFTER", 55.0)
        self.outage_after = settings.getfloat("OUTAGE_AFTER", 120.0)
        self.patience = settings.getfloat("BACKOFF_MAX", 120.0)
        self.hosts: dict[str, Host] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.downloaded, signal=signals.response_downloaded)
        return middleware

    def host(self, request: Request) -> Host:
        return self.hosts.setdefault(place(request), Host())

    def process_request(self, request: Request) -> Request | None:
        host = self.host(request)
        if host.down:
            raise type(host.down)(host.down.reason)
        scheme = urlparse_cached(request).scheme
        other = OTHER_SCHEME.get(scheme, "")
        if scheme in host.refusing and other in host.speaking:
            return request.replace(url=in_scheme(request.url, other), dont_filter=True)
        self._limit(request, host)
        return None

    def before_sending(self, request: Request) -> None:
        """What has been learned of the host while the request waited for its turn. Raises what stands for a failure."""
        host = self.host(request)
        scheme = urlparse_cached(request).scheme
        if scheme in host.refusing and OTHER_SCHEME.get(scheme, "") in host.speaking:
            raise DownloadConnectionRefusedError(f"{scheme} does not work here")
        if host.first_asked is None:
            host.first_asked = monotonic()
        self._limit(request, host)

    def _down(self, request: Request, refused: Refused) -> None:
        """The host is down for the rest of the run, for everything that waits for it too."""
        self.host(request).down = refused
        name = place(request)
        self.crawler.stats.inc_value("transport/hosts_down")
        polite_downloader(self.crawler).give_up(lambda waiting: place(waiting) == name, refused)

    def _limit(self, request: Request, host: Host) -> None:
        """No attempt may outlast what a silent host has left."""
        asked = request.meta.setdefault("asked_timeout", request.meta.get("download_timeout") or self.timeout)
        if not host.answered and host.first_asked is not None:
            left = self.down_after - (monotonic() - host.first_asked)
            asked = min(asked, max(SHORTEST, left))
        request.meta["download_timeout"] = asked

    def downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        host = self.host(request)
        host.answered = True
        host.speaking.add(urlparse_cached(request).scheme)
        if response.status not in self.statuses:
            host.well()

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if request.meta.get("dont_retry"):
            return response
        if response.status in self.statuses:
            return self._overloaded(request, response)
        if response.status == 403:
            return self._forbidden(request, response)
        if "dataloss" in response.flags:
            return self._cut_short(request, response)
        if not response.body and response.status == 200 and b"Content-Length" not in response.headers:
            return self._again(request, "empty body", most=1) or response
        return response

    def _overloaded(self, request: Request, response: Response) -> Request | Response:
        host = self.host(request)
        lasted = host.trouble(monotonic())
        later = retry_after(response)
        if later is not None and later > self.patience:
            self._down(request, Unreachable(f"status {response.status}, come back in {later:.0f} s"))
            return response
        if self._is_down(host, lasted):
            self._down(request, Unreachable(f"status {response.status} again and again"))
            return response
        return self._again(request, f"status {response.status}") or response

    def _is_down(self, host: Host, lasted: float) -> bool:
        return host.troubles > self.times and lasted > (self.outage_after if host.good else self.down_after)

    def _forbidden(self, request: Request, response: Response) -> Request | Response:
        host = self.host(request)
        before = request.meta.get("good_before_403")
        if before is not None:
            host.means_403 = host.means_403 or host.good > before + 1
            return response
        if host.means_403:
            return response
        again = self._again(request, "status 403", most=1)
        if again is not None:
            again.meta["good_before_403"] = host.good
        return again or response

    def _cut_short(self, request: Request, response: Response) -> Request | Response:
        body = hashlib.sha256(response.body).hexdigest()
        if response.body and request.meta.get("cut_short") == body:
            self.crawler.stats.inc_value("transport/wrong_length")
            return response
        again = self._again(request, "body cut short")
        if again is None:
            raise Unreachable("the body is always cut short")
        again.meta["cut_short"] = body
        return again

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if not isinstance(exception, CONNECTION) or request.meta.get("dont_retry"):
            return None
        host = self.host(request)
        lasted = host.trouble(monotonic())
        refused = named(exception) or Unreachable("the connection broke")
        nameless = isinstance(exception, CannotResolveHostError)
        other = None if nameless else self._other_scheme(request, host)
        if other is not None:
            return other
        if lasted > (self.outage_after if host.answered else self.down_after - SHORTEST):
            self._down(request, refused)
            raise refused from exception
        again = self._again(request, exception, most=1 if nameless else self.times)
        if again is None and not host.answered:
            self._down(request, refused)
        return again

    def _other_scheme(self, request: Request, host: Host) -> Request | None:
        """The same request in the other scheme when this one has never worked and the other has not failed too."""
        scheme = urlparse_cached(request).scheme
        other = OTHER_SCHEME.get(scheme, "")
        if not other or scheme in host.speaking:
            return None
        host.refusing.add(scheme)
        if other in host.refusing:
            return None
        self.crawler.stats.inc_value("transport/scheme_switched")
        return request.replace(url=in_scheme(request.url, other), dont_filter=True)

    def _again(self, request: Request, reason: str | Exception, most: int | None = None) -> Request | None:
        assert self.crawler.spider is not None
        return get_retry_request(
            request, spider=self.crawler.spider, reason=reason, max_retry_times=self.times if most is None else most
        )
