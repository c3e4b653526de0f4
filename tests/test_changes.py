"""``scrapy changes``: new, changed and gone; what only looks different is not a change."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from crawler.archive import Archive
from crawler.commands.changes import COLUMNS, Command, changes, run_since
from crawler.dataset import Dataset
from crawler.items import Sighting
from crawler.portals import Refused
from parsers.reading import Reading
from parsers.reports.model import Mark, Report
from tests.generator.report import MadeReport, make_report
from tests.test_dataset import report_of

URL = "http://www.example.gov.cn/"


@dataclass
class World:
    archive: Archive
    dataset: Dataset
    code: str

    def begin(self, started: str) -> int:
        run_id = self.archive.open_run("county", {}, {})
        self.archive.db.execute("update runs set started = ? where id = ?", [started, run_id])
        return run_id

    def see(self, name: str, body: bytes, report: Report | None, reason: str = "") -> None:
        title = report.title if report else name
        sighting = Sighting(self.code, URL + name, body, page_url=URL + name, titles=(title,))
        self.archive.keep(sighting, "text/html")
        if not self.dataset.seen_again(sighting, "r"):
            self.dataset.write(sighting, Reading("text/html", report, reason), "r")

    def answer(self, name: str, status: int) -> None:
        self.archive.visited([{"url": URL + name, "via": "http", "status": status}])


def corrected(report: Report) -> Report:
    """The same report with one number changed."""
    n, value = next((n, v) for n, v in enumerate(report.values) if v.table == 3 and v.mark is Mark.NUMBER)
    new = replace(value, value=(value.value or 0) + 1, raw=str((value.value or 0) + 1))
    return replace(report, values=(*report.values[:n], new, *report.values[n + 1 :]))


@pytest.fixture
def made() -> MadeReport:
    return make_report(7)


@pytest.fixture
def world(tmp_path: Path, made: MadeReport) -> Iterator[World]:
    report = report_of(made)
    (section,) = report.sections
    with Archive(tmp_path) as archive, Dataset(tmp_path) as dataset:
        w = World(archive, dataset, made.county_code)
        w.begin("2025-02-01T08:00:00Z")
        for name, year in (("a", 2021), ("b", 2022), ("c", 2023), ("d", 2024), ("e", 2020)):
            w.see(name, name.encode(), replace(report, year=year))
        w.see("notice", b"n", None, "not_a_report")
        w.begin("2026-02-01T08:00:00Z")
        w.see("a", b"a, visited 17 times", replace(report, year=2021))
        w.see("b", b"b2", replace(report, year=2022, sections=(replace(section, text="全年主动公开政府信息13条"),)))
        w.see("c", b"c2", corrected(replace(report, year=2023)))
        w.answer("d", 404)
        w.answer("e", 503)
        w.see("new", b"new", replace(report, year=2025))
        w.see("scan", b"scan", None, "encrypted")
        w.see("notice", b"n2", None, "not_a_report")
        yield w


def found(world: World, run_id: int, *, everything: bool = False) -> dict[str, str]:
    rows = changes(world.archive, world.dataset, run_id, everything=everything)
    return {row["url"].removeprefix(URL): row["change"] for row in rows}


def test_each_kind_of_change(world: World) -> None:
    assert found(world, 2) == {"b": "changed", "c": "changed", "d": "gone", "new": "new", "scan": "new"}


def test_everything_shows_what_only_looks_different(world: World) -> None:
    more = found(world, 2, everything=True)
    assert {name for name, change in more.items() if change == "same"} == {"a", "notice"}
    assert "e" not in more


def test_cells_that_differ(world: World) -> None:
    rows = {row["url"]: row for row in changes(world.archive, world.dataset, 2)}
    (cell,) = rows[URL + "c"]["cells"]
    assert cell["table_no"] == 3
    assert int(cell["now"]) == int(cell["before"]) + 1
    assert rows[URL + "b"]["cells"] == []
    assert rows[URL + "d"]["noticed"] == "2026-02-01"


def test_what_came_back_is_not_gone(world: World) -> None:
    world.begin("2026-03-01T08:00:00Z")
    world.answer("d", 304)
    assert "d" not in found(world, 2)
    assert found(world, 3) == {}


def test_from_the_beginning_all_is_new(world: World) -> None:
    assert found(world, 1)["e"] == "new"


@pytest.mark.parametrize(
    ("since", "run_id"),
    [("", 2), ("1", 1), ("2025-02-01", 1), ("2025-02-02", 2), ("2026-02-01", 2), ("2026-02-02", None)],
)
def test_since(world: World, since: str, run_id: int | None) -> None:
    assert run_since(world.archive, since) == run_id


@pytest.mark.parametrize("since", ["3", "yesterday", "2026-13-01", "20260101000"])
def test_since_that_nobody_understands(world: World, since: str) -> None:
    with pytest.raises(Refused):
        run_since(world.archive, since)


def command(folder: Path, since: str, form: str) -> int:
    one = Command()
    one.settings = get_project_settings()
    one.settings.set("DATA_DIR", str(folder))
    one.run([], argparse.Namespace(since=since, all=False, format=form))
    return int(one.exitcode)


def test_three_forms(world: World, made: MadeReport, capsys: pytest.CaptureFixture[str]) -> None:
    folder = world.archive.folder
    assert command(folder, "2026-01-01", "text") == 0
    text = capsys.readouterr().out
    assert f"changed  2026-02-01  {made.county_code} {made.agency} 2023" in text
    assert text.rstrip().endswith("2 changed, 1 gone, 2 new")
    assert "[unread]" in text
    command(folder, "2", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert tuple(rows[0]) == COLUMNS
    command(folder, "2", "json")
    assert [row["url"] for row in json.loads(capsys.readouterr().out)] == [row["url"] for row in rows]
    command(folder, "2026-02-02", "text")
    assert capsys.readouterr().out.strip() == "nothing changed"


def test_no_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(tmp_path / "none", "", "text") == 1
    assert "no archive" in capsys.readouterr().err
