"""Made-up reports as plain text: tabs as in the real texts, Markdown, drawings, and texts whose delimiters are lost."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.generator.html import box, display_width
from tests.generator.layout import Layout, Slot, expand, layouts
from tests.generator.report import MadeReport

Writer = Callable[[MadeReport, random.Random], bytes]
Drawing = Callable[[int, Layout], list[str]]


def lines(report: MadeReport, draw: Drawing, gap: str = "", mark: str = "") -> list[str]:
    """``mark`` stands before headings; ``gap`` is the line between paragraphs."""
    drawn = layouts(report)
    parts = [mark[:-2] + report.title if mark else report.title, report.preamble]
    for n, (heading, paragraphs) in enumerate(report.sections, 1):
        parts += [mark + heading, *paragraphs]
        if n in drawn:
            parts.append("\n".join(draw(n, drawn[n])))
    return (
        [*parts, *report.signature]
        if not gap
        else [part for text in [*parts, *report.signature] for part in (text, "")]
    )


def tabbed_rows(number: int, layout: Layout) -> list[str]:
    """Spans lost: a text once, blanks in the slots it covers, as in the texts published by portals."""
    return ["\t".join(slot.text if begins else "" for slot, begins in slots) for slots in expand(layout)]


def tabs(report: MadeReport, rng: random.Random) -> bytes:
    return _encoded("\n\n".join(lines(report, tabbed_rows)), rng)


def shifted_tabs(report: MadeReport, rng: random.Random) -> bytes:
    """The geometry of the real texts: nested rows stand one slot to the right of their header, totals one to the left,
    header words over two lines."""

    def draw(number: int, layout: Layout) -> list[str]:
        rows = tabbed_rows(number, layout)
        if number == 3:
            return [_shifted(slots, row) for slots, row in zip(layout, rows, strict=True)]
        if number == 4:
            heads = rows[2].split("\t")
            return [*rows[:2], "\t".join(h[:2] for h in heads), "\t".join(h[2:] for h in heads), *rows[3:]]
        return rows

    def _shifted(slots: list[Slot], row: str) -> str:
        key = next((slot.key for slot in slots if slot.key), None)
        if key is None:
            return row.removesuffix("\t") + "\t"
        cells = row.split("\t")
        labels, figures = cells[:3], cells[3:]
        if "." in key[1]:
            return "\t".join([*labels, *figures])
        kept = [label for label in labels if label] or [""]
        return "\t".join(
            [*(["", *kept] if len(kept) == 1 and key[1] not in ("received", "carried_in") else kept), *figures, ""]
        )

    return "\n\n".join(lines(report, draw)).encode()


def cut_tabs(report: MadeReport, rng: random.Random) -> bytes:
    """Tables cut by pages: a blank line, and behind it the columns of the outer labels are gone."""

    def draw(number: int, layout: Layout) -> list[str]:
        rows = tabbed_rows(number, layout)
        if number != 3:
            return rows
        first = rng.randint(6, 12)
        second = first + rng.randint(3, 9)
        tail = [row.split("\t") for row in rows[second:]]
        return [*rows[:first], "", *rows[first:second], "", *("\t".join(row) for row in tail)]

    return _encoded("\n".join(lines(report, draw)), rng)


def cell_lines(report: MadeReport, rng: random.Random) -> bytes:
    """One cell a line, blank cells as blank lines."""
    return _encoded(
        "\n".join(lines(report, lambda number, layout: [slot.text for slots in layout for slot in slots])), rng
    )


def spaces(report: MadeReport, rng: random.Random) -> bytes:
    """Cells divided by one space; blank ones are gone."""

    def draw(number: int, layout: Layout) -> list[str]:
        return [" ".join(slot.text for slot in slots if slot.text) for slots in layout]

    return _encoded("\n".join(lines(report, draw)), rng)


def one_line(report: MadeReport, rng: random.Random) -> bytes:
    """No line breaks at all, cells divided by spaces, blank ones gone."""

    def draw(number: int, layout: Layout) -> list[str]:
        return [" ".join(slot.text for slots in layout for slot in slots if slot.text)]

    return " ".join(lines(report, draw)).encode()


def glued(report: MadeReport, rng: random.Random) -> bytes:
    """Cells without anything between them: which digits belong together cannot be known."""

    def draw(number: int, layout: Layout) -> list[str]:
        return ["".join(slot.text for slot in slots) for slots in layout]

    return "\n".join(lines(report, draw)).encode()


def aligned(report: MadeReport, rng: random.Random) -> bytes:
    """Columns held by spaces, as a text made from a PDF."""

    def draw(number: int, layout: Layout) -> list[str]:
        rows = [[slot.text if begins else "" for slot, begins in slots] for slots in expand(layout)]
        sizes = [max(display_width(row[c]) for row in rows) + 3 for c in range(len(rows[0]))]
        return [
            "".join(t + " " * (size - display_width(t)) for t, size in zip(row, sizes, strict=True)) for row in rows
        ]

    return "\n".join(lines(report, draw)).encode()


def drawn(report: MadeReport, rng: random.Random) -> bytes:
    return "\n".join(lines(report, lambda number, layout: box(layout).split("\n"))).encode()


def ascii_drawn(report: MadeReport, rng: random.Random) -> bytes:
    """+---+ and | |, a rule below every row."""

    def draw(number: int, layout: Layout) -> list[str]:
        rows = [[slot.text if begins else "" for slot, begins in slots] for slots in expand(layout)]
        sizes = [max(display_width(row[c]) for row in rows) for c in range(len(rows[0]))]
        rule = "+" + "+".join("-" * (size + 2) for size in sizes) + "+"
        out = [rule]
        for row in rows:
            out += [
                "|"
                + "|".join(f" {t}{' ' * (size - display_width(t))} " for t, size in zip(row, sizes, strict=True))
                + "|",
                rule,
            ]
        return out

    return "\n".join(lines(report, draw)).encode()


def markdown(report: MadeReport, rng: random.Random) -> bytes:
    """Headings, pipe tables, bold words; spans lost or repeated."""
    repeated = rng.random() < 0.5

    def draw(number: int, layout: Layout) -> list[str]:
        rows = [[slot.text if begins or repeated else "" for slot, begins in slots] for slots in expand(layout)]
        written = [f"| {' | '.join(row)} |" for row in rows]
        return [written[0], "|" + " --- |" * len(rows[0]), *written[1:]]

    return (
        "\n\n".join(f"{part}" for part in lines(report, draw, mark="## "))
        .replace("（一）主动公开。", "**（一）主动公开。**")
        .encode()
    )


def markdown_tabs(report: MadeReport, rng: random.Random) -> bytes:
    return "\n\n".join(lines(report, tabbed_rows, mark=rng.choice(("## ", "#### ")))).encode()


def _encoded(text: str, rng: random.Random) -> bytes:
    text = text.replace("\n", rng.choice(("\n", "\n", "\r\n")))
    return text.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16")))


EXACT: dict[str, Writer] = {
    "text tabs": tabs,
    "text tabs shifted": shifted_tabs,
    "text tabs cut": cut_tabs,
    "text drawn": drawn,
    "text drawn in ascii": ascii_drawn,
    "text aligned": aligned,
    "text cell lines": cell_lines,
    "markdown": markdown,
    "markdown tabs": markdown_tabs,
}
LOST: dict[str, Writer] = {"text spaces": spaces, "text one line": one_line, "text glued": glued}
"""Delimiters are lost: cells may be missing, but none may be wrong."""

WRITERS: dict[str, Writer] = {**EXACT, **LOST}
