"""Which parameters rank best on archives that they were not chosen on?

    python benchmarks/tune.py --collections drcd=DIR law=DIR pydocs=DIR,DIR [--quick] [--work DIR]
    python benchmarks/tune.py --collections law=DIR --measure [--set b=0.4 --set answered=0.6] [--shown 20]

The first form tries a grid of parameters on every collection and chooses **for each collection those that do
best on all the others**, each of which counts alike: what comes of it is what a stranger's archive gets. It
prints that beside the shipped parameters, with 95 % intervals and paired randomization tests, and at last
what is best on everything, of which the figures are too good. The second measures the shipped parameters, or
changed ones beside them with every question that fares otherwise.

A collection is one or more judged sets that are no strangers to each other (a translation, another variety);
each of their files of queries counts as a set. Each is indexed once (`--work DIR` keeps the indexes for the
next run). The same command gives the same figures. Nothing but the working directory is written.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from candidates import AGAIN, Values, candidates
from judged_sets import TEN, Answer, JudgedSet, Question, read_sets

from indexer.config import RankingSettings, load_config
from indexer.measure.significance import compare, intervals
from indexer.query.ranking import RANKING

Grid = Mapping[str, Sequence[float]]
FIRST: Grid = {
    "k1": (0.8, 1.2),
    "b": (0.5, 0.7, 0.85),
    "beta": (0.75, 1.0),
    "character": (0.45, 0.7),
    "usual": (0.2, 1.0),
}
"""What is tried of the parameters that find candidates; each is a search of every question."""
SECOND: Grid = {
    "closeness": (0.15, 0.3, 0.5),
    "closeness_characters": (0.1, 0.2, 0.3, 0.4),
    "answered": (0.0, 0.4, 0.8, 1.2),
}
QUICK: Grid = {"b": (0.5, 0.85), "beta": (0.75, 1.0), "character": (0.45, 0.7)}
SAMPLE, QUICK_SAMPLE = 1000, 150


@dataclass(frozen=True, slots=True)
class Tried:
    """What a grid came to on one set: reciprocal ranks by setting and question, recall by first phase."""

    ranks: Values
    recall: Values


def settings_of(grid: Grid, start: RankingSettings = RANKING) -> list[RankingSettings]:
    """All settings of a grid over `start`, which comes first.

    >>> [each.b for each in settings_of({"b": (0.5, 0.85)})]
    [0.85, 0.5]
    """
    found = (replace(start, **dict(zip(grid, values, strict=True))) for values in product(*grid.values()))
    return [*dict.fromkeys((start, *found))]


def combined(first: RankingSettings, second: RankingSettings) -> RankingSettings:
    """The parameters of `first`, those that score again of `second`."""
    return replace(first, **{name: getattr(second, name) for name in AGAIN})


def attempt(job: tuple[JudgedSet, RankingSettings, Sequence[RankingSettings]]) -> tuple[Values, float]:
    """Reciprocal ranks by way of scoring again and question, and recall, of one first phase on one set."""
    judged, first, seconds = job
    found = candidates(judged, first)
    ranks = [found.reciprocal_ranks(combined(first, second)) for second in seconds]
    return np.array(ranks), float(found.recall.mean())


def tried(
    sets: Sequence[JudgedSet],
    firsts: Sequence[RankingSettings],
    seconds: Sequence[RankingSettings],
    workers: int,
) -> list[Tried]:
    """What every setting comes to on every set."""
    jobs = [(judged, first, seconds) for judged in sets for first in firsts]
    started, found = time.perf_counter(), []
    with ProcessPoolExecutor(workers) as pool:
        for number, result in enumerate(pool.map(attempt, jobs), 1):
            found.append(result)
            if number % len(firsts) == 0:
                seconds_taken = time.perf_counter() - started
                print(f"  {jobs[number - 1][0].name}: {seconds_taken:.0f} s", file=sys.stderr, flush=True)
    rows = [found[start : start + len(firsts)] for start in range(0, len(found), len(firsts))]
    return [
        Tried(np.concatenate([ranks for ranks, _ in row]), np.array([recall for _, recall in row]))
        for row in rows
    ]


def chosen(means: Mapping[str, Values], without: str = "") -> int:
    """The setting that is best on all collections but one, each counting alike; of equals the first.

    >>> chosen({"a": np.array([0.5, 0.9]), "b": np.array([0.5, 0.2])}, without="b")
    1
    """
    others = [values for name, values in means.items() if name != without]
    return int(np.mean(others or [*means.values()], axis=0).argmax())


def collection_means(names: Sequence[str], found: Sequence[Tried]) -> dict[str, Values]:
    """For each collection the mean over its sets of MRR@10, by setting."""
    by_name: dict[str, list[Values]] = {}
    for name, each in zip(names, found, strict=True):
        by_name.setdefault(name, []).append(each.ranks.mean(axis=1))
    return {name: np.mean(means, axis=0) for name, means in by_name.items()}


def tune(names: Sequence[str], sets: Sequence[JudgedSet], options: argparse.Namespace) -> None:
    """Try the grid, choose for each collection on the others, print both."""
    firsts = settings_of(QUICK if options.quick else FIRST)
    seconds = settings_of(SECOND)
    found = tried(sets, firsts, seconds, options.workers)
    every = [combined(first, second) for first, second in product(firsts, seconds)]
    means = collection_means(names, found)
    strangers = {name: chosen(means, name) for name in means}
    print(f"{len(every)} settings; MRR@10\n")
    print("left out: chosen on all other collections")
    print_sets(sets, found, [strangers[name] for name in names])
    for name, setting in strangers.items():
        print(f"{name:12} {changes(every[setting])}")
    best = chosen(means)
    print("\nbest on everything (of which the figures are too good)")
    print_sets(sets, found, [best] * len(sets))
    print(changes(every[best]))


def print_sets(sets: Sequence[JudgedSet], found: Sequence[Tried], settings: Sequence[int]) -> None:
    """MRR@10 of the shipped parameters and of others, with intervals, and the test of the difference."""
    print(f"{'set':18} {'questions':>9}  {'shipped':24} {'chosen':24} difference (p)")
    for judged, each, setting in zip(sets, found, settings, strict=True):
        before, after = each.ranks[0], each.ranks[setting]
        test = compare(before, after)
        print(
            f"{judged.name:18} {len(before):9}  {shown(before):24} {shown(after):24}"
            f" {test.difference.mean:+.4f} ({test.p:.4f})"
        )


def shown(values: Values) -> str:
    """A mean with its interval.

    >>> shown(np.array([1.0, 0.5, 0.5, 1.0]))
    '0.7500 [0.5000, 1.0000]'
    """
    (interval,) = intervals(values[:, None])
    return f"{interval.mean:.4f} [{interval.low:.4f}, {interval.high:.4f}]"


def changes(ranking: RankingSettings) -> str:
    """What differs from the shipped parameters, as in a configuration file.

    >>> changes(replace(RANKING, b=0.4)), changes(RANKING)
    ('b = 0.4', 'as shipped')
    """
    shipped = asdict(RANKING)
    changed = [f"{name} = {value}" for name, value in asdict(ranking).items() if value != shipped[name]]
    return ", ".join(changed) or "as shipped"


def measure(sets: Sequence[JudgedSet], ranking: RankingSettings, depth: int, shown_most: int) -> None:
    """Print the shipped parameters' measures and failures, or what `ranking` changes."""
    print(changes(ranking))
    for judged in sets:
        old = judged.answers(RANKING, depth)
        new = old if ranking == RANKING else judged.answers(ranking, depth)
        before, after = (np.array([answer.reciprocal for answer in run]) for run in (old, new))
        test, found = compare(before, after), [np.mean([each.rank > 0 for each in run]) for run in (old, new)]
        print(
            f"{judged.name}: {shown(before)} → {shown(after)}, p {test.p:.4f}; "
            f"among the first {depth}: {found[0]:.4f} → {found[1]:.4f}"
        )
        for question, was, now in remarkable(zip(judged.questions, old, new, strict=True))[:shown_most]:
            ranks = [now] if new is old else [was, now]
            verdict = " → ".join(str(answer.rank or "–") for answer in ranks)
            right = ", ".join(sorted(question.relevant))
            print(f"  {verdict:8} {question.id}  {question.text}  (right: {right}; first: {now.first})")


def remarkable(rows: Iterable[tuple[Question, Answer, Answer]]) -> list[tuple[Question, Answer, Answer]]:
    """What changed, most first; where nothing is changed, what is not in first place, worst first."""
    found = [*rows]
    if all(was is now for _, was, now in found):
        return sorted((row for row in found if row[2].rank != 1), key=lambda row: row[2].reciprocal)
    changed = [row for row in found if row[1].rank != row[2].rank]
    return sorted(changed, key=lambda row: -abs(row[1].reciprocal - row[2].reciprocal))


def changed_ranking(texts: Sequence[str]) -> RankingSettings:
    """The shipped parameters with `name=value` changed. Raises ValueError for what is no parameter.

    >>> changed_ranking(["b=0.4", "closeness_width=8"]) == replace(RANKING, b=0.4, closeness_width=8)
    True
    """
    kinds = {each.name: type(getattr(RANKING, each.name)) for each in fields(RANKING)}
    values: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in kinds:
            raise ValueError(f"{name!r} is no parameter; known: {', '.join(kinds)}")
        values[name] = kinds[name](value)
    return replace(RANKING, **values)


def collections_of(texts: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """`name=DIR,DIR` as pairs. Raises ValueError where there is no name.

    >>> [(name, path.name) for name, path in collections_of(["pydocs=a/tw,a/cn"])]
    [('pydocs', 'tw'), ('pydocs', 'cn')]
    """
    for text in texts:
        name, equals, directories = text.partition("=")
        if not equals:
            raise ValueError(f"{text!r}: a collection is written name=DIR,DIR")
        for directory in directories.split(","):
            yield name, Path(directory)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--collections", nargs="+", required=True, metavar="NAME=DIR,DIR")
    parser.add_argument("--quick", action="store_true", help="a small grid, few questions of each set")
    parser.add_argument("--sample", type=int, default=None, help="so many questions of each set at most")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", type=Path, help="where indexes are, by the set's name, and stay")
    parser.add_argument("--config", default=None)
    parser.add_argument("--measure", action="store_true", help="only measure")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="changed")
    parser.add_argument("--depth", type=int, default=TEN, help="ranks to look at with --measure")
    parser.add_argument("--shown", type=int, default=20, help="questions of each set to show with --measure")
    options = parser.parse_args()
    try:
        options.ranking = changed_ranking(options.changed)
        options.collections = [*collections_of(options.collections)]
    except ValueError as error:
        parser.error(str(error))
    if options.sample is None:
        options.sample = 0 if options.measure else QUICK_SAMPLE if options.quick else SAMPLE
    return options


def main() -> None:
    """Read the sets; measure or tune."""
    options = parsed()
    config = load_config(options.config)
    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hansou-tune-")))
        read = [
            (name, judged)
            for name, directory in options.collections
            for judged in read_sets(config, directory, work, options.sample, options.seed)
        ]
        names, sets = [name for name, _ in read], [judged for _, judged in read]
        if options.measure:
            measure(sets, options.ranking, options.depth, options.shown)
        else:
            tune(names, sets, options)


if __name__ == "__main__":
    main()
