"""A10: a small simple site behind five gates, on five hosts that are five counties."""

from __future__ import annotations

import datetime as dt

from tests.archetypes.county import County
from tests.archetypes.gates import Gate, Relocking, Slider, Stub, ToItself, TwoRounds
from tests.archetypes.making import Bench, Item, decoy_items, newest_first, report_item
from tests.archetypes.model import World

WALKER = "gongkai-test"
COLUMN = "/zfxxgk/zfxxgknb/"
COUNTIES = (
    ("990121", "琼梧县", "qiongwu", TwoRounds), ("990122", "松韵县", "songyun", ToItself), ("990123", "槐荫县", "huaiyin", Stub),
    ("990124", "澜汀县", "lanting", Relocking), ("990125", "云砚县", "yunyan", Slider),
)  # fmt: skip


def list_path(slug: str, page: int) -> str:
    return f"/xwzx/{slug}/" + (f"index_{page}.html" if page else "")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/xwzx/{slug}/{day:%Y%m}/t{day:%Y%m%d}_{70000 + n}.html"


def build(port: int) -> World:
    world = World("A10", "challenges before simple sites")
    for n, (code, name, host, kind) in enumerate(COUNTIES):
        county = County(code, name, "榆湾市")
        bench = Bench("A10", world.title, county, host, port, 101 + n, list_path, article_path, news_pages=4)
        gate = kind(bench.site.names[0])
        bench.site.gate = gate
        _site(bench, county, gate)
        bench.register(**({"outcome": "blocked"} if isinstance(gate, Slider) else {}))
        for part in ("portals", "sites", "reports", "decoys", "steps"):
            getattr(world, part).extend(getattr(bench.world, part))
    return world


def _site(bench: Bench, county: County, gate: Gate) -> None:
    bench.chrome.public = '<a href="/zfxxgk/">政府信息公开</a>'
    bench.home('<a href="/zfxxgk/">政府信息公开</a>')
    bench.step("/", status=gate.refused)
    if isinstance(gate, Slider):
        return
    if isinstance(gate, Relocking):
        bench.site.rules.insert(0, gate.script)
    browser = not isinstance(gate, ToItself)
    paths = ["/zfxxgk/", COLUMN, *_pages(bench, county)]
    passed = (("Cookie", gate.cookie(WALKER)),)
    bench.step("/", "script" if browser else "/", navigation=browser, headers=passed)
    for k, path in enumerate(paths, 2):
        if isinstance(gate, Relocking) and k == gate.uses + 1:
            bench.step(path, status=412, headers=passed)
            passed = (("Cookie", gate.cookie(WALKER, 2)),)
            bench.step(path, navigation=True, headers=passed)
        else:
            bench.step(path, path if path == "/zfxxgk/" else "zfxxgknb/" if path == COLUMN else "", headers=passed)


def _pages(bench: Bench, county: County) -> list[str]:
    """Column and articles; gives the paths of the fifteen reports."""
    bodies = [county.government, county.office, *county.departments(2), county.towns(1)[0]]
    reports = [report_item(body, year) for body in bodies for year in (2023, 2024, 2025)]
    dead = Item(f"{county.name}统计局2019年政府信息公开工作年度报告", "2020-01-17", None, 2019, "dead link")
    items = newest_first([*reports, *decoy_items(county, 2024), dead])
    menu = '<ul><li><a href="/zfxxgk/zfxxgkzn/">政府信息公开指南</a></li><li><a href="/zfxxgk/zfxxgknb/">政府信息公开年报</a></li></ul>'
    bench.page("/zfxxgk/", "政府信息公开", menu)
    bench.page("/zfxxgk/zfxxgkzn/", "政府信息公开指南", f"{menu}<p>全文略。</p>")
    places = [(item, f"{COLUMN}{item.day:%Y%m}/t{item.day:%Y%m%d}_{1100 + n}.html") for n, item in enumerate(items)]
    rows = "".join(
        f'<li><a href=".{path.removeprefix(COLUMN.rstrip("/"))}" title="{item.title}">{item.cut()}</a><span>{item.date}</span></li>'
        for item, path in places
    )
    pager = f'<script>createPageHTML(1, 0, "index","html",{len(items)});</script>'
    bench.page(COLUMN, "政府信息公开年报", f'{menu}<ul class="list">{rows}</ul>{pager}')
    for item, path in places:
        if item is dead:
            bench.decoy(item, bench.url(path))
        else:
            bench.article(item, path, _view(bench, item))
    twice, again = reports[3], f"/zwgk/bmxx/{reports[3].day:%Y%m}/t{reports[3].day:%Y%m%d}_2001.html"
    bench.article(twice, again, _view(bench, twice))
    bench.page("/zwgk/bmxx/", "部门信息", f'<ul><li><a href="{again}">{twice.title}</a></li></ul>')
    return [path for item, path in places if item.is_report]


def _view(bench: Bench, item: Item) -> str:
    return f'<h1>{item.title}</h1><p>发布时间：{item.date}</p><div class="TRS_Editor">{bench.text_of(item)}</div>'
