"""How are many byte strings hashed at once? CRC-32, a byte of all of them after the other.

**Each is what `zlib.crc32` gives**, by which a search asks for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
_ALL, _LOW, _BYTE = np.uint32(0xFFFFFFFF), np.uint32(0xFF), np.uint32(8)
# A string of one byte says what each byte does to a register of ones.
_ONES = np.array([crc32(bytes([byte])) for byte in range(256)], np.uint32)
_TABLE = (_ONES ^ _ALL ^ _ALL >> _BYTE)[np.arange(256) ^ 0xFF]


def joined(texts: Sequence[bytes]) -> tuple[NDArray[np.uint8], Numbers]:
    """Strings one after the other, and how long each is."""
    return np.frombuffer(b"".join(texts), np.uint8), np.fromiter(map(len, texts), np.int64, len(texts))


def starts_of(lengths: Numbers) -> Numbers:
    """Where strings of such lengths begin that stand one after the other."""
    return lengths.cumsum() - lengths


def crc32s(
    block: NDArray[np.uint8], starts: Numbers, lengths: Numbers, before: NDArray[np.uint32] | None = None
) -> NDArray[np.uint32]:
    """The CRC-32 of each string of a block, or of what has the CRC-32 in `before` and the string after it.

    >>> found = crc32s(np.frombuffer(b"lazydog", np.uint8), np.array([0, 4]), np.array([4, 3]))
    >>> found.tolist() == [crc32(b"lazy"), crc32(b"dog")]
    True
    """
    register = np.full(len(starts), _ALL) if before is None else before ^ _ALL
    order = np.argsort(-lengths, kind="stable")
    register, starts = register[order], starts[order]
    # The longest come first: so many have a byte at each place.
    having = len(lengths) - np.cumsum(np.bincount(lengths))[:-1]
    for at, count in enumerate(having.tolist()):
        own = register[:count]
        own[:] = _TABLE[(own ^ block[starts[:count] + at]) & _LOW] ^ own >> _BYTE
    found = np.empty_like(register)
    found[order] = register ^ _ALL
    return found
