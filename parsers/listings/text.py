"""Bytes to text, and what texts of lists have in common: dates, counts, cut titles."""

from __future__ import annotations

import re
import unicodedata

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
FILE_MAGIC = (
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"7z\xbc\xaf",
)
HTML_HEAD = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|script|div|table|ul|li|iframe|frameset|a|p)\b", re.I
)
"""Matches ``<!DOCTYPE html`` and fragments such as ``<li>`` at the start of an answer."""


XML_ROOT = re.compile(r"<\?xml[^<>]{0,200}>\s*(<!?[^<>]{1,300}>?)")
"""Matches an XML declaration and the first tag behind it."""


def decode(body: bytes, content_type: str = "") -> str:
    """Text of a page by what its bytes are: servers say utf-8 over GBK and gb2312 over GB18030.

    Chinese GBK text is practically never valid UTF-8, so a strict decode decides; a declared charset only breaks ties.
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return body.decode("gb18030")
    except UnicodeDecodeError:
        pass
    guesses = [body.decode(name, "replace") for name in ("utf-8", "gb18030")]
    if "big5" in content_type.lower() or b"charset=big5" in body[:2000].lower():
        guesses.append(body.decode("big5", "replace"))
    return min(guesses, key=lambda text: text.count("\ufffd"))


def media_type(body: bytes, head: str) -> str:
    """``file`` for documents and images, else ``json``, ``xml``, ``html`` or ``script``; ``head`` is decoded text."""
    if body.lstrip()[:8].startswith(FILE_MAGIC) or b"\x00\x00\x00" in body[:400]:
        return "file"
    if head.startswith(("{", "[")):
        return "json"
    if re.match(r"[\w.$]{1,80}\s*\(\s*[\[{\"]", head):  # JSONP: cb({"result":…})
        return "json"
    if head.startswith("<datastore"):
        return "xml"
    if root := XML_ROOT.match(head):
        return "html" if HTML_HEAD.match(root.group(1)) else "xml"
    return "html" if head.startswith("<") or HTML_HEAD.search(head) else "script"


def tidy(text: str) -> str:
    """One line: NFKC width folding, every run of white space becomes one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


SAYS_NOTHING = re.compile(
    r"^(?:更多|more|查看更多|查看全部|全部|>>|》|\+|»|详情|更多[>»+]{1,3}|\[更多\]|(?:点击|请|点此|在线)?(?:查看|浏览|阅读|下载|打开|预览)"
    r"(?:详情|全文|报告|文件)?|进入)[>»+.]*$",
    re.I,
)
"""Matches links that only say what a click does: 更多>>, 点击查看, 下载, 详情."""


def squeeze(text: str) -> str:
    """For matching: width folded, no white space at all."""
    return "".join(unicodedata.normalize("NFKC", text).split())


DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)日?")
"""Matches ``2024-01-31``, ``2024.1.31``, ``2024/01/31`` and ``2024年1月31日``."""
DATE_FUSED = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?=\d\d:\d\d)")
"""Matches the date in ``2021-03-2918:26``, where the blank before the time is lost."""
EDGE_DATE = re.compile(
    r"^[\[(（【]?\s*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s*[\])）】]?"
    r"|[\[(（【]?\s*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s*[\])）】]?$"
)
"""Matches a full date at either end of a link text: ``[2024-01-31]``, ``2024-01-31 10:20``."""


def iso_date(text: str) -> str:
    """The first valid date in a text as ``2024-01-31``, or empty."""
    for match in (*DATE_FUSED.finditer(text[:4000]), *DATE.finditer(text[:4000])):
        year, month, day = (int(part) for part in match.groups())
        if 1 <= month <= 12 and 1 <= day <= 31:
            return f"{year:04d}-{month:02d}-{day:02d}"
    return ""


URL_DATE = re.compile(
    r"/t((?:19|20)\d\d)(\d\d)(\d\d)_"  # TRS: /t20240131_1001.html
    r"|/art/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})/"  # Hanweb: /art/2024/1/31/art_1_2.html
    r"|/((?:19|20)\d\d)-?(\d\d)[-/](\d\d)/"  # /2024-01/31/content_1.shtml, /2024-01-31/1.html, /202401/31/x.html
)


def url_date(url: str) -> str:
    """The day that an article's address carries, or empty. It is the day of upload, not always of publishing."""
    match = URL_DATE.search(url)
    if not match:
        return ""
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def between(text: str, opening: str, closing: str, most: int = 20_000) -> list[str]:
    """What stands between two marks, each time, without CDATA marks; linear in the length of the text."""
    found: list[str] = []
    at = 0
    while len(found) < most:
        start = text.find(opening, at)
        end = text.find(closing, start + len(opening)) if start >= 0 else -1
        if start < 0 or end < 0:
            break
        inner = text[start + len(opening) : end].strip()
        found.append(inner.removeprefix("<![CDATA[").removesuffix("]]>"))
        at = end + len(closing)
    return found


CUT = re.compile(r"(?:…+|\.{2,}|⋯+)$")
"""Matches the end of a cut text: ``平罗县教育局2024年政府信息公开…``."""


def is_cut(text: str) -> bool:
    return bool(CUT.search(text))


def without_dates(text: str) -> str:
    """A link text without a publishing date at either end and without a list bullet before it."""
    text = EDGE_DATE.sub("", text.strip()).strip()
    return text.lstrip("·•▪■◆●►>»-—*").strip() or text


def best_title(text: str, attribute: str) -> str:
    """The full title of a link: its title attribute where it completes the text, else the text without dates."""
    text, attribute = without_dates(tidy(text)), without_dates(tidy(attribute))
    if not attribute:
        return text
    if not text or is_cut(text):
        return attribute if not is_cut(attribute) or len(attribute) >= len(text) else text
    # An attribute that says something else ("点击查看") is not the title; one that contains the text is.
    return attribute if squeeze(text) in squeeze(attribute) and len(attribute) < 200 else text


STATED = re.compile(
    r"(?:共|总计|总共|合计)\s*(?:有|为|[:：])?\s*(?:<[^<>]{1,80}>\s*){0,2}(\d{1,6})\s*(?:<[^<>]{1,80}>\s*){0,2}(?:条|篇|个?记录|项记录)"
    r"|(?:totalRecords?|totalRecord_?count|total_?count|recordCount|totalNum|rowCount)['\"]?\s*[:=]\s*['\"]?(\d{1,6})\b"
    r"|class=['\"][^'\"<>]{0,60}pagination[^<>]{0,200}\bcount=['\"](\d{1,6})['\"]",
    re.I,
)
"""Matches ``共52条``, ``共 <b>52</b> 条记录``, ``totalRecord:95`` and ``class="pagination" rows="15" count="23"``."""


def stated_count(text: str) -> int | None:
    """How many records a page says its list has, or None. Contradicting statements count as none."""
    found = {int(next(group for group in match.groups() if group)) for match in STATED.finditer(text)}
    return found.pop() if len(found) == 1 else None
