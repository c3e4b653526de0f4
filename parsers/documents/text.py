"""Plain text and Markdown: lines, tables drawn in lines, headings as marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from parsers.documents.charset import decode
from parsers.documents.drawn import Line, blocks, unrolled
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Block, Cell, Document, Grid, Text, Unread
from parsers.documents.sniff import MARKDOWN

MOST_LINES = 500_000
LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")  # «## 一、总体情况»
STRONG = re.compile(r"\*\*(?=\S)([^*]{1,2000}?)(?<=\S)\*\*")  # «**（二）**», also inside a word: 本单位**2024**年
EMPTY_STRONG = re.compile(r"\*{4}")
AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]{1,2000})>")  # <http://www.pingluo.gov.cn>
LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\(\s{0,9}<?([^()\s<>]{0,2000})>?(?:\s+\"[^\"\n]{0,500}\")?\s{0,9}\)")
ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")  # «1\.»
BULLET = re.compile(r"\s{0,8}[-*+][ \t]+(?=[^\s\d/—-])")  # «- 总体情况», never a dash that is a cell
QUOTE = re.compile(r"(?:\s{0,3}>[ \t]?)+")
RULE = re.compile(r" {0,3}(?:\*{3,}|_{3,}|-{3,}|\* \* \*) *")
FENCE = re.compile(r"\s{0,3}(?:```|~~~).{0,100}")
TABLE = re.compile(r"\s{0,8}<table\b", re.I)
UNDERLINE = re.compile(r"={3,}[ \t]*")


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Every line becomes a Text, empty ones too; lines that draw a table become a Grid."""
    text, _ = decode(body, charset)
    if not text.strip():
        raise Unread("no_text", "only white space")
    if len(LINE_END.findall(text)) > MOST_LINES:
        raise Unread("too_large", f"more than {MOST_LINES} lines")
    markdown = bool(MARKDOWN.search(text))
    lines = [
        Line(part, f"l{n}")
        for n, line in enumerate(LINE_END.split(text), 1)
        for part in unrolled(line.replace("\f", "").rstrip("\x00\x1a"))
    ]
    found: list[Block] = []
    for part, is_html in _parts(lines):
        if is_html:
            found += _html(part, limits)
        else:
            found += _markdown(part, limits) if markdown else blocks(part, limits=limits)
    lost = text.count("\ufffd")
    return Document(
        media_type="text/markdown" if markdown else "text/plain",
        blocks=tuple(found),
        notes=(f"{lost} characters could not be decoded",) if lost else (),
    )


def _parts(lines: list[Line]) -> Iterator[tuple[list[Line], bool]]:
    """Stretches of lines, and whether they are tables in HTML, as converters put them into a text."""
    start = 0
    while start < len(lines):
        opened = next((n for n in range(start, len(lines)) if TABLE.match(lines[n].text)), len(lines))
        closed = next((n for n in range(opened, len(lines)) if "</table>" in lines[n].text.lower()), -1)
        if opened > start or closed < 0:
            yield lines[start : opened if closed >= 0 else len(lines)], False
        if closed < 0:
            return
        yield lines[opened : closed + 1], True
        start = closed + 1


def _html(lines: list[Line], limits: Limits) -> list[Block]:
    """Blocks of a table in HTML; their places begin with that of its first line."""
    from parsers.documents.html import fragment

    found = fragment("\n".join(line.text for line in lines), limits)
    return [_placed(block, lines[0].place) for block in found]


def _placed(block: Block, line: str) -> Block:
    if isinstance(block, Text):
        return replace(block, place=line + block.place)
    moved: dict[int, Cell] = {}
    for row in block.rows:
        for cell in row:
            if cell is not None and id(cell) not in moved:
                moved[id(cell)] = replace(cell, place=line + cell.place)
    rows = tuple(tuple(moved[id(cell)] if cell is not None else None for cell in row) for row in block.rows)
    return Grid(rows, line + block.place)


def _markdown(lines: list[Line], limits: Limits) -> list[Block]:
    kept = [line for line in lines if not FENCE.fullmatch(line.text) and not _is_rule(line.text)]
    return _underlined([_heading(block) for block in blocks(kept, limits=limits, clean=_unmarked_heading)])


def _is_rule(text: str) -> bool:
    # two dashes may be a cell, dashes with something between them a row of cells
    return bool(RULE.fullmatch(text))


def _unmarked_heading(text: str) -> str:
    """Headings keep their ``#`` until their level has been taken."""
    return text.strip() if HEADING.fullmatch(text) else unmarked(text)


def _heading(block: Block) -> Block:
    if not isinstance(block, Text):
        return block
    found = HEADING.fullmatch(block.text)
    return Text(unmarked(found[2] or ""), block.place, len(found[1])) if found else block


def _underlined(found: list[Block]) -> list[Block]:
    """A line of ``===`` makes the line above it a heading."""
    kept: list[Block] = []
    for block in found:
        if isinstance(block, Text) and UNDERLINE.fullmatch(block.text) and kept and isinstance(kept[-1], Text):
            kept[-1] = Text(kept[-1].text, kept[-1].place, 1)
        else:
            kept.append(block)
    return kept


def unmarked(text: str) -> str:
    """Text without Markdown's marks. An asterisk or a bracket that is no mark stays."""
    text = QUOTE.sub("", text, count=1) if QUOTE.match(text) else text
    text = BULLET.sub("", text, count=1) if BULLET.match(text) else text
    text = EMPTY_STRONG.sub("", STRONG.sub(r"\1", text))
    text = LINK.sub(lambda link: link[1] if link[2] in link[1] else f"{link[1]} {link[2]}", text)
    return ESCAPE.sub(r"\1", AUTOLINK.sub(r"\1", text)).strip()
