"""Equality of what is found: with stock Whoosh where it is right, with set algebra everywhere."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import (
    And,
    AndMaybe,
    AndNot,
    ConstantScoreQuery,
    DisjunctionMax,
    Every,
    FuzzyTerm,
    Not,
    NumericRange,
    Or,
    Phrase,
    Prefix,
    Query,
    Require,
    Term,
    TermRange,
    Wildcard,
)
from whoosh.query.spans import SpanNear2

from indexer.engine.embedded.kernel import kernel
from indexer.engine.embedded.search.collection import collection_of
from indexer.engine.embedded.search.selection import evaluate
from indexer.engine.embedded.search.spacing import Place, Spaced
from indexer.engine.embedded.whoosh.searcher import ArraySearcher
from indexer.engine.embedded.whoosh.weighting import Bm25
from indexer.errors import DeadlineExceeded, QueryTooLong

KERNELS = sorted(kernel.KERNELS)


def word(text: str, boost: float = 1.0) -> Term:
    """A word of the body."""
    return Term("body_words", text, boost)


def gram(text: str, boost: float = 1.0) -> Term:
    """A gram of the body."""
    return Term("body_grams", text, boost)


def phrase(*words: str, slop: int = 1) -> Phrase:
    """A phrase of grams of the body."""
    return Phrase("body_grams", list(words), slop=slop)


def spaced(first: str | Query, *rest: tuple[str | Query, int, int]) -> Spaced:
    """Places of the body's grams: the first, then each with its least and greatest distance."""
    return Spaced("body_grams", [Place(first), *(Place(*each) for each in rest)])


# What stock Whoosh and the index must agree on.
STOCK: dict[str, Query] = {
    "term": gram("天地"),
    "boosted term": gram("天", 2.5),
    "unscored field": Term("source", "甲"),
    "or": Or([gram("天地"), gram("玄黃"), Term("title_grams", "日")]),
    "boosted or": Or([gram("天地"), word("日月", 3.0)], boost=0.5),
    "and": And([gram("天"), gram("地"), gram("玄")]),
    "and with not": And([gram("天"), Not(gram("地"))]),
    "and of or": And([Or([gram("天"), gram("地")]), Or([gram("玄"), Term("title_grams", "黃")])]),
    "and maybe": AndMaybe(gram("天"), gram("地")),
    "phrase": phrase("天", "地"),
    "phrase of pairs": phrase("天地", "地", slop=2),
    "phrase of one word twice": phrase("天", "天"),
    "sloppy phrase": phrase("天", "地", "玄", slop=3),
    "every": Every(),
    "every of a field": Every("year"),
    "numeric range": NumericRange("year", 1905, 1920),
    "constant": ConstantScoreQuery(Or([gram("天地"), gram("玄黃"), gram("黃黃")]), 2.0),
    "span": SpanNear2([gram("天"), gram("地")], slop=4, ordered=False),
    "term in no document": Or([gram("無"), gram("天")]),
    "field that is not there": Or([Term("nowhere", "天"), gram("天")]),
}
BEYOND_MODEL = {"span", "field that is not there", "unscored field", "every of a field"}
# What stock Whoosh gets wrong, or scores by the size of the index.
ALGEBRA: dict[str, Query] = {
    "spaced terms": spaced("天", ("地", 2, 4)),
    "three spaced terms": spaced("天", ("玄", 1, 9), ("地", 0, 9)),
    "pattern by itself": spaced(Prefix("body_grams", "天")),
    "pattern after a term": spaced("地", (Prefix("body_grams", "天"), 2, 3)),
    "term after a pattern": spaced(
        Wildcard("body_grams", "天?"), ("日", 1, 6), (Wildcard("body_grams", "*月"), 0, 2)
    ),
    "not": Not(gram("天")),
    "and not": AndNot(Or([gram("天"), gram("地")]), gram("玄")),
    "require": Require(Or([gram("天"), gram("地")]), Term("title_grams", "日")),
    "best of": DisjunctionMax([gram("天"), word("日月"), Term("title_grams", "天")]),
    "or with not": Or([gram("天"), gram("地"), Not(gram("玄"))]),
    "negative boost": Or([gram("天地"), word("日月", -3.0), gram("地", -0.5)]),
    "prefix": Prefix("body_grams", "天"),
    "boosted prefix": Prefix("body_words", "日", boost=2.0),
    "wildcard": Wildcard("body_words", "*天?"),
    "nested": AndMaybe(Require(Or([gram("天"), gram("地")]), Every()), And([phrase("天", "地"), gram("玄")])),
}


def build(corpus: Any, directory: Path | None, seed: int = 7, count: int = 240) -> tuple[Any, list[Any]]:
    """An index of three segments with deletions and an update, and the steps that made it."""
    chance = random.Random(seed)
    rows = [corpus.make_row(chance, number) for number in range(count)]
    third = count // 3
    update = corpus.make_row(chance, 0)
    steps = [
        (rows[:third], []),
        (rows[third : 2 * third], ["d3", f"d{third - 1}"]),
        ([*rows[2 * third :], update], ["d0", f"d{third + 1}"]),
    ]
    index = corpus.create(directory)
    corpus.write_ours(index, steps)
    return index, steps


def found(searcher: Any, question: Query, **options: Any) -> dict[str, float]:
    """Scores by document id."""
    result = evaluate(searcher, question, limit=None, **options)
    assert result.exact and result.total == len(result.docnums)
    assert result.scores == sorted(result.scores, reverse=True)
    keys = [searcher.stored_fields(number)["id"] for number in result.docnums]
    return dict(zip(keys, result.scores, strict=True))


@pytest.fixture(scope="module")
def built(corpus: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(our searcher, a stock searcher, the model) over the same steps."""
    index, steps = build(corpus, tmp_path_factory.mktemp("index"))
    stock = corpus.create(None)
    corpus.write_stock(stock, steps)
    searcher = ArraySearcher(index.reader())
    return searcher, corpus.exact_searcher(stock, steps), corpus.Model(steps, corpus.make_schema())


@pytest.mark.parametrize("label", STOCK)
def test_scores_equal_those_of_stock_whoosh(built: Any, any_kernel: str, label: str) -> None:
    """Every document stock Whoosh finds without a limit is found, with the same score, and no other."""
    ours, stock, _ = built
    truth = {hit["id"]: hit.score for hit in stock.search(STOCK[label], limit=None)}
    assert truth or label == "term in no document"
    assert found(ours, STOCK[label]) == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("label", [label for label in STOCK if label not in BEYOND_MODEL])
def test_model_is_true_to_stock_whoosh(built: Any, label: str) -> None:
    """The model the other tests rely on gives what stock Whoosh gives, where stock is right."""
    _, stock, model = built
    truth = {hit["id"]: hit.score for hit in stock.search(STOCK[label], limit=None)}
    assert model.evaluate(STOCK[label]) == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("label", ALGEBRA)
def test_scores_equal_set_algebra(built: Any, any_kernel: str, label: str) -> None:
    """Where stock Whoosh is wrong, set algebra and the formula decide."""
    ours, _, model = built
    truth = model.evaluate(ALGEBRA[label])
    assert truth
    assert found(ours, ALGEBRA[label]) == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("label", [*STOCK, *ALGEBRA])
@pytest.mark.parametrize("limit", [1, 3, 10, 1000])
def test_a_limit_gives_the_head_of_the_whole_list(
    built: Any, any_kernel: str, label: str, limit: int
) -> None:
    """The first hits are those of the whole list: same documents, scores and order, and the same total."""
    ours = built[0]
    question = (STOCK | ALGEBRA)[label]
    whole = evaluate(ours, question, limit=None)
    head = evaluate(ours, question, limit=limit)
    assert (head.docnums, head.scores) == (whole.docnums[:limit], whole.scores[:limit])
    assert head.total == whole.total and head.exact
    quick = evaluate(ours, question, limit=limit, count=False)
    assert quick.docnums == head.docnums
    assert quick.total <= whole.total and (quick.total == whole.total or not quick.exact)


@pytest.mark.parametrize("label", [*STOCK, *ALGEBRA])
def test_kernels_agree_to_the_last_bit(built: Any, label: str) -> None:
    """All kernels give identical documents and scores."""
    results = []
    for name in KERNELS:
        with kernel.using(name):
            results.append(evaluate(built[0], (STOCK | ALGEBRA)[label], limit=None))
    assert all(result == results[0] for result in results)


PLACES = st.one_of(
    st.sampled_from(["天", "地", "天地", "無"]),
    st.builds(Prefix, st.just("body_grams"), st.sampled_from("天日")),
    st.builds(Wildcard, st.just("body_grams"), st.sampled_from(["天?", "?月", "日*"])),
)
LEAVES = st.one_of(
    st.builds(gram, st.sampled_from(["天", "地", "天地", "地玄", "日月", "無"]), st.sampled_from([1.0, 2.0])),
    st.builds(word, st.sampled_from(["天", "日月", "黃"])),
    st.builds(phrase, st.sampled_from("天地玄"), st.sampled_from("天地玄"), slop=st.integers(1, 4)),
    st.builds(Prefix, st.just("body_grams"), st.sampled_from("天日")),
    st.builds(
        lambda first, second, least, more: spaced(first, (second, least, least + more)),
        PLACES,
        PLACES,
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    st.builds(NumericRange, st.just("year"), st.integers(1900, 1910), st.integers(1911, 1930)),
    st.just(Every()),
)


def branches(children: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    """Queries over other queries."""
    several = st.lists(children, min_size=2, max_size=4)
    pairs = [st.builds(kind, children, children) for kind in (AndNot, AndMaybe, Require)]
    lists = [st.builds(kind, several, boost=st.sampled_from([1.0, 0.5])) for kind in (Or, And)]
    return st.one_of(*pairs, *lists, st.builds(DisjunctionMax, several), st.builds(Not, children))


@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(question=st.recursive(LEAVES, branches, max_leaves=8), limit=st.integers(1, 20))
def test_any_tree_follows_set_algebra(built: Any, name: str, question: Query, limit: int) -> None:
    """Random query trees give what the model gives, in full and with a limit."""
    ours, _, model = built
    with kernel.using(name):
        assert found(ours, question) == pytest.approx(model.evaluate(question), rel=1e-6)
        head = evaluate(ours, question, limit=limit)
        assert head.docnums == evaluate(ours, question, limit=None).docnums[:limit]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), count=st.integers(6, 60))
def test_any_corpus_follows_set_algebra(corpus: Any, seed: int, count: int) -> None:
    """Random corpora, held in memory, give what the model gives."""
    index, steps = build(corpus, None, seed, count)
    model = corpus.Model(steps, corpus.make_schema())
    searcher = ArraySearcher(index.reader())
    for question in (*ALGEBRA.values(), phrase("天", "地", slop=2), gram("天")):
        assert found(searcher, question) == pytest.approx(model.evaluate(question), rel=1e-6)


def test_filter_and_mask_restrict_without_scoring(built: Any, any_kernel: str) -> None:
    """A filter keeps, a mask drops; scores and totals are those of the documents that are left."""
    ours, _, model = built
    question, keep, drop = Or([gram("天"), gram("地")]), gram("玄"), Term("title_grams", "日")
    truth = model.evaluate(question)
    wanted = {
        key: score
        for key, score in truth.items()
        if key in model.evaluate(keep) and key not in model.evaluate(drop)
    }
    assert found(ours, question, filter=keep, mask=drop) == pytest.approx(wanted, rel=1e-6)
    assert evaluate(ours, question, limit=2, filter=keep, mask=drop).total == len(wanted)


def test_sort_by_column_puts_missing_values_last(built: Any) -> None:
    """Documents sort by year either way; those without a year come last, ties by document number."""
    ours = built[0]
    for descending in (False, True):
        result = evaluate(ours, gram("天"), limit=None, sort=[("year", descending)])
        years = [ours.stored_fields(number).get("year") for number in result.docnums]
        present = [year for year in years if year is not None]
        assert present == sorted(present, reverse=descending)
        assert years[: len(present)] == present and len(present) < len(years)
        assert evaluate(ours, gram("天"), limit=5, sort=[("year", descending)]).docnums == result.docnums[:5]


def test_facets_count_all_matches(built: Any) -> None:
    """Facet counts are over every match, whatever the limit; documents without a value are left out."""
    ours, _, model = built
    result = evaluate(ours, gram("天"), limit=1, facets=["source", "year"])
    rows = [model.live[key]["row"] for key in model.evaluate(gram("天"))]
    for name in ("source", "year"):
        values = [row[name] for row in rows if name in row]
        assert result.facets[name] == {value: values.count(value) for value in values}


def test_parameters_by_field(built: Any) -> None:
    """`Bm25` uses a field's own B and K1, natively and in Whoosh's matchers."""
    ours = built[0]
    weighting = Bm25(fields={"body_grams": (0.2, 0.9)})
    native = evaluate(ours, gram("天"), weighting=weighting)
    walked = evaluate(ours, SpanNear2([gram("天")]), weighting=weighting)
    assert native.scores == pytest.approx(walked.scores, rel=1e-6)
    assert native.scores != evaluate(ours, gram("天")).scores


def test_keys_of_documents(built: Any) -> None:
    """The id of a document is found without its stored fields; a document without a value has None."""
    ours = built[0]
    collection, docnums = collection_of(ours.reader()), list(range(ours.doc_count_all()))
    rows = [ours.stored_fields(docnum) for docnum in docnums]
    assert collection.keys_of("id", docnums) == [row["id"] for row in rows]
    assert collection.keys_of("source", docnums) == [row.get("source") for row in rows]


def test_minimum_of_clauses(built: Any, any_kernel: str) -> None:
    """`minmatch` keeps documents that at least so many clauses match."""
    ours, _, model = built
    clauses = [gram("天"), gram("地"), gram("玄")]
    parts = [model.evaluate(clause) for clause in clauses]
    wanted = {key for key in model.live if sum(key in part for part in parts) >= 2}
    assert set(found(ours, Or(clauses, minmatch=2))) == wanted


def test_the_best_of_nothing_is_nothing(built: Any, any_kernel: str) -> None:
    """A choice without choices finds no document, alone and beside others."""
    ours = built[0]
    assert found(ours, DisjunctionMax([])) == {}
    assert found(ours, Or([gram("天"), DisjunctionMax([])])) == found(ours, gram("天")) != {}


def test_fuzzy_terms_and_term_ranges(built: Any) -> None:
    """A fuzzy term finds what differs by one character; a term range finds what lies between."""
    ours, _, model = built
    near = model.holding("body_words", lambda term: term[:1] == "日" and 1 <= len(term) <= 3 and "月" in term)
    result = set(found(ours, FuzzyTerm("body_words", "日月")))
    assert set(model.holding("body_words", lambda term: term == "日月")) <= result
    assert result <= set(near) | set(model.holding("body_words", lambda term: term[:1] == "日"))
    between = model.holding("body_grams", lambda term: "地" <= term < "天")
    assert set(found(ours, TermRange("body_grams", "地", "天", endexcl=True))) == set(between)


def test_expansions_are_cut_at_the_most_frequent(built: Any) -> None:
    """Past the limit the terms in most documents are kept, and the total is not called exact."""
    ours = built[0]
    whole = evaluate(ours, Prefix("body_grams", ""), limit=None)
    cut = evaluate(ours, Prefix("body_grams", ""), limit=None, max_expansions=3)
    assert not cut.exact and 0 < cut.total < whole.total
    assert set(cut.docnums) < set(whole.docnums)


def test_more_expansions_than_stock_can_score(corpus: Any) -> None:
    """1,100 different terms under one prefix all count (stock Whoosh stops scoring at 1,024)."""
    index = corpus.create(None)
    row = {"id": "d0", "body_grams": "", "title_grams": ""}
    rows = [row | {"id": f"d{number}", "body_words": f"天{number}"} for number in range(1100)]
    corpus.write_ours(index, [(rows, [])])
    with ArraySearcher(index.reader()) as searcher:
        question = Prefix("body_words", "天", constantscore=False)
        result = evaluate(searcher, question, limit=None)
        assert result.total == 1100
        assert result.scores == pytest.approx(evaluate(searcher, word("天7")).scores * 1100, rel=1e-6)


def test_limits_stop_a_query(built: Any) -> None:
    """A deadline that has passed and a query nested too deep are refused by name."""
    deep: Query = gram("天")
    for _ in range(200):
        deep = Or([deep, gram("地")])
    with pytest.raises(DeadlineExceeded):
        evaluate(built[0], gram("天"), deadline=time.monotonic() - 1)
    with pytest.raises(QueryTooLong):
        evaluate(built[0], deep)


def test_whoosh_results_come_from_the_evaluator(built: Any) -> None:
    """`ArraySearcher.search` gives Whoosh `Results`; options it does not know go to Whoosh's collectors."""
    ours = built[0]
    native = ours.search(gram("天"), limit=5)
    assert native.has_exact_length() and len(native) == evaluate(ours, gram("天")).total
    assert native[0]["id"] and native.docs() == set(evaluate(ours, gram("天"), limit=None).docnums)
    walked = ours.search(gram("天"), limit=5, terms=True)
    assert [hit.docnum for hit in walked] == [hit.docnum for hit in native]
    assert ours.search(gram("天"), sortedby="year", reverse=True).scored_length() == 10
    groups = ours.search(gram("天"), limit=None, groupedby="source").groups()
    assert sum(map(len, groups.values())) == len(native)
