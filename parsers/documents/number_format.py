"""How a spreadsheet shows a number: the formats of Excel and WPS, as far as reports use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"',
    30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"',
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: 'h"时"mm"分"', 56: 'h"时"mm"分"ss"秒"',
    57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
# literal text, an escaped character, a space as wide as a character, a condition or colour, then what places digits
TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*.|\[(\$[^\]-]*)?[^\]]*\]|(E[+-]0+)|([0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+)|(General)|(@)|(.)',
    re.I | re.S,
)
DATE = re.compile(r"[ymdhs]", re.I)
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|General|AM/PM', re.I)
DATE_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[(?:\$[^\]]*|DBNum\d|[^hms\]][^\]]*)\]|\[?([ymdhs]+)\]?|(AM/PM|上午/下午)|(.)',
    re.I | re.S,
)
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Section:
    """One of the up to four parts of a format: ``tokens`` are (kind, text)."""

    tokens: tuple[tuple[str, str], ...]
    percent: int
    is_date: bool
    source: str


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """The number as its cell shows it. A format that is not understood shows the number itself."""
    if not isfinite(value):
        return str(value)
    try:
        section, signed = _section(value, code)
        if section.is_date:
            return _date(value, section.source, since_1904)
        return _number(value, section, signed)
    except (InvalidOperation, OverflowError, ValueError):
        return plain(value)


def plain(value: float) -> str:
    """As the format General: no trailing zeros, at most 15 digits, never an exponent for what fits into them."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{Decimal(text):f}" if 1e-10 < abs(value) < 1e16 else text
    return text


def _section(value: float, code: str) -> tuple[Section, bool]:
    """The part of a format that holds for a value, and whether the minus sign is still to be written."""
    sections = _sections(code[:LONGEST])
    if value > 0 or len(sections) == 1 or (value == 0 and len(sections) < 3):
        return sections[0], value < 0
    if value < 0:
        return sections[1], False
    return sections[2], False


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[Section, ...]:
    parts: list[str] = [""]
    for piece in re.findall(r'"[^"]*"|\\.|\[[^\]]*\]|;|.', code, re.S):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return tuple(_tokens(part) for part in parts[:4])


def _tokens(part: str) -> Section:
    bare = QUOTED.sub("", part)
    if DATE.search(bare) and not re.search(r"[0#?]{2}|#", bare):
        return Section((), 0, True, part)
    tokens: list[tuple[str, str]] = []
    for found in TOKEN.finditer(part):
        literal, escaped, _, currency, exponent, digits, general, text, other = found.groups()
        if digits:
            tokens.append(("digits", digits))
        elif exponent:
            tokens.append(("exponent", exponent))
        elif general or text:
            tokens.append(("general", ""))
        elif currency:
            tokens.append(("text", currency[1:]))
        elif literal or escaped or other:
            tokens.append(("text", literal or escaped or other or ""))
    percent = sum(text.count("%") for kind, text in tokens if kind == "text")
    return Section(tuple(tokens), percent, False, part)


def _number(value: float, section: Section, signed: bool) -> str:
    if any(kind == "exponent" for kind, _ in section.tokens) or "/" in section.source.replace('"/"', ""):
        return plain(value)
    number = abs(Decimal(plain(value))) * (Decimal(100) ** section.percent)
    out: list[str] = []
    written = False
    for kind, text in section.tokens:
        if kind == "general":
            out.append(plain(abs(value)))
            written = True
        elif kind == "digits" and not written:
            out.append(_digits(number, text))
            written = True
        elif kind == "text":
            out.append(text)
    shown_text = "".join(out).strip()
    return f"-{shown_text}" if signed and written and re.search("[1-9]", shown_text) else shown_text


def _digits(number: Decimal, pattern: str) -> str:
    scale = len(pattern) - len(pattern.rstrip(","))
    whole, _, fraction = pattern.rstrip(",").partition(".")
    number = number / (Decimal(1000) ** scale)
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    optional = len(fraction) - len(fraction.rstrip("#?"))
    while optional and right.endswith("0"):
        right, optional = right[:-1], optional - 1
    least = whole.count("0")
    left = left.lstrip("0").rjust(least, "0") if least or left.strip("0") else ""
    if "," in whole:
        left = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", left)
    return f"{left}.{right}" if right else left


def _date(value: float, code: str, since_1904: bool) -> str:
    moment = (EPOCH_1904 if since_1904 else EPOCH) + timedelta(seconds=round(value * 86_400))
    out: list[str] = []
    after_hour = False
    for found in DATE_TOKEN.finditer(code):
        literal, escaped, letters, half, other = found.groups()
        if letters:
            out.append(_part(moment, letters.lower(), after_hour or _before_second(code, found.end())))
            after_hour = letters[0] in "hH"
        elif half:
            out.append("AM" if moment.hour < 12 else "PM")
        else:
            out.append(literal or escaped or other or "")
    return "".join(out).split(";")[0].rstrip("@").strip()


def _before_second(code: str, end: int) -> bool:
    return bool(re.match(r"[^ymdh]{0,3}s", code[end : end + 4], re.I))


def _part(moment: datetime, letters: str, minutes: bool) -> str:
    kind, size = letters[0], len(letters)
    if kind == "y":
        return f"{moment.year:04d}" if size > 2 else f"{moment.year % 100:02d}"
    if kind == "m" and not minutes:
        return f"{moment.month:02d}" if size == 2 else str(moment.month)
    number = {"m": moment.minute, "d": moment.day, "h": moment.hour, "s": moment.second}[kind]
    return f"{number:02d}" if (size >= 2 and kind != "d") or size == 2 else str(number)
