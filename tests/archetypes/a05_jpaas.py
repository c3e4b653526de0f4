"""A5: the consolidated platform (jpaas): every list is an API whose page number stands in a JSON parameter."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import json
from urllib.parse import quote

from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, chunks, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response

COUNTY = County("990105", "岚屏县", "砚州市")
API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
FILES = "/api-gateway/jpaas-web-server/front/document/file-download"
WEB_ID = "3185"


def list_path(slug: str, page: int) -> str:
    return f"/col/{slug}/index{f'_{page}' if page else ''}.html"


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/{slug}/art/{day.year}/art_{hex32('a5', slug, n)}.html"


def build(port: int) -> World:
    bench = Bench("A5", "jpaas lists behind an API", COUNTY, "lanping", port, 5, list_path, article_path)
    bench.chrome.public = '<a href="/xxgk/index.html">政务公开</a>'
    bench.home('<a href="/xxgk/index.html">政府信息公开</a>')
    lists: dict[str, list[bytes]] = {}
    _directories(bench)
    for town in COUNTY.towns(9):
        items = [report_item(town, year) for year in range(2022, 2026)]
        _column(bench, lists, f"/xxgk/xzxxgk/{_slug(town)}/zfxxgknb", f"{town.short}政府信息公开年报", items, town)
    for office in COUNTY.departments(6):
        _department(bench, lists, office)
    government = [report_item(COUNTY.government, year) for year in range(2020, 2026)]
    own = [*government, *(report_item(COUNTY.office, year) for year in (2024, 2025))]
    dead = Item(f"{COUNTY.name}扶贫开发办公室2019年政府信息公开工作年度报告", "2020-01-15", None, 2019, "dead link")
    items = newest_first([*own, *decoy_items(COUNTY, 2025, more=True), dead])
    _column(bench, lists, "/xxgk/zfxxgknb", "政府信息公开年报", items, COUNTY.government)
    twice = government[-1]
    again = f"/zwgk/tzgg/art/2026/art_{hex32('a5 again', twice.title)}.html"
    bench.article(twice, again, _text(bench, twice))
    bench.page("/zwgk/tzgg/index.html", "公示公告", f'<ul><li><a href="{again}">{twice.title}</a></li></ul>')

    def unit(request: Request) -> Response:
        try:
            page = int(json.loads(request.query.get("paramJson", "{}")).get("pageNo", 1))
        except (ValueError, AttributeError):
            page = 1
        pages = lists.get(request.query.get("pageId", ""), [])
        body = pages[page - 1] if 1 <= page <= len(pages) else _reply("", 0)
        return Response(body, media="application/json;charset=utf-8")

    bench.route(API, unit)
    bench.register()
    return bench.world


def _slug(body: Body) -> str:
    return body.slug if body.slug != "ltz" else "ltzrmzf2023"


def _directories(bench: Bench) -> None:
    links = (
        ("/xxgk/zfxxgkzn/index.html", "政府信息公开指南"), ("/xxgk/zfxxgknb/index.html", "政府信息公开年报"),
        ("/xxgk/xzxxgk/index.html", "乡镇（街道）信息公开"), ("/xxgk/bmxxgk/index.html", "部门信息公开"),
        ("/zwgk/tzgg/index.html", "公示公告"),
    )  # fmt: skip
    bench.page(
        "/xxgk/index.html",
        "政府信息公开",
        "<ul>" + "".join(f'<li><a href="{a}">{b}</a></li>' for a, b in links) + "</ul>",
    )
    bench.page("/xxgk/zfxxgkzn/index.html", "政府信息公开指南", "<p>全文略。</p>")
    rows = "".join(
        f'<dl><dt>{town.short}</dt><dd><a href="/xxgk/xzxxgk/{_slug(town)}/zfxxgkzn/index.html">政府信息公开指南</a></dd>'
        f'<dd><a href="/xxgk/xzxxgk/{_slug(town)}/zfxxgknb/index.html">政府信息公开年报</a></dd></dl>'
        for town in COUNTY.towns(9)
    )
    bench.page("/xxgk/xzxxgk/index.html", "乡镇（街道）信息公开", rows)
    offices = "".join(
        f'<li><a href="/xxgk/bmxxgk/{body.slug}/index.html">{body.short}</a></li>' for body in COUNTY.departments(6)
    )
    bench.page("/xxgk/bmxxgk/index.html", "部门信息公开", f"<ul>{offices}</ul>")
    bench.step("/")
    for path in ("/xxgk/index.html", "/xxgk/xzxxgk/index.html", "/xxgk/bmxxgk/index.html"):
        bench.step(path, path)


def _department(bench: Bench, lists: dict[str, list[bytes]], body: Body) -> None:
    """An aggregate page of five rows a column; the rest behind 更多."""
    items = [report_item(body, year) for year in range(2022, 2026)]
    items.append(Item(f"{body.name}2025年法治政府建设年度报告", "2026-03-09", None, 2025, "rule-of-law report"))
    items.append(Item(f"{body.name}2024年度部门决算公开", "2025-09-10", None, 2024, "accounts"))
    items = newest_first(items)
    base = f"/xxgk/bmxxgk/{body.slug}"
    blocks = []
    for slug, name in (
        ("zfxxgkzn", "政府信息公开指南"),
        ("zfxxgkzd", "政府信息公开制度"),
        ("zfxxgknb", "政府信息公开年报"),
    ):
        rows = (
            "".join(_row(item, _path(item, f"{base}/{slug}")) for item in items[:5])
            if slug == "zfxxgknb"
            else "<li>全文略</li>"
        )
        more = f'<a class="xxgk_more" href="{base}/{slug}/index.html">更多&gt;&gt;</a>'
        blocks.append(f'<div class="xxgk-zcnr"><h4>{name}{more}</h4><ul>{rows}</ul></div>')
    bench.page(f"{base}/index.html", f"{body.short}信息公开", "".join(blocks))
    bench.step(f"{base}/index.html", f"{body.slug}/index.html")
    _column(bench, lists, f"{base}/zfxxgknb", f"{body.short}政府信息公开年报", items, body)


def _column(bench: Bench, lists: dict[str, list[bytes]], base: str, name: str, items: list[Item], body: Body) -> None:
    """A column page that holds only the query of its list, the list replies, and the documents."""
    page_id = hex32("a5 page", base)[:24]
    query = (
        f"{{'webId':'{WEB_ID}','pageId':'{page_id}','tagId':'信息列表','tplSetId':'{hex32('a5 set')[:24]}',"
        "'parseType':'bulidstatic','pageType':'column'}"
    )
    unit = f'<div class="list-unit" queryData="{query}" url="{API}"><div class="loading">加载中...</div></div>'
    bench.page(f"{base}/index.html", name, unit, meta=f'<meta name="ColumnName" content="{name}">')
    bench.step(f"{base}/index.html", f"{base}/index.html")
    pages = chunks(items, 15)
    lists[page_id] = [_reply("".join(_row(item, _path(item, base)) for item in rows), len(items)) for rows in pages]
    for k in range(1, len(pages) + 1):
        values = {"webId": WEB_ID, "pageId": page_id, "tagId": "信息列表", "tplSetId": hex32("a5 set")[:24],
                  "parseType": "bulidstatic", "pageType": "column", "paramJson": f'{{"pageNo":{k},"pageSize":"15"}}'}  # fmt: skip
        bench.step(API + "?" + "&".join(f"{key}={quote(value)}" for key, value in values.items()), page_id)
    for item in items:
        path = _path(item, base)
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        elif path.startswith(FILES):
            bench.file(item, f"{base}/index.html", path, "docx")
        else:
            # one article carries its text once more as a file
            extra = (
                f'<p><a href="{_file(item)}">{item.title}.docx</a></p>'
                if item.is_report and item.year == 2022 and body.kind == "county"
                else ""
            )
            bench.article(item, path, _text(bench, item, extra), crumbs=("政府信息公开", name))
            if extra:
                bench.file(item, path, _file(item), "docx")
        if item.is_report:
            bench.step(path)


def _file(item: Item) -> str:
    return f"{FILES}?fileUrl=/cms_files/jcms1/web{WEB_ID}/site/attach/0/{hex32('a5 file', item.title)}.docx&fileName={quote(item.title)}.docx"


def _path(item: Item, base: str) -> str:
    """Two towns link the file itself from the list."""
    if item.is_report and item.body in COUNTY.towns(7)[5:] and item.year in {2023, 2024}:
        return _file(item)
    return f"{base}/art/{item.day.year}/art_{hex32('a5', base, item.title)}.html"


def _row(item: Item, href: str) -> str:
    return f'<li><a href="{href}" title="{item.title}" target="_blank">{item.cut(24)}</a><span>{item.date}</span></li>'


def _reply(rows: str, count: int) -> bytes:
    html = f'<div class="page-content"><ul>{rows}</ul></div><div class="pagination" rows="15" count="{count}"></div>'
    return json.dumps({"success": True, "code": "200", "data": {"html": html}}, ensure_ascii=False).encode()


def _text(bench: Bench, item: Item, tail: str = "") -> str:
    """The text stands in the page twice: for screens and for phones."""
    text = bench.text_of(item) + tail
    return (
        f'<div class="pc"><h1>{item.title}</h1><p>发布日期：{item.date} 来源：{COUNTY.name}人民政府</p><div id="zoom">{text}</div></div>'
        f'<div class="mobile" style="display:none"><h2>{item.title}</h2><div class="article-content">{text}</div></div>'
    )
