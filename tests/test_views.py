"""What the views show, and what is found between reports, on a dataset made for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.commands.verdict import record, waiting
from crawler.crosschecks import close_counties, close_county, find_copies
from crawler.dataset import Dataset
from crawler.items import Sighting
from crawler.portals import Refused
from parsers.reading import Reading
from parsers.reports import measures
from parsers.reports.checks import evaluate
from parsers.reports.model import AgencyKind, Edition, Issuer, Mark, Report, Section, Table, Value
from tests.generator.report import MadeReport, make_report
from tests.test_copies import own, written

CODE = "640221"
GOVERNMENT, SCHOOLS, TOWN = "平罗县人民政府", "平罗县教育局", "平罗县陶乐镇人民政府"
KINDS: dict[str, AgencyKind] = {GOVERNMENT: "county", SCHOOLS: "department", TOWN: "township"}
Cells = dict[tuple[int, str, str], int | float | None]


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    with Dataset(tmp_path) as opened:
        yield opened


def report(
    agency: str = TOWN, year: int = 2024, cells: Cells | None = None, *, edition: Edition = "2021", **more: Any
) -> Report:
    """A report with these cells (None: a blank) on one form."""
    values = tuple(
        Value(*key, n, Mark.BLANK if n is None else Mark.NUMBER, "" if n is None else str(n), f"t{i}")
        for i, (key, n) in enumerate((cells or {}).items())
    )
    tables = tuple(Table(number, edition) for number in sorted({key[0] for key in cells or {}}))
    issuer = Issuer(agency, KINDS[agency], CODE, "", agency)
    return Report(f"{agency}{year}年报告", year, issuer, edition, (), tables, values, (), (), (), **more)


def write(dataset: Dataset, made: Report, url: str = "", *, run: int = 1, published: str = "", page: str = "") -> int:
    url = url or f"http://a/{made.issuer.name}/{made.year}"
    sighting = Sighting(CODE, url, b"", page_url=page or url, published=published, sha256=f"{url}{run}", last_run=run)
    report_id = dataset.write(sighting, Reading("text/html", made), "r1")
    assert report_id is not None
    dataset.write_findings(report_id, evaluate(made))
    return report_id


def cover(dataset: Dataset, *rows: tuple[str, int, str]) -> None:
    dataset.write_coverage(
        CODE,
        [
            {"agency": agency, "kind": KINDS[agency], "year": year, "outcome": outcome, "report_id": None, "reason": ""}
            for agency, year, outcome in rows
        ],
        None,
    )


def rows(dataset: Dataset, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return list(dataset.db.execute(sql, list(values)))


def findings(dataset: Dataset, report_id: int, check: str) -> dict[str, tuple[str, Any, Any]]:
    sql = 'select subject, status, "left", "right" from findings where report_id = ? and "check" = ?'
    return {subject: (status, left, right) for subject, status, left, right in rows(dataset, sql, report_id, check)}


# findings


def test_findings_come_back_as_they_were_found(dataset: Dataset) -> None:
    for seed in range(6):
        made = make_report(seed, zero=("0", "", "/")[seed % 3], size=50)  # type: ignore[arg-type]
        values = tuple(
            Value(*key, made.numbers[key] if raw[-1:].isdigit() else None, Mark.NUMBER, raw, "")
            for key, raw in made.cells.items()
        )
        broken = replace(values[40], value=(values[40].value or 0) + 1)
        whole = _whole(made, (*values[:40], broken, *values[41:]))
        found = evaluate(whole)
        assert {"pass", "fail"} <= {each.status for each in found}
        report_id = write(dataset, whole)
        sql = 'select "check", subject, status, "left", "right", cells, severity from findings where report_id = ?'
        stored = {tuple(row[:3]): row[3:] for row in rows(dataset, sql, report_id)}
        assert len(stored) == len(found)
        for each in found:
            left, right, cells, severity = stored[each.check, each.subject, each.status]
            assert (left, right, severity) == (each.left, each.right, each.severity)
            assert cells == "[" + ", ".join(f'"{cell}"' for cell in each.cells) + "]"


def _whole(made: MadeReport, values: tuple[Value, ...]) -> Report:
    issuer = Issuer(made.agency, "township", CODE, "", "")
    tables = tuple(Table(number, made.edition) for number in (2, 3, 4))
    return Report(made.title, made.year, issuer, made.edition, (), tables, values, (), (), ())


def test_findings_are_stored_short(dataset: Dataset) -> None:
    made = make_report(1, zero="0", size=0)
    values = tuple(Value(*key, 0, Mark.NUMBER, "0", "") for key in made.numbers)
    write(dataset, _whole(made, values))
    assert rows(dataset, "select count(*) from findings") == [(45,)]
    assert rows(dataset, "select count(*) from findings_long") == [(0,)]
    ((size,),) = rows(dataset, "select sum(length(results)) from findings_short")
    assert size < 45 * 5, "a byte a cell of the form"


def test_years_are_chained_and_reread_changes_nothing(dataset: Dataset) -> None:
    old = write(dataset, report(year=2023, cells={(3, "carried_out", "total"): 3, (2, "rules", "in_force"): 1}))
    now = {(3, "carried_in", "total"): 4, (2, "rules", "issued"): 1, (2, "rules", "repealed"): 0}
    new = write(dataset, report(year=2024, cells=now | {(2, "rules", "in_force"): 2}))
    counts = close_county(dataset, CODE)
    assert findings(dataset, new, "X-CARRY")["total"] == ("fail", 4, 3)
    assert findings(dataset, new, "X-STOCK")["rules"] == ("pass", 2, 2)
    assert {status for status, _, _ in findings(dataset, old, "X-CARRY").values()} == {"not_assessable"}
    assert (
        rows(dataset, "select other_id from findings where report_id = ? and \"check\" = 'X-CARRY'", new)
        == [(old,)] * 7
    )
    before = rows(dataset, "select * from findings order by 1, 2, 3")
    assert close_county(dataset, CODE) == counts
    assert rows(dataset, "select * from findings order by 1, 2, 3") == before
    assert ("SANE-RULES", "fail") in rows(dataset, 'select "check", status from findings where report_id = ?', new)


def test_a_corrected_year_before_is_checked_anew(dataset: Dataset) -> None:
    new = write(dataset, report(cells={(3, "carried_in", "total"): 4}))
    write(dataset, report(year=2023, cells={(3, "carried_out", "total"): 3}), run=1)
    close_county(dataset, CODE)
    assert findings(dataset, new, "X-CARRY")["total"][0] == "fail"
    write(dataset, report(year=2023, cells={(3, "carried_out", "total"): 4}), run=2)
    close_county(dataset, CODE)
    assert findings(dataset, new, "X-CARRY")["total"] == ("pass", 4, 4)


def test_a_county_against_its_agencies_once_all_are_held(dataset: Dataset) -> None:
    county = write(dataset, report(GOVERNMENT, cells={(3, "received", "total"): 7}))
    write(dataset, report(SCHOOLS, cells={(3, "received", "total"): 3}))
    close_county(dataset, CODE)
    assert findings(dataset, county, "AGG")["received"] == ("not_assessable", 7, None)
    write(dataset, report(TOWN, cells={(3, "received", "total"): 4}))
    cover(dataset, *((agency, 2024, "held") for agency in KINDS))
    close_county(dataset, CODE)
    assert findings(dataset, county, "AGG")["received"] == ("pass", 7, 7)
    cover(dataset, (GOVERNMENT, 2024, "held"), (SCHOOLS, 2024, "held"), (TOWN, 2024, "absent"))
    close_county(dataset, CODE)
    assert findings(dataset, county, "AGG")["received"][0] == "not_assessable"


def test_page_and_file_that_disagree(dataset: Dataset) -> None:
    cells: Cells = {(3, "received", "total"): 7, (3, "granted", "total"): 2}
    page = write(dataset, report(cells=cells | {(3, "partial", "total"): 0}), "http://a/page")
    file = write(dataset, report(cells=cells | {(3, "granted", "total"): 3}), "http://a/file.pdf", page="http://a/page")
    close_county(dataset, CODE)
    assert findings(dataset, page, "SOURCES") == {"3/granted/total": ("fail", 2, 3)}
    assert findings(dataset, file, "SOURCES") == {}
    write(dataset, report(cells=cells), "http://a/file.pdf", page="http://a/page", run=2)
    close_county(dataset, CODE)
    assert findings(dataset, page, "SOURCES") == {"all": ("pass", 2, 2)}, "the old version of the file counts no more"


# copied texts


def test_copies_of_others_and_of_ones_own(dataset: Dataset) -> None:
    import random

    rng = random.Random(1)
    mine, theirs = own(rng), own(rng)

    def with_text(agency: str, year: int, text: str) -> Report:
        section = Section("1", "overview", "一、总体情况", text)
        return replace(report(agency, year, {(3, "received", "total"): 0}), sections=(section,))

    first = write(dataset, with_text(TOWN, 2023, written(rng, mine)))
    again = write(dataset, with_text(TOWN, 2024, written(rng, mine)))
    other = write(dataset, with_text(SCHOOLS, 2024, written(rng, theirs)))
    thief = write(dataset, with_text(GOVERNMENT, 2024, written(rng, theirs)), published="2025-03-01")
    assert find_copies(dataset) == 2
    assert {row[:3] for row in rows(dataset, "select report_id, section, twin_id from copies")} == {
        (again, "1", first),
        (thief, "1", other),
    }
    ((share,),) = rows(dataset, "select share from copies where report_id = ?", thief)
    assert findings(dataset, thief, "COPIED") == {"1": ("fail", share, 0.8)}
    assert findings(dataset, again, "COPIED") == {}, "an agency may write what it wrote last year"
    write(dataset, with_text(SCHOOLS, 2024, "不再有了"))
    assert {row[0] for row in rows(dataset, "select twin_id from copies")} == {first}


# verdicts


def test_a_verdict_outlives_the_dataset(tmp_path: Path) -> None:
    made = report(cells={(2, "rules", "issued"): 2, (2, "rules", "repealed"): 0, (2, "rules", "in_force"): 1})
    with Archive(tmp_path) as busy:
        busy.open_run("test", {}, {})
        with Dataset(tmp_path) as dataset:
            report_id = write(dataset, made)
        assert f"scrapy verdict {report_id} SANE-RULES 'issued' confirmed" in waiting(tmp_path, None)
        said = record(tmp_path, [str(report_id), "SANE-RULES", "issued", "dismissed"], "转发的规章", "王")
        assert said == f"{TOWN} 2024, SANE-RULES issued: dismissed (转发的规章)"
        record(tmp_path, [str(report_id), "SANE-RULES", "in_force", "confirmed"], "", "王")
    assert waiting(tmp_path, None) == "No finding waits for a verdict."
    assert waiting(tmp_path, "110101") == "No finding waits for a verdict."
    for path in tmp_path.glob("reports.db*"):
        path.unlink()
    with Archive(tmp_path) as archive, Dataset(tmp_path) as dataset:
        write(dataset, made)
        close_counties(archive, dataset, [CODE])
        assert rows(dataset, 'select subject, verdict, note, "by", "left" from verdicts order by 1') == [
            ("in_force", "confirmed", "", "王", 1),
            ("issued", "dismissed", "转发的规章", "王", 2),
        ]
        assert rows(dataset, "select subject, verdict from suspicious") == [("in_force", "confirmed")]
    record(tmp_path, [str(report_id), "SANE-RULES", "issued", "confirmed"], "", "李")
    with Archive(tmp_path, write=False) as archive, Dataset(tmp_path) as dataset:
        assert archive.db.table("verdicts").count == 3, "a later verdict stands beside the earlier one"
        assert len(rows(dataset, "select * from suspicious")) == 2


@pytest.mark.parametrize(
    ("words", "note", "said"),
    [
        (["1", "SANE-RULES"], "", "say which finding"),
        (["x", "SANE-RULES", "issued", "confirmed"], "", "say which finding"),
        (["1", "SANE-RULES", "issued", "wrong"], "", "a verdict is confirmed, dismissed, note"),
        (["1", "SANE-RULES", "issued", "note"], "", "a note needs"),
        (["1", "SANE-RULES", "issued", "confirmed"], "", "report 1 has no finding SANE-RULES issued"),
    ],
)
def test_a_refused_verdict_is_a_sentence(tmp_path: Path, words: list[str], note: str, said: str) -> None:
    with Archive(tmp_path), Dataset(tmp_path), pytest.raises(Refused, match=said):
        record(tmp_path, words, note, "王")


# timeliness


@pytest.mark.parametrize(
    ("agency", "year", "published", "signed", "status", "days", "dated_by"),
    [
        (TOWN, 2024, "2025-01-31", "", "on_time", None, "page"),
        (TOWN, 2024, "2025-02-01", "", "late", 1, "page"),
        (TOWN, 2024, "2025-02-10", "2025-01-14", "late", 10, "page"),
        (TOWN, 2024, "", "2025-01-14", "on_time", None, "signature"),
        (TOWN, 2024, "", "2025-01", "on_time", None, "signature"),
        (TOWN, 2024, "", "2025-02", "late", None, "signature"),
        (TOWN, 2024, "", "", "undated", None, None),
        (GOVERNMENT, 2024, "2025-03-31", "", "on_time", None, "page"),
        (GOVERNMENT, 2024, "2025-04-02", "", "late", 2, "page"),
        (SCHOOLS, 2018, "2019-03-31", "", "on_time", None, "page"),
        (SCHOOLS, 2018, "2019-04-01", "", "late", 1, "page"),
        (SCHOOLS, 2009, "2015-07-27", "", "late", 1944, "page"),
    ],
)
def test_in_time_or_late(
    dataset: Dataset, agency: str, year: int, published: str, signed: str, status: str, days: int, dated_by: str
) -> None:
    write(dataset, report(agency, year, signed=signed), published=published)
    cover(dataset, (agency, year, "held"))
    assert rows(dataset, "select agency, year, status, days_late, dated_by from timeliness") == [
        (agency, year, status, days, dated_by)
    ]
    assert rows(dataset, "select days_late from late") == ([(days,)] if status == "late" else [])


def test_the_first_version_counts_for_timeliness(dataset: Dataset) -> None:
    write(dataset, report(), published="2025-01-20")
    write(dataset, report(), published="2025-06-20", run=2)
    assert rows(dataset, "select status, published from timeliness") == [("on_time", "2025-01-20")]


def test_who_never_published(dataset: Dataset) -> None:
    cover(dataset, (TOWN, 2024, "absent"), (SCHOOLS, 2024, "blocked"), (GOVERNMENT, 2024, "due"))
    assert rows(dataset, "select agency, kind, status, deadline from timeliness order by status") == [
        (GOVERNMENT, "county", "due", "2025-03-31"),
        (TOWN, "township", "never", "2025-01-31"),
        (SCHOOLS, "department", "unknown", "2025-01-31"),
    ]


# panel


def test_the_panel_holds_what_is_comparable(dataset: Dataset) -> None:
    made = {}
    editions: dict[int, Edition] = {2024: "2021", 2020: "2019"}
    for year, edition in editions.items():
        numbers = make_report(3, edition=edition, size=60).numbers  # type: ignore[arg-type]
        made[year] = numbers
        write(dataset, report(year=year, cells=dict(numbers), edition=edition))
    sql = "select measure, value, edition, likeness from panel where year = ?"
    for year, edition in editions.items():
        expected = {
            key: (measures.value(source, made[year]), edition, source.same)
            for key, source in measures.comparable(edition).items()
        }
        found = {row[0]: row[1:] for row in rows(dataset, sql, year)}
        assert found == expected
        assert len(found) > 150
    assert rows(dataset, "select count(*), count(distinct measure || year) from panel")[0][0] == len(
        rows(dataset, "select distinct measure, year, agency from panel")
    )


def test_a_blank_is_no_row_of_the_panel(dataset: Dataset) -> None:
    three: Cells = {(3, f"other.{key}", "total"): 1 for key in ("not_corrected", "fee_unpaid", "other")}
    write(dataset, report(cells={**three, (3, "granted", "total"): None, (3, "partial", "total"): 0}))
    sql = "select measure, value from panel order by 1"
    assert rows(dataset, sql) == [("applications.other.total", 3), ("applications.partial.total", 0)]
    write(dataset, report(cells={**three, (3, "other.fee_unpaid", "total"): None}))
    assert rows(dataset, sql) == []


def test_the_editions_that_cannot_be_compared_stay_out(dataset: Dataset) -> None:
    cells: Cells = {(1, "requests.received", "value"): 5, (1, "requests.answered.denied.state_secret", "value"): 2}
    write(dataset, report(year=2016, cells=cells, edition="2014"))
    assert rows(dataset, "select measure, value, edition from panel") == [
        ("applications.denied.state_secret.total", 2, "2014")
    ]


# changes


def test_a_correction_is_told_cell_by_cell(dataset: Dataset) -> None:
    old = write(dataset, report(cells={(3, "received", "total"): 5, (3, "granted", "total"): 5}), run=1)
    write(dataset, report(cells={(3, "received", "total"): 6, (3, "granted", "total"): None}), run=2)
    sql = 'select change, before_id, "row", before, now from changes order by "row"'
    assert rows(dataset, sql) == [("corrected", old, "granted", 5, ""), ("corrected", old, "received", 5, 6)]


def test_a_new_version_with_the_same_numbers_is_reworded(dataset: Dataset) -> None:
    for run in (1, 2, 3):
        write(dataset, report(cells={(3, "received", "total"): 5}), run=run)
    assert [row[0] for row in rows(dataset, "select change from changes")] == ["reworded", "reworded"]


def test_moved_and_withdrawn(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive, Dataset(tmp_path) as dataset:

        def visit(places: dict[str, bytes], gone: list[str], agency: str) -> None:
            run = archive.open_run("test", {}, {})
            for url, body in places.items():
                sighting = Sighting(CODE, url, body, page_url=url, titles=("",))
                archive.keep(sighting, "text/html")
                dataset.write(sighting, Reading("text/html", report(agency, cells={(3, "granted", "total"): 1})), "r")
            answers = [{"url": url, "via": "http", "status": 404, "fetched": "2025-05-01T00:00:00Z"} for url in gone]
            archive.visited(answers)
            assert archive.run_id == run

        visit({"http://a/old": b"moved"}, [], TOWN)
        visit({"http://a/only": b"withdrawn"}, [], SCHOOLS)
        visit({"http://a/stays": b"stays"}, [], GOVERNMENT)
        visit({"http://a/new": b"moved"}, ["http://a/old", "http://a/only"], TOWN)
        close_counties(archive, dataset, [CODE])
        sql = "select change, agency, url, other_url, noticed from changes order by 1"
        assert rows(dataset, sql) == [
            ("moved", TOWN, "http://a/old", "http://a/new", "2025-05-01"),
            ("withdrawn", SCHOOLS, "http://a/only", None, "2025-05-01"),
        ]


def test_coverage_by_county(dataset: Dataset) -> None:
    cover(dataset, (TOWN, 2024, "absent"), (SCHOOLS, 2024, "held"), (GOVERNMENT, 2024, "held"))
    sql = "select county_code, year, expected, held, absent, blocked from coverage_by_county"
    assert rows(dataset, sql) == [(CODE, 2024, 3, 2, 1, 0)]


def test_an_older_dataset_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with Dataset(tmp_path) as dataset:
        dataset.db.execute("PRAGMA user_version = 1")
    with pytest.raises(RuntimeError, match="scrapy reread"):
        Dataset(tmp_path)
