"""The arithmetic and the rules, without a network."""

from __future__ import annotations

import asyncio

import pytest
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Headers, Request, Response
from scrapy.settings import Settings

from crawler.middlewares.agent import user_agent
from crawler.middlewares.bandwidth import file_name, unwanted_by_bytes, unwanted_by_header
from crawler.middlewares.challenge import Challenge, looks_empty, recognise
from crawler.middlewares.cookies import Cookies
from crawler.middlewares.normalise import is_file, is_page, right_charset, same_address
from crawler.middlewares.outcomes import Unreachable, named
from crawler.middlewares.politeness import Groups, Pace, Waiting, require_polite, retry_after
from crawler.middlewares.retry import in_scheme, place
from tests.transport import gates
from tests.transport.server import page


class TestPace:
    def test_refusals_slow_down_and_good_answers_recover_slowly(self) -> None:
        pace = Pace(floor=1.0)
        pace.refused(100.0)
        assert (pace.delay, pace.resume) == (2.0, 105.0)
        pace.refused(105.0)
        assert (pace.delay, pace.resume) == (4.0, 125.0)
        pace.answered(0.1)
        assert 3.5 < pace.delay < 4.0
        for _ in range(40):
            pace.answered(0.1)
        assert pace.delay == 1.0

    def test_never_faster_than_the_floor_nor_slower_than_the_ceiling(self) -> None:
        pace = Pace(floor=1.0, ceiling=8.0, backoff_max=50.0)
        for moment in range(30):
            pace.refused(float(moment))
        assert pace.delay == 8.0
        assert pace.resume <= 29.0 + 50.0
        pace.at_least(20.0)
        pace.answered(0.1)
        assert pace.delay == 20.0

    def test_retry_after_is_obeyed_up_to_the_limit(self) -> None:
        pace = Pace(floor=1.0, backoff_max=60.0)
        pace.refused(0.0, retry_after=30.0)
        assert pace.resume == 30.0
        pace.refused(0.0, retry_after=7200.0)
        assert pace.resume == 60.0

    def test_a_lone_403_brings_no_silence_a_second_does(self) -> None:
        pace = Pace(floor=1.0)
        pace.refused(10.0, certain=False)
        assert pace.resume == 10.0
        pace.refused(12.0, certain=False)
        assert pace.resume == 32.0

    def test_growing_latency_slows_down_steady_slowness_does_not(self) -> None:
        pace = Pace(floor=1.0)
        for _ in range(20):
            pace.answered(3.0)
        assert pace.delay == 1.0
        for _ in range(8):
            pace.answered(12.0)
        assert pace.delay > 3.0


def test_waiting_gives_the_best_first_and_keeps_the_order_of_equals() -> None:
    waiting = Waiting()
    for name, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 9)):
        waiting.append((Request(f"http://x/{name}", priority=priority), None))
    gone = waiting.remove(lambda request: request.url.endswith("d"))
    assert [request.url[-1] for request, _ in gone] == ["d"]
    assert [waiting.popleft()[0].url[-1] for _ in range(len(waiting))] == ["b", "a", "c"]
    assert not waiting


def test_names_with_one_address_are_one_group() -> None:
    async def learn(by_address: bool) -> Groups:
        groups = Groups(by_address)
        await asyncio.gather(*(groups.learn(host) for host in ("localhost", "127.0.0.1", "127.0.0.2")))
        if by_address:
            with pytest.raises(CannotResolveHostError):
                await groups.learn("no-such-name.invalid")
        return groups

    groups = asyncio.run(learn(True))
    assert groups.group("localhost") == groups.group("127.0.0.1")
    assert groups.group("127.0.0.2") != groups.group("127.0.0.1")
    assert groups.group("no-such-name.invalid") == "no-such-name.invalid"
    assert asyncio.run(learn(False)).group("localhost") == "localhost"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DOWNLOAD_DELAY": 0}, "DOWNLOAD_DELAY is 0"),
        ({"DOWNLOAD_DELAY": -1}, "DOWNLOAD_DELAY is -1"),
        ({"CONCURRENT_REQUESTS_PER_DOMAIN": 2}, "must be 1"),
        ({"DOWNLOAD_SLOTS": {"x.gov.cn": {"delay": 0}}}, "for x.gov.cn"),
        ({"DOWNLOAD_SLOTS": {"x.gov.cn": {"concurrency": 3}}}, "for x.gov.cn"),
        ({"CONCURRENT_REQUESTS_PER_IP": 4}, "PER_IP"),
    ],
)
def test_impolite_settings_are_refused(changed: dict[str, object], said: str) -> None:
    polite = {"DOWNLOAD_DELAY": 1.0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
    require_polite(Settings(polite))
    with pytest.raises(ValueError, match=said):
        require_polite(Settings({**polite, **changed}))


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)]
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(Response("http://x/", headers={"Retry-After": value})) == seconds


def test_the_user_agent_names_a_contact() -> None:
    settings = Settings({"USER_AGENT": "gongkai (+{contact})", "CONTACT": "mailto:a@b.cn"})
    assert user_agent(settings) == "gongkai (+mailto:a@b.cn)"
    with pytest.raises(ValueError, match="CONTACT"):
        user_agent(Settings({"CONTACT": "  "}))


def test_the_other_scheme() -> None:
    assert in_scheme("http://x.gov.cn:80/a?b=http://y", "https") == "https://x.gov.cn/a?b=http://y"
    assert in_scheme("https://x.gov.cn/", "http") == "http://x.gov.cn/"
    assert in_scheme("http://x.gov.cn:8080/a", "https") == "https://x.gov.cn:8080/a"
    assert place(Request("http://X.gov.cn/")) == place(Request("https://x.gov.cn:443/a"))


def test_addresses_that_are_the_same_request() -> None:
    assert same_address("http://x:80/a.jsp;jsessionid=0AB?b=1") == same_address("http://x/a.jsp?b=1")
    assert same_address("http://x/Open/View.ASPX?ID=1") == same_address("http://x/open/view.aspx?ID=1")
    assert same_address("http://x/Open/a.html") != same_address("http://x/open/a.html")
    assert same_address("http://x:8080/a") != same_address("http://x/a")


CHINESE = "政府信息公开工作年度报告，收到和处理政府信息公开申请情况。" * 20


@pytest.mark.parametrize(
    ("body", "used", "right"),
    [
        (CHINESE.encode("gb18030"), "utf-8", "gb18030"),
        (CHINESE.encode("gb18030"), "iso8859-1", "gb18030"),
        (CHINESE.encode("gb18030"), "gb18030", ""),
        (CHINESE.encode("gbk"), "gb2312", ""),
        (CHINESE.encode("utf-8"), "gb18030", "utf-8"),
        (CHINESE.encode("utf-8"), "utf-8", ""),
        (b"plain words", "iso8859-1", ""),
    ],
)
def test_charset_by_the_bytes(body: bytes, used: str, right: str) -> None:
    assert right_charset(body, used) == right


def test_files_and_pages_by_the_bytes() -> None:
    assert is_file(b"%PDF-1.4")
    assert is_file(b"\r\n<!-- x -->"[:0] + b"\n\n%PDF-1.7")
    assert is_file(b"PK\x03\x04")
    assert is_file(b"\xd0\xcf\x11\xe0")
    assert is_file(b"\xff\xd8\xff")
    assert not is_file(b"<html>%PDF-1.4 is a magic")
    assert not is_file(b"")
    assert not is_file(CHINESE.encode())
    assert is_page(b"\xef\xbb\xbf\r\n<!-- a --><!DOCTYPE html>")
    assert is_page(b"<?xml version='1.0'?><html>")
    assert not is_page(b'{"a": "<html>"}')
    assert not is_page(b"<record><html>")
    assert not is_page(CHINESE.encode())


def test_what_is_not_downloaded() -> None:
    assert unwanted_by_header("video/mp4", "a", False)
    assert unwanted_by_header("application/octet-stream", "会议.MP4", True)
    assert unwanted_by_header("application/x-msdownload", "a.exe", True)
    assert unwanted_by_header("application/zip", "a", False)
    assert not unwanted_by_header("application/zip", "a.zip", True)
    assert not unwanted_by_header("text/html", "list.ts", False)
    assert not unwanted_by_header("application/pdf", "a.pdf", False)
    assert unwanted_by_bytes(b"\x00\x00\x00\x20ftypisom", True)
    assert unwanted_by_bytes(b"MZ\x90\x00", True)
    assert unwanted_by_bytes(b"Rar!\x1a\x07\x00", False)
    assert not unwanted_by_bytes(b"Rar!\x1a\x07\x00", True)
    docx = b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml"
    assert not unwanted_by_bytes(docx, False)
    assert unwanted_by_bytes(b"PK\x03\x04" + b"\0" * 26 + "照片.jpg".encode("gbk"), False)
    assert not unwanted_by_bytes(b"\x1f\x8b\x08", False), "a compressed page"
    named_file = Headers({"Content-Disposition": 'attachment; filename="%E6%8A%A5.zip"'})
    assert file_name("http://x/down.jsp?id=1", named_file) == "报.zip"
    assert file_name("http://x/a/b.mp4?c=1", Headers()) == "b.mp4"


def test_cookies_of_the_browser_stay_with_host_and_port() -> None:
    jar = Cookies()
    given = [{"name": "k", "value": "v", "domain": ".gov.cn", "path": "/", "expires": -1, "secure": False}]
    jar.keep(Request("http://www.x.gov.cn:8001/a"), given)
    sent = {}
    for url in (
        "http://www.x.gov.cn:8001/b",
        "http://www.x.gov.cn:8002/",
        "http://y.gov.cn:8001/",
        "http://x.gov.cn:8001/",
    ):
        request = Request(url)
        jar.refresh(request)
        sent[url] = request.headers.get(b"Cookie")
    assert sent.pop("http://www.x.gov.cn:8001/b") == b"k=v"
    assert set(sent.values()) == {None}


def test_nobody_sets_a_cookie_for_all_governments() -> None:
    jar = Cookies()
    for domain in ("gov.cn", "x.gov.cn"):
        headers = {"Set-Cookie": f"name={domain}; domain={domain}"}
        jar.process_response(Request("http://www.x.gov.cn/"), Response("http://www.x.gov.cn/", headers=headers))
    request = Request("http://zwgk.x.gov.cn/")
    jar.refresh(request)
    assert request.headers.get(b"Cookie") == b"name=x.gov.cn"


def test_every_failure_has_a_name() -> None:
    from twisted.internet.error import ConnectionLost
    from twisted.python.failure import Failure
    from twisted.web.client import ResponseFailed

    assert isinstance(named(ConnectionLost()), Unreachable)
    assert isinstance(named(ResponseFailed([Failure(ConnectionLost())])), Unreachable)
    assert named(KeyError("a mistake of ours")) is None


class TestRecognise:
    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (521, gates.JSL_FIRST.format(first="1"), "加速乐"),
            (521, gates.JSL_SECOND.format(a="a", b="b", ct="1"), "加速乐"),
            (200, gates.JSL_SECOND.format(a="a", b="b", ct="1"), "加速乐"),
            (200, gates.STUB.format(token="1", pad=""), "script that hides what it does"),
            (412, gates.RUISHU.format(), "瑞数"),
            (202, gates.RUISHU.format(), "瑞数"),
            (
                200,
                "<html><script>var arg1='0123456789ABCDEF0123456789ABCDEF01234567';var _0x4818=['x'];</script></html>",
                "acw_sc__v2",
            ),
            (
                200,
                "<html><body><script>document.cookie='a=b';location.reload()</script></body></html>",
                "cookie set by script",
            ),
            (
                403,
                "<html><title>403</title><script>eval(function(p,a,c){return p}('x',1,2))</script></html>",
                "status 403 with a script",
            ),
            (
                200,
                "<html><body>正在进行安全检测，请稍候<script src='/c.js'></script></body></html>",
                "check of the browser",
            ),
        ],
    )
    def test_gates_that_a_browser_may_pass(self, status: int, body: str, kind: str) -> None:
        assert recognise(status, body.encode()) in (Challenge(kind), Challenge(f"status {status} with a script"))

    @pytest.mark.parametrize(
        "body",
        [
            gates.SLIDER,
            "<html><body><form><p>附件下载，请输入验证码</p><img src=/c.jsp><input name=c></form></body></html>",
            "<html><body><div class='captcha-box'></div><script src=/geetest.js></script></body></html>",
        ],
    )
    def test_humans_wanted(self, body: str) -> None:
        for encoding in ("utf-8", "gb18030"):
            found = recognise(200, body.encode(encoding))
            assert found is not None
            assert found.human

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, page()),
            (200, page("请输入验证码" * 3)),
            (404, "<html><body><h1>404</h1><p>您访问的页面不存在</p></body></html>"),
            (403, "<html><body><h1>403 Forbidden</h1></body></html>"),
            (403, "<html><body><h1>403</h1><script>setTimeout(function(){location='/'},3000)</script></body></html>"),
            (200, "<script>window.location.replace('./jbxx/')</script>"),
            (200, "<html><script>location.href='/xx/c100011/zfxxgk.shtml'</script></html>"),
            (
                200,
                "<html><div id=app></div><script src=/chunk-vendors.js></script><script src=/nc.js></script></html>",
            ),
            (200, '{"success":true,"data":{"html":""}}'),
            (200, "%PDF-1.4 __jsl_clearance"),
            (
                200,
                "<html><body><p>" + CHINESE + "</p><script>document.cookie='a=1';location.hash</script></body></html>",
            ),
            (200, ""),
            (200, "<datastore><record><![CDATA[<li>x</li>]]></record></datastore>"),
        ],
    )
    def test_pages_are_pages(self, status: int, body: str | bytes) -> None:
        assert recognise(status, body if isinstance(body, bytes) else body.encode()) is None

    def test_walls(self) -> None:
        for status in (412, 468, 521):
            found = recognise(status, b"<html><body>Request denied</body></html>")
            assert found is not None
            assert found.wall
            assert recognise(status, b"") == found

    def test_hostile_bodies_take_no_time(self) -> None:
        for body in (b"<" * 390_000, b"<script>" * 40_000, b"<!--" * 90_000, b"<input " * 50_000, b"id='" * 90_000):
            recognise(412, body)

    def test_empty_pages(self) -> None:
        assert looks_empty(b"<html><script src=/x.js></script></html>")
        assert not looks_empty(b"<html><div id='app'></div><script src=/x.js></script></html>")
        assert not looks_empty(b"<script>window.location.replace('./jbxx/')</script>")
        assert not looks_empty(b"<html><script>x()</script><iframe src=/list.html></iframe></html>")
        assert not looks_empty(page())
        assert not looks_empty(b"")
