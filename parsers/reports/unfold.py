"""Rows of a grid that hold several rows of the form in one: one cell a column, with line breaks inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from parsers.documents.model import Cell
from parsers.reports.form import lookup
from parsers.reports.lines import Line
from parsers.reports.values import is_blank, is_mark

MAX_JOINED = 4
"""A label may be broken over so many lines of its cell."""


def unfold(line: Line) -> Iterator[Line]:
    """The rows inside a row, or the row itself. Only if every cell has a line for each label is the row unfolded:
    where blank lines are lost nothing tells which figure belongs to which label."""
    labels = max((_labels(cell) for cell in line.cells if "\n" in cell.text), key=_rows, default=[])
    if _rows(labels) < 2:
        yield line
        return
    columns = [_column(cell, labels) for cell in line.cells]
    if any(column is None for column in columns):
        yield line
        return
    whole = [column for column in columns if column is not None]
    for n in range(len(labels)):
        cells = tuple(column[n] for column in whole)
        yield Line(cells, line.starts, cells, line.grid)


def _rows(labels: Sequence[Cell]) -> int:
    """How many different rows or groups these labels name."""
    return len({lookup(label.text) for label in labels if any(r.kind in ("row", "group") for r in lookup(label.text))})


def _labels(cell: Cell) -> list[Cell]:
    """The lines of a cell, with labels that run over several lines put together. Empty if the cell is one label."""
    if lookup(cell.text):
        return []
    pieces = cell.text.split("\n")
    out: list[Cell] = []
    n = 0
    while n < len(pieces):
        taken = 1
        if pieces[n].strip() and not lookup(pieces[n]) and not is_mark(pieces[n]):
            for more in range(2, MAX_JOINED + 1):
                if n + more <= len(pieces) and lookup("".join(pieces[n : n + more])):
                    taken = more
        out.append(replace(cell, text="".join(pieces[n : n + taken]).strip()))
        n += taken
    return out


def _column(cell: Cell, labels: Sequence[Cell]) -> list[Cell] | None:
    """One line for each label; a blank cell is blank for all of them; None if the lines do not come out even."""
    own = _labels(cell)
    if len(own) == len(labels):
        return own
    pieces = [replace(cell, text=piece.strip()) for piece in cell.text.split("\n")]
    if len(pieces) == len(labels):
        return pieces
    if is_blank(cell.text):
        return [replace(cell, text="")] * len(labels)
    rows = [n for n, label in enumerate(labels) if any(ref.kind == "row" for ref in lookup(label.text))]
    filled = [piece for piece in pieces if not is_blank(piece.text)]
    if len(filled) == len(rows) == len(pieces):
        column = [replace(cell, text="")] * len(labels)
        for n, piece in zip(rows, filled, strict=True):
            column[n] = piece
        return column
    if all(not is_mark(piece.text) for piece in pieces):
        # group labels beside the rows: they do not come one a row
        return [replace(cell, text="")] * len(labels)
    return None
