"""Generations: which index is live, what vouches for it, what goes when."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer import BusyError, IndexCorrupt, IndexMissing, IndexOutdated
from indexer.arrays import ArrayFile, SectionWriter
from indexer.config import IndexSettings
from indexer.engine.embedded import generations, manifest
from indexer.engine.embedded.manifest import Manifest
from indexer.engine.protocol import Counts

read_manifest = generations._read_manifest


@pytest.fixture
def settings(tmp_path: Path) -> IndexSettings:
    """An index directory that does not exist yet."""
    return IndexSettings(directory=tmp_path / "索引")


def build(settings: IndexSettings, content: bytes = b"postings") -> Manifest:
    """A generation of one file."""
    counts = Counts(documents=3, langs={"zh-Hant": 3})
    with generations.build(settings) as path:
        (path / "postings").write_bytes(content)
        generation = generations.publish(settings, path, "fingerprint", counts)
        found = read_manifest(path)
        assert generation == found.generation
    return found


def test_published_generation_is_live_and_loads_as_it_was(settings: IndexSettings) -> None:
    """What is published is what is loaded: counts, fingerprint, files with sizes and sums."""
    built = build(settings)
    assert generations.current_name(settings.directory) == built.name
    loaded = generations.load(settings.directory, built.name, "fingerprint")
    assert loaded == built and loaded.generation.bytes == 8
    generations.verify(loaded)


def test_nothing_built_yet(settings: IndexSettings) -> None:
    """The message says to rebuild, from whatever door."""
    with pytest.raises(IndexMissing, match="hansou rebuild"):
        generations.current_name(settings.directory)
    with pytest.raises(IndexMissing, match="there is no index yet"):
        generations.rollback(settings)


def test_failed_build_leaves_nothing(settings: IndexSettings) -> None:
    """An error inside a build removes what was built and leaves the live generation live."""
    live = build(settings)
    with pytest.raises(RuntimeError), generations.build(settings) as path:
        (path / "half").write_bytes(b"")
        raise RuntimeError
    assert generations.current_name(settings.directory) == live.name
    assert [path.name for path in (settings.directory / "generations").iterdir()] == [live.name]


def test_interruption_after_going_live_keeps_the_generation(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once CURRENT names it, an interrupted cleanup must not remove the index."""
    build(settings)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generations, "_prune", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(settings, b"new")
    live = generations.load(settings.directory, generations.current_name(settings.directory))
    generations.verify(live)
    assert (live.path / "postings").read_bytes() == b"new"


@pytest.mark.parametrize("step", ["_prune", "_sync"])
def test_interruption_after_going_live_keeps_no_more_than_configured(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C once CURRENT names it, or amid pruning, which has removed a manifest: no remnant is left."""
    build(settings)
    before = build(settings)
    whole = getattr(generations, step)
    root = settings.directory / "generations"

    def interrupted(*arguments: object) -> None:
        if (settings.directory / "CURRENT").read_text().strip() != before.name:
            monkeypatch.setattr(generations, step, whole)
            if step == "_prune":
                (min(root.iterdir()) / manifest.MANIFEST).unlink()
            raise KeyboardInterrupt
        whole(*arguments)

    monkeypatch.setattr(generations, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(settings)
    assert len([*root.iterdir()]) == len(generations.names(settings.directory)) == settings.keep == 2
    assert generations.current_name(settings.directory) == max(path.name for path in root.iterdir())


def test_remains_of_a_killed_build_go_with_the_next(settings: IndexSettings) -> None:
    """A directory without a manifest is removed by the next build, and never opened."""
    live = build(settings)
    remains = settings.directory / "generations" / "20200101T000000000000-abcdef"
    remains.mkdir()
    (remains / "postings").write_bytes(b"half")
    assert generations.names(settings.directory) == [live.name]
    build(settings)
    assert not remains.exists()


@pytest.mark.parametrize(("keep", "left"), [(1, 1), (2, 2), (3, 3), (9, 4)])
def test_as_many_generations_stay_as_configured(settings: IndexSettings, keep: int, left: int) -> None:
    """The live one always stays, and the ones before it up to `keep` in all."""
    settings = replace(settings, keep=keep)
    built = [build(settings).name for _ in range(4)]
    assert generations.names(settings.directory) == built[-left:]


def test_rollback_goes_back_one_step_at_a_time(settings: IndexSettings) -> None:
    """Each rollback makes the generation before the live one live, until there is none."""
    settings = replace(settings, keep=3)
    first, second, _ = (build(settings).name for _ in range(3))
    assert generations.rollback(settings).name == second
    assert generations.rollback(settings).name == first
    with pytest.raises(IndexMissing):
        generations.rollback(settings)
    assert generations.current_name(settings.directory) == first


def test_rollback_passes_over_damage(settings: IndexSettings) -> None:
    """A damaged generation is no place to go back to."""
    settings = replace(settings, keep=3)
    first, second, _ = (build(settings) for _ in range(3))
    (second.path / "postings").write_bytes(b"posting!")
    assert generations.rollback(settings).name == first.name


def test_rollback_from_a_damaged_pointer(settings: IndexSettings) -> None:
    """Where CURRENT is damaged, the newest sound generation becomes live."""
    built = [build(settings).name for _ in range(2)]
    (settings.directory / "CURRENT").write_text("nonsense\n")
    assert generations.rollback(settings).name == built[-1]


def test_rebuild_after_rollback_keeps_the_one_that_was_live(settings: IndexSettings) -> None:
    """What was rolled back from is not what the next rollback goes to."""
    good = build(settings).name
    bad = build(settings).name
    generations.rollback(settings)
    new = build(settings).name
    assert generations.names(settings.directory) == [good, new]
    assert generations.rollback(settings).name == good != bad


@pytest.mark.parametrize("pointer", ["", "none", "../generations", ".", "名", "a\0b", "generations/x"])
def test_damaged_pointer(settings: IndexSettings, pointer: str) -> None:
    """A pointer that names no generation is damage, whatever it says."""
    build(settings)
    (settings.directory / "CURRENT").write_text(pointer)
    with pytest.raises(IndexCorrupt, match="names no generation"):
        generations.current_name(settings.directory)


def test_a_generation_that_went_is_damage(settings: IndexSettings) -> None:
    """One that a builder pruned before it was loaded is named, with what to do."""
    built = build(settings)
    shutil.rmtree(built.path)
    with pytest.raises(IndexCorrupt, match=f"{built.name}.*hansou rebuild"):
        generations.load(settings.directory, built.name)


@pytest.mark.parametrize("moment", ["manifest", "files", "reading"])
def test_pruned_while_it_is_opened(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Where a builder goes live and prunes meanwhile, at whatever moment, the new generation is opened."""
    settings = replace(settings, keep=1)
    build(settings)
    rebuilt: list[Manifest] = []

    def at(now: str) -> None:
        if now == moment and not rebuilt:
            rebuilt.append(build(settings, b"new"))

    original = generations._read_manifest

    def read_manifest(path: Path) -> Manifest:
        at("manifest")
        manifest = original(path)
        at("files")
        return manifest

    def read(manifest: Manifest) -> bytes:
        at("reading")
        return (manifest.path / "postings").read_bytes()

    monkeypatch.setattr(generations, "_read_manifest", read_manifest)
    assert generations.open_live(settings.directory, "fingerprint", read) == b"new"


def test_what_stays_unreadable_is_damage(settings: IndexSettings) -> None:
    """A file that cannot be opened is an error of ours, with its name and what to do."""
    build(settings)

    def read(manifest: Manifest) -> bytes:
        return (manifest.path / "gone").read_bytes()

    with pytest.raises(IndexCorrupt, match=r"gone.*hansou rebuild"):
        generations.open_live(settings.directory, "fingerprint", read)


def test_other_fingerprint_is_outdated(settings: IndexSettings) -> None:
    """An index of another analysis is refused, saying to rebuild."""
    built = build(settings)
    with pytest.raises(IndexOutdated, match="hansou rebuild"):
        generations.load(settings.directory, built.name, "another")


def test_changed_content_of_the_same_size_is_found_by_its_sum(settings: IndexSettings) -> None:
    """Sizes are compared on loading, contents by `verify`."""
    built = build(settings)
    (built.path / "postings").write_bytes(b"POSTINGS")
    loaded = generations.load(settings.directory, built.name)
    with pytest.raises(IndexCorrupt, match="postings: its content changed"):
        generations.verify(loaded)
    generations.verify(loaded, only=[])


@pytest.mark.parametrize("damage", ["missing", "truncated", "longer"])
def test_files_that_do_not_fit_are_found_on_loading(settings: IndexSettings, damage: str) -> None:
    """A missing, cut-off or grown file is named."""
    built = build(settings)
    file = built.path / "postings"
    if damage == "missing":
        file.unlink()
    else:
        os.truncate(file, 3 if damage == "truncated" else 9)
    with pytest.raises(IndexCorrupt, match="postings"):
        generations.load(settings.directory, built.name)


def test_strays_cost_nothing(settings: IndexSettings) -> None:
    """What a file manager or a backup leaves among the generations, or in one, is no damage."""
    with generations.build(settings) as path:
        (path / "postings").write_bytes(b"postings")
        (path / ".DS_Store").write_bytes(b"\0")
        (path / ".AppleDouble").mkdir()
        name = generations.publish(settings, path, "fingerprint", Counts()).name
    (path / ".DS_Store").write_bytes(b"another")
    (path / "postings.bak").write_bytes(b"x")
    (path.parent / ".DS_Store").write_bytes(b"\0")
    (path.parent / "notes").mkdir()
    built = generations.load(settings.directory, name)
    generations.verify(built)
    assert [*built.files] == ["postings"] and generations.names(settings.directory) == [name]
    assert build(settings).name > name and generations.rollback(settings).name == name


def test_every_flipped_bit_of_a_manifest_is_found(settings: IndexSettings) -> None:
    """The manifest vouches for itself: no byte of it can change unnoticed."""
    built = build(settings)
    manifest = built.path / "manifest.json"
    raw = manifest.read_bytes()
    for at in range(len(raw)):
        manifest.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises((IndexCorrupt, IndexOutdated)):
            generations.load(settings.directory, built.name)


def test_unreadable_file_is_damage(settings: IndexSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file the disk no longer gives back is named like any other damage."""
    built = build(settings)

    def failing(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("hashlib.file_digest", failing)
    with pytest.raises(IndexCorrupt, match="Input/output error"):
        generations.verify(built)


def test_manifest_of_another_format_is_outdated(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index written by another version of the format asks for a rebuild, not for a repair."""
    monkeypatch.setattr(manifest, "FORMAT", 999)
    built = build(settings)
    monkeypatch.undo()
    with pytest.raises(IndexOutdated, match="hansou rebuild"):
        generations.load(settings.directory, built.name)


def test_second_builder_is_refused(settings: IndexSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one builder holds the lock another gives up, and gets it afterwards."""
    monkeypatch.setattr(generations, "_LOCK_WAIT_S", 0.1)
    with generations.build(settings) as path:
        with pytest.raises(BusyError, match="another process is building"), generations.build(settings):
            pass
        assert path.is_dir()
    build(settings)


def test_files_reach_the_disk_before_they_are_named(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync: index files, manifest, their directory; only then the pointer, and the directory it is in."""
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(Path(os.readlink(f"/proc/self/fd/{fd}")).name))
    replaced = os.replace

    def replacing(source: Path, target: Path) -> None:
        synced.append("os.replace")
        replaced(source, target)

    monkeypatch.setattr(os, "replace", replacing)
    name = build(settings).name
    assert {"postings", "manifest.json", name, "generations", "CURRENT.new"} <= {
        *synced[: synced.index("os.replace")]
    }
    assert synced[-1] == settings.directory.name


def test_folders_that_were_made_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first build brings to disk the name of the index directory too, and of each folder above it."""
    synced: list[Path] = []
    monkeypatch.setattr(generations, "_sync", synced.append)
    directory = tmp_path / "archive" / "索引"
    build(IndexSettings(directory=directory))
    assert {tmp_path, tmp_path / "archive", directory} <= {*synced}
    # The pointer must not be there without the folder that it points into.
    assert directory in synced[: synced.index(directory / "CURRENT.new")]
    synced.clear()
    build(IndexSettings(directory=directory))
    assert tmp_path not in synced


def test_manifest_says_what_was_built(settings: IndexSettings) -> None:
    """The manifest is JSON that a person can read, followed by its own sum."""
    lines = (build(settings).path / "manifest.json").read_text().splitlines()
    content = json.loads("\n".join(lines[:-1]))
    assert content["counts"]["documents"] == 3
    assert content["files"]["postings"][0] == 8


def test_nothing_before_the_first(settings: IndexSettings) -> None:
    """With a single generation there is nothing to go back to, and it stays live."""
    built = build(settings)
    with pytest.raises(IndexMissing, match="no earlier generation"):
        generations.rollback(settings)
    assert generations.current_name(settings.directory) == built.name


def test_a_sound_file_in_anothers_place_is_refused(settings: IndexSettings) -> None:
    """Files of arrays vouch for themselves alone; the manifest says which of them belongs where."""
    with generations.build(settings) as path:
        for name in ("one", "other"):
            with (path / name).open("wb") as stream:
                writer = SectionWriter(stream)
                writer.add("letters", np.frombuffer(name[:3].encode(), np.uint8))
                writer.close({})
        generations.publish(settings, path, "fingerprint", Counts(documents=3))
    built = read_manifest(path)
    assert set(built.seals) == {"one", "other"}
    assert generations.load(settings.directory, built.name) == built
    for name in ("one", "other"):
        ArrayFile.open(built.path / name).verify()
    os.replace(built.path / "other", built.path / "new")
    os.replace(built.path / "one", built.path / "other")
    os.replace(built.path / "new", built.path / "one")
    with pytest.raises(IndexCorrupt, match="another file"):
        generations.load(settings.directory, built.name)
