"""What was probably meant? The best candidate, where it is far likelier than what was typed.

    folded query → runs no document has → candidates → those some document has → the likeliest, or none

Only a few short runs of Han are looked at, never a sentence. **What some document has as it stands is never
corrected, what is nothing but words only to a phrase of several documents, and a correction only ever leads
to what some document has.**
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import exp, log
from operator import itemgetter

from indexer.derived.suggest.candidates import (
    Candidate,
    character_candidates,
    entry_candidates,
    keeps_numbers,
)
from indexer.derived.suggest.latin import latin_word
from indexer.derived.suggest.statistics import Statistics, pairs_of
from indexer.derived.suggest.surface import readable
from indexer.derived.suggest.table import Table
from indexer.derived.suggest.writing import LONGEST_CORRECTION
from indexer.text.normalize import normalize

_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
LONGEST_RUN = 12
MOST_RUNS = 4
WEIGHED = 50  # candidates whose likelihood is worked out
THRESHOLD = 0.85
# A run of words is right unless a phrase of so many documents is likelier by two nats more.
WORDS_THRESHOLD = 0.976
WORDS_COUNT = 5
ROUNDS = 2  # slips put right one after the other
VERIFIED = 12  # candidates that are looked up as exact strings
DOUBTED = 2  # characters that are exchanged without an entry

# What a slip of each kind costs, in nats, when candidates are put in order to be looked up.
PRIOR = {"homophone": 2.0, "shape": 3.0, "swap": 3.0, "missing": 1.0, "extra": 11.0}
FURTHER_SLIP = 3.0

# Weights of `Weighed.features`, by kind in the order of PRIOR where there are five; fitted on seeded errors
# and correct queries (docs/suggest.md).
WEIGHTS = (
    *(-0.98, -0.11, 2.32, 1.92, 0.58),
    *(0.8, 2.15, 0.46, -0.48, -1.05),
    *(-0.93, 0.35, -0.13, -0.54, -0.05),
    *(0.37, 1.04, -4.41, -0.11, 1.24, -1.8, 3.91),
)
BIAS = -1.75


Words = Callable[[str], Sequence[str]]
"""The words that a folded text falls into; where words are not known, its characters."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected query, how sure it is (0 to 1), and the kind of slip that was put right."""

    text: str
    confidence: float
    kind: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate and what speaks for it.

    `run` is the corrected run, `before` and `after` the changed characters with their neighbors; `gain` says
    how much likelier they are here (nats); `unseen` counts the pairs it removes that no document has;
    `of_words` says that nothing but words was typed.
    """

    candidate: Candidate
    run: str
    before: str
    after: str
    gain: float
    score: float
    unseen: int
    of_words: bool = False

    def features(self, usual_gain: float) -> tuple[float, ...]:
        """What `WEIGHTS` weigh; `usual_gain` says how much likelier it is in the language at large (nats)."""
        one = self.candidate
        kinds = [float(one.kind == kind) for kind in PRIOR]
        return (
            *kinds,
            *(self.gain / 4 * kind for kind in kinds),
            *(float(not self.unseen) * kind for kind in kinds),
            float(min(self.unseen, 2)),
            usual_gain / 4,
            one.slips - 1,
            log(1 + one.count) / 4,
            min(one.length, 5) / 2,
            float(not one.length),
            min(len(self.run), 8) / 4,
        )


def correct(
    table: Table,
    query: str,
    frequency: Callable[[str], int],
    holds: Callable[[str], bool] | None = None,
    words: Words = list,
    ahead: Callable[[Sequence[str]], object] = len,
) -> Correction | None:
    """The query put right, or None: see `Lexicon.correct`."""
    folded = normalize(query)
    if word := latin_word(table, folded, frequency):
        text = query[: word.start] + word.text + query[word.end :]
        return Correction(text, word.confidence, "latin")
    statistics = Statistics(frequency, table.documents, holds or table.holds, ahead)
    found: Correction | None = None
    text = query
    for _ in range(ROUNDS):
        step = _step(table, text, statistics, words)
        if step is None:
            break
        text = step.text
        found = step if found is None else replace(step, confidence=min(found.confidence, step.confidence))
    return found


def _step(table: Table, query: str, statistics: Statistics, words: Words) -> Correction | None:
    folded = normalize(query)
    ranked = rank(table, folded, statistics, words)
    if not ranked:
        return None
    confidence, best = max(zip(probabilities(ranked, statistics), ranked, strict=True), key=itemgetter(0))
    if confidence < (WORDS_THRESHOLD if best.of_words else THRESHOLD):
        return None
    candidate = best.candidate
    return Correction(_applied(query, folded, candidate), round(confidence, 3), candidate.kind)


def rank(table: Table, folded: str, statistics: Statistics, words: Words) -> list[Weighed]:
    """All candidates for a folded query, the likeliest first; none for a query that is not a few short runs.

    A phrase of a longer question that some document has without one word is no evidence of a slip.
    """
    runs = [*_RUN.finditer(folded)]
    if not runs or len(runs) > MOST_RUNS or any(len(run[0]) > LONGEST_RUN for run in runs):
        return []
    if sum(len(run[0]) for run in runs) < len("".join(folded.split())):
        return []
    weighed: dict[str, Weighed] = {}
    for run in runs:
        statistics.expect([*pairs_of(run[0]), *run[0]])
        if statistics.held(run[0]):
            continue
        of_words = made_of_words(run[0], words)
        candidates = list(
            _whole_candidates(table, folded, *run.span())
            if of_words
            else _candidates(table, folded, *run.span(), statistics)
        )
        afters = (_around(folded, *run.span(), candidate)[1] for candidate in candidates)
        statistics.expect(chain.from_iterable(map(pairs_of, afters)))
        for candidate in candidates:
            one = _weigh(folded, run.start(), run.end(), candidate, statistics)
            whole = folded[: candidate.start] + candidate.text + folded[candidate.end :]
            if one and (whole not in weighed or weighed[whole].score < one.score):
                weighed[whole] = replace(one, of_words=of_words)
    ranked = sorted(weighed.values(), key=lambda one: -one.score)
    return [one for one in ranked[:VERIFIED] if statistics.held(one.run)]


def _candidates(
    table: Table, folded: str, start: int, end: int, statistics: Statistics
) -> Iterator[Candidate]:
    spans = [(low, high) for low in range(start, end - 1) for high in range(low + 2, end + 1)]
    spans = [(low, high) for low, high in spans if high - low <= LONGEST_CORRECTION]
    entries = sorted(entry_candidates(table, folded, spans), key=_promise)[:WEIGHED]
    doubtful = sorted(
        range(start, end), key=lambda at: -statistics.cost(folded[max(start, at - 1) : min(end, at + 2)])
    )
    others = character_candidates(table, folded, start, end, doubtful[:DOUBTED], statistics)
    for candidate in chain(entries, others):
        if keeps_numbers(folded[candidate.start : candidate.end], candidate.text):
            yield candidate


def _whole_candidates(table: Table, folded: str, start: int, end: int) -> Iterator[Candidate]:
    """What is all of a run of words, one wrong character away, and stands in some documents."""
    for candidate in entry_candidates(table, folded, [(start, end)]):
        told = candidate.kind in ("homophone", "shape") and candidate.slips == 1
        if told and candidate.count >= WORDS_COUNT and keeps_numbers(folded[start:end], candidate.text):
            yield candidate


def made_of_words(run: str, words: Words) -> bool:
    """Whether a run is nothing but words of two characters and more: then seldom is anything misspelled.

    >>> made_of_words("灭亡罗马帝国", lambda run: ["灭亡", "罗马帝国"])
    True
    """
    return all(len(word) > 1 for word in words(run))


def _promise(candidate: Candidate) -> float:
    cost = PRIOR[candidate.kind] + FURTHER_SLIP * candidate.slips
    return cost - 2 * candidate.length - log(candidate.count)


def _weigh(folded: str, start: int, end: int, candidate: Candidate, statistics: Statistics) -> Weighed | None:
    """How much likelier the candidate makes its surroundings; None where it leaves unseen pairs."""
    before, after = _around(folded, start, end, candidate)
    if unseen(after, statistics):
        return None
    gain = statistics.cost(before) - statistics.cost(after)
    score = gain - PRIOR[candidate.kind] - FURTHER_SLIP * (candidate.slips - 1) + 0.5 * candidate.length
    return Weighed(
        candidate,
        folded[start : candidate.start] + candidate.text + folded[candidate.end : end],
        before,
        after,
        gain,
        score,
        unseen(before, statistics),
    )


def _around(folded: str, start: int, end: int, candidate: Candidate) -> tuple[str, str]:
    """What a candidate changes with its neighbors in the run, before and after."""
    left, right = max(start, candidate.start - 1), min(end, candidate.end + 1)
    return folded[left:right], folded[left : candidate.start] + candidate.text + folded[candidate.end : right]


def unseen(text: str, statistics: Statistics) -> int:
    """How many of the pairs of a text no document has."""
    return sum(not statistics.documents_with(pair) for pair in pairs_of(text))


def probabilities(ranked: list[Weighed], statistics: Statistics) -> list[float]:
    """How likely each candidate is what was meant; what is missing to 1 is that nothing was wrong."""
    gains = [statistics.usual_cost(one.before) - statistics.usual_cost(one.after) for one in ranked]
    weighed = [sumprod(WEIGHTS, one.features(gain)) for one, gain in zip(ranked, gains, strict=True)]
    worths = [exp(min(BIAS + weight, 50.0)) for weight in weighed]
    return [worth / (1 + sum(worths)) for worth in worths]


def sumprod(weights: Sequence[float], features: Sequence[float]) -> float:
    """The weighted sum."""
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def _applied(query: str, folded: str, candidate: Candidate) -> str:
    """The query with the candidate in place; characters that stay keep the script they were typed in."""
    start, end, text = candidate.start, candidate.end, candidate.text
    head = 0
    while head < min(end - start, len(text)) and folded[start + head] == text[head]:
        head += 1
    tail = 0
    while tail < min(end - start, len(text)) - head and folded[end - 1 - tail] == text[len(text) - 1 - tail]:
        tail += 1
    written = readable(text)
    return query[: start + head] + written[head : len(text) - tail] + query[end - tail :]
