"""How long does a search take beside tantivy's, over the same documents?

    python benchmarks/bench_search.py --sets DIR... --peers PYTHON [--work DIR] [--rounds 7]

The documents of all sets are in one index of ours and in two of tantivy's, of words and of pairs as
`bench_ranking` cuts them, whose times are added up: together they hold what ours holds. A peer's time is that
from terms to the ids of the first ten, cutting not counted; ours is that from the text as it is typed, to ten
ids (`rank`), or to a page with snippets, counts and suggestions (`search`). Engines are asked in turn, round
by round, and **ours no question twice**, so that nothing is kept from the time before. Of each set of
questions it prints the median over the rounds of p50 and p99, and the ratio to the peer's sum; and the same
of the processor's time, which says more where the machine has other things to do. With `--work` all indexes
stay there.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from bench_ranking import KINDS, documents

from indexer import Config, Searcher, native, rebuild
from indexer.config import SourceSettings, load_config
from indexer.measure.judgments import documents_file, query_files, read_topics

TEN = 10
WHOLE = ("words", "pairs")
Took = tuple[float, float]
"""Seconds: how long something took, and how much of it the processor worked."""
Ask = Callable[[str], Took]
"""Asks a question, and says how long it took."""


class Peer:
    """An index of tantivy in a process of its own, which takes terms and tells its own time."""

    def __init__(self, process: subprocess.Popen[str], kind: str) -> None:
        assert process.stdin and process.stdout
        self._in: IO[str] = process.stdin
        self._out: IO[str] = process.stdout
        self._terms = KINDS[kind]

    def add(self, id: str, text: str) -> None:
        """Index a document."""
        self._in.write(json.dumps({"id": id, "terms": self._terms(text)}) + "\n")

    def ask(self, question: str) -> Took:
        """From the terms of a question to its first ten."""
        self._in.write(json.dumps({"ask": self._terms(question), "size": TEN}) + "\n")
        self._in.flush()
        answer = json.loads(self._out.readline())
        return answer["seconds"], answer["cpu"]


@contextmanager
def started(python: str, kind: str, directory: Path) -> Iterator[Peer]:
    """A peer whose index is in a directory, until the context ends."""
    program = str(Path(__file__).with_name("peer_tantivy.py"))
    with subprocess.Popen(
        [python, program, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Peer(process, kind)


def filled(peers: Mapping[str, Peer], sets: Sequence[Path], work: Path) -> None:
    """Give the documents of all sets to those peers that have none yet."""
    new = [peer for kind, peer in peers.items() if not (work / kind / "meta.json").exists()]
    for directory in sets if new else ():
        for id, text in documents(directory):
            for peer in new:
                peer.add(id, text)


def indexed(config: Config, sets: Sequence[Path], work: Path) -> Config:
    """The configuration of one index of all sets, built in `work` unless it is there."""
    files = [file for file in map(documents_file, sets) if file is not None]
    own = replace(
        config,
        index=replace(config.index, directory=work / "together"),
        sources=tuple(map(SourceSettings, files)),
    )
    if not (own.index.directory / "CURRENT").exists():
        rebuild(own)
    return own


def timed(act: Callable[[str], object]) -> Ask:
    """What asks and tells how long it took."""

    def ask(question: str) -> Took:
        before, used = time.perf_counter(), time.thread_time()
        act(question)
        return time.perf_counter() - before, time.thread_time() - used

    return ask


def without_extensions(ask: Ask) -> Ask:
    """The same, by numpy alone."""

    def asked(question: str) -> Took:
        with native.using(False):
            return ask(question)

    return asked


def measured(
    engines: Mapping[str, Ask], questions: Sequence[str], rounds: int
) -> dict[str, tuple[float, ...]]:
    """p50 and p99 of each engine in milliseconds, and the processor's, the medians over the rounds.

    What is ours is asked different questions in each of its ways; the peers are other processes.
    """
    ours = [name for name in engines if name not in WHOLE]
    size = len(questions) // (rounds * len(ours))
    if not size:
        raise SystemExit(f"{len(questions)} questions are too few for {rounds} rounds")
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in engines}
    for number in range(rounds):
        for name, ask in engines.items():
            way = ours.index(name) if name in ours else 0
            start = (number * len(ours) + way) * size
            took = zip(*map(ask, questions[start : start + size]), strict=True)
            columns = [sorted(each) for each in took]
            at = size // 2, int(size * 0.99)
            found[name].append(tuple(column[place] * 1e3 for column in columns for place in at))
    return {name: tuple(map(statistics.median, zip(*all, strict=True))) for name, all in found.items()}


def main() -> None:
    """Index, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--peers", default=sys.executable, help="the interpreter that runs tantivy")
    parser.add_argument("--work", type=Path, help="where the indexes are, and stay")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hansou-search-")))
        config = indexed(load_config(None), options.sets, work)
        for kind in WHOLE:
            (work / kind).mkdir(exist_ok=True)
        peers = {kind: stack.enter_context(started(options.peers, kind, work / kind)) for kind in WHOLE}
        filled(peers, options.sets, work)
        searcher = stack.enter_context(Searcher.open(config))
        rank = timed(lambda question: searcher.rank(question, TEN))
        engines: dict[str, Ask] = {kind: peer.ask for kind, peer in peers.items()}
        engines |= {"rank": rank, "search": timed(searcher.search), "numpy": without_extensions(rank)}
        for ask in engines.values():
            ask("熱身")
        for directory in options.sets:
            questions = [each.text for file in query_files(directory) for each in read_topics(file)]
            random.Random(1).shuffle(questions)
            show(directory.name, measured(engines, questions, options.rounds))


def show(name: str, found: Mapping[str, tuple[float, ...]]) -> None:
    """A line for each engine: p50 and p99 in milliseconds, and how many times the peers' sum they are."""
    whole = [sum(found[kind][at] for kind in WHOLE) for at in range(4)]
    for engine, took in found.items():
        shown = []
        for what, at in (("", 0), ("processor ", 2)):
            p50, p99 = took[at : at + 2]
            times = "" if engine in WHOLE else f" ({p50 / whole[at]:.2f} and {p99 / whole[at + 1]:.2f} times)"
            shown.append(f"{what}p50 {p50:6.2f}  p99 {p99:6.2f} ms{times}")
        print(f"{name:12} {engine:7} {'  '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
