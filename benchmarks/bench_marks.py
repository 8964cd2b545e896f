"""Is what is typed marked whole where it stands, and nothing else?

    python -m benchmarks.bench_marks PATH... [--strings 2000] [--seed 7] [--misses 5]

Draws strings from the documents of PATHs (files or folders, as a source takes them): half of them 2 to 8 Han
characters, half 2 to 8 units of any kind with what stands between. Each is looked for in the document it
comes from. Counts the places where it stands, how many of them are one mark, and the marks that hold
something else than a piece of it; prints the time for a text.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

from indexer import load_config
from indexer.documents.outcomes import Skipped
from indexer.documents.sources import read_source
from indexer.query.syntax import Words, positive
from indexer.results.highlight import Marker, make_marker
from indexer.text.analyzer import Analyzer, load_analyzer, visible
from indexer.text.normalize import normalize
from indexer.text.units import CJK, UNITS

HAN = re.compile("[\u4e00-\u9fff]{2,}")
CHARACTERS = re.compile(f"[{CJK}]+")
LENGTHS = 2, 8


@dataclass(frozen=True)
class Drawn:
    """A string and the text that it was drawn from."""

    string: str
    text: str


@dataclass(frozen=True)
class Marked:
    """How often a string stands in its text, how often it is marked whole, and marks of something else."""

    stands: int
    whole: int
    alien: tuple[str, ...]


def draw(texts: Sequence[str], count: int, seed: int) -> Iterator[Drawn]:
    """Strings from texts, by turns of Han alone and of any units."""
    chance = random.Random(seed)
    drawn = 0
    while drawn < count:
        text = chance.choice(texts)
        length = chance.randint(*LENGTHS)
        string = _han(text, length, chance) if drawn % 2 else _units(text, length, chance)
        if string and not re.search(r"\s", string):
            drawn += 1
            yield Drawn(string, text)


def _han(text: str, length: int, chance: random.Random) -> str:
    runs = [run for run in HAN.findall(text) if len(run) >= length]
    if not runs:
        return ""
    run = chance.choice(runs)
    start = chance.randint(0, len(run) - length)
    return run[start : start + length]


def _units(text: str, length: int, chance: random.Random) -> str:
    """Units as they stand in the text as it is matched, so that none is cut."""
    shown = visible(text)
    spans = _positions(normalize(shown.text))
    if len(spans) < length:
        return ""
    start = chance.randint(0, len(spans) - length)
    first, last = shown.span(spans[start][0], spans[start + length - 1][1])
    return text[first:last]


def _positions(folded: str) -> list[tuple[int, int]]:
    """The range of each position: a character, a Latin word, a number."""
    return [
        span
        for unit in UNITS.finditer(folded)
        for span in ([(at, at + 1) for at in range(*unit.span())] if unit[1] else [unit.span()])
    ]


def _unit_texts(folded: str) -> tuple[str, ...]:
    return tuple(folded[start:end] for start, end in _positions(folded))


def judge(drawn: Drawn, marker: Marker) -> Marked:
    """The marks of a drawn string in its text, held against the places where it stands, unit by unit."""
    shown = visible(drawn.text)
    folded, asked = normalize(shown.text), normalize(visible(drawn.string).text)
    spans, units, wanted = _positions(folded), _unit_texts(folded), _unit_texts(asked)
    # Where punctuation is typed any may stand; where none is, none between characters.
    apart = [end < start for (_, end), (start, _) in pairwise(_positions(asked))]
    places, at = [], 0
    while at + len(wanted) <= len(units):
        place = spans[at : at + len(wanted)]
        if units[at : at + len(wanted)] == wanted and _as_typed(folded, place, apart):
            places.append(shown.span(place[0][0], place[-1][1]))
            at += len(wanted)
        else:
            at += 1
    marks = marker.marks(drawn.text)
    pieces = {wanted[start:end] for start, end in combinations(range(len(wanted) + 1), 2)}
    texts = [normalize(visible(drawn.text[slice(*mark)]).text) for mark in marks]
    alien = tuple(text for text in texts if text not in asked and _unit_texts(text) not in pieces)
    return Marked(len(places), sum(place in marks for place in places), alien)


def _as_typed(folded: str, place: Sequence[tuple[int, int]], apart: Sequence[bool]) -> bool:
    """Whether two neighboring characters have nothing between them, unless something was typed there."""
    return all(
        end == start or free or not CHARACTERS.fullmatch(folded[end - 1] + folded[start])
        for ((_, end), (start, _)), free in zip(pairwise(place), apart, strict=True)
    )


def read(paths: Sequence[Path]) -> list[str]:
    """The texts of all documents below paths that hold Han."""
    found = (item for path in paths for item in read_source(path) if not isinstance(item, Skipped))
    return [item.text for item in found if HAN.search(item.text)]


def marker_of(drawn: Drawn, analyzer: Analyzer) -> Marker:
    """The marker of the string as a query of plain words."""
    return make_marker(positive(Words((drawn.string,))), analyzer)


def main() -> None:
    """Print the counts and the time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--strings", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--misses", type=int, default=5)
    given = parser.parse_args()
    analyzer = load_analyzer(load_config())
    drawn = [*draw(read(given.paths), given.strings, given.seed)]
    markers = [marker_of(each, analyzer) for each in drawn]
    started = time.perf_counter()
    for each, marker in zip(drawn, markers, strict=True):
        marker.marks(each.text)
    milliseconds = (time.perf_counter() - started) / len(drawn) * 1000
    judged = [judge(each, marker) for each, marker in zip(drawn, markers, strict=True)]
    stands, whole = sum(each.stands for each in judged), sum(each.whole for each in judged)
    alien = [(each.string, text) for each, found in zip(drawn, judged, strict=True) for text in found.alien]
    print(f"{len(drawn):,} strings stand in {stands:,} places, {whole:,} ({whole / stands:.2%}) marked whole")
    print(f"{len(alien):,} marks hold something else; {milliseconds:.3f} ms a text")
    missed = [each.string for each, found in zip(drawn, judged, strict=True) if found.whole < found.stands]
    for miss in [*missed[: given.misses], *alien[: given.misses]]:
        print("  ", miss)


if __name__ == "__main__":
    main()
