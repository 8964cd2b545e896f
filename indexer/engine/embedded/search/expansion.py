"""Which terms does a pattern stand for? Those of all segments: it has one expansion for the whole index.

At most `MAX_EXPANSIONS` terms are kept, those in most documents; the caller learns that some were left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from indexer.arrays import Array, decoded
from indexer.engine.embedded.arrays.postings import FieldPostings
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.view import View
from indexer.engine.embedded.search.wildcards import expression, matching
from indexer.query.nodes import Pattern

MAX_EXPANSIONS = 500
_CHECK_EVERY = 256
_LITERAL = re.compile(r"[^*?]*")


def expanded(
    collection: Collection,
    name: str,
    pattern: Pattern,
    check: Callable[[], None],
    view: View | None = None,
) -> tuple[list[str], bool]:
    """The terms of field `name` that a pattern stands for, in byte order, and whether some were left out.

    Of a `view` those that its documents hold.
    """
    frequencies: dict[bytes, int] = {}
    cut = False
    for at, leaf in enumerate(collection.leaves):
        field = leaf.postings(name)
        numbers = np.fromiter(_numbers(field, pattern, check), np.int64)
        holding = _documents(field, numbers) if view is None else view.frequencies(name)[at][numbers]
        numbers, holding = numbers[holding > 0], holding[holding > 0]
        cut |= len(numbers) > MAX_EXPANSIONS
        # One more than are kept, so that the caller sees that there are too many.
        first = np.argsort(-holding, kind="stable")[: MAX_EXPANSIONS + 1]
        for number, count in zip(numbers[first].tolist(), holding[first].tolist(), strict=True):
            term = field.term(number)
            frequencies[term] = frequencies.get(term, 0) + count
    if len(frequencies) > MAX_EXPANSIONS:
        cut = True
        best = sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))
        frequencies = dict(best[:MAX_EXPANSIONS])
    return [decoded(term) for term in sorted(frequencies)], cut


def _documents(field: FieldPostings, numbers: Array) -> Array:
    """How many documents hold each of some terms."""
    held: Array = field.starts[numbers + 1].astype(np.int64) - field.starts[numbers]
    return held


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
