"""What styles and list definitions add to a paragraph: its heading level and its counted label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from parsers.documents.numbering import NFC, ListLevel, Lists
from parsers.documents.ooxml import SHORT, Element, alternative, child, children, is_on, number, value

RAISED = frozenset({"superscript", "subscript"})


@dataclass(frozen=True, slots=True)
class Style:
    """None means: as the base."""

    base: str = ""
    level: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    hidden: bool | None = None
    raised: bool | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What the properties of one paragraph come to. ``joined``: its mark is deleted, the next one goes on with it."""

    level: int = 0
    list_id: str = ""
    list_level: int = 0
    joined: bool = False


class Styles:
    """The styles and lists of one document; either part may be missing."""

    def __init__(self, styles: Element | None, lists: Element | None) -> None:
        self.by_id: dict[str, Style] = {}
        self.default = ""
        self.lists = load_lists(lists)
        holder = styles if styles is None or SHORT[styles.tag] == "w:styles" else child(styles, "w:styles")
        for element in children(holder):
            if SHORT[element.tag] == "w:style":
                self._add(element)
        self.plain = self._look("", None, None, None, joined=False)

    def _add(self, element: Element) -> None:
        key = value(element, "w:styleId")
        paragraph = child(element, "w:pPr")
        list_id, list_level = list_of(paragraph)
        outline = number(value(child(paragraph, "w:outlineLvl")))
        hidden = child(child(element, "w:rPr"), "w:vanish")
        high = child(child(element, "w:rPr"), "w:vertAlign")
        name = value(child(element, "w:name")).lower()
        self.by_id[key] = Style(
            base=value(child(element, "w:basedOn")),
            level=heading(name) or (None if outline is None else rank(outline)),
            list_id=list_id,
            list_level=list_level,
            hidden=None if hidden is None else is_on(hidden),
            raised=None if high is None else value(high) in RAISED,
        )
        if value(element, "w:default") in {"1", "true", "on"} and value(element, "w:type") == "paragraph":
            self.default = key

    def look(self, properties: Element | None) -> Look:
        if properties is None:
            return self.plain
        said = {SHORT[element.tag]: element for element in properties}  # one pass: there are hundreds of paragraphs
        counted = "w:numPr" in said or "w:listPr" in said
        list_id, list_level = list_of(properties) if counted else (None, None)
        mark = said.get("w:rPr")
        return self._look(
            value(said.get("w:pStyle")),
            number(value(said.get("w:outlineLvl"))),
            list_id,
            list_level,
            joined=mark is not None and (child(mark, "w:del") is not None or child(mark, "w:moveFrom") is not None),
        )

    def _look(
        self, style: str, outline: int | None, list_id: str | None, list_level: int | None, *, joined: bool
    ) -> Look:
        style = style or self.default
        level = self._inherited(style, "level") if outline is None else rank(outline)
        owner = self._inherited(style, "list_id") if list_id is None else list_id
        depth = self._inherited(style, "list_level") if list_level is None else list_level
        depth = depth if isinstance(depth, int) else 0
        counted = isinstance(owner, str) and owner != "0" and 0 <= depth <= 8
        return Look(level if isinstance(level, int) else 0, str(owner) if counted else "", depth, joined)

    def is_hidden(self, style: str) -> bool:
        return self._inherited(style, "hidden") is True

    def is_raised(self, style: str) -> bool:
        return self._inherited(style, "raised") is True

    def _inherited(self, style: str, name: Literal["level", "list_id", "list_level", "hidden", "raised"]) -> object:
        """The first value that is set along the chain of bases."""
        for _ in range(20):
            found = self.by_id.get(style)
            if found is None:
                return None
            own: object = getattr(found, name)
            if own is not None:
                return own
            style = found.base
        return None


def heading(name: str) -> int:
    """``heading 2`` -> 2, ``title`` -> 1, anything else 0; a style's name is English in the file whatever the UI is."""
    if name == "title":
        return 1
    word, _, figure = name.partition(" ")
    return int(figure) if word == "heading" and figure in set("123456789") else 0


def rank(outline: int) -> int:
    """Outline level 0 is heading 1; 9 is body text."""
    return outline + 1 if 0 <= outline <= 8 else 0


def list_of(properties: Element | None) -> tuple[str | None, int | None]:
    """(list, level) of paragraph properties; Word 2003 XML calls it ``listPr`` and ``ilfo``."""
    for outer, inner in (("w:numPr", "w:numId"), ("w:listPr", "w:ilfo")):
        holder = child(properties, outer)
        if holder is not None:
            owner = child(holder, inner)
            return None if owner is None else value(owner), number(value(child(holder, "w:ilvl")))
    return None, None


def load_lists(root: Element | None) -> Lists:
    lists = Lists()
    if root is not None and SHORT[root.tag] not in {"w:numbering", "w:lists"}:
        root = child(root, "w:lists")
    links: dict[str, str] = {}
    owners: dict[str, str] = {}
    for element in children(root):
        tag = SHORT[element.tag]
        if tag in {"w:abstractNum", "w:listDef"}:
            key = value(element, "w:abstractNumId") or value(element, "w:listDefId")
            lists.abstract[key] = dict(_levels(element))
            links[key] = value(child(element, "w:numStyleLink"))
            if style := value(child(element, "w:styleLink")):
                owners[style] = key
        elif tag in {"w:num", "w:list"}:
            key = value(element, "w:numId") or value(element, "w:ilfo")
            owner = child(element, "w:abstractNumId")
            lists.numbers[key] = value(child(element, "w:ilst") if owner is None else owner)
            _load_overrides(lists, key, element)
    for key, owner_key in lists.numbers.items():
        linked = links.get(owner_key, "")
        if linked in owners:
            lists.numbers[key] = owners[linked]
    return lists


def _load_overrides(lists: Lists, key: str, element: Element) -> None:
    for override in element:
        if SHORT[override.tag] != "w:lvlOverride":
            continue
        for at, shown in _levels(override):
            lists.overrides[key, at] = shown
        start = number(value(child(override, "w:startOverride")))
        if start is not None:
            lists.restarts[key, number(value(override, "w:ilvl"), 0) or 0] = start


def _levels(parent: Element) -> Iterator[tuple[int, ListLevel]]:
    for element in parent:
        if SHORT[element.tag] != "w:lvl":
            continue
        holder = child(element, "w:numFmt")
        if holder is None:  # newer formats stand in an AlternateContent with a plain fallback
            fallback = alternative(child(element, "mc:AlternateContent"), prefer_fallback=True)
            holder = child(fallback, "w:numFmt")
        code = number(value(child(element, "w:nfc")))
        style = value(holder, default="decimal" if code is None else NFC.get(code, "bullet"))
        text = value(child(element, "w:lvlText"))
        if style == "bullet":
            text = "".join("•" if "\ue000" <= char <= "\uf8ff" else char for char in text)
        start = number(value(child(element, "w:start")), 0) or 0
        plain = is_on(child(element, "w:isLgl"))
        yield number(value(element, "w:ilvl"), 0) or 0, ListLevel(start, style, text, plain)
