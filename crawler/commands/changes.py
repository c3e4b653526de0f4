"""``scrapy changes``: which documents are new, changed or gone since a day or a run, and which cells differ.

A new version counts as changed only when something that was read of it differs: counters, today's date and related
links on a page do not.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.archive import Archive
from crawler.commands import show
from crawler.dataset import Dataset
from crawler.portals import Refused

COLUMNS = (
    *("change", "noticed", "run_id", "county_code", "county", "agency", "year", "outcome", "title", "url", "page_url"),
    *("sha256", "before", "report_id", "cells"),
)
RUN = re.compile(r"-?[0-9]{1,9}")  # 12
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # 2026-01-31
NO_REPORT = frozenset({"not_a_report", "foreign"})


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "Show which documents are new, changed or gone"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--since", metavar="DATE|RUN", default="", help="2026-01-31, or a run's number; default: last run"
        )
        parser.add_argument(
            "--all", action="store_true", help="also what is no report, and versions that read the same"
        )
        parser.add_argument("--format", choices=("text", "csv", "json"), default="text", help="text, csv or json")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        try:
            if not (folder / "archive.db").exists():
                raise Refused(f"there is no archive in {folder}; crawl first")
            with Archive(folder, write=False) as archive, Dataset(folder) as dataset:
                run_id = run_since(archive, opts.since)
                rows = [] if run_id is None else changes(archive, dataset, run_id, everything=opts.all)
        except Refused as refusal:
            print(f"gongkai: {refusal}", file=sys.stderr)
            self.exitcode = 1
            return
        show({"text": as_text, "csv": as_csv, "json": as_json}[opts.format](rows))


def run_since(archive: Archive, since: str) -> int | None:
    """The number of the first run to look at; None when there was none since a day. Raises Refused."""
    if not since:
        last = archive.last_run()
        return None if last is None else int(last["id"])
    if RUN.fullmatch(since):
        number = int(since)
        if number not in {run["id"] for run in archive.runs()}:
            raise Refused(f"there is no run {number}")
        return number
    try:
        if not DAY.fullmatch(since):
            raise ValueError(since)
        return archive.first_run_since(date.fromisoformat(since).isoformat())
    except ValueError:
        raise Refused(f"since is a day as in 2026-01-31 or the number of a run, not {since!r}") from None


def changes(archive: Archive, dataset: Dataset, run_id: int, *, everything: bool = False) -> list[dict[str, Any]]:
    """One row for each change, with the COLUMNS. A changed document that reads as before is ``same``; it is left out
    unless ``everything`` is asked for, and so is what is no report."""
    rows = []
    for change in archive.changes_since(run_id):
        row = {**change, **_read(dataset, change)}
        if everything or not (row["change"] == "same" or row["reason"] in NO_REPORT):
            rows.append({name: row.get(name) for name in COLUMNS})
    return rows


def _read(dataset: Dataset, change: dict[str, Any]) -> dict[str, Any]:
    key = change["county_code"], change["url"]
    told = {"report_id": None, "agency": None, "year": None, "outcome": None, "reason": None, "county": None}
    told |= dataset.read_as(*key, change["sha256"])
    cells: list[dict[str, Any]] = []
    if change["before"]:
        old = dataset.read_as(*key, change["before"])
        new_id, old_id = told["report_id"], old.get("report_id")
        if new_id and old_id:
            cells = dataset.cell_changes(new_id)
        if old and _same(dataset, told, old) and not cells:
            return {**told, "change": "same", "cells": cells}
    return {**told, "cells": cells}


def _same(dataset: Dataset, new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether nothing that was read differs. Of what was refused nothing is known: it counts as changed."""
    if new["report_id"] is None or old["report_id"] is None:
        return bool(new["reason"] in NO_REPORT and old["reason"] in NO_REPORT)
    alike = (new["agency"], new["year"]) == (old["agency"], old["year"])
    return alike and dataset.same_text(new["report_id"], old["report_id"])


def as_text(rows: Sequence[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        who = f"{row['agency']} {row['year'] or ''}".rstrip() if row["agency"] else row["title"] or "(no title)"
        unread = "  [unread]" if row["outcome"] == "unread" else ""
        lines.append(f"{row['change']:<8} {row['noticed']}  {row['county_code']} {who}{unread}\n         {row['url']}")
        lines += [f"         {_cell(cell)}" for cell in row["cells"]]
    counts = Counter(row["change"] for row in rows)
    lines.append(", ".join(f"{count} {change}" for change, count in sorted(counts.items())) or "nothing changed")
    return "\n".join(lines)


def _cell(cell: dict[str, Any]) -> str:
    return f"table {cell['table_no']} {cell['row']}__{cell['column']}: {cell['before']} -> {cell['now']}"


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "cells": "; ".join(map(_cell, row["cells"]))} for row in rows)
    return out.getvalue().rstrip("\n")


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1)
