"""Stored records: what is written is read, one at a time, and what cannot be read is named."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from indexer.arrays import ArrayFile, SectionWriter
from indexer.engine.embedded.arrays import stored
from indexer.engine.embedded.arrays.stored import StoredReader, StoredWriter
from indexer.engine.fields import Record
from indexer.errors import IndexCorrupt
from indexer.jsontext import encoded


def _written(path: Path, rows: Iterable[bytes]) -> ArrayFile:
    with open(path, "wb") as stream:
        sections = SectionWriter(stream)
        writer = StoredWriter(sections)
        for row in rows:
            writer.add(row)
        writer.finish()
        sections.close({})
    return ArrayFile.open(path)


def _records(count: int) -> list[Record]:
    draw = random.Random(count)
    return [
        {"id": f"a/{number}", "title": "高新區", "text": "".join(draw.choices("無錫高新區的\n軟件園", k=60))}
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 7, 3000])
def test_every_record_is_read_as_it_was_written(tmp_path: Path, count: int) -> None:
    """Few records, which are the beginning and no more, and so many that blocks follow it."""
    records = _records(count)
    reader = StoredReader(_written(tmp_path / "x.arrays", map(encoded, records)))
    assert [reader.record(number) for number in range(count)] == records


def test_half_a_pair_of_surrogates_comes_back() -> None:
    """What is no UTF-8 may stand in a text that was found, and in what is stored of it."""
    record: Record = {"text": "無\ud83d錫", "steps": [{"start": 1}], "date": None}
    assert stored.decoded(encoded(record)) == record


def test_a_number_that_no_document_has_is_damage(tmp_path: Path) -> None:
    """A document beyond the last is nowhere, whatever block its number would be in."""
    reader = StoredReader(_written(tmp_path / "x.arrays", map(encoded, _records(5))))
    with pytest.raises(IndexCorrupt, match="stored/"):
        reader.record(5)


@pytest.mark.parametrize("what", ["[1]", "no JSON", '{"text": "half'])
def test_a_row_that_is_no_record_is_named(tmp_path: Path, what: str) -> None:
    """Sums may fit, and yet what stands there be no record."""
    reader = StoredReader(_written(tmp_path / "x.arrays", [what.encode()]))
    with pytest.raises(IndexCorrupt, match="stored/data"):
        reader.record(0)


@pytest.mark.parametrize("keep", [-1, 3, 0])
def test_a_block_that_does_not_end_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: int
) -> None:
    """A block without its end would give the beginning of a record, or none."""
    append = StoredWriter._append
    monkeypatch.setattr(StoredWriter, "_append", lambda self, block, count: append(self, block[:keep], count))
    file = _written(tmp_path / "x.arrays", map(encoded, _records(2)))
    with pytest.raises(IndexCorrupt, match="stored/data"):
        StoredReader(file).record(0)


def test_a_dictionary_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What blocks refer to may be damaged where its sum is not."""
    monkeypatch.setattr(stored, "_loaded", lambda dictionary: None)
    monkeypatch.setattr(stored, "dictionary_of", lambda rows: b"no dictionary at all")
    file = _written(tmp_path / "x.arrays", map(encoded, _records(2)))
    monkeypatch.undo()
    with pytest.raises(IndexCorrupt, match="stored/dictionary"):
        StoredReader(file)


def test_what_records_share_takes_no_room(tmp_path: Path) -> None:
    """Blocks refer to the dictionary: they take less than half of what records alone would."""
    records = _records(4000)
    file = _written(tmp_path / "x.arrays", map(encoded, records))
    alone = sum(len(zlib.compress(encoded(record))) for record in records)
    assert len(file.section("stored/data")) < alone / 2
