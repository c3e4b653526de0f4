"""A small server on loopback that counts what reaches it. Each server has an address of its own and any free port."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, pairwise

ADDRESSES = (f"127.7.{n // 250}.{n % 250 + 1}" for n in count())


@dataclass(slots=True)
class Hit:
    """One request as the server saw it; times of a monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    began: float
    ended: float = 0.0


@dataclass(slots=True)
class Answer:
    """``length`` states another Content-Length than the body's; ``seconds`` is how long the server thinks."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    length: int | None = None
    raw: bytes | None = None
    """Sent in place of everything else, then the connection is closed."""


Behaviour = Callable[[Hit, "Site"], Answer]


@dataclass
class Site:
    """A server. ``most`` is how many requests it had at once."""

    behave: Behaviour
    address: str = ""
    port: int = 0
    tls: ssl.SSLContext | None = None
    hits: list[Hit] = field(default_factory=list)
    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.address = self.address or next(ADDRESSES)

    def start(self) -> Site:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                hit = Hit(self.command, self.path, headers, time.monotonic())
                with site.lock:
                    site.hits.append(hit)
                    site.now += 1
                    site.most = max(site.most, site.now)
                try:
                    self.answer(site.behave(hit, site))
                finally:
                    hit.ended = time.monotonic()
                    with site.lock:
                        site.now -= 1

            do_GET = do_POST = do_HEAD = serve  # noqa: N815

            def answer(self, answer: Answer) -> None:
                time.sleep(answer.seconds)
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                names = {name.lower() for name, _ in answer.headers}
                if "content-type" not in names:
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
                if answer.length is not None:
                    self.close_connection = True
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            address_family = socket.AF_INET6 if ":" in site.address else socket.AF_INET

            def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
                connection, address = super().get_request()
                if site.tls is not None:
                    connection = site.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                return connection, address

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server((self.address, self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/", scheme: str = "", host: str = "") -> str:
        return f"{scheme or ('https' if self.tls else 'http')}://{host or self.address}:{self.port}{path}"

    def paths(self, *, robots: bool = False) -> list[str]:
        return [hit.path for hit in self.hits if robots or hit.path != "/robots.txt"]

    def overlaps(self, tolerance: float = 0.0) -> list[tuple[str, str]]:
        """Pairs of requests of which the second came before the first was done, by more than ``tolerance`` seconds."""
        found: list[tuple[str, str]] = []
        last = None
        for hit in sorted(self.hits, key=lambda hit: hit.began):
            if last is not None and last.ended - hit.began > tolerance:
                found.append((last.path, hit.path))
            last = hit if last is None or hit.ended > last.ended else last
        return found

    def gaps(self) -> list[float]:
        began = sorted(hit.began for hit in self.hits)
        return [after - before for before, after in pairwise(began)]


def page(text: str = "正文", links: tuple[str, ...] = ()) -> bytes:
    """A page that is no challenge by any measure."""
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    menu = "".join(f'<li><a href="/m{n}">栏目{n}</a></li>' for n in range(12))
    head = "<!DOCTYPE html><html><head><title>页</title></head>"
    return f"{head}<body><ul>{menu}{anchors}</ul><p>{text}</p></body></html>".encode()


def plain(hit: Hit, _: Site) -> Answer:
    """An ordinary portal without robots.txt."""
    return Answer(status=404, body=page("没有")) if hit.path == "/robots.txt" else Answer(page(hit.path))
