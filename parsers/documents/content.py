"""Where in a page the text itself stands.

The smallest element that holds everything but the furniture of the page. When in doubt the larger one is taken; what is
clearly a frame of the page (navigation, footer, share buttons) is left out later, piece by piece. The known containers
are those of the content systems that county portals run on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Element = Any
"""lxml elements have no usable types."""

KNOWN = re.compile(
    r"(?:^|[\s_-])(?:ivs_content|webeditorview|trs_editor|custom_unionstyle|trs_uedi?tor|view|fontzoom|zoom|zoomcon|article-?content|"
    r"article-?con|article_?body|detail-?content|xxgk_?content|zw-?content|ucap-?content|pages_content|wzzw-article|maintext|main-txt|"
    r"jgzn_content|vsb_content\w{0,4}|v_news_content|news_?content|newscontent|conten|con_?text|bt_content|info_?content|content)(?:$|[\s_-])",
    re.I,
)  # id="zoom", class="TRS_Editor"
SECTIONS = re.compile(
    "总体情况|主动公开政府信息(?:的)?情况|收到和处理政府信息公开申请|(?:行政)?复议、?(?:提起)?行政诉讼|主要问题及改进|其他需要报告的事项"
)
LABELS = re.compile("信息内容|本年制发件数|本年新制作|规范性文件|自然人|结果维持|本年新收|上年结转|结转下年度|统计指标")
CHROME_TAGS = frozenset({"nav", "footer", "aside"})
CHROME = re.compile(
    r"(?:^|[\s_-])(?:nav\w{0,8}|menu\w{0,8}|footer\w{0,8}|foot|bottom\w{0,8}|crumbs?|breadcrumbs?|bread|position|share\w{0,8}|bdshare\w{0,20}|"
    r"sidebar|side|toolbar|tools?|related|pages?_?(?:nav|num)|copyright|search\w{0,6}|dqwz|weizhi|qrcode|ewm|print)(?:$|[\s_-])",
    re.I,
)
FOOTER = re.compile(
    "版权所有|ICP备|公网安备|网站标识码|技术支持[:：]|主办单位[:：]|承办单位[:：]|上一篇[:：]|下一篇[:：]|打印本页|关闭窗口|分享到[:：]"
)
INFO = re.compile(
    r"(?:发布|公开|更新|发文|成文|生成)(?:时间|日期)|来\s{0,9}源[:：]|信息来源|浏览次数|点击[:：数]|字号[:：]|字体[:：]"
    r"|索\s{0,9}引\s{0,9}号|当前位置|您所?在的?位置"
)
FIGURES = re.compile(r"\d+")
DOMINANT = 0.9
MEAN_CELL = 40
"""Characters a cell, at the mean of a table: tables of figures have about ten, frames of pages hundreds."""


@dataclass(slots=True)
class Weight:
    """What an element holds with all its descendants: characters outside and inside links, marks of a report."""

    text: int = 0
    links: int = 0
    sections: int = 0
    labels: int = 0

    def add(self, other: Weight) -> None:
        self.text += other.text
        self.links += other.links
        self.sections += other.sections
        self.labels += other.labels

    @property
    def marks(self) -> int:
        return self.sections + self.labels

    @property
    def value(self) -> float:
        return self.text + 300 * min(self.sections, 30) + 150 * min(self.labels, 60)


@dataclass(slots=True)
class Weights:
    of: dict[Element, Weight] = field(default_factory=dict)
    short: set[Element] = field(default_factory=set)

    def whole(self, table: Element) -> bool:
        """Whether a table has short cells at the mean and was weighed as one."""
        return table in self.short

    def __getitem__(self, element: Element) -> Weight:
        return self.of.get(element) or Weight()


def weigh(root: Element) -> Weights:
    """Weights of all elements below ``root``, children before parents and without recursion. Links, lists and tables of
    short cells are weighed as one."""
    weights: dict[Element, Weight] = {}
    for link in root.iter("a"):
        text = "".join(link.itertext()) if len(link) else link.text or ""
        weights[link] = Weight(links=len(text.strip()))
    for element in root.iter("table", "ul", "ol"):
        if (whole := _as_one(element, weights)) is not None:
            weights[element] = whole
    short = {element for element in weights if element.tag == "table"}
    done = set(weights)
    for element in reversed(list(_outside(root, done))):
        own = weights.get(element)
        if own is None:
            own = weights[element] = Weight()
        if element not in done and element.text and isinstance(element.tag, str):
            _count(element.text, own)
        parent = element.getparent()
        if element is root or parent is None:
            continue
        above = weights.get(parent)
        if above is None:
            above = weights[parent] = Weight()
        above.add(own)
        if element.tail:
            _count(element.tail, above)
    return Weights(weights, short)


def _as_one(element: Element, weights: dict[Element, Weight]) -> Weight | None:
    """Weight of a table or list that cannot be the frame of anything: no table in it, its cells or items short."""
    if any(inner is not element for inner in element.iter("table", "ul", "ol")):
        return None
    text = "".join(element.itertext())
    if len(text) > MEAN_CELL * sum(1 for _ in element.iter("td", "th", "li")):
        return None
    weight = Weight()
    _count(text, weight)
    weight.links = sum(weights[link].links for link in element.iter("a"))
    weight.text -= min(weight.links, weight.text)
    return weight if weight.text > weight.links else Weight(weight.text, weight.links)


def _outside(root: Element, done: set[Element]) -> Iterator[Element]:
    """Elements in document order, without what is inside of those that are weighed already."""
    stack = [root]
    while stack:
        element = stack.pop()
        yield element
        if element not in done:
            stack.extend(reversed(element))


def _count(text: str, weight: Weight) -> None:
    size = len(text.strip())
    if size:
        weight.text += size
        weight.sections += len(SECTIONS.findall(text))
        weight.labels += len(LABELS.findall(text))


def choose(root: Element, weights: Weights) -> Element:
    """The element to read. Never narrower than what holds all marks of a report that the page shows."""
    node = root
    while (inner := _dominant(node, weights)) is not None:
        node = inner
    return _known(node, weights)


def _dominant(node: Element, weights: Weights) -> Element | None:
    children = [child for child in node if isinstance(child.tag, str)]
    if not children:
        return None
    best = max(children, key=lambda child: weights[child].value)
    whole, inner = weights[node], weights[best]
    if not inner.value or inner.marks < whole.marks or (best.tag in _TABLE_PARTS and not _unfolds(best, weights)):
        return None
    loose = whole.text - sum(weights[child].text for child in children)
    at = children.index(best)
    if (
        loose > 0
        or best.tag in _LEAVES
        or any(weights[child].text and not is_chrome(child, weights) for child in children[at + 1 :])
    ):
        return None
    return best if all(_is_furniture(child, weights) for child in children[:at]) else None


_LEAVES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "pre", "a"})
_HEADINGS = frozenset({"h1", "h2", "h3", "ucaptitle"})


def _is_furniture(element: Element, weights: Weights) -> bool:
    """What stands above a text without being part of it: navigation, the title, the line with date and source."""
    if not weights[element].text or element.tag in _HEADINGS or is_chrome(element, weights):
        return True
    return weights[element].text < 300 and bool(INFO.search("".join(element.itertext())))


_TABLE_PARTS = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "th"})


def _unfolds(part: Element, weights: Weights) -> bool:
    """Whether a table (or a part of it) is only the frame of a page: all of it stands in one cell with running text."""
    cells = [cell for cell in part.iter("td", "th") if cell is not part] or [part]
    best = max(cells[:2000], key=lambda cell: (weights[cell].value, -len(cell)))
    paragraphs = sum(1 for _ in best.iter("p", "div", "table", "br", "h1", "h2", "h3"))
    return weights[best].marks >= weights[part].marks and paragraphs >= 4 and weights[best].sections >= 1


def drop_copies(root: Element, weights: Weights) -> bool:
    """Leave one of several containers that hold the same report (for a wide and for a narrow screen). The same means
    the same figures in the same order, and texts of nearly the same length: a page may hold two reports."""
    kept: dict[str, tuple[Element, str]] = {}
    dropped = False
    for element in _whole_reports(root, weights):
        text = "".join("".join(element.itertext()).split())
        figures = "".join(FIGURES.findall(text))
        other, other_text = kept.get(figures, (None, ""))
        if other is None or not _same_words(element, text, other_text):
            kept[figures] = (element, text)
            continue
        tables = [sum(1 for _ in copy.iter("table")) for copy in (other, element)]
        worse = other if tables[1] > tables[0] else element
        if worse is other:
            kept[figures] = (element, text)
        for child in list(worse):
            worse.remove(child)
        worse.text = None
        dropped = True
    return dropped


def _same_words(element: Element, text: str, other: str) -> bool:
    """Whether nearly every sentence of one copy stands in the other: reports of two bodies share all but names."""
    if not 0.8 < len(text) / max(1, len(other)) < 1.25:
        return False
    pieces = ["".join(piece.split()) for piece in element.itertext()]
    long = [piece for piece in pieces if len(piece) >= 12][:200]
    return sum(piece in other for piece in long) >= 0.97 * len(long)


def _whole_reports(root: Element, weights: Weights) -> list[Element]:
    """Elements below ``root``, none in another, that hold most sections of a report each; empty when it is only one."""
    found: list[Element] = []
    stack = list(root)
    while stack:
        element = stack.pop()
        if weights[element].sections < 4 or weights[element].text < 300:
            continue
        inner = [child for child in element if weights[child].sections >= 4 and weights[child].text >= 300]
        if inner and element.tag not in ("table", "tbody", "tr"):
            stack += inner
        else:
            found.append(element)
    return found[::-1] if len(found) > 1 else []


def is_chrome(element: Element, weights: Weights) -> bool:
    """Navigation, footer, share buttons: never anything with marks of a report or with much running text."""
    weight = weights[element]
    if weight.marks > 1 or (weight.text > 400 and weight.links < weight.text):
        return False
    if element.tag in CHROME_TAGS or CHROME.search(f"{element.get('id') or ''} {element.get('class') or ''}"):
        return True
    if weight.links > 8 and weight.links > 2 * weight.text:
        return True
    return weight.text < 400 and bool(FOOTER.search("".join(element.itertext())))


def _known(node: Element, weights: Weights) -> Element:
    """A known container inside the chosen element, when nothing of weight stands outside it."""
    whole = weights[node]
    for element in node.iter("div", "td", "article", "section", "main"):
        name = f"{element.get('id') or ''} {element.get('class') or ''}"
        if element is node or not KNOWN.search(name):
            continue
        inner = weights[element]
        if inner.marks >= whole.marks and inner.text >= DOMINANT * whole.text:
            return element
    return node
