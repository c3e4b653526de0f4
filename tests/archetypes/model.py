"""What an archetype is: portals, the sites behind them, what must be found there, and the shortest way to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from tests.archetypes.server import Site

Outcome = Literal["held", "unread", "blocked"]


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class Portal:
    """A registry row. ``outcome`` is what a crawl of it has to end with; ``hosts`` are the names it is served under."""

    code: str
    name: str
    province: str
    prefecture: str
    url: str
    hosts: tuple[str, ...]
    outcome: Literal["held", "blocked", "disallowed", "unreachable", "unlisted"] = "held"


@dataclass(frozen=True, slots=True)
class Expected:
    """A report that a crawl must hold. ``agency`` is its official full name.

    ``page_urls`` are pages that publish it, ``document_urls`` the requests that carry it (URL, or "POST URL body"),
    ``sha256`` the hashes of those bodies: any of them will do. ``outcome`` is ``unread`` where only bytes can be held,
    ``blocked`` where not even those.
    """

    code: str
    agency: str
    year: int
    page_urls: tuple[str, ...]
    document_urls: tuple[str, ...]
    sha256: tuple[str, ...]
    format: str
    outcome: Outcome = "held"

    @property
    def key(self) -> tuple[str, str, int]:
        return self.code, self.agency, self.year


@dataclass(frozen=True, slots=True)
class Decoy:
    """A look-alike: it may be fetched, but must not become a report. ``why`` says what it is."""

    url: str
    why: str
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the shortest crawl. ``clue`` is text of an earlier body that leads here: empty for the entry.

    ``navigation`` is a step that needs a browser; ``status`` is what the server answers.
    """

    url: str
    clue: str = ""
    method: Literal["GET", "POST"] = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    navigation: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a year did to a report that was held before."""

    code: str
    agency: str
    year: int
    kind: Literal["changed", "withdrawn", "moved"]


@dataclass(slots=True)
class World:
    """One archetype, ready to be served. ``steps`` is a proof: the shortest crawl, request by request.

    ``spare`` are requests that its traps may rightly cost before they are recognised.
    A world of a later year has ``changes``, and in ``before`` the reports that are held from the year before.
    """

    key: str
    title: str
    portals: list[Portal] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    reports: list[Expected] = field(default_factory=list)
    decoys: list[Decoy] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    before: list[Expected] = field(default_factory=list)
    spare: int = 0

    def join(self, other: World) -> None:
        """Takes in another world as one more part of this one."""
        for part in ("portals", "sites", "reports", "decoys", "steps", "changes", "before"):
            getattr(self, part).extend(getattr(other, part))
        self.spare += other.spare

    @property
    def minimal(self) -> int:
        """Requests of the shortest crawl, by the counting rule: robots.txt, CSS and images excluded, redirects and
        failed schemes 1 each, a browser navigation 1."""
        return len(self.steps)

    @property
    def navigations(self) -> int:
        return sum(step.navigation for step in self.steps)
