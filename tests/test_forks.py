"""The way out: the search core on the maintained fork of Whoosh, which has the same import name.

The fork is looked for in `artifacts/whoosh3` (`pip install --target artifacts/whoosh3 --no-deps whoosh3`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FORK = ROOT / "artifacts" / "whoosh3"
QUERIES = ("無錫", "高新区 服务", '"园区"', "網絡 -夜市", "软*", "title:園區")
SCRIPT = """
import json, sys
from pathlib import Path
import whoosh
from indexer import Config, Searcher, rebuild
from indexer.config import IndexSettings, SourceSettings

config = Config(index=IndexSettings(directory=Path(sys.argv[1])), sources=(SourceSettings(Path("seeds")),))
if len(sys.argv) == 2:
    rebuild(config)
with Searcher.open(config) as searcher:
    pages = [searcher.search(text) for text in json.loads(sys.stdin.read())]
hits = [[page.total.value, [(hit.id, hit.score) for hit in page.hits]] for page in pages]
print(json.dumps({"version": whoosh.__version__, "hits": hits}))
"""


def searched(index: Path, *search_path: str, build: bool = True) -> Any:
    """What a new process finds in `seeds/`, with modules from `search_path` before the installed ones."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*search_path, str(ROOT)])}
    arguments = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(index), *([] if build else ["open"])]
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment, input=json.dumps(QUERIES), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_fork_builds_and_finds_the_same(tmp_path: Path) -> None:
    """Indexes built with either give the same hits and scores, and the fork opens what Whoosh wrote."""
    if not FORK.is_dir():
        pytest.skip("artifacts/whoosh3 is not installed; .ci/run installs it")
    stock = searched(tmp_path / "stock")
    fork = searched(tmp_path / "fork", str(FORK))
    assert stock["version"] == [2, 7, 4] != fork["version"]
    assert sum(total for total, _ in stock["hits"]) > 0
    assert fork["hits"] == stock["hits"]
    assert searched(tmp_path / "stock", str(FORK), build=False)["hits"] == stock["hits"]
