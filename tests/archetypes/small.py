# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
"""A small simple portal: an entry, a page of columns, one list, fifteen reports; worlds of traps and of time use it."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Collection, Mapping, Sequence

from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, chunks, decoy_items, newest_first, report_item

MENU = "/zfxxgk/"
COLUMN = "/zfxxgk/zfxxgknb/"
ROWS = 25


def list_path(slug: str, page: int) -> str:
    return f"/xwzx/{slug}/" + (f"index_{page}.html" if page else "")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/xwzx/{slug}/{day:%Y%m}/t{day:%Y%m%d}_{70000 + n}.html"


def bodies(county: County) -> list[Body]:
    return [county.government, county.office, *county.departments(2), county.towns(1)[0]]


def reports(county: County, years: Collection[int] = (2023, 2024, 2025)) -> list[Item]:
    return [report_item(body, year) for body in bodies(county) for year in years]


def look_alikes(county: County) -> list[Item]:
    dead = Item(f"{county.name}统计局2019年政府信息公开工作年度报告", "2020-01-17", None, 2019, "dead link")
    return [*decoy_items(county, 2024), dead]


def path_of(item: Item, column: str = COLUMN) -> str:
    """The address stays when a report is published anew: it holds the first date."""
    first = report_item(item.body, item.year).day if item.body else item.day
    return f"{column}{first:%Y%m}/t{first:%Y%m%d}_{1000 + zlib.crc32(item.title.encode()) % 90000}.html"


def entry(
    bench: Bench, *, extra: str = "", columns: Sequence[tuple[str, str]] = ((COLUMN, "政府信息公开年报"),)
) -> str:
    """Home page and page of columns; ``extra`` is what a trap adds to the latter. Gives the menu."""
    bench.chrome.public = f'<a href="{MENU}">政府信息公开</a>'
    bench.home(f'<a href="{MENU}">政府信息公开</a>')
    links = "".join(
        f'<li><a href="{path}">{name}</a></li>' for path, name in ((f"{MENU}zfxxgkzn/", "政府信息公开指南"), *columns)
    )
    menu = f"<ul>{links}</ul>"
    bench.page(MENU, "政府信息公开", menu + extra)
    bench.page(f"{MENU}zfxxgkzn/", "政府信息公开指南", f"{menu}<p>全文略。</p>")
    return menu


def column(
    bench: Bench,
    items: Sequence[Item],
    menu: str,
    *,
    path: str = COLUMN,
    variants: Mapping[Item, int] | None = None,
    noise: str = "",
) -> list[tuple[Item, str]]:
    """The list, ROWS rows a page, and its articles; gives the rows with their paths.

    ``variants`` give other numbers to a report, ``noise`` stands in every article and changes nothing in it.
    """
    places = [(item, path_of(item, path)) for item in newest_first(items)]
    pages = chunks([item for item, _ in places], ROWS)
    for k in range(len(pages)):
        rows = "".join(
            f'<li><a href=".{place.removeprefix(path.rstrip("/"))}" title="{item.title}">{item.cut()}</a><span>{item.date}</span></li>'
            for item, place in places[ROWS * k : ROWS * k + ROWS]
        )
        pager = f'<script>createPageHTML({len(pages)}, {k}, "index","html",{len(items)});</script>'
        name = f"{path}index_{k}.html" if k else path
        bench.page(name, "政府信息公开年报", f'{menu}<ul class="list">{rows}</ul>{pager}')
    for item, place in places:
        if item.why == "dead link":
            bench.decoy(item, bench.url(place))
        else:
            bench.article(item, place, view(bench, item, variant=(variants or {}).get(item, 0), noise=noise))
    return places


def view(bench: Bench, item: Item, *, variant: int = 0, noise: str = "") -> str:
    text = bench.report_body(item, variant=variant) if item.is_report else bench.decoy_body(item)
    return f'<h1>{item.title}</h1><p>发布时间：{item.date}</p><div class="TRS_Editor">{text}</div>{noise}'


def second_place(bench: Bench, item: Item) -> None:
    """The same report once more in a column of notices."""
    again = f"/zwgk/bmxx/{item.day:%Y%m}/t{item.day:%Y%m%d}_2001.html"
    bench.article(item, again, view(bench, item))
    bench.page("/zwgk/bmxx/", "部门信息", f'<ul><li><a href="{again}">{item.title}</a></li></ul>')


def whole(bench: Bench, *, extra: str = "", walk: bool = True) -> list[tuple[Item, str]]:
    """The portal with all its parts; ``walk`` writes the steps of the shortest crawl."""
    menu = entry(bench, extra=extra)
    mine = reports(bench.county)
    places = column(bench, [*mine, *look_alikes(bench.county)], menu)
    second_place(bench, mine[3])
    if walk:
        steps(bench, places)
    return places


def steps(bench: Bench, places: Sequence[tuple[Item, str]], path: str = COLUMN) -> None:
    bench.step("/")
    bench.step(MENU, MENU)
    bench.step(path, path.rstrip("/").rpartition("/")[2] + "/")
    for k in range(1, -(-len(places) // ROWS)):
        bench.step(f"{path}index_{k}.html", "createPageHTML")
    for item, place in places:
        if item.is_report:
            bench.step(place)
