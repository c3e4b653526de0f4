"""The reference crawler: performs the scripted steps of an archetype, request by request, and proves each of them.

A step may be taken only when its clue stood in a body seen before; at its end every report document has been received.
"""

from __future__ import annotations

import contextlib
import html
import http.client
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.archetypes.model import Step, World, sha256
from tests.archetypes.server import Server


@dataclass(frozen=True, slots=True)
class Walk:
    """``received`` are the hashes of all bodies, ``problems`` what did not go as scripted."""

    requests: int
    received: frozenset[str]
    problems: tuple[str, ...]


@dataclass(slots=True)
class Walker:
    server: Server
    seen: list[str] = field(default_factory=list)
    received: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    jar: dict[str, dict[str, str]] = field(default_factory=dict)

    def walk(self, world: World) -> Walk:
        for step in world.steps:
            if step.clue and not any(step.clue in text for text in reversed(self.seen)):
                self.problems.append(f"nothing led to {step.method} {step.url}: {step.clue!r} was not seen")
            try:
                status, body = self.fetch(step)
            except (OSError, http.client.HTTPException) as error:
                status, body = 0, b""
                if step.status:
                    self.problems.append(f"{step.url}: {error!r}")
            if status != step.status:
                self.problems.append(f"{step.method} {step.url}: status {status}, expected {step.status}")
            self.received.add(sha256(body))
            self.seen.append(_text(body))
        return Walk(len(world.steps), frozenset(self.received), tuple(self.problems))

    def fetch(self, step: Step) -> tuple[int, bytes]:
        parts = urlsplit(step.url)
        host = parts.hostname or ""
        address = next((site.address for site in self.server.sites if host in site.names), "127.0.0.1")
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            trusting = ssl.create_default_context()
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            trusting.set_ciphers("ALL:@SECLEVEL=0")
            connection = http.client.HTTPSConnection(address, parts.port or 443, timeout=20, context=trusting)
        else:
            connection = http.client.HTTPConnection(address, parts.port or 80, timeout=20)
        headers = {"Host": parts.netloc, "Connection": "close", "User-Agent": "gongkai-test", **dict(step.headers)}
        if step.navigation:
            headers |= {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        if (cookies := self.jar.get(host)) and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        with contextlib.closing(connection):
            connection.request(step.method, target, step.body.encode("utf-8") or None, headers)
            answer = connection.getresponse()
            body = answer.read()
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.jar.setdefault(host, {})[name] = value
            seen = answer.headers.get("Location", "")
            if seen:
                self.seen.append(seen)
            return answer.status, body


def _text(body: bytes) -> str:
    """Readable text of a body, as links are compared with it."""
    try:
        return html.unescape(body.decode("utf-8"))
    except UnicodeDecodeError:
        return html.unescape(body.decode("gb18030", "replace"))
