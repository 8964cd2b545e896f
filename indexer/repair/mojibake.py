"""Was a piece of this text decoded with the wrong encoding? Undo that, and let the language model decide.

A piece is a run of characters that a misreading can have left (`indexer.repair.alphabet`). Each misreading
is undone, and another one where the result still looks misread; the likeliest text is taken.
**A piece is replaced only by Chinese that is likely by itself and far likelier than what stands there;
where a document has proven a misreading, its shorter pieces need less.**
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from indexer.repair.alphabet import LATIN_SIGNS, alphabet, mostly_utf8
from indexer.repair.halves import read_halves
from indexer.repair.lost import GETA, HOLE, KEPT, MARK, lost_bytes
from indexer.repair.misreading import LATIN, MISREADINGS, READ_AS, UTF8, Misreading, bytes_of, latin, reread
from indexer.repair.restore import restore
from indexer.repair.steps import Edit
from indexer.repair.weigh import Weight, weigh

GAIN = 14.0
"""The language model must prefer the repaired piece by this much."""
PROVEN, PROVEN_GAIN = 60.0, -20.0
"""Once it has preferred a misreading by so much in a document, likely pieces of it may fall short."""
MOST_BROKEN = 5  # of the bytes with a U+FFFD among them, one in so many may be no UTF-8
_DEEPEST = 2  # misreadings under another
_LATIN_SIGN = re.compile(f"[{LATIN_SIGNS}]")
_KEPT = re.compile(f"[{KEPT}]+")
_STRAY = re.compile(f"(?<![{KEPT}]){MARK}[{KEPT}](?![{KEPT}])")  # an accented letter among others


class Misread(NamedTuple):
    """A piece of a text, what it said, how it came to be misread, and what speaks for it."""

    start: int
    end: int
    after: str
    misreadings: tuple[Misreading, ...]
    weight: Weight

    @property
    def said(self) -> str:
        """How it came to be misread, in words."""
        return ", made of ".join(str(misreading) for misreading in self.misreadings)


def undo_wrong_decoding(text: str) -> list[Edit]:
    """Edits for every piece that was decoded wrongly and can be put right.

    >>> undo_wrong_decoding("無錫高新區開幕".encode().decode("latin-1"))[0].after
    '無錫高新區開幕'
    """
    pieces = sorted(_pieces(text), key=_first_and_best)
    proven: Counter[str] = Counter()
    for piece in pieces:
        if piece.weight.sound and piece.weight.gain >= GAIN:
            proven[piece.said] += int(piece.weight.gain)
    known_ones = {said for said, gain in proven.items() if gain >= PROVEN}
    pieces = sorted([*pieces, *_left_over(text, pieces, known_ones)], key=_first_and_best)
    edits: list[Edit] = []
    done = 0
    for piece in pieces:
        known = piece.said in known_ones
        believed = (
            piece.weight.gain >= PROVEN_GAIN if known else piece.weight.sound and piece.weight.gain >= GAIN
        )
        if piece.start >= done and believed:
            edits.append(Edit(piece.start, piece.end, piece.after, "mojibake", _evidence(piece)))
            done = piece.end
    return edits


def _evidence(piece: Misread) -> str:
    lost = piece.after.count(GETA)
    return f"{piece.said}; {lost} lost" if lost else piece.said


def _first_and_best(piece: Misread) -> tuple[int, float]:
    return piece.start, -piece.weight.gain


def _pieces(text: str) -> Iterator[Misread]:
    for read in READ_AS:
        own = alphabet(read)
        at = 0
        while (sign := own.sign(text, at)) >= 0:
            start, end = own.around(text, sign, at)
            if mostly_utf8(text[start:end], read) and (best := _best(text, start, end, read)) is not None:
                yield best
            at = max(end, sign + 1)


def _left_over(text: str, pieces: Sequence[Misread], known: Set[str]) -> Iterator[Misread]:
    """What shows no sign, or was taken for something else, and is of a misreading that is known."""
    sure = [piece for piece in pieces if piece.said in known]
    if not any(piece.misreadings[0].read == LATIN for piece in sure):
        return
    own, at = alphabet(LATIN), 0
    taken = {place for piece in sure for place in range(piece.start, piece.end)}
    while found := _LATIN_SIGN.search(text, at):
        start, at = found.span()
        if start in taken:
            continue
        start, end = own.around(text, start, start)
        best = _best(text, start, end, LATIN, known)
        if best and not lost_bytes(best.after) and GETA not in best.after:
            yield best
            at = end


def _best(text: str, start: int, end: int, read: str, known: Set[str] | None = None) -> Misread | None:
    """The likeliest text that a piece can have been, where one is likely; of `known` misreadings."""
    piece = text[start:end]
    found = [
        Misread(start, end, after, chain, weight)
        for after, chain, proof in _undone(piece, read, _DEEPEST)
        if (weight := weigh(piece, after, chain[0], proof)) is not None
    ]
    if known is not None:
        found = [piece for piece in found if piece.said in known]
    return max(found, key=lambda piece: (not piece.weight.dear, piece.weight.gain), default=None)


def _undone(piece: str, read: str, deepest: int) -> Iterator[tuple[str, tuple[Misreading, ...], int]]:
    """What a piece may have said, by which misreadings, and how many U+FFFD were misread with it."""
    raw = bytes_of(piece, read)
    for misreading in MISREADINGS:
        if misreading.read != read:
            continue
        after = reread(raw, misreading.written)
        if misreading.written != "utf-8":
            yield _KEPT.sub(latin, after), (misreading,), 0
            continue
        proof = after.count("\ufffd")
        if proof and read != LATIN and lost_bytes(after) * MOST_BROKEN <= len(raw):
            marked = _KEPT.sub("\ufffd", after)  # of a mark, a byte may have been lost in turn
            holes = b"".join(bytes((HOLE,)) if c == "\ufffd" else c.encode() for c in marked)
            codec = next(m.written for m in MISREADINGS if m.read == LATIN and m.name == read)
            yield read_halves(holes, codec), (misreading, Misreading(codec, UTF8)), proof
            continue
        for inner in READ_AS if deepest else ():
            if alphabet(inner).sign(after) >= 0:
                for text, chain, proof in _undone(after, inner, deepest - 1):
                    yield text, (misreading, *chain), proof
        yield restore(_STRAY.sub(latin, after) if read == LATIN else after), (misreading,), 0
