"""Numbers of the narrative: all 81 mentions of the five real reports, and sentences of every kind.

``python -m tests.reports.test_statements`` prints the time that a report's narrative takes.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.reports.model import Section, Statement
from parsers.reports.statements import distinct, parts, read

HERE = Path(__file__).parent
SEEDS = HERE.parent / "portals" / "seeds"
HEADING = re.compile(r"^[#*\s]*([一二三四五六])、")


def narrative(seed: str) -> list[Section]:
    """The text of each of the six sections without tables, sub-sections not divided."""
    texts: dict[str, list[str]] = {}
    number = ""
    for line in (SEEDS / f"{seed}.txt").read_text(encoding="utf-8").split("\n"):
        heading = HEADING.match(line)
        if heading is not None and "\t" not in line:
            number = str("一二三四五六".index(heading[1]) + 1)
        elif number and "\t" not in line:
            texts.setdefault(number, []).append(line)
    return [Section(number, "", "", "\n".join(lines)) for number, lines in texts.items()]


def golden() -> list[dict[str, str]]:
    with (HERE / "statement_seeds.tsv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def sentences() -> list[tuple[str, list[str]]]:
    with (HERE / "statement_sentences.tsv").open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row["sentence"], [item.strip() for item in (row["expected"] or "").split(";") if item.strip()])
            for row in rows
        ]


def said(statement: Statement) -> str:
    words = (statement.topic, f"{statement.value:.12g}", statement.unit, statement.qualifier)
    return " ".join(word for word in words if word)


def one(text: str, heading: str = "") -> list[str]:
    return [said(item) for item in read([Section("1", "", heading, text)])]


def test_the_golden_table_holds_every_statement_that_was_counted_by_hand() -> None:
    counts = Counter(row["seed"] for row in golden())
    assert [counts[seed] for seed in ("000", "001", "002", "003", "004")] == [19, 1, 12, 19, 30]


@pytest.mark.parametrize("seed", ["000", "001", "002", "003", "004"])
def test_every_statement_of_a_seed(seed: str) -> None:
    found = list(read(narrative(seed)))
    expected = [row for row in golden() if row["seed"] == seed]
    assert len(found) == len(expected)
    for row, item in zip(expected, found, strict=True):
        assert (item.section, item.topic, f"{item.value:g}", item.unit, item.qualifier) == (
            row["section"],
            row["topic"],
            f"{float(row['value']):g}",
            row["unit"],
            row["qualifier"],
        )
        assert row["words"] in re.sub(r"[\s“”]|今日七营|出彩新庄集|平罗县陶乐镇|（转载）|\*", "", item.quote), row


def test_a_fact_stated_twice_counts_once() -> None:
    found = read(narrative("004"))
    assert len(distinct(found)) == 30 - 7, "47, three times 33, 21, 327, 100,000 and 1,000 are said again"
    assert len(distinct(read(narrative("000")))) == 19 - 2
    parts_of_one_clause = read([Section("1", "", "", "公开信息3条，其中决算1条、预算1条，决算1条。")])
    assert [item.value for item in parts_of_one_clause] == [3, 1, 1, 1]


def test_parts_and_their_totals() -> None:
    def sums(seed: str) -> list[tuple[float, list[float]]]:
        return [(total.value, [part.value for part in items]) for total, items in parts(narrative(seed))]

    assert sums("000") == [(205, [1, 1, 1, 1, 1, 1, 8, 84, 98, 9])]
    assert sums("003") == [(729, [59, 1, 2, 1, 66]), (722, [16, 54, 10, 632, 10])]
    assert sums("004")[:3] == [(347, [47, 267, 33]), (47, [24, 6, 2, 4, 2, 2, 7]), (267, [67, 113, 87])]


@pytest.mark.parametrize(("sentence", "expected"), sentences(), ids=[text[:16] for text, _ in sentences()])
def test_sentences(sentence: str, expected: list[str]) -> None:
    assert sorted(one(sentence)) == sorted(expected)


def rules() -> list[dict[str, str]]:
    with files("parsers.data").joinpath("statements.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", rules(), ids=lambda row: f"{row['topic']}-{row['example'][:12]}")
def test_every_rule_has_an_example(row: dict[str, str]) -> None:
    assert row["topic"] in [item.split(" ")[0] for item in one(row["example"])]


def test_the_heading_says_what_a_short_clause_leaves_out() -> None:
    text = "1件予以公开，19件已按照规定时限和程序依法依规进行了答复。"
    assert one(text, "依申请公开情况") == ["requests.outcome 1 件", "requests.answered 19 件"]
    assert "requests.answered 19 件" not in one(text, "网民留言办理")


def test_sub_sections_are_read_once() -> None:
    inner = "主动公开政府信息10条。"
    sections = [
        Section("1", "overview", "总体情况", f"概述，发布解读3篇。\n（一）主动公开\n{inner}"),
        Section("1.1", "overview.disclosure", "主动公开", inner),
    ]
    found = [(item.section, item.value) for item in read(sections)]
    assert found == [("1", 3), ("1.1", 10)]


def test_a_sentence_cut_by_a_page_is_one() -> None:
    assert one("包括扶贫救灾补助公开 24\n\n条、征地补偿 6 条") == [
        "disclosed.category 24 条",
        "disclosed.category 6 条",
    ]
    assert one("本单位**20**24年公开信息**12**条") == ["disclosed.total 12 条"]


# ruff: noqa: E501
OLD_REPORT = """根据《中华人民共和国政府信息公开条例》（国务院令第492号）第三十一条规定，编制2010年度政府信息公开年度报告。全文包括概述、主动公开等六个部分。报告中所列数据的统计期限自2010年1月1日起至2010年12月31日止。
一、概述
2010年，我局成立了由局长任组长、2名副局长任副组长的领导小组，下设办公室，配备了1名专职工作人员，形成了主要领导亲自抓、分管领导具体抓的工作格局。我局先后制定了《政府信息公开指南》等5项制度。
二、主动公开政府信息的情况
截至2010年底，我局主动公开政府信息328条，全文电子化率达100%。其中：组织机构类信息15条，占4.6%；政策法规类信息26条，占7.9%；业务工作类信息287条，占87.5%。公开的形式：一是政府网站公开210条；二是通过公开栏公开80期；三是发放宣传资料3000余份；四是设立政府信息公开查阅点2个，提供咨询服务1500人次。
三、依申请公开政府信息的情况
2010年共收到政府信息公开申请5件，其中当面申请3件，占60%，网上申请2件，占40%。从申请内容看，涉及征地拆迁的4件，涉及财政的1件。5件申请已全部答复，其中“同意公开”答复3件，“非本部门掌握”1件，“信息不存在”1件。没有上一年度转办的申请。
四、收费及减免情况
我局2010年度依申请公开信息收取检索费、复印费共计25元，减免费用0元。
五、行政复议、提起行政诉讼的情况
2010年，针对本局有关政府信息公开的行政复议案0件，行政诉讼案0件，有关的申诉案（包括信访、举报）0件。
六、存在的主要问题
一是公开内容不够全面，二是队伍建设需要加强。下一步将做好以下3个方面工作，力争公开率达到95%以上。开展“五个一”活动，建立“1+3+N”机制，落实第5次常务会议精神，24小时开通热线，公开时限不超过20个工作日，15日内答复。联系电话：0577-12345678，地址：人民路5号3楼302室，邮编325000。政府网站点击率居全市第2位。完成投资1.2亿元，建成高标准农田3万亩，脱贫人口1200户3600人。"""
OLD_STATEMENTS = """
other 2 名 | staff.assigned 1 名 | other 5 项
disclosed.total 328 条 | documents.rate_pct 100 %
disclosed.category 15 条 | disclosed.category 4.6 % | disclosed.category 26 条 | disclosed.category 7.9 %
disclosed.category 287 条 | disclosed.category 87.5 % | disclosed.website 210 条 | disclosed.boards 80 期
other 3000 份 余 | platform.items 2 个 | consultation.visits 1500 人次
requests.received 5 件 | requests.by_channel 3 件 | requests.by_channel 60 % | requests.by_channel 2 件
requests.by_channel 40 % | other 4 件 | other 1 件 | requests.answered 5 件 | requests.outcome 3 件
requests.outcome 1 件 | requests.outcome 1 件 | requests.carried_in 0 件
fee.information_processing 25 元 | fee.information_processing 0 元
reconsideration.cases 0 件 | litigation.cases 0 件 | complaints.received 0 件
other 120000000 元 | other 1200 户 | other 3600 人
"""


def test_a_report_of_2010() -> None:
    """No document number, article, date, deadline, goal, phone, address or slogan is a measure."""
    expected = [item.strip() for line in OLD_STATEMENTS.strip().split("\n") for item in line.split("|")]
    assert one(OLD_REPORT) == expected


@given(st.text(alphabet="未收到公开信息申请12,.条件次%其中包括同比增长、，。\n一二百万余（）“”", max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read(text: str) -> None:
    for item in read([Section("1", "", "", text)]):
        assert item.quote
        assert item.value == item.value


@pytest.mark.parametrize(
    "piece", ["1条", "公开1条、", "未", "没有收到", "“", "1", "其中1", "较上年", "公开信息、", "二百", "\n", "条，"]
)
def test_hostile_text_costs_little(piece: str) -> None:
    started = time.perf_counter()
    read([Section("1", "", "", piece * 30_000)])
    assert time.perf_counter() - started < 5


def milliseconds(seed: str) -> float:
    sections = narrative(seed)
    read(sections)
    started = time.process_time()
    for _ in range(20):
        read(sections)
    return (time.process_time() - started) * 50


def test_a_narrative_is_read_fast() -> None:
    assert milliseconds("004") < 15, "three times the goal, for a busy machine"


if __name__ == "__main__":
    for name in ("000", "001", "002", "003", "004"):
        print(f"{name}: {milliseconds(name):.2f} ms")
