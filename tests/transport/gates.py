"""Gates as they stand in front of portals, each with a small site behind it that knows who has passed."""

from __future__ import annotations

import hashlib
import secrets
from http.cookies import SimpleCookie

from tests.transport.server import Answer, Hit, Site, page

JSL_FIRST = """<script>document.cookie=('_')+('_')+'jsl_clearance_s='+"{first}"+';max-age=3600;path=/';
location.href=location.pathname+location.search</script>"""
JSL_SECOND = """<html><head><title>Loading</title></head><body><script>
async function digest(t){{let b=await new Promise(r=>r(sha(t)));return b}}
function sha(m){{let h=0;for(const c of m)h=(h*31+c.charCodeAt(0))>>>0;return h.toString(16)}}
function go(o){{for(const a of o.chars)for(const b of o.chars){{const v=o.bts[0]+a+b+o.bts[1];
if(sha(v)===o.ct){{document.cookie=o.tn+'='+v+';max-age='+o.vt+';path=/';setTimeout(()=>location.reload(),300);return}}}}}}
;go({{"bts":["{a}","{b}"],"chars":"abcdefgh","ct":"{ct}","ha":"sha","tn":"__jsl_clearance_s","vt":"3600"}})</script></body></html>"""
RUISHU = """<html><head><meta charset="utf-8"><script>var $_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd=1;</script>
<script src="/FSSBBIl1UgzbN7N/ts.js"></script></head><body></body></html>"""
RUISHU_SCRIPT = "document.cookie='FSSBBIl1UgzbN7N80T={token};path=/';setTimeout(function(){{location.reload()}},200);"
STUB = """<html><head><script>(function(){{var k='{token}'.split('').reverse().join('');
document['coo'+'kie']='security_session_verify='+k+';path=/';window['loc'+'ation'].replace(window.location.href)}})()</script>
<!--{pad}--></head><body></body></html>"""
SLIDER = """<html><head><title>安全验证</title></head><body><div class="box"><p>请按住滑块，拖动到最右边</p>
<div id="slider"></div></div><script src="/nwaf/slider.js"></script></body></html>"""


def cookies(hit: Hit) -> dict[str, str]:
    jar = SimpleCookie(hit.headers.get("cookie", ""))
    return {name: one.value for name, one in jar.items()}


def toy_hash(text: str) -> str:
    value = 0
    for character in text:
        value = (value * 31 + ord(character)) & 0xFFFFFFFF
    return format(value, "x")


class Gate:
    """Behaviour of a site: everything, robots.txt too when ``robots`` is on, stands behind the gate."""

    def __init__(self, *, robots: bool = True) -> None:
        self.secret = secrets.token_hex(8)
        self.robots = robots
        self.refused = 0

    def __call__(self, hit: Hit, site: Site) -> Answer:
        if hit.path == "/robots.txt" and not self.robots:
            return Answer(status=404, body=page())
        challenge = self.challenge(hit)
        if challenge is not None:
            self.refused += 1
            return challenge
        if hit.path == "/robots.txt":
            return Answer(b"User-agent: *\nDisallow: /secret", headers=(("Content-Type", "text/plain"),))
        return Answer(page(f"报告 {hit.path}"))

    def challenge(self, hit: Hit) -> Answer | None:
        raise NotImplementedError

    def good(self, hit: Hit, name: str, value: str) -> bool:
        """The cookie is right, and comes from the client that earned it."""
        return cookies(hit).get(name) == value and "gongkai" in hit.headers.get("user-agent", "")


class Jiasule(Gate):
    """521, two rounds of script."""

    def challenge(self, hit: Hit) -> Answer | None:
        first = self.secret
        a, b = self.secret[:4], self.secret[4:]
        second = f"{a}cf{b}"
        if self.good(hit, "__jsl_clearance_s", second):
            return None
        if cookies(hit).get("__jsl_clearance_s") == first:
            return Answer(JSL_SECOND.format(a=a, b=b, ct=toy_hash(second)).encode(), 521)
        return Answer(JSL_FIRST.format(first=first).encode(), 521, (("Set-Cookie", "__jsluid_s=1; path=/; HttpOnly"),))


class Ruishu(Gate):
    """412 with an external script; falls shut again after ``lasts`` requests."""

    def __init__(self, lasts: int, **kwargs: bool) -> None:
        super().__init__(**kwargs)
        self.lasts, self.left, self.turn = lasts, 0, 0

    def challenge(self, hit: Hit) -> Answer | None:
        token = hashlib.sha256(f"{self.secret}{self.turn}".encode()).hexdigest()
        if hit.path.endswith("/ts.js"):
            self.left = self.lasts
            script = RUISHU_SCRIPT.format(token=token)
            return Answer(script.encode(), headers=(("Content-Type", "application/javascript"),))
        if self.left > 0 and self.good(hit, "FSSBBIl1UgzbN7N80T", token):
            self.left -= 1
            return None
        if self.left == 0 and cookies(hit).get("FSSBBIl1UgzbN7N80T") == token:
            self.turn += 1
        return Answer(RUISHU.format().encode(), 412)


class Stub(Gate):
    """200 and one page of 1,334 bytes for every path, until a cookie is set by script."""

    def challenge(self, hit: Hit) -> Answer | None:
        if self.good(hit, "security_session_verify", self.secret[::-1]):
            return None
        bare = STUB.format(token=self.secret, pad="").encode()
        return Answer(STUB.format(token=self.secret, pad="x" * (1334 - len(bare))).encode())


class SelfRedirect(Gate):
    """302 to the same address with a cookie."""

    def challenge(self, hit: Hit) -> Answer | None:
        if self.good(hit, "CT6T", self.secret):
            return None
        return Answer(b"", 302, (("Location", hit.path), ("Set-Cookie", f"CT6T={self.secret}; path=/")))


class Slider(Gate):
    def challenge(self, hit: Hit) -> Answer | None:
        return Answer(SLIDER.encode(), 200)
