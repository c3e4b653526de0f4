"""Every request ends in a callback, or in an errback whose exception names the outcome.

A spider reads ``failure.value.outcome`` and ``failure.value.reason``; it never has to know the exceptions of Scrapy,
Twisted or Playwright. ``outcome`` is ``blocked``, ``disallowed`` or ``unreachable`` as in DESIGN.md, or ``skipped``
(not wanted: a video, a file that is too large), ``seen`` (a redirect led to an address that was already asked for) or
``stopped`` (the crawl was ended first).
Answers with an error status still come as Scrapy's ``HttpError`` with their response.

Settings: ``DOWNLOADER_MIDDLEWARES = {"crawler.middlewares.outcomes.Outcomes": 10}``
"""

from __future__ import annotations

from typing import Literal, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    StopDownload,
    UnsupportedURLSchemeError,
)
from scrapy.http import Request

Outcome = Literal["blocked", "disallowed", "unreachable", "skipped", "seen", "stopped"]


class Refused(IgnoreRequest):
    """A request that will not be answered. ``reason`` is for people: one short sentence without the address."""

    outcome: Outcome = "unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Blocked(Refused):
    """A wall: a slider, a captcha, a challenge that an ordinary browser does not pass. Nobody tries to solve it."""

    outcome: Outcome = "blocked"


class Disallowed(Refused):
    """robots.txt forbids it."""

    outcome: Outcome = "disallowed"


class Unreachable(Refused):
    """Nothing usable came back: no name, no connection, no answer in time, a body that is always cut short."""

    outcome: Outcome = "unreachable"


class Skipped(Refused):
    """Not worth its bytes: video, sound, a program, an archive nobody called a report, a page beyond the size limit."""

    outcome: Outcome = "skipped"


class Seen(Refused):
    """A redirect led to an address that was asked for before; Scrapy would drop it without a word."""

    outcome: Outcome = "seen"


class Stopped(Refused):
    """The crawl ends before the request had its turn; nothing is known of its address."""

    outcome: Outcome = "stopped"


REASONS: tuple[tuple[type[Exception], type[Refused], str], ...] = (
    (CannotResolveHostError, Unreachable, "the host has no address"),
    (DownloadConnectionRefusedError, Unreachable, "connection refused"),
    (DownloadTimeoutError, Unreachable, "no answer in time"),
    (ResponseDataLossError, Unreachable, "the body was cut short"),
    (DownloadCancelledError, Skipped, "larger than the size limit"),
    (StopDownload, Skipped, "stopped by its size or type"),
    (UnsupportedURLSchemeError, Skipped, "not an address of the web"),
    (NotSupported, Skipped, "not an address of the web"),
    (DownloadFailedError, Unreachable, "the connection broke"),
    (OSError, Unreachable, "the connection broke"),
)


def named(error: Exception) -> Refused | None:
    """The outcome that an exception of a download stands for; None for a mistake in a program."""
    if isinstance(error, Refused):
        return error
    for known, outcome, reason in REASONS:
        if isinstance(error, known):
            return outcome(str(getattr(error, "reason", "") or reason))
    if isinstance(error, IgnoreRequest):
        return Unreachable(str(error) or "given up")
    if type(error).__module__.startswith(("twisted.", "OpenSSL.", "playwright.")):
        return Unreachable(f"the connection broke ({type(error).__name__})")
    return None


class Outcomes:
    """Stands first, so that it sees an exception last, when nobody asks again."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_exception(self, request: Request, exception: Exception) -> None:
        refused = named(exception)
        if refused is None:
            return
        self.crawler.stats.inc_value(f"outcome/{refused.outcome}")
        if refused is not exception:
            raise refused from exception
