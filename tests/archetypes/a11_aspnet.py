"""A11: an old ASP.NET site: pages by post-back, three wrong charsets, every file format, and TLS of two ages."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import html
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.archetypes import bodies, files
from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import Outcome, World
from tests.archetypes.server import Request, Response, Site

COUNTY = County("990111", "鹤汀县", "榆湾市")
LIST, TARGET, ROWS = "/Open/List.aspx?ClassID=602", "ctl00$Body$AspNetPager1", 12
# wrong header over GBK bytes; a meta tag that promises less than the page holds; nothing at all
CHARSETS = (("text/html; charset=utf-8", "gb2312"), ("text/html", "gb2312"), ("text/html", "none"))
RARE = "<p>地名用字：䶮、𬭊、㛃，按原字公布。</p>"


@dataclass(frozen=True, slots=True)
class Attached:
    """How a report hangs on its article: the ending of its link, the maker of its bytes, and what may come of it."""

    suffix: str
    make: Callable[[Item], bytes]
    outcome: Outcome = "held"


def _of(form: str) -> Callable[[Item], bytes]:
    def make(item: Item) -> bytes:
        assert item.body is not None
        return files.of(bodies.made(item.body, item.year, item.title), form)

    return make


FORMS = (
    *(Attached(".doc", _of("htm")),) * 3,
    *(Attached(".doc", _of("doc")),) * 2,
    *(Attached(".wps", _of("wps")),) * 2,
    *(Attached(".PDF", _of("pdf")),) * 4,
    *(Attached(".docx", _of("docx")),) * 3,
    *(Attached(".pdf", lambda item: files.scanned(zlib.crc32(item.title.encode())), "unread"),) * 2,
    Attached(".rar", lambda item: files.rar_of([(f"{item.title}.doc", _of("doc")(item))])),
    Attached(".pdf", lambda item: b"", "blocked"),
    Attached(".pdf", _of("pdf")),
)


def list_path(slug: str, page: int) -> str:
    number = 100 + sum(map(ord, slug)) % 480
    return f"/News/List.aspx?ClassID={number}" + (f"&page={page + 1}" if page else "")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/News/View.aspx?NewsID={70000 + n}&ClassID={100 + sum(map(ord, slug)) % 480}"


def build(port: int) -> World:
    bench = Bench("A11", "old ASP.NET, encodings and formats", COUNTY, "heting", port, 11, list_path, article_path)
    bench.site.case_blind = True
    bench.chrome.charset, bench.media = "gb2312", "text/html"
    bench.chrome.public = '<a href="/Open/Index.aspx">政府信息公开</a>'
    # one host speaks only TLS 1.2 with a 1024-bit group, another only TLS as it should be
    legacy, secure = bench.add_site("gk.heting.localhost"), bench.add_site("wj.heting.localhost")
    legacy.plain, legacy.certificate = False, "dh1024"
    secure.plain, secure.certificate = False, "valid"
    home = bench.home('<a href="/Open/Index.aspx">政府信息公开</a>', paths=("/", "/Default.aspx"))
    bench.site.missing = lambda _: Response(home, media="text/html")
    bench.step("/Default.aspx")
    bench.step("/Open/Index.aspx")
    links = (
        (LIST, "政府信息公开年报"),
        ("/Open/List.aspx?ClassID=601", "政府信息公开指南"),
        ("/Open/List.aspx?ClassID=603", "政府网站年度报表"),
    )
    bench.page(
        "/Open/Index.aspx",
        "政府信息公开",
        "<ul>" + "".join(f'<li><a href="{a}">{b}</a></li>' for a, b in links) + "</ul>",
    )
    bench.page("/Open/List.aspx?ClassID=601", "政府信息公开指南", "<p>全文略。</p>")
    _website_reports(bench)
    items, archive = _items()
    _list(bench, items)
    _documents(bench, items, archive, [legacy, secure])
    bench.register(url=bench.url("/Default.aspx"))
    return bench.world


def _items() -> tuple[list[Item], Item]:
    """32 reports, one row for an archive of nine towns, look-alikes."""
    agencies = [COUNTY.government, COUNTY.office, *COUNTY.departments(6)]
    items = [report_item(body, year) for body in agencies for year in range(2022, 2026)]
    archive = Item(f"{COUNTY.name}2024年度各乡镇（街道）政府信息公开工作年度报告", "2025-01-31", None, 2024, "archive")
    dead = Item(f"{COUNTY.name}粮食局2017年政府信息公开工作年度报告", "2018-03-12", None, 2017, "dead link")
    return newest_first([*items, archive, dead, *decoy_items(COUNTY, 2024, more=True)]), archive


def _website_reports(bench: Bench) -> None:
    items = [item for year in range(2018, 2026) for item in decoy_items(COUNTY, year) if item.why == "website report"]
    rows = "".join(_row(item, f"View.aspx?NewsID={4000 + item.year}&ClassID=603") for item in items)
    bench.page("/Open/List.aspx?ClassID=603", "政府网站年度报表", f"<ul>{rows}</ul>")
    for item in items:
        bench.article(item, f"/Open/View.aspx?NewsID={4000 + item.year}&ClassID=603", _view(item, bench.text_of(item)))


def _path(item: Item) -> str:
    return f"/Open/View.aspx?NewsID={31000 + zlib.crc32(item.title.encode()) % 60000}&ClassID=602"


def _list(bench: Bench, items: list[Item]) -> None:
    """Four pages behind a form; each page's state must come back with the next request."""
    pages = [items[start : start + ROWS] for start in range(0, len(items), ROWS)]
    states = [f"/wEPDwUK{hex32('a11 state', k)}{hex32(k)}ZGQ=" for k in range(len(pages))]
    newest = [item for item in items if item.is_report][:3]
    # the same articles in other letters and another order of the query
    side = "".join(_row(item, _path(item).lower().replace("newsid", "NEWSID")) for item in newest)
    shown: list[bytes] = []
    for k, rows in enumerate(pages):
        lines = "".join(_row(item, _path(item).rpartition("/")[2].replace("&", "&amp;")) for item in rows)
        numbers = "".join(
            f"<span>{n + 1}</span>"
            if n == k
            else f"<a href=\"javascript:__doPostBack('{TARGET}','{n + 1}')\">{n + 1}</a>"
            for n in range(len(pages))
        )
        following = (
            f"<a href=\"javascript:__doPostBack('{TARGET}','{k + 2}')\">下一页</a>"
            if k + 1 < len(pages)
            else "<span>下一页</span>"
        )
        main = (
            '<form method="post" action="List.aspx?ClassID=602" id="aspnetForm"><input type="hidden" name="__EVENTTARGET" value="">'
            f'<input type="hidden" name="__EVENTARGUMENT" value=""><input type="hidden" name="__VIEWSTATE" value="{states[k]}">'
            f'<input type="hidden" name="__EVENTVALIDATION" value="/wEW{k}"><ul class="newslist">{lines}</ul>'
            f'<div id="{TARGET.replace("$", "_")}">{numbers}{following} 共{len(items)}条记录 第{k + 1}/{len(pages)}页</div></form>'
            f'<div class="side"><h4>最新公开</h4><ul>{side}</ul></div>'
        )
        shown.append(bench.chrome.page("政府信息公开年报", main, crumbs=("政府信息公开", "政府信息公开年报")))

    def listing(request: Request) -> Response:
        if request.method != "POST":
            return Response(shown[0], media="text/html")
        form, argument = request.form, request.form.get("__EVENTARGUMENT", "")
        if form.get("__VIEWSTATE") not in states or form.get("__EVENTTARGET") != TARGET or not argument.isdigit():
            return Response(
                "<h1>“/”应用程序中的服务器错误。</h1><p>验证视图状态 MAC 失败。</p>".encode("gbk"), 500, "text/html"
            )
        return Response(shown[min(max(int(argument), 1), len(shown)) - 1], media="text/html")

    bench.site.pages[LIST.lower()] = listing
    bench.step(LIST)
    for k in range(1, len(pages)):
        form = {
            "__EVENTTARGET": TARGET,
            "__EVENTARGUMENT": k + 1,
            "__VIEWSTATE": states[k - 1],
            "__EVENTVALIDATION": f"/wEW{k - 1}",
        }
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Referer", bench.url(LIST)))
        bench.step(LIST, f"('{TARGET}','{k + 1}')", method="POST", body=urlencode(form), headers=headers)


def _documents(bench: Bench, items: list[Item], archive: Item, hosts: list[Site]) -> None:
    reports = [item for item in items if item.is_report]
    texts, pictures = {*reports[::3], reports[-1]}, reports[7]
    rest = [item for item in reports if item not in texts and item is not pictures]
    attached = dict(zip(rest, FORMS, strict=True))
    for n, item in enumerate(items):
        bench.media, bench.chrome.declared = CHARSETS[n % 3]
        path = _path(item)
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        elif item is archive:
            _archive(bench, path, archive)
        elif item in attached:
            # some files lie on hosts of their own, one with TLS of another age
            _attach(bench, item, path, attached[item], hosts[n % 2] if n % 4 == 3 or n % 8 == 6 else bench.site)
        elif item is pictures:
            _pictures(bench, item, path)
        else:
            bench.article(item, path, _view(item, bench.text_of(item) + (RARE if n % 3 == 1 else "")))
            if item.is_report:
                bench.step(path)
    bench.media, bench.chrome.declared = "text/html", ""
    twice = next(item for item in reports if item.body == COUNTY.office and item in texts)
    bench.article(twice, "/News/View.aspx?NewsID=66001&ClassID=77", _view(twice, bench.text_of(twice)))
    bench.page(
        "/News/List.aspx?ClassID=77", "部门动态", f"<ul>{_row(twice, 'View.aspx?NewsID=66001&amp;ClassID=77')}</ul>"
    )


def _attach(bench: Bench, item: Item, path: str, form: Attached, host: Site) -> None:
    content = form.make(item)
    file = f"/UploadFiles/{item.day.year}/{item.day.month}/{hex32('a11', item.title)[:18]}{form.suffix}"
    bench.put(file, content, media="application/octet-stream", site=host)
    scheme = "http" if host.plain else "https"
    url = bench.url(file, host, scheme)
    link = url if host is not bench.site else f"..{file}"
    if form.suffix == ".doc" and host is bench.site:
        # as an editor on Windows wrote it
        link = link.replace("/", "\\")
    bench.page(path, item.title, _view(item, f'<p>附件：<a href="{link}">{item.title}{form.suffix}</a></p>'))
    bench.expect(item, bench.url(path), url, content, form.suffix[1:].lower(), form.outcome)
    bench.step(path)
    bench.step(url)


def _archive(bench: Bench, path: str, archive: Item) -> None:
    """One zip for nine towns: names in GBK, three formats inside."""
    towns: list[Body] = COUNTY.towns(9)
    reports = [report_item(town, archive.year) for town in towns]
    members = []
    for n, item in enumerate(reports):
        form = ("htm", "docx", "pdf")[n % 3]
        members.append((f"乡镇年报/{item.title}.{form.replace('htm', 'doc')}", _of(form)(item)))
    packed = files.zip_of(members)
    file = "/UploadFiles/2025/1/xzjd2024.zip"
    bench.put(file, packed, media="application/octet-stream")
    bench.page(path, archive.title, _view(archive, f'<p>附件：<a href="..{file}">{archive.title}.zip</a></p>'))
    for item, (_, content) in zip(reports, members, strict=True):
        bench.expect(item, bench.url(path), bench.url(file), content, "zip")
        bench.expect(item, bench.url(path), bench.url(file), packed, "zip")
    bench.step(path)
    bench.step(file)


def _pictures(bench: Bench, item: Item, path: str) -> None:
    """A report pasted as pictures of its pages."""
    paths = [f"/UploadFiles/{item.day.year}/{hex32('a11', item.title)[:12]}_{n}.png" for n in range(3)]
    pictures = [files.png(n + 7) for n in range(3)]
    body = bench.page(path, item.title, _view(item, "".join(f'<p><img src="..{file}"></p>' for file in paths)))
    bench.expect(item, bench.url(path), bench.url(path), body, "pictures", "unread")
    for file, picture in zip(paths, pictures, strict=True):
        bench.put(file, picture, media="image/png")
        bench.expect(item, bench.url(path), bench.url(file), picture, "pictures", "unread")
    bench.step(path)


def _row(item: Item, href: str) -> str:
    return f'<li><a href="{href}" title="{html.escape(item.title)}">{item.cut(16)}</a><span>[{item.date}]</span></li>'


def _view(item: Item, text: str) -> str:
    spaced = re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\1年\2月\3日", item.date)
    return (
        f'<div class="view"><h1><span id="ctl00_Body_lblTitle">{item.title}</span></h1><p>发布日期：{spaced} 点击数：'
        f'<span id="ctl00_Body_lblHits">88</span></p><div id="ctl00_Body_divContent" class="content">{text}</div></div>'
    )
