"""The worlds beside the archetypes: size, traps, and a year that goes by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.archetypes import big, small, traps, years
from tests.archetypes.chrome import News
from tests.archetypes.making import outside_site
from tests.archetypes.model import Step, World
from tests.archetypes.server import Server
from tests.archetypes.walk import Walker


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def _walked(server: Server, world: World) -> Walker:
    server.clear()
    server.add([*world.sites, outside_site(server.port)])
    walker = Walker(server)
    walk = walker.walk(world)
    assert not walk.problems
    assert walk.requests == len(server.records())
    return walker


def test_big_portal_holds_120_reports_among_40000_pages(server: Server) -> None:
    world = big.build(server.port)
    _walked(server, world)
    assert len(world.reports) == 120
    assert world.minimal == 128
    news = small.article_path("jryw", 1259, News.date(1259))
    assert Walker(server).fetch(Step(world.portals[0].url.rstrip("/") + news))[0] == 200


def test_traps_can_be_walked_around(server: Server) -> None:
    world = traps.build(server.port)
    walker = _walked(server, world)
    assert {portal.outcome for portal in world.portals} == {"held", "disallowed", "unreachable"}
    assert all(set(report.sha256) & walker.received for report in world.reports)


@pytest.mark.parametrize(
    ("n", "path", "holds"),
    [
        (0, "zfxxgk/rili/?m=100000", "m=100001"),
        (1, "zfxxgk/mulu/?nf=3&zt=2", "nf=3&zt=2&jg=8"),
        (2, "zfxxgk/yi.html", "/zfxxgk/er.html"),
        (3, "zfxxgk/zfxxgknb/index_399.html", "createPageHTML(400, 0"),
        (5, "zfxxgk/hua/7.html", "2007年政府信息公开工作年度报告"),
    ],
)
def test_trap_has_no_bottom(server: Server, n: int, path: str, holds: str) -> None:
    world = traps.build_one(n)(server.port)
    server.add(world.sites)
    status, body = Walker(server).fetch(Step(world.portals[0].url + path))
    assert status == 200
    assert holds in body.decode()


def test_huge_page_is_huge(server: Server) -> None:
    world = traps.build_one(4)(server.port)
    server.add(world.sites)
    assert len(Walker(server).fetch(Step(world.portals[0].url + "zfxxgk/quanbu.html"))[1]) > 59 * 1024**2


def test_redirects_go_in_circles(server: Server) -> None:
    world = traps.build_one(2)(server.port)
    server.add(world.sites)
    walker = Walker(server)
    for letter in "abc":
        assert walker.fetch(Step(f"{world.portals[0].url}zfxxgk/huan/{letter}"))[0] == 302
    assert [target[-1] for target in walker.seen] == ["b", "c", "a"]


def test_first_year_and_second_year_can_be_walked(server: Server) -> None:
    before, after = years.first(server.port), years.second(server.port)
    assert [portal.url for portal in before.portals] == [portal.url for portal in after.portals]
    assert [site.address for site in before.sites] == [site.address for site in after.sites]
    _walked(server, before)
    _walked(server, after)


def test_a_year_changes_what_it_says(server: Server) -> None:
    before, after = years.first(server.port), years.second(server.port)
    old = {report.key: report for report in before.reports}
    new = {report.key: report for report in after.reports}
    kinds = {kind: [c for c in after.changes if c.kind == kind] for kind in ("changed", "withdrawn", "moved")}
    (changed,), (withdrawn,) = kinds["changed"], kinds["withdrawn"]
    key = (changed.code, changed.agency, changed.year)
    assert old[key].page_urls == new[key].page_urls
    assert not set(old[key].sha256) & set(new[key].sha256)
    assert (withdrawn.code, withdrawn.agency, withdrawn.year) not in new
    for moved in kinds["moved"]:
        key = (moved.code, moved.agency, moved.year)
        assert not set(old[key].page_urls) & set(new[key].page_urls)
    assert sum(report.year == 2025 for report in after.reports) == 15
    assert len(after.before) == len(before.reports)


def test_unchanged_pages_are_answered_304_where_the_server_knows(server: Server) -> None:
    world = years.first(server.port)
    server.add(world.sites)
    url = world.portals[3].url.rstrip("/") + small.COLUMN
    import http.client

    def ask(headers: dict[str, str]) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(world.sites[3].address, server.port, timeout=5)
        connection.request("GET", small.COLUMN, headers={"Host": url.split("/")[2], **headers})
        return connection.getresponse()

    first = ask({})
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert first.status == 200
    assert ask({"If-None-Match": tag}).status == 304
    assert ask({"If-Modified-Since": date}).status == 304
    assert ask({"If-None-Match": '"another"', "If-Modified-Since": date}).status == 200
