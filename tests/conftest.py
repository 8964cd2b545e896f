"""What tests share: an analyzer, indexes of a few documents, the command line, reference material."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, load_config, rebuild
from indexer.cli import main
from indexer.text.analyzer import Analyzer, load_analyzer

# Programs that are started inherit what is ignored, which a shell does with Ctrl-C for what runs beside it.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

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


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not (true := holds()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return true


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


@dataclass(eq=False)
class Skips:
    """Holds skips against a list. State: those that it does not have."""

    expected: Sequence[Mapping[str, Any]]
    found: list[str] = field(default_factory=list)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test, or what it needs, has skipped."""
        self._note(report)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A whole file has."""
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            if not any(_is_expected(skip, report.nodeid, reason) for skip in self.expected):
                self.found.append(f"{report.nodeid}: {reason}")

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A skip that nobody expects is a failure."""
        if self.found and session.exitstatus == 0:
            session.exitstatus = 1

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them."""
        for line in self.found:
            terminalreporter.write_line(f"UNEXPECTED SKIP {line}", red=True)


def _is_expected(skip: Mapping[str, Any], test: str, reason: str) -> bool:
    if skip.get("without_kernel") and os.environ.get("HANSOU_KERNEL") != "off":
        return False
    return fnmatchcase(test, skip["test"]) and re.search(skip["reason"], reason) is not None


def pytest_configure(config: pytest.Config) -> None:
    """Where HANSOU_SKIPS names a list (`.ci/skips.toml`), only what is on it may skip."""
    if "HANSOU_SKIPS" in os.environ:
        listed = tomllib.loads(Path(os.environ["HANSOU_SKIPS"]).read_text(encoding="utf-8"))
        config.pluginmanager.register(Skips(listed["skip"]), "hansou-skips")
