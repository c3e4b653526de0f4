"""A note raised beside a figure is none of its digits, in any format and however the note was raised."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest
import xlwt

from parsers.documents import doc, docx, html, read, rtf
from parsers.documents.glyphs import Glyph, lines_of
from parsers.documents.model import Document, Grid, Text
from parsers.reports.values import is_mark
from tests.generator import word
from tests.generator.sheet import Page, xlsx
from tests.generator.word_binary import DocFile

LINKED = "<w:rStyle w:val='note'/>"
UP, DOWN, LIFTED = "<w:vertAlign w:val='superscript'/>", "<w:vertAlign w:val='subscript'/>", "<w:position w:val='6'/>"
STYLES = (
    f"<w:styles xmlns:w='{word.W}'><w:style w:type='character' w:styleId='base'><w:rPr>{UP}</w:rPr></w:style>"
    "<w:style w:type='character' w:styleId='note'><w:basedOn w:val='base'/></w:style></w:styles>"
)


def first(document: Document) -> str:
    block = document.blocks[0]
    if isinstance(block, Text):
        return block.text
    assert block.rows[0][0]
    return block.rows[0][0].text


def run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (run("12") + run("1", UP), "12^1"),
        (run("12") + run("1", DOWN), "12^1"),
        (run("12") + run("1", LINKED), "12^1"),
        (run("12") + run("1", LIFTED), "12^1"),
        (run("12") + run("", "<w:b/>") + run("1", UP) + run("0", UP), "12^10"),
        (run("1", UP) + run("12"), "1^12"),
        (run("12", UP), "12"),
        (run("7", "<w:color w:val='FFFFFF'/>") + run("12", "<w:color w:val='000000'/>"), "7^12"),
        (run("12", LIFTED) + run("3", LIFTED), "123"),
        (run("12") + run("[1]", UP), "12[1]"),
        (run("12") + run("1", "<w:rStyle w:val='note'/><w:vertAlign w:val='baseline'/>"), "121"),
        (run("12") + "<w:r><w:rPr>" + UP + "</w:rPr><w:footnoteReference w:id='2'/></w:r>", "12"),
        (
            "<m:oMath xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'><m:sSup><m:e><m:r>"
            "<m:t>12</m:t></m:r></m:e><m:sup><m:r><m:t>1</m:t></m:r></m:sup></m:sSup></m:oMath>",
            "12^1",
        ),
    ],
)
def test_docx(runs: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "STYLES", STYLES)
    assert first(docx.read(word.package(f"<w:p>{runs}</w:p>"))) == text


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ("12{\\super 1}", "12^1"),
        ("12{\\b }{\\super 1}{\\super 0}", "12^10"),
        ("12{\\sub 1}", "12^1"),
        ("12{\\up6 1}3", "12^1^3"),
        ("{\\super 1}12", "1^12"),
        ("1{\\up0 2}", "12"),
        ("12{\\super\\chftn{\\footnote\\chftn note}}", "12"),
    ],
)
def test_rtf(marks: str, text: str) -> None:
    assert first(rtf.read(f"{{\\rtf1\\ansi {marks}\\par}}".encode())) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("12<sup>1</sup>", "12^1"),
        ("12<sub>1</sub>", "12^1"),
        ("<span>12</span><b></b><sup><a href='#a'>1</a></sup>", "12^1"),
        ("12<span style='VERTICAL-ALIGN: super'>1</span>", "12^1"),
        ("12<span style='position:relative;top:-3pt;mso-text-raise:3.0pt'>1</span>", "12^1"),
        ("12<span class=MsoFootnoteReference>1</span>", "12^1"),
        ("<sup>1</sup>12", "1^12"),
        ("12<sup>[1]</sup>", "12[1]"),
        ("<sup>12</sup>", "12"),
        ("<span style='color: #FFFFFF'>7</span>12", "7^12"),
        ("<span style='background-color:#fff'>1</span>2", "12"),
        ("<span style='font-size: 0pt'>7</span><span style='font-size:0.9em'>12</span>", "12"),
        ("1<span style='vertical-align: baseline'>2</span>", "12"),
    ],
)
def test_html(markup: str, text: str) -> None:
    style = "<style>span.MsoFootnoteReference {mso-style-priority:99; vertical-align:super;}</style>"
    for body in (f"<table><tr><td>{markup}</td><td>3</td></tr></table>", f"<p>{markup}</p>"):
        assert first(html.read(f"{style}<body>{body}</body>".encode())) == text


def test_doc() -> None:
    high, low, by_hand = struct.pack("<HB", 0x2A48, 1), struct.pack("<HB", 0x2A48, 2), struct.pack("<Hh", 0x4845, 6)
    styled = struct.pack("<HH", 0x4A30, 2)
    for modifiers in (high, low, by_hand, styled):
        file = DocFile(random.Random(0))
        file.add("12")
        file.add("1", modifiers)
        file.end()
        file.add("2", modifiers)
        file.add("12")
        file.end()
        found = [block.text for block in doc.read(file.build()).blocks if isinstance(block, Text)]
        assert found[:2] == ["12^", "^12"]


def test_sheets() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    high, struck = xlwt.easyfont("escapement superscript"), xlwt.easyfont("struck_out on")
    for _ in range(3):
        xlwt.easyfont("bold on")
    sheet.write_rich_text(0, 0, ("12", ("1", high)))
    sheet.write_rich_text(0, 1, (("7", struck), ("12", xlwt.easyfont("italic on"))))
    sheet.write_rich_text(0, 2, (("1", high), "2"))
    out = io.BytesIO()
    book.save(out)
    grid = read(out.getvalue()).blocks[-1]
    assert isinstance(grid, Grid)
    assert [cell.text for cell in grid.rows[0] if cell] == ["12^1", "12", "1^2"]

    made = xlsx([Page("表", cells={(0, 0): ("12", 0), (0, 1): ("3", 0)})])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            rich = b"<si><r><t>12</t></r><r><rPr><vertAlign val='subscript'/></rPr><t>1</t></r></si>"
            target.writestr(name, source.read(name).replace(b"<si><t>12</t></si>", rich))
    grid = read(out.getvalue()).blocks[-1]
    assert isinstance(grid, Grid)
    assert grid.rows[0][0]
    assert grid.rows[0][0].text == "12^1"


@pytest.mark.parametrize(
    ("boxes", "text"),
    [
        ([("1", 0, 10.0, 20.0), ("2", 5, 10.0, 20.0), ("1", 10, 9.0, 15.0)], "12^1"),
        ([("1", 0, 9.0, 15.0), ("2", 4, 10.0, 20.0)], "1^2"),
        ([("1", 0, 10.0, 20.0), ("2", 5, 15.5, 21.5)], "1^2"),
        ([("1", 0, 10.0, 20.0), ("2", 5, 12.5, 20.0)], "12"),
    ],
)
def test_pages(boxes: list[tuple[str, float, float, float]], text: str) -> None:
    """What PDF and OFD share; a smaller figure on the same line is a digit like any other."""
    glyphs = [Glyph(sign, left, top, left + (bottom - top) / 2, bottom) for sign, left, top, bottom in boxes]
    assert [line.text for line in lines_of(glyphs)] == [text]


@pytest.mark.parametrize("text", ["12^1", "1^12", "12¹", "12①", "12[1]", "12₁", "^12"])
def test_a_figure_with_a_note_is_no_figure(text: str) -> None:
    assert not is_mark(text)
