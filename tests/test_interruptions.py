"""Whatever ends a crawl: the same command goes on, ends with the same tables, and nobody is ever without an outcome."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.archetypes import years
from tests.archetypes.harness import environment
from tests.archetypes.server import Server
from tests.conftest import Crawl
from tests.interruptions import Facts, differences, end_after, facts, start, whole, without_outcome
from tests.portals.sites import registry, sites

LAST_YEAR = dt.date.today().year - 1
BROWSER = "410328"
"""The sample portal whose list only a browser shows."""


@dataclass(frozen=True)
class Place:
    """Portals that are served, and what a crawl of them leaves that nobody disturbs."""

    server: Server
    registry: Path
    environment: dict[str, str]
    undisturbed: Facts
    requests: int

    @property
    def arguments(self) -> tuple[str, str]:
        return "-a", f"portals={self.registry}"

    def crawl(self, folder: Path) -> Crawl:
        done = whole(folder, *self.arguments, environment=self.environment)
        assert done.code == 0, done.err[-3000:]
        return done


def made(folder: Path, server: Server, rows: str, names: dict[str, str] | None = None) -> Place:
    path = folder / "portals.csv"
    path.write_text(rows, encoding="utf-8")
    before = len(server.log)
    told = names or {}
    Place(server, path, told, {}, 0).crawl(folder / "undisturbed")
    return Place(server, path, told, facts(folder / "undisturbed"), len(server.log) - before)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The sample portals without the one that needs a browser: a page, a PDF, a page with a DOCX, a text file."""
    with Server() as server:
        server.add(sites())
        rows = [line for line in registry(server.port).splitlines() if not line.startswith(BROWSER)]
        yield made(tmp_path_factory.mktemp("place"), server, "\n".join(rows) + "\n")


def test_three_kills_and_the_same_tables(tmp_path: Path, place: Place) -> None:
    for requests in (1, place.requests // 2, 3):
        assert end_after(place.server, start(tmp_path, *place.arguments), requests), "it was quicker than the kill"
        assert without_outcome(tmp_path, LAST_YEAR) == []
    done = place.crawl(tmp_path)
    assert not differences(place.undisturbed, facts(tmp_path))
    reasons = [row["finish_reason"] for row in done.archive.query("select * from runs")]
    assert reasons == ["interrupted", "interrupted", "interrupted", "finished"]
    assert {row["verdict"] for row in done.archive.query("select * from runs")} == {"stopped", "ok"}
    assert "The run before was interrupted: run 3" in done.err
    assert "Needs somebody: run 3 was interrupted" in done.err


@pytest.fixture(scope="module")
def big_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """All sample portals, and four counties with sixty reports, attachments and pages of lists."""
    folder = tmp_path_factory.mktemp("big")
    with Server() as server:
        world = years.first(server.port)
        server.add([*sites(), *world.sites])
        rows = [f"{one.code},{one.name},{one.url}\n" for one in world.portals]
        hosts = folder / "hosts"
        hosts.write_text(server.hosts(), encoding="ascii")
        yield made(folder, server, registry(server.port) + "".join(rows), environment(hosts))


@pytest.mark.long
@pytest.mark.parametrize("number", range(50))
def test_fifty_kills(tmp_path: Path, big_place: Place, number: int) -> None:
    chance = random.Random(number)
    process = start(tmp_path, *big_place.arguments, environment=big_place.environment)
    end_after(big_place.server, process, chance.randrange(big_place.requests), chance.random() * 0.3)
    if (tmp_path / "reports.db").exists():
        assert without_outcome(tmp_path, LAST_YEAR) == []
    big_place.crawl(tmp_path)
    assert not differences(big_place.undisturbed, facts(tmp_path))
