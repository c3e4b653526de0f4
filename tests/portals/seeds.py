"""The five real reports as they were handed over: text with tab-separated tables.

``truth`` is what a person reads in each; ``blocks`` gives the text back as paragraphs and official tables, from which
the other forms (a page with real tables, a PDF, a DOCX) are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.generator.layout import Layout, Slot, table_2, table_3, table_4
from tests.generator.report import OTHER, Key, MadeReport, make_report

FOLDER = Path(__file__).with_name("seeds")


@dataclass(frozen=True, slots=True)
class Seed:
    number: str
    county_code: str
    county: str
    prefecture: str
    province: str
    agency: str
    division_code: str
    title: str
    headings: int
    contacts: tuple[tuple[str, str], ...] = ()
    signed: str = ""
    table_3: str = "2021"

    @property
    def text(self) -> str:
        return (FOLDER / f"{self.number}.txt").read_text(encoding="utf-8")

    def cells(self) -> dict[Key, str]:
        """Every cell is 0; a row that the report does not have is not here."""
        made = make_report(0, edition="2021")
        cells = dict.fromkeys(made.cells, "0")
        if self.table_3 == "2019":
            cells = {key: raw for key, raw in cells.items() if key[1] not in OTHER["2021"]}
            cells |= {(3, "other", key[2]): "0" for key in cells if key[:2] == (3, "granted")}
        return cells


SEEDS = (
    Seed(
        "000",
        "640221",
        "平罗县",
        "石嘴山市",
        "宁夏回族自治区",
        "平罗县陶乐镇人民政府",
        "640221106",
        "平罗县陶乐镇2024年政府信息公开工作年度报告",
        15,
        (("phone", "0952-8011132"), ("site", "http://www.pingluo.gov.cn")),
    ),
    Seed(
        "001",
        "410328",
        "洛宁县",
        "洛阳市",
        "河南省",
        "洛宁县马店镇人民政府",
        "410328107",
        "洛宁县马店镇人民政府2024年政府信息公开工作年度报告",
        11,
    ),
    Seed(
        "002",
        "410425",
        "郏县",
        "平顶山市",
        "河南省",
        "郏县白庙乡人民政府",
        "410425203",
        "郟县白庙乡人民政府2024年政府信息公开工作年度报告",
        13,
    ),
    Seed(
        "003",
        "640303",
        "红寺堡区",
        "吴忠市",
        "宁夏回族自治区",
        "红寺堡区新庄集乡人民政府",
        "640303201",
        "红寺堡区新庄集乡2024年政府信息公开工作年度报告",
        13,
        (
            ("phone", "0955-5096217"),
            ("fax", "0955-5096217"),
            ("postcode", "751999"),
            ("site", "https://www.hongsibu.gov.cn"),
        ),
        "2025-01-14",
        "2019",
    ),
    Seed(
        "004",
        "640522",
        "海原县",
        "中卫市",
        "宁夏回族自治区",
        "海原县七营镇人民政府",
        "640522105",
        "海原县七营镇人民政府2024年政府信息公开工作年度报告",
        15,
    ),
)


def blocks(seed: Seed) -> list[str | Layout]:
    """Paragraphs, and each run of tab-separated lines as the official table that it is (in three parts or in one)."""
    out: list[str | Layout] = []
    tables = _tables(seed)
    used: set[int] = set()
    for line in seed.text.splitlines():
        if "\t" in line:
            number = 2 + sum(block[1:2] == "、" and block[0] in "三四" for block in _headings(out))
            if number not in used:
                used.add(number)
                out.append(tables[number])
        elif line.strip():
            out.append(line.replace("**", "").lstrip("# ").strip())
    return out


def _headings(out: list[str | Layout]) -> list[str]:
    return [block for block in out if isinstance(block, str) and block[:2] in {"二、", "三、", "四、"}]


def _tables(seed: Seed) -> dict[int, Layout]:
    cells = seed.cells()
    made = make_report(0, edition="2021")
    report = MadeReport(**{name: getattr(made, name) for name in made.__slots__} | {"cells": cells})
    tables = {2: table_2(report), 3: table_3(report), 4: table_4(report)}
    if seed.table_3 == "2019":
        renamed = {"现行有效件数": "现有有效件数", "本年处理决定数量": "本年处理决定事项"}
        tables[2] = [
            [Slot(renamed.get(slot.text, slot.text), slot.row_span, slot.column_span, slot.key) for slot in row]
            for row in tables[2]
        ]
    return tables
