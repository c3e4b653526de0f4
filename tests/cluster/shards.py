"""Visits without a network: the same visits by one machine, and by several that each keep a shard."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from crawler.archive import BY_TIME, Archive
from crawler.crosschecks import close_counties, find_copies
from crawler.dataset import Dataset
from crawler.fleet.memory import Memory, learn
from crawler.items import ListRead, PortalRead, Sighting
from crawler.ledger import write_coverage
from crawler.portals import Portal
from parsers.reading import Reading, read, reader_version
from parsers.reports.checks import evaluate
from parsers.reports.model import Context
from tests.generator import html
from tests.generator.report import make_report

DAY = date(2026, 4, 20)
FIGURE = re.compile(rb">([1-9][0-9]*)<")  # >12<
PORTALS = {code: Portal(code, name, f"http://www.{code}.gov.cn/") for code, name in
           (("640221", "平罗县"), ("640522", "海原县"), ("640303", "红寺堡区"))}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """A document at an address; ``report`` is the number of a generated one, or None for a page that is none.
    ``version`` 1 is another wording, 2 another number."""

    url: str
    report: int | None
    version: int = 0

    @property
    def title(self) -> str:
        return "通知" if self.report is None else make_report(self.report).title

    @property
    def body(self) -> bytes:
        return page_of(self.report, self.url if self.report is None else "", self.version)


@dataclass(frozen=True, slots=True)
class Visit:
    """One crawl of a county; ``run`` is its number in every archive, ``gone`` are addresses that answered 404."""

    run: int
    county: str
    pages: tuple[Page, ...]
    gone: tuple[str, ...] = ()
    outcome: str = "held"
    killed: bool = False


@cache
def page_of(report: int | None, url: str, version: int) -> bytes:
    if report is None:
        return f"<html><body><h1>通知</h1><p>{url}</p></body></html>".encode()
    body = html.clean(make_report(report), random.Random(report))
    if version == 1:
        return body.replace("。".encode(), "，特此说明。".encode(), 1)
    if version == 2:
        return FIGURE.sub(lambda found: b">%d<" % (int(found[1]) + 1), body, count=1)
    return body


@cache
def reports_of(county: str) -> tuple[int, ...]:
    """Numbers of generated reports that agencies of a county sign."""
    return tuple(n for n in range(80) if make_report(n).title.removeprefix("2").find(PORTALS[county].name) >= 0)[:7]


@cache
def reading_of(body: bytes, county: str, title: str) -> Reading:
    return read(body, Context(county_code=county, county_name=PORTALS[county].name, titles=(title,)))


def make(folder: Path, visit: Visit, memory: Memory | None = None, *, reader: str = "") -> Memory:
    """Does a visit into a folder, as the spider, the pipelines and the ledger do it."""
    portal, reader = PORTALS[visit.county], reader or reader_version()
    with Archive(folder) as archive, Dataset(folder) as dataset:
        before = memory or Memory(visit.county)
        if memory is not None:
            archive.take_over(visit.county, memory.state)
        archive.register([portal])
        archive.number = visit.run
        archive.open_run("county", {"county": visit.county, "shard": folder.name}, {})
        for page in visit.pages:
            sighting = Sighting(visit.county, page.url, page.body, titles=(page.title,), page_url=page.url)
            archive.keep(sighting, "text/html")
            if not dataset.seen_again(sighting, reader):
                reading = reading_of(page.body, visit.county, page.title)
                report_id = dataset.write(sighting, reading, reader)
                if report_id is not None and reading.report is not None:
                    dataset.write_findings(report_id, evaluate(reading.report))
        rows = [
            {"url": page.url, "status": 200, "sha256": hashlib.sha256(page.body).hexdigest()} for page in visit.pages
        ]
        rows += [{"url": url, "status": 404, "sha256": ""} for url in visit.gone]
        archive.visited({"via": "http", "county_code": visit.county, "outcome": "ok", "fetched": day_of(visit), **row}
                        for row in rows)  # fmt: skip
        if visit.killed:
            return before
        archive.list_read(ListRead(visit.county, portal.url + "nb/", "trs", "年报", len(visit.pages), None, True))
        archive.portal_read(PortalRead(visit.county, visit.outcome, visit.outcome, "trs", trail_of(visit)))  # type: ignore[arg-type]
        write_coverage(archive, dataset, portal, None, DAY)
        close_counties(archive, dataset, {"", visit.county})
        find_copies(dataset)
        archive.close_run("finished", "ok", {"day": DAY.isoformat()})
        settle(archive, visit)
        close_counties(archive, dataset, {"", visit.county})
        return learn(archive, dataset, visit.county, folder.name, before)


def day_of(visit: Visit) -> str:
    return f"2026-03-{1 + visit.run % 28:02}T08:00:00Z"


def settle(archive: Archive, visit: Visit) -> None:
    """A run's times are those of its number, not of the machine that plays it."""
    archive.db.table("runs").update(visit.run, {"started": day_of(visit), "finished": day_of(visit)})


def trail_of(visit: Visit) -> tuple[str, ...]:
    return (f"http://www.{visit.county}.gov.cn/nb{visit.run % 3}/",) if visit.outcome == "held" else ()


def history(rng: random.Random, visits: int = 8) -> list[Visit]:
    """Visits of three counties in the order of time: pages that stay, change, go and are published twice."""
    made = []
    for number in range(visits):
        county = rng.choice(list(PORTALS))
        urls = rng.sample(range(5), 3)
        own = reports_of(county)
        pages = tuple(
            Page(
                f"http://www.{county}.gov.cn/{n}.html",
                rng.choice([own[n], own[n], own[n], own[n - 1], own[n + 2 - 2 * (n > 4)], None]),
                rng.choice([0, 0, 1, 2]),
            )
            for n in urls
        )
        outcome = rng.choice(["held", "held", "held", "unreachable"])
        visit = Visit(BY_TIME + 1000 * (number + 1), county, pages if outcome == "held" else (), outcome=outcome)
        if outcome == "held":
            visit = replace(visit, gone=(f"http://www.{county}.gov.cn/{({*range(5)} - {*urls}).pop()}.html",))
        made.append(visit)
    return made


def one_machine(folder: Path, visits: Sequence[Visit]) -> None:
    for visit in visits:
        make(folder, visit)


def fleet(parent: Path, visits: Sequence[Visit], rng: random.Random, shards: int = 3) -> list[Path]:
    """Each visit by some machine, with what the others have learned."""
    folders = [parent / f"w{n}-0" for n in range(shards)]
    memories: dict[str, Memory] = {}
    for visit in visits:
        memories[visit.county] = make(rng.choice(folders), visit, memories.get(visit.county))
    return [folder for folder in folders if (folder / "archive.db").exists()]
