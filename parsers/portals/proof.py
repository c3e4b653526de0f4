"""Whose portal a page is, judged over all visits of a run: a code that several sites carry proves none of them.

A page proves itself by its 政府网站标识码, whose first six digits are the code of its division; a code that is no
longer official counts for its successor. Without a usable code, its title and its footer (主办, 版权所有) together do.
The rules for what the field offers besides:

======================================  ===============================================================================
two addresses prove themselves          the better evidence, then today's name, then the front page, then the domain
                                        that the page itself names; where nothing decides, neither is proved
the same code on several sites          a copied template: it proves nobody, title and footer have to
a code of another division              not its portal, whatever the title says; with title and footer for it: unproved
the code of the prefecture above        title and footer decide (a county that its prefecture's platform serves)
a path on another portal's host         taken only when no host of its own proves itself; said in the remark
a disclosure host (zwgk.x.gov.cn)       its link to the front page is followed; alone it stands, with a remark
a host that redirects                   the address where the page was in the end, and where it came from
robots.txt, a wall, no answer           unproved: nothing is known of it
a department, a medium, a zone          not a portal: its name says so, whatever its code
a host that does not end as portals do  needs a code of its own (gov.cn is checked by the state, a bought name is not)
======================================  ===============================================================================
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from parsers.listings.keys import record_key
from parsers.portals.identity import Identity
from parsers.portals.links import ending, is_front, site
from parsers.portals.model import Explored, Finding, Visit
from parsers.portals.names import CORPS, CORPS_CITIES, PARTY, below, core, is_organ, name_of, plain, somebody
from parsers.reports import divisions

OLDEST = 2008
# zwgk.pingluo.gov.cn, xxgk., info., zfxxgk., public.: hosts that hold only what was disclosed
DISCLOSURE = re.compile(r"^(?:zwgkw?|xxgkw?|zfxxgkw?|zfxxgkml|gkml|gk|xxgkml|zwxx|info|public|open)\d?\.", re.I)
SEPARATOR = re.compile(r"[-_|—–>»,，、/:：\s]{1,20}")

Says = Literal["government", "name", "organ", "other", ""]
"""What a text says of a division: it is its government, it is only its name, it is one of its organs or media, it is
the government of another division, or nothing."""


def says(text: str, code: str) -> Says:
    """What a name, a title or a footer says of a division.

    >>> says("中国·平罗", "640221"), says("平罗县教育局", "640221"), says("惠农区人民政府", "640221")
    ('name', 'organ', 'other')
    """
    whole = text[:200]
    if _says(whole, code) == "government":  # 平罗县 人民政府
        return "government"
    said = [_says(part, code) for part in SEPARATOR.split(whole) if 2 <= len(part) <= 80]
    # the first part names the page: 平罗县教育局-平罗县人民政府 is a department's
    for one in said:
        if one not in ("", "name"):
            return one
    return "name" if "name" in (*said, _says(whole, code)) else ""


_STRENGTH: tuple[Says, ...] = ("government", "name", "organ", "other")


def _says(part: str, code: str) -> Says:
    name, government, chinese = core(part)
    if party := PARTY.match(name):  # 中共平罗县委 平罗县人民政府
        name, government = party["rest"] or party["name"], government and bool(party["rest"])
    kind = name_of(name, code)
    others = somebody(part)
    # 哈密市 was the name of 伊州区 and is today that of the prefecture above it
    if kind and not (kind == "old" and others and all(one.code != code for one in others)):
        # the cities of the 兵团 are run by their division: 第八师石河子市 is a government
        corps = code.startswith(CORPS_CITIES) and bool(CORPS.match(name))
        return "government" if government or corps else "name"
    if others and all(one.code != code for one in others):
        return "other"
    if is_organ(part) and not chinese:
        return "organ"
    return ""


def owners(site_code: str) -> tuple[str, ...]:
    """Codes of today's divisions that the first six digits stand for; several for one that was divided, none for a zone
    or a number that never was a division's."""
    code = site_code[:6]
    if divisions.division(code) is not None:
        return (code,)
    return tuple(found.code for found in divisions.successors(code, OLDEST))


@dataclass(frozen=True, slots=True)
class Weight:
    """What one visit is worth. ``level``: 3 proved by its code, 2 by title and footer, 1 something speaks for it, 0
    nothing is known, -1 something speaks against it."""

    visit: Visit
    level: int
    evidence: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return self.visit.url or self.visit.asked


def weigh(
    visit: Visit, shared: Mapping[str, frozenset[str]], official: frozenset[str], hosts: Mapping[str, str]
) -> Weight:
    """``shared``: codes that several sites carry; ``official``: endings of portals' hosts; ``hosts``: sites that are
    the portal of another division."""
    identity = visit.identity
    if identity is None:
        level = -1 if visit.outcome in ("gone", "skipped") else 0
        return Weight(visit, level, "", (f"{_REASONS.get(visit.outcome, visit.outcome)}: {visit.reason}"[:120],))
    spoken = _spoken(identity, visit.code)
    by_code, code_says = _by_code(identity, visit, shared)
    remarks = [code_says] if code_says else []
    above = hosts.get(site(visit.url), visit.code)
    inside = not is_front(visit.url) and above != visit.code
    if inside:
        remarks.append(f"served below the host of {_name(above)}")
    foreign = ending(visit.url) not in official
    if foreign:
        remarks.append(f"its host does not end in {' or '.join(sorted(official))}")
    evidence = _evidence(identity, spoken, by_code)
    if by_code == "other" or (spoken.title == "other" and spoken.runner != "government"):
        both = spoken.title == spoken.runner == "government"
        return Weight(visit, 1 if both else -1, evidence, (*remarks, *spoken.against))
    if spoken.title == "organ" or (spoken.title != "government" and spoken.runner in ("organ", "other")):
        strong = by_code == "own" and spoken.title == "name" and spoken.runner == "organ" and spoken.chinese
        if not strong:
            return Weight(
                visit,
                -1 if spoken.title == "organ" else min(1, _plain(spoken, by_code)),
                evidence,
                (*remarks, *spoken.against),
            )
    if by_code == "own" and spoken.title != "other":
        return Weight(visit, 3, evidence, tuple(remarks))
    if spoken.title in ("government", "name") and spoken.runner == "government" and not foreign:
        return Weight(visit, 2, evidence, tuple(remarks))
    if visit.empty and not identity.codes:
        return Weight(visit, 0, evidence, (*remarks, "its page shows nothing without a browser"))
    if not spoken.title and not spoken.runner and by_code != "several" and not visit.mentioned:
        return Weight(visit, -1, evidence, (*remarks, "its page does not name it"))
    lacking = "neither a code of its own nor title and footer together prove it"
    return Weight(visit, 1, evidence, (*remarks, *spoken.against, lacking))


_REASONS = {
    "gone": "nothing is there",
    "blocked": "a wall stands before it",
    "disallowed": "its robots.txt refuses",
    "unreachable": "no answer",
    "skipped": "not a page",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What title and site name say together, and what the runners do; ``against`` are sentences for the remark."""

    title: Says
    runner: Says
    title_text: str = ""
    runner_text: str = ""
    chinese: bool = False
    against: tuple[str, ...] = ()


def _spoken(identity: Identity, code: str) -> Spoken:
    titles = {text: says(text, code) for text in (identity.title, identity.site) if text}
    runners = {text: says(text, code) for text in identity.runners}
    title, title_text = _strongest(titles)
    runner, runner_text = _strongest(runners)
    against = []
    if title in ("organ", "other"):
        against.append(f"its title is {title_text[:60]!r}")
    if runner in ("organ", "other"):
        against.append(f"it is run by {runner_text[:40]!r}")
    chinese = any(plain(text).startswith("中国") for text in titles)
    return Spoken(title, runner, title_text, runner_text, chinese, tuple(against))


def _strongest(said: Mapping[str, Says]) -> tuple[Says, str]:
    for one in _STRENGTH:
        for text, what in said.items():
            if what == one:
                return one, text
    return "", ""


Match = Literal["own", "several", "above", "other", "none"]


def _by_code(identity: Identity, visit: Visit, shared: Mapping[str, frozenset[str]]) -> tuple[Match, str]:
    """What the codes of a page say, the strictest first: one of another division is not outvoted."""
    matches: dict[Match, str] = {}
    for code in identity.codes:
        others = shared.get(code, frozenset()) - {site(visit.url)}
        if others:
            matches["none"] = f"its code {code} is also that of {sorted(others)[0]}: copied"
            continue
        found = owners(code)
        if found == (visit.code,):
            old = "" if code[:6] == visit.code else f"the code {code[:6]} is its former one"
            matches.setdefault("own", old)
        elif visit.code in found:
            matches.setdefault("several", f"the code {code[:6]} became several divisions")
        elif not found:
            matches.setdefault("none", f"its code {code} belongs to no division")
        elif {one.code for one in divisions.ancestors(visit.code)}.intersection(found):
            matches.setdefault("above", f"its code {code} is one of {_name(found[0])}")
        else:
            matches.setdefault("other", f"its code {code} is one of {_name(found[0])}")
    if "own" in matches and "other" in matches:
        return "none", f"it has codes of two divisions ({', '.join(identity.codes)})"
    for match in ("other", "own", "several", "above", "none"):
        if match in matches:
            return match, matches[match]
    return "none", ""


def _plain(spoken: Spoken, by_code: Match) -> int:
    """The level of a page that an organ runs, or another division, and whose title is no government's."""
    return 1 if by_code in ("own", "several") or (spoken.title == "name" and by_code == "none") else -1


def _evidence(identity: Identity, spoken: Spoken, by_code: Match) -> str:
    """What a person can check: the code and its place, the title, who runs it."""
    found = [f"code {code} ({place})" for code, place in zip(identity.codes, identity.places, strict=True)][:2]
    if spoken.title in ("government", "name"):
        found.append(f"title {spoken.title_text[:60]}")
    if spoken.runner == "government":
        found.append(f"footer {spoken.runner_text[:60]}")
    return "; ".join(found)


def _name(code: str) -> str:
    found = divisions.division(code)
    return f"{found.name} ({code})" if found else code


def plausible(visit: Visit) -> bool:
    """Whether a page may be the portal of its division, before anything else is known: enough to read its links."""
    weight = weigh(visit, {}, frozenset({ending(visit.url or visit.asked)}), {})
    identity = visit.identity
    start = any(source.origin == "start" for source in visit.sources)
    if weight.level >= (0 if start else 1):
        return identity is not None
    return identity is not None and _spoken(identity, visit.code).title in ("government", "name")


@dataclass(slots=True)
class _Known:
    """What all visits together say."""

    shared: dict[str, frozenset[str]] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)


def _together(visits: Iterable[Visit]) -> _Known:
    carriers: dict[str, set[str]] = defaultdict(set)
    fronts: dict[str, set[str]] = defaultdict(set)
    for visit in visits:
        if visit.identity is None:
            continue
        for code in visit.identity.codes:
            carriers[code].add(site(visit.url))
        if is_front(visit.url) and _spoken(visit.identity, visit.code).title in ("government", "name"):
            fronts[site(visit.url)].add(visit.code)
    return _Known(
        {code: frozenset(sites) for code, sites in carriers.items() if len(sites) > 1},
        {place: next(iter(codes)) for place, codes in fronts.items() if len(codes) == 1},
    )


def judge(
    visits: Iterable[Visit], explored: Iterable[Explored] = (), official: Iterable[str] = ("gov.cn",)
) -> dict[str, Finding]:
    """The finding of every division that was visited or that a portal above it was searched for, by code.

    ``explored`` belongs to a search that came to its end; without it only what was visited has a finding. The same
    visits in any order give the same findings.
    """
    by_code: dict[str, list[Visit]] = defaultdict(list)
    every = list(visits)
    for visit in every:
        by_code[visit.code].append(visit)
    known = _together(every)
    endings = frozenset(official)
    findings = {}
    for code, asked in by_code.items():
        weights = [weigh(visit, known.shared, endings, known.hosts) for visit in asked]
        findings[code] = _choose(code, weights)
    searched = {one.code: one for one in explored}
    for one in searched.values():
        for code in one.missing:
            pages = "its front page" if one.pages == 1 else f"{one.pages} pages"
            remark = f"{one.url} has no link to it ({pages} read)"
            findings.setdefault(code, Finding(code, "none", remark=remark))
    if searched:
        for code in [code for code in findings if code not in searched]:
            for child in below(code):
                remark = f"the portal of {_name(code)} was not read"
                findings.setdefault(child.code, Finding(child.code, "none", remark=remark))
    return dict(sorted(findings.items()))


def _rank(weight: Weight) -> tuple[int, ...]:
    visit = weight.visit
    identity = visit.identity or Identity()
    kinds = {source.kind for source in visit.sources if source.origin != "registry"}
    domain = identity.domain.removeprefix("http://").removeprefix("https://").strip("/").lower()
    return (
        weight.level,
        bool(kinds & {"full", "short"}),  # today's name
        is_front(weight.place),
        not DISCLOSURE.match(urlsplit(weight.place).hostname or ""),
        bool(kinds),  # a portal above links it
        bool(domain) and site(f"http://{domain}") == site(weight.place),
        "full" in kinds,
    )


def _choose(code: str, weights: list[Weight]) -> Finding:
    ordered = sorted(weights, key=lambda one: ([-part for part in _rank(one)], len(one.place), one.place))
    dead = tuple(one.visit.asked for one in ordered if one.visit.identity is None)
    wrong = tuple(one.visit.asked for one in ordered if one.level < 0 and one.visit.identity is not None)
    best = ordered[0]
    rivals = [one for one in ordered[1:] if one.level >= 2 and site(one.place) != site(best.place)]
    remarks = list(best.remarks)
    if best.level < 0:
        said = "; ".join(f"{one.visit.asked}: {', '.join(one.remarks) or 'not its portal'}" for one in ordered[:3])
        return Finding(code, "none", remark=said[:400], dead=dead, wrong=wrong)
    status: Literal["proved", "unproved"] = "proved" if best.level >= 2 else "unproved"
    tied = [one for one in rivals if _rank(one) == _rank(best)]
    if tied:
        status = "unproved"
        remarks.append(f"{tied[0].place} has the same evidence")
    elif rivals:
        remarks.append(f"{rivals[0].place} proves itself too")
    url = _address(best)
    if is_front(best.visit.asked) and record_key(url) != record_key(best.visit.asked):
        remarks.append(f"moved there from {best.visit.asked}")
    if best.level > 0 and DISCLOSURE.match(urlsplit(url).hostname or ""):
        remarks.append("only its disclosure host was found")
    if all(source.kind == "old" for source in best.visit.sources):
        remarks.append(f"linked as {best.visit.sources[0].text}")
    own = {urlsplit(one.place).netloc.lower() for one in ordered if one.level > 0 and site(one.place) == site(url)}
    hosts = tuple(sorted(host for host in own if _bare(host) != _bare(urlsplit(url).netloc)))
    return Finding(
        code=code,
        status=status,
        url=url,
        evidence=best.evidence,
        remark="; ".join(dict.fromkeys(remarks))[:400],
        hosts=hosts,
        page=best.visit.sha256,
        dead=dead,
        wrong=wrong,
    )


def _address(weight: Weight) -> str:
    """The address to begin from: where the page was in the end, but the front of a host that only redirects inside."""
    asked, url = weight.visit.asked, weight.place
    if is_front(asked) and urlsplit(asked).hostname == urlsplit(url).hostname:
        return f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    return url.partition("#")[0]


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
