"""A catalog that is none is said to be damaged, and nothing is made where nothing was."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.documents.catalog import Catalog
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
