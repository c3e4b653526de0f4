"""Any portal page in HTML: the list it shows, how the list goes on, where else the page leads.

Every content system that serves its lists as HTML goes through here; the systems' modules add what is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

from parsers.listings import api, records
from parsers.listings.calls import clicks
from parsers.listings.html import Row, crumbs, layout, links, page_title, visible, written
from parsers.listings.model import Entry, Fetch, Link, Loaded, Page
from parsers.listings.pagers import created, next_page
from parsers.listings.redirect import frames
from parsers.listings.text import stated_count, url_date

NAME = "generic"


def claims(_: Loaded) -> bool:
    return True


def read(page: Loaded, *, system: str = NAME, more: Fetch | None = None, children: Iterable[Link] = ()) -> Page:
    """Read a page as HTML. ``more`` overrides the pager where a system knows better."""
    if page.root is None:
        return Page(page.url, system, note="too large" if page.too_large else "nothing to read")
    shape = layout(page)
    step = next_page(page, shape.anchors)
    entries = tuple(entry(row) for row in shape.entries())
    follow = more or step.fetch
    stated = stated_count(page.text)
    if stated is None and (call := created(page)) is not None:
        stated = call[4]
    if follow is None and len(entries) < 3:
        inline = records.inline(page)
        if len(inline.entries) > len(entries):
            entries, stated = inline.entries, inline.total if inline.total is not None else stated
    listed = records.inline(page).children if follow is None or not entries else ()
    shell = not entries and len(visible(page.root, 400)) < 200
    short = stated is not None and len(entries) < stated and not step.last
    if follow is None and (short or not _substantial(entries)):
        follow = api.list_request(page)
        if follow is not None and not short:
            entries, stated = (), None
    return Page(
        url=page.url,
        system=system,
        title=page_title(page),
        entries=entries,
        more=follow,
        stated=stated,
        last=step.last and follow is None,
        children=(*children, *listed, *written(page), *clicks(page)),
        frames=frames(page),
        links=links(page, shape.anchors),
        crumbs=crumbs(page),
        shell=shell,
    )


def entry(row: Row) -> Entry:
    return Entry(row.url, row.title, row.date or url_date(row.url))


def _substantial(entries: tuple[Entry, ...]) -> bool:
    """True when the rows look like records (dated), not like a menu: then no script needs to fill the page."""
    return sum(1 for one in entries if one.date) >= 1


def fragment(html: str, page: Loaded) -> Loaded:
    """A piece of HTML that came inside JSON or XML, as a page at the address that links in it start from."""
    wrapped = f"<html><body>{html}</body></html>".encode()
    return Loaded(
        page.fetch.get("from") or page.url, wrapped, content_type="text/html; charset=utf-8", fetch=page.fetch
    )
