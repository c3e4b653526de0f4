"""What the pages say, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["zh", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "site": ("公开 · 政府信息公开年报数据", "gongkai · disclosure reports of China's counties"),
    "skip": ("跳到正文", "Skip to content"),
    "home": ("首页", "Home"),
    "search": ("搜索", "Search"),
    "findings": ("勾稽问题", "Findings"),
    "data": ("数据表", "Data tables"),
    "language": ("English", "中文"),
    "search_label": ("搜索标题和正文", "Search titles and texts"),
    "search_hint": ("例如：微信公众号", "for example 微信公众号"),
    "search_found": ("条结果", "results"),
    "search_more": ("下一页", "Next page"),
    "search_none": ("没有找到。", "Nothing was found."),
    "search_open": ("输入要找的词。中文词不限长短；几个词之间用空格。", "Type words to look for, of any length."),
    "lead": (
        "县级政府、部门和乡镇每年公布的政府信息公开工作年度报告：原文、表格里的每个数字，以及没有找到的是什么。",
        "The annual disclosure reports of county governments, departments and townships: the originals, every number "
        "in their tables, and what was not found.",
    ),
    "reports": ("份报告", "reports"),
    "agencies": ("个机关", "agencies"),
    "counties": ("个县", "counties"),
    "cells": ("个单元格", "cells"),
    "failing": ("处勾稽不符", "identities that fail"),
    "provinces": ("各省", "Provinces"),
    "province": ("省份", "Province"),
    "county": ("县", "County"),
    "agency": ("机关", "Agency"),
    "year": ("年份", "Year"),
    "expected": ("应有", "Expected"),
    "held": ("已收", "Held"),
    "share": ("收录率", "Coverage"),
    "on_time": ("按时", "On time"),
    "late": ("迟发", "Late"),
    "undated": ("无日期", "No date"),
    "fails": ("不符", "Failing"),
    "map": ("各省收录率（方块的位置接近地理位置）", "Coverage by province (tiles stand roughly where provinces lie)"),
    "map_scale": ("收录率", "coverage"),
    "by_year": ("各年的报告", "Reports by year"),
    "missing": ("未收", "Not held"),
    "top_checks": ("最常见的勾稽不符", "Identities that fail most often"),
    "check": ("勾稽关系", "Identity"),
    "count": ("次数", "Count"),
    "no_data": ("还没有数据。", "There are no data yet."),
    "counting": ("正在统计，请稍后刷新。", "Counting; reload in a moment."),
    "coverage": ("收录情况", "Coverage"),
    "portal": ("门户网站", "Portal"),
    "last_visit": ("上次抓取", "Last visit"),
    "legend": ("图例", "Legend"),
    "unknown": ("不详", "unknown"),
    "year_unknown": ("年份不详", "year unknown"),
    "applications": ("依申请公开", "Applications"),
    "received": ("本年新收", "Received"),
    "carried_in": ("上年结转", "Carried in"),
    "granted": ("予以公开", "Granted"),
    "partial": ("部分公开", "In part"),
    "denied": ("不予公开", "Denied"),
    "unavailable": ("无法提供", "Unavailable"),
    "refused": ("不予处理", "Not processed"),
    "other": ("其他处理", "Other"),
    "outcomes": ("办理结果", "Outcomes"),
    "carried_out": ("结转下年", "Carried out"),
    "reconsideration": ("行政复议", "Reconsideration"),
    "litigation_direct": ("行政诉讼（未经复议）", "Lawsuits, direct"),
    "litigation_after_reconsideration": ("行政诉讼（复议后）", "Lawsuits after reconsideration"),
    "disputes": ("行政复议和行政诉讼", "Reconsideration and lawsuits"),
    "published": ("发布日期", "Published"),
    "signed": ("落款日期", "Signed"),
    "days_late": ("迟 {} 天", "{} days late"),
    "edition": ("格式", "Form"),
    "years": ("各年报告", "Reports by year"),
    "chart_gap": ("缺", "none"),
    "report": ("报告", "Report"),
    "original": ("原文", "Original document"),
    "original_at": ("原网址", "Published at"),
    "file_at": ("文件网址", "File at"),
    "download": ("下载存档", "Download the archived file"),
    "view_original": ("原样", "As it looks"),
    "view_read": ("识别结果", "As it was read"),
    "frame": ("存档的原文", "The archived document"),
    "click": (
        "点击数字，原文中的位置会亮起。",
        "Click a number and its place in the document lights up.",
    ),
    "shown_at": ("已在原文中标出：", "Marked in the document: "),
    "tables": ("表格", "Tables"),
    "table_refused": ("未采用：", "Not taken: "),
    "not_there": ("原文没有此格", "not in the document"),
    "blank": ("空", "blank"),
    "doubtful": ("存疑", "doubtful"),
    "extras": ("格式以外的数字", "Numbers that the form does not know"),
    "sections": ("正文", "Text"),
    "statements": ("正文中的数字", "Numbers in the text"),
    "none_failing": ("表内勾稽关系没有发现不符。", "No identity of the tables fails."),
    "none_assessable": (
        "没有一项勾稽关系能核对：缺少数字。",
        "No identity can be assessed: numbers are missing.",
    ),
    "fail": ("不符", "fails"),
    "pass": ("相符", "holds"),
    "not_assessable": ("无法核对", "not assessable"),
    "passed": ("{} 项相符", "{} identities hold"),
    "unassessable": ("{} 项因缺少数字无法核对", "{} cannot be assessed, as numbers are missing"),
    "show_cells": ("标出相关单元格", "Mark the cells"),
    "other_readings": ("同一机关的其他报告", "Other reports of this agency"),
    "superseded": ("这不是该年度的现行版本。", "This is not the current reading of its year."),
    "current": ("现行", "current"),
    "not_archived": (
        "这个数据文件夹里没有原文存档（archive.db）。",
        "The archive of originals (archive.db) is not in this data folder.",
    ),
    "document_refused": ("这份文件无法显示：", "This document cannot be shown: "),
    "not_found": ("没有这一页。", "There is no such page."),
    "too_slow": (
        "查询超过时间限制，已停止。请换更具体的词。",
        "The query took longer than the limit and was stopped. Please be more specific.",
    ),
    "all_checks": ("全部", "All"),
    "more": ("更多", "More"),
    "row": ("项目", "Item"),
    "sum": ("合计", "Total"),
    "reason": ("原因", "Reason"),
    "kind_county": ("县级政府", "county government"),
    "kind_department": ("部门", "department"),
    "kind_township": ("乡镇街道", "township"),
    "kind_other": ("其他", "other"),
    "compared": ("对照的报告", "The report it was compared with"),
    "v_confirmed": ("已确认", "confirmed"),
    "v_dismissed": ("已排除", "dismissed"),
    "v_note": ("附注", "noted"),
    "o_held": ("已收", "held"),
    "o_unread": ("未能读取", "unread"),
    "o_absent": ("未发布", "absent"),
    "o_unlisted": ("未找到栏目", "unlisted"),
    "o_blocked": ("被拦截", "blocked"),
    "o_disallowed": ("禁止抓取", "disallowed"),
    "o_unreachable": ("无法访问", "unreachable"),
    "o_due": ("未到期", "not yet due"),
    "unit": ("单位：{}", "Unit: {}"),
    "cite": ("引用", "How to cite"),
    "cite_form": (
        "{agency}：《{title}》，{published}，{url}。数据：gongkai（schema {version}，文件 SHA-256 {sha}…）。",
        "{agency}: {title}. {published}. {url}. Data: gongkai (schema {version}, document SHA-256 {sha}…).",
    ),
    "cite_check": (
        "引用前请核对原文：点击数字即可看到它在原文中的位置。",
        "Check the original before you quote: click a number to see where it stands there.",
    ),
    "doubt_note": (
        "{} 个数字存疑（点线）：识别出来了，但没有别的数字能印证。",
        "{} numbers are doubtful (dotted line): they were read, but no other number confirms them.",
    ),
    "edition_name": ("{} 年版", "of {}"),
    "marked": (
        "* 该年报告的表格有勾稽不符，数字以原文为准",
        "* an identity of this year's tables fails: see the report",
    ),
    "codebook": ("字段说明", "Codebook"),
    "footer": (
        "只读。每个数字都来自存档的原文；空白、0、/ 和 — 是不同的事实。",
        "Read-only. Every number comes from an archived original; a blank, 0, / and — are different facts.",
    ),
}


def said(language: Language) -> Mapping[str, str]:
    """Every text in one language."""
    return {name: texts[language == "en"] for name, texts in WORDS.items()}


def choose(asked: str | None, remembered: str | None, accepted: str | None) -> Language:
    """The language of an answer: as asked for, as remembered, else by the browser's wishes; Chinese in doubt."""
    for given in (asked, remembered):
        if given == "zh":
            return "zh"
        if given == "en":
            return "en"
    first = (accepted or "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"
