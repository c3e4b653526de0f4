"""HTML bytes to cells, next to pandas.read_html on the same pages in the same run:
``python -m tests.benchmarks.reading_html``. It prints figures and judges nothing.

pandas only makes frames of the tables; ours goes on to the cells of the form.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from io import BytesIO

import pandas

from parsers.documents import read
from parsers.reports.lines import flatten
from parsers.reports.tables import read_tables
from tests.generator.html import NAVIGATION, WRITERS
from tests.generator.report import make_report

STYLES = ("clean", "messy word paste", "messy spaced", "messy layout tables", "messy hidden junk", "hard in script")
ROUNDS = 15


def pages() -> dict[str, list[bytes]]:
    """Pages as portals serve them: 60 to 100 KB with the scripts, styles and menus around the article."""
    found: dict[str, list[bytes]] = {}
    for style in STYLES:
        bodies = [WRITERS[f"html {style}"](make_report(seed), random.Random(seed)) for seed in range(4)]
        found[style] = [_padded(body) for body in bodies]
    return found


def _padded(body: bytes) -> bytes:
    """The page with what stands around an article, up to about 80 KB."""
    script = b"<script>function f(a){var b=a.x;if(b>3){return b+1}return '<b>'+b+'</b>'}</script>\n"
    style = b"<style>.c1 .d{margin:0 auto;padding:2px;color:#333;background:url(a.png)}</style>\n"
    menu = NAVIGATION.encode("ascii", "xmlcharrefreplace")
    room = max(0, 80_000 - len(body))
    around = menu * (room // 3 // len(menu)) + script * (room // 3 // len(script)) + style * (room // 3 // len(style))
    start = body.index(b"<body>") + 6
    return body[:start] + around + body[start:]


def milliseconds(job: Callable[[bytes], object], bodies: list[bytes]) -> list[float]:
    spent = []
    for _ in range(ROUNDS):
        for body in bodies:
            start = time.process_time()
            job(body)
            spent.append((time.process_time() - start) * 1000)
    return sorted(spent)


def with_pandas(body: bytes) -> int:
    try:
        return len(pandas.read_html(BytesIO(body), flavor="lxml"))
    except ValueError:
        return 0  # «No tables found»


def main() -> None:
    jobs: dict[str, Callable[[bytes], object]] = {
        "bytes to document": read,
        "bytes to cells": lambda body: read_tables(flatten(read(body))),
        "pandas.read_html": with_pandas,
    }
    everything: dict[str, list[float]] = {name: [] for name in jobs}
    print(f"{'page':24} {'KB':>5}" + "".join(f"{name:>20}" for name in jobs) + "   (ms of the processor, median)")
    for style, bodies in pages().items():
        line = f"{style:24} {statistics.mean(map(len, bodies)) / 1024:5.0f}"
        for name, job in jobs.items():
            job(bodies[0])
            spent = milliseconds(job, bodies)
            everything[name] += spent
            line += f"{statistics.median(spent):20.1f}"
        print(line)
    print(f"{'all':24} {'':5}" + "".join(f"{statistics.median(spent):20.1f}" for spent in everything.values()))


if __name__ == "__main__":
    main()
