"""The form as data: complete, in official order, and comparable only where it is."""

from __future__ import annotations

import pytest

from parsers.reports.form import EDITIONS, fields, form, lookup, names
from parsers.reports.labels import normalise
from parsers.reports.measures import comparable, measures, never, value
from parsers.reports.model import Edition
from tests.generator.report import make_report

COUNTS: dict[Edition, int] = {"2021": 200, "2019": 198, "2014": 58, "2008": 0}


@pytest.mark.parametrize("edition", EDITIONS)
def test_fields_are_complete(edition: Edition) -> None:
    found = fields(edition)
    assert len(found) == COUNTS[edition]
    assert len({(field.table, field.row, field.column) for field in found}) == len(found)
    assert all(field.label_zh and field.label_en for field in found)
    assert all(field.unit or field.column == "procurement_amount" for field in found)


@pytest.mark.parametrize("edition", ["2021", "2019"])
def test_fields_agree_with_the_form_written_by_hand(edition: Edition) -> None:
    made = make_report(1, edition="2019" if edition == "2019" else "2021")
    order = {(field.table, field.row, field.column): n for n, field in enumerate(fields(edition))}
    assert set(order) == set(made.cells)
    rows = [row for table, row, column in order if table == 3 and column == "total"]
    assert rows[:3] == ["received", "carried_in", "granted"]
    assert rows[-2:] == ["outcomes_total", "carried_out"]


def test_the_collapsed_row_belongs_to_2019_only() -> None:
    assert {"other"} == {f.row for f in fields("2019") if f.table == 3} - {
        f.row for f in fields("2021") if f.table == 3
    }


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_label_and_alias_names_its_own_row_or_column(edition: Edition) -> None:
    for table in form(edition).tables:
        for row in table.rows:
            for label in (row.label, *row.aliases):
                assert row.key in {ref.key for ref in lookup(label) if ref.table == table.number}, label
        for column in table.columns:
            for label in (column.label, *column.aliases):
                assert column.key in {ref.key for ref in lookup(label) if ref.table == table.number}, label


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_alias_says_again_what_the_label_says(edition: Edition) -> None:
    for table in form(edition).tables:
        for part in (*table.rows, *table.columns):
            normal = [normalise(label) for label in (part.label, *part.aliases)]
            assert len(set(normal)) == len(normal), part.key


def test_ambiguous_labels_are_few_and_known() -> None:
    twice = {label for label, refs in names().items() if len({(ref.table, ref.key) for ref in refs}) > 1}
    assert twice == {
        "其他",
        "总计",
        "合计",
        "被依法纠错数",
        "其他情形数",
        "危及三安全一稳定",
        "危及国家安全公共安全经济安全和社会稳定",
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("(三)不予公开1.属于国家秘密", "denied.state_secret"),
        ("三、本年度办理结果（一）予以公开", "granted"),
        ("2.申请人逾期未按收费通知要求缴纳费用、", "other.fee_unpaid"),
        ("第二十条（五）项", "art20_5"),
        ("办理情况", ""),
        ("行政许可和行政处罚", ""),
        ("2024年", ""),
        ("", ""),
    ],
)
def test_lookup(text: str, key: str) -> None:
    assert {ref.key for ref in lookup(text)} == ({key} if key else set())


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("（二） 部分公开", "部分公开"),
        ("三、本 年度办 理结果", "本年办理结果"),
        ("① 属于国家秘密", "属于国家秘密"),
        ("其中：1.当面申请数", "当面申请数"),
        ("**规章**", "规章"),
        ("危及“三安全一稳定”", "危及三安全一稳定"),
        ("其它处理", "其他处理"),
        ("一、" * 300, ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_measures_name_cells_of_the_form() -> None:
    cells = {e: {(f.table, f.row, f.column) for f in fields(e)} for e in EDITIONS}
    for measure in measures():
        assert measure.label_zh
        assert measure.label_en
        for source in measure.sources:
            assert set(source.cells) <= cells[source.edition], measure.key
            assert (len(source.cells) > 1) == (source.same == "sum") or source.same == "close"
    assert len({measure.key for measure in measures()}) == len(measures())
    for pair in never():
        assert pair.a[1] in cells[pair.a[0]]
        assert pair.b[1] in cells[pair.b[0]]


def test_what_must_not_be_joined_is_not() -> None:
    for pair in never():
        for measure in measures():
            cells = {(source.edition, cell) for source in measure.sources for cell in source.cells}
            assert not {pair.a, pair.b} <= cells, measure.key


def test_the_collapsed_row_is_the_sum_of_three() -> None:
    new, old = comparable("2021")["applications.other.total"], comparable("2019")["applications.other.total"]
    cells = {(3, f"other.{key}", "total"): n for n, key in enumerate(("not_corrected", "fee_unpaid", "other"), 5)}
    assert value(new, dict(cells)) == 18
    assert value(new, {**cells, (3, "other.other", "total"): None}) is None
    assert value(old, {(3, "other", "total"): 4}) == 4


def test_close_is_not_comparable() -> None:
    assert "applications.received.total" not in comparable("2014")
    assert "applications.denied.state_secret.total" in comparable("2014")
    assert "normative_documents.issued" not in comparable("2019")
