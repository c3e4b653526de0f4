"""How a report is stored short, so that views of plain SQL unfold it: its cells, their places, its text.

The numbers of a table are one JSON array in the order of the form. Where its cells stand is a layout, which reports of
one content system share: what differs between two of them is a number or two, or in a PDF the edges of the grid. The
text is stored once; sections and quotes are spans of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from parsers.reports.model import Mark, Section, Statement, Value

SIGNS = {
    "": Mark.BLANK,
    "/": Mark.SLASH,
    "／": Mark.SLASH,
    "-": Mark.DASH,
    "—": Mark.DASH,
    "－": Mark.DASH,
    "——": Mark.DASH,
    "无": Mark.NONE,
}
"""What stands in cells without a number, and is enough to tell the mark."""
BOX = re.compile(r"p(\d+):(-?\d+),(-?\d+),(-?\d+),(-?\d+)")  # p2:72,510,90,522
AS_SQLITE = re.compile(r"-?\d{1,18}|-?\d{1,9}\.\d{1,6}")  # 347, 190.457379: SQLite writes it as Python does
NUMBERED = re.compile(r"([a-z]+)(\d+)(.*)", re.DOTALL)  # t3r5c4, e120, l40f3

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cells:
    """``cells``, ``places`` and ``edges`` are JSON arrays.

    ``cells``: a number, a sign of SIGNS, ``[value, mark, raw, doubt]`` where more is to be said, null for a cell that
    the document does not have. ``places``, by ``kind``: ``box``: ``[i, j]`` into the edges ``[[left, right, … of
    columns], [page, top, bottom, … of rows]]``; ``numbered``: ``[difference, rest]`` to the edges ``[letters,
    number]``; ``literal``: as they are, without edges.
    """

    cells: str
    kind: str
    places: str
    edges: str | None


def cells(order: Sequence[Key], values: Iterable[Value]) -> Cells:
    """The cells of one table. Raises ValueError for a cell that the form does not have."""
    found = {(value.row, value.column): value for value in values}
    unknown = found.keys() - set(order)
    if unknown:
        raise ValueError(f"cells that the form does not have: {sorted(unknown)}")
    row = [found.get(key) for key in order]
    kind, places, edges = _layout([value.place if value else None for value in row])
    return Cells(
        as_json([_cell(value) if value else None for value in row]),
        kind,
        as_json(places),
        None if edges is None else as_json(edges),
    )


def as_json(value: Any) -> str:
    """JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cell(value: Value) -> Any:
    as_it_is = (
        value.mark is Mark.NUMBER and value.raw == str(value.value) and AS_SQLITE.fullmatch(value.raw) is not None
    )
    if not value.doubt:
        if as_it_is:
            return value.value
        if SIGNS.get(value.raw) is value.mark:
            return value.raw
    mark = None if value.mark is Mark.NUMBER else str(value.mark)
    return [value.value, mark, None if as_it_is else value.raw, *([1] if value.doubt else [])]


def value_of(cell: Any) -> int | float | None:
    """The number of an entry of ``cells``."""
    if isinstance(cell, list):
        cell = cell[0]
    return cell if isinstance(cell, int | float) else None


def _layout(places: Sequence[str | None]) -> tuple[str, list[Any], list[Any] | None]:
    there = [place for place in places if place is not None]
    boxes = {place: match for place in there if (match := BOX.fullmatch(place))}
    if there and len(boxes) == len(set(there)) and all(_plain(*match.groups()) for match in boxes.values()):
        return ("box", *_boxes([boxes[place] if place is not None else None for place in places]))
    numbered = {place: match for place in there if (match := NUMBERED.fullmatch(place))}
    letters = {match[1] for match in numbered.values()}
    if len(numbered) == len(set(there)) and len(letters) == 1 and all(_plain(m[2]) for m in numbered.values()):
        first = min(int(match[2]) for match in numbered.values())
        shifted = [None if place is None else [int(numbered[place][2]) - first, numbered[place][3]] for place in places]
        return "numbered", shifted, [letters.pop(), first]
    return "literal", list(places), None


def _plain(*numbers: str) -> bool:
    """Whether numbers are written as SQLite would write them."""
    return all(len(number) < 16 and str(int(number)) == number for number in numbers)


def _boxes(boxes: Sequence[re.Match[str] | None]) -> tuple[list[Any], list[Any]]:
    """Each box as its column and its row. Tables of the same shape have the same places, wherever their lines stand
    and wherever a page ends."""
    columns: dict[tuple[int, int], int] = {}
    rows: dict[tuple[int, int, int], int] = {}
    places: list[Any] = []
    for box in boxes:
        if box is None:
            places.append(None)
            continue
        page, left, top, right, bottom = map(int, box.groups())
        column = columns.setdefault((left, right), len(columns))
        places.append([2 * column, 3 * rows.setdefault((page, top, bottom), len(rows))])
    return places, [[edge for column in columns for edge in column], [edge for row in rows for edge in row]]


@dataclass(frozen=True, slots=True)
class Span:
    """Part of the text. A position that is not known is the end of the text, where the words were added."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Texts:
    """``text`` is the whole text; ``sections`` and ``quotes`` are where each section and each statement stand in it."""

    text: str
    sections: tuple[Span, ...]
    quotes: tuple[Span, ...]


def texts(sections: Sequence[Section], statements: Sequence[Statement]) -> Texts:
    """The text of a report once. Sub-sections stand in their section, and quotes in theirs; what does not, is added."""
    whole = ""
    spans: list[Span] = []
    by_number: dict[str, Span] = {}
    for section in sections:
        # SQLite ends a text at the first zero
        text = section.text.replace("\0", "")
        parent = by_number.get(section.number.rpartition(".")[0])
        at = whole.find(text, parent.start, parent.start + parent.length) if parent else -1
        whole, span = (whole, Span(at, len(text))) if at >= 0 else _added(whole, text)
        spans.append(span)
        by_number[section.number] = span
    quotes: list[Span] = []
    for statement in statements:
        quote = statement.quote.replace("\0", "")
        at = -1
        if (home := by_number.get(statement.section)) is not None:
            at = whole.find(quote, home.start, home.start + home.length)
        whole, span = (whole, Span(at, len(quote))) if at >= 0 else _added(whole, quote)
        quotes.append(span)
    return Texts(whole, tuple(spans), tuple(quotes))


def _added(whole: str, text: str) -> tuple[str, Span]:
    gap = "\n" if whole and text else ""
    return whole + gap + text, Span(len(whole) + len(gap), len(text))
