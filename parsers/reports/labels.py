"""Labels of the form in one comparable shape, so that a label is found whatever its marker, brackets and spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DROPPED = re.compile(
    r"[\s\u00ad\u200b-\u200f\u2060\ufeff*#|`\"'“”‘’「」『』《》〈〉<>]+"  # white space, Markdown, quotes
)
_PUNCTUATION = re.compile(r"[、,;:。.·/\\_…~—–\-]+")
# 一、 (一) (1) 1. 1、 1) 其中: and, behind NFKC, ① ("1" before a Chinese character) and ㈠
_MARKER = re.compile(
    r"(?:\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}[、.,:)]|\(\d{1,2}\)|\d{1,2}[、.,:)]"
    r"|\d{1,2}(?=[一-鿿])|其中[:、,]?)"
)
_BRACKETS = re.compile(r"\([^()]*\)?")
_FOLDS = (
    ("其它", "其他"),
    ("新收到", "新收"),
    ("年度", "年"),
    ("或者", "或"),
    ("执法案件", "执法案卷"),
)
MAX_LENGTH = 160


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """``"(二) 部分公开 (区分处理的, 只计…)"`` -> ``"部分公开(区分处理的只计…"``: width folded, white space, quotes,
    Markdown and punctuation away, leading markers away, common variants of words folded. Empty for texts too
    long to be a label.
    """
    if len(text) > MAX_LENGTH * 2:
        return ""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", text))
    if len(plain) > MAX_LENGTH:
        return ""
    plain = plain.replace("〔", "(").replace("〕", ")").replace("【", "(").replace("】", ")")
    plain = without_marker(plain)
    plain = _PUNCTUATION.sub("", plain)
    for variant, usual in _FOLDS:
        plain = plain.replace(variant, usual)
    return plain


def without_marker(plain: str) -> str:
    """Up to three leading markers away: ``其中:1.当面申请数`` -> ``当面申请数``."""
    for _ in range(3):
        found = _MARKER.match(plain)
        if found is None or found.end() == len(plain):
            break
        plain = plain[found.end() :]
    return plain


def without_brackets(normal: str) -> str:
    """``部分公开(区分处理的…)`` -> ``部分公开``; a bracket that the page cut open counts to the end."""
    return _BRACKETS.sub("", normal).replace(")", "")
