"""Table 1, the statistics of 2014 to 2018, and local statistics that no national form knows."""

from __future__ import annotations

import pytest

from parsers.reports.form import form
from tests.reports.making import found, plain, tables

TABLE = form("2014").table(1)


def statistics(write: str = "{n}") -> list[list[str]]:
    """The whole table in official order; group rows have a dash for a unit and nothing for a figure."""
    rows = [["统计指标", "单位", "统计数"]]
    n = 100
    for row in TABLE.rows:
        n += 1
        rows.append([row.label, row.unit or "——", write.format(n=n) if row.columns else ""])
    return rows


def truth() -> dict[tuple[int, str, str], str]:
    return {(1, row.key, "value"): str(n) for n, row in enumerate(TABLE.rows, 101) if row.columns}


def test_the_whole_table() -> None:
    read = tables("附表", plain(statistics()))
    assert found(read) == truth()
    assert len(read.values) == 58
    assert [(table.number, table.edition) for table in read.tables] == [(1, "2014")]
    assert not read.extras
    assert not read.notes


def test_cut_by_a_page_with_the_head_repeated() -> None:
    rows = statistics()
    assert found(tables(plain(rows[:30], 1), "第 2 页", plain([rows[0], *rows[30:]], 2))) == truth()


def test_one_cell_a_line() -> None:
    lines = [cell for row in statistics() for cell in row]
    assert found(tables(*lines)) == truth()


def test_one_row_a_line() -> None:
    assert found(tables(*(" ".join(row) for row in statistics()))) == truth()


def test_two_columns_of_rows_side_by_side() -> None:
    rows = statistics()[1:]
    half = (len(rows) + 1) // 2
    right = [*rows[half:], ["", "", ""]][:half]
    assert found(tables(plain([a + b for a, b in zip(rows[:half], right, strict=True)]))) == truth()


def test_labels_that_stand_twice_are_told_by_their_place() -> None:
    values = found(tables(plain(statistics())))
    assert values[1, "reconsideration.other", "value"] != values[1, "litigation.other", "value"]
    assert values[1, "reconsideration.corrected", "value"] != values[1, "litigation.corrected", "value"]


def test_a_row_left_out_moves_no_other() -> None:
    rows = [row for row in statistics() if row[0] != "（二）被依法纠错数"]
    expected = {key: text for key, text in truth().items() if not key[1].endswith(".corrected")}
    assert found(tables(plain(rows))) == expected


def test_provincial_rows_are_kept_as_extras() -> None:
    rows = statistics()
    rows.insert(5, ["主动公开机构领导、机构设置及人事信息", "条", "12"])
    read = tables(plain(rows))
    assert found(read) == truth()
    assert [(extra.table, extra.label, extra.unit, extra.value) for extra in read.extras] == [
        (1, "主动公开机构领导、机构设置及人事信息", "条", 12)
    ]


@pytest.mark.parametrize("write", ["", "/", "-", "无", "{n}条", "{n}.5"])
def test_marks_and_units(write: str) -> None:
    read = tables(plain(statistics(write)))
    assert {value.raw for value in read.values} == {write.format(n=n) for n in _numbers()}


def _numbers() -> list[int]:
    return [n for n, row in enumerate(TABLE.rows, 101) if row.columns]


def test_two_figures_in_a_row_are_refused() -> None:
    rows = statistics()
    rows[2] = [*rows[2], "999"]
    read = tables(plain(rows))
    assert (1, "disclosure.total", "value") not in found(read)
    assert any("2 figures" in note for note in read.notes)


def test_the_column_of_this_year_is_read_beside_that_of_the_last() -> None:
    head, *rows = statistics()
    wide = [[*head[:2], "上年数", "本年数", "比上年增减"], *([*row[:2], row[2] and "7", row[2], "5"] for row in rows)]
    assert found(tables(plain(wide))) == truth()


def test_a_local_table_with_labels_of_the_national_one_is_kept() -> None:
    labels = [row.label for row in TABLE.rows if row.columns][:7]
    rows = [[label, "条", str(n)] for n, label in enumerate([*labels, "公开栏公开数"], 11)]
    read = tables(plain([["指标名称", "单位", "数量"], *rows]))
    assert not read.values
    assert read.tables[0].refused
    assert [extra.value for extra in read.extras] == list(range(11, 19))


def test_money_in_another_unit_is_kept_and_not_scaled() -> None:
    rows = statistics()
    at = next(n for n, row in enumerate(rows) if row[0].startswith("七、依申请公开信息收取的费用"))
    rows[at][1:] = ["元", "350"]
    read = tables(plain(rows))
    assert (1, "fees_charged", "value") not in found(read)
    assert [(extra.unit, extra.value) for extra in read.extras] == [("元", 350)]


def test_a_local_table_is_read_as_label_unit_and_value() -> None:
    read = tables(
        plain(
            [
                ["指 标 名 称", "计量单位", "代码", "本期实际", "本年累计"],
                ["主动公开信息数", "条", "01", "12", "340"],
                ["其中：全文电子化的主动公开信息数", "条", "02", "12", "338"],
                ["对申请的答复总数", "条", "17", "", "4"],
                ["(5)“免予公开范围1”数", "条", "25", "0", "0"],
            ]
        )
    )
    assert not read.values
    assert [(e.table, e.label, e.column, e.unit, e.value) for e in read.extras][:4] == [
        (None, "主动公开信息数", "本期实际", "条", 12),
        (None, "主动公开信息数", "本年累计", "条", 340),
        (None, "其中：全文电子化的主动公开信息数", "本期实际", "条", 12),
        (None, "其中：全文电子化的主动公开信息数", "本年累计", "条", 338),
    ]
    assert [(e.label, e.column, e.value) for e in read.extras][4:] == [
        ("对申请的答复总数", "本年累计", 4),
        ("(5)“免予公开范围1”数", "本期实际", 0),
        ("(5)“免予公开范围1”数", "本年累计", 0),
    ]


def test_a_local_table_without_a_head() -> None:
    read = tables(plain([["网站公开信息", "120", "条"], ["公示栏公开信息", "35", "条"], ["广播公开信息", "8", "次"]]))
    assert [(e.label, e.value) for e in read.extras] == [
        ("网站公开信息", 120),
        ("公示栏公开信息", 35),
        ("广播公开信息", 8),
    ]
