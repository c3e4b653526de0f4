"""Pages that need a browser, and what becomes of the browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.transport.crawl import Prepared, body, command
from tests.transport.server import Answer, Hit, Site, plain
from tests.transport.test_challenge import needs_browser

pytestmark = needs_browser

LIST = """<!DOCTYPE html><html><head><link rel="stylesheet" href="/style.css"><script src="/jquery.js">
</script></head><body><img src="/photo.jpg"><ul id="list"></ul><span class="pager"><a href="#" class="{off}">上一页</a>
<a href="javascript:void(0)" onclick="show(1)" id="next">下一页</a></span><script>
let page = 0;
function show(step) {{ page += step; fetch('/api/list?page=' + page).then(r => r.json()).then(rows => {{
  document.getElementById('list').innerHTML = rows.map(r => '<li><a href="/a/' + r + '">' + r + '</a></li>').join('');
  if (page >= {last}) document.getElementById('next').className = 'disabled'; }}); }}
show(1);
fetch('/secret/count'); new Image().src = 'http://{foreign}/pixel.gif';
</script><script src="http://{foreign}/count.js"></script></body></html>"""
POPUP = "<html><body><p>开窗</p><script>window.open('/popup'); window.open('/popup2', '_blank');</script></body></html>"
EXPLORE = """<!DOCTYPE html><html><head><title>公开</title></head><body>
<div id="tabs"><span>2023年</span><span>2022年</span></div><p onclick="window.open('/column?7')">政府信息公开年报</p>
<p onclick="elsewhere()">县长信箱</p><form name="f" action="/deep/posted" method="post"></form>
<a href="javascript:void(document.f.submit())">信息公开目录</a><ul id="list"></ul><script>
const rows = document.getElementById('list'), elsewhere = () => {{ location.href = '/letters'; }};
function tab(year) {{ fetch('/api/list?page=' + year).then(r => r.json()).then(() => {{ rows.innerHTML = '';
  for (const body of ['教育局', '<i>财政局']) {{ const li = document.createElement('li');
    li.textContent = body + year + '年政府信息公开工作年度报告';
    li.addEventListener('click', () => {{ location = '/a/' + year + '-' + encodeURIComponent(body); }});
    rows.appendChild(li); }} }}); }}
document.getElementById('tabs').addEventListener('click', e => tab(parseInt(e.target.textContent)));
tab(2023);</script></body></html>"""
POSTED = "<html><head><title>目录</title></head><body><ul><li><a href='x.html'>2021年报告</a></li></ul></body></html>"
SIBLING = """<html><body><p id=x>x</p><script src='http://static.county.localhost:{port}/draw.js?near'></script>
<script src='http://far.county.localhost:{far}/draw.js?far'></script></body></html>"""
DRAW = "document.getElementById('x').textContent += ' drawn by {}';"


class Portal:
    def __init__(self) -> None:
        self.foreign = ""
        self.port = self.far = 0

    def __call__(self, hit: Hit, site: Site) -> Answer:
        path = hit.path.split("?")[0]
        if path == "/robots.txt":
            return Answer(b"User-agent: *\nDisallow: /secret", headers=(("Content-Type", "text/plain"),))
        if path == "/api/list":
            page = hit.path.partition("=")[2]
            return Answer(json.dumps([f"row {page}-{n}" for n in range(3)]).encode(), seconds=0.05)
        pages = {
            "/list": LIST.format(last=3, foreign=self.foreign, off="disabled"),
            "/popup-opener": POPUP,
            "/explore": EXPLORE.format(),
            "/deep/posted": POSTED,
            "/loop": "<html><body><p>Schleife</p><script>while (true) {}</script></body></html>",
            "/waits": "<html><body><p>da</p><script>fetch('/hang')</script></body></html>",
            "/many": "<html><p>da</p><script>for (let n = 0; n < 4; n++) fetch('/part?' + n)</script></html>",
            "/sibling": SIBLING.format(port=self.port, far=self.far),
        }
        if path == "/draw.js":
            return Answer(DRAW.format(hit.path[9:]).encode(), headers=(("Content-Type", "application/javascript"),))
        if path == "/part":
            return Answer(b"{}", seconds=0.15)
        if path == "/hang":
            return Answer(b"late", seconds=2.5)
        if path == "/file.pdf":
            return Answer(b"%PDF-1.4 a file", headers=(("Content-Type", "application/pdf"),))
        if path == "/attached":
            attached = ("Content-Disposition", "attachment; filename=a.doc")
            return Answer(b"\xd0\xcf\x11\xe0 doc", headers=(("Content-Type", "application/msword"), attached))
        if path in pages:
            return Answer(pages[path].encode(), seconds=0.05)
        return plain(hit, site)


def prepare() -> Prepared:
    portal = Portal()
    site, foreign, local = Site(portal).start(), Site(plain).start(), Site(portal, address="127.0.0.1").start()
    far = Site(portal).start()
    portal.foreign, portal.port, portal.far = f"{foreign.address}:{foreign.port}", local.port, far.port
    hosts = {
        "www.county.localhost": "127.0.0.1",
        "static.county.localhost": "127.0.0.1",
        "far.county.localhost": far.address,
    }
    render = {"render": True}
    steps = [
        {"url": site.url("/list"), "label": "list", "meta": {**render, "render_explore": {"within": True}}},
        {"url": site.url("/plain"), "label": "plain"},
        {"url": site.url("/file.pdf"), "label": "pdf", "meta": render},
        {"url": site.url("/attached"), "label": "doc", "meta": render},
        {"url": site.url("/popup-opener"), "label": "popup", "meta": render},
        {"url": site.url("/many"), "label": "many", "meta": render},
        {"url": site.url("/explore"), "label": "explore", "meta": {**render, "render_explore": {"within": True}}},
        {"url": site.url("/secret/page"), "label": "secret", "meta": render},
        {"url": local.url("/sibling", host="www.county.localhost"), "label": "sibling", "meta": render},
        {"url": "http://127.7.99.98:9/", "label": "nobody", "meta": {**render, "dont_retry": True}},
    ]
    settings = {"DOWNLOAD_DELAY": 0.1, "RENDER_TIMEOUT": 12, "RENDER_CONTEXT_PAGES": 3, "BACKOFF_START": 0.1}
    return Prepared(steps, {"site": site, "foreign": foreign, "local": local, "far": far}, settings, hosts=hosts)


def test_a_list_that_exists_only_after_javascript(world: Prepared) -> None:
    row = world["list"]
    assert "row 1-0" in row["text"]
    assert (row["kind"], row["flags"], row["encoding"], row["status"]) == ("HtmlResponse", ["browser"], "utf-8", 200)


def test_clicks_go_through_the_pages_to_the_end(world: Prepared) -> None:
    assert [f"row {n}-2" in page for n, page in enumerate(world["list"]["pages"], 2)] == [True, True]


def test_clicks_find_the_addresses_of_words_without_asking_for_them(world: Prepared) -> None:
    row = world["explore"]
    first, *pictures = (unquote(page) for page in (row["text"], *row["pages"]))
    assert 'href="http' in first
    assert "/a/2023-教育局" in first
    assert "/a/2023-&lt;i&gt;财政局" in first.replace("<", "&lt;").replace(">", "&gt;")
    assert "/column?7" in first
    assert any("/a/2022-教育局" in picture for picture in pictures)
    assert any("<base" in picture and "/deep/posted" in picture and "x.html" in picture for picture in pictures)
    asked = world.sites["site"].paths()
    assert "/deep/posted" in asked
    assert not [path for path in asked if path.startswith(("/a/", "/column", "/letters", "/deep/x"))]


def test_plain_requests_stay_plain(world: Prepared) -> None:
    assert world["plain"]["flags"] == []


def test_files_are_downloaded_by_plain_http(world: Prepared) -> None:
    assert (body(world["pdf"]), world["pdf"]["flags"]) == (b"%PDF-1.4 a file", [])
    assert body(world["doc"]) == b"\xd0\xcf\x11\xe0 doc"


def test_the_browser_asks_for_nothing_it_does_not_need(world: Prepared) -> None:
    assert world.done
    asked = set(world.sites["site"].paths())
    assert "/jquery.js" in asked
    assert not asked & {"/photo.jpg", "/style.css", "/favicon.ico", "/popup", "/popup2"}
    assert not world.sites["foreign"].hits


def test_the_browser_obeys_robots(world: Prepared) -> None:
    assert world.done
    assert not [path for path in world.sites["site"].paths() if path.startswith("/secret")]
    assert world["secret"]["outcome"] == "disallowed"


def test_the_browser_is_as_polite_as_the_rest(world: Prepared) -> None:
    assert world.done
    assert world.sites["site"].most == 1
    assert min(world.sites["site"].gaps()) >= 0.09
    assert sum(path.startswith("/part") for path in world.sites["site"].paths()) == 4
    assert {"gongkai" in hit.headers["user-agent"] for hit in world.sites["site"].hits} == {True}


def test_sibling_hosts_help_to_draw(world: Prepared) -> None:
    assert "x drawn by near drawn by far" in world["sibling"]["text"]
    assert world.sites["far"].paths(robots=True) == ["/robots.txt", "/draw.js?far"]
    assert world.sites["local"].paths(robots=True).count("/robots.txt") == 2
    assert world.sites["local"].most == 1


def prepare_endless() -> Prepared:
    site = Site(Portal()).start()
    steps = [
        {"url": site.url("/waits"), "label": "waits", "meta": {"render": True}},
        {"url": site.url("/loop"), "label": "loop", "meta": {"render": True, "dont_retry": True}, "priority": -5},
        {"url": site.url("/plain?after"), "label": "after", "meta": {"render": True}, "priority": -9},
    ]
    return Prepared(steps, {"site": site}, {"DOWNLOAD_DELAY": 0.1, "RENDER_TIMEOUT": 4})


def test_pages_that_never_end_are_ended(prepared: Mapping[str, Prepared]) -> None:
    endless = prepared[f"{__name__}.prepare_endless"]
    assert "da" in endless["waits"]["text"]
    assert endless["loop"]["outcome"] == "unreachable"
    assert endless["after"]["status"] == 200
    assert endless.sites["site"].most == 1


def test_failures_have_names(world: Prepared) -> None:
    assert world["nobody"]["outcome"] == "unreachable"
    assert world["stats"]["reason"] == "finished"


def descendants(pid: int) -> dict[int, str]:
    """Processes below ``pid``, with their command lines."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    lines = {}
    for one in found - {pid}:
        with suppress(OSError):
            lines[one] = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return lines


def wait_for_hits(site: Site, number: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 30
    while len(site.paths()) < number and time.monotonic() < limit and process.poll() is None:
        time.sleep(0.02)
    assert len(site.paths()) >= number


def started(tmp_path: Path, site: Site, pages: int) -> subprocess.Popen[bytes]:
    steps = [{"url": site.url(f"/{n}"), "label": f"p{n}", "meta": {"render": True}} for n in range(pages)]
    line, env = command(steps, tmp_path, {"DOWNLOAD_DELAY": 0.05, "BACKOFF_START": 0.1}, None)
    return subprocess.Popen(line, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_browser_that_is_killed_is_started_again(tmp_path: Path) -> None:
    site = Site(plain).start()
    process = started(tmp_path, site, 7)
    wait_for_hits(site, 2, process)
    browsers = [pid for pid, line in descendants(process.pid).items() if "headless" in line and "--type=" not in line]
    for pid in browsers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for_hits(site, 5, process)
    drivers = [pid for pid, line in descendants(process.pid).items() if "run-driver" in line]
    for pid in drivers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(60)
    site.stop()
    rows = [json.loads(row) for row in (tmp_path / "result.jsonl").read_text().splitlines()]
    assert browsers
    assert drivers
    assert sorted(row["label"] for row in rows if row.get("status") == 200) == sorted(f"p{n}" for n in range(7))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_crawl_that_is_killed_leaves_no_browser(tmp_path: Path) -> None:
    site = Site(plain).start()
    process = started(tmp_path, site, 50)
    wait_for_hits(site, 2, process)
    left = descendants(process.pid)
    assert any("headless" in line for line in left.values())
    process.kill()
    process.wait()
    limit = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/exe").exists() for pid in left) and time.monotonic() < limit:
        time.sleep(0.1)
    site.stop()
    assert not [line for pid, line in left.items() if Path(f"/proc/{pid}/exe").exists()]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_crawl_that_is_stopped_ends_soon_and_in_order(tmp_path: Path) -> None:
    site = Site(plain).start()
    process = started(tmp_path, site, 200)
    wait_for_hits(site, 2, process)
    left = descendants(process.pid)
    process.terminate()
    process.wait(15)
    site.stop()
    assert not [line for pid, line in left.items() if Path(f"/proc/{pid}/exe").exists()]
    rows = [json.loads(row) for row in (tmp_path / "result.jsonl").read_text().splitlines()]
    assert {row.get("outcome") for row in rows if row.get("status") != 200 and row["label"] != "stats"} == {"stopped"}
    assert rows[-1]["reason"] == "shutdown"


def memory_of(pids: list[int]) -> float:
    """Proportional set size in MB."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


@pytest.mark.long
def test_memory_stays_flat_over_a_thousand_renders(tmp_path: Path) -> None:
    portal = Portal()
    site, foreign = Site(portal).start(), Site(plain).start()
    portal.foreign = f"{foreign.address}:{foreign.port}"
    steps = [{"url": site.url(f"/list?{n}"), "label": f"p{n}", "meta": {"render": True}} for n in range(1000)]
    line, env = command(steps, tmp_path, {"DOWNLOAD_DELAY": 0.001}, None)
    process = subprocess.Popen(line, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL)
    measured: list[tuple[int, float]] = []
    while process.poll() is None:
        time.sleep(2)
        done = sum(hit.path.startswith("/list") for hit in site.hits)
        measured.append((done, memory_of([process.pid, *descendants(process.pid)])))
    early = [mb for done, mb in measured if 100 < done < 400]
    late = [mb for done, mb in measured if done > 700]
    print(f"renders: {measured[-1][0]}, MB early {max(early):.0f}, late {max(late):.0f}")
    assert measured[-1][0] >= 1000
    assert max(late) < 1.15 * max(early)
