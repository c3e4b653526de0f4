"""Sends Scrapy at servers, in a process of its own with the project's settings: in-process modes hide what matters."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.transport.server import Site

ROOT = Path(__file__).resolve().parents[2]
SPIDER = Path(__file__).with_name("plan_spider.py")
QUIET = {"ITEM_PIPELINES": "{}", "EXTENSIONS": '{"crawler.middlewares.bandwidth.Bandwidth": 0}', "LOG_LEVEL": "INFO"}


@dataclass(frozen=True, slots=True)
class Crawl:
    """What came back, by label, and what it cost. Times in seconds."""

    rows: Sequence[Mapping[str, Any]]
    log: str
    seconds: float
    exit_code: int

    def __getitem__(self, label: str) -> Mapping[str, Any]:
        found = [row for row in self.rows if row["label"] == label]
        assert len(found) == 1, f"{label}: {found}\n{self.log[-3000:]}"
        return found[0]

    def all(self, label: str) -> list[Mapping[str, Any]]:
        return [row for row in self.rows if row["label"] == label]

    @property
    def stats(self) -> Mapping[str, float]:
        return self["stats"]["stats"]  # type: ignore[no-any-return]


@dataclass
class Prepared:
    """Servers, and the crawl that a test module sends at them. Rows are read from it by label once it has ended."""

    steps: Sequence[Mapping[str, Any]]
    sites: Mapping[str, Site]
    settings: Mapping[str, Any]
    known: object = None
    hosts: Mapping[str, str] | None = None
    extra: Any = None
    crawling: Future[Crawl] | None = None

    def crawl(self) -> Crawl:
        return crawl(self.steps, known=self.known, hosts=self.hosts, **self.settings)

    @property
    def done(self) -> Crawl:
        assert self.crawling is not None
        return self.crawling.result()

    def __getitem__(self, label: str) -> Mapping[str, Any]:
        return self.done[label]


def body(row: Mapping[str, Any]) -> bytes:
    return base64.b64decode(row["body"])


def command(
    steps: Sequence[Mapping[str, Any]],
    folder: Path,
    settings: Mapping[str, object],
    known: object = None,
    hosts: Mapping[str, str] | None = None,
) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of a crawl. ``hosts`` are names that its Python shall know."""
    plan, result = folder / "plan.json", folder / "result.jsonl"
    plan.write_text(json.dumps({"steps": list(steps), "known": known or {}}), "utf-8")
    result.touch()
    line = [sys.executable, "-m", "scrapy", "runspider", str(SPIDER)]
    for name, value in {**QUIET, **settings}.items():
        line += ["-s", f"{name}={value}"]
    names = folder / "hosts"
    names.write_text("".join(f"{address} {name}\n" for name, address in (hosts or {}).items()), "ascii")
    return line, {
        **os.environ,
        "PLAN": str(plan),
        "RESULT": str(result),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "archetypes" / "names"))),
        "GONGKAI_TEST_HOSTS": str(names),
        "SCRAPY_SETTINGS_MODULE": "tests.transport.settings",
    }


def crawl(
    steps: Sequence[Mapping[str, Any]],
    *,
    known: object = None,
    hosts: Mapping[str, str] | None = None,
    limit: float = 120,
    **settings: object,
) -> Crawl:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        line, env = command(steps, folder, settings, known, hosts)
        began = time.monotonic()
        done = subprocess.run(line, env=env, cwd=folder, capture_output=True, text=True, timeout=limit, check=False)
        rows = [json.loads(row) for row in (folder / "result.jsonl").read_text("utf-8").splitlines()]
        return Crawl(rows, done.stderr, time.monotonic() - began, done.returncode)
