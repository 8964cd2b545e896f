"""What of a judged set does not count, and what of it was not found? Notes that name the first place."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.measure.evaluate import Evaluation
from indexer.measure.judgments import JudgedSet


def set_aside(judged: JudgedSet) -> list[str]:
    """What of a judged set counts in no measure."""
    grades = judged.grades()
    topics = [topic.place for topic in judged.topics if topic.id not in grades]
    asked = {topic.id for topic in judged.topics}
    judgments = [judgment.place for judgment in judged.judgments if judgment.query not in asked]
    return [
        *_counted(topics, "query has no judgment and counts in no measure"),
        *_counted(judgments, "judgment is of a query that is not asked"),
    ]


def not_found(found: Evaluation) -> list[str]:
    """What the index does not have, though it was given or judged."""
    skipped = [f"{found.skipped:,} documents could not be read and were skipped"] if found.skipped else []
    places = [f"{each.place} ({each.document!r})" for each in found.unknown]
    return [*skipped, *_counted(places, "judgment is of a document that is not in the index: not found")]


def _counted(places: Sequence[str], what: str) -> list[str]:
    """A note on the first of some places, and how many there are; none where there is none."""
    more = f"; {len(places):,} are such" if places[1:] else ""
    return [f"{places[0]}: this {what}{more}"] if places else []
