"""reports.db: the dataset. The only module that speaks SQL to it; it can be deleted and built again from the archive.

A report's cells are stored twice, on purpose: as numbers in wide tables, which answer questions over all reports at
once, and as one compact JSON array per table in ``form_tables``, which keeps what else is known of each cell (its mark,
its raw text, its place, see ``crawler/compact.py``). The view ``cells`` unfolds the second, the views ``disclosure``,
``applications`` and ``litigation`` show the first. The text of a report is stored once; the views ``sections`` and
``statements`` cut it. ``python -m tests.benchmarks.scale`` says what a cell costs.

Identifiers are made from content (52 bits, so that JSON readers keep them exact): the same archive gives the same rows.
Columns of numbers are declared INTEGER: SQLite keeps 190.457379 in them as it is, and does not turn 3 into 3.0.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from crawler import compact
from crawler.archive import transaction
from crawler.items import Sighting
from crawler.lean import Database
from crawler.portals import Refused
from crawler.search import bigram_query, bigrams, hits
from parsers.reading import Reading
from parsers.reports.checks import Figures, Finding, descriptions, every_check
from parsers.reports.form import fields
from parsers.reports.measures import CellKey, measures
from parsers.reports.model import AgencyKind, Edition, Issuer, Mark, Report, Section, Statement

VERSION = 4
PAGE_SIZE = 8192
"""A report's text is about two kilobytes: of smaller pages a quarter would be empty."""
EDITIONS: tuple[Edition, ...] = ("2021", "2019", "2014")
VIEWS = Path(__file__).with_name("views")
"""One file a view, named after it; they may use the tables, ``cells`` and the wide views. ``{now value}`` stands for
the SQL of the value of a ``now_entry`` of the compact cells, see ``cell_sql``."""
WIDE = {1: "statistics_2014", 2: "disclosure", 3: "applications", 4: "litigation"}

SCHEMA: dict[str, dict[str, Any]] = {
    "portals": {
        "columns": {
            "code": str,
            "name": str,
            "province": str,
            "prefecture": str,
            "url": str,
            "system": str,
            "outcome": str,
            "reason": str,
        },
        "pk": "code",
    },
    "agencies": {
        "columns": {"id": int, "name": str, "county_code": str, "division_code": str, "kind": str},
        "pk": "id",
    },
    "reports": {
        "columns": {
            "id": int,
            "agency_id": int,
            "agency": str,
            "county_code": str,
            "year": int,
            "title": str,
            "url": str,
            "document_url": str,
            "sha256": str,
            "media_type": str,
            "published": str,
            "signed": str,
            "edition": str,
            "current": int,
            "reader": str,
            "last_run": int,
            "issuer_as_written": str,
            "notes": str,
        },
        "pk": "id",
        "foreign_keys": [("agency_id", "agencies", "id")],
    },
    "sources": {
        "columns": {
            "id": int,
            "county_code": str,
            "url": str,
            "sha256": str,
            "page_url": str,
            "outcome": str,
            "reason": str,
            "detail": str,
            "title": str,
            "report_id": int,
            "reader": str,
            "first_seen": str,
            "last_seen": str,
            "first_run": int,
            "last_run": int,
            "gone": str,
        },
        "pk": "id",
    },
    "headings": {
        "columns": {"id": int, "key": str, "heading": str},
        "pk": "id",
    },
    "topics": {
        "columns": {"id": int, "topic": str, "unit": str, "qualifier": str},
        "pk": "id",
    },
    "texts": {
        "columns": {"n": int, "report_id": int, "text": str, "sections": str, "statements": str},
        "pk": "n",
        "foreign_keys": [("report_id", "reports", "id")],
    },
    "layouts": {
        "columns": {"id": int, "kind": str, "places": str},
        "pk": "id",
    },
    "form_tables": {
        "columns": {
            "report_id": int,
            "table_no": int,
            "edition": str,
            "refused": str,
            "layout_id": int,
            "edges": str,
            "cells": str,
        },
        "pk": ("report_id", "table_no"),
        "foreign_keys": [("report_id", "reports", "id"), ("layout_id", "layouts", "id")],
    },
    "extra_cells": {
        "columns": {
            "report_id": int,
            "n": int,
            "table_no": int,
            "label": str,
            "column": str,
            "unit": str,
            "value": int,
            "mark": str,
            "raw": str,
            "place": str,
        },
        "pk": ("report_id", "n"),
        "foreign_keys": [("report_id", "reports", "id")],
    },
    "contacts": {
        "columns": {"report_id": int, "n": int, "kind": str, "value": str},
        "pk": ("report_id", "n"),
        "foreign_keys": [("report_id", "reports", "id")],
    },
    "checks": {
        "columns": {
            "key": int,
            "check": str,
            "subject": str,
            "edition": str,
            "n": int,
            "table_no": int,
            "relation": str,
            "severity": str,
            "cells": str,
            "label_zh": str,
            "label_en": str,
            "source": str,
        },
        "pk": "key",
    },
    "findings_short": {
        "columns": {"report_id": int, "across": int, "edition": str, "other_id": int, "results": str},
        "pk": ("report_id", "across", "edition"),
        "foreign_keys": [("report_id", "reports", "id")],
    },
    "findings_long": {
        "columns": {
            "report_id": int,
            "across": int,
            "n": int,
            "key": int,
            "subject": str,
            "left": int,
            "right": int,
            "status": str,
            "cells": str,
            "other_id": int,
        },
        "pk": ("report_id", "across", "n"),
        "foreign_keys": [("report_id", "reports", "id")],
    },
    "verdicts": {
        "columns": {
            "sha256": str,
            "check": str,
            "subject": str,
            "verdict": str,
            "note": str,
            "by": str,
            "recorded": str,
            "left": int,
            "right": int,
        },
        "pk": ("sha256", "check", "subject"),
    },
    "copies": {
        "columns": {"report_id": int, "section": str, "twin_id": int, "share": float},
        "pk": ("report_id", "section", "twin_id"),
        "foreign_keys": [("report_id", "reports", "id"), ("twin_id", "reports", "id")],
    },
    "measures": {
        "columns": {"id": int, "measure": str, "label_zh": str, "label_en": str, "unit": str},
        "pk": "id",
    },
    "measure_sources": {
        "columns": {
            "edition": str,
            "table_no": int,
            "n": int,
            "measure_id": int,
            "n2": int,
            "n3": int,
            "likeness": str,
            "note": str,
        },
        "pk": ("edition", "table_no", "n", "measure_id"),
        "foreign_keys": [("measure_id", "measures", "id")],
    },
    "coverage": {
        "columns": {
            "county_code": str,
            "agency": str,
            "kind": str,
            "year": int,
            "outcome": str,
            "report_id": int,
            "reason": str,
        },
        "pk": ("county_code", "agency", "year"),
    },
    "fields": {
        "columns": {
            "edition": str,
            "table_no": int,
            "n": int,
            "row": str,
            "column": str,
            "unit": str,
            "label_zh": str,
            "label_en": str,
        },
        "pk": ("edition", "table_no", "n"),
    },
}
INDEXES = (
    ("agencies", ("county_code", "name")),
    ("reports", ("county_code", "agency", "year")),
    ("reports", ("agency_id", "year")),
    ("sources", ("report_id",)),
    ("sources", ("county_code",)),
    ("checks", ("edition", "n")),
    ("copies", ("twin_id",)),
)
UNIQUE = (
    ("texts", ("report_id",)),
    ("headings", ("heading", "key")),
    ("topics", ("topic", "unit", "qualifier")),
)
PARTS = (
    "texts",
    "form_tables",
    "extra_cells",
    "contacts",
    "findings_short",
    "findings_long",
    "copies",
)
SEEN = ("page_url", "first_seen", "last_seen", "first_run", "last_run", "gone")
"""Columns of ``sources`` that the archive tells; the others are of the reading."""
REPORT_COLUMNS = "r.id as report_id, r.county_code, r.agency, r.year, r.edition, r.url"

BEST = """
    select r.id from reports r
    where r.agency_id = :agency and r.year is :year and not exists (
        select 1 from reports n
        where n.agency_id = :agency and n.year is :year and n.last_run > r.last_run
        and n.url = r.url and n.document_url is r.document_url
    )
    order by
        (select count(*) from cells c where c.report_id = r.id and c.mark = 'number') desc,
        (select sum(length(text)) from sections s where s.report_id = r.id and instr(s.number, '.') = 0) desc,
        coalesce(r.published, '') desc, r.document_url is not null, r.id
    limit 1
"""


def identity(*parts: object) -> int:
    """A number of 52 bits made from what a row is about."""
    return int(hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:13], 16)


def _source(sighting: Sighting) -> int:
    """The row of a document at an address in ``sources``."""
    return identity(sighting.county_code, sighting.url, sighting.sha256)


def field_keys(edition: Edition, table_no: int) -> list[tuple[str, str]]:
    """(row, column) of every cell of a table, in the order of the official form."""
    return [(field.row, field.column) for field in fields(edition) if field.table == table_no]


def wide_columns(table_no: int) -> list[tuple[str, str]]:
    """(row, column) of every cell that any edition has in this table; the newest edition's order leads."""
    keys = dict.fromkeys(key for edition in EDITIONS for key in field_keys(edition, table_no))
    return list(keys)


@dataclass(frozen=True, slots=True)
class Text:
    """A section of a report. ``published`` is an ISO date, that of the signature, or empty."""

    report_id: int
    agency_id: int
    year: int | None
    published: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """One reading of a report, as the checks between reports need it."""

    id: int
    agency_id: int
    kind: AgencyKind
    year: int
    current: int
    url: str
    document_url: str | None
    last_run: int
    figures: Figures


REBUILD = "to build it anew from the archive, run: scrapy reread"


class Newer(RuntimeError, Refused):
    """The file was made by a newer version of this program."""


class Outdated(RuntimeError, Refused):
    """The file was made by an older version, or with another form or other checks. It is left as it is."""


def set_aside(folder: str | Path) -> Path:
    """Moves a dataset out of the way, whole, to a name that is free; returns where it is now."""
    path = Path(folder) / "reports.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    names = (path.with_name(f"reports-before-{n}.db") for n in count(1))
    target = next(name for name in names if not name.exists())
    path.rename(target)
    return target


class Dataset:
    """``Dataset(folder)`` opens, and makes when missing, ``folder/reports.db``."""

    def __init__(self, folder: str | Path, *, timeout: float = 30) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "reports.db"
        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.create_function("bigrams", 1, bigrams, deterministic=True)
        connection.create_function("bigram_query", 1, bigram_query, deterministic=True)
        connection.create_function("hits", 2, hits, deterministic=True)
        self.db = Database(connection)
        self._check_places = _check_places()
        self._order = {(e, t): field_keys(e, t) for e in EDITIONS for t in WIDE}
        try:
            self._make(connection.execute("PRAGMA user_version").fetchone()[0])
        except BaseException:
            connection.close()
            raise

    def _make(self, found: int) -> None:
        if found == VERSION:
            self._same_form()
            return
        if found > VERSION:
            raise Newer(f"{self.path} was made by a newer version of gongkai (schema {found}, here {VERSION})")
        if found:
            raise Outdated(
                f"{self.path} was made by an older version of gongkai (schema {found}, here {VERSION}); {REBUILD}"
            )
        with transaction(self.db):
            for name, table in SCHEMA.items():
                self.db.table(name).create(if_not_exists=True, **table)
            for number, name in WIDE.items():
                columns: dict[str, Any] = {"report_id": int, "edition": str}
                columns |= dict.fromkeys((f"{row}__{column}" for row, column in wide_columns(number)), int)
                self.db.table(f"{name}_values").create(columns, pk="report_id", if_not_exists=True)
            for name, index in INDEXES:
                self.db.table(name).create_index(index, if_not_exists=True)
            for name, index in UNIQUE:
                self.db.table(name).create_index(index, unique=True, if_not_exists=True)
            self._fill_fields()
            self._fill_checks()
            self._fill_measures()
            self._make_views()
            # without positions the index takes a fifth of the room; ``hits`` tells words from stray pairs
            self.db.execute(
                "create virtual table if not exists texts_fts using fts5(title, text, content='', detail=none)"
            )
            self.db.execute(f"PRAGMA user_version = {VERSION}")

    def _same_form(self) -> None:
        """Cells and results are stored in the order of the form and of the checks: another order would turn them."""
        cells = {(e, t, n): key for (e, t), order in self._order.items() for n, key in enumerate(order)}
        fields_here = self.db.execute('select edition, table_no, n, "row", "column" from fields')
        checks_here = self.db.execute("select key, edition, n from checks where n is not null")
        if {(e, t, n): (row, column) for e, t, n, row, column in fields_here} != cells or {
            key: (edition, n) for key, edition, n in checks_here
        } != self._check_places:
            raise Outdated(f"{self.path} was made with other data of the form or of the checks; {REBUILD}")

    def _fill_fields(self) -> None:
        rows = []
        for edition in EDITIONS:
            count: dict[int, int] = {}
            for field in fields(edition):
                n = count[field.table] = count.get(field.table, -1) + 1
                key = {"edition": edition, "table_no": field.table, "n": n, "row": field.row, "column": field.column}
                rows.append(key | {"unit": field.unit, "label_zh": field.label_zh, "label_en": field.label_en})
        self.db.table("fields").upsert_all(rows, pk=("edition", "table_no", "n"))

    def _fill_checks(self) -> None:
        rows: list[dict[str, Any]] = [
            {
                "key": check.key,
                "check": check.id,
                "subject": check.subject,
                "edition": check.edition,
                "n": self._check_places[check.key][1],
                "table_no": check.table,
                "relation": check.relation,
                "severity": check.severity,
                "cells": json.dumps(check.cells),
                "label_zh": check.zh,
                "label_en": check.en,
                "source": check.source,
            }
            for check in every_check()
        ]
        rows += [
            {"key": rule.key, "check": rule.id, "severity": rule.severity, "label_zh": rule.zh, "label_en": rule.en}
            for rule in descriptions()
        ]
        self.db.table("checks").upsert_all(rows, pk="key")

    def _fill_measures(self) -> None:
        found, sources = [], []
        for number, measure in enumerate(measures(), 1):
            labels = {"label_zh": measure.label_zh, "label_en": measure.label_en}
            found.append({"id": number, "measure": measure.key, **labels, "unit": measure.unit})
            for source in measure.sources:
                table = source.cells[0][0]
                n = [self._order[source.edition, table].index((row, column)) for _, row, column in source.cells]
                key: dict[str, Any] = {"edition": source.edition, "table_no": table, "n": n[0], "measure_id": number}
                rest = dict(zip(("n2", "n3"), [*n[1:], None, None], strict=False))
                sources.append(key | rest | {"likeness": source.same, "note": source.note or None})
        self.db.table("measures").upsert_all(found, pk="id")
        self.db.table("measure_sources").upsert_all(sources, pk=("edition", "table_no", "n", "measure_id"))

    def _make_views(self) -> None:
        self.db.create_view("cells", _cells(), replace=True)
        for number, name in WIDE.items():
            columns = ", ".join(f'v."{row}__{column}"' for row, column in wide_columns(number))
            self.db.create_view(
                name,
                f"select {REPORT_COLUMNS}, {columns} from {name}_values v join reports r on r.id = v.report_id "
                "where r.current = 1",
                replace=True,
            )
        self.db.create_view("panel", _panel(), replace=True)
        for path in sorted(VIEWS.glob("*.sql")):
            sql = path.read_text(encoding="utf-8")
            for side in ("before", "now"):
                for name, expression in cell_sql(f"{side}_entry", f"{side}_type").items():
                    sql = sql.replace(f"{{{side} {name}}}", expression)
            self.db.create_view(path.stem, sql, replace=True)

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> Dataset:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # writing

    def write(self, sighting: Sighting, reading: Reading, reader: str, findings: Sequence[Finding] = ()) -> int | None:
        """Stores what came of reading a sighting, with what was found within the report, and returns the report's id,
        or None when there is no report. One write: a report without its findings would look sound."""
        with transaction(self.db):
            before = self.db.execute("select report_id from sources where id = ?", [_source(sighting)]).fetchone()
            report_id = None
            if reading.report is not None:
                report_id = self._write_report(sighting, reading.report, reading.media_type, reader)
                self._write_findings(report_id, findings, across=0)
            told = [reading.reason, reading.detail, sighting.titles[0] if sighting.titles else "", report_id, reader]
            self._write_reading(sighting, "held" if report_id is not None else "unread", *told)
            if before is not None and before[0] not in {None, report_id}:
                self._forget(before[0])
        return report_id

    def write_whole(self, sighting: Sighting, detail: str, reader: str) -> None:
        """Notes that a document was read as part or as container of others, which have readings of their own."""
        with transaction(self.db):
            self._write_reading(sighting, "held", "", detail, None, None, reader)

    def _write_reading(self, sighting: Sighting, *told: str | int | None) -> None:
        self.db.execute(
            "insert into sources (id, county_code, url, sha256, outcome, reason, detail, title, report_id, reader) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set outcome = excluded.outcome, "
            "reason = excluded.reason, detail = excluded.detail, title = excluded.title, "
            "report_id = excluded.report_id, reader = excluded.reader",
            [_source(sighting), sighting.county_code, sighting.url, sighting.sha256, *told],
        )

    def _forget(self, report_id: int) -> None:
        """Removes a report that no document is read as any more: a better reader found another issuer or year."""
        if self.db.execute("select 1 from sources where report_id = ?", [report_id]).fetchone():
            return
        row = self.db.execute("select agency_id, year from reports where id = ?", [report_id]).fetchone()
        self._delete_report(report_id)
        gone = "its document is read as something else"
        self.db.execute(
            "update coverage set outcome = 'unread', report_id = null, reason = ? where report_id = ?",
            [gone, report_id],
        )
        if row is not None:
            agency_id, year = row
            self._choose_current(agency_id, year)
            unused = "delete from agencies where id = ? and id not in (select agency_id from reports)"
            self.db.execute(unused, [agency_id])

    def _write_report(self, sighting: Sighting, report: Report, media_type: str, reader: str) -> int:
        county_code = sighting.county_code or report.issuer.county_code
        agency_id = self._write_agency(report.issuer, county_code)
        report_id = identity(county_code, report.issuer.name, report.year, sighting.sha256)
        self._delete_report(report_id)
        page_url = sighting.page_url or sighting.url
        self._insert(
            "reports",
            [
                {
                    "id": report_id,
                    "agency_id": agency_id,
                    "agency": report.issuer.name,
                    "county_code": county_code,
                    "year": report.year,
                    "title": report.title,
                    "url": page_url,
                    "document_url": sighting.url if sighting.url != page_url else None,
                    "sha256": sighting.sha256,
                    "media_type": media_type,
                    "published": sighting.published or None,
                    "signed": report.signed or None,
                    "edition": report.edition,
                    "current": 0,
                    "reader": reader,
                    "last_run": sighting.last_run,
                    "issuer_as_written": report.issuer.as_written,
                    "notes": json.dumps(_notes(report), ensure_ascii=False) if _notes(report) else None,
                }
            ],
        )
        self._write_tables(report_id, report)
        self._write_parts(report_id, report)
        self._choose_current(agency_id, report.year)
        return report_id

    def _write_agency(self, issuer: Issuer, county_code: str) -> int:
        agency_id = identity(county_code, issuer.name)
        self.db.execute(
            "insert into agencies (id, name, county_code, division_code, kind) values (?, ?, ?, ?, ?) "
            "on conflict do update set division_code = excluded.division_code, kind = excluded.kind",
            [agency_id, issuer.name, county_code, issuer.division_code or None, issuer.kind],
        )
        return agency_id

    def _delete_report(self, report_id: int) -> None:
        if not self.db.execute("select 1 from reports where id = ?", [report_id]).fetchone():
            return
        self._index(report_id, "texts_fts, ", "'delete', ")
        for name in (*PARTS, *(f"{name}_values" for name in WIDE.values())):
            self.db.execute(f"delete from {name} where report_id = ?", [report_id])
        self.db.execute("delete from copies where twin_id = ?", [report_id])
        self.db.execute("delete from reports where id = ?", [report_id])

    def _write_tables(self, report_id: int, report: Report) -> None:
        for table in report.tables:
            values = [value for value in report.values if value.table == table.number]
            packed = compact.cells(self._order.get((table.edition, table.number), []), values)
            layout_id = identity(packed.kind, packed.places)
            self.db.execute("insert or ignore into layouts values (?, ?, ?)", [layout_id, packed.kind, packed.places])
            row = {
                "report_id": report_id,
                "table_no": table.number,
                "edition": table.edition,
                "refused": table.refused or None,
                "layout_id": layout_id,
                "edges": packed.edges,
                "cells": packed.cells,
            }
            self._insert("form_tables", [row])
            if values and table.number in WIDE:
                numbers = {f"{value.row}__{value.column}": value.value for value in values}
                self._insert(
                    f"{WIDE[table.number]}_values", [{"report_id": report_id, "edition": table.edition, **numbers}]
                )

    def _write_parts(self, report_id: int, report: Report) -> None:
        self._write_texts(report_id, report.sections, report.statements)
        self._numbered("extra_cells", report_id, (_row(e, table="table_no") for e in report.extras))
        self._numbered("contacts", report_id, (_row(contact) for contact in report.contacts))

    def _write_texts(self, report_id: int, sections: Sequence[Section], statements: Sequence[Statement]) -> None:
        """``sections``: ``[heading, number, start, length]`` each; ``statements``: ``[topic, value, start, length,
        section, part of]`` each. Starts are characters from 0."""
        packed = compact.texts(sections, statements)
        told = [
            [
                self._number("headings", key=section.key or "", heading=section.heading),
                section.number,
                at.start,
                at.length,
            ]
            for section, at in zip(sections, packed.sections, strict=True)
        ]
        stated = []
        for each, at in zip(statements, packed.quotes, strict=True):
            topic = self._number("topics", topic=each.topic, unit=each.unit, qualifier=each.qualifier)
            row = [topic, each.value, at.start, at.length, each.section]
            stated.append([*row, each.part_of] if each.part_of else row)
        lists = {"sections": compact.as_json(told), "statements": compact.as_json(stated)}
        self._insert("texts", [{"report_id": report_id, "text": packed.text, **lists}])
        self._index(report_id)

    def _number(self, table: str, **row: str) -> int:
        """The number of a row in a table of words, which many reports share."""
        where = " and ".join(f"{name} = :{name}" for name in row)
        found = self.db.execute(f"select id from {table} where {where}", row).fetchone()
        if found is None:
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            return int(self.db.execute(f"insert into {table} ({names}) values ({marks})", row).lastrowid or 0)
        return int(found[0])

    def _take_texts(self, schema: str, report_ids: Sequence[int]) -> None:
        """Copies texts and layouts of reports, whose rows are here already, from an attached dataset of the same
        version: headings and topics have other numbers there."""
        number: dict[str, dict[int, int]] = {"headings": {}, "topics": {}}

        def renumbered(table: str, stored: str) -> str:
            rows = json.loads(stored)
            for row in rows:
                if row[0] not in number[table]:
                    (words,) = self.db.query(f"select * from {schema}.{table} where id = ?", [row[0]])
                    del words["id"]
                    number[table][row[0]] = self._number(table, **words)
                row[0] = number[table][row[0]]
            return compact.as_json(rows)

        for report_id in report_ids:
            self.db.execute(
                f"insert or ignore into layouts select * from {schema}.layouts where id in "
                f"(select layout_id from {schema}.form_tables where report_id = ?)",
                [report_id],
            )
            rows = self.db.query(f"select * from {schema}.texts where report_id = ?", [report_id])
            for row in list(rows):
                told, stated = renumbered("headings", row["sections"]), renumbered("topics", row["statements"])
                lists = {"sections": told, "statements": stated}
                self._insert("texts", [{"report_id": report_id, "text": row["text"], **lists}])
                self._index(report_id)

    def _index(self, report_id: int, columns: str = "", values: str = "") -> None:
        """Puts a report into the full-text index; with ``texts_fts`` and ``'delete'`` takes it out. Headings of the
        official form would find every report: only others are words."""
        self.db.execute(
            f"insert into texts_fts ({columns}rowid, title, text) select {values}t.n, bigrams(r.title), "
            "bigrams(t.text || coalesce((select char(10) || group_concat(s.heading, char(10)) from sections s "
            "where s.report_id = t.report_id and s.key is null and instr(s.number, '.') = 0), '')) "
            "from texts t join reports r on r.id = t.report_id where t.report_id = ?",
            [report_id],
        )

    def _numbered(self, table: str, report_id: int, rows: Iterable[dict[str, Any]]) -> None:
        self._insert(table, [{"report_id": report_id, "n": n, **row} for n, row in enumerate(rows, 1)])

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows with the same columns, in one statement. A report is 150 rows in eight tables: asking the schema again
        for each table, as sqlite-utils does, would double the time of storing it."""
        if rows:
            columns = tuple(rows[0])
            names = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("?" * len(columns))
            self.db.conn.executemany(
                f'insert into "{table}" ({names}) values ({marks})', [tuple(row.values()) for row in rows]
            )

    def _choose_current(self, agency_id: int, year: int | None) -> None:
        """Of the same agency's reports of a year, the newest version at each address counts, and of those the fullest.

        The same report as page and as file is one report: both stay, one is current.
        """
        key = {"agency": agency_id, "year": year}
        rows = self.db.execute("select id from reports where agency_id = :agency and year is :year", key).fetchall()
        if not rows:
            return
        best = rows[0][0] if len(rows) == 1 else self.db.execute(BEST, key).fetchone()[0]
        self.db.execute(
            "update reports set current = (id = :best) where agency_id = :agency and year is :year",
            key | {"best": best},
        )
        # the ledger of a run that is killed must not lack what it has read; where nobody keeps one, none begins here
        self.db.execute(
            "insert into coverage (county_code, agency, kind, year, outcome, report_id, reason) "
            "select r.county_code, r.agency, a.kind, r.year, 'held', r.id, '' from reports r "
            "join agencies a on a.id = r.agency_id where r.id = ? and r.year is not null "
            "and exists (select 1 from coverage c where c.county_code = r.county_code) "
            "on conflict do update set outcome = 'held', report_id = excluded.report_id, reason = ''",
            [best],
        )

    def seen_again(self, sighting: Sighting, reader: str) -> bool:
        """True when this reader has read these bytes at this address: only the run in which they were seen moves on."""
        row = self.db.execute(
            "select report_id from sources where id = ? and reader = ?",
            [_source(sighting), reader],
        ).fetchone()
        if row is None:
            return False
        if row[0] is not None:
            with transaction(self.db):
                self.db.execute("update reports set last_run = ? where id = ?", [sighting.last_run, row[0]])
                agency_id, year = self.db.execute(
                    "select agency_id, year from reports where id = ?", [row[0]]
                ).fetchone()
                self._choose_current(agency_id, year)
        return True

    def write_findings(self, report_id: int, findings: Sequence[Finding]) -> None:
        """Replaces what was found within a report."""
        with transaction(self.db):
            self._write_findings(report_id, findings, across=0)

    def write_across(self, county_code: str, found: Mapping[int, Sequence[Finding]]) -> None:
        """Replaces what was found between the reports of a county: report id -> findings."""
        with transaction(self.db):
            for name in ("findings_short", "findings_long"):
                self.db.execute(
                    f"delete from {name} where across = 1 and report_id in "
                    "(select id from reports where county_code = ?)",
                    [county_code],
                )
            for report_id, findings in found.items():
                self._write_findings(report_id, findings, across=1)

    def _write_findings(self, report_id: int, findings: Sequence[Finding], across: int) -> None:
        """Identities that hold, or that lack a cell, are one row for each edition of a report's tables, with an array
        of results in the order of ``checks``: a number for both sides where they are equal, else ``[left, right, 1]``;
        ``[]``, ``[left]`` or ``[left, right]`` of what cannot be assessed; null for what was not taken. Whatever fails,
        and what has no cells known beforehand, is a row of its own."""
        key = [report_id, across]
        for name in ("findings_short", "findings_long"):
            self.db.execute(f"delete from {name} where report_id = ? and across = ?", key)
        short: dict[str, dict[int, Any]] = {}
        rows: list[dict[str, Any]] = []
        other = None
        for finding in findings:
            plain = finding.key in self._check_places
            if plain:
                other = finding.other
            if plain and finding.status != "fail":
                edition, place = self._check_places[finding.key]
                short.setdefault(edition, {})[place] = _sides(finding)
                continue
            rows.append(
                {
                    "report_id": report_id,
                    "across": across,
                    "n": len(rows) + 1,
                    "key": finding.key,
                    "subject": finding.subject,
                    "left": finding.left,
                    "right": finding.right,
                    "status": finding.status,
                    "cells": None if plain else json.dumps(finding.cells),
                    "other_id": finding.other,
                }
            )
        self._insert("findings_long", rows)
        kept = [
            {
                "report_id": report_id,
                "across": across,
                "edition": edition,
                "other_id": other,
                "results": compact.as_json([places.get(n) for n in range(max(places) + 1)]),
            }
            for edition, places in short.items()
        ]
        self._insert("findings_short", kept)

    def write_verdicts(self, verdicts: Iterable[Mapping[str, Any]]) -> None:
        """Replaces people's verdicts by those that the archive keeps, the last one of each finding."""
        with transaction(self.db):
            self.db.execute("delete from verdicts")
            self.db.table("verdicts").insert_all(map(dict, verdicts), pk=("sha256", "check", "subject"), replace=True)

    def write_addresses(self, county_code: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replaces where and when each document of a county was seen."""
        with transaction(self.db):
            unset = ", ".join(f"{name} = null" for name in SEEN)
            self.db.execute(f"update sources set {unset} where county_code = ?", [county_code])
            names = ("county_code", "url", "sha256", *SEEN)
            self.db.conn.executemany(
                f"insert into sources (id, {', '.join(names)}) values (?{', ?' * len(names)}) "
                f"on conflict (id) do update set {', '.join(f'{name} = excluded.{name}' for name in SEEN)}",
                (
                    [identity(row["county_code"], row["url"], row["sha256"]), *(row.get(name) for name in names)]
                    for row in rows
                ),
            )
            self.db.execute(
                "delete from sources where county_code = ? and reader is null and first_run is null", [county_code]
            )

    def write_copies(self, rows: Iterable[tuple[int, str, int, float]]) -> None:
        """Replaces all copied texts: report id, number of the section, id of the twin, share."""
        with transaction(self.db):
            self.db.execute("delete from copies")
            self.db.conn.executemany(
                "insert into copies (report_id, section, twin_id, share) values (?, ?, ?, ?)", rows
            )

    def write_portal(self, row: Mapping[str, Any]) -> None:
        with transaction(self.db):
            self.db.table("portals").upsert(dict(row), pk="code")

    def write_coverage(self, county_code: str, rows: Iterable[Mapping[str, Any]], only: int | None) -> None:
        """Replaces the ledger of a county, or of one of its years."""
        with transaction(self.db):
            self.db.execute(
                "delete from coverage where county_code = :code and (:year is null or year = :year)",
                {"code": county_code, "year": only},
            )
            self.db.table("coverage").insert_all(
                ({"county_code": county_code, **row} for row in rows), pk=("county_code", "agency", "year")
            )

    # reading back

    def held(self, county_code: str) -> list[dict[str, Any]]:
        """Current reports of a county: agency, kind, year, id, title, url."""
        return list(
            self.db.query(
                "select r.agency, a.kind, r.year, r.id, r.title, r.url from reports r "
                "join agencies a on a.id = r.agency_id where r.county_code = ? and r.current order by r.agency, r.year",
                [county_code],
            )
        )

    def covered(self, year: int) -> set[str]:
        """Counties that have a ledger of a year."""
        return {row[0] for row in self.db.execute("select distinct county_code from coverage where year = ?", [year])}

    def count_held(self, county_code: str, year: int) -> int:
        sql = "select count(*) from coverage where county_code = ? and year = ? and outcome = 'held'"
        return int(self.db.execute(sql, [county_code, year]).fetchone()[0])

    def only_at(self, county_code: str, now: Iterable[str], ever: Iterable[str], run_id: int) -> list[str]:
        """Agencies and years (平罗县教育局 2024) held at one of the addresses ``now``, at none but ``ever``, and of
        which a run saw no version."""
        at = "(r.url in (select value from json_each({0})) or r.document_url in (select value from json_each({0})))"
        sql = (
            "select r.agency || ' ' || r.year from reports r where r.county_code = :code and r.year is not null "
            f"group by r.agency_id, r.year having max({at.format(':now')}) "
            f"and min(coalesce({at.format(':ever')}, 0)) and max(r.last_run) < :run order by 1"
        )
        key = {"code": county_code, "now": json.dumps([*now]), "ever": json.dumps([*ever]), "run": run_id}
        return [row[0] for row in self.db.execute(sql, key)]

    def reading_keys(self, county_code: str, reader: str = "") -> set[tuple[str, str]]:
        """(url, sha256) of every document of a county that was read or refused, by one reader or by whatever reader."""
        sql = "select url, sha256 from readings where county_code = :code and (:reader = '' or reader = :reader)"
        return {(row[0], row[1]) for row in self.db.execute(sql, {"code": county_code, "reader": reader})}

    def settled(self, county_code: str) -> set[str]:
        """Addresses of documents that are read, or known to be no report of this county: nothing is open about them."""
        sql = (
            "select url from readings where county_code = ? "
            "and (outcome = 'held' or reason in ('not_a_report', 'foreign'))"
        )
        return {row[0] for row in self.db.execute(sql, [county_code])}

    def figures(self, county_code: str) -> list[Source]:
        """Every reading of a county's reports with its numbers, for the checks between reports."""
        key = [county_code]
        rows = self.db.execute(
            "select r.id, r.agency_id, a.kind, r.year, r.current, r.url, r.document_url, r.last_run "
            "from reports r join agencies a on a.id = r.agency_id "
            "where r.county_code = ? and r.year is not null order by r.agency, r.year, r.id",
            key,
        ).fetchall()
        editions: dict[int, dict[int, Edition]] = {}
        values: dict[int, dict[tuple[int, str, str], int | float]] = {}
        tables = self.db.execute(
            "select t.report_id, t.table_no, t.edition, t.cells "
            "from form_tables t join reports r on r.id = t.report_id "
            "where r.county_code = ? and t.refused is null",
            key,
        )
        for report_id, table, edition, cells in tables:
            editions.setdefault(report_id, {})[table] = edition
            numbers = values.setdefault(report_id, {})
            for (row, column), cell in zip(self._order.get((edition, table), ()), json.loads(cells), strict=False):
                number = compact.value_of(cell)
                if number is not None:
                    numbers[table, row, column] = number
        told: dict[int, list[Statement]] = {}
        statements = self.db.execute(
            "select s.report_id, s.topic, s.value, s.unit, s.qualifier, s.quote, s.section, s.part_of "
            "from statements s join reports r on r.id = s.report_id "
            "where r.county_code = ? and r.current order by s.report_id, s.n",
            key,
        )
        for report_id, *statement in statements:
            told.setdefault(report_id, []).append(Statement(*statement))
        found = []
        for report_id, agency_id, kind, year, current, url, document_url, last_run in rows:
            figures = Figures(
                editions.get(report_id, {}), values.get(report_id, {}), tuple(told.get(report_id, ())), kind, report_id
            )
            found.append(Source(report_id, agency_id, kind, year, current, url, document_url, last_run, figures))
        return found

    def complete_years(self, county_code: str) -> set[int]:
        """Years in which a report of everybody who has to publish one is held."""
        rows = self.db.execute(
            "select year from coverage where county_code = ? group by year having min(outcome = 'held') = 1",
            [county_code],
        )
        return {row[0] for row in rows}

    def counties(self) -> list[str]:
        """Every county that a report is of."""
        return [row[0] for row in self.db.execute("select distinct county_code from reports order by 1")]

    def counties_of_run(self, run: int | None) -> list[str]:
        """Counties of which a run saw a report."""
        rows = self.db.execute("select distinct county_code from reports where last_run = ? order by 1", [run])
        return [row[0] for row in rows]

    def finding(self, report_id: int, check: str, subject: str) -> dict[str, Any] | None:
        """One finding with the document of its report: sha256, agency, year, left, right, status."""
        rows = self.db.query(
            'select r.sha256, r.agency, r.year, f."left", f."right", f.status from findings f '
            'join reports r on r.id = f.report_id where f.report_id = ? and f."check" = ? and f.subject = ?',
            [report_id, check, subject],
        )
        return next(iter(rows), None)

    def suspicious(self, county_code: str | None) -> list[dict[str, Any]]:
        """Findings that a person should look at, of one county or all, the gravest first."""
        return list(
            self.db.query(
                "select * from suspicious where :code is null or county_code = :code "
                "order by severity <> 'error', severity <> 'warn', county_code, agency, year, \"check\", subject",
                {"code": county_code},
            )
        )

    def columns(self) -> dict[str, list[tuple[str, str]]]:
        """Every table and view with its columns and what they hold: integer, number or text; empty where a view's
        column is computed. The full-text index is left out."""
        names = self.db.execute(
            "select name from sqlite_master where type in ('table', 'view') and name not like '%\\_fts%' escape '\\' "
            "and name not like 'sqlite%' order by type, rowid"
        ).fetchall()
        kinds = {"INTEGER": "integer", "REAL": "number", "TEXT": "text"}
        return {
            name: [
                (column, kinds.get(kind.upper(), ""))
                for column, kind in self.db.execute("select name, type from pragma_table_info(?)", [name])
            ]
            for (name,) in names
        }

    def count_current(self) -> int:
        return int(self.db.execute("select count(*) from reports where current = 1").fetchone()[0])

    def texts(self) -> Iterator[Text]:
        """The sections of every current report, all first ones first, then all second ones."""
        rows = self.db.execute(
            "select r.id, r.agency_id, r.year, coalesce(r.published, r.signed, ''), s.number, s.text "
            "from sections s join reports r on r.id = s.report_id "
            "where r.current = 1 and instr(s.number, '.') = 0 order by s.number, r.id"
        )
        yield from (Text(*row) for row in rows)

    def read_as(self, county_code: str, url: str, sha256: str) -> dict[str, Any]:
        """What a document was read as: report_id, agency, year (None where it is no report), outcome, reason, county;
        empty when it was not read."""
        rows = self.db.query(
            "select d.report_id, d.outcome, d.reason, r.agency, r.year, p.name as county from sources d "
            "left join reports r on r.id = d.report_id left join portals p on p.code = d.county_code "
            "where d.id = ? and d.reader is not null",
            [identity(county_code, url, sha256)],
        )
        return next(iter(rows), {})

    def cell_changes(self, report_id: int) -> list[dict[str, Any]]:
        """What differs between a report and the version before at its address: table_no, row, column, before, now."""
        sql = 'select table_no, "row", "column", before, now from changes where report_id = ? and change = ?'
        return list(self.db.query(f"{sql} order by 1, 2, 3", [report_id, "corrected"]))

    def same_text(self, one: int, other: int) -> bool:
        """Whether two reports have the same title, signature and sections."""
        told = "select title, coalesce(signed, ''), '' from reports where id = {0} union all "
        told = f"{told}select number, coalesce(heading, ''), text from sections where report_id = {{0}}"
        sides = [set(self.db.execute(told.format(int(each))).fetchall()) for each in (one, other)]
        return sides[0] == sides[1]

    def unread(self, county_code: str) -> list[dict[str, Any]]:
        """Documents of a county that a reader refused: url, title, reason, detail."""
        return list(
            self.db.query(
                "select url, title, reason, detail from readings where county_code = ? and outcome = 'unread' "
                "and reason <> 'foreign' order by url",
                [county_code],
            )
        )

    def coverage(self, county_codes: Sequence[str]) -> list[dict[str, Any]]:
        """The ledger of some counties: county_code, county, agency, year, outcome, reason, report_id."""
        marks = ", ".join("?" * len(county_codes))
        return list(
            self.db.query(
                f"select c.*, p.name as county from coverage c left join portals p on p.code = c.county_code "
                f"where county_code in ({marks}) order by county_code, agency, year desc",
                list(county_codes),
            )
        )

    def coverage_of_province(self, province: str) -> list[dict[str, Any]]:
        """The ledger of all counties whose registry row names a province ("" for all provinces)."""
        return list(
            self.db.query(
                "select c.*, p.name as county, p.province from coverage c join portals p on p.code = c.county_code "
                "where :province = '' or p.province = :province order by c.county_code, agency, year desc",
                {"province": province},
            )
        )

    def optimise(self) -> None:
        """Puts the pages in order: a dataset that grew report by report becomes a tenth smaller. Takes as much room
        again while it works, and seconds a gigabyte."""
        self.db.execute("insert into texts_fts (texts_fts) values ('optimize')")
        self.db.execute("delete from layouts where id not in (select layout_id from form_tables)")
        with suppress(sqlite3.OperationalError):  # no room, or somebody reads: then it stays as large as it is
            self.db.execute("vacuum")

    def problems(self) -> list[str]:
        """What is wrong with the file itself, one sentence each; empty when it is sound."""
        found = [f"{self.path}: {row[0]}" for row in self.db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        for row in self.db.execute("PRAGMA foreign_key_check"):
            found.append(f"{self.path}: row {row[1]} of {row[0]} leads to a row of {row[2]} that is not there")
        return found

    def documents_cited(self) -> Iterator[str]:
        """The hash of every document that the dataset was read from."""
        for row in self.db.execute("select distinct sha256 from readings order by sha256"):
            yield row[0]

    def portal_outcomes(self, county_codes: Sequence[str]) -> list[dict[str, Any]]:
        marks = ", ".join("?" * len(county_codes))
        return list(self.db.query(f"select * from portals where code in ({marks}) order by code", list(county_codes)))


def _panel() -> str:
    """The view ``panel``: a branch for each measure and each set of cells that it has in some editions.

    A question about one measure looks at one branch, and a sum with a blank in it is no number, as it must be.
    """
    branches = []
    for measure in measures():
        by_cells: dict[tuple[tuple[CellKey, ...], str], list[str]] = {}
        for source in measure.sources:
            if source.same != "close":
                by_cells.setdefault((source.cells, source.same), []).append(source.edition)
        for (cells, likeness), editions in by_cells.items():
            table = cells[0][0]
            value = " + ".join(f'v."{row}__{column}"' for _, row, column in cells)
            branches.append(
                f"select r.county_code, r.agency, r.year, '{measure.key}' as measure, {value} as value, "
                f"'{measure.unit}' as unit, v.edition, '{likeness}' as likeness, r.id as report_id "
                f"from reports r join {WIDE[table]}_values v on v.report_id = r.id "
                f"where r.current = 1 and r.year is not null and {value} is not null "
                f"and v.edition in ({', '.join(map(repr, editions))})"
            )
    return " union all ".join(branches)


def _check_places() -> dict[int, tuple[str, int]]:
    """Edition and place among its checks of every check whose cells are known beforehand, by its key."""
    places: dict[int, tuple[str, int]] = {}
    count: dict[str, int] = {}
    for check in sorted(every_check(), key=lambda each: each.key):
        n = count[check.edition] = count.get(check.edition, -1) + 1
        places[check.key] = (check.edition, n)
    return places


def _sides(finding: Finding) -> Any:
    if finding.status == "pass":
        return finding.left if finding.left == finding.right else [finding.left, finding.right, 1]
    if finding.right is not None:
        return [finding.left, finding.right]
    return [] if finding.left is None else [finding.left]


def cell_sql(entry: str, kind: str) -> dict[str, str]:
    """SQL of what an entry of ``form_tables.cells`` says (see compact.Cells): value, mark, raw, doubt. ``entry`` and
    ``kind`` are SQL of the entry and of its JSON type."""
    signs = " ".join(f"when '{raw}' then '{mark}'" for raw, mark in compact.SIGNS.items())
    part = f"json_extract({entry}, '$[{{}}]')".format
    return {
        "value": f"case {kind} when 'array' then {part(0)} when 'text' then null else {entry} end",
        "mark": f"case {kind} when 'array' then coalesce({part(1)}, 'number') "
        f"when 'text' then case {entry} {signs} end when 'null' then null else 'number' end",
        "raw": f"case {kind} when 'null' then null when 'array' then coalesce({part(2)}, cast({part(0)} as text)) "
        f"else cast({entry} as text) end",
        "doubt": f"case {kind} when 'array' then coalesce({part(3)}, 0) else 0 end",
    }


def _cells() -> str:
    """The view ``cells``. Its tables are joined in this order: a report's cells are asked for more often than those of
    one row of the form over all reports, for which the wide views are."""
    cell = cell_sql("c.value", "c.type")
    place = "json_extract(l.places, '$[' || c.key || ']')"
    index = "json_extract(l.places, '$[' || c.key || '][{}]')".format
    edge = "json_extract(t.edges, '$[{}][' || ({} + {}) || ']')".format
    corners = " || ',' || ".join(edge(axis, index(axis), n) for axis, n in ((0, 0), (1, 1), (0, 1), (1, 2)))
    number = f"(json_extract(t.edges, '$[1]') + {index(0)})"
    return (
        f"select t.report_id, t.table_no, f.row, f.column, {cell['value']} as value, {cell['mark']} as mark, "
        f"{cell['raw']} as raw, case l.kind when 'box' then 'p' || {edge(1, index(1), 0)} || ':' || {corners} "
        f"when 'numbered' then json_extract(t.edges, '$[0]') || {number} || {index(1)} else {place} end as place, "
        f"{cell['doubt']} as doubt "
        "from form_tables t join layouts l on l.id = t.layout_id cross join json_each(t.cells) c "
        "cross join fields f on f.edition = t.edition and f.table_no = t.table_no and f.n = c.key "
        "where c.type <> 'null'"
    )


def _notes(report: Report) -> list[str]:
    issuer = [report.issuer.note] if report.issuer.note else []
    if report.issuer.candidates:
        issuer.append("possible issuers: " + ", ".join(report.issuer.candidates))
    return [*issuer, *report.notes]


def _row(item: Any, **renamed: str) -> dict[str, Any]:
    """A dataclass as a row; ``renamed`` maps field names to column names."""
    return {
        renamed.get(name, name): str(value) if isinstance(value, Mark) else value
        for name in item.__slots__
        for value in [getattr(item, name)]
    }
