"""The RTF reader: text in every notation, tables with merges, and what is not part of the page."""

from __future__ import annotations

import random

import pytest

from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Grid, Text, Unread
from parsers.documents.rtf import read
from tests.generator.report import make_report
from tests.generator.word import WRITERS, Line, Table, parts, placed

HEAD = "{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 SimSun;}{\\f1\\fcharset2 Wingdings;}}"


def rtf(body: str, head: str = HEAD) -> Document:
    return read(f"{head}{body}}}".encode("latin-1"))


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def grids(document: Document) -> list[list[list[str | None]]]:
    return [
        [[cell.text if cell else None for cell in row] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Grid)
    ]


@pytest.mark.parametrize("style", ["rtf clean", "rtf messy"])
@pytest.mark.parametrize("edition", ["2021", "2019"])
def test_every_slot_of_every_table(style: str, edition: str) -> None:
    for seed in range(8):
        report = make_report(seed, edition=edition)  # type: ignore[arg-type]
        document = read(WRITERS[style](report, random.Random(seed)))
        wanted = [
            [[slot.text for _, slot, _ in row for _ in range(slot.column_span)] for row in placed(part)]
            for part in parts(report)
            if isinstance(part, Table)
        ]
        found = [[[(text or "").replace("\n", "") for text in row] for row in grid] for grid in grids(document)]
        assert found == wanted
        assert [text for text in lines(document) if text] == [p.text for p in parts(report) if isinstance(p, Line)]


@pytest.mark.parametrize(
    ("coded", "text"),
    [
        ("\\'b9\\'ab\\'bf\\'aa", "公开"),
        ("\\u20844?\\u24320?", "公开"),
        ("\\uc2\\u20844\\'b9\\'ab\\u24320\\'bf\\'aa", "公开"),
        ("\\uc0\\u20844\\u24320 24", "公开24"),
        ("\\u-10174?\\u-8265?", "\U00020bb7"),  # two surrogates
        ("\xb9\xab\\'81A", "公丄"),  # bytes as they are, and half coded
        ("\x95\x5c", "昞"),  # whose second byte is a backslash
        ("{\\f1\\'82}", "②"),
        ("0952\\_80\\-11\\~x", "0952-8011\xa0x"),
        ("\\{\\}\\\\", "{}\\"),
        ("\\ldblquote a\\rdblquote\\emdash b", "“a”—b"),
        ("{\\upr{?}{\\*\\ud{\\u20844?}}}", "公"),
        ("{\\*\\unknown 5}{\\v 6}{\\deleted 7}{\\field{\\*\\fldinst PAGE}{\\fldrslt 8}}", "8"),
        ("a\\bin4 \\par b", "a b"),
    ],
)
def test_characters(coded: str, text: str) -> None:
    assert lines(rtf(f"\\f0 {coded}\\par")) == [text]


def test_a_western_code_page() -> None:
    head = "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset134 SimSun;}}"
    assert lines(rtf("\\f0 caf\\'e9 {\\f1\\'b9\\'ab}\\par", head)) == ["café 公"]
    assert lines(rtf("x\\par", "{\\rtf1\\ansicpg99999")) == ["x"]


def test_merges_and_inner_tables() -> None:
    first = "\\trowd\\clvmgf\\cellx900\\clmgf\\cellx1800\\clmrg\\cellx2700"
    second = "\\trowd\\clvmrg\\cellx900\\cellx1800\\cellx2700"
    document = rtf(
        f"{first}\\pard\\intbl a\\cell b\\cell\\cell\\row"
        f"{second}\\pard\\intbl\\cell 1\\cell 2\\cell\\row\\pard end\\par"
    )
    assert grids(document) == [[["a", "b", "b"], ["a", "1", "2"]]]
    inner = (
        "\\pard\\intbl\\itap2 1\\nestcell 2\\nestcell"
        "{\\*\\nesttableprops\\trowd\\cellx400\\cellx900\\nestrow}{\\nonesttables\\par}"
    )
    outer = "\\trowd\\cellx900\\cellx1800"
    document = rtf(f"{outer}\\pard\\intbl a\\par{inner}\\pard\\intbl\\cell b\\cell\\row\\pard\\par")
    assert grids(document) == [[["a", "b"]], [["1", "2"]]]


def test_cells_that_do_not_say_they_are_in_a_table() -> None:
    document = rtf("\\trowd\\cellx900\\cellx1800\\pard 1\\par x\\cell 2\\cell\\row\\pard end\\par")
    assert grids(document) == [[["1\nx", "2"]]]
    assert lines(document) == ["end"]


def test_text_boxes_stand_behind_their_paragraph() -> None:
    box = "{\\shp{\\*\\shpinst\\shpleft1{\\sp{\\sn a}{\\sv b}}{\\shptxt\\pard box\\par}}{\\shprslt old}}"
    assert lines(rtf(f"\\pard one{box}\\par two\\par")) == ["one", "box", "two"]


def test_labels_levels_title_and_footnotes() -> None:
    document = rtf(
        "{\\stylesheet{\\s3 heading 2;}}{\\info{\\title \\'c4\\'ea\\'b1\\'a8}}{\\header top\\par}"
        "\\pard\\s3{\\listtext\\'d2\\'bb\\'a1\\'a2\\tab}text{\\footnote note}\\par\\pard 2.\\par"
    )
    assert [(block.text, block.level) for block in document.blocks if isinstance(block, Text)] == [
        ("一、text", 2),
        ("2.", 0),
    ]
    assert document.title == "年报"
    assert document.notes == ("footnotes were left out of the text",)


def test_pictures_are_handed_on_when_there_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Image:
        @staticmethod
        def read_images(images: list[bytes], limits: Limits) -> Document:
            return Document("image/jpeg", (Text(f"{len(images)}", "p1"),))

    monkeypatch.setattr("parsers.documents.pictures.import_module", lambda name: Image)
    picture = (b"\xff\xd8\xff" + b"scan" * 3000).hex()
    assert lines(
        rtf(f"{{\\*\\shppict{{\\pict\\jpegblip\\picw9 {picture}}}}}{{\\nonshppict{{\\pict {picture}}}}}\\par")
    ) == ["1"]


def test_damage_is_told() -> None:
    assert "braces" in rtf("a}\\par b\\par").notes[0]
    assert lines(rtf("a}\\par b\\par")) == ["a", "b"]
    assert "braces" in read((HEAD + "\\pard a\\par").encode()).notes[0]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"no header", "damaged"),
        (b"{\\rtf1}", "no_text"),
        (b"{\\rtf1" + b"{" * 5000, "damaged"),
        (b"{\\rtf1{\\fonttbl text", "damaged"),
        (b"{\\rtf1 " + b"\\trowd\\cellx1\\cellx900\\cellx1800 a\\cell b\\cell c\\cell\\row" * 40 + b"}", "too_large"),
    ],
)
def test_refusals(body: bytes, reason: str) -> None:
    with pytest.raises(Unread) as refused:
        read(body, limits=Limits(cells=100) if reason == "too_large" else DEFAULT)
    assert refused.value.reason == reason
