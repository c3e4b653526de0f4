"""Nobody is called absent while something of theirs was not read; and what stands inside the column is followed."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import VERSION, Archive
from crawler.dataset import Dataset
from crawler.items import Gap, ListRead, NoDocument, PortalRead
from crawler.ledger import write_coverage
from crawler.portals import Portal
from parsers.listings.model import Link
from parsers.listings.score import Here, score
from spiders.navigation import Limits
from tests.archetypes.server import Response
from tests.listings.memory import HOST, Pages, found, page, report, rows, visit
from tests.listings.offline import Trip

HOME = page('<a href="/zwgk/">政务公开</a>', "首页")
HUB = page('<a href="/nb/">政府信息公开年报</a><a href="/zn/">政府信息公开指南</a>', "政务公开")
WALL = Response(b"", 403)
CODE, DAY = "640221", date(2026, 4, 10)
GOVERNMENT, TOWN = "平罗县人民政府", "平罗县陶乐镇人民政府"


def title(body: str, year: int = 2024) -> str:
    return f"清源县{body}{year}年政府信息公开工作年度报告"


def directory(bodies: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """A directory of bodies, with the report that only the government's list has."""
    links = "".join(f'<a href="/bm/{number}/">{name}局</a>' for number, name in enumerate(bodies))
    hub = page('<a href="/nb/">政府信息公开年报</a><a href="/bm/">部门信息公开</a>', "政府信息公开")
    own = {f"/bm/{number}/": page("<p>工作动态</p>", f"{name}局") for number, name in enumerate(bodies)}
    lists = {"/nb/": page(rows({"/nb/1.html": title("人民政府")}), "年报"), "/nb/1.html": report(title("人民政府"))}
    return {"/": HOME, "/zwgk/": hub, "/bm/": page(links, "部门信息公开"), **own, **lists, **(more or {})}


def gaps(trip: Trip) -> dict[str, str]:
    """Address -> body concerned, without what is said of strangers."""
    told = [gap for gap in trip.portals[0].gaps if not gap.strangers]
    return {gap.url.removeprefix(f"http://{HOST}"): gap.agency for gap in told}


def test_a_portal_that_was_read_leaves_no_gap() -> None:
    bodies = {f"/nb/{n}.html": title(f"{n}局") for n in ("教育", "财政", "水务")}
    pages: dict[str, Any] = {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows(bodies), "政府信息公开年报")}
    trip = visit(pages | {path: report(name) for path, name in bodies.items()})
    assert (len(found(trip)), gaps(trip)) == (3, {})


def test_a_page_of_a_body_that_failed_concerns_the_body() -> None:
    column = page('<a href="/bm/1/nb/">政府信息公开年报</a>', "教育局")
    pages = directory("水教财农", {"/bm/1/": column, "/bm/1/nb/": WALL, "/bm/2/": WALL})
    trip = visit(pages)
    said = {gap.agency: gap.outcome for gap in trip.portals[0].gaps if not gap.strangers}
    assert said["教局"] == "blocked"
    assert said["财局"] == "blocked"
    assert "" not in said


def test_bodies_that_a_dry_directory_passes_over_are_named() -> None:
    trip = visit(directory("甲乙丙丁戊己庚辛壬"))
    passed = [gap for gap in trip.portals[0].gaps if "were not read" in gap.reason]
    assert len(passed) == trip.counts["navigation/dry_directory"] == 3
    assert {gap.agency for gap in passed} == {"庚局", "辛局", "壬局"}


def test_bodies_without_a_list_are_no_gap_beside_a_list_of_all() -> None:
    alone = visit(directory("水教财农"))
    assert gaps(alone) == {f"/bm/{n}/": f"{name}局" for n, name in enumerate("水教财农")}
    names = {"/nb/1.html": title("人民政府"), "/nb/2.html": title("林业局"), "/nb/3.html": title("审计局")}
    shared = {"/nb/": page(rows(names), "年报"), **{path: report(name) for path, name in names.items()}}
    assert gaps(visit(directory("水教财农", shared))) == {}


def test_a_column_that_failed_and_a_budget_that_was_spent_concern_everybody() -> None:
    years = page('<a href="/nb/2024/">2024年</a><a href="/nb/2023/">2023年</a>', "政府信息公开年报")
    pages: dict[str, Any] = {
        "/": HOME,
        "/zwgk/": HUB,
        "/nb/": years,
        "/nb/2023/": WALL,
        "/nb/1.html": report(title("水务局")),
    }
    pages["/nb/2024/"] = page(rows({"/nb/1.html": title("水务局")}), "政府信息公开年报")
    assert gaps(visit(pages)) == {"/nb/2023/": ""}
    gap = visit(pages, limits=Limits(pages=4)).portals[0].gaps[0]
    assert (gap.agency, "budget" in gap.reason) == ("", True)


def test_words_without_an_address_are_tried_by_clicks_and_otherwise_a_gap() -> None:
    years = '<ul><li onclick="go(23)">2023年</li></ul><a onclick="go(1)">教育局</a>' + rows(
        {"/nb/1.html": title("水务局")}
    )
    pages: dict[str, Any] = {
        "/": HOME,
        "/zwgk/": HUB,
        "/nb/": page(years, "政府信息公开年报"),
        "/nb/1.html": report(title("水务局")),
    }
    tried = visit(pages)
    assert tried.renders == [f"http://{HOST}/nb/"]
    assert gaps(tried) == {}
    untried = visit(pages, limits=Limits(renders=0)).portals[0].gaps
    assert {gap.agency for gap in untried} == {"", "教育局"}


def test_a_table_of_bodies_whose_links_only_say_click_here() -> None:
    line = "<tr><td>{}</td><td>{}局</td><td><a href='{}'>点击查看</a></td></tr>"
    table = "".join(line.format(n, name, f"/nb/{n}.html") for n, name in enumerate(("教育", "财政", "水务")))
    year = "清源县2024年度政府信息公开工作年度报告汇总"
    column = {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/y.html": year}), "政府信息公开年报")}
    reports = {f"/nb/{n}.html": report("年报") for n in range(3)}
    trip = visit({**column, "/nb/y.html": page(f"<table>{table}</table>", year), **reports})
    assert found(trip) == list(reports)
    assert {one.agency for one in trip.sightings} == {"教育局", "财政局", "水务局"}


def test_numbers_that_continue_a_page_which_does_not_show_its_own() -> None:
    pages: dict[str, Any] = {"/": HOME, "/zwgk/": page('<a href="/?cat=12">政府信息公开年报</a>', "政务公开")}
    for number, name in enumerate("水教财", 1):
        others = "".join(f'<a href="/?cat=12&paged={n}">{n}</a>' for n in (1, 2, 3) if n != number)
        path = "/?cat=12" + (f"&paged={number}" if number > 1 else "")
        pages[path] = page(rows({f"/p{number}.html": title(f"{name}局")}) + f"<nav>{others}</nav>", "政府信息公开年报")
        pages[f"/p{number}.html"] = report(title(f"{name}局"))
    assert found(visit(pages)) == ["/p1.html", "/p2.html", "/p3.html"]


def test_further_pages_that_nobody_could_follow_are_a_gap() -> None:
    line = rows({"/nb/1.html": title("水务局"), "/nb/2.html": title("教育局"), "/nb/3.html": title("财政局")})
    pages: dict[str, Any] = {"/": HOME, "/zwgk/": HUB, **{f"/nb/{n}.html": report(title("水务局")) for n in (1, 2, 3)}}
    pages["/nb/"] = page(f'{line}<p><a href="/nb/b.html">5</a> <a href="/nb/c.html">9</a></p>', "政府信息公开年报")
    assert gaps(visit(pages)) == {"/nb/": ""}


def test_a_report_on_a_host_that_is_not_of_the_portal_is_listed() -> None:
    line = rows({"http://elsewhere.cn/1.html": title("水务局"), "/nb/2.html": title("教育局")})
    trip = visit({"/": HOME, "/zwgk/": HUB, "/nb/": page(line, "年报"), "/nb/2.html": report(title("教育局"))})
    assert found(trip) == ["/nb/2.html"]
    assert trip.counts["entries/off_the_portal"] == 1


def test_gaps_of_the_last_visit_stay_until_somebody_was_there() -> None:
    lists = {"/nb/": page(rows({"/nb/1.html": title("水务局")}), "年报"), "/nb/1.html": report(title("水务局"))}
    pages: Pages = {"/": HOME, "/zwgk/": HUB, **lists}
    old = (
        Gap(f"http://{HOST}/bm/7/", "unlisted", "was not read", "教育局"),
        Gap(f"http://{HOST}/nb/", "unlisted", "cut"),
    )
    again = visit(pages, trail=(f"http://{HOST}/nb/",), gaps=old)
    assert gaps(again) == {"/bm/7/": "教育局"}
    assert gaps(visit(pages, gaps=old)) == {}


def test_the_pages_of_a_list_are_read_once() -> None:
    pager = '<a href="/nb/{}.htm">下页</a>'
    pages: dict[str, Any] = {"/": HOME, "/zwgk/": page('<a href="/xxgknb/">政府信息公开年报</a>', "政务公开")}
    for number, path in enumerate(("/xxgknb/", "/xxgknb/2.htm", "/xxgknb/1.htm")):
        line = rows({f"/xxgknb/c{number}.html": title(f"{'水教财'[number]}局")})
        following = pager.format(2 - number).replace("/nb/", "/xxgknb/") if number < 2 else ""
        pages[path] = page(f"{line}<div>共3条 {following}</div>", "政府信息公开年报")
        pages[f"/xxgknb/c{number}.html"] = report(title(f"{'水教财'[number]}局"))
    trip = visit(pages)
    assert len(found(trip)) == 3
    assert len(trip.asked) == len(set(trip.asked))
    assert [read.complete for read in trip.lists] == [True]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("部门（乡镇）信息公开", "directory"),
        ("各镇（街道）、县直部门公开平台", "directory"),
        ("乡镇动态", "other"),
    ],
)
def test_names_of_directories(label: str, kind: str) -> None:
    link = Link("http://a.cn/x/", label)
    assert score(link, Here("http://a.cn/", disclosure=True)).kind == kind


@pytest.mark.parametrize("names", [("第一分类", "第二分类"), ("历史", "直属"), ("党群口", "农口")])
def test_what_stands_inside_the_column_alone_is_part_of_it(names: tuple[str, str]) -> None:
    groups = "".join(f'<a href="/nb/g{number}/">{name}</a>' for number, name in enumerate(names))
    pages: dict[str, Any] = {"/": HOME, "/zwgk/": HUB, "/nb/": page(groups, "政府信息公开年报")}
    for number in range(2):
        pages[f"/nb/g{number}/"] = page(rows({f"/nb/g{number}/1.html": title(f"{'水教'[number]}局")}), "")
        pages[f"/nb/g{number}/1.html"] = report(title(f"{'水教'[number]}局"))
    assert found(visit(pages)) == ["/nb/g0/1.html", "/nb/g1/1.html"]


def test_guesses_inside_the_column_end_soon() -> None:
    many = "".join(f'<a href="/nb/x{number}.html">甲{chr(0x4E00 + number)}</a>' for number in range(60))
    pages: dict[str, Any] = {
        "/": HOME,
        "/zwgk/": HUB,
        "/nb/": page(many + rows({"/nb/1.html": title("水务局")}), "政府信息公开年报"),
    }
    pages |= {f"/nb/x{number}.html": page("<p>无</p>", "") for number in range(60)}
    trip = visit(pages | {"/nb/1.html": report(title("水务局"))})
    assert len(trip.asked) <= 4 + 2


# what the ledger makes of it ----------------------------------------------------------------------------------------


def told(
    folder: Path, *gaps: Gap, lists: tuple[ListRead, ...] = (), lost: tuple[NoDocument, ...] = ()
) -> dict[str, str]:
    """Agency -> outcome of 2024."""
    portal = Portal(CODE, "平罗县", "http://a.cn/")
    with Archive(folder) as archive, Dataset(folder) as dataset:
        archive.open_run("county", {}, {})
        archive.register([portal])
        for one in (ListRead(CODE, "http://a.cn/nb/", "trs", "", 3, 3, True), *lists):
            archive.list_read(one)
        for each in lost:
            archive.no_document(each, DAY)
        archive.portal_read(PortalRead(CODE, "held", "", agencies=("平罗县教育局", "财政局"), gaps=gaps), DAY)
        assert archive.portal(CODE).gaps == archive.visit_memory(CODE).gaps == gaps  # type: ignore[union-attr]
        write_coverage(archive, dataset, portal, 2024, DAY)
        return {row["agency"]: row["outcome"] for row in dataset.coverage([CODE])}


def test_without_a_gap_everybody_is_absent(tmp_path: Path) -> None:
    assert set(told(tmp_path).values()) == {"absent"}


def test_a_gap_of_one_body_concerns_nobody_else(tmp_path: Path) -> None:
    said = told(tmp_path, Gap("http://a.cn/jyj/", "blocked", "a wall", "教育局"))
    assert (said["平罗县教育局"], said["平罗县财政局"], said[TOWN]) == ("blocked", "absent", "absent")


def test_a_gap_of_nobody_in_particular_concerns_everybody(tmp_path: Path) -> None:
    assert set(told(tmp_path, Gap("http://a.cn/nb/", "unlisted", "the budget was spent")).values()) == {"unlisted"}


def test_strangers_are_those_without_a_report_and_without_a_list(tmp_path: Path) -> None:
    own = ListRead(CODE, "http://a.cn/czj/nb/", "trs", "", 3, 3, True, "", "财政局")
    said = told(tmp_path, Gap("http://a.cn/nb/", "unlisted", "no list of several", strangers=True), lists=(own,))
    assert (said["平罗县教育局"], said["平罗县财政局"], said[TOWN]) == ("unlisted", "absent", "unlisted")


def test_a_broken_list_of_a_body_concerns_the_body(tmp_path: Path) -> None:
    broken = ListRead(CODE, "http://a.cn/czj/nb/", "trs", "", 3, 9, False, "9 stated, 3 read", "财政局")
    said = told(tmp_path, lists=(broken,))
    assert (said["平罗县教育局"], said["平罗县财政局"]) == ("absent", "unlisted")


def test_a_document_that_has_not_come_leaves_nobody_absent_whose_it_may_be(tmp_path: Path) -> None:
    file = NoDocument(CODE, "http://a.cn/1.pdf", "http://a.cn/1.html", "unreachable", "no answer", "附件1")
    assert set(told(tmp_path, lost=(file,)).values()) == {"unreachable"}


def test_an_archive_without_gaps_gets_them(tmp_path: Path) -> None:
    Archive(tmp_path).close()
    with sqlite3.connect(tmp_path / "archive.db") as connection:
        connection.execute("alter table portals drop column gaps")
        connection.execute("pragma user_version = 2")
    with Archive(tmp_path) as archive:
        assert archive.visit_memory(CODE).gaps == ()
        assert archive.db.execute("pragma user_version").fetchone()[0] == VERSION
