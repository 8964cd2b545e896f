"""Spellings of many texts at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.derived.suggest.sounds import Sounds, initials, is_han, reading_table
from indexer.derived.suggest.spelled import in_order, spelled

SOUNDS = Sounds(*reading_table())
LONGEST = 5


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(alphabet="重庆长江行都会弹调无锡b 2，\U00020000", max_size=8), max_size=6))
def test_as_one_by_one(texts: list[str]) -> None:
    """The rows of a text are what `Sounds.spellings` gives of its first Han characters, in its order."""
    found = spelled(texts, SOUNDS, LONGEST)
    rows = [
        [tuple(SOUNDS.syllables[n] for n in row if n) for row in found.rows[found.of == at].tolist()]
        for at in range(len(texts))
    ]
    assert rows == [SOUNDS.spellings("".join(filter(is_han, text))[:LONGEST]) for text in texts]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="重庆长江行都会弹调无锡", min_size=1, max_size=8), max_size=8))
def test_letters_in_order(texts: list[str]) -> None:
    """Pinyin and initials come out as sorted, different (letters, text) pairs."""
    found = spelled(texts, SOUNDS, 8)
    every = [(spelling, at) for at, text in enumerate(texts) for spelling in SOUNDS.spellings(text)]
    for written, expected in (
        (str, {("".join(spelling), at) for spelling, at in every}),
        (lambda syllable: syllable[0], {(initials(spelling), at) for spelling, at in every}),
    ):
        letters, of = in_order(found.letters(written)[0], found.of)
        rows = [bytes(row[row != 0]).decode() for row in letters]
        assert [*zip(rows, of.tolist(), strict=True)] == sorted(expected)


def test_characters_without_a_reading_are_passed_over() -> None:
    """A character that nobody reads has no syllable; the rest of the text has its own."""
    silent = next(chr(code) for code in range(0x9FFF, 0x9F00, -1) if not SOUNDS.of(chr(code)))
    (usual, *_) = spelled([f"无{silent}锡"], SOUNDS, LONGEST).rows.tolist()
    assert [SOUNDS.syllables[number] for number in usual if number] == ["wu", "xi"]
