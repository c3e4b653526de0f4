"""From the provincial portals down to the counties: which page to ask for next, as a state machine without network.

An address that may be a portal is asked once (``home``); what it says decides whether its links are read too. Where a
portal's front page does not link all that is below it, its guides, directories and parts (``guide``) are read one after
the other until nothing is missing. Addresses that are less likely (a path on somebody's host, an article, a service
hall) wait until everything else is known, and are only asked when nothing better has proved itself. Frames and scripts
that hold a footer (``part``) are asked for when a page says nothing of itself without them.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from parsers.listings.html import visible
from parsers.listings.keys import record_key
from parsers.listings.model import Loaded
from parsers.listings.redirect import frames, is_shell, redirect
from parsers.listings.text import squeeze
from parsers.portals import Explored, Finding, Identity, Source, Visit, Way, identify, judge, named, plausible, ways
from parsers.portals.links import allowed, directories, ending, is_front, parts, site
from parsers.portals.model import Outcome
from parsers.portals.names import below, names, plain
from parsers.portals.proof import DISCLOSURE
from parsers.reports import divisions

Purpose = Literal["home", "guide", "part"]


@dataclass(frozen=True, slots=True)
class Limits:
    """``pages`` bound a whole run, ``guides`` the further pages of one portal, ``addresses`` those of one division."""

    pages: int = 12_000
    guides: int = 8
    addresses: int = 8
    hops: int = 3
    parts: int = 2
    renders: int = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be the portal of a division. ``source`` are all places that name it."""

    code: str
    url: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A page to be asked for. ``seen`` is what the pages before it on the same way said (a shell, a home page whose
    footer stands elsewhere)."""

    purpose: Purpose
    url: str
    code: str
    key: str = ""
    hops: int = 0
    render: bool = False
    referrer: str = ""
    seen: Visit | None = None
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a good status. ``url`` is where it came from in the end."""

    url: str
    body: bytes = field(repr=False)
    content_type: str = ""
    status: int = 200


Output = Task | Visit | Explored


@dataclass(slots=True)
class _Search:
    """The links of one portal: what is missing below it, and which of its pages may have it."""

    code: str
    url: str
    pages: int = 1
    guides: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    rendered: bool = False


class Exploration:
    """``begin`` gives the first tasks; each answer goes to ``receive``, each failure to ``fail``. Both give what
    follows: tasks, visits (an address is settled) and searches that came to their end."""

    def __init__(
        self,
        starts: Iterable[tuple[str, str]],
        registered: Iterable[tuple[str, str]] = (),
        *,
        limits: Limits | None = None,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.limits = limits or Limits()
        self.count = count
        self.starts = list(starts)
        self.registered = list(registered)
        self.official = frozenset(ending(url) for code, url in self.starts if not divisions.parent_code(code)) or {
            "gov.cn"
        }
        self._visits: dict[tuple[str, str], Visit] = {}
        self.explored: dict[str, Explored] = {}
        self.spent = 0
        self.rendered = 0
        self.running = 0
        self._known: dict[str, dict[str, Candidate]] = {}
        self._later: dict[str, deque[str]] = {}
        self._searches: dict[str, _Search] = {}
        self._doubtful: set[str] = set()
        self._hosts = {site(url): code for code, url in self.starts}

    def begin(self) -> list[Output]:
        outputs: list[Output] = []
        for source, rows in ((Source("start"), self.starts), (Source("registry"), self.registered)):
            for code, url in rows:
                if allowed(url, url):
                    outputs += self._candidate(code, url, source, at_once=True)
        return outputs

    # answers

    def receive(self, task: Task, reply: Reply) -> list[Output]:
        self.running -= 1
        page = Loaded(reply.url, reply.body, content_type=reply.content_type, status=reply.status)
        if task.purpose == "home":
            outputs = self._home(task, page)
        elif task.purpose == "part":
            outputs = self._part(task, identify(page, part=True))
        else:
            outputs = self._guide(task, page)
        return outputs + self._idle()

    def fail(self, task: Task, outcome: Outcome, reason: str) -> list[Output]:
        self.running -= 1
        outputs: list[Output]
        if task.purpose == "home":
            if task.seen is not None:  # the shell before it said something
                outputs = self._settle(replace(task.seen, sources=self._sources(task)))
            else:
                outputs = self._settle(
                    Visit(task.code, self._asked(task), self._sources(task), outcome=outcome, reason=reason[:200])
                )
        elif task.purpose == "part":
            outputs = self._part(task, Identity())
        else:
            outputs = self._go_on(self._searches[task.code])
        return outputs + self._idle()

    def _home(self, task: Task, page: Loaded) -> list[Output]:
        onward = "" if page.media == "file" else redirect(page)
        if not onward and is_shell(page):
            inner = [link.url for link in frames(page)]
            onward = inner[0] if inner else ""
        visit = self._visit(task, page)
        if onward and task.hops < self.limits.hops and allowed(onward, page.url):
            step = Task(
                "home", onward, task.code, task.key, task.hops + 1, referrer=page.url, seen=visit, render=task.render
            )
            return self._ask([step])
        identity = visit.identity or Identity()
        silent = not identity.codes and not identity.runners
        if visit.empty and silent and not task.render and self.rendered < self.limits.renders:
            self.rendered += 1
            return self._ask([replace(task, url=page.url, render=True, seen=visit)])
        if silent and not task.hops and (pieces := parts(page, footer=True)[: self.limits.parts]):
            first, *rest = pieces
            step = Task("part", first, task.code, task.key, referrer=page.url, seen=visit, waiting=tuple(rest))
            return [*self._links(visit, page), *self._ask([step])]
        return [*self._settle(visit), *self._links(visit, page)]

    def _part(self, task: Task, identity: Identity) -> list[Output]:
        assert task.seen is not None
        assert task.seen.identity is not None
        visit = replace(task.seen, identity=task.seen.identity.joined(identity))
        if task.waiting and not identity.codes and not identity.runners:
            step = replace(task, url=task.waiting[0], waiting=task.waiting[1:], seen=visit)
            return self._ask([step])
        return self._settle(replace(visit, sources=self._sources(task)))

    @property
    def visits(self) -> list[Visit]:
        """Every address that was settled, with all places that name it."""
        return list(self._visits.values())

    def _visit(self, task: Task, page: Loaded) -> Visit:
        identity = identify(page)
        text = plain(visible(page.root, 200_000)) if page.root is not None and page.media == "html" else ""
        spoken = text + plain(identity.title) + plain(identity.site)
        if task.seen is not None and task.seen.identity is not None:
            identity = identity.joined(task.seen.identity)
        return Visit(
            code=task.code,
            asked=self._asked(task),
            sources=self._sources(task),
            outcome="page" if page.media == "html" else "skipped",
            reason="" if page.media == "html" else "a file, not a page",
            url=page.url,
            sha256=hashlib.sha256(page.body).hexdigest(),
            identity=identity if page.media == "html" else None,
            mentioned=any(name in spoken for name, _ in names(task.code)),
            empty=is_shell(page),
        )

    def _settle(self, visit: Visit) -> list[Output]:
        self._visits[visit.code, record_key(visit.asked)] = visit
        return [visit]

    # links

    def _links(self, visit: Visit, page: Loaded) -> list[Output]:
        """What the links of a portal's front page lead to: the portals below it, or its own front."""
        found = ways(page)
        if not found and visit.empty:
            return []
        outputs: list[Output] = []
        if DISCLOSURE.match(urlsplit(page.url).hostname or ""):
            outputs += self._front(visit, page, found)
        if not below(visit.code) or not plausible(visit):
            return outputs
        search = self._searches.get(visit.code)
        if search is not None and search.url != page.url:
            # a second portal of the same division: its links count, its guides are not read
            return outputs + self._take(visit.code, page.url, found)
        search = self._searches[visit.code] = _Search(visit.code, page.url)
        search.asked.add(record_key(page.url))
        self._remember(search, page, found)
        return [*outputs, *self._take(visit.code, page.url, found), *self._go_on(search)]

    def _guide(self, task: Task, page: Loaded) -> list[Output]:
        search = self._searches[task.code]
        search.pages += 1
        if (onward := redirect(page)) and task.hops < self.limits.hops and site(onward) == site(search.url):
            return self._ask([replace(task, url=onward, hops=task.hops + 1)])
        found = ways(page)
        self._remember(search, page, found)
        return self._take(task.code, page.url, found) + self._go_on(search)

    def _remember(self, search: _Search, page: Loaded, found: list[Way]) -> None:
        ranked = directories(found, page.url)
        pieces = parts(page, footer=False)
        first = [url for url, rank in ranked.items() if rank == 0]
        for url in (*first, *pieces, *ranked):
            if url not in search.guides and allowed(url, page.url):
                search.guides.append(url)  # what a guide itself links waits behind what the front page does

    def _take(self, code: str, page: str, found: list[Way]) -> list[Output]:
        """Links that name a division below."""
        outputs: list[Output] = []
        for way in found:
            one = named(way.text, code, way.context)
            if one is None:
                continue
            target = one.division.code
            owner = self._hosts.get(site(way.url))
            if is_front(way.url) and (owner not in (None, target) or site(way.url) == site(page)):
                continue  # 海南 on the page of 青海 is the province; 吉林 on that of 吉林 the portal itself
            outputs += self._candidate(target, way.url, Source("link", page, way.text[:40], one.kind))
        return outputs

    def _front(self, visit: Visit, page: Loaded, found: list[Way]) -> list[Output]:
        """The front page that a disclosure host links: 首页, 县政府网站, or the division's own name."""
        for way in found:
            home = squeeze(way.text) in ("首页", "网站首页", "返回首页", "门户网站", "政府网站", "主站", "门户首页")
            if not is_front(way.url) or DISCLOSURE.match(urlsplit(way.url).hostname or ""):
                continue
            name = named(way.text, divisions.parent_code(visit.code))
            if home or (name is not None and name.division.code == visit.code):
                return self._candidate(visit.code, way.url, Source("home", page.url, way.text[:40]), at_once=True)
        return []

    def _missing(self, code: str) -> tuple[str, ...]:
        """Divisions below a portal that none of its pages links; one that the registry has only counts as missing once
        its address has not proved itself."""
        missing = []
        for child in divisions.children(code):
            found = self._known.get(child.code, {})
            linked = any(source.origin != "registry" for one in found.values() for source in one.sources)
            if not linked and (not found or child.code in self._doubtful):
                missing.append(child.code)
        return tuple(missing)

    def _go_on(self, search: _Search) -> list[Output]:
        """The next page of a portal that may link what is still missing, or the end of the search."""
        missing = self._missing(search.code)
        while missing and search.guides and search.pages <= self.limits.guides:
            url = search.guides.pop(0)
            key = record_key(url)
            if key in search.asked:
                continue
            search.asked.add(key)
            if outputs := self._ask([Task("guide", url, search.code, referrer=search.url)]):
                return outputs
        if missing and self._blank(search) and self.rendered < self.limits.renders:
            search.rendered = True
            self.rendered += 1
            if outputs := self._ask([Task("guide", search.url, search.code, render=True, hops=self.limits.hops)]):
                return outputs
        self.explored[search.code] = Explored(search.code, search.url, search.pages, missing)
        return [self.explored[search.code]]

    def _blank(self, search: _Search) -> bool:
        """Whether a portal seems to have no links downwards at all: a script may fetch them, and a browser run it."""
        children = divisions.children(search.code)
        return not search.rendered and not any(
            source.origin == "link"
            for child in children
            for one in self._known.get(child.code, {}).values()
            for source in one.sources
        )

    def _candidate(self, code: str, url: str, source: Source, *, at_once: bool = False) -> list[Output]:
        url = url.partition("#")[0]
        known = self._known.setdefault(code, {})
        key = record_key(url)
        if key in known:
            before = known[key]
            if source not in before.sources and len(before.sources) < 20:
                known[key] = replace(before, sources=(*before.sources, source))
                if settled := self._visits.get((code, key)):
                    return self._settle(replace(settled, sources=known[key].sources))
            return []
        if len(known) >= self.limits.addresses:
            self.count("portals/too_many_addresses")
            return []
        known[key] = Candidate(code, url, (source,))
        if at_once or is_front(url):
            return self._ask([Task("home", url, code, key, referrer=source.page)])
        self._later.setdefault(code, deque()).append(key)
        return []

    # the end of a round

    def _idle(self) -> list[Output]:
        """When nothing is under way: the less likely addresses of what nothing has proved yet, one for each, and the
        guides that were left because the registry seemed to know."""
        if self.running:
            return []
        findings = judge(self.visits, (), self.official)
        proved = {code for code, found in findings.items() if found.status == "proved"}
        outputs: list[Output] = []
        for code, waiting in sorted(self._later.items()):
            if code in proved:
                waiting.clear()
            elif waiting:
                key = waiting.popleft()
                outputs += self._ask([Task("home", self._known[code][key].url, code, key)])
        doubtful = {code for code in self._known if code not in proved} - self._doubtful
        self._doubtful |= doubtful
        for search in self._searches.values():
            if search.guides and doubtful.intersection(self._missing(search.code)):
                outputs += self._go_on(search)
        return outputs

    def _ask(self, tasks: list[Task]) -> list[Output]:
        """The tasks that the budget allows; a home that it does not allow is settled as skipped."""
        outputs: list[Output] = []
        for task in tasks:
            if self.spent < self.limits.pages:
                self.spent += 1
                self.running += 1
                outputs.append(task)
                continue
            self.count("portals/over_budget")
            if task.purpose == "home":
                reason = f"the budget of {self.limits.pages} pages was spent"
                lost = task.seen or Visit(task.code, self._asked(task), (), outcome="unreachable", reason=reason)
                outputs += self._settle(replace(lost, sources=self._sources(task)))
            elif task.purpose == "part" and task.seen is not None:
                outputs += self._settle(task.seen)
        return outputs

    def _sources(self, task: Task) -> tuple[Source, ...]:
        known = self._known.get(task.code, {}).get(task.key)
        return known.sources if known else ()

    def _asked(self, task: Task) -> str:
        known = self._known.get(task.code, {}).get(task.key)
        return known.url if known else task.url

    def findings(self) -> Mapping[str, Finding]:
        """Everything judged together, as it stands."""
        return judge(self.visits, self.explored.values(), self.official)
