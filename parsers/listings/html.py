"""What every HTML page has, whatever made it: links with their context, rows of lists, a title, breadcrumbs."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import Any

from parsers.listings.js import UNKNOWN, literal
from parsers.listings.model import Link, Loaded, Place
from parsers.listings.moves import opened
from parsers.listings.text import SAYS_NOTHING, best_title, iso_date, squeeze, tidy

LINKS = 6000
"""Links of one page that are looked at: the longest list in one page seen has 618."""
SKIPPED = frozenset({"script", "style", "noscript", "template", "head", "textarea"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "legend", "caption", "th"})
ROWS = frozenset({"li", "tr", "dd", "dl", "article", "p"})

_OPENED = re.compile(
    r"(?:window\.open|location\.(?:replace|assign)|(?:\w+\.)?location(?:\.href)?\s*=(?!=)|openUrl|goUrl|toUrl|jumpTo|openPage)\s*\(?\s*"
)
"""Matches ``window.open('…')`` and ``location.href='…'`` in an onclick; a literal must follow."""
_DATA_URL = ("data-url", "data-href", "data-link", "data-src-url", "url", "_href", "linkurl")


def text_of(element: Any, limit: int = 4000) -> str:
    """Text of an element without scripts, one line, cut after ``limit`` characters."""
    if len(element) == 0:
        return tidy((element.text or "")[:limit]) if isinstance(element.tag, str) else ""
    return tidy(visible(element, limit))


def visible(element: Any, limit: int) -> str:
    """Up to ``limit`` characters of what a reader sees in an element; scripts, styles and the head left out."""
    parts: list[str] = []
    size = 0

    def add(text: str | None) -> None:
        nonlocal size
        if text and (text := text.strip()):
            parts.append(text)
            size += len(text) + 1

    add(element.text if element.tag not in SKIPPED else None)
    # a stack of iterators instead of recursion: a hostile page may be nested deeply, or have a million children
    stack = [(element, iter(element))]
    while stack and size <= limit:
        node, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            add(node.tail if node is not element else None)
        elif child.tag in SKIPPED or not isinstance(child.tag, str):
            add(child.tail)
        else:
            add(child.text)
            if len(child):
                stack.append((child, iter(child)))
            else:
                add(child.tail)
    return " ".join(parts)[:limit]


@dataclass(slots=True)
class Anchor:
    """A link in the tree, with the element it stands in."""

    element: Any
    url: str
    text: str
    attribute: str
    place: Place

    @property
    def title(self) -> str:
        return best_title(self.text, self.attribute)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: the link, the title, the date beside it, the text of the other cells."""

    url: str
    title: str
    date: str
    rest: str
    group: int


@dataclass(slots=True)
class Layout:
    """Everything that one pass over the tree gives."""

    anchors: list[Anchor]
    rows: list[Row]
    main: int
    """Group number of the list that the page is about, -1 when it has none."""

    def entries(self) -> list[Row]:
        return [row for row in self.rows if row.group == self.main]


_WRITTEN = re.compile(
    r"<a\b[^<>]{0,300}?href=\\?[\"']([^\"'\\<>+]{1,300})\\?[\"'][^<>]{0,300}>([^<>'\"+]{2,60})<\\?/a>", re.I
)
"""Matches a link that a script writes: ``document.write('<a href="/zwgk/nb/">政府信息公开年报</a>')``."""


def written(page: Loaded) -> list[Link]:
    """Links that stand whole in strings of the page's scripts."""
    scripts = page.scripts[:400_000]
    found: list[Link] = []
    if "<a" in scripts:
        pairs = ((page.join(match.group(1)), tidy(match.group(2))) for match in _WRITTEN.finditer(scripts))
        found += [Link(url, text, "", "script") for url, text in pairs if url][:500]
    for match in islice(_NODE.finditer(scripts), 2000):
        if url := page.join(match.group(2)):
            found.append(Link(url, tidy(match.group(1)), "", "tree"))
    return found


_NODE = re.compile(
    r"[(,]\s*['\"]([^'\"<>\\\n]{0,30}[\u4e00-\u9fff][^'\"<>\\\n]{0,30})['\"]\s*,\s*"
    r"['\"]((?:https?:/)?[\w./-]{1,200}(?:[/?]|\.(?:s?html?|jsp|aspx?|php|do|action)\b)[^'\"<>\s\\]{0,200})['\"]"
)
"""Matches name and address of a node that a script adds to a menu: ``d.add(12,2,"信息公开年报","list.asp?cid=12")``."""


def target(element: Any, page: Loaded) -> str:
    """Where an element leads: its href, else a literal in its onclick, else a data attribute."""
    href = element.get("href") or ""
    url = page.join(href)
    if url and not href.strip().startswith("#"):
        return url
    for code in (href if href[:11].lower() == "javascript:" else "", element.get("onclick") or ""):
        match = _OPENED.search(code[:2000])
        value = literal(code, match.end()) if match else UNKNOWN
        if isinstance(value, str) and (url := page.join(value)):
            return url
    for name in _DATA_URL:
        value = element.get(name)
        if (
            value
            and re.match(r"(?:https?:)?/|\./|\.\./|\w[\w/-]*\.(?:s?html?|jsp|aspx?)\b", value)
            and (url := page.join(value))
        ):
            return url
    if "(" in href and href[:11].lower() == "javascript:":
        return opened(href[11:], page) or opened(element.get("onclick") or "", page)
    return opened(element.get("onclick") or "", page)


def anchors(page: Loaded) -> list[Anchor]:
    """Links of a page in order: anchors, areas, elements that a script opens, options whose value is an address."""
    found: list[Anchor] = []
    if page.root is None:
        return found
    for element in page.root.iter("a", "area", "option", "li", "span", "div", "tr", "td"):
        if len(found) >= LINKS:
            break
        tag = element.tag
        if tag in ("a", "area"):
            place: Place = "a" if tag == "a" else "area"
        elif tag == "option":
            value = (element.get("value") or "").strip()
            if not re.search(r"[/?]|\.(?:s?html?|jsp|aspx?)", value):
                continue
            if url := page.join(value):
                found.append(Anchor(element, url, text_of(element, 200), "", "option"))
            continue
        elif element.get("onclick") or element.get("data-url") or element.get("data-href") or element.get("data-link"):
            place = "row"
            if element.find(".//a[@href]") is not None and not element.get("onclick"):
                continue
        else:
            continue
        if url := target(element, page):
            text = _row_title(element) if place == "row" and len(element) else text_of(element, 400)
            found.append(Anchor(element, url, text, _attribute(element, text), place))
    return found


_TITLE_CLASS = re.compile(r"(?:^|[\s_-])(?:tit|title|bt|tt|name|subject)(?:$|[\s_-])", re.I)
"""Matches the class of the title in a row that is no link itself: ``tt``, ``row-title``."""


def _row_title(element: Any) -> str:
    """The text of a row's title where the row has one, else of the whole row."""
    for number, part in enumerate(element.iterdescendants()):
        if number > 30:
            break
        titled = part.tag in HEADINGS - {"th"} or _TITLE_CLASS.search(part.get("class") or "")
        if titled and (text := text_of(part, 400)):
            return text
    return text_of(element, 400)


def _attribute(element: Any, text: str) -> str:
    if title := element.get("title") or element.get("alt"):
        return str(title)
    if text:
        return ""
    for image in element.iter("img"):
        return str(image.get("alt") or image.get("title") or "")
    return ""


def layout(page: Loaded) -> Layout:
    """Links and lists of a page. Rows are repeated siblings; the main list is the one with most dated, long rows."""
    found = anchors(page)
    weights = _weights(found)
    groups: dict[tuple[Any, ...], int] = {}
    rows: list[Row] = []
    for anchor in found:
        if anchor.place in ("option", "area") or (not anchor.text and not anchor.attribute):
            continue
        row = _row(anchor.element, weights)
        container = row.getparent()
        if container is None:
            continue
        title = anchor.title
        rest = "" if row is anchor.element else text_of(row, 600)
        outside = rest.replace(anchor.text, " ", 1)
        date = iso_date(outside) or iso_date(anchor.text) or _beside(row)
        above = container.getparent()
        signature = (above if above is not None else container, container.tag, container.get("class"), row.tag)
        group = groups.setdefault(signature, len(groups))
        rows.append(Row(anchor.url, title, date, outside, group))
    return Layout(found, rows, _main(rows))


def _beside(row: Any) -> str:
    """The date in a cell of its own after the row: ``<li class="mc"><a>…</a></li><li class="rq">2024-01-31</li>``."""
    following = row.getnext()
    if (
        following is None
        or following.tag not in ("li", "dd", "span", "div", "td", "p")
        or following.find(".//a") is not None
    ):
        return ""
    text = text_of(following, 40)
    return iso_date(text) if len(text) <= 24 else ""


def _weights(found: list[Anchor]) -> dict[Any, int]:
    """How many links with different targets each element has; 9 where links to one target crowd."""
    targets: dict[Any, set[str]] = defaultdict(set)
    links: dict[Any, int] = defaultdict(int)
    for anchor in found:
        element, climbed = anchor.element, 0
        # what has more than four links weighs 9, and so does everything above it: no need to count on
        while element is not None and climbed < 12 and links[element] <= 4:
            links[element] += 1
            seen = targets[element]
            if len(seen) < 4:
                seen.add(anchor.url)
            element, climbed = element.getparent(), climbed + 1
    return {element: 9 if links[element] > 4 else len(urls) for element, urls in targets.items()}


def _row(element: Any, weights: dict[Any, int]) -> Any:
    """The row of a link: the nearest li, tr or dd with few links, else the highest element with only this one."""
    row, climbed = element, 0
    nearest = None
    while climbed < 8:
        parent = row.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        weight = weights.get(parent, 0)
        # old systems put a table of one row into every row of a list: the outermost row with this one link counts
        if parent.tag in ("li", "tr", "dd", "dl") and (weight <= 3 if nearest is None else weight == 1):
            nearest = parent
        if weight > 1:
            break
        row, climbed = parent, climbed + 1
    return nearest if nearest is not None else row


def _main(rows: list[Row]) -> int:
    """The group with the greatest weight: a dated row counts much, a long title counts, a menu item little."""
    scores: dict[int, float] = defaultdict(float)
    for row in rows:
        length = len(row.title)
        scores[row.group] += (3.0 if row.date else 0.0) + (1.0 if length >= 10 else 0.1 if length >= 4 else 0.0)
    best = max(scores, key=lambda group: scores[group], default=-1)
    return best if best >= 0 and scores[best] >= 0.9 else -1


def links(page: Loaded, found: list[Anchor]) -> tuple[Link, ...]:
    """Links for navigation, one per address and text, with the heading that each stands under."""
    seen: dict[tuple[str, str], Link] = {}
    beside: dict[Any, str] = {}
    for anchor in found:
        text = anchor.title[:200]
        if (anchor.url, text) not in seen:
            needs = len(text) <= 12
            seen[anchor.url, text] = Link(anchor.url, text, _context(anchor, beside) if needs else "", anchor.place)
    return tuple(seen.values())


def _context(anchor: Anchor, beside: dict[Any, str]) -> str:
    """The label a short link stands under: text beside it in a small block, or the nearest heading above.

    ``beside`` remembers the texts of elements: the links of a menu have their neighbours in common.
    """
    own = squeeze(anchor.text)
    if SAYS_NOTHING.match(own) and (cell := _cell_before(anchor.element)):
        return cell
    element, climbed = anchor.element, 0
    while element is not None and climbed < 4:
        before = element.getprevious()
        hops = 0
        while before is not None and hops < 3:
            if isinstance(before.tag, str) and before.tag not in SKIPPED:
                text = beside.get(before)
                if text is None:
                    text = beside[before] = text_of(before, 60)
                if before.tag in HEADINGS or (climbed == 0 and text and before.tag in ("span", "b", "strong", "em")):
                    return text[:60]
                if len(text) >= 60:
                    break
                if 2 <= len(text) <= 30 and squeeze(text) != own and _is_title(before):
                    return text
            before, hops = before.getprevious(), hops + 1
        element = element.getparent()
        climbed += 1
        if element is not None and element.tag not in ("a", "li", "td", "p", "body"):
            inside = tidy(element.text or "")
            if 2 <= len(inside) <= 30 and squeeze(inside) != own:
                return inside  # 政府信息公开年报 <a>更多</a> in one heading
    return ""


def _cell_before(element: Any) -> str:
    """What the row of a table says before a link that only says what a click does: 教育局 | 点击查看."""
    cell, climbed = element, 0
    while cell is not None and cell.tag != "td" and climbed < 4:
        cell, climbed = cell.getparent(), climbed + 1
    if cell is None or cell.tag != "td":
        return ""
    before, hops = cell.getprevious(), 0
    while before is not None and hops < 4:
        text = text_of(before, 60)
        if 2 <= len(text) <= 40 and re.search(r"[\u4e00-\u9fff]{2}", text):
            return text
        before, hops = before.getprevious(), hops + 1
    return ""


def _is_title(element: Any) -> bool:
    return "tit" in (element.get("class") or "").lower() or element.tag in ("b", "strong", "span")


_SITE_TAIL = re.compile(r"\s*[-_|—–>»]{1,2}\s*[^-_|—–>»]{0,60}(?:政府|门户|网站|网)[^-_|—–>»]{0,30}$")
"""Matches the site's name after a page title: ``政府信息公开年报-平罗县人民政府门户网站``."""


def page_title(page: Loaded) -> str:
    """The name of a column: meta ColumnName, else <title> without the site's name."""
    metas = meta(page)
    if name := metas.get("columnname"):
        return name
    return _SITE_TAIL.sub("", document_title(page)).strip()


def document_title(page: Loaded) -> str:
    if page.root is not None:
        for element in page.root.iter("title"):
            return tidy("".join(element.itertext()))[:300]
    return ""


def meta(page: Loaded) -> dict[str, str]:
    """Named meta elements, names in lower case, the first of each."""
    found: dict[str, str] = {}
    if page.root is not None:
        for element in page.root.iter("meta"):
            name = (element.get("name") or element.get("property") or "").strip().lower()
            content = tidy(element.get("content") or "")
            if name and content and name not in found:
                found[name] = content[:500]
    return found


_CRUMB_CLASS = re.compile(r"crumb|position|location|dqwz|weizhi|curmb|path\b|nowplace|bread|BreadcrumbNav", re.I)
_CRUMB_TEXT = re.compile(r"(?:当前位置|您?(?:现在)?(?:所在|的)?(?:的)?位置|您现在所在)\s*[:：]?")
"""Matches ``当前位置：`` and ``您所在的位置:``."""


def crumbs(page: Loaded) -> tuple[str, ...]:
    """The path a page shows of itself (首页 > 政府信息公开 > 年报), first to last; empty when it shows none."""
    if page.root is None or not (_CRUMB_TEXT.search(page.text) or _CRUMB_CLASS.search(page.text)):
        return ()
    for element in page.root.iter("div", "p", "span", "td", "ul", "ol", "nav", "section", "crumb"):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        own = (element.text or "").strip()
        if not (_CRUMB_CLASS.search(name) or _CRUMB_TEXT.match(own)):
            continue
        text = text_of(element, 300)
        if _CRUMB_TEXT.match(own) and len(text) < 8 and element.getparent() is not None:
            text = text_of(element.getparent(), 300)
        text = _CRUMB_TEXT.sub("", text)
        parts = [part.strip() for part in re.split(r"\s*(?:>>|>|»|›|→|/|\\|＞|-(?=\s))\s*", text)]
        parts = [part for part in parts if 0 < len(part) <= 60]
        if len(parts) < 2:
            parts = [text_of(link, 60) for link in element.iter("a")]
        if len(parts) >= 2:
            return tuple(parts[:10])
    return ()
