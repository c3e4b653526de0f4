# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
"""Article pages: title, date, issuer, attachments in every form, and content that is not in the page."""

from __future__ import annotations

import json

import pytest

from parsers.listings import Fetch, Loaded, api, article
from tests.listings.reading import BASE

TEXT = "<p>" + "本年度政府信息公开工作情况如下。" * 30 + "</p>"


def loaded(main: str, *, head: str = "", path: str = "/nb/1.html") -> Loaded:
    return Loaded(
        BASE + path, f"<html><head><title>标题-清源县人民政府</title>{head}</head><body>{main}</body></html>".encode()
    )


def files(main: str, **where: str) -> list[tuple[str, str]]:
    return [(file.url.removeprefix(BASE), file.name) for file in article.read(loaded(main, **where)).files]


def test_metadata_first() -> None:
    head = '<meta name="ArticleTitle" content="水务局2024年报告"><meta name="PubDate" content="2025-01-16 09:30"><meta name="ContentSource" content="水务局">'
    found = article.read(
        loaded(
            f"<h1>别的</h1><p>归档时间：2023-01-01 发布时间：2024-02-02 来源：县政府</p><div id='zoom'>{TEXT}</div>",
            head=head,
        )
    )
    assert (found.titles[0], found.published, found.source) == ("水务局2024年报告", "2025-01-16", "水务局")
    assert found.text.startswith("本年度")


@pytest.mark.parametrize(
    ("line", "day", "source"),
    [
        ("发布时间：2022-01-26 16:32 来源：水务局 浏览次数：9", "2022-01-26", "水务局"),
        ("归档时间：2019-05-01 发布日期：2022年1月26日 信息来源: 水务局", "2022-01-26", "水务局"),
        ("今天是2019年12月3日星期二 发表时间：2021-03-2918:26 文章来源：未知来源", "2021-03-29", ""),
        ("成文日期：2022-01-20 发布日期：2022-01-26 发布机构：水务局", "2022-01-26", "水务局"),
        ("生效日期：2024-01-01", "2024-01-01", ""),
        ("", "", ""),
    ],
)
def test_labels(line: str, day: str, source: str) -> None:
    found = article.read(loaded(f"<h1>报告</h1><p>{line}</p><div class='TRS_Editor'>{TEXT}</div>"))
    assert (found.published, found.source) == (day, source)


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        ('<a href="./P0202.pdf">附件</a>', "/nb/P0202.pdf"),
        ('<a href="/a/b.PDF?x=1">附件</a>', "/a/b.PDF?x=1"),
        (
            '<a href="/module/download/downfile.jsp?classid=0&filename=9f.pdf">报告</a>',
            "/module/download/downfile.jsp?classid=0&filename=9f.pdf",
        ),
        (
            '<a href="/system/_content/download.jsp?urltype=news.DownloadAttachUrl&wbfileid=7">名.xls</a>',
            "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&wbfileid=7",
        ),
        ('<a href="/x/file-download?fileUrl=/cms/9.docx">下载</a>', "/x/file-download?fileUrl=/cms/9.docx"),
        ('<a href="/download/8891">2024年度报告.doc</a>', "/download/8891"),
        ('<a href="/u/8891" title="2024年度报告.wps">下载</a>', "/u/8891"),
        (
            '<a href="javascript:void(0)" onclick="ztbfjyz(\'/E/downloadztbattach?attachGuid=g\')">下载</a>',
            "/E/downloadztbattach?attachGuid=g",
        ),
        (
            "<span onclick=\"down3('ab-12.PDF')\">下载</span><script>function down3(f){ var p='/files/'; window.open(p + f); }</script>",
            "/files/ab-12.PDF",
        ),
        ('<button data-url="/f/1.ofd">查看</button>', "/f/1.ofd"),
        ('<iframe src="/pdfjs/web/viewer.html?file=%2Fupload%2Fx.pdf"></iframe>', "/upload/x.pdf"),
        ('<iframe src="/pdf/viewer.html?file=../../u/x.PDF#page=1"></iframe>', "/u/x.PDF"),
        ('<embed src="/u/x.pdf" type="application/pdf">', "/u/x.pdf"),
        ('<object data="/u/x.pdf"></object>', "/u/x.pdf"),
        ("<div id='v'></div><script>PDFObject.embed('/u/x.pdf', '#v');</script>", "/u/x.pdf"),
        ('<script>var cfg = {"pdfUrl":"/u/x.pdf"};</script>', "/u/x.pdf"),
    ],
)
def test_every_form_of_an_attachment(markup: str, url: str) -> None:
    assert [found for found, _ in files(f'<h1>报告</h1><div id="zoom"><p>详见附件</p>{markup}</div>')] == [url]


def test_files_outside_the_article_are_told_apart() -> None:
    page = loaded(
        f'<div class="foot"><a href="/help/手册.pdf">操作手册</a></div><div id="zoom">{TEXT}</div><div class="downloadfile"><a href="/a.doc">附件1</a></div>'
    )
    assert {file.name: file.inside for file in article.read(page).files} == {"操作手册": False, "附件1": True}


def test_ordinary_links_are_no_files() -> None:
    assert (
        files(
            f'<div id="zoom">{TEXT}<a href="/zwgk/">公开</a><a href="../info/1.htm">x.doc</a><a href="/l?page=2">2</a></div>'
        )
        == []
    )


def test_the_same_file_twice_is_one() -> None:
    assert files('<div id="zoom"><p>x</p><a href="/a.doc"></a></div><p>附件：<a href="/a.doc">报告.doc</a></p>') == [
        ("/a.doc", "报告.doc")
    ]


def test_pictures_of_pages_without_icons() -> None:
    main = '<div id="zoom"><img src="/images/icon_pdf.gif"><img src="1.png"><img src="2.jpg?x=1"><img src="/qrcode.png"></div><img src="/logo.png">'
    assert article.read(loaded(main)).images == (f"{BASE}/nb/1.png", f"{BASE}/nb/2.jpg?x=1")


def test_parts_of_a_split_article() -> None:
    main = f'<div id="zoom">{TEXT}</div><a href="1_2.html">2</a><a href="1_3.html">3</a><a href="1_2.html">下一页</a><a href="2_2.html">2</a>'
    assert article.read(loaded(main)).parts == (f"{BASE}/nb/1_2.html", f"{BASE}/nb/1_3.html")


def test_content_in_a_script() -> None:
    detail = json.dumps({"DETAIL": {"title": "报告", "content": TEXT}}).replace("<", "\\u003C")
    found = article.read(loaded(f"<div class='article-content'></div><script>window._CONFIG = {detail};</script>"))
    assert found.body == TEXT
    assert found.text.startswith("本年度")


def test_content_in_json() -> None:
    body = {
        "success": True,
        "data": {
            "title": "水务局报告",
            "dept": "水务局",
            "date": "2025-01-16",
            "body": f'{TEXT}<a href="/u/x.pdf">x</a>',
        },
    }
    fetch = Fetch(f"{BASE}/detail", "POST", body=b"id=7", state=(("from", f"{BASE}/art/info/c1/7"),))
    found = article.read(Loaded(fetch.url, json.dumps(body).encode(), fetch=fetch))
    assert (found.titles, found.published, found.source) == (("水务局报告",), "2025-01-16", "水务局")
    assert found.body.startswith(TEXT)
    assert [file.url for file in found.files] == [f"{BASE}/u/x.pdf"]


@pytest.mark.parametrize(
    ("path", "script", "method", "sent"),
    [
        (
            "/art/info/c1/5501",
            "fetch('/d', {method:'POST', body: 'id=' + location.pathname.split('/').pop()})",
            "POST",
            "id=5501",
        ),
        ("/v.html?id=5501", "var id = getQueryString('id'); $.post('/d', {id: id}, show)", "POST", "id=5501"),
        (
            "/show.html?infoGuid=a-5501",
            "$.ajax({url:'/d', data:{guid: Util.getUrlParams('infoGuid')}})",
            "GET",
            "guid=a-5501",
        ),
    ],
)
def test_an_empty_page_names_what_fills_it(path: str, script: str, method: str, sent: str) -> None:
    found = article.read(
        loaded(f"<ul><li><a href='/'>首页</a></li></ul><div id='c'></div><script>{script}</script>", path=path)
    )
    assert found.detail is not None
    assert found.detail.method == method
    assert sent in (found.detail.body.decode() or found.detail.url)
    rule = api.detail_rule(BASE + path, found.detail)
    assert rule is not None
    other = api.by_rule(rule, found.detail, (BASE + path).replace("5501", "777"))
    assert other is not None
    assert sent.replace("5501", "777") in (other.body.decode() or other.url)
    assert api.by_rule(rule, found.detail, f"{BASE}/other/777") is None


def test_composed_content_is_the_same_every_time() -> None:
    one = article.compose("<题>", TEXT, published="2025-01-16", source="水务局")
    assert one == article.compose("<题>", TEXT, published="2025-01-16", source="水务局")
    assert article.read(Loaded(BASE, one)).titles[0] == "<题>"
