"""Commands of the project: ``scrapy crawl`` with its messages and exit codes, and those that Scrapy does not have."""

from __future__ import annotations

import os
import sys


def show(text: str) -> None:
    """Prints what a command was asked for; a reader that has seen enough (``| head``) is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # nothing is left for the interpreter's own flush at its end to complain about
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
