"""``python -m tests.benchmarks.crawling [world …]``: CPU of a crawl beside a bare Scrapy spider on the same addresses.

The bare spider asks for what the crawl asked for, with Scrapy's defaults, and stores nothing. Both run in processes of
their own against the same servers; the figures are the user and system time of the crawling process itself. Reading
documents happens in other processes, and so does rendering; what reading costs stands beside it.
Goal: at most 1.5 times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.archetypes.catalogue import ARCHETYPES, EXTRA
from tests.archetypes.harness import environment, serve
from tests.archetypes.server import Server

ROOT = Path(__file__).resolve().parents[2]
DELAY = "0.01"
# the process reports its own times when it ends; its children's are those of the readers
TIMED = """
import atexit, json, resource, sys
path, *arguments = sys.argv[1:]
def report():
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    with open(path, "w") as out:
        json.dump([own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime], out)
atexit.register(report)
sys.argv = ["scrapy", *arguments]
from scrapy.cmdline import execute
execute()
"""
BARE = """
import json, sys
import scrapy
class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        for method, url, body in json.load(open({path!r})):
            yield scrapy.Request(url, method=method, body=body, dont_filter=True, errback=self.lost)
    def parse(self, response):
        pass
    def lost(self, failure):
        pass
"""


def timed(arguments: list[str], folder: Path, environ: dict[str, str]) -> tuple[float, float]:
    """(own, children's) CPU seconds of one Scrapy command."""
    out = folder / "times.json"
    subprocess.run(
        [sys.executable, "-c", TIMED, str(out), *arguments],
        cwd=ROOT,
        env=environ,
        check=True,
        stderr=subprocess.DEVNULL,
    )
    own, children = json.loads(out.read_text())
    return own, children


def compare(key: str) -> tuple[int, float, float, float]:
    """(requests, CPU of the crawl, CPU of its readers, CPU of the bare spider)."""
    with Server() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = (ARCHETYPES | EXTRA)[key](server.port)
        registry, hosts = serve(server, [world], folder)
        environ = {**environment(hosts), "PYTHONPATH": os.pathsep.join([environment(hosts)["PYTHONPATH"], str(ROOT)])}
        arguments = ["crawl", "county", "-a", f"portals={registry}", "-s", f"DATA_DIR={folder / 'data'}"]
        own, readers = timed([*arguments, "-s", f"DOWNLOAD_DELAY={DELAY}"], folder, environ)
        asked = [(record.method, record.url, "") for record in server.log if record.method in {"GET", "POST"}]
        (folder / "urls.json").write_text(json.dumps(asked))
        spider = folder / "bare.py"
        spider.write_text(BARE.format(path=str(folder / "urls.json")))
        quiet = ["-s", f"DOWNLOAD_DELAY={DELAY}", "-s", "TELNETCONSOLE_ENABLED=False", "-s", "LOG_LEVEL=INFO"]
        outside = {**environ, "SCRAPY_SETTINGS_MODULE": "tests.benchmarks.bare_settings"}
        bare, _ = timed(["runspider", str(spider), *quiet], folder, outside)
        return len(asked), own, readers, bare


def main(keys: list[str]) -> None:
    print(f"{'world':<8}{'requests':>10}{'crawl s':>10}{'bare s':>10}{'ratio':>8}{'readers s':>12}")
    for key in keys:
        requests, own, readers, bare = compare(key)
        print(f"{key:<8}{requests:>10}{own:>10.2f}{bare:>10.2f}{own / bare:>8.2f}{readers:>12.2f}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["A1", "A7", "B1"])
