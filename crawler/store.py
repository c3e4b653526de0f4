"""The archive and the dataset of one crawl, opened once and shared by everything that writes."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path
from shutil import disk_usage
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from crawler.archive import Archive
from crawler.dataset import Dataset

log = logging.getLogger(__name__)
NO_ROOM = 256 * 1024
"""Bytes free on a disk below which a failed write means that it is full."""
_open: WeakKeyDictionary[Crawler, Store] = WeakKeyDictionary()
_prepared: dict[Path, Store] = {}


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
            folder = crawler.settings["DATA_DIR"]
            prepared = _prepared.pop(Path(folder).resolve(), None)
            _open[crawler] = prepared or cls(folder, crawler.settings.getfloat("DATABASE_TIMEOUT"))
        return _open[crawler]

    def close(self) -> None:
        self.closed = True
        self.dataset.close()
        self.archive.close()

    def failed(self, crawler: Crawler, error: Exception) -> None:
        """Stops the crawl after a write that the database refused (disk full, locked, damaged), or without readers.

        Nobody waits for the end here: the crawl ends when every item has left the pipelines, this one included.
        """
        if self.failure:
            return
        folder = crawler.settings["DATA_DIR"]
        reason = _reason(error, folder)
        self.failure = f"{explained(error, folder)} (folder {folder})"
        log.critical("The crawl stops: %s. What was committed is kept; the same command goes on later.", self.failure)
        self.ending = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))


def prepare(folder: str, timeout: float) -> None:
    """Opens what the next crawl of this process writes to, so that a refusal comes before anything is started.
    Raises ArchiveBusy, sqlite3.Error, and RuntimeError for files of another version."""
    _prepared[Path(folder).resolve()] = Store(folder, timeout)


def explained(error: Exception, folder: str) -> str:
    """A refused write for people: its finish reason and what SQLite says."""
    return f"{_reason(error, folder)}: {error}" if isinstance(error, sqlite3.Error) else str(error)


def _reason(error: Exception, folder: str) -> str:
    if not isinstance(error, sqlite3.Error):
        return "no_readers"
    text = str(error).lower()
    # without room for its index of the log, SQLite says "disk I/O error" or that it cannot open the file
    if "full" in text or (("i/o" in text or "unable to open" in text) and disk_usage(folder).free < NO_ROOM):
        return "disk_full"
    if "locked" in text or "busy" in text:
        return "database_locked"
    return "database_error"
