"""What can be offered while typing, and instead of what was typed? A lexicon of the index's own vocabulary.

    Counted.of (terms of an index) → write_lexicon → lexicon.bin → Lexicon → complete | from_pinyin | correct

**Everything offered is in the index**: titles, words and phrases that documents hold.
"""

from __future__ import annotations

from indexer.derived.suggest.correction import Correction
from indexer.derived.suggest.counted import Counted
from indexer.derived.suggest.lexicon import Lexicon
from indexer.derived.suggest.table import Table
from indexer.derived.suggest.writing import write_lexicon

__all__ = ["LEXICON", "Correction", "Counted", "Lexicon", "Table", "write_lexicon"]

LEXICON = "lexicon.bin"
"""The name of the lexicon's file in a generation."""
