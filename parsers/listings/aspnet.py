"""ASP.NET: lists that go on by posting the page's own form back."""

from __future__ import annotations

import re

from parsers.listings import generic
from parsers.listings.model import Loaded, Page

NAME = "aspnet"
_MARKS = re.compile(r"__VIEWSTATE|__doPostBack")


def claims(page: Loaded) -> bool:
    return page.media == "html" and bool(_MARKS.search(page.text))


def read(page: Loaded) -> Page:
    return generic.read(page, system=NAME)
