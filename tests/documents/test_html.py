"""Pages and fragments: each test is one thing that portals do to a table or a text."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from html import escape

import pytest

from parsers.documents import html, read
from parsers.documents.limits import Limits
from parsers.documents.model import Document, Grid, Text, Unread
from tests.generator.html import WRITERS, article, page
from tests.generator.layout import layouts
from tests.generator.report import MadeReport, make_report


def blocks(body: str) -> list[object]:
    """Blocks in short: a text, or rows of texts."""
    return [
        block.text if isinstance(block, Text) else rows(block)
        for block in html.read(f"<html><body>{body}</body></html>".encode()).blocks
    ]


def rows(grid: Grid) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in grid.rows]


def drawn_cells(document: Document) -> list[str]:
    """All texts and cells in the order of the document, white space taken out."""
    found: list[str] = []
    for block in document.blocks:
        if isinstance(block, Text):
            found.append(block.text)
        else:
            cells = {id(cell): cell for row in block.rows for cell in row if cell}
            found += [cell.text for cell in cells.values()]
    return ["".join(text.split()) for text in found]


def expected_cells(report: MadeReport) -> list[str]:
    drawn = layouts(report)
    found = [report.preamble]
    for n, (heading, paragraphs) in enumerate(report.sections, 1):
        found += [heading, *paragraphs]
        found += [slot.text for row in drawn.get(n, []) for slot in row]
    return ["".join(text.split()) for text in [*found, *report.signature]]


UNCHANGED = (
    "clean", "messy word paste", "messy wrong spans", "messy spans oddly written", "messy layout tables",
    "messy one column frame", "messy spaced", "messy unclosed", "messy hidden junk", "messy inner row",
    "messy breaks in cells", "messy old charset", "messy ucap", "hard cell paragraphs", "hard cell lines",
    "hard in script", "hard in json", "hard in fields", "hard shown twice", "hard drawn",
    "hard wrong charset", "hard fragment",
)  # fmt: skip


@pytest.mark.parametrize("style", UNCHANGED)
def test_text_and_cells_come_out_in_order_and_nothing_else(style: str) -> None:
    for seed in range(4):
        report = make_report(seed, edition="2019" if seed % 2 else "2021")
        document = read(WRITERS[f"html {style}"](report, random.Random(seed)))
        assert drawn_cells(document) == expected_cells(report)
        assert document.media_type == "text/html"


# ---- spans


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<tr><td rowspan=2>a<td>b<tr><td>c", [["a", "b"], ["a", "c"]]),
        ("<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d", [["a", "b"], ["a", "c"], ["a", "d"]]),
        ("<tr><td rowspan=99>a<td>b<tr><td>c", [["a", "b"], ["a", "c"]]),
        ("<tr><td colspan=1000>a<tr><td>b<td>c", [["a", "a"], ["b", "c"]]),
        ("<tr><td colspan=0>a<td>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td colspan='x' rowspan=-3>a<td>b", [["a", "b"]]),
        ("<tr><td>a<td rowspan=2>b<tr><td colspan=2>c<td>d", [["a", "b"], ["c", "b", "d"]]),
        ("<tr><td>a<td>b<td rowspan=2>c<tr><td rowspan=2>d<tr><td>e", [[*"abc"], ["d", None, "c"], [*"de"]]),
        ("<thead><tr><th rowspan=9>a<th>b<tbody><tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<td>a<td>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<form><tr><td>a<td>b</form><tr><td>c", [["a", "b"], ["c"]]),
        ("<tr><td>a<td>b<tr><td>c", [["a", "b"], ["c"]]),
    ],
)  # fmt: skip
def test_spans(table: str, expected: list[list[str | None]]) -> None:
    assert blocks(f"<table>{table}</table>") == [expected]


def test_a_spanned_cell_is_one_object() -> None:
    grid = html.read(b"<table><tr><td rowspan=2 colspan=2>a<td>b<tr><td>c</table>").blocks[0]
    assert isinstance(grid, Grid)
    first = grid.rows[0][0]
    assert first is grid.rows[0][1] is grid.rows[1][0] is grid.rows[1][1]
    assert first is not None
    assert (first.row_span, first.column_span) == (2, 2)


def test_spans_cannot_cost_more_than_the_limit() -> None:
    bomb = "<table>" + "<tr><td rowspan=65000 colspan=400>a" * 500 + "</table>"
    with pytest.raises(Unread) as refused:
        html.read(bomb.encode(), limits=Limits(cells=10_000))
    assert refused.value.reason == "too_large"


# ---- cells


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<p>商业</p><p>企业</p>", "商业\n企业"),
        ("商业<br>企业<br>", "商业\n企业"),
        ("<span>1</span><span>2</span>", "12"),
        ("<div><div>0</div></div>", "0"),
        (" \n 1,472\n ", "1,472"),
        ("&nbsp;", ""),
        ("结果\n      维持", "结果维持"),
        ("total\n  number", "total number"),
        ("<input value=12>", "12"),
        ("<input type=hidden value=9><input type=text value=12>", "12"),
        ("<input type=checkbox value=9>", ""),
        ("<textarea> 3 </textarea>", "3"),
        ("<select><option>1<option selected>2</select>", "2"),
        ("<select><option>1<option>2</select>", "1"),
        ("<del>5</del><ins>6</ins>", "6"),
        ("<s>5</s>6", "6"),
        ("5<span style='display:none'>6</span>", "5"),
        ("5<span style='DISPLAY : NONE'>6</span>7", "57"),
        ("5<!-- 6 --><script>7</script><style>8</style>", "5"),
        ("5<span hidden>6</span>", "5"),
        ("12<sup>1</sup>", "12^1"),
        ("12<sup>①</sup>", "12①"),
        ("<ruby>汉<rt>han</rt></ruby>", "汉"),
        ("<table><tr><td>4</table>", "4"),
        ("<o:p>3</o:p>", "3"),
        ("&#50;&#x33;", "23"),
        ("<a href=x>3</a>", "3"),
    ],
)
def test_cell_text(cell: str, text: str) -> None:
    assert blocks(f"<table><tr><td>x<td>{cell}<td>y</table>") == [[["x", text, "y"]]]


def test_places_count_elements_as_served() -> None:
    """Hidden rows and cells, layout tables and nested tables keep their numbers."""
    body = (
        "<body><p>a</p><table><tr><td><table><tr style='display:none'><td>x</td></tr>"
        "<tr><td>1</td><td hidden>9</td><td>2</td></tr></table><p>一段文字</p></td></tr></table></body>"
    )
    document = html.read(body.encode())
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    assert grid.place == "t2"
    assert [cell.place for cell in grid.rows[0] if cell] == ["t2r2c1", "t2r2c3"]
    assert document.blocks[0].place == "e3"  # html, body, p


def test_cells_that_hold_whole_columns_become_rows() -> None:
    cells = ("规章<br>行政许可<br>行政处罚", "0<br><br>3", "1<br>2<br>")
    assert blocks(f"<table><tr>{''.join(f'<td>{cell}' for cell in cells)}</table>") == [
        [["规章", "0", "1"], ["行政许可", "", "2"], ["行政处罚", "3", ""]]
    ]
    assert blocks("<table><tr><td>结<br>果<br>维<br>持<td>纠<br>正</table>") == [[["结\n果\n维\n持", "纠\n正"]]]


def test_a_nested_row_of_figures_joins_the_row_around_it() -> None:
    body = "<table><tr><td>规章<td colspan=2><table><tr><td>1<td>2</table><tr><td>许可<td>3<td>4</table>"
    assert blocks(body) == [[["规章", "1", "2"], ["许可", "3", "4"]]]


def test_a_table_in_a_cell_of_data_becomes_a_grid_behind_it() -> None:
    inner = "<table><tr><td>1<td>2<tr><td>3<td>4</table>"
    body = f"<table><tr><td>{'甲' * 40}<td>{'乙' * 40}<tr><td>说明{inner}<td>b</table>"
    found = blocks(body)
    assert found[1] == [["1", "2"], ["3", "4"]]
    assert found[0] == [["甲" * 40, "乙" * 40], ["说明", "b"]]


def test_caption_and_text_between_rows_stand_above_the_grid() -> None:
    body = "<table><caption>表一</caption>单位：件<tr><td>a<td>b</table>"
    assert blocks(body) == ["表一", "单位：件", [["a", "b"]]]


# ---- texts


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>a</p><p></p><p>b</p>", ["a", "", "b"]),
        ("<p>a<br>b<br><br>c<br></p>", ["a", "b", "", "c"]),
        ("<div>a<p>b</p>c</div>", ["a", "b", "c"]),
        ("<p>政府<b>信息</b><span>公开</span></p>", ["政府信息公开"]),
        ("<p>信息\n  公开</p>", ["信息公开"]),
        ("<p>one\n  two</p>", ["one two"]),
        ("text<p>a<div>b</div>", ["text", "a", "b"]),
        ("<ul><li>a<li>b</ul>", ["a", "b"]),
        ("<p>a</p>#PAGE_BREAK#<p>b</p>", ["a", "b"]),
        ("<p>a</p>_ueditor_page_break_tag_<p>b</p>", ["a", "b"]),
        ("<h2>a</h2>b", ["a", "b"]),
        ("<pre>a\n  b</pre>", ["a", "b"]),
        ("<p>见<a href='http://a.cn'>网站</a>。</p>", ["见网站。"]),
        ("<span style='display:block'>a</span><span style='display:block'>b</span>", ["a", "b"]),
        ("<style>.x{display:none}.y{display:block}</style><i class=x>a</i><i class=y>b</i><i class=y>c", ["b", "c"]),
        ("<style>@media print{.x{display:none}}</style><p class=x>a</p>", ["a"]),
    ],
)  # fmt: skip
def test_texts(body: str, expected: list[str]) -> None:
    assert blocks(body) == expected


def test_heading_levels() -> None:
    assert [(b.text, b.level) for b in html.read(b"<h1>a</h1><h3>b</h3><p>c").blocks if isinstance(b, Text)] == [
        ("a", 1),
        ("b", 3),
        ("c", 0),
    ]


def test_rows_held_apart_by_gaps_become_grids() -> None:
    gap = "&nbsp;" * 4
    body = "".join(
        f"<p>{gap.join(row)}</p>" for row in (("信息内容", "件数", "数量"), ("规章", "", "3"), ("许可", "2", ""))
    )
    assert blocks(f"<p>说明。</p>{body}<p>完。</p>") == [
        "说明。",
        [["信息内容", "件数", "数量"], ["规章", "", "3"], ["许可", "2", ""]],
        "完。",
    ]


def test_two_paragraphs_with_wide_gaps_are_no_table() -> None:
    body = "<p>联系人：甲&nbsp;&nbsp;&nbsp;&nbsp;电话：1</p><p>地址：乙&nbsp;&nbsp;&nbsp;&nbsp;邮编：2</p>"
    assert all(isinstance(block, str) for block in blocks(body))


# ---- grids of boxes


@pytest.mark.parametrize(
    "body",
    [
        "<div><div><div>a</div><div>b</div><div>1</div></div><div><div>c</div><div>d</div><div>2</div></div><div><div>e</div>"
        "<div>f</div><div>3</div></div></div>",
        "<div><ul><li>a<li>b<li>1</ul><ul><li>c<li>d<li>2</ul><ul><li>e<li>f<li>3</ul></div>",
        "<div><div><span class=c>a</span><span class=c>b</span><span class=c>1</span></div><div><span class=c>c</span>"
        "<span class=c>d</span><span class=c>2</span></div><div><span class=c>e</span><span class=c>f</span>"
        "<span class=c>3</span></div></div>",
        "<style>.w{display:table-cell}</style><div><div><i class=w>a</i><i class=w>b</i><i class=w>1</i></div>"
        "<div><i class=w>c</i><i class=w>d</i><i class=w>2</i></div><div><i class=w>e</i><i class=w>f</i>"
        "<i class=w>3</i>"
        "</div></div>",
        "<div style='display:grid;grid-template-columns:1fr 2fr repeat(1, 10px)'><div>a</div><div>b</div><div>1</div>"
        "<div>c</div><div>d</div><div>2</div><div>e</div><div>f</div><div>3</div></div>",
        "<div><div><div><div>a</div><div>b</div><div>1</div></div></div><div><div><div>c</div><div>d</div><div>2</div></div>"
        "<div><div>e</div><div>f</div><div>3</div></div></div></div>",
    ],
)  # fmt: skip
def test_boxes_in_rows(body: str) -> None:
    assert blocks(body) == [[["a", "b", "1"], ["c", "d", "2"], ["e", "f", "3"]]]


def test_rows_of_boxes_in_parts() -> None:
    row = "<div><div><div>{}</div></div><div><div>{}</div><div>{}</div><div>{}</div></div></div>"
    body = f"<div>{''.join(row.format(*cells) for cells in ('a123', 'b456', 'c789'))}</div>"
    assert blocks(body) == [[["a", "1", "2", "3"], ["b", "4", "5", "6"], ["c", "7", "8", "9"]]]


@pytest.mark.parametrize(
    "body",
    [
        "<div><p>a</p><p>b</p><p>c</p></div>",
        "<div><div><p>甲</p></div><div><p>乙</p></div><div><p>丙</p></div></div>",
        "<div><p><span class=s>一段</span><span class=s>文字</span><span class=s>而已</span></p></div>",
        "<div><div>x<div>a</div><div>b</div></div><div><div>c</div><div>d</div></div><div><div>e</div><div>f</div></div></div>",
    ],
)
def test_boxes_without_a_structure_stay_texts(body: str) -> None:
    assert all(isinstance(block, str) for block in blocks(body))


# ---- where the text is


def test_navigation_and_footer_stay_outside() -> None:
    report = make_report(1)
    document = read(page(report, article(report), container='class="x91"'))
    text = "\n".join(block.text for block in document.blocks if isinstance(block, Text))
    assert "办事服务" not in text
    assert "网站标识码" not in text
    assert document.title == report.title


def test_a_signature_behind_the_container_is_kept() -> None:
    report = make_report(2)
    body = article(report).rsplit("<p>", 2)[0]
    signed = f"<div class=a>{body}</div><div class=b>{report.signature[0]}<br>{report.signature[1]}</div>"
    document = read(page(report, signed, container="class=outer"))
    assert document.blocks[-1].text == report.signature[1]  # type: ignore[union-attr]


def test_text_in_several_containers_is_read_whole() -> None:
    report = make_report(3)
    body = article(report)
    cut = body.index("四、")
    document = read(page(report, f"<div class=p1>{body[: cut - 3]}</div><div class=p2>{body[cut - 3 :]}</div>"))
    assert drawn_cells(document) == expected_cells(report)


def test_two_reports_in_a_page_are_not_one() -> None:
    a, b = make_report(4), make_report(5)
    document = read(page(a, f"<div>{article(a)}</div><div>{article(b)}</div>", container="class=wrap"))
    assert drawn_cells(document) == expected_cells(a) + expected_cells(b)


def test_two_reports_with_the_same_figures_are_not_one() -> None:
    report = make_report(4, zero="0", size=0)
    body = article(report)
    other = body.replace(report.agency, "平罗县黄渠桥镇人民政府")
    document = read(page(report, f"<div>{body}</div><div>{other}</div>", container="class=wrap"))
    assert len(drawn_cells(document)) == 2 * len(expected_cells(report))


def test_the_same_text_twice_is_read_once_and_noted() -> None:
    report = make_report(6)
    document = read(page(report, f"<div>{article(report)}</div><div>{article(report)}</div>", container="class=wrap"))
    assert drawn_cells(document) == expected_cells(report)
    assert any("twice" in note for note in document.notes)


def test_a_copy_for_phones_with_other_words_around_it_is_left_out() -> None:
    report = make_report(8)
    body = article(report)
    phone = article(report, lambda n, layout: "".join(f"<p>{s.text}</p>" for row in layout for s in row))
    both = f"<div class=w>{body}</div><div class=m><div>手机版</div>{phone}<div>点击查看更多</div></div>"
    document = read(page(report, both, container="class=wrap"))
    assert drawn_cells(document) == expected_cells(report)
    assert any("twice" in note for note in document.notes)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda body: "<script>var d = JSON.parse(" + json.dumps(json.dumps({"a": 1, "content": body})) + ");</script>",
        lambda body: "<script type='application/json'>" + json.dumps({"c": [{"html": body}]}) + "</script>",
        lambda body: f"<textarea style='display:none'>{escape(body)}</textarea>",
        lambda body: f"<textarea>{escape(body)}</textarea><div id=x></div>",
        lambda body: f"<input type=hidden value='{escape(body)}'>",
        lambda body: f"<script type='text/template'><div>{body}</div></script>",
        lambda body: f"<template>{body}</template>",
        lambda body: f"<div data-content='{escape(body)}'></div>",
        lambda body: f"<div>{escape(body)}</div>",
        lambda body: f"<script>// it's\n/* don't */ var c = {json.dumps(body)};</script>",
        lambda body: "<script>h+='" + body.replace("\n", "';\nh+='") + "';</script>",
    ],
)
def test_where_pages_keep_a_text_that_a_script_is_to_show(wrap: Callable[[str], str]) -> None:
    report = make_report(9)
    document = read(f"<html><body><div>首页</div>{wrap(article(report))}</body></html>".encode())
    expected = expected_cells(report)
    assert drawn_cells(document)[-len(expected) :] == expected
    assert document.notes


def test_box_drawing_in_paragraphs() -> None:
    drawing = "┌──┬─┐<br>│规章│3│<br>├──┼─┤<br>│许可│4│<br>└──┴─┘"
    assert blocks(f"<p>表：</p><p>{drawing}</p><p>完</p>") == ["表：", [["规章", "3"], ["许可", "4"]], "完"]


def test_blank_cells_of_boxes_without_rows_are_kept() -> None:
    cells = "".join(f"<div>{text}</div>" for text in ("规章", "0", "", "3"))
    assert blocks(f"<div>{cells}</div>") == ["规章", "0", "", "3"]


def test_a_page_hidden_until_its_script_runs_is_read_and_noted() -> None:
    report = make_report(7)
    document = read(f"<body><div id=c style='display:none'>{article(report)}</div></body>".encode())
    assert drawn_cells(document) == expected_cells(report)
    assert any("hidden" in note for note in document.notes)


def test_a_short_visible_page_is_not_replaced_by_a_script() -> None:
    body = "<body><p>本机关2024年未收到申请。</p><script>var tip = '<p>请使用新版浏览器</p>';</script></body>"
    assert blocks(body) == ["本机关2024年未收到申请。"]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>平罗县2024年政府信息公开工作年度报告_平罗县人民政府</title>", "平罗县2024年政府信息公开工作年度报告"),
        ("<title>平罗县人民政府 - 2024年政府信息公开年报</title>", "2024年政府信息公开年报"),
        (
            "<title>平罗县</title><meta name=ArticleTitle content='2024年政府信息公开工作年度报告'>",
            "2024年政府信息公开工作年度报告",
        ),
        ("<meta name='ArticleTitle' content=''><title>关于公示的通知|某县</title>", "关于公示的通知"),
        ("", ""),
    ],
)
def test_title(head: str, title: str) -> None:
    assert html.read(f"<html><head>{head}</head><body><p>正文</p></body></html>".encode()).title == title


def test_a_title_that_nothing_marks_as_one() -> None:
    title = "平罗县陶乐镇2024年政府信息公开工作年度报告"
    menu = f"<a href=1><span>{title}</span></a>"
    rows = (f"<td>{menu}</td>", f"<td class=t> {title} </td>", "<td id=zoom><p>正文</p></td>")
    body = f"<table><tr>{'</tr><tr>'.join(rows)}</tr></table>"
    assert html.read(f"<body>{body}</body>".encode()).title == title
    assert html.read(f"<body>{menu}<p>正文</p></body>".encode()).title == ""


def test_nothing_to_read_is_said_so() -> None:
    for body in (
        "<html><body><img src=1.jpg><img src=2.jpg></body></html>",
        "<script>var a=1</script>",
        "<frameset><frame src=a>",
    ):
        with pytest.raises(Unread) as refused:
            html.read(body.encode())
        assert refused.value.reason == "no_text"
    with pytest.raises(Unread, match="2 pictures"):
        html.read(b"<html><body><img src=1.jpg><img src=2.jpg></body></html>")


def test_depth_costs_nothing_and_loses_nothing() -> None:
    for tag in ("div", "span", "font", "b"):
        text = f"<{tag}>" * 1500 + "深" + f"</{tag}>" * 1500
        assert blocks(f"{text}<p>后</p>")[-2:] == ["深", "后"]
    deep = "<font>" * 30_000 + "深" + "</font>" * 30_000
    assert blocks(f"{deep}<p>后</p>") == ["深", "后"]
    with pytest.raises(Unread) as refused:
        html.read(("<div>" * 30_000 + "深").encode())
    assert refused.value.reason == "damaged"


def test_an_embed_without_an_end_does_not_swallow_the_page() -> None:
    """Flash as old portals have it: libxml2 takes all that follows for its content."""
    page = (
        b"<html><body><embed src='/banner.swf'><p>first</p><table><tr><td>1</td></tr></table><p>last</p></body></html>"
    )
    found = read(page)
    assert [block.text for block in found.blocks if isinstance(block, Text) and block.text] == ["first", "last"]
    assert sum(isinstance(block, Grid) for block in found.blocks) == 1
