"""What a spider may yield. Everything else that it learns stays in its requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from parsers.portals.model import Explored, Visit

Via = Literal["http", "browser", "file"]
PortalOutcome = Literal["held", "unlisted", "blocked", "disallowed", "unreachable"]
Fruitless = Literal["same", "seen", "gone", "unreachable", "blocked", "disallowed", "skipped"]


@dataclass(slots=True)
class Sighting:
    """A document seen at an address: the bytes as served, and what the portal says of them.

    ``url`` is where the bytes came from, ``page_url`` the page where the document is published (equal to ``url`` when
    the page is the document). ``titles`` are all titles met on the way, best first; ``published`` is an ISO date or
    empty; ``agency`` is as a list or the page names it; ``headers`` are the response's, in order, as latin-1 text.
    ``request`` tells how to ask for it again when it is not a plain GET (method, body). ``files`` are the addresses of
    what belongs to it and has been asked for: until they have come too, it counts as half a document.
    """

    county_code: str
    url: str
    body: bytes = field(repr=False)
    content_type: str = ""
    page_url: str = ""
    titles: tuple[str, ...] = ()
    agency: str = ""
    published: str = ""
    referrer: str = ""
    via: Via = "http"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    request: tuple[str, str] = ("GET", "")
    files: tuple[str, ...] = ()

    sha256: str = ""
    last_run: int = 0
    """Both are set by the archive."""


@dataclass(slots=True)
class NoDocument:
    """An address of a document that was asked for and brought none: why, as far as anybody can tell.

    ``same``: the server says that it is as the archive holds it; ``seen``: it led to a document that is known under
    another address; ``skipped``: not wanted (too large, off the portal). ``page_url`` is the page that names it, equal
    to ``url`` for the page itself.
    """

    county_code: str
    url: str
    page_url: str
    outcome: Fruitless
    reason: str = ""
    title: str = ""
    agency: str = ""
    published: str = ""


@dataclass(slots=True)
class ListRead:
    """A list of reports that was followed: to its end (``complete``), or not, with the reason.

    ``entries`` counts the rows read, ``stated`` what the page itself says there are (None when it says nothing).
    """

    county_code: str
    url: str
    system: str
    title: str
    entries: int
    stated: int | None
    complete: bool
    reason: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of a portal that was not read although reports may lie there: nobody concerned is called absent.

    ``agency`` is the body concerned, as the portal writes it; empty for everybody of whom nothing is held. ``outcome``
    and ``reason`` are what the ledger says of them. ``strangers``: only those are concerned of whom no list ever had a
    report and who have no list of their own.
    """

    url: str
    outcome: PortalOutcome
    reason: str
    agency: str = ""
    strangers: bool = False


@dataclass(slots=True)
class PortalRead:
    """The end of a portal: why the spider stopped, and the trail for the next visit.

    ``trail`` are the addresses of lists and directories that led to reports, in the order of use.
    """

    county_code: str
    outcome: PortalOutcome
    reason: str
    system: str = ""
    trail: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    """Names of agencies that the portal's directories list, as written."""
    lost: tuple[str, ...] | None = None
    """Pages of documents of earlier visits that no list shows any more and that nobody asked for: the lists lost too
    many at once for that. No page proves that they are gone. None where the visit cannot tell."""
    looked: bool = True
    """Whether the pages that lead to the lists were read, too, where new lists would stand."""
    gaps: tuple[Gap, ...] = ()
    unanswered: int = 0
    """Requests of this visit that got no answer: what lies behind them is not known, and is asked for soon again."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document of an earlier visit, as it was published: its titles and its ISO date.

    ``settled``: while its list shows it unchanged nobody has to ask for it. ``held``: the archive has it; False for an
    address that lately proved dead. ``lost``: no list showed it at the last visit, and nobody asked.
    """

    titles: tuple[str, ...]
    published: str = ""
    settled: bool = True
    held: bool = True
    lost: bool = False


@dataclass(slots=True)
class PortalPage:
    """A page that was asked for in search of portals: evidence for the registry, never a report.

    ``code`` is the division in whose search it was asked for, ``purpose`` what for; ``asked`` the address as asked.
    """

    code: str
    purpose: str
    asked: str
    url: str
    body: bytes = field(repr=False)
    content_type: str = ""
    status: int = 200
    via: Via = "http"


@dataclass(frozen=True, slots=True)
class PortalFound:
    """Something that the search for portals has settled; ``official`` are the endings that portals' hosts have."""

    found: Visit | Explored
    official: tuple[str, ...]


Item = Sighting | NoDocument | ListRead | PortalRead | PortalPage | PortalFound
