"""Where a call of a page's own function leads: ``show('2021','0012')`` goes where the function's body says.

Nothing is run. The arguments are bound to the function's parameters, and what its body writes literally is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from parsers.listings.js import arguments, assignments, literal
from parsers.listings.model import Loaded

_CALL = re.compile(r"(?<![\w$.])(?:this\.|window\.|parent\.)?([A-Za-z_$][\w$]{0,40})\s*\(")
"""Matches the call in ``javascript:show('2021')`` and ``return viewInfo(12)``."""
_MOVE = re.compile(
    r"\blocation(?:\.href)?\s*=(?!=)\s*|\blocation\.(?:replace|assign)\(\s*|\bwindow\.open\(\s*|(?<![\w.$])open\(\s*"
    r"|\.attr\(\s*['\"](?:src|href)['\"]\s*,\s*|\.src\s*=(?!=)\s*"
)
"""Matches ``window.location.href =``, ``location.replace(``, ``window.open(`` and ``$("#frame").attr("src",``."""


_LIBRARY = re.compile(
    r"jquery|bootstrap|swiper|layui|layer|\bvue|axios|echarts|polyfill|modernizr|html5|respond|share|slide|date|weixin|swfobject|"
    r"video|player|ie\d|fontsize|wza|barrier|access|analytics|hm\.js|tongji|count|stat\b|cnzz|piwik|sitegray|visit|hit|weather|"
    r"login|map|search|crypto|md5|base64|qrcode|print|scroll|marquee|flash|pdfobject|lib[/.]",
    re.I,
)
"""Names of scripts that are programs of their own and know nothing of a portal's pages."""
_COMMON = frozenset(
    "if for while switch return function typeof void alert confirm print close open eval setTimeout setInterval catch "
    "parseInt encodeURI encodeURIComponent decodeURIComponent escape unescape String Number Date jQuery require "
    "define".split()
)
SCRIPTS = 3
"""Script files of a portal that one page may ask for."""


def script_files(page: Loaded) -> tuple[str, ...]:
    """The addresses of the portal's own script files that a page loads, in page order."""
    if page.root is None or page.media != "html":
        return ()
    sources = ((element.get("src") or "").strip() for element in page.root.iter("script"))
    return tuple(
        dict.fromkeys(page.join(src) for src in sources if src and not _LIBRARY.search(src) and page.join(src))
    )


def missing_scripts(page: Loaded) -> tuple[str, ...]:
    """Script files that may hold what the page calls and does not define itself; empty when nothing is missing.

    Only a call that a person's click makes counts, or one of an inline script with a literal argument.
    """
    files = script_files(page)
    if not files:
        return ()
    codes = [page.scripts[:100_000]]
    for element in page.root.iter("a", "li", "span", "div", "td", "button"):
        href = element.get("href") or ""
        codes.append((href[11:] if href[:11].lower() == "javascript:" else "") or element.get("onclick") or "")
        if len(codes) > 500:
            break
    called = {match.group(1) for code in codes for match in islice(_LITERAL_CALL.finditer(code), 50)}
    return files[:SCRIPTS] if called - _COMMON - set(page.functions) else ()


_LITERAL_CALL = re.compile(
    r"(?<![\w$.])(?<!function )([A-Za-z_$][\w$]{2,40})\(\s*(?:['\"][\w./-]{1,60}['\"]|\d{1,12})\s*[,)]"
)
"""Matches ``toColumn(3)`` and ``getList('188', 'list')``, not a method of an object."""


def bound(code: str, page: Loaded, this: dict[str, Any] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bodies of the functions that a handler calls, with the names that are known in them. ``this`` holds what is
    known of the element itself (``this.value``)."""
    for match in _CALL.finditer(code[:600]):
        definition = page.functions.get(match.group(1))
        if definition is None:
            continue
        parameters, body = definition
        given = arguments(code, match.end(), this)
        values = {name: value for name, value in zip(parameters, given, strict=False) if name}
        names = {**page.names, **values}
        own = {**assignments(body, 30), **assigned(body, names)}
        yield body, {**names, **{key: value for key, value in own.items() if key not in values}}


def assigned(body: str, names: dict[str, Any]) -> dict[str, Any]:
    """Names that a body puts together from names already known: ``var url = "/info/" + id + ".htm"``."""
    found: dict[str, Any] = {}
    for number, match in enumerate(re.finditer(r"(?:var|let|const)\s+([\w$]{1,40})\s*=(?!=)", body)):
        if number >= 20:
            break
        value = literal(body, match.end(), {**names, **found})
        if isinstance(value, (str, int)):
            found[match.group(1)] = value
    return found


def moved(body: str, names: dict[str, Any], page: Loaded) -> str:
    """The address of the first move in a body that is known and leads away from the page, or empty."""
    for move in _MOVE.finditer(body):
        value = literal(body, move.end(), names)
        if isinstance(value, str) and (url := page.join(value)) and url != page.url and not value.startswith("#"):
            return url
    return ""


def opened(code: str, page: Loaded) -> str:
    """Where the call in an onclick or a ``javascript:`` address leads, or empty."""
    if "(" not in code or not page.functions:
        return ""
    return next((url for body, names in bound(code, page) if (url := moved(body, names, page))), "")
