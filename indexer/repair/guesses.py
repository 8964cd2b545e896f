"""Which characters could stand where bytes were lost, and which of them are likely here?

The bytes that are left narrow the choice: a known lead or trail byte, or the fact that a pair which
vanished must have been undefined. Each choice is a `Guesses` table, built once; ranking one takes a
set intersection with what the language model has seen after the character before.
**What was lost may only be Han or a mark of running text.**
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from indexer.repair.gbk import FULL_WIDTH, LEADS, byte_tables
from indexer.repair.language import UNSEEN, language_model
from indexer.repair.pinyin import characters_read, exactly, fits, readings

UNKNOWN = -1  # a pending lead byte of which nothing is known; below it: -x, see `gap`
OTHER_TONE = 5.0  # a lost byte that gives the syllable in another tone
OTHER_SCRIPT = 3.0  # a Simplified character in a Traditional text, or the reverse
_MARKS = "。，、；：？！“”‘’《》〈〉（）「」『』【】…·—"
_SHORTLIST = 12
_EVERY_LEAD = frozenset(LEADS)


def guessable(character: str) -> bool:
    """Whether a lost character may be this one.

    >>> guessable("祝"), guessable("。"), guessable("Ｔ"), guessable("　")
    (True, True, False, False)
    """
    return "\u4e00" <= character < "\ua000" or character in _MARKS


def gap(first: int) -> int:
    """The pending state after a vanished pair that began with `first`."""
    return -first


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Characters to choose from, by the language model's class, and the most frequent of them."""

    by_class: dict[str, list[str]]
    frequent: list[tuple[float, str]]  # (cost, class)

    def ranked(self, last: str, foreign: frozenset[str], fan: int) -> list[tuple[float, str]]:
        """The `fan` likeliest (cost, character) after `last`, the least costly first."""
        shortlist = _shortlist(self, last)[: fan + 2]
        best = [_in_script(cost, self.by_class[c], foreign) for cost, c in shortlist]
        best.sort()
        return best[:fan]


@lru_cache(maxsize=1 << 15)
def _shortlist(guesses: Guesses, last: str) -> list[tuple[float, str]]:
    """The likeliest (cost, class) after `last`."""
    row = language_model().row(last)
    seen = row.seen
    found = [(seen[c], c) for c in guesses.by_class.keys() & seen.keys()]
    found += [(row.backoff + cost, c) for cost, c in guesses.frequent if c not in seen]
    found.sort()
    return found[:_SHORTLIST]


def _in_script(cost: float, forms: list[str], foreign: frozenset[str]) -> tuple[float, str]:
    """The form of a character that belongs to the document's script, if it has one."""
    for form in forms:
        if form not in foreign:
            return cost, form
    return cost + OTHER_SCRIPT, forms[0]


@cache
def _classed() -> dict[str, tuple[str, float]]:
    """Class and cost of every character that may be guessed."""
    model = language_model()
    known = {c: model.classed(c) for c in byte_tables().pair if guessable(c)}
    return {c: (here, model.single.get(here, UNSEEN)) for c, here in known.items()}


def _guesses(characters: Iterable[str]) -> Guesses:
    classed = _classed()
    by_class: dict[str, list[str]] = {}
    frequent: list[tuple[float, str]] = []
    for character in characters:
        known = classed.get(character)
        if known is None:
            continue
        here, cost = known
        if here in by_class:
            by_class[here].append(character)
        else:
            by_class[here] = [character]
            frequent.append((cost, here))
    frequent.sort()
    return Guesses(by_class, frequent[:_SHORTLIST])


def _leads(pending: int) -> frozenset[int]:
    """The lead bytes that a pending state leaves open. Equal sets share their tables below."""
    if pending == UNKNOWN:
        return _EVERY_LEAD
    return byte_tables().undefined.get(-pending, frozenset()) if pending < 0 else frozenset((pending,))


def completed(pending: int, trail: int) -> Guesses:
    """What a pending lead byte makes with a trail byte."""
    return _completed(_leads(pending), trail)


@cache
def _completed(leads: frozenset[int], trail: int) -> Guesses:
    return _guesses(c for lead, c in byte_tables().by_trail.get(trail, []) if lead in leads)


def lost(pending: int) -> Guesses:
    """What a pending lead byte makes with a lost trail byte."""
    if pending == UNKNOWN:
        # Two bytes in a row were lost to full-width marks: the second was such a mark's lead byte.
        return completed(UNKNOWN, FULL_WIDTH)
    return _lost(_leads(pending))


@cache
def _lost(leads: frozenset[int]) -> Guesses:
    by_lead = byte_tables().by_lead
    return _guesses(c for lead in leads for trail, c in by_lead.get(lead, []) if trail >= 0x80)


def opened(pending: int) -> Guesses:
    """Characters that a pending lead byte may begin and whose trail began a pair that vanished."""
    return _opened(_leads(pending))


@cache
def _opened(leads: frozenset[int]) -> Guesses:
    open_ended = byte_tables().open_ended
    return _guesses(c for lead in leads for _, c in open_ended.get(lead, []))


@cache
def read_so(first: int, syllable: str) -> list[tuple[int, str, float]]:
    """(lost byte, character, cost) for the characters beginning with `first` that are read so."""
    found: list[tuple[int, str, float]] = []
    for trail, character in byte_tables().by_lead.get(first, []):
        # An ASCII byte would not have been lost.
        if trail >= 0x80 and readings(character) and fits(character, syllable):
            found.append((trail, character, 0.0 if exactly(character, syllable) else OTHER_TONE))
    return found


def read_so_after_gap(pending: int, syllable: str) -> Guesses:
    """The characters read so whose lead byte a pending state leaves open."""
    return _read_so_after_gap(_leads(pending), syllable)


@cache
def _read_so_after_gap(leads: frozenset[int], syllable: str) -> Guesses:
    pair = byte_tables().pair
    return _guesses(c for c in characters_read(syllable) if pair[c][0] in leads)
