"""Parts stay where their text is, and what is stored of a document is what it states."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.documents import Document
from indexer.documents.document import Captures, PartStart, moved, part_at, record_of

CUT = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.text("新", max_size=4)), max_size=6)


@given(CUT, st.lists(st.integers(0, 40), max_size=6))
def test_parts_move_with_their_text(cuts: list[tuple[int, int, str]], starts: list[int]) -> None:
    """A part that begins in text that stays begins at the same character afterwards."""
    old = "".join(chr(0x4E00 + number) for number in range(41))
    spans: list[tuple[int, int, int]] = []
    new, at = "", 0
    for gap, length, after in cuts:
        first = min(at + gap, len(old))
        last = min(first + length, len(old))
        spans.append((first, last, len(after)))
        new += old[at:first] + after
        at = last
    new += old[at:]
    parts = [PartStart(start, "page", str(start)) for start in sorted(starts)]
    for part, found in zip(parts, moved(parts, spans, 0, len(new)), strict=True):
        if not any(first <= part.start < last for first, last, _ in spans):
            assert new[found.start] == old[part.start]
        assert 0 <= found.start <= len(new)


def test_head_lines_are_cut_off() -> None:
    """A part that began in lines that have left the text begins at its beginning."""
    assert [
        part.start for part in moved([PartStart(0, "page", "1"), PartStart(30, "page", "2")], [], 10, 50)
    ] == [
        0,
        20,
    ]


def test_part_at() -> None:
    """An offset lies in the last part that begins before it."""
    parts = [PartStart(5, "sheet", "甲"), PartStart(10, "sheet", "乙")]
    assert part_at(parts, 4) is None
    assert part_at(parts, 5) == part_at(parts, 9) == parts[0]
    assert part_at(parts, 99) == parts[1]


def test_record() -> None:
    """Fields that few documents have are stored where there are any."""
    record = record_of(
        Document("1", "夜市", plain=True, parts=(PartStart(0, "page", "1"),), captures=Captures(2, "a", "b"))
    )
    assert record["parts"] == (PartStart(0, "page", "1"),)
    assert record["captures"] == (2, "a", "b")
    assert "plain" not in record and "collection" not in record
