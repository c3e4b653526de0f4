"""``scrapy crawl portals`` on the made country: every portal found and proved, none wrong, no request too many."""

from __future__ import annotations

import csv
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from sqlite_utils import Database

from parsers.reports import divisions
from tests.archetypes.harness import environment, scaled
from tests.archetypes.server import Record, Server
from tests.conftest import ROOT
from tests.country.world import PREFECTURES, PROVINCES, Country, as_options, build

REGISTERED = "code,name,url,note,colour\n"


@dataclass
class Search:
    """One search in a folder of its own; ``again`` starts the same command another time."""

    server: Server
    country: Country
    folder: Path

    @property
    def command(self) -> list[str]:
        options = [f"{name}={value}" for name, value in scaled(0.02).items()]
        return [
            sys.executable, "-m", "scrapy", "crawl", "portals", "-a", f"portals={self.folder / 'portals.csv'}",
            "-a", f"above={self.folder / 'above.csv'}", "-s", f"DATA_DIR={self.folder}", "-s", "TODAY=2026-02-01",
            *(part for option in options for part in ("-s", option)),
        ]  # fmt: skip

    def start(self) -> subprocess.Popen[str]:
        hosts = self.folder / "hosts"
        hosts.write_text(self.server.hosts(), encoding="ascii")
        return subprocess.Popen(
            self.command, cwd=ROOT, env=environment(hosts), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self) -> tuple[int, str, str]:
        process = self.start()
        out, err = process.communicate(timeout=100)
        return process.returncode, out, err

    def rows(self, name: str = "portals.csv") -> dict[str, dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as stream:
            return {row["code"]: row for row in csv.DictReader(stream)}

    def judged(self) -> dict[str, tuple[str, str]]:
        return {code: (row["status"], row["url"]) for code, row in self.rows().items() if code in self.country.expected}


def prepare(server: Server, folder: Path) -> Search:
    """The country on the server; a registry with a right row, one with a dead host, and one that is somebody else's."""
    country = build(server.port)
    server.clear()
    server.add(country.sites.values())
    starts = "".join(f"{code},x,{country.url(country.portals[code].host)}\n" for code in PROVINCES)
    (folder / "above.csv").write_text("code,name,url\n" + starts, encoding="utf-8")
    right, wrong = country.url(country.portals["650522"].host), country.url(country.portals["650521"].host)
    dead = country.url("www.dead.localhost")
    rows = f"650522,伊吾县,{right},from a map,red\n630104,城西区,{dead},,\n650502,伊州区,{wrong},,blue\n"
    (folder / "portals.csv").write_text(REGISTERED + rows, encoding="utf-8")
    return Search(server, country, folder)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def search(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, str, list[Record]]:
    """One search that all tests of this module look at: itself, what it said at its end, and what the server saw."""
    made = prepare(server, tmp_path_factory.mktemp("country"))
    code, out, err = made.run()
    assert code == 0, err[-3000:]
    (made.folder / "crawl.log").write_text(err, encoding="utf-8")
    return made, out, server.records()


Made = tuple[Search, str, list[Record]]


def test_every_portal_is_found_and_proved_and_none_is_wrong(search: Made) -> None:
    made, _, _ = search
    above = set(PROVINCES) | set(PREFECTURES)
    wanted = {code: one for code, one in made.country.expected.items() if code not in above}
    found = made.judged()
    wrong = {
        divisions.full_name(code): (found.get(code), want, made.rows().get(code, {}).get("remark"))
        for code, want in wanted.items()
        if found.get(code) != want
    }
    assert not wrong
    assert len(wanted) >= 60
    assert sum(status == "proved" for status, _ in wanted.values()) >= 50


def test_provinces_and_prefectures_are_proved_too(search: Made) -> None:
    made, _, _ = search
    rows = made.rows("above.csv")
    assert {code: (row["status"], row["url"]) for code, row in rows.items() if code in made.country.expected} == {
        code: one for code, one in made.country.expected.items() if code in {*PROVINCES, *PREFECTURES}
    }


def test_hardly_a_request_too_many_and_never_two_at_once(search: Made) -> None:
    made, _, log = search
    pages = [record for record in log if record.target != "/robots.txt"]
    assert len(pages) <= made.country.minimal + 2, "\n".join(record.url for record in pages)
    asked = [record.url for record in pages if record.status == 200]
    # asked twice: two portals that somebody else's link or row leads to, and the one that a county's host redirects to
    assert len(asked) - len(set(asked)) <= 3
    by_address: dict[str, list[Record]] = {}
    for record in log:
        by_address.setdefault(record.address, []).append(record)
    for records in by_address.values():
        ordered = sorted(records, key=lambda one: one.start)
        assert all(one.end <= two.start for one, two in pairwise(ordered))


def test_nothing_forbidden_or_disguised_was_asked(search: Made) -> None:
    made, _, log = search
    refusing = made.country.portals["640105"].host
    assert [record.target for record in log if record.host.startswith(refusing)] == ["/robots.txt"]
    assert not [record for record in log if "evil" in record.host or "zone" in record.host]


def test_remarks_say_what_happened(search: Made) -> None:
    rows = search[0].rows()
    for code, said in {
        "640104": "moved there from http://www.old-xq",
        "640105": "robots.txt refuses",
        "640121": "only its disclosure host",
        "640181": "no answer",
        "640202": "is one of 惠农区",
        "640302": "copied",
        "640323": "copied",
        "640324": "does not name it",
        "640402": "served below the host of 固原市",
        "640422": "西吉县教育局",
        "640502": "has no link to it",
        "320113": "has the same evidence",
        "320116": "is one of",
        "320117": "does not end in localhost",
        "630106": "its former one",
        "630103": "a wall stands before it",
        "632525": "is one of 海南藏族自治州",
        "650502": "until 2026-02-01 at",
    }.items():
        assert said in rows[code]["remark"], (code, rows[code])
    assert rows["640106"]["hosts"].startswith("zwgk.")


def test_evidence_can_be_checked_in_the_archive(search: Made) -> None:
    made, _, _ = search
    archive = Database(made.folder / "archive.db")
    held = {row["sha256"] for row in archive["portal_pages"].rows}
    proved = [row for row in made.rows().values() if row["status"] == "proved"]
    assert all(row["page"] in held and row["evidence"] and row["date"] == "2026-02-01" for row in proved)
    assert all(re.search(r"code \d{10}|title .*footer ", row["evidence"]) for row in proved)
    assert archive["sightings"].count == 0  # a portal's front page is no document


def test_rows_of_people_are_kept_and_changes_told(search: Made) -> None:
    made, out, _ = search
    rows = made.rows()
    assert (rows["650522"]["note"], rows["650522"]["colour"]) == ("from a map", "red")
    assert rows["650502"]["colour"] == "blue"
    assert re.search(r"moved +650502 伊州区: http://www\.d650521\S+ -> http://www\.d650502", out)
    assert re.search(r"moved +630104 城西区", out)
    assert re.search(r"proved +650522 伊吾县", out)
    assert "2 moved" in out


@pytest.mark.long
def test_a_search_that_is_killed_goes_on_and_a_later_one_says_what_moved(
    search: Made, server: Server, tmp_path: Path
) -> None:
    whole = {code: {**row, "page": ""} for code, row in search[0].rows().items()}
    made = prepare(server, tmp_path)
    for seen in (25, 60, 95):
        process = made.start()
        while len(server.log) < seen and process.poll() is None:
            time.sleep(0.02)
        process.kill()
        process.communicate()
    code, _, err = made.run()
    assert code == 0, err[-3000:]
    found = {code: {**row, "page": ""} for code, row in made.rows().items()}
    assert found == whole
    pages = [record.url for record in server.records() if record.target != "/robots.txt" and record.status == 200]
    assert len(pages) <= made.country.minimal + 8  # what was on the way when it was killed is asked for again

    country = made.country
    country.portals["640205"].host = "www.new-huinong.localhost"  # moved, and linked anew
    country.serve(country.portals["640205"])
    country.site("www.d640205.localhost").pages.pop("/")
    country.portals["630105"].title, country.portals["630105"].site_code = "出售此域名", ""  # sold
    country.portals["630105"].runner = "某公司"
    country.serve(country.portals["630105"])
    links = [(text, url.replace("www.d640205.", "www.new-huinong.")) for text, url in country.links["640200"]]
    country.portals["640200"].block = as_options(links)
    country.serve(country.portals["640200"])
    server.clear()
    server.add(country.sites.values())
    code, out, err = made.run()
    assert code == 0, err[-3000:]
    assert re.search(r"moved +640205 惠农区: http://www.d640205\S+ -> http://www.new-huinong", out)
    assert re.search(r"lost +630105 城北区", out)
    assert "Registry: 1 lost, 1 moved." in out
    rows = made.rows()
    assert set(rows) == set(whole)
    assert (rows["630105"]["status"], rows["630105"]["url"]) == ("unproved", whole["630105"]["url"])
    assert "it was proved on 2026-02-01" in rows["630105"]["remark"]


@pytest.mark.long
def test_a_run_that_is_told_to_stop_takes_nothing_back(server: Server, tmp_path: Path) -> None:
    made = prepare(server, tmp_path)
    assert made.run()[0] == 0
    before = made.rows()
    server.clear()
    server.add(made.country.sites.values())
    process = made.start()
    while len(server.log) < 30 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 1
    after = made.rows()
    assert {code: (row["status"], row["url"]) for code, row in after.items()} == {
        code: (row["status"], row["url"]) for code, row in before.items()
    }
