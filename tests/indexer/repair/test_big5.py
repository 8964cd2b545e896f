"""indexer.repair.big5: Big5 as Taiwan's boards wrote it."""

from __future__ import annotations

import pytest

from indexer.repair.big5 import NAME
from indexer.repair.lost import KEEP, lost_bytes


@pytest.mark.parametrize("text", ["繁體與简体", "の♥", "", "ABC 123", "堃喆啟"])
def test_there_and_back(text: str) -> None:
    """What the boards could write comes back."""
    assert text.encode(NAME).decode(NAME) == text


def test_big5_itself_reads_as_ever() -> None:
    """Where both extensions agree, the reading is Python's."""
    raw = bytes(
        byte for lead in range(0xA4, 0xC6) for trail in (0x40, 0x7E, 0xA1, 0xFE) for byte in (lead, trail)
    )
    assert raw.decode(NAME) == raw.decode("big5hkscs")


def test_errors_are_handled_as_asked() -> None:
    """Strict raises, ignore drops, ours keeps."""
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode(NAME)
    assert b"A\xffB".decode(NAME, "ignore") == "AB"
    assert lost_bytes(b"A\xffB".decode(NAME, KEEP)) == 1
    with pytest.raises(UnicodeEncodeError):
        "\U0001f600".encode(NAME)
