"""Every engine has one live state, moves on at once and whole, and goes back."""

from __future__ import annotations

import pytest

from indexer.engine.protocol import Counts, Engine
from indexer.errors import BusyError, IndexMissing, IndexOutdated
from indexer.query.nodes import Everything
from tests.engine.conftest import FINGERPRINT, build, documents, write


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
