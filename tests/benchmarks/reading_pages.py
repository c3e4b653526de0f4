"""Bytes of pages to cells: PDF with text next to pdfplumber's tables on the same documents in the same run, OFD, and
scans by OCR: ``python -m tests.benchmarks.reading_pages [--scans N]``. It prints figures and judges nothing.

pdfplumber only gives the texts of the cells; ours goes on to the cells of the form. The share is of rows of values that
came back with exactly their cells. Times are the processor's, which other work on the machine does not change; peak
memory is that of a process of its own for each line.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2

from parsers.documents import read
from parsers.reports.lines import flatten
from parsers.reports.tables import read_tables
from tests.documents.drawn import expected, lost
from tests.generator.pages import FONTS, MANNERS, SLOW_WRITERS, drawn, font_file, ofd_of, pdf_of
from tests.generator.report import make_report

ROUNDS = 7
REPORTS = 5
FIXTURES = Path(__file__).parents[1] / "documents" / "fixtures"

Rows = list[list[str]]


def plumber(body: bytes) -> Rows:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(body)) as document:
        return [
            [(text or "").replace("\n", "") for text in row if text is not None]
            for page in document.pages
            for table in page.extract_tables()
            for row in table
        ]


def cells(body: bytes) -> object:
    return read_tables(flatten(read(body)))


def milliseconds(job: Callable[[bytes], object], bodies: Sequence[bytes], pages: Sequence[int], rounds: int) -> float:
    """Median time of a page."""
    job(bodies[0])
    spent = []
    for _ in range(rounds):
        for body, count in zip(bodies, pages, strict=True):
            start = time.process_time()
            job(body)
            spent.append((time.process_time() - start) * 1000 / count)
    return statistics.median(spent)


def text_line(name: str, bodies: Sequence[bytes], wanted: Sequence[Rows]) -> str:
    ours = [len(rows) - len(lost(read(body), rows)) for body, rows in zip(bodies, wanted, strict=True)]
    total = sum(map(len, wanted))
    line = f"{name:22}"
    if bodies[0].startswith(b"%PDF"):
        pages = [len(pypdfium2.PdfDocument(body)) for body in bodies]
        theirs = [
            sum(any(other[-len(row) :] == row for other in found) for row in rows)
            for found, rows in zip(map(plumber, bodies), wanted, strict=True)
        ]
        own, slow = milliseconds(read, bodies, pages, ROUNDS), milliseconds(plumber, bodies, pages, 1)
        whole = milliseconds(cells, bodies, pages, ROUNDS)
        line += f" {own:6.1f} ms a page, to cells {whole:6.1f}, rows {sum(ours) / total:6.1%}"
        line += f"   pdfplumber {slow:7.1f} ms, rows {sum(theirs) / total:6.1%}   {slow / own:4.1f} times"
    else:
        ones = [1] * len(bodies)
        own, whole = milliseconds(read, bodies, ones, ROUNDS), milliseconds(cells, bodies, ones, ROUNDS)
        line += f" {own:6.1f} ms a report, to cells {whole:6.1f}, rows {sum(ours) / total:6.1%}"
    return line


def generated(kind: str, name: str) -> None:
    write = {"pdf": pdf_of, "ofd": ofd_of}[kind]
    reports = [make_report(seed) for seed in range(REPORTS)]
    # embedded as in real files; without it PDFium looks for another font in the system, once for each document
    font = "hei" if font_file("hei") else ""
    bodies = [
        write(report, replace(drawn(name, random.Random(seed)), font=font)) for seed, report in enumerate(reports)
    ]
    print(text_line(f"{kind} {name}", bodies, [expected(report) for report in reports]), flush=True)


def printed(name: str) -> None:
    truth: dict[str, Rows] = json.loads((FIXTURES / "pages.json").read_text())
    print(text_line(name, [(FIXTURES / f"{name}.pdf").read_bytes()], [truth[name]]), flush=True)


def scanned(name: str, count: int) -> None:
    from tests.documents.accuracy import score

    seconds = pages = 0.0
    for seed in range(count):
        body = SLOW_WRITERS[name](make_report(seed), random.Random(seed))
        start = time.process_time()
        document = read(body)
        seconds += time.process_time() - start
        pages += int(document.notes[0].split()[0])
    result = score(name, SLOW_WRITERS[name], range(count))
    print(
        f"{name:22} {seconds / pages:6.2f} s a page, cells {result.share:7.2%}, wrong {result.wrong}, "
        f"silent {result.silent}, peak memory {_peak():.0f} MB",
        flush=True,
    )


def memory() -> None:
    for seed in range(REPORTS):
        report = make_report(seed)
        read(pdf_of(report, drawn("browser", random.Random(seed))))
        read(ofd_of(report, drawn("word", random.Random(seed))))
    print(f"peak memory without OCR {_peak():.0f} MB, the writers of the test documents included")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=3, help="reports of each kind of scan")
    arguments = parser.parse_args()
    jobs: list[tuple[Callable[..., None], tuple[object, ...]]] = [(memory, ())]
    jobs += [(printed, (path.stem,)) for path in sorted(FIXTURES.glob("*_*.pdf"))]
    jobs += [(generated, ("pdf", name)) for name in MANNERS]
    jobs += [(generated, ("ofd", name)) for name in MANNERS]
    if arguments.scans and all(map(font_file, FONTS)):
        jobs += [(scanned, (name, arguments.scans)) for name in SLOW_WRITERS]
    spawn = multiprocessing.get_context("spawn")
    for job, given in jobs:
        process = spawn.Process(target=job, args=given)
        process.start()
        process.join()


if __name__ == "__main__":
    main()
