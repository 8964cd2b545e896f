"""How fast and how right is the repair stage?

    python benchmarks/bench_repair.py PATH...           speed over files, folders, .jsonl(.gz)
    python benchmarks/bench_repair.py --truth FILE      error rate and speed over damaged/truth pairs
    python benchmarks/bench_repair.py --wild SHARED     exact of 60 by kind of damage found in the wild

Speed is in megabytes (10^6 bytes of UTF-8) per second on one core; "plain reading" is decoding the
same bytes, the ratio says what repair costs on top. A pair file has one JSON object a line with
`damaged_body`, `truth` and optionally `kind`. The error rate is the edit distance over the truth's
length, summed over the set, after NFKC and without white space.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from types import ModuleType

from indexer.repair import load_rules, repair_text


def comparable(text: str) -> str:
    """NFKC without white space.

    >>> comparable("無錫（國家） 軟件園")
    '無錫(國家)軟件園'
    """
    return "".join(unicodedata.normalize("NFKC", text).split())


def edit_distance(a: str, b: str) -> int:
    """Levenshtein distance by Hyyrö's bit-parallel method on Python's integers.

    >>> edit_distance("比利時舉行", "比利行了")
    3
    """
    if not a or not b:
        return len(a) + len(b)
    where: defaultdict[str, int] = defaultdict(int)
    for position, character in enumerate(a):
        where[character] |= 1 << position
    everywhere, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    up, down, distance = everywhere, 0, len(a)
    for character in b:
        same = where.get(character, 0)
        vertical = same | down
        diagonal = (((same & up) + up) ^ up) | same
        right, left = down | (~(diagonal | up) & everywhere), up & diagonal
        distance += bool(right & last) - bool(left & last)
        right, left = ((right << 1) | 1) & everywhere, (left << 1) & everywhere
        up, down = left | (~(vertical | right) & everywhere), right & vertical
    return distance


def texts(path: Path) -> Iterator[str]:
    """The texts below a path: each line's `text` of .jsonl(.gz), else each file as a whole."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield from texts(file)
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield row.get("damaged_body") or row["text"]
    else:
        yield path.read_text(encoding="utf-8")


def measure_speed(name: str, encoded: list[bytes]) -> None:
    """Print MB/s of repair over the documents, and how that compares with decoding them."""
    start = time.process_time()
    decoded = [document.decode("utf-8") for document in encoded]
    reading = time.process_time() - start
    touched = steps = 0
    start = time.process_time()
    for document in decoded:
        repair = repair_text(document)
        touched += repair.damaged
        steps += len(repair.steps)
    spent = time.process_time() - start
    size = sum(map(len, encoded)) / 1e6
    print(
        f"{name}: {len(encoded):,} documents, {size:.2f} MB, {size / spent:.2f} MB/s,"
        f" {(reading + spent) / reading:.1f} x plain reading, {touched:,} touched, {steps:,} steps"
    )


def measure_truth(file: Path, worst: int) -> None:
    """Print error rate and exact documents, in all and by kind, and the worst documents."""
    wrong: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            got, truth = comparable(repair_text(row["damaged_body"]).text), comparable(row["truth"])
            result = (edit_distance(got, truth), len(truth), str(row.get("id")))
            for kind in ("all", str(row.get("kind", "-"))):
                wrong[kind].append(result)
    for kind, results in wrong.items():
        errors, length = sum(r[0] for r in results), sum(r[1] for r in results)
        exact = sum(not r[0] for r in results)
        share = f"{exact}/{len(results)} exact ({exact / len(results):.1%})"
        print(f"{kind}: error rate {errors / length:.3%}, {share}")
    for errors, length, label in sorted(wrong["all"], reverse=True)[:worst]:
        print(f"  {label}: {errors} of {length}")


def simulator() -> ModuleType:
    """The kinds of damage that the tests make, loaded by path: tests are no package."""
    file = Path(__file__).parents[1] / "tests/indexer/repair/misread.py"
    spec = importlib.util.spec_from_file_location("misread", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pieces(texts: list[str], codec: str, rng: random.Random) -> Iterator[str]:
    """Sixty pieces of 20 to 300 characters, mostly Han, that the codec can write."""
    found = 0
    while found < 60:
        text, length = rng.choice(texts), rng.randint(20, 300)
        start = rng.randrange(max(1, len(text) - length))
        piece = text[start : start + length].strip()
        if (
            sum("一" <= c <= "鿿" for c in piece) > len(piece) / 2
            and piece.encode(codec, "ignore").decode(codec) == piece
        ):
            found += 1
            yield piece


def measure_wild(shared: Path, seed: int) -> None:
    """Print, for each kind of damage and script, how many of 60 come back exactly, and how alike they are."""
    kinds = simulator()
    sets = {"Traditional": "drcd_dev", "Simplified": "cmrc_trial"}
    lossy = {name: ("utf-8", damage) for name, damage in (kinds.LOSSY | kinds.RUINOUS).items()}
    for script, name in sets.items():
        corpus = [
            row["text"]
            for row in map(json.loads, (shared / f"eval/{name}/docs.jsonl").open(encoding="utf-8"))
        ]
        for kind, (codec, damage) in (kinds.LOSSLESS | lossy).items():
            if script == "Simplified" and codec in ("big5", "big5hkscs"):
                continue
            exact = alike = 0.0
            for piece in pieces(corpus, codec, random.Random(f"{kind} {script} {seed}")):
                got = repair_text(damage(piece)).text
                exact += got == piece
                alike += SequenceMatcher(None, got, piece, autojunk=False).ratio() / 60
            print(f"{script:12} {kind:38} {exact:3.0f} of 60 exact, similarity {alike:.3f}")


def main() -> None:
    """Run as the module docstring says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--wild", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", type=int, default=0, help="list so many of the worst documents")
    arguments = parser.parse_args()
    load_rules()
    repair_text("當(dāng)時(shí)無(wú)錫鐨")  # dictionaries, model and patterns are read once per process
    for path in [*arguments.paths, *([arguments.truth] if arguments.truth else [])]:
        measure_speed(path.name, [text.encode("utf-8") for text in texts(path)])
    if arguments.truth:
        measure_truth(arguments.truth, arguments.worst)
    if arguments.wild:
        measure_wild(arguments.wild, arguments.seed)


if __name__ == "__main__":
    main()
