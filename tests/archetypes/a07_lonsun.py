"""A7: a directory of organs in the style of Lonsun: one number per organ, one number per kind of page."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response

COUNTY = County("990107", "绥棠县", "砚州市")
SITE_ID = "6788721"
LABEL = "/site/label/8888"
# the number of a column of notices that repeats one report
NOTICES = 99001
TEMPLATE = "/xxgk/publicInfoList_newest2020"
KINDS = {1: "政府信息公开制度", 2: "政府信息公开指南", 3: "政府信息公开年报", 4: "法定主动公开内容", 5: "依申请公开"}


def list_path(slug: str, page: int) -> str:
    return f"/content/column/{6797000 + sum(map(ord, slug))}?pageIndex={page + 1}"


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/content/article/{sum(map(ord, slug)) * 10000 + n}"


def build(port: int) -> World:
    bench = Bench("A7", "Lonsun directory of organs", COUNTY, "suitang", port, 7, list_path, article_path)
    bench.chrome.public = '<a href="/public/index.html">政府信息公开</a>'
    bench.home('<a href="/public/index.html">信息公开</a>')
    organs = [COUNTY.government, COUNTY.office, *COUNTY.departments(21), *COUNTY.towns(11)]
    numbers = {organ: 21731 + 37 * n for n, organ in enumerate(organs)}
    bench.step("/")
    bench.step("/public/index.html")
    _tree(bench, numbers)
    fragments: dict[str, list[bytes]] = {}
    for n, (organ, number) in enumerate(numbers.items()):
        _organ(bench, organ, number, n, fragments)

    def fragment(request: Request) -> Response:
        query = request.query
        pages = fragments.get(query.get("organId", ""), []) if query.get("type") == "3" else []
        page = query.get("pageIndex", "1")
        valid = page.isdigit() and 1 <= int(page) <= len(pages)
        return Response(pages[int(page) - 1] if valid else '<div class="xxgk_navli">暂无信息</div>'.encode())

    bench.route(LABEL, fragment)
    bench.site.rules.insert(0, _twins(bench))
    bench.register()
    return bench.world


def _tree(bench: Bench, numbers: dict[Body, int]) -> None:
    nodes = [
        {
            "organId": number,
            "name": organ.short,
            "pId": {"county": 0, "department": 1, "township": 2}[organ.kind],
            "open": False,
        }
        for organ, number in numbers.items()
    ]
    first = next(iter(numbers.values()))
    menu = "".join(f'<li><a href="/public/column/{first}?type={kind}">{name}</a></li>' for kind, name in KINDS.items())
    script = (
        f"<script>var zNodes = {json.dumps(nodes, ensure_ascii=False)};\n"
        "function onClick(node) { window.location.href = '/public/column/' + node.organId + '?type=4&action=list'; }</script>"
    )
    alias = '<a href="/zwgk/public/index.html">旧版入口</a>'
    meta = f'<meta name="SiteId" content="{SITE_ID}">'
    bench.page(
        "/public/index.html",
        "政府信息公开",
        f'<ul class="left">{menu}</ul><ul id="tree"></ul>{script}{alias}',
        meta=meta,
    )


def _twins(bench: Bench) -> Callable[[Request], Response | None]:
    """The same pages under an old prefix, and under addresses with a session in them."""

    def answer(request: Request) -> Response | None:
        path, session, tail = request.target.partition(";jsessionid=")
        target = path + (f"?{tail.partition('?')[2]}" if "?" in tail else "") if session else request.target
        target = target.removeprefix("/zwgk") if target.startswith("/zwgk/public/") else target
        return bench.site.answer(replace(request, target=target)) if target != request.target else None

    return answer


def _organ(bench: Bench, organ: Body, number: int, n: int, fragments: dict[str, list[bytes]]) -> None:
    items = [report_item(organ, year) for year in range(2022, 2026)]
    if organ.kind == "county":
        dead = Item(f"{organ.name}2015年政府信息公开工作年度报告", "2016-03-28", None, 2015, "dead link")
        items += [report_item(organ, year) for year in range(2018, 2022)]
        items += [*decoy_items(COUNTY, 2025, more=True), dead]
    elif n in {2, 4}:
        items += [
            Item(f"{organ.name}{year}年依申请公开情况统计", f"{year + 1}-02-04", None, year, "statistics")
            for year in range(2012, 2025)
        ]
    else:
        items.append(Item(f"{organ.name}2024年法治政府建设年度报告", "2025-03-05", None, 2024, "rule-of-law report"))
    places = [(item, _path(item, number)) for item in newest_first(items)]
    column = f"/public/column/{number}?type=3"
    for kind, name in KINDS.items():
        if kind != 3:
            bench.page(
                f"/public/column/{number}?type={kind}",
                f"{organ.short}{name}",
                f"{_menu(number)}<p>{name}：全文略。</p>",
            )
    bench.step(column, f'"organId": {number}')
    pages = [places[start : start + 15] for start in range(0, len(places), 15)]
    if n % 2:
        _by_script(bench, organ, number, column, pages, fragments)
    else:
        for k, rows in enumerate(pages, 1):
            script = f"<script>var pageInfo = {{pageIndex:{k}, pageSize:15, pageCount:{len(pages)}, total:{len(places)}}};</script>"
            page = f"{column}&pageIndex={k}"
            text = f'{_menu(number)}<ul class="xxgk_nav_list">{_rows(rows)}</ul>{script}'
            bench.page(page, f"{organ.short}政府信息公开年报", text)
            if k == 1:
                bench.page(column, f"{organ.short}政府信息公开年报", text)
            else:
                bench.step(page, f"pageCount:{len(pages)}")
    for item, path in places:
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        elif path.endswith(".doc"):
            bench.file(item, path, path, "doc")
        else:
            bench.article(item, path, _text(bench, item), crumbs=("政府信息公开", organ.short, "政府信息公开年报"))
        if item.is_report:
            bench.step(path)
    if organ == COUNTY.office:
        item = report_item(organ, 2025)
        again = f"/public/{NOTICES}/565400001.html"
        bench.article(item, again, _text(bench, item))
        link = f'<ul class="xxgk_nav_list"><li><a href="{again}">{item.title}</a></li></ul>'
        bench.page(f"/public/column/{NOTICES}?type=4", "通知公告", link)


def _by_script(
    bench: Bench,
    organ: Body,
    number: int,
    column: str,
    pages: list[list[tuple[Item, str]]],
    fragments: dict[str, list[bytes]],
) -> None:
    """A column whose rows come as a fragment of HTML."""
    script = (
        '<div id="public_list">加载中</div><script>\n$.ajax({ url: "'
        + LABEL
        + '?IsAjax=1&dataType=html", data: { labelName: '
        f'"publicInfoList", siteId: "{SITE_ID}", organId: "{number}", type: "3", pageSize: 15, pageIndex: 1, action: "list", '
        f'isDate: true, dateFormat: "yyyy-MM-dd", length: 80, file: "{TEMPLATE}" }} }});\n</script>'
    )
    bench.page(column, f"{organ.short}政府信息公开年报", _menu(number) + script)
    replies = []
    for rows in pages:
        lines = "".join(
            f'<li class="mc"><a href="{path}" title="{item.title}">{item.cut()}</a></li><li class="rq">{item.date}</li>'
            for item, path in rows
        )
        replies.append(
            f'<div class="xxgk_navli"><ul>{lines}</ul></div><script>var pageCount:{len(pages)};</script>'.encode()
        )
    fragments[str(number)] = replies
    bench.step(
        f"{LABEL}?IsAjax=1&dataType=html&labelName=publicInfoList&siteId={SITE_ID}&organId={number}&type=3&pageSize=15&pageIndex=1"
        f"&action=list&isDate=true&dateFormat=yyyy-MM-dd&length=80&file={TEMPLATE}",
        f'organId: "{number}"',
    )


def _menu(number: int) -> str:
    links = "".join(
        f'<li><a href="/public/column/{number}?type={kind}">{name}</a></li>' for kind, name in KINDS.items()
    )
    return f'<ul class="xxgk_menu">{links}</ul>'


def _path(item: Item, number: int) -> str:
    serial = 565410000 + sum(map(ord, item.title)) * 31 % 9000 + item.year
    if item.is_report and item.year == 2023 and number % 10 in {1, 8}:
        return (
            f"/group1/M00/0{number % 7}/{hex32('a7', item.title)[:2].upper()}/{hex32('a7 file', item.title)[:28]}.doc"
        )
    return f"/public/{number}/{serial}{number % 1000}.html"


def _rows(places: Iterable[tuple[Item, str]]) -> str:
    """A session stands in every third link."""
    rows = []
    for n, (item, path) in enumerate(places):
        href = (
            f"{path};jsessionid={hex32('session', n)[:24].upper()}" if n % 3 == 1 and path.endswith(".html") else path
        )
        rows.append(
            f'<li><a href="{href}" title="{item.title}" target="_blank">{item.cut()}</a><span>{item.date}</span></li>'
        )
    return "".join(rows)


def _text(bench: Bench, item: Item) -> str:
    index = "".join(f'<td class="pmingcheng">{name}</td><td>{value}</td>' for name, value in (
        ("索引号", f"00301{sum(map(ord, item.title))}/{item.day:%Y%m}-00012"), ("信息分类", "政府信息公开年报"),
        ("发布机构", item.body.name if item.body else f"{COUNTY.name}人民政府办公室"), ("发布日期", item.date), ("名称", item.title)))  # fmt: skip
    return (
        f'<table class="table_suoyin"><tr>{index}</tr></table><h1 class="wztit">{item.title}</h1>'
        f'<div class="j-fontContent wzcon">{bench.text_of(item)}</div>'
    )
