"""What a survey could not read although reports may lie there; from it the ledger knows whom nobody may call absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crawler.items import Gap, PortalOutcome
from parsers.listings.keys import record_key
from parsers.listings.score import is_body
from spiders.tasks import Branch, Outcome, Task

MOST = 400
"""Gaps of one portal that are told one by one; more are one gap that concerns everybody."""
WORDS = 40
"""Words of one page without an address that are told apart by body."""
NAMED: dict[str, PortalOutcome] = {"blocked": "blocked", "disallowed": "disallowed", "unreachable": "unreachable"}
READ_AFTER_ALL = ("gone", "seen", "stopped")
"""Outcomes of a page that leave nothing unread: it does not exist, or is known under another address."""


class Gaps:
    """Gathers gaps by address and body; what is read later closes what was said of its address."""

    def __init__(self, before: Iterable[Gap] = ()) -> None:
        self.before = tuple(before)
        self.opened: set[str] = set()
        """Pages that were read in this visit."""
        self.doors: list[Gap] = []
        """Pages before the column that failed: a gap only where no other of their kind was read."""
        self._found: dict[tuple[str, str], Gap] = {}

    def add(self, url: str, reason: str, agency: str = "", outcome: PortalOutcome = "unlisted") -> None:
        self._found.setdefault((record_key(url), agency), Gap(url, outcome, reason, agency))

    def read(self, url: str) -> None:
        """A page was read (again): whatever was said of it before is said anew."""
        key = record_key(url)
        self.opened.add(key)
        for each in [each for each in self._found if each[0] == key]:
            del self._found[each]

    def concern(self, url: str) -> bool:
        key = record_key(url)
        return any(each[0] == key for each in self._found)

    def failed(self, task: Task, outcome: Outcome, reason: str) -> None:
        """A page that got no answer that can be used, where reports may lie behind it."""
        if outcome in READ_AFTER_ALL or task.purpose not in ("page", "list") or task.fetch.system or task.guess:
            return
        named = NAMED.get(outcome, "unlisted")
        why = f"a page on the way was not read: {task.fetch.url} ({reason or outcome})"
        body = task.branch.name if task.branch else ""
        if task.within or task.kind in ("column", "child", "directory", "body") or (task.kind == "hub" and body):
            self.add(task.fetch.url, why, body, named)
        elif task.kind == "hub":
            self.doors.append(Gap(task.fetch.url, named, why))

    def passed_over(self, task: Task, branch: Branch) -> None:
        """A body whose pages were not asked for, since those of its neighbours had nothing."""
        why = f"its own pages were not read, as those of others beside it had nothing new: {task.fetch.url}"
        self.add(task.fetch.url, why, branch.name)

    def inert(self, url: str, words: Iterable[str], branch: Branch | None) -> None:
        """Words inside the column that name years, bodies or reports, and that lead nowhere that anybody could read."""
        words = list(words)
        bodies = [word for word in words if is_body(word)]
        own = branch.name if branch else ""
        for word in bodies[:WORDS] if not own else ():
            self.add(url, f"its name leads nowhere that could be read: {url} ({word})", word)
        others = words if own else [*(word for word in words if word not in bodies), *bodies[WORDS:]]
        if others:
            some = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
            self.add(url, f"words of a list lead nowhere that could be read: {url} ({some})", own)

    def result(self, *, whole: bool, concluded: Callable[[], Iterable[Gap]]) -> tuple[Gap, ...]:
        """All gaps of the visit. Unless it looked at the ``whole`` portal, gaps of the last visit stay where nobody
        has been since."""
        found = [*self._found.values(), *concluded()]
        if not whole:
            had = {(record_key(gap.url), gap.agency) for gap in found}
            kept = [(record_key(gap.url), gap) for gap in self.before]
            found += [gap for key, gap in kept if key not in self.opened and (key, gap.agency) not in had]
        if len(found) > MOST:
            return (Gap(found[0].url, "unlisted", f"{len(found)} pages were not read, {found[0].url} among them"),)
        return tuple(found)
