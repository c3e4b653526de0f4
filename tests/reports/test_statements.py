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
    assert "requests.answered 19 件" not in one(text, "平台建设")


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
