"""Which documents are copies of one another? Fingerprints at build time, groups after it, one hit for each.

    folded grams ─ sketched ─→ two numbers per document ─ grouped ─→ candidates, verified ─→ groups

Only what is compared counts: script, variant characters, punctuation and layout do not. A group's members
are each near-identical to its first document (the share of common grams is at least `LEAST`).
"""

from __future__ import annotations

from indexer.derived.duplicates.grouping import LEAST, grams, grouped
from indexer.derived.duplicates.groups import FILE, Groups, write_groups
from indexer.derived.duplicates.sketches import COLUMNS, sketched

__all__ = [
    "COLUMNS",
    "FILE",
    "LEAST",
    "Groups",
    "grams",
    "grouped",
    "sketched",
    "write_groups",
]
