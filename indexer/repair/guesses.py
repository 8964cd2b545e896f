"""Which characters could stand where bytes were lost, and which of them are likely here?

The bytes that are left narrow the choice: a known lead or trail byte, or the fact that a pair which
vanished must have been undefined. Each choice is a `Guesses` table, built once; ranking one takes a
set intersection with what the language model has seen after the character before.
**What was lost may only be Han or a mark of running text.**
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from indexer.repair.gbk import FULL_STOP, FULL_WIDTH, LEADS, byte_tables
from indexer.repair.language_model import UNSEEN, classes, language_model
from indexer.repair.pinyin import characters_read, characters_read_alike

UNKNOWN = -1  # a pending lead byte of which nothing is known; below it: -x, see `gap`
TWICE = -2  # both bytes of a character were lost; the mark that follows tells the second, see `before`
OTHER_TONE = 5.0  # a lost byte that gives the syllable in another tone
SAID = 2.0  # a pair of characters that the document has elsewhere, where it is whole
OTHER_SCRIPT = 3.0  # a Simplified character in a Traditional text, or the reverse
_MARKS = "。，、；：？！“”‘’《》〈〉（）「」『』【】…·—"
_SHORTLIST = 12
_EVERY_LEAD = frozenset(LEADS)


_GUESSABLE = re.compile(f"[\u4e00-\u9fff{_MARKS}]")


def guessable(character: str) -> bool:
    """Whether a lost character may be this one.

    >>> guessable("祝"), guessable("。"), guessable("Ｔ"), guessable("　")
    (True, True, False, False)
    """
    return _GUESSABLE.fullmatch(character) is not None


def gap(first: int) -> int:
    """The pending state after a vanished pair that began with `first`."""
    return -first


Guess = tuple[float, str, str]  # cost, character, the character as the language model sees it


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Characters to choose from, by the language model's class, and the most frequent of them."""

    by_class: dict[str, str]
    frequent: list[tuple[float, str]]  # (cost, class)


@lru_cache(maxsize=1 << 15)
def ranked(guesses: Guesses, last: str, foreign: frozenset[str], fan: int) -> tuple[Guess, ...]:
    """The `fan` likeliest after `last`, the least costly first. Remembered: runs ask alike."""
    row, by_class = language_model().row(last), guesses.by_class
    found = row.likeliest(by_class, fan + 2)
    found += [(row.backoff + cost, c) for cost, c in guesses.frequent if c not in row.seen]
    found.sort()
    best = sorted([_in_script(cost, c, by_class[c], foreign) for cost, c in found[: fan + 2]])
    return tuple(best[:fan])


def also_said(
    guesses: Guesses, best: Sequence[Guess], said: Set[str], foreign: frozenset[str]
) -> list[Guess]:
    """`best` and the guesses whose class is in `said`, which cost no more than `SAID`."""
    by_class = guesses.by_class
    known = [_in_script(SAID, here, by_class[here], foreign) for here in said if here in by_class]
    if not known:
        return list(best)
    left = [guess for guess in best if guess[2] not in said or guess[0] < SAID]
    kept = {guess[2] for guess in left}
    return sorted([*left, *(guess for guess in known if guess[2] not in kept)])


def _in_script(cost: float, here: str, forms: str, foreign: frozenset[str]) -> Guess:
    """The form of a character that belongs to the document's script, if it has one."""
    for form in forms:
        if form not in foreign:
            return cost, form, here
    return cost + OTHER_SCRIPT, forms[0], here


@dataclass(frozen=True, slots=True)
class _Choice:
    """Every character that may be guessed, the least costly first.

    Strings, since thousands of small tuples would keep the garbage collector busy.
    """

    guess: dict[str, tuple[float, str]]  # character → cost and class
    by_trail: dict[int, str]
    high: dict[int, str]  # by lead, where the trail is a byte that can be lost
    open_ended: dict[int, str]  # by lead, where the trail can be the lead of a pair that vanishes


@cache
def _choice() -> _Choice:
    model, pair, undefined = language_model(), byte_tables().pair, byte_tables().undefined
    characters = "".join(_GUESSABLE.findall("".join(pair)))
    seen_as = classes(characters, model.fold_table)
    every = {c: (model.single.get(h, UNSEEN), h) for c, h in zip(characters, seen_as, strict=True)}
    by_trail: defaultdict[int, list[str]] = defaultdict(list)
    high: defaultdict[int, list[str]] = defaultdict(list)
    open_ended: defaultdict[int, list[str]] = defaultdict(list)
    for character in sorted(characters, key=every.__getitem__):
        lead, trail = pair[character]
        by_trail[trail].append(character)
        if trail >= 0x80:
            high[lead].append(character)
        if trail in undefined:
            open_ended[lead].append(character)
    joined = ({byte: "".join(found) for byte, found in each.items()} for each in (by_trail, high, open_ended))
    return _Choice(every, *joined)


def _guesses(characters: Iterable[str]) -> Guesses:
    """A table of these, which come the least costly first."""
    guess = _choice().guess
    by_class: dict[str, str] = {}
    for character in characters:
        here = guess[character][1]
        by_class[here] = by_class.get(here, "") + character
    return Guesses(by_class, [guess[forms[0]] for forms in islice(by_class.values(), _SHORTLIST)])


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
    pair = byte_tables().pair
    return _guesses([c for c in _choice().by_trail.get(trail, "") if pair[c][0] in leads])


def lost(pending: int) -> Guesses:
    """What a pending lead byte, known in part at least, makes with a lost trail byte."""
    return _lost(_leads(pending))


def before(mark: tuple[int, int]) -> Guesses | None:
    """Characters whose bytes were both lost before this mark; None if it is not one they are lost before.

    The second byte made a mark with the first of this one: A1 A3 AC holds 。 and ，, A3 A1 A3 ！ and 。.
    """
    if mark == FULL_STOP:
        return _completed(_EVERY_LEAD, FULL_WIDTH)
    return _completed(_EVERY_LEAD, FULL_STOP[0]) if mark[0] == FULL_WIDTH else None


@cache
def _lost(leads: frozenset[int]) -> Guesses:
    return _beginning(leads, _choice().high)


def opened(pending: int) -> Guesses:
    """Characters that a pending lead byte may begin and whose trail began a pair that vanished."""
    return _opened(_leads(pending))


@cache
def _opened(leads: frozenset[int]) -> Guesses:
    return _beginning(leads, _choice().open_ended)


def _beginning(leads: frozenset[int], by_lead: Mapping[int, str]) -> Guesses:
    found = [by_lead[lead] for lead in sorted(leads) if lead in by_lead]
    return _guesses(found[0] if len(found) == 1 else sorted("".join(found), key=_choice().guess.__getitem__))


@cache
def read_so(first: int, syllable: str) -> list[tuple[int, str, float]]:
    """(lost byte, character, cost) for the characters beginning with `first` that are read so."""
    pair, exactly = byte_tables().pair, characters_read(syllable)
    # An ASCII byte would not have been lost.
    return [
        (pair[c][1], c, 0.0 if c in exactly else OTHER_TONE)
        for c in sorted(characters_read_alike(syllable), key=pair.__getitem__)
        if pair[c][0] == first and pair[c][1] >= 0x80
    ]


def read_so_after_gap(pending: int, syllable: str) -> Guesses:
    """The characters read so whose lead byte a pending state leaves open."""
    return _read_so_after_gap(_leads(pending), syllable)


@cache
def _read_so_after_gap(leads: frozenset[int], syllable: str) -> Guesses:
    pair, guess = byte_tables().pair, _choice().guess
    found = [c for c in characters_read(syllable) if c in guess and pair[c][0] in leads]
    return _guesses(sorted(found, key=guess.__getitem__))
