"""Where does a text show what was asked? Ranges, never HTML.

A typed string is marked whole wherever it stands in the folded text, in any script, and so are phrases and
rows; then its words, one mark from the first to the last that stand as typed; then two characters and more of
a word that does not; and in a text that shows nothing else, what stands across words. Marks do not overlap,
and those that touch stay apart: they are one only where one string was typed.
**Every mark of words is a contiguous piece of what was typed**, or another name for it. Offsets count code
points of the stored text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from indexer import native
from indexer.query.patterns import RowPattern, occurrences, parts, phrases, row
from indexer.query.syntax import Gapped, Leaf, Words
from indexer.query.terms import stand_alone
from indexer.results.stretches import Candidate, Tier, Typed
from indexer.text.analyzer import Analyzer, Tokens, Visible, asked, asked_grams, grams, visible
from indexer.text.forms import formed
from indexer.text.normalize import folded_query, normalize
from indexer.text.units import CJK, CJK_RANGES, SIGN, Mark, sign_end

_RUN = re.compile(f"[{CJK}]+")
_NO_BRACKETS = dict.fromkeys(map(ord, "()（）"))


class Highlight(NamedTuple):
    """One range to mark, and the folded string that stands there."""

    start: int
    end: int
    term: str

    @property
    def mark(self) -> Mark:
        """The range alone."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Marker:
    """What to mark in folded text: typed strings, phrases and other names as their parts, signs, rows.

    `lines` are several strings as they were typed, with spaces between, and their parts.
    """

    typed: tuple[Typed, ...]
    lines: tuple[tuple[tuple[str, ...], str], ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    names: tuple[tuple[str, ...], ...] = ()
    signs: tuple[str, ...] = ()
    rows: tuple[RowPattern, ...] = ()

    def find(self, text: str) -> list[Highlight]:
        """The ranges of `text` to mark, ascending, not overlapping."""
        shown = visible(text)
        folded = normalize(shown.text)
        candidates = [*self._lines(text, shown, folded), *self._candidates(folded)]
        found: list[Highlight] = []
        for start, end in _marked(folded, self.typed, candidates):
            first, last = shown.span(start, end) if shown.changes else (start, end)
            last = sign_end(text, last)
            # Of a sign that stands for several words (㎡) one is enough.
            if not found or first >= found[-1].end:
                found.append(Highlight(first, last, folded[start:end]))
        return found

    def marks(self, text: str) -> tuple[Mark, ...]:
        """The ranges to show."""
        return tuple(found.mark for found in self.find(text))

    def _lines(self, text: str, shown: Visible, folded: str) -> Iterator[Candidate]:
        """Several strings as one only where spaces stand between them in the text as well."""
        for line, typed in self.lines:
            for mark in phrases(folded, line):
                if _line(text[slice(*shown.span(*mark))])[1] == typed:
                    yield _candidate(Tier.WHOLE, mark)

    def _candidates(self, folded: str) -> list[Candidate]:
        found: list[Candidate] = []
        for tier, strings in ((Tier.WHOLE, self.phrases), (Tier.WORDS, self.names)):
            for string in strings:
                # Most names stand nowhere: that is seen sooner than where they would.
                if string and string[0] in folded:
                    found += [_candidate(tier, mark) for mark in phrases(folded, string)]
        found += [_candidate(Tier.WHOLE, mark) for mark in occurrences(folded, self.signs)]
        for pieces in self.rows:
            found += [_candidate(Tier.WHOLE, mark) for mark in pieces.find(folded)]
        return found


def _candidate(tier: Tier, mark: Mark) -> Candidate:
    return tier, mark[0] - mark[1], *mark


def _marked(folded: str, typed: Sequence[Typed], candidates: list[Candidate]) -> list[Mark]:
    """The ranges to mark, of what was typed and of other candidates: see `_apart`."""
    extension = native.compiled("_marks")
    for each in typed:
        if not extension or each.latin:
            candidates += each.candidates(folded)
    if extension:
        # Where Latin words and numbers begin and end is for Python to say.
        plain = tuple([each.native for each in typed if not each.latin])
        marks: list[Mark] = extension.marks(folded, plain, candidates, CJK_RANGES)
        return marks
    candidates.sort()
    told = bisect_right(candidates, (Tier.ACROSS,))
    return _apart(candidates[:told]) or _apart(candidates)


def _apart(candidates: Iterable[Candidate]) -> list[Mark]:
    """Of candidates, best first, each that overlaps none taken before; ascending."""
    starts: list[int] = []
    ends: list[int] = []
    for _, _, start, end in candidates:
        at = bisect_right(starts, start)
        if (at == 0 or ends[at - 1] <= start) and (at == len(starts) or end <= starts[at]):
            starts.insert(at, start)
            ends.insert(at, end)
    return list(zip(starts, ends, strict=True))


def make_marker(
    leaves: Iterable[Leaf],
    analyzer: Analyzer,
    expansions: Iterable[str] = (),
    field: str | None = None,
) -> Marker:
    """The marker of a query's positive leaves and of other names for its words.

    Phrases of a field count for that field alone.
    """
    typed: list[str] = []
    lines: list[str] = []
    typed_phrases: list[Tokens] = []
    signs: list[str] = []
    rows: list[RowPattern] = []
    for leaf in leaves:
        if isinstance(leaf, Words):
            folded = [normalize(asked(term)) for term in leaf.terms]
            typed += folded
            lines += [" ".join(leaf.terms)] if len(folded) > 1 else []
        elif leaf.field in (None, field):
            if isinstance(leaf, Gapped):
                rows.append(row(leaf))
            else:
                tokens = asked_grams(leaf.text)
                typed_phrases.append(tokens)
                # A phrase passes over signs, but for one that is nothing else.
                signs += () if tokens else filter(SIGN.match, analyzer.word_terms(leaf.text))
    typed = [*dict.fromkeys(typed)]
    # What is typed without a gap is found whole as it is.
    gapped = [grams(text) for text in typed if not _RUN.fullmatch(text)]
    typed = [*dict.fromkeys(chain(typed, *(each.terms for each in gapped if stand_alone(each))))]
    with_gaps = [found for found in map(parts, gapped) if len(found) > 1]
    return Marker(
        tuple(Typed.of(text, analyzer) for text in typed),
        tuple(found for found in map(_line, lines) if found[0]),
        (*map(parts, typed_phrases), *with_gaps),
        tuple(parts(grams(name)) for name in expansions),
        tuple(signs),
        tuple(rows),
    )


@lru_cache(maxsize=256)
def _line(text: str) -> tuple[tuple[str, ...], str]:
    """The parts of a text, and how they are spaced from the first to the last.

    Brackets do not count: in a query they may be those of groups.
    """
    line = folded_query(formed(text))
    tokens = grams(line)
    spaced = line[tokens.starts[0] : max(tokens.ends)] if tokens else ""
    return parts(tokens), " ".join(spaced.translate(_NO_BRACKETS).split())
