"""Which addresses are the same record, which hosts belong to a portal, and what a broken link means."""

from __future__ import annotations

import pytest

from parsers.listings.keys import Scope, base_domain, own_domain, record_key
from parsers.listings.model import Loaded, join
from parsers.listings.redirect import gone, is_stub, redirect

BASE = "http://www.qy.gov.cn/a/b.html"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.qy.gov.cn/a/index.html", "https://qy.gov.cn:443/a"),
        ("http://qy.gov.cn/p/1.html;jsessionid=9F?x=1", "http://qy.gov.cn/p/1.html?x=1"),
        ("http://qy.gov.cn/v.aspx?ID=1&Class=2", "http://qy.gov.cn/V.aspx?class=2&id=1"),
        ("http://qy.gov.cn/zwgk/public/168/5.html", "http://qy.gov.cn/public/168/5.html"),
        ("http://qy.gov.cn/a/?b=1&a=2#top", "http://qy.gov.cn/a/?a=2&b=1"),
    ],
)
def test_the_same_record(one: str, other: str) -> None:
    assert record_key(one) == record_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://qy.gov.cn/col/1/index.html?number=D001", "http://qy.gov.cn/col/1/index.html?number=D001-A005"),
        ("http://qy.gov.cn/A/1.html", "http://qy.gov.cn/a/1.html"),
        ("http://qy.gov.cn/#/list", "http://qy.gov.cn/"),
        ("http://qy.gov.cn/gkmlpt/annualreport#12", "http://qy.gov.cn/gkmlpt/annualreport#13"),
        ("http://qy.gov.cn:8888/a", "http://qy.gov.cn/a"),
        ("http://edu.qy.gov.cn/a", "http://qy.gov.cn/a"),
    ],
)
def test_another_record(one: str, other: str) -> None:
    assert record_key(one) != record_key(other)


@pytest.mark.parametrize(
    ("portal", "inside", "outside"),
    [
        ("http://www.pingluo.gov.cn/", "http://edu.pingluo.gov.cn/x", "http://www.nx.gov.cn/"),
        ("http://zwgk.pingluo.gov.cn/", "http://www.pingluo.gov.cn/", "http://pingluo.gov.cn.evil.com/"),
        ("http://www.haishu.ningbo.gov.cn/", "http://edu.haishu.ningbo.gov.cn/", "http://www.ningbo.gov.cn/"),
        ("http://dongcheng.bj.gov.cn/", "http://edu.dongcheng.bj.gov.cn/", "http://xicheng.bj.gov.cn/"),
        ("http://127.0.0.5:8640/", "http://127.0.0.5:8640/x", "http://127.0.0.6:8640/"),
        ("http://127.0.0.5:8640/", "http://127.0.0.5:8640/x", "http://127.0.0.5:9/"),
        ("http://www.qy.localhost:80/", "https://fin.qy.localhost:444/", "http://www.shi.localhost/"),
        ("http://localhost:1/", "http://localhost:1/x", "ftp://localhost:1/x"),
    ],
)
def test_the_hosts_of_a_portal(portal: str, inside: str, outside: str) -> None:
    scope = Scope((portal,))
    assert portal in scope
    assert inside in scope
    assert outside not in scope


def test_hosts_of_the_registry_row_are_trusted() -> None:
    scope = Scope(("http://www.a.gov.cn/", "xxgk.shi.gov.cn", "10.0.0.1:8080"))
    assert "http://xxgk.shi.gov.cn/a" in scope
    assert "http://10.0.0.1:8080/a" in scope
    assert "http://jyj.shi.gov.cn/a" in scope
    assert own_domain("haishu.ningbo.gov.cn") == "haishu.ningbo.gov.cn"
    assert base_domain("a.b.pingluo.gov.cn") == "pingluo.gov.cn"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("c.html", "http://www.qy.gov.cn/a/c.html"),
        (" ../c.html\n", "http://www.qy.gov.cn/c.html"),
        ("//h.gov.cn/c", "http://h.gov.cn/c"),
        ("http:/h.gov.cn/c", "http://h.gov.cn/c"),
        ("http:c.html", "http://www.qy.gov.cn/a/c.html"),
        ("\\x\\c.html", "http://www.qy.gov.cn/x/c.html"),
        ("/x/../c d.html", "http://www.qy.gov.cn/c%20d.html"),
        ("?p=2", "http://www.qy.gov.cn/a/b.html?p=2"),
        ("javascript:go(1)", ""),
        ("mailto:a@b.cn", ""),
        ("", ""),
        ("http://[::1", ""),
    ],
)
def test_links_as_they_are_written(href: str, url: str) -> None:
    assert join(BASE, href) == url


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ('<script>location.replace("./jbxx/")</script>', "http://www.qy.gov.cn/a/jbxx/"),
        ("<script>window.location.href='/c.html';</script>", "http://www.qy.gov.cn/c.html"),
        ("<script>var u='/c.html'; if(u!=''){top.location=u}</script>", "http://www.qy.gov.cn/c.html"),
        ("<body onload=\"location='/c.html'\"></body>", "http://www.qy.gov.cn/c.html"),
        ('<meta http-equiv="Refresh" content="0;URL=c.html">', "http://www.qy.gov.cn/a/c.html"),
        ('<noscript><meta http-equiv="refresh" content="0;url=/x"></noscript><p>' + "文" * 400, ""),
        ("<script>if(/iphone/.test(ua)) location.href='/m/';</script><p>" + "文" * 400 + "</p>", ""),
        ("<script>location.href = target();</script>", ""),
        ("<script>location.href='b.html#x'</script>", ""),
        ("<p>无</p>", ""),
    ],
)
def test_redirects_written_as_literals(text: str, target: str) -> None:
    assert redirect(Loaded(BASE, text.encode())) == target


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("<title>404 Not Found</title>", 200, True),
        ("<p>对不起，您访问的页面不存在</p>", 200, True),
        ("<title>年报</title><p>" + "文" * 700 + "页面不存在</p>", 200, False),
        ("<p>正常</p>", 404, True),
        ("<p>正常</p>", 200, False),
    ],
)
def test_pages_that_say_that_nothing_is_there(text: str, status: int, expected: bool) -> None:
    assert gone(Loaded(BASE, text.encode(), status=status)) is expected


def test_a_stub_is_no_page() -> None:
    assert is_stub(Loaded(BASE, b"<html><head></head><body><!-- --></body></html>"))
    assert not is_stub(Loaded(BASE, b"<html><script>location.href='/c'</script></html>"))
