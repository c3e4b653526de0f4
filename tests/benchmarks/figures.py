"""The figures of a benchmark run: how a benchmark gives one, and how documents quote it.

A line ``figure NAME = VALUE UNIT`` on a benchmark's standard output is a figure; ``HARVEST`` finds others in lines that
are written for people. RESULTS.md keeps them in a table; a document quotes one between markers, as in
``<!-- figure crawl-cpu-ratio -->1.7 times<!-- /figure -->``, and a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("RESULTS.md")
QUOTING = (ROOT / "README.md", ROOT / "docs" / "SCALE.md")
GIVEN = re.compile(r"^figure ([a-z0-9-]+) = (.+)$", re.M)
"""Matches ``figure crawl-cpu-ratio = 1.7 times``."""
KEPT = re.compile(r"^\| `([a-z0-9-]+)` \| (.+?) \|$", re.M)
"""Matches a row of the table in RESULTS.md: ``| `crawl-cpu-ratio` | 1.7 times |``."""
QUOTED = re.compile(r"(<!-- figure ([a-z0-9-]+) -->)(.*?)(<!-- /figure -->)", re.S)
HARVEST = {
    "storing": (("store-ms", r"bytes to committed rows.*?median\s+([\d.]+ ms)"),),
    "scale": (("bytes-a-cell", r"^ +cells +([\d.]+)$"),),
    "rereading": (("reread-per-cpu-second", r"scrapy reread: +([\d.]+ reports)"),),
    "linking": (("link-100000-names", r"linked in ([\d.]+ s)"),),
}


def given(name: str, printed: str) -> Iterator[tuple[str, str]]:
    """The figures in what a benchmark printed."""
    for match in GIVEN.finditer(printed):
        yield match.group(1), match.group(2).strip()
    for figure, pattern in HARVEST.get(name, ()):
        if found := re.search(pattern, printed, re.M):
            yield figure, found.group(1)


def kept() -> dict[str, str]:
    """The figures in RESULTS.md."""
    return dict(KEPT.findall(RESULTS.read_text(encoding="utf-8"))) if RESULTS.exists() else {}


def quoted(path: Path) -> list[tuple[str, str]]:
    """(figure, text) of every marker in a document."""
    return [(match.group(2), match.group(3)) for match in QUOTED.finditer(path.read_text(encoding="utf-8"))]


def requote(path: Path, figures: Mapping[str, str]) -> None:
    """Write the figures into a document's markers; one that nobody measured stays as it is."""
    text = path.read_text(encoding="utf-8")
    new = QUOTED.sub(lambda m: m.group(1) + figures.get(m.group(2), m.group(3)) + m.group(4), text)
    if new != text:
        path.write_text(new, encoding="utf-8")
