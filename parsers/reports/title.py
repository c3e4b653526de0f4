"""What a title says: is this an annual disclosure report, whose, and of which year.

Forms were read from 251 real reports and 83 look-alikes. The frame, after folding:

    ( AGENCY YEAR年(度) | YEAR年(度) AGENCY ) (政府|政务)信息公开 (工作|情况|开展) (年度) (工作) (报告|年报) [(YEAR年)]

``lookalike`` is said only for a reason. Whatever may hide a report is ``unknown``, and the document's content decides:
cut titles, wrappers (关于公布…年度报告的通知), a bare 政府信息公开年报, names of files.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from parsers.reports import dates, numerals
from parsers.reports.divisions import fold
from parsers.reports.model import Context

Kind = Literal["report", "lookalike", "unknown"]

LONGEST_TITLE = 300  # characters that are looked at
SHORT_LINE = 70  # characters of a line that is a title, or a part of one, and no sentence of the text
TOP_LINES = 40  # lines of a document in which its own title is looked for
FIRST_YEAR = 2003  # local rules had reports before the national ones of 2008 (上海 2004, 广州 2003)
LAST_YEAR = 2099

_Y = numerals.YEAR_PATTERN
# 2021年度, 2019年, 2023, 二〇一〇年; not the 2023 of 2023年1月12日, 2023-01-12 or 〔2023〕
YEAR = re.compile(
    rf"(?<![0-9〔\[<])(?P<year>{_Y})(?![0-9〕])(?![-./][0-9]{{1,2}}[-./])(?P<unit>年度|年份|年(?![0-9]{{1,2}}月[0-9])|度)?"
)
# 24年度, only right before the words of the report
SHORT_YEAR = re.compile(r"(?<![0-9])(?P<year>[012][0-9])年度?$")
# 2008-2010年, 2020至2021年度
YEAR_RANGE = re.compile(rf"{_Y}年?(?:[-—~至到、和]+){_Y}年?度?")

# 政府信息公开工作年度报告, 政务公开年报, 信息公开2023年度工作报告, 政府信息公开情况的报告
CORE = re.compile(
    r"(?P<own>政府政务|政府机关|政府|政务|政)?"
    r"(?P<what>信[息思]主动公开|信[息思]公开|政务公开|信[息思]与政务公开|信息和政务公开)"
    rf"(?P<fill>(?:工作|情况|开展|实施|执行|落实|进展|年度|全年|自查|总结|条例|的|之|及|和|年|(?:\(?{_Y}\)?年?度?)){{0,8}})"
    r"(?P<tail>报告书|报告|年报|年度报(?![表道]))"
)
# a title cut in its last words: …政府信息公开工作年…, …2023年政府信息…
CUT = re.compile(r"(?:政府信息|政务公开|信息公开|政府信|信息公)[^…]{0,12}(?:…|\.{2,}|。{2,})$|(?:…|\.{3,})$")

EXTENSION = re.compile(
    r"(?:\.(?:pdf|docx?|wps|ofd|ceb|html?|xlsx?|rtf|txt|zip|rar|7z))+(?:\([0-9]{1,2}\))?$", re.IGNORECASE
)
# 桐乡(xiāng)市: pinyin that mirrors put behind a character
PINYIN = re.compile(r"(?<=[\u4e00-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňḿ]{1,8}\)")
# 厦湖府〔2019〕1号, 漳审综[2026]2号
DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}[〔\[(【][12][0-9]{3}[〕\])】][0-9]{1,5}号")
# 2024-01-15, [2024/1/15], 2024.1.15, 2024年1月15日
FULL_DATE = re.compile(r"[\[(]?[12][0-9]{3}(?:[-/.][0-9]{1,2}[-/.][0-9]{1,2}|年[0-9]{1,2}月[0-9]{1,2}日)[\])]?")
# 附件1:, 附:, 标题:, 1. , ·, 【年报】, 置顶, NEW
LEAD = re.compile(
    r"^(?:附件?[0-9一二三四五六七八九十]{0,2}[:.、]|标题:|题名:|名称:|[·•*●◆■►>▪#-]+|[0-9]{1,3}[.、)](?![0-9])|置顶|new!?"
    r"|\[(?:置顶|新)\])+",
    re.IGNORECASE,
)
# [甘霖镇], 【政府信息公开年报】 in front
BRACKET_LEAD = re.compile(r"^[\[【(<〈〔]([^\[\]【】()<>〈〉〔〕]{1,30})[\]】)>〉〕]")
# what an issuer's name ends with; the list of the real titles
AGENCY_TAIL = re.compile(
    r"(?:局|委|办|办公室|厅|处|科|所|站|院|校|学|园|中心|镇|乡|街道|办事处|政府|县|区|市|州|盟|旗|省|苏木|会|机关|队|社|公司"
    r"|集团|场|团|部|馆|部门)$"
)
# what the name of a bureau or a township ends with; 平罗县政府门户网站 does not
BUREAU = re.compile(r"(?:局|委|委员会|办|办公室|镇|乡|苏木|街道|办事处|政府)$")
# _平罗县人民政府门户网站, -平罗县政府网: what a page's <title> adds
SITE_TAIL = re.compile(r"^[_|丨\-—–>»~]+")
# what may follow a report's name without changing what it is: (2019年度), (2022年1月), 附表, (修订版), 全文, (1)
HARMLESS_AFTER = re.compile(
    r"^(?:[\s'‘’.。,，、:：;；!！#*]"
    rf"|\((?:{_Y})?年?度?(?:[0-9]{{1,2}}月)?(?:[0-9]{{1,2}}日)?(?:发布|公布|公开|编制)?\)|{_Y}年?度?|\([0-9]{{1,2}}\)|[0-9]{{1,2}}"
    r"|[含及和]?附[表件]|[含及和]统计表|附?件?下载|全文|正文|修[订改]版?|更新|定稿|终稿|公开稿|挂网稿?|盖章版?|最新|最终版?"
    r"|\([^()]{0,4}(?:稿|版|本|更新|修订|正文|全文|附[表件])\)|pdf版?|word版?|new)*+$",
    re.IGNORECASE,
)
# (县教育局), -县教育局, :平罗县教育局 behind a report's name that has no agency
AGENCY_AFTER = re.compile(rf"^(?:[(]?{_Y}年?度?[)]?)?[(:_|丨\-—–]+(?P<agency>[\u4e00-\u9fff]{{2,40}})\)?$")
# 关于公布…年度报告的通知, 关于报送…年度报告的函, 公布2019年…报告的公告
WRAPPER = re.compile(
    r"(?P<agency>[\u4e00-\u9fff]{0,40})关于(?P<verb>公布|发布|公开|印发|报送|上报|呈报|呈送|提交|转发)(?P<inner>.*)"
)
WRAPPER_TAIL = re.compile(r"^的?(?P<tail>通知|公告|通告|公示|函|报告|请示)[。.]?$")
# 自2024年1月1日起至2024年12月31日止; 从2024年1月1日至12月31日; the 31 may be misprinted as 30
PERIOD = re.compile(
    r"(?P<first>[12][0-9]{3})年?(?:0?1月)?0?1日?起?(?:至|到|-|—|~)(?:(?P<last>[12][0-9]{3})年)?12月3[01]日?"
)
# what parts a name from things in front of it: latin letters, marks, digits that count no regiment (51团)
SPAM = re.compile(r"[A-Za-z_.:;,，。!?/\\|~…—–-]+(?:[0-9]+(?![0-9团师连]))?|^[0-9]+(?![0-9团师连])")
# 各乡镇2021年…年度报告: a page that leads to the reports of many
COLLECTION = re.compile(r"各(?:部门|单位|乡镇|镇街|街道|镇|乡|级|有关)|部门乡镇|乡镇部门|所属")
NO_AGENCY = frozenset(
    {"本", "我", "上", "全", "年", "度", "年度", "本年度", "上年度", "关于", "公开", "附件", "的", "本机关", "本单位"}
)
# path words of the column of annual reports; a rule-of-law column (fzzfjsndbg) differs by a few letters
REPORT_COLUMN = re.compile(
    r"(?<!fzzfjs)(?:xxgknd?bg?|gknd?bg?|gkndbao|xxgkbg|xxndbg|annualreport|(?<![a-z])ndbg(?![a-z])|(?<![a-z])nb20[0-9]{2}|nbyear=)",
    re.IGNORECASE,
)
# titles that say nothing: 2023年, 附件, 年报, 查看详情, 20240115.pdf, img_0012
WEAK = re.compile(
    rf"^(?:[\W_0-9a-z]|{_Y}|年度?|年报|年度报告|附件|报告|正文|全文|查看|详情|下载|详细|点击|扫描件?|文档|未命名|无标题|新建|文件)*+$",
    re.IGNORECASE,
)
# 教育局2023年年报, 关于政府信息公开的年度报告
MAY_HIDE = re.compile(r"年报|年度(?:工作)?报告|(?:信息|政务)公开.{0,12}(?:报告|总结|情况|年度)|公开.{0,6}报告")
# 2009年政府信息公开工作总结: what some townships called their report before 2014
SUMMARY = re.compile(r"信息公开(?:工作)?(?:年度)?(?:总结|情况|工作情况|情况总结)$")


@dataclass(frozen=True, slots=True)
class TitleReading:
    """``agency`` is the issuer as the title writes it (folded), ``reason`` why the title is no plain report."""

    kind: Kind
    agency: str = ""
    year: int | None = None
    reason: str = ""


@cache
def _lookalikes(place: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    with files("parsers.data").joinpath("lookalikes.csv").open(encoding="utf-8") as stream:
        return tuple(
            (re.compile(row["pattern"]), row["reason"]) for row in csv.DictReader(stream) if row["place"] == place
        )


def _lookalike(text: str, place: str) -> str:
    """The reason why the text belongs to a look-alike, or nothing."""
    return next((reason for pattern, reason in _lookalikes(place) if pattern.search(text)), "")


def clean(title: str) -> str:
    """The title folded, without file endings, pinyin, document numbers, list marks and whole dates at its ends."""
    text = fold(title[:LONGEST_TITLE])
    text = PINYIN.sub("", EXTENSION.sub("", text))
    text = LEAD.sub("", text)
    text = DOCUMENT_NUMBER.sub("", text, count=1)
    text = re.sub(rf"^{FULL_DATE.pattern}|{FULL_DATE.pattern}$", "", text)
    text = re.sub(r"[《》〈〉“”\"]", "", LEAD.sub("", text))
    label = BRACKET_LEAD.match(text)
    if label is not None and CORE.search(text, label.end()) and re.search(r"公开|年报|报告", label[1]):
        text = text[label.end() :]  # 【政府信息公开年报】 names the column
    return text


@lru_cache(maxsize=4096)  # the menu of a portal stands on each of its pages
def judge(title: str, url: str = "") -> TitleReading:
    """Judge one title from a list or a page; ``url`` decides only where the title says nothing."""
    text = clean(title)
    core = CORE.search(text)
    if core is None:
        return _without_core(text, url)
    before, after = text[: core.start()], text[core.end() :]
    reason = _lookalike(text, "any")
    if reason:
        return TitleReading("lookalike", reason=reason)
    wrapped = _wrapper(before, core, after)
    if wrapped is not None:
        return wrapped
    tail = SITE_TAIL.match(after)
    reason = _lookalike(before, "before") or ("" if tail else _lookalike(after, "after"))
    if reason:
        return TitleReading("lookalike", reason=reason)
    reading = _read(before, core, after)
    if tail and (hint := _lookalike(after, "after") or _lookalike(after, "before")):
        return replace(reading, kind="unknown", reason=f"its column speaks of {hint}")
    return reading


def _without_core(text: str, url: str) -> TitleReading:
    """A title without 信息公开…报告: cut, empty or misleading ones may still hide a report."""
    year, agency = _year_and_agency(re.split(r"政府信|政务公|信息公|…|\.{2,}|年报|年度报告", text, maxsplit=1)[0])
    # 平罗县审计局2023年政府信…: what a title is about is not said by its agency's name
    subject = text.replace(agency, "", 1) if year is not None and BUREAU.search(agency) else text
    if CUT.search(text) and not _lookalike(subject, "subject") and not _lookalike(text, "any"):
        agency += "政府" if agency.endswith("人民") else ""
        return TitleReading("unknown", agency, year, "the title is cut")
    if WEAK.search(text):
        return TitleReading("unknown", year=_last_year(text), reason="the title says nothing")
    reason = _lookalike(text, "any") or ("" if SUMMARY.search(text) else _lookalike(subject, "subject"))
    if reason:
        return TitleReading("lookalike", reason=reason)
    if MAY_HIDE.search(text) and not _of_something_else(text):
        head = re.split(r"年报|年度报告|年度工作报告|(?:政府)?信息公开|政务公开", text, maxsplit=1)[0]
        year, agency = _year_and_agency(head)
        return TitleReading("unknown", agency, year or _last_year(text), "an annual report of some kind")
    if REPORT_COLUMN.search(url):
        return TitleReading("unknown", year=_last_year(text), reason="only its address speaks of annual reports")
    return TitleReading("lookalike", reason="another subject")


def _of_something_else(text: str) -> bool:
    """2021年食品安全年度报告 names its subject between year and 年度报告; 2021年教育局年度报告 names an agency."""
    subject = re.search(rf"{_Y}年?度?(?P<words>[^年]{{0,30}}?)(?:工作)?(?:年报|年度(?:工作)?报告)", text)
    if subject is None or "公开" in text:
        return False
    words = subject["words"].strip("的-—()")
    return bool(words) and AGENCY_TAIL.search(words) is None


def _wrapper(before: str, core: re.Match[str], after: str) -> TitleReading | None:
    """关于公布贺州市2009年度政府信息公开工作年度报告的通知: a notice by title, perhaps the report by content."""
    outer = WRAPPER.fullmatch(before)
    tail = WRAPPER_TAIL.match(after)
    if outer is None or tail is None:
        return None
    if outer["verb"] in ("报送", "上报", "提交", "转发", "印发") and tail["tail"] in ("通知", "公告", "通告"):
        return TitleReading("lookalike", reason="instruction to write or submit")
    inner = _read(outer["inner"], core, "")
    return TitleReading("unknown", inner.agency or outer["agency"], inner.year, "wrapper")


def _read(before: str, core: re.Match[str], after: str) -> TitleReading:
    """Agency, year and kind of a title that has the words of a report and nothing that speaks against it."""
    year, agency = _year_and_agency(before)
    if not agency.endswith("政府") and agency.endswith("人民") and (core["own"] or "").startswith("政"):
        agency += "政府"  # 道太乡人民政府信息公开…: one 政府 for two
    inside = _last_year(core["fill"])
    year = inside or year
    twice = CORE.search(after)
    if twice is not None and _year_and_agency(after[: twice.start()])[1] in (agency, ""):
        after = after[twice.end() :]
    if year is None:
        year = _last_year(after)
    harmless = HARMLESS_AFTER.match(after) is not None
    behind = AGENCY_AFTER.match(after)
    if behind is not None and AGENCY_TAIL.search(behind["agency"]):
        harmless = True
        agency = agency or behind["agency"]
    elif SITE_TAIL.match(after):
        harmless = True
    reading = TitleReading("report", agency, year)
    if YEAR_RANGE.search(before):
        return replace(reading, kind="unknown", reason="several years")
    if re.match(r".{0,12}(?:…|\.{2,}|。{2,})$|…|\.{2,}|。{2,}", after):  # …年度报告(20…
        return replace(reading, kind="unknown", reason="the title is cut")
    return _weigh(reading, core, harmless)


def _weigh(reading: TitleReading, core: re.Match[str], harmless: bool) -> TitleReading:
    """Take the certainty back where the words are those of another report or of a column."""
    doubt = ""
    annual = core["tail"] != "报告" or "年度" in core["fill"]
    own_words = core["own"] is not None or "政务" in core["what"] or "信息与" in core["what"]
    if not harmless:
        doubt = "more words after the report's name"
    elif COLLECTION.search(reading.agency):
        doubt = "a collection of several agencies'"
    elif not reading.agency and reading.year is None:
        doubt = "neither agency nor year: perhaps a column"
    elif core["fill"].endswith("总结") or (not annual and reading.year is None):
        doubt = "perhaps a work report"
    elif not annual and core["what"] == "政务公开":
        doubt = "perhaps a work report on open government"
    elif not own_words and re.search(
        r"(?:环境|财政|财务|预决?算|企业|采购|项目|学校|高校|质量|信用|食品|药品|土地|价格)$", _stripped(reading.agency)
    ):
        doubt = "information of another kind"
    elif not own_words and re.search(r"(?:学院|中学|小学|学校|幼儿园|公司|集团|银行)$", reading.agency):
        doubt = "perhaps a public institution"
    return replace(reading, kind="unknown", reason=doubt) if doubt else reading


def _stripped(agency: str) -> str:
    return agency.rstrip("的年度")


def _years(text: str) -> Iterator[re.Match[str]]:
    for match in YEAR.finditer(text):
        value = numerals.year(match["year"])
        if value is not None and FIRST_YEAR <= value <= LAST_YEAR:
            yield match


def _last_year(text: str) -> int | None:
    """The last year in a text, one with 年 before a bare number."""
    found = list(_years(text))
    named = [match for match in found if match["unit"]]
    return numerals.year((named or found)[-1]["year"]) if found else None


def _year_and_agency(text: str) -> tuple[int | None, str]:
    """Year and agency from the words in front of 政府信息公开.

    The year is the last one with 年 (spam has digits before it), else the last bare number at an end of the text. The
    agency stands before it, after it, or half and half (平罗县2020年教育局).
    """
    if YEAR_RANGE.search(text):
        return None, _agency(YEAR_RANGE.sub("", text), "")
    bracket = BRACKET_LEAD.match(text)
    label = ""
    if bracket is not None:
        inner = bracket[1]
        text = text[bracket.end() :]
        if _last_year(inner) is not None and not any(_years(text)):
            text = inner + text
        elif not CORE.search(inner) and AGENCY_TAIL.search(inner):
            label = inner
    found = list(_years(text))
    named = [match for match in found if match["unit"]]
    edges = [match for match in found if match.end() == len(text) or match.start() == 0]
    if not named and not edges:
        short = SHORT_YEAR.search(text)
        year = 2000 + int(short["year"]) if short else None
        if year is not None and not year >= FIRST_YEAR:
            year = None
        return year, _agency(SHORT_YEAR.sub("", text), "") or label
    chosen = (named or edges)[-1]
    value = numerals.year(chosen["year"])
    head, tail = text[: chosen.start()], text[chosen.end() :]
    others = re.compile("|".join(re.escape(match[0]) for match in found if match["year"] == chosen["year"]))
    return value, _agency(others.sub("", head), others.sub("", tail)) or label


def _agency(head: str, tail: str) -> str:
    """Join the words before and after the year: 县 + 教育局, but 甘霖镇 + 甘霖镇 is said once."""
    first, second = _name(head), _name(tail)
    if not first or not second:
        return first or second
    if second.startswith(first) or first in second:
        return second
    return first if second in first else first + second


def _name(text: str) -> str:
    """The Chinese name at the end of a text: without 关于, quotes, 年度 and what spam puts in front."""
    words = SPAM.split(re.sub(r"['‘’\s]", "", text).rstrip("-_:,/|·—–"))[-1]
    words = re.sub(r"^关于|(?:关于)?(?:对)?(?:贯彻)?(?:执行|落实|实施)?$", "", words)
    words = re.sub(r"[的之]$|(?:上|本)?年?度$|(?:本|上)年$", "", words)
    bare = words.strip("()[]【】-—–·")
    if bare.count("(") > bare.count(")") and words.endswith(f"{bare})"):
        bare += ")"  # 政务服务管理局(县数据资源局)
    words = re.sub(r"^全(?=[县区市镇乡旗])", "", bare)
    if words.count("(") != words.count(")"):
        words = words.replace("(", "").replace(")", "")
    return "" if words in NO_AGENCY or len(words) < 2 or len(words) > 60 else words


def find(texts: Sequence[str], context: Context) -> TitleReading:
    """The report's own title from a document's top lines, helped by the titles of the list and the page.

    The title may stand on up to three lines or open the first sentence. The year that counts: the document's title,
    the titles of the context and the period sentence (自2024年1月1日至2024年12月31日) have one vote each, most votes
    win, and in a draw the document's own title, then the context. A year in the address is the last resort.
    Disagreement is said in ``reason``. A context title of a look-alike makes the whole ``unknown`` at best.
    """
    lines = [text for text in texts if text.strip()][:TOP_LINES]
    found = own(lines)
    written = found[1] if found else None
    listed = [judge(title, context.url) for title in context.titles[:5]]
    named = next((reading for reading in listed if reading.kind == "report"), listed[0] if listed else None)
    main = written or named or TitleReading("unknown", reason="no title")
    if written is not None and written.kind != "lookalike" and named is not None and _speaks_against(named):
        main = replace(written, kind="unknown", reason=f"listed as {named.reason}")
    told = next((reading.agency for reading in listed if reading.agency), "")
    agency = main.agency if AGENCY_TAIL.search(main.agency) or not told else told
    year, doubt = _vote(written, listed, _period("\n".join(lines)), dates.address_year(context.url))
    return replace(main, agency=agency, year=year, reason="; ".join(part for part in (main.reason, doubt) if part))


def _speaks_against(reading: TitleReading) -> bool:
    """A listed title that names another kind of document; one that merely says nothing about reports does not count."""
    return reading.kind == "lookalike" and reading.reason != "another subject"


def own(texts: Sequence[str]) -> tuple[str, TitleReading] | None:
    """The title that stands in a document's top lines, as written, and what it says.

    Of one, two or three short lines together the fewest that name report, issuer and year: what a page has above its
    title (a greeting, a date, 登录) must not become part of it. A long line, whose first sentence may name the report,
    is the last resort.
    """
    lines = [text for text in texts if text.strip()][:TOP_LINES]
    best: tuple[str, TitleReading] | None = None
    for words in _candidates(lines):
        found = _sentence(words)
        if found is not None and (best is None or _weight(found[1]) > _weight(best[1])):
            best = found
            if _weight(found[1]) == MOST:
                break
    return best


def _candidates(lines: Sequence[str]) -> Iterator[str]:
    for count in (1, 2, 3):
        for start in range(len(lines) - count + 1):
            if all(len(line) <= SHORT_LINE for line in lines[start : start + count]):
                yield "".join(lines[start : start + count])
    yield from (line for line in lines if len(line) > SHORT_LINE)


MOST = 4


def _weight(reading: TitleReading) -> int:
    """How much a reading says: that it is a report, of which year, and of somebody whose name ends as issuers' do."""
    named = bool(AGENCY_TAIL.search(reading.agency))
    return 2 * (reading.kind == "report") + named + (reading.year is not None)


def _sentence(text: str) -> tuple[str, TitleReading] | None:
    """A line as a title, and what it says; of a long one only what stands before the report's name and a closing mark
    behind it, of one that quotes a title the quotation."""
    folded = fold(text[: 2 * LONGEST_TITLE])
    core = CORE.search(folded)
    if core is None:
        return None
    quoted = re.search(rf"《([^《》]{{0,80}}{CORE.pattern})》", folded)
    if quoted is not None:
        return quoted[1], judge(quoted[1])
    start = max(folded.rfind(mark, 0, core.start()) for mark in "。;；!！") + 1
    end = core.end()
    if len(folded) - end > 60 or re.match(r"[(（]?(?:以下|根据|由|的?编制)|[。,，:：]", folded[end:]):
        return folded[start:end], judge(folded[start:end])
    return (text if start == 0 else folded[start:]), judge(folded[start:])


def _period(text: str) -> int | None:
    """The year whose first and last day the report names."""
    match = PERIOD.search(fold(text[:6000]))
    if match is None or (match["last"] and match["last"] != match["first"]):
        return None
    return int(match["first"])


def _vote(
    own: TitleReading | None, listed: Sequence[TitleReading], period: int | None, address: int | None
) -> tuple[int | None, str]:
    """The year that counts and, where the sources differ, a sentence that says so."""
    told = next((reading.year for reading in listed if reading.year is not None), None)
    voices = {"title": own.year if own else None, "list": told, "period": period}
    cast = {name: year for name, year in voices.items() if year is not None}
    if not cast:
        return address, ("the year is the address's" if address else "")
    counts = Counter(cast.values())
    most = max(counts.values())
    winner = next(year for year in cast.values() if counts[year] == most)
    if len(counts) == 1:
        return winner, ""
    return winner, "years disagree: " + ", ".join(f"{name} {year}" for name, year in cast.items())
