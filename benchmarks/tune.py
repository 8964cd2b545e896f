"""Which weights rank best, and would they on questions that they were not chosen with?

    python benchmarks/tune.py --sets SET... --parameters b k1 word [--folds 5] [--rounds 2] [--seed 7]
    python benchmarks/tune.py --sets SET... --measure [--set b=0.4 --set closeness=0.6] [--shown 20]

The first form climbs from the shipped parameters, one at a time over a few values each. It prints
MRR@10 on folds that the choice has not seen beside that of the present weights, then the best on everything.
The second measures the present weights, or changed ones beside them with every question that fares otherwise.

Each set is indexed once (`--work DIR` keeps the indexes for the next run): all parameters act when a query is
asked, k1 and b too. Each file of queries counts as a set, all sets alike. Questions about one document are
in one fold. Nothing but the working directory is written.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np
from judged_sets import TEN, Answer, JudgedSet, Question, read_sets
from numpy.typing import NDArray

from indexer.config import RankingSettings, load_config
from indexer.query.ranking import RANKING

Values = NDArray[np.float64]
Grids = Mapping[str, Sequence[float]]
Chosen = Sequence[NDArray[np.bool_]]
"""For each set, which of its questions count."""

# A parameter is tried at these multiples of its value, in the second round at their square roots, and so on.
FACTORS = (0.5, 0.7, 1.4, 2.0)
# Where a parameter is 0, multiples lead nowhere.
FROM_ZERO = (0.05, 0.1, 0.2, 0.4)
# Shares are at most 1.
HIGHEST = {"b": 1.0, "least": 1.0}
# Less than this is no gain: one question's place in thousands of questions.
GAIN = 1e-5


@dataclass(slots=True)
class Judge:
    """What weights come to on all sets; every question is asked once with the same weights."""

    sets: Sequence[JudgedSet]
    known: dict[RankingSettings, list[Values]] = field(default_factory=dict)

    def values(self, weights: RankingSettings) -> list[Values]:
        """For each set the reciprocal rank of each question."""
        if weights not in self.known:
            started = time.perf_counter()
            self.known[weights] = [
                np.array([answer.reciprocal for answer in judged.answers(weights)]) for judged in self.sets
            ]
            asked, seconds = sum(len(s.questions) for s in self.sets), time.perf_counter() - started
            told = f"{average(self.known[weights]):.4f}  {asked / seconds:.0f} queries/s  {changes(weights)}"
            print(f"  {len(self.known):3}  {told}", file=sys.stderr, flush=True)
        return self.known[weights]

    def score(self, weights: RankingSettings, chosen: Chosen) -> float:
        """MRR@10 of the chosen questions, averaged over the sets."""
        return average([values[mask] for values, mask in zip(self.values(weights), chosen, strict=True)])


def average(sets: Iterable[Values]) -> float:
    """The mean of the means; a set without questions does not count.

    >>> average([np.array([1.0, 0.5]), np.array([0.25])])
    0.5
    """
    means = [float(values.mean()) for values in sets if len(values)]
    return sum(means) / len(means) if means else 0.0


def fold_of(question: Question, folds: int, seed: int) -> int:
    """The fold of a question: the same for all questions about one document.

    >>> one, other = (Question(each, "", frozenset({"無錫"})) for each in "12")
    >>> fold_of(one, 5, 7) == fold_of(other, 5, 7)
    True
    """
    return crc32(f"{seed} {min(question.relevant, default=question.id)}".encode()) % folds


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error.

    >>> spread([0.25, 0.75])
    (0.5, 0.25)
    """
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0
    squares = sum((value - mean) ** 2 for value in values)
    return mean, (squares / (len(values) - 1) / len(values)) ** 0.5


def tried(name: str, value: float, turn: int, grids: Grids) -> list[float]:
    """The values to try instead of `value` in round `turn`, counted from 1.

    >>> tried("b", 0.8, 1, {}), tried("closeness_width", 20, 2, {}), tried("k1", 0.9, 1, {"k1": [0.9, 1.2]})
    ([0.4, 0.56, 1.0], [14, 17, 24, 28], [1.2])
    """
    factors = [factor ** (1 / turn) for factor in FACTORS]
    wanted = grids.get(name) or ([value * factor for factor in factors] if value else FROM_ZERO)
    highest = HIGHEST.get(name, float("inf"))
    kept = [min(float(f"{each:.3g}"), highest) for each in wanted]
    return sorted({round(each) if isinstance(value, int) else each for each in kept} - {value})


def climb(
    start: RankingSettings,
    parameters: Sequence[str],
    rounds: int,
    grids: Grids,
    score: Callable[[RankingSettings], float],
) -> RankingSettings:
    """The best weights found by changing one parameter after the other, `rounds` times; ties stay."""
    best, best_score = start, score(start)
    for turn in range(1, rounds + 1):
        before = best
        for name in parameters:
            for value in tried(name, getattr(best, name), turn, grids):
                candidate = replace(best, **{name: value})  # type: ignore[arg-type]
                if (found := score(candidate)) > best_score + GAIN:
                    best, best_score = candidate, found
        if best == before and grids:
            break
    return best


def changes(weights: RankingSettings) -> str:
    """What differs from the present weights, as Python.

    >>> changes(replace(RANKING, b=0.9))
    'RankingSettings(b=0.9)'
    """
    changed = [
        each.name
        for each in fields(RankingSettings)
        if getattr(weights, each.name) != getattr(RANKING, each.name)
    ]
    return f"RankingSettings({', '.join(f'{name}={getattr(weights, name)}' for name in changed)})"


def tune(judge: Judge, options: argparse.Namespace, grids: Grids) -> None:
    """Choose on all folds but one, measure on that one; then choose on everything. Prints both."""
    search = partial(climb, RANKING, options.parameters, options.rounds, grids)
    folds = [
        np.array([fold_of(question, options.folds, options.seed) for question in judged.questions])
        for judged in judge.sets
    ]
    rows = []
    for number in range(options.folds if options.folds > 1 else 0):
        chosen = search(partial(judge.score, chosen=[fold != number for fold in folds]))
        held_out = [fold == number for fold in folds]
        rows.append((judge.score(RANKING, held_out), judge.score(chosen, held_out)))
        print(
            f"fold {number + 1}: {rows[-1][0]:.4f} → {rows[-1][1]:.4f} held out, with {changes(chosen)}",
            flush=True,
        )
    if rows:
        print_folds(rows)
    everything: Chosen = [np.ones(len(fold), np.bool_) for fold in folds]
    best = search(partial(judge.score, chosen=everything))
    print("\nchosen on everything (of which the figures are too good)")
    print_sets(judge.sets, judge.values(RANKING), judge.values(best))
    print(f"\n{len(judge.known)} weights tried\n{changes(best)}\n{best}")


def print_folds(rows: Sequence[tuple[float, float]]) -> None:
    """Mean and standard error over the folds."""
    figures = {
        "present": [before for before, _ in rows],
        "tuned, held out": [after for _, after in rows],
        "difference": [after - before for before, after in rows],
    }
    print("\nMRR@10, mean of the sets, over folds")
    for label, values in figures.items():
        mean, error = spread(values)
        print(f"{label:16} {mean:7.4f} ± {error:.4f}")


def print_sets(sets: Sequence[JudgedSet], before: Sequence[Values], after: Sequence[Values]) -> None:
    """MRR@10 of every set before and after, and the difference with its standard error over questions."""
    print(f"{'set':18} {'questions':>9} {'present':>8} {'changed':>8}   difference    better worse")
    for judged, old, new in zip(sets, before, after, strict=True):
        mean, error = spread([*(new - old)])
        better, worse = int((new > old).sum()), int((new < old).sum())
        print(
            f"{judged.name:18} {len(old):9} {old.mean():8.4f} {new.mean():8.4f}  "
            f"{mean:+.4f} ± {error:.4f} {better:6} {worse:5}"
        )
    old_mean, new_mean = average(before), average(after)
    print(f"{'mean of sets':28} {old_mean:8.4f} {new_mean:8.4f}  {new_mean - old_mean:+.4f}")


def measure(sets: Sequence[JudgedSet], weights: RankingSettings, depth: int, shown: int) -> None:
    """Print the present weights' measures and failures, or what `weights` change."""
    before = [judged.answers(RANKING, depth) for judged in sets]
    after = before if weights == RANKING else [judged.answers(weights, depth) for judged in sets]
    values = [[np.array([each.reciprocal for each in found]) for found in run] for run in (before, after)]
    print(changes(weights))
    print_sets(sets, *values)
    for judged, old, new in zip(sets, before, after, strict=True):
        found = [np.mean([answer.rank > 0 for answer in run]) for run in (old, new)]
        print(f"{judged.name:18} among the first {depth}: {found[0]:.4f} → {found[1]:.4f}")
        for question, was, now in remarkable(zip(judged.questions, old, new, strict=True))[:shown]:
            ranks = [now] if after is before else [was, now]
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


def changed_weights(texts: Sequence[str]) -> RankingSettings:
    """The present weights with `name=value` changed. Raises ValueError for what is no weight.

    >>> changed_weights(["b=0.4", "closeness_width=8"]) == replace(RANKING, b=0.4, closeness_width=8)
    True
    """
    kinds = {each.name: type(getattr(RANKING, each.name)) for each in fields(RankingSettings)}
    values = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in kinds:
            raise ValueError(f"{name!r} is no weight; known: {', '.join(kinds)}")
        values[name] = kinds[name](value)
    return replace(RANKING, **values)


def parsed() -> argparse.Namespace:
    """The command line."""
    names = [each.name for each in fields(RankingSettings)]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", type=Path, required=True, metavar="SET", help="judged sets")
    parser.add_argument("--parameters", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument(
        "--grid", action="append", default=[], metavar="NAME=V,V", help="values to try instead"
    )
    parser.add_argument("--folds", type=int, default=5, help="below 2: none")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sample", type=int, default=0, help="so many questions of each set")
    parser.add_argument("--work", type=Path, help="where indexes are, by the set's name, and stay")
    parser.add_argument("--config", default="config.toml")
    parser.add_argument("--measure", action="store_true", help="only measure")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="changed")
    parser.add_argument("--depth", type=int, default=TEN, help="ranks to look at with --measure")
    parser.add_argument("--shown", type=int, default=20, help="questions of each set to show with --measure")
    options = parser.parse_args()
    try:
        options.weights = changed_weights(options.changed)
        options.grids = {
            name: [float(value) for value in values.split(",")]
            for name, _, values in (text.partition("=") for text in options.grid)
        }
    except ValueError as error:
        parser.error(str(error))
    return options


def main() -> None:
    """Read the sets; measure or tune."""
    options = parsed()
    config = load_config(options.config)
    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hansou-tune-")))
        sets = [
            judged
            for directory in options.sets
            for judged in read_sets(config, directory, work, options.sample, options.seed)
        ]
        if options.measure:
            measure(sets, options.weights, options.depth, options.shown)
        else:
            tune(Judge(sets), options, options.grids)


if __name__ == "__main__":
    main()
