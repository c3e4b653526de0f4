"""Whole crawls in processes of their own, as users start them: what they say, and what they leave behind."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.portals import Refused
from spiders.county import County
from tests.archetypes.server import Response, Server, Site
from tests.conftest import FAST, Crawl, scrapy
from tests.portals.seeds import SEEDS
from tests.portals.sites import registry, sites


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        running.add(sites())
        yield running


@pytest.fixture
def portals(tmp_path: Path, server: Server) -> Path:
    path = tmp_path / "portals.csv"
    path.write_text(registry(server.port), encoding="utf-8")
    return path


def test_the_summary_says_what_came_of_it(sample_crawl: Crawl) -> None:
    assert sample_crawl.code == 0, sample_crawl.err[-3000:]
    for seed in SEEDS:
        assert f"held     2024  {seed.agency}" in sample_crawl.out
    assert f"Dataset: {sample_crawl.folder / 'reports.db'}" in sample_crawl.out
    assert "Try next: sqlite-utils rows" in sample_crawl.out


def test_one_browser_page_and_no_lookalike(sample_crawl: Crawl) -> None:
    visits = list(sample_crawl.archive.query("select url, via, county_code from visits"))
    assert [visit["county_code"] for visit in visits if visit["via"] == "browser"] == ["410328"]
    assert not [visit["url"] for visit in visits if "lookalike" in visit["url"]]


def test_every_township_has_an_outcome(sample_crawl: Crawl) -> None:
    from parsers.reports import divisions

    rows = list(sample_crawl.dataset.query("select * from coverage"))
    assert {row["outcome"] for row in rows} == {"held", "absent", "unlisted"}
    for seed in SEEDS:
        names = {row["agency"] for row in rows if row["county_code"] == seed.county_code and row["year"] == 2024}
        assert len(names) >= len(divisions.townships(seed.county_code)) + 2
        assert {f"{seed.county}人民政府", f"{seed.county}人民政府办公室", seed.agency} <= names


def test_documents_lead_back_to_their_pages(sample_crawl: Crawl) -> None:
    rows = {row["county_code"]: row for row in sample_crawl.dataset.query("select * from reports where current")}
    assert rows["640303"]["url"].endswith("t20250117_99.html")
    assert rows["640303"]["document_url"].endswith(".docx")
    assert rows["640221"]["document_url"] is None
    assert rows["640221"]["published"] == "2025-01-16"
    assert {row["media_type"].rpartition("/")[2][:9] for row in rows.values()} == {
        "html",
        "pdf",
        "vnd.openx",
        "markdown",
    }


def test_a_locked_database_stops_a_crawl_and_a_second_one_finds_the_same(tmp_path: Path, portals: Path) -> None:
    """Stopped, whole, again: what was refused is made up for, and what is known adds no document."""
    Archive(tmp_path / "data").close()
    other = sqlite3.connect(tmp_path / "data" / "archive.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    arguments = ("crawl", "county", "-a", f"portals={portals}", "-a", "county=640221,640522", *FAST)
    stopped = scrapy(*arguments, "-s", "DATABASE_TIMEOUT=0.3", folder=tmp_path / "data")
    other.execute("ROLLBACK")
    other.close()
    assert stopped.code == 1
    assert "database_locked" in stopped.err + stopped.out
    first = scrapy(*arguments, folder=tmp_path / "data")
    assert first.code == 0, first.err[-3000:]
    before, runs = facts(first), first.archive["runs"].count
    second = scrapy(*arguments, folder=tmp_path / "data")
    assert second.code == 0, second.err[-3000:]
    assert facts(second) == before
    assert second.archive["runs"].count == runs + 1


def facts(crawl: Crawl) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the dataset that does not name a run."""
    tables = {
        "reports": "id, agency, year, title, url, sha256, current, published",
        "sections": "*",
        "cells": "*",
        "statements": "*",
        "contacts": "*",
        "findings": "*",
        "coverage": "*",
        "readings": "*",
    }
    rows = {
        name: sorted(crawl.dataset.execute(f"select {what} from {name}"), key=repr) for name, what in tables.items()
    }
    rows["documents"] = sorted(crawl.archive.execute("select sha256 from documents"))
    return rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"county": "鼓楼区"}, "4 counties; give the code:\n  320106 "),
        ({"county": "平锣县"}, "no county is called 平锣县; did you mean:"),
        ({"county": "999999"}, "no county has the code 999999"),
        ({"county": "110101"}, "the registry has no portal of 110101"),
        ({"province": "火星"}, "no province is called 火星"),
        ({"year": "24"}, "year"),
        ({"colour": "red"}, "colour"),
        ({"portals": "/no/such.csv"}, "cannot be read"),
    ],
)
def test_a_refused_argument_is_a_sentence(portals: Path, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(Refused) as refused:
        County.check_arguments(**{"portals": str(portals), **arguments})
    assert said in refused.value.args[0]


def test_a_bad_row_is_refused_with_its_line_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("code,name,url\n640221,平罗县,gopher://a/\n", encoding="utf-8")
    refused = scrapy("crawl", "county", "-a", f"portals={path}", folder=tmp_path / "data")
    assert refused.code == 1
    assert f"gongkai: {path}:2: " in refused.err
    assert "Traceback" not in refused.err
    assert not (tmp_path / "data").exists()


def test_portals_that_nobody_knows_that_are_down_and_that_forbid_everything(
    tmp_path: Path, server: Server, portals: Path
) -> None:
    robots = Response(b"User-agent: *\nDisallow: /\n", media="text/plain")
    server.add([Site(("127.64.9.8",), "127.64.9.8", pages={"/": Response(b"<p>x</p>")}, robots=robots)])
    header, *rows = portals.read_text(encoding="utf-8").splitlines()
    unknown = next(row for row in rows if row.startswith("640221,")).replace("640221,", "990221,")
    closed, down = f"640522,海原县,http://127.64.9.8:{server.port}/", "640303,红寺堡区,http://127.64.9.9:9/"
    path = tmp_path / "three.csv"
    path.write_text("\n".join([header, unknown, closed, down]), encoding="utf-8")
    crawl = scrapy("crawl", "county", "-a", f"portals={path}", "-a", "year=2024", *FAST, folder=tmp_path / "data")
    assert crawl.code == 0, crawl.err[-3000:]
    assert "990221" in crawl.err
    assert "division list" in crawl.err
    (row,) = crawl.dataset.query("select agency, county_code, year from reports where current")
    assert row == {"agency": "平罗县陶乐镇人民政府", "county_code": "990221", "year": 2024}
    assert [record.target for record in server.log if record.address == "127.64.9.8"] == ["/robots.txt"]
    outcomes = "select distinct county_code, outcome from coverage where county_code != '990221' order by 1"
    assert crawl.dataset.execute(outcomes).fetchall() == [("640303", "unreachable"), ("640522", "disallowed")]
    assert crawl.archive.execute("select outcome from portals where county_code = '640303'").fetchall() == [
        ("unreachable",)
    ]


def test_documents_that_cannot_be_read_are_kept_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    seed = SEEDS[1]
    (folder / "good.txt").write_text(seed.text, encoding="utf-8")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "noise.doc").write_bytes(bytes(range(256)) * 8)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n%%EOF")
    (folder / "notice.html").write_text("<p>关于召开会议的通知。请准时参加。</p>", encoding="utf-8")
    crawl = scrapy("crawl", "files", "-a", f"path={folder}", folder=tmp_path / "data")
    assert crawl.code == 0, crawl.err[-3000:]
    found = {row["title"]: (row["outcome"], row["reason"]) for row in crawl.dataset.query("select * from readings")}
    assert found == {
        "good": ("held", ""),
        "empty": ("unread", "empty"),
        "noise": ("unread", "unknown"),
        "broken": ("unread", "damaged"),
        "notice": ("unread", "not_a_report"),
    }
    assert crawl.archive["documents"].count == 5
    assert "Reports read: 1; refused: 1 damaged, 1 empty, 1 not_a_report, 1 unknown" in crawl.out


def test_a_second_crawl_into_the_same_archive_is_refused(tmp_path: Path, portals: Path) -> None:
    with Archive(tmp_path / "data"):
        refused = scrapy("crawl", "county", "-a", f"portals={portals}", folder=tmp_path / "data")
    assert refused.code == 1
    assert f"another crawl (process {os.getpid()}) is writing" in refused.err
    assert "Traceback" not in refused.err
