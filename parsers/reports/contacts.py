"""Phones, fax, postcode, address, e-mail and site of the office that answers questions about a report.

Persons are never read: no names, no mobile numbers. Values are normalised (0955-5096217), area codes never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from parsers.reports.model import Contact

Kind = Literal["phone", "fax", "postcode", "address", "email", "site"]

LONGEST_TEXT = 200_000

_DASH = r"[-—–−―‐‑－~一]"
# 0955—5096217, (0598)8703562, 0952 8011132, 07976854110, 2888468, 0531-82767612-8001, 0571-87052222转8001
NUMBER = re.compile(
    rf"(?<![0-9A-Za-z.@])\(?(?P<area>0[0-9]{{2,3}})\)?[ ]*{_DASH}{{0,2}}[ ]*(?P<local>[0-9]{{7,8}})"
    rf"(?:(?:[ ]*转[ ]*|{_DASH})(?P<extension>[0-9]{{1,4}}))?(?![0-9])"
    r"|(?<![0-9A-Za-z.@-])(?P<bare>[2-8][0-9]{6,7})(?![0-9])"
)
# 电话:, 联系电话(传真):, 电话、传真:, 传真号码:, 请致电
LABEL = re.compile(
    r"(?P<both>电[ ]?话[ ]?[(（]?[ ]?[/、,及和与兼同]?[ ]?传[ ]?真[ ]?[)）]?|传[ ]?真[ ]?[/、及和兼(][ ]?电[ ]?话\)?)"
    r"|(?P<phone>电[ ]?话(?:号码)?|致电|办公室(?=\())"
    r"|(?P<fax>传[ ]?真(?:号码|电话)?)"
)
# what may stand between a label and its number, and between two numbers of one label
BETWEEN = re.compile(r"[ \t]*[:：为是]?[ \t\n]*(?:\((?!0))?[ \t]*")
NEXT = re.compile(r"[ ]*[、,，;；/或]?[ ]*")
POSTCODE = re.compile(r"邮[ ]?(?:政[ ]?)?(?:编[ ]?码?|码)[ ]*[:：为]?[ \n]*(?P<value>[0-9]{6})(?![0-9])")
EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,10}")
SITE = re.compile(
    r"(?:https?://|(?<![A-Za-z0-9./@-])www\.)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}(?::[0-9]{2,5})?"
    r"(?:/[A-Za-z0-9/_.~%?&=+-]{0,200})?",
    re.IGNORECASE,
)
# 地址:平罗县陶乐镇新民路1号, but not 网址, 网站地址, 邮箱地址
ADDRESS = re.compile(
    r"(?<![网站页箱件链接P])(?:办公|通信|通讯|联系|单位)?地[ ]?址[ ]*[:：为][ ]*(?P<value>[^,，。;；:：\n\t<>]{4,60})"
)
# where an address ends without a comma
ADDRESS_END = re.compile(r"[ ]*(?:邮[ ]?(?:政|编)|电[ ]?话|联系|传[ ]?真|电子|网[ ]?址|https?)")
# 请与红寺堡区新庄集乡人民政府综合办公室联系, 可直接与平罗县陶乐镇人民政府联系, 请联系县教育局
OFFICE = re.compile(
    r"(?:请?(?:直接)?(?:与|同|向)(?P<with>[\u4e00-\u9fff]{3,40}?)(?:\([^()]{0,40}\))?(?:取得)?(?:联系|咨询|反映)"
    r"|请联系:?(?P<plain>[\u4e00-\u9fff]{3,40}))"
)


def read(text: str) -> tuple[Contact, ...]:
    """Contacts in the order of the text, each once."""
    flat = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).replace("\u3000", " ").replace("**", "")
    found = sorted(
        [*_phones(flat), *_postcodes(flat), *_addresses(flat), *_emails(flat), *_sites(flat)], key=lambda item: item[0]
    )
    return tuple(dict.fromkeys(Contact(kind, value) for _, kind, value in found))


def office(text: str) -> str:
    """The office that a reader should turn to (红寺堡区新庄集乡人民政府综合办公室), or nothing."""
    flat = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:LONGEST_TEXT]))
    match = OFFICE.search(flat)
    return (match["with"] or match["plain"]) if match else ""


def _phones(text: str) -> Iterator[tuple[int, Kind, str]]:
    """Numbers behind a label, up to five. Under a shared label one number is both; of two the second is the fax."""
    for label in LABEL.finditer(text):
        between = BETWEEN.match(text, label.end())
        position = between.end() if between else label.end()
        numbers: list[tuple[int, str]] = []
        while len(numbers) < 5 and (match := NUMBER.match(text, position)):
            numbers.append((match.start(), _number(match)))
            separator = NEXT.match(text, match.end())
            position = separator.end() if separator else match.end()
        kinds = _kinds(label, len(numbers))
        for (start, value), given in zip(numbers, kinds, strict=False):
            for kind in given:
                yield start, kind, value


def _kinds(label: re.Match[str], count: int) -> list[tuple[Kind, ...]]:
    if label["fax"]:
        return [("fax",)] * count
    if label["phone"]:
        return [("phone",)] * count
    shared: list[tuple[Kind, ...]] = [("phone",), ("fax",)]
    return [("phone", "fax")] if count == 1 else shared + [("phone",)] * (count - 2)


def _number(match: re.Match[str]) -> str:
    """0955-5096217; an area code that runs into the number is cut by its length (010 and 02x have three digits)."""
    if match["bare"]:
        return match["bare"]
    area, local = match["area"], match["local"]
    digits = area + local
    cut = 3 if digits[:2] in ("01", "02") else 4
    value = f"{digits[:cut]}-{digits[cut:]}"
    return f"{value}-{match['extension']}" if match["extension"] else value


def _postcodes(text: str) -> Iterator[tuple[int, Kind, str]]:
    for match in POSTCODE.finditer(text):
        yield match.start(), "postcode", match["value"]


def _addresses(text: str) -> Iterator[tuple[int, Kind, str]]:
    for match in ADDRESS.finditer(text):
        value = _balanced(ADDRESS_END.split(match["value"], maxsplit=1)[0]).strip(" 、.")
        if len(value) >= 4 and re.search(r"[\u4e00-\u9fff]", value) and "@" not in value:
            yield match.start(), "address", value


def _balanced(text: str) -> str:
    """Up to a closing bracket that nothing opened: the address ends where the sentence's bracket does."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return text[:position]
    return text


def _emails(text: str) -> Iterator[tuple[int, Kind, str]]:
    for match in EMAIL.finditer(text):
        yield match.start(), "email", match[0]


def _sites(text: str) -> Iterator[tuple[int, Kind, str]]:
    for match in SITE.finditer(text):
        yield match.start(), "site", match[0].rstrip("./?&=-")
