"""``python -m tests.benchmarks.country [COUNTIES]``: a small rehearsal: requests, CPU, memory over time.

The floor of the requests is the shortest crawl of the same portals; that of the CPU is what the servers took to make
and send the same pages.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(counties: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "tests.rehearsal", "--counties", counties, "--json", str(out)]
        subprocess.run(command, cwd=ROOT, check=False)
        if not out.exists():
            return 1
        found = json.loads(out.read_text())
    print(f"figure recall = {found['recall']:.2%}")
    print(f"figure precision = {found['precision']:.2%}")
    print(f"figure cells-right = {found['cells_right']:.2%}")
    print(f"figure requests-over-minimum = {found['requests_over_minimal']:.3f} times")
    print(f"figure county-cpu = {found['cpu_s_per_county']:.1f} s")
    print(f"figure country-hours = {found['country_hours_two_cores']:.1f} hours")
    print(f"figure county-requests = {found['requests'] / found['counties']:.0f}")
    print(f"figure county-archive-kb = {found['archive_mb'] / found['counties'] * 1024:.0f} KB")
    print(f"figure county-dataset-kb = {found['dataset_mb'] / found['counties'] * 1024:.0f} KB")
    print(f"figure county-received-kb = {found['received_mb'] / found['counties'] * 1024:.0f} KB")
    print(f"figure crawl-memory = {found['memory_mb']:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["19"]))
