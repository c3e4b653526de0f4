"""Is this document an annual report? Judged by its tables, its sections and its title together.

Lists call many things an annual report: rule-of-law reports, website reports, final accounts, guides, infographics,
notices about writing the report (some with the blank form attached). A report without tables, or of four paragraphs,
is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.reports.model import Mark, Section
from parsers.reports.tables import Tables
from parsers.reports.title import TitleReading

CORE = frozenset(
    {
        "proactive_table",
        "requests_table",
        "review_litigation_table",
        "proactive",
        "on_request",
        "review_litigation",
        "overview.proactive",
        "overview.on_request",
    }
)
MIN_TEXT = 60
# what every report speaks of, in whatever words
_SUBJECT = re.compile(r"信息公开|政务公开|主动公开|依申请公开|公开政府信息|公开信息|公开申请")
# 请各单位于1月20日前报送, 现将有关事项通知如下
_ORDER = re.compile(
    r"通知如下|(?:请|望)(?:各|你|认真|遵照|按)|各(?:乡镇|街道|镇街|部门|单位|科室)[^。]{0,30}(?:[:：]|要|应当?|须|请|按)|报送至|"
    r"编制(?:要求|说明|指南)|填报(?:说明|要求)|以下简称.{0,4}指南|本指南"
)
# a report speaks of what was done in its year
_PERIOD = re.compile(r"自?\s*(?:19|20)\d\d\s*年?\s*1\s*月?\s*1\s*日?\s*(?:起|开始)?\s*(?:至|到|-|—)|(?:19|20)\d\d\s*年")


@dataclass(frozen=True, slots=True)
class Verdict:
    report: bool
    why: str


def judge(title: TitleReading, tables: Tables, sections: Sequence[Section], text: str) -> Verdict:
    """``why`` is a sentence for people when ``report`` is False."""
    read = [table for table in tables.tables if not table.refused]
    filled = any(value.mark is not Mark.BLANK for value in tables.values)
    core = {section.key for section in sections} & CORE
    if title.kind == "lookalike":
        if len(read) >= 2 and filled and len(core) >= 2:
            return Verdict(True, "")
        return Verdict(False, f"the title is that of another kind of document: {title.reason}")
    if read and not filled and not core:
        return Verdict(False, "the form without any figures and sections")
    orders = len(_ORDER.findall(text))
    if orders and not filled and (len(core) < 3 or orders >= 3):
        return Verdict(False, "a notice or a guide: it tells others what to do")
    if len(read) >= 2 or (read and (title.kind == "report" or core)) or len(core) >= 3:
        return Verdict(True, "")
    return _by_words(title, core, text)


def _by_words(title: TitleReading, core: set[str], text: str) -> Verdict:
    """Reports without tables: few sections or none, so the title and the subject of the text decide."""
    if len(text) < MIN_TEXT:
        return Verdict(False, "too few words for a report")
    subject = len(_SUBJECT.findall(text))
    dense = subject >= 3 and subject * 400 >= len(text)
    if title.kind == "report" and (core or dense) and _PERIOD.search(text):
        return Verdict(True, "")
    if len(core) >= 2 and dense:
        return Verdict(True, "")
    return Verdict(False, "neither tables nor sections of the form, and the text does not read like a report")
