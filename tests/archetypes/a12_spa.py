"""A12: a single-page application: an empty shell, lists and texts from an API, a tab page and a topic page of files."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from tests.archetypes import bodies, files
from tests.archetypes.chrome import COLUMNS
from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response

COUNTY = County("990112", "棠川县", "梧州湾市")
SEARCH, DETAIL = "/front/api/data/search", "/html/info/detail"
ROOT, TAB_COLUMNS, SIZE = "c1000", ("c1010", "c1011", "c1012", "c1013"), 20
TABS = ("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报")
TOPIC = "/zt/2024xxgknb/"
JSON = "application/json;charset=utf-8"
FETCH = """
function rows(column, page, show) {
  fetch('/front/api/data/search?column=' + column + '&page=' + page, { headers: { 'X-Requested-With': 'XMLHttpRequest' } })
    .then(function (r) { return r.json(); }).then(function (r) {
      show(r.data.list.map(function (x) { return '<li><a href="' + x.url + '" title="' + x.title + '">' + x.title + '</a><span>' + x.date + '</span></li>'; }).join(''), r.data);
    });
}
"""


def list_path(slug: str, page: int) -> str:
    return f"/#/list/{slug}"


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/art/info/c3{sum(map(ord, slug)) % 900:03d}/{70000 + n}"


def build(port: int) -> World:
    bench = Bench(
        "A12", "single-page application and topic page", COUNTY, "tangchuan", port, 12, list_path, article_path
    )
    lists: dict[str, tuple[list[list[dict[str, Any]]], int]] = {}
    details: dict[str, dict[str, Any]] = {}
    _shell(bench, lists)
    _tab_page(bench)
    _list(bench, lists, details)
    _topic(bench)
    _api(bench, lists, details)
    bench.register()
    return bench.world


def _shell(bench: Bench, lists: dict[str, tuple[list[list[dict[str, Any]]], int]]) -> None:
    """The entry: nothing but a script; its menu comes from the API."""
    script = (
        FETCH
        + f"rows('{ROOT}', 1, function (html) {{ document.getElementById('app').innerHTML = '<ul>' + html + '</ul>'; }});"
    )
    entry = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{COUNTY.name}人民政府</title><meta name="SiteIDCode" '
        f'content="{COUNTY.code}0001"><link href="/css/chunk-vendors.css" rel="stylesheet"></head><body><noscript>We\'re sorry but this '
        f'site doesn\'t work properly without JavaScript enabled.</noscript><div id="app"></div><script>{script}</script></body></html>'
    )
    for path in ("/", "/index.html"):
        bench.put(path, entry)
    menu = [{"id": 1, "title": "政府信息公开", "url": "/xxgk/index.html?state=0", "date": ""},
            {"id": 2, "title": "政府信息公开年报", "url": "/xxgk/index.html?state=3", "date": ""},
            {"id": 3, "title": "2024年度政府信息公开工作年度报告专题", "url": TOPIC, "date": "2025-03-31"}]  # fmt: skip
    menu += [
        {"id": 10 + n, "title": name, "url": f"/#/list/{slug}", "date": ""} for n, (name, slug) in enumerate(COLUMNS)
    ]
    lists[ROOT] = ([menu], len(menu))
    bench.step("/")
    bench.step(f"{SEARCH}?column={ROOT}&page=1", f"rows('{ROOT}'", headers=(("Referer", bench.url("/")),))


def _tab_page(bench: Bench) -> None:
    """One physical page for four tabs: what the server sends shows the first, whatever ``state`` says."""
    tabs = "".join(
        f'<li data-state="{n}"><a href="/xxgk/index.html?state={n}">{name}</a></li>' for n, name in enumerate(TABS)
    )
    script = (
        f"{FETCH}var columns = {json.dumps(TAB_COLUMNS)}, page = 1;\n"
        "var state = new URLSearchParams(location.search).get('state') || 0;\n"
        "function more() { rows(columns[state], page++, function (html, data) { document.getElementById('list').innerHTML += html; "
        "if (page <= data.pages) { window.onscroll = more; } else { window.onscroll = null; } }); }\nif (state != 0) { "
        "document.getElementById('list').innerHTML = ''; more(); }"
    )
    main = (
        f'<ul class="tabs">{tabs}</ul><ul id="list"><li>政府信息公开指南：全文略。</li></ul><script>{script}</script>'
    )
    bench.page("/xxgk/index.html", "政府信息公开", main)
    bench.step("/xxgk/index.html?state=3", "/xxgk/index.html?state=3")


def _list(
    bench: Bench, lists: dict[str, tuple[list[list[dict[str, Any]]], int]], details: dict[str, dict[str, Any]]
) -> None:
    """28 reports as texts, viewers, twin files and pictures."""
    items = [report_item(body, year) for body in (COUNTY.government, COUNTY.office) for year in range(2020, 2026)]
    items += [report_item(body, year) for body in COUNTY.departments(8) for year in (2023, 2025)]
    dead = Item(f"{COUNTY.name}统计局2018年政府信息公开工作年度报告", "2019-01-29", None, 2018, "dead link")
    items = newest_first([*items, *decoy_items(COUNTY, 2024), dead])
    number = {item: 5501 + n for n, item in enumerate(items)}
    rows = [{"id": number[item], "title": item.title, "url": f"/art/info/c1013/{number[item]}", "date": item.date,
             "dept": item.body.name if item.body else COUNTY.office.name} for item in items]  # fmt: skip
    pages = [rows[start : start + SIZE] for start in range(0, len(rows), SIZE)]
    lists[TAB_COLUMNS[3]] = (pages, len(rows))
    for column, name in zip(TAB_COLUMNS[:3], TABS[:3], strict=True):
        lists[column] = (
            [[{"id": 1, "title": f"{COUNTY.name}{name}", "url": "/art/info/c1010/101", "date": "2021-05-01"}]],
            1,
        )
    referer = (("Referer", bench.url("/xxgk/index.html?state=3")),)
    for k in range(1, len(pages) + 1):
        bench.step(f"{SEARCH}?column={TAB_COLUMNS[3]}&page={k}", TAB_COLUMNS[3], headers=referer)
    reports = [item for item in items if item.is_report]
    viewers, twins, pictures = set(reports[3:18:4]), set(reports[5:14:8]), reports[21]
    for item in items:
        if item is dead:
            bench.decoy(item, bench.url(f"/art/info/c1013/{number[item]}"))
            continue
        form = "viewer" if item in viewers else "twins" if item in twins else "pictures" if item is pictures else "text"
        _detail(bench, item, number[item], form, details)
    shell = (
        f'<div id="title"></div><div id="body"></div><script>fetch("{DETAIL}", {{ method: "POST", headers: {{ "Content-Type": '
        '"application/x-www-form-urlencoded" }, body: "id=" + location.pathname.split("/").pop() }).then(function (r) { return r.json(); })'
        '.then(function (r) { document.getElementById("title").innerText = r.data.title; document.getElementById("body").innerHTML = '
        "r.data.body; });</script>"
    )

    def article(request: Request) -> Response | None:
        return Response(bench.chrome.page("信息详情", shell)) if request.path.startswith("/art/info/") else None

    bench.site.rules.insert(0, article)
    bench.page("/pdfjs/web/viewer.html", "PDF.js viewer", '<div id="viewerContainer"></div>')


def _detail(bench: Bench, item: Item, number: int, form: str, details: dict[str, dict[str, Any]]) -> None:
    page = bench.url(f"/art/info/c1013/{number}")
    name = hex32("a12", item.title)
    report = bodies.made(item.body, item.year, item.title) if item.is_report and item.body else None
    body = {
        "text": lambda: bench.text_of(item),
        "viewer": lambda: f'<p><iframe src="/pdfjs/web/viewer.html?file=/upload/{name}.pdf" width="100%"></iframe></p>',
        "twins": lambda: (
            f'<p>附件：<a href="/upload/{name}.ofd">{item.title}.ofd</a> <a href="/upload/{name}.pdf">{item.title}.pdf</a></p>'
        ),
        "pictures": lambda: "".join(f'<p><img src="/upload/{name}_{n}.png"></p>' for n in range(1, 4)),
    }[form]()
    reply = {
        "success": True,
        "data": {"title": item.title, "dept": item.body.name if item.body else "", "date": item.date, "body": body},
    }
    details[str(number)] = reply
    raw = json.dumps(reply, ensure_ascii=False).encode()
    if report is None:
        bench.decoy(item, page)
        return
    bench.step(DETAIL, f"/art/info/c1013/{number}", method="POST", body=urlencode({"id": number}),
               headers=(("Content-Type", "application/x-www-form-urlencoded"), ("Referer", page)))  # fmt: skip
    if form in {"viewer", "twins"}:
        for kind in ("pdf", "ofd") if form == "twins" else ("pdf",):
            content = files.of(report, kind)
            bench.put(f"/upload/{name}.{kind}", content, media="application/octet-stream")
            bench.expect(item, page, bench.url(f"/upload/{name}.{kind}"), content, kind)
        bench.step(f"/upload/{name}.pdf")
        return
    bench.expect(
        item, page, f"POST {bench.url(DETAIL)} id={number}", raw, form, "unread" if form == "pictures" else "held"
    )
    if form == "pictures":
        for n in range(1, 4):
            picture = files.png(number * 10 + n)
            bench.put(f"/upload/{name}_{n}.png", picture, media="image/png")
            bench.expect(item, page, bench.url(f"/upload/{name}_{n}.png"), picture, form, "unread")


def _topic(bench: Bench) -> None:
    """All bodies of one year as links to files, named by the agency alone; one of them is in the list too."""
    agencies: list[Body] = [*COUNTY.departments(14), *COUNTY.towns(6)]
    blocks = []
    places = [
        (report_item(body, 2024, plain=True), f"/upload/zt/{hex32('a12 topic', body.name)}.pdf") for body in agencies
    ]
    twice = (report_item(COUNTY.office, 2024), f"/upload/zt/{hex32('a12 topic', COUNTY.office.name)}.pdf")
    for name, chosen in (("县直部门", [*places[:14], twice]), ("乡镇（街道）", places[14:])):
        links = "".join(
            f'<li><a href="{path}" target="_blank">{item.body.short if item.body else ""}</a></li>'
            for item, path in chosen
        )
        blocks.append(f"<h3>{name}</h3><ul>{links}</ul>")
    bench.page(
        TOPIC, "2024年度政府信息公开工作年度报告专题", "<h2>2024年度政府信息公开工作年度报告</h2>" + "".join(blocks)
    )
    bench.step(TOPIC, TOPIC)
    for item, path in [*places, twice]:
        assert item.body is not None
        content = files.of(bodies.made(item.body, item.year, item.title), "pdf")
        bench.put(path, content, media="application/pdf")
        bench.expect(item, bench.url(TOPIC), bench.url(path), content, "pdf")
        if item is not twice[0]:
            bench.step(path)


def _api(
    bench: Bench, lists: dict[str, tuple[list[list[dict[str, Any]]], int]], details: dict[str, dict[str, Any]]
) -> None:
    def search(request: Request) -> Response:
        if "referer" not in request.headers:
            return Response(b'{"success":false}', 404, JSON)
        pages, total = lists.get(request.query.get("column", ""), ([], 0))
        page = request.query.get("page", "1")
        k = int(page) if page.isdigit() and int(page) else 1
        rows = pages[k - 1] if k <= len(pages) else []
        reply = {"success": True, "data": {"total": total, "page": k, "pages": len(pages), "list": rows}}
        return Response(json.dumps(reply, ensure_ascii=False).encode(), media=JSON)

    def detail(request: Request) -> Response:
        reply = details.get(request.form.get("id", ""), {"success": False, "data": None})
        return Response(json.dumps(reply, ensure_ascii=False).encode(), media=JSON)

    bench.route(SEARCH, search)
    bench.route(DETAIL, detail)
