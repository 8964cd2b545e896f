"""How does Hansou's index core compare, in a few minutes? `python -m benchmarks`, or `make bench`.

Runs the short form of the benchmarks that need nothing but this checkout and prints their ratios: the
index core beside tantivy, bm25s and Whoosh on the same tokens, growth of the corpus, both kernels, and the
speed of repair against plain reading. Without `--docs` the documents are drawn, seeded, from the sentences of
`seeds/`. The other engines are installed into `artifacts/peers`; where that fails they are left out, and it
is said.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import bench_index

HERE = Path(__file__).parent
ARTIFACTS = HERE.parent / "artifacts"
PEERS = {"words": "tantivy_words", "grams": "tantivy_grams"}
SENTENCE = re.compile(r"[^。！？\n]{6,60}[。！？]")
ENGINES = ("tantivy_words", "tantivy_grams", "bm25s_words", "whoosh")

Measured = dict[str, dict[str, dict[str, Any]]]
"""engine → step → figure → value."""


def make_corpus(count: int, path: Path) -> tuple[Path, Path]:
    """A file of documents of 4 to 20 sentences from `seeds/`, and one of questions: parts of sentences."""
    from indexer import repair_text
    from indexer.documents.outcomes import Skipped
    from indexer.documents.sources import read_source

    found = (item for item in read_source(HERE.parent / "seeds") if not isinstance(item, Skipped))
    texts = [repair_text(item.text).text for item in found]
    sentences = sorted({sentence for text in texts for sentence in SENTENCE.findall(text)})
    chance = random.Random(1)
    path.mkdir(parents=True, exist_ok=True)
    documents, questions = path / "docs.jsonl", path / "questions.tsv"
    with documents.open("w", encoding="utf-8") as lines:
        for number in range(count):
            # Words of two sentences cut in halves meet, so that no two documents are alike.
            halves = [sentence[: len(sentence) // 2] for sentence in chance.choices(sentences, k=4)]
            text = "".join(halves + chance.choices(sentences, k=chance.randint(4, 16)))
            lines.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
    asked = [sentence[: chance.randint(8, 16)] for sentence in chance.choices(sentences, k=400)]
    questions.write_text("".join(f"{n}\t{text}\n" for n, text in enumerate(asked)), encoding="utf-8")
    return documents, questions


def peers_python() -> str | None:
    """The interpreter of the other engines' environment, made at the first call; None where it fails."""
    home = ARTIFACTS / "peers"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = home / "ready"
    if not ready.exists():
        print("installing the other engines into artifacts/peers", flush=True)
        venv.create(home, with_pip=True, clear=True)
        command = [python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"]
        if subprocess.run([*map(str, command)]).returncode:
            print("the other engines could not be installed: there is nothing to compare with")
            return None
        ready.touch()
    return str(python)


def measure(options: argparse.Namespace, peers: str | None) -> Measured:
    """Builds and queries of every engine, and the queries of the numpy kernel as `numpy`."""
    arguments = ["--docs", *options.docs, "--queries", *options.queries, "--work", str(ARTIFACTS / "short")]
    arguments += ["--limit", str(options.documents), "--count", str(options.count)]
    found: Measured = {}
    for engine in ("hansou", *(ENGINES if peers else ())):
        print(f"measuring {engine}", flush=True)
        steps = ("build", "queries")
        found[engine] = {
            step: bench_index.in_process(engine, step, arguments, peers or sys.executable) for step in steps
        }
    os.environ["HANSOU_KERNEL"] = "off"
    found["numpy"] = {"queries": bench_index.in_process("hansou", "queries", arguments, "")}
    del os.environ["HANSOU_KERNEL"]
    return found


def print_builds(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """A line for each build, and our ratio to both indexes of tantivy together."""
    print("\nbuild               CPU s   on disk MB   peak MB")
    builds = {engine: steps["build"] for engine, steps in found.items() if "build" in steps}
    for engine, build in builds.items():
        print(f"{engine:16} {build['cpu_s']:8.1f} {build['disk_mb']:12.1f} {build['rss_mb']:9.0f}")
    if {*PEERS.values()} <= {*builds}:
        for figure in ("cpu_s", "disk_mb"):
            both = sum(builds[peer][figure] for peer in PEERS.values())
            print(f"hansou / both indexes of tantivy, {figure}: {builds['hansou'][figure] / both:.2f}")


def print_queries(found: Measured) -> None:
    """p50 and p99 of each kind of query by engine, and the ratio of p50 to tantivy's on the same tokens."""
    print("\nquery           engine            p50 ms    p99 ms   p50 / tantivy")
    shapes = [name for name, value in found["hansou"]["queries"].items() if isinstance(value, list)]
    for shape in shapes:
        peer = found.get(PEERS[shape.split()[0]])
        for engine, steps in found.items():
            if shape in steps["queries"]:
                p50, p99 = steps["queries"][shape]
                ratio = f"{p50 / peer['queries'][shape][0]:8.2f}" if peer else ""
                print(f"{shape:15} {engine:16} {p50:7.3f} {p99:9.3f}   {ratio}")


def run(*command: str) -> None:
    """Run another benchmark and let it print."""
    print(f"\n{' '.join(command)}", flush=True)
    subprocess.run([sys.executable, str(HERE / command[0]), *command[1:]], check=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", nargs="+", help="JSON Lines files of documents")
    parser.add_argument("--queries", nargs="+", help="files of id TAB query")
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--count", type=int, default=200, help="how many queries")
    options = parser.parse_args()
    if not options.docs or not options.queries:
        made = make_corpus(options.documents, ARTIFACTS / "corpus")
        options.docs, options.queries = [str(made[0])], [str(made[1])]
    print(f"{options.documents} documents, {options.count} queries; load {os.getloadavg()[0]:.1f}")
    found = measure(options, peers_python())
    print_builds(found)
    print_queries(found)
    growth = ("--limit", str(options.documents), "--count", "100", "--plot", str(ARTIFACTS / "growth.svg"))
    run("bench_growth.py", "--docs", *options.docs, "--queries", *options.queries, *growth)
    run("bench_repair.py", *options.docs)


if __name__ == "__main__":
    main()
