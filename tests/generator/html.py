"""Made-up reports as web pages: clean ones, messy ones as portals publish them, and hard ones that are no tables at all
any more but still hold every cell."""

from __future__ import annotations

import base64
import itertools
import json
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from html import escape
from urllib.parse import quote

from tests.generator.layout import Layout, Slot, expand, layouts
from tests.generator.report import MadeReport

Writer = Callable[[MadeReport, random.Random], bytes]
Drawing = Callable[[int, Layout], str]
"""(number of the table, its slots) -> markup."""

WIDE = {ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)}


def table(number: int, layout: Layout, *, attributes: str = 'border="1"', cell: Callable[[str], str] = escape) -> str:
    return f"<table {attributes}><tbody>{''.join(row(slots, cell) for slots in layout)}</tbody></table>"


def row(slots: list[Slot], cell: Callable[[str], str] = escape, tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}{spans(slot)}>{cell(slot.text)}</{tag}>' for slot in slots)}</tr>\n"


def spans(slot: Slot) -> str:
    names = (("rowspan", slot.row_span), ("colspan", slot.column_span))
    return "".join(f' {name}="{n}"' for name, n in names if n > 1)


def article(
    report: MadeReport, draw: Drawing = table, paragraph: Callable[[str], str] | None = None, heading: str = "p"
) -> str:
    """The text of the report; tables two to four stand below the headings two to four."""
    write = paragraph or (lambda text: f"<p>{escape(text)}</p>\n")
    drawn = layouts(report)
    parts = [write(report.preamble)]
    for n, (title, paragraphs) in enumerate(report.sections, 1):
        parts.append(f"<{heading}>{title}</{heading}>\n" if heading != "p" else write(title))
        parts += [write(text) for text in paragraphs]
        if n in drawn:
            parts.append(draw(n, drawn[n]))
    return "".join([*parts, *(write(line) for line in report.signature)])


def page(
    report: MadeReport, body: str, *, charset: str = "utf-8", encoding: str = "", container: str = 'class="TRS_Editor"'
) -> bytes:
    text = (
        f'<!DOCTYPE html>\n<html><head><meta charset="{charset}"><title>{report.title}_{report.county}人民政府</title>'
        f'<meta name="ArticleTitle" content="{report.title}"><style>.a{{color:red}}</style><script>var a = "<p>x</p>";'
        f"</script></head><body>{NAVIGATION}<div class='main'><h1>{report.title}</h1><div class='info'>发布时间："
        f"2025-01-20 10:00 来源：本站</div><div {container}>{body}</div></div>{FOOTER}</body></html>"
    )
    return text.encode(encoding or charset, "xmlcharrefreplace")


COLUMNS = "首页 政务公开 政府信息公开年报 总体情况 办事服务 互动交流 走进平罗 2023年 2022年 2021年".split()
NAVIGATION = (
    '<div class="nav"><ul>'
    + "".join(f'<li><a href="/{n}/">{name}</a></li>' for n, name in enumerate(COLUMNS))
    + "</ul></div>"
)
FOOTER = (
    '<div class="footer"><p>主办单位：县人民政府办公室 电话：0000-1234567</p>'
    "<p>版权所有 ICP备12000000号 网站标识码：6402210001</p></div>"
)


def clean(report: MadeReport, rng: random.Random) -> bytes:
    return page(report, article(report, heading=rng.choice(("p", "h2", "h3"))))


# ---- messy


def word_paste(report: MadeReport, rng: random.Random) -> bytes:
    """As Word puts it on the clipboard: classes, fonts, o:p, lines broken anywhere, conditional comments."""

    def run(text: str) -> str:
        font = '<font\nface="仿宋">'
        return f'<span lang="EN-US" style="font-size:12.0pt;font-family:仿宋">{font}{escape(text)}</font></span>'

    def paragraph(text: str) -> str:
        cut = len(text) // 2
        broken = text[:cut] + ("\n" if all(ord(c) > 0x3000 for c in text[cut - 1 : cut + 1]) else "") + text[cut:]
        return (
            f'<p class="MsoNormal" align="left" style="text-indent:32.0pt;mso-char-indent-count:2.0">{run(broken)}'
            "<span><o:p></o:p></span></p><!--[if gte mso 9]><xml><w:x>9</w:x></xml><![endif]-->\n"
        )

    def cell(text: str) -> str:
        return f'<p class="MsoNormal"><b>{run(text) if text else ""}</b><o:p></o:p></p>'

    return page(
        report,
        article(
            report, lambda n, layout: table(n, layout, attributes='class="MsoTable" width=0', cell=cell), paragraph
        ),
    )


def wrong_spans(report: MadeReport, rng: random.Random) -> bytes:
    def draw(number: int, layout: Layout) -> str:
        def spoil(slot: Slot, last: bool) -> Slot:
            if last and rng.random() < 0.15:
                return replace(slot, column_span=slot.column_span + rng.choice((1, 3, 900)))
            return (
                replace(slot, row_span=slot.row_span + 40)
                if slot.row_span > 1 and "总计" not in slot.text and slot is layout[-1][0]
                else slot
            )

        rows = [[spoil(slot, slot is slots[-1]) for slot in slots] for slots in layout]
        return table(number, rows).replace('rowspan="17"', 'rowspan="0017"')

    return page(report, article(report, draw))


def zero_rowspan(report: MadeReport, rng: random.Random) -> bytes:
    """Spans in forms that browsers accept: quoted, with units, as decimals, 1 written out."""
    body = article(report)
    forms = ("{}", '" {} "', "'{}px'", '"{}.0"')
    body = re.sub(r'(row|col)span="(\d+)"', lambda m: f"{m[1]}span=" + rng.choice(forms).format(m[2]), body)
    return page(report, body.replace("<td>", '<td rowspan="1" colspan="">'))


def layout_tables(report: MadeReport, rng: random.Random) -> bytes:
    """A page of 2005: everything in tables, the article in a cell of a cell."""
    menu = "".join(f'<tr><td><a href="/{n}">栏目{n}</a></td></tr>' for n in range(12))
    body = (
        f"<table width=1000><tr><td colspan=2>{NAVIGATION}</td></tr><tr><td width=200><table>{menu}</table></td><td>"
        f"<table><tr><td align=center><b>{report.title}</b></td></tr><tr><td>发布时间：2025-01-20</td></tr>"
        f"<tr><td id=zoom>"
        f"{article(report)}</td></tr></table></td></tr><tr><td colspan=2>{FOOTER}</td></tr></table>"
    )
    return f"<html><head><title>{report.title}</title></head><body>{body}</body></html>".encode("gb18030")


def one_column_frame(report: MadeReport, rng: random.Random) -> bytes:
    """Each part of the article in a row of one table."""
    drawn = layouts(report)
    rows = [f"<tr><td><p>{escape(report.preamble)}</p></td></tr>"]
    for n, (title, paragraphs) in enumerate(report.sections, 1):
        inner = "".join(f"<p>{escape(text)}</p>" for text in paragraphs) + (table(n, drawn[n]) if n in drawn else "")
        rows.append(f"<tr><td><h3>{title}</h3></td></tr><tr><td>{inner}</td></tr>")
    return page(
        report, f"<table border=1>{''.join(rows)}</table>" + "".join(f"<p>{line}</p>" for line in report.signature)
    )


def split_tables(report: MadeReport, rng: random.Random) -> bytes:
    """Tables cut where the pages of the document ended; spans end at the cut and begin again below it."""

    def draw(number: int, layout: Layout) -> str:
        if number == 4:
            return table(number, layout)
        cut = rng.randint(5, len(layout) - 3)
        return (
            table(number, above(layout, cut))
            + rng.choice(("", "<p>&nbsp;</p>", "<p>3</p>"))
            + table(number, below(layout, cut))
        )

    return page(report, article(report, draw))


def above(layout: Layout, cut: int) -> Layout:
    return [
        [replace(slot, row_span=min(slot.row_span, cut - r)) for slot in slots] for r, slots in enumerate(layout[:cut])
    ]


def below(layout: Layout, cut: int) -> Layout:
    """Rows from ``cut`` on; cells that reach into them from above are drawn again, as Word does after a page break."""
    first = [slot for slot, _ in expand(layout)[cut]]
    slots = [slot for n, slot in enumerate(first) if n == 0 or slot is not first[n - 1]]
    started = {id(slot): r for r, row in enumerate(layout) for slot in row}
    row = [
        slot if started[id(slot)] == cut else replace(slot, text="", row_span=slot.row_span - (cut - started[id(slot)]))
        for slot in slots
    ]
    return [row, *layout[cut + 1 :]]


def repeated_head(report: MadeReport, rng: random.Random) -> bytes:
    def draw(number: int, layout: Layout) -> str:
        if number != 3:
            return table(number, layout)
        cut = rng.randint(8, 20)
        return table(number, above(layout, cut)) + table(number, [*layout[:3], *below(layout, cut)])

    return page(report, article(report, draw))


def full_width(report: MadeReport, rng: random.Random) -> bytes:
    def cell(text: str) -> str:
        return escape(text.translate(WIDE) if re.fullmatch(r"[\d.-]+", text) else text)

    return page(report, article(report, lambda n, layout: table(n, layout, cell=cell)))


def spaced(report: MadeReport, rng: random.Random) -> bytes:
    def cell(text: str) -> str:
        if not text:
            return rng.choice(("&nbsp;", " ", "&#12288;", "<br>", "<p>&nbsp;</p>"))
        if re.fullmatch(r"[\d.-]+", text):
            return f"&nbsp;{text}\n "
        return rng.choice((" ", "&nbsp;", "")).join(escape(text)) if len(text) < 5 else f" {escape(text)}&nbsp;"

    return page(report, article(report, lambda n, layout: table(n, layout, cell=cell)))


def inline_junk(report: MadeReport, rng: random.Random) -> bytes:
    """Figures in several spans, invisible characters, links, empty elements."""

    def cell(text: str) -> str:
        letters = "".join(f"<span style='color:#{n % 10}00'>{escape(c)}</span>" for n, c in enumerate(text))
        unseen = rng.choice(("", "&#8203;", "&#65279;"))
        return f"<div><a name=x></a><strong>{letters}</strong><img src=x.gif><span></span>{unseen}</div>"

    return page(report, article(report, lambda n, layout: table(n, layout, cell=cell)))


def unclosed(report: MadeReport, rng: random.Random) -> bytes:
    body = article(report)
    body = re.sub(r"</(?:td|tr|p|tbody)>", "", body)
    return page(report, re.sub(r"<(/?)(\w+)", lambda m: f"<{m[1]}{m[2].upper()}", body))


def hidden_junk(report: MadeReport, rng: random.Random) -> bytes:
    """Revisions, hidden rows and cells, comments with tables in them."""

    def cell(text: str) -> str:
        old = f"<del>{rng.randint(1, 99)}</del>" if rng.random() < 0.2 else ""
        more = f"<span style='display: none'>{rng.randint(1, 99)}</span>" if rng.random() < 0.2 else ""
        return f"{old}<ins>{escape(text)}</ins>{more}<!-- {rng.randint(1, 99)} -->"

    def draw(number: int, layout: Layout) -> str:
        body = table(number, layout, cell=cell)
        hidden = '<tr style="display:none"><td>99</td><td>98</td></tr>'
        body = body.replace("</tr>\n", f"<td style='DISPLAY:NONE'>97</td></tr>\n{hidden}", 1)
        return body + "<!-- <table><tr><td>一、本年新收政府信息公开申请数量</td><td>7</td></tr></table> -->"

    return page(report, article(report, draw))


def head_cells(report: MadeReport, rng: random.Random) -> bytes:
    """thead, th, caption, colgroup."""

    def draw(number: int, layout: Layout) -> str:
        heads = {2: 2, 3: 3, 4: 3}[number]
        head = "".join(row(slots, tag="th") for slots in layout[:heads])
        body = "".join(row(slots) for slots in layout[heads:])
        names = f"<caption>表{number}</caption><colgroup><col><col></colgroup>"
        return f"<table>{names}<thead>{head}</thead><tbody>{body}</tbody></table>"

    return page(report, article(report, draw))


def table_2_in_four(report: MadeReport, rng: random.Random) -> bytes:
    def draw(number: int, layout: Layout) -> str:
        if number != 2:
            return table(number, layout)
        starts = [n for n, slots in enumerate(layout) if len(slots) == 1] + [len(layout)]
        return "<p></p>".join(table(number, layout[a:b]) for a, b in itertools.pairwise(starts))

    return page(report, article(report, draw))


def row_tables(report: MadeReport, rng: random.Random) -> bytes:
    """Every row a table of its own; cells that span rows stand in their first row only, or in all of them."""
    again = rng.random() < 0.5

    def draw(number: int, layout: Layout) -> str:
        tables = []
        for slots in expand(layout):
            shown = [(slot, begins) for n, (slot, begins) in enumerate(slots) if n == 0 or slot is not slots[n - 1][0]]
            cells = [replace(slot, text=slot.text if begins or again else "", row_span=1) for slot, begins in shown]
            tables.append(f"<table border=1>{row(cells)}</table>")
        return "\n".join(tables)

    return page(report, article(report, draw))


def labels_repeated(report: MadeReport, rng: random.Random) -> bytes:
    """No spans at all: what spans is written into every slot, as converters do."""

    def draw(number: int, layout: Layout) -> str:
        return table(number, [[Slot(slot.text) for slot, _ in slots] for slots in expand(layout)])

    return page(report, article(report, draw))


def spans_lost(report: MadeReport, rng: random.Random) -> bytes:
    """No spans at all: blank cells where something spans."""

    def draw(number: int, layout: Layout) -> str:
        return table(
            number, [[Slot(slot.text if begins else "") for slot, begins in slots] for slots in expand(layout)]
        )

    return page(report, article(report, draw))


def inner_row(report: MadeReport, rng: random.Random) -> bytes:
    """The figures of a row in a table of their own inside one cell."""

    def draw(number: int, layout: Layout) -> str:
        if number != 3:
            return table(number, layout)
        rows = []
        for slots in layout:
            labels, figures = [s for s in slots if s.key is None], [s for s in slots if s.key is not None]
            inner = f"<td colspan=7><table width=100%>{row(figures)}</table></td>" if figures else ""
            rows.append(row(labels).replace("</tr>", f"{inner}</tr>"))
        return f"<table>{''.join(rows)}</table>"

    return page(report, article(report, draw))


def breaks_in_cells(report: MadeReport, rng: random.Random) -> bytes:
    """Labels over several lines and paragraphs."""

    def cell(text: str) -> str:
        if not 2 < len(text) < 10 or text[0].isascii():
            return escape(text)
        cut = len(text) // 2
        between = rng.choice(("<br>", "</p><p>", "<br/>\n", " "))
        return f"<p>{escape(text[:cut])}{between}{escape(text[cut:])}</p>"

    return page(report, article(report, lambda n, layout: table(n, layout, cell=cell)))


def old_charset(report: MadeReport, rng: random.Random) -> bytes:
    return page(report, article(report), charset="gb2312", encoding="gb18030")


def ucap(report: MadeReport, rng: random.Random) -> bytes:
    body = article(report, heading="strong").replace("<strong>五", "#PAGE_BREAK#<strong>五")
    text = f"<ucaptitle>{report.title}</ucaptitle><UCAPCONTENT>{body}</UCAPCONTENT>"
    return page(report, text, container='id="UCAP-CONTENT"')


MESSY: dict[str, Writer] = {
    "word paste": word_paste,
    "wrong spans": wrong_spans,
    "spans oddly written": zero_rowspan,
    "layout tables": layout_tables,
    "one column frame": one_column_frame,
    "split tables": split_tables,
    "repeated head": repeated_head,
    "full width": full_width,
    "spaced": spaced,
    "inline junk": inline_junk,
    "unclosed": unclosed,
    "hidden junk": hidden_junk,
    "head cells": head_cells,
    "table 2 in four": table_2_in_four,
    "row tables": row_tables,
    "labels repeated": labels_repeated,
    "spans lost": spans_lost,
    "inner row": inner_row,
    "breaks in cells": breaks_in_cells,
    "old charset": old_charset,
    "ucap": ucap,
}


# ---- hard


def _each(tag: str) -> Drawing:
    return lambda number, layout: "".join(f"<{tag}>{escape(slot.text)}</{tag}>\n" for slots in layout for slot in slots)


def cell_paragraphs(report: MadeReport, rng: random.Random) -> bytes:
    """One paragraph a cell."""
    return page(report, article(report, _each(rng.choice(("p", "div")))))


def cell_lines(report: MadeReport, rng: random.Random) -> bytes:
    """One line a cell, everything in one element."""
    body = article(
        report,
        lambda number, layout: "".join(f"{escape(s.text)}<br>\n" for r in layout for s in r),
        lambda text: f"{escape(text)}<br>",
    )
    return page(report, body)


def one_paragraph(report: MadeReport, rng: random.Random) -> bytes:
    """The whole report in one paragraph, cells divided by a space."""
    body = article(
        report,
        lambda number, layout: " ".join(s.text for r in layout for s in r) + " ",
        lambda text: f"{escape(text)} ",
    )
    return page(report, f"<p>{body}</p>")


def row_paragraphs(report: MadeReport, rng: random.Random) -> bytes:
    """A paragraph a row, cells divided by spaces as wide as a tab."""
    gap = rng.choice(("&nbsp;&nbsp;&nbsp;&nbsp;", "&emsp;", "　　", "\t"))

    def draw(number: int, layout: Layout) -> str:
        return "".join(f"<p>{gap.join(escape(s.text) for s in slots)}</p>" for slots in layout)

    return page(report, article(report, draw))


def shown_twice(report: MadeReport, rng: random.Random) -> bytes:
    once = article(report)
    again = rng.choice((once, article(report, _each("p"))))
    hide = rng.choice(("", ' style="display:none"'))
    return page(
        report, f'<div class="pc">{once}</div><div class="mobile"{hide}>{again}</div>', container='class="wrap"'
    )


def in_script(report: MadeReport, rng: random.Random) -> bytes:
    """The body as a literal in a script."""
    body = article(report)
    ascii_json = json.dumps(body).replace("<", "\\u003C").replace(">", "\\u003e")
    kept = rng.choice(
        (
            "var content = " + json.dumps(body, ensure_ascii=False).replace("</", "<\\/") + ";\nc.innerHTML = content;",
            "_CONFIG.DETAIL = " + '{"title": "x", "content": ' + ascii_json + "};",
            f"var s = unescape('{_escaped(body)}');",
            f"show(decodeURIComponent('{quote(body)}'));",
            f'var b = "{base64.b64encode(body.encode()).decode()}"; show(Base64.decode(b));',
            f"var t = '{escape(body).replace(chr(10), '')}';",
            "\n".join(f"document.write('{line}');" for line in body.split("\n")),
            "var h = ''" + "".join(f"\n + '{line}'" for line in body.split("\n")) + ";",
        )
    )
    return page(report, f'<div id="c"></div><script type="text/javascript">{kept}</script>')


def _escaped(text: str) -> str:
    """As JavaScript's escape() writes it."""
    return "".join(
        c if c.isascii() and c.isalnum() else f"%u{ord(c):04X}" if ord(c) > 255 else f"%{ord(c):02X}" for c in text
    )


def in_json(report: MadeReport, rng: random.Random) -> bytes:
    """The body as the answer of an interface."""
    body = {"code": 200, "data": {"title": report.title, "content": article(report)}}
    text = json.dumps(body, ensure_ascii=rng.random() < 0.5)
    return (f"callback({text});" if rng.random() < 0.3 else text).encode()


def in_fields(report: MadeReport, rng: random.Random) -> bytes:
    """Figures in the fields of a form."""

    def cell(text: str) -> str:
        if not re.fullmatch(r"[\d.-]*|[/—无]", text):
            return escape(text)
        return rng.choice(
            (
                f'<input type="text" value="{text}" size=3>',
                f"<textarea>{text}</textarea>",
                f"<input value='{text}' readonly />",
            )
        )

    return page(report, article(report, lambda n, layout: f"<form>{table(n, layout, cell=cell)}</form>"))


def boxes(report: MadeReport, rng: random.Random) -> bytes:
    """Rows and cells as divs, list items or spans; with or without their style."""
    kind = rng.choice(("div", "table style", "list", "span", "css grid", "definition"))

    def draw(number: int, layout: Layout) -> str:
        if kind == "css grid":
            width = len(expand(layout)[0])
            cells = "".join(
                f'<div style="grid-column: span {s.column_span}; grid-row: span {s.row_span}">{escape(s.text)}</div>'
                for r in layout
                for s in r
            )
            return f'<div style="display: grid; grid-template-columns: repeat({width}, 1fr)">{cells}</div>'
        rows = [[slot.text if begins else "" for slot, begins in slots] for slots in expand(layout)]
        if kind == "div":
            return (
                "<div class='t'>"
                + "".join(f"<div class='r'>{''.join(f'<div>{escape(t)}</div>' for t in r)}</div>" for r in rows)
                + "</div>"
            )
        if kind == "table style":
            cell = '<span style="display:table-cell">'
            inner = (
                f"<div style='display:table-row'>{''.join(f'{cell}{escape(t)}</span>' for t in r)}</div>" for r in rows
            )
            return f"<div style='display:table'>{''.join(inner)}</div>"
        if kind == "list":
            return "".join(
                ["<div>", *(f"<ul>{''.join(f'<li>{escape(t)}</li>' for t in r)}</ul>\n" for r in rows), "</div>"]
            )
        if kind == "definition":
            return "".join(
                [
                    "<div>",
                    *(
                        f"<dl><dt>{escape(r[0])}</dt>{''.join(f'<dd>{escape(t)}</dd>' for t in r[1:])}</dl>"
                        for r in rows
                    ),
                    "</div>",
                ]
            )
        return (
            "<div>"
            + "".join(f"<div class='r'>{''.join(f'<span class=c>{escape(t)}</span>' for t in r)}</div>\n" for r in rows)
            + "</div>"
        )

    return page(report, article(report, draw))


def drawn(report: MadeReport, rng: random.Random) -> bytes:
    """Box drawing in <pre>, one line a row."""
    return page(report, article(report, lambda n, layout: f"<pre>{escape(box(layout))}</pre>"))


def box(layout: Layout) -> str:
    """A drawing in box characters, spans drawn as open cells."""
    grid = expand(layout)
    width = len(grid[0])
    sizes = [
        max(2, *(display_width(slot.text) for r in grid for slot in [r[c][0]] if slot.column_span == 1))
        for c in range(width)
    ]
    for slots in grid:
        for c, (slot, begins) in enumerate(slots):
            if begins and slot.column_span > 1:
                room = sum(sizes[c : c + slot.column_span]) + slot.column_span - 1
                sizes[c] += max(0, display_width(slot.text) - room)

    def rule(upper: list[Slot] | None, lower: list[Slot] | None) -> str:
        line = ""
        for c in range(width + 1):
            left = upper is None or lower is None or (c > 0 and upper[c - 1] is not lower[c - 1])
            right = upper is None or lower is None or (c < width and upper[c] is not lower[c])
            up = upper is not None and (c in (0, width) or upper[c - 1] is not upper[c])
            down = lower is not None and (c in (0, width) or lower[c - 1] is not lower[c])
            line += JUNCTIONS[up, down, left and c > 0, right and c < width]
            if c < width:
                line += ("─" if right else " ") * sizes[c]
        return line

    lines: list[str] = []
    before: list[Slot] | None = None
    for slots in grid:
        now = [slot for slot, _ in slots]
        lines.append(rule(before, now))
        text = "│"
        c = 0
        while c < width:
            slot, begins = slots[c]
            room = sum(sizes[c : c + slot.column_span]) + slot.column_span - 1
            shown = slot.text if begins else ""
            text += shown + " " * (room - display_width(shown)) + "│"
            c += slot.column_span
        lines.append(text)
        before = now
    return "\n".join([*lines, rule(before, None)])


JUNCTIONS = {
    tuple(side in sides for side in "udlr"): char
    for char, sides in zip(
        " │─┌┐└┘├┤┬┴┼", ("", "ud", "lr", "dr", "dl", "ur", "ul", "udr", "udl", "dlr", "ulr", "udlr"), strict=True
    )
}
"""(line upwards, downwards, to the left, to the right) -> character."""


def display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def columns(report: MadeReport, rng: random.Random) -> bytes:
    """Table 3 with all figures of a column in one cell, divided by line breaks; the labels likewise."""

    def draw(number: int, layout: Layout) -> str:
        if number != 3:
            return table(number, layout)
        body = [[slot.text for slot in slots if slot.key is None or slot.key[2] != ""] for slots in layout[3:]]
        names = [next(t for t in reversed(r[: len(r) - 7])) for r in body]
        cells = [names, *([r[len(r) - 7 + c] for r in body] for c in range(7))]
        head = row(
            [
                Slot("申请人情况"),
                *(Slot(h) for h in ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")),
            ]
        )
        stacked = ("<br>".join(map(escape, cell)) for cell in cells)
        return f"<table>{head}<tr>{''.join(f'<td>{cell}</td>' for cell in stacked)}</tr></table>"

    return page(report, article(report, draw))


def wrong_charset(report: MadeReport, rng: random.Random) -> bytes:
    body = article(report)
    kind = rng.choice(("gbk as utf-8", "utf-8 as gbk", "utf-16", "twice"))
    if kind == "gbk as utf-8":
        return page(report, body, charset="utf-8", encoding="gb18030")
    if kind == "utf-8 as gbk":
        return page(report, body, charset="gb2312", encoding="utf-8")
    if kind == "utf-16":
        return page(report, body, charset="utf-8", encoding="utf-16")
    return page(report, body).decode("latin-1").encode("utf-8")


def pushed(report: MadeReport, rng: random.Random) -> bytes:
    """The body put together by a script out of small pieces, texts and tags apart."""
    pieces = [piece for piece in re.split(r"(<[^<>]+>)", article(report).replace("\n", "")) if piece]
    quote_mark = rng.choice("'\"")
    kind = rng.choice(("push", "list", "write", "plus"))
    literals = [quote_mark + piece.replace(quote_mark, "\\" + quote_mark) + quote_mark for piece in pieces]
    script = {
        "push": "var h = [];\n" + "\n".join(f"h.push({literal});" for literal in literals) + "\nshow(h.join(''));",
        "list": "var h = [" + ",\n ".join(literals) + "].join('');",
        "write": "\n".join(f"document.write({literal});" for literal in literals),
        "plus": "var h = '';\n" + "\n".join(f"h += {literal};" for literal in literals),
    }[kind]
    return page(report, f"<div id=c></div><script>var site = '平罗县', n = 'x';\n{script}\nvar end = 'y';</script>")


def template_literal(report: MadeReport, rng: random.Random) -> bytes:
    body = article(report)
    return page(report, f"<div id=c></div><script>const body = `\n{body}\n`; c.innerHTML = body;</script>")


def ragged_boxes(report: MadeReport, rng: random.Random) -> bytes:
    """Rows of boxes that hold only the cells that begin in them; what spans says so by its width or not at all."""
    tag, inner = rng.choice((("div", "div"), ("ul", "li"), ("section", "p"), ("div", "span")))
    width = rng.random() < 0.5

    def draw(number: int, layout: Layout) -> str:
        rows = []
        for slots in layout:
            cells = (
                f'<{inner} class="td{slot.column_span}"{f" style=width:{10 * slot.column_span}%" if width else ""}>'
                f"{escape(slot.text)}</{inner}>"
                for slot in slots
            )
            rows.append(f"<{tag} class=tr>{''.join(cells)}</{tag}>\n")
        return f"<div class=tbl>{''.join(rows)}</div>"

    return page(report, article(report, draw))


def nested_boxes(report: MadeReport, rng: random.Random) -> bytes:
    """Groups as boxes: the label at the left, beside it the rows of the group."""

    def draw(number: int, layout: Layout) -> str:
        if number != 3:
            return table(number, layout)
        rows = []
        for slots in layout:
            labels = "".join(f"<div class=l>{escape(s.text)}</div>" for s in slots if s.key is None)
            figures = "".join(f"<div class=n>{escape(s.text)}</div>" for s in slots if s.key is not None)
            rows.append(f"<div class=row><div class=labels>{labels}</div><div class=figures>{figures}</div></div>")
        return f"<div class=tbl>{''.join(rows)}</div>"

    return page(report, article(report, draw))


def blank_paragraphs(report: MadeReport, rng: random.Random) -> bytes:
    """One paragraph a cell, blanks as a hard space, spans inside."""

    def draw(number: int, layout: Layout) -> str:
        cells = (slot.text for slots in layout for slot in slots)
        return "".join(f'<p class="MsoNormal"><span>{escape(text) or "&nbsp;"}</span></p>\n' for text in cells)

    return page(report, article(report, draw))


def rows_in_list(report: MadeReport, rng: random.Random) -> bytes:
    """A list item a row, cells divided by a wide space or a bar."""
    gap = rng.choice(("　", "&emsp;", "|", " | "))

    def draw(number: int, layout: Layout) -> str:
        return "<ul>" + "".join(f"<li>{gap.join(escape(s.text) for s in slots)}</li>" for slots in layout) + "</ul>"

    return page(report, article(report, draw))


def wide_paragraph(report: MadeReport, rng: random.Random) -> bytes:
    """The whole report in one paragraph, cells divided by another sign than a space."""
    gap = rng.choice(("　", "&nbsp;", " | ", "；"))
    body = article(
        report,
        lambda number, layout: gap.join(s.text for r in layout for s in r) + gap,
        lambda text: escape(text) + gap,
    )
    return page(report, f"<p>{body}</p>")


def double_lines(report: MadeReport, rng: random.Random) -> bytes:
    """Box drawing with double lines, in a block with hard spaces and line breaks."""
    double = str.maketrans("─│┌┐└┘├┤┬┴┼", "═║╔╗╚╝╠╣╦╩╬")

    def draw(number: int, layout: Layout) -> str:
        return escape(box(layout).translate(double)).replace(" ", "&nbsp;").replace("\n", "<br>") + "<br>"

    return page(report, article(report, draw))


def fragment(report: MadeReport, rng: random.Random) -> bytes:
    """No html, no body, no head."""
    return article(report).encode()


HARD: dict[str, Writer] = {
    "cell paragraphs": cell_paragraphs,
    "cell lines": cell_lines,
    "one paragraph": one_paragraph,
    "row paragraphs": row_paragraphs,
    "shown twice": shown_twice,
    "in script": in_script,
    "in json": in_json,
    "in fields": in_fields,
    "boxes": boxes,
    "drawn": drawn,
    "columns": columns,
    "wrong charset": wrong_charset,
    "fragment": fragment,
    "pushed": pushed,
    "template literal": template_literal,
    "ragged boxes": ragged_boxes,
    "nested boxes": nested_boxes,
    "blank paragraphs": blank_paragraphs,
    "rows in list": rows_in_list,
    "wide paragraph": wide_paragraph,
    "double lines": double_lines,
}

WRITERS: dict[str, Writer] = {
    "html clean": clean,
    **{f"html messy {name}": writer for name, writer in MESSY.items()},
    **{f"html hard {name}": writer for name, writer in HARD.items()},
}
