"""Rich Text Format, also where it is called .doc: one pass over its tokens, no recursion.

Text is kept as drawn: deleted and hidden runs, field codes, headers, footnotes and everything in destinations that the
reader does not know are left out; a text box stands behind the paragraph that it is anchored in.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Grid, Text, Unread
from parsers.documents.numbering import after_label
from parsers.documents.pictures import with_pictures
from parsers.documents.spans import Budget, Cut, Flow, Item, Picture
from parsers.documents.symbols import joined_surrogates, noted, raised, symbol

MEDIA_TYPE = "application/rtf"
LEAST_RAISE = 4
"""Half points; text is raised by hand where it is a note."""
DEEPEST = 1_000
"""Groups within groups; writers stay below 30."""

# \par, \u20013, \cellx900 with its one space; \'d6; \~; { }; text; line ends of the file, which mean nothing
TOKENS = (
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?"
    rb"|\\'([0-9a-fA-F]{2})"
    rb"|\\([^a-zA-Z'])"
    rb"|([{}])"
    rb"|(%s)"
    rb"|[\r\n\x00]+"
    rb"|\\'?"
)
SINGLE_BYTES = re.compile(TOKENS % rb"[^\\{}\r\n\x00]+", re.S)
# in GBK and Big5 the second byte of a character may be a backslash or a brace
DOUBLE_BYTES = re.compile(TOKENS % rb"(?:[\x81-\xfe][\x40-\x7e\x80-\xfe]|[^\\{}\r\n\x00])+", re.S)
CODE_PAGE = re.compile(rb"\\ansicpg([0-9]{3,5})")
PAGES = {936: "gb18030", 54936: "gb18030", 950: "cp950", 932: "cp932", 949: "cp949", 65001: "utf-8"}
CHARSETS = {134: "gb18030", 136: "cp950", 128: "cp932", 129: "cp949", 204: "cp1251", 238: "cp1250"}
DOUBLE_BYTE_PAGES = frozenset({932, 936, 949, 950, 54936})
SYMBOL_CHARSET = 2
UNMATCHED = "the file is cut or its braces do not match: what could be followed was read"
PICTURE_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

SKIPPED = frozenset(
    "colortbl listtable listoverridetable revtbl rsidtbl generator xmlnstbl themedata datastore "
    "latentstyles colorschememapping filetbl info header headerl headerr headerf footer footerl footerr footerf "
    "ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn annotation atnid atnauthor atnref atrfstart atrfend atndate atnicn "
    "datafield bkmkstart bkmkend object objdata objclass objname nonshppict nonesttables shprslt sp pgptbl "
    "template private1 userprops docvar mmath upr pnseclvl background tc tcn xe rxe".split()
)
KEPT_STARRED = frozenset("fldinst shpinst do nesttableprops shppict ud".split())
"""Destinations behind ``\\*`` that hold text or pictures of the document."""
CHARACTERS = {
    "tab": "\t",
    "line": "\n",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "emspace": "\u2003",
    "enspace": "\u2002",
    "qmspace": "\u2005",
    "softline": "\n",
}
HEADING = re.compile(r"heading ([1-9])$|标题 ?([1-9])$")  # heading 2, 标题 2


@dataclass(slots=True)
class State:
    """What a group inherits and its end restores."""

    skip: bool = False
    into: str = ""
    """``fonts``, ``styles``, ``title``, ``picture``, ``label`` or ``code`` where text does not go to the page; else
    empty."""
    font: int = -1
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    raised: bool = False
    fallback: int = 1
    """Characters behind a ``\\u`` that stand in for it in programs without Unicode."""
    in_table: bool = False
    depth: int = 0
    style: int = 0
    outline: int = -1
    starred: bool = False
    closes: str = ""
    """What the end of this group ends: ``box``, ``row``, ``picture`` or ``code`` of a field."""
    contents: bool = False
    """Within a field whose result is the table of contents, which repeats the headings."""


@dataclass(slots=True)
class Row:
    """The definition of a row while it is stated; the flags are for the next cell edge."""

    cut: Cut = field(default_factory=lambda: Cut(edges=[0]))
    horizontal: int = 0
    vertical: int = 0


@dataclass(slots=True)
class Level:
    """A flow of paragraphs (the body or a text box) and the paragraph that is being gathered."""

    flow: Flow
    pieces: list[str] = field(default_factory=list)
    label: str = ""
    after: list[Item] = field(default_factory=list)
    """Blocks anchored in the paragraph."""
    row: Row = field(default_factory=Row)
    outer_rows: list[Row] = field(default_factory=list)
    row_open: bool = False


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Raises Unread: damaged, no_text, too_large."""
    if not body.lstrip(b"\xef\xbb\xbf\x00 \t\r\n\f").startswith(b"{\\rtf"):
        raise Unread("damaged", "no RTF header")
    return _Reader(body, limits).document()


class _Reader:
    """One pass over one document."""

    def __init__(self, body: bytes, limits: Limits) -> None:
        self.body = body
        self.limits = limits
        found = CODE_PAGE.search(body, 0, 4096)
        number = int(found[1]) if found else 936
        self.page = known_page(PAGES.get(number, f"cp{number}"))
        self.tokens = DOUBLE_BYTES if number in DOUBLE_BYTE_PAGES else SINGLE_BYTES
        self.state = State()
        self.stack: list[State] = []
        self.fonts: dict[int, tuple[int, str]] = {}
        self.levels: dict[int, int] = {}
        self.title: list[str] = []
        self.name: list[str] = []
        self.raw = bytearray()
        self.to_skip = 0
        self.budget = Budget(limits.cells)
        self.tables = count(1)
        self.open = [Level(Flow(self.budget, self.tables))]
        self.paragraphs = 0
        self.pictures: list[bytes] = []
        self.picture: list[bytes] = []
        self.notes: list[str] = []

    def document(self) -> Document:
        at = 0
        while match := self.tokens.match(self.body, at):
            at = match.end()
            word, number, code, sign, brace, text = match.groups()
            if text is not None:
                self._bytes(text)
            elif code is not None:
                self._coded(int(code, 16))
            elif brace == b"{":
                self._open_group()
            elif brace is not None:
                if not self._close_group() and not self._goes_on(at):
                    break
            elif word is not None:
                at += self._word(word.decode("ascii"), int(number) if number else None, at)
            elif sign is not None:
                self._sign(sign)
        self._flush()
        if self.stack:
            self.notes.append(UNMATCHED)
        while len(self.open) > 1:
            self._end_box()
        items = self._finished(self.open[0])
        blocks = with_pictures(items, lambda item: self.pictures[int(item.source)], self.limits, self.notes)
        if not any(isinstance(block, Grid) or block.text.strip() for block in blocks):
            raise Unread("damaged" if UNMATCHED in self.notes else "no_text", "no text and no picture that can be read")
        return Document(MEDIA_TYPE, tuple(blocks), "".join(self.title).strip(), tuple(dict.fromkeys(self.notes)))

    # -- groups ------------------------------------------------------------------------------------------------------

    def _open_group(self) -> None:
        self._flush()
        if len(self.stack) >= DEEPEST:
            raise Unread("damaged", "groups nested too deeply")
        self.stack.append(self.state)
        self.state = replace(self.state, starred=False, closes="")
        self.to_skip = 0

    def _close_group(self) -> bool:
        """False behind the last group: what follows is no part of the document."""
        self._flush()
        if not self.stack:
            return False
        closes = self.state.closes
        self.state = self.stack.pop()
        self.to_skip = 0
        if closes == "box":
            self._end_box()
        elif closes == "row":
            self.open[-1].row = self.open[-1].outer_rows.pop()
        elif closes == "picture":
            self._end_picture()
        elif closes == "code":
            self.state.contents = self.state.contents or "".join(self.name).strip().startswith("TOC ")
            self.name = []
        return bool(self.stack)

    def _goes_on(self, at: int) -> bool:
        """Whether text follows the last brace: then one brace is too many, and the text is read all the same."""
        if UNMATCHED not in self.notes:
            if self.body.find(b"\\par", at) < 0 and self.body.find(b"\\cell", at) < 0:
                return False
            self.notes.append(UNMATCHED)
        return True

    def _end_picture(self) -> None:
        data = b"".join(self.picture)
        self.picture = []
        if not data.startswith(PICTURE_MAGIC):
            try:
                data = bytes.fromhex(data[: len(data) // 2 * 2].decode("ascii"))
            except ValueError:
                return
        if data.startswith(PICTURE_MAGIC):
            self.open[-1].after.append(Picture(str(len(self.pictures))))
            self.pictures.append(data)

    def begin_box(self) -> None:
        if not self.state.skip:
            self.open.append(Level(Flow(self.budget, self.tables)))
            self.state = replace(self.state, closes="box", in_table=False, depth=0, outline=-1, style=0)

    def _end_box(self) -> None:
        items = self._finished(self.open[-1])
        self.open.pop()
        self.open[-1].after.extend(items)

    def _finished(self, level: Level) -> list[Item]:
        """``level`` is the last one that is open."""
        if any(level.pieces) or level.after:
            self.end_paragraph()
        return level.flow.finish()

    # -- text --------------------------------------------------------------------------------------------------------

    def _bytes(self, raw: bytes) -> None:
        """Bytes of the code page; a character may come partly as ``\\'xx`` and partly as it is."""
        if self.state.skip:
            return
        if self.state.into == "picture":
            self.picture.append(raw.replace(b" ", b""))
            return
        if self.to_skip:
            cut = min(self.to_skip, len(raw))
            self.to_skip -= cut
            raw = raw[cut:]
        self.raw += raw

    def _coded(self, code: int) -> None:
        charset, name = self.fonts.get(self.state.font, (0, ""))
        if charset == SYMBOL_CHARSET and not self.state.into and not self.to_skip:
            self._flush()
            self._text(symbol(0xF000 + code, name))
        else:
            self._bytes(bytes([code]))

    def _flush(self) -> None:
        if self.raw:
            raw = bytes(self.raw)
            self.raw.clear()
            self._text(self._decoded(raw))

    def _decoded(self, raw: bytes) -> str:
        if raw.isascii():
            return raw.decode("ascii")
        charset, _ = self.fonts.get(self.state.font, (0, ""))
        for page in (CHARSETS.get(charset, self.page), self.page, "cp1252"):
            try:
                return raw.decode(page)
            except UnicodeDecodeError:
                continue
        return raw.decode(self.page, "replace")

    def _text(self, text: str) -> None:
        state = self.state
        if state.skip:
            return
        if state.into == "title":
            self.title.append(text)
        elif state.into == "code":
            self.name.append(text)
        elif state.into in {"fonts", "styles"}:
            self._entry(text)
        elif state.hidden or state.deleted or state.struck:
            return
        elif state.into == "label":
            self.open[-1].label += text
        else:
            pieces = self.open[-1].pieces
            pieces.append(raised(text) if state.raised else text)

    def _entry(self, text: str) -> None:
        """Names in the tables of fonts and styles end with a semicolon."""
        self.name.append(text)
        if not text.endswith(";"):
            return
        name = "".join(self.name).strip(" ;")
        self.name = []
        if self.state.into == "fonts":
            charset, _ = self.fonts.get(self.state.font, (0, ""))
            self.fonts[self.state.font] = (charset, name)
            return
        heading = HEADING.match(name.lower())
        level = int(heading[1] or heading[2]) if heading else self.state.outline + 1
        if 1 <= level <= 9:
            self.levels[self.state.style] = level

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.state.starred = True
        elif sign in b"\\{}":
            self._bytes(sign)
        elif sign in b"\r\n":
            self._word("par", None, 0)
        else:
            self._flush()
            if self.to_skip:
                self.to_skip -= 1
            else:
                self._text({b"~": "\xa0", b"_": "-"}.get(sign, ""))

    # -- control words -----------------------------------------------------------------------------------------------

    def _word(self, word: str, number: int | None, at: int) -> int:
        """Bytes to pass over behind the word, which ends at ``at``: those of ``\\bin``, else 0."""
        self._flush()
        state = self.state
        if state.starred:
            state.starred = False
            if word not in KEPT_STARRED:
                state.skip = True
        if word == "bin":
            size = max(0, number or 0)
            if state.into == "picture" and not state.skip:
                self.picture = [self.body[at : at + size]]
            return size
        if word == "u":
            self._unicode(number or 0)
        elif word in CHARACTERS:
            if self.to_skip:
                self.to_skip -= 1
            else:
                self._text(CHARACTERS[word])
        else:
            self.to_skip = 0
            if word in SKIPPED:
                state.skip = True
            elif word in ACTIONS:
                ACTIONS[word](self, number)
        return 0

    def _unicode(self, number: int) -> None:
        code = number + 0x10000 if number < 0 else number
        self.to_skip = self.state.fallback
        if 0xF000 <= code <= 0xF0FF:
            self._text(symbol(code, self.fonts.get(self.state.font, (0, ""))[1]))
        elif 0x20 <= code <= 0xFFFF or code == 9:
            self._text(chr(code))

    def into(self, target: str) -> None:
        self.state.into = target
        if target == "title":  # it stands within a destination that is skipped
            self.state.skip = False
        elif target == "picture":
            self.state.closes = "picture"
            self.picture = []
        elif target == "code":
            self.state.closes = "code"
            self.name = []

    def field_result(self) -> None:
        self.state.skip = self.state.skip or self.state.contents

    def unicode_part(self) -> None:
        """``{\\upr{old}{\\*\\ud{new}}}`` says a thing twice; the second stands for both."""
        if len(self.stack) >= 2:
            self.state.skip = self.stack[-2].skip

    # -- paragraphs and tables ---------------------------------------------------------------------------------------

    def _depth(self) -> int:
        """Tables around the paragraph. A row that was begun holds its paragraphs even where they don't say so."""
        if self.state.in_table or self.open[-1].row_open:
            return max(1, self.state.depth)
        return 0

    def end_paragraph(self, depth: int | None = None) -> None:
        if self.state.skip:
            return
        level = self.open[-1]
        level.flow.to_depth(self._depth() if depth is None else depth)
        text = joined_surrogates(noted("".join(level.pieces)))
        if label := level.label.strip():
            text = after_label(label, text)
        self.paragraphs += 1
        outline = self.state.outline
        rank = outline + 1 if 0 <= outline <= 8 else self.levels.get(self.state.style, 0)
        place = f"e{self.paragraphs}"
        level.flow.add([Text(line, place, rank if line.strip() else 0) for line in text.split("\n")])
        level.flow.add(level.after)
        level.pieces, level.after, level.label = [], [], ""

    def end_cell(self, *, inner: bool) -> None:
        if not self.state.skip:
            self.end_paragraph(max(2, self._depth()) if inner else 1)
            self.open[-1].flow.end_cell()

    def end_row(self, *, inner: bool) -> None:
        if self.state.skip:
            return
        level = self.open[-1]
        if any(piece.strip() for piece in level.pieces):  # text behind the last cell mark
            self.end_cell(inner=inner)
        level.pieces, level.label = [], ""
        level.flow.to_depth(max(2, level.flow.depth) if inner else 1)
        level.flow.end_row(level.row.cut)
        level.row_open = level.row_open and inner

    def begin_row(self) -> None:
        if not self.state.skip:
            level = self.open[-1]
            level.row = Row()
            level.row_open = level.row_open or not level.outer_rows

    def inner_row(self) -> None:
        """Properties of a row of an inner table: the outer row's come back behind them."""
        if not self.state.skip:
            self.open[-1].outer_rows.append(self.open[-1].row)
            self.state.closes = "row"

    def cell_edge(self, position: int) -> None:
        row = self.open[-1].row
        if len(row.cut.horizontal) < self.limits.cells:
            row.cut.edges.append(position)
            row.cut.horizontal.append(row.horizontal)
            row.cut.vertical.append(row.vertical)
        row.horizontal = row.vertical = 0

    def left_edge(self, position: int) -> None:
        self.open[-1].row.cut.edges[0] = position

    def merge(self, *, horizontal: int = 0, vertical: int = 0) -> None:
        row = self.open[-1].row
        row.horizontal = horizontal or row.horizontal
        row.vertical = vertical or row.vertical

    def font_charset(self, charset: int) -> None:
        self.fonts[self.state.font] = (charset, self.fonts.get(self.state.font, (0, ""))[1])

    def plain_paragraph(self) -> None:
        self.state.in_table, self.state.depth, self.state.style, self.state.outline = False, 0, 0, -1

    def plain_characters(self) -> None:
        self.state.hidden = self.state.deleted = self.state.struck = self.state.raised = False

    def lift(self, half_points: int | None) -> None:
        self.state.raised = half_points is None or half_points >= LEAST_RAISE

    def depth(self, number: int) -> None:
        self.state.in_table, self.state.depth = number > 0, number

    def footnote(self) -> None:
        if not self.state.skip:
            self.notes.append("footnotes were left out of the text")
        self.state.skip = True


def known_page(name: str) -> str:
    """The code page, or GB 18030 where Python does not know the stated one."""
    try:
        codecs.lookup(name)
    except LookupError:
        return "gb18030"
    return name


def _set(name: str, default: int) -> Callable[[_Reader, int | None], None]:
    return lambda reader, number: setattr(reader.state, name, default if number is None else number)


def _switch(name: str) -> Callable[[_Reader, int | None], None]:
    """``\\v`` and ``\\v1`` switch on, ``\\v0`` off."""
    return lambda reader, number: setattr(reader.state, name, number != 0)


ACTIONS: dict[str, Callable[[_Reader, int | None], None]] = {
    "fonttbl": lambda reader, number: reader.into("fonts"),
    "stylesheet": lambda reader, number: reader.into("styles"),
    "title": lambda reader, number: reader.into("title"),
    "fldinst": lambda reader, number: reader.into("code"),
    "fldrslt": lambda reader, number: reader.field_result(),
    "pict": lambda reader, number: reader.into("picture"),
    "listtext": lambda reader, number: reader.into("label"),
    "pntext": lambda reader, number: reader.into("label"),
    "ud": lambda reader, number: reader.unicode_part(),
    "shptxt": lambda reader, number: reader.begin_box(),
    "dptxbxtext": lambda reader, number: reader.begin_box(),
    "footnote": lambda reader, number: reader.footnote(),
    "nesttableprops": lambda reader, number: reader.inner_row(),
    "par": lambda reader, number: reader.end_paragraph(),
    "sect": lambda reader, number: reader.end_paragraph(),
    "cell": lambda reader, number: reader.end_cell(inner=False),
    "nestcell": lambda reader, number: reader.end_cell(inner=True),
    "row": lambda reader, number: reader.end_row(inner=False),
    "nestrow": lambda reader, number: reader.end_row(inner=True),
    "trowd": lambda reader, number: reader.begin_row(),
    "trleft": lambda reader, number: reader.left_edge(number or 0),
    "cellx": lambda reader, number: reader.cell_edge(number or 0),
    "clmgf": lambda reader, number: reader.merge(horizontal=1),
    "clmrg": lambda reader, number: reader.merge(horizontal=2),
    "clvmgf": lambda reader, number: reader.merge(vertical=3),
    "clvmrg": lambda reader, number: reader.merge(vertical=1),
    "intbl": lambda reader, number: setattr(reader.state, "in_table", True),
    "itap": lambda reader, number: reader.depth(number or 0),
    "pard": lambda reader, number: reader.plain_paragraph(),
    "plain": lambda reader, number: reader.plain_characters(),
    "f": _set("font", 0),
    "fcharset": lambda reader, number: reader.font_charset(number or 0),
    "s": _set("style", 0),
    "outlinelevel": _set("outline", 0),
    "uc": _set("fallback", 1),
    "v": _switch("hidden"),
    "deleted": _switch("deleted"),
    "strike": _switch("struck"),
    "striked": _switch("struck"),
    "super": _switch("raised"),
    "sub": _switch("raised"),
    "up": lambda reader, number: reader.lift(number),
    "dn": lambda reader, number: reader.lift(number),
    "nosupersub": lambda reader, number: setattr(reader.state, "raised", False),
}
