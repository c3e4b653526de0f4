"""Issuers: official names, divisions, what must not be picked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.reports import divisions
from parsers.reports.issuer import identify
from parsers.reports.model import Context, Issuer


def named(agency: str, county: str, year: int | None = None, name: str = "") -> Issuer:
    return identify(title_agency=agency, context=Context(county_code=county, county_name=name), year=year)


KNOWN = [
    # the seeds
    ("平罗县陶乐镇", "640221", "平罗县陶乐镇人民政府", "township", "640221106"),
    ("洛宁县马店镇人民政府", "410328", "洛宁县马店镇人民政府", "township", "410328107"),
    ("郟县白庙乡人民政府", "410425", "郏县白庙乡人民政府", "township", "410425203"),
    ("吴忠市红寺堡区新庄集乡人民政府", "640303", "红寺堡区新庄集乡人民政府", "township", "640303201"),
    ("海原县七营镇人民政府", "640522", "海原县七营镇人民政府", "township", "640522105"),
    # the county, its office, its organs
    ("平罗县", "640221", "平罗县人民政府", "county", "640221"),
    ("县人民政府", "640221", "平罗县人民政府", "county", "640221"),
    ("平罗县人民政府办公室", "640221", "平罗县人民政府办公室", "department", "640221"),
    ("县政府办", "640221", "平罗县人民政府办公室", "department", "640221"),
    ("平罗县人民政府机关", "640221", "平罗县人民政府机关", "county", "640221"),
    ("教育局", "640221", "平罗县教育局", "department", "640221"),
    ("县教育局", "640221", "平罗县教育局", "department", "640221"),
    ("我县教育局", "640221", "平罗县教育局", "department", "640221"),
    ("平罗教育局", "640221", "平罗县教育局", "department", "640221"),
    ("平罗县县教育局", "640221", "平罗县教育局", "department", "640221"),
    ("石嘴山市平罗县教育局", "640221", "平罗县教育局", "department", "640221"),
    ("中共平罗县委组织部", "640221", "平罗县委组织部", "department", "640221"),
    ("县委组织部", "640221", "平罗县委组织部", "department", "640221"),
    ("国家税务总局平罗县税务局", "640221", "国家税务总局平罗县税务局", "department", "640221"),
    ("市公安局平罗分局", "640221", "石嘴山市公安局平罗分局", "department", "640221"),
    ("太沙工业园管委会", "640221", "平罗县太沙工业园管委会", "other", "640221"),
    ("平罗县人民医院", "640221", "平罗县人民医院", "other", "640221"),
    ("陶乐镇卫生院", "640221", "平罗县陶乐镇卫生院", "other", "640221"),
    ("平罗县委办公室(县档案局)", "640221", "平罗县委办公室", "department", "640221"),
    ("县住房和建设局（县人民防空办公室）", "640221", "平罗县住房和建设局", "department", "640221"),
    ("县科学技术局（挂县外国专家局牌子）", "640221", "平罗县科学技术局", "department", "640221"),
    ("县残联", "640221", "平罗县残联", "department", "640221"),
    # townships and their organs
    ("陶乐镇政府", "640221", "平罗县陶乐镇人民政府", "township", "640221106"),
    ("宁夏回族自治区石嘴山市平罗县陶乐镇人民政府综合办公室", "640221", "平罗县陶乐镇人民政府", "township", "640221106"),
    ("广州市越秀区人民政府梅花村街道办事处", "440104", "越秀区梅花村街道办事处", "township", "440104013"),
    ("梅花村街", "440104", "越秀区梅花村街道办事处", "township", "440104013"),
    ("白银区人民路街道", "620402", "白银区人民路街道办事处", "township", "620402001"),
    ("北京市东城区人民政府东华门街道办事处", "110101", "东城区东华门街道办事处", "township", "110101001"),
    ("阿拉善盟额济纳旗赛汉陶来苏木人民政府", "152923", "额济纳旗赛汉陶来苏木人民政府", "township", "152923200"),
    ("东莞市石龙镇", "441900", "东莞市石龙镇人民政府", "township", "441900102"),
    ("达茂旗", "150223", "达尔罕茂明安联合旗人民政府", "county", "150223"),
    ("林区教育局", "429021", "神农架林区教育局", "department", "429021"),
    ("威宁县草海镇", "520526", "威宁彝族回族苗族自治县草海镇人民政府", "township", "520526100"),
    # names that mislead a rule by level
    ("新县镇", "350303", "涵江区新县镇人民政府", "township", "350303108"),
    ("市中街道", "371481", "乐陵市市中街道办事处", "township", "371481001"),
    ("县溪镇", "431230", "通道侗族自治县县溪镇人民政府", "township", "431230112"),
    ("晋城市城区", "140502", "城区人民政府", "county", "140502"),
    ("云县", "530922", "云县人民政府", "county", "530922"),
    ("黄帝故里景区管理委员会", "410184", "新郑市黄帝故里景区管理委员会", "other", "410184"),
    ("新疆生产建设兵团第八师石河子市", "659001", "石河子市人民政府", "county", "659001"),
    ("第三师图木舒克市51团", "659003", "图木舒克市51团", "other", "659003"),
]


@pytest.mark.parametrize(("agency", "county", "name", "kind", "code"), KNOWN, ids=[row[0] for row in KNOWN])
def test_known(agency: str, county: str, name: str, kind: str, code: str) -> None:
    issuer = named(agency, county)
    assert (issuer.name, issuer.kind, issuer.division_code, issuer.candidates) == (name, kind, code, ())
    assert issuer.county_code == county


ELSEWHERE = [
    ("石嘴山市", "640221", ("640200",)),
    ("石嘴山市教育局", "640221", ("640200",)),
    ("市教育局", "640221", ("640200",)),
    ("宁夏回族自治区教育厅", "640221", ("640000",)),
    ("自治区教育厅", "640221", ("640000",)),
    ("惠农区教育局", "640221", ("640205",)),
    ("惠农区红果子镇", "640221", ("640205100",)),
    ("北京市手机彩票网民政局", "640221", ("110000",)),
    ("晋城市城区", "140525", ("140502",)),
    ("铜仁市教育局", "520602", ("520600",)),
]


@pytest.mark.parametrize("agency", ["国务院办公厅", "财政部", "中华人民共和国教育部"])
def test_national_bodies_have_no_division(agency: str) -> None:
    issuer = named(agency, "640221")
    assert (issuer.name, issuer.county_code, issuer.division_code) == (agency, "", "")
    assert issuer.note == "a national body"
    assert named("县委组织部", "640221").division_code == "640221"


@pytest.mark.parametrize(("agency", "county", "candidates"), ELSEWHERE, ids=[row[0] for row in ELSEWHERE])
def test_somebody_else_is_never_this_county(agency: str, county: str, candidates: tuple[str, ...]) -> None:
    issuer = named(agency, county)
    assert (issuer.division_code, issuer.candidates) == ("", candidates)
    assert issuer.county_code != county
    assert issuer.note


def test_the_portal_of_a_prefecture_takes_what_lies_below_it() -> None:
    assert named("惠农区教育局", "640200").division_code == "640205"
    assert named("惠农区教育局", "640300").division_code == ""


@pytest.mark.parametrize(
    ("agency", "candidates"),
    [
        ("鼓楼区", ("320106", "320302", "350102", "410204")),
        ("鼓楼区教育局", ("320106", "320302", "350102", "410204")),
    ],
)
def test_ambiguity_gives_candidates(agency: str, candidates: tuple[str, ...]) -> None:
    issuer = named(agency, "")
    assert (issuer.candidates, issuer.division_code, issuer.county_code) == (candidates, "", "")


def test_no_portal_at_all() -> None:
    assert named("鼓楼区五凤街道", "").division_code == "350102009", "only one 鼓楼区 has such a subdistrict"
    assert named("平罗县陶乐镇", "").division_code == "640221106"
    many = named("城关镇", "")
    assert many.division_code == ""
    assert len(many.candidates) == 20
    assert "82" in many.note
    assert named("教育局", "").division_code == ""
    assert identify(title_agency="陶乐镇", context=Context(county_name="平罗县")).division_code == "640221106"


def test_former_names_by_year() -> None:
    issuer = named("唐海县教育局", "130209", 2010)
    assert (issuer.name, issuer.division_code) == ("唐海县教育局", "130209")
    assert "曹妃甸区" in issuer.note
    assert named("县公安局", "350405", 2016).name == "沙县公安局"
    assert named("公安局", "350405", 2022).name == "沙县区公安局"
    assert named("铜仁市教育局", "520602", 2010).division_code == "520602"
    assert named("铜仁市教育局", "520602", 2015).division_code == ""
    township = named("陶乐乡", "640221", 2003)
    assert (township.name, township.division_code) == ("平罗县陶乐乡人民政府", "640221106")
    assert "陶乐镇" in township.note


def test_a_county_that_no_list_has() -> None:
    issuer = named("第一街道", "999901", name="某某新区")
    assert (issuer.name, issuer.kind, issuer.division_code) == ("某某新区第一街道办事处", "township", "")
    gone = named("重庆市江北区人民政府", "500105", 2022)
    assert (gone.name, gone.division_code) == ("江北区人民政府", "500105")
    assert "两江新区" in gone.note
    assert named("石马河街道", "500105").division_code == "500157014"


def test_a_stem_that_two_townships_share_decides_nothing() -> None:
    issuer = named("海淀乡", "110108", 2005)
    assert (issuer.name, issuer.division_code) == ("海淀区海淀乡人民政府", "")
    assert [divisions.full_name(code)[-4:] for code in issuer.candidates] == ["海淀街道", "区海淀镇"]
    assert named("海淀镇", "110108").candidates == ()


def test_a_township_may_begin_with_its_countys_name() -> None:
    issuer = named("新县镇", "411523")
    assert (issuer.name, issuer.kind) == ("新县新县镇人民政府", "township")


def test_an_unlisted_township_is_learned_without_a_code() -> None:
    issuer = named("平罗县新新镇", "640221")
    assert (issuer.name, issuer.kind, issuer.division_code) == ("平罗县新新镇人民政府", "township", "")
    assert issuer.note


def test_sources_in_their_order() -> None:
    context = Context(county_code="640221", agency="来源：平罗县教育局")
    assert identify(title_agency="", context=context).name == "平罗县教育局"
    assert identify(title_agency="我局", context=context, signature="平罗县水务局").name == "平罗县教育局"
    signed = identify(title_agency="", context=Context(county_code="640221"), signature="平罗县水务局")
    assert signed.name == "平罗县水务局"
    office = identify(
        title_agency="陶乐镇", context=Context(county_code="640221"), contact_agency="陶乐镇人民政府党政办"
    )
    assert (office.name, office.note) == ("平罗县陶乐镇人民政府", "")
    copied = identify(title_agency="陶乐镇", context=Context(county_code="640221"), signature="平罗县水务局")
    assert (copied.name, copied.note) == ("平罗县陶乐镇人民政府", "signature names 平罗县水务局")
    nobody = identify(title_agency="", context=Context(county_code="640221"))
    assert (nobody.name, nobody.division_code, nobody.note) == ("", "", "no agency is named")
    site = Context(county_code="640221", agency="平罗县人民政府门户网站")
    assert identify(title_agency="", context=site).name == ""


def test_every_township_of_the_country_is_itself() -> None:
    wrong = []
    for county in divisions.all_counties()[::9]:
        for township in divisions.townships(county.code):
            for text in (county.name + township.name, township.name):
                if named(text, county.code).division_code != township.code:
                    wrong.append((county.name, text))
    assert wrong == []


@given(
    st.text(alphabet="平罗县市区陶乐镇乡街道办事处人民政府教育局()第1团", max_size=80),
    st.sampled_from(["640221", "", "659003"]),
)
@settings(max_examples=300, deadline=None)
def test_any_name_is_identified(text: str, county: str) -> None:
    issuer = named(text, county)
    assert not (issuer.division_code and issuer.candidates)


@pytest.mark.parametrize("code", ["640221", "110101", "469006"])
@pytest.mark.parametrize("name", ["市场监督管理局", "市政园林局", "市容环卫中心", "市监局", "区域合作办公室"])
def test_a_first_sign_that_is_no_level(code: str, name: str) -> None:
    """市场 is a market, whatever the portal's own level is."""
    county = divisions.county(code)
    assert county is not None
    found = identify(title_agency=name, context=Context(county_code=code))
    assert (found.name, found.division_code) == (county.name + name, code)
    assert identify(title_agency=county.name + name, context=Context(county_code=code)).name == county.name + name
