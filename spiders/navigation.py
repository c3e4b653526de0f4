"""From a portal's entry to its annual reports: decides what to ask for next, never asks itself.

A Survey is fed with answers and gives back tasks (what to ask for) and items (what was found). It has no network, no
clock and no Scrapy, so a portal recorded once proves it for ever. Best link first; one page of navigation at a time;
documents as soon as they are known.
"""

from __future__ import annotations

import heapq
import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from crawler.items import ListRead, PortalOutcome, PortalRead, Sighting
from crawler.portals import Portal
from parsers import listings
from parsers.listings import api, article
from parsers.listings.article import Article, File
from parsers.listings.keys import Scope, record_key
from parsers.listings.model import Entry, Fetch, Link, Loaded, Page
from parsers.listings.redirect import gone, is_stub, redirect
from parsers.listings.score import (
    FLOOR,
    Here,
    Kind,
    Score,
    body_links,
    body_name,
    is_body,
    is_column,
    is_disclosure,
    is_year,
    score,
)
from parsers.listings.text import is_cut, squeeze
from parsers.listings.walk import Walk
from parsers.reports.title import TitleReading, judge
from spiders.reporttext import holds_report

log = logging.getLogger(__name__)

Purpose = Literal["page", "list", "document", "file", "part"]
Via = Literal["http", "browser"]
Outcome = Literal["blocked", "disallowed", "unreachable", "skipped", "seen", "gone"]

REDIRECTS = 4
"""Literal redirects in a row: a shell leads to a shell at most once in the field."""
DRY_KNOWN = 3
DRY_UNKNOWN = 6
"""Branches of one directory that brought nothing new before the rest is left alone: bodies whose reports are already
known from a list, and bodies nobody has heard of."""
IDLE = 2
"""Pages in a row without a report after which a list that is not the column of reports is left."""
SHORT = 100
"""Records of a list that is read to its end in any case, once it had a report."""
SURE = ("the title is cut", "wrapper", "several years")
"""Why a title may be unknown and yet stand for a document, not for a column."""
RESERVE = 400
DESPERATE = 25
"""Poor ways that are tried when no good one led to a report."""
PROBES = 3
"""Requests in a row that a list filled by scripts may take until its first record."""
FILES = 40
IMAGES = 40
MISSED = 5
MISSED_SHARE = 0.2
"""How many documents of the last visit may be missing in the lists for each to be asked for."""
PARTS = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests for navigation and lists, renders, and documents that one portal may cost."""

    pages: int = 400
    renders: int = 40
    documents: int = 20_000


DEFAULT_LIMITS = Limits()


@dataclass(slots=True, eq=False)
class Directory:
    """Links to bodies that stand on one page; ``dry`` counts branches in a row that brought nothing new."""

    url: str
    dry: int = 0
    last: Branch | None = None


@dataclass(slots=True, eq=False)
class Branch:
    """The pages of one body. ``found`` counts reports that nobody knew before."""

    name: str
    directory: Directory | None = None
    found: int = 0
    has_column: bool = False


@dataclass(slots=True, eq=False)
class Bundle:
    """A text that its portal split over pages: handed over as one document when the last part has come."""

    sighting: Sighting
    pieces: list[str]
    waiting: int


@dataclass(slots=True, eq=False)
class Task:
    """One request that a survey wants made, and what it remembers of it. ``path`` are the pages that led here."""

    fetch: Fetch
    purpose: Purpose
    referrer: str = ""
    label: str = ""
    kind: Kind = "other"
    value: float = 0.0
    reasons: tuple[str, ...] = ()
    within: bool = False
    branch: Branch | None = None
    path: tuple[str, ...] = ()
    hops: int = 0
    remembered: bool = False
    render: bool = False
    walk: Walk | None = None
    entry: Entry | None = None
    titles: tuple[str, ...] = ()
    page: Sighting | None = None
    bundle: Bundle | None = None
    part: int = 0

    @property
    def agency(self) -> str:
        return (self.entry.agency if self.entry else "") or (self.branch.name if self.branch else "")


@dataclass(frozen=True, slots=True)
class Known:
    """A document that the archive holds, as it was published at the last visit: its titles and its ISO date."""

    titles: tuple[str, ...]
    published: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the spider got it. ``headers`` in order, as latin-1 text."""

    url: str
    body: bytes
    content_type: str = ""
    status: int = 200
    via: Via = "http"
    headers: tuple[tuple[str, str], ...] = ()
    pages: tuple[bytes, ...] = ()
    """What a browser showed after each click on the next page of a list."""


Output = Task | Sighting | ListRead | PortalRead


class Survey:
    """The crawl of one portal. Call ``begin``, then ``receive`` or ``fail`` once for every task that was given out."""

    def __init__(
        self,
        portal: Portal,
        *,
        year: int | None = None,
        limits: Limits | None = None,
        known: Mapping[str, Known] | None = None,
        count: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.portal = portal
        self.year = year
        self.limits = limits or Limits()
        self.count = count
        self.known = {record_key(url): (url, one) for url, one in (known or {}).items()}
        self.scope = Scope((portal.url, *portal.hosts))
        self.above = frozenset(name for name in (portal.province, portal.prefecture) if name and name != portal.name)
        """Governments above the county: their reports are reposted in its lists."""
        self.frontier: list[tuple[float, int, Task]] = []
        self.reserve: list[tuple[float, int, Task]] = []
        self.order = itertools.count()
        self.asked: set[str] = set()
        self.documents: set[str] = set()
        self.listed: set[str] = set()
        self.outstanding = 0
        self.navigating = 0
        self.pages = 0
        self.renders = 0
        self.held = 0
        self.reports: Counter[str] = Counter()
        self.desperate = 0
        self.entered = False
        self.asked_for_missed = False
        self.hubs: list[float] = []
        self.systems: Counter[str] = Counter()
        self.trail: dict[str, None] = {}
        self.bodies: dict[str, None] = {}
        self.failures: Counter[str] = Counter()
        self.entry_failure: tuple[str, str] | None = None
        self.home = b""
        self.scripts: dict[str, Reply] = {}
        self.probes: dict[str, list[Task] | None] = {}
        self.rules: list[tuple[tuple[str, str], Fetch]] = []
        self.done = False

    # what goes in ------------------------------------------------------------------------------------------------

    def begin(self) -> list[Output]:
        """The first task: the pages that led to reports at the last visit; the entry when there are none, or when one
        of them is no longer what it was."""
        for url in self.portal.trail:
            if url in self.scope:
                self._push(
                    Task(
                        fetch=Fetch(url),
                        purpose="page",
                        referrer=self.portal.url,
                        kind="column",
                        value=90.0,
                        reasons=("remembered",),
                        remembered=True,
                    )
                )
        if not self.frontier:
            self._enter()
        return self._advance()

    def _enter(self) -> None:
        """Put the portal's entry among the pages that wait, once."""
        if not self.entered:
            self.entered = True
            self._push(Task(Fetch(self.portal.url), "page", kind="hub", value=50.0, reasons=("the portal's entry",)))

    def receive(self, task: Task, reply: Reply) -> list[Output]:
        """Take in an answer. Gives what to do next; the last thing it ever gives is a PortalRead."""
        self._settle(task)
        try:
            out = self._understood(task, reply)
        except Exception:  # a defect of a reader may cost its page, never the portal
            log.exception("A page could not be understood: %s", reply.url)
            self.count("navigation/defects")
            self.failures["defect"] += 1
            out = self._joined(task.bundle, task.part, "") if task.bundle else self._released(task)
        return out + self._advance()

    def _understood(self, task: Task, reply: Reply) -> list[Output]:
        loaded = Loaded(reply.url, reply.body, content_type=reply.content_type, status=reply.status, fetch=task.fetch)
        if reply.url not in self.scope:
            self.count("navigation/left_the_portal")
            return self._released(task)
        if task.purpose in ("page", "list"):
            return self._page(task, reply, loaded)
        if task.purpose == "document":
            return self._document(task, reply, loaded)
        if task.bundle is not None:
            return self._joined(task.bundle, task.part, article.content_html(loaded))
        return self._file(task, reply, loaded)

    def unchanged(self, task: Task) -> list[Output]:
        """A document that is as it was at the last visit: nothing to hand over, and nobody asks for its files again."""
        self._settle(task)
        self.count("documents/not_modified")
        out = self._joined(task.bundle, task.part, "") if task.bundle else self._released(task)
        return [*out, *self._advance()]

    def fail(self, task: Task, outcome: Outcome, reason: str) -> list[Output]:
        """A task that got no answer that can be used."""
        self._settle(task)
        self._lost(task)
        self.failures[outcome] += 1
        self.count(f"navigation/failed/{outcome}")
        if task.fetch.url == self.portal.url and task.purpose == "page":
            self.entry_failure = (outcome, reason)
        out: list[Output] = []
        if task.walk is not None and not task.walk.ended:
            ending = outcome == "gone" and task.walk.stated is None and task.walk.pages > 0
            task.walk.stop("the page after the last does not exist" if ending else reason or outcome)
            task.walk.complete = ending
            if task.walk.kept or task.within:
                out += self._list_read(task.walk, task.branch)
        out += self._joined(task.bundle, task.part, "") if task.bundle else self._released(task)
        return out + self._advance()

    # tasks -------------------------------------------------------------------------------------------------------

    def _issue(self, task: Task) -> Task:
        self.outstanding += 1
        self.renders += task.render
        if task.purpose in ("page", "list"):
            self.navigating += 1
            self.pages += 1
            self.count(f"navigation/{task.purpose}")
        return task

    def _settle(self, task: Task) -> None:
        self.outstanding -= 1
        if task.purpose in ("page", "list"):
            self.navigating -= 1

    def _push(self, task: Task) -> None:
        """Let a page wait for its turn; a poor one waits in the reserve, and may still come by a better link."""
        key = record_key(task.fetch.url)
        if key in self.asked:
            return
        if task.value >= FLOOR:
            self.asked.add(key)
            heapq.heappush(self.frontier, (-task.value, next(self.order), task))
        elif len(self.reserve) < RESERVE:
            heapq.heappush(self.reserve, (-task.value, next(self.order), task))

    def _advance(self) -> list[Output]:
        """The best page that waits, when no page is under way; the portal's end when nothing is."""
        while self.frontier and not self.navigating and self.pages < self.limits.pages:
            task = heapq.heappop(self.frontier)[2]
            if self._wanted(task):
                return [self._issue(task)]
        if self.outstanding == 0 and not self.held and self._from_reserve():
            return self._advance()
        if self.outstanding == 0 and not self.done:
            if self.known and not self.asked_for_missed:
                self.asked_for_missed = True
                if out := self._missed():
                    return out
            self.done = True
            return [self._portal_read()]
        return []

    def _from_reserve(self) -> bool:
        """Nothing was found on the good ways: take the best of the poor ones, a few times."""
        while self.reserve and self.desperate < DESPERATE and self.pages < self.limits.pages:
            task = heapq.heappop(self.reserve)[2]
            key = record_key(task.fetch.url)
            if key not in self.asked:
                self.asked.add(key)
                self.desperate += 1
                heapq.heappush(self.frontier, (-task.value, next(self.order), task))
                return True
        return False

    def _wanted(self, task: Task) -> bool:
        """Whether a page is still worth its request when its turn has come."""
        branch = task.branch
        if task.kind == "hub" and branch is None and self.held:
            if task.value >= 72.0:
                return not any(value >= 72.0 for value in self.hubs)
            return not self.hubs
        if task.kind in ("hub", "directory") and branch is not None and branch.has_column:
            return False
        if task.kind == "body" and branch is not None and branch.directory is not None:
            return self._fertile(branch)
        return True

    def _fertile(self, branch: Branch) -> bool:
        """False when enough bodies of the same directory brought nothing: the rest will not either."""
        directory = branch.directory
        assert directory is not None
        if directory.last is not None:
            directory.dry = 0 if directory.last.found else directory.dry + 1
            directory.last = None
        known = self.reports[_stem(branch.name)] > 0
        if directory.dry >= (DRY_KNOWN if known else DRY_UNKNOWN):
            self.count("navigation/dry_directory")
            return False
        directory.last = branch
        return True

    # pages -------------------------------------------------------------------------------------------------------

    def _page(self, task: Task, reply: Reply, loaded: Loaded) -> list[Output]:
        if not self.home and task.fetch.url == self.portal.url:
            self.home = reply.body
        if target := redirect(loaded):
            return self._redirected(task, target)
        if task.purpose == "page" and (gone(loaded) or self._is_home(task, loaded)):
            self._lost(task)
            self.failures["gone"] += 1
            return []
        if loaded.media == "script" and len(self.scripts) < 50 and len(reply.body) < 500_000:
            self.scripts[task.fetch.url] = reply
        if task.walk is not None and task.walk.entries and is_stub(loaded):
            page = Page(loaded.url, task.walk.system)
        else:
            page = listings.read(loaded)
        if loaded.media == "file":
            return self._as_document(task, reply, loaded)
        return self._navigate(task, reply, loaded, page)

    def _navigate(self, task: Task, reply: Reply, loaded: Loaded, page: Page) -> list[Output]:
        """Take in a page: its reports, its list, its links, in this order."""
        if task.kind == "hub":
            self.hubs.append(task.value)
        here = self._here(task, loaded, page)
        out = self._own_report(task, reply, loaded, page) if task.purpose == "page" else []
        held, waiting = self.held, len(self.frontier)
        walk = task.walk or Walk(loaded.url, page.title or task.label, agency=task.agency)
        fresh, more = self._taken(walk, reply, loaded, page)
        out += self._entries(task, page, fresh, here)
        walk.keep(self.held - held)
        if task.purpose == "page" or loaded.media == "json":
            out += self._links(task, page, here)
        if not out and len(self.frontier) == waiting and self.held == held:
            self._lost(task)
        if self.held > held:
            self._led(task, walk.url)
            self.systems[page.system] += self.held - held
        if more is not None and self._follows(walk, page, here, task):
            out += self._continue(task, walk, more, here, loaded.url)
        elif not out and len(self.frontier) == waiting and self._needs_render(task, page, here):
            out.append(self._issue(replace(task, fetch=Fetch(task.fetch.url), render=True, walk=None, purpose="page")))
        else:
            walk.stop("not a list of reports")
            nothing = not walk.entries and not out and len(self.frontier) == waiting
            if walk.kept or (here.within and (walk.dated or nothing)):
                out += self._list_read(walk, task.branch)
        return out

    def _lost(self, task: Task) -> None:
        """A page of the trail that is no longer there: the portal was rebuilt, and is looked at from its entry."""
        if task.remembered:
            self._enter()

    def _here(self, task: Task, loaded: Loaded, page: Page) -> Here:
        within = task.within or is_column(page.title) or bool(page.crumbs and is_column(page.crumbs[-1]))
        path = urlsplit(loaded.url).path
        return Here(
            url=loaded.url,
            within=within,
            disclosure=within or is_disclosure(page.title, *page.crumbs[1:], path, task.label),
            body=task.branch.name if task.branch else "",
            bodies=body_links((*page.children, *page.links)),
        )

    def _continue(self, task: Task, walk: Walk, more: Fetch, here: Here, url: str) -> list[Output]:
        """The rest of a list; a script that was fetched for another list is not fetched again."""
        following = Task(
            fetch=replace_fetch(more, url),
            purpose="list",
            referrer=url,
            label=task.label,
            kind=task.kind,
            within=here.within,
            branch=task.branch,
            path=task.path,
            walk=walk,
        )
        known = self.scripts.get(more.url) if more.method == "GET" else None
        if known is None:
            return [self._issue(following)]
        return self._page(following, known, Loaded(known.url, known.body, fetch=following.fetch))

    def _taken(self, walk: Walk, reply: Reply, loaded: Loaded, page: Page) -> tuple[list[Entry], Fetch | None]:
        """A page of a list, with the further pages that a browser clicked through."""
        if not reply.pages:
            return walk.take(page)
        shown = [page, *(listings.read(Loaded(loaded.url, body, fetch=loaded.fetch)) for body in reply.pages)]
        fresh: list[Entry] = []
        for number, one in enumerate(shown, 1):
            more = Fetch(f"{loaded.url}#{number}") if number < len(shown) else None
            fresh += walk.take(replace(one, more=more, last=more is None))[0]
        return fresh, None

    def _follows(self, walk: Walk, page: Page, here: Here, task: Task) -> bool:
        """Whether the rest of a list is worth its requests: the column of reports, or a list that has some."""
        if self.pages >= self.limits.pages:
            walk.stop("the budget of pages is spent")
            return False
        if here.within:
            return True
        if walk.kept:
            return walk.idle < IDLE or (walk.stated or SHORT + 1) <= SHORT
        # a list that only a script fills may be anything; in the disclosure part one look is worth its request
        scripted = page.more is not None and bool(page.more.system) and not any(entry.date for entry in page.entries)
        return scripted and walk.pages <= PROBES and (here.disclosure or page.shell or task.purpose == "list")

    def _needs_render(self, task: Task, page: Page, here: Here) -> bool:
        """Plain HTTP gave nothing where something has to be: an empty column, or an entry without links."""
        if task.render or task.purpose != "page" or self.renders >= self.limits.renders or page.note == "too large":
            return False
        if here.within:
            return not page.entries
        return page.shell and len(page.links) < 3

    def _redirected(self, task: Task, target: str) -> list[Output]:
        """Follow a redirect that only a script or a meta element makes."""
        key = record_key(target)
        if target not in self.scope or task.hops >= REDIRECTS or key in self.asked:
            self.count("navigation/redirect_not_followed")
            return []
        self.asked.add(key)
        return [self._issue(replace(task, fetch=Fetch(target), referrer=task.fetch.url, hops=task.hops + 1))]

    def _is_home(self, task: Task, loaded: Loaded) -> bool:
        """An unknown path that is answered with the home page: a soft 404."""
        return bool(self.home) and task.fetch.url != self.portal.url and loaded.body == self.home

    def _own_report(self, task: Task, reply: Reply, loaded: Loaded, page: Page) -> list[Output]:
        """A page of the navigation that is itself a report (a column with one text)."""
        if page.system == "file" or loaded.media != "html" or len(loaded.body) < 2000 or not holds_report(loaded.text):
            return []
        found = article.read(loaded)
        if not holds_report(found.text) or record_key(loaded.url) in self.documents:
            return []
        self.documents.add(record_key(loaded.url))
        return self._sighted(replace(task, titles=(task.label, page.title)), reply, loaded, found)

    def _as_document(self, task: Task, reply: Reply, loaded: Loaded) -> list[Output]:
        """A link of the navigation that leads to a file."""
        if record_key(task.fetch.url) in self.documents or judge(task.label, task.fetch.url).kind == "lookalike":
            return []
        return self._file(replace(task, titles=(task.label,)), reply, loaded)

    # entries and links -------------------------------------------------------------------------------------------

    def _entries(self, task: Task, page: Page, fresh: Iterable[Entry], here: Here) -> list[Output]:
        out: list[Output] = []
        for entry in fresh:
            reading = judge(entry.title, entry.url)
            if self._is_wanted(reading, entry, here):
                out += self._want(task, entry, reading, page.url)
            elif reading.kind == "lookalike" and (here.within or "信息公开" in entry.title):
                self.count("entries/lookalike")
        return out

    def _is_wanted(self, reading: TitleReading, entry: Entry, here: Here) -> bool:
        if self.year is not None and reading.year not in (None, self.year):
            return False
        if reading.agency.removesuffix("人民政府") in self.above:
            self.count("entries/higher_level")
            return False
        if reading.kind == "report":
            return True
        if reading.kind == "lookalike" or (is_column(entry.title) and not entry.date):
            return False
        if here.within:
            said = (reading.year is not None and bool(reading.agency)) or reading.reason in SURE
            return (bool(entry.date or entry.body) or said) and not is_year(entry.title)
        return "公开" in entry.title and (is_cut(entry.title) or reading.reason == "wrapper")

    def _want(self, task: Task, entry: Entry, reading: TitleReading, page_url: str) -> list[Output]:
        """A document to be fetched, once, and the probes that wait for it."""
        key = record_key(entry.url)
        if key in self.documents or entry.url not in self.scope:
            return []
        if len(self.documents) >= self.limits.documents:
            self.count("entries/over_the_limit")
            return []
        self.documents.add(key)
        self.asked.add(key)
        self.held += 1
        self.listed.add(key)
        agency = reading.agency or entry.agency or task.agency
        if task.branch is not None:
            task.branch.found += 1
        self.reports[_stem(agency)] += 1
        if self._as_before(key, entry):
            self.count("entries/unchanged")
            return []
        wanted = Task(
            fetch=entry.fetch or Fetch(entry.url),
            purpose="document",
            referrer=page_url,
            label=entry.title,
            within=True,
            branch=task.branch,
            path=task.path,
            entry=entry,
            titles=(entry.title,),
        )
        if entry.body:
            return self._brought(wanted, entry)
        if article.is_file(entry.url, entry.title):
            wanted.purpose = "file"
            wanted.fetch = Fetch(article.unwrap(entry.url))
            return [self._issue(wanted)]
        return self._probed(wanted)

    def _as_before(self, key: str, entry: Entry) -> bool:
        """True for a record that its list shows with the title and the date that it had at the last visit."""
        if key not in self.known or not entry.date:
            return False
        _, known = self.known[key]
        titles = {squeeze(title) for title in known.titles}
        return entry.date == known.published and squeeze(entry.title) in titles

    def _missed(self) -> list[Output]:
        """Documents that stood in the lists at the last visit and no longer do: asked for once, to see whether they
        are gone. When most of them are missed, the portal has moved, and nobody asks."""
        seen = self.listed | self.asked
        missed = [(key, url, one) for key, (url, one) in self.known.items() if key not in seen]
        if not self.listed or len(missed) > max(MISSED, len(self.known) * MISSED_SHARE):
            return []
        out: list[Output] = []
        for key, url, one in missed:
            if key not in self.documents and url in self.scope:
                self.documents.add(key)
                self.count("documents/missed_in_lists")
                title = one.titles[0] if one.titles else ""
                entry = Entry(url, title, one.published)
                out.append(self._issue(Task(Fetch(url), "document", label=title, entry=entry, titles=one.titles)))
        return out

    def _probed(self, task: Task) -> list[Output]:
        """Hold articles of one kind back until the first has come: if it is an empty page that a script fills, the
        others can be asked for directly."""
        assert task.entry is not None
        if task.entry.fetch is not None:
            return [self._issue(task)]
        if direct := self._by_rule(task.entry.url):
            task.fetch = direct
            return [self._issue(task)]
        shape = _shape(task.entry.url)
        waiting = self.probes.get(shape, [])
        if waiting is None:
            return [self._issue(task)]
        if shape in self.probes:
            waiting.append(task)
            return []
        self.probes[shape] = []
        return [self._issue(task)]

    def _released(self, task: Task) -> list[Output]:
        """The first article of its kind has come (or never will): the others go now."""
        if task.entry is None or task.purpose != "document":
            return []
        shape = _shape(task.entry.url)
        waiting = self.probes.get(shape)
        if waiting is None:
            return []
        self.probes[shape] = None
        out: list[Output] = []
        for one in waiting:
            assert one.entry is not None
            one.fetch = self._by_rule(one.entry.url) or one.fetch
            out.append(self._issue(one))
        return out

    def _by_rule(self, url: str) -> Fetch | None:
        return next((fetch for rule, first in self.rules if (fetch := api.by_rule(rule, first, url))), None)

    def _links(self, task: Task, page: Page, here: Here) -> list[Output]:
        """Judge and weigh every other link of a page: reports are wanted at once, good ways wait in the frontier."""
        out: list[Output] = []
        directory = Directory(here.url)
        columns: list[Task] = []
        others: list[Task] = []
        for link in (*page.children, *page.frames, *page.links):
            if record_key(link.url) in self.asked or link.url not in self.scope:
                continue
            if link.place != "frame":
                reading = judge(link.text, link.url)
                whole = bool(reading.agency) and reading.year is not None
                if reading.kind == "report" and (whole or not is_column(link.text)):
                    if self._is_wanted(reading, Entry(link.url, link.text), here):
                        out += self._want(task, Entry(link.url, link.text), reading, here.url)
                    continue
                if here.within and is_body(link.text) and article.is_file(link.url, link.text):
                    # a page of one year's reports names its files by nothing but the body
                    entry = Entry(link.url, f"{link.text} {page.title}", agency=body_name(link.text))
                    out += self._want(task, entry, judge(page.title), here.url)
                    continue
            found = score(link, here)
            if found.value > 0:
                (columns if found.kind == "column" else others).append(self._way(task, link, found, here, directory))
        if task.branch is not None and columns:
            task.branch.has_column = True
        for way in (*columns, *others):
            self._push(way)
        for link in (*page.children, *page.links):
            if link.url in here.bodies and here.disclosure and len(self.bodies) < 2000:
                self.bodies.setdefault(body_name(link.text))
        return out

    def _way(self, task: Task, link: Link, found: Score, here: Here, directory: Directory) -> Task:
        branch = task.branch
        if found.body and found.kind in ("body", "child", "column"):
            branch = Branch(body_name(found.body), directory if found.kind == "body" else None)
        # menus before the column are found again from the entry; what lies behind it is worth remembering
        lasting = task.kind not in ("hub", "other") or found.kind == "body"
        return Task(
            fetch=Fetch(link.url),
            purpose="page",
            referrer=here.url,
            label=link.text,
            kind=found.kind,
            value=found.value,
            reasons=found.reasons,
            within=found.kind in ("column", "child") or (here.within and found.kind == "frame"),
            branch=branch,
            path=(*task.path, here.url) if lasting else task.path,
            hops=task.hops + 1 if found.kind == "frame" else 0,
        )

    def _led(self, task: Task, url: str) -> None:
        """Remember the way to a list of reports."""
        for step in (*task.path, url):
            self.trail.setdefault(step)

    # documents ---------------------------------------------------------------------------------------------------

    def _document(self, task: Task, reply: Reply, loaded: Loaded) -> list[Output]:
        assert task.entry is not None
        if loaded.media == "file":
            return [*self._file(task, reply, loaded), *self._released(task)]
        if target := redirect(loaded):
            followed = self._moved(task, target)
            return followed or self._released(task)
        if gone(loaded) or self._is_home(task, loaded):
            self.failures["gone"] += 1
            self.count("documents/gone")
            return self._released(task)
        found = article.read(loaded)
        if found.detail is not None and task.fetch.method == "GET" and found.detail.url != task.fetch.url:
            return self._filled(task, found.detail)
        if self._is_blank(task, found):
            return [self._issue(replace(task, render=True, fetch=Fetch(task.entry.url)))]
        if not holds_report(found.text) and not any(file.inside for file in found.files) and self._is_list(loaded):
            nav = replace(task, purpose="page", kind="column", entry=None, hops=task.hops + 1)
            self.pages += 1
            page = listings.read(loaded)
            return [*self._navigate(nav, reply, loaded, page), *self._released(task)]
        return [*self._sighted(task, reply, loaded, found), *self._released(task)]

    def _is_blank(self, task: Task, found: Article) -> bool:
        """An article without anything in it, and no request that would fill it: only a browser can tell."""
        nothing = len(found.text) < 40 and not found.files and not found.images and not found.body
        return nothing and not task.render and task.fetch.method == "GET" and self.renders < self.limits.renders

    def _filled(self, task: Task, detail: Fetch) -> list[Output]:
        """An empty page names the request that fills it; the rule serves for all its kind."""
        assert task.entry is not None
        rule = api.detail_rule(task.entry.url, detail)
        if rule is not None:
            self.rules.append((rule, detail))
        filled = replace(task, fetch=detail, referrer=task.fetch.url)
        return [self._issue(filled), *self._released(task)]

    def _moved(self, task: Task, target: str) -> list[Output]:
        key = record_key(target)
        if target not in self.scope or task.hops >= REDIRECTS or key in self.documents:
            return []
        self.documents.add(key)
        return [self._issue(replace(task, fetch=Fetch(target), referrer=task.fetch.url, hops=task.hops + 1))]

    def _is_list(self, loaded: Loaded) -> bool:
        """What was taken for a document is a list of them."""
        if loaded.media != "html":
            return False
        page = listings.read(loaded)
        reports = sum(judge(entry.title, entry.url).kind == "report" for entry in page.entries)
        return reports >= 2 or bool(page.more and reports)

    def _sighted(self, task: Task, reply: Reply, loaded: Loaded, found: Article) -> list[Output]:
        """Hand over an article, and ask for what belongs to it."""
        page_url = task.entry.url if task.entry else loaded.url
        titles = _titles((*task.titles, *found.titles))
        sighting = self._sighting(task, reply, page_url, titles, found)
        if found.body:
            title = titles[0] if titles else ""
            sighting.body = article.compose(title, found.body, published=sighting.published, source=found.source)
            sighting.content_type = "text/html; charset=utf-8"
        full = holds_report(found.text)
        out: list[Output] = []
        files = list(self._files(found, full, titles))
        out += [one for file in files for one in self._attached(task, file, sighting)]
        if not full and not files:
            out += [one for url in found.images[:IMAGES] for one in self._attached(task, File(url, ""), sighting)]
        parts = [] if full or found.body else [url for url in found.parts if url in self.scope][:PARTS]
        if not parts:
            return [sighting, *out]
        bundle = Bundle(sighting, [article.content_html(loaded), *("" for _ in parts)], len(parts))
        for number, url in enumerate(parts, 1):
            part = Task(Fetch(url), "part", page_url, entry=task.entry, bundle=bundle, part=number)
            out.append(self._issue(part))
        return out

    def _joined(self, bundle: Bundle, number: int, html: str) -> list[Output]:
        """One more part of a split text; the whole once none is missing."""
        bundle.pieces[number] = html
        bundle.waiting -= 1
        if bundle.waiting:
            return []
        sighting = bundle.sighting
        if any(bundle.pieces[1:]):
            title = sighting.titles[0] if sighting.titles else ""
            sighting.body = article.compose(
                title, "\n".join(bundle.pieces), published=sighting.published, source=sighting.agency
            )
            sighting.content_type = "text/html; charset=utf-8"
        return [sighting]

    def _brought(self, task: Task, entry: Entry) -> list[Output]:
        """A document that came whole with its list."""
        loaded = Loaded(entry.url, article.compose(entry.title, entry.body, published=entry.date, source=entry.agency))
        reply = Reply(entry.url, loaded.body, "text/html; charset=utf-8")
        return self._sighted(task, reply, loaded, article.read(loaded))

    def _sighting(self, task: Task, reply: Reply, page_url: str, titles: tuple[str, ...], found: Article) -> Sighting:
        entry = task.entry
        return Sighting(
            county_code=self.portal.code,
            url=page_url,
            body=reply.body,
            content_type=reply.content_type,
            page_url=page_url,
            titles=titles,
            agency=task.agency or found.source,
            published=found.published or (entry.date if entry else ""),
            referrer=task.referrer,
            via=reply.via,
            status=reply.status,
            headers=reply.headers,
            request=(task.fetch.method, task.fetch.body.decode("utf-8", "replace")),
        )

    def _files(self, found: Article, full: bool, titles: tuple[str, ...]) -> Iterator[File]:
        """Attachments worth fetching: all of an article that has no full text, else those named like the report."""
        inside = [file for file in found.files if file.inside]
        for file in _without_twins(inside or list(found.files))[:FILES]:
            reading = judge(file.name, file.url)
            if full:
                if reading.kind == "report":
                    yield file
            elif reading.kind != "lookalike" or (file.inside and reading.reason == "another subject"):
                yield file

    def _attached(self, task: Task, file: File, page: Sighting) -> list[Output]:
        key = record_key(file.url)
        if key in self.documents or file.url not in self.scope:
            return []
        self.documents.add(key)
        named = judge(file.name).kind == "report"
        titles = _titles((file.name, *page.titles) if named else (*page.titles, file.name))
        return [
            self._issue(
                Task(
                    fetch=Fetch(file.url),
                    purpose="file",
                    referrer=page.page_url,
                    label=file.name,
                    branch=task.branch,
                    entry=task.entry,
                    titles=titles,
                    page=page,
                )
            )
        ]

    def _file(self, task: Task, reply: Reply, loaded: Loaded) -> list[Output]:
        """A file as it was served; an error page in its place is not one."""
        if loaded.media == "html" and (gone(loaded) or self._is_home(task, loaded) or _is_refusal(loaded)):
            self.failures["gone"] += 1
            self.count("documents/no_file")
            return []
        page = task.page
        entry = task.entry
        return [
            Sighting(
                county_code=self.portal.code,
                url=task.fetch.url,
                body=reply.body,
                content_type=reply.content_type,
                page_url=page.page_url if page else task.referrer or task.fetch.url,
                titles=task.titles,
                agency=(page.agency if page else "") or task.agency,
                published=(page.published if page else "") or (entry.date if entry else ""),
                referrer=task.referrer,
                via=reply.via,
                status=reply.status,
                headers=reply.headers,
                request=(task.fetch.method, task.fetch.body.decode("utf-8", "replace")),
            )
        ]

    # the end -----------------------------------------------------------------------------------------------------

    def _list_read(self, walk: Walk, branch: Branch | None) -> list[Output]:
        return [
            ListRead(
                county_code=self.portal.code,
                url=walk.url,
                system=walk.system,
                title=walk.title,
                entries=walk.entries,
                stated=walk.stated,
                complete=walk.complete,
                reason=walk.reason,
                agency=branch.name if branch else "",
            )
        ]

    def _portal_read(self) -> PortalRead:
        outcome, reason = self._outcome()
        system = self.systems.most_common(1)[0][0] if self.systems else ""
        return PortalRead(self.portal.code, outcome, reason, system, tuple(self.trail), tuple(self.bodies))

    def _outcome(self) -> tuple[PortalOutcome, str]:
        spent = f"; the budget of {self.limits.pages} pages was spent" if self.pages >= self.limits.pages else ""
        if self.held:
            return "held", f"{self.held} reports found on {self.pages} pages{spent}"
        if self.entry_failure is not None:
            kind, reason = self.entry_failure
            if kind == "blocked" or kind == "disallowed":
                return ("blocked" if kind == "blocked" else "disallowed"), reason
            return "unreachable", reason or kind
        for kind in ("blocked", "disallowed"):
            if self.failures[kind]:
                return (
                    "blocked" if kind == "blocked" else "disallowed"
                ), f"{self.failures[kind]} pages on the way were {kind}"
        return "unlisted", f"no list of reports was found on {self.pages} pages{spent}"


def replace_fetch(fetch: Fetch, referrer: str) -> Fetch:
    """A request of a list with the address that its answers' relative links start from."""
    return (
        fetch
        if fetch.get("from")
        else replace(fetch, state=(*fetch.state, ("from", referrer)))
        if fetch.system
        else fetch
    )


def _titles(texts: Iterable[str]) -> tuple[str, ...]:
    """Titles without repetitions, whole ones before cut ones."""
    seen: dict[str, str] = {}
    for text in texts:
        if text:
            seen.setdefault(squeeze(text), text)
    return tuple(sorted(seen.values(), key=is_cut))


def _without_twins(files: list[File]) -> list[File]:
    """Files without an OFD that stands beside the same text in a format that more programs read."""
    others = {_bare(file) for file in files if not _is_ofd(file)}
    return [file for file in files if not (_is_ofd(file) and _bare(file) in others)]


def _is_ofd(file: File) -> bool:
    return ".ofd" in f"{file.url} {file.name}".lower()


def _bare(file: File) -> str:
    return article.SUFFIX.sub("", squeeze(file.name)) or article.SUFFIX.sub("", file.url)


def _stem(agency: str) -> str:
    """An agency without the words that lists leave out, to tell whether its reports are known."""
    name = squeeze(agency)
    for tail in ("人民政府办公室", "办事处", "人民政府", "政府"):
        name = name.removesuffix(tail)
    return name[-4:] if len(name) > 4 else name


def _shape(url: str) -> str:
    """The kind of an article's address: host, first folder, depth, suffix, and whether it has a query."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    first = folder.split("/")[1] if "/" in folder else ""
    suffix = name.rpartition(".")[2] if "." in name else ""
    return f"{parts.netloc}|{first}|{folder.count('/')}|{suffix}|{bool(parts.query)}"


def _is_refusal(loaded: Loaded) -> bool:
    """An HTML page where a file was asked for: a captcha, or a page that wants another referrer."""
    return any(word in loaded.text[:20_000] for word in ("验证码", "附件下载", "非法请求", "请求来源", "无权访问"))


__all__ = ["Limits", "Reply", "Survey", "Task"]
