"""What the pages need besides the dataset: archived bytes, and worker processes that make them showable."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from crawler.archive import Archive
from crawler.browse import showing
from crawler.browse.showing import Shown, Spot
from crawler.reading import ReadingRoom, charset
from parsers.documents.limits import DEFAULT
from parsers.documents.model import Unread

T = TypeVar("T")

SECONDS = 40.0  # for one document; recognising a scan again may take longer and is then refused
MEGABYTES = 4096
REMEMBERED = 32
"""So many documents and page pictures stay in memory, as made."""


class NotArchived(LookupError):
    """The data folder has no archive, or the archive has no such document."""


class ShowingRoom(ReadingRoom):
    """Shows documents in processes bounded in time and memory, so that none can stop or take over the server."""

    def __init__(self, folder: Path) -> None:
        super().__init__(workers=1, seconds=SECONDS, megabytes=MEGABYTES, limits=DEFAULT)
        self.folder = folder
        self._made: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    async def body(self, sha256: str) -> bytes:
        """The bytes as served. Raises NotArchived."""
        return await asyncio.get_running_loop().run_in_executor(None, self._body, sha256)

    def _body(self, sha256: str) -> bytes:
        if not (self.folder / "archive.db").exists():
            raise NotArchived(sha256)
        with Archive(self.folder, write=False) as archive:
            try:
                return archive.body(sha256)
            except KeyError as missing:
                raise NotArchived(sha256) from missing

    async def charset(self, county_code: str, url: str, sha256: str) -> str:
        """The charset that the server declared for a document: a page may state it nowhere else. Empty when none."""
        return await asyncio.get_running_loop().run_in_executor(None, self._charset, county_code, url, sha256)

    def _charset(self, county_code: str, url: str, sha256: str) -> str:
        if not (self.folder / "archive.db").exists():
            return ""
        with Archive(self.folder, write=False) as archive:
            for code in (county_code, ""):  # documents that somebody already had are nobody's
                with suppress(KeyError):
                    return charset(archive.sighting(code, url, sha256).content_type)
        return ""

    async def warm(self) -> None:
        """Starts a worker and what it imports, so that the first visitor does not wait for it."""
        with suppress(Unread):
            await self._run(showing.show, b"<html><p>1</p></html>", [], "original")

    async def document(self, sha256: str, spots: Sequence[Spot], view: str, charset: str = "") -> Shown:
        """Raises NotArchived, Unread."""
        key = (sha256, tuple(spots), view, charset)
        return await self._remembered(key, showing.show, sha256, list(spots), view, charset)

    async def picture(self, sha256: str, number: int) -> bytes:
        """A page as PNG. Raises NotArchived, Unread."""
        return await self._remembered((sha256, number), showing.picture, sha256, number)

    async def _remembered(self, key: tuple[Any, ...], make: Callable[..., T], sha256: str, *rest: Any) -> T:
        if key in self._made:
            self._made.move_to_end(key)
            found: T = self._made[key]
            return found
        made = await self._run(make, await self.body(sha256), *rest)
        self._made[key] = made
        while len(self._made) > REMEMBERED:
            self._made.popitem(last=False)
        return made
