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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def body(row: Mapping[str, Any]) -> bytes:
    return base64.b64decode(row["body"])


def command(
    steps: Sequence[Mapping[str, Any]], folder: Path, settings: Mapping[str, object], known: object
) -> tuple[list[str], dict[str, str]]:
    plan, result = folder / "plan.json", folder / "result.jsonl"
    plan.write_text(json.dumps({"steps": list(steps), "known": known or {}}), "utf-8")
    result.touch()
    asked: dict[str, object] = {**QUIET, **settings}
    line = [sys.executable, "-m", "scrapy", "runspider", str(SPIDER)]
    for name, value in asked.items():
        line += ["-s", f"{name}={value}"]
    env = {**os.environ, "PLAN": str(plan), "RESULT": str(result), "PYTHONPATH": str(ROOT)}
    env["SCRAPY_SETTINGS_MODULE"] = "tests.transport.settings"
    return line, env


def crawl(steps: Sequence[Mapping[str, Any]], *, known: object = None, limit: float = 120, **settings: object) -> Crawl:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        line, env = command(steps, folder, settings, known)
        began = time.monotonic()
        done = subprocess.run(line, env=env, cwd=folder, capture_output=True, text=True, timeout=limit, check=False)
        rows = [json.loads(row) for row in (folder / "result.jsonl").read_text("utf-8").splitlines()]
        return Crawl(rows, done.stderr, time.monotonic() - began, done.returncode)
