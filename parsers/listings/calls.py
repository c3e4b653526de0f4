"""Tabs and boxes that fetch a part of the page when somebody clicks: what each click would ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from parsers.listings import api
from parsers.listings.html import text_of
from parsers.listings.js import block, literal
from parsers.listings.model import Fetch, Link, Loaded
from parsers.listings.moves import assigned, bound, moved
from parsers.listings.pagers import form_fields, submit
from parsers.listings.records import templates_of

CLICKS = 400
_CLICKED = re.compile(
    r"\bon(?:click|change)\s*=|href\s*=\s*['\"]?\s*javascript:\s*\w{3,}\(|\.(?:click|change|on|live|bind|delegate|hover|mouseover)\(",
    re.I,
)
"""Whether a page has anything that does something when it is clicked."""
LABEL = 40
"""Characters that the label of a tab has at most."""
_PAGER = re.compile(
    r"^\W*(?:\d{1,4}|[首上下前后末尾][一]?页|最后一页|go|跳转|确定|搜索|查询|重置|打印|关闭|[大中小])\W*$", re.I
)
_HANDLER = re.compile(
    r"\.(?:click|change|mouseover|hover)\(\s*function\s*\([^)]{0,40}\)\s*\{"
    r"|\.(?:on|live|bind|delegate)\(\s*[^()]{0,120}?function\s*\([^)]{0,40}\)\s*\{"
)
"""Matches ``$(".tab li").click(function(){`` and ``.on("click", "li", function(){``."""
_OWN = re.compile(
    r"\$\(\s*this\s*\)\.(?:data\(\s*['\"]([\w-]{1,40})['\"]\s*\)|attr\(\s*['\"]([\w-]{1,40})['\"]\s*\)|(val)\(\s*\))"
    r"|\bthis\.(?:dataset\.([\w$]{1,40})|(value)\b|getAttribute\(\s*['\"]([\w-]{1,40})['\"]\s*\))"
)
"""Matches ``$(this).data("id")``, ``$(this).attr("rel")``, ``$(this).val()`` and ``this.dataset.id``."""


def clicks(page: Loaded) -> tuple[Link, ...]:
    """What the tabs and boxes of a page would fetch, one link for each request and label."""
    if page.root is None:
        return ()
    found = {(link.url, link.text): link for link in _boxes(page)}
    if not page.scripts or not _CLICKED.search(page.text):
        return tuple(found.values())
    for label, body, names, moves in islice((*_handlers(page), *_listeners(page)), CLICKS):
        link = _link(page, label, body, names, moves)
        if link is not None:
            found.setdefault((link.url, link.text), link)
    return tuple(found.values())


Click = tuple[str, str, dict[str, Any], bool]
"""The label, the code that runs, the names known in it, and whether a move counts (html.py reads those of onclick)."""


def _link(page: Loaded, label: str, body: str, names: dict[str, Any], moves: bool) -> Link | None:
    fetch = api.request_in(page, body, names)
    if fetch is None and moves and (url := moved(body, names, page)):
        return Link(url, label, "", "option")
    if fetch is None:
        return _sent(page, label, _posted(page, body, names))
    state = (("from", page.url), ("templates", _forms(page)))
    return _sent(page, label, replace(fetch, system="fragment", state=state))


def _forms(page: Loaded) -> str:
    """The page's templates of addresses, worked out once."""
    if not page.memo.get("templates"):
        page.memo["templates"] = json.dumps(templates_of(page))
    return page.memo["templates"]


def _sent(page: Loaded, label: str, fetch: Fetch | None) -> Link | None:
    if fetch is None:
        return None
    return Link(fetch.address, label, "", "call" if fetch.system else "option", fetch)


_FIELD_SET = re.compile(
    r"(?:\.|getElementById\(\s*['\"]|['\"]#|\[name=['\"]?)([A-Za-z_][\w.-]{0,40})['\"]?\]?['\"]?\s*\)?\s*(?:\.value\s*=(?!=)\s*|\.val\(\s*)"
)
"""Matches the field in ``document.f.columnId.value=``, ``getElementById("columnId").value =`` and ``$("#id").val(``."""


def _posted(page: Loaded, body: str, names: dict[str, Any]) -> Fetch | None:
    """The form that a handler fills and submits."""
    if "submit" not in body:
        return None
    for match in islice(_FIELD_SET.finditer(body), 6):
        value = literal(body, match.end(), names)
        for name in (match.group(1), match.group(1).rpartition(".")[2]):
            if isinstance(value, (str, int)) and (fetch := _with_field(page, name, str(value))):
                return fetch
    return None


def _with_field(page: Loaded, name: str, value: str) -> Fetch | None:
    """The request of the page's form that has a field, with the field set."""
    for form in islice(page.root.iter("form"), 20):
        called = {one.get("id"): one.get("name") for one in form.iter("input", "select") if one.get("name")}
        fields = form_fields(form)
        known = name if name in dict(fields) else called.get(name) or ""
        if known:
            return submit(page, form, [(key, value if key == known else old) for key, old in fields], 1)
    return None


def _boxes(page: Loaded) -> Iterator[Link]:
    """The other years of a form that shows one year at a time: a box whose chosen option is a year."""
    for form in islice(page.root.iter("form"), 20):
        for box in form.iter("select"):
            options = list(islice(box.iter("option"), 60))
            name = box.get("name")
            chosen = next((one for one in options if one.get("selected") is not None), options[0] if options else None)
            if not name or chosen is None or not _YEAR.match(text_of(chosen, 20)):
                continue
            for option in options:
                label, value = text_of(option, 20), option.get("value") or text_of(option, 20)
                if (
                    option is not chosen
                    and _YEAR.match(label)
                    and (link := _sent(page, label, _with_field(page, name, value)))
                ):
                    yield link


_YEAR = re.compile(r"^(?:19|20)\d\d\s*年?度?$")


def _handlers(page: Loaded) -> Iterator[Click]:
    """Elements with an onclick that calls a function of the page, and boxes with an onchange."""
    for element in islice(
        page.root.iter("a", "li", "span", "div", "td", "dd", "dt", "p", "button", "input", "select"), 8000
    ):
        code = element.get("onclick") or ""
        href = element.get("href") or ""
        if not code and href[:11].lower() == "javascript:":
            code = href[11:]
        if element.tag == "select":
            yield from _options(page, element)
            continue
        if "(" not in code:
            continue
        label = text_of(element, LABEL + 1) or element.get("value") or element.get("title") or ""
        if 0 < len(label) <= LABEL and not _PAGER.match(label):
            for body, names in bound(code, page, {}):
                yield label, body, names, False


def _options(page: Loaded, box: Any) -> Iterator[Click]:
    """The choices of a box, with what the box does when one is chosen."""
    code = box.get("onchange") or ""
    if not code or "page" in code.lower():
        return
    for option in islice(box.iter("option"), 300):
        value, label = option.get("value"), text_of(option, LABEL + 1)
        if not value or not 0 < len(label) <= LABEL or _PAGER.match(label):
            continue
        written = json.dumps(value)
        said = re.sub(
            r"this\.options\[\s*this\.selectedIndex\s*\]\.value|this\.value|\$\(this\)\.val\(\)",
            lambda _, w=written: w,
            code,
        )
        if said != code:
            yield label, said, page.names, True
        for body, names in bound(said, page, {}):
            yield label, re.sub(r"\$\(['\"]#[\w-]{1,40}['\"]\)\.val\(\)", lambda _, w=written: w, body), names, True  # type: ignore[misc]


def _listeners(page: Loaded) -> Iterator[Click]:
    """The same for handlers that a script attaches: they read what they need from attributes of the element."""
    scripts = page.scripts[:400_000]
    for match in islice(_HANDLER.finditer(scripts), 20):
        body = block(scripts, match.end())
        own = {next(group for group in one.groups() if group) for one in _OWN.finditer(body)}
        wanted = {name if name in ("rel", "id", "value", "href", "name") else f"data-{name}" for name in own - {"val"}}
        wanted |= own - {"val"}
        if not wanted or len(own) > 4:
            continue
        for element in islice(page.root.iter("a", "li", "span", "div", "td", "dd", "dt", "button", "option"), 8000):
            if not any(name.startswith("data-") or name == "rel" for name in wanted if element.get(name) is not None):
                continue
            label = text_of(element, LABEL + 1)
            if 0 < len(label) <= LABEL and not _PAGER.match(label):
                code = _OWN.sub(lambda one, e=element: _value(one, e), body)  # type: ignore[misc]
                yield label, code, {**page.names, **assigned(code, page.names)}, True


def _value(match: re.Match[str], element: Any) -> str:
    name = next(group for group in match.groups() if group)
    return json.dumps(element.get(f"data-{name}") or element.get(name) or "")
