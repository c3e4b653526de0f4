"""Bytes of a text to characters, by what the bytes are. A declared charset is a hint that is often wrong on portals:
``gb2312`` means GB18030, ``utf-8`` is declared over GBK bytes, and some pages were encoded twice."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
OTHER_CHARSETS = frozenset({"big5", "big5hkscs", "shift_jis", "euc_jp", "euc_kr", "hz"})
"""Charsets that are believed when declared and when the bytes fit; any Chinese page would else be GB18030."""

# Characters of which any Chinese page of an authority has some; mojibake has nearly none of them.
COMMON = re.compile("[的一是在和人为中大国年月日政府信息公开报告工作度情况本机关项件数]")
DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)  # <meta charset="gb2312">
SAMPLE = 200_000
DAMAGED = 0.05


def decode(body: bytes, declared: str = "") -> tuple[str, str]:
    """The text and the Python name of its charset. Never raises: undecodable bytes become U+FFFD."""
    for bom, name in BOMS:
        # the mark of UTF-8 also stands before GBK: an included file brought it
        if body.startswith(bom) and name != "utf-8":
            return body[len(bom) :].decode(name, "replace"), name
    body = body.removeprefix(codecs.BOM_UTF8)
    if wide := _utf_16(body):
        return body.decode(wide, "replace"), wide
    text, name = _narrow(body, declared)
    return _unmangled(text), name


def _utf_16(body: bytes) -> str:
    """UTF-16 without a byte order mark: nearly every ASCII character in it has its NUL on the same side."""
    sample = body[: SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 100 <= len(sample) or 2 * min(even, odd) >= max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _narrow(body: bytes, declared: str) -> tuple[str, str]:
    for name in ("utf-8", *_believed(body, declared)):
        try:
            return body.decode(name), name
        except UnicodeDecodeError:
            continue
    # a UTF-8 page with a few damaged bytes can be well-formed GB18030, so the language decides
    name = max(("gb18030", "utf-8"), key=lambda name: _plausible(body[:SAMPLE].decode(name, "replace")))
    return body.decode(name, "replace"), name


def _plausible(text: str) -> int:
    return len(COMMON.findall(text)) - 3 * text.count("�")


def _believed(body: bytes, declared: str) -> Iterator[str]:
    in_page = DECLARED.search(body, 0, 4096)
    for name in (declared, in_page[1].decode("ascii") if in_page else ""):
        try:
            known = codecs.lookup(name.strip().lower()).name if name.strip() else ""
        except LookupError:
            continue
        if known in OTHER_CHARSETS:
            yield known


def _unmangled(text: str) -> str:
    """Undo one wrong decoding (UTF-8 bytes once read as Latin-1, Windows-1252 or GBK and saved again).

    Only when the text as it stands has no common character and the repair is exact and gives many.
    """
    sample = text[:SAMPLE]
    if sample.isascii() or COMMON.search(sample):
        return text
    for wrong in ("latin-1", "cp1252", "gb18030"):
        try:
            repaired = text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
        if len(COMMON.findall(repaired[:SAMPLE])) >= 3:
            return repaired
    return text


def is_text(text: str) -> bool:
    """Whether decoded bytes are a text at all: few control characters, few undecodable ones."""
    sample = text[:20_000]
    return len(STRANGE.findall(sample)) <= DAMAGED * len(sample)


STRANGE = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f\ufffd]")
