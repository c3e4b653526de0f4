from __future__ import annotations

from dataclasses import replace

from parsers.documents.model import Cell, Document, Grid
from parsers.reports.doubt import alternatives_of, settle
from parsers.reports.model import Mark, Table, Value
from parsers.reports.values import parse
from tests.generator.report import Key, make_report

TABLES = (Table(2, "2021"), Table(3, "2021"), Table(4, "2021"))
Found = dict[Key, Value]


def _read(zero: str = "0", seed: int = 3, **wrong: str) -> list[Value]:
    """A report's cells as an OCR brings them; ``wrong`` maps ``row__column`` of table 3 to a misread text."""
    report = make_report(seed, zero=zero, size=60)  # type: ignore[arg-type]
    values = []
    for (table, row, column), text in report.cells.items():
        shown = wrong.get(f"{row}__{column}", text) if table == 3 else text
        value, mark = parse(shown)
        values.append(Value(table, row, column, value, mark, shown, f"p1:{table}{row}{column}", doubt=True))
    return values


def _settled(values: list[Value], **others: tuple[str, ...]) -> Found:
    named = {v.place: others.get(f"{v.row}__{v.column}", ()) for v in values}
    return {(v.table, v.row, v.column): v for v in settle(values, TABLES, named)}


def test_figures_in_sums_that_come_out_are_certain() -> None:
    assert not any(value.doubt for value in _settled(_read()).values())


def test_marks_stay_in_doubt_but_count_as_nothing() -> None:
    found = _settled(_read(zero="-")).values()
    assert {value.doubt for value in found if value.mark is Mark.NUMBER} == {False}
    assert {value.doubt for value in found if value.mark is Mark.DASH} == {True}


def test_a_wrong_figure_leaves_its_row_and_column_in_doubt() -> None:
    found = _settled(_read(denied__x="", granted__business="999"))
    assert found[3, "granted", "business"].doubt
    assert found[3, "granted", "business"].value == 999
    assert found[3, "granted", "total"].doubt
    assert found[3, "outcomes_total", "business"].doubt
    assert not found[3, "partial", "research"].doubt


def test_another_reading_takes_the_place_when_it_alone_mends_both_sums() -> None:
    true = make_report(3, zero="0", size=60).cells[3, "granted", "business"]
    found = _settled(_read(granted__business="999"), granted__business=("99", true, "9"))
    assert found[3, "granted", "business"].raw == true
    assert not any(value.doubt for value in found.values())


def test_a_figure_is_not_bent_to_one_sum_only() -> None:
    values = _read()
    wrong = [
        replace(v, value=777, raw="777") if (v.table, v.row, v.column) == (4, "litigation_direct", "total") else v
        for v in values
    ]
    true = next(v.raw for v in values if (v.table, v.row, v.column) == (4, "litigation_direct", "total"))
    found = {(v.table, v.row, v.column): v for v in settle(wrong, TABLES, {v.place: (true,) for v in wrong})}
    assert found[4, "litigation_direct", "total"].raw == "777"
    assert all(found[4, "litigation_direct", column].doubt for column in ("upheld", "total"))
    assert not found[4, "reconsideration", "total"].doubt


def test_two_readings_that_would_both_mend_leave_everything_open() -> None:
    cells = make_report(3, zero="0", size=60).cells
    number = int(cells[3, "granted", "business"])
    wrong = str(number + 5)
    other = str(int(cells[3, "partial", "business"]) - 5)
    total = str(int(cells[3, "outcomes_total", "business"]))
    found = _settled(
        _read(granted__business=wrong, granted__total=str(int(cells[3, "granted", "total"]))),
        granted__business=(str(number),),
        outcomes_total__business=(str(int(total) + 5),),
        partial__business=(other,),
    )
    assert found[3, "granted", "business"].value in (number, number + 5)
    assert found[3, "partial", "business"].raw == cells[3, "partial", "business"]


def test_table_without_sums_is_certain_only_where_two_looks_agreed() -> None:
    values = _read()
    fee = next(v for v in values if v.table == 2 and v.row == "fees")
    sure = settle(values, TABLES, {v.place: () for v in values})
    open_ = settle(values, TABLES, {v.place: ("8",) for v in values})
    assert not next(v for v in sure if v.place == fee.place).doubt
    assert next(v for v in open_ if v.place == fee.place).doubt
    assert next(v for v in settle(values, TABLES, {}) if v.place == fee.place).doubt


def test_table_without_sums_is_not_certain_on_a_sheet_whose_sums_fail() -> None:
    damaged = _settled(_read(granted__business="999"))
    assert all(value.doubt for (table, _, _), value in damaged.items() if table == 2)


def test_what_was_never_in_doubt_and_refused_tables_are_left_alone() -> None:
    values = [replace(v, doubt=False) for v in _read(granted__business="999")]
    assert settle(values, TABLES, {v.place: ("1",) for v in values}) == tuple(values)
    doubtful = _read()
    refused = tuple(replace(table, refused="no header") for table in TABLES)
    assert settle(doubtful, refused, {}) == tuple(doubtful)


def test_alternatives_are_found_by_place() -> None:
    cell = Cell("12", "p1:1,2,3,4", doubt=True, alternatives=("17",))
    plain = Cell("12", "p1:5,6,7,8")
    document = Document("image/png", (Grid(((cell, cell, plain, None),), "p1:0,0,9,9"),))
    assert alternatives_of(document) == {"p1:1,2,3,4": ("17",)}


def test_slashes_that_were_all_read_as_one_stay_in_doubt() -> None:
    values = [
        replace(v, value=1, mark=Mark.NUMBER, raw="1")
        if (v.table, v.row) == (4, "litigation_direct") and v.column in ("upheld", "total")
        else replace(v, value=None, mark=Mark.SLASH, raw="/")
        if (v.table, v.row) == (4, "litigation_direct")
        else v
        for v in _read(zero="/")
    ]
    found = {(v.table, v.row, v.column): v for v in settle(values, TABLES, {})}
    assert found[4, "litigation_direct", "upheld"].doubt
    assert found[4, "litigation_direct", "total"].doubt


def test_a_blank_that_stands_for_a_lost_cell_is_in_doubt() -> None:
    values = [replace(v, doubt=v.mark is not Mark.BLANK) for v in _read(zero="")]
    found = settle(values, TABLES, {})
    assert all(v.doubt for v in found if v.mark is Mark.BLANK)
