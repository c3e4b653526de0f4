"""``scrapy crawl files -a path=FOLDER``: documents that someone already has, through the same archive and readers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response

from crawler.items import Sighting
from crawler.portals import Refused

JUNK = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


class FilesSpider(scrapy.Spider):
    """Hands over every file below ``path``. ``county`` (a code) says whose they are when their titles do not."""

    name = "files"

    def __init__(self, path: str = "", county: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # contracts are checked without arguments, on stored files
        self.path = Path() if "SCRAPY_CHECK" in os.environ else self.check_arguments(path=path, county=county)
        self.county_code = county
        self.files = sum(1 for _ in documents_below(self.path)) if path else 0
        """How many there are to read."""

    @classmethod
    def check_arguments(cls, path: str = "", county: str = "", **unknown: str) -> Path:
        """The path as a Path. Raises Refused for a path that is not there or holds nothing."""
        if unknown:
            raise Refused(f"files takes -a path= and -a county=, not {', '.join(sorted(unknown))}")
        if not path:
            raise Refused("say which file or folder to read: -a path=FOLDER")
        if county and not (len(county) == 6 and county.isdecimal()):
            raise Refused(f"county is a code of six digits here, not {county!r}")
        found = Path(path)
        if not found.exists():
            raise Refused(f"{path}: no such file or folder")
        if next(documents_below(found), None) is None:
            raise Refused(f"{path}: no files in it")
        return found

    def recorded(self, folder: str, url: str) -> scrapy.Request:
        """The request for a stored file."""
        return scrapy.Request(url, self.parse, cb_kwargs={"file": Path(url)})

    async def start(self) -> AsyncIterator[Any]:
        for file in documents_below(self.path):
            yield scrapy.Request(file.resolve().as_uri(), self.parse, cb_kwargs={"file": file}, dont_filter=True)

    async def parse(self, response: Response, file: Path) -> AsyncIterator[Sighting]:
        """The file's own name is its only title; the bytes decide what it is.

        @recorded files
        @returns items 1 1
        """
        yield Sighting(
            county_code=self.county_code,
            url=response.url,
            page_url=response.url,
            body=response.body,
            titles=(file.stem,),
            via="file",
        )


def documents_below(path: Path) -> Iterator[Path]:
    """Every file at or below a path, in a fixed order; hidden files and those of file managers are left out."""
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.name not in JUNK and not file.name.startswith((".", "~$")):
            yield file
