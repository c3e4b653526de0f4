"""Pictures inside word processor files: a scan pasted into a document is the document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from parsers.documents.limits import Limits
from parsers.documents.model import Block, Document, Grid, Text, Unread
from parsers.documents.spans import Item, Picture, relocated

SMALLEST = 6_000
"""Bytes below which a picture cannot hold a legible table (icons, lines, seals in few colours)."""


def with_pictures(
    items: Sequence[Item], body_of: Callable[[Picture], bytes], limits: Limits, notes: list[str]
) -> list[Block]:
    """Blocks only. Pictures are recognised where they must hold what the text lacks: in a document without any table.
    Places in a picture among text are put behind ``i7:`` (the 7th item). ``notes`` gets what a person should know."""
    blocks = [item for item in items if not isinstance(item, Picture)]
    bodies = {item: body_of(item) for item in items if isinstance(item, Picture)}
    large = [bodies[item] for item in items if isinstance(item, Picture) and len(bodies[item]) >= SMALLEST]
    if not large:
        return blocks
    if any(isinstance(block, Grid) for block in blocks):
        notes.append(f"{len(large)} pictures were not read")
        return blocks
    if not any(isinstance(block, Text) and block.text.strip() for block in blocks):
        return _recognised(large, limits, notes)
    whole: list[Block] = []
    for number, item in enumerate(items, 1):
        if not isinstance(item, Picture):
            whole.append(item)
        elif len(bodies[item]) >= SMALLEST:
            found = _recognised([bodies[item]], limits, notes)
            whole.extend(relocated(block, f"i{number}:") for block in found)
    return whole


def _recognised(images: Sequence[bytes], limits: Limits, notes: list[str]) -> list[Block]:
    reader = import_module("parsers.documents.image")
    try:
        document: Document = reader.read_images(images, limits)
    except Unread as refusal:
        notes.append(f"a picture was not read: {refusal}")
        return []
    notes.extend(document.notes)
    return list(document.blocks)
