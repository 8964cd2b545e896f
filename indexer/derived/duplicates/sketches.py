"""What is a document's fingerprint? 128 bits of its folded grams.

Each of the two numbers holds four of the eight values of a MinHash over adjacent characters, 12 bits
each, and above them 16 bits of a digest: equal texts have equal ones. Two documents that share the part
s of their grams agree in a given value with probability s. A document of fewer than `SHORTEST` characters
has 0 twice: to hide one of two short notes saves no reading. Where the extension `_text` was built it
computes the numbers, else numpy does, for a batch at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from indexer import native
from indexer.arrays import Array
from indexer.text.units import STOP, Units, content, unstopped

COLUMNS = ("sketch_a", "sketch_b")
END = "\0"
VALUES = 8
SHORTEST = 20
_HALF, _BITS, _LANE = VALUES // 2, np.uint64(12), np.uint64(0xFFF)
_LAST = np.uint32(0xFFFF_FFFF)
# Multipliers of splitmix64 (Steele, Lea, Flood 2014); those of the hashes are odd and arbitrary.
_MIX = np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)
_HASHES = np.array(
    [
        0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F,
        0x165667B1, 0xD6E8FEB9, 0xA0761D65, 0xE7037ED1,
    ],
    np.uint32,
)  # fmt: skip


def sketched(batch: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Documents as index fields, with their fingerprint as the fields of `COLUMNS`."""
    documents = list(batch)
    pairs = _pairs([fields["grams"] for fields in documents])
    return [{**fields, COLUMNS[0]: a, COLUMNS[1]: b} for fields, (a, b) in zip(documents, pairs, strict=True)]


def sketches(batch: Iterable[Units]) -> Array:
    """The fingerprint of each text of a batch: int64, two columns."""
    texts = [content(unstopped(units)) for units in batch]
    if not texts:
        return np.zeros((0, 2), np.int64)
    codes = np.frombuffer(END.join([*texts, ""]).encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    starts = np.concatenate([[0], ends[:-1] + 1])
    pairs = _mixed(codes)
    pairs[ends] = 0
    digest = np.add.reduceat(pairs, starts)
    halves = np.stack([digest >> np.uint64(48), (digest >> np.uint64(32)) & np.uint64(0xFFFF)], axis=1)
    short = (pairs >> np.uint64(32)).astype(np.uint32)
    for place, factor in enumerate(_HASHES):
        # An odd factor permutes the 32-bit numbers: each puts another pair first.
        hashed = short * factor
        hashed[ends] = _LAST
        half = halves[:, place // _HALF]
        half <<= _BITS
        half |= np.minimum.reduceat(hashed, starts) & _LANE
    halves[np.array([len(text) < SHORTEST for text in texts])] = 0
    return halves.view(np.int64)


def _pairs(batch: Sequence[Units]) -> Sequence[Sequence[int]]:
    extension = native.compiled("_text")
    if extension:
        return [extension.sketch(text, spans, SHORTEST, STOP) for text, spans in batch]
    pairs: Sequence[Sequence[int]] = sketches(batch).tolist()
    return pairs


def bands(sketches: Array) -> list[Array]:
    """The values of fingerprints in pairs, each pair as one number."""
    width = np.uint64(2) * _BITS
    halves = sketches.view(np.uint64).T
    return [
        (half >> shift) & ((_LANE << _BITS) | _LANE) for half in halves for shift in (np.uint64(0), width)
    ]


def agreement(one: Array, other: Array) -> Array:
    """In how many of the `VALUES` values each fingerprint agrees with the one beside it."""
    differing = one.view(np.uint64) ^ other.view(np.uint64)
    counts = np.zeros(len(one), np.int64)
    for lane in range(_HALF):
        counts += ((differing >> (np.uint64(lane) * _BITS)) & _LANE == 0).sum(axis=1)
    return counts


def _mixed(codes: Array) -> Array:
    """A 64-bit hash of each character with the one that follows it."""
    pairs = codes.astype(np.uint64) << np.uint64(21)
    pairs[:-1] |= codes[1:]
    for factor, shift in zip(_MIX, (30, 27), strict=True):
        pairs ^= pairs >> np.uint64(shift)
        pairs *= factor
    return pairs ^ (pairs >> np.uint64(31))
