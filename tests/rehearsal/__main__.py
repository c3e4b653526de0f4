"""``python -m tests.rehearsal [--counties N] [--workers W] [--faults] [--delay S]``: a national crawl on loopback.

Generated portals of all counties, or of N spread over the country, are served by processes of their own and crawled by
W workers with the real settings, the second between two requests scaled down to S. Each worker is a row of
``scrapy crawl county`` processes, ``--batch`` counties each, in a data folder of its own. Printed is what was found
against the truth, what it cost, and what the whole country would cost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.archetypes.harness import ROOT, scaled, write_registry
from tests.archetypes.model import Portal as Registered
from tests.benchmarks.usage import spent, usage
from tests.rehearsal import fleet
from tests.rehearsal.country import SHARES, Place, country
from tests.rehearsal.measuring import Taken, below
from tests.rehearsal.measuring import field as megabytes
from tests.rehearsal.score import Score, score

COUNTIES = 2845
GOAL_HOURS, GOAL_MB = 2.0, 400.0


@dataclass(slots=True)
class Worker:
    """One worker: its folder, the processes it ran one after the other, and the most memory one of them took."""

    folder: Path
    batches: list[list[Place]]
    port: int
    options: Sequence[str]
    peak: float = 0.0
    readers: float = 0.0
    codes: list[int] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)

    def run(self) -> None:
        for number, places in enumerate(self.batches):
            registry = self.folder / f"portals-{number}.csv"
            write_registry(registry, [_registered(place, self.port) for place in places])
            command = [
                sys.executable, "-m", "scrapy", "crawl", "county", "-a", f"portals={registry}",
                "-a", f"county={','.join(place.code for place in places)}", "-s", f"DATA_DIR={self.folder}",
                *self.options,
            ]  # fmt: skip
            with (self.folder / f"crawl-{number}.log").open("wb") as out:
                process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
                while process.poll() is None:
                    self.taken.add(megabytes(process.pid, "status", "VmRSS:"))
                    # pages that readers share are counted once
                    readers = sum(megabytes(one, "smaps_rollup", "Pss:") for one in below(process.pid))
                    self.readers = max(self.readers, readers)
                    self.peak = max(self.peak, megabytes(process.pid, "status", "VmHWM:"))
                    time.sleep(0.25)
            self.codes.append(process.returncode)


def _of_system(places: list[Place], system: str) -> list[Place]:
    return [place for place in places if place.system == system]


def _registered(place: Place, port: int) -> Registered:
    county = place.county
    return Registered(
        place.code, county.name, county.province, county.prefecture, f"http://{place.address}:{port}/", ()
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal", description="A national crawl on loopback.")
    parser.add_argument("--counties", type=int, metavar="N", help="so many counties, spread over the country")
    parser.add_argument("--each", type=int, metavar="N", help="N counties of each content system instead")
    parser.add_argument("--only", metavar="CODES", help="only these of them, divided by commas")
    parser.add_argument("--workers", type=int, default=1, help="workers side by side, each with a folder of its own")
    parser.add_argument("--fleet", action="store_true", help="by Redis and Dramatiq, a process for each county")
    parser.add_argument("--batch", type=int, default=150, help="counties that one process crawls")
    parser.add_argument("--servers", type=int, default=1, help="processes that serve the portals")
    parser.add_argument("--faults", action="store_true", help="servers that fail as real ones do")
    parser.add_argument("--delay", type=float, default=0.05, help="what stands for the second between two requests")
    parser.add_argument("--keep", type=Path, help="keep databases and logs in this folder, with each request")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    chosen = parser.parse_args(arguments)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="gongkai-rehearsal-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    places = country(chosen.counties)
    if chosen.each:
        places = [place for system in SHARES for place in _of_system(country(), system)[: chosen.each]]
    if chosen.only:
        places = [place for place in places if place.code in chosen.only.split(",")]
    (folder / "codes").write_text(",".join(place.code for place in places))
    port = _free_port()
    servers = [
        subprocess.Popen(
            [
                sys.executable, "-m", "tests.rehearsal.server", str(port), str(chosen.delay), str(int(chosen.faults)),
                str(number), str(chosen.servers), str(folder / "codes"), str(int(bool(chosen.keep))),
            ],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(chosen.servers)
    ]  # fmt: skip
    for server in servers:
        assert server.stdout is not None
        server.stdout.readline()
    workers = _workers(places, chosen, port, folder)[: 1 if chosen.fleet else None]
    began, before = time.monotonic(), spent()
    with usage() as served:
        if chosen.fleet:
            _by_fleet(workers[0], places, chosen, port, folder)
        else:
            _crawl(workers)
        seconds = time.monotonic() - began
        said = [json.loads(server.communicate("")[0]) for server in servers]
    seen = {code: one for answer in said for code, one in answer["seen"].items()}
    serving = sum(answer["cpu"] for answer in said)
    whole = served.seconds if served.seconds else spent() - before
    found = score(places, [worker.folder for worker in workers], port)
    if chosen.keep:
        (folder / "seen.json").write_text(json.dumps(seen, ensure_ascii=False))
    figures = _figures(places, workers, found, seen, seconds, whole - serving, serving)
    _show(figures, found, places, workers, chosen)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1))
    if not chosen.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if _good(figures, chosen.faults) else 1


def _workers(places: list[Place], chosen: argparse.Namespace, port: int, folder: Path) -> list[Worker]:
    options = [part for name, value in scaled(chosen.delay).items() for part in ("-s", f"{name}={value}")]
    # several workers share the cores, and each has readers of its own
    options += ["-s", f"READ_WORKERS={max(1, (os.cpu_count() or 1) // chosen.workers)}", "-s", "COPIES_AT_CLOSE=0"]
    order = list(places)
    random.Random(1).shuffle(order)
    made = []
    for number in range(chosen.workers):
        mine = order[number :: chosen.workers]
        place = folder / f"worker-{number}"
        place.mkdir(parents=True, exist_ok=True)
        batches = [mine[start : start + chosen.batch] for start in range(0, len(mine), chosen.batch)]
        made.append(Worker(place, batches, port, options))
    return made


def _by_fleet(all_of_it: Worker, places: list[Place], chosen: argparse.Namespace, port: int, folder: Path) -> None:
    """The counties of all workers by way of Redis; what was folded takes the place of a worker's folder."""
    registry = folder / "portals.csv"
    write_registry(registry, [_registered(place, port) for place in places])
    done = fleet.crawl(registry, folder, chosen.workers, all_of_it.options)
    all_of_it.folder, all_of_it.taken, all_of_it.peak = done.folder, done.taken, done.taken.most
    all_of_it.codes = [0] * done.counties["done"] + [1] * done.counties["dead"]
    print(f"fleet: {done.counties}, folding {done.merging:.1f} s")


def _crawl(workers: list[Worker]) -> None:
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _figures(
    places: list[Place],
    workers: list[Worker],
    found: Score,
    seen: dict[str, Any],
    seconds: float,
    crawling: float,
    serving: float,
) -> dict[str, float]:
    count = len(places)
    asked, least = sum(one["requests"] for one in seen.values()), sum(one["minimal"] for one in seen.values())
    return {
        "counties": count,
        "reports": found.expected,
        "recall": found.recall,
        "precision": found.precision,
        "cells": found.cells,
        "cells_right": found.cells_right / max(1, found.cells),
        "requests": asked,
        "faults": sum(one["faults"] for one in seen.values()),
        "requests_over_minimal": asked / max(1, least),
        "at_once": max((one["at_once"] for one in seen.values()), default=0),
        "forbidden": sum(one["forbidden"] for one in seen.values()),
        "gap": min((one["gap"] for one in seen.values()), default=0.0),
        "memory_mb": max(worker.peak for worker in workers),
        "readers_mb": max(worker.readers for worker in workers),
        "archive_mb": _size(workers, "archive.db"),
        "dataset_mb": _size(workers, "reports.db"),
        "received_mb": sum(one["sent"] for one in seen.values()) / 1024**2,
        "wall_s": seconds,
        "wall_s_per_county": seconds / count,
        "cpu_s_per_county": crawling / count,
        "server_cpu_s_per_county": serving / count,
        "country_hours": seconds / count * COUNTIES / 3600,
        "country_cpu_hours": (crawling + serving) / count * COUNTIES / 3600,
        "country_hours_two_cores": (crawling + serving) / count * COUNTIES / 3600 / 2,
        "exit_codes_not_0": sum(code != 0 for worker in workers for code in worker.codes),
    }


def _size(workers: list[Worker], name: str) -> float:
    """MB of a database and its journal in all folders."""
    paths = [path for worker in workers for path in worker.folder.glob(f"{name}*")]
    return sum(path.stat().st_size for path in paths) / 1024**2


def _show(
    figures: dict[str, float], found: Score, places: list[Place], workers: list[Worker], chosen: argparse.Namespace
) -> None:
    for code, agency, year in found.missing[:25]:
        place = next(place for place in places if place.code == code)
        print(f"missing: {code} {agency} {year}  ({place.system}, {place.layout})")
    for row in found.false[:25]:
        print("false:", *row)
    for line in found.wrong[:10]:
        print("cell:", line)
    systems = Counter(place.system for place in places)
    lost = Counter(next(place.system for place in places if place.code == code) for code, _, _ in found.missing)
    print("systems:", ", ".join(f"{name} {count}{f' ({lost[name]} missing)' if lost[name] else ''}"
                                for name, count in systems.most_common()))  # fmt: skip
    print(f"faults {'on' if chosen.faults else 'off'}, {chosen.workers} worker(s), delay {chosen.delay} s")
    for name, value in figures.items():
        print(f"{name:<26}{value:>14,.4f}" if isinstance(value, float) else f"{name:<26}{value:>14,}")
    print("memory at the quarters of the time, MB:", "; ".join(worker.taken.over_time() for worker in workers))
    outcomes = ", ".join(f"{count} {name}" for name, count in found.outcomes.most_common())
    print(f"portals: {outcomes}")
    print(f"load {os.getloadavg()[0]:.1f}: on a busy machine only the times of the processor mean something")
    print(
        f"goals: {GOAL_HOURS:g} hours for the country on two cores, a worker below {GOAL_MB:g} MB, one request at once"
    )


def _good(figures: dict[str, float], faults: bool) -> bool:
    least = 0.999 if faults else 1.0
    return (
        figures["recall"] >= least
        and figures["precision"] >= least
        and figures["at_once"] <= 1
        and not figures["forbidden"]
        and figures["memory_mb"] < GOAL_MB
        and figures["country_hours_two_cores"] < GOAL_HOURS
    )


if __name__ == "__main__":
    sys.exit(main())
