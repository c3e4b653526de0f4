"""reread, coverage and verify: the archive alone gives everything back, and damage is named."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.conftest import ROOT, Crawl, command, scrapy
from tests.portals.seeds import SEEDS

TABLES = "reports readings sections cells statements contacts findings coverage agencies portals".split()


@pytest.fixture
def copy(sample_crawl: Crawl, tmp_path: Path) -> Path:
    """The sample crawl's folder, to do things to."""
    folder = tmp_path / "data"
    shutil.copytree(sample_crawl.folder, folder)
    return folder


def contents(folder: Path) -> dict[str, list[str]]:
    with sqlite3.connect(folder / "reports.db") as connection:
        return {table: sorted(map(repr, connection.execute(f"select * from {table}"))) for table in TABLES}


def on_a_terminal(*arguments: str, folder: Path) -> tuple[int, str]:
    """Exit code of a command, and what somebody at a terminal sees of its standard error."""
    screen, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 100))
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments, "-s", f"DATA_DIR={folder}"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=end,
    )
    os.close(end)
    seen = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal that nobody writes to any more with an error
        while part := os.read(screen, 4096):
            seen += part
    os.close(screen)
    return process.wait(60), seen.decode()


def test_a_deleted_dataset_comes_back_as_it_was(copy: Path) -> None:
    """And somebody who waits for it sees how far it is."""
    before = contents(copy)
    documents = sqlite3.connect(copy / "archive.db").execute("select count(*) from sightings").fetchone()[0]
    for path in copy.glob("reports.db*"):
        path.unlink()
    code, seen = on_a_terminal("reread", folder=copy)
    assert code == 0, seen
    assert f"{documents}/{documents} [" in seen
    assert contents(copy) == before


def test_what_other_readers_have_read_is_stale(copy: Path) -> None:
    before = contents(copy)
    with sqlite3.connect(copy / "reports.db") as connection:
        connection.execute("update sources set reader = 'older' where url like '%.pdf'")
    stale = scrapy("reread", folder=copy).out
    assert "documents/unchanged" in stale
    assert "1 reports/held" in stale
    assert contents(copy) == before
    with sqlite3.connect(copy / "reports.db") as connection:
        connection.execute("delete from form_tables")
    assert "5 reports/held" in scrapy("reread", "--all", folder=copy).out
    assert contents(copy) == before


def test_coverage_in_three_forms(sample_crawl: Crawl) -> None:
    text = command("coverage", "平罗县", folder=sample_crawl.folder).out
    lines = text.splitlines()
    assert "2024" in lines[0]
    assert [line.split()[1:] for line in lines if line.startswith(SEEDS[0].agency)] == [["absent", "held"]]
    rows = list(csv.DictReader(io.StringIO(command("coverage", "--format", "csv", folder=sample_crawl.folder).out)))
    assert sum(row["outcome"] == "held" for row in rows) == 5
    found = json.loads(command("coverage", "640522", "--format", "json", folder=sample_crawl.folder).out)
    assert {row["county_code"] for row in found} == {"640522"}
    assert len(found) == len([row for row in rows if row["county_code"] == "640522"])


def test_coverage_of_a_province_for_a_reader_that_goes_away(sample_crawl: Crawl) -> None:
    rows = csv.DictReader(io.StringIO(command("coverage", "宁夏", "--format", "csv", folder=sample_crawl.folder).out))
    assert {row["county_code"] for row in rows} == {"640221", "640303", "640522"}
    asked = [sys.executable, "-m", "scrapy", "coverage", "-s", f"DATA_DIR={sample_crawl.folder}"]
    process = subprocess.Popen(asked, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.communicate(timeout=60)[1] == b""


def test_coverage_of_nowhere_is_refused(sample_crawl: Crawl, tmp_path: Path) -> None:
    refused = command("coverage", "火星", folder=sample_crawl.folder)
    assert (refused.code, refused.out) == (1, "")
    assert "火星" in refused.err
    assert command("coverage", "110101", folder=sample_crawl.folder).code == 1
    assert command("coverage", folder=tmp_path / "none").code == 1


def test_a_sound_archive_is_proved(copy: Path) -> None:
    done = command("verify", folder=copy)
    assert (done.code, done.out.strip()) == (0, f"{copy}: no problems")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("update bodies set body = zeroblob(9)", "its bytes"),
        ("delete from bodies where rowid = 1", "its bytes are missing"),
        ("update documents set size = size + 1 where rowid = 1", "not those of its hash"),
        ("insert into bodies values ('00', x'00')", "belongs to no document"),
        ("delete from sightings where rowid = 1", "was seen nowhere"),
    ],
)
def test_damage_is_named(copy: Path, damage: str, said: str) -> None:
    with sqlite3.connect(copy / "archive.db") as connection:
        connection.execute(damage)
    done = command("verify", folder=copy)
    assert done.code == 1
    assert said in done.out
