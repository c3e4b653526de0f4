"""Made-up reports with random, arithmetically consistent numbers, as the truth that readers are measured against.

The labels here are written from the official form by hand, not taken from ``parsers/data``, so that a wrong label there
cannot agree with itself here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Key = tuple[int, str, str]
Zero = Literal["0", "", "/", "-", "—", "无"]

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_services", "other_organization")
COLUMNS_3 = (*APPLICANTS, "total")
DENIED = tuple(
    f"denied.{k}"
    for k in (
        "state_secret law_forbids three_securities_one_stability third_party_rights internal_affairs "
        "process_information enforcement_file administrative_inquiry"
    ).split()
)
UNAVAILABLE = tuple(f"unavailable.{k}" for k in ("not_held", "needs_creation", "still_unclear"))
REFUSED = tuple(f"refused.{k}" for k in ("complaint", "repeated", "publication", "excessive", "confirmation"))
OTHER = {"2021": tuple(f"other.{k}" for k in ("not_corrected", "fee_unpaid", "other")), "2019": ("other",)}
GROUPS_4 = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
COLUMNS_4 = ("upheld", "corrected", "other", "pending", "total")
TABLE_2 = {
    "2021": {
        "rules": ("issued", "repealed", "in_force"),
        "normative_documents": ("issued", "repealed", "in_force"),
        "licensing": ("processed",),
        "penalties": ("processed",),
        "compulsory_measures": ("processed",),
        "fees": ("amount_10k_yuan",),
    },
    "2019": {
        "rules": ("made", "published", "published_total"),
        "normative_documents": ("made", "published", "published_total"),
        "licensing": ("items_last_year", "items_change", "processed"),
        "other_services": ("items_last_year", "items_change", "processed"),
        "penalties": ("items_last_year", "items_change", "processed"),
        "compulsory_measures": ("items_last_year", "items_change", "processed"),
        "fees": ("items_last_year", "items_change"),
        "procurement": ("procurement_items", "procurement_amount"),
    },
}
ISSUERS = (
    ("640221106", "平罗县", "陶乐镇人民政府"),
    ("640221", "平罗县", "教育体育局"),
    ("410328107", "洛宁县", "马店镇人民政府"),
    ("410328", "洛宁县", "人民政府办公室"),
    ("410425", "郏县", "自然资源局"),
    ("640303201", "红寺堡区", "新庄集乡人民政府"),
    ("640522105", "海原县", "七营镇人民政府"),
    ("640522", "海原县", "人民政府"),
    ("640522", "海原县", "综合执法局"),
)


@dataclass(frozen=True, slots=True)
class MadeReport:
    """``cells`` maps (table, row, column) to the text in the cell; ``numbers`` holds the value behind it.

    ``sections`` are (heading, paragraphs); the tables belong below headings two to four.
    """

    edition: Literal["2021", "2019"]
    division_code: str
    county: str
    agency: str
    year: int
    title: str
    preamble: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    cells: dict[Key, str]
    numbers: dict[Key, int | float]
    signature: tuple[str, str]
    phone: str

    @property
    def county_code(self) -> str:
        return self.division_code[:6]


def make_report(
    seed: int, *, edition: Literal["2021", "2019"] = "2021", zero: Zero | None = None, size: int | None = None
) -> MadeReport:
    """``zero`` is written where nothing happened (None: drawn per report), ``size`` is the scale of the numbers."""
    rng = random.Random(f"{edition}/{seed}")
    zero = zero if zero is not None else rng.choice(("0", "0", "0", "", "/", "-"))
    size = size if size is not None else rng.choice((0, 3, 12, 60, 400, 2500))
    code, county, body = rng.choice(ISSUERS)
    agency = county + body
    year = rng.randint(2021, 2025) if edition == "2021" else rng.choice((2019, 2020))
    numbers: dict[Key, int | float] = {}
    _table_2(rng, numbers, edition, size)
    _table_3(rng, numbers, edition, size)
    _table_4(rng, numbers, size)
    cells = {key: _write(value, zero) for key, value in numbers.items()}
    title = rng.choice((f"{agency}{year}年政府信息公开工作年度报告", f"{year}年度{agency}政府信息公开工作年度报告"))
    phone = f"0{rng.choice((952, 953, 955, 375, 379))}-{rng.randint(2000000, 8999999)}"
    preamble = (
        "根据《中华人民共和国政府信息公开条例》（国务院令第711号）规定和《中华人民共和国政府信息公开工作年度报告格式》"
        f"（国办公开办函〔2021〕30号）要求，现公布{title}。本报告所列数据的统计期限从{year}年1月1日起至12月31日止。"
        f"如有疑问，请与{agency}联系，电话：{phone}。"
    )
    return MadeReport(
        edition=edition,
        division_code=code,
        county=county,
        agency=agency,
        year=year,
        title=title,
        preamble=preamble,
        sections=_sections(rng, agency, year, numbers),
        cells=cells,
        numbers=numbers,
        signature=(agency, f"{year + 1}年1月{rng.randint(5, 30)}日"),
        phone=phone,
    )


def _write(value: int | float, zero: str) -> str:
    return zero if value == 0 else (f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value))


def _draw(rng: random.Random, size: int) -> int:
    """Mostly zero, sometimes small, rarely large: as real reports are."""
    return 0 if size == 0 or rng.random() < 0.45 else rng.randint(0, max(1, size if rng.random() < 0.3 else size // 4))


def _table_2(rng: random.Random, numbers: dict[Key, int | float], edition: str, size: int) -> None:
    for row, columns in TABLE_2[edition].items():
        for column in columns:
            value: int | float = _draw(rng, size * 3)
            if column == "amount_10k_yuan" and value:
                value = round(rng.uniform(0.01, size + 1.0), rng.choice((2, 4, 6))) or 0.5
            if column == "items_change" and value and rng.random() < 0.4:
                value = -value
            numbers[2, row, column] = value


def _table_3(rng: random.Random, numbers: dict[Key, int | float], edition: str, size: int) -> None:
    leaves = ("granted", "partial", *DENIED, *UNAVAILABLE, *REFUSED, *OTHER[edition])
    rows = ("received", "carried_in", *leaves, "outcomes_total", "carried_out")
    for column in APPLICANTS:
        outcomes = {row: _draw(rng, size) for row in leaves}
        done, later = sum(outcomes.values()), _draw(rng, size // 3)
        before = min(_draw(rng, size // 3), done + later)
        ends = {"received": done + later - before, "carried_in": before, "outcomes_total": done, "carried_out": later}
        numbers.update({(3, row, column): value for row, value in {**outcomes, **ends}.items()})
    for row in rows:
        numbers[3, row, "total"] = sum(numbers[3, row, column] for column in APPLICANTS)


def _table_4(rng: random.Random, numbers: dict[Key, int | float], size: int) -> None:
    for group in GROUPS_4:
        for column in COLUMNS_4[:-1]:
            numbers[4, group, column] = _draw(rng, size // 4)
        numbers[4, group, "total"] = sum(numbers[4, group, column] for column in COLUMNS_4[:-1])


def _sections(
    rng: random.Random, agency: str, year: int, numbers: dict[Key, int | float]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    website, wechat = rng.randint(20, 900), rng.randint(20, 900)
    received = numbers[3, "received", "total"]
    asked = f"收到政府信息公开申请{received}件" if received else "未收到政府信息公开申请"
    return (
        (
            "一、总体情况",
            (
                f"{year}年，{agency}认真贯彻落实《中华人民共和国政府信息公开条例》，持续推进政务公开工作。",
                f"（一）主动公开。全年主动公开政府信息{website + wechat}条，其中政府网站公开{website}条，"
                f"微信公众号发布{wechat}条。",
                f"（二）依申请公开。{year}年，{asked}，均按期办理。",
                "（三）政府信息管理。严格执行信息发布三审三校制度，先审后发，确保信息准确。",
                f"（四）政府信息公开平台建设。及时更新专栏，全年维护栏目{rng.randint(3, 30)}个。",
                f"（五）监督保障。全年组织培训{rng.randint(1, 6)}次，未发生责任追究情况。",
            ),
        ),
        ("二、主动公开政府信息情况", ()),
        ("三、收到和处理政府信息公开申请情况", ()),
        ("四、政府信息公开行政复议、行政诉讼情况", ()),
        (
            "五、存在的主要问题及改进情况",
            (
                "（一）存在的问题。一是公开内容还不够全面；二是解读形式较为单一。",
                "（二）改进情况。加强培训，丰富解读形式。",
            ),
        ),
        ("六、其他需要报告的事项", (f"依据《政府信息公开信息处理费管理办法》，{year}年度未收取信息处理费。",)),
    )
