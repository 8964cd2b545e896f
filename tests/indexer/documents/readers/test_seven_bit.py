"""HZ and ISO-2022: text in seven bits."""

from __future__ import annotations

import pytest

from indexer.documents.readers.encoding import decode
from indexer.documents.readers.seven_bit import seven_bit


def test_hz_with_lines_and_tildes() -> None:
    """A run ends at ~} or with its line, ~~ is a tilde, a ~ before a line end joins lines."""
    assert seven_bit(b"~{=qLl~} 5 ~~\nb ~{=qLl\nc") == ("今天 5 ~\nb 今天\nc", "hz")
    text = "明天8点~见"
    assert decode(text.encode("hz")) == (text, "hz")


def test_iso_2022_cn_in_both_sets() -> None:
    """Simplified in GB 2312, Traditional in the planes of CNS 11643, a single shift for rare characters."""
    raw = bytes.fromhex("1b2429410e3d714c6c1b2429476837557373280f")
    assert seven_bit(raw) == ("今天圖書館", "iso2022_cn")
    assert seven_bit(bytes.fromhex("1b24294741410f")) is not None
    assert seven_bit(b"\x1b$*H\x1bN!!") == ("乂", "iso2022_cn")


def test_a_line_ends_the_shift() -> None:
    """What follows a line end is ASCII again."""
    assert seven_bit(bytes.fromhex("1b2429410e3d714c6c0a") + b"abc") == ("今天\nabc", "iso2022_cn")


@pytest.mark.parametrize(
    "text", ["see ~/foo and ~{bar", "regex ~{2,3}", "plain", "\x1b[1mbold\x1b[m", "~~~{}"]
)
def test_ascii_stays_ascii(text: str) -> None:
    """What only looks like an escape is no Chinese."""
    assert decode(text.encode())[0] in (text, "bold")
