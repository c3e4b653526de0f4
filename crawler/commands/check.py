"""``scrapy check``: the contracts of the callbacks, proved on stored pages. It has no network and writes nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands.check import Command as CheckCommand

from crawler.contracts import RecordedContract

OFFLINE = {
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https", "file"), "crawler.contracts.Stored")
    | dict.fromkeys(("data", "ftp", "s3")),
    "SPIDER_CONTRACTS": {"crawler.contracts.RecordedContract": 1},
    # the duties of a crawl: politeness, robots.txt, the archive, the ledger
    "DOWNLOADER_MIDDLEWARES": {},
    "DOWNLOADER": "scrapy.core.downloader.Downloader",
    "EXTENSIONS": {},
    "ROBOTSTXT_OBEY": False,
    "RETRY_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "SPIDERMON_ENABLED": False,
}


class Command(CheckCommand):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        for name, value in OFFLINE.items():
            self.settings.set(name, value, priority="cmdline")
        RecordedContract.root = Path(self.settings.get("RECORDED_DIR", "tests/recorded"))
