"""What the home page counts, over the whole dataset: made once when the server starts, and again when the file changes.

Over 130,000 reports the counting takes seconds, so no visitor waits for it: an older count is shown meanwhile.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.browse.queries import query

PATIENCE = 30.0
"""Seconds between two counts at least, however often a crawl writes."""

Key = tuple[str, int | None]


@dataclass(slots=True)
class Counts:
    """By (province, year): outcomes, reports held, whether they came in time, and failures of each check."""

    outcomes: dict[Key, Counter[str]] = field(default_factory=dict)
    held: Counter[Key] = field(default_factory=Counter)
    timely: dict[Key, Counter[str]] = field(default_factory=dict)
    failures: dict[Key, Counter[str]] = field(default_factory=dict)
    agencies: int = 0
    counties: int = 0

    @property
    def years(self) -> list[int]:
        """Every year of the ledger, newest first."""
        return sorted({year for _, year in self.outcomes if year is not None}, reverse=True)

    def of(self, years: Iterable[int], province: str = "") -> Counter[str]:
        """Outcomes of some years, of one province or of all."""
        wanted = set(years)
        total: Counter[str] = Counter()
        for (code, year), counts in self.outcomes.items():
            if year in wanted and province in {"", code}:
                total += counts
        return total

    def checks(self, province: str = "", of: int | None = None) -> Counter[str]:
        """How often each check fails, of one province or all, of one year or all."""
        total: Counter[str] = Counter()
        for (code, year), counts in self.failures.items():
            if province in {"", code} and of in {None, year}:
                total += counts
        return total


def count(connection: sqlite3.Connection) -> Counts:
    """Everything at once, from the dataset itself."""
    found = Counts()
    for province, year, outcome, n in connection.execute(query("outcomes")):
        found.outcomes.setdefault((province, year), Counter())[outcome] += n
    for province, year, n in connection.execute(query("totals")):
        found.held[province, year] = n
    for province, year, status, n in connection.execute(query("timely")):
        found.timely.setdefault((province, year), Counter())[status] += n
    for province, year, check, n in connection.execute(query("failures")):
        found.failures.setdefault((province, year), Counter())[check] += n
    found.agencies, found.counties = connection.execute(query("sizes")).fetchone()
    return found


class Summary:
    """The newest counts of a dataset that may be written to while it is shown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts = Counts()
        self._seen: tuple[Any, ...] = ()
        self._when = 0.0
        self._task: asyncio.Task[None] | None = None

    def _state(self) -> tuple[Any, ...]:
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return tuple((f.stat().st_mtime_ns, f.stat().st_size) if f.exists() else None for f in files)

    async def fresh(self, database: Any) -> None:
        """Counts now."""
        self._seen, self._when = self._state(), time.monotonic()
        self.counts = await database.execute_fn(count)

    async def newest(self, database: Any) -> Counts:
        """The counts at hand; when the file has changed since, new ones are made in the background."""
        busy = self._task is not None and not self._task.done()
        if not busy and time.monotonic() - self._when > PATIENCE and self._state() != self._seen:
            self._task = asyncio.get_running_loop().create_task(self.fresh(database))
        return self.counts


def shares(counts: Counts, year: int, codes: Mapping[str, str]) -> list[dict[str, Any]]:
    """A line for each province: name, expected, held, share, on time, late, without a date, failing identities."""
    lines = []
    for code, name in codes.items():
        outcomes = counts.of([year], code)
        expected = sum(outcomes.values()) - outcomes["due"]
        held, timely = outcomes["held"], counts.timely.get((code, year), Counter())
        if not expected and not held:
            continue
        lines.append(
            {
                "code": code,
                "name": name,
                "expected": max(expected, held),
                "held": held,
                "share": held / max(expected, held, 1),
                "on_time": timely["on_time"],
                "late": timely["late"],
                "undated": timely["undated"],
                "fails": sum(counts.checks(code, year).values()),
            }
        )
    return lines
