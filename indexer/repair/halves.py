"""What is left of a text of byte pairs of which many bytes are lost? Whole pairs, and halves of pairs.

Where GBK or Big5 was taken for UTF-8, each byte that is none became U+FFFD; what happened to be valid
survived. Written as UTF-8 and read as GBK again that is 锟斤拷. A mark may stand for one byte or for two,
so the pairs that are left are found by the cheapest way through all bytes.
**A character of which both bytes are lost is 〓; one with a byte left is told by `told` or is 〓 too.**
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from indexer.repair.guesses import guessable
from indexer.repair.language_model import language_model
from indexer.repair.lost import GETA, HOLE
from indexer.repair.restore import told

_LOST, _TWO_BYTES, _STRAY, _LONE = 7.0, 4.0, 14.0, 9.0
_ALIKE = 3  # ways kept for each place


class _Way(NamedTuple):
    """One way to divide the bytes so far: its cost, the last character's class, and the pieces in reverse."""

    cost: float
    last: str
    piece: str | bytes  # a character, or the two bytes of a lost one with `HOLE` for what is not known
    before: _Way | None


def read_halves(raw: bytes, codec: str) -> str:
    """Bytes with holes, read in pairs.

    >>> read_halves(b"\\xff\\xff\\xd3\\xad\\xca\\xb9\\xff\\xff", "gbk")
    '〓迎使〓'
    """
    classed, pair = language_model().classed, language_model().pair
    best: list[list[_Way]] = [[] for _ in range(len(raw) + 1)]
    best[0] = [_Way(0.0, classed("\n"), "", None)]
    for at in range(len(raw)):
        ways = sorted(best[at], key=lambda way: way.cost)[:_ALIKE]
        best[at] = []
        lone = _LONE if _stands_alone(raw[max(0, at - 1) : at + 2]) else 0.0
        for taken, piece, extra in _pieces(raw[at : at + 2], codec):
            here = classed(piece) if isinstance(piece, str) else ""
            for way in ways:
                cost = (
                    way.cost
                    + extra
                    + lone * (taken == 1)
                    + (pair(way.last, here) if here and way.last else _LOST)
                )
                best[at + taken].append(_Way(cost, here, piece, way))
    return _told(min(best[-1], key=lambda way: way.cost), codec)


def _stands_alone(raw: bytes) -> bool:
    """Whether a letter has a lost byte before it and none of its kind behind it: mostly half a character."""
    return (
        raw[0] == HOLE
        and len(raw) > 1
        and 0x40 <= raw[1] < 0x7F
        and not (raw[2:].isascii() and raw[2:].isalnum())
    )


def _pieces(raw: bytes, codec: str) -> Iterator[tuple[int, str | bytes, float]]:
    """What may stand at the first of two bytes: how many it takes, the piece, and what assuming it costs."""
    first, second = raw[0], raw[1] if len(raw) > 1 else 0
    if first < 0x80:
        yield 1, chr(first), 0.0
    elif HOLE in (first, second):
        if second >= 0x40:
            yield 2, raw, 0.0
        if first == HOLE:
            yield 1, bytes((HOLE, HOLE)), _TWO_BYTES
    elif character := _characters(codec).get(raw):
        yield 2, character, 0.0
    if first >= 0x80:
        yield 1, bytes((HOLE, HOLE)), _STRAY


@cache
def _characters(codec: str) -> dict[bytes, str]:
    every = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    return {raw: shown for raw in every if len(shown := raw.decode(codec, "ignore")) == 1 and shown > "\x7f"}


@cache
def _half(raw: bytes, codec: str) -> str:
    """The characters that one byte leaves open."""
    place = 1 if raw[0] == HOLE else 0
    return "".join(c for both, c in _characters(codec).items() if both[place] == raw[place] and guessable(c))


def _told(way: _Way | None, codec: str) -> str:
    pieces: list[str | bytes] = []
    while way is not None:
        pieces.append(way.piece)
        way = way.before
    pieces.reverse()
    shown: list[str] = []
    lost: list[bytes] = []
    for piece in [*pieces, "\n"]:
        if isinstance(piece, bytes):
            lost.append(piece)
            continue
        if lost:
            halves = ["" if half == bytes((HOLE, HOLE)) else _half(half, codec) for half in lost]
            whole = all(halves) and len(halves) <= 2
            shown += told(shown[-1][-1:] if shown else "", halves, piece) if whole else [GETA] * len(lost)
            lost = []
        shown.append(piece)
    return "".join(shown)[:-1]
