"""Settings come from one file and the environment, and a mistake is named where it was made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from indexer import Config, ConfigError, load_config
from indexer.config import SECTIONS


def write(base: Path, text: str) -> Path:
    """A configuration file."""
    path = base / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_empty_file_gives_defaults_beside_it(tmp_path: Path) -> None:
    """Nothing configured: the index and the seeds lie beside the file, served on this machine only."""
    config = load_config(write(tmp_path, ""), {})
    assert config.index.directory == tmp_path / ".hansou"
    assert [source.path for source in config.sources] == [tmp_path / "seeds"]
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8137)
    assert config.analysis.user_dictionary is None


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory does not matter; absolute paths stay."""
    monkeypatch.chdir("/")
    text = (
        '[index]\ndirectory = "索引"\n[analysis]\nuser_dictionary = "詞.txt"\n'
        '[[source]]\npath = "甲"\n[[source]]\npath = "/乙"\n'
    )
    config = load_config(write(tmp_path, text), {})
    assert config.index.directory == tmp_path / "索引"
    assert config.analysis.user_dictionary == tmp_path / "詞.txt"
    assert [source.path for source in config.sources] == [tmp_path / "甲", Path("/乙")]


def test_environment_overrides_file(tmp_path: Path) -> None:
    """HANSOU_<SECTION>_<KEY> wins over the file, converted to the setting's type."""
    environ = {
        "HANSOU_SERVER_PORT": "9000",
        "HANSOU_ANALYSIS_HMM": "yes",
        "HANSOU_SEARCH_DEADLINE_S": "0.5",
        "HANSOU_SERVER_ALLOWED_HOSTS": "a.example,b.example",
        "HANSOU_INDEX_DIRECTORY": "elsewhere",
    }
    config = load_config(write(tmp_path, "[server]\nport = 8000\n"), environ)
    assert config.server.port == 9000
    assert config.analysis.hmm is True
    assert config.search.deadline_s == 0.5
    assert config.server.allowed_hosts == ("a.example", "b.example")
    assert config.index.directory == tmp_path / "elsewhere"


def test_real_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an explicit mapping the process environment is read."""
    monkeypatch.setenv("HANSOU_SERVER_PORT", "9001")
    assert load_config(write(tmp_path, "")).server.port == 9001


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_true_in_the_environment(tmp_path: Path, value: str) -> None:
    """The usual words for true are understood."""
    assert load_config(write(tmp_path, ""), {"HANSOU_ANALYSIS_HMM": value}).analysis.hmm is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[index]\ndirectry = "x"', "unknown key 'directry'; did you mean directory?"),
        ("[serch]\n", "unknown key 'serch'; did you mean search?"),
        ("[index]\nzzz = 1", "known: directory"),
        ('[server]\nport = "80"', "server.port: int is needed, not '80'"),
        ("[server]\nport = true", "server.port: int is needed, not True"),
        ("[server]\nport = -1", "must not be negative"),
        ("[analysis]\nhmm = 1", "analysis.hmm: bool is needed"),
        ("[analysis]\nstop_words = 3", "a path is needed, not 3"),
        ('[analysis]\nstop_words = ""', "a path is needed, not ''"),
        ('[server]\nallowed_hosts = "a"', "a list of strings is needed, not 'a'"),
        ("[server]\nallowed_hosts = [1]", "a list of strings is needed"),
        ("index = 3", "index must be a table, written [index]"),
        ('source = "seeds"', "a source is written as [[source]]"),
        ("[[source]]\n", "a source is written as [[source]]"),
        ('[[source]]\npath = "a"\nkind = "b"', "unknown key 'kind'"),
        ("[index", "cannot be read"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file and what is wrong with it."""
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_config(path, {})
    assert message in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("HANSOU_SERVER_PORT", "many", "is not a number"),
        ("HANSOU_ANALYSIS_HMM", "perhaps", "is neither true nor false"),
        ("HANSOU_INDEX_DIRECTORY", "", "a path is needed"),
        ("HANSOU_INDEX_KEEP", "-2", "must not be negative"),
        ("HANSOU_INDEX_DIRECTRY", "x", "did you mean HANSOU_INDEX_DIRECTORY?"),
    ],
)
def test_mistakes_in_the_environment_are_named(
    tmp_path: Path, variable: str, value: str, message: str
) -> None:
    """The message names the variable."""
    with pytest.raises(ConfigError) as error:
        load_config(write(tmp_path, ""), {variable: value})
    assert message in str(error.value) and variable in str(error.value)


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    """A missing file says how to name one; a directory and bytes that are no UTF-8 are refused."""
    with pytest.raises(ConfigError, match="no such file; name one with --config FILE"):
        load_config(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})
    (tmp_path / "gbk.toml").write_bytes("# 设置".encode("gbk"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "gbk.toml", {})


def test_integer_where_a_number_is_needed(tmp_path: Path) -> None:
    """`seconds = 3` is as good as `3.0`."""
    assert load_config(write(tmp_path, "[repair]\nseconds = 3"), {}).repair.seconds == 3.0


def test_settings_are_frozen_and_hashable() -> None:
    """Settings are values: they cannot be changed, and serve as keys."""
    config = Config()
    with pytest.raises(FrozenInstanceError):
        config.server.port = 1  # type: ignore[misc]
    assert hash(config) == hash(Config(base=config.base))


def test_every_section_is_a_field() -> None:
    """The list of sections and the fields of `Config` do not drift apart."""
    assert {*SECTIONS} == {f.name for f in fields(Config)} - {"base", "sources"}
