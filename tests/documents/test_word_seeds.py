"""The five real reports, put into every format of word processors, read the same as the texts themselves."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from parsers.documents import read
from parsers.documents.model import Document, Grid
from parsers.reports.model import Context, Report
from parsers.reports.read import read_report
from tests.generator.layout import Slot
from tests.generator.word import DocxDirt, Line, Part, Table, docx_body, mhtml, package, rtf, word_page
from tests.generator.word_binary import doc_file
from tests.portals.seeds import FOLDER

SEEDS = sorted(FOLDER.glob("*.txt"))
Writer = Callable[[Sequence[Part], random.Random], bytes]
WRITERS: dict[str, Writer] = {
    "docx": lambda content, rng: package(docx_body(content, DocxDirt(rng))),
    "docx messy": lambda content, rng: package(docx_body(content, DocxDirt(rng, on=True))),
    "doc": lambda content, rng: doc_file(content, rng, messy=False).build(),
    "doc messy": lambda content, rng: doc_file(content, rng, messy=True).build(),
    "rtf": lambda content, rng: rtf(content, DocxDirt(rng)),
    "rtf messy": lambda content, rng: rtf(content, DocxDirt(rng, on=True)),
    "doc html": lambda content, rng: word_page("", content, "utf-8"),
    "mhtml": lambda content, rng: mhtml("", content, rng),
}


def content_of(document: Document) -> list[Part]:
    """Blocks as parts to write; rows keep their lengths, for the seeds have no spans."""
    found: list[Part] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            rows = [[Slot(cell.text if cell else "") for cell in row] for row in block.rows]
            found.append(Table(0, rows, max(map(len, rows))))
        else:
            found.append(Line(block.text, min(block.level, 1)))
    return found


def facts(report: Report) -> Report:
    """Without what says where a value stands, and the notes of the reading."""
    values = tuple(replace(value, place="") for value in report.values)
    return replace(report, values=values, notes=(), extras=tuple(replace(extra, place="") for extra in report.extras))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
@pytest.mark.parametrize("name", WRITERS)
def test_reads_as_the_text(name: str, path: object) -> None:
    source = read(path.read_bytes())  # type: ignore[attr-defined]
    written = WRITERS[name](content_of(source), random.Random(name))
    assert facts(read_report(read(written), Context())) == facts(read_report(source, Context()))
