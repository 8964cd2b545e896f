"""What is installed: versions with hashes that fit what is asked for, under licences free to combine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", "")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED = [*PROJECT["dependencies"], *EXTRAS["fast"], *EXTRAS["dev"]]


def locked() -> dict[str, list[str]]:
    """Package → its versions in the lock file; several where systems or Pythons differ."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==([^ ;]+)", LOCK):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


@pytest.mark.parametrize("line", WANTED)
def test_what_is_asked_for_is_locked(line: str) -> None:
    """Every dependency of pyproject.toml is locked, in a version that it allows: else `make lock`."""
    wanted = Requirement(line)
    versions = locked().get(canonicalize_name(wanted.name), [])
    assert versions and all(wanted.specifier.contains(version) for version in versions)


def test_every_file_has_a_hash_and_no_host_is_named() -> None:
    """Whichever package index is configured is used, and trusted for nothing."""
    lines = [line for line in LOCK.splitlines() if line.strip()]
    assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in lines)
    assert not re.search(r"https?:|--(?:extra-)?index-url|--find-links|file:| @ ", LOCK)


@pytest.mark.parametrize("package", ["numpy", "lxml", "granian", "pypdfium2"])
def test_the_lock_is_for_every_system(package: str) -> None:
    """Packages that are compiled have the hashes of wheels of all systems, not of this one's alone."""
    hashes = [line.count("--hash=") for line in LOCK.splitlines() if line.startswith(f"{package}==")]
    assert min(hashes) > 10


def test_licences() -> None:
    """`make licenses` lists all, and finds none that would bind whoever passes Hansou on."""
    done = subprocess.run([sys.executable, ".ci/licenses.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "whoosh" in done.stdout
