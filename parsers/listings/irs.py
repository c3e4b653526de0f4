"""TRS 海云: newer TRS sites. Lists are JSON over POST, ``/irs/front/list``; the body stands in the page's script."""

from __future__ import annotations

from dataclasses import replace

from parsers.listings import api, generic
from parsers.listings.model import Loaded, Page

NAME = "irs"


def claims(page: Loaded) -> bool:
    return page.media == "html" and "/irs/front/list" in page.scripts


def read(page: Loaded) -> Page:
    result = generic.read(page, system=NAME)
    if any(entry.date for entry in result.entries):
        return result
    more = api.list_request(page)
    return replace(result, entries=(), more=more, stated=None, last=False) if more else result
