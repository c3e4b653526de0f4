"""One row and the ways to read it: geometry may be chosen by sums, numbers are never changed, doubt is refused."""

from __future__ import annotations

import pytest

from parsers.documents.model import Cell
from parsers.reports.geometry import Row, choose, groups_are_sums, last_is_sum, no_identity, solve
from tests.generator.layout import layouts
from tests.reports.making import found, from_text, numbered, plain, seed_texts, tables
from tests.reports.test_tables_quirks import LABELS


def cells(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(text, f"c{n}") for n, text in enumerate(texts, 1))


def row(
    *texts: str, key: str = "a", kind: str = "", column: tuple[Cell, ...] | None = None, lossy: bool = False
) -> Row:
    return Row(key, cells(*texts), 7, 0, column, lossy, kind=kind)


def read(*rows: Row) -> list[str | None]:
    """Places of the chosen cells, None for a refused row."""
    return [
        None if chosen.cells is None else " ".join(cell.place[1:] for cell in chosen.cells)
        for chosen in choose(rows, last_is_sum)
    ]


FULL = ("1", "2", "3", "4", "5", "6", "21")


def test_surplus_blanks_are_cut_from_both_ends() -> None:
    assert read(row("", *FULL, "")) == ["2 3 4 5 6 7 8"]
    assert read(row(*FULL, "", "")) == ["1 2 3 4 5 6 7"]


def test_the_sum_decides_between_two_readings() -> None:
    assert read(row("", "3", "", "", "", "", "", "3")) == ["2 3 4 5 6 7 8"]
    assert read(row("", "", "3", "", "", "", "3", "")) == ["1 2 3 4 5 6 7"]
    assert read(row("", "", "3", "", "", "", "4", "")) == [None]
    assert read(row("", "", "3", "", "", "3", "4", "10", "")) == ["2 3 4 5 6 7 8"]


def test_rows_of_the_same_shape_and_kind_decide() -> None:
    full = row("", *FULL, key="a", kind="first")
    doubtful = row("", "", "3", "", "", "", "", "", key="b", kind="first")
    assert read(full, doubtful) == ["2 3 4 5 6 7 8", "2 3 4 5 6 7 8"]
    assert read(full, row("", "", "3", "", "", "", "", "", key="b", kind="other")) == ["2 3 4 5 6 7 8", None]


def test_shape_and_sum_that_disagree_are_refused() -> None:
    full = row("", *FULL, key="a", kind="first")
    assert read(full, row("", "3", "", "", "", "", "3", "", key="b", kind="first"))[1] is None


def test_the_columns_of_the_head_decide_last() -> None:
    doubtful = cells("", "", "3", "", "", "", "", "")
    assert read(Row("a", doubtful, 7, 0, doubtful[:7])) == ["1 2 3 4 5 6 7"]
    assert read(Row("a", doubtful, 7, 0, None)) == [None]


def test_words_are_no_blanks() -> None:
    assert read(row("见附件", *FULL)) == [None]


def test_a_row_where_blanks_vanish_is_read_only_when_full() -> None:
    assert read(row(*FULL, lossy=True)) == ["1 2 3 4 5 6 7"]
    assert read(row("3", "3", lossy=True)) == [None]
    assert read(row("0", "0", "0", "0", "0", "0", lossy=True)) == [None]


@pytest.mark.parametrize(
    ("texts", "solved"),
    [
        (("3000003",), "3 0 0 0 0 0 3"),
        (("3000004",), None),
        (("1021110024",), None),
        (("650922325", "9997"), None),
        (("1", "2", "0", "0", "0", "0", "3", "15"), "12 0 0 0 0 3 15"),
        (("1", "2", "0", "0", "0", "0", "3", "16"), None),
        (("0", "0", "0", "0", "0", "0", "0", "3"), None),
        (("O000000",), None),
        (("9" * 40,), None),
        (("1",) * 60, None),
    ],
)
def test_solve(texts: tuple[str, ...], solved: str | None) -> None:
    result = solve(cells(*texts), 7, last_is_sum)
    assert (None if result is None else " ".join(cell.text for cell in result)) == solved


def test_identities_judge_only_what_can_be_judged() -> None:
    assert last_is_sum(cells("1", "", "/", "2", "—", "无", "3")) is True
    assert last_is_sum(cells("1", "2", "4")) is False
    assert last_is_sum(cells("1", "2", "")) is None
    assert last_is_sum(cells("1", "约2", "3")) is None
    assert groups_are_sums(cells(*"11114", *"00000", *"10001")) is True
    assert groups_are_sums(cells(*"11115", *"00000", *"10001")) is False
    assert no_identity(cells("1")) is None


def test_heads_of_a_grid_without_spans_decide_nothing() -> None:
    """In the first seed the head's columns stand one to the left of the figures of 结转下年度."""
    lines = seed_texts()["000"].split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("\t四、结转"))
    lines[at] = "\t".join(["", "四、结转下年度继续办理", "", "", "3", "", "", "", "", ""])
    read = tables(*from_text("\n".join(lines)).blocks)
    assert not [value for value in read.values if value.row == "carried_out"]
    assert any("结转下年度" in note for note in read.notes)


def test_other_is_a_row_only_where_the_form_has_it() -> None:
    rows = [[label, *"0000000"] for label in LABELS]
    rows[-1:-1] = [["（五）不予处理", "1.信访举报投诉类申请", *"0000000"], ["", "6.其他", *"1000001"]]
    read = tables(plain(rows))
    assert not [value for value in read.values if value.row == "other.other"]
    assert sum(extra.value or 0 for extra in read.extras) == 2


def test_a_label_unlike_all_others_is_not_forced_into_the_form() -> None:
    rows = [[label, *"0000000"] for label in LABELS]
    rows.insert(4, ["9.属于不宜公开的敏感内容", *"2000002"])
    read = tables(plain(rows))
    assert [extra.label for extra in read.extras] == ["9.属于不宜公开的敏感内容"] * 7
    assert {value.value for value in read.values} == {0}


def test_a_label_only_a_little_like_one_of_the_form_is_not_forced_into_it() -> None:
    rows = [[label, *"0000000"] for label in LABELS]
    rows[-1:-1] = [["（五）不予处理", "1.信访举报投诉类申请", *"0000000"], ["", "2.重复提交的材料", *"1000001"]]
    read = tables(plain(rows))
    assert not [value for value in read.values if value.row == "refused.repeated"]
    assert {extra.label for extra in read.extras} == {"2.重复提交的材料"}


def test_figures_before_a_label_are_not_taken_for_it() -> None:
    report = numbered("2021")
    rows = [["1", *(slot.text for slot in line)] for line in layouts(report)[3][3:]]
    assert found(tables(plain(rows))) == {key: text for key, text in report.cells.items() if key[0] == 3}
