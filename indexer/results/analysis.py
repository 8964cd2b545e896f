"""How is a text repaired, folded and divided? What to look at when a result is missing."""

from __future__ import annotations

from typing import Any

from indexer.text.analyzer import Analyzer
from indexer.text.normalize import normalize


def analyze(text: str, analyzer: Analyzer) -> dict[str, Any]:
    """`{repaired, steps, folded, words, grams}` of a text; offsets are into the repaired text."""
    from indexer.repair import repair_text  # takes 40 ms, and no search needs it

    repair = repair_text(text)
    return {
        "text": text,
        "repaired": repair.text,
        "steps": [step.to_json() for step in repair.steps],
        "folded": normalize(repair.text),
        **{
            kind: [
                {
                    "text": repair.text[start:end],
                    "term": term,
                    "start": start,
                    "end": end,
                    "position": position,
                }
                for term, start, end, position in zip(
                    tokens.terms, tokens.starts, tokens.ends, tokens.positions, strict=True
                )
            ]
            for kind, tokens in (
                ("words", analyzer.words(repair.text)),
                ("grams", analyzer.grams(repair.text)),
            )
        },
    }
