"""A10: a small simple site behind five gates, on five hosts that are five counties."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

from tests.archetypes import small
from tests.archetypes.county import County
from tests.archetypes.gates import Gate, Relocking, Slider, Stub, ToItself, TwoRounds
from tests.archetypes.making import Bench
from tests.archetypes.model import World

WALKER = "gongkai-test"
_CLUES = {small.MENU: small.MENU, small.COLUMN: "zfxxgknb/"}
COUNTIES = (
    ("990121", "琼梧县", "qiongwu", TwoRounds), ("990122", "松韵县", "songyun", ToItself), ("990123", "槐荫县", "huaiyin", Stub),
    ("990124", "澜汀县", "lanting", Relocking), ("990125", "云砚县", "yunyan", Slider),
)  # fmt: skip


def build(port: int) -> World:
    world = World("A10", "challenges before simple sites")
    for n, (code, name, host, kind) in enumerate(COUNTIES):
        county = County(code, name, "榆湾市")
        bench = Bench(
            "A10", world.title, county, host, port, 101 + n, small.list_path, small.article_path, news_pages=4
        )
        gate = kind(bench.site.names[0])
        bench.site.gate = gate
        _site(bench, gate)
        bench.register(**({"outcome": "blocked"} if isinstance(gate, Slider) else {}))
        world.join(bench.world)
    return world


def _site(bench: Bench, gate: Gate) -> None:
    places = small.whole(bench, walk=False)
    bench.step("/", status=gate.refused)
    if isinstance(gate, Slider):
        bench.world.reports.clear()
        return
    if isinstance(gate, Relocking):
        bench.site.rules.insert(0, gate.script)
    browser = not isinstance(gate, ToItself)
    paths = [small.MENU, small.COLUMN, *(path for item, path in places if item.is_report)]
    passed = (("Cookie", gate.cookie(WALKER)),)
    bench.step("/", "script" if browser else "/", navigation=browser, headers=passed)
    for k, path in enumerate(paths, 2):
        if isinstance(gate, Relocking) and k == gate.uses + 1:
            bench.step(path, status=412, headers=passed)
            passed = (("Cookie", gate.cookie(WALKER, 2)),)
            bench.step(path, navigation=True, headers=passed)
        else:
            bench.step(path, _CLUES.get(path, ""), headers=passed)
