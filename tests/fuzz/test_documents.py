"""Damaged documents of every format of the generator: a reader gives a document or says why not. Nothing else may come
out of it, and neither time nor memory may run away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.run import apart, run

GROWTH = 500
"""Megabytes that one document may take, the models of the OCR included."""


def test_damaged_documents(tmp_path: Path) -> None:
    figures = run(150, 1, scans=False, keep=tmp_path)
    assert figures.documents == 150
    assert not figures.faults


@pytest.mark.long
@pytest.mark.parametrize("first", range(100, 120))
def test_many_damaged_documents(first: int, tmp_path: Path) -> None:
    figures = apart(500, first, scans=True, keep=tmp_path)
    assert not figures.faults
    assert figures.documents == 500
    assert figures.growth < GROWTH
