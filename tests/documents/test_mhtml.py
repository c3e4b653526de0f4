"""Pages saved in one file."""

from __future__ import annotations

import base64
import random

import pytest

from parsers.documents import read
from parsers.documents.limits import Limits
from parsers.documents.mhtml import read as read_mhtml
from parsers.documents.model import Document, Grid, Text, Unread
from parsers.reports.lines import flatten
from parsers.reports.tables import read_tables
from parsers.reports.values import parse
from tests.generator.report import make_report
from tests.generator.word import WRITERS


def message(*parts: tuple[str, bytes], start: str = "") -> bytes:
    """Parts as (header lines, body)."""
    mark = "xyz"
    head = f"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary={mark}{start}\r\n\r\n".encode()
    return head + b"".join(b"--xyz\r\n" + h.encode() + b"\r\n\r\n" + body + b"\r\n" for h, body in parts) + b"--xyz--"


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text) and block.text]


@pytest.mark.parametrize("style", ["mhtml", "doc html"])
def test_every_cell(style: str) -> None:
    for seed in range(6):
        report = make_report(seed)
        document = read(WRITERS[style](report, random.Random(seed)))
        values = {(v.table, v.row, v.column): (v.value, v.mark) for v in read_tables(flatten(document)).values}
        assert values == {key: parse(text, key[2] == "items_change") for key, text in report.cells.items()}
        assert document.media_type == ("multipart/related" if style == "mhtml" else "text/html")


def test_the_page_that_the_message_starts_with() -> None:
    frame = ("Content-Type: text/html; charset=utf-8\r\nContent-ID: <1>", "<p>页眉</p>".encode())
    page = ("Content-Type: text/html; charset=gbk\r\nContent-ID: <2>", "<p>正文</p>".encode("gbk"))
    assert texts(read_mhtml(message(frame, page))) == ["页眉"]
    assert texts(read_mhtml(message(frame, page, start="; start=<2>"))) == ["正文"]


def test_a_message_that_is_only_a_page() -> None:
    body = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>正文</p>".encode()
    assert texts(read_mhtml(body)) == ["正文"]


def test_a_page_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    class Image:
        @staticmethod
        def read_images(images: list[bytes], limits: Limits) -> Document:
            return Document("image/jpeg", (Grid((), "p1"), Text(str(len(images)), "p1")))

    monkeypatch.setattr("parsers.documents.pictures.import_module", lambda name: Image)
    page = ("Content-Type: text/html", b"<html><body><img src=1.jpg></body></html>")
    picture = (
        "Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64",
        base64.encodebytes(b"\xff\xd8\xff" + b"scan" * 3000),
    )
    assert texts(read_mhtml(message(page, picture))) == ["1"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (message(("Content-Type: text/css", b"p{}")), "no_text"),
        (message(("Content-Type: text/html", b"<p></p>")), "no_text"),
        (b"MIME-Version: 1.0\r\n" + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 5000, "damaged"),
    ],
)
def test_refusals(body: bytes, reason: str) -> None:
    with pytest.raises(Unread) as refused:
        read_mhtml(body)
    assert refused.value.reason == reason
