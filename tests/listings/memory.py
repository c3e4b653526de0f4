# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
"""Portals in memory: paths and bodies in, a finished trip out."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.items import Gap, Known
from spiders.navigation import DEFAULT_LIMITS, Limits
from tests.archetypes.model import Portal, Step, World
from tests.archetypes.server import Handler, Response, Site
from tests.listings.offline import Trip, travel

HOST = "www.qy.localhost"
Pages = Mapping[str, "str | bytes | Response | Handler"]
SECTIONS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)


def page(main: str, title: str = "", *, head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}-清源县人民政府</title>{head}</head><body>'
        '<ul class="menu"><li><a href="/">首页</a></li><li><a href="/xwzx/">新闻中心</a></li><li><a href="/bsfw/">办事服务</a>'
        f'</li></ul><div class="main">{main}</div><div class="foot">主办：清源县人民政府办公室 清ICP备00000号</div></body></html>'
    )


def rows(items: Mapping[str, str], date: str = "2025-01-16") -> str:
    """``items`` maps addresses to titles."""
    lines = "".join(
        f'<li><a href="{url}" title="{title}">{title}</a><span>{date}</span></li>' for url, title in items.items()
    )
    return f'<ul class="list">{lines}</ul>'


def report(title: str) -> str:
    text = "".join(
        f"<p>{heading}</p><p>{title}。{'本年度工作稳步推进，公开渠道进一步拓宽。' * 4}</p>" for heading in SECTIONS
    )
    return page(f'<h1>{title}</h1><p>发布时间：2025-01-16 来源：清源县</p><div id="zoom">{text}</div>', title)


def world(pages: Pages, *, entry: str = "/", others: Mapping[str, Pages] | None = None) -> World:
    """A portal on HOST, and sites of other hosts beside it."""
    sites = [_site(HOST, pages), *(_site(host, more) for host, more in (others or {}).items())]
    portal = Portal("990199", "清源县", "", "", f"http://{HOST}{entry}", (HOST,))
    return World("M", "in memory", [portal], sites, steps=[Step("x")])


def _site(host: str, pages: Pages) -> Site:
    site = Site((host,), "127.0.0.1")
    for path, content in pages.items():
        if isinstance(content, str):
            content = content.encode()
        site.pages[path] = Response(content) if isinstance(content, bytes) else content
    return site


def visit(
    pages: Pages,
    *,
    entry: str = "/",
    others: Mapping[str, Pages] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    trail: tuple[str, ...] = (),
    known: Mapping[str, Known] | None = None,
    gaps: tuple[Gap, ...] = (),
) -> Trip:
    return travel(world(pages, entry=entry, others=others), limits=limits, trail=trail, known=known, gaps=gaps)


def found(trip: Trip) -> list[str]:
    """Addresses of what was handed over, without the host, in order of address."""
    return sorted(one.url.removeprefix(f"http://{HOST}") for one in trip.sightings)
