"""The registry: reads its rows, picks the counties that a command names, and takes in what a search finds.

A row is one county. ``code``, ``name`` and ``url`` are enough; a row written by hand is trusted. ``scrapy crawl
portals`` adds and keeps up the columns ``status`` (``proved``, ``unproved``, ``none``), ``evidence`` (what the page
says of itself), ``page`` (sha256 of that page in the archive), ``date`` (of the last judgement) and ``remark``;
``note`` belongs to people.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from crawler.items import Gap
from parsers.listings.keys import record_key
from parsers.portals.model import Finding
from parsers.reports import divisions

DEFAULT = Path(__file__).with_name("portals.csv")
ABOVE = Path(__file__).with_name("portals_above.csv")
"""Portals of provinces and prefectures: where the search for the counties' portals begins."""
REQUIRED = ("code", "name", "url")
OPTIONAL = ("province", "prefecture", "since", "note", "hosts", "status", "evidence", "page", "date", "remark")
COLUMNS = ("code", "name", "province", "prefecture", "url", "since", "note", *OPTIONAL[4:])
STATUSES = ("", "proved", "unproved", "none")
CODE = re.compile(r"[0-9]{6}")  # 640221
HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")  # www.pingluo.gov.cn, 127.0.0.2:80


class Refused(ValueError):
    """A command that cannot be carried out as given; the message says what to change. Nothing has been written."""


@dataclass(frozen=True, slots=True)
class Portal:
    """One row of the registry. ``hosts`` are trusted whatever their ending, the host of ``url`` first.

    ``trail`` are addresses that led to reports at the last visit; it comes from the archive, not from the registry.
    ``known`` is False for a code that the division list does not have: then nobody is expected to report, and the
    portal's own directories say who its townships are. ``status`` is empty for a row that a person wrote.
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
    bound: int = 0
    """Reports of the last year that is due of which fewer must never be held: the verdict of a run is bad then."""
    trail: tuple[str, ...] = ()
    status: str = ""
    remark: str = ""
    ways: tuple[str, ...] = ()
    """Of the trail, pages that only lead on to lists. With ``lately`` they were read a short time ago, as was what
    leads to them: a visit that finds its lists as they were does not read them again."""
    lately: bool = False
    gaps: tuple[Gap, ...] = ()
    """What the last visit could not read; it comes from the archive."""


def load(path: str | Path = DEFAULT) -> list[Portal]:
    """Portals of a registry file (CSV, UTF-8 with or without a mark). Raises Refused with file and line.

    Rows with the status ``none`` say that a county has no portal, and why; they are not among the portals.
    """
    portals: dict[str, Portal] = {}
    for where, row in _rows(Path(path)):
        if row.get("status") == "none" and not row.get("url"):
            continue
        portal = _row(row, where)
        if portal.code in portals:
            raise Refused(f"{where}: the code {portal.code} stands here a second time")
        portals[portal.code] = portal
    if not portals:
        raise Refused(f"{path}: the registry has no rows")
    return list(portals.values())


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    """(file and line, values without blanks around them) of each row. Raises Refused."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: cannot be read as UTF-8 text: {error}") from error
    reader = csv.DictReader(StringIO(text, newline=""))
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
    if missing:
        raise Refused(f"{path}:1: the registry needs the columns code, name and url; missing: {', '.join(missing)}")
    try:
        return [
            (f"{path}:{reader.line_num}", {key: (value or "").strip() for key, value in row.items() if key is not None})
            for row in reader
        ]
    except csv.Error as error:
        raise Refused(f"{path}:{reader.line_num}: {error}") from error


def _row(row: Mapping[str, str], where: str) -> Portal:
    values = {name: row.get(name, "") for name in REQUIRED + OPTIONAL}
    if not CODE.fullmatch(values["code"]):
        raise Refused(f"{where}: code {values['code']!r} is not six digits")
    if not values["name"]:
        raise Refused(f"{where}: the name of {values['code']} is empty")
    host = _host(values["url"], where)
    hosts = [part.lower() for part in re.split(r"[;\s]+", values["hosts"]) if part]
    for extra in hosts:
        if not HOST.fullmatch(extra):
            raise Refused(f"{where}: {extra!r} is not a host")
    if values["status"] not in STATUSES:
        raise Refused(f"{where}: status {values['status']!r} is none of proved, unproved and none")
    bound = (row.get("bound") or "").strip() or "0"
    if not (bound.isascii() and bound.isdigit()):
        raise Refused(f"{where}: bound {bound!r} is not a number of reports")
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
        status=values["status"],
        remark=values["remark"],
        bound=int(bound[:9]),
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
    """The portals of the counties named (names or codes, divided by commas) or of a province; without either all but
    those that nothing has proved yet: an unproved address is used where somebody asks for its county.

    Raises Refused for a name that nobody has, that several counties have, or that the registry has no portal for.
    """
    if county and province:
        raise Refused("give county or province, not both")
    if province:
        return _of_province(portals, province.strip())
    if not county:
        return [portal for portal in portals if portal.status != "unproved"]
    by_code = {portal.code: portal for portal in portals}
    codes = [_code(part.strip(), portals) for part in re.split(r"[,，、]", county) if part.strip()]
    if not codes:
        raise Refused("county is empty")
    for code in codes:
        if code not in by_code:
            raise Refused(
                f"the registry has no portal of {_label(code)}; add a row with its code, name and url, "
                "or give another registry with -a portals=FILE"
            )
    return [by_code[code] for code in dict.fromkeys(codes)]


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


# -- what a search for portals found ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in a registry file, of whatever status. ``extra`` are columns that this program does not
    know; they are kept."""

    code: str
    name: str
    url: str
    province: str = ""
    prefecture: str = ""
    since: str = ""
    note: str = ""
    hosts: str = ""
    status: str = ""
    evidence: str = ""
    page: str = ""
    date: str = ""
    remark: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a run changed: a portal was ``added``, ``proved``, ``moved`` or ``lost``; or a county has ``none``."""

    kind: Literal["added", "proved", "moved", "lost", "none"]
    code: str
    name: str
    before: str
    now: str
    remark: str


def load_rows(path: str | Path, *, missing: bool = False) -> list[Row]:
    """All rows of a registry file. ``missing``: a file that is not there has none. Raises Refused as ``load`` does."""
    path = Path(path)
    if missing and not path.exists():
        return []
    rows: dict[str, Row] = {}
    for where, values in _rows(path):
        if values.get("url") or values.get("status") != "none":
            _row(values, where)
        if values["code"] in rows:
            raise Refused(f"{where}: the code {values['code']} stands here a second time")
        known = {name: values.get(name, "") for name in REQUIRED + OPTIONAL}
        extra = tuple((name, value) for name, value in values.items() if name not in known)
        rows[values["code"]] = Row(**known, extra=extra)
    return list(rows.values())


def write_rows(path: str | Path, rows: Iterable[Row]) -> None:
    """Writes a registry file in the order of codes, in one step: a reader sees the old file or the new one."""
    path = Path(path)
    ordered = sorted(rows, key=lambda row: row.code)
    extra = list(dict.fromkeys(name for row in ordered for name, _ in row.extra))
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*COLUMNS, *extra))
    for row in ordered:
        others = dict(row.extra)
        values = [getattr(row, name) for name in COLUMNS] + [others.get(name, "") for name in extra]
        writer.writerow([_cell(value) for value in values])
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(out.getvalue(), encoding="utf-8", newline="")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _cell(text: str) -> str:
    """A value from a page as one harmless line: it may be opened in a spreadsheet."""
    text = "".join(char if char.isprintable() else " " for char in text)
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") else text


def take_in(rows: Iterable[Row], findings: Mapping[str, Finding], day: date) -> tuple[list[Row], list[RowChange]]:
    """The rows with what a run found, and what changed. No row is dropped: one whose portal is gone stays ``unproved``,
    with the reason. Counties that were not visited stay as they are."""
    table = {row.code: row for row in rows}
    changes: list[RowChange] = []
    for code, finding in sorted(findings.items()):
        before = table.get(code)
        now, kind = _taken(before or _new_row(code), finding, day.isoformat())
        table[code] = now
        if kind is not None:
            changes.append(RowChange(kind, code, now.name, before.url if before else "", now.url, now.remark))
    return [table[code] for code in sorted(table)], changes


def _new_row(code: str) -> Row:
    chain = divisions.ancestors(code)
    above = {one.level: one.name for one in chain[:-1]}
    return Row(code, chain[-1].name if chain else code, "", above.get(1, ""), above.get(2, ""))


UNTIL = re.compile(r"^until [0-9-]{10} at [^;]{1,1000}")  # until 2026-02-01 at http://www.old.gov.cn/
Kind = Literal["added", "proved", "moved", "lost", "none"]


def _taken(row: Row, finding: Finding, day: str) -> tuple[Row, Kind | None]:
    """A row after a finding, and what changed."""
    blank = _new_row(row.code)
    judged = replace(
        row,
        province=row.province or blank.province,
        prefecture=row.prefecture or blank.prefecture,
        status=finding.status,
        evidence=finding.evidence,
        page=finding.page,
        date=day,
        remark=finding.remark,
        hosts=";".join(dict.fromkeys((*(part for part in re.split(r"[;\s]+", row.hosts) if part), *finding.hosts))),
    )
    was = f"; it was proved on {row.date}" if row.status == "proved" else ""
    if finding.status == "none":
        if not row.url:
            return judged, "none" if row.status != "none" else None
        lost = replace(judged, status="unproved", evidence=row.evidence, page=row.page, remark=finding.remark + was)
        return lost, "lost" if row.status == "proved" else None
    if not row.url:
        return replace(judged, url=finding.url), "added"
    if record_key(row.url) == record_key(finding.url):
        moved = UNTIL.search(row.remark)
        said = "; ".join(part for part in (moved[0] if moved else "", finding.remark) if part)
        kept = replace(judged, url=finding.url, remark=said)
        if finding.status == "proved":
            return kept, "proved" if row.status != "proved" else None
        return replace(kept, remark=said + was), "lost" if row.status == "proved" else None
    refuted = {record_key(url) for url in (*finding.dead, *finding.wrong)}
    if finding.status == "unproved" and record_key(row.url) not in refuted:
        other = f"{finding.url} is linked as well, unproved: {finding.remark}"
        stays = replace(row, status="unproved", date=day, remark=(other + was)[:400])
        return stays, "lost" if row.status == "proved" else None
    remark = "; ".join(part for part in (f"until {day} at {row.url}", finding.remark) if part)
    # hosts of the old portal may be anybody's by now
    hosts = ";".join(finding.hosts)
    return replace(judged, url=finding.url, since=day, hosts=hosts, remark=remark + was), "moved"
