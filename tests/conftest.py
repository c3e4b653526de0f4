"""Worlds that several tests look at: one crawl of the sample portals, one reading of the seeds as files."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from scrapy.cmdline import execute
from sqlite_utils import Database

ROOT = Path(__file__).parent.parent
# the tests' portals are on this machine: a second between requests would only make the tests slow
FAST = ("-s", "DOWNLOAD_DELAY=0.05", "-s", "DOWNLOAD_DELAY_JITTER=0")


@dataclass(frozen=True)
class Crawl:
    """A finished crawl: its folder and what it said."""

    folder: Path
    code: int
    out: str
    err: str

    @property
    def dataset(self) -> Database:
        return Database(self.folder / "reports.db")

    @property
    def archive(self) -> Database:
        return Database(self.folder / "archive.db")


def run(*command: str, folder: Path, timeout: float = 120) -> Crawl:
    """Runs a command of the project in a process of its own, as a user does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Crawl(folder, done.returncode, done.stdout, done.stderr)


def scrapy(*arguments: str, folder: Path, timeout: float = 120) -> Crawl:
    return run("scrapy", *arguments, "-s", f"DATA_DIR={folder}", folder=folder, timeout=timeout)


def command(*arguments: str, folder: Path) -> Crawl:
    """A command that neither crawls nor reads, in this process: a process of its own takes a second to begin."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            execute(["scrapy", *arguments, "-s", f"DATA_DIR={folder}"])
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Crawl(folder, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def sample_crawl(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """What `make crawl` does, once for all tests that look at it."""
    return run("tests.portals", *FAST, folder=tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def files_crawl(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The five seeds as files."""
    seeds = Path(__file__).parent / "portals" / "seeds"
    return scrapy("crawl", "files", "-a", f"path={seeds}", folder=tmp_path_factory.mktemp("files"))
