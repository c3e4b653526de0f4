"""The real spider, in a process of its own and with the real settings: what the project promises on every archetype."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archetypes.__main__ import MOST, MOST_WITH_FAULTS
from tests.archetypes.catalogue import ARCHETYPES, EXTRA
from tests.archetypes.faults import usual
from tests.archetypes.harness import crawl, details, good, table
from tests.archetypes.server import Server

DELAY = 0.05
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.mark.parametrize("key", ARCHETYPES)
def test_archetype(server: Server, tmp_path: Path, key: str) -> None:
    run = crawl(server, ARCHETYPES[key](server.port), delay=DELAY, folder=tmp_path)
    assert good(run, MOST), f"{table([run])}\n{details(run)}"
    # a browser only where plain requests have failed
    assert run.traffic.navigations <= run.world.navigations


@pytest.mark.parametrize("key", ARCHETYPES)
def test_archetype_with_faults(server: Server, tmp_path: Path, key: str) -> None:
    run = crawl(server, ARCHETYPES[key](server.port), faults=usual(DELAY), delay=DELAY, folder=tmp_path)
    assert good(run, MOST_WITH_FAULTS), f"{table([run])}\n{details(run)}"


def test_forty_thousand_news_pages(server: Server, tmp_path: Path) -> None:
    run = crawl(server, EXTRA["B1"](server.port), delay=DELAY, folder=tmp_path)
    assert good(run, MOST_WITH_FAULTS), f"{table([run])}\n{details(run)}"
    assert run.memory < 300


@pytest.mark.parametrize("key", [key for key in EXTRA if key.startswith("B2.")])
def test_trap(server: Server, tmp_path: Path, key: str) -> None:
    run = crawl(server, EXTRA[key](server.port), delay=DELAY, folder=tmp_path)
    assert good(run, MOST_WITH_FAULTS), f"{table([run])}\n{details(run)}"


@pytest.mark.parametrize("key", ["B2.12", "B2.13"])
def test_a_portal_that_is_down_costs_at_most_a_minute(server: Server, tmp_path: Path, key: str) -> None:
    run = crawl(server, EXTRA[key](server.port), delay=DELAY, folder=tmp_path)
    assert set(run.score.outcomes.values()) == {"unreachable"}
    assert run.seconds < 70
