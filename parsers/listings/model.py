"""What a portal page becomes: one contract for every content system.

A reader gets a Loaded (one answer of a server) and gives a Page: the entries of its list, how to get the rest of the
list, and where else the page leads. It knows nothing of reports; what a title means is decided by whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urljoin

from lxml import etree

from parsers.listings.js import assignments, functions
from parsers.listings.text import decode, media_type

PAGE_BYTES = 8 * 1024**2
"""A page larger than this is not read as navigation: the largest list seen in the field is under 2 MB."""

Place = Literal["a", "option", "frame", "script", "area", "row", "tree", "call"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request to be made. ``system`` names the reader that understands the answer (empty: look at it), ``state`` is
    what that reader wrote down for itself: page number, rows read so far."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    system: str = ""
    state: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """What tells this request from others: its URL, with a short body behind it."""
        if not self.body or len(self.body) > 500:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{self.body.decode('utf-8', 'replace')}"

    def get(self, name: str, default: str = "") -> str:
        """A value of the state by name."""
        return dict(self.state).get(name, default)

    def number(self, name: str, default: int = 0) -> int:
        """A whole number of the state by name; the default when it is missing or not a number."""
        value = self.get(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default


@dataclass(frozen=True, slots=True)
class Link:
    """A way on. ``context`` is the heading or label that the link stands under, ``place`` where it was found.
    ``fetch`` is the request that a click makes when it is more than a GET of ``url``."""

    url: str
    text: str
    context: str = ""
    place: Place = "a"
    fetch: Fetch | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list. ``url`` is the record's own address.

    ``fetch`` says how the content is got when a GET of ``url`` does not give it; ``body`` is the content as HTML when
    the list brought it along; ``files`` are attachments that the row names itself. ``date`` is ISO or empty.
    """

    url: str
    title: str
    date: str = ""
    agency: str = ""
    fetch: Fetch | None = None
    body: str = field(default="", repr=False)
    files: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is.

    ``more`` continues the list (its next page, or the request that fills it). ``stated`` is the number of records that
    the page says its list has. ``last`` is True when the page itself shows that its list ends here. ``children`` are
    columns that the system's own data names (a tree, an array of organs); ``links`` all other links, in page order.
    ``shell`` is True when the page shows nothing without running its scripts. ``note`` says what a reader could not do.
    """

    url: str
    system: str
    title: str = ""
    entries: tuple[Entry, ...] = ()
    more: Fetch | None = None
    stated: int | None = None
    last: bool = False
    children: tuple[Link, ...] = ()
    frames: tuple[Link, ...] = ()
    links: tuple[Link, ...] = ()
    crumbs: tuple[str, ...] = ()
    shell: bool = False
    note: str = ""


class Loaded:
    """One answer of a server, parsed at most once. ``url`` is the address after redirects."""

    def __init__(
        self, url: str, body: bytes, *, content_type: str = "", status: int = 200, fetch: Fetch | None = None
    ) -> None:
        self.url = url
        self.body = body
        self.content_type = content_type
        self.status = status
        self.fetch = fetch or Fetch(url)
        self.memo: dict[str, str] = {}
        """What readers have worked out about the page, by name."""
        self.library = ""
        """Texts of the script files that the page loads, as far as somebody has fetched them."""

    @property
    def too_large(self) -> bool:
        return len(self.body) > PAGE_BYTES

    @cached_property
    def text(self) -> str:
        """The body as text, decoded by what the bytes are; empty when the page is too large to be navigation."""
        return "" if self.too_large else decode(self.body, self.content_type)

    @cached_property
    def head(self) -> str:
        """The first 400 characters without leading white space: enough to tell JSON, XML and HTML apart."""
        return self.text[:2000].lstrip("\ufeff \t\r\n")[:400]

    @cached_property
    def media(self) -> str:
        """What the bytes are: ``html``, ``json``, ``xml``, ``script`` or ``file`` (nothing a page reader reads)."""
        return media_type(self.body, self.head)

    @cached_property
    def root(self) -> Any:
        """The parsed tree, or None when there is nothing to parse."""
        if not self.text.strip():
            return None
        parser = etree.HTMLParser(encoding="utf-8", recover=True, remove_comments=False, huge_tree=False)
        try:
            return etree.fromstring(self.text.encode("utf-8", "replace"), parser)
        except (etree.XMLSyntaxError, ValueError):
            return None

    @cached_property
    def base(self) -> str:
        """The address that relative links start from."""
        if self.root is not None and "<base" in self.text.lower():
            for element in self.root.iter("base"):
                href = (element.get("href") or "").strip()
                if href:
                    return join(self.url, href)
        return self.url

    @cached_property
    def scripts(self) -> str:
        """Every inline script and ``library``, joined by line feeds; the page itself when it is a script."""
        if self.media == "script":
            return self.text
        if self.root is None:
            return ""
        inline = "\n".join(element.text or "" for element in self.root.iter("script") if element.text)
        return f"{inline}\n{self.library}" if self.library else inline

    @cached_property
    def functions(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """The functions of the inline scripts: name -> (parameters, body)."""
        return functions(self.scripts) if "function" in self.scripts or "=>" in self.scripts else {}

    @cached_property
    def names(self) -> dict[str, Any]:
        """The names that inline scripts assign a literal to."""
        return assignments(self.scripts[:400_000])

    def join(self, href: str) -> str:
        return join(self.base, href)


def join(base: str, href: str) -> str:
    """An absolute address from a link as written: blanks, back slashes and ``http:/x`` (one slash) are repaired.

    Returns "" when it leads nowhere (``javascript:``, ``mailto:``, ``#``) or is not an address at all.
    """
    href = "".join(href.split("\n")).replace("\r", "").replace("\t", "").strip().replace("\\", "/")
    if href[:1] == "/" and href[1:2] != "/" and "/." not in href and " " not in href and len(href) < 2000:
        scheme, _, rest = base.partition("://")
        return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}{href}" if scheme in ("http", "https") else ""
    head = href[:12].lower()
    if not href or head.startswith(("javascript:", "mailto:", "tel:", "data:", "about:", "file:")) or len(href) > 2000:
        return ""
    if head.startswith(("http:", "https:")):
        scheme, _, rest = href.partition(":")
        # "http:x.html" is relative to the same scheme in a browser
        href = f"{scheme.lower()}://{rest.lstrip('/')}" if rest.startswith("/") else rest
    try:
        joined = urljoin(base, href)
    except ValueError:
        return ""
    return joined.replace(" ", "%20") if joined.startswith(("http://", "https://")) else ""
