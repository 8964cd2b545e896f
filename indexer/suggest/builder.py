"""What does an index have to suggest? Titles, words and pairs of neighboring words, counted by document.

Counting is bounded: whenever a table outgrows its limit, what was seen least is forgotten. The state is
plain dictionaries, so a builder is pickled to another process and merged there.
**Counts never exceed the number of documents that hold the text.**
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from indexer.normalize import normalize
from indexer.suggest.sounds import is_han
from indexer.suggest.writing import write_lexicon

WORDS_LIMIT = 1_000_000
PAIRS_LIMIT = 1_500_000
TITLES_LIMIT = 600_000
LONGEST_TITLE = 40
LONGEST_PAIR = 7


@dataclass(slots=True)
class LexiconBuilder:
    """Collects the vocabulary of an index; `write` leaves it as one file."""

    documents: int = 0
    words: Counter[str] = field(default_factory=Counter, repr=False)
    pairs: Counter[str] = field(default_factory=Counter, repr=False)
    titles: dict[str, Counter[str]] = field(default_factory=dict, repr=False)
    characters: Counter[str] = field(default_factory=Counter, repr=False)

    def add(self, title: str | None, words: Iterable[str]) -> None:
        """Count one document: its title in its own script, and its folded words in order."""
        self.documents += 1
        in_order = [*words]
        self.words.update(set(in_order))
        self.characters.update(set("".join(in_order)))
        self.pairs.update(_pairs(in_order))
        shown = " ".join(title.split()) if title else ""
        if 1 < len(shown) <= LONGEST_TITLE:
            self.titles.setdefault(normalize(shown), Counter())[shown] += 1
        self._forget()

    def merge(self, other: LexiconBuilder) -> None:
        """Add what another builder counted in other documents."""
        self.documents += other.documents
        self.words.update(other.words)
        self.pairs.update(other.pairs)
        self.characters.update(other.characters)
        for folded, forms in other.titles.items():
            self.titles.setdefault(folded, Counter()).update(forms)
        self._forget()

    def write(self, path: Path) -> None:
        """Write the lexicon to `path`, an entry per folded text."""
        write_lexicon(self, path)

    def _forget(self) -> None:
        self.words = _kept(self.words, WORDS_LIMIT)
        self.pairs = _kept(self.pairs, PAIRS_LIMIT)
        if len(self.titles) > TITLES_LIMIT:
            often = {folded: forms for folded, forms in self.titles.items() if forms.total() > 1}
            self.titles = often if len(often) < TITLES_LIMIT else {}


def _pairs(words: list[str]) -> set[str]:
    """Neighbors that read as one: Han, not two single characters, not too long."""
    flags = [*map(_han_length, words)]
    return {
        left + right
        for left, right, a, b in zip(words, words[1:], flags, flags[1:], strict=False)
        if a and b and 2 < a + b <= LONGEST_PAIR
    }


@lru_cache(maxsize=1 << 16)
def _han_length(word: str) -> int:
    return len(word) if is_han(word) else 0


def _kept(counts: Counter[str], limit: int) -> Counter[str]:
    least = 1
    while len(counts) > limit:
        # Down to half the limit, so that forgetting is rare.
        while len(counts) > limit // 2:
            counts = Counter({text: count for text, count in counts.items() if count > least})
            least += 1
    return counts
