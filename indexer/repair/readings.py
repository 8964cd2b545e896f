"""Which ways are there to read a damaged run, and what does each cost?

A `Reading` takes in the run token by token. In step, a token is what it shows. Out of step, a lead
byte is pending: the next byte is its trail, and what follows is one byte out of step. Costs are
negative log-probabilities: the language model's, and the priors below for what a reading assumes.
**Bytes that are there are decoded, never guessed; only bytes that were lost are.**
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import nsmallest
from typing import NamedTuple

from indexer.repair.gbk import byte_tables, last_byte
from indexer.repair.guesses import (
    OTHER_SCRIPT,
    SAID,
    TWICE,
    UNKNOWN,
    Guess,
    Guesses,
    also_said,
    before,
    completed,
    gap,
    lost,
    opened,
    ranked,
    read_so,
    read_so_after_gap,
)
from indexer.repair.language_model import LanguageModel
from indexer.repair.pinyin import fits
from indexer.repair.tokens import NARROWED, Kind, Token

BEAM = 8  # readings kept side by side
CROWD = 24  # and no more than this where many cost the same
BOLD = 2  # so many of them, the best, may also assume vanished pairs
FAN = 6  # guesses kept for one lost byte
NARROW = 4  # guesses kept on one side of a vanished pair
SHY = 2  # and on the far side of a second one
SHORT = 4  # ways to assume vanished pairs that are followed
INFINITE = float("inf")
HOPELESS = 24.0  # a reading this much worse than the best is dropped
BARE_MARKER = {"?": 7.0, "\ufffd": 1.0}  # taking a marker without a syllable for a lost byte
LITERAL_STRADDLE = 25.0  # taking `?shù)` for something the author wrote
STRAY_NOTE = 12.0  # leaving an annotation where it fits nothing
WIDE_LETTER = 8.0  # a full-width letter or digit among ordinary ones
SWALLOW = 2.0  # a marker that took an ASCII character with it
SWALLOWED = {"0": "?", "a": "?", ",": ",", " ": " "}
SUSPECT = 3.0  # a decoded character at least this unlikely makes us think of a vanished pair


class Reading(NamedTuple):
    """One way to read the run so far. A tuple: a hundred are made for each token.

    `pending`: the lead byte of a character that is not complete yet, or what is known of it
    (see `indexer.repair.guesses`); None when in step.
    """

    cost: float
    last: str  # the last character, as the language model sees it
    pending: int | None
    text: str
    changed: bool

    def waiting(self, pending: int | None, cost: float = 0.0) -> Reading:
        """The same reading with another byte pending, in the knowledge that bytes were lost."""
        return Reading(self.cost + cost, self.last, pending, self.text, True)


@dataclass(frozen=True, slots=True)
class Reader:
    """Grows readings by one token. `foreign`: characters of the script the document is not in."""

    model: LanguageModel
    foreign: frozenset[str]
    said: Mapping[str, Set[str]]  # what follows what where the document is whole, by class

    def grow(self, readings: Sequence[Reading], token: Token) -> list[Reading]:
        """Every reading that takes in the token, pruned to the beam. `readings`: the best first."""
        best: dict[tuple[int | None, str], Reading] = {}
        for reading in readings:
            _keep(best, self._grow(reading, token))
        reach = _beam(best)[1]
        for reading in readings[:BOLD]:
            if reading.pending is not None and reading.cost <= reach:
                _keep(best, self._grow_boldly(reading, reading.pending, token, reach))
        kept, limit = _beam(best)
        return [reading for reading in kept if reading.cost <= limit]

    def _grow(self, reading: Reading, token: Token) -> Iterator[Reading]:
        """What the token's bytes make of a reading, taking lost bytes only where markers stand."""
        if token.kind is Kind.NOTE:
            yield from self._note(reading, token)
        elif token.kind is Kind.MARKER:
            yield from self._marker(reading, token)
        elif reading.pending is None:
            yield self._take(reading, token.text)
        elif reading.pending == TWICE:
            lost_whole = before(token.pair) if token.pair is not None else None
            for option in self._guess(reading, lost_whole, FAN) if lost_whole is not None else ():
                yield self._take(option, token.text)
        else:
            for trail, after in _trails(token):
                yield from self._complete(reading, reading.pending, trail, after)

    def _grow_boldly(self, reading: Reading, pending: int, token: Token, reach: float) -> Iterator[Reading]:
        """What else it may be: pairs vanished before the token, or a marker took more with it.

        `reach`: what costs more than this has no place in the beam and need not be tried.
        """
        for trail, after in _trails(token):
            if self._suspect(reading, pending, trail):
                for short, left in self._vanish(reading, pending, reach):
                    for option in self._guess(short, completed(left, trail), NARROW, reach):
                        yield self._then(option, after)
        if token.kind is not Kind.MARKER:
            return
        if token.syllable is not None:
            for short, left in self._vanish(reading, pending, reach):
                yield from self._guess(short, read_so_after_gap(left, token.syllable), NARROW, reach)
            return
        for found in self._lose(reading, pending, token, reach) if token.text == "?" else ():
            yield from self._swallowed(found)
        for short, left in self._vanish(reading, pending, reach):
            for found in self._lose(short, left, token, reach):
                yield found
                if token.text == "?":
                    yield from self._swallowed(found)

    def _take(self, reading: Reading, text: str, extra: float = 0.0) -> Reading:
        """`reading` with more text, nothing pending."""
        cost, last = reading.cost + extra, reading.last
        for character in text:
            here = self.model.classed(character)
            step = self.model.pair(last, here)
            cost += SAID if step > SAID and here in self.said.get(last, ()) else step
            last = here
        return Reading(cost, last, None, reading.text + text, reading.changed)

    def _guess(self, reading: Reading, guesses: Guesses, fan: int, reach: float = INFINITE) -> list[Reading]:
        """`reading` with each of the likeliest guesses that lie within reach."""
        found: Sequence[Guess] = ranked(guesses, reading.last, self.foreign, fan)
        said = self.said.get(reading.last)
        if said is not None:
            found = also_said(guesses, found, said, self.foreign)[:fan]
        return [
            Reading(reading.cost + cost, here, None, reading.text + character, True)
            for cost, character, here in found
            if reading.cost + cost <= reach
        ]

    def _note(self, reading: Reading, token: Token) -> Iterator[Reading]:
        """An annotation that stands after nothing it fits: perhaps it does in this reading."""
        if reading.pending is None and token.syllable is not None:
            if reading.text and fits(reading.text[-1], token.syllable):
                yield reading.waiting(None)
            yield self._take(reading, token.text, STRAY_NOTE)

    def _complete(self, reading: Reading, pending: int, trail: int, after: int | None) -> Iterator[Reading]:
        """The pending byte takes its trail; `after` is the byte that follows it in the token."""
        known = pending >= 0
        options = (
            self._decode(reading, pending, trail)
            if known
            else self._guess(reading, completed(pending, trail), FAN)
        )
        for option in options:
            yield self._then(option, after)

    def _suspect(self, reading: Reading, pending: int, trail: int) -> bool:
        """Whether what the bytes make is so unlikely that a vanished pair comes to mind."""
        decoded = next(self._decode(reading, pending, trail), None) if pending >= 0 else None
        return decoded is None or decoded.cost - reading.cost > SUSPECT

    def _decode(self, reading: Reading, lead: int, trail: int) -> Iterator[Reading]:
        character = byte_tables().character.get((lead, trail))
        if character is not None:
            wide = "\uff10" <= character <= "\uff5a" and character.isalnum()
            foreign = OTHER_SCRIPT if character in self.foreign else 0.0
            yield self._take(reading, character, WIDE_LETTER if wide else foreign)

    def _then(self, reading: Reading, byte: int | None) -> Reading:
        """What the byte after a completed character does: ASCII puts us back in step."""
        if byte is None:
            return reading
        return self._take(reading, chr(byte)) if byte < 0x80 else reading.waiting(byte)

    def _vanish(self, reading: Reading, pending: int, reach: float) -> list[tuple[Reading, int]]:
        """The pending byte completed by a trail that vanished together with the lead after it.

        Once, or twice in a row: a full-width comma's bytes make undefined pairs to both sides.
        With each reading, what is known of the byte that is pending then.
        """
        if pending == UNKNOWN:
            return []
        once = self._open(reading, pending, NARROW, reach)
        twice = [short for first, left in once for short in self._open(first, left, SHY, reach)]
        return nsmallest(SHORT, [*once, *twice], key=_first_cost)

    def _open(self, reading: Reading, pending: int, fan: int, reach: float) -> list[tuple[Reading, int]]:
        pair = byte_tables().pair
        # No cost for assuming it: what is undefined always vanishes.
        return [
            (option, gap(pair[option.text[-1]][1]))
            for option in self._guess(reading, opened(pending), fan, reach)
        ]

    def _marker(self, reading: Reading, token: Token) -> Iterator[Reading]:
        """A marker: the mark that it shows, or a lost byte."""
        if reading.pending is None:
            yield self._take(reading, token.text, LITERAL_STRADDLE if token.syllable else 0.0)
            if token.syllable is None:
                yield reading.waiting(UNKNOWN, BARE_MARKER[token.text])
        else:
            for trail, after in _trails(token):
                yield from self._complete(reading, reading.pending, trail, after)
            if token.syllable is None and reading.pending == UNKNOWN:
                yield reading.waiting(TWICE, BARE_MARKER[token.text])
            elif token.syllable is None:
                yield from self._lose(reading, reading.pending, token)
        if token.syllable is not None:
            yield from self._straddle(reading, token.syllable)

    def _lose(self, reading: Reading, pending: int, token: Token, reach: float = INFINITE) -> list[Reading]:
        """The pending byte's trail is what was lost."""
        option = reading.waiting(None, BARE_MARKER[token.text])
        return self._guess(option, lost(pending), FAN, reach)

    def _swallowed(self, reading: Reading) -> Iterator[Reading]:
        """A `?` stands for the lost byte and the one after it: perhaps an ASCII character went too.

        A comma or a space can be told; of a digit or a letter no more than that it was there.
        """
        for swallowed, shown in SWALLOWED.items():
            here = self.model.classed(swallowed)
            cost = reading.cost + self.model.pair(reading.last, here) + SWALLOW
            yield Reading(cost, here, None, reading.text + shown, True)

    def _straddle(self, reading: Reading, syllable: str) -> Iterator[Reading]:
        """`?shù)`: the lost byte makes, with the byte before it, a character that is read shù."""
        for first in _last_bytes(reading):
            for byte, character, cost in read_so(first, syllable):
                if reading.pending is None:
                    yield reading.waiting(byte, cost)
                else:
                    yield self._take(reading.waiting(None), character, cost)


def _keep(best: dict[tuple[int | None, str], Reading], found: Iterable[Reading]) -> None:
    """Of readings that cannot be told apart any more, keep the cheapest."""
    for new in found:
        state = (new.pending, new.last)
        if state not in best or new.cost < best[state].cost:
            best[state] = new


def _beam(best: Mapping[tuple[int | None, str], Reading]) -> tuple[list[Reading], float]:
    """The cheapest readings, and the cost beyond which none is kept."""
    kept = nsmallest(CROWD, best.values(), key=_cost)
    if not kept:
        return [], INFINITE
    hopeless = kept[0].cost + HOPELESS
    # Equals stay together: what tells them apart comes with the next token.
    return kept, hopeless if len(kept) < BEAM else min(kept[BEAM - 1].cost, hopeless)


def _trails(token: Token) -> Iterator[tuple[int, int | None]]:
    """The token as a trail byte and the byte after it, in each way that it can be."""
    if token.single is not None:
        yield token.single, None
    if token.pair is not None:
        yield token.pair


def _last_bytes(reading: Reading) -> list[int]:
    """The byte that stands last; an ASCII mark may have been narrowed from full width."""
    if reading.pending is not None:
        return [reading.pending]
    last = reading.text[-1:]
    byte = last_byte(last)
    return [b for b in (byte, ord(last) + 0x80 if last in NARROWED else None) if b is not None]


def _cost(reading: Reading) -> float:
    return reading.cost


def _first_cost(short: tuple[Reading, int]) -> float:
    return short[0].cost
