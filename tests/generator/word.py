"""Made-up reports as Word writes them: DOCX, RTF, binary DOC and WPS, MHTML, and HTML called .doc."""

from __future__ import annotations

import base64
import quopri
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.saxutils import escape

from tests.generator.html import above, below
from tests.generator.layout import Layout, Slot, layouts
from tests.generator.report import MadeReport

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
PACKAGE_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package'
    '/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
NUMBERING = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:numbering xmlns:w="{W}">'
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
STYLES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:styles xmlns:w="{W}"><w:style w:type="paragraph" '
    'w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="1"><w:name '
    'w:val="heading 1"/><w:basedOn w:val="a"/></w:style></w:styles>'
)

# what Word and WPS say of every run, paragraph and cell, in files of 300 to 500 KB when unpacked
RUN_LOOK = (
    "<w:rFonts w:ascii='仿宋_GB2312' w:eastAsia='仿宋_GB2312' w:hAnsi='仿宋' w:cs='宋体' w:hint='eastAsia'/><w:b/>"
    "<w:color w:val='000000'/><w:kern w:val='0'/><w:sz w:val='24'/><w:szCs w:val='24'/><w:lang w:bidi='ar'/>"
)
PARAGRAPH_LOOK = (
    "<w:widowControl/><w:shd w:val='clear' w:color='auto' w:fill='FFFFFF'/><w:spacing w:line='560' w:lineRule='exact'/>"
    f"<w:jc w:val='center'/><w:rPr>{RUN_LOOK}</w:rPr>"
)
CELL_LOOK = (
    "<w:tcBorders><w:top w:val='single' w:sz='8' w:space='0' w:color='000000'/><w:left w:val='nil'/><w:bottom "
    "w:val='single' w:sz='8'/><w:right w:val='single' w:sz='8'/></w:tcBorders><w:noWrap/><w:vAlign w:val='center'/>"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a report before it is written in some format. ``level`` 1 for headings."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    number: int
    layout: Layout
    width: int
    """Columns of the whole table."""


Part = Line | Table
WIDTHS = {2: 4, 3: 10, 4: 15}


def parts(report: MadeReport) -> list[Part]:
    """The report in reading order, each table below its heading."""
    tables = layouts(report)
    found: list[Part] = [Line(report.title, 1), Line(report.preamble)]
    for number, (heading, paragraphs) in enumerate(report.sections, 1):
        found.append(Line(heading, 1))
        found.extend(Line(paragraph) for paragraph in paragraphs)
        if number in tables:
            found.append(Table(number, tables[number], WIDTHS[number]))
    found.extend(Line(text) for text in report.signature)
    return found


def split(content: Sequence[Part], rng: random.Random) -> list[Part]:
    """Tables cut in two or three, as happens where pages end and authors close the gap by hand."""
    found: list[Part] = []
    for part in content:
        if isinstance(part, Line) or len(part.layout) < 6:
            found.append(part)
            continue
        rest = part.layout
        for _ in range(rng.randint(1, 2)):
            cut = rng.randint(3, len(rest) - 1) if len(rest) > 5 else 0
            if cut:
                found += [Table(part.number, above(rest, cut), part.width), Line("")]
                rest = below(rest, cut)
        found.append(Table(part.number, rest, part.width))
    return found


def placed(table: Table) -> list[list[tuple[int, Slot, bool]]]:
    """Each row as (first column, slot, begins here): what formats with vertical merge marks write for one row."""
    owner: list[dict[int, tuple[Slot, int]]] = [{} for _ in table.layout]
    rows: list[list[tuple[int, Slot, bool]]] = []
    for r, row in enumerate(table.layout):
        waiting = list(row)
        cells: list[tuple[int, Slot, bool]] = []
        c = 0
        while c < table.width:
            if c in owner[r]:
                slot, first = owner[r][c]
                cells.append((first, slot, False))
            elif not waiting:  # a row that ends early
                break
            else:
                slot, first = waiting.pop(0), c
                cells.append((c, slot, True))
                for below in range(r + 1, r + slot.row_span):
                    owner[below].update(dict.fromkeys(range(c, c + slot.column_span), (slot, c)))
            c += slot.column_span
        rows.append(cells)
    return rows


# -- DOCX ------------------------------------------------------------------------------------------------------------


@dataclass
class DocxDirt:
    """What a messy DOCX does. Everything is off in a clean one."""

    rng: random.Random
    on: bool = False
    strict: bool = False
    counted: bool = field(default=False)
    """Headings get their numbers from the program."""

    def now(self, share: float) -> bool:
        return self.on and self.rng.random() < share


def _run(text: str) -> str:
    """Text in a run; line breaks and tabs become elements."""
    inner = "".join(
        {"\n": "<w:br/>", "\t": "<w:tab/>"}.get(piece, f'<w:t xml:space="preserve">{escape(piece)}</w:t>')
        for piece in _pieces(text)
    )
    return f"<w:r w:rsidRPr='00B21A3C'><w:rPr>{RUN_LOOK}</w:rPr>{inner}</w:r>" if text else ""


def _pieces(text: str) -> list[str]:
    return [piece for piece in text.replace("\n", "\0\n\0").replace("\t", "\0\t\0").split("\0") if piece]


def _runs(text: str, dirt: DocxDirt) -> str:
    """The text, cut into runs, revised, put into controls and fields, as editing leaves it."""
    if not text or not dirt.on:
        return _run(text)
    kind = dirt.rng.randrange(9)
    if kind == 0:
        gone = f"<w:del w:id='1'><w:r><w:delText>{dirt.rng.randint(1, 99)}</w:delText></w:r></w:del>"
        return f"{gone}<w:ins w:id='2'>{_run(text)}</w:ins>"
    if kind == 1:
        cut = dirt.rng.randint(0, len(text))
        return f"{_run(text[:cut])}<w:proofErr w:type='spellStart'/>{_run(text[cut:])}"
    if kind == 2:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{_run(text)}</w:sdtContent></w:sdt>"
    if kind == 3:
        code = "<w:r><w:instrText> =SUM(ABOVE) </w:instrText></w:r>"
        begin, middle, end = (f"<w:r><w:fldChar w:fldCharType='{k}'/></w:r>" for k in ("begin", "separate", "end"))
        return f"{begin}{code}{middle}{_run(text)}{end}"
    if kind == 4:
        moved = f"<w:moveFrom w:id='5'>{_run('77')}</w:moveFrom>"
        return f"{moved}<w:moveTo w:id='6'><w:smartTag w:element='x'>{_run(text)}</w:smartTag></w:moveTo>"
    if kind == 5:
        return f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>88</w:t></w:r>{_run(text)}"
    if kind == 6:
        return f"<w:hyperlink w:anchor='x'>{_run(text)}</w:hyperlink><w:bookmarkStart w:id='9' w:name='x'/>"
    return _run(text)


def _paragraph(text: str, dirt: DocxDirt, properties: str = "") -> str:
    look = f"<w:pPr>{properties}{PARAGRAPH_LOOK}</w:pPr>"
    return f"<w:p w:rsidR='00C84F0E' w:rsidRDefault='00C84F0E'>{look}{_runs(text, dirt)}</w:p>"


def _text_box(text: str) -> str:
    """A text box as Word 2010 and later write it: once for new programs, once for old ones."""
    content = f"<w:txbxContent><w:p>{_run(text)}</w:p></w:txbxContent>"
    return (
        "<w:p><w:r><mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
        "<mc:Choice Requires='wps'><w:drawing><wps:wsp xmlns:wps='http://schemas.microsoft.com/office/word/2010/"
        f"wordprocessingShape'><wps:txbx>{content}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:shape xmlns:v='urn:schemas-microsoft-com:vml'><v:textbox>{content}</v:textbox></v:shape></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def _counted(text: str) -> tuple[str, str]:
    """(properties, text without its number) of a heading that Word counts: 一、 at level 0, （一） at level 1."""
    if len(text) > 1 and text[1] == "、" and text[0] in "一二三四五六":
        return "<w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>", text[2:]
    if len(text) > 2 and text[0] == "（" and text[2] == "）" and text[1] in "一二三四五":
        return "<w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr>", text[3:]
    return "", text


def _docx_table(table: Table, dirt: DocxDirt) -> str:
    widths = "".join("<w:gridCol w:w='900'/>" for _ in range(table.width))
    head = f"<w:tblPr><w:tblW w:w='0' w:type='auto'/></w:tblPr><w:tblGrid>{widths}</w:tblGrid>"
    rows = [_docx_row(row, dirt) for row in placed(table)]
    text = "".join(rows)
    if dirt.now(0.3):
        text = f"<w:sdt><w:sdtContent>{text}</w:sdtContent></w:sdt>"
    return f"<w:tbl>{head}{text}</w:tbl>"


def _docx_row(row: Sequence[tuple[int, Slot, bool]], dirt: DocxDirt) -> str:
    cells = []
    for _, slot, begins in row:
        span = f"<w:gridSpan w:val='{slot.column_span}'/>" if slot.column_span > 1 else ""
        merge = ""
        if slot.row_span > 1:
            merge = "<w:vMerge w:val='restart'/>" if begins else "<w:vMerge/>"
        text = slot.text if begins else ""
        if slot.row_span > 5 and dirt.now(0.5):
            text, merge = "\n".join(text), f"<w:textDirection w:val='tbRlV'/>{merge}"
        cells.append(f"<w:tc><w:tcPr>{span}{merge}{CELL_LOOK}</w:tcPr>{_paragraph(text, dirt)}</w:tc>")
    gone = ""
    if dirt.now(0.05):
        gone = f"<w:tr><w:trPr><w:del w:id='3'/></w:trPr><w:tc><w:tcPr/><w:p>{_run('99')}</w:p></w:tc></w:tr>"
    return f"<w:tr>{''.join(cells)}</w:tr>{gone}"


def docx_body(content: Sequence[Part], dirt: DocxDirt) -> str:
    found = []
    for part in content:
        if isinstance(part, Table):
            found.append(_docx_table(part, dirt))
            continue
        properties, text = _counted(part.text) if dirt.counted else ("", part.text)
        style = "<w:pStyle w:val='1'/>" if part.level else ""
        if part.level and not properties and dirt.now(0.3):
            found.append(_text_box(text))
        else:
            found.append(_paragraph(text, dirt, style + properties))
    return "".join(found)


def package(body: str, *, namespace: str = W, more: dict[str, bytes] | None = None, relations: str = "") -> bytes:
    """A DOCX around the XML of its body."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{namespace}"><w:body>{body}'
    )
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", PACKAGE_RELATIONS)
        archive.writestr("word/document.xml", f"{document}<w:sectPr/></w:body></w:document>")
        archive.writestr("word/numbering.xml", NUMBERING)
        archive.writestr("word/styles.xml", STYLES)
        if relations:
            archive.writestr("word/_rels/document.xml.rels", relations)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return stream.getvalue()


def write_docx(report: MadeReport, rng: random.Random) -> bytes:
    return package(docx_body(parts(report), DocxDirt(rng)))


def write_docx_messy(report: MadeReport, rng: random.Random) -> bytes:
    dirt = DocxDirt(rng, on=True, strict=rng.random() < 0.2, counted=rng.random() < 0.5)
    return package(docx_body(parts(report), dirt), namespace=STRICT_W if dirt.strict else W)


# -- RTF -------------------------------------------------------------------------------------------------------------

RTF_HEAD = (
    "{\\rtf1\\ansi\\ansicpg936\\uc1\\deff0{\\fonttbl{\\f0\\fnil\\fcharset134 SimSun{\\*\\falt \\'cb\\'ce};}"
    "{\\f1\\fcharset0 Times New Roman;}}{\\colortbl;\\red0\\green0\\blue0;}"
    "{\\stylesheet{\\f0 Normal;}{\\s1\\outlinelevel0 heading 1;}}"
    "{\\info{\\title x}{\\author y}}{\\header\\pard 9\\par}\n"
)


def _rtf_text(text: str, dirt: DocxDirt) -> str:
    """The text as Latin-1 characters that stand for the file's bytes."""
    if not dirt.on:
        return _rtf_coded(text)
    kind = dirt.rng.randrange(10)
    if kind == 0:
        return f"{{\\deleted 77}}{{\\revised {_rtf_unicode(text)}}}"
    if kind == 1:
        return f"{{\\v 88}}{_rtf_coded(text)}"
    if kind == 2:
        return f"{{\\field{{\\*\\fldinst =SUM(ABOVE) }}{{\\fldrslt {_rtf_coded(text)}}}}}"
    if kind == 3:
        return "".join(
            f"\\uc2 \\u{_signed(char)}\\'a1\\'a1\\uc1 " if char > "\x7f" else _rtf_coded(char) for char in text
        )
    if kind == 4:
        return _rtf_raw(text)
    if kind == 5:
        return f"\\deleted 66\\deleted0 {{\\f1 {_rtf_unicode(text)}}}"
    if kind == 6:
        cut = dirt.rng.randint(0, len(text))
        return f"{_rtf_coded(text[:cut])}{{\\*\\bkmkstart x}}\\b {_rtf_coded(text[cut:])}\\b0 {{\\*\\unknown 55}}"
    if kind == 7:
        return f"{{\\upr{{?}}{{\\*\\ud{{{_rtf_unicode(text)}}}}}}}"
    return _rtf_unicode(text)


def _signed(char: str) -> int:
    return ord(char) - 0x10000 if ord(char) > 0x7FFF else ord(char)


def _rtf_unicode(text: str) -> str:
    return "".join(f"\\u{_signed(char)}?" if char > "\x7f" else _rtf_coded(char) for char in text)


def _rtf_coded(text: str) -> str:
    signs = {"\n": "\\line ", "\t": "\\tab ", "\\": "\\\\", "{": "\\{", "}": "\\}"}
    return "".join(
        signs.get(char) or (char if char < "\x80" else "".join(f"\\'{byte:02x}" for byte in char.encode("gb18030")))
        for char in text
    )


def _rtf_raw(text: str) -> str:
    """Bytes of the code page as they are: not allowed, but written."""
    return "".join(char.encode("gb18030").decode("latin-1") if char > "\x7f" else _rtf_coded(char) for char in text)


def _rtf_row(row: Sequence[tuple[int, Slot, bool]], dirt: DocxDirt) -> str:
    definition, cells = "\\trowd\\trgaph108\\trleft-108", ""
    split = dirt.now(0.4)
    right = 0
    for _, slot, begins in row:
        parts_of = slot.column_span if split else 1
        for number in range(parts_of):
            vertical = "" if slot.row_span == 1 else "\\clvmgf" if begins else "\\clvmrg"
            horizontal = "" if parts_of == 1 else "\\clmrg" if number else "\\clmgf"
            right += 900 * slot.column_span // parts_of
            jitter = dirt.rng.randint(-25, 25) if dirt.on else 0
            definition += f"{vertical}{horizontal}\\clbrdrt\\brdrs\\cellx{right + jitter}"
            text = slot.text if begins and not number else ""
            if slot.row_span > 5 and dirt.now(0.5):
                text = "\n".join(text)
            cells += f"\\pard{'' if dirt.now(0.1) else chr(92) + 'intbl'}\\plain {_rtf_text(text, dirt)}\\cell\n"
    if dirt.now(0.5):  # Word states the row before and after its cells
        return f"{definition}{cells}\\pard\\intbl{{{definition}\\row}}\n"
    return f"{definition}{cells}\\row\n"


def _rtf_line(line: Line, dirt: DocxDirt) -> str:
    style = "\\s1\\outlinelevel0" if line.level else ""
    text = line.text
    label = ""
    if dirt.counted and _counted(text)[0]:
        cut = len(text) - len(_counted(text)[1])
        label = f"{{\\listtext\\pard\\plain {_rtf_coded(text[:cut])}\\tab}}"
        text = text[cut:]
    if line.level and not label and dirt.now(0.3):
        text = _rtf_text(text, dirt)
        box = f"{{\\shp{{\\*\\shpinst\\shpleft0{{\\sp{{\\sn x}}{{\\sv 1}}}}{{\\shptxt \\pard {text}\\par}}}}"
        return f"\\pard {box}{{\\shprslt{{\\*\\do 44}}}}}}\\par\n"
    return f"\\pard\\plain{style} {label}{_rtf_text(text, dirt)}\\par\n"


def rtf(content: Sequence[Part], dirt: DocxDirt) -> bytes:
    found = [RTF_HEAD]
    for part in content:
        if isinstance(part, Table):
            found += [_rtf_row(row, dirt) for row in placed(part)]
        else:
            found.append(_rtf_line(part, dirt))
    return "".join([*found, "}"]).encode("latin-1")


def write_rtf(report: MadeReport, rng: random.Random) -> bytes:
    return rtf(parts(report), DocxDirt(rng))


def write_rtf_messy(report: MadeReport, rng: random.Random) -> bytes:
    return rtf(parts(report), DocxDirt(rng, on=True, counted=rng.random() < 0.5))


# -- web pages that Word saves ---------------------------------------------------------------------------------------


def word_page(title: str, content: Sequence[Part], charset: str) -> bytes:
    """A document saved as a page by Word, which often keeps the suffix .doc."""
    head = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head>'
        f'<meta http-equiv=Content-Type content="text/html; charset={charset}"><title>{title}</title>'
        "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]-->"
        "<style>p.MsoNormal{margin:0}"
        "</style></head><body lang=ZH-CN><div class=Section1>\n"
    )
    found = [head]
    for part in content:
        if isinstance(part, Line):
            tag = "h1" if part.level else "p"
            found.append(f"<{tag} class=MsoNormal><span lang=EN-US>{escape(part.text)}</span></{tag}>\n")
            continue
        found.append("<table class=MsoNormalTable border=1 cellspacing=0>\n")
        for row in part.layout:
            cells = (
                f"<td width=61 rowspan={slot.row_span} colspan={slot.column_span} style='border:solid 1.0pt'>"
                f"<p class=MsoNormal>{escape(slot.text) or '&nbsp;'}<o:p></o:p></p></td>"
                for slot in row
            )
            found.append(f"<tr>{''.join(cells)}</tr>\n")
        found.append("</table>\n")
    return "".join([*found, "</div></body></html>"]).encode(charset, "xmlcharrefreplace")


def write_html_doc(report: MadeReport, rng: random.Random) -> bytes:
    return word_page(report.title, parts(report), rng.choice(("gb2312", "utf-8")))


def write_mhtml(report: MadeReport, rng: random.Random) -> bytes:
    return mhtml(report.title, parts(report), rng)


def mhtml(title: str, content: Sequence[Part], rng: random.Random) -> bytes:
    """Word's single file web page: the page, its theme and list of files, in some transfer encoding."""
    charset = rng.choice(("gb2312", "utf-8"))
    page = word_page(title, content, charset)
    coding = rng.choice(("quoted-printable", "base64"))
    coded = quopri.encodestring(page) if coding == "quoted-printable" else base64.encodebytes(page)
    mark = "----=_NextPart_01DB.0000"
    top = (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="{mark}"\r\n\r\n此文档为“网页”。\r\n\r\n'
        f"--{mark}\r\nContent-Location: file:///C:/1/a.htm\r\nContent-Transfer-Encoding: {coding}\r\n"
        f"Content-Type: text/html; "
        f'charset="{charset}"\r\n\r\n'
    )
    rest = (
        f"\r\n--{mark}\r\nContent-Location: file:///C:/1/a.files/filelist.xml\r\nContent-Type: text/xml\r\n\r\n<xml/>"
        f"\r\n--{mark}--\r\n"
    )
    return top.encode("gb18030") + coded.replace(b"\n", b"\r\n") + rest.encode()


def write_docx_split(report: MadeReport, rng: random.Random) -> bytes:
    return package(docx_body(split(parts(report), rng), DocxDirt(rng)))


def write_rtf_split(report: MadeReport, rng: random.Random) -> bytes:
    return rtf(split(parts(report), rng), DocxDirt(rng))


WRITERS: dict[str, Callable[[MadeReport, random.Random], bytes]] = {
    "docx clean": write_docx,
    "docx messy": write_docx_messy,
    "docx split": write_docx_split,
    "rtf clean": write_rtf,
    "rtf messy": write_rtf_messy,
    "rtf split": write_rtf_split,
    "mhtml": write_mhtml,
    "doc html": write_html_doc,
}
