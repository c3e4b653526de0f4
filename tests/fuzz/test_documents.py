"""Damaged documents of every format of the generator: a reader gives a document or says why not. Nothing else may come
out of it, and neither time nor memory may run away."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Iterator

import pytest

from parsers.documents import ARCHIVES, members, read
from parsers.documents.model import Document, Unread
from parsers.documents.sniff import sniff
from tests.documents.accuracy import writers
from tests.fuzz.mutate import mutate
from tests.generator.report import make_report

SLOWEST = 20.0
"""Seconds for one document on a busy machine. OCR of a page takes some; without it nothing comes near."""
MEMORY = 1_500
"""Megabytes that the process may grow by over a whole run; the models of the OCR are about half of it."""


def damaged(count: int, first: int) -> Iterator[tuple[str, bytes]]:
    """Documents of all formats in turn, each made once and damaged many times."""
    formats = writers()
    rng = random.Random(first)
    made: dict[str, list[bytes]] = {}
    for n in range(count):
        name = sorted(formats)[n % len(formats)]
        if name not in made:
            made[name] = [formats[name](make_report(seed), random.Random(seed)) for seed in (first, first + 1)]
        yield f"{name} #{n}", mutate(rng.choice(made[name]), rng)


def outcome(body: bytes) -> str:
    """The reason why it is not read, or what was read; any other exception goes through."""
    try:
        if sniff(body) in ARCHIVES:
            return f"{sum(len(member.body) for member in members(body))} bytes in members"
        document = read(body)
    except Unread as refused:
        return refused.reason
    assert isinstance(document, Document)
    assert document.blocks
    return document.media_type


def run(count: int, first: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, body in damaged(count, first):
        start = time.perf_counter()
        try:
            outcome(body)
        except Exception as broken:
            raise AssertionError(f"{name}: {broken!r}") from broken
        assert time.perf_counter() - start < SLOWEST, name
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEMORY * 1024, f"{grown // 1024} MB"


def test_damaged_documents() -> None:
    run(150, 1)


@pytest.mark.long
@pytest.mark.parametrize("first", range(100, 120))
def test_many_damaged_documents(first: int) -> None:
    run(500, first)
