"""What the crawls of a county have learned, in a form that travels: a worker begins where another one left off.

On one machine the archive knows it: the trail to the reports, what is still to fetch, how often the portal gave no
answer, which documents are held and read, and with which conditions their servers were asked. A fleet's shards each
know a part, so each job takes the county's memory along from Redis and brings it back. About 100 bytes a document,
compressed. It is a memory, not evidence: without it a county is crawled as if for the first time, and nothing else
happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from backports import zstd

from crawler.archive import VERSION as SCHEMA_VERSION
from crawler.archive import Answer, Archive, Published
from crawler.dataset import Dataset
from crawler.items import Known

VERSION = SCHEMA_VERSION * 100 + 1


@dataclass(frozen=True, slots=True)
class Document:
    """A document that some shard holds. ``settled``: nothing is open about it; ``holder`` names the shard, empty for
    the archive of the dispatcher; ``checked`` is the ISO time of the last answer."""

    url: str
    page: str
    titles: tuple[str, ...]
    published: str
    checked: str
    settled: bool
    holder: str
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""

    def as_published(self) -> Published:
        return Published(self.url, self.page, Known(self.titles, self.published), self.checked)


@dataclass(frozen=True, slots=True)
class Memory:
    """One county. ``state`` is what its last visit left, as rows (see ``Archive.visit_state``)."""

    county_code: str
    state: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)

    @property
    def failures(self) -> int:
        """Visits in a row without an answer."""
        return int(self.state["portals"][0]["failures"] or 0) if self.state else 0

    @property
    def holders(self) -> tuple[str, ...]:
        return tuple(sorted({each.holder for each in self.documents.values()}))

    def without(self, holder: str) -> Memory:
        """The memory without what only one shard held, because that shard is gone."""
        left = {url: each for url, each in self.documents.items() if each.holder != holder}
        return replace(self, documents=left)

    def pack(self) -> bytes:
        rows = {"version": VERSION, "county_code": self.county_code, "state": self.state}
        rows["documents"] = [asdict(each) for each in self.documents.values()]
        return zstd.compress(json.dumps(rows, ensure_ascii=False).encode(), 9)


def unpack(data: bytes | None, county_code: str) -> Memory:
    """A memory as it was packed; an empty one for None, for damage, and for what another version has packed."""
    try:
        found = json.loads(zstd.decompress(data)) if data else {}
        if found.pop("version", None) != VERSION:
            return Memory(county_code)
        documents = [Document(**{**row, "titles": tuple(row["titles"])}) for row in found.pop("documents")]
        return Memory(found["county_code"], found["state"], {each.url: each for each in documents})
    except (ValueError, KeyError, TypeError, zstd.ZstdError):
        return Memory(county_code)


def learn(archive: Archive, dataset: Dataset, county_code: str, holder: str, before: Memory) -> Memory:
    """What is known of a county after a crawl into this archive that began with ``before``."""
    settled = dataset.settled(county_code)
    documents: dict[str, Document] = {}
    for url, each in before.documents.items():
        checked = archive.answered(url)
        documents[url] = replace(each, checked=max(each.checked, checked))
    for found in archive.published(county_code):
        answer = archive.known(found.url) or Answer("", "", "")
        known = documents.get(found.url)
        if known is not None and known.holder != holder and known.checked > found.checked:
            continue
        documents[found.url] = Document(
            url=found.url,
            page=found.page,
            titles=found.known.titles,
            published=found.known.published,
            checked=found.checked,
            settled=found.url in settled,
            holder=holder,
            etag=answer.etag,
            last_modified=answer.last_modified,
            sha256=answer.sha256,
        )
    return Memory(county_code, archive.visit_state(county_code) or before.state, documents)


def together(own: Iterable[Published], memory: Memory) -> list[Published]:
    """What the shard and the memory know, of each address the one that was checked last."""
    found = {each.url: each.as_published() for each in memory.documents.values()}
    for each in own:
        if each.url not in found or each.checked >= found[each.url].checked:
            found[each.url] = each
    return list(found.values())
