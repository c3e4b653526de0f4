"""Documents of a survey: articles, their files and parts, and articles that only a script fills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.items import Fruitless, Known, NoDocument, Sighting
from crawler.portals import Portal
from parsers import listings
from parsers.listings import api, article
from parsers.listings.article import Article, File
from parsers.listings.keys import Scope, record_key
from parsers.listings.model import Entry, Fetch, Loaded, Page
from parsers.listings.redirect import gone, redirect
from parsers.listings.score import row_of_body
from parsers.listings.text import is_cut, squeeze
from parsers.reports.title import judge
from spiders.reporttext import holds_report
from spiders.tasks import DEFAULT_LIMITS, Bundle, Limits, Output, Reply, Task

REDIRECTS = 4
"""Literal redirects in a row: a shell leads to a shell at most once in the field."""
FILES = 40
"""Files that one article may have fetched; a page of all townships' reports has thirty."""
IMAGES = 40
PARTS = 30


class Desk:
    """What a survey knows of its portal, and how it deals with documents."""

    def __init__(
        self,
        portal: Portal,
        *,
        year: int | None = None,
        limits: Limits = DEFAULT_LIMITS,
        known: Mapping[str, Known] | None = None,
        count: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.portal = portal
        self.year = year
        self.limits = limits
        self.count = count
        self.known = {record_key(url): (url, one) for url, one in (known or {}).items()}
        self.scope = Scope((portal.url, *portal.hosts))
        self.documents: set[str] = set()
        self.handed = 0
        """Documents handed over, or known to be as they were."""
        self.outstanding = 0
        self.navigating = 0
        self.pages = 0
        self.renders = 0
        self.failures: Counter[str] = Counter()
        self.home = b""
        self.probes: dict[str, list[Task] | None] = {}
        self.rules: list[tuple[tuple[str, str], Fetch]] = []

    def _navigate(self, task: Task, reply: Reply, loaded: Loaded, page: Page) -> list[Output]:
        """What was taken for a document leads on: the survey's business."""
        raise NotImplementedError

    def _issue(self, task: Task) -> Task:
        self.outstanding += 1
        self.renders += task.render
        if task.purpose in ("page", "list"):
            self.navigating += 1
            self.pages += 1
            self.count(f"navigation/{task.purpose}")
        return task

    def _is_home(self, task: Task, loaded: Loaded) -> bool:
        """An unknown path that is answered with the home page: a soft 404."""
        return bool(self.home) and task.fetch.url != self.portal.url and loaded.body == self.home

    def _probed(self, task: Task) -> list[Output]:
        """Hold articles of one kind back until the first has come: if it is an empty page that a script fills, the
        others can be asked for directly."""
        assert task.entry is not None
        if task.entry.fetch is not None:
            return [self._issue(task)]
        if direct := self._by_rule(task.entry.url):
            task.fetch = direct
            return [self._issue(task)]
        shape = _shape(task.entry.url)
        waiting = self.probes.get(shape, [])
        if waiting is None:
            return [self._issue(task)]
        if shape in self.probes:
            waiting.append(task)
            return []
        self.probes[shape] = []
        return [self._issue(task)]

    def _released(self, task: Task) -> list[Output]:
        """The first article of its kind has come (or never will): the others go now."""
        if task.entry is None or task.purpose != "document":
            return []
        shape = _shape(task.entry.url)
        waiting = self.probes.get(shape)
        if waiting is None:
            return []
        self.probes[shape] = None
        out: list[Output] = []
        for one in waiting:
            assert one.entry is not None
            one.fetch = self._by_rule(one.entry.url) or one.fetch
            out.append(self._issue(one))
        return out

    def _without(self, task: Task, outcome: Fruitless, reason: str = "") -> list[Output]:
        """Say that a document brought nothing, so that it is asked for again when that is worth it."""
        if task.purpose not in ("document", "file", "part"):
            return []
        page = task.page.page_url if task.page else task.entry.url if task.entry else task.fetch.url
        url = page if task.purpose == "document" else task.fetch.url
        titles = _titles((*task.titles, task.label))
        entry = task.entry
        return [
            NoDocument(
                county_code=self.portal.code,
                url=url,
                page_url=page,
                outcome=outcome,
                reason=reason,
                title=titles[0] if titles else "",
                agency=(task.page.agency if task.page else "") or task.agency,
                published=(task.page.published if task.page else "") or (entry.date if entry else ""),
            )
        ]

    def _by_rule(self, url: str) -> Fetch | None:
        return next((fetch for rule, first in self.rules if (fetch := api.by_rule(rule, first, url))), None)

    def _document(self, task: Task, reply: Reply, loaded: Loaded) -> list[Output]:
        assert task.entry is not None
        if loaded.media == "file":
            return [*self._file(task, reply, loaded), *self._released(task)]
        if target := redirect(loaded):
            return self._moved(task, target)
        if gone(loaded) or self._is_home(task, loaded):
            self.failures["gone"] += 1
            self.count("documents/gone")
            return [*self._without(task, "gone", "the page says that it does not exist"), *self._released(task)]
        found = article.read(loaded)
        if found.detail is not None and task.fetch.method == "GET" and found.detail.url != task.fetch.url:
            return self._filled(task, found.detail)
        if not loaded.too_large and self._is_blank(task, found):
            return [self._issue(replace(task, render=True, fetch=Fetch(task.entry.url)))]
        files = any(file.inside for file in found.files)
        if not holds_report(found.text) and ((not files and self._is_list(loaded)) or self._is_table(loaded)):
            nav = replace(task, purpose="page", kind="column", entry=None, hops=task.hops + 1)
            self.pages += 1
            page = listings.read(loaded)
            return [*self._navigate(nav, reply, loaded, page), *self._released(task)]
        return [*self._sighted(task, reply, loaded, found), *self._released(task)]

    def _is_blank(self, task: Task, found: Article) -> bool:
        """An article without anything in it, and no request that would fill it: only a browser can tell."""
        nothing = len(found.text) < 40 and not found.files and not found.images and not found.body
        return nothing and not task.render and task.fetch.method == "GET" and self.renders < self.limits.renders

    def _filled(self, task: Task, detail: Fetch) -> list[Output]:
        """An empty page names the request that fills it; the rule serves for all its kind."""
        assert task.entry is not None
        rule = api.detail_rule(task.entry.url, detail)
        if rule is not None:
            self.rules.append((rule, detail))
        filled = replace(task, fetch=detail, referrer=task.fetch.url)
        return [self._issue(filled), *self._released(task)]

    def _moved(self, task: Task, target: str) -> list[Output]:
        key = record_key(target)
        if key in self.documents:
            return [*self._without(task, "seen", f"leads to {target}"), *self._released(task)]
        if target not in self.scope or task.hops >= REDIRECTS:
            return [*self._without(task, "skipped", f"leads to {target}"), *self._released(task)]
        self.documents.add(key)
        return [self._issue(replace(task, fetch=Fetch(target), referrer=task.fetch.url, hops=task.hops + 1))]

    def _is_table(self, loaded: Loaded) -> bool:
        """What was taken for a document is a table of bodies with links to the reports, not all of them files."""
        if loaded.media != "html":
            return False
        rows = [link for link in listings.read(loaded).links if row_of_body(link) and link.url in self.scope]
        return len({link.url for link in rows}) >= 3 and not all(article.is_file(one.url, one.text) for one in rows)

    def _is_list(self, loaded: Loaded) -> bool:
        """What was taken for a document is a list of them."""
        if loaded.media != "html":
            return False
        page = listings.read(loaded)
        reports = sum(judge(entry.title, entry.url).kind == "report" for entry in page.entries)
        return reports >= 2 or bool(page.more and reports)

    def _sighted(self, task: Task, reply: Reply, loaded: Loaded, found: Article) -> list[Output]:
        """Hand over an article, and ask for what belongs to it."""
        self.handed += 1
        page_url = task.entry.url if task.entry else loaded.url
        titles = _titles((*task.titles, *found.titles))
        sighting = self._sighting(task, reply, page_url, titles, found)
        if found.body:
            title = titles[0] if titles else ""
            sighting.body = article.compose(title, found.body, published=sighting.published, source=found.source)
            sighting.content_type = "text/html; charset=utf-8"
        full = holds_report(found.text)
        out: list[Output] = []
        files = list(self._files(found, full))
        out += [one for file in files for one in self._attached(task, file, sighting)]
        if not full and not files:
            out += [one for url in found.images[:IMAGES] for one in self._attached(task, File(url, ""), sighting)]
        sighting.files = tuple(one.fetch.url for one in out if isinstance(one, Task))
        parts = [] if full or found.body else [url for url in found.parts if url in self.scope][:PARTS]
        if not parts:
            return [sighting, *out]
        bundle = Bundle(sighting, [article.content_html(loaded), *("" for _ in parts)], len(parts))
        for number, url in enumerate(parts, 1):
            part = Task(Fetch(url), "part", page_url, entry=task.entry, bundle=bundle, part=number)
            out.append(self._issue(part))
        return out

    def _kept(self, task: Task, reply: Reply) -> list[Output]:
        """A document that nobody could look into is handed over as it was served: the bytes count."""
        if task.bundle is not None:
            return self._joined(task.bundle, task.part, "")
        if task.purpose not in ("document", "file"):
            return []
        self.handed += 1
        page_url = task.page.page_url if task.page else task.entry.url if task.entry else reply.url
        sighting = self._sighting(task, reply, page_url, task.titles, Article())
        return [replace(sighting, url=task.fetch.url), *self._released(task)]

    def _joined(self, bundle: Bundle, number: int, html: str) -> list[Output]:
        """One more part of a split text; the whole once none is missing."""
        bundle.pieces[number] = html
        bundle.waiting -= 1
        if bundle.waiting:
            return []
        sighting = bundle.sighting
        if any(bundle.pieces[1:]):
            title = sighting.titles[0] if sighting.titles else ""
            sighting.body = article.compose(
                title, "\n".join(bundle.pieces), published=sighting.published, source=sighting.agency
            )
            sighting.content_type = "text/html; charset=utf-8"
        return [sighting]

    def _brought(self, task: Task, entry: Entry) -> list[Output]:
        """A document that came whole with its list."""
        loaded = Loaded(entry.url, article.compose(entry.title, entry.body, published=entry.date, source=entry.agency))
        reply = Reply(entry.url, loaded.body, "text/html; charset=utf-8")
        return self._sighted(task, reply, loaded, article.read(loaded))

    def _sighting(self, task: Task, reply: Reply, page_url: str, titles: tuple[str, ...], found: Article) -> Sighting:
        entry = task.entry
        return Sighting(
            county_code=self.portal.code,
            url=page_url,
            body=reply.body,
            content_type=reply.content_type,
            page_url=page_url,
            titles=titles,
            agency=task.agency or found.source,
            published=found.published or (entry.date if entry else ""),
            referrer=task.referrer,
            via=reply.via,
            status=reply.status,
            headers=reply.headers,
            request=(task.fetch.method, task.fetch.body.decode("utf-8", "replace")),
        )

    def _files(self, found: Article, full: bool) -> Iterator[File]:
        """Attachments worth fetching: all of an article that has no full text, else those named like the report."""
        inside = [file for file in found.files if file.inside]
        for file in _without_twins(inside or list(found.files))[:FILES]:
            reading = judge(file.name, file.url)
            if full:
                if reading.kind == "report":
                    yield file
            elif reading.kind != "lookalike" or (file.inside and reading.reason == "another subject"):
                yield file

    def _attached(self, task: Task, file: File, page: Sighting) -> list[Output]:
        key = record_key(file.url)
        if key in self.documents or file.url not in self.scope:
            return []
        self.documents.add(key)
        named = judge(file.name).kind == "report"
        titles = _titles((file.name, *page.titles) if named else (*page.titles, file.name))
        return [
            self._issue(
                Task(
                    fetch=Fetch(file.url),
                    purpose="file",
                    referrer=page.page_url,
                    label=file.name,
                    branch=task.branch,
                    entry=task.entry,
                    titles=titles,
                    page=page,
                )
            )
        ]

    def _file(self, task: Task, reply: Reply, loaded: Loaded) -> list[Output]:
        """A file as it was served; an error page in its place is not one."""
        if loaded.media == "html" and (gone(loaded) or self._is_home(task, loaded) or _is_refusal(loaded)):
            self.failures["gone"] += 1
            self.count("documents/no_file")
            refused = _is_refusal(loaded)
            reason = "a page that asks for something" if refused else "the page says that it does not exist"
            return self._without(task, "blocked" if refused else "gone", reason)
        if loaded.media == "html" and (further := self._behind(task, loaded)):
            return [*self._without(task, "seen"), *further]
        self.handed += 1
        page = task.page
        entry = task.entry
        return [
            Sighting(
                county_code=self.portal.code,
                url=task.fetch.url,
                body=reply.body,
                content_type=reply.content_type,
                page_url=page.page_url if page else task.referrer or task.fetch.url,
                titles=task.titles,
                agency=(page.agency if page else "") or task.agency,
                published=(page.published if page else "") or (entry.date if entry else ""),
                referrer=task.referrer,
                via=reply.via,
                status=reply.status,
                headers=reply.headers,
                request=(task.fetch.method, task.fetch.body.decode("utf-8", "replace")),
            )
        ]

    def _behind(self, task: Task, loaded: Loaded) -> list[Output]:
        """What lies behind a page that stands where a file was asked for: a redirect, or one more link to click."""
        if task.hops >= REDIRECTS or holds_report(loaded.text):
            return []
        moved = redirect(loaded)
        offered = [File(moved, "")] if moved else [one for one in article.read(loaded).files if one.inside][:3]
        out: list[Output] = []
        for file in offered:
            key = record_key(file.url)
            if key not in self.documents and file.url in self.scope:
                self.documents.add(key)
                out.append(self._issue(replace(task, fetch=Fetch(file.url), hops=task.hops + 1)))
        return out


def _titles(texts: Iterable[str]) -> tuple[str, ...]:
    """Titles without repetitions, whole ones before cut ones."""
    seen: dict[str, str] = {}
    for text in texts:
        if text:
            seen.setdefault(squeeze(text), text)
    return tuple(sorted(seen.values(), key=is_cut))


def _without_twins(files: list[File]) -> list[File]:
    """Files without an OFD that stands beside the same text in a format that more programs read."""
    others = {_bare(file) for file in files if not _is_ofd(file)}
    return [file for file in files if not (_is_ofd(file) and _bare(file) in others)]


def _is_ofd(file: File) -> bool:
    return ".ofd" in f"{file.url} {file.name}".lower()


def _bare(file: File) -> str:
    return article.SUFFIX.sub("", squeeze(file.name)) or article.SUFFIX.sub("", file.url)


def _shape(url: str) -> str:
    """The kind of an article's address: host, first folder, depth, suffix, and whether it has a query."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    first = folder.split("/")[1] if "/" in folder else ""
    suffix = name.rpartition(".")[2] if "." in name else ""
    return f"{parts.netloc}|{first}|{folder.count('/')}|{suffix}|{bool(parts.query)}"


def _is_refusal(loaded: Loaded) -> bool:
    """An HTML page where a file was asked for: a captcha, or a page that wants another referrer."""
    return any(word in loaded.text[:20_000] for word in ("验证码", "附件下载", "非法请求", "请求来源", "无权访问"))
