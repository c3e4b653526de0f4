"""What the crawls of a county have learned, in a form that travels: a worker begins where another one left off.

On one machine the archive knows it: the trail to the reports, how often the portal gave no answer, which documents are
held and read, and with which conditions their servers were asked. A fleet's shards each know a part, so each job takes
the county's memory along from Redis and brings it back. About 100 bytes a document, compressed. It is a memory, not
evidence: without it a county is crawled as if for the first time, and nothing else happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from backports import zstd

from crawler.archive import Answer, Archive, Published
from crawler.dataset import Dataset
from crawler.items import Known, PortalRead

VERSION = 1


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
    """One county. ``run`` is the number of the last run that got to its end; the rest as in PortalRead."""

    county_code: str
    run: int = 0
    failures: int = 0
    outcome: str = ""
    reason: str = ""
    system: str = ""
    trail: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)

    @property
    def holders(self) -> tuple[str, ...]:
        return tuple(sorted({each.holder for each in self.documents.values()}))

    def without(self, holder: str) -> Memory:
        """The memory without what only one shard held, because that shard is gone."""
        left = {url: each for url, each in self.documents.items() if each.holder != holder}
        return replace(self, documents=left)

    def portal_read(self) -> PortalRead | None:
        if not self.outcome:
            return None
        outcome: Any = self.outcome
        return PortalRead(self.county_code, outcome, self.reason, self.system, self.trail, self.agencies)

    def pack(self) -> bytes:
        rows = {name: getattr(self, name) for name in self.__slots__ if name != "documents"}
        rows["documents"] = [asdict(each) for each in self.documents.values()]
        return zstd.compress(json.dumps({"version": VERSION, **rows}, ensure_ascii=False).encode(), 9)


def unpack(data: bytes | None, county_code: str) -> Memory:
    """A memory as it was packed; an empty one for None, for damage, and for what another version has packed."""
    try:
        found = json.loads(zstd.decompress(data)) if data else {}
        if found.pop("version", None) != VERSION:
            return Memory(county_code)
        documents = [Document(**{**row, "titles": tuple(row["titles"])}) for row in found.pop("documents")]
        lists = {name: tuple(found[name]) for name in ("trail", "agencies")}
        return Memory(**{**found, **lists, "documents": {each.url: each for each in documents}})
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
    visit = archive.visit(county_code)
    if visit is None:
        return replace(before, documents=documents)
    return Memory(
        county_code=county_code,
        run=visit["run_id"],
        failures=visit["failures"] or 0,
        outcome=visit["outcome"],
        reason=visit["reason"] or "",
        system=visit["system"] or "",
        trail=tuple(json.loads(visit["trail"] or "[]")),
        agencies=tuple(json.loads(visit["agencies"] or "[]")),
        documents=documents,
    )


def together(own: Iterable[Published], memory: Memory) -> list[Published]:
    """What the shard and the memory know, of each address the one that was checked last."""
    found = {each.url: each.as_published() for each in memory.documents.values()}
    for each in own:
        if each.url not in found or each.checked >= found[each.url].checked:
            found[each.url] = each
    return list(found.values())
