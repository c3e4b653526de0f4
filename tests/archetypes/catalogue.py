"""The archetypes by their keys, with the shortest crawl that the plan of the archetypes states for each."""

from __future__ import annotations

from collections.abc import Callable

from tests.archetypes import (
    a01_trs,
    a02_tree,
    a03_ucap,
    a04_hanweb,
    a05_jpaas,
    a06_vsb,
    a07_lonsun,
    a08_gkmlpt,
    a09_epoint,
    a10_gates,
    a11_aspnet,
    a12_spa,
    big,
    traps,
    years,
)
from tests.archetypes.model import World

ARCHETYPES: dict[str, Callable[[int], World]] = {
    "A1": a01_trs.build,
    "A2": a02_tree.build,
    "A3": a03_ucap.build,
    "A4": a04_hanweb.build,
    "A5": a05_jpaas.build,
    "A6": a06_vsb.build,
    "A7": a07_lonsun.build,
    "A8": a08_gkmlpt.build,
    "A9": a09_epoint.build,
    "A10": a10_gates.build,
    "A11": a11_aspnet.build,
    "A12": a12_spa.build,
}
# not archetypes: size, traps, and the same portals a year later
EXTRA: dict[str, Callable[[int], World]] = {
    "B1": big.build,
    "B2": traps.build,
    **{f"B2.{n + 1}": traps.build_one(n) for n in range(len(traps.TRAPS))},
    "Y1": years.first,
    "Y1again": years.again,
    "Y2": years.second,
}
# visits one after the other, with the same databases
SEQUENCES = {"Y": ("Y1", "Y1again", "Y2")}
DOCUMENTED = {
    "A1": 61,
    "A2": 126,
    "A3": 71,
    "A4": 60,
    "A5": 111,
    "A6": 64,
    "A7": 196,
    "A8": 137,
    "A9": 49,
    "A10": 78,
    "A11": 59,
    "A12": 60,
}
