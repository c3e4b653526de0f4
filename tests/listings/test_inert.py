"""Words that only a click gives an address: which of them are worth one, and when a page has some left over."""

from __future__ import annotations

import pytest

from parsers import listings
from parsers.listings.inert import inert, worth
from parsers.listings.model import Loaded
from parsers.listings.score import Here

WITHIN = Here("http://a.cn/nb/", within=True, disclosure=True)
OUTSIDE = Here("http://a.cn/")


@pytest.mark.parametrize(
    ("words", "here", "said"),
    [
        ("教育局2023年政府信息公开工作年度报告", OUTSIDE, "record"),
        ("政府信息公开年报", OUTSIDE, "way"),
        ("政府信息公开", OUTSIDE, "way"),
        ("2023年", WITHIN, "way"),
        ("2023年", OUTSIDE, ""),
        ("教育局", WITHIN, "way"),
        ("县长信箱", OUTSIDE, ""),
        ("关闭", WITHIN, ""),
        ("", WITHIN, ""),
        ("政府信息公开" * 40, WITHIN, ""),
    ],
)
def test_what_is_worth_a_click(words: str, here: Here, said: str) -> None:
    assert worth(words, here) == said


def left(body: str) -> tuple[str, ...]:
    loaded = Loaded("http://a.cn/nb/", f"<html><body>{body}</body></html>".encode())
    return inert(loaded, listings.read(loaded), WITHIN)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<a href="javascript:unknown(1)">2023年</a><a href="javascript:;" class="on">2024年</a>', ("2023年",)),
        (
            '<select name="y"><option value="1" selected>2024</option><option value="2">2023年</option></select>',
            ("2023年",),
        ),
        ('<div onclick="x.go(this)">教育局</div><a onclick="y()">财政局</a>', ("教育局", "财政局")),
        ('<a href="/2023/">2023年</a><a href="#">返回顶部</a>', ()),
        ("<ul><li>2023年</li><li>教育局</li></ul>", ()),
        ("<script>function go(y){location.href='/'+y}</script><a href=\"javascript:go('2023')\">2023年</a>", ()),
    ],
)
def test_words_that_nothing_readable_leads_on_from(body: str, words: tuple[str, ...]) -> None:
    assert left(body) == words
