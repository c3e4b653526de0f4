"""The text of one cell as a value and a mark. Nothing is repaired here: what is not plainly a number stays text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from parsers.reports.model import Mark

MAX_LENGTH = 60
"""Longer texts are sentences, not numbers."""

# soft hyphen, zero-width signs, BOM: invisible, and common in pages pasted from Word
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"\s+")
# 1472, 1,472, 190.457379, -11, +5, each with the unit that may stand behind: 70487元, 0.8万元, 3件
_NUMBER = re.compile(
    r"(?P<sign>[+-])?(?P<digits>\d{1,3}(?:,\d{3})+|\d{1,15})(?P<decimals>\.\d{1,10})?"
    r"(?P<unit>万元|亿元|元|人次|条次|[件条次个项宗起人篇份期场名])?"
)
# 减11, 减少3项: only the column 本年增/减 is filled like this
_LESS = re.compile(r"(?:减少?|下降)(\d{1,15})(?:[项件个])?")
_MORE = re.compile(r"(?:增加?|新增)(\d{1,15})(?:[项件个])?")
# 12①, 12²: the sign of a note, which folding would make a digit of the number
_NOTE = re.compile("[¹²³⁰⁴-⁹₀-₉①-⑳㉑-㉟㊱-㊿⓪]")
_OTHER_MONEY = re.compile(r"(?<!万)元")
_DASHES = frozenset("-‐‑‒–—―−─━﹣")
_ZERO = frozenset(("〇", "零"))
_NONE = frozenset(("无", "無"))


@lru_cache(maxsize=8192)
def parse(text: str, change: bool = False) -> tuple[int | float | None, Mark]:
    """``"1，472"`` -> (1472, NUMBER); ``""`` -> (None, BLANK); ``"——"`` -> (None, DASH); ``"/"`` -> (None, SLASH);
    ``"无"`` -> (None, NONE); anything else (``"O"``, ``"×"``, ``"1 2"``, a sentence) -> (None, TEXT).

    An attached unit does not scale the value: ``"0.8万元"`` is 0.8, the unit stays in the raw text. ``change``
    allows the words that only the column 本年增/减 is filled with: ``"减11"`` is -11.
    """
    if len(text) > MAX_LENGTH * 4 or _NOTE.search(text):
        return None, Mark.TEXT
    plain = clean(text)
    if not plain:
        return None, Mark.BLANK
    if len(plain) > MAX_LENGTH:
        return None, Mark.TEXT
    if plain.strip("/\\") == "":
        return None, Mark.SLASH
    if all(sign in _DASHES for sign in plain.replace(" ", "")):
        return None, Mark.DASH
    if plain in _NONE:
        return None, Mark.NONE
    value, mark = _number(plain)
    return _change(plain) if change and mark is Mark.TEXT else (value, mark)


def _number(plain: str) -> tuple[int | float | None, Mark]:
    if plain in _ZERO:
        return 0, Mark.NUMBER
    # the only spaces that are harmless stand between a sign, a number and its unit; "1 2" may be 12 or two cells
    glued = re.sub(r"(?<=\d) (?=[^\d\s])|(?<=[+-]) (?=\d)", "", plain)
    found = _NUMBER.fullmatch(glued)
    if found is None:
        return None, Mark.TEXT
    digits = found["digits"].replace(",", "")
    negative = found["sign"] == "-"
    if found["decimals"]:
        return (-1 if negative else 1) * float(digits + found["decimals"]), Mark.NUMBER
    return (-1 if negative else 1) * int(digits), Mark.NUMBER


def _change(plain: str) -> tuple[int | None, Mark]:
    if found := _LESS.fullmatch(plain):
        return -int(found[1]), Mark.NUMBER
    if found := _MORE.fullmatch(plain):
        return int(found[1]), Mark.NUMBER
    return None, Mark.TEXT


def clean(text: str) -> str:
    """Width folded, invisible signs and Markdown's stars away, white space single; dashes as ASCII before a digit."""
    folded = unicodedata.normalize("NFKC", _NOTE.sub("^", _INVISIBLE.sub("", text))).replace("**", "")
    folded = _SPACE.sub(" ", folded).strip()
    # −11, –11, ﹣11: every dash directly before a digit is a minus sign
    return re.sub(r"^[‐‑‒–—−﹣](?=\s?\d)", "-", folded)


def in_other_money(text: str) -> bool:
    """Whether a figure or its head speaks of money, but not of 万元: 145000元, 本年收费金额（单位：元）."""
    return _OTHER_MONEY.search(clean(text)) is not None


def is_mark(text: str) -> bool:
    """True for whatever may fill a number cell except nothing and words."""
    return parse(text)[1] not in (Mark.TEXT, Mark.BLANK)


def is_blank(text: str) -> bool:
    return parse(text)[1] is Mark.BLANK
