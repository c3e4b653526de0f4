"""``scrapy crawl`` with the messages of the project: a refused argument is a sentence, a finished crawl a summary.

Exit codes: 0 the crawl ran to its end; 1 it was refused or stopped (nothing, or nothing more, was written); 2 it ran to
its end but the ledger's verdict is bad. With ``IF_BUSY = "skip"``, for schedules, a crawl that finds another one
writing into its folder ends at once with 0.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys

from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from crawler.archive import ArchiveBusy, reserve
from crawler.portals import Refused
from crawler.store import explained, prepare
from crawler.summary import newest_run, print_summary


class Command(CrawlCommand):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        if sys.stderr.isatty() and self.settings.getpriority("LOG_LEVEL") != SETTINGS_PRIORITIES["cmdline"]:
            # a terminal has the progress bar; plain lines are for logs
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one spider: county, files or portals")
        assert self.crawler_process is not None
        assert self.settings is not None
        folder = self.settings["DATA_DIR"]
        try:
            spider = self.crawler_process.spider_loader.load(args[0])
            check = getattr(spider, "check_arguments", None)
            if check is not None:
                check(**opts.spargs)
            reserve(folder)
            prepare(folder, self.settings.getfloat("DATABASE_TIMEOUT"))
        except ArchiveBusy as busy:
            skipped = self.settings.get("IF_BUSY", "refuse") == "skip"
            print(f"gongkai: {'skipped: ' if skipped else ''}{busy}", file=sys.stderr)
            self.exitcode = 0 if skipped else 1
            return
        except (Refused, KeyError, OSError) as refusal:
            print(f"gongkai: {refusal if isinstance(refusal, OSError) else refusal.args[0]}", file=sys.stderr)
            self.exitcode = 1
            return
        except (sqlite3.Error, RuntimeError) as refusal:
            print(f"gongkai: {folder} cannot be written to: {explained(refusal, folder)}", file=sys.stderr)
            self.exitcode = 1
            return
        before = newest_run(folder)
        super().run(args, opts)
        if self.exitcode:
            return
        try:
            self.exitcode = print_summary(folder, before, sys.stdout)
        except sqlite3.Error as error:
            print(f"gongkai: the summary cannot be read: {explained(error, folder)}", file=sys.stderr)
            self.exitcode = 1
