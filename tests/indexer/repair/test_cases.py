"""The repair cases held as data in tests/cases/repair/."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from indexer.repair import repair_text, replay

FOLDER = Path(__file__).parents[2] / "cases" / "repair"


def cases(name: str) -> list[Any]:
    """The cases of one file as pytest parameters named by their labels."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["label"]) for case in table["case"]]


@pytest.mark.parametrize("case", [*cases("wild"), *cases("synthetic")])
def test_damage_is_repaired(case: dict[str, Any]) -> None:
    """The text comes out as expected, by the kinds of step named, and the steps replay."""
    repair = repair_text(case["input"])
    assert repair.text == case["expect"]
    assert {step.kind for step in repair.steps} == set(case["kinds"])
    assert replay(case["input"], repair.steps) == repair.text


@pytest.mark.parametrize("case", [*cases("wild"), *cases("synthetic")])
def test_repaired_text_is_left_alone(case: dict[str, Any]) -> None:
    """Repairing once is enough: what we expect of a repair shows no damage."""
    assert repair_text(case["expect"]).steps == ()


@pytest.mark.parametrize("case", cases("negative"))
def test_clean_text_is_untouched(case: dict[str, Any]) -> None:
    """Text without damage comes out as the very same string."""
    repair = repair_text(case["input"])
    assert repair.text is case["input"]
    assert repair.steps == ()


@pytest.mark.xfail(strict=True, reason="known failures; see the comment of each case")
@pytest.mark.parametrize("case", cases("failures"))
def test_known_failures(case: dict[str, Any]) -> None:
    """What we get wrong today; a pass here means the case belongs in another file."""
    assert repair_text(case["input"]).text == case["expect"]
