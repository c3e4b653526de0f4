"""Edges and merge marks of word processors -> slots."""

from __future__ import annotations

import pytest

from parsers.documents.model import Unread
from parsers.documents.spans import Budget, Drawn, assemble


def slots(*rows: tuple[tuple[str, int, int], ...], budget: int = 100) -> list[list[str | None]]:
    """Cells as (text, left, right); a text ``^`` goes on with the cell above, one that ends in ``v`` starts a merge."""
    drawn = [
        [
            Drawn(text, f"r{r}c{c}", left, right, text.endswith("v"), text == "^")
            for c, (text, left, right) in enumerate(row)
        ]
        for r, row in enumerate(rows)
    ]
    grid = assemble(drawn, "t1", Budget(budget))
    return [[cell.text if cell else None for cell in row] for row in grid.rows]


def test_edges_make_columns() -> None:
    assert slots((("a", 0, 2000),), (("1", 0, 900), ("2", 900, 2000))) == [["a", "a"], ["1", "2"]]


def test_rows_shifted_by_the_cell_margin_are_aligned() -> None:
    first = (("a", -108, 892), ("b", 892, 1892))
    second = (("1", 0, 1000), ("2", 1000, 2000))
    assert slots(first, second) == [["a", "b"], ["1", "2"]]


def test_a_text_is_never_hidden_by_alignment() -> None:
    assert slots((("a", 0, 50), ("b", 50, 1000))) == [["a", "b"]]
    assert slots((("", 0, 50), ("b", 50, 1000)), (("1", 0, 1000),)) == [["b"], ["1"]]
    assert slots((("a", 0, 0), ("b", 0, 0))) == [["a", "b"]]


def test_indented_and_short_rows() -> None:
    assert slots((("a", 0, 900), ("b", 900, 1800)), (("1", 900, 1800),), (("2", 0, 900),)) == [
        ["a", "b"],
        [None, "1"],
        ["2"],
    ]


def test_vertical_merges() -> None:
    assert slots((("av", 0, 900), ("1", 900, 1800)), (("^", 0, 900), ("2", 900, 1800))) == [["av", "1"], ["av", "2"]]
    two_below = (("^", 0, 450), ("^", 450, 900))
    assert slots((("av", 0, 900),), two_below) == [["av", "av"], ["av", "av"]]
    assert slots((("a", 0, 900),), (("^", 0, 900),), (("^", 0, 900),)) == [["a"], ["^"], ["^"]]


def test_the_budget_counts_spanned_slots() -> None:
    with pytest.raises(Unread):
        slots((("a", 0, 2000),), (("1", 0, 900), ("2", 900, 2000)), budget=3)
