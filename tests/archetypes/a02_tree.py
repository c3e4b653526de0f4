"""A2: a tree of years and kinds of bodies, with irregular names, and a directory of towns behind redirect shells."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from tests.archetypes.county import Body, County
from tests.archetypes.making import Bench, Item, decoy_items, hex32, newest_first, report_item
from tests.archetypes.model import World

COUNTY = County("990102", "丰荻县", "云泽市")
YEARS = {2025: "2025", 2024: "2024nb", 2023: "nb_2023n", 2022: "c2022niandu5"}
# names of town columns cannot be guessed: letters of other words, serial numbers, 19-digit ids
SLUGS = ("gmjd89", "c100231", "1571424084523327490", "ltz12", "mtg11J207", "c100232", "sdx_7", "1571424084523327533",
         "yhxzf", "bzjdbsc89", "c100240", "stz2019")  # fmt: skip
TREE = "/zfxxgk/nb/"
DIRECTORY = "/zfxxgk/jgzn/xzjd/"


def list_path(slug: str, page: int) -> str:
    return f"/{slug}/index{f'_{page}' if page else ''}.shtml"


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/{slug}/{day:%Y%m}/{hex32('a2', slug, n)}.shtml"


def build(port: int) -> World:
    bench = Bench("A2", "years by bodies, redirect shells", COUNTY, "fengdi", port, 2, list_path, article_path)
    bench.chrome.public = '<a href="/zfxxgk/">信息公开</a>'
    bench.home('<a href="/zfxxgk/">信息公开</a>')
    for path in ("/", "/zfxxgk/", TREE, DIRECTORY):
        bench.step(path, path if path != "/" else "")
    _frame_pages(bench)
    by_year = _year_tree(bench)
    _towns(bench, by_year)
    bench.register()
    return bench.world


def _frame_pages(bench: Bench) -> None:
    left = "".join(
        f'<li><a href="{path}">{name}</a></li>'
        for path, name in (
            ("/zfxxgk/zn/", "政府信息公开指南"), ("/zfxxgk/zd/", "政府信息公开制度"), (TREE, "政府信息公开年报"),
            ("/zfxxgk/wzndbb/", "政府网站年度报表"), ("/zfxxgk/jgzn/bm/", "部门公开目录"), (DIRECTORY, "乡镇街道公开目录"),
        )
    )  # fmt: skip
    bench.page("/zfxxgk/", "政府信息公开", f'<ul class="tree">{left}</ul>')
    for path, name in (("/zfxxgk/zn/", "政府信息公开指南"), ("/zfxxgk/zd/", "政府信息公开制度")):
        bench.page(path, name, f"<p>{name}：全文略。</p>")
    reports = [item for year in range(2017, 2026) for item in decoy_items(COUNTY, year) if item.why == "website report"]
    bench.page("/zfxxgk/wzndbb/", "政府网站年度报表", _rows((item, _path(item, "c100999")) for item in reports))
    for item in reports:
        bench.article(item, _path(item, "c100999"), _text(bench, item))
    departments = "".join(f"<li>{body.name}</li>" for body in COUNTY.departments(10))
    bench.page("/zfxxgk/jgzn/bm/", "部门公开目录", f"<p>各部门公开内容见政府信息公开目录。</p><ul>{departments}</ul>")
    years = "".join(f'<li><a href="{slug}/">{year}年</a></li>' for year, slug in YEARS.items())
    bench.page(TREE, "政府信息公开年报", f'<ul class="years">{years}</ul>')


def _year_tree(bench: Bench) -> dict[Body, list[tuple[Item, str]]]:
    """Four years of lists; gives every town's rows, which its own branch repeats."""
    by_town: dict[Body, list[tuple[Item, str]]] = {}
    towns, offices = COUNTY.towns(12), [COUNTY.office, *COUNTY.departments(1)]
    kinds = (("qzf", "县政府"), ("bm", "县政府部门"), ("xzjd", "乡镇街道"))
    for year, slug in YEARS.items():
        links = "".join(f'<li><a href="./{kind}/">{name}</a></li>' for kind, name in kinds)
        bench.page(f"{TREE}{slug}/", f"{year}年政府信息公开年报", f"<ul>{links}</ul>")
        bench.step(f"{TREE}{slug}/", f'"{slug}/"')
        own = {
            "qzf": [report_item(COUNTY.government, year), *decoy_items(COUNTY, year)],
            "bm": [report_item(body, year) for body in (offices if year > 2023 else offices[:1])],
            "xzjd": [report_item(town, year) for town in towns],
        }
        if year == 2024:
            own["xzjd"].append(
                Item(f"{towns[2].name}2024年政府信息公开工作年度报告（补充）", "2025-02-20", None, year, "dead link")
            )
        for kind, items in own.items():
            _list(bench, f"{TREE}{slug}/{kind}/", newest_first(items), by_town)
    return by_town


def _list(bench: Bench, column: str, items: list[Item], by_town: dict[Body, list[tuple[Item, str]]]) -> None:
    places = [(item, _path(item, f"c10{len(column)}{len(items)}")) for item in items]
    places = [(item, path.replace(".shtml", ".doc") if _as_file(item) else path) for item, path in places]
    body = bench.page(column, "政府信息公开年报", _rows(places))
    bench.put(f"{column}index.shtml", body)
    bench.step(column, column.rstrip("/").rpartition("/")[2] + "/")
    for item, path in places:
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        elif _as_file(item):
            bench.file(item, path, path, "doc")
        else:
            bench.article(item, path, _text(bench, item), crumbs=("信息公开", "政府信息公开年报", f"{item.year}年"))
        if item.is_report:
            bench.step(path)
            assert item.body is not None
            by_town.setdefault(item.body, []).append((item, path))


def _towns(bench: Bench, by_town: dict[Body, list[tuple[Item, str]]]) -> None:
    towns = COUNTY.towns(12)
    links = "".join(f'<li><a href="./{slug}/">{town.short}</a></li>' for slug, town in zip(SLUGS, towns, strict=True))
    bench.page(DIRECTORY, "乡镇街道公开目录", f'<ul class="towns">{links}</ul>')
    for n, (slug, town) in enumerate(zip(SLUGS, towns, strict=True)):
        base = f"{DIRECTORY}{slug}/"
        shell = '<html><head><script type="text/javascript">location.replace("./jbxx/");</script></head><body></body></html>'
        bench.put(base, f"{shell:160}")
        menu = "".join(
            f'<li><a href="../{path}/">{name}</a></li>'
            for path, name in (
                ("jbxx", "机构信息"),
                ("zn", "政府信息公开指南"),
                ("zd", "政府信息公开制度"),
                ("gknb", "政府信息公开年报"),
            )
        )
        bench.page(
            f"{base}jbxx/", f"{town.short}机构信息", f"<ul>{menu}</ul><p>{town.name}，位于{COUNTY.name}东部。</p>"
        )
        for path, name in (("zn", "政府信息公开指南"), ("zd", "政府信息公开制度")):
            bench.page(f"{base}{path}/", f"{town.short}{name}", f"<ul>{menu}</ul><p>{name}：全文略。</p>")
        old = report_item(town, 2021)
        rows = [*by_town[town], (old, _path(old, slug))]
        if n == 3:
            # the year tree and the town's own branch hold copies of one report at different addresses
            item, path = rows[0]
            rows[0] = (item, path.replace("/zfxxgk/", f"/zfxxgk/{slug}/"))
            bench.article(item, rows[0][1], _text(bench, item), crumbs=("信息公开", town.short))
        bench.page(f"{base}gknb/", f"{town.short}政府信息公开年报", f"<ul>{menu}</ul>{_rows(rows)}")
        bench.article(old, _path(old, slug), _text(bench, old), crumbs=("信息公开", town.short, "政府信息公开年报"))
        bench.step(base, f"./{slug}/")
        bench.step(f"{base}jbxx/", "./jbxx/")
        bench.step(f"{base}gknb/", "../gknb/")
        bench.step(_path(old, slug))


def _as_file(item: Item) -> bool:
    """Two towns publish Word files, and their list rows are the files."""
    return item.is_report and item.year > 2021 and item.body in COUNTY.towns(6)[4:6]


def _path(item: Item, column: str) -> str:
    return f"/zfxxgk/{column}/{item.day:%Y%m}/{hex32('a2', column, item.title)}.shtml"


def _rows(places: Iterable[tuple[Item, str]]) -> str:
    """Every fifth link stands between blanks and line breaks, as templates leave them."""
    rows = "".join(
        f'<li><i></i><a href="{before}{path}{after}" title="{item.title}" target="_blank">{item.cut(30)}</a><b>{item.date}</b></li>'
        for n, (item, path) in enumerate(places)
        for before, after in [("\n  ", " ") if n % 5 == 2 else ("", "")]
    )
    return f'<ul class="gk_list">{rows}</ul>'


def _text(bench: Bench, item: Item) -> str:
    return (
        f'<div class="article"><h2>{item.title}</h2><p class="sub">发布日期：{item.date} 信息来源：{COUNTY.name}人民政府</p>'
        f'<div id="zoom">{bench.text_of(item)}</div></div>'
    )
