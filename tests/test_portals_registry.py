"""The registry: rows are proved at the start, names are never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import portals
from crawler.portals import Refused


def registry(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_registry_is_sound() -> None:
    rows = portals.load()
    assert {row.code for row in rows} >= {"640221", "410328", "410425", "640303", "640522"}
    assert all(row.known for row in rows)
    assert portals.select(rows, county="平罗县")[0].hosts == ("www.pingluo.gov.cn",)


def test_three_columns_are_enough(tmp_path: Path) -> None:
    (row,) = portals.load(registry(tmp_path, "code,name,url\n640221,平罗县,http://127.0.0.9:8000/x\n"))
    assert (row.code, row.name, row.hosts) == ("640221", "平罗县", ("127.0.0.9:8000",))


def test_byte_order_mark_and_more_hosts(tmp_path: Path) -> None:
    path = registry(tmp_path, "\ufeffcode,name,url,hosts\n640221,平罗县,http://a.gov.cn/,B.gov.cn; 127.0.0.1:80\n")
    assert portals.load(path)[0].hosts == ("a.gov.cn", "b.gov.cn", "127.0.0.1:80")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("64022,平罗县,http://a/", "not six digits"),
        ("６４０２２１,平罗县,http://a/", "not six digits"),
        ("640221,,http://a/", "name of 640221 is empty"),
        ("640221,平罗县,ftp://a/", "not an http or https address"),
        ("640221,平罗县,www.pingluo.gov.cn", "not an http or https address"),
        ("640221,平罗县,http:///x", "not an http or https address"),
        ("640221,平罗县,http://a:port/", "not an address"),
        ("640221,平罗县,", "not an http or https address"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(tmp_path: Path, row: str, said: str) -> None:
    path = registry(tmp_path, f"code,name,url\n640303,红寺堡区,http://b/\n{row}\n")
    with pytest.raises(Refused, match=said) as refusal:
        portals.load(path)
    assert str(refusal.value).startswith(f"{path}:3:")


def test_a_code_twice_is_refused(tmp_path: Path) -> None:
    path = registry(tmp_path, "code,name,url\n640303,红寺堡区,http://b/\n640303,红寺堡区,http://c/\n")
    with pytest.raises(Refused, match="a second time"):
        portals.load(path)


@pytest.mark.parametrize("text", ["", "code,name\n640221,平罗县\n", "code,name,url\n"])
def test_a_file_without_columns_or_rows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused, match=r"columns|no rows"):
        portals.load(registry(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        portals.load(tmp_path / "none.csv")


def test_an_ambiguous_name_lists_the_candidates() -> None:
    with pytest.raises(Refused, match="4 counties") as refusal:
        portals.select(portals.load(), county="鼓楼区")
    assert [line.split()[0] for line in str(refusal.value).splitlines()[1:]] == ["320106", "320302", "350102", "410204"]


def test_an_unknown_name_offers_near_ones_and_those_with_a_portal_first(tmp_path: Path) -> None:
    rows = portals.load(registry(tmp_path, "code,name,url\n640221,平罗县,http://a.gov.cn/\n"))
    with pytest.raises(Refused, match=r"no county is called 平锣县; did you mean:\s+640221"):
        portals.select(rows, county="平锣县")


def test_a_county_without_a_portal_says_what_to_do() -> None:
    with pytest.raises(Refused, match=r"registry has no portal of 110102 .*西城区"):
        portals.select([one for one in portals.load() if one.code != "110102"], county="110102")


def test_names_codes_and_commas() -> None:
    chosen = portals.select(portals.load(), county="640221，海原县,640221")
    assert [portal.code for portal in chosen] == ["640221", "640522"]


def test_a_province() -> None:
    chosen = portals.select(portals.load(), province="宁夏回族自治区")
    assert {portal.code for portal in chosen} >= {"640221", "640303", "640522"}
    assert all(portal.code.startswith("64") for portal in chosen)
    with pytest.raises(Refused, match="no province"):
        portals.select(portals.load(), province="亚特兰蒂斯")


def test_a_code_that_the_division_list_does_not_know(tmp_path: Path) -> None:
    rows = portals.load(registry(tmp_path, "code,name,url\n990101,某县,http://127.0.0.9/\n"))
    assert [portal.known for portal in portals.select(rows, county="990101")] == [False]
    assert portals.select(rows, county="某县") == rows
