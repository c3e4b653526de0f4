"""Chinese full-text search: text is cut into pairs of characters on the way in, and so is the question.

SQLite's own tokenizer finds no word inside a Chinese sentence, and its trigrams miss words of two characters. The index
knows which reports have all pairs of a question; ``hits`` looks into their texts, so that what is found has the words
themselves. The file needs nothing but Python, so that sqlite-utils can load it too:
``sqlite-utils query reports.db "… words match bigram_query(:q) and hits(text, :q)" --functions crawler/search.py``
"""

import re

HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+")  # 政府信息
WORD = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+|[0-9A-Za-z]+")  # 政府 or 2024 or pdf
MOST_WORDS = 40


def bigrams(text: str | None) -> str | None:
    """政府信息 2024 -> " 政府 府信 信息  2024". A lone character stands for itself."""
    return None if text is None else HAN.sub(lambda match: f" {' '.join(_pairs(match.group()))} ", text)


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(max(1, len(run) - 1))]


def bigram_query(question: str | None) -> str:
    """An FTS5 expression that finds every text with all pairs of the question; a lone character finds words that begin
    with it.

    A question without a word finds nothing (an empty phrase) instead of failing.
    """
    parts: list[str] = []
    for word in _words(question):
        if not HAN.match(word):
            parts.append(f'"{word}"')
        else:
            parts += [f'"{word}"*'] if len(word) == 1 else [f'"{pair}"' for pair in _pairs(word)]
    return " AND ".join(dict.fromkeys(parts)) or '""'


def _words(question: str | None) -> list[str]:
    return WORD.findall((question or "")[:400])[:MOST_WORDS]


def hits(text: str | None, question: str | None) -> int:
    """How often the words of a question stand in a text; 0 when one of them does not."""
    folded = (text or "").casefold()
    counts = [folded.count(word.casefold()) for word in _words(question)]
    return sum(counts) if counts and all(counts) else 0
