# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
"""Every content system on small faithful pages: page 1, the request for what follows, the last page."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from parsers import listings
from parsers.listings import Fetch, Loaded, Page
from tests.listings.reading import BASE, document, items, paths, read


def follow(page: Page) -> Fetch:
    assert page.more is not None
    return page.more


def query(fetch: Fetch) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(fetch.url).query, keep_blank_values=True).items()}


def form(fetch: Fetch) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(fetch.body.decode(), keep_blank_values=True).items()}


# TRS: createPageHTML in its dialects -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "second", "stated"),
    [
        ('createPageHTML(3, 0, "index","html",52)', "/nb/index_1.html", 52),
        ("createPageHTML(3,0,'index','htm')", "/nb/index_1.htm", None),
        ('createPage(3, 0, "index", "html")', "/nb/index_1.html", None),
        ('createPageHTML(52,3,0,"index","shtml")', "/nb/index_1.shtml", 52),
        ("createPageHTML('page_div',3,1,'xxgk_list','shtml',31)", "/nb/xxgk_list_2.shtml", 31),
        ('var n=3; createPageHTML(n, 0, "index","html", 52);', "/nb/index_1.html", 52),
    ],
)
def test_pager_calls(call: str, second: str, stated: int | None) -> None:
    page = read("/nb/", document(f"<ul>{items(1, 2, 3)}</ul><script>{call}</script>"))
    assert paths(page) == ["/nb/1.html", "/nb/2.html", "/nb/3.html"]
    assert page.entries[0].title == "第1局2024年政府信息公开工作年度报告"
    assert page.entries[0].date == "2025-01-16"
    assert follow(page).url == BASE + second
    assert page.stated == stated


@pytest.mark.parametrize(
    ("first", "third", "address"),
    [
        ('createPageHTML(3, 0, "index","html")', 'createPageHTML(3, 2, "index","html")', "/nb/index_2.html"),
        ("createPageHTML('d',3,1,'l','shtml',31)", "createPageHTML('d',3,3,'l','shtml',31)", "/nb/l_3.shtml"),
    ],
)
def test_the_last_page_of_a_pager_call(first: str, third: str, address: str) -> None:
    one = follow(read("/nb/", document(f"<ul>{items(1, 2)}</ul><script>{first}</script>")))
    last = read(
        address, document(f"<ul>{items(8, 9)}</ul><script>{third}</script>"), fetch=replace(one, url=BASE + address)
    )
    assert last.more is None
    assert last.last


def test_the_definition_of_a_pager_is_no_call() -> None:
    script = 'function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){ if(_nPageCount == null) return; } createPageHTML(1,0,"index","html");'
    page = read("/nb/", document(f"<ul>{items(1, 2)}</ul><script>{script}</script>"))
    assert page.more is None
    assert page.last


# links and numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="list_2.html">下一页</a>',
        '<a class="next" href="list_2.html">&gt;</a>',
        '<span class="p_next p_fun"><a href="list_2.html">下页</a></span>',
        '<span class="current">1</span><a href="list_2.html">2</a><a href="list_3.html">3</a>',
        '<a href="/nb/">1</a><a href="list_2.html">2</a>',
        '<ul><li class="active">1</li><li><a href="list_2.html">2</a></li></ul>',
        '<select onchange="location=this.value"><option value="/nb/" selected>1</option><option value="list_2.html">2</option></select>',
        '<a href="javascript:void(0)" onclick="location.href=\'list_2.html\'">下一页</a>',
    ],
)
def test_next_links(pager: str) -> None:
    assert (
        follow(read("/nb/", document(f"<ul>{items(1, 2)}</ul><div class='page'>{pager}</div>"))).url
        == f"{BASE}/nb/list_2.html"
    )


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="list_1.html">上一页</a><span>下一页</span>',
        '<a href="/nb/">下一页</a>',
        '<a href="list_1.html">1</a><span class="current">2</span>',
        '<a href="#">下一页</a>',
        '<a class="next disabled" href="list_9.html">下一页</a>',
        "<span>第2页/共2页</span>",
    ],
)
def test_no_next_link(pager: str) -> None:
    assert read("/nb/", document(f"<ul>{items(1, 2)}</ul><div class='page'>{pager}</div>")).more is None


def test_descending_numbers_are_followed_and_never_computed() -> None:
    page = read(
        "/zfxxgk/nb.htm",
        document(
            f'<!--Announced by Visual SiteBuilder 9--><ul>{items(1)}</ul><div class="pb_sys_common"><span class="p_t">共41条</span><span class="p_next"><a href="nb/2.htm">下页</a></span></div>'
        ),
    )
    assert page.system == "vsb"
    assert page.stated == 41
    assert follow(page).url == f"{BASE}/zfxxgk/nb/2.htm"


@pytest.mark.parametrize(
    ("script", "method", "url", "body"),
    [
        ("function page(n){ location.href='list.jsp?c=7&p='+n; }", "GET", "/nb/list.jsp?c=7&p=2", {}),
        (
            "var c='77'; function page(n){ window.location = '/l.do?c=' + c + '&page=' + n; }",
            "GET",
            "/l.do?c=77&page=2",
            {},
        ),
        (
            "function page(n){ document.forms[0].cpage.value=n; document.forms[0].submit(); }",
            "POST",
            "/nb/",
            {"cpage": "2", "key": "年报"},
        ),
        ("function page(n){ $('#cpage').val(n); $('#f').submit(); }", "POST", "/nb/", {"cpage": "2", "key": "年报"}),
    ],
)
def test_pages_behind_a_function(script: str, method: str, url: str, body: dict[str, str]) -> None:
    main = (
        f'<form id="f" method="post"><input name="cpage" id="cpage" type="hidden" value="1"><input name="key" value="年报"></form><ul>{items(1, 2)}</ul>'
        f"<span class='cur'>1</span><a href=\"javascript:page('2')\">2</a> <a href='#' onclick=\"page('2')\">下一页</a><script>{script}</script>"
    )
    fetch = follow(read("/nb/", document(main)))
    assert (fetch.method, fetch.url) == (method, BASE + url)
    assert form(fetch) == body


def test_post_backs_carry_the_hidden_fields() -> None:
    def listing(current: int, state: str) -> str:
        links = "".join(
            f"<a href=\"javascript:__doPostBack('ctl00$Pager1','{n}')\">{n}</a>" for n in (1, 2, 3) if n != current
        )
        following = (
            f"<a href=\"javascript:__doPostBack('ctl00$Pager1','{current + 1}')\">下一页</a>"
            if current < 3
            else "<span>下一页</span>"
        )
        return document(
            f'<form method="post" action="./List.aspx?ClassID=602"><input type="hidden" name="__VIEWSTATE" value="{state}">'
            f'<input type="hidden" name="__EVENTTARGET" value=""><input type="submit" name="b" value="搜索"><ul>{items(current * 2, current * 2 + 1)}</ul>'
            f'<div id="Pager1"><span class="cpb">{current}</span>{links}{following}</div></form>'
        )

    page = read("/Open/List.aspx?ClassID=602", listing(1, "s1/+="))
    assert page.system == "aspnet"
    fetch = follow(page)
    assert (fetch.method, fetch.url) == ("POST", f"{BASE}/Open/List.aspx?ClassID=602")
    assert form(fetch) == {"__EVENTTARGET": "ctl00$Pager1", "__EVENTARGUMENT": "2", "__VIEWSTATE": "s1/+="}
    second = read("", listing(2, "s2"), fetch=fetch)
    assert form(follow(second)) == {"__EVENTTARGET": "ctl00$Pager1", "__EVENTARGUMENT": "3", "__VIEWSTATE": "s2"}
    assert read("", listing(3, "s3"), fetch=follow(second)).more is None


# Hanweb ----------------------------------------------------------------------------------------------------------


def _records(*numbers: int) -> str:
    return "".join(f"<record><![CDATA[{items(n)}]]></record>" for n in numbers)


def test_a_datastore_and_its_proxy() -> None:
    group = '<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&amp;webid=39&amp;columnid=61490&amp;unitid=24&amp;path=/">]]></nextgroup>'
    store = f'<script type="text/xml"><datastore>{group}<recordset>{_records(1, 2, 3)}</recordset></datastore></script>'
    page = read(
        "/col/col61490/index.html?number=D001-A005",
        document(f"{store}<script>pager({{totalRecord:5,perPage:3}})</script>"),
    )
    assert (page.system, page.stated, paths(page)) == ("jcms", 5, ["/nb/1.html", "/nb/2.html", "/nb/3.html"])
    fetch = follow(page)
    assert fetch.method == "POST"
    assert query(fetch) == {"startrecord": "4", "endrecord": "5", "perpage": "3", "page": "2"}
    assert form(fetch) == {"webid": "39", "columnid": "61490", "unitid": "24", "path": "/"}
    rest = read(
        "",
        f"<?xml version='1.0'?><datastore><totalrecord>5</totalrecord><recordset>{_records(4, 5)}</recordset></datastore>",
        fetch=fetch,
    )
    assert paths(rest) == ["/nb/4.html", "/nb/5.html"]
    assert rest.more is None
    assert rest.last


def test_all_records_inline_need_no_second_request() -> None:
    store = f'<script type="text/xml"><datastore><recordset>{_records(1, 2)}</recordset></datastore></script>'
    page = read(
        "/col/col1/index.html",
        document(store + "<script>x({totalRecord:2, proxyUrl:'/module/web/jpage/dataproxy.jsp'})</script>"),
    )
    assert page.more is None
    assert page.stated == 2


def test_the_search_module() -> None:
    column = read(
        "/col/col3/index.html",
        document('<iframe src="/module/xxgk/tree.jsp?area=1137"></iframe><div id="div12"></div>'),
    )
    tree = follow(column)
    assert tree.url == f"{BASE}/module/xxgk/tree.jsp?area=1137"
    text = (
        "<html><script>function go(p){$.post('/module/xxgk/search.jsp',{infotypeId:'F01',jdid:'149',area:'1137',divid:'div12',currpage:p,"
        "sortfield:''},show);} go(1);</script></html>"
    )
    search = follow(read("", text, fetch=tree))
    assert form(search) == {
        "infotypeId": "F01",
        "jdid": "149",
        "area": "1137",
        "divid": "div12",
        "currpage": "1",
        "sortfield": "",
    }
    rows = "<table>{}</table><div>共3条 第{}页/共2页</div>"
    row = '<tr class="tr_main_value_odd"><td><a href="/art/{0}.html">第{0}镇2024年政府信息公开工作年度报告</a></td><td>2025-01-09</td></tr>'
    first = read("", rows.format(row.format(1) + row.format(2), 1), fetch=search)
    assert (first.stated, paths(first)) == (3, ["/art/1.html", "/art/2.html"])
    second = follow(first)
    assert form(second)["currpage"] == "2"
    assert read("", rows.format(row.format(3), 2), fetch=second).more is None


def test_jpaas_pages_only_by_its_json_parameter() -> None:
    unit = (
        "{'webId':'3185','pageId':'p1','tagId':'信息列表','tplSetId':'t','parseType':'bulidstatic','pageType':'column'}"
    )
    main = f'<div queryData="{unit}" url="/api-gateway/jpaas-publish-server/front/page/build/unit"></div>'
    first = follow(read("/xxgk/nb/index.html", document(main)))
    assert json.loads(query(first)["paramJson"]) == {"pageNo": 1, "pageSize": "15"}
    assert query(first)["webId"] == "3185"

    def reply(*numbers: int) -> str:
        html = f'<ul>{items(*numbers)}</ul><div class="pagination" rows="15" count="17"></div>'
        return json.dumps({"success": True, "data": {"html": html}})

    one = read("", reply(*range(15)), fetch=first, kind="application/json")
    assert (one.stated, len(one.entries)) == (17, 15)
    second = follow(one)
    assert json.loads(query(second)["paramJson"])["pageNo"] == 2
    two = read("", reply(15, 16), fetch=second)
    assert two.more is None
    assert two.entries[0].url == f"{BASE}/nb/15.html"


def test_jpaas_page_1_in_the_page() -> None:
    unit = "{'webId':'1','pageId':'p','tagId':'列表'}"
    main = f'<div queryData="{unit}" url="/api-gateway/jpaas-publish-server/front/page/build/unit"><ul>{items(*range(15))}</ul><div class="pagination" rows="15" count="17"></div></div>'
    assert json.loads(query(follow(read("/nb/", document(main))))["paramJson"])["pageNo"] == 2


# UCAP, Lonsun, Openness, gkmlpt ---------------------------------------------------------------------------------------


def test_ucap_frames_and_sibling_sites() -> None:
    page = read("/xxxxgk/nk104/xxgk_bmtt.shtml?code=nk1291&temp=navs_list", document("<div id='UCAP-CONTENT'></div>"))
    assert [frame.url for frame in page.frames] == [f"{BASE}/xxxxgk/nk1291/navs_list.shtml"]
    moved = read(
        "/xx/c1/list.shtml",
        document(
            f"<ucapcontent></ucapcontent><ul>{items(1, pattern='/xxjyj/c2/{}.shtml')}</ul><script>var d = {{'xxjyj': 'http://jyj.qy.gov.cn/'}};</script>"
        ),
    )
    assert paths(moved) == ["http://jyj.qy.gov.cn/xxjyj/c2/1.shtml"]


def test_a_json_list_with_whole_texts() -> None:
    channel = "0" * 31 + "a"
    script = f"var channelId='{channel}'; function load(page){{ $.getJSON('/common/search/' + channelId + '?page=' + page + '&_pageSize=15&_isJson=true', show); }} load(1);"
    first = follow(read("/xx/c1/zfxxgk.shtml", document(f"<script>{script}</script>")))
    assert first.url == f"{BASE}/common/search/{channel}?page=1&_pageSize=15&_isJson=true"

    def reply(*numbers: int) -> str:
        results = [{"title": f"第{n}镇2024年政府信息公开工作年度报告", "url": f"/xx/{n}.shtml", "publishedTimeStr": "2025-01-09 10:00:00",
                    "contentHtml": "<p>" + "文" * 300 + "</p>"} for n in numbers]  # fmt: skip
        return json.dumps({"data": {"total": 3, "results": results}})

    one = read("", reply(1, 2), fetch=first)
    assert (one.stated, one.entries[0].date, one.entries[0].url) == (3, "2025-01-09", f"{BASE}/xx/1.shtml")
    assert one.entries[0].body.startswith("<p>文")
    second = follow(one)
    assert query(second)["page"] == "2"
    assert read("", reply(3), fetch=second).more is None


def test_lonsun_organs_and_both_kinds_of_lists() -> None:
    nodes = json.dumps(
        [
            {"organId": 21731, "name": "水务局"},
            {"organId": 21768, "name": "石榆镇", "children": [{"organId": 5, "name": "x"}]},
        ]
    )
    tree = read(
        "/public/index.html",
        document(f'<a href="/public/column/21731?type=2">指南</a><script>var zNodes = {nodes};</script>'),
    )
    assert [(link.url.removeprefix(BASE), link.text) for link in tree.children][:2] == [
        ("/public/column/21731?type=3", "水务局政府信息公开年报"),
        ("/public/column/21768?type=3", "石榆镇政府信息公开年报"),
    ]
    served = read(
        "/public/column/1?type=3",
        document(
            f'<a href="/public/column/1?type=4">目录</a><ul class="xxgk_nav_list">{items(1, 2)}</ul><script>var p={{pageIndex:1,pageCount:2}};</script>'
        ),
    )
    assert query(follow(served)) == {"type": "3", "pageIndex": "2"}
    script = (
        "$.ajax({url:'/site/label/8888?IsAjax=1&dataType=html', data:{labelName:'publicInfoList',siteId:'67',organId:'1',type:'3',pageSize:2,"
        "pageIndex:1,isDate:true}});"
    )
    label = follow(
        read(
            "/public/column/1?type=3", document(f'<a href="/public/column/1?type=4">目录</a><script>{script}</script>')
        )
    )
    assert query(label)["isDate"] == "true"
    rows = f'<div class="xxgk_navli"><ul>{items(1, 2)}</ul></div><script>var pageCount:2;</script>'
    second = follow(read("", rows, fetch=label))
    assert query(second)["pageIndex"] == "2"
    assert read("", rows, fetch=second).more is None


def test_openness_pages() -> None:
    row = '<li><a href="/OpennessContent/show/{0}.html">第{0}局2024年政府信息公开工作年度报告</a><span>2025-01-09</span></li>'
    listing = document("<ul>" + "".join(row.format(n) for n in range(10)) + "</ul>")
    page = read("/OpennessContent/showList/7/9/page_1.html", listing)
    assert (page.system, len(page.entries)) == ("openness", 10)
    assert follow(page).url == f"{BASE}/OpennessContent/showList/7/9/page_2.html"
    counted = listing.replace("</ul></div>", "</ul><div>第1页/共1页</div></div>")
    assert read("/OpennessContent/showList/7/9/page_1.html", counted).more is None


def test_gkmlpt_tree_and_lists() -> None:
    tree = [
        {"id": 21, "name": "政府信息公开指南", "post_count": 1, "jump_url": "", "children": []},
        {"id": 22, "name": "政府信息公开年报", "post_count": 726, "jump_url": ""},
        {"id": 9, "name": "石榆镇", "jump_url": "/syz/gkmlpt/index"},
    ]
    index = document(
        f"<script>window._CONFIG = {{SID:'755001', TREE:{json.dumps(tree)}}};</script><a href='/gkmlpt/annualreport#22'>政府信息公开年报</a>"
    )
    page = read("/gkmlpt/index", index)
    assert [link.url.removeprefix(BASE) for link in page.children[:3]] == [
        "/gkmlpt/api/all/21?page=1&sid=755001",
        "/gkmlpt/api/all/22?page=1&sid=755001",
        "/syz/gkmlpt/index",
    ]
    assert not [link for link in page.links if "annualreport" in link.url]

    def reply(offset: int, count: int) -> str:
        rows = [{"id": n, "title": f"第{n}局2024年政府信息公开工作年度报告", "url": f"{BASE}/gkmlpt/content/2/1/post_{n}.html", "date": 1737000000,
                 "publisher": "水务局", "type": "post"} for n in range(offset, offset + count)]  # fmt: skip
        return json.dumps(
            {
                "classify": {"id": 22, "name": "政府信息公开年报", "post_count": 726},
                "total": 112,
                "offset": offset,
                "articles": rows,
            }
        )

    one = read("", reply(0, 100), fetch=Fetch(f"{BASE}/gkmlpt/api/all/22?page=1&sid=755001"))
    assert (one.system, one.stated, one.entries[0].agency, one.entries[0].date) == (
        "gkmlpt",
        112,
        "水务局",
        "2025-01-16",
    )
    second = follow(one)
    assert query(second) == {"page": "2", "sid": "755001"}
    assert read("", reply(100, 12), fetch=second).more is None


# Epoint, TrueCMS, IRS, applications -----------------------------------------------------------------------------------


def test_epoint_needs_its_script_once() -> None:
    page = read(
        "/zwgk/govInfoPub.html?categorynum=009012&deptcode=02",
        document('<div id="list"></div><script src="/js/webBuilderCommon.js"></script>'),
    )
    script = follow(page)
    assert script.url == f"{BASE}/js/webBuilderCommon.js"
    first = follow(read("", "var siteInfo = { siteGuid: 'g-1', projectName: '/EWB-FRONT' };", fetch=script))
    assert first.url == f"{BASE}/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
    assert json.loads(first.body) == {
        "deptcode": "02",
        "categorynum": "009012",
        "pageIndex": 1,
        "pageSize": 20,
        "siteGuid": "g-1",
    }
    rows = [
        {
            "infourl": f"/zwgk/showinfo.html?infoGuid=u{n}",
            "title": "第…",
            "realtitle": f"第{n}局2024年报告",
            "infodate": "2025-01-09",
        }
        for n in range(20)
    ]
    one = read("", json.dumps({"custom": {"data": rows, "total": 21}}), fetch=first)
    assert (one.stated, one.entries[3].title) == (21, "第3局2024年报告")
    detail = one.entries[3].fetch
    assert detail is not None
    assert (detail.url, form(detail)) == (
        f"{BASE}/EWB-FRONT/rest/frontAppNotNeedLoginAction/getGovInfoDetail",
        {"params": '{"infoGuid":"u3"}'},
    )
    second = follow(one)
    assert json.loads(second.body)["pageIndex"] == 2
    assert read("", json.dumps({"custom": {"data": rows[:1], "total": 21}}), fetch=second).more is None


def test_an_old_epoint_is_asked_again_in_its_words() -> None:
    script = follow(read("/govInfoPub.html?categorynum=1", document('<script src="/js/webBuilderCommon.js"></script>')))
    first = follow(read("", "var siteInfo = {siteGuid:'g', projectName:''};", fetch=script))
    again = follow(read("", json.dumps({"custom": {"data": [], "total": 0}}), fetch=first))
    assert json.loads(again.body)["params"]["pageIndex"] == 0
    assert read("", json.dumps({"custom": {"data": [], "total": 0}}), fetch=again).more is None


def test_truecms_narrows_its_window() -> None:
    page = read(
        "/nb/index.html",
        document("<script>var columnId='8f0e11aa-77'; var u='/truecms/messageController/getMessage.do';</script>"),
    )
    first = follow(page)
    assert query(first)["endrecord"] == "50"
    second = follow(read("", 'cb({"result":""})', fetch=first))
    assert query(second)["endrecord"] == "20"
    store = f"<datastore><totalrecord>21</totalrecord><recordset>{_records(*range(20))}</recordset></datastore>"
    one = read("", f"cb({json.dumps({'result': store})})", fetch=second)
    assert (one.stated, len(one.entries)) == (21, 20)
    assert query(follow(one))["startrecord"] == "21"


def test_truecms_rows_in_a_hidden_block() -> None:
    main = f"<div id='initData' style='display:none'><ul>{items(1, 2)}</ul></div><script>var columnId='8f0e-11aa', totalRecord=2, u='/truecms/messageController/getMessage.do';</script>"
    page = read("/nb/index.html", document(main))
    assert paths(page) == ["/nb/1.html", "/nb/2.html"]
    assert page.more is None


def test_irs_bodies_are_replayed_exactly() -> None:
    script = (
        "var code='t_1', ch='c_9'; $.ajax({url:'/irs/front/list', type:'POST', contentType:'application/json', data: JSON.stringify({pageNo:1,pageSize:15,"
        "tenantId:'30', tableName: code, customFilter:{operator:'and',properties:[{property:'f_2',operator:'eq',value:ch}]}}), success:show});"
    )
    page = read("/nb/", document(f"<div></div><script>{script}</script>"))
    first = follow(page)
    sent = json.loads(first.body)
    assert (page.system, first.method, sent["tableName"], sent["customFilter"]["properties"][0]["value"]) == (
        "irs",
        "POST",
        "t_1",
        "c_9",
    )
    rows = [
        {"doctitle": f"第{n}局2024年报告", "docpuburl": f"/nb/{n}.html", "docreltime": "2025-01-09"} for n in range(15)
    ]
    one = read("", json.dumps({"code": "200", "data": {"total": 16, "list": rows}}), fetch=first)
    assert one.stated == 16
    second = follow(one)
    assert json.loads(second.body) == {**sent, "pageNo": 2}


@pytest.mark.parametrize(
    "script",
    [
        "fetch('/api/list?col=c1&page=1').then(show)",
        "axios.get('/api/list', {params: {col: 'c1', page: 1}})",
        "var x=new XMLHttpRequest(); x.open('GET', `/api/list?col=${col}&page=1`); var col='c1';",
        "const col = 'c1', api = '/api'; $.get(api + '/list', {col: col, page: 1}, show)",
        "function load(col, page){ $.getJSON('/api/list?col=' + col + '&page=' + page, show) } load('c1', 1, function(){ return ')' });",
        "var col = new URLSearchParams(location.search).get('c') || 'c1'; fetch('/api/list?col=' + col + '&page=1')",
        "$.ajax({url: '/api/list', data: {col: 'c1', page: 1}, success: function(d){ draw(d); }})",
    ],
)
def test_requests_that_scripts_name(script: str) -> None:
    fetch = follow(read("/nb/", document(f"<div id='app'></div><script>{script}</script>")))
    assert query(fetch) == {"col": "c1", "page": "1"}


def test_a_request_that_is_not_written_out_is_not_made_up() -> None:
    script = "fetch('/api/list?col=' + secret() + '&page=1'); fetch('/visit/count?id=3'); $.get(decode('aGk='))"
    assert read("/nb/", document(f"<div id='app'></div><script>{script}</script>")).more is None


def test_records_inside_a_script() -> None:
    data = json.dumps(
        [
            {"title": f"第{n}局2024年政府信息公开工作年度报告", "url": f"/nb/{n}.html", "date": "2025-01-09"}
            for n in range(5)
        ],
        ensure_ascii=False,
    )
    page = read("/nb/", document(f"<div id='l'></div><script>var list = {data}; draw(list);</script>"))
    assert paths(page) == [f"/nb/{n}.html" for n in range(5)]


# what a page is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "gbk"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", ""])
def test_the_bytes_decide_the_charset(charset: str, declared: str) -> None:
    page = read(
        "/nb/",
        document(f"<ul>{items(1, 2)}</ul>").replace('<meta charset="utf-8">', "").encode(charset),
        kind=f"text/html; charset={declared}",
    )
    assert page.entries[0].title == "第1局2024年政府信息公开工作年度报告"


def test_a_wall_of_links_is_no_slower_than_its_size() -> None:
    page = read("/nb/", document("<ul>" + "".join(items(n) for n in range(3000)) + "</ul>"))
    assert len(page.entries) == 3000


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00" * 500, b"%PDF-1.7 x", b"<" * 5000, b"{" * 5000, b"[" * 100_000, b"<a href='" * 2000, b"\xff\xfe\x00"],
)
def test_anything_may_come_back(body: bytes) -> None:
    for name in listings.BY_NAME:
        page = listings.read(Loaded(f"{BASE}/x", body, fetch=Fetch(f"{BASE}/x", system=name, state=(("from", BASE),))))
        assert page.more is None or page.more.url.startswith("http")


def test_a_page_of_sixty_megabytes_is_not_parsed() -> None:
    page = read("/nb/", b"<ul>" + b"<li><a href='x'>y</a></li>" * 400_000)
    assert (page.note, page.entries) == ("too large", ())


def test_deep_nesting_ends() -> None:
    read("/nb/", "<div>" * 20_000 + "<a href='/x'>年报</a>" + "</div>" * 20_000)
    read("/nb/", document("<script>var a = " + "[" * 5000 + "1" + "]" * 5000 + "; fetch(" + "(" * 5000 + ")</script>"))
