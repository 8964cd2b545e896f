"""How right and how fast are corrections, completions and pinyin?

    python benchmarks/bench_suggest.py EVAL_FOLDER [--poems 40000] [--errors 2000] [--seed 2] [--curve]
    python benchmarks/bench_suggest.py EVAL_FOLDER --index CONFIG [--errors 1000]

The first form builds an index of drcd_dev, cmrc_trial and the first poems of EVAL_FOLDER's judged sets
(`NAME/docs.jsonl(.gz)`, `NAME/queries.tsv`), just as `hansou rebuild` does, and prints how many seeded
errors (`slips.py`) are put right and how many correct queries are corrected. Precision is right
corrections over corrections made, recall right corrections over errors. `--misses N` shows some. With
`--curve` both are given for other thresholds; what a second round puts right is then not counted.
The second form asks a live index, through `Searcher` in this process, and prints times.
"""

from __future__ import annotations

import argparse
import gzip
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from slips import Error, World, correct_queries, errors, lines, slip

from indexer import Config, Searcher, load_config, rebuild
from indexer.config import IndexSettings, SourceSettings
from indexer.derived.suggest import Correction, correction
from indexer.derived.suggest.sounds import initials, is_han
from indexer.text.display import convert
from indexer.text.normalize import normalize

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, correction.THRESHOLD, 0.9, 0.95, 0.98)
TIMES = "p50 {:.2f}, p99 {:.2f}, most {:.1f} ms"


def build(folder: Path, poems: int, work: Path) -> World:
    """An index of the judged sets in `work`."""
    sources = [folder / name / "docs.jsonl" for name in ("drcd_dev", "cmrc_trial")] + [work / "poems.jsonl"]
    with gzip.open(folder / "poems" / "docs.jsonl.gz", "rb") as every:
        sources[-1].write_bytes(b"".join(islice(every, poems)))
    settings = IndexSettings(directory=work / "index")
    config = Config(base=work, index=settings, sources=tuple(map(SourceSettings, sources)))
    started = time.process_time()
    rebuild(config)
    print(f"{poems:,} poems and paragraphs: {time.process_time() - started:.1f} CPU s")
    return World(config)


def corrected(world: World, query: str) -> Correction | None:
    """What a search would propose."""
    return world.lexicon.correct(
        query, world.frequency, world.holds, world.analyzer.word_terms, world.frequencies
    )


def measure_errors(world: World, samples: Sequence[Error], misses: int) -> list[tuple[float, bool]]:
    """Print precision and recall by kind and by source; (confidence, whether right) of each correction."""
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    made: list[tuple[float, bool]] = []
    for error in samples:
        found = corrected(world, error.typed)
        right = found is not None and normalize(found.text) == error.meant
        verdict = "right" if right else "wrong" if found else "none"
        made += [(found.confidence, right)] if found else []
        for group in (error.kind, error.source, "all"):
            tally[group][verdict] += 1
        if not right and misses:
            misses -= 1
            print(f"  {verdict:5} {error.source:6} {error.kind:9} {error.typed} ({error.meant}) → {found}")
    for group, counts in tally.items():
        precision = counts["right"] / max(1, counts["right"] + counts["wrong"])
        recall = counts["right"] / counts.total()
        print(f"{group:10} {counts.total():5} errors  precision {precision:.3f}  recall {recall:.3f}")
    return made


def measure_harm(world: World, correct: dict[str, Sequence[str]]) -> list[float]:
    """Print how many correct queries are corrected; the confidence of each correction."""
    confidences: list[float] = []
    for name, queries in correct.items():
        found = ((query, corrected(world, query)) for query in queries)
        changed = [(query, change) for query, change in found if change]
        print(f"{name}: {len(changed)} of {len(queries):,} corrected")
        for query, change in changed[:12]:
            print(f"  {query} → {change.text} {change.confidence} {change.kind}")
        confidences += (change.confidence for _, change in changed)
    print(f"all: {len(confidences)} of {sum(map(len, correct.values())):,} corrected")
    return confidences


def print_curve(made: list[tuple[float, bool]], errors: int, harm: list[float]) -> None:
    """Print what other thresholds would give."""
    for threshold in THRESHOLDS:
        passing = [right for confidence, right in made if confidence >= threshold]
        precision, recall = sum(passing) / max(1, len(passing)), sum(passing) / errors
        wrongly = sum(confidence >= threshold for confidence in harm)
        print(f"{threshold}: precision {precision:.4f}  recall {recall:.3f}  correct ones changed {wrongly}")


def timed(name: str, call: Callable[[str], object], queries: Iterable[str]) -> None:
    """Print p50, p99 and the longest time of a call, by the processor and by the clock."""
    took = []
    for query in queries:
        started = time.thread_time(), time.perf_counter()
        call(query)
        took.append((1000 * (time.thread_time() - started[0]), 1000 * (time.perf_counter() - started[1])))
    own, clock = (TIMES.format(*np.percentile(times, [50, 99, 100])) for times in zip(*took, strict=True))
    print(f"{name:32} CPU {own}; clock {clock}; {len(took):,} queries")


def typings(world: World, count: int, rng: random.Random) -> dict[str, list[str]]:
    """What may be typed on the way to some titles, by kind."""
    titles = [title for title in rng.sample(world.titles, min(count, len(world.titles)))]
    spelled = [world.sounds.spellings(title)[0] for title in map(normalize, titles) if is_han(title)]
    mixed = [(s[0] + " " + initials(s[1:])[:2]) for s in spelled if len(s) > 2]
    return {
        "Han": [
            convert(title[:size], script)
            for title in titles
            for size in (1, 2, 3)
            for script in ("hans", "hant")
        ],
        "pinyin": ["".join(s)[:size] for s in spelled for size in (1, 2, 4, 8)],
        "pinyin, words apart": [" ".join(s[:2]) for s in spelled],
        "initials": [initials(s)[:size] for s in spelled for size in (2, 3, 4)],
        "pinyin, then initials": mixed,
        "Han, then initials": [
            normalize(t)[:1] + initials(s[1:])[:2]
            for t, s in zip(filter(is_han, map(normalize, titles)), spelled, strict=True)
        ],
    }


def measure_speed(config: Config, count: int, rng: random.Random) -> None:
    """Print how long completions, corrections and whole searches of misspelled lines take."""
    world = World(config)
    wrong = []
    for line in lines(world, count, rng):
        typed = slip(line, rng.choice(("homophone", "shape", "missing", "extra", "swap")), world, rng)
        wrong += [typed] if typed and not world.holds(typed) else []
    with Searcher.open(config) as searcher:
        searcher.search("无锡" + wrong[0])
        for name, typed in typings(world, count, rng).items():
            timed(f"complete, {name}", searcher.suggest, typed)
        timed(
            "suggestion for a misspelled line", lambda text: searcher._suggestion(searcher._live, text), wrong
        )
        timed("search for a misspelled line", searcher.search, wrong)
        timed("search for a line", searcher.search, lines(world, count, rng))


def main() -> None:
    """Build, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--index", type=Path, help="the configuration of a live index: only times are measured"
    )
    parser.add_argument("--poems", type=int, default=40_000)
    parser.add_argument("--errors", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--misses", type=int, default=0)
    parser.add_argument("--curve", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    if options.index:
        measure_speed(load_config(options.index), options.errors, rng)
        return
    if options.curve:
        correction.THRESHOLD = min(THRESHOLDS)
    with tempfile.TemporaryDirectory() as temporary:
        world = build(options.folder, options.poems, Path(temporary))
        samples = errors(world, options.folder, options.errors, rng)
        made = measure_errors(world, samples, options.misses)
        harm = measure_harm(world, correct_queries(world, options.folder, rng))
        if options.curve:
            print_curve(made, len(samples), harm)


if __name__ == "__main__":
    main()
