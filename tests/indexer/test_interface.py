"""The names of the package: each is what its module has, and loads no more than it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import indexer
import indexer.errors
import indexer.searcher

HEAVY = (
    "whoosh",
    "numpy",
    "opencc",
    "jieba",
    "rjieba",
    "pypinyin",
    "lxml",
    "trafilatura",
    "flask",
    "click",
    "rich",
)


@pytest.mark.parametrize(
    "program",
    [
        "import indexer; assert not [name for name in sys.modules if name.startswith('indexer.')]",
        "from indexer import Config, load_config; load_config(environ={})",
        "from indexer import BusyError, ConfigError, HansouError, IndexMissing, ReadError",
        "from indexer import Document; Document('1', '無錫')",
    ],
)
def test_what_needs_no_library_loads_none(program: str, tmp_path: Path) -> None:
    """In a fresh process: the package itself, settings, errors and documents."""
    program = f"import sys; {program}; print(*{{*{HEAVY}}} & {{*sys.modules}})"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.split() == []


@pytest.mark.parametrize("name", indexer.__all__)
def test_every_name_is_there(name: str) -> None:
    """It can be had from the package, shows in `dir`, and is the same thing each time."""
    assert getattr(indexer, name) is getattr(indexer, name)
    assert name in dir(indexer)


def test_names_are_what_their_modules_have() -> None:
    """`except indexer.ConfigError` catches what a module of the package raises."""
    assert indexer.ConfigError is indexer.errors.ConfigError
    assert indexer.Searcher is indexer.searcher.Searcher


def test_names_that_do_not_exist() -> None:
    """A mistyped name is an AttributeError, and an import of it an ImportError that says which."""
    with pytest.raises(AttributeError, match="has no attribute 'Sercher'"):
        indexer.Sercher  # noqa: B018
    with pytest.raises(ImportError, match="Sercher"):
        exec("from indexer import Sercher")
