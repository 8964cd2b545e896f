"""How does a cluster score terms? By the similarity of the index where that fits, else by a script.

A similarity is fixed when an index is made. A snapshot that is opened with other parameters gets the
frequency back from what the similarity says, and weighs it anew: the same scores, for more time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indexer.engine.opensearch.mapping import SCORED_THERE, Json
from indexer.query.ranking import Scale

# One source for all fields and parameters: a node compiles few scripts a minute.
_WEIGHED = (
    "return params.worth * f / (f + params.fixed + params.moving"
    " * Math.pow(doc[params.lengths].value / params.average, params.beta));"
)
_FREQUENT = f"double f = _score; {_WEIGHED}"
_SATURATED = (
    "double k = params.was_fixed + params.was_moving"
    " * Math.pow(doc[params.lengths].value / params.average, params.was_beta);"
    f" double f = Math.round(k * _score / (1.0 - _score)); {_WEIGHED}"
)


_COUNTED = (
    "double k = params.was_fixed + params.was_moving"
    " * Math.pow(doc[params.lengths].value / params.average, params.was_beta);"
    " return Math.round(k * _score / (1.0 - _score));"
)


@dataclass(frozen=True, slots=True)
class Scoring:
    """`wanted` gives how a field is to be scored, `built` has how the similarities of the index do it."""

    wanted: Callable[[str], Scale | None]
    built: Mapping[str, Scale]

    def scored(self, name: str, kind: str, body: Json, worth: float) -> Json:
        """A query of a kind on a field, as what it finds is scored."""
        if name not in SCORED_THERE:
            return self.by_frequency(name, {kind: {name: body}}, worth)
        if self.wanted(name) == self.built[name]:
            return {kind: {name: {**body, "boost": worth}}}
        return self._scripted(name, {kind: {name: body}}, worth, _SATURATED, self._was(name))

    def by_frequency(self, name: str, query: Json, worth: float) -> Json:
        """What a query finds whose score is the frequency."""
        return self._scripted(name, query, worth, _FREQUENT, {})

    def counted(self, name: str, query: Json) -> Json:
        """A query on a field, scored by the frequency of what it finds."""
        if name not in SCORED_THERE:
            return query
        return self._scripted(name, query, 1.0, _COUNTED, self._was(name))

    def _was(self, name: str) -> Mapping[str, float]:
        was = self.built[name]
        return {"was_fixed": was.k1 * (1 - was.b), "was_moving": was.k1 * was.b, "was_beta": was.beta}

    def _scripted(self, name: str, query: Json, worth: float, source: str, more: Mapping[str, float]) -> Json:
        scale = self.wanted(name)
        assert scale is not None
        parameters: Json = {
            "worth": worth,
            "lengths": f"{name}_length",
            "average": scale.average,
            "fixed": scale.k1 * (1 - scale.b),
            "moving": scale.k1 * scale.b,
            "beta": scale.beta,
            **more,
        }
        return {"script_score": {"query": query, "script": {"source": source, "params": parameters}}}


def frequency(score: float, length: int, scale: Scale) -> int:
    """The frequency of a term that scores so by a similarity of the index.

    >>> frequency(3 / 3.8, 10, Scale(0.8, 0.85, 0.75, 10.0))
    3
    """
    norm: float = scale.k1 * (1 - scale.b + scale.b * (length / scale.average) ** scale.beta)
    return max(1, round(norm * score / max(1 - score, 1e-9)))
