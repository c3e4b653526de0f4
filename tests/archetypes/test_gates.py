"""The challenges open for an ordinary browser, and only for it; the application shell shows its content there too."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator

import pytest

from tests.archetypes import a10_gates, a12_spa
from tests.archetypes.gates import Slider
from tests.archetypes.model import Step, World
from tests.archetypes.score import traffic
from tests.archetypes.server import Server
from tests.archetypes.walk import Walker

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture
def gates() -> Iterator[tuple[Server, World]]:
    with Server() as server:
        world = a10_gates.build(server.port)
        server.add(world.sites)
        yield server, world


def test_every_page_is_refused_without_clearance(gates: tuple[Server, World]) -> None:
    server, world = gates
    for portal, site in zip(world.portals, world.sites, strict=True):
        status, body = Walker(server).fetch(Step(portal.url + "zfxxgk/zfxxgknb/"))
        assert status == site.gate.refused  # type: ignore[union-attr]
        assert "政府信息公开年报" not in body.decode()


def test_clearance_of_one_host_opens_no_other(gates: tuple[Server, World]) -> None:
    server, world = gates
    cookies = [site.gate.cookie("gongkai-test") for site in world.sites]  # type: ignore[union-attr]
    for portal, site, other in zip(world.portals, world.sites, cookies[1:] + cookies[:1], strict=True):
        status, _ = Walker(server).fetch(Step(portal.url, headers=(("Cookie", other),)))
        assert status == site.gate.refused  # type: ignore[union-attr]


def test_clearance_is_void_under_another_user_agent(gates: tuple[Server, World]) -> None:
    server, world = gates
    for portal, site in list(zip(world.portals, world.sites, strict=True))[:4]:
        headers = (("Cookie", site.gate.cookie("gongkai-test")), ("User-Agent", "somebody else"))  # type: ignore[union-attr]
        status, body = Walker(server).fetch(Step(portal.url, headers=headers))
        assert status == site.gate.refused  # type: ignore[union-attr]
        assert "今日要闻" not in body.decode()


def test_constant_stub_has_the_observed_size(gates: tuple[Server, World]) -> None:
    server, world = gates
    sizes = {len(Walker(server).fetch(Step(world.portals[2].url + path))[1]) for path in ("", "zfxxgk/", "x/y.html")}
    assert sizes == {1334}


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_a_browser_passes_all_gates_but_the_slider(gates: tuple[Server, World]) -> None:
    from playwright.sync_api import sync_playwright

    server, world = gates
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER)
        for portal, site in zip(world.portals, world.sites, strict=True):
            page = browser.new_context(user_agent="gongkai-test").new_page()
            page.goto(portal.url)
            if isinstance(site.gate, Slider):
                page.wait_for_timeout(500)
                assert "安全验证" in page.title()
                continue
            page.wait_for_selector("text=今日要闻", timeout=8000)
            clearance = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
            status, _ = Walker(server).fetch(Step(portal.url + "zfxxgk/zfxxgknb/", headers=(("Cookie", clearance),)))
            assert status == 200, portal.name
        browser.close()
    # each unlock is one navigation however often the page reloaded itself
    assert traffic(server.records(), server.sites).navigations == 5


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_the_application_shows_its_list_in_a_browser() -> None:
    from playwright.sync_api import sync_playwright

    with Server() as server, sync_playwright() as playwright:
        world = a12_spa.build(server.port)
        server.add(world.sites)
        browser = playwright.chromium.launch(executable_path=BROWSER)
        page = browser.new_page()
        page.goto(world.portals[0].url)
        page.click("text=政府信息公开年报")
        page.wait_for_selector("#list a[title*='人民政府2025年政府信息公开工作年度报告']")
        page.click("#list a[title*='人民政府2025年政府信息公开工作年度报告']")
        page.wait_for_selector("text=第二十条第（一）项")
        browser.close()


def test_a_plain_request_to_a_host_with_tls_only_gets_no_answer() -> None:
    from tests.archetypes import a06_vsb

    with Server() as server:
        world = a06_vsb.build(server.port)
        server.add(world.sites)
        finance = next(site for site in world.sites if site.names[0].startswith("fin."))
        url = f"http://{finance.names[0]}:{server.port}/"
        with pytest.raises((OSError, http.client.HTTPException)):
            Walker(server).fetch(Step(url))
        assert [(record.status, record.scheme) for record in server.records()] == [(0, "http")]
        assert Walker(server).fetch(Step(url.replace("http:", "https:")))[0] == 200
