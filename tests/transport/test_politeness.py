"""Counted at the server, with the real delay of a second: what portals see of a crawl."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.transport.crawl import Crawl, crawl
from tests.transport.server import Answer, Hit, Site, page, plain

TEXT = (("Content-Type", "text/plain"),)
EARLY = 0.02
"""Seconds that a server's clock may see two requests closer than they were sent."""


def robots(rules: bytes, seconds: float = 0.0) -> Answer:
    return Answer(rules, headers=TEXT, seconds=seconds)


def slow_robots(hit: Hit, _: Site) -> Answer:
    if hit.path == "/robots.txt":
        return robots(b"User-agent: *\nDisallow: /no/", 0.7)
    return Answer(page(), seconds=0.1)


def closed(hit: Hit, _: Site) -> Answer:
    return robots(b"User-agent: *\nDisallow: /") if hit.path == "/robots.txt" else Answer(page())


def home_for_everything(_: Hit, __: Site) -> Answer:
    return Answer(page("首页 Disallow: /"))


def crawl_delay(hit: Hit, _: Site) -> Answer:
    return robots(b"User-agent: *\nCrawl-delay: 900") if hit.path == "/robots.txt" else Answer(page())


def broken_robots(hit: Hit, _: Site) -> Answer:
    return Answer(status=500) if hit.path == "/robots.txt" else Answer(page())


def overloaded(hit: Hit, site: Site) -> Answer:
    if hit.path == "/1" and site.paths().count("/1") == 1:
        return Answer(status=429, headers=(("Retry-After", "2"),))
    return plain(hit, site)


def slow(hit: Hit, site: Site) -> Answer:
    answer = plain(hit, site)
    answer.seconds = 0.4
    return answer


@dataclass
class World:
    crawl: Crawl
    sites: dict[str, Site]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    sites = {
        "slow_robots": Site(slow_robots).start(),
        "closed": Site(closed).start(),
        "home": Site(home_for_everything).start(),
        "crawl_delay": Site(crawl_delay).start(),
        "broken": Site(broken_robots).start(),
        "overloaded": Site(overloaded).start(),
        "target": Site(slow).start(),
        "one": Site(slow, address="127.0.0.1").start(),
        "two": Site(slow, address="127.0.0.1").start(),
    }
    target = sites["target"]

    def away(hit: Hit, site: Site) -> Answer:
        if hit.path == "/robots.txt":
            return plain(hit, site)
        return Answer(status=302, headers=(("Location", target.url(f"/from{hit.path[1:]}")),))

    sites["away"] = Site(away).start()
    steps = [{"url": sites["slow_robots"].url(f"/no/{n}"), "label": f"no{n}"} for n in range(5)]
    steps += [{"url": sites["slow_robots"].url(f"/yes/{n}"), "label": f"yes{n}"} for n in range(3)]
    steps += [{"url": sites["closed"].url(f"/{n}"), "label": f"closed{n}"} for n in range(3)]
    steps += [{"url": sites["broken"].url(f"/{n}"), "label": f"broken{n}"} for n in range(2)]
    steps += [{"url": sites["home"].url("/a"), "label": "home"}]
    steps += [{"url": sites["crawl_delay"].url(f"/{n}"), "label": f"delay{n}"} for n in range(2)]
    steps += [{"url": sites["overloaded"].url(f"/{n}"), "label": f"busy{n}"} for n in range(3)]
    steps += [{"url": sites["away"].url(f"/{n}"), "label": f"away{n}"} for n in range(2)]
    steps += [{"url": sites["target"].url(f"/own{n}"), "label": f"own{n}"} for n in range(2)]
    steps += [{"url": sites["one"].url(f"/{n}"), "label": f"one{n}"} for n in range(2)]
    steps += [{"url": sites["two"].url(f"/{n}", host="localhost"), "label": f"two{n}"} for n in range(2)]
    done = crawl(steps, CRAWL_DELAY_MAX=2.5, BACKOFF_START=0.2)
    yield World(done, sites)
    for site in sites.values():
        site.stop()


def test_robots_are_obeyed_by_those_who_wait_for_them(world: World) -> None:
    assert world.sites["slow_robots"].paths() == ["/yes/0", "/yes/1", "/yes/2"]
    assert {world.crawl[f"no{n}"]["outcome"] for n in range(5)} == {"disallowed"}


def test_robots_are_asked_for_once(world: World) -> None:
    assert world.sites["slow_robots"].paths(robots=True).count("/robots.txt") == 1


def test_a_closed_portal_gets_nothing_but_robots(world: World) -> None:
    assert world.sites["closed"].paths(robots=True) == ["/robots.txt"]
    assert [world.crawl[f"closed{n}"]["outcome"] for n in range(3)] == ["disallowed"] * 3


def test_a_home_page_in_place_of_robots_allows_all(world: World) -> None:
    assert world.sites["home"].paths() == ["/a"]


def test_a_server_that_fails_at_robots_is_not_asked_for_pages(world: World) -> None:
    assert world.sites["broken"].paths() == []
    assert world.crawl["broken0"]["outcome"] == "unreachable"
    assert "500" in world.crawl["broken0"]["reason"]


def test_crawl_delay_is_obeyed_up_to_the_limit(world: World) -> None:
    assert all(gap >= 2.5 - EARLY for gap in world.sites["crawl_delay"].gaps())
    assert len(world.sites["crawl_delay"].paths()) == 2
    assert "asks for 900 s" in world.crawl.log


def test_never_two_at_once_and_a_second_apart(world: World) -> None:
    for name, site in world.sites.items():
        assert site.most <= 1, name
        assert all(gap >= 1.0 - EARLY for gap in site.gaps()), (name, site.gaps())


def test_the_second_counts_from_the_end_of_the_answer(world: World) -> None:
    hits = world.sites["target"].hits
    for before, after in itertools.pairwise(hits):
        assert after.began - before.ended >= 1.0 - EARLY


def test_redirected_requests_wait_in_the_slot_of_their_target(world: World) -> None:
    assert sorted(world.sites["target"].paths()) == ["/from0", "/from1", "/own0", "/own1"]


def test_names_of_one_server_are_one_host(world: World) -> None:
    hits = sorted(world.sites["one"].hits + world.sites["two"].hits, key=lambda hit: hit.began)
    assert len(hits) == 6
    for before, after in itertools.pairwise(hits):
        assert after.began - before.ended >= 1.0 - EARLY


def test_retry_after_is_obeyed_and_the_pace_slows(world: World) -> None:
    site = world.sites["overloaded"]
    refused = next(hit for hit in site.hits if hit.path == "/1")
    after = [hit for hit in site.hits if hit.began > refused.began]
    assert after[0].began - refused.ended >= 2.0 - EARLY
    assert after[1].began - after[0].ended >= 1.7
    assert world.crawl["busy1"]["status"] == 200


def test_the_user_agent_is_honest(world: World) -> None:
    agents = {hit.headers["user-agent"] for site in world.sites.values() for hit in site.hits}
    assert len(agents) == 1
    assert "gongkai" in agents.pop()


def test_a_delay_of_zero_does_not_start() -> None:
    site = Site(plain).start()
    done = crawl([{"url": site.url(), "label": "a"}], DOWNLOAD_DELAY=0)
    site.stop()
    assert done.exit_code == 1
    assert "DOWNLOAD_DELAY is 0" in done.log
    assert not site.hits
