"""What does regional vocabulary add, and in which form should it be scored?

    python benchmarks/bench_regional.py SET... [--config config.toml] [--word 0.7] [--queries cross same]

A set is a directory with `docs.jsonl`, `qrels.tsv` and `queries.NAME.tsv`. Printed is MRR@10 of a dense
numpy BM25 over the grams and words of title and text as one, for each form of expansion:

    none      the query as typed
    additive  every term of an expansion is one more term of the query, times the expansion's weight
    maximum   a word of the vocabulary scores as the best of itself and its weighted expansions
    group     as maximum, and no expansion has a higher idf than its group
    lattice   as group, and pairs across the edge of a word are pairs of any alternative
    adaptive  as lattice, and an expansion weighs the more, the more documents hold it than the typed word
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.config import RankingSettings, load_config
from indexer.engine.fields import indexed_text
from indexer.query.ranking import RANKING
from indexer.text.analyzer import Analyzer, grams, load_analyzer
from indexer.text.normalize import normalize
from indexer.text.vocabulary import Vocabulary, load_vocabulary

Scores = NDArray[np.float64]
Kind = tuple[str, str]
FIELD = "text"
# Never 1: the typed word itself must stay ahead.
CEILING = 0.95


@dataclass(frozen=True)
class Form:
    """What of the expansion is switched on."""

    name: str
    expand: bool = True
    additive: bool = False
    group_idf: bool = False
    edges: bool = False
    adaptive: bool = False


FORMS = (
    Form("none", expand=False),
    Form("additive", additive=True),
    Form("maximum"),
    Form("group", group_idf=True),
    Form("lattice", group_idf=True, edges=True),
    Form("adaptive", group_idf=True, edges=True, adaptive=True),
)


@dataclass(frozen=True)
class Word:
    """A word of the vocabulary in the query; each alternative with its weight, the typed one first."""

    start: int
    end: int
    alternatives: Mapping[str, float]


@dataclass
class Collection:
    """Term frequencies of a judged set, term → a dense row over all documents, made when asked for."""

    ids: list[str]
    postings: dict[Kind, dict[str, dict[int, int]]]
    norms: dict[Kind, Scores]
    rows: dict[tuple[Kind, str], Scores] = field(default_factory=dict)

    def frequency(self, kind: Kind, term: str) -> Scores:
        """How often each document has the term."""
        if (kind, term) not in self.rows:
            row = np.zeros(len(self.ids))
            found = self.postings[kind].get(term, {})
            row[list(found)] = list(found.values())
            self.rows[kind, term] = row
        return self.rows[kind, term]

    def phrase(self, name: str, text: str) -> Scores:
        """How often each document may have the string: the rarest of its pairs."""
        pairs = [term for term in grams(text).terms if len(term) > 1] or [text]
        rarest: Scores = np.min([self.frequency((name, "gram"), pair) for pair in pairs], axis=0)
        return rarest

    def holding(self, text: str) -> int:
        """How many documents have the string."""
        return int((self.phrase(FIELD, text) > 0).sum())

    def idf(self, frequency: Scores) -> float:
        """Robertson and Spärck Jones, as `indexer.query.ranking` has it."""
        holding = np.count_nonzero(frequency)
        return log(1 + (len(self.ids) - holding + 0.5) / (holding + 0.5))

    def saturated(self, kind: Kind, frequency: Scores) -> Scores:
        """BM25 without idf."""
        saturated: Scores = frequency * (RANKING.k1 + 1) / (frequency + self.norms[kind])
        return saturated


def read(directory: Path, analyzer: Analyzer) -> Collection:
    """Analyze the documents of a judged set."""
    lines = (directory / "docs.jsonl").read_text(encoding="utf-8").splitlines()
    documents = [{"title": None} | json.loads(line) for line in lines]
    postings: dict[Kind, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    norms: dict[Kind, Scores] = {}
    for form, analyze in (("gram", analyzer.grams), ("word", analyzer.words)):
        counts = [Counter(analyze(indexed_text(document)).terms) for document in documents]
        lengths = np.array([count.total() for count in counts], float)
        shares = (lengths / (lengths.mean() or 1)) ** RANKING.beta
        norms[FIELD, form] = RANKING.k1 * (1 - RANKING.b + RANKING.b * shares)
        for at, count in enumerate(counts):
            for term, times in count.items():
                postings[FIELD, form][term][at] = times
    return Collection([document["id"] for document in documents], postings, norms)


@dataclass(frozen=True)
class Scorer:
    """One form of expansion over one collection."""

    collection: Collection
    analyzer: Analyzer
    vocabulary: Vocabulary
    form: Form
    weights: RankingSettings

    def __call__(self, query: str) -> Scores:
        """The score of every document."""
        folded = normalize(query)
        words = list(self.words(folded)) if self.form.expand else []
        return self.field_scores(FIELD, folded, words)

    def words(self, folded: str) -> Iterator[Word]:
        """The words of the vocabulary in the query, their alternatives weighted."""
        boundaries = {0, *self.analyzer.words(folded).ends}
        for found in self.vocabulary.occurrences(folded, boundaries):
            weights = {found.text: 1.0}
            own = self.collection.holding(found.text)
            for expansion in found.expansions:
                other, weight = self.collection.holding(expansion.text), expansion.weight
                if self.form.adaptive and other:
                    weight += (CEILING - weight) * other / (own + other)
                if other:
                    weights[expansion.text] = weight
            yield Word(found.start, found.end, weights)

    def field_scores(self, name: str, folded: str, words: list[Word]) -> Scores:
        """The score of one field."""
        if self.form.additive:
            rest = sum(
                (
                    w * self.span(name, text, None)
                    for word in words
                    for text, w in [*word.alternatives.items()][1:]
                ),
                start=np.zeros(len(self.collection.ids)),
            )
            return self.outside(name, folded, []) + rest
        return self.outside(name, folded, words) + sum(
            (self.best(name, word) for word in words), start=np.zeros(len(self.collection.ids))
        )

    def outside(self, name: str, folded: str, words: list[Word]) -> Scores:
        """Terms that are not inside a word of the vocabulary."""
        inside = {at: word for word in words for at in range(word.start, word.end)}
        scores = np.zeros(len(self.collection.ids))
        for form, tokens in (("gram", grams(folded)), ("word", self.analyzer.words(folded))):
            for term, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
                owners = {id(inside.get(at)) for at in range(start, end)}
                if not any(at in inside for at in range(start, end)):
                    scores += self.term((name, form), term)
                elif len(owners) > 1 and form == "gram":
                    scores += self.edge(name, term, inside.get(start), inside.get(end - 1))
        return scores

    def edge(self, name: str, pair: str, left: Word | None, right: Word | None) -> Scores:
        """A pair across the edge of a word: the best of the pairs its alternatives make, with one idf."""
        if not self.form.edges:
            return self.term((name, "gram"), pair)
        first = (
            {text[-1]: w for text, w in reversed(list(left.alternatives.items()))} if left else {pair[0]: 1.0}
        )
        last = (
            {text[0]: w for text, w in reversed(list(right.alternatives.items()))}
            if right
            else {pair[1]: 1.0}
        )
        kind = (name, "gram")
        rows = [
            (u * v, self.collection.frequency(kind, a + b)) for a, u in first.items() for b, v in last.items()
        ]
        idf = self.collection.idf(np.sum([row for _, row in rows], axis=0))
        best: Scores = np.max([weight * self.collection.saturated(kind, row) for weight, row in rows], axis=0)
        return self.weights.pair * idf * best

    def best(self, name: str, word: Word) -> Scores:
        """A word of the vocabulary: the best of its alternatives."""
        limit = None
        if self.form.group_idf:
            limit = self.collection.idf(
                np.sum([self.collection.phrase(name, t) for t in word.alternatives], axis=0)
            )
        best: Scores = np.max([w * self.span(name, t, limit) for t, w in word.alternatives.items()], axis=0)
        return best

    def span(self, name: str, text: str, limit: float | None) -> Scores:
        """The grams of an alternative, and the whole of it as one word."""
        kind = (name, "gram")
        whole = self.collection.phrase(name, text)
        idf = self.collection.idf(whole)
        scores = self.weights.word * min(idf, limit or idf) * self.collection.saturated(kind, whole)
        for term in grams(text).terms:
            scores = scores + self.term(kind, term, limit)
        return scores

    def term(self, kind: Kind, term: str, limit: float | None = None) -> Scores:
        """One term by itself, its idf at most `limit`."""
        row = self.collection.frequency(kind, term)
        idf = self.collection.idf(row) if row.any() else 0.0
        weight = self.weights.pair if len(term) > 1 else self.weights.character
        weight = self.weights.word if kind[1] == "word" else weight
        return weight * min(idf, idf if limit is None else limit) * self.collection.saturated(kind, row)


def mrr(ids: list[str], asked: Path, relevant: Mapping[str, str], score: Callable[[str], Scores]) -> float:
    """Mean reciprocal rank within ten; equal scores keep the order of the documents."""
    total, queries = 0.0, table(asked)
    for query, text in queries.items():
        scores, at = score(text), ids.index(relevant[query])
        rank = 1 + int((scores > scores[at]).sum() + (scores[:at] == scores[at]).sum())
        total += 1 / rank if rank <= 10 and scores[at] > 0 else 0.0
    return total / len(queries)


@lru_cache
def table(path: Path) -> dict[str, str]:
    """The first two columns of a tab-separated file."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {row[0]: row[1] for row in rows}


def main() -> None:
    """Print a line for each form."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--config", default="config.toml")
    parser.add_argument("--word", type=float, default=RANKING.word)
    parser.add_argument("--queries", nargs="+", default=["same", "cross"])
    options = parser.parse_args()
    analyzer, vocabulary = load_analyzer(load_config(options.config), bulk=True), load_vocabulary()
    weights = replace(RANKING, word=options.word)
    collections = {directory: read(directory, analyzer) for directory in options.sets}
    for form in FORMS:
        figures = []
        for directory, collection in collections.items():
            scorer = Scorer(collection, analyzer, vocabulary, form, weights)
            for name in options.queries:
                asked, relevant = directory / f"queries.{name}.tsv", table(directory / "qrels.tsv")
                figures.append(f"{directory.name} {name} {mrr(collection.ids, asked, relevant, scorer):.3f}")
        print(f"{form.name:9}", "  ".join(figures), flush=True)


if __name__ == "__main__":
    main()
