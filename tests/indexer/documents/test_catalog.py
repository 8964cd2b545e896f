"""A catalog that is none is said to be damaged, and nothing is made where nothing was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from indexer.documents.catalog import Catalog, KnownDocument, digest_of
from indexer.documents.document import Document, FileOrigin, PartStart
from indexer.errors import IndexCorrupt


def test_no_catalog_is_made_by_reading(tmp_path: Path) -> None:
    """A state of an older release has none: that is damage to whoever reads, and the state stays as it is."""
    with pytest.raises(IndexCorrupt, match="hansou rebuild"):
        Catalog.read(tmp_path / "catalog.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_a_file_that_is_no_catalog(tmp_path: Path, content: bytes) -> None:
    """An empty file is a database of nothing to SQLite, and no catalog."""
    file = tmp_path / "catalog.sqlite"
    file.write_bytes(content)
    with pytest.raises(IndexCorrupt, match="hansou rebuild"):
        Catalog.read(file)


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    """A catalog without documents is one."""
    with Catalog() as catalog:
        catalog.make_by("this release")
        catalog.save(tmp_path / "catalog.sqlite")
    with Catalog.read(tmp_path / "catalog.sqlite") as read:
        assert read.made_by() == "this release"


def test_a_catalog_of_another_release(tmp_path: Path) -> None:
    """It says when documents came, and nothing of what they were like."""
    file = tmp_path / "catalog.sqlite"
    with Catalog() as catalog:
        catalog.make_by("this release")
        catalog.add("a.txt", KnownDocument(1, b"digest", "2026-11-01", None))
        catalog.save(file)
    with closing(sqlite3.connect(file)) as before:
        before.execute("UPDATE made SET format = 1")
        before.execute("ALTER TABLE documents DROP COLUMN row")
        before.execute("ALTER TABLE documents DROP COLUMN named")
        before.commit()
    with Catalog.read(file) as read:
        assert read.made_by() is None
        assert read.document("a.txt") == KnownDocument(1, b"", "2026-11-01", None, None, False)


def test_every_field_tells_a_document_from_others() -> None:
    """Also where half a pair of surrogates stands in one; what its file is called says nothing."""
    origin, moved = FileOrigin("a", "b.zip!/c"), FileOrigin("a", "d.zip!/c")
    document = Document("1", "夜市", origin=origin)
    others = [
        document,
        document._replace(text="夜市", title=""),
        document._replace(text="夜", title="市"),
        document._replace(title="市", url="夜"),
        document._replace(text="\ud800"),
        document._replace(text="\udc00"),
        document._replace(text="夜市", author="\ud800"),
        document._replace(parts=(PartStart(0, "page", "1"),)),
        document._replace(origin=FileOrigin("a", "b.zip!/e")),
        document._replace(origin=None),
    ]
    digests = [digest_of(each, "b.zip") for each in others]
    assert len({*digests}) == len(others) and {*map(len, digests)} == {16}
    assert [digest_of(each._replace(id="2"), "b.zip") for each in others] == digests
    assert digest_of(document._replace(origin=moved), "d.zip") == digests[0]
