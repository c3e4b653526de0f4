"""What a survey wants asked, what it remembers while it waits, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crawler.items import ListRead, NoDocument, PortalRead, Sighting
from parsers.listings.model import Entry, Fetch
from parsers.listings.score import Kind
from parsers.listings.walk import Walk

Purpose = Literal["page", "list", "document", "file", "part"]
Via = Literal["http", "browser"]
Outcome = Literal["blocked", "disallowed", "unreachable", "skipped", "seen", "gone", "stopped"]


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

    def judge(self) -> None:
        """Count the branch that was followed last, once its pages have come."""
        if self.last is not None:
            self.dry = 0 if self.last.found else self.dry + 1
            self.last = None


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
    guess: bool = False
    """Whether nothing but its place inside the column says that reports may lie there."""
    explore: bool = False
    """Whether the browser shall also find out where words without an address lead."""
    walk: Walk | None = None
    entry: Entry | None = None
    titles: tuple[str, ...] = ()
    page: Sighting | None = None
    bundle: Bundle | None = None
    part: int = 0
    behind: tuple[Task, Reply] | None = None
    """The page that waits for this script file, and its answer."""

    @property
    def agency(self) -> str:
        return (self.entry.agency if self.entry else "") or (self.branch.name if self.branch else "")


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
    """Further pictures of a page that a browser has clicked through."""


Output = Task | Sighting | NoDocument | ListRead | PortalRead
