"""A skip that is not expected is a failure where `HANSOU_SKIPS` names what is."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SKIPPING = """
import pytest

@pytest.mark.skip(reason="no moon tonight")
def test_moon():
    pass

def test_sun():
    pass
"""


@pytest.mark.parametrize(("reason", "code"), [("no moon", 0), ("no stars", 1)])
def test_only_what_is_listed_may_skip(tmp_path: Path, reason: str, code: int) -> None:
    """A skip whose reason is on the list passes, another one fails and is named; reasons are printed."""
    (tmp_path / "test_sky.py").write_text(SKIPPING, encoding="utf-8")
    (tmp_path / "skips.toml").write_text(f'[[skip]]\ntest = "*test_sky.py::*"\nreason = "{reason}"\n')
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)],
        env=os.environ | {"HANSOU_SKIPS": str(tmp_path / "skips.toml")},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "no moon tonight" in done.stdout and ("UNEXPECTED SKIP" in done.stdout) == bool(code)


def test_the_list_can_be_read() -> None:
    """Each entry has a pattern of tests and a reason."""
    listed = tomllib.loads((ROOT / ".ci/skips.toml").read_text(encoding="utf-8"))["skip"]
    assert all(entry.keys() >= {"test", "reason"} for entry in listed)
