"""Made-up reports as workbooks: XLSX written part by part, XLS and ET by xlwt."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.saxutils import escape

import xlwt

from tests.generator.layout import Layout, layouts
from tests.generator.report import MadeReport

Writer = Callable[[MadeReport, random.Random], bytes]
WIDTHS = {2: 4, 3: 10, 4: 15}
FORMATS = ("General", "0", "0.000000", '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"??_ ;_ @_ ', "@")


@dataclass(slots=True)
class Page:
    """Values by (row, column) from 0 with the number of their format, and merged areas."""

    name: str
    cells: dict[tuple[int, int], tuple[str | float, int]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    rows: int = 0

    def line(self, text: str, width: int = 0) -> None:
        self.cells[self.rows, 0] = (text, 0)
        if width > 1:
            self.merged.append((self.rows, 0, self.rows, width - 1))
        self.rows += 1

    def table(self, layout: Layout, *, as_text: bool = False, merge: bool = True, noise: bool = False) -> None:
        taken: set[tuple[int, int]] = set()
        for r, slots in enumerate(layout):
            c = 0
            for slot in slots:
                while (r, c) in taken:
                    c += 1
                area = {(r + i, c + j) for i in range(slot.row_span) for j in range(slot.column_span)}
                taken |= area
                self.cells[self.rows + r, c] = _typed(slot.text, as_text or slot.key is None, noise)
                if merge and len(area) > 1:
                    top = self.rows + r
                    self.merged.append((top, c, top + slot.row_span - 1, c + slot.column_span - 1))
                c += slot.column_span
        self.rows += len(layout)


def _typed(text: str, as_text: bool, noise: bool) -> tuple[str | float, int]:
    if as_text or not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text, 0
    if "." in text:
        # what a sum of floats looks like inside the file
        return float(text) * (1 + 3e-16) if noise else float(text), 0
    return int(text), 1 if noise else 0


def one_page(report: MadeReport, rng: random.Random, **options: bool) -> list[Page]:
    """The whole report on one sheet, paragraphs above and below the tables."""
    page = Page("Sheet1")
    drawn = layouts(report)
    page.line(report.title, 10)
    page.line(report.preamble, 10)
    for n, (heading, paragraphs) in enumerate(report.sections, 1):
        page.line(heading, 10 if rng.random() < 0.5 else 0)
        for text in paragraphs:
            page.line(text, 10)
        if n in drawn:
            page.rows += rng.choice((0, 1))
            page.table(drawn[n], **options)
            page.rows += rng.choice((0, 1))
    for text in report.signature:
        page.line(text)
    return [page]


def page_each(report: MadeReport, rng: random.Random, **options: bool) -> list[Page]:
    """A sheet for each table, its heading above; a hidden sheet with the figures of another year."""
    pages = []
    for number, layout in layouts(report).items():
        page = Page(f"表{number}")
        page.line(report.title if rng.random() < 0.5 else report.sections[number - 1][0], WIDTHS[number])
        page.table(layout, **options)
        pages.append(page)
    other = Page("上年", hidden=True)
    other.table([[*slots[:-1], type(slots[-1])("7", 1, slots[-1].column_span)] for slots in layouts(report)[3]])
    return [*pages, other]


# ---- XLSX

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def xlsx(pages: list[Page], *, shared: bool = True) -> bytes:
    texts: dict[str, int] = {}
    files = {"[Content_Types].xml": TYPES}
    names = []
    links = [f'<Relationship Id="rS" Type="{KINDS}/sharedStrings" Target="sharedStrings.xml"/>']
    links.append(f'<Relationship Id="rT" Type="{KINDS}/styles" Target="/xl/styles.xml"/>')
    for n, page in enumerate(pages, 1):
        files[f"xl/worksheets/sheet{n}.xml"] = _sheet(page, texts if shared else None)
        names.append(
            f'<sheet name="{page.name}" sheetId="{n}" r:id="r{n}" state="{"hidden" if page.hidden else "visible"}"/>'
        )
        links.append(f'<Relationship Id="r{n}" Type="{KINDS}/worksheet" Target="worksheets/sheet{n}.xml"/>')
    files["xl/workbook.xml"] = f'{HEAD}<workbook {MAIN} xmlns:r="{KINDS}"><sheets>{"".join(names)}</sheets></workbook>'
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    files["xl/_rels/workbook.xml.rels"] = f'{HEAD}<Relationships xmlns="{relations}">{"".join(links)}</Relationships>'
    files["xl/sharedStrings.xml"] = f"{HEAD}<sst {MAIN}>{''.join(_rich(text) for text in texts)}</sst>"
    codes = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(FORMATS)
    )
    styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(FORMATS)))
    files["xl/styles.xml"] = (
        f"{HEAD}<styleSheet {MAIN}><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>"
    )
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def _rich(text: str) -> str:
    """A text in two runs with a reading aid, as Asian versions write it."""
    if len(text) < 4:
        return f"<si><t>{escape(text)}</t></si>"
    runs = f"<r><t>{escape(text[:2])}</t></r><r><rPr><b/></rPr><t>{escape(text[2:])}</t></r>"
    return f'<si>{runs}<rPh sb="0" eb="2"><t>ㄅㄆ</t></rPh></si>'


def _sheet(page: Page, texts: dict[str, int] | None) -> str:
    rows: dict[int, list[str]] = {}
    for (row, column), (value, style) in sorted(page.cells.items()):
        at = f'r="{letters(column)}{row + 1}"'
        if isinstance(value, float | int):
            cell = f'<c {at} s="{style}"><v>{value!r}</v></c>'
        elif not value:
            cell = f'<c {at} s="{style}"/>'
        elif texts is None:
            cell = f'<c {at} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        else:
            cell = f'<c {at} t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'
        rows.setdefault(row, []).append(cell)
    body = "".join(f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in rows.items())
    merged = "".join(f'<mergeCell ref="{letters(b)}{a + 1}:{letters(d)}{c + 1}"/>' for a, b, c, d in page.merged)
    return f"{HEAD}<worksheet {MAIN}><sheetData>{body}</sheetData><mergeCells>{merged}</mergeCells></worksheet>"


# ---- XLS


def xls(pages: list[Page]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    styles = [xlwt.easyxf(num_format_str=code) for code in FORMATS]
    for page in pages:
        sheet = book.add_sheet(page.name)
        sheet.visibility = 1 if page.hidden else 0
        areas = {(a, b): (c, d) for a, b, c, d in page.merged}
        for (row, column), (value, style) in page.cells.items():
            if (row, column) in areas:
                bottom, right = areas[row, column]
                sheet.write_merge(row, bottom, column, right, value, styles[style])
            else:
                sheet.write(row, column, value, styles[style])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


WRITERS: dict[str, Writer] = {
    "xlsx clean": lambda report, rng: xlsx(page_each(report, rng)),
    "xlsx one sheet": lambda report, rng: xlsx(one_page(report, rng), shared=rng.random() < 0.5),
    "xlsx figures as text": lambda report, rng: xlsx(one_page(report, rng, as_text=True)),
    "xlsx no merged cells": lambda report, rng: xlsx(page_each(report, rng, merge=False)),
    "xlsx noisy figures": lambda report, rng: xlsx(page_each(report, rng, noise=True)),
    "xls clean": lambda report, rng: xls(page_each(report, rng)),
    "xls one sheet": lambda report, rng: xls(one_page(report, rng)),
    "xls figures as text": lambda report, rng: xls(page_each(report, rng, as_text=True)),
    "xls no merged cells": lambda report, rng: xls(page_each(report, rng, merge=False)),
    "et": lambda report, rng: xls(one_page(report, rng, noise=True)),
}
