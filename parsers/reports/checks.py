"""All checks of a report, one list of findings for each question: within it, against the year before, against others.

``evaluate`` needs the report alone; the others take the figures of several reports and know nothing of where they are
kept. What a check says is data: ``parsers/data/checks.json``.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers.reports import identities, narrative_checks
from parsers.reports.identities import Check, Figures, Finding, Rule, Status, checks, descriptions, every_check
from parsers.reports.model import Report

__all__ = [
    "Check",
    "Figures",
    "Finding",
    "Rule",
    "Status",
    "across_years",
    "against_agencies",
    "checks",
    "descriptions",
    "evaluate",
    "every_check",
    "sources",
]


def evaluate(report: Report) -> tuple[Finding, ...]:
    """What one report says of itself: the identities of its tables, and its text against them and its own parts."""
    figures = Figures.of(report)
    return (
        *identities.within(figures),
        *narrative_checks.against_tables(figures),
        *narrative_checks.parts(figures),
    )


def across_years(report: Figures, before: Figures | None) -> tuple[Finding, ...]:
    """A report against that of the year before (None: nobody holds it)."""
    return (*identities.across_years(report, before), *narrative_checks.year_on_year(report, before))


def against_agencies(county: Figures, agencies: Sequence[Figures], *, complete: bool) -> tuple[Finding, ...]:
    """A county's report against the sum of the reports of its agencies; ``complete``: all of them are held."""
    return tuple(identities.against_agencies(county, agencies, complete))


def sources(chosen: Figures, other: Figures) -> tuple[Finding, ...]:
    """The source of a report that counts against another source of the same report."""
    return tuple(identities.sources(chosen, other))
