"""How usual is a run of characters in this index? Costs of a character after another, in nats.

What the index has is mixed with the shipped model of the language, so that a usual word of the language
is not taken for a mistake only because the index lacks it. Frequencies are asked for once, and **at most
`ASKED` times a query**: what is not known then counts as absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import exp, log

ASKED = 200
OWN = 0.6  # the share of the index in the mixture
SMOOTHING = 5.0


@dataclass(slots=True)
class Statistics:
    """Document frequencies of one index, as one query needs them.

    `ahead` is told of texts whose frequencies will probably be asked for: nothing depends on it but time.
    """

    frequency: Callable[[str], int]
    documents: int
    holds: Callable[[str], bool]
    ahead: Callable[[Sequence[str]], object] = len
    _known: dict[str, int] = field(default_factory=dict)
    _links: dict[str, float] = field(default_factory=dict)

    def documents_with(self, text: str) -> int:
        """In how many documents a folded character, pair of characters or word is."""
        if text not in self._known:
            self._known[text] = self.frequency(text) if len(self._known) < ASKED else 0
        return self._known[text]

    def expect(self, texts: Iterable[str]) -> None:
        """Let texts be looked up at once, as many as may still be asked for."""
        wanted = [text for text in dict.fromkeys(texts) if text not in self._known]
        if wanted := wanted[: max(ASKED - len(self._known), 0)]:
            self.ahead(wanted)

    def held(self, text: str) -> bool:
        """Whether a document has `text` as an exact string."""
        return all(map(self.documents_with, pairs_of(text))) and self.holds(text)

    @property
    def exhausted(self) -> bool:
        """Whether no further frequency will be asked for."""
        return len(self._known) >= ASKED

    def link(self, pair: str) -> float:
        """The cost of the second character of `pair` after the first."""
        if (cost := self._links.get(pair)) is None:
            before, after = pair[0], pair[1]
            base = (self.documents_with(after) + 0.5) / (self.documents + 1)
            here = (self.documents_with(pair) + SMOOTHING * base) / (self.documents_with(before) + SMOOTHING)
            usual = exp(-_usual()(before, after))
            cost = self._links[pair] = -log(OWN * min(here, 1.0) + (1 - OWN) * usual)
        return cost

    def cost(self, text: str) -> float:
        """The cost of the characters of `text` after its first."""
        return sum(map(self.link, pairs_of(text)))

    def usual_cost(self, text: str) -> float:
        """The same by the language model alone, whatever the index has."""
        pair = _usual()
        return sum(pair(text[at], text[at + 1]) for at in range(len(text) - 1))


def pairs_of(text: str) -> Iterator[str]:
    """The pairs of characters of a text."""
    return map("".join, pairwise(text))


@cache
def _usual() -> Callable[[str, str], float]:
    """The cost of a character after another in the language at large."""
    from indexer.repair.language_model import language_model  # takes 40 ms, and most searches correct nothing

    return language_model().pair
