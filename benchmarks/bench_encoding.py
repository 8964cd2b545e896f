"""How well is an encoding told from a few characters? And where does the frequency table come from?

    python benchmarks/bench_encoding.py measure SHARED    share of snippets read right, by kind and length
    python benchmarks/bench_encoding.py names CATALOGS    the same of names: people of jieba's list, and what
                                                          gettext catalogs call places, languages and money
    python benchmarks/bench_encoding.py table     writes indexer/documents/readers/common_characters.txt

SHARED holds eval/drcd_dev/docs.jsonl (Traditional) and eval/cmrc_trial/docs.jsonl (Simplified). Snippets are
drawn with a fixed seed. The table is computed from two installed packages read as plain files: the word
frequencies of jieba's dict.txt (MIT), and for the Traditional ranking the same words written with OpenCC's
STPhrases and STCharacters (Apache 2.0).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from gettext import GNUTranslations
from importlib.util import find_spec
from pathlib import Path

from indexer.documents.readers.encoding import decode
from indexer.errors import ReadError

TABLE = Path(__file__).parents[1] / "indexer/documents/readers/common_characters.txt"
SHARE = 0.9999
"""Characters are taken, most frequent first, until they make up this share of running text."""


def package_file(package: str, name: str) -> str:
    """The text of a file inside an installed package, without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed")
    return (Path(spec.origin).parent / name).read_text(encoding="utf-8")


def first_variants(name: str) -> dict[str, str]:
    """An OpenCC table as a mapping from each key to its first conversion."""
    rows = (line.split("\t") for line in package_file("opencc", f"dictionary/{name}").splitlines() if line)
    return {row[0]: row[1].split(" ")[0] for row in rows if len(row) > 1}


def write_table() -> None:
    """Write each script's common characters, one line a level, `level TAB characters`."""
    characters, phrases = first_variants("STCharacters.txt"), first_variants("STPhrases.txt")
    simplified: Counter[str] = Counter()
    traditional: Counter[str] = Counter()
    for word, count, _ in _words():
        folded = phrases.get(word) or "".join(characters.get(character, character) for character in word)
        for counts, written in ((simplified, word), (traditional, folded)):
            for character in filter(_is_han, written):
                counts[character] += int(count) + 1
    for table in ("TWVariants.txt", "HKVariants.txt"):
        for character, variant in first_variants(table).items():
            traditional[variant] = max(traditional[variant], traditional[character])
    rows = [
        "# The natural logarithm of how often a character comes up in Chinese text, in steps of a half.",
        "# Computed by benchmarks/bench_encoding.py from jieba's word frequencies (MIT)",
        "# and OpenCC's character tables (Apache 2.0).",
    ]
    for script, counts in (("hans", simplified), ("hant", traditional)):
        rows += [f"{script}\t{level}\t{letters}" for level, letters in levels(counts)]
    TABLE.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{TABLE.name}: {TABLE.stat().st_size:,} bytes")


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿"


def levels(counts: Counter[str]) -> Iterator[tuple[float, str]]:
    """Characters grouped by log frequency rounded to a half, from common to rare."""
    total = sum(counts.values())
    groups: dict[float, list[str]] = {}
    covered = 0
    for character, count in counts.most_common():
        if covered > SHARE * total:
            break
        covered += count
        groups.setdefault(round(2 * math.log(count / total)) / 2, []).append(character)
    for level, group in groups.items():
        yield level, "".join(group)


def texts(file: Path) -> list[str]:
    """The texts of a judged collection."""
    return [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]


def snippets(corpus: list[str], encoding: str, length: int, count: int, seed: int) -> Iterator[bytes]:
    """`count` runs of `length` characters that hold a Han character and that `encoding` can write."""
    generator = random.Random(f"{encoding} {length} {seed}")
    while count:
        text = generator.choice(corpus)
        start = generator.randrange(max(1, len(text) - length))
        snippet = text[start : start + length]
        if len(snippet) < length or sum("一" <= c <= "鿿" for c in snippet) < length / 2:
            continue
        try:
            yield snippet.encode(encoding)
        except UnicodeEncodeError:
            continue
        count -= 1


def measure(shared: Path, count: int) -> None:
    """Print, for each kind of text and length, how many snippets of `count` come back exactly."""
    traditional = texts(shared / "eval/drcd_dev/docs.jsonl")
    simplified = texts(shared / "eval/cmrc_trial/docs.jsonl")
    kinds = (
        ("Traditional in Big5", traditional, "big5hkscs"),
        ("Simplified in GBK", simplified, "gbk"),
        ("Traditional in GBK", traditional, "gbk"),
    )
    for label, corpus, encoding in kinds:
        for length in (4, 6, 8, 12, 20):
            wrong = []
            for data in snippets(corpus, encoding, length, count, seed=1):
                text, guessed = decode(data)
                if text != data.decode(encoding):
                    wrong.append((data.decode(encoding), text, guessed))
            print(f"{label:20} {length:3} characters: {count - len(wrong)} of {count}")
            for row in wrong[:3]:
                print("    ", *row, file=sys.stderr)


def measure_names(catalogs: Path, count: int) -> None:
    """Print how many of up to `count` names of each kind come back exactly, each read by itself.

    `catalogs` is a folder of gettext catalogs such as /usr/share/locale with those of iso-codes.
    """
    simplified = [word for word, _, kind in _words() if kind == "nr" and 2 <= len(word) <= 4]
    characters, phrases = first_variants("STCharacters.txt"), first_variants("STPhrases.txt")
    traditional = [
        phrases.get(name) or "".join(characters.get(letter, letter) for letter in name) for name in simplified
    ]
    _print_read("names in GBK", simplified, "gbk", count)
    _print_read("names in Big5", traditional, "big5hkscs", count)
    for language, encodings in (("ja", ("shift_jis", "euc_jp")), ("ko", ("euc_kr",))):
        names = _catalog_names(catalogs / language / "LC_MESSAGES")
        for encoding in encodings:
            for label, lengths in (("3 or 4", range(3, 5)), ("5 to 8", range(5, 9))):
                fitting = [name for name in names if len(name) in lengths]
                _print_read(f"{encoding}, {label} characters", fitting, encoding, count)


def _words() -> Iterator[tuple[str, str, str]]:
    for line in package_file("jieba", "dict.txt").splitlines():
        word, frequency, kind = line.split(" ")
        yield word, frequency, kind


def _catalog_names(folder: Path) -> list[str]:
    """What the iso-codes catalogs of a language have as names without a space, bracket or Latin letter."""
    names = {
        text
        for path in folder.glob("iso_*.mo")
        for text in GNUTranslations(path.open("rb"))._catalog.values()  # type: ignore[attr-defined]
        if isinstance(text, str) and all(ord(letter) > 0x2FF for letter in text)
    }
    return sorted(names)


def _print_read(label: str, names: list[str], encoding: str, count: int) -> None:
    data = []
    for name in names:
        with suppress(UnicodeEncodeError):
            data.append(name.encode(encoding))
    data = random.Random(1).sample(data, min(count, len(data)))
    right = sum(_is_read(each, encoding) for each in data)
    print(f"{label:30} {right:5} of {len(data):5} {right / max(1, len(data)):.1%}")


def _is_read(content: bytes, encoding: str) -> bool:
    try:
        return decode(content)[0] == content.decode(encoding)
    except ReadError:
        return False


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("shared", type=Path)
    measuring.add_argument("--count", type=int, default=1000)
    naming = commands.add_parser("names")
    naming.add_argument("catalogs", type=Path)
    naming.add_argument("--count", type=int, default=4000)
    commands.add_parser("table")
    arguments = parser.parse_args()
    if arguments.command == "table":
        write_table()
    elif arguments.command == "names":
        measure_names(arguments.catalogs, arguments.count)
    else:
        measure(arguments.shared, arguments.count)


if __name__ == "__main__":
    main()
