"""Shards become one pair of databases: in any order, once or twice, interrupted, half copied, damaged."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

import crawler.merge as merging
from crawler.archive import BY_TIME, Archive
from crawler.dataset import SCHEMA, Dataset
from crawler.due import DEAD
from crawler.fleet.memory import Memory, learn, unpack
from crawler.items import Known, NoDocument, PortalPage, PortalRead
from crawler.ledger import known_pages
from crawler.merge import FORM, NOT_PARTS, OF_COUNTY, Facts, merge
from crawler.portals import Refused
from crawler.worse import of_the_whole
from parsers.reading import reader_version
from tests.cluster.compare import contents, differences, everything
from tests.cluster.shards import DAY, PORTALS, Page, Visit, fleet, history, make, one_machine, reports_of
from tests.conftest import command
from tests.generator.report import make_report

NUMBER = reports_of("640221")[1]


def fold(shards: list[Path], folder: Path, said: list[str] | None = None) -> None:
    merge(shards, folder, copies_up_to=5000, say=(said if said is not None else []).append)


def runs_of(folder: Path) -> list[str]:
    """Everything that leads back to a run, by its number."""
    with sqlite3.connect(folder / "archive.db") as archive, sqlite3.connect(folder / "reports.db") as dataset:
        sightings = archive.execute("select county_code, url, sha256, first_run, last_run from sightings").fetchall()
        reports = dataset.execute("select id, current, last_run from reports").fetchall()
        sources = dataset.execute("select id, first_run, last_run, first_seen, last_seen, gone from sources").fetchall()
        visits = archive.execute("select run_id, url, via, status, sha256, outcome from visits").fetchall()
        documents = archive.execute("select sha256, first_run from documents").fetchall()
    return sorted(map(repr, [*sightings, *reports, *sources, *visits, *documents]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """One machine's folder, and the shards of three that made the same visits."""
    folder = tmp_path_factory.mktemp("world")
    visits = history(random.Random(3))
    one_machine(folder / "one", visits)
    return folder / "one", fleet(folder, visits, random.Random(4))


def test_as_if_one_machine_had_done_it_all(world: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, shards = world
    assert len(shards) == 3
    fold(shards, tmp_path / "merged")
    assert differences(one, tmp_path / "merged") == {}
    assert runs_of(one) == runs_of(tmp_path / "merged")
    assert contents(one)["copies"], "the world has nothing that spans shards"
    assert contents(one)["changes"], "the world has nothing that spans shards"
    before = everything(tmp_path / "merged")
    fold(shards, tmp_path / "merged")
    assert everything(tmp_path / "merged") == before


def test_in_any_order_one_at_a_time(world: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, shards = world
    for shard in (shards[2], shards[0], shards[2], shards[1]):
        fold([shard], tmp_path / "merged")
    assert differences(one, tmp_path / "merged") == {}
    assert runs_of(one) == runs_of(tmp_path / "merged")


def test_a_merge_of_merges(world: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, shards = world
    fold(shards[:2], tmp_path / "some")
    fold([shards[2], tmp_path / "some"], tmp_path / "merged")
    assert differences(one, tmp_path / "merged") == {}


def test_interrupted_anywhere(world: tuple[Path, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends before each of its commits in turn; the next merge goes on."""
    one, shards = world

    class Killed(BaseException):
        pass

    original = merging.transaction
    for survived in range(1, 60, 6):
        left = survived

        def transaction(db: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return original(db)  # type: ignore[arg-type]

        merged = tmp_path / f"merged{survived}"
        monkeypatch.setattr(merging, "transaction", transaction)
        try:
            fold(shards, merged)
        except Killed:
            monkeypatch.setattr(merging, "transaction", original)
            fold(shards, merged)
        monkeypatch.setattr(merging, "transaction", original)
        assert differences(one, merged) == {}, f"after {survived} commits"


def test_runs_that_machines_counted_themselves(tmp_path: Path) -> None:
    """Without a fleet two folders both have a run 1; in the whole each keeps its own, by its time."""
    late, early = tmp_path / "late", tmp_path / "early"
    pages = (Page("http://www.640221.gov.cn/1.html", NUMBER),)
    make(late, Visit(1, "640221", pages))
    make(early, Visit(1, "640522", (Page("http://www.640522.gov.cn/1.html", reports_of("640522")[2]),)))
    with sqlite3.connect(early / "archive.db") as connection:
        connection.execute("update runs set started = '2025-01-20T08:00:00Z'")
    fold([late, early], tmp_path / "merged")
    with Archive(tmp_path / "merged") as archive:
        assert [row["started"][:4] for row in archive.runs()] == ["2025", "2026"]
        assert archive.open_run("county", {}, {}) > archive.runs()[1]["id"]


def test_what_cannot_be_folded_says_what_to_do(world: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, shards = world
    whole, half, torn, newer, older, body = (tmp_path / name for name in "whole half torn newer older body".split())
    for copy in (whole, half, torn, newer, older, body):
        shutil.copytree(shards[0], copy)
    data = (half / "archive.db").read_bytes()
    (half / "archive.db").write_bytes(data[: len(data) // 2])
    (torn / "archive.db").write_bytes(data[:8192] + b"\xa5" * 40960 + data[49152:])
    with sqlite3.connect(newer / "archive.db") as connection:
        connection.execute("pragma user_version = 99")
    with sqlite3.connect(older / "reports.db") as connection:
        connection.execute("pragma user_version = 1")
    with sqlite3.connect(body / "archive.db") as connection:
        (sha256,) = connection.execute("select min(sha256) from documents").fetchone()
        connection.execute("update bodies set body = x'00' || body where sha256 = ?", [sha256])
    done = command(
        "merge", *map(str, (half, torn, newer, tmp_path / "nowhere", older, body)), folder=tmp_path / "merged"
    )
    assert done.code == 1
    assert "half/archive.db was copied only in part" in done.err
    assert "torn/archive.db" in done.err
    assert "newer/archive.db was made by a newer version" in done.err
    assert "name the folder of a shard" in done.err
    assert "older/reports.db was made by an older version" in done.err
    assert "scrapy reread" in done.err
    assert "Traceback" not in done.err
    with Archive(tmp_path / "merged", write=False) as archive:
        assert list(archive.problems()) == []
    fold([whole, *shards[1:]], tmp_path / "merged")  # the whole copies bring what was left out
    assert differences(one, tmp_path / "merged") == {}


def test_a_damaged_document_is_left_out_with_its_facts(tmp_path: Path) -> None:
    shard, merged = tmp_path / "w1-0", tmp_path / "merged"
    numbers = reports_of("640221")[:3]
    make(shard, Visit(1, "640221", tuple(Page(f"http://www.640221.gov.cn/{n}.html", n) for n in numbers)))
    with sqlite3.connect(shard / "archive.db") as connection:
        (sha256,) = connection.execute("select min(sha256) from documents").fetchone()
        connection.execute("update bodies set body = zeroblob(length(body)) where sha256 = ?", [sha256])
    said: list[str] = []
    fold([shard], merged, said)
    assert sha256 in said[0]
    with Archive(merged, write=False) as archive, Dataset(merged) as dataset:
        assert not archive.holds(sha256)
        assert sha256 not in set(dataset.documents_cited())
        assert dataset.count_current() == 2
        assert sum(row["outcome"] == "held" for row in dataset.coverage(["640221"])) == 2


def test_a_folder_that_was_crawled_into_is_no_target(tmp_path: Path) -> None:
    make(tmp_path / "data", Visit(1, "640221", ()))
    make(tmp_path / "w1-0", Visit(1, "640522", ()))
    with pytest.raises(Refused, match="rename it, give its new name among the shards"):
        fold([tmp_path / "w1-0"], tmp_path / "data")


def test_what_one_machine_found_dead_or_lost_no_other_asks_for(tmp_path: Path) -> None:
    portal, dead, lost = PORTALS["640221"], "http://www.640221.gov.cn/1.html", "http://www.640221.gov.cn/2.html"
    nothing = Memory(portal.code)
    with Archive(tmp_path / "w1-0") as archive, Dataset(tmp_path / "w1-0") as dataset:
        archive.register([portal])
        archive.number = BY_TIME + 1
        archive.open_run("county", {}, {})
        archive.no_document(NoDocument(portal.code, dead, dead, "gone", "status 404", title="年报"), DAY)
        archive.portal_read(PortalRead(portal.code, "held", "", lost=(lost,)), DAY)
        archive.close_run("finished", "ok", {})
        memory = unpack(learn(archive, dataset, portal.code, "w1-0", nothing).pack(), portal.code)
    with Archive(tmp_path / "w2-0") as archive:
        archive.take_over(portal.code, memory.state)
        waiting, missed = archive.waiting(portal.code), archive.visit_memory(portal.code).lost
    assert list(missed) == [lost]
    known = known_pages([], set(), DAY, waiting, missed)
    assert known == {dead: Known(("年报",), "", settled=True, held=False)}
    later = known_pages([], set(), DAY + timedelta(days=DEAD), waiting, missed)
    assert later == {}, "after four weeks it is asked for again"


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    with Archive(tmp_path / "w1-0") as archive:
        archive.open_run("county", {"shard": "w1-0", "learned": "640221:w2-0"}, {})
    said: list[str] = []
    fold([tmp_path / "w1-0"], tmp_path / "merged", said)
    assert any("640221" in each and "w2-0" in each for each in said)


def test_the_verdict_of_the_whole(tmp_path: Path) -> None:
    """No shard holds as many reports as the registry asks for, both together do; what a last visit found worse is
    said; the pages that a search for portals kept come along."""
    year = 2023
    same = [n for n in reports_of("640221") if make_report(n).year == year]
    shards = [tmp_path / "w1-0", tmp_path / "w2-0"]
    memory = None
    for k, (shard, number) in enumerate(zip(shards, same, strict=True), 1):
        page = Page(f"http://www.640221.gov.cn/{number}.html", number)
        memory = make(shard, Visit(BY_TIME + 1000 * k, "640221", (page,)), memory)
    with Archive(shards[0]) as archive:
        archive.open_run("portals", {}, {})
        archive.keep_page(PortalPage("640221", "home", "http://a.cn/", "http://a.cn/", b"<p>a</p>"), "text/html")
        archive.close_run("finished", "ok", {})
    registry = tmp_path / "portals.csv"
    arguments = ("merge", *map(str, shards), "-a", f"portals={registry}", "-s", f"TODAY={year + 1}-05-01")
    for bound, code in ((2, 0), (3, 2)):
        registry.write_text(f"code,name,url,bound\n640221,平罗县,http://www.640221.gov.cn/,{bound}\n", "utf-8")
        done = command(*arguments, folder=tmp_path / "merged")
        assert done.code == code, done.err
    assert f"Got worse: 640221 平罗县: 2 reports of {year} held, the registry asks for 3" in done.out
    with Archive(tmp_path / "merged") as archive, Dataset(tmp_path / "merged") as dataset:
        assert archive.db.execute("select asked from portal_pages").fetchall() == [("http://a.cn/",)]
        assert list(archive.problems()) == []
        last = archive.visit_memory("640221").run_id or 0
        said = {"worse": ["640221 平罗县: 3 reports are gone", "640221 平罗县: few"], "below": ["640221 平罗县: few"]}
        archive.db.table("runs").update(last, {"verdict": "bad", "stats": json.dumps(said)})
        assert of_the_whole(archive, dataset, [], year) == said["worse"][:1]


def test_newer_readings_stay(tmp_path: Path) -> None:
    """What was read again after a merge is not undone by the same shard."""
    shard, merged = tmp_path / "w1-0", tmp_path / "merged"
    make(
        shard,
        Visit(1, "640221", (Page("http://www.640221.gov.cn/1.html", NUMBER),)),
        reader="an older one",
    )
    fold([shard], merged)
    with sqlite3.connect(merged / "reports.db") as connection:
        connection.execute("update sources set reader = ?, detail = 'read again'", [reader_version()])
        connection.execute("update reports set reader = ?", [reader_version()])
    before = contents(merged)["readings"]
    fold([shard], merged)
    assert contents(merged)["readings"] == before


def test_every_table_has_its_way(tmp_path: Path) -> None:
    """A new table of the dataset must be a part of reports, or be named in one of the ways of folding."""
    facts = Facts(tmp_path)
    shared = {"headings", "topics", "layouts"}
    known = {*facts.parts(), *FORM, *OF_COUNTY, *NOT_PARTS, *shared, "reports", "agencies", "verdicts"}
    assert set(SCHEMA) <= known
    facts.close()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(30))
def test_any_history(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    visits = history(rng, 12)
    one_machine(tmp_path / "one", visits)
    shards = fleet(tmp_path, visits, rng, shards=rng.randint(2, 4))
    rng.shuffle(shards)
    for shard in (*shards, rng.choice(shards)):
        fold([shard], tmp_path / "merged")
    assert differences(tmp_path / "one", tmp_path / "merged") == {}
    assert runs_of(tmp_path / "one") == runs_of(tmp_path / "merged")
