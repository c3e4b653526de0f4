"""Lists walked to their proven end, and lists that have none."""

from __future__ import annotations

from parsers.listings import Entry, Fetch, Page
from parsers.listings.walk import PAGES, SETTING_UP, Walk

URL = "http://www.qy.gov.cn/nb/"


def page(*numbers: int, more: int | None = None, stated: int | None = None, last: bool = False, note: str = "") -> Page:
    entries = tuple(Entry(f"{URL}{n}.html", str(n), "2025-01-01") for n in numbers)
    return Page(
        URL, "t", entries=entries, more=Fetch(f"{URL}?p={more}") if more else None, stated=stated, last=last, note=note
    )


def run(*pages: Page) -> Walk:
    walk = Walk(URL)
    for one in pages:
        assert not walk.ended
        _, more = walk.take(one)
        assert (more is None) == walk.ended
    return walk


def test_the_pager_says_that_it_ends() -> None:
    walk = run(page(1, 2, more=2), page(3, last=True))
    assert (walk.complete, walk.entries, walk.reason) == (True, 3, "the pager says so")


def test_the_stated_count_is_reached() -> None:
    walk = run(page(1, 2, more=2, stated=3), page(3, stated=3))
    assert (walk.complete, walk.reason) == (True, "as many records as stated")


def test_fewer_records_than_stated_are_no_end() -> None:
    walk = run(page(1, 2, more=2, stated=9), page(3, last=True))
    assert (walk.complete, walk.reason) == (False, "9 records stated, 3 read")


def test_page_1_again_is_no_end() -> None:
    walk = run(page(1, 2, more=2), page(1, 2, more=3))
    assert not walk.complete
    assert "repeats" in walk.reason


def test_page_1_again_is_tolerated_a_little_while_more_is_stated() -> None:
    walk = Walk(URL)
    for number in range(2, 20):
        _, more = walk.take(page(1, 2, more=number, stated=40))
        if more is None:
            break
    assert walk.pages <= 4
    assert not walk.complete


def test_an_empty_page_after_the_last() -> None:
    assert run(page(1, more=2), page(more=3)).complete
    assert not run(page(1, more=2, stated=30), page(more=3), page(more=4), page(more=5)).complete


def test_a_pager_that_leads_back() -> None:
    walk = run(page(1, more=2), page(2, more=3), page(3, more=2))
    assert "leads back" in walk.reason


def test_a_list_without_end_ends() -> None:
    walk = Walk(URL)
    for number in range(PAGES * 2):
        _, more = walk.take(page(number, more=number + 2))
        if more is None:
            break
    assert walk.pages == PAGES
    assert not walk.complete


def test_requests_that_set_a_list_up_are_few() -> None:
    walk = Walk(URL)
    for number in range(50):
        _, more = walk.take(page(more=number + 2))
        if more is None:
            break
    assert walk.pages == SETTING_UP + 1
    assert (walk.complete, walk.reason) == (False, "no records found")


def test_an_empty_list_is_never_complete() -> None:
    assert not run(page()).complete
    assert run(page(note="the interface gave no list")).reason == "the interface gave no list"


def test_a_stop_is_said_once() -> None:
    walk = run(page(1, last=True))
    walk.stop("budget")
    assert (walk.complete, walk.reason) == (True, "the pager says so")
