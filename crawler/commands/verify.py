"""``scrapy verify``: every document against its hash, every link between rows, and what one file says of the other."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.portals import Refused


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "Prove that archive and dataset are whole"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        if not (folder / "archive.db").exists():
            print(f"gongkai: there is no archive in {folder}", file=sys.stderr)
            self.exitcode = 1
            return
        try:
            problems = self._problems(folder)
        except Refused as refusal:
            print(f"gongkai: {refusal}", file=sys.stderr)
            self.exitcode = 1
            return
        print(f"{folder}: {problems or 'no'} problems")
        self.exitcode = 1 if problems else 0

    def _problems(self, folder: Path) -> int:
        problems = 0
        with Archive(folder, write=False) as archive, Dataset(folder) as dataset:
            for problem in archive.problems():
                problems += 1
                print(problem)
            for problem in dataset.problems():
                problems += 1
                print(problem)
            for sha256 in dataset.documents_cited():
                if not archive.holds(sha256):
                    problems += 1
                    print(f"{dataset.path}: read from document {sha256}, which the archive does not hold")
        return problems
