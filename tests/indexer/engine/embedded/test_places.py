"""A position comes back as it was, in whichever way it was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.places import PositionWriter, positions_at, positions_from

NEAR_AND_FAR = st.one_of(st.integers(0, 260), st.integers(0, 70_000), st.integers(0, 2**32 - 1))


def written(path: Path, parts: list[list[int]]) -> ArrayFile:
    """A file with the positions of the field `text`."""
    with open(path, "wb") as stream:
        writer = SectionWriter(stream, path.parent)
        positions = PositionWriter(writer, "text")
        for part in parts:
            positions.write(np.array(part, np.uint32))
        positions.finish()
        writer.close({})
    return ArrayFile.open(path)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(parts=st.lists(st.lists(NEAR_AND_FAR, max_size=40), max_size=4))
def test_positions_come_back(tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]) -> None:
    """Near and far ones, in parts of any size, one by one and in a row."""
    file = written(tmp_path_factory.mktemp("places") / "a.arrays", parts)
    near, far = file.array("text/positions"), file.array("text/far")
    expected = [position for part in parts for position in part]
    count = len(expected)
    assert positions_from(near, far, 0, count).tolist() == expected
    assert positions_from(near, far, count // 3, count).tolist() == expected[count // 3 :]
    assert positions_at(near, far, np.arange(0, count, 2)).tolist() == expected[::2]


@pytest.mark.parametrize(
    ("positions", "kind", "listed"),
    [
        ([7] * 9, "uint8", 0),
        ([255] * 9, "uint8", 0),
        ([7] * 9 + [300], "uint8", 1),
        ([7] * 9 + [300] * 9, "uint16", 0),
        ([7] * 9 + [70_000] * 3, "uint8", 3),
        ([7] * 9 + [70_000] * 9, "uint32", 0),
    ],
)
def test_the_smaller_way_is_taken(tmp_path: Path, positions: list[int], kind: str, listed: int) -> None:
    """A few far positions are listed; of many, all are kept wide."""
    file = written(tmp_path / "a.arrays", [positions])
    assert file.array("text/positions").dtype == kind and len(file.array("text/far")) == 2 * listed
