"""Which fragments of a text answer what was asked?

A fragment is a run of whole sentences, of a sentence that is longer than a snippet a run of its clauses. The
first shows as much as can be of what the query's terms are worth, of equals the one that holds them closest
together; others follow for what they add. **No fragment begins or ends inside of what a reader takes for one
character.** Offsets count code points of the stored text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import add
from typing import NamedTuple

from indexer import native
from indexer.query.patterns import joined
from indexer.results.highlight import Highlight
from indexer.results.results import Snippet
from indexer.text.analyzer import grams, phrase
from indexer.text.clusters import cut_before
from indexer.text.units import CJK, Mark

SNIPPET_LENGTH = 120
SNIPPET_COUNT = 3
_LEAD = 24
# What a further fragment must add, as a share of what the first one shows.
_WORTH_ADDING = 0.1
_SAME = 1e-6
# So many terms are a bit each of one number, for compiled code.
_MOST_TERMS = 64
_SENTENCE = re.compile(r"[^。！？；!?;\n]*(?:[。！？；!?;]+[”’」』）)\"]*|\n+|$)")
_CHARACTERS = re.compile(f"[{CJK}]{{2,}}")
_CLAUSE = re.compile(rf"(?s:.{{{_LEAD}}}.*?)(?:[，、：,:\s]|$)|(?s:.+)")


class _Shown(NamedTuple):
    """A mark, the numbers of the clauses it begins and ends in, and which terms it shows, a bit for each."""

    start: int
    end: int
    first: int
    last: int
    terms: int


class _Worths:
    """What terms are worth together, remembered for as long as one text is looked at."""

    def __init__(self, each: Sequence[float]) -> None:
        self._each = each
        self._known = {0: 0.0}

    def of(self, terms: int) -> float:
        """The sum of the terms whose bits are set."""
        found = self._known.get(terms)
        if found is None:
            found = 0.0
            for at, own in enumerate(self._each):
                # Added one by one, as compiled code does; `sum` may be more exact.
                found += own if terms >> at & 1 else 0.0
            self._known[terms] = found
        return found


def opening(text: str, length: int = 60) -> str:
    """The first sentence of a text, at most `length` characters of it.

    >>> opening("\\n4月24日，一場簽約儀式舉行。錫港攜手。")
    '4月24日，一場簽約儀式舉行。'
    """
    text = text.lstrip()
    found = _SENTENCE.match(text)
    sentence = (found.group() if found else text).strip()
    return sentence if len(sentence) <= length else sentence[: cut_before(sentence, length - 1)] + "…"


def snippets(
    text: str, found: Sequence[Highlight], worth: Callable[[str], float] = len, length: int = SNIPPET_LENGTH
) -> tuple[Snippet, ...]:
    """Up to three fragments of `text` that show `found`, together about `length` characters.

    `worth` says what a folded gram is worth to the query. Room that is left goes to what follows the
    fragments. Without marks it is the opening of the text.
    """
    marks = [(start, end) for start, end, _ in found]
    return tuple([_snippet(text, start, end, marks) for start, end in _fragments(text, found, worth, length)])


def _fragments(
    text: str, found: Sequence[Highlight], worth: Callable[[str], float], length: int
) -> list[Mark]:
    """The fragments, in order."""
    numbers: dict[str, int] = {}
    terms = {string: _bits(string, numbers) for string in dict.fromkeys([string for _, _, string in found])}
    worths = [*map(worth, numbers)]
    extension = native.compiled("_marks")
    if extension and len(worths) <= _MOST_TERMS:
        spans: list[Mark] = extension.fragments(text, [*found], terms, worths, length)
        return spans
    clauses = _clauses(text, length)
    if not clauses:
        return []
    chosen = sorted(_chosen(_shown(found, clauses, length, terms), clauses, _Worths(worths), length))
    return _grown(chosen or [_trimmed(clauses[0], clauses[0], length)], clauses, length)


def _clauses(text: str, length: int) -> list[Mark]:
    """The sentences of a text, those longer than `length` clause by clause."""
    spans = [found.span() for found in _SENTENCE.finditer(text)]
    sentences = [(start, end) for start, end in spans if end > start and not text[start:end].isspace()]
    if all(end - start <= length for start, end in sentences):
        return sentences
    return [
        clause
        for start, end in sentences
        for clause in (
            [(start, end)]
            if end - start <= length
            else [found.span() for found in _CLAUSE.finditer(text, start, end)]
        )
    ]


def _chosen(shown: list[_Shown], clauses: Sequence[Mark], worths: _Worths, length: int) -> Iterator[Mark]:
    """The fragments, best first."""
    wanted = _terms(shown)
    room, least = length, 0.0
    for _ in range(SNIPPET_COUNT if shown else 0):
        most, at, to = _best(shown, clauses, worths, wanted, room, length)
        if most <= least:
            return
        least = least or most * _WORTH_ADDING
        first, last = shown[at], shown[to]
        run = clauses[first.first][0], clauses[last.last][1]
        yield (span := _trimmed(run, (first.start, last.end), length))
        room -= span[1] - span[0]
        wanted &= ~_terms(shown[at : to + 1])
        if room <= 0 or not wanted:
            return
        shown = [
            each
            for each in shown
            if each.terms & wanted and (each.last < first.first or each.first > last.last)
        ]


def _terms(shown: Iterable[_Shown]) -> int:
    terms = 0
    for each in shown:
        terms |= each.terms
    return terms


@lru_cache(maxsize=4096)
def _shows(string: str) -> frozenset[str]:
    """The grams of a marked string; of a sign, which has none, itself."""
    if _CHARACTERS.fullmatch(string):
        # The phrase of characters is their pairs.
        return frozenset(map(add, string, string[1:]))
    return frozenset(phrase(grams(string)) or (string,))


def _bits(string: str, numbers: dict[str, int]) -> int:
    """The terms of a marked string; new ones are numbered."""
    bits = 0
    for term in _shows(string):
        bits |= 1 << numbers.setdefault(term, len(numbers))
    return bits


def _shown(
    found: Sequence[Highlight], clauses: Sequence[Mark], length: int, terms: Mapping[str, int]
) -> list[_Shown]:
    """The marks that fit into a fragment; where none does, what of them is in the clause they begin in."""
    starts = [start for start, _ in clauses]
    shown = []
    for start, end, string in found:
        first = max(0, bisect_right(starts, start) - 1)
        last = first
        while last + 1 < len(starts) and starts[last + 1] < end:
            last += 1
        shown.append(_Shown(start, end, first, last, terms[string]))
    fitting = [each for each in shown if clauses[each.last][1] - starts[each.first] <= length]
    return fitting or [
        each._replace(end=min(each.end, each.start + length, clauses[each.first][1]), last=each.first)
        for each in shown
    ]


def _best(
    shown: Sequence[_Shown], clauses: Sequence[Mark], worths: _Worths, wanted: int, room: int, length: int
) -> tuple[float, int, int]:
    """The most that can be shown together, and the numbers of the first and the last mark that show it.

    Of the terms only those `wanted` are worth anything. They stand in a run of clauses of at most `room`
    characters, or in one clause within `length`. Of equals the narrowest is given, of those the earliest.
    """
    ends = [end for _, end in clauses]
    best, narrow = (0.0, 0, 0), 0
    for number, (start, _, first, _, own) in enumerate(shown):
        following = shown[number + 1] if number + 1 < len(shown) else None
        if following and following.first == first and not own & ~following.terms:
            # What follows in the same clause shows as much, in less room.
            continue
        reach = bisect_right(ends, clauses[first][0] + room)
        seen, worth, last = 0, 0.0, number
        for at in range(number, len(shown)):
            _, end, _, clause, terms = shown[at]
            if clause >= reach and (clause > first or end - start > length):
                break
            if new := terms & ~seen:
                worth += worths.of(new & wanted)
                seen |= terms
                last = at
                if not wanted & ~seen:
                    break
        width = shown[last].end - start
        # Equal sums are equal, in whichever order they were added up.
        if worth > best[0] + _SAME or (worth > best[0] - _SAME and width < narrow):
            best, narrow = (worth, number, last), width
    return best


def _trimmed(run: Mark, shown: Mark, length: int) -> Mark:
    """A run of clauses; of a clause that is too long, what is around the marks to show."""
    start, end = run
    if end - start <= length:
        return run
    lead = min(_LEAD, max(0, length - (shown[1] - shown[0])) // 2)
    start = max(start, shown[0] - lead)
    return start, min(end, start + length)


def _grown(spans: list[Mark], clauses: Sequence[Mark], length: int) -> list[Mark]:
    """Let fragments grow over the clauses that follow while there is room, and join those that meet."""
    room = length - sum(end - start for start, end in spans)
    grown: list[Mark] = []
    following = dict(clauses)
    taken = {start for start, _ in spans}
    for start, end in spans:
        while end in following and end not in taken and following[end] - end <= room:
            room -= following[end] - end
            end = following[end]
        grown.append((start, end))
    return joined(grown)


def _snippet(text: str, start: int, end: int, marks: Sequence[Mark]) -> Snippet:
    start, last = cut_before(text, start), cut_before(text, end)
    # A text that is one cluster from end to end can only be cut inside of it.
    raw = text[start : last if last > start else end]
    start += len(raw) - len(raw.lstrip())
    shown = raw.strip()
    end = start + len(shown)
    whole = [(a - start, b - start) for a, b in marks if start <= a and b <= end]
    # A mark that was cut off looks like one for something else, unless there is nothing else to show.
    shorn = whole or [(max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start]
    return Snippet(shown, tuple(shorn), start)
