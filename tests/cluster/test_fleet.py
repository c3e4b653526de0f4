"""What the machines of a fleet agree on, with a real Redis: nothing lost, nothing twice, and what to do is said."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.commands.status import as_json, as_text, dead
from crawler.fleet import dispatching, state
from crawler.fleet.dispatching import Dispatched
from crawler.fleet.memory import Document, Memory, unpack
from crawler.fleet.places import groups
from crawler.fleet.state import Fleet, FleetDown, Job, Learned
from crawler.portals import Portal
from tests.cluster.compare import differences
from tests.cluster.world import DELAY, Fleetworld, Redis, at_once, fleetworld, free_port, redis, session
from tests.conftest import command

pytest.importorskip("dramatiq", reason="requirements-cluster.txt is not installed")
pytest.importorskip("redis", reason="requirements-cluster.txt is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with redis(tmp_path_factory.mktemp("redis")) as made:
        yield made


@pytest.fixture
def fleet(server: Redis) -> Fleet:
    made = Fleet(server.url)
    made.redis.flushall()
    return made


def portal(code: str, url: str) -> Portal:
    return Portal(code, f"第{code}县", url, hosts=(url.partition("://")[2].strip("/"),))


def job(name: str, *places: str, counties: tuple[str, ...] = ()) -> Job:
    return Job(name, tuple(portal(code, f"http://{code}.localhost/") for code in counties or (name,)), places)


def claim(fleet: Fleet, name: str, worker: str = "w1", lease: float = 30) -> state.Claim:
    return fleet.claim(name, worker, worker, lowest=0, places=[], lease=lease)


def standing(fleet: Fleet, name: str) -> state.Standing:
    return next(each for each in fleet.standings() if each.job.id == name)


def test_a_county_has_one_open_job(fleet: Fleet) -> None:
    portals = [portal("110101", "http://127.8.0.1/"), portal("110102", "http://127.8.0.2/")]
    first, second = Dispatched(), Dispatched()
    dispatching.dispatch(fleet, portals[:1], {}, "", first)
    dispatching.dispatch(fleet, portals, {}, "", second)
    assert (first.jobs, second.jobs, second.open) == (1, 1, ["110101"])
    assert sorted(code for each in fleet.standings() for code in each.job.counties) == ["110101", "110102"]


def test_counties_of_one_server_are_one_job() -> None:
    made = groups(
        [
            portal("110101", "http://127.8.0.1:80/"),
            portal("110102", "http://127.8.0.2/"),
            portal("110103", "http://127.8.0.1:81/"),
            portal("110104", "http://www.a.gov.cn.invalid/"),
            portal("110105", "http://zwgk.a.gov.cn.invalid/"),
        ]
    )
    assert sorted(sorted(each.code for each in members) for members, _ in made)[0] == ["110101", "110103"]
    many = groups([portal(f"1102{n:02}", "http://127.8.0.3/") for n in range(45)])
    assert [len(members) for members, _ in many] == [20, 20, 5]
    assert len({places for _, places in many}) == 1


def test_a_server_is_one_job_s_at_a_time(fleet: Fleet) -> None:
    for name in ("a", "b"):
        fleet.reserve(job(name, "127.8.0.1", f"{name}.localhost"))
    mine = claim(fleet, "a")
    assert mine.answer == "yours"
    assert claim(fleet, "b", "w2").answer == "busy"
    assert claim(fleet, "a", "w2").answer == "running"
    assert fleet.rent("a", mine.token, "127.8.0.9", 5) == 0
    assert fleet.due() == []
    assert fleet.finish("a", mine.token, "done", "")
    assert claim(fleet, "b", "w2").answer == "early"  # the server has its rest between two jobs
    fleet.redis.hset(f"{state.PREFIX}job:b", "not_before", 0)
    fleet.redis.delete(f"{state.PREFIX}places")
    assert claim(fleet, "b", "w2").answer == "yours"


def test_whoever_comes_back_is_told(fleet: Fleet) -> None:
    fleet.reserve(job("a", "127.8.0.1"))
    first = claim(fleet, "a", lease=0.05)
    time.sleep(0.1)
    assert fleet.reap() == ["a"]
    second = claim(fleet, "a", "w2")
    assert second.token > first.token
    assert "given to another" in fleet.renew("a", first.token, 30)
    assert fleet.rent("a", first.token, "127.8.0.7", 5) < 0
    assert not fleet.finish("a", first.token, "done", "", [Learned("a", b"stale", 0)])
    assert fleet.memory("a") is None
    assert fleet.renew("a", second.token, 30) == ""
    assert fleet.finish("a", second.token, "done", "", [Learned("a", b"fresh", 0)])
    assert fleet.memory("a") == b"fresh"
    assert claim(fleet, "a").answer == "done"


def test_failures_back_off_and_end_in_the_dead_letter_list(fleet: Fleet, server: Redis, tmp_path: Path) -> None:
    fleet.reserve(job("a", "127.8.0.1"))
    waits = []
    for _ in range(state.MOST_FAILED + 1):
        fleet.redis.hset(f"{state.PREFIX}job:a", "not_before", 0)
        taken = claim(fleet, "a")
        fleet.finish("a", taken.token, "failed", "exit code 1: no room", backoff=60)
        found = standing(fleet, "a")
        waits.append(round((found.not_before - fleet.now()) / 1000))
    assert waits[:3] == [60, 120, 240]
    assert found.state == "dead"
    assert as_json(fleet.standings(), {}, 0)["counties"]["dead"] == 1
    assert "exit code 1: no room" in dead(fleet.standings())
    assert fleet.reserve(job("again", "127.8.0.1", counties=("a",))) == ["a"]  # nobody tries it unasked
    done = command("dispatch", "--requeue", "a", "-s", f"FLEET_REDIS={server.url}", folder=tmp_path)
    assert "1 dead jobs are tried again" in done.out, done.err
    assert claim(fleet, "a").answer == "yours"


def test_a_job_that_takes_its_workers_with_it_is_given_up(fleet: Fleet) -> None:
    fleet.reserve(job("a", "127.8.0.1"))
    for _ in range(state.MOST_LOST + 1):
        assert claim(fleet, "a", lease=0.001).answer == "yours"
        time.sleep(0.005)
        fleet.reap()
    assert standing(fleet, "a").state == "dead"
    assert "went away 11 times" in standing(fleet, "a").reason
    assert fleet.drop("a")
    assert fleet.reserve(job("b", "127.8.0.1", counties=("a",))) == []


def test_a_message_that_was_lost_is_sent_again(fleet: Fleet) -> None:
    fleet.reserve(job("a", "127.8.0.1"))
    assert fleet.due() == ["a"]
    fleet.sent("a")
    assert fleet.due() == []
    fleet.redis.zadd(f"{state.PREFIX}waiting", {"a": 1})
    fleet.redis.rpush(state.QUEUE_KEY, "another")
    assert fleet.due() == []  # the queue is long: its turn may still come
    fleet.redis.delete(state.QUEUE_KEY)
    assert fleet.due() == ["a"]


def test_no_machine_s_clock_counts(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose clock is an hour ahead, and one whose is an hour behind, see the same leases."""
    fleet.reserve(job("a", "127.8.0.1"))
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600)
    mine = claim(fleet, "a")
    assert fleet.reap() == []
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    assert claim(fleet, "a", "w2").answer == "running"
    assert fleet.renew("a", mine.token, 30) == ""
    assert fleet.finish("a", mine.token, "done", "", [Learned("a", b"", 0)])
    assert fleet.visits()["a"][0] == date.fromtimestamp(now())


def test_a_full_redis_takes_nothing_new_and_lets_go_on_what_runs(fleet: Fleet) -> None:
    fleet.reserve(job("a", "127.8.0.1"))
    mine = claim(fleet, "a")
    fleet.redis.config_set("maxmemory-policy", "noeviction")
    fleet.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(FleetDown, match=r"is full.*more memory.*goes on where it stopped"):
            fleet.reserve(job("b", "127.8.0.2"))
        assert fleet.renew("a", mine.token, 30) == ""
        assert fleet.finish("a", mine.token, "done", "", [Learned("a", b"memory", 0)])
    finally:
        fleet.redis.config_set("maxmemory", 0)
    assert standing(fleet, "a").state == "done"
    assert fleet.reserve(job("b", "127.8.0.2")) == []


def test_redis_is_away_slow_or_no_redis(tmp_path: Path, server: Redis) -> None:
    with pytest.raises(FleetDown, match=r"is away.*start it"):
        Fleet(f"redis://127.0.0.1:{free_port()}/0").now()
    with pytest.raises(FleetDown, match="is not an address of Redis"):
        Fleet("http://127.0.0.1/")
    with pytest.raises(FleetDown) as refused:
        Fleet(f"redis://:secret@127.0.0.1:{free_port()}/0").now()
    assert "secret" not in refused.value.args[0]
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(FleetDown, match="does not answer in time"):
            Fleet(server.url, timeout=0.2).now()
    finally:
        server.process.send_signal(signal.SIGCONT)
    done = command("status", "-s", f"FLEET_REDIS=redis://127.0.0.1:{free_port()}/0", folder=tmp_path)
    assert done.code == 1
    assert "is away" in done.err


def test_redis_is_killed_and_comes_back(tmp_path: Path) -> None:
    with redis(tmp_path) as own:
        fleet = Fleet(own.url)
        fleet.reserve(job("a", "127.8.0.1"))
        mine = claim(fleet, "a")
        own.kill()
        with pytest.raises(FleetDown):
            fleet.renew("a", mine.token, 30)
        own.start()
        assert fleet.renew("a", mine.token, 30) == ""
        assert fleet.unsafe() == []


def test_what_goes_along_to_the_crawls() -> None:
    settings = Settings({"DOWNLOAD_DELAY": "1"})
    for name, value in {"DOWNLOAD_DELAY": "0.05", "TODAY": "2026-02-01", "DOWNLOADER": "evil.Class",
                        "NOTIFY_COMMAND": "rm -r /", "DATA_DIR": "7", "CONTACT": "a@b.cn"}.items():  # fmt: skip
        settings.set(name, value, priority="cmdline")
    kept = {"DOWNLOAD_DELAY": "0.05", "TODAY": "2026-02-01", "CONTACT": "a@b.cn"}
    assert dispatching.settings_for_jobs(settings) == kept


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(FleetDown, match=r"pip install -r requirements-cluster.txt"):
        Fleet()


def test_memories_travel(fleet: Fleet) -> None:
    document = Document("http://a/1", "http://a/", ("年报",), "2026-01-20", "2026-02-01T08:00:00Z", True, "w1-0", '"e"')
    left = {"portals": [{"run_id": 7, "failures": 1, "trail": '["http://a/nb/"]'}], "lists": [], "frontier": []}
    memory = Memory("110101", left, {document.url: document})
    assert unpack(memory.pack(), "110101") == memory
    assert unpack(memory.pack()[:-9], "110101") == Memory("110101")  # damage: as if nothing were known
    assert unpack(None, "110101") == Memory("110101")
    fleet.remember({"110101": memory.pack()})
    assert dispatching.forget_shard(fleet, "w1-0") == 1
    assert unpack(fleet.memory("110101"), "110101").documents == {}


def test_status(fleet: Fleet) -> None:
    assert "no jobs" in as_text([], {}, 0)
    fleet.reserve(job("640221", "127.8.0.1"))
    fleet.reserve(job("110101", "127.8.0.2"))
    claim(fleet, "640221")
    fleet.alive("w1", {"job": "640221", "host": "here"})
    found = as_json(fleet.standings(), fleet.workers(), fleet.now())
    assert found["provinces"]["宁夏回族自治区"]["running"] == 1
    assert found["counties"] == {"queued": 1, "running": 1, "done": 0, "failed": 0, "dead": 0}
    assert json.dumps(found)
    said = as_text(fleet.standings(), fleet.workers(), fleet.now() + 90_000)
    assert "w1 crawls 640221" in said
    assert "last heard of 90 s ago" in said


def requests(world: Fleetworld, after: float = 0.0) -> list[str]:
    return [record.target for record in world.server.records() if record.start > after]


def children(world: Fleetworld, name: str) -> list[int]:
    return [pid for pid, text in session(world.crew.running[name].pid).items() if "fleet.child" in text]


@pytest.mark.long
def test_a_frozen_machine_comes_back_to_a_job_that_is_another_s(tmp_path: Path) -> None:
    """And the other one's next visit, of what it has never seen itself, costs what one machine's would."""
    with fleetworld(tmp_path, 1, lease=3) as world:
        world.crew.start("w1")
        world.dispatch("--all")
        until = time.monotonic() + 40
        while len(requests(world)) < 5 and time.monotonic() < until:
            time.sleep(0.02)
        frozen = world.crew.running["w1"].pid
        os.killpg(frozen, signal.SIGSTOP)
        world.crew.start("w2")
        counts = world.wait(60)
        assert counts["done"] == 1
        thawed = time.monotonic()
        os.killpg(frozen, signal.SIGCONT)
        while children(world, "w1") and time.monotonic() < thawed + 20:
            time.sleep(0.05)
        assert children(world, "w1") == []
        assert requests(world, thawed) == []
        assert at_once(world.server.records()) == 1
        with contextlib.suppress(ProcessLookupError):
            os.killpg(world.crew.running["w2"].pid, signal.SIGKILL)
        done = world.command("merge", *map(str, world.crew.shards()))
        assert done.returncode == 0, done.stderr
        world.one_machine(tmp_path / "one")
        assert differences(tmp_path / "one", tmp_path / "merged", but=("archive.pages",)) == {}

        began = time.monotonic()
        world.one_machine(tmp_path / "one")
        alone = requests(world, began)
        began = time.monotonic()
        world.dispatch("--all")
        world.wait(60)
        assert world.fleet.standings()[-1].worker == "w1-0"
        assert sorted(requests(world, began)) == sorted(alone)
        assert len(alone) < 5
        assert DELAY < 1
