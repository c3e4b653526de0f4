"""``scrapy merge``: folds the shards of many machines into one archive and one dataset.

Exit codes: 0 all is folded; 1 a shard, or a document of one, was left out; what is whole was folded, and the same
command goes on later; 2 all is folded, and the verdict is bad, as after a crawl: the last visit to a county found
something worse, or fewer reports are held in the whole than the registry's ``bound`` asks for.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler import due
from crawler.archive import Archive, ArchiveBusy
from crawler.dataset import Dataset
from crawler.ledger import last_due_year
from crawler.merge import Folded, merge
from crawler.portals import DEFAULT, Refused, load
from crawler.worse import of_the_whole


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--copies] [-a portals=FILE] SHARD ..."

    def short_desc(self) -> str:
        return "Fold the shards of many machines into one archive and dataset"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-a", dest="given", action="append", default=[], metavar="portals=FILE", help="the registry with the bounds"
        )
        parser.add_argument("--copies", action="store_true", help="look for copied texts in the whole, however large")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageError("name the folders of the shards", print_help=False)
        try:
            given = arglist_to_dict(opts.given)
        except ValueError:
            raise UsageError("-a takes NAME=VALUE", print_help=False) from None
        if given.keys() - {"portals"}:
            raise UsageError("merge takes -a portals=", print_help=False)
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        most = sys.maxsize if opts.copies else self.settings.getint("COPIES_AT_CLOSE")
        try:
            registry = load(given.get("portals") or DEFAULT)
            done = merge([Path(arg) for arg in args], folder, copies_up_to=most, say=complain)
        except (Refused, ArchiveBusy, OSError, RuntimeError) as refusal:
            complain(str(refusal.args[0] if isinstance(refusal, Refused) else refusal))
            self.exitcode = 1
            return
        except sqlite3.Error as error:
            complain(f"the merge stops ({error}); what was committed is kept: make room, then give the command again")
            self.exitcode = 1
            return
        for folded in done:
            print(told(folded))
        with Archive(folder, write=False) as archive, Dataset(folder) as dataset:
            worse = of_the_whole(archive, dataset, registry, last_due_year(due.today(self.settings)))
        for sentence in worse:
            print(f"Got worse: {sentence}")
        self.exitcode = 1 if any(folded.complaints for folded in done) else 2 if worse else 0


def complain(sentence: str) -> None:
    print(f"gongkai: {sentence}", file=sys.stderr)


def told(folded: Folded) -> str:
    new = (folded.documents, folded.reports, folded.runs, folded.counties)
    if not any(new):
        return f"{folded.shard}: nothing new"
    names = ("documents", "reports", "runs", "counties")
    return f"{folded.shard}: " + ", ".join(f"{count} {name}" for count, name in zip(new, names, strict=True))
