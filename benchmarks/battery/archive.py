"""What is broken again and again? A small archive, its configuration and its index, in a folder of its own.

Invariant: `whole` looks at the index as a new reader would, and knows of each generation how many documents
it has, so that half an index cannot pass for a small one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from indexer import Config, HansouError, Searcher, load_config
from indexer.engine.embedded import generations

SENTENCE = "無錫的園區在湖邊，清晨十分安靜，只有送早餐的車聲和遠處的水鳥。"
WORD = "無錫 園區"
"""What every document of the archive is found by."""
PAGES = 3
PROGRAM = "from indexer.cli import main; main()"


class Command:
    """A command that runs. State: its process, and the files that hold what it says.

    They are files, as a process that outlives the command would keep a pipe open.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        before: Callable[[], None] | None = None,
    ) -> None:
        self._said = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=self._said[0],
            stderr=self._said[1],
            env=environment,
            preexec_fn=before,
            start_new_session=True,
        )

    def end(self, seconds: float = 120) -> tuple[int, str, str]:
        """Wait for its end: exit code, output, messages. Raises `subprocess.TimeoutExpired`, and ends it."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        output, messages = (self._read(file) for file in self._said)
        return code, output, messages

    @staticmethod
    def _read(file: IO[bytes]) -> str:
        with file:
            file.seek(0)
            return file.read().decode(errors="replace")


class Broken(Exception):
    """An index is neither the old one nor the new one; the message says what it is."""


@dataclass(frozen=True)
class Archive:
    """A folder with documents, config.toml and index; `counts` knows generations and their documents."""

    base: Path
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def create(cls, base: Path, documents: int, *, workers: int = 1, pages: int = PAGES) -> Archive:
        """Write so many documents: lines of one file, and some pages that readers take apart."""
        folder = base / "documents"
        folder.mkdir(parents=True)
        with open(folder / "all.jsonl", "w", encoding="utf-8") as lines:
            for number in range(documents - pages):
                text = f"第{number}篇。{SENTENCE * (1 + number % 9)}"
                lines.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
        for number in range(pages):
            page = f"<title>第{number}頁</title><p>{SENTENCE}</p>"
            (folder / f"page{number}.html").write_text(page, encoding="utf-8")
        (base / "config.toml").write_text(
            f'[index]\ndirectory = "index"\nworkers = {workers}\n[[source]]\npath = "documents"\n'
        )
        return cls(base)

    @property
    def config(self) -> Config:
        """The configuration, as a command reads it."""
        return load_config(self.base / "config.toml", {})

    @property
    def index(self) -> Path:
        """The directory of the index."""
        return self.base / "index"

    @property
    def generations(self) -> Path:
        """The folder of the generations."""
        return self.index / "generations"

    def add(self, name: str) -> None:
        """One document more."""
        (self.base / "documents" / f"{name}.txt").write_text(f"{name}。{SENTENCE}", encoding="utf-8")

    def pair(self, version: str) -> None:
        """Two documents, or another version of both, which is their title."""
        for number in range(2):
            text = f"# {version}\n\n對照{number}。{SENTENCE}"
            (self.base / "documents" / f"pair{number}.md").write_text(text, encoding="utf-8")

    def change(self, row: int) -> None:
        """A longer text for the document of one row."""
        file = self.base / "documents" / "all.jsonl"
        rows = file.read_text(encoding="utf-8").splitlines()
        changed = json.loads(rows[row])
        changed["text"] += SENTENCE
        rows[row] = json.dumps(changed, ensure_ascii=False)
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """`hansou` over this archive, as it is called from a shell."""
        return [sys.executable, "-c", PROGRAM, "--config", str(self.base / "config.toml"), *arguments]

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Command:
        """A command in a session of its own; `before` runs in it first."""
        return Command(self.command(*arguments), {**os.environ, **(environment or {})}, before)

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
        seconds: float = 120,
    ) -> tuple[int, str, str]:
        """A command to its end: exit code, output, messages. Raises `subprocess.TimeoutExpired`."""
        return self.start(*arguments, environment=environment, before=before).end(seconds)

    def build(self, documents: int, *command: str) -> str:
        """A rebuild, or another command, that has to succeed; its generation, noted with its count."""
        command = command or ("rebuild", "--quiet")
        code, _, messages = self.run(*command)
        if code:
            raise Broken(f"a {command[0]} that nothing disturbs exits {code}: {last_line(messages)}")
        return self.whole(documents)

    def whole(self, new: int | None = None) -> str:
        """The name of the live generation, sound and with its full count; `new` is that of one unknown yet.

        Raises `Broken`.
        """
        name, found = read_whole(self.config)
        if name not in self.counts and new is not None:
            self.counts[name] = new
        if found != self.counts.get(name):
            raise Broken(f"{name}: {found} documents found, not {self.counts.get(name)}")
        return name

    def garbage(self) -> list[str]:
        """What is in the index directory and belongs to no generation."""
        known = {*generations.names(self.index)}
        unknown = [path.name for path in self.generations.iterdir() if path.name not in known]
        beside = {"CURRENT", "generations", "lock", "cache"}
        unknown += [path.name for path in self.index.iterdir() if path.name not in beside]
        unknown += [path.name for path in (self.index / "cache").glob("*") if path.suffix != ".words"]
        if len(known) > self.config.index.keep:
            unknown.append(f"{len(known)} generations")
        return unknown


def read_whole(config: Config) -> tuple[str, int]:
    """The live generation's name and how many documents are found in it, every file of it compared.

    Raises `Broken` where it cannot be opened, a sum does not fit, or it states another count.
    """
    try:
        name = generations.current_name(config.index.directory)
        generations.verify(generations.load(config.index.directory, name))
        with Searcher.open(config) as searcher:
            page = searcher.search(WORD, size=1)
            stated = searcher.stats()["documents"]
    except (HansouError, OSError) as error:
        raise Broken(f"unusable: {error}") from error
    if not page.hits or page.total.value != stated or page.generation != name:
        raise Broken(f"{name}: {page.total.value} documents found, {stated} stated")
    return name, page.total.value


def last_line(messages: str) -> str:
    """The last line of what a command said."""
    lines = messages.strip().splitlines()
    return lines[-1] if lines else "(nothing)"


def is_clear(messages: str) -> bool:
    """Whether what a command said is one line of ours, beside what was skipped.

    >>> is_clear("hansou: no room"), is_clear("Traceback …"), is_clear("skipped a.html: odd\\nhansou: no")
    (True, False, True)
    """
    lines = [line for line in messages.splitlines() if line and not line.startswith("skipped ")]
    return len(lines) == 1 and lines[0].startswith(("hansou: ", "interrupted", "terminated"))
