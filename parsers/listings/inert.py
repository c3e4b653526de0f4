"""What a page names and leads to by nothing that can be read: words that only a person's click gives an address.

A browser can make that click. Here is said which words are worth it, and whether a page has such words left over once
everything readable about it has been read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from parsers.listings.model import Link, Loaded, Page
from parsers.listings.score import FLOOR, Here, is_body, is_column, is_year, score
from parsers.listings.text import squeeze

Worth = Literal["record", "way", ""]

_RECORD = re.compile(r"(?:年度报告|年报|工作报告|公开(?:工作)?(?:情况)?报告|报告)")
"""Matches the words that titles of annual reports have: 教育局2023年政府信息公开工作年度报告."""
_YEAR = re.compile(r"20\d\d|二[〇○零Oo0][〇○零一二三四五六七八九十]{1,2}")
_CHOSEN = re.compile(r"\b(?:on|active|cur|current|selected|hover|this|now)\b|-(?:active|selected|current)\b", re.I)
_CLICKED = ("a", "li", "span", "div", "td", "button", "p", "dd", "dt", "em", "h3", "h4")


def worth(text: str, here: Here) -> Worth:
    """Whether a click on these words may lead to a record or on to a list; empty when it is not worth a try."""
    words = squeeze(text)
    if not 2 <= len(words) <= 80:
        return ""
    if _RECORD.search(words) and (_YEAR.search(words) or len(words) > 14) and not is_year(words):
        return "record"
    if here.within and (is_year(words) or is_body(words)):
        return "way"
    return "way" if is_column(words) or score(Link(here.url, words), here).value >= FLOOR else ""


def inert(loaded: Loaded, page: Page, here: Here) -> tuple[str, ...]:
    """Words on a page that look as if a click led on, and whose address no reader has found; in page order."""
    if loaded.root is None or loaded.media != "html":
        return ()
    read = set(_words(page))
    found: dict[str, None] = {}
    for element in loaded.root.iter(*_CLICKED, "option"):
        if not _asks_for_a_click(element) or _CHOSEN.search(element.get("class") or ""):
            continue
        text = squeeze(element.get("title") or "".join(element.itertext()))
        if len(text) <= 80 and text not in read and worth(text, here):
            found.setdefault(text)
        if len(found) >= 200:
            break
    return tuple(found)


def _words(page: Page) -> Iterable[str]:
    for link in (*page.children, *page.links, *page.frames):
        yield squeeze(link.text)
    for entry in page.entries:
        yield squeeze(entry.title)


def _asks_for_a_click(element: object) -> bool:
    """A link that leads nowhere by itself, an option, or anything else with a handler of its own."""
    get = element.get  # type: ignore[attr-defined]
    if element.tag == "option":  # type: ignore[attr-defined]
        return get("selected") is None and bool(get("value"))
    if element.tag != "a":  # type: ignore[attr-defined]
        return bool(get("onclick"))
    href = (get("href") or "").strip().lower()
    return not href or href.startswith(("javascript:", "#"))
