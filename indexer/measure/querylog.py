"""What was asked of this archive, and how did it fare? One line of JSON for each search, where one is wanted.

Kept is what was typed and how the search went. **Nothing says who asked**: a line is made from the
search's arguments and its result alone. Writing never fails a search.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from indexer.errors import ReadError
from indexer.results.results import ResultPage

Surface = Literal["page", "api"]
FILTERS = ("date_from", "date_to", "source", "collection", "author", "lang", "kind", "near")
_LOGGER = logging.getLogger("hansou.querylog")
# Opening a pipe that nobody reads must fail rather than wait.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One search. `at` is ISO 8601 in UTC to the second, `took_ms` the time inside the searcher.

    `followed` says that nothing was found and the `suggestion` was searched for instead, unasked.
    """

    at: str
    surface: str
    query: str
    mode: str
    sort: str
    page: int
    total: int
    took_ms: float
    suggestion: str | None
    followed: bool
    generation: str
    filters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, result: ResultPage, surface: Surface, arguments: Mapping[str, Any], followed: bool, at: str
    ) -> Self:
        """What is kept of a search; `arguments` are those of `Searcher.search`."""
        return cls(
            at=at,
            surface=surface,
            query=result.query,
            mode=arguments.get("mode", "smart"),
            sort=arguments.get("sort", "relevance"),
            page=result.page,
            total=result.total.value,
            took_ms=result.took_ms,
            suggestion=result.suggestion,
            followed=followed,
            generation=result.generation,
            filters={name: _shown(arguments[name]) for name in FILTERS if arguments.get(name)},
        )

    @classmethod
    def parse(cls, line: str) -> Self:
        """The search of one line. Raises ValueError for anything else."""
        found = json.loads(line)
        if not isinstance(found, dict) or not found.keys() >= {*cls.__slots__}:
            raise ValueError("no search")
        entry = cls(**{name: found[name] for name in cls.__slots__})
        texts = (entry.at, entry.surface, entry.query, entry.mode, entry.suggestion or "", entry.generation)
        numbers = (entry.page, entry.total, entry.took_ms)
        sound = all(isinstance(text, str) for text in texts) and isinstance(entry.filters, dict)
        if not sound or not all(isinstance(number, int | float) for number in numbers):
            raise ValueError("no search")
        return entry


class QueryLog:
    """Appends to the file `path`; with None nothing is kept. May be shared by threads and processes.

    The file is opened for each line, so it can be moved away at any time, and each line is one write at
    its end, so lines of several processes do not mix.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._failing = False

    def note(
        self, result: ResultPage, surface: Surface, arguments: Mapping[str, Any], followed: bool = False
    ) -> None:
        """Keep one search; where that fails, say so once and go on."""
        if self._path is None:
            return
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = LogEntry.of(result, surface, arguments, followed, at)
        line = json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            _append(self._path, line.encode("utf-8", "replace"))
            self._failing = False
        except (OSError, ValueError) as error:
            if not self._failing:
                _LOGGER.warning("the query log cannot be written, searching goes on: %s", error)
            self._failing = True


def _shown(values: str | Sequence[str]) -> str:
    return values if isinstance(values, str) else " | ".join(values)


def _append(path: Path, line: bytes) -> None:
    file = os.open(path, _FLAGS, _OWNER_ONLY)
    try:
        if os.write(file, line) < len(line):
            raise OSError(f"{path}: only a part of a line could be written; is the disk full?")
    finally:
        os.close(file)


def read_log(path: Path, damaged: list[str]) -> Iterator[LogEntry]:
    """The searches in a log, which may end in .gz; places of lines that are none are put into `damaged`.

    Raises `ReadError` for a file that is missing or cannot be read.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield LogEntry.parse(line.decode("utf-8"))
                except ValueError:
                    damaged.append(f"{path}:{number}")
    except FileNotFoundError:
        raise ReadError(
            f"{path}: no such file; it is made by the first search that a server answers"
        ) from None
    except (OSError, EOFError) as error:
        raise ReadError(f"{path}: cannot be read: {error}") from error
