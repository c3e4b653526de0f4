"""B1: forty thousand news pages around a hundred and twenty reports."""

from __future__ import annotations

from tests.archetypes import small
from tests.archetypes.county import County
from tests.archetypes.making import Bench, report_item
from tests.archetypes.model import World

COUNTY = County("990201", "芷阳县", "榆湾市")


def build(port: int) -> World:
    bench = Bench(
        "B1", "40,000 news pages", COUNTY, "zhiyang", port, 21, small.list_path, small.article_path, news_pages=63
    )
    menu = small.entry(bench)
    agencies = [COUNTY.government, COUNTY.office, *COUNTY.departments(16), *COUNTY.towns(12)]
    items = [report_item(body, year) for body in agencies for year in range(2022, 2026)]
    places = small.column(bench, [*items, *small.look_alikes(COUNTY)], menu)
    small.second_place(bench, items[3])
    small.steps(bench, places)
    bench.register()
    return bench.world
