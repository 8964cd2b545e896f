"""Segments as they are written: spilled, refused, cancelled, read by several threads."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from indexer.arrays import ArrayFile
from indexer.engine.answers import Found
from indexer.engine.embedded.building import inversion
from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.snapshot import EmbeddedSnapshot
from indexer.engine.embedded.whoosh.index import create, opened_segment, segments_of, unpickled
from indexer.engine.fields import Fields
from indexer.engine.protocol import Counts, Generation
from indexer.errors import IndexCorrupt
from indexer.query import nodes
from indexer.text.analyzer import Pieces
from indexer.text.units import units


def fields(number: int, text: str, **more: Any) -> Fields:
    """A document as the pipeline hands it on."""
    own = {"words": Pieces.of(text.split()), "grams": units(text), "stored": {"text": text}}
    return {"id": f"d{number}", **own, **more}


def rows(count: int, seed: int = 1) -> list[Fields]:
    """Random documents over few letters."""
    chance = random.Random(seed)
    texts = ("".join(chance.choices("天地玄黃𠀀 ab，", k=chance.randint(0, 30))) for _ in range(count))
    return [
        fields(number, text, source=chance.choice(["甲", "乙", None]), day=chance.choice([20200101, None]))
        for number, text in enumerate(texts)
    ]


def files_of(path: Path) -> list[ArrayFile]:
    """The files of the segments."""
    return [opened_segment(path, segment)[0] for segment in segments_of(path)]


def written(path: Path, documents: list[Fields], budget: int | None = None) -> ArrayFile:
    """The segment that the documents become; with a `budget`, so many bytes are kept in memory."""
    path.mkdir(parents=True, exist_ok=True)
    writer = BulkWriter(create(path))
    if budget:
        writer._budget = budget
    for start in range(0, len(documents), 64):
        writer.extend(documents[start : start + 64])
    assert bool(writer._spilled) == bool(budget)
    writer.commit(merge=False)
    (file,) = files_of(path)
    return file


def opened(path: Path) -> EmbeddedSnapshot:
    """What was written, to be asked."""
    return EmbeddedSnapshot(path, Generation("", "", "", Counts(), 0))


@pytest.mark.parametrize("chunk", [7, 1 << 16])
def test_spilling_changes_nothing(tmp_path: Path, any_kernel: bool, monkeypatch: Any, chunk: int) -> None:
    """An index written in many sorted runs equals one written at once, section by section."""
    monkeypatch.setattr(inversion, "CHUNK_TERMS", chunk)
    monkeypatch.setattr(inversion, "CHUNK_POSITIONS", chunk * 10)
    whole, spilled = written(tmp_path / "whole", rows(400)), written(tmp_path / "spilled", rows(400), 3000)
    for name in whole.names():
        assert whole.array(name).tolist() == spilled.array(name).tolist(), name
    assert whole.metadata == spilled.metadata
    assert not list((tmp_path / "spilled").glob("*.run*")) and not list((tmp_path / "spilled").glob("*.tmp"))


def test_long_documents_and_frequent_terms(tmp_path: Path, any_kernel: bool) -> None:
    """Positions past 65,535 and frequencies past 255 are kept exactly; phrases reach that far."""
    body = "天" * 70_000 + "地玄"
    written(tmp_path, [fields(0, body), fields(1, "地玄")])
    snapshot = opened(tmp_path)
    assert snapshot.search(nodes.Sequence("grams", ("天地", "地玄")), limit=5).documents == [0]
    assert snapshot.search(nodes.Sequence("grams", ("天", "地")), limit=5).documents == [0]
    assert snapshot.occurrences("grams")["天"] == 70_000


def test_records_come_back_as_they_went_in(tmp_path: Path) -> None:
    """Text with line breaks and lone surrogates, tables and numbers are stored exactly."""
    values = ["一\n二\r\u2028", "\ud800", {"步": [1, 2.5, None]}, "", True]
    written(tmp_path, [fields(number, "", stored={"any": value}) for number, value in enumerate(values)])
    assert opened(tmp_path).records(range(5)) == [{"any": value} for value in values]


def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    """An unknown field, what JSON has not: refused; a writer that is cancelled leaves no file."""
    for document in (fields(0, "", unknown="x"), fields(0, "", stored={"any": object()})):
        writer = BulkWriter(create(tmp_path))
        with pytest.raises(Exception, match=r"unknown|unsupported"):
            writer.extend([document])
        writer.cancel()
    assert not list(tmp_path.glob("*.arrays")) and not list(tmp_path.glob("*.tmp"))


def test_damage_is_found(tmp_path: Path) -> None:
    """A file cut short is refused at opening, a flipped byte by `verify`."""
    file = written(tmp_path, rows(30))
    path = next(tmp_path.glob("*.arrays"))
    whole = path.read_bytes()
    file.verify()
    place = whole.index(file.array("grams/postings").tobytes())
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(IndexCorrupt, match="is damaged"):
        ArrayFile.open(path).verify()
    for damaged in (whole[:-1], whole[:40], b"", whole[:-40] + bytes(40)):
        path.write_bytes(damaged)
        with pytest.raises(IndexCorrupt):
            ArrayFile.open(path)


def test_several_threads_open_and_search(tmp_path: Path, any_kernel: bool) -> None:
    """Threads that open and search at once all find the same."""
    written(tmp_path, rows(200))
    shared = opened(tmp_path)
    question = nodes.AnyOf((nodes.Term("grams", "天"), nodes.Sequence("grams", ("天", "地"))))

    def search(number: int) -> Found:
        snapshot = shared if number % 2 else opened(tmp_path)
        return snapshot.search(question, limit=20, facets=("source",))

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(search, range(64)))
    assert all(result == results[0] for result in results)


def test_files_to_verify_before_opening(tmp_path: Path) -> None:
    """Whatever Whoosh unpickles is named, so that its sum is compared first."""
    written(tmp_path, rows(3))
    files = [path.name for path in tmp_path.iterdir()]
    assert [name for name in files if name.endswith(".toc")] == unpickled(files) != []
