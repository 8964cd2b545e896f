"""Where do the tables of the display come from? OpenCC's dictionaries, as one file.

    pip download opencc==1.4.2 --no-deps --no-binary :all: && tar xf opencc-1.4.2.tar.gz
    python -m benchmarks.build_conversions opencc-1.4.2

writes `indexer/text/conversions.tsv.gz`: under the name of each table its keys and what each is converted to,
the first choice where there are several. Rows that would change a text's length are left out (there are none
today). Last come how frequent the phrases are in jieba's dictionary.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections.abc import Container, Iterator
from importlib.util import find_spec
from pathlib import Path

TABLES = (
    "STCharacters STPhrases TSCharacters TSPhrases TWVariants TWVariantsPhrases HKVariants HKVariantsPhrases"
).split()
TARGET = Path(__file__).parent.parent / "indexer/text/conversions.tsv.gz"
NOTICE = """# What a text is shown with in another script: the tables {tables} of OpenCC {version}.
# Copyright Carbo Kuo and contributors, Apache License 2.0. Modified: the first choice of each row alone.
# The frequencies are those of jieba's dictionary, Copyright Sun Junyi, MIT License.
"""


def rows(path: Path) -> Iterator[str]:
    """The rows of a table of OpenCC, each as its key and its first choice."""
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, values = line.partition("\t")
        if values and not line.startswith("#") and len(key) == len(values.split()[0]):
            yield f"{key}\t{values.split()[0]}"


def frequencies(words: Container[str]) -> Iterator[str]:
    """Those of some words that jieba knows, each with its frequency."""
    package = find_spec("jieba")
    assert package and package.origin
    for line in Path(package.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, *_ = line.split(" ")
        if len(word) > 1 and word in words:
            yield f"{word}\t{count}"


def main() -> None:
    """Write the file, the same for the same sources."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("sources", type=Path, help="The unpacked source distribution of the package opencc.")
    sources: Path = options.parse_args().sources
    found = re.search(r"^Version: (.+)$", (sources / "PKG-INFO").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "PKG-INFO names no version"
    text = NOTICE.format(tables=", ".join(TABLES), version=found[1])
    words: set[str] = set()
    for table in TABLES:
        words |= {row.partition("\t")[0] for row in rows(sources / f"data/dictionary/{table}.txt")}
        text += "\n".join([f"[{table}]", *rows(sources / f"data/dictionary/{table}.txt"), ""])
    text += "\n".join(["[frequencies]", *frequencies(words), ""])
    with TARGET.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main()
