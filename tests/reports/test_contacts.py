"""Contacts of offices in the forms that were seen, and what must not be read as one."""

from __future__ import annotations

import time

import pytest

from parsers.reports.contacts import office, read

FORMS = [
    ("如有疑问，请联系。电话：0952-8011132。", [("phone", "0952-8011132")]),
    (
        "联系电话：0955—5096217，传真：0955-5096217)，邮编：751999。",
        [("phone", "0955-5096217"), ("fax", "0955-5096217"), ("postcode", "751999")],
    ),
    ("电话：0578—2090823", [("phone", "0578-2090823")]),
    ("电话０８１８－５２２７０６６", [("phone", "0818-5227066")]),
    ("联系电话:07976854110", [("phone", "0797-6854110")]),
    ("电话052784368216", [("phone", "0527-84368216")]),
    ("电话：01062345678", [("phone", "010-62345678")]),
    ("电话:(0598)8703562", [("phone", "0598-8703562")]),
    ("电话：0952 8011132", [("phone", "0952-8011132")]),
    ("电话0891—6318240", [("phone", "0891-6318240")]),
    ("电话：2888468", [("phone", "2888468")]),
    ("电话（传真）：0955-5096217", [("phone", "0955-5096217"), ("fax", "0955-5096217")]),
    ("电话、传真：0955-5096217", [("phone", "0955-5096217"), ("fax", "0955-5096217")]),
    ("电话/传真：0955-5096217、5096218", [("phone", "0955-5096217"), ("fax", "5096218")]),
    ("传真电话：0771-7063602", [("fax", "0771-7063602")]),
    ("电话：0771-5530001，传真:7063602", [("phone", "0771-5530001"), ("fax", "7063602")]),
    ("办公室（4332240、4327511）", [("phone", "4332240"), ("phone", "4327511")]),
    ("咨询电话：0571-87052222转8001", [("phone", "0571-87052222-8001")]),
    ("电 话：0952-8011132  邮 编：753400", [("phone", "0952-8011132"), ("postcode", "753400")]),
    (
        "地址：平罗县陶乐镇新民路1号，邮政编码：753400，电子邮箱：xwlsdzb@sina.cn",
        [("address", "平罗县陶乐镇新民路1号"), ("postcode", "753400"), ("email", "xwlsdzb@sina.cn")],
    ),
    (
        "（地址：县府街2号（县政府大院内）；邮编：471700；电话：0379-66223344）",
        [("address", "县府街2号(县政府大院内)"), ("postcode", "471700"), ("phone", "0379-66223344")],
    ),
    ("（办公地址：人民路5号院）欢迎监督", [("address", "人民路5号院")]),
    ("办公地址:人民路8号 邮编 471700", [("address", "人民路8号"), ("postcode", "471700")]),
    ("可登录网站 <http://www.pingluo.gov.cn> 查阅", [("site", "http://www.pingluo.gov.cn")]),
    ("从网站 (<https://www.hongsibu.gov.cn/>) 下载", [("site", "https://www.hongsibu.gov.cn")]),
    ("网址：www.luoning.gov.cn。", [("site", "www.luoning.gov.cn")]),
    ("网站地址：http://www.x.gov.cn/zwgk/，电话", [("site", "http://www.x.gov.cn/zwgk")]),
    ("电话：0952-8011132，电话：0952-8011132", [("phone", "0952-8011132")]),
]
NONE = [
    "联系人：张三，手机13912345678，电话：13912345678",
    "通过12345政务服务便民热线，电话12345",
    "在政府网站上公布投诉举报电话，解答群众疑惑",
    "网站下载()，微信号 lhwz4822006，国办公开办函〔2021〕30号",
    "索引号 11330483002558446F/2012-101415",
    "接听咨询电话500余次，地址信息12条",
]


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text[:14] for text, _ in FORMS])
def test_forms(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(item.kind, item.value) for item in read(text)] == expected


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_contact(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请与红寺堡区新庄集乡人民政府综合办公室联系；电话", "红寺堡区新庄集乡人民政府综合办公室"),
        ("可直接与平罗县陶乐镇人民政府联系。", "平罗县陶乐镇人民政府"),
        ("如对本报告有疑问，请与平罗县教育局（办公室）联系", "平罗县教育局"),
        ("没有联系方式", ""),
    ],
)
def test_office(text: str, expected: str) -> None:
    assert office(text) == expected


@pytest.mark.parametrize("piece", ["电话:", "0", "地址:a", "www.", "a@", "a.", "电话、", "(", "0-", "请与联系"])
def test_hostile_text_costs_little(piece: str) -> None:
    started = time.perf_counter()
    read(piece * 40_000)
    office(piece * 40_000)
    assert time.perf_counter() - started < 2
