"""Build `indexer/repair/big5_uao.txt`: which characters did Taiwan's boards add to Big5 (Unicode-at-on)?

    pip download --no-deps uao==0.2.0 && unzip uao-0.2.0-py3-none-any.whl -d DIRECTORY
    python benchmarks/build_big5.py DIRECTORY

The source is the table of pyUAO 0.2.0 (MIT, github.com/eight04/pyUAO), which is Unicode-at-on 2.50.
Written are the pairs that Hong Kong's extension does not share (`indexer.repair.big5.AGREED`), except
private characters; a line is the first pair of a run in hexadecimal, TAB, and the characters of the pairs
from there on (trail bytes 40–7E, A1–FE).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

from indexer.repair.big5 import AGREED, TABLE, TRAILS


def additions(table: dict[int, str]) -> Iterator[tuple[int, str]]:
    """The number of each pair that the boards added, in order, and its character."""
    for number, pair in enumerate((lead << 8) | trail for lead in range(0x81, 0xFF) for trail in TRAILS):
        character = table.get(pair)
        if character is None or len(character) != 1 or "\ud800" <= character <= "\uf8ff":
            continue
        if not AGREED.fullmatch(pair.to_bytes(2, "big")):
            yield number, character


def main(folder: str) -> None:
    """Write the table."""
    sys.path.insert(0, folder)
    runs: list[tuple[int, str]] = []
    following = -1
    for number, character in additions(import_module("uao.b2u").b2u_table):
        if number == following:
            runs[-1] = (runs[-1][0], runs[-1][1] + character)
        else:
            runs.append((number, character))
        following = number + 1
    lines = ["# Unicode-at-on 2.50 beyond Big5, from pyUAO 0.2.0 (MIT); see benchmarks/build_big5.py"]
    for number, characters in runs:
        lead, trail = divmod(number, len(TRAILS))
        lines.append(f"{0x81 + lead:02X}{TRAILS[trail]:02X}\t{characters}")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TABLE.name}: {TABLE.stat().st_size:,} bytes, {sum(len(c) for _, c in runs):,} pairs")


if __name__ == "__main__":
    main(sys.argv[1])
