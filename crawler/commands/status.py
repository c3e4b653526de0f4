"""``scrapy status``: what the fleet does: counties queued, running, done and failed, by province; as JSON, too."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.commands import show
from crawler.fleet.state import Fleet, Standing, address
from crawler.portals import Portal, Refused
from parsers.reports import divisions

STATES = ("queued", "running", "done", "failed", "dead")
"""A county in ``failed`` waits to be tried again; one in ``dead`` waits for somebody to look at it."""
SILENT = 60_000
FEW = 20


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--json] [--dead]"

    def short_desc(self) -> str:
        return "Show what the workers of a fleet do"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--dead", action="store_true", help="only jobs that were given up, with the reason")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            fleet = Fleet(address(self.settings))
            standings, workers, now = fleet.standings(), fleet.workers(), fleet.now()
        except Refused as refusal:
            print(f"gongkai: {refusal.args[0]}", file=sys.stderr)
            self.exitcode = 1
            return
        if opts.json:
            show(json.dumps(as_json(standings, workers, now), ensure_ascii=False, indent=1))
        elif opts.dead:
            show(dead(standings))
        else:
            show(as_text(standings, workers, now))


def state_of(standing: Standing) -> str:
    return "failed" if standing.state == "queued" and standing.failed else standing.state


def newest(standings: Sequence[Standing]) -> dict[str, tuple[Portal, Standing]]:
    """County -> its portal and its newest job."""
    found: dict[str, tuple[Portal, Standing]] = {}
    for standing in sorted(standings, key=lambda each: each.queued):
        found |= {portal.code: (portal, standing) for portal in standing.job.portals}
    return found


def by_province(standings: Sequence[Standing]) -> dict[str, Counter[str]]:
    provinces: dict[str, Counter[str]] = {}
    for portal, standing in newest(standings).values():
        division = divisions.division(portal.code[:2] + "0000")
        name = portal.province or (division.name if division else "")
        provinces.setdefault(name, Counter())[state_of(standing)] += 1
    return provinces


def as_json(standings: Sequence[Standing], workers: dict[str, dict[str, Any]], now: int) -> dict[str, Any]:
    """``counties`` and ``provinces``: how many are in each state; ``jobs``: what is not done; ``workers``: seconds
    since each was heard of, and its job."""
    provinces = by_province(standings)
    total = sum(provinces.values(), Counter[str]())
    return {
        "counties": {state: total[state] for state in STATES},
        "provinces": {name: {state: row[state] for state in STATES} for name, row in sorted(provinces.items())},
        "jobs": [_job(each) for each in standings if each.state != "done"],
        "workers": {
            name: {"silent_seconds": round((now - row["at"]) / 1000, 1), "job": row["job"], "host": row["host"]}
            for name, row in workers.items()
        },
    }


def _job(standing: Standing) -> dict[str, Any]:
    return {
        "job": standing.job.id,
        "counties": list(standing.job.counties),
        "state": state_of(standing),
        "worker": standing.worker,
        "attempts": standing.attempts,
        "lost": standing.lost,
        "failed": standing.failed,
        "started": _time(standing.started),
        "again": _time(standing.not_before) if state_of(standing) == "failed" else None,
        "reason": standing.reason,
    }


def _time(milliseconds: int) -> str | None:
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_text(standings: Sequence[Standing], workers: dict[str, dict[str, Any]], now: int) -> str:
    provinces = by_province(standings)
    if not provinces:
        return "The fleet has no jobs; scrapy dispatch gives it some"
    total = sum(provinces.values(), Counter[str]())
    lines = ["".join(f"{state:>9}" for state in STATES)]
    for name, row in (*sorted(provinces.items()), ("together", total)):
        lines.append("".join(f"{row[state]:>9}" for state in STATES) + f"  {name}")
    running = [each for each in standings if each.state == "running"]
    for each in running[:FEW]:
        lines.append(f"{each.worker} crawls {', '.join(each.job.counties)} since {_time(each.started)}")
    for worker, said in workers.items():
        silent = now - said["at"]
        if silent > SILENT:
            lines.append(f"{worker} on {said['host']} was last heard of {silent // 1000} s ago")
    if total["dead"]:
        lines.append(f"{total['dead']} counties were given up: scrapy status --dead")
    return "\n".join(lines)


def dead(standings: Sequence[Standing]) -> str:
    lines = [
        f"{each.job.id}  {', '.join(each.job.counties)}  after {each.attempts} attempts: {each.reason}"
        for each in standings
        if each.state == "dead"
    ]
    if not lines:
        return "No job was given up"
    return "\n".join([*lines, "Try again: scrapy dispatch --requeue JOB (or all); forget: scrapy dispatch --drop JOB"])
