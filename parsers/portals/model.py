"""What is known of portals: visits to pages that may be one, and what all visits of a run add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from parsers.portals.identity import Identity

Kind = Literal["full", "short", "old"]
"""How a text names a division: 平罗县, 平罗, or a name that it had before."""
Origin = Literal["link", "home", "registry", "start"]
"""``link``: a parent's page links it; ``home``: a disclosure host's link to its own front page; ``registry``: the row
of a registry; ``start``: a row of the portals above the counties."""
Outcome = Literal["page", "gone", "blocked", "disallowed", "unreachable", "skipped"]
Status = Literal["proved", "unproved", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an address comes from: the page that links it, and the text of the link."""

    origin: Origin
    page: str = ""
    text: str = ""
    kind: Kind = "full"


@dataclass(frozen=True, slots=True)
class Visit:
    """One address that may be the portal of the division ``code``, asked once.

    ``asked`` is the address as written, ``url`` where the page was in the end. ``identity`` is None where no page came
    (``outcome`` and ``reason`` say why). ``mentioned``: the visible text names the division somewhere. ``empty``: the
    page shows nothing of its own (a shell that only scripts fill).
    """

    code: str
    asked: str
    sources: tuple[Source, ...]
    outcome: Outcome = "page"
    reason: str = ""
    url: str = ""
    sha256: str = ""
    identity: Identity | None = None
    mentioned: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Explored:
    """The links of one portal were read, on ``pages`` pages; ``missing`` are child divisions that none names."""

    code: str
    url: str
    pages: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found out about the portal of one division.

    ``proved``: the page itself says whose it is (``evidence``). ``unproved``: an address that may be right; ``remark``
    says what is lacking. ``none``: no address, and why. ``hosts`` are further hosts of the same portal, ``page`` is the
    sha256 of the page that was judged. ``dead`` are addresses that gave no page, ``wrong`` those whose page speaks
    against the division.
    """

    code: str
    status: Status
    url: str = ""
    evidence: str = ""
    remark: str = ""
    hosts: tuple[str, ...] = ()
    page: str = ""
    dead: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
