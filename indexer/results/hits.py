"""How does a match become a hit? Its record, with the query's marks in heading and snippets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from indexer.documents.document import PartStart, part_at
from indexer.engine.fields import Record
from indexer.engine.protocol import Snapshot
from indexer.query.ranking import inverse_frequency
from indexer.query.syntax import Gapped, Phrase, Tree, positive
from indexer.query.terms import Terms
from indexer.results.highlight import Marker, make_marker
from indexer.results.ranked import Match
from indexer.results.results import Explanation, Hit, Snippet
from indexer.results.snippets import opening, snippets
from indexer.text.analyzer import Analyzer
from indexer.text.display import convert
from indexer.text.normalize import SIMPLIFIED_ONLY, TRADITIONAL_ONLY

_STATED = ("id", "title", "url", "date", "source", "author", "lang")
_WHERE_STATED = ("collection", "added_at", "changed_at")


@dataclass(frozen=True, slots=True)
class Marking:
    """What to mark in a body and in a title, and what a gram is worth to a snippet."""

    body: Marker
    title: Marker
    worth: Callable[[str], float]


def marking_of(
    tree: Tree | None,
    analyzer: Analyzer,
    expansions: frozenset[str] = frozenset(),
    worth: Callable[[str], float] = len,
) -> Marking:
    """The marking of a query; `expansions` are other names for its words."""
    leaves = positive(tree)
    body = make_marker(leaves, analyzer, expansions)
    titled = any(isinstance(leaf, Phrase | Gapped) and leaf.field == "title" for leaf in leaves)
    title = make_marker(leaves, analyzer, expansions, "title") if titled else body
    return Marking(body, title, worth)


def worth_to(terms: Terms, snapshot: Snapshot) -> Callable[[str], float]:
    """What a gram is worth to a query in an index: its idf times what it counts for."""
    documents = snapshot.generation.counts.documents

    @cache
    def worth(gram: str) -> float:
        (frequency,) = snapshot.frequencies("grams", [gram])
        return terms.pairs.get(gram, 1.0) * inverse_frequency(frequency, documents)

    return worth


def hit(match: Match, record: Record, marking: Marking, explanation: Explanation | None = None) -> Hit:
    """A match with its record, marked."""
    heading = record["title"] or opening(record["text"])
    marks = (marking.title if record["title"] else marking.body).marks(heading)
    found = snippets(record["text"], marking.body.find(record["text"]), marking.worth)
    return Hit(
        heading=Snippet(heading, marks),
        score=match.score,
        snippets=found,
        part=_part(record, found),
        repairs=len(record.get("steps", ())),
        copies=match.copies,
        explanation=explanation,
        **_stated(record),
    )


def listed_hit(match: Match, record: Record) -> Hit:
    """A match with its record as it is listed: without marks and snippets."""
    return Hit(
        heading=Snippet(record["title"] or opening(record["text"]), ()),
        score=match.score,
        snippets=(),
        repairs=len(record.get("steps", ())),
        copies=match.copies,
        **_stated(record),
    )


def _stated(record: Record) -> dict[str, Any]:
    return {name: record[name] for name in _STATED} | {name: record.get(name) for name in _WHERE_STATED}


def _part(record: Record, found: Sequence[Snippet]) -> PartStart | None:
    """The part that the first mark lies in; None where the original has no parts, or nothing is marked."""
    starts = [snippet.start + snippet.marks[0][0] for snippet in found if snippet.marks]
    if not (starts and record.get("parts")):
        return None
    return part_at([PartStart(*part) for part in record["parts"]], starts[0])


def as_typed(text: str, typed: str, script: str = "orig") -> str:
    """A text in the script that was typed, else in `script`; "orig" leaves it as it is."""
    if not TRADITIONAL_ONLY.isdisjoint(typed):
        script = "hant"
    elif not SIMPLIFIED_ONLY.isdisjoint(typed):
        script = "hans"
    return text if script == "orig" else convert(text, script)
