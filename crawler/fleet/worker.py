"""One worker process: takes jobs, crawls each in a process of its own into its own shard, and tells how they ended."""

from __future__ import annotations

import csv
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from time import monotonic, sleep

from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.fleet.lease import Lease, Order
from crawler.fleet.memory import learn, unpack
from crawler.fleet.messages import send_due, sender
from crawler.fleet.places import addresses
from crawler.fleet.state import LEASE, Fleet, FleetDown, Job, Learned, Outcome
from crawler.portals import OPTIONAL, REQUIRED, Portal

log = logging.getLogger(__name__)

LONGEST = 6 * 3600.0
"""Seconds that a job may take; a county takes minutes, a platform with twenty counties an hour."""
GRACE = 60.0
"""Seconds that a crawl has to end in order."""
TICK = 0.2
KEEP_EVERY = 2.0
PATIENCE = 300.0
"""Seconds for which a worker tries to tell Redis how a job ended."""
LOGS = 20
"""Logs of ended jobs that stay."""


@dataclass(slots=True)
class Shard:
    """A folder that one process writes into, and its name: worker and number, as in ``w1-0``."""

    name: str
    folder: Path
    lock: int = field(repr=False, default=-1)


def take_shard(parent: Path, worker: str) -> Shard:
    """The first shard of this worker that no other process has; whoever starts after a crash takes the same again."""
    for number in range(1000):
        name = f"{worker}-{number}"
        folder = parent / name
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "worker.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        return Shard(name, folder, handle)
    raise RuntimeError(f"{parent} has a thousand shards that are in use")


def worker_name() -> str:
    return os.environ.get("GONGKAI_WORKER") or socket.gethostname()


class Worker:
    """``Worker(url, shard)``; ``keep`` runs in a thread for as long as the process lives, ``work`` does one job."""

    def __init__(self, url: str, shard: Shard, *, lease: float = LEASE) -> None:
        self.url = url
        self.fleet = Fleet(url)
        self.shard = shard
        self.send = sender(self.fleet)
        self.lease = lease
        self.doing = ""
        self._said: str = ""
        self._ended = threading.Event()

    # what goes on beside the jobs

    def start(self) -> None:
        threading.Thread(target=self._keep, name="keeper", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def _keep(self) -> None:
        while not self._ended.wait(KEEP_EVERY):
            try:
                self.keep()
            except FleetDown as down:
                self._say(down.args[0])
            else:
                self._said = ""

    def keep(self) -> None:
        """Puts back what nobody renews, sends what is due, and says that this worker is there."""
        for job_id in self.fleet.reap():
            log.warning("Job %s was lost by its worker and is put back", job_id)
        send_due(self.fleet, self.send)
        self.fleet.alive(self.shard.name, {"job": self.doing, "host": socket.gethostname(), "pid": os.getpid()})

    def _say(self, sentence: str) -> None:
        if sentence != self._said:
            log.error("%s", sentence)
            self._said = sentence

    # one job

    def work(self, job_id: str) -> str:
        """Does a job, if it can be had; gives how that ended, for the log."""
        claim = self._claim(job_id)
        if claim is None:
            return "Redis is away"
        job, token = claim
        if job is None:
            return token_or_answer(token)
        self.doing = job_id
        try:
            return self._crawl(job, int(token))
        except Exception as error:  # a full disk, a defect: the job is tried again, and shows why
            log.exception("Job %s failed", job_id)
            return self._tell(
                job, int(token), "failed", f"{self.shard.name}: {type(error).__name__}: {error}"[:300], []
            )
        finally:
            self.doing = ""

    def _claim(self, job_id: str) -> tuple[Job | None, int | str] | None:
        definition = self._definition(job_id)
        found = addresses(definition.portals) if definition else ()
        try:
            claim = self.fleet.claim(
                job_id, self.shard.name, self.shard.name, lowest=self._last_run(), places=found, lease=self.lease
            )
        except FleetDown as down:
            self._say(down.args[0])
            return None
        if claim.job is None:
            return None, claim.answer
        places = tuple(dict.fromkeys((*claim.job.places, *found)))
        return Job(claim.job.id, claim.job.portals, places, claim.job.settings, claim.job.year), claim.token

    def _definition(self, job_id: str) -> Job | None:
        try:
            return self.fleet.definition(job_id)
        except FleetDown as down:
            self._say(down.args[0])
            return None

    def _last_run(self) -> int:
        if not (self.shard.folder / "archive.db").exists():
            return 0
        with Archive(self.shard.folder, alone=False) as archive:
            return archive.last_number()

    def _crawl(self, job: Job, token: int) -> str:
        lease = Lease(self.fleet, job.id, token, self.lease)
        lease.start(lambda: None)
        try:
            outcome, reason = self._in_a_process(job, token, lease)
            learned = self._learned(job) if outcome == "done" and not lease.lost else []
            return self._tell(job, token, outcome, reason, learned)
        finally:
            lease.stop()

    def _in_a_process(self, job: Job, token: int, lease: Lease) -> tuple[Outcome, str]:
        with self._desk(job, token) as (path, out):
            with out.open("wb") as stream:
                process = subprocess.Popen(
                    [sys.executable, "-m", "crawler.fleet.child", str(path)], stdout=stream, stderr=stream
                )
                try:
                    code = self._wait(process, lease)
                except BaseException:  # Dramatiq ends its workers with an exception in their threads
                    self._end(process)
                    log.info("Job %s goes back into the queue: this worker is being stopped", job.id)
                    with suppress(FleetDown):
                        self.fleet.finish(job.id, token, "stopped", "its worker was stopped")
                    raise
            said = last_words(out)
        if lease.lost:
            return "failed", lease.lost
        if code in (0, 2):
            return "done", "" if code == 0 else f"the ledger's verdict is bad: {said}"
        return "failed", f"exit code {code}: {said}"

    def _wait(self, process: subprocess.Popen[bytes], lease: Lease) -> int:
        began = monotonic()
        while (code := process.poll()) is None:
            sleep(TICK)
            if lease.lost:
                log.error("The crawl is ended: %s", lease.lost)
                self._end(process)
            elif monotonic() - began > LONGEST:
                self._end(process)
        return code

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def _desk(self, job: Job, token: int) -> Iterator[tuple[Path, Path]]:
        """Files of one job: its order, its rows of the registry, what is remembered of its counties; and its log."""
        desk = self.shard.folder / "jobs"
        desk.mkdir(exist_ok=True)
        for old in sorted(desk.glob("*.log"))[:-LOGS]:
            old.unlink(missing_ok=True)
        for old in (each for each in desk.iterdir() if each.suffix != ".log"):
            old.unlink(missing_ok=True)  # of a worker that was killed
        memories: dict[str, str] = {}
        learned: list[str] = []
        for code in job.counties:
            memory = self.fleet.memory(code)
            if memory:
                place = desk / f"{code}.memory"
                place.write_bytes(memory)
                memories[code] = str(place)
                others = [name for name in unpack(memory, code).holders if name not in ("", self.shard.name)]
                learned += [f"{code}:{','.join(others)}"] if others else []
        registry, path = desk / "portals.csv", desk / "order.json"
        write_registry(registry, job.portals)
        Order(
            job=job.id,
            token=token,
            redis=self.url,
            lease=self.lease,
            folder=str(self.shard.folder),
            registry=str(registry),
            counties=job.counties,
            places=job.places,
            shard=self.shard.name,
            parent=os.getpid(),
            memories=memories,
            settings=job.settings,
            learned=";".join(learned),
            year=job.year,
        ).write(path)
        yield path, desk / f"{token}.log"
        for place in (path, registry, *map(Path, memories.values())):
            place.unlink(missing_ok=True)

    def _learned(self, job: Job) -> list[Learned]:
        found = []
        with Archive(self.shard.folder, alone=False) as archive, Dataset(self.shard.folder) as dataset:
            for code in job.counties:
                before = unpack(self.fleet.memory(code), code)
                memory = learn(archive, dataset, code, self.shard.name, before)
                found.append(Learned(code, memory.pack(), memory.failures))
        return found

    def _tell(self, job: Job, token: int, outcome: Outcome, reason: str, learned: Sequence[Learned]) -> str:
        """Says how a job ended for as long as somebody may hear it; else it is crawled again."""
        until = monotonic() + PATIENCE
        while True:
            try:
                if self.fleet.finish(job.id, token, outcome, reason, learned):
                    return f"{outcome} {reason}".strip()
                return "was given to another worker meanwhile; what was crawled stays in the shard"
            except FleetDown as down:
                self._say(down.args[0])
                if monotonic() > until:
                    return "ended, and Redis could not be told; it is crawled again"
                sleep(1.0)


def token_or_answer(answer: object) -> str:
    return {
        "busy": "waits: another job is at its servers",
        "early": "waits for its time",
        "running": "runs at another worker",
        "done": "is done already",
        "dead": "is in the dead-letter list",
    }.get(str(answer), "is not known to Redis any more")


def last_words(path: Path, most: int = 300) -> str:
    """The last line of a log, or the last that says what the matter is."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith("gongkai:") or " CRITICAL: " in line or "Error: " in line]
    return (telling or lines or [""])[-1][:most]


def write_registry(path: Path, portals: Sequence[Portal]) -> None:
    held = {each.name for each in fields(Portal)}
    # a shard cannot judge how many reports a county has to have: it may hold only some of them
    names = [name for name in (*REQUIRED, *OPTIONAL) if name in held and name != "bound"]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        for portal in portals:
            writer.writerow([";".join(v) if isinstance(v := getattr(portal, name), tuple) else v for name in names])
