"""What can be offered while typing, and instead of what was typed? A lexicon of the index's own vocabulary.

    LexiconBuilder.add (per document) → write → lexicon.bin → Lexicon.open → complete | from_pinyin | correct

**Everything offered is in the index**: titles, words and neighboring words that documents hold.
"""

from __future__ import annotations

from indexer.suggest.builder import LexiconBuilder
from indexer.suggest.correction import Correction
from indexer.suggest.lexicon import Lexicon

__all__ = ["LEXICON", "Correction", "Lexicon", "LexiconBuilder"]

LEXICON = "lexicon.bin"
"""The name of the lexicon's file in a generation."""
