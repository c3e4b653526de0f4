"""Which edition of the form a whole report follows, and how two editions mix in one report."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.reports.model import Edition, Section, Table

_TABLED: frozenset[str] = frozenset({"proactive_table", "requests_table", "review_litigation_table"})
_OF_2014 = frozenset({"response", "capacity", "statistics"})
_OF_2008 = frozenset({"proactive", "on_request", "fees", "review_litigation"})


def told_by(tables: Sequence[Table]) -> Edition | None:
    """Table 2 differs most between editions, so it speaks first; then table 3, then the statistics of 2014."""
    for number in (2, 3, 1):
        for table in tables:
            if table.number == number and not table.refused:
                return table.edition
    return None


def of_report(tables: Sequence[Table], sections: Sequence[Section], year: int | None) -> Edition:
    """By the tables; a report without any by the names of its sections. Only where both say nothing, or where two
    editions have the same names (2021 and 2019, 2014 and 2008), the year decides."""
    told = told_by(tables)
    if told is not None:
        return told
    keys = {section.key for section in sections}
    if keys & _TABLED or any(key.startswith("overview.") for key in keys):
        return "2019" if year in (2019, 2020) else "2021"
    if keys & _OF_2014:
        return "2014"
    if keys & _OF_2008:
        return "2014" if year is not None and year >= 2014 else "2008"
    return by_year(year)


def by_year(year: int | None) -> Edition:
    """The edition in force for a report year: 2008 to 2013, 2014 to 2018, 2019 and 2020, from 2021 on."""
    if year is None or year >= 2021:
        return "2021"
    if year >= 2019:
        return "2019"
    return "2014" if year >= 2014 else "2008"
