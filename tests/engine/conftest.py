"""The engines that are held to the protocol, and what they index. A new engine is a line in `ENGINES`."""

from __future__ import annotations

import hashlib
import os
import random
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from indexer import Config, Document, native
from indexer.config import EngineSettings, IndexSettings
from indexer.derived.duplicates import sketched
from indexer.documents.document import record_of, record_renamed
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.fields import Fields, Value, index_fields
from indexer.engine.protocol import Build, Counts, Engine, Snapshot
from indexer.query import nodes
from indexer.text.analyzer import Analyzer, Pieces, load_analyzer
from indexer.text.units import units
from tests.engine.reference import ReferenceEngine, ReferenceSnapshot

FINGERPRINT = "analysis"


PREFIX = f"hansou-test-{os.getpid()}-"
"""What the names of the indices of these tests begin with."""


class Kind(NamedTuple):
    """An engine: how it is opened in a directory, and whether compiled code may be used."""

    open: Callable[[Path], Engine]
    extensions: bool = True


def embedded(path: Path, workers: int = 1, memory_mb: int = 256) -> Engine:
    """The default engine."""
    return EmbeddedEngine(IndexSettings(directory=path, workers=workers, memory_mb=memory_mb))


class Crowded:
    """An engine that holds more than it shows: its snapshots are views on an index of twice as much.

    Half of what is left out is copied from what is not, the rest says much the same.
    """

    def __init__(self, path: Path, inner: Callable[[Path], Engine] = embedded) -> None:
        self._inner = inner(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def build(self, from_live: bool = False) -> Iterator[Any]:
        """A build to which others are added, unless it begins with them."""
        with self._inner.build(from_live) as made:
            if from_live:
                yield made
                return
            write = made.write
            hidden = [each._replace(id=f"a{each.id}", collection="hidden") for each in documents()]
            hidden += [each._replace(collection="hidden") for each in documents(60, seed=8)]
            hidden = [each._replace(id=f"{each.id}{at}") for at, each in enumerate(hidden)]

            def crowded(batches: list[Any], prepare: Any) -> None:
                write([indexed(hidden[:90]), *batches, indexed(hidden[90:])], prepare)

            made.write = crowded  # type: ignore[method-assign,assignment]
            yield made

    def open(self, *options: Any, **more: Any) -> Snapshot:
        """What may be seen."""
        seen = nodes.Without(nodes.Everything(), nodes.Term("collection", "hidden"))
        return self._inner.open(*options, **more).within(seen)


VIEWS = {"a view, two processes": Kind(partial(Crowded, inner=partial(embedded, workers=2)))}
ENGINES = {
    "reference": Kind(ReferenceEngine),
    "embedded": Kind(embedded),
    "embedded, two processes": Kind(partial(embedded, workers=2)),
    "embedded, numpy alone": Kind(embedded, extensions=False),
}
# Where a cluster is (`make cluster` has one): an index of its own for each directory.
if CLUSTER := os.environ.get("HANSOU_CLUSTER"):
    from indexer.engine.opensearch.engine import OpenSearchEngine

    def opensearch(path: Path, workers: int = 1, shards: int = 3) -> Engine:
        """An index on a cluster."""
        prefix = f"{PREFIX}{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
        settings = EngineSettings("opensearch", tuple(CLUSTER.split(",")), prefix, shards=shards)
        return OpenSearchEngine(settings, IndexSettings(directory=path, workers=workers))

    ENGINES["opensearch"] = Kind(opensearch)
    ENGINES["opensearch, two processes"] = Kind(partial(opensearch, workers=2, shards=1))

LETTERS = "天地玄黃宇宙洪荒日月"


def documents(count: int = 120, seed: int = 7) -> list[Document]:
    """Random documents over few letters, so that terms are shared; every ninth is a copy of another."""
    chance = random.Random(seed)

    def text(most: int) -> str:
        kinds = ("".join(chance.choices(LETTERS, k=3)), " micro ", "microsoft ", "，", "！", "20 ")
        return "".join(chance.choices(kinds, (9, 1, 1, 2, 1, 1))[0] for _ in range(chance.randint(0, most)))

    found: list[Document] = []
    for number in range(count):
        title = "".join(chance.choices(LETTERS, k=chance.randint(2, 5))) if chance.random() < 0.6 else None
        date = f"20{chance.randint(10, 14)}-0{chance.randint(1, 9)}-11" if chance.random() < 0.7 else None
        source = chance.choice(["甲報", "乙報", None])
        body = found[-5].text if number % 9 == 8 else text(25)
        document = Document(
            f"d{number:03}", body, title, None, date, source, lang=("zh-Hans", "zh-Hant")[number % 2]
        )
        found.append(
            document._replace(added_at=f"2026-11-{10 + number % 4}T08:00:00Z" if number % 5 else None)
        )
    chance.shuffle(found)
    return found


def record(document: Document) -> dict[str, object]:
    """What is stored of a document."""
    shown = record_of(document)
    return shown | {"steps": [{"kind": "pinyin"}] * 2} if document.id.endswith("7") else shown


def build(engine: Engine, found: Sequence[Document], attached: bytes = b"words") -> str:
    """Index documents, make them live, and return the name of the state."""
    with engine.build() as made:
        write(made, found)
        with made.grouping(units):
            made.attach("lexicon", lambda path: path.write_bytes(attached) and None)
        return made.publish(FINGERPRINT, Counts(documents=len(found))).name


def write(made: Build, found: Sequence[Document]) -> None:
    """Index documents, which come analyzed already: other processes find nothing of ours."""
    rows: list[Any] = indexed(found)
    made.write([rows[:50], rows[50:]], list)


def indexed(found: Sequence[Document]) -> list[Fields]:
    """What is indexed of each document, in values that can be sent to other processes."""
    return [
        {name: portable(value) for name, value in fields.items()}
        for fields in sketched(index_fields(record(document), analyzer()) for document in found)
    ]


def prepared(batch: Sequence[Any]) -> list[Fields]:
    """What comes analyzed as it is, and what is indexed of documents that are as they were."""
    former = [each for each in batch if isinstance(each, Document) and each.former]
    records = [record_renamed(each, each.former) for each in former if each.former]
    made = sketched(index_fields(each, analyzer()) for each in records)
    return [*made] if former else [*batch]


def portable(value: Value) -> Value:
    """The same without what belongs to this process."""
    if isinstance(value, Pieces):
        return Pieces.of([text for text in value.texts() if value.counts is None or value.counts(text)])
    return (value[0], array("I", value[1])) if isinstance(value, tuple) else value


@cache
def analyzer() -> Analyzer:
    """The analyzer with default settings."""
    return load_analyzer(Config())


@pytest.fixture(scope="session", autouse=True)
def indices_are_removed() -> Iterator[None]:
    """What the tests left on a cluster goes when they are done."""
    yield
    if CLUSTER:
        from opensearchpy import OpenSearch

        OpenSearch(CLUSTER.split(","), timeout=120).indices.delete(index=f"{PREFIX}*")


@pytest.fixture(scope="module", params=[*ENGINES, *VIEWS])
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    """Each engine in turn, and views that must answer like an index of what they show."""
    chosen = (ENGINES | VIEWS)[request.param]
    with native.using(chosen.extensions):
        yield chosen


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine without any state, each in turn."""
    chosen = ENGINES[request.param]
    with native.using(chosen.extensions):
        yield chosen.open(tmp_path)


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> ReferenceSnapshot:
    """What the reference has of the documents."""
    reference = ReferenceEngine(tmp_path_factory.mktemp("reference"))
    build(reference, documents())
    return reference.open(FINGERPRINT)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Snapshot]:
    """A function from an engine to its snapshot of the documents."""
    opened: dict[Kind, Snapshot] = {}

    def snapshot_of(kind: Kind) -> Snapshot:
        if kind not in opened:
            engine = kind.open(tmp_path_factory.mktemp("engine"))
            build(engine, documents())
            opened[kind] = engine.open(FINGERPRINT)
        return opened[kind]

    return snapshot_of


@pytest.fixture(scope="module")
def snapshot(kind: Kind, built: Callable[[Kind], Snapshot]) -> Snapshot:
    """A snapshot of the documents, by each engine in turn."""
    return built(kind)
