"""``scrapy release``: the dataset as CSV, Parquet and Stata files, with codebook, checksums and changes."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler import release


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Write the dataset as one dated folder of files for other programs"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--to", metavar="FOLDER", help="where releases stand (default: releases in the data folder)"
        )
        parser.add_argument(
            "--previous", metavar="FOLDER", help="the release to compare with (default: the one before)"
        )
        parser.add_argument("--date", metavar="YYYY-MM-DD", help="date of the release (default: today)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        target = Path(opts.to) if opts.to else folder / "releases"
        try:
            day = date.fromisoformat(opts.date) if opts.date else date.today()
        except ValueError:
            print(f"gongkai: {opts.date} is no date; write it as 2026-01-31", file=sys.stderr)
            self.exitcode = 1
            return
        try:
            made = release.make(folder, target, day, Path(opts.previous) if opts.previous else None)
        except release.Refused as refusal:
            print(f"gongkai: {refusal}", file=sys.stderr)
            self.exitcode = 1
            return
        print(f"Release: {made}")
        print((made / "CHANGES.md").read_text("utf-8").rstrip())
