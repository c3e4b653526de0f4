"""The registry: reads its rows, proves them, and picks the counties that a command names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from parsers.reports import divisions

DEFAULT = Path(__file__).with_name("portals.csv")
REQUIRED = ("code", "name", "url")
OPTIONAL = ("province", "prefecture", "since", "note", "hosts")
CODE = re.compile(r"[0-9]{6}")  # 640221
HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")  # www.pingluo.gov.cn, 127.0.0.2:80


class Refused(ValueError):
    """A command that cannot be carried out as given; the message says what to change. Nothing has been written."""


@dataclass(frozen=True, slots=True)
class Portal:
    """One row of the registry. ``hosts`` are trusted whatever their ending, the host of ``url`` first.

    ``trail`` are addresses that led to reports at the last visit; it comes from the archive, not from the registry.
    ``known`` is False for a code that the division list does not have: then nobody is expected to report, and the
    portal's own directories say who its townships are.
    """

    code: str
    name: str
    url: str
    province: str = ""
    prefecture: str = ""
    since: str = ""
    note: str = ""
    hosts: tuple[str, ...] = ()
    known: bool = True
    trail: tuple[str, ...] = ()


def load(path: str | Path = DEFAULT) -> list[Portal]:
    """Rows of a registry file (CSV, UTF-8 with or without a mark). Raises Refused with file and line."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: cannot be read as UTF-8 text: {error}") from error
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
    if missing:
        raise Refused(f"{path}:1: the registry needs the columns code, name and url; missing: {', '.join(missing)}")
    portals: dict[str, Portal] = {}
    for row in reader:
        where = f"{path}:{reader.line_num}"
        portal = _row(row, where)
        if portal.code in portals:
            raise Refused(f"{where}: the code {portal.code} stands here a second time")
        portals[portal.code] = portal
    if not portals:
        raise Refused(f"{path}: the registry has no rows")
    return list(portals.values())


def _row(row: dict[str, str | None], where: str) -> Portal:
    values = {name: (row.get(name) or "").strip() for name in REQUIRED + OPTIONAL}
    if not CODE.fullmatch(values["code"]):
        raise Refused(f"{where}: code {values['code']!r} is not six digits")
    if not values["name"]:
        raise Refused(f"{where}: the name of {values['code']} is empty")
    host = _host(values["url"], where)
    hosts = [part.lower() for part in re.split(r"[;\s]+", values["hosts"]) if part]
    for extra in hosts:
        if not HOST.fullmatch(extra):
            raise Refused(f"{where}: {extra!r} is not a host")
    known = divisions.county(values["code"]) is not None
    return Portal(
        code=values["code"],
        name=values["name"],
        url=values["url"],
        province=values["province"],
        prefecture=values["prefecture"],
        since=values["since"],
        note=values["note"],
        hosts=tuple(dict.fromkeys((host, *hosts))),
        known=known,
    )


def _host(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Refused(f"{where}: url {url!r} is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(f"{where}: url {url!r} is not an http or https address")
    return parts.netloc.rpartition("@")[2].lower()


def select(portals: Sequence[Portal], *, county: str = "", province: str = "") -> list[Portal]:
    """The portals of the counties named (names or codes, divided by commas) or of a province; all without either.

    Raises Refused for a name that nobody has, that several counties have, or that the registry has no portal for.
    """
    if county and province:
        raise Refused("give county or province, not both")
    if province:
        return _of_province(portals, province.strip())
    if not county:
        return list(portals)
    by_code = {portal.code: portal for portal in portals}
    chosen = [_code(part.strip(), portals) for part in re.split(r"[,，、]", county) if part.strip()]
    if not chosen:
        raise Refused("county is empty")
    for code in chosen:
        if code not in by_code:
            raise Refused(
                f"the registry has no portal of {_label(code)}; add a row with its code, name and url, "
                "or give another registry with -a portals=FILE"
            )
    return [by_code[code] for code in dict.fromkeys(chosen)]


def _code(named: str, portals: Sequence[Portal]) -> str:
    """The code of a county named by name or code."""
    if CODE.fullmatch(named):
        if divisions.county(named) is None and named not in {portal.code for portal in portals}:
            raise Refused(f"no county has the code {named}")
        return named
    found = {division.code for division in divisions.counties_named(named)}
    found |= {portal.code for portal in portals if divisions.fold(portal.name) == divisions.fold(named)}
    if len(found) == 1:
        return found.pop()
    if found:
        lines = "".join(f"\n  {_label(code)}" for code in sorted(found))
        raise Refused(f"{named} is the name of {len(found)} counties; give the code:{lines}")
    near = "".join(f"\n  {_label(code)}" for code in _similar(named, portals))
    raise Refused(f"no county is called {named}" + (f"; did you mean:{near}" if near else ""))


def _similar(named: str, portals: Iterable[Portal], most: int = 6) -> list[str]:
    """Codes of counties whose names nearly are what was typed; of equal ones, those with a portal come first."""
    from rapidfuzz import fuzz, process

    names = {division.code: division.name for division in divisions.all_counties()}
    ours = {portal.code for portal in portals}
    hits = process.extract(divisions.fold(named), names, scorer=fuzz.ratio, limit=None, score_cutoff=60)
    hits.sort(key=lambda hit: (-hit[1], hit[2] not in ours))
    return [str(code) for _, _, code in hits[:most]]


def _label(code: str) -> str:
    return f"{code} {divisions.full_name(code)}".strip()


def _of_province(portals: Iterable[Portal], province: str) -> list[Portal]:
    codes = {division.code for division in divisions.counties_of(province)}
    if not codes:
        raise Refused(f"no province is called {province}")
    chosen = [portal for portal in portals if portal.code in codes]
    if not chosen:
        raise Refused(f"the registry has no portal in {province}")
    return chosen
