"""XML of word processors: one vocabulary of short names for the several namespaces that say the same."""

from __future__ import annotations

from typing import Any

from lxml import etree

from parsers.documents.model import Unread

Element = Any
"""An element of lxml, which has no type hints."""

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "pkg": "http://schemas.microsoft.com/office/2006/xmlPackage",
    "dc": "http://purl.org/dc/elements/1.1/",
    "v": "urn:schemas-microsoft-com:vml",
    "aml": "http://schemas.microsoft.com/aml/2001/core",
    "o": "urn:schemas-microsoft-com:office:office",
}
SAME_NAMESPACES = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", "w"),
    (b"http://schemas.microsoft.com/office/word/2003/wordml", "w"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", "a"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", "m"),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", "r"),
)
"""Other names of the same vocabulary: strict OOXML, and Word 2003 XML as far as it is read here."""
PARSING = {"resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True}


def parse(data: bytes) -> tuple[Element, bool]:
    """The root, in one vocabulary, and whether the XML had to be repaired. No entities, no network,
    libxml2's own limits of depth and size.

    Raises Unread("damaged").
    """
    for other, prefix in SAME_NAMESPACES:
        data = data.replace(other, NAMESPACES[prefix].encode())
    try:
        return etree.fromstring(data, etree.XMLParser(**PARSING)), False
    except etree.XMLSyntaxError:
        pass
    try:
        root = etree.fromstring(data, etree.XMLParser(recover=True, **PARSING))
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise Unread("damaged", "the document's XML cannot be parsed")
    return root, True


class _Short(dict[object, str]):
    """``{http://…/main}p`` -> ``w:p``; names of other vocabularies get a bare ``:`` in front. Written out once."""

    def __missing__(self, tag: object) -> str:
        if not isinstance(tag, str):  # an entity
            return ""
        space, _, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
        short = f"{PREFIXES.get(space, '')}:{name}"
        if len(self) < 5_000:
            self[tag] = short
        return short


class _Long(dict[str, str]):
    """``w:p`` -> ``{http://…/main}p``"""

    def __missing__(self, short: str) -> str:
        prefix, _, name = short.partition(":")
        self[short] = tag = f"{{{NAMESPACES[prefix]}}}{name}"
        return tag


PREFIXES = {space: prefix for prefix, space in NAMESPACES.items()}
SHORT, LONG = _Short(), _Long()


def child(element: Element | None, name: str) -> Element | None:
    return None if element is None else next(element.iterchildren(LONG[name]), None)


def children(element: Element | None) -> Element | tuple[()]:
    return () if element is None else element


def value(element: Element | None, name: str = "w:val", default: str = "") -> str:
    """An attribute by its short name; unprefixed ones are accepted, some writers drop the prefix."""
    if element is None:
        return default
    found: str | None = element.get(LONG[name])
    return found if found is not None else str(element.get(name.partition(":")[2], default))


def number(text: str, default: int | None = None) -> int | None:
    try:
        return int(float(text)) if len(text) < 12 else default
    except (ValueError, OverflowError):
        return default


def is_on(element: Element | None) -> bool:
    return element is not None and value(element, default="true").lower() not in {"0", "false", "off", "none"}


def alternative(element: Element | None, *, prefer_fallback: bool = False) -> Element | None:
    """The one branch of an mc:AlternateContent that is drawn: both say the same, for newer and older programs."""
    order = ("mc:Fallback", "mc:Choice") if prefer_fallback else ("mc:Choice", "mc:Fallback")
    return next((found for name in order if (found := child(element, name)) is not None), None)
