"""What people and programs lay over, under and beside the figures of a page: each must be read right or be refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from parsers.documents import pdf
from parsers.documents.model import Grid, Unread
from parsers.reports.values import is_mark

LEFT, TOP, WIDTH, HEIGHT = 60, 700, 100, 24
Rows = list[list[str]]


def frames(canvas: Canvas, texts: Rows, y: float = TOP) -> None:
    canvas.setFont("Helvetica", 12)
    for r, row in enumerate(texts):
        for c, text in enumerate(row):
            canvas.rect(LEFT + c * WIDTH, y - (r + 1) * HEIGHT, WIDTH, HEIGHT)
            canvas.drawString(LEFT + c * WIDTH + 5, y - (r + 1) * HEIGHT + 7, text)


def made(more: Callable[[Any], object], texts: Rows, change: Callable[[Any], object] | None = None) -> bytes:
    """A page with a table and something more; ``change`` gets the document of PDFium."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    frames(canvas, texts)
    more(canvas)
    canvas.save()
    if change is None:
        return out.getvalue()
    document = pypdfium2.PdfDocument(out.getvalue())
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rows(body: bytes) -> list[list[str]]:
    return [
        [cell.text if cell else "" for cell in row]
        for block in pdf.read(body).blocks
        if isinstance(block, Grid)
        for row in block.rows
    ]


def nothing(canvas: Any) -> None:
    pass


def in_white(canvas: Any) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(LEFT + 19, TOP - 17, "7")


def unseen(canvas: Any) -> None:
    text = canvas.beginText(LEFT + 19, TOP - 17)
    text.setTextRenderMode(3)
    text.textOut("7")
    canvas.drawText(text)


def on_dark(canvas: Any) -> None:
    canvas.rect(LEFT + 1, TOP - HEIGHT + 1, WIDTH - 2, HEIGHT - 2, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(LEFT + 5, TOP - 17, "12")


def covered(canvas: Any) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(LEFT + 2, TOP - HEIGHT + 2, WIDTH - 4, HEIGHT - 4, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(LEFT + 8, TOP - 17, "12")


def field(canvas: Any) -> None:
    canvas.acroForm.textfield(name="a", x=LEFT + 2, y=TOP - 22, width=90, height=20, value="12", borderWidth=0)


def bare_box(canvas: Any) -> None:
    canvas.freeTextAnnotation("12", Rect=[LEFT + 2, TOP - 22, LEFT + 90, TOP - 2], DA="0 g /Helv 12 Tf")


PLAIN = [["12", "0"], ["345", "6"]]
BLANK = [["", "0"], ["345", "6"]]


@pytest.mark.parametrize(
    ("more", "texts", "change"),
    [
        (in_white, PLAIN, None),
        (unseen, PLAIN, None),
        (on_dark, BLANK, None),
        (field, BLANK, None),
        (lambda canvas: canvas.drawString(LEFT + 5.4, TOP - 17, "12"), PLAIN, None),
        (lambda canvas: canvas.line(LEFT + 4.5, TOP - 13, LEFT + 12, TOP - 13), [["712", "0"], ["345", "6"]], None),
        (lambda canvas: canvas.line(LEFT + 4.5, TOP - 18, LEFT + 19, TOP - 18), PLAIN, None),
        (lambda canvas: frames(canvas, [["9", "8"]], 300), PLAIN, lambda d: d[0].set_cropbox(0, 400, 595, 842)),
        (nothing, PLAIN, lambda d: d[0].set_rotation(90)),
        (nothing, PLAIN, lambda d: d[0].set_rotation(180)),
    ],
    ids="white unseen dark field bold struck underlined cropped turned over".split(),
)
def test_read_as_seen(more: Any, texts: Rows, change: Any) -> None:
    assert rows(made(more, texts, change)) == PLAIN


def test_a_figure_over_another_is_none() -> None:
    found = rows(made(covered, [["99", "0"], ["345", "6"]]))
    assert not is_mark(found[0][0])
    assert [found[0][1], *found[1]] == ["0", "345", "6"]


def test_a_field_that_does_not_say_how_it_looks_is_refused() -> None:
    with pytest.raises(Unread, match="how their values look"):
        pdf.read(made(bare_box, BLANK))
