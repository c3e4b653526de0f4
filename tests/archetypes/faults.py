"""Faults that any portal may have, switched on for a whole run and drawn by address: a run fails alike each time."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Faults:
    """Each ``*_every`` n strikes one address in n, at its first request only; 0 is never.

    ``latency`` seconds lowest and highest, ``hang`` seconds without an answer, ``rate`` requests per second above which
    429 is answered for ``recovery`` seconds (0: no limit), ``type_every`` mislabels the charset of a page or sends a
    file as text/html (at every request, not only the first), ``location_every`` redirects files through a Location of
    raw GBK bytes.
    """

    latency: tuple[float, float] = (0.0, 0.0)
    busy_every: int = 0
    cut_every: int = 0
    reset_every: int = 0
    hang_every: int = 0
    hang: float = 90.0
    type_every: int = 0
    location_every: int = 0
    gzip_unasked: bool = False
    rate: float = 0.0
    recovery: float = 20.0


NO_FAULTS = Faults()


def usual(delay: float) -> Faults:
    """What a bad week looks like, in a world where the crawler's delay of one second is ``delay`` seconds.

    About 12 % of the addresses need a second request; the rate limit is five times the polite rate.
    """
    return Faults(
        latency=(0.2 * delay, 8.0 * delay),
        busy_every=20,
        cut_every=50,
        reset_every=50,
        type_every=9,
        location_every=40,
        gzip_unasked=True,
        rate=5.0 / delay,
        recovery=20.0 * delay,
    )


@dataclass(slots=True)
class Plan:
    """Faults of one host as they unfold. ``/robots.txt`` is spared: its faults are set where the host is made."""

    faults: Faults
    salt: str
    _struck: set[str] = field(default_factory=set)
    _recent: deque[float] = field(default_factory=deque)
    _limited_until: float = 0.0

    def latency(self, path: str) -> float:
        low, high = self.faults.latency
        # most answers are quick, a few take nearly the longest time
        return low + (high - low) * (self._draw(path, "latency") % 1000 / 1000) ** 4 if high else 0.0

    def fault(self, path: str, now: float) -> str:
        """``503 cut reset hang type location 429`` or nothing."""
        if path == "/robots.txt":
            return ""
        if self._too_fast(now):
            return "429"
        for name, every in (
            ("503", self.faults.busy_every),
            ("cut", self.faults.cut_every),
            ("reset", self.faults.reset_every),
            ("hang", self.faults.hang_every),
            ("location", self.faults.location_every),
        ):
            if every and path not in self._struck and self._draw(path, name) % every == 0:
                self._struck.add(path)
                return name
        if self.faults.type_every and self._draw(path, "type") % self.faults.type_every == 0:
            return "type"
        return ""

    def _too_fast(self, now: float) -> bool:
        if not self.faults.rate:
            return False
        if now < self._limited_until:
            return True
        self._recent.append(now)
        window = 2.0 * 5.0 / self.faults.rate
        while self._recent and self._recent[0] < now - window:
            self._recent.popleft()
        if len(self._recent) > self.faults.rate * window:
            self._limited_until = now + self.faults.recovery
            self._recent.clear()
            return True
        return False

    def _draw(self, path: str, name: str) -> int:
        return zlib.crc32(f"{self.salt}{path}{name}".encode())
