"""Plain text and Markdown: lines, tables drawn in lines, marks."""

from __future__ import annotations

import pytest

from parsers.documents import read
from parsers.documents.limits import Limits
from parsers.documents.model import Grid, Text, Unread


def blocks(text: str) -> list[object]:
    return [
        block.text if isinstance(block, Text) else [[cell.text if cell else None for cell in row] for row in block.rows]
        for block in read(text.encode()).blocks
    ]


def test_lines_with_tabs_become_ragged_grids_with_their_places() -> None:
    found = read("标题\n\n规章\t0\t1\n\t许可\t\t2\t\n正文\n".encode()).blocks
    assert [block.place for block in found] == ["l1", "l2", "l3", "l5", "l6"]
    grid = found[2]
    assert isinstance(grid, Grid)
    assert [[cell.text for cell in row if cell] for row in grid.rows] == [["规章", "0", "1"], ["", "许可", "", "2", ""]]
    assert grid.rows[1][3] is not None
    assert grid.rows[1][3].place == "l4f4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲\n\n乙", ["甲", "", "乙"]),
        ("甲\r\n乙\r丙\n丁", ["甲", "乙", "丙", "丁"]),
        ("\t根据《条例》规定，现公布本报告。\n\t二、正文。", ["根据《条例》规定，现公布本报告。", "二、正文。"]),
        ("名称\t件数\n\"商业\n企业\"\t3", [[["名称", "件数"], ["商业\n企业", "3"]]]),
        ("危及\"三安全\"\t3\n其他\t4", [[["危及\"三安全\"", "3"], ["其他", "4"]]]),
        ("\f甲\n乙\f", ["甲", "乙"]),
        ("规章 0 0 0\n许可 1 2 3\n处罚 4 5 6", ["规章 0 0 0", "许可 1 2 3", "处罚 4 5 6"]),
        ("甲    乙\n丙    丁", ["甲    乙", "丙    丁"]),
        ("规章 | 0 | 1\n许可 | 2 | ", [[["规章", "0", "1"], ["许可", "2", ""]]]),
        ("规章 | 0 | 1\n| 2 | 3\n处罚 | 4 | 5", [[["规章", "0", "1"], ["", "2", "3"], ["处罚", "4", "5"]]]),
        ("标题|||||||\n正文", ["标题|||||||", "正文"]),
    ],
)  # fmt: skip
def test_lines(text: str, expected: list[object]) -> None:
    assert blocks(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "level"),
    [
        ("# 一、总体情况", "一、总体情况", 1),
        ("## **六、其他**", "六、其他", 2),
        ("####  四 ##", "四", 4),
        ("#1号文件", "#1号文件", 0),
        ("**（二）依申请**2024年", "（二）依申请2024年", 0),
        ("本单位**2024**年", "本单位2024年", 0),
        ("5 ** 2 ** 3", "5 ** 2 ** 3", 0),
        ("见 <http://www.a.gov.cn> 查阅", "见 http://www.a.gov.cn 查阅", 0),
        ("印发 <中华人民共和国…格式>", "印发 <中华人民共和国…格式>", 0),
        ("[附件](a.docx)", "附件 a.docx", 0),
        ("[http://a.cn](http://a.cn)", "http://a.cn", 0),
        ("〔2021〕30号[1]", "〔2021〕30号[1]", 0),
        ("1\\. 信访", "1. 信访", 0),
        ("- 总体情况", "总体情况", 0),
        ("- 5", "- 5", 0),
        ("--", "--", 0),
        ("> 引文", "引文", 0),
    ],
)
def test_marks_of_markdown(text: str, expected: str, level: int) -> None:
    document = read(f"# 题\n\n{text}\n".encode())
    block = document.blocks[2]
    assert isinstance(block, Text)
    assert (block.text, block.level, document.media_type) == (expected, level, "text/markdown")


def test_pipe_table_in_markdown() -> None:
    text = "# 题\n\n| 项 | 件<br>数 |\n|:---|---:|\n| **规章** | 0 |\n| --- | --- |\n| a\\|b | |\n"
    assert blocks(text)[2] == [["项", "件\n数"], ["规章", "0"], ["---", "---"], ["a|b", ""]]


def test_a_table_in_html_inside_markdown() -> None:
    text = "# 题\n\n<table>\n<tr><td rowspan=2>甲</td><td>1</td></tr>\n<tr><td>2</td></tr></table>\n\n正文\n<table 未完"
    document = read(text.encode())
    assert blocks(text) == ["题", "", [["甲", "1"], ["甲", "2"]], "", "正文", "<table 未完"]
    grid = document.blocks[2]
    assert isinstance(grid, Grid)
    assert (grid.place, grid.rows[1][1].place if grid.rows[1][1] else "") == ("l3t1", "l3t1r2c1")


def test_a_row_of_dashes_is_no_rule() -> None:
    assert blocks("# 题\n甲\t乙\t丙\n-\t-\t-\n\n---\n丁") == ["题", [["甲", "乙", "丙"], ["-", "-", "-"]], "", "丁"]


BOX = """\
┌────────┬──────┬──────┐
│信息内容│本年制│12    │
│        │件数  │      │
├────────┼──────┴──────┤
│规章    │3            │
│        ├──────┬──────┤
│a       │4     │      │
└────────┴──────┴──────┘"""


def test_box_drawing_with_spans() -> None:
    grid = read(BOX.encode()).blocks[0]
    assert isinstance(grid, Grid)
    assert [[cell.text for cell in row if cell] for row in grid.rows] == [
        ["信息内容", "本年制\n件数", "12"],
        ["规章\na", "3", "3"],
        ["规章\na", "4", ""],
    ]
    assert grid.rows[1][0] is grid.rows[2][0]
    assert grid.rows[1][1] is grid.rows[1][2]


def test_box_drawing_that_stands_askew_keeps_its_rows() -> None:
    text = "┌──┬─┐\n│规章│ 12│\n├───┼──┤\n│许可 │3│\n└──┴──┘"
    assert blocks(text) == [[["规章", "12"], ["许可", "3"]]]


def test_figures_below_each_other_are_rows_even_without_rules_between_them() -> None:
    text = "+----+----+\n|a   |1   |\n|b   |2   |\n+----+----+"
    assert blocks(text) == [[["a", "1"], ["b", "2"]]]


def test_columns_held_by_spaces() -> None:
    text = (
        "信息内容      制发   废止   有效\n"
        "规章          0             12\n"
        "规范文件      1      2      3\n"
        "许可                 7"
    )
    assert blocks(text) == [
        [
            ["信息内容", "制发", "废止", "有效"],
            ["规章", "0", "", "12"],
            ["规范文件", "1", "2", "3"],
            ["许可", "", "7", ""],
        ]
    ]


def test_columns_that_do_not_hold_stay_lines() -> None:
    text = "规章  0  0  0\n规范性文件  1  2  3\n行政许可和其他  4   5 6"
    assert all(isinstance(block, str) for block in blocks(text))


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_charsets(charset: str) -> None:
    text = "一、总体情况\n规章\t0\t1\n许可\t2\t3\n"
    assert [block.place for block in read(text.encode(charset)).blocks] == ["l1", "l2", "l4"]


def test_characters_that_could_not_be_decoded_are_noted() -> None:
    body = "政府信息公开".encode() * 20 + b"\xff" + "情况\n".encode()
    assert read(body).notes == ("1 characters could not be decoded",)


def test_limits() -> None:
    with pytest.raises(Unread) as refused:
        read(("\t" * 300 + "\n").encode() * 100 + "甲".encode(), limits=Limits(cells=10_000))
    assert refused.value.reason == "too_large"


def test_cells_inside_one_long_line() -> None:
    cells = [
        "信息内容",
        "规章",
        "0",
        "",
        "3",
        "行政规范性文件",
        "",
        "1",
        "2",
        *["一、本年新收政府信息公开申请数量"],
        *["4", ""] * 20,
    ]
    cells += ["四、结转下年度继续办理", *["0", ""] * 3]
    line = f"前言{'。说明' * 200}。 {' '.join(cells)} 五、问题。{'改进' * 10}。"
    found = [block.text for block in read(line.encode()).blocks if isinstance(block, Text)]
    assert found[1 : len(cells) + 1] == cells
    assert found[0].startswith("前言")
    assert found[-1].startswith("五、问题。")
    glued = line.replace("  ", " ")
    assert len(read(glued.encode()).blocks) == 1
