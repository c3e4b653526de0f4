"""Checks between reports: against the year before, against the sum over a county, between two sources of one report.

A county is checked when its ledger is closed and after it was read again. The same reports give the same findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from crawler.archive import Archive
from crawler.dataset import Dataset, Source
from parsers.reports import checks
from parsers.reports.checks import Finding

if TYPE_CHECKING:
    from parsers.reports.copies import Pair, Passage


def close_counties(archive: Archive, dataset: Dataset, county_codes: Iterable[str]) -> Counter[str]:
    """Checks the reports of some counties against each other, and takes over from the archive where and when they were
    seen and what people said of findings. Returns how many findings have each status."""
    counts: Counter[str] = Counter()
    for code in sorted(county_codes):
        counts += close_county(dataset, code)
        dataset.write_addresses(code, ({"county_code": code, **row} for row in archive.addresses(code)))
    dataset.write_verdicts(archive.verdicts())
    return counts


def close_county(dataset: Dataset, county_code: str) -> Counter[str]:
    """Replaces every finding between the reports of one county."""
    readings = dataset.figures(county_code)
    found: dict[int, list[Finding]] = {}
    for report_id, findings in (
        *_years(readings),
        *_agencies(readings, dataset.complete_years(county_code)),
        *_sources(readings),
    ):
        found.setdefault(report_id, []).extend(findings)
    dataset.write_across(county_code, found)
    return Counter(finding.status for findings in found.values() for finding in findings)


def _years(readings: list[Source]) -> Iterator[tuple[int, Iterable[Finding]]]:
    current = {(each.agency_id, each.year): each for each in readings if each.current}
    for (agency, year), report in current.items():
        before = current.get((agency, year - 1))
        yield report.id, checks.across_years(report.figures, before.figures if before else None)


def _agencies(readings: list[Source], complete: set[int]) -> Iterator[tuple[int, Iterable[Finding]]]:
    """The government's report counts the whole county, its office and departments and the townships together."""
    for county in readings:
        if county.current and county.kind == "county":
            others = [each for each in readings if each.current and each.year == county.year]
            agencies = [each.figures for each in others if each.kind != "county"]
            yield county.id, checks.against_agencies(county.figures, agencies, complete=county.year in complete)


def _sources(readings: list[Source]) -> Iterator[tuple[int, Iterable[Finding]]]:
    """Of each address only the newest version is a source; an older one is a change, not a disagreement."""
    newest: dict[tuple[int, int], dict[tuple[str, str | None], Source]] = {}
    for each in readings:
        places = newest.setdefault((each.agency_id, each.year), {})
        place = (each.url, each.document_url)
        if place not in places or places[place].last_run < each.last_run:
            places[place] = each
    for places in newest.values():
        chosen = next((each for each in places.values() if each.current), None)
        for other in places.values():
            if chosen is not None and other is not chosen:
                yield chosen.id, checks.sources(chosen.figures, other.figures)


def find_copies(dataset: Dataset) -> int:
    """Replaces the copied texts of the whole dataset; returns how many sections are copies.

    Each section of a report is compared with the same section of all others. Kept of each copy are its nearest twin
    among the agency's own earlier reports and its nearest among other agencies': the one that shares most, the earliest
    of equals.
    """
    kept: list[tuple[int, str, int, float]] = []
    for number, rows in groupby(dataset.texts(), key=lambda text: text.number):
        # numpy and the signatures are loaded where there are texts to compare
        from parsers.reports.copies import Passage, pairs

        passages = [
            Passage(text.report_id, text.agency_id, (text.year or 0, text.published, text.report_id), text.text)
            for text in rows
        ]
        kept += ((pair.key, number, pair.twin, pair.share) for pair in _nearest(passages, pairs(passages)))
    dataset.write_copies(kept)
    return len({(report_id, number) for report_id, number, _, _ in kept})


def _nearest(passages: Sequence[Passage], found: Iterable[Pair]) -> list[Pair]:
    known = {passage.key: passage for passage in passages}
    best: dict[tuple[int, bool], Pair] = {}
    for pair in found:
        place = (pair.key, known[pair.key].owner == known[pair.twin].owner)
        if place not in best or _rank(pair, known) < _rank(best[place], known):
            best[place] = pair
    return [best[place] for place in sorted(best)]


def _rank(pair: Pair, known: dict[int, Passage]) -> tuple[float, tuple[int, str, int]]:
    return (-pair.share, known[pair.twin].order)
