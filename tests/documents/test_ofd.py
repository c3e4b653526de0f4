from __future__ import annotations

import io
import random
import zipfile

import pytest

from parsers.documents import ofd, read
from parsers.documents.limits import Limits
from parsers.documents.model import Document, Grid, Unread
from tests.documents.drawn import expected, lost, narrative, rows
from tests.generator.pages import MANNERS, drawn, ofd_of
from tests.generator.report import make_report


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_every_manner_of_drawing_gives_every_row(name: str) -> None:
    report = make_report(1, edition="2019")
    document = read(ofd_of(report, drawn(name, random.Random(1))))
    assert document.media_type == "application/ofd"
    assert document.title == report.title
    assert not lost(document, expected(report))
    assert all(paragraph in narrative(document) for _, paragraphs in report.sections for paragraph in paragraphs)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(set(MANNERS) - {"bare"}))
def test_sixty_reports_in_every_manner(name: str) -> None:
    for seed in range(60):
        report = make_report(seed, edition="2019" if seed % 3 == 2 else "2021")
        assert not lost(read(ofd_of(report, drawn(name, random.Random(seed)))), expected(report))


def _container(content: str, **parts: str) -> bytes:
    files = {
        "OFD.xml": "<OFD xmlns='http://www.ofdspec.org'><DocBody><DocRoot>/Doc_0/Document.xml</DocRoot></DocBody></OFD>",
        "Doc_0/Document.xml": "<Document xmlns='http://www.ofdspec.org'><CommonData><PageArea><PhysicalBox>0 0 210 297"
        "</PhysicalBox></PageArea></CommonData><Pages><Page ID='1' BaseLoc='P/Content.xml'/></Pages></Document>",
        "Doc_0/P/Content.xml": f"<Page xmlns='http://www.ofdspec.org'><Content><Layer>{content}</Layer></Content></Page>",
        **parts,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name, text in files.items():
            container.writestr(name, text)
    return out.getvalue()


def _grid(content: str) -> list[list[str]]:
    document: Document = ofd.read(_container(content))
    assert any(isinstance(block, Grid) for block in document.blocks)
    return rows(document)


def _word(x: float, y: float, text: str, more: str = "") -> str:
    return f"<TextObject Boundary='{x} {y} 60 6' Size='4' {more}><TextCode X='0' Y='4'>{text}</TextCode></TextObject>"


FRAME = (
    "<PathObject Boundary='20 20 100 20'><AbbreviatedData>M 0 0 L 100 0 100 20 0 20 C M 50 0 L 50 20 M 0 10 L 100 10"
    "</AbbreviatedData></PathObject>"
)


def test_one_path_may_hold_the_whole_net_and_points_may_follow_one_operator() -> None:
    assert _grid(FRAME + _word(25, 22, "甲") + _word(75, 32, "12")) == [["甲", ""], ["", "12"]]


def test_advances_repeat_and_missing_ones_are_the_type_size() -> None:
    code = "<TextCode X='0' Y='4' DeltaX='g 2 5 3'>甲乙丙丁</TextCode>"
    text = f"<TextObject Boundary='22 22 60 6' Size='4'>{code}</TextObject>"
    assert _grid(FRAME + text + _word(72, 32, "1234"))[0] == ["甲乙丙丁", ""]
    assert ofd._deltas("2 g 3 1.5 4", 9) == [2, 1.5, 1.5, 1.5, 4]
    assert ofd._deltas("g 99999 1", 4) == [1, 1, 1, 1]
    assert ofd._deltas("g x 1", 4) == []


def test_hidden_slanted_and_faint_text_is_no_text() -> None:
    faint = "<TextObject Boundary='20 32 90 20' Size='12' Alpha='50'><TextCode X='0' Y='8'>水印</TextCode></TextObject>"
    slanted = _word(22, 32, "斜", "CTM='0.7 0.7 -0.7 0.7 0 0'")
    hidden = _word(22, 32, "隐", "Visible='false'")
    assert _grid(FRAME + faint + slanted + hidden + _word(22, 22, "甲")) == [["甲", ""], ["", ""]]


def test_white_rules_are_not_drawn() -> None:
    white = (
        "<PathObject Boundary='20 20 100 20'><StrokeColor Value='255 255 255'/>"
        "<AbbreviatedData>M 25 0 L 25 20</AbbreviatedData></PathObject>"
    )
    assert _grid(FRAME + white + _word(25, 22, "甲") + _word(75, 32, "12")) == [["甲", ""], ["", "12"]]


def test_missing_parts_are_refused_or_noted() -> None:
    for body, reason in (
        (_container("", **{"OFD.xml": "<OFD/>"}), "damaged"),
        (_container("", **{"Doc_0/P/Content.xml": ""}), "damaged"),
        (_container(""), "no_text"),
        (_container("", **{"Doc_0/Encryptions.xml": "<a/>"}), "encrypted"),
    ):
        with pytest.raises(Unread) as caught:
            ofd.read(body)
        assert caught.value.reason == reason
    two = (
        "<Document xmlns='http://www.ofdspec.org'><Pages><Page BaseLoc='P/Content.xml'/><Page BaseLoc='Q/Content.xml'/>"
        "</Pages></Document>"
    )
    document = ofd.read(_container(_word(25, 22, "甲乙丙"), **{"Doc_0/Document.xml": two}))
    assert narrative(document) == "甲乙丙"
    assert "missing" in document.notes[0]


def test_limits_of_pages_and_of_unpacked_bytes() -> None:
    body = ofd_of(make_report(3), MANNERS["office"])
    with pytest.raises(Unread) as caught:
        ofd.read(body, limits=Limits(pages=1))
    assert caught.value.reason == "too_large"
    with pytest.raises(Unread) as caught:
        ofd.read(body, limits=Limits(unpacked=10_000))
    assert caught.value.reason == "too_large"


def test_entities_are_not_expanded() -> None:
    bomb = (
        "<!DOCTYPE p [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
        "<Page xmlns='http://www.ofdspec.org'><Content><TextObject Boundary='20 20 90 9' Size='4'>"
        "<TextCode X='0' Y='4'>甲乙&b;</TextCode></TextObject></Content></Page>"
    )
    assert "xxxx" not in narrative(ofd.read(_container("", **{"Doc_0/P/Content.xml": bomb})))
