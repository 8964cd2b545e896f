"""Folding: equal length, every character by itself, one class for all forms of a character."""

from __future__ import annotations

import hashlib
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest

from indexer.text.normalize import SIMPLIFIED_ONLY, TRADITIONAL_ONLY, normalize, table_digest, variants

CASES = tomllib.loads((Path(__file__).parents[2] / "cases/normalize.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["same"], ids=lambda case: case["comment"])
def test_same(case: dict[str, list[str]]) -> None:
    """All forms fold to one string."""
    assert len({normalize(form) for form in case["forms"]}) == 1


@pytest.mark.parametrize("case", CASES["apart"], ids=lambda case: case["comment"])
def test_apart(case: dict[str, list[str]]) -> None:
    """What means different things stays different."""
    assert len({normalize(form) for form in case["forms"]}) == len(case["forms"])


def test_every_code_point_folds_to_one_and_stays_there() -> None:
    """Over all of Unicode: one code point for one, and folding again changes nothing."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    folded = normalize(everything)
    assert len(folded) == len(everything)
    assert normalize(folded) == folded


def test_compiled_folding_is_that_of_the_table() -> None:
    """The extension gives for every code point, and for texts of any length, what `str.translate` gives."""
    fold = pytest.importorskip("indexer.native._text", reason="the extension was not built").fold
    table = "".join(map(normalize, map(chr, range(0x20000)))) + "𠀀"
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    for text in (everything, "", "a", "A", "無錫" * 511, "無錫" * 512, "𠀀\ud800Ｗ" * 700):
        assert fold(text, table) == text.translate(table)


def test_forms_of_compatibility_and_case_are_folded() -> None:
    """Whatever Unicode gives one other character for, in compatibility or lower case, folds as that does.

    But for the comma of sentences, which would join numbers.
    """
    for character in sorted({*map(chr, range(0x30000))} - {*"，﹐︐"}):
        form = unicodedata.normalize("NFKC", character)
        if len(form) == 1 and not 0xAC00 <= ord(character) < 0xF900:
            assert normalize(form) == normalize(character)
            assert len(form.lower()) > 1 or normalize(form.lower()) == normalize(form)


def test_letters_stay_letters() -> None:
    """Folding never turns what a word can hold into what no word can hold.

    The half-width voicing marks are the exception: Unicode folds them to combining ones.
    """
    changed = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character)[0] == "L"
        and unicodedata.category(normalize(character))[0] not in "LN"
    ]
    assert changed == ["ﾞ", "ﾟ"]


def test_variants_are_the_class_of_a_character() -> None:
    """All members of a class name the same members, themselves among them."""
    assert variants("發") == variants("发") == "发発發髪髮"
    assert variants("臺") == variants("台") and {*"臺台檯颱"} <= {*variants("台")}
    assert variants("w") == "w"
    for character in variants("干"):
        assert normalize(character) == normalize("干")


def test_one_script_characters() -> None:
    """Characters that tell the scripts apart belong to one; characters of both belong to neither."""
    assert {*"国业"} <= SIMPLIFIED_ONLY and {*"國業"} <= TRADITIONAL_ONLY
    assert not SIMPLIFIED_ONLY & TRADITIONAL_ONLY
    assert not {*"后里面人中"} & (SIMPLIFIED_ONLY | TRADITIONAL_ONLY)


def test_digest_names_the_table() -> None:
    """The digest is a SHA-256 and the same in every call: it goes into the fingerprint of an index."""
    assert table_digest() == table_digest()
    assert len(table_digest()) == len(hashlib.sha256().hexdigest())


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "😀👩‍👩‍👧", "a" * 100_000])
def test_any_text_folds(text: str) -> None:
    """Nothing that Python calls a string is refused."""
    assert len(normalize(text)) == len(text)
