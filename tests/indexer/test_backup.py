"""An index as one file: whole or not at all, there and back."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, IndexCorrupt, IndexMissing, IndexOutdated, Searcher, rebuild
from indexer.backup import UnknownKind, backup, restore
from indexer.documents.limits import zstandard
from indexer.engine.embedded import archives, generations, manifest

DAMAGED = "無(wú)錫(xī)國(guó)家軟(ruǎn)件園(yuán)在太湖邊。"
MakeConfig = Callable[..., Config]


@pytest.fixture(scope="module")
def built(make_config: MakeConfig) -> Config:
    """An index of three documents."""
    config = make_config(["無錫的園區。", DAMAGED, "上海的碼頭。"])
    rebuild(config)
    return config


@pytest.fixture(scope="module")
def saved(built: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    file = tmp_path_factory.mktemp("kept") / "index.tar.gz"
    backup(built, file)
    return file


def found(config: Config, query: str = "无锡") -> list[Any]:
    """What a search gives, with scores and snippets."""
    with Searcher.open(config) as searcher:
        page = searcher.search(query)
        return [hit.to_json() for hit in page.hits]


def files(path: Path) -> set[str]:
    """The names below a folder."""
    return {str(each.relative_to(path)) for each in path.rglob("*")}


@pytest.mark.parametrize("suffix", [".tar.gz", ".tgz", ".tar.zst"])
def test_there_and_back(built: Config, make_config: MakeConfig, tmp_path: Path, suffix: str) -> None:
    """What comes back elsewhere finds the same, with scores and marks; only its owner may read the file."""
    file = tmp_path / f"index{suffix}"
    saved = backup(built, file)
    assert [*tmp_path.iterdir()] == [file] and file.stat().st_mode & 0o77 == 0
    other = make_config()
    restored = restore(other, file)
    assert (restored.counts, restored.built_at) == (saved.counts, saved.built_at)
    assert found(other) == found(built) != []
    generations.verify(generations.load(other.index.directory, restored.name))


def test_the_index_before_is_kept(saved: Path, make_config: MakeConfig) -> None:
    """A restored index can be rolled back from, as one that was built."""
    config = make_config(["只有這一篇。"])
    before = rebuild(config).generation
    assert restore(config, saved).name > before.name
    assert len(found(config)) == 2
    assert generations.rollback(config.index).name == before.name


def test_a_generation_that_is_pruned_meanwhile(
    make_config: MakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that has begun is of one state, also where two builds take its files away."""
    config = make_config(["第一篇。"])
    first = rebuild(config).generation
    member, calls = archives._member, []

    def slow(name: str, size: int) -> tarfile.TarInfo:
        if not calls:
            calls.append(name)
            for _ in range(2):
                rebuild(config)
        return member(name, size)

    monkeypatch.setattr(archives, "_member", slow)
    assert backup(config, tmp_path / "a.tar.zst").name == first.name
    assert first.name not in generations.names(config.index.directory)
    other = make_config()
    assert restore(other, tmp_path / "a.tar.zst").counts == first.counts
    assert len(found(other, "第一")) == 1


def test_damage_leaves_what_was_live(saved: Path, make_config: MakeConfig, tmp_path: Path) -> None:
    """A file cut off or changed at any place is refused, and nothing remains of it."""
    config = make_config(["只有這一篇。"])
    live = rebuild(config).generation.name
    before = files(config.index.directory / "generations")
    plain = gzip.decompress(saved.read_bytes())
    whole = saved.read_bytes()
    damaged = [whole[: len(whole) // 2], whole[:20], b"", b"no archive", gzip.compress(plain[:5000])]
    for at in range(600, len(plain), len(plain) // 12):
        damaged.append(gzip.compress(plain[:at] + bytes([plain[at] ^ 1]) + plain[at + 1 :], 1))
    refused = 0
    for content in damaged:
        file = tmp_path / "damaged.tar.gz"
        file.write_bytes(content)
        try:
            restore(config, file)
        except IndexCorrupt:
            refused += 1
            assert generations.current_name(config.index.directory) == live
            assert files(config.index.directory / "generations") == before
        else:
            # What stands between the files of an archive is nobody's.
            assert len(found(config)) == 2
            generations.rollback(config.index)
            before = files(config.index.directory / "generations")
    assert refused > len(damaged) // 2
    zst = tmp_path / "cut.tar.zst"
    zst.write_bytes(zstandard().compress(plain)[:-100])
    with pytest.raises(IndexCorrupt):
        restore(config, zst)


def members(**contents: bytes) -> bytes:
    """A tar archive of ours with other contents."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in contents.items():
            tar.addfile(archives._member(name, len(content)), io.BytesIO(content))
    return stream.getvalue()


def test_archives_of_others(saved: Path, make_config: MakeConfig, tmp_path: Path) -> None:
    """A file that the manifest does not name is not written, wherever it is to go."""
    with tarfile.open(saved) as tar:
        manifest = tar.extractfile(tar.next() or tarfile.TarInfo())
        assert manifest
        raw = manifest.read()
    config = make_config()
    for content in (
        members(**{"notes.txt": b"x"}),
        members(**{"manifest.json": b"{}\nx\n"}),
        members(**{"manifest.json": raw, "../../evil": b"x"}),
        members(**{"manifest.json": raw}),
    ):
        file = tmp_path / "other.tar.gz"
        file.write_bytes(gzip.compress(content))
        with pytest.raises(IndexCorrupt):
            restore(config, file)
    assert not [*config.index.directory.rglob("evil")] and not generations.names(config.index.directory)


def test_an_index_of_another_release(
    saved: Path, make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another format, older or newer, or analyzed otherwise: said with what it needs."""
    config = make_config()
    for change, said in ((1, "an older version"), (-1, "a newer version")):
        with monkeypatch.context() as patch:
            patch.setattr(manifest, "FORMAT", manifest.FORMAT + change)
            with pytest.raises(IndexOutdated, match=f"{said}.*hansou rebuild"):
                restore(config, saved)
    analyzer = type("Analyzer", (), {"fingerprint": "another"})
    monkeypatch.setattr("indexer.backup.analyzer_of", lambda *_: analyzer)
    with pytest.raises(IndexOutdated, match="another release"):
        restore(config, saved)
    with pytest.raises(IndexMissing):
        generations.current_name(config.index.directory)


def test_a_backup_of_what_is_damaged_is_none(make_config: MakeConfig, tmp_path: Path) -> None:
    """A flipped byte is found while it is read, and no file is there then; an older backup stays."""
    config = make_config(["無錫的園區。"])
    name = rebuild(config).generation.name
    kept = tmp_path / "kept.tar.gz"
    backup(config, kept)
    content = kept.read_bytes()
    largest = max((config.index.directory / "generations" / name).iterdir(), key=lambda f: f.stat().st_size)
    raw = bytearray(largest.read_bytes())
    raw[len(raw) // 2] ^= 1
    largest.write_bytes(raw)
    with pytest.raises(IndexCorrupt):
        backup(config, kept)
    assert kept.read_bytes() == content and [*tmp_path.iterdir()] == [kept]


def test_names_say_the_kind(built: Config, tmp_path: Path) -> None:
    """Another suffix is refused before anything is done."""
    for act in (backup, restore):
        with pytest.raises(UnknownKind, match=r"\.tar\.zst"):
            act(built, tmp_path / "index.zip")
    assert not [*tmp_path.iterdir()]
