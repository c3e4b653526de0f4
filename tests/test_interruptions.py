"""Whatever ends a crawl: the same command goes on, ends with the same tables, and nobody is ever without an outcome."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler import due
from crawler.archive import Archive
from crawler.dataset import Dataset
from tests.archetypes import years
from tests.archetypes.harness import environment
from tests.archetypes.server import Request, Response, Server
from tests.conftest import ROOT, Crawl
from tests.interruptions import Facts, differences, end_after, facts, start, whole, without_outcome
from tests.portals.sites import ADDRESSES, listing, page, registry, sites

LAST_YEAR = dt.date.today().year - 1
BROWSER = "410328"
"""The sample portal whose list only a browser shows."""


@dataclass(frozen=True)
class Place:
    """Portals that are served, and what a crawl of them leaves that nobody disturbs."""

    server: Server
    registry: Path
    environment: dict[str, str]
    undisturbed: Facts
    requests: int

    @property
    def arguments(self) -> tuple[str, str]:
        return "-a", f"portals={self.registry}"

    def crawl(self, folder: Path) -> Crawl:
        done = whole(folder, *self.arguments, environment=self.environment)
        assert done.code == 0, done.err[-3000:]
        return done


def made(folder: Path, server: Server, rows: str, names: dict[str, str] | None = None) -> Place:
    path = folder / "portals.csv"
    path.write_text(rows, encoding="utf-8")
    before = len(server.log)
    told = names or {}
    Place(server, path, told, {}, 0).crawl(folder / "undisturbed")
    return Place(server, path, told, facts(folder / "undisturbed"), len(server.log) - before)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The sample portals without the one that needs a browser: a page, a PDF, a page with a DOCX, a text file."""
    with Server() as server:
        server.add(sites())
        rows = [line for line in registry(server.port).splitlines() if not line.startswith(BROWSER)]
        yield made(tmp_path_factory.mktemp("place"), server, "\n".join(rows) + "\n")


def test_two_kills_and_a_signal_and_the_same_tables(tmp_path: Path, place: Place) -> None:
    for requests, how in ((1, signal.SIGKILL), (place.requests // 2, signal.SIGINT), (3, signal.SIGKILL)):
        process = start(tmp_path, *place.arguments)
        assert end_after(place.server, process, requests, how=how), "it was quicker than the signal"
        assert without_outcome(tmp_path, LAST_YEAR) == []
        with Archive(tmp_path, write=False) as archive:
            assert archive.begun_visits(), "what has no end is visited first by the next run"
    done = place.crawl(tmp_path)
    assert not differences(place.undisturbed, facts(tmp_path))
    reasons = [row["finish_reason"] for row in done.archive.query("select * from runs")]
    assert reasons == ["interrupted", "shutdown", "interrupted", "finished"]
    assert {row["verdict"] for row in done.archive.query("select * from runs")} == {"stopped", "ok"}
    assert "The run before was interrupted: run 3" in done.err
    assert "Needs somebody: run 3 was interrupted" in done.err


@pytest.fixture(scope="module")
def big_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """All sample portals, and four counties with sixty reports, attachments and pages of lists."""
    folder = tmp_path_factory.mktemp("big")
    with Server() as server:
        world = years.first(server.port)
        server.add([*sites(), *world.sites])
        rows = [f"{one.code},{one.name},{one.url}\n" for one in world.portals]
        hosts = folder / "hosts"
        hosts.write_text(server.hosts(), encoding="ascii")
        yield made(folder, server, registry(server.port) + "".join(rows), environment(hosts))


@pytest.mark.long
@pytest.mark.parametrize("number", range(50))
def test_fifty_kills(tmp_path: Path, big_place: Place, number: int) -> None:
    chance = random.Random(number)
    process = start(tmp_path, *big_place.arguments, environment=big_place.environment)
    end_after(big_place.server, process, chance.randrange(big_place.requests), chance.random() * 0.3)
    if (tmp_path / "reports.db").exists():
        assert without_outcome(tmp_path, LAST_YEAR) == []
    big_place.crawl(tmp_path)
    assert not differences(big_place.undisturbed, facts(tmp_path))


@contextmanager
def damaged(server: Server) -> Iterator[None]:
    """Pingluo's list is empty, Hongsibu answers everything with an error page, Haiyuan only its report's address."""
    error = Response("<html><title>系统提示</title><body>系统繁忙，请稍后再试。</body></html>".encode())
    before = {site.address: dict(site.pages) for site in server.sites}
    for site in server.sites:
        if site.address == ADDRESSES["640221"]:
            site.pages["/zwgk/zfxxgk/zfxxgknb/"] = Response(page("平罗县", "政府信息公开年报", listing([])))
        if site.address == ADDRESSES["640303"]:
            site.pages |= dict.fromkeys(site.pages, error)
        if site.address == ADDRESSES["640522"]:
            site.pages["/zwgk/gknb/2025/qyz.txt"] = error
    yield
    for site in server.sites:
        site.pages = dict(before[site.address])


def test_what_gets_worse_without_proof_is_exit_code_2(tmp_path: Path, place: Place) -> None:
    """The last good data stays, and each reason is one sentence. What is so again the next time is no longer worse."""
    folder = tmp_path / "data"
    shutil.copytree(place.registry.parent / "undisturbed", folder)
    rows = place.registry.read_text(encoding="utf-8").splitlines()
    bounds = [f"{line},{'bound' if n == 0 else 2 if line.startswith('410425') else ''}" for n, line in enumerate(rows)]
    asked = tmp_path / "portals.csv"
    asked.write_text("\n".join(bounds), encoding="utf-8")
    later = ("-a", f"portals={asked}", "-s", f"TODAY={dt.date.today() + dt.timedelta(days=400)}")
    with damaged(place.server):
        worse = whole(folder, *later)
    assert worse.code == 2, worse.err[-3000:]
    told = [line.removeprefix("Got worse: ") for line in worse.out.splitlines() if line.startswith("Got worse: ")]
    assert sorted(line[:6] for line in told) == ["410425", "640221", "640303", "640522"]
    assert [row["verdict"] for row in worse.archive.query("select verdict from runs")] == ["ok", "bad"]
    said = {line[:6]: line for line in told}
    assert "1 reports of" in said["410425"] or "0 reports of" in said["410425"]
    assert "reports were found there before, and now the portal is un" in said["640221"]
    assert "reports were found there before, and now the portal is un" in said["640303"]
    assert "(海原县七营镇人民政府 2024) replaced by something that is no report" in said["640522"]
    assert facts(folder)["cells"] == place.undisturbed["cells"], "the last good data stays"
    held = worse.dataset.execute("select count(*) from coverage where outcome = 'held'").fetchone()
    assert held == (4,)
    for sentence in told:
        assert f"Needs somebody: {sentence}" in worse.err


ENDINGS = {
    "a signal": ((), signal.SIGINT, "shutdown", 1),
    "a limit": (("-s", "CLOSESPIDER_PAGECOUNT=9"), None, "closespider_pagecount", 1),
    "a mistake in the spider": (("-s", "SPIDER_MODULES=tests.mistaken"), None, "finished", 2),
}


@pytest.mark.long
@pytest.mark.parametrize("ending", ENDINGS)
def test_nobody_is_without_an_outcome_however_a_run_ends(tmp_path: Path, place: Place, ending: str) -> None:
    options, how, reason, code = ENDINGS[ending]
    process = start(tmp_path, *place.arguments, *options)
    if how is not None:
        assert end_after(place.server, process, place.requests // 2, how=how)
    assert process.wait(timeout=60) == code
    assert without_outcome(tmp_path, LAST_YEAR) == []
    with Archive(tmp_path, write=False) as archive:
        (run,) = archive.runs()
        assert run["finish_reason"] == reason
        assert archive.begun_visits(), "what has no end is visited first by the next run"
    place.crawl(tmp_path)
    assert not differences(place.undisturbed, facts(tmp_path))


MOUNTS = os.geteuid() == 0 and shutil.which("mount") is not None
STEPS = tuple(range(0, 2600, 130))
"""Kilobytes of room beyond what the two empty files take: the disk is full when they are made, when the run is opened,
in the middle, at the end, never."""


@contextmanager
def disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    folder.mkdir()
    size = f"size={kilobytes}k"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this system does not let us mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(not MOUNTS, reason="a small disk needs root")
@pytest.mark.parametrize("room", [pytest.param(s, marks=[] if s == 1170 else [pytest.mark.long]) for s in STEPS])
def test_a_full_disk_loses_nothing(tmp_path: Path, place: Place, room: int) -> None:
    with Archive(tmp_path / "empty") as archive, Dataset(tmp_path / "empty"):
        empty = sum(path.stat().st_size for path in archive.folder.iterdir()) // 1024
    kept = tmp_path / "kept"
    with disk(tmp_path / "disk", empty // 2 + room) as small:
        stopped = whole(small, *place.arguments)
        shutil.copytree(small, kept)
    assert "Traceback" not in stopped.err
    assert stopped.code in (0, 1)
    if stopped.code:
        assert "disk_full" in stopped.err
    begun = [row["finish_reason"] for row in stopped_runs(kept)]
    if begun:
        assert without_outcome(kept, LAST_YEAR) == []
    place.crawl(kept)
    assert not differences(place.undisturbed, facts(kept))


def stopped_runs(folder: Path) -> list[dict[str, Any]]:
    if not (folder / "archive.db").exists():
        return []
    with Archive(folder) as archive:
        return archive.runs()


@contextmanager
def clock(server: Server, jumps: Mapping[int, int], file: Path) -> Iterator[dict[str, str]]:
    """A wall clock that is so many seconds ahead from the n-th request on; gives the environment of a crawl."""
    asked = 0

    def count(_: Request) -> None:
        nonlocal asked
        asked += 1
        if asked in jumps:
            # in one step: the crawl reads it whenever it looks at the clock, and must not find it half written
            beside = file.with_suffix(".new")
            beside.write_text(str(jumps[asked]), encoding="ascii")
            beside.replace(file)

    file.write_text("0", encoding="ascii")
    for site in server.sites:
        site.gate = count
    try:
        yield {"PYTHONPATH": f"{ROOT / 'tests' / 'clock'}", "CLOCK_JUMP": str(file)}
    finally:
        for site in server.sites:
            site.gate = None


def test_a_clock_that_jumps(tmp_path: Path, place: Place) -> None:
    """A day ahead and then an hour back: the facts and the ledger are the same, and the next visit is as soon due."""
    today = dt.datetime.now(dt.UTC).date()
    third = place.requests // 3
    data = tmp_path / "data"
    with clock(place.server, {third: 86400, 2 * third: -3600}, tmp_path / "jump") as told:
        done = whole(data, *place.arguments, environment=told)
    assert done.code == 0, done.err[-3000:]
    assert not differences(place.undisturbed, facts(data))
    with Archive(data, write=False) as archive:
        (run,) = archive.runs()
        assert run["finished"] < run["started"], "the clock did not jump"
        assert {started[:10] for started, _ in archive.last_visits().values()} == {str(today)}
        stats = json.loads(run["stats"])
        assert all(value >= 0 for value in stats.values() if isinstance(value, (int, float)))
        assert all(row["seconds"] >= 0 for row in archive.db.query("select seconds from visits"))


def test_a_clock_that_was_wrong_once() -> None:
    """What it dated years ahead is no reason to wait for years."""
    day, wrong = dt.date(2026, 3, 1), dt.date(2036, 3, 1)
    assert due.visit_due(wrong, 0, day)
    assert due.look_due(wrong, "2026-01-20", day)
    assert due.ways_due(wrong, day)
    assert not due.visit_due(dt.date(2026, 3, 2), 0, day), "the day begins later in the west"


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.long)])
def test_a_network_that_is_gone_for_a_while(tmp_path: Path, place: Place, seconds: int) -> None:
    """Answers break off, then nobody takes a connection. What did not answer is named, nobody is called absent for it,
    and the next visit makes up for it."""
    process = start(tmp_path, *place.arguments)
    had = len(place.server.log)
    while len(place.server.log) < had + place.requests // 2 and process.poll() is None:
        time.sleep(0.002)
    for site in place.server.sites:
        site.gate = lambda _: Response(ending="reset")
    time.sleep(seconds / 2)
    place.server.vanish()
    for site in place.server.sites:
        site.gate = None
    time.sleep(seconds / 2)
    place.server.appear()
    assert process.wait(timeout=240) == 0
    assert without_outcome(tmp_path, LAST_YEAR) == []
    with Dataset(tmp_path) as dataset:
        told = dataset.db.execute("select agency, outcome, reason from coverage where year = ?", [LAST_YEAR]).fetchall()
    missed = [row for row in told if row[1] in ("unreachable", "unlisted")]
    assert missed
    assert all(reason for _, _, reason in missed)
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    done = whole(tmp_path, *place.arguments, "-s", f"TODAY={tomorrow}")
    assert done.code == 0
    assert facts(tmp_path)["cells"] == place.undisturbed["cells"]
    assert facts(tmp_path)["reports.db: coverage"] == place.undisturbed["reports.db: coverage"]
