"""``python -m tests.rehearsal.server PORT DELAY FAULTS NUMBER OF CODES KEEP``: serves until its input closes.

The file CODES names the counties, divided by commas; of them this process serves every OF-th, from NUMBER on.

One process, one event loop, a listening socket for each county on its own address. Answers are held back for a moment,
so that two requests at once would be seen; portals are made when they are asked for and forgotten when others are.
When standard input closes, one JSON object on standard output says what was seen, by county code.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.archetypes.faults import NO_FAULTS, Plan, usual
from tests.archetypes.score import UNCOUNTED
from tests.archetypes.server import Request, Response, _payload, _spoil, _straight
from tests.rehearsal.country import Place, country
from tests.rehearsal.portals import Portal

PORTALS = 400
"""Portals that are held ready at once: 300 KB each."""
HELD_BACK = 0.004
"""Seconds that an answer takes at least."""


@dataclass(slots=True)
class Seen:
    """What one host saw: requests (without robots.txt, images and the like), those that met a fault, the most at once,
    requests that robots.txt forbids, bytes sent, and the least seconds from an answer to the next request."""

    requests: int = 0
    sent: int = 0
    faults: int = 0
    open: int = 0
    at_once: int = 0
    forbidden: int = 0
    gap: float = 1e9
    ended: float = 0.0
    minimal: int = 0
    targets: list[str] = field(default_factory=list)


class Shop:
    """All counties of one process."""

    def __init__(self, port: int, delay: float, faults: bool, keep: bool = False) -> None:
        self.port, self.keep = port, keep
        self.faults = usual(delay) if faults else NO_FAULTS
        self.portals: OrderedDict[str, Portal] = OrderedDict()
        self.plans: dict[str, Plan] = {}
        self.seen: dict[str, Seen] = {}

    def portal(self, place: Place) -> Portal:
        found = self.portals.get(place.code)
        if found is None:
            found = self.portals[place.code] = Portal(place, self.port)
            self.seen.setdefault(place.code, Seen()).minimal = found.minimal
            if len(self.portals) > PORTALS:
                self.portals.popitem(last=False)
        else:
            self.portals.move_to_end(place.code)
        return found


class Connection(asyncio.Protocol):
    """HTTP/1.1 with kept connections; one request at a time on each."""

    def __init__(self, shop: Shop, place: Place) -> None:
        self.shop, self.place = shop, place
        self.buffer = b""
        self.busy = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._next()

    def _next(self) -> None:
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if self.busy or not end:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length") or 0)
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        method, target, _ = first.split(" ", 2)
        if target.startswith("http"):
            parts = urlsplit(target)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
        self._answer(Request("http", headers.get("host", ""), method, target, headers, rest[:length]))

    def _answer(self, request: Request) -> None:
        loop, place, shop = asyncio.get_running_loop(), self.place, self.shop
        self.busy = True
        seen = shop.seen.setdefault(place.code, Seen())
        if seen.ended:
            seen.gap = min(seen.gap, loop.time() - seen.ended)
        seen.open += 1
        seen.at_once = max(seen.at_once, seen.open)
        plan = shop.plans.setdefault(place.code, Plan(shop.faults, place.code))
        fault = plan.fault(request.path, loop.time())
        if not UNCOUNTED.search(request.target):
            seen.requests += 1
            seen.faults += bool(fault) and fault != "type"
        seen.forbidden += request.path.startswith("/admin/")
        if shop.keep:
            seen.targets.append(f"{request.method} {request.target} {fault}".rstrip())
        response = _spoil(fault, request, shop.portal(place).answer(_straight(request)), plan)
        loop.call_later(max(HELD_BACK, plan.latency(request.path)), self._send, request, response, seen)

    def _send(self, request: Request, response: Response, seen: Seen) -> None:
        seen.open -= 1
        seen.ended = asyncio.get_running_loop().time()
        self.busy = False
        if self.transport is None:
            return
        if response.ending in ("reset", "hang"):
            self.transport.abort()
            return
        payload = _payload(request, response, compress=False)
        seen.sent += len(payload)
        self.transport.write(payload)
        if response.ending == "cut" or request.headers.get("connection", "").lower() == "close":
            self.transport.close()
        else:
            self._next()


async def serve(shop: Shop, places: list[Place]) -> None:
    loop = asyncio.get_running_loop()
    listeners = [
        await loop.create_server(lambda place=place: Connection(shop, place), place.address, shop.port, backlog=16)  # type: ignore[misc]
        for place in places
    ]
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for listener in listeners:
        listener.close()


def main(port: int, delay: float, faults: bool, number: int, of: int, codes: Path, keep: bool) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    shop = Shop(port, delay, faults, keep)
    with contextlib.suppress(KeyboardInterrupt):
        wanted = set(codes.read_text().split(","))
        asyncio.run(serve(shop, [place for place in country() if place.code in wanted][number::of]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seen": {code: asdict(seen) for code, seen in shop.seen.items()},
                "cpu": used.ru_utime + used.ru_stime,
                "memory": used.ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(
        int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "1", int(sys.argv[4]), int(sys.argv[5]),
        Path(sys.argv[6]), sys.argv[7] == "1",
    )  # fmt: skip
