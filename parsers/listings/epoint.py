"""Epoint WebBuilder: list and detail are JSON over POST; the site's identifiers stand in ``webBuilderCommon.js``."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from parsers.listings import generic, records
from parsers.listings.js import UNKNOWN, loads, value_of
from parsers.listings.model import Entry, Fetch, Loaded, Page
from parsers.listings.pagers import FORM
from parsers.listings.records import following

NAME = "epoint"
SIZE = 20
JSON = (("Content-Type", "application/json"),)
LIST = "rest/lightfrontaction/getgovinfolist"
DETAIL = "rest/frontAppNotNeedLoginAction/getGovInfoDetail"
_MARKS = re.compile(r"EWB-FRONT|govInfoPub|webBuilderCommon|lightfrontaction|goverList", re.I)
_COMMON = re.compile(r"['\"]([^'\"<>\s]{0,200}webBuilderCommon[\w.-]{0,40}\.js)[^'\"<>\s]{0,60}['\"]", re.I)


def claims(page: Loaded) -> bool:
    return page.fetch.system == NAME or bool(_MARKS.search(page.url)) or bool(_MARKS.search(page.text))


def read(page: Loaded) -> Page:
    if page.media == "json":
        return _reply(page)
    query = {key.lower(): value for key, value in parse_qsl(urlsplit(page.url).query)}
    if page.media == "script" or page.fetch.get("categorynum"):
        more = _list(page, page.fetch.get("categorynum"), page.fetch.get("deptcode"), page.fetch.get("from"))
        return Page(page.url, NAME, more=more, note="" if more else "the site's identifiers were not found")
    result = generic.read(page, system=NAME)
    category = query.get("categorynum", "")
    if not category or any(entry.date for entry in result.entries):
        return result
    more = _list(page, category, query.get("deptcode", ""), page.url)
    common = _COMMON.search(page.text)
    if more is None and common and (url := page.join(common.group(1))):
        state = (
            ("from", page.url),
            ("categorynum", category),
            ("deptcode", query.get("deptcode", "")),
            ("wrapped", _asks_wrapped(page)),
        )
        more = Fetch(url, system=NAME, state=state)
    return replace(result, more=more, entries=(), stated=None, last=False) if more else result


def _list(page: Loaded, category: str, department: str, origin: str) -> Fetch | None:
    """The first page of a category; None until the site's identifiers are known."""
    site = value_of(page.scripts, "siteInfo")
    if not isinstance(site, dict) or not category:
        return None
    guid, project = site.get("siteGuid", UNKNOWN), site.get("projectName", "")
    if not isinstance(guid, str):
        return None
    prefix = str(project or "").strip("/")
    address = Loaded(origin or page.url, b"").join(f"/{prefix}/{LIST}" if prefix else f"/{LIST}")
    values = {"deptcode": department, "categorynum": category, "pageIndex": 1, "pageSize": SIZE, "siteGuid": guid}
    wrapped = page.fetch.get("wrapped") or _asks_wrapped(page)
    state = (("from", origin or page.url), ("guid", guid), ("project", prefix), ("wrapped", wrapped))
    body = _body({"params": {**values, "pageIndex": 0}} if wrapped else values)
    return Fetch(address, "POST", JSON, body, NAME, state)


def _asks_wrapped(page: Loaded) -> str:
    """ "1" when the page's own script wraps the parameters, as the older service wants them."""
    return "1" if re.search(r"['\"]?params['\"]?\s*:\s*\{\s*['\"]?(?:deptcode|categorynum)", page.scripts) else ""


def _body(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _reply(page: Loaded) -> Page:
    """One page of a category. An older server wants the parameters wrapped and counts pages from 0: it is asked again
    that way when the plain question gave nothing."""
    value = loads(page.text)
    custom = value.get("custom") if isinstance(value, dict) else None
    if isinstance(custom, str):
        custom = loads(custom)
    rows = custom.get("data") if isinstance(custom, dict) else None
    if isinstance(rows, str):
        rows = loads(rows)
    if not isinstance(rows, list) or not rows:
        again = _wrapped(page) if not page.fetch.get("wrapped") and page.fetch.number("read") == 0 else None
        return Page(
            page.url, NAME, more=again or following(page.fetch), note="" if again else "the interface gave no list"
        )
    entries = tuple(entry for row in rows if isinstance(row, dict) and (entry := _entry(row, page)) is not None)
    total = custom.get("total") if isinstance(custom, dict) else None
    known = int(str(total)) if str(total).isdigit() else None
    done = page.fetch.number("read") + len(rows)
    more = _next(page, done) if known is not None and done < known else None
    return Page(page.url, NAME, entries=entries, more=more, stated=known, last=more is None and known is not None)


def _values(page: Loaded) -> dict[str, Any]:
    try:
        written = json.loads(page.fetch.body)
    except ValueError:
        pairs = dict(parse_qsl(page.fetch.body.decode("utf-8", "replace")))
        written = loads(pairs.get("params", "{}"))
    if isinstance(written, dict) and isinstance(written.get("params"), dict):
        written = written["params"]
    return dict(written) if isinstance(written, dict) else {}


def _wrapped(page: Loaded) -> Fetch:
    values = {**_values(page), "pageIndex": 0}
    state = tuple((key, value) for key, value in page.fetch.state if key != "wrapped")
    return replace(page.fetch, body=_body({"params": values}), state=(*state, ("wrapped", "1")))


def _next(page: Loaded, done: int) -> Fetch:
    values = _values(page)
    number = values.get("pageIndex", 1)
    values["pageIndex"] = (int(number) if str(number).isdigit() else 1) + 1
    body = _body({"params": values} if page.fetch.get("wrapped") else values)
    state = tuple((key, value) for key, value in page.fetch.state if key != "read")
    return replace(page.fetch, body=body, state=(*state, ("read", str(done))))


def _entry(row: dict[str, Any], page: Loaded) -> Entry | None:
    """A row; where its page is only a shell (``showinfo.html?infoGuid=…``) the detail is asked for instead."""
    found = records.entry(row, page)
    if found is None:
        return None
    query = {key.lower(): value for key, value in parse_qsl(urlsplit(found.url).query)}
    guid = query.get("infoguid") or query.get("infoid")
    if not guid or "showinfo" not in found.url.lower():
        return found
    prefix = page.fetch.get("project")
    address = Loaded(page.fetch.get("from") or page.url, b"").join(f"/{prefix}/{DETAIL}" if prefix else f"/{DETAIL}")
    body = urlencode({"params": json.dumps({"infoGuid": guid}, separators=(",", ":"))}).encode()
    return replace(found, fetch=Fetch(address, "POST", FORM, body, state=(("from", found.url),)))
