"""Characters of symbol fonts, which word processors store by their place in the font."""

from __future__ import annotations

import re

WINGDINGS = dict(
    zip(
        (0x52, 0x6C, 0x6E, 0x6F, 0x71, 0x75, 0x76, 0x9E, 0x9F, 0xA7, 0xA8, 0xD8, 0xFB, 0xFC, 0xFE),
        "☑●■□❑◆❖·•▪□➢✗✓☑",
        strict=True,
    )
)
SYMBOL = dict(
    zip(
        (0xA3, 0xA5, 0xAE, 0xB0, 0xB1, 0xB3, 0xB4, 0xB7, 0xB8, 0xB9, 0xBB, 0xBC, 0xD7),
        "≤∞→°±≥×•÷≠≈…⋅",
        strict=True,
    )
)
CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨⑩"
UNKNOWN = "□"
RAISED, LEVEL = "\ufdd0", "\ufdd1"
"""Around raised text while a paragraph is put together; no characters of any text (Unicode calls them so)."""
BESIDE_FIGURE = re.compile(f"(?<=\\d)[{RAISED}{LEVEL}](?=\\d)")


def symbol(code: int, font: str) -> str:
    """The character at ``code`` of ``font``. F000 to F0FF stand for the font's own 00 to FF; what cannot be told is □,
    so that it is seen."""
    if not 0xF000 <= code <= 0xF0FF:
        return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else ""
    code -= 0xF000
    if font.lower().startswith("wingdings"):
        return CIRCLED[code - 0x80] if 0x80 <= code <= 0x8A else WINGDINGS.get(code, UNKNOWN)
    return chr(code) if 0x20 <= code < 0x7F else SYMBOL.get(code, UNKNOWN)


def joined_surrogates(text: str) -> str:
    """Two surrogates (a rare character of a place name) as the one character they mean."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def raised(text: str) -> str:
    """Raised or lowered text between marks, until ``noted`` has seen what stands beside it."""
    text = text.strip()
    return f"{RAISED}{text}{LEVEL}" if text else ""


def noted(text: str) -> str:
    """The text without the marks. A raised note must not become a digit of the figure beside it: 12¹ is «12^1»,
    ¹12 is «1^12»."""
    if RAISED not in text and LEVEL not in text:
        return text
    text = text.replace(LEVEL + RAISED, "")  # one note in two runs
    return BESIDE_FIGURE.sub("^", text).replace(RAISED, "").replace(LEVEL, "")
