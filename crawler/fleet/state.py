"""What the machines of a fleet agree on: the only module that speaks to Redis, through ``fleet.lua``.

Redis keeps the clock: no machine's own time decides anything. A job's lease is its right to ask the servers it names;
its token says which of two crawls of a county is the later one, and is the number of its run in the archive.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from scrapy.settings import BaseSettings

from crawler.portals import Portal, Refused

MISSING = (
    "a fleet needs two packages that a crawl on one machine does without; "
    "install them with: pip install -r requirements-cluster.txt"
)
REDIS = "redis://127.0.0.1:6379/0"
PREFIX = "gongkai:"
QUEUE = "crawl"
QUEUE_KEY = f"dramatiq:{QUEUE}"
LEASE = 30.0
"""Seconds after which a job whose worker is not heard of is given to another."""
RESEND = 60.0
"""Seconds after which a message that nobody has begun is sent again, when the queue is empty."""
MOST_LOST = 10
MOST_FAILED = 3
BACKOFF = 60.0
"""Seconds until a failed job is tried again, twice as long each further time."""
REST = 2.0
"""Seconds of silence between two jobs at one server."""
KEEP_DAYS = 30

State = Literal["queued", "running", "done", "dead"]
Outcome = Literal["done", "failed", "stopped"]


class FleetDown(Refused):
    """Redis does not answer as it must; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """One politeness group. ``places`` are the addresses and domains that only this job may ask while it runs,
    ``settings`` go to the crawl, ``today`` is the day that deadlines are counted from, or empty."""

    id: str
    portals: tuple[Portal, ...]
    places: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    year: str = ""

    @property
    def counties(self) -> tuple[str, ...]:
        return tuple(portal.code for portal in self.portals)

    def to_json(self) -> str:
        rows = [asdict(portal) for portal in self.portals]
        made = {"id": self.id, "counties": self.counties, "portals": rows, "places": self.places}
        return json.dumps(made | {"settings": dict(self.settings), "year": self.year}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Job:
        found = json.loads(text)
        portals = tuple(Portal(**_frozen(row)) for row in found["portals"])
        return cls(found["id"], portals, tuple(found["places"]), found["settings"], found["year"])


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker may do, or why not: ``answer`` is ``yours``, ``busy`` (another job is at its servers),
    ``early`` (its time has not come), or the state that it is in."""

    answer: str
    token: int = 0
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What goes to Redis of one county when its job is done: its memory, and what the next dispatch must know."""

    county_code: str
    memory: bytes
    failures: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A job as ``scrapy status`` shows it; times in ms of the clock of Redis, 0 where there is none."""

    job: Job
    state: State
    worker: str
    shard: str
    reason: str
    attempts: int
    lost: int
    failed: int
    queued: int
    started: int
    finished: int
    not_before: int


def address(settings: BaseSettings) -> str:
    """Where Redis is: the setting FLEET_REDIS, else the environment's GONGKAI_REDIS, else this machine."""
    return settings.get("FLEET_REDIS") or os.environ.get("GONGKAI_REDIS") or REDIS


def shown(url: str) -> str:
    """An address of Redis without its password."""
    before, at, after = url.rpartition("@")
    return f"{before.partition('://')[0]}://…@{after}" if at else url


class Fleet:
    """``Fleet(url)`` connects at the first use. Every method raises FleetDown when Redis is away, too slow or full."""

    def __init__(self, url: str = REDIS, *, timeout: float = 5.0) -> None:
        try:
            import redis
        except ImportError:
            raise FleetDown(MISSING) from None
        self.url = url
        self._errors = redis.RedisError
        try:
            self.redis: Any = redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
        except ValueError as error:
            raise FleetDown(f"{shown(url)} is not an address of Redis: {error}") from None
        text = Path(__file__).with_name("fleet.lua").read_text(encoding="utf-8")
        # a full Redis refuses new jobs, and lets those that run go on and end
        self._adding = self.redis.register_script(f"#!lua\n{text}")
        self._going_on = self.redis.register_script(f"#!lua flags=allow-oom\n{text}")

    def _run(self, script: Any, *arguments: object) -> Any:
        return self.ask(lambda: script(keys=[PREFIX], args=list(arguments)))

    def ask(self, question: Any) -> Any:
        """A question to Redis; its errors become a sentence that says what to do."""
        import redis

        try:
            return question()
        except redis.exceptions.OutOfMemoryError:
            raise self._full() from None
        except redis.exceptions.AuthenticationError as error:
            raise FleetDown(f"Redis at {shown(self.url)} refuses the password ({error}); correct FLEET_REDIS") from None
        except redis.exceptions.TimeoutError:
            raise FleetDown(
                f"Redis at {shown(self.url)} does not answer in time; look at its load, then give the command again"
            ) from None
        except (redis.exceptions.ConnectionError, OSError) as error:
            raise FleetDown(
                f"Redis at {shown(self.url)} is away ({error}); start it, or name it with -s FLEET_REDIS=redis://HOST:6379/0"
            ) from None
        except redis.exceptions.ResponseError as error:
            if "OOM" in str(error):
                raise self._full() from None
            if "Unexpected engine" in str(error) or "shebang" in str(error).lower():
                raise FleetDown(f"Redis at {shown(self.url)} is too old; version 7 or newer is needed") from None
            raise FleetDown(f"Redis at {shown(self.url)} refuses: {error}") from None

    def _full(self) -> FleetDown:
        return FleetDown(
            f"Redis at {shown(self.url)} is full; what runs goes on, nothing new is taken in. "
            "Give it more memory (maxmemory), then give the command again: it goes on where it stopped"
        )

    # dispatching

    def reserve(self, job: Job) -> list[str]:
        """Opens a job; else nothing happens and the counties that have an open job already are given."""
        taken = self._run(self._adding, "reserve", job.id, job.to_json(), json.dumps(job.places), *job.counties)
        return [code.decode() for code in taken]

    def due(self, most: int = 1000) -> list[str]:
        """Jobs whose message is to be sent now."""
        return [each.decode() for each in self._run(self._going_on, "due", QUEUE_KEY, most)]

    def sent(self, job_id: str) -> None:
        self._run(self._going_on, "sent", job_id, int(RESEND * 1000))

    def visits(self) -> dict[str, tuple[date, int]]:
        """County -> (day of its last visit by any worker, failures in a row)."""
        found = self.ask(lambda: self.redis.hgetall(f"{PREFIX}visits"))
        rows = {code.decode(): json.loads(text) for code, text in found.items()}
        return {code: (datetime.fromtimestamp(row["at"]).date(), row["failures"]) for code, row in rows.items()}

    def remember(self, memories: Mapping[str, bytes]) -> int:
        """Hands over what an archive knows of counties that the fleet knows nothing of; gives how many were new."""

        def put() -> list[int]:
            with self.redis.pipeline(transaction=False) as pipe:
                for code, memory in memories.items():
                    pipe.hsetnx(f"{PREFIX}memory", code, memory)
                return list(pipe.execute())

        return sum(self.ask(put)) if memories else 0

    def remembered(self) -> set[str]:
        """Counties that the fleet has a memory of."""
        return {code.decode() for code in self.ask(lambda: self.redis.hkeys(f"{PREFIX}memory"))}

    def memory(self, county_code: str) -> bytes | None:
        found: bytes | None = self.ask(lambda: self.redis.hget(f"{PREFIX}memory", county_code))
        return found

    def relearn(self, county_code: str, memory: bytes | None) -> None:
        """Replaces or, with None, forgets what the fleet knows of a county."""
        name = f"{PREFIX}memory"
        if memory is None:
            self.ask(lambda: self.redis.hdel(name, county_code))
        else:
            self.ask(lambda: self.redis.hset(name, county_code, memory))

    def raise_token(self, least: int) -> None:
        """Later crawls get higher tokens than ``least``, the last run of an archive."""
        current = int(self.ask(lambda: self.redis.get(f"{PREFIX}token")) or 0)
        if current < least:
            self.ask(lambda: self.redis.set(f"{PREFIX}token", least))

    def revive(self, job_id: str) -> bool:
        return bool(self._run(self._adding, "revive", job_id))

    def drop(self, job_id: str) -> bool:
        return bool(self._run(self._going_on, "drop", job_id))

    def sweep(self) -> int:
        """Forgets places that are free and jobs that were done long ago; gives how many jobs."""
        return int(self._run(self._going_on, "sweep", KEEP_DAYS * 86_400_000))

    # working

    def definition(self, job_id: str) -> Job | None:
        found = self.ask(lambda: self.redis.hget(f"{PREFIX}jobs", job_id))
        return Job.from_json(found) if found else None

    def claim(self, job_id: str, worker: str, shard: str, *, lowest: int, places: Sequence[str], lease: float) -> Claim:
        """Asks for a job: whoever gets it has it for ``lease`` seconds. ``lowest``: the last run of the shard."""
        answer = self._run(
            self._going_on, "claim", job_id, worker, shard, int(lease * 1000), MOST_LOST, lowest, json.dumps(places)
        )
        said = answer[0].decode()
        if said != "yours":
            return Claim(said)
        return Claim(said, int(answer[1]), Job.from_json(answer[2]))

    def renew(self, job_id: str, token: int, lease: float) -> str:
        """Keeps a job for another ``lease`` seconds from now; else gives the reason why it is lost."""
        answer = self._run(self._going_on, "renew", job_id, token, int(lease * 1000))
        return "" if answer == 1 else answer.decode()

    def finish(
        self,
        job_id: str,
        token: int,
        outcome: Outcome,
        reason: str,
        learned: Iterable[Learned] = (),
        *,
        backoff: float = BACKOFF,
    ) -> bool:
        """Ends a job, if it is still this token's."""
        rest: list[object] = []
        for each in learned:
            rest += [each.county_code, each.memory, json.dumps({"failures": each.failures})]
        answer = self._run(
            self._going_on, "finish", job_id, token, outcome, reason,
            int(backoff * 1000), MOST_FAILED, int(REST * 1000), *rest,
        )  # fmt: skip
        return bool(answer)

    def reap(self) -> list[str]:
        """Puts back jobs whose worker was not heard of for a lease."""
        return [each.decode() for each in self._run(self._going_on, "reap", MOST_LOST)]

    def rent(self, job_id: str, token: int, place: str, seconds: float) -> float:
        """Takes a server that the job did not name, for one request. Gives seconds to wait, 0 when it may be asked,
        a negative number when the job is lost."""
        answer: int = self._run(self._going_on, "rent", job_id, token, place, int(seconds * 1000))
        return answer / 1000

    def leave(self, job_id: str, place: str, rest: float) -> None:
        self._run(self._going_on, "leave", job_id, place, int(rest * 1000))

    def alive(self, worker: str, said: Mapping[str, object]) -> None:
        self._run(self._going_on, "alive", worker, json.dumps(said, ensure_ascii=False))

    # looking

    def now(self) -> int:
        """Milliseconds since 1970 by the clock of Redis."""
        return int(self._run(self._going_on, "now"))

    def standings(self) -> list[Standing]:
        """Every job that Redis knows, in the order of their ids."""
        jobs = self.ask(lambda: self.redis.hgetall(f"{PREFIX}jobs"))
        ids = sorted(jobs)

        def states() -> list[dict[bytes, bytes]]:
            with self.redis.pipeline(transaction=False) as pipe:
                for each in ids:
                    pipe.hgetall(f"{PREFIX}job:{each.decode()}")
                return list(pipe.execute())

        found = self.ask(states) if ids else []
        return [_standing(jobs[each], row) for each, row in zip(ids, found, strict=True) if row]

    def workers(self) -> dict[str, dict[str, Any]]:
        """Worker -> what it said last, with ``at``, ms of the clock of Redis."""
        found = self.ask(lambda: self.redis.hgetall(f"{PREFIX}workers"))
        return {name.decode(): json.loads(text) for name, text in sorted(found.items())}

    def unsafe(self) -> list[str]:
        """What is wrong with how this Redis is set up, one sentence each."""
        info = self.ask(lambda: self.redis.info())
        said = []
        if not int(info.get("aof_enabled", 0)):
            said.append("Redis does not write to disk what it takes in: a restart loses the queue; set appendonly yes")
        if info.get("maxmemory_policy", "noeviction") not in ("noeviction", "") and int(info.get("maxmemory", 0)):
            said.append(
                f"Redis throws away keys when it is full ({info['maxmemory_policy']}); set maxmemory-policy noeviction"
            )
        return said


def _standing(definition: bytes, row: dict[bytes, bytes]) -> Standing:
    def text(name: str) -> str:
        return row.get(name.encode(), b"").decode()

    def number(name: str) -> int:
        return int(float(text(name) or 0))

    state: Any = text("state")
    return Standing(
        job=Job.from_json(definition),
        state=state,
        worker=text("worker"),
        shard=text("shard"),
        reason=text("reason"),
        attempts=number("attempts"),
        lost=number("lost"),
        failed=number("failed"),
        queued=number("queued"),
        started=number("started"),
        finished=number("finished"),
        not_before=number("not_before"),
    )
