"""The archive as WARC/1.1 files, and WARC files into the archive.

Out: every capture of a document is a record, and a record of its own in gzip. What a server sent is a ``response``;
what a browser drew, what a list brought along, and files from a disk are a ``resource``; a repeat is a ``revisit``.
Beside each stands a ``metadata`` record (JSON) with what the portal says of the document: an import loses nothing.
Bodies are kept without the coding of their transport: headers that speak of it are written as ``X-Archive-Orig-…``.

In: any WARC. Where the metadata is missing (another crawler's file), pages and files answered with 200 are taken, with
the titles that they have themselves, and each day is a run.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from http import HTTPStatus
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive, Capture
from crawler.items import Gap, ListRead, PortalRead, Sighting
from crawler.portals import Portal, Refused
from parsers.documents import sniff
from parsers.listings import article
from parsers.listings.model import Loaded

FILE_BYTES = 10**9
"""A file that has grown to this size is the last but one: the size that web archives agree on."""
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
ORIGINAL = "X-Archive-Orig-"
CODING = frozenset({"content-encoding", "transfer-encoding", "content-length"})
METADATA_TYPE = "application/json"
METADATA_BYTES = 1024**2
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")  # 2026-01-31T08:00:00Z
LONGEST_URL = 4000
KNOWN_CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
VERDICT = frozenset({"sha256", "check", "subject", "verdict", "note", "by", "recorded", "left", "right"})
PORTAL = "code name url province prefecture".split()
OTHER_MEDIA = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript")
"""What a browser's crawl collects besides documents."""


# -- out ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Exported:
    """What an export wrote."""

    files: list[Path] = field(default_factory=list)
    documents: int = 0
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class _First:
    """The record that a repeat refers to."""

    record_id: str
    url: str
    date: str
    digest: str


def export(archive: Archive, target: Path, county_code: str | None = None, file_bytes: int = FILE_BYTES) -> Exported:
    """Writes an archive to a folder (``gongkai-00001.warc.gz`` …) or to one file. Raises Refused before it overwrites
    anything. A file has its name only once it is whole."""
    with _Writer(target, file_bytes) as out:
        for portal in archive.registered():
            if county_code in {None, portal.code}:
                out.portal(portal, archive.portal(portal.code), archive.lists_of(portal.code))
        for verdict in archive.verdicts():
            out.verdict(verdict)
        runs = {run["id"]: run for run in archive.runs()}
        for capture in archive.captures(county_code):
            out.capture(capture, runs.get(capture.run_id, {}))
    return out.done


class _Writer:
    def __init__(self, target: Path, file_bytes: int) -> None:
        self.single = target.name.endswith((".warc.gz", ".warc"))
        self.target = target
        self.file_bytes = file_bytes
        self.done = Exported()
        self.first: dict[str, _First] = {}
        self.out: BinaryIO | None = None
        existing = [target] if self.single else sorted(target.glob("gongkai-*.warc.gz"))
        if any(path.exists() for path in existing):
            raise Refused(f"{existing[0]} exists; an export overwrites nothing")
        (target.parent if self.single else target).mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> _Writer:
        self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._close(whole=kind is None)

    def _open(self) -> None:
        number = len(self.done.files) + 1
        path = self.target if self.single else self.target / f"gongkai-{number:05d}.warc.gz"
        self.done.files.append(path)
        self.out = path.with_name(path.name + ".part").open("wb")
        self.warc = WARCWriter(self.out, gzip=path.suffix == ".gz", warc_version="WARC/1.1")
        info = {
            "software": "gongkai",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "robots": "obey",
        }
        self.warc.write_record(self.warc.create_warcinfo_record(path.name, info))

    def _close(self, *, whole: bool) -> None:
        assert self.out is not None
        self.out.close()
        path = self.done.files[-1]
        part = path.with_name(path.name + ".part")
        if whole:
            part.replace(path)
        else:
            part.unlink()

    def portal(self, portal: Portal, read: PortalRead | None, lists: list[ListRead]) -> None:
        """What is known of a portal besides its documents: how the last visit ended, and which lists it read."""
        row = {name: getattr(portal, name) for name in PORTAL}
        known = {"portal": row, "read": asdict(read) if read else None, "lists": [asdict(each) for each in lists]}
        self._metadata(portal.url, {}, known)

    def verdict(self, verdict: Mapping[str, Any]) -> None:
        """What a person said of a finding: evidence, as the documents are."""
        self._metadata(f"urn:sha256:{verdict['sha256']}", {}, {"verdict": dict(verdict)})

    def capture(self, capture: Capture, run: Mapping[str, Any]) -> None:
        assert self.out is not None
        if not self.single and self.out.tell() >= self.file_bytes:
            self._close(whole=True)
            self._open()
        sighting = capture.sighting
        record_id = _record_id(sighting.county_code, sighting.url, sighting.sha256, capture.run_id)
        headers = {"WARC-Record-ID": record_id, "WARC-Date": capture.fetched}
        first = self.first.get(sighting.sha256)
        if first is None:
            record = self._whole(sighting, headers)
            digest = record.rec_headers.get_header("WARC-Payload-Digest")
            self.first[sighting.sha256] = _First(record_id, sighting.url, capture.fetched, digest)
            self.done.documents += 1
        else:
            record = self._repeat(capture, headers, first)
            self.done.repeats += 1
        self.warc.write_record(record)
        beside = {"WARC-Date": capture.fetched, "WARC-Concurrent-To": record_id, "WARC-Refers-To": record_id}
        if sighting.request[0] != "GET":
            self.warc.write_record(self._request(sighting, beside))
        about = {field.name: getattr(sighting, field.name) for field in fields(Sighting) if field.name not in UNTOLD}
        self._metadata(
            sighting.url,
            beside,
            {
                "sighting": about,
                "unchanged": capture.unchanged,
                "run": {"id": capture.run_id, "spider": run.get("spider"), "started": run.get("started")},
            },
        )

    def _whole(self, sighting: Sighting, headers: dict[str, str]) -> ArcWarcRecord:
        payload, length = BytesIO(sighting.body), len(sighting.body)
        if not _as_served(sighting):
            kind = sighting.content_type or sniff(sighting.body) or "application/octet-stream"
            return self.warc.create_warc_record(
                sighting.url, "resource", payload, length, warc_content_type=kind, warc_headers_dict=headers
            )
        return self.warc.create_warc_record(
            sighting.url,
            "response",
            payload,
            length,
            warc_headers_dict=headers,
            http_headers=_http_headers(sighting, sighting.status),
        )

    def _repeat(self, capture: Capture, headers: dict[str, str], first: _First) -> ArcWarcRecord:
        sighting = capture.sighting
        status = HTTPStatus.NOT_MODIFIED if capture.unchanged else sighting.status
        record = self.warc.create_revisit_record(
            sighting.url,
            first.digest,
            first.url,
            first.date,
            http_headers=_http_headers(sighting, status) if _as_served(sighting) else None,
            warc_headers_dict=headers | {"WARC-Refers-To": first.record_id},
        )
        if capture.unchanged:
            record.rec_headers.replace_header("WARC-Profile", NOT_MODIFIED)
        return record

    def _request(self, sighting: Sighting, beside: dict[str, str]) -> ArcWarcRecord:
        """What is known of a request that is not a plain GET. Of a GET nothing is known besides its address."""
        method, body = sighting.request
        parts = urlsplit(sighting.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = body.encode()
        headers = [("Host", parts.netloc), ("Content-Length", str(len(sent)))]
        if sighting.referrer:
            headers.append(("Referer", sighting.referrer))
        return self.warc.create_warc_record(
            sighting.url,
            "request",
            BytesIO(sent),
            len(sent),
            warc_headers_dict=dict(beside),
            http_headers=StatusAndHeaders(f"{method} {target} HTTP/1.1", headers, is_http_request=True),
        )

    def _metadata(self, url: str, headers: dict[str, str], about: dict[str, Any]) -> None:
        body = json.dumps({"gongkai": 1, **about}, ensure_ascii=False).encode()
        record = self.warc.create_warc_record(
            url, "metadata", BytesIO(body), len(body), warc_content_type=METADATA_TYPE, warc_headers_dict=dict(headers)
        )
        self.warc.write_record(record)


UNTOLD = frozenset({"body", "reports", "last_run"})


def _record_id(*parts: object) -> str:
    """The same capture has the same identifier in every export."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, ' '.join(map(str, parts)))}>"


def _as_served(sighting: Sighting) -> bool:
    """Whether the bytes are an answer's body: not drawn by a browser, put together from parts, or read from a disk."""
    told = next((value for name, value in sighting.headers if name.lower() == "content-type"), sighting.content_type)
    return sighting.via == "http" and told == sighting.content_type and sighting.url.startswith(("http://", "https://"))


def _http_headers(sighting: Sighting, status: int) -> StatusAndHeaders:
    """The headers as kept, in order. Those of the transport's coding no longer fit the body and get another name."""
    headers = [(f"{ORIGINAL}{name}" if name.lower() in CODING else name, value) for name, value in sighting.headers]
    headers.append(("Content-Length", str(len(sighting.body))))
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    return StatusAndHeaders(f"{status} {phrase}".strip(), headers, protocol="HTTP/1.1")


# -- in ----------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Imported:
    """What an import found. ``refused`` counts records that should have been taken, by reason; ``passed`` those that
    are no documents."""

    documents: int = 0
    repeats: int = 0
    portals: int = 0
    passed: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Found:
    """A capture as a WARC file has it, before its run has a number here."""

    sighting: Sighting
    round: Round
    fetched: str
    repeat: bool
    unchanged: bool


Round = tuple[str, str, str]
"""When a run began (UTC), its spider, and its number in the archive that it comes from (empty: a day of another
crawler). In this order runs are older or newer."""


def import_files(archive: Archive, paths: Iterable[Path], county_code: str, max_bytes: int) -> Imported:
    """Takes in WARC files; documents that the archive has are not stored again. Raises Refused where a file is not a
    WARC, or where its captures lie between runs that the archive has: then nothing was written.

    ``county_code`` (or empty) is whose documents are that say nothing of it themselves.
    """
    paths = list(paths)
    done = Imported()
    rounds: set[Round] = set()
    for item in _contents(paths, max_bytes, county_code, Imported()):
        if isinstance(item, _Found):
            rounds.add(item.round)
    numbers = _numbers(archive, sorted(rounds), paths)
    for item in _contents(paths, max_bytes, county_code, done):
        if isinstance(item, _Found):
            _keep(archive, item, numbers[item.round])
        elif isinstance(item, _Verdict):
            if item.row not in archive.verdicts():
                archive.record_verdict(item.row)
        else:
            _keep_portal(archive, item)
            done.portals += 1
    archive.run_id = None
    return done


def _numbers(archive: Archive, rounds: list[Round], paths: list[Path]) -> dict[Round, int]:
    """Runs of this archive for those of the files: the same run where it is known here, else a new one that is older
    or newer than all others. Which version of a report counts depends on this order."""
    runs = archive.runs()
    known = {_round(run): run["id"] for run in runs}
    new = [each for each in rounds if each not in known]
    first = min((run["started"] for run in runs), default="")
    last = max((run["started"] for run in runs), default="")
    between = [each for each in new if runs and first <= each[0] <= last]
    if between:
        raise Refused(
            f"captures of {between[0][0]} lie between the runs of {archive.path} ({first} to {last}); "
            "export that archive, too, and import both into an empty folder"
        )
    before = [each for each in new if runs and each[0] < first]
    numbers = {each: known[each] for each in rounds if each in known}
    names = ", ".join(path.name for path in paths)[:200]
    for each in (*reversed(before), *(one for one in new if one not in before)):
        started, spider, number = each
        told = {"warc": names, "round": "|".join(each), "run": number}
        numbers[each] = archive.import_run(spider, told, started, before=each in before)
    return numbers


def _round(run: Mapping[str, Any]) -> Round:
    """What a run was called when it was exported, or is called when it is exported from here."""
    told = json.loads(run["arguments"] or "{}")
    if run["finish_reason"] == "imported" and str(told.get("round", "")).count("|") == 2:
        started, spider, number = str(told["round"]).split("|")
        return started, spider, number
    return run["started"], run["spider"], str(run["id"])


def _keep(archive: Archive, found: _Found, run_id: int) -> None:
    if found.repeat:
        found.sighting.body = archive.body(found.sighting.sha256)
    archive.run_id = run_id
    if not found.unchanged:
        archive.keep(found.sighting, sniff(found.sighting.body))
        archive.saw_before(found.sighting, run_id)
    told = {name.lower(): value for name, value in found.sighting.headers}
    archive.visited(
        [
            {
                "run_id": run_id,
                "url": found.sighting.url,
                "via": found.sighting.via,
                "county_code": found.sighting.county_code or None,
                "fetched": found.fetched,
                "status": HTTPStatus.NOT_MODIFIED if found.unchanged else found.sighting.status,
                "etag": told.get("etag", ""),
                "last_modified": told.get("last-modified", ""),
                "sha256": found.sighting.sha256,
                "bytes": len(found.sighting.body),
                "outcome": "same" if found.unchanged else "ok",
            }
        ]
    )


def _keep_portal(archive: Archive, known: _Portal) -> None:
    """How a visit to a portal ended elsewhere, unless a visit from here says it."""
    if archive.portal(known.portal.code) is not None:
        return
    archive.register([known.portal])
    archive.run_id = (archive.last_run() or {}).get("id")
    if known.read is not None:
        archive.portal_read(known.read)
    for each in known.lists:
        archive.list_read(each)


@dataclass(frozen=True, slots=True)
class _Portal:
    portal: Portal
    read: PortalRead | None
    lists: list[ListRead]


@dataclass(frozen=True, slots=True)
class _Verdict:
    row: dict[str, Any]


@dataclass(slots=True)
class _Pending:
    """A record with a body that waits for its metadata, which stands after it."""

    record_id: str
    url: str
    date: str
    kind: str
    content_type: str
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: str
    refers: str
    unchanged: bool
    body: bytes = b""


def _contents(
    paths: Iterable[Path], max_bytes: int, county_code: str, done: Imported
) -> Iterator[_Found | _Portal | _Verdict]:
    """What the files hold. Repeats whose first capture stands later in the files come at the end."""
    reading = _Reading(max_bytes, county_code, done)
    for path in paths:
        yield from reading.file(path)
    yield from reading.rest()


class _Reading:
    """One pass over the files. ``hashes`` leads from what a repeat says of its first capture to that document."""

    def __init__(self, max_bytes: int, county_code: str, done: Imported) -> None:
        self.max_bytes = max_bytes
        self.county_code = county_code
        self.done = done
        self.hashes: dict[str, str] = {}
        self.late: list[tuple[_Pending, dict[str, Any]]] = []

    def file(self, path: Path) -> Iterator[_Found | _Portal | _Verdict]:
        try:
            with path.open("rb") as stream:
                yield from self._records(ArchiveIterator(stream, check_digests=True, arc2warc=True))
        except (ArchiveLoadFailed, ValueError, EOFError, OSError, zlib.error) as error:
            raise Refused(f"{path}: cannot be read as a WARC file: {error}") from error

    def _records(self, records: Iterable[ArcWarcRecord]) -> Iterator[_Found | _Portal | _Verdict]:
        waiting: _Pending | None = None
        for record in records:
            if record.rec_type == "metadata":
                told = self._told(record)
                if "portal" in told:
                    yield _known_portal(told)
                elif "verdict" in told:
                    yield _known_verdict(told)
                elif waiting is not None and record.rec_headers.get_header("WARC-Refers-To") == waiting.record_id:
                    yield from self._capture(waiting, told)
                    waiting = None
            elif record.rec_type in {"response", "resource", "revisit"}:
                if waiting is not None:
                    yield from self._capture(waiting, {})
                waiting = self._pending(record)
        if waiting is not None:
            yield from self._capture(waiting, {})

    def rest(self) -> Iterator[_Found]:
        """Repeats that stood before their first capture."""
        late, self.late = self.late, []
        for waiting, told in late:
            yield from self._capture(waiting, told)
        for _ in self.late:
            self.done.refused["a repeat of a record that is not in these files"] += 1

    def _told(self, record: ArcWarcRecord) -> dict[str, Any]:
        """The metadata of a record as this project writes it, else nothing."""
        if record.rec_headers.get_header("Content-Type") != METADATA_TYPE:
            return {}
        try:
            told = json.loads(self._body(record, METADATA_BYTES))
        except (_Unfit, ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) and told.get("gongkai") == 1 else {}

    def _pending(self, record: ArcWarcRecord) -> _Pending | None:
        told = record.rec_headers
        url = (told.get_header("WARC-Target-URI") or "").strip("<>")
        kind = record.content_type or ""
        status = 200
        headers: tuple[tuple[str, str], ...] = ()
        if record.http_headers is not None:
            code = record.http_headers.get_statuscode()
            status = int(code) if code.isascii() and code.isdecimal() and len(code) == 3 else 0
            headers = tuple((str(name), str(value)) for name, value in record.http_headers.headers)
            kind = record.http_headers.get_header("Content-Type") or ""
        other = status != 200 or kind.lower().startswith(OTHER_MEDIA)
        if not url.startswith(("http://", "https://", "file://")) or (record.rec_type != "revisit" and other):
            self.done.passed += 1
            return None
        waiting = _Pending(
            told.get_header("WARC-Record-ID") or "",
            url,
            told.get_header("WARC-Date") or "",
            record.rec_type,
            kind,
            status,
            headers,
            payload=told.get_header("WARC-Payload-Digest") or "",
            refers=" ".join(told.get_header(f"WARC-Refers-To-{name}") or "" for name in ("Target-URI", "Date")),
            unchanged=told.get_header("WARC-Profile") == NOT_MODIFIED,
        )
        try:
            _check(waiting)
            if record.rec_type != "revisit":
                waiting.body = self._body(record, self.max_bytes)
        except _Unfit as unfit:
            self.done.refused[str(unfit)] += 1
            return None
        return waiting

    def _body(self, record: ArcWarcRecord, most: int) -> bytes:
        """The body without the codings of its transport. Raises _Unfit for one that is too large, cut or altered."""
        coding = (record.http_headers.get_header("Content-Encoding") or "") if record.http_headers else ""
        if coding.strip().lower() not in KNOWN_CODINGS:
            raise _Unfit("a coding that cannot be undone")
        body: bytes = record.content_stream().read(most + 1)
        if len(body) > most:
            raise _Unfit("larger than DOCUMENT_MAX_BYTES")
        if getattr(record.raw_stream, "limit", 0) > 0:
            raise _Unfit("cut short")
        if record.digest_checker.passed is False:
            raise _Unfit("its bytes are not those of its digest")
        return body

    def _capture(self, waiting: _Pending, told: dict[str, Any]) -> Iterator[_Found]:
        try:
            sighting = _told_sighting(told["sighting"]) if told else _own_sighting(waiting, self.county_code)
            round_ = _told_round(told["run"]) if told else (f"{waiting.date[:10]}T00:00:00Z", "warc", "")
        except (KeyError, TypeError, ValueError):
            self.done.refused["metadata that cannot be understood"] += 1
            return
        if waiting.kind == "revisit":
            known = self.hashes.get(waiting.payload) or self.hashes.get(waiting.refers)
            if known is None:
                self.late.append((waiting, told))
                return
            self.done.repeats += 1
        else:
            known = hashlib.sha256(waiting.body).hexdigest()
            self.done.documents += 1
        if sighting.sha256 not in {"", known}:
            self.done.refused["its bytes are not those of the hash in its metadata"] += 1
            return
        self.hashes[waiting.payload or known] = self.hashes[f"{waiting.url} {waiting.date}"] = known
        sighting.body, sighting.sha256 = waiting.body, known
        yield _Found(sighting, round_, waiting.date[:19] + "Z", waiting.kind == "revisit", waiting.unchanged)


class _Unfit(ValueError):
    """Why a record is not taken."""


def _check(waiting: _Pending) -> None:
    if not DATE.fullmatch(waiting.date):
        raise _Unfit("no date")
    if len(waiting.url) > LONGEST_URL:
        raise _Unfit("an address that is too long")


def _own_sighting(waiting: _Pending, county_code: str) -> Sighting:
    """A capture of another crawler: its titles are those of the page itself, or the name of the file."""
    url = waiting.url.partition("#")[0]
    sighting = Sighting(
        county_code=county_code,
        url=url,
        page_url=url,
        body=b"",
        content_type=waiting.content_type,
        via="file" if url.startswith("file:") else "http",
        headers=waiting.headers,
    )
    page = Loaded(url, waiting.body, content_type=waiting.content_type) if waiting.body else None
    if page is not None and page.media == "html":
        found = article.read(page)
        return replace(sighting, titles=found.titles, published=found.published, agency=found.source)
    return replace(sighting, titles=(PurePosixPath(unquote(urlsplit(url).path)).stem,))


def _told_sighting(told: Mapping[str, Any]) -> Sighting:
    """A sighting from metadata, every field proved. Raises KeyError, TypeError or ValueError."""
    via = told["via"]
    url = _text(told["url"])
    if via not in ("http", "browser", "file") or "#" in url:
        raise ValueError("no capture of a document")
    method, sent = (_text(one) for one in told["request"])
    return Sighting(
        county_code=_text(told["county_code"]),
        url=url,
        body=b"",
        content_type=_text(told["content_type"]),
        page_url=_text(told["page_url"]),
        titles=tuple(_text(one) for one in told["titles"]),
        agency=_text(told["agency"]),
        published=_text(told["published"]),
        referrer=_text(told["referrer"]),
        via=via,
        status=int(told["status"]),
        headers=tuple((_text(name), _text(value)) for name, value in told["headers"]),
        request=(method, sent),
        sha256=_text(told["sha256"]),
    )


def _told_round(told: Mapping[str, Any]) -> Round:
    started = _text(told["started"])
    if not DATE.fullmatch(started):
        raise ValueError(started)
    return started, _text(told["spider"]).replace("|", " "), str(int(told["id"]))


def _known_portal(told: Mapping[str, Any]) -> _Portal:
    """Raises Refused: a portal that nobody understands would leave its county without a ledger."""
    try:
        code, name, url, province, prefecture = (_text(told["portal"][one]) for one in PORTAL)
        portal = Portal(code=code, name=name, url=url, province=province, prefecture=prefecture)
        read = told["read"]
        if read is not None:
            gaps = tuple(Gap(**each) for each in read.get("gaps", ()))
            read = PortalRead(
                **{**read, "trail": tuple(read["trail"]), "agencies": tuple(read["agencies"]), "gaps": gaps}
            )
        return _Portal(portal, read, [ListRead(**each) for each in told["lists"]])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"a portal's metadata cannot be understood: {error}") from error


def _known_verdict(told: Mapping[str, Any]) -> _Verdict:
    """Raises Refused: what a person said is not passed over."""
    row = told["verdict"]
    plain = isinstance(row, dict) and all(isinstance(value, str | int | float | None) for value in row.values())
    if not plain or row.keys() != VERDICT:
        raise Refused("a verdict's metadata cannot be understood")
    return _Verdict(row)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
