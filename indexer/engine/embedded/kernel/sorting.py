"""How are terms numbered, sorted and grouped into postings, with numpy? The reference for the C functions.

Part of the kernel interface: `indexer.engine.embedded.kernel.vectorized` passes these functions on.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from operator import ge
from typing import Any

import numpy as np

from indexer.arrays import Array, Flat, damaged
from indexer.text.units import Units

Keep = Callable[[str], bool]
Slices = tuple[str, Sequence[int], Keep | None]
"""A text, where its parts end, and what is asked whether a part is a term."""
TERM_BYTES = 220


def group(
    terms: Array, ranks: Array, docs: Array, counts: Array, positions: Array | None
) -> tuple[Array, Array, Array, Array | None]:
    """Sort tokens into postings: (starts, docs, freqs, positions).

    `terms` holds the term of each token, in document order, `ranks` the place of each term in byte
    order; document `docs[i]` has the next `counts[i]` tokens.
    """
    placed = ranks[terms]
    order = np.argsort(placed, kind="stable")
    placed, where = placed[order], np.repeat(docs, counts)[order]
    head = np.ones(len(terms), np.bool_)
    head[1:] = (placed[1:] != placed[:-1]) | (where[1:] != where[:-1])
    heads = np.flatnonzero(head)
    freqs = np.diff(np.append(heads, len(terms)))
    starts = np.searchsorted(placed[heads], np.arange(len(ranks) + 1))
    return starts, where[heads], freqs, None if positions is None else positions[order]


def merge_terms(sources: Sequence[tuple[Flat, Flat]]) -> tuple[Array, Array, list[Array]]:
    """Unite sorted term lists (blob, offsets): the united list, and each source's places in it.

    Raises `IndexCorrupt` where offsets do not ascend within their blob, or terms do not ascend.
    """
    split = [_terms_of(np.asarray(blob), np.asarray(offsets)) for blob, offsets in sources]
    merged = sorted(set().union(*split))
    place = {term: number for number, term in enumerate(merged)}
    ranks = [np.fromiter(map(place.__getitem__, terms), np.uint32, len(terms)) for terms in split]
    ends = np.cumsum(np.fromiter(map(len, merged), np.int64, len(merged)))
    return np.frombuffer(b"".join(merged), np.uint8), np.concatenate([[0], ends]), ranks


def _terms_of(blob: Array, offsets: Array) -> list[bytes]:
    whole = len(offsets) > 0 and 0 <= int(offsets[0]) and int(offsets[-1]) <= len(blob)
    if not whole or (offsets[1:] < offsets[:-1]).any():
        raise damaged("an offset")
    terms = [blob[start:end].tobytes() for start, end in pairwise(offsets.tolist())]
    if any(map(ge, terms, terms[1:])):
        raise damaged("a list of terms")
    return terms


class Numbers(dict[Any, int]):
    """Gives each new key the next number."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


@dataclass(frozen=True, slots=True)
class TermTable:
    """The terms of a buffer in the order in which they came, and what was found to be none."""

    numbers: Numbers = field(default_factory=Numbers)
    dropped: set[Any] = field(default_factory=set)


def term_table() -> TermTable:
    """A table without terms."""
    return TermTable()


def table_bytes(table: TermTable) -> int:
    """About how many bytes a table takes."""
    return len(table.numbers) * TERM_BYTES


def intern(table: TermTable, terms: Sequence[str], out: array[int]) -> None:
    """Append the number of each term to `out`; a new term gets the next."""
    out.extend(map(table.numbers.__getitem__, terms))


def intern_slices(
    table: TermTable, pieces: Iterable[Slices | None], out: array[int], counts: array[int]
) -> None:
    """Append the numbers of those parts of texts that are terms, and for each text how many there are.

    None stands for a document without a text. The parts of a text end at ascending places (a buffer of
    32-bit numbers), the first begins at 0. What is given beside them is asked once for each different part
    whether it is a term (None: all are).
    """
    for each in pieces:
        before = len(out)
        if each is not None:
            text, ends, keep = each
            parts = [text[start:end] for start, end in pairwise(chain((0,), ends))]
            intern(table, parts if keep is None else _kept(table, parts, keep), out)
        counts.append(len(out) - before)


def _kept(table: TermTable, parts: Sequence[str], keep: Keep) -> list[str]:
    """The parts that are terms."""
    new = (part for part in {*parts} if part not in table.dropped and part not in table.numbers)
    table.dropped.update([part for part in new if not keep(part)])
    return [part for part in parts if part not in table.dropped]


def intern_units(
    table: TermTable, units: Iterable[Units | None], out: array[int], counts: array[int]
) -> list[int]:
    """Append a symbol for each position of texts, and for each text how many; how many terms each has.

    None stands for a document without a text. A unit (see `text.units.spans_of`) is a run, of which every
    character has a position, or a word, which has one. A symbol is the number of what stands there, doubled,
    plus one where it makes a pair with the next.
    """
    sizes: list[int] = []
    for each in units:
        before = len(out)
        pairs = 0 if each is None else _add_units(table, each, out)
        counts.append(len(out) - before)
        sizes.append(counts[-1] + pairs)
    return sizes


def _add_units(table: TermTable, units: Units, out: array[int]) -> int:
    """Append the symbols of a text; how many pairs there are."""
    (text, spans), pairs = units, 0
    for at in range(0, len(spans), 2):
        unit = text[spans[at] >> 1 : spans[at + 1]]
        if not spans[at] & 1:
            out.append(table.numbers[unit] << 1)
            continue
        out.extend(table.numbers[character] << 1 | 1 for character in unit)
        out[-1] &= ~1
        pairs += len(unit) - 1
    return pairs


def group_pairs(
    symbols: Array, docs: Array, counts: Array, sizes: Array, low: int, high: int
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Sort symbols into postings: (firsts, seconds, starts, docs, freqs, positions).

    The symbols have places in byte order where `intern_units` gave numbers; document `docs[i]` has the next
    `counts[i]` of them, and place i is in `sizes[i]`. Of the terms that begin with one whose place is from
    `low` to `high`: the place of the first part, and that of the second plus one (0: there is none), in
    order, then their postings.
    """
    places = symbols.astype(np.int64) >> 1
    asked = (places >= low) & (places < high)
    alone, paired = np.flatnonzero(asked), np.flatnonzero(asked & (symbols & 1).astype(np.bool_))
    at = np.concatenate([alone, paired])
    seconds = np.concatenate([np.zeros(len(alone), np.int64), places[paired + 1] + 1])
    order = np.argsort(places[at] << 32 | seconds, kind="stable")
    at, seconds = at[order], seconds[order]
    where = np.repeat(docs, counts)[at]
    spots = (np.arange(len(symbols)) - np.repeat(np.cumsum(counts) - counts, counts))[at]
    fresh = np.ones(len(at), np.bool_)
    fresh[1:] = (places[at[1:]] != places[at[:-1]]) | (seconds[1:] != seconds[:-1])
    head = fresh.copy()
    head[1:] |= where[1:] != where[:-1]
    heads = np.flatnonzero(head)
    return (
        places[at[fresh]].astype(np.uint32),
        seconds[fresh].astype(np.uint32),
        np.append(np.flatnonzero(fresh[heads]), len(heads)),
        where[heads],
        np.diff(np.append(heads, len(at))),
        spots,
    )


def order_terms(table: TermTable) -> tuple[Array, Array, Array]:
    """Sort terms by their UTF-8: (place of each number, blob, offsets)."""
    # A dictionary keeps the order of its numbers.
    terms = list(table.numbers)
    order = sorted(range(len(terms)), key=terms.__getitem__)
    places = np.empty(len(order), np.uint32)
    places[np.fromiter(order, np.int64, len(order))] = np.arange(len(order), dtype=np.uint32)
    return places, *encode_terms([terms[number] for number in order])


def encode_terms(terms: Sequence[str]) -> tuple[Array, Array]:
    """Sorted terms as (blob, offsets)."""
    ends = np.cumsum(np.fromiter(chain((0,), map(len, terms)), np.int64, len(terms) + 1))
    text = "".join(terms)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    widths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    offsets = np.concatenate([[0], np.cumsum(widths)])[ends]
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8), offsets
