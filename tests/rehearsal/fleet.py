"""The rehearsal by a fleet: Redis, workers of Dramatiq, a process for each county, and the shards folded at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.commands.status import as_json
from crawler.fleet.state import Fleet
from tests.archetypes.harness import ROOT
from tests.cluster.world import Crew, redis, session
from tests.rehearsal.measuring import Taken, field

LONGEST = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Folded:
    """What the fleet left: the merged folder, the most memory one process took, the seconds that folding took, and
    counties by state."""

    folder: Path
    taken: Taken
    merging: float
    counties: dict[str, int]


def crawl(registry: Path, folder: Path, workers: int, options: Sequence[str]) -> Folded:
    """Dispatches every county of a registry to ``workers`` workers and waits for the last of them."""
    merged = folder / "merged"
    with redis(folder / "redis") as store:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "GONGKAI_REDIS": store.url,
            "GONGKAI_SHARDS": str(folder / "shards"),
        }
        crew = Crew(folder, environment)
        places = ["-s", f"FLEET_REDIS={store.url}", "-s", f"DATA_DIR={merged}"]
        try:
            _command(["dispatch", "-a", f"portals={registry}", "--all", *options, *places], environment)
            for number in range(workers):
                crew.start(f"w{number + 1}")
            counties, taken = _wait(Fleet(store.url), crew)
        finally:
            crew.stop()
        began = time.monotonic()
        _command(["merge", *map(str, crew.shards()), *places], environment)
    return Folded(merged, taken, time.monotonic() - began, counties)


def _command(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"scrapy {arguments[0]}: {done.stdout[-1000:]}{done.stderr[-2000:]}")


def _wait(fleet: Fleet, crew: Crew) -> tuple[dict[str, int], Taken]:
    """Until no county is waiting, running or to be tried again."""
    taken = Taken()
    until = time.monotonic() + LONGEST
    while True:
        counties: dict[str, int] = as_json(fleet.standings(), {}, 0)["counties"]
        if not any(counties[state] for state in ("queued", "running", "failed")) or time.monotonic() > until:
            return counties, taken
        for process in crew.running.values():
            for pid, command in session(process.pid).items():
                if "forkserver" not in command and "resource_tracker" not in command:
                    taken.add(field(pid, "status", "VmHWM:"))
        time.sleep(0.5)
