"""Dates of a report: its signature, the page's labelled dates and the one in the address, kept apart.

Which one counts. For *when it was published* the page's labelled date (发布时间, 发布日期) counts, then the
signature, and the address only where there is nothing else: of 32 addresses with a date 14 agreed with the page and 13
were half a year to seven years late, because sites move. For *the reported year* none of them counts (``title.find``):
reports are published in the year after, and some were put up years later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from parsers.reports import numerals
from parsers.reports.divisions import fold

Label = Literal["published", "written", "updated", "other"]

FIRST_YEAR, LAST_YEAR = 2000, 2099
LAST_LINES = 12  # lines from the end in which a signature may stand (a footer or an attachment follows)
FIRST_LINES = 8  # lines from the top in which a date under the title may stand
LONGEST_LINE = 60  # a longer line is a sentence, not a signature

_CHINESE = "〇○零OoＯ0一二三四五六七八九"
# 2025年1月14日, 2017年3月, 2012-3-30, 2021.03.29, 2024/1/5
ARABIC = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})(?:年(?P<month>0?[1-9]|1[0-2])月(?:(?P<day>3[01]|[12][0-9]|0?[1-9])(?:日|号|曰)?)?"
    r"|[-/.](?P<month2>1[0-2]|0?[1-9])(?:[-/.](?P<day2>3[01]|[12][0-9]|0?[1-9])(?![0-9.]|(?=[0-9]{2}:)))?)"
)
# 2021-03-2918:26: the hour runs into the day
GLUED = re.compile(r"(?<![0-9])(?P<year>20[0-9]{2})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?=[0-9]{2}:[0-9]{2})")
# 二〇一〇年一月十九日, 二○○九年五月十二日, 二O一一年5月16日
CHINESE = re.compile(
    rf"(?P<year>二[{_CHINESE}]{{3}})年(?P<month>[0-9一二三四五六七八九十]{{1,2}})月"
    r"(?:(?P<day>[0-9一二三四五六七八九十]{1,3})[日号])?"
)
# the gap of 2020-06-29 10时59分, which folding would close
HOUR = re.compile(r"(?<=[0-9])[ \t\u00a0\u3000]{1,5}(?=[0-9]{1,2}[:：时])")
LABELS: dict[str, Label] = {
    "发布时间": "published",
    "发布日期": "published",
    "发表时间": "published",
    "发表日期": "published",
    "公开日期": "published",
    "公开时间": "published",
    "公布日期": "published",
    "发文日期": "written",
    "成文日期": "written",
    "生成日期": "written",
    "公文生成日期": "written",
    "制发日期": "written",
    "更新时间": "updated",
    "更新日期": "updated",
    "归档时间": "other",
    "生效时间": "other",
    "生效日期": "other",
    "废止时间": "other",
    "废止日期": "other",
    "失效日期": "other",
    "日期": "published",
    "时间": "published",
}
# 发布时间:2022-01-26 16:32; the longest label first, so that 归档时间 is not read as 时间
LABELLED = re.compile(rf"(?P<label>{'|'.join(sorted(LABELS, key=len, reverse=True))})[:：\]】|]{{0,3}}(?=[12二])")
# t20130304_1507357.htm  /art/2022/1/11/  /2019/03-10/  /201303/  /2025-01/
ADDRESS = (
    re.compile(r"/t(?P<year>20[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])_"),
    re.compile(r"/(?P<year>20[0-9]{2})/(?P<month>[01]?[0-9])[-/](?P<day>[0-3]?[0-9])(?:/|\.)"),
    re.compile(r"/(?P<year>20[0-9]{2})-?/?(?P<month>[01][0-9])/(?P<day>[0-3][0-9])?"),
    re.compile(r"/(?P<year>20[0-9]{2})-(?P<month>[01][0-9])(?:-(?P<day>[0-3][0-9]))?/"),
)
# fbtime=2021, nbYear=2023, timeFrame=2020
ADDRESS_YEAR = re.compile(r"[?&](?:fbtime|nbyear|timeframe)=(?P<year>20[0-9]{2})(?![0-9])", re.IGNORECASE)
AGENCY = re.compile(
    r"(?:局|委|办|办公室|厅|中心|镇|乡|街道|办事处|政府|苏木|管委会|委员会|大队|公司|院|站|所|社|会|县|区|市|旗)$"
)


@dataclass(frozen=True, slots=True)
class PageDate:
    """``value`` is an ISO date as far as it is written."""

    label: Label
    value: str


def _iso(year: str, month: str | None, day: str | None) -> str:
    """2025-01-14, 2025-01 or nothing when there is no such date."""
    value = numerals.year(year)
    number = numerals.parse(month) if month else None
    if value is None or not FIRST_YEAR <= value <= LAST_YEAR or not isinstance(number, int) or not 1 <= number <= 12:
        return ""
    if not day:
        return f"{value:04}-{number:02}"
    part = numerals.parse(day)
    try:
        return date(value, number, part if isinstance(part, int) else 0).isoformat()
    except ValueError:
        return ""


def _found(folded: str) -> Iterator[tuple[int, int, str]]:
    """Dates in a folded text: start, end, ISO."""
    taken: set[int] = set()
    for pattern in (GLUED, ARABIC, CHINESE):
        for match in pattern.finditer(folded):
            groups = match.groupdict()
            month, day = groups["month"] or groups.get("month2"), groups["day"] or groups.get("day2")
            value = _iso(match["year"], month, day)
            if value and match.start() not in taken:
                taken.add(match.start())
                yield match.start(), match.end(), value


def first(text: str) -> str:
    """The first date of a text in ISO form, as far as it is written, or nothing."""
    found = sorted(_found(fold(text)))
    return found[0][2] if found else ""


def signature(texts: Sequence[str]) -> tuple[str, str]:
    """Date and agency of the signature: ``("2025-01-14", "吴忠市红寺堡区新庄集乡人民政府")``, either may be empty.

    It stands at the end, agency above date or both on one line; some have only the date, under the title in brackets.
    """
    lines = [text for text in texts if text.strip()]
    tail = lines[-LAST_LINES:]
    for position in range(len(tail) - 1, -1, -1):
        line = fold(tail[position].strip("*# \u3000\t"))
        written = _only_date(line)
        if written is None:
            continue
        value, agency = written
        if not agency and position:
            agency = _agency(tail[position - 1])
        return value, agency
    value = next((found[0] for line in lines[1:FIRST_LINES] if (found := _only_date(fold(line))) and not found[1]), "")
    return value, _agency(tail[-1]) if tail else ""


def _only_date(line: str) -> tuple[str, str] | None:
    """A short line that is a date, perhaps behind an agency: its date and the agency."""
    if len(line) > LONGEST_LINE:
        return None
    for start, end, value in _found(line):
        head, rest = line[:start].strip("(（[【:：,，"), line[end:].strip(")）]】。.")
        if not rest and (not head or AGENCY.search(head)):
            return value, head
    return None


def _agency(line: str) -> str:
    name = fold(line.strip("*# \u3000\t"))
    return name if 3 <= len(name) <= 40 and AGENCY.search(name) and not re.search(r"[,，。;；:：]", name) else ""


def page_dates(text: str) -> tuple[PageDate, ...]:
    """Dates of a page's head in their order: labelled ones by their label, all others as ``other``."""
    folded = fold(HOUR.sub("T", text[:20_000]))
    labels = {match.end(): LABELS[match["label"]] for match in LABELLED.finditer(folded)}
    return tuple(PageDate(labels.get(start, "other"), value) for start, _, value in sorted(_found(folded)))


def published(text: str) -> str:
    """The date that counts as the page's publication: 发布时间 before 更新时间 before 成文日期; others never do."""
    found = page_dates(text)
    wanted: tuple[Label, ...] = ("published", "updated", "written")
    return next((item.value for label in wanted for item in found if item.label == label), "")


def url_date(url: str) -> str:
    """The date in an address as far as it goes, or nothing. Never the date of publication by itself, see above."""
    for pattern in ADDRESS:
        match = pattern.search(url[:500])
        if match is not None:
            value = _iso(match["year"], match["month"], match["day"]) or _iso(match["year"], match["month"], None)
            if value:
                return value
    return ""


def address_year(url: str) -> int | None:
    """The reported year that a query names (fbtime=2021). Some put the year of publication there."""
    match = ADDRESS_YEAR.search(url[:500])
    return int(match["year"]) if match else None
