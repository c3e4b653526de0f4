"""What a link names, what a page says of itself, what that proves, and what becomes of a registry row."""

from __future__ import annotations

import base64
import csv
import logging
from collections import deque
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crawler import portals as registry
from crawler.portals import Refused, Row, load_rows, take_in, write_rows
from parsers.listings.model import Loaded
from parsers.portals import Explored, Finding, Identity, Source, Visit, identify, judge, named, ways
from parsers.portals.links import allowed, directories, ending, unwrap
from parsers.portals.names import names
from parsers.portals.proof import owners, says
from parsers.reports import divisions
from spiders.county import County
from spiders.exploration import Exploration, Limits, Reply, Task

FRONT = "http://www.shizuishan.gov.cn/"
PINGLUO = "http://www.pingluo.gov.cn/"


def page(body: str, url: str = FRONT, charset: str = "utf-8") -> Loaded:
    return Loaded(url, body.encode(charset))


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parent", "code"),
    [
        ("平罗县", "640200", "640221"),
        ("平 罗 县", "640200", "640221"),
        ("【平罗县】", "640200", "640221"),
        ("平罗", "640200", "640221"),
        ("中国·平罗", "640200", "640221"),
        ("平罗县人民政府门户网站", "640200", "640221"),
        ("石嘴山市平罗县政府网", "640200", "640221"),
        ("宁夏平罗", "640200", "640221"),
        ("郟县", "410400", "410425"),  # a variant character
        ("平罗县教育局", "640200", ""),
        ("平罗新闻网", "640200", ""),
        ("平罗县政务服务网", "640200", ""),
        ("平罗县人民政府关于做好春耕工作的通知", "640200", ""),
        ("石嘴山高新区", "640200", ""),
        ("银川市", "640200", ""),
        ("平罗县", "640100", ""),  # somebody else's child
        ("平罗县", "640000", "640221"),  # a grandchild
        ("朝阳", "210000", "211300"),  # the prefecture 朝阳市 before 朝阳县 below it
        ("朝阳县", "210000", "211321"),
        ("哈密市", "650000", "650500"),  # today's name before 伊州区's former one
        ("鼓楼区", "320000", ""),  # two in one province
        ("海南州", "630000", "632500"),
        ("大通县", "630100", "630121"),
        ("湟中县", "630100", "630106"),  # its name until 2019
        ("第八师石河子市", "650000", "659001"),
        ("达茂旗", "150200", "150223"),
    ],
)
def test_a_link_names_a_division_or_nothing(text: str, parent: str, code: str) -> None:
    found = named(text, parent)
    assert (found.division.code if found else "") == code


def test_a_heading_decides_between_two_of_one_name() -> None:
    found = named("鼓楼区", "320000", "徐州市")
    assert found is not None
    assert found.division.code == "320302"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("平罗县人民政府", "640221", "government"),
        ("欢迎访问平罗县人民政府网站！", "640221", "government"),
        ("平罗县人民政府门户网站(IPv6)", "640221", "government"),
        ("政务公开 - 平罗县人民政府门户网站", "640221", "government"),
        ("中共平罗县委 平罗县人民政府", "640221", "government"),
        ("平罗县人民政府办公室", "640221", "government"),
        ("北京石景山", "110107", "name"),
        ("平罗网", "640221", "name"),
        ("平罗县教育局_平罗县人民政府", "640221", "organ"),
        ("中共平罗县委宣传部", "640221", "organ"),
        ("平罗县融媒体中心", "640221", "organ"),
        ("平罗县政务服务网", "640221", "organ"),
        ("平罗县公众信息网", "640221", "name"),
        ("惠农区人民政府", "640221", "other"),
        ("石嘴山市人民政府", "640221", "other"),
        ("南京市鼓楼区人民政府", "320302", "other"),
        ("哈密市人民政府", "650502", "other"),
        ("第八师石河子市", "659001", "government"),
        ("首页", "640221", ""),
    ],
)
def test_what_a_title_says(text: str, code: str, said: str) -> None:
    assert says(text, code) == said


def test_codes_lead_to_todays_divisions() -> None:
    assert owners("6402210001") == ("640221",)
    assert owners("6321210001") == ("630203",)  # 平安县 of the 地区, then of the 市, then 平安区
    assert owners("4403920006") == ()  # a zone


# -- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [
        f'<ul><li><a href="{PINGLUO}">平罗县</a></li></ul>',
        f'<a href="{PINGLUO}" title="平罗县"><img src="a.png"></a>',
        f'<select onchange="go(this)"><option value="">县区</option><option value="{PINGLUO}">平罗县</option></select>',
        f'<map><area coords="1,2" alt="平罗县" href="{PINGLUO}"></map>',
        f"<span onclick=\"window.open('{PINGLUO}')\">平罗县</span>",
        f'<script>var a=[{{name:"平罗县",url:"{PINGLUO}"}}]</script>',
        f"<script>var a=[['平罗县','{PINGLUO}'],['x','y']]</script>",
        f'<script>var a={{"平罗县":"{PINGLUO}"}}</script>',
        f'<script>var a=[{{"link":"{PINGLUO}".x,"t":"平罗县"}}]</script>',
        '<script>s.add(new Option("\\u5e73\\u7f57\\u53bf","http:\\/\\/www.pingluo.gov.cn\\/"))</script>',
        f"<script>document.write('<li><a href=\"{PINGLUO}\">平罗县</a></li>')</script>",
        f"<script>h += '<option value=\"{PINGLUO}\">';\nh += '平罗县</option>';</script>",
        '<a href="/link?url=http%3A%2F%2Fwww.pingluo.gov.cn%2F">平罗县</a>',
        '<a href="/link?url=http%253A%252F%252Fwww.pingluo.gov.cn%252F">平罗县</a>',
        '<a href="/tz.jsp?id=3&target=www.pingluo.gov.cn/">平罗县</a>',
        f'<a href="/go?u={base64.b64encode(PINGLUO.encode()).decode()}">平罗县</a>',
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_links_are_read_however_they_are_written(block: str, charset: str) -> None:
    text = f"<!DOCTYPE html><html><head><title>石嘴山市人民政府</title></head><body><p>政府</p>{block}</body></html>"
    assert (PINGLUO, "平罗县") in {(way.url, way.text) for way in ways(page(text, charset=charset))}


def test_commented_menus_are_not_links() -> None:
    block = f'<script>/* a=["平罗县","{PINGLUO}"] */\n// b=["平罗县","{PINGLUO}"]\n</script>'
    assert not ways(page(f"<html><body>{block}<!-- <a href='{PINGLUO}'>平罗县</a> --></body></html>"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://www.pingluo.gov.cn/",
        "http://www.gov.cn@evil.example/",
        "http://10.0.0.1/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://2130706433/",
        "http://localhost/",
        "http://a.gov.cn:99999/",
        "http://a.gov.cn/\u202eb",
        "http://" + "a" * 2000,
    ],
)
def test_disguised_and_private_addresses_are_not_followed(url: str) -> None:
    assert not allowed(url)


def test_only_jump_pages_of_the_own_site_are_unwrapped() -> None:
    share = "http://service.weibo.com/share?url=http%3A%2F%2Fevil.example%2F"
    assert unwrap(share, FRONT) == share
    assert ending("http://www.bj.gov.cn/") == ending(PINGLUO) == "gov.cn"


def test_guides_are_pages_of_the_same_site_best_first() -> None:
    links = (
        '<a href="/dh/">网站导航</a><a href="/qx/">各县（区）政府网站</a><a href="http://x.gov.cn/">网站地图</a>'
        '<a href="/d/">县区动态</a><a href="/y/">友情链接</a>'
    )
    found = directories(ways(page(f"<html><body>{links}</body></html>")), FRONT)
    assert list(found) == [FRONT + "qx/", FRONT + "dh/", FRONT + "y/"]


# -- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        '<meta content="6402210001" name="SiteIDCode">',
        "<p>政府网站标识码：6402210001 宁公网安备64022102000001号</p>",
        "<p>网站标识码 <b>6402210001</b></p>",
        '<a href="https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=6402210001&url=x">找错</a>',
        "<script>document.writeln('<p>政府网站标识码:<span>6402210001</span></p>')</script>",
        "<script>var site_code = '6402210001';</script>",
    ],
)
def test_a_code_is_found_wherever_it_stands(body: str) -> None:
    assert identify(page(f"<html><body><p>平罗</p>{body}</body></html>")).codes == ("6402210001",)


def test_numbers_that_are_no_code() -> None:
    body = (
        '<meta name="SiteIDCode" content="bm29000002"><p>电话 0952-6095432 标识码：310000000044 备案64022102000001</p>'
    )
    assert not identify(page(f"<html><body>{body}<!-- 标识码：6402210001 --></body></html>")).codes


@pytest.mark.parametrize(
    ("footer", "runner"),
    [
        ("主办：平罗县人民政府 承办：平罗县融媒体中心", "平罗县人民政府"),
        ("主办单位：平罗县人民政府办公室承办单位：信息中心", "平罗县人民政府办公室"),
        ("平罗县人民政府 版权所有 宁ICP备1号", "平罗县人民政府"),
        ("主 办： 中共船山区委 船山区人民政府　承办: 办公室", "船山区人民政府"),
    ],
)
def test_who_runs_a_site(footer: str, runner: str) -> None:
    assert runner in identify(page(f"<html><body><p>新闻</p><div>{footer}</div></body></html>")).runners


# -- proof -----------------------------------------------------------------------------------------------------------


def visit(code: str = "640221", url: str = PINGLUO, **said: object) -> Visit:
    """A page that an ordinary portal of a county shows; ``said`` bends it."""
    defaults = {"title": "平罗县人民政府", "codes": ("6402210001",), "runners": ("平罗县人民政府办公室",)}
    values = {**defaults, **said}
    identity = Identity(places=("meta",) * len(values["codes"]), **values)  # type: ignore[arg-type]
    return Visit(code, url, (Source("link", FRONT, "平罗县"),), url=url, identity=identity, mentioned=True)


def status(*visits: Visit) -> str:
    return judge(visits)["640221"].status


def test_a_code_or_title_and_footer_prove() -> None:
    assert status(visit()) == "proved"
    assert status(visit(title="首页", runners=())) == "proved"
    assert status(visit(codes=())) == "proved"
    assert status(visit(codes=("6402710001",))) == "proved"  # a zone's code: title and footer
    assert status(visit(codes=(), runners=())) == "unproved"
    assert status(visit(codes=(), title="首页")) == "unproved"
    assert status(visit(codes=(), title="平罗网")) == "proved"  # run by the government, and named after the county
    assert status(visit(codes=(), title="平罗网", runners=("平罗县融媒体中心",))) == "unproved"


def test_codes_of_others_do_not() -> None:
    assert status(visit(codes=("6402050001",))) == "unproved"
    assert status(visit(codes=("6402050001",), title="惠农区人民政府", runners=())) == "none"
    assert status(visit(codes=("6402050001", "6402210001"), runners=())) == "unproved"
    assert status(visit(codes=("6402000001",))) == "proved"  # its prefecture's platform
    assert status(visit(codes=("6402000001",), title="石嘴山市人民政府", runners=("石嘴山市人民政府",))) == "none"
    assert status(visit(title="平罗县教育局", codes=("6402210012",))) == "none"
    assert status(visit(title="惠农区人民政府", runners=("惠农区人民政府",))) == "none"


def test_a_copied_code_proves_neither() -> None:
    other = visit("640205", "http://www.huinong.gov.cn/", title="惠农区人民政府", runners=("惠农区人民政府",))
    assert judge([visit(), other])["640221"].evidence.endswith("footer 平罗县人民政府办公室")
    bare = [visit(title="首页", runners=()), replace(other, identity=replace(other.identity, title="首页", runners=()))]  # type: ignore[type-var]
    assert {one.status for one in judge(bare).values()} == {"unproved"}
    assert {one.status for one in judge(reversed(bare)).values()} == {"unproved"}


def test_a_bought_name_needs_a_code() -> None:
    assert status(visit(url="http://www.pingluo.example/", codes=())) == "unproved"
    assert status(visit(url="http://www.pingluo.example/")) == "proved"
    mirror = judge([visit(), visit(url="http://www.pingluo.example/")])["640221"]
    assert (mirror.status, mirror.url) == ("proved", PINGLUO)


def test_two_with_the_same_evidence_are_not_decided() -> None:
    twin = visit(url="http://www.pingluo-two.gov.cn/")
    assert status(visit(), twin) == "unproved"
    own = judge([visit(domain="www.pingluo.gov.cn"), visit(url=twin.url, domain="www.pingluo.gov.cn")])["640221"]
    assert (own.status, own.url) == ("proved", PINGLUO)


def test_no_answer_is_no_proof_and_no_disproof() -> None:
    silent = replace(visit(), identity=None, url="", outcome="unreachable", reason="connection refused")
    found = judge([silent])["640221"]
    assert (found.status, found.url, found.dead) == ("unproved", PINGLUO, (PINGLUO,))


def test_what_is_below_a_portal_that_was_not_read_is_said() -> None:
    found = judge([], [Explored("640000", "http://www.nx.gov.cn/", 3, ("640200",))])
    assert found["640200"].remark == "http://www.nx.gov.cn/ has no link to it (3 pages read)"
    assert found["640221"].remark == "the portal of 石嘴山市 (640200) was not read"
    assert not judge([])


# -- the search ------------------------------------------------------------------------------------------------------


def test_a_budget_ends_a_search_that_strangers_prolong() -> None:
    search = Exploration([("640200", FRONT)], limits=Limits(pages=20, addresses=3))
    (first,) = search.begin()
    assert isinstance(first, Task)
    links = "".join(
        f'<a href="http://h{n}.gov.cn/">平罗县</a><a href="http://i{n}.gov.cn/">惠农区</a>' for n in range(500)
    )
    body = f"<html><title>石嘴山市人民政府</title><body>{links}</body></html>".encode()
    tasks = [one for one in search.receive(first, Reply(FRONT, body)) if isinstance(one, Task)]
    assert len([task for task in tasks if task.purpose == "home"]) == 6
    rounds = 0
    while tasks and rounds < 100:
        rounds += 1
        tasks += [one for one in search.fail(tasks.pop(), "unreachable", "no answer") if isinstance(one, Task)]
    assert search.running == 0
    assert search.spent <= 20
    assert search.findings()["640221"].status == "unproved"


def national(code: str, short: bool) -> bytes:
    """The front page of any division: links to all below it under their full or their shortest name."""
    links = []
    for child in divisions.children(code):
        called = [name for name, kind in names(child.code) if kind != "old"]
        links.append(f'<a href="http://www.d{child.code}.gov.cn/">{called[-1 if short else 0]}</a>')
    name = divisions.full_name(code)
    head = f'<title>{name}人民政府</title><meta name="SiteIDCode" content="{code}0001">'
    return f"<html><head>{head}</head><body>{' '.join(links)}<p>主办：{name}人民政府办公室</p></body></html>".encode()


@pytest.mark.long
@pytest.mark.parametrize("short", [False, True])
def test_every_name_of_the_country_leads_to_its_own_portal(short: bool) -> None:
    provinces = [one.code for one in divisions.children("") if one.code < "700000"]
    search = Exploration([(code, f"http://www.d{code}.gov.cn/") for code in provinces])
    waiting = deque(search.begin())
    while waiting:
        one = waiting.popleft()
        if isinstance(one, Task):
            code = one.url.removeprefix("http://www.d")[:6]
            waiting.extend(search.receive(one, Reply(one.url, national(code, short))))
    found = search.findings()
    assert all(one.url in ("", f"http://www.d{code}.gov.cn/") for code, one in found.items())
    counties = {one.code for one in divisions.all_counties() if one.code < "700000"}
    missing = {divisions.full_name(code) for code in counties if found[code].status != "proved"}
    # 临夏, 和田 and 伊宁 are each a city and a county of one prefecture: the short name decides nothing
    assert len(missing) == (6 if short else 0), missing
    assert search.spent <= 3210


# -- rows ------------------------------------------------------------------------------------------------------------

DAY = date(2026, 2, 1)
ROW = Row(
    "640221",
    "平罗县",
    PINGLUO,
    status="proved",
    evidence="code 6402210001 (meta)",
    date="2025-02-01",
    note="mine",
    hosts="zwgk.pl",
)
OTHER = "http://www.pl.gov.cn/"


def taken(row: Row | None, finding: Finding) -> tuple[Row, str]:
    rows, changes = take_in([row] if row else [], {finding.code: finding}, DAY)
    return rows[0], changes[0].kind if changes else ""


def test_a_row_is_added_proved_moved_or_lost_and_never_dropped() -> None:
    proved = Finding("640221", "proved", PINGLUO, "code 6402210001 (meta)")
    assert taken(None, proved)[1] == "added"
    assert taken(replace(ROW, status="unproved"), proved)[1] == "proved"
    assert taken(ROW, proved) == (
        replace(ROW, date="2026-02-01", province="宁夏回族自治区", prefecture="石嘴山市"),
        "",
    )
    row, kind = taken(ROW, Finding("640221", "proved", OTHER))
    assert (row.url, row.since, row.note, row.hosts, kind) == (OTHER, "2026-02-01", "mine", "", "moved")
    assert row.remark.startswith(f"until 2026-02-01 at {PINGLUO}")
    again, kind = taken(row, Finding("640221", "proved", OTHER))
    assert (again.remark.startswith("until 2026-02-01"), kind) == (True, "")
    row, kind = taken(ROW, Finding("640221", "unproved", PINGLUO, remark="no answer", dead=(PINGLUO,)))
    assert (row.url, row.status, kind) == (PINGLUO, "unproved", "lost")
    assert "it was proved on 2025-02-01" in row.remark
    row, kind = taken(ROW, Finding("640221", "none", remark="sold", wrong=(PINGLUO,)))
    assert (row.url, row.status, kind) == (PINGLUO, "unproved", "lost")
    row, kind = taken(ROW, Finding("640221", "unproved", OTHER))
    assert (row.url, row.status, kind) == (PINGLUO, "unproved", "lost")
    row, kind = taken(ROW, Finding("640221", "unproved", OTHER, dead=(PINGLUO,)))
    assert (row.url, row.status, kind) == (OTHER, "unproved", "moved")
    assert taken(None, Finding("640221", "none", remark="no link"))[1] == "none"
    assert take_in([ROW], {}, DAY) == ([ROW], [])


def test_a_file_is_written_in_one_step_with_strange_columns_and_harmless_cells(tmp_path: Path) -> None:
    path = tmp_path / "portals.csv"
    rows = [replace(ROW, remark="=1+1\n\u202e", extra=(("colour", "red"),)), Row("640205", "惠农区", "", status="none")]
    write_rows(path, rows)
    with path.open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [row["code"] for row in written] == ["640205", "640221"]
    assert (written[1]["remark"], written[1]["colour"]) == ("'=1+1  ", "red")
    assert [one.code for one in load_rows(path)] == ["640205", "640221"]
    assert [one.code for one in registry.load(path)] == ["640221"]
    assert [each.name for each in tmp_path.iterdir()] == ["portals.csv"]


def test_unproved_rows_are_used_when_a_county_is_asked_for_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "portals.csv"
    write_rows(
        path, [ROW, Row("640205", "惠农区", "http://www.huinong.gov.cn/", status="unproved", remark="no answer")]
    )
    assert [one.code for one in registry.select(registry.load(path))] == ["640221"]
    with caplog.at_level(logging.WARNING):
        spider = County(county="惠农区", portals=str(path))
    assert [one.code for one in spider.portals] == ["640205"]
    assert "nothing has proved that http://www.huinong.gov.cn/ is its portal (no answer)" in caplog.text
    write_rows(path, [replace(ROW, status="unproved")])
    with pytest.raises(Refused, match="scrapy crawl portals"):
        County.check_arguments(portals=str(path))


def test_the_shipped_registries_are_starts_and_claim_no_proof() -> None:
    rows, above = load_rows(registry.DEFAULT), load_rows(registry.ABOVE)
    assert len(rows) >= 499
    assert len([row for row in above if row.code.endswith("0000")]) == 31
    for row in (*rows, *above):
        assert (row.status == "proved") == bool(row.page and row.date)
        assert row.status != "none" or not row.url
