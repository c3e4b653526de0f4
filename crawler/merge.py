"""Folds shards into one pair of databases: the same rows as if one machine had done it all, in any order.

Documents and sightings are known by their content, reports by what they are about: folding a shard twice changes
nothing. Runs get numbers by their time. A county that only one shard knows is taken over as it is; where several know
it, its ledger, its current reports and the checks between reports are made again from the whole. The work is committed
in small parts, and counties that are not closed yet are marked in the archive: whatever interrupts a merge, the next
one goes on. The statements are in ``crawler/merging``.
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crawler.archive import BY_TIME, VERSION, Archive, _fault, transaction
from crawler.crosschecks import close_county, find_copies
from crawler.dataset import SEEN, Dataset
from crawler.dataset import VERSION as DATASET_VERSION
from crawler.lean import Database
from crawler.ledger import write_coverage
from crawler.merging import statements
from crawler.portals import Portal, Refused
from crawler.search import bigram_query, bigrams, hits
from parsers.reading import reader_version

DOCUMENTS = 5000
"""Documents of one commit, about 100 MB."""
ROWS = 50_000
REPORTS = 1000
FORM = ("fields", "checks", "measures", "measure_sources")
"""Tables that are the official form and the checks as data: the same wherever the same version made the dataset."""
OF_RUNS = {"visits": "", "lists": "", "portal_pages": "and d.sha256 in (select sha256 from main.documents)"}
"""Tables whose rows belong to runs, and which rows are left out because the document that they lead to is."""
KEY_OF_SOURCE = ("id", "county_code", "url", "sha256")
RUN_COLUMNS = (("f", "first_run"), ("l", "last_run"))
OF_COUNTY = {"portals": "code", "coverage": "county_code", "sources": "county_code"}
NOT_PARTS = {"coverage", "sources", "copies", "texts"}
"""Tables with a ``report_id`` that are more than a part of one report, or that share words with other reports."""

Say = Callable[[str], None]


class Damaged(Refused):
    """A shard that cannot be folded; the message says what to do. The other shards can."""


@dataclass(slots=True)
class Folded:
    """What came of a shard; ``unsound`` are documents whose bytes are not those of their hash."""

    shard: Path
    documents: int = 0
    sightings: int = 0
    runs: int = 0
    reports: int = 0
    counties: int = 0
    unsound: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


# -- looking at a shard before anything is taken from it -------------------------------------------------------------


def inspect(path: Path, version: int, schema: str) -> None:
    """Raises Damaged when a database is missing, copied only in part, damaged, or of another version."""
    _whole(path)
    try:
        with closing(sqlite3.connect(uri_of(path), uri=True)) as connection:
            sql = statements("archive")
            found = connection.execute(sql["version"].format(schema="main")).fetchone()[0]
            if found > version:
                raise Damaged(
                    f"{path} was made by a newer version of gongkai ({schema} {found}, here {version}); update this one"
                )
            if found < version:
                raise Damaged(
                    f"{path} was made by an older version of gongkai ({schema} {found}, here {version}); "
                    "update it there, and run: scrapy reread"
                )
            answer = connection.execute(sql["quick_check"].format(schema="main")).fetchone()[0]
    except sqlite3.Error as error:
        raise Damaged(f"{path} cannot be read ({error}); copy it again, its -wal file along with it") from None
    if answer != "ok":
        raise Damaged(f"{path} is damaged ({answer}); copy it again, or give its last whole copy")


def _whole(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(100)
        size = path.stat().st_size
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}; name the folder of a shard, with archive.db in it") from None
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        raise Damaged(f"{path} is no SQLite database, or only a part of one; copy it again")
    page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    page = 65536 if page == 1 else page
    wal = path.with_name(path.name + "-wal")
    if size % page or (size < page * pages and not (wal.exists() and wal.stat().st_size)):
        raise Damaged(f"{path} was copied only in part ({size} of {page * pages} bytes); copy it again")


def uri_of(path: Path) -> str:
    """A database to be read only, also from a disk that nobody may write to."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    wal = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size):
        return f"{uri}&immutable=1"
    return uri


# -- columns, from the tables themselves -----------------------------------------------------------------------------


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    return list(Database(connection).table(table).columns_dict)


def listed(columns: Iterable[str], before: str = "") -> str:
    return ", ".join(f'{before}"{column}"' for column in columns)


def mapped(columns: Iterable[str], changed: dict[str, str]) -> str:
    """Columns of ``d``, some of them as another expression."""
    return ", ".join(changed.get(column, f'd."{column}"') for column in columns)


def updates(columns: Iterable[str], changed: dict[str, str] | None = None) -> str:
    changed = changed or {}
    return ", ".join(
        f'"{column}" = {changed.get(column, f"excluded.{chr(34)}{column}{chr(34)}")}' for column in columns
    )


# -- runs ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunMap:
    """Number of a run in the shard -> (its number in the target, whether it is new or was not ended there)."""

    numbers: dict[int, tuple[int, bool]]

    @classmethod
    def of(cls, shard: Sequence[Sequence[Any]], target: Sequence[Sequence[Any]]) -> RunMap:
        """Runs that are counted 1, 2, 3 get a number by their time, the same whenever and in whatever order shards are
        folded; a run that the target knows keeps the number it has there. Raises Damaged."""
        there: dict[tuple[Any, ...], list[Sequence[Any]]] = {}
        for row in target:
            there.setdefault(tuple(row[1:4]), []).append(row)
        taken = {row[0]: tuple(row[1:4]) for row in target}
        seen: Counter[tuple[Any, ...]] = Counter()
        numbers: dict[int, tuple[int, bool]] = {}
        last = 0
        for old, *rest, finished in shard:
            key = tuple(rest)
            place = seen[key]
            seen[key] += 1
            known = there.get(key, [])
            if place < len(known):
                new, changed = known[place][0], known[place][4] != finished
            elif old >= BY_TIME:
                if old in taken:
                    raise Damaged(f"run {old} is another run in the target; these shards belong to two fleets")
                new, changed = old, True
            else:
                new, changed = max(last + 1, _number(key, place)), True
                while new in taken:
                    new += 1
            taken[new] = key
            last = new
            numbers[old] = (new, changed)
        return cls(numbers)


def _number(key: tuple[Any, ...], place: int) -> int:
    spider, started, arguments = key
    moment = datetime.fromisoformat((started or "1970-01-01T00:00:00Z").replace("Z", "+00:00"))
    mark = zlib.crc32(f"{spider}\0{arguments}".encode()) % 100
    return max(BY_TIME, int(moment.timestamp()) * 1000) + min(place, 9) * 100 + mark


# -- the archive -----------------------------------------------------------------------------------------------------


class Evidence:
    """The target's archive while shards are folded into it."""

    def __init__(self, folder: Path) -> None:
        self.sql = statements("archive")
        self.path = folder / "archive.db"
        self.connection = sqlite3.connect(self.path, isolation_level=None, uri=True, timeout=60)
        self.db = Database(self.connection)
        self.connection.execute(self.sql["marks"])
        self.unsound: list[str] = []
        self.connection.create_function("sound", 4, self._sound, deterministic=True)
        self.runs = RunMap({})
        self.connection.create_function("renumbered", 1, self._renumbered)

    def close(self) -> None:
        self.connection.close()

    def _sound(self, sha256: str, size: int, codec: str, body: bytes) -> bool:
        try:
            fault = _fault(sha256, size, codec, body)
        except Exception as error:  # damage has any form
            fault = f"its row is damaged ({error})"
        if fault:
            self.unsound.append(f"document {sha256}: {fault}")
        return not fault

    def run(self, name: str, values: Any = (), **parts: str) -> sqlite3.Cursor:
        return self.connection.execute(self.sql[name].format(**parts) if parts else self.sql[name], values)

    def attach(self, path: Path) -> RunMap:
        """Takes a shard in hand. Raises Damaged."""
        self.unsound.clear()
        self.run("attach", [uri_of(path)])
        runs = RunMap.of(self.run("shard_runs").fetchall(), self.run("target_runs").fetchall())
        self.run("run_map")
        self.runs = runs
        rows = [(old, new, changed) for old, (new, changed) in runs.numbers.items()]
        self.connection.executemany(self.sql["fill_run_map"], rows)
        return runs

    def detach(self) -> None:
        self.run("drop_run_map")
        self.run("detach")

    def known(self) -> set[str]:
        return {row[0] for row in self.run("known_counties")}

    def changed(self) -> set[str]:
        """Counties of which the shard knows something that the target does not."""
        return {row[0] for row in self.run("changed_counties")} | self.newer()

    def newer(self) -> set[str]:
        """Counties of which the shard knows the last visit: what that left for the next one is taken whole."""
        there = {row[0]: row[1:] for row in self.run("target_states")}
        return {
            code
            for code, *rank in self.run("shard_states", {"by_time": BY_TIME})
            if code not in there or there[code] < tuple(rank)
        }

    def not_closed(self) -> set[str]:
        return {row[0] for row in self.run("open_runs")}

    def mark(self, fresh: dict[str, bool]) -> None:
        with transaction(self.db):
            self.connection.executemany(self.sql["mark"], fresh.items())

    def marks(self) -> dict[str, bool]:
        return {row[0]: bool(row[1]) for row in self.run("all_marks")}

    def fold(self, folded: Folded) -> None:
        for after, upto in self._parts("documents", DOCUMENTS):
            self._documents(folded, {"after": after, "upto": upto})
        for after, upto in self._parts("sightings", ROWS):
            self._sightings(folded, {"after": after, "upto": upto})
        for table in OF_RUNS:
            self._of_runs(table)
        with transaction(self.db):
            self._states()
            self._verdicts()
            # last of all: a run that the target knows is one whose visits it has
            columns = columns_of(self.connection, "runs")
            parts = {"columns": listed(columns), "columns_of_d": mapped(columns, {"id": "m.new"})}
            folded.runs = self.run("runs", updates=updates(columns[1:]), **parts).rowcount
        folded.unsound = list(self.unsound)

    def _parts(self, table: str, size: int) -> Iterator[tuple[int, int]]:
        last = self.run("last_rowid", table=table).fetchone()[0]
        return ((after, after + size) for after in range(0, last, size))

    def _documents(self, folded: Folded, part: dict[str, int]) -> None:
        columns = columns_of(self.connection, "documents")
        with transaction(self.db):
            folded.documents += self.run("bodies", part).rowcount
            self.run(
                "documents",
                part,
                columns=listed(columns),
                columns_of_d=mapped(columns, {"first_run": "coalesce(m.new, d.first_run)"}),
            )

    def _sightings(self, folded: Folded, part: dict[str, int]) -> None:
        columns = columns_of(self.connection, "sightings")
        told = {"title", "titles", "published", "agency", "referrer", "page_url"}
        changes = {"first_run": "min(first_run, excluded.first_run)", "last_run": "max(last_run, excluded.last_run)"}
        for column in columns[3:]:
            newer = "excluded.last_run > last_run" if column in told else "excluded.first_run < first_run"
            changes.setdefault(column, f'iif({newer}, excluded."{column}", "{column}")')
        with transaction(self.db):
            folded.sightings += self.run(
                "sightings",
                part,
                columns=listed(columns),
                columns_of_d=mapped(columns, {"first_run": "f.new", "last_run": "l.new"}),
                updates=updates(columns[3:], changes),
            ).rowcount

    def _of_runs(self, table: str) -> None:
        columns = columns_of(self.connection, table)
        pks = self.db.table(table).pks
        rest = [column for column in columns if column not in pks]
        for after, upto in self._parts(table, ROWS):
            with transaction(self.db):
                self.run(
                    "rows_of_runs",
                    {"after": after, "upto": upto},
                    table=table,
                    only=OF_RUNS[table],
                    columns=listed(columns),
                    columns_of_d=mapped(columns, {"run_id": "m.new"}),
                    pks=listed(pks),
                    updates=updates(rest),
                    own=listed(rest),
                    excluded=listed(rest, "excluded."),
                )

    def _states(self) -> None:
        newer = sorted(self.newer())
        changed = {
            "run_id": f"coalesce(m.new, iif(d.run_id >= {BY_TIME}, d.run_id, null))",
            "lost": "renumbered(d.lost)",
        }
        for table in ("portals", "frontier"):
            columns = columns_of(self.connection, table)
            parts = {"columns": listed(columns), "columns_of_d": mapped(columns, changed)}
            for code in newer:
                self.run("forget_state", [code], table=table)
                self.run("take_state", [code], table=table, **parts)

    def _renumbered(self, lost: str | None) -> str | None:
        """``{"http://…": run}`` with the numbers that runs have in the target."""
        if not lost:
            return lost
        numbers = self.runs.numbers
        found = {url: numbers[run][0] if run in numbers else run for url, run in json.loads(lost).items()}
        return json.dumps(found, ensure_ascii=False)

    def _verdicts(self) -> None:
        """The last verdict on a finding counts: all of them in the order of their time, each once."""
        columns = [column for column in columns_of(self.connection, "verdicts") if column != "id"]
        told = [
            {column: row[n] for n, column in enumerate(("id", *columns))}
            for name in ("target_verdicts", "shard_verdicts")
            for row in self._rows(name, ("id", *columns))
        ]
        own = len(list(self.run("target_verdicts")))
        unique = {tuple(row[column] for column in columns): row["id"] for row in reversed(told)}
        if len(unique) == own:
            return
        ordered = sorted(unique, key=lambda row: (row[columns.index("recorded")] or "", unique[row], repr(row)))
        self.run("forget_verdicts")
        text = self.sql["verdict"].format(columns=listed(("id", *columns)), marks=", ".join("?" * (len(columns) + 1)))
        self.connection.executemany(text, [(n, *row) for n, row in enumerate(ordered, 1)])

    def _rows(self, name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        cursor = self.run(name)
        places = [[each[0] for each in cursor.description].index(column) for column in columns]
        return [tuple(row[place] for place in places) for row in cursor]

    def day(self, county_code: str) -> date:
        """The day on which a county was visited last: its ledger is as of then."""
        row = self.run("day_of_county", [county_code]).fetchone()
        if row is None:
            return date.today()
        told = json.loads(row[1] or "{}").get("day")
        return date.fromisoformat(told or (row[0] or "1970-01-01")[:10])

    def closed(self, county_code: str) -> None:
        self.run("unmark", [county_code])

    def missing(self) -> dict[str, list[str]]:
        """Shards that some crawl had learned from and that are not folded: name -> counties."""
        shards: set[str] = set()
        learned: dict[str, set[str]] = {}
        for _, text in self.run("learned"):
            told = json.loads(text or "{}")
            shards.add(told.get("shard", ""))
            for line in filter(None, told.get("learned", "").split(";")):
                county, _, names = line.partition(":")
                for name in filter(None, names.split(",")):
                    learned.setdefault(name, set()).add(county)
        return {name: sorted(counties) for name, counties in sorted(learned.items()) if name not in shards}


# -- the dataset -----------------------------------------------------------------------------------------------------


class Facts(Dataset):
    """The target's dataset while shards are folded into it: the same, with other databases attached."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.db.close()
        connection = sqlite3.connect(self.path, isolation_level=None, uri=True, timeout=60)
        connection.create_function("bigrams", 1, bigrams, deterministic=True)
        connection.create_function("bigram_query", 1, bigram_query, deterministic=True)
        connection.create_function("hits", 2, hits, deterministic=True)
        self.db = Database(connection)
        self.sql = statements("dataset")
        self.reader = reader_version()
        self.attached: list[str] = []

    def run(self, name: str, values: Any = (), **parts: str) -> sqlite3.Cursor:
        return self.db.conn.execute(self.sql[name].format(**parts) if parts else self.sql[name], values)

    def attach(self, shard: Path, archive: Path, runs: RunMap) -> None:
        """Takes a shard in hand. Raises Damaged when its form is not ours."""
        for schema, path in (("shard", shard / "reports.db"), ("evidence", shard / "archive.db"), ("archive", archive)):
            self.run("attach", [uri_of(path)], schema=schema)
            self.attached.append(schema)
        for table in FORM:
            if self.run("different_form", table=table).fetchone():
                raise Damaged(
                    f"{shard}/reports.db has other {table}: another version of gongkai made it; "
                    f"run: scrapy reread -s DATA_DIR={shard}"
                )
        self.run("run_map")
        self.db.conn.executemany(self.sql["fill_run_map"], [(old, new) for old, (new, _) in runs.numbers.items()])
        self._choose()

    def detach(self) -> None:
        for table in ("wanted_readings", "wanted_reports", "run_map"):
            self.run("drop_temporary", table=table)
        while self.attached:
            self.run("detach", schema=self.attached.pop())

    def _choose(self) -> None:
        values = [column for column in self._reading_columns() if column not in KEY_OF_SOURCE]
        sides = {"values_of_r": listed(values, "r."), "values_of_n": listed(values, "n.")}
        self.run("wanted_readings", {"reader": self.reader}, **sides)
        values = [c for c in columns_of(self.db.conn, "reports") if c not in ("id", "current", "last_run")]
        sides = {"values_of_r": listed(values, "r."), "values_of_n": listed(values, "n.")}
        self.run("wanted_reports", {"reader": self.reader}, **sides)
        self.run("index_wanted_reports")

    def changed(self) -> set[str]:
        return {row[0] for row in self.run("wanted_counties")}

    def known(self) -> set[str]:
        return {row[0] for row in self.run("known_counties")}

    def fold(self, folded: Folded) -> None:
        total = self.run("count_wanted").fetchone()[0]
        for after in range(0, total, REPORTS):
            with transaction(self.db):
                self._reports({"after": after, "upto": after + REPORTS})
        folded.reports = total
        last = self.run("last_wanted_reading").fetchone()[0]
        columns = self._reading_columns()
        for after in range(0, last, ROWS):
            with transaction(self.db):
                self.run(
                    "readings",
                    {"after": after, "upto": after + ROWS},
                    columns=listed(columns),
                    columns_of_d=mapped(columns, {}),
                    updates=updates(column for column in columns if column not in KEY_OF_SOURCE),
                )
        with transaction(self.db):
            columns = columns_of(self.db.conn, "copies")
            self.run("copies", columns=listed(columns), columns_of_d=mapped(columns, {}))

    def _reports(self, part: dict[str, int]) -> None:
        for (report_id,) in self.run("replaced", part).fetchall():
            self._delete_report(report_id)
        columns = columns_of(self.db.conn, "agencies")
        self.run(
            "agencies",
            part,
            columns=listed(columns),
            columns_of_d=mapped(columns, {}),
            updates=updates(columns[1:]),
            own=listed(columns[1:]),
            excluded=listed(columns[1:], "excluded."),
        )
        columns = columns_of(self.db.conn, "reports")
        self.run(
            "reports",
            part,
            columns=listed(columns),
            columns_of_d=mapped(columns, {"last_run": "m.new", "current": "0"}),
        )
        for table in self.parts():
            columns = columns_of(self.db.conn, table)
            self.run("part", part, table=table, columns=listed(columns), columns_of_d=mapped(columns, {}))
        self._take_texts("shard", [row[0] for row in self.run("batch", part)])

    def _reading_columns(self) -> list[str]:
        """What the reading of a document tells in ``sources``; the rest is told by the archive."""
        return [column for column in columns_of(self.db.conn, "sources") if column not in SEEN]

    def parts(self) -> list[str]:
        """Tables whose rows belong to one report each."""
        return [
            table.name
            for table in self.db.tables
            if "report_id" in table.columns_dict and table.name not in NOT_PARTS and "_fts" not in table.name
        ]

    def drop_orphans(self) -> None:
        """Removes reports that no document is read as any more; a newer reading found another issuer or year."""
        with transaction(self.db):
            found = self.run("orphans").fetchall()
            for report_id, agency_id, year in found:
                self._delete_report(report_id)
                self._choose_current(agency_id, year)
            if found:
                self.run("unused_agencies")

    def choose_current(self, county_code: str) -> None:
        """Of each agency and year the report that counts, as Dataset chooses it."""
        with transaction(self.db):
            self.run("single", {"county": county_code})
            for agency_id, year in self.run("several", {"county": county_code}).fetchall():
                self._choose_current(agency_id, year)

    def take_whole(self, counties: Iterable[str]) -> None:
        """Takes over how a shard has closed counties that only it knows."""
        runs = {column: f"{name}.new" for name, column in RUN_COLUMNS}
        joins = {"sources": " ".join(f"left join temp.run_map {m} on {m}.old = d.{n}" for m, n in RUN_COLUMNS)}
        with transaction(self.db):
            for code in counties:
                for table, county in OF_COUNTY.items():
                    columns = columns_of(self.db.conn, table)
                    self.run(
                        "whole",
                        {"county": code},
                        table=table,
                        columns=listed(columns),
                        columns_of_d=mapped(columns, runs if table == "sources" else {}),
                        joins=joins.get(table, ""),
                        county=county,
                    )


# -- the whole -------------------------------------------------------------------------------------------------------


def merge(shards: Sequence[Path], folder: Path, *, copies_up_to: int, say: Say) -> list[Folded]:
    """Folds shards into the databases of a folder; a shard that cannot be folded is said and left out.

    ``copies_up_to``: reports up to which copied texts are looked for again. Raises Refused and ArchiveBusy.
    """
    done = []
    with Archive(folder) as archive, closing(Facts(folder)) as facts, closing(Evidence(folder)) as evidence:
        if evidence.run("direct_runs", [BY_TIME]).fetchone()[0]:
            raise Refused(
                f"{folder} was crawled into directly; rename it, give its new name among the shards, "
                "and let the merge make a new folder"
            )
        evidence.run("distrust_marks")
        worked = bool(evidence.marks())
        for shard in shards:
            folded = Folded(shard)
            done.append(folded)
            try:
                worked |= _fold(folded, folder, evidence, facts)
            except Damaged as refusal:
                folded.complaints.append(refusal.args[0])
            for sentence in folded.complaints:
                say(sentence)
        _close(archive, facts, evidence)
        if worked:
            facts.write_verdicts(archive.verdicts())
            count = facts.count_current()
            if count <= copies_up_to:
                find_copies(facts)
            else:
                say(
                    f"copied texts are those within each shard: {count} reports are more than COPIES_AT_CLOSE "
                    f"({copies_up_to}); scrapy merge --copies looks for them in the whole"
                )
        for name, counties in evidence.missing().items():
            say(
                f"{len(counties)} counties ({', '.join(counties[:5])} …) were crawled knowing what shard {name} holds, "
                "which is not folded: merge it, too, or say that it is gone with scrapy dispatch --lost"
            )
    return done


def _fold(folded: Folded, folder: Path, evidence: Evidence, facts: Facts) -> bool:
    """Folds one shard; gives whether there was anything new. Raises Damaged."""
    shard = folded.shard
    if shard.resolve() == folder.resolve():
        raise Damaged(f"{shard} is the folder that shards are folded into; give another with -s DATA_DIR=FOLDER")
    inspect(shard / "archive.db", VERSION, "schema")
    with_facts = (shard / "reports.db").exists()
    try:
        if with_facts:
            inspect(shard / "reports.db", DATASET_VERSION, "schema")
    except Damaged as refusal:
        folded.complaints.append(f"{refusal.args[0]}; its documents are folded, not what was read from them")
        with_facts = False
    runs = evidence.attach(shard / "archive.db")
    try:
        changed, known, open_counties = evidence.changed(), evidence.known() | facts.known(), evidence.not_closed()
        fresh = {code: with_facts and code not in known | open_counties | {""} for code in changed}
        evidence.mark(fresh)
        evidence.fold(folded)
    finally:
        evidence.detach()
    folded.complaints += [f"{shard}: {each}; it is left out" for each in folded.unsound[:10]]
    if len(folded.unsound) > 10:
        folded.complaints.append(f"{shard}: {len(folded.unsound) - 10} more documents are damaged")
    if folded.unsound:
        evidence.run("distrust_marks")
    if not with_facts:
        folded.complaints.append(f"{shard} has no dataset that can be folded; after the merge run: scrapy reread")
    else:
        changed |= _fold_facts(folded, runs, changed, known, evidence, facts)
    folded.counties = len(changed)
    return bool(changed)


def _fold_facts(
    folded: Folded, runs: RunMap, changed: set[str], known: set[str], evidence: Evidence, facts: Facts
) -> set[str]:
    try:
        facts.attach(folded.shard, evidence.path, runs)
        more = facts.changed() - changed
        evidence.mark(dict.fromkeys(more, False))
        if not changed and not more:
            return set()
        facts.fold(folded)
        facts.drop_orphans()
        whole = sorted(code for code, fresh in evidence.marks().items() if fresh)
        facts.take_whole(whole)
        for code in whole:
            facts.choose_current(code)
            evidence.closed(code)
    except Damaged as refusal:
        folded.complaints.append(refusal.args[0])
        evidence.run("distrust_marks")
        return set()
    finally:
        facts.detach()
    return more


def _close(archive: Archive, facts: Facts, evidence: Evidence) -> None:
    """Makes again what several shards know: the ledger, the current reports, the checks between reports."""
    marks = sorted(evidence.marks())
    portals: dict[str, Portal] = {portal.code: portal for portal in archive.registered()} if marks else {}
    for code in marks:
        facts.write_addresses(code, ({"county_code": code, **row} for row in archive.addresses(code)))
        facts.run("newest_address", {"county": code})
        facts.choose_current(code)
        if code in portals:
            write_coverage(archive, facts, portals[code], None, evidence.day(code))
        close_county(facts, code)
        evidence.closed(code)
