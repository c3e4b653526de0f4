"""Requests that a page's scripts would make, when they are written down literally enough to be made without them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from parsers.listings.js import UNKNOWN, arguments, assignments, literal, value_of
from parsers.listings.model import Fetch, Loaded
from parsers.listings.records import NAME, templates_of

CALLS = 8
"""Calls of one function that are looked at for readable arguments."""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_CALL = re.compile(
    r"(?:\bfetch|\$\.(?:get|post|getJSON)|jQuery\.(?:get|post|getJSON)|\baxios(?:\.(?:get|post))?|\$\.ajax|jQuery\.ajax|"
    r"\bajax(?:\.(?:get|post))?|(?:this\.)?\$?http\.(?:get|post)|\$http|\brequest(?:\.(?:get|post))?|\.open|\.load|\bget|\bpost"
    r"|\btable\.(?:render|reload)|\.(?:datagrid|bootstrapTable|flexigrid))\s*\(\s*"
)
"""Matches ``fetch(``, ``$.post(``, ``axios.get(``, ``$.ajax(``, ``xhr.open(`` and ``table.render(``."""
_NOT_LISTS = re.compile(
    r"visit|count(?:er)?\b|hits|click|login|user|captcha|weather|share|token|stat\b|tongji|suggest|\.css|\.html?$|\.js$|log\b",
    re.I,
)
_LISTS = re.compile(r"list|search|query|page|article|info|data|content|api|doc|channel|column|news", re.I)
_FUNCTION = re.compile(
    r"function\s+([A-Za-z_$][\w$]{0,40})\s*\(([\w$,\s]{1,200})\)|([A-Za-z_$][\w$]{0,40})\s*[:=]\s*(?:async\s+)?function\s*\(([\w$,\s]{1,200})\)|([A-Za-z_$][\w$]{0,40})\s*=\s*(?:async\s*)?\(?([\w$,\s]{1,100}?)\)?\s*=>"
)
"""Matches ``function load(page, size)``, ``load = function(page)`` and ``load = page =>``."""
_FIRST_PAGE = ("page", "pageNo", "pageIndex", "pageNum", "currentPage", "curPage", "pageNumber", "p", "pn")
_SIZES = ("pageSize", "size", "limit", "rows", "perPage", "pagesize")


def list_request(page: Loaded) -> Fetch | None:
    """The request that most likely fills the list of a page, with the other candidates in its state."""
    if page.media != "html" or not page.scripts or "(" not in page.scripts:
        return None
    found: dict[tuple[str, str, bytes], Fetch] = {}
    for fetch in requests(page):
        if _NOT_LISTS.search(urlsplit(fetch.url).path):
            continue
        found.setdefault((fetch.url, fetch.method, fetch.body), fetch)
    ranked = sorted(found.values(), key=lambda fetch: -_rank(fetch))
    if not ranked:
        return None
    others = [
        [one.url, one.method, one.body.decode(), dict(one.headers).get("Content-Type", "")] for one in ranked[1:4]
    ]
    state = (("from", page.url), ("templates", json.dumps(templates_of(page))), ("others", json.dumps(others)))
    first = ranked[0]
    return Fetch(first.url, first.method, first.headers, first.body, NAME, state)


def _rank(fetch: Fetch) -> int:
    return (
        bool(_LISTS.search(fetch.url)) * 2 + ("page" in (fetch.url + fetch.body.decode("utf-8", "replace")).lower()) * 2
    )


def requests(page: Loaded) -> Iterator[Fetch]:
    """Every request whose address and arguments can be read from the page's scripts."""
    scripts = known_scripts(page)
    if not _CALL.search(scripts):
        return
    names = known_names(page, scripts)
    for number, match in enumerate(_CALL.finditer(scripts)):
        if number >= 40:
            return
        fetch = _request(page, scripts, match, names)
        if fetch is not None:
            yield fetch


def request_in(page: Loaded, body: str, names: dict[str, Any]) -> Fetch | None:
    """The first request in a function's body whose address and arguments are known."""
    for number, match in enumerate(_CALL.finditer(body)):
        if number >= 10:
            break
        if (fetch := _request(page, body, match, names)) is not None:
            return fetch
    return None


def known_names(page: Loaded, scripts: str) -> dict[str, Any]:
    """Names with their values: assigned literals, parameters of functions that are called with literals, the page's
    own query; a page number that nothing sets is 1."""
    names: dict[str, Any] = dict.fromkeys(_FIRST_PAGE, 1)
    names.update(dict.fromkeys(_SIZES, 20))
    parts = urlsplit(page.url)
    names.update(dict(parse_qsl(parts.query)))
    for prefix in ("", "window.", "document."):
        names[f"{prefix}location.pathname"] = parts.path
        names[f"{prefix}location.origin"] = f"{parts.scheme}://{parts.netloc}"
        names[f"{prefix}location.search"] = f"?{parts.query}" if parts.query else ""
        names[f"{prefix}location.href"] = page.url
    names.update(assignments(scripts))
    names.update(_parameters(scripts, names))
    names.update(_members(scripts, names))
    return names


_MEMBER = re.compile(r"\b(?:this|that|self|_this|_self|vm|me|app)\.([A-Za-z_$][\w$]{0,40})(?![\w$(])")
"""Matches ``this.channelId``, a field of the object that a page's application is."""


def _members(scripts: str, names: dict[str, Any]) -> dict[str, Any]:
    """Fields of the application's object with their first readable value: ``data: {channelId: '3a7f'}``."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(match.group(1) for match in islice(_MEMBER.finditer(scripts), 400)):
        if name not in names and len(found) < 40:
            value = value_of(scripts, name, names)
            if isinstance(value, (str, int, float, dict)):
                found[name] = value
    return found


def _parameters(scripts: str, names: dict[str, Any]) -> dict[str, Any]:
    """Parameters of functions with the values of their first call that has readable ones."""
    found: dict[str, Any] = {}
    for number, match in enumerate(_FUNCTION.finditer(scripts)):
        if number >= 60:
            break
        name = match.group(1) or match.group(3) or match.group(5)
        parameters = [part.strip() for part in (match.group(2) or match.group(4) or match.group(6) or "").split(",")]
        for call in islice(re.finditer(rf"(?<!function )(?<![\w$]){re.escape(name)}\s*\(", scripts), CALLS):
            values = [] if match.start() <= call.start() < match.end() else arguments(scripts, call.end(), names)
            bound = {key: value for key, value in zip(parameters, values, strict=False) if value is not UNKNOWN and key}
            if bound:
                for key, value in bound.items():
                    found.setdefault(key, value)
                break
    return found


_FROM_QUERY = re.compile(
    r"new\s+URLSearchParams\([^()]{0,80}\)\s*\.get\(\s*['\"](\w{1,40})['\"]\s*\)"
    r"|(?:[\w$]{1,30}\.){0,2}(?:get|Get|request|Request)_?(?:Query|Url|URL|Request|Search|Location|Par)?\w{0,20}\(\s*['\"](\w{1,40})['\"]\s*\)"
)
"""Matches ``new URLSearchParams(…).get('state')``, ``getQueryString("id")`` and ``Util.getUrlParams('x')``."""
_LAST_SEGMENT = re.compile(
    r"(?:(?:window|document)\.)?location\.(?:pathname|href)\.split\(\s*['\"]/['\"]\s*\)\s*\.pop\(\)"
)
"""Matches ``location.pathname.split("/").pop()``."""


_PAGE_FILLED = re.compile(r"([?&](?:page|pageNo|pageIndex|pageNum|pageNumber|currentPage|curPage)=)\$\{\w{1,30}\}")
"""Matches ``?page=${n}``: what nothing else sets is the first page."""


def known_scripts(page: Loaded) -> str:
    """The page's scripts with what they read from the page's own address put in its place."""
    scripts = page.scripts[:400_000]
    parts = urlsplit(page.url)
    query = dict(parse_qsl(parts.query))
    if "arams" in scripts or "equest" in scripts or "uery" in scripts:
        scripts = _FROM_QUERY.sub(lambda match: json.dumps(query.get(match.group(1) or match.group(2))), scripts)
    scripts = _PAGE_FILLED.sub(r"\g<1>1", scripts)
    return _LAST_SEGMENT.sub(lambda _: json.dumps(parts.path.rstrip("/").rpartition("/")[2]), scripts)


def _request(page: Loaded, scripts: str, match: re.Match[str], names: dict[str, Any]) -> Fetch | None:
    call = match.group()
    given = arguments(scripts, match.end(), names)
    if not given:
        return None
    first = given[0]
    if isinstance(first, dict):
        return _from_options(page, first, as_json=not call.startswith(("$.", "jQuery")) and "ajax" not in call)
    if ".open" in call:
        if len(given) < 2 or str(first).upper() not in ("GET", "POST"):
            return None
        return _build(page, given[1], str(first), _sent(scripts, match.end(), names))
    second = given[1] if len(given) > 1 and given[1] is not UNKNOWN else None
    if "fetch" in call and isinstance(second, dict):
        return _build(page, first, str(second.get("method") or "GET"), second.get("body"), second.get("headers"))
    if "axios.get" in call or "http.get" in call:
        second = second.get("params") if isinstance(second, dict) and "params" in second else second
    method = "POST" if "post" in call.lower() else "GET"
    as_json = method == "POST" and not call.startswith(("$", "jQuery"))
    return _build(page, first, method, second, JSON if as_json else None)


def _sent(scripts: str, at: int, names: dict[str, Any]) -> Any:
    match = re.compile(r"\.send\(\s*").search(scripts, at, at + 1500)
    if not match:
        return None
    value = literal(scripts, match.end(), names)
    return None if value is UNKNOWN else value


def _from_options(page: Loaded, options: dict[str, Any], *, as_json: bool = False) -> Fetch | None:
    """``$.ajax({url, type, data, contentType})``, and ``axios({url, method, params, data})``, which sends JSON."""
    if isinstance(options.get("cols"), list) or isinstance(options.get("columns"), list) or "where" in options:
        return _from_table(page, options)
    method = str(options.get("type") or options.get("method") or "GET")
    data = options.get("data")
    if data in (None, UNKNOWN):
        data = options.get("params")
    kind = options.get("contentType")
    headers = options.get("headers")
    if isinstance(headers, dict):
        kind = kind or headers.get("Content-Type")
    if as_json and kind in (None, UNKNOWN) and isinstance(options.get("data"), dict):
        kind = JSON
    return _build(page, options.get("url"), method, data, kind)


def _from_table(page: Loaded, options: dict[str, Any]) -> Fetch | None:
    """The first request of a table of layui (``where``, ``request``), easyui or bootstrap (``queryParams``)."""
    layui = isinstance(options.get("cols"), list) or "where" in options
    named = options.get("request")
    named = named if isinstance(named, dict) else {}
    size = options.get("limit") or options.get("pageSize")
    page_name, size_name = ("page", "limit") if layui else ("page", "rows")
    data: dict[str, Any] = {
        str(named.get("pageName") or page_name): 1,
        str(named.get("limitName") or size_name): size if isinstance(size, int) else 10,
    }
    for more in (options.get("where"), options.get("queryParams")):
        if isinstance(more, dict):
            data.update({key: value for key, value in more.items() if value is not UNKNOWN})
    method = options.get("method") or options.get("type") or ("GET" if layui else "POST")
    return _build(page, options.get("url"), str(method), data, options.get("contentType"))


def _build(page: Loaded, url: Any, method: str, data: Any = None, kind: Any = None) -> Fetch | None:
    """A request from its readable parts; None when a part that matters is not known."""
    if not isinstance(url, str) or not re.match(r"(?:https?:)?/|\.{1,2}/|[\w-]+[/.?]", url) or data is UNKNOWN:
        return None
    address = page.join(url)
    if not address:
        return None
    if isinstance(kind, dict):
        kind = next((value for name, value in kind.items() if name.lower() == "content-type"), None)
    method = method.upper()
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if value is not None}
        if any(value is UNKNOWN for value in data.values()):
            return None
    if method == "GET":
        if isinstance(data, dict) and data:
            pairs = urlencode({key: _text(value) for key, value in data.items()})
            address += ("&" if "?" in address else "?") + pairs
        elif isinstance(data, str) and data and "=" in data:
            address += ("&" if "?" in address else "?") + data
        return Fetch(address)
    if isinstance(data, str):
        content = JSON if data.lstrip().startswith("{") else FORM
        return Fetch(address, "POST", (("Content-Type", content),), data.encode())
    if isinstance(kind, str) and "json" in kind:
        body = json.dumps(data or {}, ensure_ascii=False, separators=(",", ":"))
        return Fetch(address, "POST", (("Content-Type", JSON),), body.encode())
    pairs = urlencode({key: _text(value) for key, value in (data or {}).items()} if isinstance(data, dict) else {})
    return Fetch(address, "POST", (("Content-Type", FORM),), pairs.encode())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, (dict, list)) else str(value)
    )


def detail_request(page: Loaded) -> Fetch | None:
    """The request that fills an empty article page: the record's identifier comes from the page's own address."""
    if not page.scripts:
        return None
    parts = urlsplit(page.url)
    stem = parts.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    scripts = known_scripts(page)
    names = {"id": stem, **known_names(page, scripts)}
    for number, match in enumerate(_CALL.finditer(scripts)):
        if number >= 40:
            break
        fetch = _request(page, scripts, match, names)
        if fetch is None or _NOT_LISTS.search(urlsplit(fetch.url).path):
            continue
        identified = any(
            value and value in fetch.url + fetch.body.decode("utf-8", "replace") for value in _tokens(page.url)
        )
        if identified:
            return Fetch(fetch.url, fetch.method, fetch.headers, fetch.body, state=(("from", page.url),))
    return None


def _tokens(url: str) -> list[str]:
    """Parts of an address that can identify a record: query values and the last path segment, longest first."""
    parts = urlsplit(url)
    stem = parts.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    found = [value for _, value in parse_qsl(parts.query)] + [stem]
    return sorted((value for value in found if len(value) >= 2 or value.isdigit()), key=len, reverse=True)


def detail_rule(page_url: str, fetch: Fetch) -> tuple[str, str] | None:
    """How one article's request follows from its address: the token of the address that the request repeats, as
    (address with ``{}``, token). None when the request does not depend on the address."""
    for token in _tokens(page_url):
        if token in fetch.url or token.encode() in fetch.body:
            before, found, after = page_url.rpartition(token)
            if found:
                return f"{before}{{}}{after}", token
    return None


def by_rule(rule: tuple[str, str], fetch: Fetch, url: str) -> Fetch | None:
    """The request for another article of the same kind, without looking at its page; None when it is of another."""
    shape, token = rule
    before, _, after = shape.partition("{}")
    if not url.startswith(before) or not url.endswith(after) or len(url) <= len(before) + len(after):
        return None
    own = url[len(before) : len(url) - len(after) or None]
    if "/" in own or "&" in own:
        return None
    body = fetch.body.replace(token.encode(), own.encode())
    return Fetch(fetch.url.replace(token, own), fetch.method, fetch.headers, body, fetch.system, (("from", url),))
