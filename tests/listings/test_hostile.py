"""Pages made to be slow: one piece of markup or script, repeated until the page is large."""

from __future__ import annotations

import time

import pytest

from parsers import listings
from parsers.listings import Loaded, article
from parsers.listings.redirect import gone, redirect

PIECES = (
    "<record><![CDATA[",
    "<nextgroup><![CDATA[",
    "createPageHTML(",
    "createPage('a',",
    '<a href="',
    "<a href='/x.html'>年报</a>",
    "fetch('/api/list?page='+",
    "function a(b){",
    "$.ajax({",
    "a=[{",
    "var a='",
    "__doPostBack('",
    "共<b>",
    "location.href=",
    'class="pagination ',
    '{"url":',
    "第 1 页 共",
    "<div>",
    "<table><tr><td>",
    "'+'",
    "[[[{{{(((",
    "<option value='/a'>1",
    "<a onclick=\"page('2')\">2</a>",
    "<script>",
    "当前位置：来源：发布时间：",
    "_CONFIG = {a:[",
    "new URLSearchParams(",
    "`${a",
    "<ul><li><a href='a.html' title='a'>b</a><span>2024-01-01</span></li></ul>",
)
MARKS = "dataproxy.jsp <i queryData=''> /public/column/1 SID"
SECONDS = 5.0


@pytest.mark.parametrize("wrap", ["{}", "<html><body><script>{}</script></body></html>", "<div id='zoom'>{}</div>"])
@pytest.mark.parametrize("piece", PIECES)
def test_repetition_costs_time_in_proportion(piece: str, wrap: str) -> None:
    text = wrap.replace("{}", piece * (30_000 // len(piece)))
    began = time.process_time()
    for body in (text, text + MARKS):
        page = Loaded("http://www.qy.gov.cn/a/", body.encode())
        listings.read(page)
        redirect(page)
        gone(page)
        article.read(page)
    assert time.process_time() - began < SECONDS


@pytest.mark.long
@pytest.mark.parametrize("piece", PIECES)
def test_repetition_in_pages_of_two_megabytes(piece: str) -> None:
    began = time.process_time()
    page = Loaded(
        "http://www.qy.gov.cn/a/", (f"<html><body><script>{piece * (2_000_000 // len(piece))}" + MARKS).encode()
    )
    listings.read(page)
    article.read(page)
    assert time.process_time() - began < 20
