"""``python -m tests.portals [crawl arguments]``: serves the five sample portals and crawls them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.archetypes.server import Server
from tests.portals.sites import PORT, registry, sites


def main() -> int:
    folder = Path(os.environ.get("DATA_DIR", "data"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = Server(port=PORT)
    except OSError:
        server = Server()
    with server:
        server.add(sites())
        file = folder / "sample_portals.csv"
        file.write_text(registry(server.port), encoding="utf-8")
        print(f"Five sample portals are served on loopback, port {server.port}; registry: {file}", flush=True)
        command = [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "county",
            "-a",
            f"portals={file}",
            "-s",
            f"DATA_DIR={folder}",
        ]
        return subprocess.run([*command, *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
