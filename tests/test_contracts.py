"""``scrapy check``: the callbacks hold what their contracts say, and a callback that does not is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scrapy.exceptions import ContractFail
from scrapy.http import Request, Response

from crawler.contracts import NotStored, Recording, replay
from tests.conftest import ROOT, scrapy

RECORDED = ROOT / "tests" / "recorded"


def test_the_callbacks_hold_without_network_and_without_a_trace(tmp_path: Path) -> None:
    done = scrapy("check", folder=tmp_path / "data")
    assert done.code == 0, done.err
    assert "Ran 4 contracts" in done.err
    assert done.err.rstrip().endswith("OK")
    assert not (tmp_path / "data").exists()


def test_what_is_not_as_recorded_fails(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    shutil.copytree(RECORDED, folder)
    for name, old, new in (
        ("640221-page/expected.json", "2025-01-16", "2025-01-17"),
        ("files/index.csv", "http,200", "http,404"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    done = scrapy("check", "-s", f"RECORDED_DIR={folder}", folder=tmp_path / "data")
    assert done.code == 1
    assert "640221-page: found [" in done.err
    assert "FAILED (failures=2, errors=1)" in done.err


def test_a_page_that_is_not_stored_fails(tmp_path: Path) -> None:
    index = (RECORDED / "640522-text" / "index.csv").read_text(encoding="utf-8")
    (tmp_path / "index.csv").write_text(index.replace("/2025/qyz.txt", "/2025/other.txt"), encoding="utf-8")
    asked = Request("http://640522.example/zwgk/gknb/2025/qyz.txt")
    with pytest.raises(ContractFail, match="no network"):
        replay([asked], Recording(tmp_path))


def test_every_folder_belongs_to_a_contract() -> None:
    said = "".join((ROOT / "spiders" / name).read_text(encoding="utf-8") for name in ("county.py", "files.py"))
    assert all(folder.name in said for folder in RECORDED.iterdir())


def test_a_request_that_is_not_stored() -> None:
    recording = Recording(RECORDED / "640221-page")
    assert recording.answer(Request(recording.first)).status == 200
    with pytest.raises(NotStored, match="no network"):
        recording.answer(Request(recording.first, method="POST"))
    with pytest.raises(NotStored):
        recording.answer(Request(recording.first, meta={"render": True}))


def test_a_crawl_without_an_end_fails() -> None:
    recording = Recording(RECORDED / "640221-page")

    def again(response: Response) -> list[Request]:
        return [Request(response.url, again)]

    with pytest.raises(ContractFail, match="requests"):
        replay([Request(recording.first, again)], recording)
