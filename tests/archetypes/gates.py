"""Challenges as stand in front of portals, each solved by what an ordinary browser does anyway, and one that is not.

A clearance holds for one host and one user agent: reused elsewhere, or by a client with another name, it is void.
"""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.archetypes.server import Request, Response

UNCHECKED = (".css", ".js", ".png", ".ico")
CHARACTERS = "abcdefghijklmnopqrstuvwxyz"
STUB = 1334


def digest(*parts: str) -> str:
    return hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()


def name_of(request: Request) -> str:
    return request.host.partition(":")[0]


@dataclass(slots=True)
class Gate:
    """A check before every page. ``cookie`` gives the Cookie header of a client that has passed; ``refused`` is the
    status of the refusal."""

    host: str
    refused: int

    def __call__(self, request: Request) -> Response | None:
        if request.path.endswith(UNCHECKED):
            return None
        return None if self.passes(request) else self.refuse(request)

    def passes(self, request: Request) -> bool:
        raise NotImplementedError

    def refuse(self, request: Request) -> Response:
        raise NotImplementedError

    def cookie(self, agent: str) -> str:
        raise NotImplementedError


@dataclass(slots=True)
class TwoRounds(Gate):
    """521 twice: a cookie written by a script, then two characters to be found whose SHA-1 is given; valid one hour."""

    refused: int = 521

    def _first(self, agent: str) -> str:
        return f"1700000000.123|-1|{digest('first', self.host, agent)[:20]}"

    def _second(self, agent: str) -> tuple[str, str, str]:
        seed = digest("second", self.host, agent)
        found = CHARACTERS[int(seed[0], 16)] + CHARACTERS[int(seed[1], 16) + 8]
        return f"1700000000.456|0|{seed[2:10]}", seed[10:30], found

    def passes(self, request: Request) -> bool:
        before, after, found = self._second(request.headers.get("user-agent", ""))
        return request.cookies.get("__jsl_clearance_s") == before + found + after

    def cookie(self, agent: str) -> str:
        before, after, found = self._second(agent)
        return f"__jsluid_s={digest(self.host)[:32]}; __jsl_clearance_s={before}{found}{after}"

    def refuse(self, request: Request) -> Response:
        agent = request.headers.get("user-agent", "")
        if request.cookies.get("__jsl_clearance_s") != self._first(agent):
            pieces = "+".join(f"('{character}')" for character in f"__jsl_clearance_s={self._first(agent)}")
            script = f"document.cookie={pieces}+';max-age=3600;path=/';location.href=location.pathname+location.search"
            cookie = ("Set-Cookie", f"__jsluid_s={digest(self.host)[:32]}; max-age=31536000; path=/; HttpOnly")
            return Response(f"<script>{script}</script>".encode(), 521, headers=(cookie,))
        before, after, found = self._second(agent)
        wanted = hashlib.sha1((before + found + after).encode(), usedforsecurity=False).hexdigest()
        script = (
            "async function sha(t){var d=await crypto.subtle.digest('SHA-1',new TextEncoder().encode(t));"
            "return Array.from(new Uint8Array(d)).map(function(b){return b.toString(16).padStart(2,'0')}).join('')}\n"
            "async function go(o){for(var i=0;i<o.chars.length;i++)for(var j=0;j<o.chars.length;j++){"
            "var v=o.bts[0]+o.chars[i]+o.chars[j]+o.bts[1];if(await sha(v)==o.ct){document.cookie=o.tn+'='+v+';Max-age='+o.vt+';path=/';"
            "setTimeout(function(){location.href=location.pathname+location.search},o.wt);return}}}\n"
            f';go({{"bts":["{before}","{after}"],"chars":"{CHARACTERS}","ct":"{wanted}","ha":"sha1","tn":"__jsl_clearance_s",'
            '"vt":"3600","wt":"300"})'
        )
        return Response(
            f"<!DOCTYPE html><html><head><title>Loading</title></head><body><script>{script}</script></body></html>".encode(),
            521,
        )


@dataclass(slots=True)
class ToItself(Gate):
    """302 to the same address with cookies: a cookie jar is enough."""

    refused: int = 302

    def passes(self, request: Request) -> bool:
        return request.cookies.get("CT6T") == digest("ct6t", self.host, request.headers.get("user-agent", ""))[:32]

    def cookie(self, agent: str) -> str:
        return f"CT6T={digest('ct6t', self.host, agent)[:32]}; CT6TS=1700000000"

    def refuse(self, request: Request) -> Response:
        cookies = self.cookie(request.headers.get("user-agent", "")).split("; ")
        headers = tuple(("Set-Cookie", f"{cookie}; path=/") for cookie in cookies)
        return Response(
            b"<html><head><title>302 Found</title></head></html>", 302, headers=(("Location", request.target), *headers)
        )


@dataclass(slots=True)
class Stub(Gate):
    """200 and the same small page for every path, until its script has set a cookie."""

    refused: int = 200

    @staticmethod
    def _sum(nonce: str) -> int:
        total = 0
        for character in nonce:
            total = (total * 31 + ord(character)) % 2147483647
        return total

    def cookie(self, agent: str) -> str:
        nonce = digest("stub", self.host, agent)[:24]
        return f"wzws_cid={nonce}{self._sum(nonce)}"

    def passes(self, request: Request) -> bool:
        return f"wzws_cid={request.cookies.get('wzws_cid')}" == self.cookie(request.headers.get("user-agent", ""))

    def refuse(self, request: Request) -> Response:
        nonce = digest("stub", self.host, request.headers.get("user-agent", ""))[:24]
        script = (
            f"var n='{nonce}',s=0;for(var i=0;i<n.length;i++)s=(s*31+n.charCodeAt(i))%2147483647;"
            "document.cookie='wzws_cid='+n+s+';path=/';location.reload();"
        )
        text = f"<html><head><meta charset='utf-8'><title></title></head><body><script>{script}</script><!--"
        return Response((text + "x" * (STUB - len(text) - 17) + "--></body></html>").encode())


@dataclass(slots=True)
class Relocking(Gate):
    """412 with a script of its own file; a clearance is good for ``uses`` pages, then the gate closes again."""

    refused: int = 412
    uses: int = 12
    _used: dict[str, int] = field(default_factory=dict)
    _round: dict[str, int] = field(default_factory=dict)

    def token(self, agent: str, turn: int) -> str:
        return digest("relocking", self.host, agent, str(turn))

    def cookie(self, agent: str, turn: int = 1) -> str:
        return f"FSSBBIl1UgzbN7NT={self.token(agent, turn)}"

    def passes(self, request: Request) -> bool:
        agent, token = request.headers.get("user-agent", ""), request.cookies.get("FSSBBIl1UgzbN7NT", "")
        if token != self.token(agent, self._round.get(agent, 1)):
            return False
        self._used[token] = self._used.get(token, 0) + 1
        if self._used[token] > self.uses:
            self._round[agent] = self._round.get(agent, 1) + 1
            return False
        return True

    def refuse(self, request: Request) -> Response:
        agent = request.headers.get("user-agent", "")
        token = self.token(agent, self._round.get(agent, 1))
        script = f"$_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd=51274;$_ts.cd='{token[::-1]}';"
        text = (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><script>{script}</script>'
            f'<script src="/{token[:12]}.e3d5c28.js" r="m"></script></body></html>'
        )
        return Response(text.encode(), 412)

    def script(self, request: Request) -> Response | None:
        """The file that opens the gate."""
        if not request.path.endswith(".e3d5c28.js"):
            return None
        code = (
            "(function(){var t=$_ts.cd.split('').reverse().join('');document.cookie='FSSBBIl1UgzbN7NT='+t+';path=/';"
            "setTimeout(function(){location.replace(location.href)},200);})();"
        )
        return Response(code.encode(), media="application/javascript")


@dataclass(slots=True)
class Slider(Gate):
    """A page that asks a person to drag a slider; no program may try."""

    refused: int = 200

    def passes(self, request: Request) -> bool:
        return False

    def cookie(self, agent: str) -> str:
        return ""

    def refuse(self, request: Request) -> Response:
        text = (
            '<!DOCTYPE html><html><head><meta charset="utf-8"><title>安全验证</title></head><body><div id="nc_1_wrapper">'
            '<h3>访问验证</h3><p>请按住滑块，拖动到最右边完成安全验证</p><div class="slider-track"><span class="slider-btn"></span></div>'
            "</div><script>var captcha = { type: 'slider', appkey: 'FFFF0N' };</script></body></html>"
        )
        return Response(text.encode())


MakeGate = Callable[[str], Gate]
