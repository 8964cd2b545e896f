"""Which terms does a text have, and where? The one analyzer of index, query and highlight time.

    text ─ visible ─→ signs as what they stand for, without what no reader sees ─ normalize ─→ folded text
    folded text ┬─ words  (for ranking)
                └─ grams  (the guarantee)

*Words* are what the segmenter says, single characters and signs too, Latin ones with their accents. *Grams*
are every CJK character, every pair of adjacent ones, and every Latin word and number; a character and the
pair it opens share one position, and positions count on across punctuation, where no pair is formed. So a
phrase is grams at consecutive positions (`phrase`), and any substring of CJK characters is such a phrase.
Offsets are into the text that was given, whatever was folded, spelled out or left out on the way.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from operator import add
from pathlib import Path
from typing import NamedTuple, Self

from indexer.config import Config
from indexer.text.analysis import Analysis
from indexer.text.dictionary import Dictionary
from indexer.text.forms import form_of, is_plain, signs
from indexer.text.normalize import normalize, spelled, table_digest, with_accents
from indexer.text.segmenter import Ends, Segmenter, ends_of, load_segmenter, slices
from indexer.text.units import SIGN, UNITS, UNSEEN, Mark, Units, all_seen, seen, stopped_units

# Bump when the terms of a text change for any reason that the other parts of the fingerprint do not see.
ANALYSIS_VERSION = 5
_REMEMBERED = 1 << 13
# Brackets that fold to the same, and are never read over.
_BRACKETS = str.maketrans("()", "（）")
# What has more spaces than make so many pieces is spaced lettering, or was copied with its line ends.
_MOST_PIECES = 4


class Pieces(NamedTuple):
    """What a text is cut into, before what is no term is left out: whoever numbers terms asks once for each.

    Piece i is `text[ends[i - 1] : ends[i]]`, the first begins at 0; `ends` is a buffer of 32-bit numbers.
    `counts` says which pieces are terms (None: all).
    """

    text: str
    ends: Ends
    counts: Callable[[str], bool] | None = None

    @classmethod
    def of(cls, texts: Sequence[str], counts: Callable[[str], bool] | None = None) -> Self:
        """Pieces that are given one by one."""
        return cls("".join(texts), ends_of(texts), counts)

    def texts(self) -> list[str]:
        """The pieces, in order."""
        return slices(self.text, self.ends)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Terms in columns: term i stands at `text[starts[i]:ends[i]]`, position `positions[i]`."""

    terms: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    positions: Sequence[int]

    def __len__(self) -> int:
        return len(self.terms)


class Change(NamedTuple):
    """Where the pieces of a changed text come from: piece i is from `places[i]` on what began at `starts[i]`.

    Its characters came one by one where `ends[i]` is 0, else the whole piece is of what ended there. There
    are as many pieces as changes, however long the text.
    """

    places: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> Mark:
        """Where what is at `start:end`, which is not empty, was before."""
        first = bisect_right(self.places, start) - 1
        last = bisect_right(self.places, end - 1) - 1
        before = self.starts[first] + (0 if self.ends[first] else start - self.places[first])
        return before, self.ends[last] or self.starts[last] + end - self.places[last]


class Visible(NamedTuple):
    """A text as it is matched, and how it came to be."""

    text: str
    changes: tuple[Change, ...] = ()

    def span(self, start: int, end: int) -> Mark:
        """Where what is matched at `start:end` stands in the text."""
        for change in reversed(self.changes):
            start, end = change.span(start, end)
        return start, end


def visible(text: str) -> Visible:
    """`text` with signs as what they stand for and without unseen characters: `units.seen` with offsets.

    >>> shown = visible("無\\u200b錫\\n高新區 2 期")
    >>> shown.text, shown.span(1, 3), shown.span(5, 6)
    ('無錫高新區 2 期', (2, 5), (7, 8))
    >>> visible("25㎡地").text, visible("25㎡地").span(3, 4), visible("25㎡地").span(5, 6)
    ('25m2 地', (2, 3), (3, 4))
    """
    shown = Visible(text) if is_plain(text) else _with_forms(text)
    if all_seen(shown.text):
        return shown
    unseen = [found.span() for found in UNSEEN.finditer(shown.text)]
    starts = [0, *(end for _, end in unseen)]
    stops = [*(start for start, _ in unseen), len(shown.text)]
    parts = [shown.text[start:stop] for start, stop in zip(starts, stops, strict=True)]
    places = [0, *accumulate(map(len, parts))][:-1]
    return Visible("".join(parts), (*shown.changes, Change(places, starts, [0] * len(starts))))


def _with_forms(text: str) -> Visible:
    """`text` with signs as what they stand for."""
    parts: list[str] = []
    places, starts, ends = [0], [0], [0]
    at = place = 0
    for found in signs(text):
        start, end = found.span()
        form = form_of(found)
        parts += text[at:start], form
        place += start - at
        # What is as long as before is where it was.
        if len(form) != end - start:
            places += place, place + len(form)
            starts += start, end
            ends += end, 0
        place, at = place + len(form), end
    return Visible("".join([*parts, text[at:]]), (Change(places, starts, ends),))


def asked(text: str) -> str:
    """`text` of a query as it is matched, not folded yet: its brackets and spaces are punctuation.

    In a text they may be read over. Who types them asks for what is beside them, whatever stands there, or
    nothing. Of many spaces each is layout, as in a text.

    >>> asked("歡(迎) 進入第Ⅲ期"), seen("歡(迎) 進入第Ⅲ期"), asked("關 於 開 會 的 通 知")
    ('歡（迎）、進入第III期', '歡迎進入第III期', '關於開會的通知')
    """
    pieces = text.split()
    return seen(("、".join(pieces) if len(pieces) <= _MOST_PIECES else text).translate(_BRACKETS))


def asked_grams(text: str) -> Tokens:
    """The grams of what is asked for with `text` of a query."""
    return grams(normalize(asked(text)))


def grams(folded: str) -> Tokens:
    """Characters, pairs, Latin words and numbers of folded text.

    >>> grams(normalize("無錫C++, 3D")).terms, grams(normalize("無錫C++, 3D")).positions
    (['无', '锡', '无锡', 'c++', '3', 'd'], [0, 1, 0, 2, 3, 4])
    """
    terms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    positions: list[int] = []
    at = 0
    for unit in UNITS.finditer(folded):
        text, start = unit.group(), unit.start()
        length = len(text)
        if not unit[1]:
            terms.append(text)
            starts.append(start)
            ends.append(start + length)
            positions.append(at)
            at += 1
            continue
        terms += text
        terms += map(add, text, text[1:])
        for column, base, width in ((starts, start, 0), (ends, start + 1, 1), (positions, at, 0)):
            column += range(base, base + length)
            column += range(base + width, base + width + length - 1)
        at += length
    return Tokens(terms, starts, ends, positions)


def phrase(tokens: Tokens) -> list[str]:
    """The grams that stand for the exact string: the longest one at each position, as few as do.

    >>> phrase(grams("合作，无锡高")), phrase(grams("24口"))
    (['合作', '作', '无锡', '锡高'], ['24', '口'])
    """
    places = _longest(tokens)
    last_is_covered = len(places) > 1 and places[-2][2] == places[-1][2]
    return [term for term, _, _ in (places[:-1] if last_is_covered else places)]


def breaks(tokens: Tokens) -> list[int]:
    """Before which of a phrase's grams something else was typed, punctuation or a space.

    >>> breaks(grams("合作，无锡高")), phrase(grams("合作，无锡高")), breaks(grams("24口"))
    ([2], ['合作', '作', '无锡', '锡高'], [])
    """
    places = _longest(tokens)
    reached = [start + 1 if end - start == 2 and not term.isascii() else end for term, start, end in places]
    return [at for at, (_, start, _) in enumerate(places) if at and start > reached[at - 1]]


def _longest(tokens: Tokens) -> list[tuple[str, int, int]]:
    """The longest gram at each position, with its start and end."""
    longest: dict[int, tuple[str, int, int]] = {}
    places = zip(tokens.terms, tokens.starts, tokens.ends, tokens.positions, strict=True)
    for term, start, end, position in places:
        held = longest.get(position)
        if held is None or len(term) > len(held[0]):
            longest[position] = term, start, end
    return [place for _, place in sorted(longest.items())]


def load_analyzer(config: Config, *, bulk: bool = False) -> Analyzer:
    """The analyzer that `[analysis]` describes. Raises `ConfigError` for an unreadable word list."""
    return analyzer_of(Analysis.of(config.analysis), config.index.directory / "cache", bulk=bulk)


def analyzer_of(analysis: Analysis, cache: Path, *, bulk: bool = False) -> Analyzer:
    """The analyzer that `analysis` describes; `cache` and `bulk` are as in `load_segmenter`."""
    segmenter, dictionary, digest = load_segmenter(
        analysis.user_dictionary, cache, hmm=analysis.hmm, bulk=bulk
    )
    lines = analysis.stop_words.splitlines()
    stop_words = frozenset(normalize(word) for line in lines if (word := line.strip()) and line[0] != "#")
    return Analyzer(segmenter, dictionary, stop_words, f"{digest}\0hmm={analysis.hmm}")


class Analyzer:
    """Words and grams of a text, as configured. Holds the segmenter; safe to share between threads."""

    def __init__(
        self,
        segmenter: Segmenter,
        dictionary: Dictionary,
        stop_words: frozenset[str] = frozenset(),
        settings: str = "",
    ) -> None:
        self._ends = segmenter
        self._stop_words = stop_words
        self._settings = settings
        self.name_units: Callable[[str], Units] = lru_cache(_REMEMBERED)(self.gram_units)
        """What `gram_units` gives, remembered: of names of authors and sources, which come again."""
        self.surprise: Callable[[str], float] = lru_cache(_REMEMBERED)(dictionary.surprise)
        """How unlikely a folded word is in the language, in nats: see `Dictionary.surprise`."""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that decides which terms a text has."""
        parts = (str(ANALYSIS_VERSION), table_digest(), self._settings, *sorted(self._stop_words))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def word_terms(self, text: str) -> list[str]:
        """The words of `text`, in order."""
        return [*filter(self._ranks, self.pieces(text).texts())]

    def pieces(self, text: str) -> Pieces:
        """What `text` is cut into, words and what is between them."""
        shown, folded = _folded(text)
        return Pieces(with_accents(folded, shown), self._ends(folded), self._ranks)

    def gram_units(self, text: str) -> Units:
        """The grams of `text`, not spelled out: every character and adjacent pair of each run is one.

        Ends of sentences are among them, which queries have none of.
        """
        return stopped_units(_folded(text)[1])

    def words(self, text: str) -> Tokens:
        """The words of `text` with offsets; positions count words."""
        shown = visible(text)
        ends = self._ends(normalize(shown.text))
        words = [
            (word, start, end)
            for word, start, end in zip(
                slices(spelled(shown.text), ends), chain((0,), ends), ends, strict=False
            )
            if self._ranks(word)
        ]
        terms, starts, stops = zip(*words, strict=True) if words else ((), (), ())
        return _mapped(Tokens(terms, starts, stops, range(len(terms))), shown)

    def _ranks(self, word: str) -> bool:
        # A character newer than Python's tables is known by its range alone.
        told = word[-1].isalnum() or word[0].isalnum() or SIGN.match(word) or UNITS.match(word)
        return bool(told) and word not in self._stop_words

    def grams(self, text: str) -> Tokens:
        """The grams of `text` with offsets and positions."""
        shown = visible(text)
        return _mapped(grams(normalize(shown.text)), shown)


@lru_cache(maxsize=2)
def _folded(text: str) -> tuple[str, str]:
    """What is seen of a text, and the same folded: words and grams are both cut from it."""
    shown = seen(text)
    return shown, normalize(shown)


def _mapped(tokens: Tokens, shown: Visible) -> Tokens:
    if not shown.changes:
        return tokens
    spans = [shown.span(start, end) for start, end in zip(tokens.starts, tokens.ends, strict=True)]
    return Tokens(tokens.terms, [start for start, _ in spans], [end for _, end in spans], tokens.positions)
