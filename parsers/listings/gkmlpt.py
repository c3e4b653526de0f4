"""gkmlpt, the directory platform of 广东: the tree stands in the page as ``_CONFIG``, lists are JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from parsers.listings import generic, records
from parsers.listings.js import UNKNOWN, loads, value_of
from parsers.listings.model import Fetch, Link, Loaded, Page
from parsers.listings.pagers import with_page
from parsers.listings.score import is_column
from parsers.listings.text import tidy

NAME = "gkmlpt"
_PLATFORM = re.compile(r"^(.*?/gkmlpt)(?:/|$)")
NODES = 5000


def claims(page: Loaded) -> bool:
    return "/gkmlpt/api/" in page.url or (
        "_CONFIG" in page.scripts and ("SID" in page.scripts or "/gkmlpt" in page.url)
    )


def read(page: Loaded) -> Page:
    return _reply(page) if page.media == "json" else _index(page)


def _index(page: Loaded) -> Page:
    """A page of the platform: every node of its tree as a child column."""
    config = value_of(page.scripts, "_CONFIG")
    result = generic.read(page, system=NAME)
    if not isinstance(config, dict):
        return result
    sid = config.get("SID", value_of(page.scripts, "SID"))
    platform = _PLATFORM.match(urlsplit(page.url).path)
    base = platform.group(1) if platform else "/gkmlpt"
    children = tuple(_nodes(config.get("TREE"), page, base, sid))
    chosen = urlsplit(page.fetch.url).fragment
    more = _list(page, base, chosen, sid) if chosen.isdigit() and "annualreport" in page.fetch.url else None
    links = result.links
    if any(is_column(child.text) for child in children):
        # the same list once more, as a page that only its script fills
        links = tuple(link for link in links if "/gkmlpt/annualreport" not in link.url)
    return replace(
        result,
        links=links,
        children=children,
        more=more,
        entries=() if more else result.entries,
        stated=None,
        last=False,
    )


def _nodes(tree: Any, page: Loaded, base: str, sid: Any) -> Iterator[Link]:
    """A node leads where its ``jump_url`` says, else to the list of its own."""
    stack = list(tree) if isinstance(tree, list) else []
    seen = 0
    while stack and seen < NODES:
        node = stack.pop(0)
        seen += 1
        if not isinstance(node, dict):
            continue
        name, jump, number = node.get("name"), node.get("jump_url"), node.get("id")
        if isinstance(name, str):
            if isinstance(jump, str) and jump.strip():
                if url := page.join(jump):
                    yield Link(url, tidy(name), "", "tree")
            elif str(number).isdigit() and sid is not UNKNOWN:
                yield Link(_list(page, base, str(number), sid).url, tidy(name), "", "tree")
        if isinstance(node.get("children"), list):
            stack[:0] = node["children"]


def _list(page: Loaded, base: str, category: str, sid: Any) -> Fetch:
    return Fetch(page.join(f"{base}/api/all/{category}?page=1&sid={sid}"), system=NAME, state=(("from", page.url),))


def _reply(page: Loaded) -> Page:
    """100 articles of a category. ``classify.post_count`` counts more than the list has; only ``total`` is believed."""
    value = loads(page.text)
    if not isinstance(value, dict):
        return Page(page.url, NAME, note="the interface gave no list")
    listed = {key: one for key, one in value.items() if key != "classify"}
    found = records.of({"articles": listed.get("articles")}, page)
    total, offset = listed.get("total"), listed.get("offset")
    rows = listed.get("articles")
    count = len(rows) if isinstance(rows, list) else 0
    done = (offset if isinstance(offset, int) else page.fetch.number("read")) + count
    known = total if isinstance(total, int) else None
    more = None
    if count and known is not None and done < known:
        number = int(match.group(1)) if (match := re.search(r"[?&]page=(\d{1,5})", page.fetch.url)) else 1
        state = (("from", page.fetch.get("from") or page.url), ("read", str(done)))
        more = Fetch(with_page(page.fetch.url, number + 1, "page"), system=NAME, state=state)
    name = value.get("classify", {}).get("name") if isinstance(value.get("classify"), dict) else ""
    return Page(
        page.url, NAME, title=tidy(str(name or "")), entries=found.entries, more=more, stated=known, last=more is None
    )
