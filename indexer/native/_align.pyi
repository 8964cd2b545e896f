from typing import Any

from numpy.typing import NDArray

def aligned(
    passage: NDArray[Any], document: NDArray[Any], first: int, last: int, low: int, high: int
) -> list[tuple[int, int, int]]: ...
