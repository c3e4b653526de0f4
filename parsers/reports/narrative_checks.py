"""What the text states against the tables, against its own parts and against the year before.

A number in the text counts as it is qualified: 余, 超 and 以上 are lower bounds, 约 and 近 prove nothing. Whether a
list of parts is whole is seldom said, so parts that sum to less than their total contradict it only behind 分别.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Literal

from parsers.reports.identities import Exact, Figures, Finding, Status, data, plain, result_key, rule, total
from parsers.reports.model import Statement

Bound = Literal["exact", "lower", "vague"]
Place = tuple[int, Statement]
"""A statement and its number in the report, from 1."""

LOWER = frozenset("余 多 几 超 超过 超出 逾 以上 之多 有余 至少 不少于 多达 突破 上".split())
PERCENT = "_yoy_pct"
CHANGE = "_yoy"
COUNTED = frozenset("件 宗 起 条 次 份 个 件次 条次 项 部".split())
MOST_DIGITS = 16  # of the figure that a clause is searched for
# words of an outcome in front of its number, as in 废止行政规范性文件6个
BEFORE = r"[^0-9０-９，。、；,;]{0,16}"


def bound(statement: Statement) -> Bound:
    if not statement.qualifier:
        return "exact"
    return "lower" if statement.qualifier in LOWER else "vague"


def exact(value: int | float) -> Exact:
    return value if isinstance(value, int) else Fraction(str(value))


# the text and the tables


def against_tables(report: Figures) -> Iterator[Finding]:
    """Numbers of the text that a table has, too; the same number told twice is one finding."""
    told: dict[tuple[str, str], list[int | float]] = {}
    for n, statement in enumerate(report.statements, 1):
        entry = _entry_for(statement, report.statements)
        if entry is None or report.editions.get(entry["table"]) not in entry["editions"]:
            continue
        name = f"{statement.topic}.{entry['name']}" if "name" in entry else statement.topic
        values = told.setdefault((entry["id"], name), [])
        if statement.value not in values:
            values.append(statement.value)
            yield _told(entry, name if len(values) == 1 else f"{name}#{len(values)}", n, statement, report)


def _told(entry: Mapping[str, Any], subject: str, n: int, statement: Statement, report: Figures) -> Finding:
    table = entry["table"]
    left = exact(statement.value)
    right = total(table, report.editions[table], [(row, column) for row, column in entry["cells"]], report)
    status: Status = "not_assessable"
    if right is not None and bound(statement) != "vague":
        holds = left <= right if bound(statement) == "lower" else left == right
        status = "pass" if holds else "fail"
    cells = (f"statements/{n}", *(f"{table}/{row}/{column}" for row, column in entry["cells"]))
    key = result_key(entry["key"])
    return Finding(entry["id"], subject, plain(left), plain(right), status, entry["severity"], cells, key)


@cache
def _entries(topic: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(entry for entry in data()["narrative"] if entry["topic"] == topic)


def _entry_for(statement: Statement, statements: Sequence[Statement]) -> Mapping[str, Any] | None:
    """The entry of a statement's topic; where words decide, the one whose words belong to its number, or none."""
    if statement.unit not in COUNTED:
        return None
    entries = _entries(statement.topic)
    if not entries or "words" not in entries[0]:
        return entries[0] if entries else None
    alone = sum(other.quote == statement.quote for other in statements) == 1
    fitting = [entry for entry in entries if _belongs(entry["words"], statement, alone)]
    return fitting[0] if len(fitting) == 1 else None


def _belongs(words: str, statement: Statement, alone: bool) -> bool:
    """Whether a clause says these words of its number: anywhere if it has one number, else right in front of it."""
    if alone:
        return re.search(words, statement.quote) is not None
    figure = f"{statement.value:.12g}"[:MOST_DIGITS]
    return re.search(rf"(?:{words}){BEFORE}{re.escape(figure)}(?![0-9.])", statement.quote) is not None


# totals and their parts


def parts(report: Figures) -> Iterator[Finding]:
    """A total and the parts listed behind it, in the same unit; what the text repeats is one finding."""
    groups: dict[int, list[Place]] = {}
    for n, statement in enumerate(report.statements, 1):
        whole = _whole(statement, report.statements)
        if whole is not None and report.statements[whole - 1].unit == statement.unit:
            groups.setdefault(whole, []).append((n, statement))
    seen: set[tuple[object, ...]] = set()
    for whole, members in groups.items():
        statement = report.statements[whole - 1]
        content = (statement.topic, statement.value, *(part.value for _, part in members))
        if content not in seen:
            seen.add(content)
            yield _parts(whole, statement, members)


def _whole(statement: Statement, statements: Sequence[Statement]) -> int | None:
    """The total of which a number is a part. 分别为 lists the numbers behind all names: the first is no total of the
    others, as it would be in 网站319条，包括…"""
    if statement.part_of is None:
        return None
    total = statements[statement.part_of - 1]
    return total.part_of if total.part_of is not None and "分别" in total.quote else statement.part_of


def _parts(whole: int, statement: Statement, members: Sequence[Place]) -> Finding:
    left = exact(statement.value)
    right: Exact = sum(exact(part.value) for _, part in members)
    bounds = {bound(part) for _, part in members}
    status: Status = "not_assessable"
    if "vague" in bounds or bound(statement) == "vague":
        pass
    elif bound(statement) == "lower":
        # 共200余条 is at least 200, and says nothing of what more there is
        status = "pass" if right >= left and bounds == {"exact"} else "not_assessable"
    elif right > left:
        status = "fail"
    elif right == left:
        status = "pass" if bounds == {"exact"} else "not_assessable"
    elif bounds == {"exact"} and any("分别" in text for text in (statement.quote, members[0][1].quote)):
        status = "fail"
    cells = (f"statements/{whole}", *(f"statements/{n}" for n, _ in members))
    subject = f"{statement.topic}#{whole}"
    told = rule("N-PARTS")
    return Finding("N-PARTS", subject, plain(left), plain(right), status, told.severity, cells, told.key)


# the year before


def year_on_year(report: Figures, before: Figures | None) -> Iterator[Finding]:
    """Changes that the text states (同比增长75.2%, 比上年增加39条) against both reports' own numbers.

    ``left`` is the change as stated, ``right`` the change between the reports, as exact as it is stated.
    """
    seen: set[tuple[str, int | float]] = set()
    for n, statement in enumerate(report.statements, 1):
        percent = statement.topic.endswith(PERCENT)
        if not percent and not statement.topic.endswith(CHANGE):
            continue
        topic = statement.topic.removesuffix(PERCENT if percent else CHANGE)
        if (statement.topic, statement.value) in seen:
            continue
        number = sum(name == statement.topic for name, _ in seen) + 1
        seen.add((statement.topic, statement.value))
        now, then = _of_this(topic, n, report), _of_before(topic, before)
        right = _change(now[1] if now else None, then[1] if then else None, statement.value if percent else None)
        cells = [f"statements/{n}", *([now[0]] if now else []), *([f"other/{then[0]}"] if then else [])]
        status: Status = "not_assessable"
        if right is not None and bound(statement) == "exact":
            status = "pass" if _fits(exact(statement.value), right, percent) else "fail"
        subject = statement.topic if number == 1 else f"{statement.topic}#{number}"
        shown = plain(right if right is None or not percent else _rounded(right, _places(statement.value)))
        told = rule("X-YOY")
        other = before.id if before else None
        yield Finding("X-YOY", subject, statement.value, shown, status, told.severity, tuple(cells), told.key, other)


def _of_this(topic: str, n: int, report: Figures) -> tuple[str, Exact] | None:
    """The number that a change was stated of: the last one of its topic before it; of applications the table's."""
    found = _of_table(topic, report)
    if found is not None:
        return found
    earlier = [(m, s) for m, s in enumerate(report.statements[: n - 1], 1) if s.topic == topic]
    return (f"statements/{earlier[-1][0]}", exact(earlier[-1][1].value)) if _usable(earlier[-1:]) else None


def _of_before(topic: str, before: Figures | None) -> tuple[str, Exact] | None:
    """The same of the year before, if its report states just one."""
    if before is None:
        return None
    found = _of_table(topic, before)
    if found is not None:
        return found
    told = [(m, s) for m, s in enumerate(before.statements, 1) if s.topic == topic]
    if len({statement.value for _, statement in told}) != 1 or not _usable(told):
        return None
    return f"statements/{told[0][0]}", exact(told[0][1].value)


def _of_table(topic: str, report: Figures) -> tuple[str, Exact] | None:
    value = report.values.get((3, "received", "total")) if topic == "requests.received" else None
    return None if value is None else ("3/received/total", exact(value))


def _usable(found: Sequence[Place]) -> bool:
    return bool(found) and all(bound(statement) == "exact" for _, statement in found)


def _change(now: Exact | None, then: Exact | None, percent: int | float | None) -> Exact | None:
    if now is None or then is None:
        return None
    if percent is None:
        return now - then
    return None if then == 0 else Fraction(now - then) / Fraction(then) * 100


def _fits(stated: Exact, change: Exact, percent: bool) -> bool:
    """Percentages may be rounded or cut off: they may differ by less than one unit of their last digit."""
    if not percent:
        return stated == change
    return abs(Fraction(stated) - Fraction(change)) < Fraction(1, 10 ** _places(float(stated)))


def _places(value: int | float) -> int:
    """Digits behind the point: 75.2 has one."""
    return max(0, -int(Decimal(f"{value:.12g}").normalize().as_tuple().exponent))


def _rounded(value: Exact, places: int) -> Exact:
    return round(Fraction(value), places)
