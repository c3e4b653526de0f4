"""What runs in the reading processes: nothing but readers is loaded there, so that one costs little to start."""

from __future__ import annotations

import resource
import signal

from parsers import documents, reading
from parsers.documents.limits import Limits
from parsers.documents.model import Member
from parsers.reading import Reading
from parsers.reports.model import Context


def prepare(megabytes: int) -> None:
    """Bounds a worker's memory, and leaves Ctrl-C to the parent, which ends the crawl in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024**2, megabytes * 1024**2))


def read(body: bytes, context: Context, charset: str, limits: Limits) -> Reading:
    try:
        return reading.read(body, context, charset=charset, limits=limits)
    except MemoryError:
        raise
    except Exception as error:  # a defect of a reader is an outcome of this document, not the end of a crawl
        return Reading(documents.sniff(body), None, "crashed", f"{type(error).__name__}: {error}"[:300])


def read_series(images: list[bytes], context: Context, limits: Limits) -> Reading:
    try:
        return reading.read_series(images, context, limits=limits)
    except MemoryError:
        raise
    except Exception as error:
        return Reading(documents.sniff(images[0]), None, "crashed", f"{type(error).__name__}: {error}"[:300])


def unpack(body: bytes, limits: Limits) -> list[Member]:
    return list(documents.members(body, limits=limits))
