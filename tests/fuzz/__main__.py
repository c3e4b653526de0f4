"""Damaged documents of all formats, scans among them, and what came of them:
``python -m tests.fuzz [--batches 20] [--count 500] [--first 100] [--keep FOLDER]``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.fuzz.run import Figures, apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--count", type=int, default=500, help="documents of a batch")
    parser.add_argument("--first", type=int, default=100, help="seed of the first batch")
    parser.add_argument("--keep", type=Path, help="where documents at fault are left")
    arguments = parser.parse_args()
    keep = arguments.keep or Path(tempfile.mkdtemp(prefix="gongkai-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    total = Figures()
    for first in range(arguments.first, arguments.first + arguments.batches):
        batch = apart(arguments.count, first, scans=True, keep=keep)
        total.add(batch)
        print(
            f"batch {first}: {batch.documents} documents, slowest {batch.slowest:.1f} s ({batch.slowest_name}),",
            f"growth {batch.growth} MB, peak {batch.peak} MB, {len(batch.faults)} faults",
            flush=True,
        )
        print(*batch.faults, sep="\n", end="\n" if batch.faults else "", flush=True)
    for name, number in sorted(total.outcomes.items(), key=lambda item: -item[1]):
        print(f"{number:7} {name}")
    print(
        f"{total.documents} documents, {len(total.faults)} faults, slowest {total.slowest:.1f} s, peak {total.peak} MB"
    )


if __name__ == "__main__":
    main()
