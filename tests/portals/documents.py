"""The seeds as other documents: a page with real tables, a PDF and a DOCX.

``python -m tests.portals.documents`` writes the two binary ones again; they are committed, so that a sample crawl needs
no library that only tests use.
"""

from __future__ import annotations

import random
from html import escape
from pathlib import Path

from tests.generator import word
from tests.generator.layout import Layout
from tests.portals.seeds import SEEDS, Seed, blocks

FOLDER = Path(__file__).with_name("documents")
PDF = FOLDER / "002.pdf"
DOCX = FOLDER / "003.docx"


def html(seed: Seed) -> str:
    """The inside of an article: a heading, paragraphs and tables with spans."""
    return "\n".join(_html_block(block) for block in blocks(seed))


def _html_block(block: str | Layout) -> str:
    if isinstance(block, str):
        return f"<p>　　{escape(block)}</p>"
    rows = "\n".join(
        "<tr>"
        + "".join(f"<td{_span(slot.row_span, slot.column_span)}>{escape(slot.text)}</td>" for slot in row)
        + "</tr>"
        for row in block
    )
    return f'<table border="1" cellspacing="0">\n<tbody>\n{rows}\n</tbody>\n</table>'


def _span(rows: int, columns: int) -> str:
    return (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")


def pdf(seed: Seed) -> bytes:
    """Born-digital, ruled tables, page numbers, tables that run over page breaks."""
    from io import BytesIO

    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=20, firstLineIndent=24, wordWrap="CJK")
    small = ParagraphStyle("cell", fontName="STSong-Light", fontSize=7.5, leading=10, wordWrap="CJK")
    flow: list[Flowable] = []
    for block in blocks(seed):
        if isinstance(block, str):
            flow.append(Paragraph(escape(block), body))
            continue
        width = sum(slot.column_span for slot in block[0])
        rows: list[list[object]] = [[""] * width for _ in block]
        style = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        taken: set[tuple[int, int]] = set()
        for r, row in enumerate(block):
            c = 0
            for slot in row:
                while (r, c) in taken:
                    c += 1
                rows[r][c] = Paragraph(escape(slot.text), small)
                end = (c + slot.column_span - 1, r + slot.row_span - 1)
                if end != (c, r):
                    style.append(("SPAN", (c, r), end))
                taken |= {(y, x) for y in range(r, end[1] + 1) for x in range(c, end[0] + 1)}
        labels = {10: [38, 58, 108], 4: [150]}.get(width, [])
        rest = [(515 - sum(labels)) / (width - len(labels))] * (width - len(labels))
        flow.append(Table(rows, colWidths=labels + rest, style=style))
    out = BytesIO()

    def number(canvas: object, document: object) -> None:
        canvas.setFont("STSong-Light", 9)  # type: ignore[attr-defined]
        canvas.drawCentredString(A4[0] / 2, 28, f"- {document.page} -")  # type: ignore[attr-defined]

    template = SimpleDocTemplate(out, pagesize=A4, leftMargin=40, rightMargin=40, invariant=1, title="")
    template.build(flow, onFirstPage=number, onLaterPages=number)
    return out.getvalue()


def docx(seed: Seed) -> bytes:
    """As a word processor writes it: gridSpan and vMerge, headings as plain paragraphs."""
    dirt = word.DocxDirt(random.Random(0))
    body = "".join(
        word._paragraph(block, dirt)
        if isinstance(block, str)
        else word._docx_table(word.Table(0, block, sum(slot.column_span for slot in block[0])), dirt)
        for block in blocks(seed)
    )
    return word.package(body)


if __name__ == "__main__":
    by_number = {seed.number: seed for seed in SEEDS}
    PDF.write_bytes(pdf(by_number["002"]))
    DOCX.write_bytes(docx(by_number["003"]))
    print(f"{PDF} {PDF.stat().st_size} bytes\n{DOCX} {DOCX.stat().st_size} bytes")
