"""What fuzzing found stays found: each case of `tests/cases/fuzz.toml` failed when it was found."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = tomllib.loads((ROOT / "tests" / "cases" / "fuzz.toml").read_text(encoding="utf-8"))["case"]
MODULES = ("mutations", "damages", "fuzz", "fuzz_targets")


@pytest.fixture(scope="module")
def fuzz() -> Iterator[Any]:
    """The programs, imported as they are when run: their folder comes first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield {name: import_module(name) for name in MODULES}
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_findings_stay_mended(fuzz: Any, case: dict[str, str]) -> None:
    """The bytes that once led to an error lead to none."""
    targets = fuzz["fuzz_targets"]
    targets.TARGETS[case["target"]](targets.Draw(bytes.fromhex(case["data"])))


def test_targets_run(fuzz: Any) -> None:
    """A few seeded runs of the quick targets go well; the names that can be chosen are those there are."""
    targets = fuzz["fuzz_targets"]
    assert {*targets.TARGETS} == {*fuzz["fuzz"].TARGETS}
    for name in ("find_spans", "postings", "arguments", "repair", "syntax"):
        target = targets.TARGETS[name]
        assert fuzz["fuzz"].plain(lambda data, target=target: target(targets.Draw(data)), 5, 5) == 0


def test_what_goes_wrong_is_told(fuzz: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """An error ends the runs, and the bytes that led to it are printed."""

    def attempt(data: bytes) -> None:
        assert data.startswith(b"\0"), "of no kind"

    assert fuzz["fuzz"].plain(attempt, 50, 5) == 1
    said = capsys.readouterr()
    assert "of no kind" in said.err and "data = '" in said.out
