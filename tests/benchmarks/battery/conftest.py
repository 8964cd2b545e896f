"""The shim, compiled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.battery.shim import Shim
from benchmarks.battery.verdict import NotPossible


@pytest.fixture(scope="session")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the shim watches."""
    folder = tmp_path_factory.mktemp("shim") / "disk"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def compiled(disk: Path) -> Shim:
    """The shim over that folder."""
    try:
        return Shim(disk.parent, (disk,))
    except NotPossible as reason:
        pytest.skip(str(reason))


@pytest.fixture
def shim(compiled: Shim) -> Shim:
    """The shim, with nothing that is to fail."""
    compiled.arm(None)
    return compiled
