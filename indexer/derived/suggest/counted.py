"""What does an index have to suggest? Its titles, words and phrases, and how many documents hold each.

**The order of what was counted decides nothing**: between equals the shorter text is kept, then the
first by code points, so an index built by any number of processes has the same lexicon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from indexer.derived.suggest.phrases import Cut, running_phrases, title_phrases
from indexer.text.normalize import normalize

LONGEST = 40  # characters of what is offered: nobody types more, and a line of code may be one word
MOST_TITLES = 100_000
MOST_PHRASES = 200_000
# With fewer documents whatever occurs is kept.
FEW, MANY = 500, 100_000


@dataclass(frozen=True, slots=True)
class Counted:
    """Folded texts, each with the documents that hold it; `shown` has the form of each title that most use.

    `characters` are single ones. `titles` may be fewer than there are.
    """

    documents: int = 0
    words: Mapping[str, int] = field(default_factory=dict, repr=False)
    characters: Mapping[str, int] = field(default_factory=dict, repr=False)
    titles: Mapping[str, int] = field(default_factory=dict, repr=False)
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)
    phrases: Mapping[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        documents: int,
        words: Mapping[str, int],
        characters: Mapping[str, int],
        titles: Mapping[str, int],
        texts: Iterable[str],
        cut: Cut,
    ) -> Self:
        """What there is to suggest of folded words and characters, and of titles as they are shown.

        `texts` are those of some documents, where there are too many for all. `cut` divides folded text
        (`Analyzer.pieces`).
        """
        folded, shown = _folded(titles)
        sampled = Counter(map(normalize, sorted(texts)))
        found = running_phrases(sampled, cut, rarest(documents, 1, 2, 2))
        rare = rarest(documents, 1, 3, 5)
        found |= {text: count for text, count in title_phrases(folded, cut).items() if count >= rare}
        return cls(
            documents,
            _most(words, rarest(documents, 1, 1, 2)),
            characters,
            _most(folded, 1, MOST_TITLES),
            shown,
            _most(found, 1, MOST_PHRASES),
        )


def rarest(documents: int, few: int, some: int, many: int) -> int:
    """The least count of a text that is kept, by the size of the index."""
    return few if documents < FEW else some if documents < MANY else many


def _folded(titles: Mapping[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """Folded titles with their documents, and how each is shown."""
    counts: dict[str, int] = {}
    shown: dict[str, str] = {}
    ordered = sorted(titles)
    # Folding works on each character by itself, so all are folded at once.
    for form, folded in zip(ordered, normalize("\0".join(ordered)).split("\0"), strict=False):
        counts[folded] = counts.get(folded, 0) + titles[form]
        if titles[form] > titles.get(shown.get(folded, ""), 0):
            shown[folded] = form
    return counts, shown


def _most(counts: Mapping[str, int], least: int, most: int | None = None) -> dict[str, int]:
    """The texts to offer of at least `least` documents; of more than `most` those of the most documents."""
    kept = [
        (-count, len(text), text)
        for text, count in counts.items()
        if count >= least and 1 < len(text) <= LONGEST
    ]
    if most is not None and len(kept) > most:
        kept = sorted(kept)[:most]
    return {text: -count for count, _, text in kept}
