"""Workbooks in the XML of Excel 2003, saved under the suffix .xls."""

from __future__ import annotations

from typing import Any

from lxml import etree

from parsers.documents.limits import Limits
from parsers.documents.model import Unread
from parsers.documents.number_format import plain
from parsers.documents.sheet import Sheet, Store, local


def sheets(body: bytes, store: Store, limits: Limits) -> list[Sheet]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=True)
    try:
        root = etree.fromstring(body.strip(), parser)
    except etree.XMLSyntaxError as broken:
        raise Unread("damaged", "not well-formed XML") from broken
    found = [_sheet(element, store) for element in root.iter("{*}Worksheet")] if root is not None else []
    if not found:
        raise Unread("damaged", "no sheet in it")
    return found


def _sheet(element: Any, store: Store) -> Sheet:
    sheet = Sheet(_get(element, "Name"), any((v.text or "") != "SheetVisible" for v in element.iter("{*}Visible")))
    row = 0
    for line in element.iter("{*}Row"):
        row = _number(line, "Index", row + 1)
        if _get(line, "Hidden") == "1":
            sheet.hidden_rows.add(row - 1)
        column = 0
        for cell in line.iter("{*}Cell"):
            column = _number(cell, "Index", column + 1)
            across, down = _number(cell, "MergeAcross", 0), _number(cell, "MergeDown", 0)
            data = next(cell.iter("{*}Data"), None)
            store.put(sheet, row - 1, column - 1, _text(data))
            if across or down:
                sheet.merged.append((row - 1, column - 1, row - 1 + down, column - 1 + across))
            column += across
    return sheet


def _text(data: Any) -> str:
    if data is None:
        return ""
    text = "".join(data.itertext())
    if _get(data, "Type") != "Number":
        return text
    try:
        return plain(float(text))
    except (ValueError, OverflowError):
        return text


def _get(element: Any, name: str) -> str:
    return next((str(v) for k, v in element.attrib.items() if local(k) == name), "")


def _number(element: Any, name: str, otherwise: int) -> int:
    value = _get(element, name)
    return int(value) if value.isdigit() and len(value) < 8 else otherwise
