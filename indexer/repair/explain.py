"""How is a repair told to a person? One block a step, and a table of damage over a corpus.

Pure functions from repairs to text and counts; the command line prints them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from indexer.repair.lost import legible
from indexer.repair.steps import RepairStep

SHOWN = 40  # characters of a step's text that are shown


class HasSteps(Protocol):
    """Anything with the steps of one repaired document."""

    @property
    def steps(self) -> tuple[RepairStep, ...]:
        """The steps, ascending."""


def explain(repair: HasSteps) -> str:
    """One line a step: offsets in the original, kind, before → after, evidence.

    >>> class One: steps = (RepairStep("pinyin", 1, 6, "(hàn)", "", "hàn is a reading of 漢"),)
    >>> explain(One())
    '1-6 pinyin: "(hàn)" → "" (hàn is a reading of 漢)'
    """
    if not repair.steps:
        return "no damage found"
    return "\n".join(
        f"{step.start}-{step.end} {step.kind}: {shown(step.before)} → {shown(step.after)} ({step.evidence})"
        for step in repair.steps
    )


def shown(text: str) -> str:
    """Text on one line, in quotes, cut in the middle when it is long; bytes that were lost as U+FFFD.

    >>> shown("更多\\n")
    '"更多⏎"'
    """
    line = legible(text.replace("\n", "⏎"))
    if len(line) > SHOWN:
        line = f"{line[: SHOWN // 2]}…{line[-SHOWN // 2 :]}"
    return f'"{line}"'


def damage_table(repairs: Iterable[HasSteps]) -> dict[str, dict[str, int]]:
    """Per kind of damage, in how many documents and at how many places; the most frequent first.

    >>> class One: steps = (RepairStep("pinyin", 1, 6, "(hàn)", "", ""),)
    >>> damage_table([One(), One()])
    {'pinyin': {'documents': 2, 'places': 2}}
    """
    table: dict[str, dict[str, int]] = {}
    for repair in repairs:
        for kind in {step.kind for step in repair.steps}:
            table.setdefault(kind, {"documents": 0, "places": 0})["documents"] += 1
        for step in repair.steps:
            table[step.kind]["places"] += 1
    return dict(sorted(table.items(), key=lambda row: (-row[1]["places"], row[0])))
