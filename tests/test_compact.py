"""What is stored short comes back as it was, through the views."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import compact
from crawler.dataset import Dataset, field_keys
from crawler.items import Sighting
from parsers.reading import Reading
from parsers.reports.model import Issuer, Mark, Report, Section, Statement, Table, Value
from tests.generator import pages
from tests.generator.report import make_report

KEYS = field_keys("2021", 3)
places = st.one_of(
    st.builds("t{}r{}c{}".format, *[st.integers(1, 30)] * 3),
    st.builds("p{}:{},{},{},{}".format, st.integers(1, 3), *[st.integers(-5, 40)] * 4),
    st.builds("e{}".format, st.integers(0, 999)),
    st.sampled_from(["", "e007", "p1:2,3", "p01:1,2,3,4", "l3f4", "T3", "e5 '\"\n", "t99999999999999999999r1"]),
)
cells = st.tuples(
    st.one_of(st.integers(-5, 10**12), st.floats(0, 1e6, allow_nan=False).map(lambda x: round(x, 4) + 0.00001)),
    st.sampled_from(list(Mark)),
    st.one_of(st.none(), st.sampled_from([*compact.SIGNS, "－－", "见附件", "1,234", "'", "[1]"])),
    places,
    st.booleans(),
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    with Dataset(tmp_path_factory.mktemp("compact")) as opened:
        yield opened


def report(
    values: tuple[Value, ...] = (), sections: tuple[Section, ...] = (), told: tuple[Statement, ...] = ()
) -> Report:
    issuer = Issuer("平罗县教育局", "department", "640221", "", "")
    return Report("标题", 2024, issuer, "2021", sections, (Table(3, "2021"),), values, (), told, ())


def write(dataset: Dataset, made: Report) -> int:
    report_id = dataset.write(Sighting("640221", "http://a/1", b"", sha256="x"), Reading("text/html", made), "r1")
    assert report_id is not None
    return report_id


@settings(max_examples=60, deadline=None)
@given(st.lists(cells, max_size=30), st.integers(0, 100))
def test_cells_come_back(dataset: Dataset, found: list[tuple[float, Mark, str | None, str, bool]], skip: int) -> None:
    values = []
    for key, (number, mark, raw, place, doubt) in zip(KEYS[skip:], found, strict=False):
        value = number if mark is Mark.NUMBER else None
        values.append(Value(3, *key, value, mark, str(value) if raw is None else raw, place, doubt))
    report_id = write(dataset, report(tuple(values)))
    rows = dataset.db.execute(
        'select "row", "column", value, mark, raw, place, doubt from cells where report_id = ?', [report_id]
    ).fetchall()
    assert rows == [(v.row, v.column, v.value, str(v.mark), v.raw, v.place, int(v.doubt)) for v in values]


def test_a_cell_that_the_form_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        compact.cells(KEYS, [Value(3, "nonsense", "total", 1, Mark.NUMBER, "1", "t1")])


def test_pages_of_one_system_share_their_layout(dataset: Dataset) -> None:
    def layouts(place: str) -> tuple[str, str]:
        made = [Value(3, *key, 0, Mark.NUMBER, "0", place.format(n // 7, n % 7)) for n, key in enumerate(KEYS)]
        packed = compact.cells(KEYS, made)
        return packed.kind, packed.places

    assert layouts("t2r{}c{}") == layouts("t9r{}c{}")
    assert layouts("e1{0:02}f{1}") == layouts("e3{0:02}f{1}")
    assert layouts("p1:{1},{0},9{1},9{0}") == layouts("p4:3{1},5{0},10{1},7{0}")
    from parsers.reading import read
    from parsers.reports.model import Context

    kinds = set()
    for number in range(2):
        found = read(pages.WRITERS["pdf office"](make_report(number), random.Random(number)), Context()).report
        assert found is not None
        packed = compact.cells(KEYS, [value for value in found.values if value.table == 3])
        kinds.add((packed.kind, packed.places))
    assert len(kinds) == 1


sentence = st.text(alphabet="政府信息公开。\n1 a\0\U00020000", max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(sentence, st.lists(sentence, max_size=3)), max_size=4), st.booleans(), st.data())
def test_texts_come_back(
    dataset: Dataset, outline: list[tuple[str, list[str]]], inside: bool, data: st.DataObject
) -> None:
    sections = []
    for n, (text, parts) in enumerate(outline, 1):
        whole = "\n".join([text, *parts]) if inside else text
        sections.append(Section(str(n), "overview" if n == 1 else "", f"标题{n}", whole))
        sections += [Section(f"{n}.{m}", "", "小标题", part) for m, part in enumerate(parts, 1)]
    told = []
    for section in sections:
        start = data.draw(st.integers(0, len(section.text)))
        told.append(Statement("requests.received", 1.5, "件", "余", section.text[start:], section.number, None))
    told.append(Statement("other", 3, "", "", "哪里也没有的话", "9.9", 1))
    report_id = write(dataset, report((), tuple(sections), tuple(told)))
    rows = dataset.db.execute("select number, key, heading, text from sections where report_id = ?", [report_id])
    assert rows.fetchall() == [(s.number, s.key or None, s.heading, s.text.replace("\0", "")) for s in sections]
    rows = dataset.db.execute(
        "select n, topic, value, unit, qualifier, quote, section, part_of from statements where report_id = ?",
        [report_id],
    )
    assert rows.fetchall() == [
        (n, s.topic, s.value, s.unit, s.qualifier, s.quote.replace("\0", ""), s.section, s.part_of)
        for n, s in enumerate(told, 1)
    ]


def test_the_search_finds_what_was_written_and_forgets_what_was_replaced(dataset: Dataset) -> None:
    def found(words: str) -> list[tuple[str, str]]:
        sql = "select number, heading from search where words match bigram_query(:q) and hits(text || heading, :q)"
        return dataset.db.execute(sql, {"q": words}).fetchall()

    parts = (Section("1", "overview", "总体情况", "微信公众号发布。"), Section("7", "", "附件说明", "无"))
    write(dataset, report((), parts))
    assert found("微信公众号") == [("1", "总体情况")]
    assert found("附件说明") == [("7", "附件说明")]
    assert found("总体情况") == [], "a heading of the form finds nothing: all reports have it"
    write(dataset, report((), (Section("1", "overview", "总体情况", "报纸"),)))
    assert (found("微信公众号"), found("报纸")) == ([], [("1", "总体情况")])
    dataset.db.execute("insert into texts_fts (texts_fts) values ('integrity-check')")


def test_texts_of_another_dataset_are_taken_over(dataset: Dataset, tmp_path: Path) -> None:
    shown = "select number, key, heading, text from sections where report_id = ?"
    with Dataset(tmp_path) as other:
        parts = (Section("1", "overview", "概况", "我镇收到申请三件。"), Section("1.1", "", "另说", "收到申请三件"))
        told = (Statement("requests.received", 3, "件", "", "收到申请三件", "1.1"),)
        report_id = write(other, report((), parts, told))
        expected = other.db.execute(shown, [report_id]).fetchall()
    write(dataset, report((), (Section("1", "", "先来的标题", "x"),)))
    dataset.db.execute("delete from texts where report_id = ?", [report_id])
    dataset.db.execute("attach ? as other", [str(tmp_path / "reports.db")])
    dataset._take_texts("other", [report_id])
    assert dataset.db.execute(shown, [report_id]).fetchall() == expected
    assert dataset.db.execute("select topic, quote from statements where report_id = ?", [report_id]).fetchall() == [
        ("requests.received", "收到申请三件")
    ]
    dataset.db.execute("detach other")


def test_optimising_changes_nothing_that_is_read(dataset: Dataset) -> None:
    write(dataset, report(tuple(Value(3, *key, 1, Mark.NUMBER, "1", "t1r1c1") for key in KEYS)))
    before = dataset.db.execute("select * from cells").fetchall()
    dataset.db.execute("insert into layouts values (1, 'literal', '[]')")
    dataset.optimise()
    assert dataset.db.execute("select * from cells").fetchall() == before
    assert dataset.db.execute("select count(*) from layouts").fetchone() == (1,)
