"""indexer.repair.lost: bytes that no encoding explains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.repair import name_lost, repair_text
from indexer.repair.lost import GETA, KEEP, bytes_kept, kept, lost_bytes, say_lost


@given(st.binary(min_size=1, max_size=20))
def test_bytes_come_back(raw: bytes) -> None:
    """What is kept can be read back."""
    assert bytes_kept(kept(raw)) == raw
    assert lost_bytes(kept(raw)) == len(raw)


@given(
    st.binary(max_size=60),
    st.sampled_from(["utf-8", "gb18030", "big5hkscs", "big5-uao", "utf-16-le", "cp932"]),
)
def test_decoding_never_fails(raw: bytes, encoding: str) -> None:
    """Any bytes decode; those lost are named, and the steps leave no private character."""
    text = raw.decode(encoding, KEEP)
    assert lost_bytes(text) <= len(raw)
    assert lost_bytes(name_lost(text).text) == 0


@pytest.mark.parametrize(
    ("lost", "shown"), [(b"\xff", 1), (b"\xe4\xb8", 1), (b"\xff\xb8\x82", 1), (b"\xff" * 4, 2)]
)
def test_one_geta_a_character(lost: bytes, shown: int) -> None:
    """Up to three bytes were one character."""
    assert [edit.after for edit in say_lost(f"甲{kept(lost)}乙")] == [GETA * shown]


def test_a_genuine_replacement_character_stays() -> None:
    """U+FFFD that came in the file is the file's own."""
    text = "春風�度"
    assert repair_text(text).text is text and name_lost(text).text == text
