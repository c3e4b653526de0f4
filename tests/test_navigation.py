# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
"""Navigation on small portals, each with one difficulty that county portals are known for."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from crawler.items import Known
from spiders.navigation import Limits
from tests.archetypes.server import Request, Response
from tests.listings.memory import HOST, found, page, report, rows, visit

GOOD = "清源县水务局2024年政府信息公开工作年度报告"
HOME = page('<a href="/zwgk/">政务公开</a>', "首页")
HUB = page('<a href="/nb/">政府信息公开年报</a><a href="/zn/">政府信息公开指南</a>', "政务公开")


def test_the_plain_way() -> None:
    trip = visit(
        {
            "/": HOME,
            "/zwgk/": HUB,
            "/nb/": page(rows({"/nb/1.html": GOOD}), "政府信息公开年报"),
            "/nb/1.html": report(GOOD),
        }
    )
    assert found(trip) == ["/nb/1.html"]
    assert len(trip.asked) == 4
    (end,) = trip.portals
    assert end.outcome == "held"
    assert end.trail == (f"http://{HOST}/nb/",)
    (read,) = trip.lists
    assert (read.complete, read.entries, read.title) == (True, 1, "政府信息公开年报")


def test_every_request_names_the_page_it_comes_from() -> None:
    trip = visit(
        {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"), "/nb/1.html": report(GOOD)}
    )
    referrers = [task.referrer.removeprefix(f"http://{HOST}") for task in trip.tasks]
    assert referrers == ["", "/", "/zwgk/", "/nb/"]


@pytest.mark.parametrize(
    "way",
    [
        "<li onclick=\"window.open('/nb/')\">政府信息公开年报</li>",
        '<a href="javascript:void(0)" onclick="location.href=\'/nb/\'">信息公开年报</a>',
        '<a href="/nb/"><img src="/i.png" alt="政府信息公开年报"></a>',
        '<select onchange="location.href=this.value"><option>请选择</option><option value="/nb/">政府信息公开工作年度报告</option></select>',
        '<map><area href="/nb/" alt="政府信息公开年报"></map>',
        "<script>document.write('<a href=\"/nb/\">政府信息公开年报</a>');</script>",
        "<script>var menu = [{name: '指南', url: '/zn/'}, {name: '政府信息公开年报', url: '/nb/'}];</script>",
        '<h3>政府信息公开年报 <a href="/nb/">更多&gt;&gt;</a></h3>',
        '<div class="tit"><span>政府信息公开年报</span><a class="more" href="/nb/">MORE</a></div>',
        '<iframe src="/nb/" width="100%"></iframe>',
        '<a href="\\nb\\">政府信息公开年报</a>',
        f'<a href="http:/{HOST}/nb/ ">历年年报</a>',
        '<a href="/tiao.html">信息公开年度报告</a>',
        '<a href="/meta.html">年度报告</a>',
    ],
)
def test_ways_a_column_is_linked(way: str) -> None:
    trip = visit(
        {
            "/": HOME,
            "/zwgk/": page(way, "政务公开"),
            "/tiao.html": '<html><body><script>var u = "./nb/"; location.replace(u);</script></body></html>',
            "/meta.html": '<html><head><meta http-equiv="refresh" content="0; url=/nb/"></head></html>',
            "/nb/": page(rows({"/nb/1.html": GOOD}), "政府信息公开年报"),
            "/nb/1.html": report(GOOD),
        }
    )
    assert found(trip) == ["/nb/1.html"]


def test_years_and_kinds_of_bodies_below_the_column() -> None:
    pages = {
        "/": HOME,
        "/zwgk/": HUB,
        "/nb/": page(
            '<ul><li><a href="/nb/a7/">2024年</a></li><li><a href="/nb/b2018/">2018年以前</a></li></ul>', "年报"
        ),
    }
    pages |= {
        f"/nb/{year}/": page(f'<a href="/nb/{year}/x/">乡镇街道</a><a href="/nb/{year}/y/">县直部门</a>', "年报")
        for year in ("a7", "b2018")
    }
    want = []
    for year in ("a7", "b2018"):
        for kind in "xy":
            path = f"/nb/{year}/{kind}/c.html"
            pages[f"/nb/{year}/{kind}/"] = page(rows({path: f"清源县{kind}局{year}政府信息公开工作年度报告"}), "年报")
            pages[path] = report(GOOD)
            want.append(path)
    assert found(visit(pages)) == sorted(want)


def test_a_column_that_is_itself_the_report() -> None:
    trip = visit(
        {
            "/": HOME,
            "/zwgk/": HUB,
            "/nb/": page('<a href="/nb/n2024n.htm">2024年</a>', "年报"),
            "/nb/n2024n.htm": report(GOOD),
        }
    )
    assert found(trip) == ["/nb/n2024n.htm"]


def test_select_boxes_of_the_annual_report_module() -> None:
    def module(request: Request) -> Response:
        area, year = request.query.get("area", "1"), request.query.get("fbtime", "2024")
        boxes = (
            '<select name="area"><option value="1137">水务局</option><option value="1138">教育局</option></select>'
            '<select name="fbtime"><option value="2024">2024年</option><option value="2023">2023年</option></select>'
        )
        text = report(f"{'水务局' if area == '1137' else '教育局'}{year}年政府信息公开工作年度报告")
        return Response(text.replace('<div class="main">', f'<div class="main">{boxes}').encode())

    trip = visit(
        {
            "/": HOME,
            "/zwgk/": page(
                '<a href="/module/xxgk/xxgkAnnualReport.jsp?area=1137&fbtime=2024">政府信息公开年报</a>', "政务公开"
            ),
            "/module/xxgk/xxgkAnnualReport.jsp": module,
        }
    )
    assert {
        parse_qs(one.url.partition("?")[2])["area"][0] + parse_qs(one.url)["fbtime"][0] for one in trip.sightings
    } == {
        "11372024",
        "11372023",
        "11382024",
        "11382023",
    }


def _directory(count: int, with_reports: bool) -> dict[str, str]:
    names = [f"{name}局" for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"[:count]]
    pages = {
        "/bm/": page(
            "<ul>" + "".join(f'<li><a href="/bm/{n}/">{name}</a></li>' for n, name in enumerate(names)) + "</ul>",
            "部门信息公开",
        )
    }
    for n, name in enumerate(names):
        column = f'<a href="/bm/{n}/nb/">政府信息公开年报</a>' if with_reports else "<p>机构职能：略。</p>"
        pages[f"/bm/{n}/"] = page(column, name)
        pages[f"/bm/{n}/nb/"] = page(
            rows({f"/bm/{n}/nb/1.html": f"{name}2024年政府信息公开工作年度报告"}), "政府信息公开年报"
        )
        pages[f"/bm/{n}/nb/1.html"] = report(GOOD)
    return pages


def test_every_body_of_a_directory_is_visited() -> None:
    trip = visit({"/": HOME, "/zwgk/": page('<a href="/bm/">部门信息公开</a>', "政务公开"), **_directory(20, True)})
    assert len(trip.sightings) == 20
    assert len(trip.asked) == 3 + 3 * 20
    assert len(trip.portals[0].agencies) == 20


def test_a_directory_that_leads_nowhere_is_left_early() -> None:
    hub = page('<a href="/nb/">政府信息公开年报</a><a href="/bm/">部门信息公开</a>', "政务公开")
    column = page(
        rows({f"/nb/{n}.html": f"清源县{n}镇2024年政府信息公开工作年度报告" for n in range(5)}), "政府信息公开年报"
    )
    articles = {f"/nb/{n}.html": report(GOOD) for n in range(5)}
    trip = visit({"/": HOME, "/zwgk/": hub, "/nb/": column, **articles, **_directory(20, False)})
    assert len(trip.sightings) == 5
    assert len(trip.asked) <= 4 + 5 + 6


def test_sub_sites_below_the_same_domain_and_no_others() -> None:
    sub = {
        "/": page('<a href="/nb/">政府信息公开年报</a>', "教育局"),
        "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"),
        "/nb/1.html": report(GOOD),
    }
    links = "".join(f'<li><a href="http://{host}/">{name}</a></li>' for host, name in (
        ("edu.qy.localhost", "教育局"), ("fin.qy.localhost", "财政局"), ("www.shi.localhost", "民政局"), ("www.sheng.localhost", "水务局")))  # fmt: skip
    home = page(f"<h3>部门网站</h3><ul>{links}</ul>", "首页")
    trip = visit(
        {"/": home},
        others={"edu.qy.localhost": sub, "fin.qy.localhost": {"/": page("建设中")}, "www.shi.localhost": sub},
    )
    assert [one.url for one in trip.sightings] == ["http://edu.qy.localhost/nb/1.html"]
    assert not [url for url in trip.asked if "shi.localhost" in url or "sheng.localhost" in url]


def test_news_are_never_read() -> None:
    def news(request: Request) -> Response:
        n = int(request.query.get("page", "1"))
        items = {f"/xwzx/{n}_{k}.html": f"清源县召开第{n}{k}次会议" for k in range(20)}
        return Response(page(rows(items) + f'<a href="/xwzx/?page={n + 1}">下一页</a>', "新闻中心").encode())

    home = HOME.replace("</body>", rows({f"/xwzx/1_{k}.html": f"县领导调研{k}" for k in range(20)}) + "</body>")
    trip = visit(
        {
            "/": home,
            "/xwzx/": news,
            "/zwgk/": HUB,
            "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"),
            "/nb/1.html": report(GOOD),
        }
    )
    assert len(trip.asked) == 4


def test_a_report_in_a_list_of_news_is_taken_but_the_news_are_not() -> None:
    def notices(request: Request) -> Response:
        n = int(request.query.get("page", "1"))
        items = {f"/gg/{n}_{k}.html": f"关于第{n}{k}号停水的公告" for k in range(20)}
        if n == 1:
            items["/gg/r.html"] = GOOD
        return Response(page(rows(items) + f'<a href="/zwgk/?page={n + 1}">下一页</a>', "政务公开").encode())

    trip = visit({"/": HOME, "/zwgk/": notices, "/gg/r.html": report(GOOD)})
    assert found(trip) == ["/gg/r.html"]
    assert len(trip.asked) <= 6


def test_look_alikes_are_counted_and_not_fetched() -> None:
    items = {
        "/nb/1.html": GOOD,
        "/nb/2.html": "清源县人民政府网站工作年度报表（2024年度）",
        "/nb/3.html": "清源县2024年法治政府建设年度报告",
        "/nb/4.html": "图解：清源县2024年政府信息公开工作年度报告",
    }
    trip = visit({"/": HOME, "/zwgk/": HUB, "/nb/": page(rows(items), "政府信息公开年报"), "/nb/1.html": report(GOOD)})
    assert len(trip.asked) == 4
    assert trip.counts["entries/lookalike"] == 3


def test_a_soft_404_is_no_report() -> None:
    trip = visit({"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD, "/nb/2.html": GOOD + "（修订）"}), "年报"),
                  "/nb/1.html": HOME, "/nb/2.html": page("<p>您访问的页面不存在</p>").replace("<ul", "<!--").replace("</ul>", "-->")})  # fmt: skip
    assert found(trip) == []


def test_attachments_of_a_page_without_text() -> None:
    body = f'<h1>{GOOD}</h1><div id="zoom"><p>附件：<a href="/down.jsp?wbfileid=7">点击查看</a></p></div>'
    trip = visit({"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"), "/nb/1.html": page(body),
                  "/down.jsp": Response(b"%PDF-1.4 x", media="text/html")})  # fmt: skip
    assert found(trip) == ["/down.jsp?wbfileid=7", "/nb/1.html"]
    file = next(one for one in trip.sightings if "down" in one.url)
    assert file.page_url == f"http://{HOST}/nb/1.html"
    assert file.titles[0] == GOOD
    assert file.referrer == file.page_url


def test_articles_that_a_script_fills_are_asked_for_by_rule() -> None:
    numbers = range(31, 39)
    shell = (
        "<div id='t'></div><script>var id = getQueryString('id');"
        "$.ajax({url: '/api/detail', type: 'POST', data: {id: id}, success: show});</script>"
    )

    def detail(request: Request) -> Response:
        text = (
            report(f"清源县{request.form['id']}局2024年政府信息公开工作年度报告")
            .partition('<div id="zoom">')[2]
            .partition("</div>")[0]
        )
        return Response(
            json.dumps(
                {"data": {"title": f"清源县{request.form['id']}局2024年政府信息公开工作年度报告", "content": text}}
            ).encode()
        )

    column = page(
        rows({f"/nb/view.html?id={n}": f"清源县{n}局2024年政府信息公开工作年度报告" for n in numbers}), "年报"
    )
    trip = visit({"/": HOME, "/zwgk/": HUB, "/nb/": column, "/nb/view.html": page(shell), "/api/detail": detail})
    assert len(trip.sightings) == len(numbers)
    assert len(trip.asked) == 3 + 1 + len(numbers)
    assert all(one.request[0] == "POST" for one in trip.sightings)


def test_a_browser_opens_each_page_once_when_nothing_readable_leads_on() -> None:
    trip = visit(
        {
            "/": HOME,
            "/zwgk/": HUB,
            "/nb/": page('<div id="list"></div><script>draw(atob("eJx"));</script>', "政府信息公开年报"),
        }
    )
    assert trip.renders == [f"http://{HOST}/{path}" for path in ("nb/", "zwgk/", "")]
    assert trip.portals[0].outcome == "unlisted"
    assert not trip.lists[0].complete


def test_the_budget_of_pages_ends_an_endless_portal() -> None:
    def endless(request: Request) -> Response:
        n = int(request.path.strip("/").rpartition("/")[2] or 0)
        return Response(
            page("".join(f'<a href="/t/{n * 5 + k}">政府信息公开年报</a>' for k in range(1, 6)), "目录").encode()
        )

    pages = {f"/t/{n}": endless for n in range(3000)}
    trip = visit({"/": page('<a href="/t/1">政府信息公开</a>'), **pages}, limits=Limits(pages=60))
    assert len(trip.asked) <= 65
    assert "budget" in trip.portals[0].reason


def test_redirects_in_a_circle_end() -> None:
    def shell(target: str) -> str:
        return f"<html><script>location.href='{target}';</script></html>"

    trip = visit({"/": shell("/a.html"), "/a.html": shell("/b.html"), "/b.html": shell("/a.html")})
    assert len(trip.asked) <= 5
    assert trip.portals[0].outcome == "unlisted"


def test_a_portal_that_is_down() -> None:
    trip = visit({}, entry="/weg/")
    assert trip.portals[0].outcome == "unreachable"


def test_a_split_text_becomes_one_document() -> None:
    def part(number: int, text: str) -> str:
        links = "".join(f'<a href="/nb/1{f"_{n}" if n > 1 else ""}.html">{n}</a>' for n in (1, 2, 3) if n != number)
        return page(f'<h1>{GOOD}</h1><div id="zoom">{text}</div><div class="page">{links}</div>', GOOD)

    pages = {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD}), "年报")}
    pages |= {
        "/nb/1.html": part(1, "<p>一、总体情况</p>"),
        "/nb/1_2.html": part(2, "<p>二、主动公开</p>"),
        "/nb/1_3.html": part(3, "<p>三、申请</p>"),
    }
    (sighting,) = visit(pages).sightings
    text = sighting.body.decode()
    assert text.index("一、总体情况") < text.index("二、主动公开") < text.index("三、申请")
    assert sighting.url == f"http://{HOST}/nb/1.html"


def test_the_next_visit_starts_at_the_trail() -> None:
    pages = {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"), "/nb/1.html": report(GOOD)}
    again = visit(pages, trail=visit(pages).portals[0].trail)
    assert [url.partition(HOST)[2] for url in again.asked] == ["/nb/", "/nb/1.html"]


def test_a_trail_that_is_gone_leads_back_to_the_entry() -> None:
    pages = {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"), "/nb/1.html": report(GOOD)}
    again = visit(pages, trail=(f"http://{HOST}/alt/",))
    assert found(again) == ["/nb/1.html"]
    assert again.portals[0].trail == (f"http://{HOST}/nb/",)


def test_a_defect_of_a_reader_costs_a_page_and_not_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(loaded: object) -> None:
        raise RuntimeError("defect")

    pages = {"/": HOME, "/zwgk/": HUB, "/nb/": page(rows({"/nb/1.html": GOOD}), "年报"), "/nb/1.html": report(GOOD)}
    monkeypatch.setattr("parsers.listings.article.read", broken)
    trip = visit(pages)
    assert found(trip) == ["/nb/1.html"]
    assert trip.counts["navigation/defects"] == 1


def _known(**dates: str) -> dict[str, Known]:
    return {
        f"http://{HOST}/nb/{name}.html": Known((f"清源县{name}局2024年政府信息公开工作年度报告",), day)
        for name, day in dates.items()
    }


def _column(names: str) -> dict[str, str]:
    pages = {f"/nb/{name}.html": report(f"清源县{name}局2024年政府信息公开工作年度报告") for name in names}
    return {
        "/": HOME,
        "/zwgk/": HUB,
        "/nb/": page(rows({f"/nb/{n}.html": f"清源县{n}局2024年政府信息公开工作年度报告" for n in names}), "年报"),
        **pages,
    }


def test_what_a_list_shows_unchanged_is_not_asked_for_again() -> None:
    trail = (f"http://{HOST}/nb/",)
    known = _known(甲="2025-01-16", 乙="2025-01-09")
    trip = visit(_column("甲乙丙"), trail=trail, known=known)
    assert found(trip) == ["/nb/丙.html", "/nb/乙.html"]
    assert len(trip.asked) == 3
    assert trip.portals[0].outcome == "held"


def test_a_document_that_left_its_list_is_asked_for_once() -> None:
    known = _known(甲="2025-01-16", 乙="2025-01-16", 丁="2025-01-16")
    trip = visit(_column("甲乙"), trail=(f"http://{HOST}/nb/",), known=known)
    assert [url.partition(HOST)[2] for url in trip.asked] == ["/nb/", "/nb/丁.html"]
    assert trip.counts["documents/missed_in_lists"] == 1


def test_a_portal_that_moved_is_not_asked_for_its_old_addresses() -> None:
    known = {f"http://{HOST}/alt/{n}.html": Known((f"{n}",), "2025-01-16") for n in range(40)}
    trip = visit(_column("甲"), known=known)
    assert len(trip.asked) == 4
