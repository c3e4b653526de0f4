"""``@recorded`` contracts: ``scrapy check`` proves callbacks on stored pages, without any network.

    @recorded 640221-trs 640522-text

in the docstring of a callback names folders below ``tests/recorded/`` (setting ``RECORDED_DIR``). In each,
``index.csv`` says which request gets which stored answer (``method,url,body,via,status,type,file``; its first row is
where the crawl begins), and ``expected.json`` is what the crawl has to find. Every request that the callback gives is
answered from the folder, in turn, until none is left; one that is not stored fails the contract. A contract that
follows sees what was found as the callback's output, so ``@returns items 2`` counts it.

The spider has ``recorded(folder, url)``: the request that a crawl of that folder begins with.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scrapy.contracts import Contract
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import ContractFail
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.items import ListRead, NoDocument, PortalRead, Sighting

MOST = 500
"""Requests that the crawl of one folder may make."""
TOLD = {
    Sighting: ("url", "page_url", "titles", "published", "agency", "via"),
    NoDocument: ("url", "page_url", "outcome", "reason"),
    ListRead: ("url", "entries", "stated", "complete", "reason"),
    PortalRead: ("outcome", "reason", "system", "trail", "agencies"),
}
"""What is compared of an item; the readers of its bytes have tests of their own."""


class NotStored(LookupError):
    """There is no network in ``scrapy check``, and no stored answer to a request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of ``index.csv``."""

    method: str
    url: str
    body: str
    via: str
    status: int
    type: str
    file: str


class Recording:
    """The stored answers of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "index.csv").open(encoding="utf-8", newline="") as stream:
            rows = [Answer(**{**row, "status": int(row["status"])}) for row in csv.DictReader(stream)]  # type: ignore[arg-type]
        self.first = rows[0].url
        self.answers = {(row.method, row.url, row.body, row.via): row for row in rows}

    def answer(self, request: Request) -> Response:
        """Raises NotStored."""
        via = "browser" if request.meta.get("render") else "http"
        key = (request.method, request.url, request.body.decode("utf-8", "replace"), via)
        found = self.answers.get(key)
        if found is None:
            raise NotStored(f"{self.folder.name}: {' '.join(filter(None, key))} is not stored, and there is no network")
        body = (self.folder / found.file).read_bytes() if found.file else b""
        headers = Headers({"Content-Type": found.type} if found.type else {})
        kind = responsetypes.from_args(url=found.url, body=body, headers=headers)
        flags = ["browser"] if via == "browser" else []
        return kind(found.url, found.status, headers=headers, body=body, request=request, flags=flags)

    def expected(self) -> list[dict[str, Any]]:
        path = self.folder / "expected.json"
        if not path.exists():
            raise ContractFail(f"{path} is missing: look at what was found, and write it there")
        return list(json.loads(path.read_text(encoding="utf-8")))


class RecordedContract(Contract):
    """``@recorded FOLDER ...``"""

    name = "recorded"
    root = Path("tests/recorded")

    def __init__(self, method: Callable[..., Any], *args: Any) -> None:
        super().__init__(method, *args)
        self.spider = method.__self__  # type: ignore[attr-defined]
        self.recordings = [Recording(self.root / name) for name in self.args]

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        first = self._begin(self.recordings[0])
        meta = {**first.meta, "recorded": self.recordings[0]}
        return args | {"url": first.url, "cb_kwargs": first.cb_kwargs, "meta": meta}

    def _begin(self, recording: Recording) -> Request:
        request: Request = self.spider.recorded(recording.folder.name, recording.first)
        return request

    def post_process(self, output: list[Any]) -> None:
        """Follows every request, and hands what was found to the contracts after this one."""
        found = replay(output, self.recordings[0])
        for recording in self.recordings[1:]:
            found += replay([self._begin(recording)], recording)
        output[:] = found


def replay(outputs: Iterable[Any], recording: Recording) -> list[Any]:
    """What comes of requests when a folder answers them. Raises ContractFail when it is not what is expected."""
    items: list[Any] = []
    waiting = list(outputs)
    for _ in range(MOST):
        items += [one for one in waiting if not isinstance(one, Request)]
        requests = [one for one in waiting if isinstance(one, Request)]
        if not requests:
            break
        request, *waiting = sorted(requests, key=lambda one: -one.priority)
        waiting += _called(request, recording)
    else:
        raise ContractFail(f"{recording.folder.name}: more than {MOST} requests")
    rows = [told(item) for item in items]
    if rows != recording.expected():
        raise ContractFail(f"{recording.folder.name}: found {json.dumps(rows, ensure_ascii=False, indent=1)}")
    return items


def _called(request: Request, recording: Recording) -> list[Any]:
    """A good answer goes to the callback, as Scrapy does it; any other to the errback, in an HttpError."""
    try:
        response = recording.answer(request)
    except NotStored as error:
        raise ContractFail(str(error)) from error
    assert request.callback is not None
    if response.status < 300 or response.status in request.meta.get("handle_httpstatus_list", (304,)):
        return list(request.callback(response, **request.cb_kwargs))
    assert request.errback is not None
    failure = Failure(HttpError(response, "Ignoring non-200 response"))  # type: ignore[no-untyped-call]
    failure.request = request  # type: ignore[attr-defined]
    return list(request.errback(failure))


def told(item: Any) -> dict[str, Any]:
    """An item as ``expected.json`` has it."""
    row = {name: value for name, value in asdict(item).items() if name in TOLD[type(item)]}
    return {"item": type(item).__name__, **json.loads(json.dumps(row))}


class Stored(BaseDownloadHandler):
    """The only download handler of ``scrapy check``."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        recording = request.meta.get("recorded")
        if not isinstance(recording, Recording):
            raise NotStored(f"{request.url} is not stored, and there is no network")
        return recording.answer(request)

    async def close(self) -> None:
        """Nothing was opened."""
