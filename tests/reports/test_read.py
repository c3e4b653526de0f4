"""A document becomes a report, and only a report does."""

from __future__ import annotations

import pytest

from parsers.documents.model import Document, Text, Unread
from parsers.reports.model import Context
from parsers.reports.read import read_report
from tests.portals.seeds import SEEDS, Seed
from tests.reports.making import document, from_text, numbered, official, plain

SIX = (
    "一、总体情况",
    "2023年，我镇认真贯彻落实《中华人民共和国政府信息公开条例》，扎实推进政府信息公开工作。",
    "（一）主动公开。全年主动公开政府信息120条。",
    "（二）依申请公开。未收到政府信息公开申请。",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "公开内容还不够全面，下一步将加强培训。",
    "六、其他需要报告的事项",
    "本年度未收取信息处理费。",
)
HOME = Context("640221", "平罗县", ("平罗县陶乐镇2023年政府信息公开工作年度报告",))


@pytest.mark.parametrize("seed", SEEDS, ids=[seed.number for seed in SEEDS])
def test_the_seeds(seed: Seed) -> None:
    report = read_report(from_text(seed.text), Context(seed.county_code, seed.county))
    assert report.title == seed.title
    assert report.year == 2024
    assert report.edition == "2021"
    assert report.issuer.name == seed.agency
    assert report.issuer.division_code == seed.division_code
    assert len(report.sections) == seed.headings
    assert {(contact.kind, contact.value) for contact in report.contacts} == set(seed.contacts)
    assert report.signed == seed.signed
    assert {(v.table, v.row, v.column): v.raw for v in report.values} == seed.cells()
    assert not report.extras


def read(*blocks: object, context: Context = HOME, title: str = "平罗县陶乐镇2023年政府信息公开工作年度报告") -> str:
    """Empty if the document is read as a report, else why not."""
    try:
        read_report(document(title, *blocks), context)  # type: ignore[arg-type]
    except Unread as refusal:
        return str(refusal)
    return ""


def test_a_report_with_its_tables() -> None:
    assert read(*SIX[:5], *official(numbered("2021")), *SIX[5:]) == ""


def test_a_report_whose_tables_are_images() -> None:
    assert read(*SIX) == ""


def test_a_short_old_report_of_four_paragraphs() -> None:
    short = (
        "2010年，我乡认真贯彻落实《政府信息公开条例》，积极推进政府信息公开工作。",
        "全年主动公开政府信息120条，其中政策文件20条，工作动态100条。",
        "全年没有收到要求公开政府信息的申请，没有因政府信息公开引起的行政复议、行政诉讼。",
        "存在的问题是公开内容不够全面，今后要进一步加强信息公开工作。",
    )
    context = Context("640221", "平罗县", ("兴华乡2010年政府信息公开工作年度报告",))
    assert read(*short, title="兴华乡2010年政府信息公开工作年度报告", context=context) == ""
    assert read(*short, title="", context=context) == "", "the list alone may have the title"


def test_a_report_without_a_title_is_known_by_its_tables() -> None:
    assert read(*SIX[:5], *official(numbered("2021")), *SIX[5:], title="", context=Context("640221", "平罗县")) == ""


def test_the_rules_that_a_report_cites_are_not_its_title() -> None:
    opening = (
        "根据《中华人民共和国政府信息公开条例》（国务院令第711号）规定和《中华人民共和国政府信息公开工作年度报告格式》"
        "（国办公开办函〔2021〕30号）要求，现公布平罗县陶乐镇2023年政府信息公开工作年度报告。"
    )
    report = read_report(document(opening, *SIX), Context("640221", "平罗县"))
    assert report.title == "平罗县陶乐镇2023年政府信息公开工作年度报告。".rstrip("。")
    assert report.issuer.division_code == "640221106"
    report = read_report(
        document(*SIX, title="平罗县城关镇2023年政府信息公开工作年度报告"), Context("640221", "平罗县")
    )
    assert report.issuer.name == "平罗县城关镇人民政府"


LOOKALIKES = {
    "rule of law": (
        "平罗县陶乐镇2023年法治政府建设年度报告",
        "2023年，我镇认真贯彻落实法治政府建设实施纲要，推进依法行政。",
        "一、主要工作情况",
        "（一）加强组织领导。成立领导小组，全面推进政务公开，主动公开行政执法信息12条。",
        "二、存在的主要问题及改进情况",
        "执法力量不足。",
        "三、其他需要报告的事项",
        "无。",
    ),
    "website": (
        "平罗县人民政府网站2023年工作年度报表",
        "网站名称 平罗县人民政府网",
        plain([["信息发布", "总数", "1200"], ["概况类信息更新量", "条", "12"], ["政务动态信息更新量", "条", "900"]]),
        plain([["政府信息公开目录信息更新量", "条", "288"], ["解读回应", "解读信息发布总数", "12"]], 2),
    ),
    "final accounts": (
        "平罗县陶乐镇2023年度部门决算",
        "第一部分 部门概况",
        "一、主要职能",
        "贯彻执行国家法律法规，做好政府信息公开工作。",
        "第二部分 2023年度部门决算报表",
        plain([["项目", "行次", "金额"], ["一般公共预算财政拨款收入", "1", "1200.55"], ["政府性基金", "2", "0"]]),
        "第三部分 2023年度部门决算情况说明",
        "四、政府采购支出说明",
        "五、其他需要说明的情况",
    ),
    "infographic": ("图解：平罗县2023年政府信息公开工作年度报告", "一图读懂", "扫码查看"),
    "notice": (
        "关于做好2023年政府信息公开工作年度报告编制工作的通知",
        "各乡镇人民政府、县直各部门：",
        "根据《中华人民共和国政府信息公开条例》规定，现将2023年度政府信息公开工作年度报告编制发布工作有关事项通知如下：",
        "一、编制内容",
        "（一）总体情况。包括主动公开、依申请公开、政府信息管理、平台建设、监督保障等情况。",
        "（二）主动公开政府信息情况。请各单位填写附件表格。",
        "（三）收到和处理政府信息公开申请情况。",
        "（四）政府信息公开行政复议、行政诉讼情况。",
        "二、报送时间",
        "请各单位于2024年1月20日前将年度报告报送至县政府办公室。",
    ),
    "guide": (
        "平罗县陶乐镇政府信息公开指南",
        "为了更好地提供政府信息公开服务，编制本指南。",
        "一、主动公开",
        "（一）公开范围。机构职能、政策文件、工作动态等。",
        "二、依申请公开",
        "公民、法人或者其他组织可以向本机关申请获取政府信息。申请人应当填写申请表。",
        "三、监督保障",
        "认为行政机关不依法履行政府信息公开义务的，可以举报。",
    ),
    "accounts of a meeting": (
        "平罗县召开2023年政府信息公开工作年度报告编制培训会",
        "1月5日，县政府办公室组织召开2023年度政府信息公开工作年度报告编制培训会，各乡镇、各部门业务人员参加。",
        "会议要求，各部门要高度重视，确保年度报告按时发布。",
    ),
    "half-year figures": (
        "平罗县2023年上半年政府信息公开统计",
        plain([["单位", "主动公开条数", "依申请公开件数"], ["教育局", "12", "0"], ["财政局", "30", "1"]]),
    ),
    "login page": ("统一身份认证平台", "用户名", "密码", "登录"),
    "empty shell": ("",),
}


@pytest.mark.parametrize("name", LOOKALIKES)
@pytest.mark.parametrize("listed", [True, False])
def test_lookalikes_are_no_reports_even_if_the_list_says_so(name: str, listed: bool) -> None:
    title, *blocks = LOOKALIKES[name]
    context = HOME if listed else Context("640221", "平罗县", (str(title),))
    assert read(*blocks, title=str(title), context=context).startswith("not_a_report: ")


def test_an_interpretation_that_repeats_all_sections_is_no_report() -> None:
    title = "【文字解读】平罗县陶乐镇2023年政府信息公开工作年度报告解读"
    assert "another kind of document" in read(*SIX, title=title, context=Context("640221", "平罗县", (title,)))


def test_a_notice_with_the_blank_form_attached_is_no_report() -> None:
    title, *blocks = LOOKALIKES["notice"]
    blank = official(numbered("2021", lambda r, c: ""))
    assert read(*blocks, "附件：年度报告格式", *SIX, *blank, title=str(title)) != ""
    assert read(*blocks, *blank, title="") != "", "not even without a title"


def test_a_blank_form_alone_is_no_report() -> None:
    assert read(*official(numbered("2021", lambda r, c: "")), title="附件") != ""


def test_a_report_with_all_cells_blank_is_one() -> None:
    assert read(*SIX[:5], *official(numbered("2019", lambda r, c: "")), *SIX[5:]) == ""


@pytest.mark.parametrize(
    ("texts", "year"),
    [
        (("陶乐镇2021年政府信息公开工作年度报告", "统计时间自2021年1月1日至2021年12月31日。"), 2021),
        (("陶乐镇政府信息公开工作年度报告", "本报告所列数据统计期限自2020年1月1日起至2020年12月31日止。"), 2020),
        (("陶乐镇政府信息公开工作年度报告", "统计期限自201711日至20171231日。"), 2017),
        (("陶乐镇政府信息公开工作年度报告（2019年）", "内容如下。"), 2019),
    ],
)
def test_the_year(texts: tuple[str, ...], year: int) -> None:
    report = read_report(document(*texts, *SIX[2:]), Context("640221", "平罗县"))
    assert report.year == year


def test_refused_tables_are_said_in_the_notes() -> None:
    rows = [
        ["一、本年新收政府信息公开申请数量", "1", "2"],
        ["二、上年结转政府信息公开申请数量", "1", "2"],
        ["（一）予以公开", "1", "2"],
    ]
    report = read_report(document("陶乐镇2023年政府信息公开工作年度报告", *SIX, plain(rows)), HOME)
    assert [table.number for table in report.tables if table.refused] == [3]
    assert any(note.startswith("table 3 is refused") for note in report.notes)
    assert not report.values


def test_places_lead_back_into_the_document() -> None:
    made = document("陶乐镇2023年政府信息公开工作年度报告", *SIX, *official(numbered("2021")))
    report = read_report(made, HOME)
    places = {
        cell.place: cell.text
        for block in made.blocks
        if not isinstance(block, Text)
        for row in block.rows
        for cell in row
        if cell
    }
    assert all(places[value.place] == value.raw for value in report.values)
    assert len({value.place for value in report.values}) == 200


def test_hostile_documents_take_no_time() -> None:
    for text in (
        "（一）予以公开 0 " * 5000,
        "0" * 50_000,
        "一、" * 30_000,
        "行政许可" * 20_000,
        "\t" * 50_000,
        "（" * 50_000,
    ):
        with pytest.raises(Unread):
            read_report(Document("text/plain", (Text(text, "l1"),)), Context())
