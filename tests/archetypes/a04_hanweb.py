"""A4: Hanweb JCMS: records inside the page, the rest from a proxy that reads only some of its parameters."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from urllib.parse import quote, urlencode

from tests.archetypes import bodies, files
from tests.archetypes.county import County
from tests.archetypes.making import Bench, Item, chunks, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response

COUNTY = County("990104", "泽芷区", "砚州市")
PROXY = "/module/web/jpage/dataproxy.jsp"
SEARCH = "/module/xxgk/search.jsp"
AREA, DIV, JDID, UNIT = "990104000000", "div1256283", "39", "247686"
COLUMN = "/col/col1001/index.html"
INLINE, PER_PAGE = 60, 20
EMPTY = b"<?xml version='1.0' encoding='utf-8'?><datastore/>    "


def list_path(slug: str, page: int) -> str:
    return f"/col/col{2000 + sum(map(ord, slug))}/index.html" + (f"?uid=356383&pageNum={page + 1}" if page else "")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/art/{day.year}/{day.month}/{day.day}/art_{2000 + sum(map(ord, slug))}_{60000 + n}.html"


def build(port: int) -> World:
    bench = Bench("A4", "Hanweb datastore, proxy and search module", COUNTY, "zezhi", port, 4, list_path, article_path)
    bench.chrome.public = f'<a href="{COLUMN}?number=D001">政府信息公开</a>'
    bench.home(f'<a href="{COLUMN}?number=D001">政府信息公开</a>')
    bench.step("/")
    bench.step(f"{COLUMN}?number=D001", "?number=D001")
    _menu_pages(bench)
    _county_list(bench)
    _town_list(bench)
    bench.register()
    return bench.world


def _menu_pages(bench: Bench) -> None:
    tabs = (("D001-A001", "政府信息公开指南"), ("D001-A002", "政府信息公开制度"), ("D001-A003", "法定主动公开内容"),
            ("D001-A005", "政府信息公开年报"), ("D001-A006", "政府网站年度报表"))  # fmt: skip
    links = "".join(f'<li><a href="{COLUMN}?number={number}">{name}</a></li>' for number, name in tabs)
    towns = '<li><a href="/col/col1003/index.html">镇（街道）信息公开</a></li>'
    main = f'<ul class="left">{links}{towns}</ul><p>请选择栏目</p>'
    for target in (COLUMN, f"{COLUMN}?number=D001"):
        bench.page(target, "政府信息公开", main)
    for number, name in tabs:
        if number not in {"D001-A005", "D001-A006"}:
            bench.page(f"{COLUMN}?number={number}", name, f"<p>{name}：全文略。</p>")
    website = [item for year in range(2018, 2026) for item in decoy_items(COUNTY, year) if item.why == "website report"]
    rows = "".join(_row(item, _path(item, 1006)) for item in website)
    bench.page(f"{COLUMN}?number=D001-A006", "政府网站年度报表", f"<ul>{rows}</ul>")
    for item in website:
        bench.article(item, _path(item, 1006), _text(bench, item))
    frame = f'<iframe src="/module/xxgk/tree.jsp?area={AREA}" id="xxgktree" width="230"></iframe><div id="{DIV}">加载中</div>'
    bench.page("/col/col1003/index.html", "镇（街道）信息公开", frame)


def _county_items() -> list[Item]:
    """95 rows: 24 reports among the look-alikes of six years."""
    agencies = [COUNTY.government, COUNTY.office, *COUNTY.departments(6)]
    reports = [report_item(body, year) for body in agencies for year in (2023, 2024, 2025)]
    single = {"infographic twin", "report of the parent city"}
    others = [item for year in range(2020, 2026) for item in decoy_items(COUNTY, year, more=True)
              if year == 2024 or item.why not in single]  # fmt: skip
    dead = Item(f"{COUNTY.name}商务局2020年政府信息公开工作年度报告", "2021-01-29", None, 2020, "dead link")
    needed = sorted(others, key=lambda item: item.year != 2024)[: 95 - len(reports) - 1]
    return newest_first([*reports, *needed, dead])


def _county_list(bench: Bench) -> None:
    items = _county_items()
    records = [f"<record><![CDATA[{_row(item, _path(item, 1001))}]]></record>" for item in items]
    parameters = {"col": "1", "appid": "1", "webid": "39", "path": "/", "columnid": "1001", "sourceContentType": "1",
                  "unitid": UNIT, "webname": f"{COUNTY.name}人民政府", "permissiontype": "0"}  # fmt: skip
    following = html.escape(f"{PROXY}?page=1&" + urlencode(parameters))
    store = (
        f'<div id="{UNIT}"><script type="text/xml"><datastore><nextgroup><![CDATA[<a href="{following}">]]></nextgroup>'
        f"<recordset>{''.join(records[:INLINE])}</recordset></datastore></script></div><script>\n"
        f"jQuery('#{UNIT}').jpage({{ totalRecord:{len(items)}, perPage:{PER_PAGE}, groupSize:3, proxyUrl:'{PROXY}', proxyParam:"
        "{" + ",".join(f"{key}:'{value}'" for key, value in parameters.items()) + "}});\n</script>"
    )
    column = f"{COLUMN}?number=D001-A005"
    bench.page(column, "政府信息公开年报", store, meta='<meta name="ColumnName" content="政府信息公开年报">')
    bench.step(column, "?number=D001-A005")

    def proxy(request: Request) -> Response:
        if "referer" not in request.headers:
            return Response(EMPTY, media="text/xml;charset=utf-8")
        values = {**request.query, **request.form}
        page, per_page = _number(values.get("page"), 1), min(_number(values.get("perpage"), PER_PAGE), 300)
        chosen = records[(page - 1) * per_page : page * per_page] if values.get("columnid") == "1001" else []
        text = (
            f'<?xml version="1.0" encoding="utf-8"?><datastore><totalrecord>{len(items)}</totalrecord><totalpage>'
            f"{-(-len(items) // per_page)}</totalpage><recordset>{''.join(chosen)}</recordset></datastore>"
        )
        return Response(text.encode(), media="text/xml;charset=utf-8")

    bench.route(PROXY, proxy)
    bench.step(
        f"{PROXY}?startrecord=1&endrecord=95&perpage=100&page=1", PROXY, method="POST", body=urlencode(parameters),
        headers=(("Referer", bench.url(column)), ("Content-Type", "application/x-www-form-urlencoded")),
    )  # fmt: skip
    _documents(bench, [(item, _path(item, 1001)) for item in items], lambda n: n % 3 == 0)
    twice = next(item for item in items if item.is_report and item.body == COUNTY.departments(3)[2])
    bench.article(twice, _path(twice, 1077), _text(bench, twice))
    bench.page("/col/col1077/index.html", "部门公告", f"<ul>{_row(twice, _path(twice, 1077))}</ul>")


def _town_list(bench: Bench) -> None:
    """The search module: all categories of all towns, so that rows must be told apart by their titles."""
    items = [report_item(town, year) for town in COUNTY.towns(8) for year in (2024, 2025)]
    for town in COUNTY.towns(8):
        items.append(Item(f"{town.name}2025年度部门预算公开", "2025-02-11", None, 2025, "accounts"))
        items.append(Item(f"{town.short}防汛抗旱应急预案", "2024-06-02", None, 2024, "plan"))
        items.append(Item(f"{town.name}2024年政府信息公开工作要点", "2024-04-12", None, 2024, "work plan"))
    items = newest_first(items)[:40]
    pages = chunks(items, 20)
    tree = (
        "<html><head><script>var tree = new dTree('tree');\n"
        + "".join(f"tree.add('F01{n:05d}','0','{town.short}');\n" for n, town in enumerate(COUNTY.towns(8), 1))
        + "function search(page) { $.post('" + SEARCH + "', { infotypeId:'', jdid:'" + JDID + "', area:'" + AREA + "', divid:'"
        + DIV + "', currpage: page, sortfield:'' }, function (data) { $('#" + DIV + "', parent.document).html(data); }); }\n"
        "search(1);</script></head><body></body></html>"
    )  # fmt: skip
    bench.put(f"/module/xxgk/tree.jsp?area={AREA}", tree)

    def search(request: Request) -> Response:
        page = _number(request.form.get("currpage") or request.query.get("currpage"), 1)
        rows = "".join(
            f'<tr class="tr_main_value_{"odd" if n % 2 else "even"}"><td><a href="{_path(item, 1003)}" target="_blank" '
            f'title="{item.title}">{item.cut(22)}</a></td><td>{item.date}</td></tr>'
            for n, item in enumerate(pages[page - 1] if 1 <= page <= len(pages) else [])
        )
        text = f'<table class="tb_main">{rows}</table><div class="pages">共{len(items)}条 第{page}页/共{len(pages)}页</div>'
        return Response(text.encode())

    bench.route(SEARCH, search)
    bench.step("/col/col1003/index.html", "/col/col1003/index.html")
    bench.step(f"/module/xxgk/tree.jsp?area={AREA}", f"tree.jsp?area={AREA}")
    for k in range(1, len(pages) + 1):
        form = {"infotypeId": "", "jdid": JDID, "area": AREA, "divid": DIV, "currpage": k, "sortfield": ""}
        headers = (
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Referer", bench.url("/col/col1003/index.html")),
        )
        bench.step(SEARCH, SEARCH, method="POST", body=urlencode(form), headers=headers)
    _documents(bench, [(item, _path(item, 1003)) for item in items], lambda n: n % 4 == 1)


def _documents(bench: Bench, places: list[tuple[Item, str]], as_file: Callable[[int], bool]) -> None:
    n = 0
    for item, path in places:
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        elif not item.is_report:
            bench.article(item, path, _text(bench, item), crumbs=("政府信息公开",))
        else:
            bench.step(path)
            if as_file(n):
                _file(bench, item, path)
            else:
                bench.article(item, path, _text(bench, item), crumbs=("政府信息公开", "政府信息公开年报"))
            n += 1


def _file(bench: Bench, item: Item, path: str) -> None:
    """A script hands the file out, as text/html."""
    assert item.body is not None
    target = f"/module/download/downfile.jsp?classid=0&showname={quote(item.title)}.pdf&filename={hex32('a4', item.title)}.pdf"
    content = files.of(bodies.made(item.body, item.year, item.title), "pdf")
    disposition = b'attachment; filename="' + f"{item.title}.pdf".encode("gbk") + b'"'
    bench.put(target, content, media="text/html;charset=utf-8", headers=(("Content-Disposition", disposition),))
    link = f'<p><a href="{html.escape(target)}">{item.title}.pdf</a></p>'
    bench.page(path, item.title, _view(item, link), meta=bench.article_meta(item))
    bench.expect(item, bench.url(path), bench.url(target), content, "pdf")
    bench.step(target, f"{hex32('a4', item.title)}.pdf")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() and int(text) > 0 else otherwise


def _path(item: Item, column: int) -> str:
    return f"/art/{item.day.year}/{item.day.month}/{item.day.day}/art_{column}_{5000 + int(hex32(item.title, column)[:5], 16)}.html"


def _row(item: Item, href: str) -> str:
    return f'<li><span>{item.date}</span><a href="{href}" title="{item.title}" target="_blank">{item.cut(28)}</a></li>'


def _text(bench: Bench, item: Item) -> str:
    return _view(item, bench.text_of(item))


def _view(item: Item, text: str) -> str:
    return (
        f'<!--<$[标题名称(html)]>begin--><h1 class="tit">{item.title}</h1><!--<$[标题名称(html)]>end--><p>发布日期：{item.date} 来源：'
        f'{COUNTY.name}人民政府 浏览次数：<script src="/module/visitcount/articlehits.jsp"></script></p><div id="zoom">{text}</div>'
    )
