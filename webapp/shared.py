"""What do the processes of one server know in common? Numbers in memory that a fork inherits.

Invariant: numbers made before a fork are the same numbers in every process after it.
"""

from __future__ import annotations

import mmap

EIGHT_BYTES = 8


def shared_integers(count: int) -> memoryview[int]:
    """`count` signed 64-bit integers, zero at first."""
    return memoryview(mmap.mmap(-1, count * EIGHT_BYTES)).cast("q")


def shared_floats(count: int) -> memoryview[float]:
    """`count` floating-point numbers, zero at first.

    >>> numbers = shared_floats(2)
    >>> numbers[1] += 0.5
    >>> numbers.tolist()
    [0.0, 0.5]
    """
    return memoryview(mmap.mmap(-1, count * EIGHT_BYTES)).cast("d")
