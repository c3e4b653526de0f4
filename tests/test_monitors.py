"""What a run's monitors say, and that a notice arrives: over a socket, by a command, at a mail server."""

from __future__ import annotations

import email
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from scrapy.settings import Settings

from crawler.archive import Archive
from crawler.items import ListRead, PortalRead
from crawler.monitors import CHECKS, alarms, notice, watched
from crawler.notify import Notice, deliver
from crawler.portals import Portal
from tests.conftest import ROOT

CODE = "640221"
NOTICE = Notice("gongkai run 7: 1 alarms", "- 平罗县: 3 reports held, 5 before\n", {"run": {"id": 7}, "alarms": [{}]})


# -- what is said


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path) as opened:
        opened.register([Portal(CODE, "平罗县", "http://www.example.gov.cn/")])
        yield opened


def ran(
    archive: Archive, counts: dict[str, int], *, reason: str = "finished", outcome: Any = "held", **stats: Any
) -> None:
    archive.open_run("county", {}, {})
    archive.portal_read(PortalRead(CODE, outcome, "a wall"))
    known = {name.replace("__", "/"): value for name, value in stats.items()}
    archive.close_run(reason, "ok" if reason == "finished" else "stopped", {"counties": {CODE: counts}, **known})


def said(archive: Archive, stats: dict[str, Any] | None = None) -> dict[str, str]:
    seen = watched(archive, stats)
    assert seen is not None
    return {alarm.kind: str(alarm) for alarm in alarms(seen)}


def test_a_good_run_says_nothing(archive: Archive) -> None:
    ran(archive, {"held": 5, "absent": 2})
    ran(archive, {"held": 6, "absent": 1})
    assert said(archive, {"log_count/ERROR": 0}) == {}


def test_every_kind_of_alarm(archive: Archive) -> None:
    ran(archive, {"held": 5, "absent": 2})
    ran(archive, {"absent": 1})  # one year only: not what the next is compared with, and not compared itself
    archive.open_run("county", {}, {})
    for n in range(7):
        archive.list_read(ListRead(CODE, f"http://a/{n}", "trs", "年报", 3, 9, False, "stated 9, read 3"))
    archive.close_run("finished", "ok", {})
    ran(archive, {"held": 5, "absent": 2})
    archive.open_run("county", {}, {})
    archive.list_read(ListRead(CODE, "http://a/", "trs", "年报", 3, 9, False, "stated 9, read 3"))
    archive.portal_read(PortalRead(CODE, "blocked", "a slider"))
    counts = {"held": 3, "absent": 2, "unread": 1, "blocked": 1}
    stats = {"documents/unread/crashed": 2, "runs/interrupted": 2, "worse": ["640221 平罗县: 2 reports in no list"]}
    archive.close_run("disk_full", "stopped", {"counties": {CODE: counts}, **stats})
    found = said(archive, {"log_count/ERROR": 2, "log_count/CRITICAL": 1})
    assert set(found) == set(CHECKS)
    assert "disk_full" in found["ended"]
    assert "run 2 was interrupted" in found["interrupted"]
    assert found["worse"].startswith("640221 平罗县: 2 reports in no list -> ")
    assert found["fewer"].startswith("640221 平罗县: 3 reports held, 5 at the visit before -> scrapy coverage 640221")
    assert "1 lists" in found["lists"]
    assert "http://a/ (stated 9, read 3)" in found["lists"]
    assert "1 reports could not be read, 0" in found["unread"]
    assert "documents/unread/crashed 2" in found["defects"]
    assert "640221 平罗县: blocked (a slider)" in found["portals"]
    assert "3 errors" in found["errors"]
    assert all(" -> " in sentence for sentence in found.values())


def test_a_run_of_one_year_is_not_compared(archive: Archive) -> None:
    ran(archive, {"held": 5, "absent": 2})
    ran(archive, {"held": 1, "unread": 1})
    assert said(archive) == {}


def test_a_portal_that_always_was_closed_needs_nobody(archive: Archive) -> None:
    ran(archive, {"blocked": 3}, outcome="blocked")
    assert set(said(archive)) == {"portals"}
    ran(archive, {"blocked": 3}, outcome="blocked")
    assert said(archive) == {}
    ran(archive, {"unreachable": 3}, outcome="unreachable")
    assert set(said(archive)) == {"portals"}


def test_many_places_are_counted(archive: Archive) -> None:
    archive.open_run("county", {}, {})
    for n in range(7):
        archive.list_read(ListRead(CODE, f"http://a/{n}", "trs", "", 3, 9, False, "cut"))
    archive.close_run("finished", "ok", {})
    assert "7 lists" in said(archive)["lists"]
    assert said(archive)["lists"].count("http://a/") == 5
    assert "and 2 more" in said(archive)["lists"]


def test_a_notice_is_for_people_and_for_programs(archive: Archive) -> None:
    ran(archive, {"held": 5}, reason="shutdown")
    seen = watched(archive)
    assert seen is not None
    told = notice(seen, alarms(seen))
    assert told.subject == "gongkai run 1: 1 alarms"
    assert "5 reports held" in told.text
    assert json.loads(json.dumps(told.data))["alarms"][0]["kind"] == "ended"
    assert notice(seen, []).subject == "gongkai run 1: all is well"


# -- how it arrives


class Hook:
    """A webhook on loopback; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.path, json.loads(body)))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    one = Hook()
    yield one
    one.server.shutdown()
    one.server.server_close()


class Mailbox:
    def __init__(self) -> None:
        self.got: list[Any] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        self.got.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"127.0.0.1:{port}"
    controller.stop()


def command(tmp_path: Path) -> tuple[str, Path]:
    """A command line that writes down what it is told."""
    script, out = tmp_path / "tell.py", tmp_path / "told here.txt"
    script.write_text(
        "import os, sys\nopen(sys.argv[1], 'w').write(os.environ['GONGKAI_SUBJECT'] + '\\n' + sys.stdin.read())\n"
    )
    return f"{sys.executable} {script} '{out}'", out


def test_a_webhook(hook: Hook) -> None:
    assert deliver(Settings({"NOTIFY_WEBHOOK": hook.url}), NOTICE) == []
    ((path, body),) = hook.got
    assert path == "/hook?key=1"
    assert body["subject"] == NOTICE.subject
    assert "平罗县" in body["text"]
    assert body["run"] == {"id": 7}


def test_mail(mailbox: tuple[Mailbox, str]) -> None:
    box, server = mailbox
    assert deliver(Settings({"NOTIFY_EMAIL": "a@localhost,b@localhost", "NOTIFY_SMTP": server}), NOTICE) == []
    ((to, mail),) = box.got
    assert to == ["a@localhost", "b@localhost"]
    assert mail["Subject"] == NOTICE.subject
    assert mail["From"] == "gongkai@localhost"
    assert mail.get_content().replace("\r\n", "\n") == NOTICE.text


def test_a_command(tmp_path: Path) -> None:
    line, out = command(tmp_path)
    assert deliver(Settings({"NOTIFY_COMMAND": line}), NOTICE) == []
    assert out.read_text(encoding="utf-8") == f"{NOTICE.subject}\n{NOTICE.text}"


@pytest.mark.parametrize(
    "settings",
    [
        {"NOTIFY_WEBHOOK": "http://127.0.0.1:9/"},
        {"NOTIFY_WEBHOOK": "ftp://127.0.0.1/"},
        {"NOTIFY_EMAIL": "a@localhost", "NOTIFY_SMTP": "127.0.0.1:9"},
        {"NOTIFY_EMAIL": "a@localhost", "NOTIFY_SMTP": "nonsense"},
        {"NOTIFY_COMMAND": "/nowhere/at/all"},
        {"NOTIFY_COMMAND": f"{sys.executable} -c 'raise SystemExit(3)'"},
        {"NOTIFY_COMMAND": "an 'open quote"},
    ],
)
def test_a_notice_that_fails_is_said_and_ends_nothing(
    settings: dict[str, str], hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    ways = {"NOTIFY_WEBHOOK": hook.url} | settings
    (failed,) = deliver(Settings(ways), NOTICE)
    assert failed in settings
    assert f"({failed})" in caplog.text
    assert failed == "NOTIFY_WEBHOOK" or len(hook.got) == 1


def test_a_webhook_that_refuses(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.status = 500
    assert deliver(Settings({"NOTIFY_WEBHOOK": hook.url}), NOTICE) == ["NOTIFY_WEBHOOK"]
    assert "status 500" in caplog.text


def test_a_whole_crawl_tells(tmp_path: Path, hook: Hook, mailbox: tuple[Mailbox, str]) -> None:
    """Spidermon runs the monitors when the ledger is closed, and all three ways are taken."""
    box, server = mailbox
    line, out = command(tmp_path)
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text("通知", encoding="utf-8")
    ways = {"NOTIFY_WEBHOOK": hook.url, "NOTIFY_EMAIL": "a@localhost", "NOTIFY_SMTP": server, "NOTIFY_COMMAND": line}
    ways |= {"DATA_DIR": str(tmp_path / "data"), "CLOSESPIDER_ITEMCOUNT": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "files", "-a", f"path={folder}"]
        + [part for name, value in ways.items() for part in ("-s", f"{name}={value}")],
        cwd=ROOT,
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "tests.watched_settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    ((_, body),) = hook.got
    assert body["subject"] == "gongkai run 1: 1 alarms"
    assert "run 1 ended as closespider_itemcount, verdict stopped" in body["text"]
    assert "Needs somebody: run 1 ended as closespider_itemcount" in done.stderr
    assert len(box.got) == 1
    assert out.exists()
    assert "Traceback" not in done.stderr
