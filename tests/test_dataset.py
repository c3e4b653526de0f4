"""reports.db: which reading of an agency's year counts, how cells are unfolded, and what is never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.dataset import VERSION, WIDE, Dataset, identity, wide_columns
from crawler.items import Sighting
from parsers.reading import Reading
from parsers.reports.checks import evaluate
from parsers.reports.form import fields
from parsers.reports.model import Issuer, Mark, Report, Section, Table, Value
from tests.conftest import scrapy
from tests.generator.report import MadeReport, make_report


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    with Dataset(tmp_path) as opened:
        yield opened


def report_of(made: MadeReport) -> Report:
    """A made report as a reader would give it."""
    issuer = Issuer(made.agency, "township", made.county_code, made.division_code, made.agency)
    values = tuple(
        Value(*key, made.numbers[key] if raw.strip() and raw[-1].isdigit() else None, mark(raw), raw, f"t{n}")
        for n, (key, raw) in enumerate(made.cells.items())
    )
    edition = made.edition
    tables = tuple(Table(number, edition) for number in (2, 3, 4))
    section = Section("1", "overview", "一、总体情况", "全年主动公开政府信息12条")
    return Report(made.title, made.year, issuer, edition, (section,), tables, values, (), (), ())


def mark(raw: str) -> Mark:
    return {"": Mark.BLANK, "/": Mark.SLASH, "-": Mark.DASH, "—": Mark.DASH, "无": Mark.NONE}.get(raw, Mark.NUMBER)


def write(dataset: Dataset, report: Report, url: str = "http://a/1", run: int = 1, body: bytes = b"x") -> int:
    sighting = Sighting(
        report.issuer.county_code,
        url,
        body,
        page_url=url,
        sha256=f"{url}{body!r}",
        last_run=run,
        titles=(report.title,),
    )
    report_id = dataset.write(sighting, Reading("text/html", report), "r1")
    assert report_id is not None
    return report_id


@pytest.mark.parametrize("edition", ["2021", "2019"])
@pytest.mark.parametrize("zero", ["0", "", "/", "-", "无"])
def test_cells_come_back_with_mark_raw_and_place(dataset: Dataset, edition: str, zero: str) -> None:
    made = make_report(5, edition=edition, zero=zero, size=40)  # type: ignore[arg-type]
    report = report_of(made)
    report_id = write(dataset, report)
    sql = 'select table_no, "row", "column", value, mark, raw, place, doubt from cells where report_id = ?'
    found = {tuple(row[:3]): tuple(row[3:]) for row in dataset.db.execute(sql, [report_id])}
    expected = {(v.table, v.row, v.column): (v.value, str(v.mark), v.raw, v.place, 0) for v in report.values}
    assert found == expected
    assert len({value for value, *_ in found.values()}) > 5


def test_wide_views_hold_the_same_numbers(dataset: Dataset) -> None:
    made = make_report(7, size=400)
    report_id = write(dataset, report_of(made))
    for number, view in WIDE.items():
        for row in dataset.db.query(f"select * from {view} where report_id = ?", [report_id]):
            for key, value in ((key, row[f"{key[0]}__{key[1]}"]) for key in wide_columns(number)):
                assert value == made.numbers.get((number, *key))


def test_decimals_and_doubt_are_kept(dataset: Dataset) -> None:
    report = report_of(make_report(1))
    odd = Value(2, "fees", "amount_10k_yuan", 190.457379, Mark.NUMBER, "190.457379", "p1:1,2,3,4", doubt=True)
    report = replace(report, values=(odd, Value(2, "rules", "issued", 1472, Mark.NUMBER, "1，472", "t1r3c2")))
    report_id = write(dataset, report)
    rows = list(dataset.db.execute("select value, raw, place, doubt from cells where report_id = ?", [report_id]))
    assert sorted(rows) == [(190.457379, "190.457379", "p1:1,2,3,4", 1), (1472, "1，472", "t1r3c2", 0)]
    assert type(rows[0][0]) is int or type(rows[1][0]) is int


def test_a_cell_that_the_form_does_not_have_is_an_error(dataset: Dataset) -> None:
    report = report_of(make_report(1))
    report = replace(report, values=(*report.values, Value(2, "rules", "nonsense", 1, Mark.NUMBER, "1", "")))
    with pytest.raises(ValueError, match=r"does not have.*nonsense"):
        write(dataset, report)
    assert dataset.db.table("reports").count == dataset.db.table("sources").count == 0


def current(dataset: Dataset) -> list[tuple[str, int]]:
    return list(dataset.db.execute("select url, last_run from reports where current order by url"))


def test_of_page_and_file_the_fuller_counts(dataset: Dataset) -> None:
    report = report_of(make_report(3, zero="0"))
    write(dataset, replace(report, values=report.values[:50]), "http://a/page")
    write(dataset, report, "http://a/file")
    write(dataset, replace(report, values=()), "http://a/stub")
    assert current(dataset) == [("http://a/file", 1)]
    assert dataset.db.table("reports").count == 3


def test_of_versions_the_newest_counts_even_if_it_holds_less(dataset: Dataset) -> None:
    report = report_of(make_report(3, zero="0"))
    write(dataset, report, run=1, body=b"old")
    write(dataset, replace(report, values=report.values[:50]), run=2, body=b"new")
    assert current(dataset) == [("http://a/1", 2)]


def test_other_years_and_agencies_are_other_reports(dataset: Dataset) -> None:
    report = report_of(make_report(3))
    write(dataset, report)
    write(dataset, replace(report, year=report.year + 1 if report.year else 2020), body=b"y")
    write(dataset, replace(report, issuer=replace(report.issuer, name="平罗县教育局")), body=b"z")
    assert len(current(dataset)) == 3


def test_reading_again_changes_nothing_and_a_better_reader_replaces(dataset: Dataset) -> None:
    report = report_of(make_report(3, zero="0"))
    first = write(dataset, report)
    before = list(dataset.db.execute("select * from cells")), list(dataset.db.execute("select * from sections"))
    assert write(dataset, report) == first
    assert (
        list(dataset.db.execute("select * from cells")),
        list(dataset.db.execute("select * from sections")),
    ) == before
    hits = "select count(*) from texts_fts where texts_fts match bigram_query('主动公开')"
    assert dataset.db.execute(hits).fetchone() == (1,)
    better = replace(report, sections=(replace(report.sections[0], text="没有这个词"),))
    assert write(dataset, better) == first
    assert dataset.db.execute(hits).fetchone() == (0,)
    assert dataset.db.table("reports").count == 1


def test_a_report_that_is_read_as_another_leaves_nothing_behind(dataset: Dataset) -> None:
    report = report_of(make_report(3, zero="0"))
    write(dataset, replace(report, issuer=replace(report.issuer, name="登录平罗县教育局"), year=2019))
    write(dataset, report)
    assert dataset.db.table("reports").count == dataset.db.table("agencies").count == 1
    assert {row["report_id"] for row in dataset.db.query("select report_id from sections")} == {
        row["id"] for row in dataset.db.query("select id from reports where current")
    }


def test_a_report_seen_at_two_addresses_stays_when_one_is_read_anew(dataset: Dataset) -> None:
    report = report_of(make_report(3, zero="0"))
    for url in ("http://a/1", "http://a/2"):
        sighting = Sighting(report.issuer.county_code, url, b"x", page_url=url, sha256="same", last_run=1)
        dataset.write(sighting, Reading("text/html", report), "r1")
    sighting = Sighting(report.issuer.county_code, "http://a/1", b"x", page_url="http://a/1", sha256="same", last_run=1)
    dataset.write(sighting, Reading("text/html", None, "not_a_report", ""), "r2")
    assert dataset.db.table("reports").count == 1


def test_findings_name_the_cells_of_what_fails(dataset: Dataset) -> None:
    made = make_report(4, zero="0", size=60)
    report = report_of(made)
    values = [
        replace(v, value=(v.value or 0) + 1) if (v.row, v.column) == ("granted", "total") else v for v in report.values
    ]
    report = replace(report, values=tuple(values))
    report_id = write(dataset, report)
    dataset.write_findings(report_id, evaluate(report))
    failed = list(dataset.db.query("select * from findings where status = 'fail' and \"check\" like 'T3%' order by 2"))
    assert [(row["check"], row["subject"]) for row in failed] == [("T3-OUTCOMES", "total"), ("T3-TOTALCOL", "granted")]
    assert '"3/granted/total"' in failed[0]["cells"]
    assert failed[1]["left"] == failed[1]["right"] + 1


def test_every_field_of_the_form_is_listed(dataset: Dataset) -> None:
    rows = list(dataset.db.query("select edition, count(*) as n from fields group by edition order by edition"))
    assert rows == [{"edition": e, "n": len(fields(e))} for e in ("2014", "2019", "2021")]
    assert len(fields("2021")) == 200


def test_identities_fit_into_a_javascript_number() -> None:
    assert all(0 <= identity("x", n) < 2**53 for n in range(1000))
    assert len({identity("x", n) for n in range(1000)}) == 1000
    assert identity("a", "b") != identity("ab")


@pytest.mark.parametrize("change", ["update checks set n = n + 1", "delete from fields where n = 3"])
def test_a_dataset_of_other_checks_or_another_form_is_refused_and_left_alone(tmp_path: Path, change: str) -> None:
    with Dataset(tmp_path) as opened:
        opened.db.execute(change)
    before = (tmp_path / "reports.db").read_bytes()
    with pytest.raises(RuntimeError, match="scrapy reread"):
        Dataset(tmp_path)
    assert (tmp_path / "reports.db").read_bytes() == before


def test_a_reread_builds_an_outdated_dataset_anew_and_keeps_the_old_one(tmp_path: Path) -> None:
    with Archive(tmp_path), Dataset(tmp_path) as opened:
        opened.db.execute(f"pragma user_version = {VERSION - 1}")
    refused = scrapy("coverage", folder=tmp_path)
    assert (refused.code, "run: scrapy reread" in refused.err, "Traceback" in refused.err) == (1, True, False)
    done = scrapy("reread", folder=tmp_path)
    assert done.code == 0, done.err
    assert f"kept as {tmp_path / 'reports-before-1.db'}" in done.err
    assert sqlite3.connect(tmp_path / "reports-before-1.db").execute("pragma user_version").fetchone() == (VERSION - 1,)
    Dataset(tmp_path).close()
