"""Reports as pages: PDF, OFD and pictures, in the manners of the programs that really write them.

A report is set once into characters and rules (``Paper``), which each format then writes down in its own way. Set text
is true to nothing but geometry: lines wrap, rows span, tables run over page ends, labels stand upright or vertical.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

from tests.generator.layout import Layout, Slot, layouts
from tests.generator.report import MadeReport
from tests.generator.word import Line, Part

WIDTH, HEIGHT = 595.0, 842.0
WIDTHS = {2: (3, 3, 3, 3), 3: (1.1, 2.2, 5.2, 1.6, 1.6, 1.6, 1.8, 1.8, 1.4, 1.5), 4: (1,) * 15}
NARROW = {".": 0.238, ",": 0.238, ":": 0.238, "-": 0.375, "/": 0.334, "A": 0.684}
FORBIDDEN_FIRST = "，。、；：）》”"
Rules = Literal["strokes", "bars", "frames", "dots", "none"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a program draws. ``rules``: one stroke a line, a thin filled bar for each side of each cell (Chromium), a
    stroked box for each cell, bars with dots of their own at the corners (Word), or none at all."""

    rules: Rules = "strokes"
    single: bool = False  # every character placed by itself
    vertical: bool = False  # group labels written downwards
    repeat_head: bool = False  # head of table 3 again on the next page
    cut_rows: bool = False  # a row may be cut by a page's end
    close_cut: bool = False  # with a rule along the cut
    page_numbers: bool = True
    running_head: bool = False
    watermark: bool = False
    form: bool = False  # page content inside a form object
    turned: bool = False  # page stored on its side, with /Rotate
    font: str = ""  # of FONTS; a built-in one without shapes when empty
    size: float = 10.5
    padding: float = 4.0
    margin: float = 60.0

    @property
    def open_cut(self) -> bool:
        return self.cut_rows and not self.close_cut


@dataclass(frozen=True, slots=True)
class Word:
    """``y`` is the baseline, from the page's top."""

    x: float
    y: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A cell's box; its upper or lower side is not drawn where a page cut it."""

    x0: float
    y0: float
    x1: float
    y1: float
    open_top: bool = False
    open_bottom: bool = False

    def sides(self) -> list[tuple[float, float, float, float]]:
        sides = [(self.x0, self.y0, self.x0, self.y1), (self.x1, self.y0, self.x1, self.y1)]
        if not self.open_top:
            sides.append((self.x0, self.y0, self.x1, self.y0))
        if not self.open_bottom:
            sides.append((self.x0, self.y1, self.x1, self.y1))
        return sides


@dataclass(slots=True)
class Paper:
    words: list[Word] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)


def advance(text: str, size: float) -> float:
    """Width as in STSong-Light, which is built into every PDF reader."""
    return sum(size if c >= "⺀" or c in "“”‘’—…" else NARROW.get(c, 0.462) * size for c in text)


def wrap(text: str, size: float, room: float) -> list[str]:
    """Lines no wider than ``room``; a sign that may not begin a line takes the character before it along."""
    lines: list[str] = []
    current = ""
    for character in text:
        if current and advance(current + character, size) > room:
            if character in FORBIDDEN_FIRST and len(current) > 1:
                lines.append(current[:-1])
                current = current[-1] + character
            else:
                lines.append(current)
                current = character
        else:
            current += character
    return [*lines, current] if current or not lines else lines


class Setter:
    """Sets a report on pages from top to bottom."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.pages = [Paper()]
        self.y = manner.margin
        self.left, self.right = manner.margin, WIDTH - manner.margin
        self.end = HEIGHT - manner.margin - 15

    @property
    def page(self) -> Paper:
        return self.pages[-1]

    def new_page(self) -> None:
        self.pages.append(Paper())
        self.y = self.manner.margin

    def put(self, x: float, baseline: float, size: float, text: str) -> None:
        self.page.words.append(Word(x, baseline, size, text))

    def paragraph(self, text: str, *, indent: int = 2, size: float | None = None, centred: bool = False) -> None:
        size = size or self.manner.size
        room = self.right - self.left
        blank = "　" * indent
        for number, line in enumerate(wrap(blank + text, size, room)):
            shown = line.removeprefix(blank) if number == 0 else line
            if self.y + 1.6 * size > self.end:
                self.new_page()
            x = self.left + (indent * size if number == 0 else 0)
            if centred:
                x = (WIDTH - advance(shown, size)) / 2
            self.put(x, self.y + 1.2 * size, size, shown)
            self.y += 1.6 * size
        self.y += 0.4 * size

    def table(self, layout: Layout, widths: tuple[float, ...], heads: int) -> None:
        Rows(self, layout, widths, heads).set()
        self.y += self.manner.size


@dataclass(slots=True)
class Held:
    """A slot being set: where it begins, its lines, and the part of its height that stands on this page."""

    slot: Slot
    row: int
    x0: float
    x1: float
    lines: list[str]
    top: float = 0.0


class Rows:
    """A table that is set row by row; a page's end closes what is open and goes on overleaf."""

    def __init__(self, setter: Setter, layout: Layout, widths: tuple[float, ...], heads: int) -> None:
        self.setter, self.manner = setter, setter.manner
        self.layout, self.widths, self.heads = layout, widths, heads
        scale = (setter.right - setter.left) / sum(widths)
        self.xs = [setter.left]
        for width in widths:
            self.xs.append(self.xs[-1] + width * scale)
        self.size = self.manner.size if len(widths) < 12 else self.manner.size - 1.5
        self.held = self._held()
        self.heights = self._heights()

    def _held(self) -> list[list[Held]]:
        taken: dict[int, int] = {}
        held: list[list[Held]] = []
        for row, slots in enumerate(self.layout):
            column = 0
            held.append([])
            for slot in slots:
                while taken.get(column, 0) > row:
                    column += 1
                x0, x1 = self.xs[column], self.xs[column + slot.column_span]
                down = self.manner.vertical and slot.row_span > 2 and row >= self.heads
                lines = list(slot.text) if down else wrap(slot.text, self.size, x1 - x0 - 2 * self.manner.padding)
                held[-1].append(Held(slot, row, x0, x1, [] if not slot.text else lines))
                for c in range(column, column + slot.column_span):
                    taken[c] = row + slot.row_span
                column += slot.column_span
        return held

    def _heights(self) -> list[float]:
        spread = 1.25 * self.size
        heights = [
            max([1.0, *(len(h.lines) for h in row if h.slot.row_span == 1)]) * spread + self.manner.padding
            for row in self.held
        ]
        for row in self.held:
            for h in row:
                own = slice(h.row, h.row + h.slot.row_span)
                missing = len(h.lines) * spread + self.manner.padding - sum(heights[own])
                if missing > 0:
                    heights[own.stop - 1] += missing
        return heights

    def set(self) -> None:
        if self.setter.y + sum(self.heights[: self.heads + 1]) > self.setter.end:
            self.setter.new_page()
        live: list[Held] = []
        for row, height in enumerate(self.heights):
            room = self.setter.end - self.setter.y
            if height > room and self.manner.cut_rows and len(self.held[row][-2].lines) < 2 < room / (1.25 * self.size):
                self._cut_row(row, live, room)
                continue
            if height > room:
                self._turn_page(live, self.setter.y)
            live += self._begin(row)
            self.setter.y += height
            live = self._finish(row, live)

    def _begin(self, row: int) -> list[Held]:
        for h in self.held[row]:
            h.top = self.setter.y
        return self.held[row]

    def _finish(self, row: int, live: list[Held]) -> list[Held]:
        bottom = self.setter.y
        done = [h for h in live if h.row + h.slot.row_span - 1 == row]
        for h in done:
            self._box(h, bottom)
            self._write(h, bottom)
        return [h for h in live if h not in done]

    def _turn_page(self, live: list[Held], bottom: float) -> None:
        """Draw what reaches the page's end, and begin it again overleaf."""
        for h in live:
            self._box(h, bottom, open_bottom=self.manner.open_cut)
            self._write(h, bottom)
        self.setter.new_page()
        if self.manner.repeat_head and self.heads > 1:
            self._repeat()
        for h in live:
            h.top = self.setter.y

    def _repeat(self) -> None:
        again = Rows(self.setter, self.layout[: self.heads], self.widths, self.heads)
        again.heights = self.heights[: self.heads]
        live: list[Held] = []
        for row, height in enumerate(again.heights):
            live += again._begin(row)
            self.setter.y += height
            live = again._finish(row, live)

    def _cut_row(self, row: int, live: list[Held], room: float) -> None:
        """Some lines of the row's label stay, the rest and whatever stands below its middle go overleaf."""
        fresh = self._begin(row)
        top, height = self.setter.y, self.heights[row]
        live += fresh
        spread = 1.25 * self.size
        rest: dict[int, list[str]] = {}
        for h in fresh:
            if h.slot.row_span == 1 and h.lines:
                fit = int((room - self.manner.padding) / spread)
                if len(h.lines) == 1:
                    fit = 1 if height / 2 + spread / 2 < room else 0
                rest[id(h)] = h.lines[fit:]
                h.lines = h.lines[:fit]
        bottom = top + room
        self._turn_page(live, bottom)
        for h in fresh:
            h.lines = rest.get(id(h), h.lines)
        lines = max((len(lines) for lines in rest.values()), default=0)
        self.setter.y += max(lines, 1) * spread + self.manner.padding
        live[:] = self._finish(row, live)

    def _box(self, h: Held, bottom: float, *, open_bottom: bool = False) -> None:
        open_top = self.manner.open_cut and h.top == self.manner.margin
        if self.manner.rules != "none":
            self.setter.page.frames.append(Frame(h.x0, h.top, h.x1, bottom, open_top, open_bottom))

    def _write(self, h: Held, bottom: float) -> None:
        """Lines that the part of a cell on this page has room for; the others wait for the next part."""
        spread = 1.25 * self.size
        fit = int((bottom - h.top - self.manner.padding + 0.01) / spread)
        lines, h.lines = h.lines[:fit], h.lines[fit:]
        y = h.top + (bottom - h.top - len(lines) * spread) / 2
        for number, line in enumerate(lines):
            x = (h.x0 + h.x1 - advance(line, self.size)) / 2
            self.setter.put(x, y + number * spread + 0.98 * self.size, self.size, line)


def papers_of(content: Sequence[Part], manner: Manner) -> list[Paper]:
    """Any lines and tables, for documents that are no made-up report. Rows without spans end in a wide cell."""
    setter = Setter(manner)
    for part in content:
        if isinstance(part, Line):
            setter.paragraph(part.text, indent=0 if part.level else 2)
            continue
        rows = [
            [
                *row[:-1],
                replace(row[-1], column_span=row[-1].column_span + part.width - sum(s.column_span for s in row)),
            ]
            for row in part.layout
        ]
        setter.table(rows, WIDTHS.get(part.number) or (1.0,) * part.width, 0)
    return setter.pages


def papers(report: MadeReport, manner: Manner) -> list[Paper]:
    setter = Setter(manner)
    drawn = layouts(report)
    setter.paragraph(report.title, indent=0, size=manner.size + 6, centred=True)
    setter.paragraph(report.preamble)
    for heading, paragraphs in report.sections:
        setter.paragraph(heading, size=manner.size + 1)
        number = {"二": 2, "三": 3, "四": 4}.get(heading[0])
        for text in paragraphs:
            setter.paragraph(text)
        if number:
            setter.table(drawn[number], WIDTHS[number], {2: 0, 3: 3, 4: 3}[number])
    for line in report.signature:
        setter.put(setter.right - advance(line, manner.size) - 20, setter.y + manner.size, manner.size, line)
        setter.y += 1.6 * manner.size
    for number, page in enumerate(setter.pages, 1):
        if manner.page_numbers:
            page.words.append(Word(WIDTH / 2 - 15, HEIGHT - 40, 9, f"- {number} -"))
        if manner.running_head:
            page.words.append(Word(manner.margin, 36, 9, report.agency + "政府信息公开"))
    return setter.pages


FONTS = {"hei": "wqy/wqy-zenhei.ttc", "song": "arphic/uming.ttc"}


@cache
def font_file(name: str) -> Path | None:
    """A TrueType font with Chinese characters, where the machine has it (Debian: fonts-wqy-zenhei,
    fonts-arphic-uming): what is to be looked at needs the shapes themselves."""
    path = Path("/usr/share/fonts/truetype") / FONTS[name] if name in FONTS else None
    return path if path and path.exists() else None


@cache
def _font(name: str) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    file = font_file(name)
    if file is None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        return "STSong-Light"
    pdfmetrics.registerFont(TTFont(name, str(file), subfontIndex=0))
    return name


def pdf_of(report: MadeReport, manner: Manner) -> bytes:
    return pdf_from(papers(report, manner), report.title, manner)


def pdf_from(drawn: Sequence[Paper], title: str, manner: Manner) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    for number, paper in enumerate(drawn):
        if manner.form:
            canvas.beginForm(f"page{number}", 0, 0, WIDTH, HEIGHT)
            _paint(canvas, paper, manner)
            canvas.endForm()
        if manner.turned:
            canvas.setPageRotation(90)
            canvas.translate(HEIGHT, 0)
            canvas.rotate(90)
        if manner.form:
            canvas.saveState()
            canvas.translate(-20, 10)
            canvas.doForm(f"page{number}")
            canvas.restoreState()
        else:
            _paint(canvas, paper, manner)
        if manner.watermark:
            canvas.saveState()
            canvas.setFont(_font(manner.font), 60)
            canvas.setFillGray(0.8)
            canvas.translate(150, 250)
            canvas.rotate(40)
            canvas.drawString(0, 0, "政府信息公开")
            canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _paint(canvas: Any, paper: Paper, manner: Manner) -> None:
    _PAINTERS[manner.rules](canvas, paper)
    face = _font(manner.font)
    for word in paper.words:
        canvas.setFont(face, word.size)
        x = word.x
        for piece in word.text if manner.single else [word.text]:
            if manner.font:
                _squeezed(canvas, x, HEIGHT - word.y, piece, face, word.size)
            else:
                canvas.drawString(x, HEIGHT - word.y, piece)
            x += advance(piece, word.size)


def _squeezed(canvas: Any, x: float, y: float, text: str, face: str, size: float) -> None:
    """As wide as it was set: the figures of some fonts are broader than those the lines were measured with."""
    line = canvas.beginText(x, y)
    line.setHorizScale(100 * advance(text, size) / max(canvas.stringWidth(text, face, size), 0.1))
    line.textOut(text)
    canvas.drawText(line)


def _strokes(canvas: Any, paper: Paper) -> None:
    canvas.setLineWidth(0.5)
    for x0, y0, x1, y1 in long_sides(paper):
        canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)


def long_sides(paper: Paper) -> list[tuple[float, float, float, float]]:
    """Sides of neighbouring cells as one stroke."""
    strokes: list[tuple[float, float, float, float]] = []
    for x0, y0, x1, y1 in sorted({side for frame in paper.frames for side in frame.sides()}, key=_along):
        last = strokes[-1] if strokes else None
        if last and last[0] == last[2] == x0 == x1 and y0 <= last[3] + 0.01:
            strokes[-1] = (x0, last[1], x1, max(last[3], y1))
        elif last and last[1] == last[3] == y0 == y1 and x0 <= last[2] + 0.01:
            strokes[-1] = (last[0], y0, max(last[2], x1), y1)
        else:
            strokes.append((x0, y0, x1, y1))
    return strokes


def _along(side: tuple[float, float, float, float]) -> tuple[bool, float, float]:
    x0, y0, x1, _ = side
    return (True, x0, y0) if x0 == x1 else (False, y0, x0)


def _bars(canvas: Any, paper: Paper) -> None:
    for frame in paper.frames:
        for x0, y0, x1, y1 in frame.sides():
            canvas.rect(x0, HEIGHT - y1, max(x1 - x0, 0.75), max(y1 - y0, 0.75), stroke=0, fill=1)


def _frames(canvas: Any, paper: Paper) -> None:
    canvas.setLineWidth(0.75)
    for frame in paper.frames:
        if frame.open_top or frame.open_bottom:
            for x0, y0, x1, y1 in frame.sides():
                canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)
        else:
            canvas.rect(frame.x0, HEIGHT - frame.y1, frame.x1 - frame.x0, frame.y1 - frame.y0, stroke=1, fill=0)


def _dots(canvas: Any, paper: Paper) -> None:
    thick = 0.48
    for frame in paper.frames:
        for x0, y0, x1, y1 in frame.sides():
            for x, y in ((x0, y0), (x1, y1)):
                canvas.rect(x, HEIGHT - y - thick, thick, thick, stroke=0, fill=1)
            if y0 == y1:
                canvas.rect(x0 + thick, HEIGHT - y0 - thick, x1 - x0 - thick, thick, stroke=0, fill=1)
            else:
                canvas.rect(x0, HEIGHT - y1, thick, y1 - y0 - thick, stroke=0, fill=1)


_PAINTERS: dict[Rules, Callable[..., None]] = {
    "strokes": _strokes,
    "bars": _bars,
    "frames": _frames,
    "dots": _dots,
    "none": lambda canvas, paper: None,
}

NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
MM = 25.4 / 72


def ofd_of(report: MadeReport, manner: Manner) -> bytes:
    """An OFD container as conversion programs write it: page content, a template with head and watermark."""
    template = _ofd_template(report.agency, manner)
    return ofd_from(papers(report, replace(manner, running_head=False)), report.title, manner, template)


def ofd_from(pages: Sequence[Paper], title: str, manner: Manner, template: str = "") -> bytes:
    """``template`` is what stands behind each page."""
    parts: dict[str, str] = {
        "OFD.xml": f'<ofd:OFD {NAMESPACE} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:Title>{escape(title)}</ofd:Title></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {NAMESPACE}><ofd:CommonData><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 {WIDTH * MM:.3f} {HEIGHT * MM:.3f}</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData><ofd:Pages>'
        + "".join(f'<ofd:Page ID="{10 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
        "Doc_0/Tpls/Tpl_0/Content.xml": _ofd_page(template),
    }
    units = []
    for number, paper in enumerate(pages):
        objects = "".join([*_ofd_rules(paper, manner), *(_ofd_word(word, manner) for word in paper.words)])
        if manner.form:
            units.append(
                f'<ofd:CompositeGraphicUnit ID="{500 + number}" Width="210" Height="297"><ofd:Content>{objects}'
                "</ofd:Content></ofd:CompositeGraphicUnit>"
            )
            objects = f'<ofd:CompositeObject ID="3" Boundary="5 4 210 297" ResourceID="{500 + number}"/>'
        use = '<ofd:Template TemplateID="2" ZOrder="Background"/>' if template else ""
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _ofd_page(objects, use)
    parts["Doc_0/PublicRes.xml"] = (
        f'<ofd:Res {NAMESPACE} BaseLoc="Res"><ofd:CompositeGraphicUnits>{"".join(units)}'
        "</ofd:CompositeGraphicUnits></ofd:Res>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, text in parts.items():
            container.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def _ofd_page(objects: str, use: str = "") -> str:
    return (
        f'<ofd:Page {NAMESPACE}>{use}<ofd:Content><ofd:Layer ID="1" Type="Body"><ofd:PageBlock ID="4">{objects}'
        "</ofd:PageBlock></ofd:Layer></ofd:Content></ofd:Page>"
    )


def _ofd_template(agency: str, manner: Manner) -> str:
    objects = ""
    if manner.running_head:
        objects += _ofd_word(Word(manner.margin, 36, 9, agency + "政府信息公开"), manner)
    if manner.watermark:
        objects += (
            '<ofd:TextObject ID="7" Boundary="40 100 150 60" Font="1" Size="20" CTM="0.77 -0.64 0.64 0.77 0 50">'
            '<ofd:FillColor Value="200 200 200"/><ofd:TextCode X="0" Y="20" DeltaX="g 5 20">政府信息公开</ofd:TextCode>'
            "</ofd:TextObject>"
        )
    return objects


def _ofd_word(word: Word, manner: Manner) -> str:
    """A run of text with its advances: equal ones packed as ``g count value``; or one object for each character."""
    size = word.size * MM
    if manner.single and len(word.text) > 1:
        found, x = "", word.x
        for character in word.text:
            found += _ofd_word(Word(x, word.y, word.size, character), manner)
            x += advance(character, word.size)
        return found
    steps = [f"{advance(character, word.size) * MM:.4f}" for character in word.text[:-1]]
    packed: list[str] = []
    for step, run in groupby(steps):
        count = len(list(run))
        packed += ["g", str(count), step] if count > 2 else [step] * count
    delta = f' DeltaX="{" ".join(packed)}"' if packed else ""
    x, y = word.x * MM, word.y * MM
    scaled = manner.turned  # size 1 and a matrix, as some converters from PDF write
    matrix = f' CTM="{size:.5f} 0 0 {size:.5f} 0 0"' if scaled else ""
    if scaled:
        delta = f' DeltaX="{" ".join(f"{float(step) / size:.5f}" for step in steps)}"' if steps else ""
    box = f"{x:.4f} {y - size:.4f} {advance(word.text, word.size) * MM:.4f} {size * 1.3:.4f}"
    own = 1 if scaled else round(size, 4)
    return (
        f'<ofd:TextObject ID="6" Boundary="{box}" Font="1" Size="{own}"{matrix}>'
        f'<ofd:TextCode X="0" Y="{own}"{delta}>{escape(word.text)}</ofd:TextCode></ofd:TextObject>'
    )


def _ofd_rules(paper: Paper, manner: Manner) -> list[str]:
    if manner.rules == "none":
        return []
    if manner.rules == "strokes":
        sides = long_sides(paper)
    else:
        sides = [side for frame in paper.frames for side in frame.sides()]
    return [_ofd_side(*(edge * MM for edge in side), filled=manner.rules in ("bars", "dots")) for side in sides]


def _ofd_side(x0: float, y0: float, x1: float, y1: float, *, filled: bool) -> str:
    width, height = x1 - x0, y1 - y0
    if filled:
        w, h = max(width, 0.2), max(height, 0.2)
        data, paint = f"M 0 0 L {w:.4f} 0 L {w:.4f} {h:.4f} L 0 {h:.4f} C", ' Fill="true" Stroke="false"'
    else:
        data, paint = f"M 0 0 L {width:.4f} {height:.4f}", ' LineWidth="0.18"'
    return (
        f'<ofd:PathObject ID="5" Boundary="{x0:.4f} {y0:.4f} {width + 0.2:.4f} {height + 0.2:.4f}"{paint}>'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


MANNERS = {
    "office": Manner("strokes", repeat_head=True),
    "office_cut": Manner("strokes", cut_rows=True, close_cut=True, vertical=True, running_head=True),
    "browser": Manner("bars", cut_rows=True, size=11, page_numbers=False),
    "browser_head": Manner("bars", cut_rows=True, repeat_head=True, size=11),
    "word": Manner("dots", vertical=True, watermark=True, running_head=True),
    "single": Manner("frames", single=True, cut_rows=True),
    "bare": Manner("none"),
    "form": Manner("bars", form=True, vertical=True),
    "turned": Manner("strokes", form=True, turned=True),
}


@dataclass(frozen=True, slots=True)
class Scanner:
    """What happens to a page on the way to a picture. ``dpi``, slight ``turn`` in degrees (drawn up to it), grey
    ``noise`` (standard deviation), ``blur`` in pixels, JPEG ``quality`` (0: PNG), ``photo``: held by hand. ``seal``: a
    red one anywhere on the page; ``copied``: dark edges and specks of a copying machine; ``pale``: little toner left;
    ``black``: black and white only, as fax machines send; ``shadow``: that of the hand that holds the telephone;
    ``bent``: paper that does not lie flat; ``quarters``: laid on its side or upside down, in quarter turns."""

    dpi: int = 200
    turn: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    quality: int = 0
    photo: bool = False
    seal: bool = False
    copied: bool = False
    pale: bool = False
    black: bool = False
    shadow: bool = False
    bent: bool = False
    quarters: int = 0


SCANNERS = {
    "200": Scanner(200, turn=0.3, noise=4, blur=0.4),
    "150": Scanner(150, turn=1.5, noise=9, blur=0.5, quality=75),
    "photo": Scanner(200, turn=3.0, noise=6, blur=0.8, quality=80, photo=True),
    "seal": Scanner(200, turn=0.5, noise=5, blur=0.4, quality=80, seal=True),
    "copy": Scanner(200, turn=1.0, noise=8, blur=0.6, quality=50, copied=True),
    "pale": Scanner(200, turn=0.5, noise=6, blur=0.5, quality=70, pale=True),
    "fax": Scanner(200, turn=0.5, noise=10, blur=0.5, black=True),
    "screen": Scanner(110),
    "sideways": Scanner(200, turn=0.5, noise=4, blur=0.4, quality=75, quarters=1),
    "upside down": Scanner(200, turn=0.5, noise=4, blur=0.4, quality=75, quarters=2),
    "telephone": Scanner(180, noise=7, blur=0.7, quality=60, photo=True, shadow=True, bent=True),
}


def pictures_of(report: MadeReport, manner: Manner, scanner: Scanner, rng: random.Random) -> list[bytes]:
    """Each page as PNG or JPEG. Needs the shapes of a real font."""
    return photographed(pdf_of(report, manner), scanner, rng)


def photographed(body: bytes, scanner: Scanner, rng: random.Random) -> list[bytes]:
    """The pages of a PDF as a scanner or a camera sees them."""
    import pypdfium2

    document = pypdfium2.PdfDocument(body)
    pages = [page.render(scale=scanner.dpi / 72).to_numpy()[:, :, :3] for page in document]
    document.close()
    return [_picture(page, scanner, rng) for page in pages]


def _picture(page: Any, scanner: Scanner, rng: random.Random) -> bytes:
    import cv2
    import numpy

    noise = numpy.random.default_rng(rng.getrandbits(32))
    height, width = page.shape[:2]
    if scanner.bent:
        page = _bent(page, rng)
    if scanner.seal:
        centre = (int(width * rng.uniform(0.3, 0.7)), int(height * rng.uniform(0.3, 0.7)))
        layer = page.copy()
        cv2.circle(layer, centre, width // 9, (40, 40, 220), width // 150)
        page = numpy.minimum(page, layer)
    if scanner.photo:
        page = _photographed(page, rng)
    else:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-scanner.turn, scanner.turn), 1)
        page = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    if scanner.copied:
        page = _copied(page, noise)
    if scanner.pale:
        page = 255 - (255 - page.astype(float)) * 0.45
    if scanner.shadow:
        page = _shadowed(page, rng)
    if scanner.blur:
        page = cv2.GaussianBlur(page, (0, 0), scanner.blur)
    if scanner.noise:
        page = numpy.clip(page.astype(float) - 6 + noise.normal(0, scanner.noise, page.shape[:2])[:, :, None], 0, 255)
    if scanner.black:
        page = numpy.where(page > 150, 255, 0)
    page = numpy.rot90(page, scanner.quarters)
    suffix, options = (".jpg", [cv2.IMWRITE_JPEG_QUALITY, scanner.quality]) if scanner.quality else (".png", [])
    done, body = cv2.imencode(suffix, page.astype(numpy.uint8), options)
    assert done
    return bytes(body)


def _bent(page: Any, rng: random.Random) -> Any:
    """A sheet that bulges: rows rise and fall by up to one part in 150 of its height across its width."""
    import cv2
    import numpy

    height, width = page.shape[:2]
    x, y = numpy.meshgrid(numpy.arange(width, dtype=numpy.float32), numpy.arange(height, dtype=numpy.float32))
    rise = numpy.sin(x / width * numpy.pi * rng.uniform(0.8, 1.3)) * height / 150 * rng.choice((-1, 1))
    return cv2.remap(page, x, (y + rise).astype(numpy.float32), cv2.INTER_LINEAR, borderValue=(255, 255, 255))


def _copied(page: Any, noise: Any) -> Any:
    """Grey paper, a dark strip along one edge, specks."""
    import numpy

    height, width = page.shape[:2]
    page = numpy.minimum(page, 235)
    page[:, : width // 60] = 60
    for x, y in zip(noise.integers(0, width - 3, 120), noise.integers(0, height - 3, 120), strict=True):
        side = int(noise.integers(1, 4))
        page[y : y + side, x : x + side] = 70
    return page


def _shadowed(page: Any, rng: random.Random) -> Any:
    """Darker beyond a soft edge that runs over the page at any angle."""
    import numpy

    height, width = page.shape[:2]
    angle, at = rng.uniform(0, 6.28), rng.uniform(-0.2, 0.3)
    x, y = numpy.meshgrid(numpy.linspace(-0.5, 0.5, width), numpy.linspace(-0.5, 0.5, height))
    beyond = 1 / (1 + numpy.exp(-(x * numpy.cos(angle) + y * numpy.sin(angle) - at) * 25))
    return page * (1 - 0.4 * beyond)[:, :, None]


def _photographed(page: Any, rng: random.Random) -> Any:
    """Seen at an angle, on a dark table, with light from one side."""
    import cv2
    import numpy

    height, width = page.shape[:2]
    x, y = width * 0.06, height * 0.05
    corners = numpy.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + numpy.float32(
        [[rng.uniform(0, x) * (1 if c[0] == 0 else -1), rng.uniform(0, y) * (1 if c[1] == 0 else -1)] for c in corners]
    )
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(numpy.float32))
    seen = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(70, 80, 90))
    across, down = rng.uniform(-0.25, 0.25), rng.uniform(-0.2, 0.2)
    light = (
        0.85 + across * numpy.linspace(-0.5, 0.5, width)[None, :] + down * numpy.linspace(-0.5, 0.5, height)[:, None]
    )
    return seen * light[:, :, None]


def scanned_pdf(pictures: list[bytes]) -> bytes:
    """A PDF of pictures only, as scanners write it."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1)
    for picture in pictures:
        canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, WIDTH, HEIGHT)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def tiff_of(pictures: list[bytes]) -> bytes:
    """All pages in one TIFF."""
    from PIL import Image

    out = io.BytesIO()
    first, *rest = (Image.open(io.BytesIO(picture)).convert("L") for picture in pictures)
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw")
    return out.getvalue()


def _scan_writer(name: str, pack: Callable[[list[bytes]], bytes]) -> Callable[[MadeReport, random.Random], bytes]:
    def write(report: MadeReport, rng: random.Random) -> bytes:
        rules: Rules = rng.choice(("strokes", "bars", "frames"))
        manner = Manner(rules, font=rng.choice(sorted(FONTS)), vertical=rng.random() < 0.4, cut_rows=rng.random() < 0.3)
        return pack(pictures_of(report, replace(manner, size=rng.choice((9.5, 10.5, 12.0))), SCANNERS[name], rng))

    return write


SLOW_WRITERS: dict[str, Callable[[MadeReport, random.Random], bytes]] = {
    "scan 200 pdf": _scan_writer("200", scanned_pdf),
    "scan 200 tiff": _scan_writer("200", tiff_of),
    "scan 150 pdf": _scan_writer("150", scanned_pdf),
    "photo pdf": _scan_writer("photo", scanned_pdf),
    "scan seal pdf": _scan_writer("seal", scanned_pdf),
    **{f"scan {name} tiff": _scan_writer(name, tiff_of) for name in SCANNERS if name not in ("200", "150", "photo")},
}
"""Scans and photos: what an OCR takes seconds for."""


def drawn(name: str, rng: random.Random) -> Manner:
    """A manner in a random type size and margin."""
    return replace(MANNERS[name], size=rng.choice((9.0, 10.5, 12.0)), margin=rng.choice((45.0, 60.0, 72.0)))


def _pdf_writer(name: str) -> Callable[[MadeReport, random.Random], bytes]:
    return lambda report, rng: pdf_of(report, drawn(name, rng))


def _ofd_writer(name: str) -> Callable[[MadeReport, random.Random], bytes]:
    return lambda report, rng: ofd_of(report, drawn(name, rng))


WRITERS: dict[str, Callable[[MadeReport, random.Random], bytes]] = {
    **{f"pdf {name}": _pdf_writer(name) for name in MANNERS},
    **{f"ofd {name}": _ofd_writer(name) for name in MANNERS},
}
