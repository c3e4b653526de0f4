"""Serves archetypes and sends the real crawler at them, in a process of its own and with the real settings."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crawler import settings
from tests.archetypes.faults import NO_FAULTS, Faults
from tests.archetypes.making import outside_site
from tests.archetypes.model import Portal, World
from tests.archetypes.score import Score, Traffic, fetched, score, traffic
from tests.archetypes.server import Record, Server

ROOT = Path(__file__).resolve().parents[2]
NAMES = Path(__file__).with_name("names")
COLUMNS = ("code", "name", "province", "prefecture", "url", "since", "note", "hosts")


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl. Times in seconds, memory in MB; ``left`` counts processes of the crawl that outlived it."""

    world: World
    traffic: Traffic
    score: Score
    fetched: tuple[int, int]
    exit_code: int
    seconds: float
    cpu: float
    memory: float
    left: int
    folder: Path

    @property
    def ratio(self) -> float:
        return self.traffic.requests / max(1, self.world.minimal)


def write_registry(path: Path, portals: Iterable[Portal]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in portals:
            writer.writerow((row.code, row.name, row.province, row.prefecture, row.url, "", "", ";".join(row.hosts)))


def environment(hosts_file: Path) -> dict[str, str]:
    """The environment in which Python finds the portals by name."""
    before = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(part for part in (str(NAMES), before) if part)
    return {**os.environ, "PYTHONPATH": path, "GONGKAI_TEST_HOSTS": str(hosts_file)}


def serve(server: Server, worlds: Iterable[World], folder: Path, faults: Faults = NO_FAULTS) -> tuple[Path, Path]:
    """Puts worlds on the server; gives the registry file and the hosts file."""
    worlds = list(worlds)
    server.clear()
    server.faults = faults
    server.add([site for world in worlds for site in world.sites] + [outside_site(server.port)])
    registry, hosts = folder / "portals.csv", folder / "hosts"
    write_registry(registry, [portal for world in worlds for portal in world.portals])
    hosts.write_text(server.hosts(), encoding="ascii")
    return registry, hosts


def scaled(delay: float) -> dict[str, float]:
    """Settings of a world in which a second lasts ``delay`` seconds; what a host may cost before it counts as down and
    all other limits stay as they are."""
    return {
        name: getattr(settings, name) * delay
        for name in ("DOWNLOAD_DELAY", "BACKOFF_START", "BACKOFF_MAX", "SLOWDOWN_MAX")
    }


def crawl(
    server: Server,
    world: World,
    *,
    faults: Faults = NO_FAULTS,
    delay: float = 0.05,
    timeout: float = 900,
    folder: Path | None = None,
    options: Iterable[str] = (),
) -> Run:
    """Runs ``scrapy crawl county`` on every portal of a world. ``delay`` replaces the one second between requests."""
    folder = folder or Path(tempfile.mkdtemp(prefix=f"gongkai-{world.key}-"))
    folder.mkdir(parents=True, exist_ok=True)
    registry, hosts = serve(server, [world], folder, faults)
    command = [
        sys.executable, "-m", "scrapy", "crawl", "county", "-a", f"portals={registry}",
        "-a", f"county={','.join(portal.code for portal in world.portals)}",
        "-s", f"DATA_DIR={folder}",
    ]  # fmt: skip
    for name, value in scaled(delay).items():
        command += ["-s", f"{name}={value}"]
    command += options
    began = time.monotonic()
    with (folder / "crawl.log").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(hosts), stdout=out, stderr=out, start_new_session=True
        )
        code, cpu, memory = _wait(process, timeout)
    seconds = time.monotonic() - began
    left = _still_running(process.pid)
    log = server.records()
    _write_log(folder / "requests.log", log)
    return Run(
        world=world,
        traffic=traffic(log, server.sites),
        score=score(world, folder),
        fetched=fetched(world, log),
        exit_code=code,
        seconds=seconds,
        cpu=cpu,
        memory=memory,
        left=left,
        folder=folder,
    )


def _write_log(path: Path, log: list[Record]) -> None:
    """One line a request: seconds since the first, seconds taken, status, fault, method, address."""
    first = min((record.start for record in log), default=0.0)
    with path.open("w", encoding="utf-8") as out:
        for record in log:
            times = f"{record.start - first:9.3f} {record.end - record.start:7.3f}"
            kind = "navigation" if record.navigation else "browser" if record.browser else record.method
            out.write(f"{times} {record.status:3d} {record.fault or '-':8} {kind:10} {record.url}\n")


def _wait(process: subprocess.Popen[bytes], timeout: float) -> tuple[int, float, float]:
    """Exit code, CPU seconds with children that were waited for, and peak MB of the crawling process.

    A run past its time is ended with its children. Peak memory is polled: what ``wait4`` reports begins with the size
    of the program that started the process.
    """
    until = time.monotonic() + timeout
    memory = 0.0
    while True:
        memory = max(memory, _peak(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_utime + usage.ru_stime, memory
        if time.monotonic() > until:
            os.killpg(process.pid, signal.SIGKILL)
            until = float("inf")
        time.sleep(0.05)


def _peak(pid: int) -> float:
    """Peak resident MB of a running Python program; 0 when it has ended or not yet become one."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        if Path(f"/proc/{pid}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes():
            return 0.0
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _still_running(session: int, grace: float = 2.0) -> int:
    """Processes of a session after a moment of grace: a crawl that has ended must have left none."""
    until = time.monotonic() + grace
    while (count := _processes(session)) and time.monotonic() < until:
        time.sleep(0.05)
    return count


def _processes(session: int) -> int:
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            count += int(fields[3]) == session and fields[0] != "Z"
    return count


HEAD = (
    "|recall|sent|precision|misread|requests|minimal|ratio|browser|forbidden|at once|min gap|seconds|CPU|MB|left|exit"
).split("|")


def table(runs: Iterable[Run]) -> str:
    """One line per archetype."""
    lines = [HEAD, *(_line(run) for run in runs)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _line(run: Run) -> list[str]:
    found, seen = run.score, run.traffic
    return [
        run.world.key,
        f"{found.held}/{found.expected}",
        f"{run.fetched[0]}+{run.fetched[1]}",
        f"{found.precision:.3f}",
        str(len(found.misread)),
        str(seen.requests),
        str(run.world.minimal),
        f"{run.ratio:.2f}",
        f"{seen.navigations}/{run.world.navigations}",
        str(len(seen.disallowed) + len(seen.outside)),
        str(seen.concurrency),
        f"{seen.gap:.3f}",
        f"{run.seconds:.1f}",
        f"{run.cpu:.1f}",
        f"{run.memory:.0f}",
        str(run.left),
        str(run.exit_code),
    ]


def good(run: Run, most: float) -> bool:
    """Everything found, nothing false, polite, and in no more than ``most`` times the minimal requests."""
    wanted = {portal.code: portal.outcome for portal in run.world.portals}
    return (
        run.exit_code == 0
        and run.score.recall == run.score.precision == 1.0
        and run.traffic.requests <= most * run.world.minimal + run.world.spare
        and not run.traffic.disallowed
        and not run.traffic.outside
        and run.traffic.concurrency <= 1
        and run.left == 0
        and all(run.score.outcomes.get(code) == outcome for code, outcome in wanted.items())
    )


def details(run: Run) -> str:
    """What went wrong, for people; empty when nothing did."""
    gone = run.score.missing
    out = [f"missing: {report.agency} {report.year} ({report.format}) {report.page_urls[0]}" for report in gone[:12]]
    out += [f"missing: {len(gone) - 12} more"] if len(gone) > 12 else []
    misread = {row[:4] for row in run.score.misread}
    out += [f"false: {' '.join(row)}" for row in run.score.false if row not in misread]
    out += [f"misread: {' '.join(row)}" for row in run.score.misread]
    out += [f"forbidden: {url}" for url in (*run.traffic.disallowed, *run.traffic.outside)]
    wanted = {portal.code: portal.outcome for portal in run.world.portals}
    if run.score.outcomes:
        out += [
            f"outcome of {code}: {run.score.outcomes.get(code)}, expected {outcome}"
            for code, outcome in wanted.items()
            if run.score.outcomes.get(code) != outcome
        ]
    return "\n".join(out)
