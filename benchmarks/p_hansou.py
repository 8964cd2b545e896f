"""How does a harness that drives several engines drive Hansou?

`PEERS` maps a name to a class with `build(docs, path)`, `open(path)`, `search(q, k)` and `phrase(q, k)`;
`docs` are mappings with `id`, `text` and optionally `title`, results are ids, best first. Building is
`hansou rebuild` in a process of its own: repair, analysis, index, near-duplicates, lexicon, publication.
`HANSOU_INDEX_WORKERS` sets the number of processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from indexer import Config, Searcher
from indexer.config import IndexSettings

PROGRAM = "from indexer.cli import main; main()"
ENCODER = json.JSONEncoder(ensure_ascii=False)


class Hansou:
    """The whole service without its web server, as configured by default."""

    search_and = None

    def _config(self, path: str) -> Config:
        return Config(index=IndexSettings(directory=Path(path)))

    def build(self, docs: Iterable[Mapping[str, Any]], path: str) -> dict[str, float]:
        """Build an index in the directory `path`; `prep_s` is the time it took to write `docs` to a file."""
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            source, settings = Path(folder, "docs.jsonl"), Path(folder, "config.toml")
            with source.open("w", encoding="utf-8") as lines:
                lines.writelines(f"{ENCODER.encode(document)}\n" for document in docs)
            written = time.perf_counter() - started
            index = f"[index]\ndirectory = {json.dumps(str(Path(path).absolute()))}"
            settings.write_text(f"{index}\n[[source]]\npath = {json.dumps(str(source))}\n", encoding="utf-8")
            subprocess.run(
                [sys.executable, "-c", PROGRAM, "--config", settings, "rebuild", "--quiet"], check=True
            )
        return {"prep_s": written}

    def open(self, path: str) -> None:
        """Open the index."""
        self.searcher = Searcher.open(self._config(path))

    def search(self, q: str, k: int) -> list[str]:
        """The best `k` for a query as a reader types it."""
        return self.searcher.rank(q, k)

    def phrase(self, q: str, k: int) -> list[str]:
        """The best `k` that hold the exact string."""
        return self.searcher.rank(f'"{q}"', k)

    def close(self) -> None:
        """Close the index."""
        if hasattr(self, "searcher"):
            self.searcher.close()


PEERS = {"hansou": Hansou}
