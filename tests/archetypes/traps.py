# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
"""B2: portals without a bottom. Each is the small portal with one trap in its page of columns, or with one at its door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.archetypes import small
from tests.archetypes.county import County
from tests.archetypes.making import Bench
from tests.archetypes.model import Step, World
from tests.archetypes.server import Request, Response

HUGE = 60 * 1024**2


@dataclass(frozen=True, slots=True)
class Trap:
    """``arm`` works before the portal is built and gives markup for its page of columns, ``finish`` afterwards.

    ``spare`` are the requests that it takes to see through it.
    """

    name: str
    host: str
    title: str
    arm: Callable[[Bench], str] = lambda _: ""
    outcome: str = "held"
    finish: Callable[[Bench], None] = lambda _: None
    spare: int = 3


def calendar(bench: Bench) -> str:
    """Every month links to the months beside it, for ever, in words that sound right."""

    def month(request: Request) -> Response:
        number = int(request.query.get("m", "1")) if request.query.get("m", "1").lstrip("-").isdigit() else 1
        year, of_year = 2020 + number // 12, number % 12 + 1
        links = "".join(
            f'<a href="/zfxxgk/rili/?m={number + step}">政府信息公开年报 {year}年{of_year + step}月</a>'
            for step in (-1, 1)
        )
        days = "".join(f'<td><a href="/zfxxgk/rili/?m={number}&d={day}">{day}</a></td>' for day in range(1, 29))
        return Response(bench.chrome.page("政府信息公开日历", f"{links}<table><tr>{days}</tr></table>"))

    bench.route("/zfxxgk/rili/", month)
    return '<a href="/zfxxgk/rili/?m=60">政府信息公开年报日历</a>'


def facets(bench: Bench) -> str:
    """A directory that can be narrowed by year, subject, body, form and order, in any combination."""
    names = {"nf": "年份", "zt": "主题", "jg": "机构", "wz": "文种", "px": "排序"}

    def narrowed(request: Request) -> Response:
        query = request.query
        links = []
        for key, name in names.items():
            for value in range(1, 9):
                target = "&".join(f"{k}={v}" for k, v in {**query, key: str(value)}.items())
                links.append(f'<a href="/zfxxgk/mulu/?{target}">政府信息公开年报 按{name}{value}</a>')
        return Response(bench.chrome.page("信息公开目录", "".join(links) + "<p>没有符合条件的信息</p>"))

    bench.route("/zfxxgk/mulu/", narrowed)
    return '<a href="/zfxxgk/mulu/">政府信息公开年报目录检索</a>'


def loops(bench: Bench) -> str:
    """Redirects in a circle, to themselves with a growing query, and by script between two shells."""

    def circle(request: Request) -> Response:
        following = {"a": "b", "b": "c", "c": "a"}[request.path[-1]]
        return Response(status=302, headers=(("Location", f"/zfxxgk/huan/{following}"),))

    def growing(request: Request) -> Response:
        count = request.query.get("n", "0")
        return Response(
            status=302, headers=(("Location", f"/zfxxgk/zengzhang?n={int(count) + 1 if count.isdigit() else 1}"),)
        )

    for letter in "abc":
        bench.route(f"/zfxxgk/huan/{letter}", circle)
    bench.route("/zfxxgk/zengzhang", growing)
    for one, other in (("yi", "er"), ("er", "yi")):
        bench.put(f"/zfxxgk/{one}.html", f'<script>location.href="/zfxxgk/{other}.html"</script>')
    paths = (
        ("huan/a", "政府信息公开年报（2024年）"),
        ("zengzhang", "政府信息公开年报（2023年）"),
        ("yi.html", "政府信息公开年报（2022年）"),
    )
    return "".join(f'<a href="/zfxxgk/{path}">{name}</a>' for path, name in paths)


def repeated(bench: Bench) -> None:
    """A list that says it has 400 pages and shows the first one under every number."""
    page = bench.site.pages[small.COLUMN]
    assert isinstance(page, Response)
    body = page.body.replace(b"createPageHTML(1, 0,", b"createPageHTML(400, 0,")
    body = body.replace(b"</ul><script>createPage", '</ul><a href="index_1.html">下一页</a><script>createPage'.encode())
    bench.site.pages[small.COLUMN] = Response(body)
    bench.site.rules.insert(
        0, lambda request: Response(body) if request.path.startswith(f"{small.COLUMN}index_") else None
    )


def huge(bench: Bench) -> str:
    """Sixty megabytes of a page, and of a file, where the annual reports seem to be."""

    def page(_: Request) -> Response:
        return Response(
            b"<html><body><ul>" + b"<li><a href='x.html'>2024</a></li>" * (HUGE // 34) + b"</ul></body></html>"
        )

    def file(_: Request) -> Response:
        return Response(b"%PDF-1.4\n" + bytes(HUGE), media="application/pdf")

    bench.route("/zfxxgk/quanbu.html", page)
    bench.route("/zfxxgk/huibian2024.pdf", file)
    return '<a href="/zfxxgk/quanbu.html">政府信息公开年报（全部）</a><a href="/zfxxgk/huibian2024.pdf">2024年政府信息公开工作年度报告汇编</a>'


def liar(bench: Bench) -> str:
    """Pages that say one thing and hold another: titles of reports over news, a list of links that are all the same."""
    name = bench.county.name
    links = []
    for n in range(12):
        path = f"/zfxxgk/hua/{n}.html"
        title = f"{name}财政局{2000 + n}年政府信息公开工作年度报告"
        bench.page(
            path, title, f"<h1>{title}</h1><p>{bench.chrome.news.subject('jryw', n)}</p><p>{'本站讯。' * 40}</p>"
        )
        links.append(f'<li><a href="{path}" title="{title}">{title}</a></li>')
    nested = "<div>" * 3000 + "政府信息公开年报" + "</div>" * 3000
    bench.page(
        "/zfxxgk/hua/",
        "政府信息公开年报",
        f"<ul>{''.join(links)}</ul>{nested}<table><tr><td rowspan=99999 colspan=99999>x</td></tr></table>",
    )
    return '<a href="/zfxxgk/hua/">政府信息公开年报（旧栏目）</a>'


def slow_robots(bench: Bench) -> str:
    """robots.txt asks for a pause between requests."""
    bench.site.robots = Response(b"User-agent: *\nCrawl-delay: 1\nDisallow: /admin/\n", media="text/plain")
    return ""


def missing_robots(bench: Bench) -> str:
    bench.site.robots = Response(b"<html><head><title>404</title></head><body>404 Not Found</body></html>", 404)
    return ""


def home_as_robots(bench: Bench) -> str:
    """robots.txt answers with the home page and 200, and so does the part of it that looks like a rule."""
    text = "<!DOCTYPE html><html><head><title>首页</title></head><body>\nDisallow: /\n<p>欢迎</p></body></html>"
    bench.site.robots = Response(text.encode())
    return ""


def forbidden(bench: Bench) -> str:
    bench.site.robots = Response(b"User-agent: *\nDisallow: /\n", media="text/plain")
    bench.world.reports.clear()
    return ""


def moved_host(bench: Bench) -> str:
    """The bare name redirects to www, page by page."""
    bench.site.redirect_names = True
    return ""


def silent(bench: Bench) -> str:
    """A host that takes the connection and never answers."""
    bench.site.gate = lambda _: Response(ending="hang")
    bench.site.robots = Response(ending="hang")
    return ""


def gone(bench: Bench) -> str:
    """A host that resets every connection."""
    bench.site.gate = lambda _: Response(ending="reset")
    bench.site.robots = Response(ending="reset")
    return ""


TRAPS = (
    Trap("岚川县", "lanchuan", "endless calendar", calendar),
    Trap("榆砚县", "yuyan", "facets", facets),
    Trap("桐砚县", "tongyan", "redirect loops", loops, spare=16),
    Trap("梧溪县", "wuxi", "page 1 for ever", finish=repeated),
    Trap("枫屿县", "fengyu", "60 MB page", huge),
    Trap("柏砚县", "baiyan", "lying pages", liar, spare=16),
    Trap("莲屿区", "lianyu", "Crawl-delay", slow_robots),
    Trap("望榆县", "wangyu", "robots.txt is 404", missing_robots),
    Trap("穗禾区", "suihe", "robots.txt is the home page", home_as_robots),
    Trap("禾汀县", "heyuting", "Disallow: /", forbidden, "disallowed"),
    Trap("星桥县", "xingqiao", "www and bare name", moved_host),
    Trap("芦屏县", "luping", "no answer", silent, "unreachable", spare=6),
    Trap("砚溪县", "yanxi", "connections reset", gone, "unreachable", spare=6),
)


def build(port: int) -> World:
    """All traps together, a county each."""
    world = World("B2", "traps")
    for n in range(len(TRAPS)):
        world.join(build_one(n)(port))
    return world


def build_one(n: int) -> Callable[[int], World]:
    """The maker of one trap."""
    trap = TRAPS[n]

    def made(port: int) -> World:
        county = County(f"9903{n + 1:02d}", trap.name, "榆湾市")
        key = f"B2.{n + 1}"
        bench = Bench(
            key, trap.title, county, trap.host, port, 31 + n, small.list_path, small.article_path, news_pages=3
        )
        extra = trap.arm(bench)
        small.whole(bench, extra=extra)
        trap.finish(bench)
        bench.world.spare = trap.spare
        if trap.outcome != "held":
            bench.world.reports.clear()
            bench.world.steps.clear()
        if trap.arm is moved_host:
            bare = bench.url("/").replace("//www.", "//")
            bench.world.steps.insert(0, Step(bare, status=301))
            bench.register(url=bare)
        else:
            bench.register(outcome=trap.outcome)
        return bench.world

    return made
