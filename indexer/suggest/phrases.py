"""Which neighboring words of titles read as one? Those that titles begin with and titles end with.

A title falls into parts at whatever is no word. What only ever goes on (二首其一 never begins a part,
软件园在 never ends one) is a fragment; what begins parts and ends parts stands by itself. **The count of a
phrase is the number of documents whose titles hold it.**
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.suggest.sounds import is_han

LONGEST_PHRASE = 7
_BETWEEN = "\0"  # between two titles: no title has it, and no word
_NONE, _OTHER = 0, LONGEST_PHRASE  # the lengths of what is no word, and of a word that is not Han

Cut = Callable[[str], tuple[Sequence[str], Callable[[str], bool] | None]]
"""What a text is cut into, and which of it are words (None: all)."""


def phrases(titles: Mapping[str, int], cut: Cut) -> dict[str, int]:
    """The phrases of folded titles, each given with its documents, and how many documents hold each.

    >>> import re
    >>> titles = {"无锡高新区": 2, "无锡高新区在变": 1, "走进无锡高新区": 1}
    >>> phrases(titles, lambda text: (re.findall("无锡|高新区|走进|.", text), str.isalnum))
    {'无锡高新区': 4}
    """
    words, numbers, lengths = _numbered(*cut(_BETWEEN.join(["", *titles, ""])))
    counts = np.fromiter(titles.values(), np.int64, len(titles))
    title = np.cumsum(numbers == numbers[0]) - 1
    left, right = lengths[numbers[:-1]], lengths[numbers[1:]]
    # Two single characters are a word the dictionary does not have, or none.
    at = np.flatnonzero(
        (left > _NONE) & (right > _NONE) & (left + right > 2) & (left + right <= LONGEST_PHRASE)
    )
    keys = numbers[at] << 32 | numbers[at + 1]
    unique, which = np.unique(keys, return_inverse=True)
    begins = np.bincount(which, lengths[numbers[at - 1]] == _NONE, len(unique)) > 0
    ends = np.bincount(which, lengths[numbers[at + 2]] == _NONE, len(unique)) > 0
    # A title that says a phrase twice is still one.
    once = np.unique(which * len(titles) + title[at])
    documents = np.bincount(once // len(titles), counts[once % len(titles)], len(unique))
    kept = np.flatnonzero(begins & ends)
    found: dict[str, int] = {}
    for key, count in zip(unique[kept].tolist(), documents[kept].tolist(), strict=True):
        text = words[key >> 32] + words[key & 0xFFFFFFFF]
        found[text] = max(int(count), found.get(text, 0))
    return found


def _numbered(
    pieces: Sequence[str], is_word: Callable[[str], bool] | None
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The different pieces, the number of each piece in order, and the lengths of the Han words."""
    known = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    numbers = np.fromiter(map(known.__getitem__, pieces), np.int64, len(pieces))
    lengths = np.fromiter((_length(piece, is_word) for piece in known), np.int64, len(known))
    return list(known), numbers, lengths


def _length(piece: str, is_word: Callable[[str], bool] | None) -> int:
    if is_han(piece) and (is_word is None or is_word(piece)):
        return len(piece)
    return _OTHER if is_word is None or is_word(piece) else _NONE
