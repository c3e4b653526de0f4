"""Workbooks: cells as shown, merged areas as spans, what is hidden, and files that are no honest workbooks."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest
import xlwt

from parsers.documents import read
from parsers.documents.limits import Limits
from parsers.documents.model import Document, Grid, Text, Unread
from parsers.documents.number_format import shown
from parsers.documents.sheet import Sheet, Store
from parsers.documents.sheet_xls import Book, _record, _rk, _shared
from parsers.documents.sheet_xls import _formula as _record_of_formula
from tests.generator.report import make_report
from tests.generator.sheet import Page, one_page, page_each, xls, xlsx


def rows(document: Document) -> list[object]:
    return [
        block.text if isinstance(block, Text) else [[cell.text if cell else None for cell in row] for row in block.rows]
        for block in document.blocks
    ]


def page(cells: dict[tuple[int, int], str | float], **options: object) -> Page:
    made = Page("表", cells={at: (value, 0) for at, value in cells.items()})
    for name, value in options.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (5.0, "General", "5"),
        (0.5, "General", "0.5"),
        (0.1 + 0.2, "General", "0.3"),
        (190.457379, "General", "190.457379"),
        (1e-05, "General", "0.00001"),
        (123456789012.0, "General", "123456789012"),
        (-11.0, "General", "-11"),
        (5.0, "0", "5"),
        (2.5, "0", "3"),
        (0.5, "0.00", "0.50"),
        (1472.0, "#,##0", "1,472"),
        (-1234567.5, "#,##0.00", "-1,234,567.50"),
        (0.752, "0.0%", "75.2%"),
        (1.0, "0%", "100%"),
        (3.0, '0"件"', "3件"),
        (3.0, "0\\ ", "3"),
        (0.0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"??_ ;_ @_ ', "-"),
        (-3.0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"??_ ;_ @_ ', "-3"),
        (7.0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"??_ ;_ @_ ', "7"),
        (0.0, "0;-0;;@", ""),
        (0.0, "0;-0", "0"),
        (3.0, "[Red]0", "3"),
        (3.0, "[$￥-804]0.0", "￥3.0"),
        (12345.0, "0.00E+00", "12345"),
        (0.5, "# ?/?", "0.5"),
        (12500.0, "0.00,", "12.50"),
        (0.25, "#.##", ".25"),
        (5.0, "@", "5"),
        (45671.0, "yyyy/m/d", "2025/1/14"),
        (45671.0, 'yyyy"年"m"月"d"日"', "2025年1月14日"),
        (45671.0, "[$-804]yyyy年mm月;@", "2025年01月"),
        (45671.4375, "yyyy-mm-dd hh:mm", "2025-01-14 10:30"),
        (float("nan"), "0", "nan"),
        (1e300, "yyyy", "1e+300"),
    ],
)
def test_numbers_as_shown(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_dates_of_the_other_epoch() -> None:
    assert shown(0.0, "yyyy/m/d", since_1904=True) == "1904/1/1"


@pytest.mark.parametrize("write", [xlsx, xls])
def test_merged_cells_places_and_texts(write: object) -> None:
    made = page(
        {
            (0, 0): "2024年报告",
            (2, 0): "名称",
            (2, 1): "数量",
            (3, 0): "规章",
            (3, 1): 3,
            (3, 2): 4,
            (4, 1): 0.5,
            (4, 2): "/",
        },
        merged=[(2, 1, 2, 2), (3, 0, 4, 0), (0, 0, 0, 2)],
    )
    document = read(write([made]))  # type: ignore[operator]
    assert rows(document) == ["2024年报告", [["名称", "数量", "数量"], ["规章", "3", "4"], ["规章", "0.5", "/"]]]
    grid = document.blocks[1]
    assert isinstance(grid, Grid)
    assert grid.rows[1][0] is grid.rows[2][0]
    assert [cell.place for cell in grid.rows[1] if cell] == ["t1r4c1", "t1r4c2", "t1r4c3"]


@pytest.mark.parametrize("write", [xlsx, xls])
def test_hidden_sheets_are_noted_and_not_read(write: object) -> None:
    shown_page = page({(0, 0): "a", (0, 1): 1})
    other = page({(0, 0): "b", (0, 1): 2}, name="上年", hidden=True)
    document = read(write([shown_page, other]))  # type: ignore[operator]
    assert rows(document) == [[["a", "1"]]]
    assert document.notes == ("sheet «上年» is hidden and was not read",)


def test_hidden_rows_and_columns() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("x")
    for r in range(3):
        for c in range(3):
            sheet.write(r, c, r * 10 + c)
    sheet.row(1).hidden = True
    sheet.col(1).hidden = True
    stream = io.BytesIO()
    book.save(stream)
    document = read(stream.getvalue())
    assert rows(document) == [[["0", "2"], ["20", "22"]]]
    assert document.blocks[0].rows[1][1].place == "t1r3c3"  # type: ignore[union-attr]
    assert "1 rows and 1 columns" in document.notes[0]


@pytest.mark.parametrize("write", [xlsx, xls])
@pytest.mark.parametrize("layout", [one_page, page_each])
def test_figures_of_a_report_in_their_order(write: object, layout: object) -> None:
    for seed in range(3):
        report = make_report(seed, zero="0")
        document = read(write(layout(report, random.Random(seed))))  # type: ignore[operator]
        grids = [block for block in document.blocks if isinstance(block, Grid)]
        table = next(grid for grid in grids if any(cell and cell.text == "自然人" for row in grid.rows for cell in row))
        figures = [[cell.text for cell in row[3:10] if cell] for row in table.rows]
        wanted = {
            r: [text for (t, key, _), text in report.cells.items() if (t, key) == (3, r)] for _, r, _ in report.cells
        }
        assert wanted["received"] in figures
        assert wanted["outcomes_total"] in figures


def test_results_of_formulas() -> None:
    """What the program that saved the file had computed; never what we would compute."""
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1*2</f><v>2</v></c><c r="C1"><f>A1*3</f></c></row>'
    assert rows(read(with_sheet(cells))) == [[["1", "2", "=A1*3"]]]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (struct.pack("<d", 2.5), "2.5"),
        (b"\x01\0\x01\0\0\0\xff\xff", "TRUE"),
        (b"\x02\0\x07\0\0\0\xff\xff", "#DIV/0!"),
        (b"\x03\0\0\0\0\0\xff\xff", None),
    ],
)
def test_results_of_formulas_in_binary_sheets(result: bytes, text: str | None) -> None:
    sheet, store = Sheet("x"), Store(10)
    _record_of_formula(struct.pack("<HHH", 0, 0, 0) + result, sheet, Book(), store)
    assert sheet.cells.get((0, 0)) == text


def with_sheet(data: str, **parts: bytes) -> bytes:
    """A workbook whose first sheet holds these rows."""
    source = zipfile.ZipFile(io.BytesIO(xlsx([page({(0, 0): "x"})])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                start, end = content.index(b"<sheetData>"), content.index(b"</sheetData>")
                content = content[: start + 11] + data.encode() + content[end:]
            archive.writestr(name, parts.get(name, content))
    return stream.getvalue()


def test_odd_cells_of_xlsx() -> None:
    cells = (
        '<row><c t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c><c t="b"><v>1</v></c>'
        '<c t="e"><v>#DIV/0!</v></c>'
        '<c t="s"><v>99</v></c><c t="str"><v>a_x000D_\nb</v></c><c><v>x</v></c></row>'
    )
    assert rows(read(with_sheet(cells))) == [[["甲乙", "TRUE", "#DIV/0!", "", "a\r\nb", "x"]]]


def test_a_workbook_in_xml() -> None:
    body = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
    xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Worksheet ss:Name="a"><Table><Row ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">名称</Data></Cell>
    <Cell><Data ss:Type="Number">0.30000000000000004</Data></Cell></Row></Table></Worksheet></Workbook>"""
    assert rows(read(body.encode())) == [[["名称", "名称", "0.3"]]]


@pytest.mark.parametrize("write", [xlsx, xls])
def test_sparse_cells_and_huge_merged_areas_cost_nothing(write: object) -> None:
    far = page({(0, 0): "a", (0, 1): 1, (60_000, 200): "z", (60_000, 201): 2}, merged=[(1, 0, 59_999, 250)])
    document = read(write([far]), limits=Limits(cells=2_000))  # type: ignore[operator]
    assert rows(document) == [[["a", "1"]], [["z", "2"]]]


def test_bombs_and_broken_files_are_refused() -> None:
    bomb = with_sheet("<row>" + '<c t="inlineStr"><is><t>a</t></is></c>' * 3000 + "</row>")
    with pytest.raises(Unread) as refused:
        read(bomb, limits=Limits(cells=1000))
    assert refused.value.reason == "too_large"
    entities = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    )
    cells = '<row><c t="s"><v>0</v></c><c><v>1</v></c><c><v>2</v></c></row>'
    assert rows(read(with_sheet(cells, **{"xl/sharedStrings.xml": entities}))) == [[["1", "2"]]]


@pytest.mark.parametrize("cut", range(600, 5600, 500))
def test_cut_files_are_read_as_far_as_they_go_or_refused(cut: int) -> None:
    whole = xls([page({(0, 0): "a", (0, 1): 1})])
    try:
        document = read(whole[:cut])
    except Unread as refused:
        reason = refused.reason
    else:
        reason = str(rows(document))
    assert reason in {"damaged", "no_text", "unknown", "[[['a', '1']]]"}


def test_a_password_is_said_so() -> None:
    whole = xls([page({(0, 0): "a"})])
    at = whole.index(struct.pack("<HH", 0x809, 16))
    spoilt = whole[: at + 20] + struct.pack("<HH", 0x2F, 6) + whole[at + 24 :]
    with pytest.raises(Unread) as refused:
        read(spoilt)
    assert refused.value.reason == "encrypted"


@pytest.mark.parametrize(
    ("packed", "value"), [(0x3FF00000, 1.0), (0x00000006, 1.0), (-2, -1.0), (0x0000_04D3, 3.08), (0x40590001, 1.0)]
)
def test_packed_numbers(packed: int, value: float) -> None:
    assert _rk(packed) == value


def test_texts_of_excel_95_are_in_its_code_page() -> None:
    sheet, store, book = Sheet("x"), Store(10), Book(is_8=False)
    text = "规范性文件".encode("gb18030")
    _record(0x204, struct.pack("<HHHH", 2, 1, 0, len(text)) + text, sheet, book, store)
    assert sheet.cells == {(2, 1): "规范性文件"}


def test_shared_texts_that_go_on_in_another_record() -> None:
    """The continuation says anew whether its characters take one byte or two."""
    head = struct.pack("<II", 2, 2) + struct.pack("<HB", 4, 1) + "政府".encode("utf-16-le")
    more = b"\x00ab" + struct.pack("<HB", 2, 0) + b"xy"
    assert _shared([head, more], []) == ["政府ab", "xy"]


def test_a_prefix_that_is_not_declared() -> None:
    whole = xlsx([page({(0, 0): "a", (0, 1): 1})])
    source = zipfile.ZipFile(io.BytesIO(whole))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(b"xmlns:r=", b"xmlns:q="))
    assert rows(read(stream.getvalue())) == [[["a", "1"]]]
