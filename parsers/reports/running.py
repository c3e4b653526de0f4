"""Tables of the form inside running text, where nothing but the labels divides the figures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from parsers.documents.model import Cell
from parsers.reports.form import EDITIONS, Ref, form, lookup
from parsers.reports.labels import without_brackets, without_marker
from parsers.reports.lines import Line
from parsers.reports.sections import headings_in
from parsers.reports.tokens import Kind, Token
from parsers.reports.values import is_mark

MAX_ROW = 200
MAX_TEXT = 200_000
GAP = 60
"""More words than this between two labels, or a full stop, end a table."""
MIN_LABELS = {1: 8, 2: 4, 3: 8, 4: 4}
_LOST = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff*#|`\"'“”‘’「」『』《》〈〉<>、,;:：，；。.·]")
# figures and marks between labels; any other run of signs is a word
_PIECE = re.compile(r"[+-]?\d[\d,，]*(?:\.\d+)?(?:万元|元|件)?|[/／]+|[-－—–]+|[无無](?![\w])|[^\s\d]+")
# the marker that belongs to the label behind it: （一） 二、 3.
_MARKER = re.compile(
    r"(?:[(（][一二三四五六七八九十]{1,2}[)）]|[一二三四五六七八九十]{1,2}\s*[、.．]|[1-9]\s*[、.．]|[①-⑩]|其中[:：]?)\s*$"
)
# 维持9宗、纠正2宗；行政诉讼4宗，其中: figures with units and punctuation behind them are sentences
_PROSE = re.compile(r"[0-9０-９一二三四五六七八九十两零]\s*[件宗起]\s*[,，、;；。]")
_VARIANTS = (("新收", "新收到"), ("执法案卷", "执法案件"), ("其他", "其它"), ("或", "或者"), ("年度", "年"))


@cache
def _index() -> dict[str, tuple[str, ...]]:
    """First two signs -> squeezed labels that begin with them, longest first."""
    words: dict[str, None] = {}
    for edition in EDITIONS:
        for table in form(edition).tables:
            for label in table.labels():
                words.update(dict.fromkeys(_squeezed(label)))
    for head in (
        "申请人情况",
        "法人或其他组织",
        "信息内容",
        "统计指标",
        "本列数据的勾稽关系为第一项加第二项之和等于第三项加第四项之和",
    ):
        words[head] = None
    index: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= 2:
            index.setdefault(word[:2], []).append(word)
    return {start: tuple(sorted(group, key=len, reverse=True)) for start, group in index.items()}


def _squeezed(label: str) -> Iterator[str]:
    plain = _LOST.sub("", unicodedata.normalize("NFKC", _unmarked(label)))
    for word in (plain, without_brackets(plain)):
        yield word
        for usual, variant in _VARIANTS:
            if usual in word:
                yield word.replace(usual, variant)


def _unmarked(label: str) -> str:
    return without_marker(re.sub(r"\s", "", unicodedata.normalize("NFKC", label)))


def tokens_in(line: Line, number: int) -> tuple[list[Token], str]:
    """Tokens of every table in a line, and the text without them. No tokens if there are too few labels."""
    text = line.text[:MAX_TEXT]
    hits = _hits(text)
    chunks = [chunk for chunk in _chunks(text, hits) if _enough(chunk) and not _is_prose(text, chunk)]
    if not chunks:
        return [], line.text
    tokens: list[Token] = []
    rest: list[str] = []
    at = 0
    for chunk in chunks:
        start, end = _bounds(text, chunk)
        rest.append(text[at:start])
        at = end
        tokens += _chunk_tokens(text, chunk, end, line.cells[0], number)
        tokens.append(Token(Kind.OTHER, Cell("", line.cells[0].place), (), (number,)))
    rest.append(line.text[at:])
    return tokens, "\n".join(part.strip() for part in rest if part.strip())


# markers in front of a label: 三、 （一） 2.
_LEAD = re.compile(
    r"(?:[(（][一二三四五六七八九十\d]{1,2}[)）]|[一二三四五六七八九十\d]{1,2}[、.．]|[①-⑩㈠-㈩]|其中[:：]?|\s)+"
)


def begins_like_a_label(text: str) -> bool:
    """Whether a line can begin with a label of the form: cheap, so that ordinary sentences cost nothing."""
    lead = _LEAD.match(text)
    start = _LOST.sub("", text[lead.end() if lead else 0 :][:8])
    return unicodedata.normalize("NFKC", start)[:2] in _index()


def row_tokens(line: Line, number: int) -> list[Token]:
    """A line of labels and figures without anything between them: ``二、上年结转政府信息公开申请数量0000000``. Empty if
    anything else stands in it."""
    text = line.text
    hits = _hits(text) if len(text) <= MAX_ROW and "。" not in text and begins_like_a_label(text) else []
    if not hits or _MARKER.sub("", text[: hits[0][0]]).strip():
        return []
    tokens = list(_chunk_tokens(text, hits, len(text), line.cells[0], number))
    return [] if any(token.kind is Kind.OTHER for token in tokens) else tokens


Hit = tuple[int, int, tuple[Ref, ...]]


def _hits(text: str) -> list[Hit]:
    """Labels in the text as (start, end, what it names), white space and punctuation inside them ignored."""
    index = _index()
    signs: list[str] = []
    where: list[int] = []
    for n, sign in enumerate(text):
        if _LOST.match(sign) is None:
            signs.append(unicodedata.normalize("NFKC", sign)[:1])
            where.append(n)
    plain = "".join(signs)
    headings = headings_in(text)
    hits: list[Hit] = []
    at = 0
    while at < len(plain) - 1:
        word = next((word for word in index.get(plain[at : at + 2], ()) if plain.startswith(word, at)), None)
        if word is None or (not (refs := lookup(word)) and "勾稽" not in word):
            at += 1
            continue
        start = where[at]
        if not any(a <= start < b for a, b in headings):
            hits.append((start, where[at + len(word) - 1] + 1, refs))
        at += len(word)
    return hits


def _chunks(text: str, hits: list[Hit]) -> Iterator[list[Hit]]:
    chunk: list[Hit] = []
    for hit in hits:
        gap = text[chunk[-1][1] : hit[0]] if chunk else ""
        if chunk and (not _near(gap) or headings_in(gap)):
            yield chunk
            chunk = []
        chunk.append(hit)
    if chunk:
        yield chunk


def _near(gap: str) -> bool:
    words = "".join(piece for piece in _PIECE.findall(gap) if not is_mark(piece))
    return len(words) <= GAP and "。" not in words


def _enough(chunk: list[Hit]) -> bool:
    """Enough labels of one table. Narratives name 行政许可 and 行政处罚 too, so table 2 needs a head as well."""
    for table, least in MIN_LABELS.items():
        own = {ref for _, _, refs in chunk for ref in refs if ref.table == table and len({r.table for r in refs}) == 1}
        heads = {ref for ref in own if ref.kind in ("column", "head", "group")}
        if len(own) >= least and (table in (1, 3) or heads):
            return True
    return False


def _is_prose(text: str, chunk: list[Hit]) -> bool:
    """Whether the labels stand in sentences: 行政复议3件，其中维持2件、纠正1件 is the narrative's, not table 4's."""
    gaps = [text[stop : chunk[n + 1][0]] for n, (_, stop, _) in enumerate(chunk[:-1])]
    return sum(_PROSE.search(gap) is not None for gap in gaps) * 3 >= len(gaps)


def _bounds(text: str, chunk: list[Hit]) -> tuple[int, int]:
    start = chunk[0][0]
    marker = _MARKER.search(text[max(0, start - 8) : start])
    if marker:
        start -= len(marker[0])
    end = chunk[-1][1]
    for piece in _PIECE.finditer(text, end):
        if not is_mark(piece[0]) or piece.start() - end > 4:
            break
        end = piece.end()
    return start, end


def _chunk_tokens(text: str, chunk: list[Hit], end: int, cell: Cell, number: int) -> Iterator[Token]:
    for n, (start, stop, refs) in enumerate(chunk):
        if refs:
            yield Token(Kind.LABEL, Cell(text[start:stop], cell.place), refs, (number,), lossy=True)
        last = n + 1 == len(chunk)
        gap = text[stop:end] if last else text[stop : chunk[n + 1][0]]
        if not last:
            gap = _MARKER.sub("", gap)
        for piece in _PIECE.findall(gap.lstrip("”’」』》\"')） ")):
            if is_mark(piece):
                yield Token(Kind.MARK, Cell(piece, cell.place, doubt=cell.doubt), (), (number,), lossy=True)
            elif re.search(r"\w", piece):
                yield Token(Kind.OTHER, Cell(piece, cell.place), (), (number,), lossy=True)
