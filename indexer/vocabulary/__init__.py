"""What is a word called elsewhere? Taiwan, Hong Kong and Mainland words for the same thing, at query time.

`load_vocabulary` reads the tables once; `Vocabulary.occurrences` is pure.
"""

from indexer.vocabulary.regional import Expansion, Occurrence, Vocabulary, load_vocabulary

__all__ = ["Expansion", "Occurrence", "Vocabulary", "load_vocabulary"]
