"""The ledger: opens the run, and closes it with one outcome for every agency and year of each county.

Expected are the county's government, its office, every township of the division list, every agency that the portal's
directories name, and every agency that ever reported. For each of them and each year the ledger says what we hold, or
why not; absence is written down, never inferred by the reader of a table.
"""

from __future__ import annotations

import logging
import platform
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from typing import Any, Literal

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler import due
from crawler.archive import Archive, Published, Waiting
from crawler.crosschecks import close_counties, find_copies
from crawler.dataset import Dataset
from crawler.items import Gap, Known, ListRead, PortalOutcome, PortalRead
from crawler.portals import Portal
from crawler.store import Store, explained
from crawler.visits import Visits
from crawler.worse import below, worse
from parsers.reading import reader_version
from parsers.reports import divisions, issuer, title
from parsers.reports.model import AgencyKind, Context

log = logging.getLogger(__name__)

Outcome = Literal["held", "unread", "absent", "unlisted", "blocked", "disallowed", "unreachable", "due"]


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who has to publish a report. ``name`` is official and full, from the county down."""

    name: str
    kind: AgencyKind


NOT_ENDED = "no visit to this portal has come to its end yet"


def last_due_year(today: date) -> int:
    """The last year of which every report is due."""
    return today.year - 1 if today > deadline("county", today.year - 1) else today.year - 2


def deadline(kind: AgencyKind, year: int) -> date:
    """The last day for the report of a year (条例 第四十九条): 31 March for governments, 31 January for others.

    Before the regulation of 2019 it was 31 March for everybody (条例 2007 第三十一条).
    """
    return date(year + 1, 3, 31) if kind == "county" or year < 2019 else date(year + 1, 1, 31)


class Ledger:
    """Begins and ends a run in the archive, and writes ``coverage``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.behind: set[str] = set()
        """Counties that a run without an end touched: their ledger is closed with this run's."""
        self.left: dict[str, Portal] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Ledger:
        ledger = cls(crawler)
        crawler.signals.connect(ledger.opened, signals.spider_opened)
        crawler.signals.connect(ledger.closed, signals.spider_closed)
        return ledger

    def opened(self, spider: Spider) -> None:
        store = Store.of(self.crawler)
        try:
            self._open(store, spider)
        except sqlite3.Error as error:
            spider.portals = []  # type: ignore[attr-defined]
            store.failed(self.crawler, error)

    def _open(self, store: Store, spider: Spider) -> None:
        day = due.today(self.crawler.settings)
        portals: list[Portal] = list(getattr(spider, "portals", ()))
        if portals:
            if not getattr(spider, "named", True):
                portals = _due(store, portals, day)
            portals = [_with_trail(store, portal, day) for portal in portals]
            spider.known = {portal.code: _known(store, portal, day) for portal in portals}  # type: ignore[attr-defined]
            spider.portals = portals  # type: ignore[attr-defined]
            store.archive.register(portals)
            # from here on nobody is without an outcome, however this run ends
            year = getattr(spider, "year", None) or day.year - 1
            covered = store.dataset.covered(year)
            for portal in portals:
                if portal.code not in covered:
                    write_coverage(store.archive, store.dataset, portal, year, day)
        self.behind = store.archive.left_behind()
        self.left = {portal.code: portal for portal in store.archive.registered() if portal.code in self.behind}
        arguments = {name: value for name, value in vars(spider).items() if isinstance(value, str)}
        broken = store.archive.broken_run()
        store.archive.open_run(spider.name, arguments, _versions())
        store.archive.begin_visits(portals, day)
        if broken is not None:
            self.crawler.stats.set_value("runs/interrupted", broken)
            log.warning("The run before was interrupted: run %s has no end; this one goes on from there", broken)

    def closed(self, spider: Spider, reason: str) -> None:
        store = Store.of(self.crawler)
        visits = self.crawler.get_extension(Visits)
        if visits is not None:
            visits.flush()
        portals: list[Portal] = list(getattr(spider, "portals", ()))
        year = getattr(spider, "year", None)
        try:
            today = due.today(self.crawler.settings)
            before = {row["code"]: row["outcome"] for row in store.dataset.portal_outcomes([p.code for p in portals])}
            for portal in self.left.values():
                write_coverage(store.archive, store.dataset, portal, None, today)
            counties = {
                portal.code: write_coverage(store.archive, store.dataset, portal, year, today) for portal in portals
            }
            # files that somebody has on disk come from no portal: their county is what they say
            touched = {"", *counties, *self.behind, *store.dataset.counties_of_run(store.archive.run_id)}
            for status, count in close_counties(store.archive, store.dataset, touched).items():
                self.crawler.stats.set_value(f"findings/across/{status}", count)
            if store.dataset.count_current() <= self.crawler.settings.getint("COPIES_AT_CLOSE"):
                self.crawler.stats.set_value("findings/copied", find_copies(store.dataset))
            stats: dict[str, Any] = dict(self.crawler.stats.get_stats()) | {"day": today.isoformat()}
            if portals:
                stats["counties"] = counties
            store.archive.close_run(reason, self._verdict(store, portals, reason, before, stats), stats)
        except sqlite3.Error as error:
            log.critical("The ledger could not be closed: %s", explained(error, self.crawler.settings["DATA_DIR"]))
        finally:
            store.close()

    def _verdict(
        self, store: Store, portals: list[Portal], reason: str, before: dict[str, str], stats: dict[str, Any]
    ) -> str:
        """``stopped``, ``ok``, or ``bad``: then ``stats["worse"]`` says what got worse without a page to prove it."""
        if reason != "finished":
            return "stopped"
        touched = [*portals, *(portal for code, portal in self.left.items() if code not in {p.code for p in portals})]
        short = list(below(store.dataset, portals, last_due_year(due.today(self.crawler.settings))))
        found = [*worse(store.archive, store.dataset, touched, before), *short]
        if not found:
            return "ok"
        for sentence in found:
            log.warning("Got worse: %s", sentence)
        stats["worse"] = found
        stats["below"] = short
        return "bad"


def _due(store: Store, portals: list[Portal], day: date) -> list[Portal]:
    """Of a whole registry, the portals whose next visit has come."""
    visits = store.archive.last_visits()
    begun = store.archive.begun_visits()
    chosen = []
    for portal in sorted(portals, key=lambda portal: portal.code not in begun):
        started, failures = visits.get(portal.code, ("", 0))
        if portal.code in begun or due.visit_due(date.fromisoformat(started[:10]) if started else None, failures, day):
            chosen.append(portal)
    log.info("%d of %d portals are due on %s", len(chosen), len(portals), day)
    return chosen


def _known(store: Store, portal: Portal, day: date) -> dict[str, Known]:
    archive = store.archive
    lost = archive.visit_memory(portal.code).lost
    settled = store.dataset.settled(portal.code)
    return known_pages(archive.published(portal.code), settled, day, archive.waiting(portal.code), lost)


def known_pages(
    published: list[Published],
    settled: set[str],
    day: date,
    waiting: Sequence[Waiting] = (),
    lost: Collection[str] = (),
) -> dict[str, Known]:
    """Page -> what it was published as; ``settled`` where nothing is open about any document on it and none needs a
    second look. Pages that lately brought nothing are in it, too."""
    own = {each.url for each in published if each.url == each.page}
    again = [each for each in waiting if each.due_at <= day.isoformat()]
    unsettled = {address for each in again for address in (each.url, each.page_url)}
    known: dict[str, Known] = {}
    for each in published:
        address = each.page if each.page in own else each.url  # a row of a list may be the file itself
        checked = date.fromisoformat(each.checked[:10]) if each.checked else None
        if due.look_due(checked, each.known.published, day, read=each.url in settled):
            unsettled.add(address)
        known.setdefault(address, replace(each.known, lost=address in lost))
    for dead in waiting:
        if dead.due_at > day.isoformat() and dead.url == dead.page_url:
            known[dead.url] = Known((dead.title,), dead.published, held=False)
    return {address: replace(one, settled=address not in unsettled) for address, one in known.items()}


def _with_trail(store: Store, portal: Portal, day: date) -> Portal:
    """The portal with what its last visit left: the addresses that led to reports."""
    memory = store.archive.visit_memory(portal.code)
    lately = not due.ways_due(memory.looked, day)
    return replace(portal, trail=memory.trail, ways=memory.ways, lately=lately, gaps=memory.gaps)


def _versions() -> dict[str, str]:
    packages = ("scrapy", "parsel", "lxml", "sqlite-utils", "pypdfium2", "playwright")
    return {"python": platform.python_version(), "reader": reader_version(), **{p: version(p) for p in packages}}


def expected(portal: Portal, named: tuple[str, ...]) -> list[Expected]:
    """Who has to report in a county, as far as the division list and the portal's own directories say."""
    agencies = {
        f"{portal.name}人民政府": Expected(f"{portal.name}人民政府", "county"),
        f"{portal.name}人民政府办公室": Expected(f"{portal.name}人民政府办公室", "department"),
    }
    context = Context(county_code=portal.code, county_name=portal.name)
    names = [township.name for township in divisions.townships(portal.code)]
    for name in (*names, *named):
        found = issuer.identify(title_agency=name, context=context)
        if found.county_code == portal.code and not found.candidates:
            agencies.setdefault(found.name, Expected(found.name, found.kind))
    return list(agencies.values())


def write_coverage(archive: Archive, dataset: Dataset, portal: Portal, only: int | None, today: date) -> dict[str, int]:
    """Writes a county's ledger from what archive and dataset hold; returns how many rows have each outcome.

    ``only`` restricts it to one year. The same archive and day give the same ledger.
    """
    read = archive.portal(portal.code) or PortalRead(portal.code, "unreachable", NOT_ENDED)
    dataset.write_portal(
        {
            "code": portal.code,
            "name": portal.name,
            "province": portal.province,
            "prefecture": portal.prefecture,
            "url": portal.url,
            "system": read.system,
            "outcome": read.outcome,
            "reason": read.reason,
        }
    )
    rows = list(_coverage(archive, dataset, portal, read, archive.lists_of(portal.code), only, today))
    dataset.write_coverage(portal.code, rows, only)
    return dict(Counter(row["outcome"] for row in rows))


def _coverage(
    archive: Archive,
    dataset: Dataset,
    portal: Portal,
    read: PortalRead,
    lists: list[ListRead],
    only: int | None,
    today: date,
) -> Iterator[dict[str, Any]]:
    held = dataset.held(portal.code)
    agencies = {agency.name: agency for agency in expected(portal, read.agencies)}
    for row in held:
        agencies.setdefault(row["agency"], Expected(row["agency"], row["kind"]))
    reports = {(row["agency"], row["year"]): row["id"] for row in held}
    unread, refused = _unread(dataset, portal)
    waiting, nameless = _waiting(archive, portal)
    doubts = _doubts(portal, (*read.gaps, *nameless), lists)
    strange = next(((gap.outcome, gap.reason) for gap in read.gaps if gap.strangers), None)
    familiar = {name for name, _ in reports} | {_concerned(portal, each.agency) for each in lists if each.complete}
    years = [only] if only else _years([year for _, year in (*reports, *unread, *waiting) if year], today)
    for agency in agencies.values():
        for year in years:
            key = (agency.name, year)
            doubt = doubts.get(agency.name) or doubts.get("") or (strange if agency.name not in familiar else None)
            outcome, reason = _missing(read, lists, doubt, deadline(agency.kind, year), today)
            if key in reports:
                outcome, reason = "held", ""
            elif key in unread:
                outcome, reason = "unread", unread[key]
            elif key in waiting:
                outcome, reason = waiting[key]
            elif key in refused:
                outcome, reason = "unread", refused[key]
            yield {
                "agency": agency.name,
                "kind": agency.kind,
                "year": year,
                "outcome": outcome,
                "report_id": reports.get(key),
                "reason": reason,
            }


def _years(found: list[int], today: date) -> list[int]:
    """Every year from the first that was found (at least the last that is due) to the last that is over."""
    last = today.year - 1
    first = min([last, *found])
    return list(range(last, first - 1, -1))


def _unread(dataset: Dataset, portal: Portal) -> tuple[dict[tuple[str, int], str], dict[tuple[str, int], str]]:
    """(agency, year) -> reason, for documents that look like reports but that a reader refused; and for those that do
    not, and yet have the title of one."""
    found: dict[tuple[str, int], str] = {}
    named: dict[tuple[str, int], str] = {}
    for row in dataset.unread(portal.code):
        no_report = row["reason"] == "not_a_report"
        if key := _titled(portal, row["title"], row["url"], sure=no_report):
            (named if no_report else found)[key] = f"{row['reason']}: {row['detail']}".rstrip(": ")
    return found, named


def _titled(portal: Portal, heading: str, url: str, agency: str = "", *, sure: bool = False) -> tuple[str, int] | None:
    """The agency and year that a title names; None for what is no report by its title, or (``sure``) not surely one."""
    judged = title.judge(heading, url)
    if judged.kind == "lookalike" or not judged.year:
        return None
    if sure and not (judged.kind == "report" and judged.agency):
        return None
    context = Context(county_code=portal.code, county_name=portal.name, agency=agency)
    who = issuer.identify(title_agency=judged.agency, context=context, year=judged.year)
    return who.name, judged.year


def _waiting(archive: Archive, portal: Portal) -> tuple[dict[tuple[str, int], tuple[Outcome, str]], list[Gap]]:
    """(agency, year) -> outcome and reason, for reports that a page names and that have not come; and those of which
    nothing says whose or of which year they are."""
    nameless: list[Gap] = []
    named: dict[str, PortalOutcome] = {"blocked": "blocked", "disallowed": "disallowed"}
    found: dict[tuple[str, int], tuple[Outcome, str]] = {}
    for each in archive.waiting(portal.code):
        why = "nobody came to ask for it" if each.state == "open" else f"{each.state}: {each.reason}".rstrip(": ")
        outcome = named.get(each.state, "unreachable")
        if key := _titled(portal, each.title, each.url, each.agency):
            found[key] = outcome, f"it is listed; {each.url} ({why})"
        elif each.state not in ("gone", "skipped") and title.judge(each.title, each.url).kind != "lookalike":
            nameless.append(
                Gap(each.url, outcome, f"a document of the lists has not come: {each.url} ({why})", each.agency)
            )
    return found, nameless


def _doubts(portal: Portal, gaps: Sequence[Gap], lists: Sequence[ListRead]) -> dict[str, tuple[Outcome, str]]:
    """Agency -> outcome and reason, for those who cannot be called absent since something of theirs was not read; ""
    stands for everybody."""
    told = [(gap.agency, gap.outcome, gap.reason) for gap in gaps if not gap.strangers]
    for each in lists:
        if not each.complete:
            told.append((each.agency, "unlisted", f"a list was not read to its end: {each.url} ({each.reason})"))
    found: dict[str, tuple[Outcome, str]] = {}
    for name, outcome, reason in told:
        found.setdefault(_concerned(portal, name), (outcome, reason))
    return found


def _concerned(portal: Portal, name: str) -> str:
    """The agency that a portal calls ``name``; "" where that is not certain, for then it may be anybody."""
    if not name:
        return ""
    context = Context(county_code=portal.code, county_name=portal.name)
    who = issuer.identify(title_agency=name, context=context)
    return "" if who.candidates else who.name


def _missing(
    read: PortalRead,
    lists: list[ListRead],
    doubt: tuple[Outcome, str] | None,
    last: date,
    today: date,
) -> tuple[Outcome, str]:
    """Why nothing is held of an agency and year for which nothing was found. ``absent`` is said where no doubt is."""
    if today <= last:
        return "due", f"due by {last}"
    if read.outcome != "held":
        return read.outcome, read.reason
    if doubt is not None:
        return doubt
    if not lists:
        return "unlisted", "no list was read, although reports were found"
    return "absent", f"{len(lists)} lists read to their end"
