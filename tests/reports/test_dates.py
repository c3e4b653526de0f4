"""Dates: the signature, the page's, the address's, each kept apart."""

from __future__ import annotations

import time

import pytest

from parsers.reports.dates import PageDate, address_year, first, page_dates, published, signature, url_date

SIGNATURES = [
    (["…", "吴忠市红寺堡区新庄集乡人民政府", "2025年1月14日"], ("2025-01-14", "吴忠市红寺堡区新庄集乡人民政府")),
    (["…", "平罗县教育局 2025 年 1 月 14 日"], ("2025-01-14", "平罗县教育局")),
    (["…", "县教育局", "二〇一〇年一月十九日"], ("2010-01-19", "县教育局")),
    (["…", "县教育局", "二○○九年五月十二日"], ("2009-05-12", "县教育局")),
    (["…", "县教育局", "二O一一年5月16日"], ("2011-05-16", "县教育局")),
    (["…", "2017年3月"], ("2017-03", "")),
    (["…", "**平罗县陶乐镇人民政府**", "", "2025.1.14", ""], ("2025-01-14", "平罗县陶乐镇人民政府")),
    (
        ["…", "平罗县教育局", "2025年1月14日", "附件：统计表", "单位负责人：", "填报日期："],
        ("2025-01-14", "平罗县教育局"),
    ),
    (["标题", "（2017年2月23日）", "一、概述", "…很长的正文。" * 3], ("2017-02-23", "")),
    (["本报告统计数据从2024年1月1日至12月31日。", "无"], ("", "")),
    (["2017210日)", "正文。"], ("", "")),
    (["县教育局", "2025年13月40日"], ("", "")),
    (["正文。", "平罗县教育局"], ("", "平罗县教育局")),
    ([], ("", "")),
]


@pytest.mark.parametrize(
    ("lines", "expected"), SIGNATURES, ids=[str(row[1]) + row[0][-1][:8] if row[0] else "empty" for row in SIGNATURES]
)
def test_signature(lines: list[str], expected: tuple[str, str]) -> None:
    assert signature(lines) == expected


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("发布时间：2022-01-26 16:32", "published", "2022-01-26"),
        ("发布日期: 2024年01月25日", "published", "2024-01-25"),
        ("公开日期：2012-3-30", "published", "2012-03-30"),
        ("发布时间：2021-03-2918:26", "published", "2021-03-29"),
        ("更新时间:2020-06-29 10时59分", "updated", "2020-06-29"),
        ("成文日期：2020年3月5日", "written", "2020-03-05"),
        ("归档时间：2013-07-24", "other", "2013-07-24"),
        ("2019年12月3日 星期二", "other", "2019-12-03"),
        ("废止日期：2030-01-01", "other", "2030-01-01"),
    ],
)
def test_page_dates(text: str, label: str, value: str) -> None:
    assert page_dates(text)[0] == PageDate(label, value)  # type: ignore[arg-type]


def test_the_labelled_date_counts_and_a_header_clock_never() -> None:
    head = "2019年12月3日 星期二 归档时间：2013-07-24 成文日期：2010-03-01 发布日期：2010-03-31 来源：县政府办"
    assert published(head) == "2010-03-31"
    assert published("今天是2019年12月3日 归档时间：2013-07-24") == ""
    assert published("成文日期：2010-03-01 更新时间：2011-01-02") == "2011-01-02"


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("http://zp.gov.cn/zfxxgknb/201303/t20130304_1507357.htm", "2013-03-04"),
        ("https://www.songyang.gov.cn/art/2022/1/11/art_1229358718_4858173.html", "2022-01-11"),
        ("http://www.anyang.gov.cn/2019/03-10/1963965.html", "2019-03-10"),
        ("http://tkx.gov.cn/tkxx/c106613/202501/92c55ca1c24c4ebe95926eaf7a888506.shtml", "2025-01"),
        ("http://x.gov.cn/2025-01-14/a.html", "2025-01-14"),
        ("http://www.zhuoni.gov.cn/info/2224/21140.htm", ""),
        ("http://x.gov.cn/xxgknb/2019/1.html", ""),
    ],
)
def test_url_date(url: str, value: str) -> None:
    assert url_date(url) == value


def test_the_reported_year_in_an_address() -> None:
    assert address_year("http://z.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=1&fbtime=2021") == 2021
    assert address_year("https://y.gov.cn/zfxxgknb.html?nbYear=2023") == 2023
    assert address_year("http://z.gov.cn/2021/1.html") is None


def test_first() -> None:
    assert first("自2024年1月1日至12月31日") == "2024-01-01"
    assert first("没有日期") == ""


@pytest.mark.parametrize("piece", ["2024年", "二〇", "2024-01-", "1", "发布时间：", "2024年1月1日"])
def test_hostile_text_costs_little(piece: str) -> None:
    started = time.perf_counter()
    page_dates(piece * 20_000)
    signature([piece * 100] * 2_000)
    url_date("http://a/" + piece * 20_000)
    assert time.perf_counter() - started < 2
