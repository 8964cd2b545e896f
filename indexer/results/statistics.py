"""What does an index hold, and how did it come to be? Its figures as one JSON object."""

from __future__ import annotations

from typing import Any

from indexer.documents.ledger import SUMMARY, LedgerSummary, read_summary
from indexer.engine.protocol import Counts, Generation, Snapshot
from indexer.query.nodes import Everything, Present


def count(snapshot: Snapshot, skipped: int, seconds: float) -> Counts:
    """The figures of a new index, as it says of itself."""
    return Counts(
        documents=snapshot.search(Everything(), limit=0).total,
        skipped=skipped,
        repaired=snapshot.search(Present("repairs"), limit=0).total,
        seconds=round(seconds, 3),
        repairs=snapshot.occurrences("repairs"),
        sources=snapshot.values("source"),
        collections=snapshot.values("collection"),
        langs=snapshot.values("lang"),
    )


def statistics(snapshot: Snapshot) -> dict[str, Any]:
    """The figures of a state, with what its ledger comes to: the object of `GET /api/v1/stats`."""
    return _figures(
        snapshot.generation, snapshot.generation.counts, read_summary(snapshot.attachment(SUMMARY))
    )


def own_statistics(view: Snapshot) -> dict[str, Any]:
    """The same of a view: its own figures, and 0 for how the whole was built."""
    return _figures(view.generation, count(view, 0, 0.0), LedgerSummary().to_json())


def _figures(generation: Generation, counts: Counts, ledger: dict[str, Any]) -> dict[str, Any]:
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
        "ledger": ledger,
    }
