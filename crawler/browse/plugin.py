"""What Datasette calls: routes, functions of SQL, headers, links."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette

from crawler.browse import pages
from crawler.browse.pages import DATABASE
from crawler.search import bigram_query, bigrams, hits

OWN = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
OWN += "base-uri 'none'; frame-ancestors 'none'"
THEIRS = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; "
)
THEIRS += "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
"""For Datasette's own pages, which have scripts in them. It escapes what it shows."""

UNCOUNTED = frozenset(f"/{DATABASE}/{view}" for view in ("cells", "findings", "panel", "sections", "search"))
"""Views whose rows cannot be counted within the limit of time, so that it would be spent in vain."""

Asgi = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """The same functions that ``--functions crawler/search.py`` gives to sqlite-utils."""
    conn.create_function("bigrams", 1, bigrams, deterministic=True)
    conn.create_function("bigram_query", 1, bigram_query, deterministic=True)
    conn.create_function("hits", 2, hits, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/$", pages.home),
        (r"^/province/(?P<province>\d{2})$", pages.province),
        (r"^/county/(?P<county>\d{6})$", pages.county),
        (r"^/agency/(?P<agency>\d{1,16})$", pages.agency),
        (r"^/report/(?P<report>\d{1,16})$", pages.report),
        (r"^/report/(?P<report>\d{1,16})/document$", pages.document),
        (r"^/report/(?P<report>\d{1,16})/page/(?P<page>\d{1,4})\.png$", pages.picture),
        (r"^/report/(?P<report>\d{1,16})/file$", pages.file),
        (r"^/search$", pages.search),
        (r"^/findings$", pages.findings),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def menu_links() -> list[dict[str, str]]:
    return [{"href": "/", "label": "gongkai"}, {"href": "/search", "label": "搜索 / Search"}]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[Asgi], Asgi]:
    return _with_headers


def _with_headers(app: Asgi) -> Asgi:
    """Every answer says what a browser may do with it; a page that says so itself is left alone."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path") in UNCOUNTED and not scope.get("query_string"):
            scope = {**scope, "query_string": b"_nocount=1"}

        async def say(event: dict[str, Any]) -> None:
            if event["type"] == "http.response.start":
                event = {**event, "headers": [*event.get("headers", []), *_headers(scope, event)]}
            await send(event)

        await app(scope, receive, say)

    return wrapped


def _headers(scope: dict[str, Any], event: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    ]
    if b"content-security-policy" not in {name.lower() for name, _ in event.get("headers", [])}:
        path = scope.get("path", "/")
        own = path == "/" or path.split("/")[1] in {"province", "county", "agency", "report", "search", "findings"}
        headers.append((b"content-security-policy", (OWN if own else THEIRS).encode()))
    return headers
