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

from indexer.analyzer import CJK, Analyzer, Tokens, visible
from indexer.normalize import normalize
from indexer.query import Phrase, Words
from indexer.results import Mark, Snippet

SNIPPET_LENGTH = 120
SNIPPET_COUNT = 3
_LEAD = 24
_SENTENCE = re.compile(r"[^。！？；!?;\n]*(?:[。！？；!?;]+[”’」』）)\"]*|\n+|$)")
_CLAUSE_END = re.compile(r"[，、：,:\s]")


@dataclass(frozen=True, slots=True)
class Marker:
    """Patterns over folded text: words and phrases; pairs inside a word; pairs across words."""

    words: re.Pattern[str]
    pairs: re.Pattern[str]
    across: re.Pattern[str]

    def marks(self, text: str) -> list[Mark]:
        """The ranges of `text` to mark, ascending, not overlapping."""
        shown, offsets = visible(text)
        folded = normalize(shown)
        words = [found.span() for found in self.words.finditer(folded)]
        marks = _apart(words, _joined(self.pairs, folded)) or _joined(self.across, folded)
        if offsets is None:
            return marks
        return [(offsets[start], offsets[end - 1] + 1) for start, end in marks]


def make_marker(leaves: Iterable[Words | Phrase], analyzer: Analyzer, field: str = "body") -> Marker:
    """The marker of a query's positive leaves for one field ("title" or "body")."""
    words: set[str] = set()
    pairs: set[str] = set()
    across: set[str] = set()
    for leaf in leaves:
        if isinstance(leaf, Phrase):
            if leaf.field in (None, field):
                words.add(_phrase_pattern(analyzer.grams(leaf.text)))
            continue
        for term in leaf.terms:
            in_term = analyzer.words(term)
            grams = analyzer.grams(term)
            words.update(_literal(word) for word in in_term.terms if len(word) > 1 or len(grams) == 1)
            words.update(_literal(gram) for gram in grams.terms if gram.isascii())
            inside, between = _pairs(in_term, grams)
            pairs |= inside
            across |= between
    return Marker(_pattern(words), _lookahead(pairs), _lookahead(across))


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
        if len(term) == 2 and not term.isascii():
            crossing = end - 1 in edges and max(width.get(start, 1), width.get(end - 1, 1)) > 1
            (between if crossing else inside).add(re.escape(term))
    return inside, between


def _literal(word: str) -> str:
    """A folded word as a pattern; Latin words and numbers only as whole ones.

    >>> bool(re.search(_literal("cat"), "cats")), bool(re.search(_literal("15"), "iphone15手机"))
    (False, False)
    >>> bool(re.search(_literal("24"), "24口")), _literal("无锡")
    (True, '无锡')
    """
    before = f"(?<![^\\W_{CJK}])" if re.match(f"[^\\W_{CJK}]", word) else ""
    after = f"(?![^\\W_{CJK}])" if re.search(f"[^\\W_{CJK}]$", word) else ""
    return f"{before}{re.escape(word)}{after}"


def _phrase_pattern(tokens: Tokens) -> str:
    """A phrase as a pattern: its units in order; between runs, whatever is neither letter nor digit.

    >>> from indexer.analyzer import grams
    >>> _phrase_pattern(grams("合作，无锡24口"))
    '合作[\\\\W_]*无锡[\\\\W_]*24[\\\\W_]*口'
    """
    pattern = ""
    end = -1
    for term, start in zip(tokens.terms, tokens.starts, strict=True):
        if len(term) == 2 and not term.isascii():
            continue
        adjacent = start == end and not term.isascii() and not pattern[-1:].isascii()
        pattern += re.escape(term) if adjacent or not pattern else f"[\\W_]*{re.escape(term)}"
        end = start + len(term)
    return pattern


def _pattern(alternatives: set[str]) -> re.Pattern[str]:
    longest_first = sorted(alternatives - {""}, key=lambda word: (-len(word), word))
    return re.compile("|".join(longest_first) or "(?!)")


def _lookahead(pairs: set[str]) -> re.Pattern[str]:
    """Pairs overlap, so they are found by where they begin."""
    return re.compile(f"(?={'|'.join(sorted(pairs))})" if pairs else "(?!)")


def _joined(pairs: re.Pattern[str], folded: str) -> list[Mark]:
    """The ranges of all pairs, those that overlap as one."""
    ranges: list[Mark] = []
    for found in pairs.finditer(folded):
        start = found.start()
        joins = ranges and ranges[-1][1] > start
        ranges[-1:] = [(ranges[-1][0], start + 2)] if joins else [*ranges[-1:], (start, start + 2)]
    return ranges


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


def snippets(text: str, marks: Sequence[Mark], length: int = SNIPPET_LENGTH) -> tuple[Snippet, ...]:
    """Up to three fragments of `text`, together about `length` characters, cut at sentence ends.

    The sentences that show the most different marked strings come first; room that is left goes to what
    follows them. Without marks it is the opening of the text.
    """
    sentences = [found.span() for found in _SENTENCE.finditer(text) if text[slice(*found.span())].strip()]
    if not sentences:
        return ()
    chosen = _best(text, marks, sentences, length) or [0]
    spans = _extended([_trimmed(text, sentences[at], marks, length) for at in chosen], sentences, length)
    return tuple(_snippet(text, start, end, marks) for start, end in spans)


def _best(text: str, marks: Sequence[Mark], sentences: Sequence[Mark], length: int) -> list[int]:
    """Indexes of the chosen sentences: greedily those that show most of what is not shown yet."""
    shown: list[set[str]] = [set() for _ in sentences]
    starts = [start for start, _ in sentences]
    for start, end in marks:
        shown[max(0, bisect_right(starts, start) - 1)].add(normalize(text[start:end]))
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


def _extended(spans: list[Mark], sentences: Sequence[Mark], length: int) -> list[Mark]:
    """Let fragments grow over the sentences that follow while there is room, and join those that meet."""
    room = length - sum(end - start for start, end in spans)
    joined: list[Mark] = []
    following = {start: end for start, end in sentences}
    taken = {start for start, _ in spans}
    for start, end in spans:
        while end in following and end not in taken and following[end] - end <= room:
            room -= following[end] - end
            end = following[end]
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _snippet(text: str, start: int, end: int, marks: Sequence[Mark]) -> Snippet:
    raw = text[start:end]
    start += len(raw) - len(raw.lstrip())
    shown = raw.strip()
    end = start + len(shown)
    inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start)
    return Snippet(shown, inside, start)
