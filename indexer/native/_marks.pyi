from array import array

def covered(text: str, strings: tuple[str, ...]) -> list[tuple[int, int]]: ...
def marks(
    text: str,
    typed: tuple[tuple[str, tuple[str, ...], array[int]], ...],
    known: list[tuple[int, int, int, int]],
    runs: str,
) -> list[tuple[int, int]]: ...
def fragments(
    text: str,
    found: list[tuple[int, int, str]],
    terms: dict[str, int],
    worths: list[float],
    length: int,
) -> list[tuple[int, int]]: ...
