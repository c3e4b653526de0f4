"""Lists as data: JSON of any shape, in an answer or inside a script, becomes entries.

The names of fields differ from system to system; what they hold does not. A record has a title, and an address or an
identifier; a list is the array with the most records.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from lxml import etree

from parsers.listings.js import UNKNOWN, assignments, literal, loads
from parsers.listings.model import Entry, Fetch, Link, Loaded, Page
from parsers.listings.moves import bound, moved
from parsers.listings.pagers import PAGE_NAMES, with_page
from parsers.listings.text import best_title, iso_date, tidy, url_date

NAME = "json"
NODES = 60_000
TITLE = (
    "realtitle",
    "title",
    "doctitle",
    "infotitle",
    "articletitle",
    "showtitle",
    "subject",
    "bt",
    "name",
    "text",
    "label",
)
ADDRESS = (
    "url", "infourl", "docpuburl", "puburl", "posturl", "linkurl", "htmlurl", "arturl", "articleurl", "visiturl",
    "link", "href", "path", "fileurl", "filepath", "file", "src",
)  # fmt: skip
DAY = (
    "publishedtimestr",
    "publishtime",
    "pubdate",
    "pubtime",
    "publishdate",
    "docreltime",
    "infodate",
    "date",
    "createtime",
)
ISSUER = (
    "publisher",
    "dept",
    "deptname",
    "department",
    "organ",
    "organname",
    "unit",
    "agency",
    "fbjg",
    "source",
    "pubunit",
)
CONTENT = ("contenthtml", "infocontent", "content", "body", "html", "docconhtml")
TOTAL = (
    "total",
    "totalcount",
    "totalrecord",
    "totalrecords",
    "totalelements",
    "totalnum",
    "totalrows",
    "totalsize",
    "totalnumber",
    "recordcount",
    "rowcount",
    "count",
    "records",
)
FILES = ("attachments", "attachment", "attach", "files", "filelist", "attachlist", "appendix")

_ARRAY = re.compile(r"[=:(,]\s*(?=\[\s*\{)")
"""Matches the start of an array of objects in a script: ``var list = [{``."""
_TAGS = re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True, slots=True)
class Records:
    entries: tuple[Entry, ...]
    total: int | None
    children: tuple[Link, ...] = ()


def claims(page: Loaded) -> bool:
    return page.media == "json"


def read(page: Loaded) -> Page:
    """A JSON or XML answer as one page of a list."""
    value = _of_xml(page) if page.media == "xml" else loads(page.text)
    if value is UNKNOWN:
        return Page(page.url, NAME, note="not JSON")
    found = of(value, page)
    more = _more(page, found, value)
    done = page.fetch.number("read") + len(found.entries)
    last = (found.total is not None and done >= found.total) or _says_last(value)
    return Page(
        page.url,
        NAME,
        entries=found.entries,
        more=None if last else more,
        stated=found.total,
        last=last,
        children=found.children,
        links=tuple(Link(one.url, one.title, "", "tree") for one in found.entries),
    )


def _says_last(value: Any) -> bool:
    """True when the answer has a mark that nothing follows: ``hasNext: false``, ``isLastPage: true``."""
    for node in islice(_walk(value), 20):
        if isinstance(node, dict):
            folded = {re.sub(r"[_-]", "", key).lower(): one for key, one in node.items() if isinstance(one, bool)}
            if any(folded.get(name) is False for name in _ENDED) or any(folded.get(name) is True for name in _LAST):
                return True
    return False


def _of_xml(page: Loaded) -> Any:
    """Elements with children of text as objects (``<item><title>…</title><link>…</link></item>``); UNKNOWN when
    broken."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", page.text).encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return UNKNOWN
    rows: list[dict[str, str]] = []
    for element in root.iter() if root is not None else ():
        if len(element) and len(rows) < NODES:
            row = {**element.attrib}
            row.update({etree.QName(one).localname: (one.text or "").strip() for one in element if _is_leaf(one)})
            if _title(row):
                rows.append(row)
        elif not len(element) and isinstance(element.tag, str) and _title(element.attrib):
            rows.append(dict(element.attrib))
    return rows


def _is_leaf(element: Any) -> bool:
    return isinstance(element.tag, str) and not len(element)


def of(value: Any, page: Loaded) -> Records:
    """The records of a JSON value: those of its largest array of titled objects."""
    best: list[dict[str, Any]] = []
    total: int | None = None
    children: list[Link] = []
    for node in _walk(value):
        if isinstance(node, list):
            rows = [one for one in node if isinstance(one, dict) and _title(one)]
            if len(rows) > len(best):
                best = rows
            for one in rows:
                if url := _address(one, page):
                    children.append(Link(url, _title(one), "", "tree"))
        elif isinstance(node, dict) and total is None:
            total = _total(node)
    entries = tuple(one for one in (entry(row, page) for row in best) if one is not None)
    return Records(entries, total, tuple(children[:3000]))


def _walk(value: Any) -> Iterator[Any]:
    """All nodes of a JSON value, breadth first and bounded; strings that hold JSON are opened once."""
    queue, seen = [value], 0
    while queue and seen < NODES:
        node = queue.pop(0) if len(queue) < 2000 else queue.pop()
        seen += 1
        yield node
        if isinstance(node, dict):
            queue.extend(_opened(one) for one in node.values() if isinstance(one, (dict, list)) or _is_json(one))
        elif isinstance(node, list):
            queue.extend(one for one in node if isinstance(one, (dict, list)))


def _is_json(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) > 20
        and value.lstrip()[:1] in ("{", "[")
        and value.rstrip()[-1:] in ("}", "]")
    )


def _opened(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return None


def _field(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The first field that has a value, names compared without case, ``_`` and ``-``."""
    folded = {re.sub(r"[_-]", "", key).lower(): value for key, value in record.items() if isinstance(key, str)}
    for name in names:
        value = folded.get(name)
        if value not in (None, "", [], {}) and value is not UNKNOWN:
            return value
    return None


_TITLED = re.compile(r"(?:title|subject|caption|biaoti)$", re.I)
_DATED = re.compile(r"(?:date|time)(?:str)?$", re.I)
_ENDED = ("hasnext", "hasmore", "hasnextpage")
_LAST = ("islastpage", "lastpage", "islast", "last", "nomore", "isend")


def _like(record: Mapping[str, Any], pattern: re.Pattern[str]) -> Any:
    """The first text under a name that only ends like one that is known: ``atitle``, ``RELEASE_TIME``."""
    return next(
        (value for key, value in record.items() if isinstance(value, str) and value and pattern.search(key)), None
    )


def _title(record: Mapping[str, Any]) -> str:
    value = _field(record, TITLE) or _like(record, _TITLED)
    return tidy(_TAGS.sub("", value))[:400] if isinstance(value, str) else ""


def _address(record: Mapping[str, Any], page: Loaded) -> str:
    value = _field(record, ADDRESS)
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), None)
    if not isinstance(value, str) or not re.search(r"[/.?]", value):
        return ""
    return Loaded(page.fetch.get("from") or page.url, b"").join(value)


def _total(record: Mapping[str, Any]) -> int | None:
    value = _field(record, TOTAL)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000 else None


def entry(record: Mapping[str, Any], page: Loaded) -> Entry | None:
    """One record as an entry, or None when nothing says where it is."""
    title = best_title(_title(record), "")
    url = _address(record, page) or _templated(record, page)
    body = _field(record, CONTENT)
    html = body if isinstance(body, str) and len(body) >= 200 and "<" in body else ""
    files = tuple(_files(record, page))
    if not url and files:
        url = files[0].url
    if not url:
        return None
    issuer = _field(record, ISSUER)
    return Entry(
        url,
        title,
        _day(_field(record, DAY)) or _day(_like(record, _DATED)) or url_date(url),
        tidy(issuer)[:100] if isinstance(issuer, str) else "",
        body=html,
        files=files,
    )


def _files(record: Mapping[str, Any], page: Loaded) -> Iterator[Link]:
    value = _field(record, FILES)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and (url := _address(one, page) or _called(one, page)):
            name = _field(one, ("filename", "attachname", "fileoldname", "originalname")) or _title(one)
            yield Link(url, tidy(str(name)), "", "row")


_QUOTED = re.compile(r"\(\s*['\"]([^'\"]{4,500})['\"]")
"""Matches the address in a call: ``ztbfjyz('/EpointWebBuilder/…attachGuid=…')``."""


def _called(record: Mapping[str, Any], page: Loaded) -> str:
    """The address that a record keeps as a script call."""
    for value in record.values():
        match = _QUOTED.search(value) if isinstance(value, str) and len(value) < 2000 else None
        if match and "/" in match.group(1):
            return Loaded(page.fetch.get("from") or page.url, b"").join(match.group(1))
    return ""


def _day(value: Any) -> str:
    if isinstance(value, str):
        if value.isascii() and value.isdigit() and len(value) in (10, 13):
            value = int(value)
        elif re.fullmatch(r"(?:19|20)\d{6}", value):
            value = f"{value[:4]}-{value[4:6]}-{value[6:]}"
    if isinstance(value, int) and 10**8 < value < 10**13 * 3:
        seconds = value / 1000 if value > 10**11 else value
        china = datetime.timezone(datetime.timedelta(hours=8))
        return datetime.datetime.fromtimestamp(seconds, china).date().isoformat()
    return iso_date(value) if isinstance(value, str) else ""


_TEMPLATE = re.compile(r"['\"`](?=(?:https?:/)?\.{0,2}/[\w/.?=&$+{}-]{0,120})")
"""Matches the start of an address that a script completes: ``'/art/info/' + item.col + '/' + item.id``."""


def templates_of(page: Loaded) -> tuple[str, ...]:
    """Expressions in a page that make an address out of a record's fields, its own names filled in."""
    named = {f"${{{name}}}": value for name, value in page.names.items() if isinstance(value, str)}
    found: dict[str, None] = {}
    for piece in (*templates(page.text), *_row_calls(page)):
        for name, value in named.items():
            piece = piece.replace(name, value)
        found[piece] = None
    return tuple(found)


_ROW_CALL = re.compile(r"([A-Za-z_$][\w$]{0,40})\((?:\\?['\"]){0,2}\s*\+\s*[\w$]{1,30}\.([\w$]{1,40})\s*\+")
"""Matches the call in a row that a script writes: ``'<li onclick="goDetail(\\''+r.aid+'\\')">'``."""


def _row_calls(page: Loaded) -> Iterator[str]:
    """The address behind a row's onclick as a template: the function's body with the field in the parameter's place."""
    for match in islice(_ROW_CALL.finditer(page.scripts[:400_000]), 8):
        field = "${row." + match.group(2) + "}"
        for body, names in bound(f"{match.group(1)}({json.dumps(field)})", page):
            if url := moved(body, names, page):
                yield f"`{unquote(url)}`"


def templates(text: str) -> tuple[str, ...]:
    """Expressions in a page that make an address out of a record's fields."""
    found: dict[str, None] = {}
    for match in _TEMPLATE.finditer(text):
        piece = text[match.start() : match.start() + 300]
        if re.match(r"(['\"])[^'\"]{1,120}\1\s*\+\s*[\w$]+\.[\w$]+", piece) or re.match(
            r"`[^`]{0,120}\$\{[\w$]+\.[\w$]+\}", piece
        ):
            found[piece] = None
        if len(found) >= 12:
            break
    for match in islice(_JOINED.finditer(text), 4):
        found[f"`{match.group(1)}${{{'row.' + match.group(2)}}}{match.group(3)}`"] = None
    for match in islice(_MUSTACHE.finditer(text), 4):
        found[f"`{_FIELD.sub(_dollar, match.group(1))}`"] = None
    return tuple(found)


_JOINED = re.compile(
    r"href\s*=\s*\\?['\"]?([^'\"<>\s\\]{0,120})['\"]\s*\+\s*[\w$]{1,30}(?:\[\w{1,20}\])?\.([\w$]{1,40})\s*\+\s*"
    r"['\"]([^'\"<>\s\\]{0,40})"
)
"""Matches ``"<a href='/annual/view.do?id="+row.ID+"'>"``: a string in one kind of quotes with the other inside."""
_MUSTACHE = re.compile(
    r"href\s*=\s*\\?[\"']([^\"'<>\\]{0,120}(?:\{\{[=#-]?|<%[=-]|<\?=|\$\{)\s*[\w$]{1,30}\.[\w$]{1,40}[^\"'\\\n]{0,80})\\?[\"']"
)
"""Matches ``href="/open/detail/{{d.infoId}}.html"``, a template of layui, Vue 1, art-template or underscore."""
_FIELD = re.compile(r"(?:\{\{[=#-]?|<%[=-]|<\?=)\s*([\w$.]+)\s*(?:\}\}|%>|\?>)")


def _dollar(match: re.Match[str]) -> str:
    return "${" + match.group(1) + "}"


def _templates_for(page: Loaded) -> tuple[str, ...]:
    """The templates of the page that asked for an answer, or of the page that records stand on."""
    if page.media == "html" and not page.fetch.get("templates"):
        return templates_of(page)
    return tuple(json.loads(page.fetch.get("templates", "[]")))


def _templated(record: Mapping[str, Any], page: Loaded) -> str:
    """An address for a record that has only identifiers, by an expression of the page that showed the list."""
    simple = {key: value for key, value in record.items() if isinstance(value, (str, int))}
    fields: dict[str, Any] = dict(simple)
    dotted = {f"item.{key}": value for key, value in simple.items()}
    for piece in _templates_for(page):
        names: dict[str, Any] = dict(simple)
        for variable in re.findall(r"\$\{([\w$]+)\.([\w$]+)\}", piece):
            names[".".join(variable)] = fields.get(variable[1], UNKNOWN)
        value = literal(piece, 0, {**dotted, **names})
        if isinstance(value, str):
            return Loaded(page.fetch.get("from") or page.url, b"").join(value)
    return ""


def _more(page: Loaded, found: Records, value: Any) -> Fetch | None:
    """The request for the next page: the page number of this request, one higher, wherever it stands."""
    fetch = page.fetch
    if not found.entries:
        return following(fetch)
    read_so_far = fetch.number("read") + len(found.entries)
    kept = tuple((key, text) for key, text in fetch.state if key not in ("read", "page", "others"))
    state = (*kept, ("read", str(read_so_far)))
    if url := stepped_url(fetch.url):
        return Fetch(url, fetch.method, fetch.headers, fetch.body, NAME, state)
    if fetch.body and (body := stepped_body(fetch.body)):
        return Fetch(fetch.url, fetch.method, fetch.headers, body, NAME, state)
    return None


def following(fetch: Fetch) -> Fetch | None:
    """The next of the requests that a page's scripts named, when this one gave no list."""
    others = json.loads(fetch.get("others", "[]"))
    if not others:
        return None
    url, method, body, kind = others[0]
    state = tuple((key, text) for key, text in fetch.state if key != "others")
    headers = (("Content-Type", kind),) if kind else ()
    return Fetch(url, method, headers, body.encode(), NAME, (*state, ("others", json.dumps(others[1:]))))


def stepped_url(url: str) -> str:
    parts = urlsplit(url)
    for key, text in parse_qsl(parts.query, keep_blank_values=True):
        if PAGE_NAMES.match(key) and text.isdigit():
            return with_page(url, int(text) + 1, key)
        if text.startswith("{") and (stepped := _stepped(text)):
            return with_page(url, 0, key).replace(f"{key}=0", urlencode({key: stepped}), 1)
    return ""


def stepped_body(body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        return _stepped(text).encode()
    pairs = parse_qsl(text, keep_blank_values=True)
    for number, (key, value) in enumerate(pairs):
        if PAGE_NAMES.match(key) and value.isdigit():
            pairs[number] = (key, str(int(value) + 1))
            return urlencode(pairs).encode()
        if value.startswith("{") and (stepped := _stepped(value)):
            pairs[number] = (key, stepped)
            return urlencode(pairs).encode()
    return b""


def _stepped(text: str) -> str:
    """A JSON object with its page number one higher (looked for two levels deep), or empty."""
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    for holder in (value, *(one for one in value.values() if isinstance(one, dict))) if isinstance(value, dict) else ():
        for key, number in holder.items():
            if PAGE_NAMES.match(key) and str(number).isdigit():
                holder[key] = str(int(number) + 1) if isinstance(number, str) else number + 1
                return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return ""


def inline(page: Loaded) -> Records:
    """Records that stand as an array in one of the page's scripts."""
    best = Records((), None)
    names: dict[str, Any] | None = None
    for number, match in enumerate(_ARRAY.finditer(page.scripts)):
        if number >= 20:
            break
        value = literal(page.scripts, match.end(), names)
        if value is UNKNOWN and names is None:
            names = assignments(page.scripts)
            value = literal(page.scripts, match.end(), names)
        if isinstance(value, list):
            found = of(value, page)
            if len(found.entries) > len(best.entries):
                best = found
    return best
