"""``python -m tests.benchmarks.storing``: an HTML report from served bytes to committed rows, on one core.

Goal: 15 ms at the median. The floor beside it is lxml parsing the same bytes and SQLite committing one row.
"""

from __future__ import annotations

import hashlib
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

from lxml import html as lxml_html

from crawler.dataset import Dataset
from crawler.items import Sighting
from parsers.reading import read, reader_version
from parsers.reports.checks import evaluate
from parsers.reports.model import Context
from tests.portals.documents import html
from tests.portals.seeds import SEEDS
from tests.portals.sites import article


def milliseconds(work: Callable[[bytes], None], pages: list[bytes], rounds: int) -> list[float]:
    for page in pages:
        work(page)
    times = []
    for _ in range(rounds):
        for page in pages:
            start = process_time()
            work(page)
            times.append((process_time() - start) * 1000)
    return times


def show(name: str, times: list[float]) -> None:
    cuts = statistics.quantiles(times, n=20)
    print(f"{name:<44} median {statistics.median(times):6.2f} ms   p95 {cuts[18]:6.2f} ms   n {len(times)}")


def main(rounds: int = 12) -> None:
    pages = [article(seed, seed.title, "2025-01-16", html(seed)) for seed in SEEDS]
    print(f"{len(pages)} article pages, {min(map(len, pages)) // 1024} to {max(map(len, pages)) // 1024} KB")
    context = Context()
    reader = reader_version()
    with tempfile.TemporaryDirectory() as folder, Dataset(folder) as dataset:

        def whole(page: bytes) -> None:
            reading = read(page, context)
            assert reading.report is not None
            sighting = Sighting("640221", "http://a/1", page, sha256=hashlib.sha256(page).hexdigest())
            report_id = dataset.write(sighting, reading, reader)
            assert report_id is not None
            dataset.write_findings(report_id, evaluate(reading.report))

        show("bytes to committed rows (goal 15 ms)", milliseconds(whole, pages, rounds))
        show("  of it: bytes to report", milliseconds(lambda page: void(read(page, context)), pages, rounds))
        floor = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        floor.execute("PRAGMA journal_mode = WAL")
        floor.execute("PRAGMA synchronous = NORMAL")
        floor.execute("create table t (body)")

        def bottom(page: bytes) -> None:
            lxml_html.fromstring(page)
            floor.execute("insert into t values (?)", [len(page)])

        show("floor: lxml parses, SQLite commits one row", milliseconds(bottom, pages, rounds))


def void(_: object) -> None:
    """Takes a result and drops it."""


if __name__ == "__main__":
    main()
