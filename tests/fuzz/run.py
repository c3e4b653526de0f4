"""Damaged documents of every format of the generator, read one after the other in a process of their own.

A batch writes down each document before it reads it: what kills the process or never ends lies there afterwards.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from parsers.documents import ARCHIVES, members, read
from parsers.documents.model import Document, Unread
from parsers.documents.sniff import sniff
from tests.documents.accuracy import Writer, writers
from tests.fuzz.mutate import mutate
from tests.generator.report import MadeReport, make_report

SLOWEST = 20.0
"""Seconds of the processor for one document, whatever else the machine does. OCR of a page takes some; without it
nothing comes near."""
PATIENCE = 3600.0
"""Seconds after which a batch is taken for hanging, on a machine however busy."""
SCAN_EVERY = 20
"""One document of so many is a scan, where those are asked for."""


@dataclass(slots=True)
class Figures:
    """What came of a batch: ``outcomes`` counts reasons and media types, ``slowest`` is in seconds of the processor,
    ``growth`` the most that one document took (the first scan loads the models of the OCR) and ``peak`` the most that
    the process ever had, both in megabytes; ``faults`` are documents that broke a reader or took too long."""

    documents: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_name: str = ""
    growth: int = 0
    peak: int = 0

    def add(self, other: Figures) -> None:
        self.documents += other.documents
        self.outcomes = dict(Counter(self.outcomes) + Counter(other.outcomes))
        self.faults += other.faults
        if other.slowest > self.slowest:
            self.slowest, self.slowest_name = other.slowest, other.slowest_name
        self.growth, self.peak = max(self.growth, other.growth), max(self.peak, other.peak)


def damaged(count: int, first: int, *, scans: bool) -> Iterator[tuple[str, bytes]]:
    """Documents of all formats in turn, each made twice and damaged many times."""
    quick = sorted(writers().items())
    slow = sorted(writers(slow=True).items() - dict(quick).items()) if scans else []
    rng = random.Random(first)
    made: dict[str, list[bytes]] = {}
    for n in range(count):
        scan = bool(slow) and n % SCAN_EVERY == 0
        name, write = slow[(first + n // SCAN_EVERY) % len(slow)] if scan else quick[n % len(quick)]
        if name not in made:
            made[name] = [_made(write, seed, brief=scan) for seed in (first, first + 1)]
        yield f"{name} #{first}/{n}", mutate(rng.choice(made[name]), rng)


def _made(write: Writer, seed: int, *, brief: bool) -> bytes:
    report = make_report(seed)
    return write(_brief(report) if brief else report, random.Random(seed))


def _brief(report: MadeReport) -> MadeReport:
    """Table 4 and little else: one page for the OCR instead of five."""
    return replace(report, sections=tuple((heading, ()) for heading, _ in report.sections if heading[0] in "四五"))


def outcome(body: bytes) -> str:
    """The reason why it is not read, or as what it was read; any other exception goes through."""
    try:
        if sniff(body) in ARCHIVES:
            return f"archive of {len(list(members(body)))}"
        document = read(body)
    except Unread as refused:
        return refused.reason
    assert isinstance(document, Document)
    assert document.blocks
    return document.media_type


def run(count: int, first: int, *, scans: bool, keep: Path) -> Figures:
    """One batch in this process. Documents at fault stay in ``keep``."""
    figures = Figures()
    outcomes: Counter[str] = Counter()
    current = keep / f"current_{first}"
    for n, (name, body) in enumerate(damaged(count, first, scans=scans)):
        current.write_bytes(body)
        before = _memory(forget=True)
        start = time.process_time()
        fault = ""
        try:
            outcomes[outcome(body)] += 1
        except Exception as broken:
            fault = f"{name}: {broken!r}"
        spent = time.process_time() - start
        figures.growth = max(figures.growth, _memory() - before)
        if spent > figures.slowest:
            figures.slowest, figures.slowest_name = spent, name
        if not fault and spent > SLOWEST:
            fault = f"{name}: {spent:.0f} s"
        if fault:
            figures.faults.append(fault)
            current.rename(keep / f"fault_{first}_{n}")
        figures.documents += 1
    current.unlink(missing_ok=True)
    figures.outcomes = dict(outcomes)
    figures.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def _memory(*, forget: bool = False) -> int:
    """The most this process had since it was last told to forget, in megabytes; 0 where the system does not tell."""
    try:
        if forget:
            Path("/proc/self/clear_refs").write_text("5")
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0)


def apart(count: int, first: int, *, scans: bool, keep: Path) -> Figures:
    """One batch in a process of its own; its death or its silence is a fault of the document it was at."""
    order = [sys.executable, "-m", "tests.fuzz.run", str(count), str(first), str(int(scans)), str(keep)]
    try:
        done = subprocess.run(order, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return Figures(faults=[f"batch {first} hangs at {keep / f'current_{first}'}"])
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        return Figures(faults=[f"batch {first} died ({done.returncode}) at {keep / f'current_{first}'}: {last}"])
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    count, first, scans, keep = sys.argv[1:]
    result = run(int(count), int(first), scans=scans == "1", keep=Path(keep))
    print(json.dumps({name: getattr(result, name) for name in Figures.__slots__}))
