"""List numbers as Word writes them: labels such as ``（一）`` or ``3.`` are not in the text of a paragraph when the
author let the program count, but they are what the form's rows are called by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

DIGITS = "〇一二三四五六七八九"
LEGAL = "零壹贰叁肆伍陆柒捌玖"
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"))
ROMAN_SMALL = ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
LARGEST = 9999
"""Counters beyond this are written as plain digits."""


def counting(number: int, digits: str = DIGITS, units: str = "十百千", zero: str = "零", *, short: bool = True) -> str:
    """12 -> 十二, 105 -> 一百零五; with ``short`` a leading 一十 is 十."""
    if number == 0:
        return zero
    text, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            text += (zero if gap and text else "") + digits[digit] + (units[power - 1] if power else "")
            gap = False
        else:
            gap = True
    return text[1:] if short and 10 <= number < 20 else text


def legal(number: int) -> str:
    """12 -> 壹拾贰"""
    return counting(number, LEGAL, "拾佰仟", short=False)


def digital(number: int) -> str:
    """12 -> 一二, 20 -> 二〇"""
    return "".join(DIGITS[int(digit)] for digit in str(number))


def letters(number: int) -> str:
    """1 -> a, 27 -> aa, as Word counts"""
    return chr(97 + (number - 1) % 26) * min((number - 1) // 26 + 1, 20) if number else ""


def roman(number: int) -> str:
    """4 -> iv"""
    text = ""
    for value, letter in (*ROMAN, *ROMAN_SMALL):
        text += letter * (number // value)
        number %= value
    return text


def circled(number: int) -> str:
    """1 -> ①, up to 50"""
    if 1 <= number <= 20:
        return chr(0x245F + number)
    if 21 <= number <= 35:
        return chr(0x323C + number)
    return chr(0x328D + number) if 36 <= number <= 50 else str(number)


def _within(first: int, count: int) -> Callable[[int], str]:
    return lambda number: chr(first + number - 1) if 1 <= number <= count else str(number)


def _one_of(marks: str) -> Callable[[int], str]:
    return lambda number: marks[(number - 1) % len(marks)] if number else "0"


def _wide(number: int) -> str:
    return "".join(chr(0xFF10 + int(digit)) for digit in str(number))


FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": _wide,
    "decimalFullWidth2": _wide,
    "decimalEnclosedCircle": circled,
    "decimalEnclosedCircleChinese": circled,
    "decimalEnclosedParen": _within(0x2474, 20),
    "decimalEnclosedFullstop": _within(0x2488, 20),
    "ideographEnclosedCircle": _within(0x3280, 10),
    "chineseCounting": counting,
    "chineseCountingThousand": counting,
    "taiwaneseCounting": counting,
    "taiwaneseCountingThousand": counting,
    "japaneseCounting": counting,
    "ideographDigital": digital,
    "taiwaneseDigital": digital,
    "japaneseDigitalTenThousand": digital,
    "chineseLegalSimplified": legal,
    "ideographLegalTraditional": legal,
    "ideographTraditional": _one_of(STEMS),
    "ideographZodiac": _one_of(BRANCHES),
    "upperLetter": lambda number: letters(number).upper(),
    "lowerLetter": letters,
    "upperRoman": lambda number: roman(number).upper(),
    "lowerRoman": roman,
    "none": lambda number: "",
}
NFC = {
    0: "decimal",
    1: "upperRoman",
    2: "lowerRoman",
    3: "upperLetter",
    4: "lowerLetter",
    10: "ideographDigital",
    11: "japaneseCounting",
    14: "decimalFullWidth",
    15: "decimalHalfWidth",
    17: "ideographDigital",
    18: "decimalEnclosedCircle",
    19: "decimalFullWidth2",
    22: "decimalZero",
    26: "decimalEnclosedFullstop",
    27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese",
    29: "ideographEnclosedCircle",
    30: "ideographTraditional",
    31: "ideographZodiac",
    33: "taiwaneseCounting",
    34: "ideographLegalTraditional",
    35: "taiwaneseCountingThousand",
    36: "taiwaneseDigital",
    37: "chineseCounting",
    38: "chineseLegalSimplified",
    39: "chineseCountingThousand",
    255: "none",
}
"""Number format codes of the binary format and of RTF (MSONFC in [MS-OSHARED] 2.2.1.3); 23 is a bullet."""


def written(number: int, name: str) -> str:
    """``number`` in the named format of OOXML (ST_NumberFormat); an unknown one is written in digits."""
    return FORMATS.get(name, str)(number) if 0 <= number <= LARGEST else str(number)


def after_label(label: str, text: str) -> str:
    """The label before its text. A gap is kept only where figures would run together (``1.`` and ``2024年``)."""
    gap = " " if label[-1:].isascii() and label[-1:] not in ")" and text[:1].isdigit() else ""
    return f"{label}{gap}{text}"


@dataclass(frozen=True, slots=True)
class ListLevel:
    """One level of a list: ``text`` holds ``%1`` where the counter of level 1 stands."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    plain_digits: bool = False


@dataclass(slots=True)
class Lists:
    """The counters of every list. Lists that share an abstract definition go on counting each other."""

    abstract: dict[str, dict[int, ListLevel]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    overrides: dict[tuple[str, int], ListLevel] = field(default_factory=dict)
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)
    counters: dict[str, dict[int, int]] = field(default_factory=dict)

    LONGEST = 60
    """Characters of a label; a definition that asks for more is no list."""

    def label(self, number: str, level: int) -> str:
        """The next label of list ``number`` (a w:numId) at ``level`` from 0."""
        owner = self.numbers.get(number)
        if owner is None:
            return ""
        levels = self.abstract.get(owner, {})
        counters = self.counters.setdefault(owner, {})
        if (number, level) in self.restarts:
            counters[level] = self.restarts.pop((number, level))
        else:
            counters[level] = counters.get(level, self._level(number, levels, level).start - 1) + 1
        for deeper in [other for other in counters if other > level]:
            del counters[deeper]
        shown = self._level(number, levels, level)
        text = shown.text[: self.LONGEST]
        for other in range(level + 1):
            if f"%{other + 1}" in text:
                of = self._level(number, levels, other)
                count = counters.setdefault(other, of.start)
                style = "decimal" if shown.plain_digits else of.format
                text = text.replace(f"%{other + 1}", written(count, style))
        return text[: self.LONGEST]

    def _level(self, number: str, levels: dict[int, ListLevel], level: int) -> ListLevel:
        return self.overrides.get((number, level)) or levels.get(level) or ListLevel()
