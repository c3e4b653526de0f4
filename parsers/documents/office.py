"""LibreOffice as a last resort for binary files that the own reader cannot follow; used where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

PROGRAMS = ("soffice", "libreoffice")
SECONDS = 60
"""A conversion takes 1 to 15 s; what takes longer hangs."""


def as_docx(body: bytes, kind: str = "MS Word 97") -> bytes | None:
    """The document as DOCX, or None: no program found, refused, or too slow. ``kind`` names LibreOffice's import
    filter, without which it takes any bytes for a text."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        source = Path(folder, "document.doc")
        source.write_bytes(body)
        command = [
            *_guard(),
            program,
            f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",  # a profile of its own: runs may overlap
            "--headless",
            "--norestore",
            f"--infilter={kind}",
            "--convert-to",
            "docx:MS Word 2007 XML",
            "--outdir",
            folder,
            str(source),
        ]
        try:
            subprocess.run(command, timeout=SECONDS + 10, check=True, capture_output=True, stdin=subprocess.DEVNULL)
            return Path(folder, "document.docx").read_bytes()
        except (subprocess.SubprocessError, OSError):
            return None


def _guard() -> list[str]:
    """The program starts others: ``timeout`` of coreutils ends them all, even when this process is ended first."""
    guard = shutil.which("timeout")
    return [guard, "--kill-after=5", str(SECONDS)] if guard else []
