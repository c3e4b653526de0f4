"""A small HTTP server that counts, and that can misbehave in every way portals were seen to.

One thread, one event loop, any number of hosts: each has a loopback address of its own and a name below ``.localhost``;
all of them listen on one port, and 127.0.0.1 answers for all by the Host header (Chromium sends every ``*.localhost``
there). Plain HTTP and TLS share the port: the first byte of a connection tells which it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import gzip
import hashlib
import http
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, unquote, unquote_to_bytes, urlsplit

from tests.archetypes.certificates import Certificate, context
from tests.archetypes.faults import NO_FAULTS, Faults, Plan

IDLE = 15.0
HEAD_LIMIT = 65536
Scheme = Literal["http", "https"]
# raw GBK bytes in a Location header, as old Chinese servers write them
DETOUR = "/附件?to=".encode("gbk")


@dataclass(frozen=True, slots=True)
class Request:
    """``target`` is the path and query as sent, ``headers`` have lower-case names."""

    scheme: Scheme
    host: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {
            key: values[-1] for key, values in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()
        }

    @property
    def form(self) -> dict[str, str]:
        return {key: values[-1] for key, values in parse_qs(self.body.decode("utf-8"), keep_blank_values=True).items()}

    @property
    def cookies(self) -> dict[str, str]:
        return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("cookie", "")).items()}


@dataclass(frozen=True, slots=True)
class Response:
    """``ending`` says how the connection goes on: ``whole``, ``cut`` (half the body), ``reset``, ``hang``."""

    body: bytes = b""
    status: int = 200
    media: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str | bytes], ...] = ()
    ending: Literal["whole", "cut", "reset", "hang"] = "whole"


def canonical(target: str) -> str:
    """A target with its query decoded and in order: a client may send it in another order or encoding."""
    parts = urlsplit(target)
    if not parts.query:
        return parts.path
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.path}?" + "&".join(f"{name}={value}" for name, value in pairs)


Handler = Callable[[Request], Response]


@dataclass(slots=True)
class Site:
    """One host. ``names`` are its names, the canonical one first; others redirect to it when ``redirect_names``.

    ``validators``: pages carry ETag and Last-Modified, and a client that has them is answered 304.
    Pages are looked up by target (see ``canonical``), then by path, then by the rules, then ``missing``.
    """

    names: tuple[str, ...]
    address: str
    plain: bool = True
    certificate: Certificate | None = None
    pages: dict[str, Response | Handler] = field(default_factory=dict)
    rules: list[Callable[[Request], Response | None]] = field(default_factory=list)
    gate: Callable[[Request], Response | None] | None = None
    missing: Handler = lambda _: Response(b"<html><head><title>404 Not Found</title></head></html>", 404)
    robots: Response | None = None
    redirect_names: bool = False
    validators: bool = False
    case_blind: bool = False

    def answer(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return self.robots or Response(b"User-agent: *\nDisallow: /admin/\n", media="text/plain")
        if self.redirect_names and request.host.partition(":")[0] != self.names[0]:
            port = request.host.partition(":")[2]
            target = f"{request.scheme}://{self.names[0]}:{port}{request.target}"
            return Response(status=301, headers=(("Location", target),))
        if self.gate is not None and (refusal := self.gate(request)) is not None:
            return refusal
        fold = str.lower if self.case_blind else str
        whole = canonical(fold(request.target))
        for key in (whole, fold(urlsplit(request.target).path), fold(request.path)):
            if (page := self.pages.get(key)) is not None:
                return page if isinstance(page, Response) else page(request)
        for rule in self.rules:
            if (found := rule(request)) is not None:
                return found
        return self.missing(request)


@dataclass(frozen=True, slots=True)
class Record:
    """One request as the server saw it; times are of the monotonic clock. ``status`` 0: no answer was given.
    ``digest`` is the sha256 of a body that was sent whole, before it was packed for the way.

    ``method`` is TLS for a handshake that failed or came to a host without TLS.
    """

    start: float
    end: float
    host: str
    address: str
    scheme: str
    method: str
    target: str
    headers: dict[str, str]
    status: int
    sent: int
    fault: str = ""
    digest: str = ""

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def browser(self) -> bool:
        """Chromium tells what each request is for; plain clients don't."""
        return "sec-fetch-mode" in self.headers

    @property
    def navigation(self) -> bool:
        return self.headers.get("sec-fetch-mode") == "navigate" and self.headers.get("sec-fetch-dest") == "document"


class Server:
    """Serves sites until closed. ``log`` grows by one Record a request; read it through ``records``."""

    def __init__(self, *, port: int = 0) -> None:
        self.port = port or _free_port()
        self.log: list[Record] = []
        self.sites: list[Site] = []
        self.faults: Faults = NO_FAULTS
        self._plans: dict[str, Plan] = {}
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._listeners: dict[str, socket.socket] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="portals", daemon=True)
        self._thread.start()
        self._listen("127.0.0.1")

    def add(self, sites: Iterable[Site]) -> None:
        for site in sites:
            self.sites.append(site)
            self._listen(site.address)

    def clear(self) -> None:
        """Forgets the sites and the log; addresses stay bound."""
        self.sites.clear()
        self.log.clear()
        self._plans.clear()

    def records(self, patience: float = 2.0) -> list[Record]:
        """The log, once no exchange is open: a client has its answer a moment before the server has noted it."""
        until = time.monotonic() + patience
        while self._open and time.monotonic() < until:
            time.sleep(0.002)
        return list(self.log)

    def hosts(self) -> str:
        """The hosts file of all sites: address and names, one line a site."""
        return "".join(f"{site.address} {' '.join(site.names)}\n" for site in self.sites)

    def vanish(self) -> None:
        """Ends every exchange; from now on connections are refused."""

        async def stop() -> None:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(5)
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    def appear(self) -> None:
        """Is there again after ``vanish``."""
        for address in ("127.0.0.1", *(site.address for site in self.sites)):
            self._listen(address)

    def close(self) -> None:
        self.vanish()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self, address: str) -> None:
        if address in self._listeners:
            return
        if not address.startswith("127."):
            raise ValueError(f"not a loopback address: {address}")
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, self.port))
        listener.listen(128)
        listener.setblocking(False)
        self._listeners[address] = listener
        self._spawn(self._accept(listener, address))

    def _spawn(self, work: Awaitable[None]) -> None:
        def begin() -> None:
            task = asyncio.ensure_future(work, loop=self._loop)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(begin)

    async def _accept(self, listener: socket.socket, address: str) -> None:
        while True:
            connection, _ = await self._loop.sock_accept(listener)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._spawn(self._connection(connection, address))

    async def _connection(self, connection: socket.socket, address: str) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            first = await asyncio.wait_for(self._peek(connection), IDLE)
            if not first:
                connection.close()
                return
            if first == b"\x16":
                await self._secure(connection, address)
            else:
                await self._stream(connection, address, "http", None)

    async def _peek(self, connection: socket.socket) -> bytes:
        readable = asyncio.Event()
        self._loop.add_reader(connection.fileno(), readable.set)
        try:
            await readable.wait()
        finally:
            self._loop.remove_reader(connection.fileno())
        return connection.recv(1, socket.MSG_PEEK)

    async def _secure(self, connection: socket.socket, address: str) -> None:
        start = time.monotonic()
        site = self._site_at(address)
        if site is None or site.certificate is None:
            self._note(start, site, address, Request("https", "", "TLS", "/", {}))
            _reset(connection)
            return
        try:
            await self._stream(connection, address, "https", context(site.certificate))
        except ssl.SSLError:
            self._note(start, site, address, Request("https", "", "TLS", "/", {}))

    async def _stream(
        self, connection: socket.socket, address: str, scheme: Scheme, tls: ssl.SSLContext | None
    ) -> None:
        reader = asyncio.StreamReader(limit=HEAD_LIMIT, loop=self._loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        try:
            while await self._exchange(reader, writer, address, scheme):
                pass
        finally:
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, scheme: Scheme
    ) -> bool:
        """One request and its answer. True when the connection stays open."""
        request = await asyncio.wait_for(_read(reader, scheme), IDLE)
        if request is None:
            return False
        start = time.monotonic()
        self._open += 1
        site = self._site_named(request.host) or self._site_at(address)
        fault, digest, status, sent = "", "", 0, 0
        try:
            if site is None or (scheme == "http" and not site.plain):
                _abort(writer)
                return False
            plan = self._plans.setdefault(site.address, Plan(self.faults, site.names[0]))
            await asyncio.sleep(plan.latency(request.path))
            fault = plan.fault(request.path, time.monotonic())
            response = _spoil(fault, request, _conditional(site, request, site.answer(_straight(request))), plan)
            if response.ending == "hang":
                # until the client gives up
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), plan.faults.hang)
            if response.ending in {"hang", "reset"}:
                _abort(writer)
                return False
            payload = _payload(request, response, compress=self.faults.gzip_unasked)
            writer.write(payload)
            status, sent = response.status, len(payload)
            if status == 200 and response.ending == "whole":
                digest = hashlib.sha256(response.body).hexdigest()
            await writer.drain()
            return response.ending == "whole" and request.headers.get("connection", "").lower() != "close"
        finally:
            self._note(start, site, address, request, status, sent, fault, digest)
            self._open -= 1

    def _note(
        self,
        start: float,
        site: Site | None,
        address: str,
        request: Request,
        status: int = 0,
        sent: int = 0,
        fault: str = "",
        digest: str = "",
    ) -> None:
        host = request.host or (f"{site.names[0]}:{self.port}" if site else f"{address}:{self.port}")
        self.log.append(
            Record(
                start=start,
                end=time.monotonic(),
                host=host,
                address=site.address if site else address,
                scheme=request.scheme,
                method=request.method,
                target=request.target,
                headers=request.headers,
                status=status,
                sent=sent,
                fault=fault,
                digest=digest,
            )
        )

    def _site_at(self, address: str) -> Site | None:
        return next((site for site in self.sites if site.address == address), None)

    def _site_named(self, host: str) -> Site | None:
        name = host.rpartition(":")[0] or host
        return next((site for site in self.sites if name.lower() in site.names), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _abort(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader, scheme: Scheme) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    if target.startswith(("http://", "https://")):
        parts = urlsplit(target)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(scheme, headers.get("host", ""), method, target, headers, body)


def _spoil(fault: str, request: Request, response: Response, plan: Plan) -> Response:
    """The response as a broken server sends it."""
    if fault == "503":
        return Response(b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", 503, "text/html")
    if fault == "429":
        return Response(
            b"Too Many Requests", 429, "text/plain", (("Retry-After", str(max(1, round(plan.faults.recovery)))),)
        )
    if fault in {"cut", "reset", "hang"}:
        return Response(response.body, response.status, response.media, response.headers, fault)  # type: ignore[arg-type]
    if fault == "type" and response.status == 200:
        return Response(response.body, 200, _other_type(response.media, request.path), response.headers)
    arrived = _straight(request) is not request
    if fault == "location" and response.status == 200 and "html" not in response.media and not arrived:
        return Response(b"", 302, "text/html", (("Location", DETOUR + request.target.encode("latin-1")),))
    return response


def _conditional(site: Site, request: Request, response: Response) -> Response:
    """ETag and Last-Modified follow from the body, so that they change with it and with nothing else."""
    if not site.validators or response.status != 200 or request.method != "GET" or response.ending != "whole":
        return response
    tag = f'"{zlib.crc32(response.body):08x}-{len(response.body):x}"'
    changed = email.utils.formatdate(1_600_000_000 + zlib.crc32(response.body) % 100_000_000, usegmt=True)
    headers = (*response.headers, ("ETag", tag), ("Last-Modified", changed))
    asked = request.headers.get("if-none-match")
    known = asked == tag if asked else request.headers.get("if-modified-since") == changed
    return Response(b"", 304, "", headers) if known else replace(response, headers=headers)


def _straight(request: Request) -> Request:
    """A request at the end of a detour, as the request for the file itself."""
    raw = unquote_to_bytes(request.target.encode("latin-1"))
    if not raw.startswith(DETOUR):
        return request
    return replace(request, target=raw[len(DETOUR) :].decode("latin-1"))


def _other_type(media: str, path: str) -> str:
    if "html" in media:
        if path.endswith("shtml"):
            return "application/octet-stream"
        return "text/html; charset=ISO-8859-1" if "utf-8" in media else "text/html; charset=utf-8"
    return "text/html" if media.startswith("application/") and "json" not in media else media


def _payload(request: Request, response: Response, *, compress: bool) -> bytes:
    body = response.body
    headers: list[tuple[str, str | bytes]] = [
        ("Server", "nginx"),
        ("Date", email.utils.formatdate(usegmt=True)),
        *response.headers,
    ]
    if response.media:
        headers.append(("Content-Type", response.media))
    if compress and body and not response.media.startswith("image/") and response.ending == "whole":
        body = gzip.compress(body, 1)
        headers.append(("Content-Encoding", "gzip"))
    if response.status not in {204, 304}:
        headers.append(("Content-Length", str(len(body))))
    if request.method == "HEAD":
        body = b""
    if response.ending == "cut":
        body = body[: len(body) // 2]
    try:
        reason = http.HTTPStatus(response.status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {response.status} {reason}".encode("latin-1")]
    lines += [
        name.encode("latin-1") + b": " + (v if isinstance(v, bytes) else v.encode("utf-8")) for name, v in headers
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
