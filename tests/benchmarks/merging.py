"""``python -m tests.benchmarks.merging [DOCUMENTS [REPORTS]]``: two shards, 100,000 documents and 50,000 reports each.

Goal: both folded in under two minutes, and folding them again changes nothing. The floor beside it copies the same
databases with SQLite's own backup. Shards have disjoint counties but for one in fifty, which both have crawled.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import random
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

from backports import zstd

from crawler.archive import Archive
from crawler.dataset import Dataset, identity
from crawler.items import PortalRead
from crawler.merge import merge
from crawler.portals import Portal
from tests.benchmarks.scale import YEARS, Copier, Template, _portal, _renamed, _url, agencies, templates

BODY = 6000
"""Random bytes in a document, which are as many when it is packed: what a page or a small file takes."""
BATCH = 500


def both(code: str) -> bool:
    return int(hashlib.sha256(code.encode()).hexdigest(), 16) % 50 == 0


def shard_of(code: str) -> int:
    return int(hashlib.sha256(code.encode()).hexdigest(), 16) // 50 % 2


def body(rng: random.Random) -> bytes:
    return base64.b64encode(rng.randbytes(BODY))


class ShardCopier(Copier):
    """Writes reports of documents that the shard's archive holds."""

    def made(self, template: Template, code: str, agency: str, year: int, sha256: str) -> tuple[int, str]:
        report_id = identity(code, agency, year, sha256)
        self.texts += 1
        for table, rows in template.rows.items():
            for row in rows:
                self.add(table, row | _renamed(table, row, report_id, code, agency, year, sha256, self.texts))
        title, text = template.words
        self.add("texts_fts", {"rowid": self.texts, "title": title, "text": text})
        return report_id, _url(code, year, report_id)

    def source(self, code: str, url: str, sha256: str, report_id: int | None) -> None:
        key = {"id": identity(code, url, sha256), "county_code": code, "url": url, "sha256": sha256, "page_url": url}
        told = {"outcome": "held" if report_id else "unread", "reason": "" if report_id else "not_a_report"}
        seen = {"first_seen": "2026-01-20", "last_seen": "2026-01-20", "first_run": 1, "last_run": 1}
        rest = {"detail": "", "title": "政府信息公开工作年度报告", "report_id": report_id, "reader": "0123456789ab"}
        self.add("sources", {**key, **told, **rest, **seen})


def archived(code: str, url: str, data: bytes) -> tuple[str, list[tuple[str, tuple[object, ...]]]]:
    """sha256 of a document, and its rows as statements."""
    sha256 = hashlib.sha256(data).hexdigest()
    packed = zstd.compress(data, 3)
    sighting = (code, url, sha256, "t", '["t"]', "2026-01-20", "", "", url, "text/html", 200, "[]", "http", 1, 1)
    return sha256, [
        ("insert into documents values (?, 'text/html', ?, 'zstd', 1)", (sha256, len(data))),
        ("insert into bodies values (?, ?)", (sha256, packed)),
        (
            "insert into sightings (county_code, url, sha256, title, titles, published, agency, referrer, page_url, "
            f"content_type, status, headers, via, first_run, last_run) values (?{', ?' * 14})",
            sighting,
        ),
        (
            "insert into visits values (1, ?, 'http', ?, '2026-01-20T08:00:00Z', 200, null, null, ?, ?, 0.1, 'ok')",
            (url, code, sha256, len(data)),
        ),
    ]


def plan(reports: int) -> Iterator[tuple[int, str, str, str, int]]:
    """(shard, county, agency, kind, year) of every report."""
    left = [reports, reports]
    for code, name, kind in agencies():
        for year in YEARS:
            shard = year % 2 if both(code) else shard_of(code)
            if left[shard]:
                left[shard] -= 1
                yield shard, code, name, kind, year


def build(folder: Path, documents: int, reports: int) -> list[Path]:
    made = templates(folder / "template")
    shards = [folder / "w1-0", folder / "w2-0"]
    for number, shard in enumerate(shards):
        rng = random.Random(number)
        with Archive(shard) as archive, Dataset(shard) as dataset, Dataset(folder / "template") as words:
            archive.open_run("county", {"shard": shard.name}, {})
            copier = ShardCopier(dataset.db.conn)
            for table in ("headings", "topics"):
                for row in words.db.table(table).rows:
                    copier.add(table, row)
            dataset.db.conn.isolation_level = ""
            archive.db.conn.isolation_level = ""
            counties: dict[str, None] = {}
            count = 0
            for of, code, name, kind, year in plan(reports):
                if of != number:
                    continue
                if code not in counties:
                    counties[code] = None
                    copier.add("portals", _portal(code))
                copier.add("agencies", {"id": identity(code, name), "name": name, "county_code": code, "kind": kind})
                data = body(rng)
                report_id, url = copier.made(rng.choice(made), code, name, year, hashlib.sha256(data).hexdigest())
                sha256, rows = archived(code, url, data)
                copier.source(code, url, sha256, report_id)
                key = {"county_code": code, "agency": name, "kind": kind, "year": year}
                copier.add("coverage", {**key, "outcome": "held", "report_id": report_id, "reason": ""})
                other = f"{url}#{documents}"
                for _ in range(documents // reports - 1):
                    sha256, more = archived(code, other, body(rng))
                    rows += more
                    copier.source(code, other, sha256, None)
                for sql, values in rows:
                    archive.db.conn.execute(sql, values)
                count += 1
                if count % BATCH == 0:
                    copier.flush()
                    archive.db.conn.commit()
                    print(f"\r{shard.name}: {count} reports", end="", file=sys.stderr, flush=True)
            copier.flush()
            archive.db.conn.commit()
            dataset.db.conn.isolation_level = None
            archive.db.conn.isolation_level = None
            rows_of_registry = [_portal(code) for code in counties]
            archive.register(Portal(row["code"], row["name"], row["url"], row["province"]) for row in rows_of_registry)
            for code in counties:
                archive.portal_read(PortalRead(code, "held", "", "trs"))
            archive.close_run("finished", "ok", {"day": "2026-01-20"})
        print(file=sys.stderr)
    return shards


def counts(folder: Path) -> dict[str, int]:
    found = {}
    for file in ("archive.db", "reports.db"):
        with closing(sqlite3.connect(folder / file)) as connection:
            for (name,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
                found[f"{file} {name}"] = connection.execute(f'select count(*) from "{name}"').fetchone()[0]
    return found


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(name: str, work: object) -> None:
    start, before = perf_counter(), cpu()
    assert callable(work)
    work()
    print(f"{name:<56} {perf_counter() - start:7.1f} s, CPU {cpu() - before:6.1f} s", flush=True)


def backup(shards: list[Path], folder: Path) -> None:
    folder.mkdir()
    for shard in shards:
        for file in ("archive.db", "reports.db"):
            with (
                closing(sqlite3.connect(shard / file)) as source,
                closing(sqlite3.connect(folder / f"{shard.name}-{file}")) as target,
            ):
                source.backup(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int, nargs="?", default=100_000, help="of each shard")
    parser.add_argument("reports", type=int, nargs="?", default=50_000, help="of each shard")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gongkai-merging-") as name:
        folder = Path(name)
        shards = build(folder, options.documents, options.reports)
        size = sum(path.stat().st_size for shard in shards for path in shard.glob("*.db"))
        print(
            f"two shards of {options.documents} documents and {options.reports} reports, {size / 1e6:.0f} MB; "
            f"load {os.getloadavg()[0]:.1f}"
        )
        timed("floor: SQLite's backup of the same databases", lambda: backup(shards, folder / "floor"))
        said: list[str] = []
        merged = folder / "merged"
        timed("merge (goal 120 s)", lambda: merge(shards, merged, copies_up_to=0, say=said.append))
        before = counts(merged)
        timed("merge again", lambda: merge(shards, merged, copies_up_to=0, say=said.append))
        assert counts(merged) == before
        print(
            f"merged: {before['archive.db documents']} documents, {before['reports.db reports']} reports, "
            f"{sum(path.stat().st_size for path in merged.glob('*.db')) / 1e6:.0f} MB"
        )


if __name__ == "__main__":
    main()
