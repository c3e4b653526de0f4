"""``python -m tests.benchmarks.crawling [world …]``: CPU of a crawl beside a bare Scrapy spider on the same addresses.

The bare spider asks for what the crawl asked for, with Scrapy's defaults, and stores nothing. All run in processes of
their own against the same servers; the figures are the user and system time of the process itself.

``crawl`` downloads, finds its way, and archives; it is what the goal of 1.5 times is about. ``whole`` is the ordinary
crawl: it also hands documents to the readers, stores what they found, checks it, and compares texts at its end; the
readers' own processes stand apart. ``start`` is a crawl of a portal that does not answer, beside a bare spider there:
what every process costs before its first page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.archetypes.catalogue import ARCHETYPES, EXTRA
from tests.archetypes.harness import environment, serve
from tests.archetypes.server import Server
from tests.benchmarks.usage import usage

ROOT = Path(__file__).resolve().parents[2]
DELAY = "0.01"
NOBODY = "http://127.0.0.1:9/"
ONLY_KEPT = ["-s", 'ITEM_PIPELINES={"crawler.pipelines.Archive": 100}']
TIMED = """
import atexit, json, resource, sys
path, *arguments = sys.argv[1:]
def report():
    own = resource.getrusage(resource.RUSAGE_SELF)
    with open(path, "w") as out:
        json.dump(own.ru_utime + own.ru_stime, out)
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
    """(own, readers') CPU seconds of one Scrapy command."""
    out = folder / "times.json"
    with usage() as all_of_them:
        subprocess.run(
            [sys.executable, "-c", TIMED, str(out), *arguments],
            cwd=ROOT,
            env=environ,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    own: float = json.loads(out.read_text())
    return own, max(0.0, all_of_them.seconds - own)


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU seconds of one world."""

    world: str
    requests: int
    bare: float
    crawl: float
    whole: float
    readers: float

    @property
    def ratio(self) -> float:
        return self.crawl / self.bare


def compare(key: str) -> Compared:
    """One world, crawled three times."""
    with Server() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = (ARCHETYPES | EXTRA)[key](server.port)
        registry, hosts = serve(server, [world], folder)
        environ = {**environment(hosts), "PYTHONPATH": os.pathsep.join([environment(hosts)["PYTHONPATH"], str(ROOT)])}
        arguments = ["crawl", "county", "-a", f"portals={registry}", "-s", f"DOWNLOAD_DELAY={DELAY}"]
        whole, readers = timed([*arguments, "-s", f"DATA_DIR={folder / 'data'}"], folder, environ)
        asked = [(record.method, record.url, "") for record in server.log if record.method in {"GET", "POST"}]
        crawl, _ = timed([*arguments, *ONLY_KEPT, "-s", f"DATA_DIR={folder / 'kept'}"], folder, environ)
        return Compared(key, len(asked), _bare(asked, folder, environ), crawl, whole, readers)


def start() -> Compared:
    """What a process costs that finds nobody at home: a port of this machine where nothing listens."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        registry = folder / "portals.csv"
        registry.write_text(f"code,name,url\n990101,清穗县,{NOBODY}\n", encoding="utf-8")
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        arguments = ["crawl", "county", "-a", f"portals={registry}", "-s", "RETRY_TIMES=0"]
        crawl, _ = timed([*arguments, *ONLY_KEPT, "-s", f"DATA_DIR={folder / 'kept'}"], folder, environ)
        whole, readers = timed([*arguments, "-s", f"DATA_DIR={folder / 'data'}"], folder, environ)
        return Compared("start", 0, _bare([("GET", NOBODY, "")], folder, environ), crawl, whole, readers)


def _bare(asked: list[tuple[str, str, str]], folder: Path, environ: dict[str, str]) -> float:
    (folder / "urls.json").write_text(json.dumps(asked))
    spider = folder / "bare.py"
    spider.write_text(BARE.format(path=str(folder / "urls.json")))
    quiet = ["-s", f"DOWNLOAD_DELAY={DELAY}", "-s", "TELNETCONSOLE_ENABLED=False", "-s", "LOG_LEVEL=INFO"]
    outside = {**environ, "SCRAPY_SETTINGS_MODULE": "tests.benchmarks.bare_settings"}
    return timed(["runspider", str(spider), *quiet, "-s", "RETRY_TIMES=0"], folder, outside)[0]


def main(keys: list[str]) -> None:
    print(f"{'world':<8}{'requests':>10}{'bare s':>9}{'crawl s':>9}{'ratio':>8}{'whole s':>9}{'readers s':>11}")
    compared = {}
    for key in keys:
        one = compared[key] = start() if key == "start" else compare(key)
        print(
            f"{key:<8}{one.requests:>10}{one.bare:>9.2f}{one.crawl:>9.2f}{one.ratio:>8.2f}{one.whole:>9.2f}"
            f"{one.readers:>11.2f}",
            flush=True,
        )
    if empty := compared.pop("start", None):
        print(f"figure start-over-bare = {empty.crawl - empty.bare:.2f} s")
    if compared:
        largest = max(compared.values(), key=lambda one: one.requests)
        print(f"figure crawl-cpu-ratio = {largest.ratio:.1f} times")
        print(f"figure crawl-cpu-per-page = {largest.crawl / largest.requests * 1000:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1:] or ["start", "A1", "A7", "B1"])
