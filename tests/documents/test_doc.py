"""The reader of binary Word files: on files written by hand, where every mechanism can be put in, and on files written
by LibreOffice."""

from __future__ import annotations

import json
import random
import struct
from io import BytesIO
from pathlib import Path

import olefile
import pytest

from parsers.documents import doc, read
from parsers.documents.limits import Limits
from parsers.documents.model import Document, Grid, Text, Unread
from parsers.reports.lines import flatten
from parsers.reports.tables import read_tables
from parsers.reports.values import parse
from tests.generator import word_binary as binary
from tests.generator.report import make_report
from tests.generator.word import Line, Table, package, parts, placed, write_docx
from tests.generator.word_binary import IN_TABLE, INNER_CELL, INNER_ROW_END, ROW_END, DocFile, depth, row_definition

FIXTURES = Path(__file__).parent / "fixtures"
TRUTH = json.loads((FIXTURES / "word.json").read_text(encoding="utf-8"))


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def grids(document: Document) -> list[list[list[str | None]]]:
    return [
        [[cell.text if cell else None for cell in row] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Grid)
    ]


def new() -> DocFile:
    return DocFile(random.Random(0))


def row(file: DocFile, *texts: str, flags: tuple[int, ...] = (), more: bytes = b"") -> None:
    for text in texts:
        file.add(text)
        file.end("\x07", IN_TABLE)
    edges = [900 * number for number in range(len(texts) + 1)]
    file.end("\x07", IN_TABLE + ROW_END + row_definition(edges, flags or (0,) * len(texts)) + more)


@pytest.mark.parametrize("style", ["doc clean", "doc messy"])
@pytest.mark.parametrize("edition", ["2021", "2019"])
def test_every_slot_of_every_table(style: str, edition: str) -> None:
    for seed in range(8):
        report = make_report(seed, edition=edition)  # type: ignore[arg-type]
        document = doc.read(binary.WRITERS[style](report, random.Random(seed)))
        wanted = [
            [[slot.text for _, slot, _ in row for _ in range(slot.column_span)] for row in placed(part)]
            for part in parts(report)
            if isinstance(part, Table)
        ]
        found = [[[(text or "").replace("\n", "") for text in row] for row in grid] for grid in grids(document)]
        assert found == wanted
        assert [text for text in lines(document) if text] == [p.text for p in parts(report) if isinstance(p, Line)]


@pytest.mark.parametrize("name", TRUTH)
def test_files_of_libreoffice(name: str) -> None:
    document = read((FIXTURES / name).read_bytes())
    values = {(v.table, v.row, v.column): (v.value, v.mark) for v in read_tables(flatten(document)).values}
    for table, row_, column, text in TRUTH[name]["cells"]:
        assert values[table, row_, column] == parse(text, column == "items_change")
    assert set(TRUTH[name]["lines"]) <= set(lines(document))
    assert lines(document)[0] == TRUTH[name]["title"]


def test_merges_are_one_object() -> None:
    file = new()
    row(file, "三", "甲", "", flags=(0x60, 1, 2))
    row(file, "", "1", "2", flags=(0x20, 0, 0))
    grid = next(block for block in doc.read(file.build()).blocks if isinstance(block, Grid))
    assert [[cell.text if cell else None for cell in cells] for cells in grid.rows] == [
        ["三", "甲", "甲"],
        ["三", "1", "2"],
    ]
    corner = grid.rows[0][0]
    assert corner is grid.rows[1][0]
    assert corner is not None
    assert (corner.row_span, corner.column_span, corner.place) == (2, 1, "t1r1c1")


def test_tables_in_tables() -> None:
    file = new()
    file.add("甲")
    file.end("\x07", IN_TABLE)
    for text in ("1", "2"):
        file.add(text)
        file.end("\r", IN_TABLE + depth(2) + INNER_CELL)
    file.end("\r", IN_TABLE + depth(2) + INNER_CELL + INNER_ROW_END + row_definition([0, 400, 900], (0, 0)))
    file.add("乙")
    file.end("\x07", IN_TABLE)
    file.end("\x07", IN_TABLE + ROW_END + row_definition([0, 900, 1800], (0, 0)))
    document = doc.read(file.build())
    assert grids(document) == [[["甲", "乙"]], [["1", "2"]]]
    assert [block.place for block in document.blocks if isinstance(block, Grid)] == ["t1", "t2"]


def test_what_a_fast_save_noted_in_the_pieces() -> None:
    """Deleted by a short note, and a table that only the pieces know of."""
    file = new()
    file.add("正文")
    at = file.cp
    file.add("删去")
    file.piece_modifiers = {at: 0x41 << 1 | 1 << 8, file.cp: 0}
    file.add("其余")
    file.end()
    cells = file.cp
    for text in ("1", "2"):
        file.add(text)
        file.end("\x07")
    file.piece_modifiers[cells] = 0 << 1 | 1
    file.piece_modifiers[file.cp] = 1 << 1 | 1
    file.prls = [IN_TABLE, IN_TABLE + ROW_END + row_definition([0, 900, 1800], (0, 0))]
    file.end("\x07")
    file.piece_modifiers[file.cp] = 0
    file.add("尾")
    file.end()
    document = doc.read(file.build())
    assert [text for text in lines(document) if text] == ["正文其余", "尾"]
    assert grids(document) == [[["1", "2"]]]


def test_footnotes_headers_and_boxes_are_no_running_text() -> None:
    file = new()
    file.add("一")
    file.boxes.append((file.cp, "框一"))
    file.add("\x08", binary.SPECIAL)
    file.end()
    file.add("二")
    file.boxes.append((file.cp, "框二"))
    file.end()
    file.footnotes, file.headers = ["注"], ["眉", "脚"]
    document = doc.read(file.build())
    assert [text for text in lines(document) if text] == ["一", "框一", "二", "框二"]
    assert document.notes == ("footnotes were left out of the text",)


def test_characters_that_are_not_as_they_stand() -> None:
    file = new()
    file.add("0952\x1e80\x1f11\x0b行\u3000\U00020bb7\x01")
    file.add("(", struct.pack("<HHH", 0x6A09, 0, 0xF033))
    file.end()
    assert lines(doc.read(file.build())) == ["0952-8011", "行\u3000\U00020bb73"]


def test_fields_show_their_results_and_contents_are_left_out() -> None:
    file = new()
    file.add("\x13 TOC \\o \x14一、总体 1")
    file.end()
    file.add("二、 2\x15")
    file.end()
    file.add("\x13 HYPERLINK \x13 X \x14y\x15 \x14网址\x15。")
    file.end()
    file.add("\x13 BROKEN")
    file.end()
    file.add("一、总体情况")
    file.end()
    assert [text for text in lines(doc.read(file.build())) if text] == ["网址。", "一、总体情况"]


def test_a_row_is_deleted_only_when_nothing_of_it_is_drawn() -> None:
    file = new()
    row(file, "1", "2")
    first = file.cp
    row(file, "8", "9")
    file.changes.append((first, file.cp, binary.DELETED))
    row(file, "3", "4")
    file.changes.append((file.cp - 2, file.cp, binary.DELETED))  # as LibreOffice runs on over the marks
    assert grids(doc.read(file.build())) == [[["1", "2"], ["3", "4"]]]


def test_a_deleted_paragraph_mark_joins_unless_the_deletion_only_runs_on_over_it() -> None:
    file = new()
    for text, gone in (("公开", 1), ("24条", 0), ("总体", 3), ("50情况", 0)):
        file.add(text)
        file.end()
        if gone:
            file.changes.append((file.cp - 1, file.cp - 1 + gone, binary.DELETED))
    assert [text for text in lines(doc.read(file.build())) if text] == ["公开24条", "总体", "情况"]


def test_headings_have_levels() -> None:
    file = new()
    file.add("题")
    file.end(style=1)
    file.add("次")
    file.end("\r", struct.pack("<HB", 0x2640, 1))
    file.add("文")
    file.end()
    found = [(block.text, block.level) for block in doc.read(file.build()).blocks if isinstance(block, Text)]
    assert found == [("题", 1), ("次", 2), ("文", 0)]


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc, "as_docx", lambda body, kind: None)

    def reason(body: bytes, **limits: int) -> str:
        with pytest.raises(Unread) as refused:
            doc.read(body, limits=Limits(**limits))
        return refused.value.reason

    file = new()
    file.encrypted = True
    file.end()
    assert reason(file.build()) == "encrypted"
    assert reason(binary.compound_file({"EncryptedPackage": b"x", "WordDocument": b"y"})) == "encrypted"
    assert reason(binary.compound_file({"WordDocument": b"nothing"})) == "damaged"
    assert reason(binary.OLE_START + b"\0" * 600) == "damaged"
    empty = new()
    empty.end()
    assert reason(empty.build()) == "no_text"
    wide = new()
    row(wide, "1", "2", "3")
    assert reason(wide.build(), cells=2) == "too_large"


def test_every_cut_is_refused_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc, "as_docx", lambda body, kind: None)
    body = binary.write_doc_messy(make_report(4), random.Random(4))
    reasons = set()
    for length in range(0, len(body), len(body) // 60):
        try:
            doc.read(binary.OLE_START + body[8:length])
        except Unread as refused:
            reasons.add(refused.reason)
    assert reasons <= {"damaged", "no_text"}


def test_pieces_that_repeat_each_other_do_not_multiply() -> None:
    file = new()
    file.add("长" * 3000)
    file.end()
    body = bytearray(file.build())
    with olefile.OleFileIO(BytesIO(bytes(body))) as ole:
        table = ole.openstream("1Table").read()
    clx = table.index(b"\x02\x10\0\0\0")
    at = bytes(body).index(table[clx : clx + 30])
    body[at + 9 : at + 13] = (0x7FFFFFFF).to_bytes(4, "little")
    assert len("".join(lines(doc.read(bytes(body))))) <= 3001


def test_xml_under_the_same_type_is_passed_on() -> None:
    xml = (
        b"<?xml version='1.0'?><w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'><w:body>"
        b"<w:p><w:r><w:t>text</w:t></w:r></w:p></w:body></w:wordDocument>"
    )
    assert lines(doc.read(xml)) == ["text"]


def test_word_95_gives_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc, "as_docx", lambda body, kind: None)
    text = "平罗县2008年年报\r信息\x07数量\x07\x07规章\x070\x07\x07".encode("gb18030")
    main = bytearray(1024)
    struct.pack_into("<HHHHHH", main, 0, 0xA5DC, 104, 0, 0x0804, 0, 0)
    struct.pack_into("<II", main, 24, 1024, 1024 + len(text))
    struct.pack_into("<I", main, 52, len(text))
    document = doc.read(binary.compound_file({"WordDocument": bytes(main) + text}))
    assert [line for line in lines(document) if line] == ["平罗县2008年年报", "信息", "数量", "规章", "0"]
    assert document.notes


def test_a_damaged_file_goes_through_an_installed_office(monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report(1)
    monkeypatch.setattr(doc, "as_docx", lambda body, kind: write_docx(report, random.Random(1)))
    document = doc.read(binary.compound_file({"WordDocument": b"nothing"}))
    assert lines(document)[0] == report.title
    assert document.media_type == doc.MEDIA_TYPE
    assert document.notes == ("read through LibreOffice",)
    monkeypatch.setattr(doc, "as_docx", lambda body, kind: package("<w:p/>"))
    with pytest.raises(Unread) as refused:
        doc.read(binary.compound_file({"WordDocument": b"nothing"}))
    assert refused.value.reason == "damaged"


def test_a_scan_pasted_into_a_document_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    class Image:
        @staticmethod
        def read_images(images: list[bytes], limits: Limits) -> Document:
            seen.extend(images)
            return Document("image/jpeg", (Text("读出", "p1"),))

    monkeypatch.setattr("parsers.documents.pictures.import_module", lambda name: Image)
    file = new()
    file.add("\x01", binary.SPECIAL)
    file.end()
    picture = b"\xff\xd8\xff" + b"scan" * 3000
    file.data = b"\xa0\x46\x1d\xf0" + struct.pack("<I", 17 + len(picture)) + b"\0" * 17 + picture
    assert lines(doc.read(file.build())) == ["读出"]
    assert seen == [picture]
