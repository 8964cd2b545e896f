"""How much of a query stands close together in a document, and how much of it a title says? Shares, 0 to 1.

They are asked for with the search that finds the documents, and remembered until they are wanted. **Weights
are whole numbers, so sums are exact**, and the shares are those of the embedded engine.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from indexer.engine.embedded.search.statistics import UNIT, TermStatistics
from indexer.engine.opensearch.asking import AskedIndex
from indexer.engine.opensearch.cluster import Answer
from indexer.engine.opensearch.entries import STORED_UNITS
from indexer.engine.opensearch.listing import number_of
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.scripts import looked_for, shares_of, sums_of
from indexer.engine.shares import Agreement, Nearness, Share
from indexer.recent import Recent

_QUESTIONS = 1_000
"""So many are remembered, each with what was said of some documents."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A share; what each of its terms weighs that any document holds, in units; what they weigh together."""

    share: Share
    weights: Mapping[str, int]
    whole: float

    def of(self, sums: Sequence[int]) -> float:
        """The share, of what the script says."""
        if isinstance(self.share, Nearness):
            return min(sums[0] / self.whole, 1.0)
        held, times, length = sums
        return min(held / self.whole, 1.0) * min(times / max(length, 1), 1.0)


@dataclass(frozen=True, slots=True)
class Closeness:
    """The shares of one state. May be shared between threads."""

    index: AskedIndex
    statistics: TermStatistics
    _known: Recent[Hashable, dict[int, float]] = field(default_factory=lambda: Recent(_QUESTIONS), init=False)

    def asked_with(self, shares: Iterable[Share]) -> Json:
        """What is to be added to a search, so that `learn` has the shares of what it finds."""
        telling = self._telling(shares)
        return shares_of([*_asked(telling)]) if telling else {}

    def learn(self, shares: Iterable[Share], hits: Sequence[Answer]) -> None:
        """Remember what came with hits."""
        for place, weighed in enumerate(self._telling(shares)):
            found = {number_of(hit): weighed.of(sums_of(hit)[place]) for hit in hits}
            key = _key(weighed.share)
            self._known.put(key, {**(self._known.get(key) or {}), **found})

    def of(self, share: Share, documents: Sequence[int]) -> list[float]:
        """A share of documents."""
        if not self._telling([share]):
            return [0.0] * len(documents)
        known = self._known.get(_key(share)) or {}
        if missing := [number for number in dict.fromkeys(documents) if number not in known]:
            for hits in self.index.numbered(missing, self.asked_with([share])):
                self.learn([share], hits)
                known = {**known, **(self._known.get(_key(share)) or {})}
        return [known[number] for number in documents]

    def _telling(self, shares: Iterable[Share]) -> list[_Weighed]:
        """Those that can be more than 0, in the order in which they are asked for."""
        found = [self._weighed(share) for share in shares if _asked_of(share) in STORED_UNITS]
        return sorted((each for each in found if each.weights), key=_place)

    def _weighed(self, share: Share) -> _Weighed:
        counts = {**share.others, **share.terms}
        known = {text: self.statistics.term(share.field, text) for text in counts}
        weights = {text: round(own.weight * counts[text]) for text, own in known.items() if own.documents}
        whole = sum(weights[text] for text in share.terms if text in weights)
        return _Weighed(share, weights, float(whole) or UNIT)


def _asked_of(share: Share) -> str:
    """The field whose units tell."""
    return share.part if isinstance(share, Agreement) else share.field


def _place(weighed: _Weighed) -> tuple[str, bool]:
    """The field that is looked at, windows first."""
    return _asked_of(weighed.share), isinstance(weighed.share, Agreement)


def _asked(telling: Iterable[_Weighed]) -> Iterator[Json]:
    """What the script is asked: all windows of a field at once, and what is held of it one by one."""
    for (name, _), several in groupby(telling, _place):
        windows, terms = list[Json](), dict[str, None]()
        questions = [*several]
        for each in questions:
            terms |= dict.fromkeys(each.weights)
        for each in questions:
            if isinstance(each.share, Nearness):
                weights = [each.weights.get(text, 0) for text in terms]
                windows.append({"weights": weights, "width": each.share.width})
            else:
                weights = [*each.weights.values()]
                yield {"field": name, **looked_for([*each.weights]), "weights": weights, "windows": []}
        if windows:
            yield {"field": name, **looked_for([*terms]), "windows": windows}


def _key(share: Share) -> Hashable:
    where = share.width if isinstance(share, Nearness) else share.part
    return share.field, where, *share.terms.items(), None, *share.others.items()
