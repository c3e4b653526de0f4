"""``python -m tests.benchmarks.querying [REPORTS]``: what the views of a large dataset cost to ask.

Each question is asked three times and the quickest counts; the floor beside it is SQLite reading one integer column of
as many rows as the dataset has reports.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path
from time import process_time

from crawler.search import bigram_query
from tests.benchmarks.scale import build

QUESTIONS = {
    "one county's disclosure": "select * from disclosure where county_code = :county",
    "applications received, by year": "select year, sum(received__total) from applications group by year",
    "litigation of one agency": "select * from litigation where agency = :agency",
    "cells of one report": "select * from cells where report_id = :report",
    "panel of one measure": "select count(*), sum(value) from panel where measure = :measure",
    "timeliness by status": "select status, count(*) from timeliness group by status",
    "suspicious by check": 'select "check", count(*) from suspicious group by 1',
    "coverage by county": "select * from coverage_by_county limit 100",
    "search for a word": "select count(*) from search where words match bigram_query(:words)",
}


def milliseconds(db: sqlite3.Connection, sql: str, values: dict[str, object]) -> float:
    times = []
    for _ in range(3):
        start = process_time()
        db.execute(sql, values).fetchall()
        times.append((process_time() - start) * 1000)
    return min(times)


def main(reports: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder), reports)
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        db.create_function("bigram_query", 1, bigram_query)
        report, county, agency = db.execute(
            "select id, county_code, agency from reports where current limit 1"
        ).fetchone()
        measure = db.execute("select measure from panel limit 1").fetchone()[0]
        values = {"report": report, "county": county, "agency": agency, "measure": measure, "words": "微信公众号"}
        floor = milliseconds(db, "select sum(year) from reports", {})
        print(f"{reports:,} reports; floor: one column of all of them, {floor:.1f} ms")
        for name, sql in QUESTIONS.items():
            spent = milliseconds(db, sql, values)
            print(f"{name:<34}{spent:>10.1f} ms{spent / floor:>10.1f} times the floor")
        print(f"figure queried-reports = {reports:,}")
        db.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
