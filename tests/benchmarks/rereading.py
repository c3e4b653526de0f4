"""``python -m tests.benchmarks.rereading [REPORTS] [WORKERS]``: ``scrapy reread`` of an archive of HTML reports.

Goal: 60 reports a second of one core's time, from stored bytes to the closed ledger, and memory that does not grow with
their number. The floor beside it is lxml parsing the same bytes. Each report is of an agency of its own.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lxml import html as lxml_html

from crawler.archive import Archive
from crawler.items import Sighting
from tests.benchmarks.scale import agencies
from tests.benchmarks.usage import usage
from tests.conftest import ROOT
from tests.generator import html as generated
from tests.generator.report import make_report
from tests.portals.documents import html as seed_html
from tests.portals.seeds import SEEDS
from tests.portals.sites import article

TEMPLATES = 40
GOAL = 60


def templates() -> Iterator[tuple[str, str]]:
    """(page, agency as it stands there)."""
    for seed in SEEDS:
        yield article(seed, seed.title, "2025-01-16", seed_html(seed)).decode(), seed.agency
    for number in range(TEMPLATES):
        made = make_report(number)
        yield generated.clean(made, random.Random(number)).decode(), made.agency


def fill(folder: Path, reports: int) -> float:
    """Archives reports, each of an agency and year of its own; returns the CPU seconds that lxml takes for them."""
    pages = list(templates())
    floor = 0.0
    names = ((code, name, year) for year in range(2021, 2026) for code, name, _ in agencies())
    with Archive(folder) as archive:
        archive.open_run("benchmark", {}, {})
        for number, (code, name, year) in enumerate(islice(names, reports)):
            page, agency = pages[number % len(pages)]
            body = page.replace(agency, name).replace("2024年", f"{year}年").encode()
            began = time.process_time()
            lxml_html.fromstring(body)
            floor += time.process_time() - began
            title = f"{name}{year}年政府信息公开工作年度报告"
            url = f"http://www.example.gov.cn/{code}/{number}.html"
            archive.keep(Sighting(code, url, body, "text/html; charset=utf-8", titles=(title,)), "text/html")
        archive.close_run("finished", "ok", {})
    return floor


def memory(pid: int) -> float:
    """MB that the processes of a session hold for themselves (what they share is counted once for each)."""
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == pid:
                total += int((entry / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 1024**2


def main(reports: int = 2000, workers: int = 1) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor = fill(folder, reports)
        shown: list[float] = []
        with usage() as used:
            command = [sys.executable, "-m", "scrapy", "reread", "--workers", str(workers), "-s", f"DATA_DIR={folder}"]
            began = time.monotonic()
            process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
            while process.poll() is None:
                time.sleep(1)
                shown.append(memory(process.pid))
            wall = time.monotonic() - began
        steady = shown[len(shown) // 5 : -2] or shown
        print(f"{reports} HTML reports, {workers} readers, {wall:.0f} s, ended with code {process.returncode}")
        print(f"scrapy reread: {reports / used.seconds:6.1f} reports for a second of CPU (goal {GOAL})")
        print(
            f"  of it each {used.seconds / reports * 1000:6.2f} ms; floor, lxml parses: {floor / reports * 1000:.2f} ms"
        )
        print(f"memory of all its processes: {steady[0]:.0f} MB after a fifth, {steady[-1]:.0f} MB at the end")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
