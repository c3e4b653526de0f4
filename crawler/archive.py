"""archive.db: the evidence, append-only. The only module that speaks SQL to it.

Documents are stored once by the hash of their bytes, compressed, and committed before anyone reads them. A document at
an address is a sighting; a new hash at a known address is the change record. One process writes at a time: it holds a
lock on a file beside the database, which the system lets go when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import time
from typing import Any

from backports import zstd

from crawler import due
from crawler.items import Gap, Known, ListRead, NoDocument, PortalPage, PortalRead, Sighting
from crawler.lean import Database
from crawler.portals import Portal

VERSION = 3
BY_TIME = 10**12
"""Runs from this number on are numbered by their time: ms since 1970, or more where two would be equal."""
PAGE_SIZE = 8192  # blobs of 5 to 20 KB: a third more inserts a second than with 4096, and still small for the rest
PACKED = frozenset({"application/pdf", "image/jpeg", "image/png", "application/zip", "application/ofd"})

SCHEMA: dict[str, dict[str, Any]] = {
    "runs": {
        "columns": {
            "id": int,
            "spider": str,
            "started": str,
            "finished": str,
            "arguments": str,
            "versions": str,
            "finish_reason": str,
            "verdict": str,
            "stats": str,
        },
        "pk": "id",
    },
    "documents": {
        "columns": {"sha256": str, "media_type": str, "size": int, "codec": str, "first_run": int},
        "pk": "sha256",
        "not_null": {"media_type", "size", "codec"},
    },
    "bodies": {"columns": {"sha256": str, "body": bytes}, "pk": "sha256", "not_null": {"body"}},
    "sightings": {
        "columns": {
            "county_code": str,
            "url": str,
            "sha256": str,
            "title": str,
            "titles": str,
            "published": str,
            "agency": str,
            "referrer": str,
            "page_url": str,
            "content_type": str,
            "status": int,
            "headers": str,
            "via": str,
            "request": str,
            "first_run": int,
            "last_run": int,
        },
        "pk": ("county_code", "url", "sha256"),
        "foreign_keys": [("sha256", "documents", "sha256")],
    },
    "visits": {
        "columns": {
            "run_id": int,
            "url": str,
            "via": str,
            "county_code": str,
            "fetched": str,
            "status": int,
            "etag": str,
            "last_modified": str,
            "sha256": str,
            "bytes": int,
            "seconds": float,
            "outcome": str,
        },
        "pk": ("run_id", "url", "via"),
    },
    "frontier": {
        "columns": {
            "url": str,
            "county_code": str,
            "state": str,
            "due_at": str,
            "attempts": int,
            "priority": int,
            "page_url": str,
            "title": str,
            "agency": str,
            "published": str,
            "reason": str,
            "run_id": int,
        },
        "pk": ("url", "county_code"),
    },
    "lists": {
        "columns": {
            "run_id": int,
            "county_code": str,
            "url": str,
            "system": str,
            "title": str,
            "agency": str,
            "entries": int,
            "stated": int,
            "complete": int,
            "reason": str,
        },
        "pk": ("run_id", "county_code", "url"),
    },
    "portals": {
        "columns": {
            "county_code": str,
            "name": str,
            "province": str,
            "prefecture": str,
            "url": str,
            "run_id": int,
            "outcome": str,
            "reason": str,
            "system": str,
            "trail": str,
            "agencies": str,
            "failures": int,
            "lost": str,
            "looked": str,
            "gaps": str,
        },
        "pk": "county_code",
    },
    "portal_pages": {
        "columns": {
            "run_id": int,
            "asked": str,
            "code": str,
            "purpose": str,
            "url": str,
            "via": str,
            "status": int,
            "content_type": str,
            "sha256": str,
            "fetched": str,
        },
        "pk": ("run_id", "asked", "via"),
        "foreign_keys": [("sha256", "documents", "sha256")],
    },
    "verdicts": {
        "columns": {
            "id": int,
            "recorded": str,
            "sha256": str,
            "check": str,
            "subject": str,
            "verdict": str,
            "note": str,
            "by": str,
            "left": float,
            "right": float,
        },
        "pk": "id",
    },
}
INDEXES = {
    "sightings": (("sha256",), ("url",)),
    "visits": (("url",),),
    "frontier": (("county_code",), ("page_url",)),
}
HALF_VISITS = 3
PRIORITY = {"visit": 10, "open": 5}
"""Of what a frontier holds: portals before files, files before what was asked for in vain."""

# the answer must be of a document that was kept: a crawl that was killed may know an answer whose bytes it never wrote
KNOWN = """
    select v.etag, v.last_modified, v.sha256 from visits v where v.url = :url and v.status = 200
    and exists (select 1 from sightings s where s.url = v.url and (s.sha256 = v.sha256 or s.last_run >= v.run_id))
    and not exists (select 1 from frontier f where f.state <> 'visit' and (f.url = :url or f.page_url = :url))
    order by v.run_id desc limit 1
"""

# a sighting knows its first and its last run; the runs between, and answers that it is unchanged, are in the visits
CAPTURES = """
    with seen as (
        select county_code, url, sha256, first_run as run from sightings
        union select county_code, url, sha256, last_run from sightings
        union select s.county_code, s.url, s.sha256, v.run_id from visits v join sightings s on s.url = v.url
            and v.run_id >= s.first_run and (v.sha256 = s.sha256 or v.status = 304 and s.last_run = (
                select max(n.last_run) from sightings n
                where n.url = s.url and n.county_code = s.county_code and n.first_run <= v.run_id))
    )
    select s.*, seen.run, r.started, coalesce(max(v.fetched), r.started) as fetched,
        coalesce(max(v.status = 304), 0) and seen.run > s.first_run as unchanged
    from seen join sightings s using (county_code, url, sha256)
    left join runs r on r.id = seen.run
    left join visits v on v.run_id = seen.run and v.url = s.url and (v.sha256 = s.sha256 or v.status = 304)
    where instr(s.url, '#') = 0 and (:code is null or s.county_code = :code)
    group by seen.run, s.county_code, s.url, s.sha256
    order by seen.run, s.county_code, s.url, s.sha256
"""

CHANGES = """
    with found as (
        select s.*, s.first_run as run, (
            select o.sha256 from sightings o where o.county_code = s.county_code and o.url = s.url
            and o.first_run < s.first_run order by o.last_run desc, o.sha256 limit 1) as before
        from sightings s where s.first_run >= :run
    ), lost as (
        select s.*, (
            select min(v.run_id) from visits v where v.url = s.url and v.run_id > s.last_run and v.status in (404, 410)
            and not exists (select 1 from visits w where w.url = s.url and w.run_id > v.run_id
                and w.status in (200, 304))) as run, null as before
        from sightings s where not exists (
            select 1 from sightings n where n.county_code = s.county_code and n.url = s.url and n.last_run > s.last_run)
    )
    select case when before is null then 'new' else 'changed' end as change, run as run_id,
        date(r.started) as noticed, county_code, url, page_url, sha256, before, title
    from found join runs r on r.id = run
    union all
    select 'gone', run, date(r.started), county_code, url, page_url, sha256, null, title
    from lost join runs r on r.id = run where run >= :run
    order by county_code, run_id, change, url, sha256
"""


class ArchiveBusy(RuntimeError):
    """Another process is writing to this archive."""


_reserved: dict[Path, int] = {}
"""Data folder -> lock, from ``reserve`` until an Archive takes it over."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A sighting as the archive holds it. ``body`` is the bytes as served."""

    sighting: Sighting
    media_type: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One time that a document was seen: in which run, and when (UTC, to the second). ``unchanged``: the server said
    that it is as it was (304)."""

    sighting: Sighting
    run_id: int
    fetched: str
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A document and the page it was found on (the same address when the page is the document); ``checked`` is the ISO
    time of the last answer."""

    url: str
    page: str
    known: Known
    checked: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that a page names and that has not come. ``state`` is ``open`` (nobody came to ask for it), or why it
    brought nothing: gone, unreachable, blocked, disallowed, skipped. ``due_at``: ISO day of the next try."""

    url: str
    page_url: str
    state: str
    due_at: str
    title: str
    agency: str
    published: str
    reason: str


@dataclass(frozen=True, slots=True)
class VisitMemory:
    """What the last visit to a portal left: the trail, those of it that only lead on to lists (``ways``), pages of
    documents that no list shows any more with the run that missed them, and the day on which the ways were read."""

    trail: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    looked: date | None = None
    run_id: int | None = None
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the last answer of an address said, for asking again with conditions."""

    etag: str
    last_modified: str
    sha256: str


def now() -> str:
    """This moment in UTC, to the second (2026-01-31T08:00:00Z)."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack(body: bytes, media_type: str) -> tuple[str, bytes]:
    """(codec, bytes): zstd, or the bytes themselves where they are compressed already and would not shrink."""
    if media_type not in PACKED:
        packed = zstd.compress(body, 3)
        if len(packed) < len(body):
            return "zstd", packed
    return "none", body


def unpack(codec: str, body: bytes) -> bytes:
    if codec == "none":
        return body
    if codec == "zstd":
        return zstd.decompress(body)
    raise ValueError(f"this version does not know the codec {codec!r}")


class Archive:
    """``Archive(folder)`` opens, and makes when missing, ``folder/archive.db`` for writing. Raises ArchiveBusy.

    Who keeps documents is ``alone``; a verdict can be recorded while a crawl runs.
    ``timeout``: seconds that a write waits for another connection's transaction.
    """

    def __init__(self, folder: str | Path, *, write: bool = True, alone: bool = True, timeout: float = 30) -> None:
        self.folder = Path(folder)
        self.path = self.folder / "archive.db"
        self.run_id: int | None = None
        self.number: int | None = None
        """Of the run that is opened next, where somebody else numbers the runs of many archives."""
        self._lock: int | None = None
        if write:
            self.folder.mkdir(parents=True, exist_ok=True)
            if alone:
                self._lock = _reserved.pop(self.folder.resolve(), None) or lock(self.folder)
        try:
            self.db = self._open(write, timeout)
        except BaseException:
            self._unlock()
            raise

    def _open(self, write: bool, timeout: float) -> Database:
        if not write:
            return Database(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True))
        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        db = Database(connection)
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise RuntimeError(f"{self.path} was made by a newer version of gongkai (schema {found}, here {VERSION})")
        with transaction(db):
            if found == 1:
                _from_1(db)
            if found in (1, 2):
                _from_2(db)
            for name, table in SCHEMA.items():
                db.table(name).create(if_not_exists=True, strict=False, **table)
            for name, indexes in INDEXES.items():
                for columns in indexes:
                    db.table(name).create_index(columns, if_not_exists=True)
            db.execute(f"PRAGMA user_version = {VERSION}")
        return db

    def close(self) -> None:
        self.db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # runs

    def open_run(self, spider: str, arguments: Mapping[str, str], versions: Mapping[str, str]) -> int:
        """Begins a run. A run that an interruption left open is closed as ``interrupted``; it has no verdict until the
        ledger of a later run has dealt with what it left behind.

        Runs are counted 1, 2, 3; where archives of many machines came together they are numbered by their time.
        """
        with transaction(self.db):
            self.db.execute(
                "update runs set finished = ?, finish_reason = 'interrupted' where finished is null", [now()]
            )
            if self.number is None and self.last_number() >= BY_TIME:
                self.number = max(self.last_number() + 1, int(time() * 1000))
            self.run_id = self.db.execute(
                "insert into runs (id, spider, started, arguments, versions) values (?, ?, ?, ?, ?)",
                [self.number, spider, now(), _json(arguments), _json(versions)],
            ).lastrowid
            self.number = None
        assert self.run_id is not None
        return self.run_id

    def close_run(self, finish_reason: str, verdict: str, stats: Mapping[str, Any]) -> None:
        with transaction(self.db):
            self.db.table("runs").update(
                int(self.run_id or 0),
                {
                    "finished": now(),
                    "finish_reason": finish_reason,
                    "verdict": verdict,
                    "stats": json.dumps(stats, default=str, ensure_ascii=False, sort_keys=True),
                },
            )
            self.db.execute("update runs set verdict = 'stopped' where verdict is null")

    def broken_run(self) -> int | None:
        """The last run, when it has no end."""
        row = self.db.execute("select max(id) from runs where finished is null").fetchone()
        return None if row[0] is None else int(row[0])

    def left_behind(self) -> set[str]:
        """Counties that runs without a verdict touched before this one: their ledger was never closed."""
        unjudged = "select 1 from runs where verdict is null and (:run is null or id < :run)"
        if self.db.execute(unjudged, {"run": self.run_id}).fetchone() is None:
            return set()
        broken = "(select id from runs where verdict is null and (:run is null or id < :run))"
        sql = (
            f"select county_code from portals where run_id in {broken} union select county_code from sightings "
            f"where first_run in {broken} union select county_code from frontier where run_id in {broken}"
        )
        return {row[0] for row in self.db.execute(sql, {"run": self.run_id})}

    def import_run(self, spider: str, arguments: Mapping[str, str], started: str, *, before: bool) -> int:
        """Begins and ends a run that happened elsewhere, at ``started``; ``before`` gives it a number below all others,
        so that what it saw counts as older."""
        edge = "min(0, coalesce(min(id), 0)) - 1" if before else "max(0, coalesce(max(id), 0)) + 1"
        with transaction(self.db):
            run_id = self.db.execute(
                "insert into runs (id, spider, started, finished, arguments, versions, finish_reason, verdict, stats) "
                f"select {edge}, ?, ?, ?, ?, '{{}}', 'imported', 'ok', '{{}}' from runs",
                [spider, started, now(), _json(arguments)],
            ).lastrowid
        assert run_id is not None
        return run_id

    def runs(self) -> list[dict[str, Any]]:
        """Every run, in the order in which they saw the portals."""
        return list(self.db.query("select * from runs order by id"))

    def earlier_runs(self, run_id: int) -> Iterator[dict[str, Any]]:
        """The runs before a run, newest first."""
        yield from self.db.query("select * from runs where id < ? order by id desc", [run_id])

    def broken_lists(self, run_id: int) -> list[dict[str, Any]]:
        """Lists that a run did not read to their end: county_code, url, reason."""
        sql = "select county_code, url, reason from lists where run_id = ? and not complete order by county_code, url"
        return list(self.db.query(sql, [run_id]))

    def portals_of_run(self, run_id: int) -> list[dict[str, Any]]:
        """How the visits of a run ended: county_code, name, outcome, reason."""
        sql = "select county_code, name, outcome, reason from portals where run_id = ? order by county_code"
        return list(self.db.query(sql, [run_id]))

    def last_number(self) -> int:
        """The number of the last run, 0 when there was none."""
        return int(self.db.execute("select coalesce(max(id), 0) from runs").fetchone()[0])

    def last_run(self) -> dict[str, Any] | None:
        return next(iter(self.db.query("select * from runs order by id desc limit 1")), None)

    # documents

    def keep(self, sighting: Sighting, media_type: str) -> str:
        """Commits a document and where it was seen; returns its sha256. Known bytes are not stored again.

        It was seen in this run; where no run is open (a file inside an archive that is read again, an import), in the
        run that the sighting names.
        """
        run_id = self.run_id if self.run_id is not None else sighting.last_run
        sha256 = hashlib.sha256(sighting.body).hexdigest()
        with transaction(self.db):
            self._store(sighting.body, sha256, media_type, run_id)
            self._see(sighting, sha256, run_id)
            self._expect(sighting, run_id)
        sighting.sha256 = sha256
        sighting.last_run = run_id
        return sha256

    def _store(self, body: bytes, sha256: str, media_type: str, run_id: int) -> None:
        if self._has(sha256):
            return
        codec, packed = pack(body, media_type)
        # plain statements here: this runs for every document, and sqlite-utils asks the schema each time
        self.db.execute(
            "insert into documents (sha256, media_type, size, codec, first_run) values (?, ?, ?, ?, ?)",
            [sha256, media_type, len(body), codec, run_id],
        )
        self.db.execute("insert into bodies (sha256, body) values (?, ?)", [sha256, packed])

    # portals: the pages that the registry is proved by

    def keep_page(self, page: PortalPage, media_type: str) -> str:
        """Commits a page that the search for portals looked at; returns its sha256."""
        sha256 = hashlib.sha256(page.body).hexdigest()
        run_id = int(self.run_id or 0)
        with transaction(self.db):
            self._store(page.body, sha256, media_type, run_id)
            self.db.execute(
                "insert or replace into portal_pages (run_id, asked, code, purpose, url, via, status, content_type, "
                "sha256, fetched) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    run_id,
                    page.asked,
                    page.code,
                    page.purpose,
                    page.url,
                    page.via,
                    page.status,
                    page.content_type,
                    sha256,
                    now(),
                ],
            )
        return sha256

    def pages_left(self, since: str) -> dict[str, int]:
        """Address asked for -> key for ``portal_page``: pages of the searches for portals since the last that came to
        its end, and not before ``since`` (ISO day). Empty when the last one was not interrupted."""
        sql = (
            "select p.rowid as key, p.asked from portal_pages p join runs r on r.id = p.run_id where p.via = 'http' "
            "and r.started >= ? and r.id > coalesce((select max(id) from runs where spider = 'portals' "
            "and finish_reason = 'finished'), 0) order by p.run_id"
        )
        return {row["asked"]: row["key"] for row in self.db.query(sql, [since])}

    def portal_page(self, key: int) -> PortalPage | None:
        """A page that ``pages_left`` names; None when its bytes are gone."""
        for row in self.db.query("select * from portal_pages where rowid = ?", [key]):
            try:
                body = self.body(row["sha256"])
            except KeyError:
                return None
            names = ("code", "purpose", "asked", "url", "content_type", "status", "via")
            return PortalPage(**{name: row[name] for name in names}, body=body)
        return None

    def saw_before(self, sighting: Sighting, run_id: int) -> None:
        """A document that the archive has was seen in an earlier run, too, as is learned later."""
        key = [sighting.county_code, sighting.url, sighting.sha256]
        with transaction(self.db):
            self.db.execute(
                "update sightings set first_run = min(first_run, ?) where county_code = ? and url = ? and sha256 = ?",
                [run_id, *key],
            )
            self.db.execute("update documents set first_run = min(first_run, ?) where sha256 = ?", [run_id, key[2]])

    def _has(self, sha256: str) -> bool:
        return self.db.execute("select 1 from documents where sha256 = ?", [sha256]).fetchone() is not None

    def _see(self, sighting: Sighting, sha256: str, run_id: int) -> None:
        key = (sighting.county_code, sighting.url, sha256)
        self.db.execute(
            "insert into sightings (county_code, url, sha256, title, titles, published, agency, referrer, page_url, "
            "content_type, status, headers, via, request, first_run, last_run) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set "
            "title = excluded.title, titles = excluded.titles, published = excluded.published, "
            "agency = excluded.agency, referrer = excluded.referrer, page_url = excluded.page_url, "
            "last_run = excluded.last_run where excluded.last_run >= last_run",
            [
                *key,
                sighting.titles[0] if sighting.titles else "",
                _json(sighting.titles),
                sighting.published,
                sighting.agency,
                sighting.referrer,
                sighting.page_url or sighting.url,
                sighting.content_type,
                sighting.status,
                _json(sighting.headers),
                sighting.via,
                _json(sighting.request) if sighting.request != ("GET", "") else None,
                run_id,
                run_id,
            ],
        )

    def _expect(self, sighting: Sighting, run_id: int) -> None:
        """What was waited for has come; what belongs to it is waited for from the same moment on."""
        self.db.execute(
            "delete from frontier where url = ? and county_code = ? and state <> 'visit'",
            [sighting.url, sighting.county_code],
        )
        title = sighting.titles[0] if sighting.titles else ""
        told = [sighting.page_url or sighting.url, title, sighting.agency, sighting.published, run_id]
        self.db.conn.executemany(
            "insert into frontier (url, county_code, state, due_at, attempts, priority, page_url, title, agency, "
            "published, reason, run_id) values (?, ?, 'open', '', 0, ?, ?, ?, ?, ?, '', ?) "
            "on conflict do update set state = 'open', due_at = '', run_id = excluded.run_id",
            [[url, sighting.county_code, PRIORITY["open"], *told] for url in sighting.files],
        )

    def no_document(self, item: NoDocument, day: date) -> None:
        """Writes down why an address brought no document, and when it is asked again."""
        key = [item.url, item.county_code]
        with transaction(self.db):
            if item.outcome in ("same", "seen"):
                self.db.execute("delete from frontier where url = ? and county_code = ? and state <> 'visit'", key)
                return
            row = self.db.execute("select attempts from frontier where url = ? and county_code = ?", key).fetchone()
            attempts = (row[0] if row else 0) + 1
            self.db.table("frontier").upsert(
                {
                    "url": item.url,
                    "county_code": item.county_code,
                    "state": item.outcome,
                    "due_at": due.ask_again(item.outcome, attempts, day).isoformat(),
                    "attempts": attempts,
                    "priority": 0,
                    "page_url": item.page_url,
                    "title": item.title,
                    "agency": item.agency,
                    "published": item.published,
                    "reason": item.reason,
                    "run_id": self.run_id,
                },
                pk=("url", "county_code"),
            )

    def waiting(self, county_code: str) -> list[Waiting]:
        """Documents of a county that are named and have not come, in order of address."""
        sql = (
            "select url, page_url, state, due_at, title, agency, published, reason from frontier "
            "where county_code = ? and state <> 'visit' order by url"
        )
        return [Waiting(*(value or "" for value in row)) for row in self.db.execute(sql, [county_code])]

    def body(self, sha256: str) -> bytes:
        """The bytes as served. Raises KeyError for a document that the archive does not hold."""
        row = self.db.execute(
            "select codec, body from documents join bodies using (sha256) where sha256 = ?", [sha256]
        ).fetchone()
        if row is None:
            raise KeyError(sha256)
        return unpack(*row)

    def count_sightings(self, county_code: str | None = None) -> int:
        row = self.db.execute(
            "select count(*) from sightings where :code is null or county_code = :code", {"code": county_code}
        ).fetchone()
        return int(row[0])

    def problems(self) -> Iterator[str]:
        """What is wrong with the evidence, one sentence each: the file, its links, and every body against its hash."""
        for row in self.db.execute("PRAGMA integrity_check"):
            if row[0] != "ok":
                yield f"{self.path}: {row[0]}"
        for row in self.db.execute("PRAGMA foreign_key_check"):
            yield f"{self.path}: row {row[1]} of {row[0]} leads to a row of {row[2]} that is not there"
        sql = "select d.sha256, d.size, d.codec, b.body from documents d left join bodies b using (sha256)"
        for sha256, size, codec, body in self.db.execute(sql):
            fault = _fault(sha256, size, codec, body)
            if fault:
                yield f"{self.path}: document {sha256}: {fault}"
        orphans = "select sha256 from bodies where sha256 not in (select sha256 from documents)"
        for (sha256,) in self.db.execute(orphans):
            yield f"{self.path}: body {sha256} belongs to no document"
        unseen = (
            "select sha256 from documents where sha256 not in (select sha256 from sightings) "
            "and sha256 not in (select sha256 from portal_pages)"
        )
        for (sha256,) in self.db.execute(unseen):
            yield f"{self.path}: document {sha256} was seen nowhere"

    def holds(self, sha256: str) -> bool:
        return self._has(sha256)

    def sightings(self, county_code: str | None = None) -> Iterator[Stored]:
        """Every sighting with its bytes, in a fixed order: for reading the archive again."""
        sql = (
            "select s.*, d.media_type from sightings s join documents d using (sha256) "
            "where :code is null or county_code = :code order by county_code, url, first_run, sha256"
        )
        for row in self.db.query(sql, {"code": county_code}):
            yield Stored(self._sighting(row), row["media_type"])

    def captures(self, county_code: str | None = None) -> Iterator[Capture]:
        """Every time that a document was seen, oldest run first. Files inside an archive are part of the archive."""
        for row in self.db.query(CAPTURES, {"code": county_code}):
            yield Capture(self._sighting(row), row["run"], row["fetched"], bool(row["unchanged"]))

    def sighting_keys(self, county_code: str) -> list[tuple[str, str]]:
        """(url, sha256) of every document seen in a county, in a fixed order."""
        sql = "select url, sha256 from sightings where county_code = ? order by url, first_run, sha256"
        return [(row[0], row[1]) for row in self.db.execute(sql, [county_code])]

    def image_keys(self, county_code: str) -> dict[str, list[tuple[str, str]]]:
        """Page -> (url, sha256) of the images found on it, in the order in which they were met."""
        pages: dict[str, list[tuple[str, str]]] = {}
        sql = (
            "select page_url, url, sha256 from sightings s join documents d using (sha256) where county_code = ? "
            "and s.url != page_url and d.media_type like 'image/%' group by url having last_run = max(last_run) "
            "order by s.rowid"
        )
        for page, url, sha256 in self.db.execute(sql, [county_code]):
            pages.setdefault(page, []).append((url, sha256))
        return pages

    def sighting(self, county_code: str, url: str, sha256: str) -> Sighting:
        """One sighting with its bytes. Raises KeyError."""
        sql = "select * from sightings where county_code = ? and url = ? and sha256 = ?"
        for row in self.db.query(sql, [county_code, url, sha256]):
            return self._sighting(row)
        raise KeyError(url)

    def _sighting(self, row: Mapping[str, Any]) -> Sighting:
        method, body = json.loads(row["request"]) if row["request"] else ("GET", "")
        return Sighting(
            county_code=row["county_code"],
            url=row["url"],
            body=self.body(row["sha256"]),
            content_type=row["content_type"],
            page_url=row["page_url"],
            titles=tuple(json.loads(row["titles"])),
            agency=row["agency"],
            published=row["published"],
            referrer=row["referrer"],
            via=row["via"],
            status=row["status"],
            headers=tuple((name, value) for name, value in json.loads(row["headers"])),
            request=(method, body),
            sha256=row["sha256"],
            last_run=row["last_run"],
        )

    def published(self, county_code: str) -> list[Published]:
        """Every document of a county, newest version of each address, as it was published at the last visit."""
        sql = (
            "select s.url, s.page_url, s.titles, s.published, max(coalesce(v.fetched, r.started)) as checked "
            "from sightings s left join visits v on v.url = s.url and v.status in (200, 304) "
            "join runs r on r.id = s.last_run where s.county_code = ? and s.via != 'file' "
            "group by s.url having s.last_run = max(s.last_run) order by s.rowid"
        )
        return [
            Published(
                url=row["url"],
                page=row["page_url"],
                known=Known(tuple(json.loads(row["titles"])), row["published"] or ""),
                checked=row["checked"] or "",
            )
            for row in self.db.query(sql, [county_code])
        ]

    def answered(self, url: str) -> str:
        """ISO time of the last good answer of an address, 304 included; empty when there was none."""
        sql = "select max(fetched) from visits where url = ? and status in (200, 304)"
        return self.db.execute(sql, [url]).fetchone()[0] or ""

    def visit_state(self, county_code: str) -> dict[str, list[dict[str, Any]]]:
        """What the last visit to a portal left for the next one, as rows of ``portals``, ``lists`` and ``frontier``;
        empty when none has come to its end."""
        key = [county_code]
        portals = list(self.db.query("select * from portals where county_code = ? and run_id is not null", key))
        lists = self.db.query(
            "select l.* from lists l join portals p using (county_code, run_id) where county_code = ?", key
        )
        waiting = self.db.query("select * from frontier where county_code = ? and state <> 'visit'", key)
        return {"portals": portals, "lists": list(lists), "frontier": list(waiting)} if portals else {}

    def take_over(self, county_code: str, state: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Goes on where another archive's visit ended, when that was later than the last one here; both archives number
        their runs together."""
        own = self.visit_state(county_code)
        if not state or (own and own["portals"][0]["run_id"] >= state["portals"][0]["run_id"]):
            return
        with transaction(self.db):
            self.db.execute("delete from frontier where county_code = ?", [county_code])
            for table, pk in (("portals", "county_code"), ("lists", ("run_id", "county_code", "url")),
                              ("frontier", ("url", "county_code"))):  # fmt: skip
                self.db.table(table).upsert_all(map(dict, state[table]), pk=pk)

    def last_visits(self) -> dict[str, tuple[str, int]]:
        """County code -> (ISO time of the last visit, visits in a row without an answer)."""
        sql = "select p.county_code, r.started, p.failures from portals p join runs r on r.id = p.run_id"
        return {row["county_code"]: (row["started"], row["failures"] or 0) for row in self.db.query(sql)}

    def stats_of_bad_visits(self) -> dict[str, dict[str, Any]]:
        """County code -> what the run that visited it last said, where its verdict is bad."""
        sql = "select p.county_code, r.stats from portals p join runs r on r.id = p.run_id where r.verdict = 'bad'"
        return {row[0]: json.loads(row[1] or "{}") for row in self.db.execute(sql)}

    def counties(self) -> list[str]:
        """Every county of which a document was seen ("" where the portal is not known)."""
        return [row[0] for row in self.db.execute("select distinct county_code from sightings order by 1")]

    def addresses(self, county_code: str) -> list[dict[str, Any]]:
        """Where and when each document of a county was seen: url, sha256, page_url, first and last run and day;
        ``gone`` is the day on which the server said that there is nothing there any more (404 or 410)."""
        return list(
            self.db.query(
                "select s.url, s.sha256, s.page_url, s.first_run, s.last_run, "
                "date(f.started) as first_seen, date(l.started) as last_seen, "
                "(select date(v.fetched) from visits v where v.url = s.url and v.run_id > s.last_run "
                "and v.status in (404, 410) and not exists (select 1 from visits w where w.url = s.url "
                "and w.run_id > v.run_id and w.status in (200, 304)) order by v.run_id limit 1) as gone "
                "from sightings s left join runs f on f.id = s.first_run left join runs l on l.id = s.last_run "
                "where s.county_code = ? order by s.url, s.sha256",
                [county_code],
            )
        )

    def changes_since(self, run_id: int) -> list[dict[str, Any]]:
        """Documents that are ``new`` at their address since a run, of which another version was found (``changed``,
        ``before`` is its hash), or which the server says are ``gone`` (404 or 410, and nothing since): change, run_id,
        noticed (ISO day), county_code, url, page_url, sha256, before, title."""
        return list(self.db.query(CHANGES, {"run": run_id}))

    def first_run_since(self, day: str) -> int | None:
        """The first run that began on an ISO day or later."""
        row = self.db.execute("select min(id) from runs where date(started) >= ?", [day]).fetchone()
        return None if row[0] is None else int(row[0])

    # what people say

    def record_verdict(self, verdict: Mapping[str, Any]) -> None:
        """Keeps a person's verdict on a finding: sha256, check, subject, verdict, note, by, left, right. It is evidence
        like the documents: the dataset can be made again from it, a later verdict stands beside the earlier one."""
        with transaction(self.db):
            self.db.table("verdicts").insert({"recorded": now(), **verdict})

    def verdicts(self) -> list[dict[str, Any]]:
        """The last verdict on each finding."""
        return list(
            self.db.query(
                'select sha256, "check", subject, verdict, note, "by", recorded, "left", "right" from verdicts v '
                'where id = (select max(id) from verdicts w where w.sha256 = v.sha256 and w."check" = v."check" '
                "and w.subject = v.subject) order by sha256, 2, subject"
            )
        )

    # visits, lists and portals

    def visited(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Records answers of this run: url, via, status, etag, last_modified, sha256, bytes, seconds, outcome."""
        with transaction(self.db):
            self.db.table("visits").upsert_all(
                ({"run_id": self.run_id, "fetched": now(), **row} for row in rows), pk=("run_id", "url", "via")
            )

    def known(self, url: str) -> Answer | None:
        """The newest good answer of an address that the archive kept, with all that belongs to it, or None."""
        row = self.db.execute(KNOWN, {"url": url}).fetchone()
        return None if row is None else Answer(*(value or "" for value in row))

    def list_read(self, item: ListRead) -> None:
        row = {
            "county_code": item.county_code,
            "url": item.url,
            "system": item.system,
            "title": item.title,
            "agency": item.agency,
            "entries": item.entries,
            "stated": item.stated,
            "complete": int(item.complete),
            "reason": item.reason,
        }
        with transaction(self.db):
            self.db.table("lists").upsert({"run_id": self.run_id, **row}, pk=("run_id", "county_code", "url"))

    def portal_read(self, item: PortalRead, day: date | None = None) -> None:
        """The end of a visit: what it had to ask for and did not miss again is no longer waited for."""
        day = day or date.today()
        # a visit without an answer leaves the trail of the last good one in place
        before = next(self.db.query("select * from portals where county_code = ?", [item.county_code]), None) or {}
        row = {
            "county_code": item.county_code,
            "run_id": self.run_id,
            "outcome": item.outcome,
            "reason": item.reason,
            "system": item.system or before.get("system") or "",
            "trail": _json(item.trail) if item.trail or not before.get("trail") else before["trail"],
            "agencies": _json(item.agencies) if item.agencies or not before.get("agencies") else before["agencies"],
            "failures": self._failures(item, before.get("failures") or 0),
            "lost": _json(self._lost(item, json.loads(before.get("lost") or "{}"))),
            "looked": day.isoformat() if item.looked else before.get("looked"),
            "gaps": _json([astuple(gap) for gap in item.gaps]) if item.outcome == "held" else before.get("gaps"),
        }
        key = {"code": item.county_code, "run": self.run_id, "day": day.isoformat()}
        with transaction(self.db):
            self.db.table("portals").upsert(row, pk="county_code")
            self.db.execute("delete from frontier where county_code = :code and state = 'visit'", key)
            if item.outcome == "held":
                self.db.execute(
                    "delete from frontier where county_code = :code and run_id < :run and due_at <= :day", key
                )

    def _failures(self, item: PortalRead, before: int) -> int:
        """Visits in a row that were in vain. One that missed something only because servers did not answer counts too,
        up to the third: it is made up for within days, and weekly if it stays so."""
        if item.outcome == "unreachable":
            return before + 1
        sql = "select exists (select 1 from lists where run_id = ? and county_code = ? and not complete)"
        missed = item.unanswered or self.db.execute(sql, [self.run_id, item.county_code]).fetchone()[0]
        return min(before + 1, HALF_VISITS) if missed else 0

    def _lost(self, item: PortalRead, before: dict[str, int]) -> dict[str, int]:
        """Page -> the run in which it was lost."""
        if item.lost is None:
            return before
        return {url: before.get(url, self.run_id or 0) for url in item.lost}

    def register(self, portals: Iterable[Portal]) -> None:
        """Writes down which portals a run is about to visit, so that the archive can be read without the registry."""
        rows = [
            {
                "county_code": portal.code,
                "name": portal.name,
                "province": portal.province,
                "prefecture": portal.prefecture,
                "url": portal.url,
            }
            for portal in portals
        ]
        with transaction(self.db):
            self.db.table("portals").upsert_all(rows, pk="county_code")

    def begin_visits(self, portals: Iterable[Portal], day: date) -> None:
        """Writes down that this run visits portals; each stays so until its PortalRead, however the run ends."""
        with transaction(self.db):
            self.db.conn.executemany(
                "insert into frontier (url, county_code, state, due_at, attempts, priority, run_id) "
                "values (?, ?, 'visit', ?, 1, ?, ?) on conflict do update set state = 'visit', "
                "due_at = excluded.due_at, attempts = attempts + 1, run_id = excluded.run_id",
                [[each.url, each.code, day.isoformat(), PRIORITY["visit"], self.run_id] for each in portals],
            )

    def begun_visits(self) -> set[str]:
        """Counties whose visit began and has not ended."""
        return {row[0] for row in self.db.execute("select county_code from frontier where state = 'visit'")}

    def visit_memory(self, county_code: str) -> VisitMemory:
        """What the visits to a portal left for the next one."""
        sql = "select trail, lost, looked, run_id, gaps from portals where county_code = ? and outcome is not null"
        row = self.db.execute(sql, [county_code]).fetchone()
        if row is None:
            return VisitMemory()
        trail = tuple(json.loads(row[0] or "[]"))
        lists = {each.url for each in self.lists_of(county_code)}
        looked = date.fromisoformat(row[2]) if row[2] else None
        return VisitMemory(
            trail=trail,
            ways=tuple(url for url in trail if url not in lists),
            lost=json.loads(row[1] or "{}"),
            looked=looked,
            run_id=row[3],
            gaps=_gaps(row[4]),
        )

    def registered(self) -> list[Portal]:
        """Every portal that was ever visited, with the trail of its last visit."""
        return [
            Portal(
                code=row["county_code"],
                name=row["name"] or "",
                url=row["url"] or "",
                province=row["province"] or "",
                prefecture=row["prefecture"] or "",
                trail=tuple(json.loads(row["trail"] or "[]")),
            )
            for row in self.db.query("select * from portals order by county_code")
        ]

    def lists_of(self, county_code: str) -> list[ListRead]:
        """The lists of a county as the last run that visited it read them."""
        rows = self.db.query(
            "select l.* from lists l join portals p using (county_code, run_id) where county_code = ? order by l.url",
            [county_code],
        )
        return [
            ListRead(
                county_code=row["county_code"],
                url=row["url"],
                system=row["system"],
                title=row["title"],
                agency=row["agency"],
                entries=row["entries"],
                stated=row["stated"],
                complete=bool(row["complete"]),
                reason=row["reason"],
            )
            for row in rows
        ]

    def portal(self, county_code: str) -> PortalRead | None:
        """How the last visit to a portal ended, with the trail to begin the next one."""
        sql = "select * from portals where county_code = ? and outcome is not null"
        for row in self.db.query(sql, [county_code]):
            return PortalRead(
                county_code=row["county_code"],
                outcome=row["outcome"],
                reason=row["reason"],
                system=row["system"],
                trail=tuple(json.loads(row["trail"])),
                agencies=tuple(json.loads(row["agencies"])),
                gaps=_gaps(row.get("gaps")),
            )
        return None

    def changed_documents(self, run_id: int) -> list[tuple[str, str, str]]:
        """(county code, url, sha256) of what was found in a run at an address that had another document before."""
        sql = (
            "select county_code, url, sha256 from sightings s where first_run = ? and exists (select 1 "
            "from sightings o where o.county_code = s.county_code and o.url = s.url "
            "and o.first_run < s.first_run) order by 1, 2, 3"
        )
        return [(row[0], row[1], row[2]) for row in self.db.execute(sql, [run_id])]


def _from_1(db: Database) -> None:
    """An archive of the first schema, whose frontier was empty and whose portals remembered less."""
    db.execute("drop table if exists frontier")
    for column in ("lost", "looked"):
        db.execute(f"alter table portals add column {column} text")


def _from_2(db: Database) -> None:
    """An archive whose portals did not say what of them was not read."""
    db.execute("alter table portals add column gaps text")


def _fault(sha256: str, size: int, codec: str, packed: bytes | None) -> str:
    """Why a stored body is not the one that was served, or an empty string."""
    if packed is None:
        return "its bytes are missing"
    try:
        body = unpack(codec, packed)
    except (ValueError, zstd.ZstdError) as error:
        return f"its bytes cannot be unpacked ({error})"
    if len(body) != size or hashlib.sha256(body).hexdigest() != sha256:
        return "its bytes are not those of its hash"
    return ""


def lock(folder: Path) -> int:
    """Takes the writer's lock of a data folder; the file descriptor is the lock. Raises ArchiveBusy."""
    handle = os.open(folder / "archive.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 64, 0).decode(errors="replace").strip()
        os.close(handle)
        raise ArchiveBusy(
            f"another crawl (process {holder or 'unknown'}) is writing to {folder}/archive.db; "
            "wait for it, or give another folder with -s DATA_DIR=FOLDER"
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def reserve(folder: str | Path) -> None:
    """Takes the writer's lock for the Archive that this process opens next. Raises ArchiveBusy.

    A crawl asks before it starts anything: two that begin in the same second cannot both be told that nobody writes.
    """
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    _reserved[path.resolve()] = lock(path)


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """BEGIN IMMEDIATE … COMMIT: a deferred transaction that reads first fails as soon as a second writer comes."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _gaps(text: str | None) -> tuple[Gap, ...]:
    return tuple(Gap(*each) for each in json.loads(text or "[]"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
