"""What tests share: an analyzer, indexes of a few documents, the command line, reference material."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, load_config, rebuild
from indexer.cli import main
from indexer.text.analyzer import Analyzer, load_analyzer

ROOT = Path(__file__).resolve().parent.parent
Documents = Sequence[str | Mapping[str, Any]]
MakeConfig = Callable[..., Config]
OpenIndex = Callable[..., Searcher]


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its standard output, parsed."""
        return json.loads(self.out)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the project: judged sets and real pages, for reading only."""
    path = ROOT.parent / "shared"
    if not path.is_dir():
        pytest.skip(f"{path} is absent: it holds the judged sets and the real pages")
    return path


@pytest.fixture(scope="session")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    """The analyzer with default settings."""
    base = tmp_path_factory.mktemp("analyzer")
    (base / "config.toml").write_text("")
    return load_analyzer(load_config(base / "config.toml", {}))


def write_documents(path: Path, documents: Documents) -> None:
    """A .jsonl file; a plain text becomes a document whose id is its number."""
    records = [
        {"id": str(number), "text": document} if isinstance(document, str) else document
        for number, document in enumerate(documents)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")


@pytest.fixture(scope="session")
def make_config(tmp_path_factory: pytest.TempPathFactory) -> MakeConfig:
    """A function from documents and further TOML to a configuration in a directory of its own."""

    def make(documents: Documents = (), toml: str = "") -> Config:
        base = tmp_path_factory.mktemp("site")
        write_documents(base / "documents" / "all.jsonl", documents)
        text = f'{toml}\n[index]\ndirectory = "index"\n[[source]]\npath = "documents"\n'
        (base / "config.toml").write_text(text, encoding="utf-8")
        return load_config(base / "config.toml", {})

    return make


@pytest.fixture(scope="session")
def open_index(make_config: MakeConfig) -> Iterator[OpenIndex]:
    """A function from documents to a searcher of an index of them."""
    with ExitStack() as opened:

        def build(documents: Documents, toml: str = "") -> Searcher:
            config = make_config(documents, toml)
            rebuild(config)
            return opened.enter_context(Searcher.open(config))

        yield build


@pytest.fixture
def hansou(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """The command line: `hansou(config, "search", "無錫")` → exit code and output."""

    def run(config: Config | None, *arguments: str) -> Result:
        settings = () if config is None else ("--config", str(config.base / "config.toml"))
        monkeypatch.setattr(sys, "argv", ["hansou", *settings, *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return Result(int(stopped.value.code or 0), captured.out, captured.err)

    return run
