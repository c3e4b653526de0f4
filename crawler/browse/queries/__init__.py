"""The questions that the pages ask: one file each, as the views of the dataset are."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def query(name: str) -> str:
    """The text of ``name.sql``."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
