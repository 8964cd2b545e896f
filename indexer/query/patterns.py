"""Where in folded text does a word, a phrase, or a row of pieces at given distances stand?

A word with Latin edges stands only where it is a whole word or number. **What is found here is what the index
finds**: distances count as its positions do, a CJK character or a Latin word or number each, punctuation not.
"""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer import native
from indexer.query.syntax import Gapped, Piece
from indexer.text.analyzer import Tokens, asked, grams
from indexer.text.normalize import normalize
from indexer.text.units import CJK, UNITS, Mark, stops

_LETTER = f"[^\\W\\d_{CJK}]"
_ONE_LETTER = re.compile(_LETTER)
# What before and after a word or number makes it a part of another.
_BEFORE = {"letter": re.compile(f"{_LETTER}\\Z"), "digit": re.compile(r"\d[.,]?\Z")}
_MORE = {"letter": rf"{_LETTER}|\+\+|\#", "digit": r"[.,]?\d"}
_AFTER = {kind: re.compile(more) for kind, more in _MORE.items()}
_BETWEEN = re.compile(f"(?:[^\\w{CJK}]|_)+")
LATIN_EDGE = re.compile(f"^(?:{_LETTER}|\\d)|(?:{_LETTER}|\\d)\\Z")


def literal(word: str) -> str:
    """A folded word as it stands, or, with Latin edges, as a pattern that finds only whole words and numbers.

    >>> bool(re.search(literal("cat"), "cats")), bool(re.search(literal("iphone"), "iphone15手机"))
    (False, True)
    >>> bool(re.search(literal("24"), "24口")), literal("无锡"), bool(re.search(literal("c"), "c++"))
    (True, '无锡', False)
    """
    if not LATIN_EDGE.search(word):
        return word
    before = {"letter": f"(?<!{_LETTER})", "digit": r"(?<!\d)(?<!\d[.,])", "": ""}[_kind(word[0])]
    after = _kind(word[-1])
    return f"{before}{re.escape(word)}" + (f"(?!{_MORE[after]})" if after else "")


def _kind(character: str) -> str:
    if character.isdecimal():
        return "digit"
    return "letter" if _ONE_LETTER.match(character) else ""


def occurrences(folded: str, strings: Iterable[str]) -> list[Mark]:
    """Where each string stands, overlapping ones too.

    >>> occurrences("哈哈哈", ["哈哈"])
    [(0, 2), (1, 3)]
    """
    ranges: list[Mark] = []
    for string in strings:
        at = folded.find(string)
        while at >= 0:
            ranges.append((at, at + len(string)))
            at = folded.find(string, at + 1)
    return ranges


def covered(folded: str, strings: tuple[str, ...]) -> list[Mark]:
    """The ranges in which any of the strings stands, ascending, those that overlap or touch as one.

    >>> covered("高新技術在高新", ("高新", "技術", "新技"))
    [(0, 4), (5, 7)]
    """
    extension = native.compiled("_marks")
    return extension.covered(folded, strings) if extension else joined(occurrences(folded, strings))


def joined(ranges: Iterable[Mark]) -> list[Mark]:
    """Ranges that overlap or touch as one, ascending.

    >>> joined([(6, 7), (0, 2), (2, 5), (3, 4)])
    [(0, 5), (6, 7)]
    """
    whole: list[Mark] = []
    for start, end in sorted(ranges):
        if whole and whole[-1][1] >= start:
            whole[-1] = whole[-1][0], max(end, whole[-1][1])
        else:
            whole.append((start, end))
    return whole


def whole_words(folded: str, words: Iterable[str]) -> list[Mark]:
    """Where Latin words and numbers stand as whole ones: what `literal` finds, without a pattern to compile.

    >>> whole_words("cats，cat，1.15 15件", ["cat", "15"])
    [(5, 8), (14, 16)]
    """
    return [span for span in occurrences(folded, words) if _is_whole(folded, *span)]


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Whether no Latin word or number at `start:end` goes on beyond it."""
    before, after = _kind(folded[start]), _kind(folded[end - 1])
    return not (
        (before and _BEFORE[before].search(folded, max(0, start - 2), start))
        or (after and _AFTER[after].match(folded, end))
    )


def phrase_pattern(tokens: Tokens) -> str:
    """A phrase as a pattern: its units in order; between runs, whatever is neither letter nor digit.

    >>> phrase_pattern(grams("合作，无锡口"))
    '合作[\\\\W_]*无锡口'
    >>> [bool(re.search(phrase_pattern(grams("24口")), text)) for text in ("24口", "24 口", "124口")]
    [True, True, False]
    """
    pattern = ""
    end = -1
    for term, start in zip(tokens.terms, tokens.starts, strict=True):
        latin = LATIN_EDGE.search(term)
        if len(term) == 2 and not latin:
            continue
        adjacent = start == end and not latin and not pattern[-1:].isascii()
        pattern += literal(term) if adjacent or not pattern else f"[\\W_]*{literal(term)}"
        end = start + len(term)
    return pattern


def parts(tokens: Tokens) -> tuple[str, ...]:
    """What a phrase consists of: runs of CJK characters, each Latin word, each number.

    >>> parts(grams("合作，无锡24口")), parts(grams("！"))
    (('合作', '无锡', '24', '口'), ())
    """
    found: list[str] = []
    end = -1
    for term, start, stop in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        latin = LATIN_EDGE.search(term)
        if len(term) == 2 and not latin:
            continue
        if start == end and not latin:
            found[-1] += term
        else:
            found.append(term)
        end = -1 if latin else stop
    return tuple(found)


def phrases(folded: str, parts: Sequence[str]) -> Iterator[Mark]:
    """Where parts follow one another: what `phrase_pattern` finds, without a pattern to compile.

    >>> [*phrases("24口，24 口，124口", ("24", "口"))]
    [(0, 3), (4, 8)]
    """
    if not parts:
        return
    first, *rest = parts
    for start, end in whole_words(folded, (first,)):
        for part in rest:
            between = _BETWEEN.match(folded, end)
            at = between.end() if between else end
            end = at + len(part)
            if not folded.startswith(part, at) or not _is_whole(folded, at, end):
                break
        else:
            yield start, end


@dataclass(frozen=True, slots=True)
class RowPattern:
    """Pieces as patterns: (pattern, least, most, whether it is for one Latin word), and what to mark.

    With `whole` a find is one range from the first piece to the last, else a range for each piece.
    """

    pieces: tuple[tuple[str, int, int, bool], ...]
    whole: bool

    def find(self, folded: str) -> list[Mark]:
        """The ranges where all pieces stand in order, each find as close together as can be."""
        starts, words = _layout(folded)
        ends = stops(folded)
        rows: list[list[_Link]] = []
        for pattern, least, most, one_word in self.pieces:
            found = _words(pattern, folded, words) if one_word else _strings(pattern, folded)
            rows.append(_linked(found, (starts, ends), rows[-1] if rows else None, least, most))
        if not rows:
            return []
        return [mark for last in rows[-1] for mark in self._marks(rows, last)]

    def _marks(self, rows: Sequence[Sequence[_Link]], last: _Link) -> list[Mark]:
        links = [last]
        for row in reversed(rows[:-1]):
            links.append(row[links[-1].before])
        marks = [(link.start, link.end) for link in reversed(links)]
        return [(marks[0][0], marks[-1][1])] if self.whole else marks


@dataclass(frozen=True, slots=True)
class _Link:
    """A piece at `start:end`, how many units start before its end, and which of the row before it follows."""

    start: int
    end: int
    passed: int
    before: int


def _linked(
    found: Iterator[Mark],
    layout: tuple[Sequence[int], Sequence[int]],
    before: Sequence[_Link] | None,
    least: int,
    most: int,
) -> list[_Link]:
    """The ranges that follow one of the row before at the given distance, each linked to the nearest.

    `layout` says where positions start, and where sentences end: none does between the two.
    """
    starts, ends = layout
    passed = [link.passed for link in before or ()]
    links = []
    for start, end in found:
        at, nearest = bisect_left(starts, start), -1
        if before is not None:
            nearest = bisect_right(passed, at - least) - 1
            if nearest < 0 or passed[nearest] < at - most:
                continue
            if bisect_left(ends, start) > bisect_left(ends, before[nearest].end):
                continue
        links.append(_Link(start, end, bisect_left(starts, end), nearest))
    return links


def _strings(pattern: str, folded: str) -> Iterator[Mark]:
    """Where a pattern stands, overlapping finds too."""
    return (found.span(1) for found in re.finditer(f"(?=({pattern}))", folded))


def _words(pattern: str, folded: str, words: Sequence[Mark]) -> Iterator[Mark]:
    matches = re.compile(pattern).match
    return ((start, end) for start, end in words if matches(folded[start:end]))


def _layout(folded: str) -> tuple[list[int], list[Mark]]:
    """Where each position starts, and the ranges of the Latin words and numbers."""
    starts: list[int] = []
    words: list[Mark] = []
    for unit in UNITS.finditer(folded):
        start, end = unit.span()
        if unit[1]:
            starts += range(start, end)
        else:
            starts.append(start)
            words.append((start, end))
    return starts, words


def row(node: Gapped) -> RowPattern:
    """The pieces of a query as patterns; those that hold nothing to look for are left out.

    >>> from indexer.query.syntax import parse
    >>> row(parse("无*园")).find("无锡高新区的软件园，无锡园")
    [(10, 13)]
    """
    patterns = [(_pattern(piece), piece.least, piece.most, piece.pattern) for piece in node.pieces]
    return RowPattern(tuple(each for each in patterns if each[0]), node.whole)


def _pattern(piece: Piece) -> str:
    text = normalize(asked(piece.text))
    if not piece.pattern:
        return phrase_pattern(grams(text))
    # As the index does: in time that grows with the word, however many * there are.
    return fnmatch.translate(text)
