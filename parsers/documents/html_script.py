"""Texts that a page keeps in a script, a hidden field or an attribute and shows only when its script runs.

Literals are unescaped, never executed: JavaScript and JSON escapes, entities, percent and base64 coding, in layers.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from lxml import etree

from parsers.documents.charset import COMMON, decode, is_text

LAYERS = 4
SHORTEST = 80
LITERALS = 2_000
SCRIPT = re.compile(r"<script\b[^>]{0,2000}>", re.I)
OPENING = re.compile(r"[\"'`]|/\*|(?<![:\\])//")
REST = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*+", re.S) for quote in "\"'`"}
LONGEST_CALL = 80
ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.S
)  # \u003C \x3c \/ \n
CODES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": "", "\n": "", "\r\n": ""}
PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")  # %u4E00, as escape() writes it
PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]{80,}={0,2}\s*")
MARKUP = re.compile(r"<(?:p|div|table|tr|td|br|span|h[1-6]|section|article|ul|li|html|body)\b[^<>]{0,5000}>", re.I)


def literals(script: str) -> Iterator[str]:
    """String literals of a script in order, unescaped. Those joined by ``+``, by commas in a list or by the same call
    over and over (``h.push('<td>'); h.push('0');``) are one text as well. A literal or comment without an end ends the
    script."""
    values: list[str] = []
    between: list[str] = []
    end = 0
    for start, stop in _spans(script):
        between.append(re.sub(r"\s", "", script[end:start]) if start - end < LONGEST_CALL else "")
        values.append(unescaped(script[start + 1 : stop - 1]))
        end = stop
    yield from values
    at = 0
    while at < len(values):
        last = at + 1
        # the first piece of a row has another beginning: var h = '…'
        while last < len(values) and _joins(between[last]) and between[last] in (between[at + 1], "+"):
            last += 1
        if last - at > 2 or (last - at == 2 and between[at + 1] == "+"):
            yield "".join(values[at:last])
        at = max(last - 1, at + 1)


def _joins(code: str) -> bool:
    """Whether what stands between two literals can join them: never the colon between a name and its value."""
    return bool(code) and ":" not in code and "?" not in code


def _spans(script: str) -> Iterator[tuple[int, int]]:
    """Where literals stand, quotes included."""
    at = found = 0
    while found < LITERALS and (opening := OPENING.search(script, at)):
        mark = opening[0]
        if mark in REST:
            body = REST[mark].match(script, opening.end())
            if body is None or script[body.end() : body.end() + 1] != mark:
                return
            at = body.end() + 1
            found += 1
            yield opening.start(), at
        else:
            close = script.find("*/" if mark == "/*" else "\n", opening.end())
            if close < 0:
                return
            at = close + 1


def unescaped(literal: str) -> str:
    """The value of a JavaScript or JSON string literal; surrogate pairs are joined."""
    if "\\" not in literal:
        return literal
    text = ESCAPE.sub(_character, literal)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "�"
    return CODES.get(found[4], found[4])


def revealed(text: str) -> str:
    """The markup or running text that a literal hides behind layers of coding; empty when it hides none."""
    for _ in range(LAYERS):
        if text.lstrip()[:1] in ("{", "["):
            text = _of_json(text)
        if MARKUP.search(text):
            return text
        inner = _inner(text)
        if inner == text:
            break
        text = inner
    if MARKUP.search(text):
        return text
    return text if len(COMMON.findall(text[:5000])) >= 20 else ""


def _of_json(text: str) -> str:
    """The longest string with markup in a JSON text, or the text itself."""
    try:
        values = [json.loads(text)]
    except (ValueError, RecursionError):
        return text
    strings: list[str] = []
    while values and len(strings) < LITERALS:
        value = values.pop()
        if isinstance(value, str):
            strings.append(value)
        elif isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
    return max(strings, key=lambda string: (MARKUP.search(string) is not None, len(string)), default=text)


def _inner(text: str) -> str:
    """One layer of coding less."""
    if "&lt;" in text or "&#60;" in text or "&#x3c;" in text.lower():
        return html.unescape(text)
    if PERCENT_U.search(text):
        text = PERCENT_U.sub(lambda found: chr(int(found[1], 16)), text)
        return PERCENT.sub(lambda found: unquote_to_bytes(found[0]).decode("latin-1"), text)
    if "%3C" in text or "%3c" in text or PERCENT.fullmatch(text[:300] or " "):
        return decode(unquote_to_bytes(text.replace("+", " ") if "%20" not in text else text))[0]
    if BASE64.fullmatch(text):
        return _base64(text)
    if "\\u" in text or "\\x" in text or '\\"' in text:
        return unescaped(text)
    return text


def _base64(text: str) -> str:
    compact = re.sub(r"\s", "", text).replace("-", "+").replace("_", "/")
    try:
        body = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return text
    decoded, _ = decode(body)
    return decoded if is_text(decoded) and len(decoded) > SHORTEST / 3 else text


def hidden_texts(root: Any) -> Iterator[str]:
    """Markup hidden in a parsed page: literals one by one, all literals of a script together, hidden fields, templates,
    data attributes. Each with its coding removed."""
    for script in root.iter("script"):
        yield from script_texts(script.text or "", (script.get("type") or "").lower())
    for field in root.iter("textarea", "xmp"):
        yield revealed("".join(field.itertext()))
    for field in root.iter("template", "noscript"):
        yield revealed("".join(etree.tostring(child, encoding="unicode", method="html") for child in field))
    for value in root.xpath(
        "//input[string-length(@value) > $n]/@value | //@*[starts-with(name(), 'data-')][string-length() > $n]",
        n=SHORTEST,
    ):
        yield revealed(str(value))


def script_texts(script: str, kind: str = "") -> Iterator[str]:
    if len(script) < SHORTEST:
        return
    if "template" in kind or "html" in kind:
        yield revealed(script)
        return
    for value in literals(script):
        if len(value) >= SHORTEST and (text := revealed(value)):
            yield text
