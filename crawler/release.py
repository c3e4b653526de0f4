"""A release: the dataset as files that other programs open, in one dated folder with everything that explains them.

Texts come from portals and are hostile: a cell that a spreadsheet would take for a formula gets an apostrophe before it
in the CSV files. Parquet and Stata hold the texts as they are.
"""

from __future__ import annotations

import csv
import hashlib
import json
import pickle
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from crawler.codebook import describe
from crawler.dataset import VERSION, VIEWS
from crawler.lean import Database, Queryable

TABLES = (
    "reports",
    "agencies",
    "portals",
    "coverage",
    "disclosure",
    "applications",
    "litigation",
    "statistics_2014",
    "statements",
)
LEFT_OUT = frozenset({"findings", "late", "sections", "search", "readings", "addresses"})
"""What others hold (``suspicious`` has the findings that fail, ``timeliness`` what came late), texts, and addresses."""
BY_COUNTY = frozenset({"panel"})
"""Views of many millions of rows: asked county by county, as the order of all at once would be made on disk."""
CSV_ROWS, STATA_ROWS = 5_000_000, 2_000_000
"""Longer tables are only written as Parquet: no spreadsheet opens them, and Stata's writer needs them in memory."""
WIDE = ("disclosure", "applications", "litigation", "statistics_2014")
KEY = ("county_code", "agency", "year")
NOT_VALUES = frozenset({"report_id", "county_code", "agency", "year", "edition", "url"})
UTF_8_MARK = "utf-8-sig"
"""Excel takes a CSV file without this mark for the machine's old charset and shows Chinese as rubbish."""
FORMULA = re.compile(r"\s*[=+\-@'＝＋－＠]|[\t\r\n]")  # «=HYPERLINK(…)», « @SUM(1)», «＝1+1»
BATCH = 20_000
MOST_CHANGES = 100_000
STATA_NAME = 32
STATA_LABEL = 80
STATA_WORDS = frozenset(
    "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _skip str strL using with".split()
)
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")  # 2026-11-21

LICENCE = """# Licence and sources

The reports are documents of administrative character of state organs. Article 5 of the Copyright Law of the People's
Republic of China excludes such documents from copyright; their numbers are facts. What this project added (selection,
names of columns, arrangement) is given to the public domain under CC0 1.0
(https://creativecommons.org/publicdomain/zero/1.0/).

Please name the source: gongkai, release {date}. Please check a number that matters against the document itself: `url`
says where it was published, `sha256` which bytes were read.

Reports name offices and sometimes the people who answer for them. Use them for what they were published for.

# How to read these files

- `csv/`: UTF-8 with a mark at the beginning, as Excel needs it. Codes such as `640221` are text. A blank is not a zero:
  it means that no number stands there. In texts that begin with one of `= + - @ '` an apostrophe stands before, so that
  no spreadsheet runs them as a formula; take one apostrophe away from the beginning of a text, and it is as it was.
- `parquet/` and `stata/`: the same rows; Stata's short names of columns stand in `codebook.csv`. A table of more than
  {csv_rows} rows is there only as Parquet, one of more than {stata_rows} not for Stata (`CHANGES.md` has all counts).
- `codebook.csv`: every column in Chinese and English. `datapackage.json`: the same for programs (Frictionless).
- `CHANGES.md`, `changes.csv`: what differs from the release before. `SHA256SUMS`: `sha256sum -c SHA256SUMS`.
"""


Batch = list[tuple[Any, ...]]


class Refused(RuntimeError):
    """The release was not made; the message says why."""


@dataclass(slots=True)
class Column:
    """``types`` are those of the values that occur. ``stata`` is a name that Stata allows."""

    name: str
    stata: str = ""
    types: set[type] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """``integer``, ``number`` or ``string``; a column without any value is a string."""
        if self.types and self.types <= {int}:
            return "integer"
        return "number" if self.types and self.types <= {int, float} else "string"


@dataclass(frozen=True, slots=True)
class Written:
    """A table as it was written."""

    name: str
    columns: tuple[Column, ...]
    rows: int

    @property
    def has_csv(self) -> bool:
        return self.rows <= CSV_ROWS

    @property
    def has_stata(self) -> bool:
        return self.rows <= STATA_ROWS


def make(folder: Path, target: Path, day: date, previous: Path | None = None) -> Path:
    """Writes ``target/2026-11-21`` from ``folder/reports.db`` and returns it; nothing of it exists before it is whole.

    ``previous`` is the release to compare with, by default the newest in ``target`` before that day. Raises Refused.
    """
    _libraries()
    final = target / day.isoformat()
    if final.exists():
        raise Refused(f"{final} exists already; releases are never changed")
    before = previous or _newest(target, day)
    partial = target / f".{day.isoformat()}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with _snapshot(folder) as database:
        written = [_write(database, name, partial) for name in _names(database)]
    for table in written:
        if table.has_stata:
            _write_stata(partial, table, day)
    _write_codebook(partial, written)
    licence = LICENCE.format(date=day, csv_rows=CSV_ROWS, stata_rows=STATA_ROWS)
    (partial / "LICENCE.md").write_text(licence, encoding="utf-8")
    _write_changes(partial, written, before, day)
    _write_package(partial, written, day)
    _write_sums(partial)
    partial.rename(final)
    return final


def _libraries() -> None:
    try:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as missing:
        raise Refused(
            f"a release needs the package {missing.name}: `pip install -r requirements-release.txt` (or `make release`)"
        ) from None


def _newest(target: Path, day: date) -> Path | None:
    """The last release before a day."""
    if not target.exists():
        return None
    dated = [path for path in target.iterdir() if DATED.fullmatch(path.name) and path.name < day.isoformat()]
    return max(dated, default=None)


@contextmanager
def _snapshot(folder: Path) -> Iterator[Database]:
    """The dataset, read-only and in one state, even while a crawl writes to it."""
    path = folder / "reports.db"
    if not path.exists():
        raise Refused(f"there is no dataset in {folder}; crawl first")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    database = Database(connection, execute_plugins=False)
    try:
        database.begin()
        yield database
    finally:
        database.close()


def _names(database: Database) -> list[str]:
    there = {*database.table_names(), *database.view_names()}
    # panel is generated from the measures and has no file
    views = sorted(({path.stem for path in VIEWS.glob("*.sql")} | {"panel"}) - LEFT_OUT)
    return [name for name in dict.fromkeys((*TABLES, *views)) if name in there]


def _queryable(database: Database, name: str) -> Queryable:
    return database.view(name) if name in database.view_names() else database.table(name)


# ---- tables


def _rows(database: Database, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a table in an order of their own, so that the same dataset gives the same files."""
    source = _queryable(database, name)
    columns = list(source.columns_dict)
    order = [each for each in (*KEY, "code", "report_id", "id", "n", "check", "subject") if each in columns]
    order_by = ", ".join(f'"{each}"' for each in order) or None
    if name not in BY_COUNTY:
        yield from source.rows_where(order_by=order_by)
        return
    for code in sorted({row["county_code"] for row in database.table("agencies").rows}):
        yield from source.rows_where("county_code = ?", [code], order_by=order_by)


def _write(database: Database, name: str, folder: Path) -> Written:
    """CSV and Parquet of a table; the types of its columns are those of its values."""
    columns = [Column(each) for each in _queryable(database, name).columns_dict]
    for column, short in zip(columns, stata_names([column.name for column in columns]), strict=True):
        column.stata = short
    (folder / "csv").mkdir(exist_ok=True)
    count = 0
    with (
        (folder / "csv" / f"{name}.csv").open("w", encoding=UTF_8_MARK, newline="") as stream,
        TemporaryFile(dir=folder) as spool,
    ):
        writer = csv.writer(stream)
        writer.writerow([column.name for column in columns])
        for batch in _batches(_rows(database, name)):
            for row in batch:
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        column.types.add(type(value))
                if count <= CSV_ROWS:
                    writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
            pickle.dump(batch, spool)
            count += len(batch)
        written = Written(name, tuple(columns), count)
        if not written.has_csv:
            (folder / "csv" / f"{name}.csv").unlink()
        spool.seek(0)
        _write_parquet(folder, written, _spooled(spool))
    return written


def _spooled(spool: IO[bytes]) -> Iterator[Batch]:
    """What was put aside: asking a view over millions of rows a second time would take as long as the first."""
    while True:
        try:
            yield pickle.load(spool)
        except EOFError:
            return


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: ``=1+1`` -> ``'=1+1``. A text that begins with an apostrophe gets a second."""
    return f"'{text}" if FORMULA.match(text) else text


def _write_parquet(folder: Path, table: Written, batches: Iterable[Batch]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"integer": pa.int64(), "number": pa.float64(), "string": pa.string()}
    schema = pa.schema([(column.name, types[column.kind]) for column in table.columns])
    (folder / "parquet").mkdir(exist_ok=True)
    with pq.ParquetWriter(folder / "parquet" / f"{table.name}.parquet", schema, compression="zstd") as writer:
        for batch in batches:
            arrays = [
                pa.array([_typed(value, column.kind) for value in values], types[column.kind])
                for column, values in zip(table.columns, zip(*batch, strict=True), strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return str(value) if kind == "string" else float(value) if kind == "number" else value


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[Batch]:
    batch: Batch = []
    for row in rows:
        batch.append(tuple(row.values()))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


# ---- Stata


def stata_names(names: Sequence[str]) -> list[str]:
    """Names that Stata allows (32 letters, digits and underscores), unlike each other, in the same order.

    ``denied.three_securities_one_stability__natural_person`` -> ``denied_three_securities_one_s__np``: the column's
    words shrink to their first letters, then the row is cut.
    """
    found: list[str] = []
    for name in names:
        row, divider, column = name.partition("__")
        short = _plain(name)
        if len(short) > STATA_NAME and divider:
            initials = "".join(word[0] for word in column.split("_")) if "_" in column else column
            short = _plain(row)[: STATA_NAME - 2 - len(initials)] + "__" + initials
        short = short[:STATA_NAME]
        if short in STATA_WORDS or short[:1].isdigit():
            short = f"_{short}"[:STATA_NAME]
        n = 1
        base = short
        while short in found:
            n += 1
            short = f"{base[: STATA_NAME - len(str(n)) - 1]}_{n}"
        found.append(short)
    return found


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII)


def _write_stata(folder: Path, table: Written, day: date) -> None:
    import pandas as pd

    frame = pd.read_parquet(folder / "parquet" / f"{table.name}.parquet", dtype_backend="numpy_nullable")
    ready = {column.stata: _stata_column(frame[column.name], column.kind) for column in table.columns}
    (folder / "stata").mkdir(exist_ok=True)
    pd.DataFrame(ready).to_stata(
        folder / "stata" / f"{table.name}.dta",
        write_index=False,
        version=118,
        time_stamp=datetime(day.year, day.month, day.day),
        variable_labels={column.stata: describe(table.name, column.name).zh[:STATA_LABEL] for column in table.columns},
        data_label=f"gongkai {table.name} {day}",
    )


def _stata_column(values: Any, kind: str) -> Any:
    """Numbers as single or double precision, whichever holds them exactly; missing ones stay missing."""
    if kind == "string":
        return values.fillna("").astype(object)
    doubles = values.astype("float64")
    if kind == "integer" and (doubles.dropna().abs() < 2**24).all():
        return doubles.astype("float32")
    return doubles


# ---- what explains them


def _write_codebook(folder: Path, tables: Sequence[Written]) -> None:
    with (folder / "codebook.csv").open("w", encoding=UTF_8_MARK, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("table", "column", "stata", "type", "unit", "zh", "en", "editions"))
        for table in tables:
            about = describe(table.name, "")
            writer.writerow((table.name, "", "", "", "", about.zh, about.en, ""))
            for column in table.columns:
                text = describe(table.name, column.name)
                editions = " ".join(text.editions)
                row = (table.name, column.name, column.stata, column.kind, text.unit, text.zh, text.en, editions)
                writer.writerow(row)


def _write_package(folder: Path, tables: Sequence[Written], day: date) -> None:
    """Frictionless: https://specs.frictionlessdata.io/tabular-data-package/"""
    package = {
        "profile": "tabular-data-package",
        "name": "gongkai",
        "title": "Annual disclosure reports of China's county governments",
        "version": day.isoformat(),
        "created": f"{day}T00:00:00Z",
        "description": f"Schema {VERSION} of the dataset. The same tables stand in parquet/ and stata/.",
        "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        "resources": [_resource(folder, table) for table in tables if table.has_csv],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def _resource(folder: Path, table: Written) -> dict[str, Any]:
    path = folder / "csv" / f"{table.name}.csv"
    schema: dict[str, Any] = {"fields": [_field(table.name, column) for column in table.columns], "missingValues": [""]}
    if table.name in {"reports", "agencies"}:
        schema["primaryKey"] = ["id"]
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "title": describe(table.name, "").zh,
        "description": describe(table.name, "").en,
        "path": f"csv/{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": schema,
    }


def _field(table: str, column: Column) -> dict[str, str]:
    text = describe(table, column.name)
    unit = f" ({text.unit})" if text.unit else ""
    return {
        "name": column.name,
        "type": column.kind,
        "title": text.zh,
        "description": f"{text.en}{unit}",
    }


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


# ---- changes


Name = tuple[str, ...]


def _write_changes(folder: Path, tables: Sequence[Written], before: Path | None, day: date) -> None:
    """``CHANGES.md`` for people, ``changes.csv`` with every number that became another."""
    lines = [f"# Release {day}", ""]
    lines += [f"- {table.name}: {table.rows} rows{_only(table)}" for table in tables]
    with (folder / "changes.csv").open("w", encoding=UTF_8_MARK, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("table", "what", *KEY, "column", "before", "after"))
        if before is None:
            lines += ["", "This is the first release here: there is nothing to compare it with."]
        else:
            lines += ["", f"## Against the release {before.name}", ""]
            for table in ("reports", *WIDE):
                lines.append(_compared(table, before / "csv" / f"{table}.csv", folder / "csv" / f"{table}.csv", writer))
    (folder / "CHANGES.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _only(table: Written) -> str:
    """In which formats a long table is not there."""
    return "" if table.has_stata else ", not for Stata" if table.has_csv else ", only as Parquet"


def _compared(table: str, old: Path, new: Path, writer: Any) -> str:
    """Compares two files of a table by county, agency and year; in ``reports`` only which are there."""
    if not old.exists() or not new.exists():
        return f"- {table}: only in {'the older' if old.exists() else 'this'} release"
    common = [] if table == "reports" else sorted((_header(old) & _header(new)) - NOT_VALUES)
    was, now = _marks(old, common), _marks(new, common)
    added, removed = sorted(now.keys() - was.keys()), sorted(was.keys() - now.keys())
    changed = {key for key in was.keys() & now.keys() if was[key] != now[key]}
    for what, keys in (("added", added), ("removed", removed)):
        for key in keys[:MOST_CHANGES]:
            writer.writerow((table, what, *key, "", "", ""))
    values = 0
    former = {_key(row): row for row in _read(old) if _key(row) in changed}
    for row in _read(new):
        key = _key(row)
        for column in common if key in former else ():
            if row[column] != former[key][column]:
                values += 1
                if values <= MOST_CHANGES:
                    writer.writerow((table, "changed", *key, column, former[key][column], row[column]))
    columns = _header(new) ^ _header(old)
    said = f"- {table}: {len(added)} rows added, {len(removed)} removed, {values} values changed in {len(changed)} rows"
    return said + (f"; columns that only one of them has: {', '.join(sorted(columns))}" if columns else "")


def _marks(path: Path, columns: Sequence[str]) -> dict[Name, bytes]:
    """A short hash of the values of every current row."""
    found: dict[Name, bytes] = {}
    for row in _read(path):
        text = "\x1f".join(row[column] for column in columns)
        found[_key(row)] = hashlib.blake2b(text.encode(), digest_size=12).digest()
    return found


def _read(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding=UTF_8_MARK, newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get("current", "1") == "1":
                yield row


def _header(path: Path) -> set[str]:
    with path.open(encoding=UTF_8_MARK, newline="") as stream:
        return set(next(csv.reader(stream), []))


def _key(row: Mapping[str, str]) -> Name:
    return tuple(row[name] for name in KEY)
