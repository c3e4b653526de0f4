# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
"""Reads pages the way a survey does, for the tests of the readers."""

from __future__ import annotations

from parsers import listings
from parsers.listings import Fetch, Loaded, Page

BASE = "http://www.qy.gov.cn"


def read(path: str, text: str | bytes, *, fetch: Fetch | None = None, kind: str = "text/html") -> Page:
    """A page at a path, or the answer to a request that a reader asked for."""
    body = text.encode() if isinstance(text, str) else text
    url = fetch.url if fetch else BASE + path
    return listings.read(Loaded(url, body, content_type=kind, fetch=fetch))


def items(*numbers: int, pattern: str = "/nb/{}.html", date: str = "2025-01-16") -> str:
    """Rows as most templates write them."""
    return "".join(
        f'<li><a href="{pattern.format(n)}" title="第{n}局2024年政府信息公开工作年度报告">第{n}局2024年政府…</a><span>{date}</span></li>'
        for n in numbers
    )


def document(main: str, title: str = "政府信息公开年报") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}-清源县人民政府</title></head><body><ul class="nav">'
        f'<li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li></ul><div class="main">{main}</div></body></html>'
    )


def paths(page: Page) -> list[str]:
    return [entry.url.removeprefix(BASE) for entry in page.entries]
