"""A damaged index ends no process and changes no answer: it is refused, by name. Some hundred damages.

`make sanitize` and `benchmarks/bench_damage.py` do the same with thousands.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import IndexCorrupt, IndexOutdated, Searcher, load_config
from indexer.arrays import ArrayFile, SectionWriter, seal
from indexer.arrays.sections import BLOCK
from indexer.engine.embedded import generations
from indexer.engine.embedded.arrays.losses import Losses
from indexer.engine.embedded.manifest import manifest_bytes
from indexer.engine.embedded.search.collection import Leaf

FOLDER = Path(__file__).resolve().parents[4] / "benchmarks"
COUNT = 110
DOCUMENTS = 120


@pytest.fixture(scope="module")
def battery() -> Iterator[Any]:
    """The program that damages, imported as it is when run: its folder comes first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield import_module("bench_damage")
    for name in ("bench_damage", "damages"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def base(battery: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole index with a generation before it, and its configuration."""
    path = tmp_path_factory.mktemp("damage")
    battery.build(path, DOCUMENTS)
    return path


@pytest.mark.parametrize("kernel", ["compiled", "numpy"])
def test_damage_is_refused_or_does_not_matter(battery: Any, base: Path, kernel: str) -> None:
    """Flips, cuts, swaps, files exchanged: the whole answer or `IndexCorrupt`, and no process ends."""
    found = list(battery.outcomes(base, 0, COUNT, kernel, battery.MODES))
    assert [told for told in found if battery.is_fault(told)] == []
    assert len(found) == COUNT
    refused = {told["mode"] for told in found if told["outcome"] == "refused"}
    assert refused == {*battery.MODES}


def test_the_end_of_a_process_is_a_fault(
    battery: Any, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that dies of a damage is told with the number it died of, and the next are tried."""
    child = tmp_path / "child.py"
    told = json.dumps({"number": 0, "mode": "served", "damage": "", "outcome": "same", "detail": ""})
    child.write_text(
        "import os, sys\nfor number in range(int(sys.argv[2]), int(sys.argv[3])):\n"
        f"    number == 1 and os.kill(os.getpid(), 11)\n    print({told!r}, flush=True)\n"
    )
    monkeypatch.setattr(battery, "CHILD", child)
    found = list(battery.outcomes(base, 0, 3, "compiled", ["served"]))
    assert [each["outcome"] for each in found] == ["same", "ended", "same"]
    assert [battery.is_fault(each) for each in found] == [False, True, False]


def test_a_damaged_block_is_named(base: Path, hansou: Callable[..., Any]) -> None:
    """Opening goes well; a search says which section of which file is damaged and what to do: exit code 5."""
    config = load_config(base / "config.toml", {})
    live = config.index.directory / "generations" / generations.current_name(config.index.directory)
    file = next(live.glob("*.arrays"))
    whole = file.read_bytes()
    flipped = bytearray(whole)
    for place in range(0, len(whole) - 2 * BLOCK, BLOCK):
        flipped[place + 99] ^= 1
    file.write_bytes(flipped)
    try:
        with Searcher.open(config) as searcher, pytest.raises(IndexCorrupt, match="section"):
            searcher.search("無錫 園區")
        result = hansou(config, "search", "無錫 園區")
        assert result.code == 5
        assert file.name in result.err and "is damaged" in result.err and "hansou rollback" in result.err
        assert "Traceback" not in result.err
    finally:
        file.write_bytes(whole)


@pytest.mark.parametrize("content", [b"\0", b"", b"\xff" * 70_000, b"../x\n", b"nowhere\n"])
def test_a_damaged_pointer_is_named(base: Path, hansou: Callable[..., Any], content: bytes) -> None:
    """Whatever CURRENT holds that names no generation is refused with what to do: exit code 5."""
    config = load_config(base / "config.toml", {})
    pointer = config.index.directory / "CURRENT"
    whole = pointer.read_bytes()
    pointer.write_bytes(content)
    try:
        result = hansou(config, "search", "無錫")
        assert result.code == 5 and "CURRENT" in result.err and "Traceback" not in result.err
    finally:
        pointer.write_bytes(whole)


@pytest.mark.parametrize("day", [-1, 1 << 40])
def test_a_date_that_cannot_be_is_refused(base: Path, tmp_path: Path, day: int) -> None:
    """Years are counted from the first to the last: with a date out of all bounds there would be no end."""
    directory = load_config(base / "config.toml", {}).index.directory
    (file,) = (directory / "generations" / generations.current_name(directory)).glob("*.arrays")
    opened = ArrayFile.open(file)
    arrays = {name: opened.array(name) for name in opened.names()}
    arrays["column:day/numbers"] = np.where(np.arange(DOCUMENTS) == 3, day, arrays["column:day/numbers"])
    with (tmp_path / "file").open("wb") as stream:
        writer = SectionWriter(stream)
        for name, array in arrays.items():
            writer.add(name, array)
        writer.close(opened.metadata)
    file = ArrayFile.open(tmp_path / "file")
    leaf = Leaf(file, Losses(int(file.metadata["documents"])), 0)
    with pytest.raises(IndexCorrupt, match="a date"):
        leaf.column("day")


def test_what_is_read_whole_is_verified_at_opening(base: Path, tmp_path: Path) -> None:
    """A file without sums that says something else, as long as it was and well formed, is damage."""
    shutil.copytree(base, tmp_path / "site")
    config = load_config(tmp_path / "site" / "config.toml", {})
    live = config.index.directory / "generations" / generations.current_name(config.index.directory)
    file = live / "analysis.json"
    changed = file.read_bytes().replace(b"false", b"1    ")
    assert changed != file.read_bytes()
    file.write_bytes(changed)
    with pytest.raises(IndexCorrupt, match="its content changed"):
        Searcher.open(config)


def of_another_release(content: bytes) -> bytes:
    """A file of arrays that says it has format 3, in both places."""
    return content[:8] + b"\3" + content[9:-24] + b"\3" + content[-23:]


@pytest.mark.parametrize(
    "pattern, change",
    [
        ("*.toc", lambda content: content.replace(b"embedded.whoosh.index", b"embedded.codecs.array")),
        ("*.toc", lambda content: content.replace(b"ArraySegment", b"BlockSegment")),
        ("*.toc", lambda content: content.replace(b"\xff\xff\xff\x91", b"\xff\xff\xff\x90")),
        ("*.arrays", of_another_release),
        ("lexicon.bin", of_another_release),
    ],
    ids=["a module that is gone", "a class that is gone", "another Whoosh", "another format", "suggestions"],
)
def test_an_index_of_another_release_is_outdated(
    base: Path, tmp_path: Path, hansou: Callable[..., Any], pattern: str, change: Callable[[bytes], bytes]
) -> None:
    """A whole index that this release cannot read is no damage: the message says to rebuild, exit code 5."""
    shutil.copytree(base, tmp_path / "site")
    config = load_config(tmp_path / "site" / "config.toml", {})
    index = config.index.directory
    manifest = generations.load(index, generations.current_name(index))
    (file,) = manifest.path.glob(pattern)
    content = change(file.read_bytes())
    assert content != file.read_bytes()
    file.write_bytes(content)
    files = {**manifest.files, file.name: (len(content), hashlib.sha256(content).hexdigest())}
    seals = {name: found for name in manifest.seals if (found := seal(manifest.path / name))}
    vouched = replace(manifest, files=files, seals=seals)
    (manifest.path / "manifest.json").write_bytes(manifest_bytes(vouched))
    with pytest.raises(IndexOutdated, match="rebuild"):
        Searcher.open(config)
    result = hansou(config, "search", "無錫")
    assert result.code == 5 and "rebuild" in result.err and "Traceback" not in result.err
