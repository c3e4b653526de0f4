"""A6: Visual SiteBuilder: pages count downwards, departments have hosts of their own, files ask for a Referer."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt

from tests.archetypes import bodies, files
from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, chunks, decoy_items, newest_first, report_item
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response, Site

COUNTY = County("990106", "沅栀县", "砚州市")
DOWNLOAD = "/system/_content/download.jsp"
COLUMN = "/zfxxgk/zfxxgknb"
HOSTS = ("edu", "fin", "agr")
# number -> name and content; an empty content stands behind a captcha
Attachments = dict[str, tuple[str, bytes]]


def list_path(slug: str, page: int) -> str:
    # twelve pages, numbered from the oldest
    return f"/xwzx/{slug}.htm" if page == 0 else f"/xwzx/{slug}/{12 - page}.htm"


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/info/{1100 + sum(map(ord, slug)) % 700}/{20000 + n}.htm"


def build(port: int) -> World:
    bench = Bench("A6", "VSB with hosts of departments", COUNTY, "yuanzhi", port, 6, list_path, article_path)
    bench.chrome.public = '<a href="/zfxxgk.htm">政府信息公开</a>'
    bench.chrome.head = '<!--Announced by Visual SiteBuilder 9--><script src="/_sitegray/_sitegray.js"></script>'
    bench.chrome.foot = '<script>_jsq_(1045,"/neirongye.jsp",7471,1164291239)</script>'
    bench.site.missing = lambda _: Response(bench.chrome.page("404", "<h2>您访问的页面不存在或已被删除</h2>"), 404)
    bench.home('<a href="/zfxxgk.htm">政府信息公开</a>')
    sites = _hosts(bench)
    attachments: Attachments = {}
    _entry(bench, sites)
    _county(bench, attachments)
    _departments(bench, sites, attachments)
    _download(bench, [bench.site, *sites.values()], attachments)
    bench.register()
    return bench.world


def _hosts(bench: Bench) -> dict[Body, Site]:
    """The education bureau has no TLS; the finance bureau has nothing else, and its certificate has run out."""
    offices = [COUNTY.departments(7)[n] for n in (0, 1, 6)]
    sites = {office: bench.add_site(f"{name}.yuanzhi.localhost") for office, name in zip(offices, HOSTS, strict=True)}
    education, finance, farming = sites.values()
    finance.plain, finance.certificate = False, "expired"
    farming.certificate = "valid"
    for site in (education, finance, farming):
        site.missing = bench.site.missing
    return sites


def _entry(bench: Bench, sites: dict[Body, Site]) -> None:
    options = "".join(
        f'<option value="{bench.url("/", site)}">{office.short}</option>' for office, site in sites.items()
    )
    links = "".join(
        f'<li><a href="{path}">{name}</a></li>'
        for path, name in (
            ("zfxxgk/zfxxgkzn.htm", "政府信息公开指南"), ("zfxxgk/zfxxgkzd.htm", "政府信息公开制度"),
            ("zfxxgk/zfxxgknb.htm", "政府信息公开年报"), ("zfxxgk/wzndbb.htm", "政府网站年度报表"),
        )
    )  # fmt: skip
    select = f'<select onchange="window.open(this.value)"><option value="">县直部门信息公开</option>{options}</select>'
    bench.page("/zfxxgk.htm", "政府信息公开", f'<ul class="left">{links}</ul>{select}')
    for path, name in (("/zfxxgk/zfxxgkzn.htm", "政府信息公开指南"), ("/zfxxgk/zfxxgkzd.htm", "政府信息公开制度")):
        bench.page(path, name, f"<p>{name}：全文略。</p>")
    website = [item for year in range(2018, 2026) for item in decoy_items(COUNTY, year) if item.why == "website report"]
    rows = "".join(_row(item, f"../info/1056/{4000 + item.year}.htm") for item in website)
    bench.page("/zfxxgk/wzndbb.htm", "政府网站年度报表", f"<ul>{rows}</ul>")
    for item in website:
        bench.article(item, f"/info/1056/{4000 + item.year}.htm", _view(item, bench.text_of(item)))
    bench.step("/")
    bench.step("/zfxxgk.htm")


def _county(bench: Bench, attachments: Attachments) -> None:
    own = [report_item(COUNTY.government, year) for year in range(2021, 2026)]
    own += [report_item(body, year) for body in (COUNTY.office, *COUNTY.departments(12)[2:6], *COUNTY.departments(12)[7:9])
            for year in (2023, 2024, 2025)]  # fmt: skip
    dead = Item(f"{COUNTY.name}林业局2020年政府信息公开工作年度报告", "2021-01-29", None, 2020, "dead link")
    items = newest_first([*own, *decoy_items(COUNTY, 2024, more=True), dead])
    number = {item: 1240 - n for n, item in enumerate(items)}
    pages = chunks(items, 15)
    for k, rows in enumerate(pages):
        # the newest page has the column's name, the oldest is 1.htm
        path = f"{COLUMN}.htm" if k == 0 else f"{COLUMN}/{len(pages) - k}.htm"
        up = ".." if k == 0 else "../.."
        following = (
            (f"zfxxgknb/{len(pages) - 1}.htm" if k == 0 else f"{len(pages) - k - 1}.htm") if k + 1 < len(pages) else ""
        )
        lines = "".join(_row(item, f"{up}/info/1055/{number[item]}.htm") for item in rows)
        bench.page(
            path, "政府信息公开年报", f'<ul class="list">{lines}</ul>{_pager(len(items), k + 1, len(pages), following)}'
        )
        bench.step(path, "zfxxgk/zfxxgknb.htm" if k == 0 else following_clue(pages, k))
    reports = [item for item in items if item.is_report]
    as_file = set(reports[1::3][:8])
    for item in items:
        path = f"/info/1055/{number[item]}.htm"
        if item is dead:
            bench.put(path, bench.chrome.page("404错误提示", "<h2>您访问的页面不存在或已被删除</h2>"))
            bench.decoy(item, bench.url(path))
        else:
            _document(bench, item, path, bench.site, item in as_file, attachments, "")
    twice = next(item for item in reports if item.body == COUNTY.office and item not in as_file)
    bench.article(twice, "/info/1077/1201.htm", _view(twice, bench.text_of(twice)))
    bench.page("/xwzx/bmgk.htm", "部门公开", f"<ul>{_row(twice, '../info/1077/1201.htm')}</ul>")


def following_clue(pages: list[list[Item]], k: int) -> str:
    """The href of the page after page ``k`` of a column."""
    return f'href="zfxxgknb/{len(pages) - 1}.htm"' if k == 1 else f'href="{len(pages) - k}.htm"'


def _departments(bench: Bench, sites: dict[Body, Site], attachments: Attachments) -> None:
    for n, (office, site) in enumerate(sites.items()):
        scheme = "http" if site.plain else "https"
        home = bench.chrome.page(office.short, '<ul><li><a href="zfxxgk/zfxxgknb.htm">政府信息公开年报</a></li>'
                                 '<li><a href="zfxxgk/zfxxgkzn.htm">政府信息公开指南</a></li></ul>')  # fmt: skip
        for path in ("/", "/index.htm"):
            bench.put(path, home, site=site)
        bench.put("/zfxxgk/zfxxgkzn.htm", bench.chrome.page("政府信息公开指南", "<p>全文略。</p>"), site=site)
        items = [report_item(office, year) for year in range(2022, 2026)]
        items.append(Item(f"{office.name}2024年法治政府建设年度报告", "2025-03-05", None, 2024, "rule-of-law report"))
        number = {item: 310 - k for k, item in enumerate(newest_first(items))}
        rows = "".join(_row(item, f"../info/1010/{number[item]}.htm") for item in number)
        page = bench.chrome.page(
            f"{office.short}政府信息公开年报", f'<ul class="list">{rows}</ul>{_pager(len(items), 1, 1, "")}'
        )
        bench.put("/zfxxgk/zfxxgknb.htm", page, site=site)
        if not site.plain:
            bench.step(bench.url("/", site), bench.url("/", site), status=0)
        bench.step(bench.url("/", site, scheme), site.names[0])
        bench.step(bench.url("/zfxxgk/zfxxgknb.htm", site, scheme))
        for item in number:
            _document(
                bench, item, f"/info/1010/{number[item]}.htm", site, item.year in {2022, 2024}, attachments, scheme, n
            )


def _document(bench: Bench, item: Item, path: str, site: Site, as_file: bool, attachments: Attachments, scheme: str,
              n: int = 9) -> None:  # fmt: skip
    if not item.is_report or not as_file:
        bench.article(item, path, _view(item, bench.text_of(item)), site=site, scheme=scheme, crumbs=("政府信息公开",))
        if item.is_report:
            bench.step(bench.url(path, site, scheme))
        return
    assert item.body is not None
    number = str(len(attachments) + 7)
    guarded = n == 2 and item.year == 2022
    form = "docx" if int(number) % 2 else "pdf"
    content = b"" if guarded else files.of(bodies.made(item.body, item.year, item.title), form)
    attachments[number] = (f"{item.title}.{form}", content)
    target = f"{DOWNLOAD}?urltype=news.DownloadAttachUrl&owner=1164291239&wbfileid={number}"
    name = f"{item.title}.{form}"
    link = (
        f'<p>请下载附件查看。</p></div><ul><li>附件【<a href="{target.replace("&", "&amp;")}" target="_blank">{name}</a>】'
        f'已下载<span id="nattach{number}">12</span>次</li></ul><div>'
    )
    bench.page(path, item.title, _view(item, link), site=site, meta=bench.article_meta(item))
    page_url, file_url = bench.url(path, site, scheme), bench.url(target, site, scheme)
    bench.expect(item, page_url, file_url, content, form, "blocked" if guarded else "held")
    bench.step(page_url)
    bench.step(file_url, f"wbfileid={number}", headers=(("Referer", page_url),))


def _download(bench: Bench, sites: list[Site], attachments: Attachments) -> None:
    refusal = bench.chrome.page("附件下载", "<p>非法访问，请从正文页面下载附件。</p>" + "<!-- -->" * 40, bare=True)
    captcha = bench.chrome.page(
        "附件下载",
        '<form>请输入验证码：<input name="codeValue"><img src="/system/resource/js/filedownload/createimage.jsp"></form>',
        bare=True,
    )

    def download(request: Request) -> Response:
        number = request.query.get("wbfileid", "")
        if number not in attachments or "referer" not in request.headers:
            return Response(refusal)
        name, content = attachments[number]
        if not content:
            return Response(captcha)
        disposition = b'attachment;filename="' + name.encode("gbk") + b'"'
        return Response(content, media="application/octet-stream", headers=(("Content-Disposition", disposition),))

    for site in sites:
        site.pages[DOWNLOAD] = download


def _pager(total: int, page: int, pages: int, following: str) -> str:
    after = f'<span class="p_next p_fun"><a href="{following}">下页</a></span>' if following else ""
    return (
        f'<div class="pb_sys_common pb_sys_normal"><span class="p_pages"><span class="p_t">共{total}条</span>'
        f'<span class="p_no_d">{page}</span><span class="p_t">{page}/{pages}</span>{after}</span></div>'
    )


def _row(item: Item, href: str) -> str:
    return f'<li id="line_u8_0"><a href="{href}" target="_blank" title="{item.title}">{item.cut(24)}</a><span>{item.date.replace("-", ".")}</span></li>'


def _view(item: Item, text: str) -> str:
    return (
        f'<form name="_newscontent_fromname"><h1>{item.title}</h1><div>时间：{item.date.replace("-", ".")} 来源：'
        f'{item.body.short if item.body else COUNTY.name} 点击：[<span id="dynclicks">88</span>]</div>'
        f'<div id="vsb_content_4"><div class="v_news_content">{text}</div></div></form>'
    )
