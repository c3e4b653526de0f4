"""The few lines at the end of a crawl: what came of each agency and year, and what to do next."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from crawler.archive import Archive
from crawler.dataset import Dataset

FEW = 40
"""Up to so many rows are listed one by one; a larger crawl is counted by county."""
CODES = {"ok": 0, "stopped": 1, "bad": 2}


def newest_run(folder: str) -> dict[str, Any] | None:
    """The last run of a data folder, or None where there was none."""
    if not (Path(folder) / "archive.db").exists():
        return None
    with Archive(folder, write=False) as archive:
        return archive.last_run()


def print_summary(folder: str, before: dict[str, Any] | None, out: TextIO) -> int:
    """Prints how the run since ``before`` ended and returns the exit code of the crawl."""
    run = newest_run(folder)
    if run is None or (before is not None and run["id"] == before["id"]):
        print("gongkai: the crawl did not begin; the log above says why", file=sys.stderr)
        return 1
    if run["spider"] == "portals":
        return _print_registry(run, out)
    with Dataset(folder) as dataset:
        stats = json.loads(run["stats"] or "{}")
        counties = list(stats.get("counties", {}))
        rows = dataset.coverage(counties)
        outcomes = dataset.portal_outcomes(counties)
        path = dataset.path
    print(file=out)
    _print_rows([row for row in rows if row["outcome"] in {"held", "unread"}], out)
    _print_counts(rows, outcomes, out)
    if not counties:
        _print_files(stats, path, out)
    verdict = run["verdict"] or "stopped"  # a run whose end could not be written down did not end well
    for sentence in stats.get("worse", ()):
        print(f"Got worse: {sentence}", file=out)
    print(f"\nRun {run['id']} ended: {run['finish_reason'] or 'without a record'} ({verdict}).", file=out)
    print(f"Dataset: {path}\nTry next: {_try_next(path)}", file=out)
    return CODES.get(verdict, 2)


def _print_registry(run: dict[str, Any], out: TextIO) -> int:
    """What a search for portals changed in the registry: who was added, proved, moved or lost."""
    stats = json.loads(run["stats"] or "{}")
    order = ("lost", "moved", "proved", "added", "none")
    changes = sorted(stats.get("portals/changes", []), key=lambda change: order.index(change[0]))
    for kind, code, name, before, now, remark in changes[:FEW]:
        way = f"{before} -> {now}" if kind == "moved" else now or before or "no address"
        print(f"  {kind:<6} {code} {name}: {way}" + (f"  ({remark})" if remark else ""), file=out)
    if len(changes) > FEW:
        print(f"  … and {len(changes) - FEW} more; the registry file has them all.", file=out)
    counts = Counter(kind for kind, *_ in changes)
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "nothing changed"
    found = {name: stats.get(f"portals/counties/{name}", 0) for name in ("proved", "unproved", "none")}
    print(
        f"Counties: {found['proved']} proved, {found['unproved']} unproved, {found['none']} without a portal; "
        f"{stats.get('portals/pages', 0)} pages read. Registry: {said}.",
        file=out,
    )
    verdict = run["verdict"] or "stopped"
    print(f"\nRun {run['id']} ended: {run['finish_reason'] or 'without a record'} ({verdict}).", file=out)
    return CODES.get(verdict, 2)


def _print_rows(rows: list[dict[str, Any]], out: TextIO) -> None:
    if not rows:
        return
    if len(rows) > FEW:
        print(f"{len(rows)} agencies and years are held or unread; the table coverage lists them.", file=out)
        return
    for row in rows:
        reason = f"  ({row['reason']})" if row["reason"] else ""
        print(f"  {row['outcome']:<8} {row['year']}  {row['agency']}{reason}", file=out)


def _print_counts(rows: list[dict[str, Any]], outcomes: list[dict[str, Any]], out: TextIO) -> None:
    for portal in outcomes[:FEW]:
        counts = Counter(row["outcome"] for row in rows if row["county_code"] == portal["code"])
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()) or "nobody is expected"
        print(f"{portal['code']} {portal['name']}: {said}  [{portal['outcome']}: {portal['reason']}]", file=out)


def _print_files(stats: dict[str, Any], path: Path, out: TextIO) -> None:
    """What came of each document; those inside archives count like files, their archives do not."""
    prefix = "documents/unread/"
    refused = {key.removeprefix(prefix): count for key, count in stats.items() if key.startswith(prefix)}
    said = ", ".join(f"{count} {reason}" for reason, count in sorted(refused.items())) or "none"
    archives = stats.get("documents/archives", 0)
    inside = f", {stats.get('documents/inside', 0)} more inside {archives} archives" if archives else ""
    seen, unchanged = stats.get("documents/seen", 0), stats.get("documents/unchanged", 0)
    print(f"Documents seen: {seen}, unchanged: {unchanged}{inside}", file=out)
    print(f"Reports read: {stats.get('reports/held', 0)}; refused: {said}", file=out)
    if refused:
        which = "readings --where \"outcome = 'unread'\" -c reason -c detail -c url -o reason --table"
        print(f"Which and why: sqlite-utils rows {path} {which}", file=out)


def _try_next(path: Path) -> str:
    return f"sqlite-utils rows {path} applications --csv > applications.csv"
