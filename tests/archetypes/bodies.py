"""Documents as portals serve them: the report in HTML, PDF and Office dress, and the texts of look-alikes."""

from __future__ import annotations

import html
import random
import zlib
from dataclasses import replace
from functools import lru_cache

from tests.archetypes.county import Body, County
from tests.generator.layout import Layout, layouts
from tests.generator.report import MadeReport, make_report


@lru_cache(maxsize=4096)
def made(body: Body, year: int, title: str, variant: int = 0) -> MadeReport:
    """A report of this body and year; ``variant`` changes its numbers."""
    seed = zlib.crc32(f"{body.name}{year}{variant}".encode())
    draft = make_report(seed, edition="2021" if year >= 2021 else "2019")
    rng = random.Random(seed)

    def ours(text: str) -> str:
        text = text.replace(draft.title, title).replace(draft.agency, body.name)
        return text.replace(f"{draft.year}年", f"{year}年")

    return replace(
        draft,
        agency=body.name,
        year=year,
        title=title,
        preamble=ours(draft.preamble),
        sections=tuple((heading, tuple(ours(p) for p in paragraphs)) for heading, paragraphs in draft.sections),
        signature=(body.name, f"{year + 1}年1月{rng.randint(5, 30)}日"),
    )


def table_html(layout: Layout, style: str = 'border="1" cellspacing="0"') -> str:
    rows = []
    for row in layout:
        cells = []
        for slot in row:
            spans = "".join(
                f' {name}="{n}"' for name, n in (("rowspan", slot.row_span), ("colspan", slot.column_span)) if n > 1
            )
            cells.append(f"<td{spans}><p>{html.escape(slot.text)}</p></td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table {style}><tbody>{''.join(rows)}</tbody></table>"


def report_html(report: MadeReport, *, anonymous: bool = False) -> str:
    """The body of an article. ``anonymous`` leaves the agency out, as reports do that only say 我单位."""
    drawn = layouts(report)
    parts = [f"<p>{html.escape(report.preamble)}</p>"]
    for n, (heading, paragraphs) in enumerate(report.sections, 1):
        parts.append(f"<p><strong>{heading}</strong></p>")
        parts += [f"<p>{html.escape(p)}</p>" for p in paragraphs]
        if n in drawn:
            parts.append(table_html(drawn[n]))
    if not anonymous:
        parts += [f'<p style="text-align:right">{line}</p>' for line in report.signature]
    text = "\n".join(parts)
    return text.replace(report.title, "本报告").replace(report.agency, "我单位") if anonymous else text


def html_file(report: MadeReport, charset: str = "gb18030") -> bytes:
    """A .doc that is HTML inside, as word processors of the time saved it."""
    text = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
        f'<head><meta http-equiv="Content-Type" content="text/html; charset={charset}"><title>{report.title}</title>'
        f'</head><body lang="ZH-CN"><h1>{report.title}</h1>{report_html(report)}</body></html>'
    )
    return text.encode(charset)


def look_alike_html(county: County, title: str, why: str, year: int) -> str:
    """The text of a decoy; a few sentences, one table where the real thing has one."""
    rng = random.Random(title)
    parts = [f"<p>{html.escape(title)}已经{county.name}人民政府同意，现予发布。</p>"]
    if why == "website report":
        rows = [
            ("网站名称", f"{county.name}人民政府门户网站"),
            ("首页网址", "www"),
            ("主办单位", f"{county.name}人民政府办公室"),
        ]
        rows += [
            (name, str(rng.randint(0, 90000)))
            for name in ("总访问量", "信息发布总数", "概况类信息更新量", "政务动态信息更新量")
        ]
        parts.append("<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows) + "</table>")
    elif why == "infographic twin":
        parts.append(f'<p><img src="/images/{rng.randint(1000, 9999)}.png" alt="{html.escape(title)}"></p>')
    elif why == "rule-of-law report":
        parts += [f"<p>{h}</p><p>{year}年，深入学习贯彻习近平法治思想，依法行政工作取得新成效。</p>" for h in
                  ("一、法治政府建设主要举措", "二、存在的不足", "三、下一步工作安排")]  # fmt: skip
    else:
        parts += [
            f"<p>{n}、第{rng.randint(1, 40)}项工作由责任单位于{year}年底前完成，办公室负责督促检查。</p>"
            for n in "一二三四"
        ]
    return "\n".join(parts)
