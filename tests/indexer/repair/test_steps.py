"""indexer.repair.steps: edits compose into steps over the original text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.repair.steps import Edit, RepairStep, advance, apply_edits, replay


@st.composite
def edits_to(draw: st.DrawFn, text: str) -> list[Edit]:
    """Ascending edits of `text` that do not overlap, empty ones and insertions among them."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return [Edit(a, b, draw(st.sampled_from(["", "無", "錫市", "12"])), "kind", "why") for a, b in spans]


@given(st.data(), st.text(alphabet="甲乙丙丁戊", max_size=14), st.integers(1, 4))
def test_stages_compose(data: st.DataObject, original: str, stages: int) -> None:
    """After any number of stages the steps replay to the current text, ascend and do not overlap."""
    current, steps = original, []
    for _ in range(stages):
        edits = data.draw(edits_to(current))
        steps = advance(original, steps, edits)
        current = apply_edits(current, edits)
    assert replay(original, steps) == current
    assert all(here.end <= after.start for here, after in pairwise(steps))
    assert all(original[step.start : step.end] == step.before for step in steps)


def test_no_edits_no_change() -> None:
    """A fixer that finds nothing leaves the steps as they are."""
    step = RepairStep("pinyin", 1, 6, "(hàn)", "", "")
    assert advance("漢(hàn)", [step], []) == [step]


def test_an_edit_that_restores_the_original_is_no_step() -> None:
    """What one stage changes and the next changes back is not told as a repair."""
    steps = advance("甲乙", [], [Edit(0, 1, "丙", "a", "")])
    assert advance("甲乙", steps, [Edit(0, 1, "甲", "b", "")]) == []


def test_merged_step_names_both_reasons() -> None:
    """An edit on top of an earlier one becomes one step under the later kind."""
    steps = advance("甲乙", [], [Edit(0, 1, "丙丁", "first", "one")])
    assert advance("甲乙", steps, [Edit(1, 3, "戊", "second", "two")]) == [
        RepairStep("second", 0, 2, "甲乙", "丙戊", "one; two")
    ]


def test_replay_refuses_another_text() -> None:
    """Steps of one text are not applied to another."""
    with pytest.raises(ValueError, match="does not fit"):
        replay("漢字", [RepairStep("pinyin", 1, 6, "(hàn)", "", "")])


def test_json_form() -> None:
    """A step as JSON has exactly its fields."""
    step = RepairStep("pinyin", 1, 6, "(hàn)", "", "hàn is a reading of 漢")
    assert step.to_json() == {
        "kind": "pinyin",
        "start": 1,
        "end": 6,
        "before": "(hàn)",
        "after": "",
        "evidence": "hàn is a reading of 漢",
    }
