"""Invented counties: their bodies, the titles they give to their reports, and the titles of look-alikes.

None of the names is in the division list; the codes begin with 99, which no province has.
"""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

TOWNS = (
    ("青砚镇", "qyz"), ("石榆镇", "syz"), ("柳汀镇", "ltz"), ("双荻乡", "sdx"), ("白芷镇", "bzz"), ("云篁乡", "yhx"),
    ("麦屏镇", "mpz"), ("竹砚乡", "zyx"), ("沙棠镇", "stz"), ("松汀镇", "sotz"), ("桐荫街道", "tyjd"), ("荷砚乡", "hyx"),
    ("梧岭镇", "wlz"), ("榆汀街道", "ytjd"), ("枫砚镇", "fyz"), ("兰屏乡", "lpx"),
)  # fmt: skip
DEPARTMENTS = (
    ("教育局", "jyj"), ("财政局", "czj"), ("民政局", "mzj"), ("自然资源局", "zrzyj"), ("卫生健康局", "wsjkj"), ("水务局", "swj"),
    ("农业农村局", "nyncj"), ("市场监督管理局", "scjgj"), ("人力资源和社会保障局", "rsj"), ("应急管理局", "yjglj"),
    ("交通运输局", "jtysj"), ("审计局", "sjj"), ("统计局", "tjj"), ("司法局", "sfj"), ("住房和城乡建设局", "zjj"),
    ("文化和旅游局", "wlj"), ("发展和改革局", "fgj"), ("林业局", "lyj"), ("医疗保障局", "ybj"), ("退役军人事务局", "tyjrj"),
    ("行政审批服务局", "spj"), ("城市管理局", "cgj"), ("信访局", "xfj"), ("商务局", "swuj"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """An agency. ``name`` is official and full, ``short`` what its own county calls it, ``slug`` its letters in URLs."""

    name: str
    short: str
    slug: str
    kind: Literal["county", "department", "township"]


@dataclass(frozen=True, slots=True)
class County:
    code: str
    name: str
    prefecture: str
    province: str = "虚构省"

    @property
    def government(self) -> Body:
        return Body(f"{self.name}人民政府", f"{self.name}人民政府", "xzf", "county")

    @property
    def office(self) -> Body:
        return Body(f"{self.name}人民政府办公室", f"{self.name[-1]}政府办公室", "zfb", "department")

    def departments(self, count: int) -> list[Body]:
        return [Body(self.name + short, short, slug, "department") for short, slug in DEPARTMENTS[:count]]

    def towns(self, count: int) -> list[Body]:
        made = []
        for short, slug in TOWNS[:count]:
            tail = "办事处" if short.endswith("街道") else "人民政府"
            made.append(Body(self.name + short + tail, short, slug, "township"))
        return made


def title(body: Body, year: int, *, plain: bool = False) -> str:
    """A title as real lists have them; ``plain`` is the form that the notice prescribes."""
    full, short = body.name, body.short
    usual = f"{full}{year}年政府信息公开工作年度报告"
    if plain or body.kind == "county":
        return usual
    forms = [
        usual,
        usual,
        f"{short}{year}年政府信息公开工作年度报告",
        f"{full}{year}年度政府信息公开工作年度报告",
        f"{year}年{full}政府信息公开工作年度报告",
        f"{year}年度{short}政府信息公开工作年度报告",
        f"{full}{year}年政府信息公开工作报告",
        f"{full}关于{year}年度政府信息公开情况的报告",
        f"{full}政府信息公开工作年度报告（{year}年）",
        f"{short}{year}年政府信息公开年报",
    ]
    return random.Random(f"{full}{year}").choice(forms)


def published(body: Body, year: int) -> str:
    """ISO date: January for departments and townships, March for the county."""
    rng = random.Random(f"{body.name}{year} published")
    return f"{year + 1}-{'03' if body.kind == 'county' else '01'}-{rng.randint(8, 30):02d}"


def look_alikes(county: County, year: int) -> list[tuple[str, str]]:
    """(title, why) of what stands beside the reports of a year in the same lists and menus."""
    return [
        (f"{county.name}人民政府网站工作年度报表（{year}年度）", "website report"),
        (f"{county.name}{year}年法治政府建设年度报告", "rule-of-law report"),
        (f"{county.name}政府信息公开指南（{year + 1}年版）", "guide"),
        (f"{county.name}政府信息公开工作年度报告制度", "rules"),
        (f"图解：{county.name}人民政府{year}年政府信息公开工作年度报告", "infographic twin"),
        (f"{county.prefecture}人民政府{year}年政府信息公开工作年度报告", "report of the parent city"),
    ]


def other_titles(county: County, year: int) -> list[tuple[str, str]]:
    """More look-alikes, in the words of real ones."""
    return [
        (f"关于报送{year}年政府信息公开工作年度报告的通知", "notice"),
        (f"{county.name}召开{year}年度政府信息公开工作年报编制和发布部署会", "news"),
        (f"{county.name}{year}年依申请公开情况统计", "statistics"),
        (f"{county.name}{year}年度政务公开工作总结和{year + 1}年工作计划", "work summary"),
        (f"文字解读：{county.name}人民政府{year}年政府信息公开工作年度报告", "reading aid"),
        (f"{county.name}{year}年政务公开工作要点", "work plan"),
        (f"关于{year}年度全县企业年报公示情况的通报", "company reports"),
        (f"{county.name}{year}年部门决算公开情况说明", "accounts"),
    ]
