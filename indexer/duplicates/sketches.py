"""What is a document's fingerprint? 128 bits of its folded grams, computed for a batch at a time.

    high half of `sketch_a`    a digest: equal texts have equal ones
    the other three quarters   bands of a MinHash over adjacent characters: two hashes each

Two documents that share the part s of their grams agree in a given band with probability s², so at
s = 0.95 one pair in a thousand agrees in none. A document without any gram has 0 for both numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from indexer.analyzer import Units
from indexer.codec.container import Array

COLUMNS = ("sketch_a", "sketch_b")
END = "\0"
_BANDS = 3
_NONE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFF_FFFF)
# Multipliers of splitmix64 (Steele, Lea, Flood 2014); the six of the hashes are odd and arbitrary.
_MIX = np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)
_HASHES = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
        0xE7037ED1A0B428DB,
    ],
    np.uint64,
)


def sketched(batch: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Documents as index fields, with their fingerprint as the fields of `COLUMNS`."""
    documents = [dict(fields) for fields in batch]
    numbers = sketches([fields["grams"] for fields in documents]).tolist()
    for fields, pair in zip(documents, numbers, strict=True):
        fields.update(zip(COLUMNS, pair, strict=True))
    return documents


def content(units: Units) -> str:
    """What of a text is compared: its runs and words, folded, without what stands between them.

    >>> content([("无锡", ""), ("", "c"), ("软件园", "")])
    '无锡c软件园'
    """
    return "".join([run or word for run, word in units])


def sketches(batch: Iterable[Units]) -> Array:
    """The fingerprint of each text of a batch: int64, two columns."""
    texts = [content(units) for units in batch]
    if not texts:
        return np.zeros((0, 2), np.int64)
    codes = np.frombuffer(END.join([*texts, ""]).encode("utf-32-le", "surrogatepass"), np.uint32)
    starts = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    pairs = _mixed(codes)
    ends = codes == 0
    digest = np.add.reduceat(np.where(ends, np.uint64(0), pairs), starts) >> _HALF
    least = []
    for factor in _HASHES:
        # The high bits of a product depend on all bits of the factor, the low ones do not.
        hashed = (pairs * factor) >> _HALF
        hashed[ends] = _NONE
        least.append(np.minimum.reduceat(hashed, starts))
    one, two, three = (_band(least[2 * band], least[2 * band + 1]) for band in range(_BANDS))
    halves = np.stack([(digest << _HALF) | one, (two << _HALF) | three], axis=1)
    halves[np.array([not text for text in texts])] = 0
    return halves.view(np.int64)


def bands(sketches: Array) -> tuple[Array, ...]:
    """The bands of fingerprints, a number each."""
    first, second = sketches.view(np.uint64).T
    return first & _LOW, second >> _HALF, second & _LOW


def _mixed(codes: Array) -> Array:
    """A 64-bit hash of each character with the one that follows it."""
    pairs = codes.astype(np.uint64) << np.uint64(21)
    pairs[:-1] |= codes[1:]
    for factor, shift in zip(_MIX, (30, 27), strict=True):
        pairs ^= pairs >> np.uint64(shift)
        pairs *= factor
    return pairs ^ (pairs >> np.uint64(31))


def _band(first: Array, second: Array) -> Array:
    joined: Array = (first * _HASHES[0]) ^ (second * _HASHES[1])
    return joined >> _HALF
