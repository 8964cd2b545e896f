"""The files of an index are as readable as is configured, whatever the umask."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Searcher, rebuild
from indexer.engine.embedded.permissions import MODES

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")


@pytest.mark.parametrize("readable_by", MODES)
def test_modes(make_config: Any, readable_by: Any) -> None:
    """Every folder and every file, of the first generation and of the next; both can be searched."""
    config = make_config(["運河上的船。"])
    config = replace(config, index=replace(config.index, readable_by=readable_by))
    folder, file = MODES[readable_by]
    before = os.umask(0o027)
    try:
        for _ in range(2):
            rebuild(config)
            found = [config.index.directory, *config.index.directory.rglob("*")]
            modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in found}
            assert modes == {(True, folder), (False, file)} and len(found) > 10
    finally:
        os.umask(before)
    with Searcher.open(config) as searcher:
        assert searcher.search("運河").total.value == 1


def test_nobody_else_may_enter_while_it_is_built(make_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is closed before the first document is in it."""
    config = make_config(["運河上的船。"])
    seen: list[int] = []
    rebuild(config, lambda done, skipped: seen.append(Path(config.index.directory).stat().st_mode & 0o777))
    assert {*seen} == {0o700}
