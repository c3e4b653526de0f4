"""Who issued a report: the official full name from the county down, its kind and its division.

The portal's county is the frame. A township is looked up among the county's own (a name occurs once in a county, but a
third of them occur elsewhere too); a department is the county's name and the name as written. A name that belongs to
another county, or to the prefecture or province, is not forced into the frame: it comes back without a division, with
the possible ones as candidates and a note. Nothing is picked where the name does not decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from parsers.reports import divisions
from parsers.reports.divisions import Division, fold
from parsers.reports.model import AgencyKind, Context, Issuer

LONGEST_NAME = 60  # characters
MOST_CANDIDATES = 20

# (本级), (汇总): brackets that say nothing of the issuer
REMARK = re.compile(r"\((?:本级|机关|汇总|含下属单位|综合办公室|办公室|党政办|政务公开办)\)$")
# 政务服务管理局(县数据资源局), 县委办公室(县档案局): a second name plate of the same agency, which comes and goes
PLATE = re.compile(r"(?<=[局委办室会厅队心部])\([^()]{2,30}(?:局|委|委员会|办|办公室|中心|队|站|厅|牌子)\)$")
NOISE = re.compile(r"[\s\"'“”‘’《》〈〉【】\[\],，。:：;；、.·*#_|]+")
# organs of a county government itself
GOVERNMENT = re.compile(r"(?:人民政府|政府|人民政府机关|政府机关)?")
GOVERNMENT_OFFICE = re.compile(r"(?:人民)?政府(?:办公室|办公厅|办)|府办公?室?|政府办公室\(.*\)")
# one tail behind a township: 人民政府, 办事处, 政府党政办公室; 镇 乡 街道 are never cut
TOWNSHIP_TAIL = re.compile(
    r"(?:(?:人民)?政府|(?<=街道)办(?!公室)|办事处|管理处)?(?:党委)?"
    r"(?:(?:党政|综合|党政综合|党建|政务公开)?(?:办公室|事务办公室|办))?$"
)
# 陶乐镇, 梅花村街道, 梅花村街, 赛汉陶来苏木, 三间房地区(办事处)
TOWNSHIP = re.compile(r"^[\u3007\u3400-\u9fff\U00020000-\U0003ffff]{1,20}?(?:镇|乡|街道|街|苏木|区公所|地区)$")
TOWNSHIP_LEVEL = re.compile(rf"(?:(?:{divisions.NATIONALITIES})族?)*(?:民族)?(?:镇|乡|街道|街|苏木|地区)$")
# what only a level word leaves over: 新县 + 镇 is 新县镇, 城区 + 街道 is a subdistrict's name
LEVEL_WORD = re.compile(r"^(?:镇|乡|街道?|街道办事处|街道办|苏木|地区|道)(?:人民政府|政府|办事处)?$")
# names of counties that are common words: a prefecture must stand before them
COMMON_WORDS = frozenset(
    {"城区", "郊区", "矿区", "东区", "西区", "新城区", "市中区", "城中区", "城关区", "新市区", "老城区"}
)
DEPARTMENT = re.compile(
    r"(?:局|委|办|办公室|厅|科|所|站|中心|会|队|部|院|馆|社|处|法院|检察院|总站|分局|组|窗口|委员会|联合会|指挥部|台|署|库|段|关|"
    r"网|[残妇侨文]联|工商联|社科联|科协)$"
)
# 管理委员会, 开发区, hospitals, schools, companies, farms, regiments: neither department nor township
OTHER = re.compile(
    r"(?:管理委员会|管委会|管理处|开发区|园区|新区|景区|示范区|保护区|医院|卫生院|学校|中学|小学|幼儿园|学院|大学|公司|集团|银行|"
    r"农场|林场|牧场|渔场|茶场|[0-9一二三四五六七八九十]+团|团场|师|馆|电视台|居委会|村委会|居民委员会|村民委员会|社区)$"
)
# 新疆生产建设兵团第八师石河子市, 第三师图木舒克市
CORPS = re.compile(r"^(?:新疆生产建设)?(?:兵团)?(?:第?[0-9一二三四五六七八九十]+师)$")
# what stands before and behind the county's name in the name of a branch: 国家税务总局…税务局, 市公安局…分局
SUPERIOR = re.compile(r"局|公司|总局|集团|国网|国家|中国|公安|消防|供电|电网|税务|烟草")
BRANCH = re.compile(r"分局|支局|税务局|烟草|供电|电力|邮政|气象|海关|消防|银行|公司")
# a level word in front of a name stands for the portal's own county: 市 in 市教育局 and 市民政局, 区 in 区民政局;
# but the first sign of these is no level: 市场监督管理局, 市政园林局, 市容局, 市监局, 市民中心, 区域合作办公室
LEVEL = r"(?P<level>特区|林区|县|区(?!域|划)|市(?!场|容|监局|民(?:中心|服务)|政(?![府务协法]))|旗)"
OWN = re.compile(rf"^(?:我|本|全)?{LEVEL}(?=.)")
PARTY = re.compile(r"^(?:中共|中国共产党)")
# 来源:, 发布机构: in front; 平罗县人民政府门户网站 is no issuer
LABEL = re.compile(r"^(?:信息|文章|稿件)?(?:来源|发布机构|发布部门|发布机关|发布单位|发文机关|公开主体|责任部门)[:：]")
SITE = re.compile(r"(?:网站?|门户|平台|公众号|app)$", re.IGNORECASE)
GENERIC = frozenset(
    {
        "本机关",
        "本单位",
        "我单位",
        "本局",
        "我局",
        "本办",
        "我办",
        "我委",
        "原创",
        "未知",
        "未知来源",
        "互联网",
        "本站",
        "管理员",
        "办公室",
        "综合办公室",
        "党政办",
        "党政办公室",
    }
)
# 国务院办公厅, 财政部: bodies above every division; 组织部 or 武装部 are a county's
NATIONAL = re.compile(
    r"^(?:国务院|中华人民共和国|全国人民代表大会)|^(?:教育|科学技术|科技|工业和信息化|公安|民政|司法|财政|交通运输|商务|农业|农业农村"
    r"|水利|生态环境|环境保护|自然资源|国土资源|住房和城乡建设|人力资源和社会保障|人力资源社会保障|外交|国防|退役军人事务|应急管理|文化|文化和旅游)部$"
)
# 市 or 省 in front of an organ on a county's portal
ABOVE = re.compile(
    r"^(?P<level>市(?!场|容|监局|民(?:中心|服务)|政(?![府务协法]))|省|自治区|州|盟|自治州)(?=人民政府|政府|[\u4e00-\u9fff]{1,12}(?:局|委|办|厅|会|院|部|中心)$)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """The county whose portal published the report, with what its names are compared to."""

    code: str
    name: str
    stem: str
    above: tuple[str, ...]
    """Folded full names of the divisions above."""
    parent: str
    townships: dict[str, Division] = field(repr=False)
    stems: dict[str, tuple[Division, ...]] = field(repr=False)
    former: frozenset[str] = field(repr=False)
    """Folded township names that are no longer official."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A name and where it was read."""

    role: str
    text: str


def identify(
    *,
    title_agency: str,
    context: Context,
    signature: str = "",
    contact_agency: str = "",
    year: int | None = None,
) -> Issuer:
    """Identify the issuer. The title's agency counts, then the list's, the signature's and the contact sentence's.

    A later source never overrules an earlier one, but one that names somebody else is said in ``note``. An issuer that
    is not the portal's own has an empty ``division_code``, ``candidates`` and a note; its ``county_code`` is its own
    county where that is certain, else empty.
    """
    home = _home(context.county_code, fold(context.county_name))
    sources = (
        Source("title", title_agency),
        Source("list", context.agency),
        Source("signature", signature),
        Source("contact", contact_agency),
    )
    found = [(source, named) for source in sources if (named := _named(source.text, home, year)) is not None]
    if not found:
        note = "; ".join(part for part in ("no agency is named", home.note) if part)
        return Issuer("", "other", context.county_code, "", "", note=note)
    chosen = found[0][1]
    doubts = [home.note] if home.note else []
    doubts += [f"{source.role} names {named.name}" for source, named in found[1:] if _contradicts(chosen, named)]
    return replace(chosen, note="; ".join(dict.fromkeys(part for part in (chosen.note, *doubts) if part)))


def _contradicts(chosen: Issuer, other: Issuer) -> bool:
    """Whether two sources name different issuers; a county's office may sign for the county, and a list name less."""
    if other.name == chosen.name or not other.name or not chosen.name:
        return False
    if other.kind == "township" or chosen.kind == "township":
        same = bool(other.division_code) and other.division_code == chosen.division_code
        return not same and not other.name.startswith(chosen.name) and not chosen.name.startswith(other.name)
    return not (other.name.startswith(chosen.name) or chosen.name.startswith(other.name))


@lru_cache(maxsize=4096)
def _home(code: str, county_name: str) -> Home:
    """The portal's county; unknown codes work with the name that the registry gives, their townships are learned."""
    today = divisions.division(code) if len(code) == 6 else None
    note = ""
    if today is None and code:
        former = divisions.former(code)
        heirs = divisions.successors(code, former[1] - 1) if former else ()
        name = fold(former[0].name) if former else county_name
        note = f"{code} is not in today's list of divisions" + (
            f": {'、'.join(h.name for h in heirs)}" if heirs else ""
        )
    elif today is None:
        named = divisions.counties_named(county_name) if county_name else ()
        if len(named) == 1:
            return _home(named[0].code, fold(named[0].name))
        heirs, name = (), county_name
    else:
        heirs, name = (today,), fold(today.name)
    own = [item for heir in heirs for item in divisions.townships(heir.code)]
    stems: dict[str, list[Division]] = {}
    for item in own:
        stems.setdefault(_township_stem(fold(item.name)), []).append(item)
    parent = divisions.parent_code(code) if code else ""
    return Home(
        code=code,
        name=name,
        stem=divisions.stem(name) if name else "",
        above=tuple(fold(part.name) for part in divisions.ancestors(parent)),
        parent=parent,
        townships={fold(item.name): item for item in own},
        stems={key: tuple(items) for key, items in stems.items()},
        former=frozenset(fold(item.name) for heir in heirs for item in divisions.former_townships(heir.code)),
        note=note,
    )


def _township_stem(name: str) -> str:
    short = TOWNSHIP_LEVEL.sub("", name)
    return short or name


def _named(text: str, home: Home, year: int | None) -> Issuer | None:
    """One name as an issuer, or None when it names nobody (我局, 原创, a sentence)."""
    written = fold(text[: 4 * LONGEST_NAME])
    name = NOISE.sub("", PLATE.sub("", REMARK.sub("", LABEL.sub("", written))))
    name = PARTY.sub("", name)
    if (
        not 2 <= len(name) <= LONGEST_NAME
        or name in GENERIC
        or SITE.search(name)
        or not re.search(r"[\u4e00-\u9fff]", name)
    ):
        return None
    if NATIONAL.search(name):
        return Issuer(name, "department", "", "", written, note="a national body")
    found = _at_home(name, home, year) if home.name else None
    found = found or _elsewhere(name, home) or _unframed(name, home)
    return replace(found, as_written=written)


# --- the portal's own county ---------------------------------------------------------------------------------------


def _at_home(name: str, home: Home, year: int | None) -> Issuer | None:
    """The name read inside the portal's county, or None when it speaks of somewhere else."""
    then = _name_then(home, year)
    if (own := _own_township(name, home, then)) is not None:
        return own
    county, rest = _cut_county(name, home, year)
    if county:
        return _below(rest, home, county)
    if (before := _vertical(name, home)) is not None:
        return before
    if _foreign(name, home) or _above(name, home):
        return None
    level = OWN.match(name)
    if level is not None:
        issuer = _below(name[level.end() :], home, then)
        if then.endswith(level["level"]) or any(item.name.endswith(level["level"]) for item in _then(home, year)):
            return issuer
        return replace(issuer, note=f"speaks of a {level['level']}, the portal is {home.name}")
    if len(home.stem) > 1 and name.startswith(home.stem):
        rest = name[len(home.stem) :]
        organ = DEPARTMENT.search(rest) and not TOWNSHIP.match(name)
        if organ or GOVERNMENT.fullmatch(rest) or _listed(rest, home) is not None:
            return _below(rest, home, then)
    return _below(name, home, then)


def _name_then(home: Home, year: int | None) -> str:
    """The county's name at the end of the report's year, where one county of then is the county of today."""
    then = _then(home, year)
    return fold(then[0].name) if len(then) == 1 else home.name


@lru_cache(maxsize=4096)
def _then(home: Home, year: int | None) -> tuple[Division, ...]:
    return divisions.county_as_of(home.code, year) if year is not None and home.code else ()


def _listed(name: str, home: Home) -> Division | None:
    """The county's township with this name, whatever organ stands behind it."""
    return home.townships.get(TOWNSHIP_TAIL.sub("", name)) or home.townships.get(name)


def _own_township(name: str, home: Home, county: str) -> Issuer | None:
    """A township of the county by its whole name: 新县镇, 城郊乡 and 云县镇 before any county is seen in them."""
    found = _listed(name, home)
    return _township(fold(found.name), found, home, county) if found else None


@lru_cache(maxsize=4096)
def _county_names(home: Home, year: int | None) -> tuple[str, ...]:
    """Names under which the county may appear: today's, a short form (威宁县 for 威宁彝族回族苗族自治县), former ones.

    A former name that belongs to the prefecture today (铜仁市 until 2011) is the county's only in reports of before.
    """
    names = [home.name]
    if "自治" in home.name and len(home.stem) > 1:
        names += [f"{home.stem}自治{home.name[-1]}", f"{home.stem}{home.name[-1]}"]
    names += divisions.aliases(home.code)
    names += [fold(item.name) for item in _then(home, year)]
    for change in divisions.changes_into(home.code) if home.code else ():
        if fold(change.old.name) not in home.above:
            names.append(fold(change.old.name))
    return tuple(dict.fromkeys(names))


def _cut_county(name: str, home: Home, year: int | None) -> tuple[str, str]:
    """The county's name (of today or of the report's year) and what follows it; empty when it is not named."""
    then = {fold(item.name) for item in _then(home, year)}
    for county in _county_names(home, year):
        start = name.find(county)
        while 0 <= start <= LONGEST_NAME:
            before, rest = name[:start], name[start + len(county) :]
            framed = not before or divisions.is_prefix(before, home.parent) or CORPS.match(before)
            if framed and not LEVEL_WORD.match(rest):
                short = county not in then and (county.startswith(home.stem) or county in divisions.aliases(home.code))
                return (home.name if short else county), rest
            start = name.find(county, start + 1)
    return "", name


def _vertical(name: str, home: Home) -> Issuer | None:
    """国家税务总局平罗县税务局, 石嘴山市公安局平罗分局: organs of somebody above, for this county. The name stays."""
    inside = name.find(home.name, 1)
    if inside < 0 and len(home.stem) > 1:
        inside = name.find(home.stem, 1)
        if inside >= 0 and not BRANCH.search(name, inside):
            return None
    if inside < 0 or not SUPERIOR.search(name, 0, inside):
        return None
    prefecture = home.above[-1] if home.above else ""
    if name[0] == "市" and prefecture.endswith("市"):
        name = prefecture + name[1:]
    return Issuer(name, _kind(name), home.code, home.code, "")


def _below(rest: str, home: Home, county: str) -> Issuer:
    """What stands behind the county's name: its government, the office, a township, a department, something else."""
    if GOVERNMENT.fullmatch(rest):
        organ = "人民政府机关" if rest.endswith("机关") else "人民政府"
        return Issuer(county + organ, "county", home.code, home.code, "", note=_former_note(county, home))
    if GOVERNMENT_OFFICE.fullmatch(rest):
        return Issuer(
            f"{county}人民政府办公室", "department", home.code, home.code, "", note=_former_note(county, home)
        )
    rest = re.sub(r"^(?:人民政府|政府(?=[\u4e00-\u9fff]{2,}(?:镇|乡|街道|局|委|办事处)))", "", rest) or rest
    found = _listed(rest, home)
    if found is None and len(rest) > 2 and rest[0] == county[-1] and re.match(LEVEL, rest):
        rest = rest[1:]  # 平罗县 + 县教育局; but 赤水市 + 市中街道 is its own name
        found = _listed(rest, home)
    if found is not None:
        return _township(fold(found.name), found, home, county)
    short = TOWNSHIP_TAIL.sub("", rest)
    if TOWNSHIP.match(short) and not (short.endswith("街") and not short[:-1]):
        return _unlisted_township(short, home, county)
    if (same := home.stems.get(short, ())) and short != rest:
        if len(same) == 1:
            return _township(fold(same[0].name), same[0], home, county)
        return _ambiguous(county + rest, "township", home.code, same, "several townships of this name")
    if rest in home.stems and len(home.stems[rest]) == 1 and not DEPARTMENT.search(rest):
        return _township(fold(home.stems[rest][0].name), home.stems[rest][0], home, county)
    return Issuer(county + rest, _kind(rest), home.code, home.code, "", note=_former_note(county, home))


def _former_note(county: str, home: Home) -> str:
    return f"{county} is {home.name} today" if county != home.name else ""


def _official(township: str) -> str:
    """陶乐镇 -> 陶乐镇人民政府, 人民路街道 -> 人民路街道办事处, 三间房地区 -> 三间房地区办事处."""
    if township.endswith(("街道", "地区")):
        return f"{township}办事处"
    if township.endswith(("镇", "乡", "苏木")):
        return f"{township}人民政府"
    return township


def _township(name: str, found: Division, home: Home, county: str) -> Issuer:
    return Issuer(county + _official(name), "township", home.code, found.code, "", note=_former_note(county, home))


def _unlisted_township(short: str, home: Home, county: str) -> Issuer:
    """A township that today's list does not have under this name: a former one, or one of a county that is not listed.

    白庙乡 that is 白庙镇 today keeps its name of then and gets today's code by its stem; several of one stem decide
    nothing.
    """
    if short.endswith("街"):
        short += "道"
    same = home.stems.get(_township_stem(short), ())
    if short in home.townships:
        return _township(short, home.townships[short], home, county)
    if len(same) > 1:
        return _ambiguous(county + _official(short), "township", home.code, same, "several townships have this stem")
    if same:
        note = f"{same[0].name} today"
        return Issuer(county + _official(short), "township", home.code, same[0].code, "", note=note)
    note = "no longer a township" if short in home.former else "not among the county's townships of today"
    return Issuer(county + _official(short), "township", home.code, "", "", note=note if home.townships else "")


def _kind(name: str) -> AgencyKind:
    if OTHER.search(name):
        return "other"
    return "department" if DEPARTMENT.search(name) else "other"


def _ambiguous(name: str, kind: AgencyKind, county: str, found: Iterable[Division], note: str) -> Issuer:
    codes = tuple(item.code for item in found)[:MOST_CANDIDATES]
    return Issuer(name, kind, county, "", "", candidates=codes, note=note)


# --- somebody else -------------------------------------------------------------------------------------------------


def _heads(name: str) -> Iterator[int]:
    """Where a county's, prefecture's or province's name may end in this name, the longest first."""
    for end in range(min(len(name), 30), 1, -1):
        if name[end - 1] in "县市区旗省州盟":
            yield end


def _foreign(name: str, home: Home) -> tuple[Division, ...]:
    """Counties, other than the portal's, with whose full name (perhaps behind those above) the name begins."""
    for end in _heads(name):
        rest = name[end:]
        if name[end - 1] not in "县市区旗" or LEVEL_WORD.match(rest):
            continue
        head = name[:end]
        found = [item for item in divisions.counties_named(head) if head.endswith(fold(item.name))]
        found = [item for item in found if item.code != home.code and item.level == 3]
        if not found or (head in COMMON_WORDS and rest):
            continue
        return tuple(found)
    return ()


def _above(name: str, home: Home) -> tuple[Division, ...]:
    """The prefecture or province with whose name this one begins, or which 市教育局 means on a county's portal."""
    level = ABOVE.match(name)
    if level is not None and home.name and not home.name.endswith(level["level"]):
        wanted = ("省", "自治区") if level["level"] in ("省", "自治区") else ("市", "州", "盟", "地区")
        return tuple(
            part for part in divisions.ancestors(home.parent) if part.name.endswith(wanted) and part.code != home.code
        )[-1:]
    for end in _heads(name):
        found = divisions.above_named(name[:end])
        if found:
            return tuple(item for item in found if item.code != home.code)
    return ()


def _elsewhere(name: str, home: Home) -> Issuer | None:
    """A name that begins with another county's, or with the prefecture's or province's."""
    counties = _foreign(name, home)
    if counties:
        return _in_counties(name, counties, home)
    above = _above(name, home)
    if not above:
        return None
    note = f"issued by {above[0].name}, above the portal's county" if home.name else "above the counties"
    kind = _kind(name) if DEPARTMENT.search(name) else "other"
    return Issuer(name, kind, "", "", "", candidates=tuple(item.code for item in above), note=note)


def _in_counties(name: str, counties: tuple[Division, ...], home: Home) -> Issuer:
    """The name read in each county it may mean; one reading is certain only without a portal or below the portal."""
    readings = []
    for county in counties:
        frame = _home(county.code, fold(county.name))
        cut, rest = _cut_county(name, frame, None)
        readings.append(_below(rest if cut else name, frame, frame.name))
    listed = [reading for reading in readings if reading.kind == "township" and reading.division_code]
    certain = listed if len(listed) == 1 else readings
    if len(certain) > 1:
        return _ambiguous(certain[0].name, certain[0].kind, "", counties, "several counties have this name")
    reading = certain[0]
    if not home.name or _is_below(reading.county_code, home.code):
        return reading
    note = f"names {divisions.full_name(reading.county_code)}, which is not the portal's {home.name}"
    candidates = (reading.division_code,) if reading.division_code else (reading.county_code,)
    return replace(reading, division_code="", candidates=candidates, note=note)


def _is_below(code: str, above: str) -> bool:
    """Whether a county lies below the portal's division: the portal of a prefecture or province."""
    return any(part.code == above for part in divisions.ancestors(code)[:-1])


def _unframed(name: str, home: Home) -> Issuer:
    """No county in the name and none from a portal: a township may be known by its name alone, if only one has it."""
    short = TOWNSHIP_TAIL.sub("", name)
    if not home.name and TOWNSHIP.match(short):
        found = divisions.townships_named(short)
        if len(found) == 1:
            county = divisions.county(found[0].parent) or found[0]
            official = fold(county.name) + _official(fold(found[0].name))
            return Issuer(official, "township", county.code, found[0].code, "", note="the only township of this name")
        if found:
            return _ambiguous(_official(short), "township", "", found, f"{len(found)} townships have this name")
        return Issuer(_official(short), "township", "", "", "", note="no county is known")
    return Issuer(name, _kind(name), home.code, "", "", note="no county is known")
