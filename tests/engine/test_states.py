"""Every engine has one live state, moves on at once and whole, and goes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from indexer.documents import Document
from indexer.engine.protocol import Counts, Engine
from indexer.errors import BusyError, HansouError, IndexMissing, IndexOutdated
from indexer.query.nodes import Everything, Sequence, Term
from indexer.text.units import units
from tests.engine.conftest import FINGERPRINT, build, documents, indexed, write


def count(engine: Engine) -> int:
    """How many documents the live state has."""
    snapshot = engine.open(FINGERPRINT)
    try:
        return snapshot.search(Everything(), limit=1).total
    finally:
        snapshot.close()


def test_before_the_first_build(engine: Engine) -> None:
    """There is nothing to open, and nothing to go back to."""
    for ask in (engine.live, lambda: engine.open(FINGERPRINT), engine.rollback):
        with pytest.raises(IndexMissing):
            ask()
    assert [*engine.names()] == []


def test_a_build_is_live_when_it_is_published(engine: Engine) -> None:
    """Not before, and then with what it says of itself."""
    found = documents(20)
    with engine.build() as made:
        write(made, found)
        assert made.snapshot().search(Everything(), limit=1).total == 20
        with pytest.raises(IndexMissing):
            engine.live()
        generation = made.publish(FINGERPRINT, Counts(documents=20, skipped=3))
    assert engine.live() == generation.name and [*engine.names()] == [generation.name]
    opened = engine.open(FINGERPRINT).generation
    assert opened == generation and (opened.counts.documents, opened.counts.skipped) == (20, 3)
    engine.check(generation.name)


def test_a_build_that_fails_leaves_nothing(engine: Engine) -> None:
    """Neither a state nor a lock; what was live stays live."""
    live = build(engine, documents(10))
    with pytest.raises(KeyError), engine.build() as made:
        write(made, documents(20))
        raise KeyError
    assert engine.live() == live and count(engine) == 10 and [*engine.names()] == [live]
    build(engine, documents(30))
    assert count(engine) == 30


def test_one_build_at_a_time(engine: Engine) -> None:
    """A second one is refused while the first goes on."""
    with engine.build() as made:
        write(made, documents(5))
        with pytest.raises(BusyError), engine.build():
            pass
        made.publish(FINGERPRINT, Counts(documents=5))
    assert count(engine) == 5


def test_a_snapshot_does_not_change(engine: Engine) -> None:
    """Whatever is published meanwhile, it answers from its own state until it is closed."""
    build(engine, documents(10))
    before = engine.open(FINGERPRINT)
    for size in (20, 30):
        build(engine, documents(size))
        assert before.search(Everything(), limit=1).total == 10
    assert count(engine) == 30
    before.close()


def test_rollback(engine: Engine) -> None:
    """The state before is live again, once."""
    first = build(engine, documents(10))
    build(engine, documents(20))
    assert engine.rollback().name == first == engine.live() and count(engine) == 10
    with pytest.raises(IndexMissing):
        engine.rollback()
    assert count(engine) == 10


def test_another_analysis_is_refused(engine: Engine) -> None:
    """What was indexed with other settings is not searched with these."""
    build(engine, documents(5))
    with pytest.raises(IndexOutdated):
        engine.open("another")


def collected(engine: Engine, found: list[Document], root: Path, parts: int) -> list[Path]:
    """Documents in so many directories."""
    paths = [root / str(number) for number in range(parts)]
    for number, path in enumerate(paths):
        path.mkdir()
        rows: list[Any] = indexed(found[number::parts])
        engine.collect(path, [rows], list)
    return paths


def test_what_was_collected_is_adopted(engine: Engine, tmp_path: Path) -> None:
    """Documents that were collected in parts answer as if they had been written at once, also as copies."""
    found = documents(40)
    build(engine, found)
    whole = engine.open(FINGERPRINT)
    with engine.build() as made:
        made.adopt(collected(engine, found, tmp_path, 3))
        with made.grouping(units):
            made.attach("lexicon", lambda path: path.write_bytes(b"") and None)
        made.publish(FINGERPRINT, Counts(documents=40))
    parts = engine.open(FINGERPRINT)
    for query in (Everything(), Term("grams", "天"), Sequence("grams", ("天", "地"))):
        shown = []
        for opened in (whole, parts):
            page = opened.search(query, limit=40, facets=("source", "day"), copies=True)
            lists = (page.documents, page.leaders, [*page.copies])
            shown.append(([opened.records(each) for each in lists], page.scores, page.total, page.facets))
        assert shown[0] == shown[1]
    engine.check(engine.live())


def test_one_id_in_two_places_is_refused(engine: Engine, tmp_path: Path) -> None:
    """Whoever collected did not know of one another."""
    found = documents(9)
    paths = collected(engine, [*found, *found[:1]], tmp_path, 2)
    with pytest.raises(HansouError, match="id"), engine.build() as made:
        made.adopt(paths)
