"""Which characters look alike? The table of shapes.txt, read once.

**Looking alike is mutual**, and the table is folded as queries are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from indexer.text.normalize import normalize


def lookalikes(character: str) -> str:
    """The folded characters that `character` may be taken for, in code point order.

    >>> lookalikes("戍"), lookalikes("鑫")
    ('戊戌成', '')
    """
    return _table().get(character, "")


@cache
def _table() -> Mapping[str, str]:
    alike: defaultdict[str, set[str]] = defaultdict(set)
    lines = files(__package__).joinpath("shapes.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            folded = normalize(line)
            first = folded[0]
            for other in folded[1:]:
                alike[first].add(other)
                alike[other].add(first)
    return {character: "".join(sorted(others - {character})) for character, others in alike.items()}
