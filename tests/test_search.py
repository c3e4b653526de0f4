"""Bigrams: every Chinese word is found, whatever its length, and no question is an error."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.search import bigram_query, bigrams

TEXTS = ("全年主动公开政府信息347条", "微信公众号发布信息", "无", "县政府 2024 年报 PDF", "信 息")


@pytest.fixture
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(text, content='')")
    connection.executemany("insert into t (rowid, text) values (?, ?)", enumerate(map(bigrams, TEXTS)))
    return connection


def found(index: sqlite3.Connection, question: str) -> list[int]:
    return [
        row[0] for row in index.execute("select rowid from t where t match ? order by rowid", [bigram_query(question)])
    ]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("信息", [0, 1]),
        ("政府", [0, 3]),
        ("公众号", [1]),
        ("政府信息", [0]),
        ("府信", [0]),
        ("信府", []),
        ("政府 347", [0]),
        ("2024 年报", [3]),
        ("pdf", [3]),
        ("无", [2]),
        ("", []),
        ('"', []),
        ("政府 AND", []),
        ("NEAR(政府)", []),
    ],
)
def test_words(index: sqlite3.Connection, question: str, rows: list[int]) -> None:
    assert found(index, question) == rows


@given(st.text(max_size=30))
def test_no_question_is_an_error(question: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(text)")
    connection.execute("select * from t where t match ?", [bigram_query(question)]).fetchall()
