"""The crawls of all test modules run beside one another: each of them mostly waits, as politeness wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import ModuleType

import pytest

from tests.transport.crawl import Crawl, Prepared


@pytest.fixture(scope="session")
def prepared(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Prepared]]:
    """What the ``prepare…`` functions of this session's modules give, with its crawl started."""
    modules: set[ModuleType] = {item.module for item in request.session.items if isinstance(item, pytest.Function)}
    made: dict[str, Prepared] = {
        f"{module.__name__}.{name}": getattr(module, name)()
        for module in modules
        if module.__name__.startswith(__package__ or "")
        for name in dir(module)
        if name.startswith("prepare")
    }
    with ThreadPoolExecutor(max_workers=len(made) or 1) as pool:
        for one in made.values():
            crawling: Future[Crawl] = pool.submit(one.crawl)
            one.crawling = crawling
        yield made
    for one in made.values():
        for site in one.sites.values():
            site.stop()


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, prepared: Mapping[str, Prepared]) -> Prepared:
    return prepared[f"{request.module.__name__}.prepare"]
