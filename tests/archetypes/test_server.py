"""The server does what it is told, and counts what it does."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archetypes.faults import Faults, usual
from tests.archetypes.harness import NAMES
from tests.archetypes.server import Response, Server, Site

HOST = "www.test.localhost"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        site = Site((HOST, "test.localhost"), "127.77.0.1")
        for n in range(60):
            site.pages[f"/{n}.html"] = Response(f"<html>{n} 年报</html>".encode())
            site.pages[f"/{n}.pdf"] = Response(b"%PDF" + bytes(200), media="application/pdf")
        running.add([site])
        yield running


def ask(server: Server, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.77.0.1", server.port, timeout=5)
    connection.request("GET", path, headers={"Host": f"{HOST}:{server.port}", **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.headers), body


def test_log_has_what_was_asked(server: Server) -> None:
    ask(server, "/1.html?x=1", Referer="http://here/")
    (record,) = server.records()
    assert (record.method, record.target, record.status) == ("GET", "/1.html?x=1", 200)
    assert record.url == f"http://{HOST}:{server.port}/1.html?x=1"
    assert record.headers["referer"] == "http://here/"
    assert record.end >= record.start


def test_an_address_and_the_shared_one_serve_the_same_host(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/1.html", headers={"Host": f"{HOST}:{server.port}"})
    assert connection.getresponse().read() == ask(server, "/1.html")[2]
    assert {record.address for record in server.records()} == {"127.77.0.1"}


def test_only_loopback_is_bound(server: Server) -> None:
    with pytest.raises(ValueError, match="loopback"):
        server.add([Site(("x.localhost",), "0.0.0.0")])


def test_a_busy_page_succeeds_the_second_time(server: Server) -> None:
    server.faults = Faults(busy_every=1)
    assert [ask(server, "/1.html")[0] for _ in range(3)] == [503, 200, 200]
    assert [record.fault for record in server.records()] == ["503", "", ""]


def test_a_cut_body_is_shorter_than_its_length_says(server: Server) -> None:
    server.faults = Faults(cut_every=1)
    with pytest.raises(http.client.IncompleteRead):
        ask(server, "/1.pdf")
    assert len(ask(server, "/1.pdf")[2]) == 204


def test_a_reset_comes_once(server: Server) -> None:
    server.faults = Faults(reset_every=1)
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        ask(server, "/1.html")
    assert ask(server, "/1.html")[0] == 200
    assert [record.status for record in server.records()] == [0, 200]


def test_a_hang_is_longer_than_patience(server: Server) -> None:
    server.faults = Faults(hang_every=1, hang=30)
    connection = http.client.HTTPConnection("127.77.0.1", server.port, timeout=0.3)
    connection.request("GET", "/1.html", headers={"Host": HOST})
    with pytest.raises(TimeoutError):
        connection.getresponse()


def test_gzip_comes_unasked(server: Server) -> None:
    server.faults = Faults(gzip_unasked=True)
    _, headers, body = ask(server, "/1.html")
    assert headers["Content-Encoding"] == "gzip"
    assert "年报" in gzip.decompress(body).decode()


def test_types_are_swapped_every_time(server: Server) -> None:
    server.faults = Faults(type_every=1)
    assert {ask(server, "/1.pdf")[1]["Content-Type"] for _ in range(2)} == {"text/html"}
    assert ask(server, "/1.html")[1]["Content-Type"] == "text/html; charset=ISO-8859-1"


def test_raw_gbk_location_leads_to_the_file(server: Server) -> None:
    server.faults = Faults(location_every=1)
    with socket.create_connection(("127.77.0.1", server.port)) as raw:
        raw.sendall(f"GET /3.pdf HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        head = b"".join(iter(lambda: raw.recv(4096), b""))
    location = next(line for line in head.split(b"\r\n") if line.startswith(b"Location: "))[10:]
    assert location == "/附件?to=".encode("gbk") + b"/3.pdf"
    # as clients send it: the bytes escaped
    status, _, body = ask(server, "/%B8%BD%BC%FE?to=/3.pdf")
    assert (status, body[:4]) == (200, b"%PDF")


def test_too_many_requests_are_refused_and_forgiven(server: Server) -> None:
    server.faults = Faults(rate=5, recovery=0.5)
    statuses = [ask(server, f"/{n}.html")[0] for n in range(14)]
    assert statuses[:10] == [200] * 10
    assert statuses[-1] == 429
    time.sleep(0.6)
    assert ask(server, "/1.html")[0] == 200


def test_a_polite_crawler_is_never_too_fast() -> None:
    from tests.archetypes.faults import Plan

    plan = Plan(Faults(rate=usual(1.0).rate), "x")
    assert not any(plan.fault(f"/{n}.html", float(n)) for n in range(200))


def test_bare_name_redirects(server: Server) -> None:
    server.sites[0].redirect_names = True
    connection = http.client.HTTPConnection("127.77.0.1", server.port, timeout=5)
    connection.request("GET", "/1.html", headers={"Host": f"test.localhost:{server.port}"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"http://{HOST}:{server.port}/1.html")


def test_requests_at_once_are_seen_as_such(server: Server) -> None:
    from tests.archetypes.score import traffic

    server.faults = Faults(latency=(0.2, 0.2))
    threads = [threading.Thread(target=ask, args=(server, f"/{n}.html")) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = traffic(server.records(), server.sites)
    assert (seen.requests, seen.concurrency) == (3, 3)
    server.log.clear()
    for n in range(3):
        ask(server, f"/{n}.html")
    seen = traffic(server.records(), server.sites)
    assert seen.concurrency == 1
    assert 0.2 < seen.gap < 0.4


def test_names_resolve_in_a_python_below(server: Server, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(server.hosts())
    code = f"import urllib.request as u; print(u.urlopen('http://{HOST}:{server.port}/7.html').read().decode())"
    environment = {**os.environ, "PYTHONPATH": str(NAMES), "GONGKAI_TEST_HOSTS": str(hosts)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=20)
    assert "7 年报" in done.stdout, done.stderr
