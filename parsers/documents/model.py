"""What every document becomes, whatever its format: blocks of text and grids, each with its place.

A place is a short string that leads back into the served bytes:

=====================  ==========================================================================================
``t3r5c4``             4th cell element of the 5th row of the 3rd table (DOM or XML order, counted from 1, nested
                       and layout tables included); sheets of a workbook count as tables
``e120``               120th element of the parsed tree (text outside tables, div grids)
``p2:72,510,90,522``   page 2, box left,top,right,bottom in whole points (pixels for images), origin top left
``l40`` / ``l40f3``    line 40 of a text; its 3rd tab-separated field
=====================  ==========================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as drawn. ``text`` is as served (inner line breaks are ``\\n``, ends stripped, nothing else changed)."""

    text: str
    place: str
    row_span: int = 1
    column_span: int = 1
    doubt: bool = False
    """True for an OCR reading that nothing has confirmed yet."""
    alternatives: tuple[str, ...] = ()
    """Readings that an OCR still holds possible, likeliest first, ``text`` itself among them where it was looked at
    only once; empty when two looks agreed without doubt, and for what was never in doubt."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. A spanned cell is one object, referenced from every slot it covers; ``None`` where nothing is drawn.

    Rows may differ in length: a text whose spans are lost is kept as it is.
    """

    rows: tuple[tuple[Cell | None, ...], ...]
    place: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or a line of a text that has only lines. Empty ones are kept: a blank may be a blank cell."""

    text: str
    place: str
    level: int = 0
    """Heading level as marked up (h1, Heading 1, ``#``); 0 for body text."""


Block = Text | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """The content of one document in reading order.

    ``title`` is the document's own metadata title and may be empty. ``media_type`` says what the bytes are.
    ``notes`` are things a person should know about this reading ("3 pages recognised by OCR").
    """

    media_type: str
    blocks: tuple[Block, ...]
    title: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an archive. ``name`` is decoded and safe to show, never a path to write to."""

    name: str
    body: bytes = field(repr=False)


class Unread(Exception):
    """The bytes are held, but a reader refused them.

    ``reason`` is one of REASONS, ``detail`` a sentence for people.
    """

    REASONS = frozenset(
        {
            "empty",  # no bytes, or nothing but white space
            "unknown",  # the bytes are of no type that a reader knows
            "ceb",  # Founder CEB: no open reader exists
            "encrypted",  # needs a password
            "damaged",  # the format's own structure is broken
            "no_text",  # well-formed, but nothing to read in it
            "too_large",  # a limit of size, pages, cells or members was passed
            "timeout",  # the reader was stopped at the time limit
            "memory",  # the reader was stopped at the memory limit
            "crashed",  # the reader's process died
            "unsafe",  # a bomb or a path trick in an archive
            "no_reader",  # a tool that this format needs is not installed
            "not_a_report",  # readable, but not an annual report by its content
            "foreign",  # a report, but of an agency outside the county on whose portal it stands
        }
    )

    def __init__(self, reason: str, detail: str = "") -> None:
        if reason not in self.REASONS:
            raise ValueError(f"not a reason: {reason}")
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason
