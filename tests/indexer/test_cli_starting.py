"""The commands to begin with: in an empty directory, and over what is there."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import load_config
from indexer.cli.starting import TEMPLATE, sources
from indexer.config import SECTIONS, Config

Run = Callable[..., Any]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_a_configuration_for_these_folders(here: Path, hansou: Run) -> None:
    """The folders are sources, several are collections; it can be built and searched as it is."""
    for name, text in {"報 紙": "無錫的報紙。", 'a"b': "上海的信。"}.items():
        (here / name).mkdir()
        (here / name / f"{text[:2]}.txt").write_text(text, encoding="utf-8")
    done = hansou(None, "init", "報 紙", 'a"b')
    assert done.code == 0 and "hansou rebuild" in done.out
    config = load_config()
    assert [(each.path.name, each.name) for each in config.sources] == [("報 紙", "報 紙"), ('a"b', 'a"b')]
    assert hansou(None, "rebuild", "--quiet").code == 0
    assert "1 document" in hansou(None, "search", "无锡", "--collection", "报 纸").out


def test_init_of_folders_with_the_same_files(here: Path, hansou: Run) -> None:
    """Nothing is lost where several folders have a file of one name, and the folders one name too."""
    folders = ["甲/信件", "乙/信件", "C#", "a!", "報紙"]
    for folder in folders:
        (here / folder).mkdir(parents=True)
        (here / folder / "1.txt").write_text(f"{folder}裡的夜市。", encoding="utf-8")
    assert hansou(None, "init", *folders, "報紙").code == 0
    named = ["甲-信件", "乙-信件", "C_", "a_", "報紙"]
    assert [each.prefix for each in load_config().sources] == [*named, "報紙"]
    assert "5 documents, 0 skipped" in hansou(None, "rebuild", "--quiet").out
    ledger = hansou(None, "ledger", "--json").out.splitlines()
    assert [json.loads(line)["path"] for line in ledger] == [f"{name}/1.txt" for name in named]


def test_init_without_a_folder_means_this_one(here: Path, hansou: Run) -> None:
    """What lies beside config.toml is indexed; neither it nor the index is a document."""
    (here / "a.txt").write_text("無錫的湖。", encoding="utf-8")
    assert hansou(None, "init").code == 0
    assert [(each.name, each.prefix) for each in load_config().sources] == [(None, None)]
    assert "1 documents, 0 skipped" in hansou(None, "rebuild", "--quiet").out
    assert "1 documents, 0 skipped" in hansou(None, "rebuild", "--quiet").out


def test_init_writes_over_nothing(here: Path, hansou: Run) -> None:
    """A config.toml that is there stays byte for byte, even one that cannot be read as one; exit code 6."""
    (here / "config.toml").write_text("mine", encoding="utf-8")
    done = hansou(None, "init")
    assert done.code == 6 and "is there already" in done.err
    assert (here / "config.toml").read_text(encoding="utf-8") == "mine"
    (here / "config.toml").unlink()
    (here / "config.toml").symlink_to("nowhere")
    assert hansou(None, "init").code == 6 and not (here / "nowhere").exists()


def test_init_of_a_folder_that_is_not_there(here: Path, hansou: Run) -> None:
    """It is named, and nothing is written; exit code 2."""
    done = hansou(None, "init", "no-such")
    assert done.code == 2 and "no-such" in done.err and not [*here.iterdir()]


def test_the_template_shows_defaults(here: Path) -> None:
    """Every line that is commented out is a setting as it is without it, or a path as an example."""
    text = TEMPLATE.read_text(encoding="utf-8").replace("{sources}", sources(["."]))
    table = tomllib.loads(re.sub(r"(?m)^# (\w+ = )", r"\1", text))
    assert set(table) <= {*SECTIONS, "source"}
    (here / "config.toml").write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", text), encoding="utf-8")
    config, default = load_config(environ={}), Config()
    for section in table.keys() - {"source"}:
        for key in table[section]:
            usual = getattr(getattr(default, section), key)
            if not isinstance(usual, Path | None):
                assert getattr(getattr(config, section), key) == usual, f"[{section}] {key}"


def test_doctor_in_an_empty_directory(here: Path, hansou: Run) -> None:
    """It says that there is no configuration, nothing to index and no index; exit code 1, nothing is made."""
    done = hansou(None, "doctor")
    assert done.code == 1 and "hansou init FOLDER" in done.out and "hansou rebuild" in done.out
    assert not [*here.iterdir()]


@pytest.mark.parametrize("directory", ["file", "file/below", "nowhere"])
def test_a_file_in_the_place_of_the_index(here: Path, hansou: Run, directory: str) -> None:
    """It is named, with the setting; exit code 6 of whatever reads or writes an index, nothing is made."""
    (here / "a").mkdir()
    (here / "a/1.txt").write_text("無錫的夜市。", encoding="utf-8")
    (here / "file").write_text("mine", encoding="utf-8")
    (here / "nowhere").symlink_to("gone")
    settings = f'[index]\ndirectory = "{directory}"\n[[source]]\npath = "a"\n'
    (here / "config.toml").write_text(settings, encoding="utf-8")
    there = sorted(here.iterdir())
    for command in ("rebuild", "update", "search 夜市", "stats", "check", "backup b.tar.gz", "restore file"):
        done = hansou(None, *command.split())
        assert done.code == 6 and "[index] directory" in done.err, command
        assert f"{here / directory.partition('/')[0]}: is no folder" in done.err
    assert sorted(here.iterdir()) == there and (here / "file").read_text(encoding="utf-8") == "mine"


def test_doctor_finds_nothing_wrong(make_config: Any, hansou: Run) -> None:
    """With sources and an index all is well; --json is a list of check, ok and message."""
    config = make_config(["無錫的園區。"])
    hansou(config, "rebuild", "--quiet")
    done = hansou(config, "doctor", "--json")
    assert done.code == 0 and all(each.keys() == {"check", "ok", "message"} for each in done.json())
    assert all(each["ok"] and each["message"] for each in done.json())
    assert {"config", "sources", "index", "permissions", "optional"} <= {
        each["check"] for each in done.json()
    }


def test_doctor_of_a_configuration_that_is_wrong(here: Path, hansou: Run) -> None:
    """The key is named, and nothing else is looked at."""
    (here / "config.toml").write_text("[serch]\n", encoding="utf-8")
    done = hansou(None, "doctor", "--json")
    assert done.code == 1
    assert [(each["check"], each["ok"]) for each in done.json()] == [("config", False)]
    assert "did you mean search?" in done.json()[0]["message"]
