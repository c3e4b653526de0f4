"""Lonsun: one number for every body, and ``type=3`` is the column of annual reports of each.

Lists are served as pages (``&pageIndex=2``) or as fragments (``/site/label/8888``); both say ``pageCount:N``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from parsers.listings import api, generic
from parsers.listings.fragment import page_count, page_number
from parsers.listings.fragment import read as read_fragment
from parsers.listings.js import UNKNOWN, literal
from parsers.listings.model import Fetch, Link, Loaded, Page
from parsers.listings.pagers import with_page
from parsers.listings.text import tidy

NAME = "lonsun"
KIND = "政府信息公开年报"
_ORGANS = re.compile(r"[=:(,]\s*(?=\[\s*\{[^{}]{0,300}?['\"]?organId['\"]?\s*:)", re.I)
"""Matches the start of an array of organs: ``zNodes = [{"organId": 21731, "name": …``."""
_ORGAN_LINK = re.compile(r"(/(?:[\w-]+/){0,2}public/)column/(\d{2,12})\b")


def claims(page: Loaded) -> bool:
    """By the addresses of its columns; a directory whose scripts stand in files of their own has only its organs."""
    known = page.fetch.system == NAME or "/public/column/" in page.text or "/site/label/8888" in page.text
    return known or ("/public/" in page.url and bool(_ORGANS.search(page.scripts)))


def read(page: Loaded) -> Page:
    """A page of a body's column, an answer of the label interface, or the directory of bodies."""
    if page.fetch.system == NAME:
        return read_fragment(page, system=NAME)
    result = generic.read(page, system=NAME, children=_organs(page))
    if not re.search(r"/column/\d+", page.url):
        return replace(result, more=result.more if result.entries else None)
    served = any(entry.date for entry in result.entries)
    more = _following(page) if served else _label(page)
    last = more is None and page_count(page) is not None
    return replace(result, more=more, entries=result.entries if served or more is None else (), last=last)


def _following(page: Loaded) -> Fetch | None:
    """The next page of a column that the server renders."""
    pages, current = page_count(page), page_number(Fetch(page.url))
    if pages is None or current >= pages:
        return None
    return Fetch(with_page(page.url, current + 1, "pageIndex"))


def _label(page: Loaded) -> Fetch | None:
    """The request for the rows of a column that a script fills."""
    for found in api.requests(page):
        if "/site/label/" in found.url and "organId" in found.url + found.body.decode("utf-8", "replace"):
            return replace(found, system=NAME, state=(("from", page.url),))
    return None


def _organs(page: Loaded) -> list[Link]:
    """The annual-report column of every body in the page's tree."""
    prefix = _ORGAN_LINK.search(page.text)
    base = page.join(prefix.group(1)) if prefix else page.join("/public/")
    for match in _ORGANS.finditer(page.scripts):
        nodes = literal(page.scripts, match.end())
        if isinstance(nodes, list):
            return [link for node in _flat(nodes) if (link := _organ(node, base)) is not None][:3000]
    return []


def _flat(nodes: list[Any], depth: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for node in nodes:
        if isinstance(node, dict):
            found.append(node)
            children = node.get("children")
            if isinstance(children, list) and depth < 6:
                found += _flat(children, depth + 1)
    return found


def _organ(node: dict[str, Any], base: str) -> Link | None:
    folded = {key.lower(): value for key, value in node.items()}
    number, name = folded.get("organid", UNKNOWN), folded.get("name") or folded.get("organname")
    if not re.fullmatch(r"\d{2,12}", str(number)) or not isinstance(name, str):
        return None
    return Link(f"{base}column/{number}?type=3", f"{tidy(name)}{KIND}", "", "tree")
