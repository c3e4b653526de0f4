"""What a page says of itself: the site's code, its name, who runs it.

Every government site has a number of ten digits, 政府网站标识码; the first six are the code of a division. It stands in
``<meta name="SiteIDCode">``, in the footer, and in the address behind the badge for reporting errors
(``jiucuo.html?site_code=6402210001``). Templates are copied, so a code alone may be somebody else's: ``proof.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from parsers.listings.html import document_title, meta, visible
from parsers.listings.model import Loaded
from parsers.listings.text import tidy

FOOTER = 6000
"""Characters at the end of the visible text that count as footer."""
TEXT = 400_000
SCRIPTS = 300_000
MOST = 8

CODE = re.compile(r"(?<!\d)(\d{10})(?!\d)")
# 政府网站标识码：6402210001, 网站标识 6402210001, 标识码（6402210001）
MARKED = re.compile(r"标识(?:编?码|号)?\s{0,3}[:：(（]?\s{0,3}(\d{10})(?!\d)")
# jiucuo.html?site_code=6402210001 and site_code='6402210001' in a script
BADGE = re.compile(r"\bsite_?code\b['\"]?\s{0,3}[=:]\s{0,3}['\"]?(\d{10})(?!\d)", re.I)
NAME = r"[\u3400-\u9fff()·、]{2,40}"
# 主办：平罗县人民政府, 主办单位: 中共船山区委 船山区人民政府, 版权所有：平罗县人民政府
RUN_BY = re.compile(
    rf"(?:主\s?办(?:单位|机关|方)?|版权所有|著作权|主管(?:单位)?)\s{{0,3}}[:：]\s{{0,3}}({NAME}(?: {NAME}){{0,2}})"
)
# 平罗县人民政府 版权所有, 平罗县人民政府主办
RUN = re.compile(rf"({NAME}?)\s{{0,3}}(?:版权所有|主办(?!单位|机关|方|[:：]))")
# what follows a name in the same line: 承办, 技术支持, ICP备案
NEXT = re.compile(
    r"承\s?办|协\s?办|主\s?办|技术|维护|版权|地址|电话|邮编|邮箱|标识|备案|网站|联系|建议|运维|管理单位|指导|[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀黔贵云滇藏陕甘青宁新](?:ICP|公网)"
)
SAID = re.compile(r"主\s?办|版权所有|主管|著作权")
TAGS = re.compile(r"<[^<>]{0,400}>")


@dataclass(frozen=True, slots=True)
class Identity:
    """What one page says of itself. ``codes`` in the order meta, footer, badge, each once; ``runners`` are the names
    behind 主办 and 版权所有; ``domain`` is the host that the page says it belongs to (``SiteDomain``)."""

    title: str = ""
    site: str = ""
    domain: str = ""
    codes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Where each code stands: ``meta``, ``footer`` or ``badge``."""
    runners: tuple[str, ...] = ()

    def joined(self, other: Identity) -> Identity:
        """With what a part of the same page (a footer in a frame or a script) says."""
        codes = dict(zip(other.codes, other.places, strict=True)) | dict(zip(self.codes, self.places, strict=True))
        ordered = [*self.codes, *(code for code in other.codes if code not in self.codes)]
        return replace(
            self,
            title=self.title or other.title,
            site=self.site or other.site,
            codes=tuple(ordered),
            places=tuple(codes[code] for code in ordered),
            runners=tuple(dict.fromkeys((*self.runners, *other.runners)))[:MOST],
        )


def identify(page: Loaded, *, part: bool = False) -> Identity:
    """Reads a page. Never raises for what a server sent; a page that says nothing gives an empty Identity.

    ``part``: the answer is a footer that the page includes; its own title says nothing.
    """
    if page.too_large or page.root is None or page.media in ("file", "xml"):
        return Identity()
    if page.media != "html":
        return _scripted(page.text)
    named = meta(page)
    text = tidy(visible(page.root, TEXT))
    scripts = TAGS.sub(" ", page.scripts[:SCRIPTS]).replace("\\n", " ")
    codes: dict[str, str] = {}
    for place, found in (
        ("meta", CODE.findall(named.get("siteidcode", ""))),
        ("footer", MARKED.findall(text) + MARKED.findall(scripts)),
        ("badge", _badges(page) + BADGE.findall(page.scripts[:SCRIPTS])),
    ):
        for code in found[:MOST]:
            codes.setdefault(code, place)
    footer = text[-FOOTER:]
    return Identity(
        title="" if part else document_title(page)[:200],
        site="" if part else named.get("sitename", "")[:100],
        domain=named.get("sitedomain", "")[:200],
        codes=tuple(codes)[:MOST],
        places=tuple(codes.values())[:MOST],
        runners=_runners(footer) or _runners(_around(tidy(scripts))),
    )


def _scripted(text: str) -> Identity:
    """A footer that a script of its own writes: document.writeln("<p>主办：…</p>")."""
    shown = tidy(TAGS.sub(" ", text[:SCRIPTS]).replace("\\n", " "))
    codes = dict.fromkeys(MARKED.findall(shown)[:MOST], "footer")
    for code in BADGE.findall(text[:SCRIPTS])[:MOST]:
        codes.setdefault(code, "badge")
    return Identity(codes=tuple(codes), places=tuple(codes.values()), runners=_runners(_around(shown)))


def _badges(page: Loaded) -> list[str]:
    """Codes in the addresses of links: ``jiucuo.html?site_code=6402210001&url=…``."""
    found = []
    for element in page.root.iter("a"):
        href = element.get("href") or ""
        if "site_code=" in href and len(href) < 2000:
            try:
                found += [value for name, value in parse_qsl(urlsplit(href).query) if name == "site_code"]
            except ValueError:
                continue
    return [code for code in found if CODE.fullmatch(code)][:MOST]


def _around(text: str) -> str:
    """The parts of a long text that may say who runs the site."""
    return "\n".join(text[max(0, at.start() - 80) : at.end() + 160] for at in islice(SAID.finditer(text), 20))


def _runners(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in RUN_BY.finditer(text):
        for part in match[1].split(" "):
            end = NEXT.search(part)
            name = part[: end.start()] if end else part
            if len(name) >= 2:
                found.append(name)
            if end:
                break
    found += [match[1] for match in RUN.finditer(text) if match[1] and not NEXT.search(match[1])]
    return tuple(dict.fromkeys(found))[:MOST]
