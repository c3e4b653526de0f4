"""What real tables do, one test a quirk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parsers.documents.model import Grid
from parsers.reports.model import Mark
from parsers.reports.tables import Tables
from tests.generator.layout import Layout, Slot, layouts
from tests.reports.making import drawn, found, numbered, official, plain, tables

PARTIAL = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
HEAD_3 = [
    ["", "申请人情况", "", "", "", "", "", ""],
    ["", "自然人", "法人或其他组织", "", "", "", "", "总计"],
    ["", "", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", ""],
]


def edition_2021() -> dict[int, Layout]:
    return layouts(numbered("2021"))


def relabelled(layout: Layout, old: str, new: str) -> Layout:
    changed = [[replace(slot, text=new) if slot.text == old else slot for slot in row] for row in layout]
    assert changed != layout
    return changed


def rows_read(read: Tables, table: int) -> set[str]:
    return {value.row for value in read.values if value.table == table}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("一、本年新收政府信息公开申请数量", "一、本年新收到政府信息公开申请数量"),
        ("一、本年新收政府信息公开申请数量", "一本年新收政府信息公开申请数量"),
        ("三、本年度办理结果", "三、本 年度办 理结果"),
        ("（一）予以公开", "㈠予以公开"),
        (PARTIAL, "(二) 部分公开 (区分处理的, 只计这一情形, 不计其他情形)"),
        (PARTIAL, "（二）部分公开（区分处理的，只计这一情"),
        ("2.其他法律行政法规禁止公开", "2.其他法律、行政法规禁止公开"),
        ("3.危及“三安全一稳定”", '3.危及"三安全一稳定"'),
        ("3.危及“三安全一稳定”", "3. 危及「三安全一稳定」"),
        ("3.危及“三安全一稳定”", "3、危及三安全一稳定"),
        ("7.属于行政执法案卷", "7.属于行政执法案件"),
        ("（三）不予公开", "（三）\n不予公开"),
        ("1.属于国家秘密", "①属于国家秘密"),
        ("1.属于国家秘密", "**1.属于国家秘密**"),
        ("1.本机关不掌握相关政府信息", "1.本机关不掌握相关\n政府信息"),
        ("3.其他", "3. 其它"),
        ("（七）总计", "（七）合计"),
        ("四、结转下年度继续办理", "四、结转下一年继续办理"),
        ("自然人", "自 然 人"),
        ("社会公益组织", "社会 公益 组织"),
        ("总计", "合计"),
    ],
)
def test_label_variants_of_table_3(old: str, new: str) -> None:
    report = numbered("2021")
    read = tables(drawn(relabelled(layouts(report)[3], old, new)))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 3}
    assert not read.notes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("现行有效件数", "现有有效件数"),
        ("现行有效件数", "现行有效件"),
        ("本年处理决定数量", "本年处理决定事项"),
        ("本年制发件数", "本年(2023)制发件数"),
        ("本年制发件数", "本年 制发件数"),
        ("行政规范性文件", "规范性文件"),
        ("规章", "规章（设区的市、自治州人民政府应提供相关数据）"),
        ("本年收费金额（单位：万元）", "本年收费金额(单位:万元)"),
        ("第二十条第（一）项", "第二十条第（一）款"),
    ],
)
def test_label_variants_of_table_2(old: str, new: str) -> None:
    report = numbered("2021")
    read = tables(drawn(relabelled(layouts(report)[2], old, new)))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 2}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("本年增/减", "本年增/减（指2020年增加或减少的事项数，减用负值表示，如-8）"),
        ("规范性文件", "规范性文件（指各行政机关印发的有正式文号的文件）"),
        ("本年新制作数量", "本年新 制作数量"),
        ("本年新制作数量", "本年新"),
        ("采购总金额", "采购总金额（万元）"),
        ("其他对外管理服务事项", "其它对外管理服务事项"),
    ],
)
def test_label_variants_of_2019(old: str, new: str) -> None:
    report = numbered("2019")
    read = tables(drawn(relabelled(layouts(report)[2], old, new)))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 2}
    assert read.tables[0].edition == "2019"


def test_heads_cut_to_the_same_word_are_told_by_position() -> None:
    report = numbered("2019")
    layout = relabelled(relabelled(layouts(report)[2], "本年新制作数量", "本年新"), "本年新公开数量", "本年新")
    assert found(tables(drawn(layout))) == {key: text for key, text in report.cells.items() if key[0] == 2}


def test_head_split_over_two_rows() -> None:
    read = tables(
        plain(
            [
                ["第二十条第（一）项", "", "", ""],
                ["信息内容", "本年新", "本年新", "对外公开"],
                ["", "制作数量", "公开数量", "总数量"],
                ["规章", "1", "2", "3"],
                ["规范性文件", "4", "5", "6"],
                ["第二十条第（八）项", "", "", ""],
                ["信息内容", "上一年项目数量", "本年增/减", ""],
                ["行政事业性收费", "7", "-8", ""],
            ]
        )
    )
    cells = {(row, column): text for (_, row, column), text in found(read).items()}
    assert cells == {
        ("rules", "made"): "1",
        ("rules", "published"): "2",
        ("rules", "published_total"): "3",
        ("normative_documents", "made"): "4",
        ("normative_documents", "published"): "5",
        ("normative_documents", "published_total"): "6",
        ("fees", "items_last_year"): "7",
        ("fees", "items_change"): "-8",
    }
    assert [value.value for value in read.values][-1] == -8


def test_the_section_row_may_be_missing() -> None:
    report = numbered("2021")
    layout = [row for row in layouts(report)[2] if row[0].text != "第二十条第（一）项"]
    assert found(tables(drawn(layout))) == {key: text for key, text in report.cells.items() if key[0] == 2}


def test_a_caption_row_stands_inside_the_table() -> None:
    report = numbered("2021")
    layout = [[Slot("主动公开政府信息情况", 1, 4)], *layouts(report)[2]]
    assert found(tables(drawn(layout))) == {key: text for key, text in report.cells.items() if key[0] == 2}


def test_a_wrong_column_span_moves_nothing() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout[6][-3] = replace(layout[6][-3], column_span=2)
    layout[9][-7] = replace(layout[9][-7], column_span=3)
    assert found(tables(drawn(layout))) == {key: text for key, text in report.cells.items() if key[0] == 3}


def test_a_wrong_row_span_moves_nothing() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout[8][-4] = replace(layout[8][-4], row_span=2)
    layout[5][0] = replace(layout[5][0], row_span=24)
    assert found(tables(drawn(layout))) == {key: text for key, text in report.cells.items() if key[0] == 3}


def test_2021_report_with_2019_table_3_keeps_the_collapsed_row() -> None:
    new, old = numbered("2021"), numbered("2019")
    read = tables(drawn(layouts(new)[2], 2), drawn(layouts(old)[3], 3), drawn(layouts(new)[4], 4))
    assert [(table.number, table.edition) for table in read.tables] == [(2, "2021"), (3, "2019"), (4, "2021")]
    assert "other" in rows_read(read, 3)
    assert not any(row.startswith("other.") for row in rows_read(read, 3))


def test_trailing_blank_columns() -> None:
    report = numbered("2021")
    rows = [[slot.text for slot in row] + ["", ""] for row in layouts(report)[3]]
    assert found(tables(plain(rows))) == {key: text for key, text in report.cells.items() if key[0] == 3}


def test_columns_in_another_order_follow_the_head() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout[1] = [layout[1][2], layout[1][0], layout[1][1]]
    for row in layout[3:]:
        row[-7:] = [row[-1], *row[-7:-1]]
    assert found(tables(drawn(layout))) == {key: text for key, text in report.cells.items() if key[0] == 3}


def test_rows_and_columns_exchanged() -> None:
    report = numbered("2021")
    grid = drawn(layouts(report)[3])
    turned = Grid(tuple(zip(*grid.rows, strict=True)), "t1")
    assert found(tables(turned)) == {key: text for key, text in report.cells.items() if key[0] == 3}


def test_table_4_with_one_figure_a_row() -> None:
    report = numbered("2021")
    names = {"upheld": "结果维持", "corrected": "结果纠正", "other": "其他结果", "pending": "尚未审结", "total": "总计"}
    groups = {
        "reconsideration": "行政复议",
        "litigation_direct": "未经复议直接起诉",
        "litigation_after_reconsideration": "复议后起诉",
    }
    rows = [[groups[r], names[c], text] for (t, r, c), text in report.cells.items() if t == 4]
    assert found(tables(plain(rows))) == {key: text for key, text in report.cells.items() if key[0] == 4}


def test_table_4_with_one_group_a_row() -> None:
    read = tables(
        plain(
            [
                ["", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"],
                ["行政复议", "1", "2", "3", "4", "10"],
                ["未经复议直接起诉", "5", "6", "7", "8", "26"],
                ["复议后起诉", "9", "10", "11", "12", "42"],
            ]
        )
    )
    assert list(found(read).values()) == "1 2 3 4 10 5 6 7 8 26 9 10 11 12 42".split()


def test_table_4_with_the_total_first() -> None:
    five = ["总计", "结果维持", "结果纠正", "其他结果", "尚未审结"]
    grid = [
        ["行政复议", *[""] * 4, "行政诉讼", *[""] * 9],
        [*five, "未经复议直接起诉", *[""] * 4, "复议后起诉", *[""] * 4],
        [*[""] * 5, *five, *five],
        "10 1 2 3 4 26 5 6 7 8 42 9 10 11 12".split(),
    ]
    assert list(found(tables(plain(grid))).values()) == "1 2 3 4 10 5 6 7 8 26 9 10 11 12 42".split()
    grid[2][10:] = five[1:] + five[:1]
    assert tables(plain(grid)).tables[0].refused == "its columns stand in different orders"


def test_table_4_with_the_total_first_below_broken_words() -> None:
    grid = [
        ["行政复议", *[""] * 4, "行政诉讼", *[""] * 9],
        ["总计", "结果", "结果", "其他", "尚未", "未经复议直接起诉", *[""] * 4, "复议后起诉", *[""] * 4],
        ["", "维持", "纠正", "结果", "审结", *["总计", "结果", "结果", "其他", "尚未"] * 2],
        [*[""] * 5, *["", "维持", "纠正", "结果", "审结"] * 2],
        "10 1 2 3 4 26 5 6 7 8 42 9 10 11 12".split(),
    ]
    assert list(found(tables(plain(grid))).values()) == "1 2 3 4 10 5 6 7 8 26 9 10 11 12 42".split()


@pytest.mark.parametrize(("head", "text"), [("（单位：元）", "145000"), ("（单位：万元）", "145000元")])
def test_fees_that_are_not_in_the_forms_unit_are_no_value_of_it(head: str, text: str) -> None:
    layout = layouts(numbered("2021"))[2]
    rows = [[replace(slot, text=slot.text.replace("（单位：万元）", head)) for slot in row] for row in layout]
    rows[-1][-1] = replace(rows[-1][-1], text=text)
    read = tables(drawn(rows))
    assert "fees" not in rows_read(read, 2)
    assert [(extra.label, extra.unit, extra.value) for extra in read.extras] == [("行政事业性收费", "元", 145000)]


def test_table_4_in_two_grids() -> None:
    five = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    read = tables(
        plain([["行政复议", "", "", "", ""], five, ["1", "2", "3", "4", "10"]], 1),
        "行政诉讼",
        plain(
            [
                ["行政诉讼"] + [""] * 9,
                ["未经复议直接起诉", "", "", "", "", "复议后起诉", "", "", "", ""],
                five * 2,
                [str(n) for n in range(11, 21)],
            ],
            2,
        ),
    )
    assert list(found(read).values()) == ["1", "2", "3", "4", "10", *map(str, range(11, 21))]


def test_the_value_row_of_table_4_alone_on_the_next_page() -> None:
    report = numbered("2021")
    layout = layouts(report)[4]
    read = tables(drawn(layout[:3], 1), "第 5 页", "", drawn(layout[3:], 2))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 4}


def test_a_label_on_the_first_page_and_its_figures_on_the_next() -> None:
    report = numbered("2021")
    rows = [[slot.text for slot in row] for row in layouts(report)[3]]
    at = next(n for n, row in enumerate(rows) if row[0].startswith("5.属于三类"))
    upper = [*rows[:at], ["5.属于三类", *[""] * 7]]
    lower = [["内部事务信息", *rows[at][1:]], *rows[at + 1 :]]
    read = tables(plain(upper, 1), "", plain(lower, 2))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 3}


def test_the_same_table_twice_is_read_once() -> None:
    report = numbered("2021")
    read = tables(*official(report), "手机版", *official(report))
    assert found(read) == report.cells
    assert len(read.values) == 200
    assert not read.notes


def test_two_copies_that_differ_are_noted_and_the_first_full_one_is_kept() -> None:
    first, second = numbered("2021"), numbered("2021", lambda r, c: str(7000 + 100 * r + c))
    read = tables(*official(first), "手机版", *official(second))
    assert found(read) == first.cells
    assert sum("printed twice" in note for note in read.notes) == 3


def test_an_unknown_row_is_kept_as_extra() -> None:
    report = numbered("2019")
    layout = layouts(report)[2]
    at = next(n for n, row in enumerate(layout) if row[0].text == "规范性文件") + 1
    layout.insert(at, [Slot("其他主动公开文件"), Slot("31"), Slot("32"), Slot("33")])
    read = tables(drawn(layout))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 2}
    assert [(extra.label, extra.column, extra.value) for extra in read.extras] == [
        ("其他主动公开文件", "本年新制作数量", 31),
        ("其他主动公开文件", "本年新公开数量", 32),
        ("其他主动公开文件", "对外公开总数量", 33),
    ]


def test_an_unknown_row_of_table_3_is_kept_as_extra() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout.insert(5, [Slot("十一、通过电子邮件收到的申请", 1, 3), *(Slot(str(n)) for n in range(1, 8))])
    read = tables(drawn(layout))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 3}
    assert [extra.value for extra in read.extras] == list(range(1, 8))
    assert read.extras[0].column == "自然人"


def test_a_slip_of_the_pen_in_a_label_is_read_and_noted() -> None:
    report = numbered("2021")
    read = tables(drawn(relabelled(layouts(report)[3], "1.属于国家秘密", "1.厲于国家秘蜜")))
    assert ("denied.state_secret" in rows_read(read, 3)) == any("厲于国家秘蜜" in note for note in read.notes)
    read = tables(drawn(relabelled(layouts(report)[3], "2.没有现成信息需要另行制作", "2.没有现在信息须要另行制作")))
    assert found(read) == {key: text for key, text in report.cells.items() if key[0] == 3}
    assert any("没有现在信息" in note for note in read.notes)


# ---- refusals


def test_eight_figures_in_a_row_of_seven_are_refused() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout[7] = [*layout[7], Slot("999")]
    read = tables(drawn(layout))
    assert len([v for v in read.values if v.table == 3]) == 168
    assert any("8 figures where the form has 7" in note for note in read.notes)


def test_a_subtotal_among_the_columns_is_passed_over_where_the_sum_proves_it() -> None:
    layout = layouts(numbered("2021"))[3]
    layout[0][1] = replace(layout[0][1], column_span=8)
    layout[1][1] = replace(layout[1][1], column_span=6)
    layout[2] = [*layout[2], Slot("小计")]
    for row in layout[3:]:
        row[-7:] = map(Slot, "1 2 3 4 5 6 20 21".split())
    read = tables(drawn(layout))
    assert [value.raw for value in read.values] == "1 2 3 4 5 6 21".split() * 25


def test_a_table_of_six_columns_is_refused_whole() -> None:
    report = numbered("2021")
    layout = [row if n < 3 else row[:-1] for n, row in enumerate(layouts(report)[3])]
    read = tables(drawn(layout))
    assert not read.values
    assert "fit the seven columns" in read.tables[0].refused


def test_figures_over_merged_columns_are_refused() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout[3] = [layout[3][0], Slot("5", 1, 7)]
    read = tables(drawn(layout))
    assert "received" not in rows_read(read, 3)
    assert any("本年新收" in note and "not read" in note for note in read.notes)


def test_a_blank_cell_over_merged_columns_is_blank_in_each() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout[3] = [layout[3][0], Slot("", 1, 7)]
    marks = {value.mark for value in tables(drawn(layout)).values if value.row == "received"}
    assert marks == {Mark.BLANK}


def test_a_row_that_stands_twice_with_different_figures_is_refused() -> None:
    report = numbered("2021")
    layout = layouts(report)[3]
    layout.insert(5, [replace(slot, text=f"{slot.text}1") if slot.key else slot for slot in layout[4]])
    read = tables(drawn(layout))
    assert "carried_in" not in rows_read(read, 3)
    assert any("stands twice" in note for note in read.notes)


def test_a_scrap_of_table_3_is_refused() -> None:
    report = numbered("2021")
    read = tables(drawn(layouts(report)[3][:7]))
    assert not read.values
    assert "rows are there" in read.tables[0].refused


def test_table_2_without_heads_and_with_three_figures_for_licensing_is_2019() -> None:
    rows = [
        ["规章", "1", "2", "3"],
        ["规范性文件", "4", "5", "6"],
        ["行政许可", "7", "8", "9"],
        ["行政处罚", "1", "2", "3"],
    ]
    read = tables(plain(rows))
    assert read.tables[0].edition == "2019"
    assert found(read)[2, "licensing", "processed"] == "9"


def test_table_2_of_no_known_edition_is_refused() -> None:
    rows = [["规章", "1", "2", "3"], ["规范性文件", "4", "5", "6"], ["行政许可", "7", "8"], ["行政处罚", "2", "3"]]
    read = tables(plain(rows))
    assert not read.values
    assert "edition" in read.tables[0].refused


def test_table_4_of_fourteen_figures_is_refused() -> None:
    report = numbered("2021")
    layout = layouts(report)[4]
    layout[3] = layout[3][:-1]
    read = tables(drawn(layout))
    assert not read.values
    assert "14 figures where the form has 15" in read.tables[0].refused


def test_other_tables_are_no_tables_of_the_form() -> None:
    read = tables(
        plain([["栏目", "行政许可", "行政处罚"], ["数量", "12", "5"]], 1),
        plain([["部门", "总计", "其他"], ["教育局", "12", "5"]], 2),
    )
    assert not read.tables
    assert not read.values


def test_running_text_of_a_narrative_is_no_table() -> None:
    read = tables(
        "2023年办理行政许可12件、行政处罚5件、行政强制2件，行政事业性收费3万元，制发规章0件、行政规范性文件3件。"
        "收到申请5件，其中予以公开2件，部分公开1件，不予公开1件，无法提供1件，不予处理0件，其他处理0件。行政复议1件，行政诉讼0件。"
    )
    assert not read.tables


def test_a_sentence_on_reconsideration_stays_in_the_text() -> None:
    """It names as many labels as table 4 needs; taken for a table it would vanish from the narrative."""
    read = tables(
        "全街道共受理政府信息公开申请132宗，已办结129宗，其余结转下年。全年因政府信息公开工作发生行政复议11宗，其中结果维持9宗、"
        "结果纠正2宗；行政诉讼4宗，未经复议直接起诉3宗，其中结果维持3宗，复议后起诉1宗，尚未审结1宗。"
    )
    assert not read.tables
    assert not read.cut


# ---- cells


@pytest.mark.parametrize(
    ("text", "value", "mark"),
    [
        ("１４７２", 1472, Mark.NUMBER),
        ("1，472", 1472, Mark.NUMBER),
        ("190.457379", 190.457379, Mark.NUMBER),
        ("70487元", 70487, Mark.NUMBER),
        ("0.8万元", 0.8, Mark.NUMBER),
        ("", None, Mark.BLANK),
        ("——", None, Mark.DASH),
        ("／", None, Mark.SLASH),
        ("无", None, Mark.NONE),
        ("O", None, Mark.TEXT),
        ("12①", None, Mark.TEXT),
        ("12²", None, Mark.TEXT),
        ("本单位未制作规章", None, Mark.TEXT),
    ],
)
def test_a_cell_keeps_its_text_and_its_mark(text: str, value: float | None, mark: Mark) -> None:
    report = numbered("2021")
    layout = layouts(report)[2]
    layout[2][1] = replace(layout[2][1], text=text)
    cell = next(v for v in tables(drawn(layout)).values if (v.row, v.column) == ("rules", "issued"))
    assert (cell.value, cell.mark, cell.raw) == (value, mark, text)


def test_a_cell_keeps_its_place() -> None:
    report = numbered("2021")
    value = tables(drawn(edition_2021()[4], 9)).values[3]
    assert (value.row, value.column, value.place) == ("reconsideration", "pending", "t9r4c4")
    assert value.raw == report.cells[4, "reconsideration", "pending"]


def test_split_digits_are_joined_only_when_the_sum_proves_it() -> None:
    words = ["（一）予以公开", "1", "2", "0", "0", "0", "0", "3", "15"]
    rest = [[label, *"0000000"] for label in LABELS]
    read = tables(plain([*HEAD_3, words, *rest]))
    assert [v.value for v in read.values if v.row == "granted"] == [12, 0, 0, 0, 0, 3, 15]
    words[-1] = "16"
    assert "granted" not in rows_read(tables(plain([*HEAD_3, words, *rest])), 3)


def test_figures_run_together_are_cut_only_when_the_sum_proves_it() -> None:
    rest = [f"{label} 0 0 0 0 0 0 0" for label in LABELS]
    read = tables(*rest[:4], "（一）予以公开 3000003", *rest[4:])
    assert [v.value for v in read.values if v.row == "granted"] == [3, 0, 0, 0, 0, 0, 3]
    read = tables(*rest[:4], "（一）予以公开 3000004", *rest[4:])
    assert "granted" not in rows_read(read, 3)


LABELS = (
    "一、本年新收政府信息公开申请数量",
    "二、上年结转政府信息公开申请数量",
    "（二）部分公开",
    "1.属于国家秘密",
    "2.其他法律行政法规禁止公开",
    "4.保护第三方合法权益",
    "5.属于三类内部事务信息",
    "6.属于四类过程性信息",
    "7.属于行政执法案卷",
    "8.属于行政查询事项",
    "四、结转下年度继续办理",
)
