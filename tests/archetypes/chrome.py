"""What surrounds the content on every portal: header, forty menu links, footer, and thousands of news pages behind them."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import html
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.archetypes.county import County
from tests.archetypes.server import Request, Response

NEWEST = dt.date(2026, 3, 31)
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("要闻动态", (("今日要闻", "jryw"), ("部门动态", "bmdt"), ("镇街动态", "zjdt"), ("通知公告", "tzgg"), ("图片新闻", "tpxw"), ("视频新闻", "spxw"))),
    ("政策文件", (("政策解读", "zcjd"), ("政府常务会议", "cwhy"), ("人事任免", "rsrm"), ("财政预决算", "czyjs"), ("招标公告", "zbgg"), ("重大项目", "zdxm"))),
    ("办事服务", (("个人办事", "grbs"), ("法人办事", "frbs"), ("部门办事", "bmbs"), ("便民查询", "bmcx"), ("表格下载", "bgxz"))),
    ("互动交流", (("县长信箱", "xzxx"), ("在线访谈", "zxft"), ("民意征集", "myzj"), ("留言选登", "lyxd"), ("网上调查", "wsdc"))),
    ("数据发布", (("统计公报", "tjgb"), ("统计数据", "tjsj"), ("经济运行", "jjyx"), ("数据解读", "sjjd"))),
    ("走进本县", (("县情概况", "xqgk"), ("历史沿革", "lsyg"), ("行政区划", "xzqh"), ("旅游名片", "lymp"), ("特色美食", "tsms"), ("招商引资", "zsyz"))),
)  # fmt: skip
COLUMNS = tuple(column for _, columns in GROUPS for column in columns)
SUBJECTS = (
    "{name}召开安全生产工作会议", "{name}举行项目集中开工仪式", "县领导到{town}调研春耕备耕工作", "{town}开展环境卫生整治行动",
    "关于{town}部分路段交通管制的通告", "{name}第{n}次政府常务会议召开", "{name}组织开展消防演练", "{town}：小菌菇撑起致富伞",
    "{name}{year}年国民经济和社会发展统计公报", "关于公开征求{town}供水价格意见的公告", "{name}政务服务大厅{year}年春节期间工作安排",
    "{name}召开{last}年度政府信息公开工作年报编制部署会", "{name}{last}年度部门决算公开", "图说{name}：{n}个数字看变化",
)  # fmt: skip


@dataclass(slots=True)
class News:
    """News columns of a portal: ``pages`` list pages each, twenty articles a page, under the paths of its system."""

    county: County
    list_path: Callable[[str, int], str]
    article_path: Callable[[str, int, dt.date], str]
    columns: Sequence[tuple[str, str]] = COLUMNS
    pages: int = 12
    _known: dict[str, tuple[str, int, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for _, slug in self.columns:
            for page in range(self.pages):
                self._known[self.list_path(slug, page)] = (slug, page, True)
            for n in range(self.pages * 20):
                self._known[self.article_path(slug, n, self.date(n))] = (slug, n, False)

    def __len__(self) -> int:
        return len(self._known)

    @staticmethod
    def date(n: int) -> dt.date:
        return NEWEST - dt.timedelta(days=n // 2)

    def subject(self, slug: str, n: int) -> str:
        rng = random.Random(f"{slug}{n}")
        town = rng.choice(self.county.towns(12)).short
        year = self.date(n).year
        return rng.choice(SUBJECTS).format(
            name=self.county.name, town=town, n=rng.randint(2, 60), year=year, last=year - 1
        )

    def rows(self, slug: str, page: int, count: int = 20) -> str:
        rows = []
        for n in range(page * 20, page * 20 + count):
            path, day = self.article_path(slug, n, self.date(n)), self.date(n)
            rows.append(f'<li><a href="{path}" target="_blank">{self.subject(slug, n)}</a><span>{day}</span></li>')
        return "\n".join(rows)

    def rule(self, frame: Callable[..., bytes]) -> Callable[[Request], Response | None]:
        names = {slug: name for name, slug in self.columns}

        def answer(request: Request) -> Response | None:
            found = self._known.get(request.target) or self._known.get(request.path)
            if found is None:
                return None
            slug, number, is_list = found
            if is_list:
                return Response(frame(names[slug], self._list(slug, names[slug], number), crumbs=(names[slug],)))
            return Response(
                frame(self.subject(slug, number), self._article(slug, number), crumbs=(names[slug], "正文"))
            )

        return answer

    def _list(self, slug: str, name: str, page: int) -> str:
        further = ""
        if page + 1 < self.pages:
            following, last = self.list_path(slug, page + 1), self.list_path(slug, self.pages - 1)
            further = f'<a href="{following}">下一页</a> <a href="{last}">尾页</a>'
        first = f'<a href="{self.list_path(slug, 0)}">首页</a>'
        return (
            f'<h2>{name}</h2><ul class="list">{self.rows(slug, page)}</ul>'
            f'<div class="page">{first} 第{page + 1}页/共{self.pages}页 {further}</div>'
        )

    def _article(self, slug: str, n: int) -> str:
        subject, day = self.subject(slug, n), self.date(n)
        text = "".join(
            f"<p>{subject}。{day.month}月{day.day}日，有关负责同志参加了活动，要求抓好落实（{k}）。</p>"
            for k in range(1, 5)
        )
        before = self.article_path(slug, max(0, n - 1), self.date(max(0, n - 1)))
        return f'<h1>{subject}</h1><p>发布时间：{day} 来源：{self.county.name}融媒体中心</p>{text}<a href="{before}">上一篇</a>'


@dataclass(slots=True)
class Chrome:
    """The frame of a portal's pages. ``outside`` is the base of a foreign host: nothing there may be fetched."""

    county: County
    news: News
    home: str
    outside: str
    public: str
    head: str = ""
    foot: str = ""
    charset: str = "utf-8"
    declared: str = ""
    """Charset in the meta tag when it isn't the true one; "none" leaves the tag out."""

    def page(self, title: str, main: str, *, crumbs: Sequence[str] = (), meta: str = "", bare: bool = False) -> bytes:
        name = self.county.name
        declared = self.declared or self.charset
        tag = "" if declared == "none" else f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        trail = "".join(f" &gt; {html.escape(crumb)}" for crumb in crumbs)
        text = (
            f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{tag}<title>{html.escape(title)}_{name}人民政府</title>\n'
            f'<meta name="SiteName" content="{name}人民政府网"><meta name="SiteDomain" content="{self.home}">'
            f'<meta name="SiteIDCode" content="{self.county.code}0001">{meta}\n'
            f'<link rel="stylesheet" href="/css/common.css"><script src="/js/jquery.min.js"></script>{self.head}</head>\n<body>'
            + ("" if bare else self._header())
            + f'<div class="crumbs">当前位置：<a href="/">首页</a>{trail}</div>\n<div class="main">{main}</div>\n'
            + ("" if bare else self._footer())
            + f"{self.foot}</body></html>"
        )
        return text.encode("gb18030" if self.charset.startswith("gb") else self.charset)

    def _header(self) -> str:
        name = self.county.name
        groups = []
        for group, columns in GROUPS:
            links = "".join(f'<li><a href="{self.news.list_path(slug, 0)}">{text}</a></li>' for text, slug in columns)
            groups.append(
                f'<li class="nav"><a href="{self.news.list_path(columns[0][1], 0)}">{group}</a><ul>{links}</ul></li>'
            )
        return (
            f'<div class="top"><span id="weather">今天是<script>document.write(new Date().toLocaleDateString())</script></span>'
            f'<a href="{self.outside}/mobile/">手机版</a><a href="/wza/">无障碍</a><a href="{self.outside}/login">登录</a>'
            '<form action="/search/" method="get"><input name="q"><button>搜索</button></form></div>'
            f'<div class="logo"><img src="/images/logo.png" alt="{name}人民政府"></div>'
            f'<ul class="menu"><li class="nav"><a href="/">首页</a></li><li class="nav">{self.public}</li>{"".join(groups)}</ul>'
        )

    def _footer(self) -> str:
        name, code = self.county.name, self.county.code
        friends = "".join(
            f'<option value="{self.outside}/{slug}/">{text}</option>'
            for text, slug in (
                ("中国政府网", "gov"),
                (f"{self.county.province}人民政府", "province"),
                (f"{self.county.prefecture}人民政府", "city"),
            )
        )
        return (
            f'<div class="foot"><select onchange="window.open(this.value)"><option>友情链接</option>{friends}</select>'
            '<a href="/sitemap.html">网站地图</a> <a href="/contact.html">联系我们</a> <a href="/privacy.html">隐私声明</a>'
            ' <a href="/admin/zfxxgknb/">政府信息公开年报管理</a>'
            f"<p>主办：{name}人民政府办公室 技术支持：{name}大数据中心</p>"
            f'<p><a href="{self.outside}/beian">虚ICP备{code}号-1</a> 政府网站标识码：{code}0001 公安备案{code}02000001号</p></div>'
            '<div style="display:none"><script src="/js/visitcount.js"></script></div>'
        )
