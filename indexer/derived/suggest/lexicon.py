"""What does the index suggest? One opened lexicon: completions, pinyin, corrections.

Nothing is loaded when it is opened; all state is the mapped file and small caches that threads may share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from indexer.derived.suggest.completion import complete, from_pinyin
from indexer.derived.suggest.correction import Correction, Words, correct
from indexer.derived.suggest.sounds import is_han
from indexer.derived.suggest.table import Table
from indexer.text.normalize import normalize

_LOOKED_AT = 400
# A word in more of the documents says little of an archive.
_USUAL = 0.3
_LONGEST = 4


class Lexicon:
    """The suggestions of one generation; `read` gives their table when it is asked for first."""

    def __init__(self, read: Callable[[], Table]) -> None:
        self._read = read

    @classmethod
    def open(cls, path: Path) -> Lexicon:
        """Map the file that `write_lexicon` left. Raises `IndexCorrupt`, `OSError`."""
        table = Table.open(path)
        return cls(lambda: table)

    @cached_property
    def _table(self) -> Table:
        return self._read()

    def complete(self, typed: str, size: int = 8) -> list[str]:
        """Up to `size` titles and frequent terms that continue what is typed, the most useful first.

        `typed` is the beginning of a text in either script, its pinyin (`wuxi gaoxinqu`), its initials
        (`wxgxq`), or Han followed by either. Titles come in their own script, terms folded.
        """
        return complete(self._table, typed, size)

    def initial(self, text: str) -> str:
        """The letter under which a text is filed: the first of its pinyin or of itself; "#" for any other."""
        first = normalize(text.strip())[:1]
        letter = next(iter(self._table.sounds.of(first)), first)[:1].upper() if first else ""
        return letter if "A" <= letter <= "Z" else "#"

    def typical(self, size: int) -> list[str]:
        """Words that stand in many documents of the archive, but not in most; the most useful first."""
        table = self._table
        every = range(len(table.texts))
        found: list[str] = []
        for number in table.range_best(every, _LOOKED_AT):
            text = table.text(number)
            rare = table.count[number] <= max(table.documents * _USUAL, 1)
            if (
                rare
                and is_han(text)
                and 2 <= len(text) <= _LONGEST
                and not any(text in each or each in text for each in found)
            ):
                found.append(text)
                if len(found) == size:
                    break
        return found

    def from_pinyin(self, typed: str, size: int = 3) -> list[str]:
        """Up to `size` Han queries that a Latin one may stand for; none where the index has it as it is."""
        return from_pinyin(self._table, typed, size)

    def correct(
        self,
        query: str,
        frequency: Callable[[str], int],
        holds: Callable[[str], bool] | None = None,
        words: Words = list,
        ahead: Callable[[Sequence[str]], object] = len,
    ) -> Correction | None:
        """The query put right where it very likely holds a slip, else None.

        `frequency` gives the number of documents with a folded character, pair of characters or word;
        it is asked at most 200 times. `holds` tells whether some document has a folded text as an exact
        string, and is asked at most 40 times; without it fewer slips are put right. `words` divides a
        folded text into words; without it a query of nothing but words may be taken for a slip.
        `ahead` is told of texts that `frequency` will probably be asked for, several at once.
        """
        return correct(self._table, query, frequency, holds, words, ahead)
