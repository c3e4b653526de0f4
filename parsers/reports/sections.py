"""The sections of a report and their sub-sections, whatever their numbering, wording and order.

Headings are known by their names first, by their numbering second: numbers are lost, repeated and shifted in real
reports, and rows of tables look like headings.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from parsers.reports.form import EDITIONS, form, lookup
from parsers.reports.labels import normalise, without_brackets
from parsers.reports.model import Edition, Section

MAX_HEADING = 45
MAX_INLINE = 30
"""A heading in front of its text is not longer than this."""
MAX_PARTS = 300
"""A report has about fifteen; a text with more headings than this is none, and the rest of it stays text."""
MIN_CUT_LINE = 30
"""A shorter line without a full stop is a line of its own, not a paragraph cut by a page."""

_CHINESE = "一二三四五六七八九十"
_STYLES = {
    # 一、 一 、 一. 第一部分
    "cn": rf"(?:第[{_CHINESE}]{{1,3}}部分\s*[、:：]?|[{_CHINESE}]{{1,3}}\s*[、.．,，:：])",
    # （一） (一) (一)、 ㈠
    "cnp": rf"(?:[（(]\s*[{_CHINESE}]{{1,3}}\s*[）)]\s*[、.．]?|[㈠-㈩]\s*[、.．]?)",
    # 1. 1、 1．
    "num": r"\d{1,2}\s*[、.．](?!\d)",
    # （1） (1)
    "nump": r"[（(]\s*\d{1,2}\s*[）)]",
}
_MARK = re.compile(rf"(?:{'|'.join(f'(?P<{name}>{style})' for name, style in _STYLES.items())})\s*")
_BULLET = re.compile(r"^[-–•●·◆■]\s*")
_HASHES = re.compile(r"^\s{0,3}#{1,6}\s*")
_END = re.compile(r"[。！？!?；;：:”’』」)）》…\]】>]$")
# where an inline heading ends
_STOP = re.compile(r"[。：:；;]|\s(?=\S)")
# 存在的问题 公开不够全面: what ends like this in front of a space is a heading
_ENDED = re.compile(r"(?:问题|不足|措施|情况|建设|管理|保障|公开|打算)$")
# 主动公开信息100条: a sentence, not a heading
_COUNTED = re.compile(r"\d+\s*[条件个项次篇份期人万%％]")
_FOOTER = re.compile(
    r"^[\[【（(]?\s*(?:打印|关闭(?:窗口|本页)|分享(?:到|至)?|扫一扫|上一[篇条]|下一[篇条]|版权所有|主办单位?[:：]|承办单位?[:：]|责任编辑"
    r"|网站标识码|网站地图|返回顶部|联系我们|浏览次数|阅读次数|相关(?:链接|文章|新闻|阅读)|Copyright|©)"
    r"|ICP备|公网安备",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``level`` as marked up, 0 for body text. ``broken``: a table or something else that ends a paragraph follows."""

    text: str
    level: int = 0
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    """A possible heading. ``style`` and ``number`` of its marker, ``rest`` is what stands behind it in the line."""

    style: str
    number: int
    heading: str
    rest: str
    level: int


@dataclass(slots=True)
class _Part:
    depth: int
    key: str
    heading: str
    text: list[str]


def read(paragraphs: Sequence[Paragraph], edition: Edition | None = None) -> tuple[Section, ...]:
    """Sections in the order of the document. ``edition`` is that of the tables, if they tell one."""
    lines = list(_split(_joined(_cleaned(paragraphs))))
    marks = [_mark(line) for line in lines]
    outline = _outline(marks, edition)
    best: list[_Part] = []
    for run in _runs(lines, marks, outline):
        if sum(len(text) for part in run for text in part.text) > sum(len(t) for part in best for t in part.text):
            best = run
    return tuple(_numbered(best))


def is_footer(text: str) -> bool:
    """A line of the page, not of the report: print, share, previous, copyright."""
    return len(text) <= 80 and _FOOTER.search(text[:60]) is not None


# ---- paragraphs


def _cleaned(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    for paragraph in paragraphs:
        text = _HASHES.sub("", paragraph.text.replace("**", "").replace("__", "")).strip()
        hashes = len(paragraph.text) - len(paragraph.text.lstrip("# "))
        yield Paragraph(text, paragraph.level or min(hashes, 6), paragraph.broken)


def _joined(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Paragraphs cut by a page in mid-sentence put together, blank lines left out."""
    held: Paragraph | None = None
    for paragraph in paragraphs:
        if not paragraph.text:
            if paragraph.broken and held is not None:
                yield held
                held = None
            continue
        if held is not None and _goes_on(held, paragraph):
            held = Paragraph(held.text + paragraph.text, held.level, paragraph.broken)
            continue
        if held is not None:
            yield held
        held = paragraph
    if held is not None:
        yield held


def _goes_on(before: Paragraph, after: Paragraph) -> bool:
    if before.broken or before.level or after.level or _END.search(before.text) or _MARK.match(after.text):
        return False
    if len(before.text) < MIN_CUT_LINE:
        return False
    if _key_of(before.text) or _key_of(after.text):
        return False
    return len(after.text) > MAX_INLINE or bool(_END.search(after.text)) or before.text[-1] in "，,、"


def _split(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Headings inside long paragraphs begin paragraphs of their own (whole reports stand in one)."""
    for paragraph in paragraphs:
        text = paragraph.text
        at = 0
        if len(text) > MAX_HEADING:
            for found in _inner().finditer(text):
                start = found.start()
                if start > at and text[start - 1] not in "“‘《〈「\"'第":
                    yield Paragraph(text[at:start].strip(), paragraph.level)
                    at = start
        yield Paragraph(text[at:].strip(), paragraph.level, paragraph.broken)


def headings_in(text: str) -> list[tuple[int, int]]:
    """Where numbered names of sections stand in a text, as (start, end)."""
    return [found.span() for found in _inner().finditer(text)]


@cache
def _inner() -> re.Pattern[str]:
    """一、总体情况 or （二）依申请公开 anywhere in a line: only names that the form has."""
    tops, parts = _names()
    top = "|".join(sorted(map(_spaced, {label for label in tops if len(label) > 2}), key=len, reverse=True))
    part = "|".join(sorted(map(_spaced, parts), key=len, reverse=True))
    return re.compile(
        rf"(?:[{_CHINESE}]{{1,2}}\s?[、.．]\s*(?:{top})|[（(][{_CHINESE}]{{1,2}}[）)]\s*(?:{part}|存在|改进))"
    )


def _spaced(label: str) -> str:
    return re.escape(label).replace("、", "[、，,]?")


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    tops: set[str] = set()
    parts: set[str] = set()
    for edition in EDITIONS:
        for section in form(edition).sections:
            tops.update((section.label, *section.aliases))
            for part in section.parts:
                parts.update((part.label, *part.aliases))
    return frozenset(tops), frozenset(parts)


# ---- headings


def _mark(paragraph: Paragraph) -> _Mark | None:
    """The heading that a paragraph begins with, if any."""
    text = _BULLET.sub("", paragraph.text)
    found = _MARK.match(text)
    if found is None:
        name = text.rstrip("。：:；;")
        known = len(text) <= MAX_INLINE and _key_of(name)
        return _Mark("", 0, name, "", paragraph.level) if known or (paragraph.level and len(name) <= 40) else None
    if _is_row(text):
        return None
    style = next(name for name in _STYLES if found[name])
    number = _number(found[0])
    heading, rest = _heading(text[found.end() :])
    return _Mark(style, number, heading, rest, paragraph.level)


def _is_row(text: str) -> bool:
    """一、本年新收政府信息公开申请数量 is a row of table 3, not a section."""
    return len(text) <= MAX_HEADING + 40 and any(ref.table == 3 and ref.kind != "column" for ref in lookup(text))


def _number(marker: str) -> int:
    """The number in a marker: （十二） -> 12, 3. -> 3, ㈡ -> 2."""
    if digits := re.search(r"\d+", unicodedata.normalize("NFKC", marker)):
        return int(digits[0])
    signs = "".join(sign for sign in unicodedata.normalize("NFKC", marker) if sign in _CHINESE)
    tens, ten, ones = signs.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_digit(tens) or 1) * 10 + _digit(ones) if ten else _digit(tens)


def _digit(sign: str) -> int:
    return _CHINESE.index(sign) + 1 if sign else 0


def _heading(text: str) -> tuple[str, str]:
    """Heading and what follows in the same line; no heading if the line is a sentence from the start."""
    text = text.strip()
    whole = text.rstrip("。：:；;")
    name, space, rest = text.partition(" ")
    if space and not _key_of(whole) and (_key_of(name) or (_ENDED.search(name) and len(name) <= 15 and len(rest) > 8)):
        return name, rest.strip()
    if len(whole) <= MAX_HEADING and not re.search(r"[。：:；;]", whole) and not _COUNTED.search(whole):
        return whole, ""
    stop = _STOP.search(text)
    while stop is not None and stop.end() <= MAX_INLINE + 1:
        head = text[: stop.start()].strip()
        if not stop[0].isspace() or _key_of(head):
            return (head, text[stop.end() :].strip()) if head and not _COUNTED.search(head) else ("", text)
        stop = _STOP.search(text, stop.end())
    for end in range(min(MAX_INLINE, len(text)), 3, -1):
        if _exact(text[:end]) and text[end : end + 1].isdigit():
            return text[:end], text[end:].strip()
    return "", text


# ---- names


@dataclass(frozen=True, slots=True)
class _Outline:
    edition: Edition
    style: str


@lru_cache(maxsize=4096)
def _exact(text: str) -> bool:
    normal = normalise(text)
    return any(normal in table for edition in EDITIONS for table in _index(edition))


@lru_cache(maxsize=4096)
def _key_of(text: str) -> bool:
    """A name of some section, exactly but for width, spaces and marker."""
    return len(text) <= MAX_HEADING and _exact(text)


@cache
def _index(edition: Edition) -> tuple[dict[str, str], dict[str, str]]:
    """Normal names of the sections of an edition, and of their parts."""
    tops: dict[str, str] = {}
    parts: dict[str, str] = {}
    for section in form(edition).sections:
        for label in (section.label, *section.aliases):
            tops.setdefault(normalise(label), section.key)
        for part in section.parts:
            for label in (part.label, *part.aliases):
                parts.setdefault(normalise(label), part.key)
    return tops, parts


# Words that name a section when no exact name fits, in this order. The key is the first that its edition has.
_HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"问题.*(?:改进|措施|打算|建议|对策)|存在.*(?:问题|不足|困难)|问题和不足", ("problems",)),
    (r"(?:其[他它]|需要).*(?:事项|报告|说明|汇报)", ("other_matters",)),
    (r"复议|诉讼", ("review_litigation_table", "review_litigation")),
    (r"收费|费用|减免", ("fees",)),
    (r"依申请|申请.*(?:处理|办理|接收|受理)|(?:收到|受理|处理|办理).*申请", ("requests_table", "on_request")),
    (r"回应|解读", ("response",)),
    (r"机构建设|保障经费|机构设置|人员.*经费", ("capacity",)),
    (r"主动公开", ("proactive_table", "proactive")),
    (r"^(?:20\d\d年)?(?:政务公开|政府信息公开)?(?:工作)?(?:总体|基本|概况|概述|综述)", ("overview",)),
)
_PART_HINTS = (
    (r"依申请", "overview.on_request"),
    (r"平台", "overview.platforms"),
    (r"监督|保障", "overview.supervision"),
    (r"信息管理|信息的?规范管理", "overview.information_management"),
    (r"主动公开", "overview.proactive"),
)


@lru_cache(maxsize=4096)
def _top_key(heading: str, edition: Edition, *, hints: bool) -> str:
    tops, _ = _index(edition)
    normal = without_brackets(normalise(heading))
    if normal in tops:
        return tops[normal]
    if hints and len(normal) <= MAX_INLINE:
        keys = set(tops.values())
        for pattern, names in _HINTS:
            if re.search(pattern, normal):
                for name in names:
                    if name in keys:
                        return name
    return ""


@lru_cache(maxsize=4096)
def _part_key(heading: str, edition: Edition) -> str:
    _, parts = _index(edition)
    normal = without_brackets(normalise(heading))
    if normal in parts:
        return parts[normal]
    if parts and len(normal) <= 20:
        return next((key for pattern, key in _PART_HINTS if re.search(pattern, normal)), "")
    return ""


def _outline(marks: Sequence[_Mark | None], edition: Edition | None) -> _Outline:
    """Which edition's names the headings bear, and how its sections are numbered."""
    score = {candidate: _score(marks, candidate) for candidate in EDITIONS}
    if edition is not None:
        score[edition] += 1
    chosen = max(EDITIONS, key=lambda candidate: score[candidate])
    styles = Counter(
        mark.style for mark in marks if mark is not None and mark.style and _top_key(mark.heading, chosen, hints=False)
    )
    style, count = styles.most_common(1)[0] if styles else ("cn", 0)
    return _Outline(chosen, style if count >= 2 and styles["cn"] < count else "cn")


def _score(marks: Sequence[_Mark | None], edition: Edition) -> int:
    found = {_top_key(mark.heading, edition, hints=False) for mark in marks if mark is not None and mark.heading}
    found |= {_part_key(mark.heading, edition) for mark in marks if mark is not None and mark.style == "cnp"}
    return len(found - {""})


# ---- the outline


def _runs(lines: Sequence[Paragraph], marks: Sequence[_Mark | None], outline: _Outline) -> Iterator[list[_Part]]:
    """Parts in order. A second overview behind later sections begins another run: a table of contents stands before
    the text, or a page prints its text twice."""
    run: list[_Part] = []
    number, nested = 0, ""
    for line, found in zip(lines, marks, strict=True):
        mark = found if len(run) < MAX_PARTS else None
        depth, key = _depth(mark, outline, number, nested, run) if mark is not None else (0, "")
        if mark is None or not depth:
            if run and is_footer(line.text):
                yield run
                run, number, nested = [], 0, ""
            elif run:
                run[-1].text.append(line.text)
            continue
        if depth == 1:
            if key == "overview" and len({part.key for part in run if part.depth == 1}) > 2:
                yield run
                run = []
            number, nested = mark.number, ""
        elif not nested:
            nested = mark.style
        run.append(_Part(depth, key, mark.heading, [mark.rest] if mark.rest else []))
    if run:
        yield run


def _depth(mark: _Mark, outline: _Outline, number: int, nested: str, run: Sequence[_Part]) -> tuple[int, str]:
    """1 for a section, 2 for a sub-section, 0 for text; and the form's name for it."""
    top = _top_key(mark.heading, outline.edition, hints=mark.style == outline.style)
    inside = run[-1].key.partition(".")[0] if run else ""
    section = next((part.key for part in reversed(run) if part.depth == 1), "")
    part = _part_key(mark.heading, outline.edition) if section == "overview" or inside == "overview" else ""
    if mark.style == outline.style and not (part and not _top_key(mark.heading, outline.edition, hints=False)):
        if top and not _seen(top, run, mark, number):
            return 1, top
        if mark.heading and not mark.rest and number < mark.number <= number + 2:
            return 1, top
        if top and not run:
            return 1, top
    elif not mark.style and top and _alone(mark, outline, top, part) and not _seen(top, run, mark, number):
        return 1, top
    if not run:
        return 0, ""
    if not mark.style:
        return (2, part) if part and nested in ("", mark.style) else (0, "")
    if nested and mark.style != nested:
        return 0, ""
    if not nested and mark.number > 1 and not part:
        return 0, ""
    if mark.style in ("num", "nump") and not mark.heading:
        return 0, ""
    return 2, part


def _seen(key: str, run: Sequence[_Part], mark: _Mark, number: int) -> bool:
    """A name that was there before is a sub-section unless its number goes on. The overview may begin a second run."""
    if key == "overview" and len({part.key for part in run if part.depth == 1}) > 2:
        return False
    return any(part.key == key and part.depth == 1 for part in run) and mark.number != number + 1


def _alone(mark: _Mark, outline: _Outline, key: str, part: str) -> bool:
    """A name without a number is a heading if it is one of the form's, exactly; one that may also be the name of a part
    must be the form's own wording."""
    normal = normalise(mark.heading)
    if part:
        return any(
            section.key == key and normalise(section.label) == normal for section in form(outline.edition).sections
        )
    return _index(outline.edition)[0].get(normal) == key


def _numbered(run: Sequence[_Part]) -> Iterator[Section]:
    top = sub = 0
    for n, part in enumerate(run):
        if part.depth == 1:
            top, sub = top + 1, 0
            below = _below(run, n + 1)
            yield Section(str(top), part.key, part.heading, "\n".join([*part.text, *below]))
        else:
            sub += 1
            yield Section(f"{top}.{sub}", part.key, part.heading, "\n".join(part.text))


def _below(run: Sequence[_Part], start: int) -> Iterator[str]:
    for part in run[start:]:
        if part.depth == 1:
            return
        if part.heading:
            yield part.heading
        yield from part.text
