"""The server without a browser: headers, limits, what is refused, and Datasette's own pages."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.browse.app import make
from crawler.dataset import VERSION, Dataset
from tests.browse.conftest import COUNTY, World
from tests.conftest import ROOT, Crawl


def get(url: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def test_documents_may_do_nothing(served: World) -> None:
    _, headers, body = get(served.page("hostile") + "/document")
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    for forbidden in (b"<script", b"onerror=", b"javascript:", b"<iframe", b"url(", b"http-equiv", b"<form"):
        assert forbidden not in body.lower().partition(b"<body>")[2], forbidden


def test_the_archived_file_is_only_saved(served: World) -> None:
    _, headers, body = get(served.page("hostile") + "/file")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith('attachment; filename="')
    assert b"window.pwned" in body, "the bytes are those that were served"


def test_pages_allow_no_foreign_host(served: World) -> None:
    for path in ("/", f"/county/{COUNTY}", f"/report/{served.reports['fails']}", "/search?q=1"):
        _, headers, body = get(served.base + path)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert b"<script>" not in body


@pytest.mark.parametrize(
    "path", ["/report/1", "/report/1/document", "/agency/1", "/county/999999", "/province/99", "/report/1/page/1.png"]
)
def test_what_is_not_there_is_said(served: World, path: str) -> None:
    assert get(served.base + path)[0] == 404


def test_numbers_that_are_none(served: World) -> None:
    assert get(served.base + "/search?q=a&skip=x")[0] == 404
    assert get(served.base + "/?year=x")[0] == 404
    assert get(served.page("pdf") + "/page/999.png")[0] == 404
    assert get(served.page("text") + "/page/1.png")[0] == 404


@pytest.mark.parametrize("question", ['"', "a AND", "(((", "*", "公", "' or 1=1 --", "\x00", "公开 " * 200])
def test_a_search_takes_anything(served: World, question: str) -> None:
    assert get(served.base + "/search?q=" + urllib.parse.quote(question))[0] == 200


def test_full_text_from_datasette_and_from_sqlite_utils_alike(served: World) -> None:
    word = urllib.parse.quote("三审")
    _, _, body = get(f"{served.base}/reports/search.json?q={word}&_shape=array")
    sql = "select count(*) as n from search where words match bigram_query(:q) and hits(text, :q)"
    tool = Path(sys.executable).with_name("sqlite-utils")
    done = subprocess.run(
        [tool, "query", served.folder / "reports.db", sql, "-p", "q", "三审", "--functions", "crawler/search.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(body)) == json.loads(done.stdout)[0]["n"] > 0
    _, _, page = get(f"{served.base}/search?q={word}")
    assert "<mark>三审</mark>" in page.decode()


def test_a_long_query_is_cut_off_with_a_message(served: World) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    status, _, body = get(f"{served.base}/reports?sql={urllib.parse.quote(endless)}")
    assert status == 400
    assert b"took too long" in body or b"interrupted" in body.lower()


def test_nothing_can_be_written(served: World) -> None:
    sql = urllib.parse.quote("delete from reports")
    status, _, _ = get(f"{served.base}/reports?sql={sql}")
    assert status == 400
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        sqlite3.connect(f"file:{served.folder}/reports.db?mode=ro", uri=True).execute("delete from reports")


def browse(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler.browse", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_folder_without_a_dataset(tmp_path: Path) -> None:
    done = browse(tmp_path)
    assert done.returncode == 1
    assert "make crawl" in done.stderr


@pytest.mark.parametrize(("version", "said"), [(VERSION - 1, "scrapy reread"), (VERSION + 1, "newer version")])
def test_a_dataset_of_another_version_is_refused(tmp_path: Path, version: int, said: str) -> None:
    with Dataset(tmp_path) as dataset:
        dataset.db.execute(f"PRAGMA user_version = {version}")
    before = (tmp_path / "reports.db").read_bytes()
    done = browse(tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert (tmp_path / "reports.db").read_bytes() == before


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "reports.db").write_bytes(b"nothing" * 1000)
    assert "cannot be read" in browse(tmp_path).stderr


def test_a_dataset_without_its_archive(world: World, tmp_path: Path) -> None:
    """The dataset travels alone; its pages say so instead of failing."""
    (tmp_path / "reports.db").write_bytes((world.folder / "reports.db").read_bytes())

    async def ask() -> tuple[int, str]:
        datasette = make(tmp_path)
        try:
            await datasette.invoke_startup()
            answer = await datasette.client.get(f"/report/{world.reports['fails']}/document")
            return answer.status_code, answer.text
        finally:
            datasette._gongkai_room.close()

    with ThreadPoolExecutor() as apart:  # Playwright has a loop of its own in this thread
        status, text = apart.submit(lambda: asyncio.run(ask())).result()
    assert status == 404
    assert "archive.db" in text


def test_reports_without_a_ledger_are_counted(files_crawl: Crawl) -> None:
    """Documents that someone already had come without a list of who should have reported."""

    async def ask() -> tuple[str, str]:
        datasette = make(files_crawl.folder)
        try:
            await datasette.invoke_startup()
            await datasette._gongkai_summary.fresh(datasette.get_database("reports"))
            home = await datasette.client.get("/")
            province = await datasette.client.get("/province/64")
            return home.text, province.text
        finally:
            datasette._gongkai_room.close()

    with ThreadPoolExecutor() as apart:
        home, province = apart.submit(lambda: asyncio.run(ask())).result()
    assert "<b>5</b>" in home
    assert 'href="/province/64"' in home
    assert 'href="/county/640221"' in province
