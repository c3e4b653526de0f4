"""A9: Epoint WebBuilder: every list and every text is the answer to a POST; a third of the reports are PDF only."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from tests.archetypes import bodies, files
from tests.archetypes.county import County
from tests.archetypes.making import Bench, Item, chunks, decoy_items, hex32, newest_first, report_item, uuid
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response

COUNTY = County("990109", "霁川县", "梧州湾市")
PROJECT = "/EWB-FRONT"
LIST = f"{PROJECT}/rest/lightfrontaction/getgovinfolist"
DETAIL = f"{PROJECT}/rest/frontAppNotNeedLoginAction/getGovInfoDetail"
ATTACH = "/EpointWebBuilder/pages/webbuildermis/attach/downloadztbattach"
SITE_GUID = uuid("a9", "site")
CATEGORY, OLD_DEPARTMENT, SIZE = "009012", "002008", 15
JSON = "application/json;charset=utf-8"


def list_path(slug: str, page: int) -> str:
    return f"/{slug}/" + (f"{page + 1}.html" if page else "subpage.html")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/{slug}/{day:%Y%m%d}/{uuid('a9', slug, n)}.html"


def build(port: int) -> World:
    bench = Bench("A9", "Epoint: POST lists, POST texts", COUNTY, "jichuan", port, 9, list_path, article_path)
    bench.chrome.public = f'<a href="/zwgk/govInfoPub.html?categorynum={CATEGORY}">政府信息公开</a>'
    bench.chrome.foot = '<script src="/js/webBuilderCommon.js"></script>'
    bench.home(f'<a href="/zwgk/govInfoPub.html?categorynum={CATEGORY}">政府信息公开</a>')
    _pages(bench)
    all_items, old_items = _items()
    _lists(bench, all_items, old_items)
    _details(bench, [*all_items, *old_items])
    bench.register()
    return bench.world


def _items() -> tuple[list[Item], list[Item]]:
    """The list of all bodies, and the list of the department that still runs the old service."""
    old = COUNTY.departments(8)[7]
    items = [
        report_item(body, year)
        for body in (COUNTY.government, COUNTY.office, *COUNTY.departments(5))
        for year in (2024, 2025)
    ]
    items += [report_item(town, 2025) for town in COUNTY.towns(8)]
    dead = Item(f"{COUNTY.name}商务局2019年政府信息公开工作年度报告", "2020-01-29", None, 2019, "dead link")
    mine = [report_item(old, year) for year in range(2018, 2026)]
    mine.append(Item(f"{old.name}2024年法治政府建设年度报告", "2025-03-05", None, 2024, "rule-of-law report"))
    return newest_first([*items, *decoy_items(COUNTY, 2024), dead]), newest_first(mine)


def _pages(bench: Bench) -> None:
    common = (
        f"var siteInfo = {{ siteGuid: '{SITE_GUID}', projectName: '{PROJECT}' }};\n"
        "var infoUrl = siteInfo.projectName + '/rest/frontAppNotNeedLoginAction/getGovInfoDetail';\n"
        "function getInfo(guid, done) { $.post(infoUrl, { params: JSON.stringify({ infoGuid: guid }) }, done); }\n"
    )
    bench.put("/js/webBuilderCommon.js", common, media="application/javascript")
    calls = {
        "govInfoPub": "JSON.stringify({ deptcode: deptcode, categorynum: categorynum, pageIndex: page, pageSize: 15, siteGuid: siteInfo.siteGuid })",
        "goverList": 'JSON.stringify({ "params": { "deptcode": deptcode, "categorynum": categorynum, "pageIndex": page - 1, '
        '"pageSize": 15, "siteGuid": siteInfo.siteGuid } })',
    }

    def page(name: str, extra: str) -> str:
        return (
            '<ul class="ewb-list" id="infolist"></ul><div class="pager" id="pager"></div>' + extra + "<script>\n"
            "var categorynum = Util.getUrlParams('categorynum'), deptcode = Util.getUrlParams('deptcode') || '';\n"
            "function load(page) { $.ajax({ url: siteInfo.projectName + '/rest/lightfrontaction/getgovinfolist', type: 'POST', "
            f"contentType: 'application/json', data: {calls[name]}, success: render }}); }}\nload(1);\n</script>"
        )

    others = "".join(
        f'<li><a href="govInfoPub.html?categorynum={number}">{name}</a></li>'
        for number, name in (
            ("009010", "政府信息公开指南"),
            ("009011", "政府信息公开制度"),
            (CATEGORY, "政府信息公开年报"),
            ("009013", "政府网站年度报表"),
        )
    )
    old = f'<p><a href="goverList.html?deptcode={OLD_DEPARTMENT}&categorynum={CATEGORY}">市场监督管理局政府信息公开年报（旧版）</a></p>'
    bench.page("/zwgk/govInfoPub.html", "政府信息公开", page("govInfoPub", f"<ul>{others}</ul>{old}"))
    bench.page("/zwgk/goverList.html", "市场监督管理局政府信息公开年报", page("goverList", ""))
    shell = '<div class="ewb-article"><h3 id="title"></h3><div id="infocontent"></div></div><script>getInfo(Util.getUrlParams("infoGuid"), show);</script>'
    bench.page("/zwgk/showinfo.html", "信息详情", shell)
    bench.step("/")
    bench.step(f"/zwgk/govInfoPub.html?categorynum={CATEGORY}", f"govInfoPub.html?categorynum={CATEGORY}")
    bench.step("/js/webBuilderCommon.js")
    bench.step(f"/zwgk/goverList.html?deptcode={OLD_DEPARTMENT}&categorynum={CATEGORY}", f"deptcode={OLD_DEPARTMENT}")


def _lists(bench: Bench, items: list[Item], old: list[Item]) -> None:
    pages, old_pages = chunks(items, SIZE), chunks(old, SIZE)

    def listing(request: Request) -> Response:
        try:
            wanted: dict[str, Any] = json.loads(request.body)
        except ValueError:
            wanted = {}
        is_old = isinstance(wanted.get("params"), dict)
        wanted = wanted["params"] if is_old else wanted
        known = wanted.get("categorynum") == CATEGORY and wanted.get("siteGuid") == SITE_GUID
        mine = is_old and str(wanted.get("deptcode")) == OLD_DEPARTMENT
        everyone = not is_old and not wanted.get("deptcode")
        page = int(str(wanted.get("pageIndex", 0)) or 0) + (1 if is_old else 0)
        source, total = (old_pages, len(old)) if mine else (pages, len(items)) if everyone else ([], 0)
        # the new service takes page 0 for page 1
        rows = source[max(page, 1) - 1] if known and max(page, 1) <= len(source) else []
        data = [{"infourl": f"/zwgk/showinfo.html?infoGuid={_guid(item)}", "title": item.cut(20), "realtitle": item.title,
                 "infodate": item.date, "infoid": _guid(item), "deptname": item.body.name if item.body else ""} for item in rows]  # fmt: skip
        return Response(
            json.dumps({"custom": {"data": data, "total": total if known else 0}, "status": {"code": 1}}).encode(),
            media=JSON,
        )

    bench.route(LIST, listing)
    headers = (
        ("Content-Type", "application/json"),
        ("Referer", bench.url(f"/zwgk/govInfoPub.html?categorynum={CATEGORY}")),
    )
    query = {"deptcode": "", "categorynum": CATEGORY, "pageSize": SIZE, "siteGuid": SITE_GUID}
    for k in range(1, len(pages) + 1):
        bench.step(
            LIST,
            "/rest/lightfrontaction/getgovinfolist",
            method="POST",
            headers=headers,
            body=json.dumps({**query, "pageIndex": k}),
        )
    form = {"params": {**query, "deptcode": OLD_DEPARTMENT, "pageIndex": 0}}
    bench.step(LIST, OLD_DEPARTMENT, method="POST", headers=headers, body=json.dumps(form))


def _details(bench: Bench, items: list[Item]) -> None:
    replies: dict[str, bytes] = {}
    reports = [item for item in items if item.is_report]
    as_file = set(reports[2::5] + reports[4::5])
    for item in items:
        if item.why == "dead link":
            bench.decoy(item, bench.url(f"/zwgk/showinfo.html?infoGuid={_guid(item)}"))
            continue
        file = f"{ATTACH}?attachGuid={hex32('a9 file', item.title)}&appUrlFlag=ztb001&siteGuid={SITE_GUID}"
        custom: dict[str, Any] = {
            "title": item.title,
            "infodate": item.date,
            "infotype": "html",
            "infocontent": "",
            "attachlist": [],
        }
        if item in as_file:
            call = f"ztbfjyz('{file}')"
            custom |= {
                "infotype": "pdf",
                "attachlist": [{"attachname": f"{item.title}.pdf", "attachtype": ".pdf", "onclick": call}],
            }
        else:
            custom["infocontent"] = bench.text_of(item)
        replies[_guid(item)] = json.dumps(
            {"custom": custom, "status": {"code": 1, "text": ""}}, ensure_ascii=False
        ).encode()
        shell = bench.url(f"/zwgk/showinfo.html?infoGuid={_guid(item)}")
        if not item.is_report:
            bench.decoy(item, shell)
            continue
        assert item.body is not None
        form = urlencode({"params": json.dumps({"infoGuid": _guid(item)})})
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Referer", shell))
        bench.step(DETAIL, _guid(item), method="POST", body=form, headers=headers)
        if item in as_file:
            content = files.of(bodies.made(item.body, item.year, item.title), "pdf")
            bench.put(file, content, media="application/octet-stream")
            bench.expect(item, shell, bench.url(file), content, "pdf")
            bench.step(file, hex32("a9 file", item.title))
        else:
            bench.expect(item, shell, f"POST {bench.url(DETAIL)} {form}", replies[_guid(item)], "html in json")
    twice = next(item for item in reports if item.body == COUNTY.office and item not in as_file)
    again = f"/xxgk/{twice.day:%Y%m%d}/{uuid('a9 again', twice.title)}.html"
    bench.article(twice, again, f'<h3>{twice.title}</h3><div class="ewb-article-content">{bench.text_of(twice)}</div>')
    bench.page("/xxgk/subpage.html", "部门公开", f'<ul><li><a href="{again}">{twice.title}</a></li></ul>')

    def detail(request: Request) -> Response:
        try:
            guid = json.loads(request.form.get("params", "{}")).get("infoGuid", "")
        except (ValueError, AttributeError):
            guid = ""
        missing = b'{"custom":{"infocontent":""},"status":{"code":0,"text":"not found"}}'
        return Response(replies.get(guid, missing), media=JSON)

    bench.route(DETAIL, detail)


def _guid(item: Item) -> str:
    return uuid("a9", item.title, item.date)
