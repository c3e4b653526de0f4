"""One cookie jar for plain HTTP and the browser.

Scrapy's own middleware asks the network for the list of public suffixes when the first cookie comes, and the whole
crawl waits for that; here the list that came with the package is enough.

Settings::

    DOWNLOADER_MIDDLEWARES = {
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
        "crawler.middlewares.cookies.Cookies": 700,
    }
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http.cookiejar import Cookie
from typing import Any

from scrapy.downloadermiddlewares.cookies import CookiesMiddleware
from scrapy.http import Request
from scrapy.http.cookies import CookieJar
from scrapy.utils.httpobj import urlparse_cached
from tldextract import TLDExtract

split_domain = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


class Cookies(CookiesMiddleware):
    def _process_cookies(self, cookies: Iterable[Cookie], *, jar: CookieJar, request: Request) -> None:
        """Scrapy's, with suffixes that need no network: nobody sets a cookie for all of ``gov.cn``."""
        host = (urlparse_cached(request).hostname or "").lower()
        for cookie in cookies:
            domain = cookie.domain.removeprefix(".")
            if domain and not split_domain(domain).domain:
                if domain != host:
                    continue
                cookie.domain = host
            jar.set_cookie_if_ok(cookie, request)

    def refresh(self, request: Request) -> None:
        """The cookies of this moment: a request may have waited in its slot since its header was written."""
        if not request.meta.get("dont_merge_cookies"):
            request.headers.pop(b"Cookie", None)
            self.jars[request.meta.get("cookiejar")].add_cookie_header(request)

    def keep(self, request: Request, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Take cookies of the browser (as Playwright gives them), bound to the host and port of ``request`` whatever
        domain they name."""
        jar = self.jars[request.meta.get("cookiejar")]
        for cookie in cookies:
            jar.set_cookie(_bound(cookie, request))


def _bound(cookie: Mapping[str, Any], request: Request) -> Cookie:
    parts = urlparse_cached(request)
    host = (parts.hostname or "").lower()
    expires = int(cookie.get("expires") or -1)
    return Cookie(
        version=0,
        name=str(cookie["name"]),
        value=str(cookie["value"]),
        port=str(parts.port) if parts.port else None,
        port_specified=bool(parts.port),
        domain=host if "." in host else f"{host}.local",  # what http.cookiejar makes of a name without a dot
        domain_specified=False,
        domain_initial_dot=False,
        path=str(cookie.get("path") or "/"),
        path_specified=True,
        secure=bool(cookie.get("secure")),
        expires=expires if expires > 0 else None,
        discard=expires <= 0,
        comment=None,
        comment_url=None,
        rest={},
    )
