"""Sections by name and number, in every numbering and layout that real reports have."""

from __future__ import annotations

import pytest

from parsers.reports.lines import flatten
from parsers.reports.model import Section
from parsers.reports.sections import Paragraph, read
from tests.reports.making import from_text, seed_texts

SEEDS = seed_texts()
COUNTS = {"000": 15, "001": 11, "002": 13, "003": 13, "004": 15}
SIX = ["overview", "proactive_table", "requests_table", "review_litigation_table", "problems", "other_matters"]
FIVE = ["proactive", "on_request", "information_management", "platforms", "supervision"]

TOPS = [
    "总体情况",
    "主动公开政府信息情况",
    "收到和处理政府信息公开申请情况",
    "政府信息公开行政复议、行政诉讼情况",
    "存在的主要问题及改进情况",
    "其他需要报告的事项",
]
PARTS = ["主动公开", "依申请公开", "政府信息管理", "政府信息公开平台建设", "监督保障"]
CN = "一二三四五六七"


def of(*texts: str) -> tuple[Section, ...]:
    return read([Paragraph(text) for text in texts])


def keys(sections: tuple[Section, ...]) -> list[str]:
    return [section.key for section in sections if "." not in section.number]


def seed(name: str) -> tuple[Section, ...]:
    lines = flatten(from_text(SEEDS[name]))
    return read([Paragraph("", broken=True) if line.grid else Paragraph(line.text, line.level) for line in lines])


@pytest.mark.parametrize("name", SEEDS)
def test_sections_of_the_seeds(name: str) -> None:
    sections = seed(name)
    assert len(sections) == COUNTS[name]
    assert keys(sections) == SIX
    assert [s.key for s in sections if s.number.startswith("1.")] == [f"overview.{part}" for part in FIVE]
    assert not [s for s in sections if "**" in s.text or "#" in s.text or "\t" in s.text]


def test_text_of_a_seed_is_whole() -> None:
    sections = {section.number: section for section in seed("000")}
    assert sections["1.1"].text.startswith("2024 年度，我镇通过政府网站公开各类政府信息 205 条")
    assert "公开社会福利和养老服务，高龄老人津贴" in sections["1.1"].text, "a paragraph cut by a page is whole again"
    assert sections["6.2"].text.endswith("电话：0952-8011132。")
    assert sections["2"].text == ""
    assert "公开 24条、征地补偿" in {s.number: s for s in seed("004")}["1.1"].text


@pytest.mark.parametrize(
    ("top", "part"),
    [
        ("{cn}、{name}", "（{cn}）{name}"),
        ("{cn} 、{name}", "({cn}) {name}"),
        ("{cn}.{name}", "（{cn}）{name}。公开信息12条。"),
        ("{cn}、{name}", "（{cn}）{name}：公开信息12条。"),
        ("{cn}、{name}", "{n}.{name}"),
        ("{cn}、{name}", "{n}、{name}情况"),
        ("## {cn}、{name}", "**（{cn}）{name}情况。**公开信息12条。"),
        ("**{cn}、{name}**", "### （{cn}）{name}"),
        ("第{cn}部分 {name}", "（{cn}）{name}"),
        ("{n}、{name}", "（{n}）{name}"),
        ("- {name}", "（{cn}）{name}"),
        ("{name}", "{name}情况"),
    ],
)
def test_numbering(top: str, part: str) -> None:
    lines = []
    for n, name in enumerate(TOPS, 1):
        lines.append(top.format(cn=CN[n - 1], n=n, name=name))
        if n == 1:
            for m, inner in enumerate(PARTS, 1):
                lines += [part.format(cn=CN[m - 1], n=m, name=inner), "这是这一部分的正文，说明工作的开展情况。"]
        else:
            lines.append("本部分以文字说明情况，没有表格，也没有其他内容。")
    sections = of(*lines)
    assert keys(sections) == SIX
    assert [s.key for s in sections if "." in s.number] == [f"overview.{key}" for key in FIVE]
    assert all(section.text for section in sections)


def test_numbers_lost_and_repeated() -> None:
    sections = of(
        "1、 总体情况",
        "1、 主动公开",
        "公开12条。",
        "2、 依申请公开",
        "未收到申请。",
        "1、 存在的主要问题及改进情况",
        "问题不少。",
    )
    assert keys(sections) == ["overview", "problems"]
    assert [s.number for s in sections] == ["1", "1.1", "1.2", "2"]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("五、存在主要问题及改进情况", "problems"),
        ("五、存在的主要问题及改进措施", "problems"),
        ("五、当前存在的主要问题及下一步改进措施", "problems"),
        ("五、工作中存在的困难和问题", "problems"),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "review_litigation_table"),
        ("四、政府信息公开行政复议行政诉讼情况", "review_litigation_table"),
        ("四、政府信息公开行政复议和行政诉讼情况", "review_litigation_table"),
        ("三、政府信息公开申请接收与办理情况", "requests_table"),
        ("二、行政机关主动公开政府信息情况", "proactive_table"),
        ("六、其它需要报告的事项", "other_matters"),
        ("六、需要说明的其他事项", "other_matters"),
    ],
)
def test_heading_variants(heading: str, key: str) -> None:
    place = CN.index(heading[0])
    sections = of(*(f"{CN[n]}、{name}" for n, name in enumerate(TOPS[:place])), heading, "正文。")
    assert len(sections) == place + 1
    assert sections[-1].key == key
    assert sections[-1].text == "正文。"


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("（一）主动公开政府信息的情况", "proactive"),
        ("（二）规范依申请公开办理", "on_request"),
        ("（三）政务信息管理", "information_management"),
        ("（三）信息管理方面", "information_management"),
        ("（四）平台建设", "platforms"),
        ("（四）信息规范公开平台建设情况", "platforms"),
        ("（五）加强监督保障工作", "supervision"),
        ("（六）组织领导", ""),
        ("（七）教育培训", ""),
    ],
)
def test_sub_heading_variants(heading: str, key: str) -> None:
    sections = of("一、总体情况", "（一）概要", "文字。", heading, "正文。", "二、主动公开政府信息情况")
    found = next(s for s in sections if s.text == "正文。" and "." in s.number)
    assert found.key == (f"overview.{key}" if key else "")


def test_an_extra_section_shifts_numbers_but_no_names() -> None:
    names = [*TOPS[:5], "2022年工作思路", TOPS[5]]
    sections = of(*(text for n, name in enumerate(names) for text in (f"{CN[n]}、{name}", f"第{n}段正文。")))
    assert keys(sections) == [*SIX[:5], "", "other_matters"]
    assert sections[5].heading == "2022年工作思路"


def test_missing_sections() -> None:
    sections = of(
        "一、总体情况", "a文。", "三、收到和处理政府信息公开申请情况", "b文。", "五、存在的主要问题及改进情况", "c文。"
    )
    assert keys(sections) == ["overview", "requests_table", "problems"]


def test_rows_of_table_3_are_no_sections() -> None:
    sections = of(
        "一、总体情况",
        "正文。",
        "三、收到和处理政府信息公开申请情况",
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "（一）予以公开",
        "（三）不予公开",
        "四、结转下年度继续办理",
        "四、政府信息公开行政复议、行政诉讼情况",
    )
    assert keys(sections) == ["overview", "requests_table", "review_litigation_table"]
    assert len(sections) == 3


def test_whole_report_in_one_paragraph() -> None:
    sections = of(
        "根据条例要求编制本报告。一、总体情况2024年，我镇认真贯彻条例。（一）主动公开 公开信息12条。"
        "（二）依申请公开情况：未收到申请。"
        "二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况 "
        "五、存在的主要问题及改进情况（一）存在的问题 公开不够全面。（二）改进情况 加强培训。"
        "六、其他需要报告的事项 无。"
    )
    assert keys(sections) == SIX
    assert {s.number: s.text for s in sections}["1.1"] == "公开信息12条。"
    assert {s.number: s.text for s in sections}["6"] == "无。"


def test_numbered_sentences_inside_a_section_are_its_text() -> None:
    sections = of(
        "一、总体情况",
        "一是加强领导。二是强化培训。",
        "（一）主动公开",
        "1.公开机构信息20条。",
        "2.公开政策文件30条。",
        "二、主动公开政府信息情况",
    )
    assert [s.number for s in sections] == ["1", "1.1", "2"]
    assert sections[1].text == "1.公开机构信息20条。\n2.公开政策文件30条。"


def test_chinese_numbers_nested_in_a_section_do_not_begin_a_new_one() -> None:
    sections = of(
        *(f"{CN[n]}、{name}" for n, name in enumerate(TOPS[:5])),
        "一、存在的问题",
        "力度不够。",
        "二、改进措施",
        "加大力度。",
        "六、其他需要报告的事项",
        "无",
    )
    assert keys(sections) == SIX
    assert [s.heading for s in sections if s.number.startswith("5.")] == ["存在的问题", "改进措施"]


def test_outline_of_2008() -> None:
    sections = of(
        "一、概述",
        "概述文字。",
        "二、主动公开政府信息的情况",
        "公开120条。",
        "三、依申请公开政府信息和不予公开政府信息的情况",
        "未收到申请。",
        "四、政府信息公开的收费及减免情况",
        "未收费。",
        "五、因政府信息公开申请行政复议、提起行政诉讼的情况",
        "未发生。",
        "六、存在的主要问题及改进情况",
        "有待加强。",
    )
    assert keys(sections) == ["overview", "proactive", "on_request", "fees", "review_litigation", "problems"]


def test_outline_of_2014() -> None:
    sections = of(
        "一、概述",
        "概述文字。",
        "二、主动公开政府信息情况",
        "公开120条。",
        "三、回应解读情况",
        "解读3篇。",
        "四、依申请公开政府信息情况",
        "收到2件。",
        "五、行政复议、行政诉讼和举报投诉情况",
        "未发生。",
        "六、机构建设和保障经费情况",
        "2人。",
        "七、存在的主要问题及改进措施",
        "不足。",
    )
    assert keys(sections) == [
        "overview",
        "proactive",
        "response",
        "on_request",
        "review_litigation",
        "capacity",
        "problems",
    ]


def test_page_furniture_ends_the_report() -> None:
    sections = of(
        "一、总体情况",
        "正文。",
        "六、其他需要报告的事项",
        "无。",
        "【打印本页】 【关闭窗口】",
        "版权所有：某某县人民政府",
    )
    assert sections[-1].text == "无。"


def test_page_that_prints_its_text_twice_gives_it_once() -> None:
    text = [line for n, name in enumerate(TOPS) for line in (f"{CN[n]}、{name}", f"第{n}部分正文。")]
    assert keys(of(*text, *text)) == SIX


def test_table_of_contents_is_not_the_text() -> None:
    contents = [f"{CN[n]}、{name}" for n, name in enumerate(TOPS)]
    text = [line for n, name in enumerate(TOPS) for line in (f"{CN[n]}、{name}", f"第{n}部分正文。")]
    sections = of("目录", *contents, *text)
    assert keys(sections) == SIX
    assert all(section.text for section in sections)


def test_signature_lines_stay_apart() -> None:
    sections = of(
        "六、其他需要报告的事项",
        "我镇本年度没有收取任何政府信息公开信息处理费用，没有其他需要报告的事项",
        "某某镇人民政府",
        "2025年1月14日",
    )
    assert sections[0].text.split("\n")[1:] == ["某某镇人民政府", "2025年1月14日"]


def test_a_table_ends_the_paragraph_in_front_of_it() -> None:
    first, second = (
        "本年度共收到政府信息公开申请若干件，均已按照条例规定的时限和程序予以",
        "答复的详细情况见上表，其中没有一件因为超期而受到申请人的投诉。",
    )
    one = read([Paragraph("一、总体情况"), Paragraph(first), Paragraph(""), Paragraph(second)])
    two = read([Paragraph("一、总体情况"), Paragraph(first), Paragraph("", broken=True), Paragraph(second)])
    three = read([Paragraph("一、总体情况"), Paragraph(first, broken=True), Paragraph(second)])
    assert one[0].text == first + second
    assert three == two
    assert two[0].text == f"{first}\n{second}"


def test_a_short_report_without_headings_has_no_sections() -> None:
    assert of("2010年，我乡认真贯彻条例。", "全年公开信息120条。", "未收到申请。") == ()


def test_hostile_text_takes_no_time() -> None:
    of("一、" * 20_000, "（一）" * 20_000, "1." * 20_000, "# " * 20_000)
