"""Which browser renders, where it is, and how to get one: ``python -m crawler.browser`` sets one up and says which.

In this order: the path in the setting or variable ``CHROMIUM``; the one that belongs to Playwright; a Chromium on the
machine (chromium-headless-shell is the lightest: 500 MB where chromium takes 700);
Playwright's own, installed now; on Debian as root, the package. A browser counts when it has told its version.

The command never asks anything, takes at most a few minutes, and ends with 0 and the browser's name, or with 1 and what
to do. The crawl itself only looks, it never installs.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ON_MACHINE = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PACKAGES = ("chromium-headless-shell", "chromium")
APT_INSTALL = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq", "--no-install-recommends")
VERSION_SECONDS = 20
PLAYWRIGHT_SECONDS = 60
APT_SECONDS = 600

QUIET = (
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,"
    "InterestFeedContentSuggestions,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,Prerender2,Translate",
    "--disable-field-trial-config",
    "--disable-gpu",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--safebrowsing-disable-auto-update",
)
"""A crawl asks only what the crawl asks for: no updates, no predictions, no reports home."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that answered. ``path`` is empty for Playwright's own, which Playwright finds by itself."""

    name: str
    version: str
    path: str = ""


class NoBrowser(Exception):
    """There is no browser that can be used; the message says what to do."""


def launch_options(found: Browser) -> dict[str, Any]:
    """Keyword arguments of Playwright's ``launch``. Only root goes without a sandbox: Chromium refuses it there."""
    root = is_root()
    options: dict[str, Any] = {
        "headless": True,
        "args": [*QUIET, *(["--no-sandbox"] if root else [])],
        "chromium_sandbox": not root,
        # Scrapy ends the crawl in order and closes the browser itself
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": 30_000,
    }
    if found.path:
        options["executable_path"] = found.path
    return options


def find(setting: str | None = None, environ: Mapping[str, str] = os.environ) -> Browser:
    """The browser to use. Raises NoBrowser; a path that was given and cannot be used is an error, never passed over."""
    given = setting or environ.get("CHROMIUM", "")
    if given:
        path = shutil.which(os.path.expanduser(given)) or given
        version = version_of(path)
        if not version:
            raise NoBrowser(f"CHROMIUM is {given}, and that is no browser that starts")
        return Browser(f"the browser of CHROMIUM ({version})", version, path)
    return playwrights_own(environ) or on_machine() or _none()


def _none() -> Browser:
    raise NoBrowser("no browser: run `python -m crawler.browser`, or set CHROMIUM to the path of a Chromium or Chrome")


def playwrights_own(environ: Mapping[str, str] = os.environ) -> Browser | None:
    """Playwright's own headless Chromium when it is installed in the version that this Playwright wants."""
    for folder in _own_folders(environ):
        if not (folder / "INSTALLATION_COMPLETE").exists():
            continue
        for path in sorted(folder.glob("*/*headless*shell*")):
            if path.suffix in {"", ".exe"} and (version := version_of(str(path))):
                return Browser(f"Playwright's own Chromium ({version})", version)
    return None


def _own_folders(environ: Mapping[str, str]) -> list[Path]:
    spec = find_spec("playwright")
    if spec is None or not spec.submodule_search_locations:
        return []
    package = Path(spec.submodule_search_locations[0]) / "driver" / "package"
    try:
        listed = json.loads((package / "browsers.json").read_text("utf-8"))["browsers"]
        revision = next(str(one["revision"]) for one in listed if one["name"] == "chromium-headless-shell")
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return []
    return [_cache(environ, package) / f"chromium_headless_shell-{revision}"]


def _cache(environ: Mapping[str, str], package: Path) -> Path:
    given = environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if given == "0":
        return package / ".local-browsers"
    if given:
        return Path(given).expanduser()
    if platform.system() == "Darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    if platform.system() == "Windows":
        return Path(environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local"))) / "ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "ms-playwright"


def on_machine() -> Browser | None:
    for name in (*ON_MACHINE, MAC_CHROME):
        path = shutil.which(name)
        if path and (version := version_of(path)):
            return Browser(f"{Path(path).name} on this machine ({version})", version, path)
    return None


def version_of(path: str) -> str:
    """What ``path --version`` says (``Chromium 156.0.8078.79``), or nothing when it doesn't start."""
    done, output = run([path, "--version"], VERSION_SECONDS)
    lines = [line.strip() for line in output.splitlines() if any(digit in line for digit in "0123456789")]
    return lines[-1][:80] if done and lines else ""


def run(command: Sequence[str], seconds: float, environ: Mapping[str, str] | None = None) -> tuple[bool, str]:
    """Run to the end or to the time limit, children included; whether it succeeded, and what it printed."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if environ is None else {**os.environ, **environ},
            start_new_session=True,
        )
    except OSError as error:
        return False, str(error)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        return False, f"{command[0]} took longer than {seconds:g} seconds"
    return process.returncode == 0, output.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install(environ: Mapping[str, str] = os.environ) -> Browser:
    """The browser that is there, or one installed now. Raises NoBrowser with what was tried."""
    try:
        return find(environ=environ)
    except NoBrowser as missing:
        if environ.get("CHROMIUM"):
            raise
        tried = [str(missing)]
    for attempt in (_install_playwrights, _install_package):
        problem = attempt()
        found = playwrights_own(environ) or on_machine()
        if found:
            return found
        tried.append(problem)
    raise NoBrowser("; ".join(tried))


def _install_playwrights() -> str:
    print("No browser yet; trying Playwright's own ...", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    done, output = run(command, PLAYWRIGHT_SECONDS)
    return "" if done else f"Playwright's own could not be downloaded ({_last_line(output)})"


def _install_package() -> str:
    if not shutil.which("apt-get"):
        return "and this is no Debian where a package could be installed"
    if not is_root():
        return f"as root, `apt-get install {PACKAGES[0]}` would bring one"
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], APT_SECONDS, quiet)
    problems = []
    for package in PACKAGES:
        print(f"Installing the Debian package {package} ...", flush=True)
        done, output = run([*APT_INSTALL, package], APT_SECONDS, quiet)
        if done:
            return f"{package} was installed and doesn't start"
        problems.append(_last_line(output))
    return f"apt-get failed ({'; '.join(problems)})"


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no message"


def main() -> int:
    try:
        found = install()
    except NoBrowser as problem:
        print(f"No browser for rendered pages: {problem}", file=sys.stderr)
        return 1
    print(f"Browser for rendered pages: {found.name}{f', {found.path}' if found.path else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
