"""The bench on which archetypes are put together: hosts, pages, reports, decoys, the shortest crawl."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urljoin, urlsplit

from tests.archetypes import bodies, files
from tests.archetypes import county as names
from tests.archetypes.chrome import Chrome, News
from tests.archetypes.county import Body, County
from tests.archetypes.model import Decoy, Expected, Outcome, Portal, Step, World, sha256
from tests.archetypes.server import Handler, Request, Response, Site, canonical

OUTSIDE = "outside.localhost"
MEDIA = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "ofd": "application/ofd",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def hex32(*parts: object) -> str:
    return hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def uuid(*parts: object) -> str:
    digest = hex32(*parts)
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a list: a report (``body`` and ``year`` set), or a look-alike (``why`` set)."""

    title: str
    date: str
    body: Body | None = None
    year: int = 0
    why: str = ""

    @property
    def is_report(self) -> bool:
        return self.body is not None and not self.why

    @property
    def day(self) -> dt.date:
        return dt.date.fromisoformat(self.date)

    def cut(self, length: int = 18) -> str:
        """Anchor text as a narrow template cuts it."""
        return self.title if len(self.title) <= length else self.title[:length] + "…"


def report_item(body: Body, year: int, *, plain: bool = False) -> Item:
    return Item(names.title(body, year, plain=plain), names.published(body, year), body, year)


def decoy_items(county: County, year: int, *, more: bool = False) -> list[Item]:
    """The look-alikes of a year; ``more`` adds notices, news and statistics."""
    found = names.look_alikes(county, year) + (names.other_titles(county, year) if more else [])
    return [
        Item(title, f"{year + 1}-{2 + n % 2:02d}-{3 + n:02d}", None, year, why) for n, (title, why) in enumerate(found)
    ]


def newest_first(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.date, item.title), reverse=True)


def chunks(items: Sequence[Item], size: int) -> list[list[Item]]:
    return [list(items[n : n + size]) for n in range(0, len(items), size)] or [[]]


@dataclass(slots=True)
class Bench:
    """One portal in the making. ``number`` gives its addresses, 127.<number>.0.1 and on."""

    key: str
    title: str
    county: County
    host: str
    port: int
    number: int
    list_path: Callable[[str, int], str]
    article_path: Callable[[str, int, dt.date], str]
    scheme: Literal["http", "https"] = "http"
    news_pages: int = 12
    media: str = ""
    """Content-Type of pages, when it is not the charset they are written in."""
    world: World = field(init=False)
    site: Site = field(init=False)
    chrome: Chrome = field(init=False)
    seen: dict[tuple[str, int], Expected] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.key, self.title)
        self.site = self.add_site(f"www.{self.host}.localhost", f"{self.host}.localhost")
        news = News(self.county, self.list_path, self.article_path, pages=self.news_pages)
        self.chrome = Chrome(
            self.county, news, self.url("/"), f"http://{OUTSIDE}:{self.port}", '<a href="/">政务公开</a>'
        )
        self.site.rules.append(news.rule(self.chrome.page))
        self.site.missing = self.soft_404
        for path, name in (
            ("/sitemap.html", "网站地图"),
            ("/contact.html", "联系我们"),
            ("/privacy.html", "隐私声明"),
            ("/wza/", "无障碍"),
        ):
            self.page(path, name, lambda name=name: f"<p>{name}</p>")  # type: ignore[misc]
        self.site.pages["/search/"] = lambda _: Response(self.chrome.page("搜索", "<p>没有找到相关内容</p>"))

    # -- hosts ---------------------------------------------------------------------------------------------------

    def add_site(self, *hosts: str) -> Site:
        site = Site(hosts, f"127.{self.number}.0.{len(self.world.sites) + 1}")
        self.world.sites.append(site)
        return site

    def register(self, **changes: object) -> None:
        """Writes the registry row; call it when all hosts are there."""
        hosts = tuple(f"{name}:{self.port}" for site in self.world.sites for name in site.names)
        row = Portal(
            self.county.code, self.county.name, self.county.province, self.county.prefecture, self.url("/"), hosts
        )
        self.world.portals.append(replace(row, **changes))  # type: ignore[arg-type]

    def url(self, path: str, site: Site | None = None, scheme: str = "") -> str:
        host = (site or self.site).names[0]
        return urljoin(f"{scheme or self.scheme}://{host}:{self.port}/", path)

    # -- pages ---------------------------------------------------------------------------------------------------

    def put(self, path: str, body: bytes | str, *, site: Site | None = None, media: str = "", status: int = 200,
            headers: tuple[tuple[str, str | bytes], ...] = ()) -> bytes:  # fmt: skip
        raw = body.encode("utf-8") if isinstance(body, str) else body
        kind = media or self.media or f"text/html; charset={self.chrome.charset}"
        where = site or self.site
        key = canonical(path).lower() if where.case_blind else canonical(path)
        where.pages[key] = Response(raw, status, kind, headers)
        return raw

    def page(self, path: str, title: str, main: str | Callable[[], str], *, crumbs: Sequence[str] = (), meta: str = "",
             site: Site | None = None) -> bytes:  # fmt: skip
        text = main if isinstance(main, str) else main()
        return self.put(path, self.chrome.page(title, text, crumbs=crumbs, meta=meta), site=site)

    def json(self, path: str, value: object, *, site: Site | None = None) -> bytes:
        return self.put(path, json.dumps(value, ensure_ascii=False), media="application/json;charset=UTF-8", site=site)

    def route(self, path: str, handler: Handler, *, site: Site | None = None) -> None:
        (site or self.site).pages[path] = handler

    def home(self, main: str, *, paths: Sequence[str] = ("/", "/index.html")) -> bytes:
        """The entry page: news blocks around ``main``."""
        blocks = "".join(
            f'<div class="block"><h3>{name}</h3><ul>{self.chrome.news.rows(slug, 0, 6)}</ul></div>'
            for name, slug in (("今日要闻", "jryw"), ("通知公告", "tzgg"), ("部门动态", "bmdt"), ("镇街动态", "zjdt"))
        )
        body = self.chrome.page("首页", f"{blocks}<div class='quick'>{main}</div>")
        for path in paths:
            self.put(path, body)
        return body

    def soft_404(self, request: Request) -> Response:
        """An unknown path answers 200 with a page that only its words give away."""
        text = "<div class='err'><h2>您访问的页面不存在</h2><p>页面可能已被删除或移动，5秒后返回首页</p></div>"
        return Response(self.chrome.page("页面不存在", text))

    # -- truth ---------------------------------------------------------------------------------------------------

    def expect(
        self, item: Item, page_url: str, document_url: str, body: bytes, form: str, outcome: Outcome = "held"
    ) -> None:
        """A report of the truth; a second call for the same agency and year adds another place of it."""
        assert item.body is not None
        place = (item.body.name, item.year)
        pages: tuple[str, ...] = (page_url,)
        documents: tuple[str, ...] = (document_url,)
        hashes: tuple[str, ...] = (sha256(body),)
        if place in self.seen:
            old = self.seen[place]
            self.world.reports.remove(old)
            pages, documents, hashes = old.page_urls + pages, old.document_urls + documents, old.sha256 + hashes
            form, outcome = old.format, old.outcome
        made = Expected(self.county.code, item.body.name, item.year, pages, documents, hashes, form, outcome)
        self.seen[place] = made
        self.world.reports.append(made)

    def decoy(self, item: Item, url: str) -> None:
        self.world.decoys.append(Decoy(url, item.why, item.title))

    def step(self, url: str, clue: str = "", *, remembered: bool = False, **more: object) -> None:
        """The next request of the shortest crawl; without a clue the last part of its target must have been seen,
        unless the address is ``remembered`` from an earlier visit."""
        full = urljoin(self.url("/"), url)
        parts = urlsplit(full)
        tail = parts.path.rstrip("/").rpartition("/")[2] + (f"?{parts.query}" if parts.query else "")
        self.world.steps.append(Step(full, "" if remembered else clue or (tail if self.world.steps else ""), **more))  # type: ignore[arg-type]

    def article(self, item: Item, path: str, text: str, *, site: Site | None = None, crumbs: Sequence[str] = (),
                head: str = "", scheme: str = "") -> bytes:  # fmt: skip
        """The page of a row: part of the truth when the row is a report, a decoy when it isn't."""
        meta = head or self.article_meta(item)
        body = self.page(path, item.title, text, crumbs=crumbs, meta=meta, site=site)
        url = self.url(path, site, scheme)
        if item.is_report:
            self.expect(item, url, url, body, "html")
        else:
            self.decoy(item, url)
        return body

    def file(self, item: Item, page_path: str, path: str, form: str, *, key: str = "", site: Site | None = None,
             media: str = "", scheme: str = "") -> bytes:  # fmt: skip
        """A report as a file, published on the page ``page_path``; ``key`` is the target it is served under."""
        assert item.body is not None
        content = files.of(bodies.made(item.body, item.year, item.title), form)
        self.put(key or path, content, media=media or MEDIA[form], site=site)
        self.expect(item, self.url(page_path, site, scheme), self.url(path, site, scheme), content, form)
        return content

    # -- texts ---------------------------------------------------------------------------------------------------

    def report_body(self, item: Item, *, anonymous: bool = False, variant: int = 0) -> str:
        assert item.body is not None
        return bodies.report_html(bodies.made(item.body, item.year, item.title, variant), anonymous=anonymous)

    def decoy_body(self, item: Item) -> str:
        if item.why == "report of the parent city":
            city = Body(f"{self.county.prefecture}人民政府", self.county.prefecture, "city", "county")
            return bodies.report_html(bodies.made(city, item.year, item.title))
        return bodies.look_alike_html(self.county, item.title, item.why, item.year)

    def text_of(self, item: Item, **more: object) -> str:
        return self.report_body(item, **more) if item.is_report else self.decoy_body(item)  # type: ignore[arg-type]

    def article_meta(self, item: Item, source: str = "") -> str:
        title = html.escape(item.title)
        origin = source or (item.body.name if item.body else f"{self.county.name}人民政府办公室")
        return (
            f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{item.date} 09:30">'
            f'<meta name="ContentSource" content="{origin}">'
        )


def outside_site(port: int) -> Site:
    """A host that no crawl may touch: government home pages and registries that every footer links to."""
    site = Site((OUTSIDE,), "127.99.0.1")
    site.missing = lambda _: Response("<html><title>外部网站</title><body>外部网站</body></html>".encode())
    return site
