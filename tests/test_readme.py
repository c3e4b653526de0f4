"""The README is a promise: its commands run, its tables name what is there."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess

import pytest

from tests.conftest import ROOT, Crawl

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
RECIPES = [line for block in BLOCKS for line in block.splitlines() if line.startswith("sqlite-utils ")]


def shell(recipe: str, crawl: Crawl) -> str:
    """Runs a recipe as it stands, with the data folder of a test in place of ``data``."""
    command = recipe.replace("data/reports.db", str(crawl.folder / "reports.db")).partition(" > ")[0]
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def recipe(beginning: str) -> str:
    (found,) = [line for line in RECIPES if beginning in line]
    return found


def test_every_recipe_is_tested_below() -> None:
    assert len(RECIPES) == 6


def test_one_table_as_csv(sample_crawl: Crawl) -> None:
    rows = list(csv.DictReader(io.StringIO(shell(recipe("rows data/reports.db applications"), sample_crawl))))
    assert len(rows) == 5
    assert {row["received__total"] for row in rows} == {"0"}
    assert [row["other.other__total"] for row in rows if row["county_code"] == "640303"] == [""]
    assert [row["other__total"] for row in rows if row["county_code"] == "640303"] == ["0"]


def test_one_table_with_tabs(sample_crawl: Crawl) -> None:
    rows = list(csv.DictReader(io.StringIO(shell(recipe("litigation --tsv"), sample_crawl)), delimiter="\t"))
    assert len(rows) == 5
    assert {row["reconsideration__total"] for row in rows} == {"0"}


def test_one_table_as_a_json_object_per_line(sample_crawl: Crawl) -> None:
    rows = [json.loads(line) for line in shell(recipe("disclosure --nl"), sample_crawl).splitlines()]
    assert len(rows) == 5
    assert all("normative_documents__in_force" in row for row in rows)


def test_one_county_as_json(sample_crawl: Crawl) -> None:
    (row,) = json.loads(shell(recipe("-p county 640221"), sample_crawl))
    assert (row["agency"], row["year"]) == ("平罗县陶乐镇人民政府", 2024)
    assert row["normative_documents__in_force"] == 0


def test_a_joined_query(sample_crawl: Crawl) -> None:
    rows = list(csv.DictReader(io.StringIO(shell(recipe("from applications a join reports"), sample_crawl))))
    assert len(rows) == 5
    assert all(row["url"].startswith("http://127.") and len(row["sha256"]) == 64 for row in rows)


def test_a_search(sample_crawl: Crawl) -> None:
    out = shell(recipe("bigram_query"), sample_crawl)
    assert "海原县七营镇人民政府" in out
    assert "洛宁县马店镇人民政府" not in out


@pytest.mark.parametrize("name", re.findall(r"^\| `(\w+)` \| [a-z]", README.split("## Exports")[0], re.MULTILINE))
def test_every_table_of_the_readme_is_there(sample_crawl: Crawl, name: str) -> None:
    (line,) = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    columns = {column.name for column in sample_crawl.dataset[name].columns}
    named = set(re.findall(r'`"?([\w.]+)"?`', line.split("|")[3])) - {"row__column", "1", "1.2"}
    assert named <= columns


def test_every_outcome_of_the_readme_is_in_the_closed_set() -> None:
    from crawler.ledger import Outcome

    named = re.findall(r"^\| `(\w+)` \|", README.split("| outcome |")[1].split("##")[0], re.MULTILINE)
    assert tuple(named) == Outcome.__args__


def test_every_path_of_the_readme_exists() -> None:
    for path in re.findall(r"`((?:crawler|spiders|parsers|tests)/[\w./]*)`", README):
        assert (ROOT / path).exists(), path


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for block in BLOCKS:
        for target in re.findall(r"^make (\w+)", block, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
