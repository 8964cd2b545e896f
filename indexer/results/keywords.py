"""Where does a text hold what a concordance is of? At each place where a typed string stands, in any script.

**What is found here is as many places as an engine counts**: the parts of a phrase follow one another within
a sentence, and overlapping places are places each. Offsets count code points of the stored text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from indexer.query.patterns import LATIN_EDGE, RowPattern, occurrences, parts, phrases, row
from indexer.query.syntax import And, Gapped, Not, Or, Phrase, Tree, Words, positive
from indexer.text.analyzer import Visible, asked_grams, phrase, visible
from indexer.text.normalize import normalize
from indexer.text.units import Mark, stops


class Seen(NamedTuple):
    """A text as it is searched: `shown` maps places in `folded` to places in the text."""

    shown: Visible
    folded: str

    @classmethod
    def of(cls, text: str) -> Seen:
        """A stored text."""
        shown = visible(text)
        return cls(shown, normalize(shown.text))

    def span(self, mark: Mark) -> Mark:
        """Where a place of the folded text stands in the stored one."""
        return self.shown.span(*mark) if self.shown.changes else mark


@dataclass(frozen=True, slots=True)
class Keywords:
    """Strings to be found, each as terms for an engine and as parts of folded text; and rows of pieces.

    `node` is what documents are to match besides, None where any that holds a string does.
    """

    sequences: tuple[tuple[str, ...], ...]
    strings: tuple[tuple[str, ...], ...]
    rows: tuple[RowPattern, ...] = ()
    condition: Tree | None = None

    def find(self, folded: str) -> list[Mark]:
        """The places in a folded text, ascending."""
        found: list[Mark] = []
        for pieces in self.strings:
            if len(pieces) > 1:
                ends = stops(folded)
                found += [
                    mark
                    for mark in phrases(folded, pieces)
                    if not any(mark[0] < end < mark[1] for end in ends)
                ]
            elif LATIN_EDGE.search(pieces[0]):
                found += phrases(folded, pieces)
            else:
                found += occurrences(folded, pieces)
        for pattern in self.rows:
            found += pattern.find(folded)
        return found if len(self.strings) + len(self.rows) == 1 else sorted({*found})


def keywords_of(tree: Tree | None) -> Keywords:
    """What a concordance of a query is of: its words and phrases as they are typed, each by itself."""
    strings: list[str] = []
    rows: list[RowPattern] = []
    for leaf in positive(tree):
        if isinstance(leaf, Words):
            strings += leaf.terms
        elif leaf.field is None and isinstance(leaf, Gapped):
            rows.append(row(leaf))
        elif leaf.field is None and isinstance(leaf, Phrase):
            strings.append(leaf.text)
    tokens = [*map(asked_grams, strings)]
    found = {tuple(phrase(each)): parts(each) for each in tokens if len(each)}
    simple = isinstance(tree, Words | Phrase) and not rows
    return Keywords(tuple(found), tuple(found.values()), tuple(rows), None if simple else literal(tree))


def literal(tree: Tree | None) -> Tree | None:
    """A tree whose words stand as they are typed, any of those that stand side by side."""
    match tree:
        case Words(terms):
            return _any(map(Phrase, terms))
        case And(several):
            return And(tuple(each for child in several if (each := literal(child))))
        case Or(several):
            return _any(each for child in several if (each := literal(child)))
        case Not(inner):
            # What is kept out is taken as a search takes it: not where it is a part of longer words.
            return Not(inner)
        case _:
            return tree


def _any(trees: Iterable[Tree]) -> Tree:
    several = tuple(trees)
    return Or(several) if len(several) > 1 else several[0]


_LINES = re.compile(r"\s+")


def context(text: str) -> str:
    """A piece of a text on one line."""
    return _LINES.sub(" ", text)
