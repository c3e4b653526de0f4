"""Literals read out of scripts without running them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.listings.js import UNKNOWN, arguments, assignments, literal, loads, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a\\'b'", "a'b"),
        ('"\\u5e74\\x41"', "年A"),
        ("{a: 1, 'b': [1, 2,], c: {d: null}}", {"a": 1, "b": [1, 2], "c": {"d": None}}),
        ("{a: 1, f: function(x){ return {b: ')'}; }, c: 2}", {"a": 1, "f": UNKNOWN, "c": 2}),
        ("'/l?c=' + col + '&p=' + 1", "/l?c=c1&p=1"),
        ("`/l?c=${col}`", "/l?c=c1"),
        ("'a' + missing", UNKNOWN),
        ("list[1] || 'z'", "y"),
        ("null || col", "c1"),
        ("JSON.stringify({a: col})", '{"a":"c1"}'),
        ("encodeURIComponent(col) + '&'", "c1&"),
        ("/* x */ 7 // y", 7),
        ("go()", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_literals(text: str, value: Any) -> None:
    assert literal(text, 0, {"col": "c1", "list": ["x", "y"]}) == value


def test_names_build_on_each_other() -> None:
    assert assignments("var a = '/x'; let b = a + '/y', c = 3;\nb = 'other';") == {"a": "/x", "b": "/x/y", "c": 3}


def test_arguments_up_to_the_first_that_is_none() -> None:
    assert arguments("'c1', 2, function(){ return ')'; }, 9)", 0) == ["c1", 2]


def test_values_by_name_and_json_with_dirt() -> None:
    assert value_of("x.siteInfo = load(); var siteInfo={guid:'g'};", "siteInfo") == {"guid": "g"}
    assert loads('\ufeffcb({"a": "x\ty"});') == {"a": "x\ty"}
    assert loads("{a: 'not json'}") == {"a": "not json"}
    assert loads("<html>") is UNKNOWN


@given(st.text(alphabet="{}[]()'\"`\\+|,:;=ab1 \n/*$.", max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    literal(text)
    assignments(text)
    arguments(text, 0)
    loads(text)
