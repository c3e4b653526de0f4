"""Oddities of real servers, each handled or named, in one crawl."""

from __future__ import annotations

import gzip
import socket
import threading
import zipfile
from collections.abc import Mapping
from functools import cache
from io import BytesIO

import pytest

from tests.transport.certificates import server_context
from tests.transport.crawl import Prepared, body
from tests.transport.server import Answer, Hit, Site, page, plain

CHINESE = "政府信息公开工作年度报告，收到和处理政府信息公开申请情况。" * 30
MENU = "<li><a href=/x>公开</a>" * 12
GBK = f"<html><head><title>报告</title></head><body><ul>{MENU}</ul>{CHINESE}</body></html>".encode("gbk")
UTF8 = (("Content-Type", "text/html; charset=utf-8"),)
OCTET = (("Content-Type", "application/octet-stream"),)
PDF = b"%PDF-1.4\n" + b"x" * 500
OLD = 'W/"old"'


@cache
def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("镇.doc", b"x" * 5000)
    return out.getvalue()


class Portal:
    """One path, one oddity."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, hit: Hit, site: Site) -> Answer:
        name = hit.path.split("?")[0].split(";")[0].strip("/").replace("/", "_").replace(".", "_")
        self.seen[name] = self.seen.get(name, 0) + 1
        behave = getattr(self, name, None)
        if hit.path == "/robots.txt" or behave is None:
            return plain(hit, site)
        return behave(hit, self.seen[name])  # type: ignore[no-any-return]

    def gbk_as_utf8(self, _: Hit, __: int) -> Answer:
        return Answer(GBK, headers=UTF8)

    def pdf_as_html(self, _: Hit, __: int) -> Answer:
        return Answer(PDF, headers=UTF8)

    def page_shtml(self, _: Hit, __: int) -> Answer:
        return Answer(page("octet"), headers=OCTET)

    def page_as_octet(self, _: Hit, __: int) -> Answer:
        return Answer(page("octet"), headers=OCTET)

    def gzip_unasked(self, _: Hit, __: int) -> Answer:
        return Answer(gzip.compress(page("packed")), headers=(("Content-Encoding", "gzip"),))

    def cut_once(self, _: Hit, turn: int) -> Answer:
        whole = page("whole")
        return Answer(whole[: len(whole) // 2], length=len(whole)) if turn == 1 else Answer(whole)

    def cut_gzip(self, _: Hit, turn: int) -> Answer:
        whole = gzip.compress(page("packed" * 50))
        packed = (("Content-Encoding", "gzip"),)
        return Answer(whole[:40], length=len(whole), headers=packed) if turn == 1 else Answer(whole, headers=packed)

    def wrong_length(self, _: Hit, __: int) -> Answer:
        return Answer(page("all there"), length=90_000)

    def always_cut(self, _: Hit, turn: int) -> Answer:
        return Answer(page("x" * turn)[: 300 + turn], length=9000)

    def empty_file(self, _: Hit, __: int) -> Answer:
        return Answer(b"", headers=(("Content-Type", "application/pdf"),))

    def reset_once(self, _: Hit, turn: int) -> Answer:
        return Answer(raw=b"HTTP/1.1 2") if turn == 1 else Answer(page("after reset"))

    def busy_once(self, _: Hit, turn: int) -> Answer:
        return Answer(status=503) if turn == 1 else Answer(page("after 503"))

    def burst_403(self, _: Hit, turn: int) -> Answer:
        return Answer(page("403"), 403) if turn == 1 else Answer(page("after 403"))

    def circle(self, _: Hit, __: int) -> Answer:
        return Answer(status=302, headers=(("Location", "/circle"),))

    def endless(self, hit: Hit, turn: int) -> Answer:
        return Answer(status=302, headers=(("Location", f"/endless?{turn}"),))

    def to_known(self, _: Hit, __: int) -> Answer:
        return Answer(status=301, headers=(("Location", "/page.shtml"),))

    def to_gbk(self, _: Hit, __: int) -> Answer:
        return Answer(raw=b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /\xb9\xab\xbf\xaa.html\r\n\r\n")

    def refresh(self, _: Hit, __: int) -> Answer:
        return Answer(b'<html><meta http-equiv="refresh" content="0;url=/refreshed"></html>')

    def video(self, _: Hit, __: int) -> Answer:
        return Answer(b"\0" * 30_000_000, headers=(("Content-Type", "video/mp4"),))

    def hidden_video(self, _: Hit, __: int) -> Answer:
        return Answer(b"\0\0\0\x20ftypisom" + b"\0" * 30_000_000, headers=OCTET)

    def photos_zip(self, _: Hit, __: int) -> Answer:
        return Answer(archive(), headers=OCTET)

    def towns_zip(self, _: Hit, __: int) -> Answer:
        return Answer(archive(), headers=OCTET)

    def huge(self, _: Hit, __: int) -> Answer:
        return Answer(b"<html><body>" + b"<p>x</p>" * 400_000)

    def bomb(self, _: Hit, __: int) -> Answer:
        return Answer(gzip.compress(b"<html>" + b" " * 40_000_000), headers=(("Content-Encoding", "gzip"),))

    def no_gzip(self, _: Hit, __: int) -> Answer:
        return Answer(b"not packed at all", headers=(("Content-Encoding", "br"),))

    def known(self, hit: Hit, _: int) -> Answer:
        if hit.headers.get("if-none-match") == OLD:
            return Answer(status=304)
        return Answer(PDF)

    def moved_known(self, _: Hit, __: int) -> Answer:
        return Answer(status=302, headers=(("Location", "/fresh"),))

    def fresh(self, hit: Hit, _: int) -> Answer:
        return Answer(status=304 if "if-none-match" in hit.headers else 200, body=PDF)


def prepare() -> Prepared:
    portal = Portal()
    site = Site(portal).start()
    sites = {
        "http_only": Site(plain).start(),
        "https_only": Site(plain, tls=server_context(old=False)).start(),
        "old_tls": Site(plain, tls=server_context(old=True)).start(),
        "six": Site(plain, address="::1").start(),
    }
    names = [name for name in dir(Portal) if not name.startswith("_")]
    late = {"photos_zip", "to_known", "huge"}
    documents = {"towns_zip", "known", "moved_known"}
    paths = {"page_shtml": "/page.shtml"}
    steps = [
        {"url": site.url(paths.get(name, f"/{name}")), "label": name, "meta": {"document": name in documents}}
        for name in names
        if name not in late | {"fresh"}
    ]
    steps += [{"url": site.url(f"/{name}"), "label": name, "after": "page_shtml"} for name in sorted(late)]
    steps += [
        {"url": site.url("/s.jsp;jsessionid=1A?a=1"), "label": "session"},
        {"url": site.url("/s.jsp;jsessionid=2B?a=1"), "label": "session again"},
        {"url": site.url("/S/View.aspx?a=1"), "label": "case"},
        {"url": site.url("/s/view.aspx?a=1"), "label": "case again"},
        {"url": site.url("/known?list"), "label": "list", "meta": {}},
        {"url": sites["http_only"].url("/1", scheme="https"), "label": "http only 1"},
        {"url": sites["http_only"].url("/2", scheme="https"), "label": "http only 2", "after": "http only 1"},
        {"url": sites["https_only"].url("/1", scheme="http"), "label": "https only"},
        {"url": sites["old_tls"].url("/1"), "label": "old tls"},
        {"url": sites["old_tls"].url("/2"), "label": "old tls 2"},
        {"url": sites["six"].url("/1", host="six.county.localhost"), "label": "ipv6"},
        {"url": "http://no-such-host.invalid/", "label": "nameless"},
        {"url": "http://127.7.99.99:9/", "label": "refused"},
    ]
    known = {"etag": OLD, "last_modified": "", "sha256": "ab" * 32}
    urls = {site.url(path): known for path in ("/known", "/moved_known", "/known?list")}
    settings = {"DOWNLOAD_DELAY": 0.05, "BACKOFF_START": 0.02, "SLOWDOWN_MAX": 0.1}
    limits = {"PAGE_MAX_BYTES": 2_000_000, "DOWNLOAD_MAXSIZE": 20_000_000}
    return Prepared(
        steps,
        {"portal": site, **sites},
        {**settings, **limits},
        known=urls,
        hosts={"six.county.localhost": "::1"},
        extra=portal,
    )


def test_every_request_ends_once(world: Prepared) -> None:
    labels = [row["label"] for row in world.done.rows]
    twins = {"session again", "case again"}
    assert not twins & set(labels)
    assert len(labels) == len(set(labels))
    assert world["stats"]["reason"] == "finished"
    assert "Traceback" not in world.done.log, world.done.log


@pytest.mark.parametrize("label", ["gbk_as_utf8"])
def test_charset_by_the_bytes(world: Prepared, label: str) -> None:
    assert world[label]["encoding"] == "gb18030"
    assert "政府信息公开工作年度报告" in world[label]["text"]
    assert body(world[label]) == GBK


def test_files_are_never_pages(world: Prepared) -> None:
    assert world["pdf_as_html"]["kind"] == "Response"
    assert body(world["pdf_as_html"]) == PDF


@pytest.mark.parametrize("label", ["page_shtml", "page_as_octet", "gzip_unasked", "refresh"])
def test_pages_are_pages(world: Prepared, label: str) -> None:
    assert world[label]["kind"] == "HtmlResponse"


@pytest.mark.parametrize(
    ("label", "asked", "text"),
    [
        ("cut_once", 2, "whole"),
        ("cut_gzip", 2, "packed"),
        ("wrong_length", 2, "all there"),
        ("reset_once", 2, "after reset"),
        ("busy_once", 2, "after 503"),
        ("burst_403", 2, "after 403"),
    ],
)
def test_asked_again(world: Prepared, label: str, asked: int, text: str) -> None:
    assert text in world[label]["text"]
    assert world.extra.seen[label] == asked


def test_what_never_comes_whole_is_no_page(world: Prepared) -> None:
    assert world["always_cut"]["outcome"] == "unreachable"
    assert world.extra.seen["always_cut"] == 3


def test_an_empty_file_is_what_it_is(world: Prepared) -> None:
    assert world["empty_file"]["status"] == 200
    assert world.extra.seen["empty_file"] == 1


def test_redirects(world: Prepared) -> None:
    assert (world["circle"]["outcome"], world.extra.seen["circle"]) == ("unreachable", 1)
    assert world["endless"]["outcome"] == "unreachable"
    assert world.extra.seen["endless"] <= 7
    assert world["to_known"]["outcome"] == "seen"
    assert world["to_gbk"]["url"].endswith("/%B9%AB%BF%AA.html")
    assert world["refresh"]["url"].endswith("/refreshed")


@pytest.mark.parametrize("label", ["video", "hidden_video", "photos_zip", "huge", "bomb", "no_gzip"])
def test_no_bandwidth_for_what_is_no_report(world: Prepared, label: str) -> None:
    row = world[label]
    assert row["outcome"] in {"skipped", "unreachable"}
    assert row["reason"]


def test_traffic_stayed_small(world: Prepared) -> None:
    assert world.done.stats["downloader/response_bytes"] < 3_000_000


def test_an_archive_that_is_a_report_comes(world: Prepared) -> None:
    assert body(world["towns_zip"]) == archive()


def test_known_documents_are_asked_with_conditions_lists_never(world: Prepared) -> None:
    assert world["known"]["status"] == 304
    assert world["known"]["not_modified"] == "ab" * 32
    assert world["list"]["status"] == 200
    assert world["moved_known"]["status"] == 200, "a condition belongs to one address"


def test_the_other_scheme_is_tried_and_remembered(world: Prepared) -> None:
    assert world["http only 1"]["url"].startswith("http:")
    assert world["http only 2"]["url"].startswith("http:")
    assert world["https only"]["url"].startswith("https:")
    assert world.done.stats["transport/scheme_switched"] <= 6


def test_old_tls_after_modern_failed(world: Prepared) -> None:
    assert world["old tls"]["status"] == 200
    assert world["old tls 2"]["status"] == 200
    assert world.done.stats["transport/old_tls_hosts"] == 1


def test_hosts_that_are_not_there(world: Prepared) -> None:
    for label in ("nameless", "refused"):
        assert world[label]["outcome"] == "unreachable", label


def test_a_host_that_has_only_ipv6(world: Prepared) -> None:
    assert world["ipv6"]["status"] == 200


def test_no_browser_was_started(world: Prepared) -> None:
    assert "Rendering with" not in world.done.log


def test_never_two_at_once(world: Prepared) -> None:
    assert world.done
    # a download that the crawl has stopped keeps the server busy until it notices
    assert {name: site.overlaps(0.03) for name, site in world.sites.items()} == {name: [] for name in world.sites}


def prepare_hanging() -> Prepared:
    silent = socket.create_server(("127.7.98.1", 0), backlog=50)
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            held.append(silent.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    port = silent.getsockname()[1]
    steps = [{"url": f"http://127.7.98.1:{port}/{n}", "label": f"p{n}"} for n in range(30)]
    settings = {"DOWNLOAD_TIMEOUT": 2, "HOST_DOWN_AFTER": 8, "BACKOFF_START": 0.1, "DOWNLOAD_DELAY": 0.1}
    return Prepared(steps, {}, settings, extra=held)


def test_a_portal_that_hangs_costs_its_budget_and_no_more(prepared: Mapping[str, Prepared]) -> None:
    hanging = prepared[f"{__name__}.prepare_hanging"]
    assert {hanging[f"p{n}"]["outcome"] for n in range(30)} == {"unreachable"}
    assert hanging["stats"]["seconds"] < 9
    assert len(hanging.extra) <= 8


def prepare_going_down() -> Prepared:
    def behave(hit: Hit, site: Site) -> Answer:
        if hit.path == "/robots.txt" or len(site.hits) < 4:
            return plain(hit, site)
        return Answer(status=503)

    site = Site(behave).start()
    steps = [{"url": site.url(f"/{n}"), "label": f"p{n}"} for n in range(60)]
    settings = {
        "DOWNLOAD_DELAY": 0.05,
        "BACKOFF_START": 0.05,
        "BACKOFF_MAX": 0.3,
        "SLOWDOWN_MAX": 0.2,
        "OUTAGE_AFTER": 1.5,
    }
    return Prepared(steps, {"site": site}, settings)


def test_a_portal_that_goes_down_ends_for_all_who_wait(prepared: Mapping[str, Prepared]) -> None:
    down = prepared[f"{__name__}.prepare_going_down"]
    assert len(down.done.rows) == 61
    assert len(down.sites["site"].hits) < 25
    assert sum(row.get("outcome") == "unreachable" for row in down.done.rows) > 40
