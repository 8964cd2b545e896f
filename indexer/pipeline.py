"""How does a folder of documents become a live index? The whole way, on one screen.

    read → repair → describe → analyze → index → publish

Everything after reading may run in several processes, each on its share of the documents; searching
keeps the old generation until `publish`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

from indexer.config import Config
from indexer.derived.duplicates import sketched
from indexer.derived.suggest import LEXICON, write_lexicon
from indexer.documents import Document
from indexer.documents.catalog import NAME as CATALOG
from indexer.documents.catalog import Catalog
from indexer.documents.comparing import kept_files
from indexer.documents.document import PartStart, moved, record_of, record_renamed
from indexer.documents.intake import Changes, Intake, Progress
from indexer.documents.ledger import NAME as LEDGER
from indexer.documents.ledger import SUMMARY, LedgerRow, LedgerSummary, LedgerWriter, require_enough
from indexer.documents.metadata import describe
from indexer.documents.moving import Records, known_instead
from indexer.documents.readers import read_by
from indexer.documents.sources import check_sources, list_sources, read_listed, require_filled
from indexer.engine import open_engine
from indexer.engine.fields import Fields, Record, index_fields
from indexer.engine.protocol import Build, Counts, Engine, Generation, Snapshot
from indexer.errors import (
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    IndexUnreachable,
    IndexUnusable,
)
from indexer.repair import Repair, Rules, load_rules, name_lost, repair_text
from indexer.results.statistics import count
from indexer.results.vocabulary import counted
from indexer.text.analysis import NAME as ANALYSIS
from indexer.text.analysis import Analysis
from indexer.text.analyzer import Analyzer, analyzer_of
from indexer.text.units import Units

# Documents, and characters of theirs, that are worked on together.
_BATCH, _BATCH_CHARACTERS = 256, 1 << 20


@dataclass(frozen=True, slots=True)
class Report:
    """What was done: the generation that is live, what its ledger comes to, how many documents changed.

    `anew` says why an update made everything anew; None where it did not.
    """

    generation: Generation
    ledger: LedgerSummary
    changes: Changes
    anew: str | None = None

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
    the documents, or nothing of a source, is left and `allow_shrink` is not said; on any error the generation
    that was live stays live.
    """
    started = time.monotonic()
    stages, engine = begun(config)
    with ExitStack() as stack:
        ledger, catalog = stack.enter_context(LedgerWriter()), stack.enter_context(Catalog())
        build = stack.enter_context(engine.build())
        before = catalog_of(engine, stack)
        require = partial(require_filled, () if allow_shrink else config.sources, before)
        require()
        intake = Intake(catalog, ledger, progress, now(), before)
        # Closed, whatever happens, so that no reader outlives what it was reading for.
        files = list_sources(config.sources, config.documents)
        with closing(read_listed(files, config.documents)) as found:
            build.write(batches(intake.documents(found)), stages)
        require()  # a disk may have gone while it was read
        return published(build, intake, stages, engine.documents(), allow_shrink, started)


def update(
    config: Config,
    progress: Progress = lambda indexed, skipped: None,
    *,
    allow_shrink: bool = False,
    verify: bool = False,
    merge: bool = True,
) -> Report:
    """Bring the live generation to what the sources hold now, in a new one: what a rebuild gives, but sooner.

    Files that have not changed are not read, by size and time or, with `verify`, by content. Where everything
    is to be made anew, that is done, and the report says why. Without any change no generation is made.
    Raises what `rebuild` raises.
    """
    try:
        return _updated(config, progress, allow_shrink, verify, merge)
    except IndexUnreachable:
        raise
    except IndexMissing:
        reason = "there is no index yet"
    except IndexUnusable as error:
        # Also where damage is met on the way: what is made anew reads nothing of it.
        reason = str(error)
    return replace(rebuild(config, progress, allow_shrink=allow_shrink), anew=reason)


def _updated(config: Config, progress: Progress, allow_shrink: bool, verify: bool, merge: bool) -> Report:
    """See `update`; raises `IndexUnusable` where everything is to be made anew."""
    started = time.monotonic()
    stages, engine = begun(config)
    with ExitStack() as stack:
        build = stack.enter_context(engine.build(from_live=True))
        known = catalog_of(engine, stack)
        if known is None:
            raise IndexCorrupt("what is known of the documents of the live index cannot be read")
        if known.made_by() != stages.made_by:
            raise IndexOutdated(
                "documents are read, repaired or analyzed otherwise than when the index was built"
            )
        require = partial(require_filled, () if allow_shrink else config.sources, known)
        require()
        files, unread = kept_files(known, list_sources(config.sources, config.documents), verify)
        if len(unread) == len(files) == known.count():
            return _as_it_was(engine, Changes(unchanged=engine.documents()))
        ledger, catalog = stack.enter_context(LedgerWriter()), stack.enter_context(known.copy())
        instead = known_instead(catalog, files, unread, _live_records(engine, stack))
        intake = Intake(catalog, ledger, progress, now(), catalog, unread)
        with closing(read_listed(files, config.documents, instead)) as found:
            build.write(batches(intake.documents(found)), stages)
        require()  # as above
        build.delete(intake.leaving())
        if merge:
            build.merge()
        return published(build, intake, stages, engine.documents(), allow_shrink, started)


def merge(config: Config) -> Report:
    """Put all pieces of the live generation together, as a new one: the same answers, in less time and room.

    Raises `IndexUnusable`, `BusyError`. Where there is nothing to be put together no generation is made.
    """
    engine = open_engine(config)
    with engine.build(from_live=True) as build:
        if not build.merge(whole=True):
            return _as_it_was(engine, Changes(unchanged=engine.documents()))
        stages = Stages(config)
        live = engine.open(stages.analyzer.fingerprint)
        for name in (LEDGER, ANALYSIS, SUMMARY, CATALOG, LEXICON):
            build.attach(name, partial(shutil.copyfile, live.attachment(name)))
        with build.grouping(stages.units):
            generation, ledger = live.generation, LedgerSummary.read(live.attachment(SUMMARY))
        live.close()
        published = build.publish(generation.fingerprint, generation.counts)
        return Report(published, ledger, Changes(unchanged=generation.counts.documents))


def begun(config: Config) -> tuple[Stages, Engine]:
    """What makes documents, and where they go, once all sources are there. Raises `ConfigError`."""
    check_sources(config.sources, config.index.directory)
    stages = Stages(config)
    stages.rules  # noqa: B018  # raises what is wrong with them, before anything is read or written
    return stages, open_engine(config)


def _as_it_was(engine: Engine, changes: Changes) -> Report:
    """The report where nothing is to be done."""
    live = engine.open()
    try:
        return Report(live.generation, LedgerSummary.read(live.attachment(SUMMARY)), changes)
    finally:
        live.close()


def _live_records(engine: Engine, stack: ExitStack) -> Records:
    """The records of documents of the live state, which is opened when the first are asked for."""
    opened: list[Snapshot] = []

    def records(ids: Sequence[str]) -> Iterable[Record]:
        if not opened:
            opened.append(engine.open())
            stack.callback(opened[0].close)
        numbers = (opened[0].number(id) for id in ids)
        return opened[0].records([number for number in numbers if number is not None])

    return records


def catalog_of(engine: Engine, stack: ExitStack) -> Catalog | None:
    """The catalog of the live state, to be read; None where there is none that can be."""
    try:
        live = engine.open()
        stack.callback(live.close)
        return stack.enter_context(Catalog.read(live.attachment(CATALOG)))
    except (IndexUnusable, OSError):
        return None


def now() -> str:
    """The time, in ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def published(
    build: Build, intake: Intake, stages: Stages, before: int, allow_shrink: bool, started: float
) -> Report:
    """Add to what was written what is read off it, and make it live, unless it is too little."""
    ledger, catalog = intake.ledger, intake.catalog
    catalog.make_by(stages.made_by)
    build.attach(LEDGER, ledger.save)
    build.attach(ANALYSIS, stages.analysis.write)
    build.attach(SUMMARY, ledger.summary.write)
    build.attach(CATALOG, catalog.save)
    snapshot = build.snapshot()
    with build.grouping(stages.units):
        build.attach(LEXICON, partial(write_lexicon, counted(snapshot, stages.analyzer)))
    counts = count(snapshot, ledger.summary.outcomes["skipped"], time.monotonic() - started)
    snapshot.close()
    if not allow_shrink:
        require_enough(before, counts.documents, ledger.summary)
    return Report(build.publish(stages.analyzer.fingerprint, counts), ledger.summary, intake.changes)


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
        # A worker loads its own analyzer and rules, from what was read of the word lists here. The dictionary
        # is compiled by now: all of them would do it, at the same time.
        self.analyzer  # noqa: B018
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

    @property
    def made_by(self) -> str:
        """What stands for how documents are made: with another one none of them may be as it was."""
        repair = self._config.repair
        rules = repair.furniture.read_bytes() if repair.furniture is not None else b""
        found = version("hansou"), self.analyzer.fingerprint, repair.enabled, repair.seconds, rules, read_by()
        return blake2b(repr(found).encode(), digest_size=16).hexdigest()

    def __call__(self, batch: Iterable[Document]) -> Iterator[Fields]:
        """What is indexed of each document."""
        yield from sketched(index_fields(self.record(document), self.analyzer) for document in batch)

    def units(self, text: str) -> Units:
        """The grams of an indexed text, by which documents are compared."""
        return self.analyzer.gram_units(text)

    def record(self, document: Document) -> dict[str, Any]:
        """Repair and describe one document: the record that is stored.

        A repaired document keeps its `original` text and the `steps` from there. What was made of a document
        that has only another name is as it was.
        """
        if document.former is not None:
            return record_renamed(document, document.former)
        repaired, repair = document, self._repair(document.text, document.title or "")
        title = self._repair(document.title, document.text).text.strip() if document.title else None
        if repair.damaged or title != document.title:
            repaired = document._replace(text=repair.text, title=title or None)
        described = describe(repaired)
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
