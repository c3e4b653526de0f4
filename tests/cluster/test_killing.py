"""Workers are killed, machines vanish: the merged tables are those of one machine, no server is asked twice at once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.commands.merge import told
from crawler.dataset import Dataset
from crawler.fleet.state import PREFIX
from crawler.merge import merge
from tests.cluster.compare import differences, everything
from tests.cluster.world import Crew, Fleetworld, at_once, fleetworld, session

pytest.importorskip("dramatiq", reason="requirements-cluster.txt is not installed")
pytest.importorskip("redis", reason="requirements-cluster.txt is not installed")

# what a crawl that was begun twice has asked for twice, or asked for with conditions
MAY_DIFFER = ("archive.pages",)


def crawls(crew: Crew) -> dict[int, str]:
    """Process id -> worker, of every crawl that runs."""
    return {
        pid: name
        for name, process in crew.running.items()
        for pid, command in session(process.pid).items()
        if "crawler.fleet.child" in command
    }


def kill(crew: Crew, name: str, how: str) -> None:
    """Ends a machine, the process that works, or only the crawl; then the worker is started again, as systemd would."""
    leader = crew.running[name].pid
    members = session(leader)
    workers = [pid for pid, command in members.items() if "dramatiq" in command and pid != leader]
    children = [pid for pid, command in members.items() if "crawler.fleet.child" in command]
    victims = {"machine": list(members), "master": [leader], "worker": workers, "crawl": children}[how]
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if how == "crawl":
        return
    until = time.monotonic() + 10
    while session(leader) and time.monotonic() < until:
        crew.running[name].poll()
        time.sleep(0.05)
    assert not session(leader), f"after the {how} was killed these went on: {session(leader)}"
    crew.running[name].wait()
    crew.start(name)


def proved(world: Fleetworld) -> None:
    """The shards, folded, are what one machine has; folding them twice changes nothing."""
    one, merged = world.folder / "one", world.folder / "merged"
    assert at_once(world.server.records()) == 1
    world.one_machine(one)
    shards = world.crew.shards()
    random.Random(1).shuffle(shards)
    complaints: list[str] = []
    merge(shards, merged, copies_up_to=5000, say=complaints.append)
    assert complaints == []
    assert differences(one, merged, but=MAY_DIFFER) == {}
    with Archive(merged, write=False) as archive, Dataset(merged) as dataset:
        assert [*archive.problems(), *dataset.problems()] == []
    before = everything(merged)
    assert [told(folded) for folded in merge(shards[::-1], merged, copies_up_to=5000, say=complaints.append)] == [
        f"{shard}: nothing new" for shard in shards[::-1]
    ]
    assert everything(merged) == before


def test_a_worker_is_killed(tmp_path: Path) -> None:
    with fleetworld(tmp_path, 1, lease=3, years=(2024,)) as world:
        for name in ("w1", "w2"):
            world.crew.start(name)
        assert "1 jobs for 1 of 1 counties" in world.dispatch("--all").stdout
        until = time.monotonic() + 30
        while not crawls(world.crew) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(1.0)  # it has begun to ask
        kill(world.crew, next(iter(crawls(world.crew).values()), "w1"), "worker")
        assert world.wait(60)["done"] == 1
        proved(world)


@pytest.mark.long
@pytest.mark.parametrize("away", [2, 20], ids=["shorter than a lease", "longer"])
def test_redis_is_killed_while_all_crawl(tmp_path: Path, away: float) -> None:
    with fleetworld(tmp_path, 3, lease=10) as world:
        for name in ("w1", "w2"):
            world.crew.start(name)
        world.dispatch("--all")
        until = time.monotonic() + 60
        while len(world.server.records()) < 6 and time.monotonic() < until:
            time.sleep(0.02)
        world.redis.kill()
        time.sleep(away)
        world.redis.start()
        assert world.wait(120, until=("queued", "running"))["dead"] == 0
        world.fleet.redis.zadd(f"{PREFIX}waiting", {each.job.id: 0 for each in world.fleet.standings()}, xx=True)
        for standing in world.fleet.standings():
            world.fleet.redis.hset(f"{PREFIX}job:{standing.job.id}", "not_before", 0)
        assert world.wait(120)["done"] == 3
        proved(world)


@pytest.mark.long
def test_killed_every_twenty_seconds(tmp_path: Path) -> None:
    """Three workers, 60 counties, five minutes."""
    rng = random.Random(20261121)
    with fleetworld(tmp_path, 60, lease=12) as world:
        for name in ("w1", "w2", "w3"):
            world.crew.start(name)
        world.dispatch("--all")
        began = time.monotonic()
        deaths: list[str] = []
        rounds = 1
        while (passed := time.monotonic() - began) < 300:
            time.sleep(20)
            name, how = rng.choice(("w1", "w2", "w3")), rng.choice(("machine", "master", "worker", "crawl"))
            kill(world.crew, name, how)
            deaths.append(f"{passed:.0f} s: {how} of {name}")
            counts = world.wait(1e9, until=())
            if not counts["queued"] + counts["running"] + counts["failed"]:
                world.dispatch("--all")  # all are visited again: there is always something to be killed
                rounds += 1
        counts = world.wait(600)
        print(
            f"\n{len(deaths)} kills ({', '.join(deaths)}), {rounds} rounds, {counts}, {time.monotonic() - began:.0f} s"
        )
        assert counts == {"queued": 0, "running": 0, "done": 60, "failed": 0, "dead": 0}
        proved(world)
