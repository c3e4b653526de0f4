"""What a person sees while a crawl runs: a bar on a terminal, plain log lines elsewhere (LogStats of Scrapy)."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm
from twisted.python.failure import Failure

from crawler.items import PortalRead, Sighting


class QuietFormatter(LogFormatter):
    """Items hold whole documents: a log line names them instead of printing them."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        result = super().scraped(item, response, spider)
        result["msg"] = "Scraped %(item)s"
        result["args"] = {"item": _name(item)}
        return result

    def dropped(self, item: Any, exception: BaseException, *rest: Any, **named: Any) -> LogFormatterResult:
        return super().dropped(_name(item), exception, *rest, **named)


def _name(item: Any) -> str:
    return f"{type(item).__name__} {getattr(item, 'url', getattr(item, 'county_code', ''))}"


class Progress:
    """Counties done or files read, reports found, pages and their rate, on standard error when it is a terminal."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.exits = ExitStack()
        self.bar: tqdm[Any] | None = None
        self.files = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        extension = cls(crawler)
        if sys.stderr.isatty():
            crawler.signals.connect(extension.opened, signals.spider_opened)
            crawler.signals.connect(extension.responded, signals.response_received)
            crawler.signals.connect(extension.scraped, signals.item_scraped)
            crawler.signals.connect(extension.closed, signals.spider_closed)
        return extension

    def opened(self, spider: Spider) -> None:
        self.exits.enter_context(logging_redirect_tqdm())
        self.files = spider.name == "files"
        total = getattr(spider, "files", 0) if self.files else len(getattr(spider, "portals", ()))
        unit = "file" if self.files else "county"
        self.bar = self.exits.enter_context(
            tqdm(total=total or None, unit=unit, dynamic_ncols=True, mininterval=0.5, file=sys.stderr)
        )

    def responded(self) -> None:
        self._show()

    def scraped(self, item: Any) -> None:
        if self.bar is not None and isinstance(item, Sighting if self.files else PortalRead):
            self.bar.update(1)
        if isinstance(item, Sighting):
            self._show()

    def _show(self) -> None:
        if self.bar is None:
            return
        stats = self.crawler.stats
        pages = stats.get_value("response_received_count", 0)
        elapsed = self.bar.format_dict["elapsed"] or 1
        self.bar.set_postfix(
            reports=stats.get_value("reports/held", 0), pages=pages, rate=f"{pages / elapsed:.1f}/s", refresh=False
        )
        self.bar.update(0)

    def closed(self) -> None:
        self.exits.close()
