"""The terms of a field and in how many documents they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from whoosh import fields

from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.kernel import kernel
from indexer.engine.embedded.search.frequencies import document_frequencies, document_frequency

SCHEMA = fields.Schema(text=fields.KEYWORD(scorable=True))
ROWS = ("无锡 软件园 a", "无锡 无锡", "无锡 b", "软件园 c")


@pytest.mark.parametrize("name", kernel.KERNELS)
@pytest.mark.parametrize("size", [1, 3, 4], ids=["a segment each", "two segments", "one segment"])
def test_segments_add_up(corpus: Any, tmp_path: Path, size: int, name: str) -> None:
    """However documents are spread over segments: the same terms, counted by document, in order."""
    index = corpus.create(tmp_path, SCHEMA)
    with kernel.using(name):
        for start in range(0, len(ROWS), size):
            writer = BulkWriter(index)
            for text in ROWS[start : start + size]:
                writer.add_document(text=text)
            writer.commit(merge=False)
        reader = index.reader()
        everything = document_frequencies(reader, "text")
        assert [*everything.items()] == [("a", 1), ("b", 1), ("c", 1), ("无锡", 3), ("软件园", 2)]
        assert {term: document_frequency(reader, "text", term) for term in everything} == everything
        assert document_frequency(reader, "text", "苏州") == 0
        assert document_frequencies(reader, "text", longest=6) == {"a": 1, "b": 1, "c": 1, "无锡": 3}
        assert document_frequencies(reader, "text", most=3) == {"a": 1, "无锡": 3, "软件园": 2}
        reader.close()


def test_no_document(corpus: Any, tmp_path: Path) -> None:
    """An empty index has no terms."""
    reader = corpus.create(tmp_path, SCHEMA).reader()
    assert document_frequencies(reader, "text") == {}
    reader.close()
