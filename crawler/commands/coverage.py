"""``scrapy coverage``: what is held of whom and when, and why the rest is not, as a matrix of agencies and years."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.commands import show
from crawler.dataset import Dataset
from crawler.portals import Refused
from parsers.reports import divisions

COLUMNS = ("county_code", "county", "agency", "year", "outcome", "reason", "report_id")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[county code or name | province | all]"

    def short_desc(self) -> str:
        return "Show the outcome of every agency and year"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--format", choices=("text", "csv", "json"), default="text", help="text, csv or json")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        try:
            if not (folder / "reports.db").exists():
                raise Refused(f"there is no dataset in {folder}; crawl first")
            with Dataset(folder) as dataset:
                rows = rows_of(dataset, args[0] if args else "all")
        except Refused as refusal:
            print(f"gongkai: {refusal}", file=sys.stderr)
            self.exitcode = 1
            return
        show({"text": matrix, "csv": as_csv, "json": as_json}[opts.format](rows))


def rows_of(dataset: Dataset, where: str) -> list[dict[str, Any]]:
    """The ledger of a county (code or name), a province, or all. Raises Refused."""
    if where == "all":
        return dataset.coverage_of_province("")
    code = {where} if len(where) == 6 and where.isdecimal() else set()
    named = (*divisions.counties_named(where), *divisions.counties_of(where))
    found = code or {division.code for division in named}
    rows = dataset.coverage(sorted(found)) or dataset.coverage_of_province(where)
    if not rows:
        raise Refused(f"the ledger has no county and no province called {where}")
    return rows


def matrix(rows: Sequence[dict[str, Any]]) -> str:
    """Agencies down, years across, an outcome in each place."""
    years = sorted({row["year"] for row in rows}, reverse=True)
    table: dict[tuple[str, str], dict[int, str]] = {}
    for row in rows:
        table.setdefault((row["county_code"], row["agency"]), {})[row["year"]] = row["outcome"]
    width = max((_width(agency) for _, agency in table), default=0)
    lines = [(" " * width + "".join(f"  {year:<11}" for year in years)).rstrip()]
    county = ""
    for (code, agency), outcomes in table.items():
        if code != county:
            county = code
            lines.append(f"-- {code} {divisions.full_name(code)}".rstrip())
        cells = "".join(f"  {outcomes.get(year, ''):<11}" for year in years)
        lines.append(agency + " " * (width - _width(agency)) + cells.rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().rstrip("\n")


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps([{name: row[name] for name in COLUMNS} for row in rows], ensure_ascii=False, indent=1)
