"""Portals that nobody tuned the crawl for: a survey without a network finds every report of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawler.items import PortalRead, Sighting
from crawler.portals import Portal as Registered
from parsers.listings.text import squeeze
from parsers.reports.title import judge
from spiders.navigation import Output, Reply, Survey, Task
from tests.archetypes.server import Request
from tests.rehearsal.country import SHARES, Place, country, rows
from tests.rehearsal.portals import Portal

PORT = 8000
FAST = ("lonsun", "gkmlpt", "channel")
EVERY = [pytest.param(name, marks=() if name in FAST else (pytest.mark.long,)) for name in SHARES]


def crawl(place: Place) -> tuple[set[str], int, Portal, PortalRead]:
    """(titles of report pages and files that were handed over, requests, the portal, how it ended)."""
    portal = Portal(place, PORT)
    survey = Survey(Registered(place.code, place.county.name, f"http://{place.address}:{PORT}/"))
    found: set[str] = set()
    requests = 0

    def results(outputs: list[Output]) -> Iterator[Task]:
        for one in outputs:
            if isinstance(one, Task):
                yield one
            elif isinstance(one, Sighting):
                found.update(squeeze(title) for title in one.titles if judge(title).kind == "report")
            elif isinstance(one, PortalRead):
                ended.append(one)

    ended: list[PortalRead] = []
    waiting = list(results(survey.begin()))
    while waiting:
        task = waiting.pop(0)
        requests += 1
        fetch = task.fetch
        target = fetch.url.split(f":{PORT}", 1)[1].split("#")[0]
        headers = {name.lower(): value for name, value in fetch.headers}
        answer = portal.answer(Request("http", place.address, fetch.method, target, headers, fetch.body))
        if answer.status != 200:
            waiting += results(survey.fail(task, "gone", f"status {answer.status}"))
        else:
            reply = Reply(fetch.url, answer.body, answer.media, 200, "http", (), ())
            waiting += results(survey.receive(task, reply))
    return found, requests, portal, ended[0]


@pytest.mark.parametrize("system", EVERY)
def test_every_report_of_a_portal_is_found(system: str) -> None:
    place = next(place for place in country() if place.system == system)
    found, requests, portal, ended = crawl(place)
    assert {squeeze(row.item.title) for row in rows(place) if row.form} <= found
    assert ended.outcome == "held"
    assert requests <= 1.15 * portal.minimal


def test_a_county_is_the_same_in_every_selection() -> None:
    assert len(country()) == 2845
    some = country(7)
    assert all(place in country() for place in some)
    assert len({place.address for place in country()}) == 2845
    assert [row.item.title for row in rows(some[3])] == [row.item.title for row in rows(country(7)[3])]
