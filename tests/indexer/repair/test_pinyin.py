"""indexer.repair.pinyin: annotations are validated by reading."""

from __future__ import annotations

import pytest

from indexer.repair.pinyin import annotated, characters_read, fits, remove_annotations
from indexer.repair.steps import apply_edits


@pytest.mark.parametrize(
    ("character", "syllable"),
    [
        ("長", "zhǎng"),
        ("長", "cháng"),
        ("長", "chang"),
        ("略", "lue"),
        ("女", "nu"),
        ("們", "men"),
        ("誒", "éi"),
    ],
)
def test_any_reading_fits(character: str, syllable: str) -> None:
    """Heteronyms, neutral tones and all spellings of ü are accepted."""
    assert fits(character, syllable)


@pytest.mark.parametrize(("character", "syllable"), [("漢", "qian"), ("A", "a"), ("。", "ju"), ("件", "sw")])
def test_other_syllables_do_not(character: str, syllable: str) -> None:
    """A syllable that is no reading of the character, and what is not Han, never fit."""
    assert not fits(character, syllable)


def test_only_the_fitting_head_of_a_chain_goes() -> None:
    """Doubled annotations go; a parenthesis of another meaning behind them stays."""
    text = "沙(sha)(sha)(nan)"
    assert apply_edits(text, remove_annotations(text)) == "沙(nan)"


def test_an_ascii_character_makes_a_pair_with_the_byte_before_it() -> None:
    """照f is D5D5 66; its last two bytes are 說."""
    assert annotated("照f(shuō)", 2) == "說"
    assert annotated("f(shuō)", 1) == "f"
    assert annotated("(hàn)", 0) == ""


def test_characters_by_exact_reading() -> None:
    """The reverse table respects tones."""
    assert "時" in characters_read("shí")
    assert "時" not in characters_read("shì")
    assert characters_read("xyz") == ""
