"""The country: four provinces, twelve prefectures, seventy counties, a host and an address each.

Names and codes are those of real divisions, because proof is a question of names and codes; hosts, pages and links are
invented. ``Country.expected`` is the truth: status and address of every county. ``Country.minimal`` counts the pages
that nobody can do without: one for each portal, plus those that hold links, footers or redirects.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from parsers.reports import divisions
from tests.archetypes.server import Response, Site

PROVINCES = ("640000", "320000", "630000", "650000")
PREFECTURES = (
    "640100", "640200", "640300", "640400", "640500", "320100", "320300", "630100", "630200", "632300", "632500",
    "650500",
)  # fmt: skip
DIRECT = ("659001", "659004")
NEWS = "".join(
    f'<li><a href="/xwzx/{n}.html">全县农业农村工作会议召开（{n}）</a><span>2026-01-{n + 10}</span></li>'
    for n in range(9)
)


@dataclass(slots=True)
class Portal:
    """One portal as it is served. Every field can be bent by a trap; ``site_code`` is empty where the page has none."""

    code: str
    host: str
    site_code: str
    title: str
    runner: str
    place: str = "meta"
    charset: str = "utf-8"
    domain: str = ""
    block: str = ""
    """HTML between the news and the footer: the links to the portals below."""
    footer: str = ""
    """The footer's markup; empty: made of runner and code."""
    head: str = ""

    def page(self) -> bytes:
        meta = f'<meta name="SiteIDCode" content="{self.site_code}">' if self.place == "meta" and self.site_code else ""
        domain = f'<meta name="SiteDomain" content="{self.domain}">' if self.domain else ""
        written = f"政府网站标识码：{self.site_code}" if self.place == "footer" else ""
        badge = (
            f'<a href="https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code={self.site_code}&url=x">纠错</a>'
            if self.place == "badge"
            else ""
        )
        footer = self.footer or f"<p>主办：{self.runner} 承办：信息中心</p><p>{written} 宁ICP备05000001号 {badge}</p>"
        text = (
            f'<!DOCTYPE html><html><head><meta charset="{self.charset}"><title>{self.title}</title>{meta}{domain}'
            f'{self.head}</head><body><div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a>'
            f'<a href="/zfxxgk/">政府信息公开</a></div><ul>{NEWS}</ul>{self.block}'
            f'<div class="footer">{footer}</div></body></html>'
        )
        return text.encode("gb18030" if self.charset in ("gbk", "gb2312") else self.charset)

    @property
    def media(self) -> str:
        return f"text/html; charset={self.charset}"


@dataclass(slots=True)
class Country:
    """Everything that is served, and the truth about it."""

    port: int
    sites: dict[str, Site] = field(default_factory=dict)
    portals: dict[str, Portal] = field(default_factory=dict)
    expected: dict[str, tuple[str, str]] = field(default_factory=dict)
    """County code -> (status, address); the address is empty where there is none."""
    minimal: int = 0
    links: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Prefecture or province -> (text, address) of the portals below it, as its block of links shows them."""
    linked: set[str] = field(default_factory=set)

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def site(self, host: str) -> Site:
        if host not in self.sites:
            number = len(self.sites) + 1
            self.sites[host] = Site((host,), f"127.64.{number // 200}.{number % 200 + 1}")
        return self.sites[host]

    def put(
        self, host: str, path: str, body: str | bytes, media: str = "text/html; charset=utf-8", **more: object
    ) -> None:
        raw = body.encode("utf-8") if isinstance(body, str) else body
        self.site(host).pages[path] = Response(raw, media=media, **more)  # type: ignore[arg-type]

    def redirect(self, host: str, path: str, target: str) -> None:
        self.put(host, path, b"", status=301, headers=(("Location", target),))

    def serve(self, portal: Portal) -> None:
        """Puts a portal's front page on its host; called last, when its links are known."""
        self.put(portal.host, "/", portal.page(), portal.media)

    def add(self, code: str, **changes: object) -> Portal:
        """An ordinary portal of a division: code in the meta element, title, footer."""
        name = _name(code)
        host = str(changes.pop("host", f"www.d{code}.localhost"))
        defaults = {"site_code": f"{code}0001", "title": f"{name}人民政府", "runner": f"{name}人民政府办公室"}
        portal = Portal(code, host, **{**defaults, **changes})  # type: ignore[arg-type]
        self.portals[code] = portal
        self.expected[code] = ("proved", self.url(host))
        self.minimal += 1
        return portal

    def link(self, code: str, text: str = "", url: str = "") -> None:
        """Has the portal above link a division; by default its front page under its full name."""
        self.linked.add(code)
        above = divisions.parent_code(code)
        self.links.setdefault(above, []).append((text or _name(code), url or self.url(self.portals[code].host)))

    def unproved(self, code: str, url: str = "") -> None:
        self.expected[code] = ("unproved", url or self.url(self.portals[code].host))

    def none(self, code: str) -> None:
        self.expected[code] = ("none", "")
        self.portals.pop(code)


def _name(code: str) -> str:
    found = divisions.division(code)
    assert found is not None
    return found.name


# -- how a portal shows its links ------------------------------------------------------------------------------------


def as_list(links: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f'<li><a href="{escape(url)}" target="_blank">{text}</a></li>' for text, url in links)
    return f"<div><h3>市县政府网站</h3><ul>{rows}</ul></div>"


def as_select(links: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f'<option value="{escape(url)}">{text}</option>' for text, url in links)
    return f'<select onchange="window.open(this.value)"><option value="">各县（市、区）政府网站</option>{rows}</select>'


def as_map(links: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<area shape="rect" coords="{n},0,9,9" href="{escape(url)}" alt="{text}">'
        for n, (text, url) in enumerate(links)
    )
    return f'<img src="/map.png" usemap="#m"><map name="m">{rows}</map>'


def as_menu(links: Iterable[tuple[str, str]]) -> str:
    rows = ",".join(f'{{"id":{n},"name":"{text}","url":"{url}"}}' for n, (text, url) in enumerate(links))
    return f"<script>var menu = {{title: '各地州市', items: [{rows}]}}; show(menu);</script>"


def as_options(links: Iterable[tuple[str, str]]) -> str:
    rows = "\n".join(
        f'box.options[{n}] = new Option("{_escaped(text)}", "{url}");' for n, (text, url) in enumerate(links)
    )
    return f"<script>\n// 县区\n{rows}\n</script>"


def as_written(links: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<a href='{url}'>{text}</a>" for text, url in links)
    return f'document.write("<div class=links>{rows}</div>");'


def as_jumps(links: Iterable[tuple[str, str]]) -> str:
    return as_list((text, f"/link?url={quote(url, safe='')}&n=1") for text, url in links)


def as_hidden_jumps(links: Iterable[tuple[str, str]]) -> str:
    return as_list((text, f"/go.jsp?target={base64.b64encode(url.encode()).decode()}") for text, url in links)


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


# -- the country -----------------------------------------------------------------------------------------------------


def build(port: int) -> Country:
    country = Country(port)
    for code in (*PROVINCES, *PREFECTURES, *DIRECT):
        country.add(code)
    for prefecture in PREFECTURES:
        for county in divisions.children(prefecture):
            country.add(county.code)
    for code in (*PREFECTURES, *DIRECT):
        country.link(code)
    _ningxia(country)
    _jiangsu(country)
    _qinghai(country)
    _xinjiang(country)
    for code in country.portals:
        if code not in PROVINCES and code not in country.linked and country.expected[code][0] == "proved":
            country.link(code)
    _blocks(country)
    for portal in country.portals.values():
        if "/" not in country.site(portal.host).pages:
            country.serve(portal)
    return country


def _ningxia(country: Country) -> None:
    url, portals = country.url, country.portals
    # 兴庆区: moved, the old host redirects
    country.redirect("www.old-xq.localhost", "/", url(portals["640104"].host))
    country.link("640104", url=url("www.old-xq.localhost"))
    country.minimal += 1
    # 西夏区: robots.txt refuses
    country.site(portals["640105"].host).robots = Response(b"User-agent: *\nDisallow: /\n", media="text/plain")
    country.unproved("640105")
    country.link("640105")
    country.minimal -= 1
    # 金凤区: only its disclosure host is linked, which links the front page
    front = portals["640106"].host
    zwgk = Portal("640106", f"zwgk.{front.removeprefix('www.')}", "6401060001", "金凤区政府信息公开", "金凤区人民政府")
    zwgk.block = f'<a href="{url(front)}">首页</a>'
    country.serve(zwgk)
    country.link("640106", url=url(zwgk.host))
    country.minimal += 1
    # 永宁县: a disclosure host that links nothing
    portals["640121"].host = "xxgk.d640121.localhost"
    country.expected["640121"] = ("proved", url("xxgk.d640121.localhost"))
    country.link("640121")
    # 贺兰县: a dead domain and a living one
    country.link("640122", url=url("www.gone-hl.localhost"))
    country.link("640122", "贺兰")
    # 灵武市: only a dead domain
    country.link("640181", url=url("www.gone-lw.localhost"))
    country.unproved("640181", url("www.gone-lw.localhost"))
    portals.pop("640181")
    country.minimal -= 1
    # 大武口区: its link leads to 惠农区, a misfiled host
    country.link("640202", url=url(portals["640205"].host))
    country.none("640202")
    country.minimal -= 1
    # 平罗县: a medium named after it, and the portal; a column of the prefecture with its name
    country.serve(Portal("640221", "www.plnews.localhost", "", "平罗新闻网", "平罗县融媒体中心"))
    country.link("640221", "平罗", url("www.plnews.localhost"))
    country.link("640221", "平罗县")
    country.link("640221", "平罗县", url(portals["640200"].host, "/xwzx/xqdt/pl/"))
    country.minimal += 1
    # 利通区, 红寺堡区, 盐池县: one template with one code; 盐池县 says nothing in its footer
    for code in ("640302", "640303", "640323"):
        portals[code].site_code = "6403020001"
    portals["640323"].runner = "信息中心"
    country.unproved("640323")
    country.link("640323")
    # 同心县: sold
    country.put(
        "www.tx-county.localhost", "/", "<html><title>澳门棋牌官方下载</title><body>" + "<a href='/x'>注册</a>" * 20
    )
    country.link("640324", url=url("www.tx-county.localhost"))
    country.none("640324")
    # 青铜峡市: no code; title and footer
    portals["640381"].site_code = ""
    # 原州区: below a path of the prefecture's host, with the prefecture's code
    guyuan = portals["640400"].host
    below = Portal("640402", guyuan, "6404000001", "固原市原州区人民政府", "原州区人民政府")
    country.put(guyuan, "/yzq/", below.page(), below.media)
    country.link("640402", url=url(guyuan, "/yzq/"))
    country.expected["640402"] = ("proved", url(guyuan, "/yzq/"))
    portals.pop("640402")
    # 西吉县: a department's site under the county's name, with the county's code
    bureau = Portal("640422", portals["640422"].host, "6404220012", "西吉县教育局", "西吉县教育局")
    country.serve(bureau)
    country.link("640422", url=url(bureau.host))
    country.none("640422")
    # 隆德县: the footer stands in a frame, 泾源县: in a script of its own
    portals["640423"].site_code, portals["640423"].footer = "", '<iframe src="/inc/footer.html"></iframe>'
    country.put(
        portals["640423"].host, "/inc/footer.html", "<p>主办单位：隆德县人民政府</p><p>网站标识码 6404230003</p>"
    )
    portals["640424"].site_code, portals["640424"].footer = "", '<script src="/js/foot.js"></script>'
    written = 'document.writeln("<p>主办：泾源县人民政府</p>");\ndocument.writeln("<p>政府网站标识码：6404240001</p>");'
    country.put(portals["640424"].host, "/js/foot.js", written, "application/javascript")
    country.minimal += 2
    # 彭阳县: the front page only redirects, by a script; 海原县: by a meta element
    _stepped(
        country,
        "640425",
        '<html><head><script>window.location.href="/html/index.html";</script></head><body></body></html>',
    )
    _stepped(
        country,
        "640522",
        '<html><head><meta http-equiv="refresh" content="0;url=/html/index.html"></head><body></body></html>',
    )
    # 沙坡头区: no own portal at all; a development zone stands in the block
    country.none("640502")
    country.minimal -= 1
    country.links["640500"] = [("中卫工业园区", url("www.zone.localhost")), ("海兴开发区", url("www.zone.localhost"))]
    country.link("640521", "中宁")
    country.link("640522", "中国·海原")


def _stepped(country: Country, code: str, shell: str) -> None:
    portal = country.portals[code]
    country.put(portal.host, "/html/index.html", portal.page(), portal.media)
    country.put(portal.host, "/", shell)
    country.minimal += 1


def _jiangsu(country: Country) -> None:
    url, portals = country.url, country.portals
    for code in ("320000", "320100"):
        portals[code].charset = "gbk"
    # 鼓楼区: one in each city; the province lists both without saying which is which
    country.links["320000"] += [("鼓楼区", url(portals["320106"].host)), ("鼓楼区", url(portals["320302"].host))]
    # 玄武区: GBK with a wrong declaration
    portals["320102"].charset = "gb2312"
    # 秦淮区, 建邺区: code in the footer, code behind the badge
    portals["320104"].place, portals["320105"].place = "footer", "badge"
    # 浦口区: two hosts with the same page and the same code; the page names its own domain
    twin = "www.pk-copy.localhost"
    portals["320111"].domain = f"{portals['320111'].host}:{country.port}"
    country.serve(Portal(**{**_fields(portals["320111"]), "host": twin}))
    country.link("320111", url=url(twin))
    country.link("320111")
    country.minimal += 1
    # 栖霞区: two hosts, nothing decides
    country.serve(Portal(**{**_fields(portals["320113"]), "host": "www.qx-copy.localhost"}))
    country.link("320113")
    country.link("320113", url=url("www.qx-copy.localhost"))
    country.unproved("320113")
    country.minimal += 1
    # 雨花台区: a code of no division (a zone's); title and footer
    portals["320114"].site_code = "3201920006"
    # 江宁区: a title that says nothing, its own code
    portals["320115"].title = "首页"
    # 六合区: a code of another district that nobody else shows, title and footer for 六合区
    portals["320116"].site_code = "3206820001"
    country.unproved("320116")
    country.link("320116")
    # 溧水区: a host that does not end as portals do, without a code of its own
    portals["320117"].host, portals["320117"].site_code = "www.lishui-nj.example", ""
    country.unproved("320117")
    country.link("320117")
    # 高淳区: disguised, private and odd addresses before the right one
    country.links["320100"] += [
        ("高淳区", "http://www.nanjing.gov.cn@evil.example/"),
        ("高淳区", "http://10.0.0.1/"),
        ("高淳区", "javascript:go('http://x')"),
        ("高淳区", "ftp://www.gc.localhost/"),
        ("高淳区", "http://[::1]/"),
    ]
    country.link("320118", "高淳区人民政府")
    # 贾汪区: the link answers 404, and a service hall has its name
    country.put("www.jw-old.localhost", "/", "<html><title>404</title></html>", status=404)
    country.link("320305", url=url("www.jw-old.localhost"))
    country.none("320305")
    country.put(
        "www.zwfw.localhost",
        "/jw/",
        Portal("", "", "3200000099", "贾汪区-江苏政务服务网", "江苏省政务服务管理办公室").page(),
    )
    country.link("320305", url=url("www.zwfw.localhost", "/jw/"))
    country.minimal += 1


def _fields(portal: Portal) -> dict[str, str]:
    return {name: getattr(portal, name) for name in Portal.__slots__}


def _qinghai(country: Country) -> None:
    url, portals = country.url, country.portals
    # 海南 on the province's page is the province 海南, not the prefecture
    country.serve(Portal("460000", "www.hainan.localhost", "4600000001", "海南省人民政府", "海南省人民政府办公厅"))
    country.links["630000"].insert(0, ("海南", url("www.hainan.localhost")))
    country.minimal += 1
    # 湟中区: linked as 湟中县, with the old code
    portals["630106"].site_code = "6301220001"
    country.link("630106", "湟中县")
    # 海东: the counties' codes are from the time of the 地区
    portals["630222"].site_code, portals["630223"].site_code = "6321220001", "6321260001"
    country.link("630222", "民和县")
    country.link("630223", "互助")
    # 平安区: two addresses; the one under the former name shows its former self
    old = Portal("630203", "www.pingan-old.localhost", "6321210001", "平安县人民政府", "平安县人民政府")
    country.serve(old)
    country.link("630203", "平安县", url(old.host))
    country.link("630203")
    country.minimal += 1
    # 贵南县: redirects to the portal of its prefecture
    country.redirect("www.guinan.localhost", "/", url(portals["632500"].host))
    country.link("632525", url=url("www.guinan.localhost"))
    country.none("632525")
    country.minimal += 1
    # 河南蒙古族自治县: 河南县 is its short name, 河南 a province's
    country.link("632324", "河南县")
    # 城中区: behind the challenge page of a captcha
    slider = "<div id='captcha'></div><script>x()</script>"
    wall = f"<html><title>安全验证</title><body>请完成安全验证，拖动滑块完成拼图{slider}</body></html>".encode()
    country.site(portals["630103"].host).gate = lambda _: Response(wall)
    country.unproved("630103")
    country.link("630103")


def _xinjiang(country: Country) -> None:
    portals = country.portals
    portals["659001"].title, portals["659001"].runner = "第八师石河子市", "第八师石河子市人民政府"
    portals["659001"].site_code = "6600080001"
    country.links["650000"] = [one for one in country.links["650000"] if one[0] not in ("石河子市", "五家渠市")]
    country.link("659001", "第八师石河子市")
    country.link("659004", "五家渠市")
    # 伊州区 was 哈密市 until 2016; 哈密 is the prefecture
    country.link("650502", "伊州区")
    country.link("650521", "巴里坤县")
    country.link("650522", "伊吾")


def _blocks(country: Country) -> None:
    """Puts every portal's links where and how it shows them."""
    portals, links = country.portals, country.links
    others = '<div><h3>各省区市</h3><a href="http://www.beijing.localhost:1/">北京</a><a href="http://www.hebei.localhost:1/">河北</a></div>'
    portals["640000"].block = as_select(links["640000"]) + others
    portals["320000"].block = as_list(links["320000"]) + others
    portals["630000"].block = '<a href="/wzdh/">网站导航</a>' + others
    country.put(
        portals["630000"].host, "/wzdh/", f"<html><title>网站导航</title><body>{as_list(links['630000'])}</body></html>"
    )
    portals["650000"].block = as_menu(links["650000"])
    portals["640100"].block = as_map(links["640100"])
    portals["640200"].block = as_options(links["640200"])
    portals["640300"].block = as_jumps(links["640300"])
    portals["640400"].block = '<script src="/js/jquery.min.js"></script><script src="/js/yqlj.js"></script>'
    country.put(portals["640400"].host, "/js/yqlj.js", as_written(links["640400"]), "application/javascript")
    zone = "<a href='/zwgk/'>县区动态</a>"
    portals["640500"].block = zone + "".join(f'<a href="{url}">{text}</a> | ' for text, url in links["640500"])
    portals["320100"].block = as_hidden_jumps(
        [one for one in links["320100"] if one[1].endswith(f":{country.port}/")]
    ) + as_list(one for one in links["320100"] if not one[1].endswith(f":{country.port}/"))
    portals["320300"].block = '<a href="/map.html">网站地图</a>'
    country.put(
        portals["320300"].host,
        "/map.html",
        '<html><title>网站地图</title><body><a href="/qx/">各区县网站</a></body></html>',
    )
    country.put(portals["320300"].host, "/qx/", f"<html><body>{as_select(links['320300'])}</body></html>")
    portals["630100"].block = as_list(links["630100"])
    portals["630200"].block = as_select(links["630200"])
    portals["632300"].block = as_list(links["632300"])
    counted = {f"/tz?id={n}": (text, url) for n, (text, url) in enumerate(links["632500"])}
    portals["632500"].block = as_list((text, path) for path, (text, _) in counted.items())
    for path, (_, url) in counted.items():
        country.redirect(portals["632500"].host, path, url)
    portals["650500"].block = as_list(links["650500"])
    country.minimal += 1 + 1 + 2 + len(counted)
