"""Table 4: reconsideration and litigation. Three groups of five columns, one row of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from parsers.documents.model import Cell
from parsers.reports.entries import refs_in
from parsers.reports.form import form
from parsers.reports.geometry import Chosen, Row, choose, groups_are_sums
from parsers.reports.lines import Line
from parsers.reports.reading import TableReading, same, value_of
from parsers.reports.values import is_blank, is_mark

GROUPS = tuple(form("2021").table(4).by_row)
COLUMNS = tuple(column.key for column in form("2021").table(4).columns)
MIN_LABELS = 4


@dataclass(slots=True)
class _Copy:
    """``groups`` named since the last figures; ``headed``: figures of those groups were there. ``rows`` are groups,
    line, cells and label slot of each row of figures, ``single`` figures that stand alone behind their labels."""

    groups: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    rows: list[tuple[tuple[str, ...], Line, tuple[Cell, ...], int]] = field(default_factory=list)
    single: list[tuple[str, str, Cell]] = field(default_factory=list)
    headed: bool = False
    named: list[str] = field(default_factory=list)
    """The column labels of the head in reading order, group by group."""


def read_4(lines: Sequence[Line]) -> list[TableReading | None]:
    return [_read(copy) for copy in _copies(lines)]


def _copies(lines: Sequence[Line]) -> list[_Copy]:
    copies = [_Copy()]
    for line in lines:
        copy = copies[-1]
        labels, groups, columns, cells, slot = _parts(line)
        marks = sum(is_mark(cell.text) for cell in cells)
        if groups and _begins_again(groups, copy):
            copies.append(_Copy())
            copy = copies[-1]
        copy.labels |= labels
        if groups and not marks and copy.headed:
            copy.groups, copy.headed, copy.named = [], False, []
        copy.groups += [group for group in groups if group not in copy.groups]
        if not marks:
            copy.named += columns
        if columns and marks == 1 and len(columns) == 1 and copy.groups:
            filled = [cell for cell in cells if not is_blank(cell.text)]
            copy.single.append((copy.groups[-1], columns[0], filled[0]))
        elif len(groups) == 1 and marks and not columns:
            copy.rows.append(((groups[0],), line, cells, slot))
        elif not labels and cells and (marks or len(cells) >= len(COLUMNS)):
            copy.rows.append((tuple(g for g in GROUPS if g in copy.groups), line, cells, slot))
            copy.headed = True
    return copies


def _begins_again(groups: list[str], copy: _Copy) -> bool:
    done = {group for row in copy.rows if any(is_mark(cell.text) for cell in row[2]) for group in row[0]}
    return groups[0] == "reconsideration" and set(GROUPS) <= done


def _parts(line: Line) -> tuple[set[str], list[str], list[str], tuple[Cell, ...], int]:
    """Labels, groups and columns named in a line, the cells behind the last label, and that label's slot."""
    labels: set[str] = set()
    groups: list[str] = []
    columns: list[str] = []
    last = -1
    for n, cell in enumerate(line.cells):
        for ref in refs_in(cell, 4):
            labels.add(f"{ref.kind} {ref.key}")
            last = n
            if ref.key in GROUPS:
                groups.append(ref.key)
            elif ref.kind == "column":
                columns.append(ref.key)
    # a word in front of the figures (数量, 件数) is no figure
    rest = line.cells[last + 1 :]
    while rest and last < 0 and len(rest) > 1 and not is_blank(rest[0].text) and not is_mark(rest[0].text):
        rest = rest[1:]
    return labels, groups, columns, rest, line.starts[last] if last >= 0 else -1


def _read(copy: _Copy) -> TableReading | None:
    kinds = copy.labels & {"row reconsideration", "row litigation_direct", "row litigation_after_reconsideration"}
    if len(copy.labels) < MIN_LABELS or not kinds:
        return None
    reading = TableReading(4, None, labels=len(copy.labels))
    found = _placed(copy, reading)
    if not found:
        reading.refused = reading.refused or "no row of figures fits its columns"
        return reading
    for group in GROUPS:
        for column in COLUMNS:
            if (group, column) in found:
                reading.values.append(value_of(4, group, column, found[group, column]))
        if (group, "total") not in found:
            reading.notes.append(f"table 4: {group} is not there")
    return reading


def _placed(copy: _Copy, reading: TableReading) -> dict[tuple[str, str], Cell]:
    if copy.single and not copy.rows:
        return _upright(copy, reading)
    found: dict[tuple[str, str], Cell] = {}
    order = _order(copy.named)
    if order is None:
        reading.refused = "its columns stand in different orders"
        return {}
    for groups, chosen in _chosen(copy, order):
        if chosen.cells is None:
            reading.refused = chosen.why
            return {}
        for n, group in enumerate(groups):
            part = dict(zip(_proved(order, chosen.cells, copy), chosen.cells[n * 5 : n * 5 + 5], strict=True))
            old = [found[group, column] for column in COLUMNS if (group, column) in found]
            if old and not same(old, list(part.values())):
                reading.refused = "two rows of figures that differ"
                return {}
            found.update({(group, column): cell for column, cell in part.items() if not old})
    return found


def _order(named: Sequence[str]) -> tuple[str, ...] | None:
    """The order of a group's five columns as the head prints it: 总计 may stand first. The form's own where the head is
    not whole, None where its groups differ."""
    groups = {tuple(named[n : n + len(COLUMNS)]) for n in range(0, len(named), len(COLUMNS))}
    if any(set(group) != set(COLUMNS) for group in groups) or not groups:
        return COLUMNS
    return groups.pop() if len(groups) == 1 else None


def _proved(order: tuple[str, ...], cells: Sequence[Cell], copy: _Copy) -> tuple[str, ...]:
    """Where the head's words are broken over two lines (结果 / 维持) its sums tell whether 总计 stands first."""
    if set(copy.named) >= set(COLUMNS) and len(copy.named) % len(COLUMNS) == 0:
        return order
    if groups_are_sums(cells) is False and groups_are_sums(cells, 0):
        return (COLUMNS[-1], *COLUMNS[:-1])
    return order


def _chosen(copy: _Copy, order: Sequence[str]) -> list[tuple[tuple[str, ...], Chosen]]:
    """Rows with figures, or the last blank one where there are none."""
    total = order.index("total")
    identity = partial(groups_are_sums, total=total)
    filled = [row for row in copy.rows if any(not is_blank(cell.text) for cell in row[2])]
    out = []
    for groups, line, cells, slot in filled or copy.rows[-1:]:
        count = sum(not is_blank(cell.text) for cell in cells)
        if len(cells) >= 15 or count == 15 or not groups:
            groups = GROUPS
        row = Row(groups[0], cells, 5 * len(groups), slot, None, line.lossy, line.loose, cells[0].place)
        out.append((groups, choose([row], identity)[0]))
    return out


def _upright(copy: _Copy, reading: TableReading) -> dict[tuple[str, str], Cell]:
    """One figure a line, each behind its own label."""
    found: dict[tuple[str, str], Cell] = {}
    for group, column, cell in copy.single:
        if (group, column) in found:
            reading.refused = "two figures for one label"
            return {}
        found[group, column] = cell
    return found
