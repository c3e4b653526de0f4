"""How many cells come out of the generated documents: ``python -m tests.documents.accuracy [format …] [--n 20]``.

A cell is *exact* when its value and its mark are those of the report, *missing* when it was not read or its table was
refused, and *wrong* when another value stands there: *silent* when neither a refusal (a text kept as such
is one), a doubt nor a failed check of the report's own arithmetic says so.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules

import tests.generator
from parsers.documents import ARCHIVES, members, read, sniff
from parsers.documents.model import Document, Unread
from parsers.reports.model import Context, Mark, Value
from parsers.reports.read import read_report
from parsers.reports.values import parse
from tests.generator.report import Key, MadeReport, make_report

Writer = Callable[[MadeReport, random.Random], bytes]


@dataclass(slots=True)
class Score:
    """Counts of cells over all reports of one format. ``seconds`` are those of each report, bytes to values."""

    cells: int = 0
    exact: int = 0
    missing: int = 0
    wrong: int = 0
    silent: int = 0
    perfect: int = 0
    reports: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.exact / self.cells if self.cells else 1.0

    @property
    def median(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2] if self.seconds else 0.0


def writers(*, slow: bool = False) -> dict[str, Writer]:
    """All formats that a module of the generator registers in its WRITERS; ``slow``: and in its SLOW_WRITERS, which are
    those that an OCR reads."""
    found: dict[str, Writer] = {}
    for module in iter_modules(tests.generator.__path__):
        loaded = import_module(f"tests.generator.{module.name}")
        found.update(getattr(loaded, "WRITERS", {}))
        found.update(getattr(loaded, "SLOW_WRITERS", {}) if slow else {})
    return found


def score(name: str, write: Writer, seeds: Iterable[int]) -> Score:
    result = Score()
    for seed in seeds:
        report = make_report(seed, edition="2019" if seed % 3 == 2 else "2021")
        body = write(report, random.Random(f"{name}/{seed}"))
        _count(result, report, body, f"{name} seed {seed}")
    return result


def _count(result: Score, report: MadeReport, body: bytes, label: str) -> None:
    start = time.perf_counter()
    try:
        values = _values(report, body)
    except Unread as refused:
        if refused.reason == "not_a_report" and not any(report.cells.values()):
            result.refused += 1  # a form without one figure, and nothing else in the file: rightly no report
            return
        values = {}
        result.faults.append(f"{label}: {refused}")
    result.seconds.append(time.perf_counter() - start)
    wrong = [key for key, text in report.cells.items() if key in values and not _same(values[key], key, text)]
    missing = [key for key in report.cells if key not in values]
    result.reports += 1
    result.cells += len(report.cells)
    result.missing += len(missing)
    result.wrong += len(wrong)
    result.exact += len(report.cells) - len(missing) - len(wrong)
    result.perfect += not missing and not wrong
    suspected = _suspected(values)
    silent = [key for key in wrong if not (values[key].doubt or key in suspected or values[key].mark is Mark.TEXT)]
    result.silent += len(silent)
    result.faults += [f"{label}: {key} is {report.cells[key]!r}, read as {values[key].raw!r}" for key in wrong]
    result.faults += [f"{label}: {len(missing)} missing, first {missing[0]}"] if missing else []


def _values(report: MadeReport, body: bytes) -> dict[Key, Value]:
    """Values as the crawler gets them: it knows the county and the title in the list."""
    context = Context(county_code=report.county_code, county_name=report.county, titles=(report.title,))
    read_as = read_report(_document(body), context)
    return {(value.table, value.row, value.column): value for value in read_as.values}


def _document(body: bytes) -> Document:
    """Of an archive the largest member, which is the report."""
    if sniff(body) in ARCHIVES:
        return read(max((member.body for member in members(body)), key=len))
    return read(body)


def _same(value: Value, key: Key, text: str) -> bool:
    return (value.value, value.mark) == parse(text, key[2] == "items_change")


def _suspected(values: dict[Key, Value]) -> set[Key]:
    """Cells of rows and columns whose sums, written out here by hand, do not come out."""
    suspected: set[Key] = set()
    for (table, row, column), value in values.items():
        if column != "total" or table not in (3, 4):
            continue
        line = {key: v for key, v in values.items() if key[:2] == (table, row)}
        parts = [v for key, v in line.items() if key[2] != "total"]
        if all(v.mark is Mark.NUMBER for v in line.values()) and sum(v.value or 0 for v in parts) != value.value:
            suspected.update(line)
    return suspected


def table(scores: dict[str, Score]) -> str:
    lines = [
        f"{'format':36} {'reports':>7} {'perfect':>7} {'exact':>8} {'missing':>8} {'wrong':>6} {'silent':>6} {'ms':>7}"
    ]
    for name, s in scores.items():
        lines.append(
            f"{name:36} {s.reports:7} {s.perfect:7} {s.share:8.4f} {s.missing:8} {s.wrong:6} {s.silent:6} "
            f"{s.median * 1000:7.1f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", help="beginnings of names; all formats when none is given")
    parser.add_argument("--n", type=int, default=20, help="reports of each format")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--slow", action="store_true", help="scans and photos too: a minute for each report")
    parser.add_argument("--faults", type=int, default=0, help="faults to show of each format")
    arguments = parser.parse_args()
    scores: dict[str, Score] = {}
    for name, write in writers(slow=arguments.slow).items():
        if not arguments.formats or any(name.startswith(wanted) for wanted in arguments.formats):
            scores[name] = score(name, write, range(arguments.first, arguments.first + arguments.n))
    print(table(scores))
    for result in scores.values():
        print(*result.faults[: arguments.faults], sep="\n", end="\n" if arguments.faults else "")


if __name__ == "__main__":
    main()
