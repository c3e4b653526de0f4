"""Readings of an OCR against the form's own arithmetic: which figures are certain, which another reading explains.

A figure stops being in doubt only where a sum it stands in comes out and none fails. One figure that is its own total
proves little: slashes that were all read as 1 come out as well. Figures that stand in no sum are certain where two
looks agreed and the sums of the other tables come out. Where sums fail, a reading that the OCR itself had not ruled out
may take its place, when it alone mends every failing sum through that cell, two at least: one sum can be wrong on
paper, and a figure may not be bent to fit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from parsers.documents.model import Document, Grid
from parsers.reports.identities import Check, checks
from parsers.reports.model import Edition, Mark, Table, Value
from parsers.reports.values import parse

PLAIN = re.compile(r"\d+(?:\.\d+)?")  # 12, 60.96602: what the OCR reads over figures alone
STROKES = re.compile(r"1+")  # 1, 11: what an OCR makes of slashes
WITHOUT_SUMS = 2  # the table whose figures stand in no sum
# Nothing counted: these stand for zero in a sum, though which of them is written no sum can tell
NOTHING = frozenset({Mark.BLANK, Mark.DASH, Mark.SLASH, Mark.NONE})

Cell = tuple[str, str]


def alternatives_of(document: Document) -> dict[str, tuple[str, ...]]:
    """For each place that an OCR read, the other readings it had not ruled out (none: two looks agreed)."""
    return {
        cell.place: cell.alternatives
        for block in document.blocks
        if isinstance(block, Grid)
        for row in block.rows
        for cell in row
        if cell is not None and cell.doubt
    }


def settle(
    values: Sequence[Value], tables: Iterable[Table], alternatives: Mapping[str, tuple[str, ...]]
) -> tuple[Value, ...]:
    """The same values in the same order, each doubtful one confirmed, replaced by a likelier reading, or left."""
    settled = list(values)
    clear = True
    # the table without sums comes last: what the others showed of the sheet is all there is to judge it by
    for table in sorted(tables, key=lambda table: table.number == WITHOUT_SUMS):
        places = {(v.row, v.column): i for i, v in enumerate(settled) if v.table == table.number}
        if not any(settled[i].doubt for i in places.values()):
            continue
        if table.refused or any(settled[i].mark is Mark.TEXT for i in places.values()):
            clear = False
        if not table.refused:
            clear &= _settle_table(settled, places, table.number, table.edition, alternatives, clear)
    return tuple(settled)


def _settle_table(
    values: list[Value],
    places: Mapping[Cell, int],
    number: int,
    edition: Edition,
    alternatives: Mapping[str, tuple[str, ...]],
    clear: bool,
) -> bool:
    """True when every sum of the table can be made and comes out. ``clear`` is False where another table of the sheet
    was not so: then something lies over it (a seal, a fold), and two looks that agree may have seen the same stroke."""
    slashes = _may_be_slashes(values)
    sums = [check for check in checks(edition, number) if check.relation == "=" and check.right]
    through: dict[Cell, list[Check]] = {}
    for check in sums:
        for cell in (*check.left, *check.right):
            through.setdefault(cell, []).append(check)
    for i in places.values():
        if values[i].mark is Mark.BLANK:  # it may stand for a cell that the OCR did not find
            values[i] = replace(values[i], doubt=True)
    _mend(values, places, through, alternatives)
    for cell, i in places.items():
        value = values[i]
        if not value.doubt or value.mark is not Mark.NUMBER:
            continue
        stroke = slashes and STROKES.fullmatch(value.raw) is not None
        verdicts = {check: _holds(check, values, places) for check in through.get(cell, [])}
        holding = [check for check, verdict in verdicts.items() if verdict]
        telling = any(not (stroke and _mirrors(check, values, places)) for check in holding)
        confirmed = telling and False not in verdicts.values()
        plain = not stroke and PLAIN.fullmatch(value.raw) is not None
        agreed = clear and number == WITHOUT_SUMS and plain and alternatives.get(value.place) == ()
        if confirmed or agreed:
            values[i] = replace(value, doubt=False)
    return all(_holds(check, values, places) for check in sums)


def _may_be_slashes(values: Sequence[Value]) -> bool:
    """True unless the report shows another sign for nothing, and no slash."""
    signs = {value.mark for value in values} | {"zero" for value in values if value.value == 0}
    return Mark.SLASH in signs or not signs & {"zero", Mark.BLANK, Mark.DASH, Mark.NONE}


def _mirrors(check: Check, values: Sequence[Value], places: Mapping[Cell, int]) -> bool:
    """True for a sum with one figure on each side and nothing else."""
    return all(
        sum(bool(values[places[cell]].value) for cell in cells if cell in places) < 2
        for cells in (check.left, check.right)
    )


def _mend(
    values: list[Value],
    places: Mapping[Cell, int],
    through: Mapping[Cell, list[Check]],
    alternatives: Mapping[str, tuple[str, ...]],
) -> None:
    """Take another reading where it is the only one in the table that makes the failing sums through its cell hold."""
    found: dict[int, list[Value]] = {}
    for cell, i in places.items():
        value = values[i]
        failing = [check for check in through.get(cell, []) if _holds(check, values, places) is False]
        if not value.doubt or len(failing) < 2:
            continue
        for text in alternatives.get(value.place, ()):
            number, mark = parse(text, change=False)
            other = replace(value, value=number, mark=mark, raw=text)
            if _fits(other, value) and all(_holds(c, values, places, {cell: other}) for c in through[cell]):
                found.setdefault(i, []).append(other)
    rivals = [i for i in found if any(_share(values[i], values[j], through) for j in found if j != i)]
    for i, readings in found.items():
        if i not in rivals and len({(r.value, r.mark) for r in readings}) == 1:
            values[i] = readings[0]


def _fits(other: Value, value: Value) -> bool:
    return (other.mark is Mark.NUMBER or other.mark in NOTHING) and (other.value, other.mark) != (
        value.value,
        value.mark,
    )


def _share(one: Value, two: Value, through: Mapping[Cell, list[Check]]) -> bool:
    """True when two cells stand in one sum: then either could be the one that is wrong."""
    return any(check in through[two.row, two.column] for check in through[one.row, one.column])


def _holds(
    check: Check, values: Sequence[Value], places: Mapping[Cell, int], instead: Mapping[Cell, Value] | None = None
) -> bool | None:
    """Whether a sum comes out; None when a cell is missing or holds something that is neither number nor nothing."""
    sides = []
    for cells in (check.left, check.right):
        total = Fraction(0)
        for cell in cells:
            value = instead.get(cell) if instead else None
            if value is None:
                place = places.get(cell)
                value = values[place] if place is not None else None
            if value is None or (value.value is None and value.mark not in NOTHING):
                return None
            total += Fraction(str(value.value or 0))
        sides.append(total)
    return sides[0] == sides[1]
