"""The codebook: every column of every table and view is told in both languages, and nothing else is."""

from __future__ import annotations

import csv
import io

import pytest

from crawler.codebook import DATA, as_csv, as_markdown, codebook, describe
from crawler.dataset import Dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return Dataset(tmp_path_factory.mktemp("empty"))


def test_every_column_is_described_in_both_languages(dataset: Dataset) -> None:
    entries = codebook(dataset)
    told = {(entry.table, entry.column) for entry in entries}
    names = [row[0] for row in dataset.db.execute("select name from sqlite_master where type = 'view'")]
    for name in [*names, "reports", "agencies", "coverage", "statements", "verdicts", "copies"]:
        columns = [column[0] for column in dataset.db.execute(f'select * from "{name}" limit 0').description]
        assert {(name, column) for column in ["", *columns]} <= told
    for entry in entries:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in entry.zh), entry
        assert sum(sign.isascii() for sign in entry.en) > 0.8 * len(entry.en) > 0, entry
        assert entry.zh != entry.en


def test_nothing_is_described_that_is_not_there(dataset: Dataset) -> None:
    entries = codebook(dataset)
    here = {(entry.table, entry.column) for entry in entries}
    columns = {entry.column for entry in entries}
    with DATA.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            assert None not in row.values(), row
            assert len(row) == 4, row
            assert (row["table"], row["column"]) in here or (not row["table"] and row["column"] in columns), row


def test_cells_are_described_by_the_form(dataset: Dataset) -> None:
    entry = describe("applications", "denied.state_secret__total")
    assert "国家秘密" in entry.zh
    assert "ecret" in entry.en
    assert (entry.unit, entry.editions, entry.type) == ("件", ("2021", "2019"), "number")
    assert describe("disclosure", "fees__amount_10k_yuan").unit == "万元"
    assert describe("disclosure", "procurement__procurement_items").editions == ("2019",)
    assert describe("applications_values", "received__total").zh == describe("applications", "received__total").zh


def test_what_nobody_described_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"reports\.nonsense"):
        describe("reports", "nonsense")
    with pytest.raises(KeyError, match="nonsense"):
        describe("nonsense", "")


def test_as_csv_and_markdown(dataset: Dataset) -> None:
    entries = codebook(dataset)
    rows = list(csv.DictReader(io.StringIO(as_csv(entries))))
    assert len(rows) == len(entries)
    assert {row["editions"] for row in rows if row["column"] == "received__total"} == {"2021 2019"}
    text = as_markdown(entries)
    assert text.count("\n## ") == len({entry.table for entry in entries})
    table = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(table) == sum(bool(entry.column) for entry in entries)
    assert all(line.replace("\\|", "").count("|") == 5 for line in table)
