"""What documents quote is what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.figures import QUOTING, given, kept, quoted, requote


@pytest.mark.parametrize("path", QUOTING, ids=lambda path: path.name)
def test_quoted_figures_stand_in_the_results(path: Path) -> None:
    figures = kept()
    found = quoted(path)
    assert found, "a document that quotes nothing need not be here"
    assert {name: figures.get(name) for name, _ in found} == dict(found)


def test_figures_are_found_and_quoted(tmp_path: Path) -> None:
    printed = "crawl 3.2 s\nfigure crawl-cpu-ratio = 1.7 times\nbytes to committed rows (goal 15 ms)  median   9.01 ms"
    figures = dict(given("storing", printed))
    assert figures == {"crawl-cpu-ratio": "1.7 times", "store-ms": "9.01 ms"}
    path = tmp_path / "README.md"
    path.write_text(
        "It costs <!-- figure crawl-cpu-ratio -->9 times<!-- /figure --> of <!-- figure x -->1<!-- /figure -->."
    )
    requote(path, figures)
    assert quoted(path) == [("crawl-cpu-ratio", "1.7 times"), ("x", "1")]
