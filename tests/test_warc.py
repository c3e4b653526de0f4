"""``scrapy warc``: what goes out comes back the same, other readers agree, and what is not whole is refused."""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from scrapy.utils.project import get_project_settings
from warcio.checker import Checker
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive
from crawler.commands.warc import Command
from crawler.items import ListRead, PortalRead, Sighting
from crawler.portals import Portal, Refused
from crawler.warc import FILE_BYTES, NOT_MODIFIED, Imported, export, import_files
from parsers.documents import sniff
from tests.conftest import Crawl, scrapy
from tests.test_commands import contents

CODE = "640221"
URL = "http://www.example.gov.cn/zwgk/"
HEADERS = (
    ("Server", "nginx"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "gzip"),
    ("Transfer-Encoding", "chunked"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
    ("ETag", '"x"'),
)
MOST = 10**6
TITLE = "平罗县2024年政府信息公开工作年度报告"


def page(text: str) -> bytes:
    return f"<html><head><title>{text}</title></head><body><p>{text}</p></body></html>".encode()


def sighting(name: str, body: bytes, **more: object) -> Sighting:
    told = {"content_type": "text/html; charset=utf-8", "headers": HEADERS, "titles": (f"标题{name}",)} | more
    return Sighting(county_code=CODE, url=URL + name, page_url=URL + name, body=body, **told)  # type: ignore[arg-type]


def began(archive: Archive, started: str) -> int:
    run_id = archive.open_run("county", {}, {})
    archive.db.execute("update runs set started = ? where id = ?", [started, run_id])
    return run_id


@pytest.fixture
def world(tmp_path: Path) -> Archive:
    """Two visits: a page that changed, one that the server called unchanged, a copy, a POST, a drawn page."""
    archive = Archive(tmp_path / "world")
    began(archive, "2025-02-01T00:00:00Z")
    archive.register([Portal(CODE, "平罗县", URL)])
    same, old = sighting("same.html", page("一")), sighting("changed.html", page("二"))
    copy = sighting("copy.html", page("一"))
    posted = sighting("api", b'{"a": 1}', request=("POST", "id=7"), referrer=URL, content_type="", headers=())
    drawn = sighting("drawn.html", page("三"), via="browser")
    for each in (same, old, copy, posted, drawn):
        archive.keep(each, sniff(each.body))
    archive.list_read(ListRead(CODE, URL, "trs", "年报", 4, 4, True))
    archive.portal_read(PortalRead(CODE, "held", "4 reports", "trs", (URL,), ("统计局",)))
    said = {
        "check": "sum",
        "subject": "t3",
        "verdict": "explained",
        "note": "更正",
        "by": "me",
        "left": 1.0,
        "right": None,
    }
    archive.record_verdict({"sha256": same.sha256, **said})
    archive.close_run("finished", "ok", {})
    began(archive, "2026-02-01T00:00:00Z")
    new = sighting("changed.html", page("二改"))
    archive.keep(new, sniff(new.body))
    archive.keep(copy, sniff(copy.body))
    archive.visited([{"url": same.url, "via": "http", "status": 304, "fetched": "2026-02-01T00:00:05Z"}])
    archive.close_run("finished", "ok", {})
    return archive


def rows(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    return {
        "documents": archive.db.execute("select * from documents order by sha256").fetchall(),
        "bodies": archive.db.execute("select * from bodies order by sha256").fetchall(),
        "sightings": archive.db.execute("select * from sightings order by county_code, url, sha256").fetchall(),
        "verdicts": archive.db.execute("select * from verdicts").fetchall(),
        "lists": archive.db.execute("select county_code, url, entries, complete from lists").fetchall(),
        "portals": archive.db.execute("select county_code, outcome, reason, trail, agencies from portals").fetchall(),
    }


def imported(folder: Path, *files: Path, county: str = "", most: int = MOST) -> tuple[Archive, Imported]:
    archive = Archive(folder)
    return archive, import_files(archive, files, county, most)


def test_a_round_trip_loses_nothing(world: Archive, tmp_path: Path) -> None:
    done = export(world, tmp_path / "out")
    assert (done.documents, done.repeats) == (5, 3)
    back, found = imported(tmp_path / "back", *done.files)
    assert (found.documents, found.repeats, found.portals) == (5, 3, 1)
    assert not found.refused
    assert rows(back) == rows(world)
    assert not list(back.problems())
    again = export(back, tmp_path / "again")
    assert [(c.fetched, c.unchanged, c.run_id) for c in back.captures()] == [
        (c.fetched, c.unchanged, c.run_id) for c in world.captures()
    ]
    assert again.repeats == done.repeats


def test_an_import_twice_or_at_home_changes_nothing(world: Archive, tmp_path: Path) -> None:
    done = export(world, tmp_path / "out.warc.gz")
    before = rows(world)
    import_files(world, done.files, "", MOST)
    assert rows(world) == before
    back, _ = imported(tmp_path / "back", *done.files)
    import_files(back, done.files, "", MOST)
    assert rows(back) == before
    assert len(back.runs()) == 2


def test_other_readers_read_it(world: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = export(world, tmp_path / "out").files
    checker = Checker(type("Command", (), {"inputs": [str(path)], "verbose": True})())
    assert not checker.exit_value
    checker.process_all()
    assert not checker.exit_value
    assert "digest pass" in capsys.readouterr().out
    with path.open("rb") as stream:
        found = [
            (r.record_type, r.headers, r.http_headers.asdict() if r.http_headers else {}, r.reader.read())
            for r in ArchiveIterator(stream, parse_http=True, verify_digests=True)
        ]
    kinds = [kind for kind, *_ in found]
    assert kinds.count(WarcRecordType.response) == 4
    assert kinds.count(WarcRecordType.resource) == 1
    assert kinds.count(WarcRecordType.revisit) == 3
    assert kinds.count(WarcRecordType.request) == 1
    responses = {h["WARC-Target-URI"]: (http, body) for k, h, http, body in found if k == WarcRecordType.response}
    http, body = responses[URL + "changed.html"]
    assert body == page("二改")
    assert http["Server"] == "nginx"
    assert http["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert http["Content-Length"] == str(len(body))
    assert "Transfer-Encoding" not in http
    revisits = [h for k, h, *_ in found if k == WarcRecordType.revisit]
    assert sum(h["WARC-Profile"] == NOT_MODIFIED for h in revisits) == 1
    assert all(h["WARC-Refers-To-Target-URI"].startswith(URL) and h["WARC-Refers-To-Date"] for h in revisits)
    (request,) = [body for kind, *_, body in found if kind == WarcRecordType.request]
    assert request == b"id=7"


def test_one_gzip_member_a_record_and_files_of_a_size(world: Archive, tmp_path: Path) -> None:
    done = export(world, tmp_path / "out", file_bytes=3000)
    assert len(done.files) > 2
    assert not list((tmp_path / "out").glob("*.part"))
    data = done.files[0].read_bytes()
    assert data.count(b"\x1f\x8b\x08") == gzip.decompress(data).count(b"WARC/1.1\r\n")
    back, found = imported(tmp_path / "back", *reversed(done.files))
    assert rows(back)["bodies"] == rows(world)["bodies"]
    assert not found.refused


def test_an_export_overwrites_nothing(world: Archive, tmp_path: Path) -> None:
    export(world, tmp_path / "out")
    with pytest.raises(Refused, match="exists"):
        export(world, tmp_path / "out")


# -- other crawlers' files


def written(path: Path, write: Callable[[WARCWriter], None]) -> Path:
    with path.open("wb") as stream:
        write(WARCWriter(stream, gzip=True, warc_version="WARC/1.0"))
    return path


def response(
    writer: WARCWriter,
    name: str,
    body: bytes,
    date: str,
    status: str = "200 OK",
    kind: str = "text/html",
    coding: str = "",
) -> None:
    headers = [("Content-Type", kind), *([("Content-Encoding", coding)] if coding else [])]
    record = writer.create_warc_record(
        URL + name,
        "response",
        io.BytesIO(body),
        len(body),
        warc_headers_dict={"WARC-Date": date},
        http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
    )
    writer.write_record(record)


def test_versions_of_other_crawlers_keep_their_order(tmp_path: Path) -> None:
    def write(writer: WARCWriter) -> None:
        response(writer, "a.html", gzip.compress(page(f"{TITLE}修订")), "2025-03-02T10:00:00Z", coding="gzip")
        response(writer, "a.html", page(TITLE), "2024-03-02T10:00:00Z")
        response(writer, "style.css", b"p{}", "2024-03-02T10:00:01Z", kind="text/css")
        response(writer, "no", page("404"), "2024-03-02T10:00:01Z", status="404 Not Found")
        # wget keeps its own log so
        log = writer.create_warc_record("metadata://gnu.org/wget/log", "resource", io.BytesIO(b"log"), 3)
        writer.write_record(log)

    archive, found = imported(tmp_path / "data", written(tmp_path / "x.warc.gz", write), county=CODE)
    assert (found.documents, found.passed, found.refused) == (2, 3, {})
    kept = [(one.sighting.body, one.sighting.titles, one.sighting.last_run) for one in archive.sightings(CODE)]
    assert kept == [(page(title), (title,), run) for run, title in enumerate((TITLE, f"{TITLE}修订"), 1)]
    assert [run["finish_reason"] for run in archive.runs()] == ["imported", "imported"]


def test_older_captures_count_as_older(world: Archive, tmp_path: Path) -> None:
    def write(writer: WARCWriter) -> None:
        response(writer, "changed.html", page("老"), "2019-03-02T10:00:00Z")

    import_files(world, [written(tmp_path / "x.warc.gz", write)], CODE, MOST)
    runs = {one.sighting.body: one.sighting.last_run for one in world.sightings(CODE)}
    assert runs[page("老")] < runs[page("二")] < runs[page("二改")]
    assert world.last_run() == world.runs()[-1]


def test_a_document_that_was_there_before_stays_as_new_as_it_was(world: Archive, tmp_path: Path) -> None:
    def write(writer: WARCWriter) -> None:
        response(writer, "changed.html", page("二改"), "2019-03-02T10:00:00Z")

    import_files(world, [written(tmp_path / "x.warc.gz", write)], CODE, MOST)
    (row,) = world.db.query("select * from sightings where last_run = 2 and url like '%changed.html'")
    assert row["first_run"] < 1
    assert row["title"] == "标题changed.html"


def test_captures_between_the_runs_are_refused(world: Archive, tmp_path: Path) -> None:
    before = rows(world)
    path = written(tmp_path / "x.warc.gz", lambda w: response(w, "a.html", page("中"), "2025-09-02T10:00:00Z"))
    with pytest.raises(Refused, match="between"):
        import_files(world, [path], CODE, MOST)
    assert rows(world) == before


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    def write(writer: WARCWriter) -> None:
        response(writer, "big", page("大" * 500), "2024-03-02T10:00:00Z")
        response(writer, "odd", page("奇"), "2024-03-02T10:00:00Z", coding="zstd")
        response(writer, "nodate", page("无"), "yesterday")
        record = writer.create_revisit_record(
            URL + "r",
            "sha1:AAAA",
            URL + "elsewhere",
            "2020-01-01T00:00:00Z",
            warc_headers_dict={"WARC-Date": "2024-03-02T10:00:00Z"},
        )
        writer.write_record(record)

    archive, found = imported(tmp_path / "data", written(tmp_path / "x.warc.gz", write), most=1000)
    assert found.documents == 0
    assert sum(found.refused.values()) == 4
    assert archive.count_sightings() == 0


def test_altered_bytes_are_refused(world: Archive, tmp_path: Path) -> None:
    (path,) = export(world, tmp_path / "out.warc").files
    path.write_bytes(path.read_bytes().replace("<p>一</p>".encode(), "<p>七</p>".encode()))
    _, found = imported(tmp_path / "back", path)
    assert found.refused["its bytes are not those of its digest"] == 1


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.97])
def test_a_cut_file_brings_no_half_document(world: Archive, tmp_path: Path, cut: float) -> None:
    (path,) = export(world, tmp_path / "out.warc.gz").files
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    archive = Archive(tmp_path / "back")
    with contextlib.suppress(Refused):
        import_files(archive, [path], "", MOST)
    bodies = {body for (body,) in world.db.execute("select sha256 from documents")}
    assert {body for (body,) in archive.db.execute("select sha256 from documents")} <= bodies


def test_a_cut_record_without_a_digest_is_refused(tmp_path: Path) -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page("半")
    head = f"WARC-Type: response\r\nWARC-Target-URI: {URL}\r\nWARC-Date: 2024-03-02T10:00:00Z\r\n"
    kind = "Content-Type: application/http; msgtype=response\r\n"
    whole = f"WARC/1.1\r\n{head}{kind}Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"
    path = tmp_path / "x.warc"
    path.write_bytes(whole)
    assert imported(tmp_path / "whole", path)[1].documents == 1
    path.write_bytes(whole[:-20])
    _, found = imported(tmp_path / "cut", path)
    assert (found.documents, found.refused) == (0, {"cut short": 1})


def test_what_is_no_warc_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"<html>no</html>" * 100)
    with pytest.raises(Refused, match=r"x\.warc\.gz"):
        imported(tmp_path / "data", path)


# -- the command


def test_the_command_there_and_back(sample_crawl: Crawl, tmp_path: Path) -> None:
    """Equal documents and an equal dataset, its ledger included, from the WARC files alone."""
    out = scrapy("warc", "export", str(tmp_path / "out"), folder=sample_crawl.folder)
    assert out.code == 0, out.err
    assert "6 documents and 0 repeats in 1 files" in out.out
    files = [str(path) for path in (tmp_path / "out").glob("*.warc.gz")]
    back = scrapy("warc", "import", *files, "-s", "READ_WORKERS=1", folder=tmp_path / "back")
    assert back.code == 0, back.err
    assert contents(tmp_path / "back") == contents(sample_crawl.folder)
    with (
        sqlite3.connect(tmp_path / "back" / "archive.db") as one,
        sqlite3.connect(sample_crawl.folder / "archive.db") as two,
    ):
        for table in ("documents", "bodies", "sightings"):
            query = f"select * from {table} order by 1, 2"
            assert one.execute(query).fetchall() == two.execute(query).fetchall()


def command(folder: Path, *arguments: str, **spargs: str) -> int:
    """The command in this process: what it prints is left to capsys."""
    warc = Command()
    warc.settings = get_project_settings()
    warc.settings.set("DATA_DIR", str(folder))
    warc.settings.set("READ_WORKERS", 1)
    warc.run(list(arguments), argparse.Namespace(spargs=spargs, file_bytes=FILE_BYTES))
    return int(warc.exitcode)


def test_a_zip_of_another_crawler_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = (Path(__file__).parent / "portals" / "seeds" / "000.txt").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("年报.txt", seed)
    kind = "application/zip"
    path = written(
        tmp_path / "x.warc.gz", lambda w: response(w, "a.zip", packed.getvalue(), "2025-03-02T10:00:00Z", kind=kind)
    )
    assert command(tmp_path / "data", "import", str(path), county=CODE) == 0
    assert "1 reports/held" in capsys.readouterr().out
    assert command(tmp_path / "data", "export", str(tmp_path / "out.warc.gz")) == 0
    assert "1 documents" in capsys.readouterr().out
    assert command(tmp_path / "back", "import", str(tmp_path / "out.warc.gz")) == 0
    assert contents(tmp_path / "back") == contents(tmp_path / "data")


@pytest.mark.parametrize(
    ("arguments", "spargs", "said"),
    [
        (("export", "x"), {}, "no archive"),
        (("import", "missing.warc"), {}, "no such file"),
        (("import",), {}, "say what to do"),
        (("import", "x.warc"), {"county": "x"}, "six digits"),
        (("import", "x.warc"), {"year": "2024"}, "not year"),
    ],
)
def test_a_command_that_cannot_be_carried_out(
    tmp_path: Path, arguments: tuple[str, ...], spargs: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path / "none", *arguments, **spargs) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
