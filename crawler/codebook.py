"""What every column of the dataset means, in Chinese and English, for people and for releases.

Columns of the form (``received__total``) are described by the form data; all others by ``codebook.csv``, where a row
without a table holds for every table that has the column, and a row without a column tells of the table itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.dataset import EDITIONS, WIDE, Dataset
from parsers.reports.form import Field, fields

DATA = Path(__file__).with_name("codebook.csv")
HEADER = ("table", "column", "type", "unit", "zh", "en", "editions")


@dataclass(frozen=True, slots=True)
class Entry:
    """A column, or with an empty ``column`` a table. ``type`` is ``integer``, ``number`` or ``text``; ``editions`` are
    those of the form that have the cell."""

    table: str
    column: str
    zh: str
    en: str
    type: str = ""
    unit: str = ""
    editions: tuple[str, ...] = ()


@cache
def _texts() -> dict[tuple[str, str], tuple[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as stream:
        return {(row["table"], row["column"]): (row["zh"], row["en"]) for row in csv.DictReader(stream)}


@cache
def _cells() -> dict[tuple[str, str], tuple[Field, ...]]:
    """Cells of the form by view and column name, the newest edition first."""
    found: dict[tuple[str, str], list[Field]] = {}
    for edition in EDITIONS:
        for each in fields(edition):
            found.setdefault((WIDE[each.table], f"{each.row}__{each.column}"), []).append(each)
    return {key: tuple(cells) for key, cells in found.items()}


def describe(table: str, column: str, kind: str = "") -> Entry:
    """What a column means (an empty one: the table). Raises KeyError for what nobody described."""
    cells = _cells().get((table.removesuffix("_values"), column))
    if cells:
        newest = cells[0]
        editions = tuple(cell.edition for cell in cells)
        return Entry(table, column, newest.label_zh, newest.label_en, "number", newest.unit, editions)
    texts = _texts()
    found = texts.get((table, column)) or (texts.get(("", column)) if column else None)
    if found is None:
        raise KeyError(f"codebook.csv does not describe {table}.{column}".rstrip("."))
    return Entry(table, column, *found, kind)


def codebook(dataset: Dataset) -> list[Entry]:
    """Every table and view of a dataset, each followed by its columns."""
    found = []
    for table, columns in dataset.columns().items():
        found.append(describe(table, ""))
        found += (describe(table, name, kind) for name, kind in columns)
    return found


def as_csv(entries: Iterable[Entry]) -> str:
    """One row per table and column; ``editions`` divided by blanks."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((e.table, e.column, e.type, e.unit, e.zh, e.en, " ".join(e.editions)) for e in entries)
    return stream.getvalue()


def as_markdown(entries: Sequence[Entry]) -> str:
    """A chapter for each table and view."""
    lines = ["# 字段说明 Codebook", ""]
    for entry in entries:
        if not entry.column:
            lines += ["", f"## {entry.table}", "", f"{entry.zh}。{entry.en[:1].upper()}{entry.en[1:]}.", ""]
            lines += ["| column | type | 中文 | English |", "|---|---|---|---|"]
            continue
        kind = f"{entry.type} ({entry.unit})" if entry.unit else entry.type
        lines.append(f"| `{entry.column}` | {kind} | {_cell(entry.zh)} | {_cell(entry.en)} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
