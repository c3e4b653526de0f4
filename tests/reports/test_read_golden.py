"""Whole reports of every edition, each named after what it shows, against files that a person has checked.

A golden file that is not there is written and the test fails: nothing is golden before somebody has read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.documents import read
from parsers.reports.model import Context, Mark, Report, Value
from parsers.reports.read import read_report

GOLDEN = Path(__file__).parents[1] / "golden"
REPORTS = sorted(path for path in GOLDEN.glob("*/*") if path.suffix in (".txt", ".html"))
SIGNS = {Mark.BLANK: "(blank)", Mark.DASH: "(dash)", Mark.SLASH: "(slash)", Mark.NONE: "(none)"}


def shown(report: Report) -> Iterator[str]:
    """A report as lines for people: one for each row of a table, the beginning and the end of each section."""
    yield f"title    {report.title}"
    yield f"year     {report.year}"
    yield f"edition  {report.edition}"
    yield f"issuer   {report.issuer.name} {report.issuer.kind} {report.issuer.division_code}"
    yield f"signed   {report.signed}"
    yield f"contacts {' '.join(f'{contact.kind}={contact.value}' for contact in report.contacts)}"
    for section in report.sections:
        text = section.text.replace("\n", " ¶ ")
        yield f"section  {section.number} [{section.key}] {section.heading} | {text[:30]} … {text[-20:]} ({len(text)})"
    for table in report.tables:
        yield f"table    {table.number} of {table.edition} {table.refused}".rstrip()
        rows: dict[str, list[str]] = {}
        for value in report.values:
            if value.table == table.number:
                # the seven and the five columns of tables 3 and 4 stand in official order
                name = f"{value.column}=" if value.table == 2 else ""
                rows.setdefault(value.row, []).append(name + cell(value))
        yield from (f"  {row}: {' '.join(cells)}" for row, cells in rows.items())
    for extra in report.extras:
        yield f"extra    {extra.table} {extra.label} | {extra.column} | {extra.unit} | {extra.raw}"
    for note in report.notes:
        yield f"note     {note}"


def cell(value: Value) -> str:
    if value.mark is Mark.NUMBER and str(value.value) == value.raw:
        return value.raw
    return f"{value.value}<{value.raw}>" if value.mark is Mark.NUMBER else SIGNS.get(value.mark, f"(text)<{value.raw}>")


@pytest.mark.parametrize("path", REPORTS, ids=[f"{path.parent.name}-{path.stem}" for path in REPORTS])
def test_golden(path: Path) -> None:
    report = read_report(read(path.read_bytes()), Context("640221", "平罗县"))
    lines = "\n".join(shown(report)) + "\n"
    golden = path.with_suffix(".golden")
    if not golden.exists():
        golden.write_text(lines, encoding="utf-8")
        pytest.fail(f"{golden} is new: read it, then run again")
    assert lines == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("edition", ["2021", "2019", "2014", "2008"])
def test_every_edition_has_a_dozen(edition: str) -> None:
    assert sum(path.parent.name == edition for path in REPORTS) >= 12
