"""Which cells of a row are its values, when spans are lost or wrong.

Every reading of a row is a window of its cells; the arithmetic of the form may choose between readings, it never
changes a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from parsers.documents.model import Cell
from parsers.reports.model import Mark
from parsers.reports.values import clean, is_blank, parse

Reading = tuple[Cell, ...]
Identity = Callable[[Sequence[Cell]], bool | None]
"""True or False when the arithmetic of a row can be judged, None when it cannot."""

MAX_SOLVED = 8
"""Wider rows have too many ways to be cut and joined."""
MAX_SURPLUS = 3
"""So many figures more than cells may be torn numbers."""


@dataclass(frozen=True, slots=True)
class Row:
    """``cells`` stand behind the label of row ``key``; ``label`` is the slot of that label; ``column`` the reading by
    the head's columns if there is one. ``lossy``: blank cells may have vanished, so only full rows can be trusted.
    ``loose``: one cell a line, where blank lines may stand between the cells. Rows of one ``kind`` are alike in shape.
    """

    key: str
    cells: Reading
    width: int
    label: int = 0
    column: Reading | None = None
    lossy: bool = False
    loose: bool = False
    where: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """``cells`` is None when the row is refused, ``why`` says why."""

    row: Row
    cells: Reading | None
    why: str = ""


def choose(rows: Sequence[Row], identity: Identity) -> list[Chosen]:
    """One reading for each row. Rows with one possible reading vote for those of the same shape with several."""
    found = [(row, candidates(row, identity)) for row in rows]
    votes: dict[tuple[str, int, int], Counter[int]] = {}
    for row, readings in found:
        if len(readings) == 1 and len(row.cells) > row.width and any(not is_blank(cell.text) for cell in row.cells):
            start = next(iter(readings))
            votes.setdefault(_shape(row), Counter())[start] += 1
    return [_decide(row, readings, votes.get(_shape(row), Counter()), identity) for row, readings in found]


def candidates(row: Row, identity: Identity) -> dict[int, Reading]:
    """Start -> reading. Several starts with equal contents count once, unless nothing at all stands in them."""
    filled = [n for n, cell in enumerate(row.cells) if not is_blank(cell.text)]
    if len(filled) == 1 and (even := _even(row.cells[filled[0]], row.width)):
        return {0: even}
    if row.lossy and len(filled) != row.width:
        solved = solve(row.cells, row.width, identity)
        return {0: solved} if solved else {}
    if len(filled) == row.width and (row.loose or filled[-1] - filled[0] < row.width):
        return {filled[0]: tuple(row.cells[n] for n in filled)}
    if len(row.cells) < row.width:
        return _short(row, filled, identity)
    if not filled:
        return {0: row.column or row.cells[-row.width :]}
    if len(filled) > row.width and row.column is not None and identity(row.column):
        return {0: row.column}  # a column more (小计) among the head's own, whose sum comes out
    first, last = filled[0], filled[-1]
    starts = range(max(0, last - row.width + 1), min(first, len(row.cells) - row.width) + 1)
    windows = {start: row.cells[start : start + row.width] for start in starts}
    if not windows:
        solved = solve(row.cells, row.width, identity)
        return {0: solved} if solved else {}
    return windows


def _even(cell: Cell, width: int) -> Reading | None:
    """``0000000`` or ``///////``: as many equal signs as the row has cells. No number begins with two zeros, so there
    is no other way to read them."""
    signs = "".join(clean(cell.text).split())
    if width == 1 or len(signs) != width or signs != signs[0] * width or signs[0] not in "0/-":
        return None
    return tuple(replace(cell, text=sign) for sign in signs)


def _short(row: Row, filled: list[int], identity: Identity) -> dict[int, Reading]:
    """A row with too few cells: blank if nothing stands in it, else only what the head's columns or a proof give."""
    if not filled and not row.lossy:
        spare = row.cells[-1] if row.cells else Cell("", row.where)
        return {0: (*row.cells, *(replace(spare, text="") for _ in range(row.width - len(row.cells))))}
    if row.column is not None:
        return {0: row.column}
    solved = solve(row.cells, row.width, identity)
    return {0: solved} if solved else {}


def _shape(row: Row) -> tuple[str, int, int]:
    return row.kind or row.key, row.label, len(row.cells)


def _decide(row: Row, readings: dict[int, Reading], votes: Counter[int], identity: Identity) -> Chosen:
    if not readings:
        filled = sum(not is_blank(cell.text) for cell in row.cells)
        return Chosen(row, None, f"{filled} figures where the form has {row.width}")
    if len(readings) == 1:
        return Chosen(row, next(iter(readings.values())))
    usual = votes.most_common(1)[0][0] if len(votes) == 1 else None
    proved = [start for start, cells in readings.items() if identity(cells)]
    if usual in readings and (not proved or usual in proved) and identity(readings[usual]) is not False:
        return Chosen(row, readings[usual])
    if len(proved) == 1 and usual not in readings:
        return Chosen(row, readings[proved[0]])
    if row.column is not None and row.column in readings.values():
        return Chosen(row, row.column)
    return Chosen(row, None, "blank cells hide which columns the figures stand in")


def solve(cells: Sequence[Cell], width: int, identity: Identity) -> Reading | None:
    """Figures run together (``3000003``) or torn apart (``1`` ``2``): the only way to cut or join them so that the
    row's sum is right, or None if there is none or more than one. Ways with fewer figures count too, because blank
    cells may have vanished: then nothing is proved."""
    pieces = [cell for cell in cells if not is_blank(cell.text)]
    if not pieces or width > MAX_SOLVED or any(parse(cell.text)[1] is Mark.TEXT for cell in pieces):
        return None
    ways = [way for way in (_splits(pieces[0], width) if len(pieces) == 1 else _joins(pieces, width)) if identity(way)]
    return ways[0] if len(ways) == 1 and len(ways[0]) == width else None


# 3000003 or 120000012
_RUN = re.compile(r"\d{2,12}")


def _splits(piece: Cell, width: int) -> Iterator[Reading]:
    """Every way to cut a run of digits into two to ``width`` numbers."""
    run = clean(piece.text)
    if _RUN.fullmatch(run) is None or len(run) < width:
        return
    for count in range(1, width):
        for cuts in combinations(range(1, len(run)), count):
            parts = [run[a:b] for a, b in zip((0, *cuts), (*cuts, len(run)), strict=True)]
            if all(part == "0" or part[0] != "0" for part in parts):
                yield tuple(replace(piece, text=part) for part in parts)


def _joins(pieces: Sequence[Cell], width: int) -> Iterator[Reading]:
    """Every way to join neighbouring figures so that at most ``width`` remain."""
    if not width < len(pieces) <= width + MAX_SURPLUS:
        return
    for count in range(len(pieces) - width, len(pieces) - 1):
        for joints in combinations(range(1, len(pieces)), count):
            joined: list[Cell] = []
            for n, piece in enumerate(pieces):
                if n in joints:
                    joined[-1] = replace(joined[-1], text=joined[-1].text + piece.text)
                else:
                    joined.append(piece)
            if all(cell.text == "0" or not cell.text.startswith("0") for cell in joined):
                yield tuple(joined)


def number(cell: Cell) -> int | float | None:
    """The value for sums: blanks and marks count as nothing here, words make the sum impossible (None)."""
    value, mark = parse(cell.text)
    if mark is Mark.TEXT:
        return None
    return value if value is not None else 0


def last_is_sum(cells: Sequence[Cell]) -> bool | None:
    """The last cell is the sum of those before it (T3-TOTALCOL). None if a word stands there."""
    numbers = [number(cell) for cell in cells]
    if parse(cells[-1].text)[1] is not Mark.NUMBER:
        return None
    parts = [n for n in numbers[:-1] if n is not None]
    if len(parts) != len(numbers) - 1 or numbers[-1] is None:
        return None
    return sum(parts) == numbers[-1]


def groups_are_sums(cells: Sequence[Cell], total: int = 4) -> bool | None:
    """Every five cells: four results and their sum (T4-SUM), which stands at ``total`` among them."""
    groups = [list(cells[n : n + 5]) for n in range(0, len(cells), 5)]
    verdicts = [last_is_sum([*group[:total], *group[total + 1 :], *group[total : total + 1]]) for group in groups]
    if None in verdicts:
        return None
    return all(verdicts)


def no_identity(cells: Sequence[Cell]) -> bool | None:
    return None
