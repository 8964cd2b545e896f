"""Which terms does a prefix, pattern, range or fuzzy term stand for?

Terms are sought in every segment, so each query has one expansion for the whole index. At most
`limit` terms are kept: those in most documents; the caller learns that some were left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from whoosh import query
from whoosh.query.terms import MultiTerm, PatternQuery

from indexer.engine.embedded.arrays.postings import FieldPostings
from indexer.engine.embedded.search.collection import Collection

Check = Callable[[], None]
_CHECK_EVERY = 256


def term_ranges(field: FieldPostings, question: Any, type_: Any) -> tuple[int, int] | None:
    """The contiguous range of terms a `Prefix` or `TermRange` stands for; None for other queries."""
    if isinstance(question, query.Prefix):
        return field.prefix_range(type_.to_bytes(question.text))
    if not isinstance(question, query.TermRange):
        return None
    low = 0 if question.start is None else _bound(field, type_.to_bytes(question.start), question.startexcl)
    if question.end is None:
        return low, field.term_count
    return low, max(low, _bound(field, type_.to_bytes(question.end), not question.endexcl))


def _bound(field: FieldPostings, term: bytes, after: bool) -> int:
    """The number of the first term not less than `term`, or greater than it with `after`."""
    return field.lower_bound(term + b"\0" if after else term)


def expand(
    collection: Collection, question: Any, type_: Any, limit: int | None, check: Check
) -> tuple[list[bytes], bool]:
    """The terms `question` stands for, in byte order, and whether some were left out."""
    weights: dict[bytes, int] = {}
    cut = False
    name = question.field()
    for leaf_number, leaf in enumerate(collection.leaves):
        field = leaf.terms.field(name)
        numbers = list(_numbers(collection, leaf_number, field, question, type_, limit, check))
        cut |= limit is not None and len(numbers) > limit
        for number in _most_frequent(field, numbers, limit):
            start, end = field.span(number)
            term = field.term(number)
            weights[term] = weights.get(term, 0) + end - start
    if limit is not None and len(weights) > limit:
        cut = True
        weights = dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:limit])
    return sorted(weights), cut


def _most_frequent(field: FieldPostings, numbers: list[int], limit: int | None) -> list[int]:
    if limit is None or len(numbers) <= limit:
        return numbers
    places = np.array(numbers)
    frequencies = field.starts[places + 1].astype(np.int64) - field.starts[places]
    # One more than the limit, so that the caller sees that there are too many.
    best: list[int] = places[np.argsort(-frequencies, kind="stable")[: limit + 1]].tolist()
    return best


def _numbers(
    collection: Collection,
    leaf_number: int,
    field: FieldPostings,
    question: Any,
    type_: Any,
    limit: int | None,
    check: Check,
) -> Iterator[int]:
    bounds = term_ranges(field, question, type_)
    if bounds is not None:
        yield from range(*bounds)
    elif isinstance(question, PatternQuery):
        yield from _pattern_numbers(field, question, type_, check)
    else:
        reader = collection.reader.leaf_readers()
        texts = question._btexts(list(reader)[leaf_number][0])
        for seen, text in enumerate(texts):
            if seen % _CHECK_EVERY == 0:
                check()
            yield field.find(text if isinstance(text, bytes) else type_.to_bytes(text))


def _pattern_numbers(field: FieldPostings, question: Any, type_: Any, check: Check) -> Iterator[int]:
    matches = re.compile(question._get_pattern()).match
    prefix = question._find_prefix(question.text)
    for number in range(*field.prefix_range(type_.to_bytes(prefix))):
        if number % _CHECK_EVERY == 0:
            check()
        if matches(type_.from_bytes(field.term(number))):
            yield number


def is_expandable(question: Any) -> bool:
    """Whether a query stands for several terms of one field."""
    return isinstance(question, MultiTerm)
