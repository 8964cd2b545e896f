"""What does an index hold, and how did it come to be? Its figures as one JSON object."""

from __future__ import annotations

from typing import Any

from indexer.engine.protocol import Generation


def statistics(generation: Generation) -> dict[str, Any]:
    """The figures of a state: what `hansou stats --json` prints and `GET /api/v1/stats` answers."""
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
    }
