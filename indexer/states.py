"""Which states of an index can be searched, and what is opened of one?

A state says by itself how it was analyzed, so what is configured by now plays no part. **What is opened is
whole, or nothing is**: the caller goes on with what it has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from indexer.config import ALL, Config, Seen
from indexer.derived.suggest import LEXICON, Lexicon
from indexer.engine import open_engine
from indexer.engine.protocol import Engine, Snapshot
from indexer.engine.seen import permitted
from indexer.errors import IndexCorrupt, IndexOutdated, IndexUnusable, is_exhausted
from indexer.query.alternatives import Alternatives
from indexer.query.filters import NAMED, Names
from indexer.query.plan import Plan, Planner
from indexer.query.syntax import Tree
from indexer.recent import Recent
from indexer.results.ranked import Considered
from indexer.results.statistics import own_statistics, statistics
from indexer.results.vocabulary import own_lexicon
from indexer.text.analysis import NAME as ANALYSIS
from indexer.text.analysis import Analysis
from indexer.text.analyzer import Analyzer, analyzer_of, grams, phrase
from indexer.text.normalize import normalize
from indexer.text.vocabulary import Vocabulary, load_vocabulary, synonyms_stamp

Stamp = tuple[int, ...]
"""Changes when the file of synonyms does."""
_MOST_VIEWS, _MOST_PLANS, _MOST_SEARCHES = 64, 64, 8
"""Views of a state that are kept: as many as there are readers who see different things. Of each, plans and
what searches found, which may be all values of a facet."""


@dataclass(frozen=True)
class State:
    """One state, opened, with its figures; `token` stands for everything that determines its answers."""

    snapshot: Snapshot
    analyzer: Analyzer
    planner: Planner
    lexicon: Lexicon
    synonyms_stamp: Stamp
    token: str
    statistics: Mapping[str, Any]
    cache: Path

    @property
    def name(self) -> str:
        """What the engine calls it."""
        return self.snapshot.generation.name

    def within(self, seen: Seen) -> State:
        """This state for who sees these collections and nothing else; itself for who sees all."""
        if seen is None:
            return self
        if seen not in self._views:
            if len(self._views) >= _MOST_VIEWS:
                self._views.clear()
            self._views[seen] = self._view(seen)
        return self._views[seen]

    @cached_property
    def _views(self) -> dict[frozenset[str], State]:
        return {}

    def _view(self, seen: frozenset[str]) -> State:
        snapshot = self.snapshot.within(permitted(seen))
        alternatives = self.planner.alternatives and replace(self.planner.alternatives, index=snapshot)
        documents = snapshot.generation.counts.documents
        token = digest((self.token, sorted(seen)))
        kept = self.cache / f"{token}.lexicon"
        return replace(
            self,
            snapshot=snapshot,
            planner=replace(self.planner, alternatives=alternatives, documents=documents),
            lexicon=Lexicon(partial(own_lexicon, snapshot, self.analyzer, kept)),
            token=token,
            statistics=own_statistics(snapshot),
        )

    @cached_property
    def names(self) -> Names:
        """The sources, collections and authors as documents write them, by their folded form."""
        found: dict[str, dict[str, list[str]]] = {field: {} for field in NAMED}
        for field, named in found.items():
            for name in self.snapshot.values(field):
                named.setdefault(normalize(name), []).append(name)
        return found

    @cached_property
    def plan(self) -> Callable[[Tree | None], Plan]:
        """The plan of a query; those of the last ones are kept, for whoever turns the page."""
        return lru_cache(_MOST_PLANS)(self.planner.plan)

    @cached_property
    def searches(self) -> Recent[Hashable, Considered]:
        """What the last searches found, for whoever turns the page."""
        return Recent(_MOST_SEARCHES)

    def frequency(self, gram: str) -> int:
        """How many documents hold a folded gram."""
        return self.frequencies([gram])[0]

    def frequencies(self, grams: Sequence[str]) -> list[int]:
        """The same of several; asked for at once they take a fraction of the time, and are remembered."""
        return self.snapshot.frequencies("grams", grams)

    def holds(self, folded: str) -> bool:
        """Whether some document has a folded text as it stands."""
        return self.snapshot.hold("grams", [phrase(grams(folded))])[0]


def digest(of: object) -> str:
    """A short name for what can be written down."""
    return hashlib.sha256(repr(of).encode("utf-8", "backslashreplace")).hexdigest()[:20]


class States:
    """Opens the states of a configured index. State: the analyzer that was used last."""

    def __init__(self, config: Config) -> None:
        self._config, self._ranking = config, config.ranking
        self._engine: Engine = open_engine(replace(config, seen=ALL))
        self._analyzer: tuple[Analysis, Analyzer] | None = None

    def current(self) -> tuple[str, Stamp]:
        """The name of the live state, and the stamp of the synonyms; cheap. Raises `IndexUnusable`."""
        return self._engine.live(), synonyms_stamp(self._config.search.synonyms)

    def live(self) -> State:
        """The live state. Raises `IndexUnusable`, or `ConfigError` for broken synonyms."""
        while True:
            snapshot = self._engine.open(ranking=self._ranking)
            try:
                return self._read(snapshot)
            except (OSError, IndexCorrupt) as error:
                # Pruned meanwhile: another is live.
                if self._engine.live() != snapshot.generation.name:
                    continue
                if isinstance(error, OSError) and not is_exhausted(error):
                    raise IndexCorrupt(f"the index cannot be read ({error}); run `hansou rebuild`") from error
                raise

    def before_live(self) -> State | None:
        """The newest state before the live one that can be opened; of all, where none is known to be live."""
        try:
            return self.before(self._engine.live())
        except IndexUnusable:
            return self.before("")

    def before(self, name: str) -> State | None:
        """The newest state before the one called `name` that can be opened; of all, where that is gone."""
        names = [*self._engine.names()]
        for earlier in reversed(names[: names.index(name)] if name in names else names):
            with suppress(IndexUnusable, OSError):
                return self._read(self._engine.open(ranking=self._ranking, name=earlier))
        return None

    def _read(self, snapshot: Snapshot) -> State:
        stamp = synonyms_stamp(self._config.search.synonyms)
        vocabulary = load_vocabulary(self._config.search.synonyms)
        analyzer = self._analyzer_of(snapshot)
        alternatives = Alternatives(vocabulary, snapshot)
        planner = Planner(analyzer, alternatives, snapshot.generation.counts.documents, self._ranking)
        lexicon = Lexicon.open(snapshot.attachment(LEXICON))
        token = self._token(snapshot.generation.name, analyzer, vocabulary)
        cache = self._config.index.directory / "cache"
        state = State(snapshot, analyzer, planner, lexicon, stamp, token, statistics(snapshot), cache)
        return state.within(self._config.seen)

    def _analyzer_of(self, snapshot: Snapshot) -> Analyzer:
        """The analyzer that a state was built with, and that queries are to be analyzed by."""
        analysis = Analysis.read(snapshot.attachment(ANALYSIS))
        if self._analyzer is None or self._analyzer[0] != analysis:
            self._analyzer = analysis, analyzer_of(analysis, self._config.index.directory / "cache")
        analyzer = self._analyzer[1]
        if analyzer.fingerprint != snapshot.generation.fingerprint:
            name = snapshot.generation.name
            raise IndexOutdated(f"{name}: analyzed as another release does; run `hansou rebuild`")
        return analyzer

    def _token(self, generation: str, analyzer: Analyzer, vocabulary: Vocabulary) -> str:
        search = self._config.search
        settings = analyzer.fingerprint, search.page_size, search.deadline_s, self._ranking
        return digest((generation, vocabulary.fingerprint, *settings))
