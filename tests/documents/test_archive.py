"""Archives: names and bytes of honest ones, refusal of dangerous ones."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

import pytest

from parsers.documents import libarchive
from parsers.documents.archive import local_name, members, safe_name
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Member, Unread
from tests.generator.archive import PACKERS, overlapping_zip, rar_4, rar_5, seven_zip, zip_gbk, zip_utf_8

FILES: Mapping[str, bytes] = {
    "2024年年报/陶乐镇.doc": b"\xd0\xcf\x11\xe0 one" * 100,
    "2024年年报/教育局.pdf": b"%PDF-1.4 two",
    "说明.txt": "三".encode() * 5000,
}


def refusal(body: bytes, limits: Limits = DEFAULT) -> Unread:
    with pytest.raises(Unread) as refused:
        list(members(body, limits=limits))
    return refused.value


@pytest.mark.parametrize("kind", PACKERS)
def test_names_and_bytes(kind: str) -> None:
    assert {member.name: member.body for member in members(PACKERS[kind](FILES))} == dict(FILES)


def test_mac_names_and_the_unicode_path_field() -> None:
    assert local_name("年报.doc".encode()) == "年报.doc"
    assert local_name("年报.doc".encode("gbk")) == "年报.doc"
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("a.doc")
        name = "年报.doc".encode()
        info.extra = (
            b"\x75\x70"
            + (5 + len(name)).to_bytes(2, "little")
            + b"\x01"
            + zlib.crc32(b"a.doc").to_bytes(4, "little")
            + name
        )
        archive.writestr(info, b"1")
    assert [member.name for member in members(stream.getvalue())] == ["年报.doc"]


def test_archives_in_archives_are_unfolded_to_a_depth() -> None:
    inner = rar_5({"教育局.doc": b"one"})
    assert [m.name for m in members(zip_gbk({"甲/内.rar": inner, "乙.txt": b"two"}))] == [
        "甲/内.rar/教育局.doc",
        "乙.txt",
    ]
    deep = zip_utf_8({"x.txt": b"1"})
    for _ in range(4):
        deep = zip_utf_8({"x.zip": deep})
    assert refusal(deep).reason == "unsafe"


def test_junk_of_systems_is_left_out() -> None:
    files = {
        "__MACOSX/._a.doc": b"1",
        "a/.DS_Store": b"1",
        "Thumbs.db": b"1",
        "~$报告.doc": b"1",
        "报告.doc": b"2",
        "空/": b"",
    }
    assert [member.name for member in members(zip_utf_8(files))] == ["报告.doc"]


@pytest.mark.parametrize("name", ["../x.doc", "/etc/x.doc", "C:\\x.doc", "a/../../x.doc", "\\\\server\\x.doc"])
@pytest.mark.parametrize("write", [zip_utf_8, rar_4, rar_5, seven_zip])
def test_paths_that_lead_out_are_refused(name: str, write: object) -> None:
    assert refusal(write({name: b"1"})).reason == "unsafe"  # type: ignore[operator]


def test_names_are_safe_to_show() -> None:
    assert safe_name("a\u202ecod.exe\x00\x1b[31m") == "acod.exe[31m"
    assert safe_name("./a\\b//c.doc") == "a/b/c.doc"
    assert len(safe_name("长" * 5000)) == 500


def test_a_member_without_a_name_is_still_one() -> None:
    body = zip_utf_8({"a": b"1", "bc": b"22"}).replace(b"\x02\0\0\0bc", b"\x00\0\x02\0bc")
    directory = body.rindex(b"PK\x01\x02")
    body = body[: directory + 28] + b"\0\0\x02\0" + body[directory + 32 :]
    assert [(member.name, member.body) for member in members(body)] == [("a", b"1"), ("nameless", b"22")]


def test_links_are_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refusal(stream.getvalue()).reason == "unsafe"
    assert refusal(rar_4({"link": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)).reason == "unsafe"


def test_bombs_are_refused_before_they_unpack() -> None:
    assert refusal(zip_utf_8({"a": bytes(30_000_000)})).reason == "unsafe"
    assert refusal(overlapping_zip(50, b"x" * 1000)).reason == "unsafe"
    assert refusal(zip_utf_8({"a": b"x" * 3000}), Limits(unpacked=2000)).reason == "too_large"
    assert refusal(zip_utf_8({str(n): b"" for n in range(12)}), Limits(members=10)).reason == "too_large"
    assert refusal(rar_5({str(n): b"x" * 500 for n in range(9)}), Limits(unpacked=2000)).reason == "too_large"


def test_a_size_that_lies_is_not_believed() -> None:
    body = bytearray(zip_utf_8({"a": bytes(20_000_000)}))
    at = body.index(b"PK\x01\x02")
    body[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert refusal(bytes(body)).reason in {"unsafe", "damaged"}


def test_encrypted_members_are_told_after_the_others() -> None:
    body = bytearray(zip_utf_8({"a.txt": b"one", "b.txt": b"two"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.rindex(mark) + at] |= 1
    found: list[Member] = []
    with pytest.raises(Unread) as refused:
        found.extend(members(bytes(body)))
    assert refused.value.reason == "encrypted"
    assert "b.txt" in refused.value.detail
    assert refusal(rar_4({"a.txt": b"x" * 40}, flags=4)).reason == "encrypted"
    assert refusal(rar_4({"a.txt": b"x" * 40}, main_flags=0x80)).reason == "encrypted"


def test_the_good_members_come_before_the_error() -> None:
    body = zip_utf_8({"a.txt": b"one" * 50, "b.txt": b"two" * 50}, zipfile.ZIP_STORED).replace(b"twotwo", b"twotwX", 1)
    iterator = members(body)
    assert next(iterator).name == "a.txt"
    with pytest.raises(Unread) as refused:
        next(iterator)
    assert refused.value.reason == "damaged"


@pytest.mark.parametrize("kind", PACKERS)
def test_a_cut_archive_is_damaged(kind: str) -> None:
    body = PACKERS[kind](FILES)
    assert refusal(body[: len(body) // 2]).reason == "damaged"


def test_what_is_a_document_is_no_archive() -> None:
    assert refusal(zip_utf_8({"word/document.xml": b"<x/>"})).reason == "unknown"


def test_without_the_library_rar_has_no_reader_and_zip_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libarchive, "_candidates", lambda: iter(["libnone.so"]))
    libarchive.library.cache_clear()
    try:
        found = refusal(rar_5(FILES))
        assert found.reason == "no_reader"
        assert "libarchive13" in found.detail
        assert len(list(members(zip_gbk(FILES)))) == len(FILES)
    finally:
        libarchive.library.cache_clear()
