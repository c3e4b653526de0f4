"""Reading portal pages: one module per content system, one contract. Knows nothing of reports.

``read`` says what a page is. Which module reads it is decided by the request that a reader asked for, else by the
first module that recognises the page; the order matters, because the systems borrow from each other.
"""

from __future__ import annotations

from types import ModuleType

from parsers.listings import (
    aspnet,
    epoint,
    fragment,
    generic,
    gkmlpt,
    irs,
    jcms,
    jpaas,
    lonsun,
    openness,
    records,
    trs,
    truecms,
    ucap,
    vsb,
    xxgk,
)
from parsers.listings.model import Entry, Fetch, Link, Loaded, Page

READERS: tuple[ModuleType, ...] = (
    gkmlpt,
    jcms,
    xxgk,
    truecms,
    jpaas,
    epoint,
    lonsun,
    openness,
    irs,
    ucap,
    trs,
    vsb,
    aspnet,
    records,
    fragment,
    generic,
)
BY_NAME = {reader.NAME: reader for reader in READERS}


def system_of(page: Loaded) -> ModuleType:
    """The module that reads a page."""
    named = BY_NAME.get(page.fetch.system)
    if named is records and page.media == "html":
        return fragment  # an interface that was expected to give JSON may give rows as HTML
    if named is fragment and page.media in ("json", "xml"):
        return records
    if named is not None:
        return named
    return next(reader for reader in READERS if reader.claims(page))


def read(page: Loaded) -> Page:
    """What a page is. Never raises for what a server sent: the worst page is a Page with a note."""
    if page.too_large:
        return Page(page.url, "", note="too large")
    if page.media == "file":
        return Page(page.url, "file", note="a file, not a page")
    result: Page = system_of(page).read(page)
    return result


__all__ = ["Entry", "Fetch", "Link", "Loaded", "Page", "read", "system_of"]
