"""Gates, passed by a real browser once and by plain HTTP after that."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crawler.browser import NoBrowser, find
from tests.transport.crawl import Prepared
from tests.transport.gates import Gate, Jiasule, Ruishu, SelfRedirect, Slider, Stub
from tests.transport.server import Answer, Hit, Site

PAGES = 8


def installed() -> bool:
    try:
        return bool(find())
    except NoBrowser:
        return False


needs_browser = pytest.mark.skipif(not installed(), reason="no browser on this machine")


class Impassable(Gate):
    """A script that never lets anybody in."""

    def challenge(self, hit: Hit) -> Answer | None:
        return Answer(b"<html><script>var $_ts={};document.cookie='a=b'</script></html>", 412)


class OneCaptcha(Gate):
    """An ordinary portal with one download behind a captcha."""

    def challenge(self, hit: Hit) -> Answer | None:
        if hit.path != "/p3":
            return None
        return Answer(
            "<html><title>附件下载</title><p>请输入验证码</p><input name=c><img src=/c.png></html>".encode("gbk")
        )


def pages(world: Prepared, name: str) -> list[str]:
    return [world[f"{name}{n}"].get("text") or "" for n in range(PAGES)]


def outcomes(world: Prepared, name: str) -> list[str]:
    return [world[f"{name}{n}"].get("outcome", "") for n in range(PAGES)]


def prepare() -> Prepared:
    gates: dict[str, Gate] = {
        "jsl": Jiasule(),
        "jsl-page": Jiasule(robots=False),
        "ruishu": Ruishu(5),
        "stub": Stub(),
        "stub-page": Stub(robots=False),
        "self": SelfRedirect(),
        "slider": Slider(robots=False),
        "impassable": Impassable(robots=False),
        "captcha": OneCaptcha(),
    }
    sites = {name: Site(gate).start() for name, gate in gates.items()}
    steps = [
        {"url": site.url(path), "label": f"{name}{label}"}
        for name, site in sites.items()
        for label, path in [*((str(n), f"/p{n}") for n in range(PAGES)), ("secret", "/secret")]
    ]
    return Prepared(steps, sites, {"DOWNLOAD_DELAY": 0.1}, extra=gates)


@needs_browser
@pytest.mark.parametrize("name", ["jsl", "jsl-page", "ruishu", "stub", "stub-page", "self"])
def test_pages_behind_the_gate_come(world: Prepared, name: str) -> None:
    assert [f"报告 /p{n}" in text for n, text in enumerate(pages(world, name))] == [True] * PAGES


@needs_browser
def test_rules_behind_the_gate_are_obeyed(world: Prepared) -> None:
    for name in ("jsl", "ruishu", "stub", "self"):
        assert world[f"{name}secret"]["outcome"] == "disallowed"
        assert "/secret" not in world.sites[name].paths()


@needs_browser
def test_the_gate_is_opened_once_and_again_when_it_falls_shut(world: Prepared) -> None:
    assert world.done.stats["challenge/unlocked"] == 7  # 1 + 1 + 2 (after five pages) + 1 + 1, and 1 in vain
    refused = {name: gate.refused for name, gate in world.extra.items()}
    assert refused["jsl"] <= 3
    assert refused["jsl-page"] <= 3
    assert refused["self"] == 1
    assert refused["stub"] <= 2


def test_humans_are_not_played(world: Prepared) -> None:
    assert outcomes(world, "slider") == ["blocked"] * PAGES
    assert "human" in world["slider0"]["reason"]
    assert world.sites["slider"].paths(robots=True) == ["/robots.txt", "/p0", "/p1", "/p2"]


def test_a_gate_that_never_opens_is_blocked(world: Prepared) -> None:
    assert outcomes(world, "impassable") == ["blocked"] * PAGES
    assert len(world.sites["impassable"].hits) < 10


def test_one_captcha_does_not_block_a_portal(world: Prepared) -> None:
    assert outcomes(world, "captcha") == ["", "", "", "blocked", "", "", "", ""]


def test_cookies_of_one_gate_are_shown_to_no_other(world: Prepared) -> None:
    assert world.done
    for name, site in world.sites.items():
        for other, gate in world.extra.items():
            if other != name:
                assert not any(gate.secret in hit.headers.get("cookie", "") for hit in site.hits)


def test_never_two_at_once(world: Prepared) -> None:
    assert world.done
    for name, site in world.sites.items():
        assert site.most == 1, name
        assert min(list(site.gaps()), default=1) >= 0.08, name


def prepare_without_browser() -> Prepared:
    site = Site(Jiasule(robots=False)).start()
    steps = [{"url": site.url(), "label": "a"}]
    return Prepared(steps, {"site": site}, {"DOWNLOAD_DELAY": 0.1, "CHROMIUM": "/no/browser"})


def test_without_a_browser_a_gate_is_blocked(prepared: Mapping[str, Prepared]) -> None:
    lacking = prepared[f"{__name__}.prepare_without_browser"]
    assert lacking["a"]["outcome"] == "blocked"
    assert "/no/browser" in lacking["a"]["reason"]
