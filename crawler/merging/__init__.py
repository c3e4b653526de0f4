"""Statements of ``scrapy merge``, as files: ``archive.sql`` folds evidence, ``dataset.sql`` facts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)  # -- name: new_bodies


@cache
def statements(which: str) -> dict[str, str]:
    """The statements of a file by name."""
    text = Path(__file__).with_name(f"{which}.sql").read_text(encoding="utf-8")
    _, *parts = NAMED.split(text)
    return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
