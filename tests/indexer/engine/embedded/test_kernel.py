"""The compiled kernel against the numpy one, on arrays larger than its windows and blocks."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native
from indexer.arrays import Array
from indexer.engine.embedded.arrays.packing import pack
from indexer.engine.embedded.arrays.places import split
from indexer.engine.embedded.kernel import active, vectorized
from indexer.engine.embedded.kernel.sorting import encode_terms
from indexer.engine.embedded.kernel.vectorized import BLOCK, Field, List, Term
from indexer.errors import IndexCorrupt
from indexer.text.units import spans_of

with native.using(True):
    BUILT = active()
pytestmark = pytest.mark.skipif(BUILT is vectorized, reason="the extension was not built")
COUNT = 40_000
UNIT = 2.0**32


def compiled() -> Any:
    """The compiled kernel."""
    return BUILT


def make_field(
    chance: np.random.Generator, sizes: list[int], top: int, bytes_: bool = True
) -> tuple[Field, list[tuple[int, int]]]:
    """A field of random posting lists of given sizes, frequencies up to `top`, with positions."""
    lists = [np.sort(chance.choice(COUNT, size, replace=False)).astype(np.uint32) for size in sizes]
    docs = np.concatenate(lists)
    freqs = np.maximum(1, chance.integers(-top, top + 1, len(docs)))
    norms = np.sort(chance.uniform(0.3, 4, 256)).astype(np.float32)
    lengths = chance.integers(0, 256, COUNT).astype(np.uint8)
    heads = np.arange(0, len(docs), BLOCK)
    tops = np.maximum.reduceat(freqs / (freqs + norms[lengths[docs]]), heads)
    bounds = (tops * 1.000001).astype(np.float32)
    ends = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
    gaps = chance.integers(1, 9, ends[-1])
    positions = np.concatenate([np.cumsum(part) for part in np.split(gaps, ends[1:-1])]).astype(np.uint32)
    blocks = np.append(ends[heads], ends[-1]).astype(np.uint32)
    edges = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    positions, far = split(positions) if bytes_ else (positions, np.zeros(0, np.uint32))
    return (*pack(docs, freqs), norms, bounds, positions, blocks, far, lengths), list(pairwise(edges))


def make_query(seed: int, sizes: list[int]) -> tuple[list[Field], list[Term], list[List], Array]:
    """Two fields' terms, one list, and a mask that allows most documents."""
    chance = np.random.default_rng(seed)
    fields, terms = [], []
    for place, top in enumerate((3, 400)):
        field, spans = make_field(chance, sizes, top)
        fields.append(field)
        terms += [(place, *span, float(chance.uniform(0.1, 9)) * UNIT) for span in spans]
    docs = np.sort(chance.choice(COUNT, 300, replace=False)).astype(np.uint32)
    listed = (docs, chance.integers(0, int(3 * UNIT), 300))
    return fields, terms, [listed], (chance.random(COUNT) < 0.9).astype(np.uint8)


def same(one: Any, other: Any) -> bool:
    """Whether two results hold equal arrays."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


QUERIES = st.tuples(
    st.integers(0, 10**6), st.lists(st.sampled_from([1, 5, 60, 700, 9000, 20_000]), min_size=1, max_size=3)
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(query=QUERIES, limit=st.sampled_from([1, 10, 500]), masked=st.booleans())
def test_best_documents_are_the_same(query: Any, limit: int, masked: bool) -> None:
    """Skipping windows and lists never changes the best documents, their scores or their order."""
    fields, terms, lists, allowed = make_query(*query)
    mask = allowed if masked else None
    arguments = (fields, terms, lists, COUNT, limit)
    ranks = np.random.default_rng(query[0]).permutation(COUNT).astype(np.uint32)
    whole = vectorized.top_union(*arguments, -1, mask, ranks)
    assert same(compiled().top_union(*arguments, -1, mask, ranks), whole)
    floor = int(whole[1][len(whole[1]) // 2])
    rest = vectorized.top_union(*arguments, floor, mask, ranks)
    assert same(compiled().top_union(*arguments, floor, mask, ranks), rest)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), limit=st.sampled_from([1, 10, 300]))
def test_equals_are_in_the_order_of_their_ranks(seed: int, limit: int) -> None:
    """Where most documents score alike, those of the least ranks come first, whatever was skipped."""
    chance = np.random.default_rng(seed)
    docs = np.sort(chance.choice(COUNT, 9000, replace=False)).astype(np.uint32)
    units = chance.integers(1, 4, len(docs)) * int(UNIT)
    ranks = chance.permutation(COUNT).astype(np.uint32)
    best = np.lexsort((ranks[docs], -units))[:limit]
    for module in (vectorized, compiled()):
        found = module.top_union([], [], [(docs, units)], COUNT, limit, -1, None, ranks)
        assert same(found, (docs[best], units[best]))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(query=QUERIES)
def test_sets_are_the_same(query: Any) -> None:
    """Unions, counts, intersections and gathered scores are equal."""
    fields, terms, lists, allowed = make_query(*query)
    ours, truth = compiled(), vectorized
    assert same(ours.union(fields, terms, lists, COUNT), truth.union(fields, terms, lists, COUNT))
    for mask in (None, allowed):
        arguments = (fields, terms, lists, COUNT, mask)
        assert ours.union_count(*arguments) == truth.union_count(*arguments)
    assert same(ours.intersection(fields, terms[:2], []), truth.intersection(fields, terms[:2], []))
    assert same(ours.intersection(fields, terms, lists), truth.intersection(fields, terms, lists))
    docs = lists[0][0]
    assert same(ours.gather(fields, terms, lists, docs), truth.gather(fields, terms, lists, docs))
    own = terms[: len(terms) // 2]
    assert same(ours.holdings(fields[0], own, docs), truth.holdings(fields[0], own, docs))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    query=QUERIES,
    limit=st.sampled_from([0, 1, 10, 500]),
    count=st.sampled_from([0, 1, 300, 9000]),
    least=st.sampled_from([0, -1]),
)
def test_best_of_given_documents_are_the_same(query: Any, limit: int, count: int, least: int) -> None:
    """Candidates that are left out on the way never change the best, whatever adds or takes from scores."""
    fields, terms, lists, _ = make_query(*query)
    chance = np.random.default_rng(query[0])
    docs = np.sort(chance.choice(COUNT, count, replace=False)).astype(np.uint32)
    ranks = chance.permutation(COUNT).astype(np.uint32)
    lists = [(documents, units + least * int(UNIT)) for documents, units in lists]
    for choices in ([], [[(terms[:1], lists), (terms[1:], [])], [(terms[-1:], []), ([], lists), ([], [])]]):
        arguments = (fields, terms, lists, choices, docs, limit)
        whole = vectorized.top_among(*arguments, -(1 << 62), ranks)
        assert same(compiled().top_among(*arguments, -(1 << 62), ranks), whole)
        floor = int(whole[1][len(whole[1]) // 2]) if len(whole[1]) else 0
        assert same(
            compiled().top_among(*arguments, floor, ranks), vectorized.top_among(*arguments, floor, ranks)
        )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    query=QUERIES,
    limit=st.sampled_from([0, 1, 10, 500, 9000]),
    share=st.sampled_from([0.0, 0.1, 0.5, 1.1]),
    masked=st.booleans(),
    sign=st.sampled_from([1.0, -1.0]),
)
def test_best_of_those_that_hold_enough_are_the_same(
    query: Any, limit: int, share: float, masked: bool, sign: float
) -> None:
    """What matches by some terms and lists, and scores by these and others, in groups or not, is equal."""
    fields, terms, lists, allowed = make_query(*query)
    ranks = np.random.default_rng(query[0]).permutation(COUNT).astype(np.uint32)
    mask = allowed if masked else None
    held = [(place, start, end, 2 * UNIT) for place, start, end, _ in terms[: len(terms) // 2 + 1]]
    scored = [(place, start, end, sign * weight) for place, start, end, weight in terms]
    least = share * 2 * UNIT * len(held)
    groups: Any = [[(scored[:1], lists), (scored[1:2], [])], [([], lists), (scored[-1:], [])]]
    for standing, own, listed, choices in (
        ([], scored, [], []),
        (lists, scored[1:], lists, groups),
        (lists, [], [], groups),
        (lists, scored * 2, [], []),
    ):
        arguments = (fields, held, standing, least, own, listed, choices, COUNT, limit)
        whole = vectorized.top_enough(*arguments, -(1 << 62), mask, ranks)
        assert same(compiled().top_enough(*arguments, -(1 << 62), mask, ranks), whole)
        floor = int(whole[1][len(whole[1]) // 2]) if len(whole[1]) else 0
        rest = vectorized.top_enough(*arguments, floor, mask, ranks)
        assert same(compiled().top_enough(*arguments, floor, mask, ranks), rest)
    sums = np.zeros(COUNT, np.int64)
    for place, start, end, weight in held:
        sums[vectorized.slice_docs(fields[place], start, end)] += round(weight)
    enough = np.flatnonzero((sums >= least) & (sums > 0) & ((allowed != 0) | (not masked)))
    found = vectorized.top_enough(fields, held, [], least, [], [], [], COUNT, COUNT, -1, mask, ranks)
    assert np.array_equal(found[2], enough) and np.array_equal(np.sort(found[0]), enough)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), slop=st.sampled_from([1, 2, 5, 40]), top=st.sampled_from([3, 400]))
def test_phrases_are_the_same(seed: int, slop: int, top: int) -> None:
    """Phrases of two and three terms, also of one term twice, are found in the same documents."""
    field, spans = make_field(np.random.default_rng(seed), [3000, 500, 9000], top)
    wide, _ = make_field(np.random.default_rng(seed), [3000, 500, 9000], top, bytes_=False)
    terms = [(0, *span, UNIT) for span in spans]
    for chosen in (terms[:2], terms, [terms[1], terms[1]], [terms[2]]):
        for least in (0, 1, slop):
            steps = [(least, slop), (1, slop)][: len(chosen) - 1]
            expected = vectorized.phrase(field, chosen, steps)
            assert np.array_equal(compiled().phrase(field, chosen, steps), expected)
            assert np.array_equal(compiled().phrase(wide, chosen, steps), expected)
    assert len(vectorized.phrase(field, [terms[2]], [])) == 9000


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    tokens=st.lists(st.lists(st.text("天地a\x00\u07ff𠀀\ud800", max_size=12), min_size=1), max_size=9),
    keep=st.sampled_from([None, str.isalpha, lambda term: len(term) % 2]),
)
def test_building_is_the_same(tokens: list[list[str]], keep: Callable[[str], bool] | None) -> None:
    """Interning (of all, or of what is to be kept), grouping and uniting terms give equal arrays."""
    arrays = []
    for module in (vectorized, compiled()):
        table, out, sizes = module.term_table(), array("I"), array("I")
        pieces = [("".join(terms), array("I", accumulate(map(len, terms))), keep) for terms in tokens]
        module.intern_slices(table, [*pieces, None], out, sizes)
        assert sizes.pop() == 0
        assert [*sizes] == [len([term for term in terms if keep is None or keep(term)]) for terms in tokens]
        module.intern(table, [term for terms in tokens for term in terms if keep is None or keep(term)], out)
        assert out[: len(out) // 2] == out[len(out) // 2 :]
        del out[sum(sizes) :]
        ranks, *sorted_terms = module.order_terms(table)
        counts = np.array(sizes, np.uint32)
        flat = np.array(out, np.uint32)
        spots = np.arange(len(flat), dtype=np.uint32)
        grouped = module.group(flat, ranks, np.arange(len(tokens), dtype=np.uint32), counts, spots)
        united = module.merge_terms([encode_terms(sorted(set(terms))) for terms in tokens])
        arrays.append([flat, ranks, *sorted_terms, *grouped, *united[:2], *united[2]])
    assert same(*arrays)


def test_bad_arguments_are_refused() -> None:
    """Arrays that do not fit together raise; nothing is read past their ends."""
    fields, terms, lists, allowed = make_query(1, [60])
    docs = np.arange(5, dtype=np.uint32)
    with pytest.raises(IndexCorrupt, match="offset"):
        compiled().union(fields, [(0, 0, 10**6, 1.0)], [], COUNT)
    with pytest.raises(ValueError, match="shorter"):
        compiled().top_union(fields, terms, lists, COUNT, 3, -1, allowed[:10], docs)
    with pytest.raises(ValueError, match="ranks is shorter"):
        compiled().top_union(fields, terms, lists, COUNT, 3, -1, None, docs)
    with pytest.raises(ValueError, match="no field"):
        compiled().union(fields, [(7, 0, 1, 1.0)], [], COUNT)
    with pytest.raises(TypeError):
        compiled().gather(fields, terms, lists, np.arange(5.0))
    with pytest.raises(ValueError, match="fit"):
        compiled().group(docs, docs, docs, docs, None)
    with pytest.raises(ValueError, match="positions"):
        compiled().phrase((*fields[0][:4], None, None, None, fields[0][7]), terms[:1], [])
    with pytest.raises(TypeError, match="an array"):
        compiled().gather(fields, terms, lists, [1, 2])
    for norms, lengths in ((fields[0][2][:255], fields[0][7]), (fields[0][2], None)):
        with pytest.raises(ValueError, match="fit together"):
            compiled().union([(*fields[0][:2], norms, *fields[0][3:7], lengths)], terms[:1], [], COUNT)


def test_none_are_wanted() -> None:
    """Of no documents that are asked for none are given, and none is written anywhere."""
    fields, terms, lists, _ = make_query(1, [60])
    ranks = np.arange(COUNT, dtype=np.uint32)
    for module in (vectorized, compiled()):
        docs, units = module.top_union(fields, terms, lists, COUNT, 0, -1, None, ranks)
        assert len(docs) == len(units) == 0


def test_a_term_is_a_text() -> None:
    """What is none is refused, and so is what is no text with its pieces or units; what came before stays."""
    module, table = compiled(), compiled().term_table()
    for bad in (b"ab", None, 3):
        with pytest.raises(TypeError):
            module.intern(table, ["天地玄黃", bad], array("I"))
    for bad in (3, (), ("天",), ("天", [1], None), [1]):
        with pytest.raises(TypeError):
            module.intern_slices(table, [bad], array("I"), array("I"))
        with pytest.raises(TypeError):
            module.intern_units(table, [bad], array("I"), array("I"))
    assert bytes(module.order_terms(table)[1]).decode() == "天地玄黃"


def test_who_is_asked_may_number_terms() -> None:
    """What is asked whether a piece is a term is Python and may come back: each term has one number still."""
    module, table = compiled(), compiled().term_table()

    def keep(term: str) -> bool:
        module.intern(table, ["天", "天地玄黃", term + term], array("I"))
        return True

    out, counts = array("I"), array("I")
    module.intern_slices(table, [("天天地玄黃宇", array("I", [1, 5, 6]), keep)], out, counts)
    ranks, blob, offsets = module.order_terms(table)
    assert sorted(ranks.tolist()) == [*range(len(offsets) - 1)]
    terms = [bytes(blob[offsets[at] : offsets[at + 1]]).decode() for at in ranks[out]]
    assert terms == ["天", "天地玄黃", "宇"]


def test_many_long_terms() -> None:
    """Terms of more than three characters, of any number and length, are told apart and sorted."""
    terms = [f"{'長' * (number % 7)}{number}號" for number in range(5000)] + ["", "a" * 100_000, "\ud800" * 5]
    found = []
    for module in (vectorized, compiled()):
        table, out = module.term_table(), array("I")
        module.intern(table, terms + terms[::-1], out)
        found.append([np.array(out, np.uint32), *module.order_terms(table)])
        assert module.table_bytes(table) > 5000 * 16
    assert same(*found)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    texts=st.lists(st.text("天地玄\ud800𠀀ab ，", max_size=90), max_size=12),
    bound=st.integers(0, 9),
)
def test_pairs_are_the_same(texts: list[str], bound: int) -> None:
    """Symbols, and the postings of some first terms or of all, are equal arrays."""
    arrays = []
    for module in (vectorized, compiled()):
        table, out, own_counts = module.term_table(), array("I"), array("I")
        expression = re.compile("([天地玄𠀀\ud800]+)|([ab]+)")
        units = [(text, spans_of(expression.finditer(text))) for text in texts]
        sizes = [*module.intern_units(table, [*units, None], out, own_counts)]
        ranks, *heads = module.order_terms(table)
        numbers, docs = np.array(out, np.uint32), np.arange(7, 8 + len(texts), dtype=np.uint32)
        symbols, counts = ranks[numbers >> 1] << 1 | numbers & 1, np.array(own_counts, np.uint32)
        held = np.bincount(symbols >> 1, minlength=len(ranks))
        middle = min(bound, len(ranks))
        parts = [
            module.group_pairs(symbols, docs, counts, held, low, high)
            for low, high in ((0, len(ranks)), (0, middle), (middle, len(ranks)))
        ]
        assert sum(sizes) == parts[0][4].sum() == len(parts[0][5])
        assert same(
            *([part[place] for place in (0, 1, 3, 4, 5)] for part in (parts[0],)),
            [np.concatenate([part[place] for part in parts[1:]]) for place in (0, 1, 3, 4, 5)],
        )
        arrays.append([numbers, np.array(sizes), ranks, *heads, *chain.from_iterable(parts)])
    assert same(*arrays)


def test_pairs_of_many_are_sorted() -> None:
    """Long lists of pairs go through another sort than short ones, with places of more than two bytes."""
    rng = np.random.default_rng(5)
    heads = 70_000
    numbers = rng.integers(0, heads, 6000)
    numbers[::3] = 17  # a common first character
    symbols = (numbers << 1 | 1).astype(np.uint32)
    symbols[199::200] &= ~np.uint32(1)
    docs, counts = np.arange(30, dtype=np.uint32), np.full(30, 200, np.uint32)
    sizes = np.bincount(symbols >> 1, minlength=heads)
    found = [
        module.group_pairs(symbols, docs, counts, sizes, 0, heads) for module in (vectorized, compiled())
    ]
    assert same(*found)


def test_bad_symbols_are_refused() -> None:
    """Units and symbols that do not fit raise; nothing is read beyond them."""
    module = compiled()
    table, out = module.term_table(), array("I")
    for spans in ([1], [1, 3], [4, 1], [2, 1]):
        with pytest.raises(ValueError, match="spans of their text"):
            module.intern_units(table, [("天地", array("I", spans))], out, out)
    one, two, size = np.zeros(1, np.uint32), np.array([0, 1], np.uint32), np.ones(1, np.int64)
    for symbols, docs, counts, sizes, low, high in (
        (np.array([1], np.uint32), one, one + 1, size, 0, 1),  # a pair with nothing
        (np.array([1, 2], np.uint32), one, one + 2, size, 0, 1),  # a pair with a place that is none
        (np.array([0, 0], np.uint32), one, one + 2, size, 0, 1),  # more positions than are counted
        (one, one, one + 1, size + 1, 0, 1),
        (one, one, one + 1, size - 2, 0, 1),
        (one, one, one + 2, size, 0, 1),
        (one, one, one, size, 0, 1),
        (one, two, one + 1, size, 0, 1),
        (one, one, one + 1, size, 1, 0),
        (one, one, one + 1, size, 0, 2),
    ):
        with pytest.raises(ValueError, match="do not fit"):
            module.group_pairs(symbols, docs, counts, sizes, low, high)
