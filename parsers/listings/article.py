"""What an article page is: its title, date and issuer, its content, its attachments, and parts that lie elsewhere."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import etree

from parsers.listings import api
from parsers.listings.html import crumbs, document_title, meta, target, text_of
from parsers.listings.js import UNKNOWN, assignments, literal, loads, value_of
from parsers.listings.model import Fetch, Loaded
from parsers.listings.records import CONTENT, _field, _files, _walk
from parsers.listings.redirect import frames
from parsers.listings.text import iso_date, squeeze, tidy, url_date

CONTENT_TEXT = 60_000
"""Characters of an article's text that are looked at."""
SUFFIX = re.compile(r"\.(pdf|docx?|wps|et|xlsx?|ofd|ceb|zip|rar|7z|rtf|txt|tiff?)(?=$|[?#&\s'\")）】;,])", re.I)
"""Matches the suffix of a document in a path, a query value, a link text or a title."""
SCRIPTED = re.compile(
    r"downfile\.jsp|/download\.jsp|file-?download\b|download(?:ztb)?attach|DownloadAttachUrl|[?&](?:attach(?:ment)?guid|wbfileid|fileid)=|"
    r"/(?:attachment|attach)/(?:download|\d)|downloadFile|/downattach|getFile\b|filedown|"
    r"/(?:show)?down(?:load)?(?:url|file|er|s)?\.(?:php|aspx?|ashx|jsp|do|action)|[?&](?:c|a|m|mod|op|act|action|method|cmd)=(?:down|attach)",
    re.I,
)
"""Matches addresses of scripts that send a file: ``/module/download/downfile.jsp?…``, ``…/file-download?fileUrl=…``,
``/plus/download.php?open=2&id=7``, ``index.php?m=content&c=down&a_k=…``, ``/Common/ShowDownloadUrl.aspx?id=7``."""
VIEWER = re.compile(r"viewer|pdfjs|pdf\.js|preview|onlinepreview|flexpaper|ofdview|reader\.html", re.I)
_VIEWED = ("file", "fileurl", "url", "src", "path", "filepath", "pdf", "pdfurl")
_STRING = re.compile(r"['\"]([^'\"<>\s\\]{1,300}?\.(?:pdf|ofd|docx?|wps|ceb))(?:[?#][^'\"<>\s]{0,200})?['\"]", re.I)
"""Matches a file written as a string in a script: ``PDFObject.embed("/upload/x.pdf")``."""
_CONTAINERS = (
    "ucapcontent ucap-content vsb_content zoom trs_ueditor trs_editor custom_unionstyle ivs_content webeditorview "
    "j-fontcontent zoomcon article-content detail-content xxgk_content zw-content articlecontent pages_content "
    "wzzw-article fontzoom maintext main-txt jgzn_content wzcon v_news_content article_content articlecon "
    "newscontent content-body con_text detailcontent infocontent conttext article content"
).split()
"""Names of the element that holds the text, as content systems give them, the surest first."""
_RANK = {name: number for number, name in enumerate(_CONTAINERS)}
_NAMES = re.compile(r"[\w-]+")
_BLOCKS = re.compile(r"pfileattach|downloadfile|apendix|appendix|attach|fujian|article-reldocuments|download", re.I)
"""Matches the names of blocks that hold attachments outside the body."""
_PUBLISHED = re.compile(
    r"(?:发布(?:时间|日期)|发表(?:时间|日期)|公开(?:日期|时间)|发文(?:日期|时间)|信息(?:时间|日期)|生成日期|公文生成日期|更新时间|成文日期|日期|时间)"
    r"\s*[\]】]?\s*[:：]?\s*[\[【]?\s*((?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2})"
)
"""Matches ``发布时间：2022-01-26 16:32``; the labels stand in the order of trust, see ``_date``."""
_SOURCE = re.compile(
    r"(?:信息来源|文章来源|稿件来源|来源|发布机构|发布部门|发布机关|发布单位|公开主体)\s*[\]】]?\s*[:：]\s*([^\s:：|】\]<>]{2,60})"
)
"""Matches ``来源：平罗县教育局``."""
_NO_SOURCE = re.compile(r"^(?:原创|未知来源|本站|本网|无|暂无|发布时间.*|浏览.*|作者.*|字体.*|日期.*|时间.*)$")
_ICON = re.compile(
    r"icon|logo|qr|ewm|erweima|share|weixin|wx_|print|close|arrow|btn|bullet|filetype|dot\.|line\.|blank|spacer|loading|gh\.|jiucuo|conac|beian",
    re.I,
)
_IMAGE = re.compile(r"\.(?:jpe?g|png|bmp|tiff?|webp)(?=$|[?#])", re.I)
_PART = re.compile(r"^(.*?)(?:_(\d{1,3}))?(\.\w{3,5})$")


@dataclass(frozen=True, slots=True)
class File:
    """A file that a page offers. ``name`` is what people see; ``inside`` is True when it stands in the article or in
    its block of attachments, not somewhere else on the page."""

    url: str
    name: str
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Article:
    """``titles`` are best first. ``published`` is ISO or empty. ``text`` is the content without navigation.

    ``images`` are pictures in the content, in order. ``parts`` are further pages of the same text. ``body`` is content
    that stood in a script or a JSON answer, as HTML. ``detail`` is the request that fills an empty page.
    """

    titles: tuple[str, ...] = ()
    published: str = ""
    source: str = ""
    crumbs: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    images: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    body: str = field(default="", repr=False)
    detail: Fetch | None = None


def read(page: Loaded) -> Article:
    """Read an article page, or a JSON answer that holds one article."""
    if page.media == "json":
        return _of_json(page)
    if page.root is None or page.media == "file":
        return Article()
    metas = meta(page)
    container = content(page.root)
    whole = container is None
    text = _own_text(page.root) if container is None else _text(container)
    body = "" if len(text) > 200 and not whole else scripted_body(page)
    files = tuple(_unique(_attachments(page, container)))
    published, source = iso_date(metas.get("pubdate", "")), _source(metas, "")
    if not (published and source):
        head = text_of(page.root, 6000)
        published = published or _tag_date(page) or _date(head) or url_date(page.url)
        source = source or _source({}, head)
    empty = not body and not files and len(text) < (400 if whole else 60)
    return Article(
        titles=_titles(page, metas),
        published=published,
        source=source,
        crumbs=crumbs(page),
        text=text if not body else _text(_parse(body)),
        files=files,
        images=tuple(_images(page, container if container is not None else page.root)),
        parts=tuple(_parts(page, container)) or _framed(page, text),
        body=body,
        detail=api.detail_request(page) if empty else None,
    )


def compose(title: str, html: str, *, published: str = "", source: str = "") -> bytes:
    """Content that came inside a script or JSON as an HTML document of its own, UTF-8. The same input gives the same
    bytes."""
    safe = [entities.escape(value, quote=True) for value in (title, published, source)]
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{safe[0]}</title>\n'
        f'<meta name="ArticleTitle" content="{safe[0]}">\n<meta name="PubDate" content="{safe[1]}">\n'
        f'<meta name="ContentSource" content="{safe[2]}"></head>\n<body><h1>{safe[0]}</h1>\n'
        f'<div id="zoom">{html}</div></body></html>\n'
    ).encode()


# content ------------------------------------------------------------------------------------------------------


def content(root: Any) -> Any:
    """The element that holds the text: by the names that content systems use, the best known first, None without."""
    best, rank = None, len(_RANK)
    for element in root.iter("div", "td", "article", "ucapcontent", "section", "form", "span"):
        if not element.attrib and element.tag != "ucapcontent":
            continue
        value = f"{element.get('id', '')} {element.get('class', '')}"
        names = _NAMES.findall(value.lower()) if len(value) > 1 else []
        if element.tag == "ucapcontent":
            names.append(element.tag)
        for name in names:
            place = _RANK.get(name, _RANK["vsb_content"] if name.startswith("vsb_content_") else rank)
            if place < rank and (len(element) or (element.text or "").strip()):
                best, rank = element, place
    return best


def content_html(page: Loaded) -> str:
    """The content of an article page as HTML, for putting the parts of a split text together."""
    container = content(page.root) if page.root is not None else None
    if container is None and page.root is not None and page.media == "html":
        container = page.root.find("body")
    return etree.tostring(container, encoding="unicode", with_tail=False) if container is not None else ""


def _text(element: Any) -> str:
    if element is None:
        return ""
    parts = element.itertext()
    size, kept = 0, []
    for part in parts:
        kept.append(part)
        size += len(part)
        if size > CONTENT_TEXT * 2:
            break
    return " ".join("".join(kept).split())[:CONTENT_TEXT]


_NOT_OWN = frozenset({"a", "script", "style", "noscript", "select", "button", "head", "option", "textarea", "form"})


def _own_text(root: Any) -> str:
    """Text of a page outside its links and forms: what is left when menus are taken away."""
    kept: list[str] = []
    size = 0
    stack = [root]
    while stack and size < CONTENT_TEXT:
        node = stack.pop()
        if isinstance(node, str):
            kept.append(node)
            size += len(node)
            continue
        if node.tail and node is not root:
            stack.append(node.tail)
        if isinstance(node.tag, str) and node.tag not in _NOT_OWN:
            stack.extend(reversed(node))
            if node.text:
                kept.append(node.text)
                size += len(node.text)
    return " ".join("".join(kept).split())[:CONTENT_TEXT]


def _parse(html: str) -> Any:
    return Loaded("http://x/", f"<div>{html}</div>".encode()).root


def scripted_body(page: Loaded) -> str:
    """The content of an article that its page keeps as a string in a script (``_CONFIG.DETAIL``), as HTML, or empty."""
    scripts = page.scripts
    if not re.search(r"content|[\"']body[\"']\s*:", scripts, re.I):
        return ""
    for name in ("DETAIL", "detail", "article", "info"):
        value = value_of(scripts, name)
        if isinstance(value, dict):
            found = _field(value, CONTENT)
            if isinstance(found, str) and len(found) > 100:
                return _unescaped(found)
    for name in ("content", "contentHtml", "articleContent", "infocontent", "htmlContent", "newsContent"):
        value = value_of(scripts, name)
        if isinstance(value, str) and len(value) > 200 and ("<" in value or "%3C" in value or "&lt;" in value):
            return unquote(value) if value.startswith("%3C") else _unescaped(value)
    return ""


def _unescaped(html: str) -> str:
    """HTML whose tags were written as ``&lt;p&gt;`` for a script to turn back."""
    return entities.unescape(html) if "<" not in html and "&lt;" in html else html


# titles, dates, issuer ----------------------------------------------------------------------------------------


def _titles(page: Loaded, metas: dict[str, str]) -> tuple[str, ...]:
    found = [metas.get("articletitle", "")]
    for element in page.root.iter("ucaptitle", "h1", "h2"):
        if re.search(r"logo|site|banner|header", element.get("class") or ""):
            continue
        found.append(text_of(element, 200))
        if len(found) > 4:
            break
    for element in page.root.iter("div", "p", "td", "h3", "span") if not found[0] else ():
        named = f"{element.get('class', '')} {element.get('id', '')}".lower()
        if ("tit" in named or "bt" in named) and not _TITLE_NAMES.isdisjoint(_NAMES.findall(named)):
            found.append(text_of(element, 200))
            if len(found) > 8:
                break
    title = value_of(page.scripts, "title") if re.search(r"\btitle\s*=", page.scripts) else UNKNOWN
    if isinstance(title, str):
        found.append(tidy(title))
    found.append(re.sub(r"\s*[-_|—–]{1,2}\s*[^-_|—–]{0,60}$", "", document_title(page)) or document_title(page))
    found.append(metas.get("title", ""))
    seen: dict[str, str] = {}
    for one in found:
        if 3 <= len(one) <= 200:
            seen.setdefault(squeeze(one), one)
    return tuple(seen.values())


_TITLE_NAMES = frozenset(
    "title content-title article-title arti_title wz_title detail-title tit xl_title titlle newstitle news-title bt "
    "info-title contenttitle "
    "con_title zwtitle xltitle pages-title art_title".split()
)


def _tag_date(page: Loaded) -> str:
    for element in page.root.iter("publishtime", "time"):
        if found := iso_date(text_of(element, 60)):
            return found
    value = value_of(page.scripts, "pubDate") if "pubDate" in page.scripts else UNKNOWN
    return iso_date(value) if isinstance(value, str) else ""


def _date(text: str) -> str:
    """The date behind the most trusted label: 发布 before 公开 before 成文; 归档, 生效 and a clock are never taken."""
    found = [(match.group()[:4], iso_date(match.group(1))) for match in _PUBLISHED.finditer(text)]
    for label in ("发布", "发表", "公开", "信息", "生成", "公文", "发文", "更新", ""):
        for words, day in found:
            if day and words.startswith(label):
                return day
    return ""


def _source(metas: dict[str, str], text: str) -> str:
    for value in (metas.get("contentsource", ""), *(match.group(1) for match in _SOURCE.finditer(text))):
        value = value.strip()
        if value and not _NO_SOURCE.match(value) and not re.match(r"https?:|www\.", value):
            return value[:80]
    return ""


# attachments --------------------------------------------------------------------------------------------------


def is_file(url: str, *texts: str) -> bool:
    """True when a link leads to a document: by its path, its query values, its text, its title, in this order."""
    parts = urlsplit(url)
    if SUFFIX.search(unquote(parts.path)):
        return True
    if re.search(r"\.(?:s?html?)$", parts.path, re.I):
        return False
    if any(SUFFIX.search(value) for _, value in parse_qsl(parts.query)):
        return True
    return bool(SCRIPTED.search(url)) or any(SUFFIX.search(text.strip()) for text in texts if text)


def unwrap(url: str) -> str:
    """The file that a viewer's address shows: ``/pdfjs/web/viewer.html?file=/x.pdf`` → ``/x.pdf`` on the same host."""
    parts = urlsplit(url)
    if not parts.query or not (VIEWER.search(parts.path) or re.search(r"(?:^|&)file(?:url)?=", parts.query, re.I)):
        return url
    if SCRIPTED.search(parts.path):
        return url
    for key, value in parse_qsl(parts.query):
        if key.lower() in _VIEWED and (SUFFIX.search(value) or value.startswith(("/", "http"))):
            return Loaded(url, b"").join(value) or url
    return url


def _attachments(page: Loaded, container: Any) -> Iterator[File]:
    for element in _CARRIERS(page.root):
        for url, name in _offered(element, page):
            yield File(url, name, container is None or _inside(element, container) or _in_block(element))
    written = [match.group(1) for match in _STRING.finditer(page.scripts[:300_000])]
    for value in written:
        # beside an address a bare 2023年报告.pdf is only its name
        bare = "/" not in value and not value.isascii() and any("/" in one for one in written)
        if not bare and (url := page.join(value)):
            yield File(unwrap(url), "", True)


def _inside(element: Any, container: Any) -> bool:
    return any(parent is container for parent in element.iterancestors())


def _in_block(element: Any) -> bool:
    """True inside a block of attachments, or beside the word 附件."""
    if "附件" in text_of(element, 40):
        return True
    for number, parent in enumerate(element.iterancestors()):
        if number > 4:
            return False
        if _BLOCKS.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
        if number < 2 and (parent.text or "").strip().startswith("附件"):
            return True
    return False


_CARRIERS = etree.XPath(
    "descendant-or-self::*[self::a or self::iframe or self::embed or self::object or self::span or self::button"
    " or self::li or self::p or self::div or self::input or self::img]"
    "[@href or @src or @data or @onclick or @data-url or @data-href or @data-file or @data-src or @data-fileurl"
    " or @data-path]"
)
"""Elements with an attribute that can lead to a file, in page order."""
_PLAIN_PAGE = re.compile(r"^[^?#]{0,400}(?:/|\.s?html?)$|^#", re.I)
"""Matches addresses that cannot be a file: ``/zwgk/``, ``../info/1.htm``."""


def _offered(element: Any, page: Loaded) -> Iterator[tuple[str, str]]:
    """Files that one element leads to, with their names."""
    tag = element.tag
    if tag in ("iframe", "embed", "object"):
        url = page.join(element.get("src") or element.get("data") or element.get("data-src") or "")
        shown = unwrap(url)
        if url and (shown != url or is_file(url)):
            yield shown, element.get("title") or ""
        return
    href = element.get("href") or ""
    if href and tag == "a" and not _PLAIN_PAGE.search(href):
        url = page.join(href)
        if url:
            shown = unwrap(url)
            title = element.get("title") or element.get("download") or ""
            if shown != url or is_file(url, text_of(element, 200), title) or _OFFER.match(text_of(element, 60)):
                yield shown, _name(element, title)
                return
    code = (href if href[:11].lower() == "javascript:" else "") + (element.get("onclick") or "")
    if code:
        label = element.get("title") or element.get("value") or ""
        called = list(_called(code, page))
        if not called and _OFFER.match(text_of(element, 60) or label) and (url := target(element, page)):
            called = [unwrap(url)]
        yield from ((url, _name(element, label)) for url in called)
    for name, value in element.attrib.items():
        if name in _DATA and value and (is_file(url := page.join(value)) or SUFFIX.search(value)):
            yield unwrap(url), _name(element, element.get("title") or "")


_OFFER = re.compile(
    r"^(?:(?:请?点击|在线|直接)?(?:下载|查看|打开|预览|阅读|浏览)(?:查看)?(?:附件|原文|全文|原件|正文|文件|报告|文档|PDF)|附件\s*\d{0,2}\s*(?:下载|查看)?$|附件下载|(?:请?点击|本地|文件)下载|下载地址\d?$|点击(?:此处|这里))",
    re.I,
)
"""Matches what a link to a file is called when it does not say its name: 查看附件, 点击下载, 下载地址1."""
_DATA = frozenset({"data-url", "data-href", "data-file", "data-src", "data-fileurl", "data-path"})


def _name(element: Any, title: str) -> str:
    """What people see as the name: the text, or the title attribute when it says more."""
    text = text_of(element, 200)
    return tidy(title) if len(title) > len(text) and (not text or SUFFIX.search(title)) else text


def _called(code: str, page: Loaded) -> Iterator[str]:
    """Files in the arguments of a script call: ``ztbfjyz('/…attachGuid=…')``, ``down3('<uuid>.PDF')``."""
    for match in re.finditer(r"['\"]([^'\"<>]{3,500})['\"]", code[:1500]):
        value = match.group(1)
        if not (SUFFIX.search(value) or SCRIPTED.search(value)):
            continue
        if "/" in value:
            url = page.join(value)
        else:
            call = re.search(r"([A-Za-z_$][\w$]{0,40})\s*\(", code)
            url = (_through(call.group(1), value, page) if call else "") or page.join(value)
        if url:
            yield unwrap(url)


def _through(function: str, argument: str, page: Loaded) -> str:
    """The address that a page's function makes of a file name, read from the function's body."""
    scripts = page.scripts
    definition = re.search(rf"function\s+{re.escape(function)}\s*\(\s*([\w$]{{1,40}})", scripts)
    if not definition:
        return ""
    body = scripts[definition.end() : definition.end() + 1500]
    names = {**assignments(scripts, 100), definition.group(1): argument}
    names.update({key: value for key, value in _with(body, names).items() if key not in names})
    for move in re.finditer(r"location(?:\.href)?\s*=(?!=)\s*|window\.open\(\s*|\.(?:href|src)\s*=\s*", body):
        value = literal(body, move.end(), names)
        if isinstance(value, str) and argument in value:
            return page.join(value)
    return ""


def _with(body: str, names: dict[str, Any]) -> dict[str, Any]:
    """Names assigned in a function's body, with the function's own argument known."""
    found: dict[str, Any] = {}
    for match in re.finditer(r"(?:var|let|const)\s+([\w$]{1,40})\s*=(?!=)", body):
        value = literal(body, match.end(), {**names, **found})
        if value is not UNKNOWN:
            found[match.group(1)] = value
    return found


def _unique(files: Iterator[File]) -> Iterator[File]:
    """Each file once; a name and a place inside the article win over none."""
    seen: dict[str, File] = {}
    for one in files:
        old = seen.get(one.url)
        if old is None:
            seen[one.url] = one
        else:
            seen[one.url] = File(
                one.url, old.name if len(old.name) >= len(one.name) else one.name, old.inside or one.inside
            )
        if len(seen) > 200:
            break
    yield from seen.values()


# images and parts ---------------------------------------------------------------------------------------------


def _images(page: Loaded, container: Any) -> Iterator[str]:
    seen: set[str] = set()
    for element in container.iter("img"):
        src = element.get("src") or element.get("data-src") or element.get("data-original") or ""
        url = page.join(src)
        if url and url not in seen and _IMAGE.search(src) and not _ICON.search(src):
            seen.add(url)
            yield url
        if len(seen) >= 60:
            return


def _framed(page: Loaded, text: str) -> tuple[str, ...]:
    """Pages in frames, where the article's own page has next to no text."""
    return () if len(text) > 600 else tuple(link.url for link in frames(page))[:3]


def _parts(page: Loaded, container: Any) -> Iterator[str]:
    """Further pages of a split text: ``x.html`` → ``x_2.html``; only links whose address says so."""
    own = _PART.match(page.url.partition("?")[0].partition("#")[0])
    if not own or container is None:
        return
    seen: set[str] = set()
    for element in page.root.iter("a"):
        url = page.join(element.get("href") or "").partition("#")[0]
        other = _PART.match(url)
        if (
            other
            and other.group(2)
            and other.group(1) == own.group(1)
            and url != page.url
            and url not in seen
            and len(seen) < 30
        ):
            if element.text is None or not re.fullmatch(
                r"\s*(?:\d{1,3}|下一?页|尾页|上一?页|末页|第\d+页)\s*", text_of(element, 20)
            ):
                continue
            seen.add(url)
            yield url


# JSON ---------------------------------------------------------------------------------------------------------


def _of_json(page: Loaded) -> Article:
    """An article that came as JSON: its largest HTML string, with the fields beside it."""
    value = loads(page.text)
    best: dict[str, Any] = {}
    size = -1
    for node in _walk(value):
        if isinstance(node, dict):
            found = _field(node, CONTENT)
            weight = len(found) if isinstance(found, str) else 0
            if weight > size and (weight or _titled(node)):
                best, size = node, weight
    html = _field(best, CONTENT)
    html = html if isinstance(html, str) else ""
    title = _titled(best)
    files = [File(link.url, link.text) for link in _files(best, page)]
    for node in _walk(value):
        if isinstance(node, dict) and node is not best:
            files += [File(link.url, link.text) for link in _files(node, page)]
    inner = Loaded(page.fetch.get("from") or page.url, f'<div id="zoom">{html}</div>'.encode())
    if inner.root is not None:
        files += list(_attachments(inner, content(inner.root)))
    issuer = _field(best, ("dept", "deptname", "publisher", "source", "organ", "unit"))
    return Article(
        titles=(title,) if title else (),
        published=iso_date(json.dumps(best, ensure_ascii=False, default=str)[:3000]) if best else "",
        source=issuer if isinstance(issuer, str) else "",
        text=_text(inner.root),
        files=tuple(_unique(iter(files))),
        images=tuple(_images(inner, inner.root)) if inner.root is not None else (),
        body=html,
    )


def _titled(node: dict[str, Any]) -> str:
    value = _field(node, ("title", "realtitle", "infotitle", "articletitle", "doctitle", "subject"))
    return tidy(value) if isinstance(value, str) else ""
