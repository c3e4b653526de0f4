"""A list from its first page to its proven end: a state machine that cannot loop.

The walker counts different records, not pages. A page that brings nothing new, a pager that leads back, a stated count
that was not reached: each is a reason that stands in the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.listings.keys import record_key
from parsers.listings.model import Entry, Fetch, Page

PAGES = 400
"""Pages of one list. The longest list of reports seen has 618 rows; 400 pages of 10 hold six times that."""
PATIENCE = 2
"""Pages without anything new that are tolerated while the stated count says that more is to come."""
SETTING_UP = 5
"""Requests that a list may take until its first record: a frame, a script with identifiers, the interface, once more
in the words of an older version."""


@dataclass(slots=True)
class Walk:
    """``take`` every page of a list in turn; it gives the new entries and the next request, None at the end.

    Afterwards ``complete`` says whether the end was proved, ``reason`` how, or what stood in the way.
    """

    url: str
    title: str = ""
    system: str = ""
    agency: str = ""
    limit: int = PAGES
    pages: int = 0
    stated: int | None = None
    complete: bool = False
    reason: str = ""
    ended: bool = False
    dated: bool = False
    """True once a record had a date: records have one, links to sub-columns have not."""
    kept: int = 0
    """Records that whoever asked wanted; ``idle`` counts the pages in a row that had none."""
    linked: int = 0
    """Records that the page names without a list, by mere links."""
    idle: int = 0
    _records: set[str] = field(default_factory=set)
    _asked: set[tuple[str, str, bytes]] = field(default_factory=set)
    _barren: int = 0

    @property
    def entries(self) -> int:
        """Different records read so far."""
        return len(self._records) or self.linked

    def take(self, page: Page) -> tuple[list[Entry], Fetch | None]:
        """Take in one page of the list."""
        self.pages += 1
        self.system = page.system if self.pages == 1 or page.entries else self.system
        self.title = self.title or page.title
        if page.stated is not None:
            self.stated = page.stated
        fresh = self._fresh(page)
        self.dated = self.dated or any(entry.date for entry in fresh)
        self._barren = 0 if fresh or self.pages == 1 else self._barren + 1
        following = self._next(page, fresh)
        if following is not None:
            self._asked.add(_identity(following))
        return fresh, following

    def keep(self, count: int) -> None:
        """Note how many records of the page just taken were wanted."""
        self.kept += count
        self.idle = 0 if count else self.idle + 1

    def link(self, count: int) -> None:
        """Note how many records were wanted that the page just taken names by links alone."""
        self.kept += count
        self.linked += count
        if self.ended and self.stated is None and not self._records and self.linked:
            self._end(True, "no further page")

    def stop(self, reason: str) -> None:
        """The list cannot be followed any further (a request failed, the budget is spent)."""
        if not self.ended:
            self._end(False, reason)

    def _fresh(self, page: Page) -> list[Entry]:
        found = []
        for entry in page.entries:
            key = record_key(entry.url)
            if key not in self._records:
                self._records.add(key)
                found.append(entry)
        return found

    def _next(self, page: Page, fresh: list[Entry]) -> Fetch | None:
        if page.more is None:
            self._finish(page)
            return None
        if _identity(page.more) in self._asked:
            self._end(self._reached(), "the pager leads back to a page that was read")
            return None
        if self.pages >= self.limit:
            self._end(False, f"more than {self.limit} pages")
            return None
        if not self.entries:
            if self.pages <= SETTING_UP:
                return page.more
            self._end(False, "no records found")
            return None
        if not fresh and (self._barren > PATIENCE or not self._short()):
            if page.entries:
                self._end(self._reached(), f"page {self.pages} repeats what was read before")
            else:
                self._end(self._reached() or self.stated is None, "the page after the last is empty")
            return None
        return page.more

    def _finish(self, page: Page) -> None:
        """No way on: the end, unless the page itself states more records than were read."""
        if self._short():
            self._end(False, f"{self.stated} records stated, {self.entries} read")
        elif page.note and not page.entries:
            self._end(False, page.note)
        elif self._reached():
            self._end(True, "as many records as stated")
        elif page.last:
            self._end(True, "the pager says so")
        else:
            self._end(bool(self.entries), "no further page" if self.entries else "no records found")

    def _short(self) -> bool:
        return self.stated is not None and self.entries < self.stated

    def _reached(self) -> bool:
        return self.stated is not None and self.entries >= self.stated

    def _end(self, complete: bool, reason: str) -> None:
        self.ended, self.complete, self.reason = True, complete, reason


def _identity(fetch: Fetch) -> tuple[str, str, bytes]:
    return fetch.url.partition("#")[0], fetch.method, fetch.body
