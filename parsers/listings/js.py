"""Reads literals out of scripts without running them: strings, numbers, arrays, objects, sums of known names.

A portal's lists often exist only as arguments in a script. What is written literally can be read; anything else is
UNKNOWN, and an expression with an UNKNOWN part is UNKNOWN.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
DEPTH = 40
SPAN = 2_000_000
"""Characters that one literal may have: the largest tree seen (a 广东 directory) has under 400,000."""

_DECODER = json.JSONDecoder()
_NAME = re.compile(r"[A-Za-z_$][\w$]{0,80}(?:\.[A-Za-z_$][\w$]{0,80}){0,4}")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
_SPACE = re.compile(r"(?:\s+|//[^\n]{0,2000}|/\*(?:(?!\*/)[\s\S]){0,5000}\*/)*")
_PLAIN = {"'": re.compile(r"[^'\\\n]*"), '"': re.compile(r'[^"\\\n]*'), "`": re.compile(r"[^`\\]*")}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_ASSIGNED = re.compile(r"(?:\b(?:var|let|const)\s+|[;{},\n]\s*|^\s*)([A-Za-z_$][\w$]{0,60})\s*=(?![=>])", re.M)
"""Matches ``var column = `` and ``,page=``; what follows is read as a literal."""


class _Broken(Exception):
    """The text at this place is not a literal."""


class _Reader:
    def __init__(self, text: str, names: Mapping[str, Any]) -> None:
        self.text = text
        self.names = names
        self.patience = 200_000
        """Characters that may be passed over because nobody can read them, in one literal."""

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def sum(self, at: int, depth: int) -> tuple[Any, int]:
        """A value, or several joined by ``+`` or ``||``."""
        value, at = self.value(at, depth)
        while True:
            after = self.skip(at)
            if self.text.startswith("||", after):
                other, at = self.value(self.skip(after + 2), depth)
                value = value if value is UNKNOWN or value else other
                continue
            if not self.text.startswith("+", after) or self.text.startswith(("++", "+="), after):
                return value, at
            other, at = self.value(self.skip(after + 1), depth)
            value = _add(value, other)

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        if depth > DEPTH:
            raise _Broken
        at = self.skip(at)
        char = self.text[at : at + 1]
        if char in _PLAIN:
            return self.string(at)
        if char == "{":
            return self.object(at, depth)
        if char == "[":
            return self.array(at, depth)
        if char == "(":
            value, at = self.sum(at + 1, depth + 1)
            return value, self.expect(at, ")")
        if number := _NUMBER.match(self.text, at):
            written = number.group()
            return (float(written) if "." in written else int(written)), number.end()
        if name := _NAME.match(self.text, at):
            return self.named(name.group(), name.end(), depth)
        raise _Broken

    def named(self, name: str, at: int, depth: int) -> tuple[Any, int]:
        if name in _WORDS:
            return _WORDS[name], at
        if name in ("JSON.stringify", "encodeURIComponent", "encodeURI", "String") and self.text.startswith("(", at):
            value, at = self.sum(at + 1, depth + 1)
            at = self.expect(at, ")")
            return (_stringified(value) if name == "JSON.stringify" else value), at
        if self.text.startswith("(", at):
            raise _Broken
        value = self.names.get(name, self.names.get(name.rpartition(".")[2], UNKNOWN))
        if self.text.startswith("[", at):
            index, at = self.sum(at + 1, depth + 1)
            value, at = _item(value, index), self.expect(at, "]")
        return value, at + 2 if self.text.startswith(("++", "--"), at) else at

    def string(self, at: int) -> tuple[Any, int]:
        quote = self.text[at]
        parts: list[str] = []
        at += 1
        while at < len(self.text):
            plain = _PLAIN[quote].match(self.text, at)
            assert plain is not None
            parts.append(plain.group())
            at = plain.end()
            if self.text.startswith(quote, at):
                return self.filled("".join(parts), quote), at + 1
            if not self.text.startswith("\\", at):
                break
            piece, at = self.escape(at + 1)
            parts.append(piece)
        raise _Broken

    def filled(self, text: str, quote: str) -> Any:
        """A template string with its ``${name}`` filled in; UNKNOWN when a name is not known."""
        if quote != "`" or "${" not in text:
            return text
        names = {name: self.names.get(name.strip(), UNKNOWN) for name in re.findall(r"\$\{([^{}]{1,80})\}", text)}
        if any(value is UNKNOWN for value in names.values()):
            return UNKNOWN
        for name, value in names.items():
            text = text.replace("${" + name + "}", str(value))
        return text

    def escape(self, at: int) -> tuple[str, int]:
        char = self.text[at : at + 1]
        if char in ("u", "x"):
            width = 4 if char == "u" else 2
            digits = self.text[at + 1 : at + 1 + width]
            if re.fullmatch(r"[0-9a-fA-F]+", digits) and len(digits) == width:
                return chr(int(digits, 16)), at + 1 + width
        return _ESCAPES.get(char, char), at + 1

    def array(self, at: int, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        at = self.skip(at + 1)
        while not self.text.startswith("]", at):
            value, at = self.sum(at, depth + 1)
            values.append(value)
            at = self.skip(at)
            if self.text.startswith(",", at):
                at = self.skip(at + 1)
            elif not self.text.startswith("]", at):
                raise _Broken
        return values, at + 1

    def object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self.skip(at + 1)
        while not self.text.startswith("}", at):
            key, at = self.key(at)
            try:
                found[key], at = self.sum(self.expect(at, ":"), depth + 1)
            except _Broken:
                at = self.pass_over(at)
                found[key] = UNKNOWN
            at = self.skip(at)
            if self.text.startswith(",", at):
                at = self.skip(at + 1)
            elif not self.text.startswith("}", at):
                at = self.pass_over(at)
                found[key] = UNKNOWN
                if self.text.startswith(",", at):
                    at = self.skip(at + 1)
        return found, at + 1

    def key(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] in ("'", '"'):
            key, at = self.string(at)
            return str(key), at
        match = re.compile(r"[\w$]{1,80}").match(self.text, at)
        if not match:
            raise _Broken
        return match.group(), match.end()

    def expect(self, at: int, char: str) -> int:
        at = self.skip(at)
        if not self.text.startswith(char, at):
            raise _Broken
        return at + 1

    def pass_over(self, at: int) -> int:
        """The place of the comma or bracket that ends an expression nobody can read (a function, a call)."""
        nesting = 0
        limit = min(len(self.text), at + min(20_000, self.patience))
        self.patience -= 20
        begin = at
        while at < limit:
            char = self.text[at]
            if char in _PLAIN:
                _, at = self.string(at)
                continue
            if char in "([{":
                nesting += 1
            elif char in ")]}":
                if nesting == 0:
                    break
                nesting -= 1
            elif char == "," and nesting == 0:
                break
            at += 1
        self.patience -= at - begin
        if at >= limit:
            raise _Broken
        return at


def _add(left: Any, right: Any) -> Any:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left + right
    return f"{_spoken(left)}{_spoken(right)}"


def _item(value: Any, index: Any) -> Any:
    """``value[index]`` of a known array or object."""
    if isinstance(value, list) and str(index).isdigit() and int(index) < len(value):
        return value[int(index)]
    return value.get(str(index), UNKNOWN) if isinstance(value, dict) else UNKNOWN


def _stringified(value: Any) -> Any:
    """A value as JSON.stringify writes it; UNKNOWN when a part of it is."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except TypeError:
        return UNKNOWN


def _spoken(value: Any) -> str:
    """A value as JavaScript joins it to a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def literal(text: str, at: int = 0, names: Mapping[str, Any] | None = None) -> Any:
    """The literal that starts at a place of a script, UNKNOWN when there is none or it depends on unknown names."""
    text = text if len(text) <= at + SPAN else text[: at + SPAN]
    start = _SPACE.match(text, at)
    begin = start.end() if start else at
    if text.startswith(("{", "["), begin):
        try:
            value, _ = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            pass
        else:
            return value
    try:
        return _Reader(text, names or {}).sum(begin, 0)[0]
    except (_Broken, RecursionError):
        return UNKNOWN


def arguments(text: str, at: int, names: Mapping[str, Any] | None = None, most: int = 6) -> list[Any]:
    """The leading arguments of a call, from the place after its bracket on, up to the first that is no literal."""
    reader = _Reader(text[at : at + 6000], names or {})
    values: list[Any] = []
    place = 0
    try:
        while len(values) < most:
            value, place = reader.sum(place, 0)
            values.append(value)
            place = reader.skip(place)
            if not reader.text.startswith(",", place):
                break
            place += 1
    except (_Broken, RecursionError):
        pass
    return values


def value_of(script: str, name: str, names: Mapping[str, Any] | None = None) -> Any:
    """The literal assigned to a name anywhere in a script (``name = …`` or ``name: …``), the first that is readable."""
    found = re.finditer(rf"(?<![\w$]){re.escape(name)}['\"]?\s*[=:](?![=>])", script)
    for match in islice(found, 20):
        value = literal(script, match.end(), names)
        if value is not UNKNOWN:
            return value
    return UNKNOWN


def assignments(script: str, limit: int = 400) -> dict[str, Any]:
    """Names with the short literals assigned to them, in order, so that later ones may use earlier ones.

    A name assigned twice keeps its first value: loops and handlers change a page number later.
    """
    names: dict[str, Any] = {}
    for number, match in enumerate(_ASSIGNED.finditer(script)):
        if number >= limit:
            break
        if match.group(1) not in names:
            value = literal(script[match.end() : match.end() + 3000], 0, names)
            if value is not UNKNOWN:
                names[match.group(1)] = value
    return names


def loads(text: str) -> Any:
    """JSON or JSONP as served: a callback around it, a BOM, raw control characters; UNKNOWN when it is neither."""
    text = text.strip("\ufeff \t\r\n;")
    call = re.match(r"[\w.$]{1,80}\s*\(", text)
    if call and text.endswith(")"):
        text = text[call.end() : -1]
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return literal(text) if text[:1] in ("{", "[", '"') else UNKNOWN


BODY = 3000
"""Characters of a function's body that are looked at."""
FUNCTIONS = 200
_DEFINED = re.compile(
    r"\bfunction\s+([A-Za-z_$][\w$]{0,40})\s*\(([\w$,\s]{0,200})\)\s*\{"
    r"|\b([A-Za-z_$][\w$]{0,40})\s*[:=]\s*(?:async\s+)?function\s*\(([\w$,\s]{0,200})\)\s*\{"
    r"|\b([A-Za-z_$][\w$]{0,40})\s*=\s*(?:async\s*)?\(([\w$,\s]{0,200})\)\s*=>\s*\{"
)
"""Matches ``function show(year, id) {``, ``show = function(id) {``, ``show: function() {`` and ``show = (id) => {``."""


def functions(scripts: str) -> dict[str, tuple[tuple[str, ...], str]]:
    """Name -> (parameters, body) of the functions that scripts define, the first definition of each."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    scripts = scripts[:400_000]
    for match in _DEFINED.finditer(scripts):
        name = match.group(1) or match.group(3) or match.group(5)
        if len(found) >= FUNCTIONS:
            break
        if name not in found:
            written = match.group(2) or match.group(4) or match.group(6) or ""
            parameters = tuple(part.strip() for part in written.split(","))
            found[name] = parameters, block(scripts, match.end())
    return found


def block(scripts: str, at: int) -> str:
    """The text from after an opening brace to the brace that closes it, cut after BODY characters."""
    depth = 1
    end = min(len(scripts), at + BODY)
    for place in range(at, end):
        char = scripts[place]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return scripts[at:place]
    return scripts[at:end]
