"""Chinese full-text search: text is cut into pairs of characters on the way in, and so is the question.

SQLite's own tokenizer finds no word inside a Chinese sentence, and its trigrams miss words of two characters; pairs
find every word exactly. The file needs nothing but Python, so that sqlite-utils can load it too:
``sqlite-utils query reports.db "… match bigram_query(:q)" -p q 信息公开 --functions crawler/search.py``
"""

import re

HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+")  # 政府信息
WORD = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+|[0-9A-Za-z]+")  # 政府 or 2024 or pdf


def bigrams(text: str | None) -> str | None:
    """政府信息 2024 -> " 政府 府信 信息  2024". A lone character stands for itself."""
    return None if text is None else HAN.sub(lambda match: f" {_pairs(match.group())} ", text)


def _pairs(run: str) -> str:
    return " ".join(run[i : i + 2] for i in range(max(1, len(run) - 1)))


def bigram_query(question: str | None) -> str:
    """An FTS5 expression that finds every word of the question; a lone character finds words that begin with it.

    A question without a word finds nothing (an empty phrase) instead of failing.
    """
    words = WORD.findall(question or "")
    parts = [f'"{word}"*' if len(word) == 1 else f'"{_pairs(word)}"' for word in words if HAN.match(word)]
    parts += [f'"{word}"' for word in words if not HAN.match(word)]
    return " AND ".join(parts) or '""'
