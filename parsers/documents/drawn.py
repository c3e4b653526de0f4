"""Tables drawn in lines of text: tabs, Markdown pipes, box characters, columns held by spaces.

Lines that fit no drawing without doubt stay lines: a reader of reports can still find rows in them, while a grid with
a cell in the wrong column would be believed.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.documents.content import LABELS, SECTIONS
from parsers.documents.limits import Limits
from parsers.documents.model import Block, Cell, Grid, Text, Unread


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end. ``place`` is where it stands; the place of its third field is ``place`` + ``f3``."""

    text: str
    place: str


Clean = Callable[[str], str]
Rows = list[list[Cell | None]]

Recogniser = Callable[[Sequence[Line], int, Clean], tuple[Rows, int] | None]
"""Rows of the table that begins at a line, and the number of the line behind it."""

QUOTED = re.compile(r'(?:^|\t)"')  # «"商业⏎企业"», as spreadsheets copy a cell of two lines
INDENTED = re.compile(r"\t+[^\t]+")  # a paragraph that begins with a tab
MARK = re.compile(r"[-−－+]?[\d,，.０-９]+|[-—－/／×无]{1,2}")  # 1,472 or a dash: what a cell of figures holds
SEPARATOR = re.compile(r"\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?")  # |:---|---:|
BAR = re.compile(r"(?<!\\)\|")
BREAK = re.compile(r"<br\s{0,9}/?>", re.I)
GAP = re.compile(r"[ \xa0\u2001-\u2003\u3000]{2,}|[\u2001\u2003\u3000]")
SENTENCE = 60
MOST_ENDS = 40
MOST_LINES = 400
MOST_TRIALS = 200


def blocks(lines: Sequence[Line], *, limits: Limits, clean: Clean = str.strip) -> list[Block]:
    """Lines in, blocks out, in order. ``clean`` is applied to every text and cell. Raises Unread ``too_large``."""
    found: list[Block] = []
    at = 0
    for start, end, grid in tables(lines, limits=limits, clean=clean):
        found += [Text(clean(line.text), line.place) for line in lines[at:start]]
        found.append(grid)
        at = end
    return [*found, *(Text(clean(line.text), line.place) for line in lines[at:])]


def tables(
    lines: Sequence[Line], *, limits: Limits, clean: Clean = str.strip, fixed_width: bool = True
) -> Iterator[tuple[int, int, Grid]]:
    """Tables with the first line of each and the line behind it. Without a font of fixed width nothing stands below
    anything else: only marks and equal gaps count then."""
    kinds: tuple[Recogniser, ...] = (_tabbed, _boxed, _piped, _gapped)
    if fixed_width:
        kinds = (_tabbed, _boxed, _piped, _regularly_gapped, _aligned, _gapped)
    cells = tried = 0
    at = 0
    while at < len(lines):
        taken = next((t for kind in kinds if (t := kind(lines, at, clean))), None)
        if taken is None:
            # thousands of lines with gaps that are no columns: a text set in another way
            tried += _has_gap(lines[at].text)
            if tried > MOST_TRIALS:
                kinds = kinds[:3]
            at += 1
            continue
        rows, end = taken
        cells += sum(map(len, rows))
        if cells > limits.cells:
            raise Unread("too_large", f"more than {limits.cells} cells")
        yield at, end, Grid(tuple(map(tuple, rows)), lines[at].place)
        at = end


def _run(lines: Sequence[Line], start: int, belongs: Callable[[str], bool]) -> int:
    end = start
    while end < len(lines) and belongs(lines[end].text):
        end += 1
    return end


# ---- tabs


def _tabbed(lines: Sequence[Line], start: int, clean: Clean) -> tuple[Rows, int] | None:
    """Consecutive lines with tabs are one ragged table; paragraphs indented by a tab around it are not rows."""
    if "\t" not in lines[start].text or _is_paragraph(lines[start].text):
        return None
    rows: Rows = []
    at = start
    while at < len(lines) and not _is_paragraph(lines[at].text):
        fields, used = _fields(lines, at)
        if len(fields) < 2:
            break
        rows.append([Cell(clean(field), f"{lines[at].place}f{n}") for n, field in enumerate(fields, 1)])
        at += used
    if all(sum(bool(cell and cell.text) for cell in row) < 2 for row in rows) and len(rows) < 2:
        return None
    return rows, at


def _is_paragraph(text: str) -> bool:
    return bool(INDENTED.fullmatch(text)) and (len(text) > SENTENCE or text.rstrip().endswith(("。", "；", "：")))


def _fields(lines: Sequence[Line], at: int) -> tuple[list[str], int]:
    """The fields of a line, and how many lines they take: a quoted field may go on in the next lines."""
    text = lines[at].text
    if QUOTED.search(text):
        reader = csv.reader((line.text + "\n" for line in lines[at : at + 12]), delimiter="\t", strict=True)
        try:
            return [field.strip("\n") for field in next(reader)], reader.line_num
        except csv.Error:
            pass
    return text.split("\t"), 1


# ---- Markdown pipes


def _piped(lines: Sequence[Line], start: int, clean: Clean) -> tuple[Rows, int] | None:
    end = _run(lines, start, lambda text: bool(BAR.search(text)))
    framed = 2 * sum(line.text.lstrip().startswith("|") for line in lines[start:end]) > end - start
    run = [(line, _bars(line.text.strip(), framed)) for line in lines[start:end]]
    # the line below the headings; further down the same dashes are cells
    rule = next((n for n, (line, _) in enumerate(run[:2]) if SEPARATOR.fullmatch(line.text.strip())), -1)
    if len(run) < 2 or (rule < 0 and min(len(fields) for _, fields in run) < 2):
        return None
    rows: Rows = []
    for n, (line, fields) in enumerate(run):
        if n != rule:
            texts = [BREAK.sub("\n", field).replace("\\|", "|") for field in fields]
            rows.append([Cell(clean(text), f"{line.place}f{k}") for k, text in enumerate(texts, 1)])
    return (rows, end) if rows else None


def _bars(text: str, framed: bool) -> list[str]:
    """Fields between bars. Only where most rows are framed by bars do the outer ones stand for nothing: elsewhere a bar
    at the start or end stands beside a blank field."""
    fields = BAR.split(text)
    if framed and text.startswith("|"):
        fields = fields[1:]
        if len(fields) > 1 and text.endswith("|") and not text.endswith("\\|"):
            fields = fields[:-1]
    return fields


# ---- box characters

VERTICAL = frozenset("│┃║┆┇┊┋╎╏|")
HORIZONTAL = frozenset("─━═┄┅┈┉╌╍-=")
RULE = re.compile(r"[─-╿=+-]+")
WIDEST_DRAWING = 400_000
"""Lines times edges of one drawing."""
BOX = re.compile(r"[─-╿]")
ASCII_RULE = re.compile(r"\s*\+(?:[-=]+\+)+\s*")  # +-----+----+


def _is_junction(char: str) -> bool:
    return char == "+" or ("─" <= char <= "╿" and char not in HORIZONTAL)


def _boxed(lines: Sequence[Line], start: int, clean: Clean) -> tuple[Rows, int] | None:
    first = lines[start].text
    if not (
        BOX.search(first) and sum(_is_junction(c) or c in HORIZONTAL for c in first) >= 3
    ) and not ASCII_RULE.fullmatch(first):
        return None
    end = start
    for at in range(start, len(lines)):
        text = lines[at].text.strip()
        if text and not (BOX.search(text) or ASCII_RULE.fullmatch(text) or text[0] == text[-1] == "|"):
            break
        end = at + 1 if text else end
    drawn = [line for line in lines[start:end] if line.text.strip()]
    if len(drawn) < 3:
        return None
    for widths in ((1, 1), (1, 2), (2, 2), (0, 0)):
        if rows := _Box(drawn, *widths).rows(clean, WIDEST_DRAWING):
            return rows, end
    rows = _split_bars(drawn, clean)
    return (rows, end) if rows else None


class _Box:
    """A drawing whose bars stand one below the other when a box character is ``box`` columns wide and an ambiguous
    one ``ambiguous`` (fonts differ in both); 0 counts every character as one."""

    def __init__(self, lines: Sequence[Line], box: int, ambiguous: int) -> None:
        self.lines = lines
        self.spread = [_spread(line.text, box, ambiguous) for line in lines]
        self.bars = [{x for x, c in enumerate(row) if c and (_is_junction(c) or c in VERTICAL)} for row in self.spread]
        self.edges = sorted({x for row in self.bars for x in row})

    def rows(self, clean: Clean, limit: int) -> Rows | None:
        """The table, or None when the drawing does not stand straight with these widths, or is too large."""
        if not 1 < len(self.edges) <= limit // len(self.lines):
            return None
        ruled = [[self._ruled(n, j) for j in range(len(self.edges) - 1)] for n in range(len(self.lines))]
        rules = [n for n, row in enumerate(ruled) if any(row)]
        if not self._straight(rules):
            return None
        bands = [(a + 1, b) for a, b in pairwise(rules) if b > a + 1]
        bands = [part for band in bands for part in self._lines_or_rows(band)]
        return self._cells(bands, ruled, clean) if bands else None

    def _straight(self, rules: Sequence[int]) -> bool:
        if len(rules) < 2 or rules[0] != 0 or rules[-1] != len(self.lines) - 1:
            return False
        if any(not bars or min(bars) != self.edges[0] or max(bars) != self.edges[-1] for bars in self.bars):
            return False
        # every bar hangs on a rule: a slash of width elsewhere would put bars between the edges of the rules
        return {x for n in rules for x in self.bars[n]} >= set(self.edges)

    def _between(self, n: int, left: int, right: int) -> str:
        return "".join(self.spread[n][self.edges[left] + 1 : self.edges[right]])

    def _ruled(self, n: int, j: int) -> bool:
        inner = self._between(n, j, j + 1)
        return bool(inner) and RULE.fullmatch(inner) is not None

    def _lines_or_rows(self, band: tuple[int, int]) -> list[tuple[int, int]]:
        """Lines between two rules are one row of wrapped cells, unless figures stand below each other in them."""
        start, end = band
        seen: set[int] = set()
        for n in range(start, end):
            figures = {j for j in range(len(self.edges) - 1) if MARK.fullmatch(self._between(n, j, j + 1).strip())}
            if figures & seen:
                return [(line, line + 1) for line in range(start, end)]
            seen |= figures
        return [band]

    def _cells(self, bands: Sequence[tuple[int, int]], ruled: Sequence[Sequence[bool]], clean: Clean) -> Rows | None:
        """Slots without a bar or a rule between them are one cell; None when that is no rectangle."""
        width = len(self.edges) - 1
        owner: list[list[tuple[int, int]]] = []
        for r, (start, end) in enumerate(bands):
            row: list[tuple[int, int]] = []
            for j in range(width):
                barred = j == 0 or any(self.edges[j] in self.bars[n] for n in range(start, end))
                row.append((r, j) if barred else row[-1])
            if r and bands[r - 1][1] + 1 == start:
                row = [own if ruled[start - 1][j] else owner[r - 1][j] for j, own in enumerate(row)]
            owner.append(row)
        slots: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for r, row in enumerate(owner):
            for j, first in enumerate(row):
                slots.setdefault(first, []).append((r, j))
        made: dict[tuple[int, int], Cell] = {}
        for first, covered in slots.items():
            top, bottom = covered[0][0], covered[-1][0] + 1
            left, right = min(j for _, j in covered), max(j for _, j in covered) + 1
            if len(covered) != (bottom - top) * (right - left):
                return None
            parts = [self._between(n, left, right).strip() for n in range(bands[top][0], bands[bottom - 1][1])]
            text = clean("\n".join(part for part in parts if part))
            made[first] = Cell(text, f"{self.lines[bands[top][0]].place}f{left + 1}", bottom - top, right - left)
        return [[made[first] for first in row] for row in owner]


def _spread(text: str, box: int, ambiguous: int) -> list[str]:
    """A character or nothing for each column of a line."""
    columns: list[str] = []
    for c in text.rstrip():
        width = 1 if not box else box if "─" <= c <= "╿" else display_width(c, ambiguous)
        columns.append(c)
        columns.extend([""] * (width - 1))
    return columns


def display_width(char: str, ambiguous: int = 2) -> int:
    """Columns of a character in a fixed-width font."""
    if unicodedata.combining(char):
        return 0
    kind = unicodedata.east_asian_width(char)
    return 2 if kind in "WF" else ambiguous if kind == "A" else 1


def _split_bars(lines: Sequence[Line], clean: Clean) -> Rows:
    """A drawing that does not stand straight: one row a line, as many cells as bars divide."""
    rows: Rows = []
    bar = re.compile("[" + re.escape("".join(sorted(VERTICAL))) + "]")
    for line in lines:
        if not bar.search(line.text):
            continue
        fields = bar.split(line.text.strip())[1:-1]
        rows.append([Cell(clean(field), f"{line.place}f{n}") for n, field in enumerate(fields, 1)])
    return rows


# ---- columns held by spaces

Span = tuple[int, int, str]
"""First and last column (exclusive) of a field in a fixed-width font, and its text."""


def _aligned(lines: Sequence[Line], start: int, clean: Clean) -> tuple[Rows, int] | None:
    """Lines whose fields stand below each other, as in a text made from a page.

    The longest run of lines that fits is one table; a line without gaps may be a row of one cell, but neither the first
    nor the last.
    """
    if not _has_gap(lines[start].text):
        return None
    ends = _ends(lines, start)
    for ambiguous in (2, 1):
        spread = [_spans(line.text, ambiguous) for line in lines[start : ends[0]]] if ends else []
        for end in ends:
            columns = _columns_of(spread[: end - start])
            if columns and (rows := _in_columns(lines[start:end], spread, columns, clean)):
                end = _last_labels(lines, start, end, columns, ambiguous)
                spread = [_spans(line.text, ambiguous) for line in lines[start:end]]
                return _in_columns(lines[start:end], spread, columns, clean) or rows, end
    return None


def _has_gap(text: str) -> bool:
    return bool(GAP.search(text.strip()))


def _ends(lines: Sequence[Line], start: int) -> list[int]:
    """Where a table that begins here may end, longest first: behind a line with gaps, at the latest before a blank
    line, a sentence or a heading of the report. Lines without gaps may stand inside."""
    ends: list[int] = []
    for at in range(start, min(start + MOST_LINES, len(lines))):
        text = lines[at].text
        if _has_gap(text):
            if ends and ends[-1] == at:
                ends[-1] = at + 1
            elif len(ends) < MOST_ENDS:
                ends.append(at + 1)
            else:
                break
        elif not text.strip() or _is_sentence(text.strip()) or SECTIONS.search(text):
            break
    return [end for end in reversed(ends) if end - start >= 3]


def _is_sentence(text: str) -> bool:
    return text.endswith(("。", "；", "：")) or len(text) > 2 * SENTENCE


def _last_labels(
    lines: Sequence[Line], start: int, end: int, columns: Sequence[tuple[int, int]], ambiguous: int
) -> int:
    """The end of a table with the rows right below it that have only a label, or nothing: filled up with spaces like
    the rows above them, or indented to where a column of the table begins."""
    width = max(len(line.text) for line in lines[start:end])
    for at in range(end, len(lines)):
        text = lines[at].text
        spans = _spans(text, ambiguous)
        padded = len(text) - len(text.rstrip(" ")) >= 4
        if not spans and len(text) < max(8, width // 2):
            return at
        if spans and (len(spans) > 1 or not (padded or spans[0][0] > 1)):
            return at
        if spans and sum(1 for left, right in columns if spans[0][0] < right and spans[0][1] > left) != 1:
            return at
    return len(lines)


def _spans(text: str, ambiguous: int) -> list[Span]:
    """Fields of a line with the columns they cover."""
    found: list[Span] = []
    x = 0
    for part in re.split(f"({GAP.pattern})", text.expandtabs(8)):
        width = sum(display_width(c, ambiguous) for c in part)
        if part.strip():
            lead = sum(display_width(c, ambiguous) for c in part[: len(part) - len(part.lstrip())])
            trail = sum(display_width(c, ambiguous) for c in part[len(part.rstrip()) :])
            found.append((x + lead, x + width - trail, part.strip()))
        x += width
    return found


def _columns_of(spread: Sequence[Sequence[Span]]) -> list[tuple[int, int]]:
    """Columns are where narrow fields overlap; a wider field that covers several of them is a heading over them. Empty
    when fewer than three come out, or when they overlap."""
    columns: list[tuple[int, int]] = []
    for left, right, _ in sorted((span for spans in spread for span in spans), key=lambda span: span[1] - span[0]):
        over = [n for n, (a, b) in enumerate(columns) if left < b and right > a]
        if not over:
            columns.append((left, right))
        elif len(over) == 1:
            columns[over[0]] = (min(left, columns[over[0]][0]), max(right, columns[over[0]][1]))
    columns.sort()
    return [] if len(columns) < 3 or any(a[1] > b[0] for a, b in pairwise(columns)) else columns


def _in_columns(
    lines: Sequence[Line], spread: Sequence[Sequence[Span]], columns: Sequence[tuple[int, int]], clean: Clean
) -> Rows | None:
    """Fields in their columns. None when two fields of a line stand in one column, or when a line of figures has a
    field over several columns: then the fields do not stand below each other."""
    rows: Rows = []
    for line, spans in zip(lines, spread, strict=False):
        row: list[Cell | None] = [None] * len(columns)
        figures = any(MARK.fullmatch(text) for _, _, text in spans)
        for n, (left, right, text) in enumerate(spans, 1):
            over = [j for j, (a, b) in enumerate(columns) if left < b and right > a]
            if not over or any(row[j] for j in over) or (figures and len(over) > 1):
                return None
            cell = Cell(clean(text), f"{line.place}f{n}", 1, len(over))
            row[over[0] : over[-1] + 1] = [cell] * len(over)
        # where nothing stands below a heading there is a blank cell, as between two tabs
        rows.append([cell or Cell("", f"{line.place}f{len(spans) + 1}") for cell in row])
    return rows


# ---- fields divided by a gap that is always the same

UNIT = re.compile(r"[ \xa0]{2,}|[\u2001\u2003\u3000]+")


def _regularly_gapped(lines: Sequence[Line], start: int, clean: Clean) -> tuple[Rows, int] | None:
    """As _gapped, but only where so many gaps are multiples of a wide one that columns below each other cannot be the
    reason."""
    return _gapped(lines, start, clean, least_gaps=8, least_unit=3)


def _gapped(
    lines: Sequence[Line], start: int, clean: Clean, least_gaps: int = 1, least_unit: int = 1
) -> tuple[Rows, int] | None:
    """Rows whose fields are divided by one and the same gap; a gap twice as wide is a blank cell.

    Two plain spaces are no safe unit: columns that are filled up with spaces have gaps of every even width.
    """
    if not _has_gap(lines[start].text):
        return None
    for end in [end for end in _ends(lines, start) if end - start >= 3]:
        gaps = [gap for line in lines[start:end] for gap in UNIT.findall(line.text.strip())]
        unit = min(gaps, key=len, default="")
        same = all(gap == unit for gap in gaps)
        if not unit or (not same and (unit == "  " or any(gap.replace(unit, "") for gap in gaps))):
            continue
        if len(gaps) < least_gaps or len(unit) < least_unit:
            continue
        while end < len(lines) and lines[end].text.endswith(unit):
            end += 1  # a label and gaps, or gaps alone: all figures are blank
        rows: Rows = [_split(line, unit, clean) for line in lines[start:end]]
        fields = [cell.text for row in rows for cell in row if cell]
        if 3 * sum(1 for text in fields if not text or MARK.fullmatch(text)) >= len(fields):
            return rows, end
    return None


def _split(line: Line, unit: str, clean: Clean) -> list[Cell | None]:
    return [Cell(clean(field), f"{line.place}f{n}") for n, field in enumerate(line.text.split(unit), 1)]


# ---- tables inside one long line

LONG = 600
DIVIDERS = ("|", "\u3000", "\u2003", "\xa0", " ", "；", ";", "，", ",")
LONGEST_LABEL = 45


def unrolled(text: str) -> list[str]:
    """A long line whose cells are divided by one sign, cell by cell, with what stands before and behind the tables;
    the line alone when that is not so.

    Plain spaces divide only where two in a row show that blank cells have kept their place: else a reader that counts
    would shift the figures behind each lost blank.
    """
    if len(text) < LONG or not LABELS.search(text):
        return [text]
    best = max(DIVIDERS, key=lambda divider: _cells_between(text.split(divider)))
    fields = [field.strip() for field in text.split(best)]
    labels = [n for n, field in enumerate(fields) if len(field) <= LONGEST_LABEL and LABELS.search(field)]
    if _cells_between(fields) < 40 or len(labels) < 4:
        return [text]
    start, end = labels[0], labels[-1] + 1
    while end < len(fields) and len(fields[end]) <= LONGEST_LABEL and "。" not in fields[end]:
        end += 1
    inside = fields[start:end]
    if (best == " " and "" not in inside) or any(len(field) > 2 * LONGEST_LABEL for field in inside):
        return [text]
    before, behind = best.join(fields[:start]).strip(), best.join(fields[end:]).strip()
    return [*([before] if before else []), *inside, *([behind] if behind else [])]


def _cells_between(fields: Sequence[str]) -> int:
    """How many fields are a figure, a mark or blank."""
    return sum(1 for field in fields if not field.strip() or MARK.fullmatch(field.strip()))
