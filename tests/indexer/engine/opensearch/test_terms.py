"""The file of terms has what documents hold, and nothing of those that are deleted."""

from __future__ import annotations

from pathlib import Path

from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.whoosh.index import segment_files
from indexer.engine.opensearch.terms import TermFile, write_term_file
from indexer.engine.protocol import Counts
from indexer.text.units import units
from tests.engine.conftest import FINGERPRINT, build, documents, embedded, indexed


def terms(folder: Path) -> Path:
    """The file of terms of the index in a folder."""
    live = folder / "generations" / embedded(folder).live()
    write_term_file(Collection(segment_files(live)), folder / "terms")
    return folder / "terms"


def test_deleted_documents_leave_no_term(tmp_path: Path) -> None:
    """After an update the file is, byte for byte, that of an index which never had them."""
    found = documents(60)
    updated, fresh = embedded(tmp_path / "updated"), embedded(tmp_path / "fresh")
    build(updated, found[:40])
    with updated.build(from_live=True) as made:
        rows = indexed(found[40:])
        made.write([rows], list)  # type: ignore[list-item]
        made.delete([document.id for document in found[:20]])
        with made.grouping(units):
            pass
        made.publish(FINGERPRINT, Counts(documents=40))
    build(fresh, found[20:])
    paths = terms(tmp_path / "updated"), terms(tmp_path / "fresh")
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert TermFile(paths[0]).collection.count == 40


def test_an_index_of_nothing(tmp_path: Path) -> None:
    """It has no terms."""
    build(embedded(tmp_path), [])
    file = TermFile(terms(tmp_path))
    assert file.totals("grams", ["天"]) == ([0], 0)
