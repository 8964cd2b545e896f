"""Quality floors on judged sets: what ranking reaches today, it reaches tomorrow.

`tests/relevance/floors.json` holds a floor for each set with a hash of what it was measured on; a floor
is raised when ranking improves and never lowered silently. Queries converted to the other script must
rank the same, and any substring of Han characters must find its document. Whole sets of many documents or
queries take minutes: `make floors` measures them too.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import pytest

from indexer import Config, Searcher, load_config, normalize, rebuild
from indexer.config import SourceSettings

FLOORS: Mapping[str, Any] = json.loads(
    (Path(__file__).parent / "relevance/floors.json").read_text(encoding="utf-8")
)
SUBSTRINGS = 300
STRINGS = 150
TOLERANCE = 0.002
OTHER_SCRIPT = {"zh-TW": "t2s", "zh-CN": "s2t"}


@cache
def converter(name: str) -> Callable[[str], str]:
    """OpenCC's own conversion, with its phrases."""
    convert: Callable[[str], str] = opencc.OpenCC(name).convert
    return convert


def rows(path: Path) -> list[tuple[str, str]]:
    """The two columns of a judged set's file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(first, second) for first, second, *_ in (line.split("\t") for line in lines if line)]


def documents(path: Path) -> list[dict[str, str]]:
    """The documents of a judged set."""
    return [json.loads(line) for line in (path / "docs.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def searcher_of(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Searcher]]:
    """A function from the name of a judged set to a searcher of its index, built once."""
    with ExitStack() as opened:

        @cache
        def build(name: str) -> Searcher:
            base = tmp_path_factory.mktemp(name)
            (base / "config.toml").write_text("")
            config: Config = load_config(base / "config.toml", {})
            (documents,) = (shared / "eval" / name).glob("docs.jsonl*")
            config = replace(config, sources=(SourceSettings(documents),))
            rebuild(config)
            return opened.enter_context(Searcher.open(config))

        yield build


def sample(queries: Sequence[tuple[str, str]], size: int) -> list[tuple[str, str]]:
    """A seeded sample in order, or all of them."""
    if size >= len(queries):
        return [*queries]
    return [queries[at] for at in sorted(random.Random(1).sample(range(len(queries)), size))]


def measured(
    searcher: Searcher, queries: Sequence[tuple[str, str]], relevant: Mapping[str, set[str]], depth: int
) -> tuple[float, float]:
    """MRR@10 of queries, and the share of their relevant documents among the first `depth`."""
    ranks = shares = 0.0
    for query, text in queries:
        found = searcher.rank(text, depth)
        hits = [rank for rank, document in enumerate(found, 1) if document in relevant[query]]
        ranks += 1 / hits[0] if hits and hits[0] <= 10 else 0.0
        shares += len(hits) / len(relevant[query])
    return ranks / len(queries), shares / len(queries)


@pytest.mark.parametrize("name", FLOORS)
def test_floor(searcher_of: Callable[[str], Searcher], shared: Path, name: str) -> None:
    """MRR@10 and recall stay at or above their floors, and the other script ranks within 0.002 of it."""
    floor = FLOORS[name]
    if floor.get("large") and "HANSOU_LARGE" not in os.environ:
        pytest.skip("a whole set; `make floors`")
    path = shared / "eval" / floor["set"]
    digest = hashlib.sha256()
    for file in (floor.get("documents", "docs.jsonl"), floor["queries"], "qrels.tsv"):
        digest.update((path / file).read_bytes())
    if digest.hexdigest() != floor["sha256"]:
        pytest.skip(f"{path} is not what the floor was measured on")
    queries = sample(rows(path / floor["queries"]), floor["sample"])
    relevant = defaultdict(set)
    for query, document in rows(path / "qrels.tsv"):
        relevant[query].add(document)
    searcher, depth = searcher_of(floor["set"]), 100 if "recall_100" in floor else 10
    reached, recall = measured(searcher, queries, relevant, depth)
    convert = converter(floor["converter"])
    converted, _ = measured(searcher, [(query, convert(text)) for query, text in queries], relevant, 10)
    print(f"{name}: {reached:.5f}, in the other script {converted:.5f}; recall@{depth} {recall:.5f}")
    assert reached >= floor["mrr_10"] and recall >= floor.get("recall_100", 0.0)
    assert abs(reached - converted) <= TOLERANCE


@pytest.mark.parametrize("name", ["drcd_dev", "cmrc_trial"])
def test_any_substring_finds_its_document(
    searcher_of: Callable[[str], Searcher], shared: Path, name: str
) -> None:
    """Seeded substrings of one to eight Han characters, as they stand and in the other script: all found."""
    rng = random.Random(f"substrings of {name}")
    corpus = documents(shared / "eval" / name)
    searcher = searcher_of(name)
    missed = []
    for number in range(SUBSTRINGS // 2):
        document = rng.choice(corpus)
        run = rng.choice(re.findall(r"[\u3400-\u9fff]+", document["text"]))
        start = rng.randrange(len(run))
        piece = run[start : start + rng.randint(1, 8)]
        for query in (piece, converter(OTHER_SCRIPT[document["lang"]])(piece)):
            # Words find whatever the phrase finds and more, so asking a few of them is enough.
            for asked in (f'"{query}"', query)[: 1 + (number % 15 == 0)]:
                if document["id"] not in searcher.rank(asked, 1000):
                    missed.append((document["id"], piece, asked))
    assert missed == []


def test_a_typed_string_is_in_the_first_hits(searcher_of: Callable[[str], Searcher], shared: Path) -> None:
    """Of the first ten hits of a string of 2 to 8 Han characters, or of as many as hold it, 98 % hold it."""
    rng = random.Random("typed strings")
    corpus = documents(shared / "eval/drcd_dev")
    texts = {each["id"]: normalize(f"{each.get('title') or ''}。{each['text']}") for each in corpus}
    searcher = searcher_of("drcd_dev")
    wanted = held = 0
    for _ in range(STRINGS):
        run = rng.choice(re.findall(r"[\u3400-\u9fff]{2,}", rng.choice(corpus)["text"]))
        length = rng.randint(2, min(8, len(run)))
        start = rng.randrange(len(run) - length + 1)
        string = normalize(run[start : start + length])
        most = min(10, sum(string in text for text in texts.values()))
        wanted += most
        held += sum(string in texts[document] for document in searcher.rank(string, most))
    print(f"{held} of {wanted}")
    assert held / wanted >= 0.98
