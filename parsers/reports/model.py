"""What a report becomes: values with their marks, and where each stands in the document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Edition = Literal["2021", "2019", "2014", "2008"]
AgencyKind = Literal["county", "department", "township", "other"]


class Mark(StrEnum):
    """What stands in a cell. Only NUMBER has a value: a blank, a dash and a slash are three other facts."""

    NUMBER = "number"
    BLANK = "blank"
    DASH = "dash"
    SLASH = "slash"
    NONE = "none"  # the word 无
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a document before it is read; every part may be missing.

    ``county_code`` is the six-digit code of the portal that published it, ``titles`` are titles from the list and the
    page (best first), ``agency`` the issuer as a list or page names it, ``published`` an ISO date of the page.
    """

    county_code: str = ""
    county_name: str = ""
    titles: tuple[str, ...] = ()
    agency: str = ""
    published: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One cell of the form. ``row`` and ``column`` are keys of the form data, ``raw`` the text as it stands."""

    table: int
    row: str
    column: str
    value: int | float | None
    mark: Mark
    raw: str
    place: str
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Extra:
    """A number cell under a label that the form does not know: kept and reported, never dropped or guessed."""

    table: int | None
    label: str
    column: str
    unit: str
    value: int | float | None
    mark: Mark
    raw: str
    place: str


@dataclass(frozen=True, slots=True)
class Table:
    """How one table of the form was read. ``refused`` is empty, or why its cells were not taken."""

    number: int
    edition: Edition
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """``number`` is ``"1"`` to ``"6"`` for the sections of the form, ``"1.2"`` for the second sub-section of the first.

    ``key`` is the form's name of it (``overview``, ``overview.on_request``) or empty. ``text`` is the whole text below
    the heading, sub-sections included, tables left out; paragraphs are divided by ``\\n``.
    """

    number: str
    key: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A number stated in the narrative. ``qualifier`` is the word as written (余, 超, 约, 以上) or empty.

    ``part_of`` is the number (from 1) of the statement of which this is a part (其中, 包括), if there is one.
    """

    topic: str
    value: int | float
    unit: str
    qualifier: str
    quote: str
    section: str
    part_of: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    kind: Literal["phone", "fax", "postcode", "address", "email", "site"]
    value: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issued a report. ``name`` is official and full, from the county down (平罗县陶乐镇人民政府).

    ``division_code`` is six digits for the county and its departments, nine for a township; empty when it is not known.
    ``candidates`` are the possible divisions when the name alone does not decide: then ``division_code`` is empty.
    ``as_written`` is what the document says.
    """

    name: str
    kind: AgencyKind
    county_code: str
    division_code: str
    as_written: str
    candidates: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything read from one document. ``notes`` are what a person should look at."""

    title: str
    year: int | None
    issuer: Issuer
    edition: Edition
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    values: tuple[Value, ...]
    extras: tuple[Extra, ...]
    statements: tuple[Statement, ...]
    contacts: tuple[Contact, ...]
    signed: str = ""
    """ISO date of the signature, as far as it is written (2025-01-14, 2025-01)."""
    notes: tuple[str, ...] = ()
