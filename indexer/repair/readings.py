"""Which ways are there to read a damaged run, and what does each cost?

A `Reading` takes in the run token by token. In step, a token is what it shows. Out of step, a lead
byte is pending: the next byte is its trail, and what follows is one byte out of step. Costs are
negative log-probabilities: the language model's, and the priors below for what a reading assumes.
**Bytes that are there are decoded, never guessed; only bytes that were lost are.**
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import nsmallest

from indexer.repair.gbk import FULL_WIDTH, ByteTables, last_byte
from indexer.repair.language import LanguageModel
from indexer.repair.pinyin import characters_read, exactly, fits
from indexer.repair.tokens import NARROWED, Kind, Token

UNKNOWN = -1  # a pending lead byte that was lost
BEAM = 10  # readings kept side by side
BOLD = 4  # so many of them, the best, may also assume vanished pairs
FAN = 6  # guesses kept for one lost byte
HOPELESS = 24.0  # a reading this much worse than the best is dropped
BARE_MARKER = {"?": 7.0, "\ufffd": 1.0}  # taking a marker without a syllable for a lost byte
LITERAL_STRADDLE = 25.0  # taking `?shù)` for something the author wrote
STRAY_NOTE = 12.0  # leaving an annotation where it fits nothing
OTHER_TONE = 5.0  # a lost byte that gives the syllable in another tone
OTHER_SCRIPT = 3.0  # a Simplified character in a Traditional text, or the reverse
WIDE_LETTER = 8.0  # a full-width letter or digit among ordinary ones
VANISHED = 3.0  # a pair that decoded to nothing and left nothing
SUSPECT = 3.0  # a decoded character at least this unlikely makes us think of a vanished pair
COMMA = (0xA3, 0xAC)  # its trail is a lead byte of undefined pairs

_Guess = tuple[str, int | None]  # a character, and the byte pending after it
NARROW = 3  # guesses kept for one end of a vanished pair


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the run so far. `pending`: the lead byte of a character not complete yet."""

    cost: float
    last: str  # the last character, as the language model sees it
    pending: int | None
    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Grows readings by one token. `foreign`: characters of the script the document is not in."""

    tables: ByteTables
    model: LanguageModel
    foreign: frozenset[str]

    def grow(self, readings: Iterable[Reading], token: Token) -> list[Reading]:
        """Every reading that takes in the token, pruned to the beam."""
        best: dict[tuple[int | None, str], Reading] = {}
        for rank, reading in enumerate(readings):
            for new in self._grow(reading, token, rank < BOLD):
                state = (new.pending, new.last)
                if state not in best or new.cost < best[state].cost:
                    best[state] = new
        kept = nsmallest(BEAM, best.values(), key=_cost)
        return [reading for reading in kept if reading.cost < kept[0].cost + HOPELESS]

    def _grow(self, reading: Reading, token: Token, bold: bool) -> Iterator[Reading]:
        if token.kind is Kind.NOTE:
            yield from self._note(reading, token)
        elif token.kind is Kind.MARKER:
            yield from self._marker(reading, token, bold)
        elif reading.pending is None:
            yield self._take(reading, token.text)
        else:
            yield from self._out_of_step(reading, token, bold)

    def _take(self, reading: Reading, text: str, pending: int | None = None, extra: float = 0.0) -> Reading:
        """`reading` with more text."""
        cost, last = reading.cost + extra, reading.last
        for character in text:
            here = self.model.classed(character)
            cost += self.model.pair(last, here)
            last = here
        return Reading(cost, last, pending, reading.text + text, reading.changed)

    def _decoded(self, reading: Reading, character: str, pending: int | None, extra: float = 0.0) -> Reading:
        """`reading` with a character put together of bytes, which may be an unlikely one."""
        if character in self.foreign:
            extra += OTHER_SCRIPT
        elif "\uff10" <= character <= "\uff5a" and character.isalnum():
            extra += WIDE_LETTER
        return self._take(reading, character, pending, extra)

    def _likeliest(
        self, reading: Reading, guesses: Iterable[_Guess], extra: float = 0.0, fan: int = FAN
    ) -> list[Reading]:
        """The most likely of `guesses` after `reading`."""
        row, single, classed = self.model.row(reading.last), self.model.single, self.model.classed
        seen, backoff, foreign = row.seen, row.backoff, self.foreign

        def cost(guess: _Guess) -> float:
            here = classed(guess[0])
            known = seen.get(here)
            known = backoff + single.get(here, 20.0) if known is None else known
            return known + OTHER_SCRIPT if guess[0] in foreign else known

        ranked = nsmallest(fan, guesses, key=cost)
        return [self._decoded(reading, character, pending, extra) for character, pending in ranked]

    def _note(self, reading: Reading, token: Token) -> Iterator[Reading]:
        """An annotation that stands after nothing it fits: perhaps it does in this reading."""
        assert token.syllable is not None
        if reading.pending is None:
            if reading.text and fits(reading.text[-1], token.syllable):
                yield replace(reading, changed=True)
            yield self._take(reading, token.text, None, STRAY_NOTE)

    def _out_of_step(self, reading: Reading, token: Token, bold: bool) -> Iterator[Reading]:
        """The pending lead byte takes the token's first byte as its trail."""
        if token.single is not None:
            yield from self._complete(reading, token.single, None, bold)
        if token.pair is not None:
            yield from self._complete(reading, *token.pair, bold)

    def _complete(self, reading: Reading, trail: int, after: int | None, bold: bool) -> Iterator[Reading]:
        if reading.pending == UNKNOWN:
            guesses = [(c, None) for _, c in self.tables.by_trail.get(trail, []) if guessable(c)]
            yield from (self._then(guess, after) for guess in self._likeliest(reading, guesses))
            return
        assert reading.pending is not None
        character = self.tables.character.get((reading.pending, trail))
        direct = self._decoded(reading, character, None) if character else None
        if direct:
            yield self._then(direct, after)
        if bold and (direct is None or direct.cost - reading.cost > SUSPECT):
            yield from (self._then(guess, after) for guess in self._vanished(reading, trail))

    def _then(self, reading: Reading, byte: int | None) -> Reading:
        """What the byte after a completed character does: ASCII puts us back in step."""
        if byte is None:
            return reading
        if byte < 0x80:
            return self._take(reading, chr(byte))
        return replace(reading, pending=byte)

    def _vanished(self, reading: Reading, trail: int) -> Iterator[Reading]:
        """Two characters whose inner bytes made an undefined pair and left nothing.

        Or three, the middle one a comma: its bytes make such pairs to both sides.
        """
        for one in self._open_ended(reading):
            assert one.pending is not None
            undefined = self.tables.undefined[one.pending]
            yield from self._close(one, trail, undefined, VANISHED)
            if COMMA[0] in undefined:
                comma = self._take(one, "，", COMMA[1], VANISHED)
                yield from self._close(comma, trail, self.tables.undefined[COMMA[1]], VANISHED)

    def _open_ended(self, reading: Reading) -> list[Reading]:
        """The pending byte completed by a lost trail that begins an undefined pair."""
        assert reading.pending is not None
        trails = self.tables.open_ended.get(reading.pending, [])
        return self._likeliest(reading, [(c, trail) for trail, c in trails], fan=NARROW)

    def _close(self, reading: Reading, trail: int, leads: frozenset[int], extra: float) -> list[Reading]:
        guesses: list[_Guess] = [
            (c, None) for lead, c in self.tables.by_trail.get(trail, []) if lead in leads
        ]
        return self._likeliest(reading, guesses, extra, NARROW)

    def _marker(self, reading: Reading, token: Token, bold: bool) -> Iterator[Reading]:
        """A marker: a lost byte, or the mark that it shows."""
        if token.syllable is not None:
            yield from self._straddle(reading, token.syllable, bold)
        if reading.pending is None:
            yield self._take(reading, token.text, None, LITERAL_STRADDLE if token.syllable else 0.0)
        elif token.pair is not None:
            yield from self._complete(reading, *token.pair, bold)
        if token.syllable is None:
            yield from self._lost(reading, BARE_MARKER[token.text], bold)

    def _lost(self, reading: Reading, cost: float, bold: bool) -> Iterator[Reading]:
        """A byte of which nothing is known but its neighbors."""
        changed = replace(reading, changed=True, cost=reading.cost + cost)
        if reading.pending is None:
            yield replace(changed, pending=UNKNOWN)
        elif reading.pending == UNKNOWN:
            # Two markers in a row: the second byte was lost to the mark it made with the next one.
            yield from self._complete(changed, FULL_WIDTH, None, bold)
        else:
            trails = self.tables.by_lead.get(reading.pending, [])
            guesses = [(c, None) for lost, c in trails if lost >= 0x80 and guessable(c)]
            yield from self._likeliest(changed, guesses)

    def _straddle(self, reading: Reading, syllable: str, bold: bool) -> Iterator[Reading]:
        """`?shù)`: the lost byte makes, with the byte before it, a character that is read shù."""
        changed = replace(reading, changed=True)
        for first in _last_bytes(reading):
            for lost, character in self.tables.by_lead.get(first, []):
                if lost < 0x80 or not fits(character, syllable):
                    continue  # an ASCII byte would not have been lost
                extra = 0.0 if exactly(character, syllable) else OTHER_TONE
                if reading.pending is None:
                    yield replace(changed, pending=lost, cost=changed.cost + extra)
                else:
                    yield self._take(changed, character, None, extra)
        if bold and reading.pending is not None and reading.pending != UNKNOWN:
            yield from self._vanished_straddle(changed, syllable)

    def _vanished_straddle(self, reading: Reading, syllable: str) -> Iterator[Reading]:
        """A pair vanished before the lost byte; the character it completes is still read so."""
        for one in self._open_ended(reading):
            assert one.pending is not None
            undefined = self.tables.undefined[one.pending]
            exact = [(c, None) for c in characters_read(syllable) if self.tables.pair[c][0] in undefined]
            yield from self._likeliest(one, exact, VANISHED)


def guessable(character: str) -> bool:
    """Whether a lost character may be this one: Han, or a mark of running text.

    >>> guessable("祝"), guessable("。"), guessable("Ｔ"), guessable("　")
    (True, True, False, False)
    """
    return (
        character >= "\u4e00" and character < "\ua000"
    ) or character in "。，、；：？！“”‘’《》〈〉（）「」『』【】…·—"


def _last_bytes(reading: Reading) -> list[int]:
    """The byte that stands last; an ASCII mark may have been narrowed from full width."""
    if reading.pending is not None:
        return [reading.pending]
    last = reading.text[-1:]
    byte = last_byte(last)
    return [b for b in (byte, ord(last) + 0x80 if last in NARROWED else None) if b is not None and b > 0x80]


def _cost(reading: Reading) -> float:
    return reading.cost
