"""XLSX: the parts that hold names, texts, formats and cells, read as streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from posixpath import join, normpath
from typing import Any

from lxml import etree

from parsers.documents.limits import Limits
from parsers.documents.model import Unread
from parsers.documents.number_format import BUILT_IN, shown
from parsers.documents.package import Package
from parsers.documents.sheet import MOST_ROWS, Sheet, Store, local
from parsers.documents.symbols import noted, raised

ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")  # AB12
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # _x000D_
TRUE = frozenset({"1", "true", "on"})
MOST_MERGED = 20_000
MOST_SHEETS = 300


def sheets(body: bytes, store: Store, limits: Limits) -> list[Sheet]:
    package = Package(body, limits)
    workbook = _root(package, _workbook(package))
    if workbook is None:
        raise Unread("damaged", "no workbook in it")
    base = _workbook(package)
    targets = _targets(package, base)
    texts = list(_shared(package, targets))
    formats = _formats(package, targets)
    since_1904 = any(str(e.get("date1904", "")).lower() in TRUE for e in _all(workbook, "workbookPr"))
    found: list[Sheet] = []
    for element in list(_all(workbook, "sheet"))[:MOST_SHEETS]:
        identity = next((str(v) for k, v in element.attrib.items() if local(k) == "id"), "")
        sheet = Sheet(element.get("name") or "", (element.get("state") or "").lower() in ("hidden", "veryhidden"))
        part = package.get(targets.get(identity, ("", ""))[1])
        if part is not None:
            _cells(part, sheet, store, texts, formats, since_1904)
            found.append(sheet)
    if not found:
        raise Unread("damaged", "no sheet in it")
    return found


def _workbook(package: Package) -> str:
    """The workbook is where the package says, or where it always is."""
    relations = _root(package, "_rels/.rels")
    for element in _all(relations, "Relationship") if relations is not None else ():
        if (element.get("Type") or "").endswith("/officeDocument"):
            return (element.get("Target") or "").lstrip("/")
    return "xl/workbook.xml"


def _targets(package: Package, base: str) -> dict[str, tuple[str, str]]:
    """Relations of the workbook: id -> (kind, part)."""
    folder, _, name = base.rpartition("/")
    relations = _root(package, f"{folder}/_rels/{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    for element in _all(relations, "Relationship") if relations is not None else ():
        target = (element.get("Target") or "").replace("\\", "/")
        path = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
        found[element.get("Id") or ""] = ((element.get("Type") or "").rpartition("/")[2], path)
    return found


def _root(package: Package, name: str) -> Any:
    part = package.get(name)
    if part is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=True)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError:
        return None


def _all(root: Any, name: str) -> Iterator[Any]:
    yield from root.iter("{*}" + name)


def _stream(part: bytes, *names: str) -> Iterator[Any]:
    """Elements of a part as they end; each is emptied afterwards. Entities are never resolved."""
    try:
        for _, element in etree.iterparse(
            BytesIO(part),
            tag=["{*}" + name for name in names],
            resolve_entities=False,
            no_network=True,
            recover=True,
            huge_tree=True,
        ):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:
        return


def _shared(package: Package, targets: dict[str, tuple[str, str]]) -> Iterator[str]:
    path = next((path for kind, path in targets.values() if kind == "sharedStrings"), "xl/sharedStrings.xml")
    part = package.get(path)
    for element in _stream(part, "si") if part else ():
        yield _text(element)


def _text(element: Any) -> str:
    """Text of runs, without the reading aids (rPh) that Asian versions add and without what is struck out."""
    parts: list[str] = []
    for piece in _all(element, "t"):
        around = {local(a.tag): a for a in piece.iterancestors()}
        if "rPh" in around:
            continue
        look = next(_all(around["r"], "rPr"), None) if "r" in around else None
        if look is not None and any(e.get("val") not in ("0", "false") for e in _all(look, "strike")):
            continue
        high = look is not None and any(e.get("val") in ("superscript", "subscript") for e in _all(look, "vertAlign"))
        parts.append(raised(piece.text or "") if high else piece.text or "")
    text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), noted("".join(parts)))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _formats(package: Package, targets: dict[str, tuple[str, str]]) -> list[str]:
    """Number format of each cell style."""
    path = next((path for kind, path in targets.values() if kind == "styles"), "xl/styles.xml")
    root = _root(package, path)
    if root is None:
        return []
    own = {e.get("numFmtId") or "": e.get("formatCode") or "General" for e in _all(root, "numFmt")}
    styles = next(_all(root, "cellXfs"), None)
    codes: list[str] = []
    for style in _all(styles, "xf") if styles is not None else ():
        number = style.get("numFmtId") or "0"
        codes.append(own.get(number) or BUILT_IN.get(int(number) if number.isdigit() else 0, "General"))
    return codes


def _cells(part: bytes, sheet: Sheet, store: Store, texts: list[str], formats: list[str], since_1904: bool) -> None:
    next_row = next_column = 0
    for element in _stream(part, "c", "row", "col", "mergeCell"):
        name = local(element.tag)
        if name == "c":
            row, column = _address(element.get("r") or "", next_row, next_column)
            next_row, next_column = row, column + 1
            text = _value(element, texts, formats, since_1904)
            if text is not None:
                store.put(sheet, row, column, text)
            elif row < MOST_ROWS:
                sheet.blanks[row] += 1
        elif name == "row":
            number = element.get("r") or ""
            row = int(number) - 1 if number.isdigit() else next_row
            if (element.get("hidden") or "").lower() in TRUE and len(sheet.hidden_rows) < MOST_MERGED:
                sheet.hidden_rows.add(row)
            next_row, next_column = row + 1, 0
        elif name == "col" and (element.get("hidden") or "").lower() in TRUE:
            first, last = (int(v) if (v := element.get(k) or "").isdigit() else 1 for k in ("min", "max"))
            sheet.hidden_columns.update(range(first - 1, min(last, first + 500)))
        elif name == "mergeCell" and len(sheet.merged) < MOST_MERGED:
            corners = [_address(corner, -1, -1) for corner in (element.get("ref") or "").split(":")]
            if len(corners) == 2 and all(n >= 0 for corner in corners for n in corner):
                sheet.merged.append((*corners[0], *corners[1]))


def _address(address: str, row: int, column: int) -> tuple[int, int]:
    """Row and column from 0; the ones given when there is no address."""
    found = ADDRESS.fullmatch(address)
    if not found:
        return row, column
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return int(found[2]) - 1, number - 1


def _value(element: Any, texts: list[str], formats: list[str], since_1904: bool) -> str | None:
    """What a cell shows; None for a cell that only has a format. A formula that nobody has computed shows itself."""
    kind = element.get("t") or "n"
    if kind == "inlineStr":
        return _text(element)
    raw = next((v.text or "" for v in _all(element, "v")), None)
    if raw is None:
        formula = next((f.text or "" for f in _all(element, "f")), None)
        return None if formula is None else f"={formula}"
    if kind == "s":
        index = int(raw) if raw.strip().isdigit() else -1
        return texts[index] if 0 <= index < len(texts) else ""
    if kind == "b":
        return "TRUE" if raw.strip() == "1" else "FALSE"
    if kind != "n":
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), raw)
    try:
        number = float(raw)
    except ValueError:
        return raw
    style = element.get("s") or "0"
    code = formats[int(style)] if style.isdigit() and int(style) < len(formats) else "General"
    return shown(number, code, since_1904=since_1904)
