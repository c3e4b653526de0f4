"""The archive and the dataset of one crawl, opened once and shared by everything that writes."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from crawler.archive import Archive
from crawler.dataset import Dataset

log = logging.getLogger(__name__)
_open: WeakKeyDictionary[Crawler, Store] = WeakKeyDictionary()


class Store:
    """``Store.of(crawler)`` gives the crawl's archive and dataset; ``DATA_DIR`` says where they live.

    ``failure`` is the sentence of the first write that failed: then the crawl stops, and what was committed stays.
    """

    def __init__(self, folder: str, timeout: float) -> None:
        self.archive = Archive(folder, timeout=timeout)
        try:
            self.dataset = Dataset(folder, timeout=timeout)
        except BaseException:
            self.archive.close()
            raise
        self.failure = ""
        self.closed = False

    @classmethod
    def of(cls, crawler: Crawler) -> Store:
        if crawler not in _open:
            _open[crawler] = cls(crawler.settings["DATA_DIR"], crawler.settings.getfloat("DATABASE_TIMEOUT"))
        return _open[crawler]

    def close(self) -> None:
        self.closed = True
        self.dataset.close()
        self.archive.close()

    def failed(self, crawler: Crawler, error: sqlite3.Error) -> None:
        """Stops the crawl after a write that the database refused (disk full, locked, damaged).

        Nobody waits for the end here: the crawl ends when every item has left the pipelines, this one included.
        """
        if self.failure:
            return
        reason = _reason(error)
        self.failure = f"{reason}: {error} (folder {crawler.settings['DATA_DIR']})"
        log.critical("The crawl stops: %s. What was committed is kept; the same command goes on later.", self.failure)
        self.ending = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))


def _reason(error: sqlite3.Error) -> str:
    text = str(error).lower()
    if "full" in text:
        return "disk_full"
    if "locked" in text or "busy" in text:
        return "database_locked"
    return "database_error"
