"""A challenge page is never data. It is recognised by its body, and unlocked once in an ordinary browser or blocked.

What stands in front of portals (72 portals of 8 prefectures in one survey of 2026): 加速乐 answers 521 and sets
cookies in two rounds of script, 瑞数 answers 412 with an inline ``$_ts``, Aliyun sets ``acw_sc__v2``, others send one
small page for every path until a script has set a cookie. An ordinary browser passes these by running the page, so one
page is rendered; its cookies go into Scrapy's cookie jar, for this host and port alone, and the crawl goes on by plain
HTTP with the same user agent. When the gate falls shut again, it is opened again, as long as each time brings pages.

A slider or a captcha asks for a human. It is ``blocked`` at once; nothing here tries to solve one.

The same goes for robots.txt: when the gate stands in front of it, the browser opens robots.txt itself, so that no other
address is touched before its rules are known.

Settings::

    DOWNLOADER_MIDDLEWARES = {"crawler.middlewares.challenge.Challenges": 560}
    CHALLENGE_UNLOCKS = 50                # for each host in one run
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.cookies import Cookies
from crawler.middlewares.normalise import is_file
from crawler.middlewares.outcomes import Blocked, Refused
from crawler.middlewares.politeness import polite_downloader
from parsers.documents.charset import decode

LARGEST = 400_000
MOST_LINKS = 8
ATTEMPTS = 3
CONSTANT = "one page for every path"
ROBOTS = "/robots.txt"
GIVE_UP_AFTER = 3
"""Requests of a host in a row that end at a wall, until the rest is not asked any more."""

HIDDEN = re.compile(r"<(script|style|noscript)\b.*?(?:</\1\s{0,9}>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
TAG = re.compile(r"<[^<>]{0,4000}>")
LINK = re.compile(rb"<a\s", re.I)
SCRIPT = re.compile(r"<script\b", re.I)
SHOWN_ATTRIBUTE = re.compile(r"\b(?:title|alt|placeholder|value)\s*=\s*[\"']([^\"']{1,200})", re.I)
NAMED = re.compile(
    r"\b(?:id|class|name)\s*=\s*[\"'][^\"']{0,200}(?:captcha|slider|geetest|verify-?code|nc-container)", re.I
)
SLIDER = re.compile(r"滑块|滑动|拖动|拖拽|拼图|人机验证|按住.{0,8}验证|点选|captcha|not a robot", re.I)
CODE = re.compile(r"验证码|校验码|verification code", re.I)
TEXT_INPUT = re.compile(
    r"<(?:input(?![^<>]{0,200}type\s*=\s*[\"']?(?:hidden|submit|button|image))|textarea|select)\b", re.I
)
CHECKING = re.compile(
    r"安全验证|安全检查|安全检测|访问验证|访问异常|请稍候|请稍后|正在检测|正在验证|浏览器检查|checking your browser",
    re.I,
)
SETS_COOKIE = re.compile(r"document\s*(?:\.\s*cookie|\[\s*[\"']cookie[\"']\s*\])", re.I)
MOVES_ON = re.compile(r"location|reload|submit\(|setTimeout", re.I)
COMPUTES = re.compile(r"\beval\s*\(|document\s*\.\s*cookie|fromCharCode|\bunescape\(|atob\(", re.I)
APPLICATION = re.compile(
    r"\bid\s*=\s*[\"']?(?:app|root|__nuxt|__next)\b|chunk-vendors|webpack|type\s*=\s*[\"']?module|nomodule", re.I
)

# location.replace("./jbxx/"), window.location.href = '/x/index.html': a redirect that can be read, not a gate
LITERAL_REDIRECT = re.compile(
    r"location[\w.\s]{0,30}(?:=|\.\s*(?:replace|assign)\s*\()\s*[\"'][^\"']{1,500}[\"']", re.I
)
SPLIT_NAMES = re.compile(r"\[\s*[\"']\w{1,20}[\"']\s*\+\s*[\"']")  # document['coo' + 'kie']: hidden on purpose
FRAME = re.compile(r"<i?frame\b", re.I)

MARKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("加速乐", re.compile(r"__jsl_clearance|__jsluid", re.I)),
    ("瑞数", re.compile(r"\$_ts\b")),
    ("acw_sc__v2", re.compile(r"acw_sc__v2|\barg1\s*=\s*['\"][0-9A-Fa-f]{40}['\"]")),
)
GATE_STATUSES = frozenset({202, 412, 468, 521})
"""Statuses that portals give to gates only; 202 with a page that shows nothing."""
REFUSALS = frozenset({400, 403, 405, 422, 503})


@dataclass(frozen=True, slots=True)
class Challenge:
    """``human``: only a person could pass it. ``wall``: there is nothing that a browser could run."""

    kind: str
    human: bool = False
    wall: bool = False


def recognise(status: int, body: bytes, url: str = "") -> Challenge | None:
    """What stands in the place of the page, or None for a page. Judged by the body; the status only helps."""
    if len(body) > LARGEST or is_file(body):
        return None
    if not body:
        return Challenge(f"status {status}", wall=True) if status in GATE_STATUSES - {202} else None
    if len(LINK.findall(body)) > MOST_LINKS:
        return None
    text, _ = decode(body)
    shown = _shown(text)
    if len(shown) >= 400:
        return None
    return _human(text, shown) or _marked(text, shown) or _script(status, text, shown)


def _shown(text: str) -> str:
    """What a reader would see: no scripts, no tags, with the words of buttons and pictures."""
    body = HIDDEN.sub(" ", text)
    words = " ".join(SHOWN_ATTRIBUTE.findall(body))
    return " ".join(html.unescape(f"{TAG.sub(' ', body)} {words}").split())


def _human(text: str, shown: str) -> Challenge | None:
    visible = HIDDEN.sub(" ", text)
    if SLIDER.search(shown) or (NAMED.search(visible) and SCRIPT.search(text)):
        return Challenge("slider", human=True)
    if CODE.search(shown) and 1 <= len(TEXT_INPUT.findall(visible)) <= 3:
        return Challenge("captcha", human=True)
    return None


def _marked(text: str, shown: str) -> Challenge | None:
    if len(shown) >= 200 or not SCRIPT.search(text):
        return None
    return next((Challenge(kind) for kind, mark in MARKS if mark.search(text)), None)


def _script(status: int, text: str, shown: str) -> Challenge | None:
    scripted = bool(SCRIPT.search(text))
    if status in GATE_STATUSES and len(shown) < 200:
        if scripted:
            return Challenge(f"status {status} with a script")
        return Challenge(f"status {status}", wall=True) if status != 202 else None
    if not scripted or len(shown) >= 150:
        return None
    if CHECKING.search(shown):
        return Challenge("check of the browser")
    if status in REFUSALS and COMPUTES.search(text):
        return Challenge(f"status {status} with a script")
    if len(shown) < 60 and len(text) < 16_000:
        if SETS_COOKIE.search(text) and MOVES_ON.search(text):
            return Challenge("cookie set by script")
        if SPLIT_NAMES.search(text) and not APPLICATION.search(text):
            return Challenge("script that hides what it does")
    return None


def looks_empty(body: bytes) -> bool:
    """A small page that shows nothing and runs a script, and is no application, frame or redirect that can be read."""
    if not 0 < len(body) < 4096 or LINK.search(body):
        return False
    text, _ = decode(body)
    if not SCRIPT.search(text) or any(other.search(text) for other in (APPLICATION, FRAME, LITERAL_REDIRECT)):
        return False
    return len(_shown(text)) < 30


@dataclass(slots=True)
class Gate:
    """What this run knows of the gate of one host and port."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    generation: int = 0
    """How often it was opened."""
    passed: int = 0
    """Pages since it was opened last."""
    walls: int = 0
    shut: str = ""
    """Why it stays shut."""
    empty: dict[bytes, str] = field(default_factory=dict)
    """Small empty pages by hash, with the path that they were first seen at."""
    ordinary: set[bytes] = field(default_factory=set)
    """Empty pages that came back after an unlock: that is how this portal is."""


class Challenges:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("CHALLENGE_UNLOCKS", 50)
        self.gates: dict[str, Gate] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def gate(self, request: Request) -> Gate:
        return self.gates.setdefault(urlparse_cached(request).netloc.lower(), Gate())

    def process_request(self, request: Request) -> None:
        gate = self.gate(request)
        if gate.shut:
            raise Blocked(gate.shut)

    def before_sending(self, request: Request) -> None:
        """A request that waited in its slot while the gate was opened goes with the cookies that opened it."""
        request.meta["gate"] = self.gate(request).generation
        if (cookies := self.crawler.get_downloader_middleware(Cookies)) is not None:
            cookies.refresh(request)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        cookies = self.crawler.get_downloader_middleware(Cookies)
        if cookies is not None and "browser" in response.flags:
            cookies.keep(request, request.meta.get("render_cookies", ()))
        gate = self.gate(request)
        found = recognise(response.status, response.body, response.url) or self._constant(gate, request, response)
        if found is None:
            gate.passed += 1
            gate.walls = 0
            return response
        self.crawler.stats.inc_value(f"challenge/{found.kind}")
        if found.human or found.wall or "browser" in response.flags:
            if request.meta.get("unlock") and not found.human:
                self._shut(gate, request, f"a challenge that a browser does not pass ({found.kind})")
            raise self._wall(gate, request, found)
        return await self._open(gate, request, found)

    def _constant(self, gate: Gate, request: Request, response: Response) -> Challenge | None:
        """One small empty page for different paths, or in place of robots.txt, is a gate that doesn't say so."""
        if not looks_empty(response.body):
            return None
        page = hashlib.sha256(response.body).digest()
        path = urlparse_cached(request).path
        if request.meta.get("gate_page") == page:
            gate.ordinary.add(page)
        if page in gate.ordinary or (gate.empty.setdefault(page, path) == path and path != ROBOTS):
            return None
        request.meta["gate_page"] = page
        return Challenge(CONSTANT)

    def _shut(self, gate: Gate, request: Request, reason: str) -> None:
        gate.shut = reason
        polite_downloader(self.crawler).give_up(lambda waiting: self.gate(waiting) is gate, Blocked(reason))

    def _wall(self, gate: Gate, request: Request, found: Challenge) -> Blocked:
        gate.walls += 1
        if found.human:
            reason = f"asks for a human ({found.kind})"
        else:
            reason = (
                f"a wall ({found.kind})" if found.wall else f"a challenge that a browser does not pass ({found.kind})"
            )
        if gate.walls >= GIVE_UP_AFTER:
            self._shut(gate, request, reason)
        self.crawler.stats.inc_value("challenge/blocked")
        return Blocked(reason)

    async def _open(self, gate: Gate, request: Request, found: Challenge) -> Request:
        """The request, to be asked again by plain HTTP after the gate was opened by whoever came first."""
        tries = request.meta.get("gate_tries", 0) + 1
        async with gate.lock:
            if gate.shut:
                raise Blocked(gate.shut)
            if request.meta.get("gate") == gate.generation:
                if gate.generation and not gate.passed and found.kind != CONSTANT:
                    self._shut(gate, request, f"passes only inside a browser ({found.kind})")
                elif gate.generation >= self.most:
                    self._shut(gate, request, f"falls shut again and again ({found.kind})")
                if gate.shut or tries > ATTEMPTS:
                    raise Blocked(gate.shut or f"a challenge that comes back ({found.kind})")
                await self._unlock(gate, request, found)
        again = request.replace(dont_filter=True, priority=request.priority + 1)
        again.meta["gate_tries"] = tries
        return again

    async def _unlock(self, gate: Gate, request: Request, found: Challenge) -> None:
        meta = {"render": True, "unlock": True, "dont_obey_robotstxt": request.meta.get("dont_obey_robotstxt", False)}
        if "cookiejar" in request.meta:
            meta["cookiejar"] = request.meta["cookiejar"]
        opened = Request(request.url, callback=NO_CALLBACK, dont_filter=True, priority=request.priority + 1, meta=meta)
        assert self.crawler.engine is not None
        try:
            await self.crawler.engine.download_async(opened)
        except Blocked:
            raise
        except Refused as error:
            raise Blocked(f"a challenge ({found.kind}), and no browser passed it: {error.reason}") from error
        gate.generation += 1
        gate.passed = 0
        self.crawler.stats.inc_value("challenge/unlocked")
