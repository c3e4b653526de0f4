"""What got worse in a run without a page that proves it, and what fell below the bound of the registry: one sentence
each. A run for which there is one has the verdict ``bad`` (exit code 2); what was held before stays as it is.

A page that proves a loss is the answer that a document is gone (404, 410, or a page that says so).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.portals import Portal


def worse(archive: Archive, dataset: Dataset, portals: Iterable[Portal], before: Mapping[str, str]) -> Iterator[str]:
    """``before`` is how each portal's visit had ended in the ledger before this run (code -> outcome)."""
    portals = list(portals)
    begun = archive.begun_visits()
    replaced = _replaced(archive, dataset)
    for portal in portals:
        name = f"{portal.code} {portal.name}"
        if portal.code in begun:
            yield f"{name}: the visit began and did not end, and nothing says why; the log has the error"
            continue
        read = archive.portal(portal.code)
        if read is not None and before.get(portal.code) == "held" and read.outcome != "held":
            yield f"{name}: reports were found there before, and now the portal is {read.outcome} ({read.reason})"
        if gone := _unlisted(archive, dataset, portal):
            yield f"{name}: {_few(gone)} in no list any more, and no page says that it is gone"
        if spoiled := replaced.get(portal.code):
            yield f"{name}: {_few(spoiled)} replaced by something that is no report"


def below(dataset: Dataset, portals: Iterable[Portal], year: int) -> Iterator[str]:
    """Counties of which fewer reports of the last year that is due are held than the registry's ``bound`` asks for."""
    for portal in portals:
        held = dataset.count_held(portal.code, year) if portal.bound else 0
        if held < portal.bound:
            yield f"{portal.code} {portal.name}: {held} reports of {year} held, the registry asks for {portal.bound}"


def of_the_whole(archive: Archive, dataset: Dataset, registry: Iterable[Portal], year: int) -> list[str]:
    """The same sentences for what many machines crawled: what the last visit to each county found worse, and the bounds
    held against the whole, because a shard may hold only some of a county's reports."""
    bad = archive.stats_of_bad_visits()
    found = [
        sentence
        for code, stats in sorted(bad.items())
        for sentence in stats.get("worse", ())
        if sentence.startswith(f"{code} ") and sentence not in stats.get("below", ())
    ]
    visited = {portal.code for portal in archive.registered()}
    return found + list(below(dataset, (portal for portal in registry if portal.code in visited), year))


def _unlisted(archive: Archive, dataset: Dataset, portal: Portal) -> list[str]:
    """Agencies and years all of whose pages were lost by the lists at the last visit and that it found nowhere else."""
    memory = archive.visit_memory(portal.code)
    now = [url for url, run_id in memory.lost.items() if run_id == memory.run_id]
    return dataset.only_at(portal.code, now, memory.lost, memory.run_id or 0) if now else []


def _replaced(archive: Archive, dataset: Dataset) -> dict[str, list[str]]:
    """County -> reports whose address has another document since this run that is no report, and that this run found
    nowhere else."""
    found: dict[str, list[str]] = {}
    for code, url, sha256 in archive.changed_documents(archive.run_id or 0):
        if dataset.read_as(code, url, sha256).get("outcome") != "held":
            found.setdefault(code, []).extend(dataset.only_at(code, [url], [url], archive.run_id or 0))
    return {code: sorted(set(reports)) for code, reports in found.items() if reports}


def _few(reports: list[str], most: int = 3) -> str:
    some = ", ".join(reports[:most]) + (" …" if len(reports) > most else "")
    return f"{len(reports)} reports ({some})"
