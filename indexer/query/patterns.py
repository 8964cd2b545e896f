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
from functools import lru_cache

from indexer import native
from indexer.query.syntax import Gapped, Piece
from indexer.text.analyzer import Tokens, asked, asked_grams
from indexer.text.normalize import normalize
from indexer.text.units import CJK, UNITS, Mark, stops

_LETTER = f"[^\\W\\d_{CJK}]"
_ONE_LETTER = re.compile(_LETTER)
# What goes on a word.
_MORE_LETTERS = re.compile(rf"{_LETTER}|\+\+|#")
# Numbers, and the signs that may join or part them.
_FIGURES = re.compile(r"\d[\d.,]*")
_BETWEEN = re.compile(f"(?:[^\\w{CJK}]|_)+")
LATIN_EDGE = re.compile(f"^(?:{_LETTER}|\\d)|(?:{_LETTER}|\\d)\\Z")


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
    """Where strings stand, those with Latin edges as whole words and numbers.

    >>> whole_words("cats，cat，1.15 15件，C++", ["cat", "15", "C"])
    [(5, 8), (14, 16)]
    """
    return [span for span in occurrences(folded, words) if _is_whole(folded, *span)]


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Whether no Latin word or number at `start:end` goes on beyond it."""
    before, after = _kind(folded[start]), _kind(folded[end - 1])
    if before == "digit":
        return (start, end) in _numbers(folded)
    return not (
        (before and start and _ONE_LETTER.match(folded, start - 1))
        or (after and _MORE_LETTERS.match(folded, end))
    )


@lru_cache(maxsize=4)
def _numbers(folded: str) -> frozenset[Mark]:
    """Where the numbers of a text stand: what joins or parts one may be far from it."""
    return frozenset(
        unit.span()
        for figures in _FIGURES.finditer(folded)
        for unit in UNITS.finditer(folded, *figures.span())
    )


def parts(tokens: Tokens) -> tuple[str, ...]:
    """What a phrase consists of: runs of CJK characters, each Latin word, each number; "" for a sign between.

    >>> parts(asked_grams("合作，无锡24口")), parts(asked_grams("！"))
    (('合作', '', '无锡', '24', '口'), ())
    """
    found: list[str] = []
    end, joins = 0, False
    for term, start, stop in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        latin = bool(LATIN_EDGE.search(term))
        if len(term) == 2 and not latin:
            continue
        if found and start > end:
            found.append("")
        if start == end and joins and not latin:
            found[-1] += term
        else:
            found.append(term)
        end, joins = stop, not latin
    return tuple(found)


def phrases(folded: str, parts: Sequence[str]) -> Iterator[Mark]:
    """Where parts follow one another, also with what is neither letter nor digit between them.

    A sentence ends between them only where a sign is asked for.

    >>> [*phrases("24口，24 口，124口，24。口", ("24", "口"))], [*phrases("24。口", ("24", "", "口"))]
    ([(0, 3), (4, 8)], [(0, 4)])
    """
    if not parts:
        return
    first, *rest = parts
    for start, end in whole_words(folded, (first,)):
        signed = False
        for part in rest:
            if not part:
                signed = True
                continue
            between = _BETWEEN.match(folded, end)
            if between and not signed and stops(between.group()):
                break
            at = between.end() if between else end
            end = at + len(part)
            if not folded.startswith(part, at) or not _is_whole(folded, at, end):
                break
            signed = False
        else:
            yield start, end


@dataclass(frozen=True, slots=True)
class RowPattern:
    """Pieces, each as a phrase's parts or a pattern for one Latin word, and how far it is from that before.

    With `whole` a find is one range from the first piece to the last, else a range for each piece.
    """

    pieces: tuple[tuple[tuple[str, ...] | re.Pattern[str], int, int], ...]
    whole: bool

    def find(self, folded: str) -> list[Mark]:
        """The ranges where all pieces stand in order, each find as close together as can be."""
        starts, words = _layout(folded)
        ends = stops(folded)
        rows: list[list[_Link]] = []
        for piece, least, most in self.pieces:
            found = phrases(folded, piece) if isinstance(piece, tuple) else _words(piece, folded, words)
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


def _words(pattern: re.Pattern[str], folded: str, words: Sequence[Mark]) -> Iterator[Mark]:
    return ((start, end) for start, end in words if pattern.match(folded[start:end]))


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
    """The pieces of a query; those that hold nothing to look for are left out.

    >>> from indexer.query.syntax import parse
    >>> row(parse("无*园")).find("无锡高新区的软件园，无锡园")
    [(10, 13)]
    """
    pieces = [(_looked_for(piece), piece.least, piece.most) for piece in node.pieces]
    return RowPattern(tuple(each for each in pieces if each[0]), node.whole)


def _looked_for(piece: Piece) -> tuple[str, ...] | re.Pattern[str]:
    if not piece.pattern:
        return parts(asked_grams(piece.text))
    # As the index does: in time that grows with the word, however many * there are.
    return re.compile(fnmatch.translate(normalize(asked(piece.text))))
