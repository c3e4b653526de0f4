"""archive.db: evidence is kept once, as served, and one process writes at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive import Archive, ArchiveBusy, pack, unpack
from crawler.items import ListRead, PortalRead, Sighting


def sighting(url: str = "http://a/1", body: bytes = b"<p>1</p>", **more: object) -> Sighting:
    return Sighting(county_code="640221", url=url, body=body, titles=("t",), page_url=url, **more)  # type: ignore[arg-type]


def test_a_document_comes_back_as_it_was_served(tmp_path: Path) -> None:
    kept = sighting(body=b"<html>" * 200, headers=(("ETag", '"1"'), ("Set-Cookie", "a"), ("Set-Cookie", "b")))
    with Archive(tmp_path) as archive:
        archive.open_run("county", {}, {})
        archive.keep(kept, "text/html")
    with Archive(tmp_path) as archive:
        (stored,) = archive.sightings()
    assert stored.sighting == kept
    assert stored.media_type == "text/html"


def test_known_bytes_are_stored_once_and_seen_twice(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        first = archive.open_run("county", {}, {})
        archive.keep(sighting("http://a/1"), "text/html")
        archive.keep(sighting("http://a/2"), "text/html")
        second = archive.open_run("county", {}, {})
        archive.keep(sighting("http://a/1"), "text/html")
        assert archive.db.table("documents").count == archive.db.table("bodies").count == 1
        rows = list(archive.db.query("select url, first_run, last_run from sightings order by url"))
    assert rows == [
        {"url": "http://a/1", "first_run": first, "last_run": second},
        {"url": "http://a/2", "first_run": first, "last_run": first},
    ]


def test_new_bytes_at_a_known_address_are_a_change(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        archive.open_run("county", {}, {})
        shas = {archive.keep(sighting(body=body), "text/html") for body in (b"one", b"two")}
        assert {stored.sighting.sha256 for stored in archive.sightings("640221")} == shas
        assert len(shas) == 2


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=4000), st.sampled_from(["text/html", "application/pdf", "application/octet-stream"]))
def test_packing_loses_nothing(body: bytes, media_type: str) -> None:
    codec, packed = pack(body, media_type)
    assert unpack(codec, packed) == body
    assert len(packed) <= len(body)


def test_an_unknown_codec_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not know the codec"):
        unpack("brotli", b"")


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    with Archive(tmp_path), pytest.raises(ArchiveBusy, match=f"process {os.getpid()}"):
        Archive(tmp_path)
    Archive(tmp_path).close()


def _write_and_hang(folder: str, ready: object) -> None:
    archive = Archive(folder)
    archive.open_run("county", {}, {})
    archive.keep(sighting(), "text/html")
    archive.db.execute("BEGIN IMMEDIATE")
    archive.db.execute("delete from sightings")
    ready.set()  # type: ignore[attr-defined]
    signal.pause()


def test_a_killed_writer_leaves_no_lock_and_loses_nothing_committed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    child = context.Process(target=_write_and_hang, args=(str(tmp_path), ready))
    child.start()
    assert ready.wait(20)
    with pytest.raises(ArchiveBusy):
        Archive(tmp_path)
    child.kill()
    child.join()
    with Archive(tmp_path) as archive:
        assert len(list(archive.sightings())) == 1
        archive.open_run("county", {}, {})
        runs = [row["finish_reason"] for row in archive.db.query("select finish_reason from runs order by id")]
    assert runs == ["interrupted", None]


def test_a_newer_archive_is_refused(tmp_path: Path) -> None:
    Archive(tmp_path).close()
    with sqlite3.connect(tmp_path / "archive.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RuntimeError, match="newer version"):
        Archive(tmp_path)
    with pytest.raises(RuntimeError, match="newer version"):  # and the lock was let go
        Archive(tmp_path)


def test_lists_portals_and_visits_come_back(tmp_path: Path) -> None:
    read = ListRead("640221", "http://a/nb/", "trs", "年报", 12, 12, True)
    portal = PortalRead("640221", "held", "lists read to their end", "trs", ("http://a/nb/",), ("县教育局",))
    with Archive(tmp_path) as archive:
        archive.open_run("county", {"county": "640221"}, {})
        archive.list_read(read)
        archive.portal_read(portal)
        archive.visited([{"url": "http://a/nb/", "via": "http", "status": 200, "etag": '"x"', "sha256": "0"}])
        assert archive.lists_of("640221") == [read]
        assert archive.portal("640221") == portal
        assert archive.portal("000000") is None
        assert archive.known("http://a/nb/") is None, "the answer's document was never kept"
        archive.keep(sighting("http://a/nb/", files=("http://a/nb/1.pdf",)), "text/html")
        assert archive.known("http://a/nb/") is None, "what belongs to it has not come"
        archive.keep(sighting("http://a/nb/1.pdf", b"%PDF"), "application/pdf")
        known = archive.known("http://a/nb/")
    assert known is not None
    assert (known.etag, known.last_modified) == ('"x"', "")
