"""A small dataset with everything the pages show, served as `make browse` serves it, and a browser to look at it."""

from __future__ import annotations

import dataclasses
import io
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from crawler.archive import Archive
from crawler.browser import NoBrowser, find
from crawler.crosschecks import close_county
from crawler.dataset import Dataset
from crawler.items import Sighting
from parsers import documents
from parsers.reading import Reading, read
from parsers.reports.checks import evaluate
from parsers.reports.model import Context, Issuer, Mark, Report, Table, Value
from tests.conftest import ROOT
from tests.generator import html as generated
from tests.generator.report import MadeReport, make_report

COUNTY = "640221"
AGENCY = "平罗县教育体育局"
ARTEFACTS = ROOT / "tests" / "artefacts"
FIXTURES = ROOT / "tests" / "documents" / "fixtures"


@dataclass
class Canary:
    """A host that nobody may ask anything."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class World:
    """``reports`` maps names to ids: 2021 … 2024, ``fails``, ``hostile``, ``pdf``, ``image``, ``text``, ``word``."""

    folder: Path
    reports: dict[str, int]
    made: dict[str, MadeReport]
    agency_id: int
    base: str = ""

    def page(self, name: str) -> str:
        return f"{self.base}/report/{self.reports[name]}"


@pytest.fixture(scope="session")
def canary() -> Iterator[Canary]:
    found = Canary()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()


def own_reports() -> dict[int, MadeReport]:
    """Of one agency, a report of each year."""
    found: dict[int, MadeReport] = {}
    for seed in range(600):
        made = make_report(seed, zero="0", size=60)
        if made.agency == AGENCY:
            found.setdefault(made.year, made)
    return found


HOSTILE_TITLE = '<img src=x onerror="window.pwned=1">=HYPERLINK("http://evil/")'


def hostile(page: bytes, canary: str) -> bytes:
    """A report in which everything tries to act, or to tell somebody that it was opened."""
    tricks = f"""<script>window.pwned=1;top.pwned=1;fetch('{canary}/fetch');
alert(1);top.location='{canary}/top'</script>
<meta http-equiv="refresh" content="0;url={canary}/refresh"><base href="{canary}/base/">
<link rel="stylesheet" href="{canary}/sheet.css"><style>@import url('{canary}/import.css');
td{{background:url('{canary}/style.png')}}</style><img src="{canary}/image.png" onerror="window.pwned=2">
<iframe src="{canary}/frame.html" srcdoc="<script>top.pwned=3</script>"></iframe>
<object data="{canary}/object"></object><embed src="{canary}/embed"></embed>
<video src="{canary}/video" autoplay></video>
<svg onload="window.pwned=4"><image href="{canary}/svg.png"/><script>window.pwned=5</script></svg>
<form action="{canary}/form" method="post"><input autofocus onfocus="window.pwned=6" name="a"><button>x</button></form>
<div style="background-image:url({canary}/inline.png);position:fixed;inset:0;z-index:9999" onmouseover="window.pwned=7">
</div><a href="javascript:window.pwned=8" id="link">click</a><a href="{canary}/link" target="_top" id="away">away</a>
"""
    late = f"""<math><mtext><table><mglyph><style><!--</style>
<img title="--&gt;&lt;img src=1 onerror=window.pwned=9&gt;"></math>
<noscript><p title="</noscript><img src=x onerror=window.pwned=10>"></noscript>
<table background="{canary}/background.png"><tr><td>1</td></tr></table>"""
    return page.replace(b"</h1>", b"</h1>" + tricks.encode(), 1).replace(b"</body>", late.encode() + b"</body>")


def failing(made: MadeReport) -> MadeReport:
    """The total of applications received is not the sum of its columns."""
    return dataclasses.replace(made, cells={**made.cells, (3, "received", "total"): "98765"})


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, canary: Canary) -> World:
    folder = tmp_path_factory.mktemp("browse")
    own = own_reports()
    pages: dict[str, tuple[bytes, str]] = {
        str(year): (generated.clean(made, random.Random(year)), made.title) for year, made in own.items()
    }
    last = max(own)
    other = next(made for made in map(make_report, range(900)) if made.agency == "平罗县陶乐镇人民政府" and made.cells)
    pages["fails"] = (generated.clean(failing(own[last]), random.Random(1)), own[last].title)
    pages["hostile"] = (hostile(generated.clean(other, random.Random(2)), canary.url), HOSTILE_TITLE)
    del pages[str(last)]
    pages["pdf"] = ((FIXTURES / "chromium_head.pdf").read_bytes(), "")
    pages["word"] = ((FIXTURES / "word_2021_slash.docx").read_bytes(), "")
    seeds = sorted((ROOT / "tests" / "portals" / "seeds").glob("*"))
    pages["text"] = (seeds[0].read_bytes(), "")
    reports, agency_id = _store(folder, pages)
    return World(folder, reports, {str(year): made for year, made in own.items()}, agency_id)


def _store(folder: Path, pages: dict[str, tuple[bytes, str]]) -> tuple[dict[str, int], int]:
    found: dict[str, int] = {}
    with Archive(folder) as archive, Dataset(folder) as dataset:
        archive.open_run("test", {}, {})
        for name, (body, title) in pages.items():
            county = COUNTY if title else ""
            titles = (title,) if title else ()
            sighting = Sighting(county, f"http://www.pingluo.gov.cn/{name}.html", body, titles=titles)
            sighting.published = "2025-01-20"
            archive.keep(sighting, documents.sniff(body))
            reading = read(body, Context(county_code=county, titles=sighting.titles))
            assert reading.report is not None, (name, reading)
            report_id = dataset.write(sighting, reading, "test")
            assert report_id is not None
            dataset.write_findings(report_id, evaluate(reading.report))
            found[name] = report_id
        found["image"] = _store_image(archive, dataset)
        held = dataset.held(COUNTY)
        rows = [{"agency": r["agency"], "kind": r["kind"], "year": r["year"], "outcome": "held", "report_id": r["id"],
                 "reason": ""} for r in held]  # fmt: skip
        gone = {"kind": "township", "outcome": "absent", "report_id": None, "reason": "1 lists read to their end"}
        rows += [{"agency": f"平罗县{name}人民政府", "year": 2024, **gone} for name in ("城关镇", "宝丰镇")]
        portal = {"code": COUNTY, "name": "平罗县", "province": "", "prefecture": "", "system": "trs"}
        dataset.write_portal(portal | {"url": "http://www.pingluo.gov.cn/", "outcome": "held", "reason": ""})
        dataset.write_coverage(COUNTY, rows, None)
        close_county(dataset, COUNTY)
        ids = {row["name"]: row["id"] for row in dataset.db["agencies"].rows}
    return found, ids[AGENCY]


def _store_image(archive: Archive, dataset: Dataset) -> int:
    """A picture of a table, as a reader of pictures gives it: recognising it here would take seconds."""
    picture = Image.new("RGB", (1000, 700), "white")
    drawing = ImageDraw.Draw(picture)
    values = []
    for n, column in enumerate(("natural_person", "business", "total")):
        left, top, right, bottom = 400 + n * 150, 300, 550 + n * 150, 360
        drawing.rectangle((left, top, right, bottom), outline="black", width=2)
        drawing.text((left + 60, top + 15), str(n + 3), fill="black", font_size=28)
        place = f"p1:{left},{top},{right},{bottom}"
        values.append(Value(3, "received", column, n + 3, Mark.NUMBER, str(n + 3), place, doubt=n == 2))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    issuer = Issuer("平罗县高庄乡人民政府", "township", COUNTY, "640221201", "高庄乡")
    made = Report("高庄乡2023年报告", 2023, issuer, "2021", (), (Table(3, "2021"),), tuple(values), (), (), ())
    sighting = Sighting(COUNTY, "http://www.pingluo.gov.cn/image.png", stream.getvalue())
    archive.keep(sighting, "image/png")
    report_id = dataset.write(sighting, Reading("image/png", made), "test")
    assert report_id is not None
    dataset.write_findings(report_id, evaluate(made))
    return report_id


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def served(world: World) -> Iterator[World]:
    """The world behind a server."""
    port = free_port()
    command = [sys.executable, "-m", "crawler.browse", str(world.folder), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        until = time.monotonic() + 60
        while "Open http" not in said and time.monotonic() < until and process.poll() is None:
            said += process.stdout.readline()
        assert "Open http" in said, said
        time.sleep(0.5)
        world.base = f"http://127.0.0.1:{port}"
        yield world
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    try:
        found = find()
    except NoBrowser as missing:
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found.path or None, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab of a desktop browser; what its pages complain about is in ``tab.complaints``."""
    context = browser.new_context(viewport={"width": 1360, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
