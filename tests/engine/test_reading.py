"""Every engine reads what was written: records, frequencies, vocabularies, values, samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.engine.fields import indexed_text
from indexer.engine.protocol import Engine, Snapshot, Sort
from indexer.engine.shares import Agreement, Nearness
from indexer.errors import DeadlineExceeded, NotPermitted
from indexer.query import nodes
from indexer.query.nodes import Everything, Term
from indexer.text.analyzer import grams, phrase
from tests.engine.conftest import ENGINES, FINGERPRINT, LETTERS, Kind, build, documents, record
from tests.engine.reference import ReferenceSnapshot

TERMS = ["天", "天地", "無", "micro", "20", "\ud800"]


def test_records_come_back_as_they_went_in(snapshot: Snapshot) -> None:
    """Each document is found by its id, whole; another id is nobody's."""
    for document in documents():
        number = snapshot.number(document.id)
        assert number is not None
        assert snapshot.records([number]) == [record(document)]
    assert snapshot.number("nobody") is None and snapshot.records([]) == snapshot.ids([]) == []
    every = snapshot.search(Everything(), limit=200).documents
    assert snapshot.ids(every) == [each["id"] for each in snapshot.records(every)]


def test_every_document_is_scanned(snapshot: Snapshot) -> None:
    """All records, each once, whatever the order."""
    found = sorted(snapshot.scan(), key=lambda found: str(found["id"]))
    assert found == sorted(map(record, documents()), key=lambda found: str(found["id"]))


def test_frequencies(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """How many documents hold each term, for any number of terms at once."""
    for field in ("grams", "words", "title_grams", "lang", "nowhere"):
        assert snapshot.frequencies(field, TERMS) == truth.frequencies(field, TERMS)
    assert snapshot.frequencies("grams", []) == []


def test_totals(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """How often each term occurs in all documents, and all terms together."""
    for field in ("grams", "title_grams", "words", "nowhere"):
        assert snapshot.totals(field, TERMS) == truth.totals(field, TERMS)
    assert snapshot.totals("grams", [])[0] == []


def test_sequences_that_are_held(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """Whether any document has the terms one after the other."""
    sequences = [["天"], ["天", "地"], ["無"], ["天地", "地玄", "玄黃"], ["micro", "20"]]
    assert snapshot.hold("grams", sequences) == truth.hold("grams", sequences)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    terms=st.dictionaries(st.text(LETTERS, min_size=1, max_size=2), st.sampled_from([0.2, 1.0]), max_size=5),
    others=st.dictionaries(st.text(LETTERS, min_size=2, max_size=2), st.just(0.5), max_size=2),
    width=st.integers(0, 20),
)
def test_nearness(
    snapshot: Snapshot,
    truth: ReferenceSnapshot,
    terms: dict[str, float],
    others: dict[str, float],
    width: int,
) -> None:
    """What share of terms stands within so many positions of each document, in any order of documents."""
    ids = ["d000", "d119", "d033", "d008"]
    shares = []
    for each in (snapshot, truth):
        numbers = [number for name in ids if (number := each.number(name)) is not None]
        shares.append(each.shares([Nearness("grams", terms, width, others)], numbers)[0])
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    terms=st.dictionaries(st.text(LETTERS, min_size=1, max_size=2), st.sampled_from([0.2, 1.0]), max_size=9),
    others=st.dictionaries(st.text(LETTERS, min_size=2, max_size=2), st.just(0.5), max_size=2),
)
def test_agreement(
    snapshot: Snapshot, truth: ReferenceSnapshot, terms: dict[str, float], others: dict[str, float]
) -> None:
    """What share of terms a title holds times what share of it they are; without a title none."""
    ids = [f"d{number:03}" for number in range(0, 120, 7)]
    shares = []
    for each in (snapshot, truth):
        numbers = [number for name in ids if (number := each.number(name)) is not None]
        shares.append(each.shares([Agreement("grams", "title_grams", terms, others)], numbers)[0])
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)


def test_a_title_agrees_with_itself(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """All terms of a title, and no more, agree with it wholly; with half of them it agrees less."""
    entry = next(each for each in truth.entries if len(each.terms.get("title_grams", {})) > 4)
    number, terms = snapshot.number(entry.record["id"]), dict.fromkeys(entry.terms["title_grams"], 1.0)
    assert number is not None
    assert snapshot.shares([Agreement("grams", "title_grams", terms, {})], [number]) == [[1.0]]
    half = dict.fromkeys([*terms][::2], 1.0)
    assert 0 < snapshot.shares([Agreement("grams", "title_grams", half, {})], [number])[0][0] < 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    sequences=st.lists(
        st.text(LETTERS, min_size=1, max_size=4).map(grams).map(phrase) | st.just(["micro", "20"]), max_size=3
    ),
    sort=st.sampled_from(["id", "date_desc", "date_asc", "title", "source"]),
    narrowed=st.booleans(),
)
def test_how_often_terms_stand(
    snapshot: Snapshot, truth: ReferenceSnapshot, sequences: list[list[str]], sort: Sort, narrowed: bool
) -> None:
    """Documents in order, with how often each holds the sequences, overlapping ones too."""
    only = nodes.Term("lang", "zh-Hant") if narrowed else None
    found, expected = (each.standing("grams", sequences, only=only, sort=sort) for each in (snapshot, truth))
    ids = [[r["id"] for r in each.records(s.documents)] for each, s in ((snapshot, found), (truth, expected))]
    assert ids[0] == ids[1] and [*found.times] == [*expected.times]
    days = [each.numbers("day", s.documents) for each, s in ((snapshot, found), (truth, expected))]
    assert days[0] == days[1]


@pytest.mark.parametrize("sort", ["id", "relevance", "date_asc"])
def test_every_document(snapshot: Snapshot, truth: ReferenceSnapshot, sort: Sort) -> None:
    """All that match come in the order of a search, with their scores and leaders, in whatever batches."""
    query, only = nodes.Term("grams", "天"), nodes.Term("lang", "zh-Hans")
    batches = [*snapshot.every(query, only=only, sort=sort)]
    found = snapshot.search(query, limit=1000, only=only, sort=sort)
    assert [n for each in batches for n in each.documents] == [*found.documents]
    assert [s for each in batches for s in each.scores] == pytest.approx([*found.scores])
    assert [n for each in batches for n in each.leaders] == [*found.leaders]
    assert {each.total for each in batches} == {found.total} and found.total > 1
    assert [*snapshot.every(nodes.Nothing())] == []
    with pytest.raises(DeadlineExceeded):
        next(snapshot.every(query, sort=sort, seconds=-1))


def test_how_much_text_there_is(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """Characters by day and source, exactly."""
    for only in (None, nodes.Term("lang", "zh-Hant"), nodes.Nothing()):
        for by in ("day", "source"):
            assert dict(snapshot.volumes(by, only)) == dict(truth.volumes(by, only))


def test_values_and_occurrences(snapshot: Snapshot, truth: ReferenceSnapshot) -> None:
    """Each value with its documents; each kind of repair with how often it was made."""
    for field in ("source", "lang"):
        assert dict(snapshot.values(field)) == dict(truth.values(field))
    assert dict(snapshot.occurrences("repairs")) == {"pinyin": 2 * 12}


@pytest.mark.parametrize("field", ["words", "grams", "title"])
@pytest.mark.parametrize("options", [{}, {"longest": 3}, {"most": 5}, {"longest": 6, "most": 7}])
def test_vocabulary(
    snapshot: Snapshot, truth: ReferenceSnapshot, field: str, options: dict[str, int]
) -> None:
    """Each term with its documents, in order; those of most documents where there are too many."""
    found, expected = snapshot.vocabulary(field, **options), truth.vocabulary(field, **options)
    assert [*found] == sorted(found) and len(found) == len(expected)
    # Which of equals are left out is the engine's to say.
    assert sorted(found.values()) == sorted(expected.values())
    if "most" not in options:
        assert dict(found) == dict(expected)


def test_samples_depend_on_the_texts_alone(kind: Kind, tmp_path: Path, snapshot: Snapshot) -> None:
    """The same texts in another order give the same sample, no longer than asked; enough room takes all."""
    other = kind.open(tmp_path)
    build(other, documents()[::-1])
    mixed = other.open(FINGERPRINT)
    for characters in (0, 400, 100_000):
        sample = sorted(snapshot.sample(characters))
        assert sample == sorted(mixed.sample(characters))
        assert sum(map(len, sample)) <= 2 * characters
    assert sorted(snapshot.sample(100_000)) == sorted(indexed_text(record(each)) for each in documents())


def test_the_order_of_building_decides_nothing(kind: Kind, tmp_path: Path, snapshot: Snapshot) -> None:
    """Ties, leaders and counts are the same for the same documents, however they came."""
    from tests.engine.test_search import FACETS, QUERIES

    other = kind.open(tmp_path)
    build(other, documents()[::-1])
    mixed = other.open(FINGERPRINT)
    for query in QUERIES.values():
        found = [each.search(query, limit=15, facets=FACETS, copies=True) for each in (snapshot, mixed)]
        shown = []
        for each, opened in zip(found, (snapshot, mixed), strict=True):
            ids = [[r["id"] for r in opened.records(numbers)] for numbers in (each.documents, each.leaders)]
            shown.append((ids, each.scores, each.total, each.facets, sorted(each.copies.values())))
        assert shown[0] == shown[1]


def test_an_empty_index(engine: Engine) -> None:
    """Without documents everything is answered, with nothing."""
    build(engine, [])
    empty = engine.open(FINGERPRINT)
    from tests.engine.test_search import FACETS, QUERIES

    for query in QUERIES.values():
        found = empty.search(query, limit=5, facets=FACETS, copies=True)
        assert (found.total, [*found.documents]) == (0, [])
    assert empty.frequencies("grams", ["天"]) == [0] and empty.hold("grams", [["天", "地"]]) == [False]
    assert not empty.values("source") and not empty.vocabulary("words") and not [*empty.sample(9)]
    assert empty.number("d001") is None and [*empty.standing("grams", [["天"]]).documents] == []
    assert [*empty.every(nodes.Everything())] == [] and not empty.volumes("day")
    empty.close()


def test_attachments(engine: Engine) -> None:
    """A file that was attached is read back as it was."""
    build(engine, documents(5))
    assert engine.open(FINGERPRINT).attachment("lexicon").read_bytes() == b"words"


@pytest.mark.parametrize("name", ["reference", "embedded"])
def test_a_view_shows_no_other_documents(name: str, tmp_path: Path) -> None:
    """By no number, id or count, and by no file; a view of a view has what both have."""
    engine = ENGINES[name].open(tmp_path)
    build(engine, documents())
    snapshot = engine.open(FINGERPRINT)
    with pytest.raises(NotPermitted):
        snapshot.within(Term("lang", "zh-Hant")).attachment("lexicon")
    view = snapshot.within(Term("lang", "zh-Hant")).within(Term("source", "甲報"))
    shown = [each for each in documents() if (each.lang, each.source) == ("zh-Hant", "甲報")]
    assert view.generation.counts.documents == len(shown) == sum(view.values("source").values())
    ids = {each.id for each in shown}
    for document in documents():
        assert (view.number(document.id) is not None) == (document.id in ids)
    seen = view.search(Everything(), limit=200).documents
    assert {row["id"] for row in view.records(seen)} == {*view.ids(seen)} == ids
