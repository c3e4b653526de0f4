"""What a crawl does with a document that the archive holds: once, in parts, or several as one."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.dataset import Dataset
from crawler.items import Sighting
from crawler.reading import NoReaders, Reader, ReadingRoom
from parsers import documents
from parsers.documents.limits import Limits
from parsers.documents.model import Unread
from parsers.reading import Reading
from parsers.reports.model import Context
from tests.generator.report import make_report
from tests.portals.documents import html
from tests.portals.seeds import SEEDS
from tests.test_dataset import report_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


class Room(ReadingRoom):
    """Reads pictures without recognising anything; the rest as always."""

    series: list[int]

    def __init__(self) -> None:
        super().__init__(workers=1, seconds=20, megabytes=4096, limits=Limits())
        self.series = []

    async def read_series(self, images: Sequence[bytes], context: Context) -> Reading:
        self.series.append(len(images))
        return Reading("image/png", report_of(make_report(3, zero="0")))


@pytest.fixture
def room() -> Iterator[Room]:
    opened = Room()
    yield opened
    opened.close()


@pytest.fixture
def reader(tmp_path: Path, room: Room) -> Iterator[Reader]:
    with Archive(tmp_path) as archive, Dataset(tmp_path) as dataset:
        archive.open_run("county", {}, {})
        yield Reader(archive, dataset, room, {"640221": "平罗县"}, Counter[str]().subtract)


def kept(reader: Reader, url: str, body: bytes, page: str = "") -> Sighting:
    sighting = Sighting(
        "640221", url, body, page_url=page or url, titles=("平罗县陶乐镇2024年政府信息公开工作年度报告",)
    )
    reader.archive.keep(sighting, documents.sniff(body))
    return sighting


def outcomes(reader: Reader) -> dict[str, tuple[str, str]]:
    rows = reader.dataset.db.query("select url, outcome, reason from readings")
    return {row["url"].rpartition("/")[2]: (row["outcome"], row["reason"]) for row in rows}


def test_pictures_of_one_page_are_one_report(reader: Reader, room: Room) -> None:
    pages = [kept(reader, f"http://a/{n}.png", PNG + bytes([n]), "http://a/page") for n in (3, 1, 2)]
    for page in pages:
        asyncio.run(reader.read(page))
    assert outcomes(reader) == {}
    asyncio.run(reader.read_series("640221"))
    assert room.series == [3]
    assert outcomes(reader) == {f"{n}.png": ("held", "") for n in (1, 2, 3)}
    assert reader.dataset.db.table("reports").count == 1
    asyncio.run(reader.read_series("640221"))
    assert room.series == [3], "what is read is left alone"


def test_files_inside_an_archive_are_documents_of_their_own(reader: Reader) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("陶乐镇.html", html(SEEDS[0]))
        archive.writestr("notes/readme.html", "<p>请查收各乡镇报告。</p>")
    asyncio.run(reader.read(kept(reader, "http://a/all.zip", packed.getvalue())))
    assert [row["agency"] for row in reader.dataset.held("640221")] == ["平罗县陶乐镇人民政府"]
    names = outcomes(reader)
    assert names["all.zip"] == ("held", "")
    assert ("unread", "not_a_report") in names.values()
    assert len(names) == 3
    assert reader.archive.db.table("documents").count == 3


def test_a_report_of_another_county_is_not_this_county_s(reader: Reader) -> None:
    sighting = kept(reader, "http://a/1", html(SEEDS[4]).encode())
    asyncio.run(reader.read(sighting))
    assert outcomes(reader) == {"1": ("unread", "foreign")}


def test_a_reader_that_hangs_is_stopped(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.room.seconds = 0.0001
    asyncio.run(reader.read(kept(reader, "http://a/1", html(SEEDS[0]).encode())))
    assert outcomes(reader) == {"1": ("unread", "timeout")}
    reader.room.seconds = 20
    asyncio.run(reader.read(kept(reader, "http://a/2", html(SEEDS[0]).encode() + b" ")))
    assert outcomes(reader)["2"] == ("held", "")
    (report,) = reader.dataset.held("640221")
    assert reader.dataset.db.execute("select count(*) from findings where report_id = ?", [report["id"]]).fetchone()[0]


def _die(*_: object) -> None:
    import os

    os._exit(9)


def _grow(*_: object) -> None:
    bytearray(64 * 1024**3)


@pytest.mark.parametrize(("harm", "reason"), [(_die, "crashed"), (_grow, "memory")])
def test_what_happens_to_a_reader_s_process_is_a_reason(room: Room, harm: object, reason: str) -> None:
    with pytest.raises(Unread, match=reason):
        asyncio.run(room._run(harm))  # type: ignore[arg-type]
    reading = asyncio.run(room.read(html(SEEDS[0]).encode(), Context("640221", "平罗县")))
    assert reading.report is not None, "the next document is read as if nothing had happened"


def test_a_clock_that_is_set_forward_stops_no_reader(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        """A day ahead from the second time on that somebody looks."""

        looks = 0
        sleep = staticmethod(time.sleep)

        def time(self) -> float:
            self.looks += 1
            return time.time() + (86400 if self.looks > 1 else 0)

    monkeypatch.setattr("pebble.pool.process.time", Clock())
    asyncio.run(reader.read(kept(reader, "http://a/1", html(SEEDS[0]).encode())))
    assert outcomes(reader) == {"1": ("held", "")}


def test_a_room_that_cannot_start_its_readers_says_so_of_itself_not_of_the_document() -> None:
    room = Room()
    room.close()
    with pytest.raises(NoReaders):
        asyncio.run(room.read(b"anything", Context("640221", "")))
