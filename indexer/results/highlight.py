"""Where does a text show what was asked, and which part of it is worth showing? Ranges, never HTML.

Phrases and the query's words are marked wherever they occur in the folded text, in any script. Pairs of
characters inside a query word are marked only where no word is, so that neighboring hits do not melt
into one; pairs across two query words only in a text that shows nothing else.
**Every mark, analyzed, is a term of the query.** Offsets count code points of the stored text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.query.patterns import LATIN_EDGE, RowPattern, literal, phrase_pattern, row
from indexer.query.syntax import Gapped, Leaf, Phrase
from indexer.results.results import Snippet
from indexer.text.analyzer import Analyzer, Tokens, grams, visible
from indexer.text.normalize import normalize
from indexer.text.units import SIGN, Mark, sign_end

SNIPPET_LENGTH = 120
SNIPPET_COUNT = 3
_LEAD = 24
_SENTENCE = re.compile(r"[^。！？；!?;\n]*(?:[。！？；!?;]+[”’」』）)\"]*|\n+|$)")
_CLAUSE_END = re.compile(r"[，、：,:\s]")


@dataclass(frozen=True, slots=True)
class Highlight:
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
    """What to mark in folded text: words as they stand, patterns, pairs in a word or across words, rows."""

    words: frozenset[str]
    patterns: frozenset[str]
    pairs: frozenset[str]
    across: frozenset[str]
    rows: tuple[RowPattern, ...] = ()

    def find(self, text: str) -> list[Highlight]:
        """The ranges of `text` to mark, ascending, not overlapping."""
        shown = visible(text)
        folded = normalize(shown.text)
        words = [*_occurrences(folded, self.words), *_matches(folded, self.patterns)]
        words += [mark for row in self.rows for mark in row.find(folded)]
        marks = _apart(_leftmost_longest(words), _joined(_occurrences(folded, self.pairs)))
        marks = marks or _joined(_occurrences(folded, self.across))
        found: list[Highlight] = []
        for start, end in marks:
            first, last = shown.span(start, end)
            last = sign_end(text, last)
            # Of a sign that stands for several words (㎡) one is enough.
            if not found or first >= found[-1].end:
                found.append(Highlight(first, last, folded[start:end]))
        return found

    def marks(self, text: str) -> tuple[Mark, ...]:
        """The ranges to show: those that touch as one."""
        return joined(found.mark for found in self.find(text))


def make_marker(
    leaves: Iterable[Leaf],
    analyzer: Analyzer,
    expansions: Iterable[str] = (),
    field: str | None = None,
) -> Marker:
    """The marker of a query's positive leaves and of other names for its words.

    Phrases of a field count for that field alone.
    """
    words: set[str] = {word for word in expansions if not LATIN_EDGE.search(word)}
    patterns: set[str] = {phrase_pattern(grams(word)) for word in expansions if word not in words}
    pairs: set[str] = set()
    across: set[str] = set()
    rows: list[RowPattern] = []
    for leaf in leaves:
        if isinstance(leaf, Gapped):
            rows += [row(leaf)] if leaf.field in (None, field) else []
            continue
        if isinstance(leaf, Phrase):
            if leaf.field in (None, field):
                patterns.add(phrase_pattern(analyzer.grams(leaf.text)))
                words |= {word for word in analyzer.word_terms(leaf.text) if SIGN.match(word)}
            continue
        for term in leaf.terms:
            in_term, of_term = analyzer.words(term), analyzer.grams(term)
            whole = {*map(normalize, in_term.terms), *filter(LATIN_EDGE.search, of_term.terms)}
            for word in whole:
                if len(word) > 1 or len(of_term) == 1 or LATIN_EDGE.search(word) or SIGN.match(word):
                    (patterns if LATIN_EDGE.search(word) else words).add(literal(word))
            if len(of_term) > 1 and any(LATIN_EDGE.search(gram) for gram in of_term.terms):
                patterns.add(phrase_pattern(of_term))
            inside, between = _pairs(in_term, of_term)
            pairs |= inside
            across |= between
    patterns.discard("")
    return Marker(frozenset(words), frozenset(patterns), frozenset(pairs), frozenset(across), tuple(rows))


def _pairs(words: Tokens, grams: Tokens) -> tuple[set[str], set[str]]:
    """Pairs that lie in one word or join two single characters, and those that cross a longer word's edge."""
    width = {
        at: end - start
        for start, end in zip(words.starts, words.ends, strict=True)
        for at in range(start, end)
    }
    edges = set(words.starts)
    inside: set[str] = set()
    between: set[str] = set()
    for term, start, end in zip(grams.terms, grams.starts, grams.ends, strict=True):
        if len(term) == 2 and not LATIN_EDGE.search(term):
            crossing = end - 1 in edges and max(width.get(start, 1), width.get(end - 1, 1)) > 1
            (between if crossing else inside).add(term)
    return inside, between


def _occurrences(folded: str, strings: Iterable[str]) -> list[Mark]:
    """Where each string stands, overlapping ones too."""
    ranges: list[Mark] = []
    for string in strings:
        at = folded.find(string)
        while at >= 0:
            ranges.append((at, at + len(string)))
            at = folded.find(string, at + 1)
    return ranges


def _matches(folded: str, patterns: Iterable[str]) -> list[Mark]:
    return [found.span() for pattern in patterns for found in re.finditer(pattern, folded)]


def _leftmost_longest(ranges: Iterable[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for start, end in sorted(ranges, key=lambda mark: (mark[0], -mark[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _joined(ranges: Iterable[Mark]) -> list[Mark]:
    """Ranges that overlap as one."""
    joined: list[Mark] = []
    for start, end in sorted(ranges):
        if joined and joined[-1][1] > start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _apart(ranges: Sequence[Mark], more: Iterable[Mark]) -> list[Mark]:
    """`ranges` and those of `more` that overlap none of them, ascending."""
    kept = list(ranges)
    starts = [start for start, _ in ranges]
    for start, end in more:
        at = bisect_right(starts, start)
        if (at == 0 or ranges[at - 1][1] <= start) and (at == len(ranges) or end <= ranges[at][0]):
            kept.append((start, end))
    return sorted(kept)


def opening(text: str, length: int = 60) -> str:
    """The first sentence of a text, at most `length` characters of it.

    >>> opening("\\n4月24日，一場簽約儀式舉行。錫港攜手。")
    '4月24日，一場簽約儀式舉行。'
    """
    text = text.lstrip()
    found = _SENTENCE.match(text)
    sentence = (found.group() if found else text).strip()
    return sentence if len(sentence) <= length else sentence[: length - 1] + "…"


def snippets(text: str, found: Sequence[Highlight], length: int = SNIPPET_LENGTH) -> tuple[Snippet, ...]:
    """Up to three fragments of `text`, together about `length` characters, cut at sentence ends.

    The sentences that show the most different marked strings come first; room that is left goes to what
    follows them. Without marks it is the opening of the text.
    """
    sentences = [found.span() for found in _SENTENCE.finditer(text) if text[slice(*found.span())].strip()]
    if not sentences:
        return ()
    marks = [each.mark for each in found]
    chosen = _best(found, sentences, length) or [0]
    spans = _extended([_trimmed(text, sentences[at], marks, length) for at in chosen], sentences, length)
    return tuple(_snippet(text, start, end, marks) for start, end in spans)


def _best(found: Sequence[Highlight], sentences: Sequence[Mark], length: int) -> list[int]:
    """Indexes of the chosen sentences: greedily those that show most of what is not shown yet."""
    shown = _shown(found, sentences, whole=True)
    if not any(shown):
        shown = _shown(found, sentences, whole=False)
    chosen: list[int] = []
    seen: set[str] = set()
    room = length
    while len(chosen) < SNIPPET_COUNT and room > 0:
        gains = [sum(map(len, strings - seen)) for strings in shown]
        best = max(range(len(gains)), key=lambda at: (gains[at], -at))
        if gains[best] == 0:
            break
        chosen.append(best)
        seen |= shown[best]
        room -= sentences[best][1] - sentences[best][0]
    return sorted(chosen)


def _shown(found: Sequence[Highlight], sentences: Sequence[Mark], *, whole: bool) -> list[set[str]]:
    """Which strings each sentence shows; `whole` leaves out what runs on into the next one."""
    shown: list[set[str]] = [set() for _ in sentences]
    starts = [start for start, _ in sentences]
    for each in found:
        at = max(0, bisect_right(starts, each.start) - 1)
        if not whole or each.end <= sentences[at][1]:
            shown[at].add(each.term)
    return shown


def _trimmed(text: str, span: Mark, marks: Sequence[Mark], length: int) -> Mark:
    """A sentence, or of a long one the part from shortly before its first mark."""
    start, end = span
    if end - start <= length:
        return span
    first = next((mark[0] for mark in marks if start <= mark[0] < end), start)
    if first - start > _LEAD:
        clause = [found.end() for found in _CLAUSE_END.finditer(text, max(start, first - 2 * _LEAD), first)]
        start = clause[0] if clause else first - _LEAD
    return start, end if end - start <= length else _cut(text, start, start + length, first)


def _cut(text: str, start: int, last: int, first: int) -> int:
    """Where to end a fragment: at the last clause end in its second half that is past the first mark."""
    clauses = [found.end() for found in _CLAUSE_END.finditer(text, max(first, (start + last) // 2), last)]
    return clauses[-1] if clauses else last


def _extended(spans: list[Mark], sentences: Sequence[Mark], length: int) -> tuple[Mark, ...]:
    """Let fragments grow over the sentences that follow while there is room, and join those that meet."""
    room = length - sum(end - start for start, end in spans)
    grown: list[Mark] = []
    following = {start: end for start, end in sentences}
    taken = {start for start, _ in spans}
    for start, end in spans:
        while end in following and end not in taken and following[end] - end <= room:
            room -= following[end] - end
            end = following[end]
        grown.append((start, end))
    return joined(grown)


def joined(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Ascending ranges, with those that touch as one.

    >>> joined([(0, 2), (2, 5), (6, 7)])
    ((0, 5), (6, 7))
    """
    whole: list[Mark] = []
    for start, end in marks:
        if whole and whole[-1][1] == start:
            whole[-1] = whole[-1][0], end
        else:
            whole.append((start, end))
    return tuple(whole)


def _snippet(text: str, start: int, end: int, marks: Sequence[Mark]) -> Snippet:
    raw = text[start:end]
    start += len(raw) - len(raw.lstrip())
    shown = raw.strip()
    end = start + len(shown)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start]
    # A mark that was cut off looks like one for something else, unless there is nothing else to show.
    whole = [mark for mark in marks if start <= mark[0] and mark[1] <= end]
    return Snippet(shown, joined([(a - start, b - start) for a, b in whole] or inside), start)
