from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parsers.documents import image, ofd, read
from parsers.documents.limits import Limits
from parsers.documents.model import Document, Grid, Unread
from tests.documents.drawn import narrative, rows
from tests.generator.layout import layouts
from tests.generator.pages import (
    FONTS,
    SCANNERS,
    Manner,
    Scanner,
    font_file,
    pdf_of,
    pictures_of,
    scanned_pdf,
    tiff_of,
)
from tests.generator.report import MadeReport, make_report

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
FIXTURES = Path(__file__).parent / "fixtures"
needs_shapes = pytest.mark.skipif(
    not all(map(font_file, FONTS)), reason="Debian packages fonts-wqy-zenhei and fonts-arphic-uming are not installed"
)
BRACKETS = str.maketrans("（），", "(),")


def _values(report: MadeReport, tables: tuple[int, ...] = (2, 3, 4)) -> list[list[str]]:
    return [
        [slot.text for slot in row if slot.key]
        for number in tables
        for row in layouts(report)[number]
        if any(slot.key for slot in row)
    ]


def _lost(document: Document, wanted: list[list[str]]) -> list[list[str]]:
    found = rows(document)
    return [row for row in wanted if not any(other[-len(row) :] == row for other in found)]


def test_half_a_scanned_page_under_a_seal() -> None:
    """A stored picture, so that OCR is proved where no Chinese font is installed."""
    document = read((FIXTURES / "scan_150_seal.jpg").read_bytes())
    found = [[text.translate(BRACKETS) for text in row] for row in rows(document)]
    assert ["四、结转下年度继续办理", "3", "-", "-", "2", "4", "3", "12"] in found
    assert ["3.其他", "-", "-", "-", "7", "-", "14", "21"] in found
    assert ["-", "-", "-", "4", "4", "2", "-", "-", "1", "3", "-", "-", "3", "3", "6"] in found
    assert "四、政府信息公开行政复议、行政诉讼情况" in narrative(document)
    cells = [cell for block in document.blocks if isinstance(block, Grid) for row in block.rows for cell in row if cell]
    assert all(cell.doubt for cell in cells)
    assert all(cell.place.startswith("p1:") for cell in cells)
    assert "OCR" in document.notes[0]


@needs_shapes
def test_a_turned_and_noisy_page_at_150_dpi() -> None:
    report = make_report(3, zero="")
    pages = pictures_of(report, Manner("bars", font="song"), SCANNERS["150"], random.Random(8))
    document = read(scanned_pdf(pages[1:2]))
    wanted = _values(report, (3,))
    assert len(wanted) - len(_lost(document, wanted)) >= 20  # the first rows stand on the page before
    assert not _lost(document, _values(report, (4,)))


@needs_shapes
@pytest.mark.parametrize("mark", ["/", "—", "-", "无", ""])
def test_marks_and_blanks_are_told_apart(mark: Any) -> None:
    report = make_report(3, zero=mark, size=0)
    table_4 = replace(report, sections=tuple(s for s in report.sections if s[0].startswith("四")))
    pages = pictures_of(
        table_4, Manner("strokes", font="hei"), Scanner(150, turn=0.5, noise=4, blur=0.4), random.Random(1)
    )
    assert [mark] * 15 in rows(image.read_images(pages))


@needs_shapes
def test_pages_of_a_tiff_and_pictures_of_an_article_count_through() -> None:
    report = make_report(3)
    short = replace(report, preamble="", sections=tuple((h, ()) for h, _ in report.sections if h[0] in "四五"))
    page = pictures_of(short, Manner("strokes", font="hei"), Scanner(100), random.Random(1))[0]
    for document in (image.read_images([page, page]), read(tiff_of([page, page]))):
        grids = [block for block in document.blocks if isinstance(block, Grid)]
        assert [grid.place[:3] for grid in grids] == ["p1:", "p2:"]
        assert rows(document)[-1] == [report.cells[key] for key in report.cells if key[0] == 4]
    with pytest.raises(Unread) as caught:
        image.read_images([page, page], Limits(pages=1))
    assert caught.value.reason == "too_large"


@needs_shapes
def test_a_page_on_its_head_is_turned_and_its_places_are_where_it_lay() -> None:
    report = make_report(3)
    short = replace(report, sections=tuple((h, t[:1]) for h, t in report.sections if h[0] in "四五"))
    page = pictures_of(short, Manner("strokes", font="hei"), Scanner(120, quarters=2), random.Random(1))[0]
    height, width = cv2.imdecode(np.frombuffer(page, np.uint8), 1).shape[:2]
    document = read(page)
    assert not _lost(document, _values(report, (4,)))
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    left, top, right, bottom = map(int, grid.place[3:].split(","))
    assert abs(left - (width - 535 * 120 / 72)) < 4
    assert abs(right - (width - 60 * 120 / 72)) < 4
    assert height / 2 < top < bottom < height


@needs_shapes
def test_a_bent_sheet_half_in_the_shade_is_read() -> None:
    report = make_report(4, zero="/")
    short = replace(report, sections=tuple((h, t[:1]) for h, t in report.sections if h[0] in "二四"))
    page = pictures_of(short, Manner("strokes", font="song"), SCANNERS["telephone"], random.Random(5))[0]
    assert not _lost(read(page), _values(report, (2, 4)))


@needs_shapes
def test_places_lead_back_into_the_picture_as_served() -> None:
    report = make_report(3)
    short = replace(report, sections=tuple(s for s in report.sections if s[0].startswith("四")))
    page = pictures_of(short, Manner("strokes", font="hei"), Scanner(150, turn=0.0), random.Random(1))[0]
    height, width = cv2.imdecode(np.frombuffer(page, np.uint8), 1).shape[:2]
    document = read(page)
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    left, top, right, bottom = map(int, grid.place[3:].split(","))
    assert abs(left - 60 * 150 / 72) < 4
    assert abs(right - 535 * 150 / 72) < 4
    assert 0 < top < bottom < height
    assert right < width


@needs_shapes
def test_an_ofd_page_of_one_picture_is_recognised() -> None:
    import zipfile

    report = make_report(3)
    short = replace(report, sections=tuple(s for s in report.sections if s[0].startswith("四")))
    page = pictures_of(short, Manner("strokes", font="hei"), Scanner(150), random.Random(1))[0]
    space = "xmlns='http://www.ofdspec.org/2016'"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("OFD.xml", f"<OFD {space}><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>")
        container.writestr(
            "D/Document.xml",
            f"<Document {space}><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea>"
            "<DocumentRes>Res.xml</DocumentRes></CommonData><Pages><Page BaseLoc='P.xml'/></Pages></Document>",
        )
        container.writestr(
            "D/Res.xml",
            f"<Res {space} BaseLoc='Res'><MultiMedias><MultiMedia ID='7'><MediaFile>a.png</MediaFile></MultiMedia>"
            "</MultiMedias></Res>",
        )
        container.writestr(
            "D/P.xml",
            f"<Page {space}><Content><Layer><ImageObject ResourceID='7' Boundary='0 0 210 297'/></Layer></Content>"
            "</Page>",
        )
        container.writestr("D/Res/a.png", page)
    document = ofd.read(out.getvalue())
    assert not _lost(document, _values(report, (4,)))
    assert "OCR" in document.notes[0]


@needs_shapes
def test_a_pdf_whose_text_says_nothing_is_looked_at() -> None:
    report = make_report(3, zero="0")
    short = replace(report, preamble="", sections=tuple((h, ()) for h, _ in report.sections if h[0] in "四五"))
    body = pdf_of(short, Manner("strokes", font="hei"))
    assert not read(body).notes
    blind = read(body.replace(b"/ToUnicode", b"/ToUnicodX"))
    assert "OCR" in blind.notes[0]
    assert not _lost(blind, _values(report, (4,)))


@needs_shapes
def test_a_hidden_text_layer_under_a_scan_is_not_believed() -> None:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    report = make_report(3)
    short = replace(report, preamble="", sections=tuple((h, ()) for h, _ in report.sections if h[0] in "四五"))
    picture = pictures_of(short, Manner("strokes", font="hei"), Scanner(120), random.Random(1))[0]
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, 595, 842)
    text = canvas.beginText(100, 700)
    text.setTextRenderMode(3)
    text.textLine("2024 wrong 99999")
    canvas.drawText(text)
    canvas.save()
    document = read(out.getvalue())
    assert "99999" not in narrative(document)
    assert not _lost(document, _values(report, (4,)))


@pytest.mark.parametrize("fill", [0, 255])
def test_an_even_picture_has_no_text(fill: int) -> None:
    body = bytes(cv2.imencode(".png", np.full((900, 700, 3), fill, np.uint8))[1])
    with pytest.raises(Unread) as caught:
        read(body)
    assert caught.value.reason == "no_text"


def test_noise_ends_in_bounded_time_and_is_no_table() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (1100, 800, 3)).astype(np.uint8)
    document, reason = None, ""
    try:
        document = read(bytes(cv2.imencode(".png", noise)[1]))
    except Unread as refused:
        reason = refused.reason
    assert document or reason in {"no_text", "too_large"}
    assert not document or not any(isinstance(block, Grid) for block in document.blocks)


@pytest.mark.parametrize("cut", [30, 200, 5000])
def test_a_cut_picture_is_damaged_and_never_an_error(cut: int) -> None:
    body = (FIXTURES / "scan_150_seal.jpg").read_bytes()
    with pytest.raises(Unread) as caught:
        read(body[:cut])
    assert caught.value.reason in {"damaged", "unknown"}


def test_icons_and_bombs_are_not_read() -> None:
    icon = bytes(cv2.imencode(".png", np.zeros((40, 40, 3), np.uint8))[1])
    with pytest.raises(Unread) as caught:
        read(icon)
    assert caught.value.reason == "no_text"
    bomb = bytes(cv2.imencode(".png", np.zeros((10_000, 10_000), np.uint8))[1])
    with pytest.raises(Unread) as caught:
        read(bomb)
    assert caught.value.reason == "too_large"


@needs_shapes
@pytest.mark.long
@pytest.mark.parametrize(("name", "least"), [("200", 0.995), ("150", 0.98), ("photo", 0.95)])
def test_share_of_exact_cells(name: str, least: float) -> None:
    exact = total = 0
    for seed in range(12):
        report = make_report(seed)
        manner = Manner(("strokes", "bars", "frames")[seed % 3], font=("hei", "song")[seed % 2], vertical=seed % 4 == 0)
        document = read(scanned_pdf(pictures_of(report, manner, SCANNERS[name], random.Random(seed))))
        wanted = _values(report)
        total += sum(map(len, wanted))
        exact += sum(map(len, wanted)) - sum(map(len, _lost(document, wanted)))
    assert exact / total >= least
