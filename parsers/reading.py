"""Bytes in, report out: the whole way of one document, as one pure function for a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from parsers import documents
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Unread
from parsers.reports.model import Context, Report


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one document: a report, or a reason of ``Unread.REASONS`` with a sentence for people."""

    media_type: str
    report: Report | None = field(default=None, repr=False)
    reason: str = ""
    detail: str = ""


def read(body: bytes, context: Context, *, charset: str = "", limits: Limits = DEFAULT) -> Reading:
    """Reads one document that is not an archive. Never raises for what the bytes hold."""
    media_type = documents.sniff(body)
    try:
        document = documents.read(body, charset=charset, limits=limits)
        report = _report(document, context)
    except Unread as refusal:
        return Reading(media_type, None, refusal.reason, refusal.detail)
    return _judged(media_type, report, context)


def read_series(images: Sequence[bytes], context: Context, *, limits: Limits = DEFAULT) -> Reading:
    """Reads the pictures of one article, in their order, as the pages of one report."""
    media_type = documents.sniff(images[0])
    try:
        return _judged(media_type, _report(documents.read_images(images, limits=limits), context), context)
    except Unread as refusal:
        return Reading(media_type, None, refusal.reason, refusal.detail)


def _report(document: Document, context: Context) -> Report:
    # here, because a crawl's own process needs what a reading is and never makes one
    from parsers.reports.read import read_report

    return read_report(document, context)


def _judged(media_type: str, report: Report, context: Context) -> Reading:
    """A report of somebody outside the portal's county is not this county's."""
    home = context.county_code
    if home and (report.issuer.county_code not in {"", home} or _is_higher(report, home)):
        return Reading(media_type, None, "foreign", f"a report of {report.issuer.name}")
    return Reading(media_type, report)


def _is_higher(report: Report, home: str) -> bool:
    """True for a report of the prefecture or the province, which portals of counties repost."""
    from parsers.reports import divisions

    found = [divisions.division(code) for code in report.issuer.candidates]
    return (
        not report.issuer.county_code
        and bool(found)
        and all(one is not None and one.level < 3 and one.code != home for one in found)
    )


@cache
def reader_version() -> str:
    """A fingerprint of everything that decides how a document is read: the code and the data of the readers.

    Two readings with the same fingerprint of the same bytes are equal; another fingerprint means read it again.
    """
    room = Path(__file__).parent
    digest = sha256()
    for path in sorted(room.rglob("*")):
        inside = path.relative_to(room)
        if path.suffix in {".py", ".json", ".csv"} and inside.parts[0] != "listings":
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
