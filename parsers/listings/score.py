"""Which link next: a number with its reasons, so that a trail can be explained to a person.

The legal layout of the disclosure pages (首页 → 政务公开 → 政府信息公开 → 政府信息公开年报) gives the words; the
weights say how sure each word is that annual reports lie behind it. Nothing here decides what is a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote, urlsplit

from parsers.listings.model import Link
from parsers.listings.text import SAYS_NOTHING, squeeze

Kind = Literal["column", "child", "hub", "directory", "body", "frame", "other"]

FLOOR = 25.0
"""Links below this are not followed while a portal's reports are still looked for."""

_COLUMN = re.compile(
    r"^(?:本|县|区|市|旗|历年|各年度?|往年|部门|街道|乡镇|镇街|镇乡|街镇|各?单位|各级|全[县区市旗]|[县区市旗](?:级|本级|政府|直)?(?:部门|单位)?|20\d\d年?度?|[\u4e00-\u9fff]{2,16})?"
    r"(?:政府|政务)?信息(?:主动)?公开(?:工作)?(?:情况)?(?:的)?(?:20\d\d)?年?度?(?:工作)?(?:年度报告|年度工作报告|工作报告|年报|报告)"
    r"(?:专[栏题]|汇总|列表|目录|公示|公布|公开|发布|查询|平台|[(（][\d年度\-~至]{4,12}[)）]|[(（][\u4e00-\u9fff]{1,6}[)）]|20\d\d年?度?)*[>»]*$"
    r"|^(?:信息)?公开(?:工作)?(?:年报|年度(?:工作)?报告)$|^(?:历年|年度|[本我][\u4e00-\u9fff]{1,4}|[县区市旗]?(?:人民)?政府|[县区市旗]?本级)?(?:工作)?年报(?:专栏|汇总|列表)?$|^(?:政府信息)?公开报告$|^年度(?:工作)?报告(?:公开|公示|专栏|查询|汇总)?$|^年度报告[(（]?20\d\d年?[)）]?$"
)
"""Matches names of the column: 政府信息公开年报, 信息公开年度报告, 公开年报, 历年年报, 2024年政府信息公开年度报告."""
_NOT = re.compile(
    r"网站|报表|法治|依法行政|企业|统计|决算|预算|公报|解读|图解|一图|通知|制度|办法|指南|培训|会议|部署|工作总结|要点|规划|"
    r"上市|高校|学校|医院|社会组织|基金|双随机|环境|质量|说明|统计表$"
)
_PATH_COLUMN = re.compile(
    r"(?:^|[/_.?=&-])(?:z?f?xxgkgz?ndbg|z?f?xxgknd?bg?\d*|zfxxgkgzndbg|xxgknb|zfxxgknb|gknb|gkndbg|xxgkndbg|ndbg|nbzt|xxgkbg|xxndbg\w{0,3}|annualreport|xxgkannualreport)"
    r"(?=$|[/_.?=&\d-])",
    re.I,
)
"""Matches path words of the column: ``/zfxxgk/zfxxgknb/``, ``/nbzt/2024/``, ``annualreport``; not ``zfwzndbb``."""
_HUB = (
    (
        re.compile(r"^(?:[\u4e00-\u9fff]{2,8}(?:县|区|市|旗))?政府信息公开(?:专栏|平台|网|目录|主页|专区|首页)?$"),
        72.0,
        "政府信息公开",
    ),
    (
        re.compile(r"^(?:[\u4e00-\u9fff]{2,8}(?:县|区|市|旗))?信息公开(?:专栏|平台|网|目录|首页)?$|^公开专栏$"),
        62.0,
        "信息公开",
    ),
    (re.compile(r"^政务公开(?:专栏|平台|网|首页|工作)?$|^政务信息$|^公开$"), 52.0, "政务公开"),
)
_DIRECTORY = re.compile(
    r"^(?:(?:各|全|[县区市旗](?:级|直|政府|人民政府)?)?(?:政府)?(?:部门|委办局|工作部门|直属(?:单位|机构)|组成部门|政府机构|机构|单位|乡镇|镇乡|街道|镇街|街镇|乡镇街道|镇街道?|乡镇[(（]?街道[)）]?|苏木乡?镇?|"
    r"乡镇[(（、]?(?:街道|办事处)[)）]?|镇[(（]?街道[)）]?|乡镇政府|镇人民政府|部门街道|部门乡镇|乡镇部门|部门及(?:乡镇|镇街|街道)|部门镇街|开发区|园区)"
    r"(?:(?:政府|政务)?信息公开|公开)?(?:专栏|平台|目录|网站|子站|年报|导航|列表)?"
    r"|(?:部门|乡镇|街道|镇街|单位|基层)(?:政府|政务)?(?:信息)?公开(?:专栏|平台|目录)?|按?(?:公开)?(?:单位|部门|机构|主体)(?:查看|查询|浏览|导航|分类)|(?:政府)?信息公开目录(?:导航)?|部门网站|网站群|子网站|乡镇网站|政府机构|机构(?:职能|设置|概况|信息))$"
)
"""Matches 部门信息公开, 乡镇街道, 各乡镇政府信息公开目录, 机构职能: pages that list bodies."""
_KINDS = re.compile(
    r"^(?:[县区市旗](?:政府|人民政府|本级|级|直(?:部门|单位|机关)?|政府(?:部门|办公室?|工作部门))?|本级政府|政府部门|部门|委办局|乡镇(?:街道)?|镇街|街镇|街道(?:乡镇)?|镇乡|乡镇[(（、]街道[)）]?|"
    r"各(?:部门|乡镇|镇街|街道|单位)|垂直?管?(?:单位|部门)?|直属(?:单位|机构)|其他(?:单位|部门)?|开发区|苏木乡?镇|[县区市旗]直单位|部门单位|政府办公?室?|[县区市旗]?政府办)(?:年报|年度报告|信息公开年报)?$"
)
"""Matches children of the column by kind of body: 区政府, 部门, 乡镇街道, 县直单位, 部门年报."""
_YEAR = re.compile(
    r"^[(（\[]?(?:19|20)\d\d\s*(?:年|年度|年报|年度年报|年度报告|年年报|年度政府信息公开年报)?[)）\]]?$|^(?:19|20)\d\d年?(?:以前|及以前|之前|及之前)$|^二[〇○零]..年$"
)
"""Matches children of the column by year: 2024年, 2023年度, 2018年以前."""
_BODY = re.compile(
    r"^[\u4e00-\u9fff（()）]{1,24}?(?:局|委员会|委|办公室|办|厅|管委会|管理委员会|中心|镇|乡|街道|街道办事处|街道办|苏木|人民政府|政府|农场|林场|大队|支队|分局|镇人民政府|开发区|园区|景区|经开区|高新区|社|署|处)"
    r"(?:(?:政府)?信息公开(?:专栏|目录|平台)?|网站)?$"
)
_NO_BODY = re.compile(
    r"服务中心|新闻中心|下载中心|个人中心|互动|办事(?!处)|我要|领导|政务服务|媒体|访谈|进驻|窗口|便民|国务院|省(?:人民)?政府|[\u4e00-\u9fff]部$|热线|联系"
)
_AWAY = re.compile(
    r"新闻|动态|要闻|通知|公告|招标|采购|人事|招聘|领导|信箱|互动|访谈|调查|征集|留言|办事(?!处)|服务|视频|图片|专题|旅游|投资|"
    r"政策|解读|文件|法规|规章|统计|数据|财政|预决算|应急|重点领域|权责|双公示|许可|处罚|依申请|指南|制度|规划|计划|会议|建议|提案|"
    r"登录|注册|邮箱|地图|无障碍|繁体|English|手机版|首页|返回|打印|关闭|上一[页篇]|下一[页篇]|尾页|末页|法定主动公开|监督|标准化|清单|回应",
    re.I,
)
_BACK_OFFICE = re.compile(r"//[^/]+/(?:admin|manage|manager|login|user|cms/admin|wp-admin|jcms/login)\b", re.I)
_LOOSE_HUB = re.compile(r"(?:政府|政务)?信息公开|政务公开")
_SITEMAP = re.compile(r"^(?:网站|站点|网站内容)?(?:地图|导航)$|^sitemap$", re.I)
_HINT = re.compile(
    r"公开|年报|年度报告|法定主动|机构职能|乡镇|街道|部门|专题专栏|进入(?:网站|首页|主页)|网站首页|中文版|简体"
)
_PATH_DISCLOSURE = re.compile(r"zfxxgk|xxgk|zwgk|openness|gkml|/public/|gongkai", re.I)


_ELSEWHERE = re.compile(
    r"指南|依申请|主动公开|目录|政策|法规|文件|解读|机构|职能|领导|许可|处罚|收费|采购|应急|重大|人事|招[聘考录标]|建议|提案|互动|服务|"
    r"新闻|动态|要闻|首页|主页|登录|注册|搜索|检索|查询|无障碍|长者|关怀|邮箱|信箱|微信|微博|客户端|打印|关闭|返回|更多|页$|分享|收藏|"
    r"地图|导航|联系|关于|版权|声明|举报|投诉|意见|公示|公告|公报|标准|清单|民生|教育领域|扶贫|财政信息|网$"
)
"""Matches names of columns beside the column of reports, and of what every page has: 指南, 依申请公开, 首页, 无障碍."""
_NAME = re.compile(r"^[\u4e00-\u9fffA-Za-z0-9（）()\-—~、]{2,12}$")

_JOINED = re.compile(r"及其?|[和与、/]|以及")


@dataclass(frozen=True, slots=True)
class Here:
    """The page that links stand on. ``within`` is True inside the column of annual reports, ``disclosure`` inside the
    disclosure part of a portal, ``body`` is the name of the body whose branch this is."""

    url: str
    within: bool = False
    disclosure: bool = False
    body: str = ""
    bodies: frozenset[str] = frozenset()
    """Addresses on this page that stand in a list of bodies (see ``body_links``)."""


@dataclass(frozen=True, slots=True)
class Score:
    value: float
    kind: Kind
    reasons: tuple[str, ...]
    body: str = ""


def score(link: Link, here: Here) -> Score:
    """How promising a link is. At or above FLOOR it is worth a request."""
    label = _label(link)
    if _BACK_OFFICE.search(link.url):
        return Score(0.0, "other", ("the back office",))
    path = unquote(urlsplit(link.url).path + "?" + urlsplit(link.url).query).lower()
    if link.place == "frame":
        return Score(95.0 if here.within else 70.0 if here.disclosure else 40.0, "frame", ("frame of this page",))
    if is_column(label):
        value = 100.0 + (8.0 if _PATH_COLUMN.search(path) else 0.0) + (4.0 if here.disclosure else 0.0)
        return Score(value, "column", ("named like the column of annual reports",), _body_in(label, link))
    if here.within and not _NOT.search(label):
        inner = _inside(label, link, here)
        if inner is not None:
            return inner
    for pattern, value, name in _HUB:
        if pattern.match(label):
            return Score(value + (3.0 if _PATH_DISCLOSURE.search(path) else 0.0), "hub", (name,))
    if _DIRECTORY.match(label) or _lists_kinds(label):
        return Score(58.0 if here.disclosure else 34.0, "directory", ("a directory of bodies",))
    if link.url in here.bodies and is_body(label):
        return Score(45.0 if here.disclosure else 30.0, "body", ("one of several bodies",), label)
    if len(label) <= 14 and _LOOSE_HUB.search(label) and not (_NOT.search(label) or _AWAY.search(label)):
        return Score(48.0, "hub", ("speaks of 公开",))
    if _PATH_COLUMN.search(path) and not _AWAY.search(label) and not _NOT.search(label):
        return Score(60.0, "column", ("its path is that of the column",))
    return _reserve(label, path)


def _reserve(label: str, path: str) -> Score:
    """Ways that are tried only when all better ones have led to nothing."""
    if _SITEMAP.match(label):
        return Score(20.0, "other", ("the site map",))
    if len(label) <= 16 and _HINT.search(label):
        return Score(12.0, "other", ("a word that may lead to disclosure",))
    return Score(
        6.0 if label and _PATH_DISCLOSURE.search(path) and path.count("/") <= 3 else 0.0,
        "other",
        ("a path of disclosure",),
    )


def _inside(label: str, link: Link, here: Here) -> Score | None:
    """Children of the column: years, kinds of bodies, bodies. They are surer than anything outside."""
    if _YEAR.match(label):
        return Score(98.0, "child", ("a year of the column",))
    if _names_kinds(label):
        return Score(97.0, "child", ("a kind of bodies of the column",))
    if is_body(label) and _below(link.url, here.url):
        return Score(96.0, "child", ("a body of the column",), label)
    return None


def is_part(link: Link, here: Here) -> bool:
    """Whether a link inside the column may lead to a part of it whatever its name (第一分类, 直属, 党群口): a short
    name, and an address below the column's, or one that only the column's own scripts know."""
    label = _label(link)
    if not here.within or link.place == "frame" or not _NAME.match(label) or not re.search(r"[\u4e00-\u9fff]", label):
        return False
    if _NOT.search(label) or _ELSEWHERE.search(label) or _AWAY.search(label) or _BACK_OFFICE.search(link.url):
        return False
    return link.place in ("call", "tree", "option", "script") or _below(link.url, here.url)


def _names_kinds(label: str) -> bool:
    """部门, 乡镇街道, and several of them in one: 县政府及部门, 乡镇和街道."""
    if _KINDS.match(label):
        return True
    parts = _JOINED.split(label)
    return 2 <= len(parts) <= 3 and all(_KINDS.match(part) or _DIRECTORY.match(part) for part in parts)


_BRANCHES = re.compile(r"(?:(?:政府|政务)?信息)?公开(?:专栏|平台|目录|网|专区)?$|(?:专栏|平台|网站|子站|导航|链接)$")


def _lists_kinds(label: str) -> bool:
    """部门（乡镇）信息公开, 各镇（街道）、县直部门公开平台: kinds of bodies, and that they disclose."""
    kinds = _BRANCHES.sub("", label)
    if kinds == label:
        return False
    parts = [part.removeprefix("各") for part in re.split(r"及其?|以及|[和与、/（）()]", kinds) if part]
    named = (part in ("乡", "镇") or _KINDS.match(part) or _DIRECTORY.match(part) for part in parts)
    return 1 <= len(parts) <= 4 and all(named)


def _below(url: str, parent: str) -> bool:
    """True when an address lies in the directory of another, or is the same page with another query."""
    folder = parent.partition("?")[0].rpartition("/")[0] + "/"
    return url.startswith(folder) or url.partition("?")[0] == parent.partition("?")[0]


def _label(link: Link) -> str:
    """What a link says; one that only says 更多 is called what it stands under."""
    text = squeeze(link.text).strip("[]【】·•>»<|:：")
    return (
        squeeze(link.context).strip("[]【】·•:：|>")
        if (not text or SAYS_NOTHING.match(text)) and link.context
        else text
    )


@lru_cache(maxsize=4096)
def is_column(text: str) -> bool:
    """True for a name of the column of annual reports (or a report without an agency, which reads the same)."""
    label = squeeze(text).strip("[]【】·•>»<|:：")
    return len(label) <= 40 and bool(_COLUMN.match(label)) and not _NOT.search(label)


def _body_in(label: str, link: Link) -> str:
    """The body that a column's name begins with (教育局政府信息公开年报), or under whose name the link stands."""
    name = re.split(r"(?:政府|政务)?信息公开|20\d\d", label, maxsplit=1)[0]
    if is_body(name) or (link.place == "tree" and name):
        return name
    return body_name(link.context) if is_body(link.context) else ""


@lru_cache(maxsize=4096)
def is_body(text: str) -> bool:
    """True for the name of an agency: 教育局, 青砚镇, 城关街道办事处; not for a word that names a kind of them."""
    label = body_name(text)
    if not 2 <= len(label) <= 26 or _DIRECTORY.match(label) or _KINDS.match(label):
        return False
    return bool(_BODY.match(label)) and not _NO_BODY.search(label)


def body_name(text: str) -> str:
    """An agency's name as a link writes it, without what the link adds: 石榆镇信息公开 → 石榆镇."""
    return re.sub(r"(?:政府)?信息公开(?:专栏|目录|平台|年报)?$|网站$", "", squeeze(text)).strip("[]【】·•>»<|:：")


def row_of_body(link: Link) -> str:
    """The body whose row of a table a link stands in that only says what a click does: 教育局 | 点击查看."""
    return link.context if SAYS_NOTHING.match(squeeze(link.text)) and is_body(link.context) else ""


def is_year(text: str) -> bool:
    return bool(_YEAR.match(squeeze(text)))


def is_disclosure(*texts: str) -> bool:
    """True when a page's name, breadcrumbs or address say that it belongs to the disclosure part of a portal."""
    return any("公开" in text or _PATH_DISCLOSURE.search(text) for text in texts if text)


def body_links(links: tuple[Link, ...], least: int = 4) -> frozenset[str]:
    """Addresses of links that name bodies, when a page has several of them: a directory, not a mention. What a system's
    own tree names is believed even when it stands alone."""
    found = {link.url: link for link in links if is_body(link.text)}
    if len({squeeze(link.text) for link in found.values()}) < least:
        return frozenset(url for url, link in found.items() if link.place == "tree")
    return frozenset(found)
