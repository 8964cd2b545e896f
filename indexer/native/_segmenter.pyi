from collections.abc import Sequence

def load(
    first: Sequence[int],
    codes: Sequence[int],
    rank: Sequence[int],
    weights: Sequence[float],
    unknown: float,
    blocks: str,
    bulk: bool,
) -> object: ...
def ends(words: object, text: str) -> bytes: ...
