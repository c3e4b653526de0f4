"""``python -m tests.benchmarks.linking``: 100,000 names of issuers linked to their divisions, on one core.

Goal: 5 s. The floor beside it is a look into a dictionary of the same names.
"""

from __future__ import annotations

import time

from parsers.reports import divisions
from parsers.reports.issuer import identify
from parsers.reports.model import Context

NAMES = 100_000


def names() -> list[tuple[str, str]]:
    """County codes with names as titles have them: departments, counties, townships short and in full."""
    found = []
    for county in divisions.all_counties():
        found += [(county.code, f"{county.name}教育局"), (county.code, "卫生健康局"), (county.code, county.name)]
        found += [(county.code, county.name + township.name) for township in divisions.townships(county.code)]
        found += [(county.code, f"{township.name}人民政府") for township in divisions.townships(county.code)]
    return (found * 2)[:NAMES]


def main() -> None:
    asked = names()
    known = dict.fromkeys(asked, "")
    start = time.process_time()
    for name in asked:
        known[name]
    floor = time.process_time() - start
    start = time.process_time()
    for code, name in asked:
        identify(title_agency=name, context=Context(county_code=code), year=None)
    spent = time.process_time() - start
    print(f"{len(asked):,} issuers linked in {spent:.2f} s of CPU time (goal 5); a dictionary: {floor:.3f} s")


if __name__ == "__main__":
    main()
