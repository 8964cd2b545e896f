"""How does a folder of documents become a live index? The whole way, on one screen.

    read → repair → describe → analyze → index → publish

Everything after reading may run in several processes, each on its share of the documents; searching
keeps the old generation until `publish`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from indexer.config import Config
from indexer.derived.duplicates import sketched
from indexer.derived.suggest import LEXICON, write_lexicon
from indexer.documents import Document
from indexer.documents.document import PartStart, moved, record_of
from indexer.documents.ledger import NAME as LEDGER
from indexer.documents.ledger import SUMMARY, LedgerRow, LedgerSummary, LedgerWriter, loses_too_much
from indexer.documents.metadata import describe
from indexer.documents.outcomes import Outcome, Skipped
from indexer.documents.sources import check_source, read_sources
from indexer.engine import open_engine
from indexer.engine.fields import Fields, index_fields
from indexer.engine.protocol import Counts, Generation
from indexer.errors import WouldShrink
from indexer.repair import Repair, Rules, load_rules, name_lost, repair_text
from indexer.results.statistics import count
from indexer.results.vocabulary import counted
from indexer.text.analysis import NAME as ANALYSIS
from indexer.text.analysis import Analysis
from indexer.text.analyzer import Analyzer, analyzer_of
from indexer.text.units import Units

# Documents, and characters of theirs, that are worked on together.
_BATCH, _BATCH_CHARACTERS = 256, 1 << 20

_TAKEN = "another document has this id already; give it its own"
_LONG = "its id is longer than 2,000 bytes, which no address can hold; give it a shorter one"
_LONGEST_ID = 2_000  # as an address a byte takes up to three, and 8,000 is what servers accept

Progress = Callable[[int, int], None]
"""Called after each document with how many were read and how many skipped."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did: the generation it made live, and what its ledger comes to."""

    generation: Generation
    ledger: LedgerSummary

    @property
    def skipped(self) -> tuple[LedgerRow, ...]:
        """The first thousand of what could not be read; the ledger has all."""
        return tuple(self.ledger.skipped)

    @property
    def counts(self) -> Counts:
        """Documents, skipped, repaired, seconds."""
        return self.generation.counts


def rebuild(
    config: Config, progress: Progress = lambda indexed, skipped: None, *, allow_shrink: bool = False
) -> Report:
    """Read all sources, index them into a new generation, make it live.

    With several workers the calling program is guarded by `if __name__ == "__main__"`, as
    `multiprocessing` asks. Raises `ConfigError`, `BusyError`, and `WouldShrink` where less than half of
    the documents are left and `allow_shrink` is not said; on any error the generation that was live stays
    live.
    """
    started = time.monotonic()
    for source in config.sources:
        check_source(source.path)
    stages = Stages(config)
    engine = open_engine(config)
    before = engine.documents()
    with LedgerWriter() as ledger, engine.build() as build:
        # Closed, whatever happens, so that no reader outlives what it was reading for.
        with closing(read_sources(config.sources, config.documents)) as found:
            build.write(batches(unique(found, ledger, progress)), stages)
        build.attach(LEDGER, ledger.save)
        build.attach(ANALYSIS, stages.analysis.write)
        build.attach(SUMMARY, ledger.summary.write)
        snapshot = build.snapshot()
        with build.grouping(stages.units):
            build.attach(LEXICON, partial(write_lexicon, counted(snapshot, stages.analyzer)))
        counts = count(snapshot, ledger.summary.outcomes["skipped"], time.monotonic() - started)
        snapshot.close()
        if not allow_shrink:
            require_enough(before, counts.documents, ledger.summary)
        return Report(build.publish(stages.analyzer.fingerprint, counts), ledger.summary)


def require_enough(before: int, after: int, ledger: LedgerSummary) -> None:
    """Raise `WouldShrink` where an archive would be emptied, as by a disk that is not mounted."""
    if not loses_too_much(before, after):
        return
    left_out = f" ({ledger.line()})" if ledger.line() else ""
    found = f"{after:,} documents" if after else "no documents"
    instead = f" where {before:,} are searched now" if before else ""
    raise WouldShrink(
        f"found {found}{left_out}{instead}, so nothing was published; is a path wrong, or a disk missing?"
        " If this is meant, rebuild with --allow-shrink"
    )


def unique(
    found: Iterable[Document | Outcome], ledger: LedgerWriter, progress: Progress
) -> Iterator[Document]:
    """The documents among `found` that can have their id; what became of files goes into `ledger`."""
    ids: set[str] = set()
    for item in found:
        outcome = _refused(item.id, ids) if isinstance(item, Document) else item
        if isinstance(item, Document) and outcome is None:
            ids.add(item.id)
            yield item
        elif outcome is not None:
            ledger.add(outcome)
        progress(len(ids), ledger.summary.outcomes["skipped"])


def _refused(id: str, taken: Collection[str]) -> Skipped | None:
    """Why a document cannot have its id; None where it can."""
    if id in taken:
        return Skipped(id, _TAKEN)
    if len(id.encode("utf-8", "surrogatepass")) > _LONGEST_ID:
        return Skipped(f"{id[:100]}…", _LONG)
    return None


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents in lists, of long ones fewer."""
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) == _BATCH or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class Stages:
    """What happens to a batch of documents between reading and writing. Travels to worker processes."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def __getstate__(self) -> dict[str, Any]:
        # A worker loads its own analyzer and rules, from what was read of the word lists here.
        return {"_config": self._config, "analysis": self.analysis}

    @cached_property
    def analysis(self) -> Analysis:
        """What is configured of the analysis."""
        return Analysis.of(self._config.analysis)

    @cached_property
    def analyzer(self) -> Analyzer:
        """The configured analyzer."""
        return analyzer_of(self.analysis, self._config.index.directory / "cache", bulk=True)

    @cached_property
    def rules(self) -> Rules:
        """The configured furniture rules."""
        return load_rules(self._config.repair.furniture)

    def __call__(self, batch: Iterable[Document]) -> Iterator[Fields]:
        """What is indexed of each document."""
        yield from sketched(index_fields(self.record(document), self.analyzer) for document in batch)

    def units(self, text: str) -> Units:
        """The grams of an indexed text, by which documents are compared."""
        return self.analyzer.gram_units(text)

    def record(self, document: Document) -> dict[str, Any]:
        """Repair and describe one document: the record that is stored.

        A repaired document keeps its `original` text and the `steps` from there.
        """
        repair = self._repair(document.text, document.title or "")
        title = self._repair(document.title, document.text).text.strip() if document.title else None
        described = describe(document._replace(text=repair.text, title=title or None))
        if document.parts:
            described = described._replace(parts=_moved_parts(document.parts, repair, described.text))
        record = record_of(described)
        if repair.damaged:
            record |= {"original": document.text, "steps": [step.to_json() for step in repair.steps]}
        return record

    def _repair(self, text: str, beside: str) -> Repair:
        settings = self._config.repair
        if not settings.enabled:
            return name_lost(text)
        return repair_text(text, rules=self.rules, seconds=settings.seconds, beside=beside)


def _moved_parts(parts: tuple[PartStart, ...], repair: Repair, text: str) -> tuple[PartStart, ...]:
    """Where parts begin in the text that is stored: repaired, and without its head lines."""
    spans = ((step.start, step.end, len(step.after)) for step in repair.steps)
    return moved(parts, spans, max(0, repair.text.find(text)), len(text))
