"""Does a passage find where it stands, whatever was done to it, and how fast?

    python benchmarks/bench_trace.py COLLECTION... [--passages 1000] [--seed 20] [--work DIR] [--timed]

A collection is a folder with docs.jsonl or docs.jsonl.gz; it is indexed in `--work` once. From its documents
passages of 20 to 300 characters are drawn by chance. At each level, 0, 5, 15 and 25 %, so many of the
characters are substituted, deleted or followed by others, one of the three by chance; besides, each passage
has one fate, by chance: none, the other script, pinyin damage (so many characters, at least one in ten, get
their reading in parentheses), or it was cut in two, the halves in the other order. Then it is traced.

    recall      passages that find the place they came from, or one that says as much of them: a copy
    precision   of all that is returned, what holds when it is aligned anew, by another algorithm and from
                the texts alone: at least 8 characters, at most 35 % of the longer side changed

`--timed` prints the milliseconds for passages of 200 characters besides (wall and CPU, median and 95 %).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

sys.path.insert(0, str(Path(__file__).parents[1]))

from indexer import Config, Searcher, rebuild
from indexer.config import SourceSettings
from indexer.measure.judgments import documents_file
from indexer.repair import repair_text
from indexer.repair.pinyin import remove_annotations
from indexer.repair.steps import advance, origins, replay
from indexer.text.analyzer import visible
from indexer.text.display import convert
from indexer.text.normalize import normalize
from indexer.text.units import content, units
from indexer.trace import Parallel

LEVELS = (0.0, 0.05, 0.15, 0.25)
FATES = ("none", "script", "pinyin", "cut")
HAN = ("\u4e00", "\u9fff")


@dataclass(frozen=True, slots=True)
class Case:
    """A passage as it was drawn, and as it is asked for."""

    document: str
    start: int
    end: int
    text: str
    fate: str


def is_han(character: str) -> bool:
    """Whether a character is a usual Chinese one."""
    return HAN[0] <= character <= HAN[1]


def read(directory: Path) -> dict[str, str]:
    """Id → text of a collection."""
    file = documents_file(directory)
    if file is None:
        raise SystemExit(f"{directory}: has no docs.jsonl")
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        return {row["id"]: row["text"] for row in map(json.loads, lines)}


def drawn(texts: dict[str, str], count: int, chance: random.Random) -> list[tuple[str, int, int]]:
    """Places of documents to draw passages from: (id, start, end), mostly Chinese."""
    ids, found = sorted(texts), []
    while len(found) < count:
        document, size = chance.choice(ids), chance.randint(20, 300)
        text = texts[document]
        size = min(size, len(text))
        start = chance.randint(0, len(text) - size)
        if sum(map(is_han, text[start : start + size])) >= max(20, 0.6 * size):
            found.append((document, start, start + size))
    return found


def edited(text: str, level: float, chance: random.Random, letters: str) -> str:
    """A text with the share `level` of its characters substituted, deleted, or followed by another."""
    found = [*text]
    for place in chance.sample(range(len(text)), round(level * len(text))):
        other = chance.choice(letters)
        found[place] = chance.choice((other, "", text[place] + other))
    return "".join(found)


def annotated(text: str, level: float, chance: random.Random) -> str:
    """A text in which characters have their reading behind them, as a byte-level replace leaves it."""
    han = [place for place, character in enumerate(text) if is_han(character)]
    found = [*text]
    for place in chance.sample(han, round(max(level, 0.1) * len(han))):
        found[place] += f"({lazy_pinyin(text[place], style=Style.TONE)[0]})"
    return "".join(found)


def altered(text: str, level: float, fate: str, chance: random.Random, letters: str) -> str:
    """What became of a passage."""
    text = edited(text, level, chance, letters)
    if fate == "script":
        hans = convert(text, "hans")
        return convert(text, "hant") if hans == text else hans
    if fate == "pinyin":
        return annotated(text, level, chance)
    if fate == "cut":
        middle = chance.randint(len(text) // 3, 2 * len(text) // 3)
        return text[middle:] + "。" + text[:middle]
    return text


def finds(case: Case, matches: Sequence[Parallel], texts: dict[str, str]) -> bool:
    """Whether the place a passage came from is found, or a copy of it, and no worse one in its stead."""
    for match in matches:
        start, end = match.document
        if match.id == case.document and min(end, case.end) - max(start, case.start) >= 8:
            return True
    wanted = comparable(texts[case.document][case.start : case.end])
    return any(share_changed(wanted, comparable(match.text)) <= 0.1 for match in matches)


def comparable(text: str) -> list[str]:
    """The characters, words and numbers of a text, folded."""
    folded = normalize(visible(text).text)
    _, spans = found = units(folded)
    if not len(spans):
        return [*content(found)]
    parts: list[str] = []
    for start, end in zip(spans[::2], spans[1::2], strict=True):
        piece = folded[start >> 1 : end]
        parts += piece if start & 1 else [piece]
    return parts


@lru_cache(1)
def repaired(text: str) -> tuple[str, Sequence[tuple[int, int]]]:
    """A passage as it is compared, and of each character what it came from."""
    repair = repair_text(text)
    steps = advance(text, repair.steps, remove_annotations(repair.text))
    return replay(text, steps), origins(len(text), steps)


def holds(case: Case, match: Parallel) -> bool:
    """Whether what is returned is so when it is aligned anew."""
    text, came_from = repaired(case.text)
    start, end = match.passage
    kept = [
        character
        for character, (first, last) in zip(text, came_from, strict=True)
        if first >= start and last <= end
    ]
    here, there = comparable("".join(kept)), comparable(match.text)
    return min(len(here), len(there)) >= 8 and share_changed(here, there) <= 0.35


def share_changed(one: Sequence[str], other: Sequence[str]) -> float:
    """The edit distance of two lists over the length of the longer (Myers 1999, Hyyrö 2003).

    >>> share_changed("春眠不覺曉", "春眠心不曉")
    0.4
    """
    if not one or not other:
        return float(one != other)
    where: defaultdict[str, int] = defaultdict(int)
    for place, each in enumerate(one):
        where[each] |= 1 << place
    full, last, distance = (1 << len(one)) - 1, 1 << (len(one) - 1), len(one)
    up, down = full, 0
    for each in other:
        matches = where[each] | down
        zero = (((matches & up) + up) ^ up) | matches
        across, back = down | ~(zero | up) & full, up & zero
        distance += bool(across & last) - bool(back & last)
        across, back = (across << 1 | 1) & full, back << 1 & full
        up, down = back | ~((where[each] | down) | across) & full, across & (where[each] | down)
    return distance / max(len(one), len(other))


def indexed(directory: Path, work: Path) -> Config:
    """The configuration of a collection's index, which is built unless it is there."""
    file = documents_file(directory)
    assert file is not None
    config = Config()
    settings = replace(config.index, directory=work / directory.name)
    patient = replace(config.search, deadline_s=60)
    own = replace(config, index=settings, search=patient, sources=(SourceSettings(file),))
    if not (settings.directory / "CURRENT").exists():
        rebuild(own)
    return own


def measure(name: str, searcher: Searcher, texts: dict[str, str], count: int, seed: int, worst: int) -> None:
    """Print recall and precision of a collection by level, and recall by what else was done."""
    chance = random.Random(seed)
    letters = "".join(filter(is_han, "".join(chance.sample(sorted(texts.values()), min(200, len(texts))))))
    places = drawn(texts, count, chance)
    for level in LEVELS:
        found: Counter[str] = Counter()
        asked: Counter[str] = Counter()
        returned = right = shown = 0
        for document, start, end in places:
            fate = chance.choice(FATES)
            text = altered(texts[document][start:end], level, fate, chance, letters)
            case = Case(document, start, end, text, fate)
            matches = searcher.trace(text).matches
            good = finds(case, matches, texts)
            found[fate] += good
            asked[fate] += 1
            returned += len(matches)
            right += sum(holds(case, match) for match in matches)
            if not good and shown < worst:
                shown += 1
                print(f"  missed ({fate}, {end - start}): {text!r}", file=sys.stderr)
        by_fate = ", ".join(f"{fate} {found[fate] / asked[fate]:.3f}" for fate in FATES)
        print(
            f"{name} {level:4.0%}: recall {found.total() / asked.total():.4f} ({by_fate}),"
            f" precision {right / max(returned, 1):.4f} of {returned:,}",
            flush=True,
        )


def timed(name: str, searcher: Searcher, texts: dict[str, str], seed: int, size: int = 200) -> None:
    """Print how long passages of a size take, at each level."""
    chance = random.Random(seed)
    long = sorted(document for document, text in texts.items() if len(text) >= size)
    letters = "".join(filter(is_han, "".join(texts[document] for document in long[:50])))
    spent: defaultdict[str, list[float]] = defaultdict(list)
    clocks: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "CPU": time.thread_time}
    for turn in range(330):
        text = texts[chance.choice(long)]
        start = chance.randint(0, len(text) - size)
        passage = edited(text[start : start + size], LEVELS[turn % 4], chance, letters)
        before = {clock: read() for clock, read in clocks.items()}
        searcher.trace(passage)
        # The first ones open files.
        for clock, read in clocks.items() if turn >= 30 else ():
            spent[clock].append(1000 * (read() - before[clock]))
    for clock, all_ in spent.items():
        low, high = statistics.median(all_), statistics.quantiles(all_, n=20)[-1]
        print(f"{name}, {size} characters, {clock}: median {low:.1f} ms, 95 % {high:.1f} ms")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--work", type=Path, default=Path(".hansou/bench-trace"))
    parser.add_argument("--timed", action="store_true")
    parser.add_argument("--only-timed", action="store_true")
    parser.add_argument("--worst", type=int, default=0, help="print so many missed passages a level")
    options = parser.parse_args()
    for directory in options.collections:
        texts = read(directory)
        with Searcher.open(indexed(directory, options.work)) as searcher:
            if not options.only_timed:
                measure(directory.name, searcher, texts, options.passages, options.seed, options.worst)
            if options.timed or options.only_timed:
                timed(directory.name, searcher, texts, options.seed)


if __name__ == "__main__":
    main()
