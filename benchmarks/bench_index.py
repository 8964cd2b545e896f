"""How fast is the index core beside other engines, on the same tokens?

    python benchmarks/bench_index.py --docs poems.jsonl.gz qa.jsonl --queries questions.tsv

Other engines need an environment of their own (`requirements.txt`): `--peers PYTHON` names its
interpreter; `python -m benchmarks` makes one. Every engine gets the same words (rjieba without HMM) and
the same grams. Building is timed from text to a searchable index, each engine in a process of its own;
queries are timed one by one, best of three passes, from tokens to the ids of the first ten. With `--rounds`
engines are asked in turn again and again, and the medians are printed last: a shared machine is slow for
some seconds and fast for others. Quote the ratios of one run, not the times of several.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from whoosh import fields
from whoosh.filedb.filestore import FileStorage

sys.path.insert(0, str(Path(__file__).parents[1]))

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
UNITS = re.compile(f"([{HAN}]+)|([^\\W{HAN}]+)")


def read_documents(paths: Iterable[str], limit: int | None = None) -> Iterator[tuple[str, str]]:
    """(id, title and text) of the documents of JSON Lines files."""
    count = 0
    for path in paths:
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if limit is not None and count >= limit:
                    return
                count += 1
                row = json.loads(line)
                title = row.get("title") or ""
                yield row["id"], f"{title}\n{row['text']}" if title else row["text"]


def words(text: str) -> list[str]:
    """Words, as the index and the queries of every engine have them."""
    import rjieba

    return [word for word in rjieba.cut(text, False) if word[0].isalnum()]


def units(text: str) -> list[tuple[str, str]]:
    """Runs of Han characters, and other words."""
    return UNITS.findall(text.lower())


def pairs(text: str) -> list[str]:
    """Overlapping pairs of Han characters, a lone one by itself, other words whole."""
    found: list[str] = []
    for run, word in units(text):
        found += map("".join, pairwise(run)) if len(run) > 1 else (run or word,)
    return found


class Hansou:
    """This index: words and grams (characters and pairs, with positions) in one."""

    kinds = ("words", "grams")
    module = "indexer.engine.embedded.snapshot"

    def build(self, documents: Iterable[tuple[str, str]], path: Path, workers: int = 1) -> None:
        """Build, with one process or several."""
        from indexer.engine.embedded.building.parallel import build_segments

        Path(path).mkdir(parents=True)
        build_segments(path, chunks(documents, 500), prepare, workers=workers)

    def open(self, path: Path) -> None:
        """Open for searching."""
        from indexer.engine.embedded.search.collection import Collection
        from indexer.engine.embedded.search.statistics import TermStatistics
        from indexer.engine.embedded.whoosh.index import opened_segment, segments_of

        self.collection = Collection([opened_segment(Path(path), each) for each in segments_of(Path(path))])
        self.statistics = TermStatistics(self.collection)

    @staticmethod
    def question(kind: str, shape: str, terms: list[str]) -> Any:
        """A node of ours."""
        from indexer.query import nodes

        if shape == "phrase" and len(terms) > 1:
            return nodes.Sequence(kind, tuple(terms))
        several = tuple(nodes.Term(kind, term) for term in terms)
        return nodes.AllOf(several) if shape == "and" else nodes.AnyOf(several)

    def search(self, kind: str, shape: str, terms: list[str]) -> list[str]:
        """Ids of the best ten."""
        from indexer.engine.embedded.search.request import Request
        from indexer.engine.embedded.search.selection import Search

        query = self.question(kind, shape, terms)
        found = Search(Request(self.statistics), query, limit=10, count=False).selected()
        return self.collection.ids(found.documents.tolist())


def prepare(batch: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Documents as this index takes them."""
    from indexer.text.analyzer import Pieces
    from indexer.text.units import STOP, spans_of

    for key, text in batch:
        # No peer has ends of sentences as terms, which the index would take this for.
        folded = text.lower().replace(STOP, " ")
        grams = folded, spans_of(UNITS.finditer(folded))
        yield {"id": key, "words": Pieces.of(words(text)), "grams": grams, "stored": {"text": text}}


def open_index(path: Path, schema: Any) -> Any:
    """A Whoosh index."""
    return FileStorage(str(path)).open_index("bench", schema=schema)


def chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of `size` items."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


class Tantivy:
    """tantivy-py; one index per kind of token, as one would build it."""

    module = "tantivy"

    def __init__(self, kind: str) -> None:
        self.kinds = (kind,)

    def _schema(self) -> Any:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_bytes_field("raw", stored=True)
        builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
        return builder.build()

    def build(self, documents: Iterable[tuple[str, str]], path: Path, workers: int = 1) -> None:
        """Build with one writer thread."""
        import tantivy

        Path(path).mkdir(parents=True)
        writer = tantivy.Index(self._schema(), path=str(path)).writer(heap_size=256_000_000, num_threads=1)
        tokens = words if self.kinds == ("words",) else pairs
        for key, text in documents:
            document = tantivy.Document()
            document.add_text("id", key)
            document.add_bytes("raw", text.encode())
            document.add_text("body", " ".join(tokens(text)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self, path: Path) -> None:
        """Open for searching."""
        import tantivy

        self.schema = self._schema()
        self.searcher = tantivy.Index(self.schema, path=str(path)).searcher()

    def search(self, kind: str, shape: str, terms: list[str]) -> list[str]:
        """Ids of the best ten."""
        from tantivy import Occur, Query

        if shape == "phrase" and len(terms) > 1:
            question = Query.phrase_query(self.schema, "body", terms)
        else:
            occur = Occur.Must if shape == "and" else Occur.Should
            parts = [(occur, Query.term_query(self.schema, "body", term)) for term in terms]
            question = Query.boolean_query(parts)
        hits = self.searcher.search(question, 10, count=False).hits
        return [self.searcher.doc(address)["id"][0] for _, address in hits]


class Bm25s:
    """bm25s (numba where it is installed): words only, everything in memory, no phrases."""

    kinds = ("words",)
    module = "bm25s"

    def build(self, documents: Iterable[tuple[str, str]], path: Path, workers: int = 1) -> None:
        """Build and save."""
        import bm25s

        keys, corpus = [], []
        for key, text in documents:
            keys.append(key)
            corpus.append(words(text))
        retriever = bm25s.BM25(backend="numba")
        retriever.index(corpus, show_progress=False)
        retriever.save(str(path))
        Path(path, "keys.json").write_text(json.dumps(keys))

    def open(self, path: Path) -> None:
        """Load."""
        import bm25s

        self.retriever = bm25s.BM25.load(str(path))
        self.keys = json.loads(Path(path, "keys.json").read_text())

    def search(self, kind: str, shape: str, terms: list[str]) -> list[str]:
        """Ids of the best ten."""
        if shape != "or":
            raise NotImplementedError
        documents, _ = self.retriever.retrieve([terms], k=10, show_progress=False)
        return [self.keys[number] for number in documents[0]]


class Stock(Hansou):
    """Whoosh as it is, with the same fields."""

    module = "whoosh"

    def schema(self) -> Any:
        """The same two fields, analyzed into a list."""
        kinds = {kind: fields.TEXT(phrase=kind == "grams") for kind in self.kinds}
        return fields.Schema(id=fields.ID(unique=True, stored=True), text=fields.STORED(), **kinds)

    def build(self, documents: Iterable[tuple[str, str]], path: Path, workers: int = 1) -> None:
        """Build with Whoosh's own writer."""
        Path(path).mkdir(parents=True)
        writer = FileStorage(str(path)).create_index(self.schema(), "bench").writer(limitmb=256)
        for key, text in documents:
            writer.add_document(id=key, words=words(text), grams=pairs(text), text=text)
        writer.commit()

    def open(self, path: Path) -> None:
        """Open for searching."""
        self.searcher = open_index(path, self.schema()).searcher()

    def search(self, kind: str, shape: str, terms: list[str]) -> list[str]:
        """Ids of the best ten."""
        hits = self.searcher.search(self.question(kind, shape, terms), limit=10)
        return [hit["id"] for hit in hits]


ENGINES: dict[str, Callable[[], Any]] = {
    "hansou": Hansou,
    "tantivy_words": lambda: Tantivy("words"),
    "tantivy_grams": lambda: Tantivy("grams"),
    "bm25s_words": Bm25s,
    "whoosh": Stock,
}


def measure_build(
    engine: str, options: argparse.Namespace, documents: Iterable[tuple[str, str]] | None = None
) -> dict[str, float]:
    """Seconds, megabytes on disk and peak megabytes of memory of a build."""
    documents = read_documents(options.docs, options.limit) if documents is None else documents
    path = Path(options.work) / engine
    shutil.rmtree(path, ignore_errors=True)
    words("先載入詞典")
    started, cpu = time.perf_counter(), time.process_time()
    ENGINES[engine]().build(documents, path, options.workers)
    usage = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]),
        "disk_mb": sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6,
        "rss_mb": usage / 1024,
    }


def measure_queries(engine: str, options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds per query, p50 and p99, by kind of token and shape of query."""
    peer = ENGINES[engine]()
    import_module(peer.module)
    started = time.perf_counter()
    peer.open(Path(options.work) / engine)
    results: dict[str, Any] = {"open_ms": (time.perf_counter() - started) * 1e3}
    lines = [line.rstrip("\n").split("\t")[-1] for path in options.queries for line in open(path)]
    lines = lines[:: max(1, len(lines) // options.count)][: options.count]
    kind = peer.kinds[-1]
    first = next(filter(None, map(words if kind == "words" else pairs, lines)))
    started = time.perf_counter()
    peer.search(kind, "or", first)
    results["first_ms"] = (time.perf_counter() - started) * 1e3
    for kind in peer.kinds:
        tokens = [found for line in lines if (found := (words if kind == "words" else pairs)(line))]
        phrases = [found[:3] for found in tokens]
        for shape, asked in (("or", tokens), ("and", [t[:4] for t in tokens]), ("phrase", phrases)):
            if kind == "words" and shape == "phrase":
                continue
            try:
                passes = [timed(peer, kind, shape, asked) for _ in range(3)]
            except NotImplementedError:
                continue
            best = [min(times) for times in zip(*passes, strict=True)]
            results[f"{kind} {shape}"] = (statistics.median(best), sorted(best)[int(0.99 * len(best))])
    results["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return results


def timed(peer: Any, kind: str, shape: str, queries: list[list[str]]) -> list[float]:
    """Milliseconds of each query."""
    times = []
    for terms in queries:
        started = time.perf_counter()
        peer.search(kind, shape, terms)
        times.append((time.perf_counter() - started) * 1e3)
    return times


def main() -> None:
    """Measure each engine's build and queries in a process of its own; one JSON line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", nargs="+", required=True)
    parser.add_argument("--queries", nargs="+", default=[])
    parser.add_argument("--engines", default="hansou,tantivy_words,tantivy_grams")
    parser.add_argument("--work", default="artifacts/bench")
    for name, default in (("--limit", None), ("--count", 500), ("--workers", 1), ("--rounds", 1)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--steps", default="build,queries")
    parser.add_argument("--peers", default=sys.executable, help="the interpreter that runs the other engines")
    parser.add_argument("--child", choices=["build", "queries"])
    options = parser.parse_args()
    if options.child:
        step: Any = measure_build if options.child == "build" else measure_queries
        print(json.dumps(step(options.engines, options)))
        return
    engines, steps = options.engines.split(","), options.steps.split(",")
    rounds: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for step in steps:
        for _ in range(options.rounds if step == "queries" else 1):
            for engine in engines:
                found = in_process(engine, step, sys.argv[1:], options.peers)
                print(engine, step, json.dumps(found), flush=True)
                rounds[engine].append(found)
    if options.rounds > 1:
        for engine, measured in rounds.items():
            print(engine, "medians", json.dumps(medians(measured)), flush=True)


def medians(measured: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each kind of query the median of several rounds, of p50 and of p99."""
    columns: dict[str, list[Any]] = {}
    for found in measured:
        for name, times in found.items():
            if isinstance(times, list):
                columns.setdefault(name, []).append(times)
    return {
        name: [statistics.median(each) for each in zip(*rows, strict=True)] for name, rows in columns.items()
    }


def in_process(engine: str, step: str, arguments: list[str], peers: str) -> dict[str, Any]:
    """What one step of one engine measures, in a process of its own."""
    python = sys.executable if engine == "hansou" else peers
    command = [python, __file__, *arguments, "--engines", engine, "--child", step]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
