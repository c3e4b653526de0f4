"""When something is due: a portal for its next visit, a document for being looked at again.

Reports appear from January to the end of March and are corrected in the weeks after; the rest of the year little
happens. Every rule is a number of days, so that a schedule can be read off this page.
"""

from __future__ import annotations

from datetime import date, timedelta

from scrapy.settings import BaseSettings

SEASON = ((1, 1), (4, 15))
"""First and last day of the months in which reports are published: governments have until 31 March, and are late."""
VISIT_IN_SEASON = 7
VISIT_ELSE = 60
RETRY = (1, 3, 7, 14, 30)
"""Days until a portal that gave no answer is tried again, by the number of visits in a row that got none."""
LOOK_IN_SEASON = 28
LOOK_ELSE = 180


DEAD = 28
"""Days until an address that brought nothing is tried again, times the number of tries, and at most LOOK_ELSE: what did
not answer is tried at the next visit, a link that proved dead or forbidden not every week."""


def today(settings: BaseSettings) -> date:
    """The day of this run: the setting TODAY (2026-02-01) for rehearsals, else the machine's."""
    return date.fromisoformat(settings["TODAY"]) if settings.get("TODAY") else date.today()


def in_season(day: date) -> bool:
    return SEASON[0] <= (day.month, day.day) <= SEASON[1]


def before(last: date | None, day: date) -> bool:
    """Whether something was done before a day. What a clock dates later was not: that clock was wrong, and what waited
    for it would wait for years. One day is left for the machines west of Greenwich, whose day begins later."""
    return last is not None and last <= day + timedelta(days=1)


def visit_due(last: date | None, failures: int, day: date) -> bool:
    """Whether a portal is to be visited: ``last`` visit, ``failures`` in a row that got no answer."""
    if last is None or not before(last, day):
        return True
    if failures:
        return day >= last + timedelta(days=RETRY[min(failures, len(RETRY)) - 1])
    if in_season(day) and not in_season(last):
        return True
    return day >= last + timedelta(days=VISIT_IN_SEASON if in_season(day) else VISIT_ELSE)


def ask_again(outcome: str, attempts: int, day: date) -> date:
    """When an address is asked again that brought no document on a day, for the ``attempts``th time."""
    return day if outcome == "unreachable" else day + timedelta(days=min(DEAD * attempts, LOOK_ELSE))


def ways_due(looked: date | None, day: date) -> bool:
    """Whether the pages that lead to a portal's lists are to be read, where new lists would stand."""
    return looked is None or not before(looked, day) or day >= looked + timedelta(days=LOOK_IN_SEASON)


def look_due(checked: date | None, published: str, day: date, *, read: bool = True) -> bool:
    """Whether a document that its list shows unchanged is to be asked for again, because it may have been replaced
    silently: sooner in the season for what was published in this year's season, and for what could not be read."""
    if checked is None or not before(checked, day):
        return True
    fresh = not read or (in_season(day) and published[:4] == str(day.year))
    return day >= checked + timedelta(days=LOOK_IN_SEASON if fresh else LOOK_ELSE)
