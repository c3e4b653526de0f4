"""TRS WCM and its many look-alikes: static pages, the pager is a call of createPageHTML."""

from __future__ import annotations

import re

from parsers.listings import generic
from parsers.listings.model import Loaded, Page

NAME = "trs"
_MARKS = re.compile(
    r"createPage(?:HTML)?\s*\(|TRS_Editor|TRS_UEDITOR|trs_editor_view|/t(?:19|20)\d{6}_\d+\.s?html?|/was5/web/search",
    re.I,
)


def claims(page: Loaded) -> bool:
    return page.media == "html" and bool(_MARKS.search(page.text))


def read(page: Loaded) -> Page:
    return generic.read(page, system=NAME)
