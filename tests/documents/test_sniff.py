"""What the bytes are, whatever a suffix or a header says."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from parsers.documents import ARCHIVES, READERS
from parsers.documents.charset import decode
from parsers.documents.sniff import DOCX, UNKNOWN, XLSX, sniff

ODT = "application/vnd.oasis.opendocument.text"
PAGE = "<html><head><title>年报</title></head><body><p>一、总体情况</p></body></html>"


def packed(*names: str, **texts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"x" * 50)
        for name, text in texts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def ole(*names: str) -> bytes:
    """A smallest compound file: header, one table sector, one directory sector; streams are empty."""
    entries = [_entry("Root Entry", 5, child=1 if names else -1)]
    entries += [_entry(name, 2, right=i + 2 if i + 1 < len(names) else -1) for i, name in enumerate(names)]
    directory = b"".join(entries).ljust(512, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + bytes.fromhex("3e000300feff09000600") + b"\0" * 6
    header += _words(0, 1, 1, 0, 4096, -2, 0, -2, 0, 0, *[-1] * 108)
    return header.ljust(512, b"\xff") + _words(-3, -2, *[-1] * 126) + directory


def _entry(name: str, kind: int, child: int = -1, right: int = -1) -> bytes:
    spelt = (name + "\0").encode("utf-16-le")
    head = spelt.ljust(64, b"\0") + len(spelt).to_bytes(2, "little") + bytes([kind, 1]) + _words(-1, right, child)
    return head + b"\0" * 36 + _words(-2, 0, 0)


def _words(*numbers: int) -> bytes:
    return b"".join((n & 0xFFFFFFFF).to_bytes(4, "little") for n in numbers)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\r\n\xef\xbb\xbf%PDF-1.4\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"II*\0....", "image/tiff"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "image/bmp"),
        (b"Rar!\x1a\x07\x01\0", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"Founder CEB 4.0", "application/x-ceb"),
        (b"{\\rtf1\\ansi}", "application/rtf"),
        (b"\xef\xbb\xbf\n{\\rtf1\\ansi}", "application/rtf"),
        (packed("word/document.xml"), DOCX),
        (packed("word\\document.xml"), DOCX),
        (packed("Word/Document.xml"), DOCX),
        (packed("xl/workbook.xml", "xl/vbaProject.bin"), XLSX),
        (packed("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        (packed("a/word/document.xml", "b.pdf"), "application/zip"),
        (packed("x/main.xml", **{"[Content_Types].xml": b"vnd.x.wordprocessingml.document.main+xml"}), DOCX),
        (packed("content.xml", mimetype=ODT.encode()), ODT),
        (packed("ppt/presentation.xml"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (packed("xl/workbook.bin"), "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
        (packed("[Content_Types].xml"), "application/vnd.openxmlformats-officedocument"),
        (packed(), "application/zip"),
        (packed("word/document.xml")[:60], DOCX),
        (ole("WordDocument", "1Table"), "application/msword"),
        (ole("Workbook"), "application/vnd.ms-excel"),
        (ole("Book"), "application/vnd.ms-excel"),
        (ole("EncryptedPackage"), "application/msword"),
        (ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
        (ole("Other"), "application/x-ole-storage"),
        (ole("WordDocument")[:1400], "application/msword"),
        (PAGE.encode(), "text/html"),
        (PAGE.encode("gb18030"), "text/html"),
        (b"\r\n" * 9000 + PAGE.encode(), "text/html"),
        (PAGE.encode("utf-16"), "text/html"),
        (PAGE.encode("utf-16-le"), "text/html"),
        (b'\xef\xbb\xbf  <?xml version="1.0"?>\n<!-- x --><!DOCTYPE html PUBLIC "-//W3C"><html/>', "text/html"),
        ("<table border=1><tr><td>规章".encode(), "text/html"),
        ("<UCAPCONTENT><p>一、总体情况".encode(), "text/html"),
        ("一、总体情况<br>（一）主动公开<br>无<br/>".encode(), "text/html"),
        ('{"content":"\\u003cp\\u003e一、总体情况"}'.encode(), "text/html"),
        ('callback({"html":"<p>一、总体情况</p>"})'.encode(), "text/html"),
        (b'<?xml version="1.0"?><data><a>1</a></data>', "application/xml"),
        (b'<?xml?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "application/vnd.ms-excel"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", "multipart/related"),
        (b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n", "multipart/related"),
        ("# 一、总体情况\n\n正文".encode(), "text/markdown"),
        ("| 规章 | 0 |\n|---|---|\n| 1 | 2 |".encode(), "text/markdown"),
        ("**（二）依申请公开情况。**2024年".encode(), "text/markdown"),
        ("一、总体情况\n规章\t0\t0\t0\n可登录 <http://www.pingluo.gov.cn> 查阅".encode(), "text/plain"),
        ("一、总体情况\n规章\t0\t0\t0".encode("gb18030"), "text/plain"),
        ("一、总体情况\n规章\t0\t0\t0".encode("utf-16-le"), "text/plain"),
        ("联系电话: 0952\n地址: 平罗".encode(), "text/plain"),
        (b"\0\1\2\3\4\5\6\7" * 20, UNKNOWN),
        (random.Random(1).randbytes(5000), UNKNOWN),
        (b"", UNKNOWN),
    ],
    # an archive's bytes hold the time of day, and several processes must name the tests alike
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_media_type(body: bytes, media_type: str) -> None:
    assert sniff(body) == media_type


def test_every_registered_type_can_be_found() -> None:
    """A type that no bytes lead to would be a reader that never runs."""
    text = __import__("inspect").getsource(__import__("parsers.documents.sniff", fromlist=["sniff"]))
    assert [t for t in [*READERS, *ARCHIVES] if t not in text] == []


def test_a_wrong_charset_is_only_a_hint() -> None:
    text = "政府信息公开工作年度报告，郟县〇㈠"
    for charset in ("utf-8", "gb18030", "utf-16", "utf-8-sig"):
        for declared in ("", "utf-8", "gb2312", "iso-8859-1", "nonsense"):
            assert decode(text.encode(charset), declared)[0] == text
    assert decode(b"\xef\xbb\xbf" + text.encode("gb18030"))[0] == text
    assert decode("政府資訊公開".encode("big5"), "big5")[0] == "政府資訊公開"
    assert decode(b'<meta charset="big5">' + "政府資訊公開".encode("big5"))[0].endswith("政府資訊公開")


@pytest.mark.parametrize("wrong", ["latin-1", "cp1252", "gb18030"])
def test_text_encoded_twice_is_repaired(wrong: str) -> None:
    words = ["政府", "信息", "公开", "工作", "年度", "报告", "情况", "机关", "项目"]
    text = "".join(word for word in words if _decodable(word, wrong))
    assert len(text) >= 6
    assert decode(text.encode().decode(wrong).encode())[0] == text


def _decodable(word: str, wrong: str) -> bool:
    try:
        return bool(word.encode().decode(wrong))
    except UnicodeDecodeError:
        return False


def test_a_few_damaged_bytes_do_not_change_the_charset() -> None:
    body = "政府信息公开工作年度报告".encode() * 50
    assert "政府信息公开" in decode(body[:700] + b"\xff" + body[700:])[0]
    body = "政府信息公开工作年度报告".encode("gb18030") * 50
    assert "政府信息公开" in decode(body[:700] + b"\xff\xff" + body[700:])[0]
