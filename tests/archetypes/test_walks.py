"""Every archetype can be crawled in exactly the requests it claims, and its servers do what they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.archetypes.catalogue import ARCHETYPES, DOCUMENTED
from tests.archetypes.making import outside_site
from tests.archetypes.model import World
from tests.archetypes.server import Server
from tests.archetypes.walk import Walker

REQUIRED = {
    "website report",
    "rule-of-law report",
    "guide",
    "rules",
    "infographic twin",
    "report of the parent city",
    "dead link",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(params=list(ARCHETYPES), scope="module")
def world(request: pytest.FixtureRequest, server: Server) -> World:
    server.clear()
    built = ARCHETYPES[request.param](server.port)
    server.add([*built.sites, outside_site(server.port)])
    return built


def test_scripted_walk_needs_exactly_the_minimal_requests_and_meets_every_report(world: World, server: Server) -> None:
    server.log.clear()
    walk = Walker(server).walk(world)
    assert not walk.problems
    missing = [
        report for report in world.reports if report.outcome != "blocked" and not set(report.sha256) & walk.received
    ]
    assert not missing
    assert walk.requests == world.minimal == len(server.records())


def test_minimal_is_the_documented_one(world: World) -> None:
    assert world.minimal == DOCUMENTED[world.key]


def test_every_look_alike_is_there(world: World) -> None:
    for portal in world.portals:
        if portal.outcome == "held":
            own = {decoy.why for decoy in world.decoys if any(host in decoy.url for host in portal.hosts)}
            assert own >= REQUIRED, portal


def test_one_report_stands_in_two_columns(world: World) -> None:
    assert any(len(report.page_urls) > 1 for report in world.reports)


def test_every_agency_and_year_is_expected_once(world: World) -> None:
    keys = [report.key for report in world.reports]
    assert len(keys) == len(set(keys))


def test_all_hosts_are_loopback_and_registered(world: World) -> None:
    assert all(site.address.startswith("127.") for site in world.sites)
    registered = {host for portal in world.portals for host in portal.hosts}
    assert {f"{name}:" for site in world.sites for name in site.names} == {
        f"{h.rpartition(':')[0]}:" for h in registered
    }
