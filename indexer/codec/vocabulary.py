"""Which terms does a field have, and in how many documents is each? Read off the arrays, without postings."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np

from indexer.codec.collection import collection_of


def document_frequencies(reader: Any, field: str) -> Counter[str]:
    """Each term of `field` over all segments of a Whoosh reader, and how many documents hold it."""
    found: Counter[str] = Counter()
    for leaf in collection_of(reader).leaves:
        postings = leaf.terms.field(field)
        blob = bytes(postings.blob)
        ends = postings.offsets.tolist()
        terms = (blob[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(ends))
        counts = np.diff(np.asarray(postings.starts)).tolist()
        found.update(dict(zip(terms, counts, strict=True)))
    return found
