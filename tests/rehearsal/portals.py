"""A county's portal, made when it is first asked for: pages are drawn at each request and kept nowhere."""

# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
from __future__ import annotations

import html
import json
from collections.abc import Callable
from urllib.parse import quote

from tests.archetypes import bodies, files
from tests.archetypes.county import Body
from tests.archetypes.making import MEDIA, Item, hex32, uuid
from tests.archetypes.server import Request, Response, canonical
from tests.rehearsal.country import YEARS, Place, Row, agencies, made, rows
from tests.rehearsal.systems import SYSTEMS, number

Draw = Callable[[Request], Response]
COLUMN = (
    "政府信息公开年报", "政府信息公开年报", "信息公开年报", "政府信息公开工作年度报告", "信息公开年度报告", "政府信息公开年度报告", "公开年报",
)  # fmt: skip
NEWS = (
    ("jryw", "今日要闻"), ("tzgg", "通知公告"), ("bmdt", "部门动态"), ("zjdt", "镇街动态"), ("zcjd", "政策解读"), ("cwh", "政府会议"),
    ("tjxx", "统计信息"), ("czyjs", "财政预决算"), ("zbcg", "招标采购"), ("rsxx", "人事信息"), ("yjgl", "应急管理"), ("ldzc", "领导之窗"),
)  # fmt: skip
SUBJECTS = (
    "召开常务会议",
    "部署防汛抗旱工作",
    "开展安全生产检查",
    "举办招聘会",
    "推进乡村振兴",
    "调研项目建设",
    "发布停水通知",
    "公示补贴名单",
)
SUFFIX = {"pdf": "pdf", "docx": "docx", "doc": "doc", "htm": "doc"}
JSON = "application/json;charset=UTF-8"


class Portal:
    """``answer`` serves it; ``minimal`` are the requests of the shortest crawl, ``documents`` the addresses of reports."""

    def __init__(self, place: Place, port: int) -> None:
        self.place, self.port = place, port
        self.county = place.county
        self.system = SYSTEMS[place.system](place)
        self.pages: dict[str, Draw] = {}
        self.minimal = 0
        rng = place.random("manner")
        self.label = rng.choice(COLUMN)
        self.markup = rng.randrange(5)
        self.size = rng.choice((15, 20, 20, 25, 30))
        self.charset = "gb18030" if rng.random() < 0.12 else "utf-8"
        self.soft_404 = rng.random() < 0.4
        self.direct = rng.random() < 0.3
        self.noise = rng.randrange(2, 9)
        self.head, self.foot = self._frame()
        self._build(rng.random(), rng.random())

    def answer(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return Response(b"User-agent: *\nDisallow: /admin/\n", media="text/plain")
        for key in (canonical(request.target), request.path):
            if (draw := self.pages.get(key)) is not None:
                return draw(request)
        if request.path.startswith("/xwzx/"):
            return self._page("新闻", self._news(request.path), ("新闻中心",))
        if self.soft_404:
            return self._page("页面不存在", "<div class='err'><h2>您访问的页面不存在</h2><p>5秒后返回首页</p></div>")
        return Response(b"<html><head><title>404 Not Found</title></head><body>404 Not Found</body></html>", 404)

    # what all pages have ----------------------------------------------------------------------------------------

    def _frame(self) -> tuple[str, str]:
        name = self.county.name
        columns = "".join(f'<li><a href="/xwzx/{slug}/">{text}</a></li>' for slug, text in NEWS)
        head = (
            f'<div class="top"><a href="http://www.gov.cn/">中国政府网</a> <a href="/wza/">无障碍</a> <a href="/login">登录</a></div>'
            f'<div class="logo"><img src="/images/logo.png" alt="{name}人民政府"></div><ul class="nav"><li><a href="/">首页</a></li>%s{columns}</ul>'
        )
        foot = (
            '<div class="foot"><select onchange="window.open(this.value)"><option>友情链接</option><option value="http://www.gov.cn/">中国政府网</option></select>'
            f'<a href="/xwzx/sitemap.html">网站地图</a> <a href="/admin/nb/">后台</a><p>主办：{name}人民政府办公室</p><p>政府网站标识码：{self.place.code}0001</p></div>'
        )
        return head, foot

    def _page(self, title: str, main: str, crumbs: tuple[str, ...] = (), meta: str = "") -> Response:
        trail = "".join(f" &gt; {crumb}" for crumb in crumbs)
        text = (
            f'<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html; charset={self.charset}"><title>{title}_{self.county.name}人民政府</title>'
            f'<meta name="SiteName" content="{self.county.name}人民政府"><meta name="SiteIDCode" content="{self.place.code}0001">{meta}'
            f'<link rel="stylesheet" href="/css/main.css"></head><body>{self.head % self.entrance}'
            f'<div class="pos">当前位置：<a href="/">首页</a>{trail}</div><div class="main">{main}</div>{self.foot}</body></html>'
        )
        return Response(
            text.encode(self.charset), media="text/html" if self.charset != "utf-8" else "text/html; charset=utf-8"
        )

    def _news(self, path: str) -> str:
        seed = number(path)
        made_up = [
            (
                f"/xwzx/{NEWS[(seed + n) % 12][0]}/{20240000 + n * 37}.html",
                f"{self.county.name}{SUBJECTS[(seed + n) % 8]}",
            )
            for n in range(self.noise * 3)
        ]
        return (
            "<ul>"
            + "".join(
                f'<li><a href="{url}">{text}</a><span>2025-0{1 + n % 9}-12</span></li>'
                for n, (url, text) in enumerate(made_up)
            )
            + "</ul>"
        )

    def _put(self, target: str, draw: Draw) -> None:
        self.pages[canonical(target)] = draw

    def _show(self, target: str, title: str, main: str, crumbs: tuple[str, ...] = (), meta: str = "") -> None:
        self._put(target, lambda _: self._page(title, main, crumbs, meta))

    # the way in -------------------------------------------------------------------------------------------------

    def _build(self, chain: float, extra: float) -> None:
        hub, disclosure = self.system.hub("zwgk"), self.system.hub("zfxxgk")
        column = {"lonsun": "/public/index.html", "gkmlpt": "/gkmlpt/index"}.get(
            self.place.system
        ) or self.system.column("zfxxgknb")
        column = f"/zwgk/govInfoPub.html?categorynum={self._category}" if self.place.system == "epoint" else column
        self.minimal = 1
        if self.place.system in ("lonsun", "gkmlpt"):
            self.entrance = f'<li><a href="{column}">政府信息公开</a></li>'
        elif chain < 0.4:
            self.entrance = f'<li><a href="{hub}">政务公开</a></li>'
            self._show(
                hub,
                "政务公开",
                f'<ul><li><a href="{disclosure}">政府信息公开</a></li><li><a href="/xwzx/zcjd/">政策文件</a></li></ul>{self._news(hub)}',
            )
            self._hub(disclosure, column, extra)
            self.minimal += 2
        else:
            self.entrance = f'<li><a href="{disclosure}">{"政府信息公开" if chain < 0.8 else "信息公开"}</a></li>'
            self._hub(disclosure, column, extra)
            self.minimal += 1
        home = self._news("/") + f'<div class="quick">{self.entrance.replace("li>", "b>")}</div>' + self._news("/2")
        self._show("/", "首页", home)
        self._show("/index.html", "首页", home)
        getattr(self, f"_{self.place.system}", self._static)()

    def _hub(self, target: str, column: str, extra: float) -> None:
        """The menu of disclosure; of some UCAP portals it stands behind a page that is only a script."""
        menu = [(column, self.label), (self.system.hub("zn"), "政府信息公开指南"), (self.system.hub("zd"), "政府信息公开制度"), (self.system.hub("nr"), "法定主动公开内容"),
                (self.system.hub("wz"), "政府网站工作年度报表")]  # fmt: skip
        if self.place.layout == "bodies" and self.place.system not in ("lonsun",):
            menu += [(self.system.hub("bmxxgk"), "部门信息公开"), (self.system.hub("xzxxgk"), "乡镇（街道）信息公开")]
        menu = menu[1:4] + menu[:1] + menu[4:]
        main = (
            '<ul class="left">'
            + "".join(f'<li><a href="{url}">{name}</a></li>' for url, name in menu)
            + "</ul><p>欢迎查阅本机关政府信息。</p>"
        )
        for url, name in menu[:3]:
            self._show(url, name, f"<p>{name}：全文略。</p>")
        if self.place.system == "ucap" and extra < 0.25:
            real = target.replace(".shtml", "_main.shtml")
            self._put(
                target,
                lambda _: Response(
                    f'<html><head><script>window.location.href="{real}";</script></head><body></body></html>'.encode()
                ),
            )
            self.minimal += 1
            target = real
        self._show(target, "政府信息公开", main, ("政务公开",))

    # lists ------------------------------------------------------------------------------------------------------

    def _static(self) -> None:
        found = rows(self.place)
        column = self.system.column("zfxxgknb")
        if self.place.layout == "one":
            self._list("zfxxgknb", self.label, found)
        elif self.place.layout == "years":
            slugs = {
                year: ("{}n", "nb_{}n", "{}nb", "c{}niandu5")[(year + self.markup) % 4].format(year) for year in YEARS
            }
            self._children(
                column,
                [
                    (self.system.column(slug), f"{year}年{'度' if self.markup % 2 else ''}")
                    for year, slug in reversed(slugs.items())
                ],
            )
            for year, slug in slugs.items():
                self._list(slug, f"{year}年政府信息公开年报", [row for row in found if row.item.year == year])
        elif self.place.layout == "kinds":
            kinds = {"qzf": ("县政府", "county"), "bm": ("部门", "department"), "xzjd": ("乡镇街道", "township")}
            self._children(column, [(self.system.column(f"nb{slug}"), name) for slug, (name, _) in kinds.items()])
            for slug, (name, kind) in kinds.items():
                mine = [row for row in found if (row.item.body.kind if row.item.body else "county") == kind]
                self._list(f"nb{slug}", f"{name}政府信息公开年报", mine)
        else:
            self._list(
                "zfxxgknb",
                self.label,
                [row for row in found if row.item.body is None or row.item.body in agencies(self.place)[:2]],
            )
            self._branches(found)

    def _children(self, target: str, children: list[tuple[str, str]]) -> None:
        self._show(
            target,
            self.label,
            '<ul class="sub">' + "".join(f'<li><a href="{url}">{name}</a></li>' for url, name in children) + "</ul>",
            ("政府信息公开",),
        )
        self.minimal += 1

    def _branches(self, found: list[Row]) -> None:
        """Two directories; each body has a page of its own, or its column stands in the directory."""
        for slug, name, kind in (
            ("bmxxgk", "部门信息公开", "department"),
            ("xzxxgk", "乡镇（街道）信息公开", "township"),
        ):
            mine = [body for body in agencies(self.place)[2:] if body.kind == kind]
            if self.direct:
                main = "".join(
                    f'<dl><dt>{body.short}</dt><dd><a href="{self.system.hub(body.slug + "zn")}">政府信息公开指南</a></dd><dd><a href="{self.system.column(body.slug + "nb")}">政府信息公开年报</a></dd></dl>'
                    for body in mine
                )
            else:
                main = (
                    "<ul>"
                    + "".join(f'<li><a href="{self.system.hub(body.slug)}">{body.short}</a></li>' for body in mine)
                    + "</ul>"
                )
            self._show(self.system.hub(slug), name, main, ("政府信息公开",))
            self.minimal += bool(mine)
            for body in mine:
                if not self.direct:
                    menu = f'<ul><li><a href="{self.system.hub(body.slug + "zn")}">政府信息公开指南</a></li><li><a href="{self.system.column(body.slug + "nb")}">政府信息公开年报</a></li></ul>'
                    self._show(
                        self.system.hub(body.slug),
                        f"{body.short}信息公开",
                        menu + f"<p>{body.name}</p>",
                        ("政府信息公开", name),
                    )
                    self.minimal += 1
                self._list(
                    f"{body.slug}nb", f"{body.short}政府信息公开年报", [row for row in found if row.item.body == body]
                )

    def _list(self, slug: str, title: str, found: list[Row]) -> None:
        count = max(1, -(-len(found) // self.size))
        for k, target in enumerate(self.system.pages(slug, count)):
            self._put(target, lambda _, k=k: self._list_page(slug, title, found, k, count))  # type: ignore[misc]
        self.minimal += count
        self._documents(slug, found)

    def _list_page(self, slug: str, title: str, found: list[Row], k: int, count: int) -> Response:
        shown = "".join(self._row(slug, row) for row in found[k * self.size : (k + 1) * self.size])
        opened, closed = (
            ('<ul class="list">', "</ul>"),
            ("<table>", "</table>"),
            ("<div class='lst'>", "</div>"),
            ('<ul class="gl">', "</ul>"),
            ("<dl>", "</dl>"),
        )[self.markup]
        return self._page(
            title, f"{opened}{shown}{closed}{self.system.pager(slug, k, count, len(found))}", ("政府信息公开", title)
        )

    def _row(self, slug: str, row: Row) -> str:
        item, url = row.item, html.escape(self._address(slug, row))
        if self.markup == 0:
            return f'<li><a href="{url}" title="{item.title}" target="_blank">{item.cut(20)}</a><span>{item.date}</span></li>'
        if self.markup == 1:
            return f'<tr><td><a href="{url}">{item.title}</a></td><td>{source_of(item)}</td><td>{item.date}</td></tr>'
        if self.markup == 2:
            return f'<div class="item"><a href="{url}">{item.title}</a><i>[{item.date}]</i></div>'
        if self.markup == 3:
            return f'<li><span class="date">{item.date.replace("-", "/")}</span><em>·</em><a href="{url}" title="{item.title}">{item.cut(24)}</a></li>'
        return f'<dd><a href="{url}">{item.title}</a> <b>{item.date}</b></dd>'

    # documents --------------------------------------------------------------------------------------------------

    def _is_row_file(self, row: Row) -> bool:
        """Whether the row is the file itself."""
        return (
            row.form in SUFFIX
            and number(row.item.title, "row") % 3 == 0
            and self.place.system not in ("gkmlpt", "epoint")
        )

    def _address(self, slug: str, row: Row) -> str:
        if self._is_row_file(row):
            return self.system.file(slug, row.item, SUFFIX[row.form])
        return self.system.article(slug, row.item)

    def _documents(self, slug: str, found: list[Row]) -> None:
        for row in found:
            self._put(self.system.article(slug, row.item), lambda _, row=row: self._article(slug, row))  # type: ignore[misc]
            if row.form in SUFFIX:
                self._put(self.system.file(slug, row.item, SUFFIX[row.form]), lambda _, row=row: self._file(row))  # type: ignore[misc]
            if row.form:
                self.minimal += 1 + (row.form in SUFFIX and not self._is_row_file(row))

    def _text(self, slug: str, row: Row) -> str:
        item = row.item
        if not row.form:
            return (
                bodies.look_alike_html(self.county, item.title, item.why, item.year)
                if item.why != "report of the parent city"
                else self._of_city(item)
            )
        if row.form == "html":
            return bodies.report_html(made(item))
        suffix = SUFFIX[row.form]
        return f'<p>附件：<a href="{html.escape(self.system.file(slug, item, suffix))}">{item.title}.{suffix}</a></p>'

    def _of_city(self, item: Item) -> str:
        city = Body(f"{self.county.prefecture}人民政府", self.county.prefecture, "city", "county")
        return bodies.report_html(bodies.made.__wrapped__(city, item.year, item.title))

    def _article(self, slug: str, row: Row) -> Response:
        item = row.item
        meta = (
            f'<meta name="ArticleTitle" content="{item.title}"><meta name="PubDate" content="{item.date} 10:20">'
            if self.markup % 2
            else ""
        )
        return self._page(item.title, self.system.view(item, self._text(slug, row)), ("政府信息公开", self.label), meta)

    def _file(self, row: Row) -> Response:
        return Response(files.of(made(row.item), row.form), media=MEDIA[SUFFIX[row.form]])

    # interfaces -------------------------------------------------------------------------------------------------

    def _hanweb(self) -> None:
        """All but the last rows stand in the page; the rest comes from the proxy."""
        found, column = rows(self.place), self.system.column("zfxxgknb")
        records = [f"<record><![CDATA[{self._row_plain('zfxxgknb', row)}]]></record>" for row in found]
        proxy = "/module/web/jpage/dataproxy.jsp"
        query = f"appid=1&webid=39&path=/&columnid={number(column) % 90000}&unitid={number(column, 2)}&webname={quote(self.county.name)}&permissiontype=0"
        following = html.escape(f"{proxy}?page=1&{query}")
        store = (
            f'<div id="{number(column, 2)}"><script type="text/xml"><datastore><nextgroup><![CDATA[<a href="{following}">]]></nextgroup><recordset>{"".join(records[:45])}</recordset></datastore></script></div>'
            f"<script>jQuery('#x').jpage({{ totalRecord:{len(found)}, perPage:15, proxyUrl:'{proxy}' }});</script>"
        )
        self._show(column, self.label, store, ("政府信息公开",), f'<meta name="ColumnName" content="{self.label}">')

        def more(request: Request) -> Response:
            values = {**request.query, **request.form}
            page, size = int(values.get("page") or 1), min(int(values.get("perpage") or 15), 300)
            text = f"<datastore><totalrecord>{len(found)}</totalrecord><totalpage>{-(-len(found) // size)}</totalpage><recordset>{''.join(records[(page - 1) * size : page * size])}</recordset></datastore>"
            return Response(text.encode(), media="text/xml;charset=utf-8")

        self.pages[proxy] = more
        self.minimal += 2
        self._documents("zfxxgknb", found)

    def _row_plain(self, slug: str, row: Row) -> str:
        item = row.item
        return f'<li><a href="{html.escape(self._address(slug, row))}" title="{item.title}" target="_blank">{item.cut(24)}</a><span>{item.date}</span></li>'

    def _jpaas(self) -> None:
        found, column = rows(self.place), self.system.column("zfxxgknb")
        api, page_id = "/api-gateway/jpaas-publish-server/front/page/build/unit", hex32(column)[:24]
        data = f"{{'webId':'3185','pageId':'{page_id}','tagId':'信息列表','tplSetId':'{hex32('set')[:24]}','parseType':'bulidstatic','pageType':'column'}}"
        self._show(
            column,
            self.label,
            f'<div class="list-unit" queryData="{data}" url="{api}"><div>加载中...</div></div>',
            ("政府信息公开",),
        )

        def unit(request: Request) -> Response:
            try:
                page = int(json.loads(request.query.get("paramJson") or "{}").get("pageNo", 1))
            except ValueError:
                page = 1
            shown = "".join(self._row_plain("zfxxgknb", row) for row in found[(page - 1) * 15 : page * 15])
            text = f'<ul>{shown}</ul><div class="pagination" rows="15" count="{len(found)}"></div>'
            return Response(
                json.dumps({"success": True, "data": {"html": text}}, ensure_ascii=False).encode(), media=JSON
            )

        self.pages[api] = unit
        self.minimal += 1 + -(-len(found) // 15)
        self._documents("zfxxgknb", found)

    def _lonsun(self) -> None:
        found = rows(self.place)
        system = self.system
        assert isinstance(system, SYSTEMS["lonsun"])
        organs = {body: system.organ(f"{body.slug}nb") for body in agencies(self.place)}  # type: ignore[attr-defined]
        nodes = [{"organId": organ, "name": body.short, "pId": 0} for body, organ in organs.items()]
        self._show(
            "/public/index.html",
            "政府信息公开",
            f'<ul id="tree"></ul><script>var zNodes = {json.dumps(nodes, ensure_ascii=False)};</script>',
        )
        self.minimal += 1
        label = "/site/label/8888"
        by_script: dict[str, list[Row]] = {}
        for n, (body, organ) in enumerate(organs.items()):
            mine = [row for row in found if row.item.body == body or (row.item.body is None and n == 0)]
            if n % 2:
                column = system.column(f"{body.slug}nb")
                script = (
                    f'<div id="list"></div><script>$.ajax({{ url: "{label}?IsAjax=1&dataType=html", data: {{ labelName: "publicInfoList", siteId: "6788721", organId: "{organ}", type: "3", '
                    'pageSize: 15, pageIndex: 1, action: "list", isDate: true, dateFormat: "yyyy-MM-dd", length: 80, file: "/xxgk/publicInfoList_newest2020" } });</script>'
                )
                self._show(column, f"{body.short}政府信息公开年报", script)
                by_script[str(organ)] = mine
                self.minimal += 2
                self._documents(f"{body.slug}nb", mine)
            else:
                self._list(f"{body.slug}nb", f"{body.short}政府信息公开年报", mine)
        slugs = {str(organ): f"{body.slug}nb" for body, organ in organs.items()}

        def fragment(request: Request) -> Response:
            organ = request.query.get("organId", "")
            shown = "".join(self._row_plain(slugs[organ], row) for row in by_script.get(organ, []))
            return Response(f'<div class="xxgk_navli"><ul>{shown}</ul></div><script>var pageCount:1;</script>'.encode())

        self.pages[label] = fragment

    def _gkmlpt(self) -> None:
        found, category, sid = rows(self.place), 60120 + self.place.number, str(750000 + self.place.number)
        slug = "zfxxgknb"
        tree = [
            {"id": category - 1, "name": "政府信息公开指南", "post_count": 1, "jump_url": "", "children": []},
            {"id": category, "name": self.label, "post_count": len(found) + 4, "jump_url": "", "children": []},
        ]
        config = json.dumps({"TREE": tree, "SITE_NAME": f"{self.county.name}信息公开目录"})
        main = f"<div id=\"app\"></div><script>window._CONFIG = {{SID:'{sid}', {config[1:]};</script>"
        for path in ("/gkmlpt/index", "/gkmlpt/annualreport"):
            self._show(path, "信息公开目录", main)

        def api(request: Request) -> Response:
            page = int(request.query.get("page") or 1)
            shown = [
                {"id": number(slug, row.item.title), "title": row.item.title, "url": f"http://{self.place.address}:{self.port}{self.system.article(slug, row.item)}", "type": "post",
                 "publisher": source_of(row.item), "display_publish_time": row.item.date, "create_time": f"{row.item.date} 10:00:00", "attachment": []}
                for row in found[(page - 1) * 100 : page * 100]
            ]  # fmt: skip
            text = {
                "classify": {"id": category, "name": self.label, "post_count": len(found) + 4},
                "total": len(found),
                "offset": (page - 1) * 100,
                "articles": shown,
            }
            return Response(json.dumps(text).encode(), media=JSON)

        self.pages[f"/gkmlpt/api/all/{category}"] = api
        self.minimal += 2
        self._documents(slug, found)
        for row in found:
            self._put(self.system.article(slug, row.item), lambda _, row=row: self._detail(slug, row))  # type: ignore[misc]

    def _detail(self, slug: str, row: Row) -> Response:
        """The text stands in a script only."""
        item = row.item
        attached = (
            [{"name": f"{item.title}.{SUFFIX[row.form]}", "url": self.system.file(slug, item, SUFFIX[row.form])}]
            if row.form in SUFFIX
            else []
        )
        detail = {
            "title": item.title,
            "publisher": source_of(item),
            "content": "<p>详见附件。</p>" if attached else self._text(slug, row),
            "display_publish_time": item.date,
            "attachment": attached,
        }
        script = json.dumps({"DETAIL": detail}).replace("<", "\\u003C").replace(">", "\\u003E")
        return self._page(
            item.title,
            f'<div id="app"><h1 class="content-title"></h1></div><script>window._CONFIG = {script};</script>',
        )

    @property
    def _category(self) -> str:
        return f"00{number(self.place.code) % 10}012"

    def _epoint(self) -> None:
        found, slug = rows(self.place), "zfxxgknb"
        project, guid = "/EpointWebBuilder", uuid(self.place.code)
        script = (
            f"var siteInfo = {{ siteGuid: '{guid}', projectName: '{project}' }};\n"
            "var infoUrl = siteInfo.projectName + '/rest/frontAppNotNeedLoginAction/getGovInfoDetail';\n"
            "function getInfo(guid, done) { $.post(infoUrl, { params: JSON.stringify({ infoGuid: guid }) }, done); }\n"
        )
        self._put("/js/webBuilderCommon.js", lambda _: Response(script.encode(), media="application/javascript"))
        main = (
            '<ul class="ewb-list" id="infolist"></ul><script src="/js/webBuilderCommon.js"></script><script>\n'
            "var categorynum = Util.getUrlParams('categorynum'), deptcode = Util.getUrlParams('deptcode') || '';\n"
            "function load(page) { $.ajax({ url: siteInfo.projectName + '/rest/lightfrontaction/getgovinfolist', type: 'POST', contentType: 'application/json', "
            "data: JSON.stringify({ deptcode: deptcode, categorynum: categorynum, pageIndex: page, pageSize: 15, siteGuid: siteInfo.siteGuid }), success: render }); }\nload(1);\n</script>"
        )
        self._show(f"/zwgk/govInfoPub.html?categorynum={self._category}", self.label, main, ("政府信息公开",))
        shell = '<div class="ewb-article"><h3 id="title"></h3><div id="infocontent"></div></div><script src="/js/webBuilderCommon.js"></script><script>getInfo(Util.getUrlParams("infoGuid"), show);</script>'
        self._show("/zwgk/showinfo.html", "信息详情", shell)
        by_guid = {uuid(slug, row.item.title): row for row in found}

        def listing(request: Request) -> Response:
            try:
                page = max(1, int(json.loads(request.body).get("pageIndex", 1)))
            except ValueError:
                page = 1
            shown = [
                {"infourl": self.system.article(slug, row.item), "title": row.item.cut(20), "realtitle": row.item.title, "infodate": row.item.date, "infoid": uuid(slug, row.item.title), "deptname": source_of(row.item)}
                for row in found[(page - 1) * 15 : page * 15]
            ]  # fmt: skip
            return Response(json.dumps({"custom": {"data": shown, "total": len(found)}}).encode(), media=JSON)

        def detail(request: Request) -> Response:
            try:
                row = by_guid.get(json.loads(request.form.get("params", "{}")).get("infoGuid", ""))
            except ValueError:
                row = None
            if row is None:
                return Response(b'{"custom":{"infocontent":""},"status":{"code":0}}', media=JSON)
            custom: dict[str, object] = {
                "title": row.item.title,
                "infodate": row.item.date,
                "infotype": "html",
                "infocontent": "",
                "attachlist": [],
            }
            if row.form in SUFFIX:
                suffix = SUFFIX[row.form]
                custom |= {
                    "infotype": "pdf",
                    "attachlist": [
                        {
                            "attachname": f"{row.item.title}.{suffix}",
                            "onclick": f"ztbfjyz('{self.system.file(slug, row.item, suffix)}')",
                        }
                    ],
                }
            else:
                custom["infocontent"] = self._text(slug, row)
            return Response(
                json.dumps({"custom": custom, "status": {"code": 1}}, ensure_ascii=False).encode(), media=JSON
            )

        self.pages[f"{project}/rest/lightfrontaction/getgovinfolist"] = listing
        self.pages[f"{project}/rest/frontAppNotNeedLoginAction/getGovInfoDetail"] = detail
        self.minimal += 2 + -(-len(found) // 15)
        for row in found:
            if row.form in SUFFIX:
                self._put(self.system.file(slug, row.item, SUFFIX[row.form]), lambda _, row=row: self._file(row))  # type: ignore[misc]
            self.minimal += bool(row.form) + (row.form in SUFFIX)


def source_of(item: Item) -> str:
    return item.body.name if item.body else ""
