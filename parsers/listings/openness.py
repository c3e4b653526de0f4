"""The Openness platform (池州, 黄山, 铜陵, 呼伦贝尔): ``…/showList/{body}/{category}/page_1.html``."""

from __future__ import annotations

import re
from dataclasses import replace

from parsers.listings import generic
from parsers.listings.html import layout, text_of
from parsers.listings.model import Fetch, Loaded, Page
from parsers.listings.pagers import of_pages

NAME = "openness"
_PAGE = re.compile(r"(/(?:Branch)?Openness(?:Content)?/showList/[\w-]+/[\w-]+/page_)(\d{1,4})(\.html)", re.I)
_ARTICLE = re.compile(r"/(?:Branch)?Openness(?:Content)?/show/\d+", re.I)


def claims(page: Loaded) -> bool:
    return "OpennessContent/show" in page.text or bool(_PAGE.search(page.url))


def read(page: Loaded) -> Page:
    """A page of a category. Where the pager has no links, the page after this one is asked for until none is new."""
    result = generic.read(page, system=NAME)
    own = _PAGE.search(page.url)
    if own is None:
        return result
    rows = [row for row in layout(page).rows if _ARTICLE.search(row.url)]
    entries = tuple(generic.entry(row) for row in rows) or result.entries
    number = int(own.group(2))
    counted = of_pages(text_of(page.root, 20_000)) if page.root is not None else None
    if counted is not None:
        more = (
            Fetch(page.url.replace(own.group(), f"{own.group(1)}{number + 1}{own.group(3)}"))
            if number < counted[1]
            else None
        )
        return replace(result, entries=entries, more=more, last=more is None)
    further = f"page_{number + 1}.html" in page.text or (len(entries) >= 10 and "page_" not in _after(page.text))
    more = (
        Fetch(page.url.replace(own.group(), f"{own.group(1)}{number + 1}{own.group(3)}"))
        if further and entries
        else None
    )
    return replace(result, entries=entries, more=more, last=more is None)


def _after(text: str) -> str:
    """The second half of a page, where its pager stands."""
    return text[len(text) // 2 :]
