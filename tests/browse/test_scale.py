"""130,000 reports, 26 million cells: what the pages, the export and the file on disk may cost."""

from __future__ import annotations

import os
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.benchmarks import scale
from tests.browse.conftest import free_port
from tests.conftest import ROOT


def seconds(url: str, times: int = 5) -> float:
    """The median of some answers after a first one."""
    taken = []
    for _ in range(times + 1):
        started = time.perf_counter()
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


@pytest.mark.long
def test_a_year_of_all_counties(tmp_path: Path) -> None:
    folder = Path(os.environ.get("SCALE_DIR") or tmp_path)
    path = folder / "reports.db"
    if not path.exists():
        scale.build(folder, 130_000)
    assert path.stat().st_size / scale.cells_in(path) <= 25, "bytes a cell, with indexes, texts and search index"
    taken, size = scale.export_seconds(path)
    assert size > 50_000_000
    assert taken < 60
    report, agency, county = (
        sqlite3.connect(path).execute("select id, agency_id, county_code from reports limit 1 offset 60000").fetchone()
    )
    port = free_port()
    command = [sys.executable, "-m", "crawler.browse", str(folder), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("Open http" in line for line in process.stdout)
            time.sleep(1)
            base = f"http://127.0.0.1:{port}"
            assert seconds(base) < 0.3
            assert seconds(f"{base}/report/{report}") < 0.5
            assert seconds(f"{base}/agency/{agency}") < 0.5
            assert seconds(f"{base}/county/{county}") < 0.5
            assert seconds(f"{base}/findings") < 1
            assert seconds(f"{base}/reports/cells") < 1
        finally:
            process.terminate()
