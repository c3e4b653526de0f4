"""Who may import whom, read from the syntax trees: the rooms of the house stay apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("crawler", "spiders", "parsers", "tests")
ALLOWED = {
    "parsers/listings": ("parsers.listings", "parsers.data"),
    "parsers/documents": ("parsers.documents",),
    "parsers/reports": ("parsers.reports", "parsers.documents.model", "parsers.data"),
    "parsers/data": ("parsers.data", "parsers.reports.divisions"),
    "parsers": ("parsers",),
    "spiders": ("parsers", "spiders", "crawler.items", "crawler.portals"),
    "crawler": ("parsers", "crawler"),
}
IMPURE = (
    "scrapy",
    "twisted",
    "sqlite3",
    "sqlite_utils",
    "requests",
    "urllib.request",
    "socket",
    "playwright",
    "aiohttp",
)
CLOCKS = {"now", "today", "utcnow", "time", "monotonic"}
# a statement at the beginning of a string: "select 1 from runs", "insert into runs …", "PRAGMA user_version"
SQL = re.compile(
    r"\s*(select\s.+\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|create\s+(table|view|virtual|index)\s|pragma\s|begin\s+(immediate|exclusive|deferred)|vacuum\b|attach\s)",
    re.IGNORECASE | re.DOTALL,
)


def modules() -> list[Path]:
    return sorted(path for room in ("crawler", "spiders", "parsers") for path in (ROOT / room).rglob("*.py"))


def room(path: Path) -> str:
    """The most special room of ALLOWED that holds a file."""
    inside = path.relative_to(ROOT).as_posix()
    return max((name for name in ALLOWED if inside.startswith(name + "/")), key=len)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def broken(path: Path, source: str) -> list[str]:
    """Every import of one module that the law forbids."""
    allowed = ALLOWED[room(path)]
    wrong = []
    for name in imports(ast.parse(source)):
        ours = name.partition(".")[0] in OURS
        # `from parsers.documents import model` shows as parsers.documents and parsers.documents.model: either may fit
        if ours and not inside(name, allowed) and not any(each.startswith(name + ".") for each in allowed):
            wrong.append(name)
        if room(path).startswith("parsers") and inside(name, IMPURE):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rooms(path: Path) -> None:
    assert not broken(path, path.read_text(encoding="utf-8"))


def test_the_law_can_be_broken() -> None:
    assert broken(ROOT / "parsers/listings/x.py", "from parsers.reports import title")
    assert broken(ROOT / "parsers/reports/x.py", "import scrapy.http")
    assert broken(ROOT / "parsers/reports/x.py", "from parsers.documents import html")
    assert broken(ROOT / "spiders/x.py", "from crawler import archive")
    assert broken(ROOT / "crawler/x.py", "from spiders.county import CountySpider")
    assert not broken(ROOT / "parsers/reports/x.py", "from parsers.documents.model import Grid")


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sql_stays_in_two_modules(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                  if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}  # fmt: skip
    found = [text for text in strings(tree) if text not in docstrings and SQL.match(text)]
    if path.relative_to(ROOT).as_posix() in {"crawler/archive.py", "crawler/dataset.py"}:
        assert found, "the test no longer knows SQL when it sees it"
    else:
        assert not found


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if room(path).startswith("parsers")],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_parsers_have_no_clock(path: Path) -> None:
    """A reading may not depend on when it happens."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = node.func.value
            assert not (isinstance(owner, ast.Name) and owner.id in {"datetime", "date", "time"}), ast.unparse(node)


def builds_requests(source: str) -> bool:
    """Whether a module calls a class of requests, by whatever name it was imported."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"Request", "FormRequest", "JsonRequest", "XmlRpcRequest", "follow", "follow_all"}:
                return True
    return False


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_requests_are_built_by_spiders_and_middlewares(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    if not where.startswith(("spiders/", "crawler/middlewares/", "crawler/handlers")):
        assert not builds_requests(path.read_text(encoding="utf-8"))


def test_a_built_request_is_recognised() -> None:
    assert builds_requests("import scrapy\nscrapy.Request('http://a')")
    assert builds_requests("def f(r):\n    return r.follow('/x')")
    assert not builds_requests("from scrapy.http import Request\ndef f(r: Request) -> str:\n    return r.url")
