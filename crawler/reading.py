"""Reading in worker processes with limits of time and memory, so that no document can stop a crawl."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import get_context
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool
from scrapy.settings import BaseSettings

from parsers import documents, reading
from parsers.documents.limits import Limits
from parsers.documents.model import Member, Unread
from parsers.reading import Reading
from parsers.reports.model import Context

T = TypeVar("T")


def limits_of(settings: BaseSettings) -> Limits:
    """The limits of one document from the settings ``DOCUMENT_MAX_*``."""
    return Limits(
        bytes=settings.getint("DOCUMENT_MAX_BYTES"),
        unpacked=settings.getint("DOCUMENT_MAX_UNPACKED"),
        pages=settings.getint("DOCUMENT_MAX_PAGES"),
        cells=settings.getint("DOCUMENT_MAX_CELLS"),
        members=settings.getint("DOCUMENT_MAX_MEMBERS"),
    )


class ReadingRoom:
    """A pool of processes that read. ``seconds`` and ``megabytes`` bound one document and its process."""

    def __init__(self, *, workers: int, seconds: float, megabytes: int, limits: Limits) -> None:
        self.seconds = seconds
        self.limits = limits
        # spawned, not forked: the crawl's process has threads and an event loop that a fork would copy half-way
        self.pool = ProcessPool(
            max_workers=workers, context=get_context("spawn"), initializer=_prepare, initargs=[megabytes]
        )

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> ReadingRoom:
        return cls(
            workers=settings.getint("READ_WORKERS"),
            seconds=settings.getfloat("READ_TIMEOUT"),
            megabytes=settings.getint("READ_MEMORY_MB"),
            limits=limits_of(settings),
        )

    async def read(self, body: bytes, context: Context, charset: str = "") -> Reading:
        """Reads one document; what happens to the process is a reason, never an exception."""
        try:
            return await self._run(_read, body, context, charset, self.limits)
        except Unread as refusal:
            return Reading(documents.sniff(body), None, refusal.reason, refusal.detail)

    async def unpack(self, body: bytes) -> list[Member]:
        """The files inside an archive. Raises Unread."""
        return await self._run(_unpack, body, self.limits)

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        future = self.pool.schedule(function, args=list(arguments), timeout=self.seconds)
        try:
            result: T = await asyncio.wrap_future(future)
        except FutureTimeoutError:
            raise Unread("timeout", f"the reader was stopped after {self.seconds:g} s") from None
        except MemoryError:
            raise Unread("memory", "the reader passed its limit of memory") from None
        except ProcessExpired as error:
            raise Unread("crashed", f"the reader's process ended with code {error.exitcode}") from None
        return result

    def close(self) -> None:
        self.pool.stop()  # type: ignore[no-untyped-call]
        self.pool.join()


def _prepare(megabytes: int) -> None:
    """Bounds a worker's memory, and leaves Ctrl-C to the parent, which ends the crawl in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024**2, megabytes * 1024**2))


def _read(body: bytes, context: Context, charset: str, limits: Limits) -> Reading:
    try:
        return reading.read(body, context, charset=charset, limits=limits)
    except MemoryError:
        raise
    except Exception as error:  # a defect of a reader is an outcome of this document, not the end of a crawl
        return Reading(documents.sniff(body), None, "crashed", f"{type(error).__name__}: {error}"[:300])


def _unpack(body: bytes, limits: Limits) -> list[Member]:
    return list(documents.members(body, limits=limits))
