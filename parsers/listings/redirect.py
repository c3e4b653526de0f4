"""Pages that are only a step to another page: redirects written as literals, frames, stubs and soft 404s."""

from __future__ import annotations

import re

from parsers.listings.html import visible
from parsers.listings.js import UNKNOWN, assignments, literal
from parsers.listings.model import Link, Loaded

SHELL_TEXT = 300
"""Visible characters that a redirect shell may have ("正在跳转，请稍候")."""
SHELL_LINKS = 4

_MOVE = re.compile(
    r"(?:\b(?:window|self|top|parent|document|this)\s*\.\s*){0,2}\blocation(?:\s*\.\s*href)?\s*=(?!=)\s*"
    r"|\blocation\s*\.\s*(?:replace|assign)\s*\(\s*"
    r"|\bwindow\s*\.\s*navigate\s*\(\s*"
)
"""Matches ``location.replace(``, ``window.location.href =`` and ``top.location=``; a literal must follow."""
_REFRESH = re.compile(r"^\s*(\d{1,4})?(?:\.\d*)?\s*[;,]?\s*url\s*=\s*['\"]?\s*([^'\"\s>]{1,1000})", re.I)
"""Matches the content of ``<meta http-equiv="refresh" content="0; url=./jbxx/">``."""
_SKIP_FRAME = re.compile(
    r"visitcount|counter|count\.|login|tree\.jsp|share|footer|header|foot\.|head\.|top\.|bottom|banner|weather|search|map\.|video|"
    r"player|hits|click|stat\b|stat\.|cnzz|baidu|tongji|gov\.cn/images|conac|dcs\.|viewer\.html",
    re.I,
)
_GONE = re.compile(
    r"页面不存在|您访问的页面|您要?访问的(?:页面|内容|信息)|找不到(?:该|此|您)?.{0,8}(?:页面|网页)|页面(?:未找到|已删除|丢失|走丢)|"
    r"(?:信息|文章|内容|栏目)(?:已删除|不存在|已被删除)|404\s*not\s*found|not found|error\s*404|404错误|page not found",
    re.I,
)
"""Matches ``您访问的页面不存在`` and ``404 Not Found`` in a title or a short page."""


def redirect(page: Loaded) -> str:
    """The address that a page sends every visitor to, or empty.

    A script counts only on a shell: a page with content moves only some visitors (phones, old browsers).
    """
    if page.media != "html" or page.root is None:
        return ""
    for meta in page.root.iter("meta"):
        if (meta.get("http-equiv") or "").lower() == "refresh" and _applies(meta):
            match = _REFRESH.match(meta.get("content") or "")
            if match and int(match.group(1) or 0) <= 30:
                return _elsewhere(page, match.group(2))
    if not is_shell(page):
        return ""
    names = assignments(page.scripts)
    for match in _MOVE.finditer(page.scripts[:20_000]):
        target = literal(page.scripts, match.end(), names)
        if isinstance(target, str) and (found := _elsewhere(page, target)):
            return found
    for body in page.root.iter("body"):
        match = _MOVE.search(body.get("onload") or "")
        target = literal(body.get("onload") or "", match.end()) if match else UNKNOWN
        if isinstance(target, str):
            return _elsewhere(page, target)
    return ""


def _applies(meta: object) -> bool:
    """False for a refresh inside noscript: a browser does not follow it."""
    return not any(parent.tag == "noscript" for parent in meta.iterancestors())  # type: ignore[attr-defined]


def _elsewhere(page: Loaded, target: str) -> str:
    url = page.join(target)
    return "" if url.partition("#")[0] == page.url.partition("#")[0] else url


def is_shell(page: Loaded) -> bool:
    """True when a page shows next to nothing of its own."""
    if page.root is None:
        return True
    links = sum(1 for _ in zip(page.root.iter("a"), range(SHELL_LINKS), strict=False))
    return links < SHELL_LINKS and len(visible(page.root, SHELL_TEXT + 1)) <= SHELL_TEXT


def frames(page: Loaded) -> tuple[Link, ...]:
    """Frames that may hold content, in page order; counters, logins, share boxes and viewers are left out."""
    if page.root is None or page.media != "html":
        return ()
    found: dict[str, Link] = {}
    for element in page.root.iter("iframe", "frame"):
        src = element.get("src") or element.get("data-src") or ""
        url = page.join(src)
        # in a frameset the top frame may be the only menu
        skipped = element.tag == "iframe" and _SKIP_FRAME.search(src)
        if url and not skipped and not _hidden(element):
            found.setdefault(
                url, Link(url, element.get("title") or "", element.get("name") or element.get("id") or "", "frame")
            )
    return tuple(found.values())[:10]


def _hidden(element: object) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()  # type: ignore[attr-defined]
    sizes = {element.get("width"), element.get("height")}  # type: ignore[attr-defined]
    return "display:none" in style or bool(sizes & {"0", "1", "0px", "1px"})


def gone(page: Loaded) -> bool:
    """True when a page says, whatever its status, that nothing is there."""
    if page.status in (404, 410):
        return True
    if page.media != "html" or page.root is None:
        return False
    title = (
        "".join(next(page.root.iter("title"), page.root).itertext())[:200]
        if next(page.root.iter("title"), None) is not None
        else ""
    )
    if _GONE.search(title) or re.match(r"\s*404\b", title):
        return True
    text = visible(page.root, 601)
    return len(text) <= 600 and bool(_GONE.search(text))


def is_stub(page: Loaded) -> bool:
    """True for the 300 to 400 bytes that stand where a list page would be after the last one."""
    return len(page.body) < 600 and page.media == "html" and not redirect(page) and is_shell(page)
