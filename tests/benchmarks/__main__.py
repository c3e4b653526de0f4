"""``python -m tests.benchmarks [NAME …] [--long]``: every benchmark of this folder in turn, and RESULTS.md.

Each runs in a process of its own and prints its figures beside a peer or a floor of the same run. What was printed, the
machine and the versions go to RESULTS.md, and the figures into the documents that quote them. Only the named
benchmarks are run anew when some are named; ``--long`` takes the sizes that the goals are stated for.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.figures import QUOTING, RESULTS, given, requote

NOT_MEASURES = {"__main__", "bare_settings", "usage", "figures"}
SHORT = {
    "scale": ["{folder}", "10000"],
    "querying": ["10000"],
    "merging": ["10000", "5000"],
    "country": ["19"],
    "reading_pages": ["--scans", "1"],
    "rereading": ["300"],
}
LONG = {"scale": ["{folder}", "130000"], "querying": ["130000"], "country": ["300"]}
LIMIT = 1800.0
PACKAGES = (
    "scrapy", "twisted", "lxml", "parsel", "sqlite-utils", "pebble", "rapidfuzz", "rensa", "numpy", "pypdfium2",
    "onnxruntime", "rapidocr", "pandas", "pdfplumber", "python-docx",
)  # fmt: skip
SECTION = re.compile(r"^## (\w+)\n\n(.*?)(?=^## |\Z)", re.M | re.S)


def main() -> int:
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    names = [name for name in names if name not in NOT_MEASURES and not name.startswith("test_")]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure, and write RESULTS.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {' '.join(names)}; all without")
    parser.add_argument("--long", action="store_true", help="the sizes that the goals are stated for")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    sections, failed = _sections(), []
    for name in chosen.names or names:
        print(f"\n== {name}", flush=True)
        printed, code = _run(name, (LONG if chosen.long else {}).get(name, SHORT.get(name, [])))
        sections[name] = f"{_when()}{'' if code == 0 else f', ended with code {code}'}\n\n```\n{printed.strip()}\n```\n"
        failed += [name] if code else []
        _write(sections)
    figures = _write(sections)
    for path in QUOTING:
        if path.exists():
            requote(path, figures)
    print(f"\nwritten: {RESULTS}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _run(name: str, arguments: list[str]) -> tuple[str, int]:
    """What a benchmark printed, shown as it comes, and its exit code."""
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as folder:
        command = [sys.executable, "-m", f"tests.benchmarks.{name}", *(one.format(folder=folder) for one in arguments)]
        until = time.monotonic() + LIMIT
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            lines = []
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line.split("\r")[-1])
                if time.monotonic() > until:
                    process.kill()
        return "".join(lines), process.returncode


def _sections() -> dict[str, str]:
    """What RESULTS.md holds of each benchmark."""
    if not RESULTS.exists():
        return {}
    found = {match.group(1): match.group(2).strip() + "\n" for match in SECTION.finditer(RESULTS.read_text("utf-8"))}
    return {name: text for name, text in found.items() if name not in ("Figures", "Machine")}


def _write(sections: dict[str, str]) -> dict[str, str]:
    """Writes RESULTS.md; gives its figures."""
    figures = dict(figure for name, text in sections.items() for figure in given(name, text))
    rows = "\n".join(f"| `{name}` | {value} |" for name, value in sorted(figures.items()))
    parts = [
        "# Results\n\nWritten by `python -m tests.benchmarks`. Times of the processor unless a line says otherwise.\n",
        f"## Machine\n\n{_machine()}\n",
        f"## Figures\n\n| figure | value |\n|---|---|\n{rows}\n",
        *(f"## {name}\n\n{text}" for name, text in sorted(sections.items())),
    ]
    RESULTS.write_text("\n".join(parts), encoding="utf-8")
    return figures


def _when() -> str:
    # one-minute load: figures of wall time on a busy machine say so themselves
    return f"{datetime.now(UTC):%Y-%m-%d}, load {os.getloadavg()[0]:.1f}"


def _machine() -> str:
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    lines = [
        f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores, "
        f"{int(memory.group(1)) / 1024**2 if memory else 0:.0f} GB, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        + ", ".join(f"{name} {number}" for name in PACKAGES if (number := _version(name))),
    ]
    return "\n\n".join(lines)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
