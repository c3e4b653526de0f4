"""The DOCX reader: what is drawn is read, once, in the right slot."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO

import pytest

from parsers.documents.docx import read
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Grid, Text, Unread
from tests.generator.report import make_report
from tests.generator.word import WRITERS, Line, Table, package, parts, placed

ALTERNATE = (
    "<w:r><mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'><mc:Choice>{0}"
    "</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent></w:r>"
)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}<w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def table(*rows: str, grid: str = "") -> str:
    return f"<w:tbl><w:tblGrid>{grid}</w:tblGrid>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def grid(document: Document, number: int = 0) -> Grid:
    return [block for block in document.blocks if isinstance(block, Grid)][number]


def texts(found: Grid) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in found.rows]


@pytest.mark.parametrize("style", ["docx clean", "docx messy"])
@pytest.mark.parametrize("edition", ["2021", "2019"])
def test_every_slot_of_every_table(style: str, edition: str) -> None:
    for seed in range(8):
        report = make_report(seed, edition=edition)  # type: ignore[arg-type]
        document = read(WRITERS[style](report, random.Random(seed)))
        wanted = [
            [[slot.text for _, slot, _ in row for _ in range(slot.column_span)] for row in placed(part)]
            for part in parts(report)
            if isinstance(part, Table)
        ]
        found = [texts(block) for block in document.blocks if isinstance(block, Grid)]
        flat = [[[(text or "").replace("\n", "") for text in row] for row in rows] for rows in found]
        assert flat == wanted
        assert [text for text in lines(document) if text] == [p.text for p in parts(report) if isinstance(p, Line)]


def test_a_spanned_cell_is_one_object_with_its_place() -> None:
    document = read(
        package(
            table(
                cell("三", "<w:vMerge w:val='restart'/>") + cell("1", "<w:gridSpan w:val='2'/>"),
                cell("hidden", "<w:vMerge/>") + cell("2") + cell("3"),
            )
        )
    )
    found = grid(document)
    assert texts(found) == [["三", "1", "1"], ["三", "2", "3"]]
    assert found.rows[0][0] is found.rows[1][0]
    first, second = found.rows[0][0], found.rows[0][1]
    assert first is not None
    assert (first.row_span, first.column_span, first.place) == (2, 1, "t1r1c1")
    assert second is found.rows[0][2]
    assert [cell.place for cell in found.rows[1] if cell] == ["t1r1c1", "t1r2c2", "t1r2c3"]


def test_a_merge_that_goes_on_with_nothing_is_a_cell_of_its_own() -> None:
    document = read(package(table(cell("a") + cell("b"), cell("7", "<w:vMerge/>") + cell("c"))))
    assert texts(grid(document)) == [["a", "b"], ["7", "c"]]


def test_horizontal_merge_marks_and_skipped_grid_columns() -> None:
    rows = (
        cell("a", "<w:hMerge w:val='restart'/>") + cell("", "<w:hMerge/>") + cell("b"),
        "<w:trPr><w:gridBefore w:val='1'/></w:trPr>" + cell("1") + cell("2"),
    )
    assert texts(grid(read(package(table(*rows))))) == [["a", "a", "b"], [None, "1", "2"]]


def test_slivers_between_hand_dragged_edges_are_no_columns() -> None:
    columns = "".join(f"<w:gridCol w:w='{width}'/>" for width in (2000, 30, 1000))
    rows = (cell("a", "<w:gridSpan w:val='2'/>") + cell("b"), cell("1") + cell("2", "<w:gridSpan w:val='2'/>"))
    assert texts(grid(read(package(table(*rows, grid=columns))))) == [["a", "b"], ["1", "2"]]


def test_revisions_fields_and_hidden_text() -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>5</w:delText><w:t>6</w:t></w:r></w:del><w:ins><w:r><w:t>12</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>9</w:t></w:r><w:r><w:noBreakHyphen/></w:r>"
        "<w:fldSimple w:instr='PAGE'><w:r><w:t>3</w:t></w:r></w:fldSimple></w:p>"
    )
    assert lines(read(package(body))) == ["12-3"]


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    body = paragraph("公开", "<w:rPr><w:del w:id='1'/></w:rPr>") + paragraph("24条")
    assert lines(read(package(body))) == ["公开24条"]


def test_an_unclosed_field_hides_nothing_below() -> None:
    body = "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r></w:p>" + paragraph("一、总体情况")
    assert lines(read(package(body))) == ["", "一、总体情况"]


def test_the_table_of_contents_is_left_out() -> None:
    marks = {k: f"<w:r><w:fldChar w:fldCharType='{k}'/></w:r>" for k in ("begin", "separate", "end")}
    body = (
        f"<w:p>{marks['begin']}<w:r><w:instrText> TOC \\o </w:instrText></w:r>{marks['separate']}<w:r><w:t>一、总体 1"
        f"</w:t></w:r></w:p><w:p><w:r><w:t>二、 2</w:t></w:r>{marks['end']}</w:p>" + paragraph("一、总体情况")
    )
    assert [text for text in lines(read(package(body))) if text] == ["一、总体情况"]


def test_text_boxes_count_once_and_may_hold_tables() -> None:
    box = f"<w:txbxContent>{paragraph('框')}{table(cell('1') + cell('2'))}</w:txbxContent>"
    document = read(package(f"<w:p>{ALTERNATE.format(box)}</w:p>"))
    assert [text for text in lines(document) if text] == ["框"]
    assert texts(grid(document)) == [["1", "2"]]
    small = ALTERNATE.format(f"<w:txbxContent>{paragraph('8')}</w:txbxContent>")
    boxed = table(f"<w:tc><w:p>{small}</w:p></w:tc>" + cell("9"))
    assert texts(grid(read(package(boxed)))) == [["8", "9"]]


def test_counted_labels_are_written_out_where_the_program_counts() -> None:
    def item(level: int, text: str) -> str:
        return paragraph(text, f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='1'/></w:numPr>")

    body = (
        item(0, "总体情况")
        + item(1, "主动公开")
        + item(2, "2024年")
        + item(2, "其他")
        + item(0, "主动")
        + item(1, "甲")
    )
    assert lines(read(package(body))) == [
        "一、总体情况",
        "（一）主动公开",
        "1. 2024年",
        "2.其他",
        "二、主动",
        "（一）甲",
    ]


def test_layout_tables_become_their_contents_and_nested_ones_keep_their_number() -> None:
    inner = table(cell("1") + cell("2"))
    document = read(package(table(f"<w:tc>{paragraph('标题')}{inner}{paragraph('落款')}</w:tc>")))
    assert [text for text in lines(document) if text] == ["标题", "落款"]
    assert grid(document).place == "t2"
    beside = read(package(table(cell("a") + f"<w:tc>{inner}</w:tc>", cell("b") + cell("c"))))
    assert [block.place for block in beside.blocks] == ["t1", "t2"]


def test_deleted_rows_prompts_and_symbols() -> None:
    prompt = (
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>单击</w:t></w:r></w:sdtContent></w:sdt>"
    )
    rows = (
        "<w:trPr><w:del w:id='1'/></w:trPr>" + cell("9") + cell("9"),
        f"<w:tc><w:p>{prompt}</w:p></w:tc>"
        + "<w:tc><w:p><w:r><w:sym w:font='Symbol' w:char='F033'/></w:r></w:p></w:tc>",
    )
    assert texts(grid(read(package(table(*rows))))) == [["", "3"]]


def test_deleted_cells_are_no_cells() -> None:
    rows = (cell("1") + cell("9", "<w:cellDel w:id='1'/>") + cell("2"), cell("3") + cell("4"))
    assert texts(grid(read(package(table(*rows))))) == [["1", "2"], ["3", "4"]]


def test_headings_have_levels_and_lines_ended_by_hand_are_lines() -> None:
    body = (
        paragraph("一、总体情况", "<w:pStyle w:val='1'/>")
        + paragraph("二、", "<w:outlineLvl w:val='1'/>")
        + "<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r></w:p>"
    )
    found = [(block.text, block.level) for block in read(package(body)).blocks if isinstance(block, Text)]
    assert found == [("一、总体情况", 1), ("二、", 2), ("甲", 0), ("乙", 0)]


def test_an_embedded_page_is_read_where_it_stands() -> None:
    pytest.importorskip("parsers.documents.html")
    relations = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r9' "
        "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk' Target='x.htm'/>"
        "</Relationships>"
    )
    body = (
        "<w:altChunk xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships' r:id='r9'/>"
        + paragraph("尾")
    )
    page = b"<html><body><table><tr><td>1</td><td>2</td></tr></table></body></html>"
    document = read(package(body, more={"word/x.htm": page}, relations=relations))
    assert texts(grid(document)) == [["1", "2"]]
    assert grid(document).place.startswith("a1:")
    assert lines(document)[-1] == "尾"


def test_flat_opc_and_word_2003_xml() -> None:
    main = package(paragraph("一") + table(cell("1") + cell("2")))
    with zipfile.ZipFile(BytesIO(main)) as archive:
        xml = "".join(
            f"<pkg:part pkg:name='/{name}'><pkg:xmlData>{archive.read(name).decode().split('?>', 1)[1]}</pkg:xmlData>"
            "</pkg:part>"
            for name in ("_rels/.rels", "word/document.xml")
        )
    flat = f"<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'>{xml}</pkg:package>"
    assert texts(grid(read(flat.encode()))) == [["1", "2"]]
    old = (
        "<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml' xmlns:wx='x' "
        "xmlns:aml='http://schemas.microsoft.com/aml/2001/core'><w:lists><w:listDef w:listDefId='0'><w:lvl w:ilvl='0'>"
        "<w:start w:val='1'/><w:nfc w:val='37'/><w:lvlText w:val='%1、'/></w:lvl></w:listDef><w:list w:ilfo='1'>"
        "<w:ilst w:val='0'/></w:list></w:lists><w:body><wx:sect><w:p><w:pPr><w:listPr><w:ilvl w:val='0'/>"
        "<w:ilfo w:val='1'/></w:listPr></w:pPr><w:r><w:t>总体</w:t></w:r><aml:annotation w:type='Word.Deletion'>"
        "<aml:content><w:r><w:t>9</w:t></w:r></aml:content></aml:annotation></w:p><w:tbl>"
        "<w:tr><w:tc><w:tcPr><w:vmerge w:val='restart'/></w:tcPr><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p/></w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vmerge/></w:tcPr><w:p/></w:tc>"
        "<w:tc><w:p><w:r><w:t>5</w:t></w:r></w:p></w:tc></w:tr></w:tbl></wx:sect></w:body></w:wordDocument>"
    )
    document = read(old.encode())
    assert lines(document) == ["一、总体"]
    assert texts(grid(document)) == [["甲", ""], ["甲", "5"]]


def test_a_file_without_its_directory_is_read_with_a_note() -> None:
    body = WRITERS["docx clean"](make_report(3), random.Random(3))
    document = read(body[: body.rfind(b"PK\x01\x02", 0, body.find(b"PK\x01\x02") + 1)])
    assert document.blocks == read(body).blocks
    assert any("damaged" in note for note in document.notes)


def test_refusals() -> None:
    def reason(body: bytes, limits: Limits = DEFAULT) -> str:
        with pytest.raises(Unread) as refused:
            read(body, limits=limits)
        return refused.value.reason

    assert reason(b"PK\x03\x04 nothing") == "damaged"
    assert reason(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a password") == "encrypted"
    assert reason(package("<w:p/>")) == "no_text"
    assert reason(package(table(cell("1") + cell("2"))), Limits(cells=1)) == "too_large"
    assert reason(package(table(cell("1", "<w:gridSpan w:val='999999999'/>") + cell("2")))) == "too_large"
    assert reason(package(paragraph("一" * 900_000)), Limits(unpacked=100_000)) == "too_large"
    assert reason(package(paragraph(" " * 9_000_000))) == "unsafe"
    laughs = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><w:document xmlns:w='w'>&b;</w:document>"
    assert reason(laughs) == "damaged"


def test_deep_nesting_is_refused_not_followed() -> None:
    body = "<w:sdt><w:sdtContent>" * 110 + paragraph("x") + "</w:sdtContent></w:sdt>" * 110
    with pytest.raises(Unread) as refused:
        read(package(body))
    assert refused.value.reason == "damaged"


def test_footnotes_are_told_not_mixed_in() -> None:
    notes = (
        "<w:footnotes xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        "<w:footnote w:type='separator'/>"
        f"<w:footnote w:id='2'>{paragraph('含上年')}</w:footnote></w:footnotes>"
    )
    document = read(package(paragraph("正文"), more={"word/footnotes.xml": notes.encode()}))
    assert lines(document) == ["正文"]
    assert document.notes == ("footnote: 含上年",)
