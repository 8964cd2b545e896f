"""What was probably meant? The best candidate, where it is far likelier than what was typed.

    folded query → suspicious pairs → candidates → how much likelier each makes the query → the best, or none

A pair of characters is suspicious where no document has it. **A query whose every pair is somewhere in the
index is never corrected**, and a correction only ever leads to what the index has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import exp, log

from indexer.normalize import normalize
from indexer.suggest.candidates import Candidate, character_candidates, entry_candidates, windows
from indexer.suggest.statistics import Statistics
from indexer.suggest.table import Table

_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
LONGEST_RUN = 40
WEIGHED = 80  # candidates whose likelihood is worked out
THRESHOLD = 0.5
ROUNDS = 2
LONGEST_WHOLE = 12  # characters of a run that may be put right as a whole
VERIFIED = 12
DOUBTED = 3

# What a slip of each kind costs, in nats, besides what the statistics say.
PRIOR = {"homophone": 2.0, "shape": 3.0, "swap": 3.0, "missing": 6.0, "extra": 8.0}
FURTHER_SLIP = 3.0


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected query, how sure it is (0 to 1), and the kind of slip that was put right."""

    text: str
    confidence: float
    kind: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate and what speaks for it. `whole`: some document has the corrected run as it stands."""

    candidate: Candidate
    gain: float
    score: float
    unseen_before: int
    unseen_after: int
    whole: bool = False


def correct(
    table: Table, query: str, frequency: Callable[[str], int], holds: Callable[[str], bool] | None = None
) -> Correction | None:
    """The query put right, or None.

    `frequency` gives the document frequency of a folded text, `holds` whether some document has it as an
    exact string.
    """
    statistics = Statistics(frequency, table.documents, holds)
    found: Correction | None = None
    text = query
    for _ in range(ROUNDS):
        step = _step(table, text, statistics)
        if step is None:
            break
        text = step.text
        found = step if found is None else replace(step, confidence=min(found.confidence, step.confidence))
    return found


def _step(table: Table, query: str, statistics: Statistics) -> Correction | None:
    folded = normalize(query)
    ranked = rank(table, folded, statistics)
    if not ranked:
        return None
    best = ranked[0]
    confidence = _confidence(best, ranked[1:])
    if confidence < THRESHOLD:
        return None
    candidate = best.candidate
    return Correction(_applied(query, folded, candidate), round(confidence, 3), candidate.kind)


def rank(table: Table, folded: str, statistics: Statistics) -> list[Weighed]:
    """All candidates for a folded query, the likeliest first."""
    weighed: dict[str, Weighed] = {}
    for run in _RUN.finditer(folded):
        start, end = run.start(), min(run.end(), run.start() + LONGEST_RUN)
        if statistics.held(run[0]):
            continue
        for candidate in _candidates(table, folded, start, end, statistics):
            one = _weigh(folded, start, run.end(), candidate, statistics)
            whole = folded[: candidate.start] + candidate.text + folded[candidate.end :]
            if one and (whole not in weighed or weighed[whole].score < one.score):
                weighed[whole] = one
    ranked = sorted(weighed.values(), key=lambda one: -one.score)
    return sorted(_supported(folded, ranked, statistics), key=lambda one: (-one.whole, -one.score))


def _supported(folded: str, ranked: list[Weighed], statistics: Statistics) -> Iterator[Weighed]:
    """The candidates, marked where a document has the whole run."""
    for number, one in enumerate(ranked):
        candidate = one.candidate
        whole = False
        if number < VERIFIED and not one.unseen_after:
            run = next(run for run in _RUN.finditer(folded) if run.start() <= candidate.start <= run.end())
            text = folded[run.start() : candidate.start] + candidate.text + folded[candidate.end : run.end()]
            whole = statistics.held(text)
        yield replace(one, whole=whole)


def _candidates(
    table: Table, folded: str, start: int, end: int, statistics: Statistics
) -> Iterator[Candidate]:
    unseen = [at for at in range(start, end - 1) if not statistics.documents_with(folded[at : at + 2])]
    short = statistics.verifies and end - start <= LONGEST_WHOLE
    if not unseen and not short:
        return
    spans = windows(start, end, range(start, end - 1) if short else unseen)
    entries = sorted(entry_candidates(table, folded, spans), key=_promise)
    yield from entries[:WEIGHED]
    if short:
        doubtful = sorted(range(start, end), key=lambda at: -_doubt(folded, start, end, at, statistics))
    else:
        doubtful = [at for at in range(start, end) if {at - 1, at} & {*range(start, end - 1)} <= {*unseen}]
    yield from character_candidates(table, folded, start, end, doubtful[:DOUBTED], statistics)


def _doubt(folded: str, start: int, end: int, at: int, statistics: Statistics) -> float:
    return statistics.cost(folded[max(start, at - 1) : min(end, at + 2)])


def _promise(candidate: Candidate) -> float:
    cost = PRIOR[candidate.kind] + FURTHER_SLIP * candidate.slips
    return cost - 2 * candidate.length - log(candidate.count)


def _weigh(
    folded: str, start: int, end: int, candidate: Candidate, statistics: Statistics
) -> Weighed | None:
    """How much likelier the candidate makes its surroundings; None where it leaves more unseen pairs."""
    left, right = max(start, candidate.start - 1), min(end, candidate.end + 1)
    before = folded[left:right]
    after = folded[left : candidate.start] + candidate.text + folded[candidate.end : right]
    before_pairs = [before[at : at + 2] for at in range(len(before) - 1)]
    after_pairs = [after[at : at + 2] for at in range(len(after) - 1)]
    unseen_before = sum(not statistics.documents_with(pair) for pair in before_pairs)
    unseen_after = sum(not statistics.documents_with(pair) for pair in after_pairs)
    if unseen_after >= max(unseen_before, int(statistics.verifies)):
        return None
    gain = statistics.cost(before) - statistics.cost(after)
    score = gain - PRIOR[candidate.kind] - FURTHER_SLIP * (candidate.slips - 1)
    score += 0.5 * candidate.length - 2.0 * unseen_after
    return Weighed(candidate, gain, score, unseen_before, unseen_after)


def _confidence(best: Weighed, others: list[Weighed]) -> float:
    margin = min((best.score - other.score for other in others), default=8.0)
    return 1 / (1 + exp(-min(best.score - 4.0, 2 * margin)))


def _applied(query: str, folded: str, candidate: Candidate) -> str:
    """The query with the candidate in place; characters that stay keep the script they were typed in."""
    start, end, text = candidate.start, candidate.end, candidate.text
    head = 0
    while head < min(end - start, len(text)) and folded[start + head] == text[head]:
        head += 1
    tail = 0
    while tail < min(end - start, len(text)) - head and folded[end - 1 - tail] == text[len(text) - 1 - tail]:
        tail += 1
    return query[: start + head] + text[head : len(text) - tail] + query[end - tail :]
