"""Counted at the server, with the real delay of a second: what portals see of a crawl."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from tests.transport.crawl import Prepared
from tests.transport.server import Answer, Hit, Site, page, plain

TEXT = (("Content-Type", "text/plain"),)
EARLY = 0.05
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
        return Answer(status=429, headers=(("Retry-After", "3"),))
    return plain(hit, site)


def breaking(hit: Hit, site: Site) -> Answer:
    if hit.path == "/1" and site.paths().count("/1") == 1:
        return Answer(raw=b"")
    return plain(hit, site)


def slow(hit: Hit, site: Site) -> Answer:
    answer = plain(hit, site)
    answer.seconds = 0.4
    return answer


def prepare() -> Prepared:
    sites = {
        "slow_robots": Site(slow_robots).start(),
        "closed": Site(closed).start(),
        "home": Site(home_for_everything).start(),
        "crawl_delay": Site(crawl_delay).start(),
        "broken": Site(broken_robots).start(),
        "overloaded": Site(overloaded).start(),
        "breaking": Site(breaking).start(),
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
    steps += [{"url": sites["breaking"].url(f"/{n}"), "label": f"breaking{n}"} for n in range(3)]
    steps += [{"url": sites["away"].url(f"/{n}"), "label": f"away{n}"} for n in range(2)]
    steps += [{"url": sites["target"].url(f"/own{n}"), "label": f"own{n}"} for n in range(2)]
    steps += [{"url": sites["one"].url(f"/{n}"), "label": f"one{n}"} for n in range(2)]
    steps += [{"url": sites["two"].url(f"/{n}", host="localhost"), "label": f"two{n}"} for n in range(2)]
    return Prepared(steps, sites, {"CRAWL_DELAY_MAX": 2.5, "BACKOFF_START": 0.2})


def test_robots_are_obeyed_by_those_who_wait_for_them(world: Prepared) -> None:
    assert world.done
    assert world.sites["slow_robots"].paths() == ["/yes/0", "/yes/1", "/yes/2"]
    assert {world[f"no{n}"]["outcome"] for n in range(5)} == {"disallowed"}


def test_robots_are_asked_for_once(world: Prepared) -> None:
    assert world.done
    assert world.sites["slow_robots"].paths(robots=True).count("/robots.txt") == 1


def test_a_closed_portal_gets_nothing_but_robots(world: Prepared) -> None:
    assert world.done
    assert world.sites["closed"].paths(robots=True) == ["/robots.txt"]
    assert [world[f"closed{n}"]["outcome"] for n in range(3)] == ["disallowed"] * 3


def test_a_home_page_in_place_of_robots_allows_all(world: Prepared) -> None:
    assert world.done
    assert world.sites["home"].paths() == ["/a"]


def test_a_server_that_fails_at_robots_is_not_asked_for_pages(world: Prepared) -> None:
    assert world.done
    assert world.sites["broken"].paths() == []
    assert world["broken0"]["outcome"] == "unreachable"
    assert "500" in world["broken0"]["reason"]


def test_crawl_delay_is_obeyed_up_to_the_limit(world: Prepared) -> None:
    assert world.done
    assert all(gap >= 2.5 - EARLY for gap in world.sites["crawl_delay"].gaps())
    assert len(world.sites["crawl_delay"].paths()) == 2
    assert "asks for 900 s" in world.done.log


def test_never_two_at_once_and_a_second_apart(world: Prepared) -> None:
    assert world.done
    for name, site in world.sites.items():
        assert site.most <= 1, name
        assert all(gap >= 1.0 - EARLY for gap in site.gaps()), (name, site.gaps())


def test_the_second_counts_from_the_end_of_the_answer(world: Prepared) -> None:
    assert world.done
    hits = world.sites["target"].hits
    for before, after in itertools.pairwise(hits):
        assert after.began - before.ended >= 1.0 - EARLY


def test_redirected_requests_wait_in_the_slot_of_their_target(world: Prepared) -> None:
    assert world.done
    assert sorted(world.sites["target"].paths()) == ["/from0", "/from1", "/own0", "/own1"]


def test_names_of_one_server_are_one_host(world: Prepared) -> None:
    assert world.done
    hits = sorted(world.sites["one"].hits + world.sites["two"].hits, key=lambda hit: hit.began)
    assert len(hits) == 6
    for before, after in itertools.pairwise(hits):
        assert after.began - before.ended >= 1.0 - EARLY


def test_retry_after_is_obeyed_and_the_pace_slows(world: Prepared) -> None:
    assert world.done
    site = world.sites["overloaded"]
    refused = next(hit for hit in site.hits if hit.path == "/1")
    after = [hit for hit in site.hits if hit.began > refused.began]
    assert after[0].began - refused.ended >= 3.0 - EARLY
    assert after[1].began - after[0].ended >= 1.7
    assert world["busy1"]["status"] == 200


def test_nobody_asks_again_at_once_when_a_connection_breaks(world: Prepared) -> None:
    assert world["breaking1"]["status"] == 200
    assert world.sites["breaking"].paths().count("/1") == 2


def test_the_user_agent_is_honest(world: Prepared) -> None:
    assert world.done
    agents = {hit.headers["user-agent"] for site in world.sites.values() for hit in site.hits}
    assert len(agents) == 1
    assert "gongkai" in agents.pop()


def prepare_hurry() -> Prepared:
    site = Site(plain).start()
    return Prepared([{"url": site.url(), "label": "a"}], {"site": site}, {"DOWNLOAD_DELAY": 0})


def test_a_delay_of_zero_does_not_start(prepared: Mapping[str, Prepared]) -> None:
    hurry = prepared[f"{__name__}.prepare_hurry"]
    assert hurry.done.exit_code == 1
    assert "DOWNLOAD_DELAY is 0" in hurry.done.log
    assert not hurry.sites["site"].hits
