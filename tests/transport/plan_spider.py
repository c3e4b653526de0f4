"""A spider that asks for what a plan (a JSON file) says, and writes down what came back: run by `scrapy runspider`.

The plan is a list of requests: ``url``, ``meta``, ``method``, ``headers``, ``label``, and ``after`` (ask only when the
request with this label has ended).
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response, TextResponse

from crawler.middlewares.revalidation import Revalidation


class Row:
    def __init__(self, row: dict[str, str]) -> None:
        self.etag, self.last_modified, self.sha256 = row["etag"], row["last_modified"], row["sha256"]


class Memory:
    def __init__(self, rows: dict[str, dict[str, str]]) -> None:
        self.rows = rows

    def known(self, url: str) -> Row | None:
        return Row(self.rows[url]) if url in self.rows else None


class PlanSpider(scrapy.Spider):
    name = "plan"

    async def start(self):  # type: ignore[no-untyped-def]
        with open(os.environ["PLAN"], encoding="utf-8") as file:
            plan = json.load(file)
        self.began = time.monotonic()
        self.waiting: dict[str, list[dict[str, Any]]] = {}
        revalidation = self.crawler.get_downloader_middleware(Revalidation)
        if revalidation is not None:
            revalidation.memory = Memory(plan["known"])
        for step in plan["steps"]:
            if step.get("after"):
                self.waiting.setdefault(step["after"], []).append(step)
            else:
                yield self.request(step)

    def request(self, step: dict[str, Any]) -> scrapy.Request:
        return scrapy.Request(
            step["url"],
            method=step.get("method", "GET"),
            headers=step.get("headers"),
            priority=step.get("priority", 0),
            meta=step.get("meta") or {},
            callback=self.came,
            errback=self.failed,
            cb_kwargs={"label": step.get("label", "")},
        )

    def next(self, label: str) -> Iterator[scrapy.Request]:
        for step in self.waiting.pop(label, []):
            yield self.request(step)

    def came(self, response: Response, label: str) -> Iterator[scrapy.Request]:
        self.write(
            label=label,
            asked=response.request.url if response.request else "",
            url=response.url,
            status=response.status,
            body=base64.b64encode(response.body[:200_000]).decode(),
            text=response.text[:2000] if isinstance(response, TextResponse) else None,
            kind=type(response).__name__,
            encoding=getattr(response, "encoding", ""),
            flags=response.flags,
            not_modified=response.meta.get("not_modified"),
            pages=[page.decode() for page in response.meta.get("rendered_pages", [])],
        )
        yield from self.next(label)

    def failed(self, failure):  # type: ignore[no-untyped-def]
        label = failure.request.cb_kwargs["label"]
        response = getattr(failure.value, "response", None)
        self.write(
            label=label,
            asked=failure.request.url,
            outcome=getattr(failure.value, "outcome", ""),
            reason=getattr(failure.value, "reason", ""),
            error=type(failure.value).__name__,
            status=response.status if response is not None else 0,
        )
        yield from self.next(label)

    def write(self, **row: Any) -> None:
        with open(os.environ["RESULT"], "a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def closed(self, reason: str) -> None:
        numbers = {name: value for name, value in self.crawler.stats.get_stats().items() if isinstance(value, int)}
        self.write(label="stats", reason=reason, stats=numbers, seconds=time.monotonic() - self.began)
