"""How is a posting kept in four bytes? The document in the low 24 bits, the frequency in the high 8.

A frequency of 255 or more is kept as 255, with (index of the posting, frequency) in the array `frequent`:
pairs of 64-bit numbers one after the other, ascending by index. So a segment holds at most 2²⁴ documents.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indexer.codec.container import Array

DOC_BITS = 24
MAX_DOCUMENTS = 1 << DOC_BITS
DOC_MASK = np.uint32(MAX_DOCUMENTS - 1)
MOST = 255


def pack(docs: Array, freqs: Array, first: int = 0) -> tuple[Array, Array]:
    """Postings, and what goes into `frequent`; `first` is the index of the first posting.

    >>> postings, frequent = pack(np.array([3, 4]), np.array([2, 300]), first=10)
    >>> unpack_docs(postings).tolist(), frequent.tolist()
    ([3, 4], [11, 300])
    """
    small = np.minimum(freqs, MOST).astype(np.uint32)
    many = np.flatnonzero(freqs >= MOST)
    frequent = np.empty(2 * len(many), np.uint64)
    frequent[0::2] = many + first
    frequent[1::2] = freqs[many]
    return docs.astype(np.uint32) | (small << np.uint32(DOC_BITS)), frequent


def narrowest(top: int, least: int = 1) -> np.dtype[Any]:
    """The narrowest unsigned type of at least `least` bytes that holds `top`."""
    return np.dtype(next(f"u{size}" for size in (1, 2, 4, 8) if size >= least and top < 1 << 8 * size))


def look_up(pairs: Array, places: Array) -> Array:
    """The second of each pair (one after the other, ascending) of which a place is the first."""
    return pairs[1::2][np.searchsorted(pairs[0::2], places)]


def unpack_docs(postings: Array) -> Array:
    """The documents of postings."""
    return postings & DOC_MASK


def unpack_freqs(postings: Array, frequent: Array, first: int) -> Array:
    """The frequencies of consecutive postings, the first of which has index `first`."""
    freqs = postings >> np.uint32(DOC_BITS)
    if len(frequent):
        many = np.flatnonzero(freqs == MOST)
        freqs[many] = look_up(frequent, many + first)
    return freqs
