"""China's administrative divisions as data: provinces, prefectures, counties and townships, with their former names.

The lists stand in ``parsers/data`` (``SOURCES.md`` there says where they come from). They are read once, on first use;
names are compared folded, so that a variant character or a space never hides a place.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

Level = Literal[1, 2, 3, 4]
"""1 province, 2 prefecture, 3 county, 4 township."""

LONGEST_NAME = 60  # characters; a longer text is a sentence, not a place

NATIONALITIES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|"
    "土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|"
    "鄂伦春|赫哲|门巴|珞巴|基诺"
)
# the nationalities and the level of 沿河土家族自治县, 威宁彝族回族苗族自治县, 龙胜各族自治县, 东乡族自治县
AUTONOMOUS = re.compile(rf"(?:(?:(?:{NATIONALITIES})族?){{1,4}}|各族|族)?自治(?:县|旗|州|区)")
# 平罗县 -> 平罗, 宁夏回族自治区 -> 宁夏, 锡林郭勒盟 -> 锡林郭勒
PLAIN_TAIL = re.compile(r"(?:省|市|县|区|旗|盟|地区|特区|林区|特别行政区)$")


@dataclass(frozen=True, slots=True)
class Division:
    """``code`` is six digits, nine for a township; ``parent`` the code of the division above, empty for a province."""

    code: str
    name: str
    level: int
    parent: str


@dataclass(frozen=True, slots=True)
class FormerTownship:
    """A township name that the statistics bureau had from ``first_year`` to ``last_year`` and today's list has not."""

    name: str
    kind: str
    first_year: int
    last_year: int
    county_code: str


@dataclass(frozen=True, slots=True)
class Change:
    """A county or prefecture renamed, merged or recoded in ``year``: the list of that year's end has the new one.

    ``new_since`` is the first year whose list has ``new_code`` (2008 for that or before): it tells a county that took
    another one in (东城区) from one that was made of others (姑苏区).
    """

    old: Division
    new_code: str
    new_name: str
    new_since: int
    year: int


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("parsers.data").joinpath(name).open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


@cache
def variants() -> dict[int, str]:
    """Traditional, variant and radical characters of place names -> the standard one, plus white space -> nothing."""
    table = {ord(row["character"]): row["standard"] for row in _rows("variants.csv")}
    table.update(dict.fromkeys(map(ord, " \t\r\n\v\f\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u00a0"), ""))
    return table


@cache
def _variant() -> Callable[[str], object]:
    return re.compile(f"[{re.escape(''.join(map(chr, variants())))}]").search


def fold(text: str) -> str:
    """The form in which names are compared: NFKC, no white space, standard characters.

    >>> fold("郟县 白庙乡（試行）")
    '郏县白庙乡(试行)'
    """
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text.translate(variants()) if _variant()(text) else text


def stem(name: str) -> str:
    """The name without its level: 平罗县 -> 平罗, 威宁彝族回族苗族自治县 -> 威宁. 赵县 stays as it is."""
    if "自治" in name:
        # the first cut that leaves two characters: 融水苗族自治县 is 融水 + 苗族, not 融 + 水族 + 苗族
        cuts = (end for end in range(2, len(name)) if AUTONOMOUS.fullmatch(name, end))
        return name[: next(cuts, len(name))]
    short = PLAIN_TAIL.sub("", name)
    return short if len(short) > 1 else name


@dataclass(frozen=True, slots=True)
class _Index:
    upper: Mapping[str, Division]
    """Provinces, prefectures and counties by code."""
    townships: Mapping[str, tuple[str, ...]]
    """Raw rows ``code,name`` of townships by parent: 38,000 objects are made only where they are asked for."""
    counties: Mapping[str, tuple[Division, ...]]
    """Counties by folded full name and by folded stem."""


def _group(pairs: Iterable[tuple[str, Division]]) -> dict[str, tuple[Division, ...]]:
    groups: dict[str, list[Division]] = {}
    for key, division in pairs:
        found = groups.setdefault(key, [])
        if division not in found:
            found.append(division)
    return {key: tuple(found) for key, found in groups.items()}


@cache
def _index() -> _Index:
    upper: dict[str, Division] = {}
    children: dict[str, list[str]] = {}
    text = files("parsers.data").joinpath("divisions.csv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        code, name, level, parent = line.split(",")
        if level == "4":
            children.setdefault(parent, []).append(f"{code},{name}")
        else:
            upper[code] = Division(code, name, int(level), parent)
    counties = [division for division in upper.values() if division.level == 3]
    parents = {division.parent for division in counties}
    # 东莞, 中山, 儋州, 嘉峪关: prefectures that govern townships directly and so report like a county
    counties += [
        division
        for division in upper.values()
        if division.level == 2 and division.code not in parents and division.code in children
    ]
    full = [(fold(division.name), division) for division in counties]
    short_names = [(alias, upper[code]) for code, names in _aliases().items() for alias in names]
    stems = [(stem(name), division) for name, division in full]
    return _Index(
        upper=upper,
        townships={parent: tuple(rows) for parent, rows in children.items()},
        counties=_group((*full, *stems, *short_names)),
    )


def division(code: str) -> Division | None:
    """The division of today with this code, of any level."""
    if len(code) == 9:
        return next((found for found in townships(code[:6]) if found.code == code), None)
    return _index().upper.get(code)


def county(code: str) -> Division | None:
    """The county of today with this code; 东莞, 中山, 儋州 and 嘉峪关, which have none, count as one."""
    index = _index()
    found = index.upper.get(code)
    if found is None or (found.level != 3 and found not in index.counties.get(fold(found.name), ())):
        return None
    return found


def parent_code(code: str) -> str:
    """The code of the division above, also for a code that is not listed: the prefecture's, else the province's."""
    listed = _index().upper
    if code in listed:
        return listed[code].parent
    prefecture = code[:4] + "00"
    return prefecture if prefecture in listed and prefecture != code else code[:2] + "0000"


def ancestors(code: str) -> tuple[Division, ...]:
    """From the province down to the division itself; empty when the code is not known."""
    chain: list[Division] = []
    found = division(code)
    while found is not None and len(chain) < 4:
        chain.append(found)
        found = _index().upper.get(found.parent)
    return tuple(reversed(chain))


def full_name(code: str) -> str:
    """All names from the province down: 宁夏回族自治区石嘴山市平罗县. Empty when the code is not known."""
    return "".join(part.name for part in ancestors(code))


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for row in _rows("county_aliases.csv"):
        groups.setdefault(row["code"], []).append(row["alias"])
    return {code: tuple(found) for code, found in groups.items()}


def aliases(code: str) -> tuple[str, ...]:
    """Short names that a county goes by and no rule gives (达茂旗 for 达尔罕茂明安联合旗)."""
    return _aliases().get(code, ())


@lru_cache(maxsize=8192)
def upper_names(code: str) -> tuple[str, ...]:
    """Folded names (full and stem) that may stand in front of a child of this division."""
    found = _index().upper.get(code)
    if found is None:
        return ()
    name = fold(found.name)
    return tuple(dict.fromkeys((name, stem(name))))


def is_prefix(text: str, code: str) -> bool:
    """Whether the folded ``text`` consists of names of divisions at or above ``code``, in order from above.

    宁夏石嘴山市 is one for the parent of 平罗县, and so is the empty text.
    """
    rest = text
    for part in ancestors(code):
        names = sorted(upper_names(part.code), key=len, reverse=True)
        rest = next((rest.removeprefix(name) for name in names if rest.startswith(name)), rest)
    return not rest


def _within(name: str) -> Iterator[tuple[int, tuple[Division, ...]]]:
    """Every way to read the tail of a folded name as a county: where the tail begins, and the counties it fits."""
    index = _index()
    for start in range(len(name) - 1):
        found = index.counties.get(name[start:])
        if found:
            yield start, tuple(item for item in found if is_prefix(name[:start], item.parent))


def counties_named(name: str) -> tuple[Division, ...]:
    """Counties of today with this name: full (平罗县), with what is above it (石嘴山市平罗县) or its stem (平罗).

    Several when the name does not decide (鼓楼区: four), a full name before a stem; empty when there is none.
    """
    text = fold(name)
    if not 2 <= len(text) <= LONGEST_NAME:
        return ()
    for _, found in _within(text):
        if found:
            exact = tuple(item for item in found if text.endswith(fold(item.name)))
            return exact or found
    return ()


@cache
def all_counties() -> tuple[Division, ...]:
    """Every county of today in the order of codes, the four prefectures without counties included."""
    index = _index()
    return tuple(item for item in index.upper.values() if county(item.code) is not None)


def counties_of(province: str) -> tuple[Division, ...]:
    """Counties of a province or prefecture given by code (640000, 64) or name (宁夏); empty if unknown."""
    text = fold(province)
    code = text.ljust(6, "0") if text.isdecimal() and len(text) <= 6 else ""
    above = {
        item.code
        for item in _index().upper.values()
        if item.level < 3 and (item.code == code or text in upper_names(item.code))
    }
    return tuple(item for item in all_counties() if above.intersection(part.code for part in ancestors(item.code)))


@cache
def _children() -> dict[str, tuple[Division, ...]]:
    groups: dict[str, list[Division]] = {}
    for item in _index().upper.values():
        groups.setdefault(item.parent, []).append(item)
    return {code: tuple(found) for code, found in groups.items()}


def children(code: str) -> tuple[Division, ...]:
    """Prefectures and counties directly below a province (省直辖 counties too) or prefecture, in the order of codes;
    provinces for an empty code."""
    return _children().get(code, ())


def provinces_named(name: str) -> tuple[Division, ...]:
    """Provinces with this name (宁夏回族自治区, 宁夏) or code (640000, 64)."""
    text = fold(name)
    code = text.ljust(6, "0") if text.isdecimal() and len(text) <= 6 else ""
    return tuple(item for item in children("") if item.code == code or text in upper_names(item.code))


def townships(county_code: str) -> tuple[Division, ...]:
    """Townships, towns and subdistricts of a county today, in the order of codes."""
    rows = (row.split(",", 1) for row in _index().townships.get(county_code, ()))
    return tuple(Division(code, name, 4, county_code) for code, name in rows)


@cache
def _by_name() -> tuple[dict[str, tuple[Division, ...]], dict[str, tuple[str, ...]]]:
    """Provinces and prefectures by folded name, and codes of townships by folded name."""
    index = _index()
    above = _group((fold(item.name), item) for item in index.upper.values() if item.level < 3)
    codes: dict[str, list[str]] = {}
    for rows in index.townships.values():
        for row in rows:
            code, name = row.split(",", 1)
            codes.setdefault(fold(name), []).append(code)
    return above, {name: tuple(found) for name, found in codes.items()}


def above_named(name: str) -> tuple[Division, ...]:
    """Provinces and prefectures with this full name (石嘴山市, 宁夏回族自治区), or with the province before it."""
    text = fold(name)
    above = _by_name()[0]
    for start in range(len(text) - 1):
        found = tuple(item for item in above.get(text[start:], ()) if is_prefix(text[:start], item.parent))
        if found:
            return found
    return ()


def townships_named(name: str) -> tuple[Division, ...]:
    """All townships of the country with this full name: 32 in 100 share theirs with another county's."""
    found = (division(code) for code in _by_name()[1].get(fold(name), ()))
    return tuple(item for item in found if item is not None)


@cache
def _changes() -> tuple[dict[str, tuple[Change, ...]], dict[str, tuple[Change, ...]]]:
    """Changes by old and by new code, each in the order of years."""
    old: dict[str, list[Change]] = {}
    new: dict[str, list[Change]] = {}
    for row in _rows("renames.csv"):
        code, level = row["old_code"], int(row["level"])
        before = Division(code, row["old_name"], level, parent_code(code))
        since = int(row["new_since"] or 0)
        change = Change(before, row["new_code"], row["new_name"], since, int(row["year"]))
        old.setdefault(code, []).append(change)
        new.setdefault(change.new_code, []).append(change)

    def in_order(groups: dict[str, list[Change]]) -> dict[str, tuple[Change, ...]]:
        return {code: tuple(sorted(found, key=lambda item: item.year)) for code, found in groups.items()}

    return in_order(old), in_order(new)


def successors(code: str, year: int) -> tuple[Division, ...]:
    """What the county that had ``code`` at the end of ``year`` is today: itself, one successor, or several.

    Empty when the code is known neither today nor among the former ones.
    """
    old, _ = _changes()
    found: list[Division] = []
    queue = [(code, year)]
    for _ in range(50):  # the longest chain of renames has three links
        if not queue:
            break
        current, since = queue.pop(0)
        later = [change for change in old.get(current, ()) if change.year > since]
        if later:
            first = later[0].year
            queue += [(change.new_code, change.year) for change in later if change.year == first]
        elif (today := _index().upper.get(current)) is not None and today not in found:
            found.append(today)
    return tuple(found)


def county_as_of(code: str, year: int) -> tuple[Division, ...]:
    """What the county with today's ``code`` was at the end of ``year``: several when it was merged later.

    Itself when nothing changed; empty when the code is not known.
    """
    _, new = _changes()
    today = _index().upper.get(code)
    if today is None:
        return ()
    found: list[Division] = []
    queue: list[tuple[Division, int]] = [(today, 9999)]
    for _ in range(50):
        if not queue:
            break
        current, before = queue.pop(0)
        earlier = [change for change in new.get(current.code, ()) if year < change.year < before]
        if not earlier:
            found.append(current)
            continue
        last = earlier[-1].year
        step = [change for change in earlier if change.year == last]
        queue += [(change.old, change.year) for change in step]
        # 东城区 was there before it took 崇文区 in: it goes on as itself
        if step[0].new_since < last and all(change.old.code != current.code for change in step):
            queue.append((current, last))
    return tuple(dict.fromkeys(found))


def former(code: str) -> tuple[Division, int] | None:
    """The county or prefecture that last had a code which is gone, and the year in which it went."""
    changes = _changes()[0].get(code, ())
    return (changes[-1].old, changes[-1].year) if changes else None


def changes_into(code: str) -> tuple[Change, ...]:
    """Every change that made or enlarged the county with today's ``code``, one step back, in the order of years."""
    return _changes()[1].get(code, ())


def counties_once_named(name: str) -> tuple[tuple[Division, int], ...]:
    """Former counties and prefectures of this full name, each with the first year in which it was gone."""
    text = fold(name)
    return _former_names().get(text, ())


@cache
def _former_names() -> dict[str, tuple[tuple[Division, int], ...]]:
    groups: dict[str, dict[Division, int]] = {}
    for changes in _changes()[0].values():
        for change in changes:
            if change.old.name != change.new_name:
                groups.setdefault(fold(change.old.name), {})[change.old] = change.year
    return {name: tuple(found.items()) for name, found in groups.items()}


@cache
def _former_townships() -> dict[str, list[list[str]]]:
    """Raw rows by county: 14,000 objects are made only where they are asked for."""
    groups: dict[str, list[list[str]]] = {}
    with files("parsers.data").joinpath("townships_old.csv").open(encoding="utf-8") as stream:
        rows = csv.reader(stream)
        next(rows)
        for row in rows:
            groups.setdefault(row[0], []).append(row)
    return groups


@lru_cache(maxsize=4096)
def former_townships(county_code: str) -> tuple[FormerTownship, ...]:
    """Township names of this county (code of today) that are no longer official, 2015 to 2023."""
    return tuple(
        FormerTownship(name, kind, int(first), int(last), code)
        for code, name, kind, first, last in _former_townships().get(county_code, ())
    )
