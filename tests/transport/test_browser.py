"""Finding a browser, and getting one on a machine that has none, with programs that only pretend."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler import browser
from tests.transport.crawl import ROOT


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


SAYS = "echo Chromium 150.0.1"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but a shell: no browser, no Playwright cache, no apt-get."""
    bins = tmp_path / "bin"
    bins.mkdir()
    for name in ("sh", "sleep", "cat", "touch", "chmod"):
        (bins / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(bins))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(browser, "MAC_CHROME", "/nowhere/chrome")
    return bins


def test_none(bare: Path) -> None:
    with pytest.raises(browser.NoBrowser, match=r"python -m crawler\.browser"):
        browser.find()


def test_a_given_path_wins_and_is_never_passed_over(bare: Path) -> None:
    given = program(bare.parent, "mine", SAYS)
    program(bare, "chromium", SAYS)
    assert browser.find(str(given)).path == str(given)
    assert browser.find(environ={"CHROMIUM": str(given)}).path == str(given)
    with pytest.raises(browser.NoBrowser, match="CHROMIUM is /no/such"):
        browser.find("/no/such")
    broken = program(bare.parent, "broken", "exit 127")
    with pytest.raises(browser.NoBrowser, match="no browser that starts"):
        browser.find(str(broken))


def test_playwrights_own_comes_before_the_machines(bare: Path) -> None:
    program(bare, "chromium", SAYS)
    assert browser.find().path == str(bare / "chromium")
    (folder,) = browser._own_folders(os.environ)
    program(folder / "chrome-linux", "headless_shell", "echo Chromium 159.0")
    assert browser.find().path, "not complete yet"
    (folder / "INSTALLATION_COMPLETE").touch()
    assert browser.find() == browser.Browser("Playwright's own Chromium (Chromium 159.0)", "Chromium 159.0")


def test_the_lightest_of_the_machine(bare: Path) -> None:
    program(bare, "google-chrome", SAYS)
    program(bare, "chromium", "exit 1")
    assert browser.find().path.endswith("google-chrome")
    program(bare, "chromium-headless-shell", SAYS)
    assert browser.find().path.endswith("chromium-headless-shell")


def test_a_package_is_installed_on_debian_as_root(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "is_root", lambda: True)
    monkeypatch.setattr(browser, "_install_playwrights", lambda: "no network")
    target = bare / "chromium-headless-shell"
    program(
        bare,
        "apt-get",
        f'echo "$DEBIAN_FRONTEND $@" >> {bare}/log\n'
        f"case \"$*\" in *install*) printf '#!/bin/sh\\n{SAYS}\\n' > {target}; chmod +x {target};; esac",
    )
    assert browser.install().path == str(target)
    log = (bare / "log").read_text()
    assert "noninteractive update" in log
    assert "install -y" in log


def test_what_is_missing_is_said(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "_install_playwrights", lambda: "Playwright's own could not be downloaded")
    monkeypatch.setattr(browser, "is_root", lambda: False)
    assert browser.main() == 1
    assert "no Debian" in capsys.readouterr().err
    program(bare, "apt-get", "exit 100")
    assert browser.main() == 1
    assert "as root" in capsys.readouterr().err


def test_a_download_that_hangs_is_ended_with_its_children(bare: Path, tmp_path: Path) -> None:
    slow = program(bare, "slow", f"sleep 30 & echo $! > {tmp_path}/child; wait")
    began = time.monotonic()
    done, output = browser.run([str(slow)], 0.5)
    assert (done, "longer than 0.5 seconds" in output) == (False, True)
    assert time.monotonic() - began < 5
    child = int((tmp_path / "child").read_text())
    time.sleep(0.1)
    status = Path(f"/proc/{child}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_root_alone_goes_without_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    found = browser.Browser("x", "1", "/x")
    monkeypatch.setattr(browser, "is_root", lambda: True)
    assert "--no-sandbox" in browser.launch_options(found)["args"]
    monkeypatch.setattr(browser, "is_root", lambda: False)
    assert "--no-sandbox" not in browser.launch_options(found)["args"]
    assert browser.launch_options(found)["chromium_sandbox"] is True


def test_the_command_says_which_browser(tmp_path: Path) -> None:
    fake = program(tmp_path, "fake", SAYS)
    done = subprocess.run(
        [sys.executable, "-m", "crawler.browser"],
        env={**os.environ, "CHROMIUM": str(fake)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(fake) in done.stdout
    assert "150.0.1" in done.stdout
