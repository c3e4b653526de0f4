"""Every way from one portal to another: lists, select boxes, image maps, menus that scripts write or hold as data.

A way is the text that a reader sees and the address behind it. Addresses that only lead away (``/link?url=http%3A…``,
``?target=``) are read, not followed: what they say is written there.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from parsers.listings import html
from parsers.listings.keys import base_domain, own_domain, record_key
from parsers.listings.model import Loaded, join
from parsers.listings.text import squeeze

MOST = 6000
LONGEST_URL = 1000
SCRIPT = 1_000_000
"""Characters of scripts that are searched for menus."""
STRINGS = 40_000

# a string of a script, or one bracket, comma or colon
TOKEN = re.compile(
    r"'((?:[^'\\\n]|\\.){0,20000})'|\"((?:[^\"\\\n]|\\.){0,20000})\"|`((?:[^`\\]|\\.){0,20000})`|([\[\](){}])"
)
LINE_COMMENT = re.compile(r"(?<![:\"'\\])//[^\n]{0,2000}")  # not the slashes of http:// and '//host'
KEY = re.compile(r"\s{0,8}:")  # "url" : is the name of a value
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>]{4,1000}|https?%3A%2F%2F[^\s\"'<>]{4,1000}", re.I)
MARKUP = re.compile(r"<(?:a|option|area|li|dd)\b", re.I)
# pingluo.gov.cn/ without its scheme, as the value of ?target=
BARE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}[a-z]{2,10}(?::\d{1,5})?(?:/[^\s]{0,500})?", re.I)
TARGET = re.compile(
    r"^(?:url|u|to|target|link|site|href|goto|go|dest|redirect(?:_?url)?|jump(?:url)?|address|wz)$", re.I
)
HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,250}[a-z0-9])?", re.I)

# 网站导航, 站点地图, 市县政府网站, 各县(区)网站, 县市区, 友情链接: pages that may hold the block of links
DIRECTORY = re.compile(
    r"(?:县|区|市|州|盟|旗|地方|下级|下属|各级)[()（）、/]?(?:县|区|市|州|盟|旗|[()（）、/]){0,6}(?:级|人民)?(?:政府|门户|子)?(?:网站|站点|网群|链接|导航)"
)
GUIDE = re.compile(r"(?:网站|站点|站群|政府网|政务网)(?:导航|地图|群|集群|链接|大全|一览)|^(?:更多)?(?:导航|网站群)$")
FRIENDS = re.compile(r"(?:友情|相关|网站|快速|常用)链接|^各?(?:市县|县市|区县|县区|市州|州市|盟市|旗县)(?:区|市|旗)?$")
# link.js, footer.html, /inc/yqlj.js: parts of a page that hold blocks of links or the footer
PART = re.compile(
    r"link|foot|bottom|copyright|yqlj|navi?(?:gat\w+)?\b|daohang|site(?:map|nav|s\b)|area|qxwz|xqwz|dbwj|[-_/]db\b|wzdb|weibu",
    re.I,
)
FOOT = re.compile(r"foot|bottom|copyright|[-_/]db\b|dbwj|wzdb|weibu", re.I)
LIBRARY = re.compile(r"jquery|bootstrap|swiper|vue|react|echarts|layui|polyfill|analytics|tongji|hm\.js", re.I)


@dataclass(frozen=True, slots=True)
class Way:
    """``context`` is the heading above the link, or the first line of its select box."""

    url: str
    text: str
    context: str = ""


def ways(page: Loaded) -> list[Way]:
    """All links of a page in its order, with what scripts hold; only http and https, only hosts that are public."""
    if page.too_large or page.media in ("file", "xml"):
        return []
    found: dict[tuple[str, str], Way] = {}
    for way in _all(page):
        url = unwrap(way.url, page.url)
        if way.text and allowed(url, page.url):
            found.setdefault((url, way.text), Way(url, way.text, way.context))
        if len(found) >= MOST:
            break
    return list(found.values())


def _all(page: Loaded) -> Iterator[Way]:
    if page.media == "html":
        yield from _in_tree(page)
    script = LINE_COMMENT.sub(" ", _without_blocks(script_of(page)[:SCRIPT]))
    if not script.strip():
        return
    markup: list[str] = []
    yield from _in_script(script, page, markup)
    if markup:
        written = Loaded(page.url, "".join(["<html><body>", *markup, "</body></html>"]).encode("utf-8", "replace"))
        yield from _in_tree(written)


def _without_blocks(script: str) -> str:
    """A script without /* comments */; linear also where thousands are opened and none is closed."""
    parts: list[str] = []
    at = 0
    while (start := script.find("/*", at)) >= 0 and (end := script.find("*/", start + 2)) >= 0:
        parts.append(script[at:start])
        at = end + 2
    return " ".join([*parts, script[at:]])


def _in_tree(page: Loaded) -> Iterator[Way]:
    """Links of the tree; an option has the first line of its box as heading, an image its alternative text."""
    if page.root is None:
        return
    anchors = html.anchors(page)
    context = {(link.url, link.text): link.context for link in html.links(page, anchors)}
    for anchor in anchors:
        heading = context.get((anchor.url, anchor.title[:200]), "")
        if anchor.place == "option":
            box = anchor.element.getparent()
            heading = html.text_of(box[0], 60) if box is not None and len(box) else ""
        texts = dict.fromkeys(
            (squeeze(anchor.text), squeeze(anchor.attribute), squeeze(anchor.element.get("title") or ""))
        )
        for text in texts:
            if 2 <= len(text) <= 80:
                yield Way(anchor.url, text, heading)


def _in_script(script: str, page: Loaded, markup: list[str]) -> Iterator[Way]:
    """Names and addresses that stand together in one pair of brackets: ``{name: '平罗县', url: 'http://…'}``,
    ``['平罗县', 'http://…']``, ``new Option('平罗县', 'http://…')``. Strings of HTML are put into ``markup``."""
    stack: list[list[str]] = [[]]
    count = 0
    for token in TOKEN.finditer(script):
        bracket = token[4]
        if bracket:
            if bracket in "[({":
                stack.append([])
                if len(stack) > 200:
                    return
            else:
                yield from _paired(stack.pop(), page)
                stack = stack or [[]]
            continue
        count += 1
        if count > STRINGS:
            break
        text = token[1] if token[1] is not None else token[2] if token[2] is not None else token[3] or ""
        text = unescape(text)
        if "<" in text and (MARKUP.search(text) or markup):
            markup.append(text)
        elif KEY.match(script, token.end()) and text.isascii():
            continue
        elif 1 < len(text.strip()) <= LONGEST_URL:
            stack[-1].append(text.strip())
    while stack:
        yield from _paired(stack.pop(), page)


def _paired(strings: list[str], page: Loaded) -> Iterator[Way]:
    """The only address of a pair of brackets with every text in it; of several each with the text right before it, or,
    where the addresses come first, right after it."""
    at = [number for number, text in enumerate(strings) if _is_address(text)]
    if not at:
        return
    step = 1 if at[0] == 0 else -1
    for number in at:
        alone = len(at) == 1 and len(strings) <= 12
        for text in strings if alone else strings[number + step : number + step + 1] if number + step >= 0 else ():
            if not text.isascii() and 2 <= len(squeeze(text)) <= 80:
                yield Way(join(page.base, strings[number]), squeeze(text))


def _is_address(text: str) -> bool:
    return bool(ADDRESS.match(text)) or (text.startswith("/") and "?" in text and bool(ADDRESS.search(text)))


def unescape(text: str) -> str:
    r"""A string of a script as it is meant: ``\u5e73`` and ``\/`` resolved."""
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        if digits := match[1] or match[2]:
            return chr(int(digits, 16))
        return {"n": "\n", "t": " ", "r": "", "b": "", "f": "", "v": ""}.get(match[3], match[3])

    return ESCAPE.sub(one, text)


def unwrap(url: str, base: str) -> str:
    """The address that a page of the same site only passes on to: ``/link?url=http%3A%2F%2Fwww.pingluo.gov.cn%2F``.

    Written once or twice encoded, in base64, or (for parameters like ``target``) without a scheme. Anything else comes
    back as it is.
    """
    try:
        parts = urlsplit(url)
        if not parts.query or base_domain(parts.hostname or "") != base_domain(urlsplit(base).hostname or ""):
            return url
        values = parse_qsl(parts.query, max_num_fields=50)
    except ValueError:
        return url
    for name, value in values:
        if target := _target(name, value.strip()):
            return target
    return url


def _target(name: str, value: str) -> str:
    for _ in range(3):
        if re.match(r"https?://[^/\s]", value, re.I):
            return join(value, value)
        decoded = unquote(value)
        if decoded == value:
            break
        value = decoded
    if TARGET.match(name):
        if value.startswith("//") or BARE.fullmatch(value):
            return join("http://x/", f"http://{value.lstrip('/')}")
        if re.fullmatch(r"[A-Za-z0-9+/_-]{12,1400}={0,2}", value):
            try:
                plain = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_" if "-" in value else None)
            except (binascii.Error, ValueError):
                return ""
            text = plain.decode("latin-1")
            if re.fullmatch(r"https?://[\x21-\x7e]{3,900}", text):
                return join(text, text)
    return ""


def allowed(url: str, base: str = "") -> bool:
    """Whether an address may be asked for: http or https, a host name or a public IP address, nothing disguised."""
    if not 10 <= len(url) <= LONGEST_URL or not url.isprintable() or "@" in url.split("/", 3)[2]:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.replace(".", "").isdigit()
    return address.is_global or host == urlsplit(base).hostname


def site(url: str) -> str:
    """The site that an address belongs to, for telling hosts apart: ``www.`` and a portal's own disclosure host are not
    another site, another port is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    domain = own_domain(parts.hostname or "")
    return domain if port in (None, 80, 443) else f"{domain}:{port}"


def ending(url: str) -> str:
    """What a host shares with the other portals of its country: ``gov.cn`` of ``www.nx.gov.cn``."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    base = base_domain(host)
    labels = base.split(".")
    # bj.gov.cn and its like are provinces' own domains
    return ".".join(labels[-2:]) if labels[-2:-1] == ["gov"] else base.partition(".")[2] or base


def is_front(url: str) -> bool:
    """Whether an address is the front page of a host: no path, or only an index file."""
    parts = urlsplit(url)
    return not parts.query and bool(re.fullmatch(r"/?(?:(?:index|default|main|home)\.\w{3,5})?", parts.path, re.I))


def directories(found: Iterable[Way], page: str) -> dict[str, int]:
    """Pages of the same site that may hold the links that a page does not show, the most likely first, with their rank:
    0 for a directory of governments (各县区政府网站), 1 for a guide to the site, 2 for links to friends."""
    ranked: dict[str, int] = {}
    home = site(page)
    here = record_key(page)
    for way in found:
        if len(way.text) > 20 or site(way.url) != home or record_key(way.url) == here:
            continue
        rank = next((number for number, words in enumerate((DIRECTORY, GUIDE, FRIENDS)) if words.search(way.text)), 9)
        if rank < 9:
            ranked[way.url] = min(rank, ranked.get(way.url, 9))
    return dict(sorted(ranked.items(), key=lambda pair: pair[1]))


def script_of(page: Loaded) -> str:
    """The scripts of a page, or the answer itself where it is a script or data (``document.write("…")`` looks like
    JSONP)."""
    return page.text if page.media in ("script", "json") else page.scripts


def parts(page: Loaded, *, footer: bool) -> list[str]:
    """Frames and scripts of the same site that hold a part of the page; ``footer``: only such as may be its footer."""
    if page.root is None:
        return []
    found: dict[str, None] = {}
    wanted = FOOT if footer else PART
    for element in page.root.iter("iframe", "frame", "script"):
        src = element.get("src") or ""
        url = page.join(src)
        if (
            url
            and wanted.search(src)
            and not LIBRARY.search(src)
            and allowed(url, page.url)
            and site(url) == site(page.url)
        ):
            found[url] = None
    return list(found)[:6]
