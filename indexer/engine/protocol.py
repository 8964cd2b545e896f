"""What does an engine promise? To hold whole states of an index, and to answer from one of them.

    Engine    the states: build the next one, open the live one, check, go back
    Build     one state while it is made; nothing of it is seen before `publish`
    Snapshot  one state, unchanged from open to close; may be shared between threads

`indexer.pipeline`, `indexer.searcher`, `indexer.measure` and the commands know no more of an engine than
this. Within a snapshot a document is a number, which says nothing outside of it. `tests/engine` holds every
engine to these promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from indexer.config import RankingSettings
from indexer.documents import Document
from indexer.engine.answers import Account, Chain, Found, Standing
from indexer.engine.fields import Fields, Record
from indexer.engine.shares import Share
from indexer.query.nodes import Node
from indexer.query.ranking import RANKING
from indexer.text.units import Units

Sort = Literal["relevance", "date_desc", "date_asc", "added_desc", "title", "source", "id"]
"""Best first; by `day`, `title` or `source`, those without one last, those of one value by id; or by id."""
Prepare = Callable[[list[Document]], Iterable[Fields]]
"""Turns a batch of documents into what is indexed of each. May travel to other processes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a build did. `repairs` counts steps by kind, `skipped` are files or lines left out."""

    documents: int = 0
    skipped: int = 0
    repaired: int = 0
    seconds: float = 0.0
    repairs: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    collections: Mapping[str, int] = field(default_factory=dict)
    langs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """One state: its name, when it was published (ISO 8601, UTC), by which analysis, its size in bytes."""

    name: str
    built_at: str
    fingerprint: str
    counts: Counts
    bytes: int


class Snapshot(Protocol):
    """One state of an index."""

    @property
    def generation(self) -> Generation:
        """Which it is; of a build, before it is published, only counts of documents are right."""

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
        """The first `limit` documents of `query` that are also of `only`.

        `again` are shares that the first of them will be asked for: nothing depends on that but time. Scores
        are 0 where it is not by relevance. Raises `DeadlineExceeded` after about `seconds`.
        """

    def every(
        self, query: Node, *, only: Node | None = None, sort: Sort = "id", seconds: float | None = None
    ) -> Iterator[Found]:
        """All documents of `query` that are also of `only`, in order, batch by batch; copies are not counted.

        Raises `DeadlineExceeded` where the first batch takes longer than about `seconds`.
        """

    def standing(
        self,
        field: str,
        sequences: Sequence[Sequence[str]],
        *,
        only: Node | None = None,
        sort: Sort = "id",
        seconds: float | None = None,
    ) -> Standing:
        """The documents of `only` that hold any sequence of terms at consecutive positions, and how often.

        Where a sequence stands at overlapping places each counts. They are in any order but by relevance.
        """

    def numbers(self, field: str, documents: Sequence[int]) -> list[int]:
        """The number that each document has in a field like `day`, 0 for none."""

    def volumes(self, by: str, only: Node | None = None) -> Mapping[str | int, int]:
        """For each value of the field `by` how much text the documents of `only` that have it hold together.

        Counted are the characters, Latin words and numbers of the field `grams`.
        """

    def explain(self, query: Node, documents: Sequence[int]) -> list[Account]:
        """The account of each document's score; an empty one for a document that does not match."""

    def shares(self, asked: Sequence[Share], documents: Sequence[int]) -> list[list[float]]:
        """Each share that is asked for (`indexer.engine.shares`), of each document; 0 to 1."""

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """How many documents hold each term of a field."""

    def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
        """Whether any document holds the terms of each sequence at consecutive positions."""

    def totals(self, field: str, terms: Sequence[str]) -> tuple[list[int], int]:
        """How often each term of a field occurs in all documents, and all terms together."""

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
        """The `limit` chains of most weight that documents, also of `only`, have of `terms` in their order.

        The number of a term is its place in the passage; an empty one is none. An occurrence is as far off as
        its position is behind its place. Those of one document belong to one chain that are equally far
        off, in steps of `chains.STRIP`, and at most `chains.GAP` places apart; one place alone is no chain.
        Equals are in the order of ids, then of places and positions. Where all terms together are in more
        than `most` documents, the most frequent ones may be left out. Raises `DeadlineExceeded` after about
        `seconds`.
        """

    def number(self, document_id: str) -> int | None:
        """The document with an id."""

    def ids(self, documents: Sequence[int]) -> list[str]:
        """The id of each document."""

    def records(self, documents: Sequence[int]) -> list[Record]:
        """What was stored of each document."""

    def scan(self) -> Iterator[Record]:
        """What was stored of every document, one after the other; in memory are a few of them."""

    def values(self, field: str) -> Mapping[str, int]:
        """Each value of a field like `source` or `lang`, and how many documents have it."""

    def vocabulary(
        self, field: str, *, longest: int | None = None, most: int | None = None
    ) -> Mapping[str, int]:
        """Each term of a field of at most `longest` bytes, and how many documents hold it, in order.

        Of more than `most` those that most documents hold, and of equals the shortest.
        """

    def occurrences(self, field: str) -> Mapping[str, int]:
        """Each term of a field with few of them, and how often it occurs in all documents."""

    def sample(self, characters: int) -> Iterator[str]:
        """The indexed texts of some documents, about so many characters at most, or of all.

        Which they are depends on what they say alone.
        """

    def attachment(self, name: str) -> Path:
        """A file that was attached to this state; it stays there as long as the snapshot is open.

        Raises `IndexCorrupt` where it is not as it was, unless that is found as it is read.
        """

    def within(self, only: Node) -> Snapshot:
        """This state as one that holds no other documents than those of `only`, for who may see no others.

        Whatever it is asked, scores, counts and frequencies among it, it answers as if there were no others;
        only documents that are near-identical to one of the others stay in its group. Of attachments it has
        the analysis alone, for the others were read off all documents: it raises `NotPermitted`. It is closed
        with this one.
        """

    def close(self) -> None:
        """Let go of it."""


class Build(Protocol):
    """The next state, while it is made: from nothing, or from the live one."""

    def write(self, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """Index all documents; no two have the same id. Where there are any already, these are added."""

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents of the state that this one began with, and none that `write` added.

        They count nowhere then. Returns how many there were; is done once, and before `merge`.
        """

    def merge(self, whole: bool = False) -> int:
        """Put together what additions and deletions left in pieces, as far as it is worth it, or all of it.

        No answer changes. Returns how many pieces were put together.
        """

    def adopt(self, directories: Sequence[Path]) -> None:
        """Take in all that `Engine.collect` wrote into directories, in the place of writing anything.

        Raises `HansouError` where two documents have one id.
        """

    def snapshot(self) -> Snapshot:
        """What was written, to be read before it is published."""

    def grouping(self, units: Callable[[str], Units]) -> AbstractContextManager[None]:
        """By the end of the context near-identical documents are found; `units` divides an indexed text."""

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """Keep the file that `write` makes at a path as the attachment `name`."""

    def publish(self, fingerprint: str, counts: Counts) -> Generation:
        """Make it the live state, at once and whole.

        Raises `IndexCrowded` where it cannot be made of the state that it began with, but only anew.
        """


class Engine(Protocol):
    """The states of one index."""

    def build(self, from_live: bool = False) -> AbstractContextManager[Build]:
        """The next state, until the context ends; unpublished it is gone then. Raises `BusyError`.

        With `from_live` it begins with the documents of the live state, and takes time and room for what
        changes; attachments are made anew. Raises `IndexUnusable` where that state cannot be begun with.
        """

    def collect(self, path: Path, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """Write documents into a directory, for a build to adopt: on another machine, or later."""

    def live(self) -> str:
        """The name of the live state; cheap to ask often. Raises `IndexMissing`, `IndexCorrupt`."""

    def documents(self) -> int:
        """How many documents the live state has, by whatever release and analysis; 0 where there is none."""

    def names(self) -> Sequence[str]:
        """The states there are, oldest first."""

    def open(
        self, fingerprint: str | None = None, ranking: RankingSettings = RANKING, name: str | None = None
    ) -> Snapshot:
        """The state called `name`, or else the live one; its terms score with the parameters of `ranking`.

        Raises `IndexMissing`, `IndexCorrupt`, or `IndexOutdated`: for another format, and for another
        fingerprint where one is asked for.
        """

    def check(self, name: str) -> None:
        """Read a state from end to end. Raises `IndexUnusable` where anything is not as it was published."""

    def conditions(self) -> Iterator[tuple[bool, str]]:
        """What the index depends on beside its own files.

        Whether each is as it should be, and what was seen or is to be done. Raises `IndexUnreachable`.
        """

    def rollback(self) -> Generation:
        """Make the newest sound state before the live one live again. Raises `IndexMissing`."""
