"""A document becomes a report: title, year, issuer, sections, tables, statements, contacts and signature."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from parsers.documents.model import Document, Unread
from parsers.reports import contacts, dates, doubt, issuer, kind, statements, title
from parsers.reports.editions import of_report, told_by
from parsers.reports.lines import Line, flatten
from parsers.reports.model import Context, Report
from parsers.reports.sections import Paragraph, is_footer
from parsers.reports.sections import read as read_sections
from parsers.reports.tables import Tables, read_tables
from parsers.reports.title import TitleReading

# 自201711日至20171231日, 自20191月1日至20191231日: font changes swallow signs
_LOST_PERIOD = re.compile(r"(?P<year>20[0-2]\d)年?0?1月?0?1日?起?(?:至|到)(?:(?P=year)年?)?12月?3[01]日?")
_YEAR = re.compile(r"(?<!\d)(20[0-2]\d) ?年(?! ?1?\d ?月)")
# 根据《…条例》规定和《…年度报告格式》要求: the sentence that opens a report names the form, not the report
_PREAMBLE = re.compile(r"(?:本报告|现将?|根据|按照|依据|按|为)")
_TITLE_LIKE = re.compile(r"公开.{0,12}(?:报告|年报)")
_BASIS = re.compile(r"^.{0,400}?现(?:予以?)?(?:将|公布|发布|公开|编制)|《[^《》]{0,60}(?:条例|格式|办法|规定|通知)》")
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
    year, uncertain = _year(reading, text)
    signed, signer = dates.signature(texts)
    return Report(
        title=_title(top, context, document),
        year=year,
        issuer=issuer.identify(
            title_agency=reading.agency,
            context=context,
            signature=signer,
            contact_agency=contacts.office(text),
            year=year,
        ),
        edition=of_report(tables.tables, sections, year),
        sections=sections,
        tables=tables.tables,
        values=doubt.settle(tables.values, tables.tables, doubt.alternatives_of(document)),
        extras=tables.extras,
        statements=statements.read(sections),
        contacts=contacts.read(text),
        signed=signed,
        notes=(*uncertain, *_notes(document, reading, tables)),
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
    """What may hold the title: the document's own metadata where they name a report, and the first lines, also those
    in a frame."""
    top = [document.title] if title.judge(document.title).kind == "report" else []
    for line in lines[: TOP * 3]:
        words = line.text if not line.grid else " ".join(cell.text for cell in line.cells)
        words = words.replace("**", "").strip("#\u3000 \t")
        if not any(map(_TITLE_LIKE.search, top)):
            words = _without_basis(words)
        if words:
            top.append(words)
        if len(top) >= TOP:
            break
    return tuple(top)


def _without_basis(words: str) -> str:
    """The opening sentence without the rules it names, which read like titles: only what it publishes is left. It may
    hold the only title there is."""
    return _BASIS.sub("", words) if _PREAMBLE.match(words) else words


def _title(top: Sequence[str], context: Context, document: Document) -> str:
    """The title without its white space, put together from the lines it is broken over; else as the list or the file
    has it."""
    found = title.own(top)
    written = found[0] if found is not None and found[1].kind == "report" and len(found[0]) <= 120 else ""
    return "".join((written or next(iter(context.titles), "") or document.title).split())


def _year(reading: TitleReading, text: str) -> tuple[int | None, tuple[str, ...]]:
    """The title's year; else that of a period whose digits got lost; else the one year that the text speaks of most,
    with a note."""
    if reading.year is not None:
        return reading.year, ()
    if period := _LOST_PERIOD.search("".join(text[:6000].split())):
        return int(period["year"]), ()
    years = Counter(map(int, _YEAR.findall(text[:20_000]))).most_common(2)
    if years and years[0][1] >= 2 and (len(years) == 1 or years[0][1] > 2 * years[1][1]):
        return years[0][0], (f"the year {years[0][0]} is only the one that the text names most",)
    return None, ()


def _notes(document: Document, reading: TitleReading, tables: Tables) -> Iterator[str]:
    yield from document.notes
    if reading.reason:
        yield f"title: {reading.reason}"
    for table in tables.tables:
        if table.refused:
            yield f"table {table.number} is refused: {table.refused}"
    yield from tables.notes
