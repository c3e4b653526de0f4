"""Every identity in both directions, and ``not_assessable`` wherever a number is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parsers.reports import statements
from parsers.reports.checks import (
    Check,
    Figures,
    Finding,
    across_years,
    against_agencies,
    checks,
    descriptions,
    evaluate,
    every_check,
    sources,
)
from parsers.reports.model import Edition, Issuer, Mark, Report, Section, Statement, Table, Value
from tests.generator.report import DENIED, OTHER, REFUSED, UNAVAILABLE, make_report

Key = tuple[int, str, str]
# REPORT-FORMAT: the arithmetic of all editions, and what is compared between and within texts
IDENTITIES = set(
    "T3-BALANCE T3-OUTCOMES T3-TOTALCOL T4-SUM X-CARRY X-STOCK X-ITEMS X-PUBTOTAL SANE-RULES G1-RECEIVED G1-CLOSED "
    "G1-ANSWERED G1-DENIED G1-REVIEW G1-STAFF G1-CHANNELS G1-SUBSET AGG".split()
)
TOLD = set("N-PARTS N-T2 N-T3 N-T4 X-YOY SOURCES COPIED".split())
KINDS = {"SANE-RULES": "township", "AGG": "county"}


def test_every_identity_is_there() -> None:
    assert {check.id for check in every_check()} == IDENTITIES
    assert {rule.id for rule in descriptions()} == TOLD
    keys = [check.key for check in every_check()] + [rule.key for rule in descriptions()]
    assert len(set(keys)) == len(keys)


def test_keys_of_results_never_move() -> None:
    """Stored results are known by these numbers."""
    by_key = {check.key: (check.id, check.edition, check.subject) for check in every_check()}
    assert by_key[1 * 4 * 64] == ("T3-BALANCE", "2021", "natural_person")
    assert by_key[(1 * 4 + 1) * 64 + 6] == ("T3-BALANCE", "2019", "total")
    assert by_key[3 * 4 * 64 + 6] == ("T3-OUTCOMES", "2019", "total")
    assert by_key[24 * 4 * 64 + 1] == ("X-STOCK", "2021", "normative_documents")


@pytest.mark.parametrize(("edition", "leaves"), [("2021", 20), ("2019", 18)])
def test_outcomes_are_all_rows_between(edition: Edition, leaves: int) -> None:
    rows = {"granted", "partial", *DENIED, *UNAVAILABLE, *REFUSED, *OTHER[edition]}
    for check in checks(edition, 3):
        if check.id == "T3-OUTCOMES":
            assert {row for row, _ in check.right} == rows
            assert len(rows) == leaves + 1


def every() -> list[Check]:
    return [check for check in every_check() if check.scope != "agencies"]


def holding(check: Check) -> tuple[dict[Key, int], dict[Key, int]]:
    """Numbers of a report and of the one before under which a check holds with both sides equal."""
    own = {(check.table, *cell): 4 for cell in check.right} | {(check.table, *cell): 1 for cell in check.minus}
    before = {(check.table, *cell): 5 for cell in check.other}
    own |= {(check.table, *cell): 1 for cell in check.left}
    first = (check.table, *check.left[0])
    own[first] = 4 * len(check.right) - len(check.minus) + 5 * len(check.other) - (len(check.left) - 1)
    return own, before


def taken(check: Check, own: dict[Key, int], before: dict[Key, int] | None, edition: Edition | None = None) -> Finding:
    kind = KINDS.get(check.id, "department")
    report = Figures({check.table: check.edition}, own, kind=kind)  # type: ignore[arg-type]
    if check.scope == "report":
        table = Table(check.table, check.edition)
        values = tuple(Value(*key, number, Mark.NUMBER, str(number), "") for key, number in own.items())
        issuer = Issuer("某县某镇人民政府", kind, "640221", "", "")  # type: ignore[arg-type]
        found = evaluate(Report("", 2024, issuer, check.edition, (), (table,), values, (), (), ()))
    else:
        last = None if before is None else Figures({check.table: edition or check.before[0]}, before, id=7)
        found = across_years(report, last)
    return next(each for each in found if (each.check, each.subject) == (check.id, check.subject))


def name(check: Check) -> str:
    return f"{check.id}-{check.edition}-{check.subject}"


@pytest.mark.parametrize("check", every(), ids=name)
def test_in_both_directions(check: Check) -> None:
    own, before = holding(check)
    first = (check.table, *check.left[0])
    equal = taken(check, own, before)
    assert equal.status == "pass"
    assert equal.left == equal.right is not None
    more = taken(check, own | {first: own[first] + 1}, before)
    less = taken(check, own | {first: own[first] - 1}, before)
    expected = {"=": ("fail", "fail"), "<=": ("fail", "pass"), ">=": ("pass", "fail")}[check.relation]
    assert (more.status, less.status) == expected
    assert more.left == less.left + 2  # type: ignore[operator]
    assert more.right == less.right == equal.right
    assert set(more.cells) == {"/".join(map(str, key)) for key in own} | {
        "other/" + "/".join(map(str, key)) for key in before
    }
    for key in own:
        if key != first and key not in [(check.table, *cell) for cell in check.left] and check.relation == "=":
            assert taken(check, own | {key: own[key] + 1}, before).status == "fail", key


@pytest.mark.parametrize("check", every(), ids=name)
def test_a_missing_number_is_no_zero(check: Check) -> None:
    own, before = holding(check)
    zeros, none = dict.fromkeys(own, 0), dict.fromkeys(before, 0)
    assert taken(check, zeros, none).status == "pass"
    for key in own:
        assert taken(check, {each: 0 for each in own if each != key}, none).status == "not_assessable", key
    for key in before:
        assert taken(check, zeros, {each: 0 for each in before if each != key}).status == "not_assessable", key


@pytest.mark.parametrize("check", [check for check in every() if check.scope == "years"], ids=name)
def test_without_the_year_before_nothing_can_be_said(check: Check) -> None:
    own, before = holding(check)
    assert taken(check, own, None).status == "not_assessable"
    other: Edition = "2014" if check.id == "X-CARRY" else {"2021": "2019", "2019": "2021"}[check.edition]  # type: ignore[assignment]
    assert taken(check, own, before, other).status == "not_assessable"
    assert taken(check, own, before).other == 7


def test_carried_over_through_a_change_of_form() -> None:
    report = Figures({3: "2021"}, {(3, "carried_in", "total"): 4})
    for edition in ("2021", "2019"):
        before = Figures({3: edition}, {(3, "carried_out", "total"): 4})  # type: ignore[dict-item]
        found = {each.subject: each for each in across_years(report, before)}
        assert (found["total"].status, found["total"].severity) == ("pass", "error")
        assert (found["business"].status, found["business"].severity) == ("not_assessable", "warn")


def test_stocks_of_two_real_years() -> None:
    """宿迁 2025: rules 3/0/15, documents 61/59/422, so there were 12 and 420 before."""
    cells = {"issued": 61, "repealed": 59, "in_force": 422}
    report = Figures({2: "2021"}, {(2, "normative_documents", key): n for key, n in cells.items()})
    before = Figures({2: "2021"}, {(2, "normative_documents", "in_force"): 420})
    found = {each.subject: each for each in across_years(report, before)}
    assert found["normative_documents"].status == "pass"
    assert found["normative_documents"].right == 422


@pytest.mark.parametrize("edition", ["2021", "2019"])
@pytest.mark.parametrize("seed", range(12))
def test_consistent_reports_pass_whole(edition: str, seed: int) -> None:
    made = make_report(seed, edition=edition, zero="0", size=80)  # type: ignore[arg-type]
    issuer = Issuer(made.agency, "other", made.county_code, "", "")
    values = tuple(Value(*key, number, Mark.NUMBER, str(number), "") for key, number in made.numbers.items())
    tables = tuple(Table(n, made.edition) for n in (2, 3, 4))
    report = Report(made.title, made.year, issuer, made.edition, (), tables, values, (), (), ())
    found = evaluate(report)
    assert {each.status for each in found} == {"pass"}
    assert len(found) == (42 if edition == "2021" else 40)
    refused = replace(report, tables=tuple(replace(table, refused="why") for table in tables))
    assert evaluate(refused) == ()


def test_decimals_are_summed_exactly() -> None:
    check = next(c for c in checks("2021", 4) if c.subject == "litigation_direct")
    cells = {(4, row, column): 0 for row, column in (*check.left, *check.right)}
    cells |= {(4, "litigation_direct", "upheld"): 0.1, (4, "litigation_direct", "other"): 0.2}
    assert taken(check, cells | {(4, "litigation_direct", "total"): 0.3}, None).status == "pass"  # type: ignore[dict-item]


# the county and its agencies


def townships(*received: int | None) -> list[Figures]:
    return [Figures({3: "2021"}, {} if n is None else {(3, "received", "total"): n}, kind="township") for n in received]


@pytest.mark.parametrize(
    ("county", "agencies", "complete", "status"),
    [
        (9, (4, 5), True, "pass"),
        (8, (4, 5), True, "fail"),
        (10, (4, 5), True, "fail"),
        (10, (4, 5), False, "not_assessable"),
        (9, (4, 5), False, "not_assessable"),
        (8, (4, 5), False, "fail"),
        (10, (4, None), True, "not_assessable"),
        (3, (4, None), True, "fail"),
        (None, (4, 5), True, "not_assessable"),
        (0, (), False, "not_assessable"),
    ],
)
def test_a_county_is_the_sum_of_its_agencies(
    county: int | None, agencies: tuple[int | None, ...], complete: bool, status: str
) -> None:
    values = {} if county is None else {(3, "received", "total"): county}
    found = against_agencies(Figures({3: "2021"}, values, kind="county"), townships(*agencies), complete=complete)
    assert {each.subject: each.status for each in found}["received"] == status
    assert len(found) == 25
    assert not against_agencies(Figures({3: "2021"}, values, kind="township"), townships(1), complete=True)


# two sources


def test_sources_that_agree_and_that_do_not() -> None:
    one = Figures({3: "2021", 4: "2021"}, {(3, "received", "total"): 4, (3, "granted", "total"): 1}, id=1)
    same = Figures({3: "2021"}, {(3, "received", "total"): 4}, id=2)
    (agrees,) = sources(one, same)
    assert (agrees.status, agrees.left, agrees.other) == ("pass", 1, 2)
    other = Figures({3: "2021"}, {(3, "received", "total"): 5, (3, "granted", "total"): 1}, id=3)
    (differs,) = sources(one, other)
    assert (differs.status, differs.subject, differs.left, differs.right) == ("fail", "3/received/total", 4, 5)
    assert differs.cells == ("3/received/total", "other/3/received/total")
    assert sources(one, Figures({3: "2019"}, other.values)) == ()
    assert sources(one, Figures({}, {})) == ()


# the text


def told(text: str) -> tuple[Statement, ...]:
    return statements.read((Section("1", "overview", "一、总体情况", text),))


def figures(text: str, edition: Edition = "2021", **cells: int) -> Figures:
    """``received_total=3`` is the cell of table 3."""
    values: dict[Key, int | float] = {}
    for cell, number in cells.items():
        table, row, column = cell.split("__")
        values[int(table[1:]), row.replace("_dot_", "."), column] = number
    return Figures({2: edition, 3: edition, 4: edition}, values, told(text))


def of(report: Figures, check: str) -> dict[str, str]:
    issuer = Issuer("某县某镇人民政府", "other", "", "", "")
    tables = tuple(Table(table, edition) for table, edition in report.editions.items())
    values = tuple(Value(*key, number, Mark.NUMBER, str(number), "") for key, number in report.values.items())
    made = Report("", 2024, issuer, "2021", (), tables, values, (), report.statements, ())
    return {each.subject: each.status for each in evaluate(made) if each.check == check}


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("全年共收到政府信息公开申请16件。", {"t3__received__total": 16}, {"requests.received": "pass"}),
        ("全年共收到政府信息公开申请16件。", {"t3__received__total": 15}, {"requests.received": "fail"}),
        ("全年共收到政府信息公开申请16件。", {}, {"requests.received": "not_assessable"}),
        ("全年未收到政府信息公开申请。", {"t3__received__total": 1}, {"requests.received": "fail"}),
        ("全年共收到政府信息公开申请10余件。", {"t3__received__total": 16}, {"requests.received": "pass"}),
        ("全年共收到政府信息公开申请20余件。", {"t3__received__total": 16}, {"requests.received": "fail"}),
        ("全年共收到政府信息公开申请约20件。", {"t3__received__total": 16}, {"requests.received": "not_assessable"}),
        ("上年结转政府信息公开申请2件。", {"t3__carried_in__total": 2}, {"requests.carried_in": "pass"}),
        (
            "收到政府信息公开申请9件，7件结转下年度继续办理。",
            {"t3__received__total": 9, "t3__carried_out__total": 6},
            {"requests.received": "pass", "requests.carried_out": "fail"},
        ),
        (
            "7件申请结转下年度继续办理，2件申请为上年结转。",
            {"t3__received__total": 9, "t3__carried_out__total": 7, "t3__carried_in__total": 1},
            {"requests.carried_out": "pass", "requests.carried_in": "fail"},
        ),
        ("当年有3件予以公开。", {"t3__granted__total": 3}, {"requests.outcome.granted": "pass"}),
        ("当年有3件不予公开。", {"t3__granted__total": 3}, {"requests.outcome.denied": "not_assessable"}),
    ],
)
def test_applications_in_the_text(text: str, cells: dict[str, int], expected: dict[str, str]) -> None:
    assert of(figures(text, **cells), "N-T3") == expected


@pytest.mark.parametrize(("number", "status"), [(8, "pass"), (7, "fail")])
def test_a_kind_of_outcome_is_the_sum_of_its_rows(number: int, status: str) -> None:
    values = {(3, row, "total"): 1 for row in DENIED}
    report = Figures({3: "2021"}, values, told(f"当年有{number}件不予公开。"))
    assert of(report, "N-T3") == {"requests.outcome.denied": status}


def test_the_same_number_told_twice_is_one_finding_and_another_is_a_second() -> None:
    text = "共收到政府信息公开申请16件。\n今年共收到政府信息公开申请16件。\n本年收到政府信息公开申请3件。"
    found = of(figures(text, t3__received__total=16), "N-T3")
    assert found == {"requests.received": "pass", "requests.received#2": "fail"}


@pytest.mark.parametrize(("number", "status"), [(3, "pass"), (2, "fail")])
def test_cases_in_the_text(number: int, status: str) -> None:
    text = f"行政复议案件{number}件。行政诉讼案件{number}件。"
    cells = {"t4__reconsideration__total": 3, "t4__litigation_direct__total": 1}
    whole = cells | {"t4__litigation_after_reconsideration__total": 2}
    assert of(figures(text, **whole), "N-T4") == {"reconsideration.cases": status, "litigation.cases": status}
    assert of(figures(text, **cells), "N-T4")["litigation.cases"] == "not_assessable"


def test_normative_documents_in_the_text_by_the_words_before_each_number() -> None:
    text = "制发行政规范性文件6件、废止行政规范性文件2件，继续有效规范性文件25件。"
    cells = {f"t2__normative_documents__{c}": n for c, n in (("issued", 6), ("repealed", 3), ("in_force", 25))}
    found = of(figures(text, **cells), "N-T2")
    assert found == {
        "documents.normative.issued": "pass",
        "documents.normative.repealed": "fail",
        "documents.normative.in_force": "pass",
    }
    assert of(figures(text, "2019", **cells), "N-T2") == {}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("共发布信息2483条，其中网站319条、微信851条、微博2348条。", "fail"),
        ("共发布信息3518条，其中网站319条、微信851条、微博2348条。", "pass"),
        ("共发布信息9999条，其中网站319条、微信851条、微博2348条。", "not_assessable"),
        ("共发布信息9999条，其中网站、微信、微博分别为319条、851条、2348条。", "fail"),
        ("共发布信息3518条，其中网站319条、微信851条、微博2300余条。", "not_assessable"),
        ("共发布信息约3518条，其中网站319条、微信851条、微博2348条。", "not_assessable"),
        ("共发布信息3518条，其中网站319条、微信851条、微博约2348条。", "not_assessable"),
        ("共发布信息2483条，其中网站319条、微信851条、微博约2348条。", "not_assessable"),
        ("共发布信息3500余条，其中网站319条、微信851条、微博2348条。", "pass"),
        ("共发布信息3600余条，其中网站319条、微信851条、微博2348条。", "not_assessable"),
    ],
)
def test_parts_and_their_total(text: str, status: str) -> None:
    assert list(of(figures(text), "N-PARTS").values()) == [status]


@pytest.mark.parametrize(
    ("before", "status"),
    [
        ("共公开政府信息198条。", "pass"),
        ("共公开政府信息199条。", "fail"),
        ("共公开政府信息190余条。", "not_assessable"),
        ("", "not_assessable"),
    ],
)
def test_year_on_year_of_a_real_report(before: str, status: str) -> None:
    """347 and +75.2 % fit 198 (346.9), not 199 (+74.4 %)."""
    report = Figures({}, {}, told("2024年公开政府信息347条，同比增长75.2%。"))
    found = [each for each in across_years(report, Figures({}, {}, told(before), id=3)) if each.check == "X-YOY"]
    assert [each.status for each in found] == [status]
    assert found[0].left == 75.2
    if status != "not_assessable":
        assert found[0].right == (75.3 if status == "pass" else 74.4)


@pytest.mark.parametrize(("last", "status"), [(10, "pass"), (11, "fail"), (None, "not_assessable")])
def test_a_change_of_applications_is_taken_from_the_tables(last: int | None, status: str) -> None:
    text = "共收到政府信息公开申请16件，比上年增加6件。"
    report = Figures({3: "2021"}, {(3, "received", "total"): 16}, told(text))
    before = Figures({3: "2021"}, {} if last is None else {(3, "received", "total"): last}, ())
    found = [each for each in across_years(report, before) if each.check == "X-YOY"]
    assert [each.status for each in found] == [status]


def test_no_change_from_nothing() -> None:
    report = Figures({}, {}, told("公开政府信息347条，同比增长75.2%。"))
    found = across_years(report, Figures({}, {}, told("公开政府信息0条。")))
    assert [each.status for each in found] == ["not_assessable"]
