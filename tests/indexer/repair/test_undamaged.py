"""What looks like damage and is none: six hundred texts of twenty kinds, made of our own parts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from indexer.repair import repair_text

_SPEC = importlib.util.spec_from_file_location("undamaged", Path(__file__).with_name("undamaged.py"))
assert _SPEC is not None and _SPEC.loader is not None
undamaged = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(undamaged)


@pytest.mark.parametrize("seed", [1, 2])
def test_they_are_left_alone(seed: int) -> None:
    """Each comes out as the very same string, without a step."""
    made = list(undamaged.texts(15, seed))
    assert len(made) == 300
    assert [(kind, text) for kind, text in made if repair_text(text).text is not text] == []
