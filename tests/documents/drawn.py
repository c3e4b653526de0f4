"""What a reader of pages must bring back, compared without knowing the form: rows as texts of their cells."""

from __future__ import annotations

from parsers.documents.model import Document, Grid, Text
from tests.generator.layout import layouts
from tests.generator.report import MadeReport


def rows(document: Document) -> list[list[str]]:
    """Texts of the cells that begin in each row, wrapped lines joined."""
    found = []
    for block in document.blocks:
        if isinstance(block, Grid):
            seen: set[int] = set()
            for row in block.rows:
                fresh = [cell for cell in dict.fromkeys(row, None) if cell is not None and id(cell) not in seen]
                seen.update(map(id, fresh))
                found.append([cell.text.replace("\n", "") for cell in fresh])
    return found


def expected(report: MadeReport) -> list[list[str]]:
    """The last label and the values of each row that holds values."""
    wanted = []
    for layout in layouts(report).values():
        for row in layout:
            values = [slot.text for slot in row if slot.key]
            if values:
                wanted.append([slot.text for slot in row][-len(values) - 1 :])
    return wanted


def lost(document: Document, wanted: list[list[str]]) -> list[list[str]]:
    """Rows that did not come back with exactly these cells at their end."""
    found = rows(document)
    return [row for row in wanted if not any(other[-len(row) :] == row for other in found)]


def narrative(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks if isinstance(block, Text))
