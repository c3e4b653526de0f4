"""When two addresses are the same record, and which hosts belong to a portal."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.I)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.I)
_LONSUN = re.compile(r"^/(?:[\w-]+/){1,2}(public/(?:column/)?\d+)", re.I)
"""Matches ``/zwgk/public/1681/565.html``: the prefix is an alias, ids are unique in the installation."""
_ROUTE = re.compile(r"^[!/]|^\d+$")
"""Matches fragments that choose content: ``#/zwgk`` of an application, ``#123`` of gkmlpt."""

PROVINCES = frozenset(
    "bj tj hebei shanxi nmg ln jl hlj sh js zj ah fj jiangxi shandong henan hubei hunan gd gxzf hainan cq sc guizhou "
    "yn xizang shaanxi gansu qinghai nx xinjiang".split()
)
"""Province domains under gov.cn: a name below one of them belongs to somebody else than its sibling."""


@lru_cache(maxsize=8192)  # the menu of a portal stands on each of its pages
def record_key(url: str) -> str:
    """An address without what does not change the record: scheme, www, default port, session, index file, order of
    the query, and case where the server is IIS."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    try:
        port = parts.port
    except ValueError:
        port = None
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    path = _INDEX.sub("/", _SESSION.sub("", parts.path)).rstrip("/")
    path = _LONSUN.sub(r"/\1", path)
    query = sorted(parse_qsl(_SESSION.sub("", parts.query), keep_blank_values=True))
    if re.search(r"\.aspx?$", path, re.I):
        path = path.lower()
        query = [(name.lower(), value) for name, value in query]
    tail = "?" + "&".join(f"{name}={value}" for name, value in query) if query else ""
    fragment = f"#{parts.fragment}" if _ROUTE.search(parts.fragment) else ""
    return f"{place}{path}{tail}{fragment}"


def base_domain(host: str) -> str:
    """The domain that a host and its siblings share: ``pingluo.gov.cn``, ``a6.localhost``; an IP address is itself."""
    host = host.lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    labels = host.split(".")
    if labels[-1] == "localhost":
        return ".".join(labels[-2:])
    suffix = (
        2 if labels[-1] == "cn" and len(labels) > 2 and labels[-2] in {"gov", "com", "org", "net", "edu", "ac"} else 1
    )
    if suffix == 2 and labels[-2] == "gov" and len(labels) > 3 and labels[-3] in PROVINCES:
        suffix = 3
    return ".".join(labels[-(suffix + 1) :])


_FRONT = frozenset("www www1 www2 zwgk xxgk zfxxgk gk gov zf new web wap m portal main xzf".split())
"""First labels that name a portal's own front or its disclosure host, not a body below it."""


def own_domain(host: str) -> str:
    """The domain below which a portal's sub-sites live. ``www.pingluo.gov.cn`` and ``zwgk.pingluo.gov.cn`` stand for
    ``pingluo.gov.cn``; ``haishu.ningbo.gov.cn`` only for itself: its siblings are other counties."""
    host = host.lower().rstrip(".")
    base = base_domain(host)
    name = host
    while name != base and name.partition(".")[0] in _FRONT:
        name = name.partition(".")[2]
    return name


class Scope:
    """The hosts of one portal: its own, those its registry row names, and their siblings under the same domain.

    An IP address or a bare host name with a port stands for that port alone.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        self.domains: set[str] = set()
        self.places: set[tuple[str, int]] = set()
        self._known: dict[str, bool] = {}
        """Scheme and host as written -> whether they are inside."""
        for url in urls:
            self.add(url)

    def add(self, url: str) -> None:
        """Take in one more host, given as an address or as ``host[:port]``."""
        self._known.clear()
        parts = urlsplit(url if "//" in url else f"//{url}")
        host = (parts.hostname or "").lower()
        if not host:
            return
        if _is_single(host):
            self.places.add((host, _port(parts.scheme, parts.netloc)))
        else:
            self.domains.add(own_domain(host))

    def __contains__(self, url: str) -> bool:
        origin = "/".join(url.split("/", 3)[:3])
        known = self._known.get(origin)
        if known is None:
            if len(self._known) >= 1000:
                self._known.clear()
            known = self._known[origin] = self._is_inside(url)
        return known

    def _is_inside(self, url: str) -> bool:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            return False
        if _is_single(host):
            return (host, _port(parts.scheme, parts.netloc)) in self.places
        return any(host == domain or host.endswith(f".{domain}") for domain in self.domains)


def _is_single(host: str) -> bool:
    """True for a host that has no siblings: an IP address, a name without dots."""
    if "." not in host:
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _port(scheme: str, netloc: str) -> int:
    match = re.search(r":(\d{1,5})$", netloc)
    return int(match.group(1)) if match else (443 if scheme == "https" else 80)
