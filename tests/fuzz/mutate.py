"""Damages documents as networks, programs and attackers do: bytes changed, cut, doubled, moved; and in containers the
unpacked parts, so that the damage passes the checksums."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO

TOKENS = (
    *(b"<table>", b"</table>", b"<td colspan=9999999>", b"<td rowspan=65534>", b"<div>" * 40, b"</div>" * 40, b"<!--"),
    *(b"-->", b"<![CDATA[", b"<script>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"%PDF-1.4", b"PK\x03\x04"),
    *(
        b"\xd0\xcf\x11\xe0",
        b"{\\rtf1",
        b"\\u003c",
        b"&lt;",
        b"&#x110000;",
        b"\t" * 50,
        b"|" * 50,
        b"\n" * 30,
        b"0" * 60,
    ),
    *(b"-2147483648", b"<<", b">>", b"endobj", b"stream", b"w:tbl", b"<w:tc>", b"</w:tr>", b"[[[[", b"'\"`"),
    *(b'<w:gridSpan w:val="99999"/>', "┌─┬┐".encode()),
)


def mutate(body: bytes, rng: random.Random) -> bytes:
    """One to four damages, now and then inside a container."""
    if body.startswith(b"PK") and rng.random() < 0.6:
        return _inside(body, rng)
    for _ in range(rng.randint(1, 4)):
        body = rng.choice(DAMAGES)(body, rng)
    return body


def _inside(body: bytes, rng: random.Random) -> bytes:
    """Damage one part of a ZIP container and pack it again."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as source:
            parts = {name: source.read(name) for name in source.namelist()}
    except zipfile.BadZipFile:
        return body[: len(body) // 2]
    name = rng.choice(sorted(parts))
    parts[name] = mutate(parts[name], rng) if rng.random() < 0.9 else b""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return stream.getvalue()


def _flip(body: bytes, rng: random.Random) -> bytes:
    out = bytearray(body)
    for _ in range(rng.choice((1, 4, 30))):
        if out:
            out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _cut(body: bytes, rng: random.Random) -> bytes:
    return body[: rng.randint(0, len(body))]


def _drop(body: bytes, rng: random.Random) -> bytes:
    start, length = _stretch(body, rng)
    return body[:start] + body[start + length :]


def _double(body: bytes, rng: random.Random) -> bytes:
    start, length = _stretch(body, rng)
    return body[:start] + body[start : start + length] * rng.choice((2, 2, 20)) + body[start + length :]


def _move(body: bytes, rng: random.Random) -> bytes:
    start, length = _stretch(body, rng)
    piece, rest = body[start : start + length], body[:start] + body[start + length :]
    at = rng.randint(0, len(rest))
    return rest[:at] + piece + rest[at:]


def _insert(body: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(body))
    return body[:at] + rng.choice(TOKENS) * rng.choice((1, 1, 5, 100)) + body[at:]


def _number(body: bytes, rng: random.Random) -> bytes:
    """A number of the format (a length, an offset, a span) becomes another one."""
    places = [n for n, byte in enumerate(body[:200_000]) if 48 <= byte <= 57]
    if not places:
        return body
    at = rng.choice(places)
    return body[:at] + rng.choice((b"0", b"-1", b"99999999", b"4294967295", b"1e9")) + body[at + 1 :]


def _zeros(body: bytes, rng: random.Random) -> bytes:
    start, length = _stretch(body, rng)
    return body[:start] + rng.choice((b"\0", b"\xff")) * length + body[start + length :]


def _stretch(body: bytes, rng: random.Random) -> tuple[int, int]:
    length = min(len(body), rng.choice((1, 8, 64, 512, 4096)))
    return rng.randint(0, len(body) - length), length


DAMAGES = (_flip, _flip, _cut, _drop, _double, _move, _insert, _insert, _number, _zeros)
