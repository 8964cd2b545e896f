"""What a process that only searches is spared: what only building needs, and memory of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from indexer import Config

# Opens the index twice, searches, and tells what was loaded and how much no file backs, in kB.
SEARCHING = """
import json, re, sys
from pathlib import Path
from indexer import Searcher, load_config
config = load_config(sys.argv[1])
with Searcher.open(config) as first, Searcher.open(config) as searcher:
    found = [searcher.search(query).total.value for query in ("软件园", "無錫 培育", "印表机")]
    searcher.suggest("无锡")
smaps = Path("/proc/self/smaps_rollup")
anonymous = int(re.search(r"Anonymous: +(\\d+)", smaps.read_text())[1]) if smaps.exists() else 0
print(json.dumps({"found": found, "modules": sorted(sys.modules), "anonymous": anonymous}))
"""
BUILD = "from indexer.cli import main; main()"
BUILDING = ("indexer.documents.readers", "indexer.documents.metadata", "indexer.pipeline", "indexer.repair")
HEAVY = ("jieba", "rjieba", "pypinyin", "lxml", "rich", "click", "flask", "pkg_resources")


@pytest.fixture(scope="module")
def config(make_config: Callable[..., Config]) -> Config:
    """A small index, as a build leaves it: a new process, for one that has its dictionary writes none."""
    config = make_config(["無錫國家軟件園二十年，培育了一批企業。", "打印机卡纸的处理办法。", "无锡软件园"])
    settings = ["--config", str(config.base / "config.toml")]
    subprocess.run([sys.executable, "-c", BUILD, *settings, "rebuild", "--quiet"], check=True)
    return config


@pytest.fixture(scope="module")
def searching(config: Config) -> dict[str, list[str] | int]:
    """What a new process that searches says of itself."""
    command = [sys.executable, "-c", SEARCHING, str(config.base / "config.toml")]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    said: dict[str, list[str] | int] = json.loads(output)
    return said


def test_a_search_finds_without_what_builds(searching: dict[str, list[str]]) -> None:
    """Readers, repair and the libraries under them are not even imported, and nothing is missing."""
    assert searching["found"] == [2, 2, 1]
    loaded = {module.split(".")[0] for module in searching["modules"]}
    assert not loaded & set(HEAVY)
    assert not set(searching["modules"]) & set(BUILDING)


def test_the_dictionary_is_no_memory_of_the_process(searching: dict[str, int]) -> None:
    """Modules, tables and all take well under the 60 MB that a word list of one's own would add."""
    if not searching["anonymous"]:
        pytest.skip("this system does not tell which memory is a process's own")
    assert searching["anonymous"] < 60 * 1024


def test_the_dictionary_is_left_for_the_next_process(config: Config) -> None:
    """One file in one form, beside the generations, by the build."""
    assert [file.suffix for file in (config.index.directory / "cache").iterdir()] == [".words"]
