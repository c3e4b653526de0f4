"""Documents for the tests: tables of the form poured into every geometry that pages and files have shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from parsers.documents.model import Block, Cell, Document, Grid, Text
from parsers.reports.lines import flatten
from parsers.reports.tables import Tables, read_tables
from tests.generator.layout import Layout, Slot, layouts
from tests.generator.report import Key, MadeReport, make_report
from tests.portals.seeds import FOLDER

Cells = dict[Key, str]


def seed_texts() -> dict[str, str]:
    """The five real reports by number, ``000`` to ``004``."""
    return {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.txt"))}


def document(*blocks: Block | str, title: str = "") -> Document:
    """Strings become paragraphs."""
    made = tuple(Text(b, f"e{n}") if isinstance(b, str) else b for n, b in enumerate(blocks, 1))
    return Document("text/html", made, title)


def from_text(text: str) -> Document:
    """A text with tabs as the text reader gives it: neighbouring lines with tabs are one grid without spans."""
    blocks: list[Block] = []
    rows: list[tuple[Cell, ...]] = []
    for n, line in enumerate([*text.split("\n"), ""], 1):
        if "\t" in line:
            rows.append(tuple(Cell(part.strip(), f"l{n}f{f}") for f, part in enumerate(line.split("\t"), 1)))
            continue
        if rows:
            blocks.append(Grid(tuple(rows), rows[0][0].place))
            rows = []
        blocks.append(Text(line.strip(), f"l{n}"))
    return Document("text/plain", tuple(blocks))


def tables(*blocks: Block | str) -> Tables:
    return read_tables(flatten(document(*blocks)))


def found(read: Tables) -> Cells:
    return {(value.table, value.row, value.column): value.raw for value in read.values}


def numbered(edition: str, write: Callable[[int, int], str] = lambda r, c: str(100 * r + c)) -> MadeReport:
    """A report whose cells all differ: row r, column c of a table holds ``100r + c``."""
    report = make_report(1, edition="2019" if edition == "2019" else "2021")
    cells: Cells = {}
    rows: dict[tuple[int, str], int] = {}
    columns: dict[tuple[int, str], int] = {}
    for table, row, column in report.cells:
        r = rows.setdefault((table, row), len(rows) + 1)
        c = columns[table, row] = columns.get((table, row), 0) + 1
        cells[table, row, column] = write(r, c)
    return replace(report, cells=cells)


def drawn(layout: Layout, number: int = 1) -> Grid:
    """The official drawing: every slot that a span covers refers to the same cell."""
    grid: list[dict[int, Cell]] = [{} for _ in layout]
    for r, row in enumerate(layout):
        c = 0
        for n, slot in enumerate(row, 1):
            while c in grid[r]:
                c += 1
            cell = Cell(slot.text, f"t{number}r{r + 1}c{n}", slot.row_span, slot.column_span)
            for below in range(r, min(r + slot.row_span, len(layout))):
                for right in range(c, c + slot.column_span):
                    grid[below].setdefault(right, cell)
    width = max(max(row, default=0) for row in grid) + 1
    return Grid(tuple(tuple(row.get(c) for c in range(width)) for row in grid), f"t{number}")


def plain(rows: Iterable[Sequence[str]], number: int = 1) -> Grid:
    """A grid without spans; rows may differ in length."""
    return Grid(
        tuple(tuple(Cell(t, f"t{number}r{r}c{c}") for c, t in enumerate(row, 1)) for r, row in enumerate(rows, 1)),
        f"t{number}",
    )


# ---- geometries: the three tables of a report as blocks

Geometry = Callable[[MadeReport], list[Block | str]]


def official(report: MadeReport) -> list[Block | str]:
    return [drawn(layout, number) for number, layout in layouts(report).items()]


def one_grid(report: MadeReport) -> list[Block | str]:
    """All three tables in one grid, captions as rows."""
    rows: Layout = []
    for number, layout in layouts(report).items():
        rows.append([Slot({2: "主动公开政府信息情况", 3: "收到和处理申请情况", 4: "复议诉讼情况"}[number], 1, 15)])
        rows += layout
    return [drawn(rows)]


def spans_lost(report: MadeReport) -> list[Block | str]:
    """Only the cells that begin in a row, side by side."""
    return [plain(([slot.text for slot in row] for row in layout), n) for n, layout in layouts(report).items()]


def cell_a_line(report: MadeReport) -> list[Block | str]:
    return [slot.text for layout in layouts(report).values() for row in layout for slot in row]


def cell_a_line_with_gaps(report: MadeReport) -> list[Block | str]:
    """As text extractors write it: a blank line behind every cell."""
    return [text for block in cell_a_line(report) for text in (str(block), "")]


def row_a_line(report: MadeReport) -> list[Block | str]:
    return [" ".join(slot.text for slot in row) for layout in layouts(report).values() for row in layout]


def one_paragraph(report: MadeReport) -> list[Block | str]:
    rows = " ".join(map(str, row_a_line(report)))
    return [f"一、总体情况 我镇公开信息12条。二、主动公开政府信息情况 {rows} 五、存在的主要问题"]


def cut_by_pages(report: MadeReport) -> list[Block | str]:
    """Every table in two grids, the head repeated on the second page of table 3, a page number between."""
    blocks: list[Block | str] = []
    for number, layout in layouts(report).items():
        at = {2: 6, 3: 14, 4: 3}[number]
        upper, lower = layout[:at], layout[at:]
        upper = [[replace(slot, row_span=min(slot.row_span, at - r)) for slot in row] for r, row in enumerate(upper)]
        lower = [*(layout[:3] if number == 3 else []), *lower]
        blocks += [drawn(upper, 2 * number), "- 3 -", drawn(lower, 2 * number + 1)]
    return blocks


def cell_a_column(report: MadeReport) -> list[Block | str]:
    """One row for a whole table: each column is one cell with line breaks inside."""
    blocks: list[Block | str] = []
    for number, layout in layouts(report).items():
        if number == 3:
            body = [row for row in layout if any(slot.key for slot in row)]
            labels = "\n".join([slot.text for slot in row if not slot.key][-1] for row in body)
            columns = ["\n".join([slot.text for slot in row if slot.key][c] for row in body) for c in range(7)]
            blocks.append(Grid((*drawn(layout[:3], 30).rows, *plain([[labels, *columns]], 3).rows), "t3"))
        else:
            blocks.append(drawn(layout, number))
    return blocks


GEOMETRIES: dict[str, Geometry] = {
    "official": official,
    "one grid": one_grid,
    "spans lost": spans_lost,
    "cell a line": cell_a_line,
    "cell a line with gaps": cell_a_line_with_gaps,
    "row a line": row_a_line,
    "one paragraph": one_paragraph,
    "cut by pages": cut_by_pages,
    "cell a column": cell_a_column,
}
