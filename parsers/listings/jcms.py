"""Hanweb JCMS: records stand as XML inside the page, the rest comes from ``dataproxy.jsp``.

Some servers read only ``startrecord`` and ``endrecord``, others only ``page`` and ``perpage``. One request can say
both, so that either kind gives the records after those that are known.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from parsers.listings import fragment, generic
from parsers.listings.js import UNKNOWN, assignments, literal
from parsers.listings.model import Fetch, Loaded, Page
from parsers.listings.pagers import FORM
from parsers.listings.text import between

NAME = "jcms"
GROUP = 60
"""Records of one request when the page has none inline; servers cap it at 300."""
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']{1,3000})[\"']")
_TOTAL = re.compile(r"totalRecord['\"]?\s*[:=]\s*['\"]?(\d{1,6})|<totalrecord>\s*(\d{1,6})\s*<", re.I)
"""Matches ``totalRecord:95`` in the page and ``<totalrecord>95</totalrecord>`` in an answer."""
_PROXY = re.compile(r"['\"]([^'\"\s<>]{0,200}dataproxy\.jsp)[^'\"]{0,2000}['\"]")
_PARAMETERS = re.compile(r"(?:proxyParam|postData|dataParam|param|data)['\"]?\s*[:=]\s*(?=\{)")
NAMES = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")


def claims(page: Loaded) -> bool:
    return "dataproxy.jsp" in page.text or "<datastore" in page.text[:4000]


def read(page: Loaded) -> Page:
    """A column page with its datastore, or an answer of the proxy."""
    records = "".join(f"<div>{record}</div>" for record in between(page.text, "<record>", "</record>"))
    entries = fragment.entries_of(records, page) if records else ()
    total = _total(page)
    done = page.fetch.number("read") + len(entries)
    more = None if total is not None and done >= total else _more(page, len(entries), done, total)
    result = generic.read(page, system=NAME, more=more) if page.media == "html" else Page(page.url, NAME)
    if not entries and result.entries and more is None:
        return result
    note = "" if entries or page.media == "html" else "the proxy gave no records"
    return replace(result, entries=entries, more=more, stated=total, last=more is None and total is not None, note=note)


def _total(page: Loaded) -> int | None:
    match = _TOTAL.search(page.text)
    return int(match.group(1) or match.group(2)) if match else None


def _more(page: Loaded, here: int, done: int, total: int | None) -> Fetch | None:
    """The records after those that are known; None when nothing says that there are any."""
    asked = page.fetch
    if asked.system == NAME:
        if not here and total is None:
            return None
        proxy, parameters, size = asked.get("proxy"), asked.get("parameters"), asked.number("size", GROUP)
        number = asked.number("page", 1) + 1
    else:
        proxy, parameters = _parameters(page)
        size = here or GROUP
        number = 2 if here else 1
        if total is None and "<nextgroup>" not in page.text and here:
            return None
    if not proxy or not parameters:
        return None
    end = min(total, done + size) if total is not None else done + size
    window = {"startrecord": done + 1, "endrecord": end, "perpage": size, "page": number}
    state = (
        ("from", asked.get("from") or page.url),
        ("proxy", proxy),
        ("parameters", parameters),
        ("size", str(size)),
        ("page", str(number)),
        ("read", str(done)),
    )
    return Fetch(f"{proxy}?{urlencode(window)}", "POST", FORM, parameters.encode(), NAME, state)


def _parameters(page: Loaded) -> tuple[str, str]:
    """Address of the proxy and the parameters of the list: from the next group's link, else from the script."""
    proxy = _PROXY.search(page.text)
    address = page.join(html.unescape(proxy.group(1))) if proxy else ""
    for group in between(page.text, "<nextgroup>", "</nextgroup>", 1):
        href = _HREF.search(group[:4000])
        url = page.join(html.unescape(href.group(1))) if href else ""
        if url:
            pairs = [
                (key, value) for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if key != "page"
            ]
            return url.partition("?")[0], urlencode(pairs)
    names = assignments(page.scripts, 100)
    for match in _PARAMETERS.finditer(page.scripts):
        given = literal(page.scripts, match.end(), names)
        if isinstance(given, dict) and given.get("columnid") not in (None, UNKNOWN):
            return address, urlencode({key: one for key, one in given.items() if one is not UNKNOWN})
    found = {}
    for name in NAMES:
        if value := re.search(rf"\b{name}['\"]?\s*[:=]\s*['\"]?([\w/.%\u4e00-\u9fff-]{{1,80}})", page.scripts):
            found[name] = value.group(1)
    return address, urlencode(found) if "columnid" in found else ""
