"""Finding out in a browser where a page's words lead, when nothing that can be read says so.

Every click that would leave the page is caught before it reaches the server: the address is written into the page as
an ordinary link, and costs no request. A click that changes the page (a tab, a tree, a pager) makes another picture of
it. What is clicked is decided by parsers/listings/inert.py; records first, then the pager, then the ways on.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from time import monotonic
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from parsers.listings.inert import worth
from parsers.listings.score import Here

CLICKS = 120
"""Clicks on one page: a column with 20 years, 40 bodies and a pager each needs fewer."""
PICTURES = 60
ANSWERED_SECONDS = 0.35
"""How long a click may take to show that it does anything at all."""
RANK = {"record": 3, "next": 2, "way": 1}

PREPARE = """
(() => {
  window.__opened = [];
  const note = u => { try { if (u) window.__opened.push(new URL(String(u), document.baseURI).href); } catch (e) {} };
  const stub = () => ({ document: { write() {}, writeln() {}, close() {}, open() {} }, close() {}, focus() {},
    location: { set href(u) { note(u); }, get href() { return ''; }, replace: note, assign: note } });
  window.open = u => { note(u); const w = stub(); return w; };
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (kind, ...rest) {
    if (kind === 'click' && this instanceof Element && this !== document.body && this !== document.documentElement)
      this.__listens = true;
    return add.call(this, kind, ...rest);
  };
})();
"""

# Elements that a person might click and that lead nowhere by themselves; the innermost of each, with what they say.
FIND = r"""
() => {
  const real = h => h !== null && !/^\s*($|javascript:|#)/i.test(h);
  const off = /disabled|disable\b|nolink|no-next|unclick/i;
  const next = /^[\s>›»]*(下一页|下一頁|下页|后一页|下一页\s*[>›»]+|加载更多|点击加载更多|查看更多|next)[\s>›»]*$/i;
  const known = '.layui-laypage-next,.el-pagination .btn-next,.ant-pagination-next,.ivu-page-next,li.next>a,a.next,' +
    '.pagination-next';
  const words = e => (e.textContent || '').replace(/\s+/g, '');
  const found = [], counts = {};
  let pager = null;
  const listens = e => e.onclick || e.hasAttribute('onclick') || e.__listens ||
    (window.jQuery && jQuery._data && (jQuery._data(e, 'events') || {}).click);
  const selector = 'a,li,span,div,td,p,button,em,i,b,font,dd,dt,h2,h3,h4,label,input[type=button],input[type=submit]';
  for (const e of document.querySelectorAll(selector)) {
    if (e.childElementCount > 6) continue;
    let text = e.tagName === 'INPUT' ? e.value : (e.textContent || '');
    if (text.length > 300) continue;
    text = text.replace(/\s+/g, '');
    const own_class = `${e.className} ${e.parentElement && e.parentElement.className}`;
    const dead = e.disabled || e.getAttribute('aria-disabled') === 'true' || off.test(own_class);
    const pages = text.length < 16 && (next.test(text) || e.matches(known));
    if (!dead && pages && e.getClientRects().length) {
      // a pager with an address of its own is left to those who read the page
      const own = e.closest('a[href]') || e.querySelector('a[href]');
      if (!(own && real(own.getAttribute('href'))) && (!pager || pager.contains(e))) pager = e;
      continue;
    }
    const link = e.closest('a[href]');
    if (link && real(link.getAttribute('href'))) continue;
    if ([...e.querySelectorAll('a[href]')].some(a => real(a.getAttribute('href')))) continue;
    const title = (e.getAttribute('title') || '').replace(/\s+/g, '');
    if (title.length > text.length) text = title;
    if (text.length < 2 || text.length > 80) continue;
    if (e.tagName !== 'A' && !listens(e) && [...e.children].some(c => words(c) === text)) continue;
    const outer = e.parentElement && e.parentElement.closest('[data-asked]');
    if (outer && words(outer) === text) continue;
    const sign = !!(['A', 'BUTTON', 'INPUT'].includes(e.tagName) || listens(e) || e.getAttribute('role') ||
      e.style.cursor === 'pointer' || (e.parentElement && listens(e.parentElement)));
    const nth = counts[text] = (counts[text] || 0) + 1;
    e.setAttribute('data-asked', found.length);
    found.push({ text, sign, nth, kind: 'click' });
    if (found.length >= 1500) break;
  }
  for (const s of document.querySelectorAll('select')) {
    if (s.options.length < 2 || s.options.length > 300) continue;
    for (const o of s.options) {
      if (o.selected || !o.text.trim() || real(o.value) && /^(https?:|\/)/.test(o.value)) continue;
      o.setAttribute('data-asked', found.length);
      found.push({ text: o.text.replace(/\s+/g, ''), sign: true, nth: 1, kind: 'option' });
    }
  }
  if (pager) {
    pager.setAttribute('data-asked', found.length);
    found.push({ text: '', sign: true, nth: 1, kind: 'next' });
  }
  return found;
}
"""
UNMARK = "() => { for (const e of document.querySelectorAll('[data-asked]')) e.removeAttribute('data-asked'); }"
PRESS = """
number => {
  const e = document.querySelector(`[data-asked="${number}"]`);
  window.__opened = [];
  if (!e) return;
  for (const t of document.querySelectorAll('[target=_blank],[target=_new]')) t.removeAttribute('target');
  if (e.tagName === 'OPTION') {
    const s = e.closest('select');
    s.value = e.value; e.selected = true;
    for (const kind of ['input', 'change']) s.dispatchEvent(new Event(kind, { bubbles: true }));
    return;
  }
  for (const kind of ['mouseover', 'mousedown', 'mouseup']) e.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
  e.click();
}
"""
OPENED = "() => (window.__opened || [])[0] || ''"
ADDRESS = """
([number, url]) => {
  const e = document.querySelector(`[data-asked="${number}"]`);
  if (!e) return;
  if (e.tagName === 'A') { e.setAttribute('href', url); return; }
  if (e.tagName === 'OPTION') { e.setAttribute('value', url); return; }
  const a = document.createElement('a');
  a.setAttribute('href', url);
  if (e.tagName === 'INPUT' || e.tagName === 'BUTTON') { a.textContent = e.value || e.textContent; e.after(a); return; }
  while (e.firstChild) a.appendChild(e.firstChild);
  e.appendChild(a);
}
"""
# What a picture shows, without clocks and counters: two pictures with the same words are one.
SHOWN = r"""
() => [...document.querySelectorAll('a,li,td,p,dd')].filter(e => e.childElementCount < 4)
  .map(e => (e.textContent || '').replace(/\s+/g, '')).filter(t => t.length > 1 && t.length < 120)
  .map(t => t.replace(/\d?\d:\d\d(:\d\d)?/g, '')).join('\n')
"""


@dataclass(slots=True)
class Leave:
    """Where a click would have led, by GET; a form that is sent by POST is let through."""

    url: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """An element to be clicked: its number on the page, what it may be (a key of RANK), and its words."""

    number: int
    kind: str
    text: str


class Explorer:
    """The clicks on one page. ``settled`` waits until the page asks for nothing, ``over`` tells when its time is spent;
    ``leave`` is set by the route of the page when it has caught a navigation."""

    def __init__(
        self,
        page: Page,
        *,
        within: bool,
        settled: Callable[[], Awaitable[None]],
        busy: Callable[[], bool],
        content: Callable[[Page], Awaitable[str]],
        over: Callable[[], bool],
        most_bytes: int,
    ) -> None:
        self.page = page
        self.here = Here(page.url, within=within, disclosure=True)
        self.settled = settled
        self.busy = busy
        self.content = content
        self.over = over
        self.most_bytes = most_bytes
        self.leave: Leave | None = None
        self.pictures: list[str] = []
        self.ways: dict[str, str] = {}
        self._pressed: set[tuple[str, ...]] = set()
        self._seen: set[bytes] = set()
        self._bytes = 0

    async def run(self) -> list[str]:
        """Pictures of the page as HTML, the first as it was opened, each with the addresses found in it."""
        fresh = True
        shown = await self._shown()
        self._seen.add(shown)
        for _ in range(CLICKS):
            if self.over() or len(self.pictures) >= PICTURES or self._bytes > self.most_bytes:
                break
            chosen = await self._choose(shown)
            if fresh and (chosen is None or chosen.kind != "record"):
                await self._picture()
                fresh = False
            if chosen is None:
                break
            url = await self._press(chosen)
            if url and chosen.kind != "record":
                self.ways[url] = chosen.text
            shown = await self._shown()
            fresh = fresh or shown not in self._seen or (bool(url) and chosen.kind == "record")
            self._seen.add(shown)
        if fresh:
            await self._picture()
        if self.ways:
            # a click later on may have drawn the page anew without the addresses that were written into it
            links = "".join(f'<li><a href="{escape(url)}">{escape(text)}</a></li>' for url, text in self.ways.items())
            self.pictures[0] = f"{self.pictures[0]}<ul>{links}</ul>"
        return self.pictures

    async def _choose(self, shown: bytes) -> Chosen | None:
        """The most promising element that was not pressed yet: its number and what it may be."""
        await self.page.evaluate(UNMARK)
        best: tuple[tuple[int, bool, int], Chosen, tuple[str, ...]] | None = None
        for number, one in enumerate(await self.page.evaluate(FIND)):
            kind = one["kind"] if one["kind"] == "next" else worth(one["text"], self.here)
            if not kind:
                continue
            # a tab is pressed once; records and pagers once for each picture they stand in
            key = (kind, one["text"], str(one["nth"]), "" if kind == "way" else shown.hex())
            if key in self._pressed:
                continue
            rank = (RANK[kind], bool(one["sign"]), -number)
            if best is None or rank > best[0]:
                best = (rank, Chosen(number, kind, one["text"]), key)
        if best is None:
            return None
        self._pressed.add(best[2])
        return best[1]

    async def _press(self, chosen: Chosen) -> str:
        """Clicks, and waits until the page has done what it does. Gives the address that the click leads to, if any."""
        self.leave = None
        before = self.page.url
        await self.page.evaluate(PRESS, chosen.number)
        begun = monotonic()
        url = ""
        while monotonic() - begun < ANSWERED_SECONDS and not url:
            await asyncio.sleep(0.03)
            if self.busy() and self.leave is None:
                await self.settled()
            url = self.leave.url if self.leave else await self._opened()
        if not url and self.page.url.partition("#")[0] != before.partition("#")[0]:
            # a script has changed the address and drawn the page anew: back to where the other words are
            url = self.page.url
            await self.settled()
            await self.page.evaluate("() => history.back()")
            await asyncio.sleep(ANSWERED_SECONDS)
            await self.settled()
            await self.page.evaluate(UNMARK)
            await self.page.evaluate(FIND)
        if url:
            await self.page.evaluate(ADDRESS, [chosen.number, url])
        return url

    async def _opened(self) -> str:
        try:
            return str(await self.page.evaluate(OPENED))
        except PlaywrightError:
            return ""  # the page is on its way to another document

    async def _shown(self) -> bytes:
        for _ in range(5):
            try:
                words: Any = await self.page.evaluate(SHOWN)
                return hashlib.sha256(str(words).encode("utf-8", "replace")).digest()
            except PlaywrightError:
                await self.settled()
        return b""

    async def _picture(self) -> None:
        html = await self.content(self.page)
        if self.page.url != self.here.url and "<base" not in html:
            # a form has led to another address, from which the links of this picture start
            html = html.replace("<head>", f'<head><base href="{escape(self.page.url)}">', 1)
        self._bytes += len(html)
        self.pictures.append(html)
