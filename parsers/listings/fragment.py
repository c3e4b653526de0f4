"""An answer of an interface that is a piece of HTML: rows, and somewhere the number of pages."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from parsers.listings import generic
from parsers.listings.html import layout, links
from parsers.listings.model import Entry, Fetch, Loaded, Page
from parsers.listings.pagers import PAGE_NAMES, of_pages
from parsers.listings.records import following, stepped_body, stepped_url
from parsers.listings.text import stated_count

NAME = "fragment"
_PAGES = re.compile(r"(?:pageCount|totalPages?|pages)['\"]?\s*[:=]\s*['\"]?(\d{1,5})\b|共\s*(\d{1,5})\s*页", re.I)
"""Matches ``pageCount:3``, ``totalPage = "3"`` and ``共3页``."""
_TAG = re.compile(r"<[^<>]{0,2000}>")


def claims(page: Loaded) -> bool:
    return page.fetch.system == NAME


def read(page: Loaded, *, system: str = NAME) -> Page:
    """Rows of a fragment; its links start from the page that asked for it."""
    piece = generic.fragment(page.text, page)
    shape = layout(piece)
    entries = tuple(generic.entry(row) for row in shape.entries())
    current = page_number(page.fetch)
    pages = page_count(page)
    more = next_of(page.fetch, len(entries)) if entries and (pages is None or current < pages) else None
    stated = stated_count(page.text)
    if stated is not None and page.fetch.number("read") + len(entries) >= stated:
        more = None
    return Page(
        page.url,
        system,
        entries=entries,
        more=more or (following(page.fetch) if not entries else None),
        stated=stated,
        last=pages is not None and current >= pages,
        links=links(piece, shape.anchors),
    )


def page_count(page: Loaded) -> int | None:
    """How many pages the fragment says there are."""
    if match := _PAGES.search(page.text):
        return int(match.group(1) or match.group(2))
    counted = of_pages(_TAG.sub(" ", page.text))
    return counted[1] if counted else None


def page_number(fetch: Fetch) -> int:
    """The page number in a request's address or body; 1 when there is none."""
    pairs = parse_qsl(urlsplit(fetch.url).query) + parse_qsl(fetch.body.decode("utf-8", "replace"))
    return next((int(value) for key, value in pairs if PAGE_NAMES.match(key) and value.isdigit()), 1)


def next_of(fetch: Fetch, rows: int) -> Fetch | None:
    """The same request for the next page."""
    read_so_far = fetch.number("read") + rows
    kept = tuple((key, text) for key, text in fetch.state if key not in ("read", "others"))
    state = (*kept, ("read", str(read_so_far)))
    if url := stepped_url(fetch.url):
        return Fetch(url, fetch.method, fetch.headers, fetch.body, fetch.system, state)
    if fetch.body and (body := stepped_body(fetch.body)):
        return Fetch(fetch.url, fetch.method, fetch.headers, body, fetch.system, state)
    return None


def entries_of(html: str, page: Loaded) -> tuple[Entry, ...]:
    """Rows of a piece of HTML, every link of which is a record (records of a datastore, rows of a module)."""
    piece = generic.fragment(html, page)
    shape = layout(piece)
    seen: dict[str, Entry] = {}
    for row in shape.rows:
        found = generic.entry(row)
        old = seen.get(found.url)
        if old is None or len(found.title) > len(old.title):
            seen[found.url] = found
    return tuple(seen.values())
