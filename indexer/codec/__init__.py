"""The index core: Whoosh's framework over flat arrays.

`BulkWriter` writes segments, `ArraySearcher` and `evaluate` search them, `Bm25` weighs terms. The format
and the reasons are in docs/codec.md.
"""

from indexer.codec.collection import collection_of
from indexer.codec.parallel import build_segments
from indexer.codec.searcher import ArraySearcher
from indexer.codec.selection import Evaluation, evaluate
from indexer.codec.weighting import Bm25
from indexer.codec.writer import BulkWriter

__all__ = ["ArraySearcher", "Bm25", "BulkWriter", "Evaluation", "build_segments", "collection_of", "evaluate"]
