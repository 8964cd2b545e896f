"""Where does a hit's score come from, and how was its query understood? Computed only when it is asked for.

**The contributions of a hit add up to its score.** What each kind counts for is said in `query.ranking`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from indexer.config import RankingSettings
from indexer.engine.answers import Account, Part
from indexer.query.nodes import Enough, Maybe
from indexer.query.plan import Plan
from indexer.query.terms import Terms
from indexer.results.results import Contribution, Explanation
from indexer.text.units import CJK

Again = tuple[float, float, float]
"""What `ranked.Shares` says of one document."""
_CJK = re.compile(f"[{CJK}]")


def explained(
    account: Account, terms: Terms, again: Again, top: float, ranking: RankingSettings
) -> Explanation:
    """An engine's account of a score, and what scoring it again adds, times the best score `top`."""
    typed = frozenset(terms.pairs).union(*terms.pairs)
    # What only decides whether there is a match adds nothing.
    parts = (_contribution(part, typed) for part in account.parts if part.weight or not part.field)
    return Explanation((*parts, *_again(again, top, ranking)), account.held)


def _contribution(part: Part, typed: frozenset[str]) -> Contribution:
    if not part.field:
        return Contribution("match", part.term, part.score, part.weight)
    return Contribution(
        _kind(part, typed),
        part.term,
        part.score,
        part.weight,
        part.field,
        part.frequency,
        part.documents,
        part.idf,
        (" ".join(part.sequence) if part.apart else spelled(part.sequence)) or None,
    )


def _kind(part: Part, typed: frozenset[str]) -> str:
    if part.choice is not None and not typed.issuperset(part.sequence or (part.term,)):
        return "alternative"
    if not part.field.startswith(("words", "grams")):
        return "field"
    if part.apart:
        return "distance"
    if part.sequence:
        return "exact string" if part.choice is None else "word"
    if part.field == "words" or not _is_cjk(part.term):
        return "word"
    return "pair" if len(part.term) == 2 else "character"


def _is_cjk(term: str) -> bool:
    return bool(_CJK.match(term))


def spelled(sequence: Sequence[str]) -> str:
    """The string that grams one after the other stand for.

    >>> spelled(("无锡", "锡高", "高新")), spelled(("24", "口"))
    ('无锡高新', '24口')
    """
    text = ""
    before = ""
    for gram in sequence:
        overlaps = len(before) == len(gram) == 2 and before[1] == gram[0] and _is_cjk(gram)
        text += gram[1:] if overlaps else gram
        before = gram
    return text


def _again(again: Again, top: float, ranking: RankingSettings) -> list[Contribution]:
    given = (
        ("closeness", "pairs", ranking.closeness),
        ("closeness", "characters", ranking.closeness_characters),
        ("title", "title", ranking.answered),
    )
    return [
        Contribution(kind, term, top * weight * share, weight * share)
        for (kind, term, weight), share in zip(given, again, strict=True)
        if share
    ]


def understood(plan: Plan, folded: str, ranking: RankingSettings) -> dict[str, Any]:
    """How a query was understood: its terms with what each counts for, other names, what a hit must hold."""
    terms = plan.terms
    covering = isinstance(plan.query, Maybe) and isinstance(plan.query.node, Enough)
    counts = {**terms.words, **terms.characters, **terms.pairs}
    return {
        "folded": folded,
        "words": dict(terms.words),
        "pairs": dict(terms.pairs),
        "characters": dict(terms.characters),
        "usual": [term for term, count in counts.items() if count < 1],
        "alternatives": _alternatives(terms),
        "least": ranking.least if covering else None,
        "query": None if covering else str(plan.query),
    }


def _alternatives(terms: Terms) -> list[list[dict[str, Any]]]:
    return [
        [
            {"name": spelled(each.pairs), "weight": round(each.weight, 6), "documents": each.documents}
            for each in group.alternatives
        ]
        for group in terms.groups
        if group.expansions
    ]
