"""Every engine finds the documents, scores, totals, counts and order that the reference finds."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.config import RankingSettings
from indexer.engine.answers import Found, Part
from indexer.engine.protocol import Engine, Snapshot
from indexer.errors import DeadlineExceeded
from indexer.query import nodes
from indexer.query.nodes import Node
from indexer.text.units import STOP
from tests.engine.conftest import FINGERPRINT, LETTERS, Kind, build, documents
from tests.engine.reference import ReferenceSnapshot

FACETS = ("source", "lang", "day")


def gram(text: str, weight: float = 1.0) -> nodes.Term:
    """A term of `grams`."""
    return nodes.Term("grams", text, weight)


def any_of(*several: Node) -> nodes.AnyOf:
    """At least one of them."""
    return nodes.AnyOf(several)


def spaced(first: str | nodes.Pattern, *rest: tuple[str | nodes.Pattern, int, int]) -> nodes.Spaced:
    """Places of `grams`: the first, then each with its least and greatest distance."""
    return nodes.Spaced("grams", (nodes.Place(first), *(nodes.Place(*each) for each in rest)))


MICRO = nodes.Pattern("micro*")
QUERIES: dict[str, Node] = {
    "a pair": gram("天地"),
    "a weighed term": gram("天", 2.5),
    "a term that is nowhere": gram("無錫"),
    "a field that is not scored": nodes.Term("source", "甲報", 0.5),
    "a field that is not there": nodes.Term("nowhere", "天"),
    "alternatives": any_of(gram("天地"), nodes.Term("title_grams", "日"), gram("micro", 3.0)),
    "no alternatives": any_of(),
    "a term twice": any_of(gram("天"), gram("天", 0.5)),
    "a weight of nothing": any_of(gram("天", 0.0), nodes.Term("words", "micro")),
    "all": nodes.AllOf((gram("天"), gram("地"), any_of(gram("玄"), gram("黃")))),
    "all of one and nothing": nodes.AllOf((gram("天"), gram("無"))),
    "the best": nodes.BestOf((gram("天地"), any_of(gram("天", 0.2), gram("宇", 2.0)), gram("洪荒"))),
    "a choice in a union": any_of(nodes.BestOf((gram("天"), gram("地", 0.5))), gram("玄", 0.1)),
    "no choice": nodes.BestOf(()),
    "more if there": nodes.Maybe(gram("天"), any_of(gram("地"), nodes.Sequence("grams", ("日", "月")))),
    "all but": nodes.Without(any_of(gram("天"), gram("地")), any_of(gram("玄"), gram("micro"))),
    "everything but": nodes.Without(nodes.Everything(), gram("天")),
    "everything": nodes.Everything(),
    "nothing": nodes.Nothing(),
    "in order": nodes.Sequence("grams", ("天", "地")),
    "overlapping pairs": nodes.Sequence("grams", ("天地", "地玄"), 0.5),
    "one after itself": nodes.Sequence("grams", ("天", "天")),
    "at distances": spaced("天", ("玄", 1, 4), ("地", 0, 9)),
    "a pattern": spaced(MICRO),
    "a pattern in the middle": spaced("天", (MICRO, 1, 6), ("地", 1, 6)),
    "patterns of any kind": spaced(nodes.Pattern("m?cro*"), (nodes.Pattern("*0"), 0, 20)),
    "not beyond the end of a sentence": nodes.Spaced(
        "grams", (nodes.Place("天"), nodes.Place("地", 0, 9), nodes.Place("玄", 1, 9)), stop=STOP
    ),
    "a pattern not beyond it": nodes.Spaced(
        "grams", (nodes.Place(MICRO), nodes.Place("天", 1, 20)), stop=STOP
    ),
    "a stop that is nowhere": nodes.Spaced("grams", (nodes.Place("天"), nodes.Place("地", 0, 9)), stop="無"),
    "a phrase over the end of a sentence": nodes.Sequence("grams", ("天", STOP, "地")),
    "a pattern of words": nodes.Spaced("words", (nodes.Place(nodes.Pattern("?*ro*")),)),
    "a pattern that begins with anything": spaced(nodes.Pattern("*?地*")),
    "any term, but for ends of sentences": spaced(nodes.Pattern("*")),
    "one character": spaced(nodes.Pattern("?"), ("天", 1, 3)),
    "a pattern of nothing but ends of sentences": spaced(nodes.Pattern(f"*{STOP}*")),
    "a pattern that is nowhere": spaced("天", (nodes.Pattern("xx*"), 1, 9)),
    "a filter": nodes.Between("day", 20110000, 20120399),
    "what has anything": nodes.Present("repairs"),
    "one and its copies": nodes.Alike("d008"),
    "a copy of nobody": nodes.Alike("nobody"),
    "enough": nodes.Enough("grams", {"天地": 1.0, "玄黃": 2.0, "micro": 0.4, "無": 1.0}, 0.3, {}),
    "enough of anything": nodes.Enough("grams", {"天": 1.0, "地": 1.0}, 0.0, {}),
    "enough with other names": nodes.Enough("grams", {"天地": 1.0}, 0.6, {("玄黃",): 0.9, ("日", "月"): 0.3}),
    "ranked if enough": nodes.Maybe(
        nodes.Enough("grams", {"天地": 1.0, "玄黃": 1.0, "宇宙": 1.0}, 0.2, {}),
        any_of(gram("天地"), gram("玄黃", 0.5), nodes.BestOf((gram("天", 0.3), gram("荒", 0.4)))),
    ),
}


def groups(snapshot: Snapshot, found: Found) -> list[list[tuple[str, str]]]:
    """Ids and leaders' ids of what was found, those of one score together, without the last where it is cut.

    Sums of other terms may be equal on paper and differ in the last digits; among these any order is right.
    """
    ids = [record["id"] for record in snapshot.records(found.documents)]
    leaders = [record["id"] for record in snapshot.records(found.leaders)]
    grouped: list[list[tuple[str, str]]] = []
    before = math.inf
    for score, *names in zip(found.scores, ids, leaders, strict=True):
        if before - score > 1e-5 * max(1.0, score):
            grouped.append([])
        grouped[-1].append((names[0], names[1]))
        before = score
    return [sorted(each) for each in (grouped if len(ids) == found.total else grouped[:-1])]


def same(snapshot: Snapshot, truth: ReferenceSnapshot, found: Found, expected: Found) -> None:
    """The same documents in the same order, by their ids, with scores and whatever was counted."""
    assert found.scores == pytest.approx(expected.scores, rel=1e-5, abs=1e-6)
    assert groups(snapshot, found) == groups(truth, expected)
    if not any(expected.scores):
        ids = [record["id"] for record in snapshot.records(found.documents)]
        assert ids == [record["id"] for record in truth.records(expected.documents)]
    assert (found.total, found.exact) == (expected.total, expected.exact)
    assert {name: dict(counts) for name, counts in found.facets.items()} == expected.facets
    counted = dict(
        zip((r["id"] for r in snapshot.records([*found.copies])), found.copies.values(), strict=True)
    )
    copies = zip((r["id"] for r in truth.records([*expected.copies])), expected.copies.values(), strict=True)
    assert counted == dict(copies)


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("limit", [0, 3, 1000])
def test_queries(snapshot: Snapshot, truth: ReferenceSnapshot, name: str, limit: int) -> None:
    """Best first, equals by id; the limit cuts the list, not the count."""
    query = QUERIES[name]
    same(snapshot, truth, snapshot.search(query, limit=limit), truth.search(query, limit=limit))


@pytest.mark.parametrize("name", QUERIES)
def test_with_everything_asked_for(snapshot: Snapshot, truth: ReferenceSnapshot, name: str) -> None:
    """Filters, counts of values and of copies go together with any query."""
    only = nodes.AllOf((nodes.Term("lang", "zh-Hans"), nodes.Between("day", 1, 20130000)))
    for options in ({"facets": FACETS, "copies": True}, {"facets": FACETS, "copies": True, "only": only}):
        found = snapshot.search(QUERIES[name], limit=20, **options)  # type: ignore[arg-type]
        same(snapshot, truth, found, truth.search(QUERIES[name], limit=20, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a pair", "ranked if enough", "everything", "nothing", "all but"])
@pytest.mark.parametrize("sort", ["date_desc", "date_asc", "added_desc", "title", "source", "id"])
def test_in_another_order(snapshot: Snapshot, truth: ReferenceSnapshot, name: str, sort: str) -> None:
    """By day, arrival, title or source, those without one last, equals by id; nothing is scored."""
    for limit in (5, 1000):
        found = snapshot.search(QUERIES[name], limit=limit, sort=sort, only=nodes.Term("lang", "zh-Hant"))  # type: ignore[arg-type]
        expected = truth.search(QUERIES[name], limit=limit, sort=sort, only=nodes.Term("lang", "zh-Hant"))  # type: ignore[arg-type]
        same(snapshot, truth, found, expected)


TERMS = st.builds(
    nodes.Term,
    st.sampled_from(["grams", "words", "title_grams"]),
    st.text(LETTERS, min_size=1, max_size=2) | st.sampled_from(["micro", "microsoft", "20"]),
    st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)
SEQUENCES = st.builds(
    nodes.Sequence,
    st.just("grams"),
    st.lists(st.text(LETTERS, min_size=1, max_size=1), min_size=2, max_size=3).map(tuple),
)
BAGS = st.builds(
    nodes.Bag,
    st.sampled_from(["grams", "title_grams", "words", "source"]),
    st.dictionaries(st.text(LETTERS, min_size=1, max_size=2), st.sampled_from([0.0, 0.5, 2.0]), max_size=4),
)
FILTERS = st.builds(nodes.Between, st.just("day"), st.integers(20100000, 20120000), st.just(20130000))


def trees(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Nodes over others."""
    several = st.lists(children, max_size=4).map(tuple)
    return (
        st.builds(nodes.AnyOf, several)
        | st.builds(nodes.AllOf, st.lists(children, min_size=1, max_size=3).map(tuple))
        | st.builds(nodes.BestOf, several)
        | st.builds(nodes.Maybe, children, children)
        | st.builds(nodes.Without, children, children)
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    query=st.recursive(TERMS | BAGS | SEQUENCES | FILTERS | st.just(nodes.Everything()), trees, max_leaves=8),
    limit=st.integers(1, 30),
    copies=st.booleans(),
)
def test_any_tree(
    snapshot: Snapshot, truth: ReferenceSnapshot, query: Node, limit: int, copies: bool
) -> None:
    """Whatever nodes stand in one another."""
    found = snapshot.search(query, limit=limit, copies=copies)
    same(snapshot, truth, found, truth.search(query, limit=limit, copies=copies))


def shown(part: Part) -> tuple[str | int | bool | tuple[str, ...], ...]:
    """What a part says but for its numbers."""
    choice = -1 if part.choice is None else part.choice
    return part.field, part.term, part.frequency, part.documents, part.sequence, part.apart, choice


@pytest.mark.parametrize("name", QUERIES)
def test_accounts_add_up(snapshot: Snapshot, truth: ReferenceSnapshot, name: str) -> None:
    """Of each hit the parts are those of the reference, and add up to its score; others have none."""
    found = snapshot.search(QUERIES[name], limit=30)
    other = snapshot.number("d001")
    assert other is not None
    accounts = snapshot.explain(QUERIES[name], [*found.documents, other])
    for account, score in zip(accounts, found.scores, strict=False):
        assert sum(part.score for part in account.parts) == pytest.approx(score, abs=1e-6)
    ids = [record["id"] for record in snapshot.records(found.documents)]
    numbers = [truth.number(each) for each in [*ids, "d001"]]
    expected = truth.explain(QUERIES[name], [number for number in numbers if number is not None])
    for account, wanted in zip(accounts, expected, strict=True):
        assert account.held == pytest.approx(wanted.held, abs=1e-6)
        assert sorted(map(shown, account.parts)) == sorted(map(shown, wanted.parts))
        assert [p.idf for p in account.parts] == pytest.approx([p.idf for p in wanted.parts])


@pytest.mark.parametrize(
    "ranking", [RankingSettings(k1=1.2, b=1.0, beta=1.0), RankingSettings(k1=0.0), RankingSettings(beta=0.0)]
)
def test_other_parameters(engine: Engine, truth: ReferenceSnapshot, ranking: RankingSettings) -> None:
    """Whatever parameters a snapshot is opened with: built-in BM25, nothing but idf, without lengths."""
    build(engine, documents())
    snapshot, expected = engine.open(FINGERPRINT, ranking), ReferenceSnapshot(truth.state, ranking)
    for name in ("alternatives", "a pattern", "overlapping pairs", "ranked if enough"):
        query = QUERIES[name]
        same(snapshot, expected, snapshot.search(query, limit=30), expected.search(query, limit=30))


def test_time_is_limited(kind: Kind, snapshot: Snapshot) -> None:
    """A query that may take no time is stopped."""
    with pytest.raises(DeadlineExceeded):
        snapshot.search(gram("天"), limit=10, seconds=-1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    passage=st.text(LETTERS, min_size=2, max_size=90),
    blank=st.integers(0, 89),
    limit=st.integers(0, 40),
    source=st.sampled_from([None, "甲報"]),
)
def test_chains(
    snapshot: Snapshot, truth: ReferenceSnapshot, passage: str, blank: int, limit: int, source: str | None
) -> None:
    """Where documents follow a passage: the same chains in the same order, of all documents or of some."""
    terms = [*map("".join, itertools.pairwise(passage))]
    terms[blank:] = ["", *terms[blank:]]
    only = nodes.Term("source", source) if source else None
    shown = []
    for each in (snapshot, truth):
        chains = each.chains("grams", terms, limit=limit, most=10**6, only=only)
        ids = [record["id"] for record in each.records([chain.document for chain in chains])]
        shown.append([(name, c.places, c.positions) for name, c in zip(ids, chains, strict=True)])
        assert all(c.weight > 0 and c.places[0] < c.places[1] for c in chains)
    assert shown[0] == shown[1]


def test_a_text_is_a_chain_of_itself(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """All pairs of a document, at their places, chain in it from the first to the last."""
    entry = max(truth.entries, key=lambda entry: entry.exact_length("grams"))
    at = {place: term for term, places in entry.terms["grams"].items() for place in places if len(term) == 2}
    terms = [at.get(place, "") for place in range(max(at) + 1)]
    best = snapshot.chains("grams", terms, limit=1, most=10**6)[0]
    assert snapshot.records([best.document])[0]["text"] == entry.record["text"]
    assert best.places == best.positions == (min(at), max(at))


def test_no_chains(snapshot: Snapshot) -> None:
    """An empty passage has none, and a field that is not there either."""
    terms = ["micro", "天", "20", "地"]
    assert snapshot.chains("grams", [], limit=5, most=10) == []
    assert snapshot.chains("nowhere", terms, limit=5, most=10) == []
