"""Which terms does a pattern stand for? Those of all segments: it has one expansion for the whole index.

At most `MAX_EXPANSIONS` terms are kept, those in most documents; the caller learns that some were left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from indexer.arrays import decoded
from indexer.engine.embedded.arrays.postings import FieldPostings
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.wildcards import expression, matching
from indexer.query.nodes import Pattern

MAX_EXPANSIONS = 500
_CHECK_EVERY = 256
_LITERAL = re.compile(r"[^*?]*")


def expanded(
    collection: Collection, name: str, pattern: Pattern, check: Callable[[], None]
) -> tuple[list[str], bool]:
    """The terms of field `name` that a pattern stands for, in byte order, and whether some were left out."""
    frequencies: dict[bytes, int] = {}
    cut = False
    for leaf in collection.leaves:
        field = leaf.postings(name)
        numbers = list(_numbers(field, pattern, check))
        cut |= len(numbers) > MAX_EXPANSIONS
        for number in _most_frequent(field, numbers):
            start, end = field.span(number)
            term = field.term(number)
            frequencies[term] = frequencies.get(term, 0) + end - start
    if len(frequencies) > MAX_EXPANSIONS:
        cut = True
        best = sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))
        frequencies = dict(best[:MAX_EXPANSIONS])
    return [decoded(term) for term in sorted(frequencies)], cut


def _most_frequent(field: FieldPostings, numbers: list[int]) -> list[int]:
    if len(numbers) <= MAX_EXPANSIONS:
        return numbers
    places = np.array(numbers)
    frequencies = field.starts[places + 1].astype(np.int64) - field.starts[places]
    # One more than are kept, so that the caller sees that there are too many.
    best: list[int] = places[np.argsort(-frequencies, kind="stable")[: MAX_EXPANSIONS + 1]].tolist()
    return best


def _holding(field: FieldPostings, literal: bytes) -> list[int]:
    """The terms that hold a literal, and maybe one before such a term: all are looked through as one text."""
    terms = field.blob.whole().data
    places = [found.start() for found in re.finditer(re.escape(literal), terms)]
    numbers: list[int] = np.unique(np.searchsorted(field.offsets.whole(), places, side="right") - 1).tolist()
    return numbers


def _numbers(field: FieldPostings, pattern: Pattern, check: Callable[[], None]) -> Iterator[int]:
    prefix, *others = _LITERAL.findall(pattern.text)
    longest = max(others, key=len, default="")
    candidates = range(*field.prefix_range(prefix.encode("utf-8", "surrogatepass")))
    if pattern.text == f"{prefix}*":
        yield from candidates
        return
    if prefix or not longest:
        yield from matching(field, candidates, pattern.text, check)
        return
    fits = re.compile(expression(pattern.text)).fullmatch
    for place, number in enumerate(_holding(field, longest.encode("utf-8", "surrogatepass"))):
        if place % _CHECK_EVERY == 0:
            check()
        if fits(field.term(number)):
            yield number
