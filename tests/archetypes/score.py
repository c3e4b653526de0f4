"""What a crawl was worth: the truth of an archetype against the tables it left and the log of the servers."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.robotparser import RobotFileParser

from tests.archetypes.making import OUTSIDE
from tests.archetypes.model import Expected, World
from tests.archetypes.server import Record, Site

UNCOUNTED = re.compile(r"/robots\.txt$|/favicon\.ico$|\.(?:css|png|jpe?g|gif|svg|ico|woff2?|ttf|mp4)(?:$|\?)", re.I)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts at the server. ``gap`` is the least time in seconds between two plain requests to one address."""

    requests: int
    navigations: int
    disallowed: tuple[str, ...]
    outside: tuple[str, ...]
    concurrency: int
    gap: float
    faults: int


@dataclass(frozen=True, slots=True)
class Score:
    """``missing`` are reports not held, ``false`` rows that are none of the truth, ``misread`` documents of the truth
    that were given another agency or year, ``outcomes`` what each portal ended with."""

    expected: int
    held: int
    rows: int
    missing: tuple[Expected, ...]
    false: tuple[tuple[str, ...], ...]
    misread: tuple[tuple[str, ...], ...]
    outcomes: dict[str, str]

    @property
    def recall(self) -> float:
        return self.held / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        return (self.rows - len(self.false)) / self.rows if self.rows else 1.0


def counted(log: Iterable[Record]) -> list[Record]:
    """Records that the counting rule counts: images, CSS and robots.txt are free, so is what a browser loads by itself;
    a page that reloads itself while it is unlocked is one navigation."""
    kept: list[Record] = []
    last: dict[str, Record] = {}
    for record in log:
        if record.browser:
            if not record.navigation:
                continue
            before = last.get(record.host)
            last[record.host] = record
            again = before is not None and before.target == record.target and record.start - before.end < 6
            if again or record.target == "/favicon.ico":
                continue
        elif UNCOUNTED.search(record.target):
            continue
        kept.append(record)
    return kept


def traffic(log: list[Record], sites: list[Site]) -> Traffic:
    own = [record for record in log if not record.host.startswith(OUTSIDE)]
    kept = counted(own)
    return Traffic(
        requests=len(kept),
        navigations=sum(record.navigation for record in kept),
        disallowed=tuple(_disallowed(own, sites)),
        outside=tuple(record.url for record in log if record.host.startswith(OUTSIDE) and not record.browser),
        concurrency=_concurrency([record for record in own if not record.browser]),
        gap=_gap([record for record in own if not record.browser]),
        faults=sum(bool(record.fault) and record.fault != "type" for record in kept),
    )


def _disallowed(log: list[Record], sites: list[Site]) -> list[str]:
    rules: dict[str, RobotFileParser] = {}
    for site in sites:
        body = site.robots.body if site.robots else b"User-agent: *\nDisallow: /admin/\n"
        parser = RobotFileParser()
        usable = site.robots is None or (site.robots.status == 200 and b"<html" not in body.lower())
        parser.parse(body.decode("utf-8", "replace").splitlines() if usable else [])
        rules |= dict.fromkeys(site.names, parser)
    return [
        record.url
        for record in log
        if not record.target.startswith("/robots.txt")
        and record.method != "TLS"
        and not (record.browser and not record.navigation)
        and (rule := rules.get(record.host.rpartition(":")[0])) is not None
        and not rule.can_fetch("gongkai", record.target)
    ]


def _concurrency(log: list[Record]) -> int:
    """Most requests at once on one address."""
    events: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for record in log:
        events[record.address] += [(record.start, 1), (record.end, -1)]
    most = 0
    for changes in events.values():
        at_once = 0
        for _, change in sorted(changes):
            at_once += change
            most = max(most, at_once)
    return most


def _gap(log: list[Record]) -> float:
    """Least time from the start of one request to the start of the next on one address."""
    starts: dict[str, list[float]] = defaultdict(list)
    for record in log:
        starts[record.address].append(record.start)
    gaps = [b - a for times in starts.values() for a, b in zip(sorted(times), sorted(times)[1:], strict=False)]
    return min(gaps, default=0.0)


def score(world: World, folder: Path) -> Score:
    """Compares ``reports.db`` in ``folder`` with the truth; a report that can only be kept counts when its bytes are
    in ``archive.db``."""
    rows = _select(folder / "reports.db", "SELECT county_code, agency, year, url, sha256 FROM reports WHERE current")
    kept = {row[0] for row in _select(folder / "archive.db", "SELECT sha256 FROM documents")}
    # what was held before may rightly still be there
    truth = {report.key: report for report in (*world.before, *world.reports)}
    by_hash = {digest: report for report in world.reports for digest in report.sha256}
    found = {(code, agency, year) for code, agency, year, _, _ in rows}
    false, misread = [], []
    for code, agency, year, url, digest in rows:
        report = truth.get((code, agency, year))
        if report is not None and report.outcome != "blocked":
            continue
        described = tuple(map(str, (code, agency, year, url)))
        false.append(described)
        if digest in by_hash:
            misread.append((*described, f"is {by_hash[digest].agency} {by_hash[digest].year}"))
    due = [report for report in world.reports if report.outcome != "blocked"]
    missing = tuple(
        report
        for report in due
        if report.key not in found and not (report.outcome == "unread" and set(report.sha256) & kept)
    )
    outcomes = dict(_select(folder / "reports.db", "SELECT code, outcome FROM portals"))
    return Score(len(due), len(due) - len(missing), len(rows), missing, tuple(false), tuple(misread), outcomes)


def fetched(world: World, log: list[Record]) -> tuple[int, int]:
    """From the log alone: reports whose document was sent whole, and look-alikes that were asked for."""
    digests = {record.digest for record in log if record.digest}
    reports = sum(bool(digests & set(report.sha256)) for report in world.reports)
    asked = {record.url for record in log if record.status == 200}
    return reports, sum(decoy.url in asked for decoy in world.decoys)


def _select(path: Path, sql: str) -> list[tuple]:  # type: ignore[type-arg]
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()
