"""``scrapy reread``: the archive once more through the readers, offline, on all cores.

Only what another version of the readers has read is read again; ``--all`` reads everything. The same readers give the
same rows. A dataset that was deleted comes back whole, its ledger included.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
from collections import Counter
from datetime import date
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from tqdm import tqdm

from crawler.archive import Archive, ArchiveBusy
from crawler.crosschecks import close_counties, find_copies
from crawler.dataset import Dataset, Outdated, set_aside
from crawler.due import today
from crawler.items import Sighting
from crawler.ledger import write_coverage
from crawler.portals import Refused
from crawler.reading import NoReaders, Reader, ReadingRoom, is_member, limits_of
from crawler.store import explained

MANY = 1000
"""After so many documents the dataset is put in order: rows that came in no order leave a tenth of it empty."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Read archived documents again, without any network"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="read everything, not only what is stale")
        parser.add_argument("--county", metavar="CODE", help="only documents of this county")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that read")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = self.settings["DATA_DIR"]
        room = ReadingRoom(
            workers=max(1, opts.workers),
            seconds=self.settings.getfloat("READ_TIMEOUT"),
            megabytes=self.settings.getint("READ_MEMORY_MB"),
            limits=limits_of(self.settings),
        )
        try:
            with Archive(folder) as archive, self._dataset(folder) as dataset:
                counts = asyncio.run(reread(archive, dataset, room, county=opts.county, everything=opts.all))
                close(archive, dataset, today(self.settings))
                if sum(counts.values()) > MANY:
                    dataset.optimise()
        except (ArchiveBusy, Refused, NoReaders, sqlite3.Error) as refusal:
            print(f"gongkai: {explained(refusal, folder)}", file=sys.stderr)
            self.exitcode = 1
            return
        finally:
            room.close()
        told = [f"{count} {name}" for name, count in sorted(counts.items()) if not name.startswith("findings/")]
        said = ", ".join(told) or "nothing to do"
        print(f"Reread {folder}: {said}")

    def _dataset(self, folder: str) -> Dataset:
        """The dataset; one that this version cannot go on with is set aside, and an empty one takes its place."""
        try:
            return Dataset(folder)
        except Outdated:
            print(f"The dataset is built anew; the one before is kept as {set_aside(folder)}", file=sys.stderr)
            return Dataset(folder)


def close(archive: Archive, dataset: Dataset, day: date) -> None:
    """What is known only when everything has been read: the ledger, and what reports say of each other."""
    for portal in archive.registered():
        write_coverage(archive, dataset, portal, None, day)
    close_counties(archive, dataset, {*dataset.counties(), *archive.counties()})
    find_copies(dataset)


async def reread(
    archive: Archive, dataset: Dataset, room: ReadingRoom, *, county: str | None = None, everything: bool = False
) -> Counter[str]:
    """Reads what is stale and returns how many documents ended how. At most a few documents are in memory at once."""
    counts: Counter[str] = Counter()
    names = {portal.code: portal.name for portal in archive.registered()}
    reader = Reader(archive, dataset, room, names, lambda name: counts.update([name]), again=everything)
    gate = asyncio.Semaphore(2 * room.workers)

    failures: list[Exception] = []

    async def one(sighting: Sighting) -> None:
        try:
            await reader.read(sighting)
        except Exception as error:  # whatever it is, it must not get lost with its task
            failures.append(error)
        finally:
            gate.release()
            bar.update(1)

    tasks: set[asyncio.Task[None]] = set()
    total = archive.count_sightings(county)
    with tqdm(total=total, unit="document", disable=not sys.stderr.isatty(), dynamic_ncols=True) as bar:
        for stored in archive.sightings(county):
            if is_member(stored.sighting.url):
                bar.update(1)  # a file inside an archive is read with the archive
                continue
            await gate.acquire()
            if failures:
                break
            task = asyncio.create_task(one(stored.sighting))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
    if failures:
        raise failures[0]
    for code in [county] if county else names:
        await reader.read_series(code)
    return counts
