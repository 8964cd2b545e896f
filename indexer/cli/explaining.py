"""How is an explanation shown on a terminal? The plan of a query, and a table for each hit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table

from indexer.results.results import Contribution, Explanation


def print_plan(console: Console, plan: Mapping[str, Any]) -> None:
    """How the query was understood."""
    console.print(f"folded        {plan['folded']}")
    for kind in ("words", "pairs", "characters"):
        if plan[kind]:
            console.print(f"{kind:13} {_counts(plan[kind])}")
    if plan["usual"]:
        console.print(f"usual         {' '.join(plan['usual'])}")
    for names in plan["alternatives"]:
        first, *others = (f"{each['name']} ×{each['weight']:.2f} ({each['documents']:,})" for each in names)
        console.print(f"other names   {first} | {', '.join(others)}")
    if plan["least"] is not None:
        console.print(f"a hit holds   at least {plan['least']:.0%} of the query by rarity")
    if plan["query"]:
        console.print(f"evaluated as  {plan['query']}")


def _counts(counts: Mapping[str, float]) -> str:
    return " ".join(term if count == 1 else f"{term}×{count:.2g}" for term, count in counts.items())


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Where a score comes from, the greatest contributions first; the terms of one string as one line."""
    if explanation.covered is not None:
        console.print(f"   holds {explanation.covered:.0%} of the query by rarity")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("score", "kind", "term", "field"):
        table.add_column(name, justify="right" if name == "score" else "left")
    for name in ("in it", "documents", "idf", "weight"):
        table.add_column(name, justify="right")
    for score, cells in sorted(_rows(explanation.contributions), key=lambda row: -row[0]):
        table.add_row(f"{score:.4f}", *cells)
    console.print(table)


def _rows(contributions: Iterable[Contribution]) -> Iterable[tuple[float, tuple[str, ...]]]:
    for (kind, of, field), group in groupby(contributions, lambda each: (each.kind, each.of, each.field)):
        several = list(group)
        if of is None or len(several) == 1:
            yield from ((each.score, _cells(each)) for each in several)
        else:
            cells = (kind, of, field or "", "", "", "", f"{several[0].weight:.3f}")
            yield sum(each.score for each in several), cells


def _cells(each: Contribution) -> tuple[str, ...]:
    return (
        each.kind,
        each.term,
        each.field or "",
        "" if each.frequency is None else str(each.frequency),
        "" if each.documents is None else f"{each.documents:,}",
        "" if each.idf is None else f"{each.idf:.3f}",
        f"{each.weight:.3f}",
    )
