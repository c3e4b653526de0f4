"""From a portal's entry to its annual reports: decides what to ask for next, never asks itself.

A Survey is fed with answers and gives back tasks (what to ask for) and items (what was found). It has no network, no
clock and no Scrapy, so a portal recorded once proves it for ever. Best link first; one page of navigation at a time;
documents as soon as they are known.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.items import Gap, Known, ListRead, PortalOutcome, PortalRead
from crawler.portals import Portal
from parsers import listings
from parsers.listings import article
from parsers.listings.inert import inert, worth
from parsers.listings.keys import record_key
from parsers.listings.model import Entry, Fetch, Link, Loaded, Page
from parsers.listings.moves import missing_scripts, script_files
from parsers.listings.redirect import gone, is_stub, redirect
from parsers.listings.score import (
    FLOOR,
    Here,
    Score,
    body_links,
    body_name,
    is_body,
    is_column,
    is_disclosure,
    is_part,
    is_year,
    row_of_body,
    score,
)
from parsers.listings.text import is_cut, squeeze
from parsers.listings.walk import Walk
from parsers.reports import divisions
from parsers.reports.title import TitleReading, judge
from spiders.documents import REDIRECTS, Desk
from spiders.gaps import Gaps
from spiders.reporttext import holds_report
from spiders.tasks import DEFAULT_LIMITS, Branch, Directory, Limits, Outcome, Output, Reply, Task

log = logging.getLogger(__name__)

DRY_KNOWN = 3
DRY_UNKNOWN = 6
"""Branches of one directory that brought nothing new before the rest is left alone: bodies whose reports are already
known from a list, and bodies nobody has heard of."""
PARTS = 30
"""Links of one page inside the column that are followed although their names say nothing."""
DRY_PARTS = 2
"""Of these, how many in a row may bring nothing once the portal had reports."""
IDLE = 2
"""Pages in a row without a report after which a list that is not the column of reports is left."""
SHORT = 100
"""Records of a list that is read to its end in any case, once it had a report."""
SURE = ("the title is cut", "wrapper", "several years")
"""Why a title may be unknown and yet stand for a document, not for a column."""
PART = 90.0
RESERVE = 400
DESPERATE = 25
"""Poor ways that are tried when no good one led to a report."""
EXPLORED = 6
"""Pages of a portal whose words are tried by clicks in a browser, when all that can be read led to no report."""
PROBES = 3
"""Requests in a row that a list filled by scripts may take until its first record."""
LIBRARY = 8
"""Script files of one portal that are fetched, to see where calls on its pages lead."""
COMMON = 2
"""Bodies whose reports a list of nobody in particular has, before it counts as the list of all of them."""
MISSED = 5
MISSED_SHARE = 0.2
"""How many documents of the last visit may be missing in the lists for each to be asked for."""


class Survey(Desk):
    """The crawl of one portal. Call ``begin``, then ``receive`` or ``fail`` once for every task that was given out."""

    def __init__(
        self,
        portal: Portal,
        *,
        year: int | None = None,
        limits: Limits = DEFAULT_LIMITS,
        known: Mapping[str, Known] | None = None,
        count: Callable[[str], None] = lambda name: None,
    ) -> None:
        super().__init__(portal, year=year, limits=limits, known=known, count=count)
        upper = [one.name for one in divisions.ancestors(portal.code)]
        self.above = frozenset(name for name in (portal.province, portal.prefecture, *upper) if name) - {portal.name}
        """Governments above the county: their reports are reposted in its lists."""
        self.frontier: list[tuple[float, int, Task]] = []
        self.reserve: list[tuple[float, int, Task]] = []
        self.order = itertools.count()
        self.asked: set[str] = set()
        self.listed: set[str] = set()
        self.held = 0
        self.reports: Counter[str] = Counter()
        self.desperate = 0
        self.entered = False
        self.asked_for_missed = False
        self.news = False
        """A list showed something that nobody knew, or a page of the trail is not what it was."""
        self.ways_read = False
        self.broken = False
        self.deferred: list[str] = []
        self.hubs: list[float] = []
        self.systems: Counter[str] = Counter()
        self.trail: dict[str, None] = {}
        self.bodies: dict[str, None] = {}
        self.entry_failure: tuple[str, str] | None = None
        self.scripts: dict[str, Reply] = {}
        self.done = False
        self.library: dict[str, str] = {}
        self.looked_at: list[tuple[tuple[bool, bool, float], int, Task]] = []
        """Pages that were read, the most promising first, in case a browser has to try their words."""
        self.explored: set[str] = set()
        self.gaps = Gaps(portal.gaps)
        self.inert: list[Task] = []
        """Pages of the column with words that led nowhere, until a browser has tried them."""
        self.outside: set[str] = set()
        """Links of the pages before the column, and their words: what stands there, too, is no part of it."""
        self.walked: set[str] = set()
        """Further pages of lists, which nobody has to read as pages of their own."""
        self.shared: set[str] = set()
        """Bodies of which a list that is nobody's own had a report."""
        self.branches: dict[str, tuple[Branch, str]] = {}
        """Bodies whose own pages were read, with the first of them."""

    # what goes in ------------------------------------------------------------------------------------------------

    def begin(self) -> list[Output]:
        """The first task: the pages that led to reports at the last visit; the entry when there are none, or when one
        of them is no longer what it was."""
        trail = [url for url in self.portal.trail if url in self.scope]
        lately = frozenset(self.portal.ways) if self.portal.lately else frozenset()
        self.deferred = [url for url in trail if url in lately]
        self._remember(url for url in trail if url not in lately)
        if not self.frontier:
            self._enter()
        return self._advance()

    def _remember(self, urls: Iterable[str]) -> None:
        for url in urls:
            self.ways_read |= url in self.portal.ways
            task = Task(Fetch(url), "page", self.portal.url, kind="column", value=90.0, reasons=("remembered",))
            self._push(replace(task, remembered=True))

    def _has_deferred(self) -> bool:
        """Something is not as it was: read the pages that lead to the lists after all."""
        if not self.deferred or not (self.news or not self.held):
            return False
        ways, self.deferred = self.deferred, []
        self._remember(ways)
        return True

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
            self.gaps.failed(task, "skipped", "a defect of a reader")
            out = self._kept(task, reply)
        return out + self._advance()

    def _understood(self, task: Task, reply: Reply) -> list[Output]:
        loaded = self._loaded(task, reply)
        if task.behind is not None:
            return self._resumed(task, loaded.text if loaded.media == "script" and loaded.status < 300 else "")
        if reply.url not in self.scope:
            self.count("navigation/left_the_portal")
            self.gaps.failed(task, "skipped", f"leads to {reply.url}")
            return [*self._without(task, "skipped", f"leads to {reply.url}"), *self._released(task)]
        if task.purpose in ("page", "list"):
            return self._page(task, reply, loaded)
        if task.purpose == "document":
            return self._document(task, reply, loaded)
        if task.bundle is not None:
            return self._joined(task.bundle, task.part, article.content_html(loaded))
        return self._file(task, reply, loaded)

    def _loaded(self, task: Task, reply: Reply) -> Loaded:
        loaded = Loaded(reply.url, reply.body, content_type=reply.content_type, status=reply.status, fetch=task.fetch)
        if self.library and task.behind is None:
            loaded.library = "\n".join(filter(None, (self.library.get(url) for url in script_files(loaded))))
        return loaded

    def _resumed(self, task: Task, script: str) -> list[Output]:
        """A script file has come, or never will: the page that waits for it is looked at once more."""
        assert task.behind is not None
        self.library[task.fetch.url] = script[:200_000]
        first, reply = task.behind
        return self._page(first, reply, self._loaded(first, reply))

    def unchanged(self, task: Task) -> list[Output]:
        """A document that is as it was at the last visit: nothing to hand over, and nobody asks for its files again."""
        self._settle(task)
        self.handed += 1
        self.count("documents/not_modified")
        out = self._joined(task.bundle, task.part, "") if task.bundle else self._released(task)
        return [*self._without(task, "same"), *out, *self._advance()]

    def fail(self, task: Task, outcome: Outcome, reason: str) -> list[Output]:
        """A task that got no answer that can be used."""
        self._settle(task)
        self.gaps.failed(task, outcome, reason)
        if outcome == "stopped":
            # the crawl is being ended: what was not asked for stays to be asked for, and the visit has no end
            self.done = True
            return []
        self._lost(task)
        self.failures[outcome] += 1
        self.count(f"navigation/failed/{outcome}")
        if task.fetch.url == self.portal.url and task.purpose == "page":
            self.entry_failure = (outcome, reason)
        out = self._without(task, outcome, reason)
        if task.walk is not None and not task.walk.ended:
            ending = outcome == "gone" and task.walk.stated is None and task.walk.pages > 0
            task.walk.stop("the page after the last does not exist" if ending else reason or outcome)
            task.walk.complete = ending
            if task.walk.kept or task.within:
                out += self._list_read(task.walk, task.branch)
        if task.behind is not None:
            return self._resumed(task, "") + self._advance()
        out += self._joined(task.bundle, task.part, "") if task.bundle else self._released(task)
        return out + self._advance()

    # tasks -------------------------------------------------------------------------------------------------------

    def _settle(self, task: Task) -> None:
        self.outstanding -= 1
        if task.purpose in ("page", "list"):
            self.navigating -= 1

    def _push(self, task: Task) -> None:
        """Let a page wait for its turn; a poor one waits in the reserve, and may still come by a better link."""
        key = record_key(task.fetch.address)
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
        if self.frontier and not self.navigating:
            spent = f"the budget of {self.limits.pages} pages was spent before all were read"
            self.gaps.add(self.frontier[0][2].fetch.url, spent)
        if self.outstanding == 0 and (
            self._has_deferred() or (not (self.held or self.handed) and self._from_reserve())
        ):
            return self._advance()
        if self.outstanding == 0 and not self.done and (page := self._to_explore()):
            return [self._issue(page)]
        if self.outstanding == 0 and not self.done:
            if self.known and not self.asked_for_missed and self.year is None:
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
            key = record_key(task.fetch.address)
            if key not in self.asked:
                self.asked.add(key)
                self.desperate += 1
                heapq.heappush(self.frontier, (-task.value, next(self.order), task))
                return True
        return False

    def _to_explore(self) -> Task | None:
        """A page of the column with words that lead nowhere; when nothing that can be read led to a report, the best
        page whose words a browser has not tried yet."""
        while self.inert and len(self.explored) < EXPLORED and self.renders < self.limits.renders:
            task = self.inert.pop()
            left = self.gaps.concern(task.fetch.url) and task.fetch.url not in self.explored
            if self.pages < self.limits.pages and left:
                return self._explore(task)
        while (
            not (self.held or self.handed)
            and self.looked_at
            and len(self.explored) < EXPLORED
            and self.renders < self.limits.renders
        ):
            task = heapq.heappop(self.looked_at)[2]
            if self.pages < self.limits.pages and task.fetch.url not in self.explored:
                return self._explore(task)
        return None

    def _explore(self, task: Task) -> Task:
        self.explored.add(task.fetch.url)
        self.count("navigation/explored")
        return replace(task, fetch=Fetch(task.fetch.url), render=True, explore=True, walk=None, remembered=False)

    def _wanted(self, task: Task) -> bool:
        """Whether a page is still worth its request when its turn has come."""
        branch = task.branch
        if record_key(task.fetch.address) in self.walked:
            return False
        if task.guess:
            return self._pays(task)
        if task.kind == "hub" and branch is None and self.portal.lately and self.held and not self.news:
            return False
        if task.kind == "hub" and branch is None and self.held:
            if task.value >= 72.0:
                return not any(value >= 72.0 for value in self.hubs)
            return not self.hubs
        if task.kind in ("hub", "directory") and branch is not None and branch.has_column:
            return False
        if task.kind == "body" and branch is not None and branch.directory is not None:
            return self._fertile(task, branch)
        return True

    def _fertile(self, task: Task, branch: Branch) -> bool:
        """False when enough bodies of the same directory brought nothing: the rest will not either."""
        directory = branch.directory
        assert directory is not None
        directory.judge()
        known = self.reports[_stem(branch.name)] > 0
        if directory.dry >= (DRY_KNOWN if known else DRY_UNKNOWN):
            self.count("navigation/dry_directory")
            self.gaps.passed_over(task, branch)
            return False
        directory.last = branch
        return True

    def _pays(self, task: Task) -> bool:
        """False when enough links of the same page of the column whose names say nothing led to nothing."""
        assert task.branch is not None
        directory = task.branch.directory
        assert directory is not None
        directory.judge()
        if directory.dry >= (DRY_PARTS if self.held else DRY_UNKNOWN):
            self.count("navigation/parts_left")
            return False
        directory.last = task.branch
        self.count("navigation/parts_tried")
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
        if task.walk is not None and task.walk.entries and not task.fetch.system and is_stub(loaded):
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
        if task.purpose == "page":
            self.gaps.read(task.fetch.url)
            if task.branch is not None and task.branch.directory is not None and task.branch.name:
                self.branches.setdefault(task.branch.name, (task.branch, task.fetch.url))
        here = self._here(task, loaded, page)
        own = self._own_report(task, reply, loaded, page) if task.purpose == "page" else []
        out = [*own]
        held, waiting = self.held, len(self.frontier)
        walk = task.walk or Walk(loaded.url, page.title or task.label, agency=task.agency)
        fresh, more = self._taken(walk, reply, loaded, page, task.explore)
        out += self._entries(task, page, fresh, here)
        kept = self.held - held
        walk.keep(kept)
        if task.purpose == "page" or loaded.media == "json":
            out += self._links(task, page, here)
            walk.link(self.held - held - kept)
        if task.explore:
            for body in reply.pages:
                out += self._links(task, listings.read(Loaded(loaded.url, body, fetch=loaded.fetch)), here)
        elif task.purpose == "page" and loaded.media == "html" and not (own or task.render or task.fetch.system):
            promise = (not here.within, not here.disclosure, -task.value)
            heapq.heappush(self.looked_at, (promise, next(self.order), replace(task, within=here.within)))
        if task.remembered and self._leads_on(task, page):
            self.trail.setdefault(task.fetch.url)
        elif not out and len(self.frontier) == waiting and self.held == held:
            self._lost(task)
        if self.held > held:
            self._led(task, walk.url)
            self.systems[page.system] += self.held - held
        if more is not None and self._follows(walk, page, here, task):
            out += self._continue(task, walk, more, here, loaded.url)
        elif not out and len(self.frontier) == waiting and (missing := self._missing(task, loaded, here)):
            out.append(self._issue(Task(Fetch(missing), "page", loaded.url, behind=(task, reply))))
        elif not out and len(self.frontier) == waiting and self._needs_render(task, page, here):
            out.append(self._issue(self._explore(replace(task, within=here.within))))
        elif here.within and not own and self._has_inert(task, loaded, page, here):
            out.append(self._issue(self._explore(replace(task, within=True))))
        else:
            walk.stop("not a list of reports")
            nothing = not walk.entries and not out and len(self.frontier) == waiting
            if walk.kept or (here.within and not task.guess and (walk.dated or nothing)):
                out += self._list_read(walk, task.branch)
        if more is None and (here.within or walk.kept) and _has_further(page, walk):
            whose = task.branch.name if task.branch else ""
            self.gaps.add(loaded.url, f"pages of a list were not read: {loaded.url} has numbers beyond", whose)
        if here.within and task.purpose == "page" and (task.explore or task.fetch.url not in self.explored):
            self._note_inert(task, reply, loaded, page, here)
        return out

    def _note_inert(self, task: Task, reply: Reply, loaded: Loaded, page: Page, here: Here) -> None:
        """Words inside the column whose addresses nobody has read, or a browser could not find out."""
        words = set(inert(loaded, page, here))
        for body in reply.pages if task.explore else ():
            shown = listings.read(Loaded(loaded.url, body, fetch=loaded.fetch))
            words -= {squeeze(link.text) for link in (*shown.children, *shown.links)}
        if task.explore:
            # a year or a body that was clicked showed its own list; a report has an address or it was not found
            words = {word for word in words if worth(word, here) == "record"}
        if words:
            self.gaps.inert(task.fetch.url, sorted(words), task.branch)
            if not task.render and not task.fetch.system and task.fetch.method == "GET" and not page.note:
                self.inert.append(replace(task, within=True))

    def _leads_on(self, task: Task, page: Page) -> bool:
        """A directory of the trail that still links to a list of the trail."""
        own = task.fetch.url
        if own not in self.portal.ways:
            return False
        lists = {record_key(url) for url in self.portal.trail if url != own}
        return any(record_key(link.url) in lists for link in (*page.children, *page.frames, *page.links))

    def _lost(self, task: Task) -> None:
        """A page of the trail that is no longer there: the portal was rebuilt, and is looked at from its entry."""
        if task.remembered:
            if not self.broken:
                self.broken = True
                log.info("%s: the trail is broken at %s; discovery again", self.portal.code, task.fetch.url)
                self.count("navigation/trail_broken")
            self.news = True
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
        if more.method == "GET" and not more.system:
            self.walked.add(record_key(more.address))
        if task.explore and not more.system and more.method == "GET" and self.renders < self.limits.renders:
            # what could not be read on the first page cannot be read on the next
            return [self._issue(replace(following, render=True, explore=True))]
        known = self.scripts.get(more.url) if more.method == "GET" else None
        if known is None:
            return [self._issue(following)]
        return self._page(following, known, Loaded(known.url, known.body, fetch=following.fetch))

    def _taken(
        self, walk: Walk, reply: Reply, loaded: Loaded, page: Page, explored: bool
    ) -> tuple[list[Entry], Fetch | None]:
        """A page of a list, with the further pages that a browser clicked through."""
        if not reply.pages:
            return walk.take(page)
        shown = [page, *(listings.read(Loaded(loaded.url, body, fetch=loaded.fetch)) for body in reply.pages)]
        fresh: list[Entry] = []
        own = following = None
        for number, one in enumerate(shown, 1):
            more = Fetch(f"{loaded.url}#{number}") if number < len(shown) else None
            own = one.more if more is None and explored and one.more and one.more.method == "GET" else None
            taken, following = walk.take(replace(one, more=more or own, last=more is None and own is None))
            fresh += taken
        return fresh, following if own is not None else None

    def _follows(self, walk: Walk, page: Page, here: Here, task: Task) -> bool:
        """Whether the rest of a list is worth its requests: the column of reports, or a list that has some."""
        if self.pages >= self.limits.pages:
            walk.stop("the budget of pages is spent")
            return False
        if here.within:
            return True
        if any(link.place == "call" for link in page.children):
            return False  # a tab of the page is asked for by its name, not the one that is shown first
        if walk.kept:
            return walk.idle < IDLE or (walk.stated or SHORT + 1) <= SHORT
        # a list that only a script fills may be anything; in the disclosure part one look is worth its request
        scripted = page.more is not None and bool(page.more.system) and not any(entry.date for entry in page.entries)
        return scripted and walk.pages <= PROBES and (here.disclosure or page.shell or task.purpose == "list")

    def _missing(self, task: Task, loaded: Loaded, here: Here) -> str:
        """A script file of the portal that may say where a page in the disclosure part leads that leads nowhere."""
        if task.purpose != "page" or not here.disclosure or len(self.library) >= LIBRARY:
            return ""
        wanted = (url for url in missing_scripts(loaded) if url not in self.library and url in self.scope)
        return next(wanted, "") if self.pages < self.limits.pages else ""

    def _needs_render(self, task: Task, page: Page, here: Here) -> bool:
        """Plain HTTP gave nothing where something has to be: an empty column, or an entry without links."""
        if (
            task.render
            or task.purpose != "page"
            or task.fetch.system
            or self.renders >= self.limits.renders
            or page.note == "too large"
        ):
            return False
        if task.guess:
            return False
        if here.within:
            return not page.entries
        return page.shell and len(page.links) < 3

    def _has_inert(self, task: Task, loaded: Loaded, page: Page, here: Here) -> bool:
        """Whether the column of reports names years, bodies or reports whose addresses nobody could read."""
        if task.render or task.guess or task.purpose != "page" or task.fetch.system or task.fetch.method != "GET":
            return False
        if self.renders >= self.limits.renders or task.fetch.url in self.explored or page.note:
            return False
        return bool(inert(loaded, page, here))

    def _redirected(self, task: Task, target: str) -> list[Output]:
        """Follow a redirect that only a script or a meta element makes."""
        key = record_key(target)
        if target not in self.scope or task.hops >= REDIRECTS or key in self.asked:
            self.count("navigation/redirect_not_followed")
            if key not in self.asked:
                self.gaps.failed(task, "skipped", f"leads to {target}")
            return []
        self.asked.add(key)
        return [self._issue(replace(task, fetch=Fetch(target), referrer=task.fetch.url, hops=task.hops + 1))]

    def _own_report(self, task: Task, reply: Reply, loaded: Loaded, page: Page) -> list[Output]:
        """A page of the navigation that is itself a report (a column with one text)."""
        if page.system == "file" or loaded.media != "html" or record_key(loaded.url) in self.documents:
            return []
        whole = len(loaded.body) >= 2000 and holds_report(loaded.text)
        if not (whole or (task.within and _is_cover(page))):
            return []
        found = article.read(loaded)
        if not (holds_report(found.text) if whole else any(file.inside for file in found.files)):
            return []
        self.documents.add(record_key(loaded.url))
        # what a link calls by the body's name alone is no other kind of document for that
        named = (page.title,) if is_body(task.label) else (task.label, page.title)
        return self._sighted(replace(task, titles=named), reply, loaded, found)

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
            # 历年政府信息公开年报 reads like a report, and is the name of a column
            return not (reading.year is None and not entry.date and is_column(entry.title))
        if reading.kind == "lookalike" or (is_column(entry.title) and not entry.date):
            return False
        if here.within:
            said = (reading.year is not None and bool(reading.agency)) or reading.reason in SURE
            return (bool(entry.date or entry.body) or said) and not is_year(entry.title)
        return "公开" in entry.title and (is_cut(entry.title) or reading.reason == "wrapper")

    def _want(self, task: Task, entry: Entry, reading: TitleReading, page_url: str) -> list[Output]:
        """A document to be fetched, once, and the probes that wait for it."""
        key = record_key(entry.url)
        if key in self.documents:
            return []
        if entry.url not in self.scope:
            self.documents.add(key)
            self.count("entries/off_the_portal")
            off = Task(Fetch(entry.url), "document", page_url, entry.title, entry=entry, branch=task.branch)
            return (
                self._without(off, "skipped", "it lies on a host that is not of the portal") if reading.agency else []
            )
        if len(self.documents) >= self.limits.documents:
            self.count("entries/over_the_limit")
            self.gaps.add(page_url, f"more than {self.limits.documents} documents are listed")
            return []
        self.documents.add(key)
        self.asked.add(key)
        self.held += 1
        self.listed.add(key)
        agency = reading.agency or entry.agency or task.agency
        if task.branch is not None:
            task.branch.found += 1
        if agency and not task.agency and not agency.endswith(f"{self.portal.name}人民政府") and len(self.shared) < 10:
            self.shared.add(_stem(agency))
        self.reports[_stem(agency)] += 1
        if (before := self._as_before(key, entry)) is not None:
            self.handed += before.held
            self.count("entries/unchanged" if before.held else "entries/dead")
            return []
        self.news |= key not in self.known
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
        shown = article.unwrap(entry.url)
        if shown != entry.url or article.is_file(entry.url, entry.title):
            wanted.purpose = "file"
            wanted.fetch = Fetch(shown)
            return [self._issue(wanted)]
        return self._probed(wanted)

    def _as_before(self, key: str, entry: Entry) -> Known | None:
        """The document of a record that its list shows with the title and the date that it had at the last visit, when
        nothing is open about it."""
        if key not in self.known or not entry.date:
            return None
        _, known = self.known[key]
        if not known.settled or entry.date != known.published:
            return None
        return known if squeeze(entry.title) in {squeeze(title) for title in known.titles} else None

    def _missed(self) -> list[Output]:
        """Documents that stood in the lists at the last visit and no longer do: asked for once, to see whether they
        are gone. When most of them are missed, the portal has moved, and nobody asks."""
        present = [(key, url, one) for key, (url, one) in self.known.items() if one.held and not one.lost]
        missed = [each for each in present if not self._saw(each[0])]
        if not self.listed or len(missed) > max(MISSED, len(present) * MISSED_SHARE):
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

    def _saw(self, key: str) -> bool:
        """Whether a list showed a document, or somebody asked for it."""
        return key in self.listed or key in self.asked or key in self.documents

    def _links(self, task: Task, page: Page, here: Here) -> list[Output]:
        """Judge and weigh every other link of a page: reports are wanted at once, good ways wait in the frontier."""
        out: list[Output] = []
        directory = Directory(here.url)
        beside = Directory(here.url)
        dated = {entry.url for entry in page.entries if entry.date}
        parts: list[Task] = []
        columns: list[Task] = []
        others: list[Task] = []
        for link in (*page.children, *page.frames, *page.links):
            if here.within and squeeze(link.text) == self.portal.name:
                link = replace(link, text=f"{self.portal.name}人民政府")
            if record_key(link.url) in self.asked or link.url not in self.scope:
                continue
            if here.within and (row := row_of_body(link)) and (reading := judge(page.title)).year:
                entry = Entry(link.url, f"{row} {page.title}", agency=body_name(row))
                out += self._want(task, entry, reading, here.url)
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
            if found.value < FLOOR and self._may_be_part(link, here, dated):
                if len(parts) < PARTS:
                    parts.append(self._part(task, link, here, beside))
            elif found.value > 0:
                (columns if found.kind == "column" else others).append(self._way(task, link, found, here, directory))
        if task.branch is not None and columns:
            task.branch.has_column = True
        for way in (*columns, *others, *parts):
            self._push(way)
        if not here.within and len(self.outside) < 50_000:
            for link in (*page.children, *page.frames, *page.links):
                self.outside |= {record_key(link.url), squeeze(link.text)}
        for link in (*page.children, *page.links):
            if link.url in here.bodies and here.disclosure and len(self.bodies) < 2000:
                self.bodies.setdefault(body_name(link.text))
        return out

    def _may_be_part(self, link: Link, here: Here, dated: set[str]) -> bool:
        """A link that stands inside the column and nowhere before it may be a part of it, whatever its name."""
        if not self.outside or not is_part(link, here) or link.url in dated or article.is_file(link.url, link.text):
            return False
        return record_key(link.url) not in self.outside and squeeze(link.text) not in self.outside

    def _part(self, task: Task, link: Link, here: Here, beside: Directory) -> Task:
        found = Score(PART, "child", ("it stands inside the column and nowhere before",))
        way = self._way(task, link, found, here, beside)
        return replace(way, guess=True, branch=Branch(task.branch.name if task.branch else "", beside))

    def _way(self, task: Task, link: Link, found: Score, here: Here, directory: Directory) -> Task:
        branch = task.branch
        if found.body and found.kind in ("body", "child", "column"):
            branch = Branch(body_name(found.body), directory if found.kind == "body" else None)
        # menus before the column are found again from the entry; what lies behind it is worth remembering
        lasting = task.kind not in ("hub", "other") or found.kind == "body"
        return Task(
            fetch=link.fetch or Fetch(link.url),
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
        lost: tuple[str, ...] | None = None
        if outcome == "held" and self.year is None:  # a crawl of one year looks at nothing else
            lost = tuple(url for key, (url, one) in self.known.items() if one.held and not self._saw(key))
        return PortalRead(
            county_code=self.portal.code,
            outcome=outcome,
            reason=reason,
            system=system,
            trail=(*self.trail, *(url for url in self.deferred if url not in self.trail)),
            agencies=tuple(self.bodies),
            lost=lost,
            gaps=self.gaps.result(whole=self.entered, concluded=self._concluded),
            unanswered=self.failures["unreachable"],
            looked=self.entered or self.ways_read or bool(self.hubs),
        )

    def _concluded(self) -> Iterator[Gap]:
        """What only the end shows: doors to the column of which none opened, and bodies whose pages have no list where
        no common list has the reports of several."""
        if not self.hubs:
            yield from self.gaps.doors
        if len(self.shared) >= COMMON:
            return
        reason = "no list was found that has the reports of several bodies"
        yield Gap(next(reversed(self.trail), self.portal.url), "unlisted", reason, strangers=True)
        for branch, url in self.branches.values():
            if not branch.found and not branch.has_column and not self.reports[_stem(branch.name)]:
                yield Gap(url, "unlisted", f"no list of its reports was found on its pages: {url}", branch.name)

    def _outcome(self) -> tuple[PortalOutcome, str]:
        spent = f"; the budget of {self.limits.pages} pages was spent" if self.pages >= self.limits.pages else ""
        spent += "; the pages of the last visit led nowhere, and the portal was discovered anew" if self.broken else ""
        if self.handed:
            return "held", f"{self.held} reports found on {self.pages} pages{spent}"
        if self.entry_failure is not None:
            kind, reason = self.entry_failure
            named: dict[str, PortalOutcome] = {"blocked": "blocked", "disallowed": "disallowed"}
            return named.get(kind, "unreachable"), reason or kind
        if self.failures["blocked"]:
            return "blocked", f"{self.failures['blocked']} pages on the way were blocked"
        if self.failures["disallowed"]:
            return "disallowed", f"{self.failures['disallowed']} pages on the way were disallowed"
        if self.held and self.failures["unreachable"]:
            return "unreachable", f"{self.held} reports are listed, and none could be fetched"
        if self.failures["unreachable"] * 2 >= self.pages:
            return "unreachable", f"{self.failures['unreachable']} of {self.pages} pages on the way gave no answer"
        return "unlisted", f"no list of reports was found on {self.pages} pages{spent}"


def _has_further(page: Page, walk: Walk) -> bool:
    """Whether the last page of a list that states no count shows numbers of pages beyond those that were read."""
    if page.last or not walk.entries or (walk.stated is not None and walk.entries >= walk.stated):
        return False
    folder = page.url.partition("?")[0].rpartition("/")[0]
    beyond = (link.url for link in page.links if re.fullmatch(r"\d{1,3}", link.text) and int(link.text) > walk.pages)
    return any(url.startswith(folder) for url in beyond)


def _is_cover(page: Page) -> bool:
    """True for a page that is titled like one report and lists none: the report is the file that it shows."""
    reading = judge(page.title)
    named = reading.kind == "report" and reading.year is not None and bool(reading.agency)
    return named and not any(judge(entry.title, entry.url).kind == "report" for entry in page.entries)


def replace_fetch(fetch: Fetch, referrer: str) -> Fetch:
    """A request of a list with the address that its answers' relative links start from."""
    return (
        fetch
        if fetch.get("from")
        else replace(fetch, state=(*fetch.state, ("from", referrer)))
        if fetch.system
        else fetch
    )


def _stem(agency: str) -> str:
    """An agency without the words that lists leave out, to tell whether its reports are known."""
    name = squeeze(agency)
    for tail in ("人民政府办公室", "办事处", "人民政府", "政府"):
        name = name.removesuffix(tail)
    return name[-4:] if len(name) > 4 else name


__all__ = ["DEFAULT_LIMITS", "Known", "Limits", "Outcome", "Output", "Reply", "Survey", "Task"]
