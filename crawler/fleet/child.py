"""A job's own process: ``python -m crawler.fleet.child JOB.json`` is ``scrapy crawl county`` that holds a lease.

It dies with the worker that started it, takes the number of its run from the job's token, and brings along what other
crawls of its counties have learned.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from crawler.fleet.lease import Order

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Asks Linux to end this process when the one that started it ends, however that ends; at once, if it has."""
    try:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
    except (OSError, AttributeError):
        return  # not Linux: the lease ends the crawl a few seconds later
    if os.getppid() != parent:
        os._exit(1)


def main(path: Path) -> None:
    order = Order.read(path)
    die_with_parent(order.parent)
    settings = get_project_settings()
    settings.set("FLEET_ORDER", str(path))
    extensions = settings.getdict("EXTENSIONS") | {"crawler.fleet.lease.Leased": 50, "crawler.fleet.lease.Taught": 160}
    settings.set("EXTENSIONS", extensions)
    settings.set("DOWNLOAD_HANDLERS", dict.fromkeys(("http", "https"), "crawler.fleet.lease.LeasedTransport"))
    for name, value in order.settings.items():
        settings.set(name, value, priority="cmdline")
    arguments = ["-a", f"county={','.join(order.counties)}", "-a", f"portals={order.registry}"]
    if order.year:
        arguments += ["-a", f"year={order.year}"]
    execute(["scrapy", "crawl", "county", *arguments, "-s", f"DATA_DIR={order.folder}"], settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
