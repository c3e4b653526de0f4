"""What the five sample portals show: a home page, the way to the reports, the reports, and their look-alikes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tests.archetypes.server import Response, Site
from tests.portals.documents import DOCX, PDF, html
from tests.portals.seeds import SEEDS, Seed

PORT = 8640
ADDRESSES = {
    "640221": "127.64.2.21",
    "410328": "127.41.3.28",
    "410425": "127.41.4.25",
    "640303": "127.64.3.3",
    "640522": "127.64.5.22",
}
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    href: str
    title: str
    date: str


def lookalikes(seed: Seed) -> list[Row]:
    """Documents that stand in the same list and are no reports."""
    place = seed.agency.removesuffix("人民政府")
    return [
        Row("lookalike/1.html", f"{place}2024年法治政府建设年度报告", "2025-01-20"),
        Row("lookalike/2.html", f"{seed.county}政府网站工作年度报表（2024年度）", "2025-01-17"),
        Row("lookalike/3.html", f"{seed.agency}2023年度部门决算", "2024-09-30"),
        Row("lookalike/4.html", f"一图读懂：{place}2024年政府信息公开工作年度报告", "2025-02-06"),
        Row("lookalike/5.html", "关于做好2024年政府信息公开工作年度报告编制和发布工作的通知", "2024-12-18"),
        Row("lookalike/6.html", f"{seed.agency}政府信息公开指南", "2024-03-11"),
    ]


def page(county: str, title: str, body: str, trail: Sequence[tuple[str, str]] = (), head: str = "") -> bytes:
    """A page with the menu and the footer that every page of a portal has."""
    menu = "".join(
        f'<li><a href="{href}">{text}</a></li>'
        for href, text in (
            ("/", "首页"),
            ("/zjxx/", f"走进{county[:-1]}"),
            ("/xwzx/", "新闻中心"),
            ("/zwgk/", "政务公开"),
            ("/bsfw/", "办事服务"),
            ("/hdjl/", "互动交流"),
        )
    )
    way = " &gt; ".join(f'<a href="{href}">{text}</a>' for href, text in (("/", "首页"), *trail))
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}_{county}人民政府</title>
<meta name="SiteName" content="{county}人民政府门户网站"><meta name="viewport" content="width=device-width">
{head}</head><body>
<div class="header"><h2 class="logo">{county}人民政府</h2><ul class="nav">{menu}</ul></div>
<div class="position">当前位置：{way}</div>
{body}
<div class="footer"><p>主办：{county}人民政府办公室　承办：{county}电子政务中心</p>
<p>网站标识码：0000000000　ICP备00000000号</p></div>
</body></html>""".encode()


def listing(rows: Sequence[Row]) -> str:
    items = "\n".join(
        f'<li><a href="{row.href}" title="{escape(row.title)}">{escape(_cut(row.title))}</a>'
        f"<span>{row.date}</span></li>"
        for row in sorted(rows, key=lambda row: row.date, reverse=True)
    )
    return f'<div class="list"><ul class="zfxxgk_zdgkc">\n{items}\n</ul></div>'


def _cut(title: str) -> str:
    return title if len(title) <= 24 else f"{title[:22]}..."


def article(seed: Seed, title: str, date: str, body: str) -> bytes:
    head = (
        f'<meta name="ArticleTitle" content="{escape(title)}"><meta name="PubDate" content="{date} 09:30">'
        f'<meta name="ContentSource" content="{seed.agency}">'
    )
    inside = (
        f'<div class="article"><h1>{escape(title)}</h1><p class="info">发布时间：{date} 来源：{seed.agency} '
        f'浏览次数：<span id="hits"></span></p><div id="zoom" class="TRS_Editor">{body}</div></div>'
    )
    return page(seed.county, title, inside, (("/zwgk/", "政务公开"),), head)


def _lookalike_pages(seed: Seed, folder: str) -> dict[str, Response]:
    texts = (
        "为深入推进法治政府建设，现将有关情况报告如下。一、主要举措和成效。二、存在的不足和原因。三、下一年度工作安排。",
        "填报单位、网站名称、首页网址、网站标识码、信息发布（单位：条）总数、概况类信息更新量、政务动态信息更新量。",
        "第一部分 部门概况。第二部分 2023年度部门决算表。第三部分 2023年度部门决算情况说明。第四部分 名词解释。",
        "一张图带您了解年度报告。",
        "各乡镇人民政府、县政府各部门：为做好年度报告编制和发布工作，现将有关事项通知如下。一、编制主体。二、时间要求。",
        "为方便公民、法人和其他组织获取政府信息，特编制本指南。一、主动公开。二、依申请公开。三、监督和救济。",
    )
    return {
        f"{folder}{row.href}": Response(article(seed, row.title, row.date, f"<p>{text}</p>"), media=HTML)
        for row, text in zip(lookalikes(seed), texts, strict=True)
    }


def _entry(seed: Seed, listing_path: str) -> dict[str, Response]:
    """Home page, the column 政务公开 and a little news, as any portal has them."""
    news = [
        Row(f"/xwzx/{n}.html", f"{seed.county}召开第{n}次工作推进会议", f"2025-01-{n + 10:02d}") for n in range(1, 9)
    ]
    home = f'<div class="news">{listing(news)}</div><div><a href="/zwgk/">政府信息公开</a></div>'
    column = (
        '<div class="left"><ul><li><a href="/zwgk/zhinan.html">政府信息公开指南</a></li>'
        '<li><a href="/zwgk/zhidu.html">政府信息公开制度</a></li>'
        '<li><a href="/zwgk/fdzdgknr/">法定主动公开内容</a></li>'
        f'<li><a href="{listing_path}">政府信息公开年报</a></li>'
        '<li><a href="/zwgk/ysq.html">依申请公开</a></li></ul></div>'
    )
    pages = {
        "/": page(seed.county, "首页", home),
        "/zwgk/": page(seed.county, "政务公开", column),
        "/xwzx/": page(seed.county, "新闻中心", listing(news)),
    }
    pages |= {row.href: article(seed, row.title, row.date, f"<p>{row.title}。</p>") for row in news}
    return {path: Response(body, media=HTML) for path, body in pages.items()}


def _pingluo(seed: Seed) -> dict[str, Response]:
    """An article page with real tables, in a static list of a TRS kind."""
    folder = "/zwgk/zfxxgk/zfxxgknb/"
    report = Row("./202501/t20250116_4801.html", seed.title, "2025-01-16")
    rows = [report, *lookalikes(seed)]
    body = f'{listing(rows)}<script>createPageHTML(1, 0, "index", "html", {len(rows)});</script>'
    return {
        **_entry(seed, folder),
        **_lookalike_pages(seed, folder),
        folder: Response(page(seed.county, "政府信息公开年报", body), media=HTML),
        f"{folder}202501/t20250116_4801.html": Response(
            article(seed, report.title, report.date, html(seed)), media=HTML
        ),
    }


def _luoning(seed: Seed) -> dict[str, Response]:
    """A list that exists only after JavaScript has run: no address stands in the page as served."""
    folder = "/zwgk/nb/"
    report = Row("content/2025/0113.html", seed.title, "2025-01-13")
    secret = base64.b64encode(bytes(byte ^ 37 for byte in listing([report, *lookalikes(seed)]).encode())).decode()
    script = (
        '<div id="list"></div><script>(function(){var s=atob("' + secret + '"),b=new Uint8Array(s.length);'
        "for(var i=0;i<s.length;i++){b[i]=s.charCodeAt(i)^37}"
        'document.getElementById("list").innerHTML=new TextDecoder("utf-8").decode(b)})()</script>'
    )
    return {
        **_entry(seed, f"{folder}index.html"),
        **_lookalike_pages(seed, folder),
        f"{folder}index.html": Response(page(seed.county, "政府信息公开年报", script), media=HTML),
        f"{folder}content/2025/0113.html": Response(article(seed, report.title, report.date, html(seed)), media=HTML),
    }


def _jiaxian(seed: Seed) -> dict[str, Response]:
    """The rows of the list are files: the report is a PDF without a page of its own."""
    folder = "/zwgk/zfxxgknb/"
    report = Row("/upload/2025/01/4b1e0c6a.pdf", seed.title, "2025-01-21")
    return {
        **_entry(seed, folder),
        **_lookalike_pages(seed, folder),
        folder: Response(page(seed.county, "政府信息公开年报", listing([report, *lookalikes(seed)])), media=HTML),
        report.href: Response(PDF.read_bytes(), media="application/pdf"),
    }


def _hongsibu(seed: Seed) -> dict[str, Response]:
    """An article of one line with the report as an attached DOCX."""
    folder = "/xxgk/ndbg/"
    report = Row("202501/t20250117_99.html", seed.title, "2025-01-17")
    file = "202501/P020250117351.docx"
    line = f'<p>附件：<a href="./{file.rpartition("/")[2]}">{escape(seed.title)}.docx</a></p>'
    media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {
        **_entry(seed, folder),
        **_lookalike_pages(seed, folder),
        folder: Response(page(seed.county, "信息公开年度报告", listing([report, *lookalikes(seed)])), media=HTML),
        folder + report.href: Response(article(seed, report.title, report.date, line), media=HTML),
        folder + file: Response(DOCX.read_bytes(), media=media),
    }


def _haiyuan(seed: Seed) -> dict[str, Response]:
    """Plain text, in the national encoding and without saying so."""
    folder = "/zwgk/gknb/"
    report = Row("2025/qyz.txt", seed.title, "2025-01-23")
    return {
        **_entry(seed, folder),
        **_lookalike_pages(seed, folder),
        folder: Response(page(seed.county, "年度报告", listing([report, *lookalikes(seed)])), media=HTML),
        folder + report.href: Response(seed.text.encode("gb18030"), media="text/plain"),
    }


PORTALS = {"640221": _pingluo, "410328": _luoning, "410425": _jiaxian, "640303": _hongsibu, "640522": _haiyuan}


def sites() -> list[Site]:
    """The five portals, each at an address of its own."""
    return [
        Site(
            names=(ADDRESSES[seed.county_code],),
            address=ADDRESSES[seed.county_code],
            pages=dict(PORTALS[seed.county_code](seed)),
        )
        for seed in SEEDS
    ]


def registry(port: int) -> str:
    """A registry of the five, with the columns that any registry needs."""
    rows = [f"{seed.county_code},{seed.county},http://{ADDRESSES[seed.county_code]}:{port}/" for seed in SEEDS]
    return "\n".join(["code,name,url", *rows]) + "\n"
