"""An engine in plain Python: what `indexer.engine.protocol` promises, by its words and as slowly as it likes.

The others are held against it. It keeps its states in memory and its attachments in a directory.
"""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from indexer.config import RankingSettings
from indexer.derived.chains import GAP, STRIP, WEIGHT, units_of
from indexer.derived.duplicates import LEAST, grams
from indexer.derived.duplicates.grouping import share
from indexer.derived.duplicates.sketches import SHORTEST
from indexer.documents import Document
from indexer.engine.answers import Account, Chain, Found, Part, Standing
from indexer.engine.fields import FIELDS, Fields, Record, indexed_text, is_scored
from indexer.engine.protocol import Counts, Generation, Prepare, Sort
from indexer.engine.shares import Agreement, Nearness, Share
from indexer.errors import (
    BusyError,
    DeadlineExceeded,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    NotPermitted,
)
from indexer.query import nodes
from indexer.query.nodes import Node
from indexer.query.ranking import LENGTHS, RANKING, inverse_frequency
from indexer.text.analysis import NAME as ANALYSIS
from indexer.text.analyzer import Pieces
from indexer.text.units import STOP, Units, content, unstopped

Scores = dict[int, float]


@dataclass
class Entry:
    """One document: its values, and of each field every term with its positions (0 where none are kept)."""

    record: Record
    values: Mapping[str, str | int]
    terms: Mapping[str, Mapping[str, list[int]]]

    def length(self, name: str) -> int:
        """How many terms a field counts as having: as many as one byte can say."""
        return max(length for length in LENGTHS if length <= self.exact_length(name))

    def exact_length(self, name: str) -> int:
        """How many terms a field has, ends of sentences not counted."""
        return self._lengths.get(name, 0)

    @cached_property
    def _lengths(self) -> Mapping[str, int]:
        return {
            name: sum(len(places) for term, places in terms.items() if term != STOP)
            for name, terms in self.terms.items()
        }


def entry_of(fields: Fields) -> Entry:
    """A document as it is indexed."""
    terms: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    values: dict[str, str | int] = {}
    for name, value in fields.items():
        kind = FIELDS[name]
        if value is None or kind == "record":
            continue
        if isinstance(value, Pieces):
            for term in value.texts():
                if value.counts is None or value.counts(term):
                    terms[name][term].append(0)
        elif isinstance(value, tuple):
            for term, position in standing(value):
                terms[name][term].append(position)
        elif isinstance(value, str | int):
            values[name] = value
            if isinstance(value, str):
                terms[name][value].append(0)
    record = fields["stored"]
    assert isinstance(record, Mapping)
    return Entry(record, values, terms)


def standing(units: Units) -> Iterator[tuple[str, int]]:
    """The terms of units, each with its position."""
    text, spans = units
    at = 0
    for start, end in zip(spans[::2], spans[1::2], strict=True):
        unit = text[start >> 1 : end]
        if not start & 1:
            yield unit, at
            at += 1
            continue
        yield from zip(unit, itertools.count(at))
        yield from zip(map("".join, itertools.pairwise(unit)), itertools.count(at))
        at += len(unit)


@dataclass(repr=False)
class State:
    """One state: its documents in the order of their ids, the leader of each, its attachments."""

    generation: Generation
    entries: list[Entry] = field(default_factory=list, repr=False)
    leaders: list[int] = field(default_factory=list, repr=False)
    attachments: dict[str, Path] = field(default_factory=dict)


@dataclass
class ReferenceSnapshot:
    """See `Snapshot`."""

    state: State
    ranking: RankingSettings = RANKING

    @property
    def generation(self) -> Generation:
        """Which state it is."""
        return self.state.generation

    @property
    def entries(self) -> list[Entry]:
        """All documents."""
        return self.state.entries

    def search(
        self,
        query: Node,
        *,
        limit: int,
        only: Node | None = None,
        sort: Sort = "relevance",
        facets: Sequence[str] = (),
        copies: bool = False,
        again: Sequence[Share] = (),
        seconds: float | None = None,
    ) -> Found:
        """Everything scored, then sorted."""
        if seconds is not None and seconds < 0:
            raise DeadlineExceeded("too late")
        scores = self.scores(query)
        if only is not None:
            allowed = self.scores(only)
            scores = {number: score for number, score in scores.items() if number in allowed}
        best = sorted(scores, key=lambda number: (-scores[number], number))
        if sort != "relevance":
            best = sorted(scores, key=lambda number: (self._place(number, sort), number))
            scores = dict.fromkeys(scores, 0.0)
        counts = {
            name: dict(Counter(value for n in scores if (value := self.entries[n].values.get(name))))
            for name in facets
        }
        led = Counter(self.state.leaders[number] for number in scores) if copies else {}
        return Found(
            best[:limit],
            [scores[number] for number in best[:limit]],
            len(best),
            True,
            counts,
            [self.state.leaders[number] for number in best[:limit]],
            {leader: count for leader, count in led.items() if count > 1},
        )

    def every(
        self, query: Node, *, only: Node | None = None, sort: Sort = "id", seconds: float | None = None
    ) -> Iterator[Found]:
        """Three at a time."""
        found = self.search(query, limit=len(self.entries), only=only, sort=sort, seconds=seconds)
        for start in range(0, len(found.documents), 3):
            here = slice(start, start + 3)
            lists = found.documents[here], found.scores[here], found.leaders[here]
            yield replace(found, documents=lists[0], scores=lists[1], leaders=lists[2])

    def standing(
        self,
        field: str,
        sequences: Sequence[Sequence[str]],
        *,
        only: Node | None = None,
        sort: Sort = "id",
        seconds: float | None = None,
    ) -> Standing:
        """Position by position."""
        allowed = self.search(only or nodes.Everything(), limit=len(self.entries), sort=sort, seconds=seconds)
        times = {
            number: sum(
                all(at + step in self._positions(field, term, number) for step, term in enumerate(terms))
                for terms in sequences
                for at in self._positions(field, terms[0], number)
            )
            for number in allowed.documents
        }
        held = {number: count for number, count in times.items() if count}
        return Standing([*held], [*held.values()])

    def numbers(self, field: str, documents: Sequence[int]) -> list[int]:
        """As they are."""
        return [int(self.entries[number].values.get(field, 0)) for number in documents]

    def volumes(self, by: str, only: Node | None = None) -> Mapping[str | int, int]:
        """By the positions there are."""
        sizes: Counter[str | int] = Counter()
        for number in self.scores(only or nodes.Everything()):
            places = self.entries[number].terms.get("grams", {})
            taken = {at for term, own in places.items() if term != STOP for at in own}
            if value := self.entries[number].values.get(by):
                sizes[value] += len(taken)
        return sizes

    def _place(self, number: int, sort: Sort) -> tuple[bool | int, int | str]:
        if sort == "id":
            return False, 0
        if sort == "added_desc":
            values = self.entries[number].values
            return -int(values.get("added", 0)), -int(values.get("day", 0))
        found = self.entries[number].values.get(sort if sort in ("title", "source") else "day", 0)
        return not found, -int(found) if sort == "date_desc" else found

    def holding(self, name: str, term: str | nodes.Pattern) -> dict[int, int]:
        """Documents that hold a term, or any of a pattern's, and how often."""
        if isinstance(term, str):
            return {
                n: len(e.terms[name][term])
                for n, e in enumerate(self.entries)
                if term in e.terms.get(name, {})
            }
        found = {n: len(self._positions(name, term, n)) for n in range(len(self.entries))}
        return {number: count for number, count in found.items() if count}

    def _positions(self, name: str, term: str | nodes.Pattern, number: int) -> list[int]:
        own = self.entries[number].terms.get(name, {})
        if isinstance(term, str):
            return own.get(term, [])
        return [at for each, places in own.items() if _fits(name, each, term) for at in places]

    def documents_of(self, name: str, term: str | nodes.Pattern) -> int:
        """How many documents hold a term; of a pattern the sum over its terms."""
        if isinstance(term, str):
            return len(self.holding(name, term))
        terms = {each for e in self.entries for each in e.terms.get(name, {}) if _fits(name, each, term)}
        return sum(len(self.holding(name, each)) for each in terms)

    def parts(self, name: str, term: str | nodes.Pattern, weight: float) -> dict[int, Part]:
        """What a term gives to each document that holds it."""
        documents, shown = self.documents_of(name, term), str(term)
        idf = inverse_frequency(documents, len(self.entries)) if is_scored(name) else 1.0
        average = sum(entry.exact_length(name) for entry in self.entries) / (len(self.entries) or 1) or 1.0
        k1, b, beta, found = self.ranking.k1, self.ranking.b, self.ranking.beta, {}
        for number, tf in self.holding(name, term).items():
            norm = k1 * (1 - b + b * (self.entries[number].length(name) / average) ** beta)
            factor = tf * (k1 + 1) / (tf + norm) if is_scored(name) else 1.0
            found[number] = Part(name, shown, tf, documents, idf, weight, weight * idf * factor)
        return found

    def accounts(self, node: Node) -> dict[int, list[Part]]:
        """The documents of a node, and what makes up the score of each."""
        match node:
            case nodes.Term(name, text, weight):
                return {number: [part] for number, part in self.parts(name, text, weight).items()}
            case nodes.Sequence(name, terms, weight):
                places = tuple(map(nodes.Place, terms))
                return self._in_order(nodes.Spaced(name, places, weight), apart=False)
            case nodes.Spaced():
                return self._in_order(node, apart=True)
            case nodes.Bag():
                return united(map(self.accounts, node.terms))
            case nodes.AnyOf(several):
                return united(map(self.accounts, several))
            case nodes.AllOf(several):
                parts = [self.accounts(each) for each in several]
                return {n: own for n, own in united(parts).items() if all(n in each for each in parts)}
            case nodes.BestOf(several):
                return self._best_of(several)
            case nodes.Maybe(wanted, more):
                first, second = self.accounts(wanted), self.accounts(more)
                return {number: [*own, *second.get(number, [])] for number, own in first.items()}
            case nodes.Without(wanted, unwanted):
                out = self.accounts(unwanted)
                return {n: own for n, own in self.accounts(wanted).items() if n not in out}
            case nodes.Everything():
                part = Part("", str(node), 0, len(self.entries), 1.0, 1.0, 1.0)
                return {number: [part] for number in range(len(self.entries))}
            case nodes.Nothing():
                return {}
        return {number: [] for number in range(len(self.entries)) if self._passes(node, number)}

    def _in_order(self, node: nodes.Spaced, apart: bool) -> dict[int, list[Part]]:
        several = [self.parts(node.field, place.term, node.weight) for place in node.places]
        words = tuple(str(place.term) for place in node.places)
        found = {}
        for number in set.intersection(*map(set, several)):
            ends = {*self._positions(node.field, node.places[0].term, number)}
            for place in node.places[1:]:
                spots = self._positions(node.field, place.term, number)
                stops = self._positions(node.field, node.stop, number) if node.stop else []
                ends = {
                    at
                    for at in spots
                    for end in ends
                    if place.least <= at - end <= place.most and not any(end < stop < at for stop in stops)
                }
            if ends:
                own = [each[number] for each in several]
                found[number] = (
                    [replace(p, sequence=words, apart=apart) for p in own] if len(words) > 1 else own
                )
        return found

    def _best_of(self, several: Sequence[Node]) -> dict[int, list[Part]]:
        best: dict[int, list[Part]] = {}
        for choice, node in enumerate(several):
            for number, own in self.accounts(node).items():
                if number not in best or total(own) > total(best[number]):
                    best[number] = [replace(part, choice=choice) for part in own]
        return {number: own if total(own) > 0 else [] for number, own in best.items()}

    def _passes(self, node: Node, number: int) -> bool:
        entry = self.entries[number]
        match node:
            case nodes.Enough(_, _, least, _):
                return self.held(node)[number] >= least and self.held(node)[number] > 0
            case nodes.Between(name, low, high):
                return low <= int(entry.values.get(name, 0)) <= high
            case nodes.Present(name):
                return bool(entry.terms.get(name))
            case nodes.Alike(name):
                wanted = self.number(name)
                return wanted is not None and self.state.leaders[wanted] == self.state.leaders[number]
        raise TypeError(f"{node!r}: no node")

    def held(self, node: nodes.Enough) -> list[float]:
        """What share of a node's terms each document holds."""
        idf = {
            term: inverse_frequency(self.documents_of(node.field, term), len(self.entries))
            for term in node.terms
        }
        known = {
            term: idf[term] * count for term, count in node.terms.items() if self.holding(node.field, term)
        }
        whole = sum(known.values()) or 1.0
        sums = [sum(w for t, w in known.items() if t in e.terms.get(node.field, {})) for e in self.entries]
        for terms, count in node.others.items():
            weight = sum(
                inverse_frequency(self.documents_of(node.field, term), len(self.entries)) * count
                for term in terms
            )
            for number in self.accounts(nodes.Spaced(node.field, tuple(map(nodes.Place, terms)))):
                sums[number] += weight
        return [each / whole for each in sums]

    def _idf(self, name: str, term: str) -> float:
        return inverse_frequency(self.documents_of(name, term), len(self.entries))

    def scores(self, node: Node) -> Scores:
        """The documents of a node with their scores."""
        return {number: total(parts) for number, parts in self.accounts(node).items()}

    def explain(self, query: Node, documents: Sequence[int]) -> list[Account]:
        """The parts themselves."""
        accounts = self.accounts(query)
        enough = query.node if isinstance(query, nodes.Maybe) else query
        held = self.held(enough) if isinstance(enough, nodes.Enough) else None
        return [
            Account(tuple(accounts[number]), None if held is None else min(held[number], 1.0))
            if number in accounts
            else Account()
            for number in documents
        ]

    def shares(self, asked: Sequence[Share], documents: Sequence[int]) -> list[list[float]]:
        """One by one."""
        told = {True: self._near, False: self._agreeing}
        return [[told[isinstance(share, Nearness)](share, number) for number in documents] for share in asked]

    def _weights(self, share: Share) -> tuple[dict[str, float], float]:
        counts = {**share.others, **share.terms}
        weights = {term: self._idf(share.field, term) * count for term, count in counts.items()}
        whole = sum(weights[term] for term in share.terms if self.holding(share.field, term))
        return weights, whole or 1.0

    def _near(self, share: Nearness, number: int) -> float:
        """Every window tried."""
        weights, whole = self._weights(share)
        spots = [(at, term) for term in weights for at in self._positions(share.field, term, number)]
        windows = ({term for at, term in spots if start <= at <= start + share.width} for start, _ in spots)
        return min(max((sum(map(weights.__getitem__, each)) for each in windows), default=0.0) / whole, 1.0)

    def _agreeing(self, share: Agreement, number: int) -> float:
        """Term by term."""
        weights, whole = self._weights(share)
        entry = self.entries[number]
        own = entry.terms.get(share.part, {})
        held = sum(weights[term] for term in weights if term in own)
        times = sum(len(own.get(term, ())) for term in weights)
        return min(held / whole, 1.0) * (min(times / entry.length(share.part), 1.0) if own else 0.0)

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """Counted."""
        return [len(self.holding(field, term)) for term in terms]

    def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
        """Looked for."""
        places = (tuple(map(nodes.Place, terms)) for terms in sequences)
        return [bool(self.accounts(nodes.Spaced(field, each))) for each in places]

    def totals(self, field: str, terms: Sequence[str]) -> tuple[list[int], int]:
        """All positions counted."""
        counts = [sum(len(e.terms.get(field, {}).get(term, ())) for e in self.entries) for term in terms]
        return counts, sum(entry.exact_length(field) for entry in self.entries)

    def chains(
        self,
        field: str,
        terms: Sequence[str],
        *,
        limit: int,
        most: int,
        only: Node | None = None,
        seconds: float | None = None,
    ) -> list[Chain]:
        """Every occurrence of every term, those of a strip in the order of their places."""
        if seconds is not None and seconds < 0:
            raise DeadlineExceeded("too late")
        allowed = range(len(self.entries)) if only is None else sorted(self.scores(only))
        weights = [units_of(self._idf(field, term)) if term else 0 for term in terms]
        found = []
        for number in allowed:
            strips: dict[int, list[tuple[int, int]]] = defaultdict(list)
            for place, term in enumerate(terms):
                for at in self._positions(field, term, number) if term else ():
                    strips[(at - place) // STRIP].append((place, at))
            for spots in strips.values():
                for chain in split_at_gaps(sorted(spots)):
                    (first, start), (last, end) = chain[0], chain[-1]
                    weight = sum(weights[place] for place in {place for place, _ in chain})
                    if last > first:
                        found.append(Chain(number, (first, last), (start, end), weight / WEIGHT))
        return sorted(found, key=lambda c: (-c.weight, c.document, c.places[0], c.positions[0]))[:limit]

    def number(self, document_id: str) -> int | None:
        """Looked for."""
        return next((n for n, e in enumerate(self.entries) if e.record["id"] == document_id), None)

    def ids(self, documents: Sequence[int]) -> list[str]:
        """As they are."""
        return [self.entries[number].record["id"] for number in documents]

    def records(self, documents: Sequence[int]) -> list[Record]:
        """As they are."""
        return [self.entries[number].record for number in documents]

    def scan(self) -> Iterator[Record]:
        """As they are."""
        return iter([entry.record for entry in self.entries])

    def values(self, field: str) -> Mapping[str, int]:
        """Counted."""
        return Counter(str(value) for entry in self.entries if (value := entry.values.get(field)))

    def vocabulary(
        self, field: str, *, longest: int | None = None, most: int | None = None
    ) -> Mapping[str, int]:
        """Counted, cut and sorted."""
        counts = Counter(term for entry in self.entries for term in entry.terms.get(field, {}))
        kept = [term for term in counts if longest is None or len(term.encode()) <= longest]
        best = sorted(kept, key=lambda term: (-counts[term], len(term.encode()), term))[:most]
        return {term: counts[term] for term in sorted(best)}

    def occurrences(self, field: str) -> Mapping[str, int]:
        """Counted."""
        counts: Counter[str] = Counter()
        for entry in self.entries:
            counts.update({term: len(places) for term, places in entry.terms.get(field, {}).items()})
        return counts

    def sample(self, characters: int) -> Iterator[str]:
        """By a hash of the text."""
        texts = sorted(
            (indexed_text(entry.record) for entry in self.entries),
            key=lambda text: hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(),
        )
        for text in texts:
            characters -= len(text)
            if characters >= 0:
                yield text

    def attachment(self, name: str) -> Path:
        """Where it was written."""
        if name not in self.state.attachments:
            raise NotPermitted(f"{name}: not for a view")
        return self.state.attachments[name]

    def within(self, only: Node) -> ReferenceSnapshot:
        """A state of these documents alone."""
        seen = sorted(self.scores(only))
        leaders: dict[int, int] = {}
        for place, number in enumerate(seen):
            leaders.setdefault(self.state.leaders[number], place)
        generation = replace(self.generation, counts=Counts(documents=len(seen)), bytes=0)
        attachments = {name: path for name, path in self.state.attachments.items() if name == ANALYSIS}
        led = [leaders[self.state.leaders[number]] for number in seen]
        state = State(generation, [self.entries[number] for number in seen], led, attachments)
        return ReferenceSnapshot(state, self.ranking)

    def close(self) -> None:
        """Nothing to do."""


def united(several: Iterable[Mapping[int, list[Part]]]) -> dict[int, list[Part]]:
    """All documents of several, with all their parts."""
    found: dict[int, list[Part]] = {}
    for each in several:
        for number, own in each.items():
            found[number] = [*found.get(number, []), *own]
    return found


def split_at_gaps(spots: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Places and positions in runs without a gap between places."""
    runs: list[list[tuple[int, int]]] = []
    for spot in spots:
        if runs and spot[0] - runs[-1][-1][0] <= GAP:
            runs[-1].append(spot)
        else:
            runs.append([spot])
    return runs


def total(parts: Sequence[Part]) -> float:
    """A score."""
    return sum(part.score for part in parts)


@dataclass
class ReferenceBuild:
    """See `Build`."""

    engine: ReferenceEngine
    state: State
    began: Sequence[Entry] = ()

    def write(self, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """Everything at once."""
        self._take([entry_of(fields) for batch in batches for fields in prepare(batch)])

    def _take(self, added: list[Entry]) -> None:
        self._hold([*self.state.entries, *added])

    def _hold(self, entries: list[Entry]) -> None:
        self.state.entries = sorted(entries, key=lambda entry: str(entry.record["id"]))
        self.state.leaders = list(range(len(entries)))
        counts = Counts(documents=len(entries))
        self.state.generation = replace(self.state.generation, counts=counts)

    def adopt(self, directories: Sequence[Path]) -> None:
        """What was collected by this process."""
        entries = [entry for directory in directories for entry in self.engine.collected[directory]]
        if len({entry.record["id"] for entry in entries}) < len(entries):
            raise HansouError("two documents have one id")
        self._take(entries)

    def delete(self, ids: Iterable[str]) -> int:
        """Those of the state before, by what they are and not by their name alone."""
        unwanted = {*ids}
        gone = {id(entry) for entry in self.began if entry.record["id"] in unwanted}
        self._hold([entry for entry in self.state.entries if id(entry) not in gone])
        return len(gone)

    def merge(self, whole: bool = False) -> int:
        """Nothing is in pieces."""
        return 0

    def snapshot(self) -> ReferenceSnapshot:
        """What there is."""
        return ReferenceSnapshot(self.state)

    @contextmanager
    def grouping(self, units: Callable[[str], Units]) -> Iterator[None]:
        """Each with each."""
        own = [units(indexed_text(entry.record)) for entry in self.state.entries]
        leaders = self.state.leaders
        for other, first in ((b, a) for b in range(len(own)) for a in range(b)):
            long = min(len(content(unstopped(own[first]))), len(content(unstopped(own[other])))) >= SHORTEST
            alone = leaders[first] == first and leaders[other] == other
            if long and alone and share(grams(own[first]), grams(own[other])) >= LEAST:
                leaders[other] = first
        yield

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """In the engine's directory."""
        path = self.engine.directory / f"{self.state.generation.name}-{name}"
        write(path)
        self.state.attachments[name] = path

    def publish(self, fingerprint: str, counts: Counts) -> Generation:
        """The newest is live."""
        generation = replace(self.state.generation, fingerprint=fingerprint, counts=counts)
        self.state.generation = generation
        self.engine.states[generation.name] = self.state
        self.engine.current = generation.name
        return generation


@dataclass
class ReferenceEngine:
    """See `Engine`."""

    directory: Path
    states: dict[str, State] = field(default_factory=dict)
    current: str | None = None
    building: bool = False
    collected: dict[Path, list[Entry]] = field(default_factory=dict)

    def collect(self, path: Path, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """In memory, by the directory."""
        self.collected[path] = [entry_of(fields) for batch in batches for fields in prepare(batch)]

    @contextmanager
    def build(self, from_live: bool = False) -> Iterator[ReferenceBuild]:
        """One at a time."""
        if self.building:
            raise BusyError("another build is under way")
        self.building = True
        try:
            name = f"{len(self.states):04}"
            entries = [*self.states[self.live()].entries] if from_live else []
            leaders = [*range(len(entries))]
            state = State(Generation(name, "2026-01-01T00:00:00Z", "", Counts(), 0), entries, leaders)
            yield ReferenceBuild(self, state, [*entries])
        finally:
            self.building = False

    def live(self) -> str:
        """What was published last, or gone back to."""
        if self.current is None:
            raise IndexMissing("nothing has been built")
        return self.current

    def documents(self) -> int:
        """How many documents that has."""
        return 0 if self.current is None else self.states[self.current].generation.counts.documents

    def names(self) -> Sequence[str]:
        """In the order of building."""
        return sorted(self.states)

    def open(
        self, fingerprint: str | None = None, ranking: RankingSettings = RANKING, name: str | None = None
    ) -> ReferenceSnapshot:
        """The live state, or the one that is named."""
        if name is not None and name not in self.states:
            raise IndexCorrupt(f"there is no {name}")
        state = self.states[name or self.live()]
        if fingerprint not in (None, state.generation.fingerprint):
            raise IndexOutdated("built with another analysis")
        return ReferenceSnapshot(state, ranking)

    def check(self, name: str) -> None:
        """Nothing in memory is damaged."""

    def conditions(self) -> Iterator[tuple[bool, str]]:
        """Nothing."""
        return iter(())

    def rollback(self) -> Generation:
        """The one before."""
        earlier = [name for name in self.states if name < (self.current or "")]
        if not earlier:
            raise IndexMissing("there is none before")
        self.current = max(earlier)
        return self.states[self.current].generation


def _fits(name: str, term: str, pattern: nodes.Pattern) -> bool:
    """Whether a pattern stands for a term of a field; none stands for the end of a sentence."""
    ends = FIELDS.get(name) == "grams" and term == STOP
    return not ends and fnmatch.fnmatchcase(term, pattern.text)
