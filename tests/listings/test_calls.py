"""Clicks, menus and rows that only scripts give a meaning, read without running anything."""

from __future__ import annotations

import json

import pytest

from parsers import listings
from parsers.listings import Fetch, Loaded, Page, article
from parsers.listings.model import Link
from parsers.listings.moves import missing_scripts
from parsers.listings.score import Here, is_body, is_column, score

AT = "http://www.qingyan.gov.cn/open/list.html"
TITLE = "青砚县教育局2023年政府信息公开工作年度报告"


def page(html: str, *, library: str = "", fetch: Fetch | None = None, url: str = AT) -> Page:
    loaded = Loaded(url, html.encode(), content_type="text/html; charset=utf-8", fetch=fetch)
    loaded.library = library
    return listings.read(loaded)


def ways(read: Page) -> dict[str, str]:
    """Label -> address (with the body of a POST behind it) of everything that leads on."""
    return {link.text: link.url.removeprefix("http://www.qingyan.gov.cn") for link in (*read.links, *read.children)}


@pytest.mark.parametrize(
    ("html", "label", "address"),
    [
        pytest.param(
            """<a href="javascript:void(0)" onclick="to('nb')">公开年报</a><script>function to(c){
            window.location.href="/open/"+c+"/list.html";}</script>""",
            "公开年报",
            "/open/nb/list.html",
            id="a function that moves",
        ),
        pytest.param(
            """<li onclick="tab(this,'2022')">2022年</li><script>function tab(o,y){ $(o).addClass("on");
            $("#c").load("/nb/part_"+y+".html"); }</script>""",
            "2022年",
            "/nb/part_2022.html",
            id="a tab that loads a part",
        ),
        pytest.param(
            """<span onclick="load(5)">公开年报</span><script>var unit=101;function load(t){
            $.get("/xxgk/list.jsp",{unit:unit,type:t,page:1},function(h){$("#l").html(h)});} load(1);</script>""",
            "公开年报",
            "/xxgk/list.jsp?unit=101&type=5&page=1",
            id="a tab that asks for rows",
        ),
        pytest.param(
            """<ul class="o"><li data-org="7">教育局</li></ul><script>$(".o li").click(function(){
            var org=$(this).data("org"); $("#frm").attr("src","/xxgk/nb.jsp?org="+org);});</script>""",
            "教育局",
            "/xxgk/nb.jsp?org=7",
            id="a handler that reads an attribute",
        ),
        pytest.param(
            """<ul id="n"><li rel="15">公开年报</li></ul><form name="m" method="post" action="/gov/list.do">
            <input type="hidden" name="columnId"/></form><script>$("#n li").click(function(){
            document.m.columnId.value=$(this).attr("rel");document.m.submit();});</script>""",
            "公开年报",
            "/gov/list.do?columnId=15",
            id="a handler that sends a form",
        ),
        pytest.param(
            """<form action="/nb.jhtml"><select name="year" onchange="this.form.submit()"><option value="2024">2024年
            <option value="2023">2023年</select></form>""",
            "2023年",
            "/nb.jhtml?year=2023",
            id="years of a form",
        ),
        pytest.param(
            """<script>d.add(0,-1,"目录");d.add(12,2,"信息公开年报","list.asp?cid=12","","main");</script>""",
            "信息公开年报",
            "/open/list.asp?cid=12",
            id="a node of a tree",
        ),
    ],
)
def test_what_a_click_asks_for(html: str, label: str, address: str) -> None:
    assert ways(page(html))[label] == address


def test_a_function_may_stand_in_a_script_file() -> None:
    html = """<a href="javascript:toColumn(3)">公开年报</a><script src="/js/jquery.min.js"></script>
    <script src="/static/site.js"></script>"""
    assert missing_scripts(Loaded(AT, html.encode())) == ("http://www.qingyan.gov.cn/static/site.js",)
    library = 'var ctx="/gkzl"; function toColumn(id){ location.href=ctx+"/column/"+id+".html"; }'
    assert ways(page(html, library=library))["公开年报"] == "/gkzl/column/3.html"
    known = Loaded(AT, html.encode())
    known.library = library
    assert missing_scripts(known) == ()


@pytest.mark.parametrize(
    ("html", "method", "address"),
    [
        pytest.param(
            """<script>table.render({elem:'#t',url:'/api/list',where:{cid:'188'},request:{pageName:'curr',limitName:
            'n'},limit:20,cols:[[{field:'t'}]]});</script>""",
            "GET",
            "/api/list?curr=1&n=20&cid=188",
            id="layui",
        ),
        pytest.param(
            """<script>new Vue({data:{pageNo:1,channelId:'3a7f'},methods:{load:function(){var that=this;
            axios.post('/api/page',{channelId:this.channelId,pageNo:this.pageNo}).then(function(r){that.list=r;});}}});
            </script>""",
            "POST",
            '/api/page?{"channelId":"3a7f","pageNo":1}',
            id="Vue",
        ),
        pytest.param(
            """<script>$scope.page=1;$http({method:"POST",url:"/api/nb",data:{dept:"",pageNum:$scope.page}});</script>""",
            "POST",
            '/api/nb?{"dept":"","pageNum":1}',
            id="Angular",
        ),
    ],
)
def test_what_fills_a_list(html: str, method: str, address: str) -> None:
    more = page(f"<div id=app></div>{html}").more
    assert more is not None
    assert (more.method, more.address.removeprefix("http://www.qingyan.gov.cn")) == (method, address)


@pytest.mark.parametrize(
    ("script", "row"),
    [
        ("""h+='<a href="/view/{{d.infoId}}.html">{{d.infoTitle}}</a>';""", {"infoId": "a7", "infoTitle": TITLE}),
        (
            """const ctx="/view"; h+=`<a href="${ctx}/${row.ID}.html">${row.ARTICLE_TITLE}</a>`;""",
            {"ID": "a7", "ARTICLE_TITLE": TITLE},
        ),
        (
            r"""u.append('<li onclick="go(\''+r.aid+'\')">'+r.atitle);
            function go(id){location.href='/view/'+id+'.html';}""",
            {"aid": "a7", "atitle": TITLE},
        ),
    ],
    ids=["mustache", "template string", "call in a row"],
)
def test_an_address_out_of_a_record(script: str, row: dict[str, str]) -> None:
    """The answer of the interface has identifiers only; the page says how they become addresses."""
    more = page(f"<ul></ul><script>{script} $.getJSON('/api/list?page=1',function(d){{}});</script>").more
    assert more is not None
    found = page(json.dumps({"rows": [{**row, "RELEASE_TIME": "2024-01-30 08:00"}], "hasNext": False}), fetch=more)
    assert [(one.url, one.title, one.date) for one in found.entries] == [
        ("http://www.qingyan.gov.cn/view/a7.html", TITLE, "2024-01-30")
    ]
    assert found.last
    assert found.more is None


def test_a_list_in_xml() -> None:
    rows = f"<item><title><![CDATA[{TITLE}]]></title><link>./7.shtml</link><pubDate>2024-01-20</pubDate></item>"
    fetch = Fetch(AT, system="json")
    found = page(f'<?xml version="1.0"?><rss><channel><title>nb</title>{rows}</channel></rss>', fetch=fetch)
    assert [one.url for one in found.entries] == ["http://www.qingyan.gov.cn/open/7.shtml"]


def test_rows_that_are_tables_of_their_own() -> None:
    cells = '<td>·<a href="{0}.html" title="{1}">{1}</a></td><td>[2024-01-0{0}]</td>'
    row = f"<tr><td><table><tr>{cells}</tr></table></td></tr>"
    found = page("<table>" + "".join(row.format(n, f"{n}{TITLE}") for n in range(1, 5)) + "</table>")
    assert [one.date for one in found.entries] == [f"2024-01-0{n}" for n in range(1, 5)]


def test_an_empty_option_is_sent_empty() -> None:
    html = """<form name="q" action="q.do" method="post">
    <input type="hidden" name="pageNo" value="1"/>
    <select name="dept"><option value="">全部</option></select></form>
    1/5页 <a href="javascript:go(2)">下一页</a><script>function go(n){
    document.q.pageNo.value=n; document.q.submit(); }</script>"""
    more = page(html).more
    assert more is not None
    assert more.body == b"pageNo=2&dept="


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/plus/download.php?open=2&id=7">本地下载</a>',
        '<a href="/index.php?m=content&c=down&a_k=e7">点击下载：青砚县教育局</a>',
        """<input type="button" value="查看附件" onclick="window.open('/nb/file.do?guid=7')"/>""",
        """<a href="javascript:openPdf('2023/7.pdf')">年报</a>
        <script>function openPdf(f){window.open("/f/"+f);}</script>""",
    ],
)
def test_files_that_do_not_say_so(html: str) -> None:
    found = article.read(Loaded(AT, f"<h1>{TITLE}</h1><div id='zoom'>{html}</div>".encode()))
    assert len([one for one in found.files if one.inside]) == 1


def test_the_top_frame_of_a_frameset_may_be_the_menu() -> None:
    found = page('<frameset rows="120,*"><frame src="top.asp" name="top"><frame src="main.asp"></frameset>')
    assert [link.url.rpartition("/")[2] for link in found.frames] == ["top.asp", "main.asp"]


def test_names_of_bodies_and_columns() -> None:
    assert is_body("栖凤街道办事处")
    assert is_column("本局年报")
    assert is_column("县政府年报")
    here = Here(AT, within=True)
    assert score(Link("http://www.qingyan.gov.cn/c/31.html", "县政府及部门"), here).kind == "child"
