"""What may be in the way is found, and said with what to do."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, load_config, rebuild
from indexer.access import add_token
from indexer.config import AccessSettings, DocumentSettings, ServerSettings, SourceSettings
from indexer.doctor import diagnose


@pytest.fixture(scope="module")
def sound(make_config: Any) -> Config:
    """A configuration with an index."""
    config: Config = make_config(["無錫的園區。"])
    rebuild(config)
    return config


def wrong(config: Config) -> dict[str, str]:
    """Check → message, of all that is not well."""
    return {f.check: f.message for f in diagnose(lambda: config, config.base / "config.toml") if not f.ok}


def test_a_sound_configuration(sound: Config) -> None:
    """Nothing is wrong, and counts of sources and documents are said."""
    assert wrong(sound) == {}
    said = {f.check: f.message for f in diagnose(lambda: sound, sound.base / "config.toml")}
    assert said["sources"].endswith("documents: 1 file") and said["index"].startswith("1 documents")


def test_sources(sound: Config, tmp_path: Path) -> None:
    """Missing, empty and inside of the index's own directory."""
    (tmp_path / "empty").mkdir()
    for path, said in {
        tmp_path / "gone": "is not there",
        tmp_path / "empty": "holds no file",
        sound.index.directory / "generations": "own directory",
    }.items():
        assert said in wrong(replace(sound, sources=(SourceSettings(path),)))["sources"]


def test_a_query_log_that_is_a_folder(sound: Config, tmp_path: Path) -> None:
    """It could be written to, and nothing would be noted."""
    said = wrong(replace(sound, search=replace(sound.search, query_log=tmp_path)))
    assert "name a file" in said["permissions"]


def test_a_host_that_cannot_be(sound: Config) -> None:
    """A name with nothing between two dots is told, and no other check is kept from being made."""
    said = wrong(replace(sound, server=replace(sound.server, host="archive..example")))
    assert "correct [server] host" in said["server"]


def test_a_source_that_may_not_be_read(
    sound: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right is named, and so is that of an index that may not be written."""
    (tmp_path / "a.txt").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = wrong(replace(sound, sources=(SourceSettings(tmp_path),)))
    assert "may not be read" in found["sources"] and "may not write the index" in found["permissions"]


def test_rules_of_collections_that_no_source_has(sound: Config, tmp_path: Path) -> None:
    """Each rule is named, of names, groups, everybody and tokens, with what was probably meant."""
    tokens = tmp_path / "tokens.json"
    add_token(tokens, "crawler", ["信件", "*"])
    access = AccessSettings(
        name_header="X-Name",
        tokens=tokens,
        everybody=("公報",),
        names={"lin": ("公报館藏",)},
        groups={"keepers": ("*", "密檔")},
    )
    sources = (replace(sound.sources[0], name="公報"), replace(sound.sources[0], name="公報館藏"))
    config = replace(sound, server=ServerSettings(trusted_proxies=1), access=access, sources=sources)
    found = diagnose(lambda: config, sound.base / "config.toml")
    said = [finding.message for finding in found if finding.check == "access" and not finding.ok]
    assert [message.partition(":")[0] for message in said] == [
        "[access.names] lin",
        "[access.groups] keepers",
        str(tokens),
    ]
    assert "'公报館藏'" in said[0] and "did you mean 公報館藏?" in said[0]
    assert "known: 公報, 公報館藏" in said[1] and "crawler" in said[2]
    nameless = wrong(replace(config, sources=sound.sources))
    assert "no [[source]] has a name yet" in nameless["access"]


def test_rules_that_are_sound_or_without_effect(sound: Config, tmp_path: Path) -> None:
    """Rules that fit are counted; `everybody` alone restricts nobody, which is said."""
    access = AccessSettings(tokens=tmp_path / "none.json", everybody=("公報",))
    sources = (replace(sound.sources[0], name="公報"),)
    assert "access" not in wrong(replace(sound, access=access, sources=sources))
    alone = replace(sound, access=AccessSettings(everybody=("公報",)), sources=sources)
    assert "without effect" in wrong(alone)["access"]


def test_an_index_that_is_damaged(make_config: Any) -> None:
    """The file is named; before there is any index, the command that builds one."""
    config = make_config(["無錫的園區。"])
    assert "hansou rebuild" in wrong(config)["index"]
    generation = rebuild(config).generation
    (config.index.directory / "generations" / generation.name / "lexicon.bin").unlink(missing_ok=True)
    for file in (config.index.directory / "generations" / generation.name).glob("*.json"):
        file.write_bytes(b"")
    assert "hansou rebuild" in wrong(config)["index"]


@pytest.mark.parametrize(
    "toml",
    [
        '[search]\nsynonyms = "gone.txt"',
        '[analysis]\nuser_dictionary = "gone.txt"',
        '[repair]\nfurniture = "gone.toml"',
    ],
)
def test_word_lists(sound: Config, tmp_path: Path, toml: str) -> None:
    """One that cannot be read is named."""
    (tmp_path / "config.toml").write_text(toml, encoding="utf-8")
    config = load_config(tmp_path / "config.toml", {})
    assert "gone" in wrong(replace(config, sources=sound.sources))["words"]


def test_scans_without_tesseract(sound: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong where they are to be read, and said what to install; else only said."""
    monkeypatch.setattr("indexer.doctor.languages", lambda: frozenset({"eng"}))
    assert wrong(sound) == {}
    assert "install tesseract" in wrong(replace(sound, documents=DocumentSettings(ocr=True)))["optional"]


def test_a_host_that_is_none(sound: Config) -> None:
    """It is named as the setting to correct."""
    server = replace(sound.server, host="no-such-host.invalid")
    assert "[server] host" in wrong(replace(sound, server=server))["server"]


def test_too_little_room(sound: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than the live index takes is said beforehand."""
    monkeypatch.setattr("indexer.doctor.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1}))
    assert "make room" in wrong(sound)["space"]
