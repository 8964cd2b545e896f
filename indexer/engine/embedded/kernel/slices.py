"""What does a slice of postings say, read with numpy? Documents, frequencies, scores, common documents.

The terms used here are those of `vectorized`. Invariant: a posting scores the same whole
number of units whichever function computes it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, Flat, damaged, verified
from indexer.engine.embedded.arrays.packing import DOC_BITS, MOST, look_up, unpack_docs, unpack_freqs

Field = tuple[Flat, Flat, Array | None, Array, Flat | None, Flat | None, Flat | None, Array | None]
Term = tuple[int, int, int, float]
List = tuple[Array, Array]
Choices = Sequence[tuple[Sequence[Term], Sequence[List]]]
BLOCK = 128
NO_DOCS = np.zeros(0, np.uint32)
_NO_SCORES = np.zeros(0, np.float64)
# So many documents are looked up in the postings of all terms at once; more, term by term.
_SIDE_BY_SIDE = 1 << 8
# Marking all documents of a longer list beats searching it when it is at most so many times longer.
_MARKED = 12


def slice_docs(field: Field, start: int, end: int) -> Array:
    """The documents of postings `start:end` of a term, ascending; else raises `IndexCorrupt`."""
    docs = unpack_docs(field[0][start:end])
    _check_order(field, docs)
    return docs


def _check_order(field: Field, docs: Array, sizes: Sequence[int] = ()) -> None:
    """Raise `IndexCorrupt` unless lists of such sizes, one after the other, ascend and have lengths."""
    rises = docs[1:] > docs[:-1]
    if len(sizes) > 1:
        edges = np.cumsum(sizes[:-1])
        rises[edges[(edges > 0) & (edges < len(docs))] - 1] = True
    lengths = field[7]
    if not rises.all() or (lengths is not None and int(docs.max(initial=0)) >= max(len(lengths), 1)):
        raise damaged("a list of postings")


def within(docs: Array, count: int) -> Array:
    """Documents, all of which must be below `count`; else raises `IndexCorrupt`."""
    if len(docs) and int(docs.max()) >= count:
        raise damaged("a list of postings")
    return docs


def slice_freqs(field: Field, start: int, end: int) -> Array:
    """The frequencies of postings `start:end`."""
    return unpack_freqs(field[0][start:end], field[1], start)


def freqs_at(field: Field, places: Array) -> Array:
    """The frequencies of the postings with the indexes `places`."""
    freqs: Array = field[0][places] >> np.uint32(DOC_BITS)
    if len(field[1]):
        many = np.flatnonzero(freqs == MOST)
        freqs[many] = look_up(field[1], places[many])
    return freqs


def scores(field: Field, weights: float | Array, docs: Array, freqs: Array) -> Array:
    """The scores of postings in units, as whole floats."""
    tf = freqs.astype(np.float64)
    values = weights * tf
    norms, lengths = field[2], field[7]
    if norms is not None and lengths is not None:
        tf += norms.take(lengths.take(docs))
        values /= tf
    return np.rint(values, out=values)


def scored(fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]) -> tuple[Array, Array]:
    """The documents of all terms and lists one after the other, and their scores as whole floats.

    The terms of a field go through the formula together: calls cost more than postings.
    """
    docs: list[Array] = [docs for docs, _ in lists]
    values: list[Array] = [units.astype(np.float64) for _, units in lists]
    for place, field in enumerate(fields):
        own = [term for term in terms if term[0] == place]
        if not own:
            continue
        found = unpack_docs(np.concatenate([field[0][start:end] for _, start, end, _ in own]))
        sizes = [end - start for _, start, end, _ in own]
        _check_order(field, found, sizes)
        freqs = np.concatenate([slice_freqs(field, start, end) for _, start, end, _ in own])
        weights = np.repeat([term[3] for term in own], sizes)
        docs.append(found)
        values.append(scores(field, weights, found, freqs))
    if len(docs) == 1:
        return docs[0], values[0]
    return (np.concatenate(docs), np.concatenate(values)) if docs else (NO_DOCS, _NO_SCORES)


def locate(haystack: Array, needles: Array) -> tuple[Array, Array]:
    """For ascending arrays: where each needle would be, and whether it is there."""
    at = np.searchsorted(haystack, needles)
    at[at == len(haystack)] = 0
    return at, haystack[at] == needles if len(haystack) else np.zeros(len(needles), np.bool_)


def common(lists: Sequence[Array]) -> Array:
    """The documents that are in all of the ascending `lists`, ascending."""
    shortest, *others = sorted(lists, key=len)
    docs = shortest
    for other in others:
        if not len(docs):
            break
        if len(other) > _MARKED * len(docs):
            docs = docs[locate(other, docs)[1]]
        else:
            marks = np.zeros(int(max(docs[-1], other[-1])) + 1, np.bool_)
            marks[other] = True
            docs = docs[marks[docs]]
    return docs


def gather_term(field: Field, term: Term, docs: Array) -> tuple[Array, Array]:
    """Whether each of the ascending `docs` holds a term; of those that do, the score as a whole float."""
    _, start, end, weight = term
    at, there = locate(slice_docs(field, start, end), docs)
    return there, scores(field, weight, docs[there], freqs_at(field, start + at[there]))


def gather_any(field: Field, terms: Sequence[Term], docs: Array) -> Array:
    """The units of each of the ascending `docs` where `terms`, all of one weight, count as one term."""
    return scores(field, terms[0][3], docs, frequencies(field, terms, docs)).astype(np.int64)


def frequencies(field: Field, terms: Sequence[Term], docs: Array) -> Array:
    """How often each of the ascending `docs` holds any of `terms`."""
    freqs = np.zeros(len(docs), np.int64)
    for _, start, end, _ in terms:
        at, there = locate(slice_docs(field, start, end), docs)
        freqs[there] += freqs_at(field, start + at[there])
    return freqs


def gather(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], docs: Array
) -> tuple[Array, Array]:
    """For each of the ascending `docs`: the sum of its scores, and how many terms and lists hold it."""
    sums, hits = np.zeros(len(docs), np.int64), np.zeros(len(docs), np.uint32)
    if len(docs) <= _SIDE_BY_SIDE:
        for place, field in enumerate(fields):
            if own := [term for term in terms if term[0] == place]:
                _gather_few(field, own, docs, sums, hits)
        terms = ()
    for term in terms:
        there, values = gather_term(fields[term[0]], term, docs)
        sums[there] += values.astype(np.int64)
        hits += there
    for list_docs, units in lists:
        at, there = locate(list_docs, docs)
        sums[there] += units[at[there]]
        hits += there
    return sums, hits


def _gather_few(field: Field, terms: Sequence[Term], docs: Array, sums: Array, hits: Array) -> None:
    """Add what terms of one field give to `sums` and `hits`."""
    at, there = placed(field, terms, docs)
    rows, columns = there.nonzero()
    weights = np.array([weight for _, _, _, weight in terms])[rows]
    values = scores(field, weights, docs[columns], freqs_at(field, at[there]))
    # Exact: see `union`.
    sums += np.bincount(columns, values, len(docs)).astype(np.int64)
    hits += there.sum(axis=0, dtype=np.uint32)


def placed(field: Field, terms: Sequence[Term], docs: Array) -> tuple[Array, Array]:
    """Where each of the ascending `docs` is among the postings of each term, a row, and whether it is.

    All are sought side by side, in steps half as long each time: calls cost more than what they look at.
    """
    spans = np.array([(start, end) for _, start, end, _ in terms], np.int64)
    postings = verified(field[0], spans)
    if int(spans.max(initial=0)) > len(postings):
        raise damaged("an offset")
    wanted, ends = docs.astype(np.uint32), spans[:, 1:]
    at = np.repeat(spans[:, :1], len(docs), axis=1)
    for bit in reversed(range(int((ends - spans[:, :1]).max(initial=0)).bit_length())):
        last = at + ((1 << bit) - 1)
        below = unpack_docs(postings.take(last, mode="clip")) < wanted
        below &= last < ends
        np.copyto(at, last + 1, where=below)
    there = at < ends
    there[there] = unpack_docs(postings[at[there]]) == np.broadcast_to(wanted, there.shape)[there]
    return at, there
