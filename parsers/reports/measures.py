"""Measures that can be compared over the editions of the form (``parsers/data/measures.json``).

``same`` is the same number under another label at most, ``sum`` is the sum of several cells, ``close`` counts nearly
but not quite the same thing. A panel joins only what is ``same`` or ``sum``; ``close`` is documented for those who know
why. What must never be joined stands in ``never``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from parsers.reports.form import form
from parsers.reports.model import Edition

Likeness = Literal["same", "sum", "close"]
CellKey = tuple[int, str, str]
"""Table, row, column."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an edition has a measure: its cells, whose sum it is."""

    edition: Edition
    cells: tuple[CellKey, ...]
    same: Likeness
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    label_zh: str
    label_en: str
    unit: str
    sources: tuple[Source, ...]

    def source(self, edition: Edition) -> Source | None:
        return next((source for source in self.sources if source.edition == edition), None)


@dataclass(frozen=True, slots=True)
class Never:
    """Two cells that look alike and must not be joined."""

    a: tuple[Edition, CellKey]
    b: tuple[Edition, CellKey]
    why: str


@cache
def measures() -> tuple[Measure, ...]:
    """Every measure in the order of the form; those of tables 3 and 4 come once for each column."""
    return tuple(measure for item in _data()["measures"] for measure in _expanded(item))


@cache
def never() -> tuple[Never, ...]:
    return tuple(Never(_cell(item["a"]), _cell(item["b"]), item["why"]) for item in _data()["never"])


def comparable(edition: Edition) -> dict[str, Source]:
    """Key -> source of all measures of an edition that are the same as, or a sum to, those of the others."""
    found = ((measure.key, measure.source(edition)) for measure in measures())
    return {key: source for key, source in found if source is not None and source.same != "close"}


def value(source: Source, cells: Mapping[CellKey, int | float | None]) -> int | float | None:
    """The measure from the cells of a report; None unless every cell it needs is a number: a blank is no zero."""
    parts = [cells.get(cell) for cell in source.cells]
    numbers = [part for part in parts if part is not None]
    return sum(numbers) if len(numbers) == len(parts) else None


@cache
def _data() -> Any:
    return json.loads(resources.files("parsers.data").joinpath("measures.json").read_text("utf-8"))


def _expanded(item: dict[str, Any]) -> list[Measure]:
    if "columns" not in item:
        return [_measure(item, item["key"], item["label"], item["label_en"], "")]
    columns = form("2021").table(item["columns"]).columns
    return [
        _measure(
            item,
            f"{item['key']}.{column.key}",
            f"{item['label']} / {column.label}",
            f"{item['label_en']} / {column.label_en}",
            column.key,
        )
        for column in columns
    ]


def _measure(item: dict[str, Any], key: str, label: str, label_en: str, column: str) -> Measure:
    sources = tuple(
        _source(edition, source, column)
        for edition, source in item["sources"].items()
        # the statistics of 2014 do not tell who applied: they are totals
        if source["table"] != 1 or column in ("", "total")
    )
    return Measure(key, label, label_en, item["unit"], sources)


def _source(edition: Edition, source: dict[str, Any], column: str) -> Source:
    name = "value" if source["table"] == 1 else source.get("column", column)
    cells = tuple((source["table"], row, name) for row in source["rows"])
    return Source(edition, cells, source["same"], source.get("note", ""))


def _cell(item: list[Any]) -> tuple[Edition, CellKey]:
    edition, table, row, column = item
    return edition, (table, row, column)
