"""Documents as harmless pages: what is kept, what goes, and where the places are."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from PIL import Image

from crawler.archive import Archive
from crawler.browse.rooms import ShowingRoom
from crawler.browse.showing import Spot, anchor, picture, show
from crawler.items import Sighting
from parsers.documents.model import Unread
from tests.browse.conftest import FIXTURES
from tests.generator import html as generated
from tests.generator.report import make_report


def page(inside: str) -> bytes:
    return f"<html><body><h1>年度报告</h1>{inside}</body></html>".encode()


def test_a_charset_that_stands_only_in_the_header_is_taken(tmp_path: Path) -> None:
    """Such a page of Big5 is well-formed GB 18030, too; the archive knows what the server said."""
    body = "<html><body><p>政府資訊公開年度報告</p><table><tr><td>12</td></tr></table></body></html>".encode("big5")
    url = "http://www.pingluo.gov.cn/1.html"
    sighting = Sighting("", url, body, content_type="text/html; charset=Big5", sha256=hashlib.sha256(body).hexdigest())
    with Archive(tmp_path) as archive:
        archive.open_run("test", {}, {})
        archive.keep(sighting, "text/html")
    room = ShowingRoom(tmp_path)
    try:
        charset = room._charset("640221", url, sighting.sha256)
    finally:
        room.close()
    assert charset == "big5"
    for view in ("original", "read"):
        assert "政府資訊公開年度報告" in show(body, [Spot("t1r1c1", "12")], view, charset).html
    assert "政府資訊公開年度報告" not in show(body, [Spot("t1r1c1", "12")], "original").html


TABLE = "<table><tr><td>本年新收</td><td>12</td></tr></table>"


def test_a_place_is_counted_before_anything_is_removed() -> None:
    """The table in the script's sibling is the second of the document, as the reader counts."""
    hidden = "<div style='display:none'><table><tr><td>1</td></tr></table></div>"
    shown = show(page(hidden + TABLE), [Spot("t2r1c2", "12")], "original")
    assert shown.view == "original"
    assert 'id="p-t2r1c2">12<' in shown.html


def test_a_text_that_stands_elsewhere_is_not_pointed_at() -> None:
    """A place that does not hold what the dataset says: then the document is drawn as its reader sees it."""
    shown = show(page(TABLE), [Spot("t1r1c2", "13")], "original")
    assert shown.view == "read"


def test_a_text_kept_in_a_script_is_shown_as_it_was_read() -> None:
    made = make_report(3, zero="0")
    shown = show(generated.in_script(made, random.Random(3)), [Spot("t2r4c2", made.cells[3, "received", "business"])],
                 "original")  # fmt: skip
    assert shown.view == "read"
    assert "政府信息公开" in shown.html


def test_a_hidden_cell_is_opened() -> None:
    shown = show(page(f"<div style='color:red;display:none'>{TABLE}</div>"), [Spot("t1r1c2", "12")], "original")
    assert "display" not in shown.html


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("text-align:center;position:fixed", "text-align:center"),
        ("background:url(http://a/)", ""),
        ("border:1px solid #000", "border:1px solid #000"),
        ("padding:expression(alert(1))", ""),
        ("padding:1px;behavior:url(x)", "padding:1px"),
        ("border:1px so\\lid", ""),
    ],
)
def test_only_harmless_styles_remain(style: str, kept: str) -> None:
    shown = show(page(f'<p style="{style}">x</p>'), [], "original")
    assert (f'<p style="{kept}">' if kept else "<p>") in shown.html


def test_an_element_that_the_parser_leaves_open_takes_nothing_with_it() -> None:
    shown = show(page(f"<embed src='a.swf'>{TABLE}"), [Spot("t1r1c2", "12")], "original")
    assert 'id="p-t1r1c2"' in shown.html
    assert "embed" not in shown.html


PIECES = """
<script>|</script>|<style>|<!--|-->|<svg>|<math>|<xmp>|</xmp>|<noscript>|<textarea>|</textarea>|<title>|<plaintext>
|<img src=x onerror=a()>|<a href=javascript:a()>|<p onclick=a()>|x|<table><tr><td>|<iframe srcdoc=a>|<![CDATA[|]]>|"
|<svg><style><img src=x onerror=a()>|&lt;script&gt;|<object><param name=a>|<template><script>|<base href=//a>
|<form action=a>|<input onfocus=a()>
"""
ACTING = frozenset(
    "script style iframe object embed svg math base form input img link meta a xmp noscript textarea plaintext".split()
)
PLAIN = frozenset("id style colspan rowspan align valign border cellpadding cellspacing class start".split())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES.replace("\n", "").split("|")), max_size=14))
def test_whatever_a_page_is_made_of_nothing_acts(parts: list[str]) -> None:
    try:
        shown = show(page("".join(parts)), [], "original")
    except Unread:
        return
    tree = lxml_html.fromstring(f"<div>{shown.html}</div>")
    for element in tree.iter("*"):
        assert element.tag not in ACTING
        assert set(element.attrib) <= PLAIN


def png(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(stream, "PNG")
    return stream.getvalue()


def test_a_region_of_a_picture() -> None:
    shown = show(png(400, 200), [Spot("p1:101,51,199,99")], "original")
    assert shown.view == "pages"
    assert shown.found == 1
    assert 'id="p-p1-101-51-199-99" style="left:25.00%;width:25.00%;top:25.00%;height:25.00%"' in shown.html
    assert Image.open(io.BytesIO(picture(png(400, 200), 1))).size == (400, 200)


def test_a_picture_of_a_billion_pixels_is_refused() -> None:
    head = png(400, 200)
    bomb = head[:16] + (40000).to_bytes(4, "big") + (40000).to_bytes(4, "big") + head[24:]
    with pytest.raises(Unread):
        show(bomb, [], "original")
    with pytest.raises(Unread):
        picture(bomb, 1)


def turned(body: bytes, degrees: int) -> bytes:
    document = pypdfium2.PdfDocument(body)
    for each in document:
        each.set_rotation(degrees)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_page_that_lies_on_its_side_is_shown_as_it_was_read() -> None:
    """Its text runs across although the page says it is turned: the reader turns it back, and so does the picture."""
    body = (FIXTURES / "chromium_head.pdf").read_bytes()
    upright, lying = Image.open(io.BytesIO(picture(body, 1))), Image.open(io.BytesIO(picture(turned(body, 90), 1)))
    assert upright.size == lying.size
    place = "p1:10,20,60,40"
    assert show(body, [Spot(place)], "original").html == show(turned(body, 90), [Spot(place)], "original").html


@pytest.mark.parametrize("body", [b"%PDF-1.4 nothing", b"", b"\x89PNG\r\n\x1a\nrubbish", b"PK\x03\x04rubbish"])
def test_broken_documents_are_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(Unread):
        show(body, [Spot("p1:1,1,2,2")], "original")


def test_lines_and_their_fields() -> None:
    shown = show(
        "标题\n本年新收\t12\t<b>\n".encode(), [Spot("l2f2", "12"), Spot("l1", "标题"), Spot("l2f3", "9")], "original"
    )
    assert '<span class="field" id="p-l2f2">12</span>' in shown.html
    assert '<span class="field" id="p-l1">标题</span>' in shown.html
    assert "&lt;b&gt;" in shown.html
    assert shown.html.count('id="p-l2f3"') == 1, "a field that is not where it should be: the line is pointed at"


@pytest.mark.parametrize("place", ["p2:72,510,90,522", "t3r5c4", "l40f3", "e12l2", '"><script>'])
def test_an_anchor_is_a_plain_word(place: str) -> None:
    assert anchor(place).replace("-", "").isalnum()
