"""A document becomes a report: title, year, issuer, sections, tables, statements, contacts and signature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parsers.documents.model import Document, Unread
from parsers.reports import contacts, dates, issuer, kind, statements, title
from parsers.reports.editions import of_report, told_by
from parsers.reports.lines import Line, flatten
from parsers.reports.model import Context, Report
from parsers.reports.sections import Paragraph, is_footer
from parsers.reports.sections import read as read_sections
from parsers.reports.tables import Tables, read_tables
from parsers.reports.title import TitleReading

TOP = 60
"""Lines at the top among which the title may stand."""
MAX_TEXT = 400_000


def read_report(document: Document, context: Context) -> Report:
    """Everything that one document reports. Raises ``Unread("not_a_report")`` for anything but an annual report."""
    lines = flatten(document)
    tables = read_tables(lines)
    paragraphs = tuple(_paragraphs(lines, tables))
    sections = read_sections(paragraphs, told_by(tables.tables))
    texts = tuple(_body(paragraphs))
    text = "\n".join(texts)[:MAX_TEXT]
    top = _top(lines, document)
    reading = title.find(top, context)
    verdict = kind.judge(reading, tables, sections, text)
    if not verdict.report:
        raise Unread("not_a_report", verdict.why)
    signed, signer = dates.signature(texts)
    return Report(
        title=_title(top, reading, context, document),
        year=reading.year,
        issuer=issuer.identify(
            title_agency=reading.agency,
            context=context,
            signature=signer,
            contact_agency=contacts.office(text),
            year=reading.year,
        ),
        edition=of_report(tables.tables, sections, reading.year),
        sections=sections,
        tables=tables.tables,
        values=tables.values,
        extras=tables.extras,
        statements=statements.read(sections),
        contacts=contacts.read(text),
        signed=signed,
        notes=tuple(_notes(document, reading, tables)),
    )


def _paragraphs(lines: Sequence[Line], tables: Tables) -> Iterator[Paragraph]:
    """The text without the cells of tables; a table breaks the paragraph in front of it."""
    for n, line in enumerate(lines):
        if line.grid or n in tables.consumed:
            yield Paragraph("", broken=True)
        elif n in tables.cut:
            for part in tables.cut[n].split("\n"):
                yield Paragraph(part, broken=True)
        else:
            yield Paragraph(line.text, line.level)


def _body(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    """Lines of text up to the page's own footer behind the report."""
    filled = [paragraph.text.replace("**", "") for paragraph in paragraphs if paragraph.text.strip()]
    last = len(filled)
    for n in range(len(filled) - 1, len(filled) // 2, -1):
        if is_footer(filled[n]):
            last = n
    yield from filled[:last]


def _top(lines: Sequence[Line], document: Document) -> tuple[str, ...]:
    """What may hold the title: the first lines, also those in a frame, else the document's own metadata."""
    top = []
    for line in lines[: TOP * 3]:
        words = line.text if not line.grid else " ".join(cell.text for cell in line.cells)
        words = words.replace("**", "").strip("#\u3000 \t")
        if words:
            top.append(words)
        if len(top) >= TOP:
            break
    return (*top, document.title) if document.title and not any("公开" in words for words in top[:10]) else tuple(top)


def _title(top: Sequence[str], reading: TitleReading, context: Context, document: Document) -> str:
    """The title as it stands, put together from the lines it is broken over; else as the list or the file has it."""
    best, weight = "", 0
    for start in range(min(len(top), 40)):
        if len(top[start]) > 120:
            continue
        for count in (1, 2, 3):
            words = "".join(top[start : start + count])
            if len(words) > 120 or "公开" not in words:
                continue
            found = title.judge(words)
            score = (found.kind == "report") * 2 + bool(found.agency) + (found.year is not None)
            if found.kind == "report" and score > weight:
                best, weight = words, score
        if weight == 4:
            break
    return best or next(iter(context.titles), "") or document.title or reading.agency


def _notes(document: Document, reading: TitleReading, tables: Tables) -> Iterator[str]:
    yield from document.notes
    if reading.reason:
        yield f"title: {reading.reason}"
    for table in tables.tables:
        if table.refused:
            yield f"table {table.number} is refused: {table.refused}"
    yield from tables.notes
