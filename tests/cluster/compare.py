"""What two data folders hold, without what may differ: numbers of runs, moments, how often a page was asked for."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

from crawler.dataset import Dataset

PAGES = re.compile(r"on \d+ pages")  # 11 reports found on 3 pages
ARCHIVE = {
    "documents": "select sha256, media_type, size, codec from documents",
    "bodies": "select sha256, body from bodies",
    "sightings": "select county_code, url, sha256, title, titles, published, agency, referrer, page_url, content_type, "
    "status, via, request from sightings",
    "frontier": "select url, county_code, state, attempts, priority, page_url, title, agency, published, reason "
    "from frontier",
    "portals": "select county_code, name, province, prefecture, url, outcome, reason, system, trail, agencies, "
    "failures, looked from portals",
    "lists": "select l.county_code, l.url, l.system, title, agency, entries, stated, complete, l.reason from lists l "
    "join portals p using (county_code, run_id)",
    "pages": "select distinct county_code, url, via, status from visits where status in (200, 404, 410)",
    "verdicts": 'select sha256, "check", subject, verdict, note, "by", recorded, "left", "right" from verdicts',
}
DATASET = {
    "agencies": "select * from agencies",
    "cells": "select * from cells",
    "changes": "select * from changes",
    "contacts": "select * from contacts",
    "copies": "select * from copies",
    "coverage": "select * from coverage",
    "extra_cells": "select * from extra_cells",
    "findings": "select * from findings",
    "portals": "select * from portals",
    "readings": "select * from readings",
    "sections": "select report_id, number, key, heading, text from sections",
    "statements": "select * from statements",
    "timeliness": "select * from timeliness",
    "verdicts": "select * from verdicts",
    "addresses": "select county_code, url, sha256, page_url, gone is null from addresses",
    "panel": "select * from panel",
}


def contents(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Table -> its rows as text, in order."""
    found: dict[str, list[str]] = {}
    with sqlite3.connect(folder / "archive.db") as archive:
        for name, sql in ARCHIVE.items():
            found[f"archive.{name}"] = sorted(map(repr, archive.execute(sql)))
    with Dataset(folder) as dataset:
        for name, sql in DATASET.items():
            found[name] = sorted(map(repr, dataset.db.execute(sql)))
        columns = [name for name, _ in dataset.columns()["reports"] if name != "last_run"]
        names = ", ".join(f'"{name}"' for name in columns)
        found["reports"] = sorted(map(repr, dataset.db.execute(f"select {names} from reports")))
    # a visit that was killed after its portal had been read is made again, by the trail that it left: with fewer pages
    return {
        name: sorted(PAGES.sub("on … pages", row) for row in rows) for name, rows in found.items() if name not in but
    }


def differences(one: Path, other: Path, *, but: tuple[str, ...] = ()) -> dict[str, tuple[Any, Any]]:
    """Tables that differ: rows that only the one has and rows that only the other has, a few of each."""
    left, right = contents(one, but=but), contents(other, but=but)
    return {
        name: (sorted(set(rows) - set(right[name]))[:3], sorted(set(right[name]) - set(rows))[:3])
        for name, rows in left.items()
        if rows != right[name]
    }


def everything(folder: Path) -> dict[str, list[str]]:
    """Every row of every table of both files, whatever it says: for what must not change at all."""
    found = {}
    for file in ("archive.db", "reports.db"):
        with sqlite3.connect(folder / file) as connection:
            tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
            for table in tables:
                found[f"{file} {table}"] = sorted(map(repr, connection.execute(f'select * from "{table}"')))
    return found
