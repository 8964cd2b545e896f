"""Build `indexer/repair/language_model.gz`: which Chinese character follows which, and how likely?

    python benchmarks/build_language_model.py [TEXT[=WEIGHT] ...]

Counts of single characters and of neighboring pairs come from jieba's dictionary (MIT; a word's
frequency counts for each pair inside it) and from the running text named (.jsonl with `text`, or
plain lines). Characters are folded to Simplified by OpenCC's tables (Apache 2.0), so that one model
serves both scripts; the fold table travels in the file. Only aggregate counts are kept: no text can
be read back. docs/repair.md lists the sources that the shipped file was built from.

File format (gzip, UTF-8): line 1 is a comment, line 2 the fold table as pairs of characters, every
further line `character TAB cost TAB backoff TAB followers TAB costs`. A cost is a negative natural
logarithm in eighths, written as one character counted from "!"; the n-th of `costs` is that of the
n-th of `followers`. Read by `indexer.repair.language_model`.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from indexer.repair.language_model import EIGHTHS, LANGUAGE_FILE, LOWEST, classes

JIEBA_WEIGHT = 0.02  # one count of the dictionary against one of running text
IN_DICTIONARY = 0.3  # and one for the word being there at all
DISCOUNT = 0.225  # absolute discounting
KEPT = 0.3  # pairs seen less than this are left to the backoff
OWN_FOLDS = "著着甚什衞卫濶阔粧妆麽么"


def package_file(package: str, *parts: str) -> Path:
    """A file inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed")
    return Path(spec.origin).parent.joinpath(*parts)


def fold_table() -> dict[str, str]:
    """Each character that has another Simplified or standard form, with that form."""
    table: dict[str, str] = {}
    simplified: set[str] = set()
    for name in ("TWVariants", "HKVariants"):
        for line in package_file("opencc", "dictionary", f"{name}.txt").read_text("utf-8").splitlines():
            standard, variants = line.split("\t")
            table |= {variant: standard for variant in variants.split() if len(variant) == 1}
    for line in package_file("opencc", "dictionary", "TSCharacters.txt").read_text("utf-8").splitlines():
        traditional, targets = line.split("\t")
        table[traditional] = targets.split()[0]
        simplified.add(targets.split()[0])
    # A form that others fold to must stay where it is: Hong Kong's 户 is the Simplified form of 戶.
    table = {key: value for key, value in table.items() if key not in simplified}
    table |= dict(zip(OWN_FOLDS[::2], OWN_FOLDS[1::2], strict=True))
    return {key: resolve(table, key) for key in table if resolve(table, key) != key and len(key) == 1}


def resolve(table: dict[str, str], key: str) -> str:
    """Follow the table to its end; a cycle ends where it started.

    >>> resolve({"衞": "衛", "衛": "卫"}, "衞")
    '卫'
    """
    seen = [key]
    while table.get(seen[-1], seen[-1]) not in seen:
        seen.append(table[seen[-1]])
    return seen[-1]


def dictionary_pairs(fold: dict[int, str]) -> Iterator[tuple[str, str, float]]:
    """(character, next character or "", weighted count) for each position of jieba's words."""
    with package_file("jieba", "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency, *_ = line.split(" ")
            folded = classes(word, fold)
            for here, after in zip(folded, [*folded[1:], ""], strict=True):
                yield here, after, int(frequency) * JIEBA_WEIGHT + IN_DICTIONARY


def text_pairs(sources: Iterable[str], fold: dict[int, str]) -> Iterator[tuple[str, str, float]]:
    """The same for running text, `PATH` or `PATH=WEIGHT` each."""
    for source in sources:
        path, _, weight = source.partition("=")
        for text in running_text(Path(path)):
            for here, after in pairwise(classes(f"\n{text}\n", fold)):
                yield here, after, float(weight or 1)


def running_text(path: Path) -> Iterator[str]:
    """The `text` of each line of a .jsonl file, else each line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"] if path.suffix == ".jsonl" else line


def cost(probability: float) -> str:
    """One character for a negative logarithm, in eighths."""
    return chr(33 + min(LOWEST, round(-math.log(probability) * EIGHTHS)))


def rows(pairs: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    """The lines of the model."""
    single: Counter[str] = Counter()
    following: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for here, after, count in pairs:
        single[here] += count  # type: ignore[assignment]
        if after:
            following[here][after] += count  # type: ignore[assignment]
    total = sum(single.values()) + 0.5 * 30_000
    for here in sorted(single):
        after_counts = following[here]
        mass = sum(after_counts.values()) + 2.0
        kept = {c: n for c, n in after_counts.items() if n >= KEPT}
        left = 1.0 - sum(n - DISCOUNT for n in kept.values()) / mass
        # The likeliest first: who looks for the best of a few has them soon.
        costs = sorted(
            (cost((n - DISCOUNT) / mass + left * (single[c] + 0.5) / total), c) for c, n in kept.items()
        )
        columns = "".join(c for _, c in costs), "".join(written for written, _ in costs)
        yield "\t".join([here, cost((single[here] + 0.5) / total), cost(left), *columns])


def main(sources: list[str]) -> None:
    """Write the file and say how large it is."""
    fold = fold_table()
    table = str.maketrans(fold)
    pairs = [*dictionary_pairs(table), *text_pairs(sources, table)]
    lines = ["# character pairs, see benchmarks/build_language_model.py"]
    lines.append("".join(a + b for a, b in sorted(fold.items())))
    lines += rows(pairs)
    with LANGUAGE_FILE.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write("\n".join(lines).encode("utf-8"))
    print(f"{LANGUAGE_FILE.name}: {LANGUAGE_FILE.stat().st_size:,} bytes, {len(lines) - 2:,} characters")


if __name__ == "__main__":
    main(sys.argv[1:])
