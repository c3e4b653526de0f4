"""UCAP (开普): the file name is the layout, the directory the column; bodies stand in frames; links may belong to a
sibling site, whose host only a script knows."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from parsers.listings import generic
from parsers.listings.js import literal
from parsers.listings.model import Link, Loaded, Page

NAME = "ucap"
_MARKS = re.compile(
    r"<ucap|ucap-content|/common/search/[0-9a-f]{32}|kaipuyun|/c\d{5,}[a-z]?/[\w/]{0,60}\.shtml|createPageHTML\(\s*['\"]page_div",
    re.I,
)
_DOMAINS = re.compile(r"[=:(]\s*(?=\{\s*['\"]?\w{2,30}['\"]?\s*:\s*['\"]https?://)")
"""Matches the start of a map from site codes to hosts: ``siteDomain = {'lhxjyj': 'http://jyj.…'``."""


def claims(page: Loaded) -> bool:
    return page.media == "html" and bool(_MARKS.search(page.text))


def read(page: Loaded) -> Page:
    result = generic.read(page, system=NAME)
    frames = result.frames or _framed(page)
    hosts = _hosts(page)
    if hosts:
        moved = {link: replace(link, url=_moved(link.url, hosts)) for link in result.links}
        entries = tuple(replace(entry, url=_moved(entry.url, hosts)) for entry in result.entries)
        return replace(result, entries=entries, links=tuple(moved.values()), frames=frames)
    return replace(result, frames=frames)


def _framed(page: Loaded) -> tuple[Link, ...]:
    """``xxgk_bmtt.shtml?code=nk1291&temp=navs_list`` shows ``/{site}/nk1291/navs_list.shtml`` in a frame."""
    parts = urlsplit(page.url)
    query = dict(parse_qsl(parts.query))
    code, temp = query.get("code", ""), query.get("temp", "")
    site = parts.path.split("/")[1] if parts.path.count("/") > 1 else ""
    if not (site and re.fullmatch(r"\w{2,40}", code) and re.fullmatch(r"\w{2,40}", temp)):
        return ()
    return (Link(page.join(f"/{site}/{code}/{temp}.shtml"), "", "", "frame"),)


def _hosts(page: Loaded) -> dict[str, str]:
    """Codes of sibling sites and where they live, as a script of the page maps them."""
    found: dict[str, str] = {}
    for match in _DOMAINS.finditer(page.scripts):
        value = literal(page.scripts, match.end())
        if isinstance(value, dict):
            found |= {
                key: host.rstrip("/")
                for key, host in value.items()
                if isinstance(host, str) and host.startswith("http")
            }
    return found


def _moved(url: str, hosts: dict[str, str]) -> str:
    parts = urlsplit(url)
    site = parts.path.split("/")[1] if parts.path.count("/") > 1 else ""
    return f"{hosts[site]}{url[len(f'{parts.scheme}://{parts.netloc}') :]}" if site in hosts else url
