"""Every cell of the form comes back from every geometry into its own place: no number may move."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.reports.lines import flatten
from parsers.reports.model import Mark
from parsers.reports.tables import read_tables
from tests.reports.making import GEOMETRIES, found, from_text, numbered, seed_texts, tables

SEEDS = seed_texts()


def pour(text: str, numbers: list[str]) -> tuple[str, dict[str, str]]:
    """The seed with its zeros in table rows replaced in reading order, and place -> number."""
    truth: dict[str, str] = {}
    lines = text.split("\n")
    for n, line in enumerate(lines):
        fields = line.split("\t")
        for f, word in enumerate(fields):
            if len(fields) > 1 and word.strip() == "0":
                fields[f] = numbers[len(truth)]
                truth[f"l{n + 1}f{f + 1}"] = numbers[len(truth)]
        lines[n] = "\t".join(fields)
    return "\n".join(lines), truth


@pytest.mark.parametrize("name", SEEDS)
def test_seed_is_read_as_it_stands(name: str) -> None:
    read = read_tables(flatten(from_text(SEEDS[name])))
    rows = {(value.table, value.row) for value in read.values}
    assert {(value.value, value.mark) for value in read.values} == {(0, Mark.NUMBER)}
    assert [table.edition for table in read.tables] == ["2021", "2019" if name == "003" else "2021", "2021"]
    assert not read.extras
    assert not any(table.refused for table in read.tables)
    assert len(read.values) == (186 if name == "003" else 200)
    assert ((3, "other") in rows) == (name == "003")
    assert ((3, "other.other") in rows) == (name != "003")


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 999_999), min_size=200, max_size=200, unique=True))
def test_distinct_numbers_in_the_seeds_own_geometry(name: str, numbers: list[int]) -> None:
    text, truth = pour(SEEDS[name], list(map(str, numbers)))
    read = read_tables(flatten(from_text(text)))
    assert {value.place: value.raw for value in read.values} == truth
    assert [value.raw for value in read.values] == list(truth.values()), "rows and columns are in official order"


@pytest.mark.parametrize("name", SEEDS)
def test_blank_cells_in_the_seeds_own_geometry(name: str) -> None:
    """Rows that add up, zeros left blank: what is read is right, and what cannot be told is refused, not guessed."""
    rng = random.Random(name)
    for _ in range(20):
        text = SEEDS[name]
        lines = []
        for line in text.split("\n"):
            zeros = len(re.findall(r"(?<=\t)0(?=\t|$)|^0(?=\t)", line))
            if zeros == 7:
                parts = [rng.choice((0, 0, 3, 12)) for _ in range(6)]
                filled = iter([str(n) if n else "" for n in (*parts, sum(parts))])
                line = re.sub(r"(?<=\t)0(?=\t|$)", lambda _, filled=filled: next(filled), line)
            lines.append(line)
        poured = "\n".join(lines)
        fields = {f"l{n}f{f}": w for n, row in enumerate(lines, 1) for f, w in enumerate(row.split("\t"), 1)}
        read = read_tables(flatten(from_text(poured)))
        plain = {v.place: (v.table, v.row, v.column) for v in read_tables(flatten(from_text(text))).values}
        for value in read.values:
            assert fields[value.place].strip() == value.raw
            if value.raw:
                assert plain[value.place] == (value.table, value.row, value.column)
        assert sum(bool(value.raw) for value in read.values if value.table == 3) >= 0.9 * sum(
            bool(fields[place]) for place, key in plain.items() if key[0] == 3
        )


@pytest.mark.parametrize("edition", ["2021", "2019"])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_distinct_numbers_in_every_geometry(geometry: str, edition: str) -> None:
    report = numbered(edition)
    read = tables(*GEOMETRIES[geometry](report))
    assert found(read) == report.cells
    assert {table.edition for table in read.tables} == {edition}
    assert not read.extras


@pytest.mark.parametrize("edition", ["2021", "2019"])
@pytest.mark.parametrize("sign", ["/", "—", "-", "无", "０", "0件"])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_every_mark_in_every_geometry(geometry: str, sign: str, edition: str) -> None:
    report = numbered(edition, lambda r, c: sign)
    assert found(tables(*GEOMETRIES[geometry](report))) == report.cells


@pytest.mark.parametrize("edition", ["2021", "2019"])
@pytest.mark.parametrize("geometry", ["official", "one grid", "spans lost", "cell a line", "cut by pages"])
def test_a_blank_form_is_blank_in_every_cell(geometry: str, edition: str) -> None:
    report = numbered(edition, lambda r, c: "")
    read = tables(*GEOMETRIES[geometry](report))
    assert found(read) == report.cells
    assert {value.mark for value in read.values} == {Mark.BLANK}


@pytest.mark.parametrize("edition", ["2021", "2019"])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_scattered_blanks_are_never_moved(geometry: str, edition: str) -> None:
    """Cells may be left out where blanks vanish; what is read must be right."""
    for trial in range(5):
        rng = random.Random(f"{geometry}{trial}")
        report = numbered(edition, lambda r, c, rng=rng: rng.choice(("", "", str(100 * r + c))))
        read = found(tables(*GEOMETRIES[geometry](report)))
        assert {key: text for key, text in read.items() if report.cells[key] != text} == {}
        if geometry in ("official", "one grid", "cut by pages"):
            assert read == report.cells
