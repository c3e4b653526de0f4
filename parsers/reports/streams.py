"""Tables without a grid: one cell a line, one row a line, or everything in running text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.documents.model import Cell
from parsers.reports.form import Ref, lookup
from parsers.reports.lines import Line
from parsers.reports.running import begins_like_a_label, row_tokens, tokens_in
from parsers.reports.statistics import UNITS
from parsers.reports.tokens import Kind, Token
from parsers.reports.values import is_blank, is_mark

SHORT = 60
LONG_ROW = 160
MIN_LABELS = {1: 6, 2: 3, 3: 5, 4: 4}
WIDTHS = {3: 7, 4: 15}
MIN_FIGURES = 5
"""A line of figures without a label: fewer are a page number or a date."""
# - 3 -, 第3页, 第 3 页 共 8 页, 3 / 8
_PAGE = re.compile(r"[-—–－]\s*\d{1,3}\s*[-—–－]|第\s*\d{1,3}\s*页.{0,12}|\d{1,3}\s*/\s*\d{1,3}")
# （一）予以公开 0 0 0 0 0 0 0, 行政处罚/
_FIGURE_END = re.compile(r"[\d/／\-－—–无]$")


def text_rows(lines: Sequence[Line]) -> tuple[dict[int, list[Line]], set[int]]:
    """Rows rebuilt from lines of text, by the number of the line they begin at (other lines of a table have none), and
    the numbers of all lines that are part of a table."""
    rows: dict[int, list[Line]] = {}
    consumed: set[int] = set()
    for number, run in enumerate(_runs(lines), 1):
        tokens = _tokens(lines, run)
        tokens = _trimmed(tokens)
        if not tokens or not _is_table(tokens, after_grid=run[0] > 0 and bool(_before(lines, run[0]))):
            continue
        used = {n for token in tokens if token.kind != Kind.OTHER for n in token.lines}
        consumed |= used
        built = build(tokens, -number)
        first = min(used)
        rows.update({n: [] for n in used})
        rows[first] = built
    return rows, consumed


def long_rows(lines: Sequence[Line], missing: set[int]) -> tuple[list[Line], dict[int, str]]:
    """Rows of the missing tables found inside long lines, and what is left of those lines."""
    found: list[Line] = []
    cut: dict[int, str] = {}
    for n, line in enumerate(lines):
        if line.grid or len(line.text) < SHORT:
            continue
        tokens, rest = tokens_in(line, n)
        tokens = [token for token in tokens if token.kind == Kind.OTHER or _wanted(token, missing)]
        if tokens:
            found += build(tokens, -10_000 - n, lossy=True)
            cut[n] = rest
    return found, cut


def _wanted(token: Token, missing: set[int]) -> bool:
    return token.kind != Kind.LABEL or any(ref.table in missing or ref.table == 1 for ref in token.refs)


def _before(lines: Sequence[Line], n: int) -> int:
    """The grid that ends right above line ``n``, 0 for none."""
    for line in reversed(lines[max(0, n - 3) : n]):
        if line.grid:
            return line.grid
        if line.text:
            return 0
    return 0


def _runs(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Numbers of neighbouring lines of text without long sentences among them."""
    run: list[int] = []
    for n, line in enumerate(lines):
        if not line.grid and (len(line.text) <= SHORT or _tail(line.text)):
            run.append(n)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _tail(text: str) -> int:
    """How many figures end a line that is one row of a table: ``（一）予以公开 0 0 0 0 0 0 0`` has 7."""
    if len(text) > LONG_ROW:
        return 0
    count = 0
    for word in reversed(text.split()):
        if not is_mark(word):
            break
        count += 1
    return count


def _tokens(lines: Sequence[Line], run: Sequence[int]) -> list[Token]:
    tokens: list[Token] = []
    n = 0
    while n < len(run):
        line = lines[run[n]]
        cell, text = line.cells[0], line.text
        if is_blank(text):
            tokens.append(Token(Kind.BLANK, cell, (), (run[n],)))
        elif _fills_a_cell(text, tokens):
            tokens.append(Token(Kind.MARK, cell, (), (run[n],)))
        elif _FIGURE_END.search(text) and (row := _row(line, run[n]))[0].kind is not Kind.OTHER:
            tokens += row
        elif refs := lookup(text):
            tokens.append(Token(Kind.LABEL, cell, refs, (run[n],)))
        elif _PAGE.fullmatch(text) is None:
            taken = _other(lines, run[n : n + 4], tokens)
            n += taken - 1
        n += 1
    return tokens


def _fills_a_cell(text: str, tokens: Sequence[Token]) -> bool:
    """A figure or a mark; behind a label also a unit, which has a column of its own in table 1."""
    if text in UNITS:
        return bool(tokens) and tokens[-1].kind is Kind.LABEL
    return is_mark(text) and len(text.split()) < MIN_FIGURES


def _other(lines: Sequence[Line], ahead: Sequence[int], tokens: list[Token]) -> int:
    """A line that is no cell by itself: the rest of the label above, the beginning of a label over several lines, a
    whole row, or something else. Appends its tokens and says how many lines it took."""
    line = lines[ahead[0]]
    row = _row(line, ahead[0])
    if row[0].kind is not Kind.OTHER:
        tokens += row
        return 1
    before = tokens[-1] if tokens else None
    if before is not None and before.kind is Kind.LABEL:
        joined = lookup(before.cell.text + line.text)
        if joined and joined == before.refs:
            tokens[-1] = Token(Kind.LABEL, before.cell, before.refs, (*before.lines, ahead[0]))
            return 1
    for count in range(2, len(ahead) + 1 if len(line.text) <= SHORT and begins_like_a_label(line.text) else 0):
        text = "".join(lines[n].text for n in ahead[:count])
        if lines[ahead[count - 1]].text and (refs := lookup(text)):
            tokens.append(Token(Kind.LABEL, Cell(text, line.cells[0].place), refs, tuple(ahead[:count])))
            return count
    tokens += row
    return 1


def _row(line: Line, n: int) -> list[Token]:
    """A row in one line: words that name a label, then figures. Anything else is one token of no use."""
    words = line.text.split()
    cell = line.cells[0]
    found: list[Token] = []
    start = 0
    while start < len(words):
        if _fills_a_cell(words[start], found):
            found.append(Token(Kind.MARK, Cell(words[start], cell.place, doubt=cell.doubt), (), (n,), lossy=True))
            start += 1
            continue
        for end in range(min(len(words), start + 6), start, -1):
            text = "".join(words[start:end])
            if any(map(is_mark, words[start:end])) or _FIGURE_END.search(text):
                continue
            if refs := lookup(text):
                found.append(Token(Kind.LABEL, Cell(text, cell.place), refs, (n,), lossy=True))
                start = end
                break
        else:
            return row_tokens(line, n) or [Token(Kind.OTHER, cell, (), (n,))]
    whole = any(token.kind is Kind.LABEL for token in found) or len(found) >= MIN_FIGURES
    return found if whole else [Token(Kind.OTHER, cell, (), (n,))]


def _trimmed(tokens: list[Token]) -> list[Token]:
    """From the first label to the last label or figure."""
    labels = [n for n, token in enumerate(tokens) if token.kind is Kind.LABEL]
    if not labels:
        return []
    ends = [n for n, token in enumerate(tokens) if token.kind in (Kind.LABEL, Kind.MARK)]
    last = ends[-1]
    # blank cells behind the last label or figure
    for token in tokens[last + 1 : last + 1 + WIDTHS[4]]:
        if token.kind is not Kind.BLANK:
            break
        last += 1
    return tokens[labels[0] : last + 1]


def _is_table(tokens: Sequence[Token], *, after_grid: bool) -> bool:
    """Enough different labels of one table; behind a grid one full row in a line is enough (a page cut)."""
    seen: dict[int, set[Ref]] = {}
    for token in tokens:
        for table in {ref.table for ref in token.refs}:
            if len({ref.table for ref in token.refs}) == 1:
                seen.setdefault(table, set()).add(token.refs[0])
    if any(len(refs) >= MIN_LABELS[table] for table, refs in seen.items()):
        return any(token.kind is Kind.MARK for token in tokens) or _blank_cells(tokens)
    marks = Counter(token.lines[0] for token in tokens if token.kind is Kind.MARK and token.lossy)
    return after_grid and 3 in seen and any(count >= WIDTHS[3] for count in marks.values())


def _blank_cells(tokens: Sequence[Token]) -> bool:
    """A table of blank cells, one a line: labels with at least seven blank lines behind them."""
    run = longest = 0
    for token in tokens:
        run = run + 1 if token.kind is Kind.BLANK else 0
        longest = max(longest, run)
    return longest >= WIDTHS[3]


def build(tokens: Sequence[Token], grid: int, *, lossy: bool = False) -> list[Line]:
    """Lines as a grid would have them: heads, and labels with their cells."""
    return _Builder(_without_separators(tokens), grid, lossy).lines()


def _without_separators(tokens: Sequence[Token]) -> list[Token]:
    """Where a blank line stands between all cells, one blank of each gap is no cell."""
    kinds = [token.kind for token in tokens]
    blank_form = Kind.MARK not in kinds
    for before, after in pairwise(kinds):
        # two cells side by side: there are no separators
        if before in (Kind.MARK, Kind.LABEL) and (after is Kind.MARK or (blank_form and after is Kind.LABEL)):
            return list(tokens)
    out: list[Token] = []
    gap: list[Token] = []
    for token in tokens:
        if token.kind is Kind.BLANK:
            gap.append(token)
            continue
        out += gap[: (len(gap) - 1) // 2]
        gap = []
        out.append(token)
    return out


@dataclass(slots=True)
class _Open:
    """The line being built: ``kind`` is ``head``, ``row`` or ``figures``."""

    kind: str
    cells: list[Cell]
    lossy: bool = False


class _Builder:
    def __init__(self, tokens: list[Token], grid: int, lossy: bool) -> None:
        self.tokens, self.grid, self.lossy = tokens, grid, lossy
        self.open: _Open | None = None
        self.done: list[_Open] = []
        self.table = 0

    def lines(self) -> list[Line]:
        for n, token in enumerate(self.tokens):
            if token.kind is Kind.LABEL:
                self._label(n, token)
            elif token.kind is Kind.OTHER:
                self._word(n, token)
            else:
                self._cell(n, token)
        self._start(None)
        lossy = self.lossy or not self._regular()
        return [
            Line(
                tuple(item.cells),
                tuple(range(len(item.cells))),
                tuple(item.cells),
                self.grid,
                loose=True,
                lossy=lossy or item.lossy,
            )
            for item in self.done
        ]

    def _regular(self) -> bool:
        """Blank lines are blank cells only if nearly all rows of table 3 have all their cells."""
        rows = [item for item in self.done if item.kind == "row" and _table(lookup(item.cells[0].text)) == 3]
        rows = [item for item in rows if any(ref.kind == "row" for ref in lookup(item.cells[0].text))]
        full = sum(len(item.cells) > WIDTHS[3] for item in rows)
        return not rows or full * 5 >= len(rows) * 4

    def _start(self, item: _Open | None) -> None:
        if self.open is not None:
            self.done.append(self.open)
        self.open = item

    def _label(self, n: int, token: Token) -> None:
        table = _table(token.refs)
        self.table = table or self.table
        kinds = {ref.kind for ref in token.refs if ref.table == self.table}
        row = bool(kinds & {"row", "group"}) and self.table != 4
        if row and "column" in kinds:
            row = self._next_is_mark(n) or self.open is None or self.open.kind != "head"
        if row:
            self._start(_Open("row", [token.cell], token.lossy))
        elif self.open is not None and self.open.kind == "head":
            self.open.cells.append(token.cell)
        else:
            self._start(_Open("head", [token.cell], token.lossy))

    def _next_is_mark(self, n: int) -> bool:
        return n + 1 < len(self.tokens) and self.tokens[n + 1].kind is Kind.MARK

    def _word(self, n: int, token: Token) -> None:
        """Words that are no label end the row; right in front of figures they are a label that nobody knows."""
        self._start(_Open("row", [token.cell]) if self.table and self._next_is_mark(n) else None)

    def _cell(self, n: int, token: Token) -> None:
        if self.open is None:
            return
        if self.open.kind == "head":
            cells, marks = self._ahead(n)
            if token.kind is Kind.BLANK and not marks and (self.table != 4 or cells < WIDTHS[4]):
                return
            if self.table == 4 and marks < 5 and cells < WIDTHS[4]:
                self.open.kind = "row"
            else:
                self._start(_Open("figures", []))
        if self.open is not None:
            self.open.cells.append(token.cell)
            self.open.lossy = self.open.lossy or token.lossy

    def _ahead(self, n: int) -> tuple[int, int]:
        """How many cells come before the next label, and how many of them are figures."""
        cells = marks = 0
        for token in self.tokens[n : n + 2 * WIDTHS[4]]:
            if token.kind in (Kind.LABEL, Kind.OTHER):
                break
            signs = token.cell.text
            # a whole row in one piece: 000000000000000
            count = WIDTHS[4] if len(signs) == WIDTHS[4] and len(set(signs)) == 1 else 1
            cells += count
            marks += count * (token.kind is Kind.MARK)
        return cells, marks


def _table(refs: Sequence[Ref]) -> int:
    tables = {ref.table for ref in refs}
    return tables.pop() if len(tables) == 1 else 0
