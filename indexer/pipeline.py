"""How does a folder of documents become a live index? The whole way, on one screen.

    read → repair → describe → index → publish

Each document passes the stages one by one; searching keeps the old generation until `publish`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from indexer import generations, store
from indexer.analyzer import load_analyzer
from indexer.config import Config
from indexer.documents import Document
from indexer.generations import Counts, Generation
from indexer.metadata import describe
from indexer.readers import Skipped, read_source
from indexer.repair import Repair, Rules, load_rules, repair_text
from indexer.schema import make_schema


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did: the generation it made live, and what was left out with the reason."""

    generation: Generation
    skipped: tuple[Skipped, ...]

    @property
    def counts(self) -> Counts:
        """Documents, skipped, repaired, seconds."""
        return self.generation.counts


Progress = Callable[[int, int], None]
"""Called after each document with how many were indexed and how many skipped."""


def rebuild(config: Config, progress: Progress = lambda indexed, skipped: None) -> Report:
    """Read all sources, index them into a new generation, make it live.

    Raises `ConfigError`, `BusyError`; on any error the generation that was live stays live.
    """
    started = time.monotonic()
    analyzer = load_analyzer(config)
    rules = load_rules(config.repair.furniture)
    tally = _Tally()
    with generations.build(config.index) as path:
        with store.write(path, make_schema(analyzer), config.index) as writer:
            for document in tally.new_documents(read_all(config)):
                record = prepare(document, config, rules)
                writer.add(record)
                tally.count(record)
                progress(tally.documents, len(tally.skipped))
        counts = tally.counts(round(time.monotonic() - started, 3))
        generation = generations.publish(config.index, path, analyzer.fingerprint, counts)
    return Report(generation, tuple(tally.skipped))


def read_all(config: Config) -> Iterator[Document | Skipped]:
    """The documents of all sources, in their order."""
    for source in config.sources:
        yield from read_source(source.path)


def prepare(document: Document, config: Config, rules: Rules | None = None) -> dict[str, Any]:
    """Repair and describe one document: the record that is stored, and whose fields are indexed.

    A repaired document keeps its `original` text and the `steps` from there.
    """
    repair = _repair(document.text, config, rules)
    title = document.title and _repair(document.title, config, rules).text.strip()
    described = describe(replace(document, text=repair.text, title=title or None))
    record = asdict(described)
    del record["plain"]
    if repair.damaged:
        record |= {"original": document.text, "steps": [step.to_json() for step in repair.steps]}
    return record


def _repair(text: str, config: Config, rules: Rules | None) -> Repair:
    if not config.repair.enabled:
        return Repair(text, ())
    return repair_text(text, rules=rules, seconds=config.repair.seconds)


class _Tally:
    """What has been seen so far."""

    def __init__(self) -> None:
        self.documents = 0
        self.repaired = 0
        self.skipped: list[Skipped] = []
        self._ids: set[str] = set()
        self._repairs: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._langs: Counter[str] = Counter()

    def new_documents(self, found: Iterator[Document | Skipped]) -> Iterator[Document]:
        """The documents among `found` whose id is new; the rest is noted."""
        for item in found:
            if isinstance(item, Skipped):
                self.skipped.append(item)
            elif item.id in self._ids:
                self.skipped.append(Skipped(item.id, "another document has this id already; give it its own"))
            else:
                self._ids.add(item.id)
                yield item

    def count(self, record: Mapping[str, Any]) -> None:
        """Count one indexed record."""
        self.documents += 1
        self.repaired += "steps" in record
        self._repairs.update(step["kind"] for step in record.get("steps", ()))
        self._sources.update(filter(None, [record["source"]]))
        self._langs.update(filter(None, [record["lang"]]))

    def counts(self, seconds: float) -> Counts:
        """The figures for the manifest."""
        return Counts(
            documents=self.documents,
            skipped=len(self.skipped),
            repaired=self.repaired,
            seconds=seconds,
            repairs=dict(self._repairs),
            sources=dict(self._sources.most_common(50)),
            langs=dict(self._langs),
        )
