"""A3: columns in the style of UCAP: the file name is the layout, departments stand in frames, one list is JSON."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, chunks, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import World, sha256
from tests.archetypes.server import Request, Response, Site

COUNTY = County("990103", "临篁县", "云泽市")
SITE = "lhx"
CHANNEL = hex32("a3", "channel of the towns")
SEARCH = f"/common/search/{CHANNEL}"
COLUMN = f"/{SITE}/xxgknb/xxgk_list"


def list_path(slug: str, page: int) -> str:
    return f"/{SITE}/{slug}/list{f'_{page + 1}' if page else ''}.shtml"


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/{SITE}/{slug}/{day:%Y%m}/{hex32('a3', slug, n)}.shtml"


def build(port: int) -> World:
    bench = Bench("A3", "UCAP columns, framed departments", COUNTY, "linhuang", port, 3, list_path, article_path)
    bench.chrome.public = f'<a href="/{SITE}/c100010/redirect_firstChannel.shtml">政府信息公开</a>'
    bench.home(
        f'<a href="/{SITE}/c100010/redirect_firstChannel.shtml">信息公开</a>', paths=("/", f"/{SITE}/index.shtml")
    )
    sibling = bench.add_site("jyj.linhuang.localhost")
    sibling.missing = bench.soft_404
    _entry(bench)
    _column(bench)
    _departments(bench, sibling)
    _towns(bench)
    bench.register(url=bench.url(f"/{SITE}/index.shtml"))
    return bench.world


def _entry(bench: Bench) -> None:
    target = f"/{SITE}/c100011/zfxxgk.shtml"
    shell = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><script type="text/javascript">\n'
        f'var url = "{target}"; if (url != "") {{ window.location.href = "{target}"; }}\n</script></head><body></body></html>'
    )
    bench.put(f"/{SITE}/c100010/redirect_firstChannel.shtml", f"{shell:819}")
    menu = "".join(
        f'<li><a href="{path}">{name}</a></li>'
        for path, name in (
            (f"/{SITE}/c100012/zfxxgk_zn.shtml", "政府信息公开指南"), (f"/{SITE}/c100013/zfxxgk_zd.shtml", "政府信息公开制度"),
            (f"{COLUMN}.shtml", "政府信息公开年报"), (f"/{SITE}/c100014/wznb_list.shtml", "政府网站年度报表"),
            (f"/{SITE}/c100020/bmxxgk.shtml", "部门信息公开"),
        )
    )  # fmt: skip
    script = (
        '<h3>乡镇（街道）信息公开年报</h3><ul id="xzjdList"></ul><div id="xzjdPage"></div><script>\n'
        f'var channelId = "{CHANNEL}";\nfunction load(page) {{ $.getJSON("{SEARCH}?page=" + page + '
        '"&_pageSize=15&_isAgg=true&_isJson=true&_template=index", function (res) { render(res.data); }); }\nload(1);\n</script>'
    )
    bench.page(target, "政府信息公开", f'<ul class="left">{menu}</ul>{script}')
    for path, name in (
        (f"/{SITE}/c100012/zfxxgk_zn.shtml", "政府信息公开指南"),
        (f"/{SITE}/c100013/zfxxgk_zd.shtml", "政府信息公开制度"),
    ):
        bench.page(path, name, f"<p>{name}：全文略。</p>")
    website = [item for year in range(2018, 2026) for item in decoy_items(COUNTY, year) if item.why == "website report"]
    bench.page(
        f"/{SITE}/c100014/wznb_list.shtml",
        "政府网站年度报表",
        _rows((item, _path(item, "c100014")) for item in website),
    )
    for item in website:
        bench.article(item, _path(item, "c100014"), _text(bench, item))
    bench.step(f"/{SITE}/index.shtml")
    bench.step(f"/{SITE}/c100010/redirect_firstChannel.shtml")
    bench.step(target)


def _column(bench: Bench) -> None:
    own = [COUNTY.government, COUNTY.office]
    items = [report_item(body, year) for body in own for year in range(2021, 2026)]
    items += [report_item(body, year) for body in COUNTY.departments(15)[8:] for year in (2023, 2024, 2025)]
    dead = Item(f"{COUNTY.name}统计局2020年政府信息公开工作年度报告", "2021-01-25", None, 2020, "dead link")
    items = newest_first([*items, *decoy_items(COUNTY, 2024), dead])
    files = {item for item in items if item.is_report and item.year == 2024 and item.body in COUNTY.departments(11)[8:]}
    places = [(item, _file_path(item) if item in files else _path(item, "xxgknb")) for item in items]
    pages = chunks(items, 20)
    for k in range(len(pages)):
        rows = _rows(places[k * 20 : k * 20 + 20])
        pager = f"<script>createPageHTML('page_div',{len(pages)},{k + 1},'xxgk_list','shtml',{len(items)});</script>"
        name = f"{COLUMN}{f'_{k + 1}' if k else ''}.shtml"
        bench.page(
            name,
            "政府信息公开年报",
            f'{rows}<div id="page_div"></div>{pager}',
            meta='<meta name="ColumnName" content="政府信息公开年报">',
        )
        bench.step(name, "createPageHTML('page_div',2,1,'xxgk_list'" if k else "")
    for n, (item, path) in enumerate(places):
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        elif item in files:
            bench.file(item, path, path, "pdf")
        else:
            # two articles carry the same text once more as a file
            twin = (
                f'<p>附件：<a href="{_file_path(item)}">{item.title}.pdf</a></p>'
                if item.is_report and n in {1, 2}
                else ""
            )
            bench.article(item, path, _text(bench, item, twin), crumbs=("政府信息公开", "政府信息公开年报"))
            if twin:
                bench.file(item, path, _file_path(item), "pdf")
        if item.is_report:
            bench.step(path)


def _departments(bench: Bench, sibling: Site) -> None:
    """Eight departments in frames; the links of one begin with the code of another site and live on its host only."""
    offices = COUNTY.departments(8)
    links = "".join(
        f'<li><a href="/{SITE}xxgk/nk104/xxgk_bmtt.shtml?code=nk{1291 + n}&temp=navs_list">{body.short}</a></li>'
        for n, body in enumerate(offices)
    )
    bench.page(f"/{SITE}/c100020/bmxxgk.shtml", "部门信息公开", f'<ul class="bm">{links}</ul>')
    bench.step(f"/{SITE}/c100020/bmxxgk.shtml")

    def frame(request: Request) -> Response:
        code, temp = request.query.get("code", "nk0"), request.query.get("temp", "navs_list")
        body = offices[int(code[2:]) - 1291] if code[2:].isdigit() and 0 <= int(code[2:]) - 1291 < 8 else offices[0]
        inner = f'<iframe id="navs" src="/{SITE}xxgk/{code}/{temp}.shtml" width="100%" frameborder="0"></iframe>'
        return Response(bench.chrome.page(f"{body.short}信息公开", inner))

    bench.route(f"/{SITE}xxgk/nk104/xxgk_bmtt.shtml", frame)
    for n, body in enumerate(offices):
        code = f"nk{1291 + n}"
        bench.step(f"/{SITE}xxgk/nk104/xxgk_bmtt.shtml?code={code}&temp=navs_list", f"code={code}&temp")
        bench.step(f"/{SITE}xxgk/{code}/navs_list.shtml")
        _frame(bench, body, code, sibling if n == 0 else None)


def _frame(bench: Bench, body: Body, code: str, host: Site | None) -> None:
    items = [report_item(body, 2025), report_item(body, 2024)]
    items.append(Item(f"{body.name}2024年法治政府建设年度报告", "2025-03-02", None, 2024, "rule-of-law report"))
    items.append(Item(f"{body.name}信息公开指南", "2020-05-11", None, 2020, "guide"))
    places = [(item, _path(item, "c200001", f"{SITE}jyj" if host else f"{SITE}xxgk")) for item in items]
    script = f"<script>var siteDomain = {{'{SITE}jyj': '{bench.url('/', host).rstrip('/')}'}};</script>" if host else ""
    bench.page(f"/{SITE}xxgk/{code}/navs_list.shtml", f"{body.short}政府信息公开年报", f"{_rows(places)}{script}")
    for item, path in places:
        bench.article(item, path, _text(bench, item), crumbs=(body.short, "政府信息公开年报"), site=host)
        if item.is_report:
            bench.step(bench.url(path, host))


def _towns(bench: Bench) -> None:
    """Twenty reports of towns whose whole text is in the list reply."""
    items = [report_item(town, year) for town in COUNTY.towns(10) for year in (2024, 2025)]
    items += decoy_items(COUNTY, 2022, more=True)[6:10]
    items = newest_first(items)
    pages = chunks(items, 15)
    texts = {item: bench.text_of(item) for item in items}
    bodies = []
    for k, rows in enumerate(pages, 1):
        results = [
            {
                "title": item.title, "subTitle": "", "url": _path(item, "c100030"), "publishedTimeStr": f"{item.date} 10:12:00",
                "contentHtml": texts[item], "channelName": "乡镇街道年报", "memo": "",
                "domainMetaList": [{"domainName": "信息公开", "resultList": [{"key": "publisher", "value": item.body.name if item.body else ""}]}],
            }
            for item in rows
        ]  # fmt: skip
        reply = {"msg": "ok", "status": 0, "data": {"total": len(items), "rows": 15, "page": k, "results": results}}
        target = f"{SEARCH}?page={k}&_pageSize=15&_isAgg=true&_isJson=true&_template=index"
        bodies.append(bench.json(f"{SEARCH}#{k}", reply))
        bench.step(target, CHANNEL)
        for item in rows:
            body = bench.article(item, _path(item, "c100030"), _text(bench, item))
            if item.is_report:
                bench.expect(item, bench.url(_path(item, "c100030")), bench.url(target), bodies[-1], "json")
                assert sha256(body) in bench.seen[item.body.name, item.year].sha256  # type: ignore[union-attr]

    def search(request: Request) -> Response:
        page = request.query.get("page", "1")
        empty = b'{"msg":"ok","status":0,"data":{"total":%d,"rows":15,"results":[]}}' % len(items)
        valid = page.isdigit() and 1 <= int(page) <= len(bodies)
        return Response(bodies[int(page) - 1] if valid else empty, media="application/json;charset=UTF-8")

    bench.route(SEARCH, search)


def _path(item: Item, column: str, site: str = SITE) -> str:
    return f"/{site}/{column}/{item.day:%Y%m}/{hex32('a3', column, item.title)}.shtml"


def _file_path(item: Item) -> str:
    return f"/{SITE}/xxgknb/{item.day:%Y%m}/{sum(map(ord, item.title))}/files/{hex32('a3 file', item.title)}.pdf"


def _rows(places: Iterable[tuple[Item, str]]) -> str:
    rows = "".join(
        f'<li><a href="{path}" title="{item.title}">{item.cut(26)}</a><span class="time">{item.date}</span></li>'
        for item, path in places
    )
    return f'<ul class="xxgk_list">{rows}</ul>'


def _text(bench: Bench, item: Item, tail: str = "") -> str:
    parts = bench.text_of(item).split("\n")
    # long texts are one document that a script shows page by page
    parts.insert(len(parts) // 2, "#PAGE_BREAK#")
    return (
        f'<div class="con"><h1><UCAPTITLE>{item.title}</UCAPTITLE></h1><p>时间：<PUBLISHTIME>{item.date}</PUBLISHTIME>'
        f'</p><div id="UCAP-CONTENT"><UCAPCONTENT>{"".join(parts)}{tail}</UCAPCONTENT></div></div>'
    )
