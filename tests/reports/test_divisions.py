"""The divisions: today's lists, names and prefixes, former names by year."""

from __future__ import annotations

import subprocess
import sys

import pytest

from parsers.reports import divisions


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("平罗县", ["640221"]),
        ("平罗", ["640221"]),
        ("宁夏石嘴山市平罗县", ["640221"]),
        ("宁夏回族自治区石嘴山市平罗县", ["640221"]),
        ("郟縣", ["410425"]),
        ("鼓楼区", ["320106", "320302", "350102", "410204"]),
        ("福州市鼓楼区", ["350102"]),
        ("晋城市城区", ["140502"]),
        ("新县", ["411523"]),
        ("威宁", ["520526"]),
        ("威宁彝族回族苗族自治县", ["520526"]),
        ("达茂旗", ["150223"]),
        ("融水", ["450225"]),
        ("长白", ["220623"]),
        ("龙胜", ["450328"]),
        ("东莞市", ["441900"]),
        ("朝阳县", ["211321"]),
        ("北京市东城区", ["110101"]),
        ("上海市平罗县", []),
        ("县", []),
        ("", []),
        ("平罗县" * 100, []),
    ],
)
def test_counties_named(name: str, codes: list[str]) -> None:
    assert [county.code for county in divisions.counties_named(name)] == codes


def test_every_county_is_found_by_its_full_name() -> None:
    for county in divisions.all_counties():
        assert county in divisions.counties_named(divisions.full_name(county.code)), county


def test_counts_of_the_official_list() -> None:
    counties = divisions.all_counties()
    assert sum(county.level == 3 for county in counties) == 2845
    assert {county.name for county in counties if county.level == 2} == {"东莞市", "中山市", "儋州市", "嘉峪关市"}
    assert sum(len(divisions.townships(county.code)) for county in counties) > 38_600
    assert len(divisions.counties_of("宁夏")) == len(divisions.counties_of("640000")) == 22
    assert len(divisions.counties_of("石嘴山市")) == 3
    assert divisions.counties_of("没有省") == ()


def test_full_names_and_codes() -> None:
    assert divisions.full_name("640221106") == "宁夏回族自治区石嘴山市平罗县陶乐镇"
    assert divisions.full_name("999999") == ""
    assert divisions.county("640200") is None, "a prefecture is no county"
    assert divisions.division("640221106") == divisions.Division("640221106", "陶乐镇", 4, "640221")


@pytest.mark.parametrize(
    ("code", "year", "today"),
    [
        ("130230", 2011, ["曹妃甸区"]),
        ("130103", 2013, ["长安区", "桥西区"]),
        ("140202", 2017, ["平城区"]),
        ("410306", 2020, ["孟津区"]),
        ("522201", 2010, ["碧江区", "万山区"]),
        ("522401", 2010, ["七星关区"]),
        ("652101", 2014, ["高昌区"]),
        ("500105", 2024, ["两江新区"]),
        ("500110", 2010, ["綦江区"]),
        ("640221", 2010, ["平罗县"]),
        ("999999", 2010, []),
    ],
)
def test_successors(code: str, year: int, today: list[str]) -> None:
    assert [item.name for item in divisions.successors(code, year)] == today


@pytest.mark.parametrize(
    ("code", "year", "then"),
    [
        ("130209", 2010, ["唐海县"]),
        ("130209", 2012, ["曹妃甸区"]),
        ("410308", 2018, ["吉利区", "孟津县"]),
        ("320508", 2010, ["沧浪区", "平江区", "金阊区"]),
        ("110101", 2008, ["崇文区", "东城区"]),
        ("640221", 2008, ["平罗县"]),
        ("999999", 2008, []),
    ],
)
def test_county_as_of(code: str, year: int, then: list[str]) -> None:
    assert [item.name for item in divisions.county_as_of(code, year)] == then


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("平罗县", "平罗"),
        ("赵县", "赵县"),
        ("威宁彝族回族苗族自治县", "威宁"),
        ("融水苗族自治县", "融水"),
        ("长白朝鲜族自治县", "长白"),
        ("东乡族自治县", "东乡"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("龙胜各族自治县", "龙胜"),
        ("宁夏回族自治区", "宁夏"),
        ("恩施土家族苗族自治州", "恩施"),
    ],
)
def test_stem(name: str, short: str) -> None:
    assert divisions.stem(name) == short


def test_every_rename_leads_to_a_division_of_today() -> None:
    old, _ = divisions._changes()
    for code, changes in old.items():
        for change in changes:
            assert divisions.successors(code, change.year - 1), change


def test_fold() -> None:
    assert divisions.fold("郟　县 Ａ１（桐鄉）") == "郏县A1(桐乡)"
    assert divisions.fold("⻓宁⺠⻩") == "长宁民黄"
    for county in divisions.all_counties():
        assert divisions.fold(county.name) == county.name, "an official name is its own standard form"


def test_loading_is_fast() -> None:
    """A process that asks for one county pays for one pass over the list; four times the usual 80 ms is too much."""
    code = (
        "import time; started = time.process_time(); from parsers.reports import divisions;"
        "divisions.county('640221'); print(time.process_time() - started)"
    )
    spent = min(float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3))
    assert spent < 0.4
