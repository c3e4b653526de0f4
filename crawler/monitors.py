"""Looks at a run when it is over and says what needs somebody: Spidermon monitors on its stats and on the archive.

Each alarm is a sentence with what happened, where, and what to do. They are in the log (as warnings) and in the notice
that ``crawler/notify.py`` sends. Counts are compared with the newest earlier run that visited the same county.

Settings::

    EXTENSIONS = {"crawler.monitors.Watch": 300}
    SPIDERMON_ENABLED = True
    SPIDERMON_ENGINE_STOP_MONITORS = ("crawler.monitors.RunSuite",)   # the ledger has been closed by then
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

from scrapy import Spider
from scrapy.crawler import Crawler
from spidermon import Monitor, MonitorSuite
from spidermon.contrib.scrapy.extensions import Spidermon
from spidermon.contrib.scrapy.runners import SpiderMonitorResult, SpiderMonitorRunner
from spidermon.core.actions import Action

from crawler.archive import Archive
from crawler.notify import Notice, deliver
from crawler.store import Store

log = logging.getLogger(__name__)

Kind = Literal["ended", "interrupted", "worse", "fewer", "lists", "unread", "defects", "portals", "errors"]
DEFECTS = ("navigation/defects", "documents/unread/crashed", "documents/unread/timeout", "documents/unread/memory")
RUN = ("id", "spider", "started", "finished", "finish_reason", "verdict")
FEW = 5
"""Places that one alarm names; the archive has them all."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs a person: what, where, and what to do."""

    kind: Kind
    message: str
    action: str

    def __str__(self) -> str:
        return f"{self.message} -> {self.action}"


@dataclass(frozen=True, slots=True)
class Watched:
    """A run and what it is compared with. ``counties`` and ``before`` are code -> outcome -> count."""

    run: Mapping[str, Any]
    stats: Mapping[str, Any]
    before: Mapping[str, Mapping[str, int]]
    broken_lists: list[dict[str, Any]]
    portals: list[dict[str, Any]]

    @property
    def counties(self) -> Mapping[str, Mapping[str, int]]:
        found: Mapping[str, Mapping[str, int]] = self.stats.get("counties", {})
        return found

    def name(self, code: str) -> str:
        return next((f"{code} {one['name']}" for one in self.portals if one["county_code"] == code), code)

    def comparable(self) -> Iterable[tuple[str, Mapping[str, int], Mapping[str, int]]]:
        """(code, now, before); a run of one year has a smaller ledger and is not compared."""
        for code, now in self.counties.items():
            before = self.before.get(code)
            if before is not None and sum(now.values()) >= sum(before.values()):
                yield code, now, before


def watched(archive: Archive, stats: Mapping[str, Any] | None = None) -> Watched | None:
    """The last run of an archive; ``stats`` are newer than those it was closed with (errors after that)."""
    run = archive.last_run()
    if run is None:
        return None
    kept = json.loads(run["stats"] or "{}")
    known = {**kept, **(stats or {})}
    before: dict[str, Mapping[str, int]] = {}
    missing = set(kept.get("counties", {}))
    for earlier in archive.earlier_runs(run["id"]):
        if not missing:
            break
        counts = json.loads(earlier["stats"] or "{}").get("counties", {})
        before |= {code: counts[code] for code in missing & counts.keys()}
        missing -= counts.keys()
    return Watched(run, known, before, archive.broken_lists(run["id"]), archive.portals_of_run(run["id"]))


def ended(seen: Watched) -> Iterable[Alarm]:
    reason, verdict = seen.run["finish_reason"], seen.run["verdict"]
    if reason != "finished" or verdict != "ok":
        which = f"run {seen.run['id']}" if seen.run["id"] else "a run that could not begin"
        yield Alarm(
            "ended",
            f"{which} ended as {reason or 'interrupted'}, verdict {verdict or 'none'}",
            "look the finish reason up in the README, section For operators, and give the same command again",
        )


def interrupted(seen: Watched) -> Iterable[Alarm]:
    """A run that is killed can tell nobody; the next one does."""
    if before := seen.stats.get("runs/interrupted"):
        yield Alarm(
            "interrupted",
            f"run {before} was interrupted: it was killed or the machine stopped; this run went on from there",
            "nothing is lost; if it is often, look for the reason (memory, power, a time limit)",
        )


def worse(seen: Watched) -> Iterable[Alarm]:
    for sentence in seen.stats.get("worse", ()):
        yield Alarm("worse", str(sentence), "open the portal in a browser; what was held is kept")


def fewer(seen: Watched) -> Iterable[Alarm]:
    for code, now, before in seen.comparable():
        held, was = now.get("held", 0), before.get("held", 0)
        if held < was:
            yield Alarm(
                "fewer",
                f"{seen.name(code)}: {held} reports held, {was} at the visit before",
                f"scrapy coverage {code} names the years that are missing; nothing was deleted from the archive",
            )


def lists(seen: Watched) -> Iterable[Alarm]:
    if seen.broken_lists:
        places = _few(f"{one['url']} ({one['reason']})" for one in seen.broken_lists)
        yield Alarm(
            "lists",
            f"{len(seen.broken_lists)} lists were not read to their end: {places}",
            "open them in a browser; crawl the county again, and if it stays so, the content system has changed",
        )


def unread(seen: Watched) -> Iterable[Alarm]:
    for code, now, before in seen.comparable():
        count, was = now.get("unread", 0), before.get("unread", 0)
        if count > was:
            yield Alarm(
                "unread",
                f"{seen.name(code)}: {count} reports could not be read, {was} at the visit before",
                f"scrapy coverage {code} --format csv has the reasons; the documents are in the archive",
            )


def defects(seen: Watched) -> Iterable[Alarm]:
    found = {name: int(seen.stats[name]) for name in DEFECTS if seen.stats.get(name)}
    found |= {name: int(count) for name, count in seen.stats.items() if name.startswith("spider_exceptions/")}
    if found:
        yield Alarm(
            "defects",
            "a reader failed: " + ", ".join(f"{name} {count}" for name, count in sorted(found.items())),
            "the log names the pages; report them, then scrapy reread reads them again without a crawl",
        )


def portals(seen: Watched) -> Iterable[Alarm]:
    """Portals that are closed to us now and were not before: those that always are need nobody."""
    for one in seen.portals:
        outcome = one["outcome"]
        before = seen.before.get(one["county_code"], {})
        if outcome in {"blocked", "disallowed", "unreachable"} and not before.get(outcome):
            yield Alarm(
                "portals",
                f"{one['county_code']} {one['name']}: {outcome} ({one['reason']})",
                "open the portal in a browser; if it has moved, correct its url in the registry",
            )


def errors(seen: Watched) -> Iterable[Alarm]:
    count = sum(int(seen.stats.get(f"log_count/{level}", 0)) for level in ("ERROR", "CRITICAL"))
    if count:
        yield Alarm("errors", f"{count} errors in the log", "read the lines with ERROR or CRITICAL in this run's log")


CHECKS = {
    check.__name__: check for check in (ended, interrupted, worse, fewer, lists, unread, defects, portals, errors)
}


def alarms(seen: Watched) -> list[Alarm]:
    return [alarm for check in CHECKS.values() for alarm in check(seen)]


def notice(seen: Watched, found: list[Alarm]) -> Notice:
    run = {name: seen.run[name] for name in RUN}
    held = sum(counts.get("held", 0) for counts in seen.counties.values())
    subject = f"gongkai run {run['id'] or 'that could not begin'}: " + (
        f"{len(found)} alarms" if found else "all is well"
    )
    lines = [f"Ended as {run['finish_reason']} ({run['verdict']}); {len(seen.counties)} counties, {held} reports held."]
    text = "\n".join([*lines, *(f"- {alarm}" for alarm in found)]) + "\n"
    return Notice(subject, text, {"run": run, "alarms": [asdict(alarm) for alarm in found]})


def _few(places: Iterable[str]) -> str:
    every = list(places)
    return "; ".join(every[:FEW]) + (f"; and {len(every) - FEW} more" if len(every) > FEW else "")


# -- Spidermon ---------------------------------------------------------------------------------------------------------

_seen: WeakKeyDictionary[Crawler, Watched] = WeakKeyDictionary()


def _watched(crawler: Crawler) -> Watched:
    if crawler not in _seen:
        folder = Path(crawler.settings["DATA_DIR"])
        store = Store.of(crawler)
        with Archive(folder, write=False) as archive:
            found = watched(archive, crawler.stats.get_stats()) if store.archive.run_id else None
        if found is None:  # its first write was refused
            found = Watched(dict.fromkeys(RUN), crawler.stats.get_stats(), {}, [], [])
        if store.failure and found.run["finish_reason"] is None:
            found = replace(found, run={**found.run, "finish_reason": store.failure, "verdict": "stopped"})
        _seen[crawler] = found
    return _seen[crawler]


class RunMonitor(Monitor):  # type: ignore[misc]
    """One test for each kind of alarm; it fails with the sentences."""

    def _check(self, kind: Kind) -> None:
        found = [str(alarm) for alarm in CHECKS[kind](_watched(self.data.crawler))]
        if found:
            raise self.failureException("\n".join(found))

    def test_the_run_ended_well(self) -> None:
        self._check("ended")

    def test_no_county_has_fewer_reports(self) -> None:
        self._check("fewer")

    def test_lists_were_read_to_their_end(self) -> None:
        self._check("lists")

    def test_no_more_is_unread(self) -> None:
        self._check("unread")

    def test_no_reader_failed(self) -> None:
        self._check("defects")

    def test_portals_answer(self) -> None:
        self._check("portals")

    def test_no_errors_in_the_log(self) -> None:
        self._check("errors")


class Tell(Action):  # type: ignore[misc]
    """Writes the alarms into the log, and sends the notice."""

    def run_action(self) -> None:
        crawler = self.data.crawler
        seen = _watched(crawler)
        found = alarms(seen)
        for alarm in found:
            log.warning("Needs somebody: %s", alarm)
        if found or crawler.settings.get("NOTIFY_WHEN", "alarm") == "always":
            deliver(crawler.settings, notice(seen, found))


class RunSuite(MonitorSuite):  # type: ignore[misc]
    monitors = (RunMonitor,)
    monitors_finished_actions = (Tell,)


class _Quiet(SpiderMonitorResult):  # type: ignore[misc]
    """Spidermon prints a traceback for each alarm; here an alarm is one sentence. A defect of ours is still said."""

    def log(self, msg: object, level: int = logging.DEBUG) -> None:
        log.debug("%s", msg)

    def addError(self, test: Any, error: Any) -> None:  # noqa: N802 - the name of unittest
        super().addError(test, error)
        log.error("A monitor failed: %s", error)

    def add_action_error(self, action: Any, error: Any) -> None:
        super().add_action_error(action, error)
        log.error("A notice failed: %s", error)


class _Runner(SpiderMonitorRunner):  # type: ignore[misc]
    def create_result(self) -> _Quiet:
        return _Quiet(self.spider)


class Watch(Spidermon):  # type: ignore[misc]
    """Spidermon's extension, with a log that a person can read."""

    def _run_suites(self, spider: Spider, suites: Iterable[MonitorSuite]) -> None:
        data = self._generate_data_for_spider(spider)
        for suite in suites:
            _Runner(spider=spider).run(suite, **data)
