"""Which character was it, of which some bytes are lost? Told only where there is no doubt.

Of a character of three bytes two may be left: then it is one of 64 or fewer, and the characters around
it tell which, or do not.
**A character is restored where all others together are less likely than one in twenty; else it is 〓.**
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product
from math import exp, log

from indexer.repair.language_model import language_model
from indexer.repair.lost import GETA, HOLE, KEEP, KEPT, MARK, bytes_kept  # noqa: F401  # KEEP: the example
from indexer.repair.pinyin import HAN

SURE = 0.95
_RUN = re.compile(f"[{KEPT}]+")
_TAIL = rb"[\x80-\xbf]"
_PART = re.compile(
    rb"[\xe0-\xef](?:[\x80-\xbf\xff]{2}|[\x80-\xbf\xff]?)|\xff?" + _TAIL + rb"{2}|\xff{1,3}|(?s:.)"
)
_THREE = re.compile(rb"[\xe2-\xef\xff][\x80-\xbf\xff]{2}")
_THREES = re.compile(rb"(?:" + _THREE.pattern + rb")+")
_LEADS = range(0xE3, 0xF0)
_TAILS = range(0x80, 0xC0)
_LIKELY = re.compile(f"[{HAN}\u3001-\u3011\uff01-\uff1f]")
_CHAIN = 4  # lost characters in a row that are told together


def restore(text: str) -> str:
    """`text` with what was kept of broken UTF-8 restored or shown as 〓.

    >>> restore("开放时间".encode()[:2].decode("utf-8", KEEP) + "放时间")
    '开放时间'
    """
    if MARK not in text:
        return text
    parts: list[str] = []
    at = 0
    for match in _RUN.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        parts += text[at : match.start()], _restored(before, bytes_kept(match[0]), after)
        at = match.end()
    return "".join([*parts, text[at:]])


def _restored(before: str, raw: bytes, after: str) -> str:
    # Where each mark was one byte the characters are told apart; where one swallowed more, as well as can be.
    parts = (_THREE if _THREES.fullmatch(raw) else _PART).findall(raw)
    found = [could_be(part) for part in parts]
    if len(found) <= _CHAIN and all(found):
        return "".join(told(before, found, after))
    return GETA * len(found)


@lru_cache(maxsize=1 << 12)
def could_be(part: bytes) -> str:
    """The characters of which these bytes may be left; empty where too much is lost to tell."""
    if len(part) == 3 and part[0] == HOLE:
        known = [None, part[1], part[2]]
    elif len(part) == 2 and part[0] < 0xC0:
        known = [None, part[0], part[1]]
    else:
        known = [byte if byte != HOLE else None for byte in part]
        known += [None] * (3 - len(known))
    if len(part) < 2 or sum(byte is None for byte in known) > 1:
        return ""
    ranges = [_TAILS if place else _LEADS for place in range(3)]
    every = product(*([byte] if byte is not None else of for byte, of in zip(known, ranges, strict=True)))
    return "".join(_LIKELY.findall(b"".join(bytes(each) for each in every).decode("utf-8", "ignore")))


def told(before: str, candidates: Sequence[str], after: str) -> Iterator[str]:
    """For each lost character the one of its candidates that is certain between its neighbors, else 〓."""
    model = language_model()
    left, right = model.classed(before or "\n"), model.classed(after or "\n")
    classed = [[model.classed(c) for c in each] for each in candidates]
    forward = [[model.pair(left, c) for c in classed[0]]]
    for here, there in pairwise(classed):
        costs = forward[-1]
        forward.append(
            [_sum([cost + model.pair(b, c) for b, cost in zip(here, costs, strict=True)]) for c in there]
        )
    backward = [[model.pair(c, right) for c in classed[-1]]]
    for here, there in zip(classed[-2::-1], classed[:0:-1], strict=True):
        costs = backward[0]
        backward.insert(
            0, [_sum([cost + model.pair(c, b) for b, cost in zip(there, costs, strict=True)]) for c in here]
        )
    for each, ahead, behind in zip(candidates, forward, backward, strict=True):
        costs = [a + b for a, b in zip(ahead, behind, strict=True)]
        best = min(range(len(each)), key=costs.__getitem__)
        yield each[best] if exp(_sum(costs) - costs[best]) >= SURE else GETA


def _sum(costs: Sequence[float]) -> float:
    """The cost of any of several happening."""
    least = min(costs)
    return least - log(sum(exp(least - cost) for cost in costs))
