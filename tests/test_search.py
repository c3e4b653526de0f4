"""Every Chinese word is found, whatever its length, nothing else is, and no question is an error."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.search import bigram_query, bigrams, hits

TEXTS = (
    "全年主动公开政府信息347条",
    "微信公众号发布信息",
    "无",
    "县政府 2024 年报 PDF",
    "信 息",
    "信众，公信。众号，微信公号",
)


@pytest.fixture
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(text, content='', detail=none)")
    connection.executemany("insert into t (rowid, text) values (?, ?)", enumerate(map(bigrams, TEXTS)))
    connection.create_function("hits", 2, hits)
    connection.execute("create table texts (n integer primary key, text)")
    connection.executemany("insert into texts values (?, ?)", enumerate(TEXTS))
    return connection


def found(index: sqlite3.Connection, question: str) -> list[int]:
    sql = "select n from t join texts on n = t.rowid where t match ? and hits(texts.text, ?) order by n"
    return [row[0] for row in index.execute(sql, [bigram_query(question), question])]


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
    connection.execute("create virtual table t using fts5(text, content='', detail=none)")
    connection.execute("select * from t where t match ?", [bigram_query(question)]).fetchall()


@given(st.text(alphabet="政府信息公开 a1", max_size=40), st.text(alphabet="政府信息公开", min_size=2, max_size=6))
def test_exactly_the_texts_with_the_words_are_found(text: str, word: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(text, content='', detail=none)")
    connection.execute("insert into t (rowid, text) values (1, ?)", [bigrams(text)])
    candidates = connection.execute("select rowid from t where t match ?", [bigram_query(word)]).fetchall()
    assert bool(candidates and hits(text, word)) == (word in text)


@pytest.mark.parametrize(
    ("text", "question", "count"),
    [
        ("公开公开", "公开", 2),
        ("公开 PDF", "pdf 公开", 2),
        ("公开", "公开 申请", 0),
        ("公开", "", 0),
        (None, "公开", 0),
    ],
)
def test_hits_are_counted_when_every_word_is_there(text: str | None, question: str, count: int) -> None:
    assert hits(text, question) == count
