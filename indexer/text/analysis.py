"""What decides how texts are analyzed? The settings of `[analysis]`, and what is in the files that they name.

An index keeps the value that it was built with, so **whoever opens it analyzes as it was built**, whatever is
configured by then.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.config import AnalysisSettings
from indexer.errors import ConfigError, IndexCorrupt

NAME = "analysis.json"
"""What it is called among the files of an index."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Whether words are guessed, and the texts of the user's dictionary and stop words (empty for none)."""

    hmm: bool = False
    user_dictionary: str = ""
    stop_words: str = ""

    @classmethod
    def of(cls, settings: AnalysisSettings) -> Analysis:
        """Read the files that the settings name. Raises `ConfigError` for one that cannot be read."""
        return cls(
            settings.hmm,
            _read(settings.user_dictionary, "the user dictionary"),
            _read(settings.stop_words, "the stop words"),
        )

    def write(self, path: Path) -> None:
        """Keep it in a file."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Analysis:
        """What `write` wrote. Raises `OSError`, or `IndexCorrupt` for anything else."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise IndexCorrupt(f"{path}: is damaged; run `hansou rollback` or `hansou rebuild`") from error


def _read(path: Path | None, what: str) -> str:
    try:
        return "" if path is None else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {what} cannot be read: {error}") from error
