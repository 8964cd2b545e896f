"""How does a cluster find places at distances of one another? By spans, nested from the last on.

Lucene takes of what may follow only the nearest. **So each place is followed by the whole of the rest**: that
the nearest rest is near enough, and that nothing lies between, says whether any is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.engine.fields import FIELDS
from indexer.engine.opensearch.entries import portable
from indexer.engine.opensearch.mapping import STOPS, Json
from indexer.query.nodes import Pattern, Place
from indexer.text.units import STOP


@dataclass(frozen=True, slots=True)
class Spans:
    """`texts` gives the terms of a pattern in a field, `holds` says whether any document holds a term."""

    texts: Callable[[str, Pattern], Sequence[str]]
    holds: Callable[[str, str], bool]

    def chain(self, name: str, places: Sequence[Place], stop: str) -> Json | None:
        """What has something at each place, without `stop` between; None where that cannot be."""
        if FIELDS.get(name) != "grams":
            return None
        first = self._at(name, places[0].term)
        return self._from(name, first, places[1:], stop) if first else None

    def _from(self, name: str, first: Json, rest: Sequence[Place], stop: str) -> Json | None:
        """What has the rest behind what `first` finds, from which it begins."""
        if not rest:
            return first
        place, *more = rest
        if not (here := self._at(name, place.term)):
            return None
        found = []
        if place.least <= 0 <= place.most:
            found.append(self._from(name, _both(first, here), more, stop))
        low = max(place.least, 1)
        if low <= place.most and (behind := self._from(name, here, more, stop)):
            gap = [{"span_gap": {name: low - 1}}] if low > 1 else []
            near = _near([first, *gap, behind], place.most - low)
            found.append(self._unstopped(name, near, stop))
        return _either([each for each in found if each])

    def _unstopped(self, name: str, near: Json, stop: str) -> Json:
        ends = self._at(name, stop) if stop else None
        return {"span_not": {"include": near, "exclude": ends}} if ends else near

    def _at(self, name: str, wanted: str | Pattern) -> Json | None:
        texts = [wanted] if isinstance(wanted, str) else self.texts(name, wanted)
        return _either([_term(name, text) for text in texts if self.holds(name, text)])


def _term(name: str, text: str) -> Json:
    if text != STOP:
        return {"span_term": {name: portable(text)}}
    # The ends of sentences stand in a field beside, at the positions they have in this one.
    return {"span_field_masking": {"query": {"span_term": {f"{name}.{STOPS}": text}}, "field": name}}


def _near(clauses: Sequence[Json], slack: int) -> Json:
    return {"span_near": {"clauses": [*clauses], "slop": slack, "in_order": True}}


def _both(one: Json, other: Json) -> Json:
    """What both find at one position; each is one position wide."""
    return {"span_within": {"little": other, "big": one}}


def _either(several: Sequence[Json]) -> Json | None:
    if len(several) < 2:
        return several[0] if several else None
    return {"span_or": {"clauses": [*several]}}
