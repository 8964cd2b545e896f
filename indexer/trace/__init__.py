"""Where in the archive does a passage, or part of it, stand?

    passage ─ repair, fold ─→ symbols ─ pairs ─→ chains ─→ regions ─ align ─→ parallels, best first

An engine says where documents follow the passage for a while (`Snapshot.chains`); their stored texts are then
aligned with it here. **What is returned holds by its own alignment**: at least `LEAST` characters, of which
no more than `CHANGED` differ, and that are no likely work of chance.
"""

from indexer.trace.parallels import Difference, Parallel, Traced
from indexer.trace.reuse import Reuse, reuses
from indexer.trace.tracing import MAX_PASSAGE, trace

__all__ = ["MAX_PASSAGE", "Difference", "Parallel", "Reuse", "Traced", "reuses", "trace"]
