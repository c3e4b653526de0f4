"""Crawls that are ended in the middle, and what is compared afterwards: all but clocks and the numbers of runs."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crawler.archive import Archive
from crawler.dataset import Dataset
from tests.archetypes.server import Server
from tests.conftest import FAST, ROOT, Crawl

Facts = Mapping[str, list[Any]]

CLOCKS = {"run_id", "first_run", "last_run", "headers", "looked", "fetched"}
"""Columns that say when, or in which run; a server's headers have its clock in them."""
OF_RUNS = {"runs", "visits", "lists"}
"""Tables that say what each run did; ``lists`` is compared as the last visit to each portal left it."""
IN_ORDER_OF_WRITING = {"headings", "topics", "layouts", "texts", "form_tables"}
"""Tables that number what many reports share as it comes; what they hold is compared as the views show it."""
VIEWS = ("cells", "sections", "statements", "findings", "changes")


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", "crawl", "county", *arguments, "-s", f"DATA_DIR={folder}", *FAST]


def start(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A crawl in a session of its own, so that nothing of it outlives a test."""
    return subprocess.Popen(
        command(folder, *arguments),
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def whole(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Crawl:
    """A crawl that nobody disturbs."""
    done = subprocess.run(
        command(folder, *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return Crawl(folder, done.returncode, done.stdout, done.stderr)


def end_after(
    server: Server, process: subprocess.Popen[bytes], requests: int, pause: float = 0.0, how: int = signal.SIGKILL
) -> bool:
    """Sends a signal when a server has had so many requests, and a pause later; False when the crawl was quicker."""
    had = len(server.log)
    while len(server.log) < had + requests and process.poll() is None:
        time.sleep(0.002)
    time.sleep(pause)
    alive = process.poll() is None
    if alive:
        # the processes that read die with their parent's pipe; a crawl that is told to stop ends them itself
        process.send_signal(how)
    process.wait(timeout=60)
    return alive


def facts(folder: Path) -> Facts:
    """Every table of both files as sorted rows."""
    found: dict[str, list[Any]] = {}
    with Archive(folder, write=False) as archive, Dataset(folder) as dataset:
        found["lists of portals"] = [archive.lists_of(portal.code) for portal in archive.registered()]
        for store in (archive, dataset):
            for name in _tables(store.db.conn):
                found[f"{store.path.name}: {name}"] = _rows(store.db.conn, name)
        for name in VIEWS:
            found[name] = _rows(dataset.db.conn, name)
    return found


def _tables(connection: sqlite3.Connection) -> Iterable[str]:
    names = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
    left_out = OF_RUNS | IN_ORDER_OF_WRITING
    return [name for (name,) in names if name not in left_out and "fts" not in name and not name.startswith("sqlite")]


def _rows(connection: sqlite3.Connection, table: str) -> list[Any]:
    columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")') if row[1] not in CLOCKS]
    names = ", ".join(f'"{column}"' for column in columns)
    return sorted(connection.execute(f'select {names} from "{table}"').fetchall(), key=repr)


def differences(one: Facts, other: Facts) -> str:
    """Tables that differ, with the rows that only one side has; empty when all are the same."""
    lines = []
    for name in sorted(one.keys() | other.keys()):
        left, right = ({*map(repr, side.get(name, []))} for side in (one, other))
        if left != right or len(one.get(name, [])) != len(other.get(name, [])):
            lines += [f"{name}:", *(f"  - {row[:300]}" for row in sorted(left - right)[:5])]
            lines += [f"  + {row[:300]}" for row in sorted(right - left)[:5]]
    return "\n".join(lines)


def without_outcome(folder: Path, year: int) -> list[tuple[str, str, int]]:
    """(county, agency, year) that have to have an outcome and have none: of everybody expected in a registered county,
    and of every report that is held."""
    from crawler.ledger import expected

    with Archive(folder, write=False) as archive, Dataset(folder) as dataset:
        due = {(p.code, each.name, year) for p in archive.registered() for each in expected(p, ())}
        due |= set(
            dataset.db.execute("select county_code, agency, year from reports where current and year is not null")
        )
        told = set(dataset.db.execute("select county_code, agency, year from coverage where outcome is not null"))
    return sorted(due - told)
