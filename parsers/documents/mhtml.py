"""Web pages saved in one file (MHTML), as browsers and Word's "single file web page" write them."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message

from parsers.documents import html
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Grid, Unread
from parsers.documents.pictures import with_pictures
from parsers.documents.spans import Item, Picture

MEDIA_TYPE = "multipart/related"
MOST_BOUNDARIES = 50
"""Multiparts within multiparts; a saved page has one, an attack has thousands and costs time for each line."""
MOST_PARTS = 5_000


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """The page among the parts. Raises Unread: damaged, no_text, too_large."""
    if body.count(b"boundary=") > MOST_BOUNDARIES or body.count(b"\n--") > MOST_PARTS:
        raise Unread("damaged", "too many parts")
    try:
        message = message_from_bytes(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
        parts = [part for part in message.walk() if not part.is_multipart()]
    except (MessageError, RecursionError, ValueError, LookupError) as error:
        raise Unread("damaged", f"MIME structure: {error}") from None
    page = _page(message, parts)
    if page is None:
        raise Unread("no_text", "no page among the parts")
    try:
        document = html.read(_content(page), charset=_charset(page) or charset, limits=limits)
    except Unread as refusal:
        if refusal.reason != "no_text":
            raise
        document = Document(MEDIA_TYPE, ())
    return replace(_with_images(document, parts, limits), media_type=MEDIA_TYPE)


def _page(message: Message, parts: list[Message]) -> Message | None:
    """The part that the message says to start with, else its first page."""
    pages = [part for part in parts if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
    start = str(message.get_param("start") or "").strip("<>")
    return next((part for part in pages if start and str(part.get("Content-ID", "")).strip("<> ") == start), None) or (
        pages[0] if pages else None
    )


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _charset(part: Message) -> str:
    try:
        return part.get_content_charset() or ""
    except (ValueError, LookupError):
        return ""


def _with_images(document: Document, parts: list[Message], limits: Limits) -> Document:
    """A page without any table gets what its pictures say."""
    if any(isinstance(block, Grid) for block in document.blocks):
        return document
    images = [_content(part) for part in parts if part.get_content_maintype() == "image"]
    items: list[Item] = [*document.blocks, *(Picture(str(number)) for number in range(len(images)))]
    notes = list(document.notes)
    blocks = with_pictures(items, lambda picture: images[int(picture.source)], limits, notes)
    if not blocks:
        raise Unread("no_text", "no text and no picture that can be read")
    return replace(document, blocks=tuple(blocks), notes=tuple(notes))
