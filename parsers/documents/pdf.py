"""PDF -> blocks, on PDFium. A page that is only a picture, or whose text has no Unicode, is recognised by OCR."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pypdfium2
import pypdfium2.raw as raw

from parsers.documents.flow import blocks_of
from parsers.documents.glyphs import Glyph
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Unread
from parsers.documents.pdfium import UNMAPPED, Drawn, draw
from parsers.documents.ruled import Sheet

MEDIA_TYPE = "application/pdf"
SCANNED = 0.5  # share of a page that images must cover before an invisible text layer is taken for a scan's
LEAST_TEXT = 40  # characters that show what a text layer is worth
READABLE_DPI = 200
MOST_ANNOTATIONS = 5_000
MOST_PIXELS = 16_000_000  # of a rendered page: A3 at 300 dpi
# Acrobat's placeholder on a form that only Adobe's own reader draws: "Please wait... If this message is not ..."
XFA_PLACEHOLDER = re.compile(r"please wait|请稍候|adobe reader", re.IGNORECASE)


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Blocks of all pages; ``charset`` means nothing here.

    Raises Unread: ``encrypted`` (an empty user password opens), ``damaged``, ``too_large``, ``no_text``.
    """
    notes: list[str] = []
    with opened(body) as document:
        count = len(document)
        if count > limits.pages:
            raise Unread("too_large", f"{count} pages, the limit is {limits.pages}")
        if not count:
            raise Unread("damaged", "no pages")
        sheets: list[Sheet] = []
        scanned = []
        for number in range(1, count + 1):
            drawn = _page(document, number)
            if _needs_eyes(drawn):
                scanned.append(number)
                drawn = drawn._replace(sheet=_recognised(document, number))
            sheets.append(drawn.sheet)
        if scanned:
            notes.append(f"{len(scanned)} pages recognised by OCR: {', '.join(map(str, scanned))}")
        title = _title(document)
        xfa = document.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
    blocks = blocks_of(sheets, limits)
    if not blocks:
        raise Unread("no_text", f"{count} pages without text")
    if xfa and count == 1 and XFA_PLACEHOLDER.search("".join(glyph.text for glyph in sheets[0].glyphs)):
        raise Unread("no_text", "an XFA form, its text is not in the pages")
    return Document(MEDIA_TYPE, tuple(blocks), title, tuple(notes))


@contextmanager
def opened(body: bytes) -> Iterator[Any]:
    """The document while it is read. Raises Unread."""
    start = body.find(b"%PDF-", 0, 1024)
    try:
        document = pypdfium2.PdfDocument(body[start:] if start > 0 else body)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Unread("encrypted", str(error)) from error
        raise Unread("damaged", str(error)) from error
    try:
        yield document
    finally:
        document.close()


def _page(document: Any, number: int) -> Drawn:
    page = raw.FPDF_LoadPage(document.raw, number - 1)
    if not page:
        raise Unread("damaged", f"page {number} cannot be loaded")
    try:
        if not _laid_over(page):
            return draw(page, number)
    finally:
        raw.FPDF_ClosePage(page)
    page = raw.FPDF_LoadPage(document.raw, number - 1)  # what was laid over it is now part of the page
    try:
        return draw(page, number)
    finally:
        raw.FPDF_ClosePage(page)


def _laid_over(page: Any) -> bool:
    """Make what annotations show part of the page: figures typed into a form, or laid over it as text boxes. Links and
    the like show nothing. True when there was something; the page must then be loaded again.

    Raises Unread("damaged") for a field that says what it holds but not how it looks, which is never drawn.
    """
    count = min(raw.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)
    shows = False
    for index in range(count):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) in (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT):
            shows = True
            hidden = raw.FPDFAnnot_GetFlags(annotation) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW)
            if not hidden and not raw.FPDFAnnot_HasKey(annotation, b"AP") and _has_figures(annotation):
                raw.FPDFPage_CloseAnnot(annotation)
                raise Unread("damaged", "a form whose fields do not say how their values look")
        raw.FPDFPage_CloseAnnot(annotation)
    return shows and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS


def _has_figures(annotation: Any) -> bool:
    """Whether the value of a field, or the text of a box, holds a digit."""
    buffer = (ctypes.c_uint16 * 256)()
    for key in (b"V", b"Contents"):
        buffer[0] = 0
        raw.FPDFAnnot_GetStringValue(annotation, key, buffer, ctypes.sizeof(buffer))
        if any(0x30 <= unit <= 0x39 for unit in buffer[:255]):
            return True
    return False


def _title(document: Any) -> str:
    try:
        return str(document.get_metadata_value("Title") or "").strip()
    except UnicodeDecodeError:  # a damaged entry says nothing of the pages
        return ""


def _is_gibberish(glyphs: Sequence[Glyph]) -> bool:
    """Fonts without a way back to Unicode give signs of every kind and hardly an ideograph, on a page in Chinese."""
    if len(glyphs) < LEAST_TEXT:
        return False
    strange = sum(not ("!" <= glyph.text <= "~" or glyph.text >= "\u2010") for glyph in glyphs)
    ideographs = sum("一" <= glyph.text <= "\u9fff" for glyph in glyphs)
    return ideographs < 0.1 * len(glyphs) and strange > 0.05 * len(glyphs)


def _needs_eyes(drawn: Drawn) -> bool:
    """True for a page whose text layer is missing, useless, or a recognised layer of unknown quality under a scan."""
    if not drawn.sheet.glyphs:
        return drawn.images > 0 or len(drawn.sheet.across) > 1
    if drawn.unmapped > UNMAPPED or _is_gibberish(drawn.sheet.glyphs):
        return True
    return drawn.images > SCANNED and drawn.invisible > 0.5


def _recognised(document: Any, number: int) -> Sheet:
    """The page as OCR sees it, in points."""
    ocr = import_module("parsers.documents.ocr")
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(READABLE_DPI / 72, math.sqrt(MOST_PIXELS / max(width * height, 1.0)))
    sheet: Sheet = ocr.sheet_of(page.render(scale=scale).to_numpy(), number, scale=1 / scale)
    return sheet
