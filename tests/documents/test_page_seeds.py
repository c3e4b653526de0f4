"""The five real reports, set on pages of PDF and OFD and scanned, read the same as the texts themselves."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from parsers.documents import read
from parsers.documents.model import Document
from parsers.reports.model import Context, Report
from parsers.reports.read import read_report
from tests.documents.test_word_seeds import SEEDS, content_of
from tests.generator.pages import (
    FONTS,
    SCANNERS,
    Manner,
    Scanner,
    font_file,
    ofd_from,
    papers_of,
    pdf_from,
    photographed,
    scanned_pdf,
)

needs_shapes = pytest.mark.skipif(
    not all(map(font_file, FONTS)), reason="Debian packages fonts-wqy-zenhei and fonts-arphic-uming are not installed"
)
RULED, BARE = Manner("strokes"), Manner("bars", cut_rows=True, vertical=True, page_numbers=False)
DRAWN: dict[str, Callable[[Document], bytes]] = {
    "pdf": lambda document: pdf_from(papers_of(content_of(document), RULED), "", RULED),
    "pdf in bars": lambda document: pdf_from(papers_of(content_of(document), BARE), "", BARE),
    "ofd": lambda document: ofd_from(papers_of(content_of(document), RULED), "", RULED),
    "ofd in bars": lambda document: ofd_from(papers_of(content_of(document), BARE), "", BARE),
}


def figures(report: Report) -> dict[tuple[int, str, str], object]:
    return {(v.table, v.row, v.column): (v.value, v.mark) for v in report.values}


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
@pytest.mark.parametrize("name", DRAWN)
def test_drawn_pages_read_as_the_text(name: str, path: Path) -> None:
    source = read(path.read_bytes())
    wanted, found = read_report(source, Context()), read_report(read(DRAWN[name](source)), Context())
    assert figures(found) == figures(wanted)
    assert (found.title, found.year, found.issuer, found.edition) == (
        wanted.title,
        wanted.year,
        wanted.issuer,
        wanted.edition,
    )
    assert [(s.number, s.key) for s in found.sections] == [(s.number, s.key) for s in wanted.sections]
    assert [(s.topic, s.value, s.unit) for s in found.statements] == [
        (s.topic, s.value, s.unit) for s in wanted.statements
    ]
    assert not any(value.doubt for value in found.values)


def scanned(document: Document, scanner: Scanner, seed: int) -> Report:
    manner = Manner("strokes", font=sorted(FONTS)[seed % 2])
    pdf = pdf_from(papers_of(content_of(document), manner), "", manner)
    return read_report(read(scanned_pdf(photographed(pdf, scanner, random.Random(seed)))), Context())


def check_scan(path: Path, scanner: Scanner, seed: int) -> None:
    """Every figure is right or says that it is in doubt, and hardly one is not right."""
    source = read(path.read_bytes())
    wanted, report = figures(read_report(source, Context())), scanned(source, scanner, seed)
    found = figures(report)
    wrong = {key for key in wanted if found.get(key) != wanted[key]}
    sure = {(v.table, v.row, v.column) for v in report.values if not v.doubt}
    assert not wrong & sure
    assert len(wrong) <= 0.01 * len(wanted)
    assert len(sure) > 0.9 * sum(value is not None for value, _ in wanted.values())  # type: ignore[misc]


@needs_shapes
@pytest.mark.long
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
@pytest.mark.parametrize("name", SCANNERS)
def test_scans_read_as_the_text(name: str, path: Path) -> None:
    check_scan(path, SCANNERS[name], len(name))
