"""``make bench``: every benchmark of this folder in turn; each prints its figures beside a peer or a floor."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

NOT_MEASURES = {"__main__", "bare_settings", "usage"}


def main() -> int:
    folder = Path(__file__).parent
    failed = 0
    for module in pkgutil.iter_modules([str(folder)]):
        if module.name not in NOT_MEASURES:
            print(f"\n== {module.name}", flush=True)
            failed += (
                subprocess.run([sys.executable, "-m", f"tests.benchmarks.{module.name}"], check=False).returncode != 0
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
