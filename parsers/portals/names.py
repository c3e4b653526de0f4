"""Which division a text names: a link on a portal above it, or a part of a page's title or footer.

A text names a division when nothing is left once the words that every portal's name has are cut off
(平罗县人民政府门户网站, 中国·平罗, 宁夏平罗县政府网). 平罗县教育局 and 平罗新闻网 leave something and name nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from parsers.portals.model import Kind
from parsers.reports import divisions
from parsers.reports.divisions import Division, fold, is_prefix, stem

LONGEST = 60
"""Characters; a longer text is a headline."""

# brackets, dots, bars and arrows around a name, and the dot in 中国·平罗
NOISE = re.compile(r"[\s\"'“”‘’《》〈〉【】\[\]()|>»›＞·•・‧.。,，、:：;；*#_—–\-+●■◆▪□▶►…!！]+")
WELCOME = re.compile(r"^(?:欢迎(?:访问|光临|来到|您?进入)|进入|首页|网站首页)")
COUNTRY = re.compile(r"^中国")
# 人民政府, 政府门户网站, 人民政府办公室, 政务网, 门户网站, 网, 首页: what follows a division in a portal's name
TAIL = re.compile(
    r"(?:(?P<government>人民政府|政府)(?:办公(?:室|厅)|办)?)?"
    r"(?:官方|公众|公开|信息|政务|党政|政府|门户)*(?P<site>网站|网页|网|站|平台)?(?:\(?(?:首页|主页|主站|新版|官网|中文版|简体版?|ipv6|欢迎您?|无障碍版?)\)?)?$",
    re.I,
)
PARTY = re.compile(r"^中共(?P<name>.{2,20}?)(?:委员会|委)(?:办公室)?(?P<rest>.*)$")
CORPS = re.compile(r"^(?:新疆生产建设)?(?:兵团)?(?:第?[0-9一二三四五六七八九十]{1,3}师)")
"""What stands before the cities of the 兵团: 第八师石河子市, 新疆生产建设兵团第三师图木舒克市."""
CORPS_CITIES = "6590"
AUTONOMOUS = re.compile(r"自治([州县旗])$")
ORGAN = re.compile(
    r"(?:局|委|委员会|办|办公室|厅|科|中心|院|部|馆|社|处|队|所|(?<!网)站|会|台|署|联|医院|学校|中学|小学|大学|公司|集团|银行|"
    r"开发区|高新区|经开区|园区|管委会|景区|新闻网|服务网|信息港|在线|论坛|日报|电视台|融媒|发布|党建网|人大网|政协网|文明网|长安网|"
    r"廉政网|监委网|招商网|旅游网|人才网|教育网)(?:官方|门户)*(?:网站|网|官网|首页)?$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A division that a text names, and how."""

    division: Division
    kind: Kind


@lru_cache(maxsize=8192)
def names(code: str) -> tuple[tuple[str, Kind], ...]:
    """Folded names that a division goes by, the best first: full, short, former.

    >>> names("640221")
    (('平罗县', 'full'), ('平罗', 'short'))
    """
    found = divisions.division(code)
    if found is None:
        return ()
    known: dict[str, Kind] = {}
    for name, kind in _spelled(fold(found.name), ("full", "short")):
        known.setdefault(name, kind)
    for alias in divisions.aliases(code):
        known.setdefault(fold(alias), "short")
    for name in _former(code):
        for spelled, kind in _spelled(fold(name), ("old", "old")):
            known.setdefault(spelled, kind)
    return tuple(known.items())


def _spelled(name: str, kinds: tuple[Kind, Kind]) -> Iterator[tuple[str, Kind]]:
    """The name, its stem, and for 海南藏族自治州 also 海南州."""
    yield name, kinds[0]
    short = stem(name)
    if len(short) >= 2:
        if level := AUTONOMOUS.search(name):
            yield short + level[1], kinds[1]
        yield short, kinds[1]


def _former(code: str) -> list[str]:
    """Names of what became this division, the nearest first; merged neighbours included."""
    found: list[str] = []
    queue = [code]
    for _ in range(30):  # the longest chain of renames has three links
        if not queue:
            break
        for change in reversed(divisions.changes_into(queue.pop(0))):
            if change.old.name not in found:
                found.append(change.old.name)
                queue.append(change.old.code)
    return found


@lru_cache(maxsize=512)
def _below(code: str) -> dict[str, tuple[Named, ...]]:
    """Every name of a division's children and, where these have counties, of the counties."""
    found: dict[str, list[Named]] = {}
    for child in below(code):
        for name, kind in names(child.code):
            found.setdefault(name, []).append(Named(child, kind))
    return {name: tuple(each) for name, each in found.items()}


@lru_cache(maxsize=512)
def below(code: str) -> tuple[Division, ...]:
    """Prefectures and counties below a division, children first."""
    children = divisions.children(code)
    return (*children, *(grandchild for child in children for grandchild in divisions.children(child.code)))


def plain(text: str) -> str:
    """A text as names are compared: folded, without ornaments."""
    return NOISE.sub("", fold(text))


def core(text: str) -> tuple[str, bool, bool]:
    """(what is left of a portal's name, it says 政府, it says 中国 before): ``中国·平罗县人民政府网`` -> 平罗县.

    A tail is only cut where at least two characters stay.
    """
    name = WELCOME.sub("", plain(text)[: LONGEST + 20])
    chinese = bool(COUNTRY.match(name)) and len(name) > 3
    name = name[2:] if chinese else name
    for match in TAIL.finditer(name, 2):
        if match.group():
            return name[: match.start()], bool(match["government"]) or "政府" in match.group(), chinese
    return name, False, chinese


def name_of(text: str, code: str) -> Kind | None:
    """How a text without head and tail names a division: with or without the names above it. None when it does not.

    >>> name_of("石嘴山市平罗县", "640221")
    'full'
    """
    if code.startswith(CORPS_CITIES):
        text = CORPS.sub("", text)
    above = divisions.parent_code(code)
    for name, kind in names(code):
        if text.endswith(name) and is_prefix(text[: -len(name)], above):
            return kind
    return None


def named(text: str, parent: str, context: str = "") -> Named | None:
    """The division below ``parent`` that the text of a link names, or None when there is none or several are left.

    A full name goes before a short one, a short one before a former one, a child before a grandchild. Where a name is
    that of several (鼓楼区 in 江苏), ``context``, the heading of the link, has to name what is above one of them.
    """
    if not 2 <= len(text) <= LONGEST:
        return None
    text = core(text)[0]
    found: list[Named] = []
    for start in range(max(0, len(text) - 20), len(text) - 1):
        for each in _below(parent).get(text[start:], ()):
            head = text[:start]
            if is_prefix(head, each.division.parent) or (
                each.division.code.startswith(CORPS_CITIES) and CORPS.fullmatch(head)
            ):
                found.append(each)
    for kind in ("full", "short", "old"):
        for level in (True, False):
            fitting = [one for one in found if one.kind == kind and (one.division.parent == parent) == level]
            if len(fitting) > 1 and context:
                heading = core(context)[0]
                fitting = [one for one in fitting if name_of(heading, one.division.parent)] or fitting
            if fitting:
                return fitting[0] if len({one.division.code for one in fitting}) == 1 else None
    return None


def somebody(text: str) -> tuple[Division, ...]:
    """Divisions whose government a text is, by full names only: 石嘴山市人民政府 is one, 平罗县教育局 none."""
    name, government, _ = core(text)
    if not government or len(name) < 2:
        return ()
    return tuple({one.code: one for one in (*divisions.above_named(name), *divisions.counties_named(name))}.values())


def is_organ(text: str) -> bool:
    """Whether a text is the name of a department, a medium, a zone or a company."""
    name = plain(text)
    return bool(ORGAN.search(name)) and not re.search(r"政府(?:办公(?:室|厅)|办)?$", name)
