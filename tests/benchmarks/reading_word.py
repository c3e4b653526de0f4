"""Bytes of word processor files to cells, next to python-docx and to LibreOffice where it is installed, on the same
documents in the same run: ``python -m tests.benchmarks.reading_word``. It prints figures and judges nothing.

The others only give the texts of the table cells (python-docx) or another file (LibreOffice); ours goes on to the cells
of the form. The share is of slots with the right text.
"""

from __future__ import annotations

import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from io import BytesIO

import docx

from parsers.documents import read
from parsers.documents.model import Document, Grid
from parsers.documents.office import as_docx
from parsers.reports.lines import flatten
from parsers.reports.tables import read_tables
from tests.generator import word, word_binary
from tests.generator.report import MadeReport, make_report
from tests.generator.word import Table, parts, placed

Rows = list[list[list[str]]]
WRITERS = {name: w for name, w in {**word.WRITERS, **word_binary.WRITERS}.items() if not name.endswith("split")}
ROUNDS = 10
REPORTS = 6
OFFICE_REPORTS = 2
"""LibreOffice takes seconds for each."""


def truth(report: MadeReport) -> Rows:
    return [
        [[slot.text for _, slot, _ in row for _ in range(slot.column_span)] for row in placed(part)]
        for part in parts(report)
        if isinstance(part, Table)
    ]


def ours(document: Document) -> Rows:
    return [
        [[cell.text.replace("\n", "") if cell else "" for cell in row] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Grid)
    ]


def theirs(body: bytes) -> Rows:
    try:
        found = docx.Document(BytesIO(body)).tables
        return [[[cell.text.replace("\n", "") for cell in row.cells] for row in table.rows] for table in found]
    except (AttributeError, ValueError):  # strict OOXML, rows that say they are deleted
        return []


def office(body: bytes) -> Rows:
    converted = as_docx(body)
    return ours(read(converted)) if converted else []


def share(found: Rows, wanted: Rows) -> float:
    slots = sum(len(row) for table in wanted for row in table)
    right = sum(
        a == b
        for table, other in zip(wanted, found, strict=False)
        for row, other_row in zip(table, other, strict=False)
        for a, b in zip(row, other_row, strict=False)
    )
    return right / slots


def milliseconds(job: Callable[[bytes], object], bodies: Sequence[bytes], rounds: int) -> float:
    """Median of the processor's time, which other work on the machine does not change; of the clock for LibreOffice,
    which works in a process of its own."""
    clock = time.process_time if rounds > 1 else time.perf_counter
    spent = []
    for _ in range(rounds):
        for body in bodies:
            start = clock()
            job(body)
            spent.append((clock() - start) * 1000)
    return statistics.median(spent)


def measure(style: str) -> str:
    reports = [make_report(seed) for seed in range(REPORTS)]
    wanted = [truth(report) for report in reports]
    bodies = [WRITERS[style](report, random.Random(seed)) for seed, report in enumerate(reports)]
    jobs: list[tuple[str, Callable[[bytes], object], Callable[[bytes], Rows], int]] = [
        ("to document", read, lambda body: ours(read(body)), ROUNDS),
        ("to cells", lambda body: read_tables(flatten(read(body))), lambda body: ours(read(body)), ROUNDS),
    ]
    if style.startswith("docx"):
        jobs.append(("python-docx", theirs, theirs, ROUNDS))
    elif style in word_binary.WRITERS and as_docx(bodies[0]):
        jobs.append(("LibreOffice", office, office, 1))
    line = f"{style:12} {statistics.mean(map(len, bodies)) / 1024:5.0f} KB"
    for name, job, rows, rounds in jobs:
        some = bodies if rounds > 1 else bodies[:OFFICE_REPORTS]
        job(some[0])
        right = statistics.mean(share(rows(body), want) for body, want in zip(some, wanted, strict=False))
        line += f"   {name} {milliseconds(job, some, rounds):7.1f} ms {right:6.1%}"
    return line


def main() -> None:
    for style in WRITERS:
        print(measure(style), flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
