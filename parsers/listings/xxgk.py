"""Hanweb's disclosure module: a tree of bodies, and ``search.jsp`` that gives rows as HTML.

``xxgkAnnualReport.jsp?area=…&fbtime=…`` is the other half: one page for each body and year, chosen by select boxes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from parsers.listings import api, fragment, generic
from parsers.listings.html import text_of
from parsers.listings.model import Fetch, Link, Loaded, Page
from parsers.listings.pagers import FORM

NAME = "xxgk"
_TREE = re.compile(r"['\"]([^'\"<>\s]{0,200}/module/xxgk/tree\.jsp[^'\"<>\s]{0,300})['\"]")
_SEARCH = re.compile(r"['\"]([^'\"<>\s]{0,200}/module/xxgk/search\.jsp)[^'\"<>\s]{0,600}['\"]")
_ANNUAL = re.compile(r"xxgkAnnualReport\.jsp", re.I)


def claims(page: Loaded) -> bool:
    return ("module/xxgk/" in page.text and page.media == "html") or "/module/xxgk/" in page.url


def read(page: Loaded) -> Page:
    """A column with a tree, the tree itself, an answer of the search, or a page of the annual-report module."""
    path = urlsplit(page.url).path
    if "search.jsp" in path:
        return fragment.read(page, system=NAME)
    if _ANNUAL.search(path):
        return replace(generic.read(page, system=NAME, children=_choices(page)), more=None)
    if "tree.jsp" in path:
        return replace(generic.read(page, system=NAME), entries=(), more=_search(page, page), stated=None, last=False)
    result = generic.read(page, system=NAME)
    if result.more is not None and result.entries:
        return result
    tree = _TREE.search(page.text)
    more = _search(page, page)
    if more is None and tree and (url := page.join(tree.group(1).replace("&amp;", "&"))):
        more = Fetch(url, system=NAME, state=(("from", page.url),))
    return replace(result, more=more, entries=(), stated=None, last=False) if more is not None else result


def _search(page: Loaded, where: Loaded) -> Fetch | None:
    """The first page of the search: as the page's script writes it, else with the parameters that the address has."""
    for found in api.requests(where):
        if "search.jsp" in found.url:
            return replace(found, system=NAME, state=(("from", page.fetch.get("from") or page.url),))
    search = _SEARCH.search(where.text)
    if not search:
        return None
    given = dict(parse_qsl(urlsplit(page.url).query))
    names = ("infotypeId", "jdid", "area", "divid", "sortfield")
    values = {name: given.get(name, "") or _value(name, where.scripts) for name in names}
    body = urlencode({**values, "currpage": "1"})
    state = (("from", page.fetch.get("from") or page.url),)
    return Fetch(page.join(search.group(1)), "POST", FORM, body.encode(), NAME, state)


def _value(name: str, scripts: str) -> str:
    match = re.search(rf"\b{name}['\"]?\s*[:=]\s*['\"]?([\w-]{{1,60}})", scripts)
    return match.group(1) if match else ""


def _choices(page: Loaded) -> list[Link]:
    """Bodies and years of the select boxes: every option is this page with one parameter changed."""
    found: list[Link] = []
    parts = urlsplit(page.url)
    given = dict(parse_qsl(parts.query))
    for box in page.root.iter("select") if page.root is not None else ():
        name = box.get("name") or box.get("id") or ""
        key = next((one for one in ("area", "fbtime") if one in name.lower()), "")
        if not key:
            continue
        for option in box.iter("option"):
            value = (option.get("value") or "").strip()
            if re.fullmatch(r"[\w-]{2,60}", value):
                query = urlencode({**given, key: value})
                found.append(Link(parts._replace(query=query).geturl(), text_of(option, 80), "", "option"))
    return found[:3000]
