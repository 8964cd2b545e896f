"""What may have been meant? Texts of the index one slip away from a stretch of the query.

A candidate replaces `query[start:end]`. Slips are a wrong character that sounds or looks alike, a
character too few or too many, and two neighbors swapped; a whole word that sounds alike counts as one
slip. **A candidate made of a vocabulary entry is always an entry the index has.**
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.derived.suggest.shapes import lookalikes
from indexer.derived.suggest.sounds import Sounds, is_han
from indexer.derived.suggest.statistics import Statistics
from indexer.derived.suggest.table import Table
from indexer.derived.suggest.writing import LONGEST_CORRECTION, WORD, floor, sound_keys

HOMOPHONES = 20
CONTINUATIONS = 16
_NUMERALS = frozenset("〇零一二三四五六七八九十百千")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to put a query right. `entry` is the lexicon's number of the text behind it, if any.

    `kind` is "homophone", "shape", "missing", "extra", "swap" or "latin"; `slips` counts the characters
    that change, a half more for each that only sounds nearly alike.
    """

    start: int
    end: int
    text: str
    kind: str
    slips: float
    entry: int | None = None
    length: int = 0
    count: int = 0


def entry_candidates(table: Table, query: str, spans: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    """Candidates that are entries of the lexicon, for stretches of folded Han text."""
    exact: list[tuple[int, int, str, str]] = []
    sound: list[tuple[int, int, str, str]] = []
    drop: list[tuple[int, int, str, str]] = []
    for start, end in spans:
        text = query[start:end]
        exact += ((start, end, other, kind) for other, kind in _slips(text))
        sound += ((start, end, key, "homophone") for key in sorted(sound_keys(table.sounds, text)))
        if len(text) < LONGEST_CORRECTION:
            drop.append((start, end, text, "missing"))
    for which, tried in (("exact", exact), ("sound", sound), ("drop", drop)):
        for index, number in table.hashed(which, [key for _, _, key, _ in tried]):
            start, end, key, kind = tried[index]
            text = table.text(number)
            if which == "exact" and text != key:
                continue
            if candidate := _checked(table, query, start, end, number, text, kind):
                yield candidate


def _slips(text: str) -> Iterator[tuple[str, str]]:
    for at, character in enumerate(text):
        before, after = text[:at], text[at + 1 :]
        for other in lookalikes(character):
            yield before + other + after, "shape"
        if len(text) > 2 and _dispensable(text, 0, len(text), at):
            yield before + after, "extra"
        if after and after[0] != character:
            yield before + after[0] + character + after[1:], "swap"


def _checked(
    table: Table, query: str, start: int, end: int, number: int, text: str, kind: str
) -> Candidate | None:
    """The candidate, if the entry is common enough and really is one slip away."""
    typed = query[start:end]
    count = table.count[number]
    if text == typed or (table.kind[number] == WORD and count < floor(table.documents)):
        return None
    slips = 1.0
    if kind == "homophone":
        slips = _sounding(table.sounds, typed, text)
    elif kind == "missing" and not any(text[:at] + text[at + 1 :] == typed for at in range(len(text))):
        return None
    if not slips:
        return None
    return Candidate(start, end, text, kind, slips, number, len(text), count)


def _sounding(sounds: Sounds, typed: str, text: str) -> float:
    """How many characters differ and sound alike; 0 where one does not or too many differ."""
    if len(typed) != len(text):
        return 0.0
    different = [sounds.alike(a, b) for a, b in zip(typed, text, strict=True) if a != b]
    if not all(different) or len(different) > max(1, len(text) // 2):
        return 0.0
    return sum(1.0 if alike == 2 else 1.5 for alike in different)


def character_candidates(
    table: Table, query: str, start: int, end: int, doubtful: Sequence[int], statistics: Statistics
) -> Iterator[Candidate]:
    """Candidates that change one character where no entry says so, if all pairs they make are known.

    `doubtful` are the characters that may be wrong, the likeliest first.
    """
    for at in range(start, end):
        if end - start > 3 and _dispensable(query, start, end, at):
            yield Candidate(at, at + 1, "", "extra", 1.0)
        if at + 1 < end and query[at] != query[at + 1]:
            yield Candidate(at, at + 2, query[at + 1] + query[at], "swap", 1.0)
    for at in doubtful:
        left, right = query[start:at][-1:], query[at + 1 : end][:1]
        for kind, others in (
            ("homophone", table.homophones(query[at], HOMOPHONES)),
            ("shape", lookalikes(query[at])),
        ):
            statistics.expect(left + other if left else other + right for other in others)
            for other in others:
                if not (left and not statistics.documents_with(left + other)) and not (
                    right and not statistics.documents_with(other + right)
                ):
                    yield Candidate(at, at + 1, other, kind, 1.0)
        yield from _inserted(table, query, at, end, statistics)


def keeps_numbers(typed: str, meant: str) -> bool:
    """Whether a number that was typed is still the same: any number is as good as another.

    >>> keeps_numbers("十六进制", "六十进制"), keeps_numbers("统计", "统一")
    (False, True)
    """
    before = [character for character in typed if character in _NUMERALS]
    return not before or before == [character for character in meant if character in _NUMERALS]


def _dispensable(query: str, start: int, end: int, at: int) -> bool:
    """Whether leaving a character out can be what was meant: at an end only where it is doubled.

    A query less its first or last word is merely a wider query.
    """
    return start < at < end - 1 or query[at] in (query[start:at][-1:], query[at + 1 : end][:1])


def _inserted(table: Table, query: str, at: int, end: int, statistics: Statistics) -> Iterator[Candidate]:
    """Candidates where a word's second character is missing between `query[at]` and the next one."""
    if at + 1 >= end:
        return
    numbers = table.range_best(table.texts.starting(query[at]), CONTINUATIONS)
    seconds = dict.fromkeys(table.text(number)[1:2] for number in numbers)
    statistics.expect(second + query[at + 1] for second in seconds)
    for second in filter(None, seconds):
        if is_han(second) and statistics.documents_with(second + query[at + 1]):
            yield Candidate(at + 1, at + 1, second, "missing", 1.0)
