"""Numbers as Chinese texts write them: 205, 1,472, 26.8万, 三万余, 两百零五, 二〇二三, 壹仟.

Everything here expects text folded by ``divisions.fold``: half-width digits, no white space, simplified characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
DIGITS |= dict(zip("〇○OoＯ0１123456789", (0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
DIGITS |= dict(zip("两壹贰叁肆伍陆柒捌玖俩", (2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8}
LONGEST = 24  # characters of one written number; longer runs of digits are codes

_CHINESE_DIGIT = "零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖"
_SCALE = "十拾百佰千仟万萬亿"
# 1,472  2348  75.2  .5 is not a number here
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# 205  26.8万  3万5千  20余万  两百零五  十五  百余, 近百 (a bare 百 or 万 only beside such a word)
NUMBER = re.compile(
    rf"(?P<arabic>(?:{_ARABIC})(?:(?P<inner>[余多])?[{_SCALE}]{{1,2}}(?:\d{{1,4}}[十百千])?)?)"
    rf"|(?P<chinese>[{_CHINESE_DIGIT}十拾][{_CHINESE_DIGIT}{_SCALE}]{{0,15}}"
    rf"(?:(?P<inner2>[余多])[万亿])?|[百千万](?=[余多])|(?<=[近超逾约过上])[百千万])"
)
# 2023, 二〇二三, 二○一一, 二O一一, 二0一八, 贰零贰贰, and 2O23 with the letter
YEAR_PATTERN = (
    r"(?:[12][0-9OoＯ〇○]{3}|[一二][〇○零OoＯ0九][〇○零OoＯ0一二三四五六七八九]{2}"
    r"|贰[零〇][零〇壹贰][零〇壹贰叁肆伍陆柒捌玖])"
)
YEAR = re.compile(YEAR_PATTERN)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: where it stands, its value and whether 余 or 多 stands inside it (20余万)."""

    start: int
    end: int
    value: int | float
    inner: str = ""


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def parse(text: str) -> int | float | None:
    """The exact value of one written number, or None when the text is not one.

    >>> parse("两百零五"), parse("26.8万"), parse("二〇二三"), parse("3万5千"), parse("一万二")
    (205, 268000, 2023, 35000, 12000)
    """
    body = text.replace(",", "")
    if not body or len(body) > LONGEST:
        return None
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", body):
        return _plain(Decimal(body))
    if not any(character in SCALES for character in body):
        return _positional(body)
    return _scaled(body)


def _positional(body: str) -> int | None:
    """二〇二三 -> 2023: digits side by side without a scale. 三四 (three or four) and longer codes are refused."""
    if any(character not in DIGITS for character in body) or (len(body) in (2, 3) and "〇" not in body):
        return None
    return int("".join(str(DIGITS[character]) for character in body))


def _scaled(body: str) -> int | float | None:
    """Values with 十百千万亿: every digit run times its scale, the parts below 万 collected first."""
    total = section = Decimal(0)
    current: Decimal | None = None
    last_scale = 0
    after_zero = False
    for token in re.findall(r"[0-9]+(?:\.[0-9]+)?|.", body):
        scale = SCALES.get(token, 0)
        if token in "零〇○":
            after_zero = True
        elif not scale:
            if current is not None or not (token in DIGITS or token[0].isdecimal()):
                return None
            current = Decimal(DIGITS.get(token, token))
        elif scale >= 10**4:
            section += current or Decimal(0)
            # 三万 is 3 * 万, a bare 万 is 1 * 万, and in 二万亿 the second scale multiplies all that went before
            total = total * scale if total and not section else total + (section or 1) * scale
            section = Decimal(0)
        elif current is None and section:
            return None
        else:
            section += (1 if current is None else current) * scale
        if scale:
            current, last_scale, after_zero = None, scale, False
    if current is not None:
        # 两百五 is 250, but 两百零五 is 205 and 十五 is 15
        colloquial = last_scale > 10 and current < 10 and not after_zero
        section += current * (last_scale // 10) if colloquial else current
    return _plain(total + section)


def find(text: str) -> Iterator[Number]:
    """Numbers in a folded text from left to right."""
    for match in NUMBER.finditer(text):
        inner = match["inner"] or match["inner2"] or ""
        written = match[0].replace(inner, "") if inner else match[0]
        value = parse(written)
        if value is not None:
            yield Number(match.start(), match.end(), value, inner)


def year(text: str) -> int | None:
    """One year of four digits, Arabic, Chinese or mixed: 2023, 二〇二三, 二O一一, 二0一八."""
    if not YEAR.fullmatch(text):
        return None
    return int("".join(str(DIGITS[character]) for character in text))
