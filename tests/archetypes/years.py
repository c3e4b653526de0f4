# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
"""B3: the same counties in one year and in the next.

Four counties: one where only content moves on (new reports, one corrected and published again, one withdrawn), one whose
column moved, one whose content system was replaced, and one where nothing at all has happened.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from tests.archetypes import small
from tests.archetypes.county import County
from tests.archetypes.making import Bench, Item
from tests.archetypes.model import Change, World

FIRST, SECOND = (2022, 2023, 2024), (2022, 2023, 2024, 2025)
CONTENT = County("990401", "望榆区", "榆湾市")
MOVED = County("990402", "禾汀区", "榆湾市")
REPLACED = County("990403", "星桥区", "榆湾市")
STILL = County("990404", "枫屿区", "榆湾市")
NEW_COLUMN = "/zwgk/xxgknb2026/"


def first(port: int) -> World:
    world = World("Y1", "four counties in the first year")
    for n, (county, host) in enumerate(
        ((CONTENT, "wangyuqu"), (MOVED, "hetingqu"), (REPLACED, "xingqiaoqu"), (STILL, "fengyuqu"))
    ):
        bench = _bench(world, county, host, port, n)
        menu = small.entry(bench)
        places = small.column(bench, [*small.reports(county, FIRST), *small.look_alikes(county)], menu, noise=_noise(1))
        small.steps(bench, places)
        bench.register()
        world.join(bench.world)
    return world


def again(port: int) -> World:
    """The first year, asked a second time: the remembered lists are enough."""
    world = first(port)
    world.key, world.title = "Y1again", "the first year, visited again"
    lists = [step for step in world.steps if step.url.endswith(small.COLUMN)]
    world.steps = [replace(step, clue="") for step in lists]
    return world


def second(port: int) -> World:
    """A year later. The steps begin at the remembered lists."""
    world = World("Y2", "the same counties a year later")
    world.before = first(port).reports
    for made in (_content(world, port), _moved(world, port), _replaced(world, port), _still(world, port)):
        made.register()
        world.join(made.world)
    return world


def _bench(world: World, county: County, host: str, port: int, n: int) -> Bench:
    bench = Bench(world.key, world.title, county, host, port, 51 + n, small.list_path, small.article_path, news_pages=3)
    # half of the servers know what changed, half don't
    bench.site.validators = n in {0, 3}
    return bench


def _noise(year: int) -> str:
    """Parts of a page that change from visit to visit and mean nothing."""
    links = "".join(f'<li><a href="/xwzx/jryw/">相关链接{year * 10 + n}</a></li>' for n in range(3))
    return f'<div class="info">浏览次数：{year * 1187} 今天是{2025 + year}年3月{year + 8}日</div><ul class="related">{links}</ul>'


def _content(world: World, port: int) -> Bench:
    """New reports; one corrected and dated anew at its old address; one gone from list and address."""
    bench = _bench(world, CONTENT, "wangyuqu", port, 0)
    items = small.reports(CONTENT, SECOND)
    corrected, withdrawn = items[6], items[9]
    again = replace(corrected, date="2026-02-11")
    items = [again if item is corrected else item for item in items if item is not withdrawn]
    places = small.column(
        bench, [*items, *small.look_alikes(CONTENT)], small.entry(bench), variants={again: 1}, noise=_noise(2)
    )
    gone = small.path_of(withdrawn)
    _revisit(bench, places, small.COLUMN, [item for item in items if item.year == 2025 or item is again])
    bench.step(gone, remembered=True)
    bench.world.changes += [_change(corrected, "changed"), _change(withdrawn, "withdrawn")]
    return bench


def _moved(world: World, port: int) -> Bench:
    """The column has another address; the old one answers like any unknown path. Its reports moved with it."""
    bench = _bench(world, MOVED, "hetingqu", port, 1)
    menu = small.entry(bench, columns=((NEW_COLUMN, "政府信息公开年报"),))
    items = small.reports(MOVED, SECOND)
    places = small.column(bench, [*items, *small.look_alikes(MOVED)], menu, path=NEW_COLUMN, noise=_noise(2))
    bench.step(small.COLUMN, remembered=True)
    small.steps(bench, places, NEW_COLUMN)
    bench.world.changes += [_change(item, "moved") for item in items if item.year in FIRST]
    return bench


def _replaced(world: World, port: int) -> Bench:
    """Another content system: other paths, other markup, other pagers; nothing of the old addresses is left."""
    bench = Bench(world.key, world.title, REPLACED, "xingqiaoqu", port, 53, _list_path, _article_path, news_pages=3)
    bench.chrome.public = '<a href="/zfxxgk.htm">政府信息公开</a>'
    bench.chrome.head = "<!--Announced by Visual SiteBuilder 9-->"
    bench.home('<a href="/zfxxgk.htm">政府信息公开</a>')
    bench.page("/zfxxgk.htm", "政府信息公开", '<ul><li><a href="zfxxgk/zfxxgknb.htm">政府信息公开年报</a></li></ul>')
    items = sorted(
        [*small.reports(REPLACED, SECOND), *small.look_alikes(REPLACED)], key=lambda item: item.date, reverse=True
    )
    number = {item: 2040 - n for n, item in enumerate(items)}
    bench.step(small.COLUMN, remembered=True)
    for path in ("/", "/zfxxgk.htm"):
        bench.step(path, "zfxxgk.htm" if path != "/" else 'href="/"')
    pages = [items[start : start + 15] for start in range(0, len(items), 15)]
    for k, rows in enumerate(pages):
        path = "/zfxxgk/zfxxgknb.htm" if k == 0 else f"/zfxxgk/zfxxgknb/{len(pages) - k}.htm"
        up = ".." if k == 0 else "../.."
        lines = "".join(
            f'<li><a href="{up}/info/1055/{number[item]}.htm" title="{item.title}">{item.cut()}</a><span>{item.date}</span></li>'
            for item in rows
        )
        further = f"zfxxgknb/{len(pages) - 1}.htm" if k == 0 else f"{len(pages) - k - 1}.htm"
        following = f'<span class="p_next p_fun"><a href="{further}">下页</a></span>' if k + 1 < len(pages) else ""
        bench.page(
            path,
            "政府信息公开年报",
            f'<ul>{lines}</ul><div class="pb_sys_common"><span class="p_t">共{len(items)}条</span>{following}</div>',
        )
        bench.step(path, path.rpartition("/")[2])
    for item in items:
        path = f"/info/1055/{number[item]}.htm"
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
            continue
        text = bench.text_of(item)
        bench.article(
            item, path, f'<h1>{item.title}</h1><div id="vsb_content"><div class="v_news_content">{text}</div></div>'
        )
        if item.is_report:
            bench.step(path)
    bench.world.changes += [_change(item, "moved") for item in items if item.is_report and item.year in FIRST]
    return bench


def _still(world: World, port: int) -> Bench:
    """Nothing happened, not even to the counters: only the list is asked for."""
    bench = _bench(world, STILL, "fengyuqu", port, 3)
    items = small.reports(STILL, FIRST)
    places = small.column(bench, [*items, *small.look_alikes(STILL)], small.entry(bench), noise=_noise(1))
    _revisit(bench, places, small.COLUMN, [])
    return bench


def _revisit(bench: Bench, places: list[tuple[Item, str]], path: str, wanted: list[Item]) -> None:
    """Lists from the remembered trail, then only what is new in them."""
    for k in range(-(-len(places) // small.ROWS)):
        name = f"{path}index_{k}.html" if k else path
        bench.step(name, "createPageHTML", remembered=k == 0)
    for item, place in places:
        if item in wanted:
            bench.step(place)


def _change(item: Item, kind: str) -> Change:
    assert item.body is not None
    code = next(county.code for county in (CONTENT, MOVED, REPLACED, STILL) if item.body.name.startswith(county.name))
    return Change(code, item.body.name, item.year, kind)  # type: ignore[arg-type]


def _list_path(slug: str, page: int) -> str:
    return f"/xwzx/{slug}.htm" if page == 0 else f"/xwzx/{slug}/{3 - page}.htm"


def _article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/info/{1100 + sum(map(ord, slug)) % 700}/{20000 + n}.htm"
