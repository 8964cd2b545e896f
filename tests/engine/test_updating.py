"""A state made from the live one answers like one made of the same documents from nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indexer import Document, native
from indexer.engine.protocol import Counts, Engine, Snapshot
from indexer.errors import IndexUnusable
from indexer.query.nodes import (
    AnyOf,
    Between,
    Everything,
    Node,
    Pattern,
    Place,
    Present,
    Spaced,
    Term,
    Without,
)
from indexer.text.units import units
from tests.engine.conftest import ENGINES, FINGERPRINT, Kind, build, documents, indexed, prepared
from tests.engine.reference import ReferenceEngine

QUERIES: Sequence[Node] = (
    Everything(),
    Term("grams", "天"),
    Term("grams", "天地"),
    AnyOf((Term("grams", "玄"), Term("words", "micro"), Term("grams", "日月"))),
    Without(Term("grams", "地"), Term("grams", "宇")),
    Spaced("grams", (Place("天"), Place(Pattern("micro*"), 1, 9))),
    Spaced("grams", (Place(Pattern("*")),)),
    Present("repairs"),
    Between("day", 20110101, 20130101),
)
POOL = {document.id: document for document in documents(60)}
OTHER = {document.id: document for document in documents(60, seed=8)}


class Change(NamedTuple):
    """What an update does: documents by number, and whether pieces are put together after it."""

    added: frozenset[int]
    changed: frozenset[int]
    removed: frozenset[int]
    merge: bool | None


def changes() -> st.SearchStrategy[list[Change]]:
    """Some updates, one after the other."""
    some = st.frozensets(st.integers(0, 59), max_size=25)
    return st.lists(st.builds(Change, some, some, some, st.sampled_from([None, False, True])), max_size=4)


def apply(engine: Engine, before: Mapping[str, Document], change: Change) -> dict[str, Document]:
    """Update the live state of an engine; returns the documents that it has now."""
    after = dict(before)
    for numbers, pool in ((change.added, POOL), (change.changed, OTHER)):
        after |= {f"d{number:03}": pool[f"d{number:03}"] for number in numbers}
    for number in change.removed:
        after.pop(f"d{number:03}", None)
    unwanted = [id for id in before if after.get(id) != before[id]]
    written: list[Any] = indexed([document for id, document in after.items() if before.get(id) != document])
    with engine.build(from_live=True) as made:
        made.write([written], prepared)
        assert made.delete(unwanted) == len(unwanted)
        if change.merge is not None:
            made.merge(whole=change.merge)
        with made.grouping(units):
            made.attach("lexicon", lambda path: path.write_bytes(b"words") and None)
        made.publish(FINGERPRINT, Counts(documents=len(after)))
    return after


def answers(snapshot: Snapshot) -> dict[str, Any]:
    """What a state says, with documents by their ids."""
    found: dict[str, Any] = {}
    ids = [record["id"] for record in snapshot.records(snapshot.search(Everything(), limit=99).documents)]
    for number, query in enumerate(QUERIES):
        for sort in ("relevance", "date_desc"):
            facets = ("source", "lang", "day")
            hits = snapshot.search(query, limit=20, sort=sort, facets=facets, copies=True)
            shown = [record["id"] for record in snapshot.records(hits.documents)]
            leaders = [record["id"] for record in snapshot.records(hits.leaders)]
            copies = zip(snapshot.records([*hits.copies]), hits.copies.values(), strict=True)
            scores = [round(score, 9) for score in hits.scores]
            counted = hits.total, {name: dict(counts) for name, counts in hits.facets.items()}
            found[f"{number} {sort}"] = shown, scores, leaders, {r["id"]: n for r, n in copies}, *counted
        own = [snapshot.number(id) for id in shown]
        accounts = snapshot.explain(query, [each for each in own if each is not None])
        found[f"{number} account"] = [
            [(part.term, part.documents, round(part.score, 9)) for part in account.parts]
            for account in accounts
        ]
    for field in ("grams", "words", "title", "id", "source"):
        found[field] = dict(snapshot.vocabulary(field)), dict(snapshot.vocabulary(field, most=5))
    found["values"] = dict(snapshot.values("source")), dict(snapshot.occurrences("repairs"))
    for sort in ("title", "source"):
        listed = snapshot.search(Everything(), limit=99, sort=sort).documents
        found[f"by {sort}"] = [record["id"] for record in snapshot.records(listed)]
    stood = snapshot.standing("grams", [["天"], ["天", "地"]])
    found["standing"] = [record["id"] for record in snapshot.records(stood.documents)], list(stood.times)
    found["volumes"] = dict(snapshot.volumes("source")), snapshot.totals("grams", ["天", "天地", "荒"])
    chains = snapshot.chains("grams", ["天", "地", "玄", "黃"], limit=9, most=9999)
    names = snapshot.records([chain.document for chain in chains])
    found["chains"] = [(r["id"], c.places, c.positions) for r, c in zip(names, chains, strict=True)]
    found["scan"] = sorted(record["id"] for record in snapshot.scan())
    found["sample"] = sorted(snapshot.sample(10_000)), sorted(ids)
    found["missing"] = [snapshot.number(f"d{number:03}") is None for number in range(60)]
    return found


def compare(kind: Kind, folder: Path, start: Iterable[int], updates: Sequence[Change]) -> None:
    """Hold a state that was updated against one that was built of the same documents."""
    (folder / "updated").mkdir()
    (folder / "fresh").mkdir()
    engine, fresh = kind.open(folder / "updated"), kind.open(folder / "fresh")
    present = {f"d{number:03}": POOL[f"d{number:03}"] for number in start}
    build(engine, list(present.values()))
    for change in updates:
        present = apply(engine, present, change)
    build(fresh, list(present.values()))
    assert answers(engine.open(FINGERPRINT)) == answers(fresh.open(FINGERPRINT))
    engine.check(engine.live())


@pytest.mark.parametrize("name", ["embedded", "embedded, numpy alone"])
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(start=st.frozensets(st.integers(0, 59), max_size=60), updates=changes())
def test_whatever_changes(
    name: str, tmp_path_factory: pytest.TempPathFactory, start: frozenset[int], updates: list[Change]
) -> None:
    """Additions, changes and removals in any order, merged or not: every answer is the same."""
    with native.using(ENGINES[name].extensions):
        compare(ENGINES[name], tmp_path_factory.mktemp("engine"), start, updates)


def test_an_update_gives_what_a_build_gives(kind: Kind, tmp_path: Path) -> None:
    """By every engine."""
    updates = [
        Change(frozenset(range(40, 60)), frozenset(range(10)), frozenset(range(20, 30)), None),
        Change(frozenset(range(5)), frozenset(range(30, 50)), frozenset(range(12)), True),
        Change(frozenset(), frozenset({50}), frozenset({51}), None),
    ]
    compare(kind, tmp_path, range(40), updates)


def test_nothing_to_begin_with(engine: Engine) -> None:
    """A state that is to begin with the live one needs one."""
    with pytest.raises(IndexUnusable), engine.build(from_live=True):
        pass


def test_a_failed_update_leaves_the_state_as_it_was(engine: Engine) -> None:
    """Also what the two would have shared."""
    live = build(engine, documents(30))
    before = answers(engine.open(FINGERPRINT))
    with pytest.raises(KeyError), engine.build(from_live=True) as made:
        made.delete(["d001", "d002"])
        made.merge(whole=True)
        raise KeyError
    assert engine.live() == live and answers(engine.open(FINGERPRINT)) == before
    engine.check(live)


def test_going_back_from_an_update(engine: Engine) -> None:
    """The state before has its documents still, and can be updated again."""
    build(engine, list(POOL.values()))
    before = answers(engine.open(FINGERPRINT))
    change = Change(frozenset(), frozenset(range(9)), frozenset(range(20, 40)), True)
    apply(engine, POOL, change)
    engine.rollback()
    assert answers(engine.open(FINGERPRINT)) == before
    apply(engine, POOL, change)


def test_the_reference_tells_states_apart(tmp_path: Path) -> None:
    """What is compared above differs where documents differ."""
    engine = ReferenceEngine(tmp_path)
    build(engine, list(POOL.values()))
    before = answers(engine.open(FINGERPRINT))
    for change in ({"removed": frozenset({3})}, {"changed": frozenset({4})}):
        nothing = Change(frozenset(), frozenset(), frozenset(), None)
        apply(engine, POOL, nothing._replace(**change))
        assert answers(engine.open(FINGERPRINT)) != before
        engine.rollback()
