"""A country for fleets: small portals, each at an address of its own; Redis, workers and commands to send at them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler import settings
from crawler.fleet.state import Fleet
from tests.archetypes import small
from tests.archetypes.county import County
from tests.archetypes.harness import environment, scaled, serve
from tests.archetypes.making import Bench
from tests.archetypes.model import World
from tests.archetypes.server import Record, Server

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = "青禾柳云石松桐梅枫竹", "川原溪塘岭湾浦"
DELAY = 0.05


def county(number: int) -> County:
    """An invented county; its code is in no division list."""
    name = f"{FIRST[number % 10]}{SECOND[number // 10 % 7]}区"
    return County(f"98{number // 100 + 1:02}{number % 100:02}", name, "榆湾市")


def country(counties: int, port: int, *, years: tuple[int, ...] = (2023, 2024)) -> World:
    """Small portals: an entry, a page of columns, a list, five bodies, a report each year."""
    world = World("F", f"{counties} counties")
    for number in range(counties):
        place = county(number)
        bench = Bench("F", world.title, place, f"c{number}", port, 130 + number, small.list_path, small.article_path,
                      news_pages=1)  # fmt: skip
        menu = small.entry(bench)
        small.column(bench, [*small.reports(place, years), *small.look_alikes(place)], menu)
        bench.site.validators = True
        bench.register()
        world.join(bench.world)
    return world


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def redis_binary() -> str:
    """Redis's own server; installed with apt where that is possible. Skips the test with the reason where it isn't."""
    found = shutil.which("redis-server")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "redis-server"]):
            subprocess.run(["apt-get", "-qq", *command], capture_output=True, timeout=300, check=False)
        found = shutil.which("redis-server")
    if found is None:
        pytest.skip("there is no redis-server, and apt-get cannot install it")
    return found


@dataclass(slots=True)
class Redis:
    """A Redis of one's own on loopback, that writes to disk what it takes in."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *options: str) -> None:
        command = [
            redis_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", *options,
        ]  # fmt: skip
        with (self.folder / "redis.log").open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.02)
        raise RuntimeError("Redis did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    folder.mkdir(parents=True, exist_ok=True)
    made = Redis(folder)
    made.start()
    try:
        yield made
    finally:
        made.kill()


@dataclass(slots=True)
class Crew:
    """Workers of one fleet, each in a session of its own, as if it were a machine of its own."""

    folder: Path
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "dramatiq", "crawler.cluster", "-p", "1", "-t", "1"],
                cwd=ROOT,
                env={**self.environment, "GONGKAI_WORKER": name},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def processes(self, name: str) -> dict[int, str]:
        """Process id -> command line, of everything that a worker has started."""
        return session(self.running[name].pid)

    def stop(self) -> None:
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def shards(self) -> list[Path]:
        return sorted(path.parent for path in (self.folder / "shards").glob("*/archive.db"))


def session(leader: int) -> dict[int, str]:
    """Processes of a session that have not ended, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == leader and fields[0] != "Z":
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


@dataclass(slots=True)
class Fleetworld:
    """A country that is served, a Redis, and a crew that is not started yet."""

    folder: Path
    server: Server
    world: World
    registry: Path
    redis: Redis
    crew: Crew

    @property
    def fleet(self) -> Fleet:
        return Fleet(self.redis.url)

    def command(
        self, *arguments: str, data: Path | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        where = ["-s", f"FLEET_REDIS={self.redis.url}", "-s", f"DATA_DIR={data or self.folder / 'merged'}"]
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *arguments, *where],
            cwd=ROOT, env=self.crew.environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def dispatch(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.command("dispatch", "-a", f"portals={self.registry}", *quick(), *arguments)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.command("status", "--json").stdout)
        return found

    def wait(self, seconds: float, *, until: tuple[str, ...] = ("queued", "running", "failed")) -> dict[str, int]:
        """Waits until no county is in one of these states."""
        from crawler.commands.status import as_json

        end = time.monotonic() + seconds
        while True:
            counts: dict[str, int] = as_json(self.fleet.standings(), {}, 0)["counties"]
            if not any(counts[state] for state in until):
                return counts
            if time.monotonic() > end:
                raise AssertionError(f"after {seconds} s: {counts}")
            time.sleep(0.2)

    def one_machine(self, folder: Path) -> None:
        """The same country, crawled by one machine."""
        done = self.command("crawl", "county", "-a", f"portals={self.registry}", "-a",
                            f"county={','.join(portal.code for portal in self.world.portals)}", *quick(), data=folder,
                            timeout=900)  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]


def quick() -> list[str]:
    """Settings of a world in which a second lasts a twentieth of one."""
    made = scaled(DELAY) | {"READ_WORKERS": 1}
    return [part for name, value in made.items() for part in ("-s", f"{name}={value}")]


@contextlib.contextmanager
def fleetworld(
    folder: Path, counties: int, *, lease: float = 30, years: tuple[int, ...] = (2023, 2024)
) -> Iterator[Fleetworld]:
    folder.mkdir(parents=True, exist_ok=True)
    assert settings.DOWNLOAD_DELAY == 1.0
    with Server() as server, redis(folder / "redis") as store:
        world = country(counties, server.port, years=years)
        registry, hosts = serve(server, [world], folder)
        env = environment(hosts) | {
            "GONGKAI_REDIS": store.url,
            "GONGKAI_SHARDS": str(folder / "shards"),
            "GONGKAI_LEASE": str(lease),
        }
        env["PYTHONPATH"] = os.pathsep.join([env["PYTHONPATH"], str(ROOT)])
        crew = Crew(folder, env)
        try:
            yield Fleetworld(folder, server, world, registry, store, crew)
        finally:
            crew.stop()


def at_once(records: list[Record]) -> int:
    """The most requests that any address ever had open at the same time."""
    most = 0
    addresses: dict[str, list[tuple[float, int]]] = {}
    for record in records:
        addresses.setdefault(record.address, []).extend([(record.start, 1), (record.end, -1)])
    for edges in addresses.values():
        now = 0
        for _, step in sorted(edges):
            now += step
            most = max(most, now)
    return most
