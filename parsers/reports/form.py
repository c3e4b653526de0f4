"""The official form of every edition, loaded once from ``parsers/data/form_*.json``.

The order of tables, rows and columns is the official one; keys are public names of the dataset.
Sources: 国办公开办函〔2021〕30号 (2021), 国办公开办函〔2019〕60号 (2019), 国办发〔2014〕32号 (2014),
国务院令第492号 (2008).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from parsers.reports.labels import normalise, without_brackets, without_marker
from parsers.reports.model import Edition

EDITIONS: tuple[Edition, ...] = ("2021", "2019", "2014", "2008")


@dataclass(frozen=True, slots=True)
class FormColumn:
    key: str
    label: str
    label_en: str
    unit: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormRow:
    """``columns`` are the keys of the columns that this row fills; empty for a group, which has no cells of its own."""

    key: str
    label: str
    label_en: str
    unit: str
    parent: str
    columns: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormTable:
    """``by_row`` holds the rows with cells, in official order."""

    number: int
    edition: Edition
    label: str
    label_en: str
    columns: tuple[FormColumn, ...]
    rows: tuple[FormRow, ...]
    by_row: dict[str, FormRow]
    by_column: dict[str, FormColumn]

    def labels(self) -> Iterator[str]:
        """Every label of rows and columns with its aliases."""
        for row in self.rows:
            yield from (row.label, *row.aliases)
        for column in self.columns:
            yield from (column.label, *column.aliases)


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section of the form or one of its parts; ``key`` is ``overview`` or ``overview.on_request``."""

    key: str
    label: str
    label_en: str
    aliases: tuple[str, ...]
    parts: tuple[FormSection, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    edition: Edition
    basis: str
    tables: tuple[FormTable, ...]
    sections: tuple[FormSection, ...]

    def table(self, number: int) -> FormTable:
        """Raises KeyError if this edition has no such table."""
        for table in self.tables:
            if table.number == number:
                return table
        raise KeyError(f"edition {self.edition} has no table {number}")


@dataclass(frozen=True, slots=True)
class Field:
    """One cell of the form with its labels, for codebooks."""

    edition: Edition
    table: int
    row: str
    column: str
    label_zh: str
    label_en: str
    unit: str


class Ref(NamedTuple):
    """What a label may name: ``kind`` is ``row``, ``group``, ``column`` or ``head`` (a word of a table's head)."""

    table: int
    kind: str
    key: str


@cache
def form(edition: Edition) -> Form:
    data = json.loads(resources.files("parsers.data").joinpath(f"form_{edition}.json").read_text("utf-8"))
    return Form(
        edition,
        data["basis"],
        tuple(_table(edition, table) for table in data["tables"]),
        tuple(_section(section) for section in data["sections"]),
    )


@cache
def local_headings() -> dict[str, frozenset[str]]:
    """Normal column headings of local statistics (edition 2008): ``label``, ``unit`` and ``code``."""
    data = json.loads(resources.files("parsers.data").joinpath("form_2008.json").read_text("utf-8"))
    return {name: frozenset(map(normalise, words)) for name, words in data["local"].items()}


@cache
def fields(edition: Edition) -> tuple[Field, ...]:
    """Every cell of an edition in official order; 200 for 2021, 198 for 2019, 58 for 2014, none for 2008."""
    return tuple(
        Field(
            edition,
            table.number,
            row.key,
            column.key,
            without_marker(row.label) if table.number == 1 else f"{without_marker(row.label)} / {column.label}",
            row.label_en if table.number == 1 else f"{row.label_en} / {column.label_en}",
            row.unit or column.unit,
        )
        for table in form(edition).tables
        for row in table.by_row.values()
        for column in (table.by_column[key] for key in row.columns)
    )


def _table(edition: Edition, data: dict[str, Any]) -> FormTable:
    columns = tuple(
        FormColumn(c["key"], c["label"], c["label_en"], c["unit"], tuple(c["aliases"])) for c in data["columns"]
    )
    every = tuple(column.key for column in columns)
    rows = tuple(
        FormRow(
            r["key"],
            r["label"],
            r["label_en"],
            r.get("unit", ""),
            r["parent"],
            () if r["kind"] == "group" else tuple(r.get("columns", every)),
            tuple(r["aliases"]),
        )
        for r in data["rows"]
    )
    return FormTable(
        data["number"],
        edition,
        data["label"],
        data["label_en"],
        columns,
        rows,
        {row.key: row for row in rows if row.columns},
        {column.key: column for column in columns},
    )


def _section(data: dict[str, Any]) -> FormSection:
    parts = tuple(_section(part) for part in data.get("parts", ()))
    return FormSection(data["key"], data["label"], data["label_en"], tuple(data["aliases"]), parts)


# Words that stand in the heads of the tables and name no cell of their own.
_HEADS = {
    1: ("统计指标", "指标名称", "单位", "计量单位"),
    2: ("信息内容",),
    3: ("申请人情况", "法人或其他组织", "本列数据的勾稽关系为第一项加第二项之和等于第三项加第四项之和"),
    4: ("结果", "审结", "其他结果数量"),
}


@cache
def names() -> dict[str, tuple[Ref, ...]]:
    """Normal label -> everything it may name in any edition."""
    found: dict[str, dict[Ref, None]] = {}
    for label, ref in _named():
        normal = normalise(label)
        found.setdefault(normal, {})[ref] = None
        bare = without_brackets(normal)
        if bare != normal and not normal.startswith("第二十条"):
            found.setdefault(bare, {})[ref] = None
        if ref.kind == "head":
            # the sentence in the corner of table 3 stands in brackets
            found.setdefault(f"({normal})", {})[ref] = None
    return {label: tuple(refs) for label, refs in found.items() if label}


def _named() -> Iterator[tuple[str, Ref]]:
    for number, words in _HEADS.items():
        for word in words:
            yield word, Ref(number, "head", word)
    for edition in EDITIONS:
        for table in form(edition).tables:
            for row in table.rows:
                # the collapsed row of 2019 is a group in 2021: readers decide by what stands in it
                kind = "row" if row.columns or row.key == "other" else "group"
                for label in (row.label, *row.aliases):
                    yield label, Ref(table.number, kind, row.key)
            for column in table.columns:
                for label in (column.label, *column.aliases):
                    yield label, Ref(table.number, "column", column.key)


MIN_CUT = 8
"""A label cut by a page is still known by so many characters if only one label begins with them."""


@cache
def _groups() -> tuple[str, ...]:
    """Normal labels of the groups of table 3, which may stand in one cell with the label below them."""
    table = form("2021").table(3)
    labels = [normalise(row.label) for row in table.rows if not row.columns]
    return tuple(sorted(labels, key=len, reverse=True))


@lru_cache(maxsize=8192)
def lookup(text: str) -> tuple[Ref, ...]:
    """Everything that a cell's text may name: ``(三)不予公开 1.属于国家秘密`` names the row ``denied.state_secret``.

    Exact but for marker, width, spaces, brackets and the variants of the form data; empty for anything else.
    """
    return _look(normalise(text), 0)


def _look(normal: str, depth: int) -> tuple[Ref, ...]:
    known = names()
    if not normal:
        return ()
    if normal in known:
        return known[normal]
    bare = without_brackets(normal)
    if bare in known:
        return known[bare]
    # a marker whose sign is lost: 一本年新收…
    if normal[0] in "一二三四五六七八九12345678" and normal[1:] in known:
        return known[normal[1:]]
    if found := _ARTICLE.fullmatch(normal):
        return known[f"第二十条第({found[1]})项"]
    return _nested(normal, depth) or _cut(normal)


# 第二十条第(一)项, 第二十条(五)项, 第二十条第六款
_ARTICLE = re.compile(r"《?.{0,6}?第二十条第?\(?([一五六八九])\)?[项款]?")


def _nested(normal: str, depth: int) -> tuple[Ref, ...]:
    if depth > 2:
        return ()
    for group in _groups():
        if normal.startswith(group) and len(normal) > len(group):
            inner = normalise(normal[len(group) :])
            return tuple(ref for ref in _look(inner, depth + 1) if ref.table == 3)
    return ()


@cache
def _by_beginning() -> dict[str, tuple[tuple[str, tuple[Ref, ...]], ...]]:
    """First signs -> the labels that begin with them and are long enough to be known when they are cut."""
    found: dict[str, list[tuple[str, tuple[Ref, ...]]]] = {}
    for label, refs in names().items():
        if len(label) >= MIN_CUT:
            found.setdefault(label[:MIN_CUT], []).append((label, refs))
    return {start: tuple(labels) for start, labels in found.items()}


def _cut(normal: str) -> tuple[Ref, ...]:
    """A label without its end, or with a remark behind it that lost its bracket."""
    if len(normal) < MIN_CUT:
        return ()
    alike = _by_beginning().get(normal[:MIN_CUT], ())
    begun = {refs for label, refs in alike if label.startswith(normal)}
    if len(begun) == 1:
        return begun.pop()
    behind = [label for label, refs in alike if normal.startswith(label) and all(ref.table == 3 for ref in refs)]
    if not behind or len(normal) >= 80:
        return ()
    longest = max(behind, key=len)
    # figures behind a label are its row, not a remark
    return () if any(sign.isdigit() for sign in normal[len(longest) :]) else names()[longest]
