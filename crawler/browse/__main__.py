"""``python -m crawler.browse [FOLDER]``: shows a data folder in the browser."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

import uvicorn
from datasette.app import Datasette

from crawler.browse.app import Unusable, make


async def serve(datasette: Datasette, host: str, port: int) -> None:
    await datasette.invoke_startup()
    print("Counting ...", flush=True)
    started = time.perf_counter()
    await datasette._gongkai_summary.fresh(datasette.get_database("reports"))
    await datasette._gongkai_room.warm()
    await datasette.client.get("/")  # templates and Datasette's own catalogue are made by the first request
    seconds = time.perf_counter() - started
    print(f"Ready after {seconds:.1f} s. Open http://{host}:{port}/ in a browser; Ctrl-C ends it.", flush=True)
    config = uvicorn.Config(datasette.app(), host=host, port=port, log_level="warning", lifespan="on", workers=1)
    await uvicorn.Server(config).serve()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m crawler.browse", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(os.environ.get("DATA_DIR", "data")))
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 127.0.0.1 is this machine only")
    parser.add_argument("--port", type=int, default=8001)
    options = parser.parse_args()
    try:
        datasette = make(options.folder)
    except Unusable as problem:
        print(f"gongkai: {problem}", file=sys.stderr)
        return 1
    try:
        asyncio.run(serve(datasette, options.host, options.port))
    except KeyboardInterrupt:
        pass
    finally:
        datasette._gongkai_room.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
