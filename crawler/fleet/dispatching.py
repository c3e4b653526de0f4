"""What is due becomes jobs: grouped by server, opened once however many dispatchers there are, and sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler import due
from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.fleet.memory import Memory, learn, unpack
from crawler.fleet.places import groups
from crawler.fleet.state import Fleet, Job
from crawler.portals import Portal

PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}|true|false", re.IGNORECASE)  # 0.5, 2026-02-01, True
TEXTS = frozenset({"CONTACT", "USER_AGENT"})
OWN = frozenset({"DATA_DIR", "FLEET_REDIS", "LOG_LEVEL", "LOG_ENABLED"})
BATCH = 200


@dataclass(slots=True)
class Dispatched:
    """``open`` maps counties that were left out because a job of theirs is open; ``complaint`` is why it stopped."""

    jobs: int = 0
    counties: int = 0
    due: int = 0
    open: list[str] = field(default_factory=list)
    taught: int = 0
    complaint: str = ""


def settings_for_jobs(settings: BaseSettings) -> dict[str, str]:
    """Numbers and days that were given with -s: they hold for the crawls, too. Nothing else travels: whoever can write
    to Redis should not be able to choose classes and commands on other machines."""
    given = {
        name: str(settings[name])
        for name in settings
        if settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"] and name not in OWN
    }
    return {name: text for name, text in given.items() if PLAIN.fullmatch(text) or name in TEXTS}


def today(fleet: Fleet, settings: BaseSettings) -> date:
    """The setting TODAY, else the day by the clock of Redis."""
    return due.today(settings) if settings.get("TODAY") else datetime.fromtimestamp(fleet.now() / 1000).date()


def choose(fleet: Fleet, folder: Path, portals: Sequence[Portal], day: date) -> list[Portal]:
    """The portals whose next visit has come, by what the archive of the folder and the fleet know."""
    visits = fleet.visits()
    for code, (started, failures) in _visits(folder).items():
        last = date.fromisoformat(started[:10])
        if code not in visits or visits[code][0] < last:
            visits[code] = (last, failures)
    chosen = []
    for portal in portals:
        last_visit, failures = visits.get(portal.code, (None, 0))
        if due.visit_due(last_visit, failures, day):
            chosen.append(portal)
    return chosen


def _visits(folder: Path) -> dict[str, tuple[str, int]]:
    if not (folder / "archive.db").exists():
        return {}
    with Archive(folder, write=False) as archive:
        return archive.last_visits()


def teach(fleet: Fleet, folder: Path, portals: Sequence[Portal]) -> int:
    """Hands what the archive of a folder knows to a fleet that knows nothing of these counties yet."""
    if not (folder / "archive.db").exists() or not (folder / "reports.db").exists():
        return 0
    count = 0
    remembered = fleet.remembered()
    with Archive(folder, write=False) as archive, Dataset(folder) as dataset:
        fleet.raise_token(archive.last_number())
        codes = [
            portal.code for portal in portals if portal.code not in remembered and archive.visit_state(portal.code)
        ]
        for n in range(0, len(codes), BATCH):
            memories = {code: learn(archive, dataset, code, "", Memory(code)).pack() for code in codes[n : n + BATCH]}
            count += fleet.remember(memories)
    return count


def dispatch(fleet: Fleet, portals: Sequence[Portal], settings: Mapping[str, str], year: str, done: Dispatched) -> None:
    """Opens the jobs of some portals. Raises FleetDown; ``done`` then says how far it came."""
    stamp = fleet.now()
    for number, (members, places) in enumerate(groups(portals)):
        left = members
        while left:
            job = Job(f"{stamp}-{number:05}-{left[0].code}", tuple(left), places, settings, year)
            taken = fleet.reserve(job)
            if not taken:
                done.jobs += 1
                done.counties += len(left)
                break
            done.open += taken
            left = [portal for portal in left if portal.code not in taken]


def forget_shard(fleet: Fleet, shard: str) -> int:
    """A shard is gone for good: what only it held is to be crawled again. Gives how many documents."""
    count = 0
    for code in sorted(fleet.remembered()):
        memory = unpack(fleet.memory(code), code)
        left = memory.without(shard)
        if len(left.documents) != len(memory.documents):
            count += len(memory.documents) - len(left.documents)
            fleet.relearn(code, left.pack())
    return count
