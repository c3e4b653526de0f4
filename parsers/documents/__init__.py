"""Bytes of any format in, one Document out.

A reader is a module with ``read(body, *, charset, limits) -> Document``; it is imported when the first document of its
format comes, because the libraries behind some of them (OCR, PDF) cost more than all the others together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Member, Unread
from parsers.documents.sniff import sniff

__all__ = ["ARCHIVES", "READERS", "Document", "Limits", "Member", "Unread", "members", "read", "read_images", "sniff"]

READERS = {
    "text/html": "html",
    "multipart/related": "mhtml",
    "text/plain": "text",
    "text/markdown": "text",
    "application/pdf": "pdf",
    "application/ofd": "ofd",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/msword": "doc",
    "application/rtf": "rtf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
    "application/vnd.ms-excel": "sheet",
    "image/png": "image",
    "image/jpeg": "image",
    "image/tiff": "image",
    "image/bmp": "image",
    "image/gif": "image",
}
ARCHIVES = frozenset({"application/zip", "application/vnd.rar", "application/x-7z-compressed"})


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Read a document by what its bytes are. ``charset`` is the one a header or a page declared, only a hint.

    Raises Unread with a reason; an archive is ``unknown`` here, see ``members``.
    """
    if len(body) > limits.bytes:
        raise Unread("too_large", f"{len(body)} bytes, the limit is {limits.bytes}")
    if not body.strip():
        raise Unread("empty", f"{len(body)} bytes")
    media_type = sniff(body)
    if media_type == "application/x-ceb":
        raise Unread("ceb", "Founder CEB has no open reader")
    if media_type not in READERS:
        raise Unread("unknown", media_type)
    reader = import_module(f"parsers.documents.{READERS[media_type]}")
    document: Document = reader.read(body, charset=charset, limits=limits)
    return document


def read_images(images: Sequence[bytes], *, limits: Limits = DEFAULT) -> Document:
    """Pictures that are the pages of one document, in their order. Raises Unread."""
    if sum(map(len, images)) > limits.unpacked:
        raise Unread("too_large", f"{len(images)} pictures")
    reader = import_module("parsers.documents.image")
    document: Document = reader.read_images(images, limits)
    return document


def members(body: bytes, *, limits: Limits = DEFAULT) -> Iterator[Member]:
    """Files inside a ZIP, RAR or 7z, archives in archives unfolded. Raises Unread: ``unsafe`` for bombs and path
    tricks, ``encrypted``, ``damaged``, ``no_reader`` when the format needs a tool that is not installed."""
    archive = import_module("parsers.documents.archive")
    found: Iterator[Member] = archive.members(body, limits=limits)
    return found
