"""``scrapy dispatch``: what is due goes to the workers of a fleet, each server's counties as one job.

A county that has an open job is left alone, so any number of dispatchers may run. Numbers and days given with ``-s``
go along to the crawls.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.fleet import dispatching
from crawler.fleet.dispatching import Dispatched
from crawler.fleet.messages import send_due, sender
from crawler.fleet.state import Fleet, FleetDown, address
from crawler.portals import DEFAULT, Refused, load, select

TAKES = {"county", "province", "portals", "year"}


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Give what is due to the workers of a fleet"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-a",
            dest="given",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="as for the crawl",
        )
        parser.add_argument("--all", action="store_true", help="the whole registry, due or not")
        parser.add_argument("--requeue", metavar="JOB", help="try a dead job again, or all")
        parser.add_argument("--drop", metavar="JOB", help="forget a dead job, or all")
        parser.add_argument("--lost", metavar="SHARD", help="a shard is gone for good: crawl again what only it held")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            given = arglist_to_dict(opts.given)
        except ValueError:
            raise UsageError("-a takes NAME=VALUE", print_help=False) from None
        if args or given.keys() - TAKES:
            raise UsageError("dispatch takes -a county=, province=, portals= and year=", print_help=False)
        assert self.settings is not None
        try:
            fleet = Fleet(address(self.settings))
            if opts.requeue or opts.drop:
                self._dead(fleet, opts)
            elif opts.lost:
                count = dispatching.forget_shard(fleet, opts.lost)
                print(f"{count} documents that only {opts.lost} held are unknown again; they come with the next visits")
            else:
                self._dispatch(fleet, given, everything=opts.all)
        except (Refused, OSError) as refusal:
            print(f"gongkai: {refusal.args[0] if isinstance(refusal, Refused) else refusal}", file=sys.stderr)
            self.exitcode = 1

    def _dispatch(self, fleet: Fleet, given: dict[str, str], *, everything: bool) -> None:
        assert self.settings is not None
        named = bool(given.get("county") or given.get("province"))
        registry = load(given.get("portals") or DEFAULT)
        portals = select(registry, county=given.get("county", ""), province=given.get("province", ""))
        folder = Path(self.settings["DATA_DIR"])
        for sentence in fleet.unsafe():
            print(f"gongkai: {sentence}", file=sys.stderr)
        done = Dispatched()
        try:
            send = sender(fleet)
            if not named and not everything:
                portals = dispatching.choose(fleet, folder, portals, dispatching.today(fleet, self.settings))
            done.due = len(portals)
            done.taught = dispatching.teach(fleet, folder, portals)
            settings = dispatching.settings_for_jobs(self.settings)
            dispatching.dispatch(fleet, portals, settings, given.get("year", ""), done)
            send_due(fleet, send)
            fleet.sweep()
        except FleetDown as down:
            print(f"gongkai: {down.args[0]}", file=sys.stderr)
            self.exitcode = 1
        print(f"{done.jobs} jobs for {done.counties} of {done.due} counties were given to the fleet", end="")
        print(f"; {len(done.open)} have an open job already" if done.open else "")

    def _dead(self, fleet: Fleet, opts: argparse.Namespace) -> None:
        name = opts.requeue or opts.drop
        ids = [each.job.id for each in fleet.standings() if each.state == "dead" and name in ("all", each.job.id)]
        if not ids and name != "all":
            raise Refused(f"no dead job is called {name}; scrapy status --dead shows them")
        for each in ids:
            if opts.requeue:
                fleet.revive(each)
            else:
                fleet.drop(each)
        if opts.requeue:
            send_due(fleet, sender(fleet))
        print(f"{len(ids)} dead jobs {'are tried again' if opts.requeue else 'are forgotten'}")
