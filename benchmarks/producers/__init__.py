"""Which programs write files of each format? `PRODUCERS`: kind → program → a letter written by it.

Files for tests and benchmarks, made and never kept. Each kind has producers that have nothing to do with one
another where there are such; a producer that is not installed raises `Missing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.producers import archives, books, crawls, mails, office, pdfs, tables, texts
from benchmarks.producers.letter import LETTERS, Letter, Missing

__all__ = ["LETTERS", "PRODUCERS", "Letter", "Missing", "Producer"]

Producer = Callable[[Letter], bytes]

PRODUCERS: Mapping[str, Mapping[str, Producer]] = {
    **pdfs.PRODUCERS,
    **office.PRODUCERS,
    **books.PRODUCERS,
    **mails.PRODUCERS,
    **archives.PRODUCERS,
    **crawls.PRODUCERS,
    **tables.PRODUCERS,
    **texts.PRODUCERS,
}
