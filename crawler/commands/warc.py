"""``scrapy warc``: the archive as standard WARC files; WARC files of anybody through the same archive and readers."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.archive import Archive, ArchiveBusy
from crawler.commands.reread import close, reread
from crawler.dataset import Dataset
from crawler.due import today
from crawler.portals import Refused
from crawler.reading import ReadingRoom
from crawler.warc import FILE_BYTES, export, import_files


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "export FOLDER_OR_FILE | import FILE... [-a county=CODE]"

    def short_desc(self) -> str:
        return "Export the archive as WARC/1.1, or import WARC files"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="county=CODE", help="whose documents these are"
        )
        parser.add_argument(
            "--file-bytes", type=int, default=FILE_BYTES, help="export: begin another file at this size"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            opts.spargs = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("Invalid -a value, use -a county=CODE", print_help=False) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            county = opts.spargs.pop("county", "")
            if opts.spargs:
                raise Refused(f"warc takes -a county=, not {', '.join(sorted(opts.spargs))}")
            if county and not (len(county) == 6 and county.isascii() and county.isdecimal()):
                raise Refused(f"county is a code of six digits here, not {county!r}")
            match args:
                case ["export", target]:
                    self._export(Path(target), county, opts.file_bytes)
                case ["import", *files] if files:
                    self._import([Path(name) for name in files], county)
                case _:
                    raise Refused(f"say what to do: scrapy warc {self.syntax()}")
        except (Refused, ArchiveBusy) as refusal:
            print(f"gongkai: {refusal}", file=sys.stderr)
            self.exitcode = 1

    def _export(self, target: Path, county: str, file_bytes: int) -> None:
        assert self.settings is not None
        folder = Path(self.settings["DATA_DIR"])
        if not (folder / "archive.db").exists():
            raise Refused(f"there is no archive in {folder}; crawl first")
        with Archive(folder, write=False) as archive:
            done = export(archive, target, county or None, file_bytes)
        print(f"{done.documents} documents and {done.repeats} repeats in {len(done.files)} files:")
        for path in done.files:
            print(f"  {path}")

    def _import(self, files: list[Path], county: str) -> None:
        assert self.settings is not None
        folder = self.settings["DATA_DIR"]
        missing = [path for path in files if not path.is_file()]
        if missing:
            raise Refused(f"{missing[0]}: no such file")
        with Archive(folder) as archive:
            done = import_files(archive, files, county, self.settings.getint("DOCUMENT_MAX_BYTES"))
            counts = self._read(archive, folder)
        print(f"{done.documents} documents, {done.repeats} repeats, {done.portals} portals; {done.passed} passed over")
        for reason, count in sorted(done.refused.items()):
            print(f"  refused: {count} ({reason})")
        told = [f"{count} {name}" for name, count in sorted(counts.items()) if not name.startswith("findings/")]
        print("Read: " + (", ".join(told) or "nothing"))
        self.exitcode = 1 if done.refused else 0

    def _read(self, archive: Archive, folder: str) -> dict[str, int]:
        assert self.settings is not None
        room = ReadingRoom.from_settings(self.settings)
        try:
            with Dataset(folder) as dataset:
                counts = asyncio.run(reread(archive, dataset, room))
                close(archive, dataset, today(self.settings))
        finally:
            room.close()
        return dict(counts)
