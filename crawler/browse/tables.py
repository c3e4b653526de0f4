"""A report's cells laid out as the official form has them, ready for a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from crawler.browse.charts import plain
from crawler.browse.showing import anchor
from crawler.browse.words import Language
from parsers.reports.checks import descriptions, every_check
from parsers.reports.form import EDITIONS, FormRow, fields, form

Row = Mapping[str, Any]
SYMBOLS = {"dash": "—", "slash": "/", "none": "无"}


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell of the form. ``shown`` is what stands there; ``place`` and ``anchor`` are empty where there is no cell."""

    key: str
    shown: str
    mark: str
    place: str
    anchor: str
    doubt: bool
    lit: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the form; a group has no slots. None stands for a slot that the form itself does not have."""

    label: str
    depth: int
    slots: tuple[Slot | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``unit`` is that of all cells, empty where they have several: then rows and columns name theirs."""

    number: int
    title: str
    unit: str
    refused: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def sheets(tables: Sequence[Row], cells: Sequence[Row], lit: frozenset[str], language: Language) -> tuple[Sheet, ...]:
    """``tables`` are rows of form_tables, ``cells`` of the view cells, ``lit`` the keys of cells of a finding."""
    by_key = {f"{cell['table_no']}/{cell['row']}/{cell['column']}": cell for cell in cells}
    return tuple(_sheet(table, by_key, lit, language) for table in tables if table["edition"] in EDITIONS)


def _sheet(table: Row, cells: Mapping[str, Row], lit: frozenset[str], language: Language) -> Sheet:
    number = int(table["table_no"])
    try:
        layout = form(table["edition"]).table(number)
    except KeyError:
        return Sheet(number, "", "", table["refused"] or "", (), ())
    english = language == "en"
    depths: dict[str, int] = {}
    lines = []
    for row in layout.rows:
        depths[row.key] = depths.get(row.parent, -1) + 1
        slots = tuple(
            _slot(f"{number}/{row.key}/{column.key}", cells, lit) if column.key in row.columns else None
            for column in layout.columns
        )
        lines.append(Line(_label(row, english), depths[row.key], slots if row.columns else ()))
    columns = tuple((column.label_en if english else column.label) for column in layout.columns)
    units = {field.unit for field in fields(table["edition"]) if field.table == number}
    unit = units.pop() if len(units) == 1 else ""
    title = layout.label_en if english else layout.label
    return Sheet(number, title, unit, table["refused"] or "", columns, tuple(lines))


def _label(row: FormRow, english: bool) -> str:
    unit = f" ({row.unit})" if row.unit else ""
    return (row.label_en if english else row.label) + unit


def _slot(key: str, cells: Mapping[str, Row], lit: frozenset[str]) -> Slot:
    cell = cells.get(key)
    if cell is None:
        return Slot(key, "", "missing", "", "", False, key in lit)
    return Slot(key, shown(cell), cell["mark"], cell["place"], anchor(cell["place"]), bool(cell["doubt"]), key in lit)


def shown(cell: Row) -> str:
    """What to print for a cell: the number as it is written, a sign, or its text."""
    if cell["mark"] == "number":
        return str(cell["raw"]) if cell["raw"] is not None else plain(cell["value"])
    return str(SYMBOLS.get(cell["mark"], (cell["raw"] or "")[:60] if cell["mark"] == "text" else ""))


@cache
def _checks() -> dict[str, tuple[str, str]]:
    found = {check.id: (check.zh, check.en) for check in every_check()}
    return found | {rule.id: (rule.zh, rule.en) for rule in descriptions()}


def check_name(check: str, language: Language) -> str:
    """What an identity says: 本年新收 + 上年结转 = 总计 + 结转下年度. Its id where nothing else is known."""
    chinese, english = _checks().get(check, ("", ""))
    return (english if language == "en" else "") or chinese or check


@cache
def _labels() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for edition in EDITIONS:
        for table in form(edition).tables:
            for row in table.rows:
                found.setdefault(row.key, (row.label, row.label_en))
            for column in table.columns:
                found.setdefault(column.key, (column.label, column.label_en))
    return found


def subject_name(subject: str, language: Language) -> str:
    """The row or column in which an identity is taken."""
    return _labels().get(subject, (subject, subject))[language == "en"]
