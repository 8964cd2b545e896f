"""How well does it rank beside an index of words and one of pairs, on the same questions?

    python benchmarks/bench_ranking.py --sets DIR... --peers PYTHON [--work DIR]

The peer is tantivy (BM25 as Lucene has it: k1 1.2, b 0.75) over title and text in one field, all converted to
Simplified by OpenCC: an index of jieba's words, cut as for search, and one of neighboring characters.
A question is an OR of its terms. `--peers` names the interpreter of the environment of `requirements.txt`.
Of each set and file of queries it prints MRR@10 with its 95 % interval and recall@100, and beside a peer's
the difference and the p of the paired randomization test, all from one run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import opencc
from judged_sets import TEN, JudgedSet, Question, read_sets
from numpy.typing import NDArray

from indexer import Searcher
from indexer.config import load_config
from indexer.measure.judgments import documents_file
from indexer.measure.significance import compare, intervals

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
UNITS = re.compile(f"([{HAN}]+)|([^\\W{HAN}]+)")
HUNDRED = 100
simplified: Callable[[str], str] = opencc.OpenCC("t2s").convert


@dataclass(frozen=True, slots=True)
class Measured:
    """Reciprocal rank within ten and recall within a hundred of each question."""

    ranks: NDArray[np.float64]
    recall: NDArray[np.float64]


def words(text: str) -> list[str]:
    """Words as for search, unknown ones guessed, in Simplified."""
    import rjieba

    found = (word.strip().lower() for word in rjieba.cut_for_search(simplified(text), True))
    return [word for word in found if word and word[0].isalnum()]


def pairs(text: str) -> list[str]:
    """Pairs of neighboring characters, characters that stand alone, Latin words and numbers, in Simplified.

    >>> pairs("無錫市3D園")
    ['无锡', '锡市', '3d', '园']
    """
    found: list[str] = []
    for unit in UNITS.finditer(simplified(text).lower()):
        run = unit[1]
        found += [unit[2]] if run is None else [*map("".join, pairwise(run))] or [run]
    return found


KINDS: dict[str, Callable[[str], list[str]]] = {"words": words, "pairs": pairs}


def documents(directory: Path) -> Iterator[tuple[str, str]]:
    """(id, title and text) of a set's documents."""
    path = documents_file(directory)
    assert path is not None
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["id"], f"{row['title']}\n{row['text']}" if row.get("title") else row["text"]


def asked_of_peer(
    python: str, kind: str, directory: Path, questions: Sequence[Question]
) -> Iterator[list[str]]:
    """The ids that the peer ranks first for each question."""
    terms = KINDS[kind]
    program = str(Path(__file__).with_name("peer_tantivy.py"))
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryFile("w+", encoding="utf-8") as lines:
        for id, text in documents(directory):
            lines.write(json.dumps({"id": id, "terms": terms(text)}) + "\n")
        for question in questions:
            lines.write(json.dumps({"ask": terms(question.text), "size": HUNDRED}) + "\n")
        lines.seek(0)
        done = subprocess.run(
            [python, program, work], stdin=lines, stdout=subprocess.PIPE, text=True, check=True
        )
    yield from (json.loads(line)["ids"] for line in done.stdout.splitlines())


def asked_of_us(judged: JudgedSet) -> Iterator[list[str]]:
    """The ids that we rank first for each question."""
    with Searcher.open(judged.config) as searcher:
        for question in judged.questions:
            yield searcher.rank(question.text, HUNDRED)


def measured(questions: Sequence[Question], found: Iterator[list[str]]) -> Measured:
    """What ranked ids are worth."""
    ranks, recall = [], []
    for question, ids in zip(questions, found, strict=True):
        hits = [place for place, id in enumerate(ids, 1) if id in question.relevant]
        ranks.append(1 / hits[0] if hits and hits[0] <= TEN else 0.0)
        recall.append(len(hits) / max(len(question.relevant), 1))
    return Measured(np.array(ranks), np.array(recall))


def print_set(judged: JudgedSet, ours: Measured, peers: dict[str, Measured]) -> None:
    """A line for us and one for each peer."""
    (interval,) = intervals(ours.ranks[:, None])
    print(
        f"{judged.name:18} {len(ours.ranks):5}  hansou {interval.mean:.4f} "
        f"[{interval.low:.4f}, {interval.high:.4f}]  recall@100 {ours.recall.mean():.4f}"
    )
    for kind, theirs in peers.items():
        test = compare(theirs.ranks, ours.ranks)
        print(
            f"{'':25} {kind:6} {theirs.ranks.mean():.4f}  recall@100 {theirs.recall.mean():.4f}  "
            f"hansou {test.difference.mean:+.4f} [{test.difference.low:+.4f}, {test.difference.high:+.4f}]"
            f" p {test.p:.4f}",
            flush=True,
        )


def main() -> None:
    """Measure set by set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--peers", default=sys.executable, help="the interpreter that runs tantivy")
    parser.add_argument("--work", type=Path, help="where our indexes are, by the set's name, and stay")
    parser.add_argument("--sample", type=int, default=0, help="so many questions of each set at most")
    parser.add_argument("--config", default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hansou-ranking-") as temporary:
        for directory in options.sets:
            work = options.work or Path(temporary)
            sets = read_sets(load_config(options.config), directory, work, options.sample, seed=7)
            every = [question for judged in sets for question in judged.questions]
            runs = {kind: [*asked_of_peer(options.peers, kind, directory, every)] for kind in KINDS}
            start = 0
            for judged in sets:
                own = slice(start, start := start + len(judged.questions))
                peers = {kind: measured(judged.questions, iter(run[own])) for kind, run in runs.items()}
                print_set(judged, measured(judged.questions, asked_of_us(judged)), peers)


if __name__ == "__main__":
    main()
