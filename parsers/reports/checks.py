"""Arithmetic written as data (``parsers/data/checks.json``), and the one evaluator for it.

A check is evaluated only when every cell it needs is a number: a blank is not a zero, and counting it as one would hide
errors. Then it is ``not_assessable``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Literal

from parsers.reports.form import fields
from parsers.reports.model import Edition, Report, Value

Status = Literal["pass", "fail", "not_assessable"]
Cells = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One identity at one place: ``subject`` is the column or row in which it is taken. ``relation`` is = or <=."""

    id: str
    table: int
    subject: str
    left: Cells
    right: Cells
    relation: str
    severity: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """``cells`` are ``table/row/column`` of every cell that the check reads; left and right are None if it cannot."""

    check: str
    subject: str
    left: int | float | None
    right: int | float | None
    status: Status
    severity: str
    cells: tuple[str, ...]


@cache
def checks(edition: Edition, table: int) -> tuple[Check, ...]:
    """Every identity of one table of an edition, one for each row or column that it is taken in."""
    data = json.loads(resources.files("parsers.data").joinpath("checks.json").read_text("utf-8"))
    return tuple(
        check
        for entry in data["checks"]
        if edition in entry["editions"] and entry["table"] == table
        for check in _instances(entry, edition)
    )


def _instances(entry: Mapping[str, object], edition: Edition) -> Iterator[Check]:
    cells = [(field.row, field.column) for field in fields(edition) if field.table == entry["table"]]
    left, right = (_names(entry[side], cells, str(entry["each"])) for side in ("left", "right"))
    axis = 1 if entry["each"] == "column" else 0
    wanted = {cell[axis] for cell in cells if cell[1 - axis] in left}
    for subject in dict.fromkeys(cell[axis] for cell in cells if cell[axis] in wanted):
        yield Check(
            id=str(entry["id"]),
            table=int(str(entry["table"])),
            subject=subject,
            left=_cells(left, subject, axis),
            right=_cells(right, subject, axis),
            relation=str(entry.get("relation", "=")),
            severity=str(entry["severity"]),
            kinds=tuple(map(str, _list(entry.get("kinds", [])))),
        )


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _names(names: object, cells: Sequence[tuple[str, str]], each: str) -> list[str]:
    """Rows (or columns) as named, patterns unfolded. Raises ValueError for a name that the form does not have."""
    axis = 0 if each == "column" else 1
    known = list(dict.fromkeys(cell[axis] for cell in cells))
    found: list[str] = []
    for name in map(str, _list(names)):
        hits = [each for each in known if each.startswith(name[:-1])] if name.endswith(".*") else [name]
        if not hits or not set(hits) <= set(known):
            raise ValueError(f"checks.json names {name}, which the form does not have")
        found += hits
    return found


def _cells(names: Sequence[str], subject: str, axis: int) -> Cells:
    return tuple((name, subject) if axis == 1 else (subject, name) for name in names)


def evaluate(report: Report) -> tuple[Finding, ...]:
    """Every identity of every table that was read."""
    findings: list[Finding] = []
    for table in report.tables:
        if table.refused:
            continue
        values = {(value.row, value.column): value for value in report.values if value.table == table.number}
        for check in checks(table.edition, table.number):
            if not check.kinds or report.issuer.kind in check.kinds:
                findings.append(_finding(check, values))
    return tuple(findings)


def _finding(check: Check, values: Mapping[tuple[str, str], Value]) -> Finding:
    left, right = _sum(check.left, values), _sum(check.right, values)
    status: Status = "not_assessable"
    if left is not None and right is not None:
        holds = left == right if check.relation == "=" else left <= right
        status = "pass" if holds else "fail"
    return Finding(
        check=check.id,
        subject=check.subject,
        left=_plain(left),
        right=_plain(right),
        status=status,
        severity=check.severity,
        cells=tuple(f"{check.table}/{row}/{column}" for row, column in check.left + check.right),
    )


def _sum(cells: Cells, values: Mapping[tuple[str, str], Value]) -> int | Fraction | None:
    """The exact sum (0.1 + 0.2 = 0.3), or None when a cell is missing or is no number."""
    total: int | Fraction = 0
    for cell in cells:
        value = values.get(cell)
        if value is None or value.value is None:
            return None
        total += value.value if isinstance(value.value, int) else Fraction(str(value.value))
    return total


def _plain(number: int | Fraction | None) -> int | float | None:
    if number is None or isinstance(number, int):
        return number
    return int(number) if number.denominator == 1 else float(number)
