from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parsers.documents import pdf, read
from parsers.documents.limits import Limits
from parsers.documents.model import Document, Grid, Unread
from tests.documents.drawn import expected, lost, narrative, rows
from tests.generator.pages import MANNERS, Manner, drawn, pdf_of
from tests.generator.report import make_report

FIXTURES = Path(__file__).parent / "fixtures"
TRUTH: dict[str, list[list[str]]] = json.loads((FIXTURES / "pages.json").read_text())


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_tables_printed_by_real_programs(name: str) -> None:
    document = read((FIXTURES / f"{name}.pdf").read_bytes())
    assert not lost(document, TRUTH[name])


@pytest.mark.parametrize("name", sorted(MANNERS))
@pytest.mark.parametrize("seed", range(3))
def test_every_manner_of_drawing_gives_every_row(name: str, seed: int) -> None:
    report = make_report(seed, edition="2019" if seed == 2 else "2021")
    document = read(pdf_of(report, drawn(name, random.Random(seed))))
    missing = lost(document, expected(report))
    assert not missing
    assert sum(len(row) > 7 and row[-1] == row[-1].strip() for row in rows(document)) >= 22


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(MANNERS))
def test_sixty_reports_in_every_manner(name: str) -> None:
    total = missing = 0
    for seed in range(60):
        report = make_report(seed, edition="2019" if seed % 3 == 2 else "2021")
        wanted = expected(report)
        total += len(wanted)
        missing += len(lost(read(pdf_of(report, drawn(name, random.Random(seed)))), wanted))
    assert missing <= (0.02 * total if MANNERS[name].rules == "none" else 0)


def test_narrative_is_paragraphs_without_running_heads() -> None:
    report = make_report(5)
    document = read(pdf_of(report, MANNERS["word"]))
    text = narrative(document)
    assert report.title in text.split("\n")
    assert report.preamble in text.split("\n")
    for heading, paragraphs in report.sections:
        assert heading in text.split("\n")
        assert all(paragraph in text.split("\n") for paragraph in paragraphs)
    assert report.agency + "政府信息公开\n" not in text
    assert "- 1 -" not in text.replace("-1-", "- 1 -")
    assert document.title == report.title


def test_spanned_cell_is_one_object_and_places_lie_on_the_page() -> None:
    document = read(pdf_of(make_report(3), MANNERS["office"]))
    grid = next(b for b in document.blocks if isinstance(b, Grid) and any(c and c.text == "自然人" for c in b.rows[1]))
    assert grid.rows[0][0] is grid.rows[2][1]
    head = grid.rows[0][0]
    assert head is not None
    assert (head.row_span, head.column_span) == (3, 2)
    page, _, box = head.place.partition(":")
    left, top, right, bottom = map(int, box.split(","))
    assert page in {"p1", "p2"}
    assert 59 <= left < right < 595
    assert 0 < top < bottom < 842


def test_row_cut_by_a_page_is_one_row_again() -> None:
    for seed in range(12):
        report = make_report(seed, zero="0", size=12)
        document = read(pdf_of(report, Manner("bars", cut_rows=True, size=12, margin=45 + seed)))
        assert not lost(document, expected(report))


def test_encrypted_needs_a_password_but_an_empty_one_opens() -> None:
    with pytest.raises(Unread) as caught:
        read(_encrypted("secret"))
    assert caught.value.reason == "encrypted"
    assert "公开" in narrative(read(_encrypted("")))


def _encrypted(password: str) -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(out, encrypt=StandardEncryption(password, ownerPassword="owner", canPrint=0))
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(100, 700, "政府信息公开工作年度报告")
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("cut", [20, 200, 2000])
def test_damaged_is_refused(cut: int) -> None:
    body = b"%PDF-1.7\n" + b"garbage " * cut
    with pytest.raises(Unread) as caught:
        read(body)
    assert caught.value.reason == "damaged"


def test_junk_before_the_header_is_skipped() -> None:
    body = pdf_of(make_report(3), MANNERS["office"])
    assert pdf.read(b"\r\n\xef\xbb\xbf junk" + body).blocks == pdf.read(body).blocks


def test_limits() -> None:
    body = pdf_of(make_report(3), MANNERS["office"])
    for limits in (Limits(pages=1), Limits(cells=50)):
        with pytest.raises(Unread) as caught:
            pdf.read(body, limits=limits)
        assert caught.value.reason == "too_large"


def test_page_without_anything_has_no_text() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.showPage()
    canvas.save()
    with pytest.raises(Unread) as caught:
        read(out.getvalue())
    assert caught.value.reason == "no_text"


def _drawn_by(draw: Callable[[Any], None]) -> Document:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.setFont("STSong-Light", 12)
    draw(canvas)
    canvas.save()
    return read(out.getvalue())


def test_blank_dash_slash_and_zero_stay_four_facts() -> None:
    def draw(canvas: Any) -> None:
        canvas.grid([100, 150, 200, 250, 300, 350], [700, 730])
        for x, text in ((120, "0"), (220, "/"), (270, "—"), (320, "-")):
            canvas.drawString(x, 710, text)

    assert rows(_drawn_by(draw)) == [["0", "", "/", "—", "-"]]


def test_two_numbers_in_one_cell_stay_two() -> None:
    def draw(canvas: Any) -> None:
        canvas.grid([100, 200, 300], [650, 730])
        canvas.drawString(120, 710, "12")
        canvas.drawString(120, 690, "34")
        canvas.drawString(220, 710, "5 6")

    grid = next(block for block in _drawn_by(draw).blocks if isinstance(block, Grid))
    assert [cell.text for cell in grid.rows[0] if cell] == ["12\n34", "5 6"]


def test_number_wrapped_in_a_narrow_cell_is_one() -> None:
    def draw(canvas: Any) -> None:
        canvas.grid([100, 122, 300], [650, 730])
        for number, part in enumerate(("123", "456", "7")):
            canvas.drawString(102, 715 - 14 * number, part)
        canvas.drawString(140, 710, "本年新收")

    assert rows(_drawn_by(draw)) == [["1234567", "本年新收"]]


def test_writing_in_columns_reads_from_right_to_left() -> None:
    def draw(canvas: Any) -> None:
        canvas.grid([100, 150, 300], [600, 730])
        for column, part in enumerate(("三、本年度", "办理结果")):
            for number, character in enumerate(part):
                canvas.drawString(128 - 15 * column, 715 - 14 * number, character)
        canvas.drawString(200, 700, "7")

    assert rows(_drawn_by(draw)) == [["三、本年度办理结果", "7"]]


def test_missing_corner_is_no_cell_but_a_blank_is() -> None:
    def draw(canvas: Any) -> None:
        canvas.grid([100, 200, 300, 400], [700, 730])
        canvas.grid([100, 200], [670, 700])
        for x, y, text in ((110, 710, "甲"), (210, 710, "乙"), (110, 680, "丙")):
            canvas.drawString(x, y, text)

    grid = next(block for block in _drawn_by(draw).blocks if isinstance(block, Grid))
    assert [[cell and cell.text for cell in row] for row in grid.rows] == [["甲", "乙", ""], ["丙", None, None]]
