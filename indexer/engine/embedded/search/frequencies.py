"""Which terms does a field have, and in how many documents is each? Read off the arrays, without postings.

**What is read does not depend on how the documents are spread over segments.**
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.search.collection import collection_of


def document_frequencies(
    reader: Any, field: str, *, longest: int | None = None, most: int | None = None
) -> dict[str, int]:
    """Each term of `field` over all segments of a Whoosh reader, and how many documents hold it, in order.

    Only terms of at most `longest` bytes; of more than `most` those that most documents hold, and of
    equals the shortest.
    """
    blob, offsets, counts = _united(reader, field)
    lengths = np.diff(offsets)
    chosen = np.flatnonzero(lengths <= longest) if longest else np.arange(len(lengths))
    if most is not None and len(chosen) > most:
        chosen = np.sort(chosen[np.lexsort((lengths[chosen], -counts[chosen]))[:most]])
    terms = decoded(blob, offsets[:-1][chosen], offsets[1:][chosen])
    return dict(zip(terms, counts[chosen].tolist(), strict=True))


def decoded(blob: Array, starts: Array, ends: Array) -> list[str]:
    """The terms that stand at `starts` to `ends` of the UTF-8 of many."""
    raw = blob.tobytes()
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    return [raw[start:end].decode("utf-8", "surrogatepass") for start, end in spans]


def document_frequency(reader: Any, field: str, term: str) -> int:
    """How many documents hold one term of `field`; 0 where none does."""
    raw, find = term.encode("utf-8", "surrogatepass"), active().find_span
    total = 0
    for leaf in collection_of(reader).leaves:
        part = leaf.terms.field(field)
        start, end = find(part.blob, part.offsets, part.starts, raw)
        total += end - start
    return total


def _united(reader: Any, field: str) -> tuple[Array, Array, Array]:
    """The terms of all segments, sorted (blob, offsets), and the documents of each."""
    parts = [leaf.terms.field(field) for leaf in collection_of(reader).leaves]
    each = [np.diff(np.asarray(part.starts, np.int64)) for part in parts]
    if len(parts) == 1:
        return np.ascontiguousarray(parts[0].blob), np.asarray(parts[0].offsets, np.int64), each[0]
    blob, offsets, places = active().merge_terms([(part.blob, part.offsets) for part in parts])
    counts = np.zeros(len(offsets) - 1, np.int64)
    for place, count in zip(places, each, strict=True):
        counts[place] += count
    return blob, np.asarray(offsets, np.int64), counts
