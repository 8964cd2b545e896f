"""Does any query raise, or take long? Drawn ones, put together of words, operators and what breaks parsers.

Invariant: `Searcher.search` gives a page or raises `HansouError`, within a bound, for any text of any length
in any mode; so do `suggest` and `document`.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles

from benchmarks.battery.archive import Archive
from benchmarks.battery.verdict import Verdict
from indexer import HansouError, Searcher
from indexer.results.results import Mode

BOUND_S = 2.0
"""Longer than any query may take of the processor, on a slow machine, over a small index."""
_DOCUMENTS = 300
_LONGEST = 300
_MOST_TOLD = 20
PIECES = (
    *("無錫", "无锡", "園區", "湖邊", "清晨", "鳥", "wuxi", "2024", "第1篇", "a", "é", "ﬁ"),
    *("AND", "OR", "NOT", "and", "-", "+", "|", "(", ")", '"', "“", "”", "「", "~", "~3", "~99999999999"),
    *(
        "*",
        "?",
        "a?b*",
        "*" * 20,
        "title:",
        "source:",
        "id:",
        "collection:",
        "nofield:",
        ":",
        "\\",
        "/",
        "^2",
    ),
    *(" ", "　", "\n", "\t", "\0", "\x1b[0m", "\u200d", "\u202e", "\ufeff", "\ud800", "\udfff", "\U000f0000"),
    *("𠀀", "👩‍👩‍👧", "é" * 3, "İ", "ß", "\u0301" * 9, "<b>", "&amp;", "'; DROP", "%00", "{}", "[1 TO 2]"),
)
_MODES: tuple[Mode, ...] = ("smart", "exact")


def drawn(chance: random.Random) -> str:
    """A text that somebody, or a program, might type."""
    pieces = chance.choices(PIECES, k=min(_LONGEST, 1 + int(chance.expovariate(0.2))))
    text = chance.choice(("", " ", "")).join(pieces)
    if chance.random() < 0.1:
        text += "".join(chr(chance.randrange(0x20, 0xFFFF)) for _ in range(chance.randrange(1, 20)))
    return text


def run(base: Path, count: int, seed: int) -> Verdict:
    """Ask so many queries."""
    archive = Archive.create(base / "archive", _DOCUMENTS)
    archive.build(_DOCUMENTS)
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    taken: list[float] = []
    broken: list[str] = []
    with Searcher.open(archive.config) as searcher:
        for _ in range(count):
            text = drawn(chance)
            began = time.process_time()
            outcome = ask(searcher, text, chance)
            taken.append(time.process_time() - began)
            seen[outcome.partition(" ")[0]] += 1
            if outcome.startswith("raised"):
                broken.append(f"{outcome} for {text!r}")
            if taken[-1] > BOUND_S:
                broken.append(f"{taken[-1]:.1f} s for {text!r}")
    p50, p99 = (quantiles(taken, n=100)[place] * 1000 for place in (49, 98))
    return Verdict(
        f"{count:,} drawn queries: {seen['found']:,} found something, {seen['nothing']:,} nothing,"
        f" {seen['refused']:,} were refused; CPU p50 {p50:.1f}, p99 {p99:.1f},"
        f" most {max(taken) * 1000:.0f} ms",
        tuple(broken[:_MOST_TOLD]),
    )


def ask(searcher: Searcher, text: str, chance: random.Random) -> str:
    """Search, complete, or show a document by it; what came of it."""
    kind = chance.random()
    try:
        if kind < 0.05:
            return "found" if searcher.suggest(text) else "nothing"
        if kind < 0.1:
            return "found" if searcher.document(str(chance.randrange(50)), text) else "nothing"
        mode, explain = chance.choice(_MODES), chance.random() < 0.05
        size = chance.choice((1, 10, 50))
        return "found" if searcher.search(text, mode=mode, size=size, explain=explain).hits else "nothing"
    except HansouError:
        return "refused"
    except Exception as error:  # whatever it is, it should not have been
        return f"raised {type(error).__name__}: {error}"
