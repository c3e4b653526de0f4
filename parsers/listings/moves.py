"""Where a call of a page's own function leads: ``show('2021','0012')`` goes where the function's body says.

Nothing is run. The arguments are bound to the function's parameters, and what its body writes literally is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
        own = {**assignments(body, 30), **_assigned(body, names)}
        yield body, {**names, **{key: value for key, value in own.items() if key not in values}}


def _assigned(body: str, names: dict[str, Any]) -> dict[str, Any]:
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
