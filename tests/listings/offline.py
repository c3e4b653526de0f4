"""A Survey against an archetype's sites without network or Scrapy: milliseconds for what a crawl takes minutes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from crawler.items import Gap, Known, ListRead, PortalRead, Sighting
from crawler.portals import Portal
from spiders.navigation import DEFAULT_LIMITS, Limits, Reply, Survey, Task
from tests.archetypes.model import Expected, World, sha256
from tests.archetypes.server import Request, Response, Site

COMPOSED = b'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>'
"""How content begins that was handed over as a page of its own: its hash cannot be the truth's."""


@dataclass(slots=True)
class Trip:
    """What one survey asked for and found."""

    world: World
    asked: list[str] = field(default_factory=list)
    renders: list[str] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    lists: list[ListRead] = field(default_factory=list)
    portals: list[PortalRead] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def missing(self) -> list[Expected]:
        """Reports none of whose documents, pages or files were handed over."""
        bodies = {sha256(one.body) for one in self.sightings}
        composed = {one.page_url for one in self.sightings if one.body.startswith(COMPOSED)}
        return [
            report
            for report in self.world.reports
            if report.outcome != "blocked" and not set(report.sha256) & bodies and not set(report.page_urls) & composed
        ]

    @property
    def ratio(self) -> float:
        return len(self.asked) / max(1, self.world.minimal)


def travel(
    world: World,
    *,
    limits: Limits = DEFAULT_LIMITS,
    trail: tuple[str, ...] = (),
    known: Mapping[str, Known] | None = None,
    gaps: tuple[Gap, ...] = (),
    most: int = 5000,
) -> Trip:
    """Run a survey of every portal of a world to its end."""
    trip = Trip(world)
    sites = {name: site for site in world.sites for name in site.names}
    for row in world.portals:
        portal = Portal(
            row.code, row.name, row.url, row.province, row.prefecture, hosts=row.hosts, trail=trail, gaps=gaps
        )
        survey = Survey(portal, limits=limits, known=known, count=lambda name: trip.counts.update([name]))
        jar: dict[str, dict[str, str]] = {}
        queue = deque(_sorted(trip, survey.begin()))
        while queue:
            task = queue.popleft()
            assert len(trip.asked) < most, "the survey does not end"
            trip.tasks.append(task)
            outputs = _ask(trip, survey, task, sites, jar)
            for one in _sorted(trip, outputs):
                (queue.appendleft if one.purpose in ("page", "list") else queue.append)(one)
        assert trip.portals, "a survey that ended without a word"
    return trip


def _sorted(trip: Trip, outputs: Sequence[object]) -> list[Task]:
    tasks = []
    for one in outputs:
        if isinstance(one, Task):
            tasks.append(one)
        elif isinstance(one, Sighting):
            trip.sightings.append(one)
        elif isinstance(one, ListRead):
            trip.lists.append(one)
        elif isinstance(one, PortalRead):
            trip.portals.append(one)
    return tasks


def _ask(
    trip: Trip, survey: Survey, task: Task, sites: dict[str, Site], jar: dict[str, dict[str, str]]
) -> Sequence[object]:
    fetch, url = task.fetch, task.fetch.url
    method, body = fetch.method, fetch.body
    if task.render:
        trip.renders.append(url)
    for _ in range(6):
        parts = urlsplit(url)
        site = sites.get(parts.hostname or "")
        if site is None:
            return list(survey.fail(task, "unreachable", f"no host {parts.hostname}"))
        trip.asked.append(f"{method} {url}" + (f" {body.decode()}" if body else ""))
        if (parts.scheme == "https" and site.certificate is None) or (parts.scheme == "http" and not site.plain):
            url = url.replace("https:", "http:", 1) if parts.scheme == "https" else url.replace("http:", "https:", 1)
            continue
        headers = {
            "host": parts.netloc,
            "referer": task.referrer,
            **{name.lower(): value for name, value in fetch.headers},
        }
        if cookies := jar.get(parts.hostname or ""):
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = site.answer(
            Request("https" if parts.scheme == "https" else "http", parts.netloc, method, target, headers, body)
        )
        _keep(answer, jar.setdefault(parts.hostname or "", {}))
        location = next((value for name, value in answer.headers if name.lower() == "location"), None)
        if answer.status in (301, 302, 303, 307) and location is not None:
            url = urljoin(url, location if isinstance(location, str) else location.decode("gbk"))
            method, body = ("GET", b"") if answer.status in (302, 303) else (method, body)
            continue
        if answer.status in (404, 410):
            return list(survey.fail(task, "gone", f"status {answer.status}"))
        if answer.status >= 400:
            return list(survey.fail(task, "blocked", f"status {answer.status}"))
        return list(
            survey.receive(
                task, Reply(url, answer.body, answer.media, answer.status, "browser" if task.render else "http")
            )
        )
    return list(survey.fail(task, "unreachable", "too many redirects"))


def _keep(answer: Response, cookies: dict[str, str]) -> None:
    for name, value in answer.headers:
        if name.lower() == "set-cookie" and isinstance(value, str):
            key, _, text = value.partition(";")[0].partition("=")
            cookies[key] = text
