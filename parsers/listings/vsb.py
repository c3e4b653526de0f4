"""VSB (博达): pages are numbered downwards, so only the pager's own link leads on."""

from __future__ import annotations

import re

from parsers.listings import generic
from parsers.listings.model import Loaded, Page

NAME = "vsb"
_MARKS = re.compile(r"Visual SiteBuilder|_sitegray|pb_sys_common|/system/resource/js/|vsb_content|_jsq_\(")


def claims(page: Loaded) -> bool:
    return page.media == "html" and bool(_MARKS.search(page.text))


def read(page: Loaded) -> Page:
    return generic.read(page, system=NAME)
