"""``python -m tests.archetypes [A1 A5 ...] [--faults] [--serve]``: see README.md beside this file."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.archetypes.catalogue import ARCHETYPES, EXTRA, SEQUENCES
from tests.archetypes.faults import NO_FAULTS, usual
from tests.archetypes.harness import Run, crawl, details, good, serve, table
from tests.archetypes.server import Server

# requests over the minimum that a crawl may need
MOST, MOST_WITH_FAULTS = 1.15, 1.3


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.archetypes", description="Crawl portals that stand for most of the country."
    )
    parser.add_argument(
        "keys", nargs="*", metavar="KEY", help=f"of {' '.join((*ARCHETYPES, *EXTRA, *SEQUENCES))}; all A* without"
    )
    parser.add_argument("--faults", action="store_true", help="servers that fail as real ones do")
    parser.add_argument("--serve", action="store_true", help="only serve, for work by hand, until interrupted")
    parser.add_argument("--port", type=int, default=0, help="port of all hosts (free one if not given)")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds between two requests to a host")
    parser.add_argument("--keep", type=Path, help="keep databases and logs in this folder")
    chosen = parser.parse_args(arguments)
    known = ARCHETYPES | EXTRA
    if unknown := [key for key in chosen.keys if key not in known and key not in SEQUENCES]:
        parser.error(f"unknown: {', '.join(unknown)}")
    keys = [part for key in chosen.keys or list(ARCHETYPES) for part in SEQUENCES.get(key, (key,))]
    faults = usual(chosen.delay) if chosen.faults else NO_FAULTS
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="gongkai-archetypes-"))
    folder.mkdir(parents=True, exist_ok=True)
    with Server(port=chosen.port) as server:
        if chosen.serve:
            return _serve(server, keys, folder, chosen.faults, chosen.delay)
        runs: list[Run] = []
        used: set[Path] = set()
        for key in keys:
            world = known[key](server.port)
            # a later visit is made with what the earlier one left
            place = folder / ("Y" if key in SEQUENCES["Y"] else key)
            if place not in used:
                shutil.rmtree(place, ignore_errors=True)
            used.add(place)
            runs.append(crawl(server, world, faults=faults, delay=chosen.delay, folder=place))
            print(f"{key} {world.title}: {runs[-1].seconds:.1f} s", file=sys.stderr)
            if problems := details(runs[-1]):
                print("\n".join(f"  {line}" for line in problems.splitlines()[:40]), file=sys.stderr)
    print(table(runs))
    if chosen.keep is None:
        shutil.rmtree(folder, ignore_errors=True)
    limit = MOST_WITH_FAULTS if chosen.faults else MOST
    bad = [run.world.key for run in runs if not good(run, limit)]
    print(
        f"not as it should be: {', '.join(bad)}" if bad else f"all as it should be, at most {limit} times the minimum"
    )
    return 1 if bad else 0


def _serve(server: Server, keys: list[str], folder: Path, faults: bool, delay: float) -> int:
    known = ARCHETYPES | EXTRA
    worlds = [known[key](server.port) for key in keys]
    registry, hosts = serve(server, worlds, folder, usual(delay) if faults else NO_FAULTS)
    for world in worlds:
        for portal in world.portals:
            print(f"{world.key:4} {portal.code} {portal.name} {portal.url}  ({world.minimal} requests at least)")
    print(f"\nexport PYTHONPATH={Path(__file__).with_name('names')} GONGKAI_TEST_HOSTS={hosts}")
    print(
        f"scrapy crawl county -a portals={registry} -a county=CODE -s DATA_DIR={folder}/data -s DOWNLOAD_DELAY={delay}"
    )
    print("Chromium needs no hosts file. Every request is printed; Ctrl-C ends.", flush=True)
    shown = 0
    try:
        while True:
            for record in server.log[shown:]:
                print(f"{record.status} {record.method} {record.url} {record.fault}", flush=True)
                shown += 1
            time.sleep(0.2)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
