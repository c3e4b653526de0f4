"""The runbook knows every way in which a run ends and every line that asks for somebody; the schedules run."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import store
from crawler.archive import Archive, ArchiveBusy, reserve
from crawler.ledger import Outcome
from crawler.monitors import CHECKS
from tests.conftest import ROOT

OPERATORS = (ROOT / "README.md").read_text(encoding="utf-8").split("## For operators")[1].split("\n## ")[0]
SCHEDULE = ROOT / "docs" / "schedule"
SCRAPY_REASONS = {"finished", "shutdown", "memusage_exceeded"}
"""Of Scrapy's, those that the project's settings can bring about."""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for room in ("crawler", "spiders"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def rows(table: str) -> set[str]:
    """The words in backticks in the first column of the table whose header begins so."""
    body = OPERATORS.split(f"| {table} |")[1].split("\n\n")[0]
    return {word for line in body.splitlines()[2:] for word in re.findall(r"`([^`]+)`", line.split("|")[1])}


def finish_reasons() -> set[str]:
    """Every reason that the code can write: those of a refused write, and those in statements."""
    tree = ast.parse(Path(store.__file__).read_text(encoding="utf-8"))
    (function,) = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "_reason"]
    found = {
        n.value.value for n in ast.walk(function) if isinstance(n, ast.Return) and isinstance(n.value, ast.Constant)
    }
    archive = (ROOT / "crawler" / "archive.py").read_text(encoding="utf-8")
    found |= set(re.findall(r"finish_reason = '(\w+)'", archive)) | set(re.findall(r"'(\w+)', 'ok', '", archive))
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "reason" and isinstance(node.value, ast.Constant):
                found |= {str(node.value.value)} if str(node.value.value).isidentifier() else set()
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CloseSpider" and node.args:
                found.add(ast.literal_eval(node.args[0]))
    return found | SCRAPY_REASONS


def log_lines() -> Iterator[str]:
    """What every warning, error and critical line says before its first value; after it where it begins with one."""
    for _, tree in sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = getattr(node.func.value, "id", getattr(node.func.value, "attr", ""))
            if owner in {"log", "logger"} and node.func.attr in {"warning", "error", "critical", "exception"}:
                said = ast.literal_eval(node.args[0])
                parts = [part.strip(" (") for part in re.split(r"%\w", said) if len(part.strip()) > 3]
                if parts:  # what is all value is a whole sentence of somebody else's
                    yield parts[0]


def test_every_finish_reason_has_a_row() -> None:
    assert {"disk_full", "interrupted", "imported"} <= finish_reasons()
    assert rows("finish reason") == finish_reasons()


def test_every_outcome_has_a_row() -> None:
    assert rows("outcome") - {"reason", "url"} == set(Outcome.__args__)


def test_every_log_line_has_a_row() -> None:
    known = rows("log line")
    lines = list(log_lines())
    assert len(lines) > 8
    missing = [line for line in lines if not any(line[:25] in row for row in known)]
    assert not missing


def test_every_kind_of_alarm_is_told_of() -> None:
    told = OPERATORS.split("**Being told.**")[1].split("- **")[0]
    words = (
        "ended badly",
        "was interrupted",
        "got worse",
        "fewer reports",
        "not read to their end",
        "more that is unread",
        "readers that failed",
        "portals that closed",
        "errors",
    )
    assert len(words) == len(CHECKS)
    assert all(word in " ".join(told.split()) for word in words)


# -- the schedule


def test_one_process_at_a_time_is_told_that_it_may_write(tmp_path: Path) -> None:
    reserve(tmp_path)
    with pytest.raises(ArchiveBusy):
        reserve(tmp_path)
    with Archive(tmp_path), pytest.raises(ArchiveBusy):
        reserve(tmp_path)
    reserve(tmp_path)
    Archive(tmp_path).close()
    Archive(tmp_path).close()


def commands() -> list[list[str]]:
    """What systemd and cron start, with this Python."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(SCHEDULE / "gongkai.service", encoding="utf-8")
    (line,) = [
        text for text in (SCHEDULE / "gongkai.cron").read_text(encoding="utf-8").splitlines() if "scrapy" in text
    ]
    cron = line.split(" && ")[1]
    return [shlex.split(command)[1:] for command in (unit["Service"]["ExecStart"], cron)]


@pytest.mark.parametrize("command", commands(), ids=["systemd", "cron"])
def test_a_start_while_another_crawl_runs_ends_cleanly(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "data"
    registry = tmp_path / "portals.csv"
    registry.write_text("code,name,url\n640221,平罗县,http://127.0.0.9:1/\n", encoding="utf-8")
    with Archive(folder):
        done = subprocess.run(
            [
                sys.executable,
                *(part.replace("/var/lib/gongkai", str(folder)) for part in command),
                "-a",
                f"portals={registry}",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert f"skipped: another crawl (process {os.getpid()}) is writing" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_starts_in_the_same_second(tmp_path: Path) -> None:
    """Both end with 0, and what they leave behind is that of whole runs: at no time two were writing."""
    file = tmp_path / "notice.txt"
    file.write_text("通知", encoding="utf-8")
    line = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "files",
        "-a",
        f"path={file}",
        "-s",
        f"DATA_DIR={tmp_path / 'data'}",
    ]
    both = [
        subprocess.Popen(
            [*line, "-s", "IF_BUSY=skip"], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    skipped = sum("skipped: another crawl" in err for _, err in said)
    with Archive(tmp_path / "data", write=False) as archive:
        assert [run["finish_reason"] for run in archive.runs()] == ["finished"] * (2 - skipped)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in ("gongkai.service", "gongkai.timer"):
        text = (SCHEDULE / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            text.replace("/opt/gongkai/.venv/bin/python", sys.executable).replace("User=gongkai\n", "")
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in ("gongkai.service", "gongkai.timer"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "gongkai" not in done.stderr, done.stderr
