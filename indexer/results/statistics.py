"""What does an index hold, and how did it come to be? Its figures as one JSON object."""

from __future__ import annotations

from typing import Any

from indexer.documents.ledger import SUMMARY, read_summary
from indexer.engine.protocol import Snapshot


def statistics(snapshot: Snapshot) -> dict[str, Any]:
    """The figures of a state, with what its ledger comes to: the object of `GET /api/v1/stats`."""
    generation = snapshot.generation
    counts = generation.counts
    return {
        "documents": counts.documents,
        "generation": generation.name,
        "built_at": generation.built_at,
        "fingerprint": generation.fingerprint,
        "bytes": generation.bytes,
        "seconds": counts.seconds,
        "skipped": counts.skipped,
        "repaired": counts.repaired,
        "repairs": dict(counts.repairs),
        "collections": dict(counts.collections),
        "sources": dict(counts.sources),
        "langs": dict(counts.langs),
        "ledger": read_summary(snapshot.attachment(SUMMARY)),
    }
