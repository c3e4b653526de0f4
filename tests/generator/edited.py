"""Reports as people leave them after editing: figures struck out and put right, notes raised beside figures, sums that
a program never worked out, heads apart from their tables, sheets printed two on one."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any

from tests.generator import pages, word
from tests.generator.html import article, page, row, table
from tests.generator.layout import Layout
from tests.generator.report import MadeReport
from tests.generator.sheet import one_page, page_each, xlsx

Writer = Callable[[MadeReport, random.Random], bytes]
FIGURE = re.compile(r"\d+")


def _cells(change: Callable[[str], str]) -> Writer:
    """A page whose cells with figures are written otherwise; ``change`` gets the text and gives markup."""

    def write(report: MadeReport, rng: random.Random) -> bytes:
        def cell(text: str) -> str:
            return change(text) if FIGURE.fullmatch(text) and rng.random() < 0.3 else escape(text)

        return page(report, article(report, lambda number, layout: table(number, layout, cell=cell)))

    return write


def _foot_first(report: MadeReport, rng: random.Random) -> bytes:
    """The last row in a ``tfoot`` that stands before the body, as HTML 4 wanted it; browsers show it last."""

    def draw(number: int, layout: Layout) -> str:
        if number != 3:
            return table(number, layout)
        head, body = "".join(map(row, layout[:3])), "".join(map(row, layout[3:-1]))
        return f"<table><thead>{head}</thead><tfoot>{row(layout[-1])}</tfoot><tbody>{body}</tbody></table>"

    return page(report, article(report, draw))


def _head_apart(report: MadeReport, rng: random.Random) -> bytes:
    """Head and body in tables of their own, as scripts write them that keep the head in sight."""

    def draw(number: int, layout: Layout) -> str:
        heads = {2: 0, 3: 3, 4: 3}[number]
        parts = [part for part in (layout[:heads], layout[heads:]) if part]
        return '<div class="grid">' + "".join(f"<div>{table(number, part)}</div>" for part in parts) + "</div>"

    return page(report, article(report, draw))


def _responsive(report: MadeReport, rng: random.Random) -> bytes:
    """Every cell says its head again for telephones, in an element that wide screens hide."""

    def cell(text: str) -> str:
        return f'<span class="th" style="display: none">总计</span><span>{escape(text)}</span>'

    return page(report, article(report, lambda number, layout: table(number, layout, cell=cell)))


def _text_areas(report: MadeReport, rng: random.Random) -> bytes:
    """A form that was saved while it could still be filled in."""

    def cell(text: str) -> str:
        if not FIGURE.fullmatch(text):
            return escape(text)
        if rng.random() < 0.5:
            return f"<textarea rows=1>{text}</textarea>"
        return f'<select><option value="0">{int(text) + 1}</option><option selected>{text}</option></select>'

    return page(report, article(report, lambda number, layout: table(number, layout, cell=cell)))


# ---- DOCX


def _docx(change: Callable[[str], str]) -> Writer:
    """A DOCX in which the runs of figures in cells are written otherwise."""

    def write(report: MadeReport, rng: random.Random) -> bytes:
        body = word.docx_body(word.parts(report), word.DocxDirt(rng))

        def spoiled(found: re.Match[str]) -> str:
            return change(found[0]) if rng.random() < 0.3 else found[0]

        pattern = r"<w:r w:rsidRPr='00B21A3C'>(?:(?!</w:r>).)*<w:t xml:space=\"preserve\">\d+</w:t></w:r>"
        return word.package(re.sub(pattern, spoiled, body))

    return write


def _look(run: str, look: str) -> str:
    return re.sub(r"<w:t xml:space=\"preserve\">\d+", '<w:t xml:space="preserve">7', run.replace("<w:b/>", look))


def _chunk(report: MadeReport, rng: random.Random) -> bytes:
    """A DOCX that only holds a page, as exporters in portals make it (``altChunk``)."""
    out = io.BytesIO()
    types = word.CONTENT_TYPES.replace("<Override", '<Default Extension="html" ContentType="text/html"/><Override', 1)
    links = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="c1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/aFChunk" Target="/word/afchunk.html"/></Relationships>'
    )
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{word.W}" xmlns:r="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships"><w:body><w:altChunk r:id="c1"/><w:sectPr/></w:body></w:document>'
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", types)
        container.writestr("_rels/.rels", word.PACKAGE_RELATIONS)
        container.writestr("word/document.xml", body)
        container.writestr("word/_rels/document.xml.rels", links)
        container.writestr("word/afchunk.html", word.word_page(report.title, word.parts(report), "utf-8"))
    return out.getvalue()


# ---- XLSX


def _parts(body: bytes, change: Callable[[str, str], str]) -> bytes:
    """The same container with ``change(name, text)`` of each part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name).decode()))
    return out.getvalue()


def _never_worked_out(report: MadeReport, rng: random.Random) -> bytes:
    """Sums that a script wrote as formulas and no program has worked out since: the file does not hold their values."""

    def change(name: str, text: str) -> str:
        if "sheet" not in name:
            return text
        return re.sub(r'(<c r="[J-P]\d+"[^>]*)><v>\d+</v></c>', r"\1><f>SUM(A1:B1)</f></c>", text)

    return _parts(xlsx(page_each(report, rng)), change)


def _worked_out(report: MadeReport, rng: random.Random) -> bytes:
    """Formulas beside their values, one of them shared, texts from formulas."""

    def change(name: str, text: str) -> str:
        if "sheet" not in name:
            return text
        return re.sub(
            r'(<c r="[A-Z]+\d+"[^>]*)><v>(\d+)</v></c>', r'\1 t="str"><f t="shared" si="0"/><v>\2</v></c>', text
        )

    return _parts(xlsx(page_each(report, rng)), change)


def _strict(report: MadeReport, rng: random.Random) -> bytes:
    """Saved as "Strict Open XML": other namespaces throughout."""

    def change(name: str, text: str) -> str:
        for old, new in (
            (
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                "http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
            (
                "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                "http://purl.oclc.org/ooxml/officeDocument/relationships",
            ),
        ):
            text = text.replace(old, new)
        return text

    return _parts(xlsx(one_page(report, rng)), change)


def _struck_rich(report: MadeReport, rng: random.Random) -> bytes:
    """A struck figure before the one that counts, in one cell of two runs."""

    def change(name: str, text: str) -> str:
        if "sharedStrings" not in name:
            return text
        return re.sub(
            r"<si><t>(\d+)</t></si>",
            r"<si><r><rPr><strike/></rPr><t>7</t></r><r><t>\1</t></r></si>",
            text,
        )

    return _parts(xlsx(one_page(report, rng, as_text=True)), change)


# ---- pages


def _paper(change: Callable[[pages.Paper], pages.Paper], kind: str, manner: pages.Manner) -> Writer:
    def write(report: MadeReport, rng: random.Random) -> bytes:
        real = pages.papers

        def changed(report: MadeReport, manner: pages.Manner) -> list[pages.Paper]:
            return [change(paper) for paper in real(report, manner)]

        pages.papers = changed
        try:
            return pages.pdf_of(report, manner) if kind == "pdf" else pages.ofd_of(report, manner)
        finally:
            pages.papers = real

    return write


def _raised(paper: pages.Paper) -> pages.Paper:
    """A small raised 1 behind every third figure: a note."""
    notes = [
        pages.Word(w.x + pages.advance(w.text, w.size), w.y - 0.35 * w.size, 0.55 * w.size, "1")
        for n, w in enumerate(w for w in paper.words if FIGURE.fullmatch(w.text))
        if n % 3 == 0
    ]
    return replace(paper, words=[*paper.words, *notes])


def _double(paper: pages.Paper) -> pages.Paper:
    """Every cell in two frames, one inside the other."""
    inner = [pages.Frame(f.x0 + 1.4, f.y0 + 1.4, f.x1 - 1.4, f.y1 - 1.4) for f in paper.frames]
    return replace(paper, frames=[*paper.frames, *inner])


def _dashed(report: MadeReport, rng: random.Random) -> bytes:
    """Rules as rows of short dashes, each drawn by itself."""
    real = pages._PAINTERS["strokes"]

    def paint(canvas: Any, paper: pages.Paper) -> None:
        canvas.setLineWidth(0.5)
        for x0, y0, x1, y1 in pages.long_sides(paper):
            length = max(x1 - x0, y1 - y0)
            steps = int(length / 4) + 1
            for n in range(steps):
                a, b = 4 * n / length, min(1.0, (4 * n + 2.5) / length)
                canvas.line(
                    x0 + (x1 - x0) * a,
                    pages.HEIGHT - y0 - (y1 - y0) * a,
                    x0 + (x1 - x0) * b,
                    pages.HEIGHT - y0 - (y1 - y0) * b,
                )

    pages._PAINTERS["strokes"] = paint
    try:
        return pages.pdf_of(report, pages.Manner("strokes"))
    finally:
        pages._PAINTERS["strokes"] = real


def _two_on_one(report: MadeReport, rng: random.Random) -> bytes:
    """Two pages side by side on a sheet laid across, as a print to file gives it."""
    import pypdfium2

    source = pypdfium2.PdfDocument(pages.pdf_of(report, pages.Manner("strokes", font="hei")))
    width, height = pages.HEIGHT, pages.WIDTH
    target = pypdfium2.PdfDocument(pypdfium2.raw.FPDF_ImportNPagesToOne(source.raw, width, height, 2, 1))
    out = io.BytesIO()
    target.save(out)
    return out.getvalue()


WRITERS: dict[str, Writer] = {
    "html struck": _cells(lambda text: f"<s>7</s><u>{text}</u>"),
    "html deleted": _cells(lambda text: f"<del>7</del><ins>{text}</ins>"),
    "html lined through": _cells(lambda text: f'<span style="TEXT-DECORATION: line-through">7</span>{text}'),
    "html noted": _cells(lambda text: f"{text}<sup>1</sup>"),
    "html foot first": _foot_first,
    "html head apart": _head_apart,
    "html responsive": _responsive,
    "html text areas": _text_areas,
    "docx struck": _docx(lambda run: _look(run, "<w:strike/>") + run),
    "docx noted": _docx(lambda run: run + _look(run, "<w:vertAlign w:val='superscript'/>")),
    "docx chunk": _chunk,
    "xlsx worked out": _worked_out,
    "xlsx never worked out": _never_worked_out,
    "xlsx strict": _strict,
    "xlsx struck": _struck_rich,
    "pdf noted": _paper(_raised, "pdf", pages.Manner("strokes")),
    "pdf double": _paper(_double, "pdf", pages.Manner("frames")),
    "pdf dashed": _dashed,
    "pdf two on one": _two_on_one,
    "ofd noted": _paper(_raised, "ofd", pages.Manner("strokes")),
    "ofd double": _paper(_double, "ofd", pages.Manner("frames")),
}

KEPT_AS_TEXT = frozenset({"html noted", "docx noted", "pdf noted", "ofd noted", "xlsx never worked out"})
"""Styles in which some cells hold no plain figure: they must stay text, and none may become another figure."""
