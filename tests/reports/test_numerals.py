"""Chinese numerals: exact, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.reports.numerals import find, parse, year

VALUES = {
    "205": 205,
    "1,472": 1472,
    "190.457379": 190.457379,
    "26.8万": 268000,
    "1.2万": 12000,
    "3万5千": 35000,
    "1亿2千万": 120000000,
    "两百零五": 205,
    "二百五": 250,
    "两百五十": 250,
    "三万": 30000,
    "四十": 40,
    "十": 10,
    "十五": 15,
    "一百一十": 110,
    "一千零一": 1001,
    "一万零五百": 10500,
    "一万二": 12000,
    "三千零五十": 3050,
    "二万亿": 2 * 10**12,
    "壹仟贰佰": 1200,
    "二〇二三": 2023,
    "零": 0,
}


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_parse(text: str, value: float) -> None:
    assert parse(text) == value


@pytest.mark.parametrize("text", ["", "三四", "十百", "件", "一二三十", "1" * 30, "1.2.3", "万件"])
def test_what_is_no_number(text: str) -> None:
    assert parse(text) is None


SIGNS = "零一二三四五六七八九"


def written(number: int) -> str:
    """The textbook form of a number below 100,000,000."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return written(high) + "万" + (("零" if low < 1000 else "") + written(low) if low else "")
    text, empty = "", False
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            text += ("零" if empty and text else "") + SIGNS[digit] + sign
        empty = not digit
    return text or "零"


@given(st.integers(min_value=0, max_value=99_999_999))
def test_every_number_is_read_back(number: int) -> None:
    assert parse(written(number)) == number
    assert parse(f"{number:,}") == number


def test_find() -> None:
    found = [
        (item.value, item.inner) for item in find("20余万人次,三十余万次,百余条,近百条,300余条,99期600条,百姓千家")
    ]
    assert found == [(200000, "余"), (300000, "余"), (100, ""), (100, ""), (300, ""), (99, ""), (600, "")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023", 2023),
        ("二〇二三", 2023),
        ("二○一一", 2011),
        ("二O一一", 2011),
        ("二0一八", 2018),
        ("2O23", 2023),
        ("三〇", None),
    ],
)
def test_year(text: str, value: int | None) -> None:
    assert year(text) == value
