"""What does an index have to suggest? Its titles, words and phrases, and how many documents hold each.

**The order of what was counted decides nothing**: between equals the shorter text is kept, then the
first by code points, so an index built by any number of processes has the same lexicon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

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
    ordered = sorted(titles)
    # Folding works on each character by itself, so all are folded at once.
    folded = normalize("\0".join(ordered)).split("\0")
    if len(folded) != len(ordered):
        folded = [*map(normalize, ordered)]
    shown = dict(zip(folded, ordered, strict=True))
    counts = {title: titles[form] for title, form in shown.items()}
    if len(shown) < len(ordered):
        forms: dict[str, list[str]] = {}
        several = {title for title, times in Counter(folded).items() if times > 1}
        for title, form in zip(folded, ordered, strict=True):
            if title in several:
                forms.setdefault(title, []).append(form)
        for title, own in forms.items():
            counts[title], shown[title] = sum(map(titles.__getitem__, own)), max(own, key=titles.__getitem__)
    return counts, shown


def _most(counts: Mapping[str, int], least: int, most: int | None = None) -> dict[str, int]:
    """The texts to offer of at least `least` documents; of more than `most` those of the most documents."""
    texts = [*counts]
    documents = np.fromiter(counts.values(), np.int64, len(texts))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    kept = np.flatnonzero((documents >= least) & (lengths > 1) & (lengths <= LONGEST))
    if most is not None and len(kept) > most:
        worth = documents[kept] * (LONGEST + 1) + LONGEST - lengths[kept]
        last = np.partition(worth, -most)[-most]
        # Among those that are worth as much as the last one the first by code points are kept.
        equal = sorted(kept[worth == last].tolist(), key=texts.__getitem__)
        better = kept[worth > last]
        kept = np.concatenate([better, np.array(equal[: most - len(better)], np.int64)])
    return {texts[at]: counts[texts[at]] for at in kept.tolist()}
