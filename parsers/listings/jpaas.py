"""Hanweb jpaas: a list is a unit of a page, filled by an interface whose page number stands in ``paramJson``.

A bare ``pageNo`` is ignored there and gives page 1 again.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from parsers.listings import generic
from parsers.listings.html import layout, links
from parsers.listings.js import UNKNOWN, literal, loads
from parsers.listings.model import Fetch, Loaded, Page
from parsers.listings.records import _walk

NAME = "jpaas"
API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
SIZE = 15
_PAGINATION = re.compile(r"<[^<>]{0,300}class=['\"][^'\"]{0,100}pagination[^<>]{0,600}>", re.I)
_ATTRIBUTE = re.compile(r"\b(rows|count)=['\"](\d{1,6})['\"]", re.I)
"""Matches ``rows="15"`` and ``count="432"`` of the pagination element."""


def claims(page: Loaded) -> bool:
    return page.fetch.system == NAME or "jpaas-publish-server" in page.text or "querydata=" in page.text.lower()


def read(page: Loaded) -> Page:
    return _reply(page) if page.media == "json" else _column(page)


def _column(page: Loaded) -> Page:
    """A column page: rows that are there already, and the request for the next or the first ones."""
    result = generic.read(page, system=NAME)
    unit = _unit(page)
    if unit is None:
        return replace(result, more=result.more if result.more and result.more.system != "json" else None)
    address, query = unit
    rows, count = _pagination(page.text)
    if result.entries and count is not None:
        listed = [entry for entry in result.entries if entry.date] or list(result.entries)
        more = _request(page, address, query, 2, rows or SIZE, len(listed)) if len(listed) < count else None
        return replace(result, entries=tuple(listed), more=more, stated=count, last=more is None)
    if any(entry.date for entry in result.entries):
        return replace(result, more=None)
    return replace(result, entries=(), more=_request(page, address, query, 1, SIZE, 0), stated=None, last=False)


def _unit(page: Loaded) -> tuple[str, dict[str, Any]] | None:
    """Address and query of the unit that is the page's list; navigation units are passed over."""
    units: list[tuple[str, dict[str, Any]]] = []
    for element in page.root.iter() if page.root is not None else ():
        if not isinstance(element.tag, str) or not (written := element.get("querydata")):
            continue
        query = literal(written)
        if isinstance(query, dict) and UNKNOWN not in query.values():
            units.append((page.join(element.get("url") or API), query))
    return next(
        (unit for unit in units if re.search(r"列表|list", str(unit[1].get("tagId", "")), re.I)),
        units[0] if units else None,
    )


def _request(page: Loaded, address: str, query: dict[str, Any], number: int, size: int, done: int) -> Fetch:
    parameter = json.dumps({"pageNo": number, "pageSize": str(size)}, separators=(",", ":"))
    pairs = urlencode({**query, "paramJson": parameter}, quote_via=quote)
    state = (
        ("from", page.fetch.get("from") or page.url),
        ("address", address),
        ("query", json.dumps(query, ensure_ascii=False)),
        ("page", str(number)),
        ("read", str(done)),
    )
    return Fetch(f"{address}?{pairs}", system=NAME, state=state)


def _reply(page: Loaded) -> Page:
    """An answer of the interface: HTML inside JSON."""
    value = loads(page.text)
    html = next(
        (node["html"] for node in _walk(value) if isinstance(node, dict) and isinstance(node.get("html"), str)), ""
    )
    if not html:
        return Page(page.url, NAME, note="the interface gave no list")
    piece = generic.fragment(html, page)
    shape = layout(piece)
    entries = tuple(generic.entry(row) for row in shape.entries())
    rows, count = _pagination(html)
    done = page.fetch.number("read") + len(entries)
    more = None
    if entries and count is not None and done < count and (address := page.fetch.get("address")):
        query = json.loads(page.fetch.get("query", "{}"))
        more = _request(page, address, query, page.fetch.number("page", 1) + 1, rows or SIZE, done)
    return Page(page.url, NAME, entries=entries, more=more, stated=count, last=more is None and count is not None,
                links=links(piece, shape.anchors))  # fmt: skip


def _pagination(html: str) -> tuple[int | None, int | None]:
    """Rows of a page and count of the list, as the pagination element states them."""
    match = _PAGINATION.search(html)
    found = {name.lower(): int(value) for name, value in _ATTRIBUTE.findall(match.group())} if match else {}
    return found.get("rows"), found.get("count")
