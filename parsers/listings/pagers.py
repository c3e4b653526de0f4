"""How a list goes on: every way of PORTALS' paging that can be followed without a browser.

``next_page`` gives the request for the page after this one, and whether the page proves that it is the last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from parsers.listings.html import Anchor, text_of
from parsers.listings.js import assignments, literal
from parsers.listings.model import Fetch, Loaded

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)

_CREATE = re.compile(r"(?<!function )\bcreatePage(?:HTML)?\s*\(([^()]{3,300})\)")
"""Matches ``createPageHTML(50, 0, "index","htm",849)`` and ``createPage(3,0,'index','html')``, not the definition."""
_NEXT = re.compile(
    r"^(?:下一?页|后一?页|下页|向后|next(?:\s*page)?|[>›»]|&gt;|下一页\s*[>›»]{1,2}|[>›»]{1,2}\s*下一页)$", re.I
)
_PAGER_CALL = re.compile(
    r"\b([A-Za-z_$][\w$]{0,40})\s*\(\s*['\"]?(\d{1,5})['\"]?\s*(?:,\s*['\"]?[\w-]{0,40}['\"]?\s*){0,3}\)"
)
"""Matches ``page('2')`` and ``gotoPage(2)`` in an href or onclick."""
_POSTBACK = re.compile(
    r"__doPostBack\(\s*(?:'|&#39;|\")([^'\"&]{1,200})(?:'|&#39;|\")\s*,\s*(?:'|&#39;|\")([^'\"&]{0,200})(?:'|&#39;|\")"
)
"""Matches ``__doPostBack('ctl00$Body$AspNetPager1','2')``."""
_OF_PAGES = re.compile(
    r"(?<![\d/.年-])(?:第\s*)?(\d{1,5})\s*页?\s*[/／]\s*(?:共\s*)?(\d{1,5})(?![\d/.年-])|第\s*(\d{1,5})\s*页.{0,12}?共\s*(\d{1,5})\s*页"
)
"""Matches ``1/68``, ``第1页/共3页`` and ``第 1 页 共 3 页``, not a part of ``2024/1/31``."""


@dataclass(frozen=True, slots=True)
class Next:
    """``fetch`` is None at the end; ``last`` is True when the page's own pager says that this is the last one."""

    fetch: Fetch | None
    last: bool = False


def next_page(page: Loaded, found: list[Anchor]) -> Next:
    """The request for the next page of the list on this page, by the first mechanism that the page shows."""
    for way in (_created, _linked, _called, _selected):
        step = way(page, found)
        if step is not None:
            return step
    return Next(None, last=_says_last(page))


# createPageHTML, createPage ------------------------------------------------------------------------------------


def _created(page: Loaded, _: list[Anchor]) -> Next | None:
    """``createPage…(…)``: names continue at 1, ``index.html`` → ``index_1.html`` (0-based current) or, where the first
    page counts as 1, ``list.shtml`` → ``list_2.shtml``."""
    call = created(page)
    if call is None:
        return None
    pages, current, stem, extension, _total = call
    base = page.fetch.number("base", -1)
    if base < 0:
        base = (
            1 if current > 0 and not re.search(rf"_{current}\.\w+$", urlsplit(page.url).path) else _base(page, current)
        )
    if current + 1 > pages - 1 + base:
        return Next(None, last=True)
    url = page.join(f"{stem}_{current + 1}.{extension}")
    return Next(Fetch(url, state=(("base", str(base)),)) if url else None)


def _base(page: Loaded, current: int) -> int:
    """0 or 1: where the counting starts. A call with an element's name first counts from 1, the others from 0."""
    call = _CREATE.search(page.scripts)
    return 1 if call and call.group(1).lstrip()[:1] in "'\"" else 0


def created(page: Loaded) -> tuple[int, int, str, str, int | None] | None:
    """Arguments of the pager call: pages, current, stem, extension, total (None where it is not given)."""
    for match in _CREATE.finditer(page.scripts):
        values = literal(f"[{match.group(1)}]", 0, assignments(page.scripts, 60))
        if not isinstance(values, list):
            continue
        numbers = [
            int(value) for value in values if isinstance(value, int) or (isinstance(value, str) and value.isdigit())
        ]
        words = [
            value
            for value in values
            if isinstance(value, str) and re.fullmatch(r"[\w./-]{1,100}", value) and not value.isdigit()
        ]
        leading = isinstance(values[0], str) and not values[0].isdigit()
        if leading and len(words) >= 3:
            words = words[1:]
        if len(numbers) < 2 or not words:
            continue
        stem = words[0]
        extension = words[1].lstrip(".") if len(words) > 1 else urlsplit(page.url).path.rpartition(".")[2] or "html"
        if len(numbers) >= 3 and isinstance(values[2], int) and not leading:  # totalRecords, totalPages, current
            return numbers[1], numbers[2], stem, extension, numbers[0]
        return numbers[0], numbers[1], stem, extension, numbers[2] if len(numbers) > 2 else None
    return None


# links --------------------------------------------------------------------------------------------------------


def _linked(page: Loaded, found: list[Anchor]) -> Next | None:
    """A link called 下一页 that leads somewhere else, or the link after the current number."""
    for anchor in found:
        if _is_next(anchor.element, anchor.text) and not _same(anchor.url, page.url):
            return Next(Fetch(anchor.url))
    return _numbered(page, found)


def _is_next(element: Any, text: str) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
    parent = element.getparent()
    if parent is not None:
        names += (parent.get("class") or "").lower().split()
    squeezed = text.replace(" ", "")
    if _NEXT.match(squeezed) or _NEXT.match((element.get("title") or "").strip()):
        return not ({"disabled", "disable", "nolink"} & set(names))
    return bool({"p_next", "pagenext", "next-page", "pg_next"} & set(names)) and "上" not in squeezed


def _numbered(page: Loaded, found: list[Anchor]) -> Next | None:
    """Numbers without a 下一页: the current one is no link, or links to this page."""
    numbers = [(int(anchor.text), anchor) for anchor in found if re.fullmatch(r"\d{1,4}", anchor.text)]
    if len(numbers) < 1:
        return None
    by_parent: dict[Any, list[tuple[int, Anchor]]] = {}
    for number, anchor in numbers:
        parent = anchor.element.getparent()
        if parent is not None and parent.tag in ("li", "span", "td") and parent.getparent() is not None:
            parent = parent.getparent()
        by_parent.setdefault(parent, []).append((number, anchor))
    for block, members in by_parent.items():
        values = {number for number, _ in members}
        own = [number for number, anchor in members if _same(anchor.url, page.url)]
        current = own[0] if own else _unlinked_number(block, values)
        if current is None:
            current = _left_out(page.url, members)
        if current is None or current > 1000:
            continue
        for number, anchor in members:
            if number == current + 1 and not _same(anchor.url, page.url):
                return Next(Fetch(anchor.url))
        if current > 1 and max(values) <= current:
            return Next(None, last=True)
    return None


def _left_out(url: str, members: list[tuple[int, Anchor]]) -> int | None:
    """The number that a row of numbers leaves out, when it is this page's: 1 [2] [3] on the first, [1] 2 [3] next."""
    values = {number for number, _ in members}
    missing = set(range(1, max(values) + 1)) - values
    if len(missing) != 1 or len(values) < 2:
        return None
    (own,) = missing
    for number, anchor in members:
        path, _, query = anchor.url.partition("?")
        names = [part for part in query.split("&") if part.partition("=")[2] == str(number)]
        rest = [f"{path}?{query.replace(name, name.replace(f'={number}', f'={own}'))}" for name in names]
        if own == 1:
            rest += [f"{path}?{query.replace(f'&{name}', '').replace(name, '')}".rstrip("?") for name in names]
        if any(_same(each, url) for each in rest):
            return own
    return None


def _unlinked_number(block: Any, linked: set[int]) -> int | None:
    """The number in a pager block that is not a link, when it fits the linked ones."""
    if block is None:
        return None
    for element in block.iter("span", "strong", "b", "em", "i", "a", "li", "td"):
        text = (element.text or "").strip()
        if re.fullmatch(r"\d{1,4}", text) and int(text) not in linked and len(element) == 0:
            number = int(text)
            if number + 1 in linked or number - 1 in linked:
                return number
    return None


# calls --------------------------------------------------------------------------------------------------------


def _called(page: Loaded, found: list[Anchor]) -> Next | None:
    """``javascript:page('2')``, ``onclick="gotoPage(2)"``, ``__doPostBack(…)`` behind 下一页 or the next number."""
    if page.root is None:
        return None
    candidates: list[tuple[bool, str, str]] = []
    for element in page.root.iter("a", "span", "li", "input", "button"):
        href = element.get("href") or ""
        code = (href if href[:11].lower() == "javascript:" else "") + (element.get("onclick") or "")
        if "(" in code:
            text = text_of(element, 40) or (element.get("value") or "")
            candidates.append((_is_next(element, text), text, code[:600]))
    following = [code for is_next, _, code in candidates if is_next]
    current = _current(page)
    if not following and current is not None:
        following = [code for _, text, code in candidates if text.strip() == str(current + 1)]
    for code in following:
        if post := _POSTBACK.search(code):
            fetch = post_back(page, post.group(1), post.group(2))
            return Next(fetch) if fetch else None
        if call := _PAGER_CALL.search(code.replace("javascript:", "")):
            number = int(call.group(2))
            if current is not None and number <= current:
                return Next(None, last=True)
            fetch = called(page, call.group(1), number)
            if fetch:
                return Next(fetch)
    if candidates and current is not None and current > 1 and not following:
        return Next(None, last=True)
    return None


def _current(page: Loaded) -> int | None:
    """The number of this page, as the page itself shows it: ``1/68``, ``第1页``, the current mark of the pager."""
    if page.root is None:
        return None
    for element in page.root.iter("span", "a", "li", "strong", "b", "em", "font", "td"):
        names = (element.get("class") or "").lower()
        text = (element.text or "").strip()
        if (
            text.isascii()
            and text.isdigit()
            and len(text) < 5
            and re.search(
                r"\b(?:cur(?:rent)?|active|on|this|now|sel(?:ected)?|cpb|thispage|pagenow)\b", names.replace("_", "-")
            )
        ):
            return int(text)
    if counted := of_pages(_tail(page)):
        return counted[0]
    return page.fetch.number("page", 1)


def _says_last(page: Loaded) -> bool:
    counted = of_pages(_tail(page))
    return counted is not None and counted[0] >= counted[1] > 0


def of_pages(text: str) -> tuple[int, int] | None:
    """The number of this page and of all pages, as a text says them; None when it does not."""
    for match in _OF_PAGES.finditer(text):
        current, pages = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
        if 0 < int(current) <= int(pages):
            return int(current), int(pages)
    return None


def _tail(page: Loaded) -> str:
    """The visible text where a pager would be: pagers stand in or after the list, dates like 1/31 before it."""
    if page.root is None:
        return ""
    for element in page.root.iter("div", "p", "td", "ul", "span", "nav"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if "page" in names or "pagi" in names or "pager" in names:
            text = text_of(element, 300)
            if _OF_PAGES.search(text):
                return text
    return ""


def called(page: Loaded, function: str, number: int) -> Fetch | None:
    """The request that a page function makes for a page number, read from the function's body.

    Understood: an address put together from strings, known names and the parameter; a form field that gets the number
    before ``submit()``; a POST of the page's only form with a field named like a page number.
    """
    scripts = page.scripts
    definition = re.search(
        rf"function\s+{re.escape(function)}\s*\(\s*([\w$]{{0,40}})[^)]{{0,80}}\)\s*\{{|\b{re.escape(function)}\s*=\s*function\s*\(\s*([\w$]{{0,40}})[^)]{{0,80}}\)\s*\{{",
        scripts,
    )
    if not definition:
        return None
    body = scripts[definition.end() : definition.end() + 3000]
    end = re.search(r"\n\s*function\s", body)
    body = body[: end.start()] if end else body
    parameter = definition.group(1) or definition.group(2) or ""
    names = {
        **assignments(scripts, 100),
        **assignments(body, 30),
        parameter: number,
    }
    for move in re.finditer(
        r"location(?:\.href)?\s*=(?!=)\s*|location\.(?:replace|assign)\(\s*|window\.open\(\s*", body
    ):
        value = literal(body, move.end(), names)
        if isinstance(value, str) and (url := page.join(value)) and not _same(url, page.url):
            return Fetch(url, state=(("page", str(number)),))
    field = re.search(
        r"(?:\.|getElementById\(['\"]|\[['\"]|#|name=['\"]?)(\w{1,40})['\"]?\]?['\"]?\)?\s*(?:\.value\s*=|\.val\()\s*",
        body,
    )
    if field and "submit" in body:
        return _submit(page, field.group(1), number)
    return None


def _submit(page: Loaded, field: str, number: int) -> Fetch | None:
    """A form of the page with one field set to a page number."""
    for form in page.root.iter("form"):
        fields = form_fields(form)
        names = {name for name, _ in fields} | {element.get("id") or "" for element in form.iter("input")}
        if field not in names:
            continue
        identified = {element.get("id"): element.get("name") for element in form.iter("input") if element.get("name")}
        name = field if field in {key for key, _ in fields} else identified.get(field, field)
        values = [(key, str(number) if key == name else value) for key, value in fields]
        if name not in {key for key, _ in values}:
            values.append((name, str(number)))
        return submit(page, form, values, number)
    return None


def submit(page: Loaded, form: Any, values: list[tuple[str, str]], number: int) -> Fetch:
    """The request of a form with these values."""
    url = page.join(form.get("action") or "") or page.url
    state = (("page", str(number)),)
    if (form.get("method") or "get").lower() == "post":
        return Fetch(url, "POST", FORM, urlencode(values).encode(), state=state)
    parts = urlsplit(url)
    return Fetch(urlunsplit(parts._replace(query=urlencode(values), fragment="")), state=state)


def form_fields(form: Any) -> list[tuple[str, str]]:
    """What a browser would send: named inputs that are not buttons, chosen options, text areas."""
    fields: list[tuple[str, str]] = []
    for element in form.iter("input", "select", "textarea"):
        name = element.get("name")
        kind = (element.get("type") or "text").lower()
        if not name or element.get("disabled") is not None or kind in ("submit", "button", "image", "reset", "file"):
            continue
        if kind in ("checkbox", "radio") and element.get("checked") is None:
            continue
        if element.tag == "select":
            options = list(element.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            for option in chosen:
                value = option.get("value")
                fields.append((name, text_of(option, 200) if value is None else value))
        else:
            fields.append((name, element.get("value") or (element.text or "" if element.tag == "textarea" else "")))
    return fields


def post_back(page: Loaded, target: str, argument: str) -> Fetch | None:
    """An ASP.NET post back: the page's form with its hidden fields and the event."""
    for form in page.root.iter("form"):
        fields = form_fields(form)
        if not any(name.startswith("__VIEWSTATE") for name, _ in fields):
            continue
        kept = [(name, value) for name, value in fields if name not in ("__EVENTTARGET", "__EVENTARGUMENT")]
        number = int(argument) if argument.isdigit() else page.fetch.number("page", 1) + 1
        values = [("__EVENTTARGET", target), ("__EVENTARGUMENT", argument), *kept]
        return submit(page, form, values, number)
    return None


# select boxes -------------------------------------------------------------------------------------------------


def _selected(page: Loaded, found: list[Anchor]) -> Next | None:
    """A jump box whose options are pages: ``<option value="list_2.html">2</option>``."""
    chosen: dict[Any, int | None] = {}
    for anchor in found:
        if anchor.place != "option":
            continue
        match = re.fullmatch(r"第?\s*(\d{1,4})\s*页?", anchor.text)
        if not match:
            continue
        box = anchor.element.getparent()
        if box not in chosen:
            chosen[box] = _chosen(box)
        current = chosen[box]
        if current is not None and int(match.group(1)) == current + 1 and not _same(anchor.url, page.url):
            return Next(Fetch(anchor.url))
    return None


def _chosen(box: Any) -> int | None:
    """The number of the option that is chosen in a box."""
    if box is None:
        return None
    options = list(box.iter("option"))
    chosen = next((one for one in options if one.get("selected") is not None), options[0] if options else None)
    match = re.search(r"\d{1,4}", text_of(chosen, 40)) if chosen is not None else None
    return int(match.group()) if match else None


# numbers in addresses -----------------------------------------------------------------------------------------

PAGE_NAMES = re.compile(
    r"^(?:page|curr|pno|pindex|nowpage|thispage|pg|page_(?:no|num|index|number|id)|pageno|pageindex|pagenum|pagenumber|currentpage|currpage|curpage|cpage|currentpageno|pn|p|pager|pageid|current)$",
    re.I,
)


def with_page(url: str, number: int, name: str = "") -> str:
    """An address with its page parameter set; the parameter is found by its name when none is given. Empty when the
    address has no such parameter."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    chosen = name or next((key for key, _ in pairs if PAGE_NAMES.match(key)), "")
    if not chosen:
        return ""
    if chosen not in {key for key, _ in pairs}:
        pairs.append((chosen, str(number)))
    query = urlencode(
        [(key, str(number) if key == chosen else value) for key, value in pairs], quote_via=quote, safe="/:,"
    )
    return urlunsplit(parts._replace(query=query))


def _same(one: str, other: str) -> bool:
    return one.partition("#")[0].rstrip("?") == other.partition("#")[0].rstrip("?")


__all__ = ["FORM", "Next", "called", "created", "form_fields", "next_page", "post_back", "submit", "with_page"]
