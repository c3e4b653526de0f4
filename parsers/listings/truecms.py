"""TrueCMS (南通): JSONP around a datastore; the first rows may stand in a hidden block of the page."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from lxml import etree

from parsers.listings import fragment, generic
from parsers.listings.js import loads
from parsers.listings.model import Entry, Fetch, Loaded, Page
from parsers.listings.text import between

NAME = "truecms"
WINDOWS = (50, 20, 10)
"""Records of one request that sites allow; a larger window gives an empty answer."""
_INTERFACE = re.compile(r"['\"]([^'\"<>\s]{0,200}messageController/getMessage\.do)[^'\"<>\s]{0,400}['\"]")
_COLUMN = re.compile(r"columnId['\"]?\s*[:=]\s*['\"]?([0-9a-fA-F-]{8,40})")
_TOTAL = re.compile(r"<totalrecord>\s*(\d{1,6})|totalRecord['\"]?\s*[:=]\s*['\"]?(\d{1,6})", re.I)


def claims(page: Loaded) -> bool:
    return page.fetch.system == NAME or "messageController/getMessage.do" in page.text


def read(page: Loaded) -> Page:
    if page.fetch.system == NAME:
        return _reply(page)
    result = generic.read(page, system=NAME)
    inline = _inline(page)
    total = _total(page.text)
    done = len(inline)
    interface, column = _INTERFACE.search(page.text), _COLUMN.search(page.text)
    more = None
    if interface and column and (total is None or done < total):
        more = _request(page, page.join(interface.group(1)), column.group(1), done, 0)
    return replace(
        result,
        entries=inline or (() if more else result.entries),
        more=more,
        stated=total,
        last=more is None and total is not None,
    )


def _inline(page: Loaded) -> tuple[Entry, ...]:
    """Rows of the hidden block ``#initData``: records, or plain rows."""
    for element in page.root.iter("div", "ul", "textarea", "script") if page.root is not None else ():
        if element.get("id") == "initData":
            text = "".join(element.itertext())
            records = between(text, "<record>", "</record>")
            html = "".join(f"<div>{record}</div>" for record in records)
            if not html:
                html = etree.tostring(element, encoding="unicode")
            return fragment.entries_of(html, page)
    return ()


def _request(page: Loaded, interface: str, column: str, done: int, window: int) -> Fetch:
    size = WINDOWS[window]
    query = {"startrecord": done + 1, "endrecord": done + size, "perpage": size, "columnId": column, "callback": "cb"}
    state = (
        ("from", page.fetch.get("from") or page.url),
        ("interface", interface),
        ("column", column),
        ("read", str(done)),
        ("window", str(window)),
    )
    return Fetch(f"{interface}?{urlencode(query)}", system=NAME, state=state)


def _reply(page: Loaded) -> Page:
    """One window of records. An empty first window may only be too large: a smaller one is tried."""
    value = loads(page.text)
    text = value.get("result", "") if isinstance(value, dict) else page.text
    records = between(text, "<record>", "</record>") if isinstance(text, str) else []
    asked = page.fetch
    window, done = asked.number("window"), asked.number("read")
    interface, column = asked.get("interface"), asked.get("column")
    if not records:
        if window + 1 < len(WINDOWS) and interface:
            return Page(page.url, NAME, more=_request(page, interface, column, done, window + 1))
        return Page(page.url, NAME, note="the interface gave no records" if not done else "")
    entries = fragment.entries_of("".join(f"<div>{record}</div>" for record in records), page)
    total = _total(text)
    done += len(records)
    full = len(records) >= WINDOWS[window]
    more = _request(page, interface, column, done, window) if (done < total if total is not None else full) else None
    return Page(page.url, NAME, entries=entries, more=more, stated=total, last=more is None)


def _total(text: str) -> int | None:
    match = _TOTAL.search(text)
    return int(match.group(1) or match.group(2)) if match else None
