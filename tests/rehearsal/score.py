"""What a rehearsal found, against the truth: reports by agency and year, and every cell of them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.rehearsal.country import Place, expected, made, rows

NO_NUMBER = ("", "/", "-", "—", "无")
SAMPLED = 12
"""Reports of each county whose cells are compared."""


@dataclass(slots=True)
class Score:
    """``missing`` are reports not held; ``false`` rows that are none of the truth: a look-alike, or a report that was
    given another agency or year. ``cells`` were compared, ``wrong`` names those that differ."""

    expected: int = 0
    rows: int = 0
    missing: list[tuple[str, str, int]] = field(default_factory=list)
    false: list[tuple[str, str, int, str]] = field(default_factory=list)
    cells: int = 0
    cells_right: int = 0
    wrong: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return 1 - len(self.missing) / max(1, self.expected)

    @property
    def precision(self) -> float:
        return 1 - len(self.false) / max(1, self.rows)


def score(places: list[Place], folders: list[Path], port: int) -> Score:
    """Every shard is read; a county is in one of them."""
    found = Score()
    held: dict[str, dict[tuple[str, int], int]] = {place.code: {} for place in places}
    shard: dict[str, sqlite3.Connection] = {}
    for folder in folders:
        path = folder / "reports.db"
        if not path.exists():
            continue
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        found.outcomes.update(dict(db.execute("select outcome, count(*) from portals group by outcome")))
        truth = {place.code: set(expected(place)) for place in places}
        for code, agency, year, url, number in db.execute(
            "select county_code, agency, year, url, id from reports where current"
        ):
            found.rows += 1
            shard[code] = db
            if (agency, year) in truth.get(code, set()):
                held[code][agency, year] = number
            else:
                found.false.append((code, agency, year, url))
    for place in places:
        for agency, year in expected(place):
            found.expected += 1
            if (agency, year) not in held[place.code]:
                found.missing.append((place.code, agency, year))
        if place.code in shard:
            _cells(place, held[place.code], shard[place.code], found)
    return found


def _cells(place: Place, held: dict[tuple[str, int], int], db: sqlite3.Connection, found: Score) -> None:
    reports = [row.item for row in rows(place) if row.form]
    for item in place.random("cells").sample(reports, SAMPLED):
        assert item.body is not None
        number = held.get((item.body.name, item.year))
        if number is None:
            continue
        report = made(item)
        truth = {
            key: value if report.cells[key].strip() not in NO_NUMBER else None for key, value in report.numbers.items()
        }
        read = {(table, row, column): value for table, row, column, value in _read(db, number)}
        for key, value in truth.items():
            found.cells += 1
            right = read.get(key) == value
            found.cells_right += right
            if not right:
                found.wrong.append(f"{place.code} {item.body.name} {item.year} {key}: {read.get(key)}, not {value}")


def _read(db: sqlite3.Connection, number: int) -> Iterator[tuple[int, str, str, float | None]]:
    yield from db.execute('select table_no, row, "column", value from cells where report_id = ?', [number])
