"""Which state answers where the live one is damaged: that before it, where somebody is to be served."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, IndexCorrupt, Searcher, load_config, native, rebuild
from indexer.derived.suggest import LEXICON
from indexer.engine.embedded import generations

TEXT = "無錫第{}園區在湖邊。"
# So many terms that postings are in another block than the directory, which is verified at opening.
MANY = "".join(map(chr, range(0x4E00, 0x9F00)))


def rebuilt(config: Config, number: int) -> Path:
    """The folder of a new generation of so many documents."""
    path = config.base / "documents" / f"{number}.txt"
    path.write_text(TEXT.format(number), encoding="utf-8")
    return config.index.directory / "generations" / rebuild(config).generation.name


@pytest.fixture(scope="module")
def built(make_config: Any) -> Config:
    """An index of two generations, of one document and of two."""
    config: Config = make_config([TEXT.format(1) + MANY])
    rebuild(config)
    rebuilt(config, 2)
    return config


@pytest.fixture
def config(built: Config, tmp_path: Path) -> Config:
    """The same, to be damaged; up to three generations are kept."""
    base = shutil.copytree(built.base, tmp_path / "site")
    config = load_config(base / "config.toml", {})
    return replace(config, index=replace(config.index, keep=3))


def flip(path: Path, *places: int) -> None:
    """Change a bit of bytes of a file, in place."""
    raw = bytearray(path.read_bytes())
    for place in places:
        raw[place] ^= 4
    descriptor = os.open(path, os.O_WRONLY)
    os.pwrite(descriptor, raw, 0)
    os.close(descriptor)


def damage_block(generation: Path) -> None:
    """Flip what is read in searches alone: opening finds nothing."""
    (segment,) = generation.glob("*.arrays")
    flip(segment, 4096)


def damage_pointer(generation: Path) -> None:
    """Let CURRENT name nothing."""
    (generation.parent.parent / "CURRENT").write_text("nowhere\n")


def cut(generation: Path) -> None:
    """Cut a file of arrays short."""
    (segment,) = generation.glob("*.arrays")
    os.truncate(segment, segment.stat().st_size - 1)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "block": damage_block,
    "pointer": damage_pointer,
    "cut": cut,
    "contents": lambda generation: flip(next(generation.glob("*.toc")), 9),
    "lexicon": lambda generation: flip(generation / LEXICON, -1),
    "analysis": lambda generation: flip(generation / "analysis.json", 9),
    "manifest": lambda generation: flip(generation / "manifest.json", 9),
    "gone": lambda generation: (generation / "manifest.json").unlink(),
}


@pytest.fixture(params=DAMAGES)
def damaged(config: Config, request: pytest.FixtureRequest) -> Iterator[Config]:
    """An index whose live generation is damaged in one way."""
    name = generations.current_name(config.index.directory)
    DAMAGES[request.param](config.index.directory / "generations" / name)
    yield config


def mapped(folder: Path) -> set[str]:
    """The generations in a folder of which this process has a file mapped, those that were removed too."""
    maps = Path("/proc/self/maps")
    lines = maps.read_text(encoding="utf-8").splitlines() if maps.exists() else []
    return {line.partition(f"{folder}/")[2].partition("/")[0] for line in lines if f"{folder}/" in line}


def sound(config: Config) -> int:
    """How many documents the state has that is gone back to: the newest, where none is known to be live."""
    return 2 if "nowhere" in (config.index.directory / "CURRENT").read_text() else 1


def test_a_damaged_state_is_an_error(damaged: Config, hansou: Callable[..., Any]) -> None:
    """Who asks once is told which file is damaged and what to do, exit code 5."""
    result = hansou(damaged, "search", "無錫")
    assert result.code == 5 and "hansou rollback" in result.err and str(damaged.index.directory) in result.err
    expected = sound(damaged)
    assert hansou(damaged, "rollback").code == 0
    assert hansou(damaged, "search", "無錫").out.startswith(f"{expected} document")


def test_a_searcher_falls_back(damaged: Config) -> None:
    """Who serves goes on with the state before, knows why, and moves on when there is a sound one."""
    expected = sound(damaged)
    with Searcher.open(damaged, fall_back=True) as searcher:
        assert searcher.search("無錫").total.value == expected
        assert "湖邊" in searcher.document(searcher.search("無錫").hits[0].id).document.text
        for _ in range(2):
            with pytest.raises(IndexCorrupt):
                searcher.refresh()
        assert searcher.search("無錫").total.value == expected
        rebuilt(damaged, 3)
        assert searcher.refresh() and searcher.search("無錫").total.value == 3
        assert searcher.refresh() is False


def test_damage_under_a_running_searcher(config: Config) -> None:
    """Damage that is met in a search costs that state: the newest one without any answers the question."""
    third = rebuilt(config, 3)
    with Searcher.open(config, fall_back=True) as searcher:
        assert searcher.refresh() is False
        damage_block(third)
        damage_block(third.parent / generations.names(config.index.directory)[1])
        page = searcher.search("無錫")
        assert page.total.value == 1 and page.generation == searcher.generation < third.name
        assert mapped(third.parent) <= {searcher.generation}
        with pytest.raises(IndexCorrupt, match=third.name):
            searcher.refresh()
        generations.point_to(config.index.directory, searcher.generation)
        assert searcher.refresh() is False


def test_without_a_sound_state_damage_is_said(make_config: Any) -> None:
    """Where there is nothing to fall back to, the error comes out, whatever is asked next."""
    config: Config = make_config([TEXT.format(1) + MANY])
    rebuild(config)
    name = generations.current_name(config.index.directory)
    damage_block(config.index.directory / "generations" / name)
    with Searcher.open(config, fall_back=True) as searcher:
        for _ in range(2):
            with pytest.raises(IndexCorrupt, match=name):
                searcher.search("無錫")
        with pytest.raises(IndexCorrupt, match=name):
            searcher.refresh()


def ask_everything(searcher: Searcher) -> None:
    """Questions of every kind: what they are answered with is kept in caches of many kinds."""
    for query in ("無錫 園區", "無錫*", "wuxi", "無鍚園驅", '"無錫的"~3', "園區 NOT 湖邊", "title:園區"):
        searcher.search(query, explain=True)
    (hit, *_) = searcher.search("無錫", source="某社", sort="date_desc").hits or searcher.search("無錫").hits
    searcher.suggest("無")
    searcher.similar(hit.id)
    searcher.document(hit.id, "無錫")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="mappings are read from /proc")
@pytest.mark.parametrize("extensions", [True, False])
def test_replaced_states_are_unmapped(config: Config, extensions: bool) -> None:
    """When the last search in a state that was replaced ends its files are let go, without a collection."""
    folder = config.index.directory / "generations"
    text = '{{"id": "{}", "text": "無錫第{}園區在湖邊。", "title": "園區", "source": "某社"}}\n'
    with native.using(extensions), Searcher.open(config, fall_back=True) as searcher:
        gc.collect()
        gc.disable()
        try:
            ask_everything(searcher)
            asked = searcher._live
            for number in range(5):
                lines = "".join(text.format(each, each) for each in range(number + 3))
                (config.base / "documents" / "all.jsonl").write_text(lines, encoding="utf-8")
                rebuild(config)
                assert searcher.refresh()
                ask_everything(searcher)
                if number == 3:
                    assert asked.snapshot.number("0") is not None
                    del asked
            assert mapped(folder) == {searcher.generation}
        finally:
            gc.enable()
