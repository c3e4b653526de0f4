"""``scrapy verdict``: what a person says of a finding. It is kept in the archive and outlives every reread and rebuild.

Without arguments it shows the findings that wait for a verdict, the gravest first, each with what to type.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.portals import Refused

VERDICTS = ("confirmed", "dismissed", "note")
"""confirmed: the source is wrong. dismissed: there is an explanation. note: neither, but something to know."""
SHOWN = 50


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] [REPORT CHECK SUBJECT confirmed|dismissed|note]"

    def short_desc(self) -> str:
        return "Show suspicious findings, or record what a person says of one"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--note", default="", help="why, in a sentence")
        parser.add_argument("--by", default="", help="who says so (default: the name of the user)")
        parser.add_argument("--county", metavar="CODE", help="only findings of this county")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        try:
            for name in ("archive.db", "reports.db"):
                if not (folder / name).exists():
                    raise Refused(f"there is no {name} in {folder}; crawl first")
            if args:
                said = record(folder, args, opts.note, opts.by or getpass.getuser())
            else:
                said = waiting(folder, opts.county)
        except Refused as refusal:
            print(f"gongkai: {refusal}", file=sys.stderr)
            self.exitcode = 1
            return
        print(said)


def record(folder: Path, args: list[str], note: str, by: str) -> str:
    """Writes a verdict into the archive, and shows it in the dataset. Raises Refused."""
    if len(args) != 4 or not args[0].isdecimal():
        raise Refused("say which finding and what of it: REPORT CHECK SUBJECT confirmed|dismissed|note")
    report_id, check, subject, verdict = int(args[0]), *args[1:]
    if verdict not in VERDICTS:
        raise Refused(f"a verdict is {', '.join(VERDICTS)}, not {verdict}")
    if verdict == "note" and not note:
        raise Refused("a note needs --note TEXT")
    with Dataset(folder) as dataset:
        finding = dataset.finding(report_id, check, subject)
        if finding is None:
            raise Refused(f"report {report_id} has no finding {check} {subject}")
        row = {"sha256": finding["sha256"], "check": check, "subject": subject, "verdict": verdict}
        sides = {"left": finding["left"], "right": finding["right"]}
        with Archive(folder, alone=False) as archive:
            archive.record_verdict({**row, "note": note, "by": by, **sides})
            dataset.write_verdicts(archive.verdicts())
    return f"{finding['agency']} {finding['year']}, {check} {subject}: {verdict}" + (f" ({note})" if note else "")


def waiting(folder: Path, county_code: str | None) -> str:
    """The findings that nobody has judged, with the command for each."""
    with Dataset(folder) as dataset:
        rows = [row for row in dataset.suspicious(county_code) if row["verdict"] is None]
    lines = [
        f"{row['agency']} {row['year']}: {row['label_zh']}\n"
        f"  {row['left']} against {row['right']} ({row['severity']})   {row['url']}\n"
        f"  scrapy verdict {row['report_id']} {row['check']} '{row['subject']}' confirmed"
        for row in rows[:SHOWN]
    ]
    more = f"\n… and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return "\n".join(lines) + more if lines else "No finding waits for a verdict."
