"""``python -m tests.benchmarks.scale FOLDER [REPORTS]``: a dataset of 130,000 reports, and what it costs.

Real readings (the five seeds and made reports) are stored the ordinary way; then every row of theirs, in whatever
tables the dataset has, is written again under new agencies of all provinces, five years each. So the rows have
the sizes that the dataset's own storage gives them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.dataset import Dataset, identity
from crawler.items import Sighting
from crawler.search import bigrams
from parsers.reading import read
from parsers.reports import divisions
from parsers.reports.checks import evaluate
from parsers.reports.model import Context
from tests.generator import html as generated
from tests.generator import pages as generated_pages
from tests.generator.report import make_report
from tests.portals.documents import html as seed_html
from tests.portals.seeds import SEEDS
from tests.portals.sites import article

YEARS = (2020, 2021, 2022, 2023, 2024)
DEPARTMENTS = (
    "教育局 财政局 民政局 司法局 自然资源局 水务局 农业农村局 卫生健康局 审计局 应急管理局 统计局 医疗保障局".split()
)
AGENCIES = 46
BATCH = 500
CELL_TABLES = (
    "form_tables",
    "layouts",
    "fields",
    "statistics_2014_values",
    "disclosure_values",
    "applications_values",
    "litigation_values",
)
TEXT_TABLES = ("texts", "headings", "topics", "contacts", "extra_cells")
INDEX_TABLES = ("texts_fts_data", "texts_fts_idx", "texts_fts_docsize", "texts_fts_config")
PDFS = 8
"""Of 68 templates: about an eighth of the reports that counties publish are PDF files."""
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Template:
    """The rows of one stored report, by table, and its entries of the full-text index."""

    rows: Rows
    words: tuple[str | None, str | None]


def pages() -> Iterator[bytes]:
    for seed in SEEDS:
        yield article(seed, seed.title, "2025-01-16", seed_html(seed))
    for number in range(55):
        yield generated.clean(make_report(number), random.Random(number))
    writers = [writer for name, writer in generated_pages.WRITERS.items() if name.startswith("pdf ")]
    for number in range(PDFS):
        yield writers[number % len(writers)](make_report(number), random.Random(number))


def templates(folder: Path) -> list[Template]:
    """What the dataset itself makes of some reports."""
    found = []
    with Dataset(folder) as dataset:
        for number, page in enumerate(pages()):
            reading = read(page, Context())
            assert reading.report is not None
            sighting = Sighting("", f"http://a/{number}", page, sha256=hashlib.sha256(page).hexdigest())
            report_id = dataset.write(sighting, reading, "scale")
            assert report_id is not None
            dataset.write_findings(report_id, evaluate(reading.report))
            found.append(_template(dataset, report_id, reading.report.title))
    return found


def _template(dataset: Dataset, report_id: int, title: str) -> Template:
    rows: Rows = {}
    for table in dataset.db.tables:
        columns = table.columns_dict
        if "report_id" in columns and table.name not in {"coverage", "sources"}:
            rows[table.name] = list(table.rows_where("report_id = ?", [report_id]))
    rows["reports"] = list(dataset.db["reports"].rows_where("id = ?", [report_id]))
    ids = [row["layout_id"] for row in rows["form_tables"]]
    rows["layouts"] = list(dataset.db["layouts"].rows_where(f"id in ({', '.join(map(str, ids))})"))
    text = "\n".join(row["text"] for row in rows["texts"])
    return Template(rows, (bigrams(title), bigrams(text)))


def agencies() -> Iterator[tuple[str, str, str]]:
    """(county code, name, kind), 46 of every fifth county, over all provinces."""
    for county in divisions.all_counties()[::5]:
        names = [(f"{county.name}人民政府", "county")]
        names += [(f"{county.name}{each.name}", "township") for each in divisions.townships(county.code)]
        names += [(f"{county.name}{name}", "department") for name in DEPARTMENTS]
        names += [(f"{county.name}第{n}办事处", "other") for n in range(AGENCIES)]
        yield from ((county.code, *name) for name in dict(names[:AGENCIES]).items())


class Copier:
    """Writes templates again and again; statements are made once for each table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.waiting: dict[str, list[tuple[Any, ...]]] = {}
        self.texts = 0

    def add(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        sql = f'insert or ignore into "{table}" ({names}) values ({marks})'
        self.waiting.setdefault(sql, []).append(tuple(row.values()))

    def flush(self) -> None:
        with self.connection:
            for sql, rows in self.waiting.items():
                self.connection.executemany(sql, rows)
        self.waiting.clear()

    def report(self, template: Template, code: str, agency: str, year: int, current: int) -> int:
        sha256 = hashlib.sha256(f"{code}{agency}{year}{current}".encode()).hexdigest()
        report_id = identity(code, agency, year, sha256)
        self.texts += 1
        for table, rows in template.rows.items():
            for row in rows:
                self.add(table, row | _renamed(table, row, report_id, code, agency, year, sha256, self.texts))
        url = _url(code, year, report_id)
        key = {"id": identity(code, url, sha256), "county_code": code, "url": url, "sha256": sha256}
        told = {"outcome": "held", "reason": "", "detail": "", "title": f"{agency}{year}年政府信息公开工作年度报告"}
        seen = {"first_seen": "2026-01-20", "last_seen": "2026-03-20", "first_run": 1, "last_run": 9}
        self.add("sources", {**key, **told, "report_id": report_id, "reader": "0123456789ab", "page_url": url, **seen})
        title, text = template.words
        self.add("texts_fts", {"rowid": self.texts, "title": title, "text": text})
        return report_id


def _renamed(
    table: str, row: dict[str, Any], report_id: int, code: str, agency: str, year: int, sha256: str, n: int
) -> dict[str, Any]:
    if table == "layouts":
        return {}
    if table == "texts":
        return {"report_id": report_id, "n": n}
    if table != "reports":
        return {"report_id": report_id}
    published = f"{year + 1}-0{1 + report_id % 4}-{10 + report_id % 18}"
    url = _url(code, year, report_id)
    who = {"agency_id": identity(code, agency), "agency": agency, "county_code": code, "year": year}
    return {"id": report_id, **who, "title": f"{agency}{year}年政府信息公开工作年度报告", "url": url,
            "sha256": sha256, "published": published, "current": 1, "last_run": 1}  # fmt: skip


def _url(code: str, year: int, report_id: int) -> str:
    return f"http://www.{code}.gov.cn/zwgk/zfxxgknb/{year}/t{report_id}.html"


def build(folder: Path, reports: int) -> Path:
    made = templates(folder / "template")
    with Dataset(folder / "template") as template_dataset:
        words = {name: list(template_dataset.db.table(name).rows) for name in ("headings", "topics")}
    dataset = Dataset(folder)
    dataset.db.execute("PRAGMA synchronous = OFF")
    copier = Copier(dataset.db.conn)
    dataset.db.conn.isolation_level = ""
    for table in ("headings", "topics"):
        for row in words[table]:
            copier.add(table, row)
    rng = random.Random(1)
    counties: set[str] = set()
    done = 0
    for code, name, kind in agencies():
        if done >= reports:
            break
        if code not in counties:
            counties.add(code)
            copier.add("portals", _portal(code))
        copier.add("agencies", {"id": identity(code, name), "name": name, "county_code": code, "kind": kind})
        for year in YEARS:
            key = {"county_code": code, "agency": name, "kind": kind, "year": year}
            report_id = copier.report(rng.choice(made), code, name, year, 1)
            copier.add("coverage", {**key, "outcome": "held", "report_id": report_id, "reason": ""})
            done += 1
        missing = {
            "county_code": code,
            "agency": name,
            "kind": kind,
            "year": 2025,
            "outcome": rng.choice(("absent", "blocked")),
        }
        copier.add("coverage", {**missing, "report_id": None, "reason": "1 lists read to their end"})
        if done % BATCH == 0:
            copier.flush()
            print(f"\r{done} reports", end="", file=sys.stderr, flush=True)
    copier.flush()
    dataset.db.conn.isolation_level = None
    dataset.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"\nas it grew: {dataset.path.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
    dataset.optimise()
    dataset.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    dataset.close()
    return dataset.path


def _portal(code: str) -> dict[str, Any]:
    county = divisions.county(code)
    assert county is not None
    province = divisions.division(code[:2] + "0000")
    row = {"code": code, "name": county.name, "province": province.name if province else "", "prefecture": ""}
    return row | {"url": f"http://www.{code}.gov.cn/", "system": "trs", "outcome": "held", "reason": ""}


def sizes(path: Path) -> dict[str, int]:
    """Bytes of every table with its indexes; needs the SQLite extension ``dbstat``, else only the whole file."""
    connection = sqlite3.connect(path)
    whole = {"whole file": path.stat().st_size}
    try:
        rows = connection.execute(
            "select coalesce(m.tbl_name, s.name), sum(s.pgsize) from dbstat s left join sqlite_master m "
            "on m.name = s.name where s.aggregate = 1 group by 1 order by 2 desc"
        ).fetchall()
    except sqlite3.OperationalError:
        return whole
    return whole | dict(rows)


def cells_in(path: Path) -> int:
    """Cells that reports have: entries of the compact arrays."""
    sql = "select sum(json_array_length(cells)) from form_tables"
    return int(sqlite3.connect(path).execute(sql).fetchone()[0])


def export_seconds(path: Path) -> tuple[float, int]:
    """Seconds and bytes of the whole of ``applications`` as CSV, by the command line that the README names."""
    tool = Path(sys.executable).with_name("sqlite-utils")
    started = time.perf_counter()
    with subprocess.Popen([tool, "rows", path, "applications", "--csv"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        size = sum(len(part) for part in iter(lambda: process.stdout.read(1 << 20), b""))  # type: ignore[union-attr]
    assert process.returncode == 0
    return time.perf_counter() - started, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("reports", type=int, nargs="?", default=130_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / "reports.db"
    if not path.exists():
        started = time.perf_counter()
        build(options.folder, options.reports)
        print(f"\nbuilt in {time.perf_counter() - started:.0f} s")
    cells, found = cells_in(path), sizes(path)
    for name, size in list(found.items())[:16]:
        print(f"{name:<24} {size / 1e6:9.1f} MB  {size / cells:6.2f} bytes a cell")
    print(f"{cells} cells, of bytes a cell with their indexes:")
    for title, tables in (("cells", CELL_TABLES), ("texts", TEXT_TABLES), ("search index", INDEX_TABLES)):
        print(f"  {title:<14} {sum(found.get(name, 0) for name in tables) / cells:6.2f}")
    known = {*CELL_TABLES, *TEXT_TABLES, *INDEX_TABLES, "whole file"}
    print(f"  {'everything else':<14} {sum(size for name, size in found.items() if name not in known) / cells:6.2f}")
    seconds, size = export_seconds(path)
    print(f"applications as CSV: {seconds:.1f} s, {size / 1e6:.0f} MB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
