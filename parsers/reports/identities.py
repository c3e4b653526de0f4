"""The arithmetic of the form, written as data (``parsers/data/checks.json``), and the one evaluator for it.

A check is evaluated only when every cell it needs is a number: a blank is not a zero, and counting it as one would hide
errors. Then it is ``not_assessable``. The same holds for a report of the year before that nobody holds.

Findings name cells as ``3/received/total``, a number in the text as ``statements/12``, and what stands in the other
report (that of the year before, another source) with ``other/`` in front.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Literal

from parsers.reports.form import fields
from parsers.reports.model import AgencyKind, Edition, Report, Statement

Status = Literal["pass", "fail", "not_assessable"]
Scope = Literal["report", "years", "agencies"]
Number = int | float | None
Exact = int | Fraction
Cells = tuple[tuple[str, str], ...]

RELATIONS: dict[str, Callable[[Exact, Exact], bool]] = {"=": operator.eq, "<=": operator.le, ">=": operator.ge}
SCOPES: dict[str, Scope] = {"before": "years", "agencies": "agencies"}
SUBJECTS = 64
"""A check has at most so many subjects: the key of its check times this, plus its number, is the key of a result."""
MOST_DIFFERENCES = 400
"""Cells of two sources that are told one by one; the form has half as many."""


@dataclass(frozen=True, slots=True)
class Check:
    """One identity at one place: ``subject`` is the column or row in which it is taken. ``relation`` is = <= or >=.

    ``left`` and ``right`` are cells of the report whose sums are compared; ``minus`` is taken from the right. ``other``
    are cells that the right side takes from elsewhere: the report of the year before (scope ``years``, its edition
    one of ``before``) or every agency of the county (scope ``agencies``).
    """

    key: int
    id: str
    scope: Scope
    edition: Edition
    table: int
    subject: str
    left: Cells
    right: Cells
    minus: Cells
    other: Cells
    before: tuple[Edition, ...]
    relation: str
    severity: str
    kinds: tuple[str, ...]
    zh: str
    en: str
    source: str
    cells: tuple[str, ...]
    """Names of every cell that the check reads."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``left`` and ``right`` are None where a cell is missing. ``key`` is that of the check; ``other`` is the id of the
    other report that was compared."""

    check: str
    subject: str
    left: Number
    right: Number
    status: Status
    severity: str
    cells: tuple[str, ...]
    key: int
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the checks need of a report. ``editions`` holds the tables that were read, ``values`` only numbers;
    a cell that is blank or missing is not there. ``id`` is the report's id in a dataset."""

    editions: Mapping[int, Edition]
    values: Mapping[tuple[int, str, str], int | float]
    statements: tuple[Statement, ...] = ()
    kind: AgencyKind = "other"
    id: int | None = None

    @classmethod
    def of(cls, report: Report) -> Figures:
        return cls(
            {table.number: table.edition for table in report.tables if not table.refused},
            {(v.table, v.row, v.column): v.value for v in report.values if v.value is not None},
            report.statements,
            report.issuer.kind,
        )


@cache
def data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(resources.files("parsers.data").joinpath("checks.json").read_text("utf-8"))
    return found


@cache
def every_check() -> tuple[Check, ...]:
    """Every identity of every edition, one for each row or column that it is taken in."""
    return tuple(
        check for entry in data()["checks"] for edition in entry["editions"] for check in _instances(entry, edition)
    )


@cache
def checks(edition: Edition, table: int, scope: Scope = "report") -> tuple[Check, ...]:
    """The identities of one table of an edition, by default those within one report."""
    return tuple(c for c in every_check() if (c.edition, c.table, c.scope) == (edition, table, scope))


def _instances(entry: Mapping[str, Any], edition: Edition) -> Iterator[Check]:
    """An entry at each of its subjects. Their numbers follow the form, so that the keys of results never move."""
    axis = 1 if entry["each"] == "column" else 0
    cells = _of_table(edition, entry["table"])
    left = _names(entry["left"], cells, axis)
    wanted = {cell[axis] for cell in cells if cell[1 - axis] in left}
    subjects = [name for name in dict.fromkeys(cell[axis] for cell in cells) if name in wanted]
    terms = [str(term) for term in entry["right"]]
    plain = [term for term in terms if term[0] != "-" and ":" not in term]
    elsewhere = [term.partition(":") for term in terms if ":" in term]
    place = entry["editions"].index(edition)
    for number, subject in enumerate(subjects):
        if subject not in entry.get("rows", [subject]):
            continue
        if number >= SUBJECTS:
            raise ValueError(f"{entry['id']} has more than {SUBJECTS} subjects")
        left_cells, right_cells = _cells(left, subject, axis), _cells(_names(plain, cells, axis), subject, axis)
        minus = _cells(_names([term[1:] for term in terms if term[0] == "-"], cells, axis), subject, axis)
        other = _cells([name for _, _, name in elsewhere], subject, axis)
        own = [f"{entry['table']}/{row}/{column}" for row, column in left_cells + right_cells + minus]
        yield Check(
            key=result_key(entry["key"], place, number),
            id=entry["id"],
            scope=SCOPES[elsewhere[0][0]] if elsewhere else "report",
            edition=edition,
            table=entry["table"],
            subject=entry.get("subject", subject),
            left=left_cells,
            right=right_cells,
            minus=minus,
            other=other,
            before=tuple(entry.get("before", ())),
            relation=entry.get("relation", "="),
            severity="error" if subject in entry.get("strict", ()) else entry["severity"],
            kinds=tuple(entry.get("kinds", ())),
            zh=entry["zh"],
            en=entry["en"],
            source=entry["source"],
            cells=(*own, *(f"other/{entry['table']}/{row}/{column}" for row, column in other)),
        )


@cache
def _of_table(edition: Edition, table: int) -> tuple[tuple[str, str], ...]:
    return tuple((field.row, field.column) for field in fields(edition) if field.table == table)


def _names(names: Iterable[str], cells: Sequence[tuple[str, str]], axis: int) -> list[str]:
    """Rows (or columns) as named, patterns unfolded. Raises ValueError for a name that the form does not have."""
    known = list(dict.fromkeys(cell[1 - axis] for cell in cells))
    found: list[str] = []
    for name in names:
        hits = [each for each in known if each.startswith(name[:-1])] if name.endswith(".*") else [name]
        if not hits or not set(hits) <= set(known):
            raise ValueError(f"checks.json names {name}, which the form does not have")
        found += hits
    return found


def _cells(names: Iterable[str], subject: str, axis: int) -> Cells:
    return tuple((name, subject) if axis == 1 else (subject, name) for name in names)


def within(report: Figures) -> Iterator[Finding]:
    """Every identity of every table that was read."""
    for number, edition in report.editions.items():
        for check in checks(edition, number):
            if not check.kinds or report.kind in check.kinds:
                yield _finding(
                    check, _sum(check.table, check.left, report), _sum(check.table, check.right, report), None
                )


def across_years(report: Figures, before: Figures | None) -> Iterator[Finding]:
    """What a report's tables owe to those of the year before; without them nothing can be assessed."""
    for number, edition in report.editions.items():
        for check in checks(edition, number, "years"):
            right = _sum(number, check.right, report)
            minus = _sum(number, check.minus, report)
            other = None
            if before is not None and before.editions.get(number) in check.before:
                other = _sum(number, check.other, before)
            total = None if right is None or minus is None or other is None else other + right - minus
            yield _finding(check, _sum(number, check.left, report), total, before.id if before else None)


def against_agencies(county: Figures, agencies: Sequence[Figures], complete: bool) -> Iterator[Finding]:
    """A county's totals against the sum over its agencies and townships (``complete``: reports of all are held).

    A sum that lacks reports or cells can still be too large, and fails then; else it cannot be assessed.
    """
    for number, edition in county.editions.items():
        for check in checks(edition, number, "agencies"):
            if county.kind not in check.kinds:
                continue
            left = _sum(number, check.left, county)
            parts = [_sum(number, check.other, agency) for agency in agencies]
            known = [part for part in parts if part is not None]
            right: Exact | None = sum(known) if known else None
            whole = complete and len(known) == len(parts)
            if not whole and (left is None or right is None or right <= left):
                yield _finding(check, left, None, None)
            else:
                yield _finding(check, left, right, None)


def sources(chosen: Figures, other: Figures) -> Iterator[Finding]:
    """Two sources of one report: each cell in which both have a number and not the same; one ``pass`` if there is none.

    Tables on forms of different editions are not compared.
    """
    shared = [key for key in chosen.values if key in other.values and _comparable(chosen, other, key[0])]
    if not shared:
        return
    told = rule("SOURCES")
    differing = [key for key in shared if chosen.values[key] != other.values[key]]
    for key in differing[:MOST_DIFFERENCES]:
        name = "/".join(map(str, key))
        cells = (name, f"other/{name}")
        left, right = chosen.values[key], other.values[key]
        yield Finding("SOURCES", name, left, right, "fail", told.severity, cells, told.key, other.id)
    if not differing:
        yield Finding("SOURCES", "all", len(shared), len(shared), "pass", told.severity, (), told.key, other.id)


def _comparable(one: Figures, two: Figures, table: int) -> bool:
    return one.editions.get(table) == two.editions.get(table) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """A check that is no identity of cells: what the text says, and what is compared between reports."""

    key: int
    id: str
    severity: str
    zh: str
    en: str


@cache
def descriptions() -> tuple[Rule, ...]:
    return tuple(
        Rule(result_key(entry["key"]), entry["id"], entry["severity"], entry["zh"], entry["en"])
        for entry in (*data()["narrative"], *data()["others"])
    )


@cache
def rule(name: str) -> Rule:
    """The check of this name that is no sum of cells (``others`` of checks.json)."""
    return next(each for each in descriptions() if each.id == name)


def result_key(entry: int, place: int = 0, number: int = 0) -> int:
    """The key of results: of an entry of checks.json, in one of at most four editions, at one of its subjects."""
    return (entry * 4 + place) * SUBJECTS + number


def _finding(check: Check, left: Exact | None, right: Exact | None, other: int | None) -> Finding:
    status: Status = "not_assessable"
    if left is not None and right is not None:
        status = "pass" if RELATIONS[check.relation](left, right) else "fail"
    return Finding(
        check.id, check.subject, plain(left), plain(right), status, check.severity, check.cells, check.key, other
    )


def _sum(table: int, cells: Cells, report: Figures) -> Exact | None:
    """The exact sum (0.1 + 0.2 = 0.3), or None when a cell is missing or is no number."""
    total: Exact = 0
    for row, column in cells:
        value = report.values.get((table, row, column))
        if value is None:
            return None
        total += value if isinstance(value, int) else Fraction(str(value))
    return total


def plain(number: Exact | None) -> Number:
    """An exact number as it is stored."""
    if number is None or isinstance(number, int):
        return number
    return int(number) if number.denominator == 1 else float(number)


def total(table: int, edition: Edition, cells: Iterable[tuple[str, str]], report: Figures) -> Exact | None:
    """The sum of cells whose rows may be patterns (``denied.*``)."""
    known = _of_table(edition, table)
    return _sum(table, tuple((row, column) for name, column in cells for row in _names([name], known, 1)), report)
