"""The score finds what is missing, false or misread, and counts requests as the counting rule says."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.archetypes import a01_trs
from tests.archetypes.model import World
from tests.archetypes.score import counted, score, traffic
from tests.archetypes.server import Record

PORT = 8000


@pytest.fixture(scope="module")
def world() -> World:
    return a01_trs.build(PORT)


def write(folder: Path, rows: list[tuple[str, str, int, str, str]]) -> None:
    with sqlite3.connect(folder / "reports.db") as reports:
        reports.execute("CREATE TABLE reports (county_code, agency, year, url, sha256, current)")
        reports.executemany("INSERT INTO reports VALUES (?, ?, ?, ?, ?, 1)", rows)
    reports.close()


def rows_of(world: World) -> list[tuple[str, str, int, str, str]]:
    return [(r.code, r.agency, r.year, r.page_urls[0], r.sha256[0]) for r in world.reports]


def test_everything_held(world: World, tmp_path: Path) -> None:
    write(tmp_path, rows_of(world))
    result = score(world, tmp_path)
    assert (result.recall, result.precision, result.misread) == (1.0, 1.0, ())


def test_a_missing_report_and_a_decoy(world: World, tmp_path: Path) -> None:
    city = ("990101", "云泽市人民政府", 2024, "http://x", "0" * 64)
    write(tmp_path, [*rows_of(world)[1:], city])
    result = score(world, tmp_path)
    assert result.missing == (world.reports[0],)
    assert result.false == (("990101", "云泽市人民政府", "2024", "http://x"),)


def test_a_wrong_year_is_false_and_misread(world: World, tmp_path: Path) -> None:
    rows = rows_of(world)
    rows[0] = (*rows[0][:2], 1999, *rows[0][3:])
    write(tmp_path, rows)
    result = score(world, tmp_path)
    assert (len(result.missing), len(result.false), len(result.misread)) == (1, 1, 1)


def test_nothing_held(world: World, tmp_path: Path) -> None:
    assert score(world, tmp_path).recall == 0.0


def record(target: str, start: float, **headers: str) -> Record:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Record(
        start, start + 0.1, f"www.qingsui.localhost:{PORT}", "127.1.0.1", "http", "GET", target, names, 200, 9
    )


def test_counting_rule(world: World) -> None:
    navigation = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    log = [
        record("/robots.txt", 0),
        record("/css/common.css", 1),
        record("/images/logo.PNG", 2),
        record("/", 3),
        record("/a.pdf", 4),
        record("/x", 5, **navigation),
        record("/x", 5.5, **navigation),  # reloaded itself
        record("/js/app.js", 6, sec_fetch_mode="no-cors", sec_fetch_dest="script"),
        record("/x", 60, **navigation),
    ]
    assert [r.target for r in counted(log)] == ["/", "/a.pdf", "/x", "/x"]
    seen = traffic(log, world.sites)
    assert (seen.requests, seen.navigations) == (4, 2)


def test_forbidden_and_foreign_requests_are_named(world: World) -> None:
    inside = record("/admin/zfxxgknb/", 1)
    foreign = replace(record("/beian", 2), host=f"outside.localhost:{PORT}")
    seen = traffic([inside, foreign], world.sites)
    assert seen.disallowed == (inside.url,)
    assert seen.outside == (foreign.url,)
