"""Files are listed once, in the order they are read, and compared with a catalog whatever its order is."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents.catalog import Catalog, KnownDocument
from indexer.documents.comparing import kept_files
from indexer.documents.content import content_of
from indexer.documents.listing import Listing
from indexer.documents.sources import SourceFile, list_sources, stat_of

SETTINGS = DocumentSettings()


def listed(*sources: SourceSettings) -> list[SourceFile]:
    """The files of sources."""
    return [*list_sources(sources, SETTINGS)]


def fill(folder: Path, names: Sequence[str]) -> None:
    """Small files."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"夜市 {name}", encoding="utf-8")


def note(catalog: Catalog, file: SourceFile) -> int:
    """Let the catalog know a file as it is; its number."""
    number = catalog.number(*file.key)
    catalog.read_file(number, stat_of(file.place), content_of(file.path, file.of.root), [])
    return number


def packed(files: Sequence[SourceFile]) -> Listing:
    """The same files as a listing, each with its place as its number."""
    listing = Listing()
    listing.extend((file, number) for number, file in enumerate(files))
    return listing


def test_a_listing_holds_what_was_listed(tmp_path: Path) -> None:
    """In its order: folders, links, files alone, names that are no UTF-8, sources that share files."""
    folder = tmp_path / "卷"
    fill(folder, [f"{number % 7}/{number}.txt" for number in range(2500)] + ["a.txt", "b/c/d.txt", "b.txt"])
    os.symlink(folder / "a.txt", folder / "link.txt")
    os.symlink(folder / "b", folder / "linked")
    os.symlink(folder / "nothing", folder / "broken.txt")
    (folder / os.fsdecode(b"\xb5\n.txt")).write_text("夜市", encoding="utf-8")
    sources = (
        SourceSettings(folder),
        SourceSettings(folder / "b", name="部分"),
        SourceSettings(folder / "a.txt"),
        SourceSettings(folder, name="再", include=("*.txt",), exclude=("b",)),
    )
    files = listed(*sources)
    listing = packed(files)
    assert len(listing) == len(files) > 5000
    assert [*listing] == [file._replace(known=number) for number, file in enumerate(files)]


def test_a_listing_stays_as_the_folder_changes(tmp_path: Path) -> None:
    """It is gone through again after files have come and gone, and more can be added."""
    fill(tmp_path, ["a.txt", "b.txt"])
    files = listed(SourceSettings(tmp_path))
    listing = packed(files)
    (tmp_path / "a.txt").unlink()
    fill(tmp_path, ["c.txt"])
    assert [file.name for file in listing] == [file.name for file in listing] == ["a.txt", "b.txt"]
    listing.extend([(listed(SourceSettings(tmp_path))[-1], 7)])
    assert [(file.name, file.known) for file in listing][1:] == [("b.txt", 1), ("c.txt", 7)]


def test_the_root_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source may be the whole disk."""
    monkeypatch.setattr(
        "indexer.documents.sources.walk_named", lambda place: [("/", ""), ("/a.txt", "a.txt")]
    )
    files = listed(SourceSettings(Path("/")))
    assert [(file.place, file.name) for file in packed(files)] == [("/", ""), ("/a.txt", "a.txt")]


@pytest.mark.parametrize("seed", range(6))
def test_files_are_found_in_any_order(tmp_path: Path, seed: int) -> None:
    """Whatever order a catalog has them in, which come, change and go: those that are alike are kept."""
    chance = random.Random(seed)
    fill(tmp_path, [f"{number % 3}/{number}.txt" for number in range(40)])
    shared = (
        SourceSettings(tmp_path),
        SourceSettings(tmp_path / "1", name="一"),
        SourceSettings(tmp_path / "1"),
    )
    files = listed(*shared[: chance.randint(1, 3)])
    noted = chance.sample(files, chance.randint(0, len(files)))
    if seed % 2:
        noted.sort(key=files.index)
    changed, gone = chance.sample(files, 4), chance.sample(files, 4)
    with Catalog() as catalog:
        numbers = {file.key: note(catalog, file) for file in noted}
        for file in changed:
            file.path.write_text("渡輪", encoding="utf-8")
        for file in gone:
            file.path.unlink(missing_ok=True)
        places = {file.place for file in (*changed, *gone)}
        expected = {file.key for file in noted if file.place not in places}
        listing, kept = kept_files(catalog, iter(files))
    assert [*listing] == [file._replace(known=numbers.get(file.key, 0)) for file in files]
    assert {*kept} == {numbers[key] for key in expected}


def test_what_is_told_by_content(tmp_path: Path) -> None:
    """A file of another time is kept where it says the same; with `verify` time and size say nothing."""
    fill(tmp_path, ["a.txt", "b.txt"])
    first, second = listed(SourceSettings(tmp_path))
    with Catalog() as catalog:
        numbers = [note(catalog, first), note(catalog, second)]
        os.utime(first.path, ns=(1, 1))
        times = stat_of(second.place).modified
        second.path.write_text("夜市 c.txt", encoding="utf-8")
        os.utime(second.path, ns=(times, times))
        assert [*kept_files(catalog, [first, second])[1]] == numbers
        assert [*kept_files(catalog, [first, second], verify=True)[1]] == numbers[:1]


def test_a_file_that_waits_for_an_id_is_read(tmp_path: Path) -> None:
    """A file is not kept where an id that it could not have may become free."""
    fill(tmp_path, ["a.txt", "b.txt", "c.txt"])
    files = listed(SourceSettings(tmp_path))
    with Catalog() as catalog:
        numbers = [note(catalog, file) for file in files]
        catalog.add("1", KnownDocument(numbers[0], b"", "2026", None))
        catalog.refuse("1", numbers[1])
        assert [*kept_files(catalog, files)[1]] == numbers
        assert [*kept_files(catalog, files[1:])[1]] == numbers[2:]


def test_a_file_that_comes_before_one_with_its_id_is_read(tmp_path: Path) -> None:
    """Sources in another order: what could not have an id has it now, and all others are kept."""
    fill(tmp_path, ["a/1.txt", "a/2.txt", "b/1.txt", "b/3.txt"])
    first, second = SourceSettings(tmp_path / "a"), SourceSettings(tmp_path / "b")
    with Catalog() as catalog:
        numbers = [note(catalog, file) for file in listed(first, second)]
        catalog.add("1.txt", KnownDocument(numbers[0], b"", "2026", None))
        catalog.refuse("1.txt", numbers[2])
        assert [*kept_files(catalog, listed(first, second))[1]] == numbers
        assert [*kept_files(catalog, listed(second, first))[1]] == [*numbers[:2], numbers[3]]
