"""Which terms does a pattern stand for? Those of all segments: it has one expansion for the whole index.

At most `MAX_EXPANSIONS` terms are kept, those in most documents; the caller learns that some were left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from indexer.arrays import Array, decoded
from indexer.engine.embedded.arrays.postings import FieldPostings
from indexer.engine.embedded.search.collection import Leaf
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.embedded.search.wildcards import expression, matching
from indexer.query.nodes import Pattern

MAX_EXPANSIONS = 500
_CHECK_EVERY = 256
_LITERAL = re.compile(r"[^*?]*")


def expanded(
    statistics: TermStatistics,
    name: str,
    pattern: Pattern,
    check: Callable[[], None],
) -> tuple[list[str], bool]:
    """The terms of field `name` that a pattern stands for, in byte order, and whether some were left out."""
    leaves = statistics.collection.leaves
    parts = [_matches(statistics, leaf, at, name, pattern, check) for at, leaf in enumerate(leaves)]
    cut = any(len(counts) > MAX_EXPANSIONS for _, _, counts in parts)
    # So many documents hold each of those that are kept; in some segment it is the share of one.
    least = max((_last_kept(counts) for _, _, counts in parts), default=0) / max(len(parts), 1)
    terms = {
        decoded(field.term(number))
        for field, numbers, counts in parts
        for number in numbers[counts >= least].tolist()
    }
    if len(terms) > MAX_EXPANSIONS:
        cut, known = True, statistics.terms(name, sorted(terms))
        terms = {*sorted(terms, key=lambda term: (-known[term].documents, term))[:MAX_EXPANSIONS]}
    return sorted(terms), cut


Matches = tuple[FieldPostings, Array, Array]
"""A field in a segment, the numbers of some terms of it, and how many documents hold each."""


def _matches(
    statistics: TermStatistics, leaf: Leaf, at: int, name: str, pattern: Pattern, check: Callable[[], None]
) -> Matches:
    """The terms of a pattern that the documents of segment `at` hold."""
    field, view = leaf.postings(name), statistics.view
    numbers = np.fromiter(_numbers(field, pattern, check), np.int64)
    numbers = numbers[numbers != field.stop]
    if view is None:
        counts = leaf.losses.left(name, field.starts[numbers], field.starts[numbers + 1])
    else:
        counts = view.frequencies(name)[at][numbers]
    return field, numbers[counts > 0], counts[counts > 0]


def _last_kept(counts: Array) -> int:
    """How many documents hold the last term that is kept of those of a segment; 0 where all are."""
    if len(counts) <= MAX_EXPANSIONS:
        return 0
    return int(np.partition(counts, -MAX_EXPANSIONS)[-MAX_EXPANSIONS])


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
