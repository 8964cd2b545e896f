"""How do Whoosh's own matchers walk our postings? One leaf matcher over array slices.

It serves the queries the evaluator does not know. The whole posting list counts as one block, so
quality bounds are those of the term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh.matching import LeafMatcher, ReadTooFar

from indexer.engine.embedded.arrays.postings import FieldPostings


class PostingsMatcher(LeafMatcher):  # type: ignore[misc]
    """The postings of one term. `term` is (field name, bytes) as Whoosh gives it."""

    def __init__(
        self, field: FieldPostings, number: int, format_: Any, term: tuple[str, bytes], scorer: Any = None
    ) -> None:
        self._field, self._number, self._term = field, number, term
        self.format, self.scorer = format_, scorer
        self._start, self._end = field.span(number)
        self._docs = field.docs(self._start, self._end)
        self._freqs = field.freqs(self._start, self._end)
        self._at = 0

    def is_active(self) -> bool:
        """Whether there is a current posting."""
        return self._at < len(self._docs)

    def reset(self) -> None:
        """Back to the first posting."""
        self._at = 0

    def copy(self) -> PostingsMatcher:
        """A matcher at the same posting."""
        twin = PostingsMatcher(self._field, self._number, self.format, self._term, self.scorer)
        twin._at = self._at
        return twin

    def id(self) -> int:
        """The current document number."""
        return int(self._docs[self._at])

    def all_ids(self) -> Iterator[int]:
        """All document numbers."""
        return iter(self._docs.tolist())

    def next(self) -> bool:
        """One posting on; True at the end of the block, which is the end of the list."""
        if not self.is_active():
            raise ReadTooFar
        self._at += 1
        return not self.is_active()

    def skip_to(self, id: int) -> None:
        """On to the first document not before `id`."""
        if not self.is_active():
            raise ReadTooFar
        self._at += int(np.searchsorted(self._docs[self._at :], id))

    def skip_to_quality(self, minquality: float) -> int:
        """To the end where no posting can score more than `minquality`."""
        if self.block_quality() <= minquality:
            self._at = len(self._docs)
        return 0

    def weight(self) -> float:
        """The frequency in the current document."""
        return float(self._freqs[self._at])

    def _positions(self) -> list[int]:
        return self._field.positions_of(self._start + self._at)

    def value(self) -> bytes:
        """The current posting's value in the encoding of the field's format."""
        if self.format.supports("positions"):
            encoded: bytes = self.format.encode(self._positions())
            return encoded
        return int(self.weight()).to_bytes(4, "big") if self.format.posting_size else b""

    def value_as(self, astype: str) -> Any:
        """The current posting's value as "frequency", "weight", "positions" or what the format knows."""
        if astype in ("frequency", "weight"):
            return int(self.weight()) if astype == "frequency" else self.weight()
        return self._positions() if astype == "positions" else self.format.decode_as(astype, self.value())

    def block_min_length(self) -> int:
        """The least field length among the documents."""
        lengths = self._field.lengths
        return 1 if lengths is None else int(lengths[self._docs].min())

    def block_max_length(self) -> int:
        """The greatest field length among the documents."""
        lengths = self._field.lengths
        return 1 if lengths is None else int(lengths[self._docs].max())

    def block_max_weight(self) -> float:
        """The greatest frequency."""
        return float(self._freqs.max())
