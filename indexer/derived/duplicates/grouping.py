"""Which documents belong together? Fingerprints propose, the texts decide.

Equal fingerprints are equal texts. Documents that agree in most of the fingerprint are candidates where
their lengths are near; a candidate joins the group of an earlier document only if the two share
`LEAST` of their grams. So there are no chains: every member is near-identical to its group's first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import add
from types import MappingProxyType

import numpy as np
from xxhash import xxh3_128_digest

from indexer.arrays import Array
from indexer.derived.duplicates.sketches import END, agreement, bands
from indexer.text.units import Units, content, unstopped

LEAST = 0.9
# At that share lengths are within a tenth; those of an index are rounded down by up to a ninth.
_LENGTHS = 0.25
# At the share 0.9 of common grams, one pair in two hundred agrees in fewer of the 8 values.
_AGREEING = 5
# Within a band each document is compared with the first that agrees and with this many before it.
_NEIGHBORS = 8
# So many pairs are weighed together.
_AT_ONCE = 1 << 16
_REMEMBERED = 64


def grams(units: Units) -> frozenset[str]:
    """The grams by which two texts are compared: every character with the one that follows it."""
    text = content(unstopped(units)) + END
    return frozenset(map(add, text, text[1:]))


def share(one: frozenset[str], other: frozenset[str]) -> float:
    """The part of all grams that two texts have in common (Jaccard).

    >>> share(grams(("床前明月光", [1, 5])), grams(("床前看月光", [1, 5])))
    0.42857142857142855
    """
    common = len(one & other)
    return common / ((len(one) + len(other) - common) or 1)


Compared = Mapping[bytes, bool]
"""Whether two texts are near-identical, by a digest of their fingerprints and lengths."""
_NOTHING: Compared = MappingProxyType({})


def grouped(
    sketches: Array, lengths: Array, read: Callable[[int], Units], known: Compared = _NOTHING
) -> tuple[Array, Compared]:
    """For each document the first of its group, itself where it is alone; and which texts were compared.

    `sketches` are the fingerprints (int64, two columns), `lengths` the number of grams of each document
    (0: not to be grouped); `read` gives a document's grams. What is `known` is not read.
    """
    leaders = _equal(sketches, lengths)
    compared: dict[bytes, bool] = {}
    said = np.column_stack([sketches, lengths])

    @lru_cache(_REMEMBERED)
    def grams_of(document: int) -> frozenset[str]:
        return grams(read(document))

    for first, other in _candidates(sketches, lengths, leaders):
        alone = leaders[first] == first and leaders[other] == other
        if not alone:
            continue
        key = xxh3_128_digest(said[[first, other]].tobytes())
        alike = known.get(key)
        if alike is None:
            alike = share(grams_of(first), grams_of(other)) >= LEAST
        compared[key] = alike
        if alike:
            leaders[other] = first
    # Copies of a document that joined a group join it too.
    joined: Array = leaders[leaders]
    return joined, compared


def _equal(sketches: Array, lengths: Array) -> Array:
    """For each document the first with an equal fingerprint."""
    order = np.lexsort((sketches[:, 1], sketches[:, 0]))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (sketches[order[1:]] != sketches[order[:-1]]).any(axis=1)
    leaders = np.empty(len(order), np.int64)
    leaders[order] = order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))]
    silent = _silent(sketches, lengths) | (lengths != lengths[leaders])
    return np.where(silent, np.arange(len(order)), leaders)


def _silent(sketches: Array, lengths: Array) -> Array:
    """Which documents are not to be grouped."""
    without: Array = (sketches == 0).all(axis=1) | (lengths == 0)
    return without


def _candidates(sketches: Array, lengths: Array, leaders: Array) -> Iterator[tuple[int, int]]:
    """Pairs of different documents with much the same fingerprint and length, ascending."""
    own = np.flatnonzero((leaders == np.arange(len(leaders))) & ~_silent(sketches, lengths))
    found = [np.zeros((0, 2), np.int64)]
    for band in bands(sketches[own]):
        # Few of those that agree in a band are alike: all of them together would take 2 KB a document.
        found += (_alike(pairs, sketches, lengths) for pairs in _agreeing(band, own))
    yield from map(tuple, np.unique(np.concatenate(found), axis=0).tolist())


def _alike(pairs: Array, sketches: Array, lengths: Array) -> Array:
    """Those of pairs that have much the same fingerprint and length."""
    parts = [pairs[:0]]
    for at in range(0, len(pairs), _AT_ONCE):
        part = pairs[at : at + _AT_ONCE]
        shorter, longer = np.sort(lengths[part].astype(np.int64), axis=1).T
        part = part[longer - shorter <= _LENGTHS * longer]
        parts.append(part[agreement(sketches[part[:, 0]], sketches[part[:, 1]]) >= _AGREEING])
    return np.concatenate(parts)


def _agreeing(keys: Array, documents: Array) -> Iterator[Array]:
    order = np.argsort(keys, kind="stable")
    keys, documents = keys[order], documents[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = keys[1:] != keys[:-1]
    firsts = np.maximum.accumulate(np.where(fresh, np.arange(len(keys)), 0))
    later = np.flatnonzero(~fresh)
    yield np.stack([documents[firsts[later]], documents[later]], axis=1)
    for distance in range(1, _NEIGHBORS + 1):
        near = later[later - firsts[later] >= distance]
        yield np.stack([documents[near - distance], documents[near]], axis=1)
