"""What is a word called elsewhere? Taiwan, Hong Kong and Mainland words for the same thing, at query time.

The built-in tables are read once, by the first `Vocabulary.occurrences`, which is pure otherwise.
"""

from indexer.text.vocabulary.regional import Expansion, Occurrence, Vocabulary, load_vocabulary
from indexer.text.vocabulary.tables import synonyms_stamp

__all__ = ["Expansion", "Occurrence", "Vocabulary", "load_vocabulary", "synonyms_stamp"]
