"""Every county of the division list with its agencies, the reports they publish, and the system its portal runs on.

All of it follows from the county's code alone: the servers, the crawl and the score make it anew and agree.
"""

# ruff: noqa: E501 - a Chinese character counts for two columns
from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from parsers.reports import divisions
from tests.archetypes import bodies
from tests.archetypes.county import Body, County, look_alikes, other_titles
from tests.archetypes.making import Item, newest_first, report_item
from tests.generator.report import MadeReport

YEARS = (2022, 2023, 2024, 2025)
AGENCIES = 15
"""Agencies of a county; with four years each, 60 reports."""
SHARES = {
    "trs": 46.0, "ucap": 17.2, "numbered": 4.4, "listed": 4.5, "nested": 2.5, "channel": 2.0, "hanweb": 4.5, "jpaas": 2.4,
    "vsb": 4.4, "lonsun": 2.4, "openness": 1.0, "epoint": 1.9, "php": 0.9, "jsp": 0.8, "asp": 0.4, "pclist": 1.0, "slug": 1.0,
    "uuid": 0.8, "gkmlpt": 0.8,
}  # fmt: skip
"""Content systems in per cent of counties, as the addresses of 2,398 county columns have them; the long tail of other
``.html`` addresses (13.4) is divided among its four most frequent shapes. Left out are the half per cent of portals that
are nothing but script."""
BRANCHED = ("lonsun", "openness")
"""Systems in which every body has a column of its own."""
ALONE = ("hanweb", "jpaas", "epoint", "gkmlpt")
"""Systems whose lists are served by an interface: here one list of the whole county."""
LAYOUTS = {"one": 55, "years": 18, "kinds": 12, "bodies": 15}
FORMS = {"html": 86, "pdf": 4, "docx": 4, "doc": 3, "htm": 3}


@dataclass(frozen=True, slots=True)
class Place:
    """One county: ``address`` is its own, ``layout`` says where the reports sit (see ``LAYOUTS``)."""

    number: int
    county: County
    system: str
    layout: str
    address: str

    @property
    def code(self) -> str:
        return self.county.code

    def random(self, what: object = "") -> random.Random:
        return random.Random(f"rehearsal {self.code} {what}")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: ``form`` is that of the document, empty for a look-alike."""

    item: Item
    form: str


def country(count: int | None = None) -> list[Place]:
    """All counties, or ``count`` of them spread over the country; a county is the same in every selection."""
    found = _counties()
    step = len(found) / count if count else 1.0
    chosen = [int(n * step) for n in range(min(count or len(found), len(found)))]
    return [_place(number, *found[number]) for number in chosen]


@lru_cache(maxsize=1)
def _counties() -> list[tuple[str, str, str, str]]:
    found = []
    for division in divisions.all_counties():
        if division.level != 3:
            continue
        above = divisions.ancestors(division.code)
        province, prefecture = above[0].name, above[1].name if len(above) > 2 else above[0].name
        found.append((division.code, division.name, prefecture, province))
    return sorted(found)


def _place(number: int, code: str, name: str, prefecture: str, province: str) -> Place:
    rng = random.Random(f"rehearsal {code}")
    system = rng.choices(list(SHARES), list(SHARES.values()))[0]
    layout = rng.choices(list(LAYOUTS), list(LAYOUTS.values()))[0]
    layout = "bodies" if system in BRANCHED else "one" if system in ALONE else layout
    address = f"127.{16 + number // 250}.{number % 250}.1"
    return Place(number, County(code, name, prefecture, province), system, layout, address)


def agencies(place: Place) -> list[Body]:
    """The government, its office, townships of the division list, and departments."""
    towns = [town for town in (_town(place.county, one.name, one.code) for one in _townships(place)) if town]
    rng = place.random("agencies")
    chosen = rng.sample(towns, min(len(towns), rng.randint(4, 8)))
    own = [place.county.government, place.county.office]
    offices = place.county.departments(24)
    return own + rng.sample(offices, AGENCIES - len(own) - len(chosen)) + chosen


def _townships(place: Place) -> list[divisions.Division]:
    """Townships whose name stands once in their county."""
    found = divisions.townships(place.code)
    names = [one.name for one in found]
    return [one for one in found if names.count(one.name) == 1]


def _town(county: County, name: str, code: str) -> Body | None:
    if not name.endswith(("镇", "乡", "街道")) or len(name) > 8:
        return None
    tail = "办事处" if name.endswith("街道") else "人民政府"
    return Body(county.name + name + tail, name, f"c{code[-3:]}{sum(map(ord, name)) % 97}", "township")


def rows(place: Place) -> list[Row]:
    """Everything that stands in the column of annual reports, newest first."""
    found = []
    for body in agencies(place):
        for year in YEARS:
            rng = place.random(f"{body.name}{year}")
            found.append(Row(report_item(body, year), rng.choices(list(FORMS), list(FORMS.values()))[0]))
    titles = look_alikes(place.county, 2024) + other_titles(place.county, 2024)
    rng = place.random("decoys")
    for n, (title, why) in enumerate(rng.sample(titles, 6)):
        found.append(Row(Item(title, f"2025-{2 + n % 3:02d}-{3 + n:02d}", None, 2024, why), ""))
    order = {item: n for n, item in enumerate(newest_first(row.item for row in found))}
    return sorted(found, key=lambda row: order[row.item])


def made(item: Item) -> MadeReport:
    """The report behind a row: its text and the truth of its cells."""
    assert item.body is not None
    return bodies.made.__wrapped__(item.body, item.year, item.title)


def expected(place: Place) -> Iterator[tuple[str, int]]:
    """(agency, year) of every report of a county."""
    for body in agencies(place):
        for year in YEARS:
            yield body.name, year
