"""A1: one static column in the style of TRS WCM; the pager is a script, the list is the directory."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import html

from tests.archetypes import bodies, files
from tests.archetypes.county import County
from tests.archetypes.making import MEDIA, Bench, Item, chunks, decoy_items, newest_first, report_item
from tests.archetypes.model import World

COUNTY = County("990101", "清穗县", "云泽市")
COLUMN = "/zwgk/zfxxgk/zfxxgknb/"
# another column with the same machinery: the yearly website reports, a false friend in the same menu
FRIENDS = (
    ("zfwzgzndbb", "政府网站工作年度报表", "website report"),
    ("fzzfjsndbg", "法治政府建设年度报告", "rule-of-law report"),
)


def list_path(slug: str, page: int) -> str:
    return f"/xwzx/{slug}/" + (f"index_{page}.html" if page else "")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/xwzx/{slug}/{day:%Y%m}/t{day:%Y%m%d}_{70000 + n}.html"


def build(port: int) -> World:
    bench = Bench("A1", "one static column, TRS style", COUNTY, "qingsui", port, 1, list_path, article_path)
    bench.chrome.public = '<a href="/zwgk/">政务公开</a><ul><li><a href="/zwgk/">信息公开</a></li></ul>'
    bench.chrome.foot = "<!-- TRS WCM -->"
    bench.home('<a href="/zwgk/"><img src="/images/zwgk.png" alt="政务公开"></a>')
    _columns(bench)
    items, dead = _items()
    _list(bench, items, dead)
    bench.register()
    return bench.world


def _items() -> tuple[list[Item], Item]:
    """45 reports and 7 look-alikes, one of which is a dead link that looks like a report."""
    government, towns = COUNTY.government, COUNTY.towns(6)
    agencies = [government, COUNTY.office, *COUNTY.departments(6), *towns]
    reports = [report_item(body, year) for body in agencies for year in (2023, 2024, 2025)]
    reports += [report_item(government, year, plain=True) for year in (2020, 2021, 2022)]
    dead = Item(f"{towns[0].name}2018年政府信息公开工作年度报告", "2019-01-22", towns[0], 2018, "dead link")
    return newest_first([*reports, *decoy_items(COUNTY, 2024), dead]), dead


def _menu(current: str) -> str:
    entries = [("zfxxgkzn", "政府信息公开指南"), ("zfxxgkzd", "政府信息公开制度"), ("fdzdgknr", "法定主动公开内容"),
               ("zfxxgknb", "政府信息公开年报"), ("ysqgk", "依申请公开"), *((slug, name) for slug, name, _ in FRIENDS)]  # fmt: skip
    links = "".join(f'<li><a href="/zwgk/zfxxgk/{slug}/">{name}</a></li>' for slug, name in entries)
    return f'<div class="zfxxgk_left"><h3>{current}</h3><ul>{links}</ul></div>'


def _columns(bench: Bench) -> None:
    links = "".join(
        f'<li><a href="{path}">{name}</a></li>'
        for path, name in (
            ("/zwgk/zfxxgk/", "政府信息公开"),
            ("/zwgk/zfwj/", "政府文件"),
            ("/zwgk/bmxxgk/", "部门信息公开"),
        )
    )
    bench.page("/zwgk/", "政务公开", f"<ul>{links}</ul><ul>{bench.chrome.news.rows('zcjd', 0, 10)}</ul>")
    bench.page("/zwgk/zfxxgk/", "政府信息公开", _menu("政府信息公开") + "<p>欢迎查阅</p>", crumbs=("政务公开",))
    for slug, name in (
        ("zfxxgkzn", "政府信息公开指南"),
        ("zfxxgkzd", "政府信息公开制度"),
        ("fdzdgknr", "法定主动公开内容"),
        ("ysqgk", "依申请公开"),
    ):
        bench.page(
            f"/zwgk/zfxxgk/{slug}/", name, _menu(name) + f"<p>{name}：全文略。</p>", crumbs=("政务公开", "政府信息公开")
        )
    for slug, name, why in FRIENDS:
        years = [item for year in range(2019, 2026) for item in decoy_items(COUNTY, year) if item.why == why]
        rows = "".join(_row(item, f"./{item.day:%Y%m}/t{item.day:%Y%m%d}_{3000 + item.year}.html") for item in years)
        bench.page(
            f"/zwgk/zfxxgk/{slug}/", name, _menu(name) + f'<ul class="zfxxgk_list">{rows}</ul>', crumbs=("政务公开",)
        )
        for item in years:
            _article(bench, item, f"/zwgk/zfxxgk/{slug}/{item.day:%Y%m}/t{item.day:%Y%m%d}_{3000 + item.year}.html")
    bench.page("/zwgk/zfwj/", "政府文件", f"<ul>{bench.chrome.news.rows('tzgg', 1, 10)}</ul>")


def _row(item: Item, href: str) -> str:
    return f'<li><a href="{href}" target="_blank" title="{html.escape(item.title)}">{item.cut()}</a><span>{item.date}</span></li>'


def _list(bench: Bench, items: list[Item], dead: Item) -> None:
    bench.step("/")
    bench.step("/zwgk/", "/zwgk/")
    bench.step("/zwgk/zfxxgk/", "/zwgk/zfxxgk/")
    pages = chunks(items, 20)
    pager = f'<div class="page"><script>createPageHTML({len(pages)}, %d, "index","html",{len(items)});</script></div>'
    number = {item: 1001 + n for n, item in enumerate(items)}
    for k, rows in enumerate(pages):
        lines = "".join(_row(item, f"./{item.day:%Y%m}/t{item.day:%Y%m%d}_{number[item]}.html") for item in rows)
        main = _menu("政府信息公开年报") + f'<div class="zfxxgk_zdgkc"><ul>{lines}</ul></div>{pager % k}'
        names = (f"{COLUMN}index_{k}.html",) if k else (COLUMN, f"{COLUMN}index.html")
        for name in names:
            bench.page(
                name,
                "政府信息公开年报",
                main,
                crumbs=("政务公开", "政府信息公开"),
                meta='<meta name="ColumnName" content="政府信息公开年报">',
            )
        bench.step(names[0], "zfxxgknb/" if not k else f'createPageHTML({len(pages)}, 0, "index","html"')
    bench.put(
        f"{COLUMN}index_{len(pages)}.html",
        "<html><head><title></title></head><body>" + "<!-- -->" * 37 + "</body></html>",
    )
    places = [(item, f"{COLUMN}{item.day:%Y%m}/t{item.day:%Y%m%d}_{number[item]}.html") for item in items]
    reports = [item for item in items if item.is_report]
    as_file = {item: ("pdf", "doc", "pdf", "htm")[n % 4] for n, item in enumerate(reports[3::4][:10])}
    for item, path in places:
        if item is dead:
            bench.decoy(item, bench.url(path))
        elif item in as_file:
            _file(bench, item, path, as_file[item])
        else:
            _article(bench, item, path, anonymous=item.is_report and number[item] % 5 == 0)
            if item.is_report:
                bench.step(path)
    twice = next(item for item in reports if item.body == COUNTY.office and item not in as_file)
    again = f"/zwgk/bmxxgk/{twice.day:%Y%m}/t{twice.day:%Y%m%d}_2001.html"
    bench.page("/zwgk/bmxxgk/", "部门信息公开", f"<ul>{_row(twice, again)}{bench.chrome.news.rows('bmdt', 2, 9)}</ul>")
    _article(bench, twice, again)


def _article(bench: Bench, item: Item, path: str, *, anonymous: bool = False) -> None:
    body = bench.page(path, item.title, _view(item, bench.text_of(item, **({"anonymous": True} if anonymous else {}))),
                      crumbs=("政务公开", "政府信息公开", "政府信息公开年报"), meta=bench.article_meta(item))  # fmt: skip
    url = bench.url(path)
    if item.is_report:
        bench.expect(item, url, url, body, "html")
    else:
        bench.decoy(item, url)


def _file(bench: Bench, item: Item, path: str, form: str) -> None:
    assert item.body is not None
    suffix = "pdf" if form == "pdf" else "doc"
    name = f"P0{item.day:%Y%m%d}{sum(map(ord, item.title)) * 7919 % 10**12:012d}.{suffix}"
    content = files.of(bodies.made(item.body, item.year, item.title), form)
    folder = path.rpartition("/")[0]
    bench.put(f"{folder}/{name}", content, media=MEDIA[suffix])
    link = f'<p><a appendix="true" otheroper="false" href="./{name}" title="{item.title}.{suffix}">{item.title}.{suffix}</a></p>'
    bench.page(path, item.title, _view(item, link), crumbs=("政务公开", "政府信息公开"), meta=bench.article_meta(item))
    bench.expect(item, bench.url(path), bench.url(f"{folder}/{name}"), content, form)
    bench.step(path)
    bench.step(f"{folder}/{name}")


def _view(item: Item, text: str) -> str:
    source = item.body.short if item.body else "县政府办公室"
    return (
        f'<h1 class="title">{item.title}</h1><div class="info">发布时间：{item.date} 09:30 来源：{source} '
        '字体：【大 中 小】 浏览次数：<script src="/js/count.js"></script></div>'
        f'<div class="view TRS_UEDITOR trs_paper_default trs_editor_view">{text}</div><div id="share">分享到：微信 微博</div>'
    )
